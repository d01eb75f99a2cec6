"""Hexadecimal dumps and printed data sets, character for character as pydicom's."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from pydcm import Dataset
from pydcm.util import dump

pydicom = pytest.importorskip("pydicom")
pydicom_dump = pytest.importorskip("pydicom.util.dump")

CONTENT = bytes(range(40)) + b"DICM Hello world\\\n" + bytes(range(200, 256))


def test_every_character() -> None:
    codes = range(-1, 300)
    assert [dump.print_character(code) for code in codes] == [
        pydicom_dump.print_character(code) for code in codes
    ]


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, None), (5, 37), (0, 16), (0, 17), (3, 19), (0, 0), (10, 5), (200, None), (99, None)],
)
@pytest.mark.parametrize("show_address", [True, False])
def test_dump(start: int, stop: int | None, show_address: bool) -> None:
    ours = dump.hexdump(io.BytesIO(CONTENT), start, stop, show_address)
    theirs = pydicom_dump.hexdump(io.BytesIO(CONTENT), start, stop, show_address)
    assert ours == theirs
    assert ("DICM" in ours) is (start < 40 and stop not in (5, 16, 17, 19))


def test_addresses_are_as_wide_as_the_last(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"a" * 70_000)
    for start in (0, 69_990):
        assert dump.filedump(path, start) == pydicom_dump.filedump(path, start)
    assert dump.filedump(path, 69_990).startswith("11166  61 61")


def test_dump_of_bytes() -> None:
    assert dump.datadump(CONTENT, 5, 37) == pydicom_dump.datadump(CONTENT, 5, 37)
    assert dump.datadump(b"") == pydicom_dump.datadump(b"") == ""


def nested(kind: type[Any]) -> Any:
    step = kind()
    step.PatientID = "7"
    step.ReferencedSOPSequence = [kind(), kind()]
    step.ReferencedSOPSequence[0].Rows = 3
    ds = kind()
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.ReferencedStudySequence = [step, kind()]
    ds.PatientName = "A^B"
    ds.add_new(0x7FE00010, "OW", b"abcd" * 10)
    return ds


def test_printed_data_set(capsys: pytest.CaptureFixture[str]) -> None:
    dump.pretty_print(nested(Dataset))
    ours = capsys.readouterr().out
    pydicom_dump.pretty_print(nested(pydicom.Dataset))
    assert ours == capsys.readouterr().out
    assert ours.count("---------") == 4


def test_indentation_reaches_the_items(capsys: pytest.CaptureFixture[str]) -> None:
    dump.pretty_print(nested(Dataset), 1, "..")
    lines = capsys.readouterr().out.splitlines()
    rows = next(line for line in lines if "Rows" in line)
    assert lines[0].startswith("..(0008,0008)")
    assert rows.startswith("......(0028,0010)")
