"""``pydcm bids``: the BIDS sidecar of an image or a series."""

from __future__ import annotations

import argparse
import json

SUMMARY = "print the BIDS sidecar of an image or a series"
DESCRIPTION = """\
Print what the header of an image or a series says, in the names and units of
BIDS, as JSON. What the scanner did not record is left out and never guessed.
Several slices of a series are needed to tell when each was taken (SliceTiming).
"""
EPILOG = """\
examples:
  pydcm bids image.dcm
  pydcm bids folder/ -o sub-01_bold.json
  pydcm bids --identity folder/ | jq .PatientName
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm bids``."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="an image, a folder, an archive, or files"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write it to a file")
    parser.add_argument(
        "--identity", action="store_true", help="add who the patient is, dates and UIDs"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm bids`` and return its exit code."""
    from pydcm.volume.bids import bids_sidecar

    paths = arguments.paths if len(arguments.paths) > 1 else arguments.paths[0]
    sidecar = bids_sidecar(paths, identity=arguments.identity)
    if arguments.output is None:
        # Escapes keep text of the header from steering the terminal.
        print(json.dumps(sidecar, indent=2))
        return 0
    from pydcm.whole_file import whole_file

    text = json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n"
    with whole_file(arguments.output) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
    return 0
