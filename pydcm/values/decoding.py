"""Values from the bytes of an element: one decoder for each VR (PS3.5 6.2).

Every value that is read comes through here, so that the usual case of each
decoder is a straight line: validation costs a comparison, and only a value
that fails it is looked at in detail.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import TypeAlias

from pydcm import config
from pydcm.charset import decode_bytes, split_encoded
from pydcm.errors import (
    BackendError,
    BytesLengthException,
    UnknownVRError,
    ValueRepresentationError,
)
from pydcm.multival import MultiValue
from pydcm.tag import BaseTag, Tag
from pydcm.uid import UID
from pydcm.valuerep import (
    IS,
    MAX_VALUE_LEN,
    TEXT_VR_DELIMS,
    DSfloat,
    PersonName,
    validate_value,
)

Decoder: TypeAlias = Callable[[bytes, bool, Sequence[str]], object]
"""Called with the bytes (at least one), whether they are little endian, and the codecs of text."""

_ESC = 0x1B
_BACKSLASH = 0x5C
_PADDING = " \0"
# A backslash is a delimiter too where it separates values (PS3.5 6.1.2.5.3).
_VALUE_DELIMITERS = TEXT_VR_DELIMS | {_BACKSLASH}
_KEPT_AS_TEXT = frozenset({"DA", "DS", "DT", "IS", "TM"})
_TEXT_WHEN_EMPTY = frozenset(
    ("AE", "AS", "CS", "DA", "DT", "LO", "LT", "SH", "ST", "TM", "UC", "UI", "UR", "UT")
)


def decode_value(vr: str, raw: bytes, little_endian: bool, encodings: Sequence[str]) -> object:
    r"""Return the value that an element has, whatever its VR but SQ.

    Parameters
    ----------
    vr : str
        The value representation: two letters, or one of the choices of PS3.6
        such as ``"US or SS"``, whose values stay bytes.
    raw : bytes
        The encoded value, with its padding.
    little_endian : bool
        The byte order of binary values.
    encodings : sequence of str
        The codecs of text, as :func:`pydcm.charset.convert_encodings` returns.

    Returns
    -------
    object
        One value of the VR's type; a list of several numbers; a
        :class:`~pydcm.multival.MultiValue` of several other values. Empty text
        is ``""`` unless ``config.use_none_as_empty_text_VR_value`` is true,
        any other empty value None. A value that does not fit its VR is kept
        as text, and one of an unknown VR as bytes, both with a warning.

    Raises
    ------
    BytesLengthException
        If a number has a wrong size.
    ValueRepresentationError
        If a value does not fit its VR and the reading validation mode is RAISE.

    Examples
    --------
    >>> decode_value("CS", rb"ORIGINAL\PRIMARY", True, [])
    ['ORIGINAL', 'PRIMARY']
    >>> decode_value("US", b"\x00\x02", True, []), decode_value("US", b"\x00\x02", False, [])
    (512, 2)
    """
    if not raw:
        return empty_value(vr)
    decoder = DECODERS.get(vr)
    if decoder is None:
        return _decode_unknown(vr, raw)
    try:
        return decoder(raw, little_endian, encodings)
    except (ValueError, OverflowError) as error:
        if vr in _KEPT_AS_TEXT:
            return _decode_as_text(vr, raw, encodings, error)
        raise


def empty_value(vr: str) -> object:
    """Return the value of an element without bytes, as the settings want it."""
    if config.use_none_as_empty_text_VR_value:
        return None
    if vr == "PN":
        return PersonName("")
    return "" if vr in _TEXT_WHEN_EMPTY else None


def _decode_unknown(vr: str, raw: bytes) -> bytes:
    """Keep bytes whose VR is unknown, as of UN (PS3.5 6.2.2)."""
    error = UnknownVRError(f"there is no VR {str(vr)!r}", clause="PS3.5 6.2")
    _raise_or_warn(error, "the value is kept as bytes")
    return raw


def _raise_or_warn(error: ValueRepresentationError, remedy: str) -> None:
    """Do what the reading validation mode says about a fault that can be lived with."""
    mode = config.reading_mode()
    if mode == config.RAISE:
        raise error
    if mode == config.WARN:
        config.warn_and_log(f"{error.args[0]}; {remedy}", UserWarning, stacklevel=4)


# --- text -----------------------------------------------------------------------


def _text_decoder(vr: str) -> Decoder:
    """Return the decoder of a text VR that may have several values."""
    limit = MAX_VALUE_LEN.get(vr, 1 << 62)

    def decode(raw: bytes, _little_endian: bool, encodings: Sequence[str]) -> object:
        if raw.isascii() and _ESC not in raw:
            text = raw.decode()
        else:
            text = decode_bytes(raw, encodings, _VALUE_DELIMITERS)
        if "\\" in text:
            parts = text.split("\\")
            for part in parts:
                if len(part) > limit:
                    validate_value(vr, part, config.reading_mode())
            return MultiValue.of(str, [part.rstrip(_PADDING) for part in parts])
        if len(text) > limit:
            validate_value(vr, text, config.reading_mode())
        return text.rstrip(_PADDING)

    return decode


def _long_text_decoder(vr: str) -> Decoder:
    """Return the decoder of a text VR in which a backslash is a character."""
    limit = MAX_VALUE_LEN.get(vr, 1 << 62)

    def decode(raw: bytes, _little_endian: bool, encodings: Sequence[str]) -> str:
        text = decode_bytes(raw, encodings, TEXT_VR_DELIMS)
        if len(text) > limit:
            validate_value(vr, text, config.reading_mode())
        return text.rstrip(_PADDING)

    return decode


def _decode_code(raw: bytes, _little_endian: bool, _encodings: Sequence[str]) -> object:
    """Decode AS, CS, DA, DT or TM as text; reading does not validate them."""
    text = raw.decode("latin-1").rstrip(_PADDING)
    return MultiValue.of(str, text.split("\\")) if "\\" in text else text


def _decode_ae(raw: bytes, _little_endian: bool, _encodings: Sequence[str]) -> object:
    text = raw.decode("latin-1").strip()
    if "\\" in text:
        return MultiValue.of(str, [part.strip() for part in text.split("\\")])
    return text


def _decode_ur(raw: bytes, _little_endian: bool, _encodings: Sequence[str]) -> str:
    return raw.decode("latin-1").rstrip()


def _decode_ui(raw: bytes, _little_endian: bool, _encodings: Sequence[str]) -> object:
    text = raw.decode("latin-1").rstrip(_PADDING)
    return MultiValue(UID, text.split("\\")) if "\\" in text else UID(text)


def _decode_pn(raw: bytes, _little_endian: bool, encodings: Sequence[str]) -> object:
    if raw.isascii() and _ESC not in raw and _BACKSLASH not in raw:
        return PersonName(raw.rstrip(b" \0"), encodings)
    parts = split_encoded(raw, encodings)
    parts[-1] = parts[-1].rstrip(b" \0")
    names = [PersonName(part, encodings) for part in parts]
    if config.reading_mode() == config.RAISE:
        # Names decode when they are looked at, which is too late for being strict.
        for name in names:
            str(name)
    return names[0] if len(names) == 1 else MultiValue.of(PersonName, names)


# --- dates, times and numbers in text --------------------------------------------


def _date_decoder(vr: str) -> Decoder:
    """Return the decoder of DA, DT or TM."""

    def decode(raw: bytes, little_endian: bool, encodings: Sequence[str]) -> object:
        if not config.datetime_conversion:
            return _decode_code(raw, little_endian, encodings)
        from pydcm import valuerep

        return _one_or_more(getattr(valuerep, vr), raw.decode("latin-1").rstrip(_PADDING))

    return decode


def _decode_ds(raw: bytes, _little_endian: bool, _encodings: Sequence[str]) -> object:
    octets = raw.rstrip(b" \0")
    if config.use_DS_numpy:
        return _decode_numpy("DS", octets.decode("latin-1"), float)
    if config.use_DS_decimal:
        from pydcm.valuerep import DSdecimal

        return _one_or_more(DSdecimal, octets.decode("latin-1"))
    if _BACKSLASH in octets:
        return MultiValue.from_octets(DSfloat, octets)
    return DSfloat(octets.decode("latin-1"))


def _decode_is(raw: bytes, _little_endian: bool, _encodings: Sequence[str]) -> object:
    octets = raw.rstrip(b" \0")
    if config.use_IS_numpy:
        return _decode_numpy("IS", octets.decode("latin-1"), int)
    if _BACKSLASH in octets:
        return MultiValue.from_octets(IS, octets)
    return IS(octets.decode("latin-1"))


def _one_or_more(make: Callable[[str], object], text: str) -> object:
    return MultiValue(make, text.split("\\")) if "\\" in text else make(text)


def _decode_numpy(vr: str, text: str, convert: Callable[[str], float]) -> object:
    """Return one number as a numpy scalar, several as an array."""
    try:
        import numpy as np
    except ImportError:
        raise BackendError(f"config.use_{vr}_numpy needs numpy", name="numpy") from None
    if not text:
        return text
    parts = text.split("\\")
    if config.reading_mode() == config.RAISE:
        for part in parts:
            validate_value(vr, part, config.RAISE)
    numbers = np.array([convert(part) for part in parts], np.int64 if vr == "IS" else np.float64)
    return numbers if len(numbers) > 1 else numbers[0]


def _decode_as_text(vr: str, raw: bytes, encodings: Sequence[str], error: Exception) -> object:
    """Keep a value that does not fit its VR as short text, unless that is an error."""
    if config.reading_mode() == config.RAISE and isinstance(error, ValueRepresentationError):
        raise error
    wrong = ValueRepresentationError(f"{_shortened(raw)} is no value of VR {vr}")
    _raise_or_warn(wrong, "it is read as text")
    return DECODERS["SH"](raw, True, encodings)


def _shortened(raw: bytes) -> str:
    longest = 64
    return repr(raw) if len(raw) <= longest else f"{raw[:longest]!r}..."


# --- binary ------------------------------------------------------------------------


def _number_decoder(code: str) -> Decoder:
    """Return the decoder of numbers that :mod:`struct` knows by `code`."""
    one_little = struct.Struct(f"<{code}")
    unpack_little = one_little.unpack
    unpack_big = struct.Struct(f">{code}").unpack
    size = one_little.size

    def decode(raw: bytes, little_endian: bool, _encodings: Sequence[str]) -> object:
        if len(raw) == size:
            number: object = (unpack_little if little_endian else unpack_big)(raw)[0]
            return number
        count, rest = divmod(len(raw), size)
        if rest:
            raise wrong_length(raw, size)
        return list(struct.unpack(f"{'<' if little_endian else '>'}{count}{code}", raw))

    return decode


def wrong_length(raw: bytes, size: int) -> BytesLengthException:
    """Return the error for a binary value whose length is no multiple of `size` bytes."""
    return BytesLengthException(
        f"{len(raw)} bytes are no whole number of values of {size} bytes each: {_shortened(raw)}",
        hint="config.convert_wrong_length_to_UN keeps such values as bytes",
    )


_tag_little = struct.Struct("<2H").unpack_from
_tag_big = struct.Struct(">2H").unpack_from
_TAG_SIZE = 4


def decode_tag(raw: bytes, little_endian: bool, offset: int = 0) -> BaseTag:
    """Return the tag in the four bytes from `offset` on."""
    group, element = (_tag_little if little_endian else _tag_big)(raw, offset)
    return BaseTag(group << 16 | element)


def _decode_at(raw: bytes, little_endian: bool, _encodings: Sequence[str]) -> object:
    if len(raw) == _TAG_SIZE:
        return decode_tag(raw, little_endian)
    if len(raw) % _TAG_SIZE:
        _raise_or_warn(wrong_length(raw, _TAG_SIZE), "the bytes after the last tag are ignored")
    offsets = range(0, len(raw) - _TAG_SIZE + 1, _TAG_SIZE)
    return MultiValue.of(Tag, [decode_tag(raw, little_endian, offset) for offset in offsets])


def _decode_bytes(raw: bytes, _little_endian: bool, _encodings: Sequence[str]) -> bytes:
    return raw


_NUMBERS = {
    "US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d",
}  # fmt: skip
_BYTES = (
    *("OB", "OD", "OF", "OL", "OV", "OW", "UN"),
    # Which VR is meant depends on other elements (PS3.6), so that the caller
    # decodes these once more.
    *("OB or OW", "US or OW", "US or SS", "US or SS or OW"),
)

DECODERS: dict[str, Decoder] = {
    "AE": _decode_ae,
    "AT": _decode_at,
    "DS": _decode_ds,
    "IS": _decode_is,
    "PN": _decode_pn,
    "UI": _decode_ui,
    "UR": _decode_ur,
    **dict.fromkeys(("AS", "CS"), _decode_code),
    **{vr: _date_decoder(vr) for vr in ("DA", "DT", "TM")},
    **{vr: _text_decoder(vr) for vr in ("LO", "SH", "UC")},
    **{vr: _long_text_decoder(vr) for vr in ("LT", "ST", "UT")},
    **{vr: _number_decoder(code) for vr, code in _NUMBERS.items()},
    **dict.fromkeys(_BYTES, _decode_bytes),
}
"""The decoder of each VR but SQ."""
