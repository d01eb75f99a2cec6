"""Files are found wherever they are, each once, and read no further than needed."""

from __future__ import annotations

import os
import pickle
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pydcm import FileSet, dcmread, examples, limits, load_series
from pydcm.errors import (
    BackendError,
    InvalidDicomError,
    LimitError,
    PydcmError,
    ReadError,
    UnsafePathError,
)
from pydcm.examples import write_ct_series
from pydcm.pixels import decode
from pydcm.progress import Cancelled, Step
from pydcm.volume.files import list_files, read
from pydcm.volume.files.archive import MemberSource
from tests.shared import CORPUS, needs_corpus


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    write_ct_series(folder, slices=5, size=32)
    return folder


@pytest.fixture
def zipped(series: Path, tmp_path: Path) -> Path:
    """The series in an archive, the even slices deflated and the odd ones stored."""
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes/", b"")
        for number, file in enumerate(sorted(series.iterdir())):
            method = zipfile.ZIP_STORED if number % 2 else zipfile.ZIP_DEFLATED
            archive.write(file, f"a/{file.name}", method)
    return path


def names_of(found: Iterable[str]) -> list[str]:
    assert isinstance(found, (list, tuple)) or hasattr(found, "names")
    return [os.path.basename(name) for name in found]


# ---- folders and lists -----------------------------------------------------


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    for name in ("b/2", "b/1.dcm", "a/c/3", "0", "z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert [os.path.relpath(name, tmp_path) for name in list_files(tmp_path)] == [
        "0", "z", os.path.join("a", "c", "3"), os.path.join("b", "1.dcm"), os.path.join("b", "2"),
    ]  # fmt: skip
    assert names_of(list_files(tmp_path, recursive=False)) == ["0", "z"]
    assert names_of(list_files(tmp_path, pattern="*.dcm")) == ["1.dcm"]
    assert names_of(list_files(tmp_path / "b" / "2", pattern="*.dcm")) == ["2"]


def test_what_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        list_files(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        list_files([tmp_path, tmp_path / "absent"])
    assert list(list_files(tmp_path)) == []
    assert list(list_files([])) == []


def test_links_are_followed_once(series: Path, tmp_path: Path) -> None:
    os.symlink(series, tmp_path / "linked")
    os.symlink(tmp_path, tmp_path / "loop")
    os.symlink(series, tmp_path / "linked again")
    os.symlink(tmp_path / "nothing", tmp_path / "dangling")
    found = list_files(tmp_path)
    assert len(found) == 5
    reasons = {os.path.basename(left.path): left.reason for left in found.left_out}
    assert set(reasons) == {"loop", "linked again", "dangling"}
    assert "once more" in reasons["loop"]
    assert "No such file" in reasons["dangling"]


def test_a_file_is_listed_once(series: Path, tmp_path: Path) -> None:
    first, second, *_ = sorted(series.iterdir())
    os.link(shutil.copy(first, tmp_path / "a"), tmp_path / "b")
    os.symlink("a", tmp_path / "c")
    found = list_files([tmp_path, second, second])
    assert names_of(found) == ["a", second.name]
    assert [os.path.basename(left.path) for left in found.left_out] == ["b", "c", second.name]
    assert str(tmp_path / "a") in found.left_out[0].reason


def test_a_folder_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "1").write_bytes(b"")
    (tmp_path / "2").write_bytes(b"")
    (tmp_path / "closed").chmod(0)
    try:
        if os.access(tmp_path / "closed", os.R_OK):
            pytest.skip("this user may read everything")
        found = list_files(tmp_path)
        assert names_of(found) == ["2"]
        assert "Permission denied" in found.left_out[0].reason
        with pytest.raises(PermissionError):
            list_files(tmp_path / "closed")
    finally:
        (tmp_path / "closed").chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_a_folder_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found = list_files(tmp_path)
    assert list(found) == []
    assert found.left_out[0].reason == "it is no regular file"


def test_listing_tells_its_progress_and_can_be_cancelled(series: Path) -> None:
    steps: list[Step] = []
    list_files(series, progress=steps.append)
    assert [step.done for step in steps] == [0, 1, 2, 3, 4, 5]

    def stop(step: Step) -> None:
        if step.done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        list_files(series, progress=stop)


# ---- media -----------------------------------------------------------------


@pytest.fixture
def media(series: Path, tmp_path: Path) -> Path:
    file_set = FileSet()
    for file in sorted(series.iterdir()):
        file_set.add(file)
    return Path(file_set.write(tmp_path / "media", file_set_id="TEST"))


def test_a_dicomdir_stands_for_the_files_it_references(media: Path, series: Path) -> None:
    (media.parent / "STRAY").write_bytes(b"")
    found = list_files(media)
    assert {dcmread(name).SOPInstanceUID for name in found} == {
        dcmread(file).SOPInstanceUID for file in series.iterdir()
    }
    renamed = media.rename(media.parent / "index")
    assert list(list_files(renamed)) == list(found)


def test_a_folder_of_media_is_walked_without_its_dicomdir(media: Path) -> None:
    found = list_files(media.parent)
    assert len(found) == 5
    assert [left.path for left in found.left_out] == [str(media)]


@pytest.mark.filterwarnings("ignore:.*is no valid value:UserWarning")
def test_a_dicomdir_never_leads_out_of_its_folder(media: Path) -> None:
    ds = dcmread(media)
    for record in ds.DirectoryRecordSequence:
        if "ReferencedFileID" in record:
            record.ReferencedFileID = ["..", "secret"]
    ds.save_as(media)
    with pytest.raises(UnsafePathError):
        list_files(media)


@needs_corpus
@pytest.mark.filterwarnings("ignore::UserWarning")  # its repairs are warned of
def test_real_media() -> None:
    found = list_files(CORPUS / "fileset/pydicom/DICOMDIR")
    assert found
    assert all(os.path.isfile(name) for name in found)
    assert set(found) <= set(list_files(CORPUS / "fileset/pydicom"))


# ---- archives --------------------------------------------------------------


def test_members_of_an_archive_are_read_in_place(zipped: Path, series: Path) -> None:
    found = list_files(zipped)
    files = sorted(series.iterdir())
    assert list(found) == [f"{zipped}!/a/{file.name}" for file in files]
    for name, file in zip(found, files, strict=True):
        inside, outside = read(name), dcmread(file)
        assert inside.filename == name
        np.testing.assert_array_equal(decode(inside), decode(outside))
        copy = pickle.loads(pickle.dumps(read(name)))
        np.testing.assert_array_equal(decode(copy), decode(outside))
    assert list(list_files([found[0], found[0]])) == [found[0]]
    assert "PixelData" not in read(found[0], stop_before_pixels=True)


def test_archives_in_folders_are_opened_on_request(zipped: Path) -> None:
    zipped.rename(zipped.parent / "renamed")
    (zipped.parent / "broken.zip").write_bytes(b"PK\5\6")
    assert len(list_files(zipped.parent)) == 2
    found = list_files(zipped.parent, archives=True)
    assert len(found) == 5
    assert "cannot be opened" in found.left_out[0].reason
    assert len(list_files(zipped.parent / "renamed", pattern="*[13]*")) == 2
    assert len(list_files(zipped.parent / "renamed", recursive=False)) == 0


def test_only_the_beginning_is_decompressed_for_a_header(tmp_path: Path) -> None:
    ds = dcmread(examples.get_path("ct"))
    ds.Rows, ds.Columns = 2048, 2048
    ds.PixelData = np.random.default_rng(1).integers(0, 255, 2 * 2048 * 2048, np.uint8).tobytes()
    ds.save_as(tmp_path / "large")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "large", "large")
    source = MemberSource(str(tmp_path / "a.zip"), "large")
    source.read(0, 1 << 15)
    assert len(source._kept) == 1 << 16
    header = read(f"{tmp_path / 'a.zip'}!/large")
    assert len(pickle.dumps(header)) < 1 << 17
    np.testing.assert_array_equal(decode(header), decode(ds))
    source.read(1 << 20, 100)
    assert len(source._kept) == source.size
    source.read(source.size - 100, 100)
    assert source._kept == b""


def test_names_in_archives_are_not_trusted(tmp_path: Path, series: Path) -> None:
    path = tmp_path / "a.zip"
    names = ["../up", "/abs", "a/../../b", "C:\\x", "a\\..\\b", "ok", "."]
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, min(series.iterdir()).read_bytes())
    found = list_files(path)
    assert list(found) == [f"{path}!/ok"]
    assert len(found.left_out) == len(names) - 1
    assert {left.reason for left in found.left_out} == {
        "its name is none of a file inside the archive"
    }
    with pytest.raises(ReadError):
        read(f"{path}!/../up")
    assert os.listdir(tmp_path) == ["a.zip"]


def test_members_that_cannot_be_read_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bzip2", b"text", zipfile.ZIP_BZIP2)
        archive.writestr("twice", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("twice", b"2")
        archive.writestr("secret", b"text")
    raw = bytearray(path.read_bytes())
    central = raw.rindex(b"PK\1\2")
    raw[central + 8] |= 1  # the flag of encryption
    path.write_bytes(raw)
    reasons = {left.path.rpartition("/")[2]: left.reason for left in list_files(path).left_out}
    assert set(reasons) == {"bzip2", "twice", "secret"}
    assert reasons["secret"] == "it is encrypted"
    with pytest.raises(FileNotFoundError):
        read(f"{path}!/absent")


def test_a_member_that_is_not_what_it_declares_is_refused(tmp_path: Path) -> None:
    content = bytes(100_000) + b"end"

    def lying(declared: int, crc: int) -> str:
        path = tmp_path / "lying.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("m", content)
        raw = bytearray(path.read_bytes())
        central = raw.rindex(b"PK\1\2")
        struct.pack_into("<L", raw, central + 16, crc)
        struct.pack_into("<L", raw, central + 24, declared)
        path.write_bytes(raw)
        return str(path)

    crc = zlib.crc32(content)
    honest = MemberSource(lying(len(content), crc), "m")
    assert honest.read(0, len(content)) == content
    for declared, sum_ in ((len(content) - 1, crc), (len(content), 1), (len(content) + 1, crc)):
        source = MemberSource(lying(declared, sum_), "m")
        with pytest.raises(ReadError):
            source.read(0, declared)


def test_an_archive_that_inflates_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m", bytes(1 << 20))
    with limits.using(max_inflated_bytes=1 << 19), pytest.raises(LimitError):
        read(f"{path}!/m")
    with (
        limits.using(expansion_floor_bytes=1 << 10, max_expansion_ratio=100),
        pytest.raises(LimitError, match="max_expansion_ratio"),
    ):
        read(f"{path}!/m")
    other = shutil.copy(path, tmp_path / "other.zip")
    with limits.using(max_elements=0), pytest.raises(LimitError):
        list_files(other)


def test_broken_archives_raise_nothing_unforeseen(zipped: Path) -> None:
    sound = zipped.read_bytes()
    random = np.random.default_rng(6)
    for _ in range(150):
        raw = bytearray(sound[: random.integers(30, len(sound) + 1)])
        for place in random.integers(0, len(raw), 8):
            raw[place] = random.integers(256)
        raw[:2] = b"PK"
        zipped.write_bytes(raw)
        try:
            for name in list_files(zipped):
                read(name)
        except (PydcmError, OSError):
            continue


def test_a_plain_path_with_the_mark_of_members_is_a_path(series: Path, tmp_path: Path) -> None:
    (tmp_path / "odd!").mkdir()
    shutil.copy(min(series.iterdir()), tmp_path / "odd!" / "1")
    (name,) = list_files(tmp_path)
    assert read(name).Modality == "CT"


def test_no_dicom(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("text", b"no DICOM")
    with pytest.raises(InvalidDicomError, match="text"):
        read(f"{path}!/text")


def test_volumes_load_from_archives_and_media(zipped: Path, media: Path, series: Path) -> None:
    expected = load_series(series)
    for place in (zipped, media):
        volume = load_series(place)
        np.testing.assert_array_equal(volume.pixels, expected.pixels)
        np.testing.assert_array_equal(volume.affine, expected.affine)
    assert {source.path.partition("!/")[0] for source in load_series(zipped).sources} == {
        str(zipped)
    }


# ---- URLs ------------------------------------------------------------------


@pytest.fixture
def memory(series: Path) -> Iterator[str]:
    """A store in memory that holds the series."""
    fsspec = pytest.importorskip("fsspec", reason="URLs are read through fsspec (extra remote)")
    store = fsspec.filesystem("memory")
    for file in series.iterdir():
        store.pipe_file(f"/bucket/ct/{file.name}", file.read_bytes())
    store.pipe_file("/bucket/DICOMDIR", b"")
    yield "memory://bucket"
    store.rm("/bucket", recursive=True)


def test_urls_are_listed_and_read(memory: str, series: Path) -> None:
    found = list_files(memory)
    files = sorted(series.iterdir())
    assert names_of(found) == [file.name for file in files]
    assert [os.path.basename(left.path) for left in found.left_out] == ["DICOMDIR"]
    for name, file in zip(found, files, strict=True):
        np.testing.assert_array_equal(decode(read(name)), decode(dcmread(file)))
        copy = pickle.loads(pickle.dumps(read(name)))
        np.testing.assert_array_equal(decode(copy), decode(dcmread(file)))
    assert len(list_files(memory, pattern="*3*")) == 1
    assert len(list_files(memory, recursive=False)) == 0
    assert list(list_files([found[0], found[0]])) == [found[0]]


def test_urls_inside_urls(zipped: Path, memory: str) -> None:
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe_file("/bucket/study.zip", zipped.read_bytes())
    found = list_files(f"zip://::{memory}/study.zip")
    assert len(found) == 5
    assert {read(name).Modality for name in found} == {"CT"}


def test_only_the_header_is_fetched(tmp_path: Path, memory: str) -> None:
    fsspec = pytest.importorskip("fsspec")

    class Counting(type(fsspec.filesystem("memory"))):  # type: ignore[misc]  # a base known only here
        """Counts what is fetched."""

        protocol = "counting"
        fetched = requests = 0

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            return str(super()._strip_protocol(path.replace("counting:", "memory:")))

        def cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
            data: bytes = super().cat_file(path, start, end)
            type(self).fetched += len(data)
            type(self).requests += 1
            return data

    fsspec.register_implementation("counting", Counting, clobber=True)
    ds = dcmread(examples.get_path("ct"))
    ds.Rows, ds.Columns = 1024, 1024
    ds.PixelData = bytes(2 * 1024 * 1024)
    ds.save_as(tmp_path / "large")
    fsspec.filesystem("memory").pipe_file("/bucket/large", (tmp_path / "large").read_bytes())
    remote = read("counting://bucket/large")
    assert remote.PatientID == ds.PatientID
    assert Counting.fetched == 1 << 16
    np.testing.assert_array_equal(decode(remote), decode(ds))
    assert Counting.fetched < (2 << 20) + (1 << 18)
    assert Counting.requests <= 5
    assert len(pickle.dumps(remote)) < 1 << 17


def test_volumes_load_from_urls(memory: str, series: Path) -> None:
    np.testing.assert_array_equal(load_series(memory).pixels, load_series(series).pixels)


def test_url_faults_are_errors_of_pydcm(memory: str) -> None:
    with pytest.raises(FileNotFoundError):
        list_files(f"{memory}/absent")
    with pytest.raises(FileNotFoundError):
        read(f"{memory}/absent")
    with pytest.raises(ReadError, match="unheardof"):
        list_files("unheardof://bucket")


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(BackendError, match=r"pydcm\[remote\]"):
        list_files("memory://bucket")
