"""Run the benchmark: ``python -m tools.bench``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from pydcm import kernels
from pydcm.kernels import Label
from tools.bench.cases import Case, cases, one_frame, pydicom_or_none
from tools.bench.codecs import TARGETS, codec_cases
from tools.bench.codecs import measure as measure_codec
from tools.bench.inputs import Inputs
from tools.bench.measure import interleaved, ratio
from tools.bench.nifti import nifti_budgets
from tools.bench.probes import cold_start, import_cost, peak_megabytes
from tools.bench.report import (
    Budget,
    Report,
    budget_line,
    codec_header_line,
    codec_line,
    header_line,
    markdown,
    row_line,
    setting,
    write_into,
)
from tools.bench.volumes import volume_budgets
from tools.bench.whole import jpeg_ls_file, whole_budgets

DOCUMENTS = (Path("README.md"),)

IMPORT_BUDGET_MS = 120
COLD_BUDGET_MS = 500
FRAME_BUDGET_MB = 50
FRAME_TIME_BUDGET = 1.25
"""A frame of a large file may take this many times what it takes from a small one."""


class Effort(NamedTuple):
    """How much is measured: rounds of each case, files in the series, images in a volume."""

    rounds: int
    series: int
    slices: int


EFFORTS = {"full": Effort(9, 1000, 300), "quick": Effort(3, 200, 100), "smoke": Effort(1, 10, 12)}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench",
        description="Measure pydcm against pydicom and dicomsdl in one run, as ratios.",
    )
    effort = parser.add_mutually_exclusive_group()
    for name, (rounds, series, _slices) in EFFORTS.items():
        effort.add_argument(
            f"--{name}",
            action="store_const",
            const=name,
            dest="effort",
            help=f"{rounds} rounds, {series} files in the series",
        )
    parser.set_defaults(effort="full")
    parser.add_argument("--only", default="", help="run the cases whose name contains this")
    parser.add_argument(
        "--impl",
        choices=("reference", "numba", "accel", "auto"),
        default="reference",
        help="the kernels to run on (default: %(default)s, the pure Python ones)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result as JSON")
    parser.add_argument(
        "--markdown",
        action="store_true",
        help="write the result between the bench markers of " + ", ".join(map(str, DOCUMENTS)),
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target was missed")
    return parser.parse_args()


def _agree(case: Case) -> None:
    """Raise unless pydcm and pydicom return the same for this case."""
    if "pydicom" not in case.works:
        return
    ours, theirs = case.works["pydcm"](), case.works["pydicom"]()
    if hasattr(ours, "shape"):
        import numpy as np

        np.testing.assert_array_equal(ours, theirs)
    elif isinstance(ours, float):
        if abs(ours - float(str(theirs))) > 1e-6 * max(1.0, abs(ours)):
            raise AssertionError(f"{case.name}: {ours} is not {theirs}")
    elif ours != theirs:
        raise AssertionError(f"{case.name}: {ours!r} is not {theirs!r}")


def _compare(inputs: Inputs, report: Report, rounds: int, only: str) -> None:
    print(header_line())
    for case in cases(inputs):
        if only not in f"{case.group}: {case.name}":
            continue
        _agree(case)
        print(row_line(report.add(case, interleaved(case.works, rounds))), flush=True)


def _compiled() -> list[Label]:
    """Return the implementations whose codecs are compared; plain Python is no match."""
    here = kernels.kernels()["rle.decode_segment"].available()
    return [label for label in here if label in TARGETS]


def _codecs(report: Report, rounds: int, only: str) -> None:
    """Compare the codecs on each implementation that is compiled."""
    for label in _compiled():
        with kernels.using(label):
            print(codec_header_line(label))
            for case in codec_cases(label):
                if only in f"codecs: {case.name}":
                    report.codecs.append(measure_codec(case, rounds, label))
                    print(codec_line(report.codecs[-1]), flush=True)


def _whole(inputs: Inputs, report: Report, rounds: int) -> None:
    """Measure decode() as a whole, which targets of its own are for, with the accelerator."""
    if "accel" not in _compiled():
        print("decode() as a whole is not measured: the accelerator is not installed")
        return
    with kernels.using("accel"):
        report.budgets += whole_budgets(inputs, rounds)
        path = jpeg_ls_file(inputs.folder)
    took = cold_start(path, max(3, rounds), "accel", str(inputs.folder / "cache"))
    report.budgets.append(
        Budget("import and one frame of JPEG-LS, without numba", took, "ms", COLD_BUDGET_MS)
    )


def _volumes(folder: Path, report: Report, slices: int, rounds: int) -> None:
    """Compare whole series on the fastest kernels that there are, as users have them."""
    with kernels.using(_compiled()[0]) if _compiled() else nullcontext():
        report.budgets += volume_budgets(folder, slices, 512, rounds)
        report.budgets += nifti_budgets(folder, slices, 512, min(rounds, 5))


def _large_file(inputs: Inputs, report: Report, rounds: int, implementation: str | None) -> None:
    works = {
        "large": one_frame(inputs.gigabyte)["pydcm"],
        "small": one_frame(inputs.four_frames)["pydcm"],
    }
    longer = ratio(interleaved(works, rounds), "large", "small")
    report.budgets.append(
        Budget("one frame of 1 GB against one of 2 MB", longer, "times as long", FRAME_TIME_BUDGET)
    )
    script = f"import pydcm; pydcm.decode({inputs.gigabyte!r}, frame=2000)"
    peak = peak_megabytes(script, implementation)
    if peak is not None:
        bare = peak_megabytes("import numpy", implementation)
        aside = f"an interpreter with numpy alone takes {bare:.0f} MB"
        report.budgets.append(
            Budget("peak memory for one frame of 1 GB", peak, "MB", FRAME_BUDGET_MB, aside)
        )


def _imports(inputs: Inputs, report: Report, rounds: int, implementation: str | None) -> None:
    cost = import_cost(inputs.ct_header, rounds, implementation, str(inputs.folder / "cache"))
    aside = f"bare Python takes {cost.pop('bare'):.0f} ms more; above that, " + ", ".join(
        f"{name} {milliseconds:.0f} ms" for name, milliseconds in cost.items() if name != "pydcm"
    )
    report.budgets.append(
        Budget("import, dcmread and a tag", cost["pydcm"], "ms", IMPORT_BUDGET_MS, aside)
    )


def main() -> int:
    """Run the benchmark and return the exit code."""
    options = _arguments()
    rounds, series, slices = EFFORTS[options.effort]
    forced = None if options.impl == "auto" else options.impl
    report = Report(options.impl)
    warnings.simplefilter("ignore")
    print(setting(options.impl))
    with (
        tempfile.TemporaryDirectory(prefix="bench") as folder,
        kernels.using(forced) if forced else nullcontext(),
    ):
        inputs = Inputs(Path(folder), series)
        _compare(inputs, report, rounds, options.only)
        _codecs(report, rounds, options.only)
        if options.only in "decode() as a whole":
            _whole(inputs, report, rounds)
        if options.only in "series as volumes":
            _volumes(inputs.folder, report, slices, rounds)
        if not options.only:
            _large_file(inputs, report, rounds, forced)
            _imports(inputs, report, max(3, 2 * rounds), forced)
    for budget in report.budgets:
        print(budget_line(budget))
    if options.json:
        options.json.write_text(json.dumps(report.as_dict(), indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        written = [str(path) for path in DOCUMENTS if write_into(path, markdown(report))]
        print("written into", ", ".join(written) or "nothing")
    for missed in report.missed:
        print("missed:", missed)
    if options.check and pydicom_or_none() is None:
        print("missed: pydicom is not installed, so nothing could be compared")
        return 1
    return int(bool(report.missed) and options.check)


if __name__ == "__main__":
    sys.exit(main())
