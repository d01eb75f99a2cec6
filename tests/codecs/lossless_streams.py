"""Writes lossless JPEG streams of any form, slowly and plainly (ISO 10918-1 Annex H).

What encoders at hand do not write can be tested with these: a table for each component,
scans of some of the components, a point transform beside restarts.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.jpeg.huffman import HuffmanSpec

FLAT = HuffmanSpec(bytes([0, 0, 0, 0, 17] + [0] * 11), bytes(range(17)))
"""Five bits for each SSSS."""
STEEP = HuffmanSpec(bytes([1] * 15 + [2]), bytes(reversed(range(17))))
"""One bit for SSSS 16, 16 bits for 1 and 0."""


@dataclass(frozen=True)
class Pass:
    """One scan."""

    components: tuple[int, ...]
    predictor: int = 1
    low: int = 0
    tables: tuple[HuffmanSpec, ...] = (FLAT,)
    restart_rows: int = 0


def segment(marker: int, parameters: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(parameters) + 2) + parameters


def frame_header(
    rows: int, columns: int, count: int, precision: int, marker: int = 0xC3, sampling: int = 0x11
) -> bytes:
    parts = b"".join(bytes([number, sampling, 0]) for number in range(1, count + 1))
    return segment(marker, pack(">BHHB", precision, rows, columns, count) + parts)


def table(spec: HuffmanSpec, number: int = 0) -> bytes:
    return segment(0xC4, bytes([number]) + spec.counts + spec.values)


def scan_header(one: Pass) -> bytes:
    parts = b"".join(
        bytes([index + 1, min(k, len(one.tables) - 1) << 4])
        for k, index in enumerate(one.components)
    )
    count = bytes([len(one.components)])
    return segment(0xDA, count + parts + bytes([one.predictor, 0, one.low]))


def stream(pixels: NDArray[np.integer], precision: int, passes: list[Pass]) -> bytes:
    """Return a stream of ``[rows, columns, components]``."""
    rows, columns, count = pixels.shape
    found = b"\xff\xd8" + frame_header(rows, columns, count, precision)
    for one in passes:
        found += b"".join(table(spec, number) for number, spec in enumerate(one.tables))
        found += segment(0xDD, pack(">H", one.restart_rows * columns))
        found += scan_header(one) + coded(pixels, precision, one)
    return found + b"\xff\xd9"


def coded(pixels: NDArray[np.integer], precision: int, one: Pass) -> bytes:
    """Return the entropy-coded data of a scan, with restart markers."""
    rows = pixels.shape[0]
    step = one.restart_rows or rows
    found = b""
    for part, first in enumerate(range(0, rows, step)):
        if part:
            found += bytes([0xFF, 0xD0 + (part - 1) % 8])
        samples = pixels[first : first + step, :, list(one.components)].astype(int) >> one.low
        bits = _bits(samples, 1 << (precision - one.low - 1), one)
        bits += "1" * (-len(bits) % 8)
        octets = int(bits, 2).to_bytes(len(bits) // 8, "big") if bits else b""
        found += octets.replace(b"\xff", b"\xff\x00")
    return found


def _bits(samples: NDArray[np.int_], origin: int, one: Pass) -> str:
    found = []
    words = [
        {value: format(code, f"0{size}b") for (code, size), value in zip(
            spec.codes(), spec.values, strict=True
        )}
        for spec in one.tables
    ]  # fmt: skip
    rows, columns, count = samples.shape
    for y in range(rows):
        for x in range(columns):
            for k in range(count):
                x_y = samples[..., k]
                difference = int(x_y[y, x] - _prediction(x_y, y, x, origin, one.predictor))
                difference = (difference + 32767) % 65536 - 32767
                ssss = abs(difference).bit_length()
                found.append(words[min(k, len(words) - 1)][ssss])
                if 0 < ssss < 16:
                    value = difference if difference > 0 else difference + (1 << ssss) - 1
                    found.append(format(value, f"0{ssss}b"))
    return "".join(found)


def _prediction(samples: NDArray[np.int_], y: int, x: int, origin: int, predictor: int) -> int:
    if y == 0:
        return int(samples[y, x - 1]) if x else origin
    if x == 0:
        return int(samples[y - 1, x])
    a, b, c = int(samples[y, x - 1]), int(samples[y - 1, x]), int(samples[y - 1, x - 1])
    return [
        a, b, c, a + b - c, a + ((b - c) >> 1), b + ((a - c) >> 1), (a + b) >> 1
    ][predictor - 1]  # fmt: skip
