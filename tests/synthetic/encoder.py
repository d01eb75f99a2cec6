"""Encodes DICOM with `struct` alone, so that tests do not rest on the writer under test."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"

UNDEFINED = 0xFFFFFFFF
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
PIXEL_DATA = 0x7FE00010

LONG_HEADER = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
"""PS3.5 7.1.2: these have two reserved bytes and a length of 32 bits."""

_NUMBER_FORMATS = {
    "US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d",
    "OW": "H", "OL": "I", "OV": "Q", "OF": "f", "OD": "d", "AT": "HH",
}  # fmt: skip


@dataclass(frozen=True)
class Encoding:
    """One way to encode a data set (PS3.5 7.1 and 7.5).

    Attributes
    ----------
    explicit : bool
        Whether elements state their VR.
    little : bool
        Byte order.
    undefined : bool
        Whether sequences and items have undefined lengths.
    """

    explicit: bool = True
    little: bool = True
    undefined: bool = False

    @property
    def order(self) -> Literal["<", ">"]:
        """The prefix of a `struct` format."""
        return "<" if self.little else ">"

    @property
    def syntax(self) -> str:
        """The transfer syntax."""
        if not self.explicit:
            return IMPLICIT
        return EXPLICIT if self.little else BIG_ENDIAN

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """Return the tag, VR and length fields."""
        order = self.order
        if not self.explicit or tag >> 16 == 0xFFFE:
            return struct.pack(order + "HHI", tag >> 16, tag & 0xFFFF, length)
        start = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF) + vr.encode("ascii")
        if vr in LONG_HEADER:
            return start + struct.pack(order + "HI", 0, length)
        return start + struct.pack(order + "H", length)

    def element(self, tag: int, vr: str, value: bytes) -> bytes:
        """Return an element whose value is given as bytes, which must be even in number."""
        return self.header(tag, vr, len(value)) + value

    def text(self, tag: int, vr: str, value: str, charset: str = "latin-1") -> bytes:
        """Return an element with a text value, padded to an even length (PS3.5 6.2)."""
        encoded = value.encode(charset)
        if len(encoded) % 2:
            encoded += b"\0" if vr == "UI" else b" "
        return self.element(tag, vr, encoded)

    def numbers(self, tag: int, vr: str, *values: float) -> bytes:
        """Return an element with binary numbers; an AT takes whole tags."""
        form = _NUMBER_FORMATS[vr]
        if vr == "AT":
            parts = [part for tag_ in values for part in (int(tag_) >> 16, int(tag_) & 0xFFFF)]
            return self.element(tag, vr, struct.pack(f"{self.order}{len(parts)}H", *parts))
        return self.element(tag, vr, struct.pack(f"{self.order}{len(values)}{form}", *values))

    def item(self, content: bytes) -> bytes:
        """Return one item of a sequence."""
        if not self.undefined:
            return self.header(ITEM, "", len(content)) + content
        return self.header(ITEM, "", UNDEFINED) + content + self.header(ITEM_END, "", 0)

    def sequence(self, tag: int, items: Iterable[bytes]) -> bytes:
        """Return a sequence of items whose contents are given."""
        body = b"".join(map(self.item, items))
        if not self.undefined:
            return self.header(tag, "SQ", len(body)) + body
        return self.header(tag, "SQ", UNDEFINED) + body + self.header(SEQUENCE_END, "", 0)

    def fragments(self, fragments: Sequence[bytes], offsets: Sequence[int] = ()) -> bytes:
        """Return encapsulated Pixel Data with the given Basic Offset Table (PS3.5 A.4)."""
        table = struct.pack(f"{self.order}{len(offsets)}I", *offsets)
        parts = [self.header(PIXEL_DATA, "OB", UNDEFINED)]
        for content in (table, *fragments):
            parts += [self.header(ITEM, "", len(content)), content]
        return b"".join((*parts, self.header(SEQUENCE_END, "", 0)))


def part10(
    body: bytes,
    syntax: str,
    sop_class: str = "1.2.840.10008.5.1.4.1.1.7",
    sop_instance: str = "2.25.1",
) -> bytes:
    """Return a DICOM file (PS3.10 7.1) around an encoded data set."""
    meta = Encoding()
    elements = b"".join(
        (
            meta.element(0x00020001, "OB", b"\0\1"),
            meta.text(0x00020002, "UI", sop_class),
            meta.text(0x00020003, "UI", sop_instance),
            meta.text(0x00020010, "UI", syntax),
            meta.text(0x00020012, "UI", "2.25.2"),
        )
    )
    if syntax == DEFLATED:
        body = deflate(body)
    group_length = meta.numbers(0x00020000, "UL", len(elements))
    return b"".join((bytes(128), b"DICM", group_length, elements, body))


def deflate(body: bytes) -> bytes:
    """Return `body` as raw deflate, padded to an even length (PS3.5 A.5)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(body) + packer.flush()
    return packed + b"\0" * (len(packed) % 2)
