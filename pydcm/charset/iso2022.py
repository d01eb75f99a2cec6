"""The escape sequences of code extensions (PS3.5 6.1.2.5, PS3.3 tables C.12-3 and C.12-4)."""

from __future__ import annotations

import re

from pydcm.charset.terms import default_encoding

ESC = b"\x1b"
"""The byte that begins an escape sequence."""

CODES_TO_ENCODINGS = {
    ESC + b"(B": default_encoding,
    ESC + b"-A": "latin_1",
    ESC + b")I": "shift_jis",
    ESC + b"(J": "shift_jis",
    ESC + b"$B": "iso2022_jp",
    ESC + b"-B": "iso8859_2",
    ESC + b"-C": "iso8859_3",
    ESC + b"-D": "iso8859_4",
    ESC + b"-F": "iso_ir_126",
    ESC + b"-G": "iso_ir_127",
    ESC + b"-H": "iso_ir_138",
    ESC + b"-L": "iso_ir_144",
    ESC + b"-M": "iso_ir_148",
    ESC + b"-T": "iso_ir_166",
    ESC + b"-b": "iso8859_15",
    ESC + b"$)C": "euc_kr",
    ESC + b"$(D": "iso2022_jp_2",
    ESC + b"$)A": "iso_ir_58",
}
"""The codec for each escape sequence."""

ENCODINGS_TO_CODES = {
    encoding: code
    for code, encoding in CODES_TO_ENCODINGS.items()
    if code != ESC + b"(J"  # the katakana half stands for JIS X 0201
}
"""The escape sequence for each codec."""

ASCII_TO_G0 = ESC + b"(B"
ROMAJI_TO_G0 = ESC + b"(J"

# ISO/IEC 2022: intermediate bytes, then one final byte.
_ESCAPE = rb"(\x1b[\x20-\x2f]*[\x30-\x7e]?)"


def is_of_two_bytes(escape: bytes) -> bool:
    """Whether the characters of the set that an escape sequence designates have two bytes."""
    return escape[1:2] == b"$"


def goes_to_g0(escape: bytes) -> bool:
    """Whether an escape sequence designates G0 (bytes 21 to 7E), and not G1 (A0 to FF)."""
    return escape[1 + is_of_two_bytes(escape) :][:1] in (b"(", b"B")


def tokens(value: bytes) -> list[bytes]:
    """Split a value into text (at even indices) and escape sequences (at odd indices)."""
    return re.split(_ESCAPE, value)
