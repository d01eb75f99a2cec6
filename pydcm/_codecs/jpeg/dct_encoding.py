"""Encoding of baseline JPEG (ISO 10918-1 Annex F), 8 bits of one or three components.

Down-sampling, transform and quantisation give the coefficients that the Independent JPEG
Group's encoder gives with its accurate integer method, and the tables are those of Annex K.
"""

from __future__ import annotations

from array import array
from struct import pack

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.jpeg.dct_tables import HUFFMAN, QUANTISATION, ZIGZAG, in_rows, scaled
from pydcm._codecs.jpeg.huffman import encoder
from pydcm._codecs.jpeg.markers import Marker
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import UnsupportedSyntaxError
from pydcm.kernels import jpegdct
from pydcm.kernels.status import OUTPUT_FULL, failure

__all__ = ["encode"]

_FACTORS = {"444": (1, 1), "422": (2, 1), "420": (2, 2), "440": (1, 2)}
"""Horizontal and vertical sampling factor of luminance, for each sampling."""
_LARGEST = 65535


def encode(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return one frame, encoded.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (rows, columns, samples)
        The components as they are to be coded: nothing is converted. Photometric
        Interpretation only says what decoders are told about them.
    layout : FrameLayout
        The shape; one sample, or three of RGB, YBR_FULL or YBR_FULL_422.
    options : EncodeOptions
        `quality`, `subsampling` (RGB is never sub-sampled) and `restart_interval`, which
        counts MCUs.

    Raises
    ------
    UnsupportedSyntaxError
        If frames of this kind have no baseline JPEG.
    ValueError
        If an option is out of its range.
    """
    _see(layout, options)
    colour = layout.samples == 3
    h, v = _FACTORS[options.subsampling] if colour else (1, 1)
    ybr = colour and layout.photometric != "RGB"
    kinds = (0, 1, 1) if ybr else (0,) * layout.samples
    factors = [(h, v), (1, 1), (1, 1)][: layout.samples]
    tables = [scaled(QUANTISATION[kind], options.quality) for kind in sorted(set(kinds))]
    across, down = -(-layout.columns // (8 * h)), -(-layout.rows // (8 * v))
    planes = [
        _coefficients(
            _down_sampled(pixels[:, :, index], h // factor[0], v // factor[1]),
            tables[kind],
            factor,
            (across, down),
        )
        for index, (factor, kind) in enumerate(zip(factors, kinds, strict=True))
    ]
    data = _scan(planes, factors, kinds, across, options.restart_interval or across * down)
    head = _head(layout, kinds, factors, tables, options.restart_interval)
    return head + data + pack(">BB", 0xFF, Marker.EOI)


def _see(layout: FrameLayout, options: EncodeOptions) -> None:
    """Raise unless the frame and the options can be encoded."""
    if layout.item_bytes != 1 or layout.signed or layout.bits_allocated == 1:
        raise UnsupportedSyntaxError(
            f"baseline JPEG has unsigned samples of 8 bits, and these are of {layout.bits_stored} "
            f"bits{' and signed' if layout.signed else ''}",
            clause="PS3.5 8.2.1",
        )
    three = layout.samples == 3 and layout.photometric in ("RGB", "YBR_FULL", "YBR_FULL_422")
    if layout.samples != 1 and not three:
        raise UnsupportedSyntaxError(
            f"{layout.samples} samples of {layout.photometric} are not encoded as baseline JPEG",
            clause="PS3.5 8.2.1",
        )
    if not (0 < layout.rows <= _LARGEST and 0 < layout.columns <= _LARGEST):
        raise UnsupportedSyntaxError(
            f"JPEG has 1 to {_LARGEST} rows and columns, not {layout.rows} x {layout.columns}",
            clause="ISO 10918-1 B.2.2",
        )
    if not 1 <= options.quality <= 100:
        raise ValueError(f"quality {options.quality} is not from 1 to 100")
    if options.subsampling not in _FACTORS:
        raise ValueError(f"subsampling {options.subsampling!r} is none of {', '.join(_FACTORS)}")
    if layout.photometric == "RGB" and options.subsampling != "444":
        raise ValueError("RGB has no chrominance to sub-sample; convert it to YBR_FULL first")
    if not 0 <= options.restart_interval <= _LARGEST:
        raise ValueError(f"restart_interval {options.restart_interval} is not from 0 to {_LARGEST}")


def _down_sampled(plane: NDArray[np.generic], h: int, v: int) -> NDArray[np.uint8]:
    """Return a component with means of `h` columns and `v` rows, in whole blocks.

    Beyond the right edge the last column of the image is repeated, beyond the bottom the
    last row of the result. Where columns are halved, halves go up and down in turns.
    """
    rows, columns = plane.shape
    high, wide = -(-rows // v), -(-columns // h)
    right = -(-wide // 8) * 8 * h - columns
    wider = np.pad(plane, ((0, high * v - rows), (0, right)), mode="edge").astype(np.uint16)
    total = sum(
        (wider[row::v, column::h] for row in range(v) for column in range(h)),
        start=np.zeros((high, wider.shape[1] // h), np.uint16),
    )
    if h == 2:
        total[:, 0::2] += v - 1
        total[:, 1::2] += v
    elif v == 2:
        total += 1
    means = (total >> (h + v - 2)).astype(np.uint8)
    return np.pad(means, ((0, -high % 8), (0, 0)), mode="edge")


def _coefficients(
    plane: NDArray[np.uint8],
    table: tuple[int, ...],
    factor: tuple[int, int],
    mcus: tuple[int, int],
) -> NDArray[np.int16]:
    """Return a component's quantised blocks, in whole MCUs.

    Blocks that are there only to make MCUs whole repeat the DC coefficient of the block
    before them in the MCU, which costs least (ISO 10918-1 A.2.4 leaves it open).
    """
    h, v = factor
    high, wide = plane.shape[0] // 8, plane.shape[1] // 8
    blocks = np.zeros((mcus[1] * v, mcus[0] * h, 64), np.int16)
    shape = array("q", (wide, high, 0, blocks.shape[1]))
    jpegdct.forward(plane.reshape(-1).data, in_rows(table), shape, blocks.reshape(-1).data)
    blocks[:high, wide:, 0] = blocks[:high, wide - 1 : wide, 0]
    for row in range(high, blocks.shape[0]):
        blocks[row, :, 0] = np.repeat(blocks[row - 1, h - 1 :: h, 0], h)
    return blocks


def _scan(
    planes: list[NDArray[np.int16]],
    factors: list[tuple[int, int]],
    kinds: tuple[int, ...],
    across: int,
    interval: int,
) -> bytes:
    """Return the entropy-coded data of the only scan."""
    plan, first = array("q"), 0
    for index, (blocks, (h, v)) in enumerate(zip(planes, factors, strict=True)):
        wide = blocks.shape[1]
        for row in range(v):
            for column in range(h):
                tables = (512 * kinds[index], 512 * kinds[index] + 256)
                plan.extend((first + row * wide + column, h, v * wide, index, *tables))
        first += blocks.shape[0] * wide
    codes = array("i")
    for pair in HUFFMAN:
        for spec in pair:
            codes.extend(encoder(spec))
    coefficients = np.concatenate([blocks.reshape(-1) for blocks in planes])
    total = len(planes[-1]) * across  # the last component has one block in each MCU
    scan = array("q", (across, total, interval))
    room = coefficients.size // 2 + 4096
    while True:
        data = bytearray(room)
        size = jpegdct.encode_scan(coefficients.data, scan, plan, codes, ZIGZAG, data)
        if size >= 0:
            return bytes(memoryview(data)[:size])
        if size != OUTPUT_FULL:
            raise failure("jpegdct.encode_scan", size)
        room *= 4


def _head(
    layout: FrameLayout,
    kinds: tuple[int, ...],
    factors: list[tuple[int, int]],
    tables: list[tuple[int, ...]],
    interval: int,
) -> bytes:
    """Return everything before the entropy-coded data."""
    rgb = layout.samples == 3 and len(tables) == 1
    if rgb:  # Adobe Technical Note 5116: transform 0
        parts = [_segment(Marker.APP14, b"Adobe" + pack(">HHHB", 100, 0, 0, 0))]
    else:
        parts = [_segment(Marker.APP0, b"JFIF\0" + pack(">HBHHBB", 0x0101, 0, 1, 1, 0, 0))]
    for number, table in enumerate(tables):
        parts.append(_segment(Marker.DQT, bytes((number, *table))))
    identifiers = b"RGB" if rgb else bytes((1, 2, 3))
    frame = pack(">BHHB", 8, layout.rows, layout.columns, layout.samples)
    scan = bytes((layout.samples,))
    for name, (h, v), kind in zip(identifiers, factors, kinds, strict=False):
        frame += bytes((name, h << 4 | v, kind))
        scan += bytes((name, kind << 4 | kind))
    parts.append(_segment(Marker.SOF0, frame))
    for number in range(len(tables)):
        for kind, spec in enumerate(HUFFMAN[number]):
            parts.append(
                _segment(Marker.DHT, bytes((kind << 4 | number,)) + spec.counts + spec.values)
            )
    if interval:
        parts.append(_segment(Marker.DRI, pack(">H", interval)))
    parts.append(_segment(Marker.SOS, scan + bytes((0, 63, 0))))
    return pack(">BB", 0xFF, Marker.SOI) + b"".join(parts)


def _segment(marker: Marker, content: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(content) + 2) + content
