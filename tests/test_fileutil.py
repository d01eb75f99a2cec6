"""Delimiters in streams, and values that are streams, against pydicom's functions."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from pydcm import fileutil, limits
from pydcm.errors import LimitError, TruncatedError
from pydcm.tag import ItemDelimiterTag, ItemTag, SequenceDelimiterTag

pydicom_fileutil = pytest.importorskip("pydicom.fileutil")

SEQUENCE_END = bytes.fromhex("FEFFDDE0 00000000")
ITEM_END = bytes.fromhex("FEFF0DE0 00000000")
EMPTY_TABLE = bytes.fromhex("FEFF00E0 00000000")
FRAGMENT_LIKE_A_DELIMITER = bytes.fromhex("FEFF00E0 08000000") + SEQUENCE_END


@pytest.fixture(params=[fileutil, pydicom_fileutil], ids=["pydcm", "pydicom"])
def module(request: pytest.FixtureRequest) -> Any:
    return request.param


def stream(content: bytes, position: int = 0) -> io.BytesIO:
    made = io.BytesIO(content)
    made.seek(position)
    return made


# ---- delimiters ---------------------------------------------------------------


@pytest.mark.parametrize("read_size", [5, 7, 128])
@pytest.mark.parametrize(
    ("wanted", "rewind", "expected"),
    [
        (b"789a", True, (7, 1)),
        (b"789a", False, (7, 11)),
        (b"f", False, (15, 16)),
        (b"zz", True, (None, 1)),
        (b"zz", False, (None, 16)),
        (b"0", True, (None, 1)),
    ],
)
def test_find_bytes(
    module: Any, read_size: int, wanted: bytes, rewind: bool, expected: tuple[int | None, int]
) -> None:
    fp = stream(b"0123456789abcdef", 1)
    assert (module.find_bytes(fp, wanted, read_size, rewind), fp.tell()) == expected


@pytest.mark.parametrize("read_size", [1, 2, 3, 4])
def test_find_bytes_in_reads_shorter_than_themselves(read_size: int) -> None:
    fp = stream(b"aaab" * 3 + b"aaac")
    assert fileutil.find_bytes(fp, b"aaac", read_size) == 12
    assert fileutil.find_bytes(fp, b"aaad", read_size) is None


@pytest.mark.parametrize("little", [True, False])
def test_find_delimiter_and_length_before_it(module: Any, little: bool) -> None:
    delimiter = SEQUENCE_END if little else bytes.fromhex("FFFEE0DD 00000000")
    fp = stream(b"abc" + delimiter, 1)
    assert module.find_delimiter(fp, SequenceDelimiterTag, little) == 3
    assert module.length_of_undefined_length(fp, SequenceDelimiterTag, little) == 2
    assert module.length_of_undefined_length(fp, ItemDelimiterTag, little) is None
    assert fp.tell() == 1


@pytest.mark.filterwarnings("ignore:The 'warn' method:DeprecationWarning")  # pydicom's own
@pytest.mark.parametrize(
    ("content", "position"),
    [(SEQUENCE_END + b"z", 8), (b"\xfe\xff\xdd\xe0\x01\0\0\0", 8), (ITEM_END + b"z", 0)],
)
def test_absorb_delimiter_item(module: Any, content: bytes, position: int) -> None:
    fp = stream(content)
    module.absorb_delimiter_item(fp, True, SequenceDelimiterTag)
    assert fp.tell() == position


def test_absorb_delimiter_item_at_the_end() -> None:
    with pytest.raises(TruncatedError):
        fileutil.absorb_delimiter_item(stream(b"\xfe\xff\xdd"), True, SequenceDelimiterTag)


VALUES = {
    "encapsulated": EMPTY_TABLE + FRAGMENT_LIKE_A_DELIMITER + SEQUENCE_END,
    "not items": b"abc" + SEQUENCE_END,
    "length beyond the end": bytes.fromhex("FEFF00E0 F4000000") + b"abc" + SEQUENCE_END,
    "item of undefined length": bytes.fromhex("FEFF00E0 FFFFFFFF") + b"abc" + SEQUENCE_END,
    "delimiter with a length": b"abc" + b"\xfe\xff\xdd\xe0\x01\0\0\0",
}


@pytest.mark.parametrize("content", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("defer_size", [None, 3, 1000])
@pytest.mark.parametrize("read_size", [8192, 8])
def test_value_of_undefined_length(content: bytes, defer_size: int | None, read_size: int) -> None:
    def found(read: Callable[..., bytes | None]) -> tuple[bytes | None, int]:
        fp = stream(content + b"more")
        return read(fp, True, SequenceDelimiterTag, defer_size, read_size), fp.tell()

    ours = found(fileutil.read_undefined_length_value)
    assert ours == found(pydicom_fileutil.read_undefined_length_value)
    assert ours[1] == len(content)


@pytest.mark.parametrize("defer_size", [None, 3, "1 kB"])
def test_empty_value_of_undefined_length(defer_size: int | str | None) -> None:
    fp = stream(SEQUENCE_END)
    assert fileutil.read_undefined_length_value(fp, True, SequenceDelimiterTag, defer_size) == b""
    assert fp.tell() == 8


def test_value_of_undefined_length_that_ends_with_an_item_delimiter(module: Any) -> None:
    fp = stream(b"abc" + ITEM_END)
    assert module.read_undefined_length_value(fp, True, ItemDelimiterTag) == b"abc"


@pytest.mark.parametrize("content", [b"", EMPTY_TABLE, EMPTY_TABLE + b"abc"])
def test_value_without_an_end(module: Any, content: bytes) -> None:
    with pytest.raises(EOFError):
        module.read_undefined_length_value(stream(content), True, SequenceDelimiterTag)


def test_value_of_undefined_length_is_limited() -> None:
    fp = stream(b"a" * 100 + SEQUENCE_END)
    with limits.using(max_value_bytes=99), pytest.raises(LimitError, match="max_value_bytes"):
        fileutil.read_undefined_length_value(fp, True, SequenceDelimiterTag)


def test_tags_are_those_of_the_standard() -> None:
    assert (ItemTag, ItemDelimiterTag, SequenceDelimiterTag) == (
        0xFFFEE000,
        0xFFFEE00D,
        0xFFFEE0DD,
    )


# ---- paths ---------------------------------------------------------------------


def test_path_from_pathlike(module: Any) -> None:
    file = io.BytesIO()
    assert module.path_from_pathlike(Path("a/b")) == str(Path("a/b"))
    assert module.path_from_pathlike("a") == "a"
    assert module.path_from_pathlike(file) is file


# ---- values that are streams -----------------------------------------------------


class Unreadable(io.BytesIO):
    def readable(self) -> bool:
        return False


class Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False


def closed() -> io.BytesIO:
    made = io.BytesIO()
    made.close()
    return made


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (Unreadable(), ValueError),
        (Unseekable(), ValueError),
        (closed(), ValueError),
        (b"", TypeError),
        (io.StringIO(), TypeError),
    ],
)
def test_what_cannot_be_a_value(module: Any, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        module.check_buffer(value)


def test_lengths_and_position(module: Any) -> None:
    value = stream(b"abcdef", 2)
    module.check_buffer(value)
    assert module.buffer_remaining(value) == 4
    assert module.buffer_length(value) == 6
    with module.reset_buffer_position(value) as position:
        assert position == 2
        value.read()
    assert value.tell() == 2


def test_position_after_an_exception(module: Any) -> None:
    value = stream(b"abcdef", 2)
    with pytest.raises(UnicodeDecodeError), module.reset_buffer_position(value):
        str(value.read(1) + b"\xff", "ascii")
    assert value.tell() == 3


def test_read_in_chunks(module: Any) -> None:
    assert list(module.read_buffer(stream(b"abcdef", 2))) == [b"cdef"]
    assert list(module.read_buffer(stream(b"abcdef", 2), chunk_size=3)) == [b"cde", b"f"]
    for size in (0, -1):
        with pytest.raises(ValueError, match="chunk_size"):
            list(module.read_buffer(stream(b"a"), chunk_size=size))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (b"abc", True),
        (bytearray(b"abc"), True),
        (b"abd", False),
        (b"abcd", False),
        (b"ab", False),
        ("abc", False),
        (None, False),
    ],
)
def test_equality_with_bytes(module: Any, other: object, expected: bool) -> None:
    value = stream(b"abc", 1)
    assert module.buffer_equality(value, other) is expected
    assert value.tell() == 1


def test_equality_with_a_stream(module: Any) -> None:
    value, other = stream(b"abc", 1), stream(b"abc", 2)
    assert module.buffer_equality(value, other) is True
    assert module.buffer_equality(value, stream(b"abd")) is False
    assert (value.tell(), other.tell()) == (1, 2)
    assert fileutil.buffer_equality(value, value)
    with pytest.raises(TypeError):
        module.buffer_equality(cast(io.BytesIO, b"abc"), b"abc")
    assert module.buffer_equality(cast(io.BytesIO, b"abc"), None) is False
