"""Which pixels each transfer syntax may have (PS3.5 8.2.1 to 8.2.15)."""

from __future__ import annotations

from typing import NamedTuple

from pydcm._codecs import Codec
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import ConformanceError

__all__ = ["check_profile"]

_GREY = ("MONOCHROME1", "MONOCHROME2")
_PALETTE = ("PALETTE COLOR",)
_TO_16 = {8: range(1, 9), 16: range(1, 17)}
_TO_32 = {**_TO_16, 32: range(1, 33)}
_FROM_2 = {8: range(2, 9), 16: range(2, 17)}
_ONLY_8 = {8: range(8, 9)}


class _Row(NamedTuple):
    """A row of one of the tables.

    Attributes
    ----------
    photometric : tuple of str
        Photometric Interpretation before encoding.
    samples : int
        Samples per Pixel.
    signed : bool
        Whether Pixel Representation may be 1.
    bits : dict
        Bits Stored for each Bits Allocated.
    """

    photometric: tuple[str, ...]
    samples: int
    signed: bool
    bits: dict[int, range]


def _wavelet(*transformed: str, palette: bool) -> tuple[_Row, ...]:
    """Return the rows of JPEG 2000 and HTJ2K; what is transformed comes as RGB."""
    rows = (
        _Row(_GREY, 1, True, _TO_32),
        _Row(("RGB", "YBR_FULL", *transformed), 3, False, _TO_32),
    )
    return (*rows, _Row(_PALETTE, 1, False, _TO_16)) if palette else rows


_JPEG = (
    _Row(_GREY, 1, False, _ONLY_8),
    _Row(("RGB", "YBR_FULL", "YBR_FULL_422"), 3, False, _ONLY_8),
)
_JPEG_LOSSLESS = (
    _Row(_GREY, 1, True, _TO_16),
    _Row(_PALETTE, 1, False, _TO_16),
    _Row(("RGB", "YBR_FULL"), 3, False, _TO_16),
)
_JPEG_LS_NEAR = (
    _Row(_GREY, 1, True, _FROM_2),
    _Row(("RGB",), 3, False, _FROM_2),
    _Row(("YBR_FULL",), 3, False, {8: range(2, 9)}),
)
_JPEG_LS = (*_JPEG_LS_NEAR, _Row(_PALETTE, 1, False, _FROM_2))
_RLE = (
    _Row(_GREY, 1, True, _TO_16),
    _Row(_PALETTE, 1, False, _TO_16),
    _Row(("RGB",), 3, False, _TO_16),
    _Row(("YBR_FULL",), 3, False, {8: range(1, 9)}),
)
_JPEG_XL = (
    _Row(_GREY, 1, True, _TO_16),
    _Row(("RGB", "YBR_FULL", "XYB"), 3, False, _TO_16),
)
_JPEG_XL_LOSSLESS = (*_JPEG_XL, _Row(_PALETTE, 1, False, _TO_16))

_LOSSLESS_WAVELET = _wavelet("YBR_RCT", palette=True)
_LOSSY_WAVELET = _wavelet("YBR_ICT", palette=False)

_TABLES = {
    "1.2.840.10008.1.2.4.50": _JPEG,
    "1.2.840.10008.1.2.4.57": _JPEG_LOSSLESS,
    "1.2.840.10008.1.2.4.70": _JPEG_LOSSLESS,
    "1.2.840.10008.1.2.4.80": _JPEG_LS,
    "1.2.840.10008.1.2.4.81": _JPEG_LS_NEAR,
    "1.2.840.10008.1.2.4.90": _LOSSLESS_WAVELET,
    "1.2.840.10008.1.2.4.91": _LOSSY_WAVELET,
    "1.2.840.10008.1.2.4.110": _JPEG_XL_LOSSLESS,
    "1.2.840.10008.1.2.4.112": _JPEG_XL,
    "1.2.840.10008.1.2.4.201": _LOSSLESS_WAVELET,
    "1.2.840.10008.1.2.4.202": _LOSSLESS_WAVELET,
    "1.2.840.10008.1.2.4.203": _LOSSY_WAVELET,
    "1.2.840.10008.1.2.5": _RLE,
}


def check_profile(codec: Codec, layout: FrameLayout) -> None:
    """Check that pixels may be encoded with a transfer syntax.

    Parameters
    ----------
    codec : Codec
        The transfer syntax.
    layout : FrameLayout
        The pixels before encoding.

    Raises
    ------
    ConformanceError
        If the standard does not allow it, whether the codec could do it or not.
    """
    rows = _TABLES.get(codec.uid)
    if rows is None or any(_fits(row, layout) for row in rows):
        return
    raise ConformanceError(
        f"{codec.label} is not for pixels like these",
        problems=[
            f"Samples per Pixel: {layout.samples}",
            f"Photometric Interpretation: {layout.photometric}",
            f"Bits Allocated: {layout.bits_allocated}",
            f"Bits Stored: {layout.bits_stored}",
            f"Pixel Representation: {int(layout.signed)}",
        ],
        clause="PS3.5 8.2",
    )


def _fits(row: _Row, layout: FrameLayout) -> bool:
    return (
        not layout.floating
        and layout.photometric in row.photometric
        and layout.samples == row.samples
        and (row.signed or not layout.signed)
        and layout.bits_stored in row.bits.get(layout.bits_allocated, ())
    )
