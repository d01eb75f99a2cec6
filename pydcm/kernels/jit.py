"""Compiles a kernel's own code object with numba."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Set
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any
from zlib import crc32

__all__ = ["compiled"]


@cache
def _fingerprint() -> int:
    """Return a number that changes with any file of this package.

    numba keeps what it compiled until the file of the kernel itself changes; the
    helpers that it calls are in other files.
    """
    parts = []
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found = path.stat()
        parts.append((path.name, found.st_size, found.st_mtime_ns))
    return crc32(repr(parts).encode())


def _dispatcher(function: FunctionType, helpers: Set[str]) -> Callable[..., object]:
    import numba

    from pydcm.kernels.compiled import NAMES

    scope = {**function.__globals__, **NAMES}
    for name in function.__code__.co_names:
        callee = function.__globals__.get(name)
        if isinstance(callee, FunctionType) and (
            f"{callee.__module__}.{callee.__qualname__}" in helpers
        ):
            scope[name] = _dispatcher(callee, helpers)
    twin = FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    twin.__module__ = function.__module__
    twin.__qualname__ = f"{function.__qualname__}_{_fingerprint():08x}"
    made: Callable[..., object] = numba.njit(
        twin, cache=True, nogil=True, boundscheck=True, error_model="python"
    )
    return made


def compiled(function: FunctionType, helpers: Set[str]) -> Callable[..., object]:
    """Return `function` compiled; buffers that are no arrays become arrays on the way in."""
    import numpy as np

    run = _dispatcher(function, helpers)

    def as_array(argument: Any) -> Any:
        if isinstance(argument, array):
            return np.frombuffer(argument, dtype=np.dtype(argument.typecode))
        if isinstance(argument, memoryview):
            return np.frombuffer(argument, dtype=np.dtype(argument.format))
        if isinstance(argument, (bytes, bytearray)):
            return np.frombuffer(argument, dtype=np.uint8)
        return argument

    def call(*args: Any) -> object:
        return run(*[as_array(argument) for argument in args])

    return call
