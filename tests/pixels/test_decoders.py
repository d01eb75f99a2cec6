"""The decoder objects, beside those of pydicom."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from pydcm import pixels
from pydcm._codecs import codec_for
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CorruptStreamError, UnsupportedSyntaxError
from pydcm.pixels import compress, decoders, get_decoder
from pydcm.pixels.common import PhotometricInterpretation
from pydcm.pixels.decoders import Decoder, DecodeRunner
from pydcm.pixels.decoders.plugin import by_plugin
from pydcm.pixels.utils import as_pixel_options
from pydcm.uid import UID
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
)

pydicom = pytest.importorskip("pydicom")

JPEG_LS, JPEG_2000 = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"
STACK = np.arange(3 * 4 * 5, dtype=np.uint16).reshape(3, 4, 5) * 60
DESCRIBED: dict[str, Any] = {
    "rows": 4,
    "columns": 5,
    "samples_per_pixel": 1,
    "bits_allocated": 16,
    "bits_stored": 12,
    "pixel_representation": 0,
    "photometric_interpretation": "MONOCHROME2",
    "number_of_frames": 3,
    "pixel_keyword": "PixelData",
}


def stack(syntax: str = EXPLICIT) -> Any:
    ds = image(
        STACK.tobytes(), Rows=4, Columns=5, NumberOfFrames=3, BitsAllocated=16, BitsStored=12
    )
    if syntax != EXPLICIT:
        compress(ds, syntax)
    return ds


def there(uid: str) -> Any:
    return pydicom.pixels.get_decoder(uid)


def options_of(described: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if name == "photometric_interpretation" else int(value)
        for name, value in described.items()
    }


# --- which there are ----------------------------------------------------------------------------


def test_every_name_of_the_compatible_api() -> None:
    from pydicom.pixels import decoders as theirs

    for name in dir(theirs):
        if not name.endswith("Decoder") or name == "Decoder":
            continue
        mine = getattr(decoders, name)
        assert mine.UID == getattr(theirs, name).UID
        assert mine is get_decoder(mine.UID)
        assert mine.is_encapsulated == getattr(theirs, name).is_encapsulated
        assert mine.is_native == getattr(theirs, name).is_native


@pytest.mark.parametrize("uid", ["1.2.3", "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.1", ""])
def test_what_has_no_decoder(uid: str) -> None:
    with pytest.raises(NotImplementedError):
        get_decoder(uid)
    assert pixels.get_decoder is get_decoder


def test_what_it_says_of_itself() -> None:
    decoder = get_decoder(RLE)
    assert decoder.is_available
    assert "pydcm" in decoder.available_plugins
    assert repr(decoder) == "<Decoder of RLE Lossless>"


# --- data sets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [EXPLICIT, RLE])
def test_arrays(syntax: str) -> None:
    ds = stack(syntax)
    decoder = get_decoder(syntax)
    array, described = decoder.as_array(ds)
    assert np.array_equal(array, STACK)
    assert array.flags.writeable
    assert described == {
        "bits_allocated": 16, "bits_stored": 12, "columns": 5, "rows": 4, "number_of_frames": 3,
        "photometric_interpretation": "MONOCHROME2", "pixel_representation": 0,
        "samples_per_pixel": 1,
    }  # fmt: skip
    array, described = decoder.as_array(ds, index=2)
    assert np.array_equal(array, STACK[2])
    assert described["number_of_frames"] == 1
    frames = list(decoder.iter_array(ds))
    assert np.array_equal([frame for frame, _ in frames], STACK)
    assert all(described["number_of_frames"] == 1 for _, described in frames)
    chosen = [frame for frame, _ in decoder.iter_array(ds, indices=[2, 0, 2])]
    assert np.array_equal(chosen, STACK[[2, 0, 2]])


@pytest.mark.parametrize("syntax", [EXPLICIT, RLE])
def test_buffers(syntax: str) -> None:
    ds = stack(syntax)
    decoder = get_decoder(syntax)
    octets, described = decoder.as_buffer(ds)
    assert bytes(octets) == STACK.tobytes()
    assert described["number_of_frames"] == 3
    octets, described = decoder.as_buffer(ds, index=1)
    assert bytes(octets) == STACK[1].tobytes()
    assert described["number_of_frames"] == 1
    chosen = [bytes(octets) for octets, _ in decoder.iter_buffer(ds, indices=[1, 0])]
    assert chosen == [STACK[1].tobytes(), STACK[0].tobytes()]
    assert b"".join(bytes(octets) for octets, _ in decoder.iter_buffer(ds)) == STACK.tobytes()


@pytest.mark.parametrize("syntax", [EXPLICIT, RLE])
@pytest.mark.parametrize("index", [-1, 3])
def test_no_such_frame(syntax: str, index: int) -> None:
    ds = stack(syntax)
    decoder = get_decoder(syntax)
    for call in (decoder.as_array, decoder.as_buffer):
        with pytest.raises(ValueError, match="index"):
            call(ds, index=index)
    with pytest.raises(ValueError, match="index"):
        list(decoder.iter_array(ds, indices=[index]))
    with pytest.raises(ValueError, match="index"):
        list(decoder.iter_buffer(ds, indices=[index]))


def test_another_transfer_syntax() -> None:
    for call in (get_decoder(RLE).as_array, get_decoder(RLE).as_buffer):
        with pytest.raises(ValueError, match="the decoder is for"):
            call(stack())
    bare = stack()
    del bare.file_meta
    assert np.array_equal(get_decoder(EXPLICIT).as_array(bare)[0], STACK)


@pytest.mark.parametrize(
    "options",
    [{}, {"raw": True}, {"as_rgb": False}, {"force_rgb": True}, {"force_ybr": True}],
)
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL", "YBR_FULL_422"])
def test_colours_as_pydicom_has_them(photometric: str, options: dict[str, Any]) -> None:
    octets = bytes(range(0, 240, 15)) if photometric == "YBR_FULL_422" else bytes(range(24))
    ds = rgb(octets, PhotometricInterpretation=photometric, Columns=4)
    mine = get_decoder(EXPLICIT).as_array(ds, **options)
    expected = there(EXPLICIT).as_array(
        octets, **{**DESCRIBED, "rows": 2, "columns": 4, "samples_per_pixel": 3,
                   "bits_allocated": 8, "bits_stored": 8, "number_of_frames": 1,
                   "photometric_interpretation": photometric, "planar_configuration": 0}, **options,
    )  # fmt: skip
    assert np.abs(mine[0].astype(int) - expected[0]).max() <= 1
    described = options_of(expected[1])
    if photometric == "YBR_FULL_422" and described["photometric_interpretation"] == photometric:
        # There, the name stays although each pixel has its chrominance now.
        described["photometric_interpretation"] = "YBR_FULL"
    assert mine[1] == described


def test_both_conversions() -> None:
    with pytest.raises(ValueError, match="force"):
        get_decoder(EXPLICIT).as_array(rgb(SIX * 3), force_rgb=True, force_ybr=True)


def test_native_octets_are_as_they_are_stored() -> None:
    planes = rgb(bytes(range(18)), PlanarConfiguration=1)
    octets, described = get_decoder(EXPLICIT).as_buffer(planes)
    assert octets == bytes(range(18))
    assert described["planar_configuration"] == 1
    assert get_decoder(EXPLICIT).as_array(planes)[1]["planar_configuration"] == 0
    halved = rgb(bytes(range(16)), PhotometricInterpretation="YBR_FULL_422", Columns=4)
    octets, described = get_decoder(EXPLICIT).as_buffer(halved)
    assert octets == bytes(range(16))
    assert described["photometric_interpretation"] == "YBR_FULL_422"
    big = stack()
    big.file_meta.TransferSyntaxUID = BIG_ENDIAN
    assert get_decoder(BIG_ENDIAN).as_buffer(big, index=1)[0] == STACK[1].tobytes()
    assert get_decoder(BIG_ENDIAN).as_array(big)[0].dtype == np.dtype(">u2")


def test_frames_of_bits_that_begin_within_an_octet() -> None:
    bits = np.random.default_rng(1).integers(0, 2, (3, 3, 3), np.uint8)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    ds = image(packed, Rows=3, NumberOfFrames=3, BitsAllocated=1)
    decoder = get_decoder(EXPLICIT)
    assert decoder.as_buffer(ds)[0] == packed
    for k, frame in enumerate(bits):
        expected = np.packbits(frame.ravel(), bitorder="little").tobytes()
        octets = decoder.as_buffer(ds, index=k)[0]
        assert octets[:1] == expected[:1]
        assert octets[1] & 1 == expected[1]


# --- octets and streams -------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [EXPLICIT, RLE])
def test_octets_and_streams(syntax: str) -> None:
    data = stack(syntax).PixelData
    decoder = get_decoder(syntax)
    for source in (data, bytearray(data), memoryview(data)):
        assert np.array_equal(decoder.as_array(source, **DESCRIBED)[0], STACK)
    stream = io.BytesIO(b"before" + data)
    stream.seek(6)
    assert np.array_equal(decoder.as_array(stream, index=1, **DESCRIBED)[0], STACK[1])
    assert stream.tell() == 6


def test_extended_offset_tables() -> None:
    ds = compress(stack(), RLE, encapsulate_ext=True)
    tables = tuple(ds[f"ExtendedOffsetTable{which}"].value for which in ("", "Lengths"))
    numbers = tuple(list(np.frombuffer(table, "<u8").tolist()) for table in tables)
    for offsets in (tables, numbers):
        found = get_decoder(RLE).as_array(
            ds.PixelData, index=2, extended_offsets=offsets, **DESCRIBED
        )
        assert np.array_equal(found[0], STACK[2])


@pytest.mark.parametrize("name", sorted(set(DESCRIBED) - {"pixel_keyword"}))
def test_what_must_be_described(name: str) -> None:
    options = {key: value for key, value in DESCRIBED.items() if key != name}
    with pytest.raises(AttributeError):
        there(EXPLICIT).as_array(STACK.tobytes(), **options)
    with pytest.raises(AttributeError):
        get_decoder(EXPLICIT).as_array(STACK.tobytes(), **options)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rows", 0), ("columns", 70_000), ("samples_per_pixel", 2), ("bits_allocated", 7),
        ("bits_stored", 17), ("pixel_representation", 3), ("photometric_interpretation", "X"),
        ("pixel_keyword", "Pixels"),
    ],
)  # fmt: skip
def test_what_must_be_described_well(name: str, value: Any) -> None:
    options = {**DESCRIBED, name: value}
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says
        there(EXPLICIT).as_array(STACK.tobytes(), **options)
    with pytest.raises(ValueError):  # noqa: PT011  # as above
        get_decoder(EXPLICIT).as_array(STACK.tobytes(), **options)


def test_what_has_no_pixels() -> None:
    source: Any = "a path"
    with pytest.raises(TypeError, match="str"):
        get_decoder(EXPLICIT).as_array(source, **DESCRIBED)


def test_float_pixel_data() -> None:
    values = np.arange(20, dtype=np.float32)
    options = {**DESCRIBED, "number_of_frames": 1, "bits_allocated": 32}
    del options["bits_stored"], options["pixel_representation"]
    options["pixel_keyword"] = "FloatPixelData"
    array, described = get_decoder(EXPLICIT).as_array(values.tobytes(), **options)
    assert array.dtype == np.float32
    assert array.ravel().tolist() == values.tolist()
    assert described == options_of(there(EXPLICIT).as_array(values.tobytes(), **options)[1])


# --- plugins ------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin", ["pydcm", "gdcm", "pylibjpeg", "pydicom", "pillow", "pyjpegls"])
def test_names_of_plugins(plugin: str) -> None:
    array, _ = get_decoder(RLE).as_array(stack(RLE), decoding_plugin=plugin)
    assert np.array_equal(array, STACK)


def test_unknown_plugins() -> None:
    ds = stack(RLE)
    decoder = get_decoder(RLE)
    for call in (decoder.as_array, decoder.as_buffer):
        with pytest.raises(ValueError, match="no plugin 'other'"):
            call(ds, decoding_plugin="other")
    with pytest.raises(ValueError, match="no plugin 'other'"):
        list(decoder.iter_array(ds, decoding_plugin="other"))
    with pytest.raises(ValueError, match="no plugin 'other'"):
        pixels.pixel_array(ds, decoding_plugin="other")
    with pytest.raises(ValueError, match="no plugin 'other'"):
        ds.convert_pixel_data("other")
    ds.pixel_array_options(decoding_plugin="other")
    with pytest.raises(ValueError, match="no plugin 'other'"):
        _ = ds.pixel_array
    ds.pixel_array_options(decoding_plugin="pydcm", index=1)
    assert np.array_equal(ds.pixel_array, STACK[1])


def test_native_pixels_need_no_plugin() -> None:
    # As in pydicom, where the names of its former handlers may be given.
    assert np.array_equal(
        get_decoder(EXPLICIT).as_array(stack(), decoding_plugin="numpy")[0], STACK
    )


@pytest.mark.parametrize("name", get_decoder(RLE).available_plugins)
def test_each_implementation(name: str) -> None:
    assert np.array_equal(get_decoder(RLE).as_array(stack(RLE), decoding_plugin=name)[0], STACK)


def test_adding_and_removing_plugins() -> None:
    decoder = Decoder(RLE)
    own, lacking = decoder.available_plugins, decoder.missing_dependencies
    decoder.add_plugins([("mine", ("tests.pixels.plugins", "decode_planes"))])
    assert set(decoder.available_plugins) == {"mine", *own}
    frame = rle_frame(*[rle_segment(SIX)] * 3)
    ds = encapsulated(
        [frame], SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0
    )
    for plugin in ("", "mine"):  # what was added is preferred
        array, _ = decoder.as_array(ds, decoding_plugin=plugin)
        assert array[..., 0].ravel().tolist() == list(range(6))
        assert array[..., 2].ravel().tolist() == list(range(12, 18))
    array, _ = decoder.as_array(ds, decoding_plugin="pydcm")
    assert array[..., 0].tobytes() == SIX
    with pytest.raises(ValueError, match="already"):
        decoder.add_plugin("mine", ("tests.pixels.plugins", "decode_planes"))
    decoder.remove_plugin("mine")
    assert decoder.available_plugins == own
    with pytest.raises(ValueError, match="no plugin 'mine'"):
        decoder.remove_plugin("mine")
    for name in own:
        decoder.remove_plugin(name)
    assert not decoder.is_available
    assert decoder.missing_dependencies == lacking
    with pytest.raises(UnsupportedSyntaxError, match="cannot be decoded"):
        decoder.as_array(ds)
    assert get_decoder(RLE).available_plugins == own


def test_a_plugin_that_lacks_something() -> None:
    decoder = Decoder(RLE)
    others = decoder.missing_dependencies
    decoder.add_plugin("lacking", ("tests.pixels.plugins_missing", "decode"))
    assert "lacking" not in decoder.available_plugins
    (told,) = set(decoder.missing_dependencies) - set(others)
    assert told == "lacking: needs somepackage>=2 and another"
    with pytest.raises(RuntimeError, match="somepackage"):
        decoder.as_array(stack(RLE), decoding_plugin="lacking")
    assert np.array_equal(decoder.as_array(stack(RLE))[0], STACK)
    decoder.remove_plugin("lacking")
    assert decoder.missing_dependencies == others


def test_what_is_no_plugin() -> None:
    decoder = Decoder(RLE)
    with pytest.raises(ImportError):
        decoder.add_plugin("x", ("tests.pixels.no_such_module", "decode"))
    with pytest.raises(AttributeError):
        decoder.add_plugin("x", ("tests.pixels.plugins", "no_such_function"))
    with pytest.raises(AttributeError, match="is_available"):
        decoder.add_plugin("x", ("tests.pixels.making", "image"))
    assert "x" not in decoder.available_plugins


@pytest.mark.parametrize(
    ("function", "message"),
    [("decode_wider", "samples of 16 bits"), ("decode_too_little", "take 6 bytes")],
)
def test_what_plugins_may_do_wrong(function: str, message: str) -> None:
    decoder = Decoder(RLE)
    decoder.add_plugin("mine", ("tests.pixels.plugins", function))
    with pytest.raises(CorruptStreamError, match=message) as caught:
        decoder.as_array(encapsulated([rle_frame(rle_segment(SIX))]))
    assert caught.value.frame == 1


# --- runners ------------------------------------------------------------------------------------


def test_options_of_runners() -> None:
    runner = DecodeRunner(RLE)
    assert runner.transfer_syntax == RLE
    with pytest.raises(AttributeError, match="rows"):
        _ = runner.rows
    runner.set_options(**{**DESCRIBED, "number_of_frames": "3"})
    assert (runner.rows, runner.columns, runner.number_of_frames) == (4, 5, 3)
    assert (runner.bits_allocated, runner.bits_stored) == (16, 12)
    assert (runner.samples_per_pixel, runner.pixel_representation) == (1, 0)
    assert (runner.photometric_interpretation, runner.pixel_keyword) == (
        "MONOCHROME2",
        "PixelData",
    )
    assert runner.extended_offsets is None
    assert runner.pixel_dtype == np.dtype("<u2")
    assert (runner.frame_length(), runner.frame_length("pixels")) == (40, 20)
    runner.validate()
    runner.set_option("rows", 0)
    with pytest.raises(ValueError, match="Rows"):
        runner.validate()
    runner.del_option("rows")
    runner.del_option("rows")
    with pytest.raises(AttributeError, match="Rows"):
        runner.validate()
    assert runner.get_option("other", 7) == 7
    for change in (runner.del_option, lambda name: runner.set_option(name, EXPLICIT)):
        with pytest.raises(ValueError, match="transfer syntax"):
            change("transfer_syntax_uid")
    assert "DecodeRunner for 'RLE Lossless'" in str(runner)


def test_lengths_of_frames() -> None:
    runner = DecodeRunner(EXPLICIT)
    runner.set_options(**DESCRIBED)
    runner.set_options(bits_allocated=1, columns=3, rows=3)
    assert runner.frame_length() == 9 / 8
    runner.set_options(
        bits_allocated=8, columns=4, samples_per_pixel=3, photometric_interpretation="YBR_FULL_422"
    )
    assert runner.frame_length() == 24
    decoded = DecodeRunner(RLE)  # a frame by itself, and its chrominance complete
    decoded.set_options(**{k: v for k, v in runner.options.items() if k != "transfer_syntax_uid"})
    assert decoded.frame_length() == 36
    decoded.set_options(bits_allocated=1, columns=3, rows=3, samples_per_pixel=1)
    assert decoded.frame_length() == 2


def test_options_that_runners_understand() -> None:
    runner = DecodeRunner(RLE)
    for none in (None, 0, "0"):
        with pytest.warns(UserWarning, match="one frame is assumed"):
            runner.set_option("number_of_frames", none)
        assert runner.number_of_frames == 1
    for term in ("RGB", "PALETTE COLOR"):
        runner.set_option("photometric_interpretation", term)
        assert runner.photometric_interpretation is PhotometricInterpretation(term)
    runner.set_option("photometric_interpretation", "FOO")
    assert runner.photometric_interpretation == "FOO"
    runner.set_option("pixel_keyword", "FloatPixelData")
    assert runner.pixel_dtype == np.dtype("<f4")
    runner.set_option("pixel_keyword", "DoubleFloatPixelData")
    assert runner.pixel_dtype == np.dtype("<f8")


@pytest.mark.parametrize("none", [None, 0])
def test_no_frames_are_one(none: int | None) -> None:
    described = {**DESCRIBED, "bits_allocated": 8, "bits_stored": 8, "number_of_frames": none}
    for decoder in (get_decoder(EXPLICIT), there(EXPLICIT)):
        with pytest.warns(UserWarning, match="one frame|1 frame"):
            array, _ = decoder.as_array(bytes(range(20)), **described)
        assert array.shape == (4, 5)


def test_what_code_streams_tell_plugins() -> None:
    pytest.importorskip("imagecodecs", reason="the encoder of JPEG 2000 is a library's")
    seen: dict[str, Any] = {}

    def plugin(src: bytes, runner: DecodeRunner) -> bytes:
        seen.update(runner.options)
        return bytes(2 * int(runner.frame_length("pixels")))

    layout = FrameLayout(4, 5, 1, 16, 12)
    for uid in (JPEG_LS, JPEG_2000):
        stream = codec_for(uid).encoder()(STACK[0][..., np.newaxis], layout, EncodeOptions())
        by_plugin(plugin, UID(uid), {})(stream, layout, 1)
    assert (seen["jls_precision"], seen["j2k_precision"], seen["j2k_is_signed"]) == (12, 12, False)
    assert by_plugin(plugin, UID(JPEG_LS), {})(b"broken", layout, 1).shape == (4, 5, 1)


def test_extended_offsets_of_a_data_set() -> None:
    ds = stack(RLE)
    ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = bytes(24), bytes(24)
    runner = DecodeRunner(RLE)
    runner.set_source(ds)
    assert runner.extended_offsets == as_pixel_options(ds)["extended_offsets"]
    assert runner.extended_offsets == (bytes(24), bytes(24))
    assert as_pixel_options(ds, extended_offsets=None)["extended_offsets"] is None


def test_sources_of_runners() -> None:
    runner = DecodeRunner(EXPLICIT)
    with pytest.raises(AttributeError, match="source"):
        _ = runner.src
    source: Any
    for source, kind in (
        (b"octets", "is_buffer"),
        (io.BytesIO(), "is_binary"),
        (STACK, "is_array"),
        (stack(), "is_dataset"),
    ):
        runner.set_source(source)
        assert runner.src is source
        kinds = ("is_buffer", "is_binary", "is_array", "is_dataset")
        assert [name for name in kinds if getattr(runner, name)] == [kind]
    assert (runner.rows, runner.number_of_frames) == (4, 3)
    wrong: Any = 12
    with pytest.raises(TypeError, match="int"):
        runner.set_source(wrong)


def test_photometric_interpretations() -> None:
    from pydicom.pixels.common import PhotometricInterpretation as Theirs

    for member in Theirs:
        assert PhotometricInterpretation[member.name] == member.value
        assert str(PhotometricInterpretation[member.name]) == member.value
