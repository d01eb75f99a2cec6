"""Runs cases on an implementation, within bounds of time and memory."""

from __future__ import annotations

import importlib
import resource
import sys
import time
import traceback
import warnings
from collections.abc import Iterable, Mapping
from typing import cast

from conformance.alarm import TooLongError, at_most
from conformance.comparing import differences
from conformance.corpus import Case, CorpusError, Json
from conformance.runner import features, kernels
from conformance.runner.outcomes import Outcome, Verdict
from pydcm import kernels as registry
from pydcm.errors import BackendError, PydcmError

__all__ = ["LABELS", "missing", "run", "why_absent"]

LABELS: tuple[registry.Label, ...] = ("reference", "numba", "accel")
SECONDS = 10
"""A case may take this long."""
_COMPILING = 300
MEGABYTES = 256
"""Memory that a case may add to the peak of the process."""

Answer = Mapping[str, Json]


def why_absent(label: registry.Label) -> str:
    """Return why no kernel has this implementation, or an empty string."""
    reasons = [kernel.why_not(label) for kernel in registry.kernels().values()]
    return "" if "" in reasons else reasons[0]


def missing(cases: Iterable[Case]) -> list[str]:
    """Return kernels without cases, and accelerated functions that are no kernels."""
    covered = {case.subject for case in cases if case.operation == "kernel"}
    known = registry.kernels()
    found = [f"kernel {name} has no cases" for name in known if name not in covered]
    found += [f"cases are for {name}, which is no kernel" for name in covered if name not in known]
    try:
        native = importlib.import_module("pydcm_accel._native")
    except ImportError:
        return found
    accelerated = cast("Mapping[str, object]", native.KERNELS)
    return found + [
        f"the accelerator has {name}, which is no kernel"
        for name in accelerated
        if name not in known
    ]


def _peak() -> float:
    """Return the most memory that the process had so far, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _ask(case: Case, label: registry.Label) -> Answer:
    if case.operation != "kernel":
        return features.answer(case)
    kernel = registry.kernels()[case.subject]
    return kernels.answer(case, kernel.implementation(label))


def run(case: Case, label: registry.Label) -> Outcome:
    """Run one case and judge the answer.

    What numba compiles for the first time may take longer than a case; it is run again then.
    """
    outcome = _run(case, label, SECONDS)
    if label == "numba" and outcome.seconds >= SECONDS:
        _run(case, label, _COMPILING)
        outcome = _run(case, label, SECONDS)
    return outcome


def _run(case: Case, label: registry.Label, seconds: float) -> Outcome:
    begin, peak = time.perf_counter(), _peak()
    answer: Answer | None = None
    verdict: Verdict
    try:
        with registry.using(label), warnings.catch_warnings(), at_most(seconds):
            warnings.simplefilter("ignore")
            answer = _ask(case, label)
        verdict, detail = _judged(case, answer)
    except features.Unsupported as reason:
        verdict, detail = "skip", str(reason)
    except features.LibraryAbsent as reason:
        verdict, detail = "absent", str(reason)
    except CorpusError:
        raise
    except TooLongError:
        verdict, detail = "fail", f"took more than {SECONDS} s"
    except PydcmError as error:
        verdict, detail = _refused(case, label, error)
    except Exception as error:  # whatever escapes is a fault
        where = traceback.extract_tb(error.__traceback__)[-1]
        verdict = "fail"
        detail = f"{type(error).__name__} escapes from {where.name}: {error}"[:300]
    grown = _peak() - peak
    if grown > MEGABYTES and verdict == "pass":
        verdict, detail = "fail", f"took {grown:.0f} MB"
    return Outcome(case, label, verdict, detail, time.perf_counter() - begin, answer)


def _judged(case: Case, answer: Answer) -> tuple[Verdict, str]:
    if case.result == "error":
        return "fail", "had to be refused, and was answered"
    found = differences(case, answer)
    return ("fail", "; ".join(found)[:400]) if found else ("pass", "")


def _refused(case: Case, label: registry.Label, error: PydcmError) -> tuple[Verdict, str]:
    if isinstance(error, BackendError) and f"has no {label} implementation" in str(error):
        return "absent", str(error)
    if case.result == "ok":
        return "fail", f"refused: {type(error).__name__}: {error}"[:300]
    return "pass", f"refused: {type(error).__name__}"
