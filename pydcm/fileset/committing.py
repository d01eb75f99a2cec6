"""Writing a file-set: its files in their places, and the DICOMDIR that lists them."""

from __future__ import annotations

import os
from typing import cast

from pydcm.diagnostics import ReadContext
from pydcm.errors import WriteError
from pydcm.fileset.instance import FileInstance
from pydcm.fileset.nodes import RecordNode
from pydcm.fileset.placing import Placement, Placing
from pydcm.fileset.staging import StagedChanges
from pydcm.fileset.writing import Entry, encode_dicomdir, lay_out
from pydcm.safe_path import safe_join

__all__ = ["WrittenFiles"]

_DEFAULT_ID = "PYDCM_FILESET"
_MOST_COMPONENTS = 8


class WrittenFiles(StagedChanges):
    """A file-set as far as it is written."""

    def write(
        self,
        path: str | os.PathLike[str] | None = None,
        use_existing: bool = False,
        force_implicit: bool = False,
        *,
        file_set_id: str = _DEFAULT_ID,
    ) -> str:
        """Write the file-set, or what is staged to change in it.

        Files are named by their records, such as
        ``PT000000/ST000000/SE000000/IM000000``. If anything fails, all files
        are as they were, and all changes still staged.

        Parameters
        ----------
        path : str or PathLike, optional
            The folder for a new file-set, which is made if it does not exist.
        use_existing : bool
            Leave files where they are and write the DICOMDIR only; nothing may
            be staged for addition.
        force_implicit : bool
            Write the DICOMDIR in Implicit VR, against PS3.10 8.6.
        file_set_id : str
            File-set ID of a new file-set that has none; another one than the
            default is set in any case.

        Returns
        -------
        str
            The path of the DICOMDIR.

        Raises
        ------
        ValueError
            If there is no folder to write to, or another one than before is
            given, or the arguments contradict what is staged.
        """
        root = self._target(path)
        if use_existing and self._added:
            raise ValueError("'use_existing' cannot be used when instances are to be added")
        if file_set_id != _DEFAULT_ID or (self._is_new and not self.ID):
            self.ID = file_set_id
        descriptor = os.path.join(root, "DICOMDIR")
        if not self.is_staged and os.path.exists(descriptor) and not force_implicit:
            return descriptor
        entries = lay_out(self._tree, rename=not use_existing, alphanumeric=self._use_alphanumeric)
        content = encode_dicomdir(self._described(), self.UID, entries, implicit=force_implicit)
        placings = [] if use_existing else self._placings(root, entries, "")
        targets = {placing.target for placing in placings}
        before = [placing.source for placing in placings if placing.how == "move"]
        before += [instance.path for instance in self._removed.values()]
        with Placement(root) as placement:
            placement.put(placings)
            placement.write(descriptor, content)
        placement.clear_away(old for old in before if old not in targets)
        self._root = root
        self._written(descriptor, entries, placings)
        return descriptor

    def _copy_to(self, path: str | os.PathLike[str], force_implicit: bool) -> str:
        """Write the file-set to another folder and return the path of the DICOMDIR there."""
        root = os.path.abspath(os.fspath(path))
        if root == self._root:
            raise ValueError("a file-set cannot be copied to its own folder")
        entries = lay_out(self._tree, rename=True, alphanumeric=self._use_alphanumeric)
        content = encode_dicomdir(self._described(), self.UID, entries, implicit=force_implicit)
        descriptor = os.path.join(root, "DICOMDIR")
        with Placement(root) as placement:
            placement.put(self._placings(root, entries, "copy"))
            placement.write(descriptor, content)
        return descriptor

    def _target(self, path: str | os.PathLike[str] | None) -> str:
        if self._root is not None:
            if path is not None:
                raise ValueError(
                    "the folder of an existing file-set cannot be changed, use copy() instead"
                )
            return self._root
        if path is None:
            raise ValueError("a new file-set needs the path of a folder to be written to")
        return os.path.abspath(os.fspath(path))

    def _placings(self, root: str, entries: list[Entry], how: str) -> list[Placing]:
        resolved: dict[str, str] = {}
        placings = []
        for entry in entries:
            if entry.components is None:
                continue
            if len(entry.components) > _MOST_COMPONENTS:
                raise WriteError(
                    f"a File ID has at most {_MOST_COMPONENTS} components, not {entry.components}",
                    clause="PS3.10 8.2",
                )
            instance = cast(FileInstance, entry.node.instance)
            kind = how or ("take" if instance.for_addition else "move")
            target = safe_join(root, entry.components, resolved)
            if target != instance.path:
                placings.append(Placing(instance.path, target, kind))
        return placings

    def _written(self, descriptor: str, entries: list[Entry], placings: list[Placing]) -> None:
        """Take what was written for what the file-set is from now on."""
        from pydcm.filereader import dcmread

        ds = dcmread(descriptor)
        items = ds.DirectoryRecordSequence
        moved = {placing.source: placing.target for placing in placings}
        kept: dict[int, list[RecordNode]] = {}
        for number, entry in enumerate(entries):
            node = entry.node
            node._own, node._items, node._number = None, items, number
            kept.setdefault(entry.above, []).append(node)
            if node.instance is not None:
                node.instance._flag = ""
                node.instance._path = moved.get(node.instance.path, node.instance.path)
        for above, children in kept.items():
            parent = self._tree if above < 0 else entries[above].node
            parent.children[:] = children
            parent._by_key, parent._indexed = {}, 0
        if not entries:
            self._tree.children.clear()
        self._instances = {
            entry.node.instance: None for entry in entries if entry.node.instance is not None
        }
        self._added, self._removed = {}, {}
        self._adopt(ds)
        self._context = ReadContext(descriptor)
        self._moves = self._would_move()

    def _would_move(self) -> bool:
        """Whether any file has another name than :meth:`write` would give it."""
        entries = lay_out(self._tree, rename=True, alphanumeric=self._use_alphanumeric)
        root = cast(str, self._root)
        return any(
            entry.components is not None
            and cast(FileInstance, entry.node.instance)._path
            != os.path.join(root, *entry.components)
            for entry in entries
        )
