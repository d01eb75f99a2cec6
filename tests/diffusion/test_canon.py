"""Gradients of Canon in Image Comments, and of Toshiba, whose unweighted images have none."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pydcm import Dataset, diffusion_table
from pydcm.diffusion import diffusion_survey
from pydcm.errors import MissingElementError
from pydcm.vendors.canon import commented_gradient
from pydcm.volume import load_4d
from tests.diffusion.made import AXIAL, CORONAL, GRADIENTS, SAGITTAL, rotation, write_series
from tests.diffusion.test_peers import FLIP_ROWS, _assert_same_gradients, _dcm2niix


def canon(dataset: Dataset, b: float, g: Sequence[float]) -> None:
    """Write what Canon writes: along phase, frequency and slice."""
    dataset.Manufacturer = "CANON_MEC"
    dataset.DiffusionBValue = b
    dataset.ImageComments = f"b={b:.0f}({g[0]:.3f},{g[1]:.3f},{g[2]:.3f})"
    dataset.InPlanePhaseEncodingDirection = "COL"


def toshiba(dataset: Dataset, b: float, g: Sequence[float]) -> None:
    """Write what Toshiba writes: the standard's elements, into weighted images only."""
    dataset.Manufacturer = "TOSHIBA_MEC"
    if b:
        dataset.DiffusionBValue = b
        dataset.DiffusionGradientOrientation = list(g)


def _timed(dataset: Dataset) -> None:
    dataset.AcquisitionTime = f"12{dataset.InstanceNumber:04d}"


@pytest.mark.parametrize("orientation", [AXIAL, SAGITTAL], ids=["axial", "sagittal"])
def test_canon_is_read_as_dcm2niix_reads_it(tmp_path: Path, orientation: tuple[float, ...]) -> None:
    turn = rotation((0.3, 1.0, 0.2), 12.0)
    oblique = tuple((turn @ np.array(orientation).reshape(2, 3).T).T.ravel())
    write_series(tmp_path / "in", canon, orientation=oblique, change=_timed)
    bvals, bvecs, _ = _dcm2niix(tmp_path / "in", tmp_path / "theirs")
    ours = diffusion_table(tmp_path / "in", per_volume=True)
    np.testing.assert_allclose(ours[0], bvals)
    _assert_same_gradients(ours[1], FLIP_ROWS * bvecs, signs=False)


@pytest.mark.parametrize("orientation", [AXIAL, SAGITTAL], ids=["axial", "sagittal"])
def test_its_components_are_along_columns_rows_and_against_the_normal(
    tmp_path: Path, orientation: tuple[float, ...]
) -> None:
    write_series(tmp_path, canon, orientation=orientation)
    _, bvecs = diffusion_table(tmp_path, per_volume=True)
    expected = np.array([[y, x, -z] for _, (x, y, z) in GRADIENTS]).T
    signs = np.sign((bvecs * expected).sum(axis=0))
    np.testing.assert_allclose(bvecs, expected * signs, atol=1e-3)


@pytest.mark.parametrize(("orientation", "phase"), [(CORONAL, "COL"), (AXIAL, "ROW"), (AXIAL, "")])
def test_what_is_not_known_is_left_out(
    tmp_path: Path, orientation: tuple[float, ...], phase: str
) -> None:
    def encode(dataset: Dataset) -> None:
        dataset.InPlanePhaseEncodingDirection = phase

    write_series(tmp_path, canon, orientation=orientation, change=encode)
    found = diffusion_survey(tmp_path)
    assert {frame.b for frame in found.frames} == {0.0}
    assert found.left_out
    assert all("signs of its direction" in left.reason for left in found.left_out)


def test_two_b_values_that_differ_are_broken(tmp_path: Path) -> None:
    def change(dataset: Dataset) -> None:
        dataset.DiffusionBValue = dataset.DiffusionBValue / 2

    write_series(tmp_path, canon, change=change)
    reasons = {left.reason for left in diffusion_survey(tmp_path).left_out}
    assert any("but (0018,9087) says 500" in reason for reason in reasons)


def test_the_standards_direction_comes_first(tmp_path: Path) -> None:
    def both(dataset: Dataset, b: float, g: Sequence[float]) -> None:
        canon(dataset, b, (1.0, 0.0, 0.0))
        if any(g):
            dataset.DiffusionGradientOrientation = list(g)

    write_series(tmp_path, both)
    _, bvecs = diffusion_table(tmp_path, per_volume=True, rotate=False)
    np.testing.assert_allclose(bvecs.T, [g for _, g in GRADIENTS], atol=1e-12)


def test_volumes_of_canon_differ_in_b_value_and_gradient(tmp_path: Path) -> None:
    shell = [(1000.0 * any(g), g) for _, g in GRADIENTS]
    write_series(tmp_path, canon, gradients=shell)
    volumes = load_4d(tmp_path)
    axes = {axis.kind: axis for axis in volumes.dimensions}
    assert axes["b-value"].values.tolist() == [b for b, _ in shell]
    np.testing.assert_allclose(axes["gradient"].values, [g for _, g in shell], atol=1e-3)
    assert axes["gradient"].tag == 0  # along axes of its own


def test_toshiba_is_read_as_dcm2niix_reads_it(tmp_path: Path) -> None:
    write_series(tmp_path / "in", toshiba, change=_timed)
    bvals, bvecs, _ = _dcm2niix(tmp_path / "in", tmp_path / "theirs")
    ours = diffusion_table(tmp_path / "in", per_volume=True)
    assert ours[0].tolist() == [b for b, _ in GRADIENTS]
    np.testing.assert_allclose(ours[0], bvals)
    _assert_same_gradients(ours[1], FLIP_ROWS * bvecs, signs=False)


def test_other_series_of_toshiba_are_no_diffusion(tmp_path: Path) -> None:
    write_series(tmp_path, toshiba, gradients=GRADIENTS[:1])
    with pytest.raises(MissingElementError):
        diffusion_table(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "b=", "b=1000", "b=1000(1,0)", "b=1000(1,0,0", "b=1e3(1,0,0)", "b=nan(1,0,0)",
     "b=1000(1,0,0) and more", "b=12345678(1,0,0)", "b=1000(\uff11,0,0)"],
)  # fmt: skip
def test_other_comments_say_nothing(text: str) -> None:
    assert commented_gradient(text) is None


def test_a_comment_may_have_blanks_around_it() -> None:
    for before, after in itertools.product(("", " "), repeat=2):
        assert commented_gradient(f"{before}b=5(-1,0,0.5){after}") == (5.0, (-1.0, 0.0, 0.5))
