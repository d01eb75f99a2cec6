"""Copies, pickles and data sets made of data sets: what is shared and what is not."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import pydcm
from pydcm import Dataset
from tests.snippets import Difference, assert_alike, assert_different, lines
from tests.synthetic import Encoding, multiframe, objects

ALIKE = lines("""
x = copy.deepcopy(ds); x.PatientID = "n"; x.ImageType[0] = "Z"; x.BeamSequence[0].PatientID = "Z"
    ds, x
x = bare(ds); y = copy.deepcopy(x); y.PatientID = "n"; x.PatientID, type(y)
x = bare(ds); y = copy.deepcopy(x); y.BeamSequence[0].PatientID = "zz"; x.BeamSequence[0].PatientID
x = bare(ds); y = copy.deepcopy(x); x.BeamSequence[0].PatientID = "zz"; y.BeamSequence[0].PatientID
x = copy.copy(ds); x.ImageType[0] = "Z"; ds.ImageType
x = copy.copy(ds); x.BeamSequence is ds.BeamSequence, x == ds, type(x), type(ds.copy())
x = [ds, ds]; y = copy.deepcopy(x); y[0] is y[1], y[0] is ds
ds.me = ds; y = copy.deepcopy(ds); y.me is y
ds.foo = [5]; x = copy.deepcopy(ds); x.foo, x.foo is ds.foo
ds.foo = [5]; x = copy.copy(ds); x.foo, x.foo is ds.foo
ds.foo = 5; x = pickle.loads(pickle.dumps(ds)); x.foo
ds._x = 1; copy.deepcopy(ds)._x, copy.copy(ds)._x, pickle.loads(pickle.dumps(ds))._x
[pickle.loads(pickle.dumps(ds, p)) == ds for p in range(6)]
[pickle.loads(pickle.dumps(bare(ds), p)) == ds for p in range(2, 6)]
[type(pickle.loads(pickle.dumps(bare(ds), p))) for p in range(2, 6)]
[pickle.loads(pickle.dumps(whole(ds), p)).file_meta for p in range(2, 6)]
[pickle.loads(pickle.dumps(bare(ds).BeamSequence, p)) == ds.BeamSequence for p in range(6)]
[pickle.loads(pickle.dumps(bare(ds)["BeamSequence"], p)) for p in range(6)]
[pickle.loads(pickle.dumps(bare(ds).BeamSequence[1], p)) for p in range(6)]
[pickle.loads(pickle.dumps(ds["ImageType"], p)) for p in range(6)]
pickle.loads(pickle.dumps(ds.PixelSpacing)), pickle.loads(pickle.dumps(ds.PatientName))
d = Dataset(ds); d.PatientID = "new"; d.Columns = 2; ds
d = Dataset(ds); ds.PatientID = "new"; ds.Columns = 2; d
d = Dataset(ds); del d.PatientID; "PatientID" in ds
x = bare(ds); d = Dataset(x); d.PatientID = "new"; d.Columns = 2; x
x = bare(ds); d = Dataset(x); x.PatientID = "new"; x.Columns = 2; d, encode(d)
x = bare(ds); d = Dataset(x); del d.PatientID; "PatientID" in x, encode(x)
x = bare(ds); d = Dataset(x); d.BeamSequence[0].PatientID = "new"; encode(x)
d = Dataset(ds, foo=1); hasattr(d, "foo")
d = Dataset(ds, make()); d == ds
Dataset(PatientID="x")
Dataset(5)
Dataset(None)
Dataset([])
Dataset("abc")
Dataset({0x00100020: E("PatientID", "LO", "q")})
""")

SHARED = (
    "A copy has elements of its own; in pydicom a shallow copy is the same data set twice, and "
    "what is added to one is in the other"
)

DIFFERENT = [
    Difference('x = ds.copy(); x.PatientID = "n"; x.Columns = 7; ds', "make()", SHARED),
    Difference('x = copy.copy(ds); x.PatientID = "n"; x.Columns = 7; ds', "make()", SHARED),
    Difference('x = bare(ds); y = x.copy(); y.PatientID = "n"; x.PatientID', '"4711"', SHARED),
    Difference(
        'x = bare(ds); x.PatientID; y = copy.copy(x); y.PatientID = "n"; x.PatientID',
        '"4711"',
        SHARED,
    ),
    Difference("x = ds.copy(); del x.PatientID; ds.PatientID", '"4711"', SHARED),
]


@pytest.mark.parametrize("code", ALIKE)
def test_copies(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


def _written(ds: Dataset) -> bytes:
    stream = io.BytesIO()
    ds.save_as(stream)
    return stream.getvalue()


FILES = {
    "every VR": objects.every_vr(),
    "implicit, undefined lengths": objects.every_vr(Encoding(explicit=False, undefined=True)),
    "big endian": objects.every_vr(Encoding(little=False)),
    "deflated": objects.every_vr(deflated=True),
    "report": objects.structured_report(20),
    "enhanced": objects.enhanced_ct(5, Encoding(undefined=True)),
}


COPIERS: dict[str, Callable[[Dataset], Dataset]] = {
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "pickle": lambda ds: pickle.loads(pickle.dumps(ds)),
}


@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", COPIERS)
def test_copies_are_written_as_the_file_was(name: str, how: str, opened: bool) -> None:
    data = FILES[name]
    ds = pydcm.dcmread(data)
    if opened:
        assert len(list(ds.iterall())) > 20
    made = COPIERS[how](ds)
    assert made == ds
    assert _written(made) == data
    assert _written(ds) == data


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(FILES["every VR"])
    for ds in (pydcm.dcmread(path), pydcm.dcmread(path.read_bytes())):
        assert pickle.loads(pickle.dumps(ds, protocol)) == ds
        assert _written(pickle.loads(pickle.dumps(ds, protocol))) == path.read_bytes()


def test_an_item_copied_out_of_its_file_stands_alone() -> None:
    ds = pydcm.dcmread(objects.structured_report(20))
    item = copy.deepcopy(ds.ContentSequence[0].ContentSequence[3])
    before = str(item)
    again = pickle.loads(pickle.dumps(item))
    del ds
    assert str(item) == str(again) == before
    assert len(before) > 50
    new = Dataset()
    new.ContentSequence = [item]
    stream = io.BytesIO()
    pydcm.dcmwrite(stream, new, implicit_vr=True, little_endian=True)
    assert pydcm.dcmread(stream.getvalue(), force=True).ContentSequence[0] == item


def test_deferred_pixels_follow_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    multiframe.write_sparse(path, 40, 64)
    ds = pydcm.dcmread(path)
    expected = pydcm.dcmread(path.read_bytes()).PixelData
    for made in (copy.deepcopy(ds), copy.copy(ds), pickle.loads(pickle.dumps(ds))):
        assert made.PixelData == expected


def test_elements_of_one_data_set_in_another_take_its_character_set() -> None:
    latin = Dataset()
    latin.SpecificCharacterSet = "ISO_IR 100"
    latin.PatientComments = "ö"
    latin.ReferencedStudySequence = [Dataset()]
    latin.ReferencedStudySequence[0].PatientComments = "ö"
    latin.ReferencedStudySequence[0].SpecificCharacterSet = "ISO_IR 192"
    latin.ReferencedStudySequence[0].ReferencedStudySequence = [Dataset()]
    latin.ReferencedStudySequence[0].ReferencedStudySequence[0].PatientID = "ä"
    stream = io.BytesIO()
    pydcm.dcmwrite(stream, latin, implicit_vr=False, little_endian=True)
    ds = pydcm.dcmread(stream.getvalue(), force=True)
    item = ds.ReferencedStudySequence[0]
    inner = item.ReferencedStudySequence[0]
    # each way between three data sets, two of which share one index
    inner.add(item["PatientComments"])
    inner.SpecificCharacterSet = "ISO_IR 100"
    ds.add(inner["PatientID"])
    item.add(ds["PatientID"])
    stream = io.BytesIO()
    pydcm.dcmwrite(stream, ds, implicit_vr=False, little_endian=True)
    again = pydcm.dcmread(stream.getvalue(), force=True)
    item = again.ReferencedStudySequence[0]
    inner = item.ReferencedStudySequence[0]
    assert (again.PatientID, item.PatientID, inner.PatientID) == ("ä", "ä", "ä")
    assert (again.PatientComments, item.PatientComments, inner.PatientComments) == ("ö", "ö", "ö")
