"""Colour images as volumes with red, green and blue of each voxel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import Dataset, decode
from pydcm.errors import ConformanceError, GeometryError, PydcmError, WriteError
from pydcm.torchdata import VolumeDataset
from pydcm.volume import from_metaimage, from_nifti, from_nrrd, load_4d, load_all, load_series
from tests.cli.command import pydcm
from tests.shared import GOLDEN, needs_golden
from tests.volume.making import CORONAL, image, write

RNG = np.random.default_rng(11)


def coloured(
    position: tuple[float, float, float] = (0.0, 0.0, 0.0),
    number: int = 1,
    photometric: str = "RGB",
    **changes: Any,
) -> Dataset:
    """Return a slice of 4 x 6 pixels of random colours."""
    ds = image(position, number)
    pixels = RNG.integers(0, 256, (4, 6, 3), np.uint8)
    ds.Rows, ds.Columns, ds.SamplesPerPixel = 4, 6, 3
    ds.PhotometricInterpretation = photometric
    ds.PlanarConfiguration = 0
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit = 7
    if photometric == "YBR_FULL_422":
        ds.PixelData = RNG.integers(0, 256, 4 * 6 * 2, np.uint8).tobytes()
    elif photometric == "PALETTE COLOR":
        ds.SamplesPerPixel = 1
        del ds.PlanarConfiguration
        ds.PixelData = RNG.integers(0, 16, (4, 6), np.uint8).tobytes()
        for colour in ("Red", "Green", "Blue"):
            setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [16, 0, 16])
            table = RNG.integers(0, 65536, 16, np.uint16).tobytes()
            setattr(ds, f"{colour}PaletteColorLookupTableData", table)
    else:
        ds.PixelData = pixels.tobytes()
    for name, value in changes.items():
        setattr(ds, name, value)
    return ds


def _stack(folder: Path, count: int = 3, **changes: Any) -> list[Path]:
    return write(folder, *(coloured((0, 0, 3.0 * z), z + 1, **changes) for z in range(count)))


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR"])
def test_voxels_are_red_green_and_blue(tmp_path: Path, photometric: str) -> None:
    files = _stack(tmp_path, photometric=photometric)
    volume = load_series(tmp_path)
    assert volume.pixels.shape == (3, 4, 6, 3)
    assert volume.pixels.dtype == np.uint8
    np.testing.assert_array_equal(volume.pixels, np.concatenate([decode(path) for path in files]))
    assert (volume.units, volume.spacing) == ("", (3.0, 2.0, 1.5))


def test_a_peer_sees_the_same_colours(tmp_path: Path) -> None:
    pydicom = pytest.importorskip("pydicom", reason="pydicom is the peer of this test")
    files = _stack(tmp_path, photometric="YBR_FULL", PlanarConfiguration=1)
    volume = load_series(tmp_path)
    for index, path in enumerate(files):
        theirs = pydicom.pixels.pixel_array(path)
        assert int(np.abs(volume.pixels[index].astype(int) - theirs).max()) <= 1


@pytest.mark.parametrize("values", ["modality", "whole", "stored"])
def test_colours_are_integers_whatever_the_values(tmp_path: Path, values: Any) -> None:
    _stack(tmp_path, RescaleSlope=2, RescaleIntercept=-5)
    volume = load_series(tmp_path, values=values)
    np.testing.assert_array_equal(volume.pixels, load_series(tmp_path).pixels)
    assert volume.pixels.dtype == np.uint8


def test_colours_are_no_quantity(tmp_path: Path) -> None:
    _stack(tmp_path)
    with pytest.raises(ConformanceError, match="Real World Value"):
        load_series(tmp_path, values="real-world")


def test_deeper_colours_keep_their_type(tmp_path: Path) -> None:
    pixels = RNG.integers(0, 65536, (4, 6, 3), np.uint16)
    deep: dict[str, Any] = {
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelData": pixels.tobytes(),
    }
    write(tmp_path, coloured(**deep))
    volume = load_series(tmp_path)
    np.testing.assert_array_equal(volume.pixels[0], pixels)
    assert volume.pixels.dtype == np.uint16


def test_gray_comes_before_colour(tmp_path: Path) -> None:
    _stack(tmp_path, count=5)
    write(tmp_path, *(image((0, 0, 3.0 * z), 10 + z) for z in range(3)))
    volume = load_series(tmp_path)
    assert volume.pixels.shape == (3, 4, 5)
    assert volume.report is not None
    reasons = {left.reason for left in volume.report.left_out}
    assert reasons == {"it belongs to another stack: colour, 5 slices of 4 x 6, series 1.2.3"}
    assert [one.pixels.ndim for one in load_all(tmp_path)] == [3, 4]


def test_colours_of_several_times(tmp_path: Path) -> None:
    slices = [
        coloured((0, 0, 3.0 * z), 1 + z + 3 * time, TemporalPositionIdentifier=time)
        for time in range(2)
        for z in range(3)
    ]
    write(tmp_path, *slices)
    volumes = load_4d(tmp_path)
    assert volumes.pixels.shape == (2, 3, 4, 6, 3)
    assert [axis.kind for axis in volumes.dimensions] == ["temporal position"]
    dataset = VolumeDataset(tmp_path)
    assert [dataset[i].shape for i in range(len(dataset))] == [(3, 4, 6, 3)] * 2


def test_colours_are_not_interpolated(tmp_path: Path) -> None:
    write(tmp_path / "gap", *(coloured((0, 0, z), int(z) + 1) for z in (0.0, 3.0, 9.0)))
    with pytest.raises(GeometryError, match="not evenly spaced"):
        load_series(tmp_path / "gap")
    with pytest.raises(GeometryError, match="colours are not interpolated"):
        load_series(tmp_path / "gap", spacing="resample")
    write(tmp_path / "tilt", *(coloured((0, 2.0 * z, 3.0 * z), z + 1) for z in range(3)))
    assert load_series(tmp_path / "tilt").affine[1, 2] == 2
    with pytest.raises(GeometryError, match="colours are not interpolated"):
        load_series(tmp_path / "tilt", tilt="resample")


def test_the_formats_hold_colours(tmp_path: Path) -> None:
    _stack(tmp_path / "in", ImageOrientationPatient=list(CORONAL), count=1)
    volume = load_series(tmp_path / "in")
    assert from_nrrd(volume.to_nrrd(tmp_path / "a.nrrd")).equals(volume)
    assert from_metaimage(volume.to_metaimage(tmp_path / "a.mha")).equals(volume)
    with pytest.raises(WriteError, match="no gray volume"):
        volume.to_dicom(tmp_path / "out")
    pytest.importorskip("nibabel", reason="NIfTI is written with nibabel")
    assert from_nifti(volume.to_nifti(tmp_path / "a.nii.gz")).equals(volume)


def test_colours_without_a_place_are_for_decode(tmp_path: Path) -> None:
    capture = coloured()
    del capture.ImagePositionPatient
    write(tmp_path, capture)
    with pytest.raises(GeometryError, match=r"no usable Image Position.*pydcm\.decode"):
        load_series(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"SamplesPerPixel": 4, "PhotometricInterpretation": "ARGB"},
        {"SamplesPerPixel": 2},
        {"SamplesPerPixel": 0},
        {"PhotometricInterpretation": "HSV"},
        {"PhotometricInterpretation": "YBR_PARTIAL_422"},
        {"PixelData": b"\0\0"},
    ],
    ids=["four", "two", "none", "hue", "partial", "short"],
)
def test_other_colours_are_errors(tmp_path: Path, changes: dict[str, Any]) -> None:
    write(tmp_path, coloured(**changes))
    with pytest.raises(PydcmError):
        load_series(tmp_path)


def test_a_palette_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    ds = coloured(photometric="PALETTE COLOR")
    del ds.GreenPaletteColorLookupTableData
    write(tmp_path, ds)
    with pytest.raises(PydcmError, match=r"000\.dcm"):
        load_series(tmp_path)


@needs_golden
def test_dcm2niix_writes_the_same_colours(tmp_path: Path) -> None:
    nibabel = pytest.importorskip("nibabel", reason="it reads what was written")
    cases = json.loads((GOLDEN / "nifti/dcm2niix_synthetic.json").read_text())["cases"]
    case = next(case for case in cases if case["id"] == "rgb")
    theirs = np.load(GOLDEN / "nifti/dcm2niix_synthetic.npz", allow_pickle=False)[
        case["outputs"]["o"]
    ]
    written = load_series(GOLDEN / "nifti/series/rgb").to_nifti(tmp_path / "rgb.nii")
    ours = nibabel.load(written)
    assert int(ours.header["datatype"]) == case["expect"]["files"]["o"]["header"]["datatype"]
    flip = np.diag([1.0, -1.0, 1.0, 1.0])
    flip[1, 3] = ours.shape[1] - 1
    expected = np.array(case["expect"]["files"]["o"]["affine_ras"])
    np.testing.assert_allclose(ours.affine @ flip, expected, atol=1e-4)
    np.testing.assert_array_equal(_plain(np.asanyarray(ours.dataobj))[:, ::-1], _plain(theirs))


def _plain(voxels: NDArray[Any]) -> NDArray[np.uint8]:
    """Return colours as a last axis."""
    if voxels.dtype.names:
        return np.stack([voxels[name] for name in voxels.dtype.names], axis=-1)
    return voxels


@needs_golden
def test_the_command_line_shows_colours(tmp_path: Path) -> None:
    series = GOLDEN / "nifti/series/rgb"
    voxels, picture = tmp_path / "v.npy", tmp_path / "m.png"
    told = json.loads(pydcm("volume", "--json", series, "-o", voxels, "-o", picture).stdout)
    assert (told["slices"], told["rows"], told["columns"]) == (6, 10, 12)
    assert (told["extent_mm"], told["shares_percent"]) == ([18, 11, 10.8], {})
    np.testing.assert_array_equal(np.load(voxels), load_series(series).pixels)
    assert picture.read_bytes().startswith(b"\x89PNG")
