"""Libraries that stand on pydicom see the same on this package, under the name pydicom."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pydcm import examples
from pydcm.examples.series import write_ct_series
from tests.shared import CORPUS, ROOT, needs_corpus

pytest.importorskip("pydicom", minversion="3.0.2")
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]

PROGRAM = Path(__file__).with_name("library_flows.py")


def _needs(library: str) -> None:
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")


def _seen(package: str, library: str, folder: Path, results: Path) -> object:
    """Return what a library saw in a folder, with pydicom or with this package below it."""
    target = results / package
    target.mkdir()
    done = subprocess.run(
        [sys.executable, PROGRAM, package, target, library, folder],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen: object = json.loads(done.stdout.splitlines()[-1])
    assert seen
    return seen


def _assert_alike(library: str, folder: Path, results: Path) -> None:
    theirs, ours = (
        _seen(package, library, folder, results) for package in ("pydicom", "pydcm")
    )  # fmt: skip
    assert ours == theirs


def test_dicom2nifti_converts_a_series(tmp_path: Path) -> None:
    _needs("dicom2nifti")
    write_ct_series(tmp_path / "ct", slices=6, size=32)
    _assert_alike("dicom2nifti", tmp_path / "ct", tmp_path)


@needs_corpus
def test_pydicom_seg_reads_segments(tmp_path: Path) -> None:
    _needs("pydicom_seg")
    _assert_alike("pydicom_seg", CORPUS / "seg" / "dcmqi", tmp_path)


def test_dicompyler_computes_doses(tmp_path: Path) -> None:
    _needs("dicompylercore")
    folder = tmp_path / "rt"
    folder.mkdir()
    for name in ("rt_ss", "rt_dose", "rt_plan"):
        shutil.copy(examples.get_path(name), folder / f"{name}.dcm")
    _assert_alike("dicompylercore", folder, tmp_path)
