"""Kernels that find elements and items, called directly.

Answers come from the plain parser of :mod:`conformance.generate.plain_parser`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from conformance.generate.dicom import BIG, EXPLICIT, IMPLICIT, UNDEFINED, element, header, item
from conformance.generate.dicom import sequence as encoded_sequence
from conformance.generate.images import noise
from conformance.generate.plain_parser import (
    BIG_ENDIAN,
    IMPLICIT_VR,
    IN_ITEM,
    ITEM,
    ITEM_END,
    LONG,
    SEQUENCE_END,
    TOO_SHORT,
    Tree,
    end_of,
    header_at,
    items_of,
    scan_of,
)
from conformance.generate.writing import Area, Given

__all__ = ["KERNEL_AREAS"]

_ANY = 1 << 32
_CODINGS = {EXPLICIT: 0, IMPLICIT: IMPLICIT_VR, BIG: BIG_ENDIAN}


# --- the data sets --------------------------------------------------------------

_SQ, _UID, _NAME, _PIXELS = 0x00081140, 0x00081155, 0x00100010, 0x7FE00010


def _nested(depth: int, syntax: str, delimited: bool, leaf: bytes) -> bytes:
    for level in range(depth):
        leaf = encoded_sequence(_SQ + level, [item(leaf, syntax, delimited)], syntax, delimited)
    return leaf


def _by_syntax(syntax: str) -> Iterator[tuple[str, bytes]]:
    """Yield data sets that can be said in every syntax."""
    uid = element(_UID, "UI", b"1.2\0", syntax)
    name = element(_NAME, "PN", b"A^B ", syntax)
    text = element(0x00204000, "UT", b"ab" * 3, syntax)
    yield "flat", uid + name + text + element(0x00280010, "US", b"\1\2", syntax)
    yield "empty-values", element(0x00080005, "CS", b"", syntax) + element(0x7FE00010, "OW", b"",
                                                                           syntax)  # fmt: skip
    for delimited in (False, True):
        what = "undefined" if delimited else "defined"
        two = [item(uid, syntax, delimited), item(b"", syntax, delimited)]
        yield f"two-items-{what}", encoded_sequence(_SQ, two, syntax, delimited) + name
        yield f"no-items-{what}", encoded_sequence(_SQ, [], syntax, delimited) + name
        yield f"nested-{what}", _nested(3, syntax, delimited, uid) + name
    mixed = [item(uid + text, syntax, True), item(name, syntax, False), item(uid, syntax, True)]
    yield "mixed", uid + encoded_sequence(_SQ, mixed, syntax, True) + name
    inner = encoded_sequence(_SQ, [item(uid, syntax, True), item(uid, syntax, True)], syntax, True)
    outer = [item(inner + name, syntax, True), item(name + inner, syntax, True)]
    yield "sequences-in-items", encoded_sequence(_SQ + 1, outer, syntax, True) + text
    pieces = [item(b"", syntax), item(b"abcd", syntax), item(b"ef", syntax)]
    yield "fragments", uid + encoded_sequence(_PIXELS, pieces, syntax, True, "OB") + name
    no_end = item(uid, syntax, True)[:-8]
    yield "item-end-missing", encoded_sequence(_SQ, [no_end], syntax, True) + name
    yield "item-end-missing-two", encoded_sequence(_SQ, [no_end, no_end], syntax, True) + name
    end = header(ITEM_END, "", 0, syntax)
    once_more = item(uid, syntax, True) + end
    yield "item-end-twice", encoded_sequence(_SQ, [once_more], syntax, True) + name
    yield "stray-end", uid + end + name
    yield "stray-sequence-end", uid + header(SEQUENCE_END, "", 0, syntax) + name
    yield "stray-item", uid + header(ITEM, "", 4, syntax) + name
    yield "no-item-in-sequence", encoded_sequence(_SQ, [uid], syntax, True) + name
    yield "never-closed", uid + header(_SQ, "SQ", UNDEFINED, syntax) + item(name, syntax, True)


def _explicit_only() -> Iterator[tuple[str, bytes]]:
    uid = element(_UID, "UI", b"1.2\0")
    name = element(_NAME, "PN", b"A^B ")
    implicit = element(_UID, "UI", b"1.2\0", IMPLICIT)
    inner = _nested(1, IMPLICIT, True, implicit)
    within = {"implicit": implicit, "explicit": uid, "nothing": b"", "implicit-nested": inner}
    within["explicit-nested"] = _nested(1, EXPLICIT, True, uid)
    for what, content in within.items():
        unknown = [item(content, delimited=True), item(content, delimited=False)]
        made = encoded_sequence(0x00091010, unknown, delimited=True, vr="UN")
        yield f"unknown-{what}", uid + made + name
        yield f"unknown-{what}-in-item", _nested(1, EXPLICIT, True, made + uid) + name
    again = encoded_sequence(0x00091011, [item(implicit, delimited=True)], delimited=True, vr="UN")
    twice = encoded_sequence(0x00091010, [item(again, delimited=True)], delimited=True, vr="UN")
    yield "unknown-in-unknown", _nested(1, EXPLICIT, True, twice + uid) + name
    yield "vr-newer", uid + b"\x09\0\x10\0ZZ\0\0\4\0\0\0abcd" + name
    yield "vr-newer-short", uid + b"\x09\0\x10\0ZZ\4\0abcd" + name
    yield "vr-newer-empty", uid + b"\x09\0\x10\0ZZ\0\0" + name
    yield "vr-newer-empty-last", uid + b"\x09\0\x10\0ZZ\0\0"
    yield "vr-first-letter-low", uid + b"\x09\0\x10\0@Z\0\0" + bytes(0x5A40)[:12]
    for vr in (b"az", b"A[", b"[A", b"A@", b"@A", b"AZ", b"ZA", b"\4\0", b"Za"):
        yield f"vr-{vr.hex()}", uid + b"\x09\0\x10\0" + vr + b"\0\0" + b"\4\0\0\0wxyz" + name
    yield "in-the-middle-implicit", uid + element(0x00090010, "LO", b"wxyz", IMPLICIT) + name
    yield "longer-than-file", uid + header(_NAME, "PN", 400) + b"abcdefgh"
    yield "longer-than-file-long", uid + header(_NAME, "OB", 0xFFFFFFFE) + b"abcdefgh"
    item_past = header(ITEM, "", 90) + uid
    yield "item-longer", uid + encoded_sequence(_SQ, [item_past], delimited=True)
    yield "item-past-sequence", uid + encoded_sequence(_SQ, [item_past]) + name * 9
    past = header(_UID, "UI", 30) + b"1.2\0"
    yield "element-past-item", encoded_sequence(_SQ, [item(past)]) + name * 4
    yield "sequence-past-file", uid + header(_SQ, "SQ", 70) + item(uid)
    yield "sequence-ends-in-header", header(_SQ, "SQ", 12) + item(b"")[:8] + name


def _data_sets() -> Iterator[tuple[str, bytes, str]]:
    for syntax, label in ((EXPLICIT, "explicit"), (IMPLICIT, "implicit"), (BIG, "big")):
        for name, data in _by_syntax(syntax):
            yield f"{name}.{label}", data, syntax
    for name, data in _explicit_only():
        yield f"{name}.explicit", data, EXPLICIT


def _stops(data: bytes, seed: int, few: int) -> list[int]:
    """Return where a data set is cut: always at its end, and at some other places."""
    some = {int(n) % (len(data) + 1) for n in noise(few, seed)}
    return sorted({len(data), max(len(data) - 1, 0), *some})


class _Dice:
    """Numbers that are the same on every machine, for data sets by chance."""

    def __init__(self, seed: int) -> None:
        self._state = (seed + 1) * 2654435761 % (1 << 32)

    def below(self, count: int) -> int:
        self._state = (self._state * 1664525 + 1013904223) % (1 << 32)
        return (self._state >> 9) % count

    def one(self, *choices: int) -> int:
        return choices[self.below(len(choices))]


_TAGS = (_UID, _NAME, _SQ, 0x00280010, 0x00091010, _PIXELS, 0x00080005)


def _element_by_chance(dice: _Dice, syntax: str, deep: int) -> bytes:
    kind = dice.below(10)
    tag = _TAGS[dice.below(len(_TAGS))]
    vr = ("UI", "OB", "UN", "US", "UT", "SQ", "ZZ", "az")[dice.below(8)]
    if kind < 4 or deep > 2:
        return element(tag, vr, b"abcdefgh"[: dice.one(0, 2, 4, 8)], syntax)
    if kind < 8:
        inner = IMPLICIT if vr == "UN" and dice.below(2) else syntax
        items = [
            item(_set_by_chance(dice, inner, deep + 1), inner, dice.below(3) > 0)
            for _ in range(dice.one(0, 1, 1, 2, 3))
        ]
        vr = vr if vr in ("UN", "OB") else "SQ"
        whole = encoded_sequence(tag, items, syntax, dice.below(4) > 0, vr=vr)
        return whole[:-8] if dice.below(9) == 0 else whole
    if kind == 8:
        return header(dice.one(ITEM, ITEM_END, SEQUENCE_END), "",
                      dice.one(0, 0, 4, UNDEFINED), syntax)  # fmt: skip
    return header(tag, vr, dice.one(0, 3, 60, 0xFFFE, UNDEFINED if vr in LONG else 9), syntax)


def _set_by_chance(dice: _Dice, syntax: str, deep: int = 0) -> bytes:
    count = dice.one(0, 1, 1, 2, 3)
    return b"".join(_element_by_chance(dice, syntax, deep) for _ in range(count))


class _Chance(NamedTuple):
    """What a seed stands for."""

    data: bytes
    start: int
    stop: int
    coding: int
    until: int
    most: int
    room: int
    depth: int

    @classmethod
    def of(cls, seed: int) -> _Chance:
        dice = _Dice(seed)
        syntax = (EXPLICIT, EXPLICIT, EXPLICIT, IMPLICIT, BIG)[dice.below(5)]
        depth = 1 + dice.below(2)
        body = _set_by_chance(dice, syntax) + _set_by_chance(dice, syntax)
        wrapped = dice.below(4)
        if wrapped == 0:
            body = item(body, syntax, True) + item(_set_by_chance(dice, syntax), syntax, True)
            body += header(SEQUENCE_END, "", 0, syntax)
        elif wrapped == 1:
            body += header(ITEM_END, "", 0, syntax) + header(SEQUENCE_END, "", 0, syntax)
        octets = bytearray(header(ITEM, "", len(body), syntax) + body)
        if dice.below(3) == 0 and len(octets) > 8:
            place = 8 + dice.below(len(octets) - 8)
            octets[place] = dice.one(0, 1, 8, 0xFE, 0xFF, octets[place] ^ 1 << dice.below(8))
        end = len(octets)
        stop = end - dice.below(min(end - 7, 24)) if dice.below(3) == 0 else end
        if dice.below(2):
            octets = octets[:stop]
        coding = _CODINGS[syntax] | (IN_ITEM if wrapped == 1 else 0)
        return cls(bytes(octets), 8, stop, coding, dice.one(_ANY, _ANY, _NAME, _SQ),
                   dice.one(16, 16, 3, 2, 1), dice.one(24, 24, 24, 1, 2, 3, 5, 8),
                   depth)  # fmt: skip


def _add_chance(area: Area, kernel: str, seed: int) -> None:
    """Add the case of a seed."""
    made = _Chance.of(seed)
    name = f"chance-{seed}"
    where = (made.data, made.start, made.stop)
    plain = made.coding & ~IN_ITEM
    if kernel == "elements.scan":
        _add_scan(area, name, *where, made.coding, made.until, made.most, made.room)
    elif kernel == "elements.find_end":
        _add_end(area, name, *where, plain, made.depth, made.most)
    elif kernel == "items.scan_items":
        _add_items(area, name, *where, plain, made.most, made.room)
    else:
        _add_tree(area, name, *where, made.coding, made.most, max(made.room, 2))


_SEEDS: dict[str, tuple[int, ...]] = {
    "elements.scan": (
        90,
        96,
        102,
        103,
        104,
        122,
        136,
        151,
        211,
        257,
        276,
        778,
        780,
        933,
        970,
        1568,
        1618,
        1969,
        1974,
        2073,
        2890,
        3712,
        7838,
        8068,
        11270,
        19580,
    ),
    "elements.find_end": (
        1,
        2,
        17,
        26,
        28,
        84,
        101,
        104,
        108,
        110,
        131,
        149,
        160,
        163,
        249,
        608,
        791,
        908,
        1474,
        1769,
        1966,
        2174,
        2890,
        4481,
        5416,
        5691,
        10615,
        12671,
        14166,
    ),
    "items.scan_items": (
        17,
        94,
        131,
        263,
        503,
        791,
        932,
        1568,
        1618,
        1709,
        1863,
        2073,
        2686,
        2903,
        2944,
        4451,
        4512,
        5416,
        7281,
        9540,
        10222,
        11060,
        13833,
        13997,
        14166,
    ),
    "items.scan_tree": (
        82,
        247,
        257,
        648,
        769,
        778,
        859,
        1191,
        1270,
        1301,
        1603,
        2216,
        2784,
        2890,
        3266,
        3712,
        3976,
        4146,
        4853,
        5271,
        6048,
        6070,
        6453,
        6469,
        6739,
        6963,
        7588,
        7657,
        12491,
        16924,
        18660,
    ),
}
"""Data sets by chance that show what the others do not: found by trying mutants of the kernels."""


# --- the cases ------------------------------------------------------------------


def _source(data: bytes) -> dict[str, Given]:
    return {"kind": "bytes", "format": "B", "octets": data}


def _cells(count: int) -> dict[str, Given]:
    return {"kind": "array", "format": "q", "room": count}


def _written(argument: int, numbers: list[int]) -> list[Given]:
    if not numbers:
        return []
    return [{"argument": argument, "octets": struct.pack(f"<{len(numbers)}q", *numbers)}]


def _flags(result: int, why: int) -> list[str]:
    return ["hostile"] if result < 0 or why == TOO_SHORT else []


def _add_scan(
    area: Area, name: str, data: bytes, start: int, stop: int, coding: int,
    until: int = _ANY, most: int = 16, room: int = 12,
) -> None:  # fmt: skip
    made = scan_of(data, start, stop, coding, until, most, room)
    arguments: list[Given] = [_source(data), start, stop, coding, until, most,
                              _cells(room), _cells(room + 1), _cells(2)]  # fmt: skip
    buffers = [*_written(6, made.tags), *_written(7, made.offsets), *_written(8, made.state)]
    area.add(f"scan.{name}", "kernel", "elements.scan", "PS3.5 7.1; PS3.5 7.5",
             f"Elements: {name}", {"arguments": arguments},
             {"result": made.result, "buffers": buffers},
             flags=_flags(made.result, made.state[0]))  # fmt: skip


def _add_end(
    area: Area, name: str, data: bytes, start: int, stop: int, coding: int,
    depth: int, most: int = 16,
) -> None:  # fmt: skip
    end, fault = end_of(data, start, stop, coding, depth, most)
    arguments: list[Given] = [_source(data), start, stop, coding, depth, most, _cells(2)]
    expected: dict[str, Given] = {"result": end}
    if end < 0:
        expected["buffers"] = [{"argument": 6, "octets": struct.pack("<2q", 0, fault)}]
    area.add(f"end.{name}", "kernel", "elements.find_end", "PS3.5 7.5.1; PS3.5 7.5.2",
             f"End of an undefined length: {name}", {"arguments": arguments}, expected,
             flags=_flags(end, 0))  # fmt: skip


def _add_items(
    area: Area, name: str, data: bytes, start: int, stop: int, coding: int,
    most: int = 16, room: int = 6,
) -> None:  # fmt: skip
    made = items_of(data, start, stop, coding, most, room)
    arguments: list[Given] = [_source(data), start, stop, coding, most,
                              _cells(room), _cells(room), _cells(2)]  # fmt: skip
    buffers = [*_written(5, made.begins), *_written(6, made.ends), *_written(7, made.state)]
    area.add(f"items.{name}", "kernel", "items.scan_items", "PS3.5 7.5",
             f"Items: {name}", {"arguments": arguments},
             {"result": made.result, "buffers": buffers},
             flags=_flags(made.result, (made.state or [0])[0]))  # fmt: skip


def _add_tree(
    area: Area, name: str, data: bytes, start: int, stop: int, coding: int,
    most: int = 16, room: int = 30,
) -> None:  # fmt: skip
    result, why, rows = Tree(data, stop, coding, most, room).run(start)
    cells = _cells(room)
    # What the stack holds before the call must not matter.
    stack = _cells(4 * most + 4)
    if start != 8:
        used = struct.pack("<q", -77) * (4 * most + 4)
        stack = {"kind": "array", "format": "q", "octets": used}
    arguments: list[Given] = [_source(data), start, stop, coding, most, cells, cells, cells,
                              stack, _cells(2)]  # fmt: skip
    buffers = _written(9, [why])
    for column in range(3):
        buffers += _written(5 + column, [row[column] for row in rows])
    area.add(f"tree.{name}", "kernel", "items.scan_tree", "PS3.5 7.5",
             f"An item and all below it: {name}", {"arguments": arguments},
             {"result": result, "buffers": buffers}, flags=_flags(result, why))  # fmt: skip


def scans() -> Area:
    """Return the cases of elements and of undefined lengths."""
    area = Area("kernel-elements", "Kernels that find elements",
                "PS3.5 7, by a parser that goes from header to header")  # fmt: skip
    for seed, (name, data, syntax) in enumerate(_data_sets()):
        coding = _CODINGS[syntax]
        for stop in _stops(data, seed + 1, 1):
            # What is after `stop` is there or is not: neither may be looked at.
            src = data if stop % 2 else data[:stop]
            _add_scan(area, f"{name}.{stop}", src, 0, stop, coding)
        _add_scan(area, f"{name}.in-item", data, 0, len(data), coding | IN_ITEM)
        room = scan_of(data, 0, len(data), coding, _ANY, 16, 12).result
        _add_scan(area, f"{name}.room", data, 0, len(data), coding, room=max(room, 1))
        _add_scan(area, f"{name}.until", data, 0, len(data), coding, until=_NAME)
        if "nested" in name or "sequences" in name:
            for most in (1, 2):
                _add_scan(area, f"{name}.depth-{most}", data, 0, len(data), coding, most=most)
    for name, data, syntax in _data_sets():
        _ends(area, name, data, _CODINGS[syntax])
    for kernel in ("elements.scan", "elements.find_end"):
        for chosen in _SEEDS[kernel]:
            _add_chance(area, kernel, chosen)
    return area


def _ends(area: Area, name: str, data: bytes, coding: int) -> None:
    """Add what is in a sequence of undefined length, and in an item of it."""
    first = scan_of(data, 0, len(data), coding, _ANY, 16, 12)
    for p in first.offsets[: max(first.result, 0) + 1]:
        if p + 8 > len(data):
            continue
        here = header_at(data, p, len(data), coding)
        if here.length != UNDEFINED or here.value > len(data):
            continue
        for stop in _stops(data, p + 5, 1):
            _add_end(area, f"{name}.{p}.{stop}", data, here.value, stop, coding, 1)
            if here.value + 8 <= len(data):
                _add_end(area, f"{name}.{p}.item.{stop}", data, here.value + 8, stop, coding, 2)
        for most in (1, 2) if "nested" in name else ():
            _add_end(area, f"{name}.{p}.depth-{most}", data, here.value, len(data), coding, 1, most)


def trees() -> Area:
    """Return the cases of items."""
    area = Area("kernel-items", "Kernels that find items, and what is in them",
                "PS3.5 7.5, by a parser that goes from header to header")  # fmt: skip
    for seed, (name, data, syntax) in enumerate(_data_sets()):
        coding = _CODINGS[syntax]
        wrapped = header(ITEM, "", len(data), syntax) + data
        open_item = header(ITEM, "", UNDEFINED, syntax) + data + header(ITEM_END, "", 0, syntax)
        for stop in _stops(data, seed + 100, 1):
            src = wrapped if stop % 2 else wrapped[: 8 + stop]
            _add_tree(area, f"{name}.{stop}", src, 8, 8 + stop, coding)
        end = len(open_item)
        _add_tree(area, f"{name}.in-item", open_item, 8, end, coding | IN_ITEM)
        _add_tree(area, f"{name}.in-item-cut", open_item, 8, end - 1, coding | IN_ITEM)
        if "defined" in name:
            later = b"\xff" * 6 + wrapped
            _add_tree(area, f"{name}.later", later, 14, len(later), coding, 4)
        rows = Tree(wrapped, len(wrapped), coding, 16, 99).run(8)[0]
        for room in range(max(rows, 2), rows + 2):
            _add_tree(area, f"{name}.room-{room}", wrapped, 8, len(wrapped), coding, room=room)
        if "nested" in name or "sequences" in name:
            for most in (1, 2):
                _add_tree(area, f"{name}.depth-{most}", wrapped, 8, len(wrapped), coding, most)
        several = wrapped + open_item + wrapped
        for stop in _stops(several, seed + 200, 1):
            _add_items(area, f"{name}.{stop}", several, 0, stop, coding)
        for room in (1, 3):
            _add_items(area, f"{name}.room-{room}", several, 0, len(several), coding, room=room)
        _add_items(area, f"{name}.no-items", data, 0, len(data), coding)
        if "nested" in name:
            for most in (1, 2):
                _add_items(area, f"{name}.depth-{most}", open_item, 0, end, coding, most)
    for kernel in ("items.scan_items", "items.scan_tree"):
        for chosen in _SEEDS[kernel]:
            _add_chance(area, kernel, chosen)
    return area


KERNEL_AREAS = (scans, trees)
"""What makes each area of this module."""
