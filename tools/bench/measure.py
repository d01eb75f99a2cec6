"""Interleaved timing: what a shared machine does to one contender it does to all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]
Clock = Callable[[], float]

SAMPLE_SECONDS = 0.02
"""A sample repeats its work until it takes at least this long."""


def repetitions(
    work: Work, at_least: float = SAMPLE_SECONDS, clock: Clock = time.process_time
) -> int:
    """Return how often `work` must run to take `at_least` seconds; warms it up on the way."""
    work()
    start = clock()
    work()
    once = max(clock() - start, 1e-7)
    return max(1, round(at_least / once))


def sample(work: Work, count: int, clock: Clock = time.process_time) -> float:
    """Return the time of one call in seconds, as the mean of `count` calls."""
    gc.collect()
    start = clock()
    for _ in range(count):
        work()
    return (clock() - start) / count


def interleaved(
    works: Mapping[str, Work], rounds: int, clock: Clock = time.process_time
) -> dict[str, list[float]]:
    """Measure every work once in each round, in turn.

    Process time is measured, so that neighbours on the machine count less, unless
    a work has threads or processes of its own; the inputs are in the page cache.
    The garbage collector stays on.

    Returns
    -------
    dict
        For each work, `rounds` times of one call in seconds.
    """
    counts = {name: repetitions(work, clock=clock) for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(sample(work, counts[name], clock))
    return times


def ratio(times: Mapping[str, list[float]], peer: str, ours: str) -> float:
    """Return how many times longer `peer` takes: the median over the rounds."""
    return statistics.median(p / o for p, o in zip(times[peer], times[ours], strict=True))
