"""Volumes, and how a stack of slices becomes one."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.errors import PydcmError
from pydcm.filereader import dcmread
from pydcm.pixels import decode
from pydcm.volume.frames import Frame
from pydcm.volume.model import Volume
from pydcm.volume.survey import Stack, survey

__all__ = ["assemble", "load_series"]


def load_series(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    recursive: bool = True,
    pattern: str | None = None,
) -> Volume:
    """Load slices as one volume, sorted in space.

    Images are grouped by series, orientation, pixel spacing and size; the
    group with most positions wins, so that a localizer beside a series does no
    harm. Slices ascend along the normal of their plane. Where several images
    share a position, as in a time series, the first one is taken.
    :func:`survey` tells what else there is, and why.

    Parameters
    ----------
    path : str, PathLike or iterable of them
        A folder, a file, or several.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        Look only at files of a folder whose name matches, such as ``"*.dcm"``.

    Returns
    -------
    Volume
        With float32 pixels, rescaled to the modality's units slice by slice.

    Raises
    ------
    FileNotFoundError
        If there are no files, or none of them is DICOM.
    GeometryError
        If the images do not make a volume: a slice is missing, or none of
        them has a position. The message names the frames.
    CodecError
        If their pixels cannot be decoded.
    """
    return assemble(survey(path, recursive=recursive, pattern=pattern).largest())


def assemble(stack: Stack) -> Volume:
    """Return the volume of one stack that :func:`survey` found.

    Raises
    ------
    GeometryError
        If no affine describes its frames.
    CodecError
        If their pixels cannot be decoded.
    """
    geometry = stack.geometry()
    slices = stack.slices(geometry)
    first = slices[0]
    shape = (len(slices), first.rows, first.columns)
    limits.check("max_array_bytes", 4 * shape[0] * shape[1] * shape[2], "voxels of a volume")
    pixels: NDArray[np.float32] | None = None
    for index, plane in _planes(slices):
        if pixels is None:  # not before a slice has shown that its pixels are there
            pixels = np.empty(shape, np.float32)
        pixels[index] = plane
    assert pixels is not None
    return Volume(pixels, geometry.spacing, geometry.affine, first.series_instance_uid)


def _planes(slices: list[Frame]) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield the index and the pixels of each slice, file by file."""
    by_file: dict[str, list[int]] = defaultdict(list)
    for index, frame in enumerate(slices):
        by_file[frame.path].append(index)
    for path, indices in by_file.items():
        try:
            dataset = dcmread(path)
            whole = len(indices) == slices[indices[0]].of
            decoded = decode(dataset, rescale=True) if whole else None
            for index in indices:
                number = slices[index].number
                if decoded is not None:
                    yield index, decoded[number - 1]
                else:
                    yield index, decode(dataset, number, rescale=True)[0]
        except PydcmError as error:
            error.path = error.path or path
            raise
