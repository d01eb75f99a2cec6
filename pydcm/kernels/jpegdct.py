"""Entropy decoding of DCT-based JPEG (ISO 10918-1 Annexes F and G), and what goes with it.

A scan's data come in words of 32 bits, without stuffed zeros and restart markers, so the
bit buffer takes a word at a time and asks no question. What goes past the end of an
interval is found after each block: the caller puts `SLACK` words behind the last
interval, and no block can read beyond these.

Coefficients are cells of 16 bits, 64 to a block, in rows of the frequencies (not in
zigzag order); `extents` has the zigzag index of each block's last one that is not zero,
which tells :func:`~pydcm.kernels.jpegdct_transform.inverse` what it may leave out.

Three arguments are alike for all:

* `scan`: MCUs in a row, MCUs in all, MCUs in a restart interval, Ss, Se, Ah, Al.
* `plan`: five numbers for each data unit of an MCU: the block that it is in the first
  MCU, how many blocks further it is in the next MCU and in the next row of MCUs, its
  component in the scan (0 to 3), and where in `tables` its DC table begins, if it has
  one, otherwise its AC table; the sixth is where its AC table begins.
* `tables`: Huffman tables of `TABLE` cells each. The first ``1 << LOOK`` cells tell what
  the next `LOOK` bits mean: how many of them are used (bits 0 to 4), the size of the
  number that is still to be read (5 to 8), the run of zeros before it (9 to 12), and from
  bit 16 the number itself where the bits held it whole; 0 if the code is longer. There
  follow for each code length 0 to 16 the code that is past the last of this length, left
  in 16 bits, and what leads from a code to its value; and then the values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import helper, i64, zeros
from pydcm.kernels.jpegdct_sampling import replicate, upsample
from pydcm.kernels.jpegdct_scan import UNIT, encode_scan
from pydcm.kernels.jpegdct_transform import INDEX, forward, inverse
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE, TRUNCATED

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells, Int64s, Octets

__all__ = [
    "LIMITS",
    "LOOK",
    "OFFSETS",
    "SLACK",
    "TABLE",
    "UNIT",
    "VALUES",
    "decode_progressive",
    "decode_sequential",
    "encode_scan",
    "forward",
    "inverse",
    "replicate",
    "upsample",
]

LOOK = 10
"""Bits that are looked up at once."""
LOOK_MASK = (1 << LOOK) - 1
LIMITS = 1 << LOOK
OFFSETS = LIMITS + 17
VALUES = OFFSETS + 17
TABLE = VALUES + 256
"""Cells of a Huffman table."""
SLACK = 80
"""Words behind the data: 64 codes of 16 bits with numbers of 15, and a bit for each."""
LARGEST = 32767


@helper
def long_code(tables: Cells, table: int, window: int) -> int:
    """Return what a code of more than `LOOK` bits means, 0 if there is none.

    `window` are the next 16 bits.
    """
    for length in range(LOOK + 1, 17):
        if window < tables[table + LIMITS + length]:
            place = (window >> 16 - length) + tables[table + OFFSETS + length]
            symbol = tables[table + VALUES + place]
            return length | (symbol & 15) << 5 | symbol >> 4 << 9
    return 0


@kernel("jpegdct.decode_sequential", clause="ISO 10918-1 F.2.2, G.1.2.1")
def decode_sequential(
    words: Cells,
    starts: Int64s,
    ends: Int64s,
    scan: Int64s,
    plan: Int64s,
    tables: Cells,
    order: Octets,
    coefficients: Cells,
    extents: bytearray,
    state: Int64s,
) -> int:
    """Decode a sequential scan, or the first scan of the DC coefficients of a progressive one.

    Parameters
    ----------
    words : array of unsigned 32-bit integers
        The restart intervals, and `SLACK` words.
    starts, ends : array of int
        The word that each interval begins with, and the bit that it ends before.
    scan, plan, tables
        See above. Se is 63, or 0 where the DC coefficients come alone.
    order : bytes
        Place in a block for each zigzag index.
    coefficients, extents
        Take the result; they must be zero before.
    state : array of int
        Takes the bit of `words` and the interval at which there is a fault.

    Returns
    -------
    int
        The MCUs decoded, or `TRUNCATED` or `BAD_VALUE`.
    """
    across = scan[0]
    total = scan[1]
    interval = scan[2]
    end = scan[4]
    low = scan[6]
    units = len(plan)
    predictions = zeros(4)
    parts = len(starts)
    if ends[parts - 1] > 32 * (len(words) - SLACK):
        return TRUNCATED
    mcu = 0
    for part in range(parts):
        state[1] = part
        p = starts[part]
        stop = ends[part]
        buffer = 0
        bits = 0
        for component in range(4):
            predictions[component] = 0
        for mcu in range(part * interval, min(total, (part + 1) * interval)):
            y = mcu // across
            x = mcu - y * across
            for unit in range(0, units, UNIT):
                block = plan[unit] + x * plan[unit + 1] + y * plan[unit + 2]
                first = (block & INDEX) << 6
                # The DC coefficient: the difference from the one before (F.2.2.1).
                if bits < 16:
                    buffer = (buffer & 0xFFFF) << 32 | i64(words[p & INDEX])
                    p += 1
                    bits += 32
                table = plan[unit + 4] & INDEX
                entry = tables[table + (buffer >> bits - LOOK & LOOK_MASK)]
                if entry == 0:
                    entry = long_code(tables, table, buffer >> bits - 16 & 0xFFFF)
                    if entry == 0:
                        state[0] = 32 * p - bits
                        return BAD_VALUE
                bits -= entry & 31
                value = entry >> 16
                size = entry >> 5 & 15
                if size:
                    if bits < size:
                        buffer = (buffer & 0xFFFF) << 32 | i64(words[p & INDEX])
                        p += 1
                        bits += 32
                    bits -= size
                    value = buffer >> bits & (1 << size) - 1
                    if value >> size - 1 == 0:
                        value -= (1 << size) - 1
                component = plan[unit + 3]
                value += predictions[component]
                predictions[component] = value
                value = value * (1 << low)
                if value > LARGEST or value < -LARGEST:
                    state[0] = 32 * p - bits
                    return BAD_VALUE
                coefficients[first] = value
                # The AC coefficients: runs of zeros, each with what ends it (F.2.2.2).
                table = plan[unit + 5] & INDEX
                k = 1
                last = 0
                while k <= end:
                    if bits < 16:
                        buffer = (buffer & 0xFFFF) << 32 | i64(words[p & INDEX])
                        p += 1
                        bits += 32
                    entry = tables[table + (buffer >> bits - LOOK & LOOK_MASK)]
                    if entry == 0:
                        entry = long_code(tables, table, buffer >> bits - 16 & 0xFFFF)
                    bits -= entry & 31
                    value = entry >> 16
                    if value == 0:
                        size = entry >> 5 & 15
                        if size == 0:
                            run = entry >> 9
                            if run == 15:
                                k += 16
                                continue
                            if entry == 0 or run > 0:
                                k = 65
                            break
                        if bits < size:
                            buffer = (buffer & 0xFFFF) << 32 | i64(words[p & INDEX])
                            p += 1
                            bits += 32
                        bits -= size
                        value = buffer >> bits & (1 << size) - 1
                        if value >> size - 1 == 0:
                            value -= (1 << size) - 1
                    k += entry >> 9 & 15
                    if k > 63:
                        k = 65
                        break
                    coefficients[first + order[k & 63]] = value
                    last = k
                    k += 1
                if 32 * p - bits > stop:
                    state[0] = stop
                    return TRUNCATED
                if k > 64:
                    state[0] = 32 * p - bits
                    return BAD_VALUE
                extents[block] = last
        state[0] = 32 * p - bits
        if part + 1 < parts and stop - state[0] > 7:
            return BAD_VALUE  # the interval holds more than its MCUs
    return total


@kernel("jpegdct.decode_progressive", clause="ISO 10918-1 G.1.2.1.1, G.1.2.2, G.1.2.3")
def decode_progressive(
    words: Cells,
    starts: Int64s,
    ends: Int64s,
    scan: Int64s,
    plan: Int64s,
    tables: Cells,
    order: Octets,
    coefficients: Cells,
    extents: bytearray,
    state: Int64s,
) -> int:
    """Decode any other scan of a progressive frame into what the scans before it gave.

    These are bands of AC coefficients, of one component, for the first time (Ah 0) or
    with one bit more, and the next bit of the DC coefficients (Ss 0). The arguments and
    the result are those of `decode_sequential`.
    """
    across = scan[0]
    total = scan[1]
    interval = scan[2]
    start = scan[3]
    end = scan[4]
    high = scan[5]
    low = scan[6]
    bit = 1 << low
    units = len(plan)
    parts = len(starts)
    if ends[parts - 1] > 32 * (len(words) - SLACK):
        return TRUNCATED
    mcu = 0
    for part in range(parts):
        state[1] = part
        p = starts[part]
        stop = ends[part]
        buffer = 0
        bits = 0
        eobrun = 0  # blocks, this one included, in which the band has no further new coefficient
        for mcu in range(part * interval, min(total, (part + 1) * interval)):
            y = mcu // across
            x = mcu - y * across
            for unit in range(0, units, UNIT):
                block = plan[unit] + x * plan[unit + 1] + y * plan[unit + 2]
                first = (block & INDEX) << 6
                table = plan[unit + 5] & INDEX
                last = i64(extents[block])
                k = start
                if start == 0:
                    if bits < 1:
                        buffer = i64(words[p & INDEX])
                        p += 1
                        bits = 32
                    bits -= 1
                    if buffer >> bits & 1:
                        coefficients[first] |= bit
                    k = end + 1
                while k <= end and eobrun == 0:
                    if bits < 16:
                        buffer = (buffer & 0xFFFF) << 32 | i64(words[p & INDEX])
                        p += 1
                        bits += 32
                    entry = tables[table + (buffer >> bits - LOOK & LOOK_MASK)]
                    if entry == 0:
                        entry = long_code(tables, table, buffer >> bits - 16 & 0xFFFF)
                        if entry == 0:
                            k = 65
                            break
                    bits -= entry & 31
                    value = entry >> 16
                    run = entry >> 9 & 15
                    size = entry >> 5 & 15
                    if bits < 16:
                        buffer = (buffer & 0xFFFF) << 32 | i64(words[p & INDEX])
                        p += 1
                        bits += 32
                    if value == 0 and size == 0 and run < 15:  # EOBn (G.1.2.2)
                        bits -= run
                        eobrun = (1 << run) + (buffer >> bits & (1 << run) - 1)
                        break
                    if value == 0 and size > 0:
                        bits -= size
                        value = buffer >> bits & (1 << size) - 1
                        if value >> size - 1 == 0:
                            value -= (1 << size) - 1
                    if high == 0:
                        k += run
                        if k > end or value > LARGEST >> low or -value > LARGEST >> low:
                            k = 65
                            break
                    else:
                        if value > 1 or value < -1:
                            k = 65
                            break
                        # Coefficients known already take a bit each and do not count (G.1.2.3).
                        while k <= end:
                            place = first + order[k & 63]
                            known = i64(coefficients[place])
                            if known:
                                if bits < 1:
                                    buffer = i64(words[p & INDEX])
                                    p += 1
                                    bits = 32
                                bits -= 1
                                if buffer >> bits & 1:
                                    coefficients[place] = known + (bit if known > 0 else -bit)
                            elif run == 0:
                                break
                            else:
                                run -= 1
                            k += 1
                        if k > end:
                            k = 65
                            break
                    if value:
                        coefficients[first + order[k & 63]] = value * bit
                        last = max(last, k)
                    k += 1
                if eobrun:
                    eobrun -= 1
                    while high and k <= end:
                        place = first + order[k & 63]
                        known = i64(coefficients[place])
                        if known:
                            if bits < 1:
                                buffer = i64(words[p & INDEX])
                                p += 1
                                bits = 32
                            bits -= 1
                            if buffer >> bits & 1:
                                coefficients[place] = known + (bit if known > 0 else -bit)
                        k += 1
                if 32 * p - bits > stop:
                    state[0] = stop
                    return TRUNCATED
                if k > 64:
                    state[0] = 32 * p - bits
                    return BAD_VALUE
                extents[block] = last
        state[0] = 32 * p - bits
        if eobrun or (part + 1 < parts and stop - state[0] > 7):
            return BAD_VALUE  # the interval holds more than its MCUs
    return total
