"""Options that several subcommands share."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

__all__ = ["add_output", "add_window", "at_least_one"]


def add_window(parser: argparse.ArgumentParser) -> None:
    """Add ``--window C W``."""
    parser.add_argument(
        "--window",
        nargs=2,
        type=float,
        action=_Window,
        metavar=("C", "W"),
        help="centre and width of the values shown in a .png (default: the file's own window)",
    )


def add_output(parser: argparse.ArgumentParser, *, several: bool, text: str) -> None:
    """Add ``-o FILE.npy`` or ``-o FILE.png``."""
    parser.add_argument(
        "-o",
        "--output",
        action="append" if several else "store",
        default=[] if several else None,
        required=not several,
        type=_output_path,
        metavar="FILE",
        help=text,
    )


class _Window(argparse.Action):
    """Two numbers, of which the second is a width."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        assert isinstance(values, list)
        centre, width = values
        if not (math.isfinite(centre) and math.isfinite(width) and width >= 1):
            parser.error("argument --window: the width must be 1 or more (PS3.3 C.11.2.1.2.1)")
        setattr(namespace, self.dest, (centre, width))


def _output_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in {".npy", ".png"}:
        raise argparse.ArgumentTypeError(f"{text!r} ends neither in .npy nor in .png")
    return path


def at_least_one(text: str) -> int:
    """Return a positive whole number that an argument gives."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of at least 1")
    return int(text)
