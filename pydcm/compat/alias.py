"""The name ``pydicom`` as another name of this package.

Python asks the finders in :data:`sys.meta_path` for each module that is not
loaded yet. The one here answers for ``pydicom`` and everything below it: a
module below is the very module of this package, so that classes, settings and
``isinstance`` are the same under both names; ``pydicom`` itself is a module of
its own, because it has a version of its own.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.util
import os
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType, TracebackType

COMPATIBLE_VERSION = "3.0.2"
"""The version of pydicom whose names and behaviour this package has."""

_THEIRS = "pydicom"
_OURS = "pydcm"
_MOVED = {"pydicom._storage_sopclass_uids": "pydcm.uid"}
"""Modules of pydicom 2 that libraries still import, and where their names are now."""

_lock = threading.RLock()


class Alias:
    """What :func:`install_as_pydicom` returns; as a context manager it undoes it at the end.

    Attributes
    ----------
    installed : bool
        Whether this call installed the alias, instead of finding it there.
    """

    def __init__(self, installed: bool) -> None:
        self.installed = installed

    def __enter__(self) -> Alias:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.installed:
            uninstall()


def install_as_pydicom() -> Alias:
    """Make ``import pydicom`` give this package, in the whole process.

    Call it before anything imports pydicom: at the top of a program, of
    ``conftest.py`` or of ``sitecustomize.py``. What imports pydicom from then
    on, libraries included, has the modules of this package, whether pydicom is
    installed or not; ``importlib.metadata.version("pydicom")`` answers
    :data:`COMPATIBLE_VERSION`. Calling it again does nothing.

    Returns
    -------
    Alias
        A context manager that calls :func:`uninstall` at its end, if it was
        this call that installed the alias.

    Raises
    ------
    RuntimeError
        If pydicom itself is loaded already. Objects of the two would meet in
        one program, and each takes the other's for foreign.
    """
    with _lock:
        if is_installed():
            return Alias(installed=False)
        loaded = sys.modules.get(_THEIRS)
        if loaded is not None:
            raise RuntimeError(
                f"pydicom is loaded already, from {getattr(loaded, '__file__', 'somewhere')}: "
                "call install_as_pydicom() before anything imports it"
            )
        sys.meta_path.insert(0, _finder)
        return Alias(installed=True)


def uninstall() -> None:
    """Make ``import pydicom`` mean pydicom again.

    A library that was imported meanwhile keeps what it has imported. Does
    nothing if the alias is not installed.
    """
    with _lock:
        if is_installed():
            sys.meta_path.remove(_finder)
            for name in [name for name in sys.modules if _is_theirs(name)]:
                del sys.modules[name]


def is_installed() -> bool:
    """Whether ``import pydicom`` gives this package at present."""
    return _finder in sys.meta_path


def _is_theirs(name: str) -> bool:
    return name == _THEIRS or name.startswith(f"{_THEIRS}.")


def _our_name(name: str) -> str:
    return _MOVED.get(name) or _OURS + name.removeprefix(_THEIRS)


class _Package(ModuleType):
    """The module ``pydicom``: its own version, and everything else from this package."""

    def __init__(self) -> None:
        ours = importlib.import_module(_OURS)
        super().__init__(_THEIRS, ours.__doc__)
        self.__path__: list[str] = []  # a package; what is below comes from the finder
        self.__file__ = ours.__file__
        self.__version__ = COMPATIBLE_VERSION
        self.__version_info__ = tuple(COMPATIBLE_VERSION.split("."))
        self.__all__ = list(ours.__all__)

    def __getattr__(self, name: str) -> object:
        return getattr(importlib.import_module(_OURS), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(importlib.import_module(_OURS))})


class _Loader(importlib.abc.Loader):
    """Hands out modules of this package under their other name."""

    def __init__(self) -> None:
        self._own: dict[str, importlib.machinery.ModuleSpec | None] = {}

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        if spec.name == _THEIRS:
            return _Package()
        module = importlib.import_module(_our_name(spec.name))
        self._own[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just given the module the specification of its other name.
        other = module.__spec__
        if other is not None and other.name in self._own:
            module.__spec__ = self._own.pop(other.name)


class _Distribution(importlib.metadata.Distribution):
    """What :mod:`importlib.metadata` is told about pydicom while the alias is installed."""

    def read_text(self, filename: str) -> str | None:
        if filename != "METADATA":
            return None
        return (
            f"Metadata-Version: 2.1\nName: {_THEIRS}\nVersion: {COMPATIBLE_VERSION}\n"
            f"Summary: {_OURS} under the name {_THEIRS}\n"
        )

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        return Path(__file__).parent.parent / path


_ANY_DISTRIBUTION = importlib.metadata.DistributionFinder.Context()


class _Finder(importlib.metadata.DistributionFinder):
    """Answers for pydicom and everything below it, and for nothing else."""

    def __init__(self) -> None:
        self._loader = _Loader()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not _is_theirs(fullname):
            return None
        ours = importlib.util.find_spec(_our_name(fullname))
        if ours is None:
            # None would have the next finder load a file of this package a second time.
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: {_OURS} stands in for pydicom and has no "
                "such module",
                name=fullname,
            )
        return importlib.machinery.ModuleSpec(
            fullname, self._loader, is_package=ours.submodule_search_locations is not None
        )

    def find_distributions(
        self, context: importlib.metadata.DistributionFinder.Context = _ANY_DISTRIBUTION
    ) -> Iterable[importlib.metadata.Distribution]:
        if (context.name or "").lower() == _THEIRS:
            yield _Distribution()


_finder = _Finder()
