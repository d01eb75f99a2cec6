"""Lists the files that a path stands for, each once, and says what it passed over."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, overload

from pydcm.errors import PydcmError
from pydcm.progress import Progress, reporting
from pydcm.volume.files.archive import is_archive, members
from pydcm.volume.files.opening import is_remote, split_member
from pydcm.volume.files.remote import find

__all__ = ["FileList", "Unlisted", "list_files"]

_ENOUGH_BYTES = 1024
"""The file meta information says in these which SOP class the file is of."""

_PART_10 = re.compile(rb".{128}DICM", re.DOTALL)
_MEDIA_STORAGE_DIRECTORY = b"UI\x14\x001.2.840.10008.1.3.10"
_DICOMDIR = "DICOMDIR"


class Unlisted(NamedTuple):
    """Something that is not in a list of files.

    Attributes
    ----------
    path : str
        A file, folder or member of an archive.
    reason : str
        Why it is not.
    """

    path: str
    reason: str


class FileList(Sequence[str]):
    """Names of files in the order of folders and names, each file once.

    Parameters
    ----------
    names : iterable of str
        The names.
    left_out : iterable of Unlisted
        What was passed over.

    Attributes
    ----------
    names : tuple of str
        Paths, members such as ``study.zip!/series/ct0001``, or URLs.
    left_out : tuple of Unlisted
        What was passed over, and why.
    """

    __slots__ = ("left_out", "names")

    def __init__(self, names: Iterable[str], left_out: Iterable[Unlisted] = ()) -> None:
        self.names = tuple(names)
        self.left_out = tuple(left_out)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self.names[index]

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<{len(self.names)} files, {len(self.left_out)} left out>"


def list_files(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    recursive: bool = True,
    pattern: str | None = None,
    archives: bool = False,
    progress: Progress = None,
) -> FileList:
    """List the files that a path stands for.

    No file is opened but archives and directories of media: whether the rest is
    DICOM is told when it is read. Links are followed, and folders that were
    visited already are not entered again. A file that is there twice, by a link
    or since it was named twice, is listed once.

    Parameters
    ----------
    path : str, PathLike or iterable of them
        A folder, a file, a DICOMDIR (then the files that it references), a zip
        archive (then its members), a URL that fsspec knows, or several.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        List only files of folders and archives whose own name matches, such as
        ``"*.dcm"``.
    archives : bool
        Look also into zip archives that lie in folders.
    progress : bool or callable, optional
        Shows how many files were found; see :mod:`pydcm.progress`.

    Returns
    -------
    FileList
        The names, and what was passed over.

    Raises
    ------
    FileNotFoundError
        If something that was named does not exist.
    OSError
        If something that was named cannot be opened.
    UnsafePathError
        If a DICOMDIR names files outside of its folder.
    ReadError
        If an archive or a DICOMDIR that was named is broken.
    BackendError
        If a URL needs a package that is not installed.

    Examples
    --------
    >>> from pydcm import examples
    >>> list_files(examples.get_path("ct"))
    <1 files, 0 left out>
    """
    named = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    lister = _Lister(recursive, pattern, archives)
    names: list[str] = []
    with reporting(progress, what="files found") as meter:
        for name in named:
            for found in lister.named(os.fspath(name)):
                names.append(found)
                meter.advance()
    return FileList(names, lister.left_out)


class _Lister:
    """Lists files, and knows which ones it has listed."""

    def __init__(self, recursive: bool, pattern: str | None, archives: bool) -> None:
        self.left_out: list[Unlisted] = []
        self._recursive = recursive
        self._pattern = pattern
        self._archives = archives
        self._known: dict[object, str] = {}
        self._folders: dict[object, str] = {}

    def named(self, name: str) -> Iterator[str]:
        """Yield the files that a name of the caller's stands for."""
        if is_remote(name):
            yield from self._remote(name)
            return
        if split_member(name) is not None:
            yield from self._once(name, name)
            return
        try:
            status = os.stat(name)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(f"there is no file or folder {name!r}") from None
        if stat.S_ISDIR(status.st_mode):
            self._folders.setdefault(_identity(status, name), name)
            yield from self._folder(name)
        elif not stat.S_ISREG(status.st_mode):
            yield name  # a pipe: opened once, when it is read
        else:
            with open(name, "rb") as file:
                start = file.read(_ENOUGH_BYTES)
            if is_archive(name, start):
                yield from self._archive(name)
            elif _is_dicomdir(name, start):
                yield from self._media(name)
            else:
                yield from self._once(_identity(status, name), name)

    # ---- folders -----------------------------------------------------------

    def _folder(self, root: str) -> Iterator[str]:
        """Yield the files of a folder, then those of the folders in it."""
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    inside = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                if folder == root:
                    raise
                self._leave_out(folder, f"the folder cannot be opened: {error.strerror}")
                continue
            folders: list[str] = []
            for entry in inside:
                yield from self._entry(entry, folders)
            if self._recursive:
                waiting.extend(reversed(folders))

    def _entry(self, entry: os.DirEntry[str], folders: list[str]) -> Iterator[str]:
        try:
            # A DirEntry's own status has no identity on Windows.
            status = os.stat(entry.path) if os.name == "nt" else entry.stat()
        except OSError as error:
            self._leave_out(entry.path, f"it cannot be opened: {error.strerror}")
            return
        if stat.S_ISDIR(status.st_mode):
            if not self._recursive:
                return
            first = self._folders.setdefault(_identity(status, entry.path), entry.path)
            if first == entry.path:
                folders.append(entry.path)
            else:
                self._leave_out(entry.path, f"it is the folder {first!r} once more")
        elif not stat.S_ISREG(status.st_mode):
            if self._matches(entry.name):
                self._leave_out(entry.path, "it is no regular file")
        elif entry.name.upper() == _DICOMDIR:
            self._leave_out(entry.path, "it is a directory of other files")
        elif self._archives and is_archive(entry.path):
            try:
                yield from self._archive(entry.path)
            except (PydcmError, OSError) as error:
                self._leave_out(entry.path, f"the archive cannot be opened: {error}")
        elif self._matches(entry.name):
            yield from self._once(_identity(status, entry.path), entry.path)

    # ---- what is not a folder ------------------------------------------------

    def _archive(self, path: str) -> Iterator[str]:
        for member in members(path):
            name = f"{path}!/{member.name}"
            base = member.name.rpartition("/")[2]
            if not self._recursive and "/" in member.name:
                continue
            if base.upper() == _DICOMDIR:
                self._leave_out(name, "it is a directory of other files")
            elif not self._matches(base):
                continue
            elif member.problem:
                self._leave_out(name, member.problem)
            else:
                yield from self._once(name, name)

    def _media(self, path: str) -> Iterator[str]:
        from pydcm.fileset import FileSet

        file_set = FileSet(path)
        for diagnostic in file_set.diagnostics:
            if diagnostic.code == "missing-file":
                self._leave_out(path, diagnostic.message)
        for instance in file_set:
            name = instance.path
            try:
                identity = _identity(os.stat(name), name)
            except OSError as error:
                self._leave_out(name, f"it cannot be opened: {error.strerror}")
                continue
            yield from self._once(identity, name)

    def _remote(self, url: str) -> Iterator[str]:
        for name, is_named in find(url, recursive=self._recursive):
            base = name.partition("::")[0].rpartition("/")[2]
            if is_named or (self._matches(base) and base.upper() != _DICOMDIR):
                yield from self._once(name, name)
            elif base.upper() == _DICOMDIR:
                self._leave_out(name, "it is a directory of other files")

    # ---- once each -----------------------------------------------------------

    def _matches(self, base: str) -> bool:
        return self._pattern is None or fnmatch.fnmatch(base, self._pattern)

    def _once(self, identity: object, name: str) -> Iterator[str]:
        first = self._known.get(identity)
        if first is None:
            self._known[identity] = name
            yield name
        else:
            self._leave_out(name, f"it is the file {first!r} once more")

    def _leave_out(self, path: str, reason: str) -> None:
        self.left_out.append(Unlisted(path, reason))


def _identity(status: os.stat_result, path: str) -> object:
    """Return what two names of one file have in common."""
    if status.st_ino:
        return (status.st_dev, status.st_ino)
    return os.path.realpath(path)  # a file system without inode numbers


def _is_dicomdir(path: str, start: bytes) -> bool:
    """Tell whether a file is a DICOMDIR, by its name or its SOP class (PS3.10 8.6)."""
    if os.path.basename(path).upper() == _DICOMDIR:
        return True
    return bool(_PART_10.match(start)) and _MEDIA_STORAGE_DIRECTORY in start
