"""Where a data set begins, how it is encoded and where its items are, beside pydicom 3.0.2."""

from __future__ import annotations

import io
from typing import Any

import pytest

import pydcm
from pydcm import filereader as ours
from pydcm.filebase import DicomBytesIO
from tests.kernels.written import CODINGS, element, item, undefined
from tests.recording import recorded, unwarned
from tests.synthetic import objects
from tests.synthetic.encoder import DEFLATED, EXPLICIT, IMPLICIT, part10

pydicom = pytest.importorskip("pydicom", minversion="3.0.2")
theirs = pytest.importorskip("pydicom.filereader")
codings = pytest.mark.parametrize("coding", CODINGS, ids=["explicit", "implicit", "big"])


def _data_set(coding: int) -> bytes:
    return element(0x00080005, "CS", b"ISO_IR 100", coding) + element(
        0x00080020, "DA", b"20000101", coding
    )


# --- items ------------------------------------------------------------------------------------


def _items(ds: Any) -> list[Any]:
    return [each for elem in ds if elem.VR == "SQ" for each in elem.value]


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("delimited", [False, True])
def test_items_tell_where_they_are(syntax: str, delimited: bool) -> None:
    coding = int(syntax == IMPLICIT)
    leaf = element(0x00081155, "UI", b"1.2\0", coding)
    inner = element(0x00081199, "SQ", item(leaf, coding, delimited=delimited), coding)
    items = item(leaf, coding, delimited=delimited) + item(inner, coding, delimited=delimited)
    data = part10(element(0x00081140, "SQ", items, coding), syntax)
    ds = pydcm.dcmread(io.BytesIO(data))
    found = [each.seq_item_tell for each in _items(ds)]
    assert found == [each.seq_item_tell for each in _items(pydicom.dcmread(io.BytesIO(data)))]
    # In pydicom that of an item in an item may count from the item.
    (nested,) = _items(_items(ds)[1])
    assert nested.seq_item_tell == nested.file_tell
    for tell in (*found, nested.seq_item_tell):
        assert data[tell : tell + 4] == b"\xfe\xff\x00\xe0"


def test_only_items_that_were_read_tell() -> None:
    whole = pydcm.dcmread(io.BytesIO(part10(_data_set(0), EXPLICIT)))
    for ds in (whole, pydcm.Dataset()):
        assert not hasattr(ds, "seq_item_tell")
    ds.seq_item_tell = 12
    assert ds.seq_item_tell == 12


# --- positions of streams -----------------------------------------------------------------------


def _read(package: Any, data: bytes, position: int, **options: Any) -> tuple[object, ...]:
    stream = io.BytesIO(data)
    stream.seek(position)
    try:
        ds = package.dcmread(stream, **options)
    except Exception as error:  # its kind is what is compared
        return (isinstance(error, ValueError | EOFError | AttributeError), position)
    return [(int(elem.tag), str(elem.value)) for elem in ds], stream.tell()


@pytest.mark.parametrize("stop_before_pixels", [False, True])
@pytest.mark.parametrize("data", [_data_set(0), _data_set(1)])
def test_a_bare_data_set_is_read_from_the_beginning(data: bytes, stop_before_pixels: bool) -> None:
    for position in (0, 10, len(data)):
        found, expected = (
            _read(package, data, position, force=True, stop_before_pixels=stop_before_pixels)
            for package in (pydcm, pydicom)
        )
        assert found == expected
    stream = io.BytesIO(data)
    stream.seek(len(data))
    with pytest.raises(pydcm.InvalidDicomError):
        pydcm.dcmread(stream)


def test_a_whole_file_is_found_there() -> None:
    # pydicom takes the preamble for elements.
    data = part10(_data_set(0), EXPLICIT)
    found = _read(pydcm, data, 0)
    assert found[1] == len(data)
    for position in (0, 10, len(data)):
        assert _read(pydcm, data, position, force=True) == found


def test_a_file_is_read_from_where_the_stream_is() -> None:
    data = bytes(10) + part10(_data_set(0), EXPLICIT)
    assert _read(pydcm, data, 10, force=True) == _read(pydicom, data, 10, force=True)


def test_a_preamble_that_is_missing() -> None:
    tells = []
    for package in (ours, theirs):
        stream = io.BytesIO(bytes(300))
        stream.seek(50)
        assert package.read_preamble(stream, True) is None
        tells.append(stream.tell())
    assert tells[0] == tells[1]


def test_the_stream_of_a_deflated_data_set() -> None:
    inside = _data_set(0)
    stream = io.BytesIO(part10(inside, DEFLATED))
    for package, kind in ((pydcm, DicomBytesIO), (pydicom, pydicom.filebase.DicomBytesIO)):
        stream.seek(0)
        ds = package.dcmread(stream)
        assert isinstance(ds.buffer, kind)
        assert ds.fileobj_type is kind
        assert ds.buffer.getvalue() == inside


def test_fragments_that_are_deferred() -> None:
    data = undefined(0x7FE00010, "OB", item(bytes(20)))
    for defer_size, missing in ((16, True), (100, False)):
        values = []
        for module in (ours, theirs):
            stream = io.BytesIO(data)
            (elem,) = module.data_element_generator(stream, False, True, defer_size=defer_size)
            values.append(elem.value)
        assert values[0] == values[1]
        assert (values[0] is None) is missing


# --- encodings that are not those declared --------------------------------------------------------


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in (pydcm, pydicom):
        settings = package.config.settings
        monkeypatch.setattr(settings, "reading_validation_mode", package.config.RAISE)


GROUP_2_IMPLICIT = element(0x00020010, "UI", b"1.2.840.10008.1.2\0", 1)
META = {
    "no": GROUP_2_IMPLICIT,
    "a": bytes(128) + b"DICM" + GROUP_2_IMPLICIT + _data_set(1),
}


@pytest.mark.parametrize("implicit", [False, True])
def test_a_data_set_that_is_not_encoded_as_declared(implicit: bool) -> None:
    data = _data_set(int(not implicit))
    for package in (ours, theirs):
        with recorded() as caught:
            ds = package.read_dataset(io.BytesIO(data), implicit, True)
        assert [each.category for each in caught] == [UserWarning]
        assert caught[0].filename == __file__ or package is theirs
        assert (ds.SpecificCharacterSet, ds.StudyDate) == ("ISO_IR 100", "20000101")


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("implicit", [False, True])
def test_it_is_refused_where_reading_is_strict(implicit: bool) -> None:
    data = _data_set(int(not implicit))
    for package, module in ((pydcm, ours), (pydicom, theirs)):
        with pytest.raises(package.errors.InvalidDicomError):
            module.read_dataset(io.BytesIO(data), implicit, True)


@codings
def test_nothing_is_said_where_it_is_right(coding: int) -> None:
    with unwarned():
        ds = ours.read_dataset(io.BytesIO(_data_set(coding)), bool(coding & 1), not coding & 2)
    assert ds.StudyDate == "20000101"


@pytest.mark.parametrize("data", META.values(), ids=META)
def test_file_meta_information_in_implicit_vr(data: bytes) -> None:
    for package in (pydcm, pydicom):
        with recorded() as caught:
            ds = package.dcmread(io.BytesIO(data), force=True)
        assert [each.category for each in caught] == [UserWarning]
        assert caught[0].filename == __file__ or package is pydicom
        assert ds.file_meta.TransferSyntaxUID == IMPLICIT
    with recorded():
        ds = pydcm.dcmread(io.BytesIO(data), force=True)
    assert [each.code for each in ds.diagnostics] == ["implicit-file-meta"]


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("data", META.values(), ids=META)
def test_it_is_refused_there_where_reading_is_strict(data: bytes) -> None:
    for package in (pydcm, pydicom):
        with pytest.raises(package.errors.InvalidDicomError):
            package.dcmread(io.BytesIO(data), force=True)


def test_nothing_is_said_of_files_that_are_right() -> None:
    with unwarned():
        assert pydcm.dcmread(io.BytesIO(objects.ct(8))).diagnostics == []
