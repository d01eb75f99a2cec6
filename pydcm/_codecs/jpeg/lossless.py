"""Lossless JPEG, Huffman coded: process 14 and its selection value 1 (ISO 10918-1 Annex H).

DICOM's transfer syntaxes .57 and .70 (PS3.5 A.4.1). Both are decoded by what the
stream says, whichever predictor the transfer syntax promises.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.bounds import check_shape
from pydcm._codecs.jpeg import huffman
from pydcm._codecs.jpeg.entropy import entropy_data, position
from pydcm._codecs.jpeg.huffman import HuffmanSpec
from pydcm._codecs.jpeg.lossless_encoding import encode
from pydcm._codecs.jpeg.markers import FrameHeader, Marker, Scan, corrupt, parse
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.kernels import jpeglossless
from pydcm.kernels.jpeglossless_rows import SECOND, SHORT_BITS
from pydcm.kernels.status import failure

__all__ = ["decode", "encode"]

_MOST_PREDICTOR = 7


def decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame.

    Parameters
    ----------
    frame : bytes
        A stream of SOF3; padding after it is allowed.
    layout : FrameLayout
        Its shape.
    number : int
        Which frame it is, from 1, for messages.

    Returns
    -------
    ndarray, shape (rows, columns, samples)
        The samples as they are coded; with a point transform Pt, the low Pt bits are 0.

    Raises
    ------
    CorruptStreamError
        If the stream is broken, or is of another size than `layout`.
    UnsupportedSyntaxError
        If it is not lossless, or if its components are of different size.
    """
    stream = parse(frame, number)
    header = stream.frame
    _check_frame(header, layout, number)
    for scan in stream.scans:
        _check_scan(header, scan, number)
    cell = np.dtype(np.uint8 if layout.item_bytes == 1 else np.uint16)
    pixels: NDArray[np.integer[Any]] = np.empty(layout.shape, cell)
    for scan in stream.scans:
        _decode_scan(frame, header, scan, pixels, number)
    _undo_point_transforms(pixels, stream.scans)
    if layout.item_bytes > cell.itemsize:
        return pixels.astype(layout.dtype)
    return pixels.view(layout.dtype)


def _check_frame(header: FrameHeader, layout: FrameLayout, number: int) -> None:
    """Raise unless a frame is lossless and fits the layout."""
    if header.marker != Marker.SOF3:
        raise UnsupportedSyntaxError(
            f"a JPEG stream of {header.marker.name} where a lossless one, SOF3, should be",
            frame=number,
            clause="PS3.5 A.4.1",
            hint="its Transfer Syntax UID is wrong",
        )
    shape = header.rows, header.columns, len(header.components)
    check_shape("JPEG", shape, layout, number, "PS3.5 8.2.1")
    if header.precision > 8 * layout.item_bytes:
        raise CorruptStreamError(
            f"the JPEG stream has {header.precision} bits in a sample, and the image has cells "
            f"of {layout.bits_allocated}",
            frame=number,
            clause="PS3.5 8.2.1",
        )
    if len({(component.h, component.v) for component in header.components}) > 1:
        raise UnsupportedSyntaxError(
            "lossless JPEG with components of different size is not decoded",
            frame=number,
            clause="ISO 10918-1 A.1.1",
        )


def _check_scan(header: FrameHeader, scan: Scan, number: int) -> None:
    """Raise unless a scan can be decoded, and may hold what it claims to."""
    rules = scan.header
    sampling = header.components[0].h * header.components[0].v
    if len(rules.components) > 1 and sampling > 1:
        raise UnsupportedSyntaxError(
            f"lossless JPEG with {sampling} samples of a component in a unit is not decoded",
            frame=number,
            offset=scan.first,
            clause="ISO 10918-1 A.2.3",
        )
    if not 1 <= rules.start <= _MOST_PREDICTOR:
        raise corrupt(f"predictor {rules.start}", number, scan.first, "Table H.1")
    if rules.low >= header.precision:
        raise corrupt(
            f"point transform {rules.low} of {header.precision} bits", number, scan.first, "H.1.2.1"
        )
    if scan.restart_interval % header.columns:
        raise corrupt(
            f"a restart interval of {scan.restart_interval} is no whole number of rows of "
            f"{header.columns}", number, scan.first, "H.1.1",
        )  # fmt: skip
    samples = header.rows * header.columns * len(rules.components)
    if 8 * (scan.last - scan.first) < samples:  # refuse before memory is taken for it
        raise corrupt(
            f"{scan.last - scan.first} bytes cannot hold {samples} samples",
            number, scan.first, "H.1.2.2",
        )  # fmt: skip


def _decode_scan(
    frame: bytes, header: FrameHeader, scan: Scan, pixels: NDArray[np.integer[Any]], number: int
) -> None:
    """Decode one scan into its components of `pixels`."""
    rows = scan.restart_interval // header.columns or header.rows
    data = entropy_data(frame, scan, -(-header.rows // rows), number)
    parts = scan.header.components
    specs = [scan.dc[part.dc_table] for part in parts]
    if specs.count(specs[0]) == len(specs):
        specs = specs[:1]
    full = [huffman.lookup(spec, 16) for spec in specs]
    plan = array("q", [0] * jpeglossless.COMPONENTS)
    plan[jpeglossless.WIDTH] = header.columns
    plan[jpeglossless.SAMPLES] = len(header.components)
    plan[jpeglossless.COUNT] = len(parts)
    plan[jpeglossless.PREDICTOR] = scan.header.start
    plan[jpeglossless.ORIGIN] = 1 << (header.precision - scan.header.low - 1)
    plan[jpeglossless.INTERVAL] = rows
    plan[jpeglossless.TOP] = np.iinfo(pixels.dtype).max
    plan[jpeglossless.TABLES] = len(specs)
    plan.extend(part.index for part in parts)
    state = array("q", (0, 0))
    status = jpeglossless.decode_scan(
        data.words,
        data.starts,
        data.ends,
        _pairs(specs[0]).data,
        full[0] if len(full) == 1 else np.concatenate(full).data,
        plan,
        pixels.reshape(-1).data,
        state,
    )
    if status < 0:
        offset = position(frame, scan, *state)
        raise failure("jpeglossless.decode_scan", status, frame=number, offset=offset)


@lru_cache(maxsize=32)  # the frames of an image mostly share their tables
def _pairs(spec: HuffmanSpec) -> NDArray[np.int32]:
    """Return what the next `SHORT_BITS` bits mean, as ``jpeglossless.decode_scan`` reads it."""
    bits = np.arange(1 << SHORT_BITS, dtype=np.int32)
    known = np.asarray(huffman.lookup(spec, SHORT_BITS)).astype(np.int32)
    ssss = known & 255
    used = (known >> 8) + ssss
    fits = (known > 0) & (used <= SHORT_BITS)  # not SSSS 16, which is a difference by itself
    used *= fits
    ssss *= fits
    one = np.int32(1)
    ones = (one << ssss) - one
    value = bits >> (SHORT_BITS - used) & ones
    value -= (value < one << ssss >> one) * ones  # Table F.1: those below the middle are negative
    rest = bits << used & ((1 << SHORT_BITS) - 1)
    more = used.take(rest)
    pair = (more > 0) & (used + more <= SHORT_BITS)
    entries = used + ((value + (1 << SHORT_BITS)) << 5)
    entries += pair * ((value.take(rest) << SECOND) + (more | 1 << 4))
    found: NDArray[np.int32] = np.multiply(entries, fits, dtype=np.int32)
    return found


def _undo_point_transforms(pixels: NDArray[np.integer[Any]], scans: tuple[Scan, ...]) -> None:
    """Shift each component to where it was before encoding (ISO 10918-1 A.4)."""
    for scan in scans:
        if scan.header.low:
            for part in scan.header.components:
                pixels[..., part.index] <<= scan.header.low
