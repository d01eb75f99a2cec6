"""What the marker segments of a JPEG stream hold (ISO 10918-1 Annex B)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from pydcm._codecs.jpeg.huffman import HuffmanSpec

__all__ = [
    "Component",
    "FrameHeader",
    "JpegStream",
    "Marker",
    "Scan",
    "ScanComponent",
    "ScanHeader",
]


class Marker(IntEnum):
    """Second byte of the markers that matter here (ISO 10918-1 Table B.1)."""

    SOF0 = 0xC0
    SOF1 = 0xC1
    SOF2 = 0xC2
    SOF3 = 0xC3
    DHT = 0xC4
    DAC = 0xCC
    RST0 = 0xD0
    RST7 = 0xD7
    SOI = 0xD8
    EOI = 0xD9
    SOS = 0xDA
    DQT = 0xDB
    DNL = 0xDC
    DRI = 0xDD
    DHP = 0xDE
    EXP = 0xDF
    APP0 = 0xE0
    APP14 = 0xEE
    APP15 = 0xEF
    JPG0 = 0xF0
    JPG13 = 0xFD
    COM = 0xFE


@dataclass(frozen=True, slots=True)
class Component:
    """A component of the frame (ISO 10918-1 B.2.2).

    Attributes
    ----------
    identifier : int
        Ci, 0 to 255.
    h, v : int
        Horizontal and vertical sampling factor, 1 to 4.
    table : int
        Tqi, the number of its quantisation table, 0 to 3.
    """

    identifier: int
    h: int
    v: int
    table: int


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """The frame header (ISO 10918-1 B.2.2).

    Attributes
    ----------
    marker : Marker
        SOF0 to SOF3: which process it is.
    precision : int
        P: bits of a sample.
    rows, columns : int
        Y and X. Rows that only a DNL segment tells are put here too.
    components : tuple of Component
        1 to 4 of them.
    """

    marker: Marker
    precision: int
    rows: int
    columns: int
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class ScanComponent:
    """A component of a scan (ISO 10918-1 B.2.3).

    Attributes
    ----------
    index : int
        Which of the frame's components it is, from 0.
    dc_table, ac_table : int
        Td and Ta, 0 to 3.
    """

    index: int
    dc_table: int
    ac_table: int


@dataclass(frozen=True, slots=True)
class ScanHeader:
    """The scan header (ISO 10918-1 B.2.3).

    Attributes
    ----------
    components : tuple of ScanComponent
        In the order of the frame's.
    start, end : int
        Ss and Se: first and last coefficient, or the predictor of a lossless scan and 0.
    high, low : int
        Ah and Al: successive approximation, or 0 and the point transform of a lossless scan.
    """

    components: tuple[ScanComponent, ...]
    start: int
    end: int
    high: int
    low: int


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan, with the tables as they are when it begins.

    Attributes
    ----------
    header : ScanHeader
        What it codes.
    first, last : int
        Its entropy-coded data are ``stream[first:last]``, with stuffed zeros and
        restart markers as they come.
    restart_interval : int
        Ri: MCUs between restart markers; 0 for none.
    quantisation : dict of int to tuple of int
        64 values for each table number, in zigzag order.
    dc, ac : dict of int to HuffmanSpec
        The Huffman tables by number. Those that the scan names are there.
    restarts : tuple of int
        Where each of the data's restart markers begins; their numbers are in order.
    """

    header: ScanHeader
    first: int
    last: int
    restart_interval: int
    quantisation: dict[int, tuple[int, ...]]
    dc: dict[int, HuffmanSpec]
    ac: dict[int, HuffmanSpec]
    restarts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JpegStream:
    """What the markers of a stream say.

    Attributes
    ----------
    frame : FrameHeader
        Its only frame.
    scans : tuple of Scan
        At least one. In every process but the progressive one, each component of the
        frame is in one scan.
    adobe_transform : int or None
        The transform flag of Adobe's APP14 segment, None if there is none.
    jfif : bool
        Whether there is an APP0 segment of JFIF.
    """

    frame: FrameHeader
    scans: tuple[Scan, ...]
    adobe_transform: int | None
    jfif: bool
