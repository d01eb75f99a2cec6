"""Date, Time and Date Time values (PS3.5 6.2, DA, TM and DT).

Apart from the other values, because importing :mod:`datetime` takes time that
only ``config.datetime_conversion`` and explicit use need.
"""

from __future__ import annotations

import datetime
import re
from typing import Self, SupportsIndex

from pydcm import config
from pydcm.errors import ValueRepresentationError

__all__ = ["DA", "DT", "TM"]

_MAX_DT_LEN = 26  # PS3.5 6.2, without the hyphen of a range
_LEAP_SECOND = 60


class _DateTimeBase:
    """What the three classes share: they remember their text."""

    original_string: str

    def __str__(self) -> str:
        text = self.__dict__.get("original_string")
        return super().__str__() if text is None else str(text)

    def __repr__(self) -> str:
        return f'"{self}"'

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[object, ...]:
        # The base classes forget the attributes.
        rebuild = super().__reduce_ex__(protocol)
        return (*rebuild[:2], self.__dict__.copy())


def _is_empty(val: object) -> bool:
    return val is None or (isinstance(val, str) and not val.strip())


def _remember(value: DA | DT | TM, source: object, text: str) -> None:
    """Give `value` the text of what it was made from, or `text` if that has none."""
    value.original_string = getattr(source, "original_string", text)


def _wrong(val: object, vr: str, why: object = "") -> ValueRepresentationError:
    because = f": {why}" if why else ""
    return ValueRepresentationError(f"{val!r} cannot become a value of VR {vr}{because}")


def _seconds(text: str) -> int:
    """Return seconds as datetime wants them, which knows no leap second."""
    seconds = int(text)
    if seconds != _LEAP_SECOND:
        return seconds
    config.warn_and_log("a leap second (60) has no datetime value and is taken as second 59")
    return _LEAP_SECOND - 1


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "").ljust(6, "0"))


class DA(_DateTimeBase, datetime.date):
    """A date that remembers its text.

    Parameters
    ----------
    *args, **kwargs
        ``YYYYMMDD`` or, from before DICOM, ``YYYY.MM.DD``; a date; or year,
        month and day. Nothing, None and blank strings give None.

    Attributes
    ----------
    original_string : str
        The text; missing if the date was made from numbers.

    Raises
    ------
    ValueRepresentationError
        If there is no such date.

    Examples
    --------
    >>> day = DA("20240229")
    >>> day.year, str(day), day.isoformat()
    (2024, '20240229', '2024-02-29')
    """

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        """Make a date; the class describes from what."""
        # Accepted as by the other classes; text that is no value raises in any mode.
        kwargs.pop("validation_mode", None)
        if not kwargs and (not args or (len(args) == 1 and _is_empty(args[0]))):
            return None  # type: ignore[return-value]  # as an empty element has no date
        val = args[0] if args else None
        try:
            if isinstance(val, str):
                return cls._from_text(val)
            if isinstance(val, datetime.date):
                self = super().__new__(cls, val.year, val.month, val.day)
                _remember(self, val, f"{val.year:04}{val.month:02}{val.day:02}")
                return self
            return super().__new__(cls, *args, **kwargs)  # type: ignore[arg-type]  # date checks them
        except (TypeError, ValueError, OverflowError) as why:
            raise _wrong(val, "DA", why) from None

    @classmethod
    def _from_text(cls, text: str) -> Self:
        match = _date_regex(text)
        if match is None:
            raise ValueError("it has not the form YYYYMMDD")
        self = super().__new__(cls, int(match[1]), int(match[3]), int(match[4]))
        self.original_string = text
        return self


class TM(_DateTimeBase, datetime.time):
    """A time of day that remembers its text.

    Parameters
    ----------
    *args, **kwargs
        ``HH[MM[SS[.FFFFFF]]]``; a time; or hour, minute, second and
        microsecond. Nothing, None and blank strings give None. Second 60 is
        taken as 59, with a warning.

    Attributes
    ----------
    original_string : str
        The text; missing if the time was made from numbers.

    Raises
    ------
    ValueRepresentationError
        If there is no such time.

    Examples
    --------
    >>> time = TM("1030")
    >>> time.hour, str(time), time.isoformat()
    (10, '1030', '10:30:00')
    """

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        """Make a time; the class describes from what."""
        # Accepted as by the other classes; text that is no value raises in any mode.
        kwargs.pop("validation_mode", None)
        if not kwargs and (not args or (len(args) == 1 and _is_empty(args[0]))):
            return None  # type: ignore[return-value]  # as an empty element has no time
        val = args[0] if args else None
        try:
            if isinstance(val, str):
                return cls._from_text(val)
            if isinstance(val, datetime.time):
                self = super().__new__(cls, val.hour, val.minute, val.second, val.microsecond)
                _remember(self, val, _time_text(val))
                return self
            return super().__new__(cls, *args, **kwargs)  # type: ignore[arg-type]  # time checks them
        except (TypeError, ValueError, OverflowError) as why:
            raise _wrong(val, "TM", why) from None

    @classmethod
    def _from_text(cls, text: str) -> Self:
        match = _time_regex(text)
        if match is None:
            raise ValueError("it has not the form HHMMSS.FFFFFF")
        hour, minute, second, fraction = match.groups()
        parts = int(hour), int(minute or 0), _seconds(second or "0"), _microseconds(fraction)
        self = super().__new__(cls, *parts)
        self.original_string = text
        return self


class DT(_DateTimeBase, datetime.datetime):
    """A date and time that remembers its text.

    Parameters
    ----------
    *args, **kwargs
        ``YYYY[MM[DD[HH[MM[SS[.FFFFFF]]]]]][&ZZXX]``; a datetime; or what
        datetime takes. Nothing, None and blank strings give None. What follows
        a well formed beginning is ignored; second 60 is taken as 59, with a
        warning.

    Attributes
    ----------
    original_string : str
        The text; missing if the value was made from numbers.

    Raises
    ------
    ValueRepresentationError
        If there is no such date and time.

    Examples
    --------
    >>> moment = DT("202402291030+0100")
    >>> moment.isoformat(), str(moment)
    ('2024-02-29T10:30:00+01:00', '202402291030+0100')
    """

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        """Make a date and time; the class describes from what."""
        # Accepted as by the other classes; text that is no value raises in any mode.
        kwargs.pop("validation_mode", None)
        if not kwargs and (not args or (len(args) == 1 and _is_empty(args[0]))):
            return None  # type: ignore[return-value]  # as an empty element has no time
        val = args[0] if args else None
        try:
            if isinstance(val, str):
                return cls._from_text(val)
            if isinstance(val, datetime.datetime):
                self = super().__new__(cls, *val.timetuple()[:6], val.microsecond, val.tzinfo)
                date = f"{val.year:04}{val.month:02}{val.day:02}"
                _remember(self, val, f"{date}{_time_text(val)}{val:%z}")
                return self
            return super().__new__(cls, *args, **kwargs)  # type: ignore[arg-type]  # datetime does
        except (TypeError, ValueError, OverflowError) as why:
            raise _wrong(val, "DT", why) from None

    @classmethod
    def _from_text(cls, text: str) -> Self:
        match = _date_time_regex(text)
        if match is None or len(text) > _MAX_DT_LEN:
            raise ValueError("it has not the form YYYYMMDDHHMMSS.FFFFFF&ZZXX")
        year, month, day, hour, minute, second, fraction, zone = match.groups()
        self = super().__new__(
            cls,
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            _seconds(second or "0"),
            _microseconds(fraction if second else None),
            _time_zone(zone),
        )
        self.original_string = text
        return self


def _time_zone(text: str | None) -> datetime.timezone | None:
    """Return the offset from UTC that ``+HHMM`` or ``-HHMM`` stands for."""
    if text is None:
        return None
    offset = datetime.timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return datetime.timezone(-offset if text[0] == "-" else offset, text)


def _time_text(val: datetime.time | datetime.datetime) -> str:
    fraction = f".{val.microsecond:06}" if val.microsecond else ""
    return f"{val.hour:02}{val.minute:02}{val.second:02}{fraction}"


_2 = "([0-9]{2})"
_date_regex = re.compile(rf"([0-9]{{4}})(\.?){_2}\2{_2}").fullmatch
_time_regex = re.compile(rf"{_2}(?:{_2}(?:{_2}(?:\.([0-9]{{0,6}}))?)?)?").fullmatch
# Only matched at the beginning; an odd digit at the end is skipped.
_date_time_regex = re.compile(
    rf"([0-9]{{4}})(?:{_2}(?:{_2}(?:{_2}(?:{_2}{_2}?)?)?)?)?[0-9]?"
    r"(?:\.([0-9]{1,6}))?([+-][0-9]{4})?"
).match
