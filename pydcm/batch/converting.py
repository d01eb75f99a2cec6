"""Series as NIfTI files, with what belongs beside them."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pydcm.errors import GeometryError
from pydcm.progress import Progress
from pydcm.volume import Finding, LeftOut, Report, Stack, Survey, Volume, Volume4D, survey
from pydcm.volume.grids import Grid, grids_of
from pydcm.volume.loading import load_frames, units_of
from pydcm.whole_file import whole_file

if TYPE_CHECKING:
    from pydcm.diffusion import DiffusionFrame
    from pydcm.volume.frames import Frame

__all__ = ["Conversion", "Plan", "convert", "plan", "to_nifti"]

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80


class Plan(NamedTuple):
    """Volumes of one grid that become one file.

    Attributes
    ----------
    stack : Stack
        Where they are from.
    grid : Grid
        The volumes.
    name : str
        Of the file, without what it ends in.
    """

    stack: Stack
    grid: Grid
    name: str


@dataclass
class Conversion:
    """What became of the volumes of one grid.

    Attributes
    ----------
    paths : list of str
        What was written, the NIfTI file first.
    shape : list of int
        Of its array, ``[z, y, x]`` or ``[volume, z, y, x]``.
    report : Report
        What is in it, what is not, and what was noticed.
    dimensions : list of str
        In what the volumes differ.
    """

    paths: list[str]
    shape: list[int]
    report: Report
    dimensions: list[str] = field(default_factory=list)


def plan(found: Survey, *, every: bool = False) -> tuple[list[Plan], list[LeftOut]]:
    """Decide what files the volumes of a survey become.

    Parameters
    ----------
    found : Survey
        What the files hold.
    every : bool
        Take all stacks and grids, and not only the largest.

    Returns
    -------
    list of Plan
        Each with another name, made of Series Number (0020,0011) and Series
        Description (0008,103E).
    list of LeftOut
        What cannot become a volume.

    Raises
    ------
    FileNotFoundError
        If none of the files is DICOM.
    GeometryError
        If nothing makes a volume.
    """
    largest = found.largest()
    left_out = list(found.left_out)
    if not every:
        grids = grids_of(largest)
        grid = grids.largest()
        return [Plan(largest, grid, _name(largest, set()))], left_out
    plans: list[Plan] = []
    taken: set[str] = set()
    failed: list[GeometryError] = []
    for stack in found.stacks:
        grids = grids_of(stack)
        plans += [Plan(stack, grid, _name(stack, taken)) for grid in grids.grids]
        for frames, error in grids.failed:
            failed.append(error)
            paths = dict.fromkeys(frame.path for frame in frames)
            left_out += [LeftOut(path, f"it is in no volume: {error}") for path in paths]
    if not plans:
        raise failed[0]
    return plans, left_out


def _name(stack: Stack, taken: set[str]) -> str:
    """Return a name that is not taken yet, and take it."""
    header = stack.frames[0].image.dataset
    words = (str(header.get(key, None) or "") for key in ("SeriesNumber", "SeriesDescription"))
    text = "_".join(word for word in words if word)
    # The text comes from a file and may be anything.
    plain = _NOT_IN_NAMES.sub("_", text).strip("._-")[:_LONGEST_NAME] or "volume"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name.lower())
    return name


def convert(
    chosen: Plan,
    target: str,
    *,
    bids: bool = False,
    progress: Progress = None,
) -> Conversion:
    """Write the volumes of one grid as a NIfTI file.

    Voxels are stored in the smallest type that holds every value exactly.
    Several volumes become one file of four dimensions; those of a diffusion
    series have their gradients beside it in ``.bval`` and ``.bvec``, as FSL
    takes them.

    Parameters
    ----------
    chosen : Plan
        What to write.
    target : str
        Path of the file, ending in ``.nii`` or ``.nii.gz``.
    bids : bool
        Write a BIDS sidecar beside it, too.
    progress : bool or callable, optional
        Shows how many slices were decoded and how much was written; see
        :mod:`pydcm.progress`.

    Returns
    -------
    Conversion
        What was written.

    Raises
    ------
    PydcmError
        If pixels cannot be decoded or nibabel is missing; then nothing is written.
    """
    grid = chosen.grid
    frames = [frame for volume in grid.volumes for frame in volume]
    files = list(dict.fromkeys(frame.path for frame in frames))
    report = Report(files, list(grid.left_out), list(grid.findings))
    prefix = target.removesuffix(".gz").removesuffix(".nii")
    loaded = _loaded(frames, grid, progress)
    paths = [loaded.to_nifti(target, dtype="smallest", progress=progress)]
    if len(grid.volumes) > 1:
        paths += _gradients(grid, files, prefix, report)
    if bids:
        paths.append(_sidecar(files, f"{prefix}.json"))
    return Conversion(paths, list(loaded.shape), report, [axis.kind for axis in grid.axes])


def _loaded(frames: Sequence[Frame], grid: Grid, progress: Progress) -> Volume | Volume4D:
    first = frames[0]
    pixels = load_frames(frames, values="whole", progress=progress)
    uid, units = first.image.series_instance_uid, units_of(first)
    spacing, affine = grid.geometry.spacing, grid.geometry.affine
    if len(grid.volumes) == 1:
        return Volume(pixels, spacing, affine, uid, modality=first.image.modality, units=units)
    pixels = pixels.reshape(len(grid.volumes), -1, *pixels.shape[1:])
    return Volume4D(pixels, spacing, affine, grid.axes, uid, modality=first.image.modality)


def _gradients(grid: Grid, files: list[str], prefix: str, report: Report) -> list[str]:
    """Write the gradients of a diffusion series, one for each volume in the order of the file."""
    import numpy as np

    from pydcm.diffusion.fsl import bval_text, bvec_text, write_texts
    from pydcm.diffusion.table import diffusion_survey, table_of

    known: dict[str, list[DiffusionFrame]] = {}
    for gradient in diffusion_survey(files).frames:
        known.setdefault(gradient.path, []).append(gradient)
    of_volumes = [_gradient(known.get(volume[0].path, []), volume[0]) for volume in grid.volumes]
    gradients = [gradient for gradient in of_volumes if gradient is not None]
    if not any(gradient.b > 0 for gradient in gradients):
        return []
    if len(gradients) < len(of_volumes):
        missing = len(of_volumes) - len(gradients)
        report.findings.append(
            Finding(
                "gradients-missing",
                f"{missing} of {len(of_volumes)} volumes have no diffusion gradient, so that no "
                "bval and bvec are written",
            )
        )
        return []
    for text in dict.fromkeys(each.assumption for each in gradients if each.assumption):
        report.findings.append(Finding("gradients-assumed", text))
    bvals, bvecs = table_of(gradients)
    # FSL counts the first axis from the other end where the affine is right-handed; turning
    # LPS to RAS changes two signs, so that the file has the determinant of the volume.
    if np.linalg.det(grid.geometry.affine[:3, :3]) > 0:
        bvecs = bvecs * np.array([[-1.0], [1.0], [1.0]])
    texts = {f"{prefix}.bval": bval_text(bvals), f"{prefix}.bvec": bvec_text(bvecs)}
    write_texts(texts)
    return list(texts)


def _gradient(known: list[DiffusionFrame], frame: Frame) -> DiffusionFrame | None:
    """Return the gradient of a slice; all slices of a mosaic have that of their file."""
    if len(known) == 1 and known[0].of == 1:
        return known[0]
    return next((gradient for gradient in known if gradient.number == frame.number), None)


def _sidecar(files: list[str], path: str) -> str:
    from pydcm.volume.bids import bids_sidecar

    text = json.dumps(bids_sidecar(files), indent=2, ensure_ascii=False) + "\n"
    with whole_file(path) as file:
        file.write(text.encode())
    return path


def to_nifti(
    files: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    *,
    every: bool = True,
    bids: bool = True,
    compress: bool = True,
    progress: Progress = None,
) -> dict[str, object]:
    """Convert a series: the work ``"nifti"`` of :func:`pydcm.batch.run`.

    Parameters
    ----------
    files : iterable of str or PathLike
        Its files.
    folder : str or PathLike
        Where to write.
    every : bool
        Convert all volumes, and not only the largest.
    bids : bool
        Write a BIDS sidecar beside each.
    compress : bool
        Write ``.nii.gz`` rather than ``.nii``.
    progress : bool or callable, optional
        Shows how many slices were decoded; see :mod:`pydcm.progress`.

    Returns
    -------
    dict
        ``volumes``, a list with ``file``, ``shape``, ``dimensions`` and
        ``findings`` of each; and ``left_out``, the number of files by reason.

    Raises
    ------
    GeometryError
        If the images do not make a volume.
    PydcmError
        If their pixels cannot be decoded.
    """
    plans, left_out = plan(survey(list(files)), every=every)
    ending = ".nii.gz" if compress else ".nii"
    volumes: list[dict[str, object]] = []
    for chosen in plans:
        target = os.path.join(os.fspath(folder), chosen.name + ending)
        done = convert(chosen, target, bids=bids, progress=progress)
        left_out += done.report.left_out
        volumes.append({
            "file": os.path.basename(done.paths[0]),
            "shape": done.shape,
            "dimensions": done.dimensions,
            "findings": [str(finding) for finding in done.report.findings],
        })  # fmt: skip
    return {"volumes": volumes, "left_out": dict(Counter(left.reason for left in left_out))}
