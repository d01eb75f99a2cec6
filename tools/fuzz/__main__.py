"""Try seeded inputs: ``python -m tools.fuzz --inputs 20000 --seed 1 --impl numba,accel``."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import cast, get_args

from pydcm.kernels import Label, kernels
from tools.fuzz.compare import Report, run
from tools.fuzz.inputs import FAMILIES

_CHUNK = 500


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, metavar="N", help="how many")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first one's number")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of all inputs")
    parser.add_argument(
        "--impl", default="", help="what to compare, such as numba,accel (default: all there is)"
    )
    parser.add_argument(
        "--family", action="append", default=[], choices=list(FAMILIES), help="only of this one"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    return parser.parse_args()


def _labels(text: str) -> list[Label]:
    present = kernels()["rle.decode_segment"].available()
    if not text:
        return present[::-1]
    wanted = text.split(",")
    for label in wanted:
        if label not in get_args(Label):
            raise SystemExit(f"{label!r} is none of {', '.join(get_args(Label))}")
        problem = kernels()["rle.decode_segment"].why_not(cast("Label", label))
        if problem:
            raise SystemExit(f"{label} cannot run here: {problem}")
    return cast("list[Label]", wanted)


def _chunk(task: tuple[int, int, int, list[Label], list[str]]) -> tuple[Report, int]:
    seed, first, last, labels, families = task
    report = run(seed, range(first, last), labels, families)
    return report, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> int:
    """Run the inputs and report figures; return 1 if anything differs."""
    arguments = _arguments()
    labels = _labels(arguments.impl)
    if len(labels) < 2:
        print(f"only {labels[0]} can run here: what is compared is that it raises PydcmError only")
    last = arguments.first + arguments.inputs
    tasks = [
        (arguments.seed, first, min(first + _CHUNK, last), labels, arguments.family)
        for first in range(arguments.first, last, _CHUNK)
    ]
    start = time.perf_counter()
    inputs: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    differences: list[str] = []
    peaks: list[int] = []
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for report, peak in pool.map(_chunk, tasks) if arguments.jobs > 1 else map(_chunk, tasks):
            peaks.append(peak)
            inputs += report.inputs
            refused += report.refused
            differences += report.differences
            for line in report.differences:
                print(line)
    seconds = time.perf_counter() - start
    print(
        f"\nseed {arguments.seed}, inputs {arguments.first} to {last}: {' against '.join(labels)}"
    )
    for family, count in sorted(inputs.items()):
        print(f"  {family:18}{count:>10,} inputs, {refused[family]:>9,} refused")
    print(f"{sum(inputs.values()):,} inputs in {seconds:.0f} s, {len(differences)} differences")
    # What leaks grows with the inputs: one more kept byte of each would show here.
    print(f"peak memory: {peaks[len(peaks) // 10]} MiB after a tenth, {max(peaks)} MiB at the end")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
