"""Numbers in text: how many, if all of them are valid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import kernels
from pydcm.kernels import Label, decimals
from pydcm.valuerep.patterns import fits

pytestmark = pytest.mark.parametrize("label", decimals.count.available())


@pytest.mark.parametrize(
    ("text", "longest", "whole", "count"),
    [
        (b"1", 16, 0, 1),
        (b"1\\2\\3", 16, 1, 3),
        (b" -1.5E+3 \\.5\\5.", 16, 0, 3),
        (b"", 16, 0, 0),
        (b"1\\", 16, 0, 0),
        (b"1\\\\2", 16, 0, 0),
        (b"1.5", 16, 1, 0),
        (b"1e", 16, 0, 0),
        (b"0.33333333333333333", 16, 0, 0),
        (b"1\0", 16, 0, 0),
        (b"\xb2", 16, 0, 0),
        (b"12\\123", 2, 1, 0),
    ],
)
def test_examples(label: Label, text: bytes, longest: int, whole: int, count: int) -> None:
    with kernels.using(label):
        assert decimals.count(text, longest, whole) == count


@given(st.lists(st.text("0123456789+-.eE \n\0", max_size=18), min_size=1, max_size=6))
def test_all_fit_if_each_does_and_none_is_empty(label: Label, strings: list[str]) -> None:
    octets = "\\".join(strings).encode()
    for vr, longest in (("DS", 16), ("IS", 12)):
        each = [fits(vr, text) and bool(text) for text in strings]
        with kernels.using(label):
            found = decimals.count(octets, longest, int(vr == "IS"))
        assert found == (len(strings) if all(each) else 0)


@given(st.binary(max_size=40), st.integers(0, 20), st.integers(0, 1))
def test_any_bytes_give_what_the_reference_gives(
    label: Label, octets: bytes, longest: int, whole: int
) -> None:
    with kernels.using(label):
        found = decimals.count(octets, longest, whole)
    assert found == decimals.count.reference(octets, longest, whole)
