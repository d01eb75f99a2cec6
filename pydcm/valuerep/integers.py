"""Integer String values (PS3.5 6.2, IS)."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Self

from pydcm import config
from pydcm.config import RAISE
from pydcm.errors import ValueRangeError, ValueTypeError
from pydcm.valuerep.numbers import not_a_number, restore_number, state_of
from pydcm.valuerep.patterns import TEXT_TESTS
from pydcm.valuerep.validation import validate_value

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["IS", "ISfloat", "ints_from_valid"]

IS_MIN = -(2**31)
IS_MAX = 2**31 - 1


class IS(int):
    """An Integer String value as an int that remembers its text.

    Parameters
    ----------
    val : str, int, float, Decimal or None
        The number; None and blank strings are returned as they are. A number
        with a fraction becomes an :class:`ISfloat`.
    validation_mode : int, optional
        How to check the value; by default in the mode for reading.

    Attributes
    ----------
    original_string : str
        The text without surrounding blanks; missing if the number was none.

    Raises
    ------
    ValueRepresentationError
        If `val` is text that is no number, or is invalid and the mode is
        RAISE: a ``ValueTypeError`` for a fraction, a ``ValueRangeError`` if
        the number does not fit 32 bits.

    Examples
    --------
    >>> n = IS("012")
    >>> n + 1, str(n), n == "012"
    (13, '012', True)
    """

    original_string: str

    def __new__(
        cls, val: str | int | float | Decimal | None, validation_mode: int | None = None
    ) -> Self:
        """Make a number; the class describes from what."""
        # What is no whole number of 32 bits gives something else than the class promises.
        if type(val) is not str:
            return _int_from_other(cls, val, validation_mode)  # type: ignore[return-value]  # see above
        # The usual text is valid at a glance: up to 9 digits fit 32 bits.
        if len(val) < 10 and val.isdigit() and val.isascii():
            self = _new_int(cls, val)
            self.original_string = val
            return self
        return _int_from_text(cls, val, validation_mode)  # type: ignore[return-value]  # see above

    def __str__(self) -> str:
        try:
            return self.original_string
        except AttributeError:
            return _int_repr(self)

    def __repr__(self) -> str:
        return f"'{_int_repr(self)}'"

    def __eq__(self, other: object) -> bool:
        """Compare with a string by text, and with anything else by value."""
        if isinstance(other, str):
            return str(self) == other
        return _int_eq(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __reduce__(self) -> tuple[object, ...]:
        return restore_number, (type(self), int(self), state_of(self))


_new_int = int.__new__
_int_repr = int.__repr__
_int_eq = int.__eq__


def ints_from_valid(strings: list[str]) -> list[IS]:
    """Return the IS of each string; the caller knows that all are valid."""
    numbers = []
    for text in strings:
        number = _new_int(IS, text)
        number.original_string = text.strip(" ")
        numbers.append(number)
    return numbers


def _int_from_text(cls: type[IS], val: str, mode: int | None) -> IS | ISfloat | str:
    """Return an IS for text, an ISfloat for a fraction, and blanks as they are."""
    if not val.strip():
        return val
    if not TEXT_TESTS["IS"](val):
        mode = config.reading_mode() if mode is None else mode
        validate_value("IS", val, mode)
    try:
        self = _new_int(cls, val)
    except ValueError:
        return _int_from_decimal(cls, val, mode)
    self.original_string = val.strip()
    return self if IS_MIN <= self <= IS_MAX else _checked_range(self, mode)


def _int_from_decimal(cls: type[IS], val: str | bytes, mode: int | None) -> IS | ISfloat:
    """Return an IS for text such as ``"1.0"``, an ISfloat for ``"1.5"``."""
    try:
        number = float(val)
    except ValueError:
        raise not_a_number(val, "IS") from None
    if not isfinite(number):
        raise ValueRangeError(f"{val!r} is no value of VR IS: it must be finite")
    if not number.is_integer():
        mode = config.reading_mode() if mode is None else mode
        return ISfloat(val, mode)  # type: ignore[arg-type]  # float() takes bytes too
    self = _new_int(cls, number)
    if isinstance(val, str):
        self.original_string = val.strip()
    return self if IS_MIN <= self <= IS_MAX else _checked_range(self, mode)


def _int_from_other(cls: type[IS], val: object, mode: int | None) -> IS | ISfloat | str | None:
    """Return an IS for what is no plain string, an ISfloat for a fraction."""
    if val is None:
        return val
    if isinstance(val, str):
        return _int_from_text(cls, str.__str__(val), mode)
    if isinstance(val, bytes):
        return _int_from_decimal(cls, val, mode)
    # A Decimal such as 1e999999999 would become an int of as many digits.
    if not isinstance(val, int) and hasattr(val, "__float__") and not isfinite(float(val)):
        raise ValueRangeError(f"{val} is no value of VR IS: it must be finite")
    self = _new_int(cls, val)  # type: ignore[call-overload]  # int() checks the type
    if self != val:
        mode = config.reading_mode() if mode is None else mode
        return ISfloat(val, mode)  # type: ignore[arg-type]  # a number other than an int
    if isinstance(val, IS) and hasattr(val, "original_string"):
        self.original_string = val.original_string
    return self if IS_MIN <= self <= IS_MAX else _checked_range(self, mode)


def _checked_range(number: IS, mode: int | None) -> IS:
    if (config.reading_mode() if mode is None else mode) == config.RAISE:
        raise ValueRangeError(
            f"a value of VR IS is from {IS_MIN} to {IS_MAX}, not {_int_repr(number)}"
        )
    return number


class ISfloat(float):
    """A value of VR IS that is no integer, as some files have it.

    Parameters
    ----------
    val : str, float or Decimal
        The number.
    validation_mode : int, optional
        WARN warns and RAISE raises; by default neither happens.

    Attributes
    ----------
    original_string : str
        The text without surrounding blanks; missing if the number was none.

    Raises
    ------
    ValueTypeError
        If the mode is RAISE.
    """

    original_string: str

    def __new__(cls, val: str | float | Decimal, validation_mode: int | None = None) -> ISfloat:
        """Make a number; the class describes from what."""
        if isinstance(val, str) and not val.strip():
            return ""  # type: ignore[return-value]  # an empty value stays
        try:
            self = super().__new__(cls, val)
        except ValueError:
            raise not_a_number(val, "IS") from None
        if isinstance(val, str):
            self.original_string = val.strip()
        elif isinstance(val, (IS, ISfloat)) and hasattr(val, "original_string"):
            self.original_string = val.original_string
        if validation_mode:
            _report_fraction(self, validation_mode)
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return restore_number, (type(self), float(self), state_of(self))


def _report_fraction(number: float, mode: int) -> None:
    wrong = f"{float.__repr__(number)} is no valid value of VR IS: it must be an integer"
    if mode == RAISE:
        raise ValueTypeError(wrong, hint="WARN or IGNORE as mode for reading accepts it")
    config.warn_and_log(wrong)
