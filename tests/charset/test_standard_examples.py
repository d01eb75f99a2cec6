from __future__ import annotations

import pytest

from pydcm.charset import convert_encodings, decode_bytes, encode_string
from pydcm.valuerep import PersonName
from tests.charset import NAME, TEXT

THREE_LINES = (
    "The 1st line includes 길동.\r\nThe 2nd line includes 길동, too.\r\nThe 3rd line.",
    "1B24294354686520317374206C696E6520696E636C7564657320B1E6B5BF2E0D0A"
    "1B2429435468652032 6E64206C696E6520696E636C7564657320B1E6B5BF2C20746F6F2E0D0A"
    "54686520337264206C696E652E",
)
ENGLISH_AND_CHINESE = (
    "The first line includes中文.\r\nThe second line includes中文, too.\r\nThe third line.\r\n"
)

# clause, terms, delimiters, text, encoded value
ANNEX_EXAMPLES = [
    (
        "H.3-1",
        ["", "ISO 2022 IR 87"],
        NAME,
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "59616D6164615E5461726F753D"
        "1B24423B3345441B28425E1B244242404F3A1B28423D"
        "1B24422464245E24401B28425E1B2442243F246D24261B2842",
    ),
    (
        "H.3-2",
        ["ISO 2022 IR 13", "ISO 2022 IR 87"],
        NAME,
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
        "D4CFC0DE5EC0DBB33D"
        "1B24423B3345441B284A5E1B244242404F3A1B284A3D"
        "1B24422464245E24401B284A5E1B2442243F246D24261B284A",
    ),
    (
        "I.2-1",
        ["", "ISO 2022 IR 149"],
        NAME,
        "Hong^Gildong=洪^吉洞=홍^길동",
        "486F6E675E47696C646F6E673D1B242943FBF35E1B242943D1CED4D73D1B242943C8AB5E1B242943B1E6B5BF",
    ),
    ("I.3-1", ["", "ISO 2022 IR 149"], TEXT, *THREE_LINES),
    (
        "J.1-1",
        "ISO_IR 192",
        NAME,
        "Wang^XiaoDong=王^小東=",
        "57616E675E5869616F446F6E673DE78E8B5EE5B08FE69DB13D",
    ),
    ("J.2-1", "ISO_IR 192", TEXT, ENGLISH_AND_CHINESE, ENGLISH_AND_CHINESE.encode().hex()),
    (
        "J.3-1",
        "GB18030",
        NAME,
        "Wang^XiaoDong=王^小东=",
        "57616E675E5869616F446F6E673DCDF55ED0A1B6AB3D",
    ),
    (
        "J.4-1",
        "GB18030",
        TEXT,
        ENGLISH_AND_CHINESE,
        ENGLISH_AND_CHINESE.encode().hex().replace("e4b8ade69687", "D6D0CEC4"),
    ),
    (
        "J.4-1 in GBK",
        "GBK",
        TEXT,
        ENGLISH_AND_CHINESE,
        ENGLISH_AND_CHINESE.encode().hex().replace("e4b8ade69687", "D6D0CEC4"),
    ),
    (
        "K.2-1",
        ["", "ISO 2022 IR 58"],
        NAME,
        "Zhang^XiaoDong=张^小东= ",
        "5A68616E675E5869616F446F6E673D1B242941D5C55E1B242941D0A1B6AB3D20",
    ),
    (
        "K.3-1",
        ["", "ISO 2022 IR 58"],
        TEXT,
        "1.第一行文字。\r\n2.第二行文字。\r\n3.第三行文字。\r\n",
        "312E1B242941B5DAD2BBD0D0CEC4D7D6A1A30D0A"
        "322E1B242941B5DAB6FED0D0CEC4D7D6A1A30D0A"
        "332E1B242941B5DAC8FDD0D0CEC4D7D6A1A30D0A",
    ),
]


@pytest.mark.parametrize(
    ("terms", "delimiters", "text", "encoded"),
    [example[1:] for example in ANNEX_EXAMPLES],
    ids=[example[0] for example in ANNEX_EXAMPLES],
)
@pytest.mark.usefixtures("strict")
def test_examples_of_the_standard_decode(
    terms: str | list[str], delimiters: frozenset[int], text: str, encoded: str
) -> None:
    assert decode_bytes(bytes.fromhex(encoded), convert_encodings(terms), delimiters) == text


@pytest.mark.parametrize(
    ("terms", "text", "encoded"),
    [
        pytest.param(*(example[i] for i in (1, 3, 4)), id=example[0])
        for example in ANNEX_EXAMPLES
        if example[2] is NAME
    ],
)
@pytest.mark.usefixtures("strict")
def test_names_of_the_standard_encode_to_the_same_bytes(
    terms: list[str], text: str, encoded: str
) -> None:
    name = PersonName(text.rstrip(), convert_encodings(terms))
    # A name keeps no empty component group at its end.
    assert name.encode() == bytes.fromhex(encoded).rstrip(b"= ")


@pytest.mark.parametrize(
    ("terms", "text"),
    [pytest.param(example[1], example[3], id=example[0]) for example in ANNEX_EXAMPLES],
)
@pytest.mark.usefixtures("strict")
def test_examples_of_the_standard_survive_encoding(terms: list[str], text: str) -> None:
    encodings = convert_encodings(terms)
    assert decode_bytes(encode_string(text, encodings), encodings, TEXT) == text
