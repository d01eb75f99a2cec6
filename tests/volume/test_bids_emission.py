"""Times of PET volumes, from made slices."""

from __future__ import annotations

import pytest

from pydcm import Dataset
from pydcm.vendors.header import Header
from pydcm.volume.bids.emission import EmissionFrame, emission_frame, frame_values
from pydcm.volume.bids.moment import moment_s


def _slice(
    place: float, start: float, duration: float | None = 60, decay: float = 1.5
) -> EmissionFrame:
    return EmissionFrame(place, start, duration, None, decay, None)


def test_volumes_in_the_order_of_time() -> None:
    found = frame_values([
        _slice(place, start, duration, decay)
        for start, duration, decay in ((90, 60, 1.25), (0, 30, 1.0), (30, 60, 1.125))
        for place in (3.0, 0.0)
    ])  # fmt: skip
    assert found == {
        "FrameTimesStart": [0, 30, 90],
        "FrameDuration": [30, 60, 60],
        "DecayCorrectionFactor": [1, 1.125, 1.25],
    }


def test_bed_positions_are_one_volume() -> None:
    found = frame_values([_slice(0, 0, 120, 1.0), _slice(3, 0, 120, 1.0), _slice(6, 125, 120, 1.1)])
    assert found == {"FrameTimesStart": [0], "FrameDuration": [120]}


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [_slice(0, 0), _slice(3, 0), _slice(3, 60)],
        [_slice(0, 0), _slice(0, 0)],
    ],
    ids=["none", "a slice is missing", "gates"],
)
def test_no_times_where_volumes_cannot_be_told_apart(frames: list[EmissionFrame]) -> None:
    assert frame_values(frames) == {}


def test_what_is_not_recorded_of_each_slice_is_left_out() -> None:
    found = frame_values([_slice(0, 0), _slice(0, 60, None)])
    assert found == {"FrameTimesStart": [0, 60], "DecayCorrectionFactor": [1.5, 1.5]}


def _image(**values: object) -> Dataset:
    ds = Dataset()
    ds.Modality = "PT"
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.ImagePositionPatient = [0, 0, 3]
    ds.SeriesDate, ds.SeriesTime = "20231231", "235950"
    ds.AcquisitionDate, ds.AcquisitionTime = "20240101", "000010.5"
    ds.ActualFrameDuration = "60000"
    for name, value in values.items():
        setattr(ds, name, value)
    return ds


def test_a_series_across_midnight() -> None:
    assert emission_frame(Header(_image())) == EmissionFrame(3, 20.5, 60, None, None, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"Modality": "MR"},
        {"AcquisitionTime": ""},
        {"SeriesTime": "noon"},
        {"SeriesDate": "20240102"},
        {"AcquisitionDate": "20250101"},
        {"ImagePositionPatient": [0, 0]},
    ],
    ids=lambda changed: next(iter(changed)),
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # of values that are none
def test_no_frame_without_place_and_time(changed: dict[str, object]) -> None:
    assert emission_frame(Header(_image(**changed))) is None


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("20000101000000", 0),
        ("20000101000001.25", 1.25),
        ("20000101235960", 86_400),
        ("20000230000000", None),
        ("200001010000", None),
        ("", None),
    ],
)
def test_moments(text: str, since: float | None) -> None:
    assert moment_s(text) == since
