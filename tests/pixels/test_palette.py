from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import pydcm
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, MissingElementError, PydcmError
from pydcm.pixels import apply_color_lut, decode
from pydcm.pixels.palette import palette_of
from pydcm.pixels.well_known_palettes import WELL_KNOWN_PALETTES
from tests.pixels.making import BIG_ENDIAN, SIX, image, written
from tests.pixels.twins import outcome, same, twins
from tests.shared import CORPUS, needs_corpus

COLOURS = ("Red", "Green", "Blue")


def coloured(
    tables: list[bytes] | list[list[int]],
    descriptor: list[int],
    *,
    segmented: bool = False,
    vr: str = "OW",
    ds: Dataset | None = None,
    **elements: Any,
) -> Dataset:
    ds = (
        image(SIX, **{"PhotometricInterpretation": "PALETTE COLOR", **elements})
        if ds is None
        else ds
    )
    first = 0x00281221 if segmented else 0x00281201
    for number, table in enumerate(tables):
        setattr(ds, f"{COLOURS[number]}PaletteColorLookupTableDescriptor", descriptor)
        ds.add_new(first + number, vr, table)
    return ds


def words(*values: int, order: str = "<") -> bytes:
    return struct.pack(f"{order}{len(values)}H", *values)


RED, GREEN, BLUE = (0x1000, 0x20FF, 0x3000), (0x4000, 0x5000, 0x60FF), (0x7000, 0x8000, 0xFFFF)


def test_16_bit_entries_keep_their_high_byte() -> None:
    ds = coloured([words(*RED), words(*GREEN), words(*BLUE)], [3, 2, 16])
    array, meta = decode(ds, with_meta=True)
    assert array.dtype == np.uint8
    assert array.reshape(6, 3).tolist() == [
        [0x10, 0x40, 0x70], [0x10, 0x40, 0x70], [0x20, 0x50, 0x80],
        *[[0x30, 0x60, 0xFF]] * 3,
    ]  # fmt: skip
    assert (meta["photometric"], meta["samples_per_pixel"]) == ("RGB", 3)
    assert (meta["bits_allocated"], meta["bits_stored"]) == (8, 8)
    assert palette_of(ds).native(np.array([3]))[0].tolist() == [0x20FF, 0x5000, 0x8000]


def test_entries_as_numbers() -> None:
    ds = coloured([list(RED), list(GREEN), list(BLUE)], [3, 0, 16], vr="US")
    assert palette_of(ds).entries.tolist() == [
        list(row) for row in zip(RED, GREEN, BLUE, strict=True)
    ]


@pytest.mark.parametrize("packed", [True, False])
def test_8_bit_entries_lie_two_to_a_word_or_alone(packed: bool) -> None:
    tables = [bytes([k, k + 1, k + 2, k + 3]) for k in (10, 20, 30)]
    if not packed:
        tables = [words(*table) for table in tables]
    ds = coloured(tables, [4, 1, 8])
    assert decode(ds)[0, 0].tolist() == [[10, 20, 30], [11, 21, 31], [12, 22, 32]]


def test_big_endian_tables() -> None:
    ds = coloured(
        [words(*table, order=">") for table in (RED, GREEN, BLUE)],
        [3, 2, 16],
        ds=image(SIX, BIG_ENDIAN, vr="OB", PhotometricInterpretation="PALETTE COLOR"),
    )
    read = pydcm.dcmread(written(ds))
    assert decode(read)[0, 1].tolist() == [[0x30, 0x60, 0xFF]] * 3
    packed = coloured(
        [bytes([k + 1, k, k + 3, k + 2]) for k in (10, 20, 30)],
        [4, 1, 8],
        ds=image(SIX, BIG_ENDIAN, vr="OB", PhotometricInterpretation="PALETTE COLOR"),
    )
    assert decode(pydcm.dcmread(written(packed)))[0, 0, 0].tolist() == [10, 20, 30]


def test_zero_entries_mean_65536() -> None:
    table = words(*range(65536))
    ds = coloured([table] * 3, [0, 0, 16], BitsAllocated=16, ds=image(SIX * 2, BitsAllocated=16))
    assert len(palette_of(ds).entries) == 65536


def test_first_value_may_be_negative() -> None:
    ds = coloured([words(1, 2, 3)] * 3, [3, 65535, 16], PixelRepresentation=1)
    palette = palette_of(ds)
    assert palette.first == -1
    assert palette.native(np.array([-2, -1, 0, 1, 2]))[:, 0].tolist() == [1, 1, 2, 3, 3]


def test_segments() -> None:
    # Two values, then a line of four up to 300, then both segments once more, then a value.
    table = words(0, 2, 10, 20, 1, 4, 300, 2, 2, 0, 0, 0, 1, 7)
    ds = coloured([table] * 3, [13, 0, 16], segmented=True)
    assert palette_of(ds).entries[:, 1].tolist() == [
        10, 20, 90, 160, 230, 300, 10, 20, 90, 160, 230, 300, 7,
    ]  # fmt: skip


def test_segments_of_octets() -> None:
    # The address of a repeated segment takes four octets.
    table = bytes([0, 2, 10, 20, 1, 2, 40, 2, 1, 4, 0, 0, 0, 0])
    ds = coloured([table] * 3, [6, 0, 8], segmented=True)
    assert palette_of(ds).entries[:, 2].tolist() == [10, 20, 30, 40, 40, 40]


@needs_corpus
def test_standard_palettes_as_pydicom_expands_them() -> None:
    theirs = pytest.importorskip("pydicom")
    processing = pytest.importorskip("pydicom.pixels.processing")
    indices = np.arange(256, dtype=np.uint8)
    files = sorted(CORPUS.glob("palettes/**/*.dcm"))
    assert len(files) == 8
    for path in files:
        expected = processing.apply_color_lut(indices, theirs.dcmread(path))
        assert palette_of(pydcm.dcmread(path)).native(indices).tolist() == expected.tolist()


def _with(change: str, value: Any) -> Dataset:
    ds = coloured([words(*RED), words(*GREEN), words(*BLUE)], [3, 2, 16])
    setattr(ds, change, value)
    return ds


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("RedPaletteColorLookupTableDescriptor", [4, 2, 16]),
        ("RedPaletteColorLookupTableDescriptor", [3, 1, 16]),
        ("RedPaletteColorLookupTableDescriptor", [3, 2, 17]),
        ("RedPaletteColorLookupTableDescriptor", [3, 2]),
        ("BluePaletteColorLookupTableDescriptor", 3),
        ("GreenPaletteColorLookupTableData", b"\x01"),
        ("GreenPaletteColorLookupTableData", b""),
    ],
)
def test_broken_palettes(change: str, value: Any) -> None:
    with pytest.raises((ConformanceError, MissingElementError)):
        decode(_with(change, value))


@pytest.mark.parametrize(
    "table",
    [
        (3, 1, 1),  # no such kind
        (1, 3, 300),  # a line from nowhere
        (0, 9, 1, 2),  # too short
        (0, 3, 1, 2, 3, 2, 1, 7, 0),  # the repeated segment is none
        (0, 1, 5, 2, 1, 6, 0),  # repeats a repetition
        (0, 1, 5, *(1, 65535, 0) * 3),  # too long
    ],
)
def test_broken_segments(table: tuple[int, ...]) -> None:
    with pytest.raises(ConformanceError):
        palette_of(coloured([words(*table)] * 3, [3, 0, 16], segmented=True))


def test_no_palette() -> None:
    with pytest.raises(MissingElementError, match="descriptor"):
        decode(image(SIX, PhotometricInterpretation="PALETTE COLOR"))
    ds = _with("RedPaletteColorLookupTableData", None)
    del ds.RedPaletteColorLookupTableData
    with pytest.raises(MissingElementError, match="data"):
        decode(ds)


# --- apply_color_lut ----------------------------------------------------------------------------

INDICES = np.array([[0, 1, 2, 3], [4, 5, 6, 200]], np.uint8)


def _elements(
    data: list[bytes], descriptor: list[int], *, segmented: bool = False, **others: Any
) -> dict[str, Any]:
    elements: dict[str, Any] = dict(others)
    for colour, table in zip(COLOURS, data, strict=True):
        keyword = f"{colour}PaletteColorLookupTable"
        elements[f"{keyword}Descriptor"] = ("SS" if min(descriptor) < 0 else "US", descriptor)
        elements[f"{'Segmented' if segmented else ''}{keyword}Data"] = ("OW", table)
    return elements


@pytest.mark.parametrize(
    "elements",
    [
        _elements([words(*RED), words(*GREEN), words(*BLUE)], [3, 2, 16]),
        _elements([words(*RED), words(*GREEN), words(*BLUE)], [3, 0, 16], PixelRepresentation=0),
        _elements([words(*RED)] * 3, [3, -1, 16], PixelRepresentation=1),
        _elements([b"\x01\x02\x03\x04"] * 3, [4, 1, 8]),
        _elements([words(1, 2, 3, 4)] * 3, [4, 1, 8]),
        _elements([words(0, 2, 10, 20, 1, 4, 300)] * 3, [6, 0, 16], segmented=True),
        _elements([words(0, 1, 1, 1, 5, 3)] * 3, [6, 0, 16], segmented=True),
        _elements([bytes([0, 2, 10, 20, 1, 3, 40])] * 3, [5, 1, 8], segmented=True),
        _elements([words(*RED)] * 3, [3, 0, 16], AlphaPaletteColorLookupTableData=words(9, 8, 7)),
        _elements([words(*range(65536))] * 3, [0, 0, 16]),
    ],
)
def test_colours_as_pydicom_gives_them(elements: dict[str, Any]) -> None:
    theirs = pytest.importorskip("pydicom.pixels.processing")
    ours, peer = twins(**elements)
    for array in (INDICES, INDICES.astype(np.int16) - 3, INDICES.astype(">u2")):
        found = apply_color_lut(array, ours)
        assert found.shape == (
            *array.shape,
            4 if ours.get("AlphaPaletteColorLookupTableData") else 3,
        )
        assert same(found, theirs.apply_color_lut(array, peer))


@pytest.mark.parametrize("known", WELL_KNOWN_PALETTES, ids=lambda known: known.label)
def test_well_known_palettes_as_pydicom_has_them(known: Any) -> None:
    theirs = pytest.importorskip("pydicom.pixels.processing")
    indices = np.arange(256, dtype=np.uint8)
    # Of the two names, pydicom's FALL is the palette of WINTER's UID in PS3.6, and vice versa.
    label = {"FALL": "WINTER", "WINTER": "FALL"}.get(known.label, known.label)
    found = apply_color_lut(indices, palette=known.label)
    assert same(found, outcome(theirs.apply_color_lut, indices, palette=label))
    assert same(found, apply_color_lut(indices, pydcm.Dataset(), palette=known.uid))


@needs_corpus
@pytest.mark.parametrize("known", WELL_KNOWN_PALETTES, ids=lambda known: known.label)
def test_well_known_palettes_as_their_files_have_them(known: Any) -> None:
    files = [pydcm.dcmread(path) for path in sorted(CORPUS.glob("palettes/**/*.dcm"))]
    (file,) = [ds for ds in files if known.uid == ds.SOPInstanceUID]
    indices = np.arange(300, dtype=np.uint16)
    assert same(apply_color_lut(indices, palette=known.uid), apply_color_lut(indices, file))


def test_indices_beyond_a_palette() -> None:
    found = apply_color_lut(np.array([-5, 255, 256, 1000], np.int16), palette="HOT_IRON")
    assert found.tolist() == [[0, 0, 0], *[[255, 255, 255]] * 3]


def test_a_supplemental_palette() -> None:
    # Grey below the first value mapped is the caller's (PS3.3 C.7.6.19).
    ds, _ = twins(
        PhotometricInterpretation="MONOCHROME2",
        PixelPresentation="COLOR",
        **_elements([words(*RED), words(*GREEN), words(*BLUE)], [3, 100, 16]),
    )
    found = apply_color_lut(np.array([7, 100, 101, 102], np.uint16), ds)
    assert found[1:].tolist() == [list(row) for row in zip(RED, GREEN, BLUE, strict=True)]


def test_a_palette_in_a_big_endian_file() -> None:
    ds = coloured(
        [words(*table, order=">") for table in (RED, GREEN, BLUE)],
        [3, 2, 16],
        ds=image(SIX, BIG_ENDIAN, vr="OB", PhotometricInterpretation="PALETTE COLOR"),
    )
    found = apply_color_lut(np.array([3]), pydcm.dcmread(written(ds)))
    assert found.tolist() == [[0x20FF, 0x5000, 0x8000]]


@pytest.mark.parametrize("options", [{}, {"palette": "FOO"}, {"palette": "1.2.3"}])
def test_no_palette_to_apply(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="palette"):
        apply_color_lut(INDICES, **options)  # type: ignore[arg-type]  # only that one


def test_a_data_set_without_palette() -> None:
    for ds in (Dataset(), image(SIX)):
        with pytest.raises(ConformanceError, match="has no palette"):
            apply_color_lut(INDICES, ds)


def test_an_alpha_table_that_is_too_short() -> None:
    ds, _ = twins(
        **_elements([words(*RED)] * 3, [3, 0, 16], AlphaPaletteColorLookupTableData=words(9))
    )
    with pytest.raises(ConformanceError, match="alpha"):
        apply_color_lut(INDICES, ds)


@settings(max_examples=200)
@given(
    count=st.integers(-3, 70000),
    first=st.integers(-70000, 70000),
    bits=st.sampled_from([0, 8, 12, 16, 17, -8]),
    data=st.binary(max_size=40),
    segmented=st.booleans(),
)
def test_whatever_a_palette_says(
    count: int, first: int, bits: int, data: bytes, segmented: bool
) -> None:
    elements = _elements([data] * 3, [count, first, bits], segmented=segmented)
    found = outcome(apply_color_lut, INDICES, twins(**elements)[0])
    assert isinstance(found, (np.ndarray, PydcmError)), found


def _exact(segments: list[list[int]]) -> list[Fraction]:
    """Return what segments stand for (PS3.3 C.7.9.2), not rounded."""
    values: list[Fraction] = []
    for kind, count, *numbers in segments:
        if kind == 0:
            values += map(Fraction, numbers)
        else:
            first = values[-1]
            values += [first + (numbers[0] - first) * k / count for k in range(1, count + 1)]
    return values


@settings(max_examples=100)
@example(segments=[[1, 1, 100], [1, 24, 0]])
@given(st.lists(
    st.one_of(
        st.lists(st.integers(0, 255), min_size=1, max_size=4).map(lambda v: [0, len(v), *v]),
        st.tuples(st.integers(1, 40), st.integers(0, 255)).map(lambda v: [1, *v]),
    ), min_size=1, max_size=6,
))  # fmt: skip
def test_segments_expand_as_with_pydicom(segments: list[list[int]]) -> None:
    theirs = pytest.importorskip("pydicom.pixels.processing")
    segments = [[0, 2, 17, 200], *segments]
    length = sum(segment[1] for segment in segments)
    data = bytes(number for segment in segments for number in segment)
    ours, peer = twins(**_elements([data] * 3, [length, 0, 8], segmented=True))
    indices = np.arange(length, dtype=np.uint8)
    found = apply_color_lut(indices, ours).astype(int)
    expected = theirs.apply_color_lut(indices, peer).astype(int)
    for value, ours_is, theirs_is in zip(_exact(segments), found, expected, strict=True):
        assert (abs(ours_is - value) <= Fraction(1, 2)).all()
        # In the middle between two numbers, pydicom takes either: it counts in floating point.
        assert (ours_is == theirs_is).all() or value.denominator == 2
