"""What the generators have in common: files are written anew, or those that are stale are named."""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path


def options_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows ``--check``; a generator adds what else it takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="write nothing, report differences")
    return parser


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as the text of a ``.csv`` file."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()


def settle(
    program: str,
    made: Iterable[tuple[Path, str]],
    *,
    check: bool,
    agreed: str = "",
    stale: str = "is stale",
) -> int:
    """Write the files that are not what they should be, or say which those are.

    Parameters
    ----------
    program : str
        The name of the generator's module.
    made : iterable of (Path, str)
        Files and what they should hold.
    check : bool
        Write nothing.
    agreed : str
        What is said where no file differs.
    stale : str
        What is said of a file that differs.

    Returns
    -------
    int
        The exit status: 1 if `check` found a difference.
    """
    differ = [(path, text) for path, text in made if not _holds(path, text)]
    if not differ and agreed:
        print(f"{program}: {agreed}")
    for path, text in differ:
        if check:
            print(f"{program}: {path.name} {stale}; run python -m tools.{program}")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"{program}: wrote {path}")
    return int(check and bool(differ))


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text
