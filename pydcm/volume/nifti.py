"""NIfTI files: volumes written to them and read from them.

A voxel's place is kept in LPS mm; the file holds RAS, so that the rows of its
affine for x and y have the other sign. The voxels themselves lie in the file as
in the array: x is the fastest, rows are not turned over.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import GeometryError, WriteError
from pydcm.progress import Progress
from pydcm.volume.gzip_stream import Container
from pydcm.volume.nifti_header import NiftiHeader, parse_header, voxel_dtype, written_header
from pydcm.volume.placing import checked_affine, spacing_of
from pydcm.volume.report import Finding, Report
from pydcm.volume.voxel_reading import (
    check_voxel_bytes,
    open_maybe_gzip,
    read_array,
    read_beginning,
    skip,
)
from pydcm.volume.voxel_writing import smallest_dtype, write_voxels
from pydcm.whole_file import whole_file

if TYPE_CHECKING:
    from pydcm.volume.model import Axis, Volume, Volume4D

__all__ = ["from_nifti", "from_nifti_4d", "write_nifti"]

_HEADER_BYTES = 540
_LOOKED_AT = 8
"""From how many slices the smallest dtype is guessed."""

_UNPLACED = "the header has neither sform nor qform: x is taken to lead left, the middle as origin"


def write_nifti(
    path: str | os.PathLike[str],
    pixels: NDArray[Any],
    affine: NDArray[np.float64],
    *,
    dtype: str | np.dtype[Any] | type | None = None,
    step_s: float = 0.0,
    colour: bool = False,
    progress: Progress = None,
) -> str:
    """Write voxels as a NIfTI file; see :meth:`Volume.to_nifti`.

    Parameters
    ----------
    path : str or PathLike
        Compressed if it ends in ``.gz``.
    pixels : ndarray
        ``[z, y, x]`` or ``[volume, z, y, x]``, colour samples behind.
    affine : ndarray, shape (4, 4)
        Voxel (x, y, z) to LPS mm.
    dtype : str, dtype, type or None
        As for :meth:`Volume.to_nifti`.
    step_s : float
        Seconds from volume to volume.
    colour : bool
        Whether the last dimension is RGB or RGBA.
    progress : bool or callable, optional
        Show how much was written.

    Returns
    -------
    str
        The path.
    """
    name = os.fspath(path)
    shape = pixels.shape[:-1] if colour else pixels.shape
    if pixels.size == 0 or len(shape) not in (3, 4):
        raise WriteError(f"an array of shape {pixels.shape} is no volume")
    matrix = checked_affine(affine)
    write = partial(_write, name, pixels, shape, matrix, step_s, progress)
    if colour:
        write(np.dtype("u1"))
    elif not (
        isinstance(dtype, str)
        and dtype == "smallest"
        and (os.path.isfile(name) or not os.path.exists(name))  # a pipe cannot be written anew
        and _write_guessed(write, pixels)
    ):
        write(voxel_dtype(pixels, dtype))
    return name


def _write_guessed(write: Callable[[np.dtype[Any]], None], pixels: NDArray[Any]) -> bool:
    """Write with the smallest dtype of a few slices, and tell whether it holds all of them.

    It is the smallest one then, and the voxels were looked at only once, or not
    at all where the few need their own dtype. If it does not, progress begins anew.
    """
    few = smallest_dtype(pixels[:: max(1, len(pixels) // _LOOKED_AT)])
    if few == pixels.dtype:
        write(voxel_dtype(pixels, None))
        return True
    try:
        write(few.newbyteorder("<"))
    except WriteError:
        return False
    return True


def _write(
    name: str,
    pixels: NDArray[Any],
    shape: tuple[int, ...],
    affine: NDArray[np.float64],
    step_s: float,
    progress: Progress,
    stored: np.dtype[Any],
) -> None:
    samples = pixels.shape[-1] if pixels.ndim > len(shape) else 1
    header = written_header(shape, stored, affine, samples=samples, step_s=step_s)
    container: Container | None = "gzip" if name.lower().endswith(".gz") else None
    with whole_file(name) as file:
        write_voxels(file, pixels, stored, container, before=header, progress=progress)


def from_nifti(path: str | os.PathLike[str]) -> Volume:
    """Read a volume from a NIfTI file.

    Parameters
    ----------
    path : str or PathLike
        ``.nii`` or ``.nii.gz``, NIfTI-1 or NIfTI-2, of either byte order; or
        one of a pair ``.hdr`` and ``.img``, each of which may end in ``.gz``.

    Returns
    -------
    Volume
        Its affine comes from the sform, else from the qform, and leads to LPS
        mm whatever the file's unit of length. `pixels` has the file's dtype; if
        the file scales its values, they are scaled and float64. Voxels of colour
        are ``[z, y, x, sample]``. `series_instance_uid` is empty. If the file
        places its voxels nowhere, `report` says so.

    Raises
    ------
    InvalidDicomError
        If it is not NIfTI.
    ReadError
        If it is broken; :class:`~pydcm.errors.TruncatedError` if it is too short.
    GeometryError
        If its affine spans no volume, or it holds several volumes: those are
        for :func:`from_nifti_4d`.
    LimitError
        If the voxels are above a limit of :mod:`pydcm.limits`.
    BackendError
        If nibabel is missing (extra ``nifti``).

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from pydcm.volume import Volume, from_nifti
    >>> mask = np.zeros((3, 4, 5), np.uint8)
    >>> volume = Volume(mask, (2.0, 1.0, 1.0), np.diag([1.0, 1.0, 2.0, 1.0]), "")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = volume.to_nifti(os.path.join(folder, "mask.nii.gz"))
    ...     again = from_nifti(path)
    >>> again.pixels.dtype.name, again.spacing, again.equals(volume)
    ('uint8', (2.0, 1.0, 1.0), True)
    """
    from pydcm.volume.model import Volume

    name = os.fspath(path)
    header, pixels = _load(name, several=False)
    return Volume(
        pixels.reshape(header.shape[len(header.steps) :]),
        spacing_of(header.affine),
        header.affine,
        "",
        report=_report(name, header),
    )


def from_nifti_4d(path: str | os.PathLike[str]) -> Volume4D:
    """Read volumes that share a grid from a NIfTI file.

    Parameters
    ----------
    path : str or PathLike
        As for :func:`from_nifti`.

    Returns
    -------
    Volume4D
        The volumes in the order of the file. `dimensions` has an axis for each
        dimension beyond the third, the slowest first: ``"time"`` in seconds if
        the file gives the fourth a unit of time, otherwise ``"dimension 4"``
        and so on, counted in steps of the file.

    Raises
    ------
    PydcmError
        As for :func:`from_nifti`.
    """
    from pydcm.volume.model import Volume4D

    name = os.fspath(path)
    header, pixels = _load(name, several=True)
    return Volume4D(
        pixels.reshape(header.volumes, *header.shape[len(header.steps) :]),
        spacing_of(header.affine),
        header.affine,
        _axes(header),
        "",
        report=_report(name, header),
    )


def _load(name: str, *, several: bool) -> tuple[NiftiHeader, NDArray[Any]]:
    """Return the header and the voxels in the shape of the header."""
    header_path, voxel_path = _pair(name)
    with open_maybe_gzip(header_path) as (file, _):
        header = parse_header(read_beginning(file, _HEADER_BYTES, header_path), header_path)
    if header.volumes > 1 and not several:
        raise GeometryError(
            f"it holds {header.volumes} volumes, not one",
            path=name,
            hint="read it with pydcm.volume.from_nifti_4d",
        )
    count = math.prod(header.shape) * header.dtype.itemsize
    with open_maybe_gzip(voxel_path) as (file, compressed):
        check_voxel_bytes(voxel_path, count, header.offset, compressed=compressed)
        skip(file, header.offset, voxel_path)
        pixels = read_array(file, header.shape, header.dtype, voxel_path)
    if header.slope is not None and header.intercept is not None:
        wide = np.complex128 if pixels.dtype.kind == "c" else np.float64
        pixels = pixels.astype(wide)
        pixels *= header.slope
        pixels += header.intercept
    return header, pixels


def _pair(name: str) -> tuple[str, str]:
    """Return the file of the header and that of the voxels, which mostly are one."""
    stem, ending = (name[:-3], name[-3:]) if name.lower().endswith(".gz") else (name, "")
    base, extension = os.path.splitext(stem)
    if extension.lower() not in (".hdr", ".img"):
        return name, name
    return _beside(base, extension, "hdr", ending), _beside(base, extension, "img", ending)


def _beside(base: str, extension: str, wanted: str, ending: str) -> str:
    if extension[1:].lower() == wanted:
        return base + extension + ending
    suffix = "." + (wanted.upper() if extension.isupper() else wanted)
    for candidate in (ending, "" if ending else ".gz"):
        if os.path.exists(base + suffix + candidate):
            return base + suffix + candidate
    return base + suffix + ending


def _axes(header: NiftiHeader) -> list[Axis]:
    """Return an axis for each dimension beyond the third, the slowest first."""
    from pydcm.volume.model import Axis

    if not header.steps:
        return []
    places = np.indices(header.shape[: len(header.steps)]).reshape(len(header.steps), -1)
    axes = []
    for number, (step, place) in enumerate(zip(header.steps, places[::-1], strict=True), 4):
        known = math.isfinite(step) and step > 0
        if number == 4 and header.seconds is not None:
            kind, unit = "time", header.seconds
        else:
            kind, unit = f"dimension {number}", 1.0
        spacing = step * unit if known else 0.0
        axes.append(Axis(kind, place * (spacing if known else 1.0), spacing))
    return axes[::-1]


def _report(name: str, header: NiftiHeader) -> Report | None:
    if header.placed_by:
        return None
    return Report(used=[name], findings=[Finding("no-orientation", _UNPLACED)])
