"""Classes derived from Dataset, DataElement and Sequence, as existing code has them."""

from __future__ import annotations

import pytest

from tests.snippets import PRELUDE, Difference, assert_alike, assert_different, blocks, lines

MINE = (
    PRELUDE
    + """
class Mine(Dataset):
    kind = "m"

    def __init__(self, *args, extra=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.extra = extra

    @property
    def nice(self):
        return self.PatientID + "!"
"""
)

INSTANCES = lines("""
m = Mine(extra=[1]); m.PatientID = "q"; m.nice, m.extra, m, type(m), isinstance(m, Dataset)
m = Mine(ds, extra=2); m.nice, m.extra, m == ds, ds == m
m = Mine(); m.PatientID = "q"; n = copy.deepcopy(m); type(n), n == m, n.extra
m = Mine(extra=[1]); n = copy.copy(m); type(n), n == m, n.extra is m.extra
m = Mine(); m.PatientID = "q"; type(m[:]), type(m.copy()), type(m.group_dataset(0x10))
m = bare(ds); m.__class__ = Mine; m.nice, m.kind, type(copy.deepcopy(m)), encode(m)
i = bare(ds).BeamSequence[0]; i.__class__ = Mine; i.nice, i
r = bare(ds); r.BeamSequence[0].__class__ = Mine; r.BeamSequence[0].nice, encode(r)
r = bare(ds); i = copy.deepcopy(r.BeamSequence[0]); i.__class__ = Mine; i.nice, i.kind
r = bare(ds); r.BeamSequence = [Mine(item) for item in r.BeamSequence]
    r.BeamSequence[0].nice, encode(r)
ds.BeamSequence = [Mine(extra=1)]; type(ds.BeamSequence[0]), copy.deepcopy(ds).BeamSequence[0].extra
vars(Mine(extra=3))["extra"], Mine(extra=3).get("extra")
""")

CLASSES = blocks("""
class C(Dataset):
    PatientID = "attribute of the class"
c = C(); c.PatientID

class C(Dataset):
    def __init__(self):
        super().__init__()
        self._x = 5
        self.PatientID = "a"
c = C(); c._x, c.PatientID, copy.deepcopy(c)._x, copy.copy(c)._x

class C(Dataset):
    @property
    def PatientID(self):
        return "property"
c = C(); c.add_new("PatientID", "LO", "x"); c.PatientID, c["PatientID"].value

class C(Dataset):
    @property
    def PatientID(self):
        return "property"
    @PatientID.setter
    def PatientID(self, value):
        self._id = value
c = C(); c.PatientID = "z"; c.PatientID, "PatientID" in c

class C(Dataset):
    @property
    def bad(self):
        return self.PatientBirthDate
C().bad

class C(Dataset):
    @property
    def bad(self):
        raise ValueError("x")
C().bad

class C(Dataset):
    def __getattr__(self, name):
        return 1 if name == "zz" else super().__getattr__(name)
c = C(); c.PatientID = "a"; c.zz, c.PatientID

class C(Dataset):
    def __setattr__(self, name, value):
        super().__setattr__(name, value + 1 if name == "zz" else value)
c = C(); c.PatientID = "a"; c.zz = 1; c.zz, c.PatientID

class C(Dataset):
    def __setitem__(self, key, elem):
        see(int(key), elem)
        super().__setitem__(key, elem)
c = C(); c.PatientID = "a"; c.add_new("Rows", "US", 1); c.update({"Columns": 2}); c.PatientID = "b"

class C(Dataset):
    def __contains__(self, key):
        return True
"Foo" in C()

class C(Dataset):
    def __len__(self):
        return 7
c = C(); len(c), bool(c), str(c)

class C(DataElement):
    pass
d = Dataset(); d.add(C("PatientID", "LO", "x")); e = E("PatientID", "LO", "x")
type(d["PatientID"]), copy.deepcopy(d) == d, d["PatientID"] == e, e == d["PatientID"]

class C(Sequence):
    pass
d = Dataset(); d.BeamSequence = C([Dataset()])
type(d.BeamSequence), type(copy.deepcopy(d).BeamSequence), type(copy.copy(d.BeamSequence))

class C(Sequence):
    def append(self, item):
        item.PatientID = "appended"
        super().append(item)
c = C(); c.append(Dataset()); d = Dataset(); d.BeamSequence = c; d.BeamSequence.append(Dataset()); d
""")

DIFFERENT = [
    Difference(
        "class C(Dataset):\n    def __getitem__(self, key):\n        raise ZeroDivisionError\n"
        "c = C(); c.PatientID = 'a'; c.PatientID, c.get('PatientID'), len(list(c))",
        "'a', 'a', 1",
        "Attributes, get() and iteration look elements up themselves, for speed; a subclass that "
        "overrides __getitem__ overrides that operator alone",
    ),
    Difference(
        "class C(Dataset):\n    def __delitem__(self, key):\n        see(int(key))\n"
        "c = C(); c.PatientID = 'a'; del c.PatientID; 'PatientID' in c",
        "True",
        "Whatever removes an element goes by __delitem__",
    ),
]


@pytest.mark.parametrize("code", INSTANCES)
def test_instances(code: str) -> None:
    assert_alike(code, MINE)


@pytest.mark.parametrize("code", CLASSES)
def test_classes(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=["getitem", "delitem"])
def test_differences(case: Difference) -> None:
    assert_different(case)
