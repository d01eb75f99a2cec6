"""The generated tables of PS3.16, unpacked when they are first asked for.

What is returned is shared by all callers and must not be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from pydcm.sr.coding import Code

__all__ = ["ContextGroup", "Scheme", "context_group", "context_groups", "members", "scheme"]


class Scheme(NamedTuple):
    """The codes of one coding scheme.

    Attributes
    ----------
    codes : dict
        Every keyword and its code.
    keywords : dict
        Every code value and its keywords, the one to be listed first.
    """

    codes: dict[str, Code]
    keywords: dict[str, tuple[str, ...]]


class ContextGroup(NamedTuple):
    """One context group (PS3.16 Annex B).

    Attributes
    ----------
    cid : int
        Its number.
    keyword, name, version : str
        Its keyword, its name and its version, a date.
    includes : tuple of int
        The groups that are part of it.
    direct : str
        Its own members as they stand in the table.
    """

    cid: int
    keyword: str
    name: str
    version: str
    includes: tuple[int, ...]
    direct: str

    def own_members(self) -> Iterator[tuple[str, str]]:
        """Yield scheme and value of each member that is not from an included group."""
        scheme_designator = ""
        for word in self.direct.split():
            if word.startswith("="):
                scheme_designator = word[1:]
            else:
                yield scheme_designator, word


@cache
def scheme_designators() -> tuple[str, ...]:
    """Return the designators of the coding schemes that have codes here."""
    from pydcm._std.codes.concepts import CONCEPTS

    return tuple(CONCEPTS)


@cache
def scheme(designator: str) -> Scheme:
    """Return the codes of a scheme.

    Raises
    ------
    KeyError
        If there is none of that designator.
    """
    from pydcm._std.codes.concepts import CONCEPTS

    codes: dict[str, Code] = {}
    keywords: dict[str, tuple[str, ...]] = {}
    for line in CONCEPTS[designator].splitlines():
        value, names, meaning = line.split("|")
        found = tuple(names.split())
        codes.update(dict.fromkeys(found, Code(value, designator, meaning)))
        keywords[value] = keywords.get(value, ()) + found
    return Scheme(codes, keywords)


@cache
def context_groups() -> dict[int, ContextGroup]:
    """Return every context group by its number."""
    from pydcm._std.codes.context_groups import CONTEXT_GROUPS

    found = {}
    for line in CONTEXT_GROUPS.splitlines():
        cid, keyword, name, version, includes, direct = line.split("|")
        included = tuple(map(int, includes.split()))
        found[int(cid)] = ContextGroup(int(cid), keyword, name, version, included, direct)
    return found


def context_group(cid: int) -> ContextGroup:
    """Return a context group.

    Raises
    ------
    KeyError
        If there is none of that number.
    """
    return context_groups()[cid]


def members(cid: int) -> Iterator[tuple[str, str]]:
    """Yield scheme and value of each member once, those of included groups last."""
    return expanded(cid, context_groups())


def expanded(cid: int, groups: Mapping[int, ContextGroup]) -> Iterator[tuple[str, str]]:
    """Yield the members of one of some groups; these may include one another, and twice."""
    waiting, seen = [cid], {cid}
    given: set[tuple[str, str]] = set()
    while waiting:
        group = groups[waiting.pop()]
        for member in group.own_members():
            if member not in given:
                given.add(member)
                yield member
        fresh = [number for number in group.includes if number in groups and number not in seen]
        seen.update(fresh)
        waiting.extend(reversed(fresh))
