"""From the files of a series to its volumes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np

from pydcm.errors import GeometryError
from pydcm.progress import Progress
from pydcm.volume.frames import Frame
from pydcm.volume.grids import Grid, Grids, grids_of
from pydcm.volume.loading import Values, load_frames, units_of
from pydcm.volume.model import SliceSource, Volume, Volume4D
from pydcm.volume.report import Finding, Report
from pydcm.volume.survey import LeftOut, Stack, Survey, survey
from pydcm.volume.suv import pet_suv

__all__ = ["Spacing", "Tilt", "assemble", "load_4d", "load_all", "load_series"]

Paths: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
Tilt: TypeAlias = Literal["keep", "resample"]
"""Keep the shear of a tilted gantry in the affine, or shift the slices back."""
Spacing: TypeAlias = Literal["even", "resample"]
"""Refuse slices at varying distances, or interpolate between them."""


def load_series(
    path: Paths,
    *,
    recursive: bool = True,
    pattern: str | None = None,
    values: Values = "modality",
    tilt: Tilt = "keep",
    spacing: Spacing = "even",
    workers: int | None = None,
    progress: Progress = None,
) -> Volume:
    """Load slices as one volume, sorted in space.

    Images are grouped by series, orientation, pixel spacing and size; the
    group with most positions wins, so that a localizer beside a series does no
    harm. Slices ascend along the normal of their plane. Of several volumes on
    one grid, such as time points, the first one is taken; :func:`load_4d` loads
    all of them. ``volume.report`` tells what was used and what was left out, and
    why.

    Parameters
    ----------
    path : str, PathLike or iterable of them
        A folder, a file, a DICOMDIR, a zip archive, a URL, or several.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        Look only at files of a folder whose name matches, such as ``"*.dcm"``.
    values : {"modality", "whole", "stored", "real-world"}
        Values in the modality's units, such as Hounsfield units; the same as 8 or
        16-bit integers, if slopes, intercepts and Bits Stored leave no other
        values; stored values in their own type; or those of the Real World Value
        Mapping.
    tilt : {"keep", "resample"}
        What to do with slices that are shifted sideways, as of a tilted gantry:
        keep the shear in the affine, or shift them back by interpolation, so
        that the axes of the volume are perpendicular.
    spacing : {"even", "resample"}
        What to do with slices at varying distances, as where one is missing:
        raise `GeometryError`, or interpolate linearly at the median distance.
    workers : int, optional
        Threads that decode; by default what ``PYDCM_THREADS`` says, or one for
        each processor.
    progress : bool or callable, optional
        Show progress, or call with each step; see :mod:`pydcm.progress`.

    Returns
    -------
    Volume
        With float32 pixels, rescaled to the modality's units slice by slice,
        unless `values` says otherwise. Of colour images, which are loaded if there
        are no others, pixels are ``[z, y, x, 3]``: red, green and blue as integers.

    Raises
    ------
    FileNotFoundError
        If there are no files, or none of them is DICOM.
    GeometryError
        If the images do not make a volume: a slice is missing, or none of
        them has a position. The message names the frames.
    CodecError
        If their pixels cannot be decoded.

    Examples
    --------
    >>> import tempfile
    >>> from pydcm import examples
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = examples.write_ct_series(folder, slices=4, size=16)
    ...     volume = load_series(folder)
    >>> volume.units, volume.sources[0].frame
    ('HU', 1)
    >>> print(volume.report)
    4 files used
    """
    _check(tilt, spacing)
    found = survey(path, recursive=recursive, pattern=pattern, progress=progress)
    return assemble(
        found.largest(), found=found, values=values, tilt=tilt, spacing=spacing, workers=workers,
        progress=progress,
    )  # fmt: skip


def load_all(
    path: Paths,
    *,
    recursive: bool = True,
    pattern: str | None = None,
    values: Values = "modality",
    tilt: Tilt = "keep",
    spacing: Spacing = "even",
    workers: int | None = None,
    progress: Progress = None,
) -> list[Volume]:
    """Load every volume that files hold, the one with most voxels first.

    Parameters
    ----------
    path, recursive, pattern, values, tilt, spacing, workers, progress
        As for :func:`load_series`.

    Returns
    -------
    list of Volume
        Each time point, echo and the like is a volume of its own. Colour and
        then localizers come last. Stacks that make no volume are in `report.left_out` of each.

    Raises
    ------
    FileNotFoundError
        If there are no files, or none of them is DICOM.
    GeometryError
        If no images make a volume.
    CodecError
        If pixels cannot be decoded.
    """
    _check(tilt, spacing)
    found = survey(path, recursive=recursive, pattern=pattern, progress=progress)
    found.largest()
    grids: list[tuple[Stack, Grid]] = []
    failed: list[GeometryError] = []
    left_out: list[LeftOut] = []
    for stack in found.stacks:
        of_stack = _grids(stack, spacing)
        grids += [(stack, grid) for grid in of_stack.grids]
        for frames, error in of_stack.failed:
            failed.append(error)
            left_out += _left(frames, f"it is in no volume: {error}")
    if not grids:
        raise failed[0]
    grids.sort(
        key=lambda pair: (
            pair[0].localizer, pair[0].in_colour, -_voxels(pair[1].volumes[0])
        )
    )  # fmt: skip
    volumes = []
    for stack, grid in grids:
        for frames in grid.volumes:
            report = _report(frames, stack, grid, found.left_out + left_out)
            volumes.append(
                _volume(frames, grid, report, values=values, tilt=tilt, workers=workers,
                        progress=progress)
            )  # fmt: skip
    return volumes


def load_4d(
    path: Paths,
    *,
    recursive: bool = True,
    pattern: str | None = None,
    values: Values = "modality",
    workers: int | None = None,
    progress: Progress = None,
) -> Volume4D:
    """Load the volumes of a series that share a grid, and find out in what they differ.

    Volumes may differ in time, echo, b-value and gradient, cardiac phase and
    more, see :data:`pydcm.volume.dimensions.DIMENSIONS`. They are sorted by what
    they differ in, the first of ``dimensions`` slowest; those of a diffusion
    series are in the order of acquisition.

    Parameters
    ----------
    path, recursive, pattern, values, workers, progress
        As for :func:`load_series`.

    Returns
    -------
    Volume4D
        With float32 pixels ``[volume, z, y, x]``. Every axis has one value for
        each volume. Volumes that lack slices are left out and reported.

    Raises
    ------
    FileNotFoundError
        If there are no files, or none of them is DICOM.
    GeometryError
        If the images do not make volumes, or cannot be told apart.
    CodecError
        If pixels cannot be decoded.
    """
    found = survey(path, recursive=recursive, pattern=pattern, progress=progress)
    stack = found.largest()
    grids = _grids(stack, "even")
    grids.largest()
    grid = max(grids.grids, key=lambda one: sum(map(len, one.volumes)))
    if grid.mixed is not None:
        raise grid.mixed
    frames = [frame for volume in grid.volumes for frame in volume]
    first = grid.volumes[0][0]
    pixels = load_frames(frames, values=values, workers=workers, progress=progress)
    report = _report(frames, stack, grid, found.left_out)
    report.left_out += _others(stack, grids, grid, found)
    return Volume4D(
        pixels.reshape(len(grid.volumes), -1, *pixels.shape[1:]),
        grid.geometry.spacing,
        grid.geometry.affine,
        grid.axes,
        first.series_instance_uid,
        volume_path=[[frame.path for frame in volume] for volume in grid.volumes],
        volume_frame=[[frame.number for frame in volume] for volume in grid.volumes],
        frame_of_reference_uid=first.image.frame_of_reference_uid,
        modality=first.image.modality,
        units=units_of(first, values),
        report=report,
    )


def assemble(
    stack: Stack,
    *,
    found: Survey | None = None,
    values: Values = "modality",
    tilt: Tilt = "keep",
    spacing: Spacing = "even",
    workers: int | None = None,
    progress: Progress = None,
) -> Volume:
    """Return the volume of one stack that :func:`survey` found.

    Parameters
    ----------
    stack : Stack
        One of `found.stacks`.
    found : Survey, optional
        For the report: what else there is.
    values, tilt, spacing, workers, progress
        As for :func:`load_series`.

    Raises
    ------
    GeometryError
        If no affine describes its frames.
    CodecError
        If their pixels cannot be decoded.
    """
    _check(tilt, spacing)
    grids = _grids(stack, spacing)
    grid = grids.largest()
    frames = grid.volumes[0]
    report = _report(frames, stack, grid, [] if found is None else found.left_out)
    report.left_out += _others(stack, grids, grid, found)
    if len(grid.volumes) > 1:
        rest = [frame for volume in grid.volumes[1:] for frame in volume]
        report.left_out += _left(
            [frame for frame in rest if frame.path not in set(report.used)],
            "it belongs to another volume of the same grid",
        )
        kinds = ", ".join(axis.kind for axis in grid.axes)
        report.findings.append(
            Finding(
                "several-volumes",
                f"{len(grid.volumes)} volumes share the grid and differ in {kinds}; the first is "
                "taken, and load_4d loads all",
            )
        )
    return _volume(frames, grid, report, values=values, tilt=tilt, workers=workers,
                   progress=progress)  # fmt: skip


def _check(tilt: str, spacing: str) -> None:
    if tilt not in get_args(Tilt):
        raise ValueError(f"tilt is {tilt!r} and must be 'keep' or 'resample'")
    if spacing not in get_args(Spacing):
        raise ValueError(f"spacing is {spacing!r} and must be 'even' or 'resample'")


def _grids(stack: Stack, spacing: Spacing) -> Grids:
    return grids_of(stack, uneven=spacing == "resample")


def _voxels(frames: Sequence[Frame]) -> int:
    return len(frames) * frames[0].rows * frames[0].columns


def _volume(
    frames: list[Frame],
    grid: Grid,
    report: Report,
    *,
    values: Values,
    tilt: Tilt,
    workers: int | None,
    progress: Progress,
) -> Volume:
    """Return the volume of one grid, resampled if that was asked for."""
    first = frames[0]
    tilted = any(one.code == "gantry-tilt" for one in grid.findings)
    if first.image.in_colour and (grid.heights_mm is not None or (tilt == "resample" and tilted)):
        raise GeometryError("colours are not interpolated", path=first.path)
    pixels = load_frames(frames, values=values, workers=workers, progress=progress)
    affine, spacing = grid.geometry.affine, grid.geometry.spacing
    sources = tuple(
        SliceSource(frame.path, frame.number, frame.image.sop_instance_uid) for frame in frames
    )
    if grid.heights_mm is not None:
        from pydcm.volume.resampling import evenly_spaced

        count = len(pixels)
        pixels = evenly_spaced(pixels, grid.heights_mm, spacing[0])
        sources = ()
        report.findings.append(
            Finding(
                "spacing-resampled",
                f"{count} slices at distances from {np.diff(grid.heights_mm).min():.6g} to "
                f"{np.diff(grid.heights_mm).max():.6g} mm became {len(pixels)} slices "
                f"{spacing[0]:.6g} mm apart by linear interpolation",
            )
        )
    if tilt == "resample" and tilted:
        from pydcm.volume.resampling import upright

        pixels, affine = upright(pixels, affine)
        spacing = (float(np.linalg.norm(affine[:3, 2])), *spacing[1:])
        report.findings.append(
            Finding(
                "tilt-resampled",
                f"slices were shifted back by linear interpolation; {pixels.shape[1]} x "
                f"{pixels.shape[2]} pixels hold all of them, and what none of them covers has the "
                "smallest value",
            )
        )
    return Volume(
        pixels,
        spacing,
        affine,
        first.series_instance_uid,
        frame_of_reference_uid=first.image.frame_of_reference_uid,
        modality=first.image.modality,
        units=units_of(first, values),
        sources=sources,
        report=report,
        suv=pet_suv(first.image.dataset) if first.image.modality == "PT" else None,
    )


# ---- reports ---------------------------------------------------------------


def _report(
    frames: Sequence[Frame], stack: Stack, grid: Grid, left_out: Sequence[LeftOut]
) -> Report:
    report = Report(list(dict.fromkeys(frame.path for frame in frames)))
    report.left_out += left_out
    report.left_out += grid.left_out
    report.findings += grid.findings
    if stack.localizer:
        report.findings.append(Finding("localizer", "the images are localizers"))
    return report


def _others(stack: Stack, grids: Grids, grid: Grid, found: Survey | None) -> list[LeftOut]:
    """Return why the frames of other grids and stacks are not in this one."""
    left_out = []
    for frames, error in grids.failed:
        left_out += _left(frames, f"it is in no volume: {error}")
    for other in grids.grids:
        if other is not grid:
            rest = [frame for volume in other.volumes for frame in volume]
            left_out += _left(rest, "it belongs to another volume of the series")
    for one in () if found is None else found.stacks:
        if one is not stack:
            what = "a localizer" if one.localizer else f"another stack: {one.description}"
            left_out += _left(one.frames, f"it belongs to {what}")
    return left_out


def _left(frames: Iterable[Frame], reason: str) -> list[LeftOut]:
    return [LeftOut(path, reason) for path in dict.fromkeys(frame.path for frame in frames)]
