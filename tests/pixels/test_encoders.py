"""The encoder objects, beside those of pydicom."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest

import pydcm.encoders
from pydcm._codecs import codec_for
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import ConformanceError, UnsupportedSyntaxError
from pydcm.pixels import encoders, get_decoder, get_encoder
from pydcm.pixels.encoders import Encoder, EncodeRunner
from pydcm.pixels.encoders.base import codec_options
from pydcm.pixels.encoders.profiles import check_profile
from tests.pixels.making import EXPLICIT, RLE, image, rgb
from tests.pixels.test_decoders import DESCRIBED, STACK, stack

pydicom = pytest.importorskip("pydicom")

ONE = {**DESCRIBED, "number_of_frames": 1}
COLOURS = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
DESCRIBED_COLOURS = {
    **ONE, "rows": 2, "columns": 4, "samples_per_pixel": 3, "bits_allocated": 8, "bits_stored": 8,
    "photometric_interpretation": "RGB", "planar_configuration": 0,
}  # fmt: skip
THEIRS = {"encoding_plugin": "pydicom"}


def decoded(frame: bytes, **options: Any) -> Any:
    value = pydicom.encaps.encapsulate([frame])
    return get_decoder(RLE).as_array(value, **{**ONE, **options})[0]


# --- which there are ----------------------------------------------------------------------------


def test_every_name_of_the_compatible_api() -> None:
    from pydicom.pixels import encoders as theirs

    for name in dir(theirs):
        if not name.endswith("Encoder") or name == "Encoder":
            continue
        mine = getattr(encoders, name)
        assert mine.UID == getattr(theirs, name).UID
        assert mine is get_encoder(mine.UID)


@pytest.mark.parametrize(
    "uid",
    [RLE, *(f"1.2.840.10008.1.2.4.{n}" for n in (50, 57, 70, 80, 81, 90, 91, 110, 112, 201))],
)
def test_what_has_an_encoder(uid: str) -> None:
    encoder = get_encoder(uid)
    assert encoder.is_encapsulated
    assert encoder.is_available or encoder.missing_dependencies


@pytest.mark.parametrize("uid", ["1.2.3", EXPLICIT, "1.2.840.10008.1.2.4.102", ""])
def test_what_has_none(uid: str) -> None:
    with pytest.raises(NotImplementedError):
        get_encoder(uid)


def test_where_encoders_were_before() -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"):
        assert pydcm.encoders.RLELosslessEncoder is get_encoder(RLE)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        assert pydcm.encoders.get_encoder is get_encoder
    with pytest.raises(AttributeError, match="Other"):
        _ = pydcm.encoders.Other


# --- sources ------------------------------------------------------------------------------------


def test_arrays_octets_and_images_give_the_same() -> None:
    encoder = get_encoder(RLE)
    frame = encoder.encode(STACK[0], **ONE)
    assert np.array_equal(decoded(frame), STACK[0])
    assert encoder.encode(STACK[0].tobytes(), **ONE) == frame
    assert encoder.encode(bytearray(STACK[0].tobytes()), **ONE) == frame
    assert encoder.encode(STACK[0].astype(">u2"), **ONE) == frame
    big = STACK[0].astype(">u2").tobytes()
    assert encoder.encode(big, byteorder=">", **ONE) == frame
    assert encoder.encode(stack(), index=0) == frame
    assert encoder.encode(stack(RLE), index=0) == frame


def test_frames() -> None:
    encoder = get_encoder(RLE)
    frames = [encoder.encode(STACK[k], **ONE) for k in range(3)]
    for source in (STACK, STACK.tobytes()):
        assert list(encoder.iter_encode(source, **DESCRIBED)) == frames
        assert encoder.encode(source, index=2, **DESCRIBED) == frames[2]
    assert list(encoder.iter_encode(stack())) == frames
    with pytest.raises(ValueError, match="index is needed"):
        encoder.encode(STACK, **DESCRIBED)
    for index in (-1, 3):
        with pytest.raises(ValueError, match=f"index {index}"):
            encoder.encode(STACK, index=index, **DESCRIBED)


def test_planes() -> None:
    encoder = get_encoder(RLE)
    frame = encoder.encode(COLOURS, **DESCRIBED_COLOURS)
    assert np.array_equal(decoded(frame, **DESCRIBED_COLOURS), COLOURS)
    planes = COLOURS.transpose(2, 0, 1).tobytes()
    assert encoder.encode(planes, **{**DESCRIBED_COLOURS, "planar_configuration": 1}) == frame
    # The axes of an array say where its samples are.
    assert encoder.encode(COLOURS, **{**DESCRIBED_COLOURS, "planar_configuration": 1}) == frame
    assert encoder.encode(rgb(planes, PlanarConfiguration=1, Columns=4)) == frame


@pytest.mark.parametrize("name", sorted(set(ONE) - {"pixel_keyword"}))
def test_what_must_be_described(name: str) -> None:
    options = {key: value for key, value in ONE.items() if key != name}
    for source in (STACK[0], STACK[0].tobytes()):
        with pytest.raises(AttributeError):
            pydicom.pixels.get_encoder(RLE).encode(source, **options, **THEIRS)
        with pytest.raises(AttributeError):
            get_encoder(RLE).encode(source, **options)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rows", 0), ("columns", 70_000), ("samples_per_pixel", 2), ("bits_allocated", 7),
        ("bits_stored", 17), ("pixel_representation", 3), ("photometric_interpretation", "X"),
        ("bits_stored", 8), ("rows", 5), ("samples_per_pixel", 3),
    ],
)  # fmt: skip
def test_what_must_be_described_well(name: str, value: Any) -> None:
    options = {**ONE, name: value, "planar_configuration": 0}
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says
        pydicom.pixels.get_encoder(RLE).encode(STACK[0], **options, **THEIRS)
    with pytest.raises(ValueError):  # noqa: PT011  # as above
        get_encoder(RLE).encode(STACK[0], **options)


def test_octets_that_are_too_few() -> None:
    with pytest.raises(ValueError, match="take 40 bytes"):
        get_encoder(RLE).encode(STACK[0].tobytes()[:-1], **ONE)


@pytest.mark.parametrize("source", ["text", None, 12, [1, 2]])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(TypeError, match="array, octets or a Dataset"):
        get_encoder(RLE).encode(source, **ONE)


# --- what the standard allows -------------------------------------------------------------------

PHOTOMETRIC = [
    "PALETTE COLOR",
    *"MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YBR_RCT YBR_ICT".split(),
]


@pytest.mark.parametrize("uid", [RLE, *(f"1.2.840.10008.1.2.4.{n}" for n in (80, 81, 90, 91))])
def test_same_pixels_are_allowed_as_in_pydicom(uid: str) -> None:
    from pydicom.pixels.encoders.base import EncodeRunner as Theirs

    codec = codec_for(uid)
    for photometric, samples, signed, allocated in itertools.product(
        PHOTOMETRIC, (1, 3), (0, 1), (8, 16, 32, 64)
    ):
        for stored in {1, 2, allocated - 1, allocated}:
            runner: Any = Theirs(pydicom.uid.UID(uid))
            runner.set_options(
                rows=1, columns=2, samples_per_pixel=samples, bits_allocated=allocated,
                bits_stored=stored, pixel_representation=signed, number_of_frames=1,
                photometric_interpretation=photometric, planar_configuration=0,
            )  # fmt: skip
            runner.set_source(bytes(2 * samples * allocated // 8))
            layout = FrameLayout(
                1, 2, samples, allocated, stored, bool(signed), photometric=photometric
            )
            assert allows(runner.validate) == allows(lambda at=layout: check_profile(codec, at)), (
                layout
            )


def allows(check: Any) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check()
    except ValueError:
        return False
    return True


def test_what_the_standard_does_not_allow() -> None:
    ds = image(np.arange(6, dtype=np.uint32).tobytes(), BitsAllocated=32)
    with pytest.raises(ConformanceError, match="not for pixels like these") as caught:
        get_encoder(RLE).encode(ds)
    assert "Bits Allocated: 32" in caught.value.problems
    with pytest.raises(ConformanceError):
        list(get_encoder(RLE).iter_encode(ds))
    assert len(get_encoder(RLE).encode(ds, validate=False)) > 64


# --- options ------------------------------------------------------------------------------------


def test_options_of_the_compatible_api() -> None:
    assert codec_options({}) == codec_options({"rows": 3, "jls_error": None, "j2k_cr": None})
    assert codec_options({"jls_error": 2}).near == 2
    assert codec_options({"j2k_cr": [20, 5]}).compression_ratios == (20.0, 5.0)
    assert codec_options({"j2k_psnr": [40]}).psnr == (40.0,)
    assert codec_options({"quality": 50, "predictor": 4}).quality == 50
    with pytest.raises(ValueError, match="both"):
        codec_options({"j2k_cr": [5], "j2k_psnr": [40]})


# --- plugins ------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin", ["pydcm", "gdcm", "pylibjpeg", "pydicom", "pyjpegls"])
def test_names_of_plugins(plugin: str) -> None:
    assert np.array_equal(
        decoded(get_encoder(RLE).encode(STACK[0], encoding_plugin=plugin, **ONE)), STACK[0]
    )


def test_unknown_plugins() -> None:
    with pytest.raises(ValueError, match="no plugin 'other'"):
        get_encoder(RLE).encode(STACK[0], encoding_plugin="other", **ONE)
    with pytest.raises(ValueError, match="no plugin 'other'"):
        list(get_encoder(RLE).iter_encode(STACK[0], encoding_plugin="other", **ONE))


def test_adding_and_removing_plugins() -> None:
    encoder = Encoder(RLE)
    own = encoder.available_plugins
    encoder.add_plugin("mine", ("tests.pixels.plugins", "encode_one_plane"))
    frame = encoder.encode(STACK[0], **ONE)
    assert frame[64:65] == b"\x27"  # a literal run of all octets
    assert encoder.encode(STACK[0], encoding_plugin="pydcm", **ONE) != frame
    encoder.remove_plugin("mine")
    for name in own:
        encoder.remove_plugin(name)
    with pytest.raises(UnsupportedSyntaxError, match="cannot be encoded"):
        encoder.encode(STACK[0], **ONE)
    assert get_encoder(RLE).available_plugins == own


def test_runners() -> None:
    runner = EncodeRunner(RLE)
    assert runner.options == {
        "byteorder": "<", "pixel_keyword": "PixelData", "transfer_syntax_uid": RLE,
    }  # fmt: skip
