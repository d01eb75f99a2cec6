"""Text from bytes, with code extensions (PS3.5 6.1.2)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from pydcm import config
from pydcm.charset.iso2022 import CODES_TO_ENCODINGS, goes_to_g0, is_of_two_bytes, tokens
from pydcm.charset.terms import default_encoding
from pydcm.errors import CharacterSetError, TextDecodeError, ValueRepresentationError

# Codecs that contain another one, and read what writers call by its name. They
# are tried when the declared one fails.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}

# Codecs in which the second byte of a character may be a backslash, and one
# character of each (PS3.5 6.1.2.4).
_ONE_CHARACTER = {
    "gb18030": (rb"(?s)[\x81-\xfe][0-9][\x81-\xfe][0-9]|[\x81-\xfe][\x40-\x7e\x80-\xfe]|."),
    "gbk": rb"(?s)[\x81-\xfe][\x40-\x7e\x80-\xfe]|.",
    "shift_jis": rb"(?s)[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|.",
}

# Bytes 21 to 7E are graphic characters of G0, those from 80 on are of G1; the
# others are controls, SPACE and DELETE, which no designation changes.
_AREAS = rb"([\x21-\x7e]+)|([\x80-\xff]+)|[\x00-\x20\x7f]+"
_FIRST_GRAPHIC = 0x21
_GRAPHIC = bytes(range(_FIRST_GRAPHIC, 0x7F))
_ESC = 0x1B  # as a number: looking for one in bytes is ten times quicker than for bytes
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def decode_bytes(value: bytes, encodings: Sequence[str], delimiters: Collection[int]) -> str:
    r"""Return the text that `value` encodes.

    Parameters
    ----------
    value : bytes
        One or more values of an element.
    encodings : sequence of str
        The codecs that :func:`convert_encodings` returned.
    delimiters : collection of int
        Byte values at which the character set of the first codec becomes
        active again (PS3.5 6.1.2.5.3).

    Returns
    -------
    str
        The text. What cannot be decoded is replaced by U+FFFD, and an escape
        sequence that the standard does not know is kept, both with a warning.

    Raises
    ------
    TextDecodeError
        If bytes cannot be decoded and the reading validation mode is RAISE.
    ValueRepresentationError
        If an escape sequence is unknown or of a character set that is not
        declared, and the reading validation mode is RAISE.
    CharacterSetError
        If a codec is unknown and the reading validation mode is RAISE.

    Examples
    --------
    >>> decode_bytes(b"\x1b$B;3ED\x1b(B^Taro", ["iso8859", "iso2022_jp"], {0x5E})
    '山田^Taro'
    """
    if _ESC not in value:
        if value.isascii():
            return value.decode()
        encoding = encodings[0] if encodings else default_encoding
        try:
            # The default codec by a name that Python decodes without a search.
            return value.decode("latin_1" if encoding == default_encoding else encoding)
        except (LookupError, ValueError):
            faults = _Faults()
            text = _decode_plain(value, encoding, faults)
            faults.report()
            return text
    return _Decoder(encodings or [default_encoding], frozenset(delimiters)).decode(value)


def split_encoded(value: bytes, encodings: Sequence[str], separator: bytes = b"\\") -> list[bytes]:
    r"""Split encoded text at each separator that is a character of its own.

    The byte of a separator can also be part of a character: in GBK, in
    GB18030, and in a two-byte set that an escape sequence has put into G0
    (PS3.5 6.1.2.4 and 6.1.2.5.3).

    Parameters
    ----------
    value : bytes
        Encoded text.
    encodings : sequence of str
        The codecs that :func:`convert_encodings` returned.
    separator : bytes
        One ASCII character: the backslash between values, the ``=`` between
        the component groups of a person name or the ``^`` between components.

    Returns
    -------
    list of bytes
        The parts, still encoded, at least one.

    Examples
    --------
    >>> split_encoded(b"\x82\x5c\\a", ["GBK"])
    [b'\x82\\', b'a']
    """
    if separator not in value:
        return [value]
    if _ESC in value:
        cuts = _separators_outside_two_bytes(value, encodings, separator)
    else:
        character = None
        if encodings and not value.isascii():
            character = _ONE_CHARACTER.get(canonical(encodings[0]))
        if character is None:
            return value.split(separator)
        found = re.finditer(character, value)
        cuts = (match.start() for match in found if match[0] == separator)
    parts = []
    start = 0
    for cut in cuts:
        parts.append(value[start:cut])
        start = cut + 1
    parts.append(value[start:])
    return parts


def _separators_outside_two_bytes(
    value: bytes, encodings: Sequence[str], separator: bytes
) -> Iterator[int]:
    """Yield where in a value with escape sequences the separators are."""
    offset = 0
    two_bytes = False
    for index, token in enumerate(tokens(value)):
        if index % 2:
            if token in CODES_TO_ENCODINGS and goes_to_g0(token):
                two_bytes = is_of_two_bytes(token)
            elif _means_the_first(token, encodings):
                two_bytes = False
        elif not two_bytes:
            for match in re.finditer(re.escape(separator), token):
                yield offset + match.start()
        elif token.endswith(separator) and _has_odd_end(token):
            yield offset + len(token) - 1
        offset += len(token)


def _means_the_first(escape: bytes, encodings: Sequence[str]) -> bool:
    """Whether an escape sequence stands for a return to the first character set.

    Some writers return from two bytes by designating G1 of that set, as if it came
    with ASCII in G0.
    """
    if escape[1:2] != b"-" or not encodings or encodings[0] == default_encoding:
        return False
    encoding = CODES_TO_ENCODINGS.get(escape)
    return encoding is not None and canonical(encoding) == canonical(encodings[0])


def _has_odd_end(text: bytes) -> bool:
    """Whether text of two bytes a character ends with half of one.

    It does where a writer leaves out the escape sequence before a delimiter
    (PS3.5 6.1.2.5.3).
    """
    return (len(text) - len(text.rstrip(_GRAPHIC))) % 2 == 1


@lru_cache(maxsize=128)
def canonical(encoding: str) -> str:
    """Return the one name of a codec that has many; an unknown name returns unchanged."""
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):
        return encoding


class _Faults:
    """Collects what is wrong with one value: one warning, or the first error."""

    def __init__(self) -> None:
        self.strict = config.reading_mode() == config.RAISE
        self.messages: list[str] = []

    def add(self, message: str, error: Exception) -> None:
        if self.strict:
            raise error
        if message not in self.messages:
            self.messages.append(message)

    def report(self) -> None:
        if self.messages:
            config.warn_and_log("; ".join(self.messages), UserWarning, stacklevel=4)


def _decode_plain(value: bytes, encoding: str, faults: _Faults) -> str:
    """Decode text without escape sequences."""
    try:
        return value.decode(encoding)
    except UnicodeDecodeError as error:
        reason = TextDecodeError(*error.args, clause="PS3.5 6.1.2")
    except (LookupError, ValueError):
        message = f"there is no codec {encoding!r}"
        faults.add(f"{message}; Latin-1 is assumed", CharacterSetError(message))
        return value.decode("latin_1")
    wider = _WIDER.get(canonical(encoding))
    if wider is not None:
        try:
            text = value.decode(wider)
        except UnicodeDecodeError:
            pass
        else:
            faults.add(f"text is not in {encoding!r}, as declared, but in {wider!r}", reason)
            return text
    faults.add(_replaced(encoding), reason)
    return value.decode(encoding, "replace")


def _decode_two_bytes(value: bytes, escape: bytes, faults: _Faults) -> str:
    """Decode characters of the two-byte set that an escape sequence has put into G0."""
    encoding = CODES_TO_ENCODINGS[escape]
    try:
        return (escape + value).decode(encoding)
    except UnicodeDecodeError as error:
        reason = TextDecodeError(*error.args, clause="PS3.5 6.1.2.5.3")
    faults.add(_replaced(encoding), reason)
    characters = []
    for start in range(0, len(value), 2):
        try:
            characters.append((escape + value[start : start + 2]).decode(encoding))
        except UnicodeDecodeError:
            characters.append(_REPLACEMENT)
    return "".join(characters)


def _replaced(encoding: str) -> str:
    return f"bytes that are no text in {encoding!r} are replaced by U+FFFD"


@lru_cache(maxsize=16)
def _any_of(delimiters: frozenset[int]) -> re.Pattern[bytes]:
    # An empty class would not compile; this one matches nothing.
    body = b"".join(b"\\x%02x" % byte for byte in sorted(delimiters)) or b"^\\x00-\\xff"
    return re.compile(b"[" + body + b"]")


class _Decoder:
    """Decodes values with escape sequences, which change what G0 and G1 hold."""

    def __init__(self, encodings: Sequence[str], delimiters: frozenset[int]) -> None:
        self.encodings = encodings
        self.declared = {canonical(encoding) for encoding in encodings}
        self.initial = encodings[0]
        self.delimiter = _any_of(delimiters)
        # A byte of a two-byte character is no delimiter; controls always are.
        self.control = _any_of(frozenset(byte for byte in delimiters if byte < _FIRST_GRAPHIC))
        self.faults = _Faults()
        self.g0_escape = b""  # that of a two-byte set, while G0 holds one
        self.g1 = self.initial

    def decode(self, value: bytes) -> str:
        text = "".join(
            self.designate(token) if index % 2 else self.decode_lines(token)
            for index, token in enumerate(tokens(value))
        )
        self.faults.report()
        return text

    def designate(self, escape: bytes) -> str:
        """Follow an escape sequence; return what of it is text."""
        encoding = CODES_TO_ENCODINGS.get(escape)
        if encoding is None:
            message = f"escape sequence {escape!r} is none that DICOM has"
            self.faults.add(
                f"{message}; it is kept",
                ValueRepresentationError(message, clause="PS3.3 C.12.1.1.2"),
            )
            return escape.decode("ascii")
        if encoding != default_encoding and canonical(encoding) not in self.declared:
            message = f"escape sequence {escape!r} is of a character set that is not declared"
            self.faults.add(
                f"{message}; it is followed",
                ValueRepresentationError(message, clause="PS3.5 6.1.2.5.2"),
            )
        if not goes_to_g0(escape):
            self.g1 = encoding
            if _means_the_first(escape, self.encodings):
                self.g0_escape = b""
            return ""
        self.g0_escape = escape if is_of_two_bytes(escape) else b""
        # Some writers take the G0 half of JIS X 0201 for the whole of it.
        if encoding == "shift_jis" and self.g1 == default_encoding:
            self.g1 = encoding
        return ""

    def decode_lines(self, token: bytes) -> str:
        """Decode what lies between escape sequences, with a reset at each delimiter."""
        parts = []
        start = 0
        while found := (self.control if self.g0_escape else self.delimiter).search(token, start):
            parts += [self.decode_run(token[start : found.start()]), found[0].decode("latin_1")]
            start = found.end()
            self.reset()
        parts.append(self.decode_run(token[start:]))
        return "".join(parts)

    def reset(self) -> None:
        """Make the first character set active again (PS3.5 6.1.2.5.3)."""
        self.g0_escape = b""
        # The default repertoire has nothing for G1: bytes there can only be
        # meant for the set that was designated last.
        if self.initial != default_encoding:
            self.g1 = self.initial

    def decode_run(self, run: bytes) -> str:
        """Decode bytes between which nothing changes."""
        if not self.g0_escape:
            return _decode_plain(run, self.g1, self.faults)
        if run and self.delimiter.match(run, len(run) - 1) and _has_odd_end(run):
            text = self.decode_run(run[:-1]) + chr(run[-1])
            self.reset()
            return text
        parts = []
        for area in re.finditer(_AREAS, run):
            if area[1]:
                parts.append(_decode_two_bytes(area[1], self.g0_escape, self.faults))
            elif area[2]:
                parts.append(_decode_plain(area[2], self.g1, self.faults))
            else:
                parts.append(area[0].decode("ascii"))
        return "".join(parts)
