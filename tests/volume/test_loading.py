"""Pixels of a volume: rescale, real-world values, types, threads, progress."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm import Dataset, Sequence
from pydcm.errors import ConformanceError, CorruptStreamError, LimitError
from pydcm.examples import write_ct_series
from pydcm.limits import using
from pydcm.progress import Cancelled, Step
from pydcm.volume import assemble, load_4d, load_series, survey
from pydcm.volume.loading import Values, load_frames
from tests.volume.making import describe_pixels, enhanced, frame_groups, image, item, stack, write


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32])
def test_signed_and_unsigned_pixels_become_single_precision(tmp_path: Path, dtype: Any) -> None:
    limits = np.iinfo(dtype)
    values = np.linspace(limits.min, limits.max, 20).astype(dtype).reshape(4, 5)
    slices = stack(2)
    for ds in slices:
        describe_pixels(ds, values)
        ds["PixelData"].VR = "OB" if values.itemsize == 1 else "OW"
    write(tmp_path, *slices)
    volume = load_series(tmp_path)
    assert volume.pixels.dtype == np.float32
    np.testing.assert_array_equal(volume.pixels[1], values.astype(np.float32))
    stored = load_series(tmp_path, values="stored")
    assert stored.pixels.dtype == dtype
    np.testing.assert_array_equal(stored.pixels[0], values)


def test_each_slice_has_its_own_slope_and_intercept(tmp_path: Path) -> None:
    slices = stack(3)
    for k, ds in enumerate(slices):
        ds.RescaleSlope, ds.RescaleIntercept = 0.25 * (k + 1), -k
    write(tmp_path, *slices)
    np.testing.assert_allclose(load_series(tmp_path).pixels[:, 0, 0], [0.25, 0, 0.25])


def test_a_modality_table_is_looked_up(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor = [4, 0, 16]
    table.ModalityLUTType = "US"
    table.LUTData = np.array([100, 200, 300, 400], "<u2").tobytes()
    write(tmp_path, *stack(3, ModalityLUTSequence=Sequence([table])))
    np.testing.assert_array_equal(load_series(tmp_path).pixels[:, 0, 0], [200, 300, 400])


def _mapping(**values: Any) -> dict[str, Any]:
    units = item(CodeValue="mm2/s", CodingSchemeDesignator="UCUM", CodeMeaning="mm2/s")
    mapping = item(
        RealWorldValueFirstValueMapped=1,
        RealWorldValueLastValueMapped=3,
        MeasurementUnitsCodeSequence=Sequence([units]),
        **values,
    )
    return {"RealWorldValueMappingSequence": Sequence([mapping])}


def test_real_world_values_on_request(tmp_path: Path) -> None:
    mapping = _mapping(RealWorldValueSlope=0.5, RealWorldValueIntercept=10.0)
    write(tmp_path, *stack(4, RescaleSlope=7, RescaleIntercept=0, **mapping))
    volume = load_series(tmp_path, values="real-world")
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [10.5, 11, 11.5, np.nan])
    assert volume.units == "mm2/s"
    np.testing.assert_array_equal(load_series(tmp_path).pixels[:, 0, 0], [7, 14, 21, 28])


def test_real_world_values_by_a_table(tmp_path: Path) -> None:
    mapping = _mapping(RealWorldValueLUTData=[1.5, -2.5, 9.0])
    write(tmp_path, *stack(3, **mapping))
    volume = load_series(tmp_path, values="real-world")
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [1.5, -2.5, 9])


def test_real_world_values_of_frames(tmp_path: Path) -> None:
    frames = [
        frame_groups(
            3.0 * k, **_mapping(RealWorldValueSlope=float(k + 1), RealWorldValueIntercept=0.0)
        )
        for k in range(3)
    ]
    write(tmp_path, enhanced(frames, np.full((3, 4, 5), 2, np.uint16)))
    volume = load_series(tmp_path, values="real-world")
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [2, 4, 6])


@pytest.mark.parametrize(
    "mapping",
    [{}, _mapping(), _mapping(RealWorldValueLUTData=[1.0, 2.0])],
    ids=["none", "empty", "short"],
)
def test_no_real_world_values_is_an_error(tmp_path: Path, mapping: dict[str, Any]) -> None:
    write(tmp_path, *stack(2, **mapping))
    with pytest.raises(ConformanceError):
        load_series(tmp_path, values="real-world")


def test_units(tmp_path: Path) -> None:
    write(tmp_path / "ct", *stack(2, Modality="CT"))
    write(tmp_path / "unknown", *stack(2, Modality="CT", RescaleType="US"))
    write(tmp_path / "pet", *stack(2, Modality="PT", Units="BQML"))
    write(tmp_path / "words", *stack(2, RescaleType="a number"))
    names = ("ct", "unknown", "pet", "words")
    assert [load_series(tmp_path / name).units for name in names] == ["HU", "", "BQML", ""]


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_threads_change_nothing(tmp_path: Path, workers: int) -> None:
    write_ct_series(tmp_path, slices=9, size=16)
    expected = load_series(tmp_path, workers=1)
    np.testing.assert_array_equal(load_series(tmp_path, workers=workers).pixels, expected.pixels)


def test_progress_counts_files_and_slices(tmp_path: Path) -> None:
    write(tmp_path, *stack(3))
    steps: list[Step] = []
    load_series(tmp_path, progress=steps.append)
    assert [step for step in steps if step.what == "files read"][-1] == (3, 3, "files read")
    assert [step for step in steps if step.what == "slices"][-1] == (3, 3, "slices")


def test_work_can_be_cancelled(tmp_path: Path) -> None:
    write(tmp_path, *stack(5))

    def stop(step: Step) -> None:
        if step.what == "slices" and step.done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        load_4d(tmp_path, progress=stop)


def test_a_broken_slice_is_named(tmp_path: Path) -> None:
    slices = stack(3)
    slices[1].PixelData = b"\0\0"
    write(tmp_path, *slices)
    with pytest.raises(CorruptStreamError, match=r"001\.dcm"):
        load_series(tmp_path)


def test_a_volume_beyond_the_limits_is_not_begun(tmp_path: Path) -> None:
    write(tmp_path, *stack(3))
    with using(max_array_bytes=100), pytest.raises(LimitError):
        load_series(tmp_path)


def test_files_that_describe_pixels_differently_are_each_read_rightly(tmp_path: Path) -> None:
    slices = stack(3)
    describe_pixels(slices[1], np.full((4, 5), -2, np.int16))
    slices[2].BitsStored, slices[2].HighBit = 1, 0
    write(tmp_path, *slices)
    np.testing.assert_array_equal(load_series(tmp_path).pixels[:, 0, 0], [1, -2, 1])


@pytest.mark.parametrize("workers", [1, 3])
def test_whole_values_of_slices_that_are_stored_differently(tmp_path: Path, workers: int) -> None:
    values = np.arange(-1000, -980, dtype=np.int16).reshape(4, 5)
    slices = stack(6)
    describe_pixels(slices[0], values)
    describe_pixels(slices[1], (values + 1024).astype(np.uint16))
    describe_pixels(slices[2], values)
    describe_pixels(slices[3], (values // 2).astype(np.int16))
    describe_pixels(slices[4], (values + 1000).astype(np.uint8))
    describe_pixels(slices[5], (values + 1024).astype(np.uint16))
    for ds, slope, intercept in zip(
        slices, (1, 1, -1, 2, 1, 1), (0, -1024, 0, 7, -1000, 0), strict=True
    ):
        ds.BitsStored, ds.HighBit = min(12, ds.BitsAllocated), min(12, ds.BitsAllocated) - 1
        ds.RescaleSlope, ds.RescaleIntercept = slope, intercept
    write(tmp_path, *slices)
    volume = load_series(tmp_path, values="whole", workers=workers)
    expected = [values, values, -values, values // 2 * 2 + 7, values, values + 1024]
    assert volume.pixels.dtype == np.int16
    np.testing.assert_array_equal(volume.pixels, expected)


@pytest.mark.parametrize("values", ["whole", "stored"])
def test_a_frame_may_be_asked_for_twice(tmp_path: Path, values: Values) -> None:
    write(tmp_path, *stack(3, RescaleSlope=1, RescaleIntercept=-5))
    frames = survey(tmp_path).largest().frames
    twice = load_frames([*frames, frames[1]], values=values)
    shift = 5 if values == "whole" else 0
    np.testing.assert_array_equal(twice[:, 0, 0] + shift, [1, 2, 3, 2])


def test_a_survey_can_be_sent_to_another_process(tmp_path: Path) -> None:
    write(tmp_path, *stack(3))
    found = pickle.loads(pickle.dumps(survey(tmp_path)))
    np.testing.assert_array_equal(assemble(found.largest()).pixels[:, 0, 0], [1, 2, 3])


def test_a_wrong_choice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, *stack(2))
    for choice in ({"values": "hu"}, {"tilt": "ignore"}, {"spacing": "any"}):
        with pytest.raises(ValueError, match="must be"):
            load_series(tmp_path, **choice)  # type: ignore[arg-type]  # that is the test


_PEAK = """
import sys
import numpy, pydcm.volume.series
from pydcm.volume import load_series
def peak(key):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if key in line)
load_series(sys.argv[2])
before = peak("VmRSS")
size = load_series(sys.argv[1]).pixels.nbytes / 1024
print((peak("VmHWM") - before) / size)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_one_array_and_little_more_is_in_memory(tmp_path: Path) -> None:
    pixels = np.zeros((512, 512), np.uint16)
    slices = stack(60)
    for ds in slices:
        describe_pixels(ds, pixels)
    write(tmp_path / "large", *slices)
    write(tmp_path / "small", image())
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(tmp_path / "large"), str(tmp_path / "small")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 1.5
