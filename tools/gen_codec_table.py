"""Writes ``docs/codecs.csv``: what decodes and encodes each transfer syntax.

    python -m tools.gen_codec_table            write it
    python -m tools.gen_codec_table --check    fail if it is not what the registry says

What it says does not depend on what is installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydcm._codecs import Codec, codecs
from tools.generated import csv_text, options_of, settle

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


def main(arguments: list[str] | None = None) -> int:
    """Write or check the table; return the exit status."""
    parser = options_of("Generate docs/codecs.csv from the registry.")
    parser.add_argument("--target", type=Path, default=TARGET, help="where the table lies")
    options = parser.parse_args(arguments)
    made = [(options.target, csv_text([HEADER, *rows()]))]
    agreed = "the table agrees with the registry"
    return settle("gen_codec_table", made, check=options.check, agreed=agreed)


if __name__ == "__main__":
    sys.exit(main())
