"""Run pydicom's own tests on pydcm, and compare with what is expected to differ.

``python -m tools.upstream`` fetches the tests; ``--tests DIR`` takes those that lie
there. ``expected.csv`` lists which tests fail on purpose, by pattern and reason. A
test that fails and is not listed, or a pattern that fits tests none of which fails, is
a failure.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from pydcm.compat import COMPATIBLE_VERSION

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EXPECTED = HERE / "expected.csv"
SECONDS = 600
FETCHING = "test_data_manager.py"
"""Tests of how pydicom fetches larger test files, which is not done here."""


class Expected(NamedTuple):
    """Tests that fail on purpose."""

    pattern: str
    reason: str


def expected_failures(path: Path = EXPECTED) -> list[Expected]:
    """Read the table."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Expected(row["test"], row["reason"]) for row in csv.DictReader(file)]


def fetched(folder: Path) -> Path:
    """Fetch pydicom's source distribution, and return the folder of its tests."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
            *("--disable-pip-version-check", "--no-binary", "pydicom", "--dest", str(folder)),
            f"pydicom=={COMPATIBLE_VERSION}",
        ],
        check=True,
    )
    (archive,) = folder.glob("pydicom-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz") / "tests"


def outcomes(tests: Path, folder: Path) -> dict[str, dict[str, str]]:
    """Run the tests on both libraries at once; return the outcome of each test."""
    running = {}
    for library in ("pydicom", "pydcm"):
        results = folder / f"{library}.json"
        environment = {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(ROOT),
            "UPSTREAM_LIBRARY": library,
            "UPSTREAM_TESTS": str(tests),
            "UPSTREAM_RESULTS": str(results),
        }
        # No settings of this project's: a folder of its own, with an empty file of settings.
        settings = folder / "pytest.ini"
        settings.write_text("[pytest]\n", encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pytest", "-p", "tools.upstream.plugin", "-c", str(settings)),
            *("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly", "-q", "--tb=short"),
            *("--continue-on-collection-errors", "--rootdir", str(tests.parent)),
            *("--ignore", str(tests / FETCHING), str(tests)),
        ]
        log = (folder / f"{library}.log").open("w", encoding="utf-8")
        running[library] = subprocess.Popen(
            command, env=environment, cwd=tests.parent, stdout=log, stderr=subprocess.STDOUT
        )
    end = time.monotonic() + SECONDS
    try:
        for process in running.values():
            process.wait(max(1.0, end - time.monotonic()))
    finally:
        for process in running.values():
            process.kill()
    return {
        library: json.loads((folder / f"{library}.json").read_text(encoding="utf-8"))
        for library in running
    }


def judged(found: dict[str, dict[str, str]], expected: list[Expected]) -> int:
    """Say what differs; return how much of that is not expected."""
    counted = [test for test, outcome in found["pydicom"].items() if outcome == "passed"]
    ours = found["pydcm"]
    reasons: Counter[str] = Counter()
    used: set[Expected] = set()
    surprises = []
    for test in counted:
        outcome = ours.get(test, "failed:")
        cause = outcome.removeprefix("failed:")
        listed = [row for row in expected if fnmatchcase(test, row.pattern)]
        if outcome == "passed":
            reasons["passed"] += 1
        elif cause:
            reasons[cause] += 1
        elif listed:
            used.add(listed[0])
            reasons[listed[0].reason] += 1
        else:
            surprises.append(test)
    print(f"{len(counted)} tests pass on pydicom {COMPATIBLE_VERSION}; on pydcm:")
    for reason, count in reasons.most_common():
        print(f"{count:6} {reason}")
    # What no test here fits depends on the packages that are installed.
    stale = [
        row.pattern
        for row in expected
        if row not in used and any(fnmatchcase(test, row.pattern) for test in counted)
    ]
    for test in surprises:
        print(f"fails and is not listed: {test}")
    for pattern in stale:
        print(f"is listed and fits no failure: {pattern}")
    return len(surprises) + len(stale)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="tools.upstream", description=__doc__)
    parser.add_argument("--tests", type=Path, help="pydicom's tests, where they are here already")
    parser.add_argument("--keep", type=Path, help="a folder for the logs, which stays")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="upstream") as name:
        folder = Path(name) if options.keep is None else options.keep
        folder.mkdir(parents=True, exist_ok=True)
        try:
            tests = fetched(folder) if options.tests is None else options.tests.resolve()
        except subprocess.CalledProcessError as error:
            print(f"skipped: pydicom's source distribution could not be fetched ({error})")
            return 0
        return 1 if judged(outcomes(tests, folder), expected_failures()) else 0


if __name__ == "__main__":
    sys.exit(main())
