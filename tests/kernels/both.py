"""Runs a kernel on every implementation at hand, and sees that all agree on everything."""

from __future__ import annotations

from array import array
from typing import NamedTuple, TypeVar

from pydcm import kernels
from pydcm.kernels import elements, items

_ALL: tuple[kernels.Label, ...] = ("reference", "numba", "accel")
LABELS = tuple(label for label in _ALL if not elements.scan.why_not(label))
ANY_TAG = 1 << 32


class Scan(NamedTuple):
    """What a scan gave, and what it left in the arrays that it was given."""

    result: int
    reason: int
    position: int
    tags: list[int]
    offsets: list[int]
    items: list[tuple[int, int]]


class Tree(NamedTuple):
    """What a scan of an item and all below it gave: tag, offset and next row of each row."""

    result: int
    reason: int
    rows: list[tuple[int, int, int]]


Outcome = TypeVar("Outcome", Scan, Tree, tuple[int, int])


def numbers(count: int) -> array[int]:
    """Return room for a kernel's results, filled with something that is never one."""
    return array("q", [-77] * count)


def _agreed(outcomes: list[Outcome]) -> Outcome:
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


def scan_items(
    data: bytes,
    start: int = 0,
    stop: int | None = None,
    coding: int = 0,
    *,
    max_depth: int = 128,
    room: int = 64,
) -> Scan:
    """Run ``items.scan_items``; `items` has the begin and the end of each."""
    outcomes = []
    for label in LABELS:
        begins, ends, state = numbers(room), numbers(room), numbers(2)
        with kernels.using(label):
            last = len(data) if stop is None else stop
            found = items.scan_items(data, start, last, coding, max_depth, begins, ends, state)
        count = max(found, 0)
        found_items = list(zip(begins[:count], ends[:count], strict=True))
        outcomes.append(Scan(found, state[0], state[1], [], [], found_items))
    return _agreed(outcomes)


def scan_tree(
    data: bytes,
    start: int = 8,
    stop: int | None = None,
    coding: int = 0,
    *,
    max_depth: int = 128,
    room: int = 400,
) -> Tree:
    """Run ``items.scan_tree``; the rows are cut to what it found."""
    outcomes = []
    for label in LABELS:
        tags, offsets, nexts = numbers(room), numbers(room), numbers(room)
        stack, state = numbers(4 * max_depth + 4), numbers(2)
        with kernels.using(label):
            end = len(data) if stop is None else stop
            found = items.scan_tree(
                data, start, end, coding, max_depth, tags, offsets, nexts, stack, state
            )
        rows = zip(tags[:found], offsets[:found], nexts[:found], strict=True)
        outcomes.append(Tree(found, state[0], list(rows)))
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
        outcomes.append((found, state[1] if found < 0 else -1))
    return _agreed(outcomes)
