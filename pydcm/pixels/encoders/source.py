"""The frames that an encoder is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.layout import FrameLayout
from pydcm.dataset import Dataset
from pydcm.pixels.frames import Decoding, FrameReader
from pydcm.pixels.model import read_model
from pydcm.pixels.results import layout_of_result
from pydcm.pixels.runner import Buffer, RunnerBase

__all__ = ["FrameSource", "frame_source"]

Source: TypeAlias = Buffer | NDArray[Any] | Dataset

_LITTLE_ENDIAN, _BIG_ENDIAN = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"


@dataclass(frozen=True, slots=True)
class FrameSource:
    """Frames to encode, and what describes them.

    Attributes
    ----------
    layout : FrameLayout
        Of each frame.
    count : int
        How many there are.
    pixels : ndarray or FrameReader
        Where they are.
    """

    layout: FrameLayout
    count: int
    pixels: NDArray[np.generic] | FrameReader

    def frame(self, index: int) -> NDArray[np.generic]:
        """Return a frame, counted from 0, as ``[rows, columns, samples]``."""
        found: NDArray[np.generic]
        if isinstance(self.pixels, FrameReader):
            found = self.pixels.read(index, 1)[0]
        else:
            found = np.ascontiguousarray(self.pixels[index], self.layout.dtype)
        return found

    def __iter__(self) -> Iterator[NDArray[np.generic]]:
        """Yield every frame."""
        if isinstance(self.pixels, FrameReader):
            return self.pixels.stream(range(self.count))
        return map(self.frame, range(self.count))


def frame_source(src: Source, options: dict[str, Any]) -> FrameSource:
    """Return the frames of an array, of native Pixel Data or of an image.

    Parameters
    ----------
    src : ndarray, bytes or Dataset
        What has the pixels. Those of an image may be encoded; they are decoded
        then, one frame at a time.
    options : dict
        What describes an array or Pixel Data; it replaces what a data set says.

    Raises
    ------
    ValueError
        If an array is not what the options describe.
    TypeError
        If `src` is something else.
    """
    if isinstance(src, np.ndarray):
        return _of_array(src, options)
    if isinstance(src, Dataset):
        return _of_dataset(src, options)
    if isinstance(src, (bytes, bytearray, memoryview)):
        return _of_octets(bytes(src), options)
    raise TypeError(f"pixels to encode are an array, octets or a Dataset, not {type(src).__name__}")


def _of_array(array: NDArray[Any], options: dict[str, Any]) -> FrameSource:
    if array.dtype.kind not in "iu":
        raise ValueError(f"pixels to encode are integers, and the array has {array.dtype}")
    runner = RunnerBase(_LITTLE_ENDIAN)
    runner.set_options(**_without_syntax(options))
    layout = replace(runner.layout(), planar=False)
    frames = runner.number_of_frames
    shape = (frames,) * (frames > 1) + layout.shape[: 2 if layout.samples == 1 else 3]
    if array.shape != shape:
        raise ValueError(f"the array has the shape {array.shape} and should have {shape}")
    if array.dtype.itemsize < layout.item_bytes:  # larger cells may have small values
        raise ValueError(
            f"an array of {array.dtype} does not fit Bits Allocated {layout.bits_allocated}"
        )
    if (array.dtype.kind == "i") != (layout.dtype.kind == "i"):
        raise ValueError(
            f"an array of {array.dtype} does not fit Pixel Representation {int(layout.signed)}"
        )
    check_range(array, layout.bits_stored)
    return FrameSource(layout, frames, array.reshape(frames, *layout.shape))


def check_range(array: NDArray[Any], bits_stored: int) -> None:
    """Check that values fit into Bits Stored.

    Raises
    ------
    ValueError
        If one does not.
    """
    signed = array.dtype.kind == "i"
    low = -(1 << bits_stored - 1) if signed else 0
    high = low + (1 << bits_stored) - 1
    least, most = int(array.min()), int(array.max())
    if least < low or most > high:
        raise ValueError(
            f"the array has values from {least} to {most}, and {bits_stored} bits hold "
            f"those from {low} to {high}"
        )


def _of_octets(data: bytes, options: dict[str, Any]) -> FrameSource:
    big = options.get("byteorder", "<") == ">"
    runner = RunnerBase(_BIG_ENDIAN if big else _LITTLE_ENDIAN)
    runner.set_options(**_without_syntax(options))
    runner.validate()
    ds = Dataset()
    ds.add_new(0x7FE00010, "OB", data)
    return _of_dataset(ds, {**runner.options, "transfer_syntax_uid": runner.transfer_syntax})


def _of_dataset(ds: Dataset, options: dict[str, Any]) -> FrameSource:
    meta = getattr(ds, "file_meta", None)
    uid = None if meta is None else meta.get("TransferSyntaxUID")
    if not uid:
        options = {"transfer_syntax_uid": _LITTLE_ENDIAN, **options}
    reader = FrameReader(read_model(ds, **options), Decoding())
    layout = layout_of_result(reader)
    return FrameSource(layout, reader.count, reader)


def _without_syntax(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "transfer_syntax_uid"}
