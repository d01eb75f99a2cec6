"""The functions that a kernel is made of: its reference, and the helpers that it reaches."""

from __future__ import annotations

from types import FunctionType
from typing import cast

from pydcm.kernels import kernels

__all__ = ["functions_of", "references"]

_PACKAGE = "pydcm.kernels."
_NO_PART = {f"{_PACKAGE}{name}" for name in ("dialect", "jit", "registry", "status", "verify")}
"""Not mutated: what every kernel stands on, which the implementations each have for themselves."""


def references() -> dict[str, FunctionType]:
    """Return the reference of each kernel by the kernel's name."""
    return {name: cast(FunctionType, kernel.reference) for name, kernel in kernels().items()}


def functions_of(reference: FunctionType) -> list[FunctionType]:
    """Return a kernel's reference and every function of the kernels' package below it."""
    found = [reference]
    for function in found:
        for name in _names(function):
            callee = function.__globals__.get(name)
            if (
                isinstance(callee, FunctionType)
                and callee.__module__.startswith(_PACKAGE)
                and callee.__module__ not in _NO_PART
                and callee not in found
            ):
                found.append(callee)
    return found


def _names(function: FunctionType) -> list[str]:
    return sorted(set(function.__code__.co_names))
