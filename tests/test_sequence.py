"""Sequences as lists of data sets, beside pydicom's."""

from __future__ import annotations

from typing import Any

import pytest

import pydcm
from pydcm import Dataset, Sequence
from tests.snippets import Difference, assert_alike, assert_different, lines
from tests.synthetic import objects

MAKING = lines("""
Sequence(), Sequence([]), Sequence(None), Sequence([Dataset()]), Sequence((Dataset(),))
Sequence(iter([Dataset()])), Sequence(Sequence([ds])), Sequence({})
Sequence(Dataset())
Sequence(ds)
Sequence(5)
Sequence([5])
Sequence("abc")
Sequence([None])
Sequence([{}])
""")

ITEMS = [
    "s = Sequence([ds, Dataset()]); " + line
    for line in lines("""
s.append(make()); len(s), s[-1] == ds
s.append(5)
s.append([ds])
s.insert(0, make()); len(s), s[1] is ds
s.insert(0, 5)
s.extend([make()]); len(s)
s.extend(item for item in [ds]); len(s)
s.extend(Sequence([ds])); len(s)
s.extend(Dataset())
s.extend(ds)
s.extend(5)
s.extend([5])
s.extend(None)
s += [make()]; type(s), len(s)
s += Sequence([ds]); len(s)
s += Dataset()
s += ds
s += 5
s + [ds]
[ds] + s
s + s
s * 2
s[0] = make(); len(s)
s[0] = 5
s[0] = [make()]
s[5] = make()
s[5]
s[-1] == Dataset(), s[:1], type(s[:1]), s[1:], s[::-1][1] is ds
s["a"]
s[0:1] = [make(), make()]; len(s)
s[0:1] = make()
s[0:1] = [5]
s[0:1] = 5
s[::2] = [Dataset()]; len(s), s[0]
s[::2] = [ds, ds]
del s[0]; len(s)
del s[:]; len(s)
del s[9]
s.pop(), len(s)
s.pop(0) is ds, len(s)
s.pop(7)
s.reverse(); s[1] is ds
s.clear(); len(s)
s.remove(ds); len(s)
s.remove(5)
s.index(ds), s.count(ds), ds in s, 5 in s, Dataset() in s
s.index(5)
s.sort()
list(reversed(s))[1] is ds, [item is ds for item in s]
bool(s), bool(Sequence()), len(s)
str(s), repr(s), f"{s}"
s.foo = 5; s.foo, copy.deepcopy(s).foo
copy.deepcopy(s) == s, copy.deepcopy(s)[0] is ds, copy.copy(s)[0] is ds
y = copy.copy(s); y.append(Dataset()); len(s)
[pickle.loads(pickle.dumps(s, p)) == s for p in range(6)]
isinstance(s, list), isinstance(s, __import__("collections").abc.MutableSequence)
""")
]

COMPARING = lines("""
Sequence([ds]) == Sequence([make()]), Sequence([ds]) == [ds], [ds] == Sequence([ds])
Sequence([ds]) != [ds], Sequence([ds]) != Sequence([Dataset()]), Sequence([ds]) == (ds,)
Sequence() == [], Sequence() == None, Sequence([ds]) == 5, Sequence() == Sequence()
hash(Sequence())
str(Sequence()), repr(Sequence()), str(Sequence([Dataset()])), str(Sequence([ds, ds]))
""")

IN_DATA_SETS = lines("""
s = ds.BeamSequence; s.append(Dataset()); len(ds.BeamSequence)
s = bare(ds).BeamSequence; s[1], s[0:1], s.index(s[1]), s[1] in s, len(s)
s = bare(ds).BeamSequence; s.reverse(); [item.PatientID for item in s]
s = bare(ds).BeamSequence; del s[0]; s, len(s)
s = bare(ds).BeamSequence; s[0] = make(); s, len(s)
s = bare(ds).BeamSequence; s.insert(1, Dataset()); [len(item) for item in s]
s = bare(ds).BeamSequence; s == ds.BeamSequence, ds.BeamSequence == s, s == list(s)
s = bare(ds).BeamSequence; s[5]
r = bare(ds); r.BeamSequence[0] is r.BeamSequence[0], r.BeamSequence is r.BeamSequence
r = bare(ds); x = Dataset(); x.BeamSequence = r.BeamSequence
    x.BeamSequence is r.BeamSequence, encode(x)
r = bare(ds); x = Dataset(); x.BeamSequence = [r.BeamSequence[1]]
    encode(x), encode(x, implicit=True)
ds["BeamSequence"].is_undefined_length = True; r = bare(ds)
    r["BeamSequence"].is_undefined_length, encode(r)
ds["BeamSequence"].is_undefined_length = True; r = bare(ds)
    r["BeamSequence"].is_undefined_length = False; encode(r)
ds["BeamSequence"].is_undefined_length = True; r = bare(ds); x = Dataset()
    x.BeamSequence = r.BeamSequence; encode(x)
ds["BeamSequence"].is_undefined_length = True; r = bare(ds); x = Dataset()
    x.add(r["BeamSequence"]); encode(x)
ds.BeamSequence.is_undefined_length = True; encode(ds)
ds.BeamSequence[0].is_undefined_length_sequence_item = True; r = bare(ds)
    r.BeamSequence[0].is_undefined_length_sequence_item, encode(r)
import numpy; numpy.array([ds, make()]).shape, numpy.array([ds, make()]).dtype
import numpy; a = numpy.array([ds, make()], dtype=object); a.shape, a[0] is ds
import numpy; numpy.array(ds).shape, numpy.array(ds).dtype
import numpy; numpy.array([Dataset(), Dataset()]).shape, numpy.asarray([ds])[0] is ds
import numpy; numpy.array([[ds], [ds]]).shape
sorted([ds, make()], key=lambda item: item.PatientID)[0] is ds
""")

DIFFERENT = [
    Difference(
        "hasattr(Sequence(), 'is_undefined_length')",
        "True",
        "pydicom has the attribute on sequences that were read alone",
    ),
]


@pytest.mark.parametrize("code", MAKING)
def test_making(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", ITEMS)
def test_items(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", COMPARING + IN_DATA_SETS)
def test_comparing_and_data_sets(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


def test_what_is_not_opened_can_be_moved() -> None:
    ds = pydcm.dcmread(objects.structured_report(120))
    containers = ds.ContentSequence
    expected = [str(item) for item in pydcm.dcmread(objects.structured_report(120)).ContentSequence]
    assert len(expected) > 1
    containers.reverse()
    assert containers.unopened(0) is not None
    assert [str(item) for item in containers] == expected[::-1]
    assert containers.unopened(0) is None


def test_a_failed_change_changes_nothing() -> None:
    items = Sequence([Dataset()])
    wrong: Any = [Dataset(), 5]
    with pytest.raises(TypeError):
        items.extend(wrong)
    with pytest.raises(TypeError):
        items[0:1] = wrong
    assert len(items) == 1
