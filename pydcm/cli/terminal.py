"""Colour and width of the terminal, and tables of text."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

__all__ = ["Paint", "clipped", "complain", "plain_warnings", "printable", "table"]

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33",
          "blue": "34", "magenta": "35", "cyan": "36"}  # fmt: skip


class Paint:
    """Colours text for a stream that shows colours, and leaves it alone for others.

    ``NO_COLOR`` turns colours off and ``FORCE_COLOR`` on, whatever the stream is.

    Parameters
    ----------
    stream : text stream
        Where the text will go.
    """

    def __init__(self, stream: TextIO) -> None:
        environment = os.environ
        if environment.get("NO_COLOR"):
            self.on = False
        elif environment.get("FORCE_COLOR"):
            self.on = True
        else:
            self.on = stream.isatty() and environment.get("TERM") != "dumb"

    def __call__(self, text: str, colour: str) -> str:
        """Return `text` in a colour, one of the names of ANSI."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.on else text


def complain(command: str, error: Exception) -> None:
    """Say in one line on standard error what is wrong with the input."""
    message = printable(" ".join(str(error).split())) or type(error).__name__
    sys.stdout.flush()
    sys.stderr.write(f"pydcm {command}: {message}\n")


@contextmanager
def plain_warnings(command: str) -> Iterator[None]:
    """Show warnings as one line each, and each once."""
    shown: set[str] = set()

    def show(message: Warning | str, *_: object, **__: object) -> None:
        text = printable(" ".join(str(message).split()))
        if text not in shown:
            shown.add(text)
            sys.stdout.flush()
            sys.stderr.write(f"pydcm {command}: warning: {text}\n")

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def printable(text: str) -> str:
    r"""Return `text` with its control characters escaped, so that no file steers a terminal.

    Examples
    --------
    >>> print(printable("a\x1b[2Jb\n"))
    a\x1b[2Jb\n
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def clipped(text: str, limit: int) -> str:
    """Return `text`, at most `limit` characters of it; 0 means all.

    Examples
    --------
    >>> len(clipped("abcdefgh", 5))
    5
    """
    return text if not limit or len(text) <= limit else text[: limit - 1] + _ellipsis()


def _ellipsis() -> str:
    encoding = (sys.stdout.encoding or "ascii").lower()
    return "…" if encoding.startswith("utf") else "~"


def table(rows: Sequence[Sequence[str]], *, header: Sequence[str] | None = None) -> str:
    """Return rows of text in columns.

    Parameters
    ----------
    rows : sequence of sequence of str
        Cells; the last column is cut at the width of the terminal only if
        standard output is one.
    header : sequence of str, optional
        A first row, underlined.

    Examples
    --------
    >>> print(table([["a", "1"], ["long", "2"]], header=["name", "n"]))
    name  n
    ----  -
    a     1
    long  2
    """
    every = [*([header, ["-" * len(cell) for cell in header]] if header else []), *rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    if header:
        every[1] = ["-" * width for width in widths]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in every
    ]
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        lines = [clipped(line, width) for line in lines]
    return "\n".join(lines)
