"""The tree of directory records (PS3.3 F.2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, StructureError, UnsafePathError
from pydcm.fileset.names import file_name
from pydcm.fileset.records import KEYS, PREFIXES
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence

if TYPE_CHECKING:
    from pydcm.fileset.fileset import FileSet
    from pydcm.fileset.instance import FileInstance

__all__ = ["RecordNode", "RootNode", "file_components"]

IN_USE = 0xFFFF
"""Record In-use Flag of a record that counts."""

_BY_FILE = "ReferencedSOPInstanceUIDInFile"


class RecordNode(Iterable["RecordNode"]):
    """A directory record, and its place in the tree of a file-set.

    Parameters
    ----------
    record : Dataset, optional
        The directory record. Elements that every record has are added to it.

    Attributes
    ----------
    children : list of RecordNode
        The nodes below.
    instance : FileInstance or None
        What the record references, if it references a file.

    Raises
    ------
    ConformanceError
        If the element that tells the record from its siblings is missing; it is
        a :class:`ValueError`.

    Examples
    --------
    >>> from pydcm import Dataset
    >>> from pydcm.fileset import RecordNode
    >>> record = Dataset()
    >>> record.DirectoryRecordType = "PATIENT"
    >>> record.PatientID = "4711"
    >>> record.PatientName = "Doe^Jane"
    >>> node = RecordNode(record)
    >>> print(node)
    PATIENT: PatientID='4711', PatientName='Doe^Jane'
    >>> node.key
    '4711'
    """

    def __init__(self, record: Dataset | None = None) -> None:
        self.children: list[RecordNode] = []
        self.instance: FileInstance | None = None
        self._parent: RecordNode | None = None
        self._own: Dataset | None = None
        self._items: Sequence | None = None
        self._number = 0
        self._given_key: str | None = None
        self._position = 0
        self._by_key: dict[str, RecordNode] = {}
        self._indexed = 0
        if record:
            self._complete(record)
            self._own = record

    @classmethod
    def _from_file(cls, items: Sequence, number: int, key: str | None = None) -> RecordNode:
        """Return the node of an item of Directory Record Sequence, opened when it is asked for."""
        made = cls()
        made._items = items
        made._number = number
        made._given_key = key
        return made

    @staticmethod
    def _complete(record: Dataset) -> None:
        """Check a new record, and add what every record has (PS3.3 F.3.2.2)."""
        keyword = key_keyword(record)
        if not record.get(keyword):
            raise ConformanceError(
                f"a {record.DirectoryRecordType} directory record needs {keyword}",
                clause="PS3.3 F.5",
            )
        record.OffsetOfTheNextDirectoryRecord = 0
        record.RecordInUseFlag = IN_USE
        record.OffsetOfReferencedLowerLevelDirectoryEntity = 0

    @property
    def _record(self) -> Dataset:
        if self._own is None:
            if self._items is None:
                raise AttributeError(f"the {type(self).__name__!r} has no record")
            self._own = self._items[self._number]
        return self._own

    @property
    def record(self) -> Dataset:
        """The directory record."""
        return self._record

    # ---- what it is --------------------------------------------------------

    @property
    def key(self) -> str:
        """What tells the record from its siblings: an ID or a UID."""
        if self._given_key is not None:
            return self._given_key
        record = self._record
        return str(getattr(record, key_keyword(record)))

    @property
    def record_type(self) -> str:
        """Directory Record Type, such as ``"IMAGE"``."""
        return str(self._record.DirectoryRecordType)

    @property
    def has_instance(self) -> bool:
        """Whether it references a file."""
        return self.instance is not None

    @property
    def is_root(self) -> bool:
        """Whether it is the root of a tree."""
        return False

    def __str__(self) -> str:
        record = self._record
        kind = self.record_type

        def shown(keyword: str) -> object:
            return record.get(keyword, "")

        if kind == "PATIENT":
            what = f"PatientID='{shown('PatientID')}', PatientName='{shown('PatientName')}'"
        elif kind == "STUDY":
            what = f"StudyDate={shown('StudyDate')}, StudyTime={shown('StudyTime')}"
            if shown("StudyDescription"):
                what += f", StudyDescription='{record.StudyDescription}'"
        elif kind == "SERIES":
            what = f"Modality={shown('Modality')}, SeriesNumber={shown('SeriesNumber')}"
            if shown("SeriesDescription"):
                what += f", SeriesDescription='{record.SeriesDescription}'"
        elif kind == "IMAGE":
            what = f"InstanceNumber={shown('InstanceNumber')}"
        else:
            what = self.key
        return f"{kind}: {what}"

    # ---- where it is -------------------------------------------------------

    @property
    def parent(self) -> RecordNode | None:
        """The node above; setting it moves the node, with all below, to its end."""
        return self._parent

    @parent.setter
    def parent(self, node: RecordNode | None) -> None:
        before = self._parent
        if before is not None and before is not node:
            siblings = before.children
            before._forget(self.index if siblings else 0, self)
        self._parent = node
        if node is not None and before is not node:
            node._append(self)

    @property
    def ancestors(self) -> list[RecordNode]:
        """The nodes above, without the root, from the nearest."""
        found = []
        node = self._parent
        while node is not None and not node.is_root:
            found.append(node)
            node = node._parent
        return found

    @property
    def depth(self) -> int:
        """How many nodes are above, without the root; -1 for the root."""
        return len(self.ancestors)

    @property
    def root(self) -> RecordNode:
        """The node above all."""
        node = self
        while node._parent is not None:
            node = node._parent
        return node

    @property
    def file_set(self) -> FileSet:
        """The file-set that the tree belongs to."""
        root = self.root
        if not root.is_root:
            raise AttributeError("the node is in no file-set")
        return root.file_set

    @property
    def index(self) -> int:
        """0-based position among its siblings."""
        if self._parent is None:
            return 0
        siblings = self._parent.children
        position = self._position
        if position >= len(siblings) or siblings[position] is not self:
            for position, node in enumerate(siblings):
                node._position = position
            position = self._position
            if position >= len(siblings) or siblings[position] is not self:
                raise ValueError("the node is not among the children of its parent")
        return position

    @property
    def next(self) -> RecordNode | None:
        """The sibling after it."""
        return self._sibling(1)

    @property
    def previous(self) -> RecordNode | None:
        """The sibling before it."""
        return self._sibling(-1)

    def _sibling(self, step: int) -> RecordNode | None:
        if self._parent is None:
            return None
        wanted = self.index + step
        return self._parent.children[wanted] if 0 <= wanted < len(self._parent.children) else None

    @property
    def component(self) -> str:
        """What the node contributes to a File ID, such as ``"SE000002"``."""
        if self.is_root:
            raise ValueError("the root contributes nothing to a File ID")
        root = self.root
        alphanumeric = root.is_root and root.file_set._use_alphanumeric
        return file_name(prefix_of(self.record_type, self.depth), self.index, alphanumeric)

    def file_id_path(self, root_path: Path) -> Path | None:
        """Return Referenced File ID as a relative path.

        Parameters
        ----------
        root_path : pathlib.Path
            The folder of the file-set, out of which it must not lead.

        Returns
        -------
        pathlib.Path or None
            None if the element is empty.

        Raises
        ------
        AttributeError
            If the record has no such element.
        UnsafePathError
            If it leads out of the folder; it is a :class:`PermissionError`.
        """
        from pydcm.safe_path import safe_join

        if "ReferencedFileID" not in self._record:
            raise AttributeError("the directory record has no Referenced File ID")
        components = file_components(self._record)
        if not components:
            return None
        safe_join(str(root_path), components)
        return Path(*components)

    # ---- what is below -----------------------------------------------------

    def __iter__(self) -> Iterator[RecordNode]:
        """Yield the node, unless it is the root, and all below, each before its children."""
        stack = list(reversed(self.children)) if self.is_root else [self]
        while stack:
            node = stack.pop()
            yield node
            if node.children:
                stack.extend(reversed(node.children))

    def reverse(self) -> Iterator[RecordNode]:
        """Yield the node and those above, without the root."""
        if not self.is_root:
            yield self
        yield from self.ancestors

    def __contains__(self, key: object) -> bool:
        return self._child(key) is not None

    def __getitem__(self, key: str | RecordNode) -> RecordNode:
        """Return the child with a key.

        Raises
        ------
        KeyError
            If there is none.
        """
        found = self._child(key)
        if found is None:
            raise KeyError(key)
        return found

    def __delitem__(self, key: str | RecordNode) -> None:
        """Remove a child, and this node too if nothing is left below it.

        Raises
        ------
        KeyError
            If there is no such child.
        """
        found = self[key]
        self._forget(found.index, found)
        if not self.children and self._parent is not None and not self.is_root:
            del self._parent[self]

    def add(self, leaf: RecordNode) -> None:
        """Add a leaf with the nodes above it, those that are not here yet.

        Parameters
        ----------
        leaf : RecordNode
            The leaf; it is moved from where it was.
        """
        current = self
        for node in reversed(list(leaf.reverse())):
            if node is current:
                continue
            present = current._child(node.key)
            if present is None or (node is leaf and present is not node):
                if node._parent is not current:
                    node._parent = None  # whatever it hung below is no part of the tree
                    node.parent = current
                current = node
            else:
                current = present

    def remove(self, node: RecordNode) -> None:
        """Remove a leaf, and every node above that is left without any.

        Raises
        ------
        ValueError
            If it references no file.
        """
        if not node.has_instance:
            raise ValueError("only nodes that reference a file can be removed")
        if node._parent is not None:
            del node._parent[node]

    def _append(self, node: RecordNode) -> None:
        node._position = len(self.children)
        self.children.append(node)

    def _forget(self, position: int, node: RecordNode) -> None:
        del self.children[position]
        node._parent = None
        self._by_key = {}
        self._indexed = 0

    def _child(self, key: object) -> RecordNode | None:
        """Return the child with a key, or the key of a node."""
        if isinstance(key, RecordNode):
            key = key.key
        if not isinstance(key, str):
            return None
        if self._indexed > len(self.children):
            self._by_key, self._indexed = {}, 0
        while self._indexed < len(self.children):
            child = self.children[self._indexed]
            self._by_key.setdefault(child.key, child)
            self._indexed += 1
        return self._by_key.get(key)

    def prettify(self, indent_char: str = "  ") -> list[str]:
        """Return the tree from here as lines of text, files of a type counted together.

        Parameters
        ----------
        indent_char : str
            What each level is indented by.
        """
        lines: list[str] = []
        start = self.depth + 1 if self.is_root else self.depth
        for node in self:
            if node.has_instance and not node.children:
                if self.is_root and node.parent is self:
                    lines.append(_alone(node))
                continue
            indent = indent_char * (node.depth - start)
            lines.append(f"{indent}{node}")
            lines += [f"{indent}{indent_char}{line}" for line in _counts(node.children)]
        return lines


class RootNode(RecordNode):
    """The root of the tree of a file-set, which is no record.

    Parameters
    ----------
    fs : FileSet
        The file-set.
    """

    def __init__(self, fs: FileSet) -> None:
        super().__init__()
        self._fs = fs

    @property
    def file_set(self) -> FileSet:
        """The file-set that the tree belongs to."""
        return self._fs

    @property
    def is_root(self) -> bool:
        """Whether it is the root of a tree."""
        return True

    @property
    def depth(self) -> int:
        """-1."""
        return -1

    def __str__(self) -> str:
        return "ROOT"


def key_keyword(record: Dataset) -> str:
    """Return the keyword of what tells a record from its siblings."""
    kind = str(record.DirectoryRecordType)
    keyword = KEYS.get(kind, _BY_FILE)
    # PS3.3 F.5.2: a study that references a file itself has no Study Instance UID.
    return _BY_FILE if kind == "STUDY" and keyword not in record else keyword


def prefix_of(record_type: str, depth: int) -> str:
    """Return what the names for a node of this type and depth begin with."""
    prefix = PREFIXES.get(record_type, "XX")
    return f"P{depth}" if prefix == "P" else prefix


def file_components(record: Dataset) -> list[str]:
    r"""Return Referenced File ID of a record as plain components.

    Some writers separate them by ``/`` in one value, or begin with a separator;
    neither changes what is meant.

    Raises
    ------
    UnsafePathError
        If it is an absolute path.
    StructureError
        If it is no text.
    """
    value = record.get("ReferencedFileID")
    if not value:
        return []
    if not isinstance(value, (str, MultiValue)):
        raise StructureError(f"a Referenced File ID is text, not {value!r}")
    parts = [value] if isinstance(value, str) else [str(part) for part in value]
    if any(part.startswith("/") for part in parts):
        raise UnsafePathError(f"the Referenced File ID {parts} is an absolute path")
    components = [name for part in parts for name in part.split("/")]
    return [name for name in components if name not in ("", ".")]


def _counts(nodes: list[RecordNode]) -> list[str]:
    """Return a line for each type of leaf: how many there are, and what is staged."""
    kinds: dict[str, list[int]] = {}
    for node in nodes:
        if node.instance is None or node.children:
            continue
        tally = kinds.setdefault(node.record_type, [0, 0, 0])
        tally[0] += 1
        tally[1] += node.instance.for_addition
        tally[2] += node.instance.for_removal
    return [_count(kind, *tally) for kind, tally in kinds.items()]


def _count(kind: str, every: int, added: int, removed: int) -> str:
    initial, left = every - added, every - removed
    changes = [f"{initial} initial"] if initial and (added or removed) else []
    changes += [counted(added, "addition")] if added else []
    changes += [counted(removed, "removal")] if removed else []
    line = f"{kind}: {counted(left, 'SOP Instance')}"
    return f"{line} ({', '.join(changes)})" if changes else line


def _alone(node: RecordNode) -> str:
    """Return a line for a leaf directly below the root."""
    assert node.instance is not None
    staged = " (to be added)" if node.instance.for_addition else ""
    staged = " (to be removed)" if node.instance.for_removal else staged
    return f"{node.record_type}: 1 SOP Instance{staged}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which has an s unless it is one."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
