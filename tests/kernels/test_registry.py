"""Which implementation of a kernel runs, and why."""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from pydcm import kernels
from pydcm._version import __version__
from pydcm.kernels import elements
from tests.shared import ROOT

has_numba = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="numba is not installed"
)


def _run(
    program: str, *path: Path, accelerated: bool = False, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, with these folders first on its path.

    Unless it is `accelerated`, it runs as if no accelerator were installed.
    """
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYDCM_")}
    folders = os.pathsep.join([*map(str, path), str(ROOT)])
    before = "" if accelerated else "import sys\nsys.modules['pydcm_accel'] = None\n"
    return subprocess.run(
        [sys.executable, "-c", before + program],
        env={**inherited, "PYTHONPATH": folders, **environment},
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


# --- what there is ----------------------------------------------------------------


def test_every_kernel_says_what_it_is() -> None:
    found = kernels.kernels()
    assert list(found) == sorted(found)
    assert {"elements.scan", "rle.decode_segment", "bits.unpack"} <= set(found)
    for name, each in found.items():
        assert name.count(".") == 1
        assert each.name == name
        assert each.clause.startswith(("PS3.", "ISO ")), name
        assert each.__doc__ == each.reference.__doc__
        assert each.__doc__, name
        assert "reference" in each.available()
        assert each.why_not("reference") == ""
        assert repr(each) == f"<kernel {name}, {each.clause}>"


def test_a_kernel_is_pickled_by_its_name() -> None:
    frozen = pickle.dumps(elements.scan)
    assert pickle.loads(frozen) is elements.scan
    done = _run(f"import pickle\nprint(pickle.loads({frozen!r}))")
    assert done.stdout == "<kernel elements.scan, PS3.5 7.1>\n", done.stderr


def test_a_name_is_taken_once() -> None:
    with pytest.raises(RuntimeError, match=r"elements\.scan is registered twice"):
        kernels.kernel("elements.scan", clause="PS3.5 7")(len)


# --- the choice ---------------------------------------------------------------------


def test_using_is_for_the_block_only() -> None:
    before = elements.scan.chosen()
    with kernels.using("reference"):
        assert elements.scan.chosen() == "reference"
        with kernels.using("numba"):
            assert elements.scan.chosen() == "numba"
        assert elements.scan.chosen() == "reference"
        with pytest.raises(KeyError), kernels.using("numba"):
            raise KeyError
        assert elements.scan.chosen() == "reference"
    assert elements.scan.chosen() == before


def test_using_is_for_the_thread_only() -> None:
    seen: list[str] = []
    default = elements.scan.chosen()
    with kernels.using("numba"):
        thread = threading.Thread(target=lambda: seen.append(elements.scan.chosen()))
        thread.start()
        thread.join()
    assert seen == [default]


def test_using_what_does_not_exist() -> None:
    with (
        pytest.raises(ValueError, match="none of reference, numba, accel"),
        kernels.using("fortran"),  # type: ignore[arg-type]  # what is refused
    ):
        pass


def test_a_forced_implementation_that_is_missing() -> None:
    program = """
from array import array
from pydcm import kernels
from pydcm.errors import BackendError
from pydcm.kernels import elements
print("accel" in elements.scan.available())
try:
    elements.scan.implementation("accel")
except BackendError as error:
    print(error)
with kernels.using("accel"):
    elements.find_end(b"", 0, 0, 0, 1, 1, array("q", (0, 0)))
"""
    done = _run(program)
    available, missing = done.stdout.splitlines()
    assert available == "False"
    assert missing.startswith("kernel elements.scan has no accel implementation: ")
    assert missing.endswith("pydcm-accel is not installed (pip install ./pydcm_accel)")
    assert "BackendError: kernel elements.find_end has no accel" in done.stderr


CHOICE = """
import sys, warnings
warnings.simplefilter("always")
from array import array
from pydcm import kernels
from pydcm.kernels import elements
found = kernels.kernels()["rle.decode_segment"], elements.scan
print(*(each.chosen() for each in found))
print(elements.find_end(b"\\0" * 8, 0, 8, 0, 1, 9, array("q", (0, 0))))
print("numba" in sys.modules)
"""


@has_numba
@pytest.mark.parametrize(
    ("label", "answer"),
    [
        ("", ["numba reference", "-4", "False"]),
        ("reference", ["reference reference", "-4", "False"]),
        ("numba", ["numba numba", "-4", "True"]),
    ],
)
def test_the_environment_chooses(label: str, answer: list[str]) -> None:
    done = _run(CHOICE, PYDCM_IMPL=label)
    assert done.stdout.splitlines() == answer, done.stderr


@pytest.mark.parametrize("label", ["fortran", "Reference"])
def test_the_environment_names_nothing_that_exists(label: str) -> None:
    done = _run(CHOICE, PYDCM_IMPL=label)
    assert f"PYDCM_IMPL={label} is none of reference, numba, accel" in done.stderr
    assert "BackendError" in done.stderr


def test_the_environment_names_what_is_missing() -> None:
    done = _run(CHOICE, PYDCM_IMPL="accel")
    assert "BackendError" in done.stderr
    assert "pydcm-accel is not installed" in done.stderr


def test_without_numba(tmp_path: Path) -> None:
    (tmp_path / "block.py").write_text("import sys\nsys.modules['numba'] = None\n")
    done = _run("import block\n" + CHOICE, tmp_path)
    assert done.stdout.splitlines() == ["reference reference", "-4", "True"], done.stderr
    done = _run("import block\n" + CHOICE, tmp_path, PYDCM_IMPL="numba")
    assert "numba is not installed (extra: jit)" in done.stderr


# --- the accelerator -------------------------------------------------------------------


def _accelerator(folder: Path, abi: int = kernels.ABI, version: str = __version__) -> None:
    """Make an accelerator that knows one kernel, and lets itself be told apart."""
    package = folder / "pydcm_accel"
    package.mkdir()
    (package / "__init__.py").write_text(f"__version__ = {version!r}\n")
    (package / "_native.py").write_text(
        f"ABI = {abi}\nKERNELS = {{'elements.find_end': lambda *args: 4711}}\n"
    )


ACCELERATED = (
    CHOICE
    + """
print(*elements.find_end.available(), elements.scan.why_not("accel"), sep=", ")
"""
)


def test_the_accelerator_comes_first(tmp_path: Path) -> None:
    _accelerator(tmp_path)
    done = _run(ACCELERATED, tmp_path, accelerated=True)
    lines = done.stdout.splitlines()
    assert lines[1] == "4711", done.stderr
    assert lines[3].startswith("accel, ")
    assert lines[3].endswith(", not in the accelerator")
    done = _run(ACCELERATED, tmp_path, accelerated=True, PYDCM_IMPL="reference")
    assert done.stdout.splitlines()[1] == "-4"


OTHERS = [
    ({"abi": kernels.ABI + 1}, f"has ABI {kernels.ABI + 1}, this pydcm needs {kernels.ABI}"),
    ({"version": "0.0.7"}, f"is of version 0.0.7, this pydcm is {__version__}"),
]


@pytest.mark.parametrize(("made", "problem"), OTHERS, ids=["ABI", "version"])
def test_an_accelerator_of_another_version_is_ignored(
    tmp_path: Path, made: dict[str, Any], problem: str
) -> None:
    _accelerator(tmp_path, **made)
    done = _run(ACCELERATED, tmp_path, accelerated=True)
    assert done.stdout.splitlines()[1] == "-4"
    assert done.stderr.count(f"RuntimeWarning: pydcm-accel {problem}") == 1
    for environment in ({"PYDCM_IMPL": "accel"}, {"PYDCM_REQUIRE": "accel"}):
        done = _run(ACCELERATED, tmp_path, accelerated=True, **environment)
        assert "BackendError" in done.stderr
        assert problem in done.stderr.splitlines()[-1]


def test_an_accelerator_that_cannot_be_loaded(tmp_path: Path) -> None:
    _accelerator(tmp_path)
    (tmp_path / "pydcm_accel" / "_native.py").write_text("raise ImportError('wrong machine')\n")
    done = _run(ACCELERATED, tmp_path, accelerated=True)
    assert done.stdout.splitlines()[1] == "-4", done.stderr
    assert "pydcm-accel cannot be imported: wrong machine" in done.stdout.splitlines()[3]


def test_an_accelerator_that_is_required(tmp_path: Path) -> None:
    done = _run(CHOICE, PYDCM_REQUIRE="accel")
    message = "PYDCM_REQUIRE=accel, but pydcm-accel is not installed"
    assert f"BackendError: {message}" in done.stderr
    done = _run(CHOICE, PYDCM_REQUIRE="numba")
    assert "BackendError: PYDCM_REQUIRE=numba: only accel can be required" in done.stderr
    _accelerator(tmp_path)
    done = _run(CHOICE, tmp_path, accelerated=True, PYDCM_REQUIRE="accel")
    assert done.stdout.splitlines()[1] == "4711", done.stderr


def test_verified_mode_notices_an_accelerator_that_is_wrong(tmp_path: Path) -> None:
    _accelerator(tmp_path)
    done = _run(ACCELERATED, tmp_path, accelerated=True, PYDCM_VERIFY="1", TMPDIR=str(tmp_path))
    assert "ConformanceError" in done.stderr
    assert "elements.find_end differs from its reference" in done.stderr
    assert list(tmp_path.glob("pydcm-elements.find_end-*.pickle"))
