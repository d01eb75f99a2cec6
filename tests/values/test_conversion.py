from __future__ import annotations

import struct
from typing import Any

import pytest

from pydcm import config, values
from pydcm.charset import convert_encodings
from pydcm.dataelem import RawDataElement
from pydcm.errors import BytesLengthException, UnknownVRError, ValueRepresentationError
from pydcm.multival import MultiValue
from pydcm.tag import BaseTag
from pydcm.uid import UID


def raw_element(vr: str, value: bytes | None, little_endian: bool = True) -> RawDataElement:
    length = len(value or b"")
    return RawDataElement(BaseTag(0x00091001), vr, length, value, 0, False, little_endian)


@pytest.mark.parametrize(
    ("vr", "value", "encodings", "expected"),
    [
        ("LO", b"\xe9", None, "é"),
        ("LO", b"\xe9", "latin_1", "é"),
        ("LO", b"\xe9", "ISO_IR 100", "é"),
        ("LO", "é".encode(), ["UTF8"], "é"),
        ("US", b"\1\0", None, 1),
        ("US", None, None, None),
        ("LO", None, None, ""),
        ("SQ", None, None, []),
        ("SQ", b"", None, []),
    ],
)
def test_convert_value(
    vr: str, value: bytes | None, encodings: str | list[str] | None, expected: object
) -> None:
    assert values.convert_value(vr, raw_element(vr, value), encodings) == expected


def test_convert_value_refuses_an_unknown_vr() -> None:
    with pytest.raises(UnknownVRError, match="XX") as caught:
        values.convert_value("XX", raw_element("XX", b"ab"))
    assert isinstance(caught.value, NotImplementedError)


def test_a_program_may_replace_converters(monkeypatch: pytest.MonkeyPatch) -> None:
    def hexadecimal(raw: bytes, little_endian: bool) -> str:
        return raw.hex()

    def scaled(raw: bytes, little_endian: bool, code: str) -> float:
        return float(struct.unpack("<" + code, raw)[0]) / 10

    monkeypatch.setitem(values.converters, "UN", hexadecimal)
    monkeypatch.setitem(values.converters, "US", (scaled, "H"))
    assert values.convert_value("UN", raw_element("UN", b"\xff\0")) == "ff00"
    assert values.convert_value("US", raw_element("US", b"\5\0")) == 0.5
    assert values.convert_value("UN", raw_element("UN", b"")) is None


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("little_endian", [True, False])
def test_convert_sq(implicit: bool, little_endian: bool) -> None:
    order = "<" if little_endian else ">"
    header = struct.pack(f"{order}HH", 0x0008, 0x0060)
    length = struct.pack(f"{order}I", 2) if implicit else b"CS" + struct.pack(f"{order}H", 2)
    element = header + length + b"CT"
    item = struct.pack(f"{order}HHI", 0xFFFE, 0xE000, len(element)) + element
    sequence = values.convert_SQ(item * 2, implicit, little_endian)
    assert [ds.Modality for ds in sequence] == ["CT", "CT"]
    assert len(values.convert_SQ(b"", implicit, little_endian)) == 0


def test_items_of_convert_sq_take_its_character_set() -> None:
    element = b"\x10\0\x10\0PN\2\0\xe9 "
    item = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(element)) + element
    sequence = values.convert_SQ(item, False, True, convert_encodings("ISO_IR 144"))
    assert sequence[0].PatientName == b"\xe9".decode("iso8859_5")
    raw = raw_element("SQ", item)
    assert values.convert_value("SQ", raw, "ISO_IR 100")[0].PatientName == "é"


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        (values.convert_string, b"A\\B ", ["A", "B"]),
        (values.convert_AE_string, b" A ", "A"),
        (values.convert_UR_string, b"http://a ", "http://a"),
        (values.convert_DA_string, b"20200101", "20200101"),
        (values.convert_TM_string, b"12", "12"),
        (values.convert_DT_string, b"2020", "2020"),
        (values.convert_DS_string, b"1.5\\2", [1.5, 2]),
        (values.convert_DS_string, b"", ""),
        (values.convert_IS_string, b"1\\2", [1, 2]),
        (values.convert_UI, b"1.2\0", "1.2"),
        (values.convert_OBvalue, b"a", b"a"),
        (values.convert_OWvalue, b"a", b"a"),
        (values.convert_OVvalue, b"a", b"a"),
        (values.convert_UN, b"a", b"a"),
        (values.convert_ATvalue, b"\x10\0\x20\0", 0x00100020),
    ],
)
def test_functions_for_single_vrs(function: Any, value: bytes, expected: object) -> None:
    assert function(value, True) == expected
    assert function(value, is_little_endian=True, struct_format=None) == expected


def test_convert_ds_string_does_not_guess() -> None:
    with pytest.raises(ValueRepresentationError):
        values.convert_DS_string(b"abc", True)


@pytest.mark.parametrize(
    ("value", "code", "little", "big"),
    [
        (b"", "H", "", ""),
        (b"ab", "H", 0x6261, 0x6162),
        (b"abcdefgh", "l", [0x64636261, 0x68676665], [0x61626364, 0x65666768]),
        (b"ab", "B", [97, 98], [97, 98]),
    ],
)
def test_convert_numbers(value: bytes, code: str, little: object, big: object) -> None:
    assert values.convert_numbers(value, True, code) == little
    assert values.convert_numbers(value, False, code) == big


def test_convert_numbers_refuses_a_part_of_a_number() -> None:
    with pytest.raises(BytesLengthException, match="5 bytes"):
        values.convert_numbers(b"abcde", True, "L")


def test_convert_tag() -> None:
    assert values.convert_tag(b"\0\0\x10\0\x20\0", True, 2) == 0x00100020
    with pytest.raises(BytesLengthException):
        values.convert_tag(b"\x10\0\x20", True)


def test_convert_text_validates_only_by_a_vr() -> None:
    with config.validation(reading=config.RAISE):
        assert values.convert_text(b"a" * 65) == "a" * 65
        assert values.convert_single_string(b"a\\" * 600 + b" ") == "a\\" * 600
        with pytest.raises(ValueRepresentationError):
            values.convert_text(b"a" * 65, None, "LO")
        with pytest.raises(ValueRepresentationError):
            values.convert_single_string(b"a" * 1025, ["UTF8"], "ST")


def test_convert_pn() -> None:
    names = values.convert_PN(b"\xe9^b\\c=d ", ["latin_1"])
    assert isinstance(names, MultiValue)
    assert [(str(name), name.original_string) for name in names] == [
        ("é^b", b"\xe9^b"),
        ("c=d", b"c=d"),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("a\\b\0", None, ["a", "b"]),
        ("a", None, "a"),
        ("", None, ""),
        ("1\\2 ", int, [1, 2]),
        ("1.2", UID, UID("1.2")),
    ],
)
def test_multi_string(text: str, kind: Any, expected: object) -> None:
    assert values.multi_string(text, kind) == expected
