from __future__ import annotations

import re
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import pytest

from pydcm import dcmread, examples
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, PydcmError, WriteError
from pydcm.fileset import DIRECTORY_RECORDERS, FileSet, RecordNode
from pydcm.fileset.records import RECORD_TYPES
from pydcm.uid import ExplicitVRLittleEndian
from tests.fileset.making import content_of, files_in, own, record


def test_a_new_file_set_is_written(tmp_path: Path) -> None:
    fs = FileSet()
    assert (fs.path, fs.ID, len(fs), fs.is_staged) == (None, None, 0, True)
    fs.add(own("1.1"))
    fs.add(own("1.2", InstanceNumber=2))
    fs.add(own("1.3", SeriesInstanceUID="1.9", SeriesNumber=2))
    fs.add(own("1.4", PatientID="P2", StudyInstanceUID="1.8"))
    dicomdir = fs.write(tmp_path / "new")
    assert dicomdir == str(tmp_path / "new" / "DICOMDIR")
    assert files_in(tmp_path / "new") == [
        "DICOMDIR",
        "PT000000/ST000000/SE000000/IM000000",
        "PT000000/ST000000/SE000000/IM000001",
        "PT000000/ST000000/SE000001/IM000000",
        "PT000001/ST000000/SE000000/IM000000",
    ]
    assert not fs.is_staged
    ds = dcmread(dicomdir, strict=True)
    assert ds.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert ds.file_meta.MediaStorageSOPInstanceUID == fs.UID
    kinds = [item.DirectoryRecordType for item in ds.DirectoryRecordSequence]
    branch = ["SERIES", "IMAGE"]
    assert kinds == [
        "PATIENT", "STUDY", "SERIES", "IMAGE", "IMAGE", *branch, "PATIENT", "STUDY", *branch,
    ]  # fmt: skip
    assert [instance.SOPInstanceUID for instance in FileSet(dicomdir)] == [
        "1.1", "1.2", "1.3", "1.4",
    ]  # fmt: skip


def test_offsets_lead_to_the_records(tmp_path: Path) -> None:
    fs = FileSet()
    for number in range(5):
        fs.add(own(f"1.{number + 1}", SeriesInstanceUID=f"1.9.{number % 2 + 1}"))
    for implicit in (False, True):
        folder = tmp_path / str(implicit)
        with pytest.warns(UserWarning, match="Explicit") if implicit else nullcontext():
            fs.copy(folder, force_implicit=implicit)
        ds = dcmread(folder / "DICOMDIR")
        places = {_offset(item): item for item in ds.DirectoryRecordSequence}
        top = places[ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity]
        assert top.DirectoryRecordType == "PATIENT"
        assert ds.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity == _offset(top)
        series = [item for item in places.values() if item.DirectoryRecordType == "SERIES"]
        first = places[series[0].OffsetOfReferencedLowerLevelDirectoryEntity]
        assert places[first.OffsetOfTheNextDirectoryRecord].ReferencedSOPInstanceUIDInFile == "1.3"
        assert places[series[0].OffsetOfTheNextDirectoryRecord] is series[1]
        assert series[1].OffsetOfTheNextDirectoryRecord == 0


def _offset(item: Dataset) -> int:
    assert item._index is not None
    assert item._row is not None
    return item._index.base + item._index.offsets[item._row]


def test_files_are_copied_byte_by_byte(tmp_path: Path) -> None:
    source = tmp_path / "slice.dcm"
    own("1.1").save_as(source, enforce_file_format=True)
    # What no writer would write again: a preamble with content and a trailing element.
    content = (
        b"II*\0" + bytes(124) + source.read_bytes()[128:] + bytes.fromhex("FCFFFCFF4F4200000000")
    )
    source.write_bytes(content)
    fs = FileSet()
    instance = fs.add(source)
    source.unlink()
    fs.write(tmp_path / "set")
    assert Path(instance.path).read_bytes() == content


def test_large_files_are_copied_byte_by_byte(tmp_path: Path) -> None:
    ds = own("1.1")
    ds.add_new(0x7FE00010, "OW", bytes(range(256)) * 8192)
    source = tmp_path / "slice.dcm"
    ds.save_as(source, enforce_file_format=True)
    fs = FileSet()
    instance = fs.add(str(source))
    fs.write(tmp_path / "set")
    assert Path(instance.path).read_bytes() == source.read_bytes()


def test_an_id_is_given_where_there_is_none(tmp_path: Path) -> None:
    fs = FileSet()
    assert dcmread(fs.write(tmp_path / "a")).FileSetID == "PYDCM_FILESET"
    fs = FileSet()
    fs.ID = "MINE"
    assert dcmread(fs.write(tmp_path / "b")).FileSetID == "MINE"
    fs = FileSet()
    assert dcmread(fs.write(tmp_path / "c", file_set_id="OTHER")).FileSetID == "OTHER"


def test_a_descriptor_is_written(tmp_path: Path) -> None:
    fs = FileSet()
    fs.descriptor_file_id = ["DOC", "", "README"]
    fs.descriptor_character_set = "ISO_IR 100"
    found = FileSet(fs.write(tmp_path))
    assert found.descriptor_file_id == ["DOC", "README"]
    assert found.descriptor_character_set == "ISO_IR 100"
    found.descriptor_file_id = None
    assert found.is_staged
    assert FileSet(found.write()).descriptor_file_id is None


@pytest.mark.parametrize("value", ["A" * 17, ["A" * 17], ["A"] * 9, [None]])
def test_descriptors_that_do_not_fit(value: object) -> None:
    with pytest.raises(ValueError, match=r"16|8"):
        FileSet().descriptor_file_id = value  # type: ignore[assignment]  # what is refused


def test_an_id_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="16"):
        FileSet().ID = "A" * 17


@pytest.mark.parametrize("name", ["ct", "mr", "rt_dose", "rt_plan", "rt_ss", "jpeg2k", "waveform"])
def test_examples_are_added(name: str, tmp_path: Path) -> None:
    ds = getattr(examples, name, None)
    if ds is None:
        pytest.skip(f"there is no example {name}")
    for keyword in ("StudyID", "ContentDate", "ContentTime", "SeriesNumber", "InstanceNumber",
                    "DoseSummationType", "StudyDate", "StudyTime"):  # fmt: skip
        if not ds.get(keyword):
            setattr(ds, keyword, "20200101" if keyword.endswith("Date") else "1")
    ds.StudyTime = ds.ContentTime = "120000"
    fs = FileSet()
    fs.add(ds)
    found = next(iter(FileSet(fs.write(tmp_path))))
    assert found.load().SOPInstanceUID == ds.SOPInstanceUID


@pytest.mark.parametrize(
    "keyword",
    ["PatientID", "StudyDate", "StudyTime", "StudyID", "StudyInstanceUID", "Modality",
     "SeriesInstanceUID", "SeriesNumber", "InstanceNumber"],
)  # fmt: skip
def test_what_records_need_is_demanded(keyword: str) -> None:
    fs = FileSet()
    ds = own()
    delattr(ds, keyword)
    with pytest.raises(ConformanceError):
        fs.add(ds)
    setattr(ds, keyword, None)
    with pytest.raises(ValueError, match=r"empty|needs"):
        fs.add(ds)
    assert len(fs) == 0
    assert not list(fs.find())


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID"])
def test_uids_are_demanded(keyword: str) -> None:
    ds = own()
    delattr(ds, keyword)
    with pytest.raises(AttributeError):
        FileSet().add(ds)


def test_one_level_records(tmp_path: Path) -> None:
    ds = own("1.1", SOPClassUID="1.2.840.10008.5.1.4.39.1", ContentLabel="HOT")
    fs = FileSet()
    assert fs.add(ds).FileID == ["PA000000"]
    fs.write(tmp_path)
    assert "PALETTE: 1 SOP Instance" in str(FileSet(tmp_path / "DICOMDIR"))


def test_every_record_type_has_a_recorder_and_a_prefix() -> None:
    assert set(DIRECTORY_RECORDERS) == set(RECORD_TYPES)
    prefixes = [kind.prefix for kind in RECORD_TYPES.values()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(re.fullmatch("[A-Z]{2}", prefix) for prefix in prefixes)


def test_a_recorder_of_ones_own_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(ds: Dataset) -> Dataset:
        found = Dataset()
        found.PatientID = ds.PatientID
        found.PatientName = "Nobody"
        return found

    monkeypatch.setitem(DIRECTORY_RECORDERS, "PATIENT", made)
    fs = FileSet()
    assert fs.add(own("1.1")).PatientName == "Nobody"
    fs.add(own("1.2"))
    assert str(fs).count("PATIENT") == 1


def test_records_state_their_character_set(tmp_path: Path) -> None:
    fs = FileSet()
    fs.add(own(SpecificCharacterSet="ISO_IR 192", PatientName="Müller^Jürgen"))
    found = FileSet(fs.write(tmp_path))
    assert found.find_values("PatientName") == ["Müller^Jürgen"]


def test_a_document_keeps_what_modifies_its_title() -> None:
    contains, modifies, observer = Dataset(), Dataset(), Dataset()
    contains.RelationshipType = "CONTAINS"
    modifies.RelationshipType = "HAS CONCEPT MOD"
    observer.VerificationDateTime = "20200102030405"
    ds = own(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", CompletionFlag="COMPLETE",
        VerificationFlag="VERIFIED", ContentDate="20200101", ContentTime="10",
        ConceptNameCodeSequence=[Dataset()], ContentSequence=[contains, modifies],
        VerifyingObserverSequence=[observer],
    )  # fmt: skip
    found = FileSet().add(ds)
    assert [item.RelationshipType for item in found.ContentSequence] == ["HAS CONCEPT MOD"]
    assert found.VerificationDateTime == "20200102030405"


def test_custom_records(tmp_path: Path) -> None:
    top = RecordNode(record("PATIENT", PatientID="P1", PatientName="Doe"))
    leaf = RecordNode(record("PRIVATE", PrivateRecordUID="1.2.9"))
    leaf.parent = top
    fs = FileSet()
    instance = fs.add_custom(own(), leaf)
    assert (instance.FileID, instance.is_private, instance.node) == (
        "PT000000/P1000000",
        True,
        leaf,
    )
    found = next(iter(FileSet(fs.write(tmp_path))))
    assert (found.is_private, found.SOPInstanceUID, found.node.key) == (True, "1.2.3.4", "1.2.9")
    assert str(found.node) == "PRIVATE: 1.2.9"


def test_custom_records_have_at_most_eight_levels() -> None:
    nodes = [RecordNode(record("PRIVATE", PrivateRecordUID=f"1.{n + 1}")) for n in range(9)]
    for above, below in pairwise(nodes):
        below.parent = above
    with pytest.raises(ValueError, match="8"):
        FileSet().add_custom(own(), nodes[8])
    nodes[1].parent = None
    assert len(FileSet().add_custom(own(), nodes[8]).FileID) == 8


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    fs = FileSet()
    instance = fs.add(own())
    with pytest.warns(UserWarning, match="65535"):
        instance.node.record.add_new(0x00091010, "US", 1 << 20)
    with pytest.raises(PydcmError):
        fs.write(tmp_path / "set")
    assert not (tmp_path / "set").exists()
    del instance.node.record[0x00091010]
    fs.write(tmp_path / "set")
    assert len(files_in(tmp_path / "set")) == 2


def test_writing_into_a_folder_keeps_what_else_is_there(tmp_path: Path) -> None:
    (tmp_path / "NOTES").write_text("mine")
    fs = FileSet()
    fs.add(own())
    fs.write(tmp_path)
    assert content_of(tmp_path)["NOTES"] == b"mine"


def test_a_target_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError):
        FileSet().write(tmp_path / "file")


def test_a_link_in_the_target_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "PT000000").symlink_to(tmp_path)
    fs = FileSet()
    fs.add(own())
    with pytest.raises(PermissionError):
        fs.write(tmp_path / "set")
    assert files_in(tmp_path) == []


def test_a_new_file_set_needs_a_path() -> None:
    with pytest.raises(ValueError, match="path"):
        FileSet().write()
    with pytest.raises(AttributeError):
        FileSet().root_path  # noqa: B018  # the access raises


def test_file_ids_of_too_many_components_are_not_written(tmp_path: Path) -> None:
    fs = FileSet()
    node = fs.add(own()).node
    for number in range(6):
        above = RecordNode(record("PRIVATE", PrivateRecordUID=f"1.{number + 1}"))
        above.parent = node.parent
        node.parent = above
    with pytest.raises(WriteError, match="8 components"):
        fs.write(tmp_path)
