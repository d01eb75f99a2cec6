from __future__ import annotations

import json
import struct
import warnings
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import _codecs, kernels
from pydcm._codecs import deflated, native, rle
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, PydcmError, UnsupportedSyntaxError
from pydcm.kernels import Label
from tests.pixels.making import RLE, rle_frame, rle_segment
from tests.shared import GOLDEN, needs_golden

# --- RLE ----------------------------------------------------------------------------------------


def _golden() -> list[dict[str, Any]]:
    path = GOLDEN / "codecs" / "rle.json"
    cases: list[dict[str, Any]] = json.loads(path.read_text())["cases"] if path.is_file() else []
    return cases


@pytest.fixture(scope="module")
def arrays() -> Any:
    with np.load(GOLDEN / "codecs" / "rle.npz", allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


@needs_golden
@pytest.mark.parametrize("label", kernels.kernels()["rle.decode_segment"].available())
@pytest.mark.filterwarnings("ignore:RLE segment")  # gdcm encodes a pad byte of 1 x 1 pixels
@pytest.mark.parametrize("case", _golden(), ids=lambda case: case["id"])
def test_frames_of_other_encoders(case: dict[str, Any], label: Label, arrays: Any) -> None:
    params = case["params"]
    layout = FrameLayout(
        params["rows"], params["columns"], params["samples"], params["bits_allocated"],
        params["bits_allocated"],
    )  # fmt: skip
    expected = arrays[case["outputs"]["pixels"]]
    with kernels.using(label):
        found = rle.decode(arrays[case["inputs"]["frame"]].tobytes(), layout)
    assert found.tobytes() == expected.astype(expected.dtype.newbyteorder("<")).tobytes()


@given(
    st.sampled_from([8, 16, 24, 32, 64]),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from([1, 3]),
    st.data(),
)
def test_segments_are_the_bytes_of_each_sample(
    bits: int, rows: int, columns: int, samples: int, data: st.DataObject
) -> None:
    octets = bits // 8
    if samples * octets > 15:
        return
    planes = data.draw(
        st.lists(
            st.binary(min_size=rows * columns, max_size=rows * columns),
            min_size=samples * octets,
            max_size=samples * octets,
        )
    )
    layout = FrameLayout(rows, columns, samples, bits, bits)
    found = rle.decode(rle_frame(*map(rle_segment, planes)), layout)
    assert found.shape == layout.shape
    for sample in range(samples):
        parts = zip(*planes[sample * octets : (sample + 1) * octets], strict=True)
        expected = [int.from_bytes(bytes(part), "big") for part in parts]
        assert found[..., sample].ravel().tolist() == expected


def test_one_bit_pixels_packed_or_not() -> None:
    layout = FrameLayout(3, 4, 1, 1, 1)
    pixels = [1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1]
    for octets in (bytes(pixels), b"\x8d\x09"):
        found = rle.decode(rle_frame(rle_segment(octets)), layout)
        assert found.ravel().tolist() == pixels


SIX = rle_segment(bytes(range(6)))
LAYOUT = FrameLayout(2, 3)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (b"", "header of 64 bytes"),
        (bytes(63), "header of 64 bytes"),
        (bytes(64), "header says 0"),
        (rle_frame(SIX, SIX), "header says 2"),
        (struct.pack("<16I", 16, *[64] * 15) + SIX, "header says 16"),
        (struct.pack("<16I", 1, 63, *[0] * 14) + SIX, "from 63"),
        (struct.pack("<16I", 1, 1000, *[0] * 14) + SIX, "from 1000"),
        (rle_frame(b""), "cannot hold"),
        (rle_frame(SIX[:-2]), "ends too early"),
        (rle_frame(b"\x80" * 6), "ends too early"),
    ],
)
def test_broken_frames(frame: bytes, message: str) -> None:
    with pytest.raises(CorruptStreamError, match=message) as caught:
        rle.decode(frame, LAYOUT, 7)
    assert caught.value.frame == 7


def test_segments_must_follow_each_other() -> None:
    header = struct.pack("<16I", 2, 72, 64, *[0] * 13)
    with pytest.raises(CorruptStreamError, match="from 72 to 64"):
        rle.decode(header + SIX + SIX, FrameLayout(2, 3, 1, 16, 16))


def test_more_segments_than_the_header_has_room_for() -> None:
    with pytest.raises(UnsupportedSyntaxError, match="24 RLE segments"):
        rle.decode(rle_frame(SIX), FrameLayout(2, 3, 3, 64, 64))


def test_a_run_past_the_end_is_cut_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="segment 1 of frame 2 holds more"):
        found = rle.decode(rle_frame(b"\xf8\x07"), LAYOUT, 2)
    assert found.ravel().tolist() == [7] * 6


def test_a_tiny_frame_cannot_claim_memory() -> None:
    layout = FrameLayout(60_000, 60_000)
    with pytest.raises(CorruptStreamError, match="cannot hold 3600000000"):
        rle.decode(rle_frame(b"\x81\x00"), layout)


@given(st.binary(max_size=200), st.sampled_from([1, 8, 16]))
def test_any_bytes_give_a_frame_or_a_pydcm_error(data: bytes, bits: int) -> None:
    layout = FrameLayout(3, 5, 1, bits, bits)
    for frame in (data, struct.pack("<16I", 1, 64, *[0] * 14) + data):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of runs past the end
                found = rle.decode(frame, layout)
        except PydcmError:
            continue
        assert found.shape == layout.shape


# --- native and deflated ------------------------------------------------------------------------


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("bits", [8, 16, 24, 32, 40, 48, 56, 64])
def test_cells_of_every_size(bits: int, big_endian: bool) -> None:
    data = bytes(range(1, 2 * bits // 8 + 1))
    layout = FrameLayout(1, 2, 1, bits, bits)
    found = native.decode_frames(data, layout, 1, big_endian=big_endian)
    size = bits // 8
    order = "big" if big_endian else "little"
    expected = [int.from_bytes(data[k * size : (k + 1) * size], order) for k in range(2)]  # type: ignore[arg-type]  # one of two words
    assert found.ravel().tolist() == expected


def test_planes_become_samples() -> None:
    layout = FrameLayout(1, 2, 3, planar=True)
    found = native.decode_frames(bytes(range(12)), layout, 2)
    assert found.tolist() == [[[[0, 2, 4], [1, 3, 5]]], [[[6, 8, 10], [7, 9, 11]]]]


def test_halved_chrominance_is_written_out() -> None:
    layout = FrameLayout(1, 4, 3, photometric="YBR_FULL_422")
    found = native.decode(bytes([1, 2, 100, 200, 3, 4, 101, 201]), layout)
    assert found.tolist() == [[[1, 100, 200], [2, 100, 200], [3, 101, 201], [4, 101, 201]]]
    with pytest.raises(CorruptStreamError, match="3 x 3 is odd"):
        native.decode(bytes(18), FrameLayout(3, 3, 3, photometric="YBR_FULL_422"))


@given(st.binary(min_size=8, max_size=8), st.integers(0, 7), st.integers(1, 5))
def test_bits_begin_anywhere(data: bytes, first_bit: int, columns: int) -> None:
    layout = FrameLayout(3, columns, 1, 1, 1)
    frames = (64 - first_bit) // (3 * columns)
    found = native.decode_frames(data, layout, frames, first_bit=first_bit)
    unpacked = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    expected = unpacked[first_bit : first_bit + frames * 3 * columns]
    assert found.shape == (frames, 3, columns, 1)
    assert found.ravel().tolist() == expected.tolist()


def test_too_few_bytes() -> None:
    with pytest.raises(CorruptStreamError, match="take 6 bytes, and 5 are there") as caught:
        native.decode(bytes(5), LAYOUT, 3)
    assert caught.value.frame == 3


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush()
    return packed + bytes(len(packed) % 2)


def test_deflated_frames() -> None:
    assert deflated.decode(_deflate(bytes(range(6))), LAYOUT).ravel().tolist() == list(range(6))
    layout = FrameLayout(3, 5, 1, 1, 1)
    found = deflated.decode(_deflate(b"\x8d\x09"), layout)
    assert found.ravel().tolist() == [1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("frame", [b"", b"\xff\xff", _deflate(bytes(5)), _deflate(bytes(6))[:3]])
def test_broken_deflated_frames(frame: bytes) -> None:
    with pytest.raises(CorruptStreamError) as caught:
        deflated.decode(frame, LAYOUT, 4)
    assert caught.value.frame == 4


def test_deflated_bomb_is_not_inflated_further_than_the_frame() -> None:
    assert deflated.decode(_deflate(bytes(50_000_000)), LAYOUT).size == 6


@given(
    st.sampled_from([1, 8, 16, 24, 32, 48, 64]),
    st.integers(1, 5),
    st.integers(1, 5),
    st.sampled_from([1, 3]),
    st.booleans(),
    st.integers(0, 99),
)
def test_deflated_frames_of_our_own(
    bits: int, rows: int, columns: int, samples: int, planar: bool, seed: int
) -> None:
    layout = FrameLayout(rows, columns, samples, bits, bits, planar=planar and bits > 1)
    high = 1 << min(bits, 63)
    random = np.random.default_rng(seed)
    pixels = random.integers(0, high, layout.shape, np.uint64).astype(layout.dtype)
    frame = deflated.encode(pixels, layout, EncodeOptions())
    assert np.array_equal(deflated.decode(frame, layout), pixels)


def test_whole_chrominance_is_not_halved_in_passing() -> None:
    layout = FrameLayout(1, 2, 3, photometric="YBR_FULL_422")
    with pytest.raises(UnsupportedSyntaxError, match="whole chrominance"):
        native.encode(np.zeros(layout.shape, np.uint8), layout)


def test_layout_of_cells() -> None:
    assert FrameLayout(2, 3, 1, 24, 20, signed=True).dtype == np.int32
    assert FrameLayout(2, 3, 1, 1, 1, signed=True).dtype == np.uint8
    assert FrameLayout(2, 3, 1, 64, 64, floating=True).dtype == np.float64
    assert FrameLayout(3, 3, 1, 1, 1).frame_bytes == 2
    assert FrameLayout(2, 4, 3, 16, 16, photometric="YBR_FULL_422").frame_bytes == 32


def test_the_codec_of_rle_is_this_one() -> None:
    assert _codecs.codec_for(RLE).decoder("pydcm") is rle.decode
