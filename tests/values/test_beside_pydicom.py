from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from pydcm import config, values
from pydcm.charset import convert_encodings
from pydcm.values import decode_value
from tests.recording import recorded
from tests.shared import CORPUS, needs_corpus
from tests.values import outcome, plain

pydicom = pytest.importorskip("pydicom")
other_values = pytest.importorskip("pydicom.values")
other_config = pytest.importorskip("pydicom.config")

TABLE = {
    "AE": [b" ", b"  AE ", b"A\\ B \\", b"a" * 20, b"a\0", b"\xe9", b"ab\n", b"\xa0A", b" \\ "],
    "AS": [b"012Y", b"12Y ", b" 012Y", b"012Y\0"],
    "AT": [b"\x10\0\x20\0", b"\x10\0\x20\0\x11\0\x20\0", b"\x10\0\x20", b"\x10\0\x20\0\1"],
    "CS": [b"A", b" a", b"A\\B ", b"A \\ B", b"A\0 ", b"A" * 17, b"A\xe9", b"\\", b"\0", b"A\n"],
    "DA": [b"20200101", b"2020.01.01", b"20200101 ", b"2020\\2021", b"-20200202", b"  ", b"\\"],
    "DS": [
        *(b"1.5", b" 1.5 ", b"1.5\\2", b"1.5\\", b"\\", b"abc", b"1.5 \0", b"1,5", b"nan", b"inf"),
        *(b" ", b"1e5", b"1_0", b"\0", b"1.5\\ \\2", b"1.5\\abc", b"\xb2", b"1\n", b"-.5", b"+5."),
        *(b"1.23456789012345678", b"1 2", b"\xa01", b"1e400", b"1\0\\2", b"\0001", b"-"),
    ],
    "DT": [b"20200101120000", b"20200101120000.123456+0100", b"abc", b"2020\\2021", b"2020\0"],
    "FD": [bytes(8), bytes(16), bytes(7)],
    "FL": [b"\0\0\x80\x3f", bytes(8), bytes(3)],
    "IS": [
        *(b"1", b" 1 ", b"1\\2", b"1.0", b"1.5", b"abc", b"1\0", b"2147483648", b"1\\", b"1e3"),
        *(b"1_0", b"\0", b"1\\ \\2", b"0x1", b"+1", b"-1", b"1\\1.5", b"12345678901234", b"nan"),
        *(b"inf", b"\xb2", b"1\n", b"-", b"1 2", b"\xa01", b"1\\\\2", b"1\0\\2", b"99999999999"),
    ],
    "LO": [
        *(b" a ", b"a\\b ", b"a \0 ", b"\xe9", b"a" * 65, b"a\nb", b"\\", b"\0\0", b"a \\ b"),
        *(b"a\\" + b"b" * 65, b"a" * 64 + b"  ", b"a" * 64 + b" \\b", b"a\0\\b\0", b"\0a"),
    ],
    "LT": [b" a ", b"a\\b ", b"a \0 ", b"\xe9", b"a" * 10241, b"a\r\n", b"\\", b"a\\\0"],
    "OB": [b"abc", b"abc\0"],
    "OW": [b"abc"],
    "PN": [
        *(b"A^B ", b"A^B\0", b"A^B\\C^D ", b" A^B", b"\xe9^B", b"A=B=C=D", b"A" * 65, b"\\"),
        *(b"A^B^C^D^E^F", b"\0", b"A==", b"A^B \\C", b" A = B ", b"a" * 64 + b" ", b"A\0\\B"),
    ],
    "SH": [b"a" * 17, b" a ", b"a\\b ", b"a\0"],
    "SL": [b"\1\0\0\0", b"\1\0\0\0" * 2, b"\1\0\0"],
    "SS": [b"\1\xff", b"\1\0" * 2, b"\1"],
    "ST": [b"a" * 1025, b" a\\b "],
    "SV": [b"\1" + bytes(7), bytes(9)],
    "TM": [b"12", b"120000.123456", b"12:00", b"abc", b"120000 ", b"12\\13", b" 12", b"12\0"],
    "UC": [b" a ", b"a\\b ", b"a\0", b"\xe9", b"a\r\n "],
    "UI": [
        *(b"1.2.3\0", b"1.2 ", b"1.2\\1.3\0", b"1.02", b"abc", b" 1.2", b"1" * 65, b"\\", b"\0"),
        *(b"1.2\n", b"\xe9", b"1.2 \\1.3 ", b"1.2\0\\1.3\0", b"1.2\\", b"1..2", b".1", b"0"),
    ],
    "UL": [b"\1\0\0\0", b"\1\0\0\0" * 2, b"\1\0\0\0\1"],
    "UN": [b"abc"],
    "UR": [b"http://a b ", b" http://a", b"http://a\\b", b"http://a\0", b"\xe9", b"a\r\n "],
    "US": [b"\1\0", b"\1\0" * 2, b"\1"],
    "UT": [b" a ", b"a\\b ", b"a\0", b"\xe9", b"a\t "],
    "UV": [b"\1" + bytes(7), bytes(9)],
    "US or SS": [b"\1\0", b"\1\0\1"],
    "US or OW": [b"ab"],
    "OB or OW": [b"a"],
    "XX": [b"abc"],
}

# VR, value, and why this package returns another value in the lenient modes.
DIFFERENT_LENIENT = {
    ("IS", b"inf"): "infinity is no error of another kind than other text that is no integer",
    ("XX", b"abc"): "the value of an unknown VR is kept as bytes (PS3.5 6.2.2)",
}
# The same for the strict mode.
DIFFERENT_STRICT = {
    ("AT", b"\x10\0\x20"): "bytes that are no tag are an error",
    ("AT", b"\x10\0\x20\0\1"): "bytes that are no tag are an error",
}
# Values that become text, which this package says and pydicom does not.
SAID = {
    *(("DS", value) for value in (b"abc", b"1,5", b"1.5\\abc", b"\xb2", b"1 2")),
    *(("DS", value) for value in (b"1\0\\2", b"\0001", b"-")),
    ("AT", b"\x10\0\x20"),
    ("AT", b"\x10\0\x20\0\1"),
}


def _other(vr: str, value: bytes, encodings: list[str] | None = None) -> tuple[object, list[str]]:
    raw = pydicom.dataelem.RawDataElement(
        pydicom.tag.Tag(0x00091001), vr, len(value), value, 0, False, True
    )
    return outcome(other_values.convert_value, vr, raw, encodings)


@pytest.fixture(params=[config.WARN, config.RAISE, config.IGNORE])
def mode(request: pytest.FixtureRequest) -> Iterator[int]:
    before = other_config.settings.reading_validation_mode
    other_config.settings.reading_validation_mode = request.param
    with config.validation(reading=request.param):
        yield request.param
    other_config.settings.reading_validation_mode = before


def test_values_agree_with_pydicom(mode: int) -> None:
    different = DIFFERENT_STRICT if mode == config.RAISE else DIFFERENT_LENIENT
    found = set()
    for vr, examples in TABLE.items():
        for value in (b"", *examples):
            ours, ours_said = outcome(decode_value, vr, value, True, ["iso8859"])
            theirs, theirs_said = _other(vr, value)
            if ours != theirs:
                found.add((vr, value))
            elif bool(ours_said) != bool(theirs_said):
                assert (vr, value) in SAID
    assert found - {("XX", b"")} == set(different)


@pytest.mark.parametrize(
    "name", ["use_none_as_empty_text_VR_value", "datetime_conversion", "use_DS_decimal"]
)
def test_settings_agree_with_pydicom(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, name, True)
    monkeypatch.setattr(other_config, name, True)
    if name == "use_DS_decimal":
        monkeypatch.setattr(pydicom.valuerep, "DSclass", pydicom.valuerep.DSdecimal)
    for vr in ("AE", "DA", "TM", "DT", "DS", "LO", "PN", "UI", "US", "OB"):
        for value in (b"", *TABLE.get(vr, [])):
            theirs = _other(vr, value)[0]
            # pydicom raises decimal.InvalidOperation for what is no number, and
            # takes a NUL at the end for a part of a date or time.
            if theirs != "error" and not (vr in ("DA", "DT", "TM") and value.endswith(b"\0")):
                assert outcome(decode_value, vr, value, True, ["iso8859"])[0] == theirs


def test_signatures_are_those_of_pydicom() -> None:
    names = [name for name in values.__all__ if name.startswith(("convert_", "multi_"))]
    assert len(names) == 22
    for name in names:
        theirs = inspect.signature(getattr(other_values, name)).parameters
        ours = inspect.signature(getattr(values, name)).parameters
        assert list(ours) == list(theirs), name
        assert [p.default for p in ours.values()] == [p.default for p in theirs.values()], name
    assert values.converters.keys() == other_values.converters.keys()


# --- real files -----------------------------------------------------------------------------


def _raw_elements(ds: Any, terms: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield VR, raw element and character set of each element of a data set."""
    terms = ds.get("SpecificCharacterSet") or terms
    for tag in list(ds.keys()):
        raw = ds.get_item(tag)
        if not raw.is_raw:
            if raw.VR == "SQ":
                for item in raw.value:
                    yield from _raw_elements(item, terms)
            continue
        data: dict[str, Any] = {}
        pydicom.hooks.raw_element_vr(raw, data, ds=ds)
        if data["VR"] in other_values.converters and data["VR"] != "SQ":
            yield str(data["VR"]), raw, terms


def _data_sets() -> Iterator[Any]:
    for path in sorted(CORPUS.rglob("*.dcm")):
        try:
            yield pydicom.dcmread(path, force=True, stop_before_pixels=True)
        except Exception:  # what pydicom cannot open cannot be compared
            continue


@needs_corpus
@pytest.mark.filterwarnings("ignore")
def test_all_values_of_real_files_agree_with_pydicom() -> None:
    compared = 0
    for ds in _data_sets():
        for vr, raw, terms in _raw_elements(ds, None):
            encodings = convert_encodings(terms)
            try:
                theirs = other_values.convert_value(vr, raw, encodings)
            except Exception:  # nothing to compare with
                continue
            ours = decode_value(vr, raw.value or b"", raw.is_little_endian, encodings)
            assert plain(ours) == plain(theirs), (vr, raw)
            compared += 1
    assert compared > 50_000


def test_warnings_are_user_warnings() -> None:
    with recorded() as caught:
        decode_value("LO", b"a" * 65, True, ["iso8859"])
        decode_value("DS", b"abc", True, ["iso8859"])
    assert [warning.category for warning in caught] == [UserWarning, UserWarning]
