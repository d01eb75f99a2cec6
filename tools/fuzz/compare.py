"""Runs a job on several implementations and says where they differ."""

from __future__ import annotations

import random
import warnings
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from pydcm.errors import PydcmError
from pydcm.kernels import Label, using
from tools.fuzz.inputs import FAMILIES, Job, Maker

__all__ = ["Report", "job_of", "outcome", "run"]

Families = Mapping[str, tuple[Maker, int]]


class Report(NamedTuple):
    """What a run found.

    Attributes
    ----------
    inputs : Counter
        How many inputs of each family were tried.
    refused : Counter
        How many of them were refused with an exception.
    differences : list of str
        Each input that was not answered alike.
    digest : int
        A number that depends on every answer, to compare runs.
    """

    inputs: Counter[str]
    refused: Counter[str]
    differences: list[str]
    digest: int


def job_of(
    seed: int, number: int, only: Sequence[str] = (), families: Families = FAMILIES
) -> tuple[str, Job]:
    """Return the family and the job of one input; they depend on both numbers alone."""
    dice = random.Random(f"{seed}:{number}")
    names = list(only or families)
    family = dice.choices(names, [families[name][1] for name in names])[0]
    return family, families[family][0](dice)


def _frozen(value: object) -> object:
    """Return something that equals another one only if its octets do."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, (array, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    return value


def outcome(job: Job, label: Label) -> tuple[str, object, tuple[str, ...]]:
    """Return how a job ended on one implementation, what it gave, and its warnings."""
    with using(label), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ending, found = "returned", None
        try:
            found = _frozen(job())
        except PydcmError as error:
            ending, found = type(error).__name__, str(error)
    return ending, found, tuple(str(each.message) for each in caught)


def run(
    seed: int,
    numbers: Iterable[int],
    labels: Sequence[Label],
    only: Sequence[str] = (),
    families: Families = FAMILIES,
) -> Report:
    """Try inputs on every implementation named, those of some families `only`.

    An exception that is no `PydcmError` is a difference, too.
    """
    report = Report(Counter(), Counter(), [], 0)
    digest = 0
    for number in numbers:
        family, job = job_of(seed, number, only, families)
        report.inputs[family] += 1
        try:
            outcomes = [outcome(job, label) for label in labels]
        except Exception as error:  # whatever is no PydcmError is what is looked for
            report.differences.append(f"{family}, seed {seed}, input {number}: {error!r}")
            continue
        first = outcomes[0]
        report.refused[family] += first[0] != "returned"
        digest = zlib.crc32(repr(first).encode(), digest)
        for label, other in zip(labels, outcomes, strict=True):
            if other != first:
                report.differences.append(
                    f"{family}, seed {seed}, input {number}: {labels[0]} {_short(first)}, "
                    f"{label} {_short(other)}"
                )
    return report._replace(digest=digest)


def _short(found: tuple[str, object, tuple[str, ...]]) -> str:
    return f"{found[0]} {str(found[1])[:80]} {list(found[2])[:2]}"
