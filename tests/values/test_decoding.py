from __future__ import annotations

import math
import struct
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm import config
from pydcm.errors import (
    BackendError,
    BytesLengthException,
    PydcmError,
    UnknownVRError,
    ValueRepresentationError,
)
from pydcm.multival import MultiValue
from pydcm.tag import BaseTag
from pydcm.uid import UID
from pydcm.valuerep import IS, STANDARD_VR, VR, DSfloat, PersonName
from pydcm.values import DECODERS, decode_value
from tests.recording import recorded, unwarned
from tests.values import plain

DEFAULT = ["iso8859"]


def decode(vr: str, raw: bytes, encodings: list[str] | None = None) -> object:
    return decode_value(vr, raw, True, encodings or DEFAULT)


@pytest.mark.parametrize(
    ("vr", "raw", "expected"),
    [
        ("AE", b"  AE  ", "AE"),
        ("AE", b"A\\ B \\", ["A", "B", ""]),
        ("AS", b"012Y", "012Y"),
        ("CS", b" A", " A"),
        ("CS", b"A \\ B\0 ", ["A ", " B"]),
        ("CS", b"\\", ["", ""]),
        ("DA", b"20200101 ", "20200101"),
        ("TM", b"120000.5\\13", ["120000.5", "13"]),
        ("DT", b"20200101120000\0", "20200101120000"),
        ("LO", b" a \0 ", " a"),
        ("LO", b"a \\ b", ["a", " b"]),
        ("SH", b"\\", ["", ""]),
        ("UC", b"a\\b", ["a", "b"]),
        ("LT", b"a\\b \0", "a\\b"),
        ("ST", b"a\r\n", "a\r\n"),
        ("UT", b" a", " a"),
        ("UR", b"http://a/b?c \n", "http://a/b?c"),
        ("UI", b"1.2.3\0", "1.2.3"),
        ("UI", b"1.2\\1.3\0", ["1.2", "1.3"]),
        ("PN", b"A^B ", "A^B"),
        ("PN", b"A^B\\C^D ", ["A^B", "C^D"]),
        ("OB", b"ab\0", b"ab\0"),
        ("OW", b"ab", b"ab"),
        ("UN", b"ab ", b"ab "),
        ("US or SS", b"\1\0", b"\1\0"),
    ],
)
def test_text_and_bytes(vr: str, raw: bytes, expected: object) -> None:
    assert decode(vr, raw) == expected


@pytest.mark.parametrize(
    ("vr", "raw", "kind"),
    [
        ("LO", b"a", str),
        ("LO", b"a\\b", MultiValue),
        ("UI", b"1.2", UID),
        ("PN", b"a", PersonName),
        ("DS", b"1.5", DSfloat),
        ("DS", b"1.5\\2", MultiValue),
        ("IS", b"1", IS),
        ("AT", b"\x10\0\x20\0", BaseTag),
        ("US", b"\1\0", int),
        ("US", b"\1\0\2\0", list),
        ("FD", bytes(8), float),
        (VR.OB, b"a", bytes),
        (VR.DS, b"1", DSfloat),
    ],
)
def test_classes(vr: str, raw: bytes, kind: type) -> None:
    assert type(decode(vr, raw)) is kind


@pytest.mark.parametrize("little_endian", [True, False])
@pytest.mark.parametrize(
    ("vr", "code", "numbers"),
    [
        ("US", "H", [1, 0xFFFF]),
        ("SS", "h", [-1, 0x7FFF]),
        ("UL", "I", [1, 0xFFFFFFFF]),
        ("SL", "i", [-1, 0x7FFFFFFF]),
        ("UV", "Q", [1, 0xFFFFFFFFFFFFFFFF]),
        ("SV", "q", [-1, 1 << 62]),
        ("FL", "f", [0.5, -2.25]),
        ("FD", "d", [0.1, math.inf]),
    ],
)
def test_binary_numbers(
    vr: str, code: str, numbers: list[int | float], little_endian: bool
) -> None:
    order = "<" if little_endian else ">"
    raw = struct.pack(f"{order}2{code}", *numbers)
    assert decode_value(vr, raw, little_endian, DEFAULT) == numbers
    assert decode_value(vr, raw[: len(raw) // 2], little_endian, DEFAULT) == numbers[0]
    with pytest.raises(BytesLengthException):
        decode_value(vr, raw[:-1], little_endian, DEFAULT)


def test_tags_in_both_byte_orders() -> None:
    assert decode_value("AT", b"\x10\0\x20\0", True, DEFAULT) == 0x00100020
    assert decode_value("AT", b"\0\x10\0\x20\0\x10\0\x21", False, DEFAULT) == [
        0x00100020,
        0x00100021,
    ]


def test_tags_of_wrong_length() -> None:
    with pytest.warns(UserWarning, match="after the last tag"):
        assert decode("AT", b"\x10\0\x20\0\1") == [0x00100020]
    with config.validation(reading=config.RAISE), pytest.raises(BytesLengthException):
        decode("AT", b"\x10\0\x20\0\1")


@pytest.mark.parametrize("vr", sorted(STANDARD_VR - {"SQ"}))
def test_empty_values(vr: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = vr in "AE AS CS DA DT LO LT PN SH ST TM UC UI UR UT".split()
    assert decode(vr, b"") == ("" if text else None)
    assert isinstance(decode(vr, b""), PersonName) is (vr == "PN")
    monkeypatch.setattr(config, "use_none_as_empty_text_VR_value", True)
    assert decode(vr, b"") is None


# --- character sets -----------------------------------------------------------------


@pytest.mark.parametrize("vr", ["LO", "SH", "LT", "ST", "UC", "UT", "PN"])
def test_text_is_in_the_declared_character_set(vr: str) -> None:
    assert decode(vr, "αé山".encode(), ["UTF8"]) == "αé山"
    assert decode(vr, b"\x1b$B;3ED\x1b(B", ["iso8859", "iso2022_jp"]) == "山田"
    assert decode(vr, b"\xe9", ["latin_1"]) == "é"


@pytest.mark.parametrize("vr", ["AE", "AS", "CS", "DA", "DT", "TM", "UR"])
def test_codes_are_in_the_default_repertoire(vr: str) -> None:
    assert decode(vr, b"\xe9", ["UTF8"]) == "é"


@pytest.mark.parametrize("vr", ["LO", "UC", "PN"])
@pytest.mark.parametrize(
    ("raw", "encodings", "values"),
    [
        (b"\x82\x5c\\a", ["GBK"], ["俓", "a"]),
        (b"\x83\x5c\\a", ["shift_jis"], None),
        (b"\x1b$BA\\\x1b(B\\b", ["iso8859", "iso2022_jp"], ["捜", "b"]),
        # A backslash makes the first set active again (PS3.5 6.1.2.5.3).
        (b"\x1b-F\xe1\\\xe9", ["latin_1", "iso_ir_126"], ["\N{GREEK SMALL LETTER ALPHA}", "é"]),
    ],
)
@pytest.mark.filterwarnings("ignore:text is not in")
def test_a_backslash_can_be_half_of_a_character(
    vr: str, raw: bytes, encodings: list[str], values: list[str] | None
) -> None:
    assert decode(vr, raw, encodings) == (values or ["ソ", "a"])


# --- validation -----------------------------------------------------------------------

INVALID = [
    ("LO", b"a" * 65),
    ("LO", b"a\\" + b"b" * 65),
    ("SH", b"a" * 17),
    ("ST", b"a" * 1025),
    ("LT", b"a" * 10241),
    ("UI", b"1.02"),
    ("UI", b"1." * 32 + b"1"),
    ("UI", b"1.2\\abc"),
    ("PN", b"a" * 65),
    ("PN", b"a=b=c=d"),
    ("IS", b"1.0"),
    ("IS", b"1.5"),
    ("IS", b"1\\1_0"),
    ("XX", b"abc"),
]


@pytest.mark.parametrize(("vr", "raw"), INVALID)
def test_invalid_values_are_read_as_the_mode_says(vr: str, raw: bytes) -> None:
    with recorded() as caught:
        kept = decode(vr, raw)
    assert caught
    assert {warning.category for warning in caught} == {UserWarning}
    with config.validation(reading=config.RAISE), pytest.raises(ValueRepresentationError):
        decode(vr, raw)
    with config.validation(reading=config.IGNORE), unwarned():
        assert plain(decode(vr, raw)) == plain(kept)


@pytest.mark.parametrize(
    ("vr", "raw", "encodings"),
    [
        ("LO", "é".encode() * 64, ["UTF8"]),
        ("PN", "张".encode() * 64, ["UTF8"]),
        ("PN", b"a" * 64 + b"=" + b"b" * 64, DEFAULT),
        ("PN", b"Yamada" * 5 + b"=" + b"\x1b$B;3ED\x1b(B^" * 8, ["iso8859", "iso2022_jp"]),
        ("LO", b"a" * 64 + b"\\" + b"b" * 64, DEFAULT),
        ("UC", b"a" * 70000, DEFAULT),
        ("UI", b"1.2\\\\1.3\0", DEFAULT),
        ("CS", b"lower case and too long for a code", DEFAULT),
        ("DA", b"2020.01.01", DEFAULT),
        ("AE", b"an application entity too long", DEFAULT),
        ("IS", b" +12 ", DEFAULT),
        ("DS", b" 1e5 \\-.5", DEFAULT),
    ],
)
def test_values_that_reading_accepts(vr: str, raw: bytes, encodings: list[str]) -> None:
    with config.validation(reading=config.RAISE), unwarned():
        assert decode(vr, raw, encodings) is not None


@pytest.mark.parametrize(
    ("vr", "raw", "kept"),
    [
        ("DS", b"abc", "abc"),
        ("DS", b"1,5", "1,5"),
        ("DS", b"1.5\\abc ", ["1.5", "abc"]),
        ("IS", b"abc", "abc"),
        ("IS", b"inf", "inf"),
        ("IS", b"1\\0x1", ["1", "0x1"]),
    ],
)
def test_a_number_that_is_none_is_kept_as_text(vr: str, raw: bytes, kept: object) -> None:
    with pytest.warns(UserWarning, match=f"no (valid )?value of VR {vr}") as caught:
        assert decode(vr, raw) == kept
    assert "read as text" in str(caught[-1].message)
    with config.validation(reading=config.RAISE), pytest.raises(ValueRepresentationError):
        decode(vr, raw)


@pytest.mark.parametrize("raw", [b"1.23456789012345678", b"nan", b"inf", b"1_0"])
def test_decimal_strings_are_validated_only_when_strict(raw: bytes) -> None:
    with unwarned():
        assert isinstance(decode("DS", raw), DSfloat)
    with config.validation(reading=config.RAISE), pytest.raises(ValueRepresentationError):
        decode("DS", raw)


def test_an_unknown_vr_is_read_as_bytes() -> None:
    with pytest.warns(UserWarning, match="no VR 'XX'"):
        assert decode("XX", b"ab") == b"ab"
    with config.validation(reading=config.RAISE), pytest.raises(UnknownVRError):
        decode("XX", b"ab")


# --- settings ---------------------------------------------------------------------------


def test_dates_and_times_as_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    monkeypatch.setattr(config, "datetime_conversion", True)
    assert decode("DA", b"20200229") == datetime.date(2020, 2, 29)
    assert decode("TM", b"1230 ") == datetime.time(12, 30)
    assert decode("DT", b"20200229123000\\2021") == [
        datetime.datetime(2020, 2, 29, 12, 30),
        datetime.datetime(2021, 1, 1),
    ]
    with pytest.warns(UserWarning, match="read as text"):
        assert decode("DA", b"20200230") == "20200230"
    with config.validation(reading=config.RAISE), pytest.raises(ValueRepresentationError):
        decode("DA", b"20200230")


def test_decimals(monkeypatch: pytest.MonkeyPatch) -> None:
    from decimal import Decimal

    monkeypatch.setattr(config, "use_DS_decimal", True)
    assert decode("DS", b"0.1\\0.2 ") == [Decimal("0.1"), Decimal("0.2")]
    assert type(decode("DS", b"0.1")).__name__ == "DSdecimal"
    with pytest.warns(UserWarning, match="read as text"):
        assert decode("DS", b"abc") == "abc"


def test_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    np = pytest.importorskip("numpy")
    monkeypatch.setattr(config, "use_DS_numpy", True)
    monkeypatch.setattr(config, "use_IS_numpy", True)
    numbers = decode("DS", b"0.5\\2 ")
    assert isinstance(numbers, np.ndarray)
    assert (numbers.dtype, numbers.tolist()) == (np.float64, [0.5, 2.0])
    assert type(decode("DS", b"1.5")) is np.float64
    assert type(decode("IS", b"1")) is np.int64
    integers = decode("IS", b"1\\ 2")
    assert isinstance(integers, np.ndarray)
    assert (integers.dtype, integers.tolist()) == (np.int64, [1, 2])
    for raw in (b"abc", b"1\\", b"1.0"):
        with pytest.warns(UserWarning, match="read as text"):
            assert plain(decode("IS", raw)) == plain(decode("CS", raw))
    with config.validation(reading=config.RAISE), pytest.raises(ValueRepresentationError):
        decode("DS", b"nan\\1")


def test_arrays_need_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.setattr(config, "use_DS_numpy", True)
    with pytest.raises(BackendError, match="numpy"):
        decode("DS", b"1")


# --- anything ----------------------------------------------------------------------------

ALPHABET = st.sampled_from([b"\\", b"\0", b" ", b"1", b".", b"-", b"\xe9", b"\x1b$B", b"=", b"^"])
HOSTILE = st.one_of(st.binary(max_size=40), st.lists(ALPHABET, max_size=20).map(b"".join))


@pytest.mark.parametrize("vr", [*sorted(DECODERS), "XX"])
@settings(max_examples=60, deadline=None)
@given(
    raw=HOSTILE,
    little_endian=st.booleans(),
    encodings=st.sampled_from([DEFAULT, ["UTF8"], ["GBK"], ["latin_1", "iso2022_jp", "euc_kr"]]),
    mode=st.sampled_from([config.IGNORE, config.WARN, config.RAISE]),
    as_objects=st.booleans(),
)
def test_no_bytes_raise_anything_but_our_errors(
    vr: str, raw: bytes, little_endian: bool, encodings: list[str], mode: int, as_objects: bool
) -> None:
    with (
        pytest.MonkeyPatch.context() as patch,
        config.validation(reading=mode),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        patch.setattr(config, "datetime_conversion", as_objects)
        patch.setattr(config, "use_DS_decimal", as_objects)
        try:
            value = decode_value(vr, raw, little_endian, encodings)
        except BytesLengthException:
            assert len(raw) % 2 or len(raw) % 4 or len(raw) % 8
        except PydcmError:
            assert mode == config.RAISE
        else:
            assert isinstance(str(value), str)
