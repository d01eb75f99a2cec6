"""An array into Pixel Data and what describes them (PS3.3 C.7.6.3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import codec_for
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, UnsupportedSyntaxError
from pydcm.pixels.changes import Changes
from pydcm.pixels.encoders.source import check_range

__all__ = ["set_pixel_data"]

_SAMPLES = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
}
_EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_DTYPES = ("i1", "i2", "u1", "u2")


def set_pixel_data(
    ds: Dataset,
    arr: NDArray[Any],
    photometric_interpretation: str,
    bits_stored: int,
    *,
    generate_instance_uid: bool = True,
) -> None:
    """Make an array the Pixel Data of a data set, and describe it there.

    The transfer syntax becomes Explicit VR Little Endian if there is none or a
    compressed one. If anything fails, the data set is as it was before.

    Parameters
    ----------
    ds : Dataset
        What becomes an image.
    arr : ndarray of int8, int16, uint8 or uint16
        ``[rows, columns]``, ``[frames, rows, columns]``, or for colours with an
        axis of three samples at the end.
    photometric_interpretation : str
        What the pixels mean: MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB,
        YBR_FULL, or YBR_FULL_422; of the last, the array has the chrominance of
        each pixel, and that of every second one is stored.
    bits_stored : int
        The bits that values take.
    generate_instance_uid : bool
        Give the image a new SOP Instance UID.

    Raises
    ------
    AttributeError
        If the data set has Float or Double Float Pixel Data.
    ValueError
        If array, photometric interpretation and bits do not fit each other.
    NotImplementedError
        If the data set is in big endian.

    Examples
    --------
    >>> import numpy as np
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> set_pixel_data(ds, np.zeros((3, 4), np.uint16), "MONOCHROME2", 12)
    >>> ds.Rows, ds.Columns, ds.BitsAllocated, ds.HighBit
    (3, 4, 16, 11)
    """
    for keyword in ("FloatPixelData", "DoubleFloatPixelData"):
        if keyword in ds:
            raise AttributeError(
                f"the data set has {keyword}, so its SOP Class has no Pixel Data; remove it and "
                "set another SOP Class UID first"
            )
    photometric = str(photometric_interpretation)
    if photometric not in _SAMPLES:
        raise ValueError(
            f"Photometric Interpretation {photometric!r} is none of {', '.join(_SAMPLES)}"
        )
    samples = _SAMPLES[photometric]
    frames = _checked(arr, samples, photometric)
    allocated = 8 * arr.dtype.itemsize
    if not 1 <= bits_stored <= allocated:
        raise ValueError(f"{bits_stored} bits cannot be stored in cells of {allocated}")
    check_range(arr, bits_stored)
    rows, columns = arr.shape[-3:-1] if samples == 3 else arr.shape[-2:]
    if max(rows, columns) > 65535:
        raise ValueError(f"an image of {rows} x {columns} pixels has more than 65535 in a line")
    stored = arr.astype(arr.dtype.newbyteorder("<"), copy=False)
    if photometric == "YBR_FULL_422":
        stored = _halved_chrominance(stored)
    value = stored.tobytes()

    changes = Changes()
    changes.pixel_data(value + bytes(len(value) % 2), "OB" if allocated == 8 else "OW", _syntax(ds))
    changes.elements = {
        "SamplesPerPixel": samples,
        "PhotometricInterpretation": photometric,
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": allocated,
        "BitsStored": bits_stored,
        "HighBit": bits_stored - 1,
        "PixelRepresentation": int(arr.dtype.kind == "i"),
    }
    for keyword, wanted in (("PlanarConfiguration", samples > 1), ("NumberOfFrames", frames)):
        if wanted:
            changes.elements[keyword] = 0 if keyword == "PlanarConfiguration" else frames
        else:
            changes.removed.add(keyword)
    changes.apply(ds, new_instance=generate_instance_uid)


def _checked(arr: NDArray[Any], samples: int, photometric: str) -> int | None:
    """Return the number of frames, or None if the array has no axis for them."""
    if f"{arr.dtype.kind}{arr.dtype.itemsize}" not in _DTYPES:
        raise ValueError(f"pixels are int8, int16, uint8 or uint16, not {arr.dtype}")
    least = 2 if samples == 1 else 3
    if arr.ndim not in (least, least + 1) or (samples > 1 and arr.shape[-1] != samples):
        axes = "rows, columns" + ", 3" * (samples > 1)
        raise ValueError(
            f"{photometric} needs the axes [{axes}] or [frames, {axes}], and the array has the "
            f"shape {arr.shape}"
        )
    if arr.size == 0:
        raise ValueError(f"an array of shape {arr.shape} has no pixels")
    return int(arr.shape[0]) if arr.ndim > least else None


def _halved_chrominance(arr: NDArray[Any]) -> NDArray[Any]:
    """Return pixels as Y1 Y2 CB CR, the chrominance of every second one left out.

    The first of two has the chrominance's site (PS3.3 C.7.6.3.1.2).
    """
    if arr.shape[-2] % 2:
        raise ConformanceError(
            f"YBR_FULL_422 pairs the pixels of a row, and the array has {arr.shape[-2]} columns",
            clause="PS3.3 C.7.6.3.1.2",
        )
    pairs = arr.reshape(-1, 2, 3)
    packed = np.empty((len(pairs), 4), arr.dtype)
    packed[:, :2] = pairs[..., 0]
    packed[:, 2:] = pairs[:, 0, 1:]
    return packed


def _syntax(ds: Dataset) -> str:
    """Return the transfer syntax that the data set has afterwards."""
    meta = getattr(ds, "file_meta", None)
    uid = None if meta is None else meta.get("TransferSyntaxUID")
    if not uid:
        return _EXPLICIT_LITTLE_ENDIAN
    codec = codec_for(str(uid))
    if codec.big_endian:
        raise UnsupportedSyntaxError(
            f"pixels are not put into a data set of {codec.label}",
            hint="set the transfer syntax to Explicit VR Little Endian first",
        )
    return _EXPLICIT_LITTLE_ENDIAN if codec.encapsulated else str(uid)
