"""What decoders and encoders of pixels have in common, under the names of the compatible API."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.pixels.coder import CoderBase
from pydcm.pixels.runner import Buffer, RunnerBase, RunnerOptions

__all__ = ["Buffer", "CoderBase", "PhotometricInterpretation", "RunnerBase", "RunnerOptions"]


class PhotometricInterpretation(StrEnum):
    """Values of Photometric Interpretation (0028,0004) (PS3.3 C.7.6.3.1.2)."""

    MONOCHROME1 = "MONOCHROME1"
    MONOCHROME2 = "MONOCHROME2"
    PALETTE_COLOR = "PALETTE COLOR"
    RGB = "RGB"
    YBR_FULL = "YBR_FULL"
    YBR_FULL_422 = "YBR_FULL_422"
    YBR_ICT = "YBR_ICT"
    YBR_RCT = "YBR_RCT"
    HSV = "HSV"
    ARGB = "ARGB"
    CMYK = "CMYK"
    YBR_PARTIAL_422 = "YBR_PARTIAL_422"
    YBR_PARTIAL_420 = "YBR_PARTIAL_420"
    XYB = "XYB"


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
