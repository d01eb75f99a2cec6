"""Numbers in text: whether all of the values of an element are valid (PS3.5 6.2)."""

from __future__ import annotations

import re
from functools import cache

from pydcm.kernels.dialect import Octets
from pydcm.kernels.registry import kernel

__all__ = ["count"]


@cache
def _pattern(whole: int) -> re.Pattern[bytes]:
    # Possessive, since nothing that is matched could be matched otherwise.
    number = rb"[0-9]++" if whole else rb"(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?"
    one = rb" *+[+-]?" + number + rb" *+"
    return re.compile(one + rb"(?:\\" + one + rb")*+")


@kernel("decimals.count", clause="PS3.5 6.2", compiles=False)
def count(src: Octets, longest: int, whole: int) -> int:
    r"""Count the values of a Decimal String or Integer String, if all of them are valid.

    Parameters
    ----------
    src : bytes
        The values, separated by backslashes, without what pads them.
    longest : int
        Octets that a value has at most.
    whole : int
        1 for an Integer String, 0 for a Decimal String.

    Returns
    -------
    int
        The number of values; 0 if one of them is empty, too long, or no number
        of the VR.
    """
    values = bytes(src).split(b"\\")
    if max(map(len, values)) > longest or _pattern(whole).fullmatch(src) is None:
        return 0
    return len(values)
