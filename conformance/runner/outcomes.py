"""What came of a case on an implementation, and what was expected to fail."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias, cast

from conformance.corpus import ROOT, Case, Json

__all__ = ["GOOD", "Known", "Outcome", "Verdict", "judged", "known_failures"]

Verdict: TypeAlias = Literal["pass", "fail", "skip", "absent", "known", "unexpected"]
"""`known` is a failure or a skip that is listed; `unexpected` passes though it is listed;
`absent` means that there is no such implementation here, or not the library that it needs."""

GOOD: frozenset[Verdict] = frozenset({"pass", "known", "absent"})
"""Verdicts that do not fail a run; a skip must be listed to become `known`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case on one implementation."""

    case: Case
    implementation: str
    verdict: Verdict
    detail: str = ""
    seconds: float = 0.0
    answer: Mapping[str, Json] | None = field(default=None, repr=False)

    @property
    def good(self) -> bool:
        """Whether it does not fail the run."""
        return self.verdict in GOOD


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of a list of known failures."""

    case: str
    reason: str
    implementations: tuple[str, ...] = ()
    needs: str = ""

    def holds(self, outcome: Outcome) -> bool:
        """Whether it is about this outcome."""
        named = not self.implementations or outcome.implementation in self.implementations
        return named and outcome.case.id == self.case


def known_failures(folder: Path = ROOT / "expected") -> list[Known]:
    """Return the entries of ``expected/pydcm*.toml``.

    Each entry has `case`, an id, and `reason`; it may have `implementations`.
    """
    found = []
    for path in sorted(folder.glob("pydcm*.toml")):
        entries = tomllib.loads(path.read_text("utf-8")).get("failure", [])
        for each in cast("list[dict[str, object]]", entries):
            only = cast("list[str]", each.get("implementations", []))
            found.append(Known(str(each["case"]), str(each["reason"]), tuple(only)))
    return found


def judged(outcomes: Iterable[Outcome], known: Iterable[Known]) -> list[Outcome]:
    """Return the outcomes with those that are listed marked so; the lists are strict."""
    by_case: dict[str, list[Known]] = {}
    for each in known:
        by_case.setdefault(each.case, []).append(each)
    made = []
    for outcome in outcomes:
        entry = next((k for k in by_case.get(outcome.case.id, []) if k.holds(outcome)), None)
        if entry is None or outcome.verdict == "absent":
            made.append(outcome)
        elif outcome.verdict == "pass":
            detail = f"passes, but is listed as a known failure: {entry.reason}"
            made.append(replace(outcome, verdict="unexpected", detail=detail))
        else:
            detail = f"{entry.reason} ({outcome.detail})"
            made.append(replace(outcome, verdict="known", detail=detail))
    return made
