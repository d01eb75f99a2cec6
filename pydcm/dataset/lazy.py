"""Entries of a data set: rows of an index that become elements when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from pydcm import config
from pydcm.ambiguous import AMBIGUOUS_VRS, resolve_vr
from pydcm.charset import convert_encodings, default_encoding
from pydcm.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydcm.dataset.bulk import can_decode_plain, decode_plain
from pydcm.elementindex import (
    UNDEFINED,
    Element,
    ElementIndex,
)
from pydcm.errors import BytesLengthException, PydcmError
from pydcm.forking import held_while_forking
from pydcm.hooks import (
    hooks,
    lookup_vr,
    private_vr,
    unsigned_lut_entries,
    wrong_length_to_un,
)
from pydcm.itemindex import (
    ItemPlace,
    find_items,
    indexed_items,
    is_undefined_item,
    open_item,
    rows_of_item,
)
from pydcm.kernels import elements
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.source import Extent, MemorySource
from pydcm.tag import BaseTag, Tag, TagType
from pydcm.uid import UID
from pydcm.valuerep import IS
from pydcm.values import decode_value

if TYPE_CHECKING:
    from pydcm.dataset.data import Dataset

__all__ = ["ItemOpener", "LazyElements", "Stored", "as_list", "as_tag", "decodes_plainly"]

Stored: TypeAlias = "int | DataElement | RawDataElement"
"""An entry: a row of the index, or an element that was decoded or set."""

CHARACTER_SET = 0x00080005
PIXEL_REPRESENTATION = 0x00280103
_ITEM_TAG = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")

_ROWS = frozenset({int, type(None)})
"""Types of the entries of elements that nobody decoded or set, or that are absent."""
_CONSTANT = frozenset({int, str, bytes, IS, UID, type(None)})
"""Types of values that cannot be changed."""
LONGEST_ENCODED = 70
"""Octets of the longest UID, and of VR and length before it (PS3.5 7.1.2)."""

_NEED_MORE = AMBIGUOUS_VRS | {"SQ"}
"""VRs whose value is more than its bytes."""

_store_lock = threading.Lock()
"""Two threads that decode the same element must get the same one."""
held_while_forking(_store_lock)


def decodes_plainly() -> bool:
    """Whether neither hooks nor a callback of the program have a part in decoding."""
    return hooks.are_default() and config.data_element_callback is None


class ItemOpener:
    """Makes data sets of the items of the sequences in one data set.

    Parameters
    ----------
    depth : int
        How deeply the items are nested; 1 in a top-level sequence.
    encodings : list of str
        Encodings of text where an item does not declare its own.
    pixel_rep : int or None
        Pixel Representation of the data sets around the item.
    """

    __slots__ = ("depth", "encodings", "pixel_rep")

    item_type: ClassVar[type[Dataset]]
    """The class of items: :class:`~pydcm.dataset.Dataset`, once it is defined."""

    def __init__(self, depth: int, encodings: list[str], pixel_rep: int | None) -> None:
        self.depth = depth
        self.encodings = encodings
        self.pixel_rep = pixel_rep

    def __call__(self, place: ItemPlace) -> Dataset:
        """Return the data set of one item."""
        made = self.item_type.__new__(self.item_type)
        index, row = open_item(place, self.depth)
        rows = rows_of_item(index, row)
        state: dict[str, Any] = {
            "_index": index,
            "_dict": rows,
            "_row": row,
            "_depth": self.depth,
            "_parent_encoding": self.encodings,
            "_read_implicit": bool(index.coding & elements.IMPLICIT_VR),
            "_read_little": not index.coding & elements.BIG_ENDIAN,
        }
        if CHARACTER_SET not in rows or index.context.charset_override:
            state["_encodings"] = self.encodings
        if self.pixel_rep is not None:
            state["_pixel_rep"] = self.pixel_rep
        if is_undefined_item(index, row):
            state["is_undefined_length_sequence_item"] = True
        object.__setattr__(made, "__dict__", state)
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return ItemOpener, (self.depth, self.encodings, self.pixel_rep)

    def __deepcopy__(self, memo: dict[int, object]) -> ItemOpener:
        return self  # nothing in it ever changes


class LazyElements:
    """The entries of a data set by tag, and what it takes to decode them."""

    # What every instance has in its __dict__; the defaults below spare the rest.
    _dict: dict[int, Stored]
    _index: ElementIndex | None = None
    _row: int | None = None  # of an item, in its index
    _depth: int = 0
    _modified: bool = False
    _parent_encoding: str | list[str] = default_encoding
    _pixel_rep: int | None = None
    _read_implicit: bool | None = None
    _read_little: bool | None = None
    _read_charset: str | list[str] = ""
    is_undefined_length_sequence_item: bool = False

    # ---- encodings of text -----------------------------------------------

    @property
    def _encodings_read(self) -> list[str]:
        """Python encodings of the text that was read and is not decoded yet."""
        found: list[str] | None = self.__dict__.get("_encodings")
        if found is None:
            found = self.__dict__["_encodings"] = self._find_encodings()
        return found

    def _find_encodings(self) -> list[str]:
        index = self._index
        if index is not None and index.context.charset_override:
            return convert_encodings(index.context.charset_override)
        entry = self._dict.get(CHARACTER_SET)
        if entry is None:
            return as_list(self._parent_encoding)
        if type(entry) is int and index is not None:
            found = index.element(entry)
            value: Any = decode_value("CS", index.read(found.begin, found.end), True, [])
        else:
            value = cast("DataElement | RawDataElement", entry).value
            if isinstance(value, bytes):
                value = value.decode("latin-1").strip(" \0").split("\\")
        return as_list(convert_encodings(value)) if value else as_list(self._parent_encoding)

    @property
    def _character_set(self) -> str | list[str]:
        """Python encodings of the text as it is declared now."""
        entry = self._dict.get(CHARACTER_SET)
        if entry is None:
            return self._parent_encoding
        if isinstance(entry, int):
            return self._encodings_read
        value = self._element(CHARACTER_SET, entry).value
        return convert_encodings(value) if value else self._parent_encoding

    # ---- one element --------------------------------------------------

    def _element(self, tag: int, entry: Stored) -> DataElement:
        """Return the element of an entry, decoding it first if nobody has yet."""
        if type(entry) is int:
            made = self._decode(tag, entry)
        elif isinstance(entry, DataElement):
            return entry
        else:
            made = self._convert_raw(cast("RawDataElement", entry))
        with _store_lock:
            now = self._dict.get(tag)
            if now is entry:
                self._dict[tag] = made
                return made
        # Another thread was faster, or the element was replaced or removed meanwhile.
        return now if isinstance(now, DataElement) else made

    def _convert_raw(self, raw: RawDataElement) -> DataElement:
        made = convert_raw_data_element(raw, encoding=self._encodings_read, ds=self)  # type: ignore[arg-type]  # self is a Dataset
        self._name_creator(made)
        if made.VR in AMBIGUOUS_VRS:
            self._resolve(made, raw.is_little_endian)
        return made

    def _decode(self, tag: int, row: int) -> DataElement:
        index = self._index
        assert index is not None
        if not decodes_plainly():
            return self._convert_raw(self._raw(tag, row))
        try:
            plain = index.plain_value(row)
            if plain is None:
                return self._decode_found(index, tag, row)
            vr, raw = plain
            creator = self.private_creator_of(tag) if tag & 0x10000 else None
            if vr == "UN":
                vr = self._known_vr(tag, creator, len(raw))
                if vr in _NEED_MORE:
                    return self._decode_found(index, tag, row)
            encodings: list[str] | None = self.__dict__.get("_encodings")
            value = decode_value(
                vr, raw, True, self._encodings_read if encodings is None else encodings
            )
            if vr == "SS":
                value = unsigned_lut_entries(tag, vr, value)
            made = DataElement._decoded(tag, vr, value, index, row)
            if creator is not None:
                made.private_creator = creator
            return made
        except PydcmError as error:
            error.path = error.path or index.context.path
            error.tag_path = error.tag_path or index.path(row)
            if error.offset is None:
                error.offset = index.base + index.offsets[row]
            if isinstance(error, BytesLengthException):
                return self._as_unknown(tag, row, error)
            raise

    def _decode_plain(self) -> bool:
        """Decode the plain elements all at once, before all of them are visited.

        Elements whose value does not fit are left alone: they fail when they are
        visited. Returns whether every entry is an element now.
        """
        complete: bool | None = self.__dict__.get("_plain")
        if complete is not None:
            return complete
        index = self._index
        if index is None or not can_decode_plain(index):
            return False
        found, complete = decode_plain(self, index)
        self._adopt(found)
        self.__dict__["_plain"] = complete
        return complete

    def _adopt(self, found: Mapping[int, Stored]) -> None:
        """Take elements that were decoded, where nobody has decoded or set another."""
        with _store_lock:
            entries = self._dict
            for tag, made in found.items():
                if type(entries.get(tag)) is int:
                    entries[tag] = made

    def _plain_sequence(self, index: ElementIndex, tag: int, row: int) -> DataElement | None:
        places = indexed_items(index, row)
        if places:
            undefined = index.is_undefined(row)
            items = Sequence._lazy(places, self._opener(), undefined)
        else:
            found = index.plain_sequence(row)
            if found is None:
                return None
            begin, end, undefined = found
            items = self._open_sequence(index, row, begin, end, "SQ", undefined)
        made = DataElement._decoded(tag, "SQ", items, index, row)
        if undefined:
            made.is_undefined_length = made._read_undefined = True
        return made

    def _value(self, tag: int, vr: str, raw: bytes, little_endian: bool) -> Any:
        encodings: list[str] | None = self.__dict__.get("_encodings")
        value = decode_value(
            vr, raw, little_endian, self._encodings_read if encodings is None else encodings
        )
        return unsigned_lut_entries(tag, vr, value) if vr == "SS" else value

    def _known_vr(self, tag: int, creator: str | None, length: int) -> str:
        """Return the VR of an element that says UN, if its meaning is known (PS3.5 6.2.2)."""
        if tag & 0x10000 and config.replace_un_with_known_vr:
            return private_vr(tag, "UN", creator)
        return lookup_vr(tag, "UN", self, length)

    def _as_unknown(self, tag: int, row: int, error: BytesLengthException) -> DataElement:
        """Keep a number of a wrong length as bytes if that is configured, else raise."""
        index = self._index
        assert index is not None
        found = index.element(row)
        vr = wrong_length_to_un(tag, found.vr or lookup_vr(tag, None, self), error)
        value = index.read(found.begin, found.end)
        made = DataElement._decoded(tag, vr, value, index, row)
        self._name_creator(made)
        return made

    def _decode_found(self, index: ElementIndex, tag: int, row: int) -> DataElement:
        found = index.element(row)
        vr = found.vr
        if vr is None or vr == "UN":
            vr = self._vr_of(index, tag, found)
        value: Any
        if vr == "SQ":
            value = self._open_sequence(
                index, row, found.begin, found.end, found.vr, found.length == UNDEFINED
            )
        else:
            value = self._value(tag, vr, index.read(found.begin, found.end), index.is_little)
        made = DataElement._decoded(tag, vr, value, index, row)
        if found.length == UNDEFINED:
            made.is_undefined_length = made._read_undefined = True
        if tag & 0x10000:
            made.private_creator = self.private_creator_of(tag)
        if vr in AMBIGUOUS_VRS:
            self._resolve(made, index.is_little)
            made._read_vr = made.VR
        return made

    def _vr_of(self, index: ElementIndex, tag: int, found: Element) -> str:
        """Return the VR of an element whose header does not tell it (PS3.5 6.2.2, 7.1.3)."""
        if found.vr == "UN" and found.length == UNDEFINED:
            return "SQ" if config.settings.infer_sq_for_un_vr else "UN"
        vr = lookup_vr(tag, found.vr, self, found.length)
        if vr == "UN" and found.length == UNDEFINED:
            first = index.read(found.begin, min(found.begin + 4, found.end))
            return "SQ" if first in _ITEM_TAG or not first else vr
        return vr

    def _opener(self) -> ItemOpener:
        """Return what opens the items of the sequences here."""
        opener: ItemOpener | None = self.__dict__.get("_items_opener")
        if opener is None:
            opener = self.__dict__["_items_opener"] = ItemOpener(
                self._depth + 1, self._encodings_read, self._pixel_representation()
            )
        return opener

    def _open_sequence(
        self, index: ElementIndex, row: int, begin: int, end: int, vr: str | None, undefined: bool
    ) -> Sequence:
        opener = self._opener()
        places = find_items(index, row, begin, end, vr, opener.depth)
        return Sequence._lazy(places, opener, undefined)

    def _pixel_representation(self) -> int | None:
        """Return Pixel Representation here or in a data set around this one."""
        entry = self._dict.get(PIXEL_REPRESENTATION)
        if entry is None or self._is_sequence(entry):
            return self._pixel_rep
        value = self._element(PIXEL_REPRESENTATION, entry).value
        return value if isinstance(value, int) else self._pixel_rep

    def _is_sequence(self, entry: Stored) -> bool:
        """Tell whether an element says that it is a sequence, whatever it should be."""
        if isinstance(entry, int):
            assert self._index is not None
            found = self._index.element(entry)
            return found.vr == "SQ" or found.length == UNDEFINED
        return entry.VR == "SQ"

    def _resolve(self, elem: DataElement, little_endian: bool) -> None:
        vr = resolve_vr(elem, self, self._pixel_representation())
        if vr == elem.VR:
            return
        value = elem.value
        if isinstance(value, bytes):
            value = decode_value(vr, value, little_endian, self._encodings_read)
        elem.VR = vr
        elem._value = value

    def _name_creator(self, elem: DataElement) -> None:
        if elem.tag & 0x10000:
            elem.private_creator = self.private_creator_of(elem.tag)

    def private_creator_of(self, tag: int) -> str | None:
        """Return the private creator that reserved the block of `tag`, or None (PS3.5 7.8.1)."""
        if not tag & 0x10000 or tag & 0xFFFF < 0x1000:
            return None
        creator = tag & 0xFFFF0000 | tag >> 8 & 0xFF
        entry = self._dict.get(creator)
        if entry is None:
            return None
        value = entry._value if type(entry) is DataElement else self._element(creator, entry).value
        if isinstance(value, str):
            return value
        if isinstance(value, MultiValue) and value:
            config.warn_and_log(
                f"{BaseTag(creator)} has {len(value)} values and is no valid private creator",
                UserWarning,
            )
        return None

    def _raw(self, tag: int, row: int, *, deferred: bool = False) -> RawDataElement:
        """Return an element as it stands in the file; `deferred` leaves out a value in the file."""
        index = self._index
        assert index is not None
        found = index.element(row)
        in_window = index.base <= found.begin and found.end <= index.base + len(index.window)
        value = None if deferred and not in_window else index.read(found.begin, found.end)
        length = found.length if found.length == UNDEFINED else found.end - found.begin
        return RawDataElement(
            BaseTag(tag), found.vr, length, value, found.begin, index.is_implicit, index.is_little
        )

    def _plain_octets(self, tag: int) -> tuple[str, bytes] | None:
        """Return VR and octets of an element that nobody has decoded yet, to read many quickly.

        None stands for any other element, for one that is not plain in the file
        (see :meth:`ElementIndex.plain_value`), and for all while hooks or a
        callback want to see each.
        """
        entry = self._dict.get(tag)
        if type(entry) is not int or not decodes_plainly():
            return None
        assert self._index is not None
        return self._index.plain_value(entry)

    def _encoded(self, tags: Iterable[int]) -> tuple[bytes, ...] | None:
        """Return VR, length and value of elements as they are encoded, empty where absent.

        None stands for all if one was decoded or set, is not plain in the file or not
        short, or while hooks or a callback want to see each. What such octets say can
        be kept for the next data set that has the same.
        """
        index = self._index
        rows = [*map(self._dict.get, tags)]
        if index is None or not _ROWS.issuperset(map(type, rows)) or not decodes_plainly():
            return None
        return index.plain_octets(rows, LONGEST_ENCODED)  # type: ignore[arg-type]  # of _ROWS

    def _as_they_are(self, tags: Iterable[int]) -> tuple[object, ...] | None:
        """Return what tells elements of one value from what they may become, to be compared.

        None stands for all if one could change without a trace, or while hooks or a
        callback want to see each.
        """
        entries = (*map(self._dict.get, tags),)
        if not decodes_plainly():
            return None
        if _ROWS.issuperset(map(type, entries)):
            return entries
        found: list[object] = []
        for entry in entries:
            if type(entry) in _ROWS:
                found.append(entry)
            elif type(entry) is not DataElement or type(entry._value) not in _CONSTANT:
                return None
            elif entry._home is self._index and entry._is_as_read():
                found.append(entry._row)
            elif type(entry._value) is bytes:  # to keep it might keep an image in memory
                return None
            else:
                found.append((entry.VR, entry._value))
        return tuple(found)

    def locate(self, tag: TagType) -> Extent | None:
        """Return where the value of an element lies, without loading it.

        Parameters
        ----------
        tag : int, str or tuple
            The element; never a sequence.

        Returns
        -------
        Extent or None
            None if there is no such element or it has no binary value.
        """
        entry = self._dict.get(tag if type(tag) is int else int(as_tag(tag)))
        if type(entry) is int:
            assert self._index is not None
            return self._index.extent(entry)
        if isinstance(entry, DataElement) and entry._home is not None:
            return entry._home.extent(entry._row)
        value = None if entry is None or isinstance(entry, int) else entry.value
        if isinstance(value, (bytearray, memoryview)):
            value = bytes(value)
        elif value is not None and not isinstance(value, bytes):
            value = _buffered_bytes(value)
        if value is None:
            return None
        undefined = getattr(entry, "is_undefined_length", False)
        little = entry.is_little_endian if isinstance(entry, RawDataElement) else True
        return Extent(MemorySource(value), 0, len(value), undefined, little)


def as_tag(key: Any) -> BaseTag:
    """Return the tag of a key, which may be anything that :func:`~pydcm.tag.Tag` takes."""
    return key if type(key) is BaseTag else Tag(key)


def as_list(encodings: str | list[str]) -> list[str]:
    """Return one encoding or several as a list."""
    return [encodings] if isinstance(encodings, str) else list(encodings)


def _buffered_bytes(value: Any) -> bytes | None:
    """Return the rest of a buffered value, or None if it is something else."""
    if not hasattr(value, "read") or not hasattr(value, "seek"):
        return None
    position = value.tell()
    try:
        return bytes(value.read())
    finally:
        value.seek(position)
