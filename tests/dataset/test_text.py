"""How data sets print, and the names they offer for completion."""

from __future__ import annotations

import pytest

from tests.snippets import Difference, assert_alike, assert_different, lines

PRINTING = lines("""
str(ds), repr(ds), ds.top(), str(bare(ds)), bare(ds).top()
str(Dataset()), repr(Dataset()), Dataset().top()
str(whole(ds)), repr(whole(ds)), whole(ds).top()
config.show_file_meta = False; str(whole(ds)), whole(ds).top()
ds.file_meta = make_meta(); str(ds), ds.top()
ds.BeamSequence[0].BeamSequence = [Dataset(), make()]; str(ds), ds.top()
list(ds.formatted_lines()), list(bare(ds).formatted_lines())
list(ds.formatted_lines("%(name)s", "%(tag)s"))
list(ds.formatted_lines("%(name)s %(keyword)s %(VM)s %(is_private)s %(value)s"))
list(ds.formatted_lines(element_format="%(repval)s", sequence_element_format="%(VM)d"))
list(ds.formatted_lines("%(foo)s"))
ds.indent_chars = "--"; str(ds)
ds.default_element_format, ds.default_sequence_element_format, ds.indent_chars
f"{ds}", "%s" % ds, "%r" % ds
""")

NAMES = lines("""
ds.dir(), ds.dir("pat"), ds.dir("PAT", "seq"), ds.dir("zzz"), ds.dir("")
ds.dir(5)
[name for name in dir(ds) if name[0].isupper()]
[name for name in ds.trait_names() if name[0].isupper()]
ds.foo = 1; "foo" in dir(ds), "walk" in dir(ds)
ds.add_new(0x60000010, "US", 5); ds.dir("overlay")
""")

DIFFERENT = [
    Difference(
        'list(ds.formatted_lines("%(tag)s", "%(tag)s", "> "))[-3:]',
        '["> (0010,0020)", "> (0010,0020)", "> (0028,0010)"]',
        "indent_format indents; pydicom has the argument and ignores it",
    ),
]


@pytest.mark.parametrize("code", PRINTING + NAMES)
def test_text(code: str) -> None:
    assert_alike(code)


@pytest.mark.parametrize("case", DIFFERENT, ids=lambda case: case.code)
def test_differences(case: Difference) -> None:
    assert_different(case)
