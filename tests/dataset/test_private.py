"""Private blocks and their creators (PS3.5 7.8), beside pydicom's."""

from __future__ import annotations

import pytest

import pydcm
from tests.snippets import Difference, assert_alike, assert_different, lines

BLOCK = 'b = ds.private_block(9, "ACME"); '

BLOCKS = [
    BLOCK + line
    for line in lines("""
b.group, b.private_creator, b.block_start, b.dataset is ds
b[1], b[2], 1 in b, 3 in b, b.get_tag(5), b.get_tag(0xFF)
b.get_tag(0x100)
b.get_tag(-1)
b.get_tag("a")
b[3]
0x100 in b
b[0x100]
del b[1]; ds
del b[3]
b.add_new(7, "LO", "z"); ds, b[7].private_creator
b.add_new(7, "LO", "z"); b.add_new(7, "SH", "y"); b[7], len(ds)
b.add_new(0x107, "LO", "z")
b.add_new(-1, "LO", "z")
c = copy.deepcopy(b); c.block_start, c.group, c.private_creator, c.dataset is ds
c = copy.copy(b); c.block_start, c.dataset is ds
pickle.loads(pickle.dumps(b)).block_start
""")
]

CREATORS = lines("""
ds.private_creators(9), ds.private_creators(0x11)
ds.private_creators(0x10)
ds.private_creators("x")
ds.private_creators(None)
ds.add_new(0x00090012, "LO", ""); ds.add_new(0x00090020, "LO", None); ds.private_creators(9)
ds.add_new(0x00090012, "LO", "B"); ds.add_new(0x00090011, "LO", ["C", "D"]); ds.private_creators(9)
ds.add_new(0x000900FF, "LO", "B"); ds.add_new(0x0009000F, "LO", "C"); ds.private_creators(9)
bare(ds).private_creators(9)
ds.private_block(9, "NONE")
ds.private_block(0x10, "ACME")
ds.private_block(9, "")
ds.private_block(9, None)
ds.private_block(9, "", create=True)
ds.private_block("9", "ACME")
ds.private_block(9, "acme")
ds.private_block(9, "ACME ")
b = ds.private_block(9, "NEW", create=True); b.block_start, ds
b = ds.private_block(0x11, "NEW", True); b.block_start, ds
b = ds.private_block(9, "ACME", create=True); b.block_start, len(ds)
r = bare(ds); r.private_block(9, "ACME")[1]
PrivateBlock((9, "ACME"), ds, 0x10)[1], PrivateBlock((9, "ACME"), ds, 0x11).get_tag(1)
ds.get_private_item(9, 1, "ACME")
ds.get_private_item(9, 9, "ACME")
ds.get_private_item(9, 1, "NO")
ds.get_private_item(0x10, 1, "NO")
ds.get_private_item(9, 1, "")
ds.add_new_private("ACME", 9, 5, "q", "LO"); ds
ds.add_new_private("ACME", 9, 5, "q")
ds.add_new_private("NEW", 9, 5, "q", "SH"); ds
ds.add_new_private("NEW", 0x10, 5, "q", "SH")
ds.add_new_private("", 9, 5, "q", "LO")
ds.add_new_private("ACME", 9, 0x105, "q", "LO")
ds.add_new_private("SIEMENS CSA HEADER", 0x29, 8, "IMAGE NUM 4"); ds
ds.add_new_private("SIEMENS CSA HEADER", 0x29, 0x99, "IMAGE NUM 4")
ds.add_new_private("SIEMENS CSA HEADER", 0x29, 0x10, b"IMAGE NUM 4", vr="OB"); bare(ds)
ds.add_new_private("SIEMENS CSA HEADER", 0x29, 0x08, "A"); bare(ds, implicit=True)
ds.add_new(0x00290010, "LO", "SIEMENS CSA HEADER"); ds.add_new(0x00291008, "UN", b"AB"); see(ds)
    bare(ds)
ds.add_new(0x00291008, "LO", "x"); ds.add_new(0x00290010, "LO", "SIEMENS CSA HEADER"); ds
ds.add_new(0x00290010, "LO", "SIEMENS CSA HEADER"); ds.add_new(0x00291008, "CS", "x")
    ds[0x00290010].value = "FOO"; ds
ds.remove_private_tags(), ds
r = bare(ds); r.remove_private_tags(); r
ds.BeamSequence[0].add_new(0x00110010, "LO", "Q"); ds.remove_private_tags(); ds.BeamSequence[0]
config.replace_un_with_known_vr = False; ds.add_new(0x00290010, "LO", "SIEMENS CSA HEADER")
    ds.add_new(0x00291008, "UN", b"AB"); bare(ds)
""")

DIFFERENT = [
    Difference(
        '[ds.private_block(9, f"C{n}", create=True) for n in range(240)]',
        "KeyError",
        "No block is left: a KeyError as for a block that is not there; pydicom's StopIteration "
        "ends loops in silence",
    ),
]


@pytest.mark.parametrize("code", BLOCKS)
def test_blocks(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("code", CREATORS)
def test_creators(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)


def test_the_last_block_can_be_had() -> None:
    ds = pydcm.Dataset()
    last = [ds.private_block(9, f"C{n}", create=True) for n in range(240)][-1]
    assert last.block_start == 0xFF00


def test_a_block_follows_its_data_set_into_a_copy() -> None:
    import copy

    ds = pydcm.Dataset()
    ds.kept = ds.private_block(9, "ACME", create=True)
    made = copy.deepcopy(ds)
    assert made.kept.dataset is made


def test_the_creator_of_an_element() -> None:
    ds = pydcm.Dataset()
    block = ds.private_block(9, "ACME", create=True)
    block.add_new(1, "LO", "a")
    assert ds.private_creator_of(0x00091001) == "ACME"
    assert ds.private_creator_of(0x00091101) is None
    assert ds.private_creator_of(0x00100010) is None
    assert ds.private_creator_of(0x00090010) is None
