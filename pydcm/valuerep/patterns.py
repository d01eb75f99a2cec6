"""What valid strings look like, VR by VR (PS3.5 table 6.2-1).

Most values are valid. Each string therefore first meets one quick test per
VR, which only says yes or no; :mod:`pydcm.valuerep.validation` finds out what
is wrong. Patterns are compiled when first used: compiling all of them takes
longer than importing this package.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pydcm.valuerep.vr import MAX_VALUE_LEN, STANDARD_VR, STR_VR, VR

__all__ = ["TEXT_TESTS", "VR_REGEXES", "compiled", "fits"]

MAX_NAME_GROUPS = 3
"""Component groups of a person name (PS3.5 6.2.1.1)."""
MAX_NAME_GROUP_LEN = 64
"""Characters in a component group of a person name (PS3.5 6.2)."""


def _or_range(single: str) -> str:
    """Let a pattern also match the ranges of PS3.4 C.2.2.2.5: ``a-b``, ``a-`` and ``-b``."""
    return rf"(?:{single}(?:-(?:{single})? ?)?|-{single} ?)"


_DAY = r"(?:[0-2][0-9]|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
# Second 60 is a leap second. A space that pads to even length is legal after a
# fraction only, since everything shorter has even length already.
_TIME = (
    r"(?:[01][0-9]|2[0-3])"
    r"(?:[0-5][0-9](?:(?:[0-5][0-9]|60)(?:\.[0-9]{1,6} ?)?)?)?"
)
_DATE_TIME = rf"[0-9]{{4}}(?:{_MONTH}(?:{_DAY}(?:{_TIME})?)?)?(?:[+-][01][0-9]{{3}})?"

# Possessive where numbers and UIDs are concerned, which are matched most; those of DS and IS
# stand in the kernel decimals.count, too.
_PATTERNS = {
    "AE": r"[\x20-\x7e]*",
    "AS": r"[0-9]{3}[DWMY]",
    "CS": r"[A-Z0-9_ ]*",
    "DA": _or_range(rf"[0-9]{{4}}{_MONTH}{_DAY}"),
    "DS": r" *+[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)? *+",
    "DT": _or_range(_DATE_TIME),
    "IS": r" *+[+-]?[0-9]++ *+",
    "TM": _or_range(_TIME),
    # Without a branch for a lone 0: UIDs are in every file.
    "UI": r"(?!0[0-9])[0-9]++(?:\.(?!0[0-9])[0-9]++)*+",
    # The characters of a URI (RFC 3986 2), which may be padded with spaces.
    "UR": r"[A-Za-z0-9_.~:/?#\[\]@!$&'()*+,;=%-]* *",
}

VR_REGEXES = {vr: rf"^(?:{pattern})\Z" for vr, pattern in _PATTERNS.items()}
"""What a value of these VRs looks like (PS3.5 table 6.2-1); an empty one is legal too."""


def _anything(_value: str | bytes) -> bool:
    return True


def _length_test(limit: int) -> Callable[[str | bytes], bool]:
    def test(value: str | bytes) -> bool:
        return len(value) <= limit

    return test


def _text_test(vr: str) -> Callable[[str], object]:
    """Return a test which is true for the valid strings of a VR."""
    if vr == "PN":
        group = rf"[^=]{{0,{MAX_NAME_GROUP_LEN}}}"
        return re.compile(rf"{group}(?:={group}){{0,{MAX_NAME_GROUPS - 1}}}").fullmatch
    limit = MAX_VALUE_LEN.get(vr)
    if vr in _PATTERNS:
        fullmatch = re.compile(rf"(?:{_PATTERNS[vr]})?").fullmatch
        if limit is None:
            return fullmatch
        length_limit = limit

        def test(value: str) -> object:
            return len(value) <= length_limit and fullmatch(value)

        return test
    if limit is not None:
        return _length_test(limit)
    return _nothing if vr in _BINARY else _anything


def _nothing(_value: str) -> bool:
    return False


class _TextTests(dict[str, Callable[[str], object]]):
    """The quick test for each VR, made when first asked for."""

    def __missing__(self, vr: str) -> Callable[[str], object]:
        test = _text_test(vr)
        # A file may contain any pair of bytes for a VR; only known ones stay.
        if vr in _KNOWN:
            self[str(vr)] = test
        return test


# Of these VRs no value is a string; AT, SQ and UN take many kinds of value.
_BINARY = STANDARD_VR - STR_VR - {VR.AT, VR.SQ, VR.UN}
_KNOWN = frozenset(VR)
TEXT_TESTS = _TextTests()
"""For each VR a test that is true for its valid strings."""


class _StrRegexes(dict[str, re.Pattern[str]]):
    """The pattern of each VR for strings, compiled when first asked for."""

    def __missing__(self, vr: str) -> re.Pattern[str]:
        compiled = self[str(vr)] = re.compile(VR_REGEXES[vr])
        return compiled


class _ByteRegexes(dict[str, re.Pattern[bytes]]):
    """The pattern of each VR for bytes, compiled when first asked for."""

    def __missing__(self, vr: str) -> re.Pattern[bytes]:
        compiled = self[str(vr)] = re.compile(VR_REGEXES[vr].encode("ascii"))
        return compiled


str_regexes = _StrRegexes()
byte_regexes = _ByteRegexes()


def compiled(for_bytes: bool) -> dict[str, re.Pattern[str]] | dict[str, re.Pattern[bytes]]:
    """Return the compiled patterns of all VRs in `VR_REGEXES`."""
    if for_bytes:
        return {vr: byte_regexes[vr] for vr in VR_REGEXES}
    return {vr: str_regexes[vr] for vr in VR_REGEXES}


def fits(vr: str, value: str) -> bool:
    """Return whether a single string is a valid value of a text VR.

    Parameters
    ----------
    vr : str
        The value representation.
    value : str
        One value, without the backslashes that separate several.

    Examples
    --------
    >>> fits("DA", "20240229"), fits("DA", "2024-02-29")
    (True, False)
    """
    return bool(TEXT_TESTS[vr](value))
