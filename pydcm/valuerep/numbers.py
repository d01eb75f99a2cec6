"""Decimal String and Integer String values (PS3.5 6.2, DS and IS).

The classes are made by the thousand when a file is read, so that the usual
way through ``__new__`` does no more than it must, and everything unusual is
in a function of its own.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Self, TypeVar

from pydcm import config
from pydcm.config import RAISE
from pydcm.errors import ValueRangeError, ValueRepresentationError, ValueTypeError
from pydcm.valuerep.validation import TEXT_TESTS, validate_value

if TYPE_CHECKING:
    from decimal import Decimal

    from pydcm.valuerep.decimals import DSdecimal

__all__ = ["DS", "IS", "DSfloat", "ISfloat", "format_number_as_ds", "is_valid_ds"]

MAX_DS_LEN = 16
IS_MIN = -(2**31)
IS_MAX = 2**31 - 1

_Float = TypeVar("_Float", bound="DSfloat")


def is_valid_ds(s: str) -> bool:
    """Return whether a string is a legal Decimal String.

    Parameters
    ----------
    s : str
        One value; an empty one is legal.

    Examples
    --------
    >>> is_valid_ds("-1.5e3"), is_valid_ds("1,5"), is_valid_ds("0.33333333333333333")
    (True, False, False)
    """
    return len(s) <= MAX_DS_LEN and bool(TEXT_TESTS["DS"](s))


def format_number_as_ds(val: float | Decimal) -> str:
    """Return a number as a Decimal String, rounded to what 16 characters can hold.

    Parameters
    ----------
    val : float or decimal.Decimal
        A finite number.

    Returns
    -------
    str
        The usual text of the number if that is short enough; otherwise the
        nearest number in fixed or in scientific notation, whichever holds
        more digits. Read back, it is finite again.

    Raises
    ------
    ValueRepresentationError
        If the number is infinite, not a number, or beyond the range of float.
    TypeError
        If it is no float or Decimal.

    Examples
    --------
    >>> format_number_as_ds(0.1), format_number_as_ds(-2 / 3), format_number_as_ds(2e-7 / 3)
    ('0.1', '-0.6666666666667', '6.6666666667e-08')
    """
    if not isinstance(val, float):
        from decimal import Decimal

        if not isinstance(val, Decimal):
            raise TypeError(f"a float or Decimal is needed, not {type(val).__name__!r}")
    if not isfinite(val):
        raise ValueRepresentationError(f"{val} cannot be a Decimal String: it must be finite")
    text = str(val)
    if is_valid_ds(text):
        return text
    # Lengths of the rounded forms can be off by one: 9.7 has one digit before
    # the point but rounds to 10, and 9.9e99 to 1e100.
    fixed, fixed_decimals = _longest(val, "f", MAX_DS_LEN - len(f"{val:.0f}"))
    scientific, mantissa_decimals = _longest(val, "e", MAX_DS_LEN - len(f"{val:.0e}"))
    exponent = int(scientific.partition("e")[2])
    if fixed and fixed_decimals >= mantissa_decimals - exponent:
        return fixed
    return scientific if isfinite(float(scientific)) else _towards_zero(scientific)


def _longest(val: float | Decimal, form: str, decimals: int) -> tuple[str, int]:
    """Return the most exact text of at most 16 characters, and its decimals."""
    for tried in (decimals, decimals - 1, decimals - 2):
        if tried >= 0:
            text = f"{val:.{tried}{form}}"
            if len(text) <= MAX_DS_LEN:
                return text, tried
    return "", 0


def _towards_zero(text: str) -> str:
    """Undo the rounding beyond the largest float, 1.7976931348623157e308."""
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa[:-1]}{int(mantissa[-1]) - 1}e{exponent}"


class DSfloat(float):
    """A Decimal String value as a float that remembers its text.

    Parameters
    ----------
    val : str, int, float, Decimal or None
        The number; None and blank strings are returned as they are.
    auto_format : bool
        Shorten the text to a legal Decimal String of at most 16 characters.
    validation_mode : int, optional
        Whether RAISE is in force; by default the mode for reading is.

    Attributes
    ----------
    original_string : str
        The text without surrounding blanks; missing if the number was none.
    auto_format : bool
        As given.

    Raises
    ------
    ValueRepresentationError
        If `val` is text that is no number, or if the mode is RAISE and the
        number cannot be a Decimal String; a ``ValueRangeError`` if its text
        is longer than 16 characters.

    Examples
    --------
    >>> x = DSfloat("1.50")
    >>> x + 1, str(x), x == "1.50"
    (2.5, '1.50', True)
    """

    __slots__ = ("auto_format", "original_string")

    auto_format: bool
    original_string: str

    def __new__(
        cls,
        val: str | int | float | Decimal | None,
        auto_format: bool = False,
        validation_mode: int | None = None,
    ) -> Self:
        """Make a number; the class describes from what."""
        if type(val) is str:
            text = val.strip()
            if not text:
                return val  # type: ignore[return-value]  # an empty value stays
            try:
                self = _new_float(cls, text)
            except ValueError:
                raise _not_a_number(val, "DS") from None
            self.original_string = text
            self.auto_format = auto_format
        else:
            if val is None or (isinstance(val, str) and not val.strip()):
                return val  # type: ignore[return-value]  # an empty value stays
            self = _float_from_other(cls, val)
            self.auto_format = auto_format or getattr(val, "auto_format", False)
        if self.auto_format:
            _shorten(self)
        if (config.reading_mode() if validation_mode is None else validation_mode) == RAISE:
            _raise_for_invalid_ds(self)
        return self

    def __str__(self) -> str:
        try:
            return self.original_string
        except AttributeError:
            return _float_repr(self)

    def __repr__(self) -> str:
        return f"'{self!s}'"

    def __eq__(self, other: object) -> bool:
        """Compare with a string by text, and with anything else by value."""
        if isinstance(other, str):
            return str(self) == other
        return _float_eq(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = float.__hash__

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), float(self), _state(self))


_new_float = float.__new__
_float_repr = float.__repr__
_float_eq = float.__eq__


def _not_a_number(text: object, vr: str) -> ValueRepresentationError:
    return ValueRepresentationError(f"{text!r} is no number, as VR {vr} needs")


def _float_from_other(cls: type[_Float], val: object) -> _Float:
    """Return a DSfloat for what is no plain string, with what it knows of its text."""
    try:
        self = _new_float(cls, val)  # type: ignore[arg-type]  # float() checks the type
    except ValueError:
        raise _not_a_number(val, "DS") from None
    except OverflowError:
        raise ValueRangeError("the integer is too large for VR DS") from None
    if isinstance(val, str):
        self.original_string = val.strip()
    # Both DS classes have auto_format, and nothing else has: a number of
    # another class starts without text.
    elif hasattr(val, "auto_format") and hasattr(val, "original_string"):
        self.original_string = val.original_string
    return self


def _shorten(number: DSfloat | DSdecimal) -> None:
    text = str(number)
    if not is_valid_ds(text):
        text = format_number_as_ds(_plain(number))
    number.original_string = text


def _plain(number: DSfloat | DSdecimal) -> float | Decimal:
    """Return the number without its text."""
    return float(number) if isinstance(number, float) else number + 0


def _raise_for_invalid_ds(number: DSfloat | DSdecimal) -> None:
    text = str(number)
    if len(text) > MAX_DS_LEN:
        raise ValueRangeError(
            f"a value of VR DS has at most {MAX_DS_LEN} characters, not the {len(text)} of {text}",
            hint="round it, or shorten it with auto_format=True",
        )
    if not TEXT_TESTS["DS"](text):
        raise ValueRepresentationError(f"{text!r} is no valid value of VR DS")


def _state(number: object) -> dict[str, object]:
    """Return the attributes of a number for copying and pickling."""
    state = dict(getattr(number, "__dict__", {}))
    for name in ("auto_format", "original_string"):
        if hasattr(number, name):
            state[name] = getattr(number, name)
    return state


def _restore(cls: type, value: object, state: dict[str, object]) -> object:
    """Make a number again from what was pickled, without checking it anew."""
    base = next(b for b in cls.__mro__ if b.__module__ in {"builtins", "decimal"})
    number: object = base.__new__(cls, value)
    for name, attribute in state.items():
        setattr(number, name, attribute)
    return number


def DS(
    val: str | int | float | Decimal | None,
    auto_format: bool = False,
    validation_mode: int | None = None,
) -> str | DSfloat | DSdecimal | None:
    """Return a Decimal String value as DSfloat, or as DSdecimal if so configured.

    Parameters
    ----------
    val : str, int, float, Decimal or None
        The number; None and blank strings are returned as they are.
    auto_format : bool
        Shorten the text to a legal Decimal String of at most 16 characters.
    validation_mode : int, optional
        How to check a string; by default in the mode for reading.

    Returns
    -------
    DSfloat, DSdecimal, str or None
        The number; its class follows ``config.use_DS_decimal``.

    Raises
    ------
    ValueRepresentationError
        If `val` is text that is no number, or is invalid and the mode is RAISE.
    """
    if validation_mode is None:
        validation_mode = config.reading_mode()
    if isinstance(val, str) and validation_mode and not TEXT_TESTS["DS"](val):
        if not val.strip():
            return val
        validate_value("DS", val, validation_mode)
    if config.use_DS_decimal:
        from pydcm.valuerep.decimals import DSdecimal

        return DSdecimal(val, auto_format, validation_mode)
    return DSfloat(val, auto_format, validation_mode)


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
        if type(val) is not str:
            return _int_from_other(cls, val, validation_mode)  # type: ignore[return-value]
        # The usual text is valid at a glance: up to 9 digits fit 32 bits.
        if len(val) < 10 and val.isdigit() and val.isascii():
            self = _new_int(cls, val)
            self.original_string = val
            return self
        return _int_from_text(cls, val, validation_mode)  # type: ignore[return-value]

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
        return _restore, (type(self), int(self), _state(self))


_new_int = int.__new__
_int_repr = int.__repr__
_int_eq = int.__eq__


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
        raise _not_a_number(val, "IS") from None
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
            raise _not_a_number(val, "IS") from None
        if isinstance(val, str):
            self.original_string = val.strip()
        elif isinstance(val, (IS, ISfloat)) and hasattr(val, "original_string"):
            self.original_string = val.original_string
        if validation_mode:
            _report_fraction(self, validation_mode)
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), float(self), _state(self))


def _report_fraction(number: float, mode: int) -> None:
    wrong = f"{_float_repr(number)} is no valid value of VR IS: it must be an integer"
    if mode == RAISE:
        raise ValueTypeError(wrong, hint="WARN or IGNORE as mode for reading accepts it")
    config.warn_and_log(wrong)
