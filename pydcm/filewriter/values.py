"""Encoding values: the bytes of a value by its VR (PS3.5 6.2)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from collections.abc import Sequence as SequenceOf
from typing import Any

from pydcm.charset import encode_string
from pydcm.errors import UnwritableVRError, WriteError
from pydcm.multival import MultiValue
from pydcm.tag import Tag
from pydcm.valuerep import DA, DT, TM, PersonName

__all__ = ["encode_value", "multi_string"]

NUMBER_FORMATS = {
    "FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
"""struct formats of the numeric VRs; ``US or SS`` is resolved before."""

TEXT = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
STRINGS = frozenset({"AE", "AS", "CS", "UI", "UR"})
OCTETS = frozenset({
    "OB", "OD", "OF", "OL", "OV", "OW", "UN", "OB or OW", "US or OW", "US or SS or OW", "US or SS",
})  # fmt: skip


def encode_value(vr: str, value: Any, little_endian: bool, encodings: SequenceOf[str]) -> bytes:
    """Return a value's bytes, padded to an even number (PS3.5 6.2, 7.1.1).

    Parameters
    ----------
    vr : str
        A value representation, not SQ.
    value : object
        The value, or a list of values.
    little_endian : bool
        Byte order of numbers.
    encodings : sequence of str
        Python encodings for text.

    Raises
    ------
    UnwritableVRError
        If there is no such VR.
    WriteError
        If the value cannot be encoded with this VR.
    """
    if value is None:
        return b""
    try:
        encode = _ENCODERS[vr]
    except KeyError:
        raise UnwritableVRError(
            f"there is no encoding for a value with VR {vr!r}", clause="PS3.5 6.2"
        ) from None
    return encode(vr, value, little_endian, encodings)


def multi_string(val: Any) -> str:
    """Return several strings as one, joined by backslashes."""
    if isinstance(val, (list, tuple, MultiValue)):
        return "\\".join(str(each) for each in val)
    return str(val)


def _padded(data: bytes, padding: bytes = b" ") -> bytes:
    return data + padding if len(data) & 1 else data


def _numbers(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    if isinstance(value, (str, bytes)) and not value:
        return b""
    if isinstance(value, bytes):
        return _padded(value, b"\0")  # left encoded, because its length did not fit the VR
    many = value if hasattr(value, "__len__") or hasattr(value, "__iter__") else [value]
    if isinstance(value, str):
        many = [value]
    many = list(many)
    order = "<" if little else ">"
    try:
        return struct.pack(f"{order}{len(many)}{NUMBER_FORMATS[vr]}", *many)
    except (struct.error, TypeError, OverflowError) as error:
        raise WriteError(f"{value!r} does not fit VR {vr}: {error}", clause="PS3.5 6.2") from error


def _tags(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    if value == "":
        return b""
    many = value if isinstance(value, (list, MultiValue)) else [value]
    tags = [Tag(each) for each in many]
    order = "<" if little else ">"
    return b"".join(struct.pack(f"{order}2H", tag.group, tag.element) for tag in tags)


def _text(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    many = value if isinstance(value, (list, tuple, MultiValue)) else [value]
    return _padded(b"\\".join(_text_bytes(each, encodings) for each in many))


def _text_bytes(value: Any, encodings: SequenceOf[str]) -> bytes:
    if isinstance(value, bytes):
        return value
    return encode_string("" if value is None else str(value), list(encodings))


def _names(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    many = value if isinstance(value, (list, tuple, MultiValue)) else [value]
    return _padded(b"\\".join(_name_bytes(each, encodings) for each in many))


def _name_bytes(value: Any, encodings: SequenceOf[str]) -> bytes:
    if value is None:
        return b""
    name = value if isinstance(value, PersonName) else PersonName(value)
    return name.encode(list(encodings))


def _strings(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    padding = b"\0" if vr == "UI" else b" "
    if isinstance(value, bytes):
        return _padded(value, padding)
    many = value if isinstance(value, (list, tuple, MultiValue)) else [value]
    text = "\\".join("" if each is None else str(each) for each in many)
    return _padded(_default_repertoire(text), padding)


def _default_repertoire(text: str) -> bytes:
    try:
        return text.encode("iso8859")
    except UnicodeEncodeError as error:
        raise WriteError(
            f"{text!r} has characters outside the default repertoire", clause="PS3.5 6.1.2"
        ) from error


def _number_strings(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    if isinstance(value, bytes):
        return _padded(value)
    if isinstance(value, (list, tuple, MultiValue)) or hasattr(value, "dtype"):
        each = value.ravel() if hasattr(value, "ravel") else value
        text = "\\".join(_number_text(vr, number) for number in each)
    else:
        text = _number_text(vr, value)
    return _padded(text.encode("ascii", "replace"))


def _number_text(vr: str, value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if getattr(value, "auto_format", False):
        return str(value)
    original = getattr(value, "original_string", None)
    if original is not None:
        return str(original)
    if vr == "DS" and type(value).__name__ not in ("DSfloat", "DSdecimal"):
        from pydcm.valuerep import DS

        return str(DS(float(value), auto_format=True))
    return str(value)


def _moments(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    if isinstance(value, bytes):
        return _padded(value)
    many = value if isinstance(value, (list, tuple, MultiValue)) else [value]
    return _padded("\\".join(_moment_text(each) for each in many).encode("ascii", "replace"))


def _moment_text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    original = getattr(value, "original_string", None)
    if original:
        return str(original)
    if isinstance(value, DT) or (hasattr(value, "year") and hasattr(value, "hour")):
        return str(value.strftime("%Y%m%d%H%M%S") + _fraction(value) + value.strftime("%z"))
    if isinstance(value, DA) or hasattr(value, "year"):
        return str(value.strftime("%Y%m%d"))
    if isinstance(value, TM) or hasattr(value, "hour"):
        return str(value.strftime("%H%M%S")) + _fraction(value)
    return str(value)


def _fraction(value: Any) -> str:
    return f".{value.microsecond:06d}" if value.microsecond else ""


def _octets(vr: str, value: Any, little: bool, encodings: SequenceOf[str]) -> bytes:
    if isinstance(value, str):
        value = value.encode("iso8859")
    elif isinstance(value, (list, MultiValue)):
        # bytes(3) would be three zeros
        if not all(isinstance(each, (bytes, bytearray, memoryview)) for each in value):
            raise WriteError(f"several values with VR {vr} are bytes each, or one bytes for all")
        value = b"\\".join(value)
    elif hasattr(value, "read") and hasattr(value, "seek"):
        return _buffered(value)
    elif vr in ("US or SS", "US or OW") and isinstance(value, int):
        raise WriteError(
            f"VR {vr!r} has to be one of its two before a number can be written",
            hint="set PixelRepresentation, or the element's VR",
        )
    try:
        data = bytes(memoryview(value))
    except TypeError:
        raise WriteError(f"a value with VR {vr} is bytes, not {type(value).__name__!r}") from None
    return _padded(data, b"\0")


def _buffered(stream: Any) -> bytes:
    """Return the rest of a stream, which is left where it was."""
    if stream.closed:
        raise WriteError("a buffered value was closed before it was written")
    position = stream.tell()
    try:
        return _padded(bytes(stream.read()), b"\0")
    finally:
        stream.seek(position)


Encoder = Callable[[str, Any, bool, SequenceOf[str]], bytes]

_ENCODERS: dict[str, Encoder] = {
    **dict.fromkeys(NUMBER_FORMATS, _numbers),
    **dict.fromkeys(TEXT, _text),
    **dict.fromkeys(STRINGS, _strings),
    **dict.fromkeys(OCTETS, _octets),
    **dict.fromkeys(("DS", "IS"), _number_strings),
    **dict.fromkeys(("DA", "DT", "TM"), _moments),
    "AT": _tags,
    "PN": _names,
}
