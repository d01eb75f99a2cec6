"""CSA headers: what they say, and that lying ones are refused."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pydcm
from pydcm import Dataset
from pydcm.errors import StructureError
from pydcm.vendors.csa import CSA_CREATOR, CsaHeader, csa_header, read_csa
from tests.shared import CORPUS, needs_corpus
from tests.vendors.csa_made import Elements, csa1, csa2

Make = Callable[[Elements], bytes]

NIBABEL = CORPUS / "dwi" / "nibabel"

ELEMENTS = {
    "B_value": ("IS", 1, ("1000", "", "")),
    "SliceNormalVector": ("FD", 3, ("0.0", "0.5", "-0.5", "", "")),
    "MosaicRefAcqTimes": ("FD", 0, ("0", "1450.5", "72.5")),
    "ImaCoilString": ("LO", 1, ("HEA;HEP", "")),
    "Empty": ("UL", 1, ()),
}


@pytest.mark.parametrize("make", [csa1, csa2])
def test_values_of_both_layouts(make: Make) -> None:
    header = read_csa(make(ELEMENTS))
    assert list(header) == list(ELEMENTS)
    assert header.integers("B_value") == (1000,)
    assert header.integer("B_value") == 1000
    assert header.floats("SliceNormalVector") == (0.0, 0.5, -0.5)
    assert header.floats("MosaicRefAcqTimes") == (0.0, 1450.5, 72.5)
    assert header.number("MosaicRefAcqTimes") == 0.0
    assert header.text("ImaCoilString") == "HEA;HEP"
    assert header["Empty"].values == ()
    assert header["B_value"].vr == "IS"


def test_absent_names_give_nothing() -> None:
    header = CsaHeader({})
    for ask in (header.texts, header.floats, header.integers):
        assert ask("B_value") == ()
    assert header.text("B_value") == ""
    assert header.number("B_value") is None
    assert header.integer("B_value") is None
    assert len(header) == 0


def test_of_two_elements_with_one_name_the_first_with_values_counts() -> None:
    twice = csa2({"aaa": ("IS", 1, ()), "aab": ("IS", 1, ("1",)), "aac": ("IS", 1, ("2",))})
    twice = twice.replace(b"aab", b"aaa").replace(b"aac", b"aaa")
    assert read_csa(twice).integers("aaa") == (1,)


@pytest.mark.parametrize("text", ["many", "nan", "inf", "1e999"])
def test_what_is_no_finite_number_is_refused_as_one(text: str) -> None:
    header = read_csa(csa2({"B_value": ("IS", 1, (text,))}))
    assert header.text("B_value") == text
    for ask in (header.floats, header.integers, header.number, header.integer):
        with pytest.raises(StructureError, match="B_value"):
            ask("B_value")


def test_fractions_are_no_whole_numbers() -> None:
    header = read_csa(csa2({"B_value": ("IS", 1, ("0.5",))}))
    assert header.floats("B_value") == (0.5,)
    with pytest.raises(StructureError, match="whole number"):
        header.integers("B_value")


def _element(items: int) -> bytes:
    return struct.pack("<64si4siii", b"B_value", 1, b"IS", 6, items, 77)


def _item(length: int) -> bytes:
    return struct.pack("<iiii", length, length, 77, length)


HEAD = b"SV10\4\3\2\1"

LIES = {
    "nothing": b"",
    "prefix only": HEAD,
    "more elements than bytes": HEAD + struct.pack("<II", 0xFFFFFFFF, 77) + _element(0),
    "one element too many": HEAD + struct.pack("<II", 2, 77) + _element(0),
    "more items than bytes": HEAD + struct.pack("<II", 1, 77) + _element(0x7FFFFFFF),
    "fewer than no items": HEAD + struct.pack("<II", 1, 77) + _element(-1),
    "a text longer than the header": HEAD + struct.pack("<II", 1, 77) + _element(1) + _item(5),
    "a huge text": HEAD + struct.pack("<II", 1, 77) + _element(1) + _item(0x7FFFFFFF),
    "a negative text": HEAD + struct.pack("<II", 1, 77) + _element(1) + _item(-8),
    "items cut short": HEAD + struct.pack("<II", 1, 77) + _element(2) + _item(0) + b"\0" * 15,
    "CSA1 without end": struct.pack("<II", 1, 77) + _element(1) + _item(100),
}


@pytest.mark.parametrize("lie", LIES)
def test_lying_counts_and_lengths_are_refused(lie: str) -> None:
    with pytest.raises(StructureError, match="CSA header"):
        read_csa(LIES[lie])


def test_csa1_may_leave_lengths_beyond_its_values_unset() -> None:
    data = struct.pack("<II", 1, 77) + _element(3) + _item(8) + b"1000\0\0\0\0" + _item(0) * 2
    assert read_csa(data).integers("B_value") == (1000,)


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for candidate in (data, HEAD + data, HEAD + struct.pack("<II", 3, 77) + data):
        try:
            header = read_csa(candidate)
        except StructureError:
            continue
        assert sum(len(element.values) for element in header.values()) <= len(candidate)


@settings(max_examples=150)
@given(
    st.sampled_from([csa1, csa2]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_changed_headers_are_read_or_refused(make: Make, changes: list[tuple[int, int]]) -> None:
    data = bytearray(make(ELEMENTS))
    for at, value in changes:
        data[at % len(data)] = value
    try:
        header = read_csa(bytes(data))
    except StructureError:
        return
    assert len(header) <= len(ELEMENTS)


@needs_corpus
def test_every_cut_of_a_real_header_is_refused() -> None:
    whole = (NIBABEL / "csa2_b0.bin").read_bytes()
    assert len(read_csa(whole)) == 83
    for end in range(0, len(whole) - 16, 97):
        with pytest.raises(StructureError):
            read_csa(whole[:end])


@needs_corpus
def test_real_headers() -> None:
    without, with_gradient = (
        read_csa((NIBABEL / f"csa2_{name}.bin").read_bytes()) for name in ("b0", "b1000")
    )
    assert without.integers("B_value") == (0,)
    assert with_gradient.integers("B_value") == (1000,)
    assert without.floats("DiffusionGradientDirection") == ()
    direction = with_gradient.floats("DiffusionGradientDirection")
    assert sum(x * x for x in direction) == pytest.approx(1, abs=1e-6)
    assert read_csa((NIBABEL / "csa_str_valid.bin").read_bytes()).texts("EchoLinePosition") == ()


@needs_corpus
def test_values_are_those_of_nibabel() -> None:
    csareader = pytest.importorskip("nibabel.nicom.csareader", reason="nibabel is not installed")
    for path in sorted(NIBABEL.glob("csa2_*.bin")):
        ours, theirs = read_csa(path.read_bytes()), csareader.read(path.read_bytes())
        assert list(ours) == list(theirs["tags"])
        for name, tag in theirs["tags"].items():
            expected = [item for item in tag["items"] if item != ""]
            found: list[object] = list(ours.texts(name))
            if expected and not isinstance(expected[0], str):
                found = [type(expected[0])(text) for text in found]
            assert found == expected, name


@needs_corpus
def test_header_of_a_data_set() -> None:
    ds = pydcm.dcmread(gzip.decompress((NIBABEL / "siemens_dwi_1000.dcm.gz").read_bytes()))
    image, series = csa_header(ds), csa_header(ds, "series")
    assert image is not None
    assert series is not None
    assert image.integers("B_value") == (1000,)
    assert series.text("MrPhoenixProtocol").startswith("<XProtocol>")


def test_header_is_found_by_its_creator_in_any_block() -> None:
    ds = Dataset()
    ds.add_new(0x00290010, "LO", "SOMEBODY ELSE")
    ds.add_new(0x00291010, "OB", b"not this")
    ds.add_new(0x00290044, "LO", CSA_CREATOR)
    ds.add_new(0x00294410, "OB", csa2(ELEMENTS))
    found = csa_header(ds)
    assert found is not None
    assert found.integers("B_value") == (1000,)
    assert csa_header(ds, "series") is None


def test_elements_without_creator_are_nobodys() -> None:
    ds = Dataset()
    ds.add_new(0x00291010, "OB", csa2(ELEMENTS))
    assert csa_header(ds) is None


def test_errors_name_the_element() -> None:
    ds = Dataset()
    ds.add_new(0x00290010, "LO", CSA_CREATOR)
    ds.add_new(0x00291010, "OB", HEAD)
    with pytest.raises(StructureError, match=r"\(0029,1010\)"):
        csa_header(ds)
    ds.add_new(0x00291010, "LO", "text")
    with pytest.raises(StructureError, match="VR is LO"):
        csa_header(ds)
