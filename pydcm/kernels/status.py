"""What kernels return when they cannot go on, and the exception each becomes.

A kernel returns a count (zero or more) or one of the negative statuses below.
One function turns kernel, status and offset into an exception, so that every
implementation fails with the same words.
"""

from __future__ import annotations

from typing import Final

from pydcm.errors import CorruptStreamError, LimitError, PydcmError, StructureError, TruncatedError

__all__ = [
    "BAD_VALUE",
    "DEPTH_LIMIT",
    "NO_DELIMITER",
    "OUTPUT_FULL",
    "TRUNCATED",
    "UNEXPECTED_TAG",
    "failure",
]

TRUNCATED: Final = -1
OUTPUT_FULL: Final = -2
BAD_VALUE: Final = -3
UNEXPECTED_TAG: Final = -4
NO_DELIMITER: Final = -5
DEPTH_LIMIT: Final = -6

_FAILURES: dict[int, tuple[type[PydcmError], str]] = {
    TRUNCATED: (TruncatedError, "the input ends too early"),
    OUTPUT_FULL: (CorruptStreamError, "the input expands past the size its header declares"),
    BAD_VALUE: (CorruptStreamError, "a value is out of its range"),
    UNEXPECTED_TAG: (StructureError, "an item or delimiter was expected"),
    NO_DELIMITER: (StructureError, "an undefined length is never delimited"),
    DEPTH_LIMIT: (LimitError, "sequences are nested deeper than the limit max_depth"),
}


def failure(
    kernel: str, status: int, *, offset: int | None = None, frame: int | None = None
) -> PydcmError:
    """Return the exception for a kernel's negative status.

    Parameters
    ----------
    kernel : str
        The kernel's name.
    status : int
        What it returned.
    offset : int, optional
        0-based byte offset of the fault.
    frame : int, optional
        1-based frame number.
    """
    kind, message = _FAILURES[status]
    if frame is not None and kind is TruncatedError:
        kind = CorruptStreamError
    return kind(f"{kernel}: {message}", offset=offset, frame=frame)
