"""Reading parts of a stream, beside pydicom 3.0.2: the same result, and the stream left alike.

Where it is not the same, the test says why.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pydcm
from pydcm import filereader as ours
from pydcm.errors import PydcmError, StructureError, TruncatedError
from tests.kernels.written import (
    CODINGS,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    element,
    header,
    item,
    undefined,
)
from tests.recording import recorded
from tests.synthetic import objects
from tests.synthetic.encoder import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, Encoding, part10

pydicom = pytest.importorskip("pydicom", minversion="3.0.2")
theirs = pytest.importorskip("pydicom.filereader")

CODING_NAMES = {0: EXPLICIT, 1: IMPLICIT, 2: BIG_ENDIAN}
codings = pytest.mark.parametrize("coding", CODINGS, ids=["explicit", "implicit", "big"])


def _flags(coding: int) -> tuple[bool, bool]:
    """``(is_implicit_VR, is_little_endian)``."""
    return bool(coding & 1), not coding & 2


def _value(elem: Any) -> object:
    """Return what compares of an element of either package."""
    if hasattr(elem, "is_raw") and elem.is_raw:
        return tuple(elem[:7])
    value = elem.value
    if str(elem.VR) == "SQ":
        value = [_content(each) for each in value]
    return (int(elem.tag), str(elem.VR), value if isinstance(value, list) else str(value))


def _content(ds: Any) -> list[object]:
    return [_value(elem) for elem in ds]


def _data_set(coding: int) -> bytes:
    inner = element(0x00081155, "UI", b"1.2\0", coding)
    return (
        element(0x00080005, "CS", b"ISO_IR 100", coding)
        + element(0x00081115, "SQ", item(inner, coding), coding)
        + undefined(0x00081140, "SQ", item(inner, coding, delimited=True), coding)
        + element(0x00100010, "PN", b"Doe^J\xfcrgen", coding)
        + element(0x00280010, "US", b"\2\0", coding)
    )


# --- data_element_generator ----------------------------------------------------------


def _generated(
    package: Any, data: bytes, coding: int, **options: Any
) -> tuple[list[tuple[object, int]], int]:
    """Return the elements, each with where it left the stream, and where the end did."""
    stream = io.BytesIO(b"before" + data)
    stream.seek(6)
    found = [
        (_value(elem), stream.tell())
        for elem in package.data_element_generator(stream, *_flags(coding), **options)
    ]
    return found, stream.tell()


@codings
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stop_when": lambda tag, vr, length: tag == 0x00100010},
        {"stop_when": lambda tag, vr, length: length == 2},
        {"stop_when": lambda tag, vr, length: True},
        {"defer_size": 10},
        {"defer_size": "11 B"[:2]},
        {"defer_size": 1e6},
        {"encoding": "latin_1"},
    ],
    ids=["all", "tag", "length", "first", "deferred", "deferred text", "not deferred", "text"],
)
def test_elements_one_by_one(coding: int, options: dict[str, Any]) -> None:
    data = _data_set(coding)
    assert _generated(ours, data, coding, **options) == _generated(theirs, data, coding, **options)


@pytest.mark.parametrize("tags", [[0x00100010], [0x00280010, 0x00100010], []])
def test_chosen_elements(tags: list[int]) -> None:
    data = _data_set(0)
    found, end = _generated(ours, data, 0, specific_tags=tags)
    expected, _ = _generated(
        theirs, data, 0, specific_tags=[pydicom.tag.BaseTag(tag) for tag in tags]
    )
    assert found == expected
    assert end == 6 + len(data)


def test_a_doubled_element_comes_twice() -> None:
    data = element(0x00100020, "LO", b"12") + element(0x00100020, "LO", b"34")
    assert _generated(ours, data, 0) == _generated(theirs, data, 0)


def test_an_item_delimiter_ends_the_data_set() -> None:
    data = element(0x00100020, "LO", b"12") + header(ITEM_END, "", 0)
    data += element(0x00100030, "DA", b"")
    assert _generated(ours, data, 0) == _generated(theirs, data, 0)


def test_a_cut_element_says_how_long_it_is() -> None:
    # There the length is that of the header, with fewer bytes as its value.
    data = element(0x00100020, "LO", b"1234")[:-1]
    ((found, end),), _ = _generated(ours, data, 0)
    assert found == (0x00100020, "LO", 3, b"123", 14, False, True)
    assert end == 6 + len(data)


# --- read_dataset ------------------------------------------------------------------------


@codings
@pytest.mark.parametrize("length", ["none", "all", "undefined", "zero"])
@pytest.mark.parametrize("stop", [None, 0x00100010])
def test_data_sets(coding: int, length: str, stop: int | None) -> None:
    data = _data_set(coding)
    after = b""
    if length == "undefined":
        after = header(ITEM_END, "", 0, coding) + element(0x00290010, "LO", b"AB", coding)
    elif length == "all":
        after = b"what follows"
    size = {"none": None, "all": len(data), "undefined": UNDEFINED, "zero": 0}[length]
    stop_when = None if stop is None else (lambda tag, vr, length: tag == stop)
    outcomes = []
    for package in (ours, theirs):
        stream = io.BytesIO(b"before" + data + after)
        stream.seek(6)
        ds = package.read_dataset(stream, *_flags(coding), size, stop_when=stop_when)
        outcomes.append((_content(ds), stream.tell()))
    if length == "undefined" and stop:
        # A data set that was ended by the caller is not over: it is left there, here as well.
        assert outcomes[0][0] == outcomes[1][0]
    else:
        assert outcomes[0] == outcomes[1]


def test_a_data_set_of_undefined_length_ends_at_its_delimiter() -> None:
    data = element(0x00100020, "LO", b"12") + header(ITEM_END, "", 0)
    stream = io.BytesIO(data + element(0x00100030, "DA", b""))
    ds = ours.read_dataset(stream, False, True, UNDEFINED)
    assert ([int(tag) for tag in ds.keys()], stream.tell()) == ([0x00100020], len(data))  # noqa: SIM118  # a data set yields elements
    stream = io.BytesIO(data[:-8])
    assert len(ours.read_dataset(stream, False, True, UNDEFINED)) == 1
    assert stream.tell() == len(data) - 8


@pytest.mark.parametrize("encoding", ["utf8", ["utf8"]])
def test_text_of_a_data_set_without_a_character_set(encoding: str | list[str]) -> None:
    data = element(0x00100010, "PN", "Jürgen ".encode())
    for package in (ours, theirs):
        ds = package.read_dataset(io.BytesIO(data), False, True, parent_encoding=encoding)
        assert str(ds.PatientName) == "Jürgen"


# --- read_sequence, read_sequence_item ------------------------------------------------------


def _sequence(coding: int, delimited: bool, items: int) -> bytes:
    inner = element(0x00081155, "UI", b"1.2\0", coding)
    value = b"".join(item(inner, coding, delimited=k & 1 == 1) for k in range(items))
    return value + (header(SEQUENCE_END, "", 0, coding) if delimited else b"")


@codings
@pytest.mark.parametrize("delimited", [False, True])
@pytest.mark.parametrize("items", [0, 1, 3])
def test_sequences(coding: int, delimited: bool, items: int) -> None:
    data = _sequence(coding, delimited, items)
    outcomes = []
    for package in (ours, theirs):
        stream = io.BytesIO(b"before" + data + b"after")
        stream.seek(6)
        length = UNDEFINED if delimited else len(data)
        found = package.read_sequence(stream, *_flags(coding), length, "iso8859")
        outcomes.append(
            (
                [_content(each) for each in found],
                [each.is_undefined_length_sequence_item for each in found],
                found.is_undefined_length,
                stream.tell(),
            )
        )
    assert outcomes[0] == outcomes[1]


@codings
@pytest.mark.parametrize("delimited", [False, True])
def test_one_item(coding: int, delimited: bool) -> None:
    data = item(element(0x00081155, "UI", b"1.2\0", coding), coding, delimited=delimited)
    outcomes = []
    for package in (ours, theirs):
        stream = io.BytesIO(b"before" + data + b"after")
        stream.seek(6)
        found = package.read_sequence_item(stream, *_flags(coding), "iso8859")
        undefined_length = found.is_undefined_length_sequence_item
        outcomes.append((_content(found), undefined_length, found.seq_item_tell, stream.tell()))
    assert outcomes[0] == outcomes[1]


@codings
def test_the_delimiter_is_no_item(coding: int) -> None:
    for package in (ours, theirs):
        stream = io.BytesIO(header(SEQUENCE_END, "", 0, coding))
        assert package.read_sequence_item(stream, *_flags(coding), "iso8859") is None
        assert stream.tell() == 8


def test_no_item() -> None:
    # pydicom raises OSError at the end, and takes any other tag for an item.
    for data in (b"", b"\xfe\xff\0"):
        with pytest.raises(TruncatedError, match="no item tag"):
            ours.read_sequence_item(io.BytesIO(data), False, True, "iso8859")
    with pytest.raises(StructureError, match=r"item tag was expected, not \(0010,0020\)"):
        ours.read_sequence_item(
            io.BytesIO(element(0x00100020, "LO", b"12")), False, True, "iso8859"
        )


# --- read_preamble, read_file_meta_info, read_partial -----------------------------------------

FILE = part10(_data_set(0), EXPLICIT)


def _outcome(call: Callable[[], object]) -> object:
    try:
        return call()
    except Exception as error:  # its kind is what is compared
        return type(error).__name__


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("data", [FILE, FILE[132:], b"", b"x", bytes(131), bytes(140)])
def test_preambles(data: bytes, force: bool) -> None:
    outcomes = []
    for package in (ours, theirs):
        stream = io.BytesIO(data)
        found = _outcome(lambda stream=stream, p=package: p.read_preamble(stream, force))  # type: ignore[misc]  # mypy infers no default
        outcomes.append((found, None if isinstance(found, str) else stream.tell()))
    assert outcomes[0] == outcomes[1]


def test_file_meta_information(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    found = ours.read_file_meta_info(path)
    assert isinstance(found, pydcm.FileMetaDataset)
    assert _content(found) == _content(theirs.read_file_meta_info(path))
    path.write_bytes(FILE[132:])
    with pytest.raises(pydcm.InvalidDicomError):
        ours.read_file_meta_info(path)


def _partial(package: Any, data: bytes, stop: Any, **options: Any) -> object:
    calls: list[tuple[int, str | None, int]] = []

    def stop_when(tag: int, vr: str | None, length: int) -> bool:
        calls.append((int(tag), None if vr is None else str(vr), length))
        return bool(stop(tag, vr, length))

    stream = io.BytesIO(data)
    ds = package.read_partial(stream, stop_when if stop else None, **options)
    return stream.tell(), _content(ds), _content(ds.file_meta), ds.preamble, calls


STOPS: dict[str, Callable[[int, str | None, int], bool] | None] = {
    "none": None,
    "never": lambda tag, vr, length: False,
    "at once": lambda tag, vr, length: True,
    "tag": lambda tag, vr, length: tag >= 0x00100010,
    "VR": lambda tag, vr, length: vr == "PN",
    "length": lambda tag, vr, length: length == 2,
}


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
def test_partial_files(stop: str, syntax: str) -> None:
    coding = {EXPLICIT: 0, IMPLICIT: 1, BIG_ENDIAN: 2, DEFLATED: 0}[syntax]
    data = part10(_data_set(coding), syntax)
    assert _partial(ours, data, STOPS[stop]) == _partial(theirs, data, STOPS[stop])


@pytest.mark.parametrize("stop", STOPS)
def test_partial_bare_data_sets(stop: str) -> None:
    for coding in CODINGS:
        data = _data_set(coding)
        found = _partial(ours, data, STOPS[stop], force=True)
        assert found == _partial(theirs, data, STOPS[stop], force=True)


def test_partial_files_that_are_written_again() -> None:
    stream = io.BytesIO(FILE)
    ds = ours.read_partial(stream, lambda tag, vr, length: tag >= 0x00100010)
    out = io.BytesIO()
    ds.save_as(out)
    assert out.getvalue() == FILE[: stream.tell()]


# --- deferred elements --------------------------------------------------------------------


@pytest.fixture
def deferred(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    return path


def _raw(package: Any, **changes: Any) -> Any:
    raw = package.dataelem.RawDataElement(
        package.tag.Tag(0x00100010), "PN", 10, None, FILE.index(b"PN\x0a") + 4, False, True
    )
    return raw._replace(**changes)


@pytest.mark.parametrize("change", ["none", "value", "tag", "VR", "no file", "gone", "stream"])
def test_deferred_elements(change: str, deferred: Path) -> None:
    outcomes = []
    for package, read in ((pydcm, ours), (pydicom, theirs)):
        changes = {
            "value": {"value": b"here"},
            "tag": {"tag": package.tag.Tag(0x00100020)},
            "VR": {"VR": "LO"},
        }.get(change, {})
        source: Any = {"no file": None, "gone": str(deferred) + "x"}.get(change, str(deferred))
        if change == "stream":
            source = io.BytesIO(FILE)
        raw = _raw(package, **changes)
        time = deferred.stat().st_mtime
        outcomes.append(
            _outcome(
                lambda raw=raw, source=source, read=read, time=time: (  # type: ignore[misc]  # mypy infers no default
                    read.read_deferred_data_element(open, source, time, raw).value
                )
            )
        )
    mine, other = outcomes
    assert mine == other or (mine, other) == ("StructureError", "ValueError")
    assert issubclass(StructureError, ValueError)


def test_a_deferred_element_of_a_file_that_changed(deferred: Path) -> None:
    for package, read in ((pydcm, ours), (pydicom, theirs)):
        with pytest.warns(UserWarning, match="changed|has changed"):
            found = read.read_deferred_data_element(open, str(deferred), 1.0, _raw(package))
        assert found.value == b"Doe^J\xfcrgen"


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("vr", [None, "OB", "UN", "CS", "SQ", "XX"])
def test_header_sizes(implicit: bool, vr: str | None) -> None:
    expected = theirs.data_element_offset_to_value(implicit, vr)
    assert ours.data_element_offset_to_value(implicit, vr) == expected


# --- wrong transfer syntaxes -----------------------------------------------------------------


def _read(package: Any, data: bytes) -> tuple[object, bool]:
    """Return what was read, or the error, and whether there was a warning."""
    with recorded() as caught:
        found = _outcome(lambda: _content(package.dcmread(io.BytesIO(data), force=True)))
    return found, any(issubclass(each.category, UserWarning) for each in caught)


@codings
@pytest.mark.parametrize("declared", [EXPLICIT, IMPLICIT, BIG_ENDIAN, "1.2.840.10008.1.2.4.50"])
def test_a_wrong_transfer_syntax(declared: str, coding: int) -> None:
    data = part10(_data_set(coding), declared)
    right, _ = _read(pydicom, part10(_data_set(coding), CODING_NAMES[coding]))
    mine, warned = _read(pydcm, data)
    other, they_warned = _read(pydicom, data)
    if declared == BIG_ENDIAN and coding == 1:
        # Nothing tells where Implicit VR is not little endian; both read nonsense.
        assert mine != right
        return
    if (declared == BIG_ENDIAN) != (coding == 2):
        # pydicom trusts the byte order that is declared; here it is recognised.
        assert mine == right != other
        assert warned
        return
    assert (mine, warned) == (other, they_warned)
    assert mine == right


@codings
def test_no_transfer_syntax(coding: int) -> None:
    for data in (_data_set(coding), bytes(128) + b"DICM" + _data_set(coding)):
        assert _read(pydcm, data) == _read(pydicom, data)
        assert not _read(pydcm, data)[1]


def test_a_wrong_transfer_syntax_may_raise() -> None:
    data = part10(_data_set(1), EXPLICIT)
    with (
        pydcm.config.validation(reading=pydcm.config.RAISE),
        pytest.raises(pydcm.InvalidDicomError, match="is implicit VR"),
    ):
        pydcm.dcmread(data)
    with pytest.raises(StructureError, match="is implicit VR"):
        pydcm.dcmread(data, strict=True)


@pytest.mark.parametrize("group", [0x6000, 0x5000, 0x0400, 0x7FE0])
@pytest.mark.parametrize("coding", [0, 2])
def test_data_sets_that_begin_with_a_large_group(group: int, coding: int) -> None:
    data = element(group << 16 | 0x10, "US", b"\1\0" if not coding else b"\0\1", coding)
    ds = pydcm.dcmread(part10(data, CODING_NAMES[coding]))
    assert ds[group << 16 | 0x10].value == 1
    assert ds.diagnostics == []


# --- other things ---------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [2, 4, 9, 13, 40, 44, 50, 59])
def test_a_file_cut_short_is_read_as_far_as_it_goes(cut: int) -> None:
    # pydicom does so at the top level, and raises OSError where an item is cut.
    data = FILE[:-cut]
    ds = pydcm.dcmread(data)
    assert ds.diagnostics
    for elem in ds:
        assert elem.VR != "SQ" or all(len(each) <= 1 for each in elem.value)


@pytest.mark.parametrize("encoding", [Encoding(), Encoding(explicit=False), Encoding(little=False)])
def test_everything_that_the_writers_of_tests_make(encoding: Encoding) -> None:
    data = objects.every_vr(encoding)
    try:
        mine = [str(elem) for elem in pydcm.dcmread(data).iterall()]
    except PydcmError as error:  # pragma: no cover
        pytest.fail(str(error))
    assert mine == [str(elem) for elem in pydicom.dcmread(io.BytesIO(data)).iterall()]


def test_the_time_of_a_file_is_that_of_the_system(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FILE)
    os.utime(path, (1.5e9, 1.5e9))
    assert pydcm.dcmread(path).timestamp == pydicom.dcmread(path).timestamp
