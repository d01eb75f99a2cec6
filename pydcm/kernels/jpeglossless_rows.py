"""Rows of lossless JPEG: Huffman codes to differences, and differences to samples.

The bits of the stream are in `buffer`: the low `bits` of it are still to be read, and `w`
is the word that follows them. Functions return what they found, and these three again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydcm.kernels.dialect import helper, i64

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells

__all__ = ["NO_CODE", "SECOND", "SHORT_BITS", "decode_row", "decode_row_left", "undo_row"]

SHORT_BITS: Final = 13  # of the stream, that a short table is indexed by
SECOND: Final = SHORT_BITS + 6  # where an entry of it has the second difference
NO_CODE: Final = 1 << 20  # larger than any difference


@helper
def undo_row(
    diff: list[int] | Cells, above: Cells, line: Cells, predictor: int, ra: int, top: int
) -> int:
    """Add predictions to the differences of one component's row, and return all bits of it.

    Parameters
    ----------
    diff : list of int
        The row's differences.
    above, line : memoryview
        The component's samples of the row above, and of this one.
    predictor : int
        1 to 7 (Table H.1); 0 for the first row of an interval, and `above` does not count.
    ra : int
        What predicts the first sample.
    top : int
        The largest value of a cell.

    Returns
    -------
    int
        The values' bits, or-ed together. Values are modulo 2^16 (H.1.2.1).
    """
    width = len(line)
    rc = i64(above[0])
    ra = (ra + diff[0]) & 0xFFFF
    line[0] = ra & top
    bits = ra
    if predictor <= 1:
        for x in range(1, width):
            ra = (ra + diff[x]) & 0xFFFF
            line[x] = ra & top
            bits |= ra
    elif predictor == 2:
        for x in range(1, width):
            ra = (i64(above[x]) + diff[x]) & 0xFFFF
            line[x] = ra & top
            bits |= ra
    elif predictor == 3:
        for x in range(1, width):
            ra = (i64(above[x - 1]) + diff[x]) & 0xFFFF
            line[x] = ra & top
            bits |= ra
    elif predictor == 4:
        for x in range(1, width):
            rb = i64(above[x])
            ra = (ra + (rb - rc + diff[x])) & 0xFFFF
            line[x] = ra & top
            bits |= ra
            rc = rb
    elif predictor == 5:
        for x in range(1, width):
            rb = i64(above[x])
            ra = (ra + (((rb - rc) >> 1) + diff[x])) & 0xFFFF
            line[x] = ra & top
            bits |= ra
            rc = rb
    elif predictor == 6:  # rb + ((ra - rc) >> 1), with little to do once ra is known
        for x in range(1, width):
            rb = i64(above[x])
            ra = (ra + (2 * (rb + diff[x]) - rc)) >> 1 & 0xFFFF
            line[x] = ra & top
            bits |= ra
            rc = rb
    else:  # (ra + rb) >> 1
        for x in range(1, width):
            ra = (ra + (i64(above[x]) + 2 * diff[x])) >> 1 & 0xFFFF
            line[x] = ra & top
            bits |= ra
    return bits


@helper
def long_difference(
    words: Cells, full: Cells, table: int, buffer: int, bits: int, w: int
) -> tuple[int, int, int, int]:
    """Decode a difference of any length (H.2.2.2).

    Parameters
    ----------
    words : array of uint32
        The data.
    full : memoryview of uint16
        The tables.
    table : int
        Which of them.
    buffer, bits, w : int
        The bits at hand, how many of them count, and the word that follows them.

    Returns
    -------
    int
        The difference, or `NO_CODE`.
    int, int, int
        `buffer`, `bits` and `w`; the last is 0 if there are no more words.
    """
    if bits < 16:
        if w >= len(words):
            return NO_CODE, buffer, bits, 0
        buffer = (buffer & 0xFFFF) << 32 | i64(words[w])
        bits += 32
        w += 1
    entry = i64(full[(table << 16) + (buffer >> (bits - 16) & 0xFFFF)])
    ssss = entry & 255
    if entry == 0 or ssss > 16:
        return NO_CODE, buffer, bits, w
    bits -= entry >> 8
    if ssss == 16:  # no bits follow (H.1.2.2)
        return 32768, buffer, bits, w
    if bits < ssss:
        if w >= len(words):
            return NO_CODE, buffer, bits, 0
        buffer = (buffer & 0xFFFF) << 32 | i64(words[w])
        bits += 32
        w += 1
    bits -= ssss
    value = buffer >> bits & ((1 << ssss) - 1)
    if value < (1 << ssss) >> 1:
        value -= (1 << ssss) - 1
    return value, buffer, bits, w


@helper
def decode_row(
    words: Cells,
    short: Cells,
    full: Cells,
    tables: int,
    diff: list[int],
    buffer: int,
    bits: int,
    w: int,
) -> tuple[int, int, int, int]:
    """Decode the differences of a row, of all components, into `diff`.

    The first result is 0, or `NO_CODE`; for the rest see `long_difference`, and
    `decode_scan` for the tables.
    """
    mask = (1 << SHORT_BITS) - 1
    bias = 1 << SHORT_BITS
    room = len(words)
    last = len(diff) - 1 if tables == 1 else 0
    i = i64(0)
    while i < last:
        if bits < 16:
            if w >= room:
                return NO_CODE, buffer, bits, i64(0)
            buffer = (buffer & 0xFFFF) << 32 | i64(words[w])
            bits += 32
            w += 1
        entry = i64(short[buffer >> (bits - SHORT_BITS) & mask])
        if entry == 0:
            value, buffer, bits, w = long_difference(words, full, 0, buffer, bits, w)
            if value == NO_CODE:
                return value, buffer, bits, w
            diff[i] = value
            i += 1
        else:
            bits -= entry & 15
            diff[i] = (entry >> 5 & (2 * bias - 1)) - bias
            diff[i + 1] = entry >> SECOND
            i += 1 + (entry >> 4 & 1)
    table = i64(0)
    while i < len(diff):
        value, buffer, bits, w = long_difference(words, full, table, buffer, bits, w)
        if value == NO_CODE:
            return value, buffer, bits, w
        diff[i] = value
        i += 1
        table = table + 1 if table + 1 < tables else i64(0)
    return i64(0), buffer, bits, w


@helper
def decode_row_left(
    words: Cells,
    short: Cells,
    full: Cells,
    line: Cells,
    ra: int,
    top: int,
    buffer: int,
    bits: int,
    w: int,
) -> tuple[int, int, int, int]:
    """Decode a row of one component that its left neighbours predict: `decode_row`, `undo_row`.

    Nearly all of DICOM's streams are of this kind, so it is worth a loop of its own: the
    sums cost no time beside the look-ups, where they would take as long again after them.
    The first result is the values' bits, or-ed together, or `NO_CODE`.
    """
    mask = (1 << SHORT_BITS) - 1
    bias = 1 << SHORT_BITS
    room = len(words)
    last = len(line) - 1
    seen = i64(0)
    i = i64(0)
    while i < last:
        if bits < 16:
            if w >= room:
                return NO_CODE, buffer, bits, i64(0)
            buffer = (buffer & 0xFFFF) << 32 | i64(words[w])
            bits += 32
            w += 1
        entry = i64(short[buffer >> (bits - SHORT_BITS) & mask])
        if entry == 0:
            value, buffer, bits, w = long_difference(words, full, 0, buffer, bits, w)
            if value == NO_CODE:
                return value, buffer, bits, w
            ra = (ra + value) & 0xFFFF
            line[i] = ra & top
            seen |= ra
            i += 1
        else:
            bits -= entry & 15
            ra = (ra + (entry >> 5 & (2 * bias - 1)) - bias) & 0xFFFF
            line[i] = ra & top
            seen |= ra
            ra = (ra + (entry >> SECOND)) & 0xFFFF  # plus 0 if there is no second
            line[i + 1] = ra & top
            seen |= ra
            i += 1 + (entry >> 4 & 1)
    if i == last:
        value, buffer, bits, w = long_difference(words, full, 0, buffer, bits, w)
        if value == NO_CODE:
            return value, buffer, bits, w
        ra = (ra + value) & 0xFFFF
        line[i] = ra & top
        seen |= ra
    return seen, buffer, bits, w
