"""MetaImage beside what all formats with a header of text must do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm.errors import GeometryError
from pydcm.volume import Volume4D, from_metaimage
from tests.volume.grids import AFFINES, volume


def _sitk() -> Any:
    return pytest.importorskip("SimpleITK", reason="SimpleITK is the peer of this test")


@pytest.mark.parametrize("compress", [False, True])
def test_voxels_in_a_file_of_their_own(tmp_path: Path, compress: bool) -> None:
    for dtype in ("uint8", "int16", "float64"):
        one = volume(dtype, "oblique")
        path = one.to_metaimage(tmp_path / "x.mhd", compress=compress)
        assert from_metaimage(path).equals(one, atol_mm=1e-9)
        image = _sitk().ReadImage(path)
        np.testing.assert_array_equal(_sitk().GetArrayFromImage(image), one.pixels)
        np.testing.assert_allclose(image.GetOrigin(), one.affine[:3, 3])
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["x.mhd", "x.zraw" if compress else "x.raw"]


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
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(path)), colour.pixels)
