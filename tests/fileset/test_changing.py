from __future__ import annotations

import copy
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pydcm import dcmread
from pydcm.fileset import FileSet
from pydcm.fileset.placing import Placement
from pydcm.uid import UID
from tests.fileset.making import content_of, files_in, media_copy, own
from tests.shared import needs_corpus


@pytest.fixture
def written(tmp_path: Path) -> FileSet:
    """Return a file-set of three files in one series."""
    fs = FileSet()
    for number in range(3):
        fs.add(own(f"1.{number + 1}", InstanceNumber=number))
    fs.write(tmp_path / "set")
    return fs


def test_instances_stay_the_same_objects(tmp_path: Path) -> None:
    fs = FileSet()
    instance = fs.add(own())
    assert (instance.is_staged, instance.for_addition) == (True, True)
    fs.write(tmp_path)
    assert list(fs) == [instance]
    assert not instance.is_staged
    assert instance.path == str(tmp_path / "PT000000/ST000000/SE000000/IM000000")
    assert instance.load().PatientID == "P1"


def test_adding_twice_is_adding_once(written: FileSet) -> None:
    first = next(iter(written))
    assert written.add(own("1.1")) is first
    assert (len(written), written.is_staged) == (3, False)


def test_removing_and_taking_back(written: FileSet) -> None:
    first = next(iter(written))
    written.remove(first)
    assert (len(written), first.for_removal, written.is_staged) == (2, True, True)
    assert "IMAGE: 2 SOP Instances (3 initial, 1 removal)" in str(written)
    assert "DICOMDIR update, 1 removal" in str(written)
    assert written.add(own("1.1")) is first
    assert (len(written), first.for_removal, written.is_staged) == (3, False, False)


def test_giving_up_an_addition(written: FileSet) -> None:
    added = written.add(own("1.9", PatientID="P9"))
    assert "1 addition" in str(written)
    path = added.path
    written.remove(added)
    assert not os.path.exists(path)
    assert (len(written), written.is_staged, added.is_staged) == (3, False, False)
    assert "P9" not in str(written)


def test_what_is_not_in_it_cannot_be_removed(written: FileSet) -> None:
    first = next(iter(written))
    written.remove([first])
    for wrong in (first, None, "1.2"):
        with pytest.raises(ValueError, match="no such"):
            written.remove(wrong)  # type: ignore[arg-type]  # what is refused
    written.remove([])


def test_removal_renames_the_rest(written: FileSet) -> None:
    folder = Path(str(written.path))
    second = content_of(folder)["PT000000/ST000000/SE000000/IM000001"]
    written.remove(next(iter(written)))
    written.write()
    after = content_of(folder)
    assert sorted(after) == [
        "DICOMDIR",
        "PT000000/ST000000/SE000000/IM000000",
        "PT000000/ST000000/SE000000/IM000001",
    ]
    assert after["PT000000/ST000000/SE000000/IM000000"] == second
    assert [i.load().SOPInstanceUID for i in FileSet(folder / "DICOMDIR")] == ["1.2", "1.3"]


def test_use_existing_leaves_names(written: FileSet) -> None:
    folder = Path(str(written.path))
    written.remove(next(iter(written)))
    written.write(use_existing=True)
    assert "IM000000" not in "".join(files_in(folder))
    found = FileSet(folder / "DICOMDIR")
    assert [Path(i.path).name for i in found] == ["IM000001", "IM000002"]
    assert [i.for_moving for i in found] == [True, True]
    assert "directory structure update" in str(found)
    found.add(own("1.7"))
    with pytest.raises(ValueError, match="use_existing"):
        found.write(use_existing=True)


def test_all_files_can_be_removed(written: FileSet) -> None:
    folder = Path(str(written.path))
    written.remove(list(written))
    written.write()
    assert files_in(folder) == ["DICOMDIR"]
    assert os.listdir(folder) == ["DICOMDIR"]
    assert len(FileSet(folder / "DICOMDIR")) == 0


def test_the_folder_of_an_existing_one_stays(written: FileSet, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="copy"):
        written.write(tmp_path / "other")
    with pytest.raises(ValueError, match="own folder"):
        written.copy(tmp_path / "set")


def test_a_copy_has_what_is_staged(written: FileSet, tmp_path: Path) -> None:
    before = content_of(tmp_path / "set")
    written.remove(next(iter(written)))
    written.add(own("1.9", InstanceNumber=9))
    copied = written.copy(tmp_path / "copy")
    assert [i.SOPInstanceUID for i in copied] == ["1.2", "1.3", "1.9"]
    assert (copied.UID, copied.is_staged, written.is_staged) == (written.UID, False, True)
    assert content_of(tmp_path / "set") == before


def test_a_change_of_identity_is_written(written: FileSet) -> None:
    written.ID, written.UID = "NEW", UID("1.2.77")
    assert written.is_staged
    found = FileSet(written.write())
    assert (found.ID, found.UID) == ("NEW", "1.2.77")


def test_clear_begins_anew(written: FileSet) -> None:
    uid = written.UID
    written.clear()
    assert (written.path, written.ID, len(written)) == (None, None, 0)
    assert uid != written.UID


def test_other_elements_of_the_dicomdir_stay(written: FileSet) -> None:
    ds = dcmread(str(written._descriptor_path))
    ds.add_new(0x00090010, "LO", "MAKER")
    ds.add_new(0x00091001, "LO", "kept")
    ds.save_as(ds.filename)
    found = FileSet(ds.filename)
    found.ID = "CHANGED"
    assert dcmread(found.write())[0x0009, 0x1001].value == "kept"
    assert len(FileSet(ds.filename)) == 3


# ---- failures ---------------------------------------------------------------


@pytest.mark.parametrize("step", range(12))
def test_a_failure_leaves_all_as_it_was(
    step: int, written: FileSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "set"
    before = content_of(folder)
    written.remove(next(iter(written)))
    added = written.add(own("1.9", PatientID="P9"))
    staged = Path(added.path).read_bytes()
    steps = 0
    for name in ("_bring", "_replace", "_make_folder", "write"):
        original: Callable[..., object] = getattr(Placement, name)

        def failing(
            self: Placement, *args: object, _original: Callable[..., object] = original
        ) -> object:
            nonlocal steps
            steps += 1
            if steps > step:
                raise OSError("the disk is full")
            return _original(self, *args)

        monkeypatch.setattr(Placement, name, failing)
    try:
        written.write()
    except OSError:
        assert content_of(folder) == before
        assert Path(added.path).read_bytes() == staged
        assert (len(written), written.is_staged) == (3, True)
        monkeypatch.undo()
        written.write()
    assert [i.load().SOPInstanceUID for i in FileSet(folder / "DICOMDIR")] == ["1.2", "1.3", "1.9"]
    assert len(files_in(folder)) == 4


def test_a_failure_of_a_new_one_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(self: Placement, target: str, content: bytes) -> None:
        raise OSError("the disk is full")

    fs = FileSet()
    fs.add(own())
    monkeypatch.setattr(Placement, "write", failing)
    with pytest.raises(OSError, match="full"):
        fs.write(tmp_path / "a" / "b")
    assert os.listdir(tmp_path) == []
    monkeypatch.undo()
    fs.write(tmp_path / "a" / "b")
    assert len(files_in(tmp_path)) == 2


def test_where_files_can_neither_be_linked_nor_renamed(
    written: FileSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: object, **keywords: object) -> None:
        raise OSError("not on this file system")

    written.remove(next(iter(written)))
    monkeypatch.setattr(os, "link", refused)
    written.write()
    assert [i.load().SOPInstanceUID for i in written] == ["1.2", "1.3"]


# ---- copies in memory -------------------------------------------------------


def test_pickle_is_small_and_opens_the_file_set_again(written: FileSet) -> None:
    pickled = pickle.dumps(list(written))
    assert len(pickled) < 1000
    found = pickle.loads(pickled)
    assert [i.load().SOPInstanceUID for i in found] == ["1.1", "1.2", "1.3"]
    assert found[0].file_set is found[1].file_set
    written.add(own("1.9"))
    with pytest.raises(ValueError, match="write"):
        pickle.dumps(written)


def test_a_deep_copy_is_independent(written: FileSet) -> None:
    written.add(own("1.9"))
    copied = copy.deepcopy(written)
    copied.remove(list(copied))
    assert (len(copied), len(written)) == (0, 4)
    assert all(i.file_set is written for i in written)
    assert [i.load().SOPInstanceUID for i in written][-1] == "1.9"


@needs_corpus
def test_other_media_are_renamed_when_they_change(tmp_path: Path) -> None:
    dicomdir = media_copy(tmp_path / "media")
    fs = FileSet(dicomdir)
    assert "directory structure update" in str(fs)
    contents = {i.SOPInstanceUID: Path(i.path).read_bytes() for i in fs}
    shutil.rmtree(tmp_path / "media" / "TINY_ALPHA")
    fs.write()
    assert not (tmp_path / "media" / "77654033").exists()
    found = FileSet(dicomdir)
    assert not found.is_staged
    assert {i.SOPInstanceUID: Path(i.path).read_bytes() for i in found} == contents
    assert found.UID == fs.UID
