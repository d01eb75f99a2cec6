"""The versions that a bug report needs."""

from __future__ import annotations

import platform
import subprocess
import sys
import types

import pytest

from pydcm import __version__, env_info
from tests.shared import ROOT


def test_the_module_prints_a_table() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pydcm.env_info"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[:2] == ["module       | version", "------       | -------"]
    rows = dict(line.split("|", 1) for line in lines[2:])
    assert rows["pydcm        "].strip() == __version__
    assert rows["Python       "].strip().startswith(platform.python_version())


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def nothing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nothing)
    assert dict(env_info.version_rows())["numba"] == "not installed"


def test_extract_version_is_that_of_the_compatible_api() -> None:
    theirs = pytest.importorskip("pydicom.env_info")
    module = types.ModuleType("made")
    assert env_info.extract_version(module) is theirs.extract_version(module) is None
    module.__version__ = "1.2"  # type: ignore[attr-defined]  # no module has it by itself
    assert env_info.extract_version(module) == theirs.extract_version(module) == "1.2"
