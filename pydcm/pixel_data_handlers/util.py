"""What the compatible API has in ``pydicom.pixel_data_handlers.util``."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from pydcm._borrowed import borrowed
from pydcm.pixel_data_handlers.moved import moved

if TYPE_CHECKING:
    import numpy as np

_FUNCTIONS = frozenset(
    "apply_color_lut apply_modality_lut apply_voi apply_voi_lut apply_windowing "
    "convert_color_space expand_ybr422 get_expected_length get_image_pixel_ids "
    "get_j2k_parameters get_nr_frames pack_bits pixel_dtype reshape_pixel_array "
    "unpack_bits".split()
)


def _dtype_corrected_for_endianness(
    is_little_endian: bool | None, numpy_dtype: np.dtype[Any]
) -> np.dtype[Any]:
    """Return a type of the machine's byte order in that of a data set.

    Parameters
    ----------
    is_little_endian : bool
        Byte order of the data set.
    numpy_dtype : dtype
        The type.

    Raises
    ------
    ValueError
        If the byte order is not known.
    """
    if is_little_endian is None:
        raise ValueError("the byte order of the data set is not known")
    if is_little_endian == (sys.byteorder == "little"):
        return numpy_dtype
    return numpy_dtype.newbyteorder("S")


def __getattr__(name: str) -> object:
    if name in _FUNCTIONS:
        return moved(name)
    if name == "dtype_corrected_for_endianness":
        warnings.warn(f"{name!r} is deprecated", DeprecationWarning, stacklevel=2)
        return _dtype_corrected_for_endianness
    return borrowed(__name__)(name)
