"""Value representations: string members, and sets that are those of PS3.5 and of pydicom."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from pydcm import valuerep
from pydcm.valuerep import VR
from tests.shared import STANDARD, needs_standard

SETS = (
    "ALLOW_BACKSLASH",
    "AMBIGUOUS_VR",
    "BUFFERABLE_VRS",
    "BYTES_VR",
    "CUSTOMIZABLE_CHARSET_VR",
    "DEFAULT_CHARSET_VR",
    "EXPLICIT_VR_LENGTH_16",
    "EXPLICIT_VR_LENGTH_32",
    "FLOAT_VR",
    "INT_VR",
    "LIST_VR",
    "LONG_VALUE_VR",
    "MAX_VALUE_LEN",
    "PN_DELIMS",
    "STANDARD_VR",
    "STR_VR",
    "TEXT_VR_DELIMS",
    "VALUE_LENGTH",
)


@pytest.mark.parametrize("member", VR)
def test_a_member_is_its_text_in_every_respect(member: VR) -> None:
    text = str.__str__(member)
    assert member == text
    assert text == member
    assert hash(member) == hash(text)
    assert {text: 1}[member] == 1
    assert VR(text) is member
    assert (str(member), f"{member}", f"{member:>9}", "%s" % member) == (  # noqa: UP031  # each way of formatting
        text,
        text,
        f"{text:>9}",
        text,
    )
    assert json.dumps(member) == json.dumps(text)
    assert pickle.loads(pickle.dumps(member)) is member
    assert copy.deepcopy(member) is member


def test_other_text_is_no_member() -> None:
    with pytest.raises(ValueError, match="ZZ"):
        VR("ZZ")


def test_plain_text_is_found_in_the_sets() -> None:
    assert "PN" in valuerep.CUSTOMIZABLE_CHARSET_VR
    assert "US or SS" in valuerep.AMBIGUOUS_VR
    assert "ZZ" not in valuerep.STANDARD_VR


@pytest.mark.parametrize("name", SETS)
def test_the_sets_are_those_of_pydicom(name: str) -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    assert getattr(valuerep, name) == getattr(theirs, name)


def test_the_members_are_those_of_pydicom() -> None:
    theirs = pytest.importorskip("pydicom.valuerep").VR
    assert [(m.name, m.value) for m in VR] == [(m.name, m.value) for m in theirs]


def test_every_public_name_of_pydicom_is_there() -> None:
    theirs = pytest.importorskip("pydicom.valuerep")
    own = {
        name
        for name, value in vars(theirs).items()
        if not name.startswith("_") and getattr(value, "__module__", "pydicom") != "typing"
    }
    # Names that the module imports for its own use.
    imported = {
        *("Any", "Callable", "Decimal", "Enum", "Iterator", "Optional", "annotations"),
        *("cast", "config", "datetime", "floor", "isfinite", "log10", "re", "unique"),
        "warn_and_log",
    }
    assert {name for name in own - imported if not hasattr(valuerep, name)} == set()


@needs_standard
def test_the_vrs_are_those_of_the_standard() -> None:
    rows = [
        line.split("\t")
        for line in (STANDARD / "vrs.tsv").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert {row[0] for row in rows if len(row[0]) == 2 and row[0].isupper()} == {
        str(vr) for vr in valuerep.STANDARD_VR
    }
