"""What older versions of the compatible API had; use :mod:`pydcm.pixels`.

Importing a function from here gives it with a ``DeprecationWarning``. The
handlers all decode with pydcm's own codecs, whatever library they are named
after.

Examples
--------
>>> from pydcm import examples
>>> from pydcm.pixel_data_handlers import numpy_handler
>>> numpy_handler.get_pixeldata(examples.ct).shape
(16384,)
"""

from __future__ import annotations

from importlib import import_module

from pydcm._borrowed import borrowed
from pydcm.pixel_data_handlers.moved import moved

__all__ = [
    "gdcm_handler",
    "jpeg_ls_handler",
    "numpy_handler",
    "pillow_handler",
    "pylibjpeg_handler",
    "rle_handler",
    "util",
]

_FUNCTIONS = frozenset(
    "apply_color_lut apply_modality_lut apply_rescale apply_voi apply_voi_lut apply_windowing "
    "convert_color_space expand_ybr422 pack_bits unpack_bits".split()
)


def __getattr__(name: str) -> object:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    if name in _FUNCTIONS:
        return moved(name)
    return borrowed(__name__)(name)
