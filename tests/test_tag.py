"""Tags: how they are made, compared, printed, and that they are pydicom's in all but wording."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm.errors import StructureError
from pydcm.tag import (
    TAG_CHARSET,
    TAG_PIXREP,
    BaseTag,
    ItemDelimiterTag,
    ItemTag,
    SequenceDelimiterTag,
    Tag,
    TagType,
    TupleTag,
    tag_in_exception,
)

PATIENT_ID = Tag(0x0010, 0x0020)


@pytest.mark.parametrize(
    "form",
    [
        0x00100020,
        "PatientID",
        "00100020",
        "0x00100020",
        "0010,0020",
        "(0010,0020)",
        "(0010, 0020)",
        (0x0010, 0x0020),
        [0x0010, 0x0020],
        ("0010", "0x20"),
        ["10", "20"],
        PATIENT_ID,
        1048608.0,
    ],
)
def test_every_form_names_the_same_element(form: TagType) -> None:
    tag = Tag(form)
    assert type(tag) is BaseTag
    assert int(tag) == 0x00100020
    assert tag == form
    assert operator.ne(tag, form) is False


def test_two_arguments() -> None:
    assert Tag(0x7FE0, 0x10) == Tag("7fe0", cast("int", "10")) == 0x7FE00010


def test_numpy_integers_are_integers() -> None:
    numpy = pytest.importorskip("numpy")
    assert Tag(numpy.uint32(0x00100020)) == PATIENT_ID
    assert Tag((numpy.uint16(0x10), numpy.uint16(0x20))) == PATIENT_ID
    assert numpy.uint32(0x00100020) == PATIENT_ID


def test_a_tag_is_returned_as_it_is() -> None:
    assert Tag(PATIENT_ID) is PATIENT_ID


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((-1,), ValueError),
        ((0x1_0000_0000,), OverflowError),
        (("100000000",), OverflowError),
        (("-1",), ValueError),
        (("",), ValueError),
        (("NoSuchKeyword",), ValueError),
        (("OverlayData",), ValueError),  # stands for sixteen elements
        (("60xx,3000",), ValueError),
        (("0010,",), ValueError),
        (("10010,0020",), OverflowError),
        (((1,),), ValueError),
        (((1, 2, 3),), ValueError),
        (((1, "2"),), TypeError),
        (((1.0, 2.0),), TypeError),
        (((0x10000, 1),), OverflowError),
        (((1, 0x10000),), OverflowError),
        (((1, -2),), ValueError),
        ((("zz", "10"),), ValueError),
        ((1, "2"), TypeError),
        (("PatientID", 1), TypeError),
        ((None,), TypeError),
        ((b"PatientID",), TypeError),
        ((1.5,), TypeError),
        (({},), TypeError),
    ],
)
def test_what_names_no_element(arguments: tuple[TagType, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        Tag(*arguments)


def test_parts_and_prints() -> None:
    tag = Tag(0x7FE0, 0xABCD)
    assert (tag.group, tag.element, tag.elem) == (0x7FE0, 0xABCD, 0xABCD)
    assert str(tag) == repr(tag) == f"{tag}" == "(7FE0,ABCD)"
    assert f"{tag:#x}" == "0x7fe0abcd"
    assert tag.json_key == "7FE0ABCD"
    assert TupleTag((0x7FE0, 0xABCD)) == tag


@pytest.mark.parametrize(
    ("group", "element", "private", "creator"),
    [
        (0x0008, 0x0010, False, False),
        (0x0009, 0x0000, True, False),
        (0x0009, 0x000F, True, False),
        (0x0009, 0x0010, True, True),
        (0x0009, 0x00FF, True, True),
        (0x0009, 0x0100, True, False),
        (0x0009, 0x1010, True, False),
    ],
)
def test_private_elements(group: int, element: int, private: bool, creator: bool) -> None:
    tag = Tag(group, element)
    assert (tag.is_private, tag.is_private_creator) == (private, creator)


def test_order() -> None:
    tag = Tag(0x0010, 0x0020)
    assert tag > "PatientName"
    assert tag >= "PatientID"
    assert tag < (0x0010, 0x0021)
    assert tag <= 0x00100020
    assert operator.lt((0x0010, 0x001F), tag)
    assert tag > -1
    assert tag > 1.5


@pytest.mark.parametrize("other", [None, "NoSuchKeyword", object(), (1, 2, 3), (0x10000, 1), b"x"])
def test_what_is_no_tag_is_unequal_and_has_no_order(other: Any) -> None:
    assert operator.eq(PATIENT_ID, other) is False
    assert operator.ne(PATIENT_ID, other) is True
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(TypeError):
            compare(PATIENT_ID, other)


def test_tags_and_numbers_are_the_same_keys() -> None:
    assert hash(PATIENT_ID) == hash(0x00100020)
    numbers: dict[int, str] = {0x00100020: "number"}
    tags: dict[int, str] = {PATIENT_ID: "tag"}
    assert numbers[PATIENT_ID] == "number"
    assert tags[0x00100020] == "tag"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(protocol: int) -> None:
    again = pickle.loads(pickle.dumps(PATIENT_ID, protocol))
    assert (type(again), again) == (BaseTag, PATIENT_ID)
    assert type(copy.deepcopy(PATIENT_ID)) is BaseTag


def test_constants() -> None:
    assert ItemTag == (0xFFFE, 0xE000)
    assert ItemDelimiterTag == (0xFFFE, 0xE00D)
    assert SequenceDelimiterTag == (0xFFFE, 0xE0DD)
    assert TAG_CHARSET == "SpecificCharacterSet"
    assert TAG_PIXREP == "PixelRepresentation"


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_tags_compare_as_their_numbers(a: int, b: int) -> None:
    left, right = BaseTag(a), BaseTag(b)
    for other in (right, b, (right.group, right.element), str(right)):
        assert (left == other, left != other) == (a == b, a != b)
        assert (left < other, left <= other) == (a < b, a <= b)
        assert (left > other, left >= other) == (a > b, a >= b)


@given(st.integers(0, 0xFFFFFFFF))
def test_prints_can_be_read_again(number: int) -> None:
    assert Tag(str(Tag(number))) == Tag(Tag(number).json_key) == number


# --- tag_in_exception ---------------------------------------------------------


class TwoPartError(Exception):
    def __init__(self, first: int, second: int) -> None:
        super().__init__(first, second)


def test_the_message_names_the_element() -> None:
    with pytest.raises(ValueError, match=r"\(0010,0020\).*too long"), tag_in_exception(PATIENT_ID):
        raise ValueError("too long")
    with pytest.raises(NotImplementedError, match=r"\(0010,0020\)"), tag_in_exception(PATIENT_ID):
        raise NotImplementedError


@pytest.mark.parametrize(
    "error", [TwoPartError(1, 2), UnicodeDecodeError("utf-8", b"a", 0, 1, "bad"), OSError(2, "no")]
)
def test_other_exceptions_keep_their_parts_and_get_a_note(error: Exception) -> None:
    before = error.args
    with pytest.raises(type(error)) as caught, tag_in_exception(PATIENT_ID):
        raise error
    assert caught.value is error
    assert error.args == before
    assert any("(0010,0020)" in note for note in error.__notes__)


def test_own_exceptions_get_the_innermost_element() -> None:
    with (
        pytest.raises(StructureError) as caught,
        tag_in_exception(Tag("PatientName")),
        tag_in_exception(PATIENT_ID),
    ):
        raise StructureError("broken")
    assert caught.value.tag_path == "(0010,0020)"


def test_nothing_happens_without_an_exception() -> None:
    done = []
    with tag_in_exception(PATIENT_ID):
        done.append(True)
    assert done


# --- the same as pydicom --------------------------------------------------------

SAME = [
    "PatientName",
    "0x00100010",
    "10",
    " 10",
    0,
    0xFFFFFFFF,
    -1,
    2**32,
    (0x10, 0x10),
    ("10", "0x20"),
    (1, "2"),
    (1, 0x10000),
    (-1, 1),
    (1,),
    "NoSuchKeyword",
    "CurveData",
    "-1",
    "100100010",
    None,
    True,
    1.0,
    {},
    b"10",
]

DIFFERENT = {
    "": "pydicom finds a retired element that has lost its keyword",
    "0010,0020": "accepted here",
    "(0010,0020)": "accepted here",
    1.5: "pydicom drops the fraction",
}


def _outcome(function: Callable[[object], object], argument: object) -> object:
    try:
        return int(cast("int", function(argument)))
    except (TypeError, ValueError, OverflowError) as error:
        return type(error)


def test_results_and_exceptions_are_those_of_pydicom() -> None:
    pydicom_tag = pytest.importorskip("pydicom.tag")
    ours = cast("Callable[[object], object]", Tag)
    for argument in SAME:
        assert _outcome(ours, argument) == _outcome(pydicom_tag.Tag, argument), argument
    for argument, why in DIFFERENT.items():
        assert _outcome(ours, argument) != _outcome(pydicom_tag.Tag, argument), why
