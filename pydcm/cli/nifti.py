"""``pydcm nifti``: a series as NIfTI files."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from pydcm.cli.terminal import Paint, clipped, complain, printable

if TYPE_CHECKING:
    from pydcm.batch.converting import Conversion, Plan
    from pydcm.volume import LeftOut

SUMMARY = "convert a series to NIfTI"
DESCRIPTION = """\
Convert the largest volume under a folder, or with --all every one, to NIfTI.
Volumes that share a grid, such as time points, become one file of four
dimensions; a diffusion series gets .bval and .bvec beside it. What was left out
and what was noticed about the geometry is said. Needs the extra 'nifti'.
"""
EPILOG = """\
examples:
  pydcm nifti folder/ -o brain.nii.gz
  pydcm nifti folder/ -o brain.nii.gz --bids        and brain.json
  pydcm nifti study.zip -o converted/ --all --bids  every volume
  pydcm nifti DICOMDIR -o converted/ --all --json
"""

_ENDINGS = (".nii", ".nii.gz")
_LISTED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm nifti``."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a folder, an archive, a DICOMDIR, or files"
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="PATH",
        help="a file that ends in .nii or .nii.gz, or a folder for files named by their series",
    )
    parser.add_argument(
        "--all", action="store_true", help="convert every volume; the output is a folder"
    )
    parser.add_argument("--bids", action="store_true", help="write a BIDS sidecar (.json), too")
    parser.add_argument(
        "--uncompressed", action="store_true", help="write .nii into a folder, not .nii.gz"
    )
    parser.add_argument("--pattern", metavar="GLOB", help="only files of this name, as '*.dcm'")
    parser.add_argument(
        "--no-recursive", action="store_true", help="do not look into folders inside folders"
    )
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")
    parser.set_defaults(refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm nifti`` and return its exit code."""
    from pydcm.batch.converting import convert, plan
    from pydcm.errors import PydcmError
    from pydcm.volume import survey

    is_file = arguments.output.lower().endswith(_ENDINGS)
    if is_file and arguments.all:
        arguments.refuse("argument --all: the output must be a folder")
    showing = sys.stderr.isatty()
    paths = arguments.paths if len(arguments.paths) > 1 else arguments.paths[0]
    found = survey(
        paths, recursive=not arguments.no_recursive, pattern=arguments.pattern, progress=showing
    )
    plans, left_out = plan(found, every=arguments.all)
    if not is_file:
        os.makedirs(arguments.output, exist_ok=True)
    done: list[Conversion] = []
    failed = 0
    for chosen in plans:
        target = arguments.output if is_file else _target(arguments, chosen)
        try:
            done.append(convert(chosen, target, bids=arguments.bids, progress=showing))
        except PydcmError as error:
            if len(plans) == 1:
                raise
            failed += 1
            complain("nifti", error)
    print(_as_json(done, left_out) if arguments.json else _as_text(done, left_out))
    return 1 if failed else 0


def _target(arguments: argparse.Namespace, chosen: Plan) -> str:
    ending = _ENDINGS[0] if arguments.uncompressed else _ENDINGS[1]
    return os.path.join(arguments.output, chosen.name + ending)


def _as_json(done: list[Conversion], left_out: list[LeftOut]) -> str:
    import json

    told = {
        "volumes": [
            {
                "paths": each.paths,
                "shape": each.shape,
                "dimensions": each.dimensions,
                "files": len(each.report.used),
                "findings": [
                    {"code": finding.code, "message": finding.message}
                    for finding in each.report.findings
                ],
            }
            for each in done
        ],
        "left_out": _by_reason(done, left_out),
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _as_text(done: list[Conversion], left_out: list[LeftOut]) -> str:
    paint = Paint(sys.stdout)
    lines = []
    for each in done:
        size = " x ".join(map(str, each.shape))
        along = f", differing in {', '.join(each.dimensions)}" if each.dimensions else ""
        lines.append(f"{paint(printable(each.paths[0]), 'bold')}: {size}{along}")
        lines += [f"  and {printable(path)}" for path in each.paths[1:]]
        lines += [f"  {printable(str(finding))}" for finding in each.report.findings]
    reasons = _by_reason(done, left_out)
    if reasons:
        lines += ["", paint("left out", "bold")]
    for reason, files in reasons.items():
        named = ", ".join(printable(os.path.basename(file)) for file in files[:_LISTED])
        more = f" and {len(files) - _LISTED} more" if len(files) > _LISTED else ""
        lines.append(f"  {clipped(printable(reason), 160)}: {named}{more}")
    return "\n".join(lines)


def _by_reason(done: list[Conversion], left_out: list[LeftOut]) -> dict[str, list[str]]:
    """Return the files that are in no volume, by the reason."""
    used = {file for each in done for file in each.report.used}
    reasons: dict[str, dict[str, None]] = {}
    for left in [*left_out, *(left for each in done for left in each.report.left_out)]:
        if left.path not in used:
            reasons.setdefault(left.reason, {})[left.path] = None
    return {reason: list(files) for reason, files in reasons.items()}
