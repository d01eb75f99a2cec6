"""Functions that are in :mod:`pydcm.pixels` now."""

from __future__ import annotations

import warnings

__all__ = ["moved"]


def moved(name: str) -> object:
    """Return a function from its present place, and warn about the former one.

    Parameters
    ----------
    name : str
        Its name.
    """
    from pydcm import pixels
    from pydcm.pixels import utils

    home = pixels if hasattr(pixels, name) else utils
    found: object = getattr(home, name)
    warnings.warn(
        f"'{home.__name__}.{name}' is where this function is; it is deprecated in "
        "'pixel_data_handlers'",
        DeprecationWarning,
        stacklevel=3,
    )
    return found
