from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm import charset, config
from pydcm._std.charsets import CHARSETS
from pydcm.charset import convert_encodings, decode_bytes, encode_string
from pydcm.errors import (
    CharacterSetError,
    TextEncodeError,
)
from tests.charset import MANY, TEXT


def test_every_term_of_the_standard_has_its_codec() -> None:
    for row in CHARSETS:
        if row.element == "G0" and row.iso_ir == 6 and "IR 6" not in row.defined_term:
            continue  # the ASCII half of a set that its other half names
        ours = convert_encodings(row.defined_term)[0]
        expected = "latin_1" if row.codec == "ascii" else row.codec
        assert codecs.lookup(ours).name == codecs.lookup(expected).name, row


def test_every_escape_sequence_of_the_standard_is_known() -> None:
    for row in CHARSETS:
        if row.escape:
            assert row.escape in charset.CODES_TO_ENCODINGS, row
    assert len({row.escape for row in CHARSETS if row.escape}) == len(charset.CODES_TO_ENCODINGS)


G1_SETS = [
    ("ISO 2022 IR 100", "Buc^Jérôme"),
    ("ISO 2022 IR 101", "Wałęsa"),
    ("ISO 2022 IR 109", "Ĉapelo"),
    ("ISO 2022 IR 110", "Šimãs"),
    ("ISO 2022 IR 126", "Διονυσιος"),
    ("ISO 2022 IR 127", "قباني^لنزار"),
    ("ISO 2022 IR 138", "שרון^דבורה"),
    ("ISO 2022 IR 144", "Жюль"),
    ("ISO 2022 IR 148", "Çavuşoğlu"),
    ("ISO 2022 IR 166", "นามสกุล"),
    ("ISO 2022 IR 203", "Œuvre à 5 €"),
    ("ISO 2022 IR 13", "ﾔﾏﾀﾞ"),
    ("ISO 2022 IR 58", "张小东"),
    ("ISO 2022 IR 149", "길동"),
    ("ISO 2022 IR 87", "山田"),
    ("ISO 2022 IR 159", "丂丄"),
]


@pytest.mark.parametrize(("term", "text"), G1_SETS)
@pytest.mark.usefixtures("strict")
def test_each_set_as_extension(term: str, text: str) -> None:
    encodings = convert_encodings(["ISO 2022 IR 6", term])
    encodings[0] = "ascii"  # so that Latin-1 letters need their set too
    encoded = encode_string(text, encodings)
    assert b"\x1b" in encoded
    assert decode_bytes(encoded, encodings, TEXT) == text


@pytest.mark.parametrize(("term", "text"), G1_SETS[:12])
@pytest.mark.usefixtures("strict")
def test_each_single_byte_set_alone(term: str, text: str) -> None:
    encodings = convert_encodings(term.replace("ISO 2022 IR", "ISO_IR"))
    encoded = encode_string(text, encodings)
    assert b"\x1b" not in encoded
    assert len(encoded) == len(text)
    assert decode_bytes(encoded, encodings, TEXT) == text


@pytest.mark.parametrize(
    "text",
    [
        "Dionysios is Διονυσιος",
        "Διονυσιος, Жюль, é",
        "é山é",
        "山x丂",
        "길山ﾔ丂동\r\n山 é\t길",
        "ﾔ山ﾔ山",
    ],
)
@pytest.mark.usefixtures("strict")
def test_mixed_sets_survive_encoding(text: str) -> None:
    assert decode_bytes(encode_string(text, MANY), MANY, TEXT) == text


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aé \nλ Жюﾔｱ山田丂丄길동\t~^=1"), max_size=12))
def test_any_mixture_survives_encoding(text: str) -> None:
    with config.validation(reading=config.RAISE, writing=config.RAISE):
        assert decode_bytes(encode_string(text, MANY), MANY, TEXT) == text


@pytest.mark.parametrize(
    ("text", "encodings", "encoded"),
    [
        ("é", ["iso8859"], b"\xe9"),
        ("", [], b""),
        ("abc", [], b"abc"),
        ("éλ", ["latin_1", "iso_ir_126"], b"\x1b-A\xe9\x1b-F\xeb"),
        ("山田", ["shift_jis", "iso2022_jp"], b"\x1b$B;3ED\x1b(J"),
        (
            "小东\n小东",
            ["iso8859", "iso_ir_58"],
            b"\x1b$)A\xd0\xa1\xb6\xab\n\x1b$)A\xd0\xa1\xb6\xab",
        ),
        ("é山", ["latin_1", "iso2022_jp"], b"\x1b-A\xe9\x1b$B;3\x1b(B"),
        # The last set cannot be written with escape sequences.
        ("λ", ["iso_ir_126", "UTF8"], b"\xeb"),
    ],
)
@pytest.mark.usefixtures("strict")
def test_encode_string(text: str, encodings: list[str], encoded: bytes) -> None:
    assert encode_string(text, encodings) == encoded


@pytest.mark.parametrize(
    ("text", "encodings", "encoded"),
    [
        ("aλ", ["latin_1"], b"a?"),
        ("山", ["shift_jis"], b"?"),
        ("\ud800", ["UTF8"], b"?"),
        ("小東x", ["iso8859", "iso_ir_58"], b"\x1b$)A\xd0\xa1?x"),
        ("λ山", ["latin_1", "UTF8"], b"??"),
    ],
)
def test_characters_without_a_code_become_question_marks(
    text: str, encodings: list[str], encoded: bytes
) -> None:
    with pytest.warns(UserWarning, match="question marks") as caught:
        assert encode_string(text, encodings) == encoded
    assert len(caught) == 1


@pytest.mark.parametrize("encodings", [["latin_1"], ["latin_1", "iso_ir_126"], ["shift_jis"]])
@pytest.mark.usefixtures("strict")
def test_characters_without_a_code_raise_when_strict(encodings: list[str]) -> None:
    with pytest.raises(TextEncodeError) as caught:
        encode_string("a山", encodings)
    assert isinstance(caught.value, UnicodeEncodeError)
    assert caught.value.object[caught.value.start] == "山"


def test_encoding_with_an_unknown_codec_raises() -> None:
    with pytest.raises(CharacterSetError, match="nope"):
        encode_string("é", ["nope"])


def test_a_program_may_add_an_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(charset.custom_encoders, "latin_1", lambda value, errors: b"e")
    assert encode_string("é", ["latin_1"]) == b"e"


def test_the_decoders_of_a_part_of_a_codec_take_an_error_handler() -> None:
    encode = charset.custom_encoders["iso2022_jp"]
    assert encode("山", "strict") == b"\x1b$B;3"
    assert encode("", "strict") == b""
    assert encode("山a", "replace") == b"\x1b$B;3\x1b(Ba"
    with pytest.raises(UnicodeEncodeError, match="ISO 2022 IR 87"):
        encode("山a", "strict")
    assert charset.custom_encoders["shift_jis"]("ﾔ山é", "replace") == b"\xd4??"
