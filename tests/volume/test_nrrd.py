"""NRRD: what the format's own reader and ITK say of it, and hostile headers."""

from __future__ import annotations

import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm.errors import (
    GeometryError,
    InvalidDicomError,
    LimitError,
    PydcmError,
    ReadError,
    TruncatedError,
    UnsafePathError,
    WriteError,
)
from pydcm.volume import Volume, Volume4D, from_nrrd
from tests.volume.grids import AFFINES, volume

DTYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()


def _sitk() -> Any:
    return pytest.importorskip("SimpleITK", reason="SimpleITK is the peer of this test")


@pytest.mark.parametrize("geometry", sorted(AFFINES))
@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_written_is_read(tmp_path: Path, dtype: str, gzip: bool, geometry: str) -> None:
    one = volume(dtype, geometry)
    path = one.to_nrrd(tmp_path / "x.nrrd", gzip=gzip)
    assert path == str(tmp_path / "x.nrrd")
    again = from_nrrd(path)
    assert again.pixels.dtype == one.pixels.dtype
    assert again.equals(one, atol_mm=1e-9)


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("geometry", ["oblique", "sheared"])
def test_the_peers_read_it(tmp_path: Path, geometry: str, gzip: bool) -> None:
    nrrd = pytest.importorskip("nrrd", reason="pynrrd is the peer of this test")
    one = volume("int16", geometry, (5, 300, 400))
    path = one.to_nrrd(tmp_path / "x.nrrd", gzip=gzip)
    data, header = nrrd.read(path, index_order="C")
    np.testing.assert_array_equal(data, one.pixels)
    assert header["space"] == "left-posterior-superior"
    np.testing.assert_array_equal(header["space directions"].T, one.affine[:3, :3])
    np.testing.assert_array_equal(header["space origin"], one.affine[:3, 3])
    if geometry == "oblique":
        image = _sitk().ReadImage(path)
        np.testing.assert_array_equal(_sitk().GetArrayFromImage(image), one.pixels)
        np.testing.assert_allclose(image.GetOrigin(), one.affine[:3, 3])
        np.testing.assert_allclose(image.GetSpacing(), one.spacing[::-1])


@pytest.mark.parametrize("compressed", [False, True])
def test_files_of_itk_are_read(tmp_path: Path, compressed: bool) -> None:
    one = volume("float32", "oblique")
    sitk = _sitk()
    for name in ("x.nrrd", "x.nhdr"):
        sitk.WriteImage(one.to_sitk(), str(tmp_path / name), useCompression=compressed)
        assert from_nrrd(tmp_path / name).equals(one, atol_mm=1e-6)


def test_big_endian_ras_and_skips_are_heeded(tmp_path: Path) -> None:
    one = volume("int16", "straight")
    head = (
        "NRRD0005\n# a remark\ntype: short\ndimension: 3\nspace: RAS\nsizes: 7 6 5\n"
        "space directions: (-0.7,0,0) (0,-0.8,0) (0,0,2.5)\nspace origin: (100.5,90.25,33)\n"
        "endian: big\nencoding: raw\nkey:=value\n"
    )
    body = b"skip" + one.pixels.astype(">i2").tobytes()
    for skip in (4, -1):
        path = tmp_path / "x.nrrd"
        path.write_bytes(f"{head}byte skip: {skip}\n\n".encode() + body)
        assert from_nrrd(path).equals(one)
    (tmp_path / "x.raw").write_bytes(body)
    path = tmp_path / "x.nhdr"
    path.write_text(f"{head}byte skip: 4\ndata file: x.raw\n\n")
    assert from_nrrd(path).equals(one)
    path.write_text(f"{head}byte skip: 4\ndata file: ../{tmp_path.name}/x.raw\n\n")
    with pytest.raises(UnsafePathError):
        from_nrrd(path)


def test_volumes_and_colour(tmp_path: Path) -> None:
    nrrd = pytest.importorskip("nrrd", reason="pynrrd is the peer of this test")
    pixels = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    four = Volume4D(pixels, (2.5, 0.8, 0.7), AFFINES["oblique"], [], "")
    data, header = nrrd.read(four.to_nrrd(tmp_path / "4.nrrd"), index_order="C")
    np.testing.assert_array_equal(data, pixels)
    assert header["kinds"] == ["domain", "domain", "domain", "list"]
    with pytest.raises(GeometryError, match="several volumes"):
        from_nrrd(tmp_path / "4.nrrd")
    colour = volume("uint8", "oblique", (3, 4, 5, 3))
    assert from_nrrd(colour.to_nrrd(tmp_path / "rgb.nrrd", gzip=True)).equals(colour)


def test_masks_and_what_has_no_type(tmp_path: Path) -> None:
    mask = volume("bool")
    assert from_nrrd(mask.to_nrrd(tmp_path / "mask.nrrd")).equals(mask)
    with pytest.raises(WriteError, match="complex64"):
        volume("complex64").to_nrrd(tmp_path / "c.nrrd")
    with pytest.raises(GeometryError):
        Volume(mask.pixels, (1, 1, 1), np.zeros((4, 4)), "").to_nrrd(tmp_path / "flat.nrrd")
    assert [path.name for path in tmp_path.iterdir()] == ["mask.nrrd"]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("NRRD0004", "NRRD0009", InvalidDicomError),
        ("sizes: 7 6 5", "sizes: 7 6", GeometryError),
        ("sizes: 7 6 5", "sizes: 7 6 -5", GeometryError),
        ("sizes: 7 6 5", "sizes: 7 6 many", ReadError),
        ("sizes: 7 6 5", "sizes: 7 6 50", TruncatedError),
        ("sizes: 7 6 5", "sizes: 70000 60000 500000", LimitError),
        ("type: int16", "type: block", ReadError),
        ("encoding: raw", "encoding: bzip2", ReadError),
        ("endian: little", "endian: middle", ReadError),
        ("space: left-posterior-superior", "space: scanner-xyz", GeometryError),
        ("(0.7,0.0,0.0)", "(0.0,0.0,0.0)", GeometryError),
        ("(0.7,0.0,0.0)", "(nan,0.0,0.0)", GeometryError),
        ("(0.7,0.0,0.0)", "(0.7,0.0)", GeometryError),
        ("(0.7,0.0,0.0)", "(0.7,zero,0.0)", GeometryError),
        ("space origin: (", "space origin: none (", GeometryError),
        ("endian: little", "endian: little\nbyte skip: -7", ReadError),
        ("endian: little", "endian: little\nbyte skip: some", ReadError),
        ("endian: little", "endian: little\ndata file: LIST", ReadError),
        ("endian: little", "endian: little\ndata file: /etc/passwd", UnsafePathError),
    ],
)
def test_broken_headers_are_refused(
    tmp_path: Path, old: str, new: str, kind: type[PydcmError]
) -> None:
    path = Path(volume("int16", "straight").to_nrrd(tmp_path / "x.nrrd"))
    raw = path.read_bytes()
    assert old.encode() in raw
    path.write_bytes(raw.replace(old.encode(), new.encode(), 1))
    with pytest.raises(kind):
        from_nrrd(path)


def test_whatever_a_file_says_only_errors_of_ours_come(tmp_path: Path) -> None:
    dice = random.Random(13)
    sources = [
        Path(volume("int16").to_nrrd(tmp_path / f"{gzip}.nrrd", gzip=gzip)).read_bytes()
        for gzip in (False, True)
    ]
    path = tmp_path / "fuzz.nrrd"
    read = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(400):
            data = bytearray(dice.choice(sources))
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(len(data))] = dice.choice(b"0129-() \n:\xff\x00a")
            path.write_bytes(data)
            try:
                from_nrrd(path)
            except (PydcmError, FileNotFoundError):
                continue
            read += 1
    assert 20 < read < 400
