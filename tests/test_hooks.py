from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from pydcm import config, hooks
from pydcm.dataelem import RawDataElement, convert_raw_data_element
from pydcm.dataset import Dataset
from pydcm.errors import BytesLengthException, UnknownVRError, ValueRepresentationError
from pydcm.hooks import lookup_vr, unsigned_lut_entries
from pydcm.tag import BaseTag


@pytest.fixture(autouse=True)
def _default_hooks() -> Iterator[None]:
    yield
    hooks.hooks.reset()


@pytest.fixture
def ds() -> Dataset:
    made = Dataset()
    made.add_new(0x00090010, "LO", "GEMS_IDEN_01")
    made.add_new(0x00090011, "LO", "nobody knows this one")
    made.add_new(0x00290010, "LO", "SIEMENS CSA HEADER")
    return made


def raw_element(tag: int, vr: str | None, value: bytes | None, little: bool = True) -> Any:
    return RawDataElement(BaseTag(tag), vr, len(value or b""), value, 0, vr is None, little)


# --- the VR ---------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, "UN"])
@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (0x00080018, "UI"),
        (0x00280106, "US or SS"),
        (0x7FE00010, "OB or OW"),
        (0x00081140, "SQ"),
        # Repeating groups and elements.
        (0x60003000, "OB or OW"),
        (0x60200010, "US"),
        (0x50000010, "US"),
        (0x00203155, "CS"),
        (0x7F000010, "OB or OW"),
        # Private creators.
        (0x00090010, "LO"),
        (0x000900FF, "LO"),
        (0x00010010, "LO"),
        # Private elements of known creators, of unknown ones and of none.
        (0x00091001, "LO"),
        (0x00091002, "SH"),
        (0x00291010, "OB"),
        (0x000910FF, "UN"),
        (0x00091101, "UN"),
        (0x00091201, "UN"),
        (0x0009000F, "UN"),
        (0x00090100, "UN"),
        (0x00091000, "UN"),
        (0x60013000, "UN"),
        (0xFFFF1001, "UN"),
    ],
)
def test_lookup_vr(tag: int, given: str | None, vr: str, ds: Dataset) -> None:
    assert lookup_vr(tag, given, ds) == vr


@pytest.mark.parametrize("tag", [0x00080000, 0x00090000, 0x00020000])
def test_group_lengths_are_numbers(tag: int, ds: Dataset) -> None:
    assert lookup_vr(tag, None, ds) == "UL"


@pytest.mark.parametrize("tag", [0x00080018, 0x00091001, 0x00281234])
@pytest.mark.parametrize("vr", ["LO", "XX", "US or SS", ""])
def test_a_vr_in_the_file_counts(tag: int, vr: str, ds: Dataset) -> None:
    assert lookup_vr(tag, vr, ds) == vr


def test_private_elements_without_a_data_set_are_unknown() -> None:
    assert lookup_vr(0x00091001, None, None) == "UN"
    assert lookup_vr(0x00090010, None, None) == "LO"


@pytest.mark.parametrize("tag", [0x0028ABCD, 0x00081234, 0x10200010])
def test_an_element_that_the_dictionary_lacks(tag: int, ds: Dataset) -> None:
    with pytest.warns(UserWarning, match="the data dictionary has no element"):
        assert lookup_vr(tag, None, ds) == "UN"
    assert lookup_vr(tag, "UN", ds) == "UN"
    with config.validation(reading=config.RAISE):
        assert lookup_vr(tag, "UN", ds) == "UN"
        with pytest.raises(UnknownVRError) as caught:
            lookup_vr(tag, None, ds)
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize(
    ("tag", "length", "vr"),
    [
        (0x00080018, 0xFFFE, "UI"),
        (0x00080018, 0xFFFF, "UN"),
        (0x00081140, 0x10000, "UN"),
        (0x00091001, 0x10000, "LO"),
        (0x00090010, 0x10000, "LO"),
    ],
)
def test_un_stays_for_public_values_of_64_kilobytes(
    tag: int, length: int, vr: str, ds: Dataset
) -> None:
    assert lookup_vr(tag, "UN", ds, length) == vr
    data: dict[str, Any] = {}
    hooks.raw_element_vr(raw_element(tag, "UN", bytes(length)), data, ds=ds)
    assert data == {"VR": vr}


def test_un_can_be_left_alone(ds: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "replace_un_with_known_vr", False)
    for tag in (0x00080018, 0x00091001, 0x00090010):
        assert lookup_vr(tag, "UN", ds) == "UN"
    assert lookup_vr(0x00091001, None, ds) == "LO"


# --- the value ---------------------------------------------------------------------


def value_of(tag: int, vr: str, value: bytes | None, **kwargs: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"VR": vr}
    hooks.raw_element_value(raw_element(tag, vr, value), data, **kwargs)
    return data


@pytest.mark.parametrize(
    ("tag", "vr", "value", "expected"),
    [
        (0x00280010, "US", b"\5\0", 5),
        (0x00280010, "US", None, None),
        (0x00080018, "UI", None, ""),
        (0x00081140, "SQ", b"", []),
        # LUT descriptors begin with an unsigned number (PS3.3 C.11.1.1).
        (0x00281101, "SS", b"\0\xff\0\xff\x10\0", [0xFF00, -256, 16]),
        (0x00283002, "SS", b"\0\xff\0\0\x10\0", [0xFF00, 0, 16]),
        (0x00283002, "SS", b"\0\0\0\xff\x10\0", [0, -256, 16]),
        (0x00283002, "SS", b"\0\xff", -256),
        (0x00281201, "SS", b"\0\xff\0\0", [-256, 0]),
        (0x00283002, "DS", b"-1\\2\\16", [-1, 2, 16]),
    ],
)
def test_raw_element_value(tag: int, vr: str, value: bytes | None, expected: object) -> None:
    assert value_of(tag, vr, value) == {"VR": vr, "value": expected}


def test_text_takes_the_encoding() -> None:
    assert value_of(0x00100020, "LO", b"\xc3\xa9", encoding=["UTF8"])["value"] == "é"


def test_a_wrong_length_names_the_element_or_becomes_un(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BytesLengthException, match=r"\(0028,0010\) has VR US, but 3 bytes"):
        value_of(0x00280010, "US", b"abc")
    monkeypatch.setattr(config, "convert_wrong_length_to_UN", True)
    with pytest.warns(UserWarning, match="changed to UN"):
        assert value_of(0x00280010, "US", b"abc") == {"VR": "UN", "value": b"abc"}


def test_an_unknown_vr_is_kept_as_bytes_or_raises() -> None:
    with pytest.warns(UserWarning, match="no VR 'XX'"):
        assert value_of(0x00280010, "XX", b"ab") == {"VR": "XX", "value": b"ab"}
    with (
        config.validation(reading=config.RAISE),
        pytest.raises(UnknownVRError, match=r"\(0028,0010\)"),
    ):
        value_of(0x00280010, "XX", b"ab")


def test_unsigned_lut_entries_leaves_other_values_alone() -> None:
    for value in (None, -1, [], "a", [5, -1, 16]):
        assert unsigned_lut_entries(0x00283002, "SS", value) == value
    assert unsigned_lut_entries(0x00283002, "US", [-1]) == [-1]


# --- the ready-made alternatives ------------------------------------------------------


@pytest.mark.parametrize(
    ("vr", "value", "kwargs", "expected"),
    [
        ("DS", b"1,2", {"target_VRs": ("DS",)}, [1, 2]),
        ("DS", b"1;2", {"target_VRs": ("DS", "LO"), "separator": ";"}, [1, 2]),
        ("LO", b"a::b", {"target_VRs": ("LO",), "separator": b"::"}, ["a", "b"]),
        ("LO", b"a,b", {"target_VRs": ("DS",)}, "a,b"),
        ("LO", b"a,b", {}, "a,b"),
        ("LO", b"", {"target_VRs": ("LO",)}, ""),
        ("LO", None, {"target_VRs": ("LO",)}, ""),
        # A comma that is half of a two-byte character separates nothing.
        (
            "LO",
            b"\x1b$B,!\x1b(B,b",
            {"target_VRs": ("LO",), "encoding": ["iso8859", "iso2022_jp"]},
            None,
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:bytes that are no text")
def test_fix_separator(
    vr: str, value: bytes | None, kwargs: dict[str, Any], expected: object
) -> None:
    data: dict[str, Any] = {"VR": vr}
    raw = raw_element(0x00100020, vr, value)
    hooks.raw_element_value_fix_separator(raw, data, **kwargs)
    if expected is None:
        assert data["value"][1] == "b"
    else:
        assert data == {"VR": vr, "value": expected}


@pytest.mark.parametrize(
    ("vr", "value", "targets", "expected"),
    [
        ("DS", b"1,2", {"DS": ("LO",)}, {"VR": "LO", "value": "1,2"}),
        ("DS", b"1,2", {"DS": ("US", "XX", "LO")}, {"VR": "LO", "value": "1,2"}),
        ("DS", b"1.2", {"DS": ("LO",)}, {"VR": "DS", "value": 1.2}),
        ("US", b"abc", {"US": ("UL", "OB")}, {"VR": "OB", "value": b"abc"}),
    ],
)
def test_retry(
    vr: str, value: bytes, targets: dict[str, tuple[str, ...]], expected: dict[str, object]
) -> None:
    data: dict[str, Any] = {"VR": vr}
    with config.validation(reading=config.RAISE):
        raw = raw_element(0x00100020, vr, value)
        hooks.raw_element_value_retry(raw, data, target_VRs=targets)
    assert data == expected


@pytest.mark.parametrize("targets", [None, {}, {"LO": ("UT",)}, {"DS": ("US", "FD")}])
def test_retry_raises_the_first_error_if_nothing_helps(
    targets: dict[str, tuple[str, ...]] | None,
) -> None:
    data: dict[str, Any] = {"VR": "DS"}
    with (
        config.validation(reading=config.RAISE),
        pytest.raises(ValueRepresentationError, match="abc"),
    ):
        hooks.raw_element_value_retry(
            raw_element(0x00100020, "DS", b"abc"), data, target_VRs=targets
        )


# --- registration -----------------------------------------------------------------------


def test_registered_functions_are_called() -> None:
    seen: list[dict[str, Any]] = []

    def vr_callback(raw: RawDataElement, data: dict[str, Any], **kwargs: Any) -> None:
        seen.append(kwargs)
        data["VR"] = "LO"

    def value_callback(raw: RawDataElement, data: dict[str, Any], **kwargs: Any) -> None:
        seen.append(kwargs)
        data["value"] = "X"

    assert hooks.hooks.are_default()
    hooks.hooks.register_callback("raw_element_vr", vr_callback)
    assert not hooks.hooks.are_default()
    hooks.hooks.register_callback("raw_element_value", value_callback)
    hooks.hooks.register_kwargs("raw_element_kwargs", {"extra": 1})
    elem = convert_raw_data_element(raw_element(0x00100010, "PN", b"a"), encoding=["UTF8"])
    assert (elem.VR, elem.value) == ("LO", "X")
    assert seen == [{"encoding": ["UTF8"], "ds": None, "extra": 1}] * 2
    hooks.hooks.reset()
    assert hooks.hooks.are_default()


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("register_callback", ("nothing", len), ValueError),
        ("register_callback", ("raw_element_kwargs", len), ValueError),
        ("register_callback", ("raw_element_vr", 5), TypeError),
        ("register_callback", ("nothing", 5), TypeError),
        ("register_kwargs", ("raw_element_vr", {}), ValueError),
        ("register_kwargs", ("raw_element_kwargs", 5), TypeError),
        ("register_kwargs", ("raw_element_vr", 5), TypeError),
    ],
)
def test_wrong_registrations(
    method: str, arguments: tuple[object, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        getattr(hooks.Hooks(), method)(*arguments)


# --- beside pydicom -----------------------------------------------------------------------

EVERY_KIND_OF_TAG = [
    *(0x00080018, 0x00080000, 0x00090010, 0x000900FF, 0x00090001, 0x0009000F, 0x00090100),
    *(0x00091000, 0x00091001, 0x00091002, 0x000910FF, 0x00091101, 0x00091201, 0x00290010),
    *(0x00291010, 0x60003000, 0x60013000, 0x60200010, 0x50000010, 0x00280106, 0x0028ABCD),
    *(0x7FE00010, 0x00020010, 0x00020000, 0x00283002, 0x00070010, 0x00010010, 0x00031001),
    *(0xFFFF1001, 0xFFFEE000, 0xFFFEE00D, 0x00284000, 0x00000002, 0x1010A000, 0x00203155),
    *(0x7F000010, 0x70533000, 0x00041220, 0x0020930C, 0x00181411, 0x10200010, 0x00281101),
]


def test_vrs_agree_with_pydicom(ds: Dataset) -> None:
    pydicom = pytest.importorskip("pydicom")
    theirs = pydicom.Dataset()
    for tag in (0x00090010, 0x00090011, 0x00290010):
        theirs.add_new(tag, "LO", ds[tag].value)
    for tag in EVERY_KIND_OF_TAG:
        for vr in (None, "UN", "LO", "US or SS"):
            for value in (b"ab", b"", None, bytes(0xFFFF)):
                data: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    raw = raw_element(tag, vr, value)
                    hooks.raw_element_vr(raw, data[0], ds=ds)
                    pydicom.hooks.raw_element_vr(
                        raw._replace(tag=pydicom.tag.Tag(tag)), data[1], ds=theirs
                    )
                assert data[0] == data[1], (hex(tag), vr)
