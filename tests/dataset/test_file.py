"""Data sets with a file around them: file meta information, preamble, names, buffers."""

from __future__ import annotations

import copy
import io
import pickle
from pathlib import Path

import pytest

import pydcm
from pydcm.dataset import FileDataset, FileMetaDataset, validate_file_meta
from tests.snippets import Difference, assert_alike, assert_different, lines
from tests.synthetic import objects

ATTRIBUTE = lines("""
ds.file_meta
hasattr(ds, "file_meta"), ds.get("file_meta"), Dataset().get("file_meta", 3)
ds.ensure_file_meta(); ds.file_meta
m = FileMetaDataset(); ds.file_meta = m; ds.ensure_file_meta(); ds.file_meta is m
m = make_meta(); ds.file_meta = m; ds.ensure_file_meta(); ds.file_meta is m
ds.file_meta = Dataset(); type(ds.file_meta), ds.file_meta
d = Dataset(); d.TransferSyntaxUID = "1.2"; ds.file_meta = d; type(ds.file_meta), ds
d = Dataset(); ds.file_meta = d; d.TransferSyntaxUID = "1.2"; ds.file_meta
ds.file_meta = None; ds.file_meta
ds.file_meta = make()
ds.file_meta = 5
ds.file_meta = {}
ds.file_meta = make_meta(); del ds.file_meta; ds.file_meta
""")

META = lines("""
FileMetaDataset({})
FileMetaDataset(make_meta())
FileMetaDataset({0x00020010: E(0x00020010, "UI", "1.2")})
FileMetaDataset({Tag(0x00020010): E(0x00020010, "UI", "1.2")})
FileMetaDataset({0x00100020: E("PatientID", "LO", "1.2")})
FileMetaDataset(make())
FileMetaDataset(5)
FileMetaDataset([])
FileMetaDataset.validate(make_meta()), FileMetaDataset.validate({})
FileMetaDataset.validate(make())
FileMetaDataset.validate(5)
m = make_meta(); m.PatientID = "x"
m = make_meta(); m[0x00100020] = E("PatientID", "LO", "x")
m = make_meta(); m.add_new(0x00100020, "LO", "x")
m = make_meta(); m.add(E("PatientID", "LO", "x"))
m = make_meta(); m.update({"PatientID": "x"})
m = make_meta(); m.update(make())
m = make_meta(); m.setdefault("PatientID", "x")
m = make_meta(); m.private_block(9, "x", create=True)
m = make_meta(); m.foo = 3; m.foo
m = make_meta(); m[0x00020010:0x00020012]
m = make_meta(); type(m[:]), type(m.group_dataset(2)), type(m.copy()), type(copy.deepcopy(m))
FileMetaDataset() == FileMetaDataset(), make_meta() == make_meta()
make_meta() == Dataset(make_meta()), Dataset(make_meta()) == make_meta()
pickle.loads(pickle.dumps(make_meta())) == make_meta(), copy.copy(make_meta()) == make_meta()
m = FileMetaDataset(); validate_file_meta(m)
m = FileMetaDataset(); validate_file_meta(m, False); len(m)
m = FileMetaDataset(); validate_file_meta(m, enforce_standard=False); len(m)
m = make_meta(); validate_file_meta(m); m
m = make_meta(); m.TransferSyntaxUID = ""; validate_file_meta(m)
m = make_meta(); m.MediaStorageSOPClassUID = None; validate_file_meta(m)
m = make_meta(); m.FileMetaInformationVersion = b""; validate_file_meta(m); m
m = make_meta(); m.FileMetaInformationVersion = b"\\0\\2"; validate_file_meta(m); m
d = Dataset(); d.MediaStorageSOPClassUID = "1.2"; validate_file_meta(d)
""")

FILES = lines("""
FileDataset("foo.dcm", ds)
f = FileDataset("foo.dcm", ds); f.filename, f.preamble, f.file_meta, f.timestamp, f.buffer
f = FileDataset("f", {}, b"\\0" * 128, make_meta(), False, False); f.preamble, f
f = FileDataset(io.BytesIO(), {}); f.filename, f.buffer.closed, f.timestamp
f = FileDataset(b"abc", {}); f.filename
import pathlib; f = FileDataset(pathlib.Path("a.dcm"), {}); f.filename, type(f.filename)
FileDataset(None, {}).filename
FileDataset(5, {}).filename
class Box: filename = "/a/b"
    f = FileDataset(Box(), {}); f.filename, f.timestamp, type(f.buffer).__name__
class Box: filename = "/a/b"; name = "/c"
    f = FileDataset(Box(), {}); f.filename
FileDataset("a", {}).fileobj_type is open, FileDataset(io.BytesIO(), {}).fileobj_type is io.BytesIO
f = FileDataset(io.BytesIO(b"q"), ds); g = copy.deepcopy(f); g.buffer is f.buffer, g.buffer.read()
f = FileDataset(io.BytesIO(b"q"), ds); f.buffer.close(); g = copy.deepcopy(f); g == f, g.buffer
f = FileDataset(io.BytesIO(b"q"), ds); g = copy.copy(f); g.buffer is f.buffer
FileDataset("", {}).filename
FileDataset()
FileDataset("a")
FileDataset("a", None)
FileDataset("a", 5)
FileDataset("a", [])
FileDataset("a", {}, file_meta=Dataset()).file_meta
FileDataset("a", {}, file_meta=make())
FileDataset("a", {0x00100020: E("PatientID", "LO", "q")})
f = FileDataset("a", ds); g = copy.deepcopy(f); type(g), g == f, g.filename
f = FileDataset("a", ds); g = copy.copy(f); type(g), g == f, g.filename
f = FileDataset("a", ds); g = f.copy(); type(g), g == f, g.filename
f = FileDataset("a", ds, file_meta=make_meta()); g = pickle.loads(pickle.dumps(f))
    type(g), g == f, g.file_meta
f = FileDataset(io.BytesIO(b"q"), ds); g = copy.deepcopy(f); type(g), g == f, type(g.buffer)
f = FileDataset(io.BytesIO(b"q"), ds); g = copy.copy(f); type(g), g == f, type(g.buffer)
f = FileDataset("a", ds); ds.Columns = 9; f.Columns
f = FileDataset("a", ds); f.Columns = 9; ds.Columns
f = FileDataset("a", ds); f.PatientID = "new"; ds.PatientID
f = FileDataset("a", ds); del f.PatientID; "PatientID" in ds
f = whole(ds); type(f), f.preamble, f.filename, f.timestamp, f.file_meta
f = whole(ds); g = copy.deepcopy(f); g == f, g.file_meta == f.file_meta, g.preamble == f.preamble
f = whole(ds); g = pickle.loads(pickle.dumps(f))
    g == f, g.file_meta == f.file_meta, g.preamble == f.preamble
with whole(ds) as f: see(f.PatientID, type(f))
""")

DIFFERENT = [
    Difference(
        "ds.file_meta = None; ds.ensure_file_meta(); ds.file_meta",
        "FileMetaDataset()",
        "After ensure_file_meta() there is file meta information to fill in",
    ),
    Difference(
        "FileMetaDataset(None)",
        "TypeError",
        "The same error as for anything else that is no data set",
    ),
]


@pytest.mark.parametrize("code", ATTRIBUTE)
def test_file_meta_attribute(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", META)
def test_file_meta(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", FILES)
def test_file_data_sets(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


def test_file_meta_is_completed_with_our_own_identity() -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2"
    meta.MediaStorageSOPInstanceUID = "1.3"
    meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    validate_file_meta(meta)
    assert meta.ImplementationVersionName == f"PYDCM {pydcm.__version__}"
    assert meta.ImplementationClassUID.is_valid


def test_names_and_times(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(objects.ct(8))
    ds = pydcm.dcmread(path)
    assert ds.filename == str(path)
    assert ds.timestamp == path.stat().st_mtime
    assert ds.buffer is None
    with path.open("rb") as stream:
        ds = pydcm.dcmread(stream)
        assert ds.filename == str(path)
        assert ds.buffer is None, "it can be opened again"
    memory = io.BytesIO(objects.ct(8))
    ds = pydcm.dcmread(memory)
    assert (ds.filename, ds.buffer, ds.timestamp) == (None, memory, None)


NAMED = """
import pathlib, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "a.dcm")
    path.write_bytes(b"abc")
    for mode in ("rb", "r+b"):
        with path.open(mode) as stream:
            f = FileDataset(stream, {})
            see(f.filename == str(path), type(f.buffer), f.timestamp == path.stat().st_mtime)
"""


def test_named_streams() -> None:
    assert_alike(NAMED)


def test_streams_survive_copies(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(objects.ct(8))
    with path.open("r+b") as stream:
        ds = pydcm.dcmread(stream)
        assert ds.buffer is stream
        assert copy.copy(ds).buffer is stream
        with pytest.warns(UserWarning, match="cannot be copied") as caught:
            deep = copy.deepcopy(ds)
        assert caught[0].filename == __file__
        assert deep == ds
        assert deep.buffer is None
        again = pickle.loads(pickle.dumps(ds))
    assert again == ds
    assert again.buffer is None
    assert again.file_meta == ds.file_meta


def test_a_file_data_set_made_by_hand_is_written(tmp_path: Path) -> None:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds = FileDataset(tmp_path / "a.dcm", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID = "1.2.3"
    ds.save_as(ds.filename, enforce_file_format=True)
    again = pydcm.dcmread(tmp_path / "a.dcm")
    assert again == ds
    assert again.file_meta.MediaStorageSOPInstanceUID == "1.2.3"
