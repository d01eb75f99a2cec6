"""``pydcm dump`` on made and real files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pydcm import Dataset, dcmread, examples
from pydcm.cli.terminal import Paint, clipped, printable, table
from tests.cli.command import one_line, pydcm
from tests.shared import CORPUS, needs_corpus


def test_every_element_has_a_line() -> None:
    path = examples.get_path("rt_plan")
    lines = pydcm("dump", path).stdout.splitlines()
    dataset = dcmread(path)
    expected = len(list(dataset.file_meta)) + len(list(dataset.iterall()))
    assert sum("(" in line.split(" ")[0] or line.startswith(" ") for line in lines) >= expected
    tags = [line.split()[0] for line in lines if re.match(r" *\([0-9A-F]{4},", line)]
    assert tags == [str(e.tag) for e in dataset.file_meta] + [str(e.tag) for e in dataset.iterall()]


def test_lines_show_tag_vr_name_and_value() -> None:
    lines = pydcm("dump", examples.get_path("ct")).stdout.splitlines()
    assert lines[0].startswith("# ")
    shown = {line.split()[0]: line for line in lines[1:]}
    assert re.fullmatch(
        r"\(0008,0016\) UI SOP Class UID +1\.2\.840\.10008\.5\.1\.4\.1\.1\.2 = CT Image Storage",
        shown["(0008,0016)"],
    )
    assert shown["(0010,0010)"].endswith("PN Patient's Name                       Phantom^Analytic")
    assert shown["(0008,0008)"].endswith(r" ORIGINAL\PRIMARY\AXIAL")
    assert shown["(0008,0050)"].endswith("Accession Number")
    assert shown["(7FE0,0010)"].endswith("<32,768 bytes>")


def test_items_are_indented() -> None:
    text = pydcm("dump", examples.get_path("rt_plan")).stdout
    assert re.search(
        r"^\(300A,00B0\) SQ Beam Sequence +<2 items>\n  item 1\n    \(300A,00B2\) SH ", text, re.M
    )
    assert "\n      item 2\n        (300A,0112) IS Control Point Index" in text


def test_values_are_shortened_unless_asked_for() -> None:
    path = examples.get_path("rt_ss")
    short = pydcm("dump", path).stdout
    assert max(map(len, short.splitlines())) < 150
    assert any(line.endswith("…") for line in short.splitlines())
    whole = pydcm("dump", "--max-value", "0", path).stdout
    assert not any(line.endswith("…") for line in whole.splitlines())
    contour = examples.rt_ss.ROIContourSequence[0].ContourSequence[0]
    assert "\\".join(map(str, contour.ContourData)) in whole


def test_stop_before_pixels_leaves_them_out() -> None:
    path = examples.get_path("ct")
    assert "(7FE0,0010)" not in pydcm("dump", "--stop-before-pixels", path).stdout


def test_bare_data_sets_need_force() -> None:
    path = examples.get_path("no_meta")
    assert "force" in one_line(pydcm("dump", path, code=1).stderr)
    assert "MR Image Storage" in pydcm("dump", "--force", path).stdout


def test_json_is_the_dicom_json_model() -> None:
    path = examples.get_path("mr")
    model = json.loads(pydcm("dump", "--json", path).stdout)
    assert Dataset.from_json(json.dumps(model)) == Dataset(examples.mr)
    both = json.loads(
        pydcm("dump", "--json", "--stop-before-pixels", path, examples.get_path("ct")).stdout
    )
    assert [one["00080060"]["Value"] for one in both] == [["MR"], ["CT"]]
    assert all("7FE00010" not in one for one in both)


def test_several_files_follow_each_other() -> None:
    text = pydcm("dump", examples.get_path("mr"), examples.get_path("ct")).stdout
    assert [line[-6:] for line in text.splitlines() if line.startswith("# ")] == [
        "mr.dcm",
        "ct.dcm",
    ]


def test_colours_follow_the_environment() -> None:
    path = examples.get_path("mr")
    plain = pydcm("dump", path).stdout
    assert "\x1b" not in plain
    coloured = pydcm("dump", path, FORCE_COLOR="1").stdout
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    assert "\x1b[" in coloured
    assert "\x1b" not in pydcm("dump", path, FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    dataset = examples.mr
    dataset.add_new(0x00104000, "LT", "a\x1b[2Jb\r\nc")
    path = tmp_path / "evil.dcm"
    dataset.save_as(path)
    text = pydcm("dump", path).stdout
    assert r"a\x1b[2Jb\r\nc" in text
    assert "\x1b" not in text


def test_what_was_mended_is_listed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "cut.dcm"
    path.write_bytes(examples.get_path("mr").read_bytes()[:-100])
    last = pydcm("dump", path).stdout.splitlines()[-1]
    assert last.startswith("! truncated")
    stderr = pydcm("dump", "--json", path).stderr
    assert "truncated" in one_line(stderr)


@needs_corpus
@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("charsets/pydicom/charset_files/chrJapMulti.dcm", ["やまだ^たろう"]),
        ("charsets/pydicom/charset_files/chrFren.dcm", ["Buc^Jérôme"]),
    ],
    ids=["japanese", "french"],
)
def test_real_text_is_readable(file: str, words: list[str]) -> None:
    text = pydcm("dump", CORPUS / file).stdout
    for word in words:
        assert word in text


@needs_corpus
def test_encapsulated_pixels_and_private_elements_are_shown() -> None:
    folder = CORPUS / "volume/dicom2nifti/generic/compressed_rle/001"
    text = pydcm("dump", folder / "IM-0001-0001-0001.dcm").stdout
    assert re.search(r"\(7FE0,0010\) O[BW] Pixel Data +<encapsulated, [\d,]+ bytes>", text)
    siemens = CORPUS / "enhanced-mf/dicom2nifti/siemens_multiframe/anatomical/001"
    text = pydcm("dump", siemens / "IM-0001-0001-0001.dcm").stdout
    assert re.search(r"\(0021,0011\) LO Private Creator +SIEMENS MR SDI 02", text)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no DICOM")
    done = pydcm("dump", text, tmp_path / "absent", tmp_path, examples.get_path("mr"), code=1)
    assert "MR Image Storage" in done.stdout
    complaints = done.stderr.splitlines()
    assert len(complaints) == 3
    for line, word in zip(complaints, ("notes.txt", "absent", "folder"), strict=True):
        assert word in line


@needs_corpus
def test_malformed_files_end_in_a_dump_or_in_a_line() -> None:
    files = sorted((CORPUS / "malformed").rglob("*.dcm"))
    assert len(files) > 10
    done = pydcm("dump", *files, code=1)
    headings = [line for line in done.stdout.splitlines() if line.startswith("# ")]
    complaints = done.stderr.splitlines()
    assert len(headings) + len(complaints) == len(files)
    assert all(line.startswith("pydcm dump: ") for line in complaints)


# --- its parts ---------------------------------------------------------------------------------


def test_text_is_clipped_and_made_printable() -> None:
    assert clipped("abc", 3) == "abc"
    assert len(clipped("abcdef", 4)) == 4
    assert clipped("abcdef", 0) == "abcdef"
    assert printable("日本\x00\x9b") == "日本\\x00\\x9b"


def test_tables_have_straight_columns() -> None:
    assert table([["a", "bb"], ["ccc", "d"]]).splitlines() == ["a    bb", "ccc  d"]


def test_paint_is_off_for_a_stream_that_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with (tmp_path / "out.txt").open("w") as stream:
        assert Paint(stream)("x", "red") == "x"
