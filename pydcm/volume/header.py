"""Values of a header, read without making an element of each.

A series is many files with few values that matter to its geometry. What is
plain in the file (Explicit VR Little Endian) is taken from its octets; anything
else goes the way of :class:`~pydcm.dataset.Dataset`.
"""

from __future__ import annotations

import math
import struct
from functools import lru_cache

from pydcm.dataset import Dataset
from pydcm.errors import PydcmError
from pydcm.multival import MultiValue

__all__ = [
    "decimal",
    "decimals",
    "first_item",
    "integer",
    "items",
    "number_list",
    "private_tag",
    "seconds_of_day",
    "text",
    "texts",
]

_BINARY = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_MOST_VALUES = 1 << 16
"""No value that matters here is longer; more are cut off before they are converted."""


def number_list(vr: str, octets: bytes, *, little: bool = True) -> tuple[float, ...] | None:
    """Return the numbers of a value, or None if it does not hold any.

    Parameters
    ----------
    vr : str
        Any; DS, IS and other text is read as decimal numbers.
    octets : bytes
        The value.
    little : bool
        Byte order of binary numbers.
    """
    code = _BINARY.get(vr)
    if code is not None:
        count = min(len(octets) // struct.calcsize(code), _MOST_VALUES)
        if not count:
            return None
        return tuple(
            map(float, struct.unpack_from(f"{'<' if little else '>'}{count}{code}", octets))
        )
    try:
        return tuple(
            float(part) for part in octets[: 20 * _MOST_VALUES].rstrip(b" \0").split(b"\\")
        )
    except ValueError:
        return None


def decimals(dataset: Dataset, tag: int, count: int) -> tuple[float, ...] | None:
    """Return `count` finite numbers, or None if the element does not hold exactly these."""
    if tag not in dataset._dict:
        return None
    plain = dataset._plain_octets(tag)
    found: tuple[float, ...] | None
    if plain is not None:
        found = number_list(*plain)
    else:
        try:
            found = tuple(float(str(value)) for value in _values(dataset, tag))
        except (ValueError, OverflowError):
            found = None
    if found is None or len(found) != count or not all(map(math.isfinite, found)):
        return None
    return found


def decimal(dataset: Dataset, tag: int) -> float | None:
    """Return the first number of an element, or None if that is none or not finite."""
    if tag not in dataset._dict:
        return None
    plain = dataset._plain_octets(tag)
    if plain is not None:
        found = number_list(*plain)
        value = found[0] if found else math.nan
    else:
        try:
            value = float(str(next(iter(_values(dataset, tag)), "")))
        except (ValueError, OverflowError):
            return None
    return float(value) if math.isfinite(value) else None


def integer(dataset: Dataset, tag: int, absent: int = 0) -> int:
    """Return the first whole number of an element, or `absent` if it does not hold one."""
    value = decimal(dataset, tag)
    return absent if value is None or value != int(value) else int(value)


def texts(dataset: Dataset, tag: int) -> tuple[str, ...]:
    """Return the values of an element of printable ASCII, such as CS or UI."""
    if tag not in dataset._dict:
        return ()
    plain = dataset._plain_octets(tag)
    if plain is not None and plain[0] not in _BINARY:
        value = plain[1].decode("latin-1").rstrip(" \0")
        return tuple(part.strip(" \0") for part in value.split("\\")) if value else ()
    return tuple(str(value) for value in _values(dataset, tag))


def text(dataset: Dataset, tag: int) -> str:
    """Return the first value of an element of printable ASCII, or an empty text."""
    return next(iter(texts(dataset, tag)), "")


def items(dataset: Dataset, tag: int) -> list[Dataset]:
    """Return the items of a sequence, none if the element is no sequence."""
    from pydcm.sequence import Sequence

    value = _value(dataset, tag)
    return list(value) if isinstance(value, Sequence) else []


def first_item(dataset: Dataset, tag: int) -> Dataset | None:
    """Return the first item of a sequence, or None if there is none."""
    from pydcm.sequence import Sequence

    value = _value(dataset, tag)
    return value[0] if isinstance(value, Sequence) and len(value) else None


def private_tag(dataset: Dataset, group: int, creator: str, offset: int) -> int:
    """Return the tag of a private element (PS3.5 7.8.1), or 0 if nobody reserved its block.

    Parameters
    ----------
    dataset : Dataset
        Where it is looked for.
    group : int
        An odd group.
    creator : str
        Private creator.
    offset : int
        The last two digits of the element.
    """
    first = group << 16 | 0x10
    entries = dataset._dict
    for block in range(first, first + 0xF0):
        if block in entries:
            if text(dataset, block) == creator:
                return group << 16 | (block & 0xFF) << 8 | offset
        elif block > first + 0x40:
            break  # blocks are reserved from the beginning, with a few gaps at most
    return 0


def seconds_of_day(value: str) -> float | None:
    """Return seconds since midnight of a TM value, or since 1970 of a DT value (PS3.5 6.2).

    Returns
    -------
    float or None
        None if it is neither.

    Examples
    --------
    >>> seconds_of_day("010203.5"), seconds_of_day("noon")
    (3723.5, None)
    """
    digits, _, rest = value.strip().partition(".")
    fraction = "".join(c for c in rest.partition("+")[0].partition("-")[0] if c.isdecimal())
    digits = digits.partition("+")[0].partition("-")[0].replace(":", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) in (2, 4, 6, 8, 10, 12, 14)):
        return None
    day, clock = (digits[:8], digits[8:]) if len(digits) > 6 else ("", digits)
    parts = [int(clock[at : at + 2] or 0) for at in (0, 2, 4)]
    seconds: float = parts[0] * 3600 + parts[1] * 60 + parts[2]
    if day:
        days = _days(day)
        if days is None:
            return None
        seconds += 86400 * days
    return seconds + (float(f"0.{fraction}") if fraction else 0.0)


@lru_cache(maxsize=64)
def _days(digits: str) -> int | None:
    from datetime import date

    try:
        found = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return (found - date(1970, 1, 1)).days


def _value(dataset: Dataset, tag: int) -> object:
    try:
        return dataset[tag].value if tag in dataset._dict else None
    except PydcmError:  # a value that does not fit its VR is no value
        return None


def _values(dataset: Dataset, tag: int) -> list[object]:
    """Return the values of an element, of whatever type and number they are."""
    value = _value(dataset, tag)
    if value is None:
        return []
    return list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]
