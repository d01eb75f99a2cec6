"""Writing a DICOMDIR: names for the files, and records with their offsets (PS3.3 F.3)."""

from __future__ import annotations

import copy
import struct
from typing import NamedTuple

from pydcm.charset import default_encoding
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.errors import WriteError
from pydcm.fileset.names import file_name
from pydcm.fileset.nodes import IN_USE, RecordNode, file_components, prefix_of
from pydcm.filewriter.encoding import Coding, encode_data_set
from pydcm.filewriter.part10 import encode_file_meta
from pydcm.uid import UID

__all__ = ["Entry", "encode_dicomdir", "lay_out", "plain_links"]

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_IMPLICIT_LITTLE = "1.2.840.10008.1.2"

_GROUP_LENGTH = 0x00040000
_FIRST, _LAST, _RECORDS = 0x00041200, 0x00041202, 0x00041220
_NEXT, _FLAG, _LOWER, _FILE_ID = 0x00041400, 0x00041410, 0x00041420, 0x00041500
_LINKS = (_GROUP_LENGTH, _NEXT, _FLAG, _LOWER)
_LINKS_EXPLICIT = struct.Struct("<HH2sHI HH2sHH HH2sHI".replace(" ", ""))
_LINKS_IMPLICIT = struct.Struct("<HHII HHIH HHII".replace(" ", ""))
_FURTHEST = 0xFFFFFFFF
"""Offsets are 32-bit numbers."""


class Entry(NamedTuple):
    """One record to be written.

    Attributes
    ----------
    node : RecordNode
    components : list of str or None
        The File ID; None if the record references no file.
    above : int
        The number of the entry above, -1 for the root.
    """

    node: RecordNode
    components: list[str] | None
    above: int


def lay_out(root: RecordNode, *, rename: bool, alphanumeric: bool) -> list[Entry]:
    """Return the records to be written, each before those below it, and name their files.

    Parameters
    ----------
    root : RecordNode
        The root of the tree; what is staged for removal is left out.
    rename : bool
        Name files by their records; otherwise they keep their names.
    alphanumeric : bool
        Count with letters too.
    """
    gone = _without_instances(root)
    entries: list[Entry] = []
    stack: list[tuple[RecordNode, list[str], int]] = []

    def push(parent: RecordNode, names: list[str], above: int) -> None:
        children = [child for child in parent.children if id(child) not in gone]
        for position in range(len(children) - 1, -1, -1):
            child = children[position]
            prefix = prefix_of(child.record_type, len(names))
            stack.append((child, [*names, file_name(prefix, position, alphanumeric)], above))

    push(root, [], -1)
    while stack:
        node, names, above = stack.pop()
        components = None
        if node.instance is not None:
            components = names if rename else file_components(node.record)
        entries.append(Entry(node, components, above))
        if node.children:
            push(node, names, len(entries) - 1)
    return entries


def _without_instances(root: RecordNode) -> set[int]:
    """Return the nodes that removals leave without a file, by identity."""
    gone: set[int] = set()
    for node in reversed(list(root)):
        if node.children:
            leave = all(id(child) in gone for child in node.children)
        else:
            leave = node.instance is not None and node.instance.for_removal
        if leave:
            gone.add(id(node))
    return gone


def encode_dicomdir(
    ds: Dataset, uid: str, entries: list[Entry], *, implicit: bool = False
) -> bytes:
    """Return the content of a DICOMDIR file.

    Parameters
    ----------
    ds : Dataset
        What it holds beside the records.
    uid : str
        The file-set's UID.
    entries : list of Entry
        The records.
    implicit : bool
        Encode in Implicit VR, against PS3.10 8.6.

    Raises
    ------
    WriteError
        If a record cannot be encoded, or it gets larger than offsets can tell.
    """
    coding = Coding(implicit, little=True)
    head = bytes(128) + b"DICM" + _file_meta(ds, uid, implicit)
    before, after = _around(ds)
    first = len(head) + encode_data_set(before, coding, [default_encoding]).size
    first += 8 if implicit else 12
    bodies = [_body(entry, coding) for entry in entries]
    links = _LINKS_IMPLICIT if implicit else _LINKS_EXPLICIT
    offsets: list[int] = []
    end = first
    for body in bodies:
        offsets.append(end)
        end += 8 + links.size + len(body)
    if end > _FURTHEST:
        raise WriteError(f"a DICOMDIR of {end} bytes is larger than its offsets can tell")
    following, lower, last = _linked(entries)
    offsets.append(0)  # what no entry is linked to has the number -1
    before[_FIRST].value = offsets[0]
    before[_LAST].value = offsets[last]
    length = end - first
    head += encode_data_set(before, coding, [default_encoding]).getvalue()
    if implicit:
        head += struct.pack("<HHI", 4, 0x1220, length)
    else:
        head += struct.pack("<HH2sHI", 4, 0x1220, b"SQ", 0, length)
    parts = [head]
    for number, body in enumerate(bodies):
        parts.append(struct.pack("<HHI", 0xFFFE, 0xE000, links.size + len(body)))
        parts.append(_links(implicit, offsets[following[number]], IN_USE, offsets[lower[number]]))
        parts.append(body)
    parts.append(encode_data_set(after, coding, [default_encoding]).getvalue())
    return b"".join(parts)


def _file_meta(ds: Dataset, uid: str, implicit: bool) -> bytes:
    from pydcm.dataset import validate_file_meta

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(MEDIA_STORAGE_DIRECTORY)
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = UID(_IMPLICIT_LITTLE if implicit else _EXPLICIT_LITTLE)
    validate_file_meta(meta)
    return encode_file_meta(meta, complete=True).getvalue()


def _around(ds: Dataset) -> tuple[Dataset, Dataset]:
    """Return what comes before the records, and what comes after."""
    before, after = copy.copy(ds), copy.copy(ds)
    for tag in list(ds._dict):
        if tag >= _RECORDS or tag in (_GROUP_LENGTH, _FIRST, _LAST):
            del before[tag]
        if tag <= _RECORDS:
            del after[tag]
    before.add_new(_FIRST, "UL", 0)
    before.add_new(_LAST, "UL", 0)
    return before, after


def _body(entry: Entry, coding: Coding) -> bytes:
    """Return a record without the elements that link it to others, which come first."""
    record = copy.copy(entry.node.record)
    for tag in _LINKS:
        if tag in record:
            del record[tag]
    if entry.components is not None and record.get("ReferencedFileID") != entry.components:
        record.add_new(_FILE_ID, "CS", entry.components)
    return encode_data_set(record, coding, [default_encoding], top=False).getvalue()


def _links(implicit: bool, following: int, flag: int, lower: int) -> bytes:
    """Return the elements that link a record to others, and say if it is in use."""
    if implicit:
        return _LINKS_IMPLICIT.pack(
            4, 0x1400, 4, following, 4, 0x1410, 2, flag, 4, 0x1420, 4, lower
        )
    return _LINKS_EXPLICIT.pack(
        4, 0x1400, b"UL", 4, following, 4, 0x1410, b"US", 2, flag, 4, 0x1420, b"UL", 4, lower
    )


def plain_links(record: Dataset) -> tuple[int, int, int] | None:
    """Return what links a record that was read to others, if it is encoded as it is here.

    Returns
    -------
    tuple of (int, int, int) or None
        Offset of the next record, Record In-use Flag, offset of the lower level;
        None if the elements have to be looked up.
    """
    index, row = record._index, record._row
    if index is None or row is None or index.coding:
        return None
    if any(type(record._dict.get(tag)) is not int for tag in (_NEXT, _FLAG, _LOWER)):
        return None  # somebody looked at one, and may have changed it
    begin = index.offsets[row] + 8
    if begin + _LINKS_EXPLICIT.size > len(index.window):
        return None
    found = _LINKS_EXPLICIT.unpack_from(index.window, begin)
    links: tuple[int, int, int] = (found[4], found[9], found[14])
    # Whatever is not a link must be as it is in the pattern.
    return links if _links(False, *links) == _LINKS_EXPLICIT.pack(*found) else None


def _linked(entries: list[Entry]) -> tuple[list[int], list[int], int]:
    """Return each entry's next sibling and first child by number, and the last at the top."""
    following, lower = [-1] * len(entries), [-1] * len(entries)
    latest: dict[int, int] = {}
    for number, entry in enumerate(entries):
        before = latest.get(entry.above)
        if before is not None:
            following[before] = number
        elif entry.above >= 0:
            lower[entry.above] = number
        latest[entry.above] = number
    return following, lower, latest.get(-1, -1)
