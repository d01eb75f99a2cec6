"""How `dcmwrite` chooses the encoding: the same bytes or errors as pydicom 3.0.2, case by case."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

import pydcm
from pydcm.errors import PydcmError
from tests.recording import recorded
from tests.synthetic.encoder import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT

pydicom = pytest.importorskip("pydicom", minversion="3.0.2")

JPEG = "1.2.840.10008.1.2.4.50"
PRIVATE = "1.2.3"
NO_SYNTAX = "1.2.840.10008.1.1"
ENCAPSULATED = b"\xfe\xff\x00\xe0\0\0\0\0"


class Case(NamedTuple):
    """A data set by its parts, and how it is written."""

    syntax: str | None = None
    values: Mapping[str, object] = {}
    attributes: Mapping[str, object] = {}
    meta: Mapping[str, object] = {}
    options: Mapping[str, object] = {}


SOP = {"SOPClassUID": "1.2", "SOPInstanceUID": "1.3"}
IMPLICIT_LITTLE = {"implicit_vr": True, "little_endian": True}
EXPLICIT_LITTLE = {"implicit_vr": False, "little_endian": True}
EXPLICIT_BIG = {"implicit_vr": False, "little_endian": False}
ENFORCED = {"enforce_file_format": True}

CASES = {
    "nothing tells": Case(),
    "implicit": Case(options={"implicit_vr": True}),
    "explicit alone": Case(options={"implicit_vr": False}),
    "little alone": Case(options={"little_endian": True}),
    "big alone": Case(options={"little_endian": False}),
    "implicit little": Case(options=IMPLICIT_LITTLE),
    "implicit big": Case(options={"implicit_vr": True, "little_endian": False}),
    "explicit little": Case(options=EXPLICIT_LITTLE),
    "explicit big": Case(options=EXPLICIT_BIG),
    **{f"syntax {uid}": Case(uid) for uid in (IMPLICIT, EXPLICIT, BIG_ENDIAN, JPEG)},
    "syntax agrees": Case(EXPLICIT, options=EXPLICIT_LITTLE),
    "syntax agrees with one": Case(EXPLICIT, options={"implicit_vr": False}),
    "syntax is not implicit": Case(EXPLICIT, options={"implicit_vr": True}),
    "syntax is not explicit": Case(IMPLICIT, options={"implicit_vr": False}),
    "syntax is not little": Case(BIG_ENDIAN, options={"little_endian": True}),
    "syntax is not big": Case(EXPLICIT, options={"little_endian": False}),
    "forced": Case(EXPLICIT, options={**IMPLICIT_LITTLE, "force_encoding": True}),
    "forced big": Case(IMPLICIT, options={**EXPLICIT_BIG, "force_encoding": True}),
    "forced into what": Case(EXPLICIT, options={"force_encoding": True}),
    "forced into half": Case(
        EXPLICIT, options={"little_endian": True, "force_encoding": True}
    ),
    "private": Case(PRIVATE),
    "private explicit": Case(PRIVATE, options=EXPLICIT_LITTLE),
    "private implicit": Case(PRIVATE, options=IMPLICIT_LITTLE),
    "private big": Case(PRIVATE, options=EXPLICIT_BIG),
    "private half": Case(PRIVATE, options={"implicit_vr": False}),
    "no transfer syntax": Case(NO_SYNTAX),
    "no transfer syntax, told": Case(NO_SYNTAX, options=EXPLICIT_LITTLE),
    "attributes": Case(attributes={"is_implicit_VR": True, "is_little_endian": True}),
    "attributes big": Case(attributes={"is_implicit_VR": False, "is_little_endian": False}),
    "one attribute": Case(attributes={"is_implicit_VR": False}),
    "attributes and syntax": Case(
        EXPLICIT, attributes={"is_implicit_VR": True, "is_little_endian": True}
    ),
    "attributes and options": Case(
        attributes={"is_implicit_VR": True, "is_little_endian": True}, options=EXPLICIT_BIG
    ),
    "native under JPEG": Case(JPEG, {"PixelData": b"abcd", "BitsAllocated": 8}),
    "encapsulated": Case(JPEG, {"PixelData": ENCAPSULATED, "BitsAllocated": 8}),
    "native": Case(EXPLICIT, {"PixelData": b"abcd", "BitsAllocated": 8}),
    "native of 16 bits": Case(EXPLICIT, {"PixelData": b"abcd", "BitsAllocated": 16}),
    "enforced, incomplete": Case(EXPLICIT, options=ENFORCED),
    "enforced, no syntax": Case(values=SOP, options=ENFORCED),
    "enforced, explicit does not tell": Case(
        values=SOP, options={**ENFORCED, **EXPLICIT_LITTLE}
    ),
    "preamble": Case(EXPLICIT, attributes={"preamble": bytes(128)}),
    "preamble alone": Case(
        attributes={"preamble": b"x" * 128}, options=EXPLICIT_LITTLE
    ),
    "no preamble": Case(EXPLICIT, attributes={"preamble": None}),
    "empty preamble": Case(EXPLICIT, attributes={"preamble": b""}),
    "short preamble": Case(EXPLICIT, attributes={"preamble": bytes(12)}),
    "long preamble": Case(EXPLICIT, attributes={"preamble": bytes(129)}),
    "like the original": Case(EXPLICIT, options={"write_like_original": True}),
    "not like the original": Case(EXPLICIT, options={"write_like_original": False}),
    "unknown option": Case(EXPLICIT, options={"fast": True}),
    "unknown option beside a deprecated one": Case(
        EXPLICIT, options={"fast": True, "write_like_original": True}
    ),
    "meta": Case(
        EXPLICIT,
        meta={"MediaStorageSOPClassUID": "1.2", "FileMetaInformationGroupLength": 3},
    ),
    "meta without length": Case(EXPLICIT, meta={"SourceApplicationEntityTitle": "HERE"}),
    "too large a number": Case(EXPLICIT, {"Rows": 70000}),
    "no number": Case(EXPLICIT, {"Rows": "a"}),
    "numbers": Case(EXPLICIT, {"Rows": [1, 2], "PixelSpacing": [0.1, 1 / 3]}),
    "empty values": Case(
        EXPLICIT, {"Rows": None, "StudyDate": None, "PatientName": "", "PixelSpacing": []}
    ),
    "ISO 8859-1": Case(EXPLICIT, {"SpecificCharacterSet": "ISO_IR 100", "PatientName": "Ärzte"}),
    "UTF-8": Case(EXPLICIT, {"SpecificCharacterSet": "ISO_IR 192", "PatientName": "Ärzte"}),
    "a long value": Case(EXPLICIT, {"PatientID": "x" * 70000}),
    "a long value, implicit": Case(IMPLICIT, {"PatientID": "x" * 70000}),
}  # fmt: skip


def _made(package: Any, case: Case) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = package.dataset.Dataset()
        ds.PatientID = "1"
        if case.syntax is not None or case.meta:
            ds.file_meta = package.dataset.FileMetaDataset()
            ds.file_meta.TransferSyntaxUID = case.syntax
        for target, values in ((ds, case.values), (ds, case.attributes)):
            for name, value in values.items():
                setattr(target, name, value)
        for name, value in case.meta.items():
            setattr(ds.file_meta, name, value)
    return ds


def _outcome(
    write: Callable[..., None], ds: object, options: Mapping[str, object]
) -> tuple[bytes | Exception, set[type[Warning]]]:
    stream = io.BytesIO()
    with recorded() as caught:
        try:
            write(stream, ds, **options)
        except Exception as error:  # what either library raises is what is compared
            return error, {each.category for each in caught}
    return stream.getvalue(), {each.category for each in caught}


@pytest.mark.parametrize("name", CASES)
def test_the_same_bytes_or_the_same_error(name: str) -> None:
    case = CASES[name]
    ours, our_warnings = _outcome(pydcm.dcmwrite, _made(pydcm, case), case.options)
    theirs, their_warnings = _outcome(pydicom.dcmwrite, _made(pydicom, case), case.options)
    if isinstance(theirs, OSError):
        # With 'no number' and the like; here it is a WriteError, which is a ValueError.
        theirs = ValueError()
    if isinstance(theirs, Exception):
        kind = next(k for k in (ValueError, TypeError, AttributeError) if isinstance(theirs, k))
        assert isinstance(ours, kind)
    else:
        assert ours == theirs
    assert our_warnings == their_warnings


def test_deflated() -> None:
    ours, _ = _outcome(pydcm.dcmwrite, _made(pydcm, Case(DEFLATED)), {})
    assert isinstance(ours, bytes)
    assert pydicom.dcmread(io.BytesIO(ours), force=True).PatientID == "1"
    assert pydcm.dcmread(ours, force=True).PatientID == "1"


def test_what_a_file_cannot_hold() -> None:
    for package in (pydcm, pydicom):
        for tag in (0x00000002, 0x00020002):
            ds = _made(package, Case(EXPLICIT))
            ds.add_new(tag, "UI", "1.2")
            with pytest.raises(ValueError, match=r"dcmwrite|write_dataset|file_meta"):
                package.dcmwrite(io.BytesIO(), ds)


def test_ambiguous_vrs_that_nothing_settles() -> None:
    for package in (pydcm, pydicom):
        ds = _made(package, Case(EXPLICIT))
        ds.add_new(0x00280106, "US or SS", 4)
        ds.PixelData = b"ab"
        with pytest.raises(AttributeError, match="PixelRepresentation"):
            package.dcmwrite(io.BytesIO(), ds)


@pytest.mark.parametrize("target", [5, None, 1.5, ["path"]])
def test_targets_that_cannot_be_written(target: object) -> None:
    for package in (pydcm, pydicom):
        with pytest.raises(TypeError):
            package.dcmwrite(target, _made(package, Case(EXPLICIT)))


def test_the_encoding_it_was_read_in_is_kept() -> None:
    for options in (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG):
        first, _ = _outcome(pydcm.dcmwrite, _made(pydcm, Case()), options)
        assert isinstance(first, bytes)
        ds = pydcm.dcmread(first, force=True)
        assert _outcome(pydcm.dcmwrite, ds, {})[0] == first


def test_there_is_no_implicit_big_endian() -> None:
    # PS3.5 10. pydicom can be forced to write it.
    ds = _made(pydcm, Case(EXPLICIT))
    with pytest.raises(ValueError, match="no Implicit VR in big endian"):
        pydcm.dcmwrite(io.BytesIO(), ds, implicit_vr=True, little_endian=False, force_encoding=True)


@pytest.mark.parametrize("read_in", [IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG])
@pytest.mark.parametrize("syntax", [None, PRIVATE])
@pytest.mark.parametrize(
    "options",
    [
        {}, {"implicit_vr": False}, {"implicit_vr": True}, {"little_endian": True},
        {"little_endian": False},
    ],
    ids=str,
)  # fmt: skip
def test_what_was_read_and_half_of_what_is_told(
    read_in: Mapping[str, object], syntax: str | None, options: Mapping[str, object]
) -> None:
    data, _ = _outcome(pydicom.dcmwrite, _made(pydicom, Case()), read_in)
    assert isinstance(data, bytes)
    outcomes = []
    for package in (pydcm, pydicom):
        ds = package.dcmread(io.BytesIO(data), force=True)
        if syntax:
            ds.file_meta.TransferSyntaxUID = syntax
        outcomes.append(_outcome(package.dcmwrite, ds, options)[0])
    ours, theirs = outcomes
    assert ours == theirs or (isinstance(ours, ValueError) and isinstance(theirs, ValueError))


def test_an_error_says_what_to_do() -> None:
    with pytest.raises(PydcmError, match=r"file_meta\.TransferSyntaxUID"):
        pydcm.dcmwrite(io.BytesIO(), _made(pydcm, Case()))


# --- file meta information (PS3.10 7.1) ------------------------------------------------


@pytest.mark.parametrize("options", [{}, IMPLICIT_LITTLE, EXPLICIT_BIG])
@pytest.mark.parametrize("syntax", [None, IMPLICIT, EXPLICIT, BIG_ENDIAN])
def test_file_meta_is_completed(syntax: str | None, options: Mapping[str, object]) -> None:
    case = Case(syntax, SOP, options={**ENFORCED, **options})
    mine, theirs = _made(pydcm, case), _made(pydicom, case)
    ours, _ = _outcome(pydcm.dcmwrite, mine, case.options)
    other, _ = _outcome(pydicom.dcmwrite, theirs, case.options)
    assert isinstance(ours, bytes) == isinstance(other, bytes)
    if not isinstance(ours, bytes) or not isinstance(other, bytes):
        return
    back, their_back = pydcm.dcmread(ours), pydicom.dcmread(io.BytesIO(other))
    assert back.preamble == bytes(128)
    assert [int(each.tag) for each in back.file_meta] == [
        int(each.tag) for each in their_back.file_meta
    ]
    different = {
        each.keyword
        for each in back.file_meta
        if each.value != their_back.file_meta[each.tag].value
    }
    assert different <= {
        "ImplementationClassUID", "ImplementationVersionName", "FileMetaInformationGroupLength",
    }  # fmt: skip
    assert back.diagnostics == []
    # What is completed for the file is not put into the data set.
    assert hasattr(mine, "file_meta") == (syntax is not None)
    assert syntax is None or [each.keyword for each in mine.file_meta] == ["TransferSyntaxUID"]


def test_file_meta_that_is_there_is_kept() -> None:
    meta = {
        "MediaStorageSOPClassUID": "1.9",
        "ImplementationClassUID": "1.8",
        "ImplementationVersionName": "MINE",
        "SourceApplicationEntityTitle": "HERE",
    }
    ds = _made(pydcm, Case(EXPLICIT, SOP, meta=meta))
    stream = io.BytesIO()
    pydcm.dcmwrite(stream, ds, enforce_file_format=True)
    found = pydcm.dcmread(stream.getvalue()).file_meta
    assert (found.ImplementationClassUID, found.ImplementationVersionName) == ("1.8", "MINE")
    assert found.SourceApplicationEntityTitle == "HERE"
    # The data set tells what it is (PS3.10 7.1), as it does there.
    assert found.MediaStorageSOPClassUID == "1.2"
    length = found.FileMetaInformationGroupLength
    assert stream.getvalue()[144 + length :][:4] == b"\x08\0\x16\0"


@pytest.mark.parametrize("options", [{}, ENFORCED])
def test_writing_leaves_file_meta_as_it_is(options: Mapping[str, object]) -> None:
    case = Case(EXPLICIT, SOP, meta={"FileMetaInformationGroupLength": 3}, options=options)
    for package in (pydcm, pydicom):
        ds = _made(package, case)
        meta = ds.file_meta
        assert isinstance(_outcome(package.dcmwrite, ds, case.options)[0], bytes)
        assert ds.file_meta is meta
        assert [(each.keyword, each.value) for each in meta] == [
            ("FileMetaInformationGroupLength", 3), ("TransferSyntaxUID", EXPLICIT)
        ]  # fmt: skip


@pytest.mark.parametrize("value", ["", None, "1.9"])
def test_sop_uids_of_the_data_set_count_where_there_are_any(value: str | None) -> None:
    meta = {"MediaStorageSOPClassUID": "1.2", "MediaStorageSOPInstanceUID": "1.3"}
    case = Case(EXPLICIT, dict.fromkeys(SOP, value), meta=meta, options=ENFORCED)
    found = []
    for package in (pydcm, pydicom):
        data, _ = _outcome(package.dcmwrite, _made(package, case), case.options)
        assert isinstance(data, bytes)
        back = package.dcmread(io.BytesIO(data)).file_meta
        found.append((back.MediaStorageSOPClassUID, back.MediaStorageSOPInstanceUID))
    assert found[0] == found[1]


# --- pixels that were encapsulated and are not any more (PS3.5 A.4) ---------------------


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, DEFLATED])
@pytest.mark.parametrize("look", [False, True])
def test_native_pixels_in_a_data_set_that_was_compressed(look: bool, syntax: str) -> None:
    first, _ = _outcome(
        pydcm.dcmwrite,
        _made(
            pydcm,
            Case(
                JPEG,
                {"PixelData": ENCAPSULATED, "BitsAllocated": 8},
                attributes={"preamble": bytes(128)},
            ),
        ),
        {},
    )
    assert isinstance(first, bytes)
    outcomes = []
    for package in (pydcm, pydicom):
        ds = package.dcmread(io.BytesIO(first))
        assert not look or ds.PixelData == ENCAPSULATED
        ds.PixelData = b"wxyz"
        ds.file_meta.TransferSyntaxUID = syntax
        outcomes.append(_outcome(package.dcmwrite, ds, {})[0])
    ours, theirs = outcomes
    assert isinstance(ours, bytes)
    assert ours == theirs
    assert pydcm.dcmread(ours).PixelData == b"wxyz"


def test_native_pixels_in_a_private_transfer_syntax() -> None:
    outcomes = []
    for package in (pydcm, pydicom):
        uid = package.uid.UID("1.2.3.4")
        uid.set_private_encoding(False, True)
        ds = _made(package, Case(uid, {"PixelData": b"wxyz", "BitsAllocated": 8}))
        outcomes.append(_outcome(package.dcmwrite, ds, {})[0])
    ours, theirs = outcomes
    assert isinstance(ours, bytes)
    assert ours == theirs


def test_missing_elements_are_all_named() -> None:
    with pytest.raises(AttributeError) as caught:
        pydcm.dcmwrite(io.BytesIO(), _made(pydcm, Case(EXPLICIT)), enforce_file_format=True)
    assert "MediaStorageSOPClassUID, MediaStorageSOPInstanceUID" in str(caught.value)
