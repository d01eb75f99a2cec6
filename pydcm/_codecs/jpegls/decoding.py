"""Decoding of JPEG-LS frames (ISO 14495-1, PS3.5 8.2.3)."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs.bounds import check_expansion, check_shape
from pydcm._codecs.jpegls.coding import Coding, most_near
from pydcm._codecs.jpegls.markers import FrameHeader, Interleave, JpegLsStream, ScanHeader
from pydcm._codecs.layout import FrameLayout
from pydcm.kernels import Kernel, jpegls
from pydcm.kernels.status import failure

__all__ = ["decode"]

_PADDING_BITS = 24
"""A scan ends with fewer bits than these that belong to no sample: those that fill its
last octet, and octets that make its length even."""


def decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame.

    Samples are the unsigned numbers of the stream, whose precision may differ from
    Bits Stored: two's complement is a matter of the data set, not of JPEG-LS.

    Parameters
    ----------
    frame : bytes
        A JPEG-LS stream, from SOI to EOI.
    layout : FrameLayout
        Its shape.
    number : int
        Which frame it is, from 1, for messages.

    Returns
    -------
    ndarray, shape (rows, columns, samples)

    Raises
    ------
    CorruptStreamError
        If the stream is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If it uses what images of DICOM do not: mapping tables, point transforms,
        colour transforms, sub-sampled components.
    LimitError
        If it would expand beyond the limits.
    """
    stream = JpegLsStream(frame, number)
    scan = stream.next_scan(2)
    rows, columns, lines_follow = _checked_size(stream, layout)
    image = np.empty(0, f"u{layout.item_bytes}")
    coded: set[int] = set()
    while len(coded) < layout.samples:
        if scan is None or stream.frame is None:
            raise stream.corrupt(
                f"the image ends with {len(coded)} of {layout.samples} components",
                len(frame),
                "C.1",
            )
        if coded & set(scan.components):
            raise stream.corrupt("a component is in two scans", scan.data, "C.1")
        found, end = _decode_scan(stream, stream.frame, scan, rows, columns)
        coded.update(scan.components)
        if scan.components == tuple(range(layout.samples)):
            image = found.astype(image.dtype, order="C", copy=False)
        else:
            image = image if image.size else np.empty(layout.shape, image.dtype)
            image[..., scan.components] = found
        if lines_follow or len(coded) < layout.samples:
            scan = stream.next_scan(end)
        if lines_follow and stream.lines != rows:
            raise stream.corrupt(
                f"the stream has {stream.lines} lines, and the data set says {rows}", end, "C.2.6"
            )
        lines_follow = False
    return image.view(layout.dtype)


def _checked_size(stream: JpegLsStream, layout: FrameLayout) -> tuple[int, int, bool]:
    """Return rows and columns, and whether only segment DNL will tell the rows.

    Until then the data set has to be believed.
    """
    header = stream.frame
    if header is None:
        raise stream.corrupt("the image has no frame header", len(stream.data), "C.1")
    rows, columns = stream.size
    shape = (rows or layout.rows, columns, len(header.components))
    check_shape("JPEG-LS", shape, layout, stream.number, "PS3.5 8.2.3")
    if 0 in shape:
        raise stream.corrupt("the image has no pixels", 2, "C.2.2")
    check_expansion(len(stream.data), layout)
    if header.precision > 8 * layout.item_bytes:
        raise stream.corrupt(
            f"samples of {header.precision} bits do not fit into Bits Allocated, which is "
            f"{layout.bits_allocated}",
            2,
            "C.2.2",
        )
    return shape[0], columns, rows == 0


def _decode_scan(
    stream: JpegLsStream, header: FrameHeader, scan: ScanHeader, rows: int, columns: int
) -> tuple[NDArray[np.uint16], int]:
    """Return a scan's components, as the last axis, and where the next marker is."""
    components = len(scan.components)
    coding = _coding(stream, header, scan)
    interval = min(stream.restart_interval or rows, rows)
    numbers = coding.numbers(rows, columns, components, interval)
    if scan.interleave == Interleave.SAMPLE:
        pixels = np.empty((1 + rows, columns, components), np.uint16)
        pixels[0] = 0
        end = _run(jpegls.decode_samples, stream, scan, coding, numbers, pixels)
        return pixels[1:], end
    lines = np.empty((components, 1 + rows, columns), np.uint16)
    lines[:, 0] = 0
    end = _run(jpegls.decode_lines, stream, scan, coding, numbers, lines)
    return lines[:, 1:].transpose(1, 2, 0), end


def _run(
    kernel: Kernel[..., int],
    stream: JpegLsStream,
    scan: ScanHeader,
    coding: Coding,
    numbers: array[int],
    cells: NDArray[np.uint16],
) -> int:
    """Run the kernel of the interleave mode; return where the next marker is."""
    rows, interval = numbers[6], numbers[9]
    count = -(-rows // interval)
    intervals = array("q", bytes(24 * count))
    windows = np.empty(len(stream.data) - scan.data + jpegls.MARGIN * count, np.uint32)
    end = jpegls.unstuff(stream.data, scan.data, windows.data, intervals)
    if end < 0:
        raise failure("jpegls.unstuff", end, offset=scan.data, frame=stream.number)
    state = array("q", [0])
    status = kernel(windows.data, intervals, coding.table(), numbers, cells.reshape(-1).data, state)
    if status < 0:
        offset = _octet(stream.data, intervals, state[0])
        raise failure(kernel.name, status, offset=offset, frame=stream.number)
    if intervals[-2] - state[0] >= _PADDING_BITS:
        offset = _octet(stream.data, intervals, state[0])
        raise stream.corrupt("the scan goes on after its last sample", offset, "A.1")
    return end


def _coding(stream: JpegLsStream, header: FrameHeader, scan: ScanHeader) -> Coding:
    """Return the parameters of a scan, after a check of their ranges (C.2.4.1.1)."""
    preset = stream.preset.completed(header.precision, scan.near)
    MAXVAL = preset.MAXVAL
    if MAXVAL.bit_length() > header.precision:
        raise stream.corrupt(
            f"MAXVAL {MAXVAL} has more than {header.precision} bits", scan.data, "C.2.4.1.1"
        )
    if scan.near > most_near(MAXVAL):
        raise stream.corrupt(f"NEAR {scan.near} is too large", scan.data, "C.2.3")
    if not scan.near < preset.T1 <= preset.T2 <= preset.T3 <= MAXVAL:
        raise stream.corrupt(f"the thresholds of {preset} are in disorder", scan.data, "C.2.4.1.1")
    if not 3 <= preset.RESET <= max(255, MAXVAL):
        raise stream.corrupt(f"RESET {preset.RESET} is out of range", scan.data, "C.2.4.1.1")
    return Coding(preset, scan.near)


def _octet(data: bytes, intervals: array[int], position: int) -> int:
    """Return the offset in `data` of a bit of the windows."""
    k = max(k for k in range(len(intervals) // 3) if intervals[3 * k] <= position)
    start = intervals[3 * k + 2]
    octets = np.frombuffer(data, np.uint8)[start:]
    bits = np.full(len(octets), 8)
    bits[1:][octets[:-1] == 255] = 7  # an octet after 255 has a stuffed bit
    passed = int(np.searchsorted(np.cumsum(bits), position - intervals[3 * k], side="right"))
    return min(start + passed, len(data))
