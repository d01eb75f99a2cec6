"""RLE Lossless (PS3.5 Annex G)."""

from __future__ import annotations

import struct

import numpy as np

from conformance.comparing import Array
from conformance.generate.areas.codec_streams import (
    RLE,
    round_trips,
)
from conformance.generate.coders import rle
from conformance.generate.dicom import fragments
from conformance.generate.images import Image, picture
from conformance.generate.writing import Area


def rle_cases() -> Area:
    """Return the cases of RLE."""
    area = Area("rle", "RLE Lossless", "PS3.5 Annex G, by an encoder of its own")
    for allocated, stored in ((8, 8), (8, 6), (16, 16), (16, 12), (32, 32)):
        for signed in (False, True):
            for style in rle.STYLES:
                pixels = picture(9, 13, stored, signed=signed)
                image = Image.like(pixels, allocated, stored, signed=signed)
                sign = "signed" if signed else "unsigned"
                area.add(f"gray-{allocated}-{stored}-{sign}-{style}", "decode", "codec.rle",
                         "PS3.5 G.2; PS3.5 G.3", f"{stored} of {allocated} bits, runs: {style}",
                         {"file": _rle(image, image.array(pixels), style), "frame": 0},
                         {"array": image.array(pixels)},
                         result="either" if allocated == 32 else "ok",  # PS3.5 Table 8.2.2-1
                         flags=["legacy"] if allocated == 32 else [])  # fmt: skip
    for allocated in (8, 16):
        for planar in (0, 1):
            for style in rle.STYLES:
                pixels = picture(6, 140, allocated, samples=3)
                image = Image.like(pixels, allocated, allocated, planar=planar)
                area.add(f"rgb-{allocated}-planar{planar}-{style}", "decode", "codec.rle",
                         "PS3.5 G.2; PS3.5 8.2.2", f"RGB of {allocated} bits, runs: {style}",
                         {"file": _rle(image, image.array(pixels), style), "frame": 0},
                         {"array": image.array(pixels)})  # fmt: skip
    for columns in (1, 2, 127, 128, 129, 255, 256, 257):
        pixels = np.full((2, columns), 77, np.int64)
        image = Image.like(pixels, 8, 8)
        area.add(f"run-of-{columns}", "decode", "codec.rle", "PS3.5 G.3.1",
                 f"Rows of {columns} equal octets",
                 {"file": _rle(image, image.array(pixels), "replicate"), "frame": 0},
                 {"array": image.array(pixels)})  # fmt: skip
        pixels = np.arange(2 * columns).reshape(2, columns) * 37 % 251
        area.add(f"literals-of-{columns}", "decode", "codec.rle", "PS3.5 G.3.1",
                 f"Rows of {columns} different octets",
                 {"file": _rle(image, image.array(pixels), "literal"), "frame": 0},
                 {"array": image.array(pixels)})  # fmt: skip
    _broken_rle(area)
    round_trips(area, "codec.rle", "PS3.5 G.3.1", RLE, ((8, 8), (16, 16), (16, 12)))
    return area


def _rle(image: Image, cells: Array, style: str) -> bytes:
    return image.encapsulated(fragments([rle.frame(cells, style)]), RLE)


def _broken_rle(area: Area) -> None:
    pixels = picture(8, 8, 16)
    image = Image.like(pixels, 16, 16)
    good = rle.frame(image.array(pixels))
    second = struct.unpack_from("<2I", good, 4)[1]
    body = good[64:]

    def head(count: int, *offsets: int) -> bytes:
        return struct.pack("<16I", count, *offsets, *[0] * (15 - len(offsets)))

    forms = {
        "empty": b"", "short-header": good[:40], "header-only": good[:64],
        "no-segments": head(0) + body, "one-segment": head(1, 64) + body,
        "sixteen-segments": head(16, *[64] * 15) + body,
        "four-billion-segments": head(0xFFFFFFFF, 64, second) + body,
        "offset-beyond": head(2, 64, 0x7FFFFFFF) + body,
        "offset-in-header": head(2, 10, second) + body,
        "offsets-backwards": head(2, second, 64) + body,
        "offsets-alike": head(2, 64, 64) + body,
        "cut-in-first": good[:70], "cut-in-last": good[:-4], "cut-by-one": good[:-1],
        "literal-beyond": head(2, 64, second) + body[:-3] + b"\x7f\1",
        "only-no-operations": head(2, 64, 66) + b"\x80\x80\x80\x80",
        "ones": b"\xff" * 200, "zeros": bytes(200),
    }  # fmt: skip
    may = {"offset-in-header", "offsets-alike", "offsets-backwards", "cut-by-one", "cut-in-last",
           "literal-beyond"}  # fmt: skip
    for name, frame in forms.items():
        area.add(f"broken-{name}", "decode", "codec.rle", "PS3.5 G.5; PS3.5 G.3.2",
                 f"A frame that is broken: {name.replace('-', ' ')}",
                 {"file": image.encapsulated(fragments([frame]), RLE), "frame": 0},
                 result="either" if name in may else "error", flags=["hostile"])  # fmt: skip
