from __future__ import annotations

import contextlib
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pydcm
from pydcm._codecs import codec_for
from pydcm._codecs.layout import FrameLayout
from pydcm.encaps import encapsulate
from pydcm.errors import (
    CodecError,
    ConformanceError,
    CorruptStreamError,
    LimitError,
    MissingElementError,
    PydcmError,
    StructureError,
)
from pydcm.pixels import decode, pixel_array
from pydcm.pixels.frames import Decoding, FrameReader
from pydcm.pixels.model import PixelModel, read_model
from pydcm.source import Extent, MemorySource
from tests.pixels.making import (
    BIG_ENDIAN,
    EXPLICIT,
    RLE,
    SIX,
    encapsulated,
    image,
    rgb,
    rle_frame,
    rle_segment,
    written,
)


class CountingSource(MemorySource):
    """Remembers what was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, count: int) -> bytes:
        self.reads.append((offset, count))
        return super().read(offset, count)

    def read_into(self, offset: int, target: memoryview) -> None:
        self.reads.append((offset, len(target)))
        super().read_into(offset, target)


def model(data: bytes, layout: FrameLayout, frames: int, syntax: str = EXPLICIT) -> PixelModel:
    source = CountingSource(b"before" + data)
    return PixelModel(layout, frames, codec_for(syntax), Extent(source, 6, len(data)), [])


def read_octets(reader: FrameReader) -> list[tuple[int, int]]:
    source = reader.model.extent.source
    assert isinstance(source, CountingSource)
    return source.reads


# --- only what is asked for is read -------------------------------------------------------------


@pytest.mark.parametrize(
    ("layout", "size"),
    [
        (FrameLayout(100, 100, 1, 16, 16), 20_000),
        (FrameLayout(100, 100, 1, 16, 12, signed=True), 20_000),
        (FrameLayout(100, 100, 3, planar=True), 30_000),
        (FrameLayout(100, 100, 3, photometric="YBR_FULL_422"), 20_000),
        (FrameLayout(100, 100, 1, 24, 24), 30_000),
        (FrameLayout(100, 100, 1, 1, 1), 1250),
    ],
)
def test_one_native_frame_is_read_alone(layout: FrameLayout, size: int) -> None:
    data = np.random.default_rng(4).bytes(size * 7)
    reader = FrameReader(model(data, layout, 7))
    found = reader.read(3, 1)
    assert sum(count for _, count in read_octets(reader)) == size
    assert min(offset for offset, _ in read_octets(reader)) == 6 + 3 * size
    assert (found == reader.read(0, 7)[3:4]).all()


def test_one_frame_of_bits_is_read_alone() -> None:
    layout = FrameLayout(3, 3, 1, 1, 1)  # nine bits each
    reader = FrameReader(model(np.random.default_rng(5).bytes(9), layout, 8))
    found = reader.read(5, 1)
    assert read_octets(reader) == [(6 + 45 // 8, 2)]
    assert (found == reader.read(0, 8)[5:6]).all()


def test_one_rle_frame_is_read_alone() -> None:
    frames = [rle_frame(rle_segment(bytes([k]) * 10_000)) for k in range(9)]
    reader = FrameReader(model(encapsulate(frames), FrameLayout(100, 100), 9, RLE))
    assert reader.read(4, 1).ravel().tolist() == [4] * 10_000
    assert sum(count for _, count in read_octets(reader)) < len(frames[0]) + 100


def test_large_frames_are_read_in_parts() -> None:
    layout = FrameLayout(1000, 1000, 1, 16, 12)
    data = np.random.default_rng(6).bytes(2_000_000)
    reader = FrameReader(model(data, layout, 1))
    found = reader.read(0, 1)
    assert len(read_octets(reader)) == 2  # of what is masked before it leaves the cache
    assert found.ravel().tolist() == (np.frombuffer(data, "<u2") & 0xFFF).tolist()


@pytest.mark.parametrize("bits", [1, 8])
def test_bits_of_many_frames(bits: int) -> None:
    layout = FrameLayout(33, 71, 1, bits, bits)
    frames = 1000
    data = np.random.default_rng(7).bytes((layout.frame_bits * frames + 7) // 8)
    found = FrameReader(model(data, layout, frames)).read(0, frames)
    octets = np.frombuffer(data, np.uint8)
    expected = np.unpackbits(octets, bitorder="little") if bits == 1 else octets
    assert (found.ravel() == expected[: found.size]).all()


# --- bits above Bits Stored ---------------------------------------------------------------------


@given(
    st.sampled_from([8, 16, 24, 32, 40, 64]),
    st.integers(1, 64),
    st.booleans(),
    st.sampled_from([EXPLICIT, BIG_ENDIAN, RLE]),
    st.data(),
)
def test_unused_bits_are_removed(
    allocated: int, stored: int, signed: bool, syntax: str, data: st.DataObject
) -> None:
    stored = min(stored, allocated)
    octets = allocated // 8
    limits = st.sampled_from([1 << stored - 1, 1 << stored, 1 << allocated])
    words = [data.draw(st.integers(0, data.draw(limits) - 1)) for _ in range(4)]
    order: Any = "little" if syntax == EXPLICIT else "big"
    encoded = [word.to_bytes(octets, order) for word in words]
    pixels = b"".join(encoded)
    if syntax == RLE:
        planes = [bytes(plane) for plane in zip(*encoded, strict=True)]
        pixels = encapsulate([rle_frame(*map(rle_segment, planes))])
    layout = FrameLayout(2, 2, 1, allocated, stored, signed)
    found = FrameReader(model(pixels, layout, 1, syntax)).read(0, 1)
    for value, word in zip(found.ravel().tolist(), words, strict=True):
        expected = word & (1 << stored) - 1
        if signed and expected >> stored - 1:
            expected -= 1 << stored
        assert value == expected


def test_unused_bits_may_be_kept() -> None:
    layout = FrameLayout(2, 3, 1, 8, 4)
    data = b"\xff\x80\x7f\x10\x0f\x08"
    kept = FrameReader(model(data, layout, 1), Decoding(mask=False)).read(0, 1)
    assert kept.tobytes() == data


# --- octets in big endian words -----------------------------------------------------------------


@given(st.integers(1, 7), st.integers(1, 5))
def test_octets_in_words(columns: int, frames: int) -> None:
    pixels = bytes(range(columns * frames))
    padded = pixels + bytes(len(pixels) % 2)
    swapped = b"".join(padded[k + 1 : k + 2] + padded[k : k + 1] for k in range(0, len(padded), 2))
    ds = image(swapped, BIG_ENDIAN, Rows=1, Columns=columns, NumberOfFrames=frames)
    assert decode(ds).tobytes() == pixels
    for number in range(frames):
        assert decode(ds, number + 1).tobytes() == pixels[number * columns :][:columns]


def test_octets_of_ob_are_not_in_words() -> None:
    assert decode(image(SIX, BIG_ENDIAN, vr="OB")).tobytes() == SIX
    assert pixel_array(image(SIX, BIG_ENDIAN, vr="OB"), be_swap_ow=True)[0, 0] == 2
    assert pixel_array(image(SIX, BIG_ENDIAN), pixel_vr="OB")[0, 0] == 1


# --- errors -------------------------------------------------------------------------------------


def test_errors_tell_file_and_frame() -> None:
    data = encapsulate([rle_frame(rle_segment(SIX)), rle_frame(b"\x00")])
    broken = PixelModel(
        FrameLayout(2, 3),
        2,
        codec_for(RLE),
        Extent(MemorySource(data, path="broken.dcm"), 0, len(data)),
        [],
    )
    reader = FrameReader(broken)
    assert reader.read(0, 1).tobytes() == SIX
    with pytest.raises(CodecError) as caught:
        reader.read(0, 2)
    assert (caught.value.path, caught.value.frame) == ("broken.dcm", 2)


def test_encapsulated_pixels_of_a_native_syntax_are_refused() -> None:
    ds = encapsulated([bytes(40)], EXPLICIT)
    with pytest.raises(CorruptStreamError, match="encapsulated"):
        decode(ds)


def test_native_pixels_of_an_encapsulated_syntax_are_refused() -> None:
    with pytest.raises(StructureError, match="Basic Offset Table"):
        decode(image(SIX, RLE))


def test_wrong_offset_table_warns_and_is_mended() -> None:
    frames = [rle_frame(rle_segment(SIX)), rle_frame(rle_segment(SIX[::-1]))]
    data = bytearray(encapsulate(frames))
    data[12] += 1  # the second frame's offset
    ds = encapsulated(frames, NumberOfFrames=2)
    ds.PixelData = bytes(data)
    ds = pydcm.dcmread(written(ds))
    for _ in range(2):
        with pytest.warns(UserWarning, match="entry for frame 1 leads to no item"):
            assert decode(ds).tobytes() == SIX + SIX[::-1]
    (found,) = ds.diagnostics
    assert (found.code, found.tag_path) == ("offset-table", "(7FE0,0010)")


def test_extended_offset_table() -> None:
    from pydcm.encaps import encapsulate_extended

    frames = [rle_frame(rle_segment(SIX)), rle_frame(rle_segment(SIX[::-1]))]
    ds = encapsulated(frames, NumberOfFrames=2)
    ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(
        frames
    )
    assert read_model(ds).extended_offsets is not None
    assert decode(ds, 2).tobytes() == SIX[::-1]


def test_no_memory_is_a_limit() -> None:
    layout = FrameLayout(65535, 30000, 1, 64, 64)
    source = Extent(MemorySource(b""), 0, 1 << 62)
    vast = PixelModel(layout, 4, codec_for(EXPLICIT), source, [])
    with pytest.warns(UserWarning, match="more than their frames take"):
        reader = FrameReader(vast)
    with pytest.raises(LimitError):
        reader.read(0, 1 << 20)


# --- the model ----------------------------------------------------------------------------------


def test_overrides_replace_the_data_sets_values() -> None:
    ds = image(SIX, Rows=None)
    found = read_model(ds, rows=3, columns=2, transfer_syntax_uid=BIG_ENDIAN)
    assert found.layout.shape == (3, 2, 1)
    assert found.codec.big_endian


@pytest.mark.parametrize("value", ["", None])
def test_number_of_frames_without_a_value(value: Any) -> None:
    ds = image(SIX)
    ds.add_new(0x00280008, "IS", value)
    assert decode(ds).shape == (1, 2, 3)


@pytest.mark.filterwarnings("ignore:.*VR IS")  # the reader's own
def test_number_of_frames_that_is_no_number() -> None:
    file = written(image(SIX, NumberOfFrames=77)).replace(b"IS\x02\x0077", b"IS\x02\x001A")
    with pytest.warns(UserWarning, match="'1A'; one frame is assumed"):
        assert decode(pydcm.dcmread(file)).shape == (1, 2, 3)


def test_two_kinds_of_pixels_are_refused() -> None:
    ds = image(SIX * 4, BitsAllocated=32)
    ds.FloatPixelData = bytes(24)
    with pytest.raises(MissingElementError, match="PixelData and FloatPixelData"):
        decode(ds)


def test_float_pixels_need_bits_that_fit() -> None:
    ds = image(None, BitsAllocated=16)
    ds.FloatPixelData = bytes(24)
    with pytest.raises(ConformanceError, match="does not fit FloatPixelData"):
        decode(ds)


def test_planar_configuration_does_not_matter_to_rle() -> None:
    frame = rle_frame(*[rle_segment(SIX)] * 3)
    ds = encapsulated([frame], SamplesPerPixel=3, PhotometricInterpretation="RGB")
    assert decode(ds)[0, 0, 1].tolist() == [2, 2, 2]


ELEMENTS = {
    "SamplesPerPixel": st.sampled_from([0, 1, 2, 3, 4, 65535]),
    "PhotometricInterpretation": st.sampled_from(
        ["MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "YBR_PARTIAL_420", ""]
    ),
    "PlanarConfiguration": st.integers(0, 2),
    "NumberOfFrames": st.sampled_from([-1, 0, 1, 2, 3, 10**9]),
    "Rows": st.sampled_from([0, 1, 2, 3, 65535]),
    "Columns": st.sampled_from([0, 1, 3, 5, 65535]),
    "BitsAllocated": st.sampled_from([0, 1, 7, 8, 12, 16, 24, 32, 64, 65535]),
    "BitsStored": st.sampled_from([0, 1, 5, 8, 12, 16, 33, 64, 65535]),
    "PixelRepresentation": st.integers(0, 2),
}


@given(
    st.fixed_dictionaries({}, optional=ELEMENTS),
    st.sampled_from([EXPLICIT, BIG_ENDIAN, RLE]),
    st.one_of(
        st.binary(max_size=64),
        st.lists(st.binary(max_size=20), max_size=3).map(
            lambda segments: encapsulate([rle_frame(*segments)])
        ),
    ),
)
def test_any_description_gives_an_array_or_a_pydcm_error(
    elements: dict[str, Any], syntax: str, data: bytes
) -> None:
    ds = (
        rgb(data, syntax, **elements)
        if "SamplesPerPixel" in elements
        else image(data, syntax, **elements)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for options in ({}, {"rescale": True}, {"frame": 1}):
            try:
                found = decode(ds, **options)
            except PydcmError:
                continue
            assert found.size <= 128 * 128
        with contextlib.suppress(PydcmError):
            assert pixel_array(ds).size <= 128 * 128
