"""The generated tables: nothing is lost or changed on the way from the tables of the standard."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pydcm._std.charsets import CHARSETS
from pydcm._std.sop_classes import SOP_CLASSES
from pydcm._std.transfer_syntaxes import TRANSFER_SYNTAXES
from pydcm._std.vrs import VRS
from pydcm.datadict import (
    DicomDictionary,
    RepeatersDictionary,
    get_entry,
    get_private_entry,
    private_dictionaries,
)
from pydcm.uid import UID_dictionary
from tests.shared import ROOT, STANDARD, needs_standard
from tools import gen_std

STD = ROOT / "pydcm" / "_std"


def _rows(name: str) -> list[dict[str, str]]:
    return gen_std.read(STANDARD / name)


# --- every row arrives -------------------------------------------------------------


@needs_standard
def test_elements() -> None:
    rows = _rows("elements.tsv")
    for row in rows:
        digits = row["tag"].replace(",", "")
        entry = (
            row["vr"],
            row["vm"],
            row["name"],
            "Retired" if row["retired"] == "1" else "",
            row["keyword"],
        )
        # Not 0: (0028,0400) is an element of its own beside the (0028,04x0) that repeat.
        assert get_entry(int(digits.replace("x", "E"), 16)) == entry
    assert len(rows) == len(DicomDictionary) + len(RepeatersDictionary) == 5354


@needs_standard
def test_private_elements() -> None:
    rows = _rows("private_elements.tsv")
    for row in rows:
        group, element = row["tag"].split(",")
        tag = int(group.replace("x", "0"), 16) + 1 if "x" in group else int(group, 16)
        found = get_private_entry((tag, int(element.replace("xx", "10"), 16)), row["creator"])
        assert found == (row["vr"], row["vm"], row["name"] or "Unknown", "")
    assert len(rows) == sum(len(elements) for elements in private_dictionaries.values()) == 14007
    assert len(private_dictionaries) == 578


@needs_standard
def test_uids() -> None:
    rows = _rows("uids.tsv")
    for row in rows:
        name, kind, _info, retired, keyword = UID_dictionary[row["uid"]]
        assert (name, kind.lower(), keyword) == (row["name"], row["type"].lower(), row["keyword"])
        assert (retired == "Retired") == (row["retired"] == "1")
    assert len(rows) == len(UID_dictionary) == 1986


@needs_standard
def test_transfer_syntaxes() -> None:
    rows = _rows("transfer_syntaxes.tsv")
    for row in rows:
        found = TRANSFER_SYNTAXES[row["uid"]]
        assert (found.uid, found.keyword, found.name) == (row["uid"], row["keyword"], row["name"])
        assert found.is_little_endian == (row["endian"] == "little")
        assert found.is_implicit_VR == (row["vr_encoding"] == "implicit")
        assert found.is_deflated == (row["deflated_dataset"] == "1")
        assert found.is_encapsulated == (row["encapsulated"] == "1")
        assert found.is_retired == (row["retired"] == "1")
        assert (found.codec_family, found.loss) == (row["codec_family"], row["loss"])
        assert (found.sample_bits, found.note) == (row["sample_bits"], row["note"])
        fragmentable = {None: "", False: "0", True: "1"}[found.is_video_fragmentable]
        assert fragmentable == row["video_fragmentable"]
    assert len(rows) == len(TRANSFER_SYNTAXES) == 63


@needs_standard
def test_sop_classes() -> None:
    rows = [row for row in _rows("uids.tsv") if row["type"] == "SOP Class"]
    for row in rows:
        found = SOP_CLASSES[row["uid"]]
        columns = ("uid", "keyword", "name", "iod", "ciod_id")
        assert [getattr(found, column) for column in columns] == [row[name] for name in columns]
        assert found.is_retired == (row["retired"] == "1")
    assert len(rows) == len(SOP_CLASSES) == 311


@needs_standard
def test_value_representations() -> None:
    rows = _rows("vrs.tsv")
    for row in rows:
        found = VRS[row["vr"]]
        assert (found.vr, found.name, found.kind) == (row["vr"], row["name"], row["class"])
        assert str(found.length_bits) == row["length_bits"]
        assert ("" if found.pad is None else f"{found.pad:02X}") == row["pad_hex"]
        for column in ("fixed_bytes", "max_length", "swap_bytes"):
            value = getattr(found, column)
            assert ("" if value is None else str(value)) == row[column]
        for column in ("max_unit", "repertoire", "leading_spaces", "trailing_spaces"):
            assert getattr(found, column) == row[column]
        for column in ("charset_dependent", "multiple_values", "undefined_length_allowed"):
            assert getattr(found, column) is (row[column] == "1")
    assert len(rows) == len(VRS) == 34


@needs_standard
def test_character_sets() -> None:
    rows = _rows("charsets.tsv")
    for row, found in zip(rows, CHARSETS, strict=True):
        for column in ("defined_term", "kind", "charset", "element", "bytes_per_char", "set_size"):
            assert getattr(found, column) == row[column]
        assert found.codec == row["python_codec"]
        assert found.escape.hex().upper() == row["escape_hex"]
        assert ("" if found.iso_ir is None else str(found.iso_ir)) == row["iso_ir"]
        assert found.in_g0_of_value1 == (row["use_in_g0_of_value1"] == "1")


def test_the_codecs_of_character_sets_exist() -> None:
    assert {row.codec for row in CHARSETS if "A".encode(row.codec) != b"A"} == set()


def test_the_tables_agree_with_one_another() -> None:
    combined = {vr for entry in DicomDictionary.values() for vr in entry[0].split(" or ")}
    assert combined - {"NONE"} == set(VRS)
    kinds = {uid: entry[1] for uid, entry in UID_dictionary.items()}
    assert {uid for uid, kind in kinds.items() if kind == "Transfer Syntax"} == set(
        TRANSFER_SYNTAXES
    )
    for pattern in (key for creator in private_dictionaries.values() for key in creator):
        assert len(pattern) == 8
        assert pattern[4:6] == "xx"
        assert int(pattern[3].replace("x", "1"), 16) % 2 == 1


# --- the generator -----------------------------------------------------------------


@needs_standard
def test_the_modules_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert gen_std.main(["--check"]) == 0
    assert "10 modules agree" in capsys.readouterr().out


@needs_standard
def test_drift_is_found_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    shutil.copytree(STANDARD, source, ignore=shutil.ignore_patterns("iods", "codes"))
    shutil.copytree(STD, target)
    options = ["--source", str(source), "--target", str(target)]
    assert gen_std.main([*options, "--check"]) == 0
    table = source / "vrs.tsv"
    table.chmod(0o644)
    table.write_text(table.read_text("utf-8").replace("Age String", "Ages"), encoding="utf-8")
    assert gen_std.main([*options, "--check"]) == 1
    assert "vrs.py differs" in capsys.readouterr().out
    assert "Age String" in (target / "vrs.py").read_text("utf-8")
    assert gen_std.main(options) == 0
    assert "Ages" in (target / "vrs.py").read_text("utf-8")
    assert gen_std.main([*options, "--check"]) == 0


def test_an_absent_source_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--source", str(tmp_path / "nowhere"), "--target", str(tmp_path)]
    assert gen_std.main([*options, "--check"]) == 0
    assert "absent" in capsys.readouterr().out
    assert gen_std.main(options) == 1
    assert list(tmp_path.iterdir()) == []


def test_every_module_names_its_edition_and_generator() -> None:
    modules = sorted(path.name for path in STD.glob("*.py*") if path.stem != "__init__")
    assert modules == sorted(gen_std.TABLES)
    for name in modules:
        head = (STD / name).read_text("utf-8")[:400]
        assert f"Edition: {gen_std.TABLES[name].edition}.\n" in head
        assert "Generated by tools/gen_std.py; do not edit.\n" in head


@pytest.mark.parametrize("text", ["plain", 'a "b"', "it's", "a\\b", """'"'"""])
def test_literals(text: str) -> None:
    assert eval(gen_std.quoted(text)) == text
    assert eval(gen_std.block([text, "next"])) == f"{text}\nnext\n"
    assert eval(gen_std.wrapped([text] * 40)) == " ".join([text] * 40)
