from __future__ import annotations

import os
import random
import shutil
import struct
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from pydcm import dcmread, limits
from pydcm.dataset import Dataset
from pydcm.errors import PydcmError, StructureError, UnsafePathError
from pydcm.fileset import FileSet
from tests.fileset.making import MEDIA, media_copy, own
from tests.shared import needs_corpus


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """Return the DICOMDIR of a small file-set: 2 patients, 3 series, 4 files."""
    fs = FileSet()
    fs.add(own("1.1"))
    fs.add(own("1.2", InstanceNumber=2))
    fs.add(own("1.3", SeriesInstanceUID="1.9", SeriesNumber=2))
    fs.add(own("1.4", PatientID="P2", StudyInstanceUID="1.8", SeriesInstanceUID="1.7"))
    return Path(fs.write(tmp_path / "set"))


def tree(fs: FileSet) -> list[str]:
    """Return the tree as text, with a line for each file."""
    return [f"{node.depth} {node.record_type} {node.key}" for node in fs._tree]


def patch(path: Path, change: Callable[[bytes], bytes]) -> None:
    before = path.read_bytes()
    after = change(before)
    assert after != before
    path.write_bytes(after)


def link(element: int, offset: int) -> bytes:
    return struct.pack("<HH2sHI", 4, element, b"UL", 4, offset)


def records(path: Path) -> list[tuple[str, int, int, int]]:
    """Return type, offset, next and lower of each record."""
    found = []
    for item in dcmread(path).DirectoryRecordSequence:
        assert item._index is not None
        assert item._row is not None
        offset = item._index.base + item._index.offsets[item._row]
        found.append((
            item.DirectoryRecordType, offset, item.OffsetOfTheNextDirectoryRecord,
            item.OffsetOfReferencedLowerLevelDirectoryEntity,
        ))  # fmt: skip
    return found


def codes(fs: FileSet) -> set[str]:
    return {found.code for found in fs.diagnostics}


def test_a_sound_one_has_no_diagnostics(media: Path) -> None:
    assert FileSet(media).diagnostics == []


@pytest.mark.parametrize("element", [0x1400, 0x1420])
@pytest.mark.parametrize("number", range(11))
@pytest.mark.parametrize("wrong", ["nowhere", "itself", "first", "zero"])
def test_wrong_offsets_lose_no_file(element: int, number: int, wrong: str, media: Path) -> None:
    whole = tree(FileSet(media))
    found = records(media)
    _, offset, following, lower = found[number]
    right = following if element == 0x1400 else lower
    value = {"nowhere": 77, "itself": offset, "first": found[0][1], "zero": 0}[wrong]
    if right == value:
        return
    content = media.read_bytes()
    at = content.index(link(element, right), offset)
    media.write_bytes(content[:at] + link(element, value) + content[at + 12 :])
    fs = FileSet(media)
    assert sorted(tree(fs)) == sorted(whole)
    assert fs.diagnostics
    if wrong != "zero":
        assert "broken-offset" in codes(fs)


@pytest.mark.parametrize("offset", [0, 77])
def test_without_any_offset_files_tell(offset: int, media: Path) -> None:
    whole = tree(FileSet(media))
    content = media.read_bytes()
    for _, _, following, lower in records(media):
        for element, value in ((0x1400, following), (0x1420, lower)):
            content = content.replace(link(element, value), link(element, offset))
    first = records(media)[0][1]
    content = content.replace(link(0x1200, first), link(0x1200, offset))
    media.write_bytes(content)
    fs = FileSet(media)
    assert tree(fs) == whole
    assert "orphaned-record" in codes(fs)
    fs.write()
    again = FileSet(media)
    assert (tree(again), again.diagnostics) == (whole, [])


def test_where_files_do_not_tell_the_order_does(media: Path) -> None:
    whole = tree(FileSet(media))
    content = media.read_bytes()
    for _, _, following, lower in records(media):
        for element, value in ((0x1400, following), (0x1420, lower)):
            content = content.replace(link(element, value), link(element, 0))
    media.write_bytes(content)
    for instance in FileSet(media):
        Path(instance.path).write_bytes(b"no DICOM")
    fs = FileSet(media)
    assert tree(fs) == whole
    assert any("order of the records" in found.action for found in fs.diagnostics)


def test_orphans_can_be_left_out_or_refused(media: Path) -> None:
    last = records(media)[7]
    assert last[0] == "PATIENT"
    content = media.read_bytes()
    at = content.index(link(0x1420, last[3]), last[1])
    media.write_bytes(content[:at] + link(0x1420, 0) + content[at + 12 :])
    fs = FileSet()
    with pytest.warns(UserWarning, match="1 files are left out"):
        fs.load(media, include_orphans=False)
    assert len(fs) == 3
    with pytest.raises(StructureError, match="1 orphaned"):
        fs.load(media, raise_orphans=True)
    assert len(fs) == 3  # as it was
    fs.load(media)
    assert len(fs) == 4


@pytest.mark.parametrize("kind", [b"SERIES", b"IMAGE ", b"STUDY ", b"PATIENT "])
def test_unknown_record_types_lose_no_file(kind: bytes, media: Path) -> None:
    patch(media, lambda content: content.replace(kind, b"X" * len(kind), 1))
    fs = FileSet(media)
    assert [i.SOPInstanceUID for i in fs] == ["1.1", "1.2", "1.3", "1.4"]
    assert "unknown-record-type" in codes(fs)
    fs.ID = "X"
    assert FileSet(fs.write()).find_values("PatientID") == ["P1", "P2"]


@pytest.mark.parametrize("kind", [b"series", b"Image ", b"study "])
def test_record_types_in_another_case(kind: bytes, media: Path) -> None:
    whole = tree(FileSet(media))
    patch(media, lambda content: content.replace(kind.upper(), kind))
    assert tree(FileSet(media)) == whole


def test_missing_files_are_left_out(media: Path) -> None:
    first = next(iter(FileSet(media)))
    os.unlink(first.path)
    with pytest.warns(UserWarning, match="does not exist"):
        fs = FileSet(media)
    assert [i.SOPInstanceUID for i in fs] == ["1.2", "1.3", "1.4"]
    assert "missing-file" in codes(fs)


def test_names_in_another_case_are_found(media: Path) -> None:
    folder = media.parent / "PT000000"
    folder.rename(media.parent / "pt000000")
    image = media.parent / "pt000000/ST000000/SE000000/IM000000"
    image.rename(image.with_name("im000000.;1"))
    fs = FileSet(media)
    assert len(fs) == 4
    assert codes(fs) == {"file-name-case"}
    assert next(iter(fs)).load().SOPInstanceUID == "1.1"


@pytest.mark.parametrize(
    ("keyword", "code"),
    [("PatientID", "no-record-key"), ("SeriesInstanceUID", "no-record-key"),
     ("ReferencedSOPInstanceUIDInFile", "no-record-key"), ("DirectoryRecordType", None),
     ("OffsetOfTheNextDirectoryRecord", None), ("RecordInUseFlag", None)],
)  # fmt: skip
@pytest.mark.parametrize("number", range(4))
def test_missing_elements_lose_no_file(
    keyword: str, code: str | None, number: int, media: Path
) -> None:
    ds = dcmread(media)
    item = ds.DirectoryRecordSequence[number]
    if keyword not in item:
        return
    del item[keyword]
    ds.save_as(media)  # now the offsets are wrong as well
    fs = FileSet(media)
    assert sorted(i.path for i in fs) == sorted(i.path for i in fs.find())
    assert len(fs) == 4
    assert fs.diagnostics
    if code:
        assert code in codes(fs)
    assert str(fs)


def test_no_records_at_all(media: Path) -> None:
    ds = dcmread(media)
    del ds.DirectoryRecordSequence
    ds.save_as(media)
    with pytest.raises(AttributeError):
        FileSet(media)
    with pytest.raises(PydcmError):
        FileSet(media)


def test_what_is_no_dicomdir(media: Path) -> None:
    with pytest.raises(ValueError, match="no DICOMDIR"):
        FileSet(next(iter(FileSet(media))).path)
    with pytest.raises(TypeError, match="filename"):
        FileSet(dcmread(media.read_bytes()))
    assert len(FileSet(Dataset())) == 0


def test_strict_reading_raises_the_first_defect(media: Path) -> None:
    patch(media, lambda content: content.replace(b"SERIES", b"XXXXXX", 1))
    with pytest.raises(StructureError):
        FileSet(dcmread(media, strict=True))


def test_deep_trees_are_cut(media: Path) -> None:
    with limits.using(max_depth=2):
        fs = FileSet(media)
    assert len(fs) == 4
    assert "broken-offset" in codes(fs)


# ---- names that lead elsewhere ----------------------------------------------

NAME = b"PT000000\\ST000000\\SE000000\\IM000000 "


@pytest.mark.parametrize(
    "name",
    [rb"..\..\..\..\etc\passwd", b"/etc/passwd", b"..", rb"PT000000\..\..\x", rb"C:\WINDOWS\X",
     rb"PT000000\ST000000\..\X", b"../x",
     b"PT000000/../../x", b"PT000000\\A\0B", b"//server/share"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(name: bytes, media: Path) -> None:
    patch(media, lambda content: content.replace(NAME, name.ljust(len(NAME)), 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(UnsafePathError):
            FileSet(media)


@pytest.mark.parametrize(
    "name",
    [b"PT000000/ST000000/SE000000/IM000000", rb"\PT000000\ST000000\SE000000\IM000000",
     rb".\PT000000\ST000000\SE000000/IM000000"[:36]],
)  # fmt: skip
def test_names_of_another_system_are_understood(name: bytes, media: Path) -> None:
    patch(media, lambda content: content.replace(NAME, name.ljust(len(NAME))[:36], 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len(FileSet(media)) >= 3


def test_links_that_lead_elsewhere_are_refused(media: Path, tmp_path: Path) -> None:
    path = Path(next(iter(FileSet(media))).path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        FileSet(media)


def test_folders_that_lead_elsewhere_are_refused(media: Path, tmp_path: Path) -> None:
    shutil.move(media.parent / "PT000000", tmp_path / "elsewhere")
    (media.parent / "PT000000").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        FileSet(media)


# ---- damage -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(150))
def test_random_damage_raises_nothing_else(seed: int, media: Path) -> None:
    chance = random.Random(seed)
    content = bytearray(media.read_bytes())
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(132, len(content))
        if chance.random() < 0.2:
            del content[at : at + chance.randint(1, 8)]
        else:
            content[at : at + 1] = chance.randbytes(1)
    media.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fs = FileSet(media)
        except PydcmError:
            return  # and nothing but that
        assert len(fs) <= 5
        assert len(str(fs)) < 20_000
        fs.find(PatientID="P1")


@needs_corpus
@pytest.mark.parametrize(
    ("name", "code"),
    [("DICOMDIR-nopatient", "unknown-record-type"), ("DICOMDIR-nooffset", "no-record-offset")],
)
def test_broken_files_of_the_corpus(name: str, code: str, tmp_path: Path) -> None:
    whole = FileSet(MEDIA / "DICOMDIR")
    media_copy(tmp_path / "media")
    fs = FileSet(tmp_path / "media" / name)
    assert {i.SOPInstanceUID for i in fs} == {i.SOPInstanceUID for i in whole}
    assert [line for line in str(fs).splitlines() if "PATIENT" in line] == [
        line for line in str(whole).splitlines() if "PATIENT" in line
    ]
    assert code in codes(fs)
