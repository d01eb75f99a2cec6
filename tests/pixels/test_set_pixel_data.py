"""Arrays into data sets: the same elements, and the same refusals, as pydicom has."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.pixels import compress, pixel_array, set_pixel_data
from tests.pixels.making import BIG_ENDIAN, EXPLICIT, IMPLICIT, RLE, SIX, image

pydicom = pytest.importorskip("pydicom")

GREY = (np.arange(12, dtype=np.uint16) * 300).reshape(3, 4)
COLOUR = (np.arange(24, dtype=np.uint8) * 10).reshape(2, 4, 3)

ACCEPTED: list[tuple[NDArray[Any], str, int]] = [
    (GREY, "MONOCHROME2", 12),
    (GREY, "MONOCHROME1", 16),
    (np.stack([GREY, GREY]), "MONOCHROME2", 12),
    (GREY[np.newaxis], "MONOCHROME2", 12),
    (GREY.astype(np.int16) - 1000, "MONOCHROME2", 13),
    (GREY.T, "MONOCHROME2", 12),
    ((GREY % 7).astype(np.uint8), "PALETTE COLOR", 3),
    ((GREY % 7).astype(np.int8), "MONOCHROME2", 8),
    (GREY & 1, "MONOCHROME2", 1),
    (np.full((3, 3), 5, np.uint8), "MONOCHROME2", 8),  # odd
    (COLOUR, "RGB", 8),
    (np.stack([COLOUR, COLOUR]), "YBR_FULL", 8),
    (COLOUR, "YBR_FULL_422", 8),
    (np.stack([COLOUR, COLOUR]), "YBR_FULL_422", 8),
    (COLOUR.astype(np.uint16) * 16, "RGB", 12),
    (COLOUR, "MONOCHROME2", 8),  # two frames of four rows
]

REFUSED: list[tuple[Any, str, int]] = [
    (GREY, "MONOCHROME2", 17),
    (GREY, "MONOCHROME2", 0),
    (GREY, "MONOCHROME2", 11),
    (GREY.astype(np.int16) - 1000, "MONOCHROME2", 10),
    (GREY.astype(np.float32), "MONOCHROME2", 12),
    (GREY.astype(np.uint32), "MONOCHROME2", 12),
    (GREY.astype(np.int64), "MONOCHROME2", 12),
    (GREY > 5, "MONOCHROME2", 1),
    (GREY, "RGB", 12),
    (GREY, "YBR_ICT", 12),
    (COLOUR, "YBR_RCT", 8),
    (COLOUR, "HSV", 8),
    (GREY, "OTHER", 12),
    (np.stack([GREY, GREY]), "RGB", 12),
    (GREY[0], "MONOCHROME2", 12),
    (np.zeros((2, 2, 2, 2), np.uint8), "MONOCHROME2", 8),
    (np.zeros((2, 2, 2, 2), np.uint8), "RGB", 8),
    (np.zeros((2, 2, 2, 2, 3), np.uint8), "RGB", 8),
    (np.zeros((2, 0), np.uint8), "MONOCHROME2", 8),
]


def elements(ds: Any) -> dict[str, Any]:
    """Return the elements by keyword, but for the UIDs that are made anew."""
    found = {element.keyword: element.value for element in ds if element.VR != "UI"}
    found["VR"] = str(ds["PixelData"].VR)
    found["undefined length"] = ds["PixelData"].is_undefined_length
    found["syntax"] = str(ds.file_meta.TransferSyntaxUID)
    return found


@pytest.mark.parametrize(("array", "photometric", "bits"), ACCEPTED)
def test_same_elements_as_pydicom(array: NDArray[Any], photometric: str, bits: int) -> None:
    ds, there = Dataset(), pydicom.Dataset()
    set_pixel_data(ds, array, photometric, bits)
    pydicom.pixels.set_pixel_data(there, array, photometric, bits)
    assert elements(ds) == elements(there)
    assert ds.SOPInstanceUID == ds.file_meta.MediaStorageSOPInstanceUID


@pytest.mark.parametrize(("array", "photometric", "bits"), REFUSED)
def test_same_refusals_as_pydicom(array: Any, photometric: str, bits: int) -> None:
    ds = Dataset()
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says
        pydicom.pixels.set_pixel_data(pydicom.Dataset(), array, photometric, bits)
    with pytest.raises(ValueError):  # noqa: PT011  # as above
        set_pixel_data(ds, array, photometric, bits)
    assert len(ds) == 0
    assert not hasattr(ds, "file_meta")


def test_pixels_come_back() -> None:
    for array, photometric, bits in ACCEPTED:
        if photometric == "YBR_FULL_422":
            continue
        ds = Dataset()
        ds.set_pixel_data(array, photometric, bits)
        assert np.array_equal(pixel_array(ds, raw=True), np.squeeze(array))


def test_big_endian_arrays_become_little_endian() -> None:
    ds = Dataset()
    set_pixel_data(ds, GREY.astype(">u2"), "MONOCHROME2", 12)
    assert ds.PixelData == GREY.astype("<u2").tobytes()


def test_lines_that_are_too_long() -> None:
    with pytest.raises(ValueError, match="65535"):
        set_pixel_data(Dataset(), np.zeros((1, 65536), np.uint8), "MONOCHROME2", 8)


def test_pairs_of_pixels_need_even_columns() -> None:
    with pytest.raises(ValueError, match="3 columns"):
        set_pixel_data(Dataset(), COLOUR[:, :3], "YBR_FULL_422", 8)


@pytest.mark.parametrize("keyword", ["FloatPixelData", "DoubleFloatPixelData"])
def test_float_pixel_data_are_in_the_way(keyword: str) -> None:
    ds = Dataset()
    setattr(ds, keyword, bytes(8))
    with pytest.raises(AttributeError, match=keyword):
        set_pixel_data(ds, GREY, "MONOCHROME2", 12)
    assert len(ds) == 1


def test_what_was_there_before() -> None:
    ds = compress(image(SIX * 3, NumberOfFrames=3), RLE, encapsulate_ext=True)
    ds.PlanarConfiguration = 1
    ds.LossyImageCompression = "01"
    ds.RescaleSlope = 2
    before = ds.SOPInstanceUID
    set_pixel_data(ds, GREY, "MONOCHROME2", 12)
    gone = "NumberOfFrames PlanarConfiguration ExtendedOffsetTable ExtendedOffsetTableLengths"
    assert not any(keyword in ds for keyword in gone.split())
    assert ds.LossyImageCompression == "01"
    assert ds.RescaleSlope == 2
    assert ds.file_meta.TransferSyntaxUID == EXPLICIT
    assert ds.SOPInstanceUID != before
    assert np.array_equal(ds.pixel_array, GREY)


def test_the_instance_may_stay() -> None:
    ds = image(SIX)
    set_pixel_data(ds, GREY, "MONOCHROME2", 12, generate_instance_uid=False)
    assert ds.SOPInstanceUID == "2.25.1"
    bare = Dataset()
    set_pixel_data(bare, GREY, "MONOCHROME2", 12, generate_instance_uid=False)
    assert "SOPInstanceUID" not in bare


def test_transfer_syntaxes() -> None:
    ds = image(SIX, IMPLICIT)
    set_pixel_data(ds, GREY, "MONOCHROME2", 12)
    assert ds.file_meta.TransferSyntaxUID == IMPLICIT
    ds = image(SIX, BIG_ENDIAN)
    before = copy.deepcopy(ds)
    with pytest.raises(NotImplementedError):
        set_pixel_data(ds, GREY, "MONOCHROME2", 12)
    assert ds == before
    ds.file_meta = FileMetaDataset()
    set_pixel_data(ds, GREY, "MONOCHROME2", 12)
    assert ds.file_meta.TransferSyntaxUID == EXPLICIT


def test_decoded_pixels_are_not_those_of_before() -> None:
    ds = image(SIX)
    assert ds.pixel_array.max() == 6
    ds.set_pixel_data(GREY, "MONOCHROME2", 12)
    assert np.array_equal(ds.pixel_array, GREY)


@given(
    st.sampled_from([np.uint8, np.int8, np.uint16, np.int16]),
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from([None, 1, 3]),
    st.booleans(),
)
def test_any_array_comes_back(
    dtype: Any, rows: int, columns: int, frames: int | None, colour: bool
) -> None:
    shape = (*((frames,) if frames else ()), rows, columns, *((3,) if colour else ()))
    limits = np.iinfo(dtype)
    random = np.random.default_rng(rows * columns)
    array = random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    ds = Dataset()
    set_pixel_data(ds, array, "RGB" if colour else "MONOCHROME2", limits.bits)
    found = pixel_array(ds)
    assert found.dtype == array.dtype
    assert np.array_equal(found, array[0] if frames == 1 else array)
