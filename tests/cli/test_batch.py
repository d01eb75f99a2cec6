"""``pydcm batch``: many series, and what is said about them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pydcm.examples import write_ct_series
from tests.cli.command import one_line, pydcm

pytest.importorskip("nibabel", reason="NIfTI is written through nibabel (extra nifti)")


def test_every_series_is_converted_once(tmp_path: Path) -> None:
    write_ct_series(tmp_path / "in" / "a", slices=4, size=16)
    gap = write_ct_series(tmp_path / "in" / "b", slices=6, size=16)
    os.unlink(gap[2])
    (tmp_path / "in" / "notes").write_text("no DICOM")
    out = tmp_path / "out"
    arguments = ("batch", tmp_path / "in", "-o", out, "--workers", "1")
    lines = sorted(pydcm(*arguments, code=1).stdout.splitlines())
    assert lines[0] == "2 series, 1 failed; 1 files are in none of them"
    assert lines[1].startswith("failed  ")
    assert "GeometryError" in lines[1]
    assert lines[2].startswith("ok      ")
    logged = [json.loads(line) for line in (out / "outcomes.jsonl").read_text().splitlines()]
    (done,) = [each for each in logged if each["status"] == "ok"]
    assert [Path(name).suffix for name in done["outputs"]] == [".json", ".gz"]
    assert all((out / name).is_file() for name in done["outputs"])
    again = pydcm(*arguments, "--threads", "1", code=1).stdout
    assert "done before" in again
    assert len((out / "outcomes.jsonl").read_text().splitlines()) == 3


def test_wrong_usage(tmp_path: Path) -> None:
    assert "at least 1" in pydcm("batch", tmp_path, "-o", "x", "--workers", "0", code=2).stderr
    message = one_line(pydcm("batch", tmp_path, "-o", tmp_path / "out", code=1).stderr)
    assert "no image" in message
