"""Images compressed and decompressed in place (PS3.5 8.2, PS3.3 C.7.6.1.1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm._codecs import Codec, codec_for
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.dataset import Dataset
from pydcm.encaps import encapsulate, encapsulate_extended
from pydcm.errors import ConformanceError, LimitError, MissingElementError
from pydcm.pixels.changes import Changes
from pydcm.pixels.decoders.base import get_decoder
from pydcm.pixels.encoders.base import codec_options, get_encoder
from pydcm.pixels.model import DESCRIBING_OPTIONS, as_pixel_options, transfer_syntax_of
from pydcm.pixels.results import layout_of_result, native_octets

__all__ = ["compress", "decompress"]

_EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
_RLE = "1.2.840.10008.1.2.5"
_ITEM_HEADER = 8
_LARGEST_OFFSET = 0xFFFFFFFF

_METHODS = {
    "jpeg-baseline": "ISO_10918_1",
    "jpeg": "ISO_10918_1",
    "jpeg-ls": "ISO_14495_1",
    "jpeg2000": "ISO_15444_1",
    "htj2k": "ISO_15444_15",
    "jpeg-xl": "ISO_18181_1",
}
"""Lossy Image Compression Method for each codec (PS3.3 C.7.6.1.1.5.1)."""


def compress(
    ds: Dataset,
    transfer_syntax_uid: str,
    arr: NDArray[Any] | None = None,
    *,
    encoding_plugin: str = "",
    encapsulate_ext: bool = False,
    generate_instance_uid: bool = True,
    jls_error: int | None = None,
    j2k_cr: list[float] | None = None,
    j2k_psnr: list[float] | None = None,
    **kwargs: Any,
) -> Dataset:
    """Compress the pixels of a data set in place.

    If anything fails, the data set is as it was before.

    Parameters
    ----------
    ds : Dataset
        An image. One that is compressed already is decoded first, a frame at a
        time.
    transfer_syntax_uid : str
        What to compress to.
    arr : ndarray, optional
        Pixels to use instead of the data set's, whose elements must describe
        them: ``[frames, rows, columns, samples]`` without the axes of frames
        and of samples where there is one.
    encoding_plugin : str
        As for :meth:`pydcm.pixels.encoders.base.Encoder.encode`.
    encapsulate_ext : bool
        Write an Extended Offset Table (PS3.3 C.7.6.3.1.8) instead of a Basic
        one. That happens anyway if the frames take more than 4 GiB.
    generate_instance_uid : bool
        Give the image a new SOP Instance UID.
    jls_error : int, optional
        JPEG-LS near-lossless: the largest error of a sample.
    j2k_cr : list of float, optional
        JPEG 2000: the compression ratio of each quality layer, largest first.
    j2k_psnr : list of float, optional
        JPEG 2000: the decibels of each quality layer, instead of ratios.
    **kwargs : object
        Other options of :meth:`pydcm.pixels.encoders.base.Encoder.encode`;
        those that describe the pixels do not count, for the data set does that.

    Returns
    -------
    Dataset
        `ds`. Lossy compression is told by Lossy Image Compression, its Ratio
        and its Method, to which a value is appended.

    Raises
    ------
    MissingElementError
        If there are no pixels, or something that describes them is absent.
    ValueError
        If `arr` is not what the data set describes, or the standard does not
        allow the transfer syntax for such pixels.
    UnsupportedSyntaxError
        If nothing here can encode it.

    Examples
    --------
    >>> from copy import deepcopy
    >>> from pydcm import examples
    >>> ds = compress(deepcopy(examples.ct), "1.2.840.10008.1.2.5")
    >>> ds.file_meta.TransferSyntaxUID.name
    'RLE Lossless'
    """
    encoder = get_encoder(transfer_syntax_uid)
    codec = codec_for(str(transfer_syntax_uid))
    # The image is what its elements say: they stay as they are beside the frames.
    options = {name: kwargs[name] for name in kwargs if name not in DESCRIBING_OPTIONS}
    options |= {"jls_error": jls_error, "j2k_cr": j2k_cr, "j2k_psnr": j2k_psnr}
    validate = options.pop("validate", True)
    if arr is None:
        transfer_syntax_of(ds)
    else:
        _refuse_float_pixel_data(ds)
        options = {**as_pixel_options(ds), **options}
    source = encoder.source(ds if arr is None else arr, options, validate=validate)
    encode = encoder.function(encoding_plugin, options)
    chosen = codec_options(options)
    frames = [encode(pixels, source.layout, chosen) for pixels in source]

    changes = Changes()
    _encapsulate(changes, frames, codec.uid, extended=encapsulate_ext)
    photometric = codec.encoded_photometric(source.layout, chosen)
    if photometric != ds.get("PhotometricInterpretation"):
        changes.elements["PhotometricInterpretation"] = photometric
    # Segments of RLE are planes in any case, and either value may stay (PS3.5 8.2.2).
    if source.layout.samples > 1 and not (codec.uid == _RLE and "PlanarConfiguration" in ds):
        changes.elements["PlanarConfiguration"] = 0
    if _loses(codec, chosen):
        _tell_losses(changes, ds, codec, source.layout, frames)
    changes.apply(ds, new_instance=generate_instance_uid)
    return ds


def decompress(
    ds: Dataset,
    *,
    as_rgb: bool = True,
    generate_instance_uid: bool = True,
    decoding_plugin: str = "",
    **kwargs: Any,
) -> Dataset:
    """Decompress the pixels of a data set in place, to Explicit VR Little Endian.

    If anything fails, the data set is as it was before.

    Parameters
    ----------
    ds : Dataset
        An image whose pixel data are encapsulated.
    as_rgb : bool
        Convert YBR_FULL to RGB.
    generate_instance_uid : bool
        Give the image a new SOP Instance UID.
    decoding_plugin : str
        As for :meth:`pydcm.pixels.decoders.base.Decoder.as_array`.
    **kwargs : object
        Other options of :meth:`pydcm.pixels.decoders.base.Decoder.as_array`.

    Returns
    -------
    Dataset
        `ds`. What tells of lossy compression stays.

    Raises
    ------
    MissingElementError
        If there are no Pixel Data, or something that describes them is absent.
    ValueError
        If they are not compressed.
    UnsupportedSyntaxError
        If nothing here can decode them.
    CorruptStreamError
        If they are broken.

    Examples
    --------
    >>> from copy import deepcopy
    >>> from pydcm import examples
    >>> ds = compress(deepcopy(examples.ct), "1.2.840.10008.1.2.5")
    >>> ds = decompress(ds)
    >>> ds["PixelData"].VR, len(ds.PixelData)
    ('OW', 32768)
    """
    uid = transfer_syntax_of(ds)
    if "PixelData" not in ds:
        raise MissingElementError("the data set has no Pixel Data", tag_path="PixelData")
    if not codec_for(uid).encapsulated:
        raise ConformanceError("the data set is not compressed", tag_path="TransferSyntaxUID")
    decoder = get_decoder(uid)
    reader = decoder.reader(ds, decoding_plugin, {**kwargs, "as_rgb": as_rgb})
    layout = reader.model.layout
    value = _Cells(layout, reader.count)
    for k, pixels in enumerate(reader.stream(range(reader.count))):
        value.put(k, pixels)
    result = layout_of_result(reader)

    changes = Changes()
    vr = "OB" if layout.bits_allocated <= 8 else "OW"
    changes.pixel_data(value.octets(), vr, _EXPLICIT_LITTLE_ENDIAN)
    if result.photometric != ds.PhotometricInterpretation:
        changes.elements["PhotometricInterpretation"] = result.photometric
    if layout.samples > 1:
        changes.elements["PlanarConfiguration"] = 0
    if reader.count != reader.model.frames:
        changes.elements["NumberOfFrames"] = reader.count
    changes.apply(ds, new_instance=generate_instance_uid)
    return ds


class _Cells:
    """Native Pixel Data, filled frame by frame."""

    def __init__(self, layout: FrameLayout, frames: int) -> None:
        self._layout = layout
        # Frames of 1-bit pixels need not begin with an octet, so they are kept apart first.
        self._size = layout.cells if layout.bits_allocated == 1 else layout.bits_allocated // 8
        self._size *= 1 if layout.bits_allocated == 1 else layout.cells
        length = self._size * frames
        limits.check("max_array_bytes", length, "bytes of decoded pixels")
        try:
            self._octets = bytearray(length + length % 2)
        except MemoryError as error:
            raise LimitError(f"there is no memory for {length} bytes of pixels") from error
        self._length = length

    def put(self, frame: int, pixels: NDArray[np.generic]) -> None:
        start = frame * self._size
        if self._layout.bits_allocated == 1:
            self._octets[start : start + self._size] = pixels.tobytes()
        else:
            self._octets[start : start + self._size] = native_octets(pixels, self._layout)

    def octets(self) -> bytes:
        if self._layout.bits_allocated > 1:
            return bytes(self._octets)
        cells = np.frombuffer(self._octets, np.uint8, self._length)
        packed = native_octets(cells, self._layout)
        return packed + bytes(len(packed) % 2)


def _refuse_float_pixel_data(ds: Dataset) -> None:
    for keyword in ("FloatPixelData", "DoubleFloatPixelData"):
        if keyword in ds:
            raise MissingElementError(
                f"the data set has {keyword}, which is never compressed", tag_path=keyword
            )


def _encapsulate(changes: Changes, frames: Sequence[bytes], syntax: str, *, extended: bool) -> None:
    """Put encoded frames into Pixel Data with the offset table that can tell where they are."""
    sizes = [len(frame) for frame in frames]
    if extended or last_offset(sizes) > _LARGEST_OFFSET:
        value, *tables = encapsulate_extended(list(frames))
        changes.pixel_data(value, "OB", syntax, tables=(tables[0], tables[1]), encapsulated=True)
    else:
        changes.pixel_data(encapsulate(list(frames)), "OB", syntax, encapsulated=True)


def last_offset(sizes: Sequence[int]) -> int:
    """Return the offset of the last frame's item, from that of the first (PS3.5 A.4).

    Parameters
    ----------
    sizes : sequence of int
        The bytes of each frame, which become one fragment of even length.
    """
    return sum(_ITEM_HEADER + size + size % 2 for size in sizes[:-1])


def _loses(codec: Codec, options: EncodeOptions) -> bool:
    """Return whether decoded frames differ from those that were encoded."""
    if codec.lossless is not None:
        return not codec.lossless
    asked = options.near or options.compression_ratios or options.psnr or options.distance
    return bool(asked)


def _tell_losses(
    changes: Changes, ds: Dataset, codec: Codec, layout: FrameLayout, frames: Sequence[bytes]
) -> None:
    """Append to the history of lossy compression, of which nothing is ever removed."""
    native = len(frames) * layout.cells * layout.bits_allocated / 8
    ratio = native / max(1, sum(map(len, frames)))
    ratios = _values(ds, "LossyImageCompressionRatio")
    methods = _values(ds, "LossyImageCompressionMethod")
    # The values of both belong together by their position.
    methods += [""] * (len(ratios) - len(methods))
    changes.elements["LossyImageCompression"] = "01"
    changes.elements["LossyImageCompressionRatio"] = [*ratios, f"{ratio:.6g}"]
    changes.elements["LossyImageCompressionMethod"] = [*methods, _METHODS[codec.module]]


def _values(ds: Dataset, keyword: str) -> list[Any]:
    value = ds.get(keyword)
    if value is None or value == "":
        return []
    return list(value) if not isinstance(value, str) and hasattr(value, "__iter__") else [value]
