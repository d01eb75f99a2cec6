"""Run one job of hostile inputs in a process of its own, with bounded memory.

``python -m tests.hostile.worker mutations 4711 1`` repeats one seed. The last
line of output is the outcome as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TypedDict

from tests.shared import ROOT

ADDRESS_SPACE = 1536 << 20
"""Bytes of address space for everything, the interpreter and numpy included."""

_FAILURES_TOLD = 8


class Outcome(TypedDict):
    """What a job did.

    Attributes
    ----------
    inputs, opened : int
        How many there were and how many could be opened.
    failures : list of str
        The first violations, each with the name of its input.
    failed : int
        Their number.
    seconds : float
        Process time.
    slowest : str
        The input that took longest, and how long.
    """

    inputs: int
    opened: int
    failures: list[str]
    failed: int
    seconds: float
    slowest: str


def run(*job: str, environment: dict[str, str] | None = None, timeout: float = 600) -> Outcome:
    """Run a job in a new process and return its outcome."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.worker", *job],
        cwd=ROOT,
        env=os.environ
        | {"PYDCM_IMPL": "reference", "OPENBLAS_NUM_THREADS": "1"}
        | (environment or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode != 0 or not done.stdout.strip():
        raise AssertionError(
            f"the worker for {job} died ({done.returncode}): {done.stderr[-3000:]}"
        )
    outcome: Outcome = json.loads(done.stdout.splitlines()[-1])
    return outcome


def _work(name: str, *arguments: str) -> Outcome:
    from tests.hostile.jobs import JOBS
    from tests.hostile.oracle import ViolationError, exercise

    outcome = Outcome(inputs=0, opened=0, failures=[], failed=0, seconds=0.0, slowest="")
    longest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.dcm"
        for title, data in JOBS[name](*arguments):
            outcome["inputs"] += 1
            start = time.process_time()
            try:
                outcome["opened"] += exercise(data, path)
            except ViolationError as error:
                outcome["failed"] += 1
                if len(outcome["failures"]) < _FAILURES_TOLD:
                    outcome["failures"].append(f"{title}: {error}")
            took = time.process_time() - start
            if took > longest:
                longest = took
                outcome["slowest"] = f"{title}: {took:.2f} s"
    outcome["seconds"] = round(time.process_time(), 1)
    return outcome


if __name__ == "__main__":
    import resource  # where it exists only; the tests that start this skip elsewhere

    room = int(os.environ.get("HOSTILE_ADDRESS_SPACE", ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    sys.stdout.write(json.dumps(_work(*sys.argv[1:])) + "\n")
