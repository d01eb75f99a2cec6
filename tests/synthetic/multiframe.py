"""Synthetic multi-frame images, some too large to build in memory."""

from __future__ import annotations

import random
import struct
from pathlib import Path

from tests.synthetic.encoder import (
    EXPLICIT,
    ITEM,
    PIXEL_DATA,
    RLE,
    SEQUENCE_END,
    UNDEFINED,
    Encoding,
    part10,
)

MULTIFRAME_WORD = "1.2.840.10008.5.1.4.1.1.7.3"

DEFAULT = Encoding()


def _image_module(encoding: Encoding, frames: int, rows: int, columns: int, bits: int) -> bytes:
    return b"".join(
        (
            encoding.numbers(0x00280002, "US", 1),
            encoding.text(0x00280004, "CS", "MONOCHROME2"),
            encoding.text(0x00280008, "IS", str(frames)),
            encoding.numbers(0x00280010, "US", rows),
            encoding.numbers(0x00280011, "US", columns),
            encoding.numbers(0x00280100, "US", bits),
            encoding.numbers(0x00280101, "US", bits),
            encoding.numbers(0x00280102, "US", bits - 1),
            encoding.numbers(0x00280103, "US", 0),
        )
    )


def _multiframe_head(encoding: Encoding, frames: int, rows: int, columns: int, bits: int) -> bytes:
    identity = encoding.text(0x00080016, "UI", MULTIFRAME_WORD)
    identity += encoding.text(0x00080018, "UI", "2.25.501") + encoding.text(0x00080060, "CS", "OT")
    return identity + _image_module(encoding, frames, rows, columns, bits)


def write_sparse(path: Path, frames: int = 2048, size: int = 512) -> int:
    """Write 16-bit frames of which only the last is not zero; return the file's size in bytes.

    2,048 frames of 512 x 512 are 1 GiB, of which a file system with holes
    stores only a little. Every pixel of the last frame is 0x0102.
    """
    encoding = DEFAULT
    frame_bytes = 2 * size * size
    head = part10(
        _multiframe_head(encoding, frames, size, size, 16)
        + encoding.header(PIXEL_DATA, "OW", frame_bytes * frames),
        EXPLICIT,
        MULTIFRAME_WORD,
        "2.25.501",
    )
    with path.open("wb") as file:
        file.write(head)
        file.seek((frames - 1) * frame_bytes, 1)
        file.write(b"\2\1" * (size * size))
        return file.tell()


def rle_frame(level: int, size: int, dice: random.Random) -> bytes:
    """Return one 8-bit frame in RLE (PS3.5 G): noise that does not shrink, then rows of `level`."""
    noisy = size * size // 2
    plain = dice.randbytes(noisy)
    packed = bytearray()
    for at in range(0, noisy, 128):
        part = plain[at : at + 128]
        packed += bytes((len(part) - 1,)) + part
    rest = size * size - noisy
    while rest:
        run = min(128, rest) if rest != 129 else 127
        packed += bytes((257 - run, level))
        rest -= run
    if len(packed) % 2:
        packed.append(0)
    return struct.pack("<16I", 1, 64, *([0] * 14)) + bytes(packed)


def write_rle(
    path: Path, frames: int = 1000, size: int = 512, *, offset_table: bool = False
) -> int:
    """Write RLE frames of 8 bits; return the file's size in bytes.

    The second half of frame k (1-based) holds the value k modulo 256.
    """
    encoding = DEFAULT
    dice = random.Random(7)
    head = part10(
        _multiframe_head(encoding, frames, size, size, 8), RLE, MULTIFRAME_WORD, "2.25.501"
    )
    frame_length = len(rle_frame(0, size, dice))
    offsets = [n * (frame_length + 8) for n in range(frames)] if offset_table else []
    with path.open("wb") as file:
        file.write(head)
        file.write(encoding.header(PIXEL_DATA, "OB", UNDEFINED))
        file.write(encoding.header(ITEM, "", 4 * len(offsets)))
        file.write(struct.pack(f"<{len(offsets)}I", *offsets))
        for number in range(1, frames + 1):
            frame = rle_frame(number % 256, size, dice)
            file.write(encoding.header(ITEM, "", len(frame)) + frame)
        file.write(encoding.header(SEQUENCE_END, "", 0))
        return file.tell()


def small_rle(frames: int = 2, size: int = 8) -> bytes:
    """Return a tiny RLE image."""
    dice = random.Random(size)
    encoded = [rle_frame(n + 1, size, dice) for n in range(frames)]
    offsets, at = [], 0
    for frame in encoded:
        offsets.append(at)
        at += len(frame) + 8
    body = _multiframe_head(DEFAULT, frames, size, size, 8) + DEFAULT.fragments(encoded, offsets)
    return part10(body, RLE, MULTIFRAME_WORD, "2.25.501")
