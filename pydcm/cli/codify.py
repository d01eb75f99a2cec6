"""``pydcm codify``: Python code that builds the data set of a file."""

from __future__ import annotations

import argparse

SUMMARY = "print Python code that builds the data set of a file"
DESCRIPTION = """\
Print Python code that builds the data set of a file, or one item of it: for
tests and examples that shall need no file. Large binary values are left out and
marked so.
"""
EPILOG = """\
examples:
  pydcm codify plan.dcm plan.py
  pydcm codify --include-private image.dcm | less
  pydcm codify "plan.dcm::BeamSequence[0]"
  pydcm codify pydcm::rt_plan              one of the data sets in pydcm.examples
"""

_EXCLUDED = 100
"""Binary values of more bytes are left out by default."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm codify``."""
    parser.add_argument("filespec", metavar="FILE[::ELEMENT]", help="a DICOM file, or what of it")
    parser.add_argument("outfile", nargs="?", metavar="OUTPUT", help="the file that takes the code")
    parser.add_argument(
        "-e",
        "--exclude-size",
        type=int,
        default=_EXCLUDED,
        metavar="N",
        help=f"leave out binary values of more than N bytes (default: {_EXCLUDED})",
    )
    parser.add_argument(
        "-p", "--include-private", action="store_true", help="code private elements too"
    )
    parser.add_argument(
        "-s", "--save-as", metavar="FILE", help="the file that the code shall write"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm codify`` and return its exit code."""
    from pydcm.cli.terminal import complain
    from pydcm.util.codify import chosen_element, do_codify

    try:
        arguments.filespec = chosen_element(arguments.filespec)
        do_codify(arguments)
    except (argparse.ArgumentTypeError, NotImplementedError) as error:
        complain("codify", error)
        return 1
    return 0
