"""What arrays come out, compared with pydicom on small images and on real files."""

from __future__ import annotations

import io
import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm.dataset import Dataset
from pydcm.errors import PydcmError, UnsupportedSyntaxError
from pydcm.pixels import get_decoder, iter_pixels, pixel_array
from tests.pixels.making import (
    BIG_ENDIAN,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    RLE,
    SIX,
    encapsulated,
    image,
    rgb,
    rle_frame,
    rle_segment,
    written,
)
from tests.recording import recorded
from tests.shared import CORPUS, needs_corpus

pydicom = pytest.importorskip("pydicom")
theirs = pytest.importorskip("pydicom.pixels")

EIGHTEEN = bytes(range(100, 118))
RLE_6 = rle_frame(rle_segment(SIX))
RLE_AS_LARGE = rle_frame(b"\xa3\x05" + bytes(8))
RLE_16 = rle_frame(rle_segment(SIX), rle_segment(SIX[::-1]))
RLE_RGB = rle_frame(*[rle_segment(bytes([k] * 5 + [9])) for k in (200, 90, 140)])


def _floats(keyword: str, dtype: str, syntax: str = EXPLICIT, **elements: Any) -> Dataset:
    ds = image(None, syntax, PixelRepresentation=None, **{"BitsStored": None, **elements})
    setattr(ds, keyword, np.linspace(-1, 1, 6).astype(dtype).tobytes())
    return ds


IMAGES: dict[str, Dataset] = {
    "8 bit": image(SIX),
    "implicit": image(SIX, IMPLICIT),
    "deflated": image(SIX, DEFLATED),
    "padding": image(SIX + b"\0\0"),
    "odd": image(SIX[:3] + b"\0", Rows=1),
    "frames": image(SIX * 3, NumberOfFrames=3),
    "more frames than said": image(SIX * 3),
    "frames and a half": image(SIX + SIX[:3] + b"\0"),
    "no frames": image(SIX, NumberOfFrames=0),
    "16 bit": image(SIX * 2, BitsAllocated=16),
    "16 bit signed": image(bytes(range(250, 256)) * 2, BitsAllocated=16, PixelRepresentation=1),
    "12 of 16": image(b"\xff\xf8\x07\x18\x00\x80" * 2, BitsAllocated=16, BitsStored=12),
    "12 of 16 signed": image(
        b"\xff\xf8\x07\x18\x00\x80" * 2, BitsAllocated=16, BitsStored=12, PixelRepresentation=1
    ),
    "4 of 8": image(b"\xff\x8f\x7f\x10\x0f\x08", BitsStored=4),
    "4 of 8 signed": image(b"\xff\x8f\x7f\x10\x0f\x08", BitsStored=4, PixelRepresentation=1),
    "32 bit": image(SIX * 4, BitsAllocated=32),
    "32 bit signed": image(b"\x80\x90\xa0\xff" * 6, BitsAllocated=32, PixelRepresentation=1),
    "64 bit": image(SIX * 8, BitsAllocated=64),
    "60 of 64 signed": image(SIX * 8, BitsAllocated=64, BitsStored=60, PixelRepresentation=1),
    "1 bit": image(b"\x15\0", BitsAllocated=1),
    "1 bit, 5 frames": image(b"\x15\xf3\x3a\x41", BitsAllocated=1, NumberOfFrames=5),
    "1 bit big endian": image(b"\x15\x02", BIG_ENDIAN, BitsAllocated=1, Rows=4),
    "float": _floats("FloatPixelData", "<f4", BitsAllocated=32),
    "double": _floats("DoubleFloatPixelData", "<f8", BitsAllocated=64),
    "float big endian": _floats("FloatPixelData", ">f4", BIG_ENDIAN, BitsAllocated=32),
    "RGB": rgb(EIGHTEEN),
    "RGB planar": rgb(EIGHTEEN, PlanarConfiguration=1),
    "RGB planar frames": rgb(EIGHTEEN * 2, PlanarConfiguration=1, NumberOfFrames=2),
    "RGB 16 bit planar": rgb(EIGHTEEN * 2, PlanarConfiguration=1, BitsAllocated=16, BitsStored=10),
    "YBR_FULL": rgb(EIGHTEEN, PhotometricInterpretation="YBR_FULL"),
    "YBR_FULL planar": rgb(EIGHTEEN, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=1),
    "YBR_FULL_422": rgb(EIGHTEEN[:12], PhotometricInterpretation="YBR_FULL_422"),
    "YBR_FULL_422 frames": rgb(
        EIGHTEEN[:16] * 2, PhotometricInterpretation="YBR_FULL_422", NumberOfFrames=2, Columns=4
    ),
    "YBR_ICT": rgb(EIGHTEEN, PhotometricInterpretation="YBR_ICT"),
    "palette": image(SIX, PhotometricInterpretation="PALETTE COLOR"),
    "big endian OB": image(SIX, BIG_ENDIAN, vr="OB"),
    "big endian OW": image(SIX, BIG_ENDIAN),
    "big endian OW odd": image(b"\x02\x01\x04\x03\x00\x05", BIG_ENDIAN, Rows=1, Columns=5),
    "big endian OW odd frames": image(
        b"\x02\x01\x04\x03\x06\x05", BIG_ENDIAN, Rows=1, NumberOfFrames=2
    ),
    "big endian 16": image(SIX * 2, BIG_ENDIAN, BitsAllocated=16),
    "big endian 12 of 16": image(SIX * 2, BIG_ENDIAN, BitsAllocated=16, BitsStored=12),
    "big endian 32": image(SIX * 4, BIG_ENDIAN, BitsAllocated=32),
    "RLE": encapsulated([RLE_6]),
    "RLE frames": encapsulated([RLE_6, RLE_6], NumberOfFrames=2),
    "RLE 16": encapsulated([RLE_16], BitsAllocated=16),
    "RLE 9 of 16 signed": encapsulated(
        [RLE_16], BitsAllocated=16, BitsStored=9, PixelRepresentation=1
    ),
    "RLE 64": encapsulated([rle_frame(*[rle_segment(SIX)] * 8)], BitsAllocated=64),
    "as large as native": encapsulated([RLE_AS_LARGE], Rows=47, Columns=2),
    "RLE too long": encapsulated([rle_frame(rle_segment(SIX + b"\x07"))]),
    "RLE more frames than said": encapsulated([RLE_6, RLE_6]),
    **{
        f"RLE {photometric} {planar}": encapsulated(
            [RLE_RGB],
            SamplesPerPixel=3,
            PhotometricInterpretation=photometric,
            PlanarConfiguration=planar,
        )
        for photometric in ("RGB", "YBR_FULL", "YBR_FULL_422")
        for planar in (0, 1)
    },
}

OPTIONS: list[dict[str, Any]] = [
    {},
    {"raw": True},
    {"index": 0},
    {"index": 1},
    {"as_rgb": False},
    {"correct_unused_bits": False},
    {"allow_excess_frames": False},
    {"rows": 1},
    {"rle_segment_order": "<"},
]


def _same(ours: Any, expected: Any) -> None:
    assert ours.shape == expected.shape
    assert ours.dtype == expected.dtype
    assert ours.tolist() == expected.tolist()
    assert ours.flags.writeable
    assert ours.flags.c_contiguous


def _own_decoder(name: str) -> dict[str, Any]:
    """Return what makes pydicom decode by itself, whatever else is installed."""
    return {"decoding_plugin": "pydicom"} if name.startswith("RLE") else {}


# pydicom cannot read one frame, or more frames than said, of 1-bit pixels that do not fill octets.
_THEIRS_FAIL = {("1 bit, 5 frames", "index"), ("1 bit, 5 frames", "rows")}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", IMAGES)
def test_same_array_as_pydicom(name: str, options: dict[str, Any]) -> None:
    if any(name == known and option in options for known, option in _THEIRS_FAIL):
        pytest.skip("pydicom fails here")
    # Of a data set: given a file, pydicom leaves out frames that were not announced, and
    # finds no pixels in a deflated one.
    file = written(IMAGES[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            peer = pydicom.dcmread(io.BytesIO(file))
            expected = theirs.pixel_array(peer, **_own_decoder(name), **options)
        except ValueError:
            with pytest.raises(ValueError):  # noqa: PT011  # the message is ours
                pixel_array(io.BytesIO(file), **options)
            return
        _same(pixel_array(io.BytesIO(file), **options), expected)
        if not options:
            _same(pydcm.dcmread(file).pixel_array, expected)


@pytest.mark.parametrize("name", IMAGES)
def test_same_frames_as_pydicom(name: str) -> None:
    file = written(IMAGES[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = list(iter_pixels(io.BytesIO(file)))
        ds = pydicom.dcmread(io.BytesIO(file))
        if name in ("1 bit, 5 frames", "YBR_FULL_422 frames"):  # it fails to iterate over them
            expected = list(ds.pixel_array)
        else:
            expected = list(theirs.iter_pixels(ds, **_own_decoder(name)))
        for frame, wanted in zip(ours, expected, strict=True):
            _same(frame, wanted)


@pytest.mark.parametrize("name", IMAGES)
def test_same_octets_as_pydicom(name: str) -> None:
    file = written(IMAGES[name])
    ours, peer = pydcm.dcmread(file), pydicom.dcmread(io.BytesIO(file))
    uid = str(ours.file_meta.TransferSyntaxUID)
    if name == "RLE 9 of 16 signed":
        pytest.skip("pydicom leaves the bits above Bits Stored in decoded octets")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for options in ({}, {"index": 0}, {"index": (ours.get("NumberOfFrames") or 1) - 1}):
            octets, described = get_decoder(uid).as_buffer(ours, **options)
            wanted, expected = theirs.get_decoder(uid).as_buffer(
                peer, **options, **_own_decoder(name)
            )
            assert bytes(octets) == bytes(wanted)
            if name.startswith("RLE YBR_FULL_422"):  # the name stays there
                expected["photometric_interpretation"] = "YBR_FULL"
            assert described == {key: expected[key] for key in described}


def test_planes_of_rle_one_by_one() -> None:
    ds = encapsulated([RLE_RGB], SamplesPerPixel=3, PhotometricInterpretation="RGB")
    ((octets, described),) = get_decoder(RLE).iter_buffer(ds)
    assert bytes(octets) == b"".join(bytes([k] * 5 + [9]) for k in (200, 90, 140))
    assert described["planar_configuration"] == 1


_WARNING = {
    "as large as native",
    "padding", "more frames than said", "frames and a half", "no frames",
    "RLE too long", "RLE more frames than said",
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGES)
def test_warns_where_pydicom_does(name: str) -> None:
    ds = pydcm.dcmread(written(IMAGES[name]))
    with recorded() as caught:
        ds.pixel_array  # noqa: B018  # the access decodes it
    assert bool(caught) == (name in _WARNING)
    assert all(warning.category is UserWarning for warning in caught)


def _without(keyword: str) -> Dataset:
    elements: dict[str, Any] = {keyword: None}
    return image(SIX, **elements)


BROKEN: dict[str, Dataset] = {
    "short": image(SIX[:5]),
    "short frames": image(SIX + SIX[:4], NumberOfFrames=2),
    "empty": image(b""),
    "no pixels": image(None),
    "rows 0": image(SIX, Rows=0),
    "stored 0": image(SIX, BitsStored=0),
    "stored 9": image(SIX, BitsStored=9),
    "representation 2": image(SIX, PixelRepresentation=2),
    "samples 2": image(SIX, SamplesPerPixel=2),
    "photometric": image(SIX, PhotometricInterpretation="FOO"),
    "allocated 12": image(SIX * 2, BitsAllocated=12),
    "planar 2": rgb(EIGHTEEN, PlanarConfiguration=2),
    "planar absent": rgb(EIGHTEEN, PlanarConfiguration=None),
    "422 in full": rgb(EIGHTEEN, PhotometricInterpretation="YBR_FULL_422"),
    "syntax unknown": image(SIX, "1.2.3"),
    "video": image(SIX, "1.2.840.10008.1.2.4.100"),
    "referenced": image(SIX, "1.2.840.10008.1.2.4.94"),
    "RLE without items": image(SIX, "1.2.840.10008.1.2.5"),
    **{
        f"without {keyword}": _without(keyword)
        for keyword in (
            "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated",
            "BitsStored", "PixelRepresentation",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_fails_with_what_catches_pydicoms_error(name: str) -> None:
    ds = BROKEN[name]
    copy = pydicom.Dataset()
    copy.file_meta = pydicom.dataset.FileMetaDataset()
    copy.file_meta.TransferSyntaxUID = ds.file_meta.TransferSyntaxUID
    for elem in ds:
        copy.add_new(int(elem.tag), str(elem.VR), elem.value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception) as expected:  # noqa: PT011  # any: it is what we compare with
            copy.pixel_array  # noqa: B018  # the access decodes it
        with pytest.raises(PydcmError) as ours:
            ds.pixel_array  # noqa: B018  # the access decodes it
    assert isinstance(ours.value, expected.type)


@needs_corpus
def test_same_arrays_of_the_corpus() -> None:
    compared = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in sorted(CORPUS.rglob("*.dcm")):
            compared += _compared(path)
    assert compared > 300


def _compared(path: Path) -> bool:
    """Compare the pixels of a file, and return whether both have any."""
    try:
        expected = pydicom.dcmread(path, force=True)
        if not any(keyword in expected for keyword in ("PixelData", "FloatPixelData")):
            return False
        expected.pixel_array_options(**_like_libjpeg(expected))
        expected = expected.pixel_array
    except Exception:  # what pydicom cannot decode cannot be compared
        return False
    try:
        ours = pydcm.dcmread(path, force=True).pixel_array
    except UnsupportedSyntaxError:
        return False
    assert (ours.dtype, ours.shape) == (expected.dtype, expected.shape), path
    tolerance = 1 if _syntax(path) in _TOLERANT or path.name in _BASELINE_WITHIN else 0
    assert _most_apart(ours, expected) <= tolerance, path
    return True


def _like_libjpeg(ds: Any) -> dict[str, str]:
    """Return what makes pydicom decode DCT JPEG by libjpeg-turbo, as other decoders differ."""
    baseline = str(ds.file_meta.get("TransferSyntaxUID", "")) in _DCT and ds.BitsStored == 8
    return {"decoding_plugin": "pillow"} if baseline else {}


_DCT = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
# Of the decoders that pydicom knows only pylibjpeg-libjpeg takes 12 bits, and it computes the
# inverse DCT in another way than libjpeg-turbo, whose digests ours are.
_TOLERANT = {"1.2.840.10008.1.2.4.51"}
# It also is who takes a baseline stream that is declared as a lossless one.
_BASELINE_WITHIN = {"sample-op.dcm"}


def _syntax(path: Path) -> str:
    return str(pydcm.dcmread(path, force=True).file_meta.get("TransferSyntaxUID", ""))


def _most_apart(ours: Any, expected: Any) -> float:
    if ours.tobytes() == expected.tobytes():
        return 0
    return float(abs(ours.astype(float) - expected.astype(float)).max())


def test_options_of_the_data_set() -> None:
    ds = rgb(EIGHTEEN, PhotometricInterpretation="YBR_FULL")
    assert ds.pixel_array.ravel()[:3].tolist() == [64, 128, 52]
    ds.pixel_array_options(raw=True)
    assert ds.pixel_array.tobytes() == EIGHTEEN


def test_pixel_array_follows_changes() -> None:
    ds = image(SIX)
    first = ds.pixel_array
    assert ds.pixel_array is first
    ds.PixelData = struct.pack("6B", *range(6))
    assert ds.pixel_array.ravel().tolist() == list(range(6))


def test_ds_out_receives_what_describes_the_pixels() -> None:
    ds = image(SIX, RescaleSlope=1, PatientName="Doe")
    for wanted in (None, [0x00100010]):
        file = io.BytesIO(written(ds))
        file.seek(7)
        ours, expected = pydcm.Dataset(), pydicom.Dataset()
        pixel_array(file, ds_out=ours, specific_tags=wanted)
        assert file.tell() == 7
        theirs.pixel_array(file, ds_out=expected, specific_tags=wanted)
        assert {int(elem.tag) for elem in ours} == {int(elem.tag) for elem in expected}
        assert ours.file_meta.TransferSyntaxUID == expected.file_meta.TransferSyntaxUID
