"""Writing one thing to a stream, beside pydicom 3.0.2: the same bytes, or an error of the kind."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import pydcm
from pydcm import filewriter as ours
from pydcm.errors import UnwritableVRError, WriteError
from pydcm.filebase import DicomBytesIO
from pydcm.filewriter.values import encode_value
from tests.synthetic.encoder import BIG_ENDIAN, EXPLICIT, IMPLICIT

pydicom = pytest.importorskip("pydicom", minversion="3.0.2")
theirs = pytest.importorskip("pydicom.filewriter")
their_base = pytest.importorskip("pydicom.filebase")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # some values are wrong on purpose

ORDERS = [True, False]
little = pytest.mark.parametrize("little", ORDERS, ids=["little", "big"])


def _streams(implicit: bool = False, little: bool = True) -> tuple[Any, Any]:
    mine, other = DicomBytesIO(), their_base.DicomBytesIO()
    for stream in (mine, other):
        stream.is_implicit_VR = implicit
        stream.is_little_endian = little
    return mine, other


def _outcome(call: Callable[[], object], stream: Any) -> object:
    """Return what was written, or the builtin kinds that an error is of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            call()
        except Exception as error:  # what either library raises is what is compared
            return error
    return stream.getvalue()


def _same(mine: object, other: object) -> None:
    if isinstance(other, Exception):
        assert isinstance(mine, Exception), other
    else:
        assert mine == other


def _compare(name: str, vr: str, value: object, little: bool, *args: Any) -> object:
    mine, other = _streams(little=little)
    outcomes = []
    for package, functions, stream in ((pydcm, ours, mine), (pydicom, theirs, other)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            elem = package.dataelem.DataElement(0x00100020, vr, value, already_converted=True)
        write = getattr(functions, name)
        outcomes.append(
            _outcome(lambda w=write, s=stream, e=elem: w(s, e, *args), stream)  # type: ignore[misc]  # mypy infers no default
        )
    _same(*outcomes)
    return outcomes[0]


# --- the functions for one kind of value each ------------------------------


@little
@pytest.mark.parametrize(
    ("form", "vr", "value"),
    [
        ("H", "US", 1), ("H", "US", [1, 65535]), ("h", "SS", -2), ("L", "UL", [1, 2**32 - 1]),
        ("l", "SL", -5), ("f", "FL", [0.5, -1.25]), ("d", "FD", 1e300), ("Q", "UV", 2**64 - 1),
        ("q", "SV", [-(2**63)]), ("H", "US", ""), ("H", "US", []), ("H", "US", 70000),
        ("h", "SS", "a"), ("H", "US", [1, None]),
    ],
)  # fmt: skip
def test_numbers(form: str, vr: str, value: object, little: bool) -> None:
    _compare("write_numbers", vr, value, little, form)


TEXTS: list[object] = [
    "", "A", "AB", "A\\B", ["A", "BC"], ["A", ""], [], None, "ABC ", " A",
]  # fmt: skip


@little
@pytest.mark.parametrize("value", TEXTS, ids=repr)
@pytest.mark.parametrize(
    ("name", "vr"),
    [("write_string", "CS"), ("write_text", "LO"), ("write_text", "LT"), ("write_UI", "UI")],
)
def test_strings(name: str, vr: str, value: object, little: bool) -> None:
    if name == "write_text" and value == []:
        # An empty list is an empty value; pydicom raises IndexError.
        assert encode_value(vr, value, little, ["iso8859"]) == b""
    else:
        _compare(name, vr, value, little)


@pytest.mark.parametrize("padding", [" ", "\0"])
def test_padding(padding: str) -> None:
    assert _compare("write_string", "CS", "ABC", True, padding) == b"ABC" + padding.encode()


@pytest.mark.parametrize(
    ("value", "encodings"),
    [
        ("Jürgen", ["iso8859"]), ("Jürgen", ["utf8"]), (["Jürg", "山田"], ["utf8"]),
        ("山田", ["shift_jis"]), ("abc", None), ("Buc^Jérôme", ["latin_1"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["write_text", "write_PN"])
def test_text_in_encodings(name: str, value: object, encodings: list[str] | None) -> None:
    vr = "PN" if name == "write_PN" else "LO"
    if vr == "PN":
        many = value if isinstance(value, list) else [value]
        outcomes = []
        for package, functions, stream in zip(
            (pydcm, pydicom), (ours, theirs), _streams(), strict=True
        ):
            names = [package.valuerep.PersonName(each) for each in many]
            elem = package.dataelem.DataElement(
                0x00100010, "PN", names[0] if len(names) == 1 else names, already_converted=True
            )
            functions.write_PN(stream, elem, encodings)
            outcomes.append(stream.getvalue())
        assert outcomes[0] == outcomes[1]
    else:
        _compare(name, vr, value, True, encodings)


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("DS", "1.5"), ("DS", ["1.50", "2"]), ("DS", 1.5), ("DS", [1.0, 2.25]), ("IS", 5),
        ("IS", ["1", "2"]), ("IS", [1, -2]), ("DS", ""), ("DS", []),
    ],
)  # fmt: skip
def test_number_strings(vr: str, value: object) -> None:
    outcomes = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(), strict=True
    ):
        elem = package.dataelem.DataElement(0x00101030, vr, value)
        functions.write_number_string(stream, elem)
        outcomes.append(stream.getvalue())
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("name", "vr", "value"),
    [
        ("write_DA", "DA", "20200101"), ("write_DA", "DA", datetime.date(2020, 1, 2)),
        ("write_DA", "DA", [datetime.date(2020, 1, 2), "20200103"]), ("write_DA", "DA", ""),
        ("write_TM", "TM", "101112.5"), ("write_TM", "TM", datetime.time(10, 11, 12)),
        ("write_TM", "TM", datetime.time(10, 11, 12, 500000)),
        ("write_DT", "DT", "20200101101112.25+0100"),
        ("write_DT", "DT", datetime.datetime(2020, 1, 2, 3, 4, 5)),
        ("write_DT", "DT", datetime.datetime(2020, 1, 2, 3, 4, 5, 7000)),
        (
            "write_DT", "DT",
            datetime.datetime(
                2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=-5))
            ),
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("converted", [False, True])
def test_moments(name: str, vr: str, value: object, converted: bool) -> None:
    before = pydcm.config.datetime_conversion, pydicom.config.datetime_conversion
    try:
        pydcm.config.datetime_conversion = pydicom.config.datetime_conversion = converted
        outcomes = []
        for package, functions, stream in zip(
            (pydcm, pydicom), (ours, theirs), _streams(), strict=True
        ):
            elem = package.dataelem.DataElement(0x00080020, vr, value)
            outcomes.append(
                _outcome(
                    lambda f=functions, s=stream, e=elem: getattr(f, name)(s, e),  # type: ignore[misc]  # mypy infers no default
                    stream,
                )
            )
        _same(*outcomes)
    finally:
        pydcm.config.datetime_conversion, pydicom.config.datetime_conversion = before


@little
@pytest.mark.parametrize("value", [0x00100020, [0x00100020, 0x7FE00010], [], ""])
def test_tags(value: object, little: bool) -> None:
    _compare("write_ATvalue", "AT", value, little)


@little
@pytest.mark.parametrize("value", [b"", b"A", b"AB", bytes(1000)])
@pytest.mark.parametrize("name", ["write_OBvalue", "write_OWvalue", "write_UN"])
def test_octets(name: str, value: bytes, little: bool) -> None:
    mine, other = _streams(little=little)
    for package, functions, stream in ((pydcm, ours, mine), (pydicom, theirs, other)):
        elem = package.dataelem.DataElement(0x00420011, "OB", value)
        getattr(functions, name)(stream, elem)
    if len(value) % 2 and name == "write_UN":
        # PS3.5 7.1.1: of even length; pydicom writes it as it is.
        assert (mine.getvalue(), other.getvalue()) == (value + b"\0", value)
    else:
        assert mine.getvalue() == other.getvalue()


@pytest.mark.parametrize("value", ["A", ["A", "B"], [1, 2], "", []])
def test_several_strings_as_one(value: Any) -> None:
    assert ours.multi_string(value) == theirs.multi_string([str(each) for each in value])


# --- elements --------------------------------------------------------------

ELEMENTS: list[tuple[int, str, object]] = [
    (0x00100010, "PN", "Doe^Jane"), (0x00100020, "LO", "4711"), (0x00280010, "US", 512),
    (0x00280030, "DS", ["0.5", "0.5"]), (0x00080018, "UI", "1.2.3"), (0x00720082, "SV", -1),
    (0x00280009, "AT", 0x00181063), (0x00420011, "OB", b"abc"), (0x7FE00010, "OW", b"abcd"),
    (0x0040A160, "UT", "x" * 70000), (0x00080119, "UC", "abc"), (0x00080120, "UR", "http://x"),
    (0x00091001, "UN", b"ab"), (0x00100030, "DA", ""), (0x00280010, "US", None),
    (0x00100020, "LO", "x" * 70000), (0x00104000, "LT", "a\\b"), (0x0018605A, "FL", [1.5, 2.5]),
]  # fmt: skip


@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
@pytest.mark.parametrize(("tag", "vr", "value"), ELEMENTS)
def test_elements(tag: int, vr: str, value: object, implicit: bool, little: bool) -> None:
    outcomes = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(implicit, little), strict=True
    ):
        elem = package.dataelem.DataElement(tag, vr, value)
        functions.write_data_element(stream, elem)
        outcomes.append(stream.getvalue())
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("undefined", [False, True])
def test_elements_of_undefined_length(undefined: bool) -> None:
    outcomes = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(), strict=True
    ):
        value = b"\xfe\xff\x00\xe0\0\0\0\0"
        elem = package.dataelem.DataElement(0x7FE00010, "OB", value)
        elem.is_undefined_length = undefined
        functions.write_data_element(stream, elem)
        outcomes.append(stream.getvalue())
    assert outcomes[0] == outcomes[1]


@little
@pytest.mark.parametrize("tag", [0x7FE00010, 0x00091010])
@pytest.mark.parametrize(
    "value", [b"abcd", b"", b"\xfe\xff\x00\xe0\0\0\0\0", b"\xff\xfe\xe0\x00\0\0\0\0"]
)
def test_pixel_data_of_undefined_length_are_items(value: bytes, tag: int, little: bool) -> None:
    outcomes: list[object] = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(little=little), strict=True
    ):
        elem = package.dataelem.DataElement(tag, "OB", value, is_undefined_length=True)
        outcomes.append(
            _outcome(lambda f=functions, s=stream, e=elem: f.write_data_element(s, e), stream)  # type: ignore[misc]  # mypy infers no default
        )
    _same(*outcomes)
    assert not isinstance(outcomes[0], Exception) or isinstance(outcomes[0], WriteError)


@little
@pytest.mark.parametrize("value", [[32768, 0, 16], [0, 0, 16], [1, -2, 8], []])
def test_number_of_entries_of_a_table_is_unsigned(value: list[int], little: bool) -> None:
    outcomes = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(little=little), strict=True
    ):
        functions.write_numbers(stream, package.DataElement(0x00283002, "SS", value), "h")
        outcomes.append(stream.getvalue())
    assert outcomes[0] == outcomes[1]


def test_unknown_vr() -> None:
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(), strict=True
    ):
        elem = package.dataelem.DataElement(0x00100010, "ZZ", "Test")
        with pytest.raises(NotImplementedError):
            functions.write_data_element(stream, elem)
    with pytest.raises(UnwritableVRError, match="'ZZ'"):
        encode_value("ZZ", "Test", True, ["iso8859"])


@pytest.mark.parametrize("implicit", [False, True])
def test_raw_elements(implicit: bool) -> None:
    outcomes = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(implicit), strict=True
    ):
        raw = package.dataelem.RawDataElement(
            package.tag.Tag(0x00100020), "LO", 4, b"4711", 0, False, True
        )
        functions.write_data_element(stream, raw)
        outcomes.append(stream.getvalue())
    assert outcomes[0] == outcomes[1]


def _nested(package: Any, item_undefined: bool, undefined: bool) -> Any:
    ds = package.dataset.Dataset()
    ds.PatientID = "4711"
    inner = package.dataset.Dataset()
    inner.ReferencedSOPInstanceUID = "1.2"
    inner.is_undefined_length_sequence_item = item_undefined
    ds.ReferencedImageSequence = [inner, package.dataset.Dataset()]
    ds["ReferencedImageSequence"].is_undefined_length = undefined
    return ds


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("item_undefined", [False, True])
@pytest.mark.parametrize(("implicit", "little"), [(True, True), (False, True), (False, False)])
def test_data_sets_and_sequences(
    implicit: bool, little: bool, item_undefined: bool, undefined: bool
) -> None:
    outcomes: list[list[object]] = []
    for package, functions in ((pydcm, ours), (pydicom, theirs)):
        ds = _nested(package, item_undefined, undefined)
        found: list[object] = []
        for write in (
            lambda stream, f=functions, d=ds: f.write_dataset(stream, d),
            lambda stream, f=functions, d=ds: f.write_sequence(
                stream, d["ReferencedImageSequence"], ["iso8859"]
            ),
            lambda stream, f=functions, d=ds: f.write_sequence_item(
                stream, d.ReferencedImageSequence[0], ["iso8859"]
            ),
        ):
            stream = _streams(implicit, little)[package is pydicom]
            returned = write(stream)  # type: ignore[no-untyped-call]  # a lambda
            found.append((returned, stream.getvalue()))
        outcomes.append(found)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("encoding", ["utf8", ["utf8"], "iso8859"])
def test_text_of_the_data_set_around(encoding: str | list[str]) -> None:
    outcomes = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(), strict=True
    ):
        ds = package.dataset.Dataset()
        ds.PatientName = "Jürgen"
        functions.write_dataset(stream, ds, encoding)
        outcomes.append(stream.getvalue())
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("told", [None, "is_implicit_VR", "is_little_endian"])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN, None])
def test_a_stream_without_an_encoding_takes_that_of_the_data_set(
    syntax: str | None, told: str | None
) -> None:
    outcomes: list[object] = []
    made = pydcm.Dataset()
    made.PatientID = "4711"
    file = io.BytesIO()
    uid = pydcm.uid.UID(syntax or IMPLICIT)
    pydcm.dcmwrite(file, made, implicit_vr=uid.is_implicit_VR, little_endian=uid.is_little_endian)
    for package, functions, kind in (
        (pydcm, ours, DicomBytesIO),
        (pydicom, theirs, their_base.DicomBytesIO),
    ):
        stream = kind()
        if told:
            setattr(stream, told, False)
        file.seek(0)
        ds = package.dcmread(file, force=True)
        if syntax is None:  # made by hand
            ds = package.dataset.Dataset()
            ds.PatientID = "4711"
        outcome = _outcome(lambda f=functions, s=stream, d=ds: f.write_dataset(s, d), stream)  # type: ignore[misc]  # mypy infers no default
        outcomes.append(outcome)
        if isinstance(outcome, Exception):
            assert isinstance(outcome, AttributeError)
        else:
            outcomes[-1] = (outcome, stream.is_implicit_VR, stream.is_little_endian)
    _same(*outcomes)


def test_a_command_set_may_be_written_as_a_data_set() -> None:
    outcomes = []
    for package, functions, stream in zip(
        (pydcm, pydicom), (ours, theirs), _streams(True), strict=True
    ):
        ds = package.dataset.Dataset()
        ds.AffectedSOPClassUID = "1.2"
        ds.CommandField = 1
        functions.write_dataset(stream, ds)
        outcomes.append(stream.getvalue())
    assert outcomes[0] == outcomes[1]


# --- file meta information -------------------------------------------------


@pytest.mark.parametrize("enforce", [False, True])
@pytest.mark.parametrize("complete", [False, True])
@pytest.mark.parametrize("length", [None, 3])
def test_file_meta(enforce: bool, complete: bool, length: int | None) -> None:
    outcomes = []
    for package, functions in ((pydcm, ours), (pydicom, theirs)):
        meta = package.dataset.FileMetaDataset()
        if length is not None:
            meta.FileMetaInformationGroupLength = length
        meta.TransferSyntaxUID = "1.2.840.10008.1.2"
        if complete:
            meta.MediaStorageSOPClassUID = "1.2"
            meta.MediaStorageSOPInstanceUID = "1.3"
            meta.ImplementationClassUID = "1.4"
            meta.ImplementationVersionName = "HERE"
            meta.FileMetaInformationVersion = b"\0\1"
        stream = io.BytesIO()
        outcomes.append(
            _outcome(
                lambda f=functions, s=stream, m=meta: f.write_file_meta_info(s, m, enforce),  # type: ignore[misc]  # mypy infers no default
                stream,
            )
        )
    _same(*outcomes)
    if isinstance(outcomes[1], Exception):
        assert isinstance(outcomes[0], AttributeError)


# --- VRs that the dictionary leaves open -----------------------------------


def _ambiguous(package: Any, tag: int, vr: str, value: object, **context: object) -> Any:
    ds = package.dataset.Dataset()
    for name, each in context.items():
        setattr(ds, name, each)
    ds[tag] = package.dataelem.DataElement(tag, vr, value, already_converted=True)
    return ds


AMBIGUOUS: list[tuple[int, str, object, dict[str, object]]] = [
    (0x00280106, "US or SS", b"\1\0", {"PixelRepresentation": 0}),
    (0x00280106, "US or SS", b"\xff\xff", {"PixelRepresentation": 1}),
    (0x00280106, "US or SS", 5, {"PixelRepresentation": 1}),
    (0x00280106, "US or SS", b"\1\0", {}),
    (0x00280106, "US or SS", b"\1\0", {"PixelData": b"ab"}),
    (0x7FE00010, "OB or OW", b"ab", {"BitsAllocated": 8}),
    (0x7FE00010, "OB or OW", b"ab", {"BitsAllocated": 16}),
    (0x7FE00010, "OB or OW", b"ab", {"BitsAllocated": 1}),
    (0x60003000, "OB or OW", b"ab", {}),
    (0x54001010, "OB or OW", b"ab", {"WaveformBitsAllocated": 8}),
    (0x54001010, "OB or OW", b"ab", {"WaveformBitsAllocated": 16}),
    (0x00283006, "US or OW", b"\1\0", {"LUTDescriptor": [1, 0, 16]}),
    (0x00283006, "US or OW", b"\1\0\2\0", {"LUTDescriptor": [2, 0, 16]}),
    (0x00283006, "US or OW", b"\1\0", {}),
    (0x00100020, "LO", "abc", {}),
]


@pytest.mark.parametrize(("tag", "vr", "value", "context"), AMBIGUOUS)
@pytest.mark.parametrize("whole", [False, True])
def test_ambiguous_vrs(
    tag: int, vr: str, value: object, context: dict[str, object], whole: bool
) -> None:
    outcomes: list[object] = []
    for package, functions in ((pydcm, ours), (pydicom, theirs)):
        ds = _ambiguous(package, tag, vr, value, **context)
        try:
            if whole:
                found = functions.correct_ambiguous_vr(ds, True)[tag]
            else:
                found = functions.correct_ambiguous_vr_element(ds[tag], ds, True)
        except AttributeError:
            outcomes.append("AttributeError")
        else:
            outcomes.append((str(found.VR), found.value))
    assert outcomes[0] == outcomes[1]


def test_ambiguous_vrs_in_items_look_outwards() -> None:
    for package, functions in ((pydcm, ours), (pydicom, theirs)):
        inner = _ambiguous(package, 0x00280106, "US or SS", b"\xfe\xff")
        ds = package.dataset.Dataset()
        ds.PixelRepresentation = 1
        ds.ReferencedImageSequence = [inner]
        functions.correct_ambiguous_vr(ds, True)
        assert (str(inner[0x00280106].VR), inner[0x00280106].value) == ("SS", -2)


# --- values that cannot be written -----------------------------------------


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("US", -1), ("US", "text"), ("US", 1.5), ("FD", "x"), ("OB", 5), ("OB", [1, 2]),
        ("OW", 3.5), ("CS", "山田"), ("ZZ", "x"), ("SQ", "x"), ("AT", "text"),
    ],
)  # fmt: skip
def test_what_does_not_fit_raises(vr: str, value: object) -> None:
    with pytest.raises((WriteError, ValueError)):
        encode_value(vr, value, True, ["iso8859"])


@pytest.mark.parametrize(
    "vr", "AE AS AT CS DA DS DT FD IS LO OB OW PN SH SV TM UI UN US UT".split()
)
def test_none_is_an_empty_value(vr: str) -> None:
    assert encode_value(vr, None, True, ["iso8859"]) == b""
