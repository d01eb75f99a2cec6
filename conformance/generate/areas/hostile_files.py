"""Data sets and files that are broken on purpose."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from conformance.generate.areas.structure import (
    END,
    ITEM,
    ITEM_END,
    NAME,
    SQ,
    SQ_END,
    UID,
)
from conformance.generate.areas.values import SELECTORS, SYNTAXES
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

_LONG = [0x80000000, 0xFFFFFFFE, 0x7FFFFFFF, 0xFFFF, 100]


def hostile_files() -> Area:
    """Return the cases of broken data sets."""
    area = Area("hostile-files", "Data sets and files that are broken on purpose",
                "PS3.5 7 is broken; what must not happen is told in README.md")  # fmt: skip
    _truncated(area)
    _lengths(area)
    _delimiters(area)
    _meta(area)
    _deep(area)
    _bombs(area)
    _garbage(area)
    return area


def _hostile(area: Area, name: str, clause: str, comment: str, file: bytes, *,
             refuse: bool = False) -> None:  # fmt: skip
    area.add(name, "read", "structure", clause, comment, {"file": file},
             result="error" if refuse else "either", flags=["hostile"])  # fmt: skip


def _sample(syntax: str) -> bytes:
    each = Element(SQ, "SQ", items=((UID, NAME), (UID,)), delimited=True)
    return UID.encode(syntax) + each.encode(syntax) + NAME.encode(syntax) + END.encode(syntax)


def _truncated(area: Area) -> None:
    """Add files that end too early, anywhere."""
    for coding in ("implicit", "explicit", "big"):
        syntax = SYNTAXES[coding]
        file = part10(_sample(syntax), syntax)
        start = len(file) - len(_sample(syntax))
        for length in range(start + 1, len(file), 5):
            _hostile(area, f"cut-at-{length}.{coding}", "PS3.5 7.1", "The file ends too early",
                     file[:length])  # fmt: skip
    file = part10(_sample(EXPLICIT), EXPLICIT)
    for length in (0, 1, 127, 128, 131, 132, 133, 140, 143, 150, 200):
        _hostile(area, f"cut-at-{length}", "PS3.10 7.1",
                 "The file ends in its preamble or File Meta Information", file[:length],
                 refuse=length < 132)  # fmt: skip


def _lengths(area: Area) -> None:
    """Lengths beyond the end, odd ones, undefined ones where they may not be."""
    for coding in ("implicit", "explicit", "big"):
        syntax = SYNTAXES[coding]
        for vr in ("OB", "UT", "SQ", "UN", "OW"):
            tag = SELECTORS.get(vr, SQ)
            for length in _LONG:
                data = header(tag, vr, length, syntax) + bytes(16)
                _hostile(area, f"length-{vr}-{length:x}.{coding}", "PS3.5 7.1.1",
                         f"{vr} of length {length} before 16 octets",
                         part10(UID.encode(syntax) + data, syntax))  # fmt: skip
        for length in _LONG:
            data = header(SQ, "SQ", UNDEFINED, syntax) + header(ITEM, "", length, syntax)
            _hostile(area, f"length-item-{length:x}.{coding}", "PS3.5 7.5.1",
                     f"An item of length {length} in a short file",
                     part10(data + bytes(16), syntax))  # fmt: skip
        data = header(SQ, "SQ", 40, syntax) + item(UID.encode(syntax), syntax)
        _hostile(area, f"sequence-beyond-items.{coding}", "PS3.5 7.5.1",
                 "A sequence that is longer than its items",
                 part10(data + NAME.encode(syntax) + END.encode(syntax), syntax))  # fmt: skip
        data = sequence(SQ, [header(ITEM, "", 8, syntax) + UID.encode(syntax)], syntax)
        _hostile(area, f"item-shorter-than-elements.{coding}", "PS3.5 7.5.1",
                 "An item that ends within its element", part10(data, syntax))  # fmt: skip
        data = header(SQ, "SQ", 20, syntax) + item(UID.encode(syntax) + NAME.encode(syntax), syntax)
        _hostile(area, f"sequence-ends-within-item.{coding}", "PS3.5 7.5.1",
                 "A sequence that ends within its item",
                 part10(data + END.encode(syntax), syntax))  # fmt: skip
    for vr in ("LO", "US", "UI", "PN"):
        tag = SELECTORS[vr]
        for length in (0xFFFF, 0xFFFE, 0x8000, 101):
            data = header(tag, vr, length) + bytes(10)
            _hostile(area, f"length-{vr}-{length:x}.explicit", "PS3.5 7.1.2",
                     f"{vr} of length {length} before 10 octets",
                     part10(data, EXPLICIT))  # fmt: skip
    for vr in ("LO", "OB", "US", "UT"):
        data = header(SELECTORS[vr], vr, UNDEFINED, IMPLICIT) + bytes(10)
        _hostile(area, f"undefined-{vr}.implicit", "PS3.5 7.1.3",
                 f"{vr} of undefined length, which is no sequence",
                 part10(data, IMPLICIT))  # fmt: skip
    for vr in ("UT", "UC", "UR", "OF"):
        data = header(SELECTORS[vr], vr, UNDEFINED) + bytes(10)
        _hostile(area, f"undefined-{vr}.explicit", "PS3.5 7.1.2",
                 f"{vr} of undefined length", part10(data, EXPLICIT))  # fmt: skip


def _delimiters(area: Area) -> None:
    """Delimiters where none may be, and none where one must be."""
    for coding in ("implicit", "explicit", "big"):
        syntax = SYNTAXES[coding]
        uid, end = UID.encode(syntax), END.encode(syntax)
        begin = header(SQ, "SQ", UNDEFINED, syntax)
        opened = header(ITEM, "", UNDEFINED, syntax)
        closed, done = header(ITEM_END, "", 0, syntax), header(SQ_END, "", 0, syntax)
        forms = {
            "item-at-top": header(ITEM, "", 0, syntax) + uid,
            "item-end-at-top": closed + uid,
            "sequence-end-at-top": done + uid,
            "no-item-end": begin + opened + uid + done + end,
            "no-sequence-end": begin + opened + uid + closed + end,
            "no-end-at-all": begin + opened + uid,
            "element-in-sequence": begin + uid + done + end,
            "two-item-ends": begin + opened + uid + closed + closed + done + end,
            "two-sequence-ends": begin + opened + uid + closed + done + done + end,
            "item-end-with-length": begin + opened + uid
            + header(ITEM_END, "", 4, syntax) + bytes(4) + done + end,
            "sequence-end-with-length": begin + opened + uid + closed
            + header(SQ_END, "", 0xFFFFFFFF, syntax) + end,
            "item-in-item": begin + opened + opened + uid + closed + closed + done + end,
            "sequence-end-in-item": begin + opened + done + uid + closed + done + end,
            "item-without-content": begin + opened,
            "nothing-in-sequence": begin,
        }  # fmt: skip
        for name, data in forms.items():
            _hostile(area, f"{name}.{coding}", "PS3.5 7.5.2; PS3.5 7.5.1",
                     name.replace("-", " "), part10(data, syntax))  # fmt: skip


def _meta(area: Area) -> None:
    """Files whose beginning is broken (PS3.10 7.1)."""
    data = UID.encode(EXPLICIT) + NAME.encode(EXPLICIT)
    good = part10(data, EXPLICIT)
    clause = "PS3.10 7.1"
    plain = {"elements": [UID, NAME]}

    def add(name: str, comment: str, file: bytes, refuse: bool = False) -> None:
        _hostile(area, f"meta-{name}", clause, comment, file, refuse=refuse)

    add("no-magic", "DICM is not there, nor anything like a data set", bytes(132) + b"JUNK" * 20,
        True)  # fmt: skip
    add("text-file", "A text", b"This is no DICOM file.\n" * 20, True)
    add("png", "A PNG image", b"\x89PNG\r\n\x1a\n" + bytes(300), True)
    add("zip", "An archive", b"PK\3\4" + bytes(300), True)
    add("all-ff", "Nothing but ones", b"\xff" * 400, True)
    add("only-preamble", "A preamble, DICM and no more", good[:132])
    for value in (0, 1, 20, 0x7FFFFFFF, 0xFFFFFFFF):
        broken = good[:140] + struct.pack("<I", value) + good[144:]
        area.add(f"meta-group-length-{value:x}", "read", "structure", clause,
                 f"The length of the File Meta Information is said to be {value}",
                 {"file": broken}, plain, result="either", flags=["hostile"])  # fmt: skip
    for name, uid in {"empty": b"", "unknown": b"1.2.3.4.5.6.7.8.9\0", "no-uid": b"hello!",
                      "octets": b"\xff\xfe\0\1"}.items():  # fmt: skip
        meta = element(0x00020001, "OB", b"\0\1") + element(0x00020010, "UI", uid)
        group = element(0x00020000, "UL", struct.pack("<I", len(meta)))
        area.add(f"meta-syntax-{name}", "read", "structure", "PS3.10 7.1; PS3.5 10",
                 "A transfer syntax that is none; Explicit VR Little Endian may be guessed",
                 {"file": bytes(128) + b"DICM" + group + meta + data}, plain, result="either",
                 flags=["hostile"])  # fmt: skip
    area.add("meta-none", "read", "structure", clause, "No File Meta Information after DICM",
             {"file": bytes(128) + b"DICM" + data}, plain, result="either",
             flags=["hostile", "legacy"])  # fmt: skip
    for coding, syntax in (("implicit", IMPLICIT), ("explicit", EXPLICIT)):
        bare = UID.encode(syntax) + NAME.encode(syntax)
        area.add(f"meta-bare.{coding}", "read", "structure", clause,
                 "A data set without preamble and File Meta Information", {"file": bare}, plain,
                 result="either", flags=["hostile", "legacy"])  # fmt: skip
    for actual, said in ((IMPLICIT, EXPLICIT), (EXPLICIT, IMPLICIT), (BIG, EXPLICIT)):
        other = UID.encode(actual) + NAME.encode(actual)
        names = {IMPLICIT: "implicit", EXPLICIT: "explicit", BIG: "big"}
        area.add(f"meta-{names[actual]}-said-to-be-{names[said]}", "read", "structure",
                 "PS3.10 7.1; PS3.5 10", "The data set is not in the syntax that the file says",
                 {"file": part10(other, said)}, plain, result="either",
                 flags=["hostile", "legacy"])  # fmt: skip


def _deep(area: Area) -> None:
    """Nesting beyond reason."""
    for depth in (300, 1000, 3000):
        for coding in ("implicit", "explicit"):
            syntax = SYNTAXES[coding]
            opened = header(SQ, "SQ", UNDEFINED, syntax) + header(ITEM, "", UNDEFINED, syntax)
            closed = header(ITEM_END, "", 0, syntax) + header(SQ_END, "", 0, syntax)
            file = part10(opened * depth + UID.encode(syntax) + closed * depth, syntax)
            _hostile(area, f"nested-{depth}-undefined.{coding}", "PS3.5 7.5",
                     f"Sequences nested {depth} deep, of undefined length", file)  # fmt: skip
            if depth < 3000:
                _hostile(area, f"nested-{depth}-open.{coding}", "PS3.5 7.5",
                         f"Sequences opened {depth} times and never closed",
                         part10(opened * depth, syntax))  # fmt: skip
                each = nested_defined(depth, syntax)
                _hostile(area, f"nested-{depth}-defined.{coding}", "PS3.5 7.5",
                         f"Sequences nested {depth} deep, of defined length",
                         part10(each, syntax))  # fmt: skip


def nested_defined(depth: int, syntax: str) -> bytes:
    """Return sequences of defined length in each other, encoded without recursion."""
    data = UID.encode(syntax)
    for _ in range(depth):
        data = sequence(SQ, [item(data, syntax)], syntax)
    return data


def _bombs(area: Area) -> None:
    """Little data that claim or become much."""
    begin = header(SELECTORS["OB"], "OB", 258 << 16)
    big = deflate.fixed(begin + b"\0", (1, 1 << 16))
    head = part10(b"", DEFLATED)
    head = head[: head.rindex(b"1.2.3.4.5\0") + 10]
    _hostile(area, "deflated-zeros", "PS3.5 A.5",
             "A value of 17 MB of zeros, deflated to 107 kB", head + big)  # fmt: skip
    headers = deflate.fixed(element(0x00100010, "PN")[:4] * 2, (4, 6000))
    _hostile(area, "deflated-elements", "PS3.5 A.5",
             "A tag that repeats for 1.5 MB, deflated to 10 kB", head + headers)  # fmt: skip
    _hostile(area, "deflated-garbage", "PS3.5 A.5", "Deflated data that are none",
             head + b"\xff\xfe\xfd" * 20, refuse=True)  # fmt: skip
    good = UID.encode(EXPLICIT) * 20
    packed = deflate.fixed(good)
    for keep in (1, len(packed) // 2, len(packed) - 1):
        _hostile(area, f"deflated-cut-at-{keep}", "PS3.5 A.5", "Deflated data end too early",
                 head + packed[:keep])  # fmt: skip
    many = header(SQ, "SQ", UNDEFINED) + header(ITEM, "", 0) * 5000 + header(SQ_END, "", 0)
    _hostile(area, "five-thousand-empty-items", "PS3.5 7.5.1", "Empty items without number",
             part10(many, EXPLICIT))  # fmt: skip
    same = UID.encode(EXPLICIT) * 2000
    _hostile(area, "same-element-2000-times", "PS3.5 7.1", "One element again and again",
             part10(same, EXPLICIT))  # fmt: skip
    values = b"\\" * 20000
    _hostile(area, "twenty-thousand-empty-values", "PS3.5 6.4", "A text of backslashes only",
             part10(element(SELECTORS["UC"], "UC", values), EXPLICIT))  # fmt: skip


def _garbage(area: Area) -> None:
    """Headers that make no sense."""
    for name, data in _headers():
        _hostile(area, f"header-{name}", "PS3.5 7.1.2", f"A header of {name.replace('-', ' ')}",
                 part10(UID.encode(EXPLICIT) + data + END.encode(EXPLICIT), EXPLICIT))  # fmt: skip
    backwards = END.encode(EXPLICIT) + NAME.encode(EXPLICIT) + UID.encode(EXPLICIT)
    _hostile(area, "elements-backwards", "PS3.5 7.1", "Elements in the wrong order",
             part10(backwards, EXPLICIT))  # fmt: skip
    twice = NAME.encode(EXPLICIT) + Element(0x00100010, "PN", ("C^D",)).encode(EXPLICIT)
    _hostile(area, "element-twice", "PS3.5 7.1", "One element, two values",
             part10(twice, EXPLICIT))  # fmt: skip
    switched = UID.encode(EXPLICIT) + NAME.encode(IMPLICIT) + END.encode(IMPLICIT)
    area.add("switch-to-implicit", "read", "structure", "PS3.5 7.1.2",
             "Explicit VR that becomes implicit in the middle",
             {"file": part10(switched, EXPLICIT)}, {"elements": [UID, NAME, END]},
             result="either", flags=["hostile", "legacy"])  # fmt: skip


def _headers() -> Iterator[tuple[str, bytes]]:
    tag = struct.pack("<2H", 0x0010, 0x0020)
    for name, vr in {"zero-vr": b"\0\0", "space-vr": b"  ", "lower-case-vr": b"lo",
                     "unknown-vr": b"XX", "question-vr": b"??", "ff-vr": b"\xff\xff",
                     "digit-vr": b"1A"}.items():  # fmt: skip
        yield name, tag + vr + struct.pack("<H", 4) + b"abcd"
        yield f"{name}-long", tag + vr + struct.pack("<HI", 0, 4) + b"abcd"
    yield "reserved-octets-not-zero", tag + b"OB" + b"\xff\xff" + struct.pack("<I", 4) + b"abcd"
    yield "short-form-of-long-vr", tag + b"UT" + struct.pack("<H", 4) + b"abcd"
    yield "long-form-of-short-vr", tag + b"LO" + struct.pack("<HI", 0, 4) + b"abcd"
    yield "group-0000", element(0x00000002, "UI", b"1.2\0")
    yield "group-0002-in-data-set", element(0x00020010, "UI", b"1.2.840.10008.1.2.2\0")
    yield "group-ffff", element(0xFFFF0010, "LO", b"abcd")
    yield "group-0001", element(0x00010010, "LO", b"abcd")
    yield "zeros", bytes(32)
    yield "ones", b"\xff" * 32
