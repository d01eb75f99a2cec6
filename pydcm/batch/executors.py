"""Where tasks run: processes of this machine, an executor, or a Dask cluster."""

from __future__ import annotations

import functools
import importlib
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any, Protocol, TypeAlias

from pydcm.batch.attempt import limit_threads
from pydcm.errors import BackendError
from pydcm.pixels.workers import worker_count

__all__ = ["Executors", "Pool"]


class Cluster(Protocol):
    """A client of a cluster that can pass for an executor, as that of Dask."""

    def get_executor(self) -> Executor:
        """Return the executor."""


Executors: TypeAlias = "Executor | Callable[[], Executor] | Cluster | str | None"
"""Where to run: see :func:`run`."""


class Pool:
    """An executor that is replaced after a crash, if that can be done."""

    def __init__(
        self, executor: Executors, workers: int | None, threads: int | None, tasks: int
    ) -> None:
        self._make: Callable[[], Executor] | None = None
        self._client: Any = None
        self.size = 0
        if executor is None:
            processors = worker_count(workers)
            self.size = min(processors, tasks)
            each = threads or max(1, worker_count() // self.size)
            self._make = functools.partial(_processes, self.size, each)
        elif isinstance(executor, str):
            self._client = _dask_client(executor)
            self.executor: Executor = self._client.get_executor()
        elif isinstance(executor, Executor):
            self.executor = executor
        elif hasattr(executor, "get_executor"):
            self.executor = executor.get_executor()
        else:
            self._make = executor
        if self._make is not None:
            self.executor = self._make()
        self.size = self.size or getattr(self.executor, "_max_workers", 0) or 64

    @property
    def renewable(self) -> bool:
        """Whether there can be another one after a crash."""
        return self._make is not None

    def renew(self) -> None:
        """Make another executor."""
        assert self._make is not None
        self.executor.shutdown(wait=True, cancel_futures=True)
        self.executor = self._make()

    def close(self) -> None:
        """Release what was made here."""
        if self._make is not None:
            self.executor.shutdown(wait=True, cancel_futures=True)
        if self._client is not None:
            self._client.close()


def _processes(workers: int, threads: int) -> Executor:
    # A forked process could inherit a lock that a thread holds; these begin afresh.
    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=limit_threads,
        initargs=(threads,),
    )


def _dask_client(address: str) -> Any:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise BackendError(
            "a Dask cluster is reached through the package distributed, which is not installed",
            name="distributed",
            hint="install the extra: pip install 'pydcm[dask]'",
        ) from error
    return distributed.Client(address)
