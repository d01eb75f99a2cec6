"""What the cases of all codecs share: transfer syntaxes, broken streams, round trips."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.generate.dicom import fragments
from conformance.generate.images import Image, picture
from conformance.generate.writing import Area

RLE = "1.2.840.10008.1.2.5"
JPEGLS = "1.2.840.10008.1.2.4.80"
JPEGLS_NEAR = "1.2.840.10008.1.2.4.81"
LOSSLESS = "1.2.840.10008.1.2.4.70"
LOSSLESS_ANY = "1.2.840.10008.1.2.4.57"
BASELINE = "1.2.840.10008.1.2.4.50"
EXTENDED = "1.2.840.10008.1.2.4.51"
ENCAPSULATED = "1.2.840.10008.1.2.1.98"


def round_trips(
    area: Area,
    feature: str,
    clause: str,
    syntax: str,
    depths: Sequence[tuple[int, int]],
    **more: int,
) -> None:
    """Add round trips: what a tool encodes it must decode to what was there."""
    for allocated, stored in depths:
        for samples in (1, 3):
            if samples == 3 and allocated > 16:
                continue
            pixels = picture(11, 10, stored, samples=samples)
            image = Image.like(pixels, allocated, stored)
            options = "".join(f"-{key}{value}" for key, value in more.items())
            file = image.native(image.array(pixels).tobytes())
            area.add(f"encode-{allocated}-{stored}-{samples}{options}", "encode", feature, clause,
                     f"{samples} samples of {stored} bits are encoded and decoded",
                     {"file": file, "transfer_syntax": syntax, "options": dict(more)},
                     {"array": image.array(pixels)[None]})  # fmt: skip


def broken_streams(area: Area, feature: str, clause: str, forms: dict[str, bytes], may: set[str],
           image: Image, syntax: str) -> None:  # fmt: skip
    """Add code streams that are broken; those in `may` need not be refused."""
    for name, stream in forms.items():
        area.add(f"broken-{name}", "decode", feature, clause,
                 f"A code stream that is broken: {name.replace('-', ' ')}",
                 {"file": image.encapsulated(fragments([stream]), syntax), "frame": 0},
                 result="either" if name in may else "error", flags=["hostile"])  # fmt: skip


def flipped_bits(area: Area, feature: str, clause: str, stream: bytes, start: int, image: Image,
           syntax: str) -> None:  # fmt: skip
    """Add streams one bit of which is another."""
    step = max(1, (len(stream) - start) // 12)
    for k, at in enumerate(range(start, len(stream) - 2, step)):
        other = stream[:at] + bytes([stream[at] ^ 1 << k % 8]) + stream[at + 1 :]
        broken_streams(area, feature, clause, {f"bit-{k % 8}-of-octet-{at}": other},
               {f"bit-{k % 8}-of-octet-{at}"}, image, syntax)  # fmt: skip
