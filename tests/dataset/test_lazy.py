"""What a data set that was read promises: values on demand, bytes kept, faults with an address."""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

import pydcm
from pydcm import Dataset, config
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.errors import PydcmError, ReadError, ValueRepresentationError
from pydcm.source import FileSource, MemorySource
from tests.recording import unwarned
from tests.synthetic import Encoding, multiframe, objects, part10
from tests.synthetic.encoder import PIXEL_DATA

ENCODINGS = {
    "explicit": Encoding(),
    "implicit": Encoding(explicit=False),
    "big endian": Encoding(little=False),
    "undefined lengths": Encoding(undefined=True),
}


def written(ds: Dataset) -> bytes:
    stream = io.BytesIO()
    pydcm.dcmwrite(stream, ds)
    return stream.getvalue()


# --- values on demand ----------------------------------------------------------


def kinds(ds: Dataset) -> dict[str, type]:
    found = {}
    for elem in ds.elements():
        found[pydcm.datadict.keyword_for_tag(elem.tag)] = type(elem)
    return found


def test_only_what_was_asked_for_is_decoded() -> None:
    ds = pydcm.dcmread(objects.ct(8))
    assert set(kinds(ds).values()) == {RawDataElement}
    assert ds.Rows == 8
    assert "PatientName" in ds
    assert len(ds) > 200
    decoded = {word for word, kind in kinds(ds).items() if kind is DataElement}
    assert decoded == {"Rows"}


def test_an_invalid_value_is_noticed_when_it_is_asked_for() -> None:
    encoding = Encoding()
    body = encoding.text(0x00100020, "LO", "a" * 70) + encoding.numbers(0x00280010, "US", 7)
    data = part10(body, encoding.syntax)
    with unwarned():
        ds = pydcm.dcmread(data)
        assert ds.Rows == 7
    with pytest.warns(UserWarning, match="64"):
        assert ds.PatientID == "a" * 70
    with config.strict_reading(), pytest.raises(ValueRepresentationError):
        assert pydcm.dcmread(data).PatientID is None


@pytest.mark.parametrize("name", ["explicit", "implicit", "undefined lengths"])
def test_items_are_opened_when_they_are_asked_for(name: str) -> None:
    encoding = ENCODINGS[name]
    good = encoding.text(0x00100020, "LO", "good")
    bad = encoding.header(0x00100020, "LO", 400) + b"short"
    items = encoding.sequence(0x00081140, [good]) + encoding.header(0x00081199, "SQ", 8 + len(bad))
    items += encoding.header(0xFFFEE000, "", len(bad)) + bad
    data = part10(items, encoding.syntax)
    ds = pydcm.dcmread(data)
    assert ds.ReferencedImageSequence[0].PatientID == "good"
    before = len(ds.diagnostics)
    item = ds.ReferencedSOPSequence[0]
    assert len(ds.diagnostics) > before
    assert item.PatientID.startswith("short")
    assert "ReferencedSOPSequence[0]" in ds.diagnostics[-1].tag_path
    with pytest.raises(ReadError):
        pydcm.dcmread(data, strict=True)


def test_a_data_set_made_by_hand_has_nothing_to_report() -> None:
    assert Dataset().diagnostics == []


def test_one_element_however_many_threads_ask() -> None:
    for _ in range(20):
        ds = pydcm.dcmread(objects.structured_report(4))
        barrier = threading.Barrier(8)

        def ask(number: int, ds: Dataset = ds, barrier: threading.Barrier = barrier) -> object:
            barrier.wait(timeout=30)
            items = ds.ContentSequence
            return (
                id(ds["SOPInstanceUID"]),
                id(items),
                id(items[0]),
                id(items[0].ContentSequence[-1]),
            )

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(ask, range(8)))) == 1


def test_what_was_changed_meanwhile_wins() -> None:
    ds = pydcm.dcmread(objects.ct(8))
    raw = ds.get_item("PatientID")
    ds.PatientID = "new"
    assert isinstance(raw, RawDataElement)
    assert ds.PatientID == "new"
    del ds.PatientID
    assert "PatientID" not in ds
    assert "PatientID" not in kinds(ds)


# --- bytes after a change in place ----------------------------------------------


def parts(encoding: Encoding) -> dict[str, bytes]:
    """Return the elements of a small data set, in their order."""
    text, numbers = encoding.text, encoding.numbers
    items = item_parts(encoding)
    return {
        "types": text(0x00080008, "CS", "ORIGINAL\\PRIMARY"),
        "times": text(0x00080031, "TM", "1011 "),
        "images": encoding.sequence(0x00081140, [b"".join(items.values()), b""]),
        "name": text(0x00100010, "PN", "Doe^Jane  "),
        "id": text(0x00100020, "LO", "4711 "),
        "names": text(0x00101001, "PN", "A^B\\C"),
        "comments": text(0x00104000, "LT", "a\\b"),
        "thickness": text(0x00180050, "DS", "+1.50 "),
        "counts": text(0x00181151, "IS", "+7\\08"),
        "doubles": numbers(0x00189089, "FD", 0.5, 1.5),
        "values": numbers(0x00209157, "UL", 1, 2, 3),
        "pointers": numbers(0x00280009, "AT", 0x00181063, 0x00181065),
        "spacing": text(0x00280030, "DS", "1.0\\+2.50"),
    }


def item_parts(encoding: Encoding) -> dict[str, bytes]:
    text = encoding.text
    inner = encoding.sequence(0x0040A170, [text(0x00080100, "SH", "A-1 ")])
    return {
        "types": text(0x00080008, "CS", "A\\B"),
        "uid": text(0x00081150, "UI", "1.2.3"),
        "spacing": text(0x00280030, "DS", "1.0\\+2.50"),
        "purpose": inner,
    }


def with_item(encoding: Encoding, **changed: bytes) -> dict[str, bytes]:
    """Return the part that a change within the first item makes different."""
    first = b"".join((item_parts(encoding) | changed).values())
    return {"images": encoding.sequence(0x00081140, [first, b""])}


class Edit(NamedTuple):
    """A change, and the parts that differ by it."""

    make: Callable[[Dataset], object]
    changed: Callable[[Encoding], dict[str, bytes]]


def _run(code: str) -> Callable[[Dataset], object]:
    return lambda ds: exec(code, {"ds": ds, "Dataset": Dataset})


EDITS: dict[str, Edit] = {
    code: Edit(_run(code), changed)
    for code, changed in {
        "pass": lambda _e: {},
        "list(ds.iterall())": lambda _e: {},
        "str(ds)": lambda _e: {},
        "ds.ImageType[1] = 'C'": lambda e: {"types": e.text(0x00080008, "CS", "ORIGINAL\\C")},
        "ds.ImageType.append('C')": lambda e: {
            "types": e.text(0x00080008, "CS", "ORIGINAL\\PRIMARY\\C")
        },
        "ds.ImageType.insert(0, 'C')": lambda e: {
            "types": e.text(0x00080008, "CS", "C\\ORIGINAL\\PRIMARY")
        },
        "del ds.ImageType[0]": lambda e: {"types": e.text(0x00080008, "CS", "PRIMARY")},
        "ds.ImageType.pop()": lambda e: {"types": e.text(0x00080008, "CS", "ORIGINAL")},
        "ds.ImageType.reverse()": lambda e: {
            "types": e.text(0x00080008, "CS", "PRIMARY\\ORIGINAL")
        },
        "ds.ImageType.sort(reverse=True)": lambda e: {
            "types": e.text(0x00080008, "CS", "PRIMARY\\ORIGINAL")
        },
        "ds.ImageType += ['C']": lambda e: {
            "types": e.text(0x00080008, "CS", "ORIGINAL\\PRIMARY\\C")
        },
        "ds.ImageType.clear()": lambda e: {"types": e.text(0x00080008, "CS", "")},
        "ds['ImageType'].value[:] = ['X', 'Y']": lambda e: {
            "types": e.text(0x00080008, "CS", "X\\Y")
        },
        "ds.OtherPatientNames[0] = 'X'": lambda e: {"names": e.text(0x00101001, "PN", "X\\C")},
        "ds.PixelSpacing[0] = '3.00'": lambda e: {
            "spacing": e.text(0x00280030, "DS", "3.00\\+2.50")
        },
        "ds.PixelSpacing[1] = 3": lambda e: {"spacing": e.text(0x00280030, "DS", "1.0\\3.0")},
        "ds.XRayTubeCurrent[0] = 9": lambda e: {"counts": e.text(0x00181151, "IS", "9\\08")},
        "ds.DimensionIndexValues[1] = 9": lambda e: {
            "values": e.numbers(0x00209157, "UL", 1, 9, 3)
        },
        "ds.DimensionIndexValues.append(4)": lambda e: {
            "values": e.numbers(0x00209157, "UL", 1, 2, 3, 4)
        },
        "ds[0x00189089].value[0] = 2.5": lambda e: {
            "doubles": e.numbers(0x00189089, "FD", 2.5, 1.5)
        },
        "ds.FrameIncrementPointer[0] = 'Rows'": lambda e: {
            "pointers": e.numbers(0x00280009, "AT", 0x00280010, 0x00181065)
        },
        "ds.PatientID = '4711'": lambda e: {"id": e.text(0x00100020, "LO", "4711")},
        "ds['PatientID'].value += '2'": lambda e: {"id": e.text(0x00100020, "LO", "47112")},
        "ds.PatientComments += '\\\\c'": lambda e: {
            "comments": e.text(0x00104000, "LT", "a\\b\\c")
        },
        "ds.ReferencedImageSequence[0].ImageType[0] = 'Z'": lambda e: with_item(
            e, types=e.text(0x00080008, "CS", "Z\\B")
        ),
        "ds.ReferencedImageSequence[0].PixelSpacing[0] = '4'": lambda e: with_item(
            e, spacing=e.text(0x00280030, "DS", "4\\+2.50")
        ),
        "ds.ReferencedImageSequence[0].PatientID = 'new'": lambda e: with_item(
            e, uid=e.text(0x00081150, "UI", "1.2.3") + e.text(0x00100020, "LO", "new")
        ),
        "del ds.ReferencedImageSequence[0].ReferencedSOPClassUID": lambda e: with_item(e, uid=b""),
        "ds.ReferencedImageSequence[0].PurposeOfReferenceCodeSequence[0].CodeValue = 'B'": (
            lambda e: with_item(e, purpose=e.sequence(0x0040A170, [e.text(0x00080100, "SH", "B")]))
        ),
        "ds.ReferencedImageSequence[0].PurposeOfReferenceCodeSequence.clear()": (
            lambda e: with_item(e, purpose=e.sequence(0x0040A170, []))
        ),
        "ds.ReferencedImageSequence.pop()": lambda e: {
            "images": e.sequence(0x00081140, [b"".join(item_parts(e).values())])
        },
        "ds.ReferencedImageSequence.reverse()": lambda e: {
            "images": e.sequence(0x00081140, [b"", b"".join(item_parts(e).values())])
        },
        "del ds.ReferencedImageSequence[0]": lambda e: {"images": e.sequence(0x00081140, [b""])},
        "ds.ReferencedImageSequence.clear()": lambda e: {"images": e.sequence(0x00081140, [])},
        "ds.ReferencedImageSequence[1].PatientID = 'n'": lambda e: {
            "images": e.sequence(
                0x00081140,
                [b"".join(item_parts(e).values()), e.text(0x00100020, "LO", "n")],
            )
        },
        "del ds.PatientID": lambda _e: {"id": b""},
        "ds.pop('ImageType')": lambda _e: {"types": b""},
        "ds.Modality = 'CT'": lambda e: {
            "times": e.text(0x00080031, "TM", "1011 ") + e.text(0x00080060, "CS", "CT")
        },
        "ds.add(ds['PatientID'])": lambda _e: {},
    }.items()
}


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("code", EDITS)
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_change_is_written_and_nothing_else_is(name: str, code: str, opened: bool) -> None:
    encoding = ENCODINGS[name]
    ds = pydcm.dcmread(part10(b"".join(parts(encoding).values()), encoding.syntax))
    if opened:
        assert len(str(ds)) > 200
        assert len(list(ds.iterall())) > 15
    edit = EDITS[code]
    edit.make(ds)
    expected = parts(encoding) | edit.changed(encoding)
    assert written(ds) == part10(b"".join(expected.values()), encoding.syntax)


def test_arrays_changed_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "use_DS_numpy", True)
    encoding = Encoding()
    data = part10(encoding.text(0x00280030, "DS", "+1.0\\2.50"), encoding.syntax)
    ds = pydcm.dcmread(data)
    assert ds.PixelSpacing.sum() == 3.5
    assert written(ds) == data
    ds.PixelSpacing[0] = 7
    assert list(pydcm.dcmread(written(ds)).PixelSpacing) == [7, 2.5]


def test_the_form_of_lengths_is_a_change() -> None:
    defined, undefined = Encoding(), Encoding(undefined=True)
    items = [defined.text(0x00100020, "LO", "a"), b""]
    data = part10(defined.sequence(0x00081140, items), defined.syntax)
    ds = pydcm.dcmread(data)
    ds["ReferencedImageSequence"].is_undefined_length = True
    for item in ds.ReferencedImageSequence:
        item.is_undefined_length_sequence_item = True
    other = part10(undefined.sequence(0x00081140, items), undefined.syntax)
    assert written(ds) == other
    ds = pydcm.dcmread(other)
    ds["ReferencedImageSequence"].is_undefined_length = False
    for item in ds.ReferencedImageSequence:
        item.is_undefined_length_sequence_item = False
    assert written(ds) == data


def test_another_vr_is_a_change() -> None:
    encoding = Encoding()
    ds = pydcm.dcmread(part10(encoding.text(0x00100020, "LO", "a"), encoding.syntax))
    ds["PatientID"].VR = "SH"
    assert written(ds) == part10(encoding.text(0x00100020, "SH", "a"), encoding.syntax)


# --- where values lie -------------------------------------------------------------


@pytest.mark.parametrize("name", ENCODINGS)
def test_locate(name: str) -> None:
    encoding = ENCODINGS[name]
    values = parts(encoding)
    data = part10(b"".join(values.values()), encoding.syntax)
    ds = pydcm.dcmread(data)
    extent = ds.locate("PatientID")
    assert extent is not None
    assert extent.read() == b"4711  "
    assert data[extent.offset : extent.offset + extent.length] == b"4711  "
    assert (extent.undefined, extent.little_endian) == (False, encoding.little)
    assert ds.PatientID == "4711"
    assert ds.locate("PatientID") == extent, "it lies there as long as it was not set"
    assert ds["PatientID"].file_tell == extent.offset
    item = ds.ReferencedImageSequence[0]
    found = item.locate("ReferencedSOPClassUID")
    assert found is not None
    assert data[found.offset : found.offset + found.length] == b"1.2.3\0"
    assert ds.locate("Rows") is None


def test_locate_what_was_set() -> None:
    ds = pydcm.dcmread(objects.ct(4))
    for value in (b"1234", io.BytesIO(b"1234"), bytearray(b"1234")):
        ds.PixelData = value
        extent = ds.locate("PixelData")
        assert extent is not None
        assert (extent.length, extent.read()) == (4, b"1234")
    ds.PatientID = "text"
    assert ds.locate("PatientID") is None
    ds[0x00100020] = RawDataElement(ds["PatientID"].tag, "LO", 2, b"ab", 0, False, False)
    raw = ds.locate("PatientID")
    assert raw is not None
    assert (raw.read(), raw.little_endian) == (b"ab", False)


def test_locate_deferred_pixels(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    multiframe.write_sparse(path, 40, 64)
    ds = pydcm.dcmread(path)
    extent = ds.locate(PIXEL_DATA)
    assert extent is not None
    assert isinstance(extent.source, FileSource)
    assert extent.length == 40 * 64 * 64 * 2
    raw = ds.get_item(PIXEL_DATA, keep_deferred=True)
    assert isinstance(raw, RawDataElement)
    assert raw.value is None
    memory = pydcm.dcmread(path.read_bytes()).locate(PIXEL_DATA)
    assert memory is not None
    assert isinstance(memory.source, MemorySource)
    assert (memory.offset, memory.length) == (extent.offset, extent.length)


def test_locate_encapsulated_pixels() -> None:
    data = multiframe.small_rle()
    extent = pydcm.dcmread(data).locate("PixelData")
    assert extent is not None
    assert extent.undefined
    value = extent.read()
    assert value.startswith(b"\xfe\xff\x00\xe0")
    assert data.endswith(value + b"\xfe\xff\xdd\xe0\0\0\0\0")


# --- faults with an address ---------------------------------------------------------


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_value_that_cannot_be_decoded_tells_where_it_is(name: str, tmp_path: Path) -> None:
    encoding = ENCODINGS[name]
    item = encoding.header(0x00280010, "US", 3) + b"\1\2\3"
    body = encoding.sequence(0x00081140, [b"", item]) + encoding.text(0x00100020, "LO", "ok")
    path = tmp_path / "a.dcm"
    path.write_bytes(part10(body, encoding.syntax))
    ds = pydcm.dcmread(path)
    with pytest.raises(PydcmError) as caught:
        assert ds.ReferencedImageSequence[1].Rows
    assert caught.value.tag_path == "ReferencedImageSequence[1].(0028,0010)"
    assert caught.value.path == str(path)
    assert caught.value.offset == path.read_bytes().index(item)
    assert ds.PatientID == "ok"


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("hooked", [False, True])
def test_pixel_representation_may_say_that_it_is_a_sequence(undefined: bool, hooked: bool) -> None:
    # Opening it asks for Pixel Representation: elements of its items may be US or SS.
    content = b"\xfe\xff\x00\xe0\x00\x00\x00\x00"
    length = struct.pack("<I", 0xFFFFFFFF if undefined else len(content))
    if undefined:
        content += b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    body = b"\x28\x00\x03\x01SQ\0\0" + length + content
    data = part10(body, "1.2.840.10008.1.2.1")
    if hooked:
        config.data_element_callback = lambda raw, **settings: raw
    try:
        ds = pydcm.dcmread(io.BytesIO(data))
        assert list(ds["PixelRepresentation"].value) == [Dataset()]
    finally:
        config.data_element_callback = None
