"""Sidecars of real headers that were changed, against dcm2niix itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pydcm import Dataset, bids_sidecar, dcmread
from pydcm.uid import CTImageStorage, PositronEmissionTomographyImageStorage
from tests.shared import CORPUS, needs_corpus
from tests.volume.bids_peer import unexplained

peer = pytest.importorskip("dcm2niix", reason="dcm2niix, the peer, is not installed")
pytestmark = needs_corpus

GE = "dwi/dcm_qa_stc/In/GE/RTIA/2_epiRT_ascending"
UIH = "dwi/dcm_qa_uih/In/DTI_132225/dti_tra_dir16_PA_rot_SaveBySlc__134057"
XA = "enhanced-mf/dcm_qa_enh/In/Siemens/XA10"

PHASE = {
    "PhaseEncodingDirection",
    "PhaseEncodingAxis",
    "PhaseEncodingPolarityGE",
    "EffectiveEchoSpacing",
    "TotalReadoutTime",
    "ParallelReductionFactorInPlane",
    "AcquisitionMatrixPE",
    "ReconMatrixPE",
}

Change = Callable[[Dataset], None]


def _both(source: str, change: Change, folder: Path) -> tuple[dict[str, object], dict[str, object]]:
    """Return the sidecars that pydcm and dcm2niix make of changed files."""
    changed = folder / "changed"
    changed.mkdir()
    for path in sorted((CORPUS / source).iterdir()):
        ds = dcmread(path)
        change(ds)
        ds.save_as(changed / path.name)
    command = [peer.bin, "-b", "o", "-o", str(folder), str(changed)]
    subprocess.run(command, capture_output=True, check=False, timeout=60)
    (written,) = folder.glob("*.json")
    return dict(bids_sidecar(changed)), json.loads(written.read_text(encoding="utf-8"))


def _ge(order: str, in_plane: str = "COL", lines: int = 64, share: str = "1") -> Change:
    def change(ds: Dataset) -> None:
        ds.RectilinearPhaseEncodeReordering = order
        ds.InPlanePhaseEncodingDirection = in_plane
        ds.AcquisitionMatrix = [64, 0, 0, lines] if in_plane == "COL" else [0, 64, lines, 0]
        ds.get_private_item(0x43, 0x83, "GEMS_PARM_01").value = [share, "1"]

    return change


def _ge_partial_fourier(ds: Dataset) -> None:
    _ge("LINEAR", lines=62, share="0.5")(ds)
    ds.ScanOptions = ["EPI_GEMS", "PFF"]


def _uih(polarity: str, in_plane: str = "COL") -> Change:
    def change(ds: Dataset) -> None:
        ds.InPlanePhaseEncodingDirection = in_plane
        ds.private_block(0x65, "Image Private Header").add_new(0x58, "IS", polarity)

    return change


def _xa_negative(ds: Dataset) -> None:
    for group in ds.PerFrameFunctionalGroupsSequence:
        inner = group.get_private_item(0x21, 0xFE, "SIEMENS MR SDI 02").value[0]
        inner.get_private_item(0x21, 0x1C, "SIEMENS MR SDI 02").value = "0"


def _other_maker(name: str) -> Change:
    def change(ds: Dataset) -> None:
        _bare(ds)
        ds.Manufacturer = name
        ds.RectilinearPhaseEncodeReordering = "LINEAR"

    return change


def _bare(ds: Dataset) -> None:
    ds.remove_private_tags()


@pytest.mark.parametrize(
    ("source", "change"),
    [
        pytest.param(GE, _ge("LINEAR"), id="GE linear"),
        pytest.param(GE, _ge("REVERSE_LINEAR"), id="GE reverse"),
        pytest.param(GE, _ge("LINEAR", "ROW"), id="GE linear row"),
        pytest.param(GE, _ge("REVERSE_LINEAR", "ROW"), id="GE reverse row"),
        pytest.param(GE, _ge("LINEAR", lines=58, share="0.5"), id="GE accelerated"),
        pytest.param(GE, _ge_partial_fourier, id="GE partial Fourier"),
        pytest.param(UIH, _uih("0"), id="UIH 0"),
        pytest.param(UIH, _uih("1"), id="UIH 1"),
        pytest.param(UIH, _uih("0", "ROW"), id="UIH 0 row"),
        pytest.param(UIH, _uih("1", "ROW"), id="UIH 1 row"),
        pytest.param(XA, _xa_negative, id="Siemens XA negative"),
        pytest.param(GE, _other_maker("Philips"), id="Philips"),
        pytest.param(GE, _other_maker("CANON_MEC"), id="Canon"),
        pytest.param(GE, _other_maker("TOSHIBA_MEC"), id="Toshiba"),
        pytest.param(GE, _other_maker("Bruker BioSpin MRI GmbH"), id="Bruker"),
        pytest.param(GE, _other_maker("UIH"), id="UIH without private elements"),
    ],
)
def test_phase_encoding_is_that_of_dcm2niix(source: str, change: Change, tmp_path: Path) -> None:
    ours, theirs = _both(source, change, tmp_path)
    assert PHASE & set(ours), "nothing to compare"
    chosen = {name: ours[name] for name in PHASE & set(ours)}
    expected = {name: theirs[name] for name in PHASE & set(theirs)}
    assert unexplained(chosen, expected, "changed") == {}


def _pet(ds: Dataset) -> None:
    _bare(ds)
    del ds[0x00180000:0x00190000]
    volume = (int(ds["InstanceNumber"].value) - 1) // 8
    ds.SOPClassUID = PositronEmissionTomographyImageStorage
    ds.Modality = "PT"
    ds.Units = "BQML"
    ds.DecayCorrection = "START"
    ds.AttenuationCorrectionMethod = "CT"
    ds.ScatterCorrectionMethod = "Model-based"
    ds.RandomsCorrectionMethod = "DLYD"
    ds.ReconstructionMethod = "FBP"
    ds.ConvolutionKernel = "XYZ Gauss2.00"
    ds.DoseCalibrationFactor = "1.5"
    ds.DecayFactor = str(1 + volume / 100)
    ds.ScatterFractionFactor = "0.3"
    ds.SeriesDate, ds.SeriesTime = ds.AcquisitionDate, "172057"
    ds.AcquisitionTime = f"17{21 + volume:02}57"
    ds.FrameReferenceTime = str(60_000 * volume)
    ds.ActualFrameDuration = "60000"
    tracer, code = Dataset(), Dataset()
    code.CodeMeaning = "^18^Fluorine"
    tracer.RadionuclideCodeSequence = [code]
    tracer.Radiopharmaceutical = "Fluorodeoxyglucose"
    tracer.RadionuclideTotalDose = "400000000"
    tracer.RadionuclideHalfLife = "6586.2"
    tracer.RadionuclidePositronFraction = "0.97"
    ds.RadiopharmaceuticalInformationSequence = [tracer]


def test_fields_of_pet_are_those_of_dcm2niix(tmp_path: Path) -> None:
    ours, theirs = _both(GE, _pet, tmp_path)
    assert ours["FrameTimesStart"] == [60, 120, 180]
    assert ours["DecayCorrectionFactor"] == [1, 1.01, 1.02]
    assert unexplained(ours, theirs, "changed/pet") == {}


def _ct(ds: Dataset) -> None:
    _bare(ds)
    del ds[0x00180000:0x00190000]
    ds.SOPClassUID = CTImageStorage
    ds.Modality = "CT"
    ds.SliceThickness = "3"
    ds.ConvolutionKernel = "B30f"
    ds.KVP, ds.XRayTubeCurrent, ds.ExposureTime, ds.Exposure = "120", "200", "500", "100"


def test_fields_of_ct_are_those_of_dcm2niix(tmp_path: Path) -> None:
    ours, theirs = _both(GE, _ct, tmp_path)
    assert (ours["ExposureTime"], ours["XRayTubeCurrent"], ours["XRayExposure"]) == (0.5, 200, 100)
    assert unexplained(ours, theirs, "changed/ct") == {}
