"""Data sets in worker processes, that were forked or spawned."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import pydcm
from pydcm.errors import PydcmError
from pydcm.fileset import FileSet
from pydcm.pixels import pixel_array
from tests.fileset.making import own
from tests.shared import ROOT
from tests.synthetic import multiframe, objects

METHODS = [
    "spawn",
    pytest.param(
        "fork",
        marks=[
            pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
            pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
        ],
    ),
]


def digest(ds: pydcm.Dataset) -> tuple[str, int]:
    """Return something of the metadata and of the pixels; runs in a worker."""
    return str(ds.get("PatientName")), int(np.asarray(ds.pixel_array, dtype=np.int64).sum())


def _frame_sum(ds: pydcm.Dataset, index: int) -> int:
    return int(pixel_array(ds, index=index).astype(np.int64).sum())


def _position(item: pydcm.Dataset) -> list[float]:
    return list(map(float, item.PlanePositionSequence[0].ImagePositionPatient))


def _ids(file_set: FileSet) -> list[str]:
    return [f"{instance.PatientID} {instance.load().SOPInstanceUID}" for instance in file_set]


def _look(ds: pydcm.Dataset) -> str:
    try:
        return str(len(ds.PixelData))
    except PydcmError as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("form", ["file", "edited", "bytes"])
def test_data_sets_in_workers(method: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(64))
    ds = pydcm.dcmread(path.read_bytes() if form == "bytes" else path)
    expected = digest(ds)
    if form == "edited":
        ds.PatientName = "Another^Name"
        expected = ("Another^Name", expected[1])
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as pool:
        assert list(pool.map(digest, [ds] * 4)) == [expected] * 4


@pytest.mark.parametrize("method", METHODS)
def test_frames_items_and_file_sets_in_workers(method: str, tmp_path: Path) -> None:
    frames = 6
    multiframe.write_rle(tmp_path / "rle.dcm", frames, 16)
    (tmp_path / "enhanced.dcm").write_bytes(objects.enhanced_ct(frames))
    rle = pydcm.dcmread(tmp_path / "rle.dcm")
    groups = pydcm.dcmread(tmp_path / "enhanced.dcm").PerFrameFunctionalGroupsSequence
    fresh = pydcm.dcmread(tmp_path / "enhanced.dcm").PerFrameFunctionalGroupsSequence
    built = FileSet()
    for number in range(3):
        built.add(own(f"1.2.3.{number}"))
    built.write(tmp_path / "media")
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as pool:
        sums = list(pool.map(partial(_frame_sum, rle), range(frames)))
        positions = list(pool.map(_position, groups))
        found = pool.submit(_ids, built).result()
    assert sums == [_frame_sum(rle, index) for index in range(frames)]
    assert len(set(sums)) == frames
    assert positions == [_position(item) for item in fresh]
    assert found == _ids(built)


def test_a_worker_says_that_the_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(256))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        ds = pydcm.dcmread(path)
        assert pool.submit(_look, ds).result() == str(256 * 256 * 2)
        path.write_bytes(objects.ct(128))
        answer = pool.submit(_look, ds).result()
    assert answer.startswith("ReadError: the file changed after it was read")
    assert str(path) in answer


FORK = """
import sys
from multiprocessing import get_context
sys.path.insert(0, {root!r})
import pydcm
from tests.parallel.test_processes import digest

ds = pydcm.dcmread({path!r})
expected = digest(ds)

def work(_):
    return [digest(ds) == expected for _ in range(20)]

with get_context("fork").Pool(4) as pool:
    results = pool.map(work, range(8))
print(all(map(all, results)), digest(ds) == expected)
"""

BUSY = """
import os, sys, threading, warnings
sys.path.insert(0, {root!r})
sys.setswitchinterval(1e-6)
warnings.simplefilter("ignore")
import pydcm
from pydcm.datadict import dictionary_description

data = open({path!r}, "rb").read()
str(pydcm.dcmread(data))  # so that no thread is importing when the process forks
stop = threading.Event()

def read():
    while not stop.is_set():
        ds = pydcm.dcmread(data)
        for item in ds.PerFrameFunctionalGroupsSequence:
            item.FrameContentSequence[0].DimensionIndexValues
        dictionary_description(0x00100010)

threads = [threading.Thread(target=read) for _ in range(2)]
for thread in threads:
    thread.start()
failed = 0
for _ in range(30):
    child = os.fork()
    if child == 0:
        ds = pydcm.dcmread(data)
        good = all(len(item.FrameContentSequence) for item in ds.PerFrameFunctionalGroupsSequence)
        os._exit(0 if good and str(ds) else 1)
    failed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
stop.set()
for thread in threads:
    thread.join()
print(failed)
"""


def _run(script: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_workers_share_what_was_open(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(64))
    assert _run(FORK.format(root=str(ROOT), path=str(path))) == ["True", "True"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_that_is_forked_while_threads_read_can_read(tmp_path: Path) -> None:
    # A lock that a thread held at the moment of the fork would never be released in the child.
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(objects.enhanced_ct(4))
    assert _run(BUSY.format(root=str(ROOT), path=str(path))) == ["0"]
