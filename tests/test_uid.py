"""Unique identifiers: the class, the registry, new UIDs, and every difference from pydicom's."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import config, uid
from pydcm._std.transfer_syntaxes import TRANSFER_SYNTAXES
from pydcm.uid import (
    PYDCM_IMPLEMENTATION_UID,
    PYDCM_ROOT_UID,
    UID,
    AllTransferSyntaxes,
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    PrivateTransferSyntaxes,
    UID_dictionary,
    generate_uid,
    register_transfer_syntax,
)


@pytest.fixture
def unregistered() -> Iterator[None]:
    before = list(PrivateTransferSyntaxes)
    yield
    PrivateTransferSyntaxes[:] = before


# --- the class ------------------------------------------------------------------


def test_a_uid_is_text() -> None:
    made = UID("1.2.840.10008.1.2")
    assert made == "1.2.840.10008.1.2"
    assert hash(made) == hash("1.2.840.10008.1.2")
    by_text: dict[str, int] = {made: 1}
    assert by_text["1.2.840.10008.1.2"] == 1
    assert (str(made), repr(made)) == ("1.2.840.10008.1.2", "'1.2.840.10008.1.2'")
    assert type(str(made)) is str
    assert UID(made) is made


@pytest.mark.parametrize("text", ["", "0", "1.2.3", "1.0.2", "2.25.0", "1" * 64])
def test_valid_uids_pass_every_mode(text: str) -> None:
    for mode in (config.IGNORE, config.WARN, config.RAISE, None):
        assert UID(text, mode) == text


INVALID = ["x", "1.", ".1", "1..2", "1.02", "00", "1.2.3\0", "1,2", "-1", "\u0661.\u0662", "1" * 65]


@pytest.mark.parametrize("text", INVALID)
def test_invalid_uids(text: str) -> None:
    assert UID(text, config.IGNORE) == text
    with pytest.warns(UserWarning, match="UI"):
        made = UID(text)
    assert made == text
    assert not made.is_valid
    with pytest.raises(ValueError, match="UI"):
        UID(text, validation_mode=config.RAISE)
    with config.validation(reading=config.RAISE), pytest.raises(ValueError, match="UI"):
        UID(text)


def test_white_space_around_is_reported_and_dropped() -> None:
    with pytest.warns(UserWarning, match="UI"):
        assert UID(" 1.2.3 ") == "1.2.3"


@pytest.mark.parametrize("value", [None, 5, b"1.2", ["1.2"]])
def test_what_is_no_text_makes_no_uid(value: Any) -> None:
    with pytest.raises(TypeError, match="str"):
        UID(value)


def test_texts_of_other_classes() -> None:
    class Text(str):
        __slots__ = ()

    assert type(UID(Text("1.2.3"))) is UID


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("1.2.840.10008.1.2", False),
        ("1.2.840.10008", True),
        ("1.2.840.100081.1", True),
        ("1.2.3", True),
        ("", True),
    ],
)
def test_private_uids_are_not_under_the_root_of_dicom(text: str, private: bool) -> None:
    assert UID(text).is_private is private


def test_an_empty_uid_is_allowed_but_not_valid() -> None:
    assert not UID("", config.RAISE).is_valid
    assert UID("1.2.3").is_valid


def test_what_the_registry_knows() -> None:
    assert CTImageStorage.name == "CT Image Storage"
    assert CTImageStorage.keyword == "CTImageStorage"
    assert CTImageStorage.type == "SOP Class"
    assert CTImageStorage.info == ""
    assert CTImageStorage.is_retired is False
    assert ExplicitVRBigEndian.is_retired is True
    assert UID("1.2.840.10008.6.1.2").name == "Anatomic Region"
    assert UID("1.2.840.10008.6.1.2").type == "Context Group"


def test_what_the_registry_does_not_know() -> None:
    made = UID("1.2.3")
    assert (made.name, made.type, made.info, made.keyword) == ("1.2.3", "", "", "")
    assert (made.is_retired, made.is_transfer_syntax) == (False, False)


ENCODING = ["is_implicit_VR", "is_little_endian", "is_deflated", "is_encapsulated", "is_compressed"]


@pytest.mark.parametrize("name", ENCODING)
@pytest.mark.parametrize("text", ["1.2.3", "1.2.840.10008.1.1", "1.2.840.10008.99", ""])
def test_only_transfer_syntaxes_have_an_encoding(text: str, name: str) -> None:
    with pytest.raises(ValueError, match="transfer syntax"):
        getattr(UID(text), name)


def _encoding(made: UID) -> tuple[bool, ...]:
    return tuple(getattr(made, name) for name in ENCODING)


def test_encodings() -> None:
    assert _encoding(ImplicitVRLittleEndian) == (True, True, False, False, False)
    assert _encoding(ExplicitVRLittleEndian) == (False, True, False, False, False)
    assert _encoding(ExplicitVRBigEndian) == (False, False, False, False, False)
    assert _encoding(uid.DeflatedExplicitVRLittleEndian) == (False, True, True, False, False)
    assert _encoding(JPEGBaseline8Bit) == (False, True, False, True, True)


def test_every_transfer_syntax_has_its_constant() -> None:
    for text, row in TRANSFER_SYNTAXES.items():
        assert getattr(uid, row.keyword) == text
        assert UID(text).is_transfer_syntax


# --- private transfer syntaxes -------------------------------------------------------


@pytest.mark.usefixtures("unregistered")
def test_a_registered_transfer_syntax_is_known_by_its_text() -> None:
    known = register_transfer_syntax("1.2.3.4", implicit_vr=True, little_endian=False)
    assert known is PrivateTransferSyntaxes[-1]
    assert UID("1.2.3.4").is_transfer_syntax
    assert _encoding(UID("1.2.3.4")) == (True, False, False, True, True)
    register_transfer_syntax("1.2.3.4", False, True)
    assert _encoding(UID("1.2.3.4")) == (False, True, False, True, True)
    assert PrivateTransferSyntaxes.count(known) == 1
    assert known not in AllTransferSyntaxes


@pytest.mark.usefixtures("unregistered")
def test_an_encoding_set_on_one_object() -> None:
    made = UID("1.2.3.5")
    made.set_private_encoding(False, False)
    assert _encoding(made) == (False, False, False, True, True)
    assert not UID("1.2.3.5").is_transfer_syntax
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert _encoding(again) == _encoding(made)
    register_transfer_syntax(made)
    assert _encoding(UID("1.2.3.5")) == _encoding(made)


def test_an_encoding_does_not_change_uids_of_the_standard() -> None:
    made = UID(str(ImplicitVRLittleEndian))
    made.set_private_encoding(False, False)
    assert made.is_implicit_VR
    sop_class = UID(str(CTImageStorage))
    sop_class.set_private_encoding(False, False)
    assert not sop_class.is_transfer_syntax


@pytest.mark.usefixtures("unregistered")
def test_what_cannot_be_registered() -> None:
    for given_vr, given_order in ((None, None), (True, None), (None, True)):
        with pytest.raises(ValueError, match="implicit_vr and little_endian"):
            register_transfer_syntax("1.2.3.6", given_vr, given_order)
    with pytest.raises(ValueError, match="not a transfer syntax"):
        register_transfer_syntax(CTImageStorage, True, True)
    assert register_transfer_syntax("1.2.840.10008.1.2", False, False).is_implicit_VR
    assert PrivateTransferSyntaxes == []


@pytest.mark.usefixtures("unregistered")
def test_threads_register_at_once() -> None:
    def work() -> None:
        for number in range(50):
            register_transfer_syntax(f"1.2.3.7.{number}", True, True)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(PrivateTransferSyntaxes) == len(set(PrivateTransferSyntaxes)) == 50


@pytest.mark.parametrize("text", ["1.2.3", "1.02"])
def test_copies_and_pickles_repeat_no_warning(text: str) -> None:
    made = UID(text, config.IGNORE)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(made, protocol))
        assert (type(again), again) == (UID, text)
    assert type(copy.deepcopy(made)) is UID


# --- new UIDs --------------------------------------------------------------------


def test_new_uids_are_valid_and_differ() -> None:
    for prefix in (PYDCM_ROOT_UID, "1.2.3.", "0.", None, "1" * 53 + "."):
        made = [generate_uid(prefix) for _ in range(50)]
        assert len(set(made)) == 50
        assert all(type(one) is UID and one.is_valid for one in made)
        assert all(one.startswith("2.25." if prefix is None else prefix) for one in made)


def test_the_root_is_our_own() -> None:
    assert PYDCM_ROOT_UID == uid.PYDICOM_ROOT_UID == "1.2.826.0.1.3680043.9.7155."
    assert generate_uid().startswith(PYDCM_ROOT_UID)
    assert PYDCM_IMPLEMENTATION_UID.startswith(PYDCM_ROOT_UID)
    assert PYDCM_IMPLEMENTATION_UID.is_valid
    assert uid.PYDICOM_IMPLEMENTATION_UID == PYDCM_IMPLEMENTATION_UID


@pytest.mark.parametrize("prefix", [PYDCM_ROOT_UID, "1.2.3.", None])
def test_the_same_entropy_gives_the_same_uid(prefix: str | None) -> None:
    made = generate_uid(prefix, ["patient", "study"])
    assert made == generate_uid(prefix, ("patient", "study"))
    assert made != generate_uid(prefix, ["study", "patient"])
    assert made.is_valid


def test_uids_from_uuids_have_their_version_and_variant() -> None:
    for sources, version in ((None, 4), (["a"], 8)):
        number = int(generate_uid(None, sources).removeprefix("2.25."))
        assert number < 1 << 128
        assert number >> 76 & 0xF == version
        assert number >> 62 & 0x3 == 2


@pytest.mark.parametrize(
    "prefix", ["", "1.2.3", "1.02.", "1..2.", ".1.", "a.", "1.2. ", "1.2.\n", "1" * 54 + "."]
)
def test_malformed_prefixes(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        generate_uid(prefix)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=4), st.lists(st.text()))
def test_every_prefix_gives_valid_uids(numbers: list[int], sources: list[str]) -> None:
    prefix = ".".join(map(str, numbers)) + "."
    if len(prefix) > 54:
        prefix = prefix[:10].rstrip(".") + "."
    for made in (generate_uid(prefix), generate_uid(prefix, sources)):
        assert made.startswith(prefix)
        assert made.is_valid


# --- the module --------------------------------------------------------------------


def test_one_constant_for_each_keyword() -> None:
    keywords = {entry[4]: text for text, entry in UID_dictionary.items() if entry[4]}
    assert len(keywords) == 515
    assert set(keywords) <= set(dir(uid))
    for keyword, text in keywords.items():
        value = getattr(uid, keyword)
        assert (type(value), value) == (UID, text)
        assert getattr(uid, keyword) is value


def test_unknown_names_of_the_module() -> None:
    with pytest.raises(AttributeError, match="NoSuchStorage"):
        uid.NoSuchStorage  # type: ignore[attr-defined]  # noqa: B018  # the access raises


def test_star_imports_take_the_constants() -> None:
    names: dict[str, object] = {}
    exec("from pydcm.uid import *", names)
    assert names["CTImageStorage"] == CTImageStorage
    assert names["generate_uid"] is generate_uid
    assert "annotations" not in names


def test_patterns() -> None:
    assert uid.RE_VALID_UID.match("1.2.0.3")
    assert not re.match(uid.RE_VALID_UID, "1.02")
    assert uid.RE_VALID_UID_PREFIX.match("1.2.0.")
    assert not re.match(uid.RE_VALID_UID_PREFIX, "1.2")


def test_the_registry_is_loaded_when_needed() -> None:
    script = """
import sys
from pydcm.uid import UID, ExplicitVRLittleEndian, generate_uid
assert ExplicitVRLittleEndian.is_little_endian and UID("1.2.3").is_valid
generate_uid()
assert "pydcm._std.uids" not in sys.modules
assert "hashlib" not in sys.modules and "uuid" not in sys.modules
from pydcm.uid import CTImageStorage
assert "pydcm._std.uids" in sys.modules
"""
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


# --- the same as pydicom -------------------------------------------------------------


PROPERTIES = [
    "name",
    "type",
    "info",
    "is_retired",
    "keyword",
    "is_private",
    "is_valid",
    "is_transfer_syntax",
    *ENCODING,
]


def _properties(made: Any) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in PROPERTIES:
        try:
            values[name] = getattr(made, name)
        except ValueError:
            values[name] = ValueError
    return values


# What PS3.6 does not call info is not in our table.
INFO = "info"
# PS3.5: pixel data of these is elsewhere, or they encode no data set at all; pydicom takes every
# syntax that it does not know for an encapsulating, explicit one.
NOT_ENCAPSULATED = {
    "1.2.840.10008.1.2.4.94": "JPIP Referenced: pixels are behind a URL (PS3.5 A.6)",
    "1.2.840.10008.1.2.4.95": "JPIP Referenced Deflate (PS3.5 A.7)",
    "1.2.840.10008.1.2.4.204": "JPIP HTJ2K Referenced",
    "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
    "1.2.840.10008.1.2.6.1": "RFC 2557 MIME encapsulation",
    "1.2.840.10008.1.2.6.2": "XML Encoding",
    "1.2.840.10008.1.2.7.1": "SMPTE ST 2110-20: a stream",
    "1.2.840.10008.1.2.7.2": "SMPTE ST 2110-20: a stream",
    "1.2.840.10008.1.2.7.3": "SMPTE ST 2110-30: a stream",
    "1.2.840.10008.1.20": "Papyrus 3: native pixels",
}
DEFLATED = {"1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"}  # PS3.5 A.7 deflates the data set
IMPLICIT = {"1.2.840.10008.1.20"}  # Papyrus 3 Implicit VR
AMPERSAND = {f"1.2.840.10008.1.2.4.{number}" for number in (*range(51, 57), *range(59, 65))}
RENAMED = {"1.2.840.10008.5.1.4.1.1.79.1"}  # newer edition: without "Storage"


def test_properties_of_all_uids_that_pydicom_knows() -> None:
    theirs = pytest.importorskip("pydicom.uid")
    for text in theirs.UID_dictionary:
        ours, other = _properties(UID(text)), _properties(theirs.UID(text))
        differing = {name for name in PROPERTIES if ours[name] != other[name]}
        expected = {INFO} if other[INFO] else set()
        if text in NOT_ENCAPSULATED:
            expected |= {"is_encapsulated", "is_compressed"}
        if text in DEFLATED:
            expected |= {"is_deflated"}
        if text in IMPLICIT:
            expected |= {"is_implicit_VR"}
        if text in AMPERSAND:
            expected |= {"name"}
            assert ours["name"] == str(other["name"]).replace(" and ", " & ")
        if text in RENAMED:
            expected |= {"name"}
        assert differing == expected, text


def test_constants_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.uid")
    own = {"PYDICOM_IMPLEMENTATION_UID"}
    constants = {name for name in dir(theirs) if isinstance(getattr(theirs, name), theirs.UID)}
    assert len(constants) > 200
    for name in constants - own:
        assert getattr(uid, name) == getattr(theirs, name)


def test_public_names_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.uid")
    imported = {
        "STR_VR_REGEXES",
        "config",
        "disable_value_validation",
        "hashlib",
        "secrets",
        "uuid",
    }
    imported |= {"re", "validate_value"}
    names = {name for name in dir(theirs) if not name.startswith("_")} - imported
    assert names - set(dir(uid)) == set()


def test_lists_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.uid")
    for name in ("JPEG", "JPEGLS", "JPEG2000", "MPEG", "RLE", "Uncompressed"):
        mine = getattr(uid, f"{name}TransferSyntaxes")
        assert mine == getattr(theirs, f"{name}TransferSyntaxes")
        assert all(type(one) is UID for one in mine)
    more = [one for one in AllTransferSyntaxes if one not in theirs.AllTransferSyntaxes]
    assert [one for one in AllTransferSyntaxes if one not in more] == theirs.AllTransferSyntaxes
    assert [one.keyword for one in more] == [
        "EncapsulatedUncompressedExplicitVRLittleEndian",
        "JPIPReferenced",
        "JPIPReferencedDeflate",
        "JPEGXLLossless",
        "JPEGXLJPEGRecompression",
        "JPEGXL",
        "DeflatedImageFrameCompression",
    ]


def test_uids_of_entropy_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.uid")
    for prefix in ("1.2.", "1.2.826.0.1.3680043.8.498."):
        for sources in (["a", "b"], [], ["µ"]):
            assert generate_uid(prefix, sources) == theirs.generate_uid(prefix, sources)


def test_the_registry_has_what_pydicom_has_and_more() -> None:
    theirs = pytest.importorskip("pydicom.uid")
    assert set(theirs.UID_dictionary) <= set(UID_dictionary)
    more = Counter(
        entry[1] for text, entry in UID_dictionary.items() if text not in theirs.UID_dictionary
    )
    assert more == {
        "Context Group": 1469,
        "Template (Section)": 11,
        "SOP Class": 7,
        "Template (Entry)": 6,
        "Template (Element Set)": 5,
        "Transfer Syntax": 4,
        "Template (Document)": 2,
    }
