"""A second, independent reading of PS3.5 7 for conformant files, to check edits byte by byte."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from tests.synthetic.encoder import (
    BIG_ENDIAN,
    DEFLATED,
    IMPLICIT,
    ITEM,
    ITEM_END,
    LONG_HEADER,
    PIXEL_DATA,
    SEQUENCE_END,
    UNDEFINED,
    Encoding,
)

_SHORT_HEADER = frozenset("AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())


class NotConformantError(Exception):
    """The bytes break PS3.5; the message says how."""


@dataclass
class Token:
    """One element, item or delimiter.

    Attributes
    ----------
    tag, vr
        As encoded; the VR is empty where none is stated.
    start, value, end : int
        Offsets of the tag, of the value, and of what follows the value and its delimiter.
    length : int
        The length field.
    length_at, length_bytes : int
        Where it lies and whether it has 2 or 4 bytes.
    parent : Token or None
        The item or sequence around it.
    """

    tag: int
    vr: str
    start: int
    value: int
    length: int
    length_at: int
    length_bytes: int
    parent: Token | None = None
    end: int = 0
    children: list[Token] = field(default_factory=list)

    def leaves(self) -> list[Token]:
        """Return the elements with values below this one, in file order."""
        found: list[Token] = []
        for child in self.children:
            if child.children or child.tag == ITEM or child.vr == "SQ":
                found += child.leaves()
            else:
                found.append(child)
        return found


@dataclass
class Document:
    """A file, inflated if it was deflated, and its tokens.

    Attributes
    ----------
    data : bytes
        The file up to the data set as it is, and the data set inflated.
    body : int
        Offset of the data set.
    root : Token
        Its children are the elements of the data set.
    meta : Token
        Its children are the File Meta Information.
    """

    data: bytes
    body: int
    syntax: str
    encoding: Encoding
    root: Token
    meta: Token


def tokenise(data: bytes) -> Document:
    """Tokenise a conformant file; raise `NotConformantError` for another."""
    if data[128:132] != b"DICM":
        raise NotConformantError("no DICM prefix after 128 bytes (PS3.10 7.1)")
    meta_encoding = Encoding()
    meta = Token(0, "", 132, 132, 0, 0, 0)
    at = 132
    while at + 8 <= len(data) and struct.unpack_from("<H", data, at)[0] == 2:
        at = _element(data, at, len(data), meta_encoding, meta)
    values = {token.tag: data[token.value : token.end] for token in meta.children}
    if 0x00020010 not in values:
        raise NotConformantError("no Transfer Syntax UID (PS3.10 7.1)")
    stated = values.get(0x00020000, b"")
    if len(stated) != 4 or struct.unpack("<I", stated)[0] != at - meta.children[0].end:
        raise NotConformantError("wrong or missing File Meta Information Group Length")
    syntax = values[0x00020010].rstrip(b"\0 ").decode("ascii", "replace")
    encoding = Encoding(explicit=syntax != IMPLICIT, little=syntax != BIG_ENDIAN)
    if syntax == DEFLATED:
        data = data[:at] + _inflate(data[at:])
    root = Token(0, "", at, at, 0, 0, 0)
    _elements(data, at, len(data), encoding, root)
    return Document(data, at, syntax, encoding, root, meta)


def _inflate(packed: bytes) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(packed)
    except zlib.error as error:
        raise NotConformantError(f"deflate: {error}") from error
    if not inflater.eof or inflater.unused_data not in (b"", b"\0"):
        raise NotConformantError("the deflated data set is cut short or has a tail (PS3.5 A.5)")
    return plain


def _elements(data: bytes, at: int, end: int, encoding: Encoding, parent: Token) -> None:
    last = -1
    while at < end:
        at = _element(data, at, end, encoding, parent)
        tag = parent.children[-1].tag
        if tag <= last:
            raise NotConformantError(f"tag {tag:08X} is out of order (PS3.5 7.1) at {at}")
        last = tag


def _element(data: bytes, at: int, end: int, encoding: Encoding, parent: Token) -> int:
    token = _header(data, at, end, encoding)
    token.parent = parent
    parent.children.append(token)
    if token.length == UNDEFINED:
        token.end = _undefined(data, token, end, encoding)
        return token.end
    token.end = token.value + token.length
    if token.end > end:
        raise NotConformantError(f"{token.tag:08X} at {at} reaches beyond its end {end}")
    if token.length % 2:
        raise NotConformantError(f"{token.tag:08X} at {at} has an odd length (PS3.5 7.1.1)")
    if token.vr == "SQ" or (not token.vr and _looks_like_items(data, token, encoding)):
        at = token.value
        while at < token.end:
            at = _item(data, at, token.end, encoding, token)
    return token.end


def _undefined(data: bytes, token: Token, end: int, encoding: Encoding) -> int:
    at = token.value
    if token.vr == "UN":
        # PS3.5 6.2.2 note 2: such a sequence is in Implicit VR Little Endian
        encoding = Encoding(explicit=False)
    while True:
        if at + 8 > end:
            raise NotConformantError(f"no Sequence Delimitation Item for {token.tag:08X}")
        if _tag(data, at, encoding) == SEQUENCE_END:
            _check_delimiter(data, at, encoding)
            return at + 8
        if token.tag == PIXEL_DATA:
            fragment = _header(data, at, end, encoding)
            at = fragment.value + fragment.length
            if fragment.tag != ITEM or fragment.length % 2 or at > end:
                raise NotConformantError("a fragment of Pixel Data is no item (PS3.5 A.4)")
        else:
            at = _item(data, at, end, encoding, token)


def _item(data: bytes, at: int, end: int, encoding: Encoding, parent: Token) -> int:
    item = _header(data, at, end, encoding)
    if item.tag != ITEM:
        raise NotConformantError(f"{item.tag:08X} at {at} where an item should be (PS3.5 7.5)")
    item.parent = parent
    parent.children.append(item)
    at = item.value
    if item.length != UNDEFINED:
        item.end = at + item.length
        if item.end > end:
            raise NotConformantError(f"the item at {item.start} reaches beyond its sequence")
        _elements(data, at, item.end, encoding, item)
        return item.end
    last = -1
    while True:
        if at + 8 > end:
            raise NotConformantError(f"no Item Delimitation Item for the item at {item.start}")
        tag = _tag(data, at, encoding)
        if tag == ITEM_END:
            _check_delimiter(data, at, encoding)
            item.end = at + 8
            return item.end
        if tag <= last:
            raise NotConformantError(f"tag {tag:08X} is out of order (PS3.5 7.1) at {at}")
        last = tag
        at = _element(data, at, end, encoding, item)


def _tag(data: bytes, at: int, encoding: Encoding) -> int:
    group, element = struct.unpack_from(encoding.order + "HH", data, at)
    return int(group) << 16 | int(element)


def _check_delimiter(data: bytes, at: int, encoding: Encoding) -> None:
    if struct.unpack_from(encoding.order + "I", data, at + 4)[0] != 0:
        raise NotConformantError(f"the delimiter at {at} has a length (PS3.5 7.5.1)")


def _header(data: bytes, at: int, end: int, encoding: Encoding) -> Token:
    if at + 8 > end:
        raise NotConformantError(f"{end - at} bytes at {at} are no element header")
    tag = _tag(data, at, encoding)
    order = encoding.order
    if not encoding.explicit or tag >> 16 == 0xFFFE:
        length = struct.unpack_from(order + "I", data, at + 4)[0]
        return Token(tag, "", at, at + 8, length, at + 4, 4)
    vr = data[at + 4 : at + 6].decode("latin-1")
    if vr in LONG_HEADER:
        if at + 12 > end:
            raise NotConformantError(f"the header at {at} is cut short")
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        return Token(tag, vr, at, at + 12, length, at + 8, 4)
    if vr not in _SHORT_HEADER:
        raise NotConformantError(f"{tag:08X} at {at} has the unknown VR {vr!r} (PS3.5 6.2)")
    return Token(tag, vr, at, at + 8, struct.unpack_from(order + "H", data, at + 6)[0], at + 6, 2)


def _looks_like_items(data: bytes, token: Token, encoding: Encoding) -> bool:
    """Tell whether an element without a stated VR is a sequence: its items fill it exactly."""
    if token.length < 8 or token.tag == PIXEL_DATA:
        return False
    at = token.value
    while at + 8 <= token.end:
        if _tag(data, at, encoding) != ITEM:
            return False
        length = struct.unpack_from(encoding.order + "I", data, at + 4)[0]
        if length == UNDEFINED:
            return True
        at += 8 + length
    return at == token.end


def splice(document: Document, token: Token, element: bytes) -> bytes:
    """Return the bytes of `document` with `token` replaced by `element`.

    The lengths of the items and sequences around it are corrected, as PS3.5 7.5
    demands, and the group lengths (PS3.5 7.2) of the groups that change;
    every other byte stays.
    """
    data = bytearray(document.data)
    grown = len(element) - (token.end - token.start)
    inner, around = token, token.parent
    while around is not None:
        _correct_group_length(data, document.encoding, inner, around, grown)
        if around.length_bytes and around.length != UNDEFINED:
            form = document.encoding.order + ("I" if around.length_bytes == 4 else "H")
            struct.pack_into(form, data, around.length_at, around.length + grown)
        inner, around = around, around.parent
    data[token.start : token.end] = element
    return bytes(data)


def _correct_group_length(
    data: bytearray, encoding: Encoding, changed: Token, level: Token, grown: int
) -> None:
    first = next((t for t in level.children if t.tag >> 16 == changed.tag >> 16), None)
    if changed.tag == ITEM or first is None or first.tag & 0xFFFF or first.length != 4:
        return
    # by the difference: what was wrong before stays as wrong as it was
    (length,) = struct.unpack_from(encoding.order + "I", data, first.value)
    struct.pack_into(encoding.order + "I", data, first.value, max(0, length + grown) & 0xFFFFFFFF)
