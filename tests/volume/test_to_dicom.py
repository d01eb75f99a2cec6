"""Volumes written as DICOM series: values, place, identity, and what validators say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import DataElement, Dataset, config, dcmread
from pydcm.errors import ConformanceError, GeometryError, InvalidDicomError, PydcmError, WriteError
from pydcm.examples import write_ct_series
from pydcm.sequence import Sequence
from pydcm.volume import Volume, load_series
from pydcm.volume.placing import spacing_of
from tests.recording import unwarned
from tests.validator import errors_of
from tests.volume.grids import AFFINES, volume

WHEN = datetime(2024, 1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def chest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with six slices of 16 x 16."""
    folder = tmp_path_factory.mktemp("chest")
    write_ct_series(folder, slices=6, size=16, tilt_deg=10)
    return folder


def _pet_reference() -> Dataset:
    reference = Dataset()
    values = {
        "Modality": "PT",
        "PatientID": "P7",
        "SeriesInstanceUID": "1.2.3",
        "SeriesType": ["DYNAMIC", "IMAGE"],
        "Units": "BQML",
        "CountsSource": "EMISSION",
        "DecayCorrection": "START",
        "FrameReferenceTime": "1000",
        "DecayFactor": "1",
        "SeriesDate": "20010203",
        "SeriesTime": "101112",
        "PatientPosition": "HFS",
    }
    for keyword, value in values.items():
        setattr(reference, keyword, value)
    item = Dataset()
    item.RadionuclideTotalDose = "1000000"
    item.RadionuclideCodeSequence = Sequence()
    reference.RadiopharmaceuticalInformationSequence = Sequence([item])
    return reference


def _stored_by_peer(path: str) -> NDArray[np.float64]:
    pydicom = pytest.importorskip("pydicom", reason="pydicom is the peer of this test")
    image = pydicom.dcmread(path)
    slope, intercept = image.get("RescaleSlope", 1), image.get("RescaleIntercept", 0)
    pixels: NDArray[np.float64] = image.pixel_array * float(slope) + float(intercept)
    return pixels


VALUES = {
    "hounsfield": np.linspace(-1024, 3071, 240).round(),
    "unsigned": np.linspace(0, 65535, 240).round(),
    "beyond 16 bits": np.linspace(1_000_000, 1_065_535, 240).round(),
    "fractions": np.linspace(-1.5, 7.25, 240),
    "tiny": np.linspace(1e-9, 2e-9, 240),
    "huge": np.linspace(-1e30, 3e30, 240),
    "constant": np.full(240, 0.1),
    "many whole": np.linspace(-1e6, 1e6, 240).round(),
}


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
@pytest.mark.parametrize("name", sorted(VALUES))
def test_values_come_back(tmp_path: Path, name: str, modality: str) -> None:
    values = VALUES[name].reshape(4, 6, 10)
    one = Volume(values, (2.0, 1.0, 1.0), np.diag([1.0, 1.0, 2.0, 1.0]), "", modality=modality)
    reference = _pet_reference() if modality == "PT" else None
    files = one.to_dicom(tmp_path / "out", reference)
    first = dcmread(files[0])
    slope = float(first.get("RescaleSlope", None) or 1)
    whole = name in ("hounsfield", "unsigned") or (name == "beyond 16 bits" and modality != "PT")
    if modality == "PT":
        assert float(first["RescaleIntercept"].value) == 0
    within = 0.0 if whole else slope / 2 * (1 + 1e-9) + 1e-15
    for index, path in enumerate(files):
        np.testing.assert_allclose(_stored_by_peer(path), values[index], rtol=0, atol=within)
    span = max(float(np.ptp(values)), 2 * float(np.abs(values).max()) * (modality == "PT"))
    assert whole or name == "constant" or slope <= span / 65534 * (1 + 1e-9)
    np.testing.assert_allclose(load_series(tmp_path / "out").pixels, values, rtol=3e-7, atol=within)


@pytest.mark.parametrize("geometry", sorted(AFFINES))
def test_the_place_comes_back(tmp_path: Path, geometry: str) -> None:
    one = volume("int16", geometry)
    one.to_dicom(tmp_path / "out", modality="MR")
    again = load_series(tmp_path / "out")
    if geometry == "left-handed":  # slices ascend along the normal in a series
        flipped = one.affine.copy()
        flipped[:3, 3] += 4 * flipped[:3, 2]
        flipped[:3, 2] *= -1
        one = Volume(one.pixels[::-1], one.spacing, flipped, "")
    assert again.equals(one, atol_mm=1e-6)


def test_it_is_filed_with_its_reference(tmp_path: Path, chest: Path) -> None:
    one = load_series(chest)
    one.pixels *= 2
    originals = {
        dataset.SOPInstanceUID: dataset for dataset in map(dcmread, sorted(chest.iterdir()))
    }
    files = one.to_dicom(tmp_path / "out", chest, series_description="doubled é", series_number=7)
    assert [os.path.basename(path) for path in files] == [f"000{k}.dcm" for k in range(1, 7)]
    uids = set()
    for number, path in enumerate(files, 1):
        made = dcmread(path)
        source = originals[made.SourceImageSequence[0].ReferencedSOPInstanceUID]
        np.testing.assert_allclose(
            list(made.ImagePositionPatient), list(source.ImagePositionPatient), atol=1e-8
        )
        for keyword in (
            "PatientID", "PatientName", "StudyInstanceUID", "StudyDate", "FrameOfReferenceUID",
            "KVP", "PatientPosition", "Manufacturer",
        ):  # fmt: skip
            assert made.get(keyword) == source.get(keyword), keyword
        assert made.SeriesInstanceUID != source.SeriesInstanceUID
        assert (made.SeriesDescription, made.SeriesNumber) == ("doubled é", 7)
        assert made.ImageType == ["DERIVED", "SECONDARY", "AXIAL"]
        assert made.InstanceNumber == number
        uids.add(made.SOPInstanceUID)
        np.testing.assert_array_equal(_stored_by_peer(path), one.pixels[number - 1])
    assert len(uids | set(originals)) == 12
    one_file = dcmread(one.to_dicom(tmp_path / "one", next(iter(originals.values())))[0])
    assert one_file.StudyInstanceUID == next(iter(originals.values())).StudyInstanceUID
    again = dcmread(one.to_dicom(tmp_path / "many", list(originals.values()))[0])
    assert again.StudyInstanceUID == one_file.StudyInstanceUID


def test_only_what_any_image_shares_is_taken_from_another_modality(
    tmp_path: Path, chest: Path
) -> None:
    made = dcmread(load_series(chest).to_dicom(tmp_path / "out", chest, modality="MR")[0])
    assert made.PatientID == "PYDCM-1"
    assert "KVP" not in made
    assert (made.ScanningSequence, made.SequenceVariant) == ("RM", "NONE")
    assert "RescaleSlope" not in made


def test_given_names_and_times_give_the_same_bytes(tmp_path: Path, chest: Path) -> None:
    one = volume("float32")
    made = [
        one.to_dicom(tmp_path / name, chest, series_instance_uid="1.2.3.4", when=WHEN)
        for name in ("a", "b")
    ]
    assert [Path(path).read_bytes() for path in made[0]] == [
        Path(path).read_bytes() for path in made[1]
    ]
    first = dcmread(made[0][0])
    assert (first.SeriesInstanceUID, first.SeriesDate, first.SeriesTime) == (
        "1.2.3.4", "20240102", "030405.000000",
    )  # fmt: skip
    other = dcmread(
        one.to_dicom(tmp_path / "c", modality="CT", study_instance_uid="1.9", when=WHEN)[0]
    )
    assert other.StudyInstanceUID == "1.9"
    assert other.SOPInstanceUID != first.SOPInstanceUID


def test_pet_keeps_what_its_values_mean(tmp_path: Path) -> None:
    one = volume("float32", modality="PT")
    made = dcmread(one.to_dicom(tmp_path / "out", _pet_reference())[2])
    assert made.SeriesType == ["STATIC", "IMAGE"]
    assert (made.Units, made.SeriesDate, made.NumberOfSlices) == ("BQML", "20010203", 5)
    assert made.ImageIndex == 3
    assert made.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose == 1_000_000
    assert "PatientPosition" not in made
    with pytest.raises(ConformanceError, match="Units") as caught:
        one.to_dicom(tmp_path / "none")
    assert len(caught.value.problems) == 5
    assert not (tmp_path / "none").exists()


def _sheared_in_plane() -> Volume:
    affine = np.eye(4)
    affine[0, 1] = 0.3
    return Volume(np.zeros((2, 3, 4), np.int16), spacing_of(affine), affine, "", modality="CT")


@pytest.mark.parametrize(
    ("one", "kind", "says"),
    [
        (volume("int16"), ConformanceError, "give modality="),
        (volume("int16", modality="US"), ConformanceError, "'US'"),
        (volume("complex64", modality="CT"), WriteError, "complex64"),
        (volume("uint8", shape=(2, 3, 4, 3), modality="CT"), WriteError, "no gray"),
        (_sheared_in_plane(), GeometryError, "73.3 degrees"),
        (Volume(np.full((2, 3, 4), np.nan), (1, 1, 1), np.eye(4), "", modality="CT"),
         WriteError, "slice 0.*12 values"),
        (Volume(np.array([[[-1e308, 1e308, 0]]]), (1, 1, 1), np.eye(4), "", modality="CT"),
         WriteError, "span"),
        (Volume(np.zeros((2, 3, 4)), (1, 1, 1), np.diag([1, 1, 0, 1]), "", modality="CT"),
         GeometryError, "spans no volume"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, one: Volume, kind: type[PydcmError], says: str
) -> None:
    with pytest.raises(kind, match=says):
        one.to_dicom(tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_no_file_is_replaced_and_none_left_behind(tmp_path: Path) -> None:
    (tmp_path / "0003.dcm").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        volume().to_dicom(tmp_path, modality="MR")
    assert os.listdir(tmp_path) == ["0003.dcm"]
    assert (tmp_path / "0003.dcm").read_bytes() == b"precious"


def test_references_without_images(tmp_path: Path) -> None:
    (tmp_path / "ref").mkdir()
    (tmp_path / "ref" / "readme").write_text("no image")
    with pytest.raises(FileNotFoundError, match="reference"):
        volume().to_dicom(tmp_path / "out", tmp_path / "ref", modality="MR")
    with pytest.raises(InvalidDicomError):
        volume().to_dicom(tmp_path / "out", tmp_path / "ref" / "readme", modality="MR")


def test_text_and_oddities_of_a_reference_are_kept(tmp_path: Path, chest: Path) -> None:
    reference = dcmread(next(chest.iterdir()))
    reference.SpecificCharacterSet = "ISO_IR 100"
    reference.PatientName = "Müller^Jörg"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        odd = DataElement("PatientAge", "AS", "about 7 years", validation_mode=config.IGNORE)
        reference.add(odd)
        reference.save_as(tmp_path / "odd.dcm")
        made = dcmread(volume().to_dicom(tmp_path / "out", tmp_path / "odd.dcm")[0])
        assert str(made.PatientName) == "Müller^Jörg"
        assert made.PatientAge == "about 7 years"
    raw = (tmp_path / "out" / "0001.dcm").read_bytes()
    assert "Müller^Jörg".encode() in raw


# ---- what others say of it -------------------------------------------------


@pytest.mark.parametrize("modality", ["CT", "MR", "PT"])
def test_the_validator_finds_no_error(tmp_path: Path, chest: Path, modality: str) -> None:
    reference: Any = chest if modality == "CT" else None
    if modality == "PT":
        reference = _pet_reference()
    files = load_series(chest).to_dicom(tmp_path / "out", reference, modality=modality)
    assert errors_of(files[0]) == []


@pytest.mark.parametrize("geometry", ["straight", "oblique", "left-handed"])
def test_dcm2niix_finds_the_same_volume(tmp_path: Path, geometry: str) -> None:
    nibabel = pytest.importorskip("nibabel", reason="nibabel reads what dcm2niix writes")
    program = shutil.which("dcm2niix", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if program is None:
        pytest.skip("dcm2niix is not installed")
    one = volume("int16", geometry)
    one.to_dicom(tmp_path / "out", modality="MR")
    command = [program, "-z", "n", "-b", "n", "-f", "x", "-o", str(tmp_path), str(tmp_path / "out")]
    subprocess.run(command, check=True, capture_output=True)
    theirs = nibabel.as_closest_canonical(nibabel.load(tmp_path / "x.nii"))
    ours = nibabel.as_closest_canonical(one.to_nibabel())
    np.testing.assert_array_equal(np.asanyarray(theirs.dataobj), np.asanyarray(ours.dataobj))
    np.testing.assert_allclose(theirs.affine, ours.affine, atol=1e-4)


def test_the_peer_reads_it_without_a_warning(tmp_path: Path, chest: Path) -> None:
    pydicom = pytest.importorskip("pydicom", reason="pydicom is the peer of this test")
    files = load_series(chest).to_dicom(tmp_path / "out", chest)
    with unwarned():
        for path in files:
            for element in pydicom.dcmread(path).iterall():
                assert element.value is not Ellipsis
