"""What a call gives, or how it fails, on each implementation of the kernels."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np

from pydcm import kernels
from pydcm.errors import PydcmError
from pydcm.kernels import Label
from tests.kernels.both import LABELS

Outcome = tuple[object, ...]
FAST: Label = "numba" if "numba" in LABELS else "reference"
"""What is compared with the accelerator where the reference would take long."""


def outcome(label: Label, call: Callable[[], object]) -> Outcome:
    """Return what a call gives, arrays as their octets, or the error that it raises."""
    with kernels.using(label):
        try:
            found = call()
        except PydcmError as error:
            return type(error), str(error)
    parts = found if isinstance(found, tuple) else (found,)
    return tuple(
        (str(part.dtype), part.shape, part.tobytes()) if isinstance(part, np.ndarray) else part
        for part in parts
    )


def agreed(call: Callable[[], object], *labels: Label) -> Outcome:
    """Return what a call gives on the accelerator, and see that others give the same."""
    first = outcome("accel", call)
    for label in labels or (FAST,):
        assert outcome(label, call) == first, f"{label} differs from the accelerator"
    return first


def failed(found: Outcome) -> bool:
    """Return whether an outcome is an error."""
    return isinstance(found[0], type)


def damaged(stream: bytes, dice: random.Random, head: int) -> Iterator[bytes]:
    """Yield, without end, a stream with octets or bits changed, cut out, or put in."""
    while True:
        found = bytearray(stream)
        first = head if dice.random() < 0.8 else 2
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            at = dice.randrange(min(first, len(found) - 1), len(found))
            match dice.randrange(6):
                case 0 | 1:
                    found[at] ^= 1 << dice.randrange(8)
                case 2:
                    found[at] = dice.choice((0, 255, 0x7F, 0x80, dice.randrange(256)))
                case 3:
                    del found[at : at + dice.randrange(1, 9)]
                case 4:
                    found[at:at] = dice.randbytes(dice.randrange(1, 5))
                case _:
                    del found[at + 1 :]
            if len(found) < 4:
                break
        yield bytes(found)
