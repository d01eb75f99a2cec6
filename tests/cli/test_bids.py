"""``pydcm bids``: the sidecar as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from pydcm import dcmread, examples
from pydcm.volume.bids import bids_sidecar
from tests.cli.command import one_line, pydcm


def test_the_sidecar_is_printed(tmp_path: Path) -> None:
    path = examples.get_path("mr")
    told = json.loads(pydcm("bids", path).stdout)
    assert told == bids_sidecar(path)
    assert told["Modality"] == "MR"
    assert "PatientName" not in told


def test_identity_only_on_request_and_into_a_file(tmp_path: Path) -> None:
    path = examples.get_path("mr")
    assert pydcm("bids", "--identity", path, "-o", tmp_path / "x.json").stdout == ""
    told = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert told["PatientID"] == dcmread(path).PatientID


def test_the_header_does_not_steer_the_terminal(tmp_path: Path) -> None:
    ds = dcmread(examples.get_path("mr"))
    ds.SeriesDescription = "red\x1b[31m"
    ds.save_as(tmp_path / "x")
    text = pydcm("bids", tmp_path / "x").stdout
    assert "\x1b" not in text


def test_what_is_no_image(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no DICOM")
    one_line(pydcm("bids", tmp_path / "x", code=1).stderr)
    assert "absent" in one_line(pydcm("bids", "absent", code=1).stderr)
