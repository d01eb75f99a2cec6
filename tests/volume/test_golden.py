"""Every series of the corpus and the golden vectors against what dcm2niix made of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm.errors import GeometryError
from pydcm.volume import load_4d, load_series
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden

REFUSED = {
    "uneven_ct": "not evenly spaced",
    "emri_small": "no usable Image Position",
}
"""Of a gap and of an image without a position, that converter makes something too."""

IN_COLOUR = "rgb"
"""It is compared in the tests of colours."""


def _cases(name: str) -> list[dict[str, Any]]:
    file = GOLDEN / f"nifti/{name}.json"
    found = json.loads(file.read_text())["cases"] if file.is_file() else []
    return [case for case in found if _folder(case) is not None]


def _folder(case: dict[str, Any]) -> Path | None:
    """Return the series of a case if it is here."""
    params = case["params"]
    place = params.get("copied_to") or params.get("folder", "")
    return GOLDEN / "nifti" / place if place.startswith("series/") else None


def _all() -> list[Any]:
    cases = _cases("dcm2niix_synthetic") + _cases("dcm2niix_public")
    return [pytest.param(case, id=case["id"]) for case in cases if case["id"] != IN_COLOUR]


def _as_nifti(affine: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """Return an affine as that converter writes it: RAS, rows turned over."""
    turned = np.diag([1.0, -1.0, 1.0, 1.0])
    turned[1, 3] = rows - 1
    to_ras = np.diag([-1.0, -1.0, 1.0, 1.0])
    return np.asarray(to_ras @ affine @ turned)


def _voxels(pixels: NDArray[Any], shape: list[int]) -> NDArray[Any]:
    """Return voxels x fastest, rows turned over."""
    found = pixels[:, :, ::-1].transpose(3, 2, 1, 0)
    return found if len(shape) == 4 else found[..., 0]


@needs_golden
@pytest.mark.parametrize("case", _all())
def test_dcm2niix_agrees(case: dict[str, Any]) -> None:
    folder = _folder(case)
    assert folder is not None
    if case["id"] in REFUSED:
        with pytest.raises(GeometryError, match=REFUSED[case["id"]]):
            load_4d(folder)
        return
    expected = case["expect"]["files"]["o"]
    volume = load_4d(folder, values="stored")
    voxels = _voxels(volume.pixels, expected["shape"]).astype(expected["dtype"])
    assert list(voxels.shape) == expected["shape"]
    digest = hashlib.sha256(voxels.tobytes(order="F")).hexdigest()
    assert digest == expected["data_sha256_fortran_order"]
    affine = _as_nifti(volume.affine, volume.pixels.shape[2])
    if case["id"] == "gantry_tilt":  # there it keeps the distance of the planes only
        affine = affine[:, [0, 1, 3]]
        np.testing.assert_allclose(
            affine, np.array(expected["affine_ras"])[:, [0, 1, 3]], atol=1e-4
        )
        return
    np.testing.assert_allclose(affine, np.array(expected["affine_ras"]), atol=1e-4)


@needs_golden
def test_a_gap_is_filled_as_dcm2niix_fills_it() -> None:
    (case,) = [case for case in _cases("dcm2niix_synthetic") if case["id"] == "uneven_ct"]
    arrays = np.load(GOLDEN / "nifti/dcm2niix_synthetic.npz", allow_pickle=False)
    volume = load_series(GOLDEN / "nifti/series/uneven_ct", spacing="resample", values="stored")
    expected = case["expect"]["files"]["o_Eq_1"]
    theirs = arrays[case["outputs"]["o_Eq_1"]]
    ours = _voxels(volume.pixels[np.newaxis], expected["shape"])
    np.testing.assert_allclose(ours, theirs, atol=0.5)  # it keeps whole numbers
    affine = _as_nifti(volume.affine, volume.pixels.shape[1])
    np.testing.assert_allclose(affine, np.array(expected["affine_ras"]), atol=1e-4)


@needs_golden
def test_a_tilt_is_taken_out_as_dcm2niix_does() -> None:
    (case,) = [case for case in _cases("dcm2niix_synthetic") if case["id"] == "gantry_tilt"]
    arrays = np.load(GOLDEN / "nifti/dcm2niix_synthetic.npz", allow_pickle=False)
    volume = load_series(GOLDEN / "nifti/series/gantry_tilt", tilt="resample", values="stored")
    expected = case["expect"]["files"]["o_Tilt_1"]
    affine = _as_nifti(volume.affine, volume.pixels.shape[1])
    np.testing.assert_allclose(affine, np.array(expected["affine_ras"]), atol=1e-4)
    theirs = arrays[case["outputs"]["o_Tilt_1"]]
    ours = _voxels(volume.pixels[np.newaxis], expected["shape"])
    # At the two edges, where a pixel is partly beyond the image, each has a rule of its own.
    outside = float(theirs.min())
    common = (ours != outside) & (theirs != outside)
    differ = np.abs(ours - theirs)[common]
    assert common.mean() > 0.6
    assert (differ <= 1).mean() > 0.95


REFERENCES = [
    ("dwi/dcm_qa_asl/In", "dwi/dcm_qa_asl/Ref/pcasl_2d_m0_10.nii"),
    ("dwi/dcm_qa_nih/In/20180918Si/mr_0003", "dwi/dcm_qa_nih/Ref/EPI_PE=AP_3.nii"),
    ("dwi/dcm_qa_nih/In/20180918Si/mr_0005", "dwi/dcm_qa_nih/Ref/EPI_PE=RL_5.nii"),
    ("dwi/dcm_qa_philips/In", "dwi/dcm_qa_philips/Ref/EPI_asc_CLEAR_201.nii"),
    ("dwi/dcm_qa_stc/In/Siemens", "dwi/dcm_qa_stc/Ref/Siemens_fMRIcontin_30x30x36_4.nii"),
    ("dwi/dcm_qa_uih/In", "dwi/dcm_qa_stc/Ref/UIH_dti_tra_dir16_PA_rot_12.nii"),
    (
        "enhanced-mf/dcm_qa_enh/In",
        "enhanced-mf/dcm_qa_enh/Ref/Siemens_REST1_w_SMS_PF7-8_6.nii",
    ),
]
"""Series whose repository keeps what dcm2niix made of them."""


@needs_corpus
@pytest.mark.parametrize(("folder", "reference"), REFERENCES, ids=lambda text: Path(text).name)
def test_the_repositorys_own_reference_agrees(folder: str, reference: str) -> None:
    nibabel = pytest.importorskip("nibabel", reason="it reads the reference")
    image = nibabel.load(CORPUS / reference)
    volume = load_4d(CORPUS / folder, values="stored")
    theirs = np.asanyarray(image.dataobj.get_unscaled())
    ours = _voxels(volume.pixels, list(theirs.shape))
    affine = _as_nifti(volume.affine, volume.pixels.shape[2])
    np.testing.assert_allclose(affine, image.affine, atol=1e-4)
    np.testing.assert_array_equal(ours, theirs)


def _same_grid(
    pixels: NDArray[Any], affine: NDArray[np.float64], theirs: NDArray[np.float64]
) -> NDArray[Any]:
    """Return voxels ``[x, y, z, volume]``, turned over as those of another RAS affine."""
    ours = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    found = pixels.transpose(3, 2, 1, 0)
    size = np.array(found.shape[:3])
    signs = np.sign(np.diag((np.linalg.inv(theirs) @ ours)[:3, :3])).astype(int)
    for axis in np.flatnonzero(signs < 0).tolist():
        found = np.flip(found, axis)
        ours[:3, 3] += ours[:3, axis] * (size[axis] - 1)
        ours[:3, axis] *= -1
    np.testing.assert_allclose(ours, theirs, atol=2e-3)  # a file of single precision, rounded
    return found


@needs_corpus
@pytest.mark.parametrize("maker", ["ge/dti", "philips/dti", "siemens/dti_classic"])
def test_the_ground_truth_of_another_converter_agrees(maker: str) -> None:
    nibabel = pytest.importorskip("nibabel", reason="it reads the reference")
    folder = CORPUS / "dwi/dicom2nifti" / maker
    image = nibabel.load(folder / "001_ground_truth.nii.gz")
    volume = load_4d(folder / "001", values="stored")
    ours = _same_grid(volume.pixels, volume.affine, image.affine)
    np.testing.assert_array_equal(ours, np.asanyarray(image.dataobj))
