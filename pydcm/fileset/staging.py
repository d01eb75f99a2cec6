"""Staging: instances to be added to a file-set, and to be removed from it."""

from __future__ import annotations

import os
from contextlib import suppress

from pydcm.dataset import Dataset
from pydcm.diagnostics import ReadContext
from pydcm.fileset.descriptor import Descriptor
from pydcm.fileset.instance import FileInstance
from pydcm.fileset.nodes import RecordNode
from pydcm.fileset.placing import Stage
from pydcm.fileset.recording import nodes_for, reference

__all__ = ["DSPathType", "StagedChanges"]

_MOST_ANCESTORS = 7
_MOST_NUMERIC = 999_999
_READ_AT_ONCE = 1 << 20

DSPathType = Dataset | str | os.PathLike[str]


class StagedChanges(Descriptor):
    """The instances of a file-set, and what is staged to change in them."""

    def __init__(self) -> None:
        super().__init__()
        self._begin()

    def _begin(self) -> None:
        self._reset()
        self._root: str | None = None
        self._instances: dict[FileInstance, None] = {}
        self._by_uid: dict[str, FileInstance] | None = {}
        self._added: dict[FileInstance, None] = {}
        self._removed: dict[str, FileInstance] = {}
        self._moves = False
        self._stage = Stage()
        self._context = ReadContext()

    @property
    def path(self) -> str | None:
        """The absolute path of its folder; None for a new one."""
        return self._root

    @property
    def is_staged(self) -> bool:
        """Whether it is new, or :meth:`write` has anything to do."""
        return bool(self._is_new or self._changed or self._added or self._removed or self._moves)

    @property
    def _use_alphanumeric(self) -> bool:
        """Whether numbers alone are too few for the names of its files."""
        return len(self._instances) > _MOST_NUMERIC

    def add(self, ds_or_path: DSPathType) -> FileInstance:
        """Stage an instance to be added.

        A file is copied byte by byte. One that is staged for removal just
        stays.

        Parameters
        ----------
        ds_or_path : Dataset, str or PathLike
            The instance, or the path of its file.

        Returns
        -------
        FileInstance
            What was added, or is there already.

        Raises
        ------
        ConformanceError
            If it lacks an element that its directory records need (PS3.3 F.5);
            it is a :class:`ValueError`.
        """
        ds, content = _opened(ds_or_path)
        present = self._present(ds)
        if present is not None:
            return present
        nodes = nodes_for(ds, self._tree)
        staged = self._stage_file(ds, ds_or_path, content)
        above: RecordNode = self._tree
        for node in nodes:
            if node.parent is None:
                node.parent = above
            above = node
        return self._take_in(nodes[-1], staged, str(ds.SOPInstanceUID))

    def add_custom(self, ds_or_path: DSPathType, leaf: RecordNode) -> FileInstance:
        """Stage an instance to be added, with directory records of one's own.

        Parameters
        ----------
        ds_or_path : Dataset, str or PathLike
            The instance, or the path of its file.
        leaf : RecordNode
            The node that references it, below nodes of the levels above. What
            every record that references a file has is added to its record.

        Returns
        -------
        FileInstance
            What was added, or is there already.

        Raises
        ------
        ValueError
            If there are more than 7 nodes above, or an element is missing.
        """
        ds, content = _opened(ds_or_path)
        present = self._present(ds)
        if present is not None:
            return present
        if leaf.depth > _MOST_ANCESTORS:
            raise ValueError(
                f"a leaf has {leaf.depth} ancestors, but a File ID at most 8 components "
                "(PS3.10 8.2)"
            )
        reference(ds, leaf.record)
        RecordNode._complete(leaf.record)
        staged = self._stage_file(ds, ds_or_path, content)
        self._tree.add(leaf)
        return self._take_in(leaf, staged, str(ds.SOPInstanceUID))

    def _present(self, ds: Dataset) -> FileInstance | None:
        uid = str(ds.SOPInstanceUID)
        removed = self._removed.pop(uid, None)
        if removed is not None:
            removed._flag = ""
            self._instances[removed] = None
            self._uids[uid] = removed
            return removed
        return self._uids.get(uid)

    @property
    def _uids(self) -> dict[str, FileInstance]:
        """The instances by SOP Instance UID."""
        if self._by_uid is None:
            self._by_uid = {}
            for instance in self._instances:
                self._by_uid.setdefault(_uid_of(instance), instance)
        return self._by_uid

    def _stage_file(self, ds: Dataset, ds_or_path: DSPathType, content: bytes | None) -> str:
        """Copy an instance to the stage and return its path there."""
        staged = self._stage.new_path()
        if content is not None:
            with open(staged, "wb") as stream:
                stream.write(content)
        elif isinstance(ds_or_path, Dataset):
            ds.save_as(staged, enforce_file_format=True)
        else:
            import shutil

            shutil.copyfile(ds_or_path, staged)
        return staged

    def _take_in(self, node: RecordNode, staged: str, uid: str) -> FileInstance:
        instance = FileInstance(node)
        instance._path = staged
        instance._flag = "+"
        node.instance = instance
        self._instances[instance] = None
        self._added[instance] = None
        self._uids[uid] = instance
        return instance

    def remove(self, instance: FileInstance | list[FileInstance]) -> None:
        """Stage instances to be removed, or give up adding them.

        Parameters
        ----------
        instance : FileInstance or list of FileInstance
            Which.

        Raises
        ------
        ValueError
            If one is not in the file-set.
        """
        if isinstance(instance, list):
            for one in instance:
                self.remove(one)
            return
        if instance not in self._instances:
            raise ValueError("there is no such instance in the file-set")
        del self._instances[instance]
        uid = _uid_of(instance)
        if self._by_uid is not None and self._by_uid.get(uid) is instance:
            del self._by_uid[uid]
        if instance.for_addition:
            del self._added[instance]
            with suppress(FileNotFoundError):  # somebody cleared temporary files away
                os.unlink(instance.path)
            instance._flag = ""
            self._tree.remove(instance.node)
        else:
            instance._flag = "-"
            self._removed[uid] = instance

    def clear(self) -> None:
        """Make it a new file-set without files; nothing on the disk is touched."""
        self._begin()


def _opened(ds_or_path: DSPathType) -> tuple[Dataset, bytes | None]:
    """Return an instance, and the content of its file if that is small."""
    from pydcm.filereader import dcmread

    if not isinstance(ds_or_path, (str, os.PathLike)):
        return ds_or_path, None
    with open(ds_or_path, "rb") as stream:
        if os.fstat(stream.fileno()).st_size > _READ_AT_ONCE:
            return dcmread(ds_or_path), None
        content = stream.read()
    return dcmread(content), content


def _uid_of(instance: FileInstance) -> str:
    """Return the SOP Instance UID that a record states, or what stands for it."""
    return str(instance.node.record.get("ReferencedSOPInstanceUIDInFile") or instance.node.key)
