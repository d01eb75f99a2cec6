"""File-like objects with a byte order, against pydicom's."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from pydcm import filebase
from pydcm.errors import TruncatedError, ValueRangeError
from pydcm.tag import Tag

pydicom_filebase = pytest.importorskip("pydicom.filebase")


class ReadOnly:
    """The least that can be read from, without write(), close() or a name."""

    def __init__(self, content: bytes, at_most: int = 1 << 20) -> None:
        self._stream = io.BytesIO(content)
        self._at_most = at_most

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(min(size, self._at_most) if size >= 0 else -1)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


@pytest.fixture(params=[filebase, pydicom_filebase], ids=["pydcm", "pydicom"])
def module(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize(
    ("little", "encoded"),
    [(True, "10002000 3412 78563412"), (False, "00100020 1234 12345678")],
)
def test_numbers_in_both_byte_orders(module: Any, little: bool, encoded: str) -> None:
    fp = module.DicomBytesIO()
    fp.is_little_endian = little
    fp.write_tag(Tag(0x00100020))
    fp.write_US(0x1234)
    fp.write_UL(0x12345678)
    assert fp.parent.getvalue() == fp.getvalue() == bytes.fromhex(encoded)

    fp.seek(0)
    assert fp.read_tag() == (0x0010, 0x0020)
    assert fp.read_US() == 0x1234
    assert fp.read_UL() == 0x12345678
    assert fp.tell() == 10


def test_byte_order_can_change_midway(module: Any) -> None:
    fp = module.DicomBytesIO(bytes.fromhex("0100 0001"))
    fp.is_little_endian = True
    first = fp.read_US()
    fp.is_little_endian = False
    assert (first, fp.read_US(), fp.is_little_endian) == (1, 1, False)


@pytest.mark.parametrize("name", ["is_implicit_VR", "is_little_endian"])
def test_encoding_must_be_set_with_a_bool(module: Any, name: str) -> None:
    fp = module.DicomBytesIO(b"abcd")
    with pytest.raises(AttributeError):
        getattr(fp, name)
    with pytest.raises(TypeError, match=name):
        setattr(fp, name, 1)
    setattr(fp, name, True)
    assert getattr(fp, name) is True


def test_number_without_byte_order(module: Any) -> None:
    with pytest.raises(AttributeError):
        module.DicomBytesIO(b"abcd").read_tag()


def test_read_exact_asks_again_and_then_gives_up(module: Any) -> None:
    assert module.DicomIO(ReadOnly(b"abcdefgh", at_most=2)).read_exact(8) == b"abcdefgh"
    fp = module.DicomIO(ReadOnly(b"abcdefgh", at_most=2))
    with pytest.raises(EOFError):
        fp.read_exact(10)
    with pytest.raises(EOFError):
        module.DicomIO(ReadOnly(b"abcdefgh", at_most=2)).read_exact(8, nr_retries=2)


@pytest.mark.parametrize("method", ["read_tag", "read_US", "read_UL"])
def test_end_of_the_stream_says_where(method: str) -> None:
    fp = filebase.DicomBytesIO(b"abcd\x01")
    fp.is_little_endian = True
    fp.seek(4)
    with pytest.raises(TruncatedError) as caught:
        getattr(fp, method)()
    assert caught.value.offset == 4


def test_numbers_that_do_not_fit() -> None:
    fp = filebase.DicomBytesIO()
    fp.is_little_endian = True
    for write, value in [(fp.write_US, 1 << 16), (fp.write_UL, 1 << 32), (fp.write_UL, -1)]:
        with pytest.raises(ValueRangeError):
            write(value)
    with pytest.raises(ValueRangeError):
        fp.write_tag(1 << 32)
    assert fp.getvalue() == b""


def test_stream_that_only_reads(module: Any) -> None:
    stream = ReadOnly(b"abc")
    fp = module.DicomIO(stream)
    assert fp.parent is stream
    assert fp.name is None
    assert fp.read() == b"abc"
    with pytest.raises(TypeError, match="write"):
        fp.write(b"x")
    fp.close()  # which the stream has not


def test_stream_that_cannot_seek(module: Any) -> None:
    with pytest.raises(AttributeError, match="seek"):
        module.DicomIO(object())


def test_file_is_closed_at_the_end_of_the_block(module: Any, tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    with module.DicomFile(str(path), "wb") as fp:
        assert type(fp) is module.DicomFileLike
        assert fp.name == str(path)
        assert fp.write(b"abc") == 3
    assert fp.parent.closed
    assert path.read_bytes() == b"abc"


def test_file_is_binary_by_default(tmp_path: Path) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(b"\xff\r\n")
    with filebase.DicomFile(path) as fp:
        assert fp.read() == b"\xff\r\n"


def test_one_can_wrap_another(module: Any) -> None:
    inner = module.DicomBytesIO(b"abc")
    assert module.DicomIO(inner).read(2) == b"ab"
    assert inner.read() == b"c"
