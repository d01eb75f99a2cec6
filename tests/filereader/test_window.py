"""Indexing gives the same, however much of the source is read at once and left in it."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pydcm
from pydcm import limits
from pydcm.diagnostics import ReadContext
from pydcm.elementindex import ElementIndex
from pydcm.errors import LimitError
from pydcm.filereader.window import index_data_set
from pydcm.kernels.elements import BIG_ENDIAN, IMPLICIT_VR
from pydcm.source import FileSource, MemorySource
from tests.kernels.written import (
    CODINGS,
    SEQUENCE_END,
    UNDEFINED,
    Branch,
    Leaf,
    data_sets,
    element,
    header,
    item,
    undefined,
    write,
)
from tests.synthetic.encoder import EXPLICIT, part10

PIXELS = 0x7FE00010
slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


class CountingSource(MemorySource):
    """Counts the bytes that are read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.count = 0

    def read(self, offset: int, count: int) -> bytes:
        self.count += count
        return super().read(offset, count)


def _index(data: bytes, coding: int, window: int, defer_above: int | None) -> ElementIndex:
    return index_data_set(
        MemorySource(data), data[:window], 0, coding, ReadContext(), defer_above=defer_above
    )


def _content(index: ElementIndex) -> list[tuple[int, str | None, int, int, bytes]]:
    """Return everything an index says of its elements."""
    found = []
    for row, tag in enumerate(index.tags):
        each = index.element(row)
        value = index.read(each.begin, each.end)
        found.append((tag, each.vr, each.length, each.begin, value))
        plain = index.plain_value(row)
        assert plain is None or plain == (each.vr, value)
    return found


@slow
@given(
    data_sets, st.sampled_from(CODINGS), st.integers(0, 60), st.sampled_from([None, 0, 3, 100]),
    st.integers(0, 30),
)  # fmt: skip
def test_any_window_gives_the_same(
    nodes: list[Leaf | Branch], coding: int, window: int, defer_above: int | None, cut: int
) -> None:
    data = write(nodes, coding).data
    for encoded in (data, data[: max(0, len(data) - cut)]):
        whole = _index(encoded, coding, len(encoded), None)
        part = _index(encoded, coding, window, defer_above)
        assert list(part.offsets) == list(whole.offsets)
        assert _content(part) == _content(whole)
        assert part.context.diagnostics == whole.context.diagnostics


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("length", [0, 10, 1 << 15, 1 << 16, 1 << 18])
def test_elements_after_deferred_values(coding: int, length: int, tmp_path: Path) -> None:
    written = write(
        [
            Leaf(0x00100010, "PN", b"AB"),
            Leaf(0x00420011, "OB", os.urandom(length)),
            Leaf(0x00420012, "UT", b"x" * length),
            Leaf(0x00880200, "OB", os.urandom(length)),
            Leaf(0x7FE00010, "OW", os.urandom(length)),
            Leaf(0xFFFCFFFC, "OB", b"\0\0"),
        ],
        coding,
    )
    path = tmp_path / "file"
    path.write_bytes(written.data)
    source = FileSource(str(path))
    index = index_data_set(source, written.data[:100], 0, coding, ReadContext())
    assert list(index.tags) == written.tags
    assert list(index.offsets) == written.offsets
    whole = _index(written.data, coding, len(written.data), None)
    assert _content(index) == _content(whole)
    assert [index.extent(row).read() for row in range(6)] == [
        whole.extent(row).read() for row in range(6)
    ]
    assert index.verbatim(1, 5) == written.data[written.offsets[1] : written.offsets[5]]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("sizes", [[], [0], [10, 20], [0, 9000, 2, 30_000, 100_000, 4]])
def test_fragments_are_walked_by_their_headers(coding: int, sizes: list[int]) -> None:
    fragments = b"".join(item(bytes(size), coding) for size in (0, *sizes))
    first = element(0x00100010, "PN", b"AB", coding)
    after = element(0xFFFCFFFC, "OB", b"\0\0", coding)
    data = first + undefined(PIXELS, "OB", fragments, coding) + after
    source = CountingSource(data)
    index = index_data_set(source, data[:40], 0, coding, ReadContext(), defer_above=1 << 16)
    assert list(index.tags) == [0x00100010, PIXELS, 0xFFFCFFFC]
    extent = index.extent(1)
    assert (extent.undefined, extent.little_endian) == (True, not coding & BIG_ENDIAN)
    assert extent.read() == fragments
    assert source.count - len(fragments) <= 8 * 8192 + (1 << 15)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("broken", ["no delimiter", "cut", "no item", "undefined item"])
def test_broken_fragments_end_as_they_do_in_memory(coding: int, broken: str) -> None:
    fragments = item(b"", coding) + item(bytes(90_000), coding)
    end = header(SEQUENCE_END, "", 0, coding)
    body = {
        "no delimiter": fragments,
        "cut": fragments[:-1000],
        "no item": fragments + element(0x00100010, "PN", b"AB", coding) + end,
        "undefined item": item(b"", coding, delimited=True) + end,
    }[broken]
    data = element(0x00100010, "PN", b"AB", coding) + header(PIXELS, "OB", UNDEFINED, coding) + body
    whole, part = _index(data, coding, len(data), None), _index(data, coding, 50, 1 << 16)
    assert _content(part) == _content(whole)
    assert part.context.diagnostics == whole.context.diagnostics
    assert len(part.tags) == 2


def test_until_may_lie_behind_a_deferred_value() -> None:
    data = (
        element(0x00420011, "OB", bytes(1 << 17))
        + element(0x00420012, "LO", b"AB")
        + element(0x7FE00010, "OW", bytes(1 << 17))
    )
    source = MemorySource(data)
    index = index_data_set(source, data[:64], 0, 0, ReadContext(), until=0x7FE00008)
    assert list(index.tags) == [0x00420011, 0x00420012]
    assert index.offsets[-1] == data.index(b"\xe0\x7f\x10\x00")


def test_many_headers_are_read_in_growing_steps() -> None:
    data = b"".join(element(0x00100000 + k, "LO", b"x" * 40) for k in range(20_000))
    source = CountingSource(data)
    index = index_data_set(source, data[:100], 0, 0, ReadContext())
    assert len(index.tags) == 20_000
    assert source.count <= len(data)


def test_headers_beyond_the_limit() -> None:
    data = b"".join(element(0x00100000 + k, "LO", b"x" * 40) for k in range(4_000))
    with limits.using(max_value_bytes=100_000), pytest.raises(LimitError, match="max_value_bytes"):
        index_data_set(MemorySource(data), data[:100], 0, 0, ReadContext())


def test_elements_beyond_the_limit() -> None:
    data = b"".join(element(0x00100000 + k, "LO", b"") for k in range(4_000))
    with limits.using(max_elements=1_000), pytest.raises(LimitError, match="max_elements"):
        pydcm.dcmread(part10(data, EXPLICIT))


@pytest.mark.parametrize("count", [511, 512, 513, 1023, 1024, 1025, 5000])
def test_any_number_of_elements(count: int) -> None:
    data = b"".join(element(0x00110000 + 0x100 + k, "UN", b"ab") for k in range(count))
    ds = pydcm.dcmread(part10(data, EXPLICIT))
    assert len(ds) == count
    assert ds.diagnostics == []
    buffer = io.BytesIO()
    ds.save_as(buffer)
    assert buffer.getvalue() == part10(data, EXPLICIT)


def test_the_window_keeps_no_pixels(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(part10(element(PIXELS, "OW", bytes(1 << 20)), EXPLICIT))
    ds = pydcm.dcmread(path)
    assert ds._index is not None
    assert len(ds._index.window) < 1000


# --- more than 4 GiB -----------------------------------------------------------------


def _sparse(path: Path, parts: list[bytes | int]) -> list[int]:
    """Write bytes, and holes of a number of bytes; return where each part begins."""
    places = []
    with path.open("wb") as file:
        for part in parts:
            places.append(file.tell())
            if isinstance(part, int):
                file.seek(part, os.SEEK_CUR)
            else:
                file.write(part)
        file.truncate()
    return places


@pytest.mark.parametrize("coding", CODINGS)
def test_a_file_of_more_than_4_gib(coding: int, tmp_path: Path) -> None:
    large = 0xFFFFFFF0
    path = tmp_path / "large"
    after = element(0x7FE00010, "OW", b"ABCD", coding) + element(0xFFFCFFFC, "OB", b"EF", coding)
    _sparse(
        path,
        [
            element(0x00100010, "PN", b"AB", coding),
            header(0x00420011, "OB", large, coding), large,
            header(0x00420013, "OB", 0x40000000, coding), 0x40000000,
            after,
        ],
    )  # fmt: skip
    source = FileSource(str(path))
    index = index_data_set(source, source.read(0, 200), 0, coding, ReadContext())
    assert list(index.tags) == [0x00100010, 0x00420011, 0x00420013, 0x7FE00010, 0xFFFCFFFC]
    assert index.extent(1).length == large
    assert [index.extent(row).read() for row in (0, 3, 4)] == [b"AB", b"ABCD", b"EF"]
    assert index.context.diagnostics == []
    assert index.offsets[-1] == source.size > 5 << 30


def test_fragments_beyond_4_gib(tmp_path: Path) -> None:
    path, size = tmp_path / "large", 0x70000000
    fragment = struct.pack("<2HI", 0xFFFE, 0xE000, size)
    meta = part10(b"", "1.2.840.10008.1.2.4.50")
    places = _sparse(
        path,
        [
            meta,
            element(0x00100010, "PN", b"AB"),
            header(PIXELS, "OB", UNDEFINED) + item(b""),
            fragment, size, fragment, size, fragment, size,
            header(SEQUENCE_END, "", 0) + element(0xFFFCFFFC, "OB", b"EF"),
        ],
    )  # fmt: skip
    ds = pydcm.dcmread(path)
    extent = ds.locate(PIXELS)
    assert extent is not None
    assert extent.undefined
    assert extent.offset + extent.length == places[-1] > 5 << 30
    assert ds[0xFFFCFFFC].value == b"EF"
    assert ds.diagnostics == []


def test_implicit_and_big_endian_bits_are_apart() -> None:
    assert IMPLICIT_VR & BIG_ENDIAN == 0
