"""The gradient table: its order, its axes, its files, and what is no entry of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pydcm import diffusion_table
from pydcm.dataset import Dataset
from pydcm.diffusion import diffusion_survey
from pydcm.errors import GeometryError, MissingElementError
from tests.diffusion.made import (
    AXIAL,
    CORONAL,
    GRADIENTS,
    SAGITTAL,
    enhanced,
    image,
    rotation,
    save,
    standard,
    write_series,
)

# --- order -------------------------------------------------------------------------------------


def test_there_is_one_entry_for_each_file_in_the_order_of_instance_numbers(tmp_path: Path) -> None:
    files = write_series(tmp_path)
    files[0].rename(tmp_path / "zz.dcm")
    bvals, bvecs = diffusion_table(tmp_path)
    assert bvals.tolist() == [0.0] * 3 + [1000.0] * 3 + [2000.0] * 3
    assert bvecs.shape == (3, 9)
    assert bvals.dtype == bvecs.dtype == np.float64
    np.testing.assert_allclose(bvecs[:, 3], [0.36, 0.48, 0.8])


def test_a_list_and_one_file_are_files_too(tmp_path: Path) -> None:
    files = write_series(tmp_path)
    assert diffusion_table(files[3:5])[0].tolist() == [1000.0, 1000.0]
    assert diffusion_table(str(files[8]))[0].tolist() == [2000.0]


def test_an_enhanced_image_has_one_entry_for_each_frame(tmp_path: Path) -> None:
    frames = [(0.0, (0, 0, 0), "NONE"), (700.0, (0.0, 1.0, 0.0), "DIRECTIONAL")]
    path = save(enhanced(frames), tmp_path / "enhanced.dcm")
    bvals, bvecs = diffusion_table(path)
    assert bvals.tolist() == [0.0, 0.0, 700.0, 700.0]
    assert bvecs[1].tolist() == [0.0, 0.0, 1.0, 1.0]


def test_per_volume_there_is_one_entry_for_each_gradient_and_repetition(tmp_path: Path) -> None:
    write_series(tmp_path, gradients=[*GRADIENTS, GRADIENTS[0], GRADIENTS[1]])
    bvals, bvecs = diffusion_table(tmp_path, per_volume=True)
    assert bvals.tolist() == [0.0, 1000.0, 2000.0, 0.0, 1000.0]
    np.testing.assert_array_equal(bvecs[:, 1], bvecs[:, 4])


def test_two_series_are_not_mixed(tmp_path: Path) -> None:
    write_series(tmp_path / "a")

    def later(dataset: Dataset) -> None:
        dataset.SeriesNumber = 4
        dataset.SeriesInstanceUID += ".9"

    write_series(tmp_path / "b", gradients=GRADIENTS[1:], change=later)
    bvals, _ = diffusion_table(tmp_path, per_volume=True)
    assert bvals.tolist() == [0.0, 1000.0, 2000.0, 1000.0, 2000.0]
    (tmp_path / "c").mkdir()
    with pytest.raises(FileNotFoundError):
        diffusion_table(tmp_path, recursive=False)


# --- axes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (AXIAL, (0.36, 0.48, 0.8)),
        (CORONAL, (0.36, -0.8, 0.48)),
        (SAGITTAL, (0.48, -0.8, -0.36)),
    ],
    ids=["axial", "coronal", "sagittal"],
)
def test_directions_are_along_row_column_and_normal(
    tmp_path: Path, orientation: tuple[float, ...], turned: tuple[float, ...]
) -> None:
    write_series(tmp_path, orientation=orientation, gradients=GRADIENTS[1:2], slices=1)
    np.testing.assert_allclose(diffusion_table(tmp_path)[1][:, 0], turned, atol=1e-12)
    raw = diffusion_table(tmp_path, rotate=False)[1][:, 0]
    np.testing.assert_allclose(raw, (0.36, 0.48, 0.8), atol=1e-12)


@pytest.mark.parametrize("degrees", [10.0, 77.0, 180.0])
def test_turning_scan_and_gradients_together_changes_nothing(
    tmp_path: Path, degrees: float
) -> None:
    turn = rotation((1.0, -2.0, 0.5), degrees)
    write_series(tmp_path / "straight")
    write_series(
        tmp_path / "turned",
        gradients=[(b, tuple(turn @ g)) for b, g in GRADIENTS],
        orientation=tuple((turn @ np.array(AXIAL).reshape(2, 3).T).T.ravel()),
    )
    straight, turned = (diffusion_table(tmp_path / name)[1] for name in ("straight", "turned"))
    np.testing.assert_allclose(turned, straight, atol=1e-6)
    there = diffusion_table(tmp_path / "turned", rotate=False)[1]
    np.testing.assert_allclose(there, turn @ straight, atol=1e-6)


def test_cosines_of_few_decimals_still_give_unit_vectors(tmp_path: Path) -> None:
    orientation = (0.866, 0.5, 0.0, -0.5, 0.866, 0.002)
    write_series(tmp_path, orientation=orientation)
    lengths = np.linalg.norm(diffusion_table(tmp_path)[1], axis=0)
    np.testing.assert_allclose(lengths[3:], 1.0, atol=1e-12)


def test_without_an_orientation_nothing_can_be_turned(tmp_path: Path) -> None:
    dataset = image(1, AXIAL, 0)
    del dataset.ImageOrientationPatient
    standard(dataset, *GRADIENTS[1])
    save(dataset, tmp_path / "1.dcm")
    with pytest.raises(GeometryError, match="Image Orientation"):
        diffusion_table(tmp_path)
    assert diffusion_table(tmp_path, rotate=False)[1][2, 0] == pytest.approx(0.8)


# --- files -------------------------------------------------------------------------------------


def test_the_files_are_what_is_returned(tmp_path: Path) -> None:
    gradients = [*GRADIENTS, (929.7501831, (-1.0, 0.0, 0.0))]
    write_series(tmp_path / "in", gradients=gradients, slices=1)
    bvals, bvecs = diffusion_table(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out.bval").read_text() == "0 1000 2000 929.75\n"
    lines = (tmp_path / "out.bvec").read_text().splitlines()
    assert lines[0] == "0.000000 0.360000 0.000000 -1.000000"
    assert len(lines) == 3
    np.testing.assert_allclose(np.loadtxt(tmp_path / "out.bvec"), bvecs, atol=5e-7)
    np.testing.assert_allclose(np.loadtxt(tmp_path / "out.bval"), bvals, rtol=1e-5)


def test_a_folder_that_is_not_there_leaves_no_part_behind(tmp_path: Path) -> None:
    write_series(tmp_path / "in")
    with pytest.raises(FileNotFoundError):
        diffusion_table(tmp_path / "in", tmp_path / "absent" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_failure_leaves_the_old_files_as_they_were(tmp_path: Path) -> None:
    write_series(tmp_path / "in")
    (tmp_path / "out.bval").write_text("old")
    (tmp_path / "out.bvec").mkdir()  # cannot be replaced by a file
    with pytest.raises(OSError, match="bvec"):
        diffusion_table(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out.bval").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.bval", "out.bvec"]


# --- what is no entry --------------------------------------------------------------------------


def test_no_diffusion_anywhere_raises(tmp_path: Path) -> None:
    save(image(1, AXIAL, 0), tmp_path / "1.dcm")
    (tmp_path / "notes.txt").write_text("no DICOM")
    with pytest.raises(MissingElementError, match="none of the 2 files"):
        diffusion_table(tmp_path)


def test_images_without_a_gradient_are_passed_over(tmp_path: Path) -> None:
    write_series(tmp_path)
    localizer = image(50, AXIAL, 9)
    localizer.SeriesInstanceUID += ".8"
    save(localizer, tmp_path / "localizer.dcm")
    assert len(diffusion_table(tmp_path)[0]) == 9


@pytest.mark.parametrize("kind", ["ADC", "FA", "TRACEW"])
def test_computed_maps_are_left_out_and_named(tmp_path: Path, kind: str) -> None:
    write_series(tmp_path)
    map_ = image(10, AXIAL, 0)
    map_.ImageType = ["DERIVED", "PRIMARY", "DIFFUSION", kind]
    standard(map_, 0.0, (0, 0, 0))
    save(map_, tmp_path / "map.dcm")
    with pytest.warns(UserWarning, match=rf"1 file such as map\.dcm: .*computed.*{kind}"):
        bvals, _ = diffusion_table(tmp_path)
    assert len(bvals) == 9
    (left,) = diffusion_survey(tmp_path).left_out
    assert left.path == str(tmp_path / "map.dcm")


def test_averages_over_directions_are_left_out_and_counted(tmp_path: Path) -> None:
    frames = [
        (0.0, (0, 0, 0), "NONE"),
        (800.0, (0.0, 0.0, 1.0), "DIRECTIONAL"),
        (800.0, (0, 0, 0), "ISOTROPIC"),
    ]
    path = save(enhanced(frames), tmp_path / "enhanced.dcm")
    with pytest.warns(UserWarning, match=r"b=800 without a direction.*\(2 frames from 5\)"):
        bvals, _ = diffusion_table(path)
    assert bvals.tolist() == [0.0, 0.0, 800.0, 800.0]


def test_a_series_of_averages_alone_has_no_table(tmp_path: Path) -> None:
    write_series(tmp_path, gradients=[(1000.0, (0, 0, 0))])
    with pytest.raises(MissingElementError, match=r"3 files such as .*average over directions"):
        diffusion_table(tmp_path)


def test_the_direction_of_an_unweighted_image_is_zero(tmp_path: Path) -> None:
    write_series(tmp_path, gradients=[(0.0, (1.0, 0.0, 0.0)), GRADIENTS[1]], slices=1)
    assert diffusion_table(tmp_path)[1][:, 0].tolist() == [0.0, 0.0, 0.0]


def test_a_small_b_value_without_direction_is_unweighted(tmp_path: Path) -> None:
    write_series(tmp_path, gradients=[(1.25, (0, 0, 0)), GRADIENTS[1]], slices=1)
    assert diffusion_table(tmp_path)[0].tolist() == [1.25, 1000.0]
