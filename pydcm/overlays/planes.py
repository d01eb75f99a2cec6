"""The bits of an overlay plane: on their own, or left over in Pixel Data."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, CorruptStreamError, MissingElementError
from pydcm.pixels.lut import is_little_endian
from pydcm.pixels.utils import pixel_array, unpack_bits

__all__ = ["get_overlay_array"]

_ROWS, _COLUMNS, _FRAMES, _BITS, _POSITION, _DATA = 0x10, 0x11, 0x15, 0x100, 0x102, 0x3000

_KEYWORDS = {
    _DATA: "OverlayData",
    _BITS: "OverlayBitsAllocated",
    _ROWS: "OverlayRows",
    _COLUMNS: "OverlayColumns",
}
"""What an overlay needs."""

_CLAUSE = "PS3.3 C.9.2"


class _Plane(NamedTuple):
    """Frames of bits."""

    group: int
    rows: int
    columns: int
    frames: int

    @property
    def cells(self) -> int:
        return self.rows * self.columns * self.frames

    @property
    def shape(self) -> tuple[int, ...]:
        size = (self.rows, self.columns)
        return size if self.frames == 1 else (self.frames, *size)

    def path(self, element: int) -> str:
        return f"({self.group:04X},{element:04X})"


def get_overlay_array(ds: Dataset, group: int) -> NDArray[np.uint8]:
    """Return the overlay of a group.

    Parameters
    ----------
    ds : Dataset
        Has the elements of the overlay.
    group : int
        Its group number, an even one from 0x6000 to 0x601E (PS3.5 7.6).

    Returns
    -------
    ndarray of uint8, shape (rows, columns) or (frames, rows, columns)
        0 and 1, writable. The upper left pixel belongs at Overlay Origin.

    Raises
    ------
    MissingElementError
        If the group lacks Overlay Rows, Columns or Bits Allocated, or its bits.
    ConformanceError
        If it does not say what an overlay can be.
    CorruptStreamError
        If there are fewer bits than pixels.

    Notes
    -----
    Bits come from Overlay Data, or, as was allowed until 2004, from the bits
    of Pixel Data that Overlay Bit Position points at.
    """
    embedded = _is_embedded(ds, group)
    missing = [
        keyword
        for element, keyword in _KEYWORDS.items()
        if (group << 16 | element) not in ds and not (embedded and element == _DATA)
    ]
    if missing:
        raise MissingElementError(f"overlay {group:04X} lacks {', '.join(missing)}", clause=_CLAUSE)
    plane = _Plane(
        group,
        _integer(ds, group, _ROWS),
        _integer(ds, group, _COLUMNS),
        _integer(ds, group, _FRAMES, 1),
    )
    limits.check("max_array_bytes", plane.cells, "pixels of an overlay")
    return _bits_of_pixels(ds, plane) if embedded else _bits_of_data(ds, plane)


def _is_embedded(ds: Dataset, group: int) -> bool:
    """Return whether an overlay lies in bits of Pixel Data.

    It then has no Overlay Data, and as many bits allocated as a pixel.
    """
    allocated = _value(ds, group, _BITS)
    return (
        (group << 16 | _DATA) not in ds
        and "PixelData" in ds
        and isinstance(allocated, int)
        and allocated > 1
    )


def _bits_of_data(ds: Dataset, plane: _Plane) -> NDArray[np.uint8]:
    """Return the bits of Overlay Data."""
    data = _value(ds, plane.group, _DATA)
    data = b"" if data is None else data
    if not isinstance(data, bytes):
        raise ConformanceError("Overlay Data are no octets", tag_path=plane.path(_DATA))
    expected = (plane.cells + 7) // 8
    if len(data) < expected:
        raise CorruptStreamError(
            f"{plane.frames} frames of {plane.rows} x {plane.columns} pixels take {expected} "
            f"bytes, and Overlay Data have {len(data)}",
            tag_path=plane.path(_DATA),
            clause="PS3.5 8.1.2",
        )
    if len(data) == expected and expected % 2:
        warnings.warn("Overlay Data have no padding to an even length", stacklevel=3)
    elif len(data) > expected + expected % 2:
        warnings.warn(
            f"Overlay Data have {len(data)} bytes, {len(data) - expected} more than their "
            "pixels take",
            stacklevel=3,
        )
    if ds[plane.group, _DATA].VR == "OW" and not is_little_endian(ds, ds):
        data += bytes(len(data) % 2)
        data = np.frombuffer(data, np.uint16).byteswap().tobytes()
    return unpack_bits(data[:expected])[: plane.cells].reshape(plane.shape)


def _bits_of_pixels(ds: Dataset, plane: _Plane) -> NDArray[np.uint8]:
    """Return one bit of each pixel (retired; PS3.5-2003 8.1.2)."""
    allocated, position = _value(ds, plane.group, _BITS), _value(ds, plane.group, _POSITION)
    if allocated != ds.get("BitsAllocated") or ds.get("SamplesPerPixel") != 1:
        raise ConformanceError(
            f"overlay {plane.group:04X} has no Overlay Data, and its {allocated} bits allocated "
            f"do not fit pixels of {ds.get('SamplesPerPixel')} samples with "
            f"{ds.get('BitsAllocated')}",
            tag_path=plane.path(_BITS),
        )
    if not isinstance(position, int) or not 0 <= position < allocated:
        raise ConformanceError(
            f"Overlay Bit Position is {position!r}, in pixels of {allocated} bits",
            tag_path=plane.path(_POSITION),
        )
    pixels = pixel_array(ds, raw=True, correct_unused_bits=False, allow_excess_frames=False)
    if pixels.shape[-2:] != (plane.rows, plane.columns):
        raise ConformanceError(
            f"overlay {plane.group:04X} has {plane.rows} x {plane.columns} pixels, and the image "
            f"that it lies in {pixels.shape[-2]} x {pixels.shape[-1]}",
            tag_path=plane.path(_ROWS),
        )
    if pixels.dtype.kind not in "iu":
        raise ConformanceError("an overlay cannot lie in pixels of floating point")
    bits: NDArray[Any] = np.right_shift(pixels, position)
    return (bits & 1).astype(np.uint8)


def _value(ds: Dataset, group: int, element: int) -> Any:
    tag = group << 16 | element
    return ds[tag].value if tag in ds else None


def _integer(ds: Dataset, group: int, element: int, default: int | None = None) -> int:
    """Return a value that must be a positive integer."""
    value = _value(ds, group, element)
    if value is None or value == "":
        if default is not None:
            return default
        raise MissingElementError(
            f"{_KEYWORDS[element]} is empty",
            tag_path=f"({group:04X},{element:04X})",
            clause=_CLAUSE,
        )
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = 0
    if number < 1:
        raise ConformanceError(
            f"an overlay has a whole number of rows, columns and frames, not {value!r}",
            tag_path=f"({group:04X},{element:04X})",
            clause=_CLAUSE,
        )
    return number
