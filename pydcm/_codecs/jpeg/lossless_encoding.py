"""Writes lossless JPEG (ISO 10918-1 Annex H), with the best Huffman table for each frame."""

from __future__ import annotations

import re
from array import array
from struct import pack

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.jpeg import huffman
from pydcm._codecs.jpeg.headers import Marker
from pydcm._codecs.jpeg.huffman import HuffmanSpec
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import UnsupportedSyntaxError
from pydcm.kernels import jpeglossless
from pydcm.kernels.status import failure

__all__ = ["encode"]

_CATEGORIES = bytes(magnitude.bit_length() for magnitude in range(32769))
"""SSSS of each magnitude of a difference (ISO 10918-1 Table H.2)."""
_FIRST_OF_CATEGORY = [0, *(1 << ssss for ssss in range(16))]
"""The least magnitude of each SSSS."""
_MOST_PREDICTOR = 7
_STUFF = re.compile(rb"\xff").sub


def encode(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return one frame encoded.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        Values within Bits Stored; of negative ones, the low Bits Stored bits are coded.
    layout : FrameLayout
        Its shape; Bits Stored 2 to 16 is the precision. 1 bit is coded with precision 2.
    options : EncodeOptions
        `predictor` 1 to 7; `restart_interval` in pixels, a whole number of rows.

    Returns
    -------
    bytes
        A stream of SOF3 with one scan and one Huffman table, made for the frame.

    Raises
    ------
    UnsupportedSyntaxError
        If a stream of this kind cannot hold the frame.
    ValueError
        If the options are out of range.
    """
    _check_encodable(layout, options)
    precision = max(2, layout.bits_stored)
    samples = pixels.astype(np.int32).reshape(layout.rows, -1)
    samples &= (1 << layout.bits_stored) - 1
    rows = options.restart_interval // layout.columns or layout.rows
    diff = _differences(samples, layout.samples, options.predictor, 1 << (precision - 1), rows)
    frequencies = _frequencies(diff)
    spec = huffman.optimal(frequencies)
    count = -(-layout.rows // rows)
    ends = array("q", [0] * count)
    codes = huffman.encoder(spec)
    total = sum(many * ((codes[ssss] >> 16) + ssss % 16) for ssss, many in enumerate(frequencies))
    octets = bytearray(total // 8 + count + 16)
    status = jpeglossless.encode_scan(
        diff.data, _CATEGORIES, codes, rows * layout.columns * layout.samples, octets, ends
    )
    if status < 0:
        raise failure("jpeglossless.encode_scan", status)
    return b"".join(
        (
            _headers(layout, precision, spec, options),
            _marked(bytes(octets), ends),
            b"\xff\xd9",
        )
    )


def _check_encodable(layout: FrameLayout, options: EncodeOptions) -> None:
    if layout.samples not in (1, 3, 4) or layout.floating or layout.bits_stored > 16:
        raise UnsupportedSyntaxError(
            f"lossless JPEG has 1, 3 or 4 samples of integers up to 16 bits, and the image has "
            f"{layout.samples} of {layout.bits_stored} bits",
            clause="PS3.5 8.2.1",
        )
    if max(layout.rows, layout.columns) > 0xFFFF:
        raise UnsupportedSyntaxError(
            f"{layout.rows} x {layout.columns} pixels are more than a JPEG stream can hold",
            clause="ISO 10918-1 B.2.2",
        )
    if not 1 <= options.predictor <= _MOST_PREDICTOR:
        raise ValueError(f"predictor {options.predictor} is not 1 to 7 (ISO 10918-1 Table H.1)")
    interval = options.restart_interval
    if not 0 <= interval <= 0xFFFF or interval % layout.columns:
        raise ValueError(
            f"restart_interval {interval} is not 0 to 65535 and a whole number of rows of "
            f"{layout.columns} pixels (ISO 10918-1 H.1.1)"
        )


def _differences(
    samples: NDArray[np.int32], step: int, predictor: int, origin: int, rows: int
) -> NDArray[np.int32]:
    """Return the differences to predictions, in the order of the scan (ISO 10918-1 H.1.2.1).

    Pixels have `step` samples side by side.
    """
    predicted = np.empty_like(samples)
    above, left, corner = samples[:-1, step:], samples[1:, :-step], samples[:-1, :-step]
    predicted[1:, step:] = _predictions(left, above, corner, predictor)
    predicted[1:, :step] = samples[:-1, :step]
    predicted[::rows, step:] = samples[::rows, :-step]
    predicted[::rows, :step] = origin
    # Modulo 2^16, from -32767 to 32768.
    diff = np.subtract(samples, predicted, out=predicted)
    diff += 32767
    diff &= 0xFFFF
    diff -= 32767
    return diff.reshape(-1)


def _frequencies(diff: NDArray[np.int32]) -> list[int]:
    """Return how often each SSSS occurs."""
    magnitudes = np.bincount(np.abs(diff), minlength=len(_CATEGORIES))
    frequencies: list[int] = np.add.reduceat(magnitudes, _FIRST_OF_CATEGORY).tolist()
    return frequencies


def _predictions(
    ra: NDArray[np.int32], rb: NDArray[np.int32], rc: NDArray[np.int32], predictor: int
) -> NDArray[np.int32]:
    """Return Px (ISO 10918-1 Table H.1)."""
    match predictor:
        case 1:
            return ra
        case 2:
            return rb
        case 3:
            return rc
        case 4:
            return ra + rb - rc
        case 5:
            return ra + ((rb - rc) >> 1)
        case 6:
            return rb + ((ra - rc) >> 1)
        case _:
            return (ra + rb) >> 1


def _headers(
    layout: FrameLayout, precision: int, spec: HuffmanSpec, options: EncodeOptions
) -> bytes:
    """Return the stream up to its entropy-coded data."""
    count = layout.samples
    numbers = range(1, count + 1)
    frame = pack(">BHHB", precision, layout.rows, layout.columns, count)
    frame += b"".join(pack("3B", number, 0x11, 0) for number in numbers)
    scan = bytes([count]) + b"".join(bytes([number, 0]) for number in numbers)
    scan += bytes([options.predictor, 0, 0])
    table = b"\0" + spec.counts + spec.values
    parts = [b"\xff\xd8", _segment(Marker.SOF3, frame), _segment(Marker.DHT, table)]
    if options.restart_interval:
        parts.append(_segment(Marker.DRI, pack(">H", options.restart_interval)))
    return b"".join((*parts, _segment(Marker.SOS, scan)))


def _segment(marker: Marker, parameters: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(parameters) + 2) + parameters


def _marked(octets: bytes, ends: array[int]) -> bytes:
    """Return intervals with stuffed zeros, and restart markers between them."""
    parts: list[bytes] = []
    first = 0
    for part, last in enumerate(ends):
        if part:
            parts.append(bytes([0xFF, Marker.RST0 + (part - 1) % 8]))
        parts.append(_STUFF(b"\xff\x00", octets[first:last]))
        first = last
    return b"".join(parts)
