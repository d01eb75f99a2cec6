"""``python -m conformance tools``: puts the cases to several tools, and prints the scoreboard."""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance.corpus import Case, load
from conformance.tools.board import Board, by_area, by_tool, put_cases
from conformance.tools.judging import VERDICTS

__all__ = ["ADAPTERS", "main", "report"]

ADAPTERS = ("pydcm", "pydicom", "gdcm", "dcmtk", "imagecodecs")
"""Those of this package."""
_COLUMNS = "{:<24}" + "{:>9}" * len(VERDICTS)


def _commands(options: argparse.Namespace) -> dict[str, list[str]]:
    found = {
        name: [sys.executable, "-m", f"conformance.adapters.{name}"]
        for name in str(options.tools).split(",")
        if name
    }
    for each in options.command:
        name, _, command = each.partition("=")
        found[name] = shlex.split(command)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Put the cases to tools; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="conformance tools", description="Put the cases to DICOM tools; see protocol.md."
    )
    parser.add_argument("--tools", default="", help=f"some of {','.join(ADAPTERS)}")
    parser.add_argument(
        "--command", action="append", default=[], metavar="NAME=COMMAND", help="your own adapter"
    )
    parser.add_argument("--area", nargs="+", default=[], help="areas of cases (default: all)")
    parser.add_argument("--case", nargs="+", default=[], help="cases (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every verdict")
    parser.add_argument("--csv", type=Path, metavar="FOLDER", help="write the tables of the docs")
    parser.add_argument(
        "--show", nargs="+", default=[], choices=VERDICTS, help="list cases with these verdicts"
    )
    options = parser.parse_args(arguments)
    if not options.tools and not options.command:
        options.tools = ",".join(ADAPTERS)
    commands = _commands(options)
    unknown = [name for name in str(options.tools).split(",") if name and name not in ADAPTERS]
    if unknown:
        parser.error(f"no adapter for {', '.join(unknown)}; there are {', '.join(ADAPTERS)}")
    cases = _cases(options.area, options.case)
    if not cases:
        parser.error("no such cases")
    boards = []
    for name, command in commands.items():
        board = put_cases(name, command, cases)
        _print(board, options.show)
        boards.append(board)
    if options.json:
        options.json.write_text(json.dumps(report(boards), indent=1) + "\n", encoding="utf-8")
    if options.csv:
        today = datetime.date.today().isoformat()
        (options.csv / "scoreboard.csv").write_text(by_tool(boards, today), encoding="utf-8")
        (options.csv / "scoreboard_areas.csv").write_text(by_area(boards), encoding="utf-8")
    return 1 if all(board.absent for board in boards) else 0


def _cases(areas: Sequence[str], ids: Sequence[str]) -> list[Case]:
    """Return the cases of features: kernels are parts of pydcm, and no other tool has them."""
    return [
        case for case in load(*areas) if case.operation != "kernel" and (not ids or case.id in ids)
    ]


def _print(board: Board, shown: Sequence[str]) -> None:
    versions = ", ".join(f"{name} {version}" for name, version in board.versions.items())
    print(f"\n{board.tool}: {board.absent or versions}")
    if board.absent:
        return
    print(_COLUMNS.format("area", *VERDICTS))
    for area in [*dict.fromkeys(row.area for row in board.rows), None]:
        counts = board.counts(area)
        print(_COLUMNS.format(area or "all", *(counts[verdict] for verdict in VERDICTS)))
    for row in board.rows:
        if row.judged.verdict in shown:
            print(f"  {row.judged.verdict}: {row.case}: {row.judged.detail}")
    sys.stdout.flush()


def report(boards: Sequence[Board]) -> dict[str, object]:
    """Return all verdicts as an object of JSON."""
    return {
        "tools": [
            {
                "tool": board.tool,
                "versions": dict(board.versions),
                "absent": board.absent,
                "counts": {str(name): count for name, count in board.counts().items()},
                "cases": [
                    {"case": row.case, "verdict": row.judged.verdict, "detail": row.judged.detail}
                    for row in board.rows
                ],
            }
            for board in boards
        ]
    }


if __name__ == "__main__":
    sys.exit(main())
