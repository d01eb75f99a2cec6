"""Work on several frames at once, in threads: kernels and codecs release the interpreter's lock."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["for_each", "in_order", "worker_count"]

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


def for_each(work: Callable[[int], object], count: int, workers: int) -> None:
    """Do work for each number below `count`, which no thread waits for another to go on with.

    Settings of the caller (kernels, limits) hold in the threads, too. Where work
    fails, no more is begun, and the exception is that of the smallest number,
    as it would be without threads.

    Parameters
    ----------
    work : callable
        Called with a number, in any thread.
    count : int
        How many numbers.
    workers : int
        How many threads, of which the caller's is one.
    """
    numbers = iter(range(count))
    taking = threading.Lock()
    failed: dict[int, BaseException] = {}

    def run() -> None:
        while True:
            with taking:
                number = None if failed else next(numbers, None)
            if number is None:
                return
            try:
                work(number)
            except BaseException as error:  # raised again below, in the caller's thread
                failed[number] = error

    threads = [
        threading.Thread(target=copy_context().run, args=(run,), name=f"pydcm-frames-{k}")
        for k in range(1, min(workers, count))
    ]
    for thread in threads:
        thread.start()
    run()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[min(failed)]


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
