"""Fields of BIDS sidecars, from made headers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pydcm
from pydcm import Dataset, bids_sidecar
from pydcm.errors import InvalidDicomError, PydcmError
from pydcm.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pydcm.vendors.csa import CSA_CREATOR
from pydcm.volume.bids import FIELDS, IDENTITY_FIELDS
from tests.vendors.csa_made import csa2
from tools import gen_bids_table

TIMES = (0.0, 1450.0, 482.5, 1932.5)
"""Milliseconds of four slices; Repetition Time is 2435 ms."""


def _image(manufacturer: str = "SIEMENS", **values: Any) -> Dataset:
    ds = Dataset()
    ds.SOPClassUID = MRImageStorage
    ds.SOPInstanceUID = generate_uid()
    ds.SeriesInstanceUID = "1.2.3"
    ds.Modality = "MR"
    ds.Manufacturer = manufacturer
    ds.ScanningSequence = ["EP", "GR"]
    ds.MRAcquisitionType = "2D"
    ds.RepetitionTime = "2435"
    ds.Rows = ds.Columns = 64
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [0, 0, 0]
    ds.InPlanePhaseEncodingDirection = "COL"
    for name, value in values.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    return ds


def _mosaic(times: tuple[float, ...] = TIMES, *, normal: float = 1.0, **values: Any) -> Dataset:
    ds = _image(ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"], **values)
    _add_csa(ds, {
        "NumberOfImagesInMosaic": ("US", 1, (str(len(times)),)),
        "MosaicRefAcqTimes": ("FD", 0, tuple(map(str, times))),
        "SliceNormalVector": ("FD", 3, ("0", "0", str(normal))),
        "PhaseEncodingDirectionPositive": ("IS", 1, ("1",)),
        "BandwidthPerPixelPhaseEncode": ("FD", 1, ("20",)),
    })  # fmt: skip
    return ds


def _add_csa(ds: Dataset, elements: dict[str, tuple[str, int, tuple[str, ...]]]) -> None:
    block = ds.private_block(0x29, CSA_CREATOR, create=True)
    block.add_new(0x10, "OB", csa2(elements))


def _save(ds: Dataset, path: Path) -> Path:
    ds.file_meta = pydcm.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=True)
    return path


@pytest.fixture
def sidecar(tmp_path: Path) -> Callable[..., dict[str, object]]:
    """Return a function that saves images and returns their sidecar."""

    def make(*images: Dataset, identity: bool = False) -> dict[str, object]:
        paths = [_save(ds, tmp_path / f"{index:03}") for index, ds in enumerate(images)]
        return dict(bids_sidecar(paths[0] if len(paths) == 1 else tmp_path, identity=identity))

    return make


Sidecar = Callable[..., dict[str, object]]


# --- units and forms --------------------------------------------------------


def test_times_are_seconds_and_whole_numbers_are_ints(sidecar: Sidecar) -> None:
    found = sidecar(
        _image(EchoTime="22.6", RepetitionTime="2000", InversionTime="900", FlipAngle="70.0")
    )
    assert found["EchoTime"] == 0.0226
    assert found["RepetitionTime"] == 2
    assert found["InversionTime"] == 0.9
    assert found["FlipAngle"] == 70
    assert type(found["RepetitionTime"]) is type(found["FlipAngle"]) is int


def test_several_values_of_a_text_are_joined(sidecar: Sidecar) -> None:
    found = sidecar(_image(SoftwareVersions=["24", "LX"], ImageType=["ORIGINAL", "PRIMARY"]))
    assert found["ScanningSequence"] == r"EP\GR"
    assert found["SoftwareVersions"] == r"24\LX"
    assert found["ImageType"] == ["ORIGINAL", "PRIMARY"]


def test_what_is_absent_or_empty_is_left_out(sidecar: Sidecar) -> None:
    found = sidecar(_image(ProtocolName="", EchoTime="0", StationName="  "))
    assert {"ProtocolName", "EchoTime", "StationName", "FlipAngle"} & set(found) == set()
    assert None not in found.values()
    assert "" not in found.values()


def test_sidecar_is_json(sidecar: Sidecar) -> None:
    found = sidecar(_mosaic(Rows=128, Columns=128))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_frequencies_in_hertz_are_not_taken_for_megahertz(sidecar: Sidecar) -> None:
    assert sidecar(_image(ImagingFrequency="123.25"))["ImagingFrequency"] == 123.25
    assert "ImagingFrequency" not in sidecar(_image(ImagingFrequency="128175953"))


@pytest.mark.parametrize(
    ("time", "expected"),
    [("080001.5", "08:00:01.500000"), ("172058", "17:20:58.000000"), ("1720", None)],
)
def test_time_of_acquisition(sidecar: Sidecar, time: str, expected: str | None) -> None:
    assert sidecar(_image(AcquisitionTime=time)).get("AcquisitionTime") == expected


def test_who_the_patient_is_only_on_request(sidecar: Sidecar) -> None:
    ds = _image(PatientName="Doe^Jane", PatientAge="048Y", PatientBirthDate="19700102")
    ds.AcquisitionDate, ds.AcquisitionTime = "20240104", "080001.5"
    names = {field.name for field in IDENTITY_FIELDS}
    assert names & set(sidecar(ds)) == set()
    found = sidecar(ds, identity=True)
    assert found["PatientName"] == "Doe^Jane"
    assert found["PatientAge"] == 48
    assert found["PatientBirthDate"] == "1970-01-02"
    assert found["AcquisitionDateTime"] == "2024-01-04T08:00:01.500000"


# --- phase encoding ---------------------------------------------------------


@pytest.mark.parametrize(
    ("in_plane", "positive", "expected"),
    [("COL", "1", "j"), ("COL", "0", "j-"), ("ROW", "1", "i"), ("ROW", "0", "i-")],
)
def test_direction_of_siemens(
    sidecar: Sidecar, in_plane: str, positive: str, expected: str
) -> None:
    ds = _image(InPlanePhaseEncodingDirection=in_plane)
    _add_csa(ds, {"PhaseEncodingDirectionPositive": ("IS", 1, (positive,))})
    found = sidecar(ds)
    assert found["PhaseEncodingDirection"] == expected
    assert found["InPlanePhaseEncodingDirectionDICOM"] == in_plane
    assert "PhaseEncodingAxis" not in found


@pytest.mark.parametrize(("positive", "expected"), [("1", "j"), ("0", "j-")])
def test_direction_of_siemens_xa(sidecar: Sidecar, positive: str, expected: str) -> None:
    ds = _image("Siemens Healthineers")
    ds.private_block(0x21, "SIEMENS MR SDI 02", create=True).add_new(0x1C, "IS", positive)
    assert sidecar(ds)["PhaseEncodingDirection"] == expected


@pytest.mark.parametrize(
    ("order", "in_plane", "expected"),
    [
        ("LINEAR", "COL", "j-"),
        ("REVERSE_LINEAR", "COL", "j"),
        ("LINEAR", "ROW", "i-"),
        ("REVERSE_LINEAR", "ROW", "i"),
    ],
)
def test_direction_of_ge(sidecar: Sidecar, order: str, in_plane: str, expected: str) -> None:
    found = sidecar(
        _image(
            "GE MEDICAL SYSTEMS",
            RectilinearPhaseEncodeReordering=order,
            InPlanePhaseEncodingDirection=in_plane,
        )
    )
    assert found["PhaseEncodingDirection"] == expected


@pytest.mark.parametrize(
    ("polarity", "in_plane", "expected"),
    [("1", "COL", "j-"), ("0", "COL", "j"), ("1", "ROW", "i-"), ("0", "ROW", "i")],
)
def test_direction_of_uih(sidecar: Sidecar, polarity: str, in_plane: str, expected: str) -> None:
    ds = _image("UIH", InPlanePhaseEncodingDirection=in_plane)
    ds.private_block(0x65, "Image Private Header", create=True).add_new(0x58, "IS", polarity)
    assert sidecar(ds)["PhaseEncodingDirection"] == expected


@pytest.mark.parametrize("manufacturer", ["SIEMENS", "GE MEDICAL SYSTEMS", "UIH", "Philips", "?"])
def test_axis_alone_where_the_sign_is_not_known(sidecar: Sidecar, manufacturer: str) -> None:
    found = sidecar(_image(manufacturer))
    assert found["PhaseEncodingAxis"] == "j"
    assert "PhaseEncodingDirection" not in found


def test_reordering_is_no_sign_for_other_makers(sidecar: Sidecar) -> None:
    found = sidecar(_image("Philips", RectilinearPhaseEncodeReordering="LINEAR"))
    assert found["PhaseEncodingAxis"] == "j"


def test_three_dimensional_scans_have_a_direction_only_for_epi(sidecar: Sidecar) -> None:
    def made(sequence: str) -> set[str]:
        ds = _image(MRAcquisitionType="3D", ScanningSequence=sequence)
        _add_csa(ds, {"PhaseEncodingDirectionPositive": ("IS", 1, ("1",))})
        return {name for name in sidecar(ds) if name.startswith("PhaseEncoding")}

    assert made("GR") == set()
    assert made("EP") == {"PhaseEncodingDirection"}


def test_no_axis_without_direction(sidecar: Sidecar) -> None:
    found = sidecar(_image(InPlanePhaseEncodingDirection="OTHER"))
    assert {"PhaseEncodingAxis", "PhaseEncodingDirection", "ReconMatrixPE"} & set(found) == set()


# --- echo spacing -----------------------------------------------------------


def test_spacing_of_siemens_counts_the_pixels_of_one_slice(sidecar: Sidecar) -> None:
    found = sidecar(_mosaic(Rows=128, Columns=128))
    assert found["ReconMatrixPE"] == 64
    assert found["EffectiveEchoSpacing"] == 1 / (20 * 64)
    assert found["TotalReadoutTime"] == pytest.approx(63 / (20 * 64))


def test_no_spacing_without_epi(sidecar: Sidecar) -> None:
    found = sidecar(_mosaic(ScanningSequence="GR"))
    assert {"EffectiveEchoSpacing", "TotalReadoutTime"} & set(found) == set()


@pytest.mark.parametrize(
    ("lines", "share", "options", "spacing_us"),
    [
        (64, "1", [], 428.0),
        (64, "0.5", [], 428 * 31 / 63),
        (58, "0.5", [], 428 * 29 / 57),
        (62, "0.5", ["EPI_GEMS", "PFF"], 428 * 31 / 61),
    ],
)
def test_spacing_of_ge(
    sidecar: Sidecar, lines: int, share: str, options: list[str], spacing_us: float
) -> None:
    ds = _image("GE MEDICAL SYSTEMS", AcquisitionMatrix=[64, 0, 0, lines])
    if options:
        ds.ScanOptions = options
    block = ds.private_block(0x43, "GEMS_PARM_01", create=True)
    block.add_new(0x2C, "SS", 428)
    block.add_new(0x83, "DS", [share, "1"])
    found = sidecar(ds)
    assert found["EffectiveEchoSpacing"] == pytest.approx(spacing_us * 1e-6)
    assert found["TotalReadoutTime"] == pytest.approx(spacing_us * 1e-6 * 63)
    assert found["ParallelReductionFactorInPlane"] == pytest.approx(1 / float(share))


# --- slice timing -----------------------------------------------------------


def test_timing_of_a_mosaic(sidecar: Sidecar) -> None:
    assert sidecar(_mosaic())["SliceTiming"] == [0, 1.45, 0.4825, 1.9325]


def test_timing_follows_the_slices_of_the_loaded_volume(sidecar: Sidecar) -> None:
    assert sidecar(_mosaic(normal=-1.0))["SliceTiming"] == [1.9325, 0.4825, 1.45, 0]


@pytest.mark.parametrize(
    "times",
    [
        (0.0, 4880.0, 1000.0, 2000.0),
        (0.0, 86_399_000.0, 1000.0, 2000.0),
        (0.0, 2435.0, 1000.0, 2000.0),
        (0.0, -1.0, 1000.0, 2000.0),
        (0.0, 0.0, 0.0, 0.0),
    ],
)
def test_timing_never_leaves_the_repetition_time(
    sidecar: Sidecar, times: tuple[float, ...]
) -> None:
    assert "SliceTiming" not in sidecar(_mosaic(times))


def test_timing_comes_from_the_first_volume_that_has_one(sidecar: Sidecar) -> None:
    wrong, right = _mosaic((0.0, 4880.0, 1.0, 2.0)), _mosaic()
    wrong.InstanceNumber, right.InstanceNumber = 1, 2
    assert sidecar(wrong, right)["SliceTiming"] == [0, 1.45, 0.4825, 1.9325]


def test_no_timing_where_it_cannot_be_checked(sidecar: Sidecar) -> None:
    assert "SliceTiming" not in sidecar(_mosaic(RepetitionTime=None))
    assert "SliceTiming" not in sidecar(_mosaic(MRAcquisitionType="3D"))
    ds = _mosaic()
    _add_csa(ds, {
        "NumberOfImagesInMosaic": ("US", 1, ("5",)),
        "MosaicRefAcqTimes": ("FD", 0, tuple(map(str, TIMES))),
    })  # fmt: skip
    assert "SliceTiming" not in sidecar(ds)


def _slices(manufacturer: str, clocks: list[str], **values: Any) -> list[Dataset]:
    """Return slices of 3 mm from the feet to the head, then the same once more 2.435 s later."""
    found = []
    for index, clock in enumerate(clocks):
        ds = _image(manufacturer, InstanceNumber=index + 1, AcquisitionTime=clock, **values)
        ds.AcquisitionDate = "20240101" if clock > "12" else "20240102"
        ds.ImagePositionPatient = [0, 0, 3 * (index % 4)]
        found.append(ds)
    return found


def test_timing_of_slices_in_files_across_midnight(sidecar: Sidecar) -> None:
    clocks = ["235959.0", "000000.5", "235959.5", "000001.0", "000001.435", "000002.935"]
    found = sidecar(*_slices("SIEMENS", [*clocks, "000001.935", "000003.435"]))
    assert found["SliceTiming"] == [0, 1.5, 0.5, 2]


def test_timing_of_ge_is_what_the_timer_says(sidecar: Sidecar) -> None:
    images = _slices("GE MEDICAL SYSTEMS", ["100000"] * 8)
    timer = [0.0023, 1.2523, 0.6273, 1.8773, 2.4373, 3.6873, 3.0623, 4.3123]
    for ds, seconds in zip(images, timer, strict=True):
        ds.private_block(0x21, "GEMS_RELA_01", create=True).add_new(0x5E, "DS", str(seconds))
    assert sidecar(*images)["SliceTiming"] == [0, 1.25, 0.625, 1.875]


def test_no_timing_where_slices_share_a_time(sidecar: Sidecar) -> None:
    assert "SliceTiming" not in sidecar(*_slices("SIEMENS", ["100000"] * 4))


def test_no_timing_of_slices_without_epi(sidecar: Sidecar) -> None:
    clocks = ["100000.0", "100000.5", "100001.0", "100001.5"]
    found = sidecar(*_slices("SIEMENS", clocks, ScanningSequence="GR"))
    assert "SliceTiming" not in found


# --- files ------------------------------------------------------------------


def test_the_series_with_most_files_counts(tmp_path: Path) -> None:
    for index, series in enumerate(["1.2.3", "1.2.4", "1.2.4"]):
        _save(_image(SeriesInstanceUID=series, InstanceNumber=9 - index), tmp_path / str(index))
    (tmp_path / "notes.txt").write_text("no image")
    found = bids_sidecar(tmp_path, identity=True)
    assert found["SeriesInstanceUID"] == "1.2.4"


def test_files_that_are_no_images(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        bids_sidecar(tmp_path / "absent")
    with pytest.raises(FileNotFoundError, match="none of the 0 files"):
        bids_sidecar(tmp_path)
    notes = tmp_path / "notes.txt"
    notes.write_text("no image")
    with pytest.raises(InvalidDicomError):
        bids_sidecar(notes)


@pytest.mark.filterwarnings("ignore::UserWarning")  # of values that are none
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=8))
def test_changed_files_give_a_sidecar_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.dcm"
    _save(_mosaic(Rows=128, Columns=128, EchoTime="30"), path)
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[132 + at % (len(data) - 132)] = value
    path.write_bytes(data)
    try:
        found = bids_sidecar(path)
    except PydcmError:
        return
    json.dumps(found, allow_nan=False)
    times = found.get("SliceTiming", [])
    assert isinstance(times, list)
    assert all(0 <= float(time) < float(str(found["RepetitionTime"])) for time in times)


# --- the table --------------------------------------------------------------


def test_the_table_of_fields_is_up_to_date() -> None:
    assert gen_bids_table.main(["--check"]) == 0


def test_a_stale_table_is_noticed(tmp_path: Path) -> None:
    target = tmp_path / "bids.csv"
    target.write_text("stale")
    assert gen_bids_table.main(["--check", "--target", str(target)]) == 1
    assert gen_bids_table.main(["--target", str(target)]) == 0
    assert gen_bids_table.main(["--check", "--target", str(target)]) == 0


def test_every_field_names_its_source() -> None:
    makers = {"", "Siemens", "GE", "Philips", "UIH"}
    for field in (*FIELDS, *IDENTITY_FIELDS):
        assert field.source, field.name
        assert field.maker in makers, field.name
