"""MetaImage: what ITK says of it, and hostile headers."""

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
from pydcm.volume import Volume4D, from_metaimage
from tests.volume.grids import AFFINES, volume

DTYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()


def _sitk() -> Any:
    return pytest.importorskip("SimpleITK", reason="SimpleITK is the peer of this test")


@pytest.mark.parametrize("geometry", sorted(AFFINES))
@pytest.mark.parametrize("ending", [".mha", ".mhd"])
@pytest.mark.parametrize("compress", [False, True])
def test_what_is_written_is_read(
    tmp_path: Path, compress: bool, ending: str, geometry: str
) -> None:
    for dtype in DTYPES:
        one = volume(dtype, geometry)
        path = one.to_metaimage(tmp_path / f"x{ending}", compress=compress)
        again = from_metaimage(path)
        assert again.pixels.dtype == one.pixels.dtype
        assert again.equals(one, atol_mm=1e-9)
    voxels = [] if ending == ".mha" else ["x.zraw" if compress else "x.raw"]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([f"x{ending}", *voxels])


@pytest.mark.parametrize("ending", [".mha", ".mhd"])
@pytest.mark.parametrize("compress", [False, True])
def test_itk_reads_it(tmp_path: Path, compress: bool, ending: str) -> None:
    sitk = _sitk()
    for dtype in DTYPES:
        one = volume(dtype, "oblique", (5, 30, 40))
        image = sitk.ReadImage(one.to_metaimage(tmp_path / f"x{ending}", compress=compress))
        np.testing.assert_array_equal(sitk.GetArrayFromImage(image), one.pixels)
        np.testing.assert_allclose(image.GetOrigin(), one.affine[:3, 3])
        np.testing.assert_allclose(image.GetSpacing(), one.spacing[::-1])
        steps = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
        np.testing.assert_allclose(steps, one.affine[:3, :3], atol=1e-12)


@pytest.mark.parametrize("ending", [".mha", ".mhd"])
@pytest.mark.parametrize("compress", [False, True])
def test_files_of_itk_are_read(tmp_path: Path, compress: bool, ending: str) -> None:
    one = volume("float32", "oblique")
    _sitk().WriteImage(one.to_sitk(), str(tmp_path / f"x{ending}"), useCompression=compress)
    assert from_metaimage(tmp_path / f"x{ending}").equals(one, atol_mm=1e-5)


def test_volumes_and_colour(tmp_path: Path) -> None:
    sitk = _sitk()
    pixels = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    four = Volume4D(pixels, (2.5, 0.8, 0.7), AFFINES["oblique"], [], "")
    image = sitk.ReadImage(four.to_metaimage(tmp_path / "4.mha"))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), pixels)
    with pytest.raises(GeometryError, match="4 dimensions"):
        from_metaimage(tmp_path / "4.mha")
    colour = volume("uint8", "oblique", (3, 4, 5, 3))
    path = colour.to_metaimage(tmp_path / "rgb.mha", compress=True)
    assert from_metaimage(path).equals(colour)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(path)), colour.pixels)


def test_masks_and_what_has_no_type(tmp_path: Path) -> None:
    mask = volume("bool")
    assert from_metaimage(mask.to_metaimage(tmp_path / "mask.mha")).equals(mask)
    with pytest.raises(WriteError, match="float16"):
        volume("float16").to_metaimage(tmp_path / "h.mha")
    assert [path.name for path in tmp_path.iterdir()] == ["mask.mha"]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("ObjectType = Image\nNDims = 3", "nothing of the kind", InvalidDicomError),
        ("NDims = 3", "NDims = 7", GeometryError),
        ("DimSize = 7 6 5", "DimSize = 7 6", GeometryError),
        ("DimSize = 7 6 5", "DimSize = 7 6 0", ReadError),
        ("DimSize = 7 6 5", "DimSize = 7 6 nan", ReadError),
        ("DimSize = 7 6 5", "DimSize = 7 6 2.5", ReadError),
        ("DimSize = 7 6 5", "DimSize = 7 6 50", TruncatedError),
        ("DimSize = 7 6 5", "DimSize = 70000 60000 50000", LimitError),
        ("MET_SHORT", "MET_STRING", ReadError),
        ("BinaryData = True", "BinaryData = False", ReadError),
        ("ElementSpacing = 0.7", "ElementSpacing = 0", GeometryError),
        ("Offset = ", "Offset = x", GeometryError),
        ("Offset = ", "Elsewhere = ", GeometryError),
        ("ElementDataFile = LOCAL", "ElementDataFile = LIST", ReadError),
        ("ElementDataFile = LOCAL", "ElementDataFile = ../x.raw", UnsafePathError),
        ("ElementNumberOfChannels = 1", "ElementNumberOfChannels = -1", ReadError),
    ],
)
def test_broken_headers_are_refused(
    tmp_path: Path, old: str, new: str, kind: type[PydcmError]
) -> None:
    path = Path(volume("int16", "straight").to_metaimage(tmp_path / "x.mha"))
    raw = path.read_bytes()
    assert old.encode() in raw
    path.write_bytes(raw.replace(old.encode(), new.encode(), 1))
    with pytest.raises(kind):
        from_metaimage(path)


def test_whatever_a_file_says_only_errors_of_ours_come(tmp_path: Path) -> None:
    dice = random.Random(17)
    sources = [
        Path(volume("int16").to_metaimage(tmp_path / f"{each}.mha", compress=each)).read_bytes()
        for each in (False, True)
    ]
    path = tmp_path / "fuzz.mha"
    read = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(400):
            data = bytearray(dice.choice(sources))
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(len(data))] = dice.choice(b"0129-e= \n\xff\x00aT")
            path.write_bytes(data)
            try:
                from_metaimage(path)
            except (PydcmError, FileNotFoundError):
                continue
            read += 1
    assert 20 < read < 400
