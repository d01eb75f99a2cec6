"""``pydcm volume``: arrays, montages and the summary."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pydcm import dcmread
from pydcm.examples import write_ct_series
from pydcm.volume import load_series
from tests.cli.command import one_line, pydcm
from tests.cli.test_decode import read_png
from tests.shared import CORPUS, needs_corpus


@pytest.fixture(scope="module")
def chest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chest")
    write_ct_series(folder, slices=12, size=40, tilt_deg=10)
    return folder


def test_the_summary_is_a_table(chest: Path) -> None:
    text = pydcm("volume", chest).stdout
    rows = {line[:11].strip(): line[13:] for line in text.splitlines()}
    assert rows["size"] == "12 slices of 40 x 40"
    assert rows["spacing"] == "20 x 9.6 x 9.6 mm (z, y, x)"
    assert rows["orientation"].startswith("axial, oblique by 10.0 degrees; voxel x, y, z lead to L")
    assert rows["values"].endswith(" HU")
    assert "left out" not in text


def test_json_carries_the_geometry(chest: Path) -> None:
    told = json.loads(pydcm("volume", "--json", chest).stdout)
    volume = load_series(chest)
    np.testing.assert_allclose(told["affine"], volume.affine)
    assert (told["slices"], told["rows"], told["columns"]) == (12, 40, 40)
    assert told["values"]["mean"] == pytest.approx(volume.pixels.mean(dtype=np.float64))
    assert told["series_instance_uid"] == volume.series_instance_uid
    assert set(told["seconds"]) == {"find and sort", "decode"}
    assert sum(told["shares_percent"].values()) < 100


def test_voxels_and_montage_are_written(chest: Path, tmp_path: Path) -> None:
    voxels, picture = tmp_path / "v.npy", tmp_path / "m.png"
    pydcm("volume", chest, "-o", voxels, "-o", picture, "--window", "-500", "1500")
    np.testing.assert_array_equal(np.load(voxels), load_series(chest).pixels)
    image = read_png(picture)
    assert image.shape[1:] == (1280, 3)
    assert len(np.unique(image)) > 100


def test_a_file_gets_its_name_when_it_is_complete(chest: Path, tmp_path: Path) -> None:
    for target in (tmp_path / "v.npy", tmp_path / "m.png"):
        target.write_bytes(b"old")
        with target.open("rb") as old:
            pydcm("volume", chest, "-o", target)
            assert old.read() == b"old"  # it was replaced, and not written over
        assert target.read_bytes() != b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.png", "v.npy"]


def test_what_was_left_out_is_explained(chest: Path, tmp_path: Path) -> None:
    for file in chest.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "notes.txt").write_text("no DICOM")
    write_ct_series(tmp_path / "other", slices=3, size=16)
    text = pydcm("volume", tmp_path).stdout
    notes = text.split("left out\n")[1].splitlines()
    assert notes[0].startswith("  a smaller stack: 3 slices of 16 x 16, series 1.")
    assert notes[1] == "  it is not a DICOM file: notes.txt"
    alone = json.loads(pydcm("volume", "--json", "--no-recursive", tmp_path).stdout)
    assert alone["other_stacks"] == []
    chosen = json.loads(pydcm("volume", "--json", "--pattern", "ct00*", tmp_path).stdout)
    assert chosen["files"] == 9 + 3


def test_files_may_be_named(chest: Path) -> None:
    files = sorted(chest.iterdir())[:4]
    assert json.loads(pydcm("volume", "--json", *files).stdout)["slices"] == 4


def test_what_was_noticed_is_told(chest: Path, tmp_path: Path) -> None:
    for file in chest.iterdir():
        shutil.copy(file, tmp_path / file.name)
    first = dcmread(min(tmp_path.iterdir()))
    first.SOPInstanceUID, first.InstanceNumber = "1.2.3", 99
    first.save_as(tmp_path / "again.dcm")
    told = json.loads(pydcm("volume", "--json", tmp_path).stdout)
    assert told["slices"] == 12
    assert [text.partition(":")[0] for text in told["findings"]] == ["duplicate-position"]
    text = pydcm("volume", tmp_path).stdout
    noticed, left_out = text.split("noticed\n")[1].split("\nleft out\n")
    assert noticed.startswith("  duplicate-position: ")
    assert "again.dcm" in left_out


def test_an_archive_is_a_folder(chest: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "chest"), "zip", chest)
    assert json.loads(pydcm("volume", "--json", tmp_path / "chest.zip").stdout)["slices"] == 12


@needs_corpus
def test_real_defects_are_one_line() -> None:
    folder = CORPUS / "volume-defects/dicom2nifti/failing/sliceincrement"
    assert "10 mm apart" in one_line(pydcm("volume", folder, code=1).stderr)
    unplaced = CORPUS / "transfer-syntaxes/pydicom/SC_rgb_dcmtk_+eb+cr.dcm"
    assert "pydcm.decode" in one_line(pydcm("volume", unplaced, code=1).stderr)


@needs_corpus
def test_a_real_series_is_drawn(tmp_path: Path) -> None:
    folder = CORPUS / "volume/dicom2nifti/hitachi"
    text = pydcm("volume", folder, "-o", tmp_path / "m.png").stdout
    assert "sagittal, oblique by 38.7 degrees" in text
    assert read_png(tmp_path / "m.png").std() > 10
