"""What decoders and encoders of pixels have in common, under the names of the compatible API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.pixels.coder import CoderBase
from pydcm.pixels.runner import Buffer, PhotometricInterpretation, RunnerBase, RunnerOptions

__all__ = ["Buffer", "CoderBase", "PhotometricInterpretation", "RunnerBase", "RunnerOptions"]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
