"""Encoding of JPEG-LS frames (ISO 14495-1, PS3.5 8.2.3)."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.jpegls import markers
from pydcm._codecs.jpegls.coding import Coding, Preset, most_near
from pydcm._codecs.jpegls.markers import Interleave
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CodecError, UnsupportedSyntaxError
from pydcm.kernels import Kernel, jpegls
from pydcm.kernels.status import failure

__all__ = ["encode", "encode_components"]

_MOST_BITS = 16
_USUAL_BITS = 12
"""Up to here all decoders agree on the default thresholds; beyond, some take others."""


def encode(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return one frame as a JPEG-LS stream.

    The precision of the stream is Bits Stored, but 2 for pixels of 1 bit. Negative
    pixels are encoded as the two's complement of Bits Stored.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        The frame.
    layout : FrameLayout
        Its shape.
    options : EncodeOptions
        `near`, the largest error of a sample, and `restart_interval`, in lines.

    Raises
    ------
    UnsupportedSyntaxError
        If Bits Stored is above 16.
    CodecError
        If `near` is not 0, and a signed pixel is so close to the limits of Bits Stored
        that its error would change its sign.
    ValueError
        If `near` is not from 0 to 255 or above half of the largest pixel, or if
        `restart_interval` is negative.
    """
    bits = max(2, layout.bits_stored)
    if bits > _MOST_BITS:
        raise UnsupportedSyntaxError(
            f"JPEG-LS has samples of up to {_MOST_BITS} bits, and Bits Stored is {bits}",
            clause="ISO 14495-1 C.2.2",
        )
    most = most_near((1 << layout.bits_stored) - 1)
    if not 0 <= options.near <= most:
        raise ValueError(
            f"near is {options.near}; for {layout.bits_stored} bits it is from 0 to {most}"
        )
    if options.restart_interval < 0:
        raise ValueError(f"restart_interval is {options.restart_interval}")
    values = pixels.view(f"u{pixels.dtype.itemsize}")
    if layout.signed:
        values = values & ((1 << bits) - 1)
    interleave = Interleave.SAMPLE if layout.samples in (3, 4) else Interleave.NONE
    stream, decoded = encode_components(
        values, bits, options.near, interleave, options.restart_interval
    )
    if options.near and layout.signed and np.any((values ^ decoded) >> (bits - 1)):
        raise CodecError(
            f"an error of up to {options.near} would turn the largest pixels into the smallest",
            clause="PS3.5 8.2.3",
            hint="encode without loss, or with more Bits Stored than the pixels need",
        )
    return stream


def encode_components(
    values: NDArray[np.unsignedinteger],
    bits: int,
    near: int = 0,
    interleave: int = Interleave.NONE,
    restart_interval: int = 0,
    preset: Preset = Preset(),  # noqa: B008 - it is immutable
) -> tuple[bytes, NDArray[np.uint16]]:
    """Return a stream, and what a decoder will make of it.

    Parameters
    ----------
    values : ndarray of unsigned integers, shape (rows, columns, components)
        Samples of `bits` bits.
    bits : int
        2 to 16.
    near : int
        The largest error of a sample, which the caller has checked.
    interleave : int
        How the components take turns; without, each has a scan of its own.
    restart_interval : int
        In lines; 0 for none.
    preset : Preset
        Preset coding parameters.
    """
    rows, columns, components = values.shape
    coding = Coding(preset.completed(bits, near), near)
    parts = [markers.START_OF_IMAGE, markers.frame_header(bits, rows, columns, components)]
    if any(preset) or bits > _USUAL_BITS:
        parts.append(markers.preset_parameters(coding.preset))
    if restart_interval:
        parts.append(markers.restart_interval(restart_interval))
    one_scan = interleave != Interleave.NONE and components > 1
    if not one_scan:
        interleave = Interleave.NONE
    encode_scan = _encode_samples if interleave == Interleave.SAMPLE else _encode_lines
    decoded = []
    for first in range(0, components, components if one_scan else 1):
        chosen = range(components) if one_scan else range(first, first + 1)
        part = values[..., chosen.start : chosen.stop]
        data, cells = encode_scan(part, coding, restart_interval or rows)
        parts += [markers.scan_header(chosen, near, interleave), data]
        decoded.append(cells)
    parts.append(markers.END_OF_IMAGE)
    return b"".join(parts), decoded[0] if len(decoded) == 1 else np.concatenate(decoded, 2)


def _encode_lines(
    values: NDArray[np.unsignedinteger], coding: Coding, interval: int
) -> tuple[bytes, NDArray[np.uint16]]:
    rows, columns, components = values.shape
    cells = np.zeros((components, 1 + rows, columns), np.uint16)
    cells[:, 1:] = values.transpose(2, 0, 1)
    numbers = coding.numbers(rows, columns, components, interval)
    data = _run(jpegls.encode_lines, cells, coding, numbers)
    return data, cells[:, 1:].transpose(1, 2, 0)


def _encode_samples(
    values: NDArray[np.unsignedinteger], coding: Coding, interval: int
) -> tuple[bytes, NDArray[np.uint16]]:
    rows, columns, components = values.shape
    cells = np.zeros((1 + rows, columns, components), np.uint16)
    cells[1:] = values
    numbers = coding.numbers(rows, columns, components, interval)
    data = _run(jpegls.encode_samples, cells, coding, numbers)
    return data, cells[1:]


def _run(
    kernel: Kernel[..., int], cells: NDArray[np.uint16], coding: Coding, numbers: array[int]
) -> bytes:
    """Return the data of a scan."""
    rows, interval = numbers[6], numbers[9]
    count = -(-rows // interval)
    intervals = array("q", bytes(16 * count))
    # no sample takes more than LIMIT bits; memory that is not written to is not used
    words = np.empty(cells.size * coding.LIMIT // jpegls.WORD + 2 * count + 4, np.uint32)
    status = kernel(cells.reshape(-1).data, coding.table(), numbers, words.data, intervals)
    if status >= 0:
        bits = sum(intervals[1::2])
        octets = bytearray(bits // 7 + 8 * count)  # an octet has 7 bits at least
        status = jpegls.stuff(words.data, intervals, octets)
        if status >= 0:
            return bytes(octets[:status])
    raise failure(kernel.name, status)
