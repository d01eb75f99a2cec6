"""Marker segments of a JPEG stream (ISO 10918-1 Annex B).

`parse` reads everything but the entropy-coded data: one frame header, and for each scan
its header, the tables in force when it begins, and where its data lie. All lengths,
counts and table numbers are checked; what a process means by them is its codec's part.

Examples
--------
>>> parse(b"no picture")
Traceback (most recent call last):
    ...
pydcm.errors.CorruptStreamError: no JPEG stream: it must begin with FF D8 (frame 1, offset 0, \
ISO 10918-1 B.2.1)
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from struct import unpack_from

from pydcm._codecs.jpeg.headers import (
    Component,
    FrameHeader,
    JpegStream,
    Marker,
    Scan,
    ScanComponent,
    ScanHeader,
)
from pydcm._codecs.jpeg.huffman import HuffmanSpec, declared
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.kernels import jpegentropy

__all__ = [
    "Component",
    "FrameHeader",
    "JpegStream",
    "Marker",
    "Scan",
    "ScanComponent",
    "ScanHeader",
    "corrupt",
    "parse",
    "parse_headers",
]


_REFUSED = {
    **dict.fromkeys((0xC5, 0xC6, 0xC7, Marker.DHP, Marker.EXP), "hierarchical JPEG"),
    **dict.fromkeys((0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF), "arithmetic coding"),
    0xF7: "JPEG-LS under a transfer syntax of JPEG",
}
_SKIPPED = (*range(Marker.APP0, Marker.APP15 + 1), Marker.COM, Marker.DAC)
_PRECISIONS = {
    Marker.SOF0: (8, 12),  # 12 is for SOF1 to say (B.2.2), and encoders exist that do not
    Marker.SOF1: (8, 12),
    Marker.SOF2: (8, 12),
    Marker.SOF3: range(2, 17),
}
_FRAMES = tuple(_PRECISIONS)
_MOST_COMPONENTS = 4  # DICOM's images have 1 or 3 samples, and a stream of CMYK has 4
_MOST_BLOCKS = 10  # of an MCU (B.2.3)
_FILL = re.compile(rb"\xff+").match
_FEW_MARKERS, _MANY_MARKERS = 4, 1024
"""How many markers are looked for at once: first as many as most streams have."""


def corrupt(message: str, number: int, offset: int, clause: str) -> CorruptStreamError:
    """Return the error for a broken stream.

    Parameters
    ----------
    message : str
        What is wrong.
    number : int
        The frame, from 1.
    offset : int
        Where in its stream.
    clause : str
        The clause of ISO 10918-1, such as ``"B.2.3"``.
    """
    return CorruptStreamError(message, frame=number, offset=offset, clause=f"ISO 10918-1 {clause}")


def parse(stream: bytes, number: int = 1) -> JpegStream:
    """Return what the marker segments of a stream say.

    Parameters
    ----------
    stream : bytes
        The frame. What follows EOI is padding and is not looked at; EOI may be missing.
    number : int
        Which frame it is, from 1, for messages.

    Returns
    -------
    JpegStream

    Raises
    ------
    CorruptStreamError
        If a segment is broken, or if there is no frame header or not every scan.
    UnsupportedSyntaxError
        If the process is arithmetic or hierarchical, or there are more than 4 components.
    """
    parser = _Parser(stream, number)
    parser.walk(to_first_scan=False)
    return parser.finished()


def parse_headers(stream: bytes, number: int = 1) -> JpegStream:
    """Return what the marker segments before the first scan say; there are no scans in it.

    Parameters
    ----------
    stream : bytes
        The frame.
    number : int
        Which frame it is, from 1, for messages.

    Raises
    ------
    CorruptStreamError, UnsupportedSyntaxError
        As `parse` does, of what comes before the first scan.
    """
    parser = _Parser(stream, number)
    parser.walk(to_first_scan=True)
    if parser.frame is None:
        raise parser.corrupt("no frame header before the first scan", parser.position, "B.2.1")
    return JpegStream(parser.frame, (), parser.adobe_transform, parser.jfif)


def _nibbles(octet: int) -> tuple[int, int]:
    return octet >> 4, octet & 15


@dataclass(slots=True)
class _Parser:
    """A walk along the marker segments, and the tables as they are at that point.

    The handlers are given the marker's code, and where the parameters of its segment,
    which follow the length, begin and end.
    """

    stream: bytes
    number: int
    position: int = 0
    frame: FrameHeader | None = None
    scans: list[Scan] = field(default_factory=list)
    restart_interval: int = 0
    quantisation: dict[int, tuple[int, ...]] = field(default_factory=dict)
    dc: dict[int, HuffmanSpec] = field(default_factory=dict)
    ac: dict[int, HuffmanSpec] = field(default_factory=dict)
    coded: set[int] = field(default_factory=set)
    adobe_transform: int | None = None
    jfif: bool = False

    def corrupt(self, message: str, offset: int, clause: str) -> CorruptStreamError:
        return corrupt(message, self.number, offset, clause)

    def markers(self) -> Iterator[tuple[int, int]]:
        """Yield code and offset of the marker at each `position` that handlers leave."""
        if self.stream[:2] != b"\xff\xd8":
            raise self.corrupt("no JPEG stream: it must begin with FF D8", 0, "B.2.1")
        self.position = 2
        while self.position < len(self.stream):
            at = self.position
            fill = _FILL(self.stream, at)  # a marker may be preceded by fill bytes (B.1.1.2)
            if fill is None:
                found = self.stream[at]
                raise self.corrupt(f"{found:02X} where a marker must be", at, "B.1.1.2")
            if fill.end() == len(self.stream):
                return
            code = self.stream[fill.end()]
            if code == Marker.EOI:
                return
            self.position = fill.end() + 1
            yield code, at

    def walk(self, to_first_scan: bool) -> None:
        """Read marker segments to the end, or to the first scan."""
        handlers: dict[int, Callable[[int, int, int], None]] = {
            **dict.fromkeys(_SKIPPED, self.skip),
            **dict.fromkeys(_FRAMES, self.frame_header),
            Marker.DHT: self.huffman_tables,
            Marker.SOS: self.scan,
            Marker.DQT: self.quantisation_tables,
            Marker.DNL: self.number_of_lines,
            Marker.DRI: self.restart_definition,
            Marker.APP0: self.jfif_segment,
            Marker.APP14: self.adobe_segment,
        }
        for code, at in self.markers():
            if code == Marker.SOS and to_first_scan:
                return
            if code in _REFUSED:
                raise UnsupportedSyntaxError(
                    f"{_REFUSED[code]} (marker FF {code:02X}) is not decoded",
                    frame=self.number,
                    offset=at,
                    clause="PS3.5 A.4.1",
                )
            if code not in handlers:
                raise self.corrupt(f"marker FF {code:02X} is out of place", at, "B.1.1.3")
            handlers[code](code, *self.segment(code, at))

    def segment(self, code: int, at: int) -> tuple[int, int]:
        """Return where a segment's parameters begin and end, and go there."""
        first = self.position + 2
        last = first
        if first <= len(self.stream):
            last = self.position + int.from_bytes(self.stream[first - 2 : first], "big")
        if not first <= last <= len(self.stream):
            raise self.corrupt(
                f"the segment of marker FF {code:02X} reaches to {last}, and the stream has "
                f"{len(self.stream)} bytes", at, "B.1.1.4",
            )  # fmt: skip
        self.position = last
        return first, last

    def exactly(self, first: int, last: int, size: int, what: str, clause: str) -> None:
        """Raise unless a segment has parameters of one size only."""
        if last - first != size:
            raise self.corrupt(f"{what} of {last - first} bytes instead of {size}", first, clause)

    def skip(self, code: int, first: int, last: int) -> None:
        """Pass over what is not for decoders."""

    def frame_header(self, code: int, first: int, last: int) -> None:
        if self.frame is not None:
            raise self.corrupt("a second frame header", first, "B.2.1")
        if last - first < 6:
            raise self.corrupt(f"a frame header of {last - first} bytes", first, "B.2.2")
        precision, rows, columns, count = unpack_from(">BHHB", self.stream, first)
        if count > _MOST_COMPONENTS:
            raise UnsupportedSyntaxError(
                f"a JPEG stream of {count} components; images of DICOM have at most 4",
                frame=self.number,
                offset=first + 5,
                clause="PS3.5 8.2.1",
            )
        self.exactly(first, last, 6 + 3 * count, f"a frame header for {count} components", "B.2.2")
        if count < 1 or columns < 1:
            raise self.corrupt(f"{count} components of {columns} columns", first, "B.2.2")
        marker = Marker(code)
        if precision not in _PRECISIONS[marker]:
            raise self.corrupt(f"{precision} bits in a {marker.name} frame", first, "B.2.2")
        components = tuple(
            Component(self.stream[p], *_nibbles(self.stream[p + 1]), self.stream[p + 2])
            for p in range(first + 6, last, 3)
        )
        for component in components:
            if not (1 <= component.h <= 4 and 1 <= component.v <= 4 and component.table <= 3):
                raise self.corrupt(
                    f"component {component.identifier} with sampling {component.h} x "
                    f"{component.v} and quantisation table {component.table}", first + 6, "B.2.2",
                )  # fmt: skip
        if len({component.identifier for component in components}) < count:
            raise self.corrupt("two components with one identifier", first + 6, "B.2.2")
        self.frame = FrameHeader(marker, precision, rows, columns, components)

    def huffman_tables(self, code: int, first: int, last: int) -> None:
        while first < last:
            kind, target = _nibbles(self.stream[first])
            counts = self.stream[first + 1 : first + 17]
            end = first + 17 + sum(counts)
            if kind > 1 or target > 3 or end > last:
                raise self.corrupt(
                    f"Huffman table {target} of class {kind} reaches to {end} in a segment that "
                    f"ends at {last}", first, "B.2.4.2",
                )  # fmt: skip
            try:
                spec = declared(counts, self.stream[first + 17 : end])
            except ValueError as error:
                raise self.corrupt(f"a Huffman table with {error}", first, "C.2") from None
            (self.ac if kind else self.dc)[target] = spec
            first = end

    def quantisation_tables(self, code: int, first: int, last: int) -> None:
        while first < last:
            wide, target = _nibbles(self.stream[first])
            end = first + 1 + (128 if wide else 64)
            if wide > 1 or target > 3 or end > last:
                raise self.corrupt(
                    f"quantisation table {target} of precision {wide} reaches to {end} in a "
                    f"segment that ends at {last}", first, "B.2.4.1",
                )  # fmt: skip
            self.quantisation[target] = unpack_from(
                ">64H" if wide else ">64B", self.stream, first + 1
            )
            first = end

    def restart_definition(self, code: int, first: int, last: int) -> None:
        self.exactly(first, last, 2, "a restart interval", "B.2.4.4")
        self.restart_interval = int.from_bytes(self.stream[first:last], "big")

    def number_of_lines(self, code: int, first: int, last: int) -> None:
        self.exactly(first, last, 2, "a number of lines", "B.2.5")
        if self.frame is None or not self.scans:
            raise self.corrupt("DNL before the first scan", first, "B.2.5")
        if self.frame.rows == 0:
            rows = int.from_bytes(self.stream[first:last], "big")
            self.frame = replace(self.frame, rows=rows)

    def jfif_segment(self, code: int, first: int, last: int) -> None:
        self.jfif |= last - first >= 14 and self.stream.startswith(b"JFIF\0", first)

    def adobe_segment(self, code: int, first: int, last: int) -> None:
        # of Adobe's Technical Note 5116: name, version, two words of flags, transform
        if last - first >= 12 and self.stream.startswith(b"Adobe", first):
            self.adobe_transform = self.stream[first + 11]

    def scan(self, code: int, first: int, last: int) -> None:
        if self.frame is None:
            raise self.corrupt("a scan before the frame header", first, "B.2.1")
        header = self.scan_header(self.frame, first, last)
        self.see_tables(self.frame, header, first)
        if self.frame.marker != Marker.SOF2:
            indices = {component.index for component in header.components}
            if self.coded & indices:
                raise self.corrupt("a component in two scans", first, "B.2.3")
            self.coded |= indices
        restarts = self.restarts(last)
        self.scans.append(
            Scan(
                header, last, self.position, self.restart_interval, self.quantisation.copy(),
                self.dc.copy(), self.ac.copy(), restarts,
            )
        )  # fmt: skip

    def restarts(self, first: int) -> tuple[int, ...]:
        """Return where restart markers are in the data from `first`, and go to their end."""
        found: list[int] = []
        self.position = first
        room = _FEW_MARKERS
        while self.position < len(self.stream):
            markers = array("q", bytes(8 * room))
            count = jpegentropy.find_markers(self.stream, self.position, markers)
            for at in markers[:count]:
                code = self.stream[at + 1]
                if not Marker.RST0 <= code <= Marker.RST7:
                    self.position = at
                    return tuple(found)
                if self.restart_interval == 0 or code - Marker.RST0 != len(found) % 8:
                    raise self.corrupt(
                        f"restart marker FF {code:02X} is number {len(found)}, and the restart "
                        f"interval is {self.restart_interval}", at, "B.2.1",
                    )  # fmt: skip
                found.append(at)
            self.position = found[-1] + 2 if count == room else len(self.stream)
            room = _MANY_MARKERS
        return tuple(found)

    def scan_header(self, frame: FrameHeader, first: int, last: int) -> ScanHeader:
        count = self.stream[first] if first < last else 0
        self.exactly(first, last, 4 + 2 * count, f"a scan header for {count} components", "B.2.3")
        order = [component.identifier for component in frame.components]
        components = []
        for p in range(first + 1, last - 3, 2):
            if self.stream[p] not in order:
                raise self.corrupt(f"a scan of component {self.stream[p]}", p, "B.2.3")
            tables = _nibbles(self.stream[p + 1])
            if max(tables) > 3:
                raise self.corrupt(f"Huffman tables {tables[0]} and {tables[1]}", p + 1, "B.2.3")
            components.append(ScanComponent(order.index(self.stream[p]), *tables))
        indices = [component.index for component in components]
        if not indices or sorted(set(indices)) != indices:
            raise self.corrupt("a scan's components are not the frame's in order", first, "B.2.3")
        blocks = sum(frame.components[index].h * frame.components[index].v for index in indices)
        if count > 1 and blocks > _MOST_BLOCKS:
            raise self.corrupt(f"{blocks} blocks in a unit; 10 are allowed", first, "B.2.3")
        start, end, approximation = self.stream[last - 3 : last]
        return ScanHeader(tuple(components), start, end, *_nibbles(approximation))

    def see_tables(self, frame: FrameHeader, header: ScanHeader, first: int) -> None:
        """Raise unless the Huffman tables that a scan uses are there."""
        progressive = frame.marker == Marker.SOF2
        with_dc = header.start == 0 and header.high == 0 if progressive else True
        with_ac = header.start > 0 if progressive else frame.marker != Marker.SOF3
        for component in header.components:
            for needed, tables, target, kind in (
                (with_dc, self.dc, component.dc_table, "DC"),
                (with_ac, self.ac, component.ac_table, "AC"),
            ):
                if needed and target not in tables:
                    raise self.corrupt(f"no {kind} Huffman table {target}", first, "B.2.4.2")

    def finished(self) -> JpegStream:
        """Return what was read, if it is all that a picture needs."""
        if self.frame is None:
            raise self.corrupt("the stream ends without a frame", self.position, "B.2.1")
        missing = len(self.frame.components) - len(self.coded)
        if not self.scans or (missing and self.frame.marker != Marker.SOF2):
            raise self.corrupt("the stream ends without every scan", self.position, "B.2.1")
        if self.frame.rows == 0:
            raise self.corrupt("no segment tells the number of rows", self.position, "B.2.5")
        return JpegStream(self.frame, tuple(self.scans), self.adobe_transform, self.jfif)
