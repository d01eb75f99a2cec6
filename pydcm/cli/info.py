"""``pydcm info``: versions, and what runs on which implementation."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pydcm.cli.terminal import Paint, table

if TYPE_CHECKING:
    from pydcm.kernels import Kernel

SUMMARY = "show versions, kernels and codecs"
DESCRIPTION = """\
Show the versions that matter, the implementation that each kernel (a hot loop)
runs on and why not a faster one, and what decodes and encodes the pixels of
each transfer syntax.
"""
EPILOG = """\
examples:
  pydcm info
  pydcm info --json
  PYDCM_IMPL=reference pydcm info     every kernel in plain Python
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm info``."""
    parser.add_argument("--json", action="store_true", help="print JSON instead")


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm info`` and return its exit code."""
    from pydcm.env_info import version_rows

    versions = version_rows()
    kernels = _kernels()
    codecs = _codecs()
    if arguments.json:
        import json

        print(
            json.dumps({"versions": dict(versions), "kernels": kernels, "codecs": codecs}, indent=2)
        )
        return 0
    paint = Paint(sys.stdout)
    print(paint("versions", "bold"))
    print(table(versions))
    print()
    print(paint("kernels", "bold"))
    print(
        table(
            [[row["name"], row["clause"], row["runs"], row["why_not_faster"]] for row in kernels],
            header=["kernel", "clause", "runs on", "why not a faster one"],
        )
    )
    print()
    print(paint("transfer syntaxes whose pixels are decoded", "bold"))
    print(
        table(
            [
                [row["uid"], row["decoder"], row["encoder"] or "-", row["name"]]
                for row in codecs
                if row["decoder"]
            ],
            header=["UID", "decoded by", "encoded by", "name"],
        )
    )
    print()
    print(paint("and those whose pixels are not", "bold"))
    print(_refused(codecs))
    return 0


def _refused(codecs: list[dict[str, str]]) -> str:
    """Return the transfer syntaxes that cannot be decoded, by the reason."""
    import textwrap
    from collections import defaultdict

    by_reason = defaultdict(list)
    for row in codecs:
        if not row["decoder"]:
            by_reason[row["decodes"].removeprefix("no: ")].append(row["uid"])
    paragraphs = [
        textwrap.fill(f"{reason}: {', '.join(uids)}", 96, subsequent_indent="  ")
        for reason, uids in by_reason.items()
    ]
    return "\n".join(paragraphs)


def _kernels() -> list[dict[str, str]]:
    from pydcm.kernels import kernels

    return [
        {
            "name": kernel.name,
            "clause": kernel.clause,
            "runs": kernel.chosen(),
            "why_not_faster": _why_not_faster(kernel),
        }
        for kernel in kernels().values()
    ]


def _why_not_faster(kernel: Kernel[..., object]) -> str:
    """Return, for each label that is faster than the chosen one, why it is not the one."""
    import os

    chosen = kernel.chosen()
    reasons = []
    for label in ("accel", "numba"):
        if label == chosen:
            break
        reason = kernel.why_not(label)
        if not reason and os.environ.get("PYDCM_IMPL"):
            reason = f"PYDCM_IMPL={chosen}"
        if not reason and label == "numba" and not kernel.jit_by_default:
            reason = "its compilation costs more than the loop"
        reasons.append(f"{label}: {reason}")
    return "; ".join(reasons)


def _codecs() -> list[dict[str, str]]:
    from pydcm._codecs import codecs

    return [
        {
            "uid": codec.uid,
            "name": codec.label,
            "decodes": codec.decodes,
            "decoder": codec.runs("decode"),
            "encodes": codec.encodes,
            "encoder": codec.runs("encode"),
            "known": ", ".join(row.name for row in codec.implementations()),
        }
        for codec in codecs()
    ]
