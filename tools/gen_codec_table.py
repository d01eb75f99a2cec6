"""Writes ``docs/codecs.csv``: what decodes and encodes each transfer syntax.

    python -m tools.gen_codec_table            write it
    python -m tools.gen_codec_table --check    fail if it is not what the registry says

What it says does not depend on what is installed.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

from pydcm._codecs import Codec, codecs

TARGET = Path(__file__).resolve().parent.parent / "docs" / "codecs.csv"

HEADER = (
    "transfer syntax",
    "frames are",
    "implementation",
    "decodes",
    "encodes",
    "Bits Stored",
    "Samples per Pixel",
)
_LOSS = {True: "lossless", False: "lossy", None: "either"}


def rows() -> list[tuple[str, ...]]:
    """Return a row for each implementation of each transfer syntax."""
    return [row for codec in codecs() for row in _rows_of(codec)]


def _rows_of(codec: Codec) -> list[tuple[str, ...]]:
    syntax = (f"{codec.label} ({codec.uid})", _LOSS[codec.lossless])
    found: list[tuple[str, ...]] = []
    for implementation in sorted(codec.implementations(), key=lambda row: row.name != "pydcm"):
        abilities = (
            implementation.name,
            "yes" if implementation.decode else "no",
            "yes" if implementation.encode else "no",
            implementation.bits,
            implementation.samples,
        )
        found.append((*syntax, *abilities))
        syntax = ("", "")  # told once
    return found


def text() -> str:
    """Return the whole table."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([HEADER, *rows()])
    return target.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Write or check the table; return the exit status."""
    parser = argparse.ArgumentParser(description="Generate docs/codecs.csv from the registry.")
    parser.add_argument("--check", action="store_true", help="write nothing, report a difference")
    parser.add_argument("--target", type=Path, default=TARGET, help="where the table lies")
    options = parser.parse_args(arguments)
    made = text()
    target: Path = options.target
    if target.is_file() and target.read_text(encoding="utf-8") == made:
        print("gen_codec_table: the table agrees with the registry")
        return 0
    if options.check:
        print(f"gen_codec_table: {target.name} is stale; run python -m tools.gen_codec_table")
        return 1
    target.write_text(made, encoding="utf-8", newline="\n")
    print(f"gen_codec_table: wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
