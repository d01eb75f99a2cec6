"""Kernels of the entropy coding of DCT coefficients, called directly (ISO 10918-1 F, G)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from conformance.generate.coders.bits import BitWriter
from conformance.generate.coders.dct_scans import (
    AC,
    DC,
    ZIGZAG,
    Block,
    Layout,
    Unit,
    known_bits,
    progressive_bits,
    put_ac,
    put_number,
    sequential_bits,
)
from conformance.generate.images import noise
from conformance.generate.writing import Area, Given

__all__ = ["KERNEL_AREAS"]

_TRUNCATED, _OUTPUT_FULL, _BAD_VALUE = -1, -2, -3
_SLACK, _ROOM, _UNSTUFF_MARGIN = 80, 512, 16
_SEQUENTIAL, _PROGRESSIVE = "ISO 10918-1 F.2.2", "ISO 10918-1 G.1.2.2; ISO 10918-1 G.1.2.3"
# --- arguments ------------------------------------------------------------------


def _pack(code: str, values: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(values)}{code}", *values)


def _numbers(values: Sequence[int]) -> dict[str, Given]:
    return {"kind": "array", "format": "q", "octets": _pack("q", values)}


def _view(code: str, values: Sequence[int]) -> dict[str, Given]:
    return {"kind": "view", "format": code, "octets": _pack(code, values)}


class _Data(NamedTuple):
    """Bits in words, each interval from a word on, with ones to the end of its last octet."""

    words: list[int]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, parts: list[str], slack: int = _SLACK) -> _Data:
        words: list[int] = []
        starts, ends = [], []
        for part in parts:
            bits = part + "1" * (-len(part) % 8)
            starts.append(len(words))
            ends.append(32 * len(words) + len(bits))
            bits = bits.ljust(-(-len(bits) // 32) * 32, "0")
            words += [int(bits[k : k + 32], 2) for k in range(0, len(bits), 32)]
        return cls(words + [0] * slack, starts, ends)


_TABLES = _view("i", DC.cells() + AC.cells())
_ORDER: dict[str, Given] = {"kind": "bytes", "format": "B", "octets": bytes(ZIGZAG)}


def _arguments(
    layout: Layout, data: _Data, band: tuple[int, int, int, int], count: int,
    before: list[Block] | None = None, extents: bytes = b"",
) -> dict[str, Given]:  # fmt: skip
    given: Given = {"kind": "view", "format": "h", "room": 64 * count}
    ends: Given = {"kind": "bytearray", "format": "B", "room": count}
    if before is not None:
        given = _view("h", [value for block in before for value in block])
        ends = {"kind": "bytearray", "format": "B", "octets": extents}
    return {"arguments": [
        _view("I", data.words), _numbers(data.starts), _numbers(data.ends),
        _numbers([layout.across, layout.total, layout.restart, *band]),
        _numbers([number for unit in layout.units for number in unit]),
        _TABLES, _ORDER, given, ends, {"kind": "array", "format": "q", "room": 2},
    ]}  # fmt: skip


def _extents(blocks: list[Block], start: int = 0, end: int = 63) -> bytes:
    return bytes(
        max((k for k in range(start, end + 1) if block[ZIGZAG[k]]), default=0) for block in blocks
    )


def _good(total: int, blocks: list[Block], extents: bytes, state: list[int]) -> dict[str, Given]:
    return {"result": total, "buffers": [
        {"argument": 7, "octets": _pack("h", [value for block in blocks for value in block])},
        {"argument": 8, "octets": extents}, {"argument": 9, "octets": _pack("q", state)},
    ]}  # fmt: skip


def _bad(result: int, state: list[int]) -> dict[str, Given]:
    return {"result": result, "buffers": [{"argument": 9, "octets": _pack("q", state)}]}


def _reached(data: _Data, parts: list[str]) -> list[int]:
    return [32 * data.starts[-1] + len(parts[-1]), len(parts) - 1]


# --- images ---------------------------------------------------------------------


def _blocks(count: int, seed: int, zeros: int, largest: int) -> list[Block]:
    numbers = [int(n) >> 7 for n in noise(130 * count, seed)]
    made = []
    for b in range(count):
        mine = numbers[130 * b : 130 * b + 130]
        block = [0] * 64
        block[0] = mine[0] % (2 * largest + 1) - largest
        for k in range(1, 64):
            if mine[k] % zeros == 0:
                size = mine[64 + k] % largest.bit_length() + 1
                value = mine[129 - k] % (1 << size)
                block[k] = -value if mine[k] // zeros % 2 else value
        made.append(block)
    return made


def _layouts() -> Iterator[tuple[str, Layout, int]]:
    yield "one", Layout(3, 2, [Unit(0, 1, 3, 0)]), 6
    yield "one-restart", Layout(3, 2, [Unit(0, 1, 3, 0)], 2), 6
    yield "one-restart-uneven", Layout(3, 2, [Unit(0, 1, 3, 0)], 4), 6
    two = [Unit(0, 2, 4, 0), Unit(1, 2, 4, 0), Unit(8, 1, 2, 1)]
    yield "two-to-one", Layout(2, 2, two), 12
    yield "two-to-one-restart", Layout(2, 2, two, 3), 12
    three = [Unit(1, 1, 4, 0), Unit(9, 1, 4, 2), Unit(17, 1, 4, 3)]
    yield "three-apart", Layout(2, 2, three), 24
    yield "three-restart", Layout(2, 2, three, 1), 24
    yield "ten-restarts", Layout(5, 2, [Unit(0, 1, 5, 0)], 1), 10


def _contents(count: int) -> Iterator[tuple[str, list[Block]]]:
    yield "dense", _blocks(count, 3, 2, 1023)
    yield "sparse", _blocks(count, 4, 12, 255)
    yield "large", _blocks(count, 5, 3, 16383)
    yield "long-runs", _blocks(count, 6, 40, 3)
    yield "means", [[40 * k - 300] + [0] * 63 for k in range(count)]
    last = [[0] * 63 + [1 - 2 * (k % 2)] for k in range(count)]
    yield "last-only", last
    yield "ends-in-ones", [[0] * 63 + [1023] for _ in range(count)]


# --- the cases ------------------------------------------------------------------


def _within(layout: Layout, blocks: list[Block]) -> list[Block]:
    """Return blocks, those that no unit names as zeros."""
    named = {place for part in layout.parts() for place, _ in part}
    return [block if k in named else [0] * 64 for k, block in enumerate(blocks)]


def sequential() -> Area:
    """Return the cases of sequential scans, and of the DC coefficients of progressive ones."""
    area = Area("kernel-jpegdct-sequential", "Kernels of sequential scans",
                "ISO 10918-1 F.1.2, by an encoder that follows its text")  # fmt: skip
    kernel = "jpegdct.decode_sequential"
    for name, layout, count in _layouts():
        for what, some in _contents(count):
            blocks = _within(layout, some)
            parts = sequential_bits(layout, blocks)
            data = _Data.of(parts)
            area.add(f"decode.{name}-{what}", "kernel", kernel, _SEQUENTIAL,
                     f"A scan is decoded: {name}, {what}",
                     _arguments(layout, data, (0, 63, 0, 0), count),
                     _good(layout.total, blocks, _extents(blocks),
                           _reached(data, parts)))  # fmt: skip
            _encoding(area, f"{name}-{what}", layout, blocks, parts)
        for low in (0, 1, 3):
            blocks = _within(layout, [[37 * k - 200] + [0] * 63 for k in range(count)])
            parts = sequential_bits(layout, blocks, 0, low)
            data = _Data.of(parts)
            known = known_bits(blocks, (0, 0, 0, low))
            area.add(f"decode.{name}-dc-{low}", "kernel", kernel, "ISO 10918-1 G.1.2.1",
                     f"DC coefficients alone, without {low} bits: {name}",
                     _arguments(layout, data, (0, 0, 0, low), count),
                     _good(layout.total, known, bytes(count), _reached(data, parts)))  # fmt: skip
    _faults(area, kernel)
    return area


def _faults(area: Area, kernel: str) -> None:
    layout = Layout(3, 1, [Unit(0, 1, 3, 0)])
    blocks = _blocks(3, 9, 6, 100)
    bits = sequential_bits(layout, blocks)[0]
    band = (0, 63, 0, 0)

    def add(name: str, parts: list[str], result: int, state: list[int], lay: Layout = layout,
            cut: int = 0, slack: int = _SLACK) -> None:  # fmt: skip
        data = _Data.of(parts, slack)
        data.ends[-1] -= cut
        area.add(f"decode.broken-{name}", "kernel", kernel, _SEQUENTIAL,
                 f"A scan that is broken: {name}", _arguments(lay, data, band, 3),
                 _bad(result, state) if state else {"result": result},
                 flags=["hostile"])  # fmt: skip

    whole = len(bits) + -len(bits) % 8
    for cut in (whole - len(bits) + 1, 20, 60, whole - 1):
        add(f"cut-{cut}", [bits], _TRUNCATED, [whole - cut, 0], cut=cut)
    for slack in (_SLACK - 1, 0):
        add(f"slack-{slack}", [bits], _TRUNCATED, [], slack=slack)
    no_code = "1" * 16
    add("no-dc-code", [no_code + "0" * 40], _BAD_VALUE, [0, 0])
    dc = "00"  # a difference of 0
    add("no-ac-code", [dc + no_code + "0" * 40], _BAD_VALUE, [2, 0])
    one_block = Layout(1, 1, [Unit(0, 1, 1, 0)])

    def code(symbol: int) -> str:
        value, length = AC.codes[symbol]
        return format(value, f"0{length}b")

    for symbol in (0x10, 0x70, 0xE0):  # what progressive scans have, EOB1 to EOB14
        text = dc + code(symbol)
        add(f"eob-run-{symbol:02x}", [text + "0" * 30], _BAD_VALUE, [len(text), 0], one_block)
    ones = (code(0x01) + "1") * 62
    for symbol, value in ((0xF0, ""), (0x11, "1"), (0x61, "0"), (0x12, "11")):
        # 62 coefficients, and then more than the one that there is place for.
        text = dc + ones + code(symbol) + value
        add(f"too-many-{symbol:02x}", [text + "0" * 40], _BAD_VALUE,
            [] if symbol == 0xF0 else [len(text), 0], one_block)  # fmt: skip
    large = format(DC.codes[15][0], "016b") + "1" * 15
    eob = code(0)
    add("dc-too-large", [large + eob + large + eob + large + eob], _BAD_VALUE,
        [2 * len(large) + len(eob), 0])  # fmt: skip
    small = format(DC.codes[15][0], "016b") + "0" * 15
    add("dc-too-small", [small + eob + small + eob + small + eob], _BAD_VALUE,
        [2 * len(small) + len(eob), 0])  # fmt: skip
    shared = Layout(3, 1, [Unit(0, 1, 3, 0)], 1)
    parts = sequential_bits(shared, blocks)
    for more in (8, 16, 40):
        longer = [parts[0], parts[1] + "1" * (-len(parts[1]) % 8) + "0" * more, parts[2]]
        data = _Data.of(longer)
        add(f"interval-{more}-longer", longer, _BAD_VALUE,
            [32 * data.starts[1] + len(parts[1]), 1], shared)  # fmt: skip
    _spare_octets(area, kernel, (0, 0, 0, 0), "00" * 4, 8)
    _spare_octets(area, "jpegdct.decode_progressive", (0, 0, 1, 0), "0" * 8, 8)


def _spare_octets(
    area: Area, kernel: str, band: tuple[int, int, int, int], bits: str, each: int
) -> None:
    """Add intervals of 8 bits, which nothing may follow but in the last one."""
    mcus = 4 if band[2] == 0 else 8
    layout = Layout(mcus, 2, [Unit(0, 1, mcus, 0)], mcus)
    blocks = [[0] * 64] * (2 * mcus)
    good = _good(2 * mcus, blocks, bytes(2 * mcus), [32 + len(bits), 1])
    name = kernel.rpartition("_")[2]
    for where, parts in (("last", [bits, bits + "0" * 16]), ("none", [bits, bits])):
        area.add(f"decode.{name}-{where}-longer", "kernel", kernel, "ISO 10918-1 E.1.4",
                 f"Octets that belong to no block: {where}",
                 _arguments(layout, _Data.of(parts), band, 2 * mcus), good)  # fmt: skip
    bad = _bad(_BAD_VALUE, [len(bits), 0])
    area.add(f"decode.{name}-first-longer", "kernel", kernel, "ISO 10918-1 E.1.4",
             "An octet that belongs to no block, in the first interval",
             _arguments(layout, _Data.of([bits + "0" * each, bits]), band, 2 * mcus), bad,
             flags=["hostile"])  # fmt: skip
    short = _Data.of([bits, bits], _SLACK - 1)
    area.add(f"decode.{name}-two-intervals-slack", "kernel", kernel, "ISO 10918-1 E.1.4",
             "Words are missing behind the second interval",
             _arguments(layout, short, band, 2 * mcus), {"result": _TRUNCATED},
             flags=["hostile"])  # fmt: skip


def _stuffed(bits: str) -> bytes:
    """Return whole octets with a zero after each of 255."""
    return bytes(int(bits[k : k + 8], 2) for k in range(0, len(bits) // 8 * 8, 8)).replace(
        b"\xff", b"\xff\0"
    )


def _encoding(area: Area, name: str, layout: Layout, blocks: list[Block], parts: list[str]) -> None:
    made, least = b"", 0
    for k, bits in enumerate(parts):
        if k:
            made += bytes([0xFF, 0xD0 + (k - 1) % 8])
        made_before = len(made)
        # What is written before each block of the interval, which needs `_ROOM` more.
        single = Layout(layout.across, layout.down, layout.units, layout.interval)
        places = list(single.parts())[k]
        before, out = [0] * 4, BitWriter()
        for place, component in places:
            least = max(least, made_before + len(_stuffed(out.text())) + _ROOM)
            value = blocks[place][0] - before[component]
            before[component] = blocks[place][0]
            out.put(*DC.codes[abs(value).bit_length()])
            put_number(out, value, abs(value).bit_length())
            put_ac(out, blocks[place])
        made += _stuffed(bits + "1" * (-len(bits) % 8))
    for room in (least + 40, least, least - 1):
        enough = room >= least
        arguments: list[Given] = [
            _view("h", [value for block in blocks for value in block]),
            _numbers([layout.across, layout.total, layout.restart]),
            _numbers([n for unit in layout.units for n in unit._replace(dc=0, ac=256)]),
            _view("i", DC.encoding() + AC.encoding()), _ORDER,
            {"kind": "bytearray", "format": "B", "room": room},
        ]  # fmt: skip
        expected: dict[str, Given] = {"result": _OUTPUT_FULL}
        if enough:
            expected = {"result": len(made), "buffers": [{"argument": 5, "octets": made}]}
        area.add(f"encode.{name}-room-{room - least:+d}", "kernel", "jpegdct.encode_scan",
                 "ISO 10918-1 F.1.2", f"A scan is encoded: {name}", {"arguments": arguments},
                 expected, flags=[] if enough else ["hostile"])  # fmt: skip
    if name == "one-large":
        _no_codes(area, layout, blocks)


def _no_codes(area: Area, layout: Layout, blocks: list[Block]) -> None:
    cases = {
        "dc": (blocks, [0] * 256 + AC.encoding()),
        "ac": (blocks, DC.encoding() + [0] * 256),
        "eob": ([[5] + [0] * 63] * 6, [*DC.encoding(), 0, *AC.encoding()[1:]]),
        "too-large": ([[(-1) ** k * 32767] + [0] * 63 for k in range(6)],
                      [1 << 16 | 1] * 512),
        "large": ([[(-1) ** k * 16384 - k % 2 * 0] + [0] * 63 for k in range(6)],
                  [1 << 16 | 1] * 512),
    }  # fmt: skip
    for name, (some, codes) in cases.items():
        arguments: list[Given] = [
            _view("h", [value for block in some for value in block]),
            _numbers([layout.across, layout.total, layout.restart]),
            _numbers([n for unit in layout.units for n in unit._replace(dc=0, ac=256)]),
            _view("i", codes), _ORDER, {"kind": "bytearray", "format": "B", "room": 20000},
        ]  # fmt: skip
        area.add(f"encode.no-code-{name}", "kernel", "jpegdct.encode_scan", "ISO 10918-1 F.1.2",
                 f"The table lacks a code: {name}", {"arguments": arguments},
                 {"result": _BAD_VALUE}, flags=["hostile"])  # fmt: skip


_BANDS = [(1, 63, 0, 0), (1, 5, 0, 2), (6, 63, 0, 1), (1, 63, 0, 3), (1, 63, 1, 0), (1, 5, 3, 2),
          (6, 63, 2, 1), (1, 63, 4, 3), (0, 0, 1, 0), (0, 0, 4, 3), (20, 20, 0, 0)]  # fmt: skip


def progressive() -> Area:
    """Return the cases of progressive scans after the first."""
    area = Area("kernel-jpegdct-progressive", "Kernels of progressive scans",
                "ISO 10918-1 G.1.2, by an encoder that follows its text")  # fmt: skip
    kernel = "jpegdct.decode_progressive"
    apart = ("apart", Layout(3, 2, [Unit(1, 2, 8, 0)], 4), 16)
    for name, layout, count in [*[*_layouts()][:3], apart]:
        contents = [*_contents(count), ("empty", [[0] * 64] * count)]
        contents.append(("many-ones", [[(-1) ** (k + b) * (k % 3 != b % 3) for k in range(64)]
                                       for b in range(count)]))  # fmt: skip
        contents.append(("extremes", [[0] + [32767, -32767, 0] * 21 for _ in range(count)]))
        contents.append(("known", [[0] + [(2 + k % 2) * (-1) ** b for k in range(62)] + [1]
                                   for b in range(count)]))  # fmt: skip
        for (what, some), band in ((pair, band) for pair in contents for band in _BANDS):
            start, end, high, low = band
            if name != "one" and ((start, end) != (1, 63) or low > 1):
                continue
            blocks = _within(layout, some)
            parts = progressive_bits(layout, blocks, band)
            data = _Data.of(parts)
            after = known_bits(blocks, band)
            before = known_bits(blocks, (start, end, 0, high)) if high else [[0] * 64] * count
            extents = _extents(before, start, end)
            if start == 0:
                wanted = extents
            else:
                wanted = bytes(
                    max(old, new)
                    for old, new in zip(extents, _extents(after, start, end), strict=True)
                )
            area.add(f"decode.{name}-{what}-{start}-{end}-{high}-{low}", "kernel", kernel,
                     _PROGRESSIVE, f"Ss {start}, Se {end}, Ah {high}, Al {low}: {name}, {what}",
                     _arguments(layout, data, band, count, before, extents),
                     _good(layout.total, after, wanted, _reached(data, parts)))  # fmt: skip
    many = Layout(40, 30, [Unit(0, 1, 40, 0)])
    empty: list[Block] = [[0] * 64 for _ in range(many.total)]
    for place in (0, 1, 5, 700):
        empty[place][9] = 1
    parts = progressive_bits(many, empty, (1, 63, 0, 0))
    data = _Data.of(parts)
    expected = _good(many.total, empty, _extents(empty), _reached(data, parts))
    area.add("decode.runs-of-blocks", "kernel", kernel, _PROGRESSIVE,
             "Runs of many blocks without anything", _arguments(many, data, (1, 63, 0, 0), 1200),
             expected)  # fmt: skip
    row = Layout(70, 1, [Unit(0, 1, 70, 0)])
    bits = [[8 * (k * 5 % 7 > 2)] + [0] * 63 for k in range(row.total)]
    parts = progressive_bits(row, bits, (0, 0, 4, 3))
    data = _Data.of(parts)
    area.add("decode.many-bits", "kernel", kernel, _PROGRESSIVE, "A bit of each of many blocks",
             _arguments(row, data, (0, 0, 4, 3), row.total),
             _good(row.total, bits, bytes(row.total), _reached(data, parts)))  # fmt: skip
    _progressive_faults(area, kernel)
    return area


def _progressive_faults(area: Area, kernel: str) -> None:
    layout = Layout(2, 1, [Unit(0, 1, 2, 0)])

    def code(symbol: int) -> str:
        value, length = AC.codes[symbol]
        return format(value, f"0{length}b")

    def add(name: str, text: str, band: tuple[int, int, int, int], result: int,
            state: list[int], before: list[Block] | None = None) -> None:  # fmt: skip
        data = _Data.of([text])
        known = before or [[0] * 64] * 2
        area.add(f"decode.broken-{name}", "kernel", kernel, _PROGRESSIVE,
                 f"A scan that is broken: {name}",
                 _arguments(layout, data, band, 2, known, _extents(known)),
                 _bad(result, state) if state else {"result": result},
                 flags=["hostile"])  # fmt: skip

    first, more, bits = (1, 63, 0, 0), (1, 63, 1, 0), (0, 0, 1, 0)
    add("no-code", "1" * 40, first, _BAD_VALUE, [0, 0])
    add("no-code-again", "1" * 40, more, _BAD_VALUE, [0, 0])
    add("nothing", "", first, _TRUNCATED, [0, 0])
    add("nothing-again", "", more, _TRUNCATED, [0, 0])
    add("no-bits", "", bits, _TRUNCATED, [0, 0])
    text = code(0x10) + "1"  # three blocks, of which there are two
    add("blocks-left", text + "0" * 24, first, _BAD_VALUE, [len(text), 0])
    one = code(0)  # the first block has nothing
    rest = "0" * 60
    faults: list[tuple[str, str, tuple[int, int, int, int]]] = [
        ("no-code-later", "", first), ("no-code-later-again", "", more),
        ("past-the-band", code(0x11) + "1", (5, 5, 0, 0)),
        ("past-the-band-again", code(0x11) + "1", (5, 5, 1, 0)),
        ("zeros-past-the-band", code(0xF0) * 4, first),
        ("zeros-past-the-band-again", code(0xF0) * 4, more),
        ("two-bits-at-once", code(0x02) + "11", more),
        ("two-bits-at-once-below", code(0x02) + "00", more),
        ("three-bits-at-once", code(0x03) + "111", more),
        ("too-large", code(0x0F) + "1" * 15, (1, 63, 0, 1)),
        ("too-large-by-one", code(0x0F) + "1" + "0" * 14, (1, 63, 0, 1)),
        ("too-small", code(0x0F) + "0" * 15, (1, 63, 0, 1)),
    ]  # fmt: skip
    for name, text, band in faults:
        behind = rest if text else "1" * 40
        add(name, one + text + behind, band, _BAD_VALUE, [len(one + text), 0])
    for slack in (_SLACK - 1, 0):
        data = _Data.of(["0" * 30], slack)
        area.add(f"decode.broken-slack-{slack}", "kernel", kernel, _PROGRESSIVE,
                 f"{slack} words behind the data", _arguments(layout, data, first, 2),
                 {"result": _TRUNCATED}, flags=["hostile"])  # fmt: skip
    blocks = _blocks(2, 8, 3, 7)
    for band in ((1, 63, 0, 0), (1, 63, 1, 0), (0, 0, 1, 0)):
        (whole,) = progressive_bits(layout, blocks, band)
        before = known_bits(blocks, (*band[:2], 0, 1)) if band[2] else None
        octets = -(-len(whole) // 8)
        for cut in range(1, min(octets, 6)):
            short = whole[: 8 * (octets - cut)]
            add(f"cut-{band[0]}-{band[2]}-{cut}", short, band, _TRUNCATED, [len(short), 0], before)


# --- the data of scans ----------------------------------------------------------


def entropy() -> Area:
    """Return the cases of markers and stuffed zeros."""
    area = Area("kernel-jpegentropy", "Kernels of the data of JPEG scans",
                "ISO 10918-1 B.1.1.5, octet by octet")  # fmt: skip
    for name, src, start in _streams():
        _markers(area, name, src, start)
    pieces = {
        "plain": [bytes(range(1, 30))], "short": [b"\1\2\3"], "four": [b"\1\2\3\4"],
        "nothing": [b""], "five": [b"\1\2\3\4\5"], "stuffed": [b"\1\xff\0\2\xff\0\xff\0\3"],
        "stuffed-first": [b"\xff\0abcdefg"], "stuffed-last": [b"abcdefg\xff\0"],
        "stuffed-each-place": [b"a" * k + b"\xff\0" + b"bcdefghijk" for k in range(8)],
        "fill": [b"abc\xff", b"abcd\xff\xff\xff", b"\xff\xff", b"abcde\xff\xff"],
        "several": [b"abcd", b"efghi", b"", b"jkl\xff\0", b"m"],
        "high": [b"\x80\xfe\x7f\x01\xfe\xfe\x81\x80\x00\x01\x00\x80"],
        "not-stuffed": [b"ab\xff\x01cd\xff\xd0efgh"],
        "zeros": [b"\0" * 9, b"\xff\0\0\0\0\0"],
    }  # fmt: skip
    for name, parts in pieces.items():
        _unstuffed(area, name, parts)
    return area


def _streams() -> Iterator[tuple[str, bytes, int]]:
    yield "end", b"abcdefgh\xff\xd9tail", 0
    yield "restarts", b"abc\xff\xd0defghij\xff\xd1k\xff\xd7\xff\xd9", 0
    yield "stuffed", b"ab\xff\0\xff\0cdefgh\xff\0\xff\xd3ab\xff\xda", 0
    yield "fill", b"abcd\xff\xff\xff\xd2e\xff\xff\xd9", 0
    yield "no-end", b"abcdefghijk\xff\xd5lmnop", 0
    yield "ends-in-255", b"abcdefg\xff", 0
    yield "nothing", b"", 0
    yield "later", b"\xff\xd8abcd\xff\xd0efgh\xff\xd9", 2
    yield "past-the-end", b"abc", 3
    yield "high", b"\xfe\x80\x7f\x00\x01\x80\xfe\xfe\xff\xd6\x80\xff\xcf", 0
    for k in range(9):
        yield f"after-{k}", b"a" * k + b"\xff\xd4" + b"b" * (9 - k) + b"\xff\xfe", 0
    for code in (0x01, 0xCF, 0xD8, 0xFE):
        yield f"code-{code:02x}", b"abcde\xff\xd0f" + bytes([255, code]) + b"ab\xff\xd1", 0


def _markers(area: Area, name: str, src: bytes, start: int) -> None:
    every = []
    for p in range(start, len(src) - 1):
        if src[p] == 255 and src[p + 1] not in (0, 255):
            every.append(p)
            if not 0xD0 <= src[p + 1] <= 0xD7:
                break
    for room in sorted({1, 2, len(every), len(every) + 2}):
        found = every[:room]
        expected: dict[str, Given] = {"result": len(found)}
        if found:
            expected["buffers"] = [{"argument": 2, "octets": _pack("q", found)}]
        area.add(f"find.{name}-{room}", "kernel", "jpegentropy.find_markers",
                 "ISO 10918-1 B.1.1.3; ISO 10918-1 E.1.4", f"Markers in data: {name}",
                 {"arguments": [{"kind": "bytes", "format": "B", "octets": src}, start,
                                {"kind": "array", "format": "q", "room": room}]},
                 expected)  # fmt: skip


def _unstuffed(area: Area, name: str, parts: list[bytes]) -> None:
    src, places = b"", list[int]()
    made, starts, ends = b"", list[int](), list[int]()
    least = 0
    for part in parts:
        src += b"\xff\xd0"
        places += [len(src), len(src) + len(part)]
        src += part
        data = part.rstrip(b"\xff")
        least = max(least, len(made) + len(data) + _UNSTUFF_MARGIN)
        starts.append(len(made) // 4)
        made += data.replace(b"\xff\0", b"\xff")
        ends.append(8 * len(made))
        made += bytes(-len(made) % 4)
    src += b"\xff\xd9"
    for room in (least + 9, least, least - 1):
        buffers: list[Given] = []
        if room >= least:
            buffers = [{"argument": k, "octets": octets}
                       for k, octets in ((2, made + bytes(4)), (3, _pack("q", starts)),
                                         (4, _pack("q", ends)))]  # fmt: skip
        area.add(f"unstuff.{name}-room-{room - least:+d}", "kernel", "jpegentropy.unstuff",
                 "ISO 10918-1 B.1.1.5", f"Words of intervals: {name}",
                 {"arguments": [
                     {"kind": "bytes", "format": "B", "octets": src}, _numbers(places),
                     {"kind": "bytearray", "format": "B", "room": room},
                     {"kind": "array", "format": "q", "room": len(parts)},
                     {"kind": "array", "format": "q", "room": len(parts)},
                 ]},
                 {"result": len(made) // 4 if room >= least else _OUTPUT_FULL, "buffers": buffers},
                 flags=[] if room >= least else ["hostile"])  # fmt: skip


KERNEL_AREAS = (sequential, progressive, entropy)
"""What makes each area of this module."""
