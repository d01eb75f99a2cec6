"""Encoding data sets: elements, sequences and items (PS3.5 7).

What nobody changed is copied as it was read, header and all. What was changed
is encoded anew, and only that.
"""

from __future__ import annotations

import struct
import warnings
from typing import Any, NamedTuple

from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset import Dataset
from pydcm.dataset.unchanged import is_clean_sequence
from pydcm.elementindex import UNDEFINED, ElementIndex
from pydcm.errors import PydcmError, WriteError
from pydcm.filewriter.output import Output
from pydcm.filewriter.values import NUMBER_FORMATS, encode_value
from pydcm.hooks import LUT_DESCRIPTORS
from pydcm.itemindex import rows_of_item
from pydcm.kernels import elements
from pydcm.kernels.dialect import LONG_VRS, u32_be, u32_le
from pydcm.sequence import Sequence
from pydcm.tag import BaseTag
from pydcm.valuerep import CUSTOMIZABLE_CHARSET_VR

__all__ = ["Coding", "encode_data_set", "encode_element"]

_LONG = frozenset(LONG_VRS)
_AMBIGUOUS_AS = {"OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW", "US or SS": "US"}
_PIXEL_DATA = 0x7FE00010
_SWAPPED = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8, "AT": 2} | {
    vr: struct.calcsize(form) for vr, form in NUMBER_FORMATS.items()
}
_TEXT = frozenset(str(vr) for vr in CUSTOMIZABLE_CHARSET_VR)


class Coding(NamedTuple):
    """How a data set is encoded.

    Attributes
    ----------
    implicit : bool
        Elements carry no VR (PS3.5 7.1.3).
    little : bool
        Little endian.
    encapsulated : bool
        Pixel Data at the top level are encapsulated (PS3.5 A.4).
    """

    implicit: bool
    little: bool
    encapsulated: bool = False

    @property
    def bits(self) -> int:
        """The same as bits, as the kernels take it."""
        return (elements.IMPLICIT_VR if self.implicit else 0) | (
            0 if self.little else elements.BIG_ENDIAN
        )


def encode_data_set(
    ds: Dataset, coding: Coding, parent_encodings: list[str], *, top: bool = True
) -> Output:
    """Return the bytes of a data set.

    Parameters
    ----------
    ds : Dataset
        The data set.
    coding : Coding
        How to encode it.
    parent_encodings : list of str
        Python encodings of text where it declares none itself.
    top : bool
        It is no item: nothing follows it.

    Raises
    ------
    WriteError
        If a value cannot be encoded.
    """
    return _DataSetEncoder(ds, coding, parent_encodings, top).run()


class _DataSetEncoder:
    """Encodes one data set, copying runs of untouched elements at once."""

    def __init__(self, ds: Dataset, coding: Coding, parent_encodings: list[str], top: bool) -> None:
        self.ds = ds
        self.top = top
        self.coding = coding
        self.encodings = _declared(ds) or parent_encodings
        self.index = ds._index
        self.same_coding = self.index is not None and self.index.coding == coding.bits
        self.same_text = self.index is None or ds._encodings_read == self.encodings
        self.out = Output()
        self.run_index: ElementIndex | None = None
        self.run_first = self.run_last = 0
        self.group = -1
        self.group_length: int | None = None
        self.group_start = 0
        self.group_read = 0

    def run(self) -> Output:
        """Encode every element by ascending tag."""
        for tag in sorted(self.ds._dict):
            if tag >> 16 != self.group:
                self._close_group(tag >> 16)
            try:
                self._one(tag, self.ds._dict[tag])
            except PydcmError as error:
                error.tag_path = error.tag_path or str(BaseTag(tag))
                raise
        self._close_group(-1)
        return self.out

    def _one(self, tag: int, entry: Any) -> None:
        if tag & 0xFFFF == 0 and tag >> 16 != 2:
            self._length_of_group(tag, entry)
            return
        if type(entry) is int:
            self._row(tag, entry)
        elif isinstance(entry, DataElement):
            home = entry._home
            if home is not None and self._untouched(entry, home, entry._row):
                self._copy(home, entry._row)
            else:
                self._flush()
                self._anew(tag, entry)
        else:
            self._flush()
            self.out.extend(self._raw(entry))

    # ---- elements that nobody touched --------------------------------------

    def _row(self, tag: int, row: int) -> None:
        index = self.index
        assert index is not None
        same_text = self.same_text or not _holds_text(index.element(row).vr)
        if self.same_coding and same_text and self._may_copy(index, row):
            self._copy(index, row)
            return
        found = index.element(row)
        self._flush()
        vr = found.vr
        if vr is None or vr in ("UN", "SQ") or (vr in _TEXT and not self.same_text):
            if tag != _PIXEL_DATA:
                self._anew(tag, self.ds._element(tag, row))
                return
            # PS3.5 A.1, A.4: native in Implicit VR it is OW, encapsulated OB.
            vr = "OB" if found.length == UNDEFINED else "OW"
        self._transcode(tag, vr, index, found.begin, found.end, found.length == UNDEFINED)

    def _anew(self, tag: int, elem: DataElement) -> None:
        """Encode an element that cannot be copied.

        A value that was read and not changed keeps its bytes, whether it was looked at
        or not. Words that were set are bytes in the order of the file to be written.
        """
        home, vr = elem._home, elem.VR
        if home is None or vr == "SQ" or vr in _AMBIGUOUS_AS or not elem._is_as_read():
            self.out.extend(self._encoded(elem))
            return
        if vr in _TEXT and not (self.same_text and self._is_own(home, elem._row)):
            self.out.extend(self._encoded(elem))
            return
        found = home.element(elem._row)
        self._transcode(tag, vr, home, found.begin, found.end, found.length == UNDEFINED)

    def _transcode(
        self, tag: int, vr: str, index: ElementIndex, begin: int, end: int, undefined: bool
    ) -> None:
        """Give a value that stays as it is another header, and another byte order."""
        if tag == _PIXEL_DATA and self.coding.encapsulated and not undefined:
            raise _not_encapsulated()
        if undefined and not (index.is_little and self.coding.little):
            raise WriteError(
                "encapsulated values are little endian, in a little endian data set",
                clause="PS3.5 A.4",
                hint="decompress the Pixel Data first",
            )
        vr = self._fitting_vr(tag, vr, end - begin)
        undefined = undefined and may_be_undefined(vr, self.coding)
        self.out.add(self._header(tag, vr, UNDEFINED if undefined else (end - begin + 1) & ~1))
        width = _SWAPPED.get(vr, 1)
        if index.is_little != self.coding.little and width > 1 and not undefined:
            self.out.add(_swapped(index.read(begin, end), width))
        elif begin >= index.base and end <= index.base + len(index.window):
            self.out.add(index.read(begin, end))
        else:
            self.out.copy(index.source, begin, end)
        if undefined:
            self.out.add(self._delimiter(0xE0DD))
        elif (end - begin) & 1:
            self.out.add(b"\0" if vr in ("UI", "OB", "UN") else b" ")

    def _may_copy(self, index: ElementIndex, row: int) -> bool:
        """Whether an element may be copied with the length that its header states."""
        pixels = self.coding.encapsulated and index.tags[row] == _PIXEL_DATA
        if pixels and index.element(row).length != UNDEFINED:
            raise _not_encapsulated()
        after = index.after(row)
        if (after < len(index.tags) and index.tags[after] >= 0) or index.is_complete(row):
            return True
        # A value that was cut short would swallow whatever follows it from now on.
        return self.top and index.tags[row] == max(self.ds._dict)

    def _untouched(self, elem: DataElement, index: ElementIndex, row: int) -> bool:
        if index.coding != self.coding.bits or elem.tag - index.tags[row]:
            return False
        if not self._may_copy(index, row):
            return False
        if not elem._is_as_read():
            return False
        if elem.VR != "SQ" and elem.VR not in _TEXT:
            return True
        if not self.same_text or not self._is_own(index, row):
            return False
        return elem.VR != "SQ" or is_clean_sequence(elem.value)

    def _is_own(self, index: ElementIndex, row: int) -> bool:
        """Whether an element was read in this data set, and so in its character set."""
        item = self.ds._row
        if index is not self.index:
            return False
        if item is None or not self.ds._modified:
            return True
        return rows_of_item(index, item).get(index.tags[row]) == row

    def _copy(self, index: ElementIndex, row: int) -> None:
        if self.run_index is index and self.run_last == row:
            self.run_last = index.after(row)
            return
        self._flush()
        self.run_index, self.run_first, self.run_last = index, row, index.after(row)

    def _flush(self) -> None:
        index = self.run_index
        if index is None:
            return
        self.run_index = None
        begin = index.offsets[self.run_first] + index.base
        end = index.offsets[self.run_last] + index.base
        if begin >= index.base and end <= index.base + len(index.window):
            self.out.add(index.read(begin, end))
        else:
            self.out.copy(index.source, begin, end)

    # ---- group lengths (PS3.5 7.2) -----------------------------------------

    def _length_of_group(self, tag: int, entry: Any) -> None:
        """Keep a group length that was read; it is set right when the group is complete."""
        index, row = self.index, entry
        if isinstance(entry, DataElement):
            index, row = entry._home, entry._row
        if type(row) is not int or index is None or index is not self.index:
            return
        if not self.same_coding:
            return
        found = index.element(row)
        if found.end - found.begin != 4:
            return
        self._flush()
        self.group_length = self.out.place()
        self.group_read = _group_size(index, row)
        self.out.add(index.verbatim(row, index.after(row)))
        self.group_start = self.out.size

    def _close_group(self, following: int) -> None:
        self.group = following
        if self.group_length is None and following >= 0:
            return
        self._flush()
        if self.group_length is None:
            return
        place, self.group_length = self.group_length, None
        element, form = self.out.part(place), "<I" if self.coding.little else ">I"
        grown = self.out.size - self.group_start - self.group_read
        (length,) = struct.unpack(form, element[-4:])
        if grown:
            length = max(0, length + grown) & 0xFFFFFFFF
            self.out.replace(place, element[:-4] + struct.pack(form, length))

    # ---- elements that are encoded anew ------------------------------------

    def _encoded(self, elem: DataElement) -> Output:
        return encode_element(elem, self.coding, self.encodings, self.ds)

    def _raw(self, raw: RawDataElement) -> Output:
        known = raw.VR is not None and raw.VR != "SQ" and raw.VR not in _AMBIGUOUS_AS
        if not known or raw.value is None or raw.is_little_endian != self.coding.little:
            return self._encoded(self.ds._element(int(raw.tag), raw))
        out = Output()
        data = raw.value + b"\0" if len(raw.value) & 1 else raw.value
        undefined = raw.length == UNDEFINED
        vr = self._fitting_vr(int(raw.tag), str(raw.VR), len(data))
        undefined = undefined and may_be_undefined(vr, self.coding)
        out.add(self._header(int(raw.tag), vr, UNDEFINED if undefined else len(data)))
        out.add(data)
        if undefined:
            out.add(self._delimiter(0xE0DD))
        return out

    def _fitting_vr(self, tag: int, vr: str, length: int) -> str:
        return fitting_vr(tag, vr, length, self.coding)

    def _header(self, tag: int, vr: str, length: int) -> bytes:
        return element_header(tag, vr, length, self.coding)

    def _delimiter(self, element: int) -> bytes:
        return item_header(element, 0, self.coding)


def _group_size(index: ElementIndex, row: int) -> int:
    """Return how many bytes followed a group length in its group, as it was read."""
    group = index.tags[row] >> 16
    last = row + 1
    while last < len(index.tags) and index.tags[last] >> 16 == group:
        last = index.after(last)
    return index.offsets[last] - index.offsets[row + 1]


def fitting_vr(tag: int, vr: str, length: int, coding: Coding) -> str:
    """Return UN for a value that is too long for its VR's length field (PS3.5 6.2.2)."""
    if coding.implicit or vr in _LONG or length <= 0xFFFF:
        return vr
    warnings.warn(
        f"the value of {BaseTag(tag)} has {length} bytes, more than VR {vr} can say in Explicit "
        "VR; it is written as UN",
        UserWarning,
        stacklevel=2,
    )
    return "UN"


def may_be_undefined(vr: str, coding: Coding) -> bool:
    """Whether a header has room for an undefined length (PS3.5 7.1.2: others have 16 bits)."""
    return coding.implicit or vr in _LONG


def element_header(tag: int, vr: str, length: int, coding: Coding) -> bytes:
    """Return the header of an element (PS3.5 7.1.2, 7.1.3)."""
    order = "<" if coding.little else ">"
    if coding.implicit:
        return struct.pack(f"{order}2HI", tag >> 16, tag & 0xFFFF, length)
    code = vr.encode("ascii")
    if vr in _LONG:
        return struct.pack(f"{order}2H2s2xI", tag >> 16, tag & 0xFFFF, code, length)
    return struct.pack(f"{order}2H2sH", tag >> 16, tag & 0xFFFF, code, length)


def item_header(element: int, length: int, coding: Coding) -> bytes:
    """Return an item tag or delimiter with its length (PS3.5 7.5)."""
    return struct.pack("<2HI" if coding.little else ">2HI", 0xFFFE, element, length)


def encode_element(
    elem: DataElement, coding: Coding, encodings: list[str], ds: Dataset | None = None
) -> Output:
    """Return the bytes of one element.

    Parameters
    ----------
    elem : DataElement
        The element.
    coding : Coding
        How to encode it.
    encodings : list of str
        Python encodings of its text.
    ds : Dataset, optional
        The data set it is in, which settles an ambiguous VR.

    Raises
    ------
    WriteError
        If its value cannot be encoded.
    """
    tag, out = int(elem.tag), Output()
    undefined = elem.is_undefined_length
    if tag >> 16 == 0xFFFE:
        raise WriteError("an item tag or delimiter is no element", clause="PS3.5 7.5")
    if elem.VR == "SQ":
        if ds is not None:
            _tell_pixel_representation(elem.value, ds)
        body = _encode_sequence(elem.value, coding, encodings)
        vr, size = "SQ", body.size
    else:
        vr, value = _settled(elem, coding, ds)
        if vr == "SS" and tag in LUT_DESCRIPTORS:
            value = signed_entries(value)
        data = encode_value(vr, value, coding.little, encodings)
        if tag == _PIXEL_DATA:
            undefined = _are_encapsulated(data, undefined, coding, ds)
        body = Output()
        body.add(data)
        size = len(data)
        vr = _AMBIGUOUS_AS.get(vr, vr)
    if size >= UNDEFINED and not undefined:
        raise WriteError(f"a value of {size} bytes is too long", clause="PS3.5 7.1.1")
    vr = fitting_vr(tag, vr, size, coding)
    undefined = undefined and may_be_undefined(vr, coding)
    out.add(element_header(tag, vr, UNDEFINED if undefined else size, coding))
    out.extend(body)
    if undefined:
        out.add(item_header(0xE0DD, 0, coding))
    return out


def _settled(elem: DataElement, coding: Coding, ds: Dataset | None) -> tuple[str, Any]:
    """Return the VR and the value to encode, where the dictionary leaves the VR open."""
    if elem.VR not in _AMBIGUOUS_AS:
        return elem.VR, elem.value
    if ds is None:
        raise WriteError(
            f"VR {elem.VR!r} of {elem.tag} is open", hint="set the element's VR", tag_path=elem.name
        )
    from copy import copy

    from pydcm.ambiguous import resolve_vr

    made = copy(elem)
    vr = resolve_vr(made, ds, ds._pixel_representation())
    if elem.VR == "OB or OW" and coding.implicit:
        vr = "OW"
    elif coding.encapsulated and int(elem.tag) == _PIXEL_DATA:
        vr = "OB"  # PS3.5 A.4
    if vr == "US or SS" and elem.value not in (None, "", b""):
        raise AttributeError(
            f"VR {elem.VR!r} of {elem.tag} depends on 'PixelRepresentation', which is missing"
        )
    return vr, elem.value


def signed_entries(value: Any) -> Any:
    """Return a LUT descriptor whose number of entries, unsigned in any VR, fits SS."""
    if isinstance(value, (str, bytes, int)) or not value or value[0] <= 0x7FFF:
        return value
    return [value[0] - 0x10000, *value[1:]]


def _are_encapsulated(data: bytes, undefined: bool, coding: Coding, ds: Dataset | None) -> bool:
    """Return whether Pixel Data are written with an undefined length (PS3.5 A.4).

    An element that was read from a compressed file and got native pixels since may still
    say that it has no length of its own; in a native data set the pixels decide.
    """
    if ds is not None and coding.encapsulated:
        undefined = True
    if not undefined or data[:4] == item_header(0xE000, 0, coding)[:4]:
        return undefined
    if ds is None or coding.encapsulated:
        raise _not_encapsulated()
    return False


def _not_encapsulated() -> WriteError:
    return WriteError(
        "the Pixel Data are not encapsulated, as a compressed transfer syntax demands",
        clause="PS3.5 A.4",
        tag_path="PixelData",
        hint="encapsulate the frames with pydcm.encaps.encapsulate()",
    )


def _tell_pixel_representation(items: Sequence, ds: Dataset) -> None:
    """Let items that were put together by hand know what settles US or SS in them."""
    around = ds._pixel_representation()
    for number in range(len(items)):
        if items.unopened(number) is None and items[number]._index is None:
            items[number].__dict__["_pixel_rep"] = around


def _encode_sequence(items: Sequence, coding: Coding, encodings: list[str]) -> Output:
    body = Output()
    for number in range(len(items)):
        place = items.unopened(number)
        if place is not None and place.index.coding == coding.bits and _complete(place):
            opener: Any = items._open
            if opener.encodings == encodings:
                end = place.end + 8 if place.undefined else place.end
                body.add(place.index.window[place.begin - 8 : end])
                continue
        _encode_item(items[number], coding, encodings, body)
    return body


def _complete(place: Any) -> bool:
    """Whether an item ends as its header says."""
    window, big = place.index.window, bool(place.index.coding & elements.BIG_ENDIAN)
    if place.undefined:
        delimiter = item_header(0xE00D, 0, Coding(False, not big))
        return bool(window[place.end : place.end + 4] == delimiter[:4])
    (length,) = (u32_be if big else u32_le)(window, place.begin - 4)
    return bool(length == place.end - place.begin)


def _encode_item(item: Dataset, coding: Coding, encodings: list[str], body: Output) -> None:
    content = encode_data_set(item, coding._replace(encapsulated=False), encodings, top=False)
    undefined = item.is_undefined_length_sequence_item
    body.add(item_header(0xE000, UNDEFINED if undefined else content.size, coding))
    body.extend(content)
    if undefined:
        body.add(item_header(0xE00D, 0, coding))


def _declared(ds: Dataset) -> list[str]:
    """Return the encodings of the character set that a data set itself declares now."""
    if 0x00080005 not in ds._dict:
        return []
    found = ds._character_set
    return [found] if isinstance(found, str) else list(found)


def _holds_text(vr: str | None) -> bool:
    return vr is None or vr in ("SQ", "UN") or vr in _TEXT


def _swapped(data: bytes, width: int) -> bytes:
    """Return numbers of `width` bytes in the other byte order; octets that remain stay."""
    whole = len(data) // width * width
    swapped = bytearray(data)
    for k in range(width):
        swapped[k:whole:width] = data[width - 1 - k : whole : width]
    return bytes(swapped)
