"""DA, TM and DT values: what they are made from and remember, compared with pydicom."""

from __future__ import annotations

import copy
import datetime
import pickle
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import valuerep
from pydcm.errors import PydcmError, ValueRepresentationError
from pydcm.valuerep import DA, DT, TM
from tests.valuerep.outcomes import agree, outcome

ONE_HOUR_EAST = datetime.timezone(datetime.timedelta(hours=1))

INPUTS: dict[str, list[object]] = {
    "DA": [
        *("20010203", "2001.02.03", "200102", "2001", "", "  ", "20010203 ", " 20010203"),
        *("20011301", "2001-02-03", "20010203-20020101", "20010203-", "abc", "200102030"),
        *("2001020", "2001.2.3", "20010203\0", "2001.0203", "00010101", "00000101", "20010230"),
        *(None, 20010203, b"20010203", b"\x07\xd1\x02\x03", 1.5, datetime.time(1)),
        *(datetime.date(2001, 2, 3), datetime.datetime(2001, 2, 3, 4)),
    ],
    "TM": [
        *("101112", "101112.123456", "101112.1", "101112.1234567", "10", "1011", "10:11:12"),
        *("10:11", "", "  ", "240000", "235960", "2359", "101112 ", "10111", "101112.", "1"),
        *("101112.1 ", "-10", "10-11", "101160", "101161", "101112+0100", "106000", "995959"),
        *(None, b"10", 5, datetime.time(10, 11, 12, 123000), datetime.time(10, 11)),
        *(datetime.time(10, tzinfo=datetime.UTC), datetime.datetime(2001, 2, 3, 4)),
    ],
    "DT": [
        *("2001", "200102", "20010203", "2001020304", "200102030405", "20010203040506"),
        *("20010203040506.123456", "20010203040506.1", "20010203040506.123456+0100"),
        *("20010203040506-0100", "2001+0100", "2001-0100", "2001-1300", "2001+1500"),
        *("20010203040560", "20010203040560.5", "", "  ", "2001 ", " 2001", "20010230", "20011"),
        *("2001-2002", "abc", "20010203040506.1234567", "2001+0160", "2001-0000", "2001+01"),
        *("99991231235960", "20010203040506.123456 ", "20010203040506.123456+0100-2002", "0000"),
        *("2001.5", "20010203040506.1234567+01", "20010203040506.1234567+0100", "2001139"),
        *("200102030405061", "200102030405.5", "2001020304.5+0100", "2001x", "2001+2500"),
        *("20011+0100", "2001 +0100", "2001+010", "20010203040506.+0100", "2001\0", "20010132"),
        *(None, b"2001", datetime.date(2001, 2, 3), datetime.datetime(2001, 2, 3, 4, 5, 6, 7)),
        datetime.datetime(2001, 2, 3, tzinfo=ONE_HOUR_EAST),
    ],
}
ARGUMENTS: list[tuple[object, ...]] = [
    *((), (2001, 2, 3), (10, 11), (1,), (2001, 2, 3, 4, 5, 6, 7), ("2001", "x"), (2001, 99, 1)),
]


def _random_texts() -> list[object]:
    chance = random.Random(5)
    texts: list[object] = []
    for _ in range(400):
        texts.append("".join(chance.choice("0112355.+-") for _ in range(chance.randint(1, 27))))
        digits = "".join(chance.choice("0112355") for _ in range(2 * chance.randint(1, 9)))
        texts.append(digits + chance.choice(["", ".1", ".123456", "+0100", "-0500", " "]))
    return texts


def _shown(value: Any) -> object:
    """Return all that a value consists of, in a form that can be compared."""
    return value if value is None else Shown(value)


class Shown:
    """The text, the attributes and the moment of a value."""

    def __init__(self, value: Any) -> None:
        self.text = (type(value).__name__, repr(value), str(value), vars(value))
        self.moment = (value.isoformat(), str(getattr(value, "tzinfo", None)))

    def __repr__(self) -> str:
        return f"{self.text} {self.moment}"


@pytest.mark.parametrize("name", INPUTS)
def test_values_are_made_as_by_pydicom(name: str) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    make, peer = getattr(valuerep, name), getattr(theirs, name)
    values = INPUTS[name] + _random_texts()
    if name == "DA":
        # Pydicom's int() takes a sign for part of the year, the month or the day.
        values = [value for value in values if not set("+-") & set(str(value))]
    differences = []
    for arguments in [*((value,) for value in values), *ARGUMENTS]:
        ours = outcome(lambda: _shown(make(*arguments)))  # noqa: B023  # called at once
        his = outcome(lambda: _shown(peer(*arguments)))  # noqa: B023  # called at once
        if not agree(ours, his):
            differences.append((arguments, ours, his))
    assert differences == []


@pytest.mark.parametrize("name", INPUTS)
def test_a_validation_mode_is_accepted(name: str) -> None:
    make = getattr(valuerep, name)
    moment = datetime.datetime(2001, 2, 3, 4)
    plain = {"DA": moment.date(), "TM": moment.time(), "DT": moment}[name]
    assert make(plain, validation_mode=2) == plain
    assert make(str(make(plain)), validation_mode=2) == plain
    assert make("", validation_mode=2) is None
    assert make(None, validation_mode=2) is None


@pytest.mark.parametrize("name", INPUTS)
def test_values_made_from_values_are_those_of_pydicom(name: str) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    make, peer = getattr(valuerep, name), getattr(theirs, name)
    for arguments in [("20010203",), ("1011",), *ARGUMENTS]:
        ours = outcome(lambda: _shown(make(make(*arguments))))  # noqa: B023  # called at once
        assert agree(ours, outcome(lambda: _shown(peer(peer(*arguments)))))  # noqa: B023  # called at once


@pytest.mark.parametrize(
    "value",
    [DA("20010203"), DA(2001, 2, 3), TM("1011"), TM(1, 2, 3, 4), DT("2001"), DT("2001+0100")],
    ids=repr,
)
def test_copies_and_pickles_keep_moment_and_text(value: DA | TM | DT) -> None:
    pickled = [pickle.loads(pickle.dumps(value, protocol)) for protocol in range(6)]
    for again in (copy.copy(value), copy.deepcopy(value), *pickled):
        assert type(again) is type(value)
        assert again == value
        assert str(again) == str(value)
        assert vars(again) == vars(value)


def test_values_are_those_of_datetime_in_comparisons_and_arithmetic() -> None:
    day = DA("20010203")
    assert day == datetime.date(2001, 2, 3)
    assert hash(day) == hash(datetime.date(2001, 2, 3))
    assert day < datetime.date(2002, 1, 1)
    assert day + datetime.timedelta(days=1) == datetime.date(2001, 2, 4)
    assert day != "20010203"
    assert TM("1011") == datetime.time(10, 11)
    assert DT("2001-0530").utcoffset() == -datetime.timedelta(hours=5, minutes=30)
    assert DT("2001-0530").tzname() == "-0530"


def test_what_was_made_from_numbers_prints_as_datetime_does() -> None:
    assert str(DA(2001, 2, 3)) == "2001-02-03"
    assert str(DT(2001, 2, 3).replace(hour=4)) == "2001-02-03 04:00:00"
    assert repr(TM(hour=3)) == '"03:00:00"'


def test_the_current_day_and_moment_are_of_the_classes() -> None:
    assert isinstance(DA.today(), DA)
    assert isinstance(DT.now(datetime.UTC), DT)


def test_a_leap_second_becomes_the_second_before_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="leap second"):
        time = TM("235960")
    assert (time.second, str(time)) == (59, "235960")


@given(st.text("0123456789.+- :\0x", max_size=30))
def test_hostile_text_raises_our_errors_only(text: str) -> None:
    for make in (DA, TM, DT):
        ours = outcome(lambda: make(text))  # noqa: B023  # called at once
        assert ours.value is not None or ours.raised == {ValueError}


@pytest.mark.parametrize("text", ["20010230", "2001", "99999999", "+0010101"])
def test_a_date_that_is_none_is_our_error_that_names_it(text: str) -> None:
    with pytest.raises(ValueRepresentationError, match="cannot become a value of VR DA") as caught:
        DA(text)
    assert isinstance(caught.value, PydcmError)


@given(st.datetimes(min_value=datetime.datetime(1, 1, 1), timezones=st.just(datetime.UTC)))
def test_a_datetime_becomes_text_that_gives_it_back(moment: datetime.datetime) -> None:
    assert DT(str(DT(moment))) == moment
    assert TM(str(TM(moment.time()))) == moment.time()
    assert DA(str(DA(moment))) == moment.date()
