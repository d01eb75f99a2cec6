"""Walking through a data set, while it changes too."""

from __future__ import annotations

import pytest

import pydcm
from tests.snippets import Difference, assert_alike, assert_different, blocks, lines
from tests.synthetic import objects

WALKS = blocks("""
def visit(d, elem): see(elem)
ds.walk(visit)

def visit(d, elem): see(elem)
ds.walk(visit, False)

def visit(d, elem): see(elem.tag, len(d))
bare(ds).walk(visit, recursive=False)

def visit(d, elem): see(elem.tag, len(d))
bare(ds).walk(visit)

def visit(d, elem):
    see(elem.tag)
    if elem.keyword == "PatientID":
        del d[elem.tag]
ds.walk(visit); ds

def visit(d, elem):
    see(elem.tag)
    if elem.keyword == "BeamSequence":
        del d[elem.tag]
ds.walk(visit); ds

def visit(d, elem):
    see(elem.tag)
    if elem.keyword == "BeamSequence":
        elem.value = []
ds.walk(visit); ds

def visit(d, elem):
    see(elem.tag)
    if elem.keyword == "BeamSequence":
        del elem.value[0]
ds.walk(visit); ds

def visit(d, elem):
    see(elem.tag)
    if elem.keyword == "PatientName":
        d.Columns = 5
ds.walk(visit); ds

def visit(d, elem):
    if elem.VR == "PN":
        elem.value = "anonymous"
r = bare(ds); r.walk(visit); r, encode(r)

def visit(d, elem):
    if elem.keyword == "PatientID":
        raise RuntimeError("x")
ds.walk(visit)

def visit(d, elem):
    if elem.keyword == "PatientID":
        raise KeyError("x")
ds.walk(visit)

def visit(d, elem): return 1 / 0
ds.walk(visit)

ds.walk(None)

ds.walk(lambda d: None)

ds.walk()
""")

DIFFERENT = [
    Difference(
        "gone = lambda d, elem: d.pop('Rows', None) if elem.keyword == 'PatientID' else None\n"
        "ds.walk(gone); 'Rows' in ds, 'Rows' in ds.BeamSequence[1]",
        "False, False",
        "An element that the callback removes before its turn is passed over; pydicom raises "
        "KeyError",
    ),
]


@pytest.mark.parametrize("code", WALKS)
def test_walks(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=["removal"])
def test_differences(case: Difference) -> None:
    assert_different(case)


@pytest.mark.parametrize(
    "code",
    lines("""
[elem.tag for elem in ds.iterall()]
[elem.tag for elem in bare(ds).iterall()]
it = ds.iterall(); next(it).tag, next(it).tag
list(Dataset().iterall())
"""),
)
def test_iterall(code: str) -> None:
    assert_alike(code)


def test_iterall_sees_what_walk_sees() -> None:
    ds = pydcm.dcmread(objects.structured_report(40))
    walked: list[int] = []
    ds.walk(lambda _ds, elem: walked.append(int(elem.tag)))
    assert walked == [int(elem.tag) for elem in ds.iterall()]
    assert len(walked) > 100
