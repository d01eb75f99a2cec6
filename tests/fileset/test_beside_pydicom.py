"""The same calls on both, with equal outcomes."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pydcm
import pydcm.fileset
from tests.fileset.making import MEDIA, content_of, files_in, instance, media_copy
from tests.recording import recorded
from tests.shared import needs_corpus

pydicom = pytest.importorskip("pydicom")
peer_module = pytest.importorskip("pydicom.fileset")

BOTH = [(pydcm, pydcm.fileset), (pydicom, peer_module)]
NEW_ID = re.compile(r"1\.2\.826\.0\.1\.3680043\.[0-9.]+|PYDCM_FILESET|\(no value available\)")


def outcome(act: Callable[[], Any]) -> Any:
    """Return what a call returns, or the builtin exception it raises, and how it warns."""
    with recorded() as caught:
        try:
            result = act()
        except Exception as error:  # its kinds are what is compared
            builtins = [kind for kind in type(error).__mro__ if kind.__module__ == "builtins"]
            result = {kind.__name__ for kind in builtins if kind.__name__ not in _BASES}
    kinds = {entry.category.__name__ for entry in caught if entry.category is UserWarning}
    return result, kinds


_BASES = {"object", "BaseException", "Exception", "LookupError", "OSError", "RuntimeError"}


def same(act: Callable[[Any, Any, Path], Any], tmp_path: Path) -> None:
    """Run on both, each with a folder of its own, and compare."""
    found = []
    for package, module in BOTH:
        folder = tmp_path / package.__name__
        folder.mkdir()
        result, kinds = outcome(lambda p=package, m=module, f=folder: act(p, m, f))  # type: ignore[misc]  # mypy infers no default
        found.append((result, kinds, str(folder)))
    mine, theirs = found
    if isinstance(mine[0], set) and isinstance(theirs[0], set) and theirs[0]:
        assert theirs[0] <= mine[0]  # ours is that builtin, and perhaps another too
    else:
        assert _plain(mine[0], mine[2]) == _plain(theirs[0], theirs[2])
    assert mine[1] == theirs[1]


def _plain(value: Any, folder: str) -> Any:
    return NEW_ID.sub("-", repr(value).replace(folder, "FOLDER"))


def test_public_names_and_signatures() -> None:
    public = {
        name: thing
        for name, thing in vars(peer_module).items()
        if not name.startswith("_") and getattr(thing, "__module__", "") == peer_module.__name__
    }
    assert {"FileSet", "FileInstance", "RecordNode", "RootNode"} <= set(public)
    for name, theirs in public.items():
        mine = getattr(pydcm.fileset, name)
        if inspect.isfunction(theirs):
            assert parameters(mine) == parameters(theirs), name
            continue
        for member, thing in vars(theirs).items():
            if member.startswith("_"):
                continue
            assert hasattr(mine, member), f"{name}.{member}"
            if inspect.isfunction(thing):
                got = parameters(getattr(mine, member))
                assert got[: len(parameters(thing))] == parameters(thing), f"{name}.{member}"
    assert set(peer_module.DIRECTORY_RECORDERS) <= set(pydcm.fileset.DIRECTORY_RECORDERS)


def parameters(function: Any) -> list[tuple[str, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.default) for parameter in found]


@needs_corpus
@pytest.mark.parametrize(
    "name",
    ["DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-bigEnd", "DICOMDIR-empty.dcm", "DICOMDIR-nooffset",
     "DICOMDIR-reordered", "TINY_ALPHA/DICOMDIR"],
)  # fmt: skip
def test_the_corpus_reads_the_same(name: str, tmp_path: Path) -> None:
    def act(package: Any, module: Any, folder: Path) -> Any:
        fs = module.FileSet(MEDIA / name)
        return (
            str(fs).replace("DICOMDIR update, d", "d"), len(fs), fs.path, fs.ID, str(fs.UID),
            [(str(i.FileID), i.path, i.for_moving, str(i.SOPClassUID), str(i.SOPInstanceUID),
              str(i.TransferSyntaxUID), str(i.PatientName), str(i.StudyDate), i.node.key,
              i.node.component, i.node.depth, i.node.index) for i in fs],
        )  # fmt: skip

    same(act, tmp_path)


def _lost(fs: Any, instance: Any) -> None:
    Path(instance.path).unlink()
    fs.remove(instance)


CHANGES: dict[str, Callable[[Any, Any], Any]] = {
    "nothing": lambda fs, make: None,
    "add": lambda fs, make: fs.add(make("1.9")) and None,
    "add twice": lambda fs, make: fs.add(make("1.9")) is fs.add(make("1.9")),
    "add to another series": lambda fs, make: (
        fs.add(make("1.9", SeriesInstanceUID="1.77", SeriesNumber=8)) and None
    ),
    "remove first": lambda fs, make: fs.remove(next(iter(fs))),
    "remove all": lambda fs, make: fs.remove(list(fs)),
    "remove and add again": lambda fs, make: (
        fs.remove(fs.find(SOPInstanceUID="1.2")), fs.add(make("1.2")), None
    )[2],
    "remove and add another": lambda fs, make: (
        fs.remove(next(iter(fs))), fs.add(make("1.9", InstanceNumber=9)), None
    )[2],
    "add and remove": lambda fs, make: fs.remove(fs.add(make("1.9", PatientID="P9"))),
    "add and remove what is gone": lambda fs, make: _lost(fs, fs.add(make("1.9", PatientID="P9"))),
    "change ID": lambda fs, make: setattr(fs, "ID", "OTHER"),
    "change UID": lambda fs, make: setattr(fs, "UID", "1.2.99"),
    "descriptor": lambda fs, make: setattr(fs, "descriptor_file_id", ["DOC", "README"]),
    "dose": lambda fs, make: fs.add(
        make("1.9", SOPClassUID="1.2.840.10008.5.1.4.1.1.481.2", DoseSummationType="PLAN")
    ) and None,
    "palettes": lambda fs, make: [
        fs.add(make(
            uid, SOPClassUID="1.2.840.10008.5.1.4.39.1", ContentLabel="HOT", ContentDescription="",
            ContentCreatorName="",
        )) for uid in ("1.8.8", "1.8.9")
    ] and None,
    "clear": lambda fs, make: fs.clear() and None,
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("use_existing", [False, True])
def test_changes_are_the_same(
    change: str, existing: bool, use_existing: bool, tmp_path: Path
) -> None:
    def act(package: Any, module: Any, folder: Path) -> Any:
        def make(uid: str, **elements: object) -> Any:
            return instance(uid, package=package, **elements)

        fs = module.FileSet()
        fs.UID = "1.2.3.4.5"
        fs.ID = "TEST"
        for number in range(4):
            series = f"1.8.{number // 2 + 1}"
            fs.add(make(f"1.{number + 1}", SeriesInstanceUID=series, InstanceNumber=number))
        if existing:
            fs.write(folder)
            fs = module.FileSet(folder / "DICOMDIR")
        result = CHANGES[change](fs, make)
        if change == "clear":
            return fs.path, fs.ID, len(fs), list(fs)
        staged = [(i.is_staged, i.for_addition, i.for_removal, i.for_moving) for i in fs]
        report = [result, str(fs), len(fs), fs.is_staged, staged, [str(i.FileID) for i in fs]]
        fs.write(*([] if existing else [folder]), use_existing=use_existing and existing)
        after = [str(fs), len(fs), fs.is_staged, [str(i.FileID) for i in fs]]
        again = module.FileSet(folder / "DICOMDIR")
        return report, after, files_in(folder), str(again), [str(i.SOPInstanceUID) for i in again]

    same(act, tmp_path)


QUERIES: list[Callable[[Any], Any]] = [
    lambda fs: [str(i.SOPInstanceUID) for i in fs.find(PatientID="77654033")],
    lambda fs: len(fs.find(PatientID="77654033", Modality="CT")),
    lambda fs: len(fs.find()),
    lambda fs: len(fs.find(Rows=16)),
    lambda fs: len(fs.find(load=True, Rows=16)),
    lambda fs: len(fs.find(InstanceNumber=1)),
    lambda fs: fs.find(Foo=1),
    lambda fs: fs.find_values("PatientID"),
    lambda fs: fs.find_values(0x00100020),
    lambda fs: fs.find_values(["PatientID", "Modality"]),
    lambda fs: fs.find_values("Rows"),
    lambda fs: fs.find_values("Rows", load=True),
    lambda fs: fs.find_values(["PatientID", "Rows"]),
    lambda fs: fs.find_values("StudyDescription", instances=fs.find(PatientID="98890234")),
    lambda fs: fs.find_values("Foo"),
    lambda fs: "PatientID" in next(iter(fs)),
    lambda fs: "Rows" in next(iter(fs)),
    lambda fs: "Foo" in next(iter(fs)),
    lambda fs: next(iter(fs))["Rows"],
    lambda fs: next(iter(fs)).Rows,
    lambda fs: next(iter(fs)).Foo,
    lambda fs: str(next(iter(fs))["SOPInstanceUID"].value),
    lambda fs: fs.remove(5),
    lambda fs: fs.write(fs.path),
    lambda fs: fs.copy(fs.path),
    lambda fs: setattr(fs, "ID", "A" * 17),
    lambda fs: setattr(fs, "descriptor_file_id", 5),
    lambda fs: next(iter(fs)).node.root.component,
    lambda fs: next(iter(fs)).node["1"],
    lambda fs: fs.load(5),
]


@needs_corpus
@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_queries_are_the_same(number: int, tmp_path: Path) -> None:
    same(lambda p, module, f: QUERIES[number](module.FileSet(media_copy(f / "set"))), tmp_path)


def _nowhere(ds: Any) -> None:
    ds.filename = "no/such/DICOMDIR"


def _without_lower_level(ds: Any) -> None:
    ds.DirectoryRecordSequence[1].OffsetOfReferencedLowerLevelDirectoryEntity = 0


def _with_a_record_that_states_its_place(ds: Any) -> None:
    records = ds.DirectoryRecordSequence
    (leaf, *_) = [record for record in records if "ReferencedFileID" in record]
    made = type(leaf)()
    for keyword, value in {
        "DirectoryRecordType": "PRIVATE",
        "OffsetOfTheNextDirectoryRecord": 0,
        "RecordInUseFlag": 0xFFFF,
        "OffsetOfReferencedLowerLevelDirectoryEntity": 0,
        "PrivateRecordUID": "1.2.3",
        "ReferencedFileID": list(leaf.ReferencedFileID),
        "ReferencedSOPClassUIDInFile": "1.2.4",
        "ReferencedSOPInstanceUIDInFile": "1.2.5",
        "ReferencedTransferSyntaxUIDInFile": "1.2.840.10008.1.2.1",
    }.items():
        setattr(made, keyword, value)
    made.seq_item_tell = 100_000
    (last,) = [
        record
        for record in records
        if record.DirectoryRecordType == "PATIENT" and not record.OffsetOfTheNextDirectoryRecord
    ]
    last.OffsetOfTheNextDirectoryRecord = made.seq_item_tell
    records.append(made)


@needs_corpus
@pytest.mark.parametrize(
    "change", [_nowhere, _without_lower_level, _with_a_record_that_states_its_place]
)
@pytest.mark.parametrize("orphans", [True, False])
def test_a_dicomdir_changed_in_memory(
    change: Callable[[Any], None], orphans: bool, tmp_path: Path
) -> None:
    def act(package: Any, module: Any, folder: Path) -> Any:
        ds = package.dcmread(media_copy(folder / "set"))
        change(ds)
        fs = module.FileSet()
        fs.load(ds, include_orphans=orphans)
        # Orphans return to where they were, not to the end.
        return sorted((str(i.SOPInstanceUID), i.is_private, i.node.depth) for i in fs)

    same(act, tmp_path)


@needs_corpus
def test_pydicom_reads_what_is_written_and_the_reverse(tmp_path: Path) -> None:
    media_copy(tmp_path / "mine")
    shutil.copytree(tmp_path / "mine", tmp_path / "theirs")
    shown = []
    for folder, module in ((tmp_path / "mine", pydcm.fileset), (tmp_path / "theirs", peer_module)):
        fs = module.FileSet(folder / "DICOMDIR")
        fs.remove(fs.find(PatientID="77654033"))
        fs.write()
        for reader in (pydcm.fileset, peer_module):
            found = reader.FileSet(folder / "DICOMDIR")
            assert not found.is_staged
            shown.append(str(found).replace(str(folder), ""))
            assert all(i.load().SOPInstanceUID == i.SOPInstanceUID for i in found)
    assert len(set(shown)) == 1
    mine, theirs = content_of(tmp_path / "mine"), content_of(tmp_path / "theirs")
    assert {name: data for name, data in mine.items() if name != "DICOMDIR"} == {
        name: data for name, data in theirs.items() if name != "DICOMDIR"
    }


@needs_corpus
@pytest.mark.parametrize("implicit", [False, True])
def test_dicomdirs_have_equal_records(implicit: bool, tmp_path: Path) -> None:
    records = []
    for package, module in BOTH:
        folder = tmp_path / package.__name__
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module.FileSet(MEDIA / "DICOMDIR").copy(folder, force_implicit=implicit)
        ds = pydcm.dcmread(folder / "DICOMDIR")
        first = ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
        for item in ds.DirectoryRecordSequence:
            # The file meta information before them names its writer.
            for keyword in (
                "OffsetOfTheNextDirectoryRecord",
                "OffsetOfReferencedLowerLevelDirectoryEntity",
            ):
                setattr(item, keyword, max(getattr(item, keyword) - first, 0))
        records.append([item.to_json() for item in ds.DirectoryRecordSequence])
    assert records[0] == records[1]


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="DCMTK is not installed")
def test_dcmtk_reads_what_is_written(tmp_path: Path) -> None:
    fs = pydcm.FileSet()
    for number in range(3):
        fs.add(instance(f"1.{number + 1}", PatientID=f"P{number}", InstanceNumber=number))
    dicomdir = fs.write(tmp_path)
    shown = subprocess.run(
        ["dcmdump", "-q", dicomdir], capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.count("DirectoryRecordType") == 12
    assert "PT000002\\ST000000\\SE000000\\IM000000" in shown.stdout
    # The offset that DCMTK computes for itself stands beside each record.
    assert shown.stderr == ""


@pytest.mark.skipif(shutil.which("dcmmkdir") is None, reason="DCMTK is not installed")
def test_dcmtk_appends_to_what_is_written(tmp_path: Path) -> None:
    fs = pydcm.FileSet()
    fs.add(instance("1.2.1", SpecificCharacterSet="ISO_IR 100"))
    fs.write(tmp_path, file_set_id="DCMTK")
    more = instance("1.2.2", InstanceNumber=2, PatientBirthDate="", PatientSex="")
    more.save_as(tmp_path / "MORE", enforce_file_format=True)
    subprocess.run(
        ["dcmmkdir", "-Pgp", "-W", "+I", "+A", "+D", "DICOMDIR", "MORE"],
        cwd=tmp_path, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    found = pydcm.FileSet(tmp_path / "DICOMDIR")
    assert {i.SOPInstanceUID for i in found} == {"1.2.1", "1.2.2"}
    assert found.diagnostics == []
