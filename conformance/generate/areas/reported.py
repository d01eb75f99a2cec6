"""Ten defects that users of several tools reported, made anew."""

from __future__ import annotations

import struct

import numpy as np

from conformance.generate.areas.codec_streams import ENCAPSULATED, JPEGLS, RLE
from conformance.generate.areas.structure import (
    END,
    NAME,
    SQ,
    UID,
    nested,
)
from conformance.generate.areas.values import SELECTORS
from conformance.generate.coders import jpegls, rle
from conformance.generate.dicom import (
    EXPLICIT,
    IMPLICIT,
    Element,
    element,
    fragments,
    header,
    item,
    part10,
    sequence,
)
from conformance.generate.images import Image, picture
from conformance.generate.writing import Area


def reported() -> Area:
    """Return the defects that users of several tools reported."""
    area = Area("reported", "Defects that users of several tools reported",
                "Reports of users of several tools; what is right is in the clause")  # fmt: skip
    spaces = header(SELECTORS["OB"], "OB", 0x20202020)
    for coding in ("explicit",):
        area.add(f"length-of-four-spaces.{coding}", "read", "structure", "PS3.5 7.1.1",
                 "The length of the last element is four spaces (GDCM, PR 233)",
                 {"file": part10(UID.encode(EXPLICIT) + NAME.encode(EXPLICIT) + spaces, EXPLICIT)},
                 result="either", flags=["hostile", "reported"])  # fmt: skip
    data = UID.encode(IMPLICIT) + struct.pack("<2HI", 0x0010, 0x0010, 0x20202020)
    area.add("length-of-four-spaces.implicit", "read", "structure", "PS3.5 7.1.3",
             "The length of the last element is four spaces (GDCM, PR 233)",
             {"file": part10(data, IMPLICIT)}, result="either",
             flags=["hostile", "reported"])  # fmt: skip
    for depth in (249, 300):
        for delimited in (False, True):
            each = nested(1, delimited)
            raw = each.encode(EXPLICIT)
            for _ in range(depth - 1):
                raw = sequence(SQ, [item(raw, EXPLICIT, delimited)], EXPLICIT, delimited)
            name = "undefined" if delimited else "defined"
            area.add(f"nested-{depth}-{name}", "read", "structure", "PS3.5 7.5",
                     f"Sequences nested {depth} deep (pydicom, issue 2330)",
                     {"file": part10(raw + END.encode(EXPLICIT), EXPLICIT)}, result="either",
                     flags=["hostile", "reported"])  # fmt: skip
    _dicomdir(area)
    _charsets(area)
    _images(area)
    return area


def _record(*components: str) -> bytes:
    file_id = "\\".join(components)
    content = (
        Element(0x00041400, "UL", (0,)).encode(EXPLICIT)
        + Element(0x00041410, "US", (65535,)).encode(EXPLICIT)
        + Element(0x00041420, "UL", (0,)).encode(EXPLICIT)
        + Element(0x00041430, "CS", ("IMAGE",)).encode(EXPLICIT)
        + Element(0x00041500, "CS", (file_id,)).encode(EXPLICIT)
    )
    return item(content)


def _dicomdir(area: Area) -> None:
    """Referenced File IDs that leave the folder (PS3.10 8.2, CVE-2026-32711)."""
    syntax = EXPLICIT
    ids = {
        "parent": ("..", "..", "SECRET"), "parent-in-the-middle": ("A", "..", "..", "B"),
        "absolute": ("", "ETC", "PASSWD"), "slash": ("/etc/passwd",), "drive": ("C:", "X"),
        "slashes-within": ("A/../../B",), "null": ("A\0B",), "dot": (".",), "double-dot": ("..",),
    }  # fmt: skip
    # Empty components and "." name no other folder, and are none of a File ID.
    harmless: dict[str, list[str]] = {
        "plain": ["IMAGES/IM1"], "absolute": ["ETC/PASSWD"], "dot": [],
    }  # fmt: skip
    for name, components in {"plain": ("IMAGES", "IM1"), **ids}.items():
        data = (
            Element(0x00041130, "CS", ("TEST",)).encode(syntax)
            + Element(0x00041200, "UL", (0,)).encode(syntax)
            + Element(0x00041202, "UL", (0,)).encode(syntax)
            + Element(0x00041212, "US", (0,)).encode(syntax)
            + sequence(0x00041220, [_record(*components)])
        )
        file = part10(data, syntax, sop_class="1.2.840.10008.1.3.10")
        area.add(f"dicomdir-{name}", "fileset", "fileset", "PS3.10 8.2; PS3.3 F.3.2.2",
                 "Referenced File IDs of a DICOMDIR (CVE-2026-32711)", {"file": file},
                 {"paths": harmless[name]} if name in harmless else None,
                 result="ok" if name == "plain" else "either" if name in harmless else "error",
                 flags=["reported"] if name == "plain" else ["hostile", "reported"])  # fmt: skip
        area.add(f"dicomdir-{name}.read", "read", "structure", "PS3.10 8.2",
                 "A DICOMDIR is read as a data set", {"file": file}, result="either",
                 flags=["hostile", "reported"])  # fmt: skip


def _charsets(area: Area) -> None:
    wrong = {
        "not-supplied": (["Not Supplied"], b"Adams^John", "Adams^John"),
        "mixed-ir-13-87": (["ISO_IR 13", "ISO 2022 IR 87"],
                           b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
                           "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎"),
    }  # fmt: skip
    for name, (charsets, octets, text) in wrong.items():
        reported = "pydicom, issues 815 and 856"
        area.add(f"charset-{name}", "charset", "charset.repair", "PS3.3 C.12.1.1.2",
                 f"Specific Character Set {charsets!r} ({reported})",
                 {"octets": octets, "charsets": charsets, "vr": "PN"}, {"text": text},
                 result="either", flags=["legacy", "reported", "hostile"])  # fmt: skip


def _images(area: Area) -> None:
    """Add images."""
    pixels = picture(8, 8, 7, signed=True)
    image = Image.like(pixels, 8, 7, signed=True)
    stream, _ = jpegls.encode(pixels & 0x7F, jpegls.Parameters(7))
    area.add("jpegls-signed-7-of-8", "decode", "codec.jpegls", "PS3.5 8.2.3; PS3.5 A.4.3",
             "JPEG-LS of signed values of 7 of 8 bits (pydicom, issue 2009)",
             {"file": image.encapsulated(fragments([stream]), JPEGLS), "frame": 0},
             {"array": image.array(pixels)}, flags=["reported"])  # fmt: skip
    delimiter = b"\xfe\xff\xdd\xe0\0\0\0\0"
    cells = np.frombuffer(delimiter * 8, "<u2").reshape(4, 8)
    raw = Image(4, 8, 16, 16)
    area.add("delimiter-octets-in-fragment", "decode", "codec.encapsulated", "PS3.5 A.4",
             "A fragment holds the octets of a delimiter (pydicom, issue 1140)",
             {"file": raw.encapsulated(fragments([cells.tobytes()]), ENCAPSULATED), "frame": 0},
             {"array": cells}, flags=["reported"])  # fmt: skip
    area.add("delimiter-octets-in-fragment.again", "rewrite", "codec.encapsulated", "PS3.5 A.4",
             "A fragment holds the octets of a delimiter; written again",
             {"file": raw.encapsulated(fragments([cells.tobytes()]), ENCAPSULATED)},
             {"dataset": raw.encapsulated(fragments([cells.tobytes()]), ENCAPSULATED)[
                 len(part10(b"", ENCAPSULATED)):]}, flags=["reported"])  # fmt: skip
    gray = picture(8, 8, 8)
    one = Image.like(gray, 8, 8)
    frame = rle.frame(gray.astype(np.uint8))
    inside = item() + item(frame) + header(0xFFFEE0DD, "", 0)
    file = part10(one.head(EXPLICIT) + element(0x7FE00010, "OB", inside), RLE)
    area.add("encapsulated-in-defined-length", "decode", "codec.rle", "PS3.5 A.4",
             "Encapsulated Pixel Data in an element of defined length (pydicom, issue 2324)",
             {"file": file, "frame": 0}, {"array": one.array(gray)}, result="either",
             flags=["hostile", "reported"])  # fmt: skip
    area.add("encapsulated-in-defined-length.read", "read", "structure", "PS3.5 A.4",
             "Encapsulated Pixel Data in an element of defined length (pydicom, issue 2324)",
             {"file": file}, result="either", flags=["hostile", "reported"])  # fmt: skip
    for name, extra in {"run": b"\x81\0" * 50, "literal": b"\x7f" + bytes(128)}.items():
        expands = struct.pack("<16I", 1, 64, *[0] * 14) + rle.segment(
            gray.astype(np.uint8).tobytes(), 8
        )
        area.add(f"rle-expands-{name}", "decode", "codec.rle", "PS3.5 G.3.2",
                 "RLE that expands past the frame (GDCM, PR 235)",
                 {"file": one.encapsulated(fragments([expands + extra]), RLE), "frame": 0},
                 {"array": one.array(gray)}, result="either",
                 flags=["hostile", "reported"])  # fmt: skip
    ybr = Image(8, 8, 8, 8, samples=3, photometric="YBR_FULL_422", planar=0)
    colours = picture(8, 8, 8, samples=3).astype(np.uint8)
    area.add("rle-ybr-full-422", "decode", "codec.rle", "PS3.5 8.2.2; PS3.3 C.7.6.3.1.2",
             "RLE of YBR_FULL_422 with planes of whole size (GDCM, PR 235)",
             {"file": ybr.encapsulated(fragments([rle.frame(colours)]), RLE), "frame": 0},
             {"array": colours}, result="either", flags=["hostile", "reported"])  # fmt: skip
    table = struct.pack("<2I", 0, 8 + len(frame))
    for name, pieces in {"two-offsets": (table, frame),
                         "two-offsets-two-fragments": (table, frame, frame)}.items():  # fmt: skip
        area.add(f"basic-{name}-for-one-frame", "decode", "codec.rle", "PS3.5 A.4",
                 "A Basic Offset Table of two entries for one frame (dcm2niix, issue 995)",
                 {"file": one.encapsulated(pieces, RLE), "frame": 0}, {"array": one.array(gray)},
                 result="either", flags=["hostile", "reported"])  # fmt: skip
