"""How failures of pydicom's own tests are told from what is expected (``make upstream``)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tools.upstream.__main__ import Expected, expected_failures, judged

LISTED = [Expected("tests/a.py::*", "on purpose")]


def _judged(ours: Mapping[str, str], listed: list[Expected]) -> int:
    theirs = dict.fromkeys(["tests/a.py::one", "tests/b.py::two"], "passed")
    return judged(
        {"pydicom": {**theirs, "tests/c.py::three": "failed:"}, "pydcm": {**ours}}, listed
    )


def test_what_is_listed_may_fail(capsys: pytest.CaptureFixture[str]) -> None:
    ours = {"tests/a.py::one": "failed:", "tests/b.py::two": "passed"}
    assert _judged(ours, LISTED) == 0
    assert "     1 on purpose" in capsys.readouterr().out


@pytest.mark.parametrize("outcome", ["failed:", None])
def test_what_is_not_listed_may_not_fail_nor_be_missing(outcome: str | None) -> None:
    ours = {"tests/a.py::one": "failed:", "tests/b.py::two": outcome}
    assert _judged({k: v for k, v in ours.items() if v}, LISTED) == 1


def test_a_line_that_nothing_needs_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    ours = dict.fromkeys(["tests/a.py::one", "tests/b.py::two"], "passed")
    assert _judged(ours, LISTED) == 1
    assert "fits no failure: tests/a.py::*" in capsys.readouterr().out


def test_a_cause_that_the_failure_tells_needs_no_line() -> None:
    ours = {"tests/a.py::one": "failed:wording", "tests/b.py::two": "failed:private name"}
    assert _judged(ours, []) == 0


def test_what_fails_on_pydicom_does_not_count(capsys: pytest.CaptureFixture[str]) -> None:
    ours = dict.fromkeys(["tests/a.py::one", "tests/b.py::two"], "passed")
    assert _judged(ours, []) == 0
    assert capsys.readouterr().out.startswith("2 tests pass on pydicom")


def test_every_line_of_the_table_has_a_reason() -> None:
    rows = expected_failures()
    assert len({row.pattern for row in rows}) == len(rows) > 50
    assert all(len(row.reason.split()) > 1 for row in rows)
