"""Enhanced multi-frame images: functional groups as columns."""

from __future__ import annotations

import random
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest

from pydcm import Dataset, dcmread
from pydcm.errors import ConformanceError, GeometryError, PydcmError
from pydcm.volume import load_4d, load_series, survey
from pydcm.volume.columns import FunctionalGroups
from pydcm.volume.frames import frames_of
from tests.shared import CORPUS, needs_corpus
from tests.synthetic import Encoding, objects
from tests.volume.making import enhanced, frame_groups, item, shared_groups, write

ENCODINGS = {
    "lengths": Encoding(),
    "undefined": Encoding(undefined=True),
    "implicit": Encoding(explicit=False),
    "big": Encoding(little=False),
}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_columns_hold_what_the_items_hold(tmp_path: Path, encoding: Encoding) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(objects.enhanced_ct(frames=40, encoding=encoding))
    ds = dcmread(path)
    groups = FunctionalGroups(ds, 40)
    positions = groups.decimals(0x00209113, 0x00200032, 3)
    currents = groups.decimal(0x00189321, 0x00189330)
    indices = groups.indices(0x00209111, 0x00209157)
    times = groups.texts(0x00209111, 0x00189074)
    for number, own in enumerate(dcmread(path).PerFrameFunctionalGroupsSequence):
        np.testing.assert_array_equal(
            positions[number], own.PlanePositionSequence[0].ImagePositionPatient
        )
        assert currents[number] == own.CTExposureSequence[0].XRayTubeCurrentInmA
        content = own.FrameContentSequence[0]
        np.testing.assert_array_equal(indices[number], content.DimensionIndexValues)
        assert times[number] == (str(content.FrameAcquisitionDateTime),)


def test_shared_and_absent_attributes(tmp_path: Path) -> None:
    path = tmp_path / "ct.dcm"
    path.write_bytes(objects.enhanced_ct(frames=3))
    groups = FunctionalGroups(dcmread(path), 3)
    np.testing.assert_array_equal(groups.decimals(0x00289110, 0x00280030, 2), [[0.7, 0.7]] * 3)
    assert np.isnan(groups.decimal(0x00189114, 0x00189082)).all()
    assert groups.texts(0x00209111, 0x00209453) == [()] * 3


def test_items_that_differ_in_structure_keep_their_own_values(tmp_path: Path) -> None:
    frames = [
        frame_groups(0.0),
        frame_groups(1.25, MREchoSequence=[item(EffectiveEchoTime=20.0)]),
        frame_groups(2.5, FrameContentSequence=[item(StackID="1")]),
        frame_groups(-1000.5, MREchoSequence=[item(EffectiveEchoTime=30.0)]),
    ]
    path = write(tmp_path, enhanced(frames, np.zeros((4, 4, 5), np.uint16)))[0]
    groups = FunctionalGroups(dcmread(path), 4)
    np.testing.assert_array_equal(
        groups.decimals(0x00209113, 0x00200032, 3)[:, 2], [0, 1.25, 2.5, -1000.5]
    )
    np.testing.assert_array_equal(groups.decimal(0x00189114, 0x00189082), [np.nan, 20, np.nan, 30])
    assert groups.texts(0x00209111, 0x00209056) == [(), (), ("1",), ()]


def test_an_image_in_memory_has_the_same_columns(tmp_path: Path) -> None:
    frames = [frame_groups(float(z)) for z in (3, 0)]
    ds = enhanced(frames, np.zeros((2, 4, 5), np.uint16))
    path = write(tmp_path, ds)[0]
    for one in (ds, dcmread(path)):
        groups = FunctionalGroups(one, 2)
        np.testing.assert_array_equal(groups.decimals(0x00209113, 0x00200032, 3)[:, 2], [3, 0])


def test_each_frame_has_its_own_rescale(tmp_path: Path) -> None:
    frames = [
        frame_groups(
            float(3 * k),
            PixelValueTransformationSequence=[
                item(RescaleSlope=k + 1, RescaleIntercept=-k, RescaleType="US")
            ],
        )
        for k in range(3)
    ]
    write(tmp_path, enhanced(frames, np.full((3, 4, 5), 10, np.uint16)))
    np.testing.assert_array_equal(load_series(tmp_path).pixels[:, 0, 0], [10, 19, 28])


def test_a_rescale_that_is_no_number_is_refused(tmp_path: Path) -> None:
    bad = Dataset()
    bad.add_new("RescaleSlope", "LO", "twice")
    frames = [frame_groups(0.0, PixelValueTransformationSequence=[bad]), frame_groups(3.0)]
    path = write(tmp_path, enhanced(frames, np.zeros((2, 4, 5), np.uint16)))[0]
    with pytest.raises(ConformanceError, match="twice"):
        frames_of(dcmread(path), str(path))
    assert "twice" in survey(tmp_path).left_out[0].reason


def test_echoes_and_slices_of_one_file(tmp_path: Path) -> None:
    places = [(z, echo) for echo in (20.0, 10.0) for z in (6.0, 0.0, 3.0)]
    frames = [frame_groups(z, MREchoSequence=[item(EffectiveEchoTime=echo)]) for z, echo in places]
    pixels = np.stack([np.full((4, 5), 1 + z + 100 * echo, np.uint16) for z, echo in places])
    write(tmp_path, enhanced(frames, pixels))
    volume = load_4d(tmp_path)
    np.testing.assert_array_equal(
        volume.pixels[:, :, 0, 0], [[1001, 1004, 1007], [2001, 2004, 2007]]
    )
    assert [(axis.kind, axis.values.tolist()) for axis in volume.dimensions] == [("echo", [10, 20])]
    assert volume.volume_frame == [[5, 6, 4], [2, 3, 1]]


def test_stacks_of_two_orientations_are_two_volumes(tmp_path: Path) -> None:
    coronal = item(ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    frames = [frame_groups(3.0 * k) for k in range(3)]
    for k in range(2):
        group = item(
            PlanePositionSequence=[item(ImagePositionPatient=[0, 3 * k, 0])],
            PlaneOrientationSequence=[coronal],
        )
        frames.append(group)
    write(tmp_path, enhanced(frames, np.zeros((5, 4, 5), np.uint16)))
    assert [stack.positions for stack in survey(tmp_path).stacks] == [3, 2]


@pytest.mark.parametrize("lost", ["PlaneOrientationSequence", "PixelMeasuresSequence"])
def test_frames_without_a_plane_are_refused(tmp_path: Path, lost: str) -> None:
    shared = shared_groups()
    delattr(shared, lost)
    frames = [frame_groups(0.0), frame_groups(3.0)]
    path = write(tmp_path, enhanced(frames, np.zeros((2, 4, 5), np.uint16), shared))[0]
    with pytest.raises(GeometryError, match="no usable"):
        frames_of(dcmread(path), str(path))


def test_too_few_groups_are_refused(tmp_path: Path) -> None:
    ds = enhanced([frame_groups(0.0)], np.zeros((3, 4, 5), np.uint16))
    with pytest.raises(GeometryError, match="3 frames, but functional groups for 1"):
        frames_of(ds, "x")


def test_damage_raises_nothing_but_errors_of_the_input(tmp_path: Path) -> None:
    original = objects.enhanced_ct(frames=6)
    start = original.index(struct.pack("<HH", 0x5200, 0x9229))
    generator = random.Random(3)
    path = tmp_path / "damaged.dcm"
    outcomes: set[object] = set()
    for _ in range(300):
        damaged = bytearray(original)
        for _ in range(generator.randint(1, 6)):
            damaged[generator.randrange(start, len(damaged))] = generator.randrange(256)
        path.write_bytes(damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                outcomes.add(load_series(path).pixels.ndim)
            except PydcmError as error:
                outcomes.add(type(error).__name__)
    assert {3, "GeometryError"} <= outcomes


@needs_corpus
@pytest.mark.parametrize(
    "folder",
    ["dicom2nifti/hyperfine", "dicom2nifti/philips_enhanced", "dicom2nifti/siemens_multiframe",
     "dcm_qa_enh/In"],
)  # fmt: skip
def test_columns_of_real_images(folder: str) -> None:
    for path in sorted((CORPUS / "enhanced-mf" / folder).rglob("*.dcm")):
        ds = dcmread(path)
        frames = frames_of(ds, str(path))
        groups = ds.get("SharedFunctionalGroupsSequence")
        shared = groups[0] if groups else Dataset()
        for frame, own in zip(frames, dcmread(path).PerFrameFunctionalGroupsSequence, strict=True):
            assert frame.position == tuple(own.PlanePositionSequence[0].ImagePositionPatient)
            plane = own if "PlaneOrientationSequence" in own else shared
            cosines = plane.PlaneOrientationSequence[0].ImageOrientationPatient
            assert frame.orientation == tuple(cosines)
            values = own if "PixelValueTransformationSequence" in own else shared
            if "PixelValueTransformationSequence" in values:
                slope = values.PixelValueTransformationSequence[0].RescaleSlope
                assert frame.rescale.slope == slope
