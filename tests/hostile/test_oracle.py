"""The hostile suite itself: it can fail, and a seed means the same everywhere."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.alarm import TooLongError, at_most
from pydcm.errors import StructureError
from tests.hostile import oracle
from tests.hostile.mutator import mutant, synthetic_pool
from tests.shared import ROOT
from tests.synthetic import objects


def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), KeyError(1), MemoryError(), RecursionError(), SystemExit(), StructureError()],
)
def test_anything_but_a_told_pydcm_error_is_a_violation(error: BaseException) -> None:
    with pytest.raises(oracle.ViolationError, match=f"a step: {type(error).__name__}"):
        oracle.guard("a step", lambda: _raise(error))


def test_a_pydcm_error_is_none() -> None:
    oracle.guard("a step", lambda: _raise(StructureError("it is broken")))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no alarms")
def test_a_hang_is_a_violation() -> None:
    def busy() -> None:
        while True:
            pass

    with pytest.raises(TooLongError), at_most(0.05):
        oracle.guard("a step", busy)


def test_a_sound_file_passes(tmp_path: Path) -> None:
    assert oracle.exercise(objects.every_vr(), tmp_path / "input.dcm")


def test_seeds_do_not_depend_on_hashing() -> None:
    script = (
        "import hashlib\n"
        "from tests.hostile.mutator import mutant\n"
        "told = b''.join(name.encode() + data for name, data in map(mutant, range(0, 200, 2)))\n"
        "print(hashlib.sha256(told).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_mutants_differ_from_their_files() -> None:
    sound = {hashlib.sha256(data).digest() for data in synthetic_pool().values()}
    mutants = [hashlib.sha256(mutant(seed)[1]).digest() for seed in range(0, 400, 2)]
    assert sum(digest in sound for digest in mutants) < len(mutants) // 20
    assert len(set(mutants)) > len(mutants) * 9 // 10
