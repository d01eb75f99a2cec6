"""Writes DCT-based JPEG streams of any form from coefficients, slowly and plainly.

What encoders at hand do not write can be tested with these: odd sampling, scans of single
components, codes of 16 bits, and progressions of any order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from struct import pack

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.jpeg.huffman import HuffmanSpec

Blocks = NDArray[np.int64]
Symbols = list[tuple[int, str, int]]
"""Symbol (-1 for bits alone, -2 for a restart), the bits after its code, class and table."""


def spec(rng: np.random.Generator, symbols: int) -> HuffmanSpec:
    """Return a table of all symbols below a number, whose codes have very different lengths."""
    sizes = [2, 3, 4, 5, 6, 7, 8] if symbols > 16 else [2, 3, 4, 5]
    counts = [sizes.count(size) for size in range(1, 17)]
    left = symbols - sum(counts)
    room = (1 << 16) - sum(count << 16 - size for size, count in enumerate(counts, 1))
    for size in range(16, 5, -1):
        # as many codes of this size as still leave room for the rest at 16 bits
        taken = left if size == 16 else 0
        counts[size - 1] += taken
        left -= taken
        room -= taken << 16 - size
    assert left == 0
    assert room > 0
    return HuffmanSpec(bytes(counts), bytes(rng.permutation(symbols).astype(np.uint8)))


@dataclass
class Part:
    """One component: sampling, quantisation in zigzag order, blocks in zigzag order."""

    h: int
    v: int
    table: list[int]
    blocks: Blocks


@dataclass
class Pass:
    """One scan."""

    parts: tuple[int, ...]
    start: int = 0
    end: int = 63
    high: int = 0
    low: int = 0


@dataclass
class Picture:
    """A frame to be written."""

    rows: int
    columns: int
    parts: list[Part]
    precision: int = 8
    interval: int = 0
    marker: int = 0xC0
    seed: int = 0
    with_lines: bool = False
    extra: list[bytes] = field(default_factory=list)

    def mcus(self) -> tuple[int, int]:
        h = max(part.h for part in self.parts)
        v = max(part.v for part in self.parts)
        return -(-self.columns // (8 * h)), -(-self.rows // (8 * v))

    def stream(self, passes: list[Pass]) -> bytes:
        rng = np.random.default_rng(self.seed)
        specs = [[spec(rng, 16), spec(rng, 256)] for _ in range(2)]
        out = [b"\xff\xd8", *self.extra]
        for index, part in enumerate(self.parts):
            wide = max(part.table) > 255
            body = pack(">64H" if wide else ">64B", *part.table)
            out.append(_segment(0xDB, bytes((wide << 4 | index,)) + body))
        lines = 0 if self.with_lines else self.rows
        frame = pack(">BHHB", self.precision, lines, self.columns, len(self.parts))
        for index, part in enumerate(self.parts):
            frame += bytes((index + 1, part.h << 4 | part.v, index))
        out.append(_segment(self.marker, frame))
        for number, pair in enumerate(specs):
            for kind, table in enumerate(pair):
                head = bytes((kind << 4 | number,))
                out.append(_segment(0xC4, head + table.counts + table.values))
        if self.interval:
            out.append(_segment(0xDD, pack(">H", self.interval)))
        for number, one in enumerate(passes):
            names = b"".join(bytes((i + 1, 0x11 * (i % 2))) for i in one.parts)
            bounds = bytes((one.start, one.end, one.high << 4 | one.low))
            out.append(_segment(0xDA, bytes((len(one.parts),)) + names + bounds))
            out.append(_bits(self.symbols(one), specs))
            if self.with_lines and number == 0:
                out.append(_segment(0xDC, pack(">H", self.rows)))
        return b"".join([*out, b"\xff\xd9"])

    def units(self, one: Pass) -> list[list[tuple[int, Blocks]]]:
        """Return the blocks of each MCU, with the component of each."""
        if len(one.parts) == 1:
            part = self.parts[one.parts[0]]
            most_h, most_v = (max(getattr(p, n) for p in self.parts) for n in "hv")
            wide = ceil(ceil(self.columns * part.h / most_h) / 8)
            high = ceil(ceil(self.rows * part.v / most_v) / 8)
            return [
                [(one.parts[0], part.blocks[y, x])] for y in range(high) for x in range(wide)
            ]  # fmt: skip
        across, down = self.mcus()
        return [
            [
                (index, part.blocks[y * part.v + row, x * part.h + column])
                for index in one.parts
                for part in [self.parts[index]]
                for row in range(part.v)
                for column in range(part.h)
            ]
            for y in range(down)
            for x in range(across)
        ]

    def symbols(self, one: Pass) -> Symbols:
        out: Symbols = []
        before: Counter[int] = Counter()
        band = _Band(one)
        for number, mcu in enumerate(self.units(one)):
            if self.interval and number and number % self.interval == 0:
                band.flush(out)
                out.append((-2, "", 0))
                before.clear()
            for index, block in mcu:
                if one.start == 0 and one.high:
                    out.append((-1, str(int(block[0]) >> one.low & 1), 0))
                    continue
                if one.start == 0:
                    dc = int(block[0]) >> one.low
                    out.append(_number(0, dc - before[index], index % 2))
                    before[index] = dc
                if one.end and self.marker != 0xC2:
                    _sequential(out, block, 2 + index % 2)
                elif one.end:
                    band.code(out, block, 2 + index % 2)
        band.flush(out)
        return out


def _segment(marker: int, content: bytes) -> bytes:
    return pack(">BBH", 255, marker, len(content) + 2) + content


def _number(run: int, value: int, table: int) -> tuple[int, str, int]:
    size = abs(value).bit_length()
    bits = format(value if value > 0 else value + (1 << size) - 1, f"0{size}b") if size else ""
    return run << 4 | size, bits, table


def _sequential(out: Symbols, block: Blocks, table: int) -> None:
    run = 0
    for value in block[1:].tolist():
        if value == 0:
            run += 1
            continue
        while run > 15:
            out.append((0xF0, "", table))
            run -= 16
        out.append(_number(run, value, table))
        run = 0
    if run:
        out.append((0, "", table))


@dataclass
class _Band:
    """Codes a band of AC coefficients of a progressive scan (ISO 10918-1 G.1.2.2, G.1.2.3)."""

    one: Pass
    blocks: int = 0
    corrections: str = ""
    table: int = 2

    def flush(self, out: Symbols) -> None:
        if self.blocks:
            size = self.blocks.bit_length() - 1
            bits = format(self.blocks - (1 << size), f"0{size}b") if size else ""
            out.append((size << 4, bits + self.corrections, self.table))
        self.blocks, self.corrections = 0, ""

    def code(self, out: Symbols, block: Blocks, table: int) -> None:
        self.table = table
        one = self.one
        values = [int(v) for v in block[one.start : one.end + 1]]
        sizes = [abs(v) >> one.low for v in values]
        new = [k for k, m in enumerate(sizes) if m and (one.high == 0 or m == 1)]
        run, fixes = 0, ""
        for k, (value, size) in enumerate(zip(values, sizes, strict=True)):
            if new and k <= new[-1]:
                self.flush(out)
            if one.high and size > 1:
                fixes += str(size & 1)
            elif size == 0:
                run += 1
                if run == 16 and new and k < new[-1]:
                    out.append((0xF0, fixes, table))
                    run, fixes = 0, ""
            else:
                symbol, bits, _ = _number(run, size if value > 0 else -size, table)
                out.append((symbol, bits + fixes, table))
                run, fixes = 0, ""
        if run or fixes:
            self.blocks += 1
            self.corrections += fixes
            if self.blocks == 0x7FFF:
                self.flush(out)


def _bits(symbols: Symbols, specs: list[list[HuffmanSpec]]) -> bytes:
    codes = {}
    for number in range(4):
        chosen = specs[number % 2][number // 2]
        for (code, size), value in zip(chosen.codes(), chosen.values, strict=True):
            codes[number, value] = format(code, f"0{size}b")
    out, text, restarts = b"", "", 0
    for symbol, bits, table in symbols:
        if symbol == -2:
            out += _octets(text) + bytes((255, 0xD0 + restarts % 8))
            text = ""
            restarts += 1
        else:
            text += (codes[table, symbol] if symbol >= 0 else "") + bits
    return out + _octets(text)


def _octets(text: str) -> bytes:
    text += "1" * (-len(text) % 8)
    octets = bytes(int(text[p : p + 8], 2) for p in range(0, len(text), 8))
    return octets.replace(b"\xff", b"\xff\x00")


def picture(
    rng: np.random.Generator,
    rows: int,
    columns: int,
    factors: list[tuple[int, int]],
    *,
    precision: int = 8,
    interval: int = 0,
    marker: int = 0xC0,
) -> Picture:
    """Return a picture of random coefficients, none of which is out of any decoder's range."""
    made = Picture(
        rows, columns, [Part(h, v, [], np.zeros((0, 0, 64), np.int64)) for h, v in factors],
        precision, interval, marker, seed=int(rng.integers(1 << 30)),
    )  # fmt: skip
    across, down = made.mcus()
    scale = 1 << precision - 8
    for part in made.parts:
        part.table = rng.integers(1, 40, 64).tolist()
        shape = (down * part.v, across * part.h, 64)
        values = rng.integers(-100 * scale, 100 * scale, shape)
        values[..., 0] = rng.integers(-1000 * scale, 1000 * scale, shape[:2])
        keep = rng.random(shape) < rng.choice([0.0, 0.03, 0.2, 0.6], (*shape[:2], 1))
        keep[..., 0] = True
        values = np.where(keep, values, 0)
        part.blocks = np.trunc(values / np.array(part.table)).astype(np.int64)
    return made
