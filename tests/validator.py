"""What dciodvfy, which checks objects against the standard's modules, says of a file."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def errors_of(path: str | os.PathLike[str]) -> list[str]:
    """Return the errors that dciodvfy finds in a file; skip the test where it is absent."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    said = subprocess.run([program, path], capture_output=True, text=True, check=False)
    return [line for line in (said.stdout + said.stderr).splitlines() if "Error" in line]
