"""Which implementations each transfer syntax has, and which of them runs."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple, cast

from pydcm._codecs.families import (
    CONTRADICTIONS,
    ENCODED_PHOTOMETRIC,
    FAMILIES,
    IMPLEMENTATIONS,
    PHOTOMETRIC,
    SYNTAXES,
    WHY_NOT,
)
from pydcm._codecs.implementation import OWN, Decode, Encode, Implementation, Verb, target
from pydcm.errors import BackendError, UnsupportedSyntaxError
from pydcm.kernels.registry import Label, forced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pydcm._codecs.layout import EncodeOptions, FrameLayout
    from pydcm._std.transfer_syntaxes import TransferSyntax

__all__ = ["Codec", "codec_for", "codecs"]

DLX_BIG_ENDIAN = "1.2.840.113619.5.2"
"""A private syntax of GE: Implicit VR Little Endian, with Pixel Data in big endian."""


_FIRST_ORDER = "1.2.840.10008.1.2.4.70"


class Codec(NamedTuple):
    """What is known about one transfer syntax.

    Attributes
    ----------
    uid : str
        Its UID.
    label : str
        Its name.
    module : str
        The codec that it has in common with similar ones, empty if there is none.
    reason : str
        Why there is none, and what helps.
    encapsulated : bool
        Whether Pixel Data hold fragments (PS3.5 A.4).
    big_endian : bool
        Byte order of native Pixel Data.
    lossless : bool, or None
        Whether its frames are as they were before encoding, or None if they may be either.
    """

    uid: str
    label: str
    module: str
    reason: str
    encapsulated: bool
    big_endian: bool
    lossless: bool | None = True

    @property
    def available(self) -> bool:
        """Whether frames can be decoded here."""
        return not self.why_not("decode")

    @property
    def decodes(self) -> str:
        """``yes``, or ``no`` with the reason."""
        problem = self.why_not("decode")
        return f"no: {problem}" if problem else "yes"

    @property
    def encodes(self) -> str:
        """``yes``, or ``no`` with the reason."""
        problem = self.why_not("encode")
        return f"no: {problem}" if problem else "yes"

    def implementations(self) -> list[Implementation]:
        """Return every implementation, whether it can run here or not, best first.

        pydcm's own comes first if its kernels run compiled (or if
        :func:`pydcm.kernels.using` or ``PYDCM_IMPL`` says on what), and last otherwise.
        """
        known = list(IMPLEMENTATIONS.get(self.module, ()))
        if len(known) > 1:
            known.sort(key=_rank)
        return known

    def why_not(self, verb: Verb) -> str:
        """Return why frames cannot be decoded or encoded here, or an empty string."""
        known = [row for row in self.implementations() if getattr(row, verb)]
        if not known:
            return self.reason or _NEVER[verb]
        problems = [row.why_not(verb) for row in known]
        return "" if "" in problems else "; ".join(problems)

    def runs(self, verb: Verb) -> str:
        """Return the name of the implementation that decodes or encodes, empty if none does."""
        return next((row.name for row in self.implementations() if not row.why_not(verb)), "")

    def decoder(self, name: str = "") -> Decode:
        """Return the function that decodes one frame.

        Parameters
        ----------
        name : str
            An implementation; by default the best that can run.

        Raises
        ------
        ValueError
            If the transfer syntax has no implementation of that name.
        BackendError
            If the one that `name` says cannot run here.
        UnsupportedSyntaxError
            If none can.
        """
        return cast("Decode", target(self._chosen("decode", name).decode))

    def encoder(self, name: str = "") -> Encode:
        """Return the function that encodes one frame.

        It raises :exc:`ValueError` for options that would lose what the transfer syntax
        must keep.

        Parameters
        ----------
        name : str
            An implementation; by default the best that can run.

        Raises
        ------
        ValueError
            If the transfer syntax has no implementation of that name.
        BackendError
            If the one that `name` says cannot run here.
        UnsupportedSyntaxError
            If none can.
        """
        encode = cast("Encode", target(self._chosen("encode", name).encode))
        return partial(_checked, self, encode) if self.lossless else encode

    @property
    def tells_colours(self) -> bool:
        """Whether a frame itself may tell its colours, so that each may have others."""
        return self.module in PHOTOMETRIC

    def photometric(self, frame: bytes, layout: FrameLayout) -> str:
        """Return the Photometric Interpretation of what :meth:`decoder` makes of a frame.

        Raises
        ------
        CorruptStreamError
            If the head of the frame, which may tell it, is broken.
        """
        where = PHOTOMETRIC.get(self.module)
        return cast("str", target(where)(frame, layout)) if where else layout.photometric

    def contradiction(self, frame: bytes, layout: FrameLayout) -> str:
        """Return which mark of a frame belies the header's Photometric Interpretation.

        It is asked where :meth:`photometric` is another one than the header's; empty if
        that is no contradiction.
        """
        where = CONTRADICTIONS.get(self.module)
        return cast("str", target(where)(frame, layout)) if where else ""

    def encoded_photometric(self, layout: FrameLayout, options: EncodeOptions) -> str:
        """Return the Photometric Interpretation to write beside what :meth:`encoder` makes."""
        where = ENCODED_PHOTOMETRIC.get(self.module)
        return cast("str", target(where)(layout, options)) if where else layout.photometric

    def _chosen(self, verb: Verb, name: str) -> Implementation:
        several = len(IMPLEMENTATIONS.get(self.module, ())) > 1
        return _choice(self, verb, name, forced() if several else None)


@cache
def _choice(codec: Codec, verb: Verb, name: str, _label: Label | None) -> Implementation:
    """Return what decodes or encodes; where there are several, that depends on the label."""
    known = codec.implementations()
    if known and name:
        named = [row for row in known if row.name == name]
        if not named:
            names = ", ".join(sorted(row.name for row in known))
            raise ValueError(f"implementation {name!r} of {codec.label} is none of {names}")
        problem = named[0].why_not(verb)
        if problem:
            raise BackendError(f"{codec.label}: {problem}", name=name)
        return named[0]
    for row in known:
        if not row.why_not(verb):
            return row
    raise UnsupportedSyntaxError(
        f"transfer syntax {codec.uid} ({codec.label}) cannot be {verb}d", hint=codec.why_not(verb)
    )


_NEVER = {
    "decode": "nothing decodes it",
    "encode": "it is decoded only, or written without a codec",
}


def _rank(implementation: Implementation) -> int:
    """Return 0 for what comes before the libraries, 2 for what comes after them."""
    if implementation.preferred():
        return 0
    return 2 if implementation.name == OWN else 1


def _checked(
    codec: Codec,
    encode: Encode,
    pixels: NDArray[np.generic],
    layout: FrameLayout,
    options: EncodeOptions,
) -> bytes:
    if options.near or options.compression_ratios or options.psnr or options.distance:
        raise ValueError(f"{codec.label} is lossless, and the options ask for losses")
    if codec.uid == _FIRST_ORDER and options.predictor != 1:
        raise ValueError(f"{codec.label} has predictor 1, not {options.predictor}")
    return encode(pixels, layout, options)


def codecs() -> list[Codec]:
    """Return what is known about every transfer syntax of images, by UID."""
    from pydcm._std.transfer_syntaxes import TRANSFER_SYNTAXES

    known = [uid for uid, row in TRANSFER_SYNTAXES.items() if row.codec_family in _KNOWN]
    return [codec_for(uid) for uid in (*known, DLX_BIG_ENDIAN)]


_KNOWN = {*FAMILIES, *WHY_NOT}


@cache
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
    if row is None or row.codec_family not in _KNOWN:
        raise UnsupportedSyntaxError(
            f"transfer syntax {uid or '(none)'} is not one of DICOM's for images",
            clause="PS3.5 Annex A",
            hint="a private syntax needs its maker's software",
        )
    module = SYNTAXES.get(uid) or FAMILIES.get(row.codec_family, "")
    return Codec(
        uid,
        row.name,
        module,
        "" if module else WHY_NOT[row.codec_family],
        row.is_encapsulated,
        not row.is_little_endian,
        _lossless(row),
    )


def _lossless(row: TransferSyntax) -> bool | None:
    return None if row.loss == "lossy-capable" else row.loss == "lossless"
