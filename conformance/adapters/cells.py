"""Pixels around which a tool gives no data set: their form, from the elements beside them."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np

from conformance.adapters.serve import Answer, shown

__all__ = ["Broken", "Image", "array_answer", "native", "parsed", "stored"]

_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


class Broken(Exception):
    """What is around the pixels is not well formed."""


def parsed(data: bytes) -> tuple[dict[int, bytes], list[bytes]]:
    """Return the values of a data set in Explicit VR Little Endian, and the fragments.

    Sequences of undefined length are not taken apart.
    """
    found: dict[int, bytes] = {}
    p = 0
    while p + 8 <= len(data):
        group, number = struct.unpack_from("<2H", data, p)
        tag = group << 16 | number
        long = data[p + 4 : p + 6] in _LONG
        at = p + (12 if long else 8)
        if at > len(data):
            raise Broken
        size = struct.unpack_from("<I", data, p + 8)[0] if long else data[p + 6] | data[p + 7] << 8
        if tag == 0x7FE00010 and size == 0xFFFFFFFF:
            return found, _fragments(data, at)
        if size == 0xFFFFFFFF or at + size > len(data):
            raise Broken
        found[tag] = data[at : at + size]
        p = at + size
    return found, []


def _fragments(data: bytes, p: int) -> list[bytes]:
    pieces: list[bytes] = []
    while p + 8 <= len(data):
        group, number, size = struct.unpack_from("<2HI", data, p)
        if (group, number) == (0xFFFE, 0xE0DD):
            return pieces
        if (group, number) != (0xFFFE, 0xE000) or p + 8 + size > len(data):
            raise Broken
        pieces.append(data[p + 8 : p + 8 + size])
        p += 8 + size
    raise Broken


class Image(NamedTuple):
    """How pixels are laid out (PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    samples: int
    allocated: int
    bits: int
    signed: bool
    planes: bool
    frames: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a frame."""
        rows_and_columns = (self.rows, self.columns)
        return rows_and_columns if self.samples == 1 else (*rows_and_columns, self.samples)

    @classmethod
    def of(cls, found: dict[int, bytes]) -> Image:
        """Return what a data set in little endian order says.

        Raises
        ------
        Broken
            If it does not.
        """

        def number(tag: int, default: int) -> int:
            value = found.get(tag, b"")
            return int.from_bytes(value[:2], "little") if len(value) >= 2 else default

        image = cls(
            rows=number(0x00280010, 0),
            columns=number(0x00280011, 0),
            samples=number(0x00280002, 1),
            allocated=number(0x00280100, 8),
            bits=number(0x00280101, 8),
            signed=number(0x00280103, 0) == 1,
            planes=number(0x00280006, 0) == 1,
            frames=int(found.get(0x00280008, b"1").strip(b" \0") or b"1"),
        )
        if 0 in image[:3] or image.allocated not in (8, 16, 32) or not 0 < image.bits <= 32:
            raise Broken
        return image


def native(data: bytes, image: Image) -> Any:
    """Return the frames of pixels that are not compressed (PS3.5 8.1)."""
    cells = np.frombuffer(data, f"<u{image.allocated // 8}")
    size = image.rows * image.columns * image.samples
    cells = cells[: image.frames * size]
    if image.planes and image.samples > 1:
        planes = cells.reshape(-1, image.samples, image.rows, image.columns)
        return planes.transpose(0, 2, 3, 1)
    return cells.reshape(-1, *image.shape)


def stored(frames: Any, image: Image) -> Any:
    """Return samples with the sign, or zeros, above Bits Stored (PS3.5 8.1.1)."""
    shift = 64 - image.bits
    wide = frames.astype(np.int64) << shift
    if image.signed:
        return (wide >> shift).astype(f"<i{image.allocated // 8}")
    return (wide.view(np.uint64) >> np.uint64(shift)).astype(f"<u{image.allocated // 8}")


def array_answer(array: Any) -> Answer:
    """Return an array as an answer has it."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    named = {"dtype": array.dtype.name, "shape": list(array.shape)}
    return {"array": {**named, "octets": shown(little.tobytes())}}
