"""``pydcm batch``: every series under a folder, each by itself."""

from __future__ import annotations

import argparse
import functools
import sys
from typing import TYPE_CHECKING

from pydcm.cli.options import at_least_one
from pydcm.cli.terminal import Paint, clipped, printable

if TYPE_CHECKING:
    from pydcm.batch import Outcome

SUMMARY = "convert many series to NIfTI, in several processes"
DESCRIPTION = """\
Group the images under a folder by series and convert each to NIfTI, in several
processes. Each series gets a folder, whose files appear all at once, and a line
of JSON in outcomes.jsonl. A series that fails, or crashes its process, disturbs
no other. Running the same command again does what is missing.
"""
EPILOG = """\
examples:
  pydcm batch incoming/ -o converted/
  pydcm batch incoming/ -o converted/ --workers 8 --archives
  pydcm batch s3://bucket/study -o converted/ --dask tcp://scheduler:8786
  jq 'select(.status == "failed") | .error' converted/outcomes.jsonl

The exit code is 1 if a series failed.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm batch``."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a folder, an archive, a DICOMDIR, or files"
    )
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="for the outputs")
    parser.add_argument(
        "--workers", type=at_least_one, metavar="N", help="processes (default: one per processor)"
    )
    parser.add_argument(
        "--threads",
        type=at_least_one,
        metavar="N",
        help="threads of each process (default: its share)",
    )
    parser.add_argument("--dask", metavar="ADDRESS", help="run on this Dask cluster instead")
    parser.add_argument("--no-bids", action="store_true", help="write no BIDS sidecars")
    parser.add_argument(
        "--largest", action="store_true", help="only the largest volume of each series"
    )
    parser.add_argument("--uncompressed", action="store_true", help="write .nii, not .nii.gz")
    parser.add_argument("--pattern", metavar="GLOB", help="only files of this name, as '*.dcm'")
    parser.add_argument(
        "--archives", action="store_true", help="look into zip archives inside folders"
    )
    parser.add_argument(
        "--again", action="store_true", help="convert also what was converted before"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm batch`` and return its exit code."""
    from pydcm.batch import find_series, to_nifti
    from pydcm.batch import run as run_batch

    showing = sys.stderr.isatty()
    paths = arguments.paths if len(arguments.paths) > 1 else arguments.paths[0]
    found = find_series(
        paths, pattern=arguments.pattern, archives=arguments.archives, progress=showing
    )
    if not found.series:
        raise FileNotFoundError(f"there is no image in {', '.join(map(repr, arguments.paths))}")
    work = functools.partial(
        to_nifti,
        every=not arguments.largest,
        bids=not arguments.no_bids,
        compress=not arguments.uncompressed,
    )
    outcomes = run_batch(
        found.series,
        work,
        arguments.output,
        executor=arguments.dask,
        workers=arguments.workers,
        threads=arguments.threads,
        resume=not arguments.again,
        progress=showing,
    )
    print(_as_text(outcomes, len(found.left_out)))
    return 0 if all(outcome.status == "ok" for outcome in outcomes) else 1


def _as_text(outcomes: list[Outcome], left_out: int) -> str:
    paint = Paint(sys.stdout)
    lines = []
    for outcome in outcomes:
        if outcome.error is None:
            how = "done before" if outcome.resumed else f"{outcome.seconds:.1f} s"
            volumes = sum(name.endswith((".nii", ".nii.gz")) for name in outcome.outputs)
            said = f"{volumes} volume{'' if volumes == 1 else 's'}, {how}"
            lines.append(f"{paint('ok', 'green')}      {outcome.series}: {said}")
        else:
            said = clipped(printable(f"{outcome.error.kind}: {outcome.error.message}"), 300)
            lines.append(f"{paint('failed', 'red')}  {outcome.series}: {said}")
    failed = sum(outcome.status == "failed" for outcome in outcomes)
    lines.append(
        f"{len(outcomes)} series, {failed} failed"
        + (f"; {left_out} files are in none of them" if left_out else "")
    )
    return "\n".join(lines)
