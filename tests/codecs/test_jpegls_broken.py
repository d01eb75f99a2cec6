"""JPEG-LS frames: segments, restart intervals, and streams that are broken."""

from __future__ import annotations

import hashlib
from struct import pack

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydcm import kernels
from pydcm._codecs.jpegls import decode, encode
from pydcm._codecs.jpegls.encoding import encode_components
from pydcm._codecs.jpegls.markers import Interleave
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, LimitError, PydcmError, UnsupportedSyntaxError
from pydcm.kernels import Label
from tests.codecs.corpus_frames import broken
from tests.codecs.jpegls_images import ILV, LOSSLESS, layout_of, smooth
from tests.kernels.both import LABELS

# --- segments -------------------------------------------------------------------------------------

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
PIXELS = smooth(7, 6, 1, 8)
LAYOUT = FrameLayout(7, 6)
with kernels.using("reference"):
    STREAM = encode(PIXELS, LAYOUT, LOSSLESS)
SOF = STREAM[2:15]
SCAN = STREAM[15:-2]
THREE = smooth(7, 6, 3, 8)


def segment(marker: int, body: bytes) -> bytes:
    return pack(">BBH", 255, marker, 2 + len(body)) + body


def sof(precision: int = 8, rows: int = 7, columns: int = 6, factors: bytes = b"\x11") -> bytes:
    each = b"".join(bytes([k + 1, factor, 0]) for k, factor in enumerate(factors))
    return segment(0xF7, pack(">BHHB", precision, rows, columns, len(factors)) + each)


def lse(*numbers: int) -> bytes:
    return segment(0xF8, pack(f">B{len(numbers) - 1}H", *numbers))


def sos(near: int = 0, interleave: int = 0, last: int = 0, components: bytes = b"\1\0") -> bytes:
    count = bytes([len(components) // 2])
    return segment(0xDA, count + components + bytes([near, interleave, last]))


@pytest.mark.parametrize(
    "stream",
    [
        SOI + segment(0xE0, b"JFIF") + segment(0xFE, b"comment") + SOF + SCAN + EOI,
        SOI + b"\xff\xff" + SOF + b"\xff" + SCAN + b"\xff\xff" + EOI,  # fill octets
        SOI + segment(0xE8, b"mrfx\0") + SOF + SCAN + EOI,
        SOI + SOF + lse(1, 0, 0, 0, 0, 0) + SCAN + EOI,
        SOI + SOF + lse(1, 255, 3, 7, 21, 64) + SCAN + EOI,
        SOI + SOF + segment(0xDD, b"\0\0") + SCAN + EOI,
        SOI + SOF + segment(0xDD, b"\0\0\7") + SCAN + EOI,
        SOI + SOF + segment(0xDD, b"\0\1\0\0") + SCAN + EOI,
        SOI + sof(rows=0) + SCAN + segment(0xDC, b"\0\7") + EOI,
        SOI + segment(0xF8, b"\4\2\0\7\0\6") + sof(rows=0, columns=0) + SCAN + EOI,
        SOI + sof(rows=0, columns=0) + segment(0xF8, b"\4\4\0\0\0\7\0\0\0\6") + SCAN + EOI,
        SOI + sof(factors=b"\x22") + SCAN + EOI,
        SOI + SOF + SCAN,  # nothing of the image is missing
        STREAM + bytes(9),
    ],
)
def test_segments_that_change_nothing(stream: bytes) -> None:
    assert (decode(stream, LAYOUT) == PIXELS).all()


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (b"", "must begin with FF D8"),
        (b"\xff\xd9", "must begin with FF D8"),
        (SOI, "ends where a marker"),
        (SOI + EOI, "no frame header"),
        (SOI + SOF, "ends where a marker"),
        (SOI + SOF + EOI, "ends with 0 of 1"),
        (SOI + SOF[:8], "does not fit"),
        (SOI + b"\xff\xf7\0", "within a segment"),
        (SOI + b"\xff\xfe\0\1" + SOF + SCAN, "does not fit"),
        (SOI + b"\0" + SOF, "a marker was expected"),
        (SOI + SOI + SOF + SCAN, "FFD8 is out of place"),
        (SOI + b"\xff\xd0" + SOF + SCAN, "FFD0 is out of place"),
        (SOI + SCAN, "before the frame header"),
        (SOI + SOF + SOF + SCAN, "second frame header"),
        (SOI + sof(precision=17) + SCAN, "17 bits are none"),
        (SOI + sof(precision=1) + SCAN, "1 bits are none"),
        (SOI + sof(precision=9) + SCAN, "do not fit into Bits Allocated"),
        (SOI + sof(factors=b"\x01") + SCAN, "sampling factor"),
        (SOI + sof(factors=b"") + SCAN, "frame header is broken"),
        (SOI + SOF[:-1] + b"\0\0" + SCAN, "a marker was expected"),
        (SOI + sof(columns=5) + SCAN, "7 rows, 5 columns"),
        (SOI + sof(rows=0, columns=0) + SCAN, "0 columns"),
        (SOI + sof(rows=0) + SCAN + EOI, "has 0 lines"),
        (SOI + sof(rows=0) + SCAN + segment(0xDC, b"\0\6") + EOI, "has 6 lines"),
        (SOI + SOF + segment(0xDD, b"\0") + SCAN, "DRI has 1 bytes"),
        (SOI + SOF + segment(0xF8, b"\1\0") + SCAN, "LSE 1 has 2 bytes"),
        (SOI + SOF + segment(0xF8, b"") + SCAN, "LSE 0 has 0 bytes"),
        (SOI + SOF + lse(1, 256, 0, 0, 0, 0) + SCAN, "MAXVAL 256"),
        (SOI + SOF + lse(1, 0, 9, 8, 20, 0) + SCAN, "in disorder"),
        (SOI + SOF + lse(1, 0, 0, 0, 256, 0) + SCAN, "in disorder"),
        (SOI + SOF + lse(1, 0, 0, 0, 0, 2) + SCAN, "RESET 2"),
        (SOI + SOF + lse(1, 0, 0, 0, 0, 256) + SCAN, "RESET 256"),
        (SOI + SOF + sos(near=128) + SCAN, "NEAR 128"),
        (SOI + SOF + sos(interleave=3) + SCAN, "ILV 3"),
        (SOI + SOF + sos(components=b"\2\0") + SCAN, "not there"),
        (SOI + SOF + sos(components=b"") + SCAN, "scan header is broken"),
        (SOI + SOF + SCAN[:-1], "ends too early"),
        (SOI + SOF + SCAN[:-1] + EOI, "ends too early"),
        (SOI + SOF + SCAN[:12], "ends too early"),
        (SOI + SOF + SCAN + b"\1\2\3\4" + EOI, "goes on after its last sample"),
        (SOI + SOF + segment(0xDD, b"\0\2") + SCAN + EOI, "ends too early"),
    ],
)
def test_broken_segments(stream: bytes, message: str) -> None:
    with pytest.raises(CorruptStreamError, match=message) as caught:
        decode(stream, LAYOUT, 3)
    assert caught.value.frame == 3


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (SOI + SOF + segment(0xF8, b"\2\1\1" + bytes(256)) + SCAN, "mapping table"),
        (SOI + SOF + segment(0xF8, b"\3\1\1" + bytes(256)) + SCAN, "mapping table"),
        (SOI + SOF + sos(components=b"\1\1") + SCAN, "mapping table for a component"),
        (SOI + SOF + sos(last=1) + SCAN, "point transform"),
        (SOI + segment(0xE8, b"mrfx\1") + SOF + SCAN, "colour transform"),
        (SOI + segment(0xC3, SOF[4:]) + SCAN, "FFC3, which is none of JPEG-LS"),
    ],
)
def test_what_is_not_for_dicom(stream: bytes, message: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match=message):
        decode(stream, LAYOUT)


def test_components_in_several_scans() -> None:
    layout = FrameLayout(7, 6, 3)
    stream, _ = encode_components(THREE, 8)
    assert (decode(stream, layout) == THREE).all()
    first = stream.index(b"\xff\xda")
    second = stream.index(b"\xff\xda", first + 1)
    doubled = stream[:second] + stream[first:]
    with pytest.raises(CorruptStreamError, match="in two scans"):
        decode(doubled, layout)
    with pytest.raises(CorruptStreamError, match="ends with 1 of 3"):
        decode(stream[:second] + EOI, layout)
    head = SOI + sof(factors=b"\x11\x11\x11") + sos(components=b"\1\0\2\0\3\0")
    with pytest.raises(CorruptStreamError, match="3 components with ILV 0"):
        decode(head + SCAN, layout)


def test_two_planes_in_one_scan_and_one_in_another() -> None:
    two, _ = encode_components(THREE[..., 1:], 8, 0, Interleave.LINE)
    one, _ = encode_components(THREE[..., :1], 8)
    two_scan = two[two.index(b"\xff\xda") : -2].replace(b"\1\0\2\0", b"\2\0\3\0", 1)
    stream = SOI + sof(factors=b"\x11\x11\x11") + two_scan + one[one.index(b"\xff\xda") :]
    assert (decode(stream, FrameLayout(7, 6, 3)) == THREE).all()


# --- restart intervals ----------------------------------------------------------------------------


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("interval", [1, 2, 3, 30, 31, 70_000])
@pytest.mark.parametrize("interleave", list(ILV.values()))
def test_restart_intervals(interval: int, interleave: int, label: Label) -> None:
    pixels = smooth(30, 6, 3, 8)
    with kernels.using(label):
        stream, _ = encode_components(pixels, 8, 0, interleave, interval)
        assert (decode(stream, FrameLayout(30, 6, 3)) == pixels).all()


def test_restart_markers_come_in_turn() -> None:
    stream, _ = encode_components(smooth(30, 6, 1, 8), 8, restart_interval=3)
    layout = FrameLayout(30, 6)
    at = stream.index(b"\xff\xd1")
    for wrong, message in ((b"\xff\xd2", "out of its range"), (EOI, "ends too early")):
        with pytest.raises(CorruptStreamError, match=message):
            decode(stream[:at] + wrong + stream[at + 2 :], layout)
    assert decode(stream[:at] + b"\xff\xff" + stream[at:], layout).shape == layout.shape


# --- hostile streams ------------------------------------------------------------------------------


def _verdicts(stream: bytes, layout: FrameLayout) -> list[str]:
    found = []
    for label in LABELS:
        with kernels.using(label):
            try:
                array = decode(stream, layout, 2)
            except PydcmError as error:
                found.append(str(error))
            else:
                assert array.shape == layout.shape
                found.append(hashlib.sha256(array.tobytes()).hexdigest())
    return found


@pytest.mark.parametrize("restart", [0, 5])
@pytest.mark.parametrize("near", [0, 2])
@pytest.mark.parametrize(("bits", "samples"), [(8, 1), (16, 1), (8, 3), (12, 4)])
def test_broken_streams_end_alike(bits: int, samples: int, near: int, restart: int) -> None:
    pixels = smooth(20, 17, samples, bits)
    layout = layout_of(pixels, bits)
    stream = encode(pixels, layout, EncodeOptions(near=near, restart_interval=restart))
    refused = 0
    for damaged in broken(stream, 40, seed=bits + samples + near + restart):
        verdicts = _verdicts(damaged, layout)
        assert verdicts == [verdicts[0]] * len(LABELS)
        refused += "frame 2" in verdicts[0]
    assert refused > 20


@given(st.binary(max_size=120), st.integers(0, 2), st.sampled_from([b"\x11", b"\x11\x11\x11"]))
@settings(max_examples=80)
def test_any_data_end_alike(data: bytes, interleave: int, factors: bytes) -> None:
    components = b"".join(bytes([k + 1, 0]) for k in range(len(factors)))
    stream = SOI + sof(factors=factors) + sos(0, interleave, 0, components) + data + EOI
    verdicts = _verdicts(stream, FrameLayout(7, 6, len(factors)))
    assert verdicts == [verdicts[0]] * len(LABELS)


def test_the_offset_is_where_the_codes_end() -> None:
    pixels = smooth(40, 40, 1, 8, noise=60)
    stream = encode(pixels, FrameLayout(40, 40), EncodeOptions(restart_interval=10))
    cut = len(stream) // 2
    with pytest.raises(CorruptStreamError) as caught:
        decode(stream[:cut] + b"\xff\xd3" + stream[cut:], FrameLayout(40, 40))
    assert caught.value.offset is not None
    unbroken = np.frombuffer(stream, np.uint8).copy()
    unbroken[cut : cut + 12] = 0
    with pytest.raises(CorruptStreamError) as caught:
        decode(unbroken.tobytes(), FrameLayout(40, 40))
    assert caught.value.offset is not None
    assert cut - 2 <= caught.value.offset <= len(stream)


def test_an_image_without_pixels() -> None:
    for rows, columns in ((0, 6), (7, 0), (0, 0)):
        with pytest.raises(CorruptStreamError, match="has no pixels"):
            decode(SOI + sof(8, rows, columns) + SCAN + EOI, FrameLayout(rows, columns))


def test_a_tiny_stream_cannot_claim_much() -> None:
    layout = FrameLayout(60_000, 60_000, 1, 16, 16)
    stream = SOI + sof(16, 60_000, 60_000) + SCAN + EOI
    with pytest.raises(LimitError, match="max_expansion_ratio"):
        decode(stream, layout)
