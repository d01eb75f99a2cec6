"""Verified mode: what it compares, and what it leaves behind."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pydcm.errors import ConformanceError
from pydcm.kernels.verify import verified

Kernel = Callable[..., int]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def fill(src: bytes | bytearray, dst: array[int]) -> int:
    """Copy octets to numbers."""
    for k, octet in enumerate(src):
        dst[k] = octet
    return len(src)


def wrong_count(src: bytes, dst: array[int]) -> int:
    """Return one too many."""
    return fill(src, dst) + 1


def wrong_content(src: bytes, dst: array[int]) -> int:
    """Leave something else in the results."""
    fill(src, dst)
    dst[1] = 99
    return len(src)


def overwritten_input(src: bytearray, dst: array[int]) -> int:
    """Change what is not its own."""
    count = fill(src, dst)
    src[0] = 99
    return count


def _saved(folder: Path) -> list[Path]:
    return list(folder.glob("*.pickle"))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_agreement_is_silent(share: float, tmp_path: Path) -> None:
    dst = array("q", bytes(32))
    assert verified("test.fill", fill, fill, share)(b"abc", dst) == 3
    assert list(dst) == [97, 98, 99, 0]
    assert _saved(tmp_path) == []


@pytest.mark.parametrize("run", [wrong_count, wrong_content, overwritten_input])
def test_a_difference_is_raised_with_its_inputs(run: Kernel, tmp_path: Path) -> None:
    src, dst = bytearray(b"abc"), array("q", [1, 2, 3, 4])
    with pytest.raises(ConformanceError, match=r"test\.fill differs from its reference") as caught:
        verified("test.fill", fill, run, 1.0)(src, dst)
    (path,) = _saved(tmp_path)
    assert any(str(path) in problem for problem in caught.value.problems)
    assert pickle.loads(path.read_bytes()) == (
        "test.fill",
        (bytearray(b"abc"), array("q", [1, 2, 3, 4])),
    )


def test_a_share_of_zero_checks_nothing() -> None:
    dst = array("q", bytes(32))
    assert verified("test.fill", fill, wrong_count, 0.0)(b"abc", dst) == 4


def test_a_share_of_the_calls_is_checked() -> None:
    run = verified("test.fill", fill, wrong_count, 0.5)
    outcomes = set()
    for _ in range(200):
        try:
            outcomes.add(run(b"abc", array("q", bytes(32))))
        except ConformanceError:
            outcomes.add(-1)
    assert outcomes == {4, -1}


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_all_kinds_of_octets(kind: Callable[[bytes], bytes], tmp_path: Path) -> None:
    dst = array("q", bytes(32))
    assert verified("test.fill", fill, fill, 1.0)(kind(b"abc"), dst) == 3
    with pytest.raises(ConformanceError):
        verified("test.fill", fill, wrong_count, 1.0)(kind(b"abc"), dst)
    (path,) = _saved(tmp_path)
    assert pickle.loads(path.read_bytes())[1][0] == b"abc"


def test_a_writable_view() -> None:
    def double(dst: memoryview) -> int:
        for k, octet in enumerate(dst):
            dst[k] = octet * 2 & 255
        return len(dst)

    octets = bytearray(b"\1\2\3")
    assert verified("test.double", double, double, 1.0)(memoryview(octets)) == 3
    assert octets == b"\2\4\6"


def test_arrays_of_numpy(tmp_path: Path) -> None:
    def double(src: np.ndarray, dst: np.ndarray) -> int:
        dst[:] = src * 2
        return len(dst)

    def triple(src: np.ndarray, dst: np.ndarray) -> int:
        dst[:] = src * 3
        return len(dst)

    src, dst = np.arange(4, dtype=np.int32), np.zeros(4, np.int32)
    assert verified("test.double", double, double, 1.0)(src, dst) == 4
    assert dst.tolist() == [0, 2, 4, 6]
    with pytest.raises(ConformanceError):
        verified("test.double", double, triple, 1.0)(src, dst)
    name, (saved, _) = pickle.loads(_saved(tmp_path)[0].read_bytes())
    assert (name, saved.tolist()) == ("test.double", [0, 1, 2, 3])
