"""What decodes the frames of each transfer syntax.

A codec is a module of this package with a function
``decode(frame: bytes, layout: FrameLayout, number: int) -> NDArray``: one encoded
frame in, ``[rows, columns, samples]`` out, samples interleaved, bits above Bits Stored
as they come. Codecs are imported when a frame of theirs is decoded first.

Examples
--------
>>> from pydcm import _codecs
>>> _codecs.codec_for("1.2.840.10008.1.2.5").label
'RLE Lossless'
>>> [row.decodes for row in _codecs.codecs() if row.uid == "1.2.840.10008.1.2.4.100"]
['no: video is not decoded; its stream is a file that video software plays']
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, cast

from pydcm.errors import UnsupportedSyntaxError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydcm._codecs.layout import FrameLayout

    Decode = Callable[[bytes, FrameLayout, int], NDArray[np.generic]]

__all__ = ["Codec", "codec_for", "codecs"]

DLX_BIG_ENDIAN = "1.2.840.113619.5.2"
"""A private syntax of GE: Implicit VR Little Endian, with Pixel Data in big endian."""

_MODULES = {
    "native": "native",
    "deflate-dataset": "native",
    "uncompressed": "native",
    "deflate-frame": "deflated",
    "rle": "rle",
}
"""The module for each family of transfer syntaxes."""

_LATER = "a later version decodes it; until then convert the file with another tool"
_VIDEO = "video is not decoded; its stream is a file that video software plays"
_WHY_NOT = {
    "jpeg": _LATER,
    "jpeg-ls": _LATER,
    "jpeg2000": _LATER,
    "htj2k": _LATER,
    "jpeg-xl": _LATER,
    "jpeg2000-part2": "no decoder for multi-component transformations is known",
    "jpip": "the pixels are on a server, whose address is in Pixel Data Provider URL (0028,7FE0)",
    "mpeg2": _VIDEO,
    "mpeg4-avc": _VIDEO,
    "hevc": _VIDEO,
    "smpte2110": "a real-time stream has no Pixel Data",
    "papyrus3": "Papyrus 3 keeps its pixels outside of DICOM elements",
}


class Codec(NamedTuple):
    """What is known about one transfer syntax.

    Attributes
    ----------
    uid : str
        Its UID.
    label : str
        Its name.
    module : str
        What decodes it, empty if nothing does.
    why_not : str
        Why nothing does, and what helps.
    encapsulated : bool
        Whether Pixel Data hold fragments (PS3.5 A.4).
    big_endian : bool
        Byte order of native Pixel Data.
    """

    uid: str
    label: str
    module: str
    why_not: str
    encapsulated: bool
    big_endian: bool

    @property
    def available(self) -> bool:
        """Whether frames can be decoded here."""
        return bool(self.module)

    @property
    def decodes(self) -> str:
        """``yes``, or ``no`` with the reason."""
        return "yes" if self.module else f"no: {self.why_not}"

    def decoder(self) -> Decode:
        """Return the function that decodes one frame.

        Raises
        ------
        UnsupportedSyntaxError
            If there is none.
        """
        if not self.module:
            raise UnsupportedSyntaxError(
                f"transfer syntax {self.uid} ({self.label}) cannot be decoded", hint=self.why_not
            )
        return cast("Decode", import_module(f"pydcm._codecs.{self.module}").decode)


def codecs() -> list[Codec]:
    """Return what is known about every transfer syntax of images, by UID."""
    from pydcm._std.transfer_syntaxes import TRANSFER_SYNTAXES

    known = [uid for uid, row in TRANSFER_SYNTAXES.items() if row.codec_family in _FAMILIES]
    return [codec_for(uid) for uid in (*known, DLX_BIG_ENDIAN)]


_FAMILIES = {*_MODULES, *_WHY_NOT}


def codec_for(uid: str) -> Codec:
    """Return what is known about a transfer syntax.

    Parameters
    ----------
    uid : str
        Transfer Syntax UID (0002,0010).

    Raises
    ------
    UnsupportedSyntaxError
        If nothing is.
    """
    from pydcm._std.transfer_syntaxes import TRANSFER_SYNTAXES

    if uid == DLX_BIG_ENDIAN:
        return Codec(uid, "Implicit VR, big endian pixels (GE)", "native", "", False, True)
    row = TRANSFER_SYNTAXES.get(uid)
    if row is None or row.codec_family not in _FAMILIES:
        raise UnsupportedSyntaxError(
            f"transfer syntax {uid or '(none)'} is not one of DICOM's for images",
            clause="PS3.5 Annex A",
            hint="a private syntax needs its maker's software",
        )
    family = row.codec_family
    return Codec(
        uid,
        row.name,
        _MODULES.get(family, ""),
        _WHY_NOT.get(family, ""),
        row.is_encapsulated,
        not row.is_little_endian,
    )
