from __future__ import annotations

import io
import warnings
from typing import Any

import pytest

import pydcm
from pydcm import charset
from pydcm.charset import convert_encodings, decode_bytes, encode_string
from pydcm.valuerep import PersonName
from tests.charset import MANY, TEXT
from tests.recording import recorded
from tests.shared import CORPUS, needs_corpus

# Value, codecs, and why this package differs on purpose.
DIFFERENT = [
    (b"\x1b-F\xeb", ["latin_1"], "an undeclared set is followed, with a warning as before"),
    (b"\x1b$B;3 ED\x1b(B", ["iso8859", "iso2022_jp"], "SPACE may stand between two bytes each"),
    (b"\x1b$B;3E", ["iso8859", "iso2022_jp"], "only what cannot be decoded is replaced"),
    (b"\x1b$)C\xfb", ["iso8859", "euc_kr"], "only what cannot be decoded is replaced"),
    (b"\x1b$B;3\nED", ["iso8859", "iso2022_jp"], "the set is not active after LF"),
    (b"\x1b)I\xd4\x1b$B;3\xd4", MANY, "G1 is still JIS X 0201 after G0 changed"),
    (b"\x1b$)C\xfb\xf3^\xd1\xce", ["iso8859", "euc_kr"], "the default repertoire has no G1"),
    (b"\x1b)I\xd4^\xd4", ["iso8859", "shift_jis"], "the default repertoire has no G1"),
    (b"\x1b$)A\xd0\xa1 a", ["iso8859", "iso_ir_58"], "an escape sequence is no text"),
]
SAME = [
    (b"abc", ["iso8859"]),
    (b"\xff\xe1", ["UTF8"]),
    (b"\xe9\xe8", ["iso8859"]),
    (b"\x1b-F\xeb", ["latin_1", "iso_ir_126"]),
    (b"\xe9\x1b-F\xeb\n\xe9", ["latin_1", "iso_ir_126"]),
    (b"\x1bxx\xe1", ["latin_1", "iso_ir_126"]),
    (b"a\x1b", ["latin_1", "iso_ir_126"]),
    (b"\x1b%G\xc3\xa9", ["iso8859"]),
    (b"\x1b(B\xe9", ["iso8859"]),
    (b"\x1b$B;3ED\x1b(J\xd4", ["iso8859", "shift_jis", "iso2022_jp"]),
    (b"\\~\xd4", ["shift_jis", "iso2022_jp"]),
    (b"a\xd4^\x1b$B;3\x1b(B^\xd4", ["latin_1", "iso2022_jp"]),
    (b"\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", ["iso8859", "euc_kr"]),
    (b"\x1b$B;3ED\x1b-A^Taro", ["latin_1", "iso2022_jp"]),
    (b"\x1b-La\x1b$B;3\x1b-L\xbb^b", ["iso_ir_144", "iso2022_jp"]),
]


def _other(function: Any, *args: object) -> tuple[object, bool]:
    with recorded() as caught:
        return function(*args), bool(caught)


def _agrees(other: Any, value: bytes, encodings: list[str]) -> bool:
    return all(
        _other(decode_bytes, value, encodings, delimiters)
        == _other(other.decode_bytes, value, encodings, delimiters)
        for delimiters in ({0x5E}, set(TEXT))
    )


def test_decoding_agrees_with_pydicom() -> None:
    other = pytest.importorskip("pydicom.charset")
    assert [case for case in SAME if not _agrees(other, *case)] == []


def test_differences_from_pydicom_are_up_to_date() -> None:
    other = pytest.importorskip("pydicom.charset")
    assert [case for case in DIFFERENT if _agrees(other, *case[:2])] == []


def test_declarations_agree_with_pydicom() -> None:
    other = pytest.importorskip("pydicom.charset")
    for term in {*other.python_encoding, "utf8", "cp1251", "foo", "ISO-IR 100"}:
        for terms in (term, ["", term], ["ISO_IR 100", term], [term, "ISO 2022 IR 87"]):
            ours = _other(convert_encodings, terms)
            assert ours == _other(other.convert_encodings, terms), terms


def test_public_names_are_those_of_pydicom() -> None:
    other = pytest.importorskip("pydicom.charset")
    for name in ("python_encoding", "CODES_TO_ENCODINGS", "ENCODINGS_TO_CODES"):
        ours: dict[object, object] = getattr(charset, name)
        assert ours.items() >= getattr(other, name).items()
    assert charset.STAND_ALONE_ENCODINGS == other.STAND_ALONE_ENCODINGS
    assert charset.default_encoding == other.default_encoding
    assert charset.custom_encoders.keys() == other.custom_encoders.keys()


def test_encoding_agrees_with_pydicom() -> None:
    other = pytest.importorskip("pydicom.charset")
    for text, encodings in [
        ("é", ["iso8859"]),
        ("λé", ["latin_1", "iso_ir_126"]),
        ("山田^太郎", ["iso8859", "iso2022_jp"]),
        ("洪", ["iso8859", "euc_kr"]),
        ("丂x山", ["iso8859", "iso2022_jp", "iso2022_jp_2"]),
        ("¥‾", ["shift_jis"]),
        ("é^é", ["ascii", "latin_1"]),
    ]:
        assert encode_string(text, encodings) == other.encode_string(text, encodings)


@pytest.mark.parametrize("keyword", ["PatientName", "OtherPatientNames", "StudyDescription"])
@pytest.mark.parametrize(
    "terms",
    [
        ["ISO 2022 IR 100", "ISO 2022 IR 87"],
        ["ISO 2022 IR 144", "ISO 2022 IR 87"],
        ["ISO 2022 IR 13", "ISO 2022 IR 87"],
        ["", "ISO 2022 IR 87", "ISO 2022 IR 159"],
    ],
)
def test_what_pydicom_writes_is_read(terms: list[str], keyword: str) -> None:
    pydicom = pytest.importorskip("pydicom")
    for text in ("山田^Taro", "山b", "b山=c", "Yamada^Taro=山田^太郎", "山田abc", "山 田 ab"):
        ds = pydicom.Dataset()
        ds.SpecificCharacterSet = terms
        setattr(ds, keyword, [text, text] if keyword == "OtherPatientNames" else text)
        stream = io.BytesIO()
        ds.save_as(stream, implicit_vr=False, little_endian=True)
        found = pydcm.dcmread(stream.getvalue(), force=True)[keyword].value
        names = found if keyword == "OtherPatientNames" else [found]
        assert [str(name) for name in names] == [text] * len(names)


@needs_corpus
def test_names_in_real_files_agree_with_pydicom() -> None:
    pydicom = pytest.importorskip("pydicom")
    compared = 0
    for path in sorted((CORPUS / "charsets").rglob("*.dcm")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ds = pydicom.dcmread(path, force=True)
            encodings = convert_encodings(ds.get("SpecificCharacterSet"))
            for elem in ds:
                if elem.VR != "PN" or elem.VM != 1:
                    continue
                name = PersonName(elem.value.original_string, encodings)
                # pydicom leaves escape sequences of GB 2312 in the text.
                assert str(name) == str(elem.value).replace("\x1b$)A", ""), path.name
                compared += 1
    assert compared >= 18
