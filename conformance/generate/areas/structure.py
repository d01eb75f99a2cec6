"""Data sets as a whole: lengths, sequences, nesting, file meta information (PS3.5 7, PS3.10 7)."""

from __future__ import annotations

import struct
import zlib
from itertools import product

from conformance.generate.areas.values import SYNTAXES
from conformance.generate.coders import deflate
from conformance.generate.dicom import (
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    UNDEFINED,
    Element,
    element,
    header,
    item,
    part10,
    sequence,
)
from conformance.generate.writing import Area

SQ = 0x00081140
INNER = 0x00081199
NAME = Element(0x00100010, "PN", ("A^B",))
UID = Element(0x00081155, "UI", ("1.2.3",))
END = Element(0x00200013, "IS", ("7",))
ITEM, ITEM_END, SQ_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


def nested(depth: int, delimited: bool, leaf: Element = UID) -> Element:
    """Return a sequence in a sequence, `depth` of them."""
    made = Element(SQ, "SQ", items=((leaf,),), delimited=delimited)
    for _ in range(depth - 1):
        made = Element(SQ, "SQ", items=((made,),), delimited=delimited)
    return made


def structure() -> Area:
    """Return the cases of whole data sets."""
    area = Area("structure", "Sequences, lengths and files as a whole",
                "PS3.5 7.5 and PS3.10 7.1, by an encoder of its own")  # fmt: skip
    _sequences(area)
    _mixed(area)
    _unknown(area)
    _files(area)
    return area


def _both(area: Area, name: str, clause: str, comment: str, data: bytes, syntax: str,
          elements: list[Element], *flags: str) -> None:  # fmt: skip
    file = part10(data, syntax)
    area.add(name, "read", "structure", clause, comment, {"file": file},
             {"elements": elements}, flags=flags)  # fmt: skip
    if syntax != DEFLATED:
        area.add(f"{name}.again", "rewrite", "write", clause, f"{comment}; written again",
                 {"file": file}, {"dataset": data}, flags=flags)  # fmt: skip


def _sequences(area: Area) -> None:
    shapes: dict[str, tuple[tuple[Element, ...], ...]] = {
        "no-items": (),
        "empty-item": ((),),
        "one-item": ((UID,),),
        "three-items": ((UID,), (), (UID, NAME)),
        "empty-element": ((Element(0x00081155, "UI"),),),
    }
    for (name, items), delimited, coding in product(
        shapes.items(), (False, True), ("implicit", "explicit", "big")
    ):
        each = Element(SQ, "SQ", items=items, delimited=delimited)
        length = "undefined" if delimited else "defined"
        syntax = SYNTAXES[coding]
        _both(area, f"{name}-{length}.{coding}", "PS3.5 7.5.1; PS3.5 7.5.2",
              f"{name} of {length} length, {coding}",
              each.encode(syntax) + END.encode(syntax), syntax, [each, END],
              *(["retired"] if coding == "big" else []))  # fmt: skip
    for depth, delimited, coding in product(
        (2, 5, 20, 60), (False, True), ("implicit", "explicit")
    ):
        each = nested(depth, delimited)
        length = "undefined" if delimited else "defined"
        syntax = SYNTAXES[coding]
        _both(area, f"nested-{depth}-{length}.{coding}", "PS3.5 7.5",
              f"Sequences nested {depth} deep, of {length} length",
              each.encode(syntax) + END.encode(syntax), syntax, [each, END])  # fmt: skip


def _mixed(area: Area) -> None:
    """Sequences and items whose lengths are of both kinds (PS3.5 7.5)."""
    whole = Element(SQ, "SQ", items=((UID,), (UID, NAME)))
    for coding in ("implicit", "explicit", "big"):
        syntax = SYNTAXES[coding]
        first, second = UID.encode(syntax), UID.encode(syntax) + NAME.encode(syntax)
        for k, (outer, one, two) in enumerate(product((False, True), repeat=3)):
            items = [item(first, syntax, one), item(second, syntax, two)]
            data = sequence(SQ, items, syntax, outer) + END.encode(syntax)
            _both(area, f"mixed-{k}.{coding}", "PS3.5 7.5.2",
                  "Defined and undefined lengths of a sequence and its items",
                  data, syntax, [whole, END],
                  *(["retired"] if coding == "big" else []))  # fmt: skip
    inner = Element(INNER, "SQ", items=((UID,),))
    around = Element(SQ, "SQ", items=((inner, NAME),))
    for coding, outer, within in product(("implicit", "explicit"), (False, True), (False, True)):
        syntax = SYNTAXES[coding]
        deep = sequence(INNER, [item(UID.encode(syntax), syntax, within)], syntax, within)
        content = deep + NAME.encode(syntax)
        data = sequence(SQ, [item(content, syntax, outer)], syntax, outer) + END.encode(syntax)
        _both(area, f"deep-mixed-{int(outer)}{int(within)}.{coding}", "PS3.5 7.5.2",
              "A sequence in a sequence, lengths of both kinds", data, syntax,
              [around, END])  # fmt: skip


def _unknown(area: Area) -> None:
    """UN of undefined length, and private sequences (PS3.5 6.2.2)."""
    creator = Element(0x00090010, "LO", ("NOBODY",))
    within = item(UID.encode(IMPLICIT), IMPLICIT, True)
    un = header(0x00091001, "UN", UNDEFINED) + within + header(SQ_END, "", 0)
    data = creator.encode(EXPLICIT) + un + END.encode(EXPLICIT)
    read = Element(0x00091001, "SQ", items=((UID,),))
    area.add("un-undefined", "read", "vr.un", "PS3.5 6.2.2",
             "UN of undefined length is a sequence in Implicit VR Little Endian",
             {"file": part10(data, EXPLICIT)}, {"elements": [creator, read, END]})  # fmt: skip
    area.add("un-undefined.again", "rewrite", "vr.un", "PS3.5 6.2.2",
             "UN of undefined length keeps its octets", {"file": part10(data, EXPLICIT)},
             {"dataset": data})  # fmt: skip
    for delimited in (False, True):
        each = Element(0x00091001, "SQ", items=((UID,), (NAME,)), delimited=delimited)
        name = "undefined" if delimited else "defined"
        data = creator.encode(EXPLICIT) + each.encode(EXPLICIT)
        _both(area, f"private-sequence-{name}", "PS3.5 7.8; PS3.5 7.5",
              "A private sequence keeps its VR", data, EXPLICIT, [creator, each])  # fmt: skip
    each = Element(0x00091001, "SQ", items=((UID,),), delimited=True)
    data = creator.encode(IMPLICIT) + each.encode(IMPLICIT)
    _both(area, "private-sequence-implicit-undefined", "PS3.5 7.8; PS3.5 7.5",
          "A private element of undefined length without VR is a sequence", data, IMPLICIT,
          [creator, each])  # fmt: skip
    data = creator.encode(EXPLICIT) + element(0x00091001, "UN", within) + END.encode(EXPLICIT)
    _both(area, "un-defined", "PS3.5 6.2.2", "UN of defined length keeps its octets", data,
          EXPLICIT, [creator, Element(0x00091001, "UN", octets=within), END])  # fmt: skip
    unknown = header(0x00091001, "UT", 4)[:4] + b"ZZ\0\0" + struct.pack("<I", 4) + b"abcd"
    data = creator.encode(EXPLICIT) + unknown + END.encode(EXPLICIT)
    area.add("vr-of-the-future", "rewrite", "write", "PS3.5 7.1.2; PS3.5 6.2",
             "A VR that no edition has, with the long form of header",
             {"file": part10(data, EXPLICIT)}, {"dataset": data}, result="either")  # fmt: skip


def _files(area: Area) -> None:
    """Group lengths, order, padding, deflated data sets, odd File Meta Information."""
    plain = [UID, NAME, END]
    for coding, syntax in SYNTAXES.items():
        data = b"".join(each.encode(syntax) for each in plain)
        order = ">" if syntax == BIG else "<"
        length = struct.pack(order + "I", len(NAME.encode(syntax)))
        grouped = (UID.encode(syntax) + element(0x00100000, "UL", length, syntax)
                   + NAME.encode(syntax) + END.encode(syntax))  # fmt: skip
        area.add(f"group-length.{coding}", "read", "structure", "PS3.5 7.2",
                 "A retired group length is no part of the answer",
                 {"file": part10(grouped, syntax)}, {"elements": plain},
                 flags=["retired"])  # fmt: skip
        wrong = grouped.replace(length, struct.pack(order + "I", 1000), 1)
        area.add(f"group-length-wrong.{coding}", "read", "structure", "PS3.5 7.2",
                 "A group length that is wrong does not matter",
                 {"file": part10(wrong, syntax)}, {"elements": plain},
                 flags=["retired", "legacy"])  # fmt: skip
        padding = element(0xFFFCFFFC, "OB", bytes(40), syntax)
        trailing = Element(0xFFFCFFFC, "OB", octets=bytes(40))
        area.add(f"trailing-padding.{coding}", "read", "structure", "PS3.10 7.2",
                 "Data Set Trailing Padding", {"file": part10(data + padding, syntax)},
                 {"elements": [*plain, trailing]})  # fmt: skip
        area.add(f"empty-data-set.{coding}", "read", "structure", "PS3.10 7.1",
                 "A file with nothing after its File Meta Information",
                 {"file": part10(b"", syntax)}, {"elements": []}, result="either")  # fmt: skip
    data = b"".join(each.encode(EXPLICIT) for each in plain)
    area.add("preamble-in-use", "read", "structure", "PS3.10 7.1",
             "A preamble of a TIFF file",
             {"file": part10(data, EXPLICIT, preamble=b"II*\0" + bytes(124))},
             {"elements": plain})  # fmt: skip
    many = [Element(0x00081155, "UI", ("1.2.3",))] + [
        Element((0x0009 + 2 * k) << 16 | 0x10, "LO", (f"CREATOR {k}",)) for k in range(300)
    ]
    many = sorted(many, key=lambda each: each.tag)
    for coding, syntax in SYNTAXES.items():
        data = b"".join(each.encode(syntax) for each in many)
        area.add(f"many-elements.{coding}", "read", "structure", "PS3.5 7.1",
                 "301 elements", {"file": part10(data, syntax)}, {"elements": many})  # fmt: skip
    _deflated(area, plain)


def _deflated(area: Area, plain: list[Element]) -> None:
    data = b"".join(each.encode(EXPLICIT) for each in plain)
    head = part10(b"", DEFLATED)
    head = head[: head.rindex(b"1.2.3.4.5\0") + 10]
    for name, packed in {"stored": deflate.stored(data), "fixed": deflate.fixed(data)}.items():
        area.add(f"deflated-{name}", "read", "syntax.deflated", "PS3.5 A.5",
                 f"Deflated, blocks: {name}",
                 {"file": head + packed + bytes(len(packed) % 2)}, {"elements": plain},
                 source="PS3.5 A.5 and RFC 1951, by an encoder of its own")  # fmt: skip
    packed = b"\x78\x01" + deflate.stored(data) + zlib.adler32(data).to_bytes(4, "big")
    area.add("deflated-with-zlib-header", "read", "syntax.deflated", "PS3.5 A.5",
             "Deflated with a header of zlib, which the standard excludes",
             {"file": head + packed}, {"elements": plain}, result="either",
             flags=["legacy"])  # fmt: skip
    packed = deflate.fixed(data)
    area.add("deflated-two-octets-of-padding", "read", "syntax.deflated", "PS3.5 A.5",
             "Padding after the deflated data",
             {"file": head + packed + bytes(2 + len(packed) % 2)},
             {"elements": plain})  # fmt: skip
