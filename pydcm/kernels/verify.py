"""Verified mode: a share of kernel calls is run again on the reference.

Set ``PYDCM_VERIFY=0.01`` to check one call in a hundred. A difference raises
:class:`~pydcm.errors.ConformanceError` and leaves the call's inputs in a file.
"""

from __future__ import annotations

import pickle
import random
import tempfile
from array import array
from collections.abc import Callable
from copy import copy
from typing import ParamSpec, TypeVar

from pydcm.errors import ConformanceError

__all__ = ["verified"]

P = ParamSpec("P")
R = TypeVar("R")


def _content(argument: object) -> object:
    """Return something that compares by value: the octets of a buffer, else the thing itself."""
    try:
        return bytes(memoryview(argument).cast("B"))  # type: ignore[arg-type]  # not all are buffers
    except TypeError:
        return argument


def _kept(argument: object) -> object:
    """Return a copy of an argument that can be pickled, which a memoryview cannot."""
    if isinstance(argument, memoryview):
        octets = argument.tobytes()
        return octets if argument.format == "B" else array(argument.format, octets)
    return copy(argument)


def _copied(argument: object) -> object:
    """Return a copy of an argument that a kernel can tell from it by nothing."""
    if isinstance(argument, memoryview):
        return memoryview(array(argument.format, argument.tobytes()))
    return copy(argument)


def _saved(name: str, args: tuple[object, ...]) -> str:
    with tempfile.NamedTemporaryFile(
        prefix=f"pydcm-{name}-", suffix=".pickle", delete=False
    ) as out:
        pickle.dump((name, args), out)
        return out.name


def verified(
    name: str, reference: Callable[P, R], run: Callable[P, R], share: float
) -> Callable[P, R]:
    """Return `run` with `share` of its calls compared with `reference`."""

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if random.random() >= share:
            return run(*args, **kwargs)
        before = tuple(_kept(argument) for argument in args)
        again = tuple(_copied(argument) for argument in args)
        result = run(*args, **kwargs)
        expected = reference(*again, **kwargs)  # type: ignore[arg-type]  # copies of args
        same = result == expected and all(
            _content(mine) == _content(theirs) for mine, theirs in zip(args, again, strict=True)
        )
        if not same:
            raise ConformanceError(
                f"kernel {name} differs from its reference",
                problems=[
                    f"returned {result!r}, the reference returned {expected!r}",
                    f"the inputs are in {_saved(name, before)}",
                ],
                hint="please report it with that file",
            )
        return result

    return call
