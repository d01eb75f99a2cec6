from __future__ import annotations

import re
import time
from pathlib import Path
from types import FunctionType
from typing import cast

import pytest

from conformance.mutate import Check, equivalent, mutants_of, score_kernels
from conformance.mutate.command import LEAST, faults_of_list, report
from conformance.mutate.mutants import sample
from conformance.mutate.targets import functions_of, references
from conformance.mutate.trial import Trial, run_trials


def clipped(value: int, top: int) -> int:
    """Return what of 0 to `top` is nearest to `value`."""
    if value < 0:
        return 0
    return min(value, top)


def counted(stop: int) -> int:
    """Return `stop`, one by one."""
    k = 0
    while k < stop:
        k += 1
    return k


CLIPPED = cast(FunctionType, clipped)
COUNTED = cast(FunctionType, counted)
THOROUGH = [
    Check("below", lambda: clipped(-5, 9) == 0),
    Check("least", lambda: clipped(0, 9) == 0),
    Check("within", lambda: clipped(1, 9) == 1),
    Check("above", lambda: clipped(12, 9) == 9),
]
SAME = [
    ["if value < 0:", "if value <= 0:"],
    ["if value < 0:", "if value < 1:"],
    ["if value < 0:", "if value < -1:"],
]


def listed(tmp_path: Path, function: str, mutants: list[list[str]], more: str = "") -> Path:
    path = tmp_path / "equivalent.toml"
    rows = ", ".join(f"[{was!r}, {becomes!r}]" for was, becomes in mutants)
    path.write_text(
        f"[[equivalent]]\nfunction = {function!r}\nmutants = [{rows}]\nreason = 'It is.'\n{more}"
    )
    return path


def test_mutants_are_named_by_what_changes() -> None:
    found = {(each.was, each.becomes): each.kind for each in mutants_of(CLIPPED)}
    assert found["if value < 0:", "if value <= 0:"] == "comparison"
    assert found["if value < 0:", "if value >= 0:"] == "comparison"
    assert found["if value < 0:", "if value < 1:"] == "constant"
    assert found["if value < 0:", "if not value < 0:"] == "branches swapped"
    assert found["return 0", "pass"] == "statement left out"
    assert found["return min(value, top)", "return max(value, top)"] == "name"
    assert len(found) == 10


def test_a_mutant_is_the_function_with_one_change() -> None:
    names = {each.becomes: each for each in mutants_of(CLIPPED)}
    changed = FunctionType(names["return max(value, top)"].code, CLIPPED.__globals__)
    assert changed(12, 9) == 12
    assert clipped(12, 9) == 9
    assert names["return max(value, top)"].function == "test_mutate.clipped"


def test_mutants_of_kernels_keep_their_signatures() -> None:
    reference = references()["rle.decode_segment"]
    for each in mutants_of(reference):
        assert each.code.co_argcount == reference.__code__.co_argcount
        assert not each.code.co_freevars


def test_functions_of_a_kernel() -> None:
    names = [each.__name__ for each in functions_of(references()["rle.encode_segment"])]
    assert names == ["encode_segment", "_literal"]


def test_thorough_checks_notice_what_can_be_noticed(tmp_path: Path) -> None:
    entries = equivalent.read(listed(tmp_path, "test_mutate.clipped", SAME))
    (score,) = score_kernels({"clipped": CLIPPED}, THOROUGH, entries)
    survivors = [(each.mutant.was, each.mutant.becomes) for each in score.survivors]
    assert survivors == []
    assert score.share == 1
    refuted = [each.mutant.becomes for each in score.refuted]
    assert refuted == []
    assert score.killed + score.equivalent == len(score.outcomes)


def test_poor_checks_let_mutants_survive() -> None:
    (score,) = score_kernels({"clipped": CLIPPED}, THOROUGH[:1])
    assert score.share < LEAST
    assert "return max(value, top)" in [each.mutant.becomes for each in score.survivors]
    assert clipped(12, 9) == 9, "the original is as it was"


def test_no_checks_no_score() -> None:
    (score,) = score_kernels({"clipped": CLIPPED}, [])
    assert score.share == 0
    assert score.checks == 0


def test_a_mutant_that_loops_is_ended() -> None:
    checks = [Check("three", lambda: counted(3) == 3)]
    begun = time.monotonic()
    (score,) = score_kernels({"counted": COUNTED}, checks)
    ways = {each.mutant.becomes: each.verdict.how for each in score.outcomes}
    assert ways["k -= 1"] == "time"
    assert ways["k += 2"] == "differs"
    assert time.monotonic() - begun < 60


def test_a_mutant_that_crashes_or_grows_is_noticed() -> None:
    def grows() -> bool:
        return bool(bytearray(1 << 43))

    def aborts() -> bool:
        import os

        os.abort()

    code = CLIPPED.__code__
    trials = [Trial(CLIPPED, code, [Check("x", run)], [0.0]) for run in (grows, aborts)]
    verdicts = dict(run_trials(iter(trials), jobs=2))
    assert (verdicts[0].survived, verdicts[0].how) == (False, "raised")
    assert (verdicts[1].survived, verdicts[1].how) == (False, "crashed")


def test_a_check_that_fails_on_the_original_is_a_fault() -> None:
    with pytest.raises(RuntimeError, match="wrong fails on the reference"):
        score_kernels({"clipped": CLIPPED}, [Check("wrong", lambda: clipped(1, 2) == 2)])


def test_an_entry_whose_mutant_is_noticed_is_refuted(tmp_path: Path) -> None:
    wrong = [["return min(value, top)", "return max(value, top)"]]
    entries = equivalent.read(listed(tmp_path, "test_mutate.clipped", wrong))
    (score,) = score_kernels({"clipped": CLIPPED}, THOROUGH, entries)
    assert [each.mutant.becomes for each in score.refuted] == ["return max(value, top)"]


def test_an_entry_that_matches_nothing_any_more_is_a_fault(tmp_path: Path) -> None:
    gone = [["while q < room:", "while q != room:"]]
    entries = equivalent.read(listed(tmp_path, "rle.decode_segment", gone))
    (fault,) = faults_of_list(entries, references())
    assert re.search("no such mutant any more: rle.decode_segment", fault)


def test_an_entry_needs_a_reason_and_stands_once(tmp_path: Path) -> None:
    path = listed(tmp_path, "a.b", [["x = 1", "x = 2"]])
    text = path.read_text()
    path.write_text(text.replace("It is.", " "))
    with pytest.raises(ValueError, match="has no reason"):
        equivalent.read(path)
    path.write_text(text + text)
    with pytest.raises(ValueError, match="twice"):
        equivalent.read(path)


def test_the_list_matches_the_kernels() -> None:
    assert faults_of_list(equivalent.read(), references()) == []


def test_a_sample_is_always_the_same() -> None:
    every = mutants_of(references()["rle.encode_segment"])
    some = sample(every, 10)
    assert len(some) == 10
    assert some == sample(every, 10)
    assert [each for each in every if each in some] == some
    assert sample(every, None) == every


def test_report(tmp_path: Path) -> None:
    (score,) = score_kernels({"clipped": CLIPPED}, THOROUGH, most=3)
    (told,) = cast("list[dict[str, object]]", report([score])["kernels"])
    assert (told["kernel"], told["cases"], told["mutants"]) == ("clipped", 4, 3)


def test_a_kernel_that_must_be_noticed_is() -> None:
    from conformance.corpus import Case
    from conformance.generate.areas.kernels_bits_rle import rle
    from conformance.mutate.checks import checks_of

    name = "rle.decode_segment"
    cases = [Case.of(each) for each in rle().cases]
    (score,) = score_kernels({name: references()[name]}, checks_of([name], cases), most=25, jobs=2)
    assert score.share >= LEAST
