"""Writing says how far it is, and ends when it is told to, leaving nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pydcm.batch import converting
from pydcm.diffusion import save_dwi
from pydcm.errors import WriteError
from pydcm.progress import Cancelled, Progress, Step
from pydcm.volume import Axis, Volume, Volume4D, survey
from pydcm.volume.gzip_stream import BLOCK_BYTES
from tests.volume.making import image, write

SHAPE = (7, 400, 500)  # several blocks
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])


def _volume(dtype: str = "int16") -> Volume:
    pixels = np.arange(np.prod(SHAPE)).reshape(SHAPE).astype(dtype)
    return Volume(pixels, (2.0, 1.0, 1.0), AFFINE, "", modality="CT")


WRITERS: dict[str, Callable[[Path, Progress], object]] = {
    "a.nii": lambda path, progress: _volume().to_nifti(path, progress=progress),
    "a.nii.gz": lambda path, progress: _volume().to_nifti(path, progress=progress),
    "small.nii": lambda path, progress: _volume("float32").to_nifti(
        path, dtype="smallest", progress=progress
    ),
    "a.nrrd": lambda path, progress: _volume().to_nrrd(path, progress=progress),
    "gz.nrrd": lambda path, progress: _volume().to_nrrd(path, gzip=True, progress=progress),
    "a.mha": lambda path, progress: _volume().to_metaimage(path, progress=progress),
    "z.mha": lambda path, progress: _volume().to_metaimage(path, compress=True, progress=progress),
    "a.mhd": lambda path, progress: _volume().to_metaimage(path, progress=progress),
    "dicom": lambda path, progress: _volume().to_dicom(path, progress=progress),
    "new/dicom": lambda path, progress: _volume().to_dicom(path, progress=progress),
}


def _skip_without_nibabel(name: str) -> None:
    if ".nii" in name:
        pytest.importorskip("nibabel", reason="NIfTI is written with nibabel")


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_steps_lead_to_the_end(tmp_path: Path, name: str) -> None:
    _skip_without_nibabel(name)
    steps: list[Step] = []
    WRITERS[name](tmp_path / name, steps.append)
    assert steps[0].done == 0
    assert steps[-1].done == steps[-1].total
    what = "slices written" if "dicom" in name else "bytes written"
    assert {step.what for step in steps} == {what}
    done = [step.done for step in steps if step.total == steps[-1].total]
    assert done == sorted(done)
    assert len(done) >= 4


@pytest.mark.parametrize("name", sorted(WRITERS))
@pytest.mark.parametrize("after", [0, 2])
def test_cancelling_leaves_nothing(tmp_path: Path, name: str, after: int) -> None:
    _skip_without_nibabel(name)
    told = 0

    def stop(_step: Step) -> None:
        nonlocal told
        told += 1
        if told > after:
            raise Cancelled

    with pytest.raises(Cancelled):
        WRITERS[name](tmp_path / name, stop)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd", "a.mha", "a.mhd"])
def test_cancelling_keeps_what_was_there(tmp_path: Path, name: str) -> None:
    _skip_without_nibabel(name)
    (tmp_path / name).write_bytes(b"old")

    def stop(step: Step) -> None:
        if step.done:
            raise Cancelled

    with pytest.raises(Cancelled):
        WRITERS[name](tmp_path / name, stop)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"old"


def test_progress_changes_no_byte(tmp_path: Path) -> None:
    pytest.importorskip("nibabel", reason="NIfTI is written with nibabel")
    for name in ("a.nii", "a.nii.gz", "z.mha"):
        WRITERS[name](tmp_path / name, None)
        expected = (tmp_path / name).read_bytes()
        WRITERS[name](tmp_path / name, lambda _step: None)
        assert (tmp_path / name).read_bytes() == expected


def test_a_dtype_that_was_guessed_wrongly_begins_anew(tmp_path: Path) -> None:
    pytest.importorskip("nibabel", reason="NIfTI is written with nibabel")
    volume = _volume("float32")
    volume.pixels[:] = 1.0
    volume.pixels[-1, -1, -1] = 0.5
    volume.pixels = np.concatenate([volume.pixels] * 2)[:13]  # the odd one is not looked at
    steps: list[Step] = []
    volume.to_nifti(tmp_path / "a.nii", dtype="smallest", progress=steps.append)
    assert steps[-1].done == steps[-1].total
    assert steps[-1].total == 352 + 4 * volume.pixels.size
    assert max(step.done - (step.total or 0) for step in steps) == 0


def test_a_broken_value_leaves_neither_header_nor_voxels(tmp_path: Path) -> None:
    with pytest.raises(WriteError):
        Volume(np.zeros(SHAPE, complex), (2.0, 1.0, 1.0), AFFINE, "").to_metaimage(
            tmp_path / "a.mhd"
        )
    assert os.listdir(tmp_path) == []


def test_steps_are_no_larger_than_a_block(tmp_path: Path) -> None:
    steps: list[Step] = []
    volumes = Volume4D(
        np.zeros((2, *SHAPE), np.int16)[:, :, ::2],
        (2.0, 2.0, 1.0),
        AFFINE,
        [Axis("echo", np.array([1.0, 2.0]))],
        "",
    )
    volumes.to_nrrd(tmp_path / "a.nrrd", progress=steps.append)
    done = np.array([step.done for step in steps])
    assert np.diff(done).max() <= BLOCK_BYTES
    assert done[-1] == volumes.pixels.nbytes


def test_a_cancelled_diffusion_series_leaves_nothing(tmp_path: Path) -> None:
    pytest.importorskip("nibabel", reason="NIfTI is written with nibabel")
    slices = [
        image((0, 0, 3.0 * z), 1 + z + 3 * v, DiffusionBValue=500.0 * v)
        for v in range(2)
        for z in range(3)
    ]
    for one in slices[3:]:
        one.DiffusionGradientOrientation = [1.0, 0.0, 0.0]
    write(tmp_path / "in", *slices)

    def stop(step: Step) -> None:
        if step.what == "bytes written":
            raise Cancelled

    (tmp_path / "out").mkdir()
    with pytest.raises(Cancelled):
        save_dwi(tmp_path / "in", tmp_path / "out" / "dwi", progress=stop)
    plans, _ = converting.plan(survey(tmp_path / "in"))
    with pytest.raises(Cancelled):
        converting.convert(plans[0], str(tmp_path / "out" / "a.nii"), bids=True, progress=stop)
    assert os.listdir(tmp_path / "out") == []
