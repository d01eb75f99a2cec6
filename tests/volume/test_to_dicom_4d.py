"""Volumes that share a grid, written as one DICOM series and loaded again."""

from __future__ import annotations

import os
import subprocess
import warnings
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from pydcm import Dataset, dcmread, diffusion_table
from pydcm.errors import ConformanceError, GeometryError
from pydcm.volume import Axis, Volume4D, from_nifti_4d, load_4d, load_all
from pydcm.volume.placing import spacing_of
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden
from tests.validator import errors_of
from tests.volume.grids import AFFINES
from tests.volume.making import image, write

SLICES = 3


def _volumes(*axes: Axis, modality: str = "MR", geometry: str = "oblique") -> Volume4D:
    """Return volumes of whole numbers, one for each value of the axes."""
    count = len(axes[0].values)
    pixels = np.random.default_rng(5).integers(0, 4096, (count, SLICES, 4, 5)).astype(np.int16)
    affine = AFFINES[geometry]
    return Volume4D(pixels, spacing_of(affine), affine, list(axes), "", modality=modality)


def _axis(kind: str, values: object, spacing: float = 0.0, tag: int = 0) -> Axis:
    return Axis(kind, np.array(values), spacing, tag)


def _values(volumes: Volume4D) -> dict[str, list[object]]:
    return {axis.kind: np.asarray(axis.values).tolist() for axis in volumes.dimensions}


def _pet_reference(**changes: object) -> Dataset:
    reference = Dataset()
    values: dict[str, object] = {
        "Modality": "PT",
        "PatientID": "P7",
        "SeriesInstanceUID": "1.2.3",
        "SeriesType": ["STATIC", "IMAGE"],
        "Units": "BQML",
        "CountsSource": "EMISSION",
        "DecayCorrection": "START",
        "FrameReferenceTime": "1000",
        "SeriesDate": "20010203",
        "SeriesTime": "101112",
        **changes,
    }
    for keyword, value in values.items():
        setattr(reference, keyword, value)
    return reference


GRADIENTS = [[0.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, -0.6, 0.8]]

AXES = {
    "echo": [_axis("echo", [4.6, 9.2, 13.8])],
    "inversion time": [_axis("inversion time", [50.0, 400.0, 1100.5])],
    "flip angle": [_axis("flip angle", [2.0, 8.0, 15.0])],
    "phase": [_axis("phase", ["IMAGINARY", "REAL"])],
    "image type": [_axis("image type", ["IP", "OP", "W"])],
    "cardiac phase": [_axis("cardiac phase", [0.0, 25.0, 50.0, 75.0])],
    "temporal position": [_axis("temporal position", [1.0, 2.0, 5.0])],
    "trigger time": [_axis("trigger time", [12.5, 80.25, 147.75])],
    "acquisition": [_axis("acquisition", [3.0, 4.0])],
    "b-value": [_axis("b-value", [0.0, 700.0, 1400.0])],
    "gradient": [
        _axis("b-value", [0.0, 1000.0, 1000.0]),
        _axis("gradient", GRADIENTS, tag=0x00189089),
    ],
    "two axes": [
        _axis("echo", [4.6, 4.6, 9.2, 9.2]),
        _axis("temporal position", [1.0, 2.0, 1.0, 2.0]),
    ],
}


@pytest.mark.parametrize("name", sorted(AXES))
def test_the_axes_come_back(tmp_path: Path, name: str) -> None:
    volumes = _volumes(*AXES[name])
    files = volumes.to_dicom(tmp_path / "out")
    again = load_4d(tmp_path / "out")
    assert volumes.equals(again)
    assert _values(again) == _values(volumes)
    numbers = [dcmread(path).InstanceNumber for path in files]
    assert numbers == list(range(1, len(volumes.pixels) * SLICES + 1))


@pytest.mark.parametrize("geometry", sorted(AFFINES))
def test_the_place_comes_back(tmp_path: Path, geometry: str) -> None:
    volumes = _volumes(*AXES["echo"], geometry=geometry)
    volumes.to_dicom(tmp_path / "out")
    again = load_4d(tmp_path / "out")
    if geometry == "left-handed":  # slices ascend along the normal in a series
        flipped = volumes.affine.copy()
        flipped[:3, 3] += (SLICES - 1) * flipped[:3, 2]
        flipped[:3, 2] *= -1
        pixels = volumes.pixels[:, ::-1]
        volumes = Volume4D(pixels, volumes.spacing, flipped, volumes.dimensions, "")
    assert again.equals(volumes, atol_mm=1e-6)


NOT_ALLOWED = {
    # Only gated scans may have it (PS3.3 C.8.3.1), and how a scan was gated is not known here.
    "trigger time": ["TriggerTime"],
}
"""What the validator finds wrong, and the reason."""


@pytest.mark.parametrize("name", sorted(AXES))
def test_the_validator_finds_no_error(tmp_path: Path, name: str) -> None:
    files = _volumes(*AXES[name]).to_dicom(tmp_path / "out")
    errors = errors_of(files[-1])
    assert len(errors) == len(NOT_ALLOWED.get(name, []))
    for error, keyword in zip(errors, NOT_ALLOWED.get(name, []), strict=True):
        assert f"<{keyword}>" in error


def test_the_validator_takes_dynamic_pet(tmp_path: Path) -> None:
    volumes = _volumes(_axis("time", [0.0, 10.0, 20.0]), modality="PT")
    files = volumes.to_dicom(tmp_path / "out", _pet_reference(DecayCorrection="NONE"))
    assert errors_of(files[-1]) == []


def test_inversion_times_are_of_inversion_recovery(tmp_path: Path) -> None:
    reference = Dataset()
    reference.Modality, reference.ScanningSequence = "MR", "GR"
    files = _volumes(*AXES["inversion time"]).to_dicom(tmp_path / "out", reference)
    assert dcmread(files[0]).ScanningSequence == ["GR", "IR"]


@pytest.mark.parametrize("name", sorted(AXES))
def test_a_peer_reads_the_attributes(tmp_path: Path, name: str) -> None:
    pydicom = pytest.importorskip("pydicom", reason="pydicom is the peer of this test")
    volumes = _volumes(*AXES[name])
    files = volumes.to_dicom(tmp_path / "out")
    told = {
        "echo": "EchoTime",
        "inversion time": "InversionTime",
        "flip angle": "FlipAngle",
        "phase": "ComplexImageComponent",
        "cardiac phase": "NominalPercentageOfCardiacPhase",
        "temporal position": "TemporalPositionIdentifier",
        "trigger time": "TriggerTime",
        "acquisition": "AcquisitionNumber",
        "b-value": "DiffusionBValue",
    }
    for number, path in enumerate(files):
        found = pydicom.dcmread(path)
        which, index = divmod(number, SLICES)
        np.testing.assert_array_equal(found.pixel_array, volumes.pixels[which, index])
        for axis in volumes.dimensions:
            if axis.kind in told:
                assert found[told[axis.kind]].value == axis.values[which]
    first, last = pydicom.dcmread(files[0]), pydicom.dcmread(files[-1])
    if name == "echo":
        assert (first.EchoNumbers, last.EchoNumbers) == (1, 3)
    if name == "temporal position":
        assert first.NumberOfTemporalPositions == 3
    if name == "gradient":
        assert first.DiffusionDirectionality == "NONE"
        assert "DiffusionGradientOrientation" not in first
        assert last.DiffusionDirectionality == "DIRECTIONAL"
        assert list(last.DiffusionGradientOrientation) == GRADIENTS[-1]


def test_gradients_become_a_table_again(tmp_path: Path) -> None:
    _volumes(*AXES["gradient"]).to_dicom(tmp_path / "out")
    bvals, bvecs = diffusion_table(tmp_path / "out", rotate=False, per_volume=True)
    assert bvals.tolist() == [0, 1000, 1000]
    np.testing.assert_allclose(bvecs.T, GRADIENTS, atol=1e-12)


def test_another_converter_finds_the_gradients(tmp_path: Path) -> None:
    peer = pytest.importorskip("dcm2niix", reason="dcm2niix, the peer, is not installed")
    nibabel = pytest.importorskip("nibabel", reason="it reads what dcm2niix writes")
    volumes = _volumes(*AXES["gradient"], geometry="straight")
    volumes.to_dicom(tmp_path / "in")
    (tmp_path / "out").mkdir()
    subprocess.run(
        [peer.bin, "-f", "o", "-z", "n", "-o", str(tmp_path / "out"), str(tmp_path / "in")],
        check=True,
        capture_output=True,
    )
    found = nibabel.load(tmp_path / "out/o.nii")
    expected = volumes.pixels[:, :, ::-1].transpose(3, 2, 1, 0)
    np.testing.assert_array_equal(np.asanyarray(found.dataobj), expected)
    assert np.loadtxt(tmp_path / "out/o.bval").tolist() == [0, 1000, 1000]
    # Its rows are turned over, and the table with them.
    bvecs = np.loadtxt(tmp_path / "out/o.bvec") * [[1], [-1], [1]]
    np.testing.assert_allclose(np.abs((bvecs.T * GRADIENTS).sum(axis=1)), [0, 1, 1], atol=1e-5)


def test_gradients_along_unknown_axes_are_not_written(tmp_path: Path) -> None:
    volumes = _volumes(_axis("b-value", [0.0, 500.0, 900.0]), _axis("gradient", GRADIENTS))
    files = volumes.to_dicom(tmp_path / "out")
    assert all("DiffusionGradientOrientation" not in dcmread(path) for path in files)
    assert _values(load_4d(tmp_path / "out")) == {"b-value": [0.0, 500.0, 900.0]}


def test_times_of_nifti_begin_at_the_reference(tmp_path: Path) -> None:
    pytest.importorskip("nibabel", reason="NIfTI is written with nibabel")
    volumes = _volumes(_axis("time", [0.0, 2.5, 5.0], 2.5))
    file = volumes.to_nifti(tmp_path / "bold.nii.gz")
    place = volumes.affine[:3, 3].tolist()
    write(tmp_path / "ref", image(place, AcquisitionDate="20010203", AcquisitionTime="235958"))
    files = from_nifti_4d(file).to_dicom(tmp_path / "out", tmp_path / "ref")
    again = load_4d(tmp_path / "out")
    assert again.equals(volumes)
    found = {axis.kind: axis for axis in again.dimensions}
    assert found["temporal position"].values.tolist() == [1, 2, 3]
    assert found["time"].spacing == 2.5
    # Past midnight the date is needed, too.
    assert dcmread(files[-1]).AcquisitionDateTime == "20010204000003.000000"
    assert dcmread(files[0]).TemporalResolution == 2500


def test_times_without_a_beginning_are_not_made_up(tmp_path: Path) -> None:
    files = _volumes(_axis("time", [0.0, 2.5], 2.5)).to_dicom(tmp_path / "out")
    assert "AcquisitionTime" not in dcmread(files[0])
    assert _values(load_4d(tmp_path / "out")) == {"temporal position": [1, 2]}


def test_times_of_day_come_back(tmp_path: Path) -> None:
    volumes = _volumes(_axis("time", [36610.25, 36612.5], 2.25, 0x00080032))
    files = volumes.to_dicom(tmp_path / "out")
    assert dcmread(files[-1]).AcquisitionTime == "101012.500000"
    assert _values(load_4d(tmp_path / "out"))["time"] == [36610.25, 36612.5]


def test_an_unknown_dimension_is_told_by_instance_numbers(tmp_path: Path) -> None:
    volumes = _volumes(_axis("dimension 4", [0.0, 1.0, 2.0]))
    volumes.to_dicom(tmp_path / "out")
    again = load_4d(tmp_path / "out")
    assert again.equals(volumes)
    assert _values(again) == {"instance": [1, 4, 7]}


def test_pet_of_several_times_is_dynamic(tmp_path: Path) -> None:
    volumes = _volumes(_axis("time", [0.0, 60.0], 60.0), modality="PT")
    files = volumes.to_dicom(tmp_path / "out", _pet_reference())
    last = dcmread(files[-1])
    assert last.SeriesType == ["DYNAMIC", "IMAGE"]
    assert (last.NumberOfTimeSlices, last.NumberOfSlices, last.ImageIndex) == (2, 3, 6)
    assert [float(dcmread(path).FrameReferenceTime) for path in files] == [1000.0] * 3 + [61e3] * 3
    again = load_4d(tmp_path / "out")
    assert again.equals(volumes)
    assert _values(again) == {"frame reference time": [1000, 61000]}


def test_pet_of_other_volumes_is_refused(tmp_path: Path) -> None:
    volumes = _volumes(_axis("acquisition", [1.0, 2.0]), modality="PT")
    with pytest.raises(ConformanceError, match="differ in acquisition"):
        volumes.to_dicom(tmp_path / "out", _pet_reference())
    assert not (tmp_path / "out").exists()


def test_an_axis_has_a_value_for_each_volume(tmp_path: Path) -> None:
    volumes = _volumes(*AXES["echo"])
    volumes.dimensions = [_axis("echo", [1.0, 2.0])]
    with pytest.raises(GeometryError, match="2 values for 3 volumes"):
        volumes.to_dicom(tmp_path / "out")


def test_values_of_each_volume_have_their_own_scale(tmp_path: Path) -> None:
    volumes = _volumes(*AXES["phase"])
    volumes.pixels = np.stack([volumes.pixels[0] * 1.0, volumes.pixels[1] * 1e-6])
    volumes.to_dicom(tmp_path / "out")
    again = load_4d(tmp_path / "out")
    np.testing.assert_array_equal(again.pixels[0], volumes.pixels[0])
    np.testing.assert_allclose(again.pixels[1], volumes.pixels[1], atol=4096e-6 / 65535)


def test_each_slice_is_filed_with_its_source(tmp_path: Path) -> None:
    slices = [
        image((0, 0, 3.0 * z), 1 + z + 3 * echo, EchoTime=echo + 1.0, AcquisitionTime=f"1010{z:02}")
        for echo in range(2)
        for z in range(3)
    ]
    write(tmp_path / "in", *slices)
    volumes = load_4d(tmp_path / "in")
    files = volumes.to_dicom(tmp_path / "out", tmp_path / "in")
    sources = [dcmread(path).SourceImageSequence[0].ReferencedSOPInstanceUID for path in files]
    assert sources == [one.SOPInstanceUID for one in slices]


def test_times_of_slices_do_not_hide_their_source(tmp_path: Path) -> None:
    slices = [
        image(
            (0, 0, 3.0 * z),
            1 + z + 3 * time,
            TemporalPositionIdentifier=time + 1,
            AcquisitionTime=f"10{time}0{z:02}",
        )
        for time in range(2)
        for z in range(3)
    ]
    write(tmp_path / "in", *slices)
    volumes = load_4d(tmp_path / "in")
    assert [axis.kind for axis in volumes.dimensions] == ["temporal position", "time"]
    files = volumes.to_dicom(tmp_path / "out", tmp_path / "in")
    sources = [dcmread(path).SourceImageSequence[0].ReferencedSOPInstanceUID for path in files]
    assert sources == [one.SOPInstanceUID for one in slices]


def test_an_unclear_source_is_none(tmp_path: Path) -> None:
    slices = [image((0, 0, 3.0 * z), 1 + z + 3 * n) for n in range(2) for z in range(3)]
    for number, one in enumerate(slices):
        one.AcquisitionNumber = number
    write(tmp_path / "in", *slices)
    volumes = _volumes(_axis("flip angle", [2.0, 8.0]))
    volumes.affine = np.diag([1.5, 2.0, 3.0, 1.0])
    files = volumes.to_dicom(tmp_path / "out", tmp_path / "in")
    written = [dcmread(path) for path in files]
    assert all("SourceImageSequence" not in ds for ds in written)
    assert {ds.AcquisitionNumber for ds in written} == {0}  # that of the series


@pytest.mark.parametrize(
    "changes",
    [
        {"ImagePositionPatient": ["1e300", "-1e300", "1e300"]},
        {"EchoTime": None},
        {"AcquisitionTime": "noon", "AcquisitionDate": "never"},
    ],
    ids=["place", "echo", "time"],
)
def test_odd_references_do_no_harm(tmp_path: Path, changes: dict[str, object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that do not fit their VR
        references = [image((0, 0, 0), number, **changes) for number in (1, 2)]
    volumes = _volumes(
        _axis("echo", [4.6, 4.6, 9.2, 9.2]), _axis("time", [0.0, 2.0, 0.0, 2.0], 2.0)
    )
    volumes.to_dicom(tmp_path / "out", references)
    assert load_4d(tmp_path / "out").equals(volumes)


def test_the_same_volumes_give_the_same_bytes(tmp_path: Path) -> None:
    volumes = _volumes(*AXES["gradient"])
    for name in ("a", "b"):
        volumes.to_dicom(
            tmp_path / name, series_instance_uid="1.2.3", when=datetime(2024, 1, 2, 3, 4, 5)
        )
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@needs_corpus
@pytest.mark.parametrize(
    "folder",
    [
        "dwi/dcm_qa_uih",
        "dwi/dicom2nifti/philips/dti",
        "dwi/dicom2nifti/siemens/dti_classic",
        "dwi/dcm_qa_stc/In/Siemens",
        "enhanced-mf/dcm_qa_enh/In/Siemens",
        "enhanced-mf/dicom2nifti/philips_enhanced/dti",
    ],
)
def test_real_series_come_back(tmp_path: Path, folder: str) -> None:
    _comes_back(CORPUS / folder, tmp_path / "out")


@needs_golden
@pytest.mark.parametrize("name", ["time4d", "dwi_ge", "mosaic_axint35"])
def test_made_series_come_back(tmp_path: Path, name: str) -> None:
    _comes_back(GOLDEN / "nifti/series" / name, tmp_path / "out")


def _comes_back(source: Path, target: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is odd in real headers
        volumes = load_4d(source)
        files = volumes.to_dicom(target, source)
        again = load_4d(target)
    assert len(files) == volumes.pixels.shape[0] * volumes.pixels.shape[1]
    steps = [float(dcmread(path).get("RescaleSlope", None) or 1) for path in files]
    whole = bool((volumes.pixels == np.rint(volumes.pixels)).all())
    np.testing.assert_allclose(
        again.pixels, volumes.pixels, rtol=0, atol=0 if whole else max(steps) / 2 * 1.001
    )
    np.testing.assert_allclose(again.affine, volumes.affine, rtol=0, atol=1e-6)
    found = {axis.kind: axis.values for axis in again.dimensions}
    assert [axis.kind for axis in volumes.dimensions] == list(found)
    for axis in volumes.dimensions:
        np.testing.assert_allclose(found[axis.kind], axis.values, rtol=0, atol=1e-6)
    assert len(load_all(target)) == len(volumes.pixels)


def test_no_file_is_replaced(tmp_path: Path) -> None:
    volumes = _volumes(*AXES["echo"])
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "0005.dcm").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        volumes.to_dicom(folder)
    assert os.listdir(folder) == ["0005.dcm"]
