"""``python -m conformance run --mutate``: the mutation score of each kernel."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FunctionType

from conformance.mutate import equivalent
from conformance.mutate.mutants import mutants_of
from conformance.mutate.score import Outcome, Score, score_kernels
from conformance.mutate.targets import functions_of, references
from conformance.mutate.trial import Check

__all__ = ["faults_of_list", "main", "report", "run", "table"]

LEAST = 0.9
"""The share of a kernel's mutants that its cases must notice."""
_COLUMNS = "{:<28} {:>6} {:>8} {:>7} {:>9} {:>11} {:>7} {:>6}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the kernels that are asked for; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="conformance run --mutate",
        description="Change each kernel's reference in one place at a time; the cases must notice.",
    )
    parser.add_argument("--kernel", nargs="+", metavar="NAME", help="kernels (default: all)")
    parser.add_argument("--most", type=int, metavar="N", help="try N mutants of each kernel")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="trials at a time")
    parser.add_argument("--least", type=float, default=LEAST, help="score that each must reach")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every outcome")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table of the docs")
    parser.add_argument("--survivors", action="store_true", help="list the mutants that survived")
    options = parser.parse_args(arguments)
    every = references()
    unknown = sorted(set(options.kernel or ()) - set(every))
    if unknown:
        parser.error(f"no such kernel: {', '.join(unknown)}")
    chosen = {name: every[name] for name in options.kernel or every}
    from conformance.mutate.checks import checks_of

    scores = run(chosen, checks_of(chosen), most=options.most, jobs=options.jobs)
    if options.json:
        options.json.write_text(json.dumps(report(scores), indent=1) + "\n", encoding="utf-8")
    if options.csv:
        options.csv.write_text(table(scores), encoding="utf-8")
    if options.survivors:
        for score in scores:
            print(f"\n{score.kernel}: {len(score.survivors)} survived")
            for outcome in score.survivors:
                print(f"  {outcome.mutant}")
    faults = faults_of_list(equivalent.read(), every) + _faults(scores, options.least)
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


def run(
    chosen: dict[str, FunctionType], checks: Iterable[Check], *, most: int | None, jobs: int
) -> list[Score]:
    """Score kernels, and print a row for each as it is known."""
    print(
        _COLUMNS.format(
            "kernel", "cases", "mutants", "killed", "survived", "equivalent", "score", "s"
        )
    )
    scores = score_kernels(chosen, checks, equivalent.read(), most=most, jobs=jobs, told=_row)
    tried = sum(score.killed + len(score.survivors) for score in scores)
    killed = sum(score.killed for score in scores)
    print(f"all kernels: {killed} of {tried} mutants noticed, {killed / max(tried, 1):.1%}")
    return scores


def _row(score: Score) -> None:
    print(
        _COLUMNS.format(
            score.kernel,
            score.checks,
            len(score.outcomes),
            score.killed,
            len(score.survivors),
            score.equivalent,
            f"{score.share:.1%}",
            f"{score.seconds:.0f}",
        )
    )
    sys.stdout.flush()


def _faults(scores: Iterable[Score], least: float) -> list[str]:
    found = []
    for score in scores:
        if score.share < least:
            found.append(f"{score.kernel}: its cases notice {score.share:.1%}, not {least:.0%}")
        found += [
            f"{equivalent.LIST.name}: {one.mutant} is not equivalent, {one.by} notices it"
            for one in score.refuted
        ]
    return found


def faults_of_list(
    entries: Iterable[equivalent.Entry], every: dict[str, FunctionType]
) -> list[str]:
    """Return what of the list of equivalent mutants matches nothing any more."""
    entries = list(entries)
    named = {entry.function for entry in entries}
    functions = {id(f): f for reference in every.values() for f in functions_of(reference)}
    mutants = [
        mutant
        for function in functions.values()
        if f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}" in named
        for mutant in mutants_of(function)
    ]
    return [
        f"{equivalent.LIST.name}: no such mutant any more: {entry}"
        for entry in equivalent.stale(entries, mutants)
    ]


def report(scores: Iterable[Score]) -> dict[str, object]:
    """Return the scores as an object of JSON."""
    return {"kernels": [_told(score) for score in scores]}


def table(scores: Iterable[Score]) -> str:
    """Return a CSV table with a row for each kernel."""
    target = io.StringIO()
    out = csv.writer(target, lineterminator="\n")
    out.writerow(["kernel", "cases", "mutants", "noticed", "equivalent", "score"])
    for score in scores:
        counts = (score.checks, len(score.outcomes), score.killed, score.equivalent)
        out.writerow([score.kernel, *counts, f"{score.share:.1%}"])
    return target.getvalue()


def _told(score: Score) -> dict[str, object]:
    return {
        "kernel": score.kernel,
        "cases": score.checks,
        "mutants": len(score.outcomes),
        "killed": score.killed,
        "survived": len(score.survivors),
        "equivalent": score.equivalent,
        "score": round(score.share, 4),
        "seconds": round(score.seconds, 1),
        "outcomes": [_outcome(outcome) for outcome in score.outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    mutant = outcome.mutant
    ended = "equivalent" if outcome.equivalent else "survived"
    return {
        "function": mutant.function,
        "kind": mutant.kind,
        "line": mutant.line,
        "was": mutant.was,
        "becomes": mutant.becomes,
        "nth": mutant.nth,
        "ended": ended if outcome.verdict.survived else outcome.verdict.how,
        "by": outcome.by,
    }


if __name__ == "__main__":
    sys.exit(main())
