from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm._codecs.jpeg.colour import photometric
from pydcm._codecs.jpeg.entropy import entropy_data, intervals, position, unstuffed
from pydcm._codecs.jpeg.huffman import HuffmanSpec
from pydcm._codecs.jpeg.markers import (
    Component,
    FrameHeader,
    Marker,
    ScanComponent,
    ScanHeader,
    parse,
    parse_headers,
)
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CorruptStreamError, PydcmError, UnsupportedSyntaxError
from tests.codecs.lossless_streams import FLAT, Pass, frame_header, scan_header, segment, table
from tests.shared import CORPUS, needs_corpus

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
SOF = frame_header(2, 3, 1, 8)
DHT = table(FLAT)
SOS = scan_header(Pass((0,)))
DATA = b"\x12\xff\x00\x34"
WHOLE = SOI + SOF + DHT + SOS + DATA + EOI
JFIF = segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0")


def _adobe(transform: int) -> bytes:
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def test_what_a_lossless_stream_says() -> None:
    found = parse(WHOLE)
    assert found.frame == FrameHeader(Marker.SOF3, 8, 2, 3, (Component(1, 1, 1, 0),))
    (scan,) = found.scans
    assert scan.header == ScanHeader((ScanComponent(0, 0, 0),), 1, 0, 0, 0)
    assert WHOLE[scan.first : scan.last] == DATA
    assert (scan.restart_interval, scan.restarts) == (0, ())
    assert scan.dc == {0: FLAT}
    assert (scan.ac, scan.quantisation) == ({}, {})
    assert (found.adobe_transform, found.jfif) == (None, False)


def test_tables_are_those_of_the_moment() -> None:
    other = HuffmanSpec(bytes([1] + [0] * 15), b"\x07")
    zigzag = bytes(range(64))
    wide = pack(">64H", *range(1000, 1064))
    stream = (
        SOI + segment(0xDB, b"\x02" + zigzag + b"\x13" + wide) + frame_header(2, 3, 2, 8)
        + table(FLAT) + segment(0xDD, b"\0\3") + SOS + DATA
        + table(other) + table(FLAT, 0x13) + segment(0xDD, b"\0\0")
        + scan_header(Pass((1,))) + DATA + EOI
    )  # fmt: skip
    first, second = parse(stream).scans
    assert first.dc == {0: FLAT}
    assert second.dc == {0: other}
    assert (first.ac, second.ac) == ({}, {3: FLAT})
    assert (first.restart_interval, second.restart_interval) == (3, 0)
    assert first.quantisation == {2: tuple(range(64)), 3: tuple(range(1000, 1064))}
    assert [part.index for part in second.header.components] == [1]


@pytest.mark.parametrize(
    "stream",
    [
        WHOLE + b"\0",
        WHOLE + b"\xff\xff",
        WHOLE + WHOLE,
        WHOLE[:-2],  # no EOI
        WHOLE[:-1],
        WHOLE[:-2] + b"\xff",
        SOI + b"\xff\xff\xff" + SOF + DHT + b"\xff" + SOS + DATA + b"\xff\xff" + EOI,
        SOI + segment(0xE1, b"Exif") + segment(0xFE, b"") + SOF + DHT + SOS + DATA + EOI,
        SOI + JFIF + segment(0xE2, bytes(65533)) + DHT + SOF + SOS + DATA + EOI,
    ],
)
def test_what_is_let_pass(stream: bytes) -> None:
    found = parse(stream)
    scan = found.scans[0]
    assert stream[scan.first : scan.last].startswith(DATA)
    assert unstuffed(stream, intervals(scan)).ends.tolist() == [24]


BROKEN = [
    (b"", "must begin", 0),
    (b"\0" + WHOLE, "must begin", 0),
    (SOI, "without a frame", 2),
    (SOI + EOI, "without a frame", 2),
    (SOI + b"\0", "00 where a marker", 2),
    (SOI + b"\xff\x00", "marker FF 00 is out of place", 2),
    (SOI + b"\xff\x02", "marker FF 02 is out of place", 2),
    (SOI + SOI, "marker FF D8 is out of place", 2),
    (SOI + b"\xff\xd0", "marker FF D0 is out of place", 2),
    (SOI + b"\xff\xdb", "reaches to", 2),
    (SOI + b"\xff\xdb\0", "reaches to", 2),
    (SOI + b"\xff\xdb\0\0", "reaches to", 2),
    (SOI + b"\xff\xdb\0\1", "reaches to", 2),
    (SOI + b"\xff\xe0\xff\xff", "reaches to 65539", 2),
    (SOI + SOF, "without every scan", 15),
    (SOI + SOF + SOF, "second frame header", 19),
    (SOI + DHT + SOS + DATA, "before the frame header", 44),
    (SOI + SOF + SOS + DATA, "no DC Huffman table 0", 19),
    (SOI + segment(0xC3, b""), "frame header of 0 bytes", 6),
    (SOI + segment(0xC3, b"\x08\0\2\0\3\1"), "9|for 1 components of 6 bytes", 6),
    (SOI + frame_header(2, 3, 1, 8)[:-1] + b"\4", "quantisation table 4", 12),
    (SOI + frame_header(2, 3, 1, 8, sampling=0x01), "sampling 0 x 1", 12),
    (SOI + frame_header(2, 3, 1, 8, sampling=0x15), "sampling 1 x 5", 12),
    (SOI + frame_header(2, 0, 1, 8), "of 0 columns", 6),
    (SOI + frame_header(2, 3, 0, 8), "0 components", 6),
    (SOI + frame_header(2, 3, 1, 17), "17 bits in a SOF3", 6),
    (SOI + frame_header(2, 3, 1, 1), "1 bits in a SOF3", 6),
    (SOI + frame_header(2, 3, 1, 16, 0xC0), "16 bits in a SOF0", 6),
    (SOI + segment(0xC3, b"\x08\0\2\0\3\2\1\x11\0\1\x11\0"), "one identifier", 12),
    (SOI + segment(0xC4, b"\x20" + bytes(16)), "Huffman table 0 of class 2", 6),
    (SOI + segment(0xC4, b"\x04" + bytes(16)), "Huffman table 4 of class 0", 6),
    (SOI + segment(0xC4, b"\x00" + bytes(15)), "Huffman table 0 of class 0 reaches", 6),
    (SOI + segment(0xC4, b"\x00" + bytes(15) + b"\2\1"), "reaches to 25", 6),
    (SOI + segment(0xC4, b"\x00\3" + bytes(15) + b"abc"), "leave room", 6),
    (SOI + segment(0xDB, b"\x04" + bytes(64)), "quantisation table 4", 6),
    (SOI + segment(0xDB, b"\x20" + bytes(64)), "of precision 2", 6),
    (SOI + segment(0xDB, b"\x10" + bytes(64)), "reaches to 135", 6),
    (SOI + segment(0xDD, b"\0"), "restart interval of 1 bytes", 6),
    (SOI + segment(0xDC, b"\0\1"), "DNL before", 6),
    (SOI + SOF + DHT + segment(0xDA, b""), "scan header for 0", 57),
    (SOI + SOF + DHT + segment(0xDA, b"\0\1\0\0"), "not the frame's in order", 57),
    (SOI + SOF + DHT + segment(0xDA, b"\1\2\0\1\0\0"), "scan of component 2", 58),
    (SOI + SOF + DHT + segment(0xDA, b"\1\1\x40\1\0\0"), "Huffman tables 4 and 0", 59),
    (SOI + SOF + DHT + segment(0xDA, b"\1\1\x10\1\0\0"), "no DC Huffman table 1", 57),
    (SOI + SOF + DHT + segment(0xDA, b"\2\1\0\1\0\1\0\0"), "not the frame's in order", 57),
    (SOI + SOF + DHT + SOS + DATA + SOS + DATA, "in two scans", 71),
    (SOI + SOF + DHT + SOS + DATA + b"\xff\xd0" + DATA, "FF D0 is number 0", 67),
    (SOI + SOF + DHT + SOS + DATA + b"\xff\x02" + EOI, "FF 02 is out of place", 67),
    (SOI + frame_header(2, 3, 2, 8) + DHT + SOS + DATA + EOI, "without every scan", 70),
    (SOI + frame_header(0, 3, 1, 8) + DHT + SOS + DATA + EOI, "the number of rows", 67),
    (SOI + frame_header(2, 3, 1, 8, 0xC0) + DHT + SOS, "no AC Huffman table 0", 57),
]


@pytest.mark.parametrize(("stream", "message", "offset"), BROKEN)
def test_what_is_refused(stream: bytes, message: str, offset: int) -> None:
    with pytest.raises(CorruptStreamError, match=message) as caught:
        parse(stream, 7)
    assert caught.value.frame == 7
    assert caught.value.offset == offset
    assert str(caught.value.clause).startswith("ISO 10918-1 ")


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (0xC5, "hierarchical"), (0xC7, "hierarchical"), (0xDE, "hierarchical"),
        (0xDF, "hierarchical"), (0xC9, "arithmetic"), (0xCB, "arithmetic"),
        (0xCF, "arithmetic"), (0xF7, "JPEG-LS"),
    ],
)  # fmt: skip
def test_other_processes(marker: int, message: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=message) as caught:
        parse(SOI + DHT + frame_header(2, 3, 1, 8, marker), 3)
    assert (caught.value.frame, caught.value.offset) == (3, 2 + len(DHT))


def test_more_components_than_an_image_has() -> None:
    with pytest.raises(UnsupportedSyntaxError, match="255 components"):
        parse(SOI + frame_header(2, 3, 255, 8))


def test_units_of_too_many_blocks() -> None:
    parts = bytes([1, 0x22, 0, 2, 0x22, 0, 3, 0x22, 0])
    frame = segment(0xC3, pack(">BHHB", 8, 2, 3, 3) + parts)
    with pytest.raises(CorruptStreamError, match="12 blocks"):
        parse(SOI + frame + DHT + scan_header(Pass((0, 1, 2))))


def test_rows_that_come_after_the_scan() -> None:
    stream = SOI + frame_header(0, 3, 1, 8) + DHT + SOS + DATA + segment(0xDC, b"\0\2") + EOI
    assert parse(stream).frame.rows == 2
    again = WHOLE[:-2] + segment(0xDC, b"\0\7") + EOI
    assert parse(again).frame.rows == 2  # the frame header has told it


def test_headers_alone() -> None:
    whole = parse(SOI + JFIF + _adobe(1) + SOF + DHT + SOS + DATA + EOI)
    stream = SOI + JFIF + _adobe(1) + SOF + DHT + SOS[:2]
    found = parse_headers(stream)
    assert (found.frame, found.adobe_transform, found.jfif) == (whole.frame, 1, True)
    assert found.scans == ()
    with pytest.raises(CorruptStreamError, match="before the first scan") as caught:
        parse_headers(SOI + DHT + SOS + SOF, 4)
    assert caught.value.frame == 4


# --- entropy-coded data -------------------------------------------------------------------------


def _with_restarts(*pieces: bytes, interval: int = 3) -> bytes:
    found = SOI + SOF + DHT + segment(0xDD, pack(">H", interval)) + SOS + pieces[0]
    for number, piece in enumerate(pieces[1:]):
        found += bytes([0xFF, 0xD0 + number % 8]) + piece
    return found + EOI


def test_intervals_begin_words() -> None:
    stream = _with_restarts(b"\1\2\3\4\5", b"\xff\0\7", b"", b"\x08")
    (scan,) = parse(stream).scans
    assert [stream[first:last] for first, last in intervals(scan)] == [
        b"\1\2\3\4\5", b"\xff\0\7", b"", b"\x08",
    ]  # fmt: skip
    data = entropy_data(stream, scan, 4, 1)
    assert data.starts.tolist() == [0, 2, 3, 3]
    assert data.ends.tolist() == [40, 80, 96, 104]
    assert list(data.words) == [0x01020304, 0x05000000, 0xFF070000, 0x08000000, 0, 0]


def test_restarts_that_are_not_as_expected() -> None:
    stream = _with_restarts(*[b"\1"] * 10)
    (scan,) = parse(stream).scans
    assert len(scan.restarts) == 9
    for expected in (9, 11):
        with pytest.raises(CorruptStreamError, match="10 restart intervals instead of"):
            entropy_data(stream, scan, expected, 1)
    closed = _with_restarts(b"\1", b"\1", b"")
    data = entropy_data(closed, parse(closed).scans[0], 2, 1)  # a marker after the last
    assert data.ends.tolist() == [8, 40]
    with pytest.raises(CorruptStreamError, match="FF D1 is number 0"):
        parse(_with_restarts(b"\1", b"\1").replace(b"\xff\xd0", b"\xff\xd1"))


@given(st.binary(max_size=300), st.integers(0, 2400))
def test_where_a_bit_is_in_the_stream(octets: bytes, bit: int) -> None:
    stream = _with_restarts(b"\1", octets.replace(b"\xff", b"\xff\x00"))
    (scan,) = parse(stream).scans
    first, last = intervals(scan)[1]
    at = position(stream, scan, 1, bit)
    assert first <= at <= last
    if bit // 8 <= len(octets):
        assert stream[first:at].replace(b"\xff\x00", b"\xff") == octets[: bit // 8]


# --- colours ------------------------------------------------------------------------------------


def _colours(*segments: bytes, identifiers: bytes = b"\1\2\3", count: int = 3) -> bytes:
    parts = b"".join(bytes([identifier, 0x11, 0]) for identifier in identifiers[:count])
    frame = segment(0xC0, pack(">BHHB", 8, 2, 3, count) + parts)
    scan = bytes([count]) + b"".join(bytes([one, 0]) for one in identifiers[:count])
    tables = table(FLAT) + table(FLAT, 0x10)
    scan_segment = segment(0xDA, scan + b"\0\x3f\0")
    return b"".join((SOI, *segments, frame, tables, scan_segment, DATA, EOI))


@pytest.mark.parametrize(
    ("stream", "declared", "expected"),
    [
        (_colours(), "RGB", "RGB"),
        (_colours(), "YBR_FULL", "YBR_FULL"),
        (_colours(), "YBR_FULL_422", "YBR_FULL"),
        (_colours(JFIF), "RGB", "YBR_FULL"),
        (_colours(JFIF), "YBR_FULL_422", "YBR_FULL"),
        (_colours(JFIF[:-1] + b"\0"), "RGB", "YBR_FULL"),
        (_colours(segment(0xE0, b"JFIF\0")), "RGB", "RGB"),  # too short to be one
        (_colours(_adobe(0)), "YBR_FULL", "RGB"),
        (_colours(_adobe(1)), "RGB", "YBR_FULL"),
        (_colours(_adobe(7)), "RGB", "RGB"),
        (_colours(JFIF, _adobe(0)), "RGB", "YBR_FULL"),
        (_colours(identifiers=b"RGB"), "YBR_FULL_422", "RGB"),
        (_colours(_adobe(1), identifiers=b"RGB"), "RGB", "YBR_FULL"),
        (_colours(identifiers=b"\1\2\3\4", count=4), "RGB", "CMYK"),
        (_colours(_adobe(0), identifiers=b"\1\2\3\4", count=4), "RGB", "CMYK"),
        (_colours(_adobe(2), identifiers=b"\1\2\3\4", count=4), "RGB", "YCCK"),
        (_colours(count=2), "RGB", "RGB"),
    ],
)
def test_colours(stream: bytes, declared: str, expected: str) -> None:
    assert photometric(stream, FrameLayout(2, 3, 3, photometric=declared)) == expected


def test_one_component_is_what_the_data_set_says() -> None:
    assert photometric(b"", FrameLayout(2, 3, photometric="MONOCHROME1")) == "MONOCHROME1"


# --- real and hostile streams -------------------------------------------------------------------


ABBREVIATED = {"B1.JPG": "ends without a frame", "B2.JPG": "255 components"}
"""Tables alone, and an image that needs them (ISO 10918-1 B.4, B.5)."""


def _streams() -> list[Path]:
    return sorted((CORPUS / "codestreams" / "jpeg-10918").rglob("*.[jJ][pP][gG]"))


@needs_corpus
@pytest.mark.parametrize("path", _streams(), ids=lambda path: path.name)
def test_real_streams(path: Path) -> None:
    stream = path.read_bytes()
    if path.name in ABBREVIATED:
        with pytest.raises(PydcmError, match=ABBREVIATED[path.name]):
            parse(stream)
        return
    found = parse(stream)
    assert found.frame.marker.name in ("SOF0", "SOF1", "SOF3")
    ends = [stream[scan.last : scan.last + 2] for scan in found.scans]
    assert ends[-1] in (EOI, b"")


def _fault(stream: bytes) -> PydcmError | None:
    """Return why a stream is refused; otherwise see that what it says can be."""
    try:
        found = parse(stream)
    except PydcmError as error:
        return error
    assert 1 <= len(found.frame.components) <= 4
    assert found.frame.rows > 0
    assert found.frame.columns > 0
    assert all(scan.first <= scan.last <= len(stream) for scan in found.scans)
    return None


@given(st.binary(max_size=200))
def test_any_bytes(octets: bytes) -> None:
    for stream in (octets, SOI + octets, WHOLE[:-2] + octets):
        fault = _fault(stream)
        assert fault is None or (fault.frame == 1 and 0 <= (fault.offset or 0) <= len(stream))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(0, len(WHOLE)))
def test_one_byte_that_is_wrong(at: int, octet: int, size: int) -> None:
    stream = WHOLE[:at] + bytes([octet]) + WHOLE[at + 1 :]
    whole, cut = _fault(stream), _fault(stream[:size])
    if octet == WHOLE[at]:
        assert whole is None
    assert cut is None or cut.frame == 1
    if size < WHOLE.index(SOS):
        assert cut is not None
