"""The corpus's cases as checks of the references."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import partial

from conformance.comparing import differences
from conformance.corpus import Case, load
from conformance.mutate.trial import Check
from conformance.runner import features
from conformance.runner import kernels as calls
from pydcm import kernels
from pydcm.errors import PydcmError

__all__ = ["checks_of", "holds"]


def holds(case: Case) -> bool:
    """Return whether the references, as they are now, answer a case as it has it."""
    if case.operation == "kernel":
        reference = kernels.kernels()[case.subject].reference
        return not differences(case, calls.answer(case, reference))
    with kernels.using("reference"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answer = features.answer(case)
        except PydcmError:
            return case.result != "ok"
    return case.result != "error" and not differences(case, answer)


def checks_of(chosen: Iterable[str], cases: Iterable[Case] | None = None) -> Iterator[Check]:
    """Yield a check for each case of some kernels, and for each case of a feature.

    What the references themselves do not answer as the case has it cannot tell a mutant
    from them; the runner's list of known failures has it, and it is left out here.
    """
    names = set(chosen)
    for case in load() if cases is None else cases:
        if case.operation == "kernel" and case.subject not in names:
            continue
        try:
            fine = holds(case)
        except Exception:  # a reference that fails otherwise does not answer, either
            fine = False
        if fine:
            yield Check(case.id, partial(holds, case))
