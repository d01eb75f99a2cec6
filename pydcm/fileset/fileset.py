"""File-sets: reading, changing and writing what a DICOMDIR lists (PS3.10 8)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydcm.dataset import Dataset
from pydcm.diagnostics import Diagnostic, ReadContext
from pydcm.fileset.committing import WrittenFiles
from pydcm.fileset.instance import FileInstance
from pydcm.fileset.nodes import counted
from pydcm.fileset.placing import Stage
from pydcm.fileset.querying import find_instances, find_values
from pydcm.fileset.reading import TreeReader
from pydcm.fileset.staging import DSPathType
from pydcm.tag import TagType

__all__ = ["FileSet"]

_NO_VALUE = "(no value available)"


class FileSet(WrittenFiles):
    """A file-set: a DICOMDIR and the files it lists.

    Changes are staged, and made by :meth:`write`.

    Parameters
    ----------
    ds : Dataset, str or PathLike, optional
        A DICOMDIR that was read, or its path; without it the file-set is new.

    Examples
    --------
    >>> import tempfile
    >>> from pydcm import examples
    >>> from pydcm.fileset import FileSet
    >>> fs = FileSet()
    >>> instance = fs.add(examples.ct)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     dicomdir = fs.write(folder)
    ...     [found.FileID for found in FileSet(dicomdir)]
    ['PT000000/ST000000/SE000000/IM000000']
    """

    def __init__(self, ds: DSPathType | None = None) -> None:
        super().__init__()
        if ds:
            self.load(ds)

    # ---- what it is --------------------------------------------------------

    @property
    def root_path(self) -> Path:
        """The absolute path of its folder.

        Raises
        ------
        AttributeError
            If it is new.
        """
        if self._root is None:
            raise AttributeError("the file-set has no folder yet")
        return Path(self._root)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What was wrong with the DICOMDIR, and what was done about it."""
        return self._context.diagnostics

    def __len__(self) -> int:
        return len(self._instances)

    def __iter__(self) -> Iterator[FileInstance]:
        yield from list(self._instances)

    def __bool__(self) -> bool:
        return True  # also one without files

    def __str__(self) -> str:
        shown = {
            "Root directory": self._root,
            "File-set ID": self.ID,
            "File-set UID": self.UID,
            "Descriptor file ID": self.descriptor_file_id,
            "Descriptor file character set": self.descriptor_character_set,
        }
        lines = ["DICOM File-set"]
        lines += [f"  {name}: {value or _NO_VALUE}" for name, value in shown.items()]
        if self.is_staged:
            lines.append(f"  Changes staged for write(): {', '.join(self._changes())}")
        if self._tree.children:
            lines += ["", "  Managed instances:"]
            lines += [f"    {line}" for line in self._tree.prettify()]
        return "\n".join(lines)

    def _changes(self) -> list[str]:
        changes = [f"DICOMDIR {'creation' if self._is_new else 'update'}"]
        changes += ["directory structure update"] if self._moves else []
        changes += [counted(len(self._added), "addition")] if self._added else []
        changes += [counted(len(self._removed), "removal")] if self._removed else []
        return changes

    # ---- reading -----------------------------------------------------------

    def load(
        self, ds_or_path: DSPathType, include_orphans: bool = True, raise_orphans: bool = False
    ) -> None:
        """Load an existing file-set; whatever was staged here is given up.

        Parameters
        ----------
        ds_or_path : Dataset, str or PathLike
            A DICOMDIR that was read from a file, or its path.
        include_orphans : bool
            Include files whose directory records no offset leads to.
        raise_orphans : bool
            Raise if there are such records.

        Raises
        ------
        StructureError
            If it is no DICOMDIR, or has orphans and `raise_orphans` is given; it
            is a :class:`ValueError`.
        TypeError
            If the data set was not read from a file.
        FileNotFoundError
            If the file does not exist.
        UnsafePathError
            If a record leads out of the folder; it is a :class:`PermissionError`.
        """
        from pydcm.filereader import dcmread

        ds = ds_or_path if isinstance(ds_or_path, Dataset) else dcmread(ds_or_path)
        made = type(self).__new__(type(self))
        WrittenFiles.__init__(made)
        made._load(ds, include_orphans, raise_orphans)
        self.__dict__.update(made.__dict__)
        self._tree._fs = self  # the tree was built for the one that is given up

    def _load(self, ds: Dataset, include_orphans: bool, raise_orphans: bool) -> None:
        path = self._adopt(ds)
        self._context = _context_of(ds, path)
        root = self._root = os.path.abspath(os.path.dirname(path))
        reader = TreeReader(ds, self._tree, root, self._context)
        found = reader.run(include_orphans=include_orphans, raise_orphans=raise_orphans)
        self._instances = dict.fromkeys(found)
        self._by_uid = None
        self._changed = reader.mended
        self._moves = self._would_move()

    def find(self, load: bool = False, **kwargs: Any) -> list[FileInstance]:
        """Return the instances whose elements have certain values.

        Parameters
        ----------
        load : bool
            Look into the files; otherwise only into the directory records.
        **kwargs : object
            Values by keyword, all of which must be equal.

        Returns
        -------
        list of FileInstance
            Those that match, in order.

        Examples
        --------
        >>> from pydcm import examples
        >>> fs = FileSet()
        >>> instance = fs.add(examples.ct)
        >>> fs.find(Modality="CT") == fs.find(load=True, Rows=examples.ct.Rows) == [instance]
        True
        """
        return find_instances(list(self), load, kwargs)

    def find_values(
        self,
        elements: TagType | list[TagType],
        instances: list[FileInstance] | None = None,
        load: bool = False,
    ) -> list[Any] | dict[TagType, list[Any]]:
        """Return the distinct values that elements have.

        Parameters
        ----------
        elements : str, int or list of these
            Keywords or tags.
        instances : list of FileInstance, optional
            Where to look; by default everywhere.
        load : bool
            Look into the files; otherwise only into the directory records.

        Returns
        -------
        list or dict of lists
            The values in the order in which they occur; by element if there are
            several.
        """
        return find_values(elements, list(self) if instances is None else instances, load)

    def copy(self, path: str | os.PathLike[str], force_implicit: bool = False) -> FileSet:
        """Write the file-set, with what is staged, to another folder.

        Parameters
        ----------
        path : str or PathLike
            The folder, which is made if it does not exist.
        force_implicit : bool
            Write the DICOMDIR in Implicit VR, against PS3.10 8.6.

        Returns
        -------
        FileSet
            The copy. This one stays as it is.

        Raises
        ------
        ValueError
            If it is the folder of this file-set.
        """
        return type(self)(self._copy_to(path, force_implicit))

    def __reduce__(self) -> tuple[object, ...]:
        """Reduce to the path of the DICOMDIR, which is opened again."""
        if self._is_new or self._changed or self._added or self._removed:
            raise ValueError("a file-set with staged changes cannot be pickled; write it first")
        return type(self), (self._descriptor_path,)

    def __deepcopy__(self, memo: dict[int, Any]) -> FileSet:
        from copy import deepcopy

        made = type(self).__new__(type(self))
        memo[id(self)] = made
        stage = memo[id(self._stage)] = Stage()
        made.__dict__.update(deepcopy(self.__dict__, memo))
        for instance in made._added:
            staged = stage.new_path()
            shutil.copyfile(instance.path, staged)
            instance._path = staged
        return made


def _context_of(ds: Dataset, path: str) -> ReadContext:
    """Return where the defects of a data set are recorded."""
    return ReadContext(path) if ds._index is None else ds._index.context
