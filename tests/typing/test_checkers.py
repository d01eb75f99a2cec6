"""mypy and pyright agree on what the attributes of data sets are, and mypy that the stub holds."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT
from tools import gen_attribute_stub

HERE = Path(__file__).resolve().parent
ACCEPTED = HERE / "accepted.py"
REFUSED = HERE / "refused.py"
CONFIG = HERE / "pyrightconfig.json"
ALLOWED = ROOT / "tools" / "stubtest_allowed.txt"

_MYPY_SAYS = re.compile(r"[ ]*# type: ignore\[([a-z-]+)\]")
_PYRIGHT_SAYS = re.compile(r"[ ]*# pyright: ignore\[(\w+)\]")

needs_mypy = pytest.mark.skipif(
    importlib.util.find_spec("mypy") is None, reason="mypy is not installed (extra dev)"
)
needs_pyright = pytest.mark.skipif(
    importlib.util.find_spec("basedpyright") is None,
    reason="basedpyright is not installed (extra dev)",
)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def _expected(comment: re.Pattern[str]) -> set[tuple[int, str]]:
    """Return line and rule of what a checker must find in the refused file."""
    lines = REFUSED.read_text(encoding="utf-8").splitlines()
    found = {(n, match[1]) for n, line in enumerate(lines, 1) if (match := comment.search(line))}
    assert len(found) >= 15
    return found


def _without_comments(folder: Path) -> Path:
    bare = folder / "bare.py"
    text = REFUSED.read_text(encoding="utf-8")
    bare.write_text(_PYRIGHT_SAYS.sub("", _MYPY_SAYS.sub("", text)), encoding="utf-8")
    return bare


@needs_mypy
def test_mypy(tmp_path: Path) -> None:
    bare = _without_comments(tmp_path)
    ran = _run(
        "mypy", "--follow-imports=silent", f"--cache-dir={tmp_path / 'cache'}",
        *map(str, (ACCEPTED, REFUSED, bare)),
    )  # fmt: skip
    assert ran.stderr == ""
    *errors, summary = (line for line in ran.stdout.splitlines() if ": note: " not in line)
    places = [re.fullmatch(r"(.+):(\d+): error: .+\[([a-z-]+)\]", error) for error in errors]
    found = {(match[1], int(match[2]), match[3]) for match in places if match}
    assert found == {(str(bare), *place) for place in _expected(_MYPY_SAYS)}, ran.stdout
    assert "in 1 file (checked 3 source files)" in summary


def _pyright(*arguments: str) -> list[tuple[str, int, str]]:
    """Return file, line and rule of each error."""
    ran = _run("basedpyright", "--outputjson", "--pythonpath", sys.executable, *arguments)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    report = json.loads(ran.stdout)
    assert report["summary"]["filesAnalyzed"] > 0
    return [
        (Path(found["file"]).name, found["range"]["start"]["line"] + 1, found["rule"])
        for found in report["generalDiagnostics"]
        if found["severity"] == "error"
    ]


@needs_pyright
def test_pyright() -> None:
    assert _pyright("--project", str(CONFIG)) == []


@needs_pyright
def test_pyright_finds_what_is_wrong(tmp_path: Path) -> None:
    _without_comments(tmp_path)
    config = json.loads(CONFIG.read_text(encoding="utf-8"))
    config |= {"include": ["bare.py"], "extraPaths": [str(ROOT)]}
    copied = tmp_path / CONFIG.name
    copied.write_text(json.dumps(config), encoding="utf-8")
    found = {(line, rule) for _, line, rule in _pyright("--project", str(copied))}
    assert found == _expected(_PYRIGHT_SAYS)


@needs_mypy
def test_stub_agrees_with_the_module() -> None:
    ran = _run(
        "mypy.stubtest", "--concise", "--allowlist", str(ALLOWED),
        "--mypy-config-file", str(HERE / "stubtest.ini"),
        *("pydcm.dataset.keywords", "pydcm._std.uid_names"),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_stub_is_what_its_generator_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gen_attribute_stub.main(["--check"]) == 0
    if not gen_attribute_stub.TABLES.is_dir():
        assert "absent" in capsys.readouterr().out
        return
    stale = tmp_path / "keywords.pyi"
    shutil.copy(gen_attribute_stub.STUB, stale)
    stale.write_text(stale.read_text(encoding="utf-8").replace("Rows: _Integer", "Rows: _Float"))
    monkeypatch.setattr(gen_attribute_stub, "STUB", stale)
    assert gen_attribute_stub.main(["--check"]) == 1
    assert gen_attribute_stub.main([]) == 0
    assert gen_attribute_stub.main(["--check"]) == 0
