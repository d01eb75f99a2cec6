"""What a field of a sidecar is: its name, where its value comes from, and its unit."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from pydcm.datadict import dictionary_description, tag_for_keyword
from pydcm.vendors.header import Header

__all__ = [
    "Field",
    "Value",
    "clock",
    "flag",
    "listed",
    "number",
    "plain",
    "plain_all",
    "source_of",
    "text",
]

Value: TypeAlias = str | int | float | bool | list[str] | list[float]
"""What a field may hold; whole numbers are ints."""

_TIME = re.compile(r"(\d{2})(\d{2})(\d{2})(?:\.(\d{1,6}))?$")

_DECIMALS = 12
"""Digits after the point that a value keeps when its unit changes."""


class Field(NamedTuple):
    """One way to learn one field of a sidecar.

    Attributes
    ----------
    name : str
        Name of the field.
    maker : str
        The maker whose images have it, ``""`` for every maker.
    source : str
        The elements that it is read from.
    unit : str
        Its unit, ``""`` if it has none.
    read : callable
        Takes a :class:`~pydcm.vendors.header.Header`; returns the value, None
        if it is not known.
    """

    name: str
    maker: str
    source: str
    unit: str
    read: Callable[[Header], Value | None]


def source_of(*keywords: str) -> str:
    """Name standard elements, such as ``"Echo Time (0018,0081)"``."""
    named = []
    for keyword in keywords:
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise LookupError(f"no element has the keyword {keyword!r}")
        named.append(f"{dictionary_description(tag)} ({tag >> 16:04X},{tag & 0xFFFF:04X})")
    return ", ".join(named)


def clock(text: str) -> str | None:
    """Return a time (TM, PS3.5 6.2) as ``hh:mm:ss.ffffff``, None if it lacks one of these."""
    found = _TIME.match(text)
    if found is None:
        return None
    hours, minutes, seconds, fraction = found.groups()
    return f"{hours}:{minutes}:{seconds}.{(fraction or '').ljust(6, '0')}"


def plain(value: float, scale: float = 1.0) -> int | float:
    """Return a scaled number, as an int if it is whole."""
    scaled = float(value) if scale == 1.0 else round(value * scale, _DECIMALS)
    return int(scaled) if scaled.is_integer() else scaled


def plain_all(values: tuple[float, ...]) -> list[float]:
    """Return numbers, as ints where they are whole."""
    return [plain(value) for value in values]


def text(name: str, *keywords: str) -> Field:
    """Return a field of text; several values are joined with a backslash."""

    def read(header: Header) -> Value | None:
        found = next((values for key in keywords if (values := header.texts(key))), ())
        return "\\".join(found) or None

    return Field(name, "", source_of(*keywords), "", read)


def listed(name: str, keyword: str) -> Field:
    """Return a field that lists the values of an element."""
    return Field(
        name, "", source_of(keyword), "", lambda header: list(header.texts(keyword)) or None
    )


def number(
    name: str,
    *keywords: str,
    unit: str = "",
    scale: float = 1.0,
    above: float | None = None,
    below: float | None = None,
) -> Field:
    """Return a field with a number.

    Parameters
    ----------
    name : str
        Name of the field.
    *keywords : str
        Elements; the first that has a number counts.
    unit : str
        Its unit.
    scale : float
        What the element is multiplied with.
    above, below : float, optional
        A number of the element that is not between them is left out.
    """

    def read(header: Header) -> Value | None:
        for keyword in keywords:
            found = header.number(keyword)
            if found is None:
                continue
            if (above is None or found > above) and (below is None or found < below):
                return plain(found, scale)
        return None

    return Field(name, "", source_of(*keywords), unit, read)


def flag(name: str, keyword: str) -> Field:
    """Return a field that is false where a defined term is ``NONE`` or ``NO``, else true."""

    def read(header: Header) -> Value | None:
        found = header.text(keyword)
        return found not in ("NONE", "NO") if found else None

    return Field(name, "", source_of(keyword), "", read)
