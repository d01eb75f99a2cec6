"""Finding delimiters in file-like objects, and handling values that are streams."""

from __future__ import annotations

import os
from struct import Struct
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeVar

from pydcm import config, limits
from pydcm._borrowed import borrowed
from pydcm._buffered import (
    buffer_equality,
    buffer_length,
    buffer_remaining,
    check_buffer,
    read_buffer,
    reset_buffer_position,
)
from pydcm.errors import TruncatedError
from pydcm.filebase import ReadableBuffer, WriteableBuffer
from pydcm.misc import size_in_bytes
from pydcm.tag import BaseTag, ItemTag, SequenceDelimiterTag

__all__ = [
    "PathType",
    "absorb_delimiter_item",
    "buffer_equality",
    "buffer_length",
    "buffer_remaining",
    "check_buffer",
    "find_bytes",
    "find_delimiter",
    "length_of_undefined_length",
    "path_from_pathlike",
    "read_buffer",
    "read_undefined_length_value",
    "reset_buffer_position",
]

PathType: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
"""What names a file."""

_File = TypeVar("_File", bound=BinaryIO | ReadableBuffer | WriteableBuffer)

_ITEM_HEADER = {True: Struct("<HHL"), False: Struct(">HHL")}
"""Tag and length of an item or delimiter (PS3.5 7.5), by whether it is little endian."""

_UNDEFINED = 0xFFFFFFFF


def path_from_pathlike(file_object: PathType | _File) -> str | bytes | _File:
    """Return the path that a path-like object stands for; anything else comes back as it is.

    Parameters
    ----------
    file_object : str, bytes, PathLike or file-like
        Something to open, or an open file.

    Returns
    -------
    str, bytes or file-like
        The path, or the file.
    """
    if isinstance(file_object, os.PathLike):
        return os.fspath(file_object)
    return file_object


# ---- delimiters (PS3.5 7.5) ------------------------------------------------


def absorb_delimiter_item(fp: BinaryIO, is_little_endian: bool, delimiter: BaseTag) -> None:
    """Go past the delimiter that comes next; stay where it is not the one expected.

    What comes instead is logged, and not an error.

    Parameters
    ----------
    fp : file-like
        An open binary file.
    is_little_endian : bool
        Its byte order.
    delimiter : BaseTag
        The expected delimiter.

    Raises
    ------
    TruncatedError
        If less than the 8 bytes of a delimiter are left.
    """
    header = fp.read(8)
    if len(header) < 8:
        raise TruncatedError(
            f"the delimiter {delimiter} needs 8 bytes and {len(header)} are left",
            offset=fp.tell() - len(header),
            clause="PS3.5 7.5",
        )
    group, element, length = _ITEM_HEADER[is_little_endian].unpack(header)
    found = BaseTag(group << 16 | element)
    offset = fp.tell() - 8
    if found != delimiter:
        config.logger.warning("%s stands at offset %#x instead of %s", found, offset, delimiter)
        fp.seek(offset)
    elif length:
        config.logger.warning("the length of %s at offset %#x is not 0", found, offset)


def find_bytes(
    fp: BinaryIO, bytes_to_find: bytes, read_size: int = 128, rewind: bool = True
) -> int | None:
    """Return the offset at which some bytes stand next, from the position on.

    Parameters
    ----------
    fp : file-like
        An open binary file.
    bytes_to_find : bytes
        What to look for.
    read_size : int
        Number of bytes taken at a time.
    rewind : bool
        Return to the position afterwards. Otherwise the file ends up behind
        what was found, or at its end.

    Returns
    -------
    int or None
        0-based offset in the file; None if the bytes are not there.
    """
    begin = window_at = fp.tell()
    found: int | None = None
    window = b""
    while part := fp.read(read_size):
        window += part
        at = window.find(bytes_to_find)
        if at >= 0:
            found = window_at + at
            break
        # The bytes may lie across the border of two reads.
        done = max(len(window) - len(bytes_to_find) + 1, 0)
        window = window[done:]
        window_at += done
    if rewind:
        fp.seek(begin)
    elif found is not None:
        fp.seek(found + len(bytes_to_find))
    return found


def find_delimiter(
    fp: BinaryIO,
    delimiter: BaseTag,
    is_little_endian: bool,
    read_size: int = 128,
    rewind: bool = True,
) -> int | None:
    """Return the offset at which a tag stands next, from the position on.

    Parameters
    ----------
    fp : file-like
        An open binary file.
    delimiter : BaseTag
        The tag.
    is_little_endian : bool
        Its byte order.
    read_size, rewind
        As of :func:`find_bytes`.

    Returns
    -------
    int or None
        0-based offset of the tag in the file; None if it is not there.
    """
    return find_bytes(fp, _encoded(delimiter, is_little_endian), read_size, rewind)


def length_of_undefined_length(
    fp: BinaryIO,
    delimiter: BaseTag,
    is_little_endian: bool,
    read_size: int = 128,
    rewind: bool = True,
) -> int | None:
    """Return the number of bytes before a delimiter.

    Parameters
    ----------
    fp : file-like
        An open binary file, at the beginning of a value.
    delimiter, is_little_endian, read_size, rewind
        As of :func:`find_delimiter`.

    Returns
    -------
    int or None
        Length of the value in bytes; None if there is no delimiter.
    """
    begin = fp.tell()
    end = find_delimiter(fp, delimiter, is_little_endian, read_size, rewind)
    return None if end is None else end - begin


def _encoded(tag: int, is_little_endian: bool) -> bytes:
    header = _ITEM_HEADER[is_little_endian].pack(int(tag) >> 16, int(tag) & 0xFFFF, 0)
    return header[:4]


def read_undefined_length_value(
    fp: BinaryIO,
    is_little_endian: bool,
    delimiter_tag: BaseTag,
    defer_size: int | float | str | None = None,
    read_size: int = 1024 * 8,
) -> bytes | None:
    """Return a value that ends with a delimiter, and go past the delimiter.

    A value that ends with a sequence delimiter is walked item by item, so that
    bytes within an item which look like a delimiter do no harm (PS3.5 A.4).

    Parameters
    ----------
    fp : file-like
        An open binary file, at the beginning of the value.
    is_little_endian : bool
        Its byte order.
    delimiter_tag : BaseTag
        The delimiter that ends the value.
    defer_size : int, float, str, optional
        A value of this size or more is passed over, and None returned.
    read_size : int
        Number of bytes taken at a time in a search.

    Returns
    -------
    bytes or None
        The value without its delimiter.

    Raises
    ------
    TruncatedError
        If there is no delimiter.
    LimitError
        If the value is larger than ``limits.max_value_bytes``.
    """
    begin = fp.tell()
    length = None
    if delimiter_tag == SequenceDelimiterTag:
        length = _length_of_items(fp, is_little_endian)
    if length is None:
        fp.seek(begin)
        length = length_of_undefined_length(fp, delimiter_tag, is_little_endian, read_size)
    if length is None:
        raise TruncatedError(
            f"the value ends with no delimiter {delimiter_tag}",
            offset=begin,
            clause="PS3.5 7.5.1",
        )
    value: bytes | None = None
    limit = size_in_bytes(defer_size)
    if limit is None or length < limit or not length:
        limits.check("max_value_bytes", length, "a value of undefined length", offset=begin)
        fp.seek(begin)
        value = fp.read(length)
    fp.seek(begin + length + 4)
    if fp.read(4) != b"\0\0\0\0":
        config.logger.warning(
            "the length of %s at offset %#x is not 0", delimiter_tag, begin + length
        )
    return value


def _length_of_items(fp: BinaryIO, is_little_endian: bool) -> int | None:
    """Return the length of items of defined length up to a sequence delimiter, or None."""
    begin = position = fp.tell()
    header = _ITEM_HEADER[is_little_endian]
    while True:
        fp.seek(position)
        raw = fp.read(8)
        if len(raw) < 8:
            return None
        group, element, length = header.unpack(raw)
        tag = group << 16 | element
        if tag == SequenceDelimiterTag:
            return position - begin
        if tag != ItemTag or length == _UNDEFINED:
            return None
        position += 8 + length


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
