"""Siemens CSA headers: named values inside one private element.

A CSA header is a table that Siemens MR scanners before software XA write into
(0029,xx10) "CSA Image Header Info" and (0029,xx20) "CSA Series Header Info" of
the creator ``SIEMENS CSA HEADER``. The standard does not describe it. There are
two layouts, both little endian:

* CSA2 starts with ``SV10`` and four more bytes; CSA1 has no such prefix.
* Then: number of elements (uint32), 4 unused bytes.
* Each element: name (64 bytes, ended by a null), number of values (int32; 0 if
  it varies), VR (4 bytes), type (int32), number of items (int32), 4 unused bytes.
* Each item: four int32, then its text, padded to a multiple of four bytes. CSA2
  has the length of the text in the second number; CSA1 in the first, increased
  by the number of items of the header's first element.

Every count and length is checked against the bytes that there are before it is
used.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydcm.errors import StructureError

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["CSA_CREATOR", "CsaElement", "CsaHeader", "csa_header", "read_csa"]

CSA_CREATOR = "SIEMENS CSA HEADER"
"""The private creator of the elements that hold CSA headers."""

_GROUP = 0x0029
_ELEMENT_OFFSETS = {"image": 0x10, "series": 0x20}

_PREFIX = b"SV10"
_COUNT = struct.Struct("<I4x")
_ELEMENT = struct.Struct("<64si4s4xi4x")
_ITEM = struct.Struct("<iiii")


class CsaElement(NamedTuple):
    """One element of a CSA header.

    Attributes
    ----------
    vr : str
        The VR that the header gives, such as ``"DS"``.
    values : tuple of str
        Its values without padding; those at the end that are empty are dropped.
    """

    vr: str
    values: tuple[str, ...]


class CsaHeader(Mapping[str, CsaElement]):
    """The elements of one CSA header by name.

    A name that is not there, or has no value, gives an empty answer from the
    typed methods: scanners leave out what does not apply.

    Parameters
    ----------
    elements : mapping of str to CsaElement
        The elements by name.

    Examples
    --------
    >>> header = CsaHeader({"B_value": CsaElement("IS", ("1000",))})
    >>> header.integers("B_value"), header.floats("SliceNormalVector"), header.text("B_value")
    ((1000,), (), '1000')
    """

    def __init__(self, elements: Mapping[str, CsaElement]) -> None:
        self._elements = dict(elements)

    def __getitem__(self, name: str) -> CsaElement:
        return self._elements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._elements)

    def __len__(self) -> int:
        return len(self._elements)

    def __repr__(self) -> str:
        return f"<CsaHeader of {len(self)} elements>"

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the values of an element as they are written, or ``()``."""
        element = self._elements.get(name)
        return element.values if element is not None else ()

    def text(self, name: str) -> str:
        """Return the first value of an element as it is written, or ``""``."""
        return next(iter(self.texts(name)), "")

    def floats(self, name: str) -> tuple[float, ...]:
        """Return the values of an element as numbers, or ``()``.

        Raises
        ------
        StructureError
            If a value is no finite number.
        """
        return tuple(self._to_number(name, value) for value in self.texts(name))

    def number(self, name: str) -> float | None:
        """Return the first value of an element as a number, or None.

        Raises
        ------
        StructureError
            If it is no finite number.
        """
        text = self.text(name)
        return self._to_number(name, text) if text else None

    def integers(self, name: str) -> tuple[int, ...]:
        """Return the values of an element as whole numbers, or ``()``.

        Raises
        ------
        StructureError
            If a value is no whole number.
        """
        return tuple(self._to_integer(name, value) for value in self.texts(name))

    def integer(self, name: str) -> int | None:
        """Return the first value of an element as a whole number, or None.

        Raises
        ------
        StructureError
            If it is no whole number.
        """
        text = self.text(name)
        return self._to_integer(name, text) if text else None

    @staticmethod
    def _to_number(name: str, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise StructureError(f"CSA header: {name} has {text[:40]!r} where a number belongs")
        return number

    @classmethod
    def _to_integer(cls, name: str, text: str) -> int:
        number = cls._to_number(name, text)
        if not number.is_integer():
            raise StructureError(
                f"CSA header: {name} has {text[:40]!r} where a whole number belongs"
            )
        return int(number)


def csa_header(ds: Dataset, which: Literal["image", "series"] = "image") -> CsaHeader | None:
    """Return a CSA header of a data set.

    Parameters
    ----------
    ds : Dataset
        An image of a Siemens MR scanner.
    which : {"image", "series"}
        The header of the image, (0029,xx10), or that of the series, (0029,xx20).

    Returns
    -------
    CsaHeader or None
        None if the data set has no such element or it is empty.

    Raises
    ------
    StructureError
        If the element is no CSA header.

    Examples
    --------
    >>> from pydcm import Dataset
    >>> csa_header(Dataset()) is None
    True
    """
    try:
        element = ds.get_private_item(_GROUP, _ELEMENT_OFFSETS[which], CSA_CREATOR)
    except KeyError:
        return None
    value = element.value
    if not value:
        return None
    if not isinstance(value, bytes):
        raise StructureError(
            f"CSA {which} header: bytes expected, VR is {element.VR}", tag_path=str(element.tag)
        )
    try:
        return read_csa(value)
    except StructureError as error:
        error.tag_path = str(element.tag)
        raise


def read_csa(data: bytes) -> CsaHeader:
    """Read a CSA header of either layout.

    Parameters
    ----------
    data : bytes
        The value of the private element.

    Returns
    -------
    CsaHeader
        Its elements. Of two with one name, the first that has values counts.

    Raises
    ------
    StructureError
        If the bytes are no CSA header: too short for the counts and lengths
        that they declare.
    """
    version = 2 if data[:4] == _PREFIX else 1
    start = 8 if version == 2 else 0
    if len(data) < start + _COUNT.size:
        raise StructureError(f"CSA header: {len(data)} bytes are too few", offset=0)
    (count,) = _COUNT.unpack_from(data, start)
    position = start + _COUNT.size
    _check_room(data, position, count, _ELEMENT.size, "elements")
    elements: dict[str, CsaElement] = {}
    extra: int | None = None
    for _ in range(count):
        _check_room(data, position, 1, _ELEMENT.size, "elements")
        raw_name, multiplicity, raw_vr, items = _ELEMENT.unpack_from(data, position)
        position += _ELEMENT.size
        name = _text(raw_name)
        if extra is None:
            extra = items
        layout = _Items(items, multiplicity, extra if version == 1 else None)
        values, position = _read_items(data, position, layout, name)
        if name and not (name in elements and elements[name].values):
            elements[name] = CsaElement(_text(raw_vr), values)
    return CsaHeader(elements)


class _Items(NamedTuple):
    """How the items of one element are laid out; `surplus` is that of CSA1's lengths."""

    items: int
    multiplicity: int
    surplus: int | None


def _read_items(
    data: bytes, position: int, layout: _Items, name: str
) -> tuple[tuple[str, ...], int]:
    _check_room(data, position, layout.items, _ITEM.size, f"items of {name!r}")
    wanted = layout.multiplicity if layout.multiplicity > 0 else layout.items
    values: list[str] = []
    for index in range(layout.items):
        _check_room(data, position, 1, _ITEM.size, f"items of {name!r}")
        numbers = _ITEM.unpack_from(data, position)
        length = numbers[1] if layout.surplus is None else numbers[0] - layout.surplus
        start = position + _ITEM.size
        if length < 0 or length > len(data) - start:
            if layout.surplus is not None and index >= wanted:
                # CSA1 leaves the lengths of items beyond the values unset.
                position = start
                continue
            raise StructureError(
                f"CSA header: a value of {name!r} has {length} bytes, {len(data) - start} are left",
                offset=position,
            )
        if index < wanted:
            values.append(_text(data[start : start + length]))
        position = start + (length + 3) // 4 * 4
    while values and not values[-1]:
        values.pop()
    return tuple(values), position


def _check_room(data: bytes, position: int, count: int, size: int, what: str) -> None:
    if count < 0 or count * size > len(data) - position:
        raise StructureError(
            f"CSA header: {count} {what} declared, {max(len(data) - position, 0)} bytes are left",
            offset=position,
        )


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("latin-1").strip()
