"""One file of a file-set, with what its directory records say of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pydcm.datadict import tag_for_keyword
from pydcm.dataelem import DataElement
from pydcm.dataset import FileDataset
from pydcm.fileset.names import FileID
from pydcm.tag import BaseTag, Tag, TagType
from pydcm.uid import UID

if TYPE_CHECKING:
    from pydcm.fileset.fileset import FileSet
    from pydcm.fileset.nodes import RecordNode

__all__ = ["FileInstance"]

# What a record calls differently, since it says it of another file.
_IN_FILE = {0x00080016: 0x00041510, 0x00080018: 0x00041511, 0x00020010: 0x00041512}


class FileInstance:
    """One file of a file-set.

    Elements are attributes, such as ``instance.PatientID``, and are looked for
    in the record of the file, then in those of its series, study and patient;
    the file itself is not opened for that.

    Parameters
    ----------
    node : RecordNode
        The node whose record references the file.

    Attributes
    ----------
    node : RecordNode

    Examples
    --------
    >>> from pydcm import examples
    >>> from pydcm.fileset import FileSet
    >>> instance = FileSet().add(examples.ct)
    >>> instance.Modality, instance.node.record_type
    ('CT', 'IMAGE')
    >>> instance.load().Rows == examples.ct.Rows
    True
    """

    def __init__(self, node: RecordNode) -> None:
        self.node = node
        self._flag = ""
        self._path: str | None = None

    # ---- elements of the records -------------------------------------------

    def __getattr__(self, name: str) -> Any:
        tag = tag_for_keyword(name) if name[:1].isupper() else None
        if tag is not None:
            for node in self.node.reverse():
                if tag in node.record:
                    return node.record[tag].value
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __contains__(self, name: TagType) -> bool:
        """Return whether a directory record has an element.

        Parameters
        ----------
        name : str or int
            Its keyword or tag.

        Raises
        ------
        ValueError
            If it is neither.
        """
        tag = _record_tag(name)
        return any(tag in node.record for node in self.node.reverse())

    def __getitem__(self, key: TagType) -> DataElement:
        """Return an element of the directory records.

        Parameters
        ----------
        key : str or int
            Its keyword or tag.

        Raises
        ------
        KeyError
            If none of the records has it.
        """
        tag = _record_tag(key)
        for node in self.node.reverse():
            if tag in node.record:
                return node.record[tag]
        raise KeyError(BaseTag(tag))

    @property
    def SOPClassUID(self) -> UID:
        """The SOP Class UID of the file."""
        return UID(self.node.record.ReferencedSOPClassUIDInFile)

    @property
    def SOPInstanceUID(self) -> UID:
        """The SOP Instance UID of the file."""
        return UID(self.node.record.ReferencedSOPInstanceUIDInFile)

    @property
    def TransferSyntaxUID(self) -> UID:
        """The Transfer Syntax UID of the file."""
        return UID(self.node.record.ReferencedTransferSyntaxUIDInFile)

    @property
    def is_private(self) -> bool:
        """Whether a PRIVATE record references the file."""
        return self.node.record_type == "PRIVATE"

    # ---- the file ----------------------------------------------------------

    @property
    def file_set(self) -> FileSet:
        """The file-set it is in."""
        return self.node.file_set

    @property
    def FileID(self) -> FileID:
        """The File ID that the file has after :meth:`FileSet.write`: a path, and components."""
        names = [node.component for node in self.node.reverse()]
        return FileID.of(names[::-1])

    @property
    def path(self) -> str:
        """The absolute path of the file; of a copy while it is staged for addition."""
        if self._path is None:
            raise AttributeError("the instance has no file")
        return self._path

    def load(self) -> FileDataset:
        """Read the file.

        Returns
        -------
        FileDataset
            Its data set.
        """
        from pydcm.filereader import dcmread

        return dcmread(self.path)

    # ---- what is staged ----------------------------------------------------

    @property
    def is_staged(self) -> bool:
        """Whether it is staged to be added, moved or removed."""
        return bool(self._flag) or self.for_moving

    @property
    def for_addition(self) -> bool:
        """Whether it is staged to be added to the file-set."""
        return self._flag == "+"

    @property
    def for_removal(self) -> bool:
        """Whether it is staged to be removed from the file-set."""
        return self._flag == "-"

    @property
    def for_moving(self) -> bool:
        """Whether its file will have another name after :meth:`FileSet.write`."""
        if self._flag or self._path is None or not self.node.root.is_root:
            return False
        folder = self.file_set.path
        return folder is not None and self._path != os.path.join(folder, *self.FileID)

    def __deepcopy__(self, memo: dict[int, Any]) -> FileInstance:
        from copy import deepcopy

        made = type(self).__new__(type(self))
        memo[id(self)] = made
        made.__dict__.update(deepcopy(self.__dict__, memo))
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return _instance_of, (self.file_set, str(self.SOPInstanceUID))


def _instance_of(fs: FileSet, uid: str) -> FileInstance:
    """Return an instance of a file-set that was opened again in another process."""
    return fs._uids[uid]


def _record_tag(key: TagType) -> int:
    tag = int(Tag(key))
    return _IN_FILE.get(tag, tag)
