from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from conformance.comparing import differences
from conformance.corpus import Case, Json, load
from conformance.runner import execute, features
from conformance.runner.command import main, run_all
from conformance.runner.execute import missing, run
from conformance.runner.features import array_answer
from conformance.runner.html import html
from conformance.runner.outcomes import Known, Outcome, judged, known_failures
from conformance.runner.reports import junit, table
from pydcm import kernels
from pydcm.errors import CorruptStreamError


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in load()}


def test_pydcm_answers_every_case_on_the_reference(cases: dict[str, Case]) -> None:
    outcomes, absent = run_all(list(cases.values()), ["reference"])
    bad = [outcome for outcome in judged(outcomes, known_failures()) if not outcome.good]
    assert absent == {}
    assert [f"{each.case.id}: {each.detail}" for each in bad] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("label", ["numba", "accel"])
def test_pydcm_answers_every_case_compiled(cases: dict[str, Case], label: kernels.Label) -> None:
    outcomes, absent = run_all(list(cases.values()), [label])
    if absent:
        pytest.skip(absent[label])
    bad = [outcome for outcome in judged(outcomes, known_failures()) if not outcome.good]
    assert [f"{each.case.id}: {each.detail}" for each in bad] == []


def test_known_failures_are_cases(cases: dict[str, Case]) -> None:
    assert [known.case for known in known_failures() if known.case not in cases] == []


# --- the runner can fail ---------------------------------------------------------


def _array_case(array: NDArray[Any], **changes: Any) -> Case:
    """Return a case that expects an array."""
    case = Case(
        id="test/one", operation="decode", subject="codec.rle", clause="PS3.5 8", edition="2026b",
        comment="x", flags=(), input={}, result="ok", expected=array_answer(array),
        tolerance=None, source="here",
    )  # fmt: skip
    return replace(case, **changes)


def _wrong(expected: Json) -> Json:
    """Return an expected answer that differs in one place."""
    found = json.dumps(expected)
    changed = re.sub(
        r'((?:hex|base64)": ")([0-9A-Za-z])',
        lambda m: m[1] + ("1" if m[2] != "1" else "2"),
        found,
        count=1,
    )
    assert changed != found
    return cast("Json", json.loads(changed))


@pytest.mark.parametrize(
    "name",
    [
        "native/gray-8-8-unsigned.explicit", "jpegls/near-8-1", "jpeglossless/signed-8",
        "kernel-rle/decode.literal-1", "rewritten/US-one.explicit", "written/UL-one.big",
        "values/OB-even.explicit",
    ],
)  # fmt: skip
def test_a_wrong_expectation_fails(cases: dict[str, Case], name: str) -> None:
    wanted = [case for key, case in cases.items() if key.startswith(name) and case.expected]
    case = wanted[0]
    assert run(case, "reference").verdict == "pass"
    wrong = cast("dict[str, Json]", _wrong(cast("Json", dict(case.expected or {}))))
    assert run(replace(case, expected=wrong), "reference").verdict == "fail"


def test_a_refusal_of_what_must_be_answered_fails(cases: dict[str, Case]) -> None:
    hostile = next(c for c in cases.values() if c.result == "error" and c.operation == "decode")
    assert run(hostile, "reference").verdict == "pass"
    assert "refused" in run(replace(hostile, result="ok"), "reference").detail


def test_an_answer_to_what_must_be_refused_fails(cases: dict[str, Case]) -> None:
    case = replace(cases["values/LO-one.explicit"], result="error", expected=None)
    assert run(case, "reference").verdict == "fail"


def _answering(action: Callable[[], dict[str, Json]]) -> Callable[[Case], dict[str, Json]]:
    return lambda case: action()


def test_another_exception_than_a_refusal_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> dict[str, Json]:
        raise IndexError("beyond")

    def refuse() -> dict[str, Json]:
        raise CorruptStreamError("broken")

    case = _array_case(np.zeros((2, 2), np.uint8), result="either")
    monkeypatch.setattr(features, "answer", _answering(crash))
    assert "IndexError escapes" in run(case, "reference").detail
    monkeypatch.setattr(features, "answer", _answering(refuse))
    assert run(case, "reference").verdict == "pass"


def test_a_case_that_takes_too_long_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> dict[str, Json]:
        while True:
            pass

    monkeypatch.setattr(execute, "SECONDS", 0.05)
    monkeypatch.setattr(features, "answer", _answering(hang))
    outcome = run(_array_case(np.zeros((2, 2), np.uint8), result="either"), "reference")
    assert (outcome.verdict, "took more than" in outcome.detail) == ("fail", True)


def test_what_pydcm_lacks_is_skipped_and_fails_unless_listed(cases: dict[str, Case]) -> None:
    unheard_of = replace(cases["reported/dicomdir-plain"], operation="print")
    outcome = run(unheard_of, "reference")
    assert (outcome.verdict, outcome.good) == ("skip", False)
    (known,) = judged([outcome], [Known("reported/dicomdir-plain", "not yet")])
    assert (known.verdict, known.good) == ("known", True)


def test_a_library_that_is_absent_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lack() -> dict[str, Json]:
        raise features.LibraryAbsent("imagecodecs is not installed")

    monkeypatch.setattr(features, "answer", _answering(lack))
    outcome = run(_array_case(np.zeros((2, 2), np.uint8)), "reference")
    assert (outcome.verdict, outcome.good) == ("absent", True)


def test_an_unexpected_pass_fails(cases: dict[str, Case]) -> None:
    outcome = run(cases["values/LO-one.explicit"], "reference")
    (unexpected,) = judged([outcome], [Known("values/LO-one.explicit", "was broken once")])
    assert (unexpected.verdict, unexpected.good) == ("unexpected", False)
    elsewhere = Known("values/LO-one.explicit", "was broken once", ("accel",))
    assert judged([outcome], [elsewhere]) == [outcome]


def test_a_kernel_without_cases_is_a_problem(cases: dict[str, Case]) -> None:
    assert missing(cases.values()) == []
    without = [case for case in cases.values() if case.subject != "rle.decode_segment"]
    assert missing(without) == ["kernel rle.decode_segment has no cases"]
    other = replace(cases["kernel-bits/unpack.0-0"], subject="bits.shuffle")
    assert missing([*cases.values(), other]) == ["cases are for bits.shuffle, which is no kernel"]


# --- comparing -------------------------------------------------------------------


def test_tolerance_bounds_each_difference_and_their_mean() -> None:
    expected = np.array([[10, 20], [30, 40]], np.uint8)
    case = _array_case(expected, tolerance={"absolute": 1, "mean": 0.3})
    assert differences(case, array_answer(expected)) == []
    one = np.array([[11, 20], [30, 40]], np.uint8)
    assert differences(case, array_answer(one)) == []
    assert "on average" in differences(case, array_answer(expected + np.uint8(1)))[0]
    two = np.array([[12, 20], [30, 40]], np.uint8)
    assert "most at (0, 0): expected 10, got 12" in differences(case, array_answer(two))[0]


def test_arrays_of_other_shapes_and_types_differ() -> None:
    expected = np.arange(6, dtype=np.uint8).reshape(2, 3)
    case = _array_case(expected)
    assert "shape (3, 2)" in differences(case, array_answer(expected.reshape(3, 2)))[0]
    assert "int16" in differences(case, array_answer(expected.astype(np.int16)))[0]
    shown = replace(case, operation="voi")
    assert differences(shown, array_answer(expected.astype(np.float64))) == []


def test_numbers_that_are_none_agree_only_with_each_other() -> None:
    nothing = np.array([[np.nan, np.inf, 1.0]])
    case = _array_case(nothing.astype(np.float64), operation="modality")
    assert differences(case, array_answer(nothing)) == []
    assert differences(case, array_answer(np.nan_to_num(nothing))) != []
    assert differences(case, array_answer(np.array([[np.nan, np.inf, np.nan]]))) != []


@pytest.mark.parametrize(
    ("vr", "one", "other", "same"),
    [
        ("LO", "a ", " a", True), ("LT", " a", "a", False), ("LT", "a ", "a", True),
        ("PN", "A^B^^=", "A^B", True), ("PN", "A^B=x", "A^B", False), ("UI", "1.2\0", "1.2", True),
        ("DS", 1.0, 1, True), ("FD", 0.0, -0.0, False), ("UC", " a", "a", False),
    ],
)  # fmt: skip
def test_padding_does_not_matter_and_values_do(vr: str, one: Json, other: Json, same: bool) -> None:
    def elements(value: Json) -> dict[str, Json]:
        return {"elements": [{"tag": "00100010", "vr": vr, "value": [value]}]}

    case = replace(_array_case(np.zeros((1, 1), np.uint8)), expected=elements(one))
    assert (differences(case, elements(other)) == []) is same


def test_missing_and_additional_elements_are_named() -> None:
    first: Json = {"tag": "00100010", "vr": "PN", "value": ["A"]}
    second: Json = {"tag": "00100020", "vr": "LO", "value": ["B"]}
    case = replace(_array_case(np.zeros((1, 1), np.uint8)), expected={"elements": [first, second]})
    assert "has 1 entries, expected 2" in differences(case, {"elements": [first]})[0]
    assert "elements[0].tag" in differences(case, {"elements": [second, first]})[0]
    assert differences(case, {}) == ["the answer has no elements"]


# --- reports ---------------------------------------------------------------------


@pytest.fixture
def outcomes() -> list[Outcome]:
    expected = np.arange(64, dtype=np.uint8).reshape(8, 8)
    case = _array_case(expected, clause="PS3.5 8.1; PS3.5 A.4")
    colour = replace(case, id="test/two", expected=array_answer(np.zeros((4, 4, 3), np.uint8)))
    return [
        Outcome(case, "reference", "pass", answer=array_answer(expected)),
        Outcome(case, "numba", "fail", "<differs>", answer=array_answer(expected[::-1])),
        Outcome(colour, "numba", "fail", "refused\x01"),
    ]


def test_the_table_counts_each_clause(outcomes: list[Outcome]) -> None:
    text = table(outcomes, by="clause")
    assert re.search(r"PS3\.5 8\.1 +1/1 +0/2 \(2 fail\)", text)
    assert re.search(r"all +1/1 +0/2 \(2 fail\)", text)


def test_the_page_shows_what_differs_and_needs_nothing_else(outcomes: list[Outcome]) -> None:
    page = html(outcomes, {"accel": "not here"}, ["kernel x has no cases"], [outcomes[0].case])
    assert page.count("data:image/png;base64,") == 5  # three of one, one of the other, a gallery
    assert "difference, white is 56" in page
    assert "&lt;differs&gt;" in page
    assert "accel is absent: not here" in page
    assert re.findall(r"(?:src|href)=\"(?!data:)", page) == []
    assert "http" not in page.replace("http-equiv", "")


def test_junit_counts_failures_and_problems(outcomes: list[Outcome]) -> None:
    root = ElementTree.fromstring(junit(outcomes, ["kernel x has no cases"]))
    failures = {suite.get("name"): suite.get("failures") for suite in root}
    assert failures == {"numba.test": "2", "reference.test": "0", "corpus": "1"}


def test_the_command_writes_reports_and_tells_what_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {kind: tmp_path / f"report.{kind}" for kind in ("junit", "json", "html")}
    options = [f"--{kind}={path}" for kind, path in paths.items()]
    assert main(["--impl=reference", "--area=palette", *options]) == 0
    assert "palette" in capsys.readouterr().out
    verdicts = json.loads(paths["json"].read_text("utf-8"))["cases"]
    assert verdicts["palette/65536-entries"] == {"reference": {"verdict": "pass"}}
    assert ElementTree.parse(paths["junit"]).getroot().tag == "testsuites"
    assert paths["html"].read_text("utf-8").startswith("<!doctype html>")
    assert main(["--impl=reference", "--only=no/such"]) == 2
    assert main(["--impl=fast"]) == 2


def test_a_required_implementation_that_is_absent_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("conformance.runner.command.why_absent", lambda label: "not built")
    monkeypatch.delenv("PYDCM_REQUIRE", raising=False)
    assert main(["--impl=accel", "--area=palette"]) == 0
    monkeypatch.setenv("PYDCM_REQUIRE", "accel")
    assert main(["--impl=accel", "--area=palette"]) == 1
    assert "accel is required and absent" in capsys.readouterr().out
