"""Reading bytes by offset: from memory, and from files that come, go and change."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import pydcm
from pydcm import limits
from pydcm.errors import LimitError, ReadError, TruncatedError
from pydcm.source import Extent, FileSource, MemoryPart, MemorySource
from tests.shared import ROOT
from tests.synthetic import objects

posix = pytest.mark.skipif(os.name == "nt", reason="an open file cannot be moved or removed there")
has_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="open descriptors are counted through /proc"
)
POOLED = 128
"""Descriptors that are kept open."""


def _file(folder: Path, content: bytes, name: str = "file") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def _descriptors(path: str) -> int:
    """Return how many descriptors of this process lead to a file."""
    here = os.stat(path)
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            there = os.stat(f"/proc/self/fd/{name}")
        except OSError:
            continue
        count += (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
    return count


# --- reading -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_reading_by_offset(kind: str, tmp_path: Path) -> None:
    content = bytes(range(200))
    path = _file(tmp_path, content)
    source = MemorySource(content, path) if kind == "memory" else FileSource(path)
    assert (source.size, source.path) == (200, path)
    assert source.read(0, 200) == content
    assert source.read(100, 3) == b"\x64\x65\x66"
    assert source.read(7, 1) == b"\x07"
    assert source.read(200, 0) == b""
    assert source.read(0, 0) == b""
    target = bytearray(b"-" * 9)
    source.read_into(100, memoryview(target)[2:5])
    source.read_into(200, memoryview(target)[:0])
    assert target == b"--\x64\x65\x66----"


@pytest.mark.parametrize("kind", ["memory", "file"])
@pytest.mark.parametrize(("offset", "count"), [(0, 201), (199, 2), (200, 1), (5000, 1)])
def test_reading_past_the_end(kind: str, offset: int, count: int, tmp_path: Path) -> None:
    path = _file(tmp_path, bytes(200))
    source = MemorySource(bytes(200), path) if kind == "memory" else FileSource(path)
    with pytest.raises(TruncatedError, match=f"{count} bytes are needed") as caught:
        source.read(offset, count)
    assert caught.value.path == path
    assert caught.value.offset == offset
    with pytest.raises(TruncatedError, match=f"{count} bytes are needed") as caught:
        source.read_into(offset, memoryview(bytearray(count)))
    assert caught.value.path == path
    assert caught.value.offset == offset


@pytest.mark.parametrize(("offset", "count"), [(-1, 1), (-5, 10), (0, -1)])
def test_a_negative_offset_or_count_reads_nothing(offset: int, count: int, tmp_path: Path) -> None:
    with pytest.raises(TruncatedError):
        FileSource(_file(tmp_path, bytes(20))).read(offset, count)


def test_an_extent_reads_its_value() -> None:
    extent = Extent(MemorySource(b"abcdef"), 2, 3)
    assert extent.read() == b"cde"
    assert (extent.undefined, extent.little_endian) == (False, True)


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing here"):
        FileSource(str(tmp_path / "nothing here"))
    with pytest.raises(IsADirectoryError) as caught:
        FileSource(str(tmp_path))
    assert caught.value.filename == str(tmp_path)


def test_a_sparse_file_of_more_than_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    size = (5 << 30) + 10
    with path.open("wb") as file:
        file.seek(size - 4)
        file.write(b"last")
    source = FileSource(str(path))
    assert source.size == size
    assert source.read(size - 6, 6) == b"\0\0last"


# --- the file changes -----------------------------------------------------------


@posix
@pytest.mark.parametrize("event", ["removed", "renamed", "replaced"])
def test_the_content_is_kept_while_the_descriptor_is(event: str, tmp_path: Path) -> None:
    path = _file(tmp_path, b"old content")
    source = FileSource(path)
    if event == "removed":
        os.remove(path)
    elif event == "renamed":
        os.rename(path, path + "2")
    else:
        os.replace(_file(tmp_path, b"new content", "other"), path)
    assert source.read(0, 11) == b"old content"


def _evict(folder: Path) -> list[FileSource]:
    """Push everything else out of the pool; what is returned has to be kept."""
    return [FileSource(_file(folder, b"x", f"other{k}")) for k in range(POOLED)]


@posix
def test_a_file_that_left_the_pool_is_opened_again(tmp_path: Path) -> None:
    source = FileSource(_file(tmp_path, b"content"))
    others = _evict(tmp_path)
    assert source.read(0, 7) == b"content"
    assert all(other.read(0, 1) == b"x" for other in others)
    assert source.read(3, 4) == b"tent"


@posix
def test_a_file_that_left_the_pool_and_was_removed(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    source = FileSource(path)
    others = _evict(tmp_path)
    os.remove(path)
    with pytest.raises(ReadError, match="removed after it was read") as caught:
        source.read(0, 7)
    assert caught.value.path == path
    assert len(others) == POOLED


@posix
@pytest.mark.parametrize("event", ["replaced", "longer", "touched"])
def test_a_file_that_left_the_pool_and_changed(event: str, tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    source = FileSource(path)
    others = _evict(tmp_path)
    if event == "replaced":
        os.replace(_file(tmp_path, b"content", "other"), path)
    elif event == "longer":
        _file(tmp_path, b"content and more")
    else:
        os.utime(path, (1, 1))
    with pytest.raises(ReadError, match="changed after it was read"):
        source.read(0, 7)
    assert len(others) == POOLED


@posix
def test_a_pinned_file_stays_readable(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    source = FileSource(path)
    assert not source.pinned
    source.pin()
    source.pin()
    now: bool = source.pinned
    assert now
    os.replace(_file(tmp_path, b"another", "other"), path)
    others = _evict(tmp_path)
    assert source.read(0, 7) == b"content"
    assert FileSource(path).read(0, 7) == b"another"
    assert len(others) == POOLED


def test_a_file_that_shrinks_while_it_is_open(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    source = FileSource(path)
    with open(path, "r+b") as file:
        file.truncate(3)
    with pytest.raises(TruncatedError):
        source.read(0, 7)
    with pytest.raises(TruncatedError):
        source.read_into(0, memoryview(bytearray(7)))
    assert source.read(0, 3) == b"con"


def test_the_time_of_change(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    os.utime(path, (1_600_000_000, 1_600_000_000))
    assert FileSource(path).modified == 1_600_000_000


# --- descriptors ------------------------------------------------------------------


@has_proc
def test_no_descriptor_is_left_behind(tmp_path: Path) -> None:
    path = _file(tmp_path, bytes(100))
    for pin in (False, True):
        source = FileSource(path)
        source.read(0, 100)
        if pin:
            source.pin()
            source.read(0, 100)
        assert _descriptors(path) == 1
        del source
        assert _descriptors(path) == 0


def _read_and_pin(source: FileSource, number: int) -> None:
    for k in range(200):
        assert len(source.read(k, 1000 + number)) == 1000 + number
        if k == 150 and number == 3:
            source.pin()


@has_proc
def test_threads_leave_no_descriptor_behind(tmp_path: Path) -> None:
    path = _file(tmp_path, bytes(1 << 16))
    source = FileSource(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(partial(_read_and_pin, source), range(8)))
    assert 1 <= _descriptors(path) <= 2  # the pinned one, and one that is kept in the pool
    del source
    assert _descriptors(path) == 0


@has_proc
def test_the_pool_is_bounded(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    sources = [FileSource(_file(tmp_path, b"x", str(k))) for k in range(POOLED + 50)]
    assert len(os.listdir("/proc/self/fd")) <= before + POOLED
    assert all(source.read(0, 1) == b"x" for source in sources)


def test_a_new_source_never_reads_the_file_of_an_old_one(tmp_path: Path) -> None:
    # Sources often get the address of one that is gone.
    paths = [_file(tmp_path, str(k).encode(), str(k)) for k in range(10)]
    for round_ in range(20):
        source = FileSource(paths[round_ % 10])
        if round_ % 3 == 0:
            source.pin()
        assert source.read(0, 1) == str(round_ % 10).encode()
        del source


@posix
def test_threads_read_a_file_that_was_removed(tmp_path: Path) -> None:
    content = os.urandom(1 << 20)
    path = _file(tmp_path, content)
    source = FileSource(path)
    os.remove(path)
    barrier = threading.Barrier(8)

    def work(number: int) -> bool:
        barrier.wait(timeout=30)
        return all(
            source.read(k * 1000 + number, 50_000) == content[k * 1000 + number :][:50_000]
            for k in range(100)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


# --- other processes ---------------------------------------------------------------


def test_pickling_leads_to_the_same_file(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    copied = pickle.loads(pickle.dumps(FileSource(path)))
    assert (copied.size, copied.path, copied.read(0, 7)) == (7, path, b"content")
    assert pickle.loads(pickle.dumps(MemorySource(b"content"))).read(1, 3) == b"ont"


def test_a_pickle_of_a_file_that_changed_since(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    frozen = pickle.dumps(FileSource(path))
    _file(tmp_path, b"other content")
    with pytest.raises(ReadError, match="changed after it was read"):
        pickle.loads(frozen).read(0, 7)


@posix
@pytest.mark.parametrize("event", ["removed", "replaced", "pinned"])
def test_a_pickle_of_a_file_whose_path_leads_elsewhere_is_its_content(
    event: str, tmp_path: Path
) -> None:
    path = _file(tmp_path, b"content")
    source = FileSource(path)
    if event == "pinned":
        source.pin()
    if event == "removed":
        os.remove(path)
    else:
        os.replace(_file(tmp_path, b"another", "other"), path)
    again = pickle.loads(pickle.dumps(source))
    assert (again.size, again.path, again.read(2, 5)) == (7, path, b"ntent")
    with limits.using(max_value_bytes=6), pytest.raises(LimitError):
        pickle.dumps(source)


def test_a_pickle_of_a_file_that_somebody_wrote_to_is_no_content(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    source = FileSource(path)
    with open(path, "r+b") as file:
        file.write(b"CONTENT IS ANOTHER NOW")
    with pytest.raises(ReadError, match="changed after it was read"):
        pickle.loads(pickle.dumps(source)).read(0, 7)


@posix
def test_a_pickle_of_a_file_that_is_gone_for_good(tmp_path: Path) -> None:
    path = _file(tmp_path, b"content")
    source = FileSource(path)
    others = _evict(tmp_path)
    os.remove(path)
    with pytest.raises(ReadError, match="removed after it was read"):
        pickle.loads(pickle.dumps(source)).read(0, 7)
    assert len(others) == POOLED


def test_a_pickle_leads_to_the_file_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _file(tmp_path, b"content")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    packed = pickle.dumps(FileSource("file"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert pickle.loads(packed).read(0, 7) == b"content"


def test_a_pickle_leads_to_a_copy_with_the_same_time(tmp_path: Path) -> None:
    # Another machine has files of the same names on devices of its own.
    path = _file(tmp_path, b"content")
    packed = pickle.dumps(FileSource(path))
    state = os.stat(path)
    os.replace(_file(tmp_path, b"content", "copy"), path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert pickle.loads(packed).read(0, 7) == b"content"


def test_a_part_of_a_memory_has_the_offsets_of_the_whole() -> None:
    part = pickle.loads(pickle.dumps(MemoryPart(b"cdef", 2, "whole")))
    assert (part.size, part.path) == (6, "whole")
    assert part.read(3, 2) == b"de"
    target = bytearray(2)
    part.read_into(4, memoryview(target))
    assert target == b"ef"
    for offset, count in ((1, 2), (5, 2), (0, 1)):
        with pytest.raises(TruncatedError):
            part.read(offset, count)


FORK = """
import os, sys, threading
import pydcm
from pydcm import source

path = sys.argv[1]
ds = pydcm.dcmread(path)
lock = source._pool._lock
held, done = threading.Event(), threading.Event()

def hold():
    with lock:
        held.set()
        done.wait(30)

thread = threading.Thread(target=hold)
thread.start()
held.wait(30)
child = os.fork()
if child == 0:
    os._exit(0 if len(ds.PixelData) == 512 * 512 * 2 else 1)
done.set()
thread.join()
_, status = os.waitpid(child, 0)
assert len(ds.PixelData) == 512 * 512 * 2
print(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_reads_although_another_thread_held_the_lock(tmp_path: Path) -> None:
    path = _file(tmp_path, objects.ct(512))
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK, path],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["0"]


# --- data sets ------------------------------------------------------------------------


@posix
def test_deferred_pixels_of_a_file_that_left_the_pool(tmp_path: Path) -> None:
    path = _file(tmp_path, objects.ct(256))
    ds = pydcm.dcmread(path)
    others = _evict(tmp_path)
    assert ds.PixelData == pydcm.dcmread(objects.ct(256)).PixelData
    assert len(others) == POOLED


@posix
def test_deferred_pixels_of_a_file_that_changed(tmp_path: Path) -> None:
    path = _file(tmp_path, objects.ct(256))
    ds = pydcm.dcmread(path)
    others = _evict(tmp_path)
    _file(tmp_path, objects.ct(128))
    with pytest.raises(ReadError, match="changed after it was read"):
        _ = ds.PixelData
    assert ds.Rows == 256  # what was read with the headers is still there
    assert len(others) == POOLED


def test_a_view_copies_nothing() -> None:
    data = bytes(range(10))
    for source in (MemorySource(data), MemoryPart(data[4:], 4)):
        assert source.view(5, 3) == source.read(5, 3) == b"\5\6\7"
        with pytest.raises(TruncatedError, match="3 bytes are needed"):
            source.view(8, 3)
    assert MemorySource(data).view(2, 4).obj is data
    with pytest.raises(TruncatedError):
        MemoryPart(data[4:], 4).view(3, 2)
