"""Elements as they stand in a file, before their values are decoded."""

from __future__ import annotations

from typing import NamedTuple

from pydcm import config
from pydcm.tag import BaseTag
from pydcm.valuerep import PersonName

__all__ = ["RawDataElement", "empty_value_for_VR"]

_TEXT_WHEN_EMPTY = frozenset("AE AS CS DA DT LO LT PN SH ST TM UC UI UR UT".split())


class RawDataElement(NamedTuple):
    """An element as it stands in a file, its value still encoded.

    Attributes
    ----------
    tag : BaseTag
        The element's tag.
    VR : str or None
        The VR in the file; None in Implicit VR.
    length : int
        The length field; 0xFFFFFFFF if undefined.
    value : bytes or None
        The encoded value; None while it is deferred.
    value_tell : int
        Offset of the value in the file.
    is_implicit_VR, is_little_endian : bool
        How it is encoded.
    is_raw : bool
        True.
    is_buffered : bool
        True if the value is a buffered stream.
    """

    tag: BaseTag
    VR: str | None
    length: int
    value: bytes | None
    value_tell: int
    is_implicit_VR: bool
    is_little_endian: bool
    is_raw: bool = True
    is_buffered: bool = False


def empty_value_for_VR(
    VR: str | None, raw: bool = False
) -> bytes | list[str] | str | PersonName | None:
    """Return the value that an empty element of this VR has.

    Parameters
    ----------
    VR : str or None
        The value representation.
    raw : bool
        Return the encoded form.

    Returns
    -------
    str, bytes, list, PersonName or None
        ``""`` (or an empty name) for text, unless
        ``config.use_none_as_empty_text_VR_value`` asks for None; a list for
        SQ; None for all others.
    """
    if VR == "SQ":
        return b"" if raw else []
    if config.use_none_as_empty_text_VR_value or VR not in _TEXT_WHEN_EMPTY:
        return None
    if VR == "PN":
        return b"" if raw else PersonName("")
    return b"" if raw else ""
