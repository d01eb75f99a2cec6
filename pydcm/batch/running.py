"""Runs work on many series, on the executor that there is."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import secrets
import shutil
from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

from pydcm.batch.attempt import Task, Work, attempt, failed, remove_remains
from pydcm.batch.executors import Executors, Pool
from pydcm.batch.outcomes import Failure, Outcome, OutcomeLog, known_to_be_done
from pydcm.batch.series import Series
from pydcm.progress import Meter, Progress, reporting
from pydcm.safe_path import check_component

__all__ = ["run"]


_CRASHED = Failure(
    "WorkerCrash", "the process that worked on it ended without a result, as when memory runs out"
)
_LOG = "outcomes.jsonl"
_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{8}-[0-9a-f]{8}\.part(?:\.previous)?")
_PER_WORKER = 4
"""So many tasks wait for each worker; the rest of a long list is not handed over yet."""


def run(
    series: Iterable[Series] | Mapping[str, Iterable[str | os.PathLike[str]]],
    work: Work | str,
    folder: str | os.PathLike[str],
    *,
    executor: Executors = None,
    workers: int | None = None,
    threads: int | None = None,
    log: str | os.PathLike[str] | None = None,
    resume: bool = True,
    progress: Progress = None,
) -> list[Outcome]:
    """Do the same with many series, each by itself.

    A series that fails leaves no outputs and disturbs no other. The outputs of
    one appear all at once, in a folder of its name. Each outcome is a line of
    JSON in the log as soon as it is known; running again does what is missing.

    Parameters
    ----------
    series : iterable of Series, or mapping of names to files
        As :func:`find_series` gives them.
    work : callable or "nifti"
        Called with the tuple of file names and the path of an empty folder to
        write into. What it returns is noted, so that it must be something that
        JSON has. To run in other processes it must be a function that they can
        import; settings go with it in a `functools.partial`. ``"nifti"`` is
        :func:`pydcm.batch.to_nifti`.
    folder : str or PathLike
        For the outputs; made if it does not exist. Every worker must see it
        under this name. One run at a time may use it.
    executor : optional
        None: processes of this machine, started afresh if one crashes. An
        executor of `concurrent.futures`; or a function that makes one, which is
        called again after a crash. A client of Dask, or the address of its
        scheduler such as ``"tcp://host:8786"`` (extra ``dask``).
    workers : int, optional
        Number of processes where `executor` is None; by default one for each
        processor, or what ``PYDCM_THREADS`` says.
    threads : int, optional
        Threads of each such process; by default its share of the processors.
    log : str or PathLike, optional
        By default ``outcomes.jsonl`` in `folder`.
    resume : bool
        Pass over series that the log says are done with the same files and the
        same work, and whose outputs are still there.
    progress : bool or callable, optional
        Shows how many series are done; see :mod:`pydcm.progress`. If the
        callback raises, no further series is begun, those that are being worked
        on are waited for and noted, and the exception is raised.

    Returns
    -------
    list of Outcome
        In the order of `series`.

    Raises
    ------
    UnsafePathError
        If the name of a series cannot be that of a folder.
    ValueError
        If two series have the same name, or `work` is an unknown text.
    BackendError
        If a Dask cluster is asked for and `distributed` is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pydcm import examples
    >>> from pydcm.batch import find_series, run
    >>> def count(files, folder):
    ...     return len(files)
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
    ...     files = examples.write_ct_series(folder + "/in", slices=3, size=16)
    ...     found = find_series(folder + "/in")
    ...     (outcome,) = run(found.series, count, folder + "/out", executor=pool)
    >>> outcome.status, outcome.result
    ('ok', 3)
    """
    chosen = _chosen(work)
    target = os.path.abspath(os.fspath(folder))
    tasks = [_task(each, chosen, target) for each in _checked(series)]
    os.makedirs(target, exist_ok=True)
    path = os.path.join(target, _LOG) if log is None else os.fspath(log)
    done = known_to_be_done(path, target) if resume else {}
    outcomes: dict[str, Outcome] = {}
    waiting: deque[Task] = deque()
    for task in tasks:
        earlier = done.get((task.series.name, task.fingerprint))
        if earlier is None:
            waiting.append(task)
        else:
            outcomes[task.series.name] = earlier
    notes = OutcomeLog(path)
    try:
        with reporting(progress, len(tasks), "series") as meter:
            meter.advance(len(outcomes))
            if waiting:
                _clear(target, {task.series.name for task in waiting})
                pool = Pool(executor, workers, threads, len(waiting))
                _Runner(pool, waiting, outcomes, notes, meter).run()
    finally:
        notes.close()
    return [outcomes[task.series.name] for task in tasks]


def _chosen(work: Work | str) -> Work:
    if work == "nifti":
        from pydcm.batch.converting import to_nifti

        return to_nifti
    if not callable(work):
        raise ValueError(f"{work!r} is no work that is known; give 'nifti' or a function")
    return work


def _checked(
    series: Iterable[Series] | Mapping[str, Iterable[str | os.PathLike[str]]],
) -> list[Series]:
    """Return series whose names can be those of folders."""
    pairs = series.items() if isinstance(series, Mapping) else series
    found = [Series(name, tuple(os.fspath(file) for file in files)) for name, files in pairs]
    names: set[str] = set()
    for each in found:
        check_component(each.name)
        if each.name.startswith(".") or each.name == _LOG:
            raise ValueError(f"the name {each.name!r} is used for other things than a series")
        if each.name in names:
            raise ValueError(f"two series have the name {each.name!r}")
        names.add(each.name)
    return found


def _task(series: Series, work: Work, folder: str) -> Task:
    content = json.dumps([_described(work), series.files])
    fingerprint = hashlib.sha256(content.encode()).hexdigest()[:32]
    return Task(series, work, folder, fingerprint, secrets.token_hex(4))


def _clear(folder: str, names: set[str]) -> None:
    """Remove what an earlier run left that was killed while it worked on these series."""
    for entry in os.listdir(folder):
        found = _TEMPORARY.fullmatch(entry)
        if found is not None and found[1] in names:
            shutil.rmtree(os.path.join(folder, entry), ignore_errors=True)


def _described(work: object) -> object:
    """Return what tells one work from another, the same in each run of a program."""
    if isinstance(work, functools.partial):
        return [_described(work.func), repr(work.args), repr(sorted(work.keywords.items()))]
    kind = work if hasattr(work, "__qualname__") else type(work)
    return [getattr(kind, "__module__", ""), getattr(kind, "__qualname__", "")]


class _Runner:
    """Hands out tasks and notes what becomes of them."""

    def __init__(
        self,
        pool: Pool,
        waiting: deque[Task],
        outcomes: dict[str, Outcome],
        notes: OutcomeLog,
        meter: Meter,
    ) -> None:
        self._pool = pool
        self._waiting = waiting
        self._outcomes = outcomes
        self._notes = notes
        self._meter = meter
        self._running: dict[Future[Outcome], Task] = {}

    def run(self) -> None:
        """Work until nothing is left."""
        try:
            while self._waiting or self._running:
                suspects = self._round()
                if suspects:
                    self._find_culprits(suspects)
        except BaseException:
            self._wind_up()
            raise
        finally:
            self._pool.close()

    def _round(self) -> list[Task]:
        """Hand out tasks and take in what is done; return those that a crash took along."""
        crashed: list[Task] = []
        while not crashed and self._waiting and len(self._running) < self._pool.size * _PER_WORKER:
            task = self._waiting.popleft()
            if not self._submit(task):
                crashed.append(task)
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            task = self._running.pop(future)
            outcome = _outcome_of(future, task)
            if outcome is None:
                crashed.append(task)
            else:
                self._note(outcome)
        if not crashed:
            return []
        crashed += self._take_in_the_rest()
        return crashed

    def _submit(self, task: Task) -> bool:
        """Hand out a task; tell whether the executor still takes any."""
        try:
            self._running[self._pool.executor.submit(attempt, task)] = task
        except BrokenExecutor:
            return False
        return True

    def _take_in_the_rest(self) -> list[Task]:
        """Wait for everything that is running, after a crash; return what it took along."""
        crashed = []
        for future, task in list(self._running.items()):
            outcome = _outcome_of(future, task)
            del self._running[future]
            if outcome is None:
                crashed.append(task)
            else:
                self._note(outcome)
        return crashed

    def _find_culprits(self, suspects: list[Task]) -> None:
        """Run alone each task that was under way when a process crashed, to see which does it."""
        if not self._pool.renewable:
            for task in [*suspects, *self._waiting]:
                remove_remains(task)
                self._note(failed(task, _CRASHED))
            self._waiting.clear()
            return
        self._pool.renew()
        for task in suspects:
            remove_remains(task)
            outcome = _outcome_of(self._pool.executor.submit(attempt, task), task)
            if outcome is None:
                remove_remains(task)
                self._pool.renew()
                outcome = failed(task, _CRASHED)
            self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        self._outcomes[outcome.series] = outcome
        self._notes.add(outcome)
        self._meter.advance()

    def _wind_up(self) -> None:
        """Let what is running come to its end, and note it without a word."""
        for future in self._running:
            future.cancel()
        for future, task in self._running.items():
            try:
                outcome = _outcome_of(future, task)
            except BaseException:  # what ended the run is told, no second one
                outcome = None
            if outcome is None:
                remove_remains(task)
            else:
                self._notes.add(outcome)


def _outcome_of(future: Future[Outcome], task: Task) -> Outcome | None:
    """Wait for an outcome; None if the process that worked on it is gone."""
    try:
        return future.result()
    except (BrokenExecutor, CancelledError):
        return None
    except Exception as error:  # the task or its outcome could not be sent
        remove_remains(task)
        return failed(task, Failure.of(error))
