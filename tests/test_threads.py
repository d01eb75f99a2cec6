"""Threads may share a data set, settings do not leak between them, and pickles are small."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

import pydcm
from pydcm import config
from pydcm.pixels import pixel_array
from tests.shared import ROOT
from tests.synthetic import Encoding, multiframe, objects

T = TypeVar("T")

THREADS = 8

SHARED = {
    "every VR": objects.every_vr(),
    "implicit, undefined lengths": objects.every_vr(Encoding(explicit=False, undefined=True)),
    "big endian": objects.every_vr(Encoding(little=False)),
    "deflated": objects.every_vr(deflated=True),
    "enhanced": objects.enhanced_ct(20, Encoding(undefined=True)),
    "report": objects.structured_report(100),
    "CT": objects.ct(32),
}


@pytest.fixture(autouse=True)
def eager_switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def _together(work: Callable[[int], T]) -> list[T]:
    """Run `work` in several threads that begin at the same moment."""
    barrier = threading.Barrier(THREADS)

    def start(number: int) -> T:
        barrier.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(start, range(THREADS)))


def _everything(ds: pydcm.Dataset) -> list[str]:
    return [f"{element.tag} {element.VR} {element.value!r}" for element in ds.iterall()]


def _walk_in_thread(ds: pydcm.Dataset, _number: int) -> list[str]:
    return _everything(ds)


@pytest.mark.parametrize("name", SHARED)
def test_values_of_a_shared_data_set(name: str, tmp_path: Path) -> None:
    path = tmp_path / "shared.dcm"
    path.write_bytes(SHARED[name])
    expected = _everything(pydcm.dcmread(path))
    assert len(expected) > 50
    for _ in range(3):
        walk = partial(_walk_in_thread, pydcm.dcmread(path))
        assert all(found == expected for found in _together(walk))


@pytest.mark.parametrize("name", SHARED)
def test_sharing_from_bytes_and_printing(name: str) -> None:
    expected = str(pydcm.dcmread(SHARED[name]))
    ds = pydcm.dcmread(SHARED[name])
    assert all(found == expected for found in _together(lambda _n: str(ds)))


def test_every_thread_gets_the_same_items() -> None:
    ds = pydcm.dcmread(SHARED["enhanced"])
    sequences = _together(lambda _n: ds.PerFrameFunctionalGroupsSequence)
    assert len({id(sequence[0]) for sequence in sequences}) == 1, "an edit in one would be lost"


@pytest.mark.parametrize("encapsulated", [False, True])
def test_frames_of_a_shared_data_set(encapsulated: bool, tmp_path: Path) -> None:
    path = tmp_path / "frames.dcm"
    frames = 24
    if encapsulated:
        multiframe.write_rle(path, frames, 16)
    else:
        multiframe.write_sparse(path, frames, 16)
    expected = pydcm.decode(path)
    assert len(expected) == frames
    ds = pydcm.dcmread(path)

    def all_frames(first: int) -> bool:
        order = [(first * 3 + n) % frames for n in range(frames)]
        return all(np.array_equal(pixel_array(ds, index=k), expected[k]) for k in order)

    assert all(_together(all_frames))


def test_more_files_than_descriptors_are_kept(tmp_path: Path) -> None:
    data = objects.ct(8)
    sets = []
    for number in range(200):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        sets.append(pydcm.dcmread(path))
    expected = pydcm.dcmread(data).PixelData
    results = _together(lambda n: all(ds.PixelData == expected for ds in sets[n::2]))
    assert all(results)


def test_validation_of_one_thread_does_not_leak() -> None:
    inside, done = threading.Event(), threading.Event()
    seen: list[int] = []

    def strict() -> None:
        with config.validation(reading=config.RAISE, writing=config.RAISE):
            inside.set()
            done.wait(timeout=30)

    thread = threading.Thread(target=strict)
    before = (config.settings.reading_validation_mode, config.settings.writing_validation_mode)
    thread.start()
    assert inside.wait(timeout=30)
    seen += [config.settings.reading_validation_mode, config.settings.writing_validation_mode]
    done.set()
    thread.join()
    assert tuple(seen) == before
    assert config.RAISE not in before


# --- processes ---------------------------------------------------------------


def _digest(ds: pydcm.Dataset) -> tuple[str, int]:
    """Return something of the metadata and of the pixels; runs in a worker."""
    return str(ds.PatientName), int(np.asarray(ds.pixel_array, dtype=np.int64).sum())


def test_pickle_of_a_file_holds_no_pixels(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(512))
    packed = pickle.dumps(pydcm.dcmread(path))
    assert len(packed) < path.stat().st_size // 10
    assert _digest(pickle.loads(packed)) == _digest(pydcm.dcmread(path))


def test_pickle_of_bytes_is_complete(tmp_path: Path) -> None:
    data = objects.ct(64)
    packed = pickle.dumps(pydcm.dcmread(data))
    assert _digest(pickle.loads(packed)) == _digest(pydcm.dcmread(data))


@pytest.mark.parametrize("edited", [False, True])
def test_spawned_workers(edited: bool, tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(64))
    ds = pydcm.dcmread(path)
    expected = _digest(ds)
    if edited:
        ds.PatientName = "Another^Name"
        expected = ("Another^Name", expected[1])
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_digest, [ds] * 4)) == [expected] * 4


FORK = """
import sys
from functools import partial
from multiprocessing import get_context
sys.path.insert(0, {root!r})
import pydcm
from tests.test_threads import _digest

ds = pydcm.dcmread({path!r})
expected = _digest(ds)

def work(_):
    return [_digest(ds) == expected for _ in range(20)]

with get_context("fork").Pool(4) as pool:
    results = pool.map(work, range(8))
print(all(map(all, results)), _digest(ds) == expected)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_workers_share_what_was_open(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(64))
    script = FORK.format(root=str(ROOT), path=str(path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.stdout.split() == ["True", "True"], done.stderr
