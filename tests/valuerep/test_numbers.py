"""DS and IS values: what they are made from, remember and report, compared with pydicom."""

from __future__ import annotations

import copy
import math
import operator
import pickle
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pydcm import config, valuerep
from pydcm.config import IGNORE, RAISE, WARN
from pydcm.errors import (
    PydcmError,
    ValueRangeError,
    ValueRepresentationError,
    ValueTypeError,
)
from pydcm.valuerep import DS, IS, DSdecimal, DSfloat, ISfloat, format_number_as_ds, is_valid_ds
from tests.valuerep.outcomes import agree, outcome

ATTRIBUTES = ("original_string", "auto_format")
MODES = (None, IGNORE, WARN, RAISE)
CLASSES = ("DSfloat", "DSdecimal", "DS", "IS", "ISfloat")

PLAIN: list[object] = [
    *("1.5", "1.50", " 1.5 ", "1.5 ", "", "  ", "1.5\n", "1.0", "1.", ".5", ".", "+1", "-0"),
    *("1e5", "1E5", "1e-5", "1e", "1e400", "inf", "nan", "abc", "-", "1,5", "1_000", "0x1"),
    *("1\\2", "1.5\0", "\0", "1 2", " 12", "12 ", "012", "-12", "+12", "12\0", "2147483647"),
    *("2147483648", "-2147483648", "-2147483649", "2147483648.5", "1.123456789012345678"),
    *("-" + "1" * 16, "1" * 16, "9" * 5000),
    *(None, True, 0, 1, -1, 10**20, 10**400, 2**31, 2**31 - 1, -(2**31), -(2**31) - 1),
    *(0.0, -0.0, 1.0, 1.5, 1 / 3, -1 / 3, 1e16, 1e-20, 1e-300, 123456789.123456789),
    *(2147483648.0, math.inf, -math.inf, math.nan),
    *(Decimal(2), Decimal("1.5"), Decimal("1.50"), Decimal("0.1234567890123456789")),
    *(Decimal("1e-20"), Decimal("-1.5E-9"), Decimal("NaN"), Decimal("Infinity")),
    *(b"1", b"1.50 ", b"", [1], (1,), 1j, object),
]

# Where this project means to differ from pydicom 3.0.2.
DIFFERENT: dict[tuple[str, str], str] = {
    ("IS", "b'1.50 '"): "bytes with a fraction are no integer, as the same text is none",
    ("DSdecimal", "'1_000'"): "shortened, it is 1000 rather than 1000.0",
    ("DS", "'1_000'"): "shortened, it is 1000 rather than 1000.0",
}


def _numbers(module: Any) -> list[object]:
    return [
        *PLAIN,
        *(module.DSfloat("1.50"), module.DSfloat(2.5), module.DSfloat(1 / 3, auto_format=True)),
        *(module.DSdecimal("1.50"), module.DSdecimal(1)),
        module.DSdecimal("0.33333333333333333333", auto_format=True),
        *(module.IS("012"), module.IS(3), module.IS("1.50", IGNORE)),
    ]


@pytest.fixture
def peer() -> Iterator[tuple[Any, Any]]:
    """Pydicom's modules of values and of settings; ours are reset afterwards."""
    their_config: Any = pytest.importorskip("pydicom.config")
    yield pytest.importorskip("pydicom.valuerep"), their_config
    config.use_DS_decimal = config.allow_DS_float = False
    their_config.use_DS_decimal = their_config.allow_DS_float = False


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("decimal", [False, True], ids=["float", "decimal"])
def test_numbers_are_made_as_by_pydicom(name: str, decimal: bool, peer: tuple[Any, Any]) -> None:
    theirs, their_config = peer
    config.use_DS_decimal = their_config.use_DS_decimal = decimal
    options: list[dict[str, object]] = [{"validation_mode": mode} for mode in MODES]
    if name.startswith("DS"):
        options = [{**o, "auto_format": a} for o, a in product(options, (False, True))]
    differences = []
    for allow in (False, True):
        config.allow_DS_float = their_config.allow_DS_float = allow
        for (own, his), option in product(
            zip(_numbers(valuerep), _numbers(theirs), strict=True), options
        ):
            ours = outcome(lambda: getattr(valuerep, name)(own, **option), ATTRIBUTES)  # noqa: B023  # called at once
            his_outcome = outcome(lambda: getattr(theirs, name)(his, **option), ATTRIBUTES)  # noqa: B023  # called at once
            if (name, repr(own)) not in DIFFERENT and not agree(ours, his_outcome):
                differences.append((own, option, ours, his_outcome))
    assert differences == []


OPERATORS = (
    *(operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge),
    *(operator.add, operator.sub, operator.mul, operator.truediv, operator.mod, operator.pow),
)


def test_arithmetic_and_comparisons_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.valuerep")

    def operands(module: Any) -> list[object]:
        numbers = [module.DSfloat("1.50"), module.DSfloat(2), module.IS("02"), module.IS(2)]
        others = ["1.50", "1.5", "02", "2", 1.5, 2, Decimal("1.5"), None, b"2", "x"]
        return [*numbers, module.DSdecimal("1.50"), *others]

    def table(module: Any) -> list[object]:
        return [
            outcome(lambda: operate(left, right))[:2]  # noqa: B023  # called at once
            for operate, left, right in product(OPERATORS, operands(module), operands(module))
        ]

    assert table(valuerep) == table(theirs)


@pytest.mark.parametrize(
    "number", [DSfloat("1.50"), DSfloat(2.5), IS("02"), IS(2), DSdecimal("1.50"), DSdecimal(2)]
)
def test_a_number_hashes_as_its_value(number: DSfloat | IS | DSdecimal) -> None:
    assert hash(number) == hash(float(number))
    assert number in {float(number)}


@pytest.mark.parametrize(
    "number",
    [
        *(DSfloat("1.50"), DSfloat(2.5), DSfloat(1 / 3, auto_format=True), IS("02"), IS(2)),
        *(
            ISfloat("1.50"),
            ISfloat(2.5),
            DSdecimal("1.50"),
            DSdecimal(2),
            DSdecimal("NaN", False, 0),
        ),
    ],
    ids=repr,
)
def test_copies_and_pickles_keep_class_text_and_format(
    number: DSfloat | IS | ISfloat | DSdecimal,
) -> None:
    pickled = [pickle.loads(pickle.dumps(number, protocol)) for protocol in range(6)]
    for again in (copy.copy(number), copy.deepcopy(number), *pickled):
        assert type(again) is type(number)
        assert (repr(again), str(again)) == (repr(number), str(number))
        assert [getattr(again, a, None) for a in ATTRIBUTES] == [
            getattr(number, a, None) for a in ATTRIBUTES
        ]


def test_subclasses_survive_pickling_with_their_attributes() -> None:
    number = Marked("1.50")
    number.mark = "x"
    again = pickle.loads(pickle.dumps(number))
    assert (type(again), str(again), again.mark) == (Marked, "1.50", "x")


class Marked(DSfloat):
    """A subclass with an attribute of its own."""

    mark: str


@pytest.mark.parametrize(
    ("call", "error", "builtin"),
    [
        (lambda: DSfloat("abc"), ValueRepresentationError, ValueError),
        (lambda: DSfloat("1" * 17, validation_mode=RAISE), ValueRangeError, OverflowError),
        (lambda: DSdecimal("abc"), ValueRepresentationError, ArithmeticError),
        (lambda: IS("abc", IGNORE), ValueRepresentationError, ValueError),
        (lambda: IS("inf", IGNORE), ValueRangeError, OverflowError),
        (lambda: IS("9" * 5000, IGNORE), ValueRangeError, OverflowError),
        (lambda: IS(2**31, RAISE), ValueRangeError, OverflowError),
        (lambda: IS(1.5, RAISE), ValueTypeError, TypeError),
        (lambda: DS("1,5", validation_mode=RAISE), ValueRepresentationError, ValueError),
        (lambda: format_number_as_ds(math.nan), ValueRepresentationError, ValueError),
    ],
)
def test_what_is_raised_for_input_is_our_error_and_the_builtin(
    call: Callable[[], object], error: type[PydcmError], builtin: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, builtin)
    assert isinstance(pickle.loads(pickle.dumps(caught.value)), error)


def test_a_huge_exponent_makes_no_huge_integer() -> None:
    with pytest.raises(ValueRangeError):
        IS(Decimal("1e999999999"))


@pytest.mark.parametrize(("decimal", "name"), [(False, "DSfloat"), (True, "DSdecimal")])
def test_the_class_of_ds_follows_the_configuration(decimal: bool, name: str) -> None:
    config.use_DS_decimal = decimal
    try:
        assert valuerep.DSclass.__name__ == type(DS("1.5")).__name__ == name
    finally:
        config.use_DS_decimal = False


@pytest.mark.parametrize(
    "text",
    [
        *("1.5", "", " 1.5", "abc", "1" * 16, "1" * 17, "1e5", "1e", ".", ".5", "5.", "inf"),
        *("1_0", " ", "+", "1.5\n", "1 1", "\t1", "-1.5E+10", "1" * 15 + "."),
    ],
)
def test_legal_decimal_strings_are_those_of_pydicom(text: str) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    assert is_valid_ds(text) == theirs.is_valid_ds(text)


# --- shortening -------------------------------------------------------------------

finite = st.floats(allow_nan=False, allow_infinity=False)
# Where 16 characters are scarce: whole numbers of 13 to 17 digits.
long_numbers = st.floats(1e12, 1e18).flatmap(lambda x: st.sampled_from([x, -x]))


def _forms(number: float | Decimal) -> list[str]:
    """Every text of at most 16 characters in fixed or in scientific notation."""
    texts = [f"{number:.{digits}{form}}" for digits in range(17) for form in "fe"]
    return [text for text in texts if len(text) <= 16 and math.isfinite(float(text))]


@given(finite | long_numbers)
@example(1.7976931348623157e308)
@example(-1.7976931348623157e308)
@example(5e-324)
@example(-9.999999999999999e-100)
@example(9.999999999999999e99)
@example(99999999999999.99)
@example(-999999999999999.9)
def test_a_shortened_number_is_the_nearest_that_fits(number: float) -> None:
    text = format_number_as_ds(number)
    assert is_valid_ds(text)
    assert text
    assert math.isfinite(float(text))
    if float(text) != number:
        exact = Fraction(number)
        nearest = min(abs(Fraction(form) - exact) for form in [*_forms(number), text])
        assert abs(Fraction(text) - exact) == nearest


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_shortened_decimal_is_the_nearest_that_fits(number: Decimal) -> None:
    assume(math.isfinite(float(number)))
    text = format_number_as_ds(number)
    assert is_valid_ds(text)
    assert math.isfinite(float(text))
    assume(abs(number.adjusted()) < 400)  # a fraction of more digits takes long
    exact = Fraction(number)
    nearest = min(abs(Fraction(form) - exact) for form in [*_forms(number), text])
    assert abs(Fraction(text) - exact) == nearest


@given(finite)
def test_short_numbers_and_most_others_are_those_of_pydicom(number: float) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    # Between these, pydicom goes over to an exponent, which takes four digits.
    assume(not 1e13 <= abs(number) < 1e16)
    assume(abs(number) < 1.797693134e308)
    assert format_number_as_ds(number) == theirs.format_number_as_ds(number)


@given(finite)
def test_auto_format_makes_any_float_a_legal_value(number: float) -> None:
    value = DSfloat(number, auto_format=True, validation_mode=RAISE)
    assert value == number
    assert is_valid_ds(str(value))


@pytest.mark.parametrize("value", ["1", 1, None, True])
def test_only_floats_and_decimals_are_shortened(value: Any) -> None:
    with pytest.raises(TypeError):
        format_number_as_ds(value)


@given(st.text("0123456789+-.eE _\t\n\0x,\\infa", max_size=18))
def test_hostile_text_raises_our_errors_only(text: str) -> None:
    makers: list[Callable[..., object]] = [DSfloat, DSdecimal, DS, IS]
    for make, mode in product(makers, (IGNORE, RAISE)):
        try:
            make(text, validation_mode=mode)
        except PydcmError as error:
            assert isinstance(error, ValueRepresentationError)  # noqa: PT017  # it may be valid, too
