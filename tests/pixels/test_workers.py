from __future__ import annotations

import threading
from contextvars import ContextVar

import pytest

from pydcm.pixels.workers import for_each

SETTING: ContextVar[str] = ContextVar("setting", default="none")

workers_of = pytest.mark.parametrize("workers", [1, 2, 5, 100])


@workers_of
@pytest.mark.parametrize("count", [0, 1, 2, 64])
def test_each_number_is_worked_on_once(workers: int, count: int) -> None:
    done: list[int] = []
    for_each(done.append, count, workers)
    assert sorted(done) == list(range(count))


@workers_of
def test_settings_of_the_caller_hold(workers: int) -> None:
    token = SETTING.set("mine")
    seen: set[str] = set()
    for_each(lambda _: seen.add(SETTING.get()), 20, workers)
    SETTING.reset(token)
    assert seen == {"mine"}


@workers_of
def test_the_first_number_that_fails_is_told(workers: int) -> None:
    def work(number: int) -> None:
        if number in (7, 8, 9, 30):
            raise ValueError(str(number))

    for _ in range(20):
        with pytest.raises(ValueError, match=r"^7$"):
            for_each(work, 64, workers)


def test_the_caller_is_one_of_the_threads() -> None:
    both = threading.Barrier(2, timeout=20)
    names: list[str] = []

    def work(_: int) -> None:
        both.wait()  # passes only if two of them are at work
        names.append(threading.current_thread().name)

    for_each(work, 2, 2)
    assert sorted(names) == sorted(["pydcm-frames-1", threading.current_thread().name])
