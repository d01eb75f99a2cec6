"""The defined terms of Specific Character Set (PS3.3 C.12.1.1.2) and their codecs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pydcm import config
from pydcm.errors import CharacterSetError

default_encoding = "iso8859"
"""The codec for the default repertoire.

The repertoire is ASCII (PS3.5 6.1.2.1). Files that declare nothing and use
other bytes all the same mostly mean Latin-1, which this codec reads.
"""

# Registration numbers of ISO-IR and the Python codecs for them.
_SINGLE_BYTE = {
    6: default_encoding,
    13: "shift_jis",
    100: "latin_1",
    101: "iso8859_2",
    109: "iso8859_3",
    110: "iso8859_4",
    126: "iso_ir_126",
    127: "iso_ir_127",
    138: "iso_ir_138",
    144: "iso_ir_144",
    148: "iso_ir_148",
    166: "iso_ir_166",
    203: "iso8859_15",
}
_MULTI_BYTE = {58: "iso_ir_58", 87: "iso2022_jp", 149: "euc_kr", 159: "iso2022_jp_2"}

python_encoding = {
    "": default_encoding,
    **{f"ISO_IR {number}": codec for number, codec in _SINGLE_BYTE.items()},
    **{f"ISO 2022 IR {number}": codec for number, codec in (_SINGLE_BYTE | _MULTI_BYTE).items()},
    "ISO_IR 192": "UTF8",
    "GB18030": "GB18030",
    "GBK": "GBK",
    # No defined terms, but found in files.
    "ISO 2022 GBK": "GBK",
    "ISO 2022 58": "GB2312",
}
"""The codec for each defined term; a program may add terms or change codecs."""

STAND_ALONE_ENCODINGS = ("ISO_IR 192", "GBK", "GB18030")
"""Terms that must be the only value (PS3.3 table C.12-5)."""

# Patterns are compiled when a misspelt term turns up: few files have one.
_ISO_TERM = r"ISO[\W_]*(2022)?[\W_]*(?:IR)?[\W_]*(\d{1,3})"
_GB_TERM = r"(?:ISO[\W_]*(?:IR|2022)[\W_]*(?:IR)?[\W_]*)?(?:GB[\W_]*(18030|K)|B(18030))"
_JIS_X_0201_ROMAJI = 14

# Printable ASCII, arranged so that codecs in which these bytes mean something
# else (UTF-7, HZ, EBCDIC, escapes of Python literals) fail or give other text.
_PROBE = b"\\u~{+-" + bytes(range(0x20, 0x7F))
_PROBE_TEXT = _PROBE.decode("ascii")


def convert_encodings(encodings: str | Sequence[str] | None) -> list[str]:
    """Return the Python codecs for the values of Specific Character Set.

    Misspelt terms are repaired with a warning. Names of Python codecs that
    extend ASCII are taken as they are.

    Parameters
    ----------
    encodings : str or sequence of str or None
        The value or values of (0008,0005), in their order.

    Returns
    -------
    list of str
        One codec for each value, at least one. Values that the standard does
        not allow beside others are left out.

    Raises
    ------
    CharacterSetError
        If a value is unknown and the reading validation mode is RAISE. In the
        other modes the default repertoire takes its place, with a warning.

    Examples
    --------
    >>> convert_encodings(["", "ISO 2022 IR 87"])
    ['iso8859', 'iso2022_jp']
    >>> convert_encodings("ISO_IR 192")
    ['UTF8']
    """
    if not encodings:
        return [default_encoding]
    if isinstance(encodings, str) and encodings in python_encoding:
        return [python_encoding[encodings]]
    known = [_known(term) for term in _terms(encodings)]
    return [encoding for _, encoding in _without_misplaced(known)]


def _terms(encodings: object) -> list[str]:
    """Return the single terms; a hostile file may give the element any type."""
    if isinstance(encodings, bytes):
        encodings = encodings.decode("latin_1")
    if isinstance(encodings, str):
        return encodings.split("\\")
    try:
        return [item if isinstance(item, str) else str(item) for item in encodings]  # type: ignore[attr-defined]  # TypeError below
    except TypeError:
        return [str(encodings)]


def _known(term: str) -> tuple[str, str]:
    """Return the right spelling of a term, and its codec."""
    encoding = python_encoding.get(term)
    if encoding is not None:
        return term, encoding
    # A space or capitals after "ISO" show that a defined term is meant, though
    # Python may know a codec by the same letters.
    is_name_of_codec = not re.fullmatch(_ISO_TERM, term.strip().upper()) or (
        term.islower() and " " not in term
    )
    if is_name_of_codec and _extends_ascii(term):
        return term, term
    repaired = _repaired(term)
    if repaired is None:
        return _unknown(term)
    right = repr(repaired) if repaired else "the default repertoire"
    message = f"{term!r} is no defined term of Specific Character Set; {right} is assumed"
    if config.reading_mode() == config.RAISE and not _differs_in_separators(term, repaired):
        raise CharacterSetError(message, clause="PS3.3 C.12.1.1.2")
    config.warn_and_log(message, UserWarning, stacklevel=4)
    return repaired, python_encoding[repaired]


def _unknown(term: str) -> tuple[str, str]:
    message = f"{term!r} is no defined term of Specific Character Set"
    if config.reading_mode() == config.RAISE:
        raise CharacterSetError(message, clause="PS3.3 C.12.1.1.2")
    config.warn_and_log(f"{message}; the default repertoire is assumed", UserWarning, stacklevel=5)
    return "", default_encoding


def _repaired(term: str) -> str | None:
    """Return the defined term that is meant, if that is certain."""
    text = term.strip(" \0\t\r\n").upper()
    if text in python_encoding:
        return text
    if match := re.fullmatch(_ISO_TERM, text):
        extended, digits = match.groups()
        number = int(digits)
        if number == _JIS_X_0201_ROMAJI:  # the other half of the same set
            number = 13
        forms = [f"ISO_IR {number}", f"ISO 2022 IR {number}"]
        for form in reversed(forms) if extended else forms:
            if form in python_encoding:
                return form
    if match := re.fullmatch(_GB_TERM, text):
        return "GBK" if match[1] == "K" else "GB18030"
    return None


def _differs_in_separators(term: str, repaired: str) -> bool:
    return len(term) == len(repaired) and re.sub(r"[ _-]", "_", term) == repaired.replace(" ", "_")


@lru_cache(maxsize=64)
def _extends_ascii(name: str) -> bool:
    """Whether Python has a codec of that name in which ASCII bytes are ASCII text."""
    try:
        return _PROBE.decode(name) == _PROBE_TEXT
    except (LookupError, ValueError):
        return False


def _without_misplaced(known: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Leave out values that PS3.3 C.12.1.1.2 does not allow beside the others."""
    if len(known) == 1:
        return known
    first = known[0]
    if first[0] in STAND_ALONE_ENCODINGS:
        ignored = ", ".join(term for term, _ in known[1:])
        config.warn_and_log(
            f"Specific Character Set {first[0]!r} allows no further values; ignored: {ignored}",
            UserWarning,
            stacklevel=3,
        )
        return [first]
    kept = [first]
    for term, encoding in known[1:]:
        if term in STAND_ALONE_ENCODINGS:
            config.warn_and_log(
                f"Specific Character Set {term!r} cannot extend another one; it is ignored",
                UserWarning,
                stacklevel=3,
            )
        else:
            kept.append((term, encoding))
    return kept
