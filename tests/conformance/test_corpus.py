from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import cast

import pytest

from conformance import corpus
from conformance.corpus import BLOBS, Case, CorpusError, Json, areas, load, octets_of
from conformance.generate.everything import every_area
from conformance.generate.writing import Area, drift
from conformance.schema_check import problems
from pydcm.kernels import kernels


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(load())


@pytest.fixture(scope="module")
def made() -> list[Area]:
    return every_area()


def _blobs(value: Json) -> set[str]:
    """Return the names of blobs in JSON."""
    if isinstance(value, dict):
        own = {str(value["sha256"])} if "sha256" in value else set()
        return own.union(*(_blobs(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(_blobs(each) for each in value))
    return set()


def test_files_are_as_the_schema_demands() -> None:
    for file in areas():
        assert problems(dict(file.fields), "file.schema.json") == []


def test_cases_have_ids_of_their_own_and_of_their_file(cases: list[Case]) -> None:
    twice = [name for name, count in Counter(case.id for case in cases).items() if count > 1]
    assert twice == []
    assert [case.id for file in areas() for case in file.cases if case.area != file.area] == []


def test_there_are_enough_cases_and_enough_hostile_ones(cases: list[Case]) -> None:
    assert len(cases) >= 1500
    assert sum(case.hostile for case in cases) >= len(cases) / 4


def test_what_must_be_answered_has_an_answer(cases: list[Case]) -> None:
    assert [case.id for case in cases if case.result == "ok" and case.expected is None] == []
    assert [case.id for case in cases if case.result == "error" and case.expected] == []


def test_every_kernel_has_cases(cases: list[Case]) -> None:
    covered = {case.subject for case in cases if case.operation == "kernel"}
    assert sorted(kernels().keys() - covered) == []


def test_blobs_are_what_cases_refer_to() -> None:
    named = set().union(*(_blobs(dict(file.fields)) for file in areas()))
    assert {path.name for path in BLOBS.iterdir()} == named
    for name in named:
        assert octets_of({"sha256": name, "size": 0})


def test_the_corpus_is_small_enough_to_commit() -> None:
    files = [path for path in corpus.ROOT.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files) < 15_000_000


@pytest.mark.slow  # as "make generated" checks, too
def test_cases_are_what_the_generators_make(made: list[Area]) -> None:
    assert drift(made) == []


def test_a_blob_of_other_content_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "BLOBS", tmp_path)
    name = "0" * 64
    with pytest.raises(CorpusError, match="cannot be read"):
        octets_of({"sha256": name, "size": 3})
    (tmp_path / name).write_bytes(b"abc")
    with pytest.raises(CorpusError, match="other content"):
        octets_of({"sha256": name, "size": 3})


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id", "no slash", "does not match"),
        ("operation", "guess", "none of"),
        ("clause", "somewhere", "does not match"),
        ("flags", "hostile", "no array"),
        ("result", "maybe", "none of"),
        ("tolerance", {"absolute": -1}, "less than 0"),
        ("tolerance", {}, "has no absolute"),
        ("surprise", 1, "not allowed"),
        ("input", {"file": {"hex": "0g"}}, "as 0 of 3 alternatives"),
        ("expected", {"elements": [{"tag": "00100010"}]}, "has no vr"),
    ],
)
def test_the_schema_finds_what_is_wrong(field: str, value: Json, said: str) -> None:
    case = json.loads(json.dumps(next(iter(cast("list[Json]", areas()[0].fields["cases"])))))
    assert problems(case, "case.schema.json") == []
    case[field] = value
    assert said in "\n".join(problems(case, "case.schema.json"))


def test_an_area_refuses_what_is_not_told() -> None:
    area = Area("a", "A", "here")
    area.add("one", "read", "structure", "PS3.5 7", "x", {"file": b""}, {"elements": []})
    with pytest.raises(ValueError, match="two cases"):
        area.add("one", "read", "structure", "PS3.5 7", "x", {"file": b""}, {"elements": []})
    with pytest.raises(ValueError, match="must have an expected"):
        area.add("two", "read", "structure", "PS3.5 7", "x", {"file": b""})
    with pytest.raises(ValueError, match="not explained"):
        area.add("three", "read", "structure", "PS3.5 7", "x", {}, {}, flags=["odd"])
