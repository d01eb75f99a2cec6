"""DCT-based JPEG as ISO 10918-1 says it, with the transform in floating point.

Coefficients are chosen, not found: the caller gives an image, and gets the code stream
of its quantised coefficients and the image that these are.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conformance.generate.coders.bits import BitWriter
from conformance.generate.coders.lossless import codes_of

__all__ = ["ZIGZAG", "Parameters", "encode", "inverse", "quantised", "rounded"]

Blocks: TypeAlias = "NDArray[np.int64]"
"""Rows of blocks of 8 x 8 coefficients: shape (down, across, 8, 8)."""

ZIGZAG = sorted(
    ((y, x) for y in range(8) for x in range(8)),
    key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1]),
)
"""Place of each coefficient in the order of the stream (Figure A.6)."""

_COSINES = np.array(
    [[np.cos((2 * x + 1) * u * np.pi / 16) * (np.sqrt(0.125) if u == 0 else 0.5)
      for x in range(8)] for u in range(8)]
)  # fmt: skip

DC_LENGTHS = (2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
"""Code lengths of the sizes 0 to 15, as of Table K.3, and longer ones for 12 bits."""


@dataclass(frozen=True)
class Parameters:
    """What an encoder may choose; `sampling` is (H, V) of the first of three components."""

    bits: int = 8
    step: int = 4
    sampling: tuple[int, int] = (1, 1)
    restart: int = 0
    progressive: bool = False
    extended: bool = False
    adobe: int | None = None
    ids: tuple[int, int, int] = (1, 2, 3)


def rounded(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the nearest integers; halves go up even if the last bits of them are missing."""
    made: NDArray[np.int64] = np.floor(numbers + (0.5 + 1e-6)).astype(np.int64)
    return made


def quantised(plane: NDArray[np.int64], bits: int, table: NDArray[np.int64]) -> Blocks:
    """Return quantised coefficients of whole blocks (A.3.3, A.3.4)."""
    down, across = plane.shape[0] // 8, plane.shape[1] // 8
    shifted = plane.astype(np.float64) - (1 << bits - 1)
    blocks = shifted.reshape(down, 8, across, 8).swapaxes(1, 2)
    made: Blocks = rounded(_COSINES @ blocks @ _COSINES.T / table)
    return made


def inverse(blocks: Blocks, bits: int, table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the samples that coefficients are, neither rounded nor clipped."""
    samples = _COSINES.T @ (blocks * table).astype(np.float64) @ _COSINES
    down, across = blocks.shape[:2]
    rows: NDArray[np.float64] = samples.swapaxes(1, 2).reshape(8 * down, 8 * across)
    return rows + (1 << bits - 1)


def _ac_lengths() -> tuple[dict[int, int], list[int]]:
    """Return the length of each AC symbol: 8 bits, or 16 for the rare ones, and their order."""
    common = [0, 0xF0] + [run << 4 | size for run in range(16) for size in range(1, 16)]
    common.sort(key=lambda symbol: ((symbol >> 4) + 2 * (symbol & 15), symbol))
    lengths = {symbol: 8 if k < 120 else 12 for k, symbol in enumerate(common)}
    return lengths, sorted(common, key=lambda symbol: (lengths[symbol], symbol))


AC_LENGTHS, _AC_ORDER = _ac_lengths()


def ac_codes() -> dict[int, tuple[int, int]]:
    """Return code and length of each AC symbol."""
    lengths = tuple(AC_LENGTHS[symbol] for symbol in _AC_ORDER)
    return dict(zip(_AC_ORDER, codes_of(lengths), strict=True))


_DC = codes_of(DC_LENGTHS)
_AC = ac_codes()


def _put_number(out: BitWriter, value: int, size: int) -> None:
    out.put(value if value >= 0 else value + (1 << size) - 1, size)


def put_dc(out: BitWriter, difference: int) -> None:
    """Write a DC difference (F.1.2.1)."""
    size = abs(difference).bit_length()
    out.put(*_DC[size])
    _put_number(out, difference, size)


def put_ac(out: BitWriter, block: NDArray[np.int64], start: int = 1, end: int = 63) -> None:
    """Write AC coefficients of a band (F.1.2.2)."""
    values = [int(block[ZIGZAG[k]]) for k in range(start, end + 1)]
    while values and values[-1] == 0:
        values.pop()
    run = 0
    for value in values:
        if value == 0:
            run += 1
            continue
        while run > 15:
            out.put(*_AC[0xF0])
            run -= 16
        size = abs(value).bit_length()
        out.put(*_AC[run << 4 | size])
        _put_number(out, value, size)
        run = 0
    if len(values) < end - start + 1:
        out.put(*_AC[0])


def _marker(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def _tables(table: NDArray[np.int64]) -> bytes:
    quantisation = bytes(int(table[at]) for at in ZIGZAG)
    dc_bits = bytes(sum(each == length for each in DC_LENGTHS) for length in range(1, 17))
    dc = dc_bits + bytes(sorted(range(16), key=lambda symbol: (DC_LENGTHS[symbol], symbol)))
    ac_bits = bytes(sum(each == length for each in AC_LENGTHS.values()) for length in range(1, 17))
    ac = ac_bits + bytes(_AC_ORDER)
    return (
        _marker(0xDB, b"\0" + quantisation)
        + _marker(0xC4, b"\0" + dc)
        + _marker(0xC4, b"\x10" + ac)
    )


def _padded(plane: NDArray[np.int64], rows: int, columns: int) -> NDArray[np.int64]:
    below, right = rows - plane.shape[0], columns - plane.shape[1]
    return np.pad(plane, ((0, below), (0, right)), mode="edge")


def encode(pixels: NDArray[np.int64], parameters: Parameters) -> tuple[bytes, NDArray[np.float64]]:
    """Return a code stream and the image that its coefficients are.

    The chrominance of subsampled components is taken at the first sample of each group,
    and repeated in the image.
    """
    several = pixels.ndim == 3
    planes = [pixels[..., c] for c in range(pixels.shape[2])] if several else [pixels]
    rows, columns = planes[0].shape
    H, V = parameters.sampling if several else (1, 1)
    table = np.full((8, 8), parameters.step, np.int64)
    mcu_rows, mcu_columns = -(-rows // (8 * V)), -(-columns // (8 * H))
    every: list[_Component] = []
    images: list[NDArray[np.float64]] = []
    for c, plane in enumerate(planes):
        h, v = (H, V) if c == 0 else (1, 1)
        sub = plane[:: V // v, :: H // h]
        blocks = quantised(_padded(sub, 8 * v * mcu_rows, 8 * h * mcu_columns), parameters.bits,
                           table)  # fmt: skip
        every.append((blocks, h, v))
        image = inverse(blocks, parameters.bits, table)
        whole = image.repeat(V // v, 0).repeat(H // h, 1)
        images.append(whole[:rows, :columns])
    code = 0xC2 if parameters.progressive else 0xC1 if parameters.extended else 0xC0
    stream = b"\xff\xd8"
    if parameters.adobe is not None:
        stream += _marker(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([parameters.adobe]))
    stream += _tables(table)
    head = struct.pack(">BHHB", parameters.bits, rows, columns, len(planes))
    ids = parameters.ids
    parts = b"".join(bytes([ids[c], h << 4 | v, 0]) for c, (_, h, v) in enumerate(every))
    stream += _marker(code, head + parts)
    if parameters.restart:
        stream += _marker(0xDD, struct.pack(">H", parameters.restart))
    if parameters.progressive:
        stream += _progressive(every, ids, rows, columns, (H, V))
    else:
        stream += _sequential(every, ids, parameters, mcu_rows, mcu_columns)
    made: NDArray[np.float64] = np.stack(images, -1) if several else images[0]
    return stream + b"\xff\xd9", made


_Component: TypeAlias = "tuple[Blocks, int, int]"


def _units(each: _Component, y: int, x: int) -> list[NDArray[np.int64]]:
    blocks, h, v = each
    return [blocks[y * v + j, x * h + i] for j in range(v) for i in range(h)]


def _sequential(
    every: list[_Component], ids: tuple[int, ...], parameters: Parameters, down: int, across: int
) -> bytes:
    parts = b"".join(bytes([ids[c], 0]) for c in range(len(every)))
    made = _marker(0xDA, bytes([len(every)]) + parts + b"\0\x3f\0")
    out, before = BitWriter(), [0] * len(every)
    for mcu in range(down * across):
        if parameters.restart and mcu and mcu % parameters.restart == 0:
            made += out.jpeg() + bytes([0xFF, 0xD0 + (mcu // parameters.restart - 1) % 8])
            out, before = BitWriter(), [0] * len(every)
        for c, each in enumerate(every):
            for block in _units(each, *divmod(mcu, across)):
                put_dc(out, int(block[0, 0]) - before[c])
                before[c] = int(block[0, 0])
                put_ac(out, block)
    return made + out.jpeg()


def _groups(count: int, size: int) -> int:
    """Return how many groups of a size hold so many."""
    return -(-count // size)


def _progressive(
    every: list[_Component], ids: tuple[int, ...], rows: int, columns: int, most: tuple[int, int]
) -> bytes:
    """Return a scan of all DC coefficients, then each component's bands (G.1.2)."""
    parts = b"".join(bytes([ids[c], 0]) for c in range(len(every)))
    made = _marker(0xDA, bytes([len(every)]) + parts + b"\0\0\0")
    out, before = BitWriter(), [0] * len(every)
    down = every[0][0].shape[0] // every[0][2]
    across = every[0][0].shape[1] // every[0][1]
    for mcu in range(down * across):
        for c, each in enumerate(every):
            for block in _units(each, *divmod(mcu, across)):
                put_dc(out, int(block[0, 0]) - before[c])
                before[c] = int(block[0, 0])
    made += out.jpeg()
    for c, (blocks, h, v) in enumerate(every):
        high = _groups(_groups(rows * v, most[1]), 8)
        wide = _groups(_groups(columns * h, most[0]), 8)
        for start, end in ((1, 5), (6, 63)):
            made += _marker(0xDA, bytes([1, ids[c], 0, start, end, 0]))
            out = BitWriter()
            for y in range(high):
                for x in range(wide):
                    put_ac(out, blocks[y, x], start, end)
            made += out.jpeg()
    return made
