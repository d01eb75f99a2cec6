"""Decimal String values (PS3.5 6.2, DS).

Numbers are made by the thousand when a file is read. The usual way through
``__new__`` therefore does no more than it must, and everything unusual is in a
function of its own.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Self, TypeVar

from pydcm import config
from pydcm.config import RAISE
from pydcm.errors import ValueRangeError, ValueRepresentationError
from pydcm.valuerep.patterns import TEXT_TESTS
from pydcm.valuerep.validation import validate_value

if TYPE_CHECKING:
    from decimal import Decimal

    from pydcm.valuerep.decimals import DSdecimal

__all__ = ["DS", "DSfloat", "floats_from_valid", "format_number_as_ds", "is_valid_ds"]

MAX_DS_LEN = 16

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
                raise not_a_number(val, "DS") from None
            self.original_string = text
            self.auto_format = auto_format
        else:
            if val is None or (isinstance(val, str) and not val.strip()):
                return val  # type: ignore[return-value]  # an empty value stays
            self = _float_from_other(cls, val)
            self.auto_format = auto_format or getattr(val, "auto_format", False)
        if self.auto_format:
            shorten(self)
        if (config.reading_mode() if validation_mode is None else validation_mode) == RAISE:
            raise_for_invalid_ds(self)
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
        return restore_number, (type(self), float(self), state_of(self))


_new_float = float.__new__
_float_repr = float.__repr__
_float_eq = float.__eq__


def not_a_number(text: object, vr: str) -> ValueRepresentationError:
    """Return the error for what cannot be read as a number."""
    return ValueRepresentationError(f"{text!r} is no number, as VR {vr} needs")


def _float_from_other(cls: type[_Float], val: object) -> _Float:
    """Return a DSfloat for what is no plain string, with what it knows of its text."""
    try:
        self = _new_float(cls, val)  # type: ignore[arg-type]  # float() checks the type
    except ValueError:
        raise not_a_number(val, "DS") from None
    except OverflowError:
        raise ValueRangeError("the integer is too large for VR DS") from None
    if isinstance(val, str):
        self.original_string = val.strip()
    # Both DS classes have auto_format, and nothing else has: a number of
    # another class starts without text.
    elif hasattr(val, "auto_format") and hasattr(val, "original_string"):
        self.original_string = val.original_string
    return self


def shorten(number: DSfloat | DSdecimal) -> None:
    """Give a number a text that is a legal Decimal String."""
    text = str(number)
    if not is_valid_ds(text):
        text = format_number_as_ds(_plain(number))
    number.original_string = text


def _plain(number: DSfloat | DSdecimal) -> float | Decimal:
    """Return the number without its text."""
    return float(number) if isinstance(number, float) else number + 0


def raise_for_invalid_ds(number: DSfloat | DSdecimal) -> None:
    """Raise unless the text of a number is a legal Decimal String."""
    text = str(number)
    if len(text) > MAX_DS_LEN:
        raise ValueRangeError(
            f"a value of VR DS has at most {MAX_DS_LEN} characters, not the {len(text)} of {text}",
            hint="round it, or shorten it with auto_format=True",
        )
    if not TEXT_TESTS["DS"](text):
        raise ValueRepresentationError(f"{text!r} is no valid value of VR DS")


def state_of(number: object) -> dict[str, object]:
    """Return the attributes of a number for copying and pickling."""
    state = dict(getattr(number, "__dict__", {}))
    for name in ("auto_format", "original_string"):
        if hasattr(number, name):
            state[name] = getattr(number, name)
    return state


def restore_number(cls: type, value: object, state: dict[str, object]) -> object:
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


def floats_from_valid(strings: list[str]) -> list[DSfloat]:
    """Return the DSfloat of each string; the caller knows that all are valid."""
    numbers = []
    for text in strings:
        number = _new_float(DSfloat, text)
        number.original_string = text.strip(" ")
        number.auto_format = False
        numbers.append(number)
    return numbers
