"""The one place for resource limits.

Every length, depth and count that a file declares is checked against these
before memory is allocated for it. A limit that is reached raises
:class:`~pydcm.errors.LimitError`, which names the limit.

Examples
--------
>>> from pydcm import limits
>>> with limits.using(max_depth=300):
...     limits.current().max_depth
300
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from pydcm.errors import LimitError

__all__ = ["Limits", "check", "current", "using"]


class Limits(NamedTuple):
    """Resource limits for reading and decoding.

    Attributes
    ----------
    max_depth : int
        Nesting of sequences.
    max_elements : int
        Data elements in one data set, and items in one sequence.
    max_value_bytes : int
        One value that has to be held in memory; pixel data that stays in its
        file is not counted.
    max_inflated_bytes : int
        A deflated data set after inflation.
    max_expansion_ratio : int
        Decoded bytes for each encoded byte, for deflate and for code streams.
    expansion_floor_bytes : int
        Outputs up to this size are never refused for their ratio.
    max_frame_pixels : int
        Rows x Columns x Samples per Pixel of one frame.
    max_array_bytes : int
        One decoded array.
    """

    max_depth: int = 64
    max_elements: int = 5_000_000
    max_value_bytes: int = 1 << 32
    max_inflated_bytes: int = 1 << 32
    max_expansion_ratio: int = 1100
    expansion_floor_bytes: int = 64 << 20
    max_frame_pixels: int = 1 << 31
    max_array_bytes: int = 1 << 36


_current: ContextVar[Limits] = ContextVar("pydcm_limits", default=Limits())


def current() -> Limits:
    """Return the limits in force in this thread or task."""
    return _current.get()


@contextmanager
def using(**changes: int) -> Iterator[Limits]:
    """Change limits for the enclosed block, in this thread or task only.

    Parameters
    ----------
    **changes : int
        Attributes of :class:`Limits`.
    """
    token = _current.set(_current.get()._replace(**changes))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def check(name: str, value: int, what: str, *, offset: int | None = None) -> None:
    """Raise unless `value` is within the limit called `name`.

    Parameters
    ----------
    name : str
        An attribute of :class:`Limits`.
    value : int
        What the file asks for.
    what : str
        What is being counted, for the message.
    offset : int, optional
        Byte offset for the message.

    Raises
    ------
    LimitError
        If `value` is larger than the limit.
    """
    limit: int = getattr(_current.get(), name)
    if value > limit:
        raise LimitError(
            f"{what}: {value} is above the limit {name}={limit}",
            offset=offset,
            hint=f"raise it with pydcm.limits.using({name}=...) if the file is trusted",
        )
