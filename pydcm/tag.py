"""Data element tags: the group and element number that name an element (PS3.5 7.1.1).

A tag is a 32-bit number, so :class:`BaseTag` is an :class:`int` that knows how
to print and compare itself as ``(gggg,eeee)``; it hashes like the number and
can be looked up in a dictionary with plain numbers as keys.

Examples
--------
>>> from pydcm.tag import Tag
>>> Tag("PatientName")
(0010,0010)
>>> Tag(0x0010, 0x0020) == Tag("0010,0020") == 0x00100020
True
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import index
from typing import TypeAlias

from pydcm._dictionaries import keyword_dict
from pydcm.errors import PydcmError

__all__ = [
    "TAG_CHARSET",
    "TAG_PIXREP",
    "BaseTag",
    "ItemDelimiterTag",
    "ItemTag",
    "SequenceDelimiterTag",
    "Tag",
    "TagListType",
    "TagType",
    "TupleTag",
    "tag_in_exception",
]

_MAX_TAG = 0xFFFFFFFF
_MAX_NUMBER = 0xFFFF


class BaseTag(int):
    """A tag as one number: the group in the upper, the element in the lower 16 bits.

    Nothing is checked here; make tags from input with :func:`Tag`. Tags compare
    with everything that :func:`Tag` accepts; a comparison by order with
    anything else raises :class:`TypeError`.

    Examples
    --------
    >>> BaseTag(0x00100020)
    (0010,0020)
    >>> BaseTag(0x00100020) == (0x0010, 0x0020)
    True
    """

    __slots__ = ()

    # Defining __eq__ would drop the hash; the slot of int costs no Python call.
    __hash__ = int.__hash__

    # The comparisons run at every dictionary lookup by tag. They subtract because the
    # interpreter does that itself, at half the cost of calling int.__eq__ and its kin.

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return not self - other
        tag = _comparable(other)
        return NotImplemented if tag is None else not self - tag

    def __ne__(self, other: object) -> bool:
        if isinstance(other, int):
            return self - other != 0
        tag = _comparable(other)
        return NotImplemented if tag is None else self - tag != 0

    def __lt__(self, other: TagType) -> bool:
        if isinstance(other, int):
            return self - other < 0
        tag = _comparable(other)
        return NotImplemented if tag is None else self - tag < 0

    def __le__(self, other: TagType) -> bool:
        if isinstance(other, int):
            return self - other <= 0
        tag = _comparable(other)
        return NotImplemented if tag is None else self - tag <= 0

    def __gt__(self, other: TagType) -> bool:
        if isinstance(other, int):
            return self - other > 0
        tag = _comparable(other)
        return NotImplemented if tag is None else self - tag > 0

    def __ge__(self, other: TagType) -> bool:
        if isinstance(other, int):
            return self - other >= 0
        tag = _comparable(other)
        return NotImplemented if tag is None else self - tag >= 0

    def __str__(self) -> str:
        return f"({self >> 16:04X},{self & 0xFFFF:04X})"

    __repr__ = __str__

    @property
    def json_key(self) -> str:
        """The tag as eight hexadecimal digits, the key of the JSON model (PS3.18 F.2.2)."""
        return f"{self:08X}"

    @property
    def group(self) -> int:
        """The group number."""
        return self >> 16

    @property
    def element(self) -> int:
        """The element number within the group."""
        return self & 0xFFFF

    elem = element

    @property
    def is_private(self) -> bool:
        """Whether the group number is odd (PS3.5 7.8)."""
        return self & 0x10000 != 0

    @property
    def is_private_creator(self) -> bool:
        """Whether the element reserves a block of private elements: (odd,0010-00FF)."""
        return self & 0x10000 != 0 and 0x10 <= self & 0xFFFF <= 0xFF

    @property
    def private_creator(self) -> BaseTag:
        """The tag that reserves the block of a private element (PS3.5 7.8.1).

        Examples
        --------
        >>> BaseTag(0x00291034).private_creator
        (0029,0010)
        """
        return BaseTag((self & 0xFFFF0000) | (self & 0xFFFF) >> 8)


TagType: TypeAlias = int | str | tuple[int, int] | BaseTag
TagListType: TypeAlias = list[int] | list[str] | list[tuple[int, int]] | list[BaseTag]


def Tag(arg: TagType, arg2: int | None = None) -> BaseTag:
    """Return the tag that the arguments name.

    Parameters
    ----------
    arg : int or str or tuple of int or BaseTag
        The whole tag as a number, or as text: a keyword of the data dictionary
        (``"PatientName"``), hexadecimal digits (``"00100010"``,
        ``"0x00100010"``), or a pair (``"0010,0010"``, ``"(0010,0010)"``). Or
        two numbers, or two texts of hexadecimal digits, in a tuple or list.
    arg2 : int, optional
        The element number; `arg` is then the group number. Both may be texts
        of hexadecimal digits.

    Returns
    -------
    BaseTag
        The tag, from (0000,0000) to (FFFF,FFFF).

    Raises
    ------
    ValueError
        If the text is neither a keyword nor a number, the pair has not two
        numbers, or a number is negative.
    OverflowError
        If a number does not fit: 16 bits for a group or an element, 32 bits
        for a whole tag.
    TypeError
        If the arguments are of other types.

    Examples
    --------
    >>> Tag(0x7FE00010), Tag(0x7FE0, 0x0010), Tag("7fe00010"), Tag("PixelData")
    ((7FE0,0010), (7FE0,0010), (7FE0,0010), (7FE0,0010))
    """
    if arg2 is not None:
        return _from_pair(arg, arg2)
    # The exact types first: this runs once or more for each element of a file.
    kind = type(arg)
    if kind is BaseTag:
        return arg  # type: ignore[return-value]  # kind says so
    if kind is int:
        return _from_number(arg)  # type: ignore[arg-type]  # kind says so
    if isinstance(arg, str):
        return _from_text(arg)
    if isinstance(arg, (tuple, list)):
        if len(arg) != 2:
            raise ValueError(f"a tag is made of two numbers, not of {len(arg)}: {arg!r}")
        return _from_pair(arg[0], arg[1])
    return _from_number(_whole(arg))


def TupleTag(group_elem: tuple[int, int]) -> BaseTag:
    """Return the tag of a group and an element number, unchecked and therefore fast.

    Parameters
    ----------
    group_elem : tuple of int
        The group and the element number, both 0 to 0xFFFF.

    Returns
    -------
    BaseTag
        The tag.
    """
    return BaseTag(group_elem[0] << 16 | group_elem[1])


@contextmanager
def tag_in_exception(tag: TagType) -> Iterator[None]:
    """Name an element in whatever exception the enclosed block raises.

    The exception keeps its type and its attributes. A
    :class:`~pydcm.errors.PydcmError` gets the tag as its ``tag_path`` where it
    has none; any other gets it in front of its message, or as a note where the
    exception has no message to speak of.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element, as it shall be named.

    Examples
    --------
    >>> with tag_in_exception(Tag("PatientName")):
    ...     raise ValueError("too long")
    Traceback (most recent call last):
    ValueError: element (0010,0010): too long
    """
    try:
        yield
    except PydcmError as error:
        if error.tag_path is None:
            error.tag_path = str(tag)
        raise
    except Exception as error:  # any: it is only told where it happened
        match error.args:
            case ():
                error.args = (f"element {tag}",)
            case (str(message),):
                error.args = (f"element {tag}: {message}",)
            case _:
                error.add_note(f"in element {tag}")
        raise


def _from_number(number: int) -> BaseTag:
    if 0 <= number <= _MAX_TAG:
        return BaseTag(number)
    if number < 0:
        raise ValueError(f"a tag cannot be negative: {number}")
    raise OverflowError(f"a tag has 32 bits: {number:#x} is too large")


def _from_pair(group: object, element: object) -> BaseTag:
    if type(group) is int and type(element) is int:
        numbers = group, element
    elif isinstance(group, str) and isinstance(element, str):
        numbers = int(group, 16), int(element, 16)
    else:
        try:
            numbers = index(group), index(element)  # type: ignore[arg-type]  # TypeError below
        except TypeError:
            raise TypeError(
                "the group and the element number must be two integers, or two texts of "
                f"hexadecimal digits: {group!r}, {element!r}"
            ) from None
    if 0 <= numbers[0] <= _MAX_NUMBER and 0 <= numbers[1] <= _MAX_NUMBER:
        return BaseTag(numbers[0] << 16 | numbers[1])
    if min(numbers) < 0:
        raise ValueError(f"a group or element number cannot be negative: {numbers}")
    raise OverflowError(f"group and element numbers have 16 bits: {numbers} is too large")


def _from_text(text: str) -> BaseTag:
    number = keyword_dict.get(text)
    if number is not None:
        return BaseTag(number)
    group, comma, element = text.strip().partition(",")
    if comma:
        if group.startswith("(") and element.endswith(")"):
            group, element = group[1:], element[:-1]
        parts = [group, element]
    else:
        parts = [group]
    try:
        numbers = [int(part, 16) for part in parts]
    except ValueError:
        raise ValueError(
            f"{text!r} names no element: it is no keyword of the data dictionary and no number"
        ) from None
    return _from_pair(*numbers) if comma else _from_number(numbers[0])


def _whole(value: object) -> int:
    """Return the whole number that a value of another numeric type stands for."""
    try:
        return index(value)  # type: ignore[arg-type]  # TypeError below
    except TypeError:
        if isinstance(value, float) and value.is_integer():
            return int(value)
    raise TypeError(f"no tag can be made from {value!r}")


def _comparable(value: object) -> BaseTag | None:
    """Return the tag that a text or pair stands for; None where it stands for none."""
    if not isinstance(value, (str, tuple, list)):
        return None
    try:
        return Tag(value)  # type: ignore[arg-type]  # Tag itself checks what is inside
    except (TypeError, ValueError, OverflowError):
        return None


ItemTag = BaseTag(0xFFFEE000)
"""(FFFE,E000): an item of a sequence begins (PS3.5 7.5)."""

ItemDelimiterTag = BaseTag(0xFFFEE00D)
"""(FFFE,E00D): an item of undefined length ends."""

SequenceDelimiterTag = BaseTag(0xFFFEE0DD)
"""(FFFE,E0DD): a sequence of undefined length ends."""

TAG_CHARSET = BaseTag(0x00080005)
"""Specific Character Set."""

TAG_PIXREP = BaseTag(0x00280103)
"""Pixel Representation."""
