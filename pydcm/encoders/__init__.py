"""Where encoders were before :mod:`pydcm.pixels.encoders`; deprecated."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed

if TYPE_CHECKING:
    from pydcm.pixels.encoders import RLELosslessEncoder as RLELosslessEncoder
    from pydcm.pixels.encoders import get_encoder as get_encoder

__all__ = ["RLELosslessEncoder", "get_encoder"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        return borrowed(__name__)(name)
    warnings.warn(
        f"pydcm.encoders is deprecated; import {name} from pydcm.pixels.encoders instead",
        DeprecationWarning,
        stacklevel=2,
    )
    from pydcm.pixels import encoders

    return getattr(encoders, name)
