"""The mutation score of each kernel: how many of its mutants the cases notice."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import CodeType, FrameType, FunctionType
from typing import NamedTuple

from conformance.mutate.equivalent import Entry
from conformance.mutate.mutants import Mutant, mutants_of, sample
from conformance.mutate.targets import functions_of
from conformance.mutate.trial import Check, Trial, Verdict, run_trials

__all__ = ["Outcome", "Reached", "Score", "reach", "score_kernels"]


class Outcome(NamedTuple):
    """A mutant, how its trial ended, and the name of the check that noticed it."""

    mutant: Mutant
    verdict: Verdict
    by: str
    equivalent: Entry | None


class Score(NamedTuple):
    """What became of one kernel's mutants.

    Attributes
    ----------
    kernel : str
        Its name.
    checks : int
        Checks that reach it.
    outcomes : list of Outcome
        One for each trial.
    seconds : float
        What the trials took.
    """

    kernel: str
    checks: int
    outcomes: list[Outcome]
    seconds: float

    @property
    def killed(self) -> int:
        """Mutants that a check noticed, those that are listed as equivalent left out."""
        return sum(not o.verdict.survived and o.equivalent is None for o in self.outcomes)

    @property
    def equivalent(self) -> int:
        """Mutants that are listed as equivalent, and survived."""
        return sum(o.verdict.survived and o.equivalent is not None for o in self.outcomes)

    @property
    def survivors(self) -> list[Outcome]:
        """Mutants that survived without being listed."""
        return [o for o in self.outcomes if o.verdict.survived and o.equivalent is None]

    @property
    def refuted(self) -> list[Outcome]:
        """Mutants that are listed as equivalent, and that a check noticed nevertheless."""
        return [o for o in self.outcomes if not o.verdict.survived and o.equivalent is not None]

    @property
    def share(self) -> float:
        """Killed of those that can be; 0 without any check."""
        tried = self.killed + len(self.survivors)
        return self.killed / tried if tried else 0.0


class Reached(NamedTuple):
    """A check, what it took, and the code that it ran."""

    check: Check
    seconds: float
    codes: frozenset[CodeType]


def reach(checks: Iterable[Check], codes: Iterable[CodeType]) -> list[Reached]:
    """Run every check on the originals; note which of `codes` each one runs.

    Raises
    ------
    RuntimeError
        If a check fails on the originals: it could not tell a mutant from them.
    """
    wanted = frozenset(codes)
    found = []
    for check in checks:
        seen: set[CodeType] = set()
        with _profiled(seen):
            start = time.process_time()
            passed = check.run()
            seconds = time.process_time() - start
        if not passed:
            raise RuntimeError(f"{check.name} fails on the reference itself")
        found.append(Reached(check, seconds, frozenset(seen & wanted)))
    return found


class _profiled:
    """Collects the code of every function that is called, in all threads that begin here."""

    def __init__(self, seen: set[CodeType]) -> None:
        self._seen = seen

    def _called(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self._seen.add(frame.f_code)

    def __enter__(self) -> None:
        threading.setprofile(self._called)
        sys.setprofile(self._called)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type,unused-ignore]  # None ends it, as in sys


def score_kernels(
    references: dict[str, FunctionType],
    checks: Iterable[Check],
    entries: Sequence[Entry] = (),
    *,
    most: int | None = None,
    jobs: int = 1,
    told: Callable[[Score], None] = lambda _: None,
) -> list[Score]:
    """Try the mutants of some kernels on the checks that reach each.

    Parameters
    ----------
    references : dict
        The kernels' references by name.
    checks : iterable of Check
        All checks; each runs once on the originals to see what it reaches.
    entries : sequence of Entry
        Mutants known to be equivalent.
    most : int, optional
        Try so many of a kernel's mutants, always the same ones.
    jobs : int
        Trials at a time.
    told : callable, optional
        Takes each score as it is known.
    """
    functions = {name: functions_of(reference) for name, reference in references.items()}
    codes = {function.__code__ for found in functions.values() for function in found}
    reached = reach(checks, codes)
    known = {entry.key: entry for entry in entries}
    scores = []
    for name, reference in references.items():
        mine = [one for one in reached if reference.__code__ in one.codes]
        score = _score(name, functions[name], mine, known, most, jobs)
        told(score)
        scores.append(score)
    return scores


def _score(
    kernel: str,
    functions: list[FunctionType],
    reached: list[Reached],
    known: dict[tuple[str, str, str, int], Entry],
    most: int | None,
    jobs: int,
) -> Score:
    start = time.monotonic()
    pairs = [(function, mutant) for function in functions for mutant in mutants_of(function)]
    chosen = set(map(id, sample([mutant for _, mutant in pairs], most)))
    pairs = [pair for pair in pairs if id(pair[1]) in chosen]
    # The checks that noticed most mutants of a function come first, then the quickest.
    noticed: dict[tuple[str, str], int] = {}
    orders: list[list[Reached]] = []

    def trials() -> Iterator[Trial]:
        for function, mutant in pairs:
            able = [one for one in reached if function.__code__ in one.codes]
            able.sort(
                key=lambda one: (
                    -noticed.get((mutant.function, one.check.name), 0),
                    one.seconds,
                )
            )
            orders.append(able)
            yield Trial(
                function,
                mutant.code,
                [one.check for one in able],
                [one.seconds for one in able],
            )

    found: dict[int, Outcome] = {}
    for number, verdict in run_trials(trials(), jobs):
        mutant = pairs[number][1]
        by = orders[number][verdict.by].check.name if verdict.by >= 0 else ""
        if by:
            noticed[mutant.function, by] = noticed.get((mutant.function, by), 0) + 1
        entry = known.get(mutant.key)
        listed = entry if entry is not None and entry.covers(kernel) else None
        found[number] = Outcome(mutant, verdict, by, listed)
    outcomes = [found[number] for number in sorted(found)]
    return Score(kernel, len(reached), outcomes, time.monotonic() - start)
