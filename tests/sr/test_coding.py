"""Codes are equal by what they mean, not by what they are called."""

from __future__ import annotations

import copy
import pickle

import pytest

from pydcm.dataset import Dataset
from pydcm.sr.coding import Code, identity

LIVER = Code("10200004", "SCT", "Liver")
OLD_LIVER = Code("T-62000", "SRT", "Liver")


def test_fields_and_defaults() -> None:
    assert Code._fields == ("value", "scheme_designator", "meaning", "scheme_version")
    assert LIVER.scheme_version is None
    assert tuple(LIVER) == ("10200004", "SCT", "Liver", None)
    assert Code("1", "99X", "One", "2.0")._replace(meaning="Un").scheme_version == "2.0"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (LIVER, Code("10200004", "SCT", "Foie"), True),
        (LIVER, OLD_LIVER, True),
        (OLD_LIVER, Code("T-62000", "SRT", ""), True),
        (OLD_LIVER, Code("T-62000", "99X", "Liver"), False),
        (LIVER, Code("10200004", "SCT", "Liver", "2020"), False),
        (LIVER, Code("10200004", "99SCT", "Liver"), False),
        (LIVER, Code("64033007", "SCT", "Liver"), False),
        (Code("T-ZZZZZ", "SRT", ""), Code("T-ZZZZZ", "SRT", ""), True),
        (Code("T-ZZZZZ", "SRT", ""), Code("T-ZZZZZ", "SCT", ""), False),
    ],
)
def test_equality_is_that_of_pydicom(one: Code, other: Code, equal: bool) -> None:
    theirs = pytest.importorskip("pydicom.sr.coding").Code
    assert (one == other) is (other == one) is equal
    assert (one != other) is (other != one) is not equal
    assert (theirs(*one) == theirs(*other)) is equal


def test_hashes_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.sr.coding").Code
    for code in (LIVER, OLD_LIVER):
        assert hash(code) == hash(theirs(*code)) == hash(code.scheme_designator + code.value)


@pytest.mark.parametrize("other", [3, None, "10200004", ("10200004", "SCT", "Liver", None)])
def test_what_is_no_code_is_unequal(other: object) -> None:
    assert other != LIVER
    assert not other == LIVER  # noqa: SIM201  # both operators
    assert other not in [LIVER]


def test_anything_with_the_attributes_of_a_code_may_be_equal() -> None:
    class Concept(Dataset):
        value = "10200004"
        scheme_designator = "SCT"
        scheme_version = None

    assert Concept() == LIVER
    Concept.scheme_version = "1"  # type: ignore[assignment]  # it is what is tested
    assert Concept() != LIVER


def test_identity_maps_snomed_rt() -> None:
    assert identity(OLD_LIVER) == identity(LIVER) == ("SCT", "10200004", None)


def test_the_mapping_is_one_to_one() -> None:
    from pydcm.sr.coding import snomed_mapping

    forth, back = snomed_mapping["SRT"], snomed_mapping["SCT"]
    assert len(forth) == len(back) == 7990
    assert all(back[concept] == identifier for identifier, concept in forth.items())


def test_the_mapping_is_that_of_pydicom() -> None:
    from pydcm.sr.coding import snomed_mapping

    theirs = pytest.importorskip("pydicom.sr.coding")
    assert snomed_mapping == theirs.snomed_mapping


def test_codes_are_copied_and_pickled() -> None:
    assert tuple(pickle.loads(pickle.dumps(LIVER))) == tuple(LIVER)
    assert type(copy.deepcopy(LIVER)) is Code


def test_unknown_names_of_the_module() -> None:
    from pydcm.sr import coding

    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = coding.nonsense
