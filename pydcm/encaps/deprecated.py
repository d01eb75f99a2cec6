"""Older names for reading encapsulated Pixel Data, kept for code that calls them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pydcm.encaps.items import next_item
from pydcm.encaps.reading import (
    generate_fragmented_frames,
    generate_fragments,
    generate_frames,
    parse_basic_offsets,
    parse_fragments,
)
from pydcm.filebase import ReadableBuffer

__all__ = [
    "decode_data_sequence",
    "defragment_data",
    "generate_pixel_data",
    "generate_pixel_data_fragment",
    "generate_pixel_data_frame",
    "get_frame_offsets",
    "get_nr_fragments",
    "read_item",
]


class OrderedBuffer(ReadableBuffer, Protocol):
    """A binary file that knows its byte order."""

    is_little_endian: bool


def _order(fp: OrderedBuffer) -> str:
    return "<" if fp.is_little_endian else ">"


def get_frame_offsets(fp: OrderedBuffer) -> tuple[bool, list[int]]:
    """Return whether the Basic Offset Table has values, and the offsets of the frames."""
    offsets = parse_basic_offsets(fp, endianness=_order(fp))
    return bool(offsets), offsets or [0]


def get_nr_fragments(fp: OrderedBuffer) -> int:
    """Return how many fragments follow."""
    return parse_fragments(fp, endianness=_order(fp))[0]


def generate_pixel_data_fragment(fp: OrderedBuffer) -> Iterator[bytes]:
    """Yield each fragment."""
    yield from generate_fragments(fp, endianness=_order(fp))


def generate_pixel_data(
    bytestream: bytes, nr_frames: int | None = None
) -> Iterator[tuple[bytes, ...]]:
    """Yield each frame as a tuple of its fragments."""
    yield from generate_fragmented_frames(bytestream, number_of_frames=nr_frames)


def generate_pixel_data_frame(bytestream: bytes, nr_frames: int | None = None) -> Iterator[bytes]:
    """Yield each frame."""
    yield from generate_frames(bytestream, number_of_frames=nr_frames)


def decode_data_sequence(data: bytes) -> list[bytes]:
    """Return all fragments after the Basic Offset Table."""
    _, *fragments = generate_fragments(data)
    return fragments


def defragment_data(data: bytes) -> bytes:
    """Return all fragments after the Basic Offset Table as one."""
    return b"".join(decode_data_sequence(data))


def read_item(fp: OrderedBuffer) -> bytes | None:
    """Return the value of the item at the file's position, or None at the end."""
    length = next_item(fp, _order(fp))
    return None if length is None else fp.read(length)
