"""What decompressing changes in a data set."""

from __future__ import annotations

import copy
import io
import zlib
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm.pixels import compress, decompress, get_decoder, pixel_array
from tests.pixels.making import (
    BIG_ENDIAN,
    DEFLATED_FRAMES,
    EXPLICIT,
    RLE,
    SIX,
    UNCOMPRESSED,
    encapsulated,
    image,
    rgb,
    rle_frame,
    rle_segment,
    written,
)
from tests.shared import CORPUS, needs_corpus

pydicom = pytest.importorskip("pydicom")


def test_pixel_data_and_transfer_syntax() -> None:
    cells = np.arange(12, dtype=np.uint16) * 300
    ds = image(cells.tobytes(), NumberOfFrames=2, BitsAllocated=16, BitsStored=12)
    compress(ds, RLE, encapsulate_ext=True)
    before = ds.SOPInstanceUID
    assert decompress(ds) is ds
    assert ds.PixelData == cells.tobytes()
    assert (ds["PixelData"].VR, ds["PixelData"].is_undefined_length) == ("OW", False)
    assert ds.file_meta.TransferSyntaxUID == EXPLICIT
    assert "ExtendedOffsetTable" not in ds
    assert "ExtendedOffsetTableLengths" not in ds
    assert ds.SOPInstanceUID == ds.file_meta.MediaStorageSOPInstanceUID != before


def test_the_instance_may_stay() -> None:
    ds = compress(image(SIX), RLE, generate_instance_uid=False)
    assert decompress(ds, generate_instance_uid=False).SOPInstanceUID == "2.25.1"


def test_octets_are_padded() -> None:
    ds = compress(image(bytes(range(9)) + b"\0", Rows=3), RLE)
    decompress(ds)
    assert ds.PixelData == bytes(range(9)) + b"\0"
    assert ds["PixelData"].VR == "OB"


@pytest.mark.parametrize(("frames", "rows"), [(1, 3), (3, 3), (3, 4)])
def test_one_bit_pixels_are_packed(frames: int, rows: int) -> None:
    random = np.random.default_rng(frames)
    pixels = random.integers(0, 2, (frames, rows, 3), np.uint8)
    ds = encapsulated(
        [rle_frame(rle_segment(frame.tobytes())) for frame in pixels],
        BitsAllocated=1, BitsStored=1, Rows=rows, NumberOfFrames=frames,
    )  # fmt: skip
    decompress(ds)
    expected = np.packbits(pixels.ravel(), bitorder="little").tobytes()
    assert ds.PixelData == expected + bytes(len(expected) % 2)
    assert np.array_equal(ds.pixel_array, np.squeeze(pixels, 0) if frames == 1 else pixels)


def test_cells_of_three_octets() -> None:
    planes = [rle_segment(bytes(range(k, k + 6))) for k in (1, 50, 100)]
    ds = encapsulated([rle_frame(*planes)], BitsAllocated=24, BitsStored=24)
    expected = pixel_array(ds)
    decompress(ds)
    assert len(ds.PixelData) == 18
    assert np.array_equal(ds.pixel_array, expected)
    assert expected[0, 0] == 1 << 16 | 50 << 8 | 100


def test_colours() -> None:
    ds = compress(rgb(bytes(range(40, 58)), PhotometricInterpretation="YBR_FULL"), RLE)
    stored, converted = pixel_array(ds, raw=True), pixel_array(ds)
    as_stored = decompress(copy.deepcopy(ds), as_rgb=False)
    assert as_stored.PhotometricInterpretation == "YBR_FULL"
    assert as_stored.PixelData == stored.tobytes()
    decompress(ds)
    assert ds.PhotometricInterpretation == "RGB"
    assert ds.PlanarConfiguration == 0
    assert ds.PixelData == converted.tobytes()
    assert np.array_equal(ds.pixel_array, converted)


def test_planes_are_interleaved() -> None:
    planes = rgb(bytes(range(18)), UNCOMPRESSED, PlanarConfiguration=1)
    planes.PixelData = pydicom.encaps.encapsulate([bytes(range(18))])
    expected = pixel_array(planes)
    decompress(planes)
    assert planes.PlanarConfiguration == 0
    assert planes.PixelData == expected.tobytes()


def test_frames_that_were_not_announced() -> None:
    frame = rle_frame(rle_segment(SIX))
    ds = encapsulated([frame, frame])
    ds.NumberOfFrames = 1
    with pytest.warns(UserWarning, match="frames"):
        expected = pixel_array(ds)
    with pytest.warns(UserWarning, match="frames"):
        decompress(ds)
    assert np.array_equal(ds.pixel_array, expected)


def test_what_is_not_compressed() -> None:
    for syntax in (EXPLICIT, BIG_ENDIAN):
        with pytest.raises(ValueError, match="not compressed"):
            decompress(image(SIX, syntax))
    with pytest.raises(AttributeError, match="no Pixel Data"):
        decompress(image(None))


def test_what_must_be_there() -> None:
    ds = compress(image(SIX), RLE)
    del ds.PixelData
    with pytest.raises(AttributeError, match="Pixel Data"):
        decompress(ds)
    ds = compress(image(SIX), RLE)
    del ds.file_meta
    with pytest.raises(AttributeError, match="Transfer Syntax"):
        decompress(ds)


def test_what_nothing_decodes() -> None:
    with pytest.raises(NotImplementedError):
        decompress(encapsulated([b"video!"], "1.2.840.10008.1.2.4.102"))
    with pytest.raises(NotImplementedError):
        decompress(encapsulated([b"what?!"], "1.2.3"))


def test_a_broken_frame_leaves_everything_as_it_was() -> None:
    good = rle_frame(rle_segment(SIX))
    ds = encapsulated([good, good[:66]], NumberOfFrames=2)
    ds.ExtendedOffsetTable = b""
    before = copy.deepcopy(ds)
    with pytest.raises(ValueError, match="frame 2"):
        decompress(ds)
    assert ds == before
    assert ds.file_meta == before.file_meta


@pytest.mark.parametrize("plugin", ["", "pydcm", "gdcm", "pylibjpeg", "pydicom"])
def test_names_of_plugins(plugin: str) -> None:
    ds = compress(image(SIX), RLE)
    ds.decompress(plugin)
    assert ds.PixelData == SIX
    compress(ds, RLE)
    with pytest.raises(ValueError, match="no plugin 'other'"):
        ds.decompress(decoding_plugin="other")
    with pytest.raises(ValueError, match="no plugin 'other'"):
        ds.decompress("other")


def test_files_that_pydicom_wrote() -> None:
    cells = np.arange(12, dtype=np.int16) - 5
    data = written(image(cells.tobytes(), Columns=6, BitsAllocated=16, PixelRepresentation=1))
    there = pydicom.dcmread(pydicom.filebase.DicomBytesIO(data))
    there.compress(RLE, encoding_plugin="pydicom", generate_instance_uid=False)
    file = io.BytesIO()
    there.save_as(file)
    mine = pydcm.dcmread(io.BytesIO(file.getvalue()))
    there.decompress(generate_instance_uid=False, decoding_plugin="pydicom")
    mine.decompress(generate_instance_uid=False)
    assert mine.to_json_dict() == there.to_json_dict()


SAME = [
    "transfer-syntaxes/pydicom/MR_small_RLE.dcm",
    "transfer-syntaxes/pydicom/SC_rgb_rle_16bit_2frame.dcm",
    "transfer-syntaxes/pydicom/SC_rgb_rle_32bit.dcm",
    "transfer-syntaxes/pydicom/SC_rgb_jpeg_dcmtk.dcm",
    "transfer-syntaxes/pydicom/JPEG2000.dcm",
    "transfer-syntaxes/pydicom/GDCMJ2K_TextGBR.dcm",
    "rt/pydicom/rtdose_rle.dcm",
]


@needs_corpus
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("as_rgb", [True, False])
@pytest.mark.parametrize("name", SAME)
def test_same_elements_as_pydicom(name: str, as_rgb: bool) -> None:
    path = CORPUS / name
    if not path.is_file():
        pytest.skip(f"{name} is not in the corpus")
    ds, there = pydcm.dcmread(path), pydicom.dcmread(path)
    uid = str(there.file_meta.TransferSyntaxUID)
    if not get_decoder(uid).is_available:
        pytest.skip("; ".join(get_decoder(uid).missing_dependencies))
    plugin = "pydicom" if uid == RLE else "pylibjpeg"
    if plugin not in pydicom.pixels.get_decoder(uid).available_plugins:
        pytest.skip(f"pydicom's plugin {plugin} is not installed")
    ds.decompress(as_rgb=as_rgb, generate_instance_uid=False)
    there.decompress(as_rgb=as_rgb, generate_instance_uid=False, decoding_plugin=plugin)
    assert group_28(ds) == group_28(there)
    assert ds["PixelData"].VR == there["PixelData"].VR
    mine, theirs = (np.frombuffer(value.PixelData, np.uint8).astype(int) for value in (ds, there))
    assert np.abs(mine - theirs).max() <= (1 if as_rgb else 0)  # colours are rounded otherwise


def group_28(ds: Any) -> dict[str, Any]:
    return {element.keyword: element.value for element in ds.group_dataset(0x0028)}


def test_deflated_frames() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    ds = encapsulated([packer.compress(SIX) + packer.flush() + b"\0"], DEFLATED_FRAMES)
    assert decompress(ds).PixelData == SIX
