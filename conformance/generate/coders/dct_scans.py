"""Scans of DCT coefficients, sequential and progressive, as ISO 10918-1 F and G say them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.generate.coders.bits import BitWriter

__all__ = [
    "AC",
    "DC",
    "ZIGZAG",
    "Block",
    "Layout",
    "Unit",
    "known_bits",
    "progressive_bits",
    "put_ac",
    "put_number",
    "sequential_bits",
]

LOOK = 10
"""Bits that the decoding kernels look up at once."""
ZIGZAG = sorted(
    range(64), key=lambda at: (at // 8 + at % 8, at // 8 if (at // 8 + at % 8) % 2 else at % 8)
)
Block = list[int]
"""64 coefficients in rows of frequencies."""


# --- Huffman tables -------------------------------------------------------------


class Huffman:
    """Codes by symbol, from their lengths (ISO 10918-1 C.2)."""

    def __init__(self, lengths: dict[int, int]) -> None:
        self.order = sorted(lengths, key=lambda symbol: lengths[symbol])  # stable
        self.codes: dict[int, tuple[int, int]] = {}
        self.first: dict[int, tuple[int, int, int]] = {}
        code = 0
        for length in range(1, 17):
            here = [symbol for symbol in self.order if lengths[symbol] == length]
            begin, index = code, len(self.codes)
            for symbol in here:
                self.codes[symbol] = (code, length)
                code += 1
            self.first[length] = (begin, index, code)  # the last is past its codes
            code <<= 1

    def cells(self) -> list[int]:
        """Return the table as the decoding kernels read it."""
        look = [0] * (1 << LOOK)
        for symbol, (code, length) in self.codes.items():
            spare = LOOK - length
            run, size = symbol >> 4, symbol & 15
            for rest in range(1 << spare if spare >= 0 else 0):
                entry = run << 9 | size << 5 | length
                if 0 < size <= spare:
                    bits = rest >> spare - size
                    number = bits if bits >> size - 1 else bits - (1 << size) + 1
                    entry = number * 65536 + (run << 9 | length + size)
                look[code << spare | rest] = entry
        limits, offsets = [0], [0]
        for length in range(1, 17):
            begin, index, past = self.first[length]
            limits.append(past << 16 - length)
            offsets.append(index - begin)
        return look + limits + offsets + self.order + [0] * (256 - len(self.order))

    def encoding(self) -> list[int]:
        """Return the table as the encoding kernel reads it."""
        found = [0] * 256
        for symbol, (code, length) in self.codes.items():
            found[symbol] = length << 16 | code
        return found


DC = Huffman(dict(enumerate([2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16])))
_FREQUENT = [0x01, 0x00, 0x11, 0x02]
_REST = sorted((s for s in range(256) if s not in _FREQUENT), key=lambda s: (s >> 4) + 2 * (s & 15))
AC = Huffman(
    dict(zip(_FREQUENT, (2, 3, 4, 4), strict=True))
    | {symbol: 9 if k < 116 else 16 for k, symbol in enumerate(_REST)}
)
TABLE = len(DC.cells())


def put_number(out: BitWriter, value: int, size: int) -> None:
    """Write a number of as many bits as its size says (F.1.2.1)."""
    out.put(value if value >= 0 else value + (1 << size) - 1, size)


# --- encoders -------------------------------------------------------------------


class Unit(NamedTuple):
    """A data unit of an MCU: six numbers of the plan."""

    first: int
    across: int
    down: int
    component: int
    dc: int = 0
    ac: int = TABLE


@dataclass
class Layout:
    """How blocks make MCUs."""

    across: int
    down: int
    units: list[Unit]
    interval: int = 0

    @property
    def total(self) -> int:
        """MCUs in all."""
        return self.across * self.down

    @property
    def restart(self) -> int:
        """MCUs in a restart interval."""
        return self.interval or self.total

    def blocks(self, mcu: int) -> list[tuple[int, int]]:
        """Return block and component of each unit."""
        y, x = divmod(mcu, self.across)
        return [(u.first + x * u.across + y * u.down, u.component) for u in self.units]

    def parts(self) -> Iterator[list[tuple[int, int]]]:
        """Yield the blocks of each restart interval."""
        for begin in range(0, self.total, self.restart):
            end = min(begin + self.restart, self.total)
            yield [unit for mcu in range(begin, end) for unit in self.blocks(mcu)]


def put_ac(out: BitWriter, block: Block, end: int = 63) -> None:
    """Write the AC coefficients of a block (F.1.2.2)."""
    run = 0
    values = [block[ZIGZAG[k]] for k in range(1, end + 1)]
    while values and values[-1] == 0:
        values.pop()
    for value in values:
        if value == 0:
            run += 1
            continue
        while run > 15:
            out.put(*AC.codes[0xF0])
            run -= 16
        size = abs(value).bit_length()
        out.put(*AC.codes[run << 4 | size])
        put_number(out, value, size)
        run = 0
    if len(values) < end:
        out.put(*AC.codes[0])


def sequential_bits(layout: Layout, blocks: list[Block], end: int = 63, low: int = 0) -> list[str]:
    """Return the bits of each interval; the DC coefficients alone if `end` is 0."""
    made = []
    for part in layout.parts():
        out, before = BitWriter(), [0] * 4
        for place, component in part:
            value = blocks[place][0] >> low
            size = abs(value - before[component]).bit_length()
            out.put(*DC.codes[size])
            put_number(out, value - before[component], size)
            before[component] = value
            if end:
                put_ac(out, blocks[place], end)
        made.append(out.text())
    return made


@dataclass
class Band:
    """Encodes a band of one component, first or with one bit more (G.1.2.2, G.1.2.3)."""

    start: int
    end: int
    high: int
    low: int
    out: BitWriter = field(default_factory=BitWriter)
    eobrun: int = 0
    waiting: list[int] = field(default_factory=list)

    def flush(self) -> None:
        """Write the blocks that have nothing new, and the bits that belong to them."""
        if self.eobrun:
            size = self.eobrun.bit_length() - 1
            self.out.put(*AC.codes[size << 4])
            self.out.put(self.eobrun - (1 << size), size)
            self.eobrun = 0
        for bit in self.waiting:
            self.out.put(bit, 1)
        self.waiting = []

    def block(self, block: Block) -> None:
        """Write a block."""
        values = [block[ZIGZAG[k]] for k in range(self.start, self.end + 1)]
        sizes = [abs(value) >> self.low for value in values]
        if self.high == 0:
            new = [k for k, size in enumerate(sizes) if size]
        else:
            new = [k for k, size in enumerate(sizes) if size == 1]
        last = new[-1] if new else -1
        run, bits = 0, list[int]()
        for k, size in enumerate(sizes):
            if size == 0:
                run += 1
                continue
            while run > 15 and k <= last:
                self.flush()
                self.out.put(*AC.codes[0xF0])
                run -= 16
                self._put(bits)
            if self.high and size > 1:
                bits.append(size & 1)
                continue
            self.flush()
            length = 1 if self.high else size.bit_length()
            self.out.put(*AC.codes[run << 4 | length])
            put_number(self.out, size if values[k] > 0 else -size, length)
            self._put(bits)
            run = 0
        if run or bits:
            self.eobrun += 1
            self.waiting += bits

    def _put(self, bits: list[int]) -> None:
        for bit in bits:
            self.out.put(bit, 1)
        bits.clear()


def progressive_bits(
    layout: Layout, blocks: list[Block], band: tuple[int, int, int, int]
) -> list[str]:
    """Return the bits of each interval of a scan with Ss, Se, Ah and Al."""
    start, _, _, low = band
    made = []
    for part in layout.parts():
        coder = Band(*band)
        for place, _ in part:
            if start == 0:
                coder.out.put(blocks[place][0] >> low & 1, 1)
            else:
                coder.block(blocks[place])
        coder.flush()
        made.append(coder.out.text())
    return made


def known_bits(blocks: list[Block], band: tuple[int, int, int, int]) -> list[Block]:
    """Return what is known of the band's coefficients with all bits from Al on."""
    start, end, _, low = band
    made = [[0] * 64 for _ in blocks]
    for block, target in zip(blocks, made, strict=True):
        for k in range(start, end + 1):
            value = block[ZIGZAG[k]]
            if k == 0:
                target[0] = value >> low << low
            else:
                size = abs(value) >> low << low
                target[ZIGZAG[k]] = size if value > 0 else -size
    return made
