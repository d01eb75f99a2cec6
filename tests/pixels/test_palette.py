from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, MissingElementError
from pydcm.pixels import decode
from pydcm.pixels.palette import palette_of
from tests.pixels.making import BIG_ENDIAN, SIX, image, written
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
