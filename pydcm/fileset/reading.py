"""Reading a DICOMDIR: from records that refer to each other by offset to a tree (PS3.3 F.2.2).

What real writers do wrongly is mended where its meaning is clear: offsets that
lead nowhere, in circles or twice to the same place, records of unknown types
or without their key, files that are missing or spelled in another case. Each
repair is a diagnostic. Only a file name that leads out of the folder is refused.
"""

from __future__ import annotations

import os
import warnings
from typing import NamedTuple

from pydcm import limits
from pydcm.dataset import Dataset
from pydcm.diagnostics import ReadContext
from pydcm.errors import MissingElementError, PydcmError, ReadError, StructureError
from pydcm.fileset.instance import FileInstance
from pydcm.fileset.nodes import IN_USE, RecordNode, file_components, key_keyword
from pydcm.fileset.recording import nodes_for
from pydcm.fileset.records import CHILDREN, KEYS, PREFIXES, type_of_class
from pydcm.fileset.writing import plain_links
from pydcm.safe_path import safe_join
from pydcm.sequence import Sequence

__all__ = ["FileFinder", "TreeReader"]

_NEXT = "OffsetOfTheNextDirectoryRecord"
_LOWER = "OffsetOfReferencedLowerLevelDirectoryEntity"
_FIRST = "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity"
_OF_FILES = frozenset({"missing-file", "file-name-case"})
"""Defects of the folder: its DICOMDIR may be right."""
_LEVELS = ("PATIENT", "STUDY", "SERIES")
_AT_ROOT = CHILDREN[""] | {"PRIVATE"}


class Found(NamedTuple):
    """A directory record as it stands in the DICOMDIR.

    Attributes
    ----------
    node : RecordNode
        The record, not in the tree yet.
    kind : str
        Its type.
    offset : int
        Where it begins in the file.
    following, lower : int
        Offsets of its next sibling and its first child; 0 if there is none.
    """

    node: RecordNode
    kind: str
    offset: int
    following: int
    lower: int


class FileFinder:
    """Finds the files that records reference, below one folder.

    Parameters
    ----------
    root : str
        The folder.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._resolved: dict[str, str] = {}
        self._listings: dict[str, dict[str, str]] = {}

    def path(self, components: list[str]) -> str:
        """Return the path that a File ID names, whether there is a file or not."""
        return safe_join(self.root, components, self._resolved)

    def find(self, components: list[str]) -> tuple[str | None, bool]:
        """Return the path of an existing file, and whether it is spelled as the File ID is."""
        path = self.path(components)
        if os.path.isfile(path):
            return path, True
        spelled: list[str] = []
        for name in components:
            listing = self._listing(os.path.join(self.root, *spelled))
            actual = listing.get(name.upper())
            if actual is None:
                return None, True
            spelled.append(actual)
        path = self.path(spelled)
        return (path, False) if os.path.isfile(path) else (None, True)

    def _listing(self, folder: str) -> dict[str, str]:
        """Return the names in a folder by what they are in upper case, without a version."""
        found = self._listings.get(folder)
        if found is None:
            try:
                names = os.listdir(folder)
            except OSError:
                names = []
            # ISO 9660 adds a dot and a version, which some systems show.
            found = {name.upper().removesuffix(";1").removesuffix("."): name for name in names}
            self._listings[folder] = found
        return found


class TreeReader:
    """Builds the tree of a DICOMDIR.

    Parameters
    ----------
    ds : Dataset
        The DICOMDIR.
    root : RecordNode
        The root of the tree, still empty.
    folder : str
        The folder of the file-set.
    context : ReadContext
        Where defects are recorded.

    Attributes
    ----------
    mended : bool
        Whether writing the DICOMDIR again would mend it.
    """

    def __init__(self, ds: Dataset, root: RecordNode, folder: str, context: ReadContext) -> None:
        self.ds = ds
        self.root = root
        self.context = context
        self.files = FileFinder(folder)
        self.found: list[Found] = []
        self.placed: set[int] = set()
        self.mended = False

    def run(self, *, include_orphans: bool, raise_orphans: bool) -> list[FileInstance]:
        """Build the tree and return the instances in its order.

        Raises
        ------
        StructureError
            If there are orphaned records and `raise_orphans` is given.
        UnsafePathError
            If a File ID leads out of the folder.
        """
        items = self.ds.get("DirectoryRecordSequence")
        if items is None:
            raise MissingElementError(
                "the DICOMDIR has no Directory Record Sequence", tag_path="(0004,1220)",
                path=self.context.path,
            )  # fmt: skip
        if not isinstance(items, Sequence):
            raise StructureError(
                "Directory Record Sequence is no sequence", tag_path="(0004,1220)",
                path=self.context.path,
            )  # fmt: skip
        self._collect(items)
        self._follow_offsets()
        self._find_files()
        self._place_orphans(include_orphans, raise_orphans)
        return self._instances()

    def report(self, code: str, message: str, offset: int | None, action: str) -> None:
        """Record a defect, or raise it where reading is strict."""
        self.context.report(code, message, "DirectoryRecordSequence", offset, action)
        self.mended = self.mended or code not in _OF_FILES

    # ---- the records -------------------------------------------------------

    def _collect(self, items: Sequence) -> None:
        for number in range(len(items)):
            record = items[number]
            offset = _offset_of(record)
            kind = self._kind(record, offset)
            if kind is None:
                continue
            node = RecordNode._from_file(items, number, self._missing_key(record, kind, offset))
            following, flag, lower = plain_links(record) or (
                self._number(record, _NEXT, offset),
                self._number(record, "RecordInUseFlag", offset, IN_USE),
                self._number(record, _LOWER, offset),
            )
            if flag == 0:
                self.report("unused-record", "the record is flagged as not in use", offset,
                            "it is used all the same")  # fmt: skip
            self.found.append(Found(node, kind, offset, following, lower))

    def _kind(self, record: Dataset, offset: int) -> str | None:
        """Return the type of a record, inferred from its content if it is unknown."""
        try:
            stated = str(record.get("DirectoryRecordType") or "")
        except PydcmError:
            stated = ""
        if stated in PREFIXES:
            return stated
        kind = stated.strip().upper()
        if kind not in PREFIXES:
            inferred = [level for level in _LEVELS if record.get(KEYS[level])]
            if record.get("ReferencedFileID"):
                # A type that a later standard may define is kept; none at all is inferred.
                stated_class = str(record.get("ReferencedSOPClassUIDInFile") or "")
                kind = kind or type_of_class(stated_class) or "IMAGE"
            elif len(inferred) == 1:
                kind = inferred[0]
            else:
                self.report("no-record-type", f"a record of type {stated!r}", offset,
                            "it is left out")  # fmt: skip
                return None
        self.report("unknown-record-type", f"a record of type {stated!r}", offset,
                    f"it is taken for one of type {kind}")  # fmt: skip
        if kind != stated:
            record.DirectoryRecordType = kind
        return kind

    def _missing_key(self, record: Dataset, kind: str, offset: int) -> str | None:
        """Return a key to use if a record has none of its own, else None."""
        keyword = key_keyword(record)
        try:
            if record.get(keyword):
                return None
        except PydcmError:
            pass
        self.report("no-record-key", f"a {kind} record without {keyword}", offset,
                    "it is told from others by its offset")  # fmt: skip
        return f"@{offset}"

    def _number(self, record: Dataset, keyword: str, offset: int, default: int = 0) -> int:
        try:
            value = record.get(keyword)
        except PydcmError:
            value = None
        if isinstance(value, int):
            return value
        self.report("no-record-offset", f"a record without {keyword}", offset,
                    f"it is taken for {default}")  # fmt: skip
        return default

    # ---- the tree ----------------------------------------------------------

    def _follow_offsets(self) -> None:
        places = {record.offset: number for number, record in enumerate(self.found)}
        deepest = limits.current().max_depth
        stack = [(self.root, "", self._first(places), 0)]
        while stack:
            parent, parent_kind, offset, depth = stack.pop()
            while offset:
                number = self._lookup(places, offset, depth, deepest)
                if number is None:
                    break
                record = self.found[number]
                self._attach(parent, parent_kind, number)
                if record.lower:
                    stack.append((record.node, record.kind, record.lower, depth + 1))
                offset = record.following

    def _first(self, places: dict[int, int]) -> int:
        """Return the offset of the first record of the root directory entity."""
        if not self.found:
            return 0
        stated = self._number(self.ds, _FIRST, 0)
        number = places.get(stated)
        if number is not None and self.found[number].kind in _AT_ROOT:
            return stated
        referenced = {record.following for record in self.found}
        referenced |= {record.lower for record in self.found}
        tops = [
            record.offset
            for record in self.found
            if record.kind in CHILDREN[""] and record.offset not in referenced
        ]
        if not tops:
            return stated
        self.report("broken-offset", f"the first offset {stated} leads to no record of the root",
                    stated, f"the record at {tops[0]} is taken for the first")  # fmt: skip
        return tops[0]

    def _lookup(self, places: dict[int, int], offset: int, depth: int, deepest: int) -> int | None:
        number = places.get(offset)
        if number is None:
            problem = "no record begins there"
        elif number in self.placed:
            problem = "the record there has its place already"
        elif depth > deepest:
            problem = f"more than {deepest} levels"
        else:
            return number
        self.report("broken-offset", f"an offset of a record leads to {offset}: {problem}",
                    offset, "it is not followed")  # fmt: skip
        return None

    def _attach(self, parent: RecordNode, parent_kind: str, number: int) -> None:
        record = self.found[number]
        self.placed.add(number)
        record.node.parent = parent
        allowed = CHILDREN.get(parent_kind)
        if allowed is not None and record.kind not in allowed and record.kind != "PRIVATE":
            above = parent_kind or "the root"
            self.report("wrong-level", f"a {record.kind} record directly below {above}",
                        record.offset, "it stays there")  # fmt: skip

    # ---- the files ---------------------------------------------------------

    def _find_files(self) -> None:
        """Make an instance for each record whose file exists."""
        for number, record in enumerate(self.found):
            dataset = record.node.record
            try:
                components = file_components(dataset)
                if not components:
                    continue
                path, same = self.files.find(components)
            except ReadError as error:
                error.offset = error.offset or record.offset
                raise
            if path is None:
                self._missing(number, components)
                continue
            if not same:
                self.report("file-name-case", f"{'/'.join(components)} is spelled otherwise",
                            record.offset, f"{path!r} is taken")  # fmt: skip
            instance = FileInstance(record.node)
            instance._path = path
            record.node.instance = instance

    def _missing(self, number: int, components: list[str]) -> None:
        record = self.found[number]
        path = os.path.join(self.files.root, *components)
        warnings.warn(
            f"the file of the directory record at offset {record.offset} does not exist: {path}",
            stacklevel=6,
        )
        self.report("missing-file", f"no file {path}", record.offset, "the record is left out")
        if number in self.placed:
            record.node.parent = None
        self.placed.add(number)

    def _instances(self) -> list[FileInstance]:
        """Leave out records that no file is below, and return the instances that are."""
        for node in reversed(list(self.root)):
            if node.instance is None and not node.children:
                offset = _offset_of(node.record)
                self.report("empty-record", f"no file is below the {node.record_type} record",
                            offset, "it is left out")  # fmt: skip
                assert node.parent is not None
                node.parent._forget(node.index, node)
        return [node.instance for node in self.root if node.instance is not None]

    # ---- orphans -----------------------------------------------------------

    def _place_orphans(self, include: bool, refuse: bool) -> None:
        """Find places for records of files that no offset leads to."""
        orphans = [
            number
            for number, record in enumerate(self.found)
            if number not in self.placed and record.node.instance is not None
        ]
        if not orphans:
            return
        if refuse:
            raise StructureError(
                f"the DICOMDIR has {len(orphans)} orphaned directory records",
                path=self.context.path, clause="PS3.3 F.2.2",
            )  # fmt: skip
        if not include:
            warnings.warn(
                f"{len(orphans)} files are left out: no offset leads to their directory records",
                stacklevel=5,
            )
            return
        above = self._nearest_above(orphans)
        for number in orphans:
            how = self._place_by_file(number) or self._place_by_order(number, above[number])
            self.report("orphaned-record", "no offset leads to the record",
                        self.found[number].offset, how)  # fmt: skip

    def _place_by_file(self, number: int) -> str | None:
        """Place a record where the content of its file says; return how, or None."""
        from pydcm.filereader import dcmread

        record = self.found[number]
        assert record.node.instance is not None
        try:
            ds = dcmread(record.node.instance.path, stop_before_pixels=True)
            above = nodes_for(ds, self.root)[:-1]
        except (PydcmError, AttributeError, ValueError, OSError):
            return None
        if record.kind != "PRIVATE" and not above:
            return self._place(self.root, number)
        current = self.root
        for node in above:
            if node.parent is None:
                node.parent = current
            current = node
        self.placed.add(number)
        record.node.parent = current
        return "its place is where the content of its file belongs"

    def _place(self, parent: RecordNode, number: int) -> str:
        self.placed.add(number)
        self.found[number].node.parent = parent
        return "it is placed below the root"

    def _nearest_above(self, orphans: list[int]) -> dict[int, list[int]]:
        """Return for each orphan the records of patient, study and series before it."""
        wanted = set(orphans)
        latest: dict[str, int] = {}
        above: dict[int, list[int]] = {}
        for number, record in enumerate(self.found):
            if number in wanted:
                above[number] = [latest[level] for level in _LEVELS if level in latest]
            elif record.kind in _LEVELS:
                latest[record.kind] = number
                for level in _LEVELS[_LEVELS.index(record.kind) + 1 :]:
                    latest.pop(level, None)
        return above

    def _place_by_order(self, number: int, above: list[int]) -> str:
        """Place a record below the records that precede it in the file."""
        current, kind = self.root, ""
        for outer in above:
            if outer not in self.placed:
                self._attach(current, kind, outer)
            current, kind = self.found[outer].node, self.found[outer].kind
        self._attach(current, kind, number)
        return "its place is the one that the order of the records suggests"


def _offset_of(record: Dataset) -> int:
    """Return where an item begins in its file; 0 if it comes from none and states no place."""
    index, row = record._index, record._row
    if index is None or row is None:
        stated = getattr(record, "seq_item_tell", None)
        return stated if isinstance(stated, int) else 0
    return index.base + index.offsets[row]
