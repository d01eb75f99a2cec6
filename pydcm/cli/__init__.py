"""The command ``pydcm``, one module for each of its subcommands.

Exit codes: 0 when all went well, 1 when something is wrong with the input (one
line on standard error says what), 2 when the command was used wrongly.
Everything but the parser is imported by the subcommand that runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from pydcm.cli.terminal import complain, plain_warnings
from pydcm.errors import PydcmError

__all__ = ["main"]

COMMANDS = ("info", "dump", "show", "codify", "decode", "volume", "nifti", "bids", "batch")

_DESCRIPTION = "Look into DICOM files, decode their pixels, build and convert volumes."
_EPILOG = """\
examples:
  pydcm dump image.dcm                       every element, readable
  pydcm dump --json image.dcm | jq .         the DICOM JSON model
  pydcm decode ct.dcm --rescale -o hu.npy    Hounsfield units as a numpy file
  pydcm decode ct.dcm --window 40 400 -o ct.png
  pydcm volume folder/ -o volume.npy -o montage.png
  pydcm nifti folder/ -o brain.nii.gz --bids
  pydcm batch incoming/ -o converted/        many series, in several processes
  pydcm info                                 versions, and what runs how fast

'pydcm COMMAND --help' says more about a command.
exit codes: 0 success, 1 something is wrong with the input, 2 wrong usage
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process if left out.

    Returns
    -------
    int
        The exit code.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    command = importlib.import_module(f"pydcm.cli.{arguments.command}")
    try:
        with plain_warnings(arguments.command):
            code: int = command.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of a pipe, such as head, has enough. Python would complain once more
        # when it flushes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except (PydcmError, OSError) as error:
        complain(arguments.command, error)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    from pydcm._version import __version__

    parser = argparse.ArgumentParser(
        prog="pydcm",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"pydcm {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"pydcm.cli.{name}")
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.DESCRIPTION,
            epilog=module.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    return parser
