"""Reports of a run: tables as text, JUnit XML, JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal
from xml.etree import ElementTree

from conformance.runner.outcomes import Outcome

__all__ = ["By", "as_json", "cell", "counted", "junit", "labels_of", "table", "without_answer"]

By = Literal["area", "clause", "subject"]


def without_answer(outcome: Outcome) -> Outcome:
    """Return an outcome that needs little memory."""
    return replace(outcome, answer=None)


def labels_of(outcomes: Iterable[Outcome]) -> list[str]:
    """Return the implementations in the order in which they ran."""
    return list(dict.fromkeys(outcome.implementation for outcome in outcomes))


def _keys(outcome: Outcome, by: By) -> list[str]:
    if by == "clause":
        return outcome.case.clauses
    return [outcome.case.area if by == "area" else outcome.case.subject]


def counted(outcomes: Iterable[Outcome], by: By) -> dict[str, dict[str, Counter[str]]]:
    """Return how many outcomes of each verdict there are, by key and implementation."""
    counts: dict[str, dict[str, Counter[str]]] = {}
    for outcome in outcomes:
        for key in _keys(outcome, by):
            row = counts.setdefault(key, {})
            row.setdefault(outcome.implementation, Counter())[str(outcome.verdict)] += 1
    return dict(sorted(counts.items()))


def cell(counter: Counter[str]) -> str:
    """Return one cell of a table: what passed of how many, and what else there is."""
    total = sum(counter.values())
    rest = [f"{count} {verdict}" for verdict, count in sorted(counter.items()) if verdict != "pass"]
    return f"{counter['pass']}/{total}" + (f" ({', '.join(rest)})" if rest else "")


def table(outcomes: Sequence[Outcome], by: By) -> str:
    """Return a table of text, a row for each key and a column for each implementation."""
    labels = labels_of(outcomes)
    counts = counted(outcomes, by)
    rows = [[by, *labels]]
    rows += [[key, *(cell(row.get(label, Counter())) for label in labels)]
             for key, row in counts.items()]  # fmt: skip
    every: dict[str, Counter[str]] = {label: Counter() for label in labels}
    for outcome in outcomes:
        every[outcome.implementation][outcome.verdict] += 1
    rows.append(["all", *(cell(every[label]) for label in labels)])
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
             for row in rows]  # fmt: skip
    rule = "-" * max(map(len, lines))
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])


def junit(outcomes: Sequence[Outcome], problems: Sequence[str]) -> bytes:
    """Return JUnit XML: a suite for each area and implementation."""
    root = ElementTree.Element("testsuites")
    suites: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes:
        suites.setdefault((outcome.implementation, outcome.case.area), []).append(outcome)
    for (label, area), within in sorted(suites.items()):
        failed = sum(not outcome.good for outcome in within)
        skipped = sum(outcome.verdict in ("known", "absent") for outcome in within)
        suite = ElementTree.SubElement(
            root, "testsuite", name=f"{label}.{area}", tests=str(len(within)),
            failures=str(failed), skipped=str(skipped),
        )  # fmt: skip
        for outcome in within:
            case = ElementTree.SubElement(
                suite, "testcase", classname=f"{label}.{area}", name=outcome.case.id,
                time=f"{outcome.seconds:.4f}",
            )  # fmt: skip
            if not outcome.good:
                ElementTree.SubElement(case, "failure", message=_printable(outcome.detail))
            elif outcome.verdict != "pass":
                ElementTree.SubElement(case, "skipped", message=_printable(outcome.detail))
    if problems:
        suite = ElementTree.SubElement(
            root, "testsuite", name="corpus", tests=str(len(problems)),
            failures=str(len(problems)),
        )  # fmt: skip
        for problem in problems:
            case = ElementTree.SubElement(suite, "testcase", classname="corpus", name=problem)
            ElementTree.SubElement(case, "failure", message=problem)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _printable(text: str) -> str:
    """Return text without the characters that XML does not allow."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def as_json(outcomes: Sequence[Outcome], absent: dict[str, str], problems: Sequence[str]) -> str:
    """Return all verdicts."""
    verdicts: dict[str, dict[str, dict[str, str]]] = {}
    for outcome in outcomes:
        named: dict[str, str] = {"verdict": outcome.verdict}
        if outcome.detail:
            named["detail"] = outcome.detail
        verdicts.setdefault(outcome.case.id, {})[outcome.implementation] = named
    made = {"absent": absent, "problems": list(problems), "cases": verdicts}
    return json.dumps(made, indent=1, sort_keys=True) + "\n"
