"""The command as a whole: help, exit codes, broken pipes, what it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pydcm import __version__, examples
from pydcm.cli import COMMANDS, main
from tests.cli.command import one_line, pydcm
from tests.shared import ROOT


def test_help_names_every_command_and_the_exit_codes() -> None:
    text = pydcm("--help").stdout
    for name in COMMANDS:
        assert f"\n    {name} " in text
    assert "exit codes" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_teaches_by_examples(command: str) -> None:
    text = pydcm(command, "--help").stdout
    assert "examples:" in text
    assert f"pydcm {command}" in text.split("examples:")[1]


def test_version() -> None:
    assert one_line(pydcm("--version").stdout) == f"pydcm {__version__}"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("unknown",),
        ("dump",),
        ("decode", "a.dcm"),
        ("decode", "a.dcm", "-o", "a.jpg"),
        ("decode", "a.dcm", "-o", "a.npy", "--frame", "0"),
        ("decode", "a.dcm", "-o", "a.png", "--window", "40", "0"),
        ("volume", "x", "-o", "x.nii"),
        ("info", "extra"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    done = pydcm(*arguments, code=2)
    assert done.stdout == ""
    assert done.stderr.startswith("usage: pydcm")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("dump", "absent.dcm"), "absent.dcm"),
        (("dump", "pyproject.toml"), "pyproject.toml"),
        (("dump", "tests"), "is a folder"),
        (("decode", "pyproject.toml", "-o", "x.npy"), "pyproject.toml"),
        (("volume", "absent"), "absent"),
        (("volume", "docs"), "none of the"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_fault_of_the_input_is_one_line_and_exit_code_1(
    arguments: tuple[str, ...], words: str
) -> None:
    done = pydcm(*arguments, code=1)
    line = one_line(done.stderr)
    assert line.startswith(f"pydcm {arguments[0]}: ")
    assert words in line


def test_a_reader_that_has_enough_is_no_error() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "pydcm", "dump", "--max-value", "0", examples.get_path("rt_ss")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    with writer.stdout, writer.stderr:
        assert writer.stdout.readline().startswith(b"# ")
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.wait() == 0


def test_help_and_dump_import_no_numpy(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys; sys.modules['numpy'] = None; sys.modules['numba'] = None\n"
    )
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    pydcm("--help", PYTHONPATH=path)
    assert "Beam Sequence" in pydcm("dump", examples.get_path("rt_plan"), PYTHONPATH=path).stdout


def test_main_can_be_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dump", str(examples.get_path("mr"))]) == 0
    assert "MR Image Storage" in capsys.readouterr().out


def test_a_warning_is_one_line(tmp_path: Path) -> None:
    dataset = examples.ct
    dataset.SpecificCharacterSet = "ISO_IR 100"
    path = tmp_path / "ct.dcm"
    dataset.save_as(path)
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 100", b"ISO-IR 100"))
    warned = one_line(pydcm("volume", tmp_path).stderr)
    assert warned.startswith("pydcm volume: warning: 'ISO-IR 100'")
