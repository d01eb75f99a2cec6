from __future__ import annotations

import importlib.util
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm import examples, limits
from pydcm.dataset import Dataset
from pydcm.errors import (
    BackendError,
    ConformanceError,
    CorruptStreamError,
    InvalidDicomError,
    LimitError,
    MissingElementError,
    UnsupportedSyntaxError,
)
from pydcm.pixels import decode
from pydcm.pixels.sidecar import Sidecar
from tests.pixels.making import (
    BIG_ENDIAN,
    DEFLATED_FRAMES,
    SIX,
    UNCOMPRESSED,
    encapsulated,
    image,
    rgb,
    rle_frame,
    rle_segment,
    saved,
)

KEYS = """
frames rows columns samples_per_pixel bits_allocated bits_stored pixel_representation
planar_configuration dtype byte_order modality photometric series_instance_uid sop_instance_uid
study_instance_uid frame_of_reference_uid instance_number rescaled bytes numpy_shape rescale_slope
rescale_intercept window_center window_width slice_thickness pixel_spacing image_position_patient
image_orientation_patient
""".split()


def meta_of(ds: Dataset, **options: Any) -> Sidecar:
    found: Sidecar = decode(ds, with_meta=True, **options)[1]
    return found


# --- what comes out -----------------------------------------------------------------------------


def test_there_is_always_an_axis_of_frames(tmp_path: Path) -> None:
    assert decode(saved(image(SIX), tmp_path)).shape == (1, 2, 3)
    assert decode(image(SIX * 4, NumberOfFrames=4)).shape == (4, 2, 3)
    assert decode(rgb(SIX * 3)).shape == (1, 2, 3, 3)


def test_array_is_fresh_writable_and_contiguous(tmp_path: Path) -> None:
    path = saved(rgb(SIX * 3, PlanarConfiguration=1), tmp_path)
    first, second = decode(path), decode(str(path))
    assert first.flags.c_contiguous
    assert first.flags.writeable
    assert not np.shares_memory(first, second)
    ds = image(SIX)
    decode(ds)[:] = 0
    assert decode(ds).ravel().tolist() == list(SIX)


def test_one_frame_keeps_the_axis() -> None:
    ds = image(SIX + SIX[::-1], NumberOfFrames=2)
    assert decode(ds, 2).tolist() == [[[6, 5, 4], [3, 2, 1]]]
    assert decode(ds, frame=1).tolist() == [[[1, 2, 3], [4, 5, 6]]]
    assert decode(ds, 0).shape == (2, 2, 3)


@pytest.mark.parametrize("frame", [-1, 3])
def test_no_such_frame(frame: int) -> None:
    with pytest.raises(ValueError, match="frames 1 to 2"):
        decode(image(SIX * 2, NumberOfFrames=2), frame)


def test_frames_that_were_not_announced_are_left_out() -> None:
    with pytest.warns(UserWarning, match="6 more than"):
        assert decode(image(SIX * 2)).shape == (1, 2, 3)


@pytest.mark.parametrize("source", [b"bytes", io.BytesIO(), 12, None])
def test_only_paths_and_data_sets(source: Any) -> None:
    with pytest.raises(TypeError, match="path"):
        decode(source)


def test_missing_and_other_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "absent.dcm")
    other = tmp_path / "text"
    other.write_text("not DICOM" * 100)
    with pytest.raises(InvalidDicomError):
        decode(other)


def test_big_endian_comes_in_the_byte_order_of_the_machine() -> None:
    found = decode(image(SIX * 2, BIG_ENDIAN, BitsAllocated=16))
    assert found.dtype == np.uint16
    assert found.ravel()[:2].tolist() == [0x0102, 0x0304]


@pytest.mark.parametrize(
    ("allocated", "representation", "dtype"),
    [
        (1, 0, "u1"), (8, 0, "u1"), (8, 1, "i1"), (16, 0, "u2"), (16, 1, "i2"), (24, 1, "i4"),
        (32, 0, "u4"), (32, 1, "i4"), (64, 1, "i8"),
    ],
)  # fmt: skip
def test_stored_type(allocated: int, representation: int, dtype: str) -> None:
    data = bytes(max(2, 6 * allocated // 8))
    ds = image(data, BitsAllocated=allocated, PixelRepresentation=representation)
    assert decode(ds).dtype == np.dtype(dtype)


def test_24_bits_are_sign_extended() -> None:
    ds = image(b"\xff\xff\xff\x01\x00\x80" * 3, BitsAllocated=24, PixelRepresentation=1)
    assert decode(ds).ravel()[:2].tolist() == [-1, -0x7FFFFF]


def test_encapsulated_uncompressed() -> None:
    ds = encapsulated([SIX, SIX[::-1]], UNCOMPRESSED, NumberOfFrames=2)
    assert decode(ds).ravel().tolist() == [*SIX, *SIX[::-1]]
    one_bit = encapsulated(
        [b"\x15\x00", b"\x2a\x00"], UNCOMPRESSED, NumberOfFrames=2, BitsAllocated=1
    )
    assert decode(one_bit).ravel().tolist() == [1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1]


def test_deflated_frames() -> None:
    import zlib

    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    ds = encapsulated([packer.compress(SIX) + packer.flush()], DEFLATED_FRAMES)
    assert decode(ds).ravel().tolist() == list(SIX)


def test_private_big_endian_pixels() -> None:
    ds = image(SIX * 2, "1.2.840.113619.5.2", BitsAllocated=16)
    assert decode(ds).ravel()[:2].tolist() == [0x0102, 0x0304]


def test_float_pixels() -> None:
    ds = image(None, BitsAllocated=32, BitsStored=None, PixelRepresentation=None)
    ds.FloatPixelData = np.linspace(-1, 1, 6).astype("<f4").tobytes()
    assert decode(ds).dtype == np.float32
    double = image(None, BitsAllocated=64, BitsStored=None, PixelRepresentation=None)
    double.DoubleFloatPixelData = np.linspace(-1, 1, 6).astype("<f8").tobytes()
    assert decode(double).ravel().tolist() == np.linspace(-1, 1, 6).tolist()
    assert decode(double, rescale=True).dtype == np.float32


def test_examples_decode(tmp_path: Path) -> None:
    assert decode(examples.get_path("rt_dose"), rescale=True).max() > 0
    assert decode(examples.get_path("palette_color")).shape == (1, 350, 800, 3)


# --- colours ------------------------------------------------------------------------------------


def test_ybr_comes_as_rgb() -> None:
    ybr = bytes([76, 85, 255] * 6)
    array, meta = decode(rgb(ybr, PhotometricInterpretation="YBR_FULL"), with_meta=True)
    assert array[0, 0, 0].tolist() == [254, 0, 0]
    assert meta["photometric"] == "RGB"


def test_halved_chrominance_comes_as_rgb() -> None:
    ds = rgb(bytes([76, 76, 85, 255] * 3), PhotometricInterpretation="YBR_FULL_422")
    array, meta = decode(ds, with_meta=True)
    assert array.reshape(-1, 3).tolist() == [[254, 0, 0]] * 6
    assert meta["photometric"] == "RGB"


def test_rle_ybr_comes_as_rgb() -> None:
    frame = rle_frame(*[rle_segment(bytes([value] * 6)) for value in (76, 85, 255)])
    ds = encapsulated(
        [frame], SamplesPerPixel=3, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=1
    )
    assert decode(ds).reshape(-1, 3).tolist() == [[254, 0, 0]] * 6


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_gray_stays_as_it_is(photometric: str) -> None:
    array, meta = decode(image(SIX, PhotometricInterpretation=photometric), with_meta=True)
    assert array.ravel().tolist() == list(SIX)
    assert meta["photometric"] == photometric


def test_other_colours_stay_and_are_named() -> None:
    array, meta = decode(rgb(SIX * 3, PhotometricInterpretation="YBR_ICT"), with_meta=True)
    assert array.ravel().tolist() == list(SIX * 3)
    assert meta["photometric"] == "YBR_ICT"
    cmyk = rgb(SIX * 4, PhotometricInterpretation="CMYK", SamplesPerPixel=4)
    assert decode(cmyk).shape == (1, 2, 3, 4)


# --- rescale ------------------------------------------------------------------------------------


def test_rescale_gives_real_world_values() -> None:
    ds = image(SIX, RescaleSlope=2, RescaleIntercept=-1024, Modality="CT")
    array, meta = decode(ds, rescale=True, with_meta=True)
    assert array.dtype == np.float32
    assert array.ravel().tolist() == [2 * value - 1024 for value in SIX]
    assert (meta["dtype"], meta["rescaled"], meta["bytes"]) == ("float32", True, 24)


def test_rescale_without_slope_only_changes_the_type() -> None:
    array, meta = decode(image(SIX), rescale=True, with_meta=True)
    assert array.dtype == np.float32
    assert array.ravel().tolist() == list(SIX)
    assert meta["rescaled"]


def test_colour_and_bits_are_not_rescaled() -> None:
    for ds in (rgb(SIX * 3, RescaleSlope=2), image(b"\x15\0", BitsAllocated=1, RescaleSlope=2)):
        array, meta = decode(ds, rescale=True, with_meta=True)
        assert array.dtype == np.uint8
        assert not meta["rescaled"]


def test_dose_grid_scaling() -> None:
    ds = image(SIX * 2, BitsAllocated=16, DoseGridScaling=0.5)
    stored = decode(ds)
    assert decode(ds, rescale=True).tolist() == (stored * 0.5).tolist()


def _enhanced(per_frame: list[tuple[float, float]], shared: tuple[float, float] | None) -> Dataset:
    def group(slope: float, intercept: float) -> Dataset:
        values, item = Dataset(), Dataset()
        values.RescaleSlope, values.RescaleIntercept = slope, intercept
        item.PixelValueTransformationSequence = [values]
        return item

    ds = image(SIX * 3, NumberOfFrames=3)
    ds.PerFrameFunctionalGroupsSequence = [group(*each) for each in per_frame] or [
        Dataset() for _ in range(3)
    ]
    if shared is not None:
        ds.SharedFunctionalGroupsSequence = [group(*shared)]
    return ds


def test_each_frame_has_its_own_rescale() -> None:
    ds = _enhanced([(1, 0), (2, 10), (0.5, 0)], (9, 9))
    array = decode(ds, rescale=True)
    stored = np.arange(1, 7)
    assert array.reshape(3, 6).tolist() == [
        stored.tolist(),
        (2 * stored + 10).tolist(),
        (0.5 * stored).tolist(),
    ]
    second, meta = decode(ds, 2, rescale=True, with_meta=True)
    assert second.ravel().tolist() == (2 * stored + 10).tolist()
    assert (meta["rescale_slope"], meta["rescale_intercept"]) == (2, 10)


def test_shared_rescale() -> None:
    array = decode(_enhanced([], (3, 1)), rescale=True)
    assert array[2].ravel().tolist() == [3 * value + 1 for value in SIX]


def test_modality_lut_is_applied() -> None:
    ds, item = image(SIX), Dataset()
    item.LUTDescriptor = [3, 2, 16]
    item.add_new(0x00283006, "US", [100, 200, 300])
    ds.ModalityLUTSequence = [item]
    found = decode(ds, rescale=True)
    assert found.dtype == np.float32
    assert found.ravel().tolist() == [100, 100, 200, 300, 300, 300]


def test_rescale_is_rounded_once() -> None:
    ds = image(SIX * 4, BitsAllocated=32, RescaleSlope="0.1", RescaleIntercept="1e6")
    stored = decode(ds).astype(np.float64)
    assert (decode(ds, rescale=True) == (stored * 0.1 + 1e6).astype(np.float32)).all()


def test_broken_slope_is_an_error() -> None:
    ds = image(SIX, RescaleIntercept=1)
    ds.add_new(0x00281053, "DS", None)
    assert decode(ds).ravel().tolist() == list(SIX)
    with pytest.raises(ConformanceError, match="RescaleSlope"):
        decode(ds, rescale=True)


# --- the sidecar --------------------------------------------------------------------------------


def test_sidecar_has_these_keys_and_types() -> None:
    meta = meta_of(image(SIX))
    assert list(meta) == KEYS
    absent = {key: value for key, value in meta.items() if value in ("", 0.0, [0.0] * 2)}
    assert {key for key in absent if key.endswith("_uid")} >= {"series_instance_uid"}
    assert meta["modality"] == ""
    assert meta["instance_number"] == ""
    assert meta["slice_thickness"] == 0.0
    assert meta["pixel_spacing"] == [0.0, 0.0]
    assert meta["image_position_patient"] == [0.0] * 3
    assert meta["image_orientation_patient"] == [0.0] * 6
    assert (meta["rescale_slope"], meta["rescale_intercept"]) == (1.0, 0.0)
    assert meta["rescaled"] is False
    for value in list(meta.values())[:8]:
        assert type(value) is int
    assert meta["numpy_shape"] == [1, 2, 3]
    assert (meta["dtype"], meta["byte_order"]) == ("uint8", sys.byteorder)


def test_sidecar_tells_what_the_file_says() -> None:
    ds = image(
        SIX * 2,
        BitsAllocated=16,
        BitsStored=12,
        Modality="CT",
        InstanceNumber=7,
        SeriesInstanceUID="1.2.3",
        StudyInstanceUID="1.2.4",
        FrameOfReferenceUID="1.2.5",
        SliceThickness=2.5,
        PixelSpacing=[0.5, 0.75],
        ImagePositionPatient=[1, 2, -3],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        WindowCenter=[40, 50],
        WindowWidth=[400, 500],
        RescaleSlope=2,
        RescaleIntercept=-1024,
    )
    meta = meta_of(ds)
    assert (meta["bits_allocated"], meta["bits_stored"], meta["bytes"]) == (16, 12, 12)
    assert (meta["modality"], meta["instance_number"]) == ("CT", "7")
    assert [meta["series_instance_uid"], meta["study_instance_uid"]] == ["1.2.3", "1.2.4"]
    assert [meta["frame_of_reference_uid"], meta["sop_instance_uid"]] == ["1.2.5", "2.25.1"]
    assert (meta["window_center"], meta["window_width"]) == (40, 400)
    assert (meta["rescale_slope"], meta["rescale_intercept"]) == (2, -1024)
    assert (meta["slice_thickness"], meta["pixel_spacing"]) == (2.5, [0.5, 0.75])
    assert meta["image_position_patient"] == [1, 2, -3]
    assert meta["image_orientation_patient"] == [1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize("rescale", [False, True])
def test_absent_window_spans_the_real_world_values(rescale: bool) -> None:
    meta = meta_of(image(SIX, RescaleSlope=10, RescaleIntercept=5), rescale=rescale)
    assert (meta["window_center"], meta["window_width"]) == (40, 50)


def test_geometry_of_functional_groups() -> None:
    ds = _enhanced([(1, 0)] * 3, None)
    measures, shared = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [1, 2], 3
    shared.PixelMeasuresSequence = [measures]
    ds.SharedFunctionalGroupsSequence = [shared]
    for number, group in enumerate(ds.PerFrameFunctionalGroupsSequence):
        position = Dataset()
        position.ImagePositionPatient = [0, 0, number]
        group.PlanePositionSequence = [position]
    meta = meta_of(ds, frame=3)
    assert (meta["pixel_spacing"], meta["slice_thickness"]) == ([1, 2], 3)
    assert meta["image_position_patient"] == [0, 0, 2]
    assert meta["frames"] == 1


def test_sidecar_describes_the_returned_colours() -> None:
    meta = meta_of(rgb(SIX * 3, PlanarConfiguration=1))
    assert (meta["samples_per_pixel"], meta["planar_configuration"]) == (3, 0)
    assert meta["numpy_shape"] == [1, 2, 3, 3]


def test_unreadable_geometry_does_not_stop_the_pixels() -> None:
    ds = image(SIX)
    ds.SliceThickness = None
    ds.ImagePositionPatient = [1, 2]
    meta = meta_of(ds)
    assert meta["slice_thickness"] == 0.0
    assert meta["image_position_patient"] == [0.0] * 3


# --- refusals -----------------------------------------------------------------------------------


def test_other_syntaxes_are_refused_with_a_hint() -> None:
    with pytest.raises(UnsupportedSyntaxError, match="MPEG2 Main Profile") as caught:
        decode(encapsulated([bytes(4)], "1.2.840.10008.1.2.4.100"))
    assert "video software" in str(caught.value)


def test_no_pixels(tmp_path: Path) -> None:
    with pytest.raises(MissingElementError, match="no Pixel Data"):
        decode(saved(image(None), tmp_path))


def test_truncated_file(tmp_path: Path) -> None:
    path = saved(image(SIX * 2, BitsAllocated=16), tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CorruptStreamError, match="take 12 bytes, and Pixel Data have 9"):
        decode(path)


def test_limits_are_checked_before_memory_is_taken() -> None:
    ds = image(SIX)
    with limits.using(max_frame_pixels=5), pytest.raises(LimitError, match="max_frame_pixels=5"):
        decode(ds)
    with limits.using(max_array_bytes=5), pytest.raises(LimitError, match="max_array_bytes=5"):
        decode(ds)
    with limits.using(max_array_bytes=20):
        assert decode(ds).size == 6
        with pytest.raises(LimitError, match="max_array_bytes=20"):
            decode(ds, rescale=True)


def test_encoded_frames_cannot_expand_without_limit() -> None:
    frame = rle_frame(b"\x81\x00" * 50_000)
    ds = encapsulated([frame] * 20, Rows=2000, Columns=3000, NumberOfFrames=20)
    with limits.using(max_expansion_ratio=40), pytest.raises(LimitError, match="expansion"):
        decode(ds)
    assert decode(ds, 1).shape == (1, 2000, 3000)


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed")
def test_missing_torch_names_the_extra() -> None:
    with pytest.raises(BackendError, match="extra `torch`") as caught:
        decode(image(SIX), to_torch=True)
    assert caught.value.name == "torch"


def test_torch_tensor() -> None:
    torch = pytest.importorskip("torch")
    tensor, meta = decode(image(SIX), to_torch=True, with_meta=True)
    assert isinstance(tensor, torch.Tensor)
    assert tensor.shape == (1, 2, 3)
    assert meta["numpy_shape"] == [1, 2, 3]


def test_it_is_a_function_of_the_package() -> None:
    assert pydcm.decode is decode
