"""Data sets hold names, open files where they are asked, and feed real loaders."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm import Dataset, decode, examples, load_series
from pydcm.errors import BackendError, PydcmError
from pydcm.examples import write_ct_series
from pydcm.torchdata import DICOMDataset, VolumeDataset, scan
from pydcm.torchdata.names import Names
from pydcm.volume import Volume, load_all
from tests.shared import ROOT
from tests.volume.making import AXIAL, CORONAL, enhanced, item, write


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two series in folders of their own, one of them without file extensions."""
    folder = tmp_path_factory.mktemp("study")
    write_ct_series(folder / "a", slices=6, size=32)
    write_ct_series(folder / "b", slices=4, size=24)
    for file in (folder / "b").iterdir():
        file.rename(file.with_suffix(""))
    (folder / "notes.txt").write_text("no DICOM, and long enough for a preamble" * 10)
    return folder


# ---- scan --------------------------------------------------------------------


def test_files_are_known_by_extension_or_preamble(study: Path, tmp_path: Path) -> None:
    found = scan(study)
    assert len(found) == 10
    assert found == sorted(found)
    assert all(isinstance(path, Path) for path in found)
    (tmp_path / "empty.dcm").write_bytes(b"")
    (tmp_path / "empty").write_bytes(b"")
    assert scan(tmp_path) == [tmp_path / "empty.dcm"]


def test_a_pattern_selects_by_name_alone(study: Path) -> None:
    assert len(scan(study, pattern="*.dcm")) == 6
    assert scan(study, pattern="*.txt") == [study / "notes.txt"]
    assert scan(study, recursive=False) == []
    assert len(scan(study / "a", recursive=False)) == 6


def test_scan_of_a_file_or_of_nothing(study: Path, tmp_path: Path) -> None:
    file = next((study / "a").iterdir())
    assert scan(file) == [file]
    assert scan(str(file)) == [file]
    assert scan(tmp_path / "absent") == []


# ---- one sample for each file ------------------------------------------------


def test_samples_are_images(study: Path) -> None:
    dataset = DICOMDataset(study)
    assert len(dataset) == 10
    for i, name in enumerate(dataset.names):
        np.testing.assert_array_equal(dataset[i], decode(name)[0])
    assert dataset[-1].shape == (24, 24)
    assert dataset[0].dtype == decode(dataset.names[0]).dtype
    for index in (10, -11):
        with pytest.raises(IndexError):
            dataset[index]


def test_samples_in_units(study: Path) -> None:
    dataset = DICOMDataset(study / "a", rescale=True)
    np.testing.assert_array_equal(dataset[2], decode(dataset.names[2], rescale=True)[0])
    assert dataset[2].dtype == np.float32


@pytest.mark.parametrize(("name", "shape"), [("rt_dose", 3), ("rgb_color", 3), ("ybr_color", 4)])
def test_several_frames_and_colour_keep_their_axes(name: str, shape: int) -> None:
    path = examples.get_path(name)
    whole = decode(path)
    found = DICOMDataset(path)[0]
    assert found.ndim == shape
    np.testing.assert_array_equal(found, whole if len(whole) > 1 else whole[0])


def test_a_transform_makes_the_sample(study: Path) -> None:
    dataset = DICOMDataset(study / "a", rescale=True, transform=lambda image: image[None] / 1000)
    assert dataset[0].shape == (1, 32, 32)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DICOMDataset(tmp_path / "absent")
    assert len(DICOMDataset(tmp_path)) == 0


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.dcm").write_bytes(b"nothing")
    dataset = DICOMDataset(tmp_path)
    with pytest.raises(PydcmError, match=r"broken\.dcm"):
        dataset[0]


def test_archives_and_lists_feed_it_too(study: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "study"), "zip", study)
    inside, outside = DICOMDataset(tmp_path / "study.zip"), DICOMDataset(study)
    assert len(inside) == len(outside)
    for i in range(len(inside)):
        np.testing.assert_array_equal(inside[i], outside[i])
    assert len(DICOMDataset([study / "b", next((study / "a").iterdir())])) == 5


def test_the_package_offers_them() -> None:
    assert pydcm.DICOMDataset is DICOMDataset
    assert pydcm.scan is scan


def test_torch_is_not_imported(study: Path) -> None:
    code = (
        "import sys, pydcm; d = pydcm.DICOMDataset(sys.argv[1]); d[0]; "
        "print(len(d), 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(study)], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["10", "False"]


def test_without_torch_the_extra_is_named(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for kind in (DICOMDataset, VolumeDataset):
        with pytest.raises(BackendError, match=r"pydcm\[torch\]"):
            kind(study, to_torch=True)


# ---- names -------------------------------------------------------------------


def test_names_are_small_and_exact() -> None:
    texts = [f"/data/some/long/folder/of/a/study/{n:07}" for n in range(10_000)]
    odd = ["", "a", "a/ä/b", "a/\udce4", "s3://bucket/\U0001f600"]
    names = Names(texts)
    assert list(names) == texts
    assert names[-1] == texts[-1]
    assert names[3:5] == texts[3:5]
    assert len(pickle.dumps(names)) < 16 * len(texts)
    assert list(Names(odd)) == odd
    assert list(Names([])) == []
    assert list(Names(["/only/one"])) == ["/only/one"]
    with pytest.raises(IndexError):
        names[len(texts)]


# ---- one sample for each volume ------------------------------------------------


def test_volumes_are_samples(study: Path) -> None:
    dataset = VolumeDataset(study)
    assert len(dataset) == 2
    for i, folder in enumerate(("a", "b")):
        volume = load_series(study / folder)
        np.testing.assert_array_equal(dataset[i], volume.pixels)
        np.testing.assert_array_equal(dataset.load(i).affine, volume.affine)
        assert dataset.series_instance_uids[i] == volume.series_instance_uid
        assert {Path(name).parent.name for name in dataset.names[i]} == {folder}
    long = VolumeDataset(study, min_slices=5)
    assert len(long) == 1
    reasons = {left.reason for left in long.left_out}
    assert reasons == {"it is not a DICOM file", "its volume has 4 slices"}
    with pytest.raises(IndexError):
        dataset[2]


def test_stacks_of_one_file_are_samples_of_their_own(tmp_path: Path) -> None:
    """Frames of an enhanced image may lie in two orientations."""
    places = [(AXIAL, (0, 0, 3 * z)) for z in range(4)]
    places += [(CORONAL, (0, 3 * y, 0)) for y in range(3)]
    groups = []
    for cosines, position in places:
        group = Dataset()
        group.PlanePositionSequence = [item(ImagePositionPatient=list(position))]
        group.PlaneOrientationSequence = [item(ImageOrientationPatient=list(cosines))]
        groups.append(group)
    shared = item(PixelMeasuresSequence=[item(PixelSpacing=[2, 2], SliceThickness=3)])
    pixels = np.arange(7, dtype=np.uint16)[:, None, None] + np.zeros((7, 4, 5), np.uint16)
    write(tmp_path, enhanced(groups, pixels, shared))
    dataset = VolumeDataset(tmp_path)
    assert [dataset[i][:, 0, 0].tolist() for i in range(len(dataset))] == [
        [0, 1, 2, 3],
        load_all(tmp_path)[1].pixels[:, 0, 0].tolist(),
    ]
    assert sorted(dataset[1][:, 0, 0].tolist()) == [4, 5, 6]


def test_what_makes_no_volume_is_left_out(tmp_path: Path) -> None:
    files = write_ct_series(tmp_path, slices=6, size=16)
    files[2].unlink()
    dataset = VolumeDataset(tmp_path)
    assert len(dataset) == 0
    assert len(dataset.left_out) == 5
    assert "it is in no volume" in dataset.left_out[0].reason


def spacing_of(volume: Volume) -> tuple[float, ...]:
    return volume.spacing


def test_a_transform_gets_the_whole_volume(study: Path) -> None:
    dataset = VolumeDataset(study, transform=spacing_of)
    assert dataset[1] == load_series(study / "b").spacing


def test_volumes_that_changed_since_are_errors(tmp_path: Path) -> None:
    write_ct_series(tmp_path, slices=3, size=16)
    dataset = VolumeDataset(tmp_path)
    other = tmp_path / "other"
    write_ct_series(other, slices=1, size=16)
    os.replace(next(other.iterdir()), min(tmp_path.glob("*.dcm")))
    with pytest.raises(PydcmError):
        dataset[0]


# ---- workers -------------------------------------------------------------------


def _total(dataset: Any, i: int) -> float:
    return float(np.asarray(dataset[i], np.float64).sum())


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("kind", [DICOMDataset, VolumeDataset])
# A fork beside threads of numba or pytest is what loaders do; 3.12 warns of it.
@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_items_are_read_in_worker_processes(kind: type[Any], method: str, study: Path) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    dataset = kind(study)
    dataset[0]  # files that are open in the parent must not disturb the workers
    assert len(pickle.dumps(dataset)) < 2000
    expected = [_total(dataset, i) for i in range(len(dataset))]
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        futures = [pool.submit(_total, dataset, i) for i in range(len(dataset))]
        assert [future.result(timeout=60) for future in futures] == expected


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore")  # torch warns of many things that are not ours
def test_the_loader_of_torch(method: str, study: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is optional (extra torch)")
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    dataset = DICOMDataset(study / "a", rescale=True, to_torch=True)
    dataset[0]
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=3, num_workers=2, multiprocessing_context=method
    )
    batches = list(loader)
    assert [tuple(batch.shape) for batch in batches] == [(3, 32, 32)] * 2
    expected = np.stack([decode(name, rescale=True)[0] for name in dataset.names])
    np.testing.assert_array_equal(torch.cat(batches).numpy(), expected)
    volumes = VolumeDataset(study, to_torch=True)
    loaded = list(
        torch.utils.data.DataLoader(
            volumes, batch_size=None, num_workers=1, multiprocessing_context=method
        )
    )
    assert [tuple(volume.shape) for volume in loaded] == [(6, 32, 32), (4, 24, 24)]


def test_unsigned_numbers_become_tensors() -> None:
    pytest.importorskip("torch", reason="torch is optional (extra torch)")
    from pydcm.torchdata.images import tensor_of

    for name in ("uint8", "uint16", "uint32", "int16", "float32"):
        array = np.array([[0, -1 if name == "int16" else 200]]).astype(name)
        if name in ("uint16", "uint32"):
            array[0, 0] = np.iinfo(name).max
        assert tensor_of(array).tolist() == array.tolist()
