"""What is checked of every code stream before a library decodes it."""

from __future__ import annotations

from pydcm import limits
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError

__all__ = ["check_expansion", "check_shape"]


def check_shape(
    stream: str, found: tuple[int, int, int], layout: FrameLayout, number: int, clause: str
) -> None:
    """Raise unless a code stream has the rows, columns and samples of the data set.

    Raises
    ------
    CorruptStreamError
        If it is another image.
    """
    if found != layout.shape:
        rows, columns, samples = layout.shape
        raise CorruptStreamError(
            f"the {stream} stream has {found[0]} rows, {found[1]} columns and {found[2]} samples "
            f"for each pixel, and the data set says {rows}, {columns} and {samples}",
            frame=number,
            clause=clause,
        )


def check_expansion(encoded: int, layout: FrameLayout) -> None:
    """Raise if a frame is large and its code stream suspiciously small.

    Parameters
    ----------
    encoded : int
        Bytes of the code stream.
    layout : FrameLayout
        The frame.

    Raises
    ------
    LimitError
        If it has more than ``max_expansion_ratio`` times as many bytes.
    """
    size = layout.cells * layout.item_bytes
    if size > limits.current().expansion_floor_bytes:
        ratio = size // max(1, encoded)
        limits.check("max_expansion_ratio", ratio, "decoded bytes for each encoded byte")
