"""PALETTE COLOR: indices into three lookup tables (PS3.3 C.7.6.3.1.5, C.7.9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, MissingElementError

__all__ = ["Palette", "palette_of"]

_LARGEST = 1 << 16
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Palette:
    """Three lookup tables.

    Attributes
    ----------
    entries : ndarray of uint16, shape (n, 3)
        Red, green and blue, as stored.
    first : int
        The pixel value of the first entry; smaller values take it too, and
        values past the table take the last entry.
    bits : int
        Of an entry: 8 or 16.
    """

    entries: NDArray[np.uint16]
    first: int
    bits: int

    def native(self, indices: NDArray[np.generic]) -> NDArray[np.uint16]:
        """Return the entries for some pixels, as stored."""
        return self.entries.take(self._rows(indices), axis=0, mode="clip")

    def rgb8(self, indices: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Return 8-bit RGB for some pixels: the high byte of 16-bit entries.

        Parameters
        ----------
        indices : ndarray of integers
            Pixel values.

        Returns
        -------
        ndarray of uint8
            With an axis of three samples behind those of `indices`.
        """
        table = (self.entries >> max(0, self.bits - 8)).astype(np.uint8)
        return table.take(self._rows(indices), axis=0, mode="clip")

    def _rows(self, indices: NDArray[np.generic]) -> NDArray[np.int64]:
        """Return rows of the table, those outside of it still to be clipped."""
        return indices.astype(np.int64) - self.first


def palette_of(ds: Dataset) -> Palette:
    """Return the palette of a data set.

    Raises
    ------
    MissingElementError
        If it has none.
    ConformanceError
        If descriptor and data do not fit each other.
    """
    channels = [_channel(ds, colour) for colour in ("Red", "Green", "Blue")]
    _, first, bits = channels[0]
    count = min(len(entries) for entries, _, _ in channels)
    if any((other[1], other[2]) != (first, bits) for other in channels[1:]):
        raise ConformanceError(
            "the three palettes map different pixel values or have different depths",
            clause="PS3.3 C.7.6.3.1.5",
        )
    entries = np.stack([channel[:count] for channel, _, _ in channels], axis=-1)
    return Palette(entries, first, bits)


def _channel(ds: Dataset, colour: str) -> tuple[NDArray[np.uint16], int, int]:
    """Return entries, first pixel value mapped, and bits of an entry, of one colour."""
    count, first, bits = _descriptor(ds, f"{colour}PaletteColorLookupTableDescriptor")
    if f"{colour}PaletteColorLookupTableData" in ds:
        entries = _entries(ds, f"{colour}PaletteColorLookupTableData", count, bits)
    else:
        keyword = f"Segmented{colour}PaletteColorLookupTableData"
        entries = _expanded(_numbers(ds, keyword, wide=bits > 8), keyword, 2 if bits > 8 else 1)
    if len(entries) < count:
        raise ConformanceError(
            f"the {colour.lower()} palette has {len(entries)} entries, its descriptor says {count}",
            tag_path=f"{colour}PaletteColorLookupTableData",
            clause="PS3.3 C.7.6.3.1.6",
        )
    return entries[:count], first, bits


def _descriptor(ds: Dataset, keyword: str) -> tuple[int, int, int]:
    value = ds.get(keyword)
    if value is None:
        raise MissingElementError(
            "the palette's descriptor is absent", tag_path=keyword, clause="PS3.3 C.7.6.3.1.5"
        )
    try:
        count, first, bits = (int(number) for number in value)
    except (TypeError, ValueError) as error:
        raise ConformanceError(
            f"the palette's descriptor is {value!r} instead of three integers", tag_path=keyword
        ) from error
    count &= _LARGEST - 1  # some write 65536 as a signed 0 or overflow it
    if ds.get("PixelRepresentation") == 1 and first >= _LARGEST >> 1:
        first -= _LARGEST
    if not 8 <= bits <= 16:
        raise ConformanceError(
            f"palette entries of {bits} bits are not allowed",
            tag_path=keyword,
            clause="PS3.3 C.7.6.3.1.5",
        )
    return count or _LARGEST, first, bits


def _entries(ds: Dataset, keyword: str, count: int, bits: int) -> NDArray[np.uint16]:
    """Return the entries; those of 8 bits lie two to a word, or alone in one."""
    packed = bits == 8 and _length(ds, keyword) < 2 * count
    return _numbers(ds, keyword, wide=not packed)


def _length(ds: Dataset, keyword: str) -> int:
    value = ds.get(keyword)
    return len(value) if isinstance(value, bytes) else 2 * np.size(value)


def _numbers(ds: Dataset, keyword: str, *, wide: bool) -> NDArray[np.uint16]:
    """Return a table's words, or its octets if not `wide`."""
    value = ds.get(keyword)
    if value is None:
        raise MissingElementError(
            "the palette's data are absent", tag_path=keyword, clause="PS3.3 C.7.6.3.1.6"
        )
    if not isinstance(value, bytes):
        words = np.asarray(value).ravel()
        if words.dtype.kind not in "iu":
            raise ConformanceError("the palette's data are no integers", tag_path=keyword)
        return (words & (_LARGEST - 1)).astype(np.uint16)
    extent = ds.locate(keyword)
    little = extent is None or extent.little_endian
    if wide:
        whole = len(value) - len(value) % 2
        return np.frombuffer(value[:whole], "<u2" if little else ">u2").astype(np.uint16)
    if not little:  # octets of OW come in words (PS3.5 7.3)
        padded = value + bytes(len(value) % 2)
        value = np.frombuffer(padded, np.uint16).byteswap().tobytes()
    return np.frombuffer(value, np.uint8).astype(np.uint16)


def _expanded(numbers: NDArray[np.uint16], keyword: str, octets: int) -> NDArray[np.uint16]:
    """Expand segments of numbers of 1 or 2 octets into a table (PS3.3 C.7.9.2)."""
    data = numbers.tolist()
    table: list[int] = []
    position = 0
    while position + 1 < len(data):
        opcode, length = data[position], data[position + 1]
        if opcode != _INDIRECT:
            position = _append_segment(data, position, table, keyword)
            continue
        # The address of segments to repeat: 32 bits in octets from the start, low word first.
        parts = data[position + 2 : position + 2 + 4 // octets]
        address = sum(part << 8 * octets * k for k, part in enumerate(parts)) // octets
        position += 2 + 4 // octets
        for _ in range(length):
            address = _append_segment(data, address, table, keyword)
    return np.array(table, np.uint16)


def _append_segment(data: list[int], position: int, table: list[int], keyword: str) -> int:
    """Append what a segment stands for, and return where the next one begins."""
    opcode, length, *_ = (*data[position : position + 2], -1, -1)
    end = position + 2 + (length if opcode == _DISCRETE else 1)
    if (
        opcode not in (_DISCRETE, _LINEAR)
        or end > len(data)
        or (opcode == _LINEAR and not table)
        or len(table) + length > _LARGEST
    ):
        raise ConformanceError(
            f"the segmented palette is broken at its number {position + 1}",
            tag_path=keyword,
            clause="PS3.3 C.7.9.2",
        )
    if opcode == _DISCRETE:
        table.extend(data[position + 2 : end])
    else:
        steps = np.linspace(table[-1], data[position + 2], length + 1)[1:]
        table.extend(np.rint(steps).astype(int).tolist())
    return end
