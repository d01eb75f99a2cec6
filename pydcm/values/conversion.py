"""Conversion functions for single VRs, with the signatures that other code calls them by."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, MutableSequence, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydcm import config
from pydcm.charset import convert_encodings, decode_bytes, default_encoding
from pydcm.errors import UnknownVRError
from pydcm.multival import MultiValue
from pydcm.tag import BaseTag
from pydcm.valuerep import TEXT_VR_DELIMS, VR, PersonName, validate_value
from pydcm.values.decoding import DECODERS, decode_tag, decode_value, wrong_length

if TYPE_CHECKING:
    from pydcm.dataelem import RawDataElement
    from pydcm.sequence import Sequence as DicomSequence

_T = TypeVar("_T")
Text = str | MutableSequence[str]

_TAG_SIZE = 4
_UNDEFINED = 0xFFFFFFFF


def convert_value(
    VR: str,
    raw_data_element: RawDataElement,
    encodings: str | MutableSequence[str] | None = None,
) -> Any:
    """Return the value of a raw element.

    Parameters
    ----------
    VR : str
        The value representation to decode it by.
    raw_data_element : RawDataElement
        The element as it stands in a file.
    encodings : str or list of str, optional
        Python codecs of text, or one defined term of Specific Character Set.

    Returns
    -------
    object
        What :func:`decode_value` returns; for SQ a
        :class:`~pydcm.sequence.Sequence`, or an empty list if the value is empty.

    Raises
    ------
    UnknownVRError
        If there is no such VR in :data:`converters`.
    ValueRepresentationError
        If the value does not fit the VR; see :func:`decode_value`.
    """
    converter = converters.get(VR)
    if converter is None:
        raise UnknownVRError(f"there is no VR {str(VR)!r}", clause="PS3.5 6.2")
    raw = raw_data_element.value
    if VR == "SQ" and not raw:
        return []
    if encodings is None or isinstance(encodings, str):
        encodings = convert_encodings(encodings)
    little_endian = raw_data_element.is_little_endian
    if not raw or converter is _STANDARD_CONVERTERS.get(VR):
        if VR != "SQ":
            return decode_value(VR, raw or b"", little_endian, encodings)
        return convert_SQ(
            cast(bytes, raw),
            raw_data_element.is_implicit_VR,
            little_endian,
            encodings,
            raw_data_element.value_tell,
        )
    if isinstance(converter, tuple):
        return converter[0](raw, little_endian, converter[1])
    return converter(raw, little_endian)


def multi_string(val: str, valtype: Callable[[str], _T] | None = None) -> _T | MutableSequence[_T]:
    r"""Split text at its backslashes and convert the parts.

    Parameters
    ----------
    val : str
        The text; trailing spaces and NULs are dropped.
    valtype : callable, optional
        Called with each part; `str` by default.

    Returns
    -------
    object or MultiValue
        One converted value, or several.

    Examples
    --------
    >>> multi_string(r"1\2 ", int)
    [1, 2]
    """
    make = cast("Callable[[str], _T]", str) if valtype is None else valtype
    parts = val.rstrip(" \0").split("\\")
    return make(parts[0]) if len(parts) == 1 else MultiValue(make, parts)


# --- text ---------------------------------------------------------------------------


def convert_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> Text:
    """Return the value or values of AS or CS, without trailing spaces and NULs."""
    return cast(Text, DECODERS["CS"](byte_string, is_little_endian, ()))


def convert_AE_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> Text:
    """Return the value or values of AE, each without surrounding spaces."""
    return cast(Text, DECODERS["AE"](byte_string, is_little_endian, ()))


def convert_UR_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> str:
    """Return the value of UR, which is always one, without trailing spaces."""
    return cast(str, DECODERS["UR"](byte_string, is_little_endian, ()))


def convert_text(
    byte_string: bytes, encodings: Sequence[str] | None = None, vr: str | None = None
) -> Text:
    """Return the value or values of LO, SH or UC.

    Parameters
    ----------
    byte_string : bytes
        The encoded values.
    encodings : list of str, optional
        Python codecs; by default that of the default repertoire.
    vr : str, optional
        Validate the values by this VR.
    """
    decoder = DECODERS["UC" if vr is None else vr]
    return cast(Text, decoder(byte_string, True, encodings or [default_encoding]))


def convert_single_string(
    byte_string: bytes, encodings: Sequence[str] | None = None, vr: str | None = None
) -> str:
    """Return the value of LT, ST or UT, in which a backslash is a character.

    Parameters
    ----------
    byte_string : bytes
        The encoded value.
    encodings : list of str, optional
        Python codecs; by default that of the default repertoire.
    vr : str, optional
        Validate the value by this VR.
    """
    text = decode_bytes(byte_string, encodings or [default_encoding], TEXT_VR_DELIMS)
    if vr is not None:
        validate_value(vr, text, config.reading_mode())
    return text.rstrip(" \0")


def convert_PN(
    byte_string: bytes, encodings: Sequence[str] | None = None
) -> PersonName | MutableSequence[PersonName]:
    """Return the value or values of PN.

    Parameters
    ----------
    byte_string : bytes
        The encoded names.
    encodings : list of str, optional
        Python codecs; by default that of the default repertoire.
    """
    names = DECODERS["PN"](byte_string, True, encodings or [default_encoding])
    return cast("PersonName | MutableSequence[PersonName]", names)


def convert_UI(byte_string: bytes, is_little_endian: bool, struct_format: str | None = None) -> Any:
    """Return the UID or UIDs of UI."""
    return DECODERS["UI"](byte_string, is_little_endian, ())


def convert_DA_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> Any:
    """Return the value or values of DA; `DA` objects if ``config.datetime_conversion`` is true."""
    return DECODERS["DA"](byte_string, is_little_endian, ())


def convert_DT_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> Any:
    """Return the value or values of DT; `DT` objects if ``config.datetime_conversion`` is true."""
    return DECODERS["DT"](byte_string, is_little_endian, ())


def convert_TM_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> Any:
    """Return the value or values of TM; `TM` objects if ``config.datetime_conversion`` is true."""
    return DECODERS["TM"](byte_string, is_little_endian, ())


def convert_DS_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> Any:
    """Return the number or numbers of DS, of the class that :mod:`pydcm.config` says."""
    return DECODERS["DS"](byte_string, is_little_endian, ())


def convert_IS_string(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> Any:
    """Return the number or numbers of IS, of the class that :mod:`pydcm.config` says."""
    return DECODERS["IS"](byte_string, is_little_endian, ())


# --- binary ---------------------------------------------------------------------------


def convert_numbers(
    byte_string: bytes, is_little_endian: bool, struct_format: str
) -> str | int | float | list[int] | list[float]:
    """Return the binary numbers in `byte_string`.

    Parameters
    ----------
    byte_string : bytes
        The encoded numbers.
    is_little_endian : bool
        Their byte order.
    struct_format : str
        The code of :mod:`struct` for one of them.

    Returns
    -------
    int, float, list or str
        One number; a list of several; an empty string for none.

    Raises
    ------
    BytesLengthException
        If the bytes are no whole number of numbers.
    """
    order = "<" if is_little_endian else ">"
    size = struct.calcsize(order + struct_format)
    count, rest = divmod(len(byte_string), size)
    if rest:
        raise wrong_length(byte_string, size)
    if not count:
        return ""
    numbers = struct.unpack(f"{order}{count}{struct_format}", byte_string)
    return numbers[0] if count == 1 else list(numbers)


def convert_tag(byte_string: bytes, is_little_endian: bool, offset: int = 0) -> BaseTag:
    """Return the tag in the four bytes from `offset` on.

    Raises
    ------
    BytesLengthException
        If there are fewer than four.
    """
    if len(byte_string) - offset < _TAG_SIZE:
        raise wrong_length(byte_string[offset:], _TAG_SIZE)
    return decode_tag(byte_string, is_little_endian, offset)


def convert_ATvalue(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> BaseTag | MutableSequence[BaseTag]:
    """Return the tag or tags of AT."""
    tags = DECODERS["AT"](byte_string, is_little_endian, ())
    return cast("BaseTag | MutableSequence[BaseTag]", tags)


def convert_OBvalue(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> bytes:
    """Return the bytes of OB, OD or OL as they are."""
    return byte_string


def convert_OWvalue(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> bytes:
    """Return the bytes of OW or OF as they are, in the byte order of the file."""
    return byte_string


def convert_OVvalue(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> bytes:
    """Return the bytes of OV as they are, in the byte order of the file."""
    return byte_string


def convert_UN(
    byte_string: bytes, is_little_endian: bool, struct_format: str | None = None
) -> bytes:
    """Return the bytes of UN as they are."""
    return byte_string


def convert_SQ(
    byte_string: bytes,
    is_implicit_VR: bool,
    is_little_endian: bool,
    encoding: str | MutableSequence[str] | None = None,
    offset: int = 0,
) -> DicomSequence:
    """Return the sequence that `byte_string` encodes (PS3.5 7.5).

    Parameters
    ----------
    byte_string : bytes
        The items, with or without a sequence delimiter at the end.
    is_implicit_VR, is_little_endian : bool
        How their elements are encoded.
    encoding : str or list of str, optional
        Python codecs of text in items that declare none.
    offset : int
        Offset of the value in its file.

    Returns
    -------
    Sequence
        Its items open when they are asked for.
    """
    # These modules import this one.
    from pydcm.dataset.lazy import ItemOpener
    from pydcm.diagnostics import ReadContext
    from pydcm.elementindex import ElementIndex
    from pydcm.itemindex import find_items
    from pydcm.kernels import elements
    from pydcm.sequence import Sequence as DicomSequence
    from pydcm.source import MemorySource

    coding = (elements.IMPLICIT_VR if is_implicit_VR else 0) | (
        0 if is_little_endian else elements.BIG_ENDIAN
    )
    index = ElementIndex(
        MemorySource(byte_string),
        byte_string,
        offset,
        array("q"),
        array("q"),
        coding,
        ReadContext(),
    )
    end = offset + len(byte_string)
    places = find_items(index, 0, offset, end, "SQ", 1)
    if encoding is None or isinstance(encoding, str):
        encoding = convert_encodings(encoding)
    return DicomSequence._lazy(places, ItemOpener(1, list(encoding), None), False)


Converter = Callable[..., Any] | tuple[Callable[..., Any], str]

converters: dict[str, Converter] = {
    VR.AE: convert_AE_string,
    VR.AS: convert_string,
    VR.AT: convert_ATvalue,
    VR.CS: convert_string,
    VR.DA: convert_DA_string,
    VR.DS: convert_DS_string,
    VR.DT: convert_DT_string,
    VR.FD: (convert_numbers, "d"),
    VR.FL: (convert_numbers, "f"),
    VR.IS: convert_IS_string,
    VR.LO: convert_text,
    VR.LT: convert_single_string,
    VR.OB: convert_OBvalue,
    VR.OD: convert_OBvalue,
    VR.OF: convert_OWvalue,
    VR.OL: convert_OBvalue,
    VR.OW: convert_OWvalue,
    VR.OV: convert_OVvalue,
    VR.PN: convert_PN,
    VR.SH: convert_text,
    VR.SL: (convert_numbers, "l"),
    VR.SQ: convert_SQ,
    VR.SS: (convert_numbers, "h"),
    VR.ST: convert_single_string,
    VR.SV: (convert_numbers, "q"),
    VR.TM: convert_TM_string,
    VR.UC: convert_text,
    VR.UI: convert_UI,
    VR.UL: (convert_numbers, "L"),
    VR.UN: convert_UN,
    VR.UR: convert_UR_string,
    VR.US: (convert_numbers, "H"),
    VR.UT: convert_single_string,
    VR.UV: (convert_numbers, "Q"),
    VR.OB_OW: convert_OBvalue,
    VR.US_SS: convert_OWvalue,
    VR.US_OW: convert_OWvalue,
    VR.US_SS_OW: convert_OWvalue,
}
"""The function for each VR, with the code of :mod:`struct` where it takes one.

:func:`convert_value` calls what a program puts here; reading a file does not.
"""

_STANDARD_CONVERTERS = dict(converters)
