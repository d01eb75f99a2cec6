"""Windows and VOI LUTs, bit for bit as pydicom computes them, and what is wrong with some."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm import limits
from pydcm.dataset import Dataset
from pydcm.errors import (
    ConformanceError,
    LimitError,
    MissingElementError,
    PydcmError,
    UnsupportedValueError,
)
from pydcm.pixels import apply_voi, apply_voi_lut, apply_windowing
from tests.pixels.twins import Array, lut, outcome, same, twins

theirs = pytest.importorskip("pydicom.pixels.processing")

GREY: dict[str, Any] = {
    "PhotometricInterpretation": "MONOCHROME2",
    "BitsStored": 12,
    "PixelRepresentation": 0,
}
FUNCTIONS = ["LINEAR", "LINEAR_EXACT", "SIGMOID"]
random = np.random.default_rng(11)
ARRAYS: dict[str, Array] = {
    "uint8": np.arange(256, dtype=np.uint8).reshape(16, 16),
    "int8": np.arange(-128, 128).astype(np.int8),
    "uint16": random.integers(0, 4096, (70, 90)).astype(np.uint16),
    "int16": random.integers(-1024, 3000, (2, 50, 40)).astype(np.int16),
    "big endian": random.integers(-1024, 3000, (50, 40)).astype(">i2"),
    "few of a wide range": np.array([-32768, -1, 0, 5, 32767], np.int16),
    "uint32": np.array([0, 1, 2**32 - 1], np.uint32),
    "int64": np.array([-(2**63), 0, 2**63 - 1]),
    "uint64": np.array([0, 100, 2**64 - 1], np.uint64),
    "float64": random.normal(40, 300, (130, 140)),
    "float32": random.normal(40, 300, (13, 14)).astype(np.float32),
    "not finite": np.array([np.nan, np.inf, -np.inf, 0.0]),
    "every other": np.arange(0, 2000, dtype=np.int16)[::2],
    "empty": np.zeros((0, 4), np.int16),
    "scalar": np.array(7, np.int16),
}


def _window(center: float = 40, width: float = 400, **elements: Any) -> tuple[Dataset, Any]:
    return twins(**{**GREY, "WindowCenter": center, "WindowWidth": width, **elements})


# --- windows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", ARRAYS)
def test_as_pydicom_computes_it(name: str, function: str) -> None:
    ours, peer = _window(VOILUTFunction=function)
    expected = outcome(theirs.apply_windowing, ARRAYS[name], peer)
    before = ARRAYS[name].copy()
    assert same(apply_windowing(ARRAYS[name], ours), expected)
    assert same(ARRAYS[name], before)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "elements",
    [
        {"PixelRepresentation": 1},
        {"PixelRepresentation": 1, "BitsStored": 16},
        {"BitsStored": 1},
        {"BitsStored": 64},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"RescaleSlope": 2, "RescaleIntercept": -1024},
        {"RescaleSlope": "0.1", "RescaleIntercept": "0.3", "PixelRepresentation": 1},
        {"RescaleSlope": -2, "RescaleIntercept": 7},
        {"RescaleSlope": 0, "RescaleIntercept": 7},
        {"RescaleSlope": 2},
        {"RescaleIntercept": 2},
        {"RescaleSlope": None, "RescaleIntercept": None},
        {"ModalityLUTSequence": [lut(4, 0, 8, [1, 2, 3, 4])]},
        {"ModalityLUTSequence": [lut(4, 0, 12, [1, 2, 3, 4])], "PixelRepresentation": 1},
        {"ModalityLUTSequence": []},
    ],
    ids=str,
)
def test_range_of_the_output(function: str, elements: dict[str, Any]) -> None:
    ours, peer = _window(VOILUTFunction=function, **elements)
    for array in (ARRAYS["int16"], ARRAYS["float64"]):
        expected = outcome(theirs.apply_windowing, array, peer)
        assert same(apply_windowing(array, ours), expected)


@settings(max_examples=200)
@given(
    function=st.sampled_from(FUNCTIONS),
    center=st.floats(-5000, 5000).map(lambda x: round(x, 6)),
    width=st.floats(1, 9000).map(lambda x: round(x, 6)),
    slope=st.one_of(st.none(), st.floats(-4, 4).map(lambda x: round(x, 4))),
    signed=st.integers(0, 1),
    bits=st.integers(1, 16),
    whole=st.booleans(),
)
def test_any_window_is_identical(
    function: str,
    center: float,
    width: float,
    slope: float | None,
    signed: int,
    bits: int,
    whole: bool,
) -> None:
    rescale = {} if slope is None else {"RescaleSlope": slope, "RescaleIntercept": -3.5}
    ours, peer = _window(
        round(center) if whole else center,
        round(width) if whole else width,
        VOILUTFunction=function,
        BitsStored=bits,
        PixelRepresentation=signed,
        **rescale,
    )
    half = center - width / 2
    edges = np.array([half, np.nextafter(half, 9e9), half + width, center, center - 0.5, 0.0])
    values = np.concatenate([edges, np.nextafter(edges, -9e9), np.linspace(half, center, 20)])
    for array in (values, np.arange(-40, 40).astype(np.int16)):
        assert same(apply_windowing(array, ours), outcome(theirs.apply_windowing, array, peer))


def test_linear_of_the_standard() -> None:
    # PS3.3 C.11.2.1.2.1: width 1 is a step, and the middle of width 3 is at c - 0.5.
    step, _ = _window(100, 1, BitsStored=8)
    assert apply_windowing(np.array([99, 100]), step).tolist() == [0, 255]
    ramp, _ = _window(100, 3, BitsStored=8)
    assert apply_windowing(np.array([98, 99, 100, 101]), ramp).tolist() == [0, 63.75, 191.25, 255]


def test_linear_exact_of_the_standard() -> None:
    ds, _ = _window(100, 4, VOILUTFunction="LINEAR_EXACT", BitsStored=8)
    found = apply_windowing(np.array([98.0, 99.0, 100.0, 102.0]), ds)
    assert found.tolist() == [0, 63.75, 127.5, 255]


def test_nan_stays_nan_even_in_a_step() -> None:
    ds, _ = _window(0, 1)
    found = apply_windowing(np.array([np.nan, -1, 1]), ds)
    assert np.isnan(found[0])
    assert found[1:].tolist() == [0, 4095]


def test_an_array_without_window_comes_back() -> None:
    ds, _ = twins(**GREY)
    array = ARRAYS["int16"]
    assert apply_windowing(array, ds) is array
    assert apply_voi_lut(array, ds) is array
    assert apply_voi(array, ds) is array


@pytest.mark.parametrize(
    ("center", "width", "index"),
    [([2, 3], [4, 6], 0), ([2, 3], [4, 6], 1), ([2, 3], [4, 6], -1), (2, 4, 1), ([2, 3], 4, 1),
     (2, [4, 6], 1)],
)  # fmt: skip
def test_which_window(center: Any, width: Any, index: int) -> None:
    ours, peer = _window(center, width)
    array = ARRAYS["uint8"]
    expected = theirs.apply_windowing(array, peer, index=index)
    assert same(apply_windowing(array, ours, index=index), expected)


def test_no_such_window() -> None:
    ds, _ = _window([2, 3], [4, 6])  # type: ignore[arg-type]  # several windows
    for index in (2, -3):
        with pytest.raises(IndexError, match="WindowCenter has 2 values"):
            apply_voi_lut(ARRAYS["uint8"], ds, index)


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"WindowWidth": 0.5}, "at least 1"),
        ({"WindowWidth": 0}, "at least 1"),
        ({"WindowWidth": 0, "VOILUTFunction": "LINEAR_EXACT"}, "more than 0"),
        ({"WindowWidth": -3, "VOILUTFunction": "SIGMOID"}, "more than 0"),
        ({"VOILUTFunction": "FOO"}, "'FOO' is unknown"),
        ({"PhotometricInterpretation": "RGB"}, "monochrome"),
    ],
)
def test_no_window_for_pydicom_either(elements: dict[str, Any], message: str) -> None:
    ours, peer = _window(1, 4)
    for key, value in elements.items():
        setattr(ours, key, value)
        setattr(peer, key, value)
    assert isinstance(outcome(theirs.apply_windowing, ARRAYS["uint8"], peer), ValueError)
    with pytest.raises(ConformanceError, match=message):
        apply_windowing(ARRAYS["uint8"], ours)


@pytest.mark.parametrize(
    "keyword", ["PhotometricInterpretation", "BitsStored", "PixelRepresentation", "WindowWidth"]
)
def test_a_window_needs_these(keyword: str) -> None:
    ours, peer = _window()
    delattr(ours, keyword)
    delattr(peer, keyword)
    assert isinstance(outcome(theirs.apply_windowing, ARRAYS["uint8"], peer), Exception)
    with pytest.raises(MissingElementError, match=keyword):
        apply_windowing(ARRAYS["uint8"], ours)


def test_an_empty_function_is_linear() -> None:
    ours, _ = _window(VOILUTFunction=None)
    _, peer = _window()
    assert same(
        apply_windowing(ARRAYS["int16"], ours), theirs.apply_windowing(ARRAYS["int16"], peer)
    )


def test_output_is_limited() -> None:
    ds, _ = _window()
    with limits.using(max_array_bytes=100), pytest.raises(LimitError):
        apply_windowing(ARRAYS["uint8"], ds)


ANY = st.one_of(
    st.none(),
    st.just(""),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: float(f"{x:.9g}")),
    st.lists(st.integers(-5, 5), min_size=2, max_size=3),
    st.just("FOO"),
)


@settings(max_examples=300)
@given(elements=st.dictionaries(
    st.sampled_from(["WindowCenter", "WindowWidth", "BitsStored", "PixelRepresentation",
                     "RescaleSlope", "RescaleIntercept", "VOILUTFunction"]),
    ANY,
), index=st.integers(-3, 3))  # fmt: skip
def test_whatever_the_elements_say(elements: dict[str, Any], index: int) -> None:
    ds = Dataset()
    for key, value in {**GREY, "WindowCenter": 1, "WindowWidth": 4, **elements}.items():
        vr = {"W": "DS", "R": "DS", "V": "CS"}.get(key[0], "US")
        if outcome(ds.add_new, key, vr if key != "PhotometricInterpretation" else "CS", value):
            return  # no such element can be made
    found = outcome(apply_voi_lut, np.arange(5, dtype=np.int16), ds, index)
    assert isinstance(found, (np.ndarray, PydcmError, IndexError)), found


# --- tables -------------------------------------------------------------------------------------

TABLES: dict[str, dict[str, Any]] = {
    "16 bit": lut(4, 1, 16, [5, 6, 7, 65535]),
    "8 bit": lut(4, 1, 8, [5, 6, 7, 255]),
    "12 bit": lut(4, 1, 12, [5, 6, 7, 4095]),
    "from a negative value": lut(4, -1, 16, [5, 6, 7, 8]),
    "words": lut(4, 1, 16, b"\x01\x00\x02\x00\x03\x00\x04\x01", "OW"),
    "8 bit in words": lut(4, 1, 8, b"\x01\x00\x02\x00\x03\x00\x04\x00", "OW"),
    "more than said": lut(2, 1, 16, [5, 6, 7, 8]),
    "65536": lut(0, 0, 16, np.arange(65536, dtype="<u2")[::-1].tobytes(), "OW"),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", ["uint8", "int8", "uint16", "int16", "big endian", "float64"])
def test_table_as_pydicom_applies_it(table: str, name: str) -> None:
    ours, peer = twins(VOILUTSequence=[TABLES[table]])
    array = ARRAYS[name]
    if TABLES[table]["LUTDescriptor"][1][2] == 8:
        array = np.clip(array, -128, 255)  # beyond, pydicom counts modulo 256
    expected = outcome(theirs.apply_voi, array, peer)
    if isinstance(expected, OverflowError):  # numpy's, for a first value that int8 cannot have
        return
    if array.dtype.kind != "f":
        assert same(apply_voi(array, ours), expected)
        assert same(apply_voi_lut(array, ours), expected)
        return
    with pytest.warns(UserWarning, match="fractions"):
        found = apply_voi(array, ours)
    assert same(found, expected)


@pytest.mark.parametrize("prefer", [True, False])
@pytest.mark.parametrize(
    "items",
    [
        [TABLES["16 bit"]],
        [{}],
        [{"LUTDescriptor": ("US", [4, 0, 16])}],
        [{"LUTDescriptor": ("US", None), "LUTData": ("US", [1, 2])}],
        [],
    ],
)
def test_table_or_window(items: list[dict[str, Any]], prefer: bool) -> None:
    ours, peer = _window(VOILUTSequence=items)
    array = ARRAYS["uint8"]
    expected = theirs.apply_voi_lut(array, peer, prefer_lut=prefer)
    assert same(apply_voi_lut(array, ours, prefer_lut=prefer), expected)


def test_each_item_is_judged_by_itself() -> None:
    ds, _ = _window(VOILUTSequence=[{}, TABLES["16 bit"]])
    assert apply_voi_lut(ARRAYS["uint8"], ds, 0).dtype == np.float64
    assert apply_voi_lut(ARRAYS["uint8"], ds, 1).dtype == np.uint16
    ds, _ = _window(VOILUTSequence=[TABLES["16 bit"]])
    with pytest.raises(IndexError, match="1 values"):
        apply_voi_lut(ARRAYS["uint8"], ds, 1)


def test_only_known_depths() -> None:
    ds, peer = twins(VOILUTSequence=[lut(4, 1, 17, [5, 6, 7, 8])])
    assert isinstance(outcome(theirs.apply_voi, ARRAYS["uint8"], peer), NotImplementedError)
    with pytest.raises(UnsupportedValueError, match="17 bits") as caught:
        apply_voi(ARRAYS["uint8"], ds)
    assert isinstance(caught.value, NotImplementedError)
