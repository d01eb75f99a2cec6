"""The Image Pixel module of a data set, read once and checked (PS3.3 C.7.6.3)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

from pydcm import limits
from pydcm._codecs import Codec, codec_for
from pydcm._codecs.layout import FrameLayout
from pydcm.dataset import Dataset
from pydcm.diagnostics import Diagnostic
from pydcm.errors import ConformanceError, MissingElementError
from pydcm.source import Extent

__all__ = [
    "PIXEL_TAGS",
    "PixelModel",
    "as_pixel_options",
    "frame_count",
    "layout_of",
    "read_model",
    "transfer_syntax_of",
]

PIXEL_TAGS = {
    "PixelData": 0x7FE00010,
    "FloatPixelData": 0x7FE00008,
    "DoubleFloatPixelData": 0x7FE00009,
}

_OPTIONS = {
    "samples_per_pixel": "SamplesPerPixel",
    "photometric_interpretation": "PhotometricInterpretation",
    "planar_configuration": "PlanarConfiguration",
    "rows": "Rows",
    "columns": "Columns",
    "bits_allocated": "BitsAllocated",
    "bits_stored": "BitsStored",
    "pixel_representation": "PixelRepresentation",
}

_TAGS = {
    "SamplesPerPixel": 0x00280002,
    "PhotometricInterpretation": 0x00280004,
    "PlanarConfiguration": 0x00280006,
    "NumberOfFrames": 0x00280008,
    "Rows": 0x00280010,
    "Columns": 0x00280011,
    "BitsAllocated": 0x00280100,
    "BitsStored": 0x00280101,
    "PixelRepresentation": 0x00280103,
}

_PHOTOMETRIC = frozenset(
    "MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YBR_ICT YBR_RCT YBR_PARTIAL_422 "
    "YBR_PARTIAL_420 HSV ARGB CMYK XYB".split()
) | {"PALETTE COLOR"}
"""PS3.3 C.7.6.3.1.2, with what earlier editions had."""

_PLAIN_PHOTOMETRIC = {term.ljust(len(term) + len(term) % 2).encode(): term for term in _PHOTOMETRIC}
"""The terms by the octets that they are written with (PS3.5 6.2)."""

_BITS_ALLOCATED = (1, *range(8, 65, 8))
"""PS3.5 8.1.1."""

_CLAUSE = "PS3.3 C.7.6.3"


@dataclass(frozen=True, slots=True)
class PixelModel:
    """Everything needed to decode the pixels of a data set.

    Attributes
    ----------
    layout : FrameLayout
        Shape and cell of each frame.
    frames : int
        Number of Frames, at least 1.
    codec : Codec
        What the transfer syntax means.
    extent : Extent
        Where Pixel Data, Float or Double Float Pixel Data lie.
    words : bool
        Whether the octets of native Pixel Data come in big endian 16-bit words
        (OW) although a pixel has one octet (PS3.5 7.3).
    extended_offsets : tuple of bytes, or None
        Extended Offset Table and its Lengths.
    diagnostics : list of Diagnostic
        The data set's; takes what is found wrong with the Pixel Data, too.
    """

    layout: FrameLayout
    frames: int
    codec: Codec
    extent: Extent
    words: bool = False
    extended_offsets: tuple[bytes, bytes] | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)


def as_pixel_options(ds: Dataset, **kwargs: Any) -> dict[str, Any]:
    """Return the values of the Image Pixel module by option name.

    Parameters
    ----------
    ds : Dataset
        An image.
    **kwargs : object
        Options that replace the data set's.

    Returns
    -------
    dict
        ``samples_per_pixel``, ``photometric_interpretation``, ``rows``,
        ``columns``, ``bits_allocated``, ``bits_stored``,
        ``pixel_representation`` as far as present, ``planar_configuration`` if
        a pixel has several samples, and ``number_of_frames``.

    Examples
    --------
    >>> from pydcm import examples
    >>> as_pixel_options(examples.mr, rows=2)["rows"]
    2
    """
    options = {
        option: value
        for option, keyword in _OPTIONS.items()
        if (value := _value(ds, keyword)) is not None
    }
    if options.get("samples_per_pixel", 1) == 1:
        options.pop("planar_configuration", None)
    options["number_of_frames"] = frame_count(ds)
    options.update(kwargs)
    return options


def frame_count(ds: Dataset) -> int:
    """Return Number of Frames (0028,0008), which is 1 where absent."""
    value = _value(ds, "NumberOfFrames")
    if value is None or value == "":
        return 1
    try:
        count = int(value)
    except (TypeError, ValueError, OverflowError):
        count = 0
    if count < 1:
        warnings.warn(f"Number of Frames is {str(value)!r}; one frame is assumed", stacklevel=2)
        return 1
    return count


def _value(ds: Dataset, keyword: str) -> Any:
    """Return the value of an element; where it is plain in the file, without making an element."""
    plain = ds._plain_octets(_TAGS[keyword])
    if plain is None:
        return ds.get(keyword)
    vr, octets = plain
    if vr == "US" and len(octets) == 2:
        return octets[0] | octets[1] << 8
    if vr == "CS" and octets in _PLAIN_PHOTOMETRIC:
        return _PLAIN_PHOTOMETRIC[octets]
    if vr == "IS" and octets.rstrip(b" ").isdigit() and len(octets) <= _LONGEST_IS:
        return int(octets)
    return ds.get(keyword)


_LONGEST_IS = 12
"""PS3.5 6.2."""


def read_model(ds: Dataset, **overrides: Any) -> PixelModel:
    """Read and check what describes the pixels of a data set.

    Parameters
    ----------
    ds : Dataset
        An image.
    **overrides : object
        Options of :func:`as_pixel_options` that replace the data set's values,
        and ``transfer_syntax_uid``.

    Raises
    ------
    MissingElementError
        If an element is absent that is needed.
    ConformanceError
        If one has a value that it cannot have.
    UnsupportedSyntaxError
        If the transfer syntax is unknown.
    LimitError
        If a frame is larger than ``max_frame_pixels``.
    """
    codec = codec_for(overrides.get("transfer_syntax_uid") or transfer_syntax_of(ds))
    keyword = _pixel_keyword(ds)
    extent = ds.locate(PIXEL_TAGS[keyword])
    if extent is None:
        raise MissingElementError(f"{keyword} has no value", tag_path=keyword)
    options = as_pixel_options(ds, **overrides)
    frames = _integer(options, "number_of_frames", range(1, 1 << 31))
    layout = layout_of(options, keyword, codec)
    limits.check("max_frame_pixels", layout.cells, "samples of a frame")
    if keyword != "PixelData":  # never encapsulated (PS3.5 A.4)
        codec = codec._replace(module="native", encapsulated=False)
    return PixelModel(
        layout,
        frames,
        codec,
        extent,
        words=codec.big_endian and layout.bits_allocated == 8 and _in_words(ds, options),
        extended_offsets=_extended_offsets(ds) if codec.encapsulated else None,
        diagnostics=ds.diagnostics,
    )


def transfer_syntax_of(ds: Dataset) -> str:
    """Return Transfer Syntax UID (0002,0010), which tells how pixels are encoded.

    Raises
    ------
    MissingElementError
        If there is none.
    """
    meta = getattr(ds, "file_meta", None)
    uid = None if meta is None else _syntax(meta)
    if not uid:
        raise MissingElementError(
            "the data set has no Transfer Syntax UID, so its pixels cannot be decoded",
            tag_path="TransferSyntaxUID",
            hint="set ds.file_meta.TransferSyntaxUID",
        )
    return str(uid)


def _syntax(meta: Dataset) -> str | None:
    plain = meta._plain_octets(0x00020010)
    if plain is not None and plain[0] == "UI":
        octets = plain[1].rstrip(b"\0")
        if octets.replace(b".", b"").isdigit():
            return octets.decode("ascii")
    uid: str | None = meta.get("TransferSyntaxUID")
    return uid


def _pixel_keyword(ds: Dataset) -> str:
    found = [keyword for keyword in PIXEL_TAGS if keyword in ds]
    if len(found) == 1:
        return found[0]
    if not found:
        raise MissingElementError(
            "the data set has no Pixel Data, Float Pixel Data or Double Float Pixel Data"
        )
    raise MissingElementError(
        f"the data set has {' and '.join(found)}, so which one is the image cannot be known",
        clause=_CLAUSE,
    )


def layout_of(options: dict[str, Any], keyword: str, codec: Codec) -> FrameLayout:
    """Return the layout that options describe, every value checked.

    Parameters
    ----------
    options : dict
        As of :func:`as_pixel_options`.
    keyword : str
        What holds the pixels, a key of `PIXEL_TAGS`.
    codec : Codec
        How they are encoded.
    """
    floating = keyword != "PixelData"
    samples = _integer(options, "samples_per_pixel", (1, 3, 4))
    allocated = _integer(options, "bits_allocated", _BITS_ALLOCATED)
    if floating and allocated != (32 if keyword == "FloatPixelData" else 64):
        raise ConformanceError(
            f"Bits Allocated is {allocated}, which does not fit {keyword}",
            tag_path="BitsAllocated",
            clause="PS3.3 C.7.6.24",
        )
    stored = allocated if floating else _integer(options, "bits_stored", range(1, allocated + 1))
    signed = not floating and _integer(options, "pixel_representation", (0, 1)) == 1
    # Code streams have an order of samples of their own (PS3.5 8.2).
    planar = samples > 1 and codec.module in ("native", "deflated")
    return FrameLayout(
        rows=_integer(options, "rows", range(1, 65536)),
        columns=_integer(options, "columns", range(1, 65536)),
        samples=samples,
        bits_allocated=allocated,
        bits_stored=stored,
        signed=signed,
        planar=planar and _integer(options, "planar_configuration", (0, 1)) == 1,
        floating=floating,
        photometric=_photometric(options),
    )


def _integer(options: dict[str, Any], option: str, allowed: range | tuple[int, ...]) -> int:
    keyword = _OPTIONS.get(option, "NumberOfFrames")
    value = options.get(option)
    if value is None:
        raise MissingElementError(f"{keyword} is absent or empty", tag_path=keyword, clause=_CLAUSE)
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number not in allowed:
        if isinstance(allowed, range) and len(allowed) > 2:
            expected = f"from {allowed[0]} to {allowed[-1]}"
        else:
            expected = f"one of {', '.join(map(str, allowed))}"
        raise ConformanceError(
            f"{keyword} is {value!r} and must be {expected}", tag_path=keyword, clause=_CLAUSE
        )
    return number


def _photometric(options: dict[str, Any]) -> str:
    value = options.get("photometric_interpretation")
    if value is None or value == "":
        raise MissingElementError(
            "PhotometricInterpretation is absent or empty",
            tag_path="PhotometricInterpretation",
            clause=_CLAUSE,
        )
    if str(value) not in _PHOTOMETRIC:
        raise ConformanceError(
            f"Photometric Interpretation {str(value)!r} is unknown",
            tag_path="PhotometricInterpretation",
            clause="PS3.3 C.7.6.3.1.2",
        )
    return str(value)


def _in_words(ds: Dataset, options: dict[str, Any]) -> bool:
    if options.get("be_swap_ow"):
        return True
    vr = options.get("pixel_vr")
    if vr is None:
        element = ds.get_item("PixelData", keep_deferred=True)
        vr = None if element is None else element.VR
    return vr == "OW"


def _extended_offsets(ds: Dataset) -> tuple[bytes, bytes] | None:
    offsets = ds.get("ExtendedOffsetTable")
    lengths = ds.get("ExtendedOffsetTableLengths")
    if isinstance(offsets, bytes) and isinstance(lengths, bytes):
        return offsets, lengths
    return None
