"""What series come with: tilt, gaps, duplicates, several volumes, stray images."""

from __future__ import annotations

import math
import random
import warnings
from pathlib import Path

import numpy as np
import pytest

from pydcm.errors import GeometryError, PydcmError
from pydcm.volume import Volume, load_4d, load_all, load_series, survey
from tests.volume.making import CORONAL, image, stack, write


def _codes(volume: Volume) -> list[str]:
    assert volume.report is not None
    return [finding.code for finding in volume.report.findings]


def _reasons(volume: Volume) -> dict[str, str]:
    assert volume.report is not None
    return {Path(left.path).name: left.reason for left in volume.report.left_out}


# --- tilt --------------------------------------------------------------------------------------


def test_a_tilted_gantry_is_kept_in_the_affine_and_reported(tmp_path: Path) -> None:
    write(tmp_path, *stack(5, step=(0.0, 1.0, 3.0)))
    volume = load_series(tmp_path)
    np.testing.assert_allclose(volume.affine[:3, 2], [0, 1, 3])
    assert volume.spacing[0] == pytest.approx(math.sqrt(10))
    assert _codes(volume) == ["gantry-tilt"]
    assert "18.4 degrees" in str(volume.report)


def test_a_tilted_gantry_is_set_upright_on_request(tmp_path: Path) -> None:
    slices = stack(3, step=(0.0, 2.0, 3.0))  # one row for each slice
    ramp = np.arange(20, dtype=np.uint16).reshape(4, 5)
    for ds in slices:
        ds.PixelData = ramp.tobytes()
    write(tmp_path, *slices)
    volume = load_series(tmp_path, tilt="resample")
    np.testing.assert_allclose(volume.affine[:3, :3], np.diag([1.5, 2, 3]))
    np.testing.assert_allclose(volume.affine[:3, 3], 0)
    assert volume.spacing == (3.0, 2.0, 1.5)
    expected = np.zeros((3, 6, 5), np.float32)
    for k in range(3):
        expected[k, k : k + 4] = ramp
    np.testing.assert_array_equal(volume.pixels, expected)
    assert _codes(volume) == ["gantry-tilt", "tilt-resampled"]


def test_a_shift_by_part_of_a_pixel_is_interpolated(tmp_path: Path) -> None:
    slices = stack(3, step=(0.0, -0.5, 3.0))
    columns = np.tile(np.array([[0], [8], [16], [24]], np.uint16), (1, 5))
    for ds in slices:
        ds.PixelData = columns.tobytes()
    write(tmp_path, *slices)
    volume = load_series(tmp_path, tilt="resample")
    np.testing.assert_allclose(volume.affine[:3, 3], [0, -2, 0])
    # the second slice lies a quarter of a pixel to the front
    np.testing.assert_allclose(volume.pixels[1, 1:4, 0], [2, 10, 18])


# --- distances ---------------------------------------------------------------------------------


def test_a_gap_is_refused_and_its_neighbours_named(tmp_path: Path) -> None:
    slices = stack(6)
    del slices[3]
    write(tmp_path, *slices)
    with pytest.raises(GeometryError, match=r"002\.dcm and 003\.dcm are 6 mm apart.*missing"):
        load_series(tmp_path)


def test_a_gap_is_filled_on_request(tmp_path: Path) -> None:
    slices = stack(6)
    del slices[3]
    write(tmp_path, *slices)
    volume = load_series(tmp_path, spacing="resample")
    np.testing.assert_allclose(volume.pixels[:, 0, 0], [1, 2, 3, 4, 5, 6])
    np.testing.assert_allclose(volume.affine[:3, 2], [0, 0, 3])
    assert "spacing-resampled" in _codes(volume)


def test_varying_distances_become_even_on_request(tmp_path: Path) -> None:
    heights = [0.0, 1.0, 2.0, 3.0, 5.0, 9.0]
    write(tmp_path, *(image((0, 0, z), k) for k, z in enumerate(heights, 1)))
    with pytest.raises(GeometryError, match="not evenly spaced"):
        load_series(tmp_path)
    volume = load_series(tmp_path, spacing="resample")
    assert volume.pixels.shape[0] == 10
    np.testing.assert_allclose(volume.pixels[:, 0, 0], np.interp(range(10), heights, range(1, 7)))


def test_small_variations_are_reported(tmp_path: Path) -> None:
    heights = [0.0, 3.0, 6.1, 9.0, 12.0]
    write(tmp_path, *(image((0, 0, z), k) for k, z in enumerate(heights, 1)))
    volume = load_series(tmp_path)
    assert _codes(volume) == ["variable-spacing"]
    assert volume.spacing[0] == pytest.approx(3.0)


# --- duplicates --------------------------------------------------------------------------------


def test_the_same_instance_twice_counts_once(tmp_path: Path) -> None:
    slices = stack(3)
    write(tmp_path, *slices, slices[1])
    volume = load_series(tmp_path)
    assert volume.pixels.shape[0] == 3
    assert _reasons(volume) == {"003.dcm": "it is the same SOP instance as another file"}


def test_a_doubled_position_gives_one_slice_and_a_finding(tmp_path: Path) -> None:
    slices = stack(3)
    again = image(slices[1].ImagePositionPatient, 9)
    write(tmp_path, again, *slices)
    volume = load_series(tmp_path)
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [1, 2, 3])
    assert _codes(volume) == ["duplicate-position"]
    assert _reasons(volume) == {"000.dcm": "another image at the same position comes first"}
    with pytest.raises(GeometryError, match="cannot be told apart"):
        load_4d(tmp_path)


def test_one_uid_in_all_files_does_not_lose_slices(tmp_path: Path) -> None:
    write(tmp_path, *stack(4, SOPInstanceUID="1.2.9.5"))
    assert load_series(tmp_path).pixels.shape[0] == 4


# --- several volumes ---------------------------------------------------------------------------


def test_interleaved_acquisitions_are_two_volumes(tmp_path: Path) -> None:
    first = stack(4, AcquisitionNumber=1)
    second = [image((0, 0, 1 + 3 * k), 11 + k, AcquisitionNumber=2) for k in range(4)]
    write(tmp_path, *(ds for pair in zip(first, second, strict=True) for ds in pair))
    volumes = load_all(tmp_path)
    assert [volume.pixels[:, 0, 0].tolist() for volume in volumes] == [
        [1, 2, 3, 4],
        [11, 12, 13, 14],
    ]
    assert [volume.affine[2, 3] for volume in volumes] == [0, 1]
    assert _codes(load_series(tmp_path)) == ["interleaved"]


def test_echoes_at_alternating_positions_are_not_one_volume(tmp_path: Path) -> None:
    write(tmp_path, *(image((0, 0, 2 * k), k + 1, EchoTime=[20, 80][k % 2]) for k in range(8)))
    volume = load_series(tmp_path)
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [1, 3, 5, 7])
    assert volume.spacing[0] == 4
    assert len(load_all(tmp_path)) == 2


def test_two_ranges_of_one_series_with_a_gap_are_not_joined(tmp_path: Path) -> None:
    far = [image((0, 0, 90 + 3 * k), 20 + k, AcquisitionNumber=2) for k in range(3)]
    write(tmp_path, *stack(4, AcquisitionNumber=1), *far)
    with pytest.raises(GeometryError, match="not evenly spaced"):
        load_series(tmp_path)


def test_stacks_side_by_side_are_two_volumes(tmp_path: Path) -> None:
    right = [image((40, 0, 3 * k), 10 + k) for k in range(3)]
    write(tmp_path, *stack(3), *right)
    volumes = load_all(tmp_path)
    assert sorted(volume.affine[0, 3] for volume in volumes) == [0, 40]
    assert all(volume.pixels.shape[0] == 3 for volume in volumes)


def test_mixed_fields_of_view_are_stacks_of_their_own(tmp_path: Path) -> None:
    zoomed = [image((0, 0, 3 * k), 10 + k, PixelSpacing=[1, 0.75]) for k in range(3)]
    write(tmp_path, *stack(4), *zoomed)
    volume = load_series(tmp_path)
    assert volume.pixels.shape[0] == 4
    assert set(_reasons(volume)) == {"004.dcm", "005.dcm", "006.dcm"}
    assert "another stack: 3 slices of 4 x 5" in _reasons(volume)["004.dcm"]
    assert [loaded.spacing[1] for loaded in load_all(tmp_path)] == [2, 1]


def test_two_orientations_are_two_volumes(tmp_path: Path) -> None:
    coronal = [
        image((0, 3 * k, 0), 10 + k, ImageOrientationPatient=list(CORONAL)) for k in range(3)
    ]
    write(tmp_path, *stack(4), *coronal)
    assert [stack.positions for stack in survey(tmp_path).stacks] == [4, 3]
    volumes = load_all(tmp_path)
    np.testing.assert_allclose(volumes[1].affine[:3, 2], [0, 3, 0])


@pytest.mark.parametrize(("off", "stacks"), [(5e-4, 1), (5e-3, 2)])
def test_orientations_are_alike_within_a_tolerance(tmp_path: Path, off: float, stacks: int) -> None:
    turned = [math.cos(off), math.sin(off), 0, -math.sin(off), math.cos(off), 0]
    write(
        tmp_path,
        *stack(2),
        image((0, 0, 6), 3, ImageOrientationPatient=[f"{x:.6f}" for x in turned]),
    )
    assert len(survey(tmp_path).stacks) == stacks


def test_two_series_do_not_mix(tmp_path: Path) -> None:
    other = [image((0, 0, 1.5 + 3 * k), 10 + k, SeriesInstanceUID="1.2.99") for k in range(3)]
    write(tmp_path, *stack(4), *other)
    assert [volume.series_instance_uid for volume in load_all(tmp_path)] == ["1.2.3", "1.2.99"]


# --- what is no slice --------------------------------------------------------------------------


def test_a_localizer_is_left_out_even_if_it_is_parallel_and_larger(tmp_path: Path) -> None:
    scouts = [
        image((0, 0, 1.5 + 3 * k), 10 + k, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
        for k in range(6)
    ]
    write(tmp_path, *stack(3), *scouts)
    volume = load_series(tmp_path)
    assert volume.pixels.shape[0] == 3
    assert set(_reasons(volume).values()) == {"it belongs to a localizer"}
    assert len(_reasons(volume)) == 6


def test_only_localizers_load_and_say_so(tmp_path: Path) -> None:
    write(tmp_path, *stack(3, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]))
    assert _codes(load_series(tmp_path)) == ["localizer"]


def test_derived_images_among_original_ones_are_left_out(tmp_path: Path) -> None:
    maps = stack(3, first=10, ImageType=["DERIVED", "PRIMARY", "ADC"])
    write(tmp_path, *maps, *stack(3))
    volume = load_series(tmp_path)
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [1, 2, 3])
    assert set(_reasons(volume).values()) == {"it is a derived image among original ones"}


def test_a_derived_series_is_a_volume(tmp_path: Path) -> None:
    write(tmp_path, *stack(3, ImageType=["DERIVED", "SECONDARY", "MPR"]))
    assert load_series(tmp_path).pixels.shape[0] == 3


def test_one_slice_has_the_step_of_its_thickness(tmp_path: Path) -> None:
    write(tmp_path, image((1, 2, 3)))
    volume = load_series(tmp_path)
    np.testing.assert_allclose(volume.affine[:3, 2], [0, 0, 3])
    assert _codes(volume) == ["single-slice"]
    (tmp_path / "000.dcm").unlink()
    write(tmp_path, image((1, 2, 3), SliceThickness=None))
    with pytest.raises(GeometryError, match="one slice alone"):
        load_series(tmp_path)


def test_the_volume_says_where_it_came_from(tmp_path: Path) -> None:
    write(tmp_path, *reversed(stack(3)))
    volume = load_series(tmp_path)
    assert [Path(source.path).name for source in volume.sources] == [
        "002.dcm",
        "001.dcm",
        "000.dcm",
    ]
    assert [source.sop_instance_uid for source in volume.sources] == [
        "1.2.9.1",
        "1.2.9.2",
        "1.2.9.3",
    ]
    assert (volume.modality, volume.frame_of_reference_uid, volume.units) == ("MR", "1.2.4", "")
    assert volume.report is not None
    assert volume.report.used == [source.path for source in volume.sources]


# --- hostile -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"ImagePositionPatient": ["nan", "0", "0"]},
        {"ImagePositionPatient": ["1e400", "0", "0"]},
        {"ImagePositionPatient": ["0", "0"]},
        {"PixelSpacing": ["0", "0"]},
        {"PixelSpacing": ["-1", "1"]},
        {"ImageOrientationPatient": ["0"] * 6},
        {"ImageOrientationPatient": ["1", "0", "0", "1", "0", "0"]},
        {"ImageOrientationPatient": ["inf", "0", "0", "0", "1", "0"]},
    ],
    ids=lambda changes: "-".join(f"{k}{v}" for k, v in changes.items())[:60],
)
def test_absurd_geometry_is_an_error(tmp_path: Path, changes: dict[str, list[str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = []
        for ds in stack(3):
            for name, values in changes.items():
                ds.add_new(name, "LO", values)  # values that DS would refuse
            raw.append(ds)
        write(tmp_path, *raw)
        for load in (load_series, load_all, load_4d):
            with pytest.raises(GeometryError):
                load(tmp_path)


def test_positions_beyond_all_measure_give_no_affine(tmp_path: Path) -> None:
    write(tmp_path, *(image((0, 0, z), k) for k, z in enumerate((-1.7e308, 9e7, 1.7e308), 1)))
    with pytest.raises(GeometryError):
        load_series(tmp_path)


def test_no_damage_raises_anything_but_errors_of_the_input(tmp_path: Path) -> None:
    originals = [path.read_bytes() for path in write(tmp_path / "whole", *stack(3))]
    generator = random.Random(6)
    folder = tmp_path / "damaged"
    folder.mkdir()
    outcomes = set()
    for _ in range(150):
        for number, octets in enumerate(originals):
            damaged = bytearray(octets)
            for _ in range(generator.randint(0, 3)):
                damaged[generator.randrange(132, len(damaged))] = generator.randrange(256)
            (folder / f"{number}.dcm").write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                volume = load_4d(folder)
                assert np.isfinite(volume.affine).all()
                outcomes.add("loaded")
            except (PydcmError, FileNotFoundError):
                outcomes.add("refused")
    assert outcomes == {"loaded", "refused"}
