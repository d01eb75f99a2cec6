"""Writes ``docs/bids.csv``: where each field of a BIDS sidecar comes from.

    python -m tools.gen_bids_table            write it
    python -m tools.gen_bids_table --check    fail if it is not what the fields say

The rows are the very list that :func:`pydcm.bids_sidecar` works through.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

from pydcm.volume.bids import FIELDS, IDENTITY_FIELDS

TARGET = Path(__file__).resolve().parent.parent / "docs" / "bids.csv"

HEADER = ("field", "images of", "source", "unit")


def rows() -> list[tuple[str, ...]]:
    """Return a row for each source of each field, in the order in which they are tried."""
    fields = (*FIELDS, *IDENTITY_FIELDS)
    names = dict.fromkeys(field.name for field in fields)
    by_name = [field for name in names for field in fields if field.name == name]
    return [(field.name, field.maker or "all", field.source, field.unit) for field in by_name]


def text() -> str:
    """Return the whole table."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([HEADER, *rows()])
    return target.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Write or check the table; return the exit status."""
    parser = argparse.ArgumentParser(description="Generate docs/bids.csv from the fields.")
    parser.add_argument("--check", action="store_true", help="write nothing, report a difference")
    parser.add_argument("--target", type=Path, default=TARGET, help="where the table lies")
    options = parser.parse_args(arguments)
    made = text()
    target: Path = options.target
    if target.is_file() and target.read_text(encoding="utf-8") == made:
        print("gen_bids_table: the table agrees with the fields")
        return 0
    if options.check:
        print(f"gen_bids_table: {target.name} is stale; run python -m tools.gen_bids_table")
        return 1
    target.write_text(made, encoding="utf-8", newline="\n")
    print(f"gen_bids_table: wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
