"""Every VR in every encoding (PS3.5 6.2, 7.1): read and written."""

from __future__ import annotations

import math
import struct

from conformance.generate.dicom import (
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    Element,
    element,
    header,
    part10,
)
from conformance.generate.writing import Area

SYNTAXES = {"implicit": IMPLICIT, "explicit": EXPLICIT, "big": BIG, "deflated": DEFLATED}
_CLAUSES = {"implicit": "PS3.5 A.1", "explicit": "PS3.5 A.2", "big": "PS3.5 A.3",
            "deflated": "PS3.5 A.5"}  # fmt: skip

SELECTORS = {
    "AE": 0x0072005E, "AS": 0x0072005F, "AT": 0x00720060, "CS": 0x00720062, "DA": 0x00720061,
    "DS": 0x00720072, "DT": 0x00720063, "FD": 0x00720074, "FL": 0x00720076, "IS": 0x00720064,
    "LO": 0x00720066, "LT": 0x00720068, "OB": 0x00720065, "OD": 0x00720073, "OF": 0x00720067,
    "OL": 0x00720075, "OV": 0x00720081, "OW": 0x00720069, "PN": 0x0072006A, "SH": 0x0072006C,
    "SL": 0x0072007C, "SS": 0x0072007E, "ST": 0x0072006E, "SV": 0x00720082, "TM": 0x0072006B,
    "UC": 0x0072006F, "UI": 0x0072007F, "UL": 0x00720078, "UN": 0x0072006D, "UR": 0x00720071,
    "US": 0x0072007A, "UT": 0x00720070, "UV": 0x00720083,
}  # fmt: skip
"""An attribute of each VR: the Selector Attribute Values (PS3.3 Table C.23.4-1)."""

TEXTS: dict[str, list[tuple[str, tuple[str | int | float, ...]]]] = {
    "AE": [("one", ("STORE_SCP",)), ("longest", ("ABCDEFGHIJKLMNOP",)), ("many", ("A", "BC"))],
    "AS": [("years", ("045Y",)), ("days", ("003D",)), ("many", ("018M", "002W"))],
    "CS": [("one", ("ORIGINAL",)), ("many", ("ORIGINAL", "PRIMARY", "AXIAL")),
           ("empty-among-many", ("ORIGINAL", "", "AXIAL"))],
    "DA": [("one", ("20260131",)), ("leap", ("20240229",)), ("many", ("19991231", "20000101"))],
    "DS": [("integer", ("12",)), ("fraction", ("-0.25",)), ("exponent", ("1.5E-7",)),
           ("longest", ("-1.2345678901e-5",)), ("plus", ("+3.0",)), ("many", ("0.5", "0.25", "1"))],
    "DT": [("year", ("2026",)), ("seconds", ("20260131235959",)),
           ("fraction-and-zone", ("20260131235959.123456+0100",)),
           ("many", ("20260131", "202601312359"))],
    "IS": [("one", ("12",)), ("least", ("-2147483648",)), ("greatest", ("2147483647",)),
           ("plus", ("+7",)), ("many", ("1", "-2", "3"))],
    "LO": [("one", ("Phantom, 20 cm",)), ("longest", ("x" * 64,)), ("many", ("a b", "c")),
           ("empty-among-many", ("a", "", "c"))],
    "LT": [("one", ("First line\r\nsecond \\ line",)), ("leading", ("  indented",))],
    "PN": [("one", ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.",)), ("family-only", ("Adams",)),
           ("groups", ("Yamada^Tarou=x^y=z",)), ("many", ("A^B", "C^D"))],
    "SH": [("one", ("A-1",)), ("longest", ("0123456789ABCDEF",)), ("many", ("A", "B", "C"))],
    "ST": [("one", ("Text with a \\ backslash",)), ("leading", (" x",))],
    "TM": [("hours", ("07",)), ("seconds", ("070907",)), ("fraction", ("070907.0705",)),
           ("leap-second", ("235960",)), ("many", ("1010", "2359"))],
    "UC": [("one", ("unlimited " * 30 + "end",)), ("many", ("one", "two"))],
    "UI": [("one", ("1.2.840.10008.1.1",)), ("longest", ("1." + "2" * 62,)),
           ("many", ("1.2.3", "1.2.34"))],
    "UR": [("one", ("https://example.com/a?b=c#d",)), ("backslash", ("file:a\\b",))],
    "UT": [("one", ("Any text \\ of any length\n" * 5 + "x",)), ("long", ("0123456789" * 20,))],
}  # fmt: skip

NUMBERS: dict[str, list[tuple[str, tuple[int | float | str, ...]]]] = {
    "AT": [("one", ("7FE00010",)), ("many", ("00100010", "FFFEE000"))],
    "FD": [("one", (math.pi,)), ("extremes", (5e-324, -1.7976931348623157e308)),
           ("specials", (math.inf, -math.inf, math.nan)), ("zeros", (0.0, -0.0))],
    "FL": [("one", (1.5,)), ("extremes", (2.0**-149, -(2.0**127))),
           ("specials", (math.inf, -math.inf, math.nan))],
    "SL": [("one", (-2,)), ("extremes", (-(1 << 31), (1 << 31) - 1))],
    "SS": [("one", (-2,)), ("extremes", (-(1 << 15), (1 << 15) - 1)), ("many", (1, 2, 3))],
    "SV": [("one", (-2,)), ("extremes", (-(1 << 63), (1 << 63) - 1))],
    "UL": [("one", (4294967295,)), ("many", (0, 1, 2))],
    "US": [("one", (65535,)), ("many", (0, 1, 258))],
    "UV": [("one", ((1 << 64) - 1,)), ("many", (0, 1))],
}  # fmt: skip

OCTETS: dict[str, list[tuple[str, bytes]]] = {
    "OB": [("even", b"\0\1\2\xff"), ("long", bytes(range(256)) * 2)],
    "OD": [("one", struct.pack("<2d", math.pi, -1))],
    "OF": [("one", struct.pack("<2f", 1.5, -2))],
    "OL": [("one", struct.pack("<2I", 1, 0xFFFEE000))],
    "OV": [("one", struct.pack("<2Q", 1, 1 << 63))],
    "OW": [("one", struct.pack("<3H", 1, 0x1234, 0xFFFE))],
    "UN": [("one", b"\xde\xad\xbe\xef")],
}  # fmt: skip
_SPELLINGS = frozenset("DS-integer DS-plus DS-exponent DS-longest DS-many IS-plus".split())
"""Numbers that may be written in several ways."""
_SOURCE = "PS3.5 6.2 and 7.1, by an encoder of its own"


def _elements() -> list[tuple[str, Element]]:
    """Return an element for each VR and kind of value."""
    made = []
    for vr, kinds in {**TEXTS, **NUMBERS}.items():
        for kind, values in kinds:
            made.append((f"{vr}-{kind}", Element(SELECTORS[vr], vr, values)))
    for vr, contents in OCTETS.items():
        for kind, octets in contents:
            made.append((f"{vr}-{kind}", Element(SELECTORS[vr], vr, octets=octets)))
    made += [(f"{vr}-empty", Element(tag, vr)) for vr, tag in sorted(SELECTORS.items())]
    return made


def values() -> Area:
    """Return the cases of reading values."""
    area = Area("values", "Values of every VR in every encoding, read", _SOURCE)
    for name, each in _elements():
        for coding, syntax in SYNTAXES.items():
            if coding == "deflated" and name.endswith("-empty"):
                continue
            file = part10(each.encode(syntax), syntax)
            flags = ["retired"] if coding == "big" else []
            area.add(f"{name}.{coding}", "read", f"vr.{each.vr.lower()}",
                     f"PS3.5 6.2; {_CLAUSES[coding]}",
                     f"{each.vr}, {name[3:]}, {coding}", {"file": file},
                     {"elements": [each]}, flags=flags)  # fmt: skip
    _padding(area)
    _odd_forms(area)
    _private(area)
    return area


def _padding(area: Area) -> None:
    """Add values with padding, which does not belong to them (PS3.5 6.2)."""
    padded = [
        ("AE", b"  SCP ", ("SCP",)), ("CS", b" A \\ B", ("A", "B")),
        ("DS", b" 1.5 \\ 2 ", (1.5, 2)),
        ("IS", b" 12 \\-3", (12, -3)), ("LO", b" a b  ", ("a b",)), ("SH", b" x\\y  ", ("x", "y")),
        ("LT", b" keep  ", (" keep",)), ("ST", b" keep ", (" keep",)), ("UT", b"\tx  ", ("\tx",)),
        ("PN", b"A^B   ", ("A^B",)), ("TM", b"1200  ", ("1200",)), ("DT", b"2026  ", ("2026",)),
        ("UI", b"1.2.3\0", ("1.2.3",)), ("UR", b"urn:a ", ("urn:a",)), ("UC", b"x\\y ", ("x", "y")),
        ("LO", b"    ", ()), ("CS", b"  ", ()), ("UI", b"1.2\0\0\0", ("1.2",)),
    ]  # fmt: skip
    for k, (vr, value, values) in enumerate(padded):
        for coding in ("implicit", "explicit"):
            syntax = SYNTAXES[coding]
            even = value + b" " * (len(value) % 2)
            data = element(SELECTORS[vr], vr, even, syntax)
            flags = ["legacy"] if value.endswith(b"\0\0") else []
            area.add(f"padding-{k:02d}-{vr}.{coding}", "read", f"vr.{vr.lower()}", "PS3.5 6.2",
                     f"Padding of {vr}: {value!r}", {"file": part10(data, syntax)},
                     {"elements": [Element(SELECTORS[vr], vr, values)]}, flags=flags)  # fmt: skip


def _odd_forms(area: Area) -> None:
    """Forms that the standard forbids or has no word for, which files have nevertheless."""
    odd: list[tuple[str, str, bytes, str]] = [
        ("odd-length-text", "LO", b"abc", "A text of odd length, unpadded"),
        ("null-padded-text", "LO", b"abc\0", "A text padded with null"),
        ("space-padded-uid", "UI", b"1.2.3 ", "A UID padded with space"),
        ("odd-length-octets", "OB", b"\1\2\3", "OB of odd length"),
        ("acr-date", "DA", b"1993.08.22", "A date with points, of ACR-NEMA"),
        ("acr-time", "TM", b"10:20:30", "A time with colons, of ACR-NEMA"),
        ("is-fraction", "IS", b"1.0 ", "IS with a fraction of zero"),
        ("is-text", "IS", b"abcd", "IS that is no number"),
        ("ds-text", "DS", b"1.2.3 ", "DS that is no number"),
        ("ds-comma", "DS", b"1,5 ", "DS with a comma"),
        ("ds-longer", "DS", b"1.23456789012345678 ", "DS of more than 16 characters"),
        ("us-odd", "US", b"\1\0\2", "US of three octets"),
        ("fl-short", "FL", b"\0\0", "FL of two octets"),
        ("at-short", "AT", b"\1\0", "AT of two octets"),
        ("uv-short", "UV", b"\1\0\0\0", "UV of four octets"),
        ("sv-odd", "SV", b"\1" * 9, "SV of nine octets"),
        ("cs-lower", "CS", b"original", "CS in lower case"),
        ("ui-letters", "UI", b"1.2.x3", "A UID with a letter"),
        ("ui-long", "UI", b"1." + b"2" * 70, "A UID of 72 characters"),
        ("pn-components", "PN", b"a^b^c^d^e^f^g ", "A name of seven components"),
        ("pn-groups", "PN", b"a=b=c=d ", "A name of four groups"),
        ("control", "LO", b"a\tb\x07", "Control characters in LO"),
    ]
    for name, vr, value, comment in odd:
        for coding in ("implicit", "explicit"):
            syntax = SYNTAXES[coding]
            data = element(SELECTORS[vr], vr, value, syntax)
            data += element(0x00720500, "CS", b"END ", syntax)
            area.add(f"odd-{name}.{coding}", "read", f"vr.{vr.lower()}", "PS3.5 6.2",
                     comment, {"file": part10(data, syntax)}, result="either",
                     flags=["hostile"])  # fmt: skip


def _private(area: Area) -> None:
    """Private attributes and those of no dictionary (PS3.5 7.8, 6.2.2)."""
    creator = Element(0x00091000 & 0xFFFF0000 | 0x0010, "LO", ("NOBODY'S CREATOR",))
    known = Element(0x00091001, "US", (7,))
    unknown = Element(0x00091001, "UN", octets=b"\7\0")
    for coding, syntax in SYNTAXES.items():
        each = unknown if coding == "implicit" else known
        data = creator.encode(syntax) + known.encode(syntax)
        area.add(f"private.{coding}", "read", "private", "PS3.5 7.8; PS3.5 7.8.1",
                 "A private attribute; without a VR in the file it is UN",
                 {"file": part10(data, syntax)}, {"elements": [creator, each]})  # fmt: skip
    un = header(SELECTORS["US"], "UN", 2) + b"\7\0"
    area.add("un-of-known-attribute", "read", "vr.un", "PS3.5 6.2.2",
             "UN for an attribute of the dictionary: either VR may be said",
             {"file": part10(un, EXPLICIT)}, result="either", flags=["legacy"])  # fmt: skip
    long_un = header(SELECTORS["LO"], "UN", 4) + b"abcd"
    area.add("un-of-known-text", "read", "vr.un", "PS3.5 6.2.2",
             "UN for a text of the dictionary: either VR may be said",
             {"file": part10(long_un, EXPLICIT)}, result="either", flags=["legacy"])  # fmt: skip


def written() -> Area:
    """Return the cases of writing values."""
    area = Area("written", "Values of every VR in every encoding, written", _SOURCE)
    for name, each in _elements():
        if each.vr == "UN" or "specials" in name:
            continue
        for coding in ("implicit", "explicit", "big"):
            syntax = SYNTAXES[coding]
            if name in _SPELLINGS:
                continue
            area.add(f"{name}.{coding}", "write", f"vr.{each.vr.lower()}",
                     f"PS3.5 6.2; {_CLAUSES[coding]}", f"{each.vr}, {name[3:]}, {coding}",
                     {"elements": [each], "transfer_syntax": syntax},
                     {"dataset": each.encode(syntax)},
                     flags=["retired"] if coding == "big" else [])  # fmt: skip
    return area


def rewritten() -> Area:
    """Return the cases of reading and writing again with nothing changed."""
    area = Area("rewritten", "Data sets that are written again as they were read", _SOURCE)
    every = sorted(_elements(), key=lambda pair: pair[1].tag)
    for coding in ("implicit", "explicit", "big"):
        syntax = SYNTAXES[coding]
        seen: set[int] = set()
        data = b""
        for _, each in every:
            if each.tag not in seen:
                data += each.encode(syntax)
                seen.add(each.tag)
        area.add(f"every-vr.{coding}", "rewrite", "write", _CLAUSES[coding],
                 "An element of every VR", {"file": part10(data, syntax)},
                 {"dataset": data})  # fmt: skip
        for name, each in every:
            if name.endswith("-empty") or coding == "big":
                continue
            one = each.encode(syntax)
            area.add(f"{name}.{coding}", "rewrite", f"vr.{each.vr.lower()}",
                     f"PS3.5 6.2; {_CLAUSES[coding]}", f"{name} keeps its octets",
                     {"file": part10(one, syntax)}, {"dataset": one})  # fmt: skip
    return area
