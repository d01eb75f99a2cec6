"""Chooses, once for each kernel, the implementation that runs.

A kernel is a function written in the dialect of :mod:`pydcm.kernels.dialect`.
Its implementations are ``reference`` (that function), ``numba`` (the same code
compiled) and ``accel`` (the function of the same name in ``pydcm_accel``).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import FunctionType
from typing import Generic, Literal, ParamSpec, TypeVar, cast, get_args

from pydcm.errors import BackendError
from pydcm.kernels import dialect
from pydcm.kernels.accelerator import ABI, accelerator, check_required

__all__ = ["ABI", "Kernel", "Label", "forced", "kernel", "kernels", "used", "using"]

P = ParamSpec("P")
R = TypeVar("R")
Label = Literal["reference", "numba", "accel"]

_registry: dict[str, Kernel[..., object]] = {}
_forced: ContextVar[Label | None] = ContextVar("pydcm_impl", default=None)


class Kernel(Generic[P, R]):
    """A hot loop with one specification and up to three implementations.

    Attributes
    ----------
    name : str
        ``family.verb``, equal in every implementation.
    reference : callable
        The specification.
    clause : str
        The clause of the standard that it implements.
    jit_by_default : bool
        False where importing numba would cost more than the loop it speeds up;
        numba then runs the kernel only when asked for by name.
    compiles : bool
        False where Python has something better than a loop in the dialect that
        numba compiles; numba then runs the reference.
    """

    def __init__(
        self,
        name: str,
        reference: Callable[P, R],
        clause: str,
        jit_by_default: bool,
        compiles: bool,
    ) -> None:
        self.name = name
        self.reference = reference
        self.clause = clause
        self.jit_by_default = jit_by_default and compiles
        self.compiles = compiles
        self.__doc__ = reference.__doc__
        self._default: Callable[P, R] | None = None
        self._loaded: dict[Label, Callable[P, R]] = {"reference": reference}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the implementation that was chosen."""
        forced = _forced.get()
        run = self._default if forced is None else self.implementation(forced)
        if run is None:
            run = self._default = self._choose()
        return run(*args, **kwargs)

    def __reduce__(self) -> tuple[object, ...]:
        return (_named, (self.name,))

    def __repr__(self) -> str:
        return f"<kernel {self.name}, {self.clause}>"

    def available(self) -> list[Label]:
        """Return the labels that can run here, best first."""
        return [label for label in ("accel", "numba", "reference") if not self.why_not(label)]

    def why_not(self, label: Label) -> str:
        """Return why an implementation cannot run here, or an empty string."""
        if label == "accel":
            table, problem = accelerator()
            return problem or ("" if self.name in table else "not in the accelerator")
        if label == "numba" and not _has_numba():
            return "numba is not installed (extra: jit)"
        return ""

    def chosen(self) -> Label:
        """Return the label that a call would run now."""
        label = forced()
        if label is not None:
            return label
        labels = self.available()
        return labels[1] if labels[0] == "numba" and not self.jit_by_default else labels[0]

    def implementation(self, label: Label) -> Callable[P, R]:
        """Return the implementation called `label`.

        Raises
        ------
        BackendError
            If it cannot run here.
        """
        if label not in self._loaded:
            problem = self.why_not(label)
            if problem:
                raise BackendError(f"kernel {self.name} has no {label} implementation: {problem}")
            if label == "numba":
                self._loaded[label] = _compile(self.reference) if self.compiles else self.reference
            else:
                self._loaded[label] = cast("Callable[P, R]", accelerator()[0][self.name])
        return self._loaded[label]

    def _choose(self) -> Callable[P, R]:
        check_required()
        run = self.implementation(self.chosen())
        share = float(os.environ.get("PYDCM_VERIFY", "0"))
        if share > 0 and run is not self.reference:
            from pydcm.kernels.verify import verified

            return verified(self.name, self.reference, run, share)
        return run


def kernel(
    name: str, *, clause: str, jit_by_default: bool = True, compiles: bool = True
) -> Callable[[Callable[P, R]], Kernel[P, R]]:
    """Register the decorated reference as the kernel `name`."""

    def register(reference: Callable[P, R]) -> Kernel[P, R]:
        if name in _registry:
            raise RuntimeError(f"kernel {name} is registered twice")
        made = Kernel(name, reference, clause, jit_by_default, compiles)
        _registry[name] = cast("Kernel[..., object]", made)
        return made

    return register


def _named(name: str) -> Kernel[..., object]:
    """Return a kernel, whose family may not be imported yet."""
    importlib.import_module(f"pydcm.kernels.{name.partition('.')[0]}")
    return _registry[name]


def kernels() -> dict[str, Kernel[..., object]]:
    """Return every kernel by name."""
    importlib.import_module("pydcm.kernels.all")
    return dict(sorted(_registry.items()))


@contextmanager
def using(label: Label) -> Iterator[None]:
    """Run every kernel on one implementation, in this thread or task only."""
    if label not in get_args(Label):
        raise ValueError(f"implementation {label!r} is none of {', '.join(get_args(Label))}")
    token = _forced.set(label)
    try:
        yield
    finally:
        _forced.reset(token)


def used() -> Label | None:
    """Return the label of the :func:`using` that is in force here, if one is."""
    return _forced.get()


def forced() -> Label | None:
    """Return the label that every kernel must run, if one was asked for."""
    label = _forced.get() or os.environ.get("PYDCM_IMPL") or None
    if label is not None and label not in get_args(Label):
        raise BackendError(f"PYDCM_IMPL={label} is none of {', '.join(get_args(Label))}")
    return cast("Label | None", label)


@cache
def _has_numba() -> bool:
    try:
        return importlib.util.find_spec("numba") is not None
    except (ImportError, ValueError):  # its import is blocked
        return False


def _compile(reference: Callable[P, R]) -> Callable[P, R]:
    """Compile a reference with the compiled meaning of the dialect's names."""
    from pydcm.kernels.jit import compiled

    return cast("Callable[P, R]", compiled(cast(FunctionType, reference), dialect.HELPERS))
