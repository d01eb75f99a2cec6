"""``python -m conformance generate``: write the cases, or fail if they are not current."""

from __future__ import annotations

import argparse

from conformance.generate.everything import every_area
from conformance.generate.writing import drift, write

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser("python -m conformance generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    options = parser.parse_args(arguments)
    made = every_area()
    for area in made:
        hostile = sum("hostile" in str(case["flags"]) for case in area.cases)
        print(f"{area.name:16} {len(area.cases):5} cases, {hostile:4} hostile   {area.title}")
    cases = sum(len(area.cases) for area in made)
    hostile = sum("hostile" in str(case["flags"]) for area in made for case in area.cases)
    print(f"{'all':16} {cases:5} cases, {hostile:4} hostile ({100 * hostile / cases:.0f} %)")
    if not options.check:
        print(f"{write(made)} files changed")
        return 0
    stale = drift(made)
    for name in stale:
        print(f"not what the generators make: {name}")
    return 1 if stale else 0
