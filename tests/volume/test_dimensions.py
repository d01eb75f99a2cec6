"""In what the volumes of a series differ."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm import Dataset, dcmread
from pydcm.errors import GeometryError
from pydcm.volume import Volume4D, load_4d, load_series
from pydcm.volume.dimensions import arrange
from pydcm.volume.marks import Marks
from tests.volume.making import image, write


def _write_grid(folder: Path, volumes: list[dict[str, Any]], slices: int = 3) -> None:
    """Write slices of volumes that differ in attributes, in an order that says nothing."""
    images = []
    for number, attributes in enumerate(volumes):
        for k in range(slices):
            value = 1 + number * slices + k
            images.append(image((0, 0, 3 * k), value, **attributes))
    random.Random(1).shuffle(images)
    write(folder, *images)


def _firsts(volume: Volume4D) -> list[int]:
    """Return which volume each is, by the value of its first slice."""
    return [(int(one[0, 0, 0]) - 1) // one.shape[0] for one in volume.pixels]


@pytest.mark.parametrize(
    ("keyword", "values", "kind", "tag"),
    [
        ("TemporalPositionIdentifier", [1, 2, 3], "temporal position", 0x00200100),
        ("EchoTime", [4.5, 9, 13.5], "echo", 0x00180081),
        ("TriggerTime", [0, 35, 70], "trigger time", 0x00181060),
        ("AcquisitionNumber", [1, 2, 3], "acquisition", 0x00200012),
        ("InversionTime", [100, 200, 300], "inversion time", 0x00180082),
        ("FlipAngle", [2, 12, 22], "flip angle", 0x00181314),
        ("NominalPercentageOfCardiacPhase", [0.0, 30.0, 60.0], "cardiac phase", 0x00209241),
        ("FrameReferenceTime", [500, 1500, 2500], "frame reference time", 0x00541300),
    ],
)
def test_a_value_shared_by_a_volume_is_a_dimension(
    tmp_path: Path, keyword: str, values: list[float], kind: str, tag: int
) -> None:
    _write_grid(tmp_path, [{keyword: value} for value in reversed(values)])
    volume = load_4d(tmp_path)
    assert volume.pixels.shape == (3, 3, 4, 5)
    (axis,) = volume.dimensions
    assert (axis.kind, axis.tag, axis.spacing) == (kind, tag, values[1] - values[0])
    np.testing.assert_allclose(axis.values, values)
    assert _firsts(volume) == [2, 1, 0]


def test_parts_of_a_complex_image_are_a_dimension(tmp_path: Path) -> None:
    kinds = [["ORIGINAL", "PRIMARY", part, "ND"] for part in ("P", "M")]
    _write_grid(tmp_path, [{"ImageType": kind} for kind in kinds])
    (axis,) = load_4d(tmp_path).dimensions
    assert (axis.kind, axis.values.tolist()) == ("phase", ["MAGNITUDE", "PHASE"])


def test_echo_and_time_together_are_two_dimensions(tmp_path: Path) -> None:
    grid = [
        {"EchoTime": echo, "TemporalPositionIdentifier": time}
        for time in (1, 2, 3)
        for echo in (10, 30)
    ]
    _write_grid(tmp_path, grid)
    volume = load_4d(tmp_path)
    assert [axis.kind for axis in volume.dimensions] == ["echo", "temporal position"]
    assert volume.dimensions[0].values.tolist() == [10, 10, 10, 30, 30, 30]
    assert volume.dimensions[1].values.tolist() == [1, 2, 3, 1, 2, 3]
    assert _firsts(volume) == [0, 2, 4, 1, 3, 5]


def test_times_of_slices_order_them_at_each_position(tmp_path: Path) -> None:
    images = [
        image((0, 0, 3 * k), 1 + v * 3 + k, AcquisitionTime=f"1200{10 * v + 2 * k:02}.5")
        for v in range(3)
        for k in range(3)
    ]
    random.Random(2).shuffle(images)
    write(tmp_path, *images)
    volume = load_4d(tmp_path)
    assert [axis.kind for axis in volume.dimensions] == ["time"]
    assert volume.dimensions[0].spacing == pytest.approx(10)
    assert volume.dimensions[0].values[0] == 12 * 3600 + 0.5
    assert _firsts(volume) == [0, 1, 2]


def test_instance_numbers_are_the_last_resort(tmp_path: Path) -> None:
    _write_grid(tmp_path, [{}, {}, {}])
    volume = load_4d(tmp_path)
    assert [(axis.kind, axis.values.tolist()) for axis in volume.dimensions] == [
        ("instance", [1, 4, 7])
    ]


def _diffusion(b_value: float, gradient: tuple[float, ...] | None) -> dict[str, Any]:
    return {
        "DiffusionBValue": float(b_value),
        "DiffusionGradientOrientation": list(gradient) if gradient else None,
    }


def test_diffusion_stays_in_the_order_of_acquisition(tmp_path: Path) -> None:
    x, y = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    _write_grid(
        tmp_path,
        [
            {**_diffusion(0, None), "AcquisitionNumber": 1},
            {**_diffusion(1000, x), "AcquisitionNumber": 2},
            {**_diffusion(0, None), "AcquisitionNumber": 3},
            {**_diffusion(1000, y), "AcquisitionNumber": 4},
        ],
    )
    volume = load_4d(tmp_path)
    axes = {axis.kind: axis.values for axis in volume.dimensions}
    assert axes["b-value"].tolist() == [0, 1000, 0, 1000]
    assert axes["gradient"].tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert _firsts(volume) == [0, 1, 2, 3]
    assert all(len(axis.values) == 4 for axis in volume.dimensions)


def _siemens(ds: Dataset, b_value: int) -> None:
    ds.Manufacturer = "SIEMENS"
    ds.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", b_value)


def _ge(ds: Dataset, b_value: int) -> None:
    ds.Manufacturer = "GE MEDICAL SYSTEMS"
    block = ds.private_block(0x0043, "GEMS_PARM_01", create=True)
    block.add_new(0x39, "IS", [1_000_000_000 + b_value, 8, 0, 0])


def _philips(ds: Dataset, b_value: int) -> None:
    ds.Manufacturer = "Philips Medical Systems"
    ds.private_block(0x2001, "Philips Imaging DD 001", create=True).add_new(0x03, "FL", b_value)


def _uih(ds: Dataset, b_value: int) -> None:
    ds.Manufacturer = "UIH"
    ds.private_block(0x0065, "Image Private Header", create=True).add_new(0x09, "FD", b_value)


@pytest.mark.parametrize("maker", [_siemens, _ge, _philips, _uih], ids=lambda f: f.__name__[1:])
def test_b_values_of_makers_are_found(tmp_path: Path, maker: Any) -> None:
    images = []
    for number in range(6):
        ds = image((0, 0, 3 * (number % 3)), number + 1)
        # another creator has the first block
        ds.private_block(0x0019, "SOMEBODY ELSE", create=True).add_new(0x0C, "IS", 7)
        ds.private_block(0x0065, "SOMEBODY ELSE", create=True).add_new(0x09, "FD", 7)
        maker(ds, 800 * (number // 3))
        images.append(ds)
    write(tmp_path, *images)
    (axis,) = load_4d(tmp_path).dimensions
    assert (axis.kind, axis.values.tolist()) == ("b-value", [0, 800])


def test_volumes_that_lack_slices_are_left_out_and_reported(tmp_path: Path) -> None:
    _write_grid(tmp_path, [{"TemporalPositionIdentifier": k} for k in (1, 2, 3)])
    lost = [path for path in tmp_path.iterdir() if _is(path, position=(0, 0, 6), temporal=3)]
    lost[0].unlink()
    volume = load_4d(tmp_path)
    assert volume.pixels.shape[0] == 2
    assert volume.report is not None
    assert [finding.code for finding in volume.report.findings] == ["incomplete-volume"]
    assert len(volume.report.left_out) == 2


def _is(path: Path, position: tuple[float, ...], temporal: int) -> bool:
    ds = dcmread(path)
    return bool(
        tuple(ds.ImagePositionPatient) == position and ds.TemporalPositionIdentifier == temporal
    )


def test_missing_frames_without_a_name_are_refused(tmp_path: Path) -> None:
    _write_grid(tmp_path, [{}, {}, {}])
    next(iter(sorted(tmp_path.iterdir()))).unlink()
    with pytest.raises(GeometryError, match="frames are missing"):
        load_4d(tmp_path)


def test_the_first_volume_is_one_of_these(tmp_path: Path) -> None:
    _write_grid(tmp_path, [{"TemporalPositionIdentifier": k} for k in (1, 2)])
    whole, first = load_4d(tmp_path), load_series(tmp_path)
    np.testing.assert_array_equal(first.pixels, whole.pixels[0])
    np.testing.assert_array_equal(first.affine, whole.affine)
    assert first.report is not None
    assert [finding.code for finding in first.report.findings] == ["several-volumes"]


def test_every_slice_is_traced_to_its_file(tmp_path: Path) -> None:
    _write_grid(tmp_path, [{"EchoTime": 10}, {"EchoTime": 20}])
    volume = load_4d(tmp_path)
    assert volume.volume_path is not None
    assert volume.volume_frame is not None
    for paths, frames, pixels in zip(
        volume.volume_path, volume.volume_frame, volume.pixels, strict=True
    ):
        assert frames == [1, 1, 1]
        for path, plane in zip(paths, pixels, strict=True):
            assert dcmread(path).InstanceNumber == plane[0, 0]


def test_one_volume_has_no_dimensions(tmp_path: Path) -> None:
    _write_grid(tmp_path, [{"EchoTime": 10}])
    volume = load_4d(tmp_path)
    assert (volume.pixels.shape, volume.dimensions) == ((1, 3, 4, 5), [])


def test_values_that_change_from_slice_to_slice_are_no_dimension() -> None:
    marks = [
        Marks(trigger_ms=100.0 * volume + 7 * place, instance=float(volume * 3 + place))
        for volume in range(2)
        for place in range(3)
    ]
    found = arrange(marks, [[0, 3], [1, 4], [2, 5]])
    assert found.volumes == [[0, 1, 2], [3, 4, 5]]
    assert [axis.kind for axis in found.axes] == ["trigger time"]


def test_almost_equal_times_are_equal() -> None:
    marks = [Marks(echo_ms=echo) for echo in (20.0, 40.0, 20.001, 40.002, 19.9995, 40.0)]
    found = arrange(marks, [[0, 1], [2, 3], [4, 5]])
    assert found.volumes == [[0, 2, 4], [1, 3, 5]]


def test_dimension_indices_tell_frames_apart() -> None:
    marks = [Marks(indices=(1, place, volume)) for place in (1, 2) for volume in (3, 1, 2)]
    found = arrange(marks, [[0, 1, 2], [3, 4, 5]])
    assert found.volumes == [[1, 4], [2, 5], [0, 3]]
    assert [(axis.kind, axis.values.tolist()) for axis in found.axes] == [("index", [1, 2, 3])]
