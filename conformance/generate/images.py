"""Images whose every pixel is known: the same on every machine."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conformance.comparing import Array
from conformance.generate.dicom import BIG, EXPLICIT, Element, element, header, part10
from conformance.generate.dicom import encapsulated as encapsulated_pixels

__all__ = ["Image", "Pixels", "extended_offsets", "frames_of", "noise", "picture"]

Pixels: TypeAlias = NDArray[np.int64]
"""Pixels before they are put into a type."""


def noise(count: int, seed: int) -> NDArray[np.int64]:
    """Return numbers of 31 bits from a linear congruential generator."""
    state = seed * 2654435761 % (1 << 32) or 1
    made = np.empty(count, np.int64)
    for k in range(count):
        state = (state * 1664525 + 1013904223) % (1 << 32)
        made[k] = state >> 1
    return made


def picture(
    rows: int, columns: int, bits: int, *, samples: int = 1, signed: bool = False, seed: int = 1
) -> NDArray[np.int64]:
    """Return an image with a gradient, a flat part, an edge, noise, and the extreme values."""
    top = (1 << bits) - 1
    y, x = np.mgrid[0:rows, 0:columns].astype(np.int64)
    planes = []
    for sample in range(samples):
        plane = (x * (sample + 2) + y * 3) * top // (5 * max(rows + columns, 2))
        plane[(y >= rows // 2) & (x < columns // 2)] = top // (3 + sample)
        noisy = (y >= rows // 2) & (x >= columns // 2)
        grain = noise(rows * columns, seed + sample).reshape(rows, columns) % (top + 1)
        plane[noisy] = grain[noisy]
        plane.flat[0], plane.flat[-1] = 0, top
        planes.append(plane)
    made = np.stack(planes, -1) if samples > 1 else planes[0]
    return made - (1 << bits - 1) if signed else made


def frames_of(count: int, rows: int, columns: int, bits: int, **more: int) -> NDArray[np.int64]:
    """Return several different pictures."""
    made = [
        picture(rows, columns, bits, samples=more.get("samples", 1),
                signed=bool(more.get("signed")), seed=7 * k + 1)
        for k in range(count)
    ]  # fmt: skip
    return np.stack(made)


def _dtype(allocated: int, signed: bool) -> np.dtype[np.generic]:
    size = 8 if allocated == 1 else allocated
    return np.dtype(f"{'' if signed else 'u'}int{size}")


@dataclass(frozen=True)
class Image:
    """What an image file says of its pixels, besides these."""

    rows: int
    columns: int
    allocated: int = 8
    stored: int = 8
    high: int | None = None
    signed: bool = False
    samples: int = 1
    photometric: str = "MONOCHROME2"
    planar: int | None = None
    frames: int | None = None
    more: tuple[Element, ...] = ()

    @classmethod
    def like(cls, pixels: Array, allocated: int, stored: int, **more: Any) -> Image:
        """Return what describes one frame."""
        samples = pixels.shape[2] if pixels.ndim == 3 else 1
        colour: dict[str, Any] = {"photometric": "RGB", "planar": 0} if samples == 3 else {}
        rows, columns = pixels.shape[:2]
        return cls(rows, columns, allocated, stored, samples=samples, **{**colour, **more})

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Type of the stored values."""
        return _dtype(self.allocated, self.signed)

    def array(self, pixels: Array) -> Array:
        """Return pixels in the type of the stored values."""
        return np.ascontiguousarray(pixels, self.dtype)

    def head(self, syntax: str) -> bytes:
        """Return the elements of the Image Pixel Module and those that go with it."""
        high = self.stored - 1 if self.high is None else self.high
        made = [
            Element(0x00080016, "UI", ("1.2.840.10008.5.1.4.1.1.7",)),
            Element(0x00080018, "UI", ("1.2.3.4",)),
            Element(0x00280002, "US", (self.samples,)),
            Element(0x00280004, "CS", (self.photometric,)),
            Element(0x00280010, "US", (self.rows,)),
            Element(0x00280011, "US", (self.columns,)),
            Element(0x00280100, "US", (self.allocated,)),
            Element(0x00280101, "US", (self.stored,)),
            Element(0x00280102, "US", (high,)),
            Element(0x00280103, "US", (int(self.signed),)),
            *self.more,
        ]
        if self.planar is not None:
            made.append(Element(0x00280006, "US", (self.planar,)))
        if self.frames is not None:
            made.append(Element(0x00280008, "IS", (self.frames,)))
        return b"".join(each.encode(syntax) for each in sorted(made, key=lambda each: each.tag))

    def native(self, data: bytes, syntax: str = EXPLICIT, vr: str = "") -> bytes:
        """Return a file of native Pixel Data, `data` in the byte order of the syntax."""
        vr = vr or ("OW" if self.allocated > 8 or syntax in (BIG, "1.2.840.10008.1.2") else "OB")
        data += bytes(len(data) % 2)
        return part10(self.head(syntax) + element(0x7FE00010, vr, data, syntax), syntax)

    def encapsulated(
        self, pieces: tuple[bytes, ...], syntax: str, before: bytes = b"", vr: str = "OB"
    ) -> bytes:
        """Return a file of encapsulated Pixel Data; `before` are elements of group 7FE0."""
        tail = before + encapsulated_pixels(0x7FE00010, vr, pieces)
        return part10(self.head(EXPLICIT) + tail, syntax)


def extended_offsets(frames: list[bytes]) -> bytes:
    """Return the Extended Offset Table and its lengths (PS3.3 C.7.6.3.1.8)."""
    offsets, lengths, at = b"", b"", 0
    for frame in frames:
        offsets += struct.pack("<Q", at)
        lengths += struct.pack("<Q", len(frame))
        at += 8 + len(frame) + len(frame) % 2
    return (
        header(0x7FE00001, "OV", len(offsets)) + offsets
        + header(0x7FE00002, "OV", len(lengths)) + lengths
    )  # fmt: skip
