"""Tells the volumes of a series apart: which frames belong together, and what differs.

Frames at one position differ in something: time, echo, b-value. An attribute
is taken for a dimension if frames that share its value cover every position; one
that changes from slice to slice, as the acquisition time mostly does, orders the
frames at each position instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import GeometryError
from pydcm.volume.marks import Marks
from pydcm.volume.model import Axis

__all__ = ["DIMENSIONS", "Arrangement", "Dimension", "arrange"]

_Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something by which volumes may differ.

    Attributes
    ----------
    kind : str
        Its name in :class:`~pydcm.volume.Axis`.
    mark : str
        The field of :class:`~pydcm.volume.marks.Marks`.
    tag : int
        The element that tells it in a single-frame image; 0 if none of the standard does.
    orders : bool
        Whether volumes are sorted by it. Those of diffusion stay in the order
        in which they were acquired.
    part : int or None
        Which value of it, from 0, where it has several.
    """

    kind: str
    mark: str
    tag: int
    orders: bool = True
    part: int | None = None

    def of(self, marks: Marks) -> object:
        """Return its value for a frame, or None."""
        value = getattr(marks, self.mark)
        if self.part is None or value is None:
            return value
        return float(value[self.part]) if self.part < len(value) else None


DIMENSIONS = (
    Dimension("stack", "stack", 0x00209056),
    Dimension("phase", "component", 0x00089208),
    Dimension("image type", "image_type", 0x00080008),
    Dimension("echo", "echo_ms", 0x00180081),
    Dimension("inversion time", "inversion_ms", 0x00180082),
    Dimension("flip angle", "flip_deg", 0x00181314),
    Dimension("b-value", "b_value", 0x00189087, orders=False),
    Dimension("gradient", "gradient", 0x00189089, orders=False),
    Dimension("gradient", "own_gradient", 0, orders=False),
    Dimension("cardiac phase", "cardiac", 0x00209241),
    Dimension("temporal position", "temporal", 0x00200100),
    Dimension("frame reference time", "reference_ms", 0x00541300),
    Dimension("trigger time", "trigger_ms", 0x00181060),
    Dimension("acquisition", "acquisition", 0x00200012),
)
"""What volumes may differ in, the slowest first."""

_TIME = Dimension("time", "time_s", 0x00080032)
_ORDERED = (
    _TIME,
    Dimension("trigger time", "trigger_ms", 0x00181060),
    Dimension("instance", "instance", 0x00200013),
    Dimension("frame", "number", 0x00280008),
)
"""What orders the frames at each position where no value is shared by a whole volume."""

_BEFORE_DIFFUSION = DIMENSIONS[:6]
"""What orders volumes even of a diffusion series."""

_MOST_INDICES = 16
"""More Dimension Index Values than these are not looked at."""

_SAME = 1e-3
"""Relative difference below which two times, angles or b-values are the same."""


@dataclass
class Arrangement:
    """Which frames make which volume.

    Attributes
    ----------
    volumes : list of list of int
        For each volume, a frame for each position.
    axes : list of Axis
        In what they differ, the slowest first.
    incomplete : list of list of int
        Frames of volumes that lack a position.
    """

    volumes: list[list[int]]
    axes: list[Axis] = field(default_factory=list)
    incomplete: list[list[int]] = field(default_factory=list)


def arrange(marks: Sequence[Marks], order: Sequence[Sequence[int]]) -> Arrangement:
    """Return the volumes that frames at the same positions make.

    Parameters
    ----------
    marks : sequence of Marks
        Of each frame.
    order : sequence of sequence of int
        For each position, the frames that lie there.

    Raises
    ------
    GeometryError
        If the frames at a position cannot be told apart, or the number of them
        differs from position to position for no reason that the headers tell.

    Examples
    --------
    >>> marks = [Marks(echo_ms=float(echo)) for echo in (20, 40, 20, 40)]
    >>> found = arrange(marks, [[0, 1], [2, 3]])
    >>> found.volumes, found.axes[0].kind, found.axes[0].values.tolist()
    ([[0, 2], [1, 3]], 'echo', [20.0, 40.0])
    """
    if all(len(same) == 1 for same in order):
        return Arrangement([[same[0] for same in order]])
    place = np.zeros(len(marks), np.int64)
    for number, same in enumerate(order):
        place[list(same)] = number
    finder = _Finder(marks, place, len(order))
    parts = min(max(len(mark.indices or ()) for mark in marks), _MOST_INDICES)
    indices = [Dimension("index", "indices", 0x00209157, part=part) for part in range(parts)]
    for dimension in (*DIMENSIONS, *indices):
        finder.try_shared(dimension)
    for dimension in _ORDERED:
        finder.try_ordered(dimension)
    return finder.arrangement()


class _Finder:
    """Divides frames into classes, dimension by dimension, until each has one per position."""

    def __init__(self, marks: Sequence[Marks], place: _Ints, positions: int) -> None:
        self._marks = marks
        self._place = place
        self._positions = positions
        self._classes = np.zeros(len(place), np.int64)
        self._taken: list[tuple[Dimension, _Ints]] = []

    def _counts(self, classes: _Ints) -> _Ints:
        """Return the number of frames, shape (classes, positions)."""
        size = int(classes.max()) + 1
        cells = classes * self._positions + self._place
        flat: _Ints = np.bincount(cells, minlength=size * self._positions).astype(np.int64)
        return flat.reshape(size, self._positions)

    @property
    def _done(self) -> bool:
        return int(self._counts(self._classes).max()) == 1

    def try_shared(self, dimension: Dimension) -> None:
        """Take a dimension if enough frames are in classes that cover every position."""
        codes = _codes([dimension.of(mark) for mark in self._marks])
        if not codes.any() or self._done:
            return
        refined = _relabelled(self._classes, codes)
        counts = self._counts(refined)
        if counts.shape[0] == int(self._classes.max()) + 1:
            return
        whole = counts.min(axis=1) > 0
        if counts[whole].sum() * 2 < counts.sum():
            return
        self._classes = refined
        self._taken.append((dimension, codes))

    def try_ordered(self, dimension: Dimension) -> None:
        """Rank the frames at each position, class by class, by what differs among them all."""
        if self._done:
            return
        values = [dimension.of(mark) for mark in self._marks]
        if any(value is None for value in values):
            return
        counts = self._counts(self._classes)
        crowded = counts.max(axis=1) > 1
        if (counts[crowded] != counts[crowded][:, :1]).any():
            return  # frames are missing, and it is not known of which volume
        numbers = np.array(values, dtype=np.float64)
        ranks = np.zeros(len(numbers), np.int64)
        sorted_frames = np.lexsort((numbers, self._place, self._classes))
        group = (self._classes * self._positions + self._place)[sorted_frames]
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        sizes = np.diff(starts, append=len(group))
        ranks[sorted_frames] = np.arange(len(group)) - np.repeat(starts, sizes)
        ordered = numbers[sorted_frames]
        within = np.diff(group) == 0
        if (np.diff(ordered)[within] <= 0).any():
            return
        self._classes = _relabelled(self._classes, ranks)
        self._taken.append((dimension, ranks))

    def arrangement(self) -> Arrangement:
        """Return the volumes."""
        counts = self._counts(self._classes)
        if counts.max() > 1:
            number, position = np.argwhere(counts > 1)[0]
            raise GeometryError(
                f"{int(counts[number, position])} frames at position {position + 1} of "
                f"{self._positions} cannot be told apart, or frames are missing at other positions"
            )
        whole = counts.min(axis=1) == 1
        by_class = [np.flatnonzero(self._classes == number) for number in range(len(counts))]
        volumes = [
            frames[np.argsort(self._place[frames])].tolist()
            for frames, complete in zip(by_class, whole, strict=True)
            if complete
        ]
        incomplete = [
            frames.tolist()
            for frames, complete in zip(by_class, whole, strict=True)
            if not complete
        ]
        if not volumes:
            raise GeometryError(
                f"none of {len(by_class)} volumes has a slice at all {self._positions} positions"
            )
        volumes.sort(key=self._sort_key)
        return Arrangement(volumes, self._axes(volumes), incomplete)

    def _sort_key(self, volume: list[int]) -> tuple[float, ...]:
        first = volume[0]
        codes = [float(found[first]) for dimension, found in self._taken if dimension.orders]
        instances = [self._marks[frame].instance or 0.0 for frame in volume]
        if not any(dimension.orders is False for dimension, _ in self._taken):
            return (*codes, min(instances), min(volume))
        # Diffusion: in the order of acquisition, within echoes and the like.
        codes = [
            float(found[first])
            for dimension, found in self._taken
            if dimension in _BEFORE_DIFFUSION
        ]
        return (*codes, self._marks[first].acquisition or 0.0, min(instances), min(volume))

    def _axes(self, volumes: list[list[int]]) -> list[Axis]:
        if len(volumes) == 1:
            return []
        axes = []
        for dimension, _ in self._taken:
            values = [[dimension.of(self._marks[frame]) for frame in volume] for volume in volumes]
            # Where frames were numbered only, a volume has its first value.
            firsts = [
                min(found, key=_key) if dimension in _ORDERED else found[0] for found in values
            ]
            if any(value != firsts[0] for value in firsts):
                axes.append(_axis(dimension, firsts))
        if not any(axis.kind == _TIME.kind for axis in axes):
            axes += self._clock(volumes)
        return axes

    def _clock(self, volumes: list[list[int]]) -> list[Axis]:
        """Return when each volume began, if that is known and they follow each other."""
        times = [[self._marks[frame].time_s for frame in volume] for volume in volumes]
        starts = [min(known, default=None) for found in times if (known := [
            time for time in found if time is not None
        ])]  # fmt: skip
        if len(starts) != len(volumes) or (np.diff(np.array(starts, np.float64)) <= 0).any():
            return []
        return [_axis(_TIME, list(starts))]


def _axis(dimension: Dimension, values: list[object]) -> Axis:
    if dimension.kind == "gradient":  # of a volume without one it is zero
        rows = [value if isinstance(value, tuple) else (0.0, 0.0, 0.0) for value in values]
        return Axis(dimension.kind, np.array(rows, np.float64), 0.0, dimension.tag)
    if any(isinstance(value, str) for value in values):
        return Axis(dimension.kind, np.array([value or "" for value in values]), 0.0, dimension.tag)
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    steps = np.diff(numbers)
    even = bool(np.allclose(steps, steps[0], rtol=1e-3, atol=1e-6)) and steps[0] != 0
    return Axis(dimension.kind, numbers, float(steps[0]) if even else 0.0, dimension.tag)


def _codes(values: list[object]) -> _Ints:
    """Return a number for each value, in the order of the values; equal ones have the same."""
    if any(isinstance(value, float) for value in values):
        return _number_codes(values)
    distinct = sorted({value for value in values if value is not None}, key=_key)
    lookup: dict[object, int] = {value: code for code, value in enumerate(distinct, 1)}
    found = np.array([lookup.get(value, 0) for value in values], np.int64)
    shifted: _Ints = found - found.min()
    return shifted


def _key(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _number_codes(values: list[object]) -> _Ints:
    numbers = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    known = np.isfinite(numbers)
    found = np.zeros(len(numbers), np.int64)
    distinct = np.unique(numbers[known])
    steps = np.diff(distinct) > _SAME * np.maximum(np.abs(distinct[1:]), 1e-6)
    whole = (distinct == np.rint(distinct)).all()
    labels = np.concatenate([[0], np.cumsum(steps | whole)]) + 1
    found[known] = labels[np.searchsorted(distinct, numbers[known])]
    shifted: _Ints = found - found.min()
    return shifted


def _relabelled(classes: _Ints, codes: _Ints) -> _Ints:
    """Return classes divided by codes, numbered in the order of both."""
    combined = classes * (int(codes.max()) + 1) + codes
    found: _Ints = np.unique(combined, return_inverse=True)[1].astype(np.int64).reshape(-1)
    return found
