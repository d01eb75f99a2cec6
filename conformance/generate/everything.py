"""All areas, in the order of their names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from typing import cast

from conformance.generate import areas
from conformance.generate.areas import (
    charsets,
    codec_jpeg,
    codec_jpeglossless,
    codec_jpegls,
    codec_rle,
    hostile_files,
    json_model,
    looks,
    pixels_fragments,
    pixels_native,
    recorded,
    reported,
    structure,
    values,
)
from conformance.generate.writing import Area

__all__ = ["every_area"]

Maker = Callable[[], Area]
_FEATURES: Sequence[Maker] = (
    values.values,
    values.written,
    values.rewritten,
    structure.structure,
    hostile_files.hostile_files,
    reported.reported,
    charsets.charsets,
    json_model.json_model,
    pixels_native.native,
    pixels_fragments.encapsulated,
    codec_rle.rle_cases,
    codec_jpegls.jpegls_cases,
    codec_jpeglossless.lossless_cases,
    codec_jpeg.jpeg_cases,
    recorded.recorded,
    looks.rescaling,
    looks.windows,
    looks.palettes,
)


def _of_kernels() -> list[Maker]:
    """Return what makes the areas of kernels: one module for each family or two."""
    makers: list[Maker] = []
    for module in pkgutil.iter_modules(areas.__path__):
        if module.name.startswith("kernels_"):
            found = importlib.import_module(f"{areas.__name__}.{module.name}")
            makers += cast("Sequence[Maker]", found.KERNEL_AREAS)
    return makers


def every_area() -> list[Area]:
    """Return every area.

    Raises
    ------
    ValueError
        If two have the same name.
    """
    made = sorted((make() for make in (*_FEATURES, *_of_kernels())), key=lambda area: area.name)
    names = [area.name for area in made]
    if len(set(names)) < len(names):
        raise ValueError(f"two areas have the same name: {names}")
    return made
