"""Where a file is written to: it appears whole or not at all."""

from __future__ import annotations

import io
import os
import stat
import threading
from pathlib import Path

import pytest

import pydcm
from pydcm.errors import PydcmError
from tests.synthetic import objects

OLD = objects.every_vr()
NEW = objects.ct(128)
posix = pytest.mark.skipif(os.name == "nt", reason="it is about files as POSIX has them")
not_root = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anything"
)


def _listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def ds() -> pydcm.FileDataset:
    return pydcm.dcmread(NEW)


# --- targets ---------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, Path])
def test_paths(kind: type[str], ds: pydcm.FileDataset, tmp_path: Path) -> None:
    pydcm.dcmwrite(kind(str(tmp_path / "file")), ds)
    assert _listing(tmp_path) == {"file": NEW}


@pytest.mark.parametrize("buffering", [-1, 0])
def test_open_files(buffering: int, ds: pydcm.FileDataset, tmp_path: Path) -> None:
    with open(tmp_path / "file", "wb", buffering=buffering) as file:
        file.write(b"before")
        pydcm.dcmwrite(file, ds)
        assert not file.closed
    assert _listing(tmp_path) == {"file": b"before" + NEW}


def test_streams_that_cannot_be_sought(ds: pydcm.FileDataset) -> None:
    read, write = os.pipe()
    found: list[bytes] = []

    def drain() -> None:
        with open(read, "rb") as stream:
            found.append(stream.read())

    thread = threading.Thread(target=drain)
    thread.start()
    with open(write, "wb") as stream:
        pydcm.dcmwrite(stream, ds)
    thread.join()
    assert found == [NEW]


def test_the_least_of_a_stream(ds: pydcm.FileDataset) -> None:
    class Sink:
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def write(self, data: bytes) -> int:
            self.parts.append(data)
            return len(data)

    sink = Sink()
    pydcm.dcmwrite(sink, ds)  # type: ignore[arg-type]  # it has write() alone
    assert b"".join(sink.parts) == NEW


@posix
def test_a_device_is_written_to_and_not_replaced(ds: pydcm.FileDataset) -> None:
    pydcm.dcmwrite("/dev/null", ds)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@posix
def test_a_named_pipe_is_written_to(ds: pydcm.FileDataset, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(path.read_bytes()))
    thread.start()
    pydcm.dcmwrite(path, ds)
    thread.join()
    assert found == [NEW]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_folder_is_no_target(ds: pydcm.FileDataset, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        pydcm.dcmwrite(tmp_path / "folder", ds)
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_a_folder_that_is_not_there(ds: pydcm.FileDataset, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pydcm.dcmwrite(tmp_path / "nowhere" / "file", ds)
    assert list(tmp_path.iterdir()) == []


# --- files that are there --------------------------------------------------


def test_a_file_is_replaced(ds: pydcm.FileDataset, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    with path.open("rb") as reader:
        pydcm.dcmwrite(path, ds)
        if os.name != "nt":
            assert reader.read() == OLD  # who reads it now goes on reading the old one
    assert _listing(tmp_path) == {"file": NEW}


@pytest.mark.parametrize("there", ["file", "link", "dangling link"])
def test_overwrite_may_be_refused(there: str, ds: pydcm.FileDataset, tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    if there == "file":
        path.write_bytes(OLD)
    else:
        if there == "link":
            other.write_bytes(OLD)
        path.symlink_to(other)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(FileExistsError) as caught:
        pydcm.dcmwrite(path, ds, overwrite=False)
    assert caught.value.filename == str(path)
    assert sorted(os.listdir(tmp_path)) == before
    assert there == "dangling link" or path.read_bytes() == OLD


def test_what_is_not_there_is_no_reason_to_refuse(ds: pydcm.FileDataset, tmp_path: Path) -> None:
    pydcm.dcmwrite(tmp_path / "file", ds, overwrite=False)
    assert _listing(tmp_path) == {"file": NEW}


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_permissions_stay(mode: int, ds: pydcm.FileDataset, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    path.chmod(mode)
    pydcm.dcmwrite(path, ds)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_permissions_of_a_new_file(mask: int, ds: pydcm.FileDataset, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        pydcm.dcmwrite(tmp_path / "file", ds)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~mask


@posix
@not_root
def test_a_file_that_may_not_be_written(ds: pydcm.FileDataset, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        pydcm.dcmwrite(path, ds)
    assert _listing(tmp_path) == {"file": OLD}


@posix
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_a_link_stays_one(
    relative: bool, there: bool, ds: pydcm.FileDataset, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    target, link = folder / "target", tmp_path / "link"
    if there:
        target.write_bytes(OLD)
    link.symlink_to("folder/target" if relative else target)
    pydcm.dcmwrite(link, ds)
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert sorted(os.listdir(folder)) == ["target"]


@posix
def test_a_long_name(ds: pydcm.FileDataset, tmp_path: Path) -> None:
    name = "x" * 255
    pydcm.dcmwrite(tmp_path / name, ds)
    assert _listing(tmp_path) == {name: NEW}


# --- writes that fail ------------------------------------------------------


class Failing(io.BytesIO):
    """Takes some bytes, then fails."""

    def write(self, data: object, /) -> int:
        raise OSError(28, "no space left")


def test_a_stream_that_fails(ds: pydcm.FileDataset) -> None:
    with pytest.raises(OSError, match="no space left"):
        pydcm.dcmwrite(Failing(), ds)


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("failure", ["value", "source", "interrupt"])
def test_a_failure_leaves_no_trace(failure: str, there: bool, tmp_path: Path) -> None:
    folder, target = tmp_path / "folder", tmp_path / "folder" / "file"
    folder.mkdir()
    if there:
        target.write_bytes(OLD)
    source = tmp_path / "source"
    source.write_bytes(objects.ct(512))
    ds = pydcm.dcmread(source)
    kinds: tuple[type[BaseException], ...] = (PydcmError,)
    if failure == "value":
        with pydcm.config.validation(writing=pydcm.config.IGNORE):
            ds.Columns = 70_000
    elif failure == "source":
        with source.open("r+b") as file:
            file.truncate(100_000)
    else:
        ds.add_new(0x00420011, "OB", Interrupting(b"abcd"))
        kinds = (KeyboardInterrupt,)
    with pytest.raises(kinds):
        pydcm.dcmwrite(target, ds)
    assert _listing(folder) == ({"file": OLD} if there else {})


class Interrupting(io.BytesIO):
    """Is interrupted while it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise KeyboardInterrupt


# --- a file over itself ----------------------------------------------------


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(objects.ct(256))
    return path


def test_a_file_over_itself(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    ds = pydcm.dcmread(source)
    for _ in range(3):
        ds.save_as(source)
        assert source.read_bytes() == before
    assert list(tmp_path.iterdir()) == [source]


def test_its_pixels_are_still_there_after_it_was_replaced(source: Path) -> None:
    pixels = pydcm.dcmread(source.read_bytes()).PixelData
    ds = pydcm.dcmread(source)
    ds.PatientID = "4711"
    ds.save_as(source)
    others = [pydcm.dcmread(objects.ct(8)) for _ in range(3)]
    assert ds.PixelData == pixels
    assert pydcm.dcmread(source).PixelData == pixels
    assert len(others) == 3


@posix
def test_through_a_link(source: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(source)
    ds = pydcm.dcmread(link)
    ds.PatientID = "4711"
    ds.save_as(source)
    again = pydcm.dcmread(source)
    assert again.PatientID == "4711"
    assert again.PixelData == ds.PixelData


def test_pixels_that_moved_to_another_data_set(source: Path, tmp_path: Path) -> None:
    pixels = pydcm.dcmread(source.read_bytes()).PixelData
    old = pydcm.dcmread(source)
    new = pydcm.dcmread(OLD)
    new["PixelData"] = old["PixelData"]
    new.save_as(source)
    assert pydcm.dcmread(source).PixelData == pixels
    assert old.PixelData == pixels
    assert list(tmp_path.iterdir()) == [source]


def test_a_data_set_whose_file_was_replaced_is_pickled_with_its_values(source: Path) -> None:
    import pickle

    pixels = pydcm.dcmread(source).PixelData
    ds = pydcm.dcmread(source)
    ds.PatientID = "4711"
    ds.save_as(source)
    packed = pickle.dumps(ds)
    source.unlink()
    again = pickle.loads(packed)
    assert (again.PatientID, again.PixelData) == ("4711", pixels)


def test_many_threads_save_the_same_data_set(source: Path, tmp_path: Path) -> None:
    ds = pydcm.dcmread(source)
    expected = source.read_bytes()
    targets = [tmp_path / f"copy{k}" for k in range(8)]
    threads = [threading.Thread(target=ds.save_as, args=(target,)) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [target.read_bytes() == expected for target in targets] == [True] * 8
