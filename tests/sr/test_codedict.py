"""Codes by name: all that pydicom has, and what is newer."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

import pytest

from pydcm.sr import Code, Collection, Concepts, _tables, codes
from pydcm.sr import codedict as ours
from tests.shared import ROOT, STANDARD, needs_standard
from tools.gen_std import read


@pytest.fixture(scope="module")
def theirs() -> Any:
    return pytest.importorskip("pydicom.sr.codedict")


def _theirs_by_keyword(theirs: Any) -> dict[tuple[str, str], tuple[str, str]]:
    """Return value and meaning of each code of pydicom by scheme and keyword."""
    return {
        (scheme, keyword): (value, meaning)
        for scheme, keywords in theirs.CONCEPTS.items()
        for keyword, values in keywords.items()
        for value, (meaning, _cids) in values.items()
    }


# ---- the same codes as pydicom -----------------------------------------------------------

# pydicom's table has "Margin" as a code value of DCM, which it is not, and a space in the other.
DIFFERENT = {("DCM", "Margin"): None, ("MDC", "QtcIntervalPerLead"): "2:33792"}


def test_every_keyword_of_pydicom_leads_to_the_same_code(theirs: Any) -> None:
    expected = _theirs_by_keyword(theirs)
    different = {}
    for (scheme, keyword), (value, _) in expected.items():
        found = getattr(getattr(codes, scheme), keyword, None)
        if found is None or (found.value, found.scheme_designator) != (value, scheme):
            different[scheme, keyword] = found and found.value
    assert len(expected) == 18735
    assert different == DIFFERENT


@needs_standard
def test_meanings_differ_from_those_of_pydicom_for_known_reasons_only(theirs: Any) -> None:
    folder = STANDARD / "codes"
    newer = {(row["scheme"], row["value"]) for row in read(folder / "meaning_conflicts.tsv")}
    longer = {(row["scheme"], row["keyword"]) for row in read(folder / "keywords_alt.tsv")}
    reasons: Counter[str] = Counter()
    for (scheme, keyword), (value, meaning) in _theirs_by_keyword(theirs).items():
        found = getattr(getattr(codes, scheme), keyword, None)
        if found is None or found.value != value:
            continue
        if found.meaning == meaning:
            reasons["the same"] += 1
        elif (scheme, value) in newer:
            reasons["another text in the newer edition"] += 1
        elif (scheme, keyword) in longer:
            reasons["a further name; the meaning is the standard's"] += 1
        elif _bare(found.meaning) == _bare(meaning):
            reasons["capitals and invisible spaces"] += 1
        else:
            reasons[f"unexplained: {scheme} {keyword} {meaning!r} {found.meaning!r}"] += 1
    assert reasons == {
        "the same": 15398,
        "another text in the newer edition": 1174,
        "a further name; the meaning is the standard's": 2040,
        "capitals and invisible spaces": 121,
    }


def _bare(meaning: str) -> str:
    return meaning.replace("\u200b", "").lower()


def test_the_members_of_context_groups(theirs: Any) -> None:
    counts: Counter[str] = Counter()
    for cid, schemes in theirs.CID_CONCEPTS.items():
        group = getattr(codes, f"CID{cid}")
        for scheme, keywords in schemes.items():
            for keyword in keywords:
                (value,) = theirs.CONCEPTS[scheme][keyword]
                code = Code(value, scheme, "")
                counts["of pydicom"] += 1
                counts["here"] += code in group
    assert counts == {"of pydicom": 27033, "here": 26905}  # 128 left in a newer edition


def test_keywords_of_members_work_as_attributes(theirs: Any) -> None:
    by_other_name = gone = 0
    for cid, schemes in theirs.CID_CONCEPTS.items():
        group = getattr(codes, f"CID{cid}")
        for scheme, keywords in schemes.items():
            for keyword in keywords:
                (value,) = theirs.CONCEPTS[scheme][keyword]
                if Code(value, scheme, "") not in group or cid == 8134:
                    continue
                found = getattr(group, keyword, None)
                gone += found is None or found.value != value
                by_other_name += keyword not in group._concepts()
    assert gone == 0
    assert 0 < by_other_name < 600


@pytest.mark.parametrize("name", ["BARI", "FMA", "IBSI", "NEU", "RADLEX", "CID244", "CID6158"])
def test_printed_as_pydicom_prints(theirs: Any, name: str) -> None:
    mine, expected = getattr(codes, name), getattr(theirs.codes, name)
    assert str(mine) == str(expected)
    assert repr(mine) == repr(expected)
    assert mine.dir() == expected.dir()
    assert mine.dir("a", "TRA") == expected.dir("a", "TRA")
    assert mine.concepts == {key: Code(*code) for key, code in expected.concepts.items()}
    assert set(expected.trait_names()) <= {*mine.trait_names(), "__weakref__"}
    assert (mine.name, mine.scheme_designator, mine.is_cid) == (
        expected.name,
        expected.scheme_designator,
        expected.is_cid,
    )


def test_collections_are_those_of_pydicom_and_newer_ones(theirs: Any) -> None:
    assert codes.schemes()[:18] == theirs.codes.schemes()
    assert codes.schemes()[18:] == ["BI", "NCDR", "UNS"]
    assert set(theirs.codes.CIDs()) <= set(codes.CIDs())
    assert len(codes.CIDs()) == 1466
    assert list(codes.collections) == [*codes.schemes(), *codes.CIDs()]


def test_names_of_context_groups(theirs: Any) -> None:
    assert theirs.name_for_cid.items() <= ours.name_for_cid.items()
    assert theirs.cid_for_name.items() <= ours.cid_for_name.items()


def test_the_tables_have_the_shape_of_pydicoms(theirs: Any) -> None:
    mine, expected = ours.CID_CONCEPTS[244], theirs.CID_CONCEPTS[244]
    assert {scheme: sorted(keywords) for scheme, keywords in mine.items()} == {
        scheme: sorted(keywords) for scheme, keywords in expected.items()
    }
    ((value, (meaning, cids)),) = ours.CONCEPTS["SCT"]["Liver"].items()
    assert (value, meaning) == ("10200004", "Liver")
    assert 7151 in cids
    assert cids == sorted(cids)
    assert set(theirs.CONCEPTS) <= set(ours.CONCEPTS)


# ---- what the standard says ----------------------------------------------------------------


@needs_standard
def test_every_code_of_the_standard_has_a_keyword_that_leads_to_it() -> None:
    rows = read(STANDARD / "codes" / "concepts.tsv")
    for row in rows:
        found = [
            code
            for keyword in _tables.scheme(row["scheme"]).keywords[row["value"]]
            if (code := getattr(getattr(codes, row["scheme"]), keyword))
        ]
        assert {code.value for code in found} == {row["value"]}
        assert found[0].meaning == row["meaning"] or row["meaning"] in ("V", "dB(V)")
    assert len(rows) == 16233


@needs_standard
def test_every_member_of_the_standard_is_in_its_group() -> None:
    rows = read(STANDARD / "codes" / "cid_members.tsv")
    for row in rows:
        assert Code(row["value"], row["scheme"], "") in getattr(codes, f"CID{row['cid']}")
    assert len(rows) == 16540


@needs_standard
def test_groups_have_the_members_of_those_that_they_include() -> None:
    for row in read(STANDARD / "codes" / "cids.tsv"):
        group = getattr(codes, f"CID{row['cid']}")
        assert len(group.concepts) == int(row["expanded"]), row["cid"]


def test_signs_that_the_source_lost() -> None:
    assert codes.UCUM.Microvolt.meaning == "\N{MICRO SIGN}V"
    assert codes.UCUM.DecibelsMicrovolt.meaning == "dB(\N{MICRO SIGN}V)"


# ---- collections ---------------------------------------------------------------------------


def test_a_code_by_scheme_and_by_group() -> None:
    assert tuple(codes.SCT.Kidney) == ("64033007", "SCT", "Kidney", None)
    assert codes.cid7151.Kidney == codes.SCT.Kidney
    assert codes.CID7151 is codes.cid7151 is codes.Cid7151


def test_membership() -> None:
    assert "Kidney" in codes.cid7151
    assert "Nephros" not in codes.cid7151
    assert codes.SCT.Kidney in codes.cid7151
    assert codes.SCT.Kidney in codes.SCT
    assert codes.SCT.Kidney not in codes.DCM
    assert Code("T-71000", "SRT", "") in codes.cid7151
    assert Code("64033007", "SCT", "", "2020") not in codes.cid7151
    assert 3 not in codes.cid7151  # type: ignore[operator]  # what is tested


def test_a_keyword_of_two_schemes() -> None:
    group = codes.cid8134
    with pytest.raises(RuntimeError, match="ArcuateFasciculus_FMA and ArcuateFasciculus_NEU"):
        _ = group.ArcuateFasciculus
    assert group.ArcuateFasciculus_FMA.scheme_designator == "FMA"
    assert group.ArcuateFasciculus_NEU in group
    assert "ArcuateFasciculus" not in group


@pytest.mark.parametrize("name", ["DCM", "cid244"])
def test_unknown_keywords(name: str) -> None:
    collection = getattr(codes, name)
    with pytest.raises(AttributeError, match="'Nonsense'"):
        _ = collection.Nonsense
    assert not hasattr(collection, "_private")


@pytest.mark.parametrize("name", ["SRT", "dcm", "cid99999", "cid", "cid29x", "_x"])
def test_unknown_collections(name: str) -> None:
    with pytest.raises(AttributeError, match="no attribute"):
        getattr(codes, name)


@pytest.mark.parametrize(
    ("name", "error"),
    [("xyz", KeyError), ("CID99999", KeyError), ("CIDx", ValueError), ("cid29x", ValueError)],
)
def test_collections_that_cannot_be(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Collection(name)


def test_concepts_is_a_copy() -> None:
    codes.cid244.concepts.clear()
    assert len(codes.cid244.concepts) == 4


def test_some_collections_only() -> None:
    some = Concepts([Collection("DCM"), Collection("cid29")])
    assert (some.schemes(), some.CIDs()) == (["DCM"], ["CID29"])
    with pytest.raises(AttributeError):
        _ = some.SCT


def test_pickled_small_and_copied() -> None:
    pickled = pickle.dumps([codes, codes.SCT, codes.cid29])
    assert len(pickled) < 300
    everything, scheme, group = pickle.loads(pickled)
    assert everything.DCM.Finding == codes.DCM.Finding
    assert (scheme.name, group.name) == ("SCT", "CID29")
    assert copy.deepcopy(codes).cid29.dir() == group.dir()


def test_read_from_many_threads() -> None:
    fresh = Concepts(codes._source)
    found: list[Code] = []
    start = threading.Barrier(8)

    def look() -> None:
        start.wait()
        found.append(fresh.cid7151.Kidney)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [codes.SCT.Kidney] * 8


def test_nothing_is_loaded_by_the_import() -> None:
    code = (
        "import sys; from pydcm.sr.codedict import codes; from pydcm.sr.coding import Code\n"
        "assert not [name for name in sys.modules if name.startswith('pydcm._std')]\n"
        "assert Code('1', 'SCT', '') == Code('1', 'SCT', 'x')\n"
        "assert 'numpy' not in sys.modules and 'pydcm._std.codes.snomed' not in sys.modules\n"
        "print(codes.DCM.Finding.value)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "121071"


def test_unknown_names_of_the_module() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = ours.nonsense
