"""One way to decode and encode a family of code streams, and whether it can run here."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

from pydcm.kernels.registry import forced, kernels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydcm._codecs.layout import EncodeOptions, FrameLayout

    Decode: TypeAlias = Callable[[bytes, FrameLayout, int], NDArray[np.generic]]
    Encode: TypeAlias = Callable[[NDArray[np.generic], FrameLayout, EncodeOptions], bytes]
else:
    Decode = Encode = Callable

__all__ = ["OWN", "Decode", "Encode", "Implementation", "Verb", "target"]

Verb = Literal["decode", "encode"]

OWN = "pydcm"
"""The name of pydcm's own implementations."""


class Implementation(NamedTuple):
    """One way to decode and encode a family of code streams.

    Attributes
    ----------
    name : str
        ``"pydcm"``, ``"imagecodecs"`` or ``"glymur"``.
    decode, encode : str
        ``"module:function"`` in this package; empty if it cannot.
    kernels : str
        The family of kernels whose speed decides whether it is preferred to a
        library; empty if there are none.
    extra : str
        The extra that installs what it needs; empty if it needs nothing.
    bits : str
        The Bits Stored that it is for.
    samples : str
        The Samples per Pixel that it is for.
    """

    name: str
    decode: str = ""
    encode: str = ""
    kernels: str = ""
    extra: str = ""
    bits: str = ""
    samples: str = ""

    def why_not(self, verb: Verb = "decode") -> str:
        """Return why it cannot decode or encode here, or an empty string."""
        where: str = getattr(self, verb)
        if not where:
            return f"{self.name} does not {verb} it"
        if not self.extra:
            return ""
        if not _installed(self.name):
            return f"{self.name} is not installed (pip install '.[{self.extra}]')"
        return _lacks(where)

    def available(self, verb: Verb = "decode") -> bool:
        """Return whether it can decode or encode here."""
        return not self.why_not(verb)

    def preferred(self) -> bool:
        """Return whether it comes before those of libraries.

        pydcm's own does if its kernels run compiled, or on what was asked for.
        """
        if self.name != OWN:
            return False
        if not self.kernels or forced() is not None:
            return True
        return _compiled(self.kernels)


@cache
def target(where: str) -> Callable[..., object]:
    """Return the function ``"module:function"`` of this package."""
    module, _, function = where.partition(":")
    found = getattr(import_module(f"pydcm._codecs.{module}"), function)
    return cast("Callable[..., object]", found)


@cache
def _compiled(family: str) -> bool:
    """Return whether any kernel of a family runs faster than in plain Python here."""
    loops = [loop for name, loop in kernels().items() if name.startswith(f"{family}.")]
    return any(loop.chosen() != "reference" for loop in loops)


@cache
def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):  # its import is blocked
        return False


@cache
def _lacks(where: str) -> str:
    """Return what the installed library lacks for a function of the module that calls it."""
    module, _, function = where.partition(":")
    problem: str = import_module(f"pydcm._codecs.{module}").lacks(function)
    return problem
