"""NIfTI: read as nibabel reads it, written as the conventions say, hostile or not."""

from __future__ import annotations

import gzip
import json
import os
import random
import struct
import sys
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import dcmread, limits
from pydcm.errors import (
    BackendError,
    GeometryError,
    InvalidDicomError,
    LimitError,
    PydcmError,
    ReadError,
    TruncatedError,
    WriteError,
)
from pydcm.volume import (
    Axis,
    Volume,
    Volume4D,
    from_nifti,
    from_nifti_4d,
    load_series,
)
from pydcm.volume.gzip_stream import deflated
from pydcm.volume.voxel_writing import smallest_dtype
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden
from tests.volume.grids import AFFINES, volume

nibabel = pytest.importorskip("nibabel", reason="NIfTI needs nibabel (extra nifti)")

TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
NIFTI = GOLDEN / "nifti"


def _cases(group: str) -> list[dict[str, Any]]:
    path = NIFTI / f"{group}.json"
    return json.loads(path.read_text())["cases"] if path.is_file() else []


def _ids(group: str) -> list[str]:
    return [str(case["id"]) for case in _cases(group)]


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# ---- reading ---------------------------------------------------------------


@needs_golden
@pytest.mark.parametrize("case", _cases("nibabel_files"), ids=_ids("nibabel_files"))
def test_files_are_read_as_nibabel_reads_them(case: dict[str, Any]) -> None:
    arrays = np.load(NIFTI / "nibabel_files.npz", allow_pickle=False)
    outputs = case["outputs"]
    path = NIFTI / case["params"]["file"]
    read = from_nifti_4d(path) if case["id"] == "4d" else from_nifti(path)
    np.testing.assert_allclose(read.affine, arrays[outputs["affine_lps"]], atol=1e-6)
    stored, scaled = (arrays[outputs.get(key, outputs["data"])] for key in ("data", "scaled"))
    if case["id"] == "rgb24":
        np.testing.assert_array_equal(read.pixels, stored.transpose(2, 1, 0, 3))
        return
    np.testing.assert_array_equal(read.pixels.reshape(scaled.T.shape), scaled.T)
    if np.array_equal(stored, scaled):
        assert read.pixels.dtype == stored.dtype
    assert read.pixels.dtype.isnative


CORPUS_FILES = [
    "NIFTI-Reader-JS/5D_small.nii",
    "NIFTI-Reader-JS/air.hdr.gz",
    "NIFTI-Reader-JS/air.img.gz",
    "NIFTI-Reader-JS/big.nii.gz",
    "nibabel/example4d.nii.gz",
    "nibabel/example_nifti2.nii.gz",
    "nibabel/functional.nii",
    "nibabel/standard.nii.gz",
]


@needs_corpus
@pytest.mark.parametrize("name", CORPUS_FILES)
def test_real_files_are_read_as_nibabel_reads_them(name: str) -> None:
    path = CORPUS / "nifti-nrrd" / name
    peer = nibabel.load(path)
    expected = np.asanyarray(peer.dataobj).T
    read = from_nifti_4d(path)
    np.testing.assert_array_equal(read.pixels, expected.reshape(read.pixels.shape))
    # nibabel leaves the unit of length alone; these files have mm or none
    np.testing.assert_allclose(read.affine, TO_LPS @ peer.affine, atol=1e-5)
    assert all(axis.values.shape == (len(read.pixels),) for axis in read.dimensions)
    if len(read.pixels) == 1:
        assert from_nifti(path).equals(read.volume(0))


def test_several_volumes_are_not_one(tmp_path: Path) -> None:
    pixels = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    axis = Axis("time", np.array([0.0, 2.5]), 2.5)
    four = Volume4D(pixels, (2.5, 0.8, 0.7), AFFINES["oblique"], [axis], "1.2")
    path = four.to_nifti(tmp_path / "four.nii.gz")
    with pytest.raises(GeometryError, match=r"holds 2 volumes.*from_nifti_4d"):
        from_nifti(path)
    again = from_nifti_4d(path)
    assert again.equals(four)
    assert [(one.kind, one.values.tolist(), one.spacing) for one in again.dimensions] == [
        ("time", [0.0, 2.5], 2.5)
    ]
    assert nibabel.load(path).header.get_zooms()[3] == 2.5


def test_further_dimensions_are_axes(tmp_path: Path) -> None:
    data = np.arange(2 * 3 * 4 * 3 * 2, dtype=np.int16).reshape(2, 3, 4, 3, 2)
    image = nibabel.Nifti1Image(data, np.eye(4))
    image.header.set_xyzt_units("mm", "msec")
    image.header["pixdim"][4:6] = 1500, 7
    nibabel.save(image, tmp_path / "five.nii")
    read = from_nifti_4d(tmp_path / "five.nii")
    assert [axis.kind for axis in read.dimensions] == ["dimension 5", "time"]
    assert read.dimensions[0].values.tolist() == [0, 0, 0, 7, 7, 7]
    np.testing.assert_allclose(read.dimensions[1].values, [0, 1.5, 3.0] * 2)
    for index, (slow, fast) in enumerate(np.ndindex(2, 3)):
        np.testing.assert_array_equal(read.pixels[index], data[..., fast, slow].T)


@pytest.mark.parametrize(("unit", "factor"), [("meter", 1000.0), ("micron", 0.001), ("mm", 1.0)])
def test_the_unit_of_length_is_heeded(tmp_path: Path, unit: str, factor: float) -> None:
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.uint8), np.diag([2.0, 3.0, 4.0, 1.0]))
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "unit.nii")
    assert from_nifti(tmp_path / "unit.nii").spacing == pytest.approx(
        (4 * factor, 3 * factor, 2 * factor)
    )


def test_the_sform_goes_before_the_qform(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.zeros((2, 3, 4), np.uint8), None)
    image.set_sform(np.diag([2.0, 2.0, 2.0, 1.0]), code=1)
    image.set_qform(np.diag([2.0, 2.0, 5.0, 1.0]), code=1)
    nibabel.save(image, tmp_path / "both.nii")
    assert from_nifti(tmp_path / "both.nii").spacing == (2.0, 2.0, 2.0)
    image.set_sform(None, code=0)
    nibabel.save(image, tmp_path / "q.nii")
    assert from_nifti(tmp_path / "q.nii").spacing == (5.0, 2.0, 2.0)


def test_a_file_that_places_its_voxels_nowhere_says_so(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.zeros((3, 5, 7), np.uint8), None)
    nibabel.save(image, tmp_path / "nowhere.nii")
    read = from_nifti(tmp_path / "nowhere.nii")
    assert read.report is not None
    assert [finding.code for finding in read.report.findings] == ["no-orientation"]
    assert "no-orientation" in repr(read)
    np.testing.assert_allclose(read.affine, TO_LPS @ image.header.get_base_affine())


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("asked", ["pair.hdr", "pair.img"])
def test_a_pair_is_read_by_either_name(tmp_path: Path, asked: str, compressed: bool) -> None:
    one = volume("int32")
    image = nibabel.Nifti1Pair(one.pixels.T, TO_LPS @ one.affine)
    ending = ".gz" if compressed else ""
    nibabel.save(image, tmp_path / f"pair.img{ending}")
    assert from_nifti(tmp_path / f"{asked}{ending}").equals(one)


@pytest.mark.parametrize(("slope", "inter"), [(2.5, -7.0), (1.0, -1024.0), (-1.0, 0.0)])
def test_scaling_is_applied(tmp_path: Path, slope: float, inter: float) -> None:
    raw = bytearray(_file(tmp_path, volume("int16")))
    struct.pack_into("<ff", raw, 112, slope, inter)
    path = _write(tmp_path / "scaled.nii", bytes(raw))
    read = from_nifti(path)
    np.testing.assert_array_equal(read.pixels, volume("int16").pixels * slope + inter)
    np.testing.assert_array_equal(read.pixels.T, nibabel.load(path).get_fdata())


@pytest.mark.parametrize("pair", [(0.0, 5.0), (1.0, 0.0), (float("nan"), float("nan"))])
def test_no_scaling_keeps_the_dtype(tmp_path: Path, pair: tuple[float, float]) -> None:
    raw = bytearray(_file(tmp_path, volume("int16")))
    struct.pack_into("<ff", raw, 112, *pair)
    assert from_nifti(_write(tmp_path / "as_is.nii", bytes(raw))).pixels.dtype == np.int16


# ---- writing ---------------------------------------------------------------


def _file(folder: Path, one: Volume, **keywords: Any) -> bytes:
    return Path(one.to_nifti(folder / "made.nii", **keywords)).read_bytes()


def test_the_header_is_that_of_the_conventions(tmp_path: Path) -> None:
    one = volume("float32", "oblique", (5, 6, 7))
    path = one.to_nifti(str(tmp_path / "x.nii"))
    assert path == str(tmp_path / "x.nii")
    raw = Path(path).read_bytes()
    assert struct.unpack_from("<i", raw, 0) == (348,)
    assert struct.unpack_from("<8h", raw, 40) == (3, 7, 6, 5, 1, 1, 1, 1)
    assert struct.unpack_from("<2h", raw, 70) == (16, 32)
    assert struct.unpack_from("<3f", raw, 108) == (352.0, 1.0, 0.0)
    assert raw[123] == 2
    assert struct.unpack_from("<2h", raw, 252) == (1, 1)
    assert raw[344:352] == b"n+1\0\0\0\0\0"
    rows = np.array(struct.unpack_from("<12f", raw, 280)).reshape(3, 4)
    np.testing.assert_allclose(rows, (TO_LPS @ one.affine)[:3], rtol=1e-6)
    assert raw[352:] == one.pixels.tobytes()
    four = Volume4D(np.zeros((2, 3, 4, 5), np.uint8), (1, 1, 1), np.eye(4), [], "")
    assert Path(four.to_nifti(tmp_path / "4.nii")).read_bytes()[123] == 10


CODES = {"float32": 16, "uint8": 2, "int16": 4, "uint16": 512}


@pytest.mark.parametrize(
    "dtype", ["float32", "uint8", "int16", "uint16", "float64", "int8", "bool"]
)
def test_datatype_codes(tmp_path: Path, dtype: str) -> None:
    raw = _file(tmp_path, volume(dtype))
    assert struct.unpack_from("<h", raw, 70)[0] == CODES.get(dtype, 16)


@pytest.mark.parametrize("geometry", sorted(AFFINES))
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize(
    "dtype", "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 complex64".split()
)
def test_what_is_written_is_read(tmp_path: Path, dtype: str, ending: str, geometry: str) -> None:
    one = volume(dtype, geometry)
    path = one.to_nifti(tmp_path / f"x{ending}", dtype=dtype)
    again = from_nifti(path)
    assert again.pixels.dtype == one.pixels.dtype
    assert again.equals(one)
    assert again.series_instance_uid == ""
    peer = nibabel.load(path)
    np.testing.assert_array_equal(np.asanyarray(peer.dataobj).T, one.pixels)
    np.testing.assert_allclose(peer.affine, TO_LPS @ one.affine, atol=1e-4)
    if geometry != "sheared":
        np.testing.assert_allclose(peer.get_qform(), peer.affine, atol=1e-4)
    assert (peer.header["qform_code"], peer.header["sform_code"]) == (1, 1)


@pytest.mark.parametrize("shape", [(1, 6, 7), (1, 1, 1), (300, 2, 2), (2, 700, 800)])
def test_shapes_go_round(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    one = volume("uint16", "straight", shape)
    assert from_nifti(one.to_nifti(tmp_path / "x.nii.gz")).equals(one)


def test_colour_goes_round(tmp_path: Path) -> None:
    one = volume("uint8", "oblique", (3, 4, 5, 3))
    path = one.to_nifti(tmp_path / "rgb.nii.gz")
    assert from_nifti(path).equals(one)
    assert nibabel.load(path).header.get_data_dtype().names == ("R", "G", "B")


def test_a_side_beyond_16_bits_makes_nifti_2(tmp_path: Path) -> None:
    one = volume("uint8", "straight", (2, 1, 40000))
    path = one.to_nifti(tmp_path / "long.nii")
    assert type(nibabel.load(path)).__name__ == "Nifti2Image"
    assert from_nifti(path).equals(one)


def test_any_layout_in_memory_is_written_in_order(tmp_path: Path) -> None:
    one = volume("int16", "straight", (9, 8, 7))
    views = [one.pixels[::-1, :, ::2], one.pixels.transpose(2, 0, 1), np.asfortranarray(one.pixels)]
    for pixels in [*views, one.pixels.astype(">i2")]:
        made = Volume(pixels, one.spacing, one.affine, "")
        assert from_nifti(made.to_nifti(tmp_path / "view.nii.gz")).equals(made)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 255, "uint8"),
        (-1, 255, "int16"),
        (-1024, 3071, "int16"),
        (0, 40000, "uint16"),
        (-1, 40000, "float32"),
        (0, 70000, "float32"),
    ],
)
def test_the_smallest_dtype_holds_every_value(
    tmp_path: Path, low: int, high: int, expected: str
) -> None:
    pixels = np.full((3, 4, 5), low, np.float32)
    pixels[2, 3, 4] = high
    one = Volume(pixels, (1, 1, 1), np.eye(4), "")
    again = from_nifti(one.to_nifti(tmp_path / "s.nii", dtype="smallest"))
    assert again.pixels.dtype == expected
    assert again.equals(one)
    for odd in (0.5, np.nan, np.inf):
        pixels[1, 1, 1] = odd
        assert smallest_dtype(pixels) == np.float32


@pytest.mark.parametrize(
    ("rare", "expected"), [(300, "int16"), (-1, "int16"), (40000, "uint16"), (0.5, "float32")]
)
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_one_voxel_of_a_thousand_slices_decides(
    tmp_path: Path, ending: str, rare: float, expected: str
) -> None:
    pixels = np.ones((1000, 3, 5), np.float32)
    pixels[501, 2, 4] = rare
    one = Volume(pixels, (1, 1, 1), np.eye(4), "")
    again = from_nifti(one.to_nifti(tmp_path / f"x{ending}", dtype="smallest"))
    assert again.pixels.dtype == expected
    assert again.equals(one)
    assert os.listdir(tmp_path) == [f"x{ending}"]


@pytest.mark.parametrize(
    ("dtype", "rare", "expected"),
    [
        ("int16", -1, "int16"),
        ("int16", 9, "uint8"),
        (">i2", -1, "int16"),
        ("int32", 70000, "float32"),
    ],
)
def test_the_dtype_may_be_the_smallest_already(
    tmp_path: Path, dtype: str, rare: int, expected: str
) -> None:
    for where in (0, 3):  # in a slice that is looked at first, and in one that is not
        pixels = np.ones((20, 3, 5), dtype)
        pixels[where, 2, 4] = rare
        one = Volume(pixels, (1, 1, 1), np.eye(4), "")
        again = from_nifti(one.to_nifti(tmp_path / "x.nii", dtype="smallest"))
        assert again.pixels.dtype == expected
        assert again.equals(one)


def test_what_would_change_whole_numbers_is_refused(tmp_path: Path) -> None:
    labels = np.zeros((2, 3, 4), np.int32)
    labels[1, 1, 1] = 2**24 + 1
    one = Volume(labels, (1, 1, 1), np.eye(4), "")
    path = tmp_path / "labels.nii"
    path.write_bytes(b"was here before")
    with pytest.raises(WriteError, match=r"float32.*int32"):
        one.to_nifti(path)
    assert path.read_bytes() == b"was here before"
    assert os.listdir(tmp_path) == ["labels.nii"]
    assert from_nifti(one.to_nifti(path, dtype="int32")).equals(one)
    with pytest.raises(WriteError, match="int16"):
        Volume(labels + 0.5, (1, 1, 1), np.eye(4), "").to_nifti(path, dtype="int16")
    with pytest.raises(WriteError, match="complex64"):
        volume("complex64").to_nifti(path)
    with pytest.raises(WriteError, match="float16"):
        one.to_nifti(path, dtype="float16")
    with pytest.raises(WriteError, match="float32"):
        Volume(np.full((1, 1, 1), 1e300), (1, 1, 1), np.eye(4), "").to_nifti(path)


@pytest.mark.parametrize(
    "affine",
    [np.zeros((4, 4)), np.diag([1.0, 1.0, 0.0, 1.0]), np.full((4, 4), np.nan), np.eye(3)],
    ids=["zero", "flat", "nan", "3 x 3"],
)
def test_an_affine_that_spans_no_volume_is_not_written(
    tmp_path: Path, affine: NDArray[np.float64]
) -> None:
    with pytest.raises(GeometryError):
        Volume(np.zeros((2, 2, 2), np.uint8), (1, 1, 1), affine, "").to_nifti(tmp_path / "x.nii")
    assert os.listdir(tmp_path) == []


def test_writing_needs_little_memory(tmp_path: Path) -> None:
    pixels = np.zeros((64, 512, 512), np.float32)  # 64 MiB
    one = Volume(pixels, (1, 1, 1), np.eye(4), "")
    one.to_nifti(tmp_path / "first.nii.gz", dtype="smallest")
    tracemalloc.start()
    try:
        one.to_nifti(tmp_path / "x.nii.gz", dtype="int16")
        one.to_nifti(tmp_path / "x.nii", dtype="smallest")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < pixels.nbytes / 2


def test_without_nibabel_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = volume().to_nifti(tmp_path / "x.nii")
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(BackendError, match=r"pydcm\[nifti\]"):
        from_nifti(path)
    with pytest.raises(ImportError, match=r"pydcm\[nifti\]"):
        volume().to_nifti(path)


# ---- the compressed stream -------------------------------------------------


@pytest.mark.parametrize("hidden", [(), ("isal",), ("isal", "zlib_ng")], ids=["any", "ng", "zlib"])
def test_the_stream_is_one_member_whoever_deflates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hidden: tuple[str, ...]
) -> None:
    from pydcm.volume import gzip_stream

    for name in hidden:
        monkeypatch.setitem(sys.modules, name, None)
    gzip_stream._deflater.cache_clear()
    try:
        one = volume("int16", "straight", (9, 300, 400))
        raw = Path(one.to_nifti(tmp_path / "x.nii.gz")).read_bytes()
        first = zlib.decompressobj(31)
        inflated = first.decompress(raw)
        assert first.eof
        assert first.unused_data == b""
        assert inflated == _file(tmp_path, one)
        assert gzip.decompress(raw) == inflated
        assert raw == Path(one.to_nifti(tmp_path / "y.nii.gz")).read_bytes()
        assert from_nifti(tmp_path / "x.nii.gz").equals(one)
    finally:
        gzip_stream._deflater.cache_clear()


@pytest.mark.parametrize("container", ["gzip", "zlib"])
def test_checksums_of_parts_are_those_of_the_whole(container: Any) -> None:
    dice = random.Random(5)
    wbits = 31 if container == "gzip" else 15
    for sizes in ([], [0], [1], [1, 0, 70000], [100_000, 3, 65521, 5553]):
        parts = [dice.randbytes(size) for size in sizes]
        blocks = [lambda part=part: memoryview(part) for part in parts]
        streams = {
            threads: b"".join(deflated(blocks, container, threads=threads)) for threads in (1, 3)
        }
        assert streams[1] == streams[3]
        assert zlib.decompress(streams[1], wbits) == b"".join(parts)


def test_other_programs_read_the_stream(tmp_path: Path) -> None:
    sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is the peer of this test")
    one = volume("int16", "oblique", (9, 300, 400))
    image = sitk.ReadImage(one.to_nifti(tmp_path / "x.nii.gz"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), one.pixels)
    np.testing.assert_allclose(image.GetOrigin(), one.affine[:3, 3], atol=1e-4)
    np.testing.assert_allclose(image.GetSpacing(), one.spacing[::-1], atol=1e-5)


# ---- against dcm2niix ------------------------------------------------------

SERIES = "ax_asc ax_desc cor ct_ax oblique one_slice sag shuffled slope u16_large u8".split()


@needs_golden
@pytest.mark.parametrize("name", SERIES)
def test_series_become_what_dcm2niix_makes_of_them(tmp_path: Path, name: str) -> None:
    case = next(case for case in _cases("dcm2niix_synthetic") if case["id"] == name)
    arrays = np.load(NIFTI / "dcm2niix_synthetic.npz", allow_pickle=False)
    expected = arrays[case["outputs"]["o"]]
    told = case["expect"]["files"]["o"]
    made = nibabel.load(load_series(NIFTI / "series" / name).to_nifti(tmp_path / "x.nii.gz"))
    turned = nibabel.as_closest_canonical(made)
    peer = nibabel.Nifti1Image(expected, np.array(told["affine_ras"]))
    peer = nibabel.as_closest_canonical(peer)
    np.testing.assert_allclose(turned.affine, peer.affine, atol=1e-4)
    # what is recorded are stored values: the scale is in the header of dcm2niix's file
    header = dcmread(next((NIFTI / "series" / name).iterdir()))
    slope, intercept = (
        float(header.get("RescaleSlope", 1)),
        float(header.get("RescaleIntercept", 0)),
    )
    values = np.asanyarray(peer.dataobj) * slope + intercept
    np.testing.assert_allclose(turned.get_fdata(), values, rtol=1e-6)


# ---- hostile ---------------------------------------------------------------


def _poked(raw: bytes, offset: int, form: str, *values: float) -> bytes:
    data = bytearray(raw)
    struct.pack_into(form, data, offset, *values)
    return bytes(data)


def test_broken_headers_are_refused(tmp_path: Path) -> None:
    raw = _file(tmp_path, volume("int16"))
    nan = float("nan")
    cases: list[tuple[bytes, type[PydcmError]]] = [
        (b"", InvalidDicomError),
        (raw[:3], InvalidDicomError),
        (raw[:200], InvalidDicomError),
        (raw[:344] + b"\0\0\0\0" + raw[348:], InvalidDicomError),
        (raw[:400], TruncatedError),
        (_poked(raw, 40, "<h", 0), ReadError),
        (_poked(raw, 40, "<h", 9), ReadError),
        (_poked(raw, 42, "<h", -7), ReadError),
        (_poked(raw, 42, "<3h", 32767, 32767, 32767), PydcmError),
        (_poked(raw, 70, "<h", 1536), ReadError),
        (_poked(raw, 70, "<h", 1), ReadError),
        (_poked(raw, 108, "<f", nan), ReadError),
        (_poked(raw, 108, "<f", 100.0), ReadError),
        (_poked(raw, 108, "<f", 1e30), LimitError),
        (_poked(raw, 108, "<f", -352.0), ReadError),
        (_poked(raw, 112, "<ff", 2.0, nan), ReadError),
        (_poked(raw, 280, "<f", nan), GeometryError),
        (_poked(raw, 280, "<12f", *[0.0] * 12), GeometryError),
        (_poked(raw, 280, "<4f", *np.frombuffer(raw, "<f4", 4, 296).tolist()), GeometryError),
        (_poked(_poked(raw, 254, "<h", 0), 256, "<3f", 1.0, 1.0, 1.0), GeometryError),
        (_poked(_poked(raw, 254, "<h", 0), 80, "<f", 0.0), GeometryError),
    ]
    for index, (data, kind) in enumerate(cases):
        path = _write(tmp_path / f"{index}.nii", data)
        with pytest.raises(kind) as caught:
            from_nifti(path)
        assert caught.value.path == str(path) or isinstance(caught.value, LimitError), index


def test_broken_compression_is_refused(tmp_path: Path) -> None:
    raw = Path(
        volume("int16", "straight", (9, 90, 90)).to_nifti(tmp_path / "x.nii.gz")
    ).read_bytes()
    dice = random.Random(7)
    for index in range(60):
        data = bytearray(raw[: dice.randrange(3, len(raw) - 8)])
        if index % 2:
            data = bytearray(raw)
            data[dice.randrange(10, len(raw) - 8)] ^= 1 << dice.randrange(8)
        path = _write(tmp_path / "broken.nii.gz", bytes(data))
        try:
            read = from_nifti(path)
        except PydcmError:
            continue
        assert read.pixels.shape == (9, 90, 90)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    raw = _file(tmp_path, volume("uint8"))
    huge = _poked(raw, 42, "<3h", 2000, 2000, 2000)[:352]
    path = _write(tmp_path / "bomb.nii.gz", gzip.compress(huge))
    with pytest.raises(LimitError, match="max_expansion_ratio"):
        from_nifti(path)
    with limits.using(max_array_bytes=100), pytest.raises(LimitError, match="max_array_bytes"):
        from_nifti(volume("uint8").to_nifti(tmp_path / "x.nii"))


def test_whatever_a_header_says_only_errors_of_ours_come(tmp_path: Path) -> None:
    dice = random.Random(11)
    sources = [_file(tmp_path, volume("int16"))]
    image = nibabel.Nifti2Image(volume("int16").pixels.T, np.eye(4))
    nibabel.save(image, tmp_path / "two.nii")
    sources.append((tmp_path / "two.nii").read_bytes())
    read = 0
    path = tmp_path / "fuzz.nii"
    for _ in range(400):
        data = bytearray(dice.choice(sources))
        for _ in range(dice.randrange(1, 5)):
            data[dice.randrange(540)] = dice.choice((0, 1, 127, 128, 255, dice.randrange(256)))
        path.write_bytes(data)
        try:
            made = from_nifti_4d(path)
        except PydcmError:
            continue
        read += 1
        assert np.isfinite(made.affine).all()
    assert 20 < read < 400
