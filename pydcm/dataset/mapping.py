"""The elements of a data set as a mapping by tag."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, KeysView, ValuesView
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, cast, overload

from pydcm import config
from pydcm.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset.lazy import CHARACTER_SET, LazyElements, Stored, as_tag
from pydcm.tag import BaseTag, Tag, TagType

if TYPE_CHECKING:
    from pydcm.dataset.data import Dataset

__all__ = ["ElementMapping", "as_mapping"]


class ElementMapping(LazyElements):
    """Elements by tag; the base of :class:`~pydcm.dataset.Dataset`."""

    def __len__(self) -> int:
        return len(self._dict)

    def __iter__(self) -> Iterator[DataElement]:
        """Yield the elements by ascending tag; those of items are not included."""
        if self._decode_plain():
            entries = cast("dict[int, DataElement]", self._dict)
            return iter(list(map(entries.__getitem__, sorted(entries))))
        return self._visit()

    def _visit(self) -> Iterator[DataElement]:
        for tag in sorted(self._dict):
            entry = self._dict[tag]
            yield entry if type(entry) is DataElement else self._element(tag, entry)

    def elements(self) -> Iterator[DataElement | RawDataElement]:
        """Yield the elements by ascending tag; those nobody has asked for yet stay raw."""
        for tag in sorted(self._dict):
            yield self._peek(tag)

    def _peek(self, tag: int) -> DataElement | RawDataElement:
        entry = self._dict[tag]
        return self._raw(tag, entry, deferred=True) if type(entry) is int else entry  # type: ignore[return-value]  # not a row

    def __contains__(self, name: object) -> bool:
        """Whether there is an element with this tag or keyword."""
        if type(name) is str:
            number = tag_for_keyword(name)
            if number is not None:
                return number in self._dict
        try:
            return int(Tag(name)) in self._dict  # type: ignore[arg-type]  # that is being tested
        except Exception as error:  # a key of the caller's may raise anything
            message = (
                f"{name!r} with the 'in' operator is no tag: use an int, a pair of ints or an "
                f"element keyword"
            )
            if config.INVALID_KEY_BEHAVIOR == "WARN":
                import warnings

                warnings.warn(message, UserWarning, stacklevel=2)
            elif config.INVALID_KEY_BEHAVIOR == "RAISE":
                raise ValueError(message) from error
            return False

    @overload
    def __getitem__(self, key: slice) -> Dataset: ...
    @overload
    def __getitem__(self, key: TagType) -> DataElement: ...
    def __getitem__(self, key: slice | TagType) -> Dataset | DataElement:
        """Return the element with this tag or keyword, or a data set for a slice of tags.

        Raises
        ------
        KeyError
            If there is none.
        """
        if isinstance(key, slice):
            return self._dataset_slice(key)
        try:
            tag = as_tag(key)
        except Exception as error:  # a key of the caller's may raise anything
            raise KeyError(f"{key}") from error
        entry = self._dict.get(int(tag))
        if entry is None:
            raise KeyError(tag)
        return self._element(int(tag), entry)

    def _slice_tags(self, wanted: slice) -> list[int]:
        tags = sorted(self._dict)
        start, stop = (
            None if end is None else bisect_left(tags, int(Tag(end)))
            for end in (wanted.start, wanted.stop)
        )
        return tags[start : stop : wanted.step]

    def _dataset_slice(self, wanted: slice) -> Dataset:
        raise NotImplementedError  # Dataset knows its own type

    def __setitem__(self, key: slice | TagType, elem: DataElement | RawDataElement) -> None:
        """Set the element with this tag.

        Raises
        ------
        NotImplementedError
            For a slice.
        TypeError
            If `elem` is no element.
        ValueError
            If its tag is another one.
        """
        if isinstance(key, slice):
            raise NotImplementedError("elements cannot be set by a slice of tags")
        if not isinstance(elem, (DataElement, RawDataElement)):
            raise self._no_element(key, elem)
        tag = as_tag(elem.tag)
        if key is not tag:
            self._check_key(key, tag)
        number = int(tag)
        if number == CHARACTER_SET and self._index is not None:
            # What is not decoded yet stays in the character set it was read in.
            self._encodings_read  # noqa: B018  # computed and kept
        self.__dict__["_modified"] = True
        self._dict[number] = elem
        if type(elem) is not DataElement:
            self.__dict__.pop("_plain", None)
        if tag.is_private and isinstance(elem, DataElement):
            self._name_creator(elem)

    @staticmethod
    def _no_element(key: TagType, value: object) -> TypeError:
        as_tag(key)  # what is wrong with the key is told first
        kind = type(value).__name__
        return TypeError(f"an item of a data set must be a 'DataElement', not a {kind!r}")

    @staticmethod
    def _check_key(key: TagType, tag: BaseTag) -> None:
        try:
            wanted = as_tag(key)
        except Exception as error:  # a key of the caller's may raise anything
            raise ValueError(f"no tag can be made from the key {key!r}") from error
        if wanted != tag:
            raise ValueError(f"the key '{wanted}' is not the element's tag '{tag}'")

    def __delitem__(self, key: slice | TagType) -> None:
        """Remove the element with this tag or keyword, or those of a slice."""
        tags = self._slice_tags(key) if isinstance(key, slice) else [int(as_tag(key))]
        for tag in tags:
            if tag not in self._dict:
                raise KeyError(BaseTag(tag))
            if tag == CHARACTER_SET and self._index is not None:
                self._encodings_read  # noqa: B018  # computed and kept
            del self._dict[tag]
        self.__dict__["_modified"] = True

    def get_item(
        self, key: slice | TagType, *, keep_deferred: bool = False
    ) -> Dataset | DataElement | RawDataElement | None:
        """Return an element without decoding it.

        Parameters
        ----------
        key : slice or tag
            The element; a slice of tags gives a data set.
        keep_deferred : bool
            Leave the value of an element that is still in its file as None.

        Returns
        -------
        DataElement, RawDataElement or None
            A raw element if nobody has asked for its value yet; None if there
            is no such element.
        """
        if isinstance(key, slice):
            return self._dataset_slice(key)
        number = int(as_tag(key))
        entry = self._dict.get(number)
        if type(entry) is int:
            return self._raw(number, entry, deferred=keep_deferred)
        return entry  # type: ignore[return-value]  # not a row

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value for a keyword, the element for a tag, or `default`.

        A text that is no keyword is taken for the name of an attribute.

        Raises
        ------
        TypeError
            If `key` is neither text nor a tag.
        """
        if isinstance(key, str):
            tag = tag_for_keyword(key)
            if tag is not None:
                entry = self._dict.get(tag)
                return default if entry is None else self._element(tag, entry).value
            try:
                return getattr(self, key)
            except AttributeError:
                return default
        try:
            number = int(as_tag(key))
        except Exception as error:  # a key of the caller's may raise anything
            raise TypeError(f"{key!r} is neither a keyword nor a tag") from error
        entry = self._dict.get(number)
        return default if entry is None else self._element(number, entry)

    def keys(self) -> KeysView[BaseTag]:
        """Return the tags, in the order in which they were read or set."""
        return dict.fromkeys(map(BaseTag, self._dict)).keys()

    def values(self) -> ValuesView[DataElement | RawDataElement]:
        """Return the elements; those nobody has asked for yet are raw."""
        return {tag: self._peek(tag) for tag in list(self._dict)}.values()

    def items(self) -> AbstractSet[tuple[BaseTag, DataElement | RawDataElement]]:
        """Return tags and elements; those nobody has asked for yet are raw."""
        return {BaseTag(tag): self._peek(tag) for tag in list(self._dict)}.items()

    def pop(self, key: Any, *args: Any) -> Any:
        """Remove an element and return it, or the default given if there is none.

        One whose value cannot be decoded is removed all the same, and returned raw.

        Raises
        ------
        KeyError
            If there is no such element and no default.
        """
        if len(args) > 1 or isinstance(key, slice):
            raise TypeError("pop() takes a tag or keyword, and at most one default")
        try:
            tag = as_tag(key)
            entry = self._dict[int(tag)]
        except Exception as error:  # a key of the caller's may raise anything
            if args:
                return args[0]
            raise KeyError(key) from error
        found: DataElement | RawDataElement
        try:
            found = self._element(int(tag), entry)
        except Exception:  # what decoding raises, and hooks and callbacks of the program
            found = self._peek(int(tag))
        del self[tag]
        return found

    def popitem(self) -> tuple[BaseTag, DataElement | RawDataElement]:
        """Remove the element that came last, and return it with its tag."""
        if not self._dict:
            raise KeyError("popitem(): the data set is empty")
        tag = next(reversed(self._dict))
        found = self._peek(tag)
        del self[BaseTag(tag)]
        return BaseTag(tag), found

    def setdefault(self, key: TagType, default: Any = None) -> DataElement:
        """Return an element, after adding it with the value `default` if it is missing.

        Raises
        ------
        KeyError
            If it is missing and not in the dictionary, and `default` is no
            element, while the writing validation mode is RAISE; in the other
            modes there is a warning and its VR is UN.
        """
        tag = as_tag(key)
        if int(tag) not in self._dict:
            if not isinstance(default, DataElement):
                default = DataElement(tag, self._vr_to_set(tag), default)
            self[tag] = default
        return self[tag]

    @staticmethod
    def _vr_to_set(tag: BaseTag) -> str:
        if tag.is_private:
            return "UN"
        try:
            return dictionary_VR(tag)
        except KeyError:
            if config.writing_mode() == config.RAISE:
                raise
            config.warn_and_log(f"the data dictionary has no element {tag}; its VR is set to UN")
            return "UN"

    def update(self, d: Any) -> None:
        """Set the elements of another data set or mapping.

        Keys are tags with elements, or keywords with values.
        """
        if isinstance(d, ElementMapping):
            for elem in d.elements():
                self[elem.tag] = d[elem.tag]
            return
        for key, value in list(d.items()):
            if isinstance(key, str):
                setattr(self, key, value)
            else:
                self[Tag(key)] = value

    def clear(self) -> None:
        """Remove every element."""
        self.__dict__["_modified"] = True
        self._dict.clear()

    def add(self, data_element: DataElement) -> None:
        """Set an element."""
        self[data_element.tag] = data_element

    def add_new(self, tag: TagType, VR: str, value: Any) -> None:
        """Set an element made of tag, VR and value."""
        made = DataElement(tag, VR, value)
        self[made.tag] = made

    def data_element(self, name: str) -> DataElement | None:
        """Return the element with this keyword, or None if the dictionary does not know it.

        Raises
        ------
        KeyError
            If the data set has no such element.
        """
        tag = tag_for_keyword(name)
        return None if tag is None else self[tag]

    def __eq__(self, other: object) -> Any:
        if other is self:
            return True
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._dict.keys() == other._dict.keys() and all(
            self._element(tag, entry) == other._element(tag, other._dict[tag])
            for tag, entry in list(self._dict.items())
        )

    def __ne__(self, other: object) -> Any:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # mutable

    def _keywords(self) -> list[str]:
        """Return the keywords of the elements here."""
        return [word for word in map(keyword_for_tag, self._dict) if word]


def as_mapping(initial: Any) -> dict[int, Stored]:
    """Return the entries for a new data set from a mapping by tag.

    Raises
    ------
    AttributeError
        If it is no mapping.
    TypeError
        If a value of it is no element.
    """
    entries: dict[int, Stored] = {}
    for key in initial.keys():  # noqa: SIM118  # what has no keys() is refused
        entry = initial[key]
        if not isinstance(entry, (DataElement, RawDataElement)):
            raise TypeError(
                f"a data set is made of 'DataElement' instances, not of {type(entry).__name__!r}"
            )
        entries[int(Tag(key))] = entry
    return entries
