from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm import charset, config
from pydcm.charset import decode_bytes, split_encoded
from pydcm.errors import (
    PydcmError,
    TextDecodeError,
    ValueRepresentationError,
)
from tests.charset import MANY, NAME, TEXT


@pytest.mark.parametrize(
    ("encoded", "encodings", "delimiters", "text"),
    [
        # A delimiter makes the first set active again (PS3.5 6.1.2.5.3).
        (b"\xe9\x1b-F\xeb\n\xe9", ["latin_1", "iso_ir_126"], TEXT, "éλ\né"),
        (b"\x1b-F\xeb^\xe9", ["latin_1", "iso_ir_126"], NAME, "λ^é"),
        (b"\x1b$B;3\nED", ["iso8859", "iso2022_jp"], TEXT, "山\nED"),
        # ... but not the byte of one that is half of a character.
        (b"\x1b$B^5\x1b(B^a", ["iso8859", "iso2022_jp"], NAME, "浹^a"),
        # G1 stays as it is when G0 changes, and the other way round.
        (b"\x1b)I\xd4\x1b$B;3\xd4", ["iso8859", "shift_jis", "iso2022_jp"], TEXT, "ﾔ山ﾔ"),
        (b"\x1b$)C\xb1\xe6\x1b$B;3\x1b(Bx\xb5\xbf", ["", "euc_kr", "iso2022_jp"], TEXT, "길山x동"),
        # SPACE is a character of neither.
        (b"\x1b$B;3 ED\x1b(B", ["iso8859", "iso2022_jp"], TEXT, "山 田"),
        # The default repertoire has no G1 set that could become active again.
        (b"\x1b$)C\xfb\xf3^\xd1\xce", ["iso8859", "euc_kr"], NAME, "洪^吉"),
        # Writers take ESC ( J for both halves of JIS X 0201.
        (b"\x1b(J\xd4\xcf", ["iso8859", "shift_jis"], TEXT, "ﾔﾏ"),
        # Writers return from two bytes by designating the first set's half for G1 ...
        (b"\x1b$B;3ED\x1b-A^Taro", ["latin_1", "iso2022_jp"], NAME, "山田^Taro"),
        (b"\x1b$B;3\x1b-Labc", ["iso_ir_144", "iso2022_jp"], TEXT, "山abc"),
        # ... which that of another set does not,
        (b"\x1b$B;3\x1b-L\xbbED", ["latin_1", "iso_ir_144", "iso2022_jp"], TEXT, "山Л田"),
        # and leave out to return before a delimiter.
        (b"\x1b$B;3ED^\x1b$BB@O:", ["iso8859", "iso2022_jp"], NAME, "山田^太郎"),
        (b"\x1b(Babc", ["UTF8"], TEXT, "abc"),
        (b"\x1b-F\x1b-G\xe1", ["latin_1", "iso_ir_126", "iso_ir_127"], TEXT, "ف"),
    ],
)
@pytest.mark.usefixtures("strict")
def test_what_escape_sequences_and_delimiters_do(
    encoded: bytes, encodings: list[str], delimiters: frozenset[int], text: str
) -> None:
    encodings = [encoding or "iso8859" for encoding in encodings]
    assert decode_bytes(encoded, encodings, delimiters) == text


def test_a_set_that_is_not_declared_is_followed_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="not declared"):
        assert decode_bytes(b"\x1b$B;3ED\x1b(B", ["iso8859"], NAME) == "山田"


@pytest.mark.parametrize(
    "encoded", [b"\x1bxx\xe1", b"\x1b$(Q!!", b"\x1b", b"a\x1b", b"\x1b[0m", b"\x1b%G\xe9"]
)
def test_an_unknown_escape_sequence_is_kept_with_a_warning(encoded: bytes) -> None:
    with pytest.warns(UserWarning, match="none that DICOM has"):
        assert decode_bytes(encoded, ["latin_1"], TEXT) == encoded.decode("latin-1")


@pytest.mark.parametrize("encoded", [b"\x1bxx\xe1", b"\x1b$B;3ED\x1b(B"])
@pytest.mark.usefixtures("strict")
def test_wrong_escape_sequences_raise_when_strict(encoded: bytes) -> None:
    with pytest.raises(ValueRepresentationError, match="escape sequence"):
        decode_bytes(encoded, ["latin_1"], TEXT)


@pytest.mark.parametrize(
    ("encoded", "encodings", "text"),
    [
        (b"a\xff\xe1b", ["UTF8"], "a\ufffd\ufffdb"),
        (b"\xff", ["ascii"], "\ufffd"),
        (b"\x1b$B;3E\x1b(Bx", ["iso8859", "iso2022_jp"], "山\ufffdx"),
        (b"\x1b$B;3\x7e\x7eED\x1b(B", ["iso8859", "iso2022_jp"], "山\ufffd田"),
        (b"\x1b$)C\xfb^", ["iso8859", "euc_kr"], "\ufffd^"),
    ],
)
def test_undecodable_bytes_are_replaced_and_the_rest_is_kept(
    encoded: bytes, encodings: list[str], text: str
) -> None:
    with pytest.warns(UserWarning, match="U\\+FFFD"):
        assert decode_bytes(encoded, encodings, NAME) == text


@pytest.mark.parametrize(
    ("encoded", "encodings", "text"),
    [
        (b"\xb3\xb5\x81\x41", ["euc_kr"], "났갂"),
        (b"\x1b$)A\x87\xd6", ["iso8859", "iso_ir_58"], "囍"),
        (b"\x87\x40", ["shift_jis"], "①"),
    ],
)
def test_what_a_wider_codec_of_the_same_family_has_is_read_with_a_warning(
    encoded: bytes, encodings: list[str], text: str
) -> None:
    with pytest.warns(UserWarning, match="as declared"):
        assert decode_bytes(encoded, encodings, TEXT) == text


@pytest.mark.usefixtures("strict")
def test_undecodable_bytes_raise_when_strict() -> None:
    with pytest.raises(TextDecodeError) as caught:
        decode_bytes(b"ab\xff", ["UTF8"], TEXT)
    assert isinstance(caught.value, UnicodeDecodeError)
    assert (caught.value.object, caught.value.start) == (b"ab\xff", 2)


def test_an_unknown_codec_falls_back_to_latin_1() -> None:
    with pytest.warns(UserWarning, match="no codec 'nope'"):
        assert decode_bytes(b"\xe9", ["nope"], TEXT) == "é"


@settings(max_examples=500, deadline=None)
@given(
    st.binary(max_size=40),
    st.lists(st.sampled_from([*charset.python_encoding.values(), "nope"]), max_size=4),
)
def test_no_bytes_raise(value: bytes, encodings: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for delimiters in (NAME, TEXT, frozenset[int]()):
            assert isinstance(decode_bytes(value, encodings, delimiters), str)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from([*charset.CODES_TO_ENCODINGS, b";3", b"\xb1\xe6", b"^", b"\n", b"\\"])
    ),
    st.binary(max_size=4),
)
def test_no_escape_sequences_raise(pieces: list[bytes], end: bytes) -> None:
    value = b"".join(pieces) + end
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert isinstance(decode_bytes(value, MANY, NAME), str)
        assert b"\\".join(split_encoded(value, MANY)) == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40), st.sampled_from(["UTF8", "latin_1", "iso2022_jp", "GB18030"]))
def test_strict_decoding_raises_only_our_errors(value: bytes, encoding: str) -> None:
    with config.validation(reading=config.RAISE):
        try:
            text = decode_bytes(value, [encoding], NAME)
        except PydcmError:
            return
    assert "\ufffd" not in text or "\ufffd".encode("gb18030") in value or b"\xef\xbf\xbd" in value


@pytest.mark.parametrize(
    ("value", "encodings", "separator", "parts"),
    [
        (b"a\\b\\", ["iso8859"], b"\\", [b"a", b"b", b""]),
        (b"\x82\x5c\\a", ["GBK"], b"\\", [b"\x82\x5c", b"a"]),
        (b"\x81\x30\x81\x5c\\\x81\x5c", ["GB18030"], b"\\", [b"\x81\x30\x81\x5c", b"\x81\x5c"]),
        (b"\x83\x5c\\\xd4", ["shift_jis"], b"\\", [b"\x83\x5c", b"\xd4"]),
        (b"\x1b$BA\\\x1b(B\\b", ["iso8859", "iso2022_jp"], b"\\", [b"\x1b$BA\\\x1b(B", b"b"]),
        (b"\x1b$B==\x1b(B=b", ["iso8859", "iso2022_jp"], b"=", [b"\x1b$B==\x1b(B", b"b"]),
        (b"\x1b$BA\\\x1b-A\\b", ["latin_1", "iso2022_jp"], b"\\", [b"\x1b$BA\\\x1b-A", b"b"]),
        (b"\x1b$BA\\\\\x1b$BA", ["iso8859", "iso2022_jp"], b"\\", [b"\x1b$BA\\", b"\x1b$BA"]),
        (b"\xe9\\\xe9", ["latin_1"], b"\\", [b"\xe9", b"\xe9"]),
        (b"abc", [], b"\\", [b"abc"]),
    ],
)
def test_split_encoded(
    value: bytes, encodings: list[str], separator: bytes, parts: list[bytes]
) -> None:
    assert split_encoded(value, encodings, separator) == parts
