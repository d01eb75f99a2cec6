"""One image's elements, wherever its object class keeps them.

A single-frame image has its attributes in the data set; an enhanced multi-frame
one has most of them in functional groups (PS3.3 C.7.6.16), and private elements
sit in sequences inside those. :class:`Header` looks through all of them, so
that the readers of vendors' elements need not know which it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, MutableSequence
from typing import TypeVar

from pydcm.dataset import Dataset
from pydcm.errors import PydcmError

__all__ = ["Header", "as_texts", "private_block", "values_of"]

_UNSET = 1e38
"""Philips writes about 1.7e38 into numbers that it does not set."""

_PHILIPS_FRAME_CREATOR = "Philips MR Imaging DD 005"

_T = TypeVar("_T")


def values_of(ds: Dataset, key: str | int) -> tuple[object, ...]:
    """Return the values of an element, ``()`` if it is absent, empty or cannot be read.

    Parameters
    ----------
    ds : Dataset
        The data set.
    key : str or int
        Keyword or tag of the element.
    """
    if key not in ds:
        return ()
    try:
        value = ds[key].value
    except PydcmError:
        return ()
    if value is None or (isinstance(value, str | bytes) and not value):
        return ()
    if isinstance(value, MutableSequence):
        return tuple(value)
    return (value,)


def private_block(ds: Dataset, group: int, creator: str) -> int | None:
    """Return where the block of a private creator begins (PS3.5 7.8.1).

    Parameters
    ----------
    ds : Dataset
        The data set that has the block.
    group : int
        An odd group number.
    creator : str
        The creator's identification; case and padding do not count.

    Returns
    -------
    int or None
        The tag of the first element of the block, such as 0x00291000.
    """
    wanted = creator.strip().upper()
    first = group << 16 | 0x10
    for tag in range(first, first + 0xF0):
        found = values_of(ds, tag)
        if found and isinstance(found[0], str) and found[0].strip().upper() == wanted:
            return group << 16 | (tag & 0xFF) << 8
    return None


class Header:
    """The elements that describe one frame.

    Elements that are absent, empty or unreadable give None or ``()``: what a
    scanner did not record is not known.

    Parameters
    ----------
    ds : Dataset
        A single-frame or an enhanced multi-frame image.
    frame : int
        Which frame of an enhanced image, from 0.

    Examples
    --------
    >>> ds = Dataset()
    >>> ds.RepetitionTime = "2000"
    >>> header = Header(ds)
    >>> header.number("RepetitionTime"), header.text("SequenceName")
    (2000.0, None)
    """

    def __init__(self, ds: Dataset, frame: int = 0) -> None:
        self.ds = ds
        self._sets = (ds, *_groups(ds, "SharedFunctionalGroupsSequence", 0))
        self._sets += tuple(_groups(ds, "PerFrameFunctionalGroupsSequence", frame))
        self._sets += tuple(_philips_frame(ds))
        self._blocks: dict[tuple[int, str], tuple[tuple[Dataset, int], ...]] = {}
        self._kept: dict[Callable[[Header], object], object] = {}

    def once(self, read: Callable[[Header], _T]) -> _T:
        """Return what `read` makes of this header; it is called the first time only."""
        if read not in self._kept:
            self._kept[read] = read(self)
        return self._kept[read]  # type: ignore[return-value]  # what read returned

    def values(self, keyword: str) -> tuple[object, ...]:
        """Return the values of a standard element, or ``()``."""
        for ds in self._sets:
            found = values_of(ds, keyword)
            if found:
                return found
        return ()

    def private(self, group: int, creator: str, offset: int) -> tuple[object, ...]:
        """Return the values of the element at an offset in a creator's block, or ``()``."""
        key = group, creator
        if key not in self._blocks:
            self._blocks[key] = tuple(self._find_blocks(group, creator))
        for ds, begin in self._blocks[key]:
            found = values_of(ds, begin + offset)
            if found:
                return found
        return ()

    def _find_blocks(self, group: int, creator: str) -> Iterator[tuple[Dataset, int]]:
        for ds in self._sets:
            begin = private_block(ds, group, creator)
            if begin is not None:
                yield ds, begin

    def texts(self, keyword: str) -> tuple[str, ...]:
        """Return the values of a standard element as text, or ``()``."""
        return as_texts(self.values(keyword))

    def text(self, keyword: str) -> str | None:
        """Return the first value of a standard element as text."""
        return next(iter(self.texts(keyword)), None)

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """Return the values of a standard element as finite numbers, or ``()``."""
        return as_numbers(self.values(keyword))

    def number(self, keyword: str) -> float | None:
        """Return the first value of a standard element as a finite number."""
        return next(iter(self.numbers(keyword)), None)

    def integer(self, keyword: str) -> int | None:
        """Return the first value of a standard element if it is a whole number."""
        number = self.number(keyword)
        return int(number) if number is not None and number.is_integer() else None

    def private_text(self, group: int, creator: str, offset: int) -> str | None:
        """Return the first value of a private element as text."""
        return next(iter(as_texts(self.private(group, creator, offset))), None)

    def private_numbers(self, group: int, creator: str, offset: int) -> tuple[float, ...]:
        """Return the values of a private element as finite numbers, or ``()``."""
        return as_numbers(self.private(group, creator, offset))

    def private_number(self, group: int, creator: str, offset: int) -> float | None:
        """Return the first value of a private element as a finite number."""
        return next(iter(self.private_numbers(group, creator, offset)), None)


def as_texts(values: tuple[object, ...]) -> tuple[str, ...]:
    """Return values as text without padding; empty ones are left out."""
    texts = (
        value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values
    )
    cleaned = (text.rstrip("\0").strip() for text in texts)
    return tuple(text for text in cleaned if text)


def as_numbers(values: tuple[object, ...]) -> tuple[float, ...]:
    """Return values as numbers, ``()`` if one of them is not finite or is none."""
    if len(values) == 1 and isinstance(values[0], bytes):
        # An element whose VR was lost (UN): text of one or more numbers, or nothing we know.
        values = tuple(values[0].decode("latin-1").rstrip("\0 ").split("\\"))
    numbers = []
    for value in values:
        try:
            number = float(value)  # type: ignore[arg-type]  # what is no number is caught
        except (TypeError, ValueError, OverflowError):
            return ()
        if not math.isfinite(number) or abs(number) > _UNSET:
            return ()
        numbers.append(number)
    return tuple(numbers)


def _philips_frame(ds: Dataset) -> Iterator[Dataset]:
    """Yield what Philips keeps of an enhanced object in a single-frame one: (2005,xx0F)."""
    begin = private_block(ds, 0x2005, _PHILIPS_FRAME_CREATOR)
    inner = _item(ds, begin + 0x0F, 0) if begin is not None else None
    if inner is not None:
        yield inner


def _groups(ds: Dataset, keyword: str, index: int) -> Iterator[Dataset]:
    """Yield the item of a functional groups sequence, and the first items inside it."""
    group = _item(ds, keyword, index)
    if group is None:
        return
    yield group
    for tag in tuple(group.keys()):
        inner = _item(group, tag, 0)
        if inner is not None:
            yield inner


def _item(ds: Dataset, key: str | int, index: int) -> Dataset | None:
    """Return an item of a sequence, None if there is none."""
    if key not in ds:
        return None
    try:
        items = ds[key].value
        found = items[index] if isinstance(items, MutableSequence) and index < len(items) else None
    except PydcmError:
        return None
    return found if isinstance(found, Dataset) else None
