"""Repairs of what some writers get wrong, made while a data set is read.

Each repair is a callback that sees every element before its value is decoded.
:func:`fix_separator` and :func:`fix_mismatch` install theirs in
``config.data_element_callback`` for the whole process;
``config.reset_data_element_callback()`` takes it away again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm.datadict import dictionary_VR
from pydcm.valuerep import VR
from pydcm.values import convert_value

if TYPE_CHECKING:
    from pydcm.dataelem import RawDataElement

__all__ = ["fix_mismatch", "fix_mismatch_callback", "fix_separator", "fix_separator_callback"]


def fix_separator(
    invalid_separator: bytes,
    for_VRs: tuple[str, ...] = ("DS", "IS"),
    process_unknown_VRs: bool = True,
) -> None:
    """Read a wrong character between values as if it were the backslash (PS3.5 6.2).

    Parameters
    ----------
    invalid_separator : bytes
        What stands between values, such as ``b","``.
    for_VRs : tuple of str
        The VRs whose values are repaired.
    process_unknown_VRs : bool
        Repair values too whose VR neither the file nor the dictionary tells.
    """
    config.data_element_callback = fix_separator_callback
    config.data_element_callback_kwargs = {
        "invalid_separator": invalid_separator,
        "for_VRs": for_VRs,
        "process_unknown_VRs": process_unknown_VRs,
    }


def fix_separator_callback(raw_elem: RawDataElement, **kwargs: Any) -> RawDataElement:
    """Return an element with the separators of its values repaired.

    Parameters
    ----------
    raw_elem : RawDataElement
        An element as it stands in the file.
    **kwargs
        The arguments of :func:`fix_separator`.

    Returns
    -------
    RawDataElement
        The same element where nothing is to be repaired.
    """
    if raw_elem.value is None:
        return raw_elem
    vr = raw_elem.VR
    if vr is None:
        try:
            vr = dictionary_VR(raw_elem.tag)
        except KeyError:
            wanted = bool(kwargs["process_unknown_VRs"])
        else:
            wanted = vr in kwargs["for_VRs"]
    else:
        wanted = vr in kwargs["for_VRs"]
    if not wanted:
        return raw_elem
    return raw_elem._replace(value=_separated(raw_elem.value, kwargs["invalid_separator"]))


def _separated(value: bytes, separator: bytes) -> bytes:
    """Return a value with the backslash for another separator, as long as it was."""
    if separator != b" ":
        return value.replace(separator, b"\\")
    # Spaces around the values pad them (PS3.5 6.2) and separate nothing.
    return value.strip(b" ").replace(b" ", b"\\").ljust(len(value))


def fix_mismatch(with_VRs: tuple[str, ...] = (VR.PN, VR.DS, VR.IS)) -> None:
    """Try other VRs for a value that cannot be decoded by its own.

    Parameters
    ----------
    with_VRs : tuple of str
        The VRs to try, in this order.
    """
    config.data_element_callback = fix_mismatch_callback
    config.data_element_callback_kwargs = {"with_VRs": with_VRs}


def fix_mismatch_callback(raw_elem: RawDataElement, **kwargs: Any) -> RawDataElement:
    """Return an element with a VR by which its value can be decoded.

    Parameters
    ----------
    raw_elem : RawDataElement
        An element as it stands in the file.
    **kwargs
        The arguments of :func:`fix_mismatch`.

    Returns
    -------
    RawDataElement
        The same element where its VR is right, is not in the file, or none of
        the others is better.
    """
    vr = raw_elem.VR
    if vr is None or _is_decodable(vr, raw_elem):
        return raw_elem
    for other in kwargs["with_VRs"]:
        if _is_decodable(other, raw_elem):
            return raw_elem._replace(VR=other)
    return raw_elem


def _is_decodable(vr: str, raw_elem: RawDataElement) -> bool:
    try:
        convert_value(vr, raw_elem)
    except ValueError:  # which every error of a value is
        return False
    return True
