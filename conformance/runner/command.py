"""``python -m conformance run``: pydcm's implementations over the cases."""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
import time
from pathlib import Path
from typing import cast

from conformance.corpus import Case, load
from conformance.runner import reports
from conformance.runner.execute import LABELS, missing, run, why_absent
from conformance.runner.html import html
from conformance.runner.outcomes import Outcome, judged, known_failures
from pydcm.kernels import Label

__all__ = ["main", "run_all"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m conformance run", description=__doc__)
    parser.add_argument("--impl", default="reference,numba,accel", help="implementations")
    parser.add_argument("--area", default="", help="areas, separated by commas")
    parser.add_argument("--only", default="", help="cases whose id matches this pattern")
    parser.add_argument("--clause", default="", help="cases whose clauses contain this text")
    parser.add_argument("--junit", type=Path, help="write JUnit XML")
    parser.add_argument("--json", type=Path, help="write all verdicts as JSON")
    parser.add_argument("--html", type=Path, help="write one page with pictures")
    parser.add_argument("--by-clause", action="store_true", help="print the table of clauses too")
    return parser


def _wanted(options: argparse.Namespace) -> list[Case]:
    areas = [each for each in options.area.split(",") if each]
    return [
        case
        for case in load(*areas)
        if (not options.only or fnmatch.fnmatch(case.id, options.only))
        and options.clause in case.clause
    ]


def run_all(
    cases: list[Case], labels: list[Label], *, keep_answers: bool = False
) -> tuple[list[Outcome], dict[str, str]]:
    """Run cases on implementations; return the outcomes, and why others are absent."""
    outcomes: list[Outcome] = []
    absent: dict[str, str] = {}
    for label in labels:
        reason = why_absent(label)
        if reason:
            absent[label] = reason
            continue
        for case in cases:
            outcome = run(case, label)
            if outcome.verdict == "pass" and not keep_answers:
                outcome = reports.without_answer(outcome)
            outcomes.append(outcome)
    return outcomes, absent


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status."""
    options = _parser().parse_args(arguments)
    labels = [each for each in options.impl.split(",") if each]
    unknown = set(labels) - set(LABELS)
    if unknown:
        print(f"no such implementation: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    cases = _wanted(options)
    if not cases:
        print("no case is chosen", file=sys.stderr)
        return 2
    begin = time.perf_counter()
    found, absent = run_all(cases, cast("list[Label]", labels))
    known = known_failures()
    outcomes = judged(found, known)
    problems = _problems(options, cases, absent)
    problems += [
        f"known failure {each.case} is no case"
        for each in known
        if not (options.area or options.only or options.clause)
        and each.case not in {case.id for case in cases}
    ]
    print(reports.table(outcomes, by="area"))
    if options.by_clause:
        print(reports.table(outcomes, by="clause"))
    for outcome in outcomes:
        if not outcome.good:
            print(f"{outcome.verdict}: {outcome.case.id} on {outcome.implementation}: "
                  f"{outcome.detail}")  # fmt: skip
    for label, reason in absent.items():
        print(f"absent: {label}: {reason}")
    for problem in problems:
        print(f"problem: {problem}")
    seconds = time.perf_counter() - begin
    print(f"{len(cases)} cases, {len(outcomes)} runs, {seconds:.0f} s")
    if options.junit:
        options.junit.write_bytes(reports.junit(outcomes, problems))
    if options.json:
        options.json.write_text(reports.as_json(outcomes, absent, problems), "utf-8")
    if options.html:
        options.html.write_text(html(outcomes, absent, problems, cases), "utf-8")
    return 0 if not problems and all(outcome.good for outcome in outcomes) else 1


def _problems(options: argparse.Namespace, cases: list[Case], absent: dict[str, str]) -> list[str]:
    problems = []
    if not (options.area or options.only or options.clause):
        problems += missing(cases)
    required = os.environ.get("PYDCM_REQUIRE", "").split(",")
    problems += [
        f"{label} is required and absent: {reason}"
        for label, reason in absent.items()
        if label in required
    ]
    return problems
