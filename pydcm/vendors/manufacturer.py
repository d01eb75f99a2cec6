"""Which maker's scanner an image comes from."""

from __future__ import annotations

from pydcm.vendors.header import Header

__all__ = ["maker"]

_NAMES = {
    "SIEMENS": "Siemens",
    "GE ": "GE",
    "GEMS": "GE",
    "PHILIPS": "Philips",
    "UIH": "UIH",
    "UNITED IMAGING": "UIH",
    "CANON": "Canon",
    "TOSHIBA": "Toshiba",
    "HITACHI": "Hitachi",
    "HYPERFINE": "Hyperfine",
    "BRUKER": "Bruker",
}
"""How Manufacturer (0008,0070) begins, and the short name that is in use for it."""


def maker(header: Header) -> str:
    """Return the short name of the maker, ``""`` if it is none that is known here.

    Parameters
    ----------
    header : Header
        An image.

    Examples
    --------
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> ds.Manufacturer = "GE MEDICAL SYSTEMS"
    >>> maker(Header(ds))
    'GE'
    """
    found = f"{header.text('Manufacturer') or ''} ".upper()
    return next((name for begin, name in _NAMES.items() if found.startswith(begin)), "")
