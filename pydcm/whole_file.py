"""Files that have their name only when they are whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """Open a file that gets its name only when all of it has been written.

    Parameters
    ----------
    path : str
        Its name. A file that has it already is replaced at the end, and stays
        as it is if the block fails.

    Yields
    ------
    BinaryIO
        To write to; it can seek.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as device:  # a device or a pipe has no content to lose
            yield device
        return
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:64]}.{os.urandom(6).hex()}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
        if os.path.exists(target):
            os.chmod(temporary, os.stat(target).st_mode & 0o7777)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
