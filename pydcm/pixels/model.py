"""The Image Pixel module of a data set, read once and checked (PS3.3 C.7.6.3)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from pydcm import limits
from pydcm._codecs import Codec, codec_for
from pydcm._codecs.layout import FrameLayout
from pydcm.dataset import Dataset
from pydcm.dataset.lazy import LONGEST_ENCODED, decodes_plainly
from pydcm.diagnostics import Diagnostic
from pydcm.errors import ConformanceError, MissingElementError
from pydcm.filereader.plain import Order, PlainFile
from pydcm.source import Extent

__all__ = [
    "DESCRIBING_OPTIONS",
    "DESCRIBING_TAGS",
    "NUMBER_OF_FRAMES",
    "PIXEL_TAGS",
    "SYNTAX_TAGS",
    "PixelModel",
    "as_pixel_options",
    "frame_count",
    "layout_of",
    "plain_model",
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

_FRAMES = "number_of_frames"
NUMBER_OF_FRAMES = 0x00280008
_TAGS = (0x00280002, 0x00280004, 0x00280006, 0x00280010, 0x00280011, 0x00280100, 0x00280101,
         0x00280103, NUMBER_OF_FRAMES)  # fmt: skip
"""The elements of `_OPTIONS` in their order, and Number of Frames."""
_EXTENDED_OFFSET_TABLE = 0x7FE00001
SYNTAX_TAGS = (0x00020010,)
DESCRIBING_TAGS = (*_TAGS, *PIXEL_TAGS.values(), _EXTENDED_OFFSET_TABLE, 0x7FE00002)
"""Every element of a data set that a model is read from."""
_PIXEL_DATA = PIXEL_TAGS["PixelData"]
_NOT_PLAIN = {*PIXEL_TAGS.values(), _EXTENDED_OFFSET_TABLE} - {_PIXEL_DATA}

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


class PixelModel(NamedTuple):
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
    diagnostics : list of Diagnostic
        The data set's; takes what is found wrong with the Pixel Data, too.
    words : bool
        Whether the octets of native Pixel Data come in big endian 16-bit words
        (OW) although a pixel has one octet (PS3.5 7.3).
    extended_offsets : tuple of bytes, or None
        Extended Offset Table and its Lengths.
    """

    layout: FrameLayout
    frames: int
    codec: Codec
    extent: Extent
    diagnostics: list[Diagnostic]
    words: bool = False
    extended_offsets: tuple[bytes, bytes] | None = None


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
        a pixel has several samples, ``number_of_frames``, and
        ``extended_offsets`` if there is an Extended Offset Table.

    Examples
    --------
    >>> from pydcm import examples
    >>> as_pixel_options(examples.mr, rows=2)["rows"]
    2
    """
    encoded = ds._encoded(_TAGS)
    plain = None if encoded is None else _plain_options(encoded)
    options: dict[str, Any] = _options(ds) if plain is None else {**plain}
    if options.get("samples_per_pixel", 1) == 1:
        options.pop("planar_configuration", None)
    offsets = _extended_offsets(ds)
    if offsets is not None:
        options["extended_offsets"] = offsets
    options.update(kwargs)
    return options


def _options(ds: Dataset) -> dict[str, Any]:
    options = {
        option: value
        for option, keyword in _OPTIONS.items()
        if (value := ds.get(keyword)) is not None
    }
    options[_FRAMES] = frame_count(ds)
    return options


def frame_count(ds: Dataset) -> int:
    """Return Number of Frames (0028,0008), which is 1 where absent."""
    value = ds.get("NumberOfFrames")
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


@lru_cache(maxsize=256)
def _plain_options(encoded: tuple[bytes, ...]) -> dict[str, int | str] | None:
    """Return what elements encoded so say, not to be changed; None if that takes more to tell."""
    options: dict[str, int | str] = {_FRAMES: 1}
    for option, element in zip((*_OPTIONS, _FRAMES), encoded, strict=True):
        if element:
            value = _plain_value(element[:2], element[4:])
            if value is None:
                return None
            options[option] = value
    return options if options[_FRAMES] else None


def _plain_value(vr: bytes, octets: bytes) -> int | str | None:
    """Return a value that can be told by its octets alone (PS3.5 6.2)."""
    if vr == b"US" and len(octets) == 2:
        return octets[0] | octets[1] << 8
    if vr == b"CS":
        return _PLAIN_PHOTOMETRIC.get(octets)
    if vr == b"IS" and octets.rstrip(b" ").isdigit() and len(octets) <= _LONGEST_IS:
        return int(octets)
    return None


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
    layout, frames = _layout_and_frames(ds, keyword, codec, overrides)
    limits.check("max_frame_pixels", layout.cells, "samples of a frame")
    if keyword != "PixelData":  # never encapsulated (PS3.5 A.4)
        codec = codec._replace(module="native", encapsulated=False)
    return PixelModel(
        layout,
        frames,
        codec,
        extent,
        ds.diagnostics,
        words=codec.big_endian and layout.bits_allocated == 8 and _in_words(ds, overrides),
        extended_offsets=_extended_offsets(ds) if codec.encapsulated else None,
    )


def plain_model(file: PlainFile) -> PixelModel | None:
    """Return what :func:`read_model` returns, without a data set.

    Parameters
    ----------
    file : PlainFile
        An image.

    Returns
    -------
    PixelModel or None
        None if it takes a data set to tell, or to interpret the pixels.
    """
    rows = _image_rows(file.order)
    if rows is None or not decodes_plainly():
        return None
    encoded = file.elements.plain_octets(rows.describing, LONGEST_ENCODED)
    codec = codec_for(file.transfer_syntax)
    described = None if encoded is None else _plain_layout(encoded, "PixelData", codec)
    if described is None or described[0].has_palette:
        return None
    layout, frames = described
    limits.check("max_frame_pixels", layout.cells, "samples of a frame")
    extent = file.elements.extent(rows.pixels)
    return PixelModel(layout, frames, codec, extent, file.elements.context.diagnostics)


class _ImageRows(NamedTuple):
    describing: tuple[int | None, ...]
    pixels: int


@lru_cache(maxsize=64)
def _image_rows(order: Order) -> _ImageRows | None:
    """Return the rows of `_TAGS` and of Pixel Data, unless there is more than these."""
    pixels = order.rows.get(_PIXEL_DATA)
    if pixels is None or not order.rows.keys().isdisjoint(_NOT_PLAIN):
        return None
    return _ImageRows((*map(order.rows.get, _TAGS),), pixels)


def _layout_and_frames(
    ds: Dataset, keyword: str, codec: Codec, overrides: dict[str, Any]
) -> tuple[FrameLayout, int]:
    encoded = ds._encoded(_TAGS) if overrides.keys().isdisjoint(DESCRIBING_OPTIONS) else None
    if encoded is not None:
        found = _plain_layout(encoded, keyword, codec)
        if found is not None:
            return found
    options = as_pixel_options(ds, **overrides)
    return layout_of(options, keyword, codec), _frames(options)


DESCRIBING_OPTIONS = frozenset({*_OPTIONS, _FRAMES})
"""Options that replace elements."""


@lru_cache(maxsize=256)
def _plain_layout(
    encoded: tuple[bytes, ...], keyword: str, codec: Codec
) -> tuple[FrameLayout, int] | None:
    """Return what elements encoded so describe; images of a series mostly have the same."""
    options = _plain_options(encoded)
    return None if options is None else (layout_of(options, keyword, codec), _frames(options))


def _frames(options: Mapping[str, Any]) -> int:
    return _integer(options, _FRAMES, range(1, 1 << 31))


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
    encoded = meta._encoded(SYNTAX_TAGS)
    plain = None if encoded is None else _plain_uid(encoded[0])
    if plain is not None:
        return plain
    uid: str | None = meta.get("TransferSyntaxUID")
    return uid


@lru_cache(maxsize=256)
def _plain_uid(encoded: bytes) -> str | None:
    uid = encoded[4:].rstrip(b"\0")
    plain = encoded[:2] == b"UI" and uid.replace(b".", b"").isdigit()
    return uid.decode("ascii") if plain else None


def _pixel_keyword(ds: Dataset) -> str:
    found = [keyword for keyword, tag in PIXEL_TAGS.items() if tag in ds._dict]
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


def layout_of(options: Mapping[str, Any], keyword: str, codec: Codec) -> FrameLayout:
    """Return the layout that options describe, every value checked.

    Parameters
    ----------
    options : mapping
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


def _integer(options: Mapping[str, Any], option: str, allowed: range | tuple[int, ...]) -> int:
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


def _photometric(options: Mapping[str, Any]) -> str:
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
    if _EXTENDED_OFFSET_TABLE not in ds._dict:
        return None
    offsets = ds.get("ExtendedOffsetTable")
    lengths = ds.get("ExtendedOffsetTableLengths")
    if isinstance(offsets, bytes) and isinstance(lengths, bytes):
        return offsets, lengths
    return None
