"""A plugin of pytest that lets pydicom's tests run on pydicom or, under its name, on pydcm."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pydcm.compat import install_as_pydicom

LIBRARY = os.environ["UPSTREAM_LIBRARY"]
TESTS = Path(os.environ["UPSTREAM_TESTS"])
RESULTS = Path(os.environ["UPSTREAM_RESULTS"])


class PrivateName(Exception):
    """A test uses a name that pydicom keeps to itself."""


class Placeholder:
    """Stands for a private name, so that the other tests of the file can run."""

    def __init__(self, name: str) -> None:
        self.__dict__["_placeholder"] = name

    def __call__(self, *args: object, **kwargs: object) -> object:
        raise PrivateName(self._placeholder)

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        raise PrivateName(f"{self._placeholder}.{name}")

    def __setitem__(self, key: object, value: object) -> None:
        raise PrivateName(self._placeholder)

    def __getitem__(self, key: object) -> object:
        raise PrivateName(self._placeholder)

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def keys(self) -> tuple[object, ...]:
        """Return nothing: tests are parametrised by tables of pydicom's."""
        return ()

    items = values = keys


class PlaceholderModule(ModuleType):
    """Stands for a module that pydicom keeps to itself."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return Placeholder(f"{self.__name__}.{name}")


def _data_folder() -> Path:
    found = importlib.util.find_spec("pydicom")
    assert found is not None, "pydicom is the peer here and not installed"
    assert found.origin is not None
    return Path(found.origin).parent / "data"


def _imports() -> Iterator[tuple[str, str]]:
    """Yield every module of pydicom that a test imports, with a name from it or none."""
    for file in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pydicom"):
                yield from ((str(node.module), alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (
                    (alias.name, "") for alias in node.names if alias.name.startswith("pydicom.")
                )


def _put_placeholders() -> None:
    for module_name, name in _imports():
        try:
            module = importlib.import_module(module_name)
        except ImportError:
            module = sys.modules[module_name] = PlaceholderModule(module_name)
        if name and not hasattr(module, name):
            try:
                importlib.import_module(f"{module_name}.{name}")
            except ImportError:
                setattr(module, name, Placeholder(f"{module_name}.{name}"))


def _use_data_of(folder: Path) -> None:
    """Let the functions that find test files find pydicom's, whatever library runs."""
    import pydicom.data
    from pydicom.data import data_manager

    def found(name: str, kind: str) -> str | None:
        paths = [folder / kind / name, *sorted((folder / kind).rglob(Path(name).name))]
        return next((str(path) for path in paths if path.is_file()), None)

    def get_testdata_file(name: str, read: bool = False, download: bool = True) -> object:
        if os.path.isabs(name):
            raise ValueError(
                f"'get_testdata_file' does not support absolute paths: dcmread({name!r})"
            )
        path = found(name, "test_files")
        return pydicom.dcmread(path, force=True) if read and path else path

    def listing(kind: str) -> object:
        def files(pattern: str = "**/*") -> list[str]:
            paths = sorted((folder / kind).rglob(pattern.removeprefix("**/")))
            return [str(path) for path in paths if path.is_file()]

        return files

    functions = {
        "get_testdata_file": get_testdata_file,
        "get_testdata_files": listing("test_files"),
        "get_charset_files": listing("charset_files"),
        "get_palette_files": listing("palettes"),
    }
    for module in (pydicom.data, data_manager):
        for name, function in functions.items():
            setattr(module, name, function)


def _refuse(*arguments: object) -> None:
    raise OSError("nothing is fetched while tests run")


socket.socket.connect = _refuse  # type: ignore[method-assign]  # for this process
_folder = _data_folder()
if LIBRARY == "pydcm":
    install_as_pydicom()
    _put_placeholders()
_use_data_of(_folder)


# ---- results ---------------------------------------------------------------------------------

_PRIVATE = re.compile(r"PrivateName: |AttributeError: .* has no attribute '_|has no attribute: '_")
_results: dict[str, str] = {}


def _cause(text: str) -> str:
    """Return why a test failed where the text of its failure tells, or nothing."""
    if _PRIVATE.search(text):
        return "private name"
    other_warning = "matching the regex" in text and "Emitted warnings: []" not in text
    if "Regex pattern did not match" in text or other_warning:
        return "wording"
    return ""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the outcome of a test."""
    if report.failed:
        _results[report.nodeid] = "failed:" + _cause(report.longreprtext)
    elif report.when == "call" and report.passed:
        _results.setdefault(report.nodeid, "passed")


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Keep that a file cannot be imported."""
    if report.failed:
        _results[report.nodeid] = "failed:"


def pytest_sessionfinish() -> None:
    """Write all outcomes."""
    RESULTS.write_text(json.dumps(_results), encoding="utf-8")
