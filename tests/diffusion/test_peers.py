"""The same tables as other converters give, after the documented flips.

``dcm2niix`` stores rows from the bottom up and gives directions for that: its
second component has the other sign. A direction and its negative are the same
gradient.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import diffusion_table, load_dwi, save_dwi
from pydcm.dataset import Dataset
from pydcm.volume import from_nifti_4d
from tests.diffusion.made import (
    AXIAL,
    CORONAL,
    GRADIENTS,
    SAGITTAL,
    Mark,
    ge,
    mosaics,
    philips,
    rotation,
    siemens,
    standard,
    write_series,
)
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden

FLIP_ROWS = np.array([[1.0], [-1.0], [1.0]])
NO_FLIP = np.ones((3, 1))

_PHASE_UNKNOWN = "ignore:In-plane Phase Encoding Direction:UserWarning"


def _assert_same_gradients(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], *, signs: bool = True
) -> None:
    assert ours.shape == theirs.shape
    away = np.abs(ours - theirs).max(axis=0)
    if not signs:
        away = np.minimum(away, np.abs(ours + theirs).max(axis=0))
    assert away.max() < 1e-3, (ours, theirs)


# --- recorded answers --------------------------------------------------------------------------


@needs_golden
@pytest.mark.parametrize(
    ("vendor", "flip"),
    # with a GE file that lacks the phase encoding direction, dcm2niix says that it gives up
    # and hands out the direction as the file has it
    [("siemens", FLIP_ROWS), ("philips", FLIP_ROWS), ("ge", NO_FLIP)],
)
def test_recorded_tables(tmp_path: Path, vendor: str, flip: NDArray[np.float64]) -> None:
    cases = json.loads((GOLDEN / "nifti" / "dcm2niix_synthetic.json").read_text())["cases"]
    (case,) = (case for case in cases if case["id"] == f"dwi_{vendor}")
    expected = case["expect"]["files"]["o"]
    folder = GOLDEN / "nifti" / case["params"]["folder"]
    bvals, bvecs = diffusion_table(folder, per_volume=True)
    np.testing.assert_allclose(bvals, expected["bval"][0], atol=1e-3)
    _assert_same_gradients(bvecs, flip * np.array(expected["bvec"]))
    data, loaded, _, affine = load_dwi(folder, order="acquisition")
    assert data.shape == tuple(expected["shape"][::-1])
    np.testing.assert_array_equal(loaded, bvals)
    with np.load(GOLDEN / "nifti" / "dcm2niix_synthetic.npz") as arrays:
        stored = next(arrays[key] for key in arrays if key == case["outputs"]["o"])
    np.testing.assert_array_equal(data, np.flip(stored, axis=1).transpose(3, 2, 1, 0))
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    flipped = ras @ _reversed_rows(data.shape[2])
    np.testing.assert_allclose(flipped, expected["affine_ras"], atol=1e-4)


_D2N = "dicom2nifti"


@needs_corpus
@pytest.mark.filterwarnings(_PHASE_UNKNOWN)
@pytest.mark.parametrize(
    ("series", "reference", "flip"),
    [
        (f"dwi/{_D2N}/ge/dti/001", f"dwi/{_D2N}/ge/dti/001_ground_truth", FLIP_ROWS),
        (
            f"enhanced-mf/{_D2N}/philips_enhanced/dti/001",
            f"enhanced-mf/{_D2N}/philips_enhanced/dti/001_ground_truth",
            NO_FLIP,
        ),
        (
            f"dwi/{_D2N}/siemens/dti_classic/001",
            f"dwi/{_D2N}/siemens/dti_classic/001_ground_truth",
            FLIP_ROWS,
        ),
        ("dwi/dcm_qa_uih/In", "dwi/dcm_qa_stc/Ref/UIH_dti_tra_dir16_PA_rot_12", FLIP_ROWS),
    ],
    ids=["GE", "Philips enhanced", "Siemens", "UIH"],
)
def test_tables_beside_real_series(series: str, reference: str, flip: NDArray[np.float64]) -> None:
    bvals, bvecs = diffusion_table(CORPUS / series, per_volume=True)
    _assert_same_gradients(bvecs, flip * np.loadtxt(CORPUS / f"{reference}.bvec"))
    recorded = CORPUS / f"{reference}.bval"
    if recorded.exists():
        np.testing.assert_allclose(bvals, np.loadtxt(recorded), atol=1e-3)


@needs_corpus
def test_the_table_beside_the_series_of_philips_was_not_turned() -> None:
    """Its directions are those of the file; the image is turned by 1.5 degrees."""
    series = CORPUS / "dwi" / _D2N / "philips" / "dti" / "001"
    reference = CORPUS / "dwi" / _D2N / "philips" / "dti" / "001_ground_truth"
    bvals, raw = diffusion_table(series, per_volume=True, rotate=False)
    np.testing.assert_allclose(bvals, np.loadtxt(f"{reference}.bval"))
    _assert_same_gradients(raw, np.loadtxt(f"{reference}.bvec"))


# --- dcm2niix itself ---------------------------------------------------------------------------


def _dcm2niix(folder: Path, out: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], Path]:
    """Return b-values, directions and the NIfTI file that the converter makes."""
    program = Path(sysconfig.get_path("scripts")) / "dcm2niix"
    found = str(program) if program.exists() else shutil.which("dcm2niix")
    if found is None:
        pytest.skip("dcm2niix is not installed")
    out.mkdir()
    subprocess.run(
        [found, "-f", "o", "-b", "n", "-z", "n", "-p", "n", "-o", str(out), str(folder)],
        check=True,
        capture_output=True,
    )
    bvals, bvecs = (np.loadtxt(out / f"o.{name}", ndmin=1) for name in ("bval", "bvec"))
    return bvals, bvecs.reshape(3, -1), out / "o.nii"


def _reversed_rows(rows: int) -> NDArray[np.float64]:
    """Return the matrix from voxels of a file with reversed rows to voxels as stored."""
    flip = np.diag([1.0, -1.0, 1.0, 1.0])
    flip[1, 3] = rows - 1
    return flip


@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL], ids=["ax", "cor", "sag"])
@pytest.mark.parametrize(
    ("mark", "phase"),
    [(standard, "COL"), (siemens, "COL"), (philips, "COL"), (ge, "COL"), (ge, "ROW")],
    ids=["standard", "Siemens", "Philips", "GE COL", "GE ROW"],
)
def test_every_maker_and_plane(
    tmp_path: Path, mark: Mark, phase: str, orientation: tuple[float, ...]
) -> None:
    turn = rotation((0.3, 1.0, 0.2), 12.0)
    oblique = tuple((turn @ np.array(orientation).reshape(2, 3).T).T.ravel())

    def encode(dataset: Dataset) -> None:
        dataset.InPlanePhaseEncodingDirection = phase
        dataset.AcquisitionTime = f"12{dataset.InstanceNumber:04d}"

    write_series(tmp_path / "in", mark, orientation=oblique, change=encode)
    bvals, bvecs, _ = _dcm2niix(tmp_path / "in", tmp_path / "theirs")
    ours = diffusion_table(tmp_path / "in", per_volume=True)
    np.testing.assert_allclose(ours[0], bvals, atol=1e-3)
    _assert_same_gradients(ours[1], FLIP_ROWS * bvecs, signs=False)


@needs_corpus
@pytest.mark.filterwarnings(_PHASE_UNKNOWN)
@pytest.mark.parametrize(
    "series",
    [
        f"dwi/{_D2N}/ge/dti/001",
        f"dwi/{_D2N}/philips/dti/001",
        f"dwi/{_D2N}/siemens/dti_classic/001",
        "dwi/dcm_qa_uih/In",
        f"enhanced-mf/{_D2N}/philips_enhanced/dti/001",
    ],
)
def test_the_files_of_real_series(tmp_path: Path, series: str) -> None:
    bvals, bvecs, nifti = _dcm2niix(CORPUS / series, tmp_path / "theirs")
    name, bval, bvec = save_dwi(CORPUS / series, tmp_path / "ours")
    # dcm2niix puts the unweighted volume of the enhanced image last, as its Dimension
    # Index Values do; here volumes come in the order of their first frames
    order = np.roll(np.arange(4), 1) if "enhanced" in series else np.arange(len(bvals))
    np.testing.assert_allclose(np.loadtxt(bval), bvals[order], atol=1e-3)
    _assert_same_gradients(np.loadtxt(bvec), FLIP_ROWS * bvecs[:, order], signs=False)
    theirs, ours = from_nifti_4d(str(nifti)), from_nifti_4d(name)
    assert theirs.pixels.shape == ours.pixels.shape
    flipped = ours.affine @ _reversed_rows(ours.pixels.shape[2])
    np.testing.assert_allclose(flipped, theirs.affine, atol=1e-4)
    np.testing.assert_allclose(ours.pixels[:, :, ::-1], theirs.pixels[order], rtol=1e-5, atol=1e-3)


@needs_corpus
def test_mosaics(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    mosaics(folder)
    bvals, bvecs, nifti = _dcm2niix(folder, tmp_path / "theirs")
    data, ours, vectors, affine = load_dwi(folder)
    np.testing.assert_allclose(ours, bvals)
    _assert_same_gradients(vectors, FLIP_ROWS * bvecs)
    theirs = from_nifti_4d(str(nifti))
    np.testing.assert_allclose(affine @ _reversed_rows(128), theirs.affine, atol=1e-4)
    np.testing.assert_array_equal(data[:, :, ::-1], theirs.pixels)


def test_the_sign_for_fsl_is_that_of_dcm2niix(tmp_path: Path) -> None:
    """A table for FSL says the same in both files, although their rows run oppositely."""

    def encode(dataset: Dataset) -> None:
        dataset.AcquisitionTime = f"12{dataset.InstanceNumber:04d}"

    write_series(tmp_path / "in", gradients=GRADIENTS, change=encode)
    _, theirs, nifti = _dcm2niix(tmp_path / "in", tmp_path / "theirs")
    name, _, bvec = save_dwi(tmp_path / "in", tmp_path / "ours", fsl=True)
    in_world = [
        _fsl_to_world(from_nifti_4d(path).affine, table)
        for path, table in ((str(nifti), theirs), (name, np.loadtxt(bvec)))
    ]
    np.testing.assert_allclose(in_world[0], in_world[1], atol=1e-5)


def _fsl_to_world(affine: NDArray[np.float64], table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a table of FSL into the world: x is reversed where the determinant is positive."""
    axes = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    sign = -1.0 if np.linalg.det(axes) > 0 else 1.0
    turned: NDArray[np.float64] = axes @ (table * np.array([[sign], [1.0], [1.0]]))
    return turned
