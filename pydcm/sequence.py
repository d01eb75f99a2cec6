"""Sequences: the ordered items of an element with VR SQ (PS3.5 7.5)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from pydcm._borrowed import borrowed
from pydcm.forking import held_while_forking
from pydcm.itemindex import ItemPlace, packed_places

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["Sequence"]

Self = TypeVar("Self", bound="Sequence")

_open_lock = threading.Lock()
"""Two threads that open the same item must get the same data set."""
held_while_forking(_open_lock)


class Sequence(MutableSequence["Dataset"]):
    """The items of a sequence, each a :class:`~pydcm.dataset.Dataset`.

    A sequence that was read from a file opens an item when it is first asked
    for, and is safe to read from several threads.

    Parameters
    ----------
    iterable : iterable of Dataset, optional
        The items.

    Attributes
    ----------
    is_undefined_length : bool
        Whether it was read with a delimiter in place of its length (PS3.5
        7.5.1). How it is written is an attribute of its element.

    Raises
    ------
    TypeError
        If anything but data sets is given.

    Examples
    --------
    >>> from pydcm import Dataset, Sequence
    >>> item = Dataset()
    >>> item.ReferencedSOPInstanceUID = "1.2.3"
    >>> items = Sequence([item])
    >>> items[0].ReferencedSOPInstanceUID
    '1.2.3'
    """

    is_undefined_length: bool = False
    modified: bool = False

    def __init__(self, iterable: Iterable[Dataset] | None = None) -> None:
        from pydcm.dataset import Dataset

        if isinstance(iterable, Dataset):
            raise TypeError("a sequence is made from an iterable of data sets, not from one")
        self._list: list[Dataset | ItemPlace] = [
            _checked(item) for item in (() if iterable is None else iterable)
        ]
        self._open: Callable[[ItemPlace], Dataset] | None = None
        self.modified = True

    @classmethod
    def _lazy(
        cls, places: list[Any], opener: Callable[[ItemPlace], Dataset], undefined: bool
    ) -> Sequence:
        """Return a sequence whose items are opened by `opener` when asked for."""
        made = cls.__new__(cls)
        made._list = places
        made._open = opener
        if undefined:
            made.is_undefined_length = True
        return made

    def _item(self, number: int) -> Dataset:
        entry = self._list[number]
        if type(entry) is not ItemPlace:
            return entry  # type: ignore[return-value]  # the only other kind
        assert self._open is not None
        made = self._open(entry)
        with _open_lock:
            if self._list[number] is entry:
                self._list[number] = made
                return made
        return self._item(number)

    def unopened(self, number: int) -> ItemPlace | None:
        """Return where an item lies if nobody has opened it yet."""
        entry = self._list[number]
        return entry if type(entry) is ItemPlace else None

    def __len__(self) -> int:
        return len(self._list)

    def __iter__(self) -> Iterator[Dataset]:
        if self._open is None:
            return iter(cast("list[Dataset]", self._list))
        return self._opened()

    def _opened(self) -> Iterator[Dataset]:
        number = 0
        while number < len(self._list):
            yield self._item(number)
            number += 1

    @overload
    def __getitem__(self, index: int) -> Dataset: ...
    @overload
    def __getitem__(self, index: slice) -> list[Dataset]: ...
    def __getitem__(self, index: int | slice) -> Dataset | list[Dataset]:
        """Return one item, or a list of items for a slice."""
        if isinstance(index, slice):
            return [self._item(number) for number in range(*index.indices(len(self._list)))]
        return self._item(index)

    @overload
    def __setitem__(self, index: int, value: Dataset) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Dataset]) -> None: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        """Replace one item, or several by those of an iterable."""
        self._list[index] = (
            [_checked(item) for item in _iterable(value)]
            if isinstance(index, slice)
            else _checked(value)
        )
        self.modified = True

    def __delitem__(self, index: int | slice) -> None:
        """Remove one item or several."""
        del self._list[index]
        self.modified = True

    def insert(self, position: int, item: Dataset) -> None:
        """Insert an item before `position`."""
        _checked(item)
        self._list.insert(position, item)
        self.modified = True

    def append(self, item: Dataset) -> None:
        """Add an item at the end."""
        self._list.append(_checked(item))
        self.modified = True

    def extend(self, val: Iterable[Dataset]) -> None:
        """Add the items of an iterable at the end."""
        self._list.extend([_checked(item) for item in _iterable(val)])
        self.modified = True

    def reverse(self) -> None:
        """Reverse the order of the items."""
        self._list.reverse()
        self.modified = True

    def clear(self) -> None:
        """Remove every item."""
        self._list.clear()
        self.modified = True

    def __iadd__(self: Self, other: Iterable[Dataset]) -> Self:
        self.extend(other)
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Sequence, list)):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __str__(self) -> str:
        return "[" + "".join(str(item) for item in self) + "]"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, length {len(self)}>"

    def __copy__(self: Self) -> Self:
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def __getstate__(self) -> dict[str, object]:
        state = dict(self.__dict__)
        if self._open is not None:
            state["_list"] = packed_places(self._list)
        return state

    def __deepcopy__(self, memo: dict[int, object]) -> Sequence:
        from copy import deepcopy

        made = type(self).__new__(type(self))
        memo[id(self)] = made
        made.__dict__.update(self.__dict__)
        made._list = [
            item if type(item) is ItemPlace else deepcopy(item, memo) for item in self._list
        ]
        return made


def _checked(item: Any) -> Any:
    from pydcm.dataset import Dataset

    if not isinstance(item, Dataset):
        raise TypeError(
            f"the items of a sequence are 'Dataset' instances, not {type(item).__name__!r}"
        )
    return item


def _iterable(values: Any) -> Iterable[Dataset]:
    from pydcm.dataset import Dataset

    if isinstance(values, Dataset) or not hasattr(values, "__iter__"):
        raise TypeError("an iterable of 'Dataset' is needed")
    found: Iterable[Dataset] = values
    return found


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
