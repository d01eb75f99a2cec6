"""What `dcmread` takes, which part of a file it reads, and where it leaves a stream."""

from __future__ import annotations

import io
import os
import pathlib
import threading
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import pydcm
from pydcm.errors import InvalidDicomError, ReadError, TruncatedError
from tests.kernels.written import element, item, undefined
from tests.synthetic import objects
from tests.synthetic.encoder import DEFLATED, EXPLICIT, IMPLICIT, Encoding, part10

if TYPE_CHECKING:
    from typing_extensions import Buffer

BODY = (
    element(0x00080005, "CS", b"ISO_IR 100")
    + element(0x00100010, "PN", b"Doe^J\xfcrgen")
    + element(0x00100020, "LO", b"4711")
    + element(0x00280010, "US", b"\x02\0")
)
PIXELS = element(0x7FE00010, "OW", bytes(range(64)))
TAIL = element(0xFFFCFFFC, "OB", b"\0\0")
FILE = part10(BODY + PIXELS + TAIL, EXPLICIT)
META = FILE.index(b"\x08\0\x05\0CS")
"""Where the data set begins."""


class OneWay(io.RawIOBase):
    """A stream that can neither be sought nor told."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        found = self.data.read(min(len(view), 7))
        view[: len(found)] = found
        return len(found)


class OnlyRead:
    """The least that a stream can be."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int = -1) -> bytes:
        found, self.data = self.data, b""
        return found


def _check(ds: pydcm.FileDataset) -> None:
    assert [int(tag) for tag in ds.keys()] == [  # noqa: SIM118  # a data set yields elements
        0x00080005, 0x00100010, 0x00100020, 0x00280010, 0x7FE00010, 0xFFFCFFFC,
    ]  # fmt: skip
    assert ds.PatientName == "Doe^Jürgen"
    assert (ds.Rows, ds.PixelData) == (2, bytes(range(64)))
    assert ds.preamble == bytes(128)
    assert ds.file_meta.TransferSyntaxUID == EXPLICIT
    assert ds.original_encoding == (False, True)


# --- what it takes ------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_a_path(kind: Callable[[pathlib.Path], str], tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    ds = pydcm.dcmread(kind(path))
    _check(ds)
    assert (ds.filename, ds.buffer, ds.timestamp) == (str(path), None, 1_600_000_000)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_content_itself(kind: Callable[[bytes], bytes]) -> None:
    ds = pydcm.dcmread(kind(FILE))
    _check(ds)
    assert (ds.filename, ds.buffer, ds.timestamp) == (None, None, None)


@pytest.mark.parametrize("kind", [io.BytesIO, OneWay, OnlyRead])
def test_a_stream(kind: Callable[[bytes], io.BytesIO]) -> None:
    stream = kind(FILE)
    ds = pydcm.dcmread(stream)
    _check(ds)
    assert (ds.filename, ds.buffer) == (None, stream)


@pytest.mark.parametrize("buffering", [-1, 0])
def test_an_open_file(buffering: int, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    with open(path, "rb", buffering=buffering) as file:
        ds = pydcm.dcmread(file)
        assert file.tell() == len(FILE)
    _check(ds)  # also when it is closed
    assert ds.filename == str(path)
    assert ds.timestamp == path.stat().st_mtime


def test_a_stream_is_read_from_where_it_is() -> None:
    stream = io.BytesIO(b"before" + FILE)
    stream.seek(6)
    _check(pydcm.dcmread(stream))
    assert stream.tell() == 6 + len(FILE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    thread = threading.Thread(target=path.write_bytes, args=(FILE,))
    thread.start()
    ds = pydcm.dcmread(path)
    thread.join()
    _check(ds)


@pytest.mark.parametrize("force", [False, True])
def test_what_is_not_there(force: bool, tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        pydcm.dcmread(tmp_path / "nothing", force=force)
    with pytest.raises(IsADirectoryError):
        pydcm.dcmread(tmp_path, force=force)


@pytest.mark.parametrize("thing", [5, None, object(), ["file"], 1.5])
def test_what_cannot_be_read(thing: object) -> None:
    with pytest.raises(TypeError, match="needed to read from"):
        pydcm.dcmread(thing)  # type: ignore[arg-type]  # what is refused


@pytest.mark.parametrize("stop_before_pixels", [False, True])
def test_text(stop_before_pixels: bool, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    with pytest.raises(TypeError, match="binary"):
        pydcm.dcmread(io.StringIO("text"), stop_before_pixels=stop_before_pixels)  # type: ignore[arg-type]  # no bytes
    with open(path, encoding="latin-1") as file, pytest.raises(TypeError, match="binary"):
        pydcm.dcmread(file, stop_before_pixels=stop_before_pixels)  # type: ignore[arg-type]  # no bytes


@pytest.mark.parametrize(
    "content", [b"", b"x", bytes(128), bytes(131), bytes(200), b"DICM", bytes(127) + b"DICM"]
)
def test_what_is_not_dicom(content: bytes, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    for thing in (str(path), content, io.BytesIO(content)):
        with pytest.raises(InvalidDicomError, match="DICM"):
            pydcm.dcmread(thing)
    with pytest.raises(InvalidDicomError) as caught:
        pydcm.dcmread(path)
    assert caught.value.path == str(path)
    assert caught.value.clause == "PS3.10 7.1"
    assert "force=True" in (caught.value.hint or "")


def test_unknown_options_are_passed_over() -> None:
    _check(pydcm.dcmread(FILE, fast=True))


# --- without preamble -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "preamble", "meta"),
    [
        (FILE, bytes(128), True),
        (FILE[132:], None, True),
        (FILE[META:], None, False),
        (bytes(128) + b"DICM" + FILE[META:], bytes(128), False),
        (b"preamble" * 16 + FILE[128:], b"preamble" * 16, True),
    ],
)
def test_force(data: bytes, preamble: bytes | None, meta: bool) -> None:
    ds = pydcm.dcmread(data, force=True)
    assert ds.preamble == preamble
    assert ("TransferSyntaxUID" in ds.file_meta) == meta
    assert ds.PatientID == "4711"
    assert len(ds) == 6


@pytest.mark.parametrize("data", [b"", b"\x08", FILE[:132], FILE[:META]])
def test_nothing_but_the_beginning(data: bytes) -> None:
    ds = pydcm.dcmread(data, force=True)
    assert len(ds) == 0


def test_a_command_set_before_the_file_is_kept() -> None:
    # PS3.7 6.3: group 0000 in Implicit VR Little Endian
    command = element(0x00000002, "UI", b"1.2\0", 1) + element(0x00000100, "US", b"\1\0", 1)
    for data in (bytes(128) + b"DICM" + command + FILE[132:], command + FILE[META:]):
        ds = pydcm.dcmread(data, force=True)
        assert (ds.AffectedSOPClassUID, ds.CommandField) == ("1.2", 1)
        assert ds.PatientID == "4711"


# --- parts of a file --------------------------------------------------------------------


@pytest.mark.parametrize("pixels", [0x7FE00008, 0x7FE00009, 0x7FE00010])
@pytest.mark.parametrize("offset", [0, 5])
def test_stop_before_pixels_leaves_the_stream_there(pixels: int, offset: int) -> None:
    value = {0x7FE00008: "OF", 0x7FE00009: "OD", 0x7FE00010: "OW"}[pixels]
    start = part10(BODY, EXPLICIT)
    data = start + element(pixels, value, bytes(100_000)) + TAIL
    stream = io.BytesIO(bytes(offset) + data)
    stream.seek(offset)
    ds = pydcm.dcmread(stream, stop_before_pixels=True)
    assert stream.tell() == offset + len(start)
    assert len(ds) == 4
    stream.close()
    assert ds.PatientName == "Doe^Jürgen"
    assert ds.file_meta.TransferSyntaxUID == EXPLICIT


@pytest.mark.parametrize("kind", ["path", "bytes", "stream", "one way", "open file"])
def test_stop_before_pixels(kind: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    sources: dict[str, Callable[[], Any]] = {
        "path": lambda: path,
        "bytes": lambda: FILE,
        "stream": lambda: io.BytesIO(FILE),
        "one way": lambda: OneWay(FILE),
        "open file": lambda: open(path, "rb"),  # noqa: SIM115  # closed below
    }
    source = sources[kind]()
    ds = pydcm.dcmread(source, stop_before_pixels=True)
    if isinstance(source, io.IOBase):
        source.close()
    assert len(ds) == 4
    assert "PixelData" not in ds
    assert ds.PatientName == "Doe^Jürgen"


def test_stop_before_pixels_that_are_not_there() -> None:
    data = part10(BODY, EXPLICIT)
    stream = io.BytesIO(data)
    assert len(pydcm.dcmread(stream, stop_before_pixels=True)) == 4
    assert stream.tell() == len(data)


def test_stop_before_pixels_of_large_headers() -> None:
    many = b"".join(element(0x00090000 + k, "UN", bytes(1000)) for k in range(0x1000, 0x1064))
    stream = io.BytesIO(part10(many + BODY[-10:] + PIXELS, EXPLICIT))
    ds = pydcm.dcmread(stream, stop_before_pixels=True)
    assert len(ds) == 101
    assert stream.tell() == len(stream.getvalue()) - len(PIXELS)
    assert ds[0x00091063].value == bytes(1000)


def test_stop_before_pixels_in_a_deflated_file() -> None:
    data = part10(BODY + PIXELS, DEFLATED)
    ds = pydcm.dcmread(io.BytesIO(data), stop_before_pixels=True)
    assert len(ds) == 4


def test_saving_what_was_read_up_to_the_pixels() -> None:
    stream = io.BytesIO(FILE)
    ds = pydcm.dcmread(stream, stop_before_pixels=True)
    out = io.BytesIO()
    ds.save_as(out)
    assert out.getvalue() == part10(BODY, EXPLICIT)


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        (["PatientID"], [0x00080005, 0x00100020]),
        ([0x00100020, (0x0028, 0x0010)], [0x00080005, 0x00100020, 0x00280010]),
        (["StudyDate"], [0x00080005]),
        ({"Rows": None}.keys(), [0x00080005, 0x00280010]),
        (iter(["Rows"]), [0x00080005, 0x00280010]),
        (
            [],
            [0x00080005, 0x00100010, 0x00100020, 0x00280010, 0x7FE00010, 0xFFFCFFFC],
        ),
    ],
)
def test_specific_tags(tags: list[int | str], kept: list[int]) -> None:
    ds = pydcm.dcmread(FILE, specific_tags=tags)
    assert [int(tag) for tag in ds.keys()] == kept  # noqa: SIM118  # a data set yields elements
    assert len(ds.file_meta) == 6
    if "PatientName" in ds:
        assert ds.PatientName == "Doe^Jürgen"


def test_specific_tags_that_name_nothing() -> None:
    with pytest.raises(ValueError, match="Patientname"):
        pydcm.dcmread(FILE, specific_tags=["Patientname"])


def test_specific_tags_are_for_the_top_level() -> None:
    nested = Encoding().sequence(0x00081140, [BODY])
    ds = pydcm.dcmread(part10(nested, EXPLICIT), specific_tags=["ReferencedImageSequence"])
    assert len(ds.ReferencedImageSequence[0]) == 4


@pytest.mark.parametrize(
    "size", [0, 1, 40, 100, 1e9, "10", "512 KB", "512 kb", "1 MB", "0.5 GB", None, float("inf")]
)
def test_defer_size_changes_no_value(size: str | float | None, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    ds = pydcm.dcmread(path, defer_size=size)
    _check(ds)
    ds = pydcm.dcmread(io.BytesIO(FILE), defer_size=size)
    _check(ds)


def test_defer_size_leaves_values_in_the_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    data = part10(element(0x00420011, "OB", b"\1" * 200_000), EXPLICIT)
    path.write_bytes(data)
    for size, left in [(None, True), (100_000, True), ("100 KB", True), ("1 MB", False)]:
        ds = pydcm.dcmread(path, defer_size=size)
        with open(path, "r+b") as file:
            file.seek(len(data) - 10)
            file.write(b"\2" * 10)
        assert ds["EncapsulatedDocument"].value.endswith(b"\2" if left else b"\1")
        path.write_bytes(data)


@pytest.mark.parametrize("size", ["512 XB", "much", "KB"])
def test_defer_size_that_is_no_size(size: str) -> None:
    with pytest.raises(ValueError, match=size):
        pydcm.dcmread(FILE, defer_size=size)


def test_a_file_that_ends_during_the_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(objects.ct(256))
    ds = pydcm.dcmread(path)
    with open(path, "r+b") as file:
        file.truncate(5000)
    with pytest.raises((TruncatedError, ReadError)):
        _ = ds.PixelData
    assert ds.Rows == 256


# --- how it is encoded --------------------------------------------------------------------


@pytest.mark.parametrize("form", ["raw", "zlib", "raw, odd", "stored"])
def test_deflated(form: str) -> None:
    body = BODY + PIXELS + TAIL
    packer = zlib.compressobj(0 if form == "stored" else 9, zlib.DEFLATED, -zlib.MAX_WBITS)
    raw = packer.compress(body) + packer.flush()
    packed = {"zlib": zlib.compress(body), "raw, odd": raw + b"\0" * (1 - len(raw) % 2)}
    data = part10(b"", DEFLATED)
    data = data[: _meta_end(data)]
    ds = pydcm.dcmread(data + packed.get(form, raw))
    assert ds.PatientName == "Doe^Jürgen"
    assert ds.PixelData == bytes(range(64))
    assert ds.original_encoding == (False, True)
    assert ds.diagnostics == []
    out = io.BytesIO()
    ds.save_as(out)
    assert out.getvalue() == data + packed.get(form, raw)


def _meta_end(data: bytes) -> int:
    return 144 + int.from_bytes(data[140:144], "little")


def test_deflated_and_cut_short() -> None:
    body = b"".join(element(0x00100000 + k, "LO", os.urandom(40)) for k in range(0x20, 0x60))
    data = part10(body, DEFLATED)
    ds = pydcm.dcmread(data[:-300])
    codes = [each.code for each in ds.diagnostics]
    assert codes[0] == "truncated-deflate"
    assert 10 < len(ds) < 64
    with pytest.raises(TruncatedError, match="deflate"):
        pydcm.dcmread(data[:-300], strict=True)


def test_deflated_nonsense() -> None:
    data = part10(b"", DEFLATED)
    with pytest.raises(ReadError, match="cannot be inflated") as caught:
        pydcm.dcmread(data[: _meta_end(data)] + b"\xff" * 50)
    assert caught.value.clause == "PS3.5 A.5"


def test_encapsulated() -> None:
    pixels = undefined(0x7FE00010, "OB", item(b"") + item(b"\xff\xd8\xff\xd9"))
    ds = pydcm.dcmread(part10(BODY + pixels + TAIL, "1.2.840.10008.1.2.4.50"))
    assert ds.PixelData == item(b"") + item(b"\xff\xd8\xff\xd9")
    assert ds["PixelData"].is_undefined_length
    assert ds["PixelData"].VR == "OB"
    assert ds[0xFFFCFFFC].value == b"\0\0"


def test_a_private_transfer_syntax_is_explicit_if_it_looks_so() -> None:
    assert pydcm.dcmread(part10(BODY, "1.2.3.4")).PatientID == "4711"
    implicit = element(0x00100020, "LO", b"4711", 1)
    with pytest.warns(UserWarning, match="the data set is implicit VR little endian"):
        assert pydcm.dcmread(part10(implicit, "1.2.3.4")).PatientID == "4711"
    assert pydcm.dcmread(part10(implicit, IMPLICIT)).PatientID == "4711"
