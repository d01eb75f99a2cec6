"""The committed list of mutants that no case can notice, each with its reason.

The list is strict: an entry that matches no mutant any more, and one whose mutant a case
does notice, are faults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from conformance.mutate.mutants import Mutant

__all__ = ["LIST", "Entry", "read", "stale"]

LIST = Path(__file__).with_name("equivalent.toml")


class Entry(NamedTuple):
    """A mutant that behaves as the original does.

    Attributes
    ----------
    function, was, becomes, nth
        What names it: see `Mutant`.
    kernels : tuple of str
        The kernels in whose trials it is equivalent; empty for all.
    reason : str
        Why no case can tell it from the original.
    """

    function: str
    was: str
    becomes: str
    nth: int
    kernels: tuple[str, ...]
    reason: str

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names the mutant."""
        return (self.function, self.was, self.becomes, self.nth)

    def covers(self, kernel: str) -> bool:
        """Return whether the entry speaks of a kernel's trials."""
        return not self.kernels or kernel in self.kernels

    def __str__(self) -> str:
        return f"{self.function}: {self.was} -> {self.becomes} ({self.nth})"


def read(path: Path = LIST) -> list[Entry]:
    """Return the entries of a list.

    Raises
    ------
    ValueError
        If one has no reason, or if two name the same mutant.
    """
    found: dict[tuple[str, str, str, int], Entry] = {}
    for block in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", []):
        reason = str(block["reason"]).strip()
        if not reason:
            raise ValueError(f"{path.name}: an entry of {block['function']} has no reason")
        for was, becomes, *nth in block["mutants"]:
            for number in nth or [1]:
                kernels = tuple(block.get("kernels", ()))
                entry = Entry(block["function"], was, becomes, number, kernels, reason)
                if entry.key in found:
                    raise ValueError(f"{path.name} names a mutant twice: {entry}")
                found[entry.key] = entry
    return list(found.values())


def stale(entries: Iterable[Entry], mutants: Iterable[Mutant]) -> list[Entry]:
    """Return the entries that match none of all mutants of the functions that they name."""
    known = {mutant.key for mutant in mutants}
    return [entry for entry in entries if entry.key not in known]
