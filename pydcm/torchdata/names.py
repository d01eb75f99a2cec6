"""Very many file names as one piece of memory."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Sequence
from typing import overload

__all__ = ["Names"]


class Names(Sequence[str]):
    """File names without an object for each.

    A forked worker that only looks at a list of a million texts still copies all
    of it, since looking counts references; and a spawned one waits for it to be
    pickled. This is one piece of bytes, without the folder that all have in common.

    Parameters
    ----------
    names : iterable of str
        File names.

    Examples
    --------
    >>> names = Names(["a/1", "a/2"])
    >>> len(names), names[-1], list(names)
    (2, 'a/2', ['a/1', 'a/2'])
    """

    __slots__ = ("_ends", "_folder", "_text")

    def __init__(self, names: Iterable[str]) -> None:
        whole = list(names)
        self._folder = _common_folder(whole)
        self._ends = array("q", [0])
        parts = []
        for name in whole:
            # A name may hold bytes that are no text, and text that is no file's (URLs).
            parts.append(name[len(self._folder) :].encode("utf-8", "surrogatepass"))
            self._ends.append(self._ends[-1] + len(parts[-1]))
        self._text = b"".join(parts)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        text = self._text[self._ends[place] : self._ends[place + 1]]
        return self._folder + text.decode("utf-8", "surrogatepass")


def _common_folder(names: list[str]) -> str:
    """Return the beginning that all names share, up to a separator."""
    if not names:
        return ""
    first, last = min(names), max(names)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[: max(first.rfind("/", 0, same), first.rfind(os.sep, 0, same)) + 1]
