"""Checks of values: the same verdicts as pydicom over a table and over random text."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from pydcm import config, valuerep
from pydcm.config import IGNORE, RAISE, WARN
from pydcm.errors import ValueRepresentationError
from pydcm.valuerep import VALIDATORS, VR, fits, validate_value
from tests.recording import unwarned
from tests.valuerep.outcomes import outcome

VRS = [*VALIDATORS, "UC", "UT", "UN", "SQ", "AT", "ZZ"]

TEXTS = [
    *("", " ", "  ", "A", "a", "A B", "A\\B", "A" * 16, "A" * 17, "A" * 64, "A" * 65),
    *("A" * 1024, "A" * 1025, "A" * 10240, "A" * 10241, "é", "é" * 16, "é" * 17, "é" * 65),
    *("A\n", "A\0", "A\x1b", "\t", "A\tB", "A'B", 'A"B', "A_B", "-", "1-", "a\\b^c"),
    *("012Y", "012y", "12Y", "0120Y", "1", "12", "-1", "+1", "1.0", "1e5", "1 ", " 1", "1\n"),
    *("1" * 12, "1" * 13, "65536", "5.", ".5", ".", " +1.e5 ", "-.5E-10", "1e", "--1", "inf"),
    *("20010101", "2001", "20010101-", "-20010101", "20010101-20020101", "20011301"),
    *("20010132", "2001.01.01", "20010101 ", "20010101\n", "20010101- ", "-20010101 "),
    *("20010101-20010102 ", "20010101 -", "20010101--", "00000101", "20010001", "20010100"),
    *("120000", "12:00", "120000.123456", "120000.1234567", "1200-1300", "246060", "101112.1 "),
    *("101112.123456 ", "10 ", "1011 ", "101112 ", "101112.", "101112.1 -", "10-11 ", "-10 "),
    *("10- ", "101112.1-12.5", "235960", "235961", "2400", "20010101120000"),
    *("20010101120000.123456+0100", "20010101120000+0100 ", "2001+0100", "-2001+0100"),
    *("2001-0100-2002", "2001 ", "2001-2002 ", "2001- ", "-2001 ", "2001+0100 ", "2001.5"),
    *("20010101101112.1 +0100", "2001-1400", "2001+1400", "2001+2000", "2001-2000"),
    *("2001-0100-", "2001-2002-0100", "2001+0160", "0000", "9999-1960", "200102-03"),
    *("1.2.3", "1.02.3", "1.2.3\0", "1..2", "1.2.3 ", "0", "00", "1.00", ".1", "1.", "1 .1"),
    *("1" * 65, "1." * 32 + "1", "http://a b", "http://a ", "http://a", " http://a"),
    *("a^b", "a=b=c", "a=b=c=d", "A" * 64 + "=B", "A" * 65 + "=B", "a^b^c^d^e^f", "=" * 4),
]
OTHERS: list[object] = [
    *(None, 1, 0, -1, 1.5, True, [], ["A"], bytearray(b"A"), memoryview(b"A"), object()),
    *(Decimal(1), 65535, 65536, -32768, -32769, 2**31, -(2**31), -(2**31) - 1, 2**32),
    *(2**63, -(2**63), -(2**63) - 1, 2**64, b"\xe9", b"\xff" * 65, b"12", b"1234", b"12345678"),
]


def _random_texts() -> list[str]:
    chance = random.Random(6)
    texts = []
    for alphabet, most, prefix in (
        ("0123456789-+.eE 12:AZa^=\\\0\n_", 20, ""),
        ("0123-+. ", 16, ""),
        ("0011223-+.", 24, "2001"),
    ):
        for _ in range(300):
            length = chance.randint(0, most)
            texts.append(prefix + "".join(chance.choice(alphabet) for _ in range(length)))
    return texts


@pytest.mark.parametrize("vr", VRS)
def test_verdicts_are_those_of_pydicom(vr: str) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    texts = TEXTS + _random_texts()
    values = [*texts, *(text.encode("utf-8") for text in texts), *OTHERS]
    differences = [
        (value, mode)
        for value in values
        for mode in (IGNORE, WARN, RAISE)
        if outcome(lambda value=value, mode=mode: validate_value(vr, value, mode))  # type: ignore[misc]  # mypy infers no default
        != outcome(lambda value=value, mode=mode: theirs.validate_value(vr, value, mode))  # type: ignore[misc]  # mypy infers no default
    ]
    assert differences == []


def test_objects_of_the_value_classes_have_the_verdicts_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.valuerep")

    def objects(module: Any) -> list[object]:
        return [
            *(module.DA("20010101"), module.TM("10"), module.DT("2001")),
            *(module.DSfloat("1"), module.DSdecimal("1"), module.IS("1")),
            *(module.PersonName("a"), module.PersonName("a=b=c=d", validation_mode=IGNORE)),
        ]

    pairs = zip(objects(valuerep), objects(theirs), strict=True)
    verdicts = [
        (vr, type(own).__name__, outcome(lambda: validate_value(vr, own, RAISE)).raised)  # noqa: B023  # called at once
        == (vr, type(his).__name__, outcome(lambda: theirs.validate_value(vr, his, RAISE)).raised)  # noqa: B023  # called at once
        for own, his in pairs
        for vr in VRS
    ]
    assert all(verdicts)


@pytest.mark.parametrize("vr", ["DS", "IS", "DA", "TM", "AS", "DT"])
def test_only_ascii_digits_are_digits(vr: str) -> None:
    # PS3.5 6.2 names the characters 0 to 9; pydicom takes any digit of Unicode.
    valid = {"DS": "1.5", "IS": "12", "DA": "20010101", "TM": "1200", "AS": "012Y", "DT": "2001"}
    full_width = valid[vr].translate({ord("1"): "\N{FULLWIDTH DIGIT ONE}"})
    assert fits(vr, valid[vr])
    assert not fits(vr, full_width)


def test_a_warning_is_given_or_an_error_raised_by_mode() -> None:
    with pytest.warns(UserWarning, match="at most 16 characters, not 17"):
        validate_value("SH", "x" * 17, WARN)
    with pytest.raises(ValueRepresentationError, match="at most 16 characters, not 17"):
        validate_value("SH", "x" * 17, RAISE)
    with unwarned():
        validate_value("SH", "x" * 17, IGNORE)


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ValueRepresentationError) as caught:
        validate_value("UR", "^" * 100_000, RAISE)
    assert len(str(caught.value)) < 200


def test_a_given_validator_takes_the_place_of_the_own_one() -> None:
    def refuse(vr: str, value: object) -> tuple[bool, str]:
        return False, f"{value} is not wanted as {vr}"

    with pytest.raises(ValueRepresentationError, match="fine is not wanted as LO"):
        validate_value("LO", "fine", RAISE, refuse)
    with pytest.warns(UserWarning, match="not wanted"):
        validate_value("LO", "fine", WARN, refuse)


def test_members_and_plain_text_name_the_vr_alike() -> None:
    for vr in (VR.CS, "CS"):
        with pytest.raises(ValueRepresentationError, match="lower"):
            validate_value(vr, "lower", RAISE)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("validate_type", ("AE", 1, (str, bytes))),
        ("validate_type", ("AE", None, str)),
        ("validate_vr_length", ("SH", "a" * 17)),
        ("validate_vr_length", ("SH", "")),
        ("validate_vr_length", ("ZZ", "a" * 17)),
        ("validate_regex", ("CS", "a")),
        ("validate_regex", ("CS", b"a")),
        ("validate_regex", ("CS", "")),
        ("validate_regex", ("CS", None)),
        ("validate_type_and_length", ("LO", 1)),
        ("validate_type_and_length", ("LO", "a" * 65)),
        ("validate_type_and_regex", ("AS", "a")),
        ("validate_type_and_regex", ("AS", 5)),
        ("validate_length_and_type_and_regex", ("CS", "a" * 17)),
        ("validate_length_and_type_and_regex", ("CS", "A")),
        ("validate_date_time", ("DA", "x", str)),
        ("validate_date_time", ("DA", "x", int)),
        ("validate_pn", ("PN", "a=b=c=d")),
        ("validate_pn", ("PN", [])),
        ("validate_pn", ("PN", 5)),
        ("validate_pn_component_length", ("PN", "a" * 65)),
        ("validate_number", ("US", 5, 0, 3)),
        ("validate_number", ("US", 3, 0, 3)),
        ("validate_number", ("US", "3", 0, 3)),
        ("validate_number", ("US", b"12", 0, 3)),
        ("validate_number", ("US", b"123", 0, 3)),
    ],
)
def test_each_validator_judges_as_that_of_pydicom(name: str, arguments: tuple[object, ...]) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    is_valid, wrong = getattr(valuerep, name)(*arguments)
    assert is_valid == getattr(theirs, name)(*arguments)[0]
    assert bool(wrong) != is_valid


def test_a_component_of_a_name_is_checked_in_the_mode_for_writing() -> None:
    with config.validation(writing=RAISE), pytest.raises(ValueRepresentationError):
        valuerep.validate_pn_component("a" * 65)
    with config.validation(writing=RAISE, reading=IGNORE):
        valuerep.validate_pn_component(b"a" * 64)


def test_compiled_patterns_agree_with_the_validators() -> None:
    for vr, pattern in valuerep.STR_VR_REGEXES.items():
        for text in TEXTS:
            if text:
                assert bool(pattern.match(text)) == valuerep.validate_regex(vr, text)[0]
    for vr, byte_pattern in valuerep.BYTE_VR_REGEXES.items():
        for text in TEXTS:
            if text:
                encoded = text.encode("utf-8")
                assert bool(byte_pattern.match(encoded)) == valuerep.validate_regex(vr, encoded)[0]


@pytest.mark.parametrize("vr", ["DS", "IS", "UI", "DA", "TM", "DT", "UR"])
def test_hostile_text_is_judged_in_linear_time(vr: str) -> None:
    # Each would take hours if the pattern tried all ways to split a run.
    for run in ("1", "1.", " ", "-", "1-", "0.0", "a "):
        assert not fits(vr, run * 100_000 + "\0")
