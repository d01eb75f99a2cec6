"""Frames in fragments, and the tables of their offsets (PS3.5 A.4)."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np

from conformance.comparing import Array
from conformance.generate.areas.codec_streams import ENCAPSULATED, JPEGLS, RLE
from conformance.generate.coders import jpegls, rle
from conformance.generate.dicom import (
    EXPLICIT,
    Element,
    fragments,
    header,
    item,
    part10,
)
from conformance.generate.images import Image, extended_offsets, frames_of, picture
from conformance.generate.writing import Area, Given


def _coded(syntax: str, pixels: Array) -> list[bytes]:
    """Return a code stream for each frame."""
    if syntax == RLE:
        return [rle.frame(each.astype(np.uint16)) for each in pixels]
    if syntax == JPEGLS:
        return [jpegls.encode(each, jpegls.Parameters(12))[0] for each in pixels]
    return [each.astype("<u2").tobytes() for each in pixels]


def encapsulated() -> Area:
    """Return the cases of frames in fragments."""
    area = Area("fragments", "Frames in fragments and the tables of their offsets",
                "PS3.5 A.4, by an encoder of its own")  # fmt: skip
    for name, syntax in (("rle", RLE), ("jpegls", JPEGLS), ("raw", ENCAPSULATED)):
        feature = {"rle": "codec.rle", "jpegls": "codec.jpegls", "raw": "codec.encapsulated"}[name]
        for count in (1, 2, 5):
            pixels = frames_of(count, 6, 6, 12)
            image = Image.like(pixels[0], 16, 12, frames=count)
            coded = [each + bytes(len(each) % 2) for each in _coded(syntax, pixels)]
            cells = image.array(pixels)
            files = {
                "basic": image.encapsulated(fragments(coded), syntax),
                "no-offsets": image.encapsulated(fragments(coded, False), syntax),
                "extended": image.encapsulated(
                    fragments(coded, False), syntax, extended_offsets(coded)
                ),
            }
            for kind, file in files.items():
                for frame in (None, count - 1):
                    given: dict[str, Given] = (
                        {"file": file} if frame is None else {"file": file, "frame": frame}
                    )
                    expected = cells if frame is None else cells[frame]
                    which = "all" if frame is None else "last"
                    clause = "PS3.3 C.7.6.3.1.8" if kind == "extended" else "PS3.5 A.4"
                    area.add(f"{name}-{count}-{kind}.{which}", "decode", feature, clause,
                             f"{count} frames, offset table: {kind}", given,
                             {"array": expected})  # fmt: skip
        if name == "rle":  # one fragment for each frame (PS3.5 A.4.2)
            continue
        _split(area, name, feature, syntax)
    _tables(area)
    _broken(area)
    return area


def _split(area: Area, name: str, feature: str, syntax: str) -> None:
    """Frames that are split into several fragments (PS3.5 A.4)."""
    for count in (1, 3):
        pixels = frames_of(count, 6, 6, 12)
        image = Image.like(pixels[0], 16, 12, frames=count)
        coded = [each + bytes(len(each) % 2) for each in _coded(syntax, pixels)]
        for parts in (2, 3, 7):
            pieces, table, at = [], b"", 0
            for each in coded:
                table += struct.pack("<I", at)
                size = max(2, len(each) // parts // 2 * 2)
                for k in range(0, len(each), size):
                    pieces.append(each[k : k + size])
                    at += 8 + len(pieces[-1])
            area.add(f"{name}-{count}-split-{parts}", "decode", feature, "PS3.5 A.4",
                     f"{count} frames in {len(pieces)} fragments, with a Basic Offset Table",
                     {"file": image.encapsulated((table, *pieces), syntax)},
                     {"array": image.array(pixels)})  # fmt: skip
            given = {"file": image.encapsulated((b"", *pieces), syntax)}
            plain = count == 1
            area.add(f"{name}-{count}-split-{parts}-no-offsets", "decode", feature, "PS3.5 A.4",
                     f"{count} frames in {len(pieces)} fragments, without offsets", given,
                     {"array": image.array(pixels)},
                     result="ok" if plain else "either",
                     flags=[] if plain else ["legacy"])  # fmt: skip


def _tables(area: Area) -> None:
    """Offset tables that are wrong."""
    pixels = frames_of(3, 6, 6, 12)
    image = Image.like(pixels[0], 16, 12, frames=3)
    coded = [each + bytes(len(each) % 2) for each in _coded(RLE, pixels)]
    right = [0, 8 + len(coded[0]), 16 + len(coded[0]) + len(coded[1])]
    wrong = {
        "all-zero": [0, 0, 0], "too-many": [*right, right[2] + 8], "too-few": right[:2],
        "beyond": [0, 0xFFFFFFF0, 0xFFFFFFF8], "backwards": right[::-1], "off-by-two":
        [0, right[1] + 2, right[2] + 2], "of-octets": [0, len(coded[0]), sum(map(len, coded[:2]))],
        "odd": [1, right[1] + 1, right[2] + 1],
    }  # fmt: skip
    for name, offsets in wrong.items():
        table = struct.pack(f"<{len(offsets)}I", *offsets)
        area.add(f"basic-{name}", "decode", "codec.rle", "PS3.5 A.4",
                 f"A Basic Offset Table that is wrong: {name}",
                 {"file": image.encapsulated((table, *coded), RLE)},
                 {"array": image.array(pixels)}, result="either",
                 flags=["hostile", "legacy"])  # fmt: skip
    table = struct.pack("<3I", *right) + b"\1"
    area.add("basic-of-13-octets", "decode", "codec.rle", "PS3.5 A.4",
             "A Basic Offset Table whose length is no multiple of four",
             {"file": image.encapsulated((table, *coded), RLE)},
             {"array": image.array(pixels)}, result="either", flags=["hostile"])  # fmt: skip
    good = extended_offsets(coded)
    for name, before in {
        "zero": header(0x7FE00001, "OV", 24) + bytes(24) + good[36:],
        "beyond": header(0x7FE00001, "OV", 24) + b"\xff" * 24 + good[36:],
        "short": header(0x7FE00001, "OV", 8) + bytes(8) + header(0x7FE00002, "OV", 8) + bytes(8),
        "lengths-beyond": good[:36] + header(0x7FE00002, "OV", 24) + b"\x7f" * 24,
        "lengths-zero": good[:36] + header(0x7FE00002, "OV", 24) + bytes(24),
        "no-lengths": good[:36],
    }.items():
        area.add(f"extended-{name}", "decode", "codec.rle", "PS3.3 C.7.6.3.1.8",
                 f"An Extended Offset Table that is wrong: {name}",
                 {"file": image.encapsulated((b"", *coded), RLE, before)},
                 {"array": image.array(pixels)}, result="either", flags=["hostile"])  # fmt: skip


def _broken(area: Area) -> None:
    """Add Pixel Data whose items are not as PS3.5 A.4 demands."""
    pixels = picture(6, 6, 12)
    image = Image.like(pixels, 16, 12)
    coded = _coded(RLE, np.stack([pixels]))[0]
    head = image.head(EXPLICIT)
    opened = header(0x7FE00010, "OB", 0xFFFFFFFF)
    closed = header(0xFFFEE0DD, "", 0)
    forms: dict[str, tuple[bytes, bool]] = {
        "no-items": (opened + closed, True),
        "no-offset-table": (opened + item(coded) + closed, True),
        "only-offset-table": (opened + item() + closed, True),
        "empty-fragment": (opened + item() + item() + closed, True),
        "no-end": (opened + item() + item(coded), False),
        "fragment-beyond-end": (
            opened + item() + header(0xFFFEE000, "", 0x7FFFFFFE) + coded, True),
        "fragment-of-undefined-length": (
            opened + item() + header(0xFFFEE000, "", 0xFFFFFFFF) + coded + closed, True),
        "odd-fragment": (opened + item() + item(coded + b"\0" * (1 - len(coded) % 2)) + closed,
                         False),
        "element-instead-of-item": (
            opened + item() + Element(0x00100010, "PN", ("A",)).encode(EXPLICIT) + closed, True),
        "item-end-in-between": (
            opened + item() + header(0xFFFEE00D, "", 0) + item(coded) + closed, False),
        "native-said-to-be-encapsulated": (
            header(0x7FE00010, "OW", 72) + pixels.astype("<u2").tobytes(), True),
    }  # fmt: skip
    for name, (data, refuse) in forms.items():
        area.add(f"broken-{name}", "decode", "codec.rle", "PS3.5 A.4",
                 f"Encapsulated Pixel Data with {name.replace('-', ' ')}",
                 {"file": part10(head + data, RLE), "frame": 0},
                 None if refuse else {"array": image.array(pixels)},
                 result="error" if refuse else "either", flags=["hostile"])  # fmt: skip
    many = replace(image, frames=3)
    area.add("broken-fewer-fragments-than-frames", "decode", "codec.rle", "PS3.5 A.4",
             "Three frames are declared, one fragment is there",
             {"file": many.encapsulated(fragments([coded]), RLE)}, result="error",
             flags=["hostile"])  # fmt: skip
    pieces = fragments([coded, coded])
    area.add("broken-more-fragments-than-frames", "decode", "codec.rle", "PS3.5 A.4",
             "One frame is declared, two fragments are there",
             {"file": image.encapsulated(pieces, RLE), "frame": 0},
             {"array": image.array(pixels)}, result="either", flags=["hostile"])  # fmt: skip
