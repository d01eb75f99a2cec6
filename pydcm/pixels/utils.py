"""Pixels of a data set or file as arrays, and what the compatible API has beside."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, overload

import numpy as np
from numpy.typing import NDArray

from pydcm._borrowed import borrowed
from pydcm._codecs import codec_for
from pydcm._codecs.layout import FrameLayout
from pydcm._codecs.native import decode_frames
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, UnsupportedSyntaxError, UnsupportedValueError
from pydcm.filereader import dcmread
from pydcm.kernels import bits
from pydcm.kernels.status import failure
from pydcm.pixels.compression import compress, decompress
from pydcm.pixels.decoders.base import get_decoder
from pydcm.pixels.decoders.reading import array_of, arrays_of
from pydcm.pixels.frames import FrameReader
from pydcm.pixels.model import (
    PIXEL_TAGS,
    as_pixel_options,
    frame_count,
    read_model,
    transfer_syntax_of,
)
from pydcm.pixels.pixel_data import set_pixel_data
from pydcm.uid import (
    ExplicitVRBigEndian,
    JPEG2000TransferSyntaxes,
    JPEGLSTransferSyntaxes,
    JPEGTransferSyntaxes,
    RLELossless,
)

__all__ = [
    "as_pixel_options",
    "compress",
    "decode_uncompressed",
    "decompress",
    "expand_ybr422",
    "get_expected_length",
    "get_image_pixel_ids",
    "get_j2k_parameters",
    "get_nr_frames",
    "iter_pixels",
    "pack_bits",
    "pixel_array",
    "pixel_dtype",
    "reshape_pixel_array",
    "set_pixel_data",
    "unpack_bits",
]

Array = NDArray[Any]
Source = str | os.PathLike[str] | BinaryIO | Dataset


def pixel_array(
    src: Source,
    *,
    ds_out: Dataset | None = None,
    specific_tags: list[int] | None = None,
    index: int | None = None,
    raw: bool = False,
    decoding_plugin: str = "",
    **kwargs: Any,
) -> Array:
    """Return the pixels of a file or data set.

    Parameters
    ----------
    src : str, PathLike, binary file-like or Dataset
        The image. A file-like is read from its beginning, and left where it was.
    ds_out : Dataset, optional
        Receives group 0028 and file meta information of a file.
    specific_tags : list of int, optional
        What else it receives.
    index : int, optional
        The only frame wanted, from 0. Only its own bytes are read.
    raw : bool
        Leave YBR as it is.
    decoding_plugin : str
        As for :meth:`pydcm.pixels.decoders.base.Decoder.as_array`.
    **kwargs : object
        Options that replace values of the data set, as
        :func:`as_pixel_options` names them, and ``as_rgb``, ``force_rgb``,
        ``force_ybr``, ``correct_unused_bits``, ``allow_excess_frames``,
        ``be_swap_ow``, ``pixel_vr``, ``rle_segment_order``. With
        ``transfer_syntax_uid`` a bare data set is read, too.

    Returns
    -------
    ndarray
        ``[frames, rows, columns, samples]`` without the axis of frames if there
        is one, and without that of samples if there is one. YBR_FULL and
        YBR_FULL_422 come as RGB; palettes are not applied. Big endian files
        give big endian arrays.

    Raises
    ------
    MissingElementError
        If there are no pixels, or something that describes them is absent.
    UnsupportedSyntaxError
        If no codec handles the transfer syntax.
    CorruptStreamError
        If the pixel data are broken or truncated.
    ValueError
        If `index` is negative, or there is no such frame.

    Examples
    --------
    >>> from pydcm import examples
    >>> pixel_array(examples.ct).shape
    (128, 128)
    """
    # A bare data set is read if its transfer syntax is told.
    ds = _opened(src, ds_out, specific_tags, force="transfer_syntax_uid" in kwargs)
    return array_of(_reader(ds, decoding_plugin, kwargs, raw), index)


def iter_pixels(
    src: Source,
    *,
    ds_out: Dataset | None = None,
    specific_tags: list[int] | None = None,
    indices: Iterable[int] | None = None,
    raw: bool = False,
    decoding_plugin: str = "",
    **kwargs: Any,
) -> Iterator[Array]:
    """Yield the frames of a file or data set, one at a time.

    Parameters
    ----------
    src, ds_out, specific_tags, raw, decoding_plugin, **kwargs
        As for :func:`pixel_array`.
    indices : iterable of int, optional
        The frames wanted, from 0, in this order.

    Yields
    ------
    ndarray
        ``[rows, columns]`` or ``[rows, columns, samples]``.

    Examples
    --------
    >>> from pydcm import examples
    >>> next(iter_pixels(examples.ybr_color)).shape
    (240, 320, 3)
    """
    # A bare data set is read if its transfer syntax is told.
    ds = _opened(src, ds_out, specific_tags, force="transfer_syntax_uid" in kwargs)
    yield from arrays_of(_reader(ds, decoding_plugin, kwargs, raw), indices)


def _reader(ds: Dataset, plugin: str, options: dict[str, Any], raw: bool) -> FrameReader:
    uid = options.get("transfer_syntax_uid") or transfer_syntax_of(ds)
    return get_decoder(str(uid)).reader(ds, plugin, options, raw=raw)


def decode_uncompressed(ds: Dataset) -> Array:
    """Return the stored values of Pixel Data that are not compressed.

    Parameters
    ----------
    ds : Dataset
        An image. Without a transfer syntax its Pixel Data are taken as little
        endian.

    Returns
    -------
    ndarray, shape (frames, rows, columns) or (frames, rows, columns, samples)
        Stored values, colours as they are.

    Raises
    ------
    UnsupportedSyntaxError
        If the Pixel Data are encapsulated.

    Examples
    --------
    >>> from pydcm import examples
    >>> decode_uncompressed(examples.ybr_color).shape
    (30, 240, 320, 3)
    """
    meta = getattr(ds, "file_meta", None)
    uid = None if meta is None else meta.get("TransferSyntaxUID")
    if uid and codec_for(str(uid)).encapsulated:
        raise UnsupportedSyntaxError(
            "the pixel data are encapsulated", hint="decode them with pixel_array"
        )
    reader = FrameReader(read_model(ds, **({} if uid else {"transfer_syntax_uid": _NATIVE})))
    array = reader.read(0, reader.count)
    return array[..., 0] if array.shape[3] == 1 else array


_NATIVE = "1.2.840.10008.1.2.1"


@overload
def unpack_bits(src: bytes, as_array: Literal[True] = ...) -> NDArray[np.uint8]: ...
@overload
def unpack_bits(src: bytes, as_array: Literal[False]) -> bytes: ...
@overload
def unpack_bits(src: Dataset, as_array: bool = ...) -> NDArray[np.uint8]: ...


def unpack_bits(src: bytes | Dataset, as_array: bool = True) -> NDArray[np.uint8] | bytes:
    r"""Return packed pixels of one bit as 0 and 1 (PS3.5 8.1.1).

    Parameters
    ----------
    src : bytes or Dataset
        Octets, or an image with Bits Allocated 1.
    as_array : bool
        False to get octets as bytes.

    Returns
    -------
    ndarray of uint8, or bytes
        One element for each bit, the least significant bit of an octet first;
        ``[frames, rows, columns]`` of a data set.

    Examples
    --------
    >>> unpack_bits(b"\x05").tolist()
    [1, 0, 1, 0, 0, 0, 0, 0]
    """
    if isinstance(src, Dataset):
        model = read_model(src)
        if model.layout.bits_allocated != 1:
            raise ConformanceError(
                f"Bits Allocated is {model.layout.bits_allocated}, not 1", tag_path="BitsAllocated"
            )
        reader = FrameReader(model)
        frames: NDArray[np.uint8] = reader.read(0, reader.count)[..., 0].astype(np.uint8)
        return frames
    octets = np.frombuffer(src, np.uint8)
    pixels = np.empty(8 * len(octets), np.uint8)
    status = bits.unpack(octets, 0, pixels)
    if status < 0:
        raise failure("bits.unpack", status)
    return pixels if as_array else pixels.tobytes()


def pack_bits(arr: NDArray[Any], pad: bool = True) -> bytes:
    r"""Return pixels of value 0 and 1 as packed octets (PS3.5 8.1.1).

    Parameters
    ----------
    arr : ndarray
        Pixels in any shape; frames follow each other without padding.
    pad : bool
        Append a zero byte if the number of octets is odd.

    Raises
    ------
    ValueError
        If a pixel is neither 0 nor 1.

    Examples
    --------
    >>> import numpy as np
    >>> pack_bits(np.array([1, 0, 1]))
    b'\x05\x00'
    """
    pixels = np.asarray(arr).ravel()
    if not np.isin(pixels, (0, 1)).all():
        raise ValueError("pixels to pack must be 0 or 1")
    packed = np.zeros((len(pixels) + 7) // 8, np.uint8)
    status = bits.pack(pixels.astype(np.uint8), packed, 0)
    if status < 0:
        raise failure("bits.pack", status)
    return packed.tobytes() + bytes(len(packed) % 2 if pad else 0)


def expand_ybr422(src: bytes | bytearray, bits_allocated: int) -> bytes:
    """Return YBR_FULL_422 pixels with the chrominance of each written out.

    Parameters
    ----------
    src : bytes
        Little endian Y1 Y2 CB CR (PS3.3 C.7.6.3.1.2).
    bits_allocated : {8, 16}
        Bits of a sample.
    """
    cell = bits_allocated // 8
    pairs = len(src) // (4 * cell)
    layout = FrameLayout(
        1, 2 * pairs, 3, bits_allocated, bits_allocated, photometric="YBR_FULL_422"
    )
    return decode_frames(bytes(src[: 4 * cell * pairs]), layout, 1).tobytes()


def get_nr_frames(ds: Dataset, warn: bool = True) -> int:
    """Return Number of Frames (0028,0008), 1 where it is absent.

    Parameters
    ----------
    ds : Dataset
        An image.
    warn : bool
        Warn about a value below 1, which counts as 1.
    """
    import warnings

    if warn:
        if "NumberOfFrames" in ds and ds["NumberOfFrames"].value is None:
            warnings.warn("Number of Frames is empty; one frame is assumed", stacklevel=2)
        return frame_count(ds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return frame_count(ds)


def get_expected_length(ds: Dataset, unit: Literal["bytes", "pixels"] = "bytes") -> int:
    """Return how long native Pixel Data must be.

    Parameters
    ----------
    ds : Dataset
        An image.
    unit : {"bytes", "pixels"}
        What to count; bytes without padding, or the samples of all frames.
    """
    cells = ds.Rows * ds.Columns * ds.SamplesPerPixel * get_nr_frames(ds)
    if unit == "pixels":
        return int(cells)
    if ds.BitsAllocated == 1:
        return int(cells // 8 + (cells % 8 > 0))
    octets = int(cells * (ds.BitsAllocated // 8))
    return octets // 3 * 2 if ds.PhotometricInterpretation == "YBR_FULL_422" else octets


def get_image_pixel_ids(ds: Dataset) -> dict[str, int]:
    """Return the identity of each value that decoding depends on, to find out about changes.

    Parameters
    ----------
    ds : Dataset
        An image.
    """
    keywords = (
        "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration", "NumberOfFrames",
        "Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", *PIXEL_TAGS,
    )  # fmt: skip
    return {keyword: id(ds.get(keyword)) for keyword in keywords}


def get_j2k_parameters(codestream: bytes) -> dict[str, Any]:
    r"""Return what the head of a JPEG 2000 code stream tells about its samples.

    Parameters
    ----------
    codestream : bytes
        The code stream, or a JP2 file.

    Returns
    -------
    dict
        ``precision`` in bits, ``is_signed``, and ``jp2``: whether there is a
        file format around it. Empty if it is no JPEG 2000.

    Examples
    --------
    >>> get_j2k_parameters(b"\\xff\\xd8")
    {}
    """
    jp2 = codestream.startswith(b"\x00\x00\x00\x0cjP  \r\n\x87\n")
    # SIZ follows SOC at once (ISO 15444-1 A.5.1), and its first component begins at octet 42.
    start = codestream.find(b"\xff\x4f\xff\x51") if jp2 else 0
    if start < 0 or codestream[start : start + 4] != b"\xff\x4f\xff\x51":
        return {}
    depth = codestream[start + 42 : start + 43]
    if not depth:
        return {}
    return {"precision": (depth[0] & 0x7F) + 1, "is_signed": depth[0] >= 0x80, "jp2": jp2}


def pixel_dtype(ds: Dataset, as_float: bool = False) -> np.dtype[Any]:
    """Return the type of the pixels of an image.

    Parameters
    ----------
    ds : Dataset
        An image.
    as_float : bool
        Whether it has Float or Double Float Pixel Data.

    Raises
    ------
    UnsupportedValueError
        If numpy has no such type.
    ConformanceError
        If Pixel Representation is neither 0 nor 1.
    """
    allocated = ds.BitsAllocated
    order: Literal["<", ">"] = "<" if _is_little_endian(ds) else ">"
    kinds = {1: "u1"} if not as_float else {32: "f4", 64: "f8"}
    if not as_float:
        kind = "ui"[_zero_or_one(ds, "PixelRepresentation")]
        kinds.update({8 * size: f"{kind}{size}" for size in (1, 2, 4, 8)})
    if allocated not in kinds:
        raise UnsupportedValueError(f"numpy has no type for Bits Allocated {allocated}")
    return np.dtype(order + kinds[allocated])


def reshape_pixel_array(ds: Dataset, arr: Array) -> Array:
    """Return a flat array of pixels in the shape of an image.

    Parameters
    ----------
    ds : Dataset
        An image.
    arr : ndarray
        Its samples in the order in which they are stored, or a decoder gives them:
        segments of RLE are planes, other code streams have the samples of a pixel
        together, whatever Planar Configuration says (PS3.5 8.2).

    Raises
    ------
    ConformanceError
        If Planar Configuration is needed, and neither 0 nor 1.
    """
    frames, samples = get_nr_frames(ds), ds.SamplesPerPixel
    if samples > 1 and _has_planes(ds):
        shaped = arr.reshape(frames, samples, ds.Rows, ds.Columns).transpose(0, 2, 3, 1)
    else:
        shaped = arr.reshape(frames, ds.Rows, ds.Columns, samples)
    if samples == 1:
        shaped = shaped[..., 0]
    return shaped[0] if frames == 1 else shaped


def _has_planes(ds: Dataset) -> bool:
    uid = getattr(ds, "file_meta", Dataset()).get("TransferSyntaxUID")
    if uid == RLELossless:
        return True
    if uid in (*JPEGTransferSyntaxes, *JPEGLSTransferSyntaxes, *JPEG2000TransferSyntaxes):
        return False
    return bool(_zero_or_one(ds, "PlanarConfiguration"))


def _is_little_endian(ds: Dataset) -> bool:
    """Return whether pixels are, as the transfer syntax or else the data set's origin tells."""
    uid = getattr(ds, "file_meta", Dataset()).get("TransferSyntaxUID")
    if uid:
        return bool(uid != ExplicitVRBigEndian)
    return ds.is_little_endian is not False


def _zero_or_one(ds: Dataset, keyword: str) -> int:
    value: object = getattr(ds, keyword)
    if value not in (0, 1):
        raise ConformanceError(
            f"{keyword} is {value!r} and must be 0 or 1", tag_path=keyword, clause="PS3.3 C.7.6.3"
        )
    return int(value == 1)


def _opened(
    src: Source, ds_out: Dataset | None, specific_tags: list[int] | None, *, force: bool
) -> Dataset:
    """Return the data set, and copy what describes it to `ds_out`."""
    if isinstance(src, Dataset):
        return src
    if not isinstance(src, (str, os.PathLike)) and hasattr(src, "read"):
        position = src.tell()
        src.seek(0)
        try:
            ds = dcmread(src, force=force)
        finally:
            src.seek(position)
    else:
        ds = dcmread(src, force=force)
    if ds_out is not None:
        wanted = {int(tag) for tag in specific_tags or ()}
        for tag in [tag for tag in list(ds.keys()) if tag >> 16 == 0x0028 or tag in wanted]:
            ds_out[tag] = ds[tag]
        ds_out.file_meta = ds.file_meta
        ds_out.set_original_encoding(*ds.original_encoding, ds.original_character_set)
    return ds


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
