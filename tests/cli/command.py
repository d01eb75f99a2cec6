"""Runs ``python -m pydcm`` in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.shared import ROOT


def pydcm(
    *arguments: str | Path, code: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command and check its exit code and that it never shows a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "pydcm", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def one_line(text: str) -> str:
    """Return the text without its line end, having checked that it is one line."""
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return text[:-1]
