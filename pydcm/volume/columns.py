"""Functional groups as columns: one array over all frames for each attribute.

Every frame of an enhanced image repeats the same few sequences with other
values (PS3.3 C.7.6.16.1.2). So the items of the Per-Frame Functional Groups
Sequence are not opened one by one: an item whose octets agree with those of an
earlier one, except for values, has its values in the same places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pydcm.datadict import dictionary_VR
from pydcm.dataset import Dataset
from pydcm.elementindex import ElementIndex
from pydcm.errors import GeometryError
from pydcm.itemindex import ItemPlace, open_item, rows_of_item
from pydcm.sequence import Sequence as Items
from pydcm.volume import header

__all__ = ["FunctionalGroups"]

_PER_FRAME = 0x52009230
_SHARED = 0x52009229
_MOST_LAYOUTS = 64
"""Items of one length are compared with no more layouts than this; the rest is opened."""

_DEPTH = 2
"""Sequences within a functional group are read, too, such as that of diffusion gradients."""

_STRUCTURE = (-1, 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD)
"""Rows of an index that are no elements: items, and where they end."""

_Cell = tuple[int, int, str, bool]
"""Where a value begins and ends in an item, its VR, and whether it is little endian."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the values of an item lie.

    Attributes
    ----------
    cells : dict
        For (macro, tag), the value's place.
    fixed : ndarray of bool
        Which octets are no values: the headers that must agree.
    """

    cells: dict[tuple[int, int], _Cell]
    fixed: NDArray[np.bool_]


class FunctionalGroups:
    """The functional groups of an enhanced image, by attribute.

    Parameters
    ----------
    dataset : Dataset
        An image with a Per-Frame Functional Groups Sequence (5200,9230).
    frames : int
        Number of Frames.

    Raises
    ------
    GeometryError
        If there is not one item for each frame.
    """

    def __init__(self, dataset: Dataset, frames: int) -> None:
        element = dataset[_PER_FRAME].value
        groups = element if isinstance(element, Items) else Items()
        if len(groups) != frames:
            raise GeometryError(
                f"it has {frames} frames, but functional groups for {len(groups)}",
                clause="PS3.3 C.7.6.16.1.2",
            )
        self.frames = frames
        self._dataset = dataset
        self._groups = groups
        self._shared = header.first_item(dataset, _SHARED)
        self._outer: _Values | None = None
        self._rows = _rows(groups)

    def raw(self, macro: int, tag: int) -> list[_Value | None]:
        """Return VR, octets and byte order of an attribute for each frame.

        A frame without it has None, unless the shared functional groups or the
        top level of the data set have it.

        Parameters
        ----------
        macro : int
            The functional group's sequence.
        tag : int
            The attribute in its first item.
        """
        key = (macro, tag)
        found = [row.get(key) for row in self._rows]
        if None in found:
            shared = self._outside(macro, tag)
            if shared is not None:
                found = [shared if value is None else value for value in found]
        return found

    def decimals(self, macro: int, tag: int, count: int) -> NDArray[np.float64]:
        """Return numbers of an attribute, shape (frames, count); NaN where there are none."""
        out = np.full((self.frames, count), np.nan)
        known: dict[_Value, tuple[float, ...] | None] = {}
        for row, cell in enumerate(self.raw(macro, tag)):
            if cell is None:
                continue
            if cell not in known:
                known[cell] = header.number_list(cell[0], cell[1], little=cell[2])
            numbers = known[cell]
            if numbers is not None and len(numbers) == count:
                out[row] = numbers
        out[~np.isfinite(out)] = np.nan
        return out

    def decimal(self, macro: int, tag: int) -> NDArray[np.float64]:
        """Return one number of an attribute for each frame, shape (frames,), or NaN."""
        known: dict[_Value | None, float] = {None: np.nan}
        out = np.empty(self.frames)
        for row, cell in enumerate(self.raw(macro, tag)):
            if cell not in known:
                assert cell is not None
                numbers = header.number_list(cell[0], cell[1], little=cell[2])
                known[cell] = numbers[0] if numbers else np.nan
            out[row] = known[cell]
        out[~np.isfinite(out)] = np.nan
        return out

    def indices(self, macro: int, tag: int) -> list[tuple[int, ...] | None]:
        """Return all whole numbers of an attribute for each frame, or None."""
        out: list[tuple[int, ...] | None] = []
        for cell in self.raw(macro, tag):
            numbers = None if cell is None else header.number_list(cell[0], cell[1], little=cell[2])
            whole = numbers is not None and all(float(n).is_integer() for n in numbers)
            out.append(tuple(int(n) for n in numbers) if numbers and whole else None)
        return out

    def texts(self, macro: int, tag: int) -> list[tuple[str, ...]]:
        """Return the values of a text attribute for each frame; none is an empty tuple."""
        known: dict[_Value | None, tuple[str, ...]] = {None: ()}
        out: list[tuple[str, ...]] = []
        for cell in self.raw(macro, tag):
            if cell not in known:
                assert cell is not None
                value = cell[1].decode("latin-1").rstrip(" \0")
                parts = tuple(part.strip(" \0") for part in value.split("\\"))
                known[cell] = parts if value else ()
            out.append(known[cell])
        return out

    def _outside(self, macro: int, tag: int) -> _Value | None:
        """Return an attribute of the shared functional groups, or of the top level."""
        if self._shared is not None:
            if self._outer is None:
                self._outer = dict(_opened(self._shared))
            found = self._outer.get((macro, tag))
            if found is not None:
                return found
        return _value_of(self._dataset, tag)


_Value = tuple[str, bytes, bool]
_Values = dict[tuple[int, int], _Value]


class _ClosedRow:
    """The values of an item that is not opened, cut out when they are asked for."""

    __slots__ = ("_begin", "_cells", "_window")

    def __init__(self, place: ItemPlace, layout: _Layout) -> None:
        self._window = place.index.window
        self._begin = place.begin
        self._cells = layout.cells

    def get(self, key: tuple[int, int]) -> _Value | None:
        """Return VR, octets and byte order of a value."""
        cell = self._cells.get(key)
        if cell is None:
            return None
        first, last, vr, little = cell
        begin = self._begin
        return vr, self._window[begin + first : begin + last], little


def _rows(groups: Items) -> list[_ClosedRow | _Values]:
    """Return the attributes of each item."""
    places = [groups.unopened(number) for number in range(len(groups))]
    closed = [place for place in places if place is not None and place.row < 0]
    # In Implicit VR an item's octets do not tell a sequence from another value.
    plain = len(closed) == len(places) and not any(place.index.is_implicit for place in closed)
    layouts = _layouts(closed) if plain else {}
    rows: list[_ClosedRow | _Values] = []
    for number, place in enumerate(places):
        layout = layouts.get(number)
        if place is None or layout is None:
            rows.append(dict(_opened(groups[number])))
        else:
            rows.append(_ClosedRow(place, layout))
    return rows


def _layouts(places: Sequence[ItemPlace]) -> dict[int, _Layout]:
    """Return the layout of each item that agrees with one, by its number."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        by_length[place.end - place.begin].append(number)
    found: dict[int, _Layout] = {}
    for length, numbers in by_length.items():
        if length <= 0:
            continue
        window = np.frombuffer(places[numbers[0]].index.window, np.uint8)
        begins = np.array([places[number].begin for number in numbers])
        rest = np.arange(len(numbers))
        for _ in range(_MOST_LAYOUTS):
            if not rest.size:
                break
            first = places[numbers[rest[0]]]
            layout = _layout(first)
            fixed = np.flatnonzero(layout.fixed)
            same = np.ones(rest.size, bool)
            model = window[first.begin + fixed]
            for start in range(0, rest.size, 256):  # so that little is in memory at a time
                rows = begins[rest[start : start + 256], np.newaxis] + fixed
                same[start : start + 256] = (window[rows] == model).all(axis=1)
            found.update((numbers[k], layout) for k in rest[same])
            rest = rest[~same]
    return found


def _layout(place: ItemPlace) -> _Layout:
    """Find where the values of one item lie, by opening it."""
    index, row = open_item(place, 1)
    assert index.nexts is not None
    begin = place.begin + index.base
    fixed = np.ones(place.end - place.begin, bool)
    for at in range(row + 1, index.nexts[row] - 1):
        if index.tags[at] not in _STRUCTURE and index.nexts[at] == at + 1:
            _, _, _, first, last = index.element(at)
            fixed[first - begin : last - begin] = False
    cells = {
        key: (first - begin, last - begin, vr, index.is_little)
        for key, (first, last, vr) in _leaves(index, row, _DEPTH)
    }
    return _Layout(cells, fixed)


def _leaves(
    index: ElementIndex, row: int, depth: int
) -> Iterator[tuple[tuple[int, int], tuple[int, int, str]]]:
    """Yield (sequence, tag) and the place of the value for what is in the sequences of an item."""
    assert index.nexts is not None
    for sequence, at in rows_of_item(index, row).items():
        if index.nexts[at] <= at + 1:
            continue
        for tag, inner in rows_of_item(index, at + 1).items():
            if index.nexts[inner] == inner + 1:
                vr, _, _, first, last = index.element(inner)
                yield (sequence, tag), (first, last, _vr(vr, tag))
        if depth > 1:
            yield from _leaves(index, at + 1, depth - 1)


def _opened(
    item: Dataset, depth: int = _DEPTH
) -> Iterator[tuple[tuple[int, int], tuple[str, bytes, bool]]]:
    """Yield the attributes in the sequences of an item that is a data set."""
    for sequence in list(item._dict):
        inner = header.first_item(item, sequence)
        if inner is None:
            continue
        for tag in list(inner._dict):
            found = _value_of(inner, tag)
            if found is not None:
                yield (int(sequence), int(tag)), found
        if depth > 1:
            yield from _opened(inner, depth - 1)


def _value_of(dataset: Dataset, tag: int) -> _Value | None:
    """Return VR, octets and byte order of an element that is no sequence."""
    entry = dataset._dict.get(tag)
    if entry is None:
        return None
    index = dataset._index
    if type(entry) is int and index is not None:
        plain = index.plain_value(entry)
        if plain is not None:
            return plain[0], plain[1], True
        found = index.element(entry)
        vr = _vr(found.vr, tag)
        return None if vr == "SQ" else (vr, index.read(found.begin, found.end), index.is_little)
    numbers = header.texts(dataset, tag)
    return ("DS", "\\".join(numbers).encode("latin-1", "replace"), True) if numbers else None


def _vr(written: str | None, tag: int) -> str:
    """Return the VR in the file, or that of the dictionary where the file has none."""
    if written not in (None, "UN"):
        return str(written)
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"
