"""The data set: elements by tag and by keyword."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm.datadict import dictionary_VR, repeater_has_keyword, tag_for_keyword
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset.conversions import Conversions
from pydcm.dataset.keywords import Keywords
from pydcm.dataset.lazy import ItemOpener, as_tag
from pydcm.dataset.mapping import as_mapping
from pydcm.dataset.original import OriginalEncoding
from pydcm.dataset.private import PrivateElements
from pydcm.dataset.text import PrintedElements
from pydcm.dataset.tree import whole_item
from pydcm.tag import Tag, TagType

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Dataset"]

_REMEMBERED = ("_pixel_model", "_frame_reader")
"""What was found out about the pixels, to be found out again when needed."""


class Dataset(PrivateElements, PrintedElements, Conversions, OriginalEncoding, Keywords):
    """Elements of a DICOM data set (PS3.5 7), by tag, by keyword and as attributes.

    ``ds.PatientName`` is the value of an element, ``ds["PatientName"]`` or
    ``ds[0x0010, 0x0010]`` the element itself. A data set read from a file
    decodes an element when it is first asked for, and may be read from several
    threads at once.

    Parameters
    ----------
    *args : Dataset or mapping
        Elements to start with.
    **kwargs : object
        Taken for compatibility, and not used.

    Attributes
    ----------
    is_undefined_length_sequence_item : bool
        Write it, as an item, with a delimiter in place of its length.

    Examples
    --------
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> ds.PatientName = "Doe^Jane"
    >>> ds.Rows = 512
    >>> print(ds)
    (0010,0010) Patient's Name                      PN: 'Doe^Jane'
    (0028,0010) Rows                                US: 512
    >>> "PatientID" in ds
    False
    """

    is_decompressed: bool = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and isinstance(args[0], Dataset):
            self._share(args[0])
        else:
            self.__dict__["_dict"] = as_mapping(args[0]) if args else {}

    def _share(self, other: Dataset) -> None:
        """Have the same elements as another data set from now on."""
        self._take_origin(other)
        self.__dict__["_dict"] = other._dict
        # Neither can tell any more what the other changed.
        self.__dict__["_modified"] = other.__dict__["_modified"] = True

    def _take_origin(self, other: Dataset) -> None:
        """Take over what it needs to decode elements of another data set."""
        mine, theirs = self.__dict__, other.__dict__
        if other._index is not None:
            mine["_encodings"] = other._encodings_read
        for name in ("_depth", "_index", "_parent_encoding", "_pixel_rep",
                     "_read_charset", "_read_implicit", "_read_little", "_row"):  # fmt: skip
            if name in theirs:
                mine[name] = theirs[name]

    # ---- attributes ------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        tag = tag_for_keyword(name)
        if tag is not None:
            entry = self._dict.get(tag)
            if entry is not None:
                return self._element(tag, entry).value
        elif name == "_dict":
            return {}  # while it is being unpickled or copied
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        tag = None if name[:1] == "_" else tag_for_keyword(name)
        if tag is not None:
            self._set_value(tag, value)
        elif name == "file_meta":
            self._set_file_meta(value)
        elif repeater_has_keyword(name):
            raise ValueError(
                f"{name!r} stands for a repeating group; set it by tag with add() or add_new()"
            )
        else:
            if _looks_like_keyword(name):
                self._unknown_keyword(name)
            object.__setattr__(self, name, value)

    def _set_value(self, tag: int, value: Any) -> None:
        entry = self._dict.get(tag)
        if entry is None:
            self[as_tag(Tag(tag))] = DataElement(Tag(tag), dictionary_VR(tag), value)
            return
        if tag == 0x00080005 and self._index is not None:
            self._encodings_read  # noqa: B018  # what is not decoded yet keeps it
        elem = self._element(tag, entry)
        elem.value = value
        self[elem.tag] = elem  # a subclass may want to know

    @staticmethod
    def _unknown_keyword(name: str) -> None:
        message = f"{name!r} looks like an element keyword and is none that the dictionary knows"
        if config.INVALID_KEYWORD_BEHAVIOR == "WARN":
            warnings.warn(f"Camel case attribute {message}", UserWarning, stacklevel=3)
        elif config.INVALID_KEYWORD_BEHAVIOR == "RAISE":
            raise ValueError(f"Camel case attribute {message}")

    def __delattr__(self, name: str) -> None:
        tag = tag_for_keyword(name)
        if tag is not None and tag in self._dict:
            del self[Tag(tag)]
        elif name in self.__dict__:
            object.__delattr__(self, name)
        else:
            raise AttributeError(name)

    def _set_file_meta(self, value: Dataset | None) -> None:
        from pydcm.dataset.file import FileMetaDataset

        if value is not None and not isinstance(value, FileMetaDataset):
            if not isinstance(value, Dataset):
                raise TypeError(
                    f"'file_meta' must be a 'FileMetaDataset', not a {type(value).__name__!r}"
                )
            value = FileMetaDataset(value)
        self.__dict__["file_meta"] = value

    def ensure_file_meta(self) -> None:
        """Give the data set an empty ``file_meta`` if it has none."""
        from pydcm.dataset.file import FileMetaDataset

        if self.__dict__.get("file_meta") is None:
            self.file_meta = FileMetaDataset()

    # ---- parts of it -----------------------------------------------------

    def _part(self, tags: list[int]) -> Dataset:
        made = Dataset()
        made._take_origin(self)
        made.set_original_encoding(*self.original_encoding, self.original_character_set)
        made.__dict__.update(
            _dict={tag: self._dict[tag] for tag in tags},
            _parent_encoding=self._character_set,
            _is_implicit_VR=self.is_implicit_VR,
            _is_little_endian=self.is_little_endian,
            _modified=True,
        )
        return made

    def _dataset_slice(self, wanted: slice) -> Dataset:
        return self._part(self._slice_tags(wanted))

    def group_dataset(self, group: int) -> Dataset:
        """Return a data set with the elements of one group."""
        first = int(Tag(group, 0))
        return self._part([tag for tag in sorted(self._dict) if first <= tag <= first + 0xFFFF])

    # ---- walking ---------------------------------------------------------

    def walk(
        self, callback: Callable[[Dataset, DataElement], None], recursive: bool = True
    ) -> None:
        """Call ``callback(dataset, element)`` for each element, by ascending tag.

        Parameters
        ----------
        callback : callable
            May change or delete the element it is given.
        recursive : bool
            Go into the items of sequences.
        """
        for tag in sorted(self._dict):
            entry = self._dict.get(tag)
            if entry is None:
                continue
            elem = self._element(tag, entry)
            callback(self, elem)
            # The callback may have removed or replaced it.
            entry = self._dict.get(tag)
            if recursive and entry is not None and self._element(tag, entry).VR == "SQ":
                for item in self._element(tag, entry).value:
                    item.walk(callback, recursive)

    def iterall(self) -> Iterator[DataElement]:
        """Yield every element, each sequence followed by the elements of its items."""
        open_ones: list[Iterator[DataElement]] = [iter(self)]
        while open_ones:
            for elem in open_ones[-1]:
                yield elem
                if elem.VR == "SQ":
                    open_ones.append(chain.from_iterable(map(whole_item, elem.value)))
                    break
            else:
                open_ones.pop()

    def remove_private_tags(self) -> None:
        """Remove the private elements at every depth."""

        def remove(ds: Dataset, elem: DataElement) -> None:
            if elem.tag.is_private:
                del ds[elem.tag]

        self.walk(remove)

    def decode(self) -> None:
        """Decode every text value that is still bytes, by the character set declared."""
        from pydcm.charset import decode_element

        def decode_text(ds: Dataset, elem: DataElement) -> None:
            if elem.VR == "SQ":
                for item in elem.value:
                    if item._index is not None:
                        # What is not decoded yet keeps the one it was read in.
                        item._encodings_read  # noqa: B018  # computed and kept
                    item.__dict__["_parent_encoding"] = ds._character_set
                    item.decode()
            else:
                decode_element(elem, ds._character_set)

        self.walk(decode_text, recursive=False)

    def update_raw_element(
        self, tag: TagType, *, vr: str | None = None, value: bytes | None = None
    ) -> None:
        """Change VR or encoded value of an element that nobody has asked for yet.

        Raises
        ------
        KeyError
            If there is no such element.
        ValueError
            If neither is given.
        TypeError
            If it is not raw any more.
        """
        if vr is None and value is None:
            raise ValueError("at least one of 'vr' and 'value' is needed")
        key = as_tag(tag)
        raw = self.get_item(key)
        if raw is None:
            raise KeyError(f"there is no element with tag {key}")
        if not isinstance(raw, RawDataElement):
            raise TypeError(f"the element {key} is already decoded")
        changed = raw._replace(
            VR=raw.VR if vr is None else vr, value=raw.value if value is None else value
        )
        self[key] = changed

    # ---- copies ----------------------------------------------------------

    def copy(self) -> Dataset:
        """Return a shallow copy: a new data set with elements of its own, which share values."""
        from copy import copy

        return copy(self)

    def __copy__(self) -> Dataset:
        from copy import copy

        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__["_dict"] = {
            # Elements nobody has asked for yet become two; so must the others.
            tag: copy(entry) if isinstance(entry, DataElement) else entry
            for tag, entry in self._dict.items()
        }
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Dataset:
        from copy import deepcopy

        made = type(self).__new__(type(self))
        memo[id(self)] = made
        state = made.__dict__
        for name, value in self.__dict__.items():
            if name == "_dict":
                # Rows and raw elements never change; only elements are copied.
                state[name] = {
                    tag: deepcopy(entry, memo) if isinstance(entry, DataElement) else entry
                    for tag, entry in value.items()
                }
            elif name not in _REMEMBERED:
                state[name] = self._copied(name, value, memo)
        return made

    def _copied(self, name: str, value: Any, memo: dict[int, Any]) -> Any:
        from copy import deepcopy

        return deepcopy(value, memo)

    def __getstate__(self) -> dict[str, Any]:
        from pydcm.dataset.unchanged import packed_entries

        state = dict(self.__dict__)
        for name in ("_pixel_array", "_pixel_id", "_plain", *_REMEMBERED):
            state.pop(name, None)
        if self._index is not None:
            state["_dict"], state["_homely"] = packed_entries(self, self._index)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for tag in self.__dict__.pop("_homely", ()):
            entry = self._dict[tag]
            assert isinstance(entry, DataElement)
            entry._home = self._index

    def __enter__(self) -> Dataset:
        return self

    @property
    def file_tell(self) -> int | None:
        """Offset of an item's header in the file it was read from; None for other data sets."""
        index, row = self._index, self._row
        return None if index is None or row is None else index.base + index.offsets[row]

    @property
    def seq_item_tell(self) -> int:
        """Offset of an item's header in the file it was read from.

        The same as :attr:`file_tell`, except that other data sets do not have the
        attribute. The records of a DICOMDIR refer to each other by these offsets
        (PS3.3 F.3.2.2).
        """
        tell: int | None = self.__dict__.get("_item_tell", self.file_tell)
        if tell is None:
            raise AttributeError("only an item that was read has 'seq_item_tell'")
        return tell

    @seq_item_tell.setter
    def seq_item_tell(self, tell: int) -> None:
        self.__dict__["_item_tell"] = tell

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        return None

    def __repr__(self) -> str:
        return self.__str__()


def _looks_like_keyword(name: str) -> bool:
    """Whether a name that is no keyword was probably meant to be one."""
    return (
        len(name) > 3
        and name.isalnum()
        and name.isascii()
        and name[0].isalpha()
        and (name[0].isupper() or name[2:] != name[2:].lower())
    )


ItemOpener.item_type = Dataset
