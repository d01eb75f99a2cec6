"""Which codecs there are, what implements each, and which one a transfer syntax has.

A new codec, or another implementation of one, is a row here (see the page on codecs).
"""

from __future__ import annotations

from pydcm._codecs.implementation import OWN, Implementation

__all__ = [
    "CONTRADICTIONS",
    "ENCODED_PHOTOMETRIC",
    "FAMILIES",
    "IMPLEMENTATIONS",
    "PHOTOMETRIC",
    "SYNTAXES",
    "WHY_NOT",
]


def _own(
    bits: str, samples: str, *, decode: str, encode: str = "", kernels: str = ""
) -> Implementation:
    return Implementation(OWN, decode, encode, kernels, bits=bits, samples=samples)


def _library(
    name: str, bits: str, samples: str, *, decode: str = "", encode: str = ""
) -> Implementation:
    where = f"by_{name}"
    return Implementation(
        name,
        f"{where}:{decode}" if decode else "",
        f"{where}:{encode}" if encode else "",
        extra="codecs",
        bits=bits,
        samples=samples,
    )


IMPLEMENTATIONS: dict[str, tuple[Implementation, ...]] = {
    "native": (_own("1-64", "any", decode="native:decode"),),
    "deflated": (_own("1-64", "any", decode="deflated:decode", encode="deflated:encode"),),
    "rle": (
        _own("1-64", "1-15", decode="rle:decode", encode="rle:encode", kernels="rle"),
        _library("imagecodecs", "1-64", "1-15", decode="decode_rle"),
    ),
    "jpeg": (
        _own("8, 12", "1, 3, 4", decode="jpeg.process:decode", kernels="jpegdct"),
        _library("imagecodecs", "8, 12", "1, 3, 4", decode="decode_jpeg"),
    ),
    "jpeg-baseline": (
        _own(
            "8",
            "1, 3, 4",
            decode="jpeg.process:decode",
            encode="jpeg.dct_encoding:encode",
            kernels="jpegdct",
        ),
        _library("imagecodecs", "8", "1, 3, 4", decode="decode_jpeg", encode="encode_jpeg"),
    ),
    "jpeg-lossless": (
        _own(
            "2-16",
            "1-4",
            decode="jpeg.process:decode",
            encode="jpeg.lossless:encode",
            kernels="jpeglossless",
        ),
        _library(
            "imagecodecs", "2-16", "1, 3, 4", decode="decode_jpeg", encode="encode_jpeg_lossless"
        ),
    ),
    "jpeg-ls": (
        _own("2-16", "1-4", decode="jpegls:decode", encode="jpegls:encode", kernels="jpegls"),
        _library("imagecodecs", "2-16", "1-4", decode="decode_jpegls", encode="encode_jpegls"),
    ),
    "jpeg2000": (
        _library("imagecodecs", "1-24", "any", decode="decode_jpeg2000", encode="encode_jpeg2000"),
        _library("glymur", "1-16", "any", decode="decode", encode="encode"),
    ),
    "jpeg2000-part2": (
        _library("imagecodecs", "1-24", "any", decode="decode_jpeg2000"),
        _library("glymur", "1-16", "any", decode="decode"),
    ),
    "htj2k": (
        _library("imagecodecs", "1-24", "any", decode="decode_jpeg2000", encode="encode_htj2k"),
        _library("glymur", "1-16", "any", decode="decode"),
    ),
    "jpeg-xl": (
        _library("imagecodecs", "1-16", "1, 3", decode="decode_jpegxl", encode="encode_jpegxl"),
    ),
    "jpeg-xl-jpeg": (_library("imagecodecs", "8", "1, 3", decode="decode_jpegxl"),),
}
"""The implementations of each codec, in the order of preference but for
:meth:`Implementation.preferred`: pydcm's own last if it runs uncompiled."""

PHOTOMETRIC = {
    "jpeg": "jpeg.process:photometric",
    "jpeg-baseline": "jpeg.process:photometric",
    "jpeg-lossless": "jpeg.process:photometric",
    "jpeg2000": "jpeg2000:photometric",
    "jpeg2000-part2": "jpeg2000:photometric",
    "htj2k": "jpeg2000:photometric",
    "jpeg-xl": "jpegxl:photometric",
    "jpeg-xl-jpeg": "jpegxl:photometric_of_jpeg",
}
"""What tells the Photometric Interpretation of decoded frames, where it need not be the
header's."""

CONTRADICTIONS = {
    "jpeg": "jpeg.colour:contradiction",
    "jpeg-baseline": "jpeg.colour:contradiction",
    "jpeg-lossless": "jpeg.colour:contradiction",
}
"""What tells which mark of a code stream belies the header's Photometric Interpretation."""

ENCODED_PHOTOMETRIC = {
    "jpeg-baseline": "jpeg.process:encoded_photometric",
    "jpeg2000": "jpeg2000:encoded_photometric",
    "htj2k": "jpeg2000:encoded_photometric",
    "jpeg-xl": "jpegxl:encoded_photometric",
}
"""What tells the Photometric Interpretation of encoded frames, where encoding changes it."""

FAMILIES = {
    "native": "native",
    "deflate-dataset": "native",
    "uncompressed": "native",
    "deflate-frame": "deflated",
    "rle": "rle",
    "jpeg-ls": "jpeg-ls",
    "jpeg2000": "jpeg2000",
    "jpeg2000-part2": "jpeg2000-part2",
    "htj2k": "htj2k",
    "jpeg-xl": "jpeg-xl",
}
"""The codec of each family of transfer syntaxes."""

SYNTAXES = {
    "1.2.840.10008.1.2.4.50": "jpeg-baseline",
    "1.2.840.10008.1.2.4.51": "jpeg",
    "1.2.840.10008.1.2.4.53": "jpeg",
    "1.2.840.10008.1.2.4.55": "jpeg",
    "1.2.840.10008.1.2.4.57": "jpeg-lossless",
    "1.2.840.10008.1.2.4.70": "jpeg-lossless",
    "1.2.840.10008.1.2.4.111": "jpeg-xl-jpeg",
}
"""The codec of transfer syntaxes whose family has several."""

_VIDEO = "video is not decoded; its stream is a file that video software plays"
WHY_NOT = {
    "jpeg": "hierarchical and arithmetic coding of JPEG are retired, and hardly ever used",
    "jpip": "the pixels are on a server, whose address is in Pixel Data Provider URL (0028,7FE0)",
    "mpeg2": _VIDEO,
    "mpeg4-avc": _VIDEO,
    "hevc": _VIDEO,
    "smpte2110": "a real-time stream has no Pixel Data",
    "papyrus3": "Papyrus 3 keeps its pixels outside of DICOM elements",
}
"""Why other families have no codec, or those of their syntaxes that are not in `SYNTAXES`."""
