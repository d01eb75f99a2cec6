"""Hostile inputs, in processes with 1.5 GiB of address space: only `PydcmError` may escape."""

from __future__ import annotations

import importlib.util
import os

import pytest

from tests.hostile.jobs import STEP, TRUNCATED_FILES, truncatable
from tests.hostile.worker import ADDRESS_SPACE, Outcome, run
from tests.shared import needs_corpus

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="memory is bounded through POSIX resource limits"),
    pytest.mark.timeout(900),
]

MUTATIONS = 100_000
CHUNK = 5_000
QUICK = 1_500
"""How many of the mutations the default suite runs."""


def _check(outcome: Outcome) -> Outcome:
    assert outcome["failed"] == 0, (
        f"{outcome['failed']} of {outcome['inputs']} inputs:\n" + "\n".join(outcome["failures"])
    )
    assert outcome["inputs"] > 0
    return outcome


def test_mutations_quick() -> None:
    outcome = _check(run("mutations", "0", str(QUICK)))
    assert outcome["opened"] > QUICK // 2, "most mutants must get past the door to test anything"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, MUTATIONS, CHUNK))
def test_mutations_all(first: int) -> None:
    _check(run("mutations", str(first), str(CHUNK)))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="numba is not installed")
def test_mutations_compiled() -> None:
    # the compiled kernels see the same inputs; the compiler itself needs room
    room = str(ADDRESS_SPACE + (2 << 30))
    environment = {"PYDCM_IMPL": "numba", "HOSTILE_ADDRESS_SPACE": room}
    _check(run("mutations", "0", str(CHUNK), environment=environment))


@needs_corpus
def test_truncation_quick() -> None:
    outcome = _check(run("truncations", "0", "5"))
    assert outcome["opened"] > 0


@needs_corpus
@pytest.mark.slow
def test_truncation_all() -> None:
    assert len(truncatable()) == TRUNCATED_FILES
    outcome = _check(run("truncations", "0", str(TRUNCATED_FILES)))
    assert outcome["inputs"] >= sum(path.stat().st_size // STEP for path in truncatable())


def test_synthetic_truncation_quick() -> None:
    _check(run("synthetic_truncations", str(STEP)))


@pytest.mark.slow
def test_synthetic_truncation_every_seventh_byte() -> None:
    _check(run("synthetic_truncations", "7"))


@needs_corpus
@pytest.mark.parametrize("folder", ["malformed", "fileset/pydicom", "charsets", "network"])
def test_odd_files_of_the_corpus(folder: str) -> None:
    _check(run("files", folder))


@needs_corpus
@pytest.mark.slow
def test_whole_corpus() -> None:
    outcome = _check(run("files", "."))
    assert outcome["inputs"] > 500


def test_what_is_not_dicom() -> None:
    _check(run("no_dicom"))


def test_lengths_quick() -> None:
    _check(run("lengths", "11"))


@pytest.mark.slow
def test_lengths_all() -> None:
    _check(run("lengths", "1"))


@pytest.mark.parametrize("depth", [100, 300, 1000])
def test_nesting(depth: int) -> None:
    _check(run("nesting", str(depth)))


def test_small_inputs_that_ask_for_much() -> None:
    _check(run("amplification"))


@pytest.mark.slow
def test_bombs() -> None:
    _check(run("bombs"))
