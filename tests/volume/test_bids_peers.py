"""Sidecars against dcm2niix: its references, recorded answers, and itself where it is installed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pydcm import bids_sidecar, dcmread, load_series
from pydcm.vendors.ge import slice_time_s
from pydcm.vendors.header import Header
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden
from tests.volume.bids_peer import differences, unexplained

REFERENCES = {
    "dwi/dcm_qa_philips/Ref/EPI_asc_CLEAR_201.json": "dwi/dcm_qa_philips/In/Magdeburg_2014/fmri",
    "dwi/dcm_qa_nih/Ref/EPI_PE=AP_3.json": "dwi/dcm_qa_nih/In/20180918Si/mr_0003",
    "dwi/dcm_qa_nih/Ref/EPI_PE=RL_5.json": "dwi/dcm_qa_nih/In/20180918Si/mr_0005",
    "dwi/dcm_qa_stc/Ref/UIH_dti_tra_dir16_PA_rot_12.json": (
        "dwi/dcm_qa_uih/In/DTI_132225/dti_tra_dir16_PA_rot_SaveBySlc__134057"
    ),
    "dwi/dcm_qa_stc/Ref/Siemens_fMRIcontin_30x30x36_4.json": (
        "dwi/dcm_qa_stc/In/Siemens/B13/4_fMRIcontin"
    ),
    "dwi/dcm_qa_asl/Ref/pcasl_2d_m0_10.json": "dwi/dcm_qa_asl/In/pCASL2D/10_pcasl_2d_m0",
    "enhanced-mf/dcm_qa_enh/Ref/Siemens_REST1_w_SMS_PF7-8_6.json": (
        "enhanced-mf/dcm_qa_enh/In/Siemens/XA10"
    ),
}


def _series_folders() -> list[Path]:
    roots = [CORPUS / name for name in ("dwi", "enhanced-mf", "volume")]
    roots.append(GOLDEN / "nifti" / "series")
    found = {path.parent for root in roots for path in root.rglob("*.dcm")}
    return sorted(path for path in found if path.name != "nibabel")


def _golden() -> list[tuple[str, dict[str, object]]]:
    cases = []
    for name in ("dcm2niix_public", "dcm2niix_synthetic"):
        path = GOLDEN / "nifti" / f"{name}.json"
        if not path.is_file():
            continue
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
            folder = case["params"].get("copied_to") or case["params"]["folder"]
            written = list(case["expect"]["files"].values())
            if (GOLDEN / "nifti" / folder).is_dir() and len(written) == 1:
                cases.append((folder, written[0]["json"]))
    return cases


@needs_corpus
@pytest.mark.parametrize("reference", REFERENCES)
def test_sidecar_is_that_of_the_reference(reference: str) -> None:
    theirs = json.loads((CORPUS / reference).read_text(encoding="utf-8"))
    folder = REFERENCES[reference]
    assert unexplained(bids_sidecar(CORPUS / folder), theirs, f"{folder}@Ref") == {}


@needs_golden
@pytest.mark.parametrize(("folder", "theirs"), _golden(), ids=[name for name, _ in _golden()])
def test_sidecar_is_the_recorded_one(folder: str, theirs: dict[str, object]) -> None:
    ours = bids_sidecar(GOLDEN / "nifti" / folder, identity=True)
    theirs |= {"ConversionSoftware": "dcm2niix", "ConversionSoftwareVersion": ""}
    identity = {name for name in ours if name.startswith("Patient") or name.endswith("UID")}
    recorded = {name: value for name, value in ours.items() if name not in identity - set(theirs)}
    assert unexplained(recorded, theirs, folder) == {}


@needs_corpus
@pytest.mark.parametrize("folder", _series_folders(), ids=lambda path: "-".join(path.parts[-3:]))
def test_sidecar_is_that_of_dcm2niix(folder: Path, tmp_path: Path) -> None:
    peer = pytest.importorskip("dcm2niix", reason="dcm2niix, the peer, is not installed")
    command = [peer.bin, "-b", "o", "-ba", "n", "-o", str(tmp_path), str(folder)]
    subprocess.run(command, capture_output=True, check=False, timeout=60)
    written = list(tmp_path.glob("*.json"))
    if not written:
        pytest.skip("dcm2niix converts nothing of this folder")
    (sidecar,) = written
    theirs = json.loads(sidecar.read_text(encoding="utf-8"))
    assert unexplained(bids_sidecar(folder, identity=True), theirs, folder.as_posix()) == {}


def test_table_of_differences_gives_reasons() -> None:
    for row in differences():
        assert row.kind in ("absent", "other", "added"), row
        assert len(row.reason) >= 5, row


@needs_corpus
def test_timing_is_in_the_order_of_the_loaded_slices() -> None:
    folder = CORPUS / "dwi" / "dcm_qa_stc" / "In" / "GE" / "RTIA" / "2_epiRT_ascending"
    volume, sidecar = load_series(folder), bids_sidecar(folder)
    read = [slice_time_s(Header(dcmread(source.path))) for source in volume.sources]
    times = [seconds for seconds in read if seconds is not None]
    since = [(seconds - min(times)) % float(str(sidecar["RepetitionTime"])) for seconds in times]
    assert len(times) == volume.shape[0]
    assert sidecar["SliceTiming"] == pytest.approx(since, abs=1e-3)
