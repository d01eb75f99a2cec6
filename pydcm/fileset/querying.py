"""Looking for instances of a file-set by the values of their elements."""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from typing import Any

from pydcm.dataset import Dataset
from pydcm.fileset.instance import FileInstance
from pydcm.tag import Tag, TagType

__all__ = ["find_instances", "find_values"]

_HINT = "load=True looks into the files"


def find_instances(
    instances: list[FileInstance], load: bool, wanted: dict[str, Any]
) -> list[FileInstance]:
    """Return the instances whose elements have certain values; see :meth:`FileSet.find`."""
    if not wanted:
        return instances
    criteria = [(int(Tag(keyword)), value) for keyword, value in wanted.items()]
    matches = []
    complete = 0
    for instance in instances:
        source: FileInstance | Dataset = instance.load() if load else instance
        if not all(tag in source for tag, _ in criteria):
            continue
        complete += 1
        if all(source[tag].value == value for tag, value in criteria):
            matches.append(instance)
    if not complete and not load:
        warnings.warn(f"no directory record has all of {list(wanted)}; {_HINT}", stacklevel=3)
    return matches


def find_values(
    elements: TagType | list[TagType], instances: list[FileInstance], load: bool
) -> list[Any] | dict[TagType, list[Any]]:
    """Return the distinct values that elements have; see :meth:`FileSet.find_values`."""
    several = isinstance(elements, list)
    asked: list[Any] = elements if isinstance(elements, list) else [elements]
    values = [_Distinct() for _ in asked]
    tags = [int(Tag(element)) for element in asked]
    for instance in instances:
        source: FileInstance | Dataset = instance.load() if load else instance
        for tag, found in zip(tags, values, strict=True):
            if tag in source:
                found.add(source[tag].value)
    absent = [element for element, found in zip(asked, values, strict=True) if not found.values]
    if absent and not load:
        warnings.warn(f"no directory record has {absent}; {_HINT}", stacklevel=3)
    if not several:
        return values[0].values
    return {element: found.values for element, found in zip(asked, values, strict=True)}


class _Distinct:
    """Values, each once, in the order in which they came."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._seen: set[Hashable] = set()

    def add(self, value: Any) -> None:
        try:
            if value in self._seen:
                return
            self._seen.add(value)
        except TypeError:  # not hashable, such as several values
            if value in self.values:
                return
        self.values.append(value)
