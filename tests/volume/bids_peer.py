"""Compares sidecars with those of dcm2niix, apart from what the table says differs."""

from __future__ import annotations

import csv
import fnmatch
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("bids_differences.csv")

_DIGITS = 2e-5
"""dcm2niix writes six digits."""

_FLIPPED = {"j": "j-", "j-": "j", "i": "i", "i-": "i-"}


class Difference(NamedTuple):
    """A field that is meant to differ from dcm2niix's.

    Attributes
    ----------
    field : str
        Its name, ``*`` and ``?`` as in file names.
    kind : str
        ``absent`` here, ``other`` value, or ``added`` here.
    series : str
        Folders it holds for, ``*`` and ``?`` as in file names.
    reason : str
        Why.
    """

    field: str
    kind: str
    series: str
    reason: str


@cache
def differences() -> tuple[Difference, ...]:
    """Return the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(Difference(**row) for row in csv.DictReader(file))


def unexplained(
    ours: Mapping[str, object], theirs: Mapping[str, object], series: str
) -> dict[str, tuple[object, object]]:
    """Return the fields that differ although no row of the table says so."""
    found: dict[str, tuple[object, object]] = {}
    for name in {*ours, *theirs}:
        kind = _kind(name, ours, theirs)
        if kind and not _explained(name, kind, series):
            found[name] = ours.get(name), theirs.get(name)
    return found


def _kind(name: str, ours: Mapping[str, object], theirs: Mapping[str, object]) -> str:
    if name not in ours:
        return "absent"
    if name not in theirs:
        return "added"
    expected = theirs[name]
    if name == "PhaseEncodingDirection":
        # dcm2niix flips the rows of what it writes.
        expected = _FLIPPED[str(expected)]
    return "" if _same(ours[name], expected) else "other"


def _explained(name: str, kind: str, series: str) -> bool:
    return any(
        fnmatch.fnmatchcase(name, row.field)
        and row.kind == kind
        and fnmatch.fnmatchcase(series, row.series)
        for row in differences()
    )


def _same(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_same(a, b) for a, b in pairs)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= _DIGITS * max(abs(one), abs(other)) + 1e-9
    return one == other
