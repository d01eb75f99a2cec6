"""Whole conversions beside dcm2niix itself: the places and values of voxels."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm.volume import Volume, load_series
from tests.shared import CORPUS, needs_corpus
from tests.volume.making import image, write

peer = pytest.importorskip("dcm2niix", reason="dcm2niix, the peer, is not installed")
nibabel = pytest.importorskip("nibabel", reason="it reads what dcm2niix writes")


def _theirs(folder: Path, out: Path) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return voxels ``[z, y, x(, sample)]`` and the affine to LPS, rows as they are stored."""
    out.mkdir()
    subprocess.run(
        [peer.bin, "-f", "o", "-b", "n", "-z", "n", "-p", "n", "-o", str(out), str(folder)],
        check=True,
        capture_output=True,
    )
    (path,) = out.glob("*.nii")
    found = nibabel.load(path)
    voxels = np.asanyarray(found.dataobj)
    if voxels.dtype.names:
        voxels = np.stack([voxels[name] for name in voxels.dtype.names], axis=-1)
    rows = found.shape[1]
    turned = np.diag([1.0, -1.0, 1.0, 1.0])
    turned[1, 3] = rows - 1
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ found.affine @ turned
    return np.moveaxis(voxels[:, ::-1], [0, 1, 2], [2, 1, 0]), affine


def _corners_apart_mm(volume: Volume, affine: NDArray[np.float64]) -> float:
    ends = np.indices((2, 2, 2)).reshape(3, 8) * (np.array(volume.pixels.shape[2::-1]) - 1)[:, None]
    away = (volume.affine - affine)[:3] @ np.vstack([ends, np.ones(8)])
    return float(np.linalg.norm(away, axis=0).max())


@pytest.mark.parametrize("decimals", [4, 5, 6])
def test_rounded_cosines_lead_to_the_same_place(tmp_path: Path, decimals: int) -> None:
    rng = np.random.default_rng(decimals)
    turned, _ = np.linalg.qr(np.eye(3) + 0.2 * rng.normal(size=(3, 3)))
    turned *= np.sign(np.diag(turned))
    row, column = turned[:, 0], turned[:, 1]
    normal = np.cross(row, column)
    slices = [
        image(
            (3.0 * z * normal).tolist(),
            z + 1,
            ImageOrientationPatient=[f"{x:.{decimals}f}" for x in (*row, *column)],
            Manufacturer="SIEMENS",
        )
        for z in range(4)
    ]
    write(tmp_path / "in", *slices)
    volume = load_series(tmp_path / "in")
    voxels, affine = _theirs(tmp_path / "in", tmp_path / "out")
    # From slice to slice it goes along the normal, and pydcm from position to position.
    assert _corners_apart_mm(volume, affine) < (1e-3 if decimals == 4 else 1e-4)
    affine[:, 2] = volume.affine[:, 2]
    assert _corners_apart_mm(volume, affine) < 1e-5
    np.testing.assert_array_equal(volume.pixels, voxels)
    assert volume.spacing[1:] == (2.0, 1.5)


@needs_corpus
@pytest.mark.parametrize(
    "folder",
    [
        "volume/dicom2nifti/generic/rgb",
        "volume/dicom2nifti/hitachi",
        "dwi/dcm_qa_asl/In",
        "enhanced-mf/dcm_qa_enh/In/Siemens",
        "fileset/pydicom/98892003/MR700",
    ],
)
def test_real_series_lie_at_the_same_place(tmp_path: Path, folder: str) -> None:
    source = CORPUS / folder
    leaf = source
    while leaf.is_dir() and not any(child.is_file() for child in leaf.iterdir()):
        leaf = min(child for child in leaf.iterdir() if child.is_dir())
    if "MR700" in folder:  # several single slices of one series
        leaf = tmp_path / "one"
        leaf.mkdir()
        first = min(path for path in source.iterdir() if path.is_file())
        (leaf / "a.dcm").write_bytes(first.read_bytes())
    volume = load_series(leaf)
    voxels, affine = _theirs(leaf, tmp_path / "out")
    assert _corners_apart_mm(volume, affine) < 1e-4
    first_volume = voxels[..., 0] if voxels.ndim == 4 and volume.pixels.ndim == 3 else voxels
    np.testing.assert_allclose(volume.pixels, first_volume, rtol=1e-6)
