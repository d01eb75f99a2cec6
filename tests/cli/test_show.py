"""``pydcm show`` and ``pydcm codify``, beside the program of pydicom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pydcm import Dataset, dcmread, examples
from tests.cli.command import one_line, pydcm

PLAN = f"{examples.get_path('rt_plan')}"
ITEM = "BeamSequence[0].ControlPointSequence[0]"
VALUES = [
    "PatientID",
    "PatientName",
    "file_meta.TransferSyntaxUID",
    f"{ITEM}.NominalBeamEnergy",
    f"{ITEM}.IsocenterPosition[-1]",
    "BeamSequence[-1].BeamName",
]


def pydicom_shows(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    program = pytest.importorskip("pydicom.cli.main", reason="pydicom is compared with")
    run: Callable[[list[str]], object] = program.main
    run(["show", *arguments])
    return capsys.readouterr().out


@pytest.mark.parametrize("element", ["", "file_meta", ITEM, "BeamSequence", *VALUES])
def test_a_part_is_shown_as_pydicom_shows_it(
    element: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = f"{PLAN}::{element}" if element else PLAN
    assert pydcm("show", spec).stdout == pydicom_shows(capsys, spec)


@pytest.mark.parametrize("option", ["-t", "-x", "-q"])
@pytest.mark.parametrize("name", ["ct", "mr", "rt_dose"])
def test_options(name: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(examples.get_path(name))
    assert pydcm("show", option, path).stdout == pydicom_shows(capsys, option, path)


def test_private_elements_are_left_out_if_asked_for(tmp_path: Path) -> None:
    ds = examples.ct
    ds.private_block(0x0009, "SOMEBODY", create=True).add_new(1, "LO", "private")
    ds.save_as(tmp_path / "ct.dcm")
    assert "'private'" in pydcm("show", tmp_path / "ct.dcm").stdout
    assert "SOMEBODY" not in pydcm("show", "-x", tmp_path / "ct.dcm").stdout


def test_no_file_steers_the_terminal(tmp_path: Path) -> None:
    ds = examples.ct
    ds.SeriesDescription = "red"
    ds.save_as(tmp_path / "ct.dcm")
    content = (tmp_path / "ct.dcm").read_bytes().replace(b"LO\4\0red ", b"LO\4\0\x1b[31")
    (tmp_path / "ct.dcm").write_bytes(content)
    shown = pydcm("show", f"{tmp_path / 'ct.dcm'}::SeriesDescription").stdout
    assert one_line(shown) == "\\x1b[31"


@pytest.mark.parametrize("command", ["show", "codify"])
@pytest.mark.parametrize(
    ("element", "words"),
    [
        ("NotThere", "NotThere"),
        ("BeamSequence[42]", "BeamSequence[42]"),
        ("BeamSequence[-42]", "BeamSequence[-42]"),
        ("BeamSequence[x]", "BeamSequence[x]"),
        ("clear()", "clear()"),
        ("a:b", "a:b"),
    ],
)
def test_what_is_not_there_is_one_line_and_exit_code_1(
    command: str, element: str, words: str
) -> None:
    line = one_line(pydcm(command, f"{PLAN}::{element}", code=1).stderr)
    assert line.startswith(f"pydcm {command}: ")
    assert words in line


def test_only_data_sets_are_coded() -> None:
    assert "str" in one_line(pydcm("codify", f"{PLAN}::RTPlanLabel", code=1).stderr)


def test_code_builds_the_data_set_again(tmp_path: Path) -> None:
    code, saved = tmp_path / "plan.py", tmp_path / "again.dcm"
    pydcm("codify", "pydcm::rt_plan", code, "--save-as", saved)
    made: dict[str, Dataset] = {}
    exec(compile(code.read_text(encoding="utf-8"), code, "exec"), made)
    assert made["ds"] == dcmread(saved)
    assert Dataset(dcmread(saved)) == Dataset(examples.rt_plan)
