"""``pydcm nifti``: files, sidecars, gradients, and what is said about them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import load_series
from pydcm.batch.converting import convert, plan
from pydcm.diffusion import save_dwi
from pydcm.errors import PydcmError
from pydcm.examples import write_ct_series
from pydcm.progress import Cancelled, Step
from pydcm.volume import survey
from tests.cli.command import one_line, pydcm
from tests.shared import CORPUS, needs_corpus

nibabel = pytest.importorskip("nibabel", reason="NIfTI is written through nibabel (extra nifti)")

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write_ct_series(folder / "a", slices=6, size=32)
    write_ct_series(folder / "b", slices=3, size=24)
    (folder / "notes.txt").write_text("no DICOM")
    return folder


def test_the_largest_volume_becomes_one_file(study: Path, tmp_path: Path) -> None:
    target = tmp_path / "brain.nii.gz"
    text = pydcm("nifti", study, "-o", target, "--bids").stdout
    volume, image = load_series(study), nibabel.load(target)
    np.testing.assert_array_equal(np.asanyarray(image.dataobj).transpose(), volume.pixels)
    np.testing.assert_allclose(image.affine, _LPS_TO_RAS @ volume.affine, atol=1e-4)
    assert image.get_data_dtype() == np.int16
    assert json.loads((tmp_path / "brain.json").read_text())["Modality"] == "CT"
    assert sorted(os.listdir(tmp_path)) == ["brain.json", "brain.nii.gz"]
    first, second, *rest = text.splitlines()
    assert first == f"{target}: 6 x 32 x 32"
    assert second == f"  and {tmp_path / 'brain.json'}"
    assert "  it is not a DICOM file: notes.txt" in rest


def test_all_volumes_go_into_a_folder(study: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "study"), "zip", study)
    told = json.loads(
        pydcm(
            "nifti", tmp_path / "study.zip", "-o", tmp_path / "out", "--all", "--uncompressed",
            "--json",
        ).stdout
    )  # fmt: skip
    assert [each["shape"] for each in told["volumes"]] == [[6, 32, 32], [3, 24, 24]]
    paths = [Path(path) for each in told["volumes"] for path in each["paths"]]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        path.name for path in paths
    )
    assert {path.suffix for path in paths} == {".nii"}
    assert told["left_out"] == {
        "it is not a DICOM file": [f"{tmp_path / 'study.zip'}!/notes.txt"],
    }


def test_wrong_usage(study: Path, tmp_path: Path) -> None:
    done = pydcm("nifti", study, "-o", tmp_path / "x.nii", "--all", code=2)
    assert "--all" in done.stderr
    assert "required" in pydcm("nifti", study, code=2).stderr
    assert "absent" in one_line(pydcm("nifti", "absent", "-o", "x.nii", code=1).stderr)


@needs_corpus
def test_what_makes_no_volume_leaves_no_file(tmp_path: Path) -> None:
    folder = CORPUS / "volume-defects/dicom2nifti/failing/sliceincrement"
    assert "mm apart" in one_line(
        pydcm("nifti", folder, "-o", tmp_path / "x.nii.gz", code=1).stderr
    )
    assert os.listdir(tmp_path) == []


def test_a_name_from_a_file_stays_a_name(tmp_path: Path) -> None:
    files = write_ct_series(tmp_path / "in", slices=3, size=16)
    from pydcm import dcmread

    for file in files:
        ds = dcmread(file)
        ds.SeriesNumber, ds.SeriesDescription = 7, "../../x /y"
        ds.save_as(file)
    (chosen,), _ = plan(survey(tmp_path / "in"))
    assert chosen.name == "7_.._.._x_y"


def test_converting_is_cancelled_without_a_trace(study: Path, tmp_path: Path) -> None:
    def stop(step: Step) -> None:
        if step.done == 2:
            raise Cancelled

    (chosen,), _ = plan(survey(study))
    with pytest.raises(Cancelled):
        convert(chosen, str(tmp_path / "x.nii.gz"), bids=True, progress=stop)
    assert os.listdir(tmp_path) == []


def test_a_broken_slice_is_an_error_and_leaves_no_trace(study: Path, tmp_path: Path) -> None:
    shutil.copytree(study / "a", tmp_path / "in")
    broken = max((tmp_path / "in").iterdir())
    broken.write_bytes(broken.read_bytes()[:-600])
    (chosen,), _ = plan(survey(tmp_path / "in"))
    (tmp_path / "out").mkdir()
    with pytest.raises(PydcmError):
        convert(chosen, str(tmp_path / "out" / "x.nii.gz"))
    assert os.listdir(tmp_path / "out") == []


# ---- diffusion ---------------------------------------------------------------


def _in_the_world(image: Path) -> tuple[list[float], NDArray[np.float64]]:
    """Return b-values and directions (RAS) as FSL would understand the files."""
    prefix = str(image).removesuffix(".nii.gz")
    affine = nibabel.load(image).affine[:3, :3]
    bvecs = np.loadtxt(f"{prefix}.bvec", ndmin=2)
    if np.linalg.det(affine) > 0:
        bvecs[0] *= -1
    directions = affine / np.linalg.norm(affine, axis=0) @ bvecs
    return np.loadtxt(f"{prefix}.bval", ndmin=1).tolist(), directions


@needs_corpus
@pytest.mark.parametrize("maker", ["philips", "siemens"])
def test_gradients_are_those_of_dcm2niix(maker: str, tmp_path: Path) -> None:
    dcm2niix = pytest.importorskip("dcm2niix", reason="the peer to compare with (extra peers)")
    folder = CORPUS / "dwi/dicom2nifti" / maker
    ours, theirs = tmp_path / "ours.nii.gz", tmp_path / "theirs"
    theirs.mkdir()
    (chosen,), _ = plan(survey(folder))
    done = convert(chosen, str(ours))
    assert [Path(path).suffix for path in done.paths] == [".gz", ".bval", ".bvec"]
    dcm2niix.main(["-z", "y", "-f", "d", "-o", str(theirs), str(folder)], capture_output=True)
    found, expected = _in_the_world(ours), _in_the_world(theirs / "d.nii.gz")
    assert found[0] == pytest.approx(expected[0], abs=1e-3)
    np.testing.assert_allclose(found[1], expected[1], atol=2e-3)


@needs_corpus
@pytest.mark.filterwarnings("ignore::UserWarning")  # what save_dwi leaves out
@pytest.mark.parametrize("maker", ["ge", "philips", "siemens"])
def test_gradients_are_those_of_save_dwi(maker: str, tmp_path: Path) -> None:
    folder = CORPUS / "dwi/dicom2nifti" / maker
    (chosen,), _ = plan(survey(folder))
    done = convert(chosen, str(tmp_path / "x.nii.gz"))
    image, *tables = save_dwi(folder, tmp_path / "y", fsl=True)
    for ours, theirs in zip(done.paths[1:], tables, strict=True):
        assert Path(ours).read_text() == Path(theirs).read_text()
    for ours, theirs in ((done.paths[0], image),):
        np.testing.assert_array_equal(nibabel.load(ours).dataobj, nibabel.load(theirs).dataobj)
    assumed = [each for each in done.report.findings if each.code == "gradients-assumed"]
    assert bool(assumed) == (maker == "ge")  # whose phase encoding direction was removed
