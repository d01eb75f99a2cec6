"""Marker segments of a JPEG-LS stream (ISO 14495-1 Annex C)."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack, unpack_from
from typing import NamedTuple

from pydcm._codecs.jpegls.coding import Preset
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError

__all__ = [
    "END_OF_IMAGE",
    "START_OF_IMAGE",
    "Component",
    "FrameHeader",
    "Interleave",
    "JpegLsStream",
    "ScanHeader",
    "frame_header",
    "preset_parameters",
    "restart_interval",
    "scan_header",
]

START_OF_IMAGE = b"\xff\xd8"
END_OF_IMAGE = b"\xff\xd9"

_EOI, _SOS, _DNL, _DRI, _COM, _SOF55, _LSE = 0xD9, 0xDA, 0xDC, 0xDD, 0xFE, 0xF7, 0xF8
_APP0, _APP8, _APP15 = 0xE0, 0xE8, 0xEF
_HP_TRANSFORM = b"mrfx"

_PRESET, _MAPPING, _MAPPING_GOES_ON, _OVERSIZE = 1, 2, 3, 4


class Interleave:
    """How the components of a scan take turns (ILV of C.2.3)."""

    NONE = 0
    LINE = 1
    SAMPLE = 2


class Component(NamedTuple):
    """A component as the frame header declares it: identifier and sampling factors."""

    identifier: int
    horizontal: int
    vertical: int


class FrameHeader(NamedTuple):
    """SOF55 (C.2.2).

    Attributes
    ----------
    precision : int
        Bits of a sample, 2 to 16.
    rows, columns : int
        0 where another segment tells.
    components : tuple of Component
        At least one.
    """

    precision: int
    rows: int
    columns: int
    components: tuple[Component, ...]


class ScanHeader(NamedTuple):
    """SOS (C.2.3), and where the scan's data begin.

    Attributes
    ----------
    components : tuple of int
        Indices of the components, as the frame header counts them.
    near : int
        The largest error of a sample.
    interleave : int
        One of `Interleave`.
    data : int
        0-based byte offset.
    """

    components: tuple[int, ...]
    near: int
    interleave: int
    data: int


class JpegLsStream:
    """A stream that is read from scan to scan.

    Parameters
    ----------
    data : bytes
        The stream.
    number : int
        Which frame it is, from 1, for messages.

    Attributes
    ----------
    frame : FrameHeader or None
        What was found so far.
    preset : Preset
        Preset coding parameters in force.
    restart_interval : int
        0 for none.
    lines : int
        What segment DNL told after the first scan, 0 if there was none.
    """

    def __init__(self, data: bytes, number: int) -> None:
        self.data = data
        self.number = number
        self.frame: FrameHeader | None = None
        self.preset = Preset()
        self.restart_interval = 0
        self.lines = 0
        self._large = (0, 0)
        if not data.startswith(START_OF_IMAGE):
            raise self.corrupt("no JPEG-LS stream: it must begin with FF D8", 0, "C.1")

    def next_scan(self, position: int) -> ScanHeader | None:
        """Read segments until one begins a scan.

        Parameters
        ----------
        position : int
            Where the first marker is.

        Returns
        -------
        ScanHeader or None
            None at the end of the image.
        """
        while True:
            marker, body, position = self._segment(position)
            at = position - len(body)
            if marker == _EOI:
                return None
            if marker == _SOS:
                return self._scan(body, at)
            if marker == _SOF55:
                self.frame = self._frame(body, at)
            elif marker == _LSE:
                self._extension(body, at)
            elif marker == _DRI:
                self.restart_interval = self._number(body, at, "DRI", (2, 3, 4))
            elif marker == _DNL:
                self.lines = self._number(body, at, "DNL", (2,))
            elif marker == _APP8 and body.startswith(_HP_TRANSFORM) and body[4:] != b"\0":
                raise self.unsupported("a colour transform of HP's, which DICOM does not know", at)
            elif not (_APP0 <= marker <= _APP15 or marker == _COM):
                raise self.unsupported(f"marker FF{marker:02X}, which is none of JPEG-LS", at - 4)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns, 0 where they are not told before the first scan (C.2.4.1.4)."""
        rows, columns = self._large
        if self.frame is None:
            return rows, columns
        return self.frame.rows or rows, self.frame.columns or columns

    def corrupt(self, message: str, offset: int, clause: str) -> CorruptStreamError:
        """Return the exception for a broken stream."""
        return CorruptStreamError(
            message, frame=self.number, offset=offset, clause=f"ISO 14495-1 {clause}"
        )

    def unsupported(self, what: str, offset: int) -> UnsupportedSyntaxError:
        """Return the exception for a stream that is of no use here."""
        return UnsupportedSyntaxError(
            f"the JPEG-LS stream has {what}", frame=self.number, offset=offset
        )

    def _segment(self, position: int) -> tuple[int, bytes, int]:
        """Return a marker, what its segment holds, and where the next one begins."""
        data = self.data
        start = position
        while data[position : position + 2] == b"\xff\xff":  # fill octets, ISO 10918-1 B.1.1.2
            position += 1
        if position + 2 > len(data):
            raise self.corrupt("the stream ends where a marker should be", start, "C.1")
        if data[position] != 0xFF or data[position + 1] < 0x80:
            raise self.corrupt("a marker was expected", position, "C.1")
        marker = data[position + 1]
        position += 2
        if marker == _EOI:
            return marker, b"", position
        if 0xD0 <= marker <= 0xD8:
            raise self.corrupt(f"marker FF{marker:02X} is out of place", position - 2, "C.1")
        if position + 2 > len(data):
            raise self.corrupt("the stream ends within a segment", position, "C.1")
        (length,) = unpack_from(">H", data, position)
        if length < 2 or position + length > len(data):
            raise self.corrupt(
                f"segment FF{marker:02X} of {length} bytes does not fit", position, "C.1"
            )
        return marker, data[position + 2 : position + length], position + length

    def _number(self, body: bytes, at: int, name: str, sizes: tuple[int, ...]) -> int:
        if len(body) not in sizes:
            raise self.corrupt(f"segment {name} has {len(body)} bytes", at, "C.2.5")
        return int.from_bytes(body, "big")

    def _frame(self, body: bytes, at: int) -> FrameHeader:
        if self.frame is not None:
            raise self.corrupt("there is a second frame header", at, "C.2.2")
        if len(body) < 6 or not body[5] or len(body) != 6 + 3 * body[5]:
            raise self.corrupt("the frame header is broken", at, "C.2.2")
        precision, rows, columns, _ = unpack_from(">BHHB", body)
        components = tuple(
            Component(body[k], body[k + 1] >> 4, body[k + 1] & 15) for k in range(6, len(body), 3)
        )
        if not 2 <= precision <= 16:
            raise self.corrupt(f"samples of {precision} bits are none of JPEG-LS", at, "C.2.2")
        if any(not (1 <= each.horizontal <= 4 and 1 <= each.vertical <= 4) for each in components):
            raise self.corrupt("a sampling factor is not from 1 to 4", at, "C.2.2")
        if len({(each.horizontal, each.vertical) for each in components}) > 1:
            raise self.unsupported("components that are sub-sampled", at)
        return FrameHeader(precision, rows, columns, components)

    def _extension(self, body: bytes, at: int) -> None:
        kind = body[0] if body else 0
        if kind == _PRESET and len(body) == 11:
            self.preset = Preset(*unpack_from(">5H", body, 1))
        elif kind in (_MAPPING, _MAPPING_GOES_ON):
            raise self.unsupported("a mapping table (LSE 2 or 3)", at)
        elif kind == _OVERSIZE and len(body) >= 2 and len(body) == 2 + 2 * body[1]:
            half = len(body) // 2 + 1
            rows, columns = body[2:half], body[half:]
            self._large = int.from_bytes(rows, "big"), int.from_bytes(columns, "big")
        else:
            raise self.corrupt(f"segment LSE {kind} has {len(body)} bytes", at, "C.2.4.1")

    def _scan(self, body: bytes, at: int) -> ScanHeader:
        if self.frame is None:
            raise self.corrupt("a scan comes before the frame header", at, "C.1")
        if not body or not 1 <= body[0] <= 4 or len(body) != 4 + 2 * body[0]:
            raise self.corrupt("the scan header is broken", at, "C.2.3")
        identifiers = [each.identifier for each in self.frame.components]
        chosen = body[1:-3:2]
        if len(set(chosen)) < len(chosen) or not set(chosen) <= set(identifiers):
            raise self.corrupt("a scan is of components that are not there", at, "C.2.3")
        if any(body[2:-3:2]):
            raise self.unsupported("a mapping table for a component", at)
        near, interleave, transform = body[-3:]
        if transform:
            raise self.unsupported("a point transform", at)
        if interleave > Interleave.SAMPLE or (interleave == Interleave.NONE and len(chosen) > 1):
            raise self.corrupt(f"{len(chosen)} components with ILV {interleave}", at, "C.2.3")
        if len(chosen) == 1:
            interleave = Interleave.NONE
        components = tuple(identifiers.index(each) for each in chosen)
        return ScanHeader(components, near, interleave, at + len(body))


def _written(marker: int, body: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def frame_header(precision: int, rows: int, columns: int, components: int) -> bytes:
    """Return the segment SOF55 of components that are not sub-sampled."""
    each = b"".join(bytes([identifier, 0x11, 0]) for identifier in range(1, components + 1))
    return _written(_SOF55, pack(">BHHB", precision, rows, columns, components) + each)


def preset_parameters(preset: Preset) -> bytes:
    """Return the segment LSE of type 1."""
    return _written(_LSE, pack(">B5H", _PRESET, *preset))


def restart_interval(lines: int) -> bytes:
    """Return the segment DRI."""
    size = max(2, (lines.bit_length() + 7) // 8)
    return _written(_DRI, lines.to_bytes(size, "big"))


def scan_header(components: Sequence[int], near: int, interleave: int) -> bytes:
    """Return the segment SOS; components are counted from 0."""
    each = b"".join(bytes([component + 1, 0]) for component in components)
    return _written(_SOS, bytes([len(components)]) + each + bytes([near, interleave, 0]))
