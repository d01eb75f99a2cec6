from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.gen_traceability import cited, cited_in, fuzzed, main, modules_of


def test_clauses_that_a_text_names() -> None:
    assert cited_in("as PS3.5 A.4.4; ISO 15444-1 B.2 says") >= {
        ("PS3.5", ("A", "4", "4")),
        ("ISO 15444-1", ("B", "2")),
    }
    assert cited_in("ISO 14495-1 Annex A; see (A.5.3)") == {
        ("ISO 14495-1", ("A",)),
        ("ISO 14495-1", ("A", "5", "3")),
    }
    assert cited_in("ISO 14495-1; also (A.5.3), ISO 10918-1 B.1.1.3") == {
        ("ISO 14495-1", ("A", "5", "3")),
        ("ISO 10918-1", ("B", "1", "1", "3")),
    }
    assert cited_in("PS3.3 Table C.7-1") == set()


def test_the_nearest_citation_counts() -> None:
    known = {("PS3.5", ("7", "5")): {"a"}, ("PS3.5", ("7", "5", "1")): {"b"}}
    assert modules_of(("PS3.5", ("7", "5", "1")), known) == ["b"]
    assert modules_of(("PS3.5", ("7", "5", "2")), known) == ["a"]
    assert modules_of(("PS3.5", ("7",)), known) == ["a", "b"]
    assert modules_of(("PS3.6", ("7",)), known) == []


def test_kernels_cite_their_clauses() -> None:
    known = cited()
    assert "pydcm.kernels.rle" in known["PS3.5", ("G", "3", "2")]
    assert "pydcm.kernels.jpegls_bits" in known["ISO 14495-1", ("A", "5", "3")]


def test_written_checked_and_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--folder", str(tmp_path)]
    assert main([*where, "--check"]) == 1
    assert main(where) == 0
    assert main([*where, "--check"]) == 0
    (tmp_path / "traceability.csv").write_text("clause,code,cases\n")
    assert main([*where, "--check"]) == 1
    assert "traceability.csv" in capsys.readouterr().out


def test_figures_of_fuzzing(tmp_path: Path) -> None:
    record = tmp_path / "fuzz.json"
    assert "No long run" in fuzzed(record)
    record.write_text(json.dumps({"inputs": 1000, "seed": 7}))
    assert "* inputs: 1000\n* seed: 7\n" in fuzzed(record)
