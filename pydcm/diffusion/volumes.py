"""Diffusion series as one four-dimensional array with its gradients."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydcm.diffusion.fsl import bval_text, bvec_text, for_fsl, text_writer, write_together
from pydcm.diffusion.gradients import DiffusionFrame
from pydcm.diffusion.table import (
    DiffusionSurvey,
    Paths,
    diffusion_survey,
    group_frames,
    listed,
    table_of,
)
from pydcm.errors import GeometryError
from pydcm.progress import Progress
from pydcm.volume.frames import Frame
from pydcm.volume.loading import load_frames, units_of
from pydcm.volume.model import Axis, Volume4D
from pydcm.volume.survey import LeftOut, Stack, survey

__all__ = ["Order", "load_dwi", "save_dwi"]

Order: TypeAlias = Literal["gradient", "acquisition"]

_SAME_AFFINE_MM = 1e-2
"""Volumes of one series whose affines differ by no more share a grid."""

_DIFFUSION_B_VALUE = 0x00189087


@dataclass
class _Pictured:
    """A diffusion volume: its gradient, and the frames to assemble.

    Attributes
    ----------
    gradient : DiffusionFrame
        The first of its frames.
    stack : Stack
        All of them.
    """

    gradient: DiffusionFrame
    stack: Stack


def load_dwi(
    series: Paths,
    recursive: bool = True,
    order: Order = "gradient",
    *,
    progress: Progress = None,
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Load a diffusion series as volumes with a gradient for each.

    The frames of one b-value and direction make a volume; where each position
    comes several times, as the unweighted images often do, they make several.
    Of several series, or several grids in one, the one with most frames is
    loaded. What is left out (other series, computed maps, averages over
    directions, incomplete volumes) is named in a warning.

    Parameters
    ----------
    series : str, PathLike or iterable of them
        A folder, a file, or several: single-frame images, mosaics or enhanced
        multi-frame images.
    recursive : bool
        Look into folders inside folders.
    order : {"gradient", "acquisition"}
        Sort volumes by b-value and direction, unweighted ones first, or by
        their earliest Instance Number.
    progress : bool or callable, optional
        Show how many files were read and slices decoded; see
        :mod:`pydcm.progress`.

    Returns
    -------
    data : ndarray, shape (v, z, y, x), float32
        Values in the modality's units; slices ascend along the normal.
    bvals : ndarray, shape (v,), float64
        b-values in s/mm².
    bvecs : ndarray, shape (3, v), float64
        Unit vectors along the columns, rows and slices of `data`, that is
        ``[row . g, column . g, normal . g]`` as :func:`diffusion_table` gives
        them; zero where the image is unweighted.
    affine : ndarray, shape (4, 4), float64
        Maps voxel (x, y, z) to the patient's coordinates in mm (LPS).

    Raises
    ------
    MissingElementError
        If there is no gradient anywhere.
    FileNotFoundError
        If there are no files.
    GeometryError
        If the frames of a gradient do not make a volume, or the volumes share
        no grid.
    CodecError
        If their pixels cannot be decoded.
    ValueError
        If `order` is none of the two.
    """
    loaded, bvals, bvecs = _load(series, recursive, order, progress)
    return loaded.pixels, bvals, bvecs, loaded.affine


def save_dwi(
    series: Paths,
    output_prefix: str | os.PathLike[str],
    recursive: bool = True,
    order: Order = "acquisition",
    *,
    fsl: bool = False,
    progress: Progress = None,
) -> tuple[str, str, str]:
    """Convert a diffusion series to NIfTI with ``.bval`` and ``.bvec``.

    Parameters
    ----------
    series : str, PathLike or iterable of them
        As for :func:`load_dwi`.
    output_prefix : str or PathLike
        Path and beginning of the names of the files.
    recursive : bool
        Look into folders inside folders.
    order : {"acquisition", "gradient"}
        As for :func:`load_dwi`.
    fsl : bool
        Change the sign of the first component in ``.bvec`` where the affine
        of the NIfTI file has a positive determinant, as the files that this
        function writes have. FSL, MRtrix and DIPY take the table of such a
        file to be written like that. Where False, the table is that of
        :func:`load_dwi`.
    progress : bool or callable, optional
        As for :func:`load_dwi`, and how much was written. If the callback raises,
        no file is written.

    Returns
    -------
    tuple of str
        Paths of ``<prefix>.nii.gz`` (float32), ``<prefix>.bval`` and
        ``<prefix>.bvec``.

    Raises
    ------
    OSError
        If a file cannot be written.
    PydcmError
        As for :func:`load_dwi`; then no file is written.
    """
    loaded, bvals, bvecs = _load(series, recursive, order, progress)
    prefix = os.fspath(output_prefix)
    names = (f"{prefix}.nii.gz", f"{prefix}.bval", f"{prefix}.bvec")
    if fsl:
        bvecs = for_fsl(bvecs, loaded.affine)
    write_together(
        {
            names[0]: partial(loaded.to_nifti, progress=progress),
            names[1]: text_writer(bval_text(bvals)),
            names[2]: text_writer(bvec_text(bvecs)),
        }
    )
    return names


def _load(
    series: Paths, recursive: bool, order: Order, progress: Progress
) -> tuple[Volume4D, NDArray[np.float64], NDArray[np.float64]]:
    if order not in ("gradient", "acquisition"):
        raise ValueError(f"order is 'gradient' or 'acquisition', not {order!r}")
    found = diffusion_survey(series, recursive=recursive, progress=progress)
    found.require()
    volumes = _complete(_volumes(found, progress), found)
    if order == "gradient":
        volumes.sort(key=lambda volume: (volume.gradient.b, *volume.gradient.in_image().tolist()))
    bvals, bvecs = table_of([volume.gradient for volume in volumes])
    loaded = _assembled([volume.stack for volume in volumes], bvals, progress)
    found.warn(stacklevel=3)
    return loaded, bvals, bvecs


def _volumes(found: DiffusionSurvey, progress: Progress) -> list[_Pictured]:
    """Return the volumes of the largest grid in the order of the acquisition."""
    by_file: dict[str, list[DiffusionFrame]] = defaultdict(list)
    for gradient in found.frames:
        by_file[gradient.path].append(gradient)
    slices = survey(list(by_file), progress=progress)
    found.left_out += slices.left_out
    pictured = [
        pairs
        for stack in slices.stacks
        if (pairs := [(g, frame) for frame in stack.frames if (g := _gradient(by_file, frame))])
    ]
    if not pictured:
        raise GeometryError(
            "none of the images with a diffusion gradient can be a slice: "
            + listed(slices.left_out)
        )
    pictured.sort(key=lambda pairs: -len(pairs))
    largest = {gradient.path for gradient, _ in pictured[0]}
    for pairs in pictured[1:]:
        others = dict.fromkeys(gradient.path for gradient, _ in pairs)
        found.left_out += [
            LeftOut(path, "it belongs to another series or grid")
            for path in others
            if path not in largest
        ]
    return _grouped(pictured[0], found.frames)


def _gradient(by_file: dict[str, list[DiffusionFrame]], frame: Frame) -> DiffusionFrame | None:
    """Return the gradient of a slice: all slices of a mosaic have that of their file."""
    known = by_file.get(frame.path, [])
    if len(known) == 1 and known[0].of == 1:
        return known[0]
    return next((gradient for gradient in known if gradient.number == frame.number), None)


def _grouped(
    pairs: list[tuple[DiffusionFrame, Frame]], gradients: list[DiffusionFrame]
) -> list[_Pictured]:
    slices: dict[DiffusionFrame, list[Frame]] = defaultdict(list)
    for gradient, frame in pairs:
        slices[gradient].append(frame)
    in_order = [gradient for gradient in gradients if gradient in slices]
    return [
        _Pictured(volume[0], Stack([frame for one in volume for frame in slices[one]]))
        for volume in group_frames(in_order)
    ]


def _complete(volumes: list[_Pictured], found: DiffusionSurvey) -> list[_Pictured]:
    """Leave out volumes with fewer slices than most have, as the last of a stopped scan."""
    counts = Counter(len(volume.stack.frames) for volume in volumes)
    usual = max(counts, key=lambda count: (counts[count], count))
    complete = [volume for volume in volumes if len(volume.stack.frames) == usual]
    for volume in volumes:
        count = len(volume.stack.frames)
        if count != usual:
            reason = f"a volume of b={volume.gradient.b:g} has {count} slices instead of {usual}"
            paths = dict.fromkeys(frame.path for frame in volume.stack.frames)
            found.left_out += [LeftOut(path, reason) for path in paths]
    return complete


def _assembled(stacks: list[Stack], bvals: NDArray[np.float64], progress: Progress) -> Volume4D:
    """Decode all volumes into one array."""
    geometries = [stack.geometry() for stack in stacks]
    slices = [stack.slices(geometry) for stack, geometry in zip(stacks, geometries, strict=True)]
    geometry, first = geometries[0], slices[0][0]
    for index, other in enumerate(geometries):
        away = np.abs(other.affine - geometry.affine).max()
        if len(slices[index]) != len(slices[0]) or away > _SAME_AFFINE_MM:
            raise GeometryError(
                f"volumes of b={bvals[0]:g} and b={bvals[index]:g} share no grid: "
                f"{len(slices[0])} and {len(slices[index])} slices, affines differ by "
                f"{away:.3g} mm"
            )
    pixels = load_frames([frame for volume in slices for frame in volume], progress=progress)
    return Volume4D(
        pixels.reshape(len(stacks), -1, *pixels.shape[1:]),
        geometry.spacing,
        geometry.affine,
        [Axis("b-value", bvals, tag=_DIFFUSION_B_VALUE)],
        first.series_instance_uid,
        frame_of_reference_uid=first.image.frame_of_reference_uid,
        modality=first.image.modality,
        units=units_of(first),
    )
