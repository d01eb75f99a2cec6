"""Lossless JPEG: differences of neighbours in Huffman codes (ISO 10918-1 Annex H).

Samples are cells of the frame, `samples` of them for each pixel. A scan codes `count`
of these, one after the other for each pixel. What the kernels must know of a scan is in
`plan`, by the indices below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydcm.kernels.dialect import i64, zeros
from pydcm.kernels.jpeglossless_rows import decode_row, decode_row_left, undo_row
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL, TRUNCATED

if TYPE_CHECKING:
    from array import array

    from pydcm.kernels.dialect import Cells, Int64s

__all__ = [
    "COMPONENTS",
    "COUNT",
    "INTERVAL",
    "ORIGIN",
    "PREDICTOR",
    "SAMPLES",
    "TABLES",
    "TOP",
    "WIDTH",
    "decode_scan",
    "encode_scan",
]

WIDTH: Final = 0  # X: pixels of a row
SAMPLES: Final = 1  # cells of a pixel
COUNT: Final = 2  # Ns: components of the scan
PREDICTOR: Final = 3  # Ss, 1 to 7 (Table H.1)
ORIGIN: Final = 4  # 2^(P - Pt - 1): what predicts the first sample (H.1.2.1)
INTERVAL: Final = 5  # rows between restarts
TOP: Final = 6  # the largest value of a cell
TABLES: Final = 7  # Huffman tables: 1 for all of the components, or one for each
COMPONENTS: Final = 8  # here, and in what follows, the cell of each component of the scan


@kernel("jpeglossless.decode_scan", clause="ISO 10918-1 H.2")
def decode_scan(
    words: Cells,
    starts: Int64s,
    ends: Int64s,
    short: Cells,
    full: Cells,
    plan: Int64s,
    dst: Cells,
    state: Int64s,
) -> int:
    """Decode the samples of one scan.

    Parameters
    ----------
    words : array of uint32
        Entropy-coded data without stuffed zeros, most significant bit first; two words
        of padding follow.
    starts, ends : array of int64
        The word that each restart interval begins with, and the bit it ends before.
    short : memoryview of int32
        What the next `SHORT_BITS` bits mean if all components share a table: one
        difference or two, or 0 if they hold less than one. From the low bits: 4 of
        how many bits are used; 1 of whether there are two; `SHORT_BITS` + 1 of the
        first difference, plus ``1 << SHORT_BITS``; the rest is the second.
    full : memoryview of uint16
        For each table, the meaning of the next 16 bits: ``length << 8 | SSSS``, 0 for
        no code.
    plan : array of int64
        The scan, see the indices above.
    dst : memoryview of uint8 or uint16
        Takes the samples, before the point transform is undone.
    state : array of int64
        Takes the interval that the decoder comes to, and how many of its bits are used.

    Returns
    -------
    int
        The samples decoded; `TRUNCATED` if an interval ends too early; `BAD_VALUE` for
        bits that are no code, and for samples that are larger than a cell. `dst` is then
        of no use.
    """
    count = plan[COUNT]
    interval = plan[INTERVAL]
    top = plan[TOP]
    tables = plan[TABLES]
    step = plan[SAMPLES]
    line = plan[WIDTH] * count
    pitch = plan[WIDTH] * step
    rows = len(dst) // pitch
    one = count == 1
    diff = zeros(line)
    w = i64(0)
    buffer = i64(0)
    bits = i64(0)
    part = i64(0)
    for row in range(rows):
        predictor = plan[PREDICTOR]
        if row % interval == 0:
            predictor = i64(0)  # nothing above counts
            part = i64(row // interval)
            w = i64(starts[part])
            buffer = i64(0)
            bits = i64(0)
        first = row * pitch
        left = one and predictor <= 1
        if left:
            q = first + plan[COMPONENTS]
            own = dst[q : first + pitch : step]
            ra = plan[ORIGIN] if predictor == 0 else i64(dst[q - pitch])
            seen, buffer, bits, w = decode_row_left(
                words, short, full, own, ra, top, buffer, bits, w
            )
        else:
            seen, buffer, bits, w = decode_row(words, short, full, tables, diff, buffer, bits, w)
        state[0] = part
        state[1] = max(0, 32 * (w - starts[part]) - bits)
        if w == 0 or 32 * w - bits > ends[part]:
            return TRUNCATED
        if seen > top:  # NO_CODE is larger than any sample
            return BAD_VALUE
        if not left:
            for k in range(count):
                q = first + plan[COMPONENTS + k]
                own = dst[q : first + pitch : step]
                above = own
                ra = plan[ORIGIN]
                if predictor > 0:
                    above = dst[q - pitch : first : step]
                    ra = i64(above[0])
                if undo_row(diff[k:line:count], above, own, predictor, ra, top) > top:
                    return BAD_VALUE
    return rows * line


@kernel("jpeglossless.encode_scan", clause="ISO 10918-1 H.1.2.2")
def encode_scan(
    diff: Cells, categories: bytes, codes: array[int], interval: int, dst: bytearray, ends: Int64s
) -> int:
    """Encode the differences of one scan.

    Parameters
    ----------
    diff : memoryview of int32
        -32767 to 32768, in the order of the scan.
    categories : bytes
        SSSS for magnitudes 0 to 32768.
    codes : array of int32
        ``size << 16 | code`` for each SSSS.
    interval : int
        Differences between restarts.
    dst : bytearray
        Takes the intervals, each padded with ones to whole octets, without stuffed
        zeros and without markers.
    ends : array of int64
        Takes where in `dst` each interval ends.

    Returns
    -------
    int
        The octets written; `OUTPUT_FULL` if `dst` is too small.
    """
    room = len(dst) - 8
    buffer = i64(0)
    bits = i64(0)
    q = i64(0)
    part = i64(0)
    left = i64(interval)
    last = len(diff) - 1
    for i in range(last + 1):
        d = i64(diff[i])
        if d < 0:
            ssss = i64(categories[-d])
            d += (1 << ssss) - 1
        else:
            ssss = i64(categories[d])
        entry = i64(codes[ssss])
        if ssss == 16:  # its only difference, 32768, needs no bits
            ssss = i64(0)
            d = i64(0)
        size = (entry >> 16) + ssss
        buffer = buffer << size | (entry & 0xFFFF) << ssss | d
        bits += size
        if q > room:
            return OUTPUT_FULL
        while bits >= 16:
            bits -= 16
            dst[q] = buffer >> (bits + 8) & 255
            dst[q + 1] = buffer >> bits & 255
            q += 2
        buffer &= 0xFFFF  # what is above `bits` is shifted out before it counts
        left -= 1
        if left == 0 or i == last:
            buffer = buffer << 16 | 0xFFFF
            while bits > 0:
                dst[q] = buffer >> (bits + 8) & 255
                q += 1
                bits -= 8
            buffer = i64(0)
            bits = i64(0)
            ends[part] = q
            part += 1
            left = i64(interval)
    return q
