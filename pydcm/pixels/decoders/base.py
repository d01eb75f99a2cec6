"""The decoder of each transfer syntax."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from numpy.typing import NDArray

from pydcm._borrowed import borrowed
from pydcm._codecs import codec_for
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, UnsupportedSyntaxError
from pydcm.pixels.coder import CoderBase
from pydcm.pixels.decoders.plugin import DecodeFunction, DecodeOptions, DecodeRunner, by_plugin
from pydcm.pixels.decoders.reading import array_of, arrays_of, checked, octets_of
from pydcm.pixels.frames import Colour, Decoding, FrameReader
from pydcm.pixels.model import PIXEL_TAGS, PixelModel, read_model
from pydcm.pixels.remembered import reader_of
from pydcm.pixels.results import described, layout_of_result
from pydcm.pixels.runner import Buffer, RunnerBase, frames_of

__all__ = [
    "DecodeFunction",
    "DecodeOptions",
    "DecodeRunner",
    "Decoder",
    "DeflatedExplicitVRLittleEndianDecoder",
    "ExplicitVRBigEndianDecoder",
    "ExplicitVRLittleEndianDecoder",
    "HTJ2KDecoder",
    "HTJ2KLosslessDecoder",
    "HTJ2KLosslessRPCLDecoder",
    "ImplicitVRLittleEndianDecoder",
    "JPEG2000Decoder",
    "JPEG2000LosslessDecoder",
    "JPEGBaseline8BitDecoder",
    "JPEGExtended12BitDecoder",
    "JPEGLSLosslessDecoder",
    "JPEGLSNearLosslessDecoder",
    "JPEGLosslessDecoder",
    "JPEGLosslessSV1Decoder",
    "RLELosslessDecoder",
    "get_decoder",
]

Array = NDArray[Any]
Source: TypeAlias = Dataset | Buffer | BinaryIO


class Decoder(CoderBase[DecodeFunction]):
    """Decodes the pixels of one transfer syntax; get it from :func:`get_decoder`.

    Parameters
    ----------
    uid : UID
        Transfer Syntax UID (0002,0010).

    Examples
    --------
    >>> from pydcm import examples
    >>> decoder = get_decoder("1.2.840.10008.1.2.1")
    >>> array, described = decoder.as_array(examples.ct)
    >>> array.shape, described["photometric_interpretation"]
    ((128, 128), 'MONOCHROME2')
    """

    def __init__(self, uid: str) -> None:
        super().__init__(uid, decoder=True)

    def as_array(
        self,
        src: Source,
        *,
        index: int | None = None,
        validate: bool = True,
        raw: bool = False,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> tuple[Array, dict[str, str | int]]:
        """Return decoded pixels and what describes them.

        Parameters
        ----------
        src : Dataset, bytes or binary file-like
            An image; or its Pixel Data, which `kwargs` must describe then. A
            file-like is read from where it is, and left there.
        index : int, optional
            The only frame wanted, from 0. Only its own bytes are read.
        validate : bool
            Taken for compatibility; what describes the pixels is always checked.
        raw : bool
            Leave YBR as it is.
        decoding_plugin : str
            The plugin to use: ``"pydcm"``, the name of a library that is one of
            :attr:`available_plugins`, or one that was added. The plugins of
            pydicom stand for the best there is.
        **kwargs : object
            :class:`DecodeOptions` that replace what a data set says.

        Returns
        -------
        ndarray, shape (frames, rows, columns, samples)
            Without the axes of frames and of samples where there is one. Fresh,
            writable and C-contiguous.
        dict
            What describes it, by the names of :class:`RunnerOptions`.

        Raises
        ------
        MissingElementError
            If something that describes the pixels is absent.
        ValueError
            If there is no such frame or no such plugin, or a value is wrong.
        UnsupportedSyntaxError
            If nothing here can decode it.
        CorruptStreamError
            If the pixel data are broken.
        """
        self._check_syntax(src)
        reader = self.reader(src, decoding_plugin, kwargs, raw=raw)
        array = array_of(reader, index)
        return array, described(layout_of_result(reader), reader.count if index is None else 1)

    def iter_array(
        self,
        src: Source,
        *,
        indices: Iterable[int] | None = None,
        raw: bool = False,
        validate: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> Iterator[tuple[Array, dict[str, str | int]]]:
        """Yield decoded frames one by one, and what describes each.

        Parameters
        ----------
        src, raw, validate, decoding_plugin, **kwargs
            As for :meth:`as_array`.
        indices : iterable of int, optional
            The frames wanted, from 0, in this order.

        Yields
        ------
        ndarray, shape (rows, columns) or (rows, columns, samples)
        dict
        """
        self._check_syntax(src)
        reader = self.reader(src, decoding_plugin, kwargs, raw=raw)
        for array in arrays_of(reader, indices):
            yield array, described(layout_of_result(reader), 1)

    def as_buffer(
        self,
        src: Source,
        *,
        index: int | None = None,
        validate: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> tuple[Buffer, dict[str, str | int]]:
        """Return decoded pixels as octets, colours as they are stored.

        Native pixel data come as they are: with their byte order, planar
        configuration and halved chrominance, and of 8-bit pixels in big endian
        words (OW) with whole words. Others come as little endian samples,
        those of a pixel together, but for RLE, which has plane after plane.

        Parameters
        ----------
        src, index, validate, decoding_plugin, **kwargs
            As for :meth:`as_array`.

        Returns
        -------
        bytes
            The frames, one after the other.
        dict
            What describes them.
        """
        self._check_syntax(src)
        reader = self.reader(src, decoding_plugin, kwargs, raw=True)
        first, count = (0, reader.count) if index is None else (checked(index, reader.count), 1)
        return octets_of(reader, first, count)

    def iter_buffer(
        self,
        src: Source,
        *,
        indices: Iterable[int] | None = None,
        validate: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> Iterator[tuple[Buffer, dict[str, str | int]]]:
        """Yield decoded frames one by one as octets, and what describes each.

        Parameters
        ----------
        src, validate, decoding_plugin, **kwargs
            As for :meth:`as_array`.
        indices : iterable of int, optional
            The frames wanted, from 0, in this order.

        Yields
        ------
        bytes
        dict
        """
        self._check_syntax(src)
        reader = self.reader(src, decoding_plugin, kwargs, raw=True)
        for index in range(reader.count) if indices is None else indices:
            yield octets_of(reader, checked(index, reader.count), 1)

    def _check_syntax(self, src: Source) -> None:
        """Refuse an image of another transfer syntax."""
        meta = getattr(src, "file_meta", None)
        uid = None if meta is None else meta.get("TransferSyntaxUID")
        if uid and str(uid) != self._uid:
            raise ConformanceError(
                f"the data set has the transfer syntax {uid}, and the decoder is for {self._uid}",
                tag_path="TransferSyntaxUID",
            )

    def reader(
        self, src: Source, plugin: str, options: dict[str, Any], *, raw: bool = False
    ) -> FrameReader:
        """Return what reads the frames of an image.

        Parameters
        ----------
        src, plugin, options, raw
            As for :meth:`as_array`.
        """
        if options.get("force_rgb") and options.get("force_ybr"):
            raise ValueError("force_rgb and force_ybr cannot both be True")
        chosen = self._choice(plugin)
        options = {**options, "transfer_syntax_uid": str(self._uid)}
        if "number_of_frames" in options:
            options["number_of_frames"] = frames_of(options["number_of_frames"])
        model = _model(src, options)
        added = self._added.get(chosen)
        decoding = Decoding(
            mask=options.get("correct_unused_bits", True),
            allow_excess_frames=options.get("allow_excess_frames", True),
            most_significant_first=options.get("rle_segment_order", ">") == ">",
            keep_byte_order=True,
            colour=_colour(raw, options),
            implementation="" if added or model.codec != self._codec else chosen,
            workers=options.get("workers"),
            decode=None if added is None else by_plugin(added, self._uid, options),
        )
        if isinstance(src, Dataset):
            return reader_of(src, model, decoding)
        return FrameReader(model, decoding)


def _colour(raw: bool, options: dict[str, Any]) -> Colour:
    """Return what to do with colours, which the compatible API says by four options."""
    if raw:
        return "stored"
    if options.get("force_ybr"):
        return "force-ybr"
    if options.get("force_rgb"):
        return "force-rgb"
    return "rgb" if options.get("as_rgb", True) else "stored"


def _model(src: Source, options: dict[str, Any]) -> PixelModel:
    """Return the model of an image, or of Pixel Data that the options describe."""
    if isinstance(src, Dataset):
        model = read_model(src, **options)
    else:
        model = read_model(_described_dataset(src, options), **options)
    offsets = options.get("extended_offsets")
    return model._replace(extended_offsets=offsets) if offsets else model


def _described_dataset(src: Buffer | BinaryIO, options: dict[str, Any]) -> Dataset:
    """Return Pixel Data as the data set that a model is read from."""
    if not isinstance(src, (bytes, bytearray, memoryview)):
        if not hasattr(src, "read"):
            raise TypeError(f"{type(src).__name__} is neither octets nor a file-like nor a Dataset")
        position = src.tell()
        data = src.read()
        src.seek(position)
    else:
        data = bytes(src)
    keyword = options.get("pixel_keyword", "PixelData")
    if keyword not in PIXEL_TAGS:
        raise ValueError(f"pixel_keyword is {keyword!r} and must be one of {', '.join(PIXEL_TAGS)}")
    runner = RunnerBase(options["transfer_syntax_uid"])
    runner.set_options(**{k: v for k, v in options.items() if k != "transfer_syntax_uid"})
    runner.validate()
    ds = Dataset()
    vr = {"FloatPixelData": "OF", "DoubleFloatPixelData": "OD"}.get(keyword, "OB")
    ds.add_new(PIXEL_TAGS[keyword], vr, data)
    return ds


_DECODERS: dict[str, Decoder] = {}


def get_decoder(uid: str) -> Decoder:
    """Return the decoder of a transfer syntax, always the same one.

    Parameters
    ----------
    uid : str
        Transfer Syntax UID (0002,0010).

    Raises
    ------
    UnsupportedSyntaxError
        If nothing decodes it, whatever is installed.

    Examples
    --------
    >>> get_decoder("1.2.840.10008.1.2.5").is_available
    True
    """
    found = _DECODERS.get(str(uid))
    if found is None:
        codec = codec_for(str(uid))
        if not any(row.decode for row in codec.implementations()):
            raise UnsupportedSyntaxError(
                f"transfer syntax {uid} ({codec.label}) cannot be decoded",
                hint=codec.why_not("decode"),
            )
        found = _DECODERS.setdefault(str(uid), Decoder(str(uid)))
    return found


ImplicitVRLittleEndianDecoder = get_decoder("1.2.840.10008.1.2")
ExplicitVRLittleEndianDecoder = get_decoder("1.2.840.10008.1.2.1")
DeflatedExplicitVRLittleEndianDecoder = get_decoder("1.2.840.10008.1.2.1.99")
ExplicitVRBigEndianDecoder = get_decoder("1.2.840.10008.1.2.2")
JPEGBaseline8BitDecoder = get_decoder("1.2.840.10008.1.2.4.50")
JPEGExtended12BitDecoder = get_decoder("1.2.840.10008.1.2.4.51")
JPEGLosslessDecoder = get_decoder("1.2.840.10008.1.2.4.57")
JPEGLosslessSV1Decoder = get_decoder("1.2.840.10008.1.2.4.70")
JPEGLSLosslessDecoder = get_decoder("1.2.840.10008.1.2.4.80")
JPEGLSNearLosslessDecoder = get_decoder("1.2.840.10008.1.2.4.81")
JPEG2000LosslessDecoder = get_decoder("1.2.840.10008.1.2.4.90")
JPEG2000Decoder = get_decoder("1.2.840.10008.1.2.4.91")
HTJ2KLosslessDecoder = get_decoder("1.2.840.10008.1.2.4.201")
HTJ2KLosslessRPCLDecoder = get_decoder("1.2.840.10008.1.2.4.202")
HTJ2KDecoder = get_decoder("1.2.840.10008.1.2.4.203")
RLELosslessDecoder = get_decoder("1.2.840.10008.1.2.5")

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
