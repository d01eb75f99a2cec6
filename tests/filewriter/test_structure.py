"""What of a file's structure is kept, what is set right, and what is left to the encoder."""

from __future__ import annotations

import copy
import io
import struct

import pytest

import pydcm
from pydcm import DataElement, Dataset, Sequence
from pydcm.errors import WriteError
from tests.kernels.written import (
    CODINGS,
    ITEM,
    UNDEFINED,
    element,
    header,
    item,
    undefined,
)
from tests.synthetic.encoder import BIG_ENDIAN, EXPLICIT, IMPLICIT, part10

SYNTAX = {0: EXPLICIT, 1: IMPLICIT, 2: BIG_ENDIAN}
SQ = 0x00081140
codings = pytest.mark.parametrize("coding", CODINGS, ids=["explicit", "implicit", "big"])


def _write(ds: Dataset) -> bytes:
    stream = io.BytesIO()
    pydcm.dcmwrite(stream, ds)
    return stream.getvalue()


def _file(*parts: bytes, coding: int = 0) -> bytes:
    return part10(b"".join(parts), SYNTAX[coding])


def _uid(coding: int = 0, value: bytes = b"1.2\0") -> bytes:
    return element(0x00081155, "UI", value, coding)


def _id(coding: int = 0, value: bytes = b"4711") -> bytes:
    return element(0x00100020, "LO", value, coding)


# --- lengths of sequences and items (PS3.5 7.5) -----------------------------------------


@codings
@pytest.mark.parametrize("outer", [False, True])
@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize("change", ["nothing", "the item", "another element", "an item more"])
def test_the_form_of_lengths_is_kept(coding: int, outer: bool, inner: bool, change: str) -> None:
    def sequence(*contents: bytes) -> bytes:
        value = b"".join(item(each, coding, delimited=inner) for each in contents)
        return undefined(SQ, "SQ", value, coding) if outer else element(SQ, "SQ", value, coding)

    first, second = _uid(coding), _uid(coding, b"1.3\0")
    ds = pydcm.dcmread(_file(sequence(first, second), _id(coding), coding=coding))
    expected = sequence(first, second) + _id(coding)
    if change == "the item":
        ds.ReferencedImageSequence[1].ReferencedSOPInstanceUID = "1.2.345"
        expected = sequence(first, _uid(coding, b"1.2.345\0")) + _id(coding)
    elif change == "another element":
        ds.PatientID = "0815"
        expected = sequence(first, second) + _id(coding, b"0815")
    elif change == "an item more":
        ds.ReferencedImageSequence.append(copy.deepcopy(ds.ReferencedImageSequence[0]))
        expected = sequence(first, second, first) + _id(coding)
    assert _write(ds) == _file(expected, coding=coding)


@codings
def test_the_form_of_lengths_can_be_changed(coding: int) -> None:
    ds = pydcm.dcmread(_file(element(SQ, "SQ", item(_uid(coding), coding), coding), coding=coding))
    ds["ReferencedImageSequence"].is_undefined_length = True
    ds.ReferencedImageSequence[0].is_undefined_length_sequence_item = True
    value = item(_uid(coding), coding, delimited=True)
    assert _write(ds) == _file(undefined(SQ, "SQ", value, coding), coding=coding)
    again = pydcm.dcmread(_write(ds))
    again["ReferencedImageSequence"].is_undefined_length = False
    again.ReferencedImageSequence.is_undefined_length = False
    again.ReferencedImageSequence[0].is_undefined_length_sequence_item = False
    expected = element(SQ, "SQ", item(_uid(coding), coding), coding)
    assert _write(again) == _file(expected, coding=coding)


@codings
def test_a_change_deep_inside_changes_the_lengths_around_it(coding: int) -> None:
    def nested(value: bytes) -> bytes:
        deep = element(SQ, "SQ", item(_uid(coding, value), coding), coding)
        return element(0x00081115, "SQ", item(deep, coding) + item(deep, coding), coding)

    ds = pydcm.dcmread(_file(nested(b"1.2\0"), _id(coding), coding=coding))
    for series in ds.ReferencedSeriesSequence:
        series.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.2.3.4.5.6"
    assert _write(ds) == _file(nested(b"1.2.3.4.5.6\0"), _id(coding), coding=coding)


def test_un_of_undefined_length_stays_until_it_is_changed() -> None:
    # PS3.5 6.2.2: its content is in Implicit VR.
    value = item(element(0x00091001, "", b"12", 1), 1)
    body = element(0x00090010, "LO", b"ME") + undefined(0x00091010, "UN", value, 0, 1)
    ds = pydcm.dcmread(_file(body))
    assert ds[0x00091010].value[0][0x00091001].value == b"12"
    assert _write(ds) == _file(body)
    ds[0x00091010].value[0][0x00091001].value = b"1234"
    again = pydcm.dcmread(_write(ds))
    assert again[0x00091010].value[0][0x00091001].value == b"1234"
    assert again.diagnostics == []


# --- group lengths (PS3.5 7.2) ---------------------------------------------------------------


def _group_length(group: int, length: int, coding: int) -> bytes:
    number = struct.pack(">I" if coding & 2 else "<I", length)
    return element(group << 16, "UL", number, coding)


@codings
def test_group_lengths_that_were_read_are_set_right(coding: int) -> None:
    def body(patient: bytes) -> bytes:
        eight = _uid(coding)
        ten = element(0x00100010, "PN", b"A^", coding) + _id(coding, patient)
        return (
            _group_length(8, len(eight), coding) + eight + _group_length(16, len(ten), coding) + ten
        )

    ds = pydcm.dcmread(_file(body(b"4711"), coding=coding))
    assert _write(ds) == _file(body(b"4711"), coding=coding)
    ds.PatientID = "a longer one"
    assert _write(ds) == _file(body(b"a longer one"), coding=coding)
    assert ds[0x00100000].value is not None
    assert _write(ds) == _file(body(b"a longer one"), coding=coding)


def test_group_lengths_in_items() -> None:
    def body(uid: bytes) -> bytes:
        return element(SQ, "SQ", item(_group_length(8, 8 + len(uid), 0) + _uid(0, uid)))

    ds = pydcm.dcmread(_file(body(b"1.2\0")))
    ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.2.345"
    assert _write(ds) == _file(body(b"1.2.345\0"))


def test_group_lengths_made_by_hand_are_left_out() -> None:
    # PS3.5 7.2 retired them; pydicom leaves them out too.
    ds = pydcm.dcmread(_file(_id()))
    ds.add_new(0x00100000, "UL", 4)
    assert _write(ds) == _file(_id())


def test_a_group_that_vanished() -> None:
    ds = pydcm.dcmread(_file(_group_length(16, 12, 0), _id(), element(0x00280010, "US", b"\0\0")))
    del ds.PatientID
    again = pydcm.dcmread(_write(ds))
    assert again[0x00100000].value == 0
    del ds[0x00100000]
    assert _write(ds) == _file(element(0x00280010, "US", b"\0\0"))


# --- values that are odd, long or cut short --------------------------------


@codings
def test_odd_lengths_stay_until_they_are_changed(coding: int) -> None:
    body = _id(coding, b"471") + element(0x00280010, "US", bytes(2), coding)
    ds = pydcm.dcmread(_file(body, coding=coding))
    assert (ds.PatientID, ds.Rows) == ("471", 0)
    assert _write(ds) == _file(body, coding=coding)
    ds.PatientID = "815"
    assert _write(ds) == _file(
        _id(coding, b"815 "), element(0x00280010, "US", bytes(2), coding), coding=coding
    )


@pytest.mark.parametrize(
    ("vr", "tag", "value", "padded"),
    [
        ("UI", 0x00080018, "1.2", b"1.2\0"),
        ("LO", 0x00100020, "abc", b"abc "),
        ("OB", 0x00420011, b"abc", b"abc\0"),
        ("UN", 0x00091010, b"abc", b"abc\0"),
        ("DS", 0x00101030, "1.5", b"1.5 "),
    ],
)
def test_values_are_padded(vr: str, tag: int, value: object, padded: bytes) -> None:
    ds = pydcm.dcmread(_file(_id()))
    ds.add_new(tag, vr, value)
    assert element(tag, vr, padded) in _write(ds)


@pytest.mark.filterwarnings("ignore:.*has at most 64 characters:UserWarning")
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN])
def test_a_value_too_long_for_its_vr(syntax: str) -> None:
    # PS3.5 6.2.2: UN has room for any length.
    ds = pydcm.dcmread(_file(_id()))
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PatientID = "x" * 0x10000
    if syntax == IMPLICIT:
        data = _write(ds)
    else:
        with pytest.warns(UserWarning, match="more than VR LO can say.*UN"):
            data = _write(ds)
    found = pydcm.dcmread(data).get_item("PatientID")
    assert found is not None
    assert (None if syntax == IMPLICIT else "UN") == found.VR
    assert found.value == b"x" * 0x10000
    ds.PatientID = "x" * 0xFFFE
    assert pydcm.dcmread(_write(ds)).PatientID == "x" * 0xFFFE


@codings
@pytest.mark.parametrize("look", [False, True])
def test_what_follows_a_value_that_was_cut_short(coding: int, look: bool) -> None:
    data = _file(_uid(coding), _id(coding, b"12345678"), coding=coding)
    ds = pydcm.dcmread(data[:-4])
    if look:
        assert ds.PatientID == "1234"
    assert _write(ds) == data[:-4]  # while nothing follows, it is kept
    ds.Rows = 1
    again = pydcm.dcmread(_write(ds))
    assert (again.PatientID, again.Rows, again.diagnostics) == ("1234", 1, [])


@codings
@pytest.mark.parametrize("delimited", [False, True])
@pytest.mark.parametrize("cut", [2, 8, 12])
def test_what_follows_an_item_that_was_cut_short(coding: int, delimited: bool, cut: int) -> None:
    inner = element(0x00081150, "UI", b"1.2\0", coding) + _uid(coding, b"1.2345678901")
    value = item(inner, coding, delimited=delimited)
    if delimited:
        body = header(SQ, "SQ", UNDEFINED, coding) + value
        cut += 8
    else:
        body = element(SQ, "SQ", value, coding)
    data = _file(body, coding=coding)[:-cut]
    ds = pydcm.dcmread(data)
    assert _write(ds) == data
    ds.ReferencedImageSequence[0].ReferencedSOPClassUID = "1.9"
    ds.Rows = 1
    again = pydcm.dcmread(_write(ds))
    assert (again.Rows, again.diagnostics) == (1, [])
    (found,) = again.ReferencedImageSequence
    assert found.ReferencedSOPClassUID == "1.9"
    assert found.get("ReferencedSOPInstanceUID", "") == ds.ReferencedImageSequence[0].get(
        "ReferencedSOPInstanceUID", ""
    )


@codings
def test_an_element_longer_than_its_item(coding: int) -> None:
    long = _uid(coding, b"1.2.345\0")[:-2]
    body = element(SQ, "SQ", item(long, coding), coding) + _id(coding)
    data = _file(body, coding=coding)
    ds = pydcm.dcmread(data)
    assert _write(ds) == data
    ds.ReferencedImageSequence[0].Rows = 1
    again = pydcm.dcmread(_write(ds))
    assert again.diagnostics == []
    assert again.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.34"
    assert (again.ReferencedImageSequence[0].Rows, again.PatientID) == (1, "4711")


@codings
def test_a_missing_delimiter_is_supplied_when_something_changes(coding: int) -> None:
    body = undefined(SQ, "SQ", header(ITEM, "", UNDEFINED, coding) + _uid(coding), coding)
    ds = pydcm.dcmread(_file(body, _id(coding), coding=coding))
    assert _write(ds) == _file(body, _id(coding), coding=coding)
    ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.3"
    expected = undefined(SQ, "SQ", item(_uid(coding, b"1.3\0"), coding, delimited=True), coding)
    assert _write(ds) == _file(expected, _id(coding), coding=coding)


def test_a_doubled_element_is_written_once() -> None:
    ds = pydcm.dcmread(_file(_id(), _id(0, b"0815")))
    assert _write(ds) == _file(_id(0, b"0815"))


def test_elements_out_of_order_are_put_in_order() -> None:
    # PS3.5 7.1: by increasing tag.
    ds = pydcm.dcmread(_file(element(0x00280010, "US", bytes(2)), _id(), _uid()))
    assert _write(ds) == _file(_uid(), _id(), element(0x00280010, "US", bytes(2)))


# --- elements made by hand -------------------------------------------------


def test_private_elements() -> None:
    ds = pydcm.dcmread(_file(_id()))
    block = ds.private_block(0x0009, "ME", create=True)
    block.add_new(0x01, "LO", "mine")
    block.add_new(0x02, "SQ", Sequence([Dataset()]))
    expected = (
        element(0x00090010, "LO", b"ME")
        + element(0x00091001, "LO", b"mine")
        + element(0x00091002, "SQ", item())
    )
    assert _write(ds) == _file(expected, _id())


def test_buffered_values() -> None:
    ds = pydcm.dcmread(_file(_id()))
    stream = io.BytesIO(b"abc" * 50_001)
    stream.seek(6)
    ds.add(DataElement(0x00420011, "OB", stream))
    # From where the stream is, and it is left there, as pydicom does.
    assert _write(ds) == _file(_id(), element(0x00420011, "OB", b"abc" * 49_999 + b"\0"))
    assert stream.tell() == 6
    stream.close()
    with pytest.raises(WriteError, match="closed"):
        _write(ds)


def test_ambiguous_vrs_are_settled_by_the_data_set() -> None:
    ds = pydcm.dcmread(_file(_id()))
    ds.PixelRepresentation = 1
    ds.BitsAllocated = 16
    ds.add_new(0x00280106, "US or SS", -5)
    ds.add_new(0x7FE00010, "OB or OW", b"abcd")
    data = _write(ds)
    assert element(0x00280106, "SS", struct.pack("<h", -5)) in data
    assert data.endswith(element(0x7FE00010, "OW", b"abcd"))


def test_an_error_says_where() -> None:
    ds = pydcm.dcmread(_file(_id()))
    inner = Dataset()
    with pydcm.config.validation(writing=pydcm.config.IGNORE):
        inner.Rows = 70_000
    ds.ReferencedImageSequence = [Dataset(), inner]
    with pytest.raises(WriteError, match="70000 does not fit VR US") as caught:
        _write(ds)
    assert "(0028,0010)" in (caught.value.tag_path or "")
    assert caught.value.clause == "PS3.5 6.2"


def test_nothing_is_written_where_something_cannot_be() -> None:
    ds = pydcm.dcmread(_file(_id()))
    with pydcm.config.validation(writing=pydcm.config.IGNORE):
        ds.Rows = "many"  # type: ignore[assignment]  # that is being tested
    stream = io.BytesIO()
    with pytest.raises(WriteError):
        pydcm.dcmwrite(stream, ds)
    assert stream.getvalue() == b""
