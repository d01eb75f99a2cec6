"""Work on several frames at once, in threads: kernels and codecs release the interpreter's lock."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["in_order", "worker_count"]

T = TypeVar("T")
R = TypeVar("R")


def worker_count(asked: int | None = None) -> int:
    """Return how many threads to use.

    Parameters
    ----------
    asked : int, optional
        What the caller wants; by default what ``PYDCM_THREADS`` says, or one for
        each processor that this process may use.

    Raises
    ------
    ValueError
        If either is not a positive number.
    """
    if asked is not None:
        if asked < 1:
            raise ValueError(f"workers is {asked}, and at least one is needed")
        return asked
    variable = os.environ.get("PYDCM_THREADS")
    if not variable:
        return _processors()
    if not variable.isdecimal() or int(variable) < 1:
        raise ValueError(f"PYDCM_THREADS is {variable!r} and must be a positive number")
    return int(variable)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def in_order(work: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """Yield what `work` makes of each item, in the order of the items.

    No more than `workers` results exist that were not taken yet. Settings of
    the caller (kernels, limits) hold in the threads, too.

    Parameters
    ----------
    work : callable
        Called with one item, in any thread.
    items : iterable
        What to work on.
    workers : int
        How many threads; with 1 there is none but the caller's.
    """
    if workers == 1:
        yield from map(work, items)
        return
    pending: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers, "pydcm-frames") as pool:
        try:
            for item in items:
                if len(pending) == workers:
                    yield pending.popleft().result()
                pending.append(pool.submit(copy_context().run, work, item))
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
