"""VRs that the dictionary leaves open and the data set decides (PS3.5 Annex A, PS3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydcm.dataelem import DataElement
    from pydcm.dataset.lazy import LazyElements

__all__ = ["AMBIGUOUS_VRS", "resolve_vr"]

AMBIGUOUS_VRS = frozenset({"OB or OW", "US or OW", "US or SS", "US or SS or OW"})

_PIXEL_DATA = 0x7FE00010
_BITS_ALLOCATED = 0x00280100
_LUT_DATA = 0x00283006
_LUT_DESCRIPTOR = 0x00283002
_WAVEFORM_BITS_ALLOCATED = 0x54001004
_WAVEFORM = frozenset({0x54000110, 0x54000112, 0x5400100A, 0x54001010})


def resolve_vr(elem: DataElement, ds: LazyElements, pixel_rep: int | None) -> str:
    """Return the VR that an element has in its data set.

    Parameters
    ----------
    elem : DataElement
        An element whose VR is one of `AMBIGUOUS_VRS`.
    ds : Dataset
        The data set it is in.
    pixel_rep : int or None
        Pixel Representation (0028,0103) there or around it.

    Returns
    -------
    str
        A VR of two letters; the ambiguous one if the data set does not decide.
    """
    tag = int(elem.tag)
    if tag == _PIXEL_DATA:
        return _pixel_data_vr(elem, ds)
    if tag in _WAVEFORM:
        return _waveform_vr(ds)
    if tag == _LUT_DATA:
        descriptor = _number(ds, _LUT_DESCRIPTOR)
        # One entry is a number, more are words (PS3.3 C.11.1.1).
        return "US or OW" if descriptor is None else "US" if descriptor == 1 else "OW"
    if elem.VR == "OB or OW":
        return "OW"  # Overlay Data and the like (PS3.5 8.1.2)
    if elem.VR == "US or SS or OW":
        return "OW"
    if pixel_rep is None and not _is_image(ds):
        pixel_rep = 0
    return "US or SS" if pixel_rep is None else "SS" if pixel_rep == 1 else "US"


def _pixel_data_vr(elem: DataElement, ds: LazyElements) -> str:
    """PS3.5 8.2 and A.1 to A.4: encapsulated OB; in Implicit VR OW; else by Bits Allocated."""
    if elem.is_undefined_length:
        return "OB"
    if ds._read_implicit:
        return "OW"
    bits = _number(ds, _BITS_ALLOCATED)
    if bits is None:
        return "OB or OW"
    return "OW" if bits > 8 else "OB"


def _waveform_vr(ds: LazyElements) -> str:
    """PS3.5 8.3: OB for 8 bits except in Implicit VR, else OW."""
    if ds._read_implicit:
        return "OW"
    bits = _number(ds, _WAVEFORM_BITS_ALLOCATED)
    if bits is None:
        return "OB or OW"
    return "OB" if bits == 8 else "OW"


def _is_image(ds: LazyElements) -> bool:
    return _PIXEL_DATA in ds._dict


def _number(ds: LazyElements, tag: int) -> int | None:
    entry = ds._dict.get(tag)
    if entry is None:
        return None
    value: Any = ds._element(tag, entry).value
    if not isinstance(value, (int, str, bytes)):
        value = value[0] if value else None
    return value if isinstance(value, int) else None
