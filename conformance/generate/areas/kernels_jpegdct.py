"""Kernels of the discrete cosine transform and of sampling, called directly.

The standard leaves the arithmetic of the transform open (ISO 10918-1 A.3.3); the kernels
say that theirs is the accurate integer method of the Independent JPEG Group. It is
written here as that group describes it: by the factors of Loeffler, Ligtenberg and
Moschytz, where the kernels have one product for each term.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conformance.generate.images import noise
from conformance.generate.writing import Area, Given

__all__ = ["KERNEL_AREAS"]

Numbers = Sequence[int]


def _fixed(value: float) -> int:
    """Return a factor in 13 binary places."""
    return int(value * (1 << 13) + 0.5)


# --- the inverse transform ------------------------------------------------------


def _inverse_1d(x: Numbers, shift: int) -> list[int]:
    """Transform eight numbers back (the flow graph of figure 1, from right to left)."""
    z1 = (x[2] + x[6]) * _fixed(0.541196100)
    t2 = z1 - x[6] * _fixed(1.847759065)
    t3 = z1 + x[2] * _fixed(0.765366865)
    t0 = (x[0] + x[4]) << 13
    t1 = (x[0] - x[4]) << 13
    even = [t0 + t3, t1 + t2, t1 - t2, t0 - t3]
    a, b, c, d = x[7], x[5], x[3], x[1]
    z1, z2, z3, z4 = a + d, b + c, a + c, b + d
    z5 = (z3 + z4) * _fixed(1.175875602)
    a *= _fixed(0.298631336)
    b *= _fixed(2.053119869)
    c *= _fixed(3.072711026)
    d *= _fixed(1.501321110)
    z1 *= -_fixed(0.899976223)
    z2 *= -_fixed(2.562915447)
    z3 = z3 * -_fixed(1.961570560) + z5
    z4 = z4 * -_fixed(0.390180644) + z5
    odd = [d + z1 + z4, c + z2 + z3, b + z2 + z4, a + z1 + z3]
    half = 1 << shift - 1
    first = [(e + o + half) >> shift for e, o in zip(even, odd, strict=True)]
    return first + [(e - o + half) >> shift for e, o in zip(even[::-1], odd[::-1], strict=True)]


def _inverse(block: Numbers, table: Numbers, bits: int) -> list[list[int]]:
    """Return the samples of a block: columns first, then rows."""
    extra = 2 if bits == 8 else 1
    work = [[0] * 8 for _ in range(8)]
    for column in range(8):
        values = [block[8 * k + column] * table[8 * k + column] for k in range(8)]
        for row, value in enumerate(_inverse_1d(values, 13 - extra)):
            work[row][column] = value
    middle, top = 1 << bits - 1, (1 << bits) - 1
    return [
        [min(max(value + middle, 0), top) for value in _inverse_1d(row, 13 + extra + 3)]
        for row in work
    ]


# --- the forward transform ------------------------------------------------------


def _forward_1d(x: Numbers, left: int, shift: int) -> list[int]:
    """Transform eight numbers; multiply the even ones without factors by ``2 ** left``."""
    sums = [x[k] + x[7 - k] for k in range(4)]
    gaps = [x[k] - x[7 - k] for k in range(4)]
    a, b = sums[0] + sums[3], sums[1] + sums[2]
    c, d = sums[0] - sums[3], sums[1] - sums[2]
    half = 1 << shift - 1
    made = [0] * 8
    for place, value in ((0, a + b), (4, a - b)):
        made[place] = value << left if left >= 0 else (value + (1 << -left - 1)) >> -left
    z1 = (c + d) * _fixed(0.541196100)
    made[2] = (z1 + c * _fixed(0.765366865) + half) >> shift
    made[6] = (z1 - d * _fixed(1.847759065) + half) >> shift
    t7, t6, t5, t4 = gaps
    z1, z2, z3, z4 = t4 + t7, t5 + t6, t4 + t6, t5 + t7
    z5 = (z3 + z4) * _fixed(1.175875602)
    t4 *= _fixed(0.298631336)
    t5 *= _fixed(2.053119869)
    t6 *= _fixed(3.072711026)
    t7 *= _fixed(1.501321110)
    z1 *= -_fixed(0.899976223)
    z2 *= -_fixed(2.562915447)
    z3 = z3 * -_fixed(1.961570560) + z5
    z4 = z4 * -_fixed(0.390180644) + z5
    odd = {7: t4 + z1 + z3, 5: t5 + z2 + z4, 3: t6 + z2 + z3, 1: t7 + z1 + z4}
    for place, value in odd.items():
        made[place] = (value + half) >> shift
    return made


def _forward(samples: NDArray[np.int64], table: Numbers) -> list[int]:
    """Return the quantised coefficients of a block: rows first, then columns."""
    work = [_forward_1d([int(n) - 128 for n in row], 2, 11) for row in samples]
    made = [0] * 64
    for column in range(8):
        for row, value in enumerate(_forward_1d([line[column] for line in work], -2, 15)):
            step = 8 * table[8 * row + column]
            size = (abs(value) + step // 2) // step
            made[8 * row + column] = size if value >= 0 else -size
    return made


# --- sampling -------------------------------------------------------------------


def _doubled(src: NDArray[np.int64], vertical: int, horizontal: int) -> NDArray[np.int64]:
    """Return an image of twice the rows, columns, or both, by the triangle filter."""
    padded: NDArray[np.int64] = np.pad(src, 1, mode="edge")
    height, width = src.shape
    if vertical == 2:
        near = np.repeat(padded[1:-1], 2, axis=0)
        far = np.empty_like(near)
        far[0::2], far[1::2] = padded[:-2], padded[2:]
        rows = 3 * near + far
    else:
        rows = padded[1:-1]
    if horizontal == 1:
        rounding = np.arange(2 * height)[:, None] % 2 + 1
        single: NDArray[np.int64] = (rows[:, 1:-1] + rounding) >> 2
        return single
    here, left, right = rows[:, 1:-1], rows[:, :-2], rows[:, 2:]
    made = np.empty((len(rows), 2 * width), np.int64)
    down, up, shift = (8, 7, 4) if vertical == 2 else (1, 2, 2)
    made[:, 0::2] = (3 * here + left + down) >> shift
    made[:, 1::2] = (3 * here + right + up) >> shift
    return made


# --- the cases ------------------------------------------------------------------


def _pack(code: str, values: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(values)}{code}", *values)


def _view(code: str, values: Sequence[int]) -> dict[str, Given]:
    return {"kind": "view", "format": code, "octets": _pack(code, values)}


def _shape(*values: int) -> dict[str, Given]:
    return {"kind": "array", "format": "q", "octets": _pack("q", values)}


def _room(code: str, count: int, kind: str = "view") -> dict[str, Given]:
    return {"kind": kind, "format": code, "room": count}


def _blocks(count: int, seed: int, largest: int, zeros: int) -> list[list[int]]:
    """Return blocks by chance, all but one in `zeros` of the coefficients 0."""
    numbers = noise(2 * 64 * count, seed)
    made = []
    for b in range(count):
        chosen = numbers[128 * b : 128 * b + 128]
        made.append(
            [
                int(chosen[k]) // 64 % (2 * largest + 1) - largest
                if k == 0 or int(chosen[64 + k]) // 64 % zeros == 0
                else 0
                for k in range(64)
            ]
        )
    return made


_DIAGONAL = sorted(range(64), key=lambda at: (at // 8 + at % 8, at // 8 if (at // 8 + at % 8) % 2
                                              else at % 8))  # fmt: skip


def _extent(block: Numbers) -> int:
    return max((k for k, at in enumerate(_DIAGONAL) if block[at]), default=0)


def _inverses() -> list[tuple[str, list[list[int]], list[int], int]]:
    flat = [1] * 64
    steep = [1 + k % 8 + k // 8 for k in range(64)]
    made = []
    for bits in (8, 12):
        large = 1 << bits + 2
        made += [
            (f"noise-{bits}", _blocks(4, bits, large // 8, 4), flat, bits),
            (f"large-{bits}", _blocks(4, bits + 1, large - 1, 1), flat, bits),
            (f"sparse-{bits}", _blocks(4, bits + 2, large // 2, 20), steep, bits),
            (f"quantised-{bits}", _blocks(4, bits + 3, large // 16, 3), steep, bits),
            (f"large-steps-{bits}", _blocks(4, bits + 4, 40, 5), [255] * 64, bits),
        ]
        means = [[value * (1 << bits - 8)] + [0] * 63 for value in (-1030, -1020, 0, 5)]
        made.append((f"means-{bits}", means, flat, bits))
        means = [[value * (1 << bits - 8)] + [0] * 63 for value in (1011, 1016, 1030, -4)]
        made.append((f"means-above-{bits}", means, flat, bits))
        means = [[value] + [0] * 63 for value in (3, 4, 11, 12)]
        made.append((f"means-rounded-{bits}", means, flat, bits))
        # Coefficients alone: 64 blocks in four lots, so that each factor stands by itself.
        for lot in range(0, 64, 4):
            alone = []
            for at in range(lot, lot + 4):
                block = [0] * 64
                block[0], block[at] = 37, large - 3 if at % 2 else 5 - large
                alone.append(block)
            made.append((f"alone-{lot}-{bits}", alone, flat, bits))
    return made


def transforms() -> Area:
    """Return the cases of the transforms."""
    area = Area("kernel-jpegdct", "Kernels of the discrete cosine transform",
                "the flow graph of Loeffler, Ligtenberg and Moschytz (1989) in integers of 13 "
                "binary places")  # fmt: skip
    for name, blocks, table, bits in _inverses():
        _add_inverse(area, name, blocks, table, bits, (16, 16))
    blocks = _blocks(4, 77, 200, 6)
    for rows, columns in ((9, 9), (1, 1), (8, 15), (15, 8), (16, 11), (11, 16)):
        _add_inverse(area, f"part-{rows}-{columns}", blocks, [2] * 64, 8, (rows, columns))
        means = [[16 * k + 40] + [0] * 63 for k in range(4)]
        _add_inverse(area, f"means-part-{rows}-{columns}", means, [2] * 64, 8, (rows, columns))
    _add_inverse(area, "interleaved", blocks, [3] * 64, 8, (13, 14), step=3, at=2, margin=5)
    _add_inverse(area, "interleaved-12", blocks, [3] * 64, 12, (16, 16), step=2, at=1, margin=0)
    _add_inverse(area, "later-blocks", blocks, [3] * 64, 8, (16, 16), before=3, between=2)
    _forwards(area)
    return area


def _add_inverse(  # noqa: PLR0913  # what may differ from case to case
    area: Area, name: str, blocks: list[list[int]], table: list[int], bits: int,
    size: tuple[int, int], *, step: int = 1, at: int = 0, margin: int = 0,
    before: int = 0, between: int = 0,
) -> None:  # fmt: skip
    """Add a case of two rows of two blocks, of which `size` samples are wanted."""
    rows, columns = size
    empty = [7] * 64
    every = [empty] * before + blocks[:2] + [empty] * between + blocks[2:]
    samples = [_inverse(block, table, bits) for block in blocks]
    image = np.block([[np.array(samples[0]), np.array(samples[1])],
                      [np.array(samples[2]), np.array(samples[3])]])[:rows, :columns]  # fmt: skip
    stride = columns * step + margin
    code = "B" if bits == 8 else "H"
    cells = [0] * (at + rows * stride)
    for y in range(rows):
        for x in range(columns):
            cells[at + y * stride + x * step] = int(image[y, x])
    flat = [value for block in every for value in block]
    arguments: list[Given] = [
        _view("h", flat),
        {"kind": "bytearray", "format": "B", "octets": bytes(map(_extent, every))},
        _view("i", table), _shape(before, 2 + between, rows, columns, at, step, stride, bits),
        _room(code, len(cells)),
    ]  # fmt: skip
    area.add(f"inverse.{name}", "kernel", "jpegdct.inverse", "ISO 10918-1 A.3.3; ISO 10918-1 A.3.4",
             f"Samples of coefficients: {name}", {"arguments": arguments},
             {"result": rows * columns,
              "buffers": [{"argument": 4, "octets": _pack(code, cells)}]})  # fmt: skip


def _forwards(area: Area) -> None:
    grain = noise(64 * 12, 5) // 128 % 256
    images = {
        "noise": grain[:512].reshape(16, 32),
        "extremes": (grain[:256].reshape(16, 16) > 127) * 255,
        "ramp": (np.arange(256).reshape(16, 16) * 7) % 256,
        "black": np.zeros((8, 8), np.int64),
        "white": np.full((8, 8), 255),
        "edge": np.repeat([0, 255], 4)[None, :].repeat(8, 0),
    }
    for k in range(8):
        x = np.arange(8)
        wave = np.cos((2 * x + 1) * k * np.pi / 16)
        images[f"wave-{k}"] = np.rint(127.5 + 127 * np.outer(wave, np.roll(wave, k))).astype(int)
    tables = {"flat": [1] * 64, "steep": [1 + 3 * k for k in range(64)], "coarse": [255] * 64}
    for k in range(2):
        images[f"large-{k}"] = (noise(64 * 128, 31 + k) // 128 % 256).reshape(64, 128)
    for name, image in images.items():
        for what, table in tables.items():
            if name.startswith("large") and what != "flat":
                continue
            down, across = image.shape[0] // 8, image.shape[1] // 8
            blocks = [
                _forward(image[8 * y : 8 * y + 8, 8 * x : 8 * x + 8], table)
                for y in range(down) for x in range(across)
            ]  # fmt: skip
            placed = [0] * 64
            for y in range(down):
                row = blocks[y * across : (y + 1) * across]
                placed += [value for block in row for value in block] + [0] * 128
            arguments: list[Given] = [
                _view("B", [int(n) for n in image.flat]), _view("i", table),
                _shape(across, down, 1, across + 2), _room("h", len(placed)),
            ]  # fmt: skip
            area.add(f"forward.{name}-{what}", "kernel", "jpegdct.forward",
                     "ISO 10918-1 A.3.3; ISO 10918-1 A.3.4",
                     f"Coefficients of samples: {name}, {what} table", {"arguments": arguments},
                     {"result": down * across,
                      "buffers": [{"argument": 3, "octets": _pack("h", placed)}]})  # fmt: skip


def sampling() -> Area:
    """Return the cases of components of fewer samples than the image."""
    area = Area("kernel-jpegdct-sampling", "Kernels of components of fewer samples",
                "the triangle filter, and repetition, of whole images")  # fmt: skip
    for bits in (8, 12):
        for height, width in ((1, 1), (1, 5), (5, 1), (3, 4), (4, 7)):
            src = (noise(height * width, width + bits) // 64 % (1 << bits)).reshape(height, width)
            for vertical, horizontal in ((1, 2), (2, 1), (2, 2)):
                image = _doubled(src, vertical, horizontal)
                for less in (0, 1):
                    rows = vertical * height - less * (vertical - 1)
                    columns = horizontal * width - less * (horizontal - 1)
                    _add_sampled(area, "upsample", src, (vertical, horizontal),
                                 image[:rows, :columns], bits)  # fmt: skip
            for vertical, horizontal in ((1, 1), (1, 4), (4, 1), (3, 2), (1, 3)):
                image = np.kron(src, np.ones((vertical, horizontal), np.int64))
                for less in range(min(vertical * horizontal, 3)):
                    rows = vertical * height - min(less, vertical - 1)
                    columns = horizontal * width - min(less, horizontal - 1)
                    _add_sampled(area, "replicate", src, (vertical, horizontal),
                                 image[:rows, :columns], bits)  # fmt: skip
    return area


def _add_sampled(
    area: Area, kernel: str, src: NDArray[np.int64], times: tuple[int, int],
    image: NDArray[np.int64], bits: int,
) -> None:  # fmt: skip
    rows, columns = image.shape
    code = "B" if bits == 8 else "H"
    for at, step, margin in ((0, 1, 0), (2, 3, 4)):
        stride = columns * step + margin
        cells = [0] * (at + rows * stride)
        for y in range(rows):
            for x in range(columns):
                cells[at + y * stride + x * step] = int(image[y, x])
        shape = _shape(*src.shape, *times, rows, columns, at, step, stride)
        name = f"{kernel}.{src.shape[0]}x{src.shape[1]}-{times[0]}{times[1]}-{rows}x{columns}"
        area.add(f"{name}-{bits}-{step}", "kernel", f"jpegdct.{kernel}", "ISO 10918-1 A.1.1",
                 f"{src.shape[0]} by {src.shape[1]} samples to {rows} by {columns}",
                 {"arguments": [_view(code, [int(n) for n in src.flat]), shape,
                                _room(code, len(cells))]},
                 {"result": rows * columns,
                  "buffers": [{"argument": 2, "octets": _pack(code, cells)}]})  # fmt: skip


KERNEL_AREAS = (transforms, sampling)
"""What makes each area of this module."""
