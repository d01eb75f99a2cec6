"""Runs a kernel on every implementation at hand, and sees that all agree on everything."""

from __future__ import annotations

import importlib.util
from array import array
from typing import NamedTuple

from pydcm import kernels
from pydcm.kernels import elements

LABELS: tuple[kernels.Label, ...] = (
    ("reference", "numba") if importlib.util.find_spec("numba") else ("reference",)
)
ANY_TAG = 1 << 32


class Scan(NamedTuple):
    """What a scan gave, and what it left in the arrays that it was given."""

    result: int
    reason: int
    position: int
    tags: list[int]
    offsets: list[int]
    items: list[int]


def numbers(count: int) -> array[int]:
    """Return room for a kernel's results, filled with something that is never one."""
    return array("q", [-77] * count)


def _agreed(outcomes: list[Scan]) -> Scan:
    for label, outcome in zip(LABELS, outcomes, strict=True):
        assert outcome == outcomes[0], f"{label} differs from the reference"
    return outcomes[0]


def scan(
    data: bytes,
    start: int = 0,
    stop: int | None = None,
    coding: int = 0,
    *,
    until: int = ANY_TAG,
    max_depth: int = 128,
    room: int = 64,
) -> Scan:
    """Run ``elements.scan``; `tags` and `offsets` are cut to what it found."""
    outcomes = []
    for label in LABELS:
        tags, offsets, state = numbers(room), numbers(room + 1), numbers(2)
        with kernels.using(label):
            end = len(data) if stop is None else stop
            found = elements.scan(data, start, end, coding, until, max_depth, tags, offsets, state)
        count = found if found >= 0 else state[0]
        outcomes.append(
            Scan(found, state[0], state[1], list(tags[:count]), list(offsets[: count + 1]), [])
        )
    return _agreed(outcomes)


def scan_sequence(
    data: bytes,
    start: int = 0,
    stop: int | None = None,
    coding: int = 0,
    *,
    max_depth: int = 128,
    room: int = 64,
    item_room: int = 16,
) -> Scan:
    """Run ``elements.scan_sequence``; all lists are cut to what it found."""
    outcomes = []
    for label in LABELS:
        items, tags = numbers(4 * item_room), numbers(room)
        offsets, state = numbers(room + 1), numbers(2)
        with kernels.using(label):
            end = len(data) if stop is None else stop
            found = elements.scan_sequence(
                data, start, end, coding, max_depth, items, tags, offsets, state
            )
        rows = items[4 * found - 1] + 1 if found > 0 else 0
        outcomes.append(
            Scan(
                found, state[0], state[1],
                list(tags[:rows]), list(offsets[:rows]), list(items[: 4 * max(found, 0)]),
            )
        )  # fmt: skip
    return _agreed(outcomes)


def find_end(
    data: bytes,
    start: int,
    stop: int | None = None,
    coding: int = 0,
    *,
    depth: int = 1,
    max_depth: int = 128,
) -> tuple[int, int]:
    """Run ``elements.find_end``; return its result, and the position of a fault or -1."""
    outcomes = []
    for label in LABELS:
        state = numbers(2)
        with kernels.using(label):
            end = len(data) if stop is None else stop
            found = elements.find_end(data, start, end, coding, depth, max_depth, state)
        outcomes.append(Scan(found, 0, state[1] if found < 0 else -1, [], [], []))
    agreed = _agreed(outcomes)
    return agreed.result, agreed.position
