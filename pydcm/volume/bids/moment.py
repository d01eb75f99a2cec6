"""Moments that headers name, in seconds of one epoch, so that they can be subtracted."""

from __future__ import annotations

import datetime
import re

from pydcm.vendors.header import Header

__all__ = ["acquired_s", "moment_s", "series_begin_s"]

_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{1,6}))?$")
_EPOCH = datetime.datetime(2000, 1, 1)


def moment_s(text: str) -> float | None:
    """Return a date and time (DT, PS3.5 6.2) in s, None if a part of it is missing."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        # A leap second is the second after it.
        then = datetime.datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None
    fraction = int((found[7] or "").ljust(6, "0")) * 1e-6
    return (then - _EPOCH).total_seconds() + max(second - 59, 0) + fraction


def acquired_s(header: Header) -> float | None:
    """Return when an image was acquired in s: its date and time, or both in one."""
    joint = _joint(header, "AcquisitionDate", "AcquisitionTime")
    return moment_s(joint or header.text("AcquisitionDateTime") or "")


def series_begin_s(header: Header) -> float | None:
    """Return when a series began in s."""
    return moment_s(_joint(header, "SeriesDate", "SeriesTime") or "")


def _joint(header: Header, date_keyword: str, time_keyword: str) -> str | None:
    date, time = header.text(date_keyword), header.text(time_keyword)
    return f"{date}{time}" if date and time else None
