"""Person names: parts, text, bytes in several character sets, compared with pydicom."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config, valuerep
from pydcm.config import IGNORE, RAISE, WARN
from pydcm.errors import ValueRepresentationError
from pydcm.valuerep import PersonName
from tests.valuerep.outcomes import Outcome, agree, outcome

PARTS = ("family_name", "given_name", "middle_name", "name_prefix", "name_suffix")
GROUPS = ("alphabetic", "ideographic", "phonetic")
ATTRIBUTES = (*PARTS, *GROUPS, "components", "original_string", "encodings", "validation_mode")
KEPT = (*PARTS, *GROUPS, "components", "encodings")

CHINESE = b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab="
JAPANESE = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
KOREAN = (
    b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"
)

NAMES: list[tuple[object, object]] = [
    *[(text, None) for text in ("", "Doe", "Doe^John", "Doe^John^Q^Dr^Jr", "Doe^J^Q^Dr^Jr^more")],
    *[(text, None) for text in ("A^B=C^D=E^F", "A=B=C=D", "=B", "==C", "=", "^", "^^^^", "A^^")],
    *[(text, None) for text in ("A=", "A==", "A^B ", "A ^ B", " ", "A\\B", "A^B\0", "a\n", "Ä")],
    *[(text, None) for text in ("A" * 64, "A" * 65, "A=" + "B" * 65, b"A" * 65, b"A=B=C=D")],
    *[(text, None) for text in (b"", b"Doe^John", b"A=B=C", b"=", b"\xc4neas^R\xfcdiger", None)],
    *((CHINESE, ["gb18030"]), (CHINESE, "gb18030"), (CHINESE, ["latin_1", "gb18030"])),
    *((CHINESE, []), (CHINESE, ()), (CHINESE, None), ("A", ["utf8"])),
    *((JAPANESE, ["iso8859", "iso2022_jp"]), (KOREAN, ["iso8859", "euc_kr"])),
    *((b"\xff\xfe=x", ["utf8"]), ("Ä=Ö=x", ["latin_1", "iso2022_jp"])),
]


def _named(module: Any, val: object, *arguments: object) -> Outcome:
    return outcome(lambda: module.PersonName(val, *arguments), ATTRIBUTES)


@pytest.mark.parametrize(("val", "encodings"), NAMES)
def test_names_are_those_of_pydicom(val: object, encodings: object) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    for mode in (None, IGNORE, WARN, RAISE):
        ours = _named(valuerep, val, encodings, None, mode)
        assert agree(ours, _named(theirs, val, encodings, None, mode))


@pytest.mark.filterwarnings("ignore:bytes that are no text")
@pytest.mark.parametrize(("val", "encodings"), [name for name in NAMES if name[0] is not None])
def test_a_name_made_from_a_name_is_equal(val: str | bytes, encodings: list[str] | None) -> None:
    name = PersonName(val, encodings, None, IGNORE)
    again = PersonName(name, ["ascii"])
    assert again == name
    assert (again.encodings, again.original_string) == (name.encodings, name.original_string)


# The character sets that bytes are read with, and those they are asked for in.
OTHER_CODECS: list[object] = [None, [], ["utf8"], "utf8", ["gb18030"]]


@pytest.mark.parametrize(("val", "encodings"), [name for name in NAMES if name[0] is not None])
def test_names_are_encoded_and_decoded_again_as_by_pydicom(val: object, encodings: object) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    # What to make of escape sequences and bytes that do not belong is up to `charset`.
    stray = isinstance(val, bytes) and (b"\x1b" in val or b"\xff" in val)
    for wanted in OTHER_CODECS:

        def name(module: Any) -> Any:
            return module.PersonName(val, encodings, None, IGNORE)

        ours = outcome(lambda: name(valuerep).encode(wanted))  # noqa: B023  # called at once
        assert agree(ours, outcome(lambda: name(theirs).encode(wanted)))  # noqa: B023  # called at once
        if not stray:
            ours = outcome(lambda: name(valuerep).decode(wanted), KEPT)  # noqa: B023  # called at once
            his = outcome(lambda: name(theirs).decode(wanted), KEPT)  # noqa: B023  # called at once
            # Pydicom forgets that the name is not to be checked, and warns more.
            assert ours.value == his.value


def test_decoding_with_the_same_codecs_gives_the_name_itself() -> None:
    name = PersonName(CHINESE, ["gb18030"])
    assert name.decode() is name
    assert name.decode(["gb18030"]) is name
    assert name.decode(["latin_1"]) is not name


def test_encoding_keeps_the_bytes_that_were_read() -> None:
    assert PersonName(CHINESE, ["gb18030"]).encode() == CHINESE
    name = PersonName("王", ["gb18030"])
    assert name.original_string is None
    assert name.encode() == name.original_string == b"\xcd\xf5"


def test_the_delimiter_of_groups_is_not_sought_inside_characters() -> None:
    # The bytes of 春 in ISO 2022 IR 87 are 3D 55, and 3D is the = between groups.
    encodings = ["iso8859", "iso2022_jp"]
    name = PersonName("Haruko=春子", encodings)
    again = PersonName(name.encode(), encodings)
    assert again.components == ("Haruko", "春子")


def test_the_length_limit_counts_characters_not_bytes() -> None:
    # PS3.5 6.2: 64 characters in each group.
    fits, long = "é" * 64, "é" * 65
    assert str(PersonName(fits.encode(), ["utf8"], validation_mode=RAISE)) == fits
    with pytest.raises(ValueRepresentationError):
        PersonName(long.encode(), ["utf8"], validation_mode=RAISE)


@pytest.mark.parametrize("other", ["A^B", "A^B ", "a^b", b"A^B", None, 5, ["A^B"], ""])
def test_comparisons_are_those_of_pydicom(other: object) -> None:
    theirs = pytest.importorskip("pydicom.valuerep").PersonName("A^B")
    ours = PersonName("A^B")
    assert (ours == other, ours != other, other == ours) == (
        theirs == other,
        theirs != other,
        other == theirs,
    )


def test_names_of_the_same_text_are_equal_and_hash_alike() -> None:
    names = {PersonName("A^B"), PersonName(b"A^B", ["utf8"]), PersonName("A^B=")}
    assert names == {"A^B"}


def test_a_name_is_a_collection_of_characters() -> None:
    name = PersonName("A^B")
    assert list(name) == ["A", "^", "B"]
    assert len(name) == 3
    assert "A^" in name
    assert "AB" not in name
    assert f"{name}" == "A^B"


@pytest.mark.parametrize("val", ["", "=", "==", b"", b"=", b"=="])
def test_a_name_without_characters_is_false(val: str | bytes) -> None:
    assert not PersonName(val)
    assert PersonName("^")


def test_parts_are_put_into_a_format() -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    form = "|".join(f"%({name})s" for name in (*PARTS, "ideographic", "phonetic"))
    for text in ("Doe^John^Q^Dr^Jr=I^J=P", "Doe", ""):
        assert PersonName(text).formatted(form) == theirs.PersonName(text).formatted(form)
        assert PersonName(text).family_comma_given() == theirs.PersonName(text).family_comma_given()
    with pytest.raises(KeyError):
        PersonName("A").formatted("%(nothing)s")


@pytest.mark.parametrize(
    "name", [PersonName("A^B=C"), PersonName(CHINESE, ["gb18030"]), PersonName(b"a")], ids=repr
)
def test_copies_and_pickles_are_equal(name: PersonName) -> None:
    pickled = [pickle.loads(pickle.dumps(name, protocol)) for protocol in range(6)]
    for again in (copy.copy(name), copy.deepcopy(name), *pickled):
        assert again == name
        assert again.encode() == name.encode()
        assert again.encodings == name.encodings


COMPONENTS: list[dict[str, Any]] = [
    {},
    {"family_name": "A"},
    {"given_name": "B"},
    {"family_name": "A", "given_name": "B"},
    {"family_name": "A", "name_suffix": "Jr"},
    {"family_name": b"\xc4"},
    {"family_name": b"A", "given_name": "x"},
    {"family_name": "A", "given_name_phonetic": "x"},
    {"family_name": "A", "given_name_ideographic": "x"},
    {"family_name": "A", "family_name_ideographic": "王", "encodings": ["gb18030"]},
    {"family_name_ideographic": "王".encode("gb18030"), "encodings": ["gb18030"]},
    {"family_name": "A", "family_name_ideographic": "王", "encodings": ["utf8", "gb18030"]},
    {"given_name": "A\\B"},
    {"given_name": "A=B"},
    {"given_name": "A^B"},
    {"given_name": "A\r"},
    {"given_name": b"A\\"},
    {"given_name": b"A="},
    {"given_name": b"A^"},
    {"given_name": "A" * 65},
]


@pytest.mark.parametrize("components", COMPONENTS)
def test_names_from_components_are_those_of_pydicom(components: dict[str, Any]) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    ours = outcome(lambda: PersonName.from_named_components(**components), ATTRIBUTES)
    assert agree(
        ours,
        outcome(lambda: theirs.PersonName.from_named_components(**components), ATTRIBUTES),
    )


@pytest.mark.parametrize(
    "arguments", [(), ("A", "B"), ("A",), ("", "B"), ("A", "B", "C", "D", "E", "F"), ("A^B",)]
)
def test_names_of_animals_are_those_of_pydicom(arguments: tuple[Any, ...]) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    ours = outcome(lambda: PersonName.from_named_components_veterinary(*arguments), ATTRIBUTES)
    assert agree(
        ours,
        outcome(lambda: theirs.PersonName.from_named_components_veterinary(*arguments), ATTRIBUTES),
    )


@given(st.binary(max_size=40))
def test_hostile_bytes_make_a_name_or_raise_our_error(encoded: bytes) -> None:
    for encodings in (["utf8"], ["gb18030"], ["iso8859", "iso2022_jp"], ["shift_jis"]):
        with config.validation(reading=IGNORE):
            shown = outcome(lambda: str(PersonName(encoded, encodings)))  # noqa: B023  # called at once
        assert shown.value is not None
        strict = outcome(lambda: str(PersonName(encoded, encodings, validation_mode=RAISE)))  # noqa: B023  # called at once
        assert strict.value is not None or ValueError in strict.raised
