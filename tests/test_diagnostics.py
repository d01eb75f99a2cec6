"""What is wrong with a file is mended and recorded, or raised when strict."""

from __future__ import annotations

import io
import pickle
import struct

import pytest

import pydcm
from pydcm.diagnostics import Diagnostic, ReadContext
from pydcm.errors import LimitError, PydcmError, ReadError, StructureError, TruncatedError
from tests.kernels.written import (
    CODINGS,
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    element,
    header,
    item,
    undefined,
)
from tests.synthetic.encoder import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, part10

SYNTAX = {0: EXPLICIT, 1: IMPLICIT, 2: BIG_ENDIAN}
SQ = 0x00081140
codings = pytest.mark.parametrize("coding", CODINGS, ids=["explicit", "implicit", "big"])


def _uid(coding: int, value: bytes = b"1.2\0") -> bytes:
    return element(0x00081155, "UI", value, coding)


def _id(coding: int) -> bytes:
    return element(0x00100020, "LO", b"4711", coding)


def _read(body: bytes, coding: int = 0) -> tuple[pydcm.FileDataset, list[Diagnostic]]:
    """Read a data set at every depth; return it with its diagnostics."""
    data = part10(body, SYNTAX[coding])
    ds = pydcm.dcmread(data)
    for elem in ds.iterall():
        assert elem.value is not None or elem.is_empty
    return ds, ds.diagnostics


def _strict(body: bytes, coding: int = 0) -> PydcmError:
    with pytest.raises(ReadError) as caught:
        pydcm.dcmread(part10(body, SYNTAX[coding]), strict=True)
    return caught.value


def _at(body: bytes, coding: int = 0) -> int:
    """Return the offset of a data set in a file."""
    return len(part10(body, SYNTAX[coding])) - len(body)


# --- the record itself --------------------------------------------------------------


def test_a_diagnostic_reads_as_a_sentence() -> None:
    found = Diagnostic("kind", "what it is", "A[0].(0008,0005)", 12, "what was done")
    assert str(found) == "kind at A[0].(0008,0005) (offset 12): what it is; what was done"
    assert str(found._replace(tag_path="", offset=None)) == "kind: what it is; what was done"


def test_a_defect_is_recorded_once() -> None:
    context = ReadContext()
    for offset in (1, 2, 1):
        context.report("kind", "what", "path", offset, "action")
    assert [each.offset for each in context.diagnostics] == [1, 2]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("truncated-value", TruncatedError),
        ("truncated-header", TruncatedError),
        ("truncated-sequence", TruncatedError),
        ("truncated-deflate", TruncatedError),
        ("duplicate-element", StructureError),
    ],
)
def test_strict_raises(code: str, kind: type[ReadError]) -> None:
    context = ReadContext("some path", strict=True)
    with pytest.raises(kind, match="what it is") as caught:
        context.report(code, "what it is", "A[0]", 12, "action")
    assert (caught.value.path, caught.value.tag_path, caught.value.offset) == (
        "some path", "A[0]", 12,
    )  # fmt: skip
    assert context.diagnostics == []


def test_a_data_set_made_by_hand_has_none() -> None:
    assert pydcm.Dataset().diagnostics == []


def test_they_survive_a_pickle() -> None:
    ds, found = _read(_id(0) + b"\0\0")
    assert pickle.loads(pickle.dumps(ds)).diagnostics == found != []


# --- each defect ----------------------------------------------------------------------


@codings
def test_a_conformant_file_has_none(coding: int) -> None:
    body = undefined(SQ, "SQ", item(_uid(coding), coding, delimited=True), coding) + _id(coding)
    assert _read(body, coding)[1] == []
    assert len(pydcm.dcmread(part10(body, SYNTAX[coding]), strict=True)) == 2


@codings
def test_a_value_that_is_cut_short(coding: int) -> None:
    body = _id(coding)[:-2]
    ds, (found,) = _read(body, coding)
    assert ds.PatientID == "47"
    assert (found.code, found.tag_path) == ("truncated-value", "(0010,0020)")
    assert found.offset == _at(body, coding)
    assert isinstance(_strict(body, coding), TruncatedError)


@codings
@pytest.mark.parametrize("count", [1, 4, 7])
def test_a_header_that_is_cut_short(coding: int, count: int) -> None:
    body = _id(coding) + element(0x00280010, "US", b"\0\0", coding)[:count]
    ds, (found,) = _read(body, coding)
    assert len(ds) == 1
    assert (found.code, found.offset) == ("truncated-header", _at(body, coding) + len(_id(coding)))
    assert isinstance(_strict(body, coding), TruncatedError)


@pytest.mark.parametrize("count", [8, 9, 11])
def test_a_long_header_that_is_cut_short(count: int) -> None:
    body = _id(0) + element(0x00420011, "OB", b"abcd")[:count]
    ds, (found,) = _read(body)
    assert (len(ds), found.code) == (1, "truncated-header")


@codings
def test_a_doubled_element(coding: int) -> None:
    body = _id(coding) + element(0x00100020, "LO", b"0815", coding)
    ds, (found,) = _read(body, coding)
    assert (ds.PatientID, found.code) == ("0815", "duplicate-element")
    assert isinstance(_strict(body, coding), StructureError)


@codings
@pytest.mark.parametrize("delimited", [False, True])
def test_a_doubled_element_in_an_item(coding: int, delimited: bool) -> None:
    inner = _uid(coding) + _uid(coding, b"1.3\0")
    body = undefined(SQ, "SQ", item(inner, coding, delimited=delimited), coding)
    ds, (found,) = _read(body, coding)
    assert ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.3"
    assert found.code == "duplicate-element"
    assert found.tag_path.startswith("ReferencedImageSequence[0]")
    assert isinstance(_strict(body, coding), StructureError)


@codings
@pytest.mark.parametrize("tag", [ITEM_END, SEQUENCE_END])
def test_a_stray_delimiter_at_the_top(coding: int, tag: int) -> None:
    body = _uid(coding) + header(tag, "", 0, coding) + _id(coding)
    ds, (found,) = _read(body, coding)
    assert [int(each.tag) for each in ds] == [0x00081155, 0x00100020]
    assert (found.code, found.offset) == ("stray-delimiter", _at(body, coding) + len(_uid(coding)))
    assert isinstance(_strict(body, coding), StructureError)


@codings
def test_an_item_delimiter_in_an_item_of_defined_length(coding: int) -> None:
    inner = _uid(coding) + header(ITEM_END, "", 0, coding)
    body = undefined(SQ, "SQ", item(inner, coding) * 2, coding) + _id(coding)
    ds, found = _read(body, coding)
    assert [len(each) for each in ds.ReferencedImageSequence] == [1, 1]
    assert {each.code for each in found} == {"stray-delimiter"}
    out = io.BytesIO()
    ds.save_as(out)
    assert out.getvalue() == part10(body, SYNTAX[coding])


@codings
def test_an_item_delimiter_between_items(coding: int) -> None:
    value = item(_uid(coding), coding) + header(ITEM_END, "", 0, coding) + item(b"", coding)
    ds, _ = _read(undefined(SQ, "SQ", value, coding) + _id(coding), coding)
    assert [len(each) for each in ds.ReferencedImageSequence] == [1, 0]
    assert ds.PatientID == "4711"


@codings
def test_an_undefined_length_without_an_end(coding: int) -> None:
    value = item(_uid(coding), coding, delimited=True)
    for cut in (0, 4, 8):
        body = header(SQ, "SQ", UNDEFINED, coding) + value[: len(value) - cut]
        ds, found = _read(body, coding)
        (inner,) = ds.ReferencedImageSequence
        assert inner.ReferencedSOPInstanceUID == "1.2"
        assert found[0].code == "truncated-value"
        assert isinstance(_strict(body, coding), TruncatedError)


@codings
def test_a_missing_item_delimiter(coding: int) -> None:
    value = header(ITEM, "", UNDEFINED, coding) + _uid(coding)
    body = undefined(SQ, "SQ", value, coding) + _id(coding)
    ds, _ = _read(body, coding)
    assert ds.PatientID == "4711"
    (inner,) = ds.ReferencedImageSequence
    assert inner.ReferencedSOPInstanceUID == "1.2"


@codings
def test_an_element_among_items(coding: int) -> None:
    value = item(_uid(coding), coding, delimited=True) + _id(coding)
    body = undefined(SQ, "SQ", value, coding) + element(0x00280010, "US", b"\0\0", coding)
    ds, found = _read(body, coding)
    assert ds.Rows == 0
    assert [len(each) for each in ds.ReferencedImageSequence] == [1]
    assert found[0].code == "broken-sequence"
    assert isinstance(_strict(body, coding), StructureError)


@codings
def test_an_item_that_is_longer_than_its_sequence(coding: int) -> None:
    value = header(ITEM, "", 100, coding) + _uid(coding)
    body = element(SQ, "SQ", value, coding) + _id(coding)
    ds, found = _read(body, coding)
    (inner,) = ds.ReferencedImageSequence
    assert inner.ReferencedSOPInstanceUID == "1.2"
    assert ds.PatientID == "4711"
    assert "truncated-sequence" in {each.code for each in found}


@codings
def test_an_element_that_is_longer_than_its_item(coding: int) -> None:
    body = element(SQ, "SQ", item(_uid(coding, b"1.2.345\0")[:-2], coding), coding) + _id(coding)
    ds, (found,) = _read(body, coding)
    assert ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.34"
    assert found.code == "truncated-value"
    assert found.tag_path == "ReferencedImageSequence[0].(0008,1155)"
    assert ds.PatientID == "4711"


def test_a_path_through_two_sequences() -> None:
    deep = element(SQ, "SQ", item(_uid(0)) + item(_uid(0, b"1.2.345\0")[:-2]))
    body = element(0x00081115, "SQ", item(b"") + item(b"") + item(deep))
    _, (found,) = _read(body)
    assert found.tag_path == ("ReferencedSeriesSequence[2].ReferencedImageSequence[1].(0008,1155)")


def test_a_wrong_group_length() -> None:
    data = bytearray(part10(_id(0), EXPLICIT))
    struct.pack_into("<I", data, 140, 10)
    ds = pydcm.dcmread(bytes(data))
    (found,) = ds.diagnostics
    assert (found.code, found.tag_path, found.offset) == ("wrong-group-length", "(0002,0000)", 132)
    assert ds.PatientID == "4711"
    with pytest.raises(StructureError, match="group length 10"):
        pydcm.dcmread(bytes(data), strict=True)


def test_a_wrong_transfer_syntax() -> None:
    with pytest.warns(UserWarning, match="the transfer syntax says explicit"):
        ds = pydcm.dcmread(part10(_id(1), EXPLICIT))
    assert [each.code for each in ds.diagnostics] == ["wrong-transfer-syntax"]


def test_a_deflate_stream_that_ends_too_early() -> None:
    data = part10(_id(0) + element(0x00280010, "US", b"\0\0"), DEFLATED)
    ds = pydcm.dcmread(data[:-8])
    assert ds.diagnostics[0].code == "truncated-deflate"


# --- limits --------------------------------------------------------------------------------


@codings
@pytest.mark.parametrize("delimited", [False, True])
def test_too_deep(coding: int, delimited: bool) -> None:
    def nested(depth: int) -> bytes:
        body = b""
        for _ in range(depth):
            value = item(body, coding, delimited=delimited)
            if delimited:
                body = undefined(SQ, "SQ", value, coding)
            else:
                body = element(SQ, "SQ", value, coding)
        return body

    with pydcm.limits.using(max_depth=6):
        assert len(list(pydcm.dcmread(part10(nested(6), SYNTAX[coding])).iterall())) == 6
        with pytest.raises(LimitError, match="max_depth"):
            list(pydcm.dcmread(part10(nested(7), SYNTAX[coding])).iterall())


def test_too_many_items() -> None:
    body = element(SQ, "SQ", item(b"") * 2000)
    with pydcm.limits.using(max_elements=1999):
        ds = pydcm.dcmread(part10(body, EXPLICIT))
        with pytest.raises(LimitError, match="max_elements"):
            _ = ds.ReferencedImageSequence
    assert len(pydcm.dcmread(part10(body, EXPLICIT)).ReferencedImageSequence) == 2000
