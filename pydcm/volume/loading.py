"""Decodes slices straight into the array of their volume, several at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.errors import LimitError, PydcmError
from pydcm.pixels.lut import apply_modality_lut
from pydcm.pixels.model import PixelModel
from pydcm.pixels.rescale import rescale_plane
from pydcm.pixels.workers import for_each, worker_count
from pydcm.progress import Meter, Progress, reporting
from pydcm.volume import header
from pydcm.volume.colour import load_colours
from pydcm.volume.frames import Frame
from pydcm.volume.real_world import real_world_values

__all__ = ["Values", "load_frames", "units_of"]

Values: TypeAlias = Literal["modality", "whole", "stored", "real-world"]
"""In the modality's units; so, as integers if they are; as stored; by the Real World Value Mapping.
"""

_MODALITY_LUT = 0x00283000
_RESCALE_TYPE = 0x00281054
_PET_UNITS = 0x00541001
_DOSE_UNITS = 0x30040002
_TRANSFORMATION = "PixelValueTransformationSequence"

_RESCALE_TYPES = ("HU", "OD", "MGML", "Z_EFF", "ED", "EDW", "HU_MOD", "PCT")
"""The defined terms of Rescale Type that name a unit (PS3.3 C.11.1.1.2); some write prose."""

_Array = NDArray[Any]


def load_frames(
    frames: Sequence[Frame],
    *,
    values: Values = "modality",
    workers: int | None = None,
    progress: Progress = None,
) -> _Array:
    """Return the pixels of frames of one size.

    Parameters
    ----------
    frames : sequence of Frame
        In the order of the result.
    values : {"modality", "whole", "stored", "real-world"}
        Float32 values in the modality's units, rescaled frame by frame; the same
        as 8 or 16-bit integers, if slopes, intercepts and Bits Stored leave no
        other values; stored values in their own type; or float32 real-world
        values.
    workers : int, optional
        Threads that decode; by default what ``PYDCM_THREADS`` says, or one for
        each processor.
    progress : bool or callable, optional
        Show how many slices were decoded.

    Returns
    -------
    ndarray, shape (frames, rows, columns)
        The only large array that is made. Of colour images, red, green and blue in
        a fourth dimension, integers whatever `values`.
    """
    if values not in get_args(Values):
        raise ValueError(f"values is {values!r} and must be one of {', '.join(get_args(Values))}")
    if frames[0].image.in_colour:
        if values == "real-world":
            real_world_values(frames[0].image.dataset, frames[0].number)  # says that it has none
        return load_colours(frames, workers=workers, progress=progress)
    count = worker_count(workers)
    shape = (len(frames), frames[0].rows, frames[0].columns)
    jobs = _jobs(frames)
    models: dict[tuple[object, ...], PixelModel] = {}
    for targets in jobs:
        _share(frames[targets[0]], models)
    # Not before a slice has shown that its pixels are there is the array made.
    first = _stored(frames[jobs[0][0]])
    dtype = _type_of(frames, first, values)
    if values == "whole" and dtype == np.float32:
        values = "modality"
    size = dtype.itemsize * shape[0] * shape[1] * shape[2]
    limits.check("max_array_bytes", size, "bytes of a volume")
    try:
        out = np.empty(shape, dtype)
    except MemoryError as error:
        raise LimitError(f"there is no memory for {size} bytes of voxels") from error
    fill = _FILL[values]
    own = threading.local()  # if not to its place, a thread reads into one plane over and over

    def read(targets: list[int]) -> _Array:
        frame = frames[targets[0]]
        if len(targets) == 1 and _fits_in_place(frame, dtype):
            room = out[targets[0]].view(frame.image.stored_type)
            return _stored(frame, room[np.newaxis, ..., np.newaxis])
        plane = own.plane = _stored(frame, getattr(own, "plane", None))
        return plane

    def run(number: int) -> None:
        targets = jobs[number]
        plane = first if number == 0 else read(targets)
        for target in targets:
            _place(frames[target], plane[0, ..., 0], out[target], fill)
            meter.advance()

    with reporting(progress, len(frames), "slices") as meter:
        assert isinstance(meter, Meter)
        for_each(run, len(jobs), count)
    return out


def units_of(frame: Frame, values: Values = "modality") -> str:
    """Return the units of a frame's values, or an empty text.

    ``"HU"`` for CT unless Rescale Type says otherwise (PS3.3 C.11.1.1.2), Units
    (0054,1001) for PET, Dose Units (3004,0002) for RT Dose; the code of the
    units of real-world values.
    """
    dataset, modality = frame.image.dataset, frame.image.modality
    if values == "stored" or frame.image.in_colour:
        return ""
    if values == "real-world":
        return real_world_values(dataset, frame.number).units
    if modality == "RTDOSE":
        return {"GY": "Gy"}.get(header.text(dataset, _DOSE_UNITS), "")
    if modality == "PT":
        return header.text(dataset, _PET_UNITS)
    written = header.text(dataset, _RESCALE_TYPE)
    if not written and frame.of > 1:
        from pydcm.pixels.rescale import frame_group

        group = frame_group(dataset, frame.number - 1, _TRANSFORMATION)
        written = "" if group is None else header.text(group, _RESCALE_TYPE)
    if written:
        return written if written in _RESCALE_TYPES else ""
    return "HU" if modality == "CT" else ""


_Fill: TypeAlias = Callable[[Frame, _Array, _Array], None]


def _jobs(frames: Sequence[Frame]) -> list[list[int]]:
    """Return the indices of frames by what is decoded once: a mosaic holds many."""
    jobs: dict[tuple[int, int], list[int]] = {}
    for index, frame in enumerate(frames):
        jobs.setdefault((id(frame.image), frame.number), []).append(index)
    return list(jobs.values())


def _share(frame: Frame, models: dict[tuple[object, ...], PixelModel]) -> None:
    try:
        frame.image.share_model(models)
    except PydcmError as error:
        error.path = error.path or frame.path
        raise


def _stored(frame: Frame, scratch: _Array | None = None) -> _Array:
    try:
        return frame.image.stored(frame.number, scratch)
    except PydcmError as error:
        error.path = error.path or frame.path
        raise


def _fits_in_place(frame: Frame, dtype: np.dtype[Any]) -> bool:
    """Tell whether the stored values of a slice fill the place of what they become: integers."""
    stored = frame.image.stored_type
    return frame.tile is None and dtype.kind in "iu" and stored.itemsize == dtype.itemsize


def _type_of(frames: Sequence[Frame], first: _Array, values: Values) -> np.dtype[Any]:
    if values == "whole":
        return _whole_type(frames) or np.dtype(np.float32)
    if values != "stored":
        return np.dtype(np.float32)
    types = {frame.image.stored_type for frame in frames}
    return np.result_type(first.dtype, *types)


def _whole_type(frames: Sequence[Frame]) -> np.dtype[Any] | None:
    """Return the smallest type of all values that the frames may have, if these are whole."""
    low = high = 0
    for frame in frames:
        slope, intercept = frame.rescale.slope, frame.rescale.intercept
        span = frame.image.stored_range
        if span is None or not (slope.is_integer() and intercept.is_integer()):
            return None
        if _has_table(frame):
            return None
        ends = [int(slope) * end + int(intercept) for end in span]
        low, high = min(low, *ends), max(high, *ends)
    for kind in _WHOLE_TYPES:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return np.dtype(kind)
    return None


_WHOLE_TYPES = (np.uint8, np.int16, np.uint16)


def _has_table(frame: Frame) -> bool:
    dataset = frame.image.dataset
    return _MODALITY_LUT in dataset and bool(dataset.get("ModalityLUTSequence"))


def _place(frame: Frame, plane: _Array, out: _Array, fill: _Fill) -> None:
    tile = frame.tile
    if tile is not None:
        plane = plane[tile.row : tile.row + tile.rows, tile.column : tile.column + tile.columns]
    try:
        fill(frame, plane, out)
    except PydcmError as error:
        error.path = error.path or frame.path
        raise


def _modality(frame: Frame, plane: _Array, out: _Array) -> None:
    if _has_table(frame):
        out[...] = apply_modality_lut(plane, frame.image.dataset)
    else:
        rescale_plane(plane, frame.rescale.slope, frame.rescale.intercept, out)


def _whole(frame: Frame, plane: _Array, out: _Array) -> None:
    # Sums and products are modulo 2**bits, and what they end in fits.
    slope, intercept = (
        np.array(int(number)).astype(out.dtype)
        for number in (frame.rescale.slope, frame.rescale.intercept)
    )
    if plane.dtype.itemsize == out.dtype.itemsize:
        plane = plane.view(out.dtype)
    if slope == 1 and intercept == 0:
        out[...] = plane  # nothing to do, if it was read to its place
    elif slope == 1:
        np.add(plane, intercept, out=out, dtype=out.dtype, casting="unsafe")
    else:
        np.multiply(plane, slope, out=out, dtype=out.dtype, casting="unsafe")
        out += intercept


def _as_stored(_frame: Frame, plane: _Array, out: _Array) -> None:
    out[...] = plane


def _real_world(frame: Frame, plane: _Array, out: _Array) -> None:
    real_world_values(frame.image.dataset, frame.number).apply(plane, out)


_FILL: dict[Values, _Fill] = {
    "modality": _modality,
    "whole": _whole,
    "stored": _as_stored,
    "real-world": _real_world,
}
