"""The data dictionary: lookups, additions, and every difference from pydicom's, with its reason."""

from __future__ import annotations

import csv
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from pydcm import datadict
from pydcm.datadict import (
    DicomDictionary,
    add_dict_entries,
    add_dict_entry,
    add_private_dict_entries,
    add_private_dict_entry,
    dictionary_description,
    dictionary_has_tag,
    dictionary_is_retired,
    dictionary_keyword,
    dictionary_VM,
    dictionary_VR,
    get_entry,
    get_private_entry,
    keyword_dict,
    keyword_for_tag,
    mask_match,
    private_dictionaries,
    private_dictionary_description,
    private_dictionary_VM,
    private_dictionary_VR,
    repeater_has_keyword,
    repeater_has_tag,
    tag_for_keyword,
)
from pydcm.tag import Tag
from tests.shared import STANDARD, needs_standard

CSA = "SIEMENS CSA HEADER"


@pytest.fixture
def restored() -> Iterator[None]:
    """Take back what a test adds to the dictionaries."""
    entries = dict(DicomDictionary)
    keywords = dict(keyword_dict)
    creators = {creator: dict(private_dictionaries[creator]) for creator in (CSA,)}
    known = set(private_dictionaries)
    yield
    for tag in set(DicomDictionary) - set(entries):
        del DicomDictionary[tag]
    DicomDictionary.update(entries)
    keyword_dict.clear()
    keyword_dict.update(keywords)
    for creator in set(private_dictionaries) - known:
        del private_dictionaries[creator]
    private_dictionaries.update(creators)


# --- elements of the standard ---------------------------------------------------


def test_everything_about_one_element() -> None:
    assert get_entry(0x00080008) == ("CS", "2-n", "Image Type", "", "ImageType")
    assert dictionary_VR(0x00080008) == "CS"
    assert dictionary_VM(0x00080008) == "2-n"
    assert dictionary_description(0x00080008) == "Image Type"
    assert dictionary_keyword(0x00080008) == keyword_for_tag(0x00080008) == "ImageType"
    assert dictionary_is_retired(0x00080008) is False
    assert dictionary_is_retired(0x00080001) is True
    assert tag_for_keyword("ImageType") == 0x00080008


@pytest.mark.parametrize("form", ["PixelData", "7FE0,0010", (0x7FE0, 0x0010), Tag(0x7FE00010)])
def test_elements_in_every_form(form: str) -> None:
    assert dictionary_VR(form) == "OB or OW"
    assert dictionary_has_tag(form)


@pytest.mark.parametrize(
    ("tag", "pattern", "keyword"),
    [
        (0x60003000, "60xx3000", "OverlayData"),
        (0x60FE3000, "60xx3000", "OverlayData"),
        (0x50120005, "50xx0005", "CurveDimensions"),
        (0x002031AB, "002031xx", "SourceImageIDs"),
        (0x002804F0, "002804x0", "RowsForNthOrderCoefficients"),
        (0x1000FFF5, "1000xxx5", "ShiftTableTriplet"),
        (0x10101234, "1010xxxx", "ZonalMap"),
        (0x7F200010, "7Fxx0010", "VariablePixelData"),
    ],
)
def test_repeating_digits(tag: int, pattern: str, keyword: str) -> None:
    assert mask_match(tag) == pattern
    assert repeater_has_tag(tag)
    assert keyword_for_tag(tag) == keyword
    assert dictionary_VR(tag) == datadict.RepeatersDictionary[pattern][0]
    assert repeater_has_keyword(keyword)
    assert not dictionary_has_tag(tag)
    assert tag_for_keyword(keyword) is None
    fixed, mask = datadict.masks[pattern]
    assert tag & mask == fixed


def test_pixel_data_is_no_variable_pixel_data() -> None:
    assert keyword_for_tag(0x7FE00010) == "PixelData"


def test_repeater_keywords_are_those_of_the_entries() -> None:
    assert len(datadict.REPEATER_KEYWORDS) == len(datadict.RepeatersDictionary) == 88
    assert "OverlayData" in datadict.REPEATER_KEYWORDS
    assert not repeater_has_keyword("PatientName")


@pytest.mark.parametrize(
    "tag",
    [
        0x12345678,
        0x00090010,  # a private creator: a rule, no entry
        0x00100000,  # a group length: likewise
        0x60013000,  # odd: private, though digits repeat
        0x50FF3000,
    ],
)
def test_unknown_elements(tag: int) -> None:
    lookups: list[Callable[[int], object]] = [
        get_entry,
        dictionary_VR,
        dictionary_VM,
        dictionary_description,
        dictionary_keyword,
        dictionary_is_retired,
    ]
    for lookup in lookups:
        with pytest.raises(KeyError, match=rf"\({tag >> 16:04X},{tag & 0xFFFF:04X}\)"):
            lookup(tag)
    assert keyword_for_tag(tag) == ""
    assert not dictionary_has_tag(tag)


def test_words_that_are_no_keywords() -> None:
    assert tag_for_keyword("patientname") is None
    assert tag_for_keyword("") is None
    assert not dictionary_has_tag("NoSuchKeyword")
    with pytest.raises(ValueError, match="NoSuchKeyword"):
        dictionary_VR("NoSuchKeyword")


def test_keywords_and_tags_are_one_to_one() -> None:
    named = {entry[4]: tag for tag, entry in DicomDictionary.items() if entry[4]}
    assert named == keyword_dict


def test_the_dictionary_is_in_the_order_of_tags() -> None:
    assert list(DicomDictionary) == sorted(DicomDictionary)
    assert len(DicomDictionary) == len(list(DicomDictionary))


def test_unknown_names_of_the_module() -> None:
    with pytest.raises(AttributeError, match="NoSuchTable"):
        datadict.NoSuchTable  # type: ignore[attr-defined]  # noqa: B018  # the access raises
    assert {"masks", "RepeatersDictionary"} <= set(dir(datadict))


# --- private elements -------------------------------------------------------------


def test_private_elements_in_any_block() -> None:
    for tag in (0x00291010, 0x00291110, 0x0029FF10):
        assert get_private_entry(tag, CSA) == ("OB", "1", "CSA Image Header Info", "")
    assert private_dictionary_VR((0x0029, 0x1010), CSA) == "OB"
    assert private_dictionary_VM("0029,1010", CSA) == "1"
    assert private_dictionary_description(0x00291010, CSA) == "CSA Image Header Info"


def test_private_groups_that_repeat() -> None:
    assert private_dictionary_VR(0x60051001, "DLX_LKUP_01") == private_dictionary_VR(
        0x60071101, "DLX_LKUP_01"
    )


def test_private_elements_without_a_name() -> None:
    assert private_dictionary_description(0x00291000, "1.2.840.113663.1") == "Unknown"


@pytest.mark.parametrize(
    ("tag", "creator"),
    [
        (0x00291010, "siemens csa header"),
        (0x00291010, "nobody"),
        (0x00291001, CSA),
        (0x00311010, CSA),
    ],
)
def test_unknown_private_elements(tag: int, creator: str) -> None:
    with pytest.raises(KeyError, match=creator):
        get_private_entry(tag, creator)


# --- additions ------------------------------------------------------------------


@pytest.mark.usefixtures("restored")
def test_an_added_element_is_seen_by_every_lookup() -> None:
    add_dict_entry(0x10021001, "UL", "TestOne", "Test One", "2", "Retired")
    assert get_entry("TestOne") == ("UL", "2", "Test One", "Retired", "TestOne")
    assert dictionary_VR(0x10021001) == "UL"
    assert dictionary_has_tag("TestOne")
    assert keyword_for_tag(0x10021001) == "TestOne"
    assert tag_for_keyword("TestOne") == 0x10021001
    assert Tag("TestOne") == 0x10021001
    assert DicomDictionary[0x10021001][0] == "UL"


@pytest.mark.usefixtures("restored")
def test_an_element_of_the_standard_can_be_replaced() -> None:
    add_dict_entries({0x00100020: ("SH", "1", "Own Number", "", "OwnNumber")})
    assert dictionary_VR(0x00100020) == "SH"
    assert keyword_for_tag(0x00100020) == "OwnNumber"
    add_dict_entry(0x60003000, "OB", "FirstOverlayData", "First Overlay Data")
    assert dictionary_VR(0x60003000) == "OB"
    assert dictionary_VR(0x60023000) == "OB or OW"


@pytest.mark.usefixtures("restored")
def test_additions_by_the_mappings_themselves() -> None:
    DicomDictionary.update({0x10021003: ("FD", "1", "Test Three", "", "TestThree")})
    keyword_dict.update({"TestThree": 0x10021003})
    assert dictionary_VR("TestThree") == "FD"
    private_dictionaries["ACME 4"] = {"1003xx07": ("FD", "1", "Seven", "")}
    assert private_dictionary_VR(0x10031007, "ACME 4") == "FD"
    private_dictionaries["ACME 4"]["1003xx08"] = ("FL", "1", "Eight", "")
    assert private_dictionary_VR(0x10031108, "ACME 4") == "FL"


@pytest.mark.usefixtures("restored")
def test_private_elements_are_added_elsewhere() -> None:
    with pytest.raises(ValueError, match="add_private_dict_entries"):
        add_dict_entries(
            {
                0x10021001: ("UL", "1", "Test One", "", "TestOne"),
                0x10031001: ("UL", "1", "Test Two", "", "TestTwo"),
            }
        )
    assert not dictionary_has_tag(0x10021001)
    with pytest.raises(ValueError, match="add_dict_entries"):
        add_private_dict_entries(
            "ACME 9.9",
            {0x10031001: ("UL", "1", "Test One", ""), 0x10021001: ("UL", "1", "Test Two", "")},
        )
    assert "ACME 9.9" not in private_dictionaries


@pytest.mark.usefixtures("restored")
def test_added_private_elements_hold_for_every_block() -> None:
    add_private_dict_entry("ACME 3.2", 0x10031001, "UL", "Test One", VM="3")
    assert get_private_entry(0x1003AB01, "ACME 3.2") == ("UL", "3", "Test One", "")
    add_private_dict_entry(CSA, 0x00291010, "UN", "Own Header")
    assert private_dictionary_VR(0x00291110, CSA) == "UN"
    assert private_dictionary_VR(0x00291120, CSA) == "OB"


@pytest.mark.usefixtures("restored")
def test_threads_add_and_look_up_at_once() -> None:
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for index in range(50):
                tag = 0x10020000 + number * 0x100 + index
                add_dict_entry(tag, "UL", f"Test{tag:08X}", "Test")
                assert dictionary_VR(tag) == "UL"
                assert tag_for_keyword(f"Test{tag:08X}") == tag
                add_private_dict_entry("ACME 3.2", 0x10030000 + number * 2, "UL", "Test")
                assert private_dictionary_VR(0x10031000 + number * 2, "ACME 3.2") == "UL"
        except BaseException as fault:  # told in the thread of the test
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(tag >> 16 == 0x1002 for tag in DicomDictionary) == 400


def test_a_keyword_may_be_added_before_anything_is_looked_up() -> None:
    script = """
from pydcm.datadict import DicomDictionary, dictionary_VR, keyword_dict
keyword_dict["TestThree"] = 0x10021003
DicomDictionary[0x10021003] = ("FD", "1", "Test Three", "", "TestThree")
assert dictionary_VR("TestThree") == "FD"
assert len(DicomDictionary) == len(list(DicomDictionary)) == 5267
"""
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_names_and_private_elements_are_loaded_when_needed() -> None:
    script = """
import sys
from pydcm.datadict import dictionary_VM, dictionary_VR, private_dictionary_VR, tag_for_keyword

def loaded():
    return {name.rpartition(".")[2] for name in sys.modules if name.startswith("pydcm._std.")}

dictionary_VR(0x00100010), tag_for_keyword("PatientName")
assert loaded() == {"elements"}, loaded()
dictionary_VM(0x00100010)
assert loaded() == {"elements", "element_details"}, loaded()
private_dictionary_VR(0x00291010, "SIEMENS CSA HEADER")
assert loaded() == {"elements", "element_details", "private"}, loaded()
"""
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


# --- the same as pydicom ----------------------------------------------------------

NEWER = "newer edition"
OLDER_NAMES: dict[int, tuple[dict[int, str], str]] = {
    # tag: ({place in the entry: pydicom's value}, why ours differs)
    0x00080202: ({2: "Retired-blank"}, "the standard gives no name"),
    0x00102160: ({3: ""}, NEWER),
    0x00181153: ({2: "Exposure in uAs"}, "PS3.6 writes the micro sign"),
    0x00188150: ({2: "Exposure Time in uS"}, "PS3.6 writes the micro sign"),
    0x00188151: ({2: "X-Ray Tube Current in uA"}, "PS3.6 writes the micro sign"),
    0x00189445: ({2: "Retired-blank"}, "the standard gives no name"),
    0x00280020: ({2: "Retired-blank"}, "the standard gives no name"),
    0x003A0320: ({4: "SummarizedFilterLookupTable"}, NEWER),
    0x003A0325: ({4: "AnalogFilterType"}, NEWER),
    0x30040012: ({3: "Retired"}, NEWER),
}


def test_elements_are_those_of_pydicom_but_for_the_edition() -> None:
    theirs: dict[int, tuple[str, ...]] = pytest.importorskip("pydicom.datadict").DicomDictionary
    found = {
        tag: {place: value for place, value in enumerate(entry) if value != get_entry(tag)[place]}
        for tag, entry in theirs.items()
        if tuple(entry) != get_entry(tag)
    }
    assert found == {tag: values for tag, (values, _why) in OLDER_NAMES.items()}
    assert len(set(DicomDictionary) - set(theirs)) == 175


def test_repeaters_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.datadict")
    assert datadict.RepeatersDictionary == theirs.RepeatersDictionary
    assert list(datadict.masks.items()) == list(theirs.masks.items())
    assert datadict.REPEATER_KEYWORDS == theirs.REPEATER_KEYWORDS
    for tag in range(0x50000000, 0x80000000, 0x00FF_0107):
        assert mask_match(tag) == theirs.mask_match(tag)


def _rows(name: str) -> list[dict[str, str]]:
    with (STANDARD / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


@needs_standard
def test_private_vrs_differ_from_pydicom_only_where_the_sources_disagree() -> None:
    theirs: dict[str, dict[str, tuple[str, ...]]] = pytest.importorskip(
        "pydicom.datadict"
    ).private_dictionaries
    # What the table of conflicts says pydicom's table has.
    known = {}
    for row in _rows("private_conflicts.tsv"):
        sources = dict(part.split("=") for part in row["source_vrs"].split(";"))
        pattern = row["tag"].replace(",", "").upper().replace("X", "x")
        known[row["creator"], pattern] = sources.get("p")
    shared = unexplained = differing = 0
    for creator, elements in theirs.items():
        for pattern, entry in elements.items():
            mine = private_dictionaries.get(creator, {}).get(pattern)
            if mine is None:
                continue
            shared += 1
            theirs_vr = entry[0].replace("_", " or ")  # one of theirs is "OB_OW"
            if mine[0] != theirs_vr:
                differing += 1
                # UN says that pydicom does not know the VR.
                unexplained += theirs_vr not in ("UN", known.get((creator, pattern)))
    assert (shared, unexplained) == (8864, 0)
    assert differing == 386


def test_private_patterns_that_pydicom_alone_has() -> None:
    theirs = pytest.importorskip("pydicom.datadict").private_dictionaries
    lacking = [
        (creator, pattern)
        for creator, elements in theirs.items()
        for pattern in elements
        # Eight fixed digits, and blocks in which the last two vary, are never the tag of an
        # element that belongs to a creator; here such elements stand under their block.
        if "xx" in pattern[:6] and pattern not in private_dictionaries.get(creator, {})
    ]
    # Private elements have odd groups (PS3.5 7.8).
    assert lacking == [("FDMS 1.0", "0032xx32"), ("FDMS 1.0", "0032xx33")]


CALLS: list[tuple[str, tuple[Any, ...]]] = [
    ("get_entry", (0x60023000,)),
    ("get_entry", (0x60010010,)),
    ("get_entry", ("xyz",)),
    ("dictionary_VR", (0x00280106,)),
    ("dictionary_VR", (0xFFFEE000,)),
    ("dictionary_VR", (0x00110010,)),
    ("dictionary_VR", (None,)),
    ("dictionary_VR", ([0x10, 0x10],)),
    ("dictionary_has_tag", (None,)),
    ("dictionary_has_tag", ("PatientName",)),
    ("dictionary_keyword", (0x00180061,)),
    ("keyword_for_tag", ("nope",)),
    ("tag_for_keyword", (None,)),
    ("tag_for_keyword", ([],)),
    ("repeater_has_tag", ("x",)),
    ("get_private_entry", (0x00291010, None)),
    ("get_private_entry", ("zz", CSA)),
    ("private_dictionary_VR", (0x00290110, CSA)),
    ("private_dictionary_VR", (0x00281010, CSA)),
    ("add_dict_entry", (0x10031001, "UL", "TestOne", "Test One")),
    ("add_dict_entries", ({0x10021004: ("UL", "1", "too short")},)),
    ("add_private_dict_entry", ("ACME 3.2", 0x10021001, "UL", "Test One")),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
@pytest.mark.usefixtures("restored")
def test_results_and_exceptions_are_those_of_pydicom(
    name: str, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = pytest.importorskip("pydicom.datadict")
    for dictionary in ("DicomDictionary", "keyword_dict", "private_dictionaries"):
        # pydicom keeps what it was given before it noticed a fault in it.
        monkeypatch.setattr(theirs, dictionary, dict(getattr(theirs, dictionary)))

    def outcome(module: object) -> object:
        try:
            return cast("Callable[..., object]", getattr(module, name))(*arguments)
        except Exception as error:  # its kind is what is compared
            return type(error)

    entries = dict(theirs.DicomDictionary)
    try:
        assert outcome(datadict) == outcome(theirs)
    finally:  # pydicom keeps what it was given, even where it then refuses it
        theirs.DicomDictionary.clear()
        theirs.DicomDictionary.update(entries)
