"""Frames into encapsulated Pixel Data (PS3.5 A.4)."""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack

__all__ = [
    "ITEM_TAG",
    "basic_offset_table",
    "encapsulate",
    "encapsulate_extended",
    "fragment_frame",
    "itemize_fragment",
    "itemize_frame",
    "running_offsets",
]

ITEM_TAG = b"\xfe\xff\x00\xe0"
_LARGEST_OFFSET = 0xFFFFFFFF


def fragment_frame(frame: bytes, nr_fragments: int = 1) -> Iterator[bytes]:
    r"""Yield `frame` in pieces of even length, the last one padded with a zero byte.

    Parameters
    ----------
    frame : bytes
        An encoded frame.
    nr_fragments : int
        How many pieces; each must get two bytes at least.

    Yields
    ------
    bytes
        One fragment.

    Raises
    ------
    ValueError
        If the frame is too short for so many.

    Examples
    --------
    >>> list(fragment_frame(b"abcdefg", 2))
    [b'abcd', b'efg\x00']
    """
    size = len(frame)
    if nr_fragments < 1 or nr_fragments > (size + 1) // 2:
        raise ValueError(
            f"{size} bytes cannot make {nr_fragments} fragments of two bytes or more (PS3.5 A.4)"
        )
    length = size // nr_fragments
    length += length % 2
    if length * (nr_fragments - 1) >= size:  # rounding up would leave nothing for the last one
        length -= 2
    end = length * (nr_fragments - 1)
    for start in range(0, end, length or 1):
        yield frame[start : start + length]
    last = frame[end:]
    yield last + b"\x00" if len(last) % 2 else last


def itemize_fragment(fragment: bytes) -> bytes:
    """Return `fragment` as an item (PS3.5 Table A.4-1).

    Parameters
    ----------
    fragment : bytes
        Of even length.
    """
    return ITEM_TAG + pack("<I", len(fragment)) + fragment


def itemize_frame(frame: bytes, nr_fragments: int = 1) -> Iterator[bytes]:
    """Yield the items of a frame.

    Parameters
    ----------
    frame : bytes
        An encoded frame.
    nr_fragments : int
        How many items to make of it.

    Yields
    ------
    bytes
        One item.
    """
    for fragment in fragment_frame(frame, nr_fragments):
        yield itemize_fragment(fragment)


def encapsulate(frames: list[bytes], fragments_per_frame: int = 1, has_bot: bool = True) -> bytes:
    """Return encoded frames as a value for Pixel Data, without the closing delimiter.

    Parameters
    ----------
    frames : list of bytes
        The encoded frames.
    fragments_per_frame : int
        How many fragments to make of each.
    has_bot : bool
        Whether to fill the Basic Offset Table.

    Raises
    ------
    ValueError
        If a frame begins past 4 GiB, which a Basic Offset Table cannot say.

    Examples
    --------
    >>> encapsulate([b"ab"]).hex(" ", -4)
    'feff00e0 04000000 00000000 feff00e0 02000000 6162'
    """
    itemized = [b"".join(itemize_frame(frame, fragments_per_frame)) for frame in frames]
    table = basic_offset_table([len(item) for item in itemized]) if has_bot else b""
    return b"".join([itemize_fragment(table), *itemized])


def encapsulate_extended(frames: list[bytes]) -> tuple[bytes, bytes, bytes]:
    """Return encoded frames with an Extended Offset Table (PS3.3 C.7.6.3.1.8).

    Parameters
    ----------
    frames : list of bytes
        The encoded frames; each becomes one fragment.

    Returns
    -------
    bytes, bytes, bytes
        Values for Pixel Data, Extended Offset Table (7FE0,0001) and Extended
        Offset Table Lengths (7FE0,0002).

    Examples
    --------
    >>> _, offsets, lengths = encapsulate_extended([b"ab", b"cdef"])
    >>> offsets[8], lengths[8]
    (10, 4)
    """
    lengths = [len(frame) + len(frame) % 2 for frame in frames]
    offsets = running_offsets([length + 8 for length in lengths])
    return (
        encapsulate(frames, has_bot=False),
        pack(f"<{len(offsets)}Q", *offsets),
        pack(f"<{len(lengths)}Q", *lengths),
    )


def running_offsets(sizes: list[int]) -> list[int]:
    """Return where each of several things begins that follow each other."""
    offsets = []
    position = 0
    for size in sizes:
        offsets.append(position)
        position += size
    return offsets


def basic_offset_table(sizes: list[int]) -> bytes:
    """Return the table for frames whose items take so many bytes."""
    offsets = running_offsets(sizes)
    if offsets and offsets[-1] > _LARGEST_OFFSET:
        raise ValueError(
            f"the last frame begins at {offsets[-1]}, past the largest offset of a Basic Offset "
            "Table; use encapsulate_extended or has_bot=False"
        )
    return pack(f"<{len(offsets)}I", *offsets)
