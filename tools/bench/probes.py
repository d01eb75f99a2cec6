"""What only a process of its own can show: the cost of importing, and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

from tools.bench.cases import dicomsdl_or_none, pydicom_or_none

_PEAK = """
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print(line.split()[1])
"""


def _environment(implementation: str | None, cache: str = "") -> dict[str, str]:
    found = {**os.environ, "PYTHONPATH": os.getcwd(), "OPENBLAS_NUM_THREADS": "1"}
    if implementation:
        found["PYDCM_IMPL"] = implementation
    if cache:  # byte code is kept, as it is for an installed package
        found.pop("PYTHONDONTWRITEBYTECODE", None)
        found["PYTHONPYCACHEPREFIX"] = cache
    return found


def _process_seconds(script: str, environment: dict[str, str]) -> float:
    """Return the user and system time of a whole interpreter that runs `script`."""
    process = subprocess.Popen([sys.executable, "-c", script], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"this failed: {script}")
    return usage.ru_utime + usage.ru_stime


def import_cost(path: str, rounds: int, implementation: str | None, cache: str) -> dict[str, float]:
    """Return what importing a reader, reading a file and taking a tag cost above bare Python.

    Parameters
    ----------
    path : str
        The file to read.
    rounds : int
        How often.
    implementation : str or None
        The kernels to force.
    cache : str
        A folder for byte code.

    Returns
    -------
    dict
        For each reader, the median over interleaved rounds, in milliseconds of process time.
    """
    scripts = {
        "bare": "pass",
        "pydcm": f"import pydcm; pydcm.dcmread({path!r}).PatientName",
    }
    if pydicom_or_none():
        scripts["pydicom"] = f"import pydicom; pydicom.dcmread({path!r}).PatientName"
    if dicomsdl_or_none():
        scripts["dicomsdl"] = f"import dicomsdl; dicomsdl.open({path!r}).PatientName"
    environment = _environment(implementation, cache)
    for script in scripts.values():  # writes the byte code and fills the page cache
        _process_seconds(script, environment)
    times: dict[str, list[float]] = {name: [] for name in scripts}
    for _ in range(rounds):
        for name, script in scripts.items():
            times[name].append(_process_seconds(script, environment))
    above = {
        name: statistics.median(
            (full - bare) * 1e3 for full, bare in zip(found, times["bare"], strict=True)
        )
        for name, found in times.items()
    }
    above["bare"] = statistics.median(times["bare"]) * 1e3
    return above


def cold_start(path: str, rounds: int, implementation: str, cache: str) -> float:
    """Return what a process takes that imports pydcm and decodes a file, in milliseconds.

    Parameters
    ----------
    path : str
        The file to decode.
    rounds : int
        How often; the median counts.
    implementation : str
        What must be there, ``"accel"``: then numba must not be imported.
    cache : str
        A folder for byte code.

    Raises
    ------
    RuntimeError
        If numba is imported.
    """
    script = f"import sys, pydcm; pydcm.decode({path!r}); sys.exit('numba' in sys.modules)"
    environment = {**_environment(None, cache), "PYDCM_REQUIRE": implementation}
    _process_seconds(script, environment)
    return statistics.median(_process_seconds(script, environment) * 1e3 for _ in range(rounds))


def peak_megabytes(script: str, implementation: str | None) -> float | None:
    """Return the peak resident memory of an interpreter that runs `script`, in MB.

    None where the system does not tell (there is no ``/proc``).
    """
    if not Path("/proc/self/status").exists():
        return None
    done = subprocess.run(
        [sys.executable, "-c", script + _PEAK],
        env=_environment(implementation),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-1]) / 1024
