"""Private elements of GE MR scanners."""

from __future__ import annotations

from pydcm.vendors.header import Header

__all__ = [
    "ACQUISITION_CREATOR",
    "PARAMETER_CREATOR",
    "RELATION_CREATOR",
    "asset_factors",
    "echo_spacing_us",
    "phase_encoding_flipped",
    "slice_time_s",
]

ACQUISITION_CREATOR = "GEMS_ACQU_01"
PARAMETER_CREATOR = "GEMS_PARM_01"
RELATION_CREATOR = "GEMS_RELA_01"


def phase_encoding_flipped(header: Header) -> bool | None:
    """Tell whether phase encoding runs along descending rows or columns of the stored image.

    Rectilinear Phase Encode Reordering (0018,9034), which GE writes as polarity:
    ``LINEAR`` where it is flipped, ``REVERSE_LINEAR`` where it is not.
    """
    order = header.text("RectilinearPhaseEncodeReordering") or ""
    return {"LINEAR": True, "REVERSE_LINEAR": False}.get(order)


def echo_spacing_us(header: Header) -> float | None:
    """Return the time between echoes in microseconds: (0043,xx2C) of GEMS_PARM_01."""
    number = header.private_number(0x0043, PARAMETER_CREATOR, 0x2C)
    return number if number is not None and number > 0 else None


def asset_factors(header: Header) -> tuple[float, ...]:
    """Return the acceleration in the plane and across it: (0043,xx83) of GEMS_PARM_01.

    The element has the inverse, such as 0.5 for a factor of 2.
    """
    found = header.private_numbers(0x0043, PARAMETER_CREATOR, 0x83)
    return tuple(1 / share for share in found) if all(0 < share <= 1 for share in found) else ()


def slice_time_s(header: Header) -> float | None:
    """Return when an image was acquired, in seconds since the series began.

    (0021,xx5E) of GEMS_RELA_01, which real-time software writes; 0 or absent elsewhere.
    """
    return header.private_number(0x0021, RELATION_CREATOR, 0x5E)
