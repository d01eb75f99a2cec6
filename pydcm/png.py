"""Writes PNG images (ISO/IEC 15948) with nothing but the standard library.

Gray and RGB, 8 and 16 bits a sample, no palette, no alpha, no interlace: what
a look at decoded pixels needs. Rows are filtered by the "up" or "sub" rule
when numpy is there, and left as they are when it is not.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING

from pydcm.whole_file import whole_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["array_to_png", "encode_png", "write_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 3: 2}
"""Colour type by samples per pixel: 0 is grayscale, 2 is truecolour."""


def encode_png(
    samples: bytes | bytearray | memoryview,
    width: int,
    height: int,
    *,
    channels: int = 1,
    bits: int = 8,
    text: dict[str, str] | None = None,
) -> bytes:
    r"""Return a PNG file holding `samples`.

    Parameters
    ----------
    samples : bytes-like
        Row after row, samples of a pixel side by side; 16-bit samples have
        the most significant byte first, as PNG wants them.
    width, height : int
        In pixels, at least 1.
    channels : {1, 3}
        Gray or RGB.
    bits : {8, 16}
        Bits a sample.
    text : dict of str to str, optional
        Latin-1 text to carry along, by keyword (``tEXt`` chunks).

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    ValueError
        If the number of bytes and the dimensions disagree.

    Examples
    --------
    >>> encode_png(bytes([0, 255]), 2, 1)[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    if channels not in _COLOUR_TYPES or bits not in (8, 16):
        raise ValueError(f"PNG of {channels} channels of {bits} bits: use 1 or 3 of 8 or 16")
    stride = width * channels * bits // 8
    raw = memoryview(samples).cast("B")
    if width < 1 or height < 1 or len(raw) != stride * height:
        raise ValueError(
            f"{len(raw)} bytes do not make {width} x {height} pixels "
            f"of {channels} channels of {bits} bits"
        )
    rows = b"".join(b"\0" + raw[at : at + stride] for at in range(0, len(raw), stride))
    return _file(rows, width, height, channels, bits, text or {})


def array_to_png(image: NDArray[np.generic], *, text: dict[str, str] | None = None) -> bytes:
    """Return a PNG file of an array.

    Parameters
    ----------
    image : ndarray, shape (rows, columns) or (rows, columns, 3)
        uint8, uint16 or bool.
    text : dict of str to str, optional
        As for :func:`encode_png`.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    ValueError
        If PNG has no form for the shape or dtype.
    """
    import numpy as np

    shaped = image[..., np.newaxis] if image.ndim == 2 else image
    if shaped.ndim != 3 or shaped.shape[2] not in _COLOUR_TYPES or shaped.size == 0:
        raise ValueError(f"an array of shape {image.shape} is no gray or RGB image")
    if shaped.dtype == np.bool_:
        shaped = shaped.astype(np.uint8) * np.uint8(255)
    if shaped.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"PNG holds uint8 or uint16, not {shaped.dtype}: apply a window first")
    height, width, channels = shaped.shape
    big = np.ascontiguousarray(shaped, dtype=shaped.dtype.newbyteorder(">"))
    rows = big.view(np.uint8).reshape(height, -1)
    filtered = _filtered(rows, channels * shaped.dtype.itemsize)
    return _file(filtered, width, height, channels, 8 * shaped.dtype.itemsize, text or {})


def write_png(path: str | os.PathLike[str], image: NDArray[np.generic]) -> None:
    """Write an array as a PNG file.

    Parameters
    ----------
    path : str or PathLike
        Where to.
    image : ndarray
        As for :func:`array_to_png`.
    """
    encoded = array_to_png(image)
    with whole_file(os.fspath(path)) as file:
        file.write(encoded)


def _filtered(rows: NDArray[np.uint8], pixel_bytes: int) -> bytes:
    """Return the rows with, for each, the filter of the smallest sum of magnitudes.

    That sum is the selection rule which ISO/IEC 15948 12.8 recommends; among
    the filters, none, sub and up are tried.
    """
    import numpy as np

    sub = rows.copy()
    sub[:, pixel_bytes:] -= rows[:, :-pixel_bytes]
    up = rows.copy()
    up[1:] -= rows[:-1]
    candidates = np.stack([rows, sub, up])
    costs = np.abs(candidates.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)
    best = costs.argmin(axis=0)
    chosen = candidates[best, np.arange(len(rows))]
    return np.concatenate([best.astype(np.uint8)[:, np.newaxis], chosen], axis=1).tobytes()


def _file(
    rows: bytes, width: int, height: int, channels: int, bits: int, text: dict[str, str]
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, _COLOUR_TYPES[channels], 0, 0, 0)
    texts = (
        _chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + value.encode("latin-1", "replace"))
        for keyword, value in text.items()
    )
    data = _chunk(b"IDAT", zlib.compress(rows, 6))
    return b"".join([_SIGNATURE, _chunk(b"IHDR", header), *texts, data, _chunk(b"IEND", b"")])


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
