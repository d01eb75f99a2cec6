"""Elements by tag and keyword: the operators and methods of a mapping, beside pydicom's."""

from __future__ import annotations

import pytest

from pydcm import Dataset
from tests.snippets import (
    OURS,
    Difference,
    assert_alike,
    assert_different,
    blocks,
    describe,
    lines,
    run,
)

READING = lines("""
ds
bare(ds)
list(ds), list(bare(ds)), list(ds.keys()), list(bare(ds).keys())
ds.keys()
ds.values()
ds.items()
bare(ds).values()
bare(ds).items()
list(bare(ds).elements())
r = bare(ds); r.PatientID; list(r.elements())
list(ds.iterall()), list(bare(ds).iterall())
type(ds.keys()), type(ds.values()), type(ds.items())
len(ds), len(Dataset()), bool(Dataset()), bool(ds)
ds["PatientID"], ds[0x00100020], ds[0x10, 0x20], ds[(0x10, 0x20)], ds[Tag(0x10, 0x20)]
ds["0x00100020"], ds["00100020"]
ds["Foo"]
ds[None]
ds[1.5]
ds[-1]
ds["PatientBirthDate"]
ds[0x10, 0x30]
ds[0x10, 0x20, 0x30]
ds[2**40]
ds.get("PatientID"), ds.get(0x00100020), ds.get((0x10, 0x20)), ds.get(Tag("PatientID"))
ds.get("PatientBirthDate"), ds.get("PatientBirthDate", 1), ds.get((0x10, 0x30), 2)
ds.get("Foo"), ds.get("Foo", 2), ds.get("00100020"), ds.get("0x00100020")
ds.get("is_implicit_VR"), ds.get("top")
ds.get(None)
ds.get(None, 4)
ds.get(("PatientID",))
ds.get(-1)
ds.get(2**40, 7)
ds.get(b"x")
ds.get([0x10, 0x20])
ds.data_element("PatientID"), ds.data_element("Foo")
ds.data_element("PatientBirthDate")
ds.data_element(5)
ds.data_element(None)
ds.data_element("00100020")
r = bare(ds); r.get_item("PatientID"), r.get_item(0x00100020), r.get_item("PatientBirthDate")
r = bare(ds); r.PatientID; r.get_item("PatientID")
r = bare(ds); r.get_item("BeamSequence", keep_deferred=True)
r = bare(ds); r.get_item(slice(0x00100000, 0x00110000))
ds.get_item("PatientID")
ds.get_item("Foo")
ds.get_item(None)
iter(ds)
reversed(ds)
""")

CONTAINS = lines("""
"PatientID" in ds, 0x00100020 in ds, (0x10, 0x20) in ds, [0x10, 0x20] in ds, "00100020" in ds
"PatientBirthDate" in ds, 0x00100021 in ds, Tag(0x10, 0x20) in ds
"patientID" in ds
"PatientIDX" in ds
(1, 2, 3) in ds
None in ds
-1 in ds
b"PatientID" in ds
object in ds
2**40 in ds
config.INVALID_KEY_BEHAVIOR = "RAISE"; "Foo" in ds
config.INVALID_KEY_BEHAVIOR = "RAISE"; None in ds
config.INVALID_KEY_BEHAVIOR = "IGNORE"; "Foo" in ds, None in ds
""")

SLICES = lines("""
ds[0x00100000:0x00110000]
ds[:]
ds["PatientName":"Rows"]
ds[:"PatientID"]
ds[(0x10, 0x20):]
ds[::2]
ds[::-1]
ds[0x20000000:0x10]
ds["Foo":]
ds[::0]
ds[-5:]
ds[0x10:0x20]
ds[:2**32]
ds[(0x10,):]
type(ds[:]), type(bare(ds)[:])
r = bare(ds)[0x00100000:]; r, r.original_encoding, r.is_implicit_VR
x = ds[:]; x.PatientName = "Q"; ds.PatientName
x = ds[:]; x.Columns = 2; "Columns" in ds
x = ds[:]; x.BeamSequence[0].PatientID = "Q"; ds.BeamSequence[0].PatientID
x = bare(ds); y = x[:]; y.PatientName = "Q"; x.PatientName
x = bare(ds); y = x[:]; x.PatientName = "Q"; y.PatientName
ds.group_dataset(0x10), ds.group_dataset(9), ds.group_dataset(5), bare(ds).group_dataset(0x10)
ds.group_dataset("10")
ds.group_dataset(None)
""")

CHANGING = lines("""
ds["PatientID"] = E("PatientID", "LO", "n"); ds
ds[0x10, 0x20] = E("PatientID", "LO", "n"); ds
ds["PatientID"] = E("PatientBirthDate", "DA", "20200101")
ds["PatientID"] = "abc"
ds[0x00100020] = None
ds[0x00100020] = ds
ds[0x00100000:0x00110000] = E("PatientID", "LO", "n")
ds[1.5] = E("PatientID", "LO", "n")
ds[None] = E("PatientID", "LO", "n")
ds["Foo"] = E("PatientID", "LO", "n")
ds[0x00100020] = RawDataElement(Tag(0x00100020), "LO", 2, b"zz", 0, False, True); ds
ds[0x00100020] = RawDataElement(Tag(0x00100021), "LO", 2, b"zz", 0, False, True)
ds.add(E("PatientID", "LO", "n")); ds
ds.add(5)
ds.add(None)
ds.add(RawDataElement(Tag(0x00100020), "LO", 2, b"zz", 0, False, True)); ds
ds.add_new("PatientID", "LO", "q"); ds
ds.add_new((0x10, 0x20), "LO", "q"); ds
ds.add_new(0x00100020, "XX", "q"); ds
ds.add_new("Foo", "LO", "q")
ds.add_new(None, "LO", "q")
ds.add_new(0x00100020, "SH", ["a", "b"]); ds
ds.add_new(0x00280010, "US", None); ds
ds.add_new(0x00081140, "SQ", [Dataset()]); ds
ds.add_new(0x00081140, "SQ", None); ds
ds.add_new(0x00081140, "SQ", Dataset())
del ds["PatientID"]; ds
del ds[0x10, 0x20]; ds
del ds[0x00100030]
del ds["Foo"]
del ds["PatientBirthDate"]
del ds[None]
del ds[0x00100000:0x00110000]; ds
del ds[:]; ds
del ds[::2]; ds
del ds["PatientName":"PatientID"]; ds
ds.pop("PatientID"), ds
ds.pop((0x10, 0x20), 5), ds
ds.pop("PatientIDX", None), ds.pop("PatientBirthDate", 3), ds.pop(0x00100030, 4), ds.pop(1.5, 9)
ds.pop("PatientIDX")
ds.pop("PatientBirthDate")
ds.pop(0x00100030)
ds.pop(None)
ds.pop(None, 1)
R = RawDataElement; ds[0x280010] = R(Tag("Rows"), "US", 1, b"x", 0, 0, 1); ds.pop("Rows", 1).value
R = RawDataElement; ds[0x280010] = R(Tag("Rows"), "US", 1, b"x", 0, 0, 1); ds.pop("Rows"), len(ds)
ds.pop("PatientID", default=2)
ds.pop()
ds.pop("PatientID", 1, 2)
ds.popitem(), ds
Dataset().popitem()
r = bare(ds); r.popitem(), r.popitem(), len(r)
ds.setdefault("PatientID", "zz"), ds.setdefault("PatientBirthDate", "20200101"), ds
ds.setdefault("PatientBirthDate"), ds.setdefault(0x00100020), ds
ds.setdefault((0x20, 0x14), 4)
ds.setdefault("Foo", 1)
ds.setdefault(None, 1)
ds.setdefault(0x00100031, b"1"), ds
config.settings.writing_validation_mode = 2; ds.setdefault(0x00100031, b"1")
config.settings.writing_validation_mode = 0; ds.setdefault(0x00100031, b"1")
ds.setdefault(0x00111001, b"1"), ds.setdefault(0x00111002), ds.setdefault(0x00110010, "CR")
ds.setdefault("PatientBirthDate", E("PatientBirthDate", "DA", "20200101"))
ds.setdefault("PatientBirthDate", E("PatientID", "LO", "20200101"))
ds.setdefault(0x60003000, b"aa")
ds.setdefault("BeamSequence", []), ds.setdefault("ReferencedStudySequence", [])
ds.setdefault("SmallestImagePixelValue", 3)
ds.update({"PatientName": "New", "Rows": 7}); ds
ds.update({0x00100010: E("PatientName", "PN", "Z")}); ds
ds.update({(0x10, 0x10): E("PatientName", "PN", "Z")}); ds
ds.update({"00100010": E("PatientName", "PN", "Z")}); ds
ds.update({0x00100010: "Z"})
ds.update({0x00100010: E("PatientID", "LO", "Z")})
ds.update({"Foo": "Z"}); ds.Foo
ds.update([("PatientName", "A")])
ds.update(None)
ds.update({None: 1})
ds.update({})
ds.update(PatientName="X")
d = Dataset(); d.PatientName = "B"; d.Columns = 4; ds.update(d); ds
d = Dataset(); d.PatientName = "B"; d.Columns = 4; ds.update(bare(d)); ds
d = Dataset(); d.PatientName = "B"; r = bare(ds); r.update(bare(d)); r
ds.clear(); ds, len(ds)
r = bare(ds); del r.PatientID; r.PatientID = "k"; list(r.keys())
r = bare(ds); r.Columns = 4; list(r.keys()), [elem.tag for elem in r]
r = bare(ds); r.update_raw_element(0x00100020, vr="SH"); r["PatientID"], encode(r)
r = bare(ds); r.update_raw_element("PatientID", value=b"zzz "); r["PatientID"], encode(r)
r = bare(ds); r.update_raw_element((0x10, 0x20), vr="UN", value=b"zzz "); r["PatientID"]
r = bare(ds); r.update_raw_element("PatientID")
r = bare(ds); r.update_raw_element("PatientBirthDate", vr="DA")
r = bare(ds); r.PatientID; r.update_raw_element("PatientID", vr="SH")
r = bare(ds); r.update_raw_element("Foo", vr="SH")
r = bare(ds); r.update_raw_element("PatientID", "SH")
ds.update_raw_element("PatientID", vr="SH")
""")

COMPARING = lines("""
ds == ds, ds == make(), ds != make(), ds == bare(ds), bare(ds) == ds, ds == 5, ds != 5, ds == None
Dataset() == Dataset(), Dataset() == {}, {} == Dataset()
ds.__eq__(make()), ds.__eq__(5), ds.__ne__(make()), ds.__ne__(5)
x = make(); x.PatientID = "n"; ds == x
x = make(); x.BeamSequence[0].PatientID = "n"; ds == x
x = make(); x.foo = 1; ds == x
x = make(); x.is_undefined_length_sequence_item = True; ds == x
f = FileDataset("f", make()); f == make(), make() == f, f == FileDataset("g", make())
f = FileDataset("f", make(), file_meta=make_meta()); f == FileDataset("f", make())
hash(ds)
with ds as d: see(d is ds)
with ds: raise ValueError
""")

DIFFERENT = [
    Difference(
        "1.5 in ds", "False", "A float is no tag, so the question gets the warning of any other key"
    ),
    Difference("'' in ds", "False", "An empty text is no tag, so the question gets the warning"),
    Difference("ds[1.5:]", "TypeError", "A float is no tag; pydicom takes it for 0x00000001"),
    Difference("del ds[1.5]", "TypeError", "A float is no tag; pydicom takes it for 0x00000001"),
    Difference("ds.get(1.5)", "TypeError", "A float is no tag; pydicom takes it for 0x00000001"),
    Difference(
        "ds.setdefault(0x00100031, 1)",
        'E(0x00100031, "UN", 1)',
        "pydicom asks the number for its length, with a TypeError",
    ),
    Difference(
        "Dataset({0x00100020: 'x'})",
        "TypeError",
        "What is no element is refused at once, not when the data set is printed",
    ),
    Difference(
        "Dataset({(0x10, 0x20): E('PatientID', 'LO', 'x')})",
        "d = Dataset(); d.PatientID = 'x'; d",
        "Keys are taken for tags, as everywhere else",
    ),
]


@pytest.mark.parametrize("code", READING + CONTAINS + SLICES)
def test_looking(code: str) -> None:
    assert_alike(code)


def test_a_slice_cannot_be_popped() -> None:
    # Beside pydicom only up to Python 3.11: from 3.12 on a slice can be hashed, and is a
    # key there that is never found.
    ds = Dataset()
    ds.PatientID = "4711"
    with pytest.raises(TypeError):
        ds.pop(slice(None))
    assert ds.PatientID == "4711"


@pytest.mark.parametrize("code", CHANGING)
def test_changing(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", COMPARING)
def test_comparing(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


def test_snippets_can_tell() -> None:
    """The comparison itself notices values, classes, errors and warnings."""
    assert run(OURS, "ds.Rows").seen == [describe(5, OURS)]
    assert run(OURS, "ds.Rows").seen != run(OURS, "IS(5)").seen
    assert KeyError in run(OURS, "ds['Foo']").raised
    assert run(OURS, "ds.FooBar = 1").warned == ["UserWarning"]
    assert blocks("a\nb\n\nc") == ["a\nb", "c"]
