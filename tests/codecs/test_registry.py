"""Which implementations there are, which runs, and what is said if none can."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from pydcm import kernels
from pydcm._codecs import Implementation, codec_for, codecs, families
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import BackendError, UnsupportedSyntaxError
from tests.shared import ROOT
from tools import gen_codec_table

BASELINE = "1.2.840.10008.1.2.4.50"
LOSSLESS = "1.2.840.10008.1.2.4.57"
FIRST_ORDER = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.91"
RLE = "1.2.840.10008.1.2.5"
MPEG2 = "1.2.840.10008.1.2.4.100"

DECODED_BY_PYDCM = {
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.98",
    "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2", BASELINE, "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.55", LOSSLESS, FIRST_ORDER, JPEG_LS,
    "1.2.840.10008.1.2.4.81", RLE, "1.2.840.10008.1.2.8.1", "1.2.840.113619.5.2",
}  # fmt: skip
DECODED_BY_LIBRARIES = {
    f"1.2.840.10008.1.2.4.{last}"
    for last in (90, 91, 92, 93, 110, 111, 112, 201, 202, 203)
}  # fmt: skip


# --- the table ----------------------------------------------------------------------------------


def test_every_transfer_syntax_of_images_is_told_about() -> None:
    rows = {row.uid: row for row in codecs()}
    assert len(rows) > 50
    for row in rows.values():
        names = {found.name for found in row.implementations()}
        assert ("pydcm" in names) == (row.uid in DECODED_BY_PYDCM)
        assert bool(names) == (row.uid in DECODED_BY_PYDCM | DECODED_BY_LIBRARIES)
        assert (row.decodes == "yes") == row.available == bool(row.runs("decode"))
        assert row.available or row.decodes.startswith("no: ")
        assert (row.encodes == "yes") == bool(row.runs("encode"))


def test_what_pydcm_decodes_needs_no_library() -> None:
    for uid in DECODED_BY_PYDCM:
        assert callable(codec_for(uid).decoder("pydcm"))


@pytest.mark.parametrize("uid", [row.uid for row in codecs() if row.reason])
def test_what_nothing_decodes_says_why(uid: str) -> None:
    for get in (codec_for(uid).decoder, codec_for(uid).encoder):
        with pytest.raises(UnsupportedSyntaxError, match=r"cannot be (de|en)coded") as caught:
            get()
        assert caught.value.hint == codec_for(uid).reason


@pytest.mark.parametrize("uid", ["", "1.2.3", "1.2.840.10008.1.1", "1.2.840.10008.1.2.6.1"])
def test_unknown_syntaxes_are_refused(uid: str) -> None:
    with pytest.raises(UnsupportedSyntaxError, match="not one of DICOM's"):
        codec_for(uid)


def test_every_function_in_the_tables_exists() -> None:
    from pydcm._codecs.implementation import target

    hooks = {*families.PHOTOMETRIC.values(), *families.ENCODED_PHOTOMETRIC.values()}
    for known in families.IMPLEMENTATIONS.values():
        for row in known:
            hooks |= {row.decode, row.encode} - {""}
    for where in hooks:
        assert callable(target(where))
    names = set(families.IMPLEMENTATIONS)
    assert {*families.FAMILIES.values(), *families.SYNTAXES.values()} == names
    assert {*families.PHOTOMETRIC, *families.ENCODED_PHOTOMETRIC} <= names


def test_families_of_kernels_in_the_table_exist() -> None:
    known = {name.partition(".")[0] for name in kernels.kernels()}
    for rows in families.IMPLEMENTATIONS.values():
        assert {row.kernels for row in rows} - {""} <= known


@pytest.mark.parametrize(
    ("uid", "lossless"),
    [(RLE, True), (BASELINE, False), (JPEG_2000, None), (JPEG_LS, True), (LOSSLESS, True)],
)
def test_whether_frames_are_lossless(uid: str, lossless: bool | None) -> None:
    assert codec_for(uid).lossless is lossless


def test_the_table_of_the_documents_is_up_to_date() -> None:
    assert gen_codec_table.main(["--check"]) == 0


# --- which one runs -----------------------------------------------------------------------------


def _names(uid: str) -> list[str]:
    return [row.name for row in codec_for(uid).implementations()]


@pytest.mark.parametrize("uid", [RLE, BASELINE, LOSSLESS, JPEG_LS])
def test_own_codec_is_first_if_its_kernels_are_asked_for(uid: str) -> None:
    with kernels.using("reference"):
        assert _names(uid) == ["pydcm", "imagecodecs"]


def test_own_codec_is_first_if_its_kernels_run_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYDCM_IMPL", raising=False)
    compiled = kernels.kernels()["rle.decode_segment"].chosen() != "reference"
    assert _names(RLE) == (["pydcm", "imagecodecs"] if compiled else ["imagecodecs", "pydcm"])


IN_PLAIN_PYTHON = """
import sys
sys.modules["numba"] = sys.modules["pydcm_accel"] = None
from pydcm import kernels
from pydcm._codecs import codec_for

def names(uid):
    return [row.name for row in codec_for(uid).implementations()]

for last in ("4.50", "4.57", "4.80", "5"):
    assert names(f"1.2.840.10008.1.2.{last}") == ["imagecodecs", "pydcm"]
    with kernels.using("reference"):
        assert names(f"1.2.840.10008.1.2.{last}") == ["pydcm", "imagecodecs"]
assert names("1.2.840.10008.1.2.4.90") == ["imagecodecs", "glymur"]
assert names("1.2.840.10008.1.2.1") == ["pydcm"]
"""


def test_own_codec_is_last_in_plain_python() -> None:
    _run(IN_PLAIN_PYTHON)


def _run(program: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYDCM_IMPL"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_name_that_no_implementation_has() -> None:
    with pytest.raises(ValueError, match=r"'openjpeg' of .* is none of glymur, imagecodecs"):
        codec_for(JPEG_2000).decoder("openjpeg")
    with pytest.raises(ValueError, match="none of imagecodecs, pydcm"):
        codec_for(RLE).encoder("glymur")


def test_a_library_that_does_not_encode_it() -> None:
    with pytest.raises(BackendError, match="imagecodecs does not encode it"):
        codec_for(RLE).encoder("imagecodecs")


def test_what_is_absent_says_so() -> None:
    absent = Implementation("no_such_package", decode="by_none:decode", extra="codecs")
    assert not absent.available()
    assert absent.why_not() == "no_such_package is not installed (pip install '.[codecs]')"
    assert absent.why_not("encode") == "no_such_package does not encode it"


WITHOUT_LIBRARIES = """
import sys
sys.modules["imagecodecs"] = sys.modules["glymur"] = None
from pydcm._codecs import codec_for
from pydcm.errors import BackendError, UnsupportedSyntaxError

codec = codec_for("1.2.840.10008.1.2.4.90")
assert not codec.available and not codec.runs("decode") and not codec.runs("encode")
assert "pip install '.[codecs]'" in codec.decodes, codec.decodes
for verb in (codec.decoder, codec.encoder):
    try:
        verb()
    except UnsupportedSyntaxError as error:
        assert "imagecodecs is not installed (pip install '.[codecs]')" in str(error)
        assert "glymur is not installed" in str(error)
    else:
        raise SystemExit("it can do what it cannot")
    for name in ("imagecodecs", "glymur"):
        try:
            verb(name)
        except BackendError as error:
            assert error.name == name and ".[codecs]" in str(error)
        else:
            raise SystemExit(f"{name} is there")
for uid in ("1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"):
    assert codec_for(uid).runs("decode") == codec_for(uid).runs("encode") == "pydcm"
"""


def test_without_the_extra() -> None:
    _run(WITHOUT_LIBRARIES)


# --- encoding -----------------------------------------------------------------------------------

GREY = FrameLayout(2, 3)


@pytest.mark.parametrize(
    "options",
    [
        EncodeOptions(near=1),
        EncodeOptions(compression_ratios=(10,)),
        EncodeOptions(psnr=(50,)),
        EncodeOptions(distance=1),
    ],
)
def test_lossless_syntaxes_take_no_losses(options: EncodeOptions) -> None:
    with pytest.raises(ValueError, match="is lossless, and the options ask for losses"):
        codec_for(RLE).encoder()(np.zeros(GREY.shape, np.uint8), GREY, options)


def test_first_order_prediction_has_one_predictor() -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(GREY.shape)
    encode = codec_for(FIRST_ORDER).encoder()
    assert encode(pixels, GREY, EncodeOptions())[:2] == b"\xff\xd8"
    with pytest.raises(ValueError, match="has predictor 1, not 4"):
        encode(pixels, GREY, EncodeOptions(predictor=4))


RATIO = EncodeOptions(compression_ratios=(10,))


@pytest.mark.parametrize(
    ("uid", "before", "options", "after"),
    [
        (JPEG_2000, "RGB", EncodeOptions(), "YBR_RCT"),
        (JPEG_2000, "RGB", RATIO, "YBR_ICT"),
        (JPEG_2000, "YBR_FULL_422", RATIO, "YBR_FULL"),
        (JPEG_2000, "MONOCHROME2", RATIO, "MONOCHROME2"),
        ("1.2.840.10008.1.2.4.202", "RGB", EncodeOptions(), "YBR_RCT"),
        ("1.2.840.10008.1.2.4.112", "RGB", EncodeOptions(), "RGB"),
        ("1.2.840.10008.1.2.4.112", "RGB", EncodeOptions(distance=1), "XYB"),
        ("1.2.840.10008.1.2.4.110", "YBR_FULL", EncodeOptions(), "YBR_FULL"),
        (BASELINE, "RGB", EncodeOptions(), "RGB"),
        (BASELINE, "YBR_FULL", EncodeOptions(), "YBR_FULL"),
        (BASELINE, "YBR_FULL", EncodeOptions(subsampling="420"), "YBR_FULL_422"),
        (LOSSLESS, "RGB", EncodeOptions(), "RGB"),
        (RLE, "PALETTE COLOR", EncodeOptions(), "PALETTE COLOR"),
    ],
)
def test_photometric_interpretation_of_what_is_encoded(
    uid: str, before: str, options: EncodeOptions, after: str
) -> None:
    samples = 1 if before in ("MONOCHROME2", "PALETTE COLOR") else 3
    layout = FrameLayout(8, 8, samples, photometric=before)
    assert codec_for(uid).encoded_photometric(layout, options) == after
