"""Decimal String values as exact decimals; only ``config.use_DS_decimal`` needs them.

A module of its own, because importing :mod:`decimal` takes longer than
importing all of the other value classes.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Self, TypeVar

from pydcm import config
from pydcm.errors import ValueRepresentationError
from pydcm.valuerep.numbers import (
    MAX_DS_LEN,
    raise_for_invalid_ds,
    restore_number,
    shorten,
    state_of,
)
from pydcm.valuerep.patterns import TEXT_TESTS

__all__ = ["DSdecimal", "NotADecimalError"]

_Decimal = TypeVar("_Decimal", bound="DSdecimal")


class NotADecimalError(ValueRepresentationError, InvalidOperation):
    """Text that is no decimal number."""


class DSdecimal(Decimal):
    """A Decimal String value as a Decimal that remembers its text.

    Parameters
    ----------
    val : str, int, Decimal or None
        The number; None and blank strings are returned as they are. A float is
        accepted if ``config.allow_DS_float`` is true.
    auto_format : bool
        Shorten the text to a legal Decimal String of at most 16 characters.
    validation_mode : int, optional
        How to check the text; by default in the mode for reading.

    Attributes
    ----------
    original_string : str
        The text without surrounding blanks; missing if the number was none.
    auto_format : bool
        As given.

    Raises
    ------
    TypeError
        If `val` is a float and floats are not allowed.
    ValueRepresentationError
        If `val` is text that is no number, or if the mode is RAISE and the
        number cannot be a Decimal String; a ``ValueRangeError`` if its text
        is longer than 16 characters.

    Examples
    --------
    >>> DSdecimal("0.10") + DSdecimal("0.20")
    Decimal('0.30')
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
        if val is None or (isinstance(val, str) and not val.strip()):
            return val  # type: ignore[return-value]  # an empty value stays
        if isinstance(val, float) and not config.allow_DS_float:
            raise TypeError(
                "a float has more digits than were meant: give a str or a rounded"
                " Decimal, or set config.allow_DS_float to true"
            )
        self = _new_decimal(cls, val)
        self.auto_format = auto_format or getattr(val, "auto_format", False)
        if isinstance(val, str):
            self.original_string = val.strip()
        # Both DS classes have auto_format, and nothing else has.
        elif hasattr(val, "auto_format") and hasattr(val, "original_string"):
            self.original_string = val.original_string
        if self.auto_format:
            shorten(self)
        _check(self, config.reading_mode() if validation_mode is None else validation_mode)
        return self

    def __str__(self) -> str:
        try:
            return self.original_string
        except AttributeError:
            return Decimal.__str__(self)

    def __repr__(self) -> str:
        return f"'{self!s}'"

    def __eq__(self, other: object) -> bool:
        """Compare with a string by text, and with anything else by value."""
        if isinstance(other, str):
            return str(self) == other
        return Decimal.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Decimal.__hash__

    def __reduce__(self) -> tuple[object, ...]:  # type: ignore[override]  # Decimal's has two
        return restore_number, (type(self), Decimal(self), state_of(self))


def _new_decimal(cls: type[_Decimal], val: object) -> _Decimal:
    try:
        return Decimal.__new__(cls, val)  # type: ignore[arg-type]  # Decimal checks the type
    except InvalidOperation:
        raise NotADecimalError(f"{val!r} is no number, as VR DS needs") from None


def _check(number: DSdecimal, mode: int) -> None:
    if mode == config.RAISE:
        raise_for_invalid_ds(number)
    elif mode == config.WARN:
        text = str(number)
        if len(text) > MAX_DS_LEN:
            config.warn_and_log(
                f"a value of VR DS has at most {MAX_DS_LEN} characters,"
                f" not the {len(text)} of {text}"
            )
        elif not TEXT_TESTS["DS"](text):
            config.warn_and_log(f"{text!r} is no valid value of VR DS")
