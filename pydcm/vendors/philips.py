"""Private elements of Philips MR scanners."""

from __future__ import annotations

from pydcm.vendors.header import Header

__all__ = ["IMAGING_CREATOR", "MR_CREATOR", "flag", "scale_slope", "water_fat_shift_pixels"]

IMAGING_CREATOR = "Philips Imaging DD 001"
MR_CREATOR = "Philips MR Imaging DD 001"


def water_fat_shift_pixels(header: Header) -> float | None:
    """Return the shift between water and fat in pixels: (2001,xx22), if it is above 0."""
    number = header.private_number(0x2001, IMAGING_CREATOR, 0x22)
    return number if number is not None and number > 0 else None


def scale_slope(header: Header) -> float | None:
    """Return the factor from stored to floating-point values: (2005,xx0E)."""
    return header.private_number(0x2005, MR_CREATOR, 0x0E)


def flag(header: Header, offset: int) -> bool | None:
    """Return an element of group 2005 that has ``Y`` or ``N``."""
    return {"Y": True, "N": False}.get(header.private_text(0x2005, MR_CREATOR, offset) or "")
