"""What compressing changes in a data set, and what it refuses."""

from __future__ import annotations

import copy
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import pydcm
from pydcm.dataset import Dataset
from pydcm.errors import MissingElementError, UnsupportedSyntaxError
from pydcm.pixels import compress, get_encoder, pixel_array
from pydcm.pixels.compression import last_offset
from tests.pixels.making import BIG_ENDIAN, EXPLICIT, IMPLICIT, RLE, SIX, image, rgb, written

pydicom = pytest.importorskip("pydicom")

JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS, J2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"


def stack(frames: int = 3, rows: int = 5, columns: int = 7) -> NDArray[np.uint16]:
    cells = np.arange(frames * rows * columns, dtype=np.uint16)
    return (cells * 37 % 4096).reshape(frames, rows, columns)


def multi_frame(**elements: Any) -> Dataset:
    array = stack()
    described = {
        "NumberOfFrames": 3,
        "Rows": 5,
        "Columns": 7,
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        **elements,
    }
    return image(array.tobytes(), **described)


def needs(uid: str) -> None:
    if not get_encoder(uid).is_available:
        pytest.skip("; ".join(get_encoder(uid).missing_dependencies))


# --- what changes -------------------------------------------------------------------------------


def test_pixel_data_and_transfer_syntax() -> None:
    ds = multi_frame()
    assert compress(ds, RLE) is ds
    assert ds.file_meta.TransferSyntaxUID == RLE
    element = ds["PixelData"]
    assert (element.VR, element.is_undefined_length) == ("OB", True)
    assert np.array_equal(ds.pixel_array, stack())
    assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID != "2.25.1"
    assert "LossyImageCompression" not in ds


def test_the_instance_may_stay() -> None:
    ds = multi_frame()
    compress(ds, RLE, generate_instance_uid=False)
    assert ds.SOPInstanceUID == "2.25.1"
    assert "MediaStorageSOPInstanceUID" not in ds.file_meta


def test_basic_offset_table() -> None:
    ds = compress(multi_frame(), RLE)
    offsets = pydicom.encaps.parse_basic_offsets(ds.PixelData)
    assert len(offsets) == 3
    frames = list(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=3))
    for offset, frame in zip(offsets, frames, strict=True):
        item = ds.PixelData[8 + 4 * 3 + offset :]
        assert item[:8] == b"\xfe\xff\x00\xe0" + struct.pack("<I", len(frame))
        assert item[8 : 8 + len(frame)] == frame


def test_extended_offset_table() -> None:
    ds = compress(multi_frame(), RLE, encapsulate_ext=True)
    assert pydicom.encaps.parse_basic_offsets(ds.PixelData) == []
    assert ds["ExtendedOffsetTable"].VR == ds["ExtendedOffsetTableLengths"].VR == "OV"
    tables = (ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths)
    for k in range(3):
        frame = pydicom.encaps.get_frame(ds.PixelData, k, extended_offsets=tables)
        length = struct.unpack_from("<Q", tables[1], 8 * k)[0]
        assert len(frame) == length
        assert np.array_equal(get_decoded(frame), stack()[k])


def get_decoded(frame: bytes) -> NDArray[Any]:
    from pydcm._codecs import rle
    from pydcm._codecs.layout import FrameLayout

    return rle.decode(frame, FrameLayout(5, 7, 1, 16, 12))[..., 0]


def test_offset_tables_of_before_go() -> None:
    ds = multi_frame()
    ds.ExtendedOffsetTable = bytes(24)
    ds.ExtendedOffsetTableLengths = bytes(24)
    compress(ds, RLE)
    assert "ExtendedOffsetTable" not in ds
    assert "ExtendedOffsetTableLengths" not in ds


def test_when_a_basic_offset_table_is_too_small() -> None:
    assert last_offset([3]) == 0
    assert last_offset([3, 10]) == 12
    # A frame may reach past 4 GiB, as long as it does not begin there.
    assert last_offset([0xFFFFFFF6, 5]) == 0xFFFFFFFE
    assert last_offset([0xFFFFFFF6, 0, 5]) > 0xFFFFFFFF


def test_planar_configuration() -> None:
    planes = rgb(bytes(range(18)), PlanarConfiguration=1)
    expected = pixel_array(copy.deepcopy(planes))
    compress(planes, RLE)
    assert planes.PlanarConfiguration == 1  # means nothing to RLE
    assert np.array_equal(pixel_array(planes), expected)
    needs(J2K_LOSSLESS)
    planes = rgb(bytes(range(18)), PlanarConfiguration=1)
    compress(planes, J2K_LOSSLESS)
    assert planes.PlanarConfiguration == 0
    assert np.array_equal(pixel_array(planes), expected)


def test_halved_chrominance_is_made_whole() -> None:
    ds = rgb(bytes(range(16)), PhotometricInterpretation="YBR_FULL_422", Columns=4)
    expected = pixel_array(ds, raw=True)
    compress(ds, RLE)
    assert ds.PhotometricInterpretation == "YBR_FULL"
    assert np.array_equal(pixel_array(ds, raw=True), expected)


def test_unused_bits_go() -> None:
    cells = np.arange(6, dtype=np.uint16) | 0xF000
    ds = image(cells.tobytes(), BitsAllocated=16, BitsStored=12)
    compress(ds, RLE)
    found = pixel_array(ds, correct_unused_bits=False)
    assert found.ravel().tolist() == list(range(6))


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
def test_whatever_the_byte_order_was(syntax: str) -> None:
    order = ">" if syntax == BIG_ENDIAN else "<"
    ds = multi_frame()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = stack().astype(f"{order}u2").tobytes()
    assert np.array_equal(compress(ds, RLE).pixel_array, stack())


def test_what_is_compressed_is_decoded_first() -> None:
    needs(JPEG_LS)
    ds = compress(compress(multi_frame(), RLE), JPEG_LS)
    assert ds.file_meta.TransferSyntaxUID == JPEG_LS
    assert np.array_equal(ds.pixel_array, stack())
    compress(ds, RLE)
    assert np.array_equal(ds.pixel_array, stack())


def test_file_that_is_written_and_read() -> None:
    data = written(compress(multi_frame(), RLE))
    found = pydicom.dcmread(pydicom.filebase.DicomBytesIO(data))
    assert found.file_meta.MediaStorageSOPInstanceUID == found.SOPInstanceUID
    assert np.array_equal(pydicom.pixels.pixel_array(found, decoding_plugin="pydicom"), stack())


def test_an_image_read_from_a_file_in_another_syntax(tmp_path: Any) -> None:
    ds = multi_frame()
    ds.file_meta.TransferSyntaxUID = IMPLICIT
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    read = pydcm.dcmread(tmp_path / "a.dcm")
    read.compress(RLE)
    read.save_as(tmp_path / "a.dcm")  # over the file that was read
    again = pydcm.dcmread(tmp_path / "a.dcm")
    assert again.file_meta.TransferSyntaxUID == RLE
    assert np.array_equal(again.pixel_array, stack())


# --- losses -------------------------------------------------------------------------------------


def test_losses_are_told() -> None:
    needs(J2K)
    cells = np.random.default_rng(1).integers(0, 4096, (64, 64), np.uint16)
    ds = image(cells.tobytes(), Rows=64, Columns=64, BitsAllocated=16, BitsStored=12)
    compress(ds, J2K, j2k_cr=[8])
    assert ds.LossyImageCompression == "01"
    assert ds.LossyImageCompressionMethod == "ISO_15444_1"
    frame = next(pydicom.encaps.generate_frames(ds.PixelData, number_of_frames=1))
    assert float(ds.LossyImageCompressionRatio) == pytest.approx(64 * 64 * 2 / len(frame), rel=0.01)
    first = ds.LossyImageCompressionRatio
    compress(ds, J2K, j2k_cr=[16])
    assert ds.LossyImageCompressionMethod == ["ISO_15444_1", "ISO_15444_1"]
    ratios = ds["LossyImageCompressionRatio"].value
    assert ratios[0] == first < ratios[1]
    compress(ds, RLE)
    ds.decompress()
    assert ds.LossyImageCompression == "01"
    assert len(ds.LossyImageCompressionMethod) == 2


@pytest.mark.parametrize(
    ("uid", "method", "options"),
    [
        ("1.2.840.10008.1.2.4.50", "ISO_10918_1", {"quality": 60}),
        (JPEG_LS_NEAR, "ISO_14495_1", {"jls_error": 2}),
        (J2K, "ISO_15444_1", {"j2k_psnr": [30]}),
        ("1.2.840.10008.1.2.4.112", "ISO_18181_1", {"distance": 2.0}),
        ("1.2.840.10008.1.2.4.203", "ISO_15444_15", {"j2k_cr": [4]}),
    ],
)
def test_methods(uid: str, method: str, options: dict[str, Any]) -> None:
    needs(uid)
    cells = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    ds = image(cells.tobytes(), Rows=64, Columns=64)
    compress(ds, uid, **options)
    assert ds.LossyImageCompressionMethod == method
    assert float(ds.LossyImageCompressionRatio) > 1
    assert ds.pixel_array.shape == (64, 64)


@pytest.mark.parametrize(
    "uid", ["1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.202"]
)
def test_other_lossless_syntaxes(uid: str) -> None:
    needs(uid)
    ds = compress(multi_frame(), uid)
    assert np.array_equal(ds.pixel_array, stack())
    assert "LossyImageCompression" not in ds


def test_methods_stay_beside_their_ratios() -> None:
    needs(JPEG_LS_NEAR)
    ds = multi_frame(LossyImageCompression="01", LossyImageCompressionRatio=[10, 20])
    compress(ds, JPEG_LS_NEAR, jls_error=3)
    assert ds["LossyImageCompressionRatio"].VM == 3
    assert list(ds.LossyImageCompressionMethod) == ["", "", "ISO_14495_1"]
    assert np.abs(ds.pixel_array.astype(int) - stack()).max() <= 3


def test_a_lossy_syntax_without_losses() -> None:
    needs(JPEG_LS_NEAR)
    ds = compress(multi_frame(), JPEG_LS_NEAR)
    assert "LossyImageCompression" not in ds
    assert np.array_equal(ds.pixel_array, stack())


def test_a_lossless_syntax_refuses_losses() -> None:
    needs(JPEG_LS)
    with pytest.raises(ValueError, match="lossless"):
        compress(multi_frame(), JPEG_LS, jls_error=1)
    needs(J2K)
    with pytest.raises(ValueError, match="both"):
        compress(multi_frame(), J2K, j2k_cr=[2], j2k_psnr=[40])


# --- an array in place of the pixels ------------------------------------------------------------


def test_an_array_replaces_the_pixels() -> None:
    ds = multi_frame()
    compress(ds, RLE, stack() // 2)
    assert np.array_equal(ds.pixel_array, stack() // 2)
    big = stack().astype(">u2")
    assert np.array_equal(compress(ds, RLE, big).pixel_array, stack())
    assert np.array_equal(compress(ds, RLE, stack()[:, ::-1]).pixel_array, stack()[:, ::-1])
    assert np.array_equal(compress(ds, RLE, stack().astype(np.uint64)).pixel_array, stack())


def test_an_array_needs_no_pixel_data() -> None:
    ds = multi_frame()
    del ds.PixelData
    assert np.array_equal(compress(ds, RLE, stack()).pixel_array, stack())
    bare = multi_frame()
    del bare.PixelData, bare.file_meta
    assert compress(bare, RLE, stack()).file_meta.TransferSyntaxUID == RLE
    assert np.array_equal(bare.pixel_array, stack())


def test_options_cannot_contradict_the_data_set() -> None:
    for array in (None, stack()):
        ds = compress(multi_frame(), RLE, array, rows=7, columns=5, bits_stored=16)
        assert np.array_equal(ds.pixel_array, stack())


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (stack().astype(np.float32), "integers"),
        (stack() > 5, "integers"),
        (stack()[0], r"shape \(5, 7\)"),
        (stack()[..., np.newaxis], "shape"),
        (stack().astype(np.uint8), "Bits Allocated 16"),
        (stack().astype(np.int16), "Pixel Representation 0"),
        (stack() + 4096, "12 bits"),
    ],
)
def test_arrays_that_are_not_what_is_described(array: NDArray[Any], message: str) -> None:
    ds = multi_frame()
    before = copy.deepcopy(ds)
    with pytest.raises(ValueError, match=message):
        compress(ds, RLE, array)
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says
        pydicom.pixels.compress(pydicom_twin(before), RLE, array)
    assert ds == before


def pydicom_twin(ds: Dataset) -> Any:
    return pydicom.dcmread(pydicom.filebase.DicomBytesIO(written(ds)))


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("uid", ["1.2.3", EXPLICIT, "1.2.840.10008.1.2.4.102"])
def test_what_cannot_be_compressed_to(uid: str) -> None:
    with pytest.raises(NotImplementedError):
        compress(multi_frame(), uid)


@pytest.mark.parametrize(
    "keyword", ["Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation",
                "SamplesPerPixel", "PhotometricInterpretation", "PixelData"],
)  # fmt: skip
def test_what_must_be_there(keyword: str) -> None:
    ds = multi_frame()
    delattr(ds, keyword)
    before = copy.deepcopy(ds)
    with pytest.raises(AttributeError):
        compress(ds, RLE)
    assert ds == before
    assert ds.file_meta.TransferSyntaxUID == EXPLICIT


def test_the_transfer_syntax_must_be_known() -> None:
    ds = multi_frame()
    del ds.file_meta.TransferSyntaxUID
    with pytest.raises(MissingElementError, match="Transfer Syntax"):
        compress(ds, RLE)
    del ds.file_meta
    with pytest.raises(AttributeError, match="Transfer Syntax"):
        compress(ds, RLE)


@pytest.mark.parametrize(
    "elements",
    [
        {
            "PhotometricInterpretation": "YBR_FULL",
            "SamplesPerPixel": 3,
            "PlanarConfiguration": 0,
            "NumberOfFrames": 1,
        },
        {"PhotometricInterpretation": "PALETTE COLOR", "PixelRepresentation": 1},
        {"PhotometricInterpretation": "RGB"},
    ],
)
def test_pixels_that_the_standard_does_not_allow(elements: dict[str, Any]) -> None:
    ds = multi_frame(**elements)
    before = copy.deepcopy(ds)
    with pytest.raises(ValueError, match="not for pixels like these"):
        compress(ds, RLE)
    assert ds == before
    with pytest.raises(ValueError, match="not valid"):
        pydicom.pixels.compress(pydicom_twin(ds), RLE, encoding_plugin="pydicom")


def test_what_the_standard_does_not_allow_can_be_had() -> None:
    cells = np.arange(6, dtype=np.uint32) << 20
    ds = image(cells.tobytes(), BitsAllocated=32, BitsStored=32)
    compress(ds, RLE, validate=False)
    assert ds.pixel_array.ravel().tolist() == cells.tolist()


def test_float_pixel_data_are_never_compressed() -> None:
    ds = image(None, BitsAllocated=32)
    ds.FloatPixelData = np.zeros(6, np.float32).tobytes()
    with pytest.raises(ValueError, match="not for pixels like these"):
        compress(ds, RLE)
    with pytest.raises(AttributeError, match="FloatPixelData"):
        compress(ds, RLE, np.zeros((2, 3), np.uint32))


# --- plugins ------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin", ["", "pydcm", "gdcm", "pylibjpeg", "pydicom"])
def test_names_of_plugins(plugin: str) -> None:
    ds = compress(multi_frame(), RLE, encoding_plugin=plugin)
    assert np.array_equal(ds.pixel_array, stack())


def test_an_unknown_plugin() -> None:
    with pytest.raises(ValueError, match="no plugin 'other'"):
        compress(multi_frame(), RLE, encoding_plugin="other")


# --- failing in the middle ----------------------------------------------------------------------


def test_a_frame_that_fails_leaves_everything_as_it_was() -> None:
    ds = compress(multi_frame(), RLE)
    ds.PixelData = ds.PixelData[:-40]  # the last frame is cut short
    ds.ExtendedOffsetTable = bytes(24)
    needs(JPEG_LS)
    before = copy.deepcopy(ds)
    with pytest.raises((ValueError, EOFError)):
        compress(ds, JPEG_LS)
    assert ds == before
    assert ds.file_meta == before.file_meta
    assert ds["PixelData"].is_undefined_length


def test_methods_of_the_data_set() -> None:
    ds = multi_frame()
    assert ds.compress(RLE, stack() // 2, "", True) is None  # type: ignore[func-returns-value]  # that it gives nothing is tested
    assert "ExtendedOffsetTable" in ds
    assert np.array_equal(ds.pixel_array, stack() // 2)
    assert ds.decompress() is None  # type: ignore[func-returns-value]  # that it gives nothing is tested
    assert np.array_equal(ds.pixel_array, stack() // 2)
    with pytest.raises(UnsupportedSyntaxError):
        ds.compress("1.2.3")


# --- any image ----------------------------------------------------------------------------------


@st.composite
def images(draw: st.DrawFn) -> Dataset:
    allocated = draw(st.sampled_from([8, 16]))
    stored = draw(st.integers(1, allocated))
    signed = draw(st.booleans())
    rows, columns, frames = (draw(st.integers(1, high)) for high in (6, 9, 3))
    low = -(1 << stored - 1) if signed else 0
    random = np.random.default_rng(draw(st.integers(0, 99)))
    cells = random.integers(low, low + (1 << stored), (frames, rows, columns))
    octets = cells.astype(f"<{'i' if signed else 'u'}{allocated // 8}").tobytes()
    return image(
        octets + bytes(len(octets) % 2), Rows=rows, Columns=columns, NumberOfFrames=frames,
        BitsAllocated=allocated, BitsStored=stored, PixelRepresentation=int(signed),
    )  # fmt: skip


@given(images(), st.booleans())
def test_pixels_stay_as_they_are(ds: Dataset, extended: bool) -> None:
    expected = pixel_array(ds)
    found = pixel_array(compress(ds, RLE, encapsulate_ext=extended))
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)
    there = pydicom.pixels.pixel_array(pydicom_twin(ds), decoding_plugin="pydicom")
    assert np.array_equal(there, expected)


def test_six() -> None:
    assert pixel_array(compress(image(SIX), RLE)).tolist() == [[1, 2, 3], [4, 5, 6]]
