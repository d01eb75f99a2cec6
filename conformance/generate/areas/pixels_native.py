"""Native Pixel Data (PS3.5 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from conformance.comparing import Array
from conformance.generate.areas.values import SYNTAXES
from conformance.generate.dicom import (
    BIG,
    Element,
    element,
    part10,
)
from conformance.generate.images import Image, frames_of, picture
from conformance.generate.writing import Area


def _raw(cells: Array, syntax: str, ow: bool) -> bytes:
    """Return native octets; words of OW are swapped in big endian (PS3.5 8.1.1, 7.3)."""
    order: Literal[">", "<"] = ">" if syntax == BIG else "<"
    data = np.ascontiguousarray(cells, cells.dtype.newbyteorder(order)).tobytes()
    if syntax == BIG and ow and cells.dtype.itemsize == 1:
        data += bytes(len(data) % 2)
        return np.frombuffer(data, "<u2").astype(">u2").tobytes()
    return data


def native() -> Area:
    """Return the cases of native Pixel Data."""
    area = Area("native", "Native Pixel Data", "PS3.5 8.1.1, by an encoder of its own")
    _gray(area)
    _colour(area)
    _one_bit(area)
    _floats(area)
    _odd(area)
    return area


def _gray(area: Area) -> None:
    depths = [(8, 8), (8, 7), (8, 5), (8, 1), (16, 16), (16, 15), (16, 12), (16, 10), (16, 8),
              (32, 32), (32, 24), (32, 17)]  # fmt: skip
    for allocated, stored in depths:
        for signed in (False, True):
            if signed and stored == 1:
                continue
            pixels = picture(7, 10, stored, signed=signed)
            image = Image.like(pixels, allocated, stored, signed=signed)
            cells = image.array(pixels)
            for coding, syntax in SYNTAXES.items():
                sign = "signed" if signed else "unsigned"
                name = f"gray-{allocated}-{stored}-{sign}.{coding}"
                ow = allocated > 8 or coding in ("implicit", "big")
                clause = {"big": "PS3.5 A.3", "implicit": "PS3.5 A.1"}.get(coding, "PS3.5 A.2")
                area.add(name, "decode", "pixels.native", f"PS3.5 8.1.1; {clause}",
                         f"{stored} of {allocated} bits, {sign}, {coding}",
                         {"file": image.native(_raw(cells, syntax, ow), syntax), "frame": 0},
                         {"array": cells},
                         flags=["retired"] if coding == "big" else [])  # fmt: skip
    for allocated, stored, signed in (
        (8, 8, False),
        (16, 12, True),
        (16, 16, False),
        (32, 32, True),
    ):
        pixels = frames_of(3, 5, 7, stored, signed=int(signed))
        image = Image.like(pixels[0], allocated, stored, signed=signed, frames=3)
        cells = image.array(pixels)
        for coding, syntax in SYNTAXES.items():
            ow = allocated > 8 or coding in ("implicit", "big")
            file = image.native(_raw(cells, syntax, ow), syntax)
            flags = ["retired"] if coding == "big" else []
            for frame in (None, 0, 2):
                given = {"file": file} if frame is None else {"file": file, "frame": frame}
                expected = cells if frame is None else cells[frame]
                which = "all" if frame is None else str(frame)
                area.add(f"frames-{allocated}-{stored}.{coding}.{which}", "decode",
                         "pixels.native", "PS3.5 8.1.1; PS3.3 C.7.6.6.1.1",
                         f"Three frames of {allocated} bits, {which}", given,
                         {"array": expected}, flags=flags)  # fmt: skip


def _colour(area: Area) -> None:
    for allocated, stored, planar, coding in (
        (a, s, p, c)
        for a, s in ((8, 8), (16, 12), (16, 16))
        for p in (0, 1)
        for c in ("implicit", "explicit", "big")
    ):
        syntax = SYNTAXES[coding]
        pixels = frames_of(2, 5, 6, stored, samples=3)
        image = Image.like(pixels[0], allocated, stored, frames=2, planar=planar)
        cells = image.array(pixels)
        laid = np.moveaxis(cells, -1, 1) if planar else cells
        ow = allocated > 8 or coding in ("implicit", "big")
        for photometric in ("RGB", "YBR_FULL"):
            named = replace(image, photometric=photometric)
            name = f"{photometric.lower()}-{allocated}-{stored}-planar{planar}.{coding}"
            area.add(name, "decode", "pixels.colour", "PS3.3 C.7.6.3.1.3; PS3.3 C.7.6.3.1.2",
                     f"{photometric} of {stored} bits, Planar Configuration {planar}",
                     {"file": named.native(_raw(laid, syntax, ow), syntax)},
                     {"array": cells},
                     flags=["retired"] if coding == "big" else [])  # fmt: skip
    pixels = picture(4, 6, 8, samples=3)
    pixels[:, 1::2, 1:] = pixels[:, ::2, 1:]
    quads = np.stack(
        [pixels[:, ::2, 0], pixels[:, 1::2, 0], pixels[:, ::2, 1], pixels[:, ::2, 2]], -1
    ).astype(np.uint8)
    for coding in ("implicit", "explicit"):
        image = Image.like(pixels, 8, 8, photometric="YBR_FULL_422")
        area.add(f"ybr-full-422.{coding}", "decode", "pixels.colour", "PS3.3 C.7.6.3.1.2",
                 "YBR_FULL_422: two luminances, then the chrominance of both",
                 {"file": image.native(quads.tobytes(), SYNTAXES[coding]), "frame": 0},
                 {"array": image.array(pixels)})  # fmt: skip


def _one_bit(area: Area) -> None:
    for rows, columns, frames in ((8, 8, 1), (5, 7, 1), (3, 5, 4), (1, 1, 9), (9, 3, 3)):
        pixels = frames_of(frames, rows, columns, 1)
        image = Image(rows, columns, 1, 1, frames=frames)
        packed = np.packbits(pixels.astype(np.uint8), bitorder="little").tobytes()
        for coding in ("implicit", "explicit", "big"):
            syntax = SYNTAXES[coding]
            vr = "OW" if coding != "explicit" else "OB"
            data = packed + bytes(len(packed) % 2)
            if coding == "big":
                data = np.frombuffer(data, "<u2").astype(">u2").tobytes()
            file = image.native(data, syntax, vr)
            flags = ["retired"] if coding == "big" else []
            area.add(f"one-bit-{rows}x{columns}x{frames}.{coding}", "decode", "pixels.one-bit",
                     "PS3.5 8.1.1; PS3.5 8.2", "One bit a pixel, frames not padded",
                     {"file": file}, {"array": pixels.astype(np.uint8)}, flags=flags)  # fmt: skip
            last = frames - 1
            area.add(f"one-bit-{rows}x{columns}x{frames}.{coding}.last", "decode",
                     "pixels.one-bit", "PS3.5 8.1.1", "The last frame begins within an octet",
                     {"file": file, "frame": last}, {"array": pixels[last].astype(np.uint8)},
                     flags=flags)  # fmt: skip


def _floats(area: Area) -> None:
    values = np.linspace(-1e3, 1e3, 30).reshape(5, 6)
    for tag, vr, dtype in ((0x7FE00008, "OF", "<f4"), (0x7FE00009, "OD", "<f8")):
        cells = values.astype(dtype)
        for coding in ("implicit", "explicit"):
            syntax = SYNTAXES[coding]
            image = Image(5, 6, 8 * cells.itemsize, 8 * cells.itemsize)
            head = b"".join(
                Element(tag_, vr_, value).encode(syntax)
                for tag_, vr_, value in (
                    (0x00280002, "US", (1,)), (0x00280004, "CS", ("MONOCHROME2",)),
                    (0x00280010, "US", (5,)), (0x00280011, "US", (6,)),
                    (0x00280100, "US", (image.allocated,)),
                )
            )  # fmt: skip
            file = part10(head + element(tag, vr, cells.tobytes(), syntax), syntax)
            area.add(f"float-{image.allocated}.{coding}", "decode", "pixels.float",
                     "PS3.3 C.7.6.24" if vr == "OF" else "PS3.3 C.7.6.25",
                     f"Float Pixel Data of {image.allocated} bits", {"file": file, "frame": 0},
                     {"array": cells})  # fmt: skip


def _odd(area: Area) -> None:
    """Unused bits that hold something, too many and too few octets."""
    pixels = picture(6, 6, 12)
    image = Image.like(pixels, 16, 12)
    dirty = pixels.astype(np.uint16) | np.uint16(0xA000)
    area.add("overlay-bits", "decode", "pixels.native", "PS3.5 8.1.1; PS3.5 8.1.2",
             "Bits above Bits Stored hold an overlay, as was usual", {
                 "file": image.native(dirty.tobytes()), "frame": 0},
             {"array": image.array(pixels)}, flags=["retired"])  # fmt: skip
    signed = picture(6, 6, 12, signed=True)
    image = Image.like(signed, 16, 12, signed=True)
    cells = image.array(signed)
    clean = (cells.astype(np.int64) & 0xFFF).astype("<u2")
    area.add("sign-not-extended", "decode", "pixels.native", "PS3.5 8.1.1",
             "Signed values whose unused bits are zero",
             {"file": image.native(clean.tobytes()), "frame": 0}, {"array": cells})  # fmt: skip
    image = Image.like(pixels, 16, 12)
    data = image.array(pixels).tobytes()
    area.add("trailing-octets", "decode", "pixels.native", "PS3.5 8.1.1",
             "Two octets more than the frame has",
             {"file": image.native(data + b"\0\0"), "frame": 0},
             {"array": image.array(pixels)}, result="either", flags=["legacy"])  # fmt: skip
    for missing in (2, 10, len(data) // 2, len(data)):
        area.add(f"short-by-{missing}", "decode", "pixels.native", "PS3.5 8.1.1",
                 f"Pixel Data lack {missing} octets",
                 {"file": image.native(data[: len(data) - missing]), "frame": 0},
                 result="error", flags=["hostile"])  # fmt: skip
    fields: dict[str, dict[str, Any]] = {
        "no-rows": {"rows": 0}, "no-columns": {"columns": 0}, "huge": {"rows": 65535,
        "columns": 65535}, "no-samples": {"samples": 0}, "four-samples": {"samples": 4},
        "allocated-0": {"allocated": 0}, "allocated-3": {"allocated": 3},
        "allocated-65535": {"allocated": 65535}, "stored-0": {"stored": 0, "high": 0},
        "stored-above-allocated": {"stored": 17}, "frames-0": {"frames": 0},
        "frames-negative": {"frames": -1}, "frames-huge": {"frames": 2147483647},
        "three-samples-of-gray": {"samples": 3}, "representation": {"signed": 7},
        "planar-9": {"samples": 3, "photometric": "RGB", "planar": 9},
    }  # fmt: skip
    must = set("huge four-samples allocated-0 allocated-3 allocated-65535 frames-huge no-rows "
               "no-columns no-samples stored-above-allocated".split())  # fmt: skip
    for name, changes in fields.items():
        lying = replace(image, **changes)
        area.add(f"lying-{name}", "decode", "pixels.native", "PS3.3 C.7.6.3",
                 f"The Image Pixel Module is wrong: {name}",
                 {"file": lying.native(data, vr="OW")},
                 result="error" if name in must else "either", flags=["hostile"])  # fmt: skip
    area.add("frame-beyond", "decode", "pixels.native", "PS3.3 C.7.6.6.1.1",
             "A frame is asked for that the image does not have",
             {"file": image.native(data), "frame": 1}, result="error",
             flags=["hostile"])  # fmt: skip
