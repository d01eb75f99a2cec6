"""The encoder of each transfer syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydcm._borrowed import borrowed
from pydcm._codecs import Encode, codec_for
from pydcm._codecs import layout as _layout
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import UnsupportedSyntaxError
from pydcm.pixels.coder import CoderBase
from pydcm.pixels.encoders.profiles import check_profile
from pydcm.pixels.encoders.source import FrameSource, Source, frame_source
from pydcm.pixels.results import described, native_octets
from pydcm.pixels.runner import RunnerBase, RunnerOptions
from pydcm.uid import UID

__all__ = [
    "EncodeFunction",
    "EncodeOptions",
    "EncodeRunner",
    "Encoder",
    "JPEG2000Encoder",
    "JPEG2000LosslessEncoder",
    "JPEGLSLosslessEncoder",
    "JPEGLSNearLosslessEncoder",
    "RLELosslessEncoder",
    "codec_options",
    "get_encoder",
]


class EncodeOptions(RunnerOptions, total=False):
    """What describes pixels, and what may be chosen in encoding.

    Beside these every field of :class:`pydcm._codecs.layout.EncodeOptions` is
    an option.
    """

    byteorder: str
    j2k_cr: list[float]
    j2k_psnr: list[float]
    jls_error: int


class EncodeRunner(RunnerBase):
    """The description of a native frame that an encoding plugin gets beside it.

    Parameters
    ----------
    tsyntax : UID
        Transfer Syntax UID (0002,0010).
    """

    def __init__(self, tsyntax: str) -> None:
        super().__init__(tsyntax)
        self._options["byteorder"] = "<"


EncodeFunction: TypeAlias = Callable[[bytes, EncodeRunner], bytes | bytearray]


class Encoder(CoderBase[EncodeFunction]):
    """Encodes the pixels of one transfer syntax; get it from :func:`get_encoder`.

    Parameters
    ----------
    uid : UID
        Transfer Syntax UID (0002,0010).

    Examples
    --------
    >>> from pydcm import examples
    >>> encoder = get_encoder("1.2.840.10008.1.2.5")
    >>> encoded = encoder.encode(examples.ct)
    >>> encoded[:8].hex(" ", 4)  # two segments, the first of which begins at 64
    '02000000 40000000'
    """

    def __init__(self, uid: str) -> None:
        super().__init__(uid, decoder=False)

    def encode(
        self,
        src: Source,
        *,
        index: int | None = None,
        validate: bool = True,
        encoding_plugin: str = "",
        **kwargs: Any,
    ) -> bytes:
        """Return one encoded frame, which is not padded.

        Parameters
        ----------
        src : ndarray, bytes or Dataset
            An image; or its pixels, which `kwargs` must describe then: an array
            without axes of length one, or native little endian Pixel Data.
        index : int, optional
            The frame, from 0; it may be left out if there is only one.
        validate : bool
            Refuse what PS3.5 8.2 does not allow, even if the codec can do it.
        encoding_plugin : str
            The plugin to use: ``"pydcm"``, the name of a library that is one of
            :attr:`available_plugins`, or one that was added. The plugins of
            pydicom stand for the best there is.
        **kwargs : object
            :class:`EncodeOptions` that replace what a data set says.

        Raises
        ------
        MissingElementError
            If something that describes the pixels is absent.
        ValueError
            If the pixels are not what describes them, or PS3.5 8.2 does not
            allow them, or there is no such frame or no such plugin.
        UnsupportedSyntaxError
            If nothing here can encode them.
        """
        source = self.source(src, kwargs, validate=validate)
        if index is None:
            if source.count > 1:
                raise ValueError(f"there are {source.count} frames, so an index is needed")
            index = 0
        if not 0 <= index < source.count:
            raise ValueError(f"there are {source.count} frames, and index {index} is asked for")
        encode = self.function(encoding_plugin, kwargs)
        return encode(source.frame(index), source.layout, codec_options(kwargs))

    def iter_encode(
        self,
        src: Source,
        *,
        validate: bool = True,
        encoding_plugin: str = "",
        **kwargs: Any,
    ) -> Iterator[bytes]:
        """Yield every frame encoded.

        Parameters
        ----------
        src, validate, encoding_plugin, **kwargs
            As for :meth:`encode`.

        Yields
        ------
        bytes
            One frame, not padded.
        """
        source = self.source(src, kwargs, validate=validate)
        encode = self.function(encoding_plugin, kwargs)
        options = codec_options(kwargs)
        for pixels in source:
            yield encode(pixels, source.layout, options)

    def source(self, src: Source, options: dict[str, Any], *, validate: bool = True) -> FrameSource:
        """Return the frames that would be encoded, checked.

        Parameters
        ----------
        src : ndarray, bytes or Dataset
            As for :meth:`encode`.
        options : dict
            What describes them.
        validate : bool
            Refuse what PS3.5 8.2 does not allow.
        """
        found = frame_source(src, options)
        if validate:
            check_profile(self._codec, found.layout)
        return found

    def function(self, plugin: str, options: dict[str, Any]) -> Encode:
        """Return what encodes a frame.

        Parameters
        ----------
        plugin : str
            As for :meth:`encode`.
        options : dict
            What a plugin is told beside the frame's description.
        """
        chosen = self._choice(plugin)
        added = self._added.get(chosen)
        if added is not None:
            return _by_plugin(added, self._uid, options)
        if chosen:
            return self._codec.encoder(chosen)
        able = [self._codec.encoder(name) for name in self._own()]
        return _first_able(able) if len(able) > 1 else self._codec.encoder()


def codec_options(options: dict[str, Any]) -> _layout.EncodeOptions:
    """Return what options of the compatible API mean to a codec.

    Parameters
    ----------
    options : dict
        Those of :class:`EncodeOptions`; others are left out.

    Raises
    ------
    ValueError
        If both ratios and decibels are given.
    """
    names = {row.name for row in fields(_layout.EncodeOptions)}
    found = {name: value for name, value in options.items() if name in names}
    if options.get("jls_error") is not None:
        found["near"] = int(options["jls_error"])
    for name, field in (("j2k_cr", "compression_ratios"), ("j2k_psnr", "psnr")):
        if options.get(name) is not None:
            found[field] = tuple(map(float, options[name]))
    if found.get("compression_ratios") and found.get("psnr"):
        raise ValueError("compression ratios and decibels cannot both be given")
    return _layout.EncodeOptions(**found)


def _first_able(functions: list[Encode]) -> Encode:
    """Return what encodes with the first of several that can encode such pixels."""

    def encode(
        pixels: NDArray[np.generic], layout: FrameLayout, options: _layout.EncodeOptions
    ) -> bytes:
        *others, last = functions
        for function in others:
            try:
                return function(pixels, layout, options)
            except UnsupportedSyntaxError:  # by this library; another one may
                continue
        return last(pixels, layout, options)

    return encode


def _by_plugin(function: EncodeFunction, uid: UID, options: dict[str, Any]) -> Encode:
    """Return a plugin's function in the form of a codec's."""

    def encode(pixels: NDArray[np.generic], layout: FrameLayout, _: _layout.EncodeOptions) -> bytes:
        runner = EncodeRunner(uid)
        runner.set_options(**{k: v for k, v in options.items() if k != "transfer_syntax_uid"})
        runner.set_options(**described(layout, 1))
        return bytes(function(native_octets(pixels, layout), runner))

    return encode


_ENCODERS: dict[str, Encoder] = {}


def get_encoder(uid: str) -> Encoder:
    """Return the encoder of a transfer syntax, always the same one.

    Parameters
    ----------
    uid : str
        Transfer Syntax UID (0002,0010).

    Raises
    ------
    UnsupportedSyntaxError
        If nothing encodes it, whatever is installed.

    Examples
    --------
    >>> get_encoder("1.2.840.10008.1.2.5").is_available
    True
    """
    found = _ENCODERS.get(str(uid))
    if found is None:
        codec = codec_for(str(uid))
        if not any(row.encode for row in codec.implementations()):
            raise UnsupportedSyntaxError(
                f"transfer syntax {uid} ({codec.label}) cannot be encoded",
                hint=codec.why_not("encode"),
            )
        found = _ENCODERS.setdefault(str(uid), Encoder(str(uid)))
    return found


RLELosslessEncoder = get_encoder("1.2.840.10008.1.2.5")
JPEGLSLosslessEncoder = get_encoder("1.2.840.10008.1.2.4.80")
JPEGLSNearLosslessEncoder = get_encoder("1.2.840.10008.1.2.4.81")
JPEG2000LosslessEncoder = get_encoder("1.2.840.10008.1.2.4.90")
JPEG2000Encoder = get_encoder("1.2.840.10008.1.2.4.91")

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
