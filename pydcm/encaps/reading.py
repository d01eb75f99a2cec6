"""Fragments and frames from a buffer that holds encapsulated Pixel Data."""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from struct import unpack

from pydcm.encaps.items import Buffer, next_item, stream_of
from pydcm.errors import StructureError, TruncatedError
from pydcm.filebase import ReadableBuffer

__all__ = [
    "ExtendedOffsets",
    "generate_fragmented_frames",
    "generate_fragments",
    "generate_frames",
    "get_frame",
    "parse_basic_offsets",
    "parse_fragments",
]

ExtendedOffsets = tuple[list[int], list[int]] | tuple[bytes, bytes]

_END_OF_IMAGE = b"\xff\xd9"


def parse_basic_offsets(buffer: Buffer, *, endianness: str = "<") -> list[int]:
    """Return the Basic Offset Table (PS3.5 A.4).

    Parameters
    ----------
    buffer : bytes or seekable binary file
        Encapsulated pixel data from their first byte. A file is left after the
        table, at the first fragment.
    endianness : str
        ``"<"`` or ``">"``.

    Returns
    -------
    list of int
        Offset of each frame's first item from the first fragment's item; empty
        if the table is.

    Raises
    ------
    StructureError
        If there is no table.
    TruncatedError
        If the data end inside it.

    Examples
    --------
    >>> from pydcm.encaps import encapsulate
    >>> parse_basic_offsets(encapsulate([b"ab", b"cd"]))
    [0, 10]
    """
    stream = stream_of(buffer)
    offset = stream.tell()
    header = stream.read(8)
    if len(header) < 8:
        raise TruncatedError("the data end before the Basic Offset Table", offset=offset)
    group, element, length = unpack(f"{endianness}HHI", header)
    if (group, element) != (0xFFFE, 0xE000):
        raise StructureError(
            f"tag ({group:04X},{element:04X}) stands where the Basic Offset Table must begin",
            offset=offset,
            clause="PS3.5 A.4",
            hint="the pixel data are not encapsulated",
        )
    if length % 4:
        raise StructureError(
            f"the Basic Offset Table is {length} bytes long, which is no multiple of 4",
            offset=offset + 4,
            clause="PS3.5 A.4",
        )
    table = stream.read(length)
    if len(table) < length:
        raise TruncatedError("the data end inside the Basic Offset Table", offset=offset + 8)
    return list(unpack(f"{endianness}{length // 4}I", table))


def parse_fragments(buffer: Buffer, *, endianness: str = "<") -> tuple[int, list[int]]:
    """Return how many fragments follow, and where their items begin.

    Parameters
    ----------
    buffer : bytes or seekable binary file
        Fragments, without a Basic Offset Table. A file is left where it was.
    endianness : str
        ``"<"`` or ``">"``.

    Returns
    -------
    int, list of int
        The number of fragments and the position of each item's tag.

    Raises
    ------
    StructureError
        If something else than an item is found.
    """
    stream = stream_of(buffer)
    start = position = stream.tell()
    offsets: list[int] = []
    while (length := next_item(stream, endianness)) is not None:
        offsets.append(position)
        position = stream.seek(length, 1)
    stream.seek(start)
    return len(offsets), offsets


def generate_fragments(buffer: Buffer, *, endianness: str = "<") -> Iterator[bytes]:
    """Yield the value of each fragment.

    Parameters
    ----------
    buffer : bytes or seekable binary file
        Fragments, without a Basic Offset Table.
    endianness : str
        ``"<"`` or ``">"``.

    Yields
    ------
    bytes
        A fragment; the last one is shorter if the data are truncated.

    Raises
    ------
    StructureError
        If something else than an item is found.
    """
    stream = stream_of(buffer)
    while (length := next_item(stream, endianness)) is not None:
        yield stream.read(length)


def generate_fragmented_frames(
    buffer: Buffer,
    *,
    number_of_frames: int | None = None,
    extended_offsets: ExtendedOffsets | None = None,
    endianness: str = "<",
) -> Iterator[tuple[bytes, ...]]:
    """Yield each frame as a tuple of its fragments.

    Parameters
    ----------
    buffer : bytes or seekable binary file
        Encapsulated pixel data, from the Basic Offset Table on.
    number_of_frames : int, optional
        Number of Frames (0028,0008); needed if there are several fragments and no
        offset table.
    extended_offsets : tuple, optional
        Extended Offset Table and Extended Offset Table Lengths, each as stored
        or as list of int.
    endianness : str
        ``"<"`` or ``">"``.

    Yields
    ------
    tuple of bytes
        The fragments of one frame.

    Raises
    ------
    StructureError
        If the frames cannot be told apart.
    """
    stream = stream_of(buffer)
    basic = parse_basic_offsets(stream, endianness=endianness)
    if extended_offsets:
        yield from _frames_by_extended_table(stream, extended_offsets, endianness)
    elif basic:
        yield from _frames_by_basic_table(stream, basic, endianness)
    else:
        yield from _frames_without_table(stream, number_of_frames, endianness)


def generate_frames(
    buffer: Buffer,
    *,
    number_of_frames: int | None = None,
    extended_offsets: ExtendedOffsets | None = None,
    endianness: str = "<",
) -> Iterator[bytes]:
    """Yield each frame.

    Parameters
    ----------
    buffer : bytes or seekable binary file
        Encapsulated pixel data, from the Basic Offset Table on.
    number_of_frames : int, optional
        Number of Frames (0028,0008); needed if there are several fragments and no
        offset table.
    extended_offsets : tuple, optional
        Extended Offset Table and Extended Offset Table Lengths, each as stored
        or as list of int.
    endianness : str
        ``"<"`` or ``">"``.

    Yields
    ------
    bytes
        One encoded frame.

    Examples
    --------
    >>> from pydcm.encaps import encapsulate
    >>> list(generate_frames(encapsulate([b"ab", b"cd"]), number_of_frames=2))
    [b'ab', b'cd']
    """
    for fragments in generate_fragmented_frames(
        buffer,
        number_of_frames=number_of_frames,
        extended_offsets=extended_offsets,
        endianness=endianness,
    ):
        yield b"".join(fragments)


def get_frame(
    buffer: Buffer,
    index: int,
    *,
    extended_offsets: ExtendedOffsets | None = None,
    number_of_frames: int | None = None,
    endianness: str = "<",
) -> bytes:
    """Return one encoded frame.

    Parameters
    ----------
    buffer : bytes or seekable binary file
        Encapsulated pixel data, from the Basic Offset Table on. A file is left
        where it was.
    index : int
        Which frame, from 0.
    extended_offsets : tuple, optional
        Extended Offset Table and Extended Offset Table Lengths, each as stored
        or as list of int.
    number_of_frames : int, optional
        Number of Frames (0028,0008); needed if there are several fragments and no
        offset table.
    endianness : str
        ``"<"`` or ``">"``.

    Raises
    ------
    ValueError
        If there are fewer frames.
    StructureError
        If the frames cannot be told apart.

    Examples
    --------
    >>> from pydcm.encaps import encapsulate
    >>> get_frame(encapsulate([b"ab", b"cd"]), 1)
    b'cd'
    """
    if index < 0:
        raise ValueError(f"index {index} is negative; the first frame is 0")
    stream = stream_of(buffer)
    start = stream.tell()
    basic = parse_basic_offsets(stream, endianness=endianness)
    if extended_offsets:
        entry = _one_entry(extended_offsets, index, endianness)
        frames = _frames_by_extended_table(stream, entry, endianness)
    elif basic:
        frames = _frames_by_basic_table(stream, basic, endianness, only=index)
    else:
        frames = islice(_frames_without_table(stream, number_of_frames, endianness), index, None)
    frame = next(frames, None)
    if frame is None:
        raise StructureError(f"there is no frame {index + 1}", frame=index + 1)
    stream.seek(start)
    return b"".join(frame)


def _one_entry(extended: ExtendedOffsets, index: int, endianness: str) -> ExtendedOffsets:
    offsets, lengths = (_numbers(column, endianness) for column in extended)
    if index >= min(len(offsets), len(lengths)):
        raise StructureError(
            f"the Extended Offset Table has {len(offsets)} entries", frame=index + 1
        )
    return [offsets[index]], [lengths[index]]


def _numbers(column: list[int] | bytes, endianness: str) -> list[int]:
    """Return the entries of an Extended Offset Table column (PS3.3 C.7.6.3.1.8)."""
    if not isinstance(column, (bytes, bytearray, memoryview)):
        return list(column)
    if len(column) % 8:
        raise StructureError(
            f"an Extended Offset Table of {len(column)} bytes is no multiple of 8",
            clause="PS3.3 C.7.6.3.1.8",
        )
    return list(unpack(f"{endianness}{len(column) // 8}Q", column))


def _frames_by_extended_table(
    stream: ReadableBuffer, extended: ExtendedOffsets, endianness: str
) -> Iterator[tuple[bytes, ...]]:
    first = stream.tell()
    offsets, lengths = (_numbers(column, endianness) for column in extended)
    for offset, length in zip(offsets, lengths, strict=False):
        stream.seek(first + offset + 8)
        frame = stream.read(length)
        if len(frame) < length:
            raise StructureError(
                f"the Extended Offset Table places {length} bytes where {len(frame)} are left",
                offset=first + offset,
                clause="PS3.3 C.7.6.3.1.8",
            )
        yield (frame,)


def _frames_by_basic_table(
    stream: ReadableBuffer, table: list[int], endianness: str, only: int | None = None
) -> Iterator[tuple[bytes, ...]]:
    """Give each fragment to the last frame that begins before or at it; read `only` that frame."""
    first = position = stream.tell()
    frame: list[bytes] = []
    number = -1
    last_entry = -1
    while (length := next_item(stream, endianness)) is not None:
        entry = bisect_right(table, position - first)
        if entry != last_entry:
            if frame:
                yield tuple(frame)
            frame = []
            number += 1
            last_entry = entry
        if only is None or number == only:
            frame.append(stream.read(length))
        else:
            stream.seek(length, 1)
        position = stream.tell()
    if frame:
        yield tuple(frame)


def _frames_without_table(
    stream: ReadableBuffer, number_of_frames: int | None, endianness: str
) -> Iterator[tuple[bytes, ...]]:
    if number_of_frames == 1:
        yield tuple(generate_fragments(stream, endianness=endianness))
        return
    fragments, _ = parse_fragments(stream, endianness=endianness)
    if number_of_frames:
        yield from _frames_by_count(stream, fragments, number_of_frames, endianness)
    elif fragments == 1:  # a fragment holds one frame at most (PS3.5 A.4)
        yield tuple(generate_fragments(stream, endianness=endianness))
    else:
        raise _no_boundaries()


def _frames_by_count(
    stream: ReadableBuffer, fragments: int, number_of_frames: int, endianness: str
) -> Iterator[tuple[bytes, ...]]:
    """Split by number, or where there are more fragments by the end of each JPEG stream."""
    if fragments < number_of_frames:
        raise StructureError(
            f"{fragments} fragments cannot hold {number_of_frames} frames",
            clause="PS3.5 A.4",
            hint="the data are truncated or Number of Frames is wrong",
        )
    if fragments == number_of_frames:
        for fragment in generate_fragments(stream, endianness=endianness):
            yield (fragment,)
        return
    frame: list[bytes] = []
    found = 0
    for fragment in generate_fragments(stream, endianness=endianness):
        frame.append(fragment)
        # The end-of-image marker may be followed by padding.
        if _END_OF_IMAGE in fragment[-10:]:
            yield tuple(frame)
            found += 1
            frame = []
    if frame:
        warnings.warn(
            f"frame {found + 1}, the last one found of {number_of_frames}, has no end-of-image "
            "marker and takes all fragments that are left; check that it is what is expected",
            stacklevel=2,
        )
        yield tuple(frame)
    elif found < number_of_frames:
        warnings.warn(
            f"only {found} of {number_of_frames} frames could be told apart in {fragments} "
            "fragments without an offset table; check that they are what is expected",
            stacklevel=2,
        )


def _no_boundaries() -> StructureError:
    return StructureError(
        "the frames cannot be told apart: the pixel data have neither a Basic nor an Extended "
        "Offset Table, and number_of_frames was not given",
        clause="PS3.5 A.4",
    )
