"""HTJ2K, encoded by OpenJPH and decoded by OpenJPEG: real streams, round trips, broken ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm._codecs import codec_for, jpeg2000
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, PydcmError, UnsupportedSyntaxError
from tests.codecs.corpus_frames import Expected, broken, digest, expected
from tests.codecs.test_jpeg2000 import frame_of, gradient, layouts
from tests.shared import CORPUS, needs_corpus

LOSSLESS = codec_for("1.2.840.10008.1.2.4.201")
RPCL = codec_for("1.2.840.10008.1.2.4.202")
EITHER = codec_for("1.2.840.10008.1.2.4.203")
pytestmark = [
    pytest.mark.skipif(not LOSSLESS.runs("decode"), reason=LOSSLESS.decodes),
    pytest.mark.skipif(not LOSSLESS.runs("encode"), reason=LOSSLESS.encodes),
]

NAMES = [row.name for row in LOSSLESS.implementations() if row.available()]
RAW = CORPUS / "codestreams/reference-raw/codecs/openjpeg/raw"


@needs_corpus
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("row", expected("codestreams/htj2k"), ids=str)
def test_streams_of_the_corpus(row: Expected, name: str) -> None:
    found = EITHER.decoder(name)(row.data, row.layout, 1)
    assert found.shape == row.layout.shape
    assert found.dtype == row.layout.dtype
    assert digest(found) == row.sha256


@needs_corpus
@pytest.mark.parametrize("name", ["MR1", "NM1", "CT1"])
def test_streams_beside_what_was_encoded(name: str) -> None:
    (row,) = (row for row in expected("codestreams/htj2k") if row.path.endswith(f"/{name}.j2c"))
    found = LOSSLESS.decoder()(row.data, row.layout, 1)
    assert found.tobytes() == (RAW / f"{name}.RAW").read_bytes()


@given(layouts(), st.integers(0, 99))
def test_lossless_gives_the_same_pixels(layout: FrameLayout, seed: int) -> None:
    pixels = frame_of(layout, seed)
    stream = LOSSLESS.encoder()(pixels, layout, EncodeOptions())
    for name in NAMES:
        found = LOSSLESS.decoder(name)(stream, layout, 1)
        assert found.dtype == layout.dtype
        assert np.array_equal(found, pixels)
    head = jpeg2000.read(stream)
    assert head.high_throughput
    assert head.reversible
    assert {component[:2] for component in head.components} == {(layout.bits_stored, layout.signed)}


@given(layouts(), st.integers(0, 99))
def test_an_independent_library_reads_the_same(layout: FrameLayout, seed: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = frame_of(layout, seed)
    stream = LOSSLESS.encoder()(pixels, layout, EncodeOptions())
    mine = imagecodecs.htj2k_decode(stream, planar=False)
    assert np.array_equal(mine.reshape(layout.shape), pixels)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (64, 64), (65, 3), (2100, 20), (40, 5000)])
def test_what_rpcl_demands(rows: int, columns: int) -> None:
    layout = FrameLayout(rows, columns, 1, 16, 12)
    head = jpeg2000.read(RPCL.encoder()(gradient(layout), layout, EncodeOptions()))
    assert head.progression == 2
    assert head.lengths
    base = max(rows, columns) / (1 << head.decompositions)
    assert base <= 64


@pytest.mark.parametrize(("stored", "samples"), [(8, 1), (8, 3), (16, 1)])
@pytest.mark.parametrize("ratio", [5.0, 20.0])
def test_a_ratio_is_met_and_the_error_bounded(stored: int, samples: int, ratio: float) -> None:
    colour = "RGB" if samples == 3 else "MONOCHROME2"
    layout = FrameLayout(128, 96, samples, stored, stored, photometric=colour)
    pixels = gradient(layout)
    stream = EITHER.encoder()(pixels, layout, EncodeOptions(compression_ratios=(ratio,)))
    assert len(stream) <= layout.cells * stored / 8 / ratio
    found = EITHER.decoder()(stream, layout, 1)
    error = np.abs(found.astype(np.int64) - pixels.astype(np.int64))
    assert error.max() / (1 << stored) < 0.08
    assert not jpeg2000.read(stream).reversible


def test_lossy_frames_that_could_leave_bits_stored_are_refused() -> None:
    layout = FrameLayout(8, 8, 1, 16, 12)
    with pytest.raises(UnsupportedSyntaxError, match="fill their 16 bits, and these have 12"):
        EITHER.encoder()(frame_of(layout), layout, EncodeOptions(compression_ratios=(5,)))


def test_more_than_16_bits_are_refused() -> None:
    layout = FrameLayout(8, 8, 1, 32, 17)
    with pytest.raises(UnsupportedSyntaxError, match="at most 16 bits, and these have 17"):
        LOSSLESS.encoder()(frame_of(layout), layout, EncodeOptions())


def test_decibels_are_for_jpeg_2000() -> None:
    layout = FrameLayout(8, 8)
    with pytest.raises(ValueError, match="psnr is for JPEG 2000"):
        EITHER.encoder()(frame_of(layout), layout, EncodeOptions(psnr=(50,)))


COLOUR = FrameLayout(24, 21, 3, photometric="RGB")


def test_another_image_is_refused() -> None:
    stream = LOSSLESS.encoder()(frame_of(COLOUR), COLOUR, EncodeOptions())
    with pytest.raises(CorruptStreamError, match="has 24 rows, 21 columns") as caught:
        LOSSLESS.decoder()(stream, FrameLayout(21, 24, 3), 5)
    assert caught.value.frame == 5


def test_broken_streams_give_a_frame_or_a_pydcm_error() -> None:
    stream = LOSSLESS.encoder()(frame_of(COLOUR), COLOUR, EncodeOptions())
    decode = LOSSLESS.decoder()
    refused = 0
    for data in broken(stream, 400):
        try:
            found = decode(data, COLOUR, 3)
        except PydcmError:
            refused += 1
            continue
        assert len(data) == len(stream)
        assert found.shape == COLOUR.shape
    assert refused >= 200
