"""Code streams of JPEG 2000, HTJ2K and JPEG XL, which other encoders made once.

An encoder of these is no small thing, so the streams lie in ``generate/recorded/``, with
the name and version of the encoder. Images and answers are made here: the streams are
lossless, so a decoder must give what was encoded.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import cast

import numpy as np

from conformance.comparing import Array
from conformance.generate.dicom import fragments
from conformance.generate.images import Image, picture
from conformance.generate.writing import Area

__all__ = ["SOURCES", "STREAMS", "recorded"]

STREAMS = Path(__file__).parent.parent / "recorded" / "streams.json"

SYNTAXES = {
    "j2k": ("1.2.840.10008.1.2.4.90", "codec.jpeg2000", "PS3.5 A.4.4; ISO 15444-1 Annex B"),
    "htj2k": ("1.2.840.10008.1.2.4.201", "codec.htj2k", "PS3.5 A.4.10; ISO 15444-15 7"),
    "jxl": ("1.2.840.10008.1.2.4.110", "codec.jpegxl", "PS3.5 A.4.12; ISO 18181-1 6"),
}


def _sources() -> dict[str, tuple[Array, int, bool]]:
    """Return images, bits and whether they are signed, by the name of a stream."""
    made: dict[str, tuple[Array, int, bool]] = {}
    for kind in SYNTAXES:
        for bits in (8, 12, 16) if kind != "jxl" else (8, 16):
            made[f"{kind}-gray-{bits}"] = picture(20, 17, bits), bits, False
        made[f"{kind}-rgb-8"] = picture(16, 16, 8, samples=3), 8, False
    for bits in (8, 12, 16):
        made[f"j2k-signed-{bits}"] = picture(18, 15, bits, signed=True), bits, True
    made["j2k-flat-8"] = np.full((9, 9), 40), 8, False
    made["j2k-one-pixel-8"] = np.full((1, 1), 40), 8, False
    return made


SOURCES = _sources()


def recorded() -> Area:
    """Return the cases of recorded streams."""
    area = Area("recorded", "JPEG 2000, HTJ2K and JPEG XL", "")
    streams = cast("dict[str, dict[str, str]]", json.loads(STREAMS.read_text("utf-8")))
    for name, (pixels, bits, signed) in SOURCES.items():
        if name not in streams:
            continue
        syntax, feature, clause = SYNTAXES[name.partition("-")[0]]
        stream = base64.b64decode(streams[name]["stream"])
        image = Image.like(pixels, 8 if bits == 8 else 16, bits, signed=signed)
        source = f"the image that was encoded; code stream of {streams[name]['encoder']}"
        area.add(name, "decode", feature, clause, f"{bits} bits{', signed' if signed else ''}",
                 {"file": image.encapsulated(fragments([stream]), syntax), "frame": 0},
                 {"array": image.array(pixels)}, source=source)  # fmt: skip
        if name.endswith(("gray-8", "gray-12")):
            _broken(area, name, image, stream, syntax, feature, clause)
    if "j2k-gray-16" in streams:
        _unsigned_stream(area, streams["j2k-gray-16"])
    return area


def _unsigned_stream(area: Area, stream: dict[str, str]) -> None:
    """Add an unsigned stream whose data set says that the pixels are signed."""
    pixels = SOURCES["j2k-gray-16"][0]
    image = Image.like(pixels, 16, 16, signed=True)
    expected = pixels.astype(np.uint16).view(np.int16)
    octets = base64.b64decode(stream["stream"])
    area.add("j2k-unsigned-stream-signed-pixels", "decode", "codec.jpeg2000",
             "PS3.5 A.4.4; PS3.5 8.2.4",
             "The stream says unsigned, Pixel Representation signed (pydicom, issue 1149)",
             {"file": image.encapsulated(fragments([octets]), SYNTAXES["j2k"][0]), "frame": 0},
             {"array": expected}, result="either", flags=["hostile", "reported"],
             source="pixels keep their bits")  # fmt: skip


def _broken(area: Area, name: str, image: Image, stream: bytes, syntax: str, feature: str,
            clause: str) -> None:  # fmt: skip
    forms = {f"cut-at-{cut}": stream[:cut] for cut in (2, 20, len(stream) // 2, len(stream) - 3)}
    forms |= {"empty": b"", "noise": bytes(range(256)), "twice": stream + stream,
              "ones-in-the-middle": stream[:60] + b"\xff" * 30 + stream[90:]}  # fmt: skip
    for form, octets in forms.items():
        must = form in ("empty", "noise", "cut-at-2", "cut-at-20")
        area.add(f"broken-{name}-{form}", "decode", feature, clause,
                 f"A code stream that is broken: {form.replace('-', ' ')}",
                 {"file": image.encapsulated(fragments([octets]), syntax), "frame": 0},
                 result="error" if must else "either", flags=["hostile"],
                 source="a recorded stream, broken")  # fmt: skip
