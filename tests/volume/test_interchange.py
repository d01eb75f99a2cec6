"""Images of SimpleITK and nibabel to volumes and back; comparing, showing and describing."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm.errors import BackendError, GeometryError
from pydcm.examples import write_ct_series
from pydcm.volume import (
    Axis,
    Finding,
    Report,
    SliceSource,
    Volume,
    Volume4D,
    from_image,
    load_series,
)
from tests.volume.grids import AFFINES, volume

TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def _sitk() -> Any:
    return pytest.importorskip("SimpleITK", reason="SimpleITK is the peer of this test")


def _nibabel() -> Any:
    return pytest.importorskip("nibabel", reason="nibabel is the peer of this test")


@pytest.mark.parametrize("geometry", sorted(AFFINES))
def test_simpleitk_and_back(geometry: str) -> None:
    sitk = _sitk()
    one = volume("int16", geometry)
    image = one.to_sitk()
    assert image.GetSize() == (7, 6, 5)
    for index in ((0, 0, 0), (6, 0, 0), (0, 5, 0), (0, 0, 4), (6, 5, 4)):
        place = one.affine @ [*index, 1]
        np.testing.assert_allclose(image.TransformIndexToPhysicalPoint(index), place[:3])
        assert image[index] == one.pixels[index[::-1]]
    again = from_image(image)
    assert again.equals(one, atol_mm=1e-9)
    again.pixels[:] = 0
    assert sitk.GetArrayViewFromImage(image).any()  # the voxels are a copy
    colour = volume("uint8", geometry, (2, 3, 4, 3))
    assert from_image(colour.to_sitk()).equals(colour)
    with pytest.raises(GeometryError, match="2 dimensions"):
        from_image(image[:, :, 0])


@pytest.mark.parametrize("geometry", sorted(AFFINES))
def test_nibabel_and_back(tmp_path: Path, geometry: str) -> None:
    nibabel = _nibabel()
    one = volume("int16", geometry)
    image = one.to_nibabel()
    np.testing.assert_array_equal(np.asanyarray(image.dataobj).T, one.pixels)
    np.testing.assert_allclose(image.affine, TO_RAS @ one.affine)
    assert from_image(image).equals(one, atol_mm=1e-9)
    nibabel.save(image, tmp_path / "x.nii.gz")
    assert from_image(nibabel.load(tmp_path / "x.nii.gz")).equals(one)
    colour = volume("uint8", geometry, (2, 3, 4, 3))
    assert from_image(colour.to_nibabel()).equals(colour)
    with pytest.raises(GeometryError, match="4 dimensions"):
        from_image(nibabel.Nifti1Image(np.zeros((2, 3, 4, 5), np.uint8), np.eye(4)))


def test_other_things_are_no_images() -> None:
    with pytest.raises(GeometryError, match="ndarray"):
        from_image(np.zeros((2, 3, 4)))


def test_without_the_library_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    with pytest.raises(BackendError, match="SimpleITK"):
        volume().to_sitk()
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(BackendError, match="nibabel"):
        volume().to_nibabel()


def test_equal_means_same_voxels_at_the_same_place() -> None:
    one = volume("float32")
    moved = one.affine.copy()
    moved[:3, 3] += 5e-5
    assert one.equals(Volume(one.pixels.astype(np.float64), one.spacing, moved, "other uid"))
    moved[:3, 3] += 1e-3
    assert not one.equals(Volume(one.pixels, one.spacing, moved, ""))
    # a voxel size off by a little adds up over the grid
    longer = one.affine.copy()
    longer[:3, 0] *= 1 + 1e-4
    assert not one.equals(Volume(one.pixels, one.spacing, longer, ""))
    other = one.pixels.copy()
    other[2, 3, 4] = np.nan
    assert not one.equals(Volume(other, one.spacing, one.affine, ""))
    assert Volume(other, one.spacing, one.affine, "").equals(
        Volume(other.copy(), one.spacing, one.affine, "")
    )
    assert not one.equals(Volume(one.pixels[:4], one.spacing, one.affine, ""))
    four = Volume4D(one.pixels[np.newaxis], one.spacing, one.affine, [], "")
    assert not one.equals(four)
    assert four.volume(0).equals(one)
    assert one != Volume(one.pixels, one.spacing, one.affine, "")  # identity, as of any object
    broken = one.affine * np.nan
    assert not one.equals(Volume(one.pixels, one.spacing, broken, ""))


def test_the_repr_says_what_matters() -> None:
    sources = tuple(SliceSource(f"{k}.dcm", 1, "1.2") for k in range(5))
    report = Report(findings=[Finding("gantry-tilt", "tilted")])
    one = volume(geometry="sheared", modality="CT", units="HU", sources=sources, report=report)
    assert repr(one) == (
        "<Volume: 5 x 6 x 7 int16, 2.657 x 0.8 x 0.7 mm (z, y, x), axial LPH, "
        "sheared by 19.8 degrees, CT, HU, noticed: gantry-tilt, from 5 files>"
    )
    four = Volume4D(
        np.zeros((2, 1, 3, 4), np.float32), (1, 1, 1), np.eye(4), [Axis("time", np.arange(2))], ""
    )
    assert repr(four) == (
        "<Volume4D: 2 x 1 x 3 x 4 float32, 1 x 1 x 1 mm (z, y, x), axial LPH, along time>"
    )
    for affine in (np.zeros((4, 4)), np.full((4, 4), np.nan), np.eye(3)):
        assert "2 x 3 x 4" in repr(Volume(np.zeros((2, 3, 4)), (1, 1, 1), affine, ""))


def test_pictures(tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", slices=6, size=32)
    one = load_series(tmp_path / "ct")
    path = one.to_png(tmp_path / "a.png")
    assert path == str(tmp_path / "a.png")
    picture = Path(path).read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert one._repr_png_() == picture
    assert Path(one.to_png(tmp_path / "b.png", window=(0, 10))).read_bytes() != picture
    four = Volume4D(one.pixels[np.newaxis], one.spacing, one.affine, [], "")
    assert Path(four.to_png(tmp_path / "c.png")).read_bytes()[:4] == b"\x89PNG"
    for odd in (volume("uint8", shape=(3, 4, 5, 3)), volume("complex64"), volume("bool")):
        assert Path(odd.to_png(tmp_path / "d.png")).read_bytes()[:4] == b"\x89PNG"


@pytest.mark.skipif(os.name != "posix", reason="the program that shows files is a shell script")
def test_show_hands_the_picture_to_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import webbrowser

    program = tmp_path / "show"
    program.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/shown.new"\n')
    with program.open("a") as script:
        script.write(f'mv "{tmp_path}/shown.new" "{tmp_path}/shown"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    # what $BROWSER does, were it not read once for all
    monkeypatch.setattr(webbrowser, "_tryorder", [str(program)])
    monkeypatch.setattr(
        webbrowser, "_browsers", {str(program): [None, webbrowser.GenericBrowser(str(program))]}
    )
    volume().show()
    for _ in range(100):
        if (tmp_path / "shown").exists():
            break
        time.sleep(0.05)
    shown = (tmp_path / "shown").read_text().strip().removeprefix("file://")
    assert Path(shown).read_bytes() == volume()._repr_png_()
