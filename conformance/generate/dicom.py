"""A plain encoder of data sets and files (PS3.5 7, PS3.10 7), for the cases."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from conformance.generate.coders import deflate

__all__ = [
    "BIG",
    "DEFLATED",
    "EXPLICIT",
    "IMPLICIT",
    "UNDEFINED",
    "Element",
    "element",
    "encapsulated",
    "fragments",
    "header",
    "item",
    "part10",
    "sequence",
]

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG = "1.2.840.10008.1.2.2"
UNDEFINED = 0xFFFFFFFF

LONG = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_FORMATS = {
    "FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
_WIDTHS = {"OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1}
Value: TypeAlias = int | float | str


@dataclass(frozen=True)
class Element:
    """An element and its value; `octets` are in little endian order.

    Attributes
    ----------
    charset : str
        Python codec of text.
    delimited : bool
        Of a sequence: undefined lengths, of items too.
    """

    tag: int
    vr: str
    values: tuple[Value, ...] = ()
    octets: bytes = b""
    items: tuple[tuple[Element, ...], ...] | None = None
    pieces: tuple[bytes, ...] | None = None
    charset: str = "ascii"
    delimited: bool = False

    def model(self) -> dict[str, Any]:
        """Return what a case says of it."""
        named: dict[str, Any] = {"tag": f"{self.tag:08X}", "vr": self.vr}
        if self.vr == "SQ":
            named["items"] = [[each.model() for each in item] for item in self.items or ()]
        elif self.pieces is not None:
            named["fragments"] = list(self.pieces)
        elif self.vr in _WIDTHS:
            if self.octets:
                named["octets"] = self.octets
        elif self.values:
            named["value"] = [_named(self.vr, each) for each in self.values]
        return named

    def encode(self, syntax: str) -> bytes:
        """Return it as it stands in a data set."""
        if self.pieces is not None:
            return encapsulated(self.tag, self.vr, self.pieces)
        if self.vr == "SQ":
            within = [
                item(b"".join(each.encode(syntax) for each in parts), syntax, self.delimited)
                for parts in self.items or ()
            ]
            return sequence(self.tag, within, syntax, self.delimited)
        return element(self.tag, self.vr, self.value(syntax), syntax)

    def value(self, syntax: str) -> bytes:
        """Return the octets of its value, padded (PS3.5 6.2)."""
        order = ">" if syntax == BIG else "<"
        if self.vr in _FORMATS:
            return struct.pack(f"{order}{len(self.values)}{_FORMATS[self.vr]}", *self.values)
        if self.vr == "AT":
            tags = [int(str(each), 16) for each in self.values]
            return b"".join(struct.pack(order + "2H", tag >> 16, tag & 0xFFFF) for tag in tags)
        if self.vr in _WIDTHS:
            width = _WIDTHS[self.vr] if syntax == BIG else 1
            data = self.octets
            if width > 1:
                data = b"".join(data[k : k + width][::-1] for k in range(0, len(data), width))
            return data + bytes(len(data) % 2)
        text = "\\".join(map(str, self.values)).encode(self.charset)
        return text + (b"\0" if self.vr == "UI" else b" ") * (len(text) % 2)


def _named(vr: str, value: Value) -> Value:
    if vr in ("DS", "IS") and isinstance(value, str):
        text = value.strip(" ")
        if not text:
            return ""
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def header(tag: int, vr: str, length: int, syntax: str = EXPLICIT) -> bytes:
    """Return the header of an element, an item or a delimiter (PS3.5 7.1.2, 7.1.3, 7.5)."""
    order = ">" if syntax == BIG else "<"
    begin = struct.pack(order + "2H", tag >> 16, tag & 0xFFFF)
    if syntax == IMPLICIT or tag >> 16 == 0xFFFE:
        return begin + struct.pack(order + "I", length)
    if vr in LONG:
        return begin + vr.encode() + struct.pack(order + "HI", 0, length)
    return begin + vr.encode() + struct.pack(order + "H", length)


def element(tag: int, vr: str, value: bytes = b"", syntax: str = EXPLICIT) -> bytes:
    """Return an element of defined length."""
    return header(tag, vr, len(value), syntax) + value


def item(content: bytes = b"", syntax: str = EXPLICIT, delimited: bool = False) -> bytes:
    """Return an item."""
    if delimited:
        end = header(0xFFFEE00D, "", 0, syntax)
        return header(0xFFFEE000, "", UNDEFINED, syntax) + content + end
    return header(0xFFFEE000, "", len(content), syntax) + content


def sequence(
    tag: int,
    items: Sequence[bytes],
    syntax: str = EXPLICIT,
    delimited: bool = False,
    vr: str = "SQ",
) -> bytes:
    """Return a sequence of encoded items."""
    content = b"".join(items)
    if delimited:
        end = header(0xFFFEE0DD, "", 0, syntax)
        return header(tag, vr, UNDEFINED, syntax) + content + end
    return header(tag, vr, len(content), syntax) + content


def fragments(frames: Sequence[bytes], offsets: bool = True) -> tuple[bytes, ...]:
    """Return a Basic Offset Table, which may be empty, and a fragment for each frame."""
    table, at, padded = b"", 0, []
    for frame in frames:
        table += struct.pack("<I", at)
        padded.append(frame + bytes(len(frame) % 2))
        at += 8 + len(padded[-1])
    return (table if offsets else b"", *padded)


def encapsulated(tag: int, vr: str, pieces: Sequence[bytes]) -> bytes:
    """Return encapsulated Pixel Data (PS3.5 A.4)."""
    return sequence(tag, [item(each) for each in pieces], delimited=True, vr=vr)


def part10(
    data_set: bytes,
    syntax: str,
    *,
    preamble: bytes = bytes(128),
    sop_class: str = "1.2.840.10008.5.1.4.1.1.7",
) -> bytes:
    """Return a file: preamble, File Meta Information and a data set (PS3.10 7.1)."""
    uids = {
        0x00020002: sop_class,
        0x00020003: "1.2.3.4",
        0x00020010: syntax,
        0x00020012: "1.2.3.4.5",
    }
    meta = element(0x00020001, "OB", b"\0\1")
    for tag, uid in uids.items():
        text = uid.encode("ascii")
        meta += element(tag, "UI", text + bytes(len(text) % 2))
    group = element(0x00020000, "UL", struct.pack("<I", len(meta)))
    if syntax == DEFLATED:
        data_set = deflate.fixed(data_set)
        data_set += bytes(len(data_set) % 2)
    return preamble + b"DICM" + group + meta + data_set
