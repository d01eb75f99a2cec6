"""What is found in a plain file without a data set is what dcmread finds."""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import pydcm
from pydcm import limits
from pydcm.errors import PydcmError
from pydcm.filereader.part10 import open_source
from pydcm.filereader.plain import PlainFile, plain_file
from pydcm.pixels.model import plain_model, read_model
from tests.pixels.making import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    RLE,
    SIX,
    encapsulated,
    image,
    rle_frame,
    rle_segment,
    written,
)
from tests.recording import recorded
from tests.shared import CORPUS, needs_corpus
from tests.synthetic import objects

FRAME = rle_frame(rle_segment(SIX))

IMAGES = {
    "native": image(SIX),
    "two frames": image(2 * SIX, NumberOfFrames=2),
    "without Pixel Representation": image(SIX, PixelRepresentation=None),
    "RLE": encapsulated([FRAME]),
    "palette": image(SIX, PhotometricInterpretation="PALETTE COLOR"),
    "implicit": image(SIX, IMPLICIT),
    "big endian": image(SIX, BIG_ENDIAN),
    "deflated": image(SIX, DEFLATED),
    "no pixels": image(None),
}
FILES = {name: written(ds) for name, ds in IMAGES.items()} | {"CT": objects.ct(16)}


def _found(path: Path) -> PlainFile | None:
    opened = open_source(path)
    return plain_file(opened.source, opened.window)


def _decoded(decode: Callable[[], object]) -> tuple[object, list[str]]:
    with recorded() as caught:
        try:
            array = decode()
            outcome: object = (array.dtype, array.shape, array.tobytes())  # type: ignore[attr-defined]
        except PydcmError as error:
            outcome = type(error), str(error)
    return outcome, [str(warning.message) for warning in caught]


def _same(path: Path) -> None:
    """Decode a file by its path and by its data set."""
    by_path = _decoded(lambda: pydcm.decode(path))
    assert by_path == _decoded(lambda: pydcm.decode(pydcm.dcmread(path)))


def _agrees(path: Path) -> bool:
    """Compare a file with what dcmread finds, and return whether it is plain."""
    found = _found(path)
    if found is None:
        return False
    with recorded() as caught:
        ds = pydcm.dcmread(path)
    assert ds.diagnostics == []
    assert caught == []
    both = {**ds.file_meta._dict, **ds._dict}
    assert found.order.rows.keys() == both.keys()
    for part in (ds.file_meta, ds):
        assert part._index is not None
        for tag, row in part._dict.items():
            assert isinstance(row, int)
            mine = found.elements.element(found.order.rows[tag])
            assert mine == part._index.element(row)
    assert found.transfer_syntax == ds.file_meta.TransferSyntaxUID
    try:
        model = plain_model(found)
    except PydcmError as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            read_model(ds)
        return True
    if model is not None:
        theirs = read_model(ds)
        assert model._replace(extent=theirs.extent) == theirs
        assert model.extent[1:] == theirs.extent[1:]
    return True


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("native", True),
        ("two frames", True),
        ("without Pixel Representation", True),
        ("RLE", True),
        ("palette", True),
        ("CT", True),
        ("no pixels", True),
        ("implicit", False),
        ("big endian", False),
        ("deflated", False),
    ],
)
def test_plain_is_explicit_little(name: str, plain: bool, tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(FILES[name])
    assert _agrees(path) is plain
    _same(path)


def _with(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) == 1
    return data.replace(old, new)


def _odd() -> Iterator[tuple[str, bytes]]:
    native = FILES["native"]
    length = native.index(b"\2\0\0\0UL\4\0") + 8
    yield "wrong group length", native[:length] + b"\x10" + native[length + 1 :]
    yield "group length of another element", _with(native, b"\2\0\1\0OB", b"\3\0\1\0OB")
    yield "no group length", native[:132] + native[length + 4 :]
    yield "implicit data set", _implicit_as_explicit()
    yield "a transfer syntax too long", _with_long_transfer_syntax()
    yield "many elements", _with_many_elements(1100)
    yield "cut off", native[:-3]
    yield "cut off in a header", native[: native.index(b"\xe0\x7f\x10\0") + 5]
    yield "a tag twice", native + native[native.index(b"\x28\0\x10\0US") :][:10]
    yield "another transfer syntax later", native + b"\2\0\x10\0UI\2\x001\0"
    yield "a delimiter", native + b"\xfe\xff\x0d\xe0\0\0\0\0"
    yield "bare", native[132:]
    yield "empty", b""


def _with_long_transfer_syntax() -> bytes:
    """Return a file whose Transfer Syntax UID is known if the high octet of its length is not."""
    data = FILES["native"]
    old = b"UI\x14\x001.2.840.10008.1.2.1\0"
    longer = _with(data, old, b"UI\x14\x011.2.840.10008.1.2.1\0" + b".9" * 128)
    length = longer.index(b"\2\0\0\0UL\4\0") + 8
    (stated,) = struct.unpack_from("<I", longer, length)
    return longer[:length] + struct.pack("<I", stated + 256) + longer[length + 4 :]


def _with_many_elements(count: int) -> bytes:
    data = FILES["native"]
    pixels = data.index(b"\xe0\x7f\x10\0")
    more = b"".join(struct.pack("<HH2sH", 0x29, 0x1000 + k, b"LO", 0) for k in range(count))
    return data[:pixels] + more + data[pixels:]


def _implicit_as_explicit() -> bytes:
    data = FILES["implicit"]
    old = b"\2\0\x10\0UI\x12\x001.2.840.10008.1.2\0"
    longer = _with(data, old, b"\2\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0")
    length = longer.index(b"\2\0\0\0UL\4\0") + 8
    return longer[:length] + bytes([longer[length] + 2]) + longer[length + 1 :]


@pytest.mark.parametrize(("name", "data"), list(_odd()), ids=[name for name, _ in _odd()])
def test_what_is_odd_is_left_to_dcmread(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(data)
    assert not _agrees(path)
    _same(path)


@pytest.mark.parametrize("name", ["native", "two frames", "RLE", "palette", "CT"])
def test_one_octet_changed(name: str, tmp_path: Path) -> None:
    data, path = FILES[name], tmp_path / "image.dcm"
    chance = random.Random(name)
    plain = 0
    for _ in range(400):
        changed = bytearray(data)
        changed[chance.randrange(128, len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        plain += _agrees(path)
        _same(path)
    assert 0 < plain < 400


@needs_corpus
def test_real_files() -> None:
    paths = sorted(path for path in CORPUS.rglob("*.dcm") if path.is_file())
    assert sum(map(_agrees, paths)) > len(paths) // 3


def test_the_order_of_tags_is_remembered_and_nothing_else(tmp_path: Path) -> None:
    for number in (1, 2, 300):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(written(image(SIX[:1] * 2 * number, EXPLICIT, Rows=2, Columns=number)))
        assert _agrees(path)
        assert pydcm.decode(path).shape == (1, 2, number)


def test_limits_count_as_for_dcmread(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(FILES["native"])
    most = len(pydcm.dcmread(path))
    for allowed in (most, most - 1):
        with limits.using(max_elements=allowed):
            _same(path)


def test_hooks_see_every_element(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(FILES["native"])
    found = _found(path)
    assert found is not None
    assert plain_model(found) is not None
    pydcm.config.data_element_callback = lambda raw, **_: raw
    try:
        assert plain_model(found) is None
    finally:
        pydcm.config.data_element_callback = None


def test_a_compressed_file_is_plain(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(FILES["RLE"])
    found = _found(path)
    assert found is not None
    assert found.transfer_syntax == RLE
