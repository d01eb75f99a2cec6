"""Lists of the values of one element, and lists that check their items.

An RT structure set holds hundreds of thousands of Decimal Strings that most
programs only hand on to numpy. :meth:`MultiValue.from_text` keeps such values
as text until somebody looks at one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableSequence
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast, overload

from pydcm import config
from pydcm.kernels import decimals
from pydcm.valuerep.integers import IS, ints_from_valid
from pydcm.valuerep.numbers import DS, DSfloat, floats_from_valid

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["ConstrainedList", "MultiValue"]

T = TypeVar("T")


class ConstrainedList(MutableSequence[T]):
    """A list whose items are checked, or converted, when they come in.

    So what comes in is of any type, and what it makes of it is of type `T`.
    Subclasses define ``_validate``, which returns the item to keep or raises.

    Parameters
    ----------
    iterable : iterable, optional
        The first items.

    Attributes
    ----------
    modified : bool
        Whether the list was changed since it was made.
    """

    _list: list[T]
    modified: bool

    def __init__(self, iterable: Iterable[T] | None = None) -> None:
        self._list = [] if iterable is None else [self._validate(item) for item in iterable]
        self.modified = False

    def _validate(self, item: Any) -> T:
        raise NotImplementedError(f"{type(self).__name__} must define _validate()")

    def append(self, item: object) -> None:
        """Add one item at the end."""
        self._list.append(self._validate(item))
        self.modified = True

    def extend(self, val: Iterable[object]) -> None:
        """Add items at the end: all of them, or none if one is invalid."""
        self._list.extend([self._validate(item) for item in val])
        self.modified = True

    def insert(self, position: int, item: object) -> None:
        """Insert one item before a position."""
        self._list.insert(position, self._validate(item))
        self.modified = True

    def reverse(self) -> None:
        """Reverse the order of the items."""
        self._list.reverse()
        self.modified = True

    def clear(self) -> None:
        """Remove all items."""
        self._list.clear()
        self.modified = True

    def __iadd__(self, other: Iterable[object]) -> Self:
        self.extend(other)
        return self

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> MutableSequence[T]: ...

    def __getitem__(self, index: slice | int) -> MutableSequence[T] | T:
        return self._list[index]

    @overload
    def __setitem__(self, index: int, val: object) -> None: ...

    @overload
    def __setitem__(self, index: slice, val: Iterable[object]) -> None: ...

    def __setitem__(self, index: slice | int, val: object) -> None:
        if isinstance(index, slice):
            items = cast("Iterable[object]", val)
            self._list[index] = [self._validate(item) for item in items]
        else:
            self._list[index] = self._validate(val)
        self.modified = True

    def __delitem__(self, index: slice | int) -> None:
        del self._list[index]
        self.modified = True

    def __iter__(self) -> Iterator[T]:
        return iter(self._list)

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        return self._list == (other._list if isinstance(other, ConstrainedList) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # as for every list

    def __copy__(self) -> Self:
        copied = self.__class__.__new__(self.__class__)
        copied.__dict__.update(self.__dict__)
        copied._list = list(self._list)
        return copied


def _unchanged(item: T) -> T:
    return item


class MultiValue(ConstrainedList[T]):
    """The values of an element that has more than one.

    Parameters
    ----------
    type_constructor : callable
        Makes the value from each item that comes in, such as ``DSfloat``. A
        list alone, without a constructor, is kept as it is.
    iterable : iterable
        The values, or what they are made from.
    validation_mode : int, optional
        Passed on to the constructor if that is ``DS``, ``DSfloat`` or ``IS``.

    Attributes
    ----------
    modified : bool
        Whether the list was changed since it was made.
    type_constructor : callable
        As given.
    validation_mode : int or None
        As given.

    Examples
    --------
    >>> spacing = MultiValue(DSfloat, ["0.50", "0.50"])
    >>> spacing.append("2")
    >>> spacing, sum(spacing), spacing.modified
    ([0.50, 0.50, 2], 3.0, True)
    """

    type_constructor: Callable[[Any], T]
    validation_mode: int | None
    # Values as they are in a file, and how many, as long as nobody looked at one.
    _octets: bytes | None
    _count: int
    _build: Callable[[list[str]], list[T]]

    def __init__(
        self,
        type_constructor: Callable[[Any], T] | Iterable[T] = (),
        iterable: Iterable[Any] | None = None,
        validation_mode: int | None = None,
    ) -> None:
        if callable(type_constructor):
            self.type_constructor = type_constructor
        else:
            self.type_constructor = _unchanged
            iterable = type_constructor
        self.validation_mode = validation_mode
        super().__init__(iterable)

    @classmethod
    def of(cls, type_constructor: Callable[[Any], T], items: list[T]) -> Self:
        """Return a list of items that need no conversion any more.

        Parameters
        ----------
        type_constructor : callable
            Makes the value from each item that comes in later.
        items : list
            The values. The list is kept, not copied.
        """
        self = cls.__new__(cls)
        self.type_constructor = type_constructor
        self.validation_mode = None
        self.modified = False
        self._list = items
        return self

    @classmethod
    def from_text(
        cls,
        type_constructor: Callable[[Any], T],
        strings: list[str],
        validation_mode: int | None = None,
    ) -> Self:
        """Return a list of numbers that are made from text when they are looked at.

        The result cannot be told from that of the constructor. Only text that
        is valid is kept as text, so that what is wrong with a number is
        reported here and now, as the constructor would.

        Parameters
        ----------
        type_constructor : callable
            ``DS``, ``DSfloat`` or ``IS``; with any other the values are made
            at once.
        strings : list of str
            One string for each value. The list is kept, not copied.
        validation_mode : int, optional
            How to check the strings; by default in the mode for reading.

        Raises
        ------
        ValueRepresentationError
            If a string is no number, or is invalid and the mode is RAISE.
        """
        text = "\\".join(strings)
        if text.isascii():
            found = cls._from_octets(type_constructor, text.encode(), validation_mode)
            # A separator inside of a string would make two values of it.
            if found is not None and found._count == len(strings):
                return found
        return cls(type_constructor, strings, validation_mode)

    @classmethod
    def from_octets(cls, type_constructor: Callable[[Any], T], octets: bytes) -> Self:
        """Return a list of numbers from the value of an element, as :meth:`from_text` does.

        Parameters
        ----------
        type_constructor : callable
            As for :meth:`from_text`.
        octets : bytes
            The values, separated by backslashes, without what pads them.
        """
        found = cls._from_octets(type_constructor, octets, None)
        if found is None:
            return cls(type_constructor, octets.decode("latin-1").split("\\"))
        return found

    @classmethod
    def _from_octets(
        cls, type_constructor: Callable[[Any], T], octets: bytes, validation_mode: int | None
    ) -> Self | None:
        """Return numbers that are valid, or None if they must be made at once."""
        if type_constructor is DSfloat or (type_constructor is DS and not config.use_DS_decimal):
            build: Callable[[list[str]], list[Any]] = floats_from_valid
            count = decimals.count(octets, _LONGEST_DECIMAL, 0)
        elif type_constructor is IS:
            build = ints_from_valid
            count = decimals.count(octets, _SHORT_INTEGER, 1)
        else:
            return None
        if not count:
            return None
        self = cls.__new__(cls)
        self.type_constructor = type_constructor
        self.validation_mode = validation_mode
        self.modified = False
        self._octets = octets
        self._count = count
        self._build = cast("Callable[[list[str]], list[T]]", build)
        return self

    def __getattr__(self, name: str) -> Any:
        # Only called for what is missing: the items, as long as they are text.
        if name != "_list":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        attributes = self.__dict__
        octets: bytes | None = attributes.get("_octets")
        if octets is not None:
            # Of two threads that come here together, both get the first one's.
            attributes.setdefault("_list", self._build(octets.decode().split("\\")))
            attributes["_octets"] = None
        if "_list" not in attributes:
            raise AttributeError("the list has not been made yet")
        return attributes["_list"]

    def _validate(self, item: Any) -> T:
        if self.validation_mode is not None and self.type_constructor in _CHECKING:
            constructor = cast("Callable[..., T]", self.type_constructor)
            return constructor(item, validation_mode=self.validation_mode)
        return self.type_constructor(item)

    def sort(self, *, key: Callable[[T], Any] | None = None, reverse: bool = False) -> None:
        """Sort the values in place.

        Parameters
        ----------
        key : callable, optional
            Returns what a value is sorted by.
        reverse : bool
            Sort the largest first.
        """
        cast("list[Any]", self._list).sort(key=key, reverse=reverse)
        self.modified = True

    def __len__(self) -> int:
        return len(self._list) if self.__dict__.get("_octets") is None else self._count

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MultiValue):
            octets = self.__dict__.get("_octets")
            if octets is not None and octets == other.__dict__.get("_octets"):
                return True
        return super().__eq__(other)

    __hash__ = None

    def __str__(self) -> str:
        octets: bytes | None = self.__dict__.get("_octets")
        if octets is not None:  # each number is shown as its text
            return f"[{', '.join([text.strip(' ') for text in octets.decode().split(_SEPARATOR)])}]"
        if not self:
            return ""
        shown = (repr(item) if isinstance(item, (str, bytes)) else str(item) for item in self)
        return f"[{', '.join(shown)}]"

    __repr__ = __str__

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from copy import deepcopy

        copied = self.__class__.__new__(self.__class__)
        memo[id(self)] = copied
        for name, value in self.__dict__.items():
            copied.__dict__[name] = deepcopy(value, memo)
        return copied

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        """Return the values as a new array, for ``numpy.array()``."""
        import numpy as np

        if copy is False:
            raise ValueError("an array of the values is always a copy")
        octets: bytes | None = self.__dict__.get("_octets")
        if octets is None or not (dtype is None or np.dtype(dtype).kind == "f"):
            return np.array(self._list, dtype=dtype)
        strings = octets.split(b"\\")
        if self._build is ints_from_valid:
            return np.array(list(map(int, strings)), dtype=dtype)
        numbers = np.fromiter(map(float, strings), np.float64, len(strings))
        return numbers if dtype is None else numbers.astype(dtype, copy=False)


_SEPARATOR = "\\"
_CHECKING: tuple[object, ...] = (DS, DSfloat, IS)

# Up to this length the text of an integer cannot leave the range of 32 bits.
_SHORT_INTEGER = 9
_LONGEST_DECIMAL = 16
"""Characters of a Decimal String at most (PS3.5 Table 6.2-1)."""
