"""A name means a whole file: the old one, or the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pydcm import examples
from pydcm.whole_file import whole_file


class Interrupted(Exception):
    """What ends the block in the middle."""


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "new"
    with whole_file(str(target)) as file:
        file.write(b"all of it")
        assert not target.exists()
    assert target.read_bytes() == b"all of it"
    assert os.listdir(tmp_path) == ["new"]


def test_a_failure_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "old"
    target.write_bytes(b"as it was")

    def interrupted() -> None:
        with whole_file(str(target)) as file:
            file.write(b"half")
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()
    assert target.read_bytes() == b"as it was"
    assert os.listdir(tmp_path) == ["old"]


@pytest.mark.skipif(os.name == "nt", reason="has no such modes and links")
def test_mode_and_link_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "file", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    with whole_file(str(link)) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="has no such device")
def test_a_device_is_written_to(tmp_path: Path) -> None:
    with whole_file("/dev/null") as file:
        file.write(b"gone")
    assert not os.path.isfile("/dev/null")


@pytest.mark.skipif(os.name == "nt", reason="has no limit on the size of files")
@pytest.mark.parametrize("name", ["a.npy", "a.png"])
def test_a_full_disk_leaves_the_old_one(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"as it was")
    program = (
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"sys.argv = ['pydcm', 'decode', {str(examples.get_path('ct'))!r}, '-o', {name!r}]\n"
        "runpy.run_module('pydcm', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.startswith("pydcm decode: ")
    assert (tmp_path / name).read_bytes() == b"as it was"
    assert os.listdir(tmp_path) == [name]
