"""Text views of files and data sets, for looking into them by hand.

Examples
--------
>>> print(datadump(b"ISO_IR 192 "))
0  49 53 4F 5F 49 52 20 31 39 32 20                 ISO_IR 192
"""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from pydcm._borrowed import borrowed

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm.fileutil import PathType

__all__ = ["datadump", "filedump", "hexdump", "pretty_print", "print_character"]

_ROW = 16
"""Bytes shown on a line."""

_SHOWN = frozenset(range(0x20, 0x7E)) - {ord("\\")}
"""Characters that are shown as themselves."""

_AS_SHOWN = {code: code if code in _SHOWN else "." for code in range(256)}


def print_character(ordchr: int) -> str:
    """Return the character of a code, or a dot if it is not one of printable ASCII.

    The backslash is a dot too, so that a dump can be pasted anywhere.

    Parameters
    ----------
    ordchr : int
        The code.

    Returns
    -------
    str
        One character.
    """
    return chr(ordchr) if ordchr in _SHOWN else "."


def filedump(filename: PathType, start_address: int = 0, stop_address: int | None = None) -> str:
    """Return a hexadecimal dump of a file; see :func:`hexdump`.

    Parameters
    ----------
    filename : str, bytes or PathLike
        The file.
    start_address, stop_address : int, optional
        As of :func:`hexdump`.

    Returns
    -------
    str
        Lines of text.
    """
    with open(filename, "rb") as file:
        return hexdump(file, start_address, stop_address)


def datadump(data: bytes, start_address: int = 0, stop_address: int | None = None) -> str:
    """Return a hexadecimal dump of bytes; see :func:`hexdump`.

    Parameters
    ----------
    data : bytes
        The bytes.
    start_address, stop_address : int, optional
        As of :func:`hexdump`.

    Returns
    -------
    str
        Lines of text.
    """
    return hexdump(BytesIO(data), start_address, stop_address)


def hexdump(
    f: BinaryIO,
    start_address: int = 0,
    stop_address: int | None = None,
    show_address: bool = True,
) -> str:
    """Return a hexadecimal dump: lines of 16 bytes, as digits and as characters.

    Parameters
    ----------
    f : file-like
        A binary file that can seek.
    start_address : int
        0-based offset of the first byte shown.
    stop_address : int, optional
        The last line is the one that begins at or before this offset; by
        default, and for 0, the dump goes to the end of the file.
    show_address : bool
        Put the offset of its first byte before each line.

    Returns
    -------
    str
        Lines of text, without a newline at the end.
    """
    if not stop_address:
        stop_address = f.seek(0, 2)
    digits = len(f"{stop_address:X}")
    f.seek(start_address)
    lines = []
    for address in range(start_address, stop_address + 1, _ROW):
        row = f.read(_ROW)
        if not row:
            break
        shown = f"{row.hex(' ').upper():<47}  {row.decode('latin-1').translate(_AS_SHOWN)}"
        lines.append(f"{address:0{digits}X}  {shown}" if show_address else shown)
    return "\n".join(lines)


def pretty_print(ds: Dataset, indent_level: int = 0, indent_chars: str = "  ") -> None:
    """Print a data set, the items of its sequences indented.

    Parameters
    ----------
    ds : Dataset
        The data set.
    indent_level : int
        How deep to indent it.
    indent_chars : str
        One step of indentation.
    """
    for line in _lines(ds, indent_level, indent_chars):
        sys.stdout.write(f"{line}\n")


def _lines(ds: Dataset, level: int, step: str) -> list[str]:
    lines = []
    for elem in ds:
        if elem.VR != "SQ":
            lines.append(f"{step * level}{elem}")
            continue
        lines.append(f"{step * level}{elem.tag} {elem.name} -- {len(elem.value)} item(s)")
        for item in elem.value:
            lines += _lines(item, level + 1, step)
            lines.append(f"{step * (level + 1)}---------")
    return lines


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
