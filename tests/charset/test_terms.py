from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm import charset
from pydcm.charset import convert_encodings
from pydcm.errors import (
    CharacterSetError,
)
from tests.recording import unwarned

EXACT: list[tuple[Any, list[str]]] = [
    (None, ["iso8859"]),
    ("", ["iso8859"]),
    ([], ["iso8859"]),
    ([""], ["iso8859"]),
    ("ISO_IR 6", ["iso8859"]),
    ("ISO_IR 100", ["latin_1"]),
    (("ISO_IR 100",), ["latin_1"]),
    (["", "ISO 2022 IR 87"], ["iso8859", "iso2022_jp"]),
    (["ISO 2022 IR 13", "ISO 2022 IR 159"], ["shift_jis", "iso2022_jp_2"]),
    (["ISO_IR 100", "ISO_IR 144"], ["latin_1", "iso_ir_144"]),
    ("ISO_IR 192", ["UTF8"]),
    ("ISO 2022 IR 203", ["iso8859_15"]),
    (r"ISO_IR 100\ISO 2022 IR 126", ["latin_1", "iso_ir_126"]),
    # Names of Python codecs, also those that this function returned before.
    ("utf8", ["utf8"]),
    ("windows-1252", ["windows-1252"]),
    (["iso8859", "iso_ir_58", "GB2312"], ["iso8859", "iso_ir_58", "GB2312"]),
]


@pytest.mark.parametrize(("terms", "encodings"), EXACT)
@pytest.mark.usefixtures("strict")
def test_right_declarations(terms: Any, encodings: list[str]) -> None:
    with unwarned():
        assert convert_encodings(terms) == encodings


@pytest.mark.parametrize(
    ("term", "encoding"),
    [
        ("ISO IR 100", "latin_1"),
        ("ISO-IR 100", "latin_1"),
        ("ISO_IR_100", "latin_1"),
        ("ISO_IR100", "latin_1"),
        ("ISOIR 100", "latin_1"),
        ("ISO_IR  100", "latin_1"),
        ("iso_ir 100", "latin_1"),
        (" ISO_IR 100", "latin_1"),
        ("ISO_IR 100\0", "latin_1"),
        ("ISO 2022-IR-100", "latin_1"),
        ("ISO 2022 IR100", "latin_1"),
        ("ISO2022IR 87", "iso2022_jp"),
        ("ISO_IR 87", "iso2022_jp"),
        ("ISO_IR 149", "euc_kr"),
        ("ISO 2022 IR 192", "UTF8"),
        ("ISO-IR-192", "UTF8"),
        ("ISO_IR 14", "shift_jis"),
        ("ISO 2022 GB18030", "GB18030"),
        ("GB_18030", "GB18030"),
        ("ISO 2022 B18030", "GB18030"),
        ("Not Supplied", "iso8859"),
        ("ISO_IR 999", "iso8859"),
        ("ISO_IR", "iso8859"),
        ("?", "iso8859"),
        ("utf_16", "iso8859"),
        ("utf-7", "iso8859"),
        ("hex", "iso8859"),
        ("undefined", "iso8859"),
        ("unicode_escape", "iso8859"),
        ("\0", "iso8859"),
        ("\udc80", "iso8859"),
        (5, "iso8859"),
        ([5], "iso8859"),
    ],
)
def test_wrong_declarations_are_repaired_with_a_warning(term: Any, encoding: str) -> None:
    with pytest.warns(UserWarning, match="Specific Character Set"):
        assert convert_encodings(term) == [encoding]


@pytest.mark.parametrize("term", ["ISO IR 100", "ISO-IR 100", "ISO 2022-IR-100"])
@pytest.mark.usefixtures("strict")
def test_wrong_separators_only_warn_when_strict(term: str) -> None:
    with pytest.warns(UserWarning, match="Specific Character Set"):
        assert convert_encodings(term) == ["latin_1"]


@pytest.mark.parametrize("term", ["ISO_IR 999", "Not Supplied", "ISO_IR 87", "ISO_IR100"])
@pytest.mark.usefixtures("strict")
def test_other_wrong_declarations_raise_when_strict(term: str) -> None:
    with pytest.raises(CharacterSetError) as caught:
        convert_encodings(["", term])
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize(
    ("terms", "encodings"),
    [
        (["ISO_IR 192", "ISO 2022 IR 58"], ["UTF8"]),
        (["GB18030", "GBK"], ["GB18030"]),
        (["ISO 2022 IR 6", "ISO_IR 192"], ["iso8859"]),
        (["ISO_IR 100", "GBK", "ISO 2022 IR 144"], ["latin_1", "iso_ir_144"]),
    ],
)
def test_terms_that_must_stand_alone(terms: list[str], encodings: list[str]) -> None:
    with pytest.warns(UserWarning, match="ignored"):
        assert convert_encodings(terms) == encodings


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=3)))
def test_no_declaration_raises(terms: str | list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for encoding in convert_encodings(terms):
            assert b"PATIENT".decode(encoding) == "PATIENT"


def test_a_program_may_choose_another_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(charset.python_encoding, "ISO_IR 13", "shift_jisx0213")
    assert convert_encodings("ISO_IR 13") == ["shift_jisx0213"]
