"""Orders and tables of the DCT processes (ISO 10918-1 A.3.6, Annex K), as kernels take them."""

from __future__ import annotations

from array import array
from functools import lru_cache

from pydcm._codecs.jpeg.huffman import HuffmanSpec
from pydcm.kernels.jpegdct import LIMITS, LOOK, TABLE

__all__ = ["HUFFMAN", "QUANTISATION", "ZIGZAG", "decoding_table", "in_rows", "scaled"]


def _zigzag() -> bytes:
    """Return the place in a block, row by row, of each index along the diagonals."""
    places = [(row, column) for row in range(8) for column in range(8)]
    # Each diagonal is walked in the direction opposite to that of the one before.
    places.sort(key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1]))
    return bytes(8 * row + column for row, column in places)


ZIGZAG = _zigzag()
"""Place in a block for each zigzag index (ISO 10918-1 Figure A.6)."""


@lru_cache(maxsize=32)  # the components and frames of an image mostly share their tables
def in_rows(values: tuple[int, ...]) -> array[int]:
    """Return 64 values, given in zigzag order, in rows of the frequencies.

    Callers share the array and must not change it.
    """
    rows = array("i", bytes(4 * 64))
    for place, value in zip(ZIGZAG, values, strict=True):
        rows[place] = value
    return rows


@lru_cache(maxsize=32)  # the frames of an image mostly share their tables
def decoding_table(spec: HuffmanSpec) -> array[int]:
    """Return a Huffman table as :mod:`pydcm.kernels.jpegdct` reads it.

    Callers share it and must not change it.
    """
    table = array("i")
    limits, offsets = [0], [0]
    first = done = 0  # the first code of a length, and how many values come before it
    for length, count in enumerate(spec.counts, 1):
        limits.append(first + count << 16 - length)
        offsets.append(done - first)
        first = first + count << 1
        done += count
    for (_, length), symbol in zip(spec.codes(), spec.values, strict=True):
        if length <= LOOK:
            table.extend(_entries(length, symbol))
    table.extend([0] * (LIMITS - len(table)))
    table.extend(limits)
    table.extend(offsets)
    table.extend(spec.values)
    table.extend([0] * (TABLE - len(table)))
    return table


def _entries(length: int, symbol: int) -> list[int]:
    """Return what the next `LOOK` bits mean, for all that begin with one code."""
    run, size = divmod(symbol, 16)
    spare = LOOK - length
    if not 0 < size <= spare:
        return [run << 9 | size << 5 | length] * (1 << spare)
    entries = []
    for bits in range(1 << size):
        value = bits if bits >> size - 1 else bits - (1 << size) + 1  # EXTEND of F.2.2.1
        entries += [value << 16 | run << 9 | length + size] * (1 << spare - size)
    return entries


_LUMINANCE = (
    "16 11 10 16 24 40 51 61  12 12 14 19 26 58 60 55  14 13 16 24 40 57 69 56 "
    "14 17 22 29 51 87 80 62  18 22 37 56 68 109 103 77  24 35 55 64 81 104 113 92 "
    "49 64 78 87 103 121 120 101  72 92 95 98 112 100 103 99"
)
_CHROMINANCE = (
    "17 18 24 47 99 99 99 99  18 21 26 66 99 99 99 99  24 26 56 99 99 99 99 99 "
    "47 66 99 99 99 99 99 99" + " 99" * 32
)
QUANTISATION = tuple(
    tuple(int(text.split()[place]) for place in ZIGZAG) for text in (_LUMINANCE, _CHROMINANCE)
)
"""The tables of Annex K.1 for luminance and chrominance, in zigzag order."""


def scaled(table: tuple[int, ...], quality: int) -> tuple[int, ...]:
    """Return a quantisation table for a quality of 1 to 100.

    At 50 it is the table itself; the scale is the Independent JPEG Group's, which makes
    the same numbers mean the same to all who use it.

    Examples
    --------
    >>> scaled(QUANTISATION[0], 90)[:6]
    (3, 2, 2, 3, 2, 2)
    """
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(min(max((value * percent + 50) // 100, 1), 255) for value in table)


def _spec(counts: str, values: str) -> HuffmanSpec:
    return HuffmanSpec(bytes(map(int, counts.split())), bytes.fromhex(values))


_DC_VALUES = "000102030405060708090a0b"
HUFFMAN = (
    (
        _spec("0 1 5 1 1 1 1 1 1 0 0 0 0 0 0 0", _DC_VALUES),
        _spec(
            "0 2 1 3 3 2 4 3 5 5 4 4 0 0 1 125",
            "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718"
            "191a25262728292a3435363738393a434445464748494a535455565758595a636465666768696a737475"
            "767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3"
            "c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
        ),
    ),
    (
        _spec("0 3 1 1 1 1 1 1 1 1 1 0 0 0 0 0", _DC_VALUES),
        _spec(
            "0 2 1 2 4 4 3 4 7 5 4 4 0 1 2 119",
            "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125"
            "f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768696a7374"
            "75767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9ba"
            "c2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
        ),
    ),
)
"""The DC and AC tables of Annex K.3 for luminance and chrominance."""
