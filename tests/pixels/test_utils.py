from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pydcm
from pydcm.dataset import Dataset
from pydcm.encaps import get_frame
from pydcm.errors import ConformanceError, MissingElementError, UnsupportedSyntaxError
from pydcm.pixels import (
    apply_modality_lut,
    apply_rescale,
    as_pixel_options,
    decode_uncompressed,
    iter_pixels,
    pack_bits,
    pixel_array,
    unpack_bits,
    utils,
)
from tests.pixels.making import (
    BIG_ENDIAN,
    EXPLICIT,
    SIX,
    encapsulated,
    image,
    rgb,
    rle_frame,
    rle_segment,
    written,
)
from tests.shared import CORPUS, needs_corpus

# --- frames -------------------------------------------------------------------------------------


def test_indices_give_frames_in_their_order() -> None:
    ds = image(SIX + SIX[::-1], NumberOfFrames=2)
    found = [frame[0, 0] for frame in iter_pixels(ds, indices=[1, 0, 1])]
    assert found == [6, 1, 6]


@pytest.mark.parametrize("index", [-1, 2])
def test_no_such_index(index: int) -> None:
    ds = image(SIX * 2, NumberOfFrames=2)
    with pytest.raises(ValueError, match=f"index {index}"):
        pixel_array(ds, index=index)
    with pytest.raises(ValueError, match=f"index {index}"):
        list(iter_pixels(ds, indices=[index]))


def test_one_frame_of_bits_that_fill_no_octet() -> None:
    # pydicom fails here.
    ds = image(b"\x15\xf3\x3a\x41", BitsAllocated=1, NumberOfFrames=5)
    whole = pixel_array(ds)
    for index in range(5):
        assert pixel_array(ds, index=index).tolist() == whole[index].tolist()


def test_sources(tmp_path: Any) -> None:
    file = written(image(SIX))
    path = tmp_path / "image.dcm"
    path.write_bytes(file)
    with path.open("rb") as stream:
        for source in (path, str(path), stream, io.BytesIO(file), pydcm.dcmread(file)):
            assert pixel_array(source).ravel().tolist() == list(SIX)
    with pytest.raises(FileNotFoundError):
        pixel_array(tmp_path / "absent")


def test_bare_data_set_with_its_transfer_syntax() -> None:
    bare = io.BytesIO()
    image(SIX).save_as(bare, implicit_vr=False, little_endian=True)
    whole = bare.getvalue()
    start = whole.index(b"\x08\x00\x16\x00UI")
    found = pixel_array(io.BytesIO(whole[start:]), transfer_syntax_uid=EXPLICIT)
    assert found.ravel().tolist() == list(SIX)


def test_forced_colours() -> None:
    pixels = bytes([76, 85, 255] * 6)
    ds = rgb(pixels, PhotometricInterpretation="YBR_ICT")
    assert pixel_array(ds, force_rgb=True)[0, 0].tolist() == [254, 0, 0]
    assert pixel_array(rgb(bytes([255, 0, 0] * 6)), force_ybr=True)[0, 0].tolist() == [76, 85, 255]
    with pytest.raises(ValueError, match="both"):
        pixel_array(ds, force_rgb=True, force_ybr=True)


# --- stored values ------------------------------------------------------------------------------


def test_decode_uncompressed_keeps_the_axis_of_frames() -> None:
    assert decode_uncompressed(image(SIX)).tolist() == [[[1, 2, 3], [4, 5, 6]]]
    planar = decode_uncompressed(rgb(SIX * 3, PlanarConfiguration=1))
    assert planar[0, 0].tolist() == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]
    ybr = rgb(bytes([76, 85, 255] * 6), PhotometricInterpretation="YBR_FULL")
    assert decode_uncompressed(ybr)[0, 0, 0].tolist() == [76, 85, 255]
    assert decode_uncompressed(image(SIX * 2, BIG_ENDIAN, BitsAllocated=16))[0, 0, 0] == 0x0102


def test_decode_uncompressed_needs_no_transfer_syntax() -> None:
    ds = image(SIX)
    del ds.file_meta
    assert decode_uncompressed(ds).size == 6


def test_decode_uncompressed_refuses_fragments() -> None:
    with pytest.raises(UnsupportedSyntaxError, match="pixel_array"):
        decode_uncompressed(encapsulated([rle_frame(rle_segment(SIX))]))


# --- bits ---------------------------------------------------------------------------------------


@given(st.binary(max_size=40))
def test_unpack_as_pydicom_does(packed: bytes) -> None:
    theirs = pytest.importorskip("pydicom.pixels")
    assert unpack_bits(packed).tolist() == theirs.unpack_bits(packed).tolist()
    assert unpack_bits(packed, as_array=False) == theirs.unpack_bits(packed, as_array=False)


def test_unpack_a_data_set() -> None:
    ds = image(b"\x15\x2f", BitsAllocated=1, NumberOfFrames=2)
    found = unpack_bits(ds)
    assert found.dtype == np.uint8
    assert found.tolist() == [[[1, 0, 1], [0, 1, 0]], [[0, 0, 1], [1, 1, 1]]]
    assert unpack_bits(image(b"\x15\0", BitsAllocated=1)).shape == (1, 2, 3)
    with pytest.raises(ConformanceError, match="not 1"):
        unpack_bits(image(SIX))


@given(st.lists(st.integers(0, 1), max_size=70), st.booleans())
def test_pack_as_pydicom_does(pixels: list[int], pad: bool) -> None:
    theirs = pytest.importorskip("pydicom.pixels")
    array = np.array(pixels, np.uint8)
    packed = pack_bits(array, pad=pad)
    assert packed == theirs.pack_bits(array, pad=pad)
    assert unpack_bits(packed)[: len(pixels)].tolist() == pixels


@pytest.mark.parametrize(
    "pixels", [np.ones((2, 2, 2, 2), bool), np.ones((1, 9), np.float32), np.zeros((3, 3), np.int64)]
)
def test_pack_any_shape_and_type(pixels: Any) -> None:
    theirs = pytest.importorskip("pydicom.pixels")
    assert pack_bits(pixels) == theirs.pack_bits(pixels)


@pytest.mark.parametrize("value", [2, -1, 255, 0.5])
def test_pack_refuses_other_values(value: float) -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        pack_bits(np.array([0, value]))


# --- real-world values --------------------------------------------------------------------------


def _lut(descriptor: Any, data: Any, vr: str = "US") -> Dataset:
    ds, item = Dataset(), Dataset()
    item.LUTDescriptor = descriptor
    item.add_new(0x00283006, vr, data)
    ds.ModalityLUTSequence = [item]
    return ds


STORED = np.arange(1, 7, dtype=np.uint8).reshape(2, 3)


def test_apply_rescale() -> None:
    ds = Dataset()
    assert apply_rescale(STORED, ds) is STORED
    ds.RescaleSlope = 0.5
    assert apply_rescale(STORED, ds) is STORED
    ds.RescaleIntercept = -1
    found = apply_rescale(STORED, ds)
    assert found.dtype == np.float64
    assert found.tolist() == (STORED * 0.5 - 1).tolist()
    assert apply_modality_lut(STORED, ds).tolist() == found.tolist()
    ds.add_new(0x00281053, "DS", None)
    with pytest.raises(ConformanceError, match="RescaleSlope is None"):
        apply_rescale(STORED, ds)


@pytest.mark.parametrize(
    ("descriptor", "data", "vr", "dtype", "expected"),
    [
        ([3, 2, 16], [100, 200, 300], "US", np.uint16, [100, 100, 200, 300, 300, 300]),
        ([3, 2, 16], b"\x64\x00\xc8\x00\x2c\x01", "OW", np.uint16, [100, 100, 200, 300, 300, 300]),
        ([4, 2, 8], b"\x01\x02\x03\x04", "OW", np.uint8, [1, 1, 2, 3, 4, 4]),
        ([3, -2, 8], [7, 8, 9], "US", np.uint8, [9] * 6),
    ],
)
def test_modality_lut(descriptor: Any, data: Any, vr: str, dtype: Any, expected: list[int]) -> None:
    found = apply_modality_lut(STORED, _lut(descriptor, data, vr))
    assert found.dtype == dtype
    assert found.shape == STORED.shape
    assert found.ravel().tolist() == expected


@pytest.mark.parametrize(
    ("descriptor", "data"),
    [([4, 2, 16], [1, 2, 3]), ([3, 2], [1, 2, 3]), (3, [1, 2, 3]), ([3, 2, 16], None)],
)
def test_broken_modality_lut(descriptor: Any, data: Any) -> None:
    with pytest.raises(ConformanceError, match="LUT"):
        apply_modality_lut(STORED, _lut(descriptor, data))


# --- what else the compatible API has -----------------------------------------------------------


def _pairs() -> list[tuple[Dataset, Any]]:
    pydicom = pytest.importorskip("pydicom")
    images = [
        image(SIX),
        image(SIX * 3, NumberOfFrames=3),
        image(b"\x15\x02", BitsAllocated=1, NumberOfFrames=2),
        image(SIX * 2, BitsAllocated=16, PixelRepresentation=1),
        rgb(SIX * 3),
        rgb(SIX * 3, PlanarConfiguration=1),
        rgb(SIX * 2, PhotometricInterpretation="YBR_FULL_422"),
    ]
    return [(ds, pydicom.dcmread(io.BytesIO(written(ds)))) for ds in images]


def test_descriptions_as_pydicom_gives_them() -> None:
    theirs = pytest.importorskip("pydicom.pixels.utils")
    for ds, copy in _pairs():
        assert as_pixel_options(ds) == theirs.as_pixel_options(copy)
        assert as_pixel_options(ds, rows=7, foo=1) == theirs.as_pixel_options(copy, rows=7, foo=1)
        assert utils.get_nr_frames(ds) == theirs.get_nr_frames(copy)
        for unit in ("bytes", "pixels"):
            ours = utils.get_expected_length(ds, unit)
            assert ours == theirs.get_expected_length(copy, unit)
        assert utils.pixel_dtype(ds) == theirs.pixel_dtype(copy)
        assert set(utils.get_image_pixel_ids(ds)) == set(theirs.get_image_pixel_ids(copy))
        flat = np.arange(utils.get_expected_length(ds, "pixels"))
        ours_shaped = utils.reshape_pixel_array(ds, flat)
        assert ours_shaped.tolist() == theirs.reshape_pixel_array(copy, flat).tolist()


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("number", ["4.50", "4.57", "4.70", "4.80", "4.81", "4.90", "4.91", "5"])
def test_samples_lie_as_decoders_give_them(number: str, planar: int) -> None:
    theirs = pytest.importorskip("pydicom.pixels.utils")
    ds = rgb(SIX * 3, PlanarConfiguration=planar)
    ds.file_meta.TransferSyntaxUID = f"1.2.840.10008.1.2.{number}"
    flat = np.arange(18)
    shaped = utils.reshape_pixel_array(ds, flat)
    assert shaped.tolist() == theirs.reshape_pixel_array(ds, flat).tolist()


def test_options_of_an_empty_data_set() -> None:
    assert as_pixel_options(Dataset()) == {"number_of_frames": 1}


def test_type_of_floats() -> None:
    ds = image(None, BitsAllocated=32)
    assert utils.pixel_dtype(ds, as_float=True) == np.float32
    with pytest.raises(NotImplementedError):
        utils.pixel_dtype(image(None, BitsAllocated=24))


def test_type_of_pixels_not_read_from_a_file() -> None:
    for uid, order in ((EXPLICIT, "<"), (BIG_ENDIAN, ">"), ("1.2.3", "<")):
        assert utils.pixel_dtype(image(None, uid, BitsAllocated=16)) == np.dtype(f"{order}u2")


@pytest.mark.parametrize("value", [2, -1])
def test_values_that_are_neither_0_nor_1(value: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        signed = image(None, PixelRepresentation=value)
        planar = rgb(SIX * 3, PlanarConfiguration=value)
    with pytest.raises(ValueError, match="PixelRepresentation"):
        utils.pixel_dtype(signed)
    with pytest.raises(ValueError, match="PlanarConfiguration"):
        utils.reshape_pixel_array(planar, np.arange(18))


def test_number_of_frames_below_one() -> None:
    ds = image(SIX, NumberOfFrames=0)
    with pytest.warns(UserWarning, match="one frame"):
        assert utils.get_nr_frames(ds) == 1
    assert utils.get_nr_frames(ds, warn=False) == 1


@pytest.mark.parametrize("bits", [8, 16])
def test_expand_ybr422(bits: int) -> None:
    theirs = pytest.importorskip("pydicom.pixels.utils")
    data = bytes(range(32))
    assert utils.expand_ybr422(data, bits) == theirs.expand_ybr422(data, bits)


def test_attribute_errors_are_pydcm_errors() -> None:
    ds = image(None)
    with pytest.raises(AttributeError) as caught:
        ds.pixel_array  # noqa: B018  # the access raises
    assert isinstance(caught.value, MissingElementError)
    assert not hasattr(ds, "pixel_array")


@needs_corpus
def test_what_the_head_of_jpeg_2000_tells() -> None:
    path = CORPUS / "transfer-syntaxes/pydicom/J2K_pixelrep_mismatch.dcm"
    ds = pydcm.dcmread(path)
    stream = get_frame(ds.PixelData, 0, number_of_frames=1)
    boxes = [(b"jP  ", b"\r\n\x87\n"), (b"ftyp", b"jp2 \0\0\0\0jp2 "), (b"jp2c", stream)]
    jp2 = b"".join(struct.pack(">I", 8 + len(data)) + name + data for name, data in boxes)
    pydicom = pytest.importorskip("pydicom")
    for data in (stream, jp2, stream[:40], stream[:43], b"", b"\xff\x4f\xff\xd8" + bytes(60)):
        assert utils.get_j2k_parameters(data) == pydicom.pixels.utils.get_j2k_parameters(data)
    assert utils.get_j2k_parameters(stream) == {"precision": 13, "is_signed": False, "jp2": False}
