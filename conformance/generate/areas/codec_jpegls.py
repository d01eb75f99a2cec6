"""JPEG-LS (PS3.5 A.4.3, ISO 14495-1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from conformance.generate.areas.codec_streams import (
    JPEGLS,
    JPEGLS_NEAR,
    broken_streams,
    flipped_bits,
    round_trips,
)
from conformance.generate.coders import jpegls
from conformance.generate.dicom import fragments
from conformance.generate.images import Image, Pixels, picture
from conformance.generate.writing import Area


def jpegls_cases() -> Area:
    """Return the cases of JPEG-LS."""
    area = Area("jpegls", "JPEG-LS", "ISO 14495-1 Annex A, by an encoder of its own")

    def add(name: str, comment: str, pixels: Pixels, parameters: jpegls.Parameters,
            clause: str = "ISO 14495-1 A.3", **more: Any) -> None:  # fmt: skip
        near = parameters.near
        image = Image.like(pixels, 8 if parameters.bits <= 8 else 16, parameters.bits, **more)
        stream, made = jpegls.encode(pixels & ((1 << parameters.bits) - 1), parameters)
        if image.signed:
            made = np.where(made >> (parameters.bits - 1), made - (1 << parameters.bits), made)
        syntax = JPEGLS_NEAR if near else JPEGLS
        area.add(name, "decode", "codec.jpegls", f"PS3.5 A.4.3; {clause}", comment,
                 {"file": image.encapsulated(fragments([stream]), syntax), "frame": 0},
                 {"array": image.array(made)}, flags=["lossy"] if near else [])  # fmt: skip

    for bits in range(2, 17):
        add(f"bits-{bits}", f"{bits} bits", picture(16, 17, bits), jpegls.Parameters(bits))
    for bits in (8, 12, 16):
        pixels = picture(12, 12, bits, signed=True)
        add(f"signed-{bits}", f"{bits} bits, signed", pixels, jpegls.Parameters(bits), signed=True)
    for bits in (4, 8, 12, 16):
        for near in (1, 2, 3, 7, 100, 255):
            if near <= ((1 << bits) - 1) // 2:
                add(f"near-{bits}-{near}", f"NEAR {near} of {bits} bits", picture(14, 15, bits),
                    jpegls.Parameters(bits, near), clause="ISO 14495-1 A.4.4")  # fmt: skip
    for bits in (8, 12):
        for near in (0, 2):
            for interleave in (0, 1, 2):
                add(f"rgb-{bits}-near{near}-interleave{interleave}",
                    f"Three components, interleave mode {interleave}, NEAR {near}",
                    picture(10, 11, bits, samples=3), jpegls.Parameters(bits, near, interleave),
                    clause="ISO 14495-1 C.2.3")  # fmt: skip
    _jpegls_choices(add)
    _broken_jpegls(area)
    depths = ((8, 8), (16, 12), (16, 16), (8, 5))
    round_trips(area, "codec.jpegls", "ISO 14495-1 A", JPEGLS, depths)
    return area


def _jpegls_choices(add: Callable[..., None]) -> None:
    """Add preset parameters, restart intervals and odd shapes."""
    presets = {
        "maxval": (200, 0, 0, 0, 0), "thresholds": (255, 10, 20, 40, 64), "reset-3":
        (255, 3, 7, 21, 3), "reset-255": (255, 3, 7, 21, 255), "equal": (255, 9, 9, 9, 64),
        "defaults-by-zero": (0, 0, 0, 0, 0), "reset-only": (0, 0, 0, 0, 31),
    }  # fmt: skip
    for name, preset in presets.items():
        for interleave in (0, 1, 2):
            pixels = np.minimum(picture(16, 16, 8, samples=3 if interleave else 1), 200)
            add(f"preset-{name}-interleave{interleave}", f"Preset coding parameters: {name}",
                pixels, jpegls.Parameters(8, 0, interleave, preset),
                clause="ISO 14495-1 C.2.4.1.1")  # fmt: skip
    for lines in (1, 3, 8):
        for interleave in (0, 1, 2):
            pixels = picture(20, 9, 8, samples=3 if interleave else 1)
            add(f"restart-{lines}-interleave{interleave}", f"A restart marker after {lines} lines",
                pixels, jpegls.Parameters(8, 0, interleave, None, lines),
                clause="ISO 14495-1 C.2.5")  # fmt: skip
    shapes: dict[str, Pixels] = {
        "one-pixel": np.full((1, 1), 200), "one-row": picture(1, 40, 8), "one-column":
        picture(40, 1, 8), "flat": np.zeros((20, 20), np.int64), "flat-not-zero":
        np.full((20, 20), 99), "long-runs": np.repeat(picture(4, 4, 8), 60, 1),
        "two-columns": picture(20, 2, 8), "checkers": (np.indices((16, 16)).sum(0) % 2) * 255,
    }  # fmt: skip
    for name, pixels in shapes.items():
        add(f"shape-{name}", name.replace("-", " "), pixels.astype(np.int64),
            jpegls.Parameters(8), clause="ISO 14495-1 A.7")  # fmt: skip


def _broken_jpegls(area: Area) -> None:
    pixels = picture(16, 16, 8)
    image = Image.like(pixels, 8, 8)
    stream, _ = jpegls.encode(pixels, jpegls.Parameters(8, 0, 0, (255, 3, 7, 21, 64), 8))
    sof, lse = stream.index(b"\xff\xf7"), stream.index(b"\xff\xf8")
    dri, sos = stream.index(b"\xff\xdd"), stream.index(b"\xff\xda")

    def put(at: int, new: bytes) -> bytes:
        return stream[:at] + new + stream[at + len(new) :]

    forms = {
        "no-soi": stream[2:], "no-sof": stream[:sof] + stream[lse:], "no-sos": stream[:sos],
        "precision-0": put(sof + 4, b"\0"), "precision-17": put(sof + 4, b"\x11"),
        "precision-12": put(sof + 4, b"\x0c"), "rows-0": put(sof + 5, b"\0\0"),
        "rows-65535": put(sof + 5, b"\xff\xff"), "columns-65535": put(sof + 7, b"\xff\xff"),
        "columns-8": put(sof + 7, b"\0\x08"), "components-0": put(sof + 9, b"\0"),
        "components-3": put(sof + 9, b"\3"), "near-255": put(sos + 7, b"\xff"),
        "interleave-3": put(sos + 8, b"\3"), "interleave-2": put(sos + 8, b"\2"),
        "point-transform": put(sos + 9, b"\1"),
        "maxval-65535": put(lse + 5, b"\xff\xff"), "t1-above-t2": put(lse + 7, b"\0\x50"),
        "reset-1": put(lse + 13, b"\0\1"), "lse-type-9": put(lse + 4, b"\x09"),
        "interval-65535": put(dri + 4, b"\xff\xff"), "segment-length-1": put(sof + 2, b"\0\1"),
        "segment-beyond": put(sof + 2, b"\xff\xff"),
        "restart-out-of-turn": stream.replace(b"\xff\xd0", b"\xff\xd5"),
        "restart-missing": stream.replace(b"\xff\xd0", b""),
        "scan-of-ones": stream[: sos + 10] + b"\xff\x7f" * 40 + b"\xff\xd9",
        "scan-of-zeros": stream[: sos + 10] + bytes(60) + b"\xff\xd9",
        "empty-scan": stream[: sos + 10] + b"\xff\xd9", "two-frames": stream + stream,
        "jpeg-of-another-kind": b"\xff\xd8\xff\xc0" + stream[sof + 2 :],
        "empty": b"", "noise": bytes(range(256)),
    }  # fmt: skip
    may = {"interleave-2", "t1-above-t2", "reset-1", "maxval-65535", "two-frames", "no-soi",
           "interval-65535", "point-transform", "precision-12", "lse-type-9",
           "components-3", "columns-8", "scan-of-ones", "scan-of-zeros"}  # fmt: skip
    broken_streams(
        area, "codec.jpegls", "ISO 14495-1 C.1; ISO 14495-1 C.2", forms, may, image, JPEGLS
    )
    for cut in range(4, len(stream), 9):
        broken_streams(area, "codec.jpegls", "ISO 14495-1 A.1", {f"cut-at-{cut}": stream[:cut]},
               {f"cut-at-{cut}"}, image, JPEGLS)  # fmt: skip
    flipped_bits(area, "codec.jpegls", "ISO 14495-1 A.1", stream, sos + 10, image, JPEGLS)
