"""Private elements of United Imaging (UIH) MR scanners."""

from __future__ import annotations

import re

from pydcm.dataset import Dataset
from pydcm.vendors.header import Header

__all__ = [
    "CREATOR",
    "acquisition_time",
    "frame_items",
    "parallel_factor",
    "phase_encoding_displayed",
    "phase_encoding_positive",
]

CREATOR = "Image Private Header"
_GROUP = 0x0065


def phase_encoding_positive(header: Header) -> bool | None:
    """Tell whether phase encoding runs along ascending rows or columns of the stored image.

    (0065,xx58): 0 if so, 1 if it runs the other way.
    """
    number = header.private_number(_GROUP, CREATOR, 0x58)
    return {0.0: True, 1.0: False}.get(number) if number is not None else None


def phase_encoding_displayed(header: Header) -> str | None:
    """Return the direction of phase encoding as displayed, such as ``"A->P"``: (0065,xx05)."""
    return header.private_text(_GROUP, CREATOR, 0x05)


def parallel_factor(header: Header) -> float | None:
    """Return the acceleration in the plane: (0065,xx0D), such as ``"F:2S"``."""
    found = re.search(
        r"\bF:(\d{1,3}(?:\.\d{1,3})?)", header.private_text(_GROUP, CREATOR, 0x0D) or ""
    )
    return float(found[1]) if found else None


def frame_items(header: Header) -> tuple[Dataset, ...]:
    """Return the items for the slices of an image that holds a whole volume as tiles.

    (0065,xx51): position and time of each slice, in the order of the tiles.
    """
    found = header.private(_GROUP, CREATOR, 0x51)
    return tuple(item for item in found if isinstance(item, Dataset))


def acquisition_time(header: Header) -> str | None:
    """Return when the first slice was acquired (TM): the earliest time of :func:`frame_items`."""
    times = (Header(item).text("AcquisitionTime") for item in frame_items(header))
    return min((time for time in times if time), default=None)
