"""Writes ``docs/bids.csv``: where each field of a BIDS sidecar comes from.

    python -m tools.gen_bids_table            write it
    python -m tools.gen_bids_table --check    fail if it is not what the fields say

The rows are the very list that :func:`pydcm.bids_sidecar` works through.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydcm.volume.bids import FIELDS, IDENTITY_FIELDS
from tools.generated import csv_text, options_of, settle

TARGET = Path(__file__).resolve().parent.parent / "docs" / "bids.csv"

HEADER = ("field", "images of", "source", "unit")


def rows() -> list[tuple[str, ...]]:
    """Return a row for each source of each field, in the order in which they are tried."""
    fields = (*FIELDS, *IDENTITY_FIELDS)
    names = dict.fromkeys(field.name for field in fields)
    by_name = [field for name in names for field in fields if field.name == name]
    return [(field.name, field.maker or "all", field.source, field.unit) for field in by_name]


def main(arguments: list[str] | None = None) -> int:
    """Write or check the table; return the exit status."""
    parser = options_of("Generate docs/bids.csv from the fields.")
    parser.add_argument("--target", type=Path, default=TARGET, help="where the table lies")
    options = parser.parse_args(arguments)
    made = [(options.target, csv_text([HEADER, *rows()]))]
    agreed = "the table agrees with the fields"
    return settle("gen_bids_table", made, check=options.check, agreed=agreed)


if __name__ == "__main__":
    sys.exit(main())
