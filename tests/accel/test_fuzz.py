"""Seeded inputs: the accelerator and the reference give the same, or fail the same.

``make fuzz`` tries many more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pydcm.errors import LimitError
from pydcm.kernels import Label
from tests.accel import needs_accel
from tools.fuzz import compare
from tools.fuzz.inputs import FAMILIES

PAIR: list[Label] = ["reference", "accel"]
QUICK, ALL = 60, 1_000


def _tried(family: str, count: int) -> compare.Report:
    found = compare.run(1, range(count), PAIR, [family])
    assert found.differences == []
    assert found.inputs[family] == count
    return found


@needs_accel
@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_inputs(family: str) -> None:
    found = _tried(family, QUICK)
    assert found.refused[family] < QUICK, "some must be decoded to test anything"


@needs_accel
@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_many_damaged_inputs(family: str) -> None:
    _tried(family, ALL)


# --- the comparison itself ---------------------------------------------------------------


def test_an_input_depends_on_its_numbers_alone() -> None:
    for number in range(20):
        (family, job), (other, again) = compare.job_of(5, number), compare.job_of(5, number)
        assert family == other
        assert compare.outcome(job, "reference") == compare.outcome(again, "reference")


def test_each_family_has_its_share() -> None:
    assert sum(share for _, share in FAMILIES.values()) == 100


def _differing(values: list[Any]) -> compare.Report:
    """Report on a family whose answers are these, one after the other."""
    answers = iter(values)

    def job() -> object:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return compare.run(1, [0], ["reference", "reference"], [], {"made": (lambda _: job, 1)})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, 2),
        (np.zeros(2, np.uint8), np.zeros(1, np.uint16)),
        (np.zeros((1, 2)), np.zeros((2, 1))),
        (b"", LimitError("too much")),
        (LimitError("too much"), LimitError("too little")),
        (b"", ZeroDivisionError()),
    ],
)
def test_differences_are_found(first: Any, second: Any) -> None:
    found = _differing([first, second])
    assert len(found.differences) == 1
    assert found.differences[0].startswith("made, seed 1, input 0: ")


@pytest.mark.parametrize("answer", [1, np.zeros(3), LimitError("too much"), [b"", bytearray(2)]])
def test_what_is_equal_is_no_difference(answer: Any) -> None:
    found = _differing([answer, answer])
    assert found.differences == []
    assert found.refused["made"] == isinstance(answer, LimitError)
