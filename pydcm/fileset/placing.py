"""Putting files into the folder of a file-set, all of them or none."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable
from types import TracebackType
from typing import NamedTuple

__all__ = ["Placement", "Placing", "Stage"]


class Placing(NamedTuple):
    """One file to put in place.

    Attributes
    ----------
    source, target : str
        From where, and its new path.
    how : str
        ``"copy"`` keeps the source, ``"move"`` needs it only until all is
        done, ``"take"`` takes one that is nobody else's.
    """

    source: str
    target: str
    how: str


class Placement:
    """Changes of files in one folder, undone if one of them fails.

    Files go to names that are free. What has to replace a file waits beside
    until all others are in place; what it replaces is kept until the end.

    Parameters
    ----------
    root : str
        The folder, which is made if it does not exist.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._work: str | None = None
        self._count = 0
        # What was done, in order: (what, path now, path before).
        self._done: list[tuple[str, str, str]] = []
        self._folders: set[str] = set()

    def __enter__(self) -> Placement:
        self._make_folder(self.root)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._undo()
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)

    def put(self, placings: Iterable[Placing]) -> None:
        """Put files in place."""
        waiting: list[tuple[str, str]] = []
        for source, target, how in placings:
            if source == target:
                continue
            self._make_folder(os.path.dirname(target))
            if os.path.lexists(target):
                beside = self._beside()
                self._bring(source, beside, how)
                waiting.append((beside, target))
            else:
                self._bring(source, target, how)
        for beside, target in waiting:
            self._replace(beside, target)

    def write(self, target: str, content: bytes) -> None:
        """Write a file."""
        beside = self._beside()
        with open(beside, "wb") as stream:
            stream.write(content)
        if os.path.lexists(target):
            self._replace(beside, target)
        else:
            os.rename(beside, target)
            self._done.append(("made", target, ""))

    def clear_away(self, paths: Iterable[str]) -> None:
        """Remove files that are no longer needed, and folders left empty; the last step."""
        for path in paths:
            try:
                os.unlink(path)
            except OSError:
                continue  # the file-set is complete without; what stays is only litter
            folder = os.path.dirname(path)
            while folder != self.root and folder.startswith(os.path.join(self.root, "")):
                try:
                    os.rmdir(folder)
                except OSError:
                    break
                folder = os.path.dirname(folder)

    def _make_folder(self, folder: str) -> None:
        if folder in self._folders or os.path.isdir(folder):
            self._folders.add(folder)
            return
        if os.path.lexists(folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder)
        self._make_folder(os.path.dirname(folder))
        os.mkdir(folder)
        self._folders.add(folder)
        self._done.append(("folder", folder, ""))

    def _beside(self) -> str:
        """Return a free path in a hidden folder in the same file system."""
        if self._work is None:
            self._work = os.path.join(self.root, f".fileset-{os.urandom(6).hex()}")
            os.mkdir(self._work)
        self._count += 1
        return os.path.join(self._work, str(self._count))

    def _bring(self, source: str, target: str, how: str) -> None:
        if how == "take":
            try:
                os.rename(source, target)
            except OSError:  # another file system
                pass
            else:
                self._done.append(("moved", target, source))
                return
        self._done.append(("made", target, ""))
        if how == "move":
            try:
                os.link(source, target, follow_symlinks=False)
            except (OSError, NotImplementedError):  # no hard links there
                pass
            else:
                return
        shutil.copyfile(source, target)

    def _replace(self, beside: str, target: str) -> None:
        kept = self._beside()
        os.rename(target, kept)
        self._done.append(("moved", kept, target))
        os.rename(beside, target)
        self._done.append(("moved", target, beside))

    def _undo(self) -> None:
        for what, now, before in reversed(self._done):
            try:
                if what == "moved":
                    os.replace(now, before)
                elif what == "made":
                    os.unlink(now)
                else:
                    if now == self.root and self._work is not None:
                        shutil.rmtree(self._work, ignore_errors=True)
                    os.rmdir(now)
            except OSError:
                continue  # undo whatever can be undone


class Stage:
    """A temporary folder for files that are to be added; it vanishes with its file-set."""

    def __init__(self) -> None:
        self._folder: str | None = None
        self._count = 0

    def new_path(self) -> str:
        """Return the path for one more file."""
        if self._folder is None:
            import tempfile
            import weakref

            self._folder = tempfile.mkdtemp(prefix="fileset-")
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        return os.path.join(self._folder, str(self._count))
