"""Entropy coding of DCT coefficients in one sequential scan (ISO 10918-1 F.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.kernels.dialect import helper, i64, zeros
from pydcm.kernels.jpegdct_transform import INDEX
from pydcm.kernels.registry import kernel
from pydcm.kernels.status import BAD_VALUE, OUTPUT_FULL

if TYPE_CHECKING:
    from pydcm.kernels.dialect import Cells, Int64s, Octets

__all__ = ["encode_scan"]

UNIT = 6
"""Cells of `plan` for each data unit."""
ROOM = 512
"""Octets that a block may take: 64 codes of 16 bits with numbers of 15, all octets stuffed."""


@helper
def size_of(value: int) -> int:
    """Return SSSS: how many bits a number needs, besides its sign (ISO 10918-1 Table F.1)."""
    size = 0
    value = abs(value)
    while value:
        value >>= 1
        size += 1
    return size


@kernel("jpegdct.encode_scan", clause="ISO 10918-1 F.1.2, F.1.2.3")
def encode_scan(
    coefficients: Cells,
    scan: Int64s,
    plan: Int64s,
    codes: Cells,
    order: Octets,
    dst: bytearray,
) -> int:
    """Write the entropy-coded data of a scan, with restart markers and stuffed zeros.

    Parameters
    ----------
    coefficients : cells of 16 bits
        64 for each block, in rows of frequencies.
    scan : array of int
        MCUs in a row, MCUs in all, MCUs in a restart interval.
    plan : array of int
        Six numbers for each data unit of an MCU: the block that it is in the first MCU, how
        many blocks further it is in the next MCU and in the next row of MCUs, its component
        in the scan (0 to 3), and where in `codes` its DC and its AC table begin.
    codes : cells
        Huffman tables of 256 cells: size and code (in the low 16 bits) of each value; 0 where
        a value has no code.
    order : bytes
        Place in a block for each zigzag index.
    dst : bytearray
        Takes the data.

    Returns
    -------
    int
        The octets written; `OUTPUT_FULL` if there may not be room for them; `BAD_VALUE` if a
        table lacks a code.
    """
    across = scan[0]
    interval = scan[2]
    predictions = zeros(4)
    buffer = 0
    bits = 0
    q = 0
    for mcu in range(scan[1]):
        y = mcu // across
        x = mcu - y * across
        if mcu > 0 and mcu % interval == 0:
            if q + 8 > len(dst):
                return OUTPUT_FULL
            if bits:  # ones to the end of the octet (F.1.2.3)
                octet = buffer << 8 - bits & 255 | 255 >> bits
                dst[q] = octet
                q += 1
                if octet == 255:
                    dst[q] = 0
                    q += 1
            dst[q] = 255
            dst[q + 1] = 208 + (mcu // interval - 1) % 8
            q += 2
            bits = 0
            for component in range(4):
                predictions[component] = 0
        for unit in range(0, len(plan), UNIT):
            if q + ROOM > len(dst):
                return OUTPUT_FULL
            first = (plan[unit] + x * plan[unit + 1] + y * plan[unit + 2] & INDEX) << 6
            component = plan[unit + 3]
            table = plan[unit + 4]
            value = i64(coefficients[first]) - predictions[component]
            predictions[component] = coefficients[first]
            last = 63
            while last > 0 and coefficients[first + order[last]] == 0:
                last -= 1
            run = 0
            k = 0
            while k < 64:  # each turn writes one code, and the number that it announces
                if k > last:
                    value = 0
                    run = 0  # with a size of 0 it is EOB
                    k = 63
                elif k > 0:
                    run = 0
                    while run < 15 and coefficients[first + order[k]] == 0:
                        run += 1
                        k += 1
                    value = i64(coefficients[first + order[k]])  # 0 after 15 zeros: ZRL
                size = size_of(value)
                symbol = run << 4 | size
                code = i64(codes[table + symbol]) if size < 16 else 0
                if code == 0:
                    return BAD_VALUE
                if value < 0:
                    value += (1 << size) - 1
                buffer = (buffer << (code >> 16) | code & 0xFFFF) << size | value
                bits += (code >> 16) + size
                while bits > 7:
                    bits -= 8
                    octet = buffer >> bits & 255
                    dst[q] = octet
                    q += 1
                    if octet == 255:
                        dst[q] = 0
                        q += 1
                buffer &= 255
                table = plan[unit + 5]
                k += 1
    if q + 8 > len(dst):
        return OUTPUT_FULL
    if bits:
        octet = buffer << 8 - bits & 255 | 255 >> bits
        dst[q] = octet
        q += 1
        if octet == 255:
            dst[q] = 0
            q += 1
    return q
