"""What the compatible API has in ``pydicom.pixels.processing``.

Examples
--------
>>> from pydcm import examples
>>> from pydcm.pixels.processing import apply_modality_lut, apply_voi_lut
>>> ct = examples.ct
>>> apply_voi_lut(apply_modality_lut(ct.pixel_array, ct), ct).shape
(128, 128)
"""

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.pixels.colour import convert_color_space
from pydcm.pixels.icc import apply_icc_profile, create_icc_transform
from pydcm.pixels.lut import apply_modality_lut, apply_rescale
from pydcm.pixels.palette import apply_color_lut
from pydcm.pixels.presentation import apply_presentation_lut
from pydcm.pixels.windowing import apply_voi, apply_voi_lut, apply_windowing

__all__ = [
    "apply_color_lut",
    "apply_icc_profile",
    "apply_modality_lut",
    "apply_presentation_lut",
    "apply_rescale",
    "apply_voi",
    "apply_voi_lut",
    "apply_windowing",
    "convert_color_space",
    "create_icc_transform",
]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
