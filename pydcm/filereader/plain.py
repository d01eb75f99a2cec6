"""Files as most are, indexed in one pass and without data sets being made of them.

That is for who needs a few elements of each of many files. What is found is what
:func:`~pydcm.filereader.dcmread` finds; whatever that would have to decide or to
mend is left to it.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import NamedTuple

from pydcm._std.transfer_syntaxes import TRANSFER_SYNTAXES
from pydcm.diagnostics import ReadContext
from pydcm.elementindex import SHORT_VRS_BY_CODE, ElementIndex
from pydcm.errors import PydcmError
from pydcm.filereader.window import index_data_set
from pydcm.source import ByteSource

__all__ = ["PlainFile", "plain_file"]

_GROUP_2 = 0x00020000
_AFTER_GROUP_2 = 0x00030000
_SMALL_GROUPS_END = 0x04000000
"""Data sets begin with a smaller tag; others may be in another byte order."""
_ITEMS = 0xFFFE0000
_MOST_TAGS = 1 << 10
"""So many tags are worth to be remembered."""
_BEGIN = 132
"""Where group 2 begins, after preamble and prefix (PS3.10 7.1)."""
_GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
_TRANSFER_SYNTAX = b"\x02\x00\x10\x00UI"
_TRANSFER_SYNTAX_UID = 0x00020010


class Order:
    """What the tags of a plain file tell; the files of a series mostly have the same.

    Attributes
    ----------
    first : int
        The row of the first element after file meta information.
    rows : dict
        The row of each tag, not to be changed.
    """

    __slots__ = ("first", "rows")

    def __init__(self, first: int, rows: dict[int, int]) -> None:
        self.first = first
        self.rows = rows


class PlainFile(NamedTuple):
    """What is known of a file in Explicit VR Little Endian with a faultless group 2.

    Attributes
    ----------
    transfer_syntax : str
        Its Transfer Syntax UID.
    elements : ElementIndex
        The elements of file meta information and data set.
    order : Order
        Their tags.
    """

    transfer_syntax: str
    elements: ElementIndex
    order: Order


def plain_file(source: ByteSource, window: bytes) -> PlainFile | None:
    """Index a file, if it is plain.

    Parameters
    ----------
    source : ByteSource
        The file.
    window : bytes
        Its beginning.

    Returns
    -------
    PlainFile or None
        None stands for everything that :func:`~pydcm.filereader.dcmread` has to look at.
    """
    end = _end_of_group_2(window)
    at = window.find(_TRANSFER_SYNTAX, _BEGIN, max(end, 0))
    if at < 0:
        return None
    length = int.from_bytes(window[at + 6 : at + 8], "little")
    transfer_syntax = _explicit_little(window[at + 8 : at + 8 + length])
    if not transfer_syntax or window[end + 4 : end + 6] not in SHORT_VRS_BY_CODE:
        return None
    context = ReadContext(source.path)
    try:
        index = index_data_set(source, window, _BEGIN, 0, context)
    except PydcmError:  # which dcmread raises, unless it counts otherwise
        return None
    odd = context.diagnostics or len(index.tags) > _MOST_TAGS
    order = None if odd else _order(index.tags.tobytes())
    if order is None or index.offsets[order.first] != end:
        return None
    syntax_row = order.rows.get(_TRANSFER_SYNTAX_UID)
    if syntax_row is None or index.offsets[syntax_row] != at:
        return None
    return PlainFile(transfer_syntax, index, order)


@lru_cache(maxsize=64)
def _order(encoded: bytes) -> Order | None:
    """Return what tags tell, None if they are in an order that is not plain."""
    tags = array("q", encoded)
    rows = dict(zip(tags, range(len(tags)), strict=True))
    first = next((row for row, tag in enumerate(tags) if tag >= _AFTER_GROUP_2), -1)
    if first < 0 or len(rows) != len(tags):
        return None
    ends = (tags[0] == _GROUP_2, tags[first] < _SMALL_GROUPS_END, max(tags) < _ITEMS)
    return Order(first, rows) if all(ends) and min(tags) == _GROUP_2 else None


def _end_of_group_2(window: bytes) -> int:
    """Return where file meta information ends by its group length; -1 if it does not say."""
    if window[128:132] != b"DICM" or window[_BEGIN : _BEGIN + 8] != _GROUP_LENGTH:
        return -1
    return _BEGIN + 12 + int.from_bytes(window[_BEGIN + 8 : _BEGIN + 12], "little")


@lru_cache(maxsize=64)
def _explicit_little(octets: bytes) -> str:
    """Return the UID of a transfer syntax in Explicit VR Little Endian, or nothing."""
    uid = octets.rstrip(b"\0").decode("latin-1")
    found = TRANSFER_SYNTAXES.get(uid)
    plain = (
        found is not None
        and found.is_little_endian
        and not found.is_implicit_VR
        and not found.is_deflated
    )
    return uid if plain else ""
