"""Diffusion series as four-dimensional arrays and as files."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from pydcm import diffusion_table, load_dwi, save_dwi
from pydcm.dataset import Dataset
from pydcm.errors import GeometryError, MissingElementError
from pydcm.progress import Cancelled, Step
from pydcm.volume import from_nifti_4d, load_series
from tests.diffusion.made import (
    AXIAL,
    GRADIENTS,
    SAGITTAL,
    enhanced,
    image,
    mosaics,
    save,
    siemens,
    standard,
    write_series,
)
from tests.shared import needs_corpus


def test_each_gradient_is_a_volume_with_ascending_slices(tmp_path: Path) -> None:
    write_series(tmp_path)
    data, bvals, bvecs, affine = load_dwi(tmp_path)
    assert data.shape == (3, 3, 4, 5)
    assert data.dtype == np.float32
    assert bvals.tolist() == [0.0, 1000.0, 2000.0]
    np.testing.assert_allclose(bvecs[:, 1], GRADIENTS[1][1])
    # instances 1 to 3 are the first volume from its highest slice down
    assert data[:, :, 0, 0].tolist() == [[3, 2, 1], [6, 5, 4], [9, 8, 7]]
    np.testing.assert_allclose(affine, np.diag([2.0, 2.0, 3.0, 1.0]))


def test_the_two_orders(tmp_path: Path) -> None:
    shuffled = [GRADIENTS[2], GRADIENTS[0], GRADIENTS[1], (1000.0, (-0.6, 0.8, 0.0))]
    write_series(tmp_path, gradients=shuffled, slices=1)
    data, bvals, bvecs, _ = load_dwi(tmp_path)
    assert bvals.tolist() == [0.0, 1000.0, 1000.0, 2000.0]
    assert bvecs[0].tolist() == [0.0, -0.6, 0.36, 0.0]
    assert data[:, 0, 0, 0].tolist() == [2, 4, 3, 1]
    data, bvals, bvecs, _ = load_dwi(tmp_path, order="acquisition")
    assert bvals.tolist() == [2000.0, 0.0, 1000.0, 1000.0]
    assert data[:, 0, 0, 0].tolist() == [1, 2, 3, 4]
    table = diffusion_table(tmp_path, per_volume=True)
    np.testing.assert_array_equal(table[0], bvals)
    np.testing.assert_array_equal(table[1], bvecs)


def test_an_unknown_order_is_refused(tmp_path: Path) -> None:
    write_series(tmp_path)
    with pytest.raises(ValueError, match="sorted"):
        load_dwi(tmp_path, order="sorted")  # type: ignore[arg-type]  # what is refused


def test_repeated_volumes_stay_apart(tmp_path: Path) -> None:
    write_series(tmp_path, gradients=[GRADIENTS[0], GRADIENTS[1], GRADIENTS[0]])
    data, bvals, _, _ = load_dwi(tmp_path, order="acquisition")
    assert bvals.tolist() == [0.0, 1000.0, 0.0]
    assert data[:, 0, 0, 0].tolist() == [3, 6, 9]
    assert load_dwi(tmp_path)[0][:, 0, 0, 0].tolist() == [3, 9, 6]


def test_values_are_rescaled(tmp_path: Path) -> None:
    def scale(dataset: Dataset) -> None:
        dataset.RescaleSlope, dataset.RescaleIntercept = 2, -1

    write_series(tmp_path, change=scale)
    assert load_dwi(tmp_path)[0][0, 0, 0, 0] == 5.0


def test_an_enhanced_image_is_split_into_volumes(tmp_path: Path) -> None:
    frames = [(0.0, (0, 0, 0), "NONE"), *((1000.0, g, "DIRECTIONAL") for g in np.eye(3).tolist())]
    path = save(enhanced(frames), tmp_path / "enhanced.dcm")
    data, bvals, bvecs, _ = load_dwi(path, order="acquisition")
    assert bvals.tolist() == [0.0, 1000.0, 1000.0, 1000.0]
    np.testing.assert_array_equal(bvecs[:, 1:], np.eye(3))
    assert data[:, :, 0, 0].tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_what_is_no_image_of_the_series_is_named(tmp_path: Path) -> None:
    write_series(tmp_path)

    def of_another(dataset: Dataset) -> None:
        dataset.SeriesInstanceUID += ".7"
        dataset.SOPInstanceUID += ".7"

    write_series(tmp_path / "other", gradients=GRADIENTS[:1], change=of_another)
    with pytest.warns(UserWarning, match="3 files such as 00.*another series or grid"):
        assert load_dwi(tmp_path)[0].shape == (3, 3, 4, 5)
    assert load_dwi(tmp_path, recursive=False)[0].shape == (3, 3, 4, 5)


def test_the_last_volume_of_a_stopped_scan_is_left_out(tmp_path: Path) -> None:
    files = write_series(tmp_path)
    files[-1].unlink()
    with pytest.warns(
        UserWarning, match=r"2 files such as 00.\.dcm: a volume of b=2000 has 2 slices instead of 3"
    ):
        data, bvals, bvecs, _ = load_dwi(tmp_path)
    assert bvals.tolist() == [0.0, 1000.0]
    assert data.shape[0] == bvecs.shape[1] == 2


def test_a_gap_in_every_volume_is_refused(tmp_path: Path) -> None:
    for index, file in enumerate(write_series(tmp_path, slices=4)):
        if index % 4 == 1:
            file.unlink()
    with pytest.raises(GeometryError):
        load_dwi(tmp_path)


def test_images_without_position_make_no_volume(tmp_path: Path) -> None:
    def lose(dataset: Dataset) -> None:
        del dataset.ImagePositionPatient

    write_series(tmp_path, change=lose)
    with pytest.raises(GeometryError):
        load_dwi(tmp_path)


def test_without_diffusion_nothing_is_loaded_or_written(tmp_path: Path) -> None:
    save(image(1, AXIAL, 0), tmp_path / "1.dcm")
    with pytest.raises(MissingElementError):
        load_dwi(tmp_path)
    with pytest.raises(MissingElementError):
        save_dwi(tmp_path, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["1.dcm"]


# --- files -------------------------------------------------------------------------------------


def test_the_three_files_are_what_load_dwi_returns(tmp_path: Path) -> None:
    write_series(tmp_path / "in", orientation=SAGITTAL)
    paths = save_dwi(tmp_path / "in", tmp_path / "out")
    assert paths == tuple(str(tmp_path / f"out.{name}") for name in ("nii.gz", "bval", "bvec"))
    data, bvals, bvecs, affine = load_dwi(tmp_path / "in", order="acquisition")
    written = from_nifti_4d(paths[0])
    np.testing.assert_array_equal(written.pixels, data)
    assert written.pixels.dtype == np.float32
    np.testing.assert_allclose(written.affine, affine, atol=1e-5)
    np.testing.assert_allclose(np.loadtxt(paths[1]), bvals)
    np.testing.assert_allclose(np.loadtxt(paths[2]), bvecs, atol=5e-7)


def test_the_header_of_the_file(tmp_path: Path) -> None:
    write_series(tmp_path / "in")
    header = gzip.decompress(Path(save_dwi(tmp_path / "in", tmp_path / "out")[0]).read_bytes())
    assert np.frombuffer(header, "<i2", 5, 40).tolist() == [4, 5, 4, 3, 3]
    assert np.frombuffer(header, "<i2", 1, 70)[0] == 16  # float32


def test_the_sign_that_fsl_expects(tmp_path: Path) -> None:
    """FSL takes x the other way round where the determinant is positive, as it is here."""
    write_series(tmp_path / "in")
    plain = np.loadtxt(save_dwi(tmp_path / "in", tmp_path / "plain")[2])
    name, _, bvec = save_dwi(tmp_path / "in", tmp_path / "fsl", fsl=True)
    lps_to_ras = np.diag([-1.0, -1.0, 1.0])
    assert np.linalg.det(lps_to_ras @ from_nifti_4d(name).affine[:3, :3]) > 0
    np.testing.assert_array_equal(np.loadtxt(bvec), plain * np.array([[-1], [1], [1]]))


def test_a_name_that_is_taken_leaves_no_file_behind(tmp_path: Path) -> None:
    write_series(tmp_path / "in")
    (tmp_path / "out.bval").mkdir()
    (tmp_path / "out.nii.gz").write_text("old")
    with pytest.raises(OSError, match="bval"):
        save_dwi(tmp_path / "in", tmp_path / "out")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["in", "out.bval", "out.nii.gz"]
    assert (tmp_path / "out.nii.gz").read_text() == "old"


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    write_series(tmp_path / "in")
    seen: list[Step] = []

    def stop(step: Step) -> None:
        seen.append(step)
        if step.what == "slices" and step.done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        save_dwi(tmp_path / "in", tmp_path / "out", progress=stop)
    assert {"files read", "slices"} <= {step.what for step in seen}
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


# --- real series -------------------------------------------------------------------------------


@needs_corpus
def test_a_mosaic_of_siemens_is_one_volume(tmp_path: Path) -> None:
    first, _ = mosaics(tmp_path)
    data, bvals, bvecs, affine = load_dwi(tmp_path)
    assert data.shape == (2, 48, 128, 128)
    assert bvals.tolist() == [1000.0, 1000.0]
    np.testing.assert_allclose(np.linalg.norm(bvecs, axis=0), 1.0)
    alone = load_series(first)
    np.testing.assert_array_equal(data[0], alone.pixels)
    np.testing.assert_array_equal(affine, alone.affine)


def test_classic_siemens(tmp_path: Path) -> None:
    write_series(tmp_path / "private", siemens)
    write_series(tmp_path / "standard", standard)
    for found, expected in zip(
        load_dwi(tmp_path / "private"), load_dwi(tmp_path / "standard"), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
