"""DCT-based JPEG: baseline, extended and progressive (ISO 10918-1 Annexes F and G).

Results are those of the Independent JPEG Group's accurate integer transform and of its
up-sampling, to the bit. What its decoder only warns of is refused here, because pixels
that were guessed must not look like others: data that end early, codes that are in no
table, and a progressive image of which some scans are missing (whose blocks that decoder
smooths, so that its result is not what was coded either).
"""

from __future__ import annotations

import warnings
from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm._codecs.bounds import check_expansion, check_shape
from pydcm._codecs.jpeg.dct_tables import ZIGZAG, decoding_table, in_rows
from pydcm._codecs.jpeg.entropy import EntropyData, entropy_data, position
from pydcm._codecs.jpeg.huffman import HuffmanSpec
from pydcm._codecs.jpeg.markers import (
    Component,
    FrameHeader,
    JpegStream,
    Marker,
    Scan,
    corrupt,
    parse,
)
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.kernels import jpegdct
from pydcm.kernels.status import TRUNCATED

__all__ = ["decode"]

_LARGEST_DC = 15
_MOST_SHIFT = 13


def decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame.

    Parameters
    ----------
    frame : bytes
        The stream.
    layout : FrameLayout
        Its shape.
    number : int
        Which frame it is, from 1, for messages.

    Returns
    -------
    ndarray, shape (rows, columns, samples)
        The components as they are coded, each brought to the size of the image.

    Raises
    ------
    CorruptStreamError
        If the stream is broken, ends too early, or has another shape.
    UnsupportedSyntaxError
        If it is of another process, or its sampling is not by whole numbers.
    LimitError
        If the frame is larger than `max_frame_pixels`.
    """
    stream = parse(frame, number)
    _see_frame(stream.frame, layout, number)
    check_expansion(len(frame), layout)
    planes = _planes(stream.frame, number)
    _see_size(stream, planes, len(frame), number)
    blocks = sum(plane.padded_wide * plane.padded_high for plane in planes)
    coefficients = np.zeros(64 * blocks, np.int16)
    extents = bytearray(blocks)
    reader = _Reader(frame, number, stream, planes, coefficients.data, extents)
    for scan in stream.scans:
        reader.read(scan)
    reader.finish()
    pixels = np.empty(layout.shape, layout.dtype)
    cells = pixels.reshape(-1).view(f"u{layout.item_bytes}").data
    for index, plane in enumerate(planes):
        _reconstruct(plane, index, stream.frame, coefficients.data, extents, cells)
    return pixels


def _see_frame(frame: FrameHeader, layout: FrameLayout, number: int) -> None:
    """Raise unless a frame header is one of these processes and fits the layout."""
    if frame.marker not in (Marker.SOF0, Marker.SOF1, Marker.SOF2):
        raise UnsupportedSyntaxError(
            f"a {frame.marker.name} frame is not DCT-based JPEG, which the transfer syntax says",
            frame=number,
            clause="PS3.5 A.4.1",
        )
    found = frame.rows, frame.columns, len(frame.components)
    check_shape("JPEG", found, layout, number, "ISO 10918-1 B.2.2")
    if frame.precision > 8 * layout.item_bytes:
        raise CorruptStreamError(
            f"the JPEG stream has samples of {frame.precision} bits, and the data set says cells "
            f"of {layout.bits_allocated}",
            frame=number,
            clause="ISO 10918-1 B.2.2",
        )
    limits.check("max_frame_pixels", layout.cells, f"pixels and samples of frame {number}")


def _see_size(stream: JpegStream, planes: list[_Plane], size: int, number: int) -> None:
    """Raise if so few bytes cannot hold the frame, or have it read over and over."""
    coded = sum(plane.wide * plane.high for plane in planes)
    if coded > 8 * size:  # each block takes a bit at least
        raise corrupt(f"{size} bytes cannot hold {coded} blocks", number, 0, "F.1.2")
    passes = sum(
        planes[one.index].wide * planes[one.index].high
        for scan in stream.scans
        for one in scan.header.components
    )
    # One pass for each coefficient of a block is plenty; more have to be paid with data.
    if passes > 64 * coded + 8 * size:
        raise corrupt(f"{len(stream.scans)} scans in {size} bytes", number, 0, "G.1.1.1")


@dataclass(slots=True)
class _Plane:
    """A component, in samples and in blocks (ISO 10918-1 A.1.1, A.2.4).

    Attributes
    ----------
    component : Component
        Its parameters.
    vertical, horizontal : int
        How many rows and columns of the image one of its samples stands for.
    rows, columns : int
        Its size.
    first : int
        Its first block.
    padded_wide, padded_high : int
        Its blocks in whole MCUs.
    known : list of int
        For each zigzag index the bits of the coefficients that are still missing; -1 if all.
    quantisation : tuple of int
        Its table, in zigzag order, as it is when its first scan begins.
    """

    component: Component
    vertical: int
    horizontal: int
    rows: int
    columns: int
    first: int
    padded_wide: int
    padded_high: int
    known: list[int]
    quantisation: tuple[int, ...] = ()

    @property
    def wide(self) -> int:
        """Blocks in a row, where the component is coded alone."""
        return -(-self.columns // 8)

    @property
    def high(self) -> int:
        """Rows of blocks, where the component is coded alone."""
        return -(-self.rows // 8)


def _planes(frame: FrameHeader, number: int) -> list[_Plane]:
    most_h, most_v = _most(frame)
    across, down = _mcus(frame)
    planes = []
    first = 0
    for component in frame.components:
        if most_h % component.h or most_v % component.v:
            raise UnsupportedSyntaxError(
                f"component {component.identifier} has {component.h} x {component.v} samples "
                f"where another has {most_h} x {most_v}; only whole ratios are decoded",
                frame=number,
                clause="ISO 10918-1 A.1.1",
            )
        rows = -(-frame.rows * component.v // most_v)
        columns = -(-frame.columns * component.h // most_h)
        wide, high = across * component.h, down * component.v
        vertical, horizontal = most_v // component.v, most_h // component.h
        planes.append(
            _Plane(
                component, vertical, horizontal, rows, columns, first, wide, high, [-1] * 64
            )
        )  # fmt: skip
        first += wide * high
    return planes


def _most(frame: FrameHeader) -> tuple[int, int]:
    """Return the largest sampling factors, horizontal and vertical."""
    return max(one.h for one in frame.components), max(one.v for one in frame.components)


def _mcus(frame: FrameHeader) -> tuple[int, int]:
    """Return how many MCUs are in a row, and how many rows, where components are interleaved."""
    most_h, most_v = _most(frame)
    return -(-frame.columns // (8 * most_h)), -(-frame.rows // (8 * most_v))


@dataclass(slots=True)
class _Reader:
    """Reads scan after scan into the coefficients."""

    data: bytes
    number: int
    stream: JpegStream
    planes: list[_Plane]
    coefficients: memoryview
    extents: bytearray

    def read(self, scan: Scan) -> None:
        header = scan.header
        progressive = self.stream.frame.marker == Marker.SOF2
        if progressive:
            self._see_progress(scan)
        for one in header.components:
            plane = self.planes[one.index]
            start, end = (header.start, header.end) if progressive else (0, 63)
            for k in range(start, end + 1):
                plane.known[k] = header.low if progressive else 0
            if not plane.quantisation:
                self._latch(plane, scan)
        later = progressive and (header.start > 0 or header.high > 0)
        self._run(scan, later, progressive)

    def _latch(self, plane: _Plane, scan: Scan) -> None:
        """Keep the quantisation table that is in force at a component's first scan (B.2.4.1)."""
        table = plane.component.table
        if table not in scan.quantisation:
            raise corrupt(
                f"no quantisation table {table}", self.number, scan.first, "B.2.4.1"
            )  # fmt: skip
        plane.quantisation = scan.quantisation[table]

    def _see_progress(self, scan: Scan) -> None:
        """Raise unless a scan goes on from where those before it ended (G.1.1.1)."""
        header = scan.header
        start, end, high, low = header.start, header.end, header.high, header.low
        band = start <= end <= 63 and (end == 0) == (start == 0)
        if not band or (start and len(header.components) > 1):
            raise corrupt(
                f"a scan of coefficients {start} to {end} of {len(header.components)} components",
                self.number,
                scan.first,
                "G.1.1.1.1",
            )
        if low > _MOST_SHIFT or (high and low != high - 1):
            raise corrupt(
                f"a scan from bit {high} to bit {low}", self.number, scan.first, "G.1.1.1.2"
            )
        before = high or -1
        for one in header.components:
            known = self.planes[one.index].known
            if any(known[k] != before for k in range(start, end + 1)) or (start and known[0] < 0):
                raise corrupt(
                    f"coefficients {start} to {end} of component {one.index + 1} do not follow "
                    "those of earlier scans",
                    self.number,
                    scan.first,
                    "G.1.1.1",
                )

    def _run(self, scan: Scan, later: bool, progressive: bool) -> None:
        across, total = self._units(scan)
        interval = scan.restart_interval or total
        expected = -(-total // interval)
        entropy = entropy_data(self.data, scan, expected, self.number, jpegdct.SLACK)
        plan, tables = self._plan(scan, progressive)
        header = scan.header
        bounds = (
            (header.start, header.end, header.high, header.low) if progressive else (0, 63, 0, 0)
        )
        state = array("q", (0, 0))
        kernel = jpegdct.decode_progressive if later else jpegdct.decode_sequential
        result = kernel(
            entropy.words,
            entropy.starts,
            entropy.ends,
            array("q", (across, total, interval, *bounds)),
            plan,
            tables,
            ZIGZAG,
            self.coefficients,
            self.extents,
            state,
        )
        if result < 0:
            self._fail(scan, entropy, result, state)
        if entropy.ends[-1] - state[0] > 7:
            warnings.warn(
                f"{(entropy.ends[-1] - state[0]) // 8} bytes of JPEG data of frame {self.number} "
                "follow its last block; they are left out",
                stacklevel=4,
            )

    def _units(self, scan: Scan) -> tuple[int, int]:
        """Return how many MCUs a scan has in a row, and in all (A.2)."""
        if len(scan.header.components) == 1:
            plane = self.planes[scan.header.components[0].index]
            return plane.wide, plane.wide * plane.high
        across, down = _mcus(self.stream.frame)
        return across, across * down

    def _plan(self, scan: Scan, progressive: bool) -> tuple[array[int], array[int]]:
        """Return the data units of an MCU, and the Huffman tables that they need."""
        header = scan.header
        alone = len(header.components) == 1
        plan, tables = array("q"), array("i")
        places: dict[HuffmanSpec, int] = {}

        def place(spec: HuffmanSpec) -> int:
            if spec not in places:
                places[spec] = len(tables)
                tables.extend(decoding_table(spec))
            return places[spec]

        for slot, one in enumerate(header.components):
            plane = self.planes[one.index]
            dc = ac = 0
            if not progressive or (header.start == 0 and header.high == 0):
                dc = place(self._dc_table(scan, one.dc_table))
            if not progressive or header.start:
                ac = place(scan.ac[one.ac_table])
            h, v = (1, 1) if alone else (plane.component.h, plane.component.v)
            for row in range(v):
                for column in range(h):
                    first = plane.first + row * plane.padded_wide + column
                    plan.extend((first, h, v * plane.padded_wide, slot, dc, ac))
        return plan, tables if tables else array("i", (0,))

    def _dc_table(self, scan: Scan, index: int) -> HuffmanSpec:
        spec = scan.dc[index]
        if any(value > _LARGEST_DC for value in spec.values):
            raise corrupt(
                f"DC Huffman table {index} has a value above {_LARGEST_DC}",
                self.number,
                scan.first,
                "F.1.2.1",
            )
        return spec

    def _fail(self, scan: Scan, entropy: EntropyData, status: int, state: array[int]) -> None:
        bit, interval = state
        at = position(self.data, scan, interval, bit - 32 * entropy.starts[interval])
        if status == TRUNCATED:
            message = "the data of a scan end before its last block"
        else:
            message = "the data of a scan have a code that is in no table or out of place"
        raise corrupt(message, self.number, at, "F.2.2")

    def finish(self) -> None:
        """Raise unless the scans brought every coefficient whole."""
        for index, plane in enumerate(self.planes):
            if any(plane.known):
                raise corrupt(
                    f"the stream ends before the last scan of component {index + 1}",
                    self.number,
                    len(self.data),
                    "G.1.1.1",
                )


def _reconstruct(
    plane: _Plane,
    index: int,
    frame: FrameHeader,
    coefficients: memoryview,
    extents: bytearray,
    cells: memoryview,
) -> None:
    """Write one component into the pixels."""
    samples = len(frame.components)
    head = (plane.first, plane.padded_wide, plane.rows, plane.columns)
    quantisation = in_rows(plane.quantisation)
    target = (index, samples, frame.columns * samples)
    full = plane.vertical == plane.horizontal == 1
    where = target if full else (0, 1, plane.columns)
    small = cells if full else np.empty(plane.rows * plane.columns, cells.format).data
    shape = array("q", (*head, *where, frame.precision))
    jpegdct.inverse(coefficients, extents, quantisation, shape, small)
    if full:
        return
    sizes = (plane.rows, plane.columns, plane.vertical, plane.horizontal)
    shape = array("q", (*sizes, frame.rows, frame.columns, *target))
    run = jpegdct.upsample if _smooth(plane) else jpegdct.replicate
    run(small, shape, cells)


def _smooth(plane: _Plane) -> bool:
    """Return whether a component is interpolated: doubled, and with columns to do it from."""
    if plane.vertical > 2 or plane.horizontal > 2:
        return False
    return plane.horizontal == 1 or plane.columns > 2
