"""What Canon and, before, Toshiba MR scanners write outside of the standard's elements.

Toshiba wrote the standard's diffusion attributes, and none at all into
unweighted images. Canon writes Diffusion b-value (0018,9087), and instead of
Diffusion Gradient Orientation a text into Image Comments (0020,4000), such as
``b=1500(0.445,0.000,0.895)``.
"""

from __future__ import annotations

import re

__all__ = ["commented_gradient"]

_NUMBER = r"(-?[0-9]{1,6}(?:\.[0-9]{1,9})?)"
_GRADIENT = re.compile(rf"b={_NUMBER}\({_NUMBER},{_NUMBER},{_NUMBER}\)")


def commented_gradient(comments: str) -> tuple[float, tuple[float, float, float]] | None:
    """Return what Image Comments of Canon say about diffusion, None if that is nothing.

    Parameters
    ----------
    comments : str
        Image Comments (0020,4000).

    Returns
    -------
    b : float
        b-value in s/mm².
    vector : tuple of float
        The direction along phase, frequency and slice.

    Examples
    --------
    >>> commented_gradient("b=1500(0.445,0.000,0.895)")
    (1500.0, (0.445, 0.0, 0.895))
    >>> commented_gradient("best of three") is None
    True
    """
    found = _GRADIENT.fullmatch(comments.strip())
    if found is None:
        return None
    b, x, y, z = map(float, found.groups())
    return b, (x, y, z)
