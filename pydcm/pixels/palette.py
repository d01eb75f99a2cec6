"""PALETTE COLOR: indices into three lookup tables (PS3.3 C.7.6.3.1.5, C.7.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, MissingElementError
from pydcm.pixels.elementwise import taken
from pydcm.pixels.lut import LARGEST, descriptor_of, is_little_endian, octets_of, words_of
from pydcm.pixels.well_known_palettes import well_known_palette

__all__ = ["Palette", "apply_color_lut", "palette_of"]

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Palette:
    """Three lookup tables, or four.

    Attributes
    ----------
    entries : ndarray of uint16, shape (n, 3)
        Red, green and blue, as stored.
    first : int
        The pixel value of the first entry; smaller values take it too, and
        values past the table take the last entry.
    bits : int
        Of an entry: 8 or 16.
    octets : bool
        Whether entries were stored in 8 bits, not in 16.
    alpha : ndarray of uint16, shape (n,), or None
        Opacity, as stored.
    """

    entries: NDArray[np.uint16]
    first: int
    bits: int
    octets: bool = False
    alpha: NDArray[np.uint16] | None = None

    def native(self, indices: NDArray[Any]) -> NDArray[np.uint16]:
        """Return the entries for some pixels, as stored."""
        return taken(self.entries, indices, self.first)

    def rgb8(self, indices: NDArray[Any]) -> NDArray[np.uint8]:
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
        return taken(table, indices, self.first)

    def colours(self, indices: NDArray[Any]) -> NDArray[Any]:
        """Return the entries for some pixels, in the type that they were stored in.

        Parameters
        ----------
        indices : ndarray
            Pixel values.

        Returns
        -------
        ndarray of uint8 or uint16
            With an axis of three samples, four if there is an alpha channel,
            behind those of `indices`.
        """
        table = self.entries
        if self.alpha is not None:
            table = np.concatenate([table, self.alpha[:, np.newaxis]], axis=1)
        return taken(table.astype(np.uint8) if self.octets else table, indices, self.first)


def apply_color_lut(
    arr: NDArray[Any], ds: Dataset | None = None, palette: str | None = None
) -> NDArray[Any]:
    """Apply a colour palette (PS3.3 C.7.6.3.1.5, C.7.6.19, C.7.9).

    Parameters
    ----------
    arr : ndarray
        Pixel values.
    ds : Dataset, optional
        Has Red, Green and Blue Palette Color Lookup Table Descriptor and Data,
        perhaps segmented, and perhaps an alpha table.
    palette : str, optional
        UID or name of a well-known palette, used instead of `ds`: ``HOT_IRON``,
        ``PET``, ``HOT_METAL_BLUE``, ``PET_20_STEP``, ``SPRING``, ``SUMMER``,
        ``FALL``, ``WINTER`` (PS3.6 Annex B).

    Returns
    -------
    ndarray of uint8 or uint16
        The entries as they are stored, with an axis of three samples, four if
        there is an alpha table, behind those of `arr`. Values below and above
        the table take its ends; the ones below a supplemental palette are grey
        values, and for the caller to show as such.

    Raises
    ------
    ValueError
        If there is neither `ds` nor `palette`, or no such palette.
    ConformanceError
        If `ds` has no palette, or a broken one.
    MissingElementError
        If a part of the palette is absent.

    Examples
    --------
    >>> import numpy as np
    >>> apply_color_lut(np.array([0, 200]), palette="HOT_IRON").tolist()
    [[0, 0, 0], [255, 144, 36]]
    """
    if palette:
        known = well_known_palette(str(palette))
        if known is None:
            raise ValueError(f"there is no well-known palette {palette!r}")
        return taken(known.entries(), arr, 0)
    if ds is None:
        raise ValueError("a palette is applied by a data set or by its name: give one")
    if not any(f"{form}RedPaletteColorLookupTableData" in ds for form in ("", "Segmented")):
        raise ConformanceError(
            "the data set has no palette",
            tag_path="RedPaletteColorLookupTableData",
            clause="PS3.3 C.7.6.3.1.5",
        )
    return palette_of(ds).colours(arr)


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
    first, bits, octets = channels[0][1:]
    count = min(len(entries) for entries, *_ in channels)
    if any(other[1:] != channels[0][1:] for other in channels[1:]):
        raise ConformanceError(
            "the three palettes map different pixel values or have different depths",
            clause="PS3.3 C.7.6.3.1.5",
        )
    entries = np.stack([channel[0][:count] for channel in channels], axis=-1)
    alpha = None
    if "AlphaPaletteColorLookupTableData" in ds:  # described as red is (PS3.3 C.7.6.3.1.6)
        alpha = _checked(
            _entries(ds, "AlphaPaletteColorLookupTableData", count, bits)[0], count, "alpha"
        )
    return Palette(entries, first, bits, octets, alpha)


def _channel(ds: Dataset, colour: str) -> tuple[NDArray[np.uint16], int, int, bool]:
    """Return entries, first pixel value mapped, bits of an entry, and whether those are octets."""
    count, first, bits = _descriptor(ds, f"{colour}PaletteColorLookupTableDescriptor")
    keyword = f"{colour}PaletteColorLookupTableData"
    if keyword in ds:
        entries, octets = _entries(ds, keyword, count, bits)
    else:
        keyword, octets = f"Segmented{keyword}", bits == 8
        numbers = _numbers(ds, keyword, wide=not octets)
        entries = _expanded(numbers, keyword, 1 if octets else 2)
    return _checked(entries, count, colour.lower()), first, bits, octets


def _checked(entries: NDArray[np.uint16], count: int, colour: str) -> NDArray[np.uint16]:
    if len(entries) < count:
        raise ConformanceError(
            f"the {colour} palette has {len(entries)} entries, its descriptor says {count}",
            tag_path=f"{colour.capitalize()}PaletteColorLookupTableData",
            clause="PS3.3 C.7.6.3.1.6",
        )
    return entries[:count]


def _descriptor(ds: Dataset, keyword: str) -> tuple[int, int, int]:
    count, first, bits = descriptor_of(ds, keyword)
    if ds.get("PixelRepresentation") == 1 and first >= LARGEST >> 1:
        first -= LARGEST
    if not 8 <= bits <= 16:
        raise ConformanceError(
            f"palette entries of {bits} bits are not allowed",
            tag_path=keyword,
            clause="PS3.3 C.7.6.3.1.5",
        )
    return count, first, bits


def _entries(ds: Dataset, keyword: str, count: int, bits: int) -> tuple[NDArray[np.uint16], bool]:
    """Return the entries, and whether they lie two to a word, as those of 8 bits may."""
    value = ds.get(keyword)
    length = len(value) if isinstance(value, bytes) else 2 * np.size(value)
    octets = bits == 8 and length < 2 * count
    return _numbers(ds, keyword, wide=not octets), octets


def _numbers(ds: Dataset, keyword: str, *, wide: bool) -> NDArray[np.uint16]:
    """Return a table's words, or its octets if not `wide`."""
    value = ds.get(keyword)
    if value is None:
        raise MissingElementError(
            "the palette's data are absent", tag_path=keyword, clause="PS3.3 C.7.6.3.1.6"
        )
    little = is_little_endian(ds, ds)
    if wide:
        return words_of(value, keyword, little=little)
    return octets_of(value, keyword, little=little).astype(np.uint16)


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
        or len(table) + length > LARGEST
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
