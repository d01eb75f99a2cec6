"""Modality LUTs, what all tables share, and every file of the corpus beside pydicom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pydcm
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, LimitError, MissingElementError, PydcmError
from pydcm.limits import using
from pydcm.pixels import (
    apply_modality_lut,
    apply_presentation_lut,
    apply_rescale,
    apply_voi,
    apply_voi_lut,
    processing,
)
from pydcm.pixels.elementwise import mapped, taken
from tests.pixels.making import BIG_ENDIAN
from tests.pixels.twins import Array, lut, outcome, same, twins
from tests.shared import CORPUS, needs_corpus

theirs = pytest.importorskip("pydicom.pixels.processing")

STORED = np.arange(-10, 11, dtype=np.int16).reshape(3, 7)


def test_names_of_the_compatible_module() -> None:
    functions = {name for name in vars(theirs) if name.startswith(("apply_", "conv", "create_"))}
    assert set(processing.__all__) == functions
    assert apply_rescale is apply_modality_lut


# --- modality -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"RescaleSlope": 2},
        {"RescaleIntercept": 2},
        {"RescaleSlope": "2.5", "RescaleIntercept": "-1"},
        {"RescaleSlope": "0.1", "RescaleIntercept": "0.7"},
        {"ModalityLUTSequence": [], "RescaleSlope": 2, "RescaleIntercept": 1},
        {"ModalityLUTSequence": [lut(4, 1, 16, [5, 6, 7, 65535])]},
        {"ModalityLUTSequence": [lut(4, -2, 8, [5, 6, 7, 255])]},
        {"ModalityLUTSequence": [lut(4, 1, 16, b"\x01\x00\x02\x00\x03\x00\x04\x01", "OW")]},
        {"ModalityLUTSequence": [lut(4, 1, 8, b"\x01\x00\x02\x00\x03\x00\x04\x00", "OW")]},
    ],
    ids=str,
)
def test_modality_as_pydicom_applies_it(elements: dict[str, Any]) -> None:
    ours, peer = twins(**elements)
    for array in (STORED, (STORED + 10).astype(np.uint8), STORED.astype(">i2")):
        found, expected = (
            apply_modality_lut(array, ours),
            outcome(theirs.apply_rescale, array, peer),
        )
        if isinstance(expected, OverflowError):  # numpy's, for a first value that uint8 cannot have
            continue
        assert same(found, expected)
        assert (found is array) == ("ModalityLUTSequence" not in elements and len(elements) < 2)


@pytest.mark.parametrize("value", [None, "", [1, 2]])
def test_a_slope_that_is_no_number(value: Any) -> None:
    ours, peer = twins(RescaleSlope=value, RescaleIntercept=1)
    assert isinstance(outcome(theirs.apply_modality_lut, STORED, peer), (TypeError, ValueError))
    with pytest.raises(ConformanceError, match="RescaleSlope is"):
        apply_modality_lut(STORED, ours)


# --- what all tables share ----------------------------------------------------------------------


def _table(table: dict[str, Any], syntax: str | None = None) -> Dataset:
    return twins(syntax, ModalityLUTSequence=[table])[0]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (lut(4, 0, 8, b"\x01\x02\x03\x04", "OW"), [1, 2, 3, 4]),  # two to a word
        (lut(3, 0, 8, b"\x01\x02\x03\x00", "OW"), [1, 2, 3, 3]),
        (lut(4, 0, 8, [0x0201, 0x0403]), [1, 2, 3, 4]),  # the same as numbers
        (lut(4, 0, 12, [1, 2, 3, 4095]), [1, 2, 3, 4095]),
        (lut(4, 0, 5, [1, 2, 3, 31]), [1, 2, 3, 31]),
        (lut(1, 0, 16, 7), [7] * 4),  # one entry is no list
    ],
    ids=str,
)
def test_tables_that_only_the_standard_knows(table: dict[str, Any], expected: list[int]) -> None:
    found = apply_modality_lut(np.arange(4, dtype=np.uint16), _table(table))
    assert found.tolist() == expected
    assert found.dtype == (np.uint8 if table["LUTDescriptor"][1][2] <= 8 else np.uint16)


def test_big_endian_tables() -> None:
    words = _table(lut(4, 0, 16, b"\x00\x01\x00\x02\x00\x03\x01\x00", "OW"), BIG_ENDIAN)
    values = np.arange(4, dtype=np.uint16)
    assert apply_modality_lut(values, words).tolist() == [1, 2, 3, 256]
    octets = _table(lut(4, 0, 8, b"\x02\x01\x04\x03", "OW"), BIG_ENDIAN)
    assert apply_modality_lut(values, octets).tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("vr", ["OW", "US"])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", BIG_ENDIAN])
def test_tables_from_files_as_pydicom_reads_them(vr: str, syntax: str) -> None:
    from io import BytesIO

    import pydicom

    data = b"\x01\x00\x02\x00\x03\x00\x04\x01" if vr == "OW" else [1, 2, 3, 260]
    ds = _table(lut(4, 0, 16, data, vr), syntax)
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
    file = BytesIO()
    ds.save_as(file, enforce_file_format=True)
    ours, peer = pydcm.dcmread(file.getvalue()), pydicom.dcmread(BytesIO(file.getvalue()))
    assert same(apply_modality_lut(STORED, ours), theirs.apply_modality_lut(STORED, peer))


def test_first_value_that_belongs_to_signed_pixels() -> None:
    ds = _table(lut(3, 65535, 16, [7, 8, 9]))
    assert apply_modality_lut(np.array([-2, -1, 0, 1, 2], np.int16), ds).tolist() == [7, 7, 8, 9, 9]
    assert apply_modality_lut(np.array([0, 65535], np.uint16), ds).tolist() == [7, 7]


@pytest.mark.parametrize(
    "table",
    [
        lut(4, 1, 16, [1, 2, 3]),
        lut(4, 1, 16, b"\x01\x00\x02", "OW"),
        lut(4, 1, 16, b"", "OW"),
        lut(4, 1, 16, None),
        lut(0, 0, 16, [1, 2]),
        lut(4, 1, 8, [1, 2, 3, 256]),
        {"LUTDescriptor": ("US", [4, 0]), "LUTData": ("US", [1, 2, 3, 4])},
        {"LUTDescriptor": ("US", [4, 0, 16, 1]), "LUTData": ("US", [1, 2, 3, 4])},
        {"LUTDescriptor": ("US", 4), "LUTData": ("US", [1, 2, 3, 4])},
        {"LUTDescriptor": ("US", None), "LUTData": ("US", [1, 2, 3, 4])},
        {"LUTDescriptor": ("LO", "abc"), "LUTData": ("US", [1, 2, 3, 4])},
        {"LUTDescriptor": ("UL", [4, 1 << 31, 16]), "LUTData": ("US", [1, 2, 3, 4])},
        {"LUTDescriptor": ("US", [2, 0, 16]), "LUTData": ("DS", ["1.5", "2"])},
        {"LUTDescriptor": ("US", [2, 0, 0]), "LUTData": ("US", [1, 2])},
    ],
    ids=str,
)
def test_broken_tables(table: dict[str, Any]) -> None:
    with pytest.raises(ConformanceError):
        apply_modality_lut(STORED, _table(table))


def test_absent_parts() -> None:
    with pytest.raises(MissingElementError, match="descriptor"):
        apply_modality_lut(STORED, _table({}))
    with pytest.raises(MissingElementError, match="LUT Data"):
        apply_modality_lut(STORED, _table({"LUTDescriptor": ("US", [4, 0, 16])}))


@settings(max_examples=200)
@given(
    descriptor=st.lists(st.integers(-(2**33), 2**33), max_size=4),
    data=st.one_of(st.binary(max_size=20), st.lists(st.integers(-70000, 70000), max_size=9)),
    modality=st.booleans(),
)
def test_whatever_a_table_says(descriptor: list[int], data: Any, modality: bool) -> None:
    table = {"LUTDescriptor": ("SV", descriptor), "LUTData": ("OW" if data else "US", data)}
    keyword = "ModalityLUTSequence" if modality else "PresentationLUTSequence"
    ds, _ = twins(**{keyword: [table]})  # type: ignore[arg-type]  # no syntax among them
    apply = apply_modality_lut if modality else apply_presentation_lut
    assert isinstance(outcome(apply, STORED, ds), (np.ndarray, PydcmError))


# --- arrays -------------------------------------------------------------------------------------

ENTRIES = np.array([10, 20, 30], np.uint8)


@pytest.mark.parametrize(
    "values",
    [
        np.array([-9, 0, 1, 2, 3, 99], np.int8),
        np.array([-9, 0, 1, 2, 3, 99], ">i4"),
        np.array([-(2**63), 0, 1, 2, 3, 2**63 - 1]),
        np.array([0, 0, 1, 2, 3, 2**64 - 1], np.uint64),
        np.array([-np.inf, np.nan, 1.9, 2.9, 3.9, np.inf]),
        np.array([-3.0, 0.0, 1.5, 2.5, 1e300, 1e300]),
        np.arange(0, 60, 10, dtype=np.int16)[::1] // 10 - 0,
    ],
    ids=str,
)
def test_entries_are_taken_by_any_type(values: Array) -> None:
    index = np.clip(np.nan_to_num(values.astype(float) - 1), 0, 2).astype(int)
    assert taken(ENTRIES, values, 1).tolist() == ENTRIES[index].tolist()


def test_shapes_that_are_taken() -> None:
    table = np.arange(12, dtype=np.uint16).reshape(4, 3)
    values = np.array([[3, 0], [1, 9]])
    assert taken(table, values, 0).tolist() == table[[[3, 0], [1, 3]]].tolist()
    assert taken(table, values.T[::-1], 0).shape == (2, 2, 3)
    assert taken(table, np.zeros((0, 5), int), 0).shape == (0, 5, 3)
    assert taken(table, np.array(2), 0).tolist() == table[2].tolist()


def test_a_table_gives_what_the_function_gives() -> None:
    def wave(values: Array) -> Array:
        return np.sin(values * 0.7) * 9

    values = np.random.default_rng(1).integers(-500, 500, 70001)
    direct = wave(values.astype(np.float64))
    assert same(mapped(values.astype(np.int16), wave, np.float64), direct)
    assert same(mapped(values.astype(np.float64), wave, np.float64), direct)
    for far in (values * 10**9, values - 2**60, values.astype(np.uint64)):
        assert same(mapped(far, wave, np.float64), wave(far))


def test_arrays_are_limited() -> None:
    with using(max_array_bytes=10), pytest.raises(LimitError):
        taken(np.zeros((2, 3), np.uint8), np.zeros(4, np.uint8), 0)


# --- real files ---------------------------------------------------------------------------------

KEYWORDS = (
    "RescaleSlope ModalityLUTSequence WindowCenter VOILUTSequence PresentationLUTShape "
    "PresentationLUTSequence".split()
)


def _files(folders: list[str]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((CORPUS / folder).rglob("*")) if path.is_file())


def _pixels(ds: Any) -> Array:
    """Return pixels of all values that those of a data set can have, in one of their types."""
    bits, signed = int(ds.get("BitsStored") or 16), ds.get("PixelRepresentation") == 1
    first = -(1 << bits - 1) if signed else 0
    values = np.random.default_rng(bits).integers(first, first + (1 << bits), (40, 30))
    return values.astype(f"{'i' if signed else 'u'}{int(ds.get('BitsAllocated') or 16) // 8}")


def _compare(path: Path) -> int:
    """Return how many results are the same; fail where one is not."""
    import pydicom

    peer = outcome(pydicom.dcmread, path)
    if isinstance(peer, Exception) or "Rows" not in peer or not any(k in peer for k in KEYWORDS):
        return 0
    ours, stored, count = pydcm.dcmread(path), _pixels(peer), 0
    real = outcome(apply_modality_lut, stored, ours)
    for array in (stored, real) if isinstance(real, np.ndarray) else (stored,):
        for apply, reference, options in (
            (apply_modality_lut, theirs.apply_modality_lut, {}),
            (apply_voi_lut, theirs.apply_voi_lut, {"index": 0}),
            (apply_voi_lut, theirs.apply_voi_lut, {"index": 1, "prefer_lut": False}),
            (apply_voi, theirs.apply_voi, {}),
            (apply_presentation_lut, theirs.apply_presentation_lut, {}),
        ):
            expected = outcome(reference, array, peer, **options)
            found = outcome(apply, array, ours, **options)
            if isinstance(expected, Exception):
                kinds = (PydcmError, IndexError) if isinstance(expected, IndexError) else PydcmError
                assert isinstance(found, kinds), (path, apply, expected)
            else:
                assert same(found, expected), (path, apply, options)
            count += 1
    return count


@needs_corpus
@pytest.mark.parametrize(
    ("folders", "least"),
    [
        (["transfer-syntaxes", "overlays-luts", "malformed"], 500),
        pytest.param(
            ["fileset", "seg", "rt", "radiomics", "volume", "volume-defects", "dwi", "deid"],
            1500,
            marks=pytest.mark.slow,
        ),
    ],
    ids=["some", "rest"],
)
def test_files_give_what_they_give_with_pydicom(folders: list[str], least: int) -> None:
    assert sum(_compare(path) for path in _files(folders)) >= least
