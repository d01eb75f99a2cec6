"""Bytes from text, with code extensions (PS3.5 6.1.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pydcm import config
from pydcm.charset.iso2022 import ASCII_TO_G0, ENCODINGS_TO_CODES, ESC, ROMAJI_TO_G0
from pydcm.charset.terms import default_encoding
from pydcm.errors import CharacterSetError, TextEncodeError

# At these controls the first character set becomes active again, so that each
# line is encoded on its own (PS3.5 6.1.2.5.3).
_LINE_ENDS = r"([\t\n\f\r])"
_TWO_BYTE_SETS = ("iso2022_jp", "iso2022_jp_2")
_TWO_BYTE_G0 = tuple(ENCODINGS_TO_CODES[encoding] for encoding in _TWO_BYTE_SETS)


def encode_string(value: str, encodings: Sequence[str]) -> bytes:
    r"""Return the bytes for a text.

    Each line takes the first of `encodings` if that has all its characters,
    else a later one that has them all, else as few as possible by turns.

    Parameters
    ----------
    value : str
        One value, or one component of a person name.
    encodings : sequence of str
        The codecs that :func:`convert_encodings` returned.

    Returns
    -------
    bytes
        The encoded text, with the escape sequences that it needs. Characters
        that none of the codecs has become question marks, with a warning.

    Raises
    ------
    TextEncodeError
        If none of the codecs has a character and the writing validation mode
        is RAISE.
    CharacterSetError
        If there is no codec of the first name.

    Examples
    --------
    >>> encode_string("山田", ["iso8859", "iso2022_jp"])
    b'\x1b$B;3ED\x1b(B'
    """
    if value.isascii():
        return value.encode("ascii")
    first, *others = encodings or [default_encoding]
    try:
        return _encode(value, first, "strict")
    except UnicodeEncodeError as error:
        reason = error
    except LookupError:
        raise CharacterSetError(f"there is no codec {first!r}") from None
    others = [encoding for encoding in others if encoding in ENCODINGS_TO_CODES]
    if others:
        lines = [_Line(line, first, others) for line in re.split(_LINE_ENDS, value)]
        missing = [line.missing for line in lines if line.missing]
        result = b"".join(line.encoded for line in lines)
        if not missing:
            return result
        reason = missing[0]
    else:
        result = _encode(value, first, "replace")
    if config.writing_mode() == config.RAISE:
        raise TextEncodeError(*reason.args, clause="PS3.5 6.1.2")
    config.warn_and_log(
        f"none of the declared character sets ({', '.join(encodings)}) has all characters "
        "of a value; question marks are written for the others",
        UserWarning,
        stacklevel=2,
    )
    return result


class _Line:
    """One line in several character sets.

    Attributes
    ----------
    encoded : bytes
        The line, encoded.
    missing : UnicodeEncodeError or None
        Why a character is a question mark now.
    """

    def __init__(self, line: str, first: str, others: list[str]) -> None:
        self.first = first
        self.others = others
        self.missing: UnicodeEncodeError | None = None
        encoded = _try(line, first)
        self.encoded = self._in_one(line) if encoded is None else encoded

    def _in_one(self, line: str) -> bytes:
        """Encode in one of the later sets, or in several if none has all characters."""
        for encoding in self.others:
            encoded = _try(line, encoding)
            if encoded is not None:
                escape = _escape(encoding, encoded)
                return _designated(escape, encoded) + self._back_from(escape)
        return self._in_several(line)

    def _in_several(self, line: str) -> bytes:
        """Encode piece by piece, each in the set that reaches furthest."""
        # Beside other sets the default repertoire is ASCII and nothing else,
        # for G1 may hold any of them.
        first = "ascii" if self.first == default_encoding else self.first
        result = bytearray()
        in_g0 = b""  # the escape sequence of a two-byte set, while G0 holds one
        start = 0
        while start < len(line):
            ends = {encoding: _end(line, start, encoding) for encoding in (first, *self.others)}
            encoding = max(ends, key=ends.__getitem__)
            end = ends[encoding]
            if end == start:
                end, encoded = start + 1, b"?"
                self.missing = UnicodeEncodeError(
                    encoding, line, start, end, "in no declared character set"
                )
            else:
                encoded = _encode(line[start:end], encoding, "strict")
            escape = _escape(encoding, encoded)
            if in_g0 and escape not in _TWO_BYTE_G0:
                result += self._back_from(in_g0)
            result += _designated(escape, encoded)
            in_g0 = escape if escape in _TWO_BYTE_G0 else b""
            start = end
        return bytes(result) + self._back_from(in_g0)

    def _back_from(self, escape: bytes) -> bytes:
        """Return what puts the first set back into G0 after a two-byte set."""
        if escape not in _TWO_BYTE_G0:
            return b""
        return ROMAJI_TO_G0 if self.first == "shift_jis" else ASCII_TO_G0


def _end(line: str, start: int, encoding: str) -> int:
    """Return the end of the longest piece from `start` on that a codec has."""
    for position in range(start, len(line)):
        if _try(line[position], encoding) is None:
            return position
    return len(line)


def _try(text: str, encoding: str) -> bytes | None:
    try:
        return _encode(text, encoding, "strict")
    except UnicodeEncodeError:
        return None


def _escape(encoding: str, encoded: bytes) -> bytes:
    """Return the escape sequence for a piece, or nothing if ASCII in G0 is enough."""
    if encoded.isascii() and encoding not in _TWO_BYTE_SETS:
        return b""
    return ENCODINGS_TO_CODES.get(encoding, b"")


def _designated(escape: bytes, encoded: bytes) -> bytes:
    return encoded if encoded.startswith(escape) else escape + encoded


# --- codecs of which DICOM takes a part ---------------------------------------


def _encode(value: str, encoding: str, errors: str) -> bytes:
    encoder = custom_encoders.get(encoding)
    return encoder(value, errors) if encoder else value.encode(encoding, errors)


def _encode_jis_x_0201(value: str, errors: str = "strict") -> bytes:
    """Encode with the single-byte characters of Shift JIS alone."""
    parts = []
    for position, character in enumerate(value):
        try:
            encoded = character.encode("shift_jis")
        except UnicodeEncodeError:
            encoded = b""
        if len(encoded) != 1:
            if errors == "strict":
                raise UnicodeEncodeError(
                    "shift_jis", value, position, position + 1, "not in ISO 2022 IR 13"
                )
            encoded = b"?"
        parts.append(encoded)
    return b"".join(parts)


def _two_byte_encoder(encoding: str, escape: bytes, term: str) -> Callable[[str, str], bytes]:
    """Return an encoder for the characters of one two-byte set alone.

    Its result begins with the escape sequence of the set and does not leave it.
    """

    def encode(value: str, errors: str = "strict") -> bytes:
        if errors != "strict":
            return value.encode(encoding, errors)
        parts = []
        for position, character in enumerate(value):
            encoded = character.encode(encoding)
            if not encoded.startswith(escape):
                raise UnicodeEncodeError(encoding, value, position, position + 1, f"not in {term}")
            parts.append(encoded[len(escape) : len(escape) + 2])
        return escape + b"".join(parts) if parts else b""

    return encode


custom_encoders: dict[str, Callable[[str, str], bytes]] = {
    "shift_jis": _encode_jis_x_0201,
    "iso2022_jp": _two_byte_encoder("iso2022_jp", ESC + b"$B", "ISO 2022 IR 87"),
    "iso2022_jp_2": _two_byte_encoder("iso2022_jp_2", ESC + b"$(D", "ISO 2022 IR 159"),
}
"""Encoders used in place of codecs of the same name; called with text and error handler."""
