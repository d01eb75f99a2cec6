"""What an index says of its elements, wherever its window lies in the source."""

from __future__ import annotations

import copy
import pickle
from array import array

import pytest

import pydcm
from pydcm.diagnostics import ReadContext
from pydcm.elementindex import UNDEFINED, ElementIndex, finish_truncated, scan_into
from pydcm.errors import LimitError, TruncatedError
from pydcm.filereader.window import index_data_set
from pydcm.kernels import elements
from pydcm.kernels.dialect import LONG_VRS, SHORT_VRS
from pydcm.source import MemorySource
from tests.kernels.written import (
    CODINGS,
    SEQUENCE_END,
    element,
    header,
    item,
    sample,
    undefined,
    write,
)
from tests.synthetic.encoder import EXPLICIT, part10

codings = pytest.mark.parametrize("coding", CODINGS, ids=["explicit", "implicit", "big"])


def _index(data: bytes, coding: int = 0, base: int = 0) -> ElementIndex:
    """Index a data set that begins at `base` of its source, with a window that begins there."""
    source = MemorySource(b"\xa5" * base + data)
    index = ElementIndex(source, data, base, array("q"), array("q", (0,)), coding, ReadContext())
    reason, position = scan_into(index, 0, len(data))
    if reason == elements.TOO_SHORT:
        finish_truncated(index, position, len(data))
    return index


@codings
@pytest.mark.parametrize("base", [0, 1, 1000, 1 << 40])
def test_a_window_anywhere_in_the_source(coding: int, base: int) -> None:
    written = write(sample(), coding)
    if base > 1 << 30:

        class Far(MemorySource):
            def read(self, offset: int, count: int) -> bytes:
                return super().read(offset - base, count)

        index = _index(written.data, coding)
        index.base, index.source = base, Far(written.data)
    else:
        index = _index(written.data, coding, base)
    assert list(index.tags) == written.tags
    here = _index(written.data, coding)
    for row in range(len(written.tags)):
        found, expected = index.element(row), here.element(row)
        assert found[:2] == expected[:2]
        assert [each - base for each in found[2:]] == list(expected[2:])
        assert index.extent(row).read() == here.extent(row).read()
        assert index.extent(row).offset == found.begin
        assert index.verbatim(row, row + 1) == here.verbatim(row, row + 1)
        assert index.is_complete(row)
        assert index.plain_value(row) == here.plain_value(row)


@pytest.mark.parametrize("vr", [*SHORT_VRS, *LONG_VRS])
@pytest.mark.parametrize("coding", [0, 2])
def test_every_vr(vr: str, coding: int) -> None:
    data = element(0x00091010, vr, b"abcdefgh", coding)
    index = _index(data, coding)
    found = index.element(0)
    assert (found.vr, found.length, found.end) == (vr, 8, len(data))
    plain = index.plain_value(0)
    if coding or vr == "SQ":
        assert plain is None
    else:
        assert plain == (vr, b"abcdefgh")


def test_vrs_that_are_not_in_the_table() -> None:
    data = header(0x00091010, "OB", 4).replace(b"OB", b"ZZ") + b"abcd"
    data += header(0x00091011, "LO", 2).replace(b"LO", b"QQ") + b"ab"
    data += element(0x00091012, "", b"ef", elements.IMPLICIT_VR)
    index = _index(data)
    found = [index.element(row) for row in range(3)]
    assert [each.vr for each in found] == ["ZZ", "QQ", None]
    assert [data[each.begin : each.end] for each in found] == [b"abcd", b"ab", b"ef"]
    assert [index.plain_value(row) for row in range(3)] == [None] * 3


@codings
def test_undefined_lengths_end_before_their_delimiter(coding: int) -> None:
    value = item(element(0x00100010, "PN", b"AB", coding), coding, delimited=True)
    data = undefined(0x00081140, "SQ", value, coding) + element(0x00100020, "LO", b"CD", coding)
    index = _index(data, coding)
    found = index.element(0)
    assert found.length == UNDEFINED
    assert data[found.begin : found.end] == value
    assert index.plain_value(0) is None
    assert index.extent(0).undefined
    assert not index.extent(1).undefined


@pytest.mark.parametrize("outer", [0, 2])
def test_unknown_content_is_little_endian(outer: int) -> None:
    # PS3.5 6.2.2
    value = item(element(0x00100010, "", b"AB", 1), 1)
    index = _index(undefined(0x00091010, "UN", value, outer, 1), outer)
    found = index.element(0)
    assert index.read(found.begin, found.end) == value


@codings
def test_values_that_are_cut_short(coding: int) -> None:
    data = element(0x00100010, "PN", b"AB", coding) + element(0x00100020, "LO", b"CDEF", coding)
    index = _index(data[:-2], coding)
    assert [index.is_complete(row) for row in range(2)] == [True, False]
    found = index.element(1)
    assert (found.length, index.read(found.begin, found.end)) == (4, b"CD")
    value = item(b"", coding, delimited=True)
    opened = header(0x00081140, "SQ", UNDEFINED, coding) + value
    assert not _index(opened, coding).is_complete(0)
    assert _index(opened + header(SEQUENCE_END, "", 0, coding), coding).is_complete(0)


def test_reading_outside_the_source() -> None:
    index = _index(element(0x00100010, "PN", b"AB"))
    with pytest.raises(TruncatedError):
        index.read(5, 50)
    with pydcm.limits.using(max_value_bytes=10), pytest.raises(LimitError, match="max_value_bytes"):
        index.read(100, 120)


def test_values_that_were_left_in_the_source() -> None:
    data = element(0x00420011, "OB", bytes(range(200))) + element(0x00420012, "LO", b"AB")
    source = MemorySource(data)
    index = index_data_set(source, data[:20], 0, 0, ReadContext(), defer_above=100)
    assert len(index.window) < 100
    assert index.plain_value(0) is None
    found = index.element(0)
    assert (found.vr, found.length) == ("OB", 200)
    assert index.read(found.begin, found.end) == bytes(range(200))
    assert index.read(*index.element(1)[3:]) == b"AB"


def test_the_last_of_doubled_elements_counts() -> None:
    index = _index(element(0x00100020, "LO", b"AB") + element(0x00100020, "LO", b"CD"))
    rows = index.rows()
    assert rows == {0x00100020: 1}
    assert [each.code for each in index.context.diagnostics] == ["duplicate-element"]


def test_paths_of_elements() -> None:
    deep = element(0x00081140, "SQ", item(b"") + item(element(0x00081155, "UI", b"1.2\0")))
    private = element(0x00091010, "SQ", item(deep))
    ds = pydcm.dcmread(part10(private, EXPLICIT))
    inner = ds[0x00091010].value[0].ReferencedImageSequence[1]
    index, row = inner._index, inner._dict[0x00081155]
    assert isinstance(row, int)
    assert index.path(row) == "(0009,1010)[0].ReferencedImageSequence[1].(0008,1155)"


def test_copies_and_pickles() -> None:
    ds = pydcm.dcmread(part10(write(sample(), 0).data, EXPLICIT))
    for elem in ds.iterall():
        assert elem.tag is not None
    copied = pickle.loads(pickle.dumps(ds))
    assert str(copied) == str(ds)
    index = ds._index
    assert index is not None
    assert copy.deepcopy(index) is index  # nothing in it changes
    again = pickle.loads(pickle.dumps(index))
    assert (list(again.tags), list(again.offsets)) == (list(index.tags), list(index.offsets))
    assert [again.element(row) for row in range(len(again.tags))] == [
        index.element(row) for row in range(len(index.tags))
    ]
