"""A plain parser of encoded data sets, which the kernels of elements are compared with.

It goes from header to header as PS3.5 7 is written, keeps what is open in a list, and has
none of the kernels' short cuts.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from conformance.generate.dicom import UNDEFINED

__all__ = [
    "BIG_ENDIAN",
    "IMPLICIT_VR",
    "IN_ITEM",
    "ITEM",
    "ITEM_END",
    "LONG",
    "SEQUENCE_END",
    "TOO_SHORT",
    "Tree",
    "end_of",
    "header_at",
    "items_of",
    "scan_of",
]

IMPLICIT_VR, BIG_ENDIAN, IN_ITEM = 1, 2, 4
TRUNCATED, UNEXPECTED_TAG, DEPTH_LIMIT = -1, -4, -6
AT_END, AT_DELIMITER, AT_UNTIL, ROOM_USED, TOO_SHORT = range(5)
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
SHORT = frozenset("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
LONG = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


class Header(NamedTuple):
    tag: int
    vr: str
    length: int
    value: int
    whole: bool


def header_at(src: bytes, p: int, stop: int, coding: int) -> Header:
    """Return the header at `p`, of which at least 8 octets exist (PS3.5 7.1.2, 7.5)."""
    order = ">" if coding & BIG_ENDIAN else "<"
    group, number = struct.unpack_from(order + "2H", src, p)
    tag = group << 16 | number
    wide: int = struct.unpack_from(order + "I", src, p + 4)[0]
    vr = src[p + 4 : p + 6].decode("latin-1")
    no_vr = Header(tag, "", wide, p + 8, True)
    if group == 0xFFFE or coding & IMPLICIT_VR:
        return no_vr
    low: int = struct.unpack_from(order + "H", src, p + 6)[0]
    short = Header(tag, vr, low, p + 8, True)
    if vr in SHORT:
        return short
    if vr not in LONG and not (vr.isascii() and vr.isalpha() and vr.isupper()):
        return no_vr
    if p + 12 > stop:
        return short._replace(whole=vr not in LONG)
    length: int = struct.unpack_from(order + "I", src, p + 8)[0]
    if vr in LONG or (low == 0 and p + 12 + length <= stop):
        return Header(tag, vr, length, p + 12, True)
    return short


def has_vr(src: bytes, p: int, stop: int) -> bool:
    if p + 8 > stop:
        return False
    is_item = src[p : p + 2] == b"\xfe\xff"
    return not is_item and src[p + 4 : p + 6].decode("latin-1") in SHORT | LONG


def end_of(  # noqa: C901, PLR0912  # one step for each kind of header
    src: bytes, p: int, stop: int, coding: int, depth: int, most: int
) -> tuple[int, int]:
    """Return where what is open is over, or a status and where the fault is."""
    stack = ["sequence" if depth == 1 else "item"]
    coding &= ~IN_ITEM
    unknown: tuple[int, int] | None = None  # how deep an element of VR UN is, and its coding
    while p + 8 <= stop:
        here = header_at(src, p, stop, coding)
        if not here.whole:
            return TRUNCATED, p
        in_item = stack[-1] == "item"
        follows = here.value
        if here.tag == SEQUENCE_END:
            del stack[-2 if in_item else -1 :]
        elif here.tag == ITEM_END:
            if in_item:
                stack.pop()
        elif here.tag == ITEM:
            if here.length != UNDEFINED:
                follows = here.value + here.length
            else:
                if not in_item:
                    stack.append("item")
                if unknown:
                    coding = 0 if has_vr(src, here.value, stop) else IMPLICIT_VR
                    coding |= unknown[1] & ~(IMPLICIT_VR | BIG_ENDIAN)
        elif not in_item:
            return UNEXPECTED_TAG, p
        elif here.length == UNDEFINED:
            stack.append("sequence")
            if depth - 1 + len(stack) > 2 * most:
                return DEPTH_LIMIT, p
            if here.vr == "UN" and not unknown:
                unknown = (len(stack), coding)
                coding = IMPLICIT_VR
        else:
            follows = here.value + here.length
        p = follows
        if unknown and len(stack) < unknown[0]:
            coding, unknown = unknown[1], None
        if not stack:
            return p, -1
    return TRUNCATED, p


def value_end(src: bytes, here: Header, stop: int, coding: int, most: int) -> tuple[int, int]:
    """Return where an element's value of undefined length is over."""
    if here.vr == "UN":
        coding = 0 if has_vr(src, here.value + 8, stop) else IMPLICIT_VR
    return end_of(src, here.value, stop, coding, 1, most)


class Scan(NamedTuple):
    result: int
    tags: list[int]
    offsets: list[int]
    state: list[int]


def scan_of(src: bytes, p: int, stop: int, coding: int, until: int, most: int, room: int) -> Scan:
    """Return the elements of one data set, not those of its items."""
    tags: list[int] = []
    offsets: list[int] = []

    def stopped(why: int, at: int, place: int) -> Scan:
        return Scan(len(tags), tags, [*offsets, place], [why, at])

    while len(tags) < room:
        if p + 8 > stop:
            return stopped(AT_END if p == stop else TOO_SHORT, p, p)
        here = header_at(src, p, stop, coding)
        is_item = here.tag >> 16 == 0xFFFE
        if is_item and coding & IN_ITEM:
            return stopped(AT_DELIMITER, here.value if here.tag == ITEM_END else p, p)
        if here.tag >= until and here.whole:
            return stopped(AT_UNTIL, p, p)
        end = here.value + here.length
        if is_item:
            end = here.value
        elif here.length == UNDEFINED and here.whole:
            end, fault = value_end(src, here, stop, coding, most)
            if end in (UNEXPECTED_TAG, DEPTH_LIMIT):
                return Scan(end, tags, [*offsets, p], [len(tags), fault])
        if not here.whole or end < 0 or end > stop:
            return stopped(TOO_SHORT, p, p)
        tags.append(here.tag)
        offsets.append(p)
        p = end
    return stopped(ROOM_USED, p, p)


class Items(NamedTuple):
    result: int
    begins: list[int]
    ends: list[int]
    state: list[int]


def items_of(src: bytes, p: int, stop: int, coding: int, most: int, room: int) -> Items:
    """Return where the items of a sequence begin and end."""
    begins: list[int] = []
    ends: list[int] = []
    while len(begins) < room:
        if p + 8 > stop:
            return Items(len(begins), begins, ends, [AT_END if p == stop else TOO_SHORT, p])
        here = header_at(src, p, stop, coding)
        end = closing = here.value + here.length
        if here.length == UNDEFINED:
            closing, _ = end_of(src, here.value, stop, coding, 2, most)
            end = closing - 8
            if closing == DEPTH_LIMIT:
                return Items(DEPTH_LIMIT, begins, ends, [])
        if here.tag != ITEM or closing < 0 or closing > stop:
            return Items(len(begins), begins, ends, [TOO_SHORT, p])
        begins.append(here.value)
        ends.append(end)
        p = closing
    return Items(len(begins), begins, ends, [ROOM_USED, p])


class Broken(Exception):
    """What is to be laid out in rows is not as it should be, or does not fit."""


class Tree:
    """The rows of an item: tag, offset, and the row after all that it holds."""

    def __init__(self, src: bytes, stop: int, coding: int, most: int, room: int) -> None:
        self.src, self.stop, self.coding, self.most, self.room = src, stop, coding, most, room
        self.rows: list[list[int]] = []
        self.p = 0

    def run(self, start: int) -> tuple[int, int, list[list[int]]]:
        """Return result, state and rows."""
        self.p = start
        self.rows.append([ITEM, start - 8, 0])
        try:
            self._item(0, -1 if self.coding & IN_ITEM else self.stop, 0)
        except Broken as fault:
            return 0, int(str(fault)), []
        return len(self.rows), AT_END, self.rows

    def _next(self, limit: int, end: int) -> Header | None:
        """Return the next header, or none where what is open ends."""
        if len(self.rows) + 1 >= self.room:
            raise Broken(ROOM_USED)
        if self.p == limit:
            return None
        if self.p + 8 > self.stop or 0 <= limit < self.p:
            raise Broken(TOO_SHORT)
        here = header_at(self.src, self.p, self.stop, self.coding)
        if not here.whole:
            raise Broken(TOO_SHORT)
        if limit < 0 and here.tag == end:
            self.p = here.value
            return None
        return here

    def _open(self, here: Header, depth: int) -> tuple[int, int]:
        end = here.value + here.length
        undefined = here.length == UNDEFINED
        if depth >= 2 * self.most or (not undefined and end > self.stop):
            raise Broken(TOO_SHORT)
        self.rows.append([here.tag, self.p, 0])
        self.p = here.value
        return len(self.rows) - 1, -1 if undefined else end

    def _item(self, row: int, limit: int, depth: int) -> None:
        while True:
            at = self.p
            here = self._next(limit, ITEM_END)
            if here is None:
                break
            if here.tag >> 16 == 0xFFFE:
                raise Broken(TOO_SHORT)
            undefined = here.length == UNDEFINED
            unnamed = not here.vr and undefined and here.tag != 0x7FE00010
            if here.vr == "SQ" or unnamed:
                self._sequence(*self._open(here, depth + 1), depth + 1)
                continue
            end = here.value + here.length
            if undefined:
                end, _ = value_end(self.src, here, self.stop, self.coding, self.most)
                if end < 0:
                    raise Broken(TOO_SHORT)
            self.rows.append([here.tag, at, len(self.rows) + 1])
            self.p = end
        self.rows.append([-1, at, len(self.rows) + 1])
        self.rows[row][2] = len(self.rows)

    def _sequence(self, row: int, limit: int, depth: int) -> None:
        while True:
            here = self._next(limit, SEQUENCE_END)
            if here is None:
                break
            if here.tag != ITEM:
                raise Broken(TOO_SHORT)
            self._item(*self._open(here, depth + 1), depth + 1)
        self.rows[row][2] = len(self.rows)
