"""The answers of a kernel's implementation, called as pydcm calls it."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from conformance.corpus import Case, Json, octets_of
from conformance.runner.elements import as_octets

__all__ = ["answer"]

Buffer: TypeAlias = "bytes | bytearray | array[int] | memoryview | NDArray[np.generic]"


def _argument(given: Json) -> int | float | Buffer:
    """Return an argument; buffers are new ones."""
    if not isinstance(given, dict):
        return cast("int | float", given)
    code = str(given["format"])
    if "octets" in given:
        octets = octets_of(given["octets"])
    else:
        octets = bytes(cast("int", given["room"]) * np.dtype(code).itemsize)
    kind = given["kind"]
    if kind == "bytes":
        return octets
    if kind == "bytearray":
        return bytearray(octets)
    if kind == "ndarray":
        return np.frombuffer(bytearray(octets), code)
    if kind == "view":
        return memoryview(array(code, octets)) if code != "B" else memoryview(bytearray(octets))
    return array(code, octets)


def answer(case: Case, run: Callable[..., object]) -> dict[str, Json]:
    """Call an implementation and return its result and its buffers."""
    arguments = [_argument(each) for each in cast("list[Json]", case.input["arguments"])]
    result = int(cast("int", run(*arguments)))
    buffers: list[Json] = [
        {"argument": k, "octets": as_octets(memoryview(cast("bytearray", each)).tobytes())}
        for k, each in enumerate(arguments)
        if not isinstance(each, (int, float, bytes)) and len(each)
    ]
    return {"result": result, "buffers": buffers}
