"""Threads may share a data set, and settings do not leak between them."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

import pydcm
from pydcm import config, kernels, limits
from pydcm.errors import ValueRepresentationError
from pydcm.fileset import FileSet
from pydcm.pixels import pixel_array
from tests.fileset.making import own
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


def test_every_kind_of_look_at_one_data_set_at_once(tmp_path: Path) -> None:
    path = tmp_path / "enhanced.dcm"
    path.write_bytes(SHARED["enhanced"])
    alone = pydcm.dcmread(path)
    expected = [
        _everything(alone),
        str(alone),
        alone.to_json(),
        [str(item.FrameContentSequence[0]) for item in alone.PerFrameFunctionalGroupsSequence],
        pixel_array(alone, index=3).tolist(),
        pickle.dumps(pydcm.dcmread(path)),
        [alone[tag].VR for tag in reversed(list(alone.keys()))],
    ]

    def look(ds: pydcm.Dataset, number: int) -> object:
        looks: list[Callable[[], object]] = [
            lambda: _everything(ds),
            lambda: str(ds),
            ds.to_json,
            lambda: [str(i.FrameContentSequence[0]) for i in ds.PerFrameFunctionalGroupsSequence],
            lambda: pixel_array(ds, index=3).tolist(),
            lambda: pickle.dumps(pickle.loads(pickle.dumps(ds))),
            lambda: [ds[tag].VR for tag in reversed(list(ds.keys()))],
        ]
        return looks[number % len(looks)]()

    for _ in range(5):
        found = _together(partial(look, pydcm.dcmread(path)))
        for number, seen in enumerate(found):
            kind = number % len(expected)
            if kind == 5:
                assert isinstance(seen, bytes)
                assert pickle.loads(seen) == alone
            else:
                assert seen == expected[kind]


def test_limits_and_kernels_of_one_thread_do_not_leak() -> None:
    inside, done = threading.Event(), threading.Event()

    def narrow() -> tuple[int, str]:
        with limits.using(max_depth=3), kernels.using("reference"):
            inside.set()
            done.wait(timeout=30)
            return limits.current().max_depth, kernel.chosen()

    kernel = kernels.kernels()["items.scan_items"]
    before = limits.current().max_depth, kernel.chosen()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(narrow)
        assert inside.wait(timeout=30)
        here = limits.current().max_depth, kernel.chosen()
        done.set()
        assert other.result(timeout=30) == (3, "reference")
    assert here == before
    assert here[0] != 3


def test_each_thread_reads_as_strictly_as_it_says() -> None:
    broken = pydcm.Dataset()
    with config.disable_value_validation():
        broken.SliceThickness = "1.23456789012345678"  # PS3.5 6.2: at most 16 characters
    stream = BytesIO()
    pydcm.dcmwrite(stream, broken, implicit_vr=False, little_endian=True)

    def read(number: int) -> str:
        mode = (config.IGNORE, config.RAISE)[number % 2]
        with config.validation(reading=mode):
            ds = pydcm.dcmread(stream.getvalue(), force=True)
            try:
                return f"{ds.SliceThickness:.2f}"
            except ValueRepresentationError:
                return "refused"

    assert _together(read) == ["1.23", "refused"] * (THREADS // 2)


def test_threads_look_at_one_file_set(tmp_path: Path) -> None:
    built = FileSet()
    for number in range(40):
        built.add(own(f"1.2.3.{number}", InstanceNumber=number, SeriesNumber=number % 3))
    built.write(tmp_path)

    def look(fs: FileSet, number: int) -> list[str]:
        if number % 2:
            return sorted(f"{i.SOPInstanceUID} {i.InstanceNumber} {i.Modality}" for i in fs)
        found = [fs.find(InstanceNumber=k)[0].load() for k in range(40)]
        return sorted(f"{ds.SOPInstanceUID} {ds.InstanceNumber} {ds.Modality}" for ds in found)

    for _ in range(3):
        seen = _together(partial(look, FileSet(tmp_path / "DICOMDIR")))
        assert all(one == seen[0] for one in seen)
        assert len(seen[0]) == 40


CODES = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
sys.setswitchinterval(1e-6)
import pydcm
from pydcm.datadict import dictionary_description, private_dictionary_description
from pydcm.sr import codes

barrier = threading.Barrier(8)

def look(_):
    barrier.wait(30)
    return (
        codes.SCT.Liver, codes.cid7151.dir("liver"), codes.UCUM.Millimeter,
        dictionary_description(0x00100010), pydcm.UID("1.2.840.10008.1.2.5").name,
        private_dictionary_description(0x00291008, "SIEMENS CSA HEADER"),
    )

with ThreadPoolExecutor(8) as pool:
    seen = list(pool.map(look, range(8)))
print(len({repr(one) for one in seen}), seen[0][0].meaning)
"""


def test_threads_need_a_table_for_the_first_time() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODES], cwd=ROOT,
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["1", "Liver"]
