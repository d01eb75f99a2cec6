"""Lists of values: eager ones as pydicom's, and lazy ones that cannot be told from eager ones."""

from __future__ import annotations

import copy
import operator
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config, multival, valuerep
from pydcm.config import IGNORE, RAISE
from pydcm.errors import ValueRangeError, ValueRepresentationError, ValueTypeError
from pydcm.multival import ConstrainedList, MultiValue
from pydcm.valuerep import DS, IS, DSdecimal, DSfloat, PersonName
from tests.valuerep.outcomes import agree, outcome

Numbers = MultiValue[Any]

COORDINATES = ["1.50", "-2", " 3.25 ", "1e3", "+.5", "0007"]
INTEGERS = ["01", "-2", " 3 ", "+4", "123456789"]


def _eager_and_lazy(make: Callable[[Any], Any], strings: Sequence[str]) -> tuple[Numbers, Numbers]:
    return MultiValue(make, strings), MultiValue.from_text(make, list(strings))


def _is_text_still(values: Numbers) -> bool:
    return "_list" not in vars(values)


# --- as pydicom's -----------------------------------------------------------------

CONSTRUCTORS: list[tuple[str, Any]] = [
    *(("str", ["a", "b"]), ("str", ["a"]), ("str", []), ("str", "abc"), ("str", None)),
    *(("str", ["it's", "b"]), ("str", ["None", ""]), ("int", ["1", 2, 3.5]), ("int", ["1", "x"])),
    *(("int", 5), ("float", [1.0]), ("float", ["1", ""]), ("DSfloat", ["1.5", "2", ""])),
    *(("DSfloat", ["1.5", "x"]), ("DSfloat", ["1.50", None]), ("IS", ["1", "", "02"])),
    *(("IS", ["1.5"]), ("IS", ["1", "x"]), ("DS", ["1" * 17, "2"]), ("DS", ["1", None])),
    *(("DSdecimal", ["1.50", "2"]), ("PersonName", ["A^B", "C"]), ("DA", ["20010203"])),
]


def _constructor(module: Any, name: str) -> Any:
    return {"str": str, "int": int, "float": float}.get(name) or getattr(module, name)


@pytest.mark.parametrize(("name", "items"), CONSTRUCTORS)
def test_lists_are_made_and_shown_as_by_pydicom(name: str, items: Any) -> None:
    theirs = pytest.importorskip("pydicom.multival")
    peers = pytest.importorskip("pydicom.valuerep")
    ours = outcome(lambda: MultiValue(_constructor(valuerep, name), items))
    his = outcome(lambda: theirs.MultiValue(_constructor(peers, name), items))
    assert agree(ours, his)


def _changed(module: Any, numbers: Any, change: Callable[[Any], object]) -> object:
    values = module.MultiValue(numbers, ["3.50", "1", "2"])
    result = outcome(lambda: repr(change(values)))
    return result.raised, result.value, repr(values), [type(x).__name__ for x in values]


CHANGES: list[Callable[[Any], object]] = [
    lambda v: v.append("5"),
    lambda v: v.append("x"),
    lambda v: v.extend(["6", "7"]),
    lambda v: v.extend("89"),
    lambda v: v.extend(5),
    lambda v: v.insert(0, "9"),
    lambda v: v.insert(-1, "9"),
    lambda v: v.pop(),
    lambda v: v.pop(0),
    lambda v: v.pop(9),
    lambda v: v.remove(1),
    lambda v: v.remove("1"),
    lambda v: v.remove(77),
    lambda v: v.reverse(),
    lambda v: v.clear(),
    lambda v: v.sort(),
    lambda v: v.sort(reverse=True),
    lambda v: v.sort(key=lambda x: -x),
    lambda v: v.__iadd__(["8"]),
    lambda v: v.__iadd__(8),
    lambda v: operator.setitem(v, 0, "3.5"),
    lambda v: operator.setitem(v, 0, ""),
    lambda v: operator.setitem(v, 0, None),
    lambda v: operator.setitem(v, 0, "zz"),
    lambda v: operator.setitem(v, 0, ["1"]),
    lambda v: operator.setitem(v, 9, "1"),
    lambda v: operator.setitem(v, slice(0, 1), ["7", "8"]),
    lambda v: operator.setitem(v, slice(None, None, 2), ["7", "8"]),
    lambda v: operator.setitem(v, slice(0, 1), "98"),
    lambda v: operator.setitem(v, slice(0, 1), 9),
    lambda v: operator.delitem(v, 0),
    lambda v: operator.delitem(v, slice(0, 2)),
    lambda v: operator.delitem(v, 9),
]
LOOKS: list[Callable[[Any], object]] = [
    lambda v: v[0],
    lambda v: v[-1],
    lambda v: v[5],
    lambda v: v["a"],
    lambda v: v[0:2],
    lambda v: type(v[0:2]),
    len,
    bool,
    lambda v: 1 in v,
    lambda v: "1" in v,
    lambda v: "3.5" in v,
    lambda v: list(reversed(v)),
    lambda v: v.index(2),
    lambda v: v.index(9),
    lambda v: v.count(2),
    sorted,
    lambda v: operator.add(v, [1]),
    lambda v: operator.add([1], v),
    lambda v: v * 2,
    lambda v: v == [3.5, 1, 2],
    lambda v: v == ["3.50", "1", "2"],
    lambda v: v == (3.5, 1, 2),
    lambda v: operator.eq([3.5, 1, 2], v),
    lambda v: v != [3.5, 1, 2],
    lambda v: v == 5,
    lambda v: v == None,  # noqa: E711  # the operator is tested
    lambda v: v < [9],
    hash,
    max,
    sum,
    lambda v: v.copy(),
]


@pytest.mark.parametrize("index", range(len(CHANGES + LOOKS)))
def test_methods_and_operators_are_those_of_pydicom(index: int) -> None:
    theirs = pytest.importorskip("pydicom.multival")
    peers = pytest.importorskip("pydicom.valuerep")
    change = (CHANGES + LOOKS)[index]
    ours = _changed(multival, DSfloat, change)
    assert ours == _changed(theirs, peers.DSfloat, change)


def test_the_validation_mode_is_passed_to_number_classes() -> None:
    with pytest.raises(ValueTypeError):
        MultiValue(IS, [1, 1.5], validation_mode=RAISE)
    values: Numbers = MultiValue(DSfloat, ["1", "2"], validation_mode=RAISE)
    with pytest.raises(ValueRangeError):
        values.append("1" * 17)
    assert MultiValue(str, ["a", "b"], validation_mode=RAISE) == ["a", "b"]


def test_a_list_alone_is_kept_as_it_is() -> None:
    assert MultiValue() == []
    assert MultiValue(["a", 1]) == ["a", 1]


# --- whether it was changed -------------------------------------------------------


@pytest.mark.parametrize("index", range(len(CHANGES)))
@pytest.mark.parametrize("lazy", [False, True])
def test_whatever_changes_the_list_marks_it(index: int, lazy: bool) -> None:
    make = MultiValue.from_text if lazy else MultiValue
    values: Numbers = make(DSfloat, ["3.50", "1", "2"])
    before = repr(values)
    outcome(lambda: CHANGES[index](values))
    # A change that was refused is none.
    assert values.modified is (repr(values) != before)


@pytest.mark.parametrize("index", range(len(LOOKS)))
def test_looking_does_not_mark_it(index: int) -> None:
    for values in _eager_and_lazy(DSfloat, ["3.50", "1", "2"]):
        outcome(lambda: LOOKS[index](values))  # noqa: B023  # called at once
        assert not values.modified


def test_the_mark_is_copied() -> None:
    values: Numbers = MultiValue(str, ["a"])
    values.append("b")
    for again in (copy.copy(values), copy.deepcopy(values), pickle.loads(pickle.dumps(values))):
        assert again.modified


# --- lazy ones --------------------------------------------------------------------


@pytest.mark.parametrize("index", range(len(CHANGES + LOOKS)))
def test_lazy_lists_behave_as_eager_ones(index: int) -> None:
    act = (CHANGES + LOOKS)[index]
    eager, lazy = _eager_and_lazy(DSfloat, ["3.50", "1", "2"])
    assert _is_text_still(lazy)
    expected = outcome(lambda: repr(act(eager)))
    assert outcome(lambda: repr(act(lazy))) == expected
    assert repr(lazy) == repr(eager)
    assert [vars_of(x) for x in lazy] == [vars_of(x) for x in eager]


def vars_of(number: object) -> tuple[object, ...]:
    """Return class, texts and attributes of a number."""
    attributes = (getattr(number, name, None) for name in ("original_string", "auto_format"))
    return (type(number), repr(number), str(number), *attributes)


@pytest.mark.parametrize(
    ("make", "strings"), [(DSfloat, COORDINATES), (DS, COORDINATES), (IS, INTEGERS)]
)
def test_lazy_numbers_are_those_of_an_eager_list(
    make: Callable[[Any], Any], strings: list[str]
) -> None:
    eager, lazy = _eager_and_lazy(make, strings)
    assert _is_text_still(lazy)
    assert len(lazy) == len(eager)
    assert _is_text_still(lazy)
    assert lazy == eager
    assert list(map(vars_of, lazy)) == list(map(vars_of, eager))
    assert (str(lazy), repr(lazy)) == (str(eager), repr(eager))


@pytest.mark.parametrize(
    ("make", "strings"),
    [
        *((DSfloat, strings) for strings in (["1", "x"], ["1", ""], ["1", " "], ["1", "1_0"])),
        *((DSfloat, strings) for strings in (["1", "inf"], ["1", "1" * 17], ["1", "1\n"])),
        *((DS, strings) for strings in (["1", "x"], ["1", "nan"], ["1", "1" * 17], ["1", ""])),
        *(
            (DS, strings)
            for strings in (["1,5", "2"], ["1\\2", "3"], ["1", "\N{FULLWIDTH DIGIT ONE}"])
        ),
        *((IS, strings) for strings in (["1", "x"], ["1", "1.0"], ["1", "1.5"], ["1", ""])),
        *((IS, strings) for strings in (["1", "2147483648"], ["1", "-2147483648"], ["1", "inf"])),
        *((IS, strings) for strings in ([], ["1"], ["1", "1" * 13], ["1", "1e2"])),
        *((str, ["a", "b"]), (DSdecimal, ["1.5", "2"]), (PersonName, ["a", "b"])),
    ],
)
def test_what_is_not_plainly_valid_is_made_at_once(
    make: Callable[[Any], Any], strings: list[str]
) -> None:
    for mode in (config.IGNORE, config.WARN, config.RAISE):
        with config.validation(reading=mode):
            eager = outcome(lambda: MultiValue(make, strings))
            lazy = outcome(lambda: MultiValue.from_text(make, list(strings)))
        assert lazy == eager


def test_a_malformed_number_is_reported_when_the_list_is_made() -> None:
    with pytest.raises(ValueRepresentationError):
        MultiValue.from_text(DSfloat, ["1.5", "abc"])
    with pytest.warns(UserWarning, match="at most 16"):
        MultiValue.from_text(DS, ["1.5", "1" * 17])


def test_decimals_are_made_at_once_if_configured() -> None:
    config.use_DS_decimal = True
    try:
        values: Numbers = MultiValue.from_text(DS, ["1.50", "2"])
    finally:
        config.use_DS_decimal = False
    assert [type(x) for x in values] == [DSdecimal, DSdecimal]


@pytest.mark.parametrize("looked_at", [False, True])
def test_copies_and_pickles_of_lazy_lists_are_equal_and_independent(looked_at: bool) -> None:
    eager, lazy = _eager_and_lazy(DSfloat, COORDINATES)
    if looked_at:
        assert lazy[0] == 1.5
    pickled = [pickle.loads(pickle.dumps(lazy, protocol)) for protocol in range(6)]
    for again in (copy.copy(lazy), copy.deepcopy(lazy), *pickled):
        assert type(again) is MultiValue
        again.append("4")
        assert again == [*eager, DSfloat("4")]
        assert lazy == eager
        assert not lazy.modified


def test_an_untouched_lazy_list_is_copied_as_text() -> None:
    lazy = MultiValue.from_text(DSfloat, COORDINATES)
    assert _is_text_still(copy.deepcopy(lazy))
    assert lazy == copy.deepcopy(lazy)
    assert _is_text_still(lazy)


def test_two_threads_see_the_same_numbers() -> None:
    strings = [f"{number}.5" for number in range(2000)]
    for _ in range(20):
        lazy: Numbers = MultiValue.from_text(DSfloat, list(strings))
        barrier = threading.Barrier(4)
        firsts: list[object] = []

        def look(values: Numbers = lazy, start: threading.Barrier = barrier) -> None:
            start.wait()
            firsts.append(values[0])  # noqa: B023  # joined before the next round

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(firsts) == 4
        assert all(first is lazy[0] for first in firsts)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=2))
def test_random_numbers_are_the_same_lazily(numbers: list[float]) -> None:
    strings = [valuerep.format_number_as_ds(number) for number in numbers]
    eager, lazy = _eager_and_lazy(DSfloat, strings)
    assert _is_text_still(lazy)
    assert list(map(vars_of, lazy)) == list(map(vars_of, eager))


@given(st.lists(st.text("0123456789+-.eE _\n\0x\\", max_size=18), max_size=4))
def test_hostile_text_is_the_same_lazily(strings: list[str]) -> None:
    for make in (DSfloat, DS, IS):
        with config.validation(reading=IGNORE):
            eager = outcome(lambda: MultiValue(make, strings))  # noqa: B023  # called at once
            assert outcome(lambda: MultiValue.from_text(make, list(strings))) == eager  # noqa: B023  # called at once


# --- arrays -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "strings"),
    [
        *((DSfloat, COORDINATES), (IS, INTEGERS), (DSfloat, ["1", ""]), (str, ["a", "bc"])),
        *((DSdecimal, ["1.5", "2"]), (PersonName, ["a", "b"]), (str, [])),
    ],
)
@pytest.mark.parametrize("dtype", [None, "float32", "float64", "int16", "object"])
def test_arrays_are_those_of_a_plain_list(
    make: Callable[[Any], Any], strings: list[str], dtype: str | None
) -> None:
    np = pytest.importorskip("numpy")

    def array(items: object) -> tuple[object, ...]:
        with warnings.catch_warnings():
            # Numpy 1.24 warns about integers that do not fit, later ones raise.
            warnings.simplefilter("ignore", DeprecationWarning)
            made = np.array(items, dtype=dtype)
        return made.dtype, made.shape, [str(item) for item in made.tolist()]

    expected = outcome(lambda: array([make(text) for text in strings]))
    for values in _eager_and_lazy(make, strings):
        assert outcome(lambda: array(values)) == expected  # noqa: B023  # called at once


def test_an_array_leaves_the_numbers_as_text() -> None:
    np = pytest.importorskip("numpy")
    lazy: Numbers = MultiValue.from_text(DSfloat, ["1.5", "2"])
    assert np.asarray(lazy).tolist() == [1.5, 2.0]
    assert np.stack([lazy, lazy]).shape == (2, 2)
    assert _is_text_still(lazy)
    with pytest.raises(ValueError, match="copy"):
        lazy.__array__(copy=False)


def test_lists_work_without_numpy() -> None:
    program = (
        "import sys; sys.modules['numpy'] = None\n"
        "from pydcm.multival import MultiValue\n"
        "from pydcm.valuerep import DSfloat\n"
        "values = MultiValue.from_text(DSfloat, ['2.50', '1'])\n"
        "values.sort()\n"
        "print(values)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[1, 2.50]\n"


# --- lists that check -------------------------------------------------------------


class Fives(ConstrainedList[int]):
    """Accepts nothing but 5."""

    def _validate(self, item: Any) -> int:
        if item != 5:
            raise TypeError("not 5")
        return 5


def test_a_constrained_list_needs_a_check() -> None:
    with pytest.raises(NotImplementedError):
        ConstrainedList([1])
    assert ConstrainedList() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.append(6),
        lambda v: v.insert(0, 6),
        lambda v: v.extend([5, 6]),
        lambda v: v.__iadd__([5, 6]),
        lambda v: operator.setitem(v, 0, 6),
        lambda v: operator.setitem(v, slice(0, 1), [5, 6]),
    ],
)
def test_a_refused_change_leaves_the_list_as_it_was(change: Callable[[Fives], object]) -> None:
    values = Fives([5, 5])
    with pytest.raises(TypeError, match="not 5"):
        change(values)
    assert values == [5, 5]
    assert not values.modified


def test_accepted_changes_are_made() -> None:
    values = Fives([5])
    values.append(5)
    values += [5]
    values[0:1] = [5, 5]
    del values[0]
    assert values == Fives([5, 5, 5])
    assert values != [5, 5]
