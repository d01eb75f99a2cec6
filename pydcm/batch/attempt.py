"""The work on one series, in whatever process it runs."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from pydcm.batch.outcomes import Failure, Outcome
from pydcm.batch.series import Series

__all__ = ["Task", "Work", "attempt", "failed", "limit_threads", "remove_remains"]

Work: TypeAlias = Callable[[tuple[str, ...], str], object]
"""What is done: it gets the files of a series and an empty folder to write into."""

_PART = ".part"

_THREADS = (
    "PYDCM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


class Task(NamedTuple):
    """What a process needs to know.

    Attributes
    ----------
    series : Series
        The files.
    work : callable
        What to do with them.
    folder : str
        The folder of all outputs.
    fingerprint : str
        Stands for files and work.
    token : str
        Tells the temporary folders of this run from those of others.
    """

    series: Series
    work: Work
    folder: str
    fingerprint: str
    token: str

    @property
    def temporaries(self) -> str:
        """How the names of the folders begin that are written into until all is complete."""
        return f".{self.series.name}.{self.token}-"


def attempt(task: Task) -> Outcome:
    """Do the work on one series; what goes wrong is the outcome, and leaves no output."""
    start = time.perf_counter()
    # A cluster may try again while a worker that it lost touch with still writes.
    name = f"{task.temporaries}{secrets.token_hex(4)}{_PART}"
    temporary = os.path.join(task.folder, name)
    try:
        os.makedirs(temporary)
        result = task.work(task.series.files, temporary)
        outcome = Outcome(
            series=task.series.name,
            status="ok",
            files=len(task.series.files),
            seconds=round(time.perf_counter() - start, 3),
            outputs=tuple(_outputs(task, temporary)),
            result=result,
            task=task.fingerprint,
        )
        outcome.as_json()  # a result that cannot be noted must not pass for done
        _publish(task, temporary)
    except Exception as error:  # whatever the work raises concerns this series alone
        shutil.rmtree(temporary, ignore_errors=True)
        return failed(task, Failure.of(error), time.perf_counter() - start)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return outcome


def failed(task: Task, error: Failure, seconds: float = 0.0) -> Outcome:
    """Return the outcome of a series that could not be done."""
    return Outcome(
        series=task.series.name,
        status="failed",
        files=len(task.series.files),
        seconds=round(seconds, 3),
        error=error,
        task=task.fingerprint,
    )


def _outputs(task: Task, temporary: str) -> list[str]:
    """Return what was written, by the names that it will have below the folder of all outputs."""
    found = []
    for folder, _, names in os.walk(temporary):
        inside = os.path.relpath(folder, temporary)
        found += [
            os.path.normpath(os.path.join(task.series.name, inside, name)).replace(os.sep, "/")
            for name in names
        ]
    return sorted(found)


def _publish(task: Task, temporary: str) -> None:
    """Give the folder of outputs its name, all of them at once."""
    target = os.path.join(task.folder, task.series.name)
    if not os.listdir(temporary):
        os.rmdir(temporary)
        return
    previous = f"{temporary}.previous"
    with contextlib.suppress(FileNotFoundError):
        os.rename(target, previous)
    os.rename(temporary, target)
    shutil.rmtree(previous, ignore_errors=True)


def remove_remains(task: Task) -> None:
    """Remove what attempts left that did not come to their end."""
    for name in os.listdir(task.folder):
        if name.startswith(task.temporaries):
            shutil.rmtree(os.path.join(task.folder, name), ignore_errors=True)


def limit_threads(count: int) -> None:
    """Let a process that does nothing but this use so many threads."""
    for name in _THREADS:
        os.environ[name] = str(count)
