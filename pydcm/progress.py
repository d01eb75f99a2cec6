"""Long work says how far it is, and ends when it is told to.

Functions that may take long have an argument `progress`: ``True`` shows a bar
on standard error, or a line now and then where that is a log; a callback is
given a :class:`Step` each time something is done. Whatever the callback raises
ends the work; :exc:`Cancelled` is meant for that. What was not complete by
then leaves no file behind.

Examples
--------
>>> from pydcm.progress import Cancelled, Step, track
>>> def stop_early(step: Step) -> None:
...     print(f"{step.what}: {step.done} of {step.total}")
...     if step.done == 2:
...         raise Cancelled
>>> try:
...     for item in track("abcd", stop_early, what="letters"):
...         pass
... except Cancelled:
...     print("stopped")
letters: 0 of 4
letters: 1 of 4
letters: 2 of 4
stopped
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

__all__ = ["Cancelled", "Meter", "Progress", "Step", "reporting", "track"]

_T = TypeVar("_T")


class Step(NamedTuple):
    """How far the work is.

    Attributes
    ----------
    done : int
        How many things are done.
    total : int or None
        How many there are, if it is known.
    what : str
        What is counted: ``"files read"``, ``"slices"``.
    """

    done: int
    total: int | None
    what: str


Progress: TypeAlias = bool | Callable[[Step], object] | None
"""Whether to show progress, or what to call with each :class:`Step`."""


class Cancelled(Exception):
    """The work was ended on request.

    It is no :exc:`~pydcm.errors.PydcmError`, since nothing is wrong with the
    input: code that puts a faulty file aside and goes on must not do so here.
    """


class Meter:
    """Counts what is done, from any thread, and tells.

    The receiver is called by one thread at a time. Once it has raised, every
    further call raises the same, so that all threads come to an end.

    Parameters
    ----------
    tell : callable
        Gets a :class:`Step` each time.
    total : int, optional
        How many things there are.
    what : str
        What is counted.
    """

    def __init__(
        self, tell: Callable[[Step], object], total: int | None = None, what: str = ""
    ) -> None:
        self._tell = tell
        self._total = total
        self._what = what
        self._done = 0
        self._ended: BaseException | None = None
        self._lock = threading.RLock()
        self.advance(0)

    def advance(self, count: int = 1) -> None:
        """Count `count` more things as done.

        Raises
        ------
        BaseException
            Whatever the receiver raises.
        """
        with self._lock:
            if self._ended is not None:
                raise self._ended
            self._done += count
            try:
                self._tell(Step(self._done, self._total, self._what))
            except BaseException as error:
                self._ended = error
                raise


@contextmanager
def reporting(progress: Progress, total: int | None = None, what: str = "") -> Iterator[Meter]:
    """Give a meter for work that advances by itself, such as in several threads.

    Parameters
    ----------
    progress : bool, callable or None
        As the argument of the function that does the work.
    total : int, optional
        How many things there are.
    what : str
        What is counted.

    Yields
    ------
    Meter
        Its ``advance()`` counts one thing as done.

    Examples
    --------
    >>> steps = []
    >>> with reporting(steps.append, 3, "slices") as meter:
    ...     meter.advance()
    ...     meter.advance(2)
    >>> [step.done for step in steps]
    [0, 1, 3]
    """
    if callable(progress):
        yield Meter(progress, total, what)
    elif not progress:
        yield Meter(_ignore, total, what)
    else:
        display = _display(total, what)
        try:
            yield Meter(display.show, total, what)
        finally:
            display.close()


def track(
    items: Iterable[_T], progress: Progress = None, *, total: int | None = None, what: str = ""
) -> Iterator[_T]:
    """Yield items, and tell after each of them how far the work is.

    Parameters
    ----------
    items : iterable
        What is worked on.
    progress : bool, callable or None
        True to show it on standard error, or a callback.
    total : int, optional
        How many items there are; by default what `len` says, if it says.
    what : str
        What they are: ``"files read"``.

    Yields
    ------
    object
        The items.

    Raises
    ------
    BaseException
        Whatever the callback raises.
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    with reporting(progress, total, what) as meter:
        for item in items:
            yield item
            meter.advance()


def _ignore(_step: Step) -> None:
    """Show nothing."""


# ---- on standard error -----------------------------------------------------


class _Display(Protocol):
    """Shows steps to a person."""

    def show(self, step: Step) -> None:
        """Show how far the work is."""

    def close(self) -> None:
        """Leave the terminal tidy, whether the work was completed or not."""


def _display(total: int | None, what: str) -> _Display:
    # A bar that redraws itself would fill a log with control characters.
    if not sys.stderr.isatty():
        return _Lines(_LOG_EVERY_S, "", "\n")
    try:
        return _Bar(total, what)
    except ImportError:
        return _Lines(_REDRAW_EVERY_S, "\r\x1b[K", "")


_LOG_EVERY_S = 10.0
_REDRAW_EVERY_S = 0.1


class _Lines:
    """A line of text now and then, and one at the end."""

    def __init__(self, every_s: float, before: str, after: str) -> None:
        self._every_s = every_s
        self._before = before
        self._after = after
        self._start = time.monotonic()
        self._next = self._start + every_s
        self._last: Step | None = None
        self._written: Step | None = None

    def show(self, step: Step) -> None:
        """Write a line if the last one is old enough."""
        self._last = step
        if time.monotonic() >= self._next:
            self._write(step)

    def close(self) -> None:
        """Write how far the work came."""
        if self._last is not None and self._last != self._written:
            self._write(self._last)
        if not self._after:
            sys.stderr.write("\n")
            sys.stderr.flush()

    def _write(self, step: Step) -> None:
        now = time.monotonic()
        share = f" ({100 * step.done // step.total} %)" if step.total else ""
        of = "" if step.total is None else f" of {step.total}"
        text = f"{step.what or 'done'}: {step.done}{of}{share}, {now - self._start:.1f} s"
        sys.stderr.write(f"{self._before}{text}{self._after}")
        sys.stderr.flush()
        self._written, self._next = step, now + self._every_s


class _Bar:
    """The bar of the package rich."""

    def __init__(self, total: int | None, what: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.progress import (
            Progress as Bars,
        )

        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bars.add_task(what, total=total)
        self._bars.start()

    def show(self, step: Step) -> None:
        """Move the bar."""
        self._bars.update(self._task, completed=step.done, total=step.total)

    def close(self) -> None:
        """Leave the bar where it is."""
        self._bars.stop()
