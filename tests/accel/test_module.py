"""What the compiled module exports, and what it does with arguments that are none."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from array import array
from typing import Any

import numpy as np
import pytest

from pydcm import kernels
from pydcm._version import __version__
from pydcm.kernels import bits, elements, rle
from pydcm.kernels.accelerator import accelerator
from tests.accel import needs_accel
from tests.shared import ROOT
from tools import gen_native_stub


def test_versions_are_equal() -> None:
    workspace = tomllib.loads((ROOT / "pydcm_accel" / "Cargo.toml").read_text())
    assert workspace["workspace"]["package"]["version"] == __version__
    package = ROOT / "pydcm_accel" / "python" / "pydcm_accel" / "__init__.py"
    assert f'\n__version__ = "{__version__}"\n' in package.read_text()


def test_the_stub_is_what_the_generator_makes() -> None:
    assert gen_native_stub.main(["--check"]) == 0


@needs_accel
def test_every_kernel_has_a_twin_and_every_twin_a_kernel() -> None:
    table, problem = accelerator()
    assert problem == ""
    assert sorted(table) == sorted(kernels.kernels())


@needs_accel
def test_the_module_exports_two_names() -> None:
    from pydcm_accel import _native

    assert {name for name in vars(_native) if not name.startswith("__")} == {"ABI", "KERNELS"}
    assert _native.ABI == kernels.ABI


@needs_accel
@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
def test_the_stub_fits_the_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "pydcm_accel._native"],
        cwd=ROOT / "docs", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


WRONG: list[tuple[tuple[Any, ...], str]] = [
    ((b"\0a", b"a"), "a contiguous writable buffer is needed"),
    (("text", bytearray(3)), "a contiguous buffer is needed"),
    ((b"\0a", np.zeros(3, np.int8)), "a buffer of aligned u8 is needed"),
    ((b"\0a", np.zeros(3, np.uint16)), "a buffer of aligned u8 is needed"),
    ((b"\0a", np.zeros(6, np.uint8)[::2]), "a contiguous writable buffer is needed"),
    ((b"\0a",), "required positional argument"),
    ((b"\0a", bytearray(1), 1), "positional arguments"),
]


@needs_accel
@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_arguments_of_a_wrong_type(arguments: tuple[Any, ...], message: str) -> None:
    run: Any = rle.decode_segment.implementation("accel")
    with pytest.raises(TypeError, match=message):
        run(*arguments)


@needs_accel
def test_numbers_must_be_aligned_and_in_order() -> None:
    run: Any = elements.find_end.implementation("accel")
    octets = memoryview(bytearray(24))
    with pytest.raises(TypeError, match="aligned i64"):
        run(b"", 0, 0, 0, 1, 1, octets[1:17].cast("q"))
    with pytest.raises(TypeError, match="aligned i64"):
        run(b"", 0, 0, 0, 1, 1, np.zeros(2, ">i8"))
    with pytest.raises(TypeError, match="aligned i64"):
        run(b"", 0, 0, 0, 1, 1, array("d", (0, 0)))
    assert run(b"", 0, 0, 0, 1, 1, octets[:16].cast("q")) == -1


@needs_accel
def test_what_is_written_overlaps_nothing_else() -> None:
    octets = np.zeros(16, np.uint8)
    run = bits.unpack.implementation("accel")
    with pytest.raises(TypeError, match=r"bits\.unpack: a buffer that it writes to overlaps"):
        run(octets[:9], 0, octets[8:])
    assert run(octets[:8], 0, octets[8:]) == 8
    assert run(octets, 0, np.zeros(0, np.uint8)) == 0


@needs_accel
def test_a_panic_is_an_exception() -> None:
    # No caller gives a state without room; nothing else is known that makes a kernel panic.
    program = """
from array import array
from pydcm.kernels import elements
elements.find_end.implementation("accel")(b"", 0, 0, 0, 1, 1, array("q"))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "thread" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("pydcm.errors.BackendError: the accelerator's elements.find_end failed")
