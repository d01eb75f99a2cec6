"""Lossless JPEG as ISO 10918-1 Annex H says it, one sample after the other."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conformance.generate.coders.bits import BitWriter

__all__ = ["EVEN", "STEEP", "Parameters", "codes_of", "differences", "encode"]

EVEN = (5,) * 17
"""Code lengths of SSSS 0 to 16: all alike."""
STEEP = (2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
"""From short codes to those of 16 bits."""


@dataclass(frozen=True)
class Parameters:
    """What an encoder may choose; `restart` is in rows."""

    bits: int
    predictor: int = 1
    transform: int = 0
    restart: int = 0
    lengths: tuple[int, ...] = STEEP
    interleaved: bool = True


def codes_of(lengths: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return code and length of each symbol (C.2)."""
    made: dict[int, tuple[int, int]] = {}
    code = 0
    for length in range(1, 17):
        for symbol, each in enumerate(lengths):
            if each == length:
                made[symbol] = (code, length)
                code += 1
        code <<= 1
    return [made[symbol] for symbol in range(len(lengths))]


def table(lengths: tuple[int, ...]) -> bytes:
    """Return BITS and HUFFVAL (B.2.4.2)."""
    bits = bytes(sum(each == length for each in lengths) for length in range(1, 17))
    symbols = sorted(range(len(lengths)), key=lambda symbol: (lengths[symbol], symbol))
    return bits + bytes(symbols)


def differences(plane: NDArray[np.int64], parameters: Parameters) -> list[int]:
    """Return the differences of one component, -32767 to 32768 (H.1.2.1)."""
    samples = plane >> parameters.transform
    rows, columns = samples.shape
    made = []
    for y in range(rows):
        first = y % parameters.restart == 0 if parameters.restart else y == 0
        for x in range(columns):
            Ra = int(samples[y, x - 1]) if x else 0
            Rb = int(samples[y - 1, x]) if not first else 0
            Rc = int(samples[y - 1, x - 1]) if x and not first else 0
            if x == 0:
                Px = 1 << (parameters.bits - parameters.transform - 1) if first else Rb
            elif first:
                Px = Ra
            else:
                Px = (
                    0, Ra, Rb, Rc, Ra + Rb - Rc, Ra + ((Rb - Rc) >> 1), Rb + ((Ra - Rc) >> 1),
                    (Ra + Rb) >> 1,
                )[parameters.predictor]  # fmt: skip
            difference = (int(samples[y, x]) - Px) & 0xFFFF
            made.append(difference if difference <= 32768 else difference - 65536)
    return made


def _put(out: BitWriter, difference: int, codes: list[tuple[int, int]]) -> None:
    size = abs(difference).bit_length()
    out.put(*codes[size])
    if size < 16:
        out.put(difference if difference >= 0 else difference + (1 << size) - 1, size)


def _marker(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def encode(pixels: NDArray[np.int64], parameters: Parameters) -> bytes:
    """Return a code stream (H.1)."""
    planes = [pixels[..., c] for c in range(pixels.shape[2])] if pixels.ndim == 3 else [pixels]
    rows, columns = planes[0].shape
    parts = b"".join(bytes([c + 1, 0x11, 0]) for c in range(len(planes)))
    stream = b"\xff\xd8"
    head = struct.pack(">BHHB", parameters.bits, rows, columns, len(planes))
    stream += _marker(0xC3, head + parts)
    stream += _marker(0xC4, b"\0" + table(parameters.lengths))
    if parameters.restart:
        within = columns  # one MCU is one sample of each component of a scan
        stream += _marker(0xDD, struct.pack(">H", parameters.restart * within))
    codes = codes_of(parameters.lengths)
    every = [differences(plane, parameters) for plane in planes]
    interleaved = parameters.interleaved
    groups = [list(range(len(planes)))] if interleaved else [[c] for c in range(len(planes))]
    step = (parameters.restart or rows) * columns
    for group in groups:
        parts = b"".join(bytes([c + 1, 0]) for c in group)
        body = bytes([len(group)]) + parts
        stream += _marker(0xDA, body + bytes([parameters.predictor, 0, parameters.transform]))
        for k, begin in enumerate(range(0, rows * columns, step)):
            out = BitWriter()
            for at in range(begin, min(begin + step, rows * columns)):
                for c in group:
                    _put(out, every[c][at], codes)
            stream += (bytes([0xFF, 0xD0 + (k - 1) % 8]) if k else b"") + out.jpeg()
    return stream + b"\xff\xd9"
