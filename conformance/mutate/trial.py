"""Runs checks on a mutant, in a child process that may loop, grow or crash."""

from __future__ import annotations

import faulthandler
import os
import resource
import selectors
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Literal, NamedTuple

__all__ = ["Check", "Trial", "Verdict", "run_trials"]

MEMORY = 4 << 30
"""Octets of address space that a trial may have."""
PATIENCE = 20.0
"""Times as long as on the original that a check may take, in processor time."""
LEAST_SECONDS = 0.25
"""Processor time that every check may take."""
WAIT = 60.0
"""Seconds without a sign of life after which a trial is ended, whatever it waits for."""

_DIFFERS = 1
_RAISED = 2


class Check(NamedTuple):
    """Something that must hold on the original, and fails on a mutant that it notices.

    Attributes
    ----------
    name : str
        The case's id.
    run : callable
        Returns whether the outcome is as expected.
    """

    name: str
    run: Callable[[], bool]


class Trial(NamedTuple):
    """A mutant, and the checks that it must pass to survive.

    Attributes
    ----------
    function : FunctionType
        The function that is changed.
    code : CodeType
        What it becomes.
    checks : sequence of Check
        In the order in which they run; the first that fails ends the trial.
    seconds : sequence of float
        What each took on the original.
    """

    function: FunctionType
    code: CodeType
    checks: Sequence[Check]
    seconds: Sequence[float]


class Verdict(NamedTuple):
    """How a trial ended.

    Attributes
    ----------
    survived : bool
        No check failed.
    how : str
        What ended it: ``differs``, ``raised``, ``time``, ``memory``, ``crashed`` or
        ``stuck``; empty if it survived.
    by : int
        Which check noticed; -1 if none did.
    """

    survived: bool
    how: Literal["", "differs", "raised", "time", "memory", "crashed", "stuck"]
    by: int


class _Running(NamedTuple):
    number: int
    pid: int
    pipe: int
    heard: list[float]
    read: bytearray


def run_trials(trials: Iterator[Trial], jobs: int = 1) -> Iterator[tuple[int, Verdict]]:
    """Run trials, `jobs` of them at a time; yield the number and verdict of each as it ends."""
    selector = selectors.DefaultSelector()
    running: dict[int, _Running] = {}
    numbered = enumerate(trials)
    more = True
    try:
        while more or running:
            while more and len(running) < jobs:
                following = next(numbered, None)
                if following is None:
                    more = False
                    break
                started = _start(*following)
                running[started.pipe] = started
                selector.register(started.pipe, selectors.EVENT_READ)
            for key, _ in selector.select(timeout=1.0):
                one = running[key.fd]
                octets = os.read(one.pipe, 1 << 16)
                one.heard[0] = time.monotonic()
                one.read.extend(octets)
                if not octets:
                    selector.unregister(one.pipe)
                    del running[one.pipe]
                    yield one.number, _verdict(one)
            for one in running.values():
                if time.monotonic() - one.heard[0] > WAIT:
                    os.kill(one.pid, signal.SIGKILL)
    finally:
        for one in running.values():
            os.kill(one.pid, signal.SIGKILL)
            os.close(one.pipe)
            os.waitpid(one.pid, 0)
        selector.close()


def _start(number: int, trial: Trial) -> _Running:
    pipe, out = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(pipe)
        status = 70
        try:
            status = _tried(trial, out)
        finally:
            os._exit(status)
    os.close(out)
    return _Running(number, pid, pipe, [time.monotonic()], bytearray())


def _tried(trial: Trial, out: int) -> int:
    """Run the checks in the child; say the number of each before it, and 0 or why it failed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    faulthandler.disable()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    setattr(trial.function, "__code__", trial.code)  # noqa: B010  # mypy takes it for a method
    for number, check in enumerate(trial.checks):
        os.write(out, number.to_bytes(4, "little"))
        limit = max(LEAST_SECONDS, PATIENCE * trial.seconds[number])
        signal.setitimer(signal.ITIMER_PROF, limit)
        try:
            same = check.run()
        except BaseException:  # a mutant may raise anything, SystemExit too
            return _RAISED
        if not same:
            return _DIFFERS
    return 0


def _verdict(one: _Running) -> Verdict:
    os.close(one.pipe)
    _, status = os.waitpid(one.pid, 0)
    said = len(one.read) // 4
    by = int.from_bytes(one.read[4 * said - 4 : 4 * said], "little") if said else -1
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        if code == 0:
            return Verdict(True, "", -1)
        return Verdict(False, "differs" if code == _DIFFERS else "raised", by)
    ended_by = os.WTERMSIG(status)
    if ended_by == signal.SIGPROF:
        return Verdict(False, "time", by)
    return Verdict(False, "stuck" if ended_by == signal.SIGKILL else "crashed", by)
