"""Code written for the handlers of old runs, and gives what it gives with pydicom."""

from __future__ import annotations

import importlib
import inspect
import io
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import pydcm
from pydcm import pixel_data_handlers, pixels
from pydcm.errors import CodecError, MissingElementError, UnsupportedSyntaxError
from pydcm.pixels import utils
from tests.pixels.making import (
    BIG_ENDIAN,
    EXPLICIT,
    SIX,
    encapsulated,
    image,
    rgb,
    rle_frame,
    rle_segment,
    written,
)
from tests.pixels.twins import outcome, same
from tests.shared import CORPUS, needs_corpus

pydicom = pytest.importorskip("pydicom")

HANDLERS = [
    f"{name}_handler" for name in ("gdcm", "jpeg_ls", "numpy", "pillow", "pylibjpeg", "rle")
]

PLUMBING = {
    "gdcm_handler": {"DataElement", "create_data_element", "create_image"},  # GDCM's own objects
    "pillow_handler": {"logger"},
    "pylibjpeg_handler": {"LOGGER", "Decoder", "get_pixel_data_decoders"},  # pylibjpeg's own
}
"""What a handler of pydicom needs to call its library."""


def _pair(name: str) -> tuple[ModuleType, ModuleType]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = importlib.import_module(f"pydicom.pixel_data_handlers.{name}")
    return importlib.import_module(f"pydcm.pixel_data_handlers.{name}"), theirs


def _own_names(module: ModuleType) -> set[str]:
    """Return the public names that a module defines, not those that it imports."""
    names = set()
    for name, value in vars(module).items():
        home = getattr(value, "__module__", module.__name__)
        imported = inspect.ismodule(value) or isinstance(value, pydicom.uid.UID)
        if not name.startswith("_") and not imported and home == module.__name__:
            names.add(name)
    return names - {"TYPE_CHECKING", "annotations"}


# --- modules ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HANDLERS)
def test_every_name_of_a_handler(name: str) -> None:
    ours, theirs = _pair(name)
    wanted = _own_names(theirs) - PLUMBING.get(name, set())
    assert {"get_pixeldata", "is_available", "supports_transfer_syntax"} <= wanted
    assert {each for each in wanted if not hasattr(ours, each)} == set()
    assert ours.HANDLER_NAME == theirs.HANDLER_NAME


@pytest.mark.parametrize("name", HANDLERS)
def test_what_a_handler_is_for(name: str) -> None:
    ours, theirs = _pair(name)
    for uid in pydicom.uid.AllTransferSyntaxes:
        assert ours.supports_transfer_syntax(uid) == theirs.supports_transfer_syntax(uid)
    ds = rgb(SIX * 3)
    assert not ours.needs_to_convert_to_RGB(ds)
    assert not ours.should_change_PhotometricInterpretation_to_RGB(ds)
    assert ours.is_available() in (True, False)
    assert "numpy" in ours.DEPENDENCIES


def test_native_and_rle_need_nothing() -> None:
    assert _pair("numpy_handler")[0].is_available()
    assert _pair("rle_handler")[0].is_available()


def test_modules_load_when_they_are_used() -> None:
    assert pydcm.pixel_data_handlers.rle_handler is _pair("rle_handler")[0]
    with pytest.raises(AttributeError, match="foo"):
        _ = pixel_data_handlers.foo


# --- moved functions ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", ".util"])
def test_functions_are_found_with_a_warning(name: str) -> None:
    theirs: Any = importlib.import_module(f"pydicom.pixel_data_handlers{name}")
    ours: Any = importlib.import_module(f"pydcm.pixel_data_handlers{name}")
    moved = {*theirs._DEPRECATED, *theirs._DEPRECATED_UTIL}
    assert len(moved) >= 10
    for function in sorted(moved):
        with pytest.warns(DeprecationWarning, match="please use"):
            getattr(theirs, function)
        with pytest.warns(DeprecationWarning, match=function) as caught:
            found = getattr(ours, function)
        assert found is getattr(pixels, function, getattr(utils, function, None))
        assert [Path(warning.filename) for warning in caught] == [Path(__file__)]
    with pytest.raises(AttributeError, match="foo"):
        _ = ours.foo


def test_imports_of_old() -> None:
    with pytest.warns(DeprecationWarning, match=r"pydcm\.pixels"):
        from pydcm.pixel_data_handlers.util import apply_modality_lut, apply_voi_lut
    with pytest.warns(DeprecationWarning, match=r"pydcm\.pixels"):
        from pydcm.pixel_data_handlers import apply_color_lut
    assert apply_modality_lut is pixels.apply_modality_lut
    assert apply_voi_lut is pixels.apply_voi_lut
    assert apply_color_lut is pixels.apply_color_lut


@pytest.mark.parametrize("dtype", ["<u2", ">i4", "u1"])
@pytest.mark.parametrize("little", [True, False, None])
def test_byte_order_of_a_type(little: bool | None, dtype: str) -> None:
    ours, theirs = _pair("util")
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        reference = theirs.dtype_corrected_for_endianness
    with pytest.warns(DeprecationWarning, match="is deprecated"):
        function = ours.dtype_corrected_for_endianness
    expected = outcome(reference, little, np.dtype(dtype))
    found = outcome(function, little, np.dtype(dtype))
    assert found == expected if little is not None else isinstance(found, type(expected))


# --- pixels -------------------------------------------------------------------------------------

EIGHTEEN = bytes(range(100, 118))
IMAGES = {
    "numpy_handler": [
        image(SIX),
        image(SIX * 2, BitsAllocated=16, BitsStored=10),
        image(SIX * 2, BIG_ENDIAN, BitsAllocated=16, PixelRepresentation=1),
        image(SIX * 3, NumberOfFrames=3),
        image(b"\x15\x02", BitsAllocated=1, NumberOfFrames=2),
        rgb(EIGHTEEN),
        rgb(EIGHTEEN * 2, PlanarConfiguration=1, NumberOfFrames=2),
        rgb(EIGHTEEN, PhotometricInterpretation="YBR_FULL"),
    ],
    "rle_handler": [
        encapsulated([rle_frame(rle_segment(SIX))]),
        encapsulated([rle_frame(rle_segment(SIX), rle_segment(SIX[::-1]))], BitsAllocated=16),
        encapsulated([rle_frame(*[rle_segment(SIX)] * 3)] * 2, SamplesPerPixel=3,
                     PhotometricInterpretation="RGB", PlanarConfiguration=0, NumberOfFrames=2),
    ],
}  # fmt: skip
CASES = [(name, number) for name, images in IMAGES.items() for number in range(len(images))]


@pytest.mark.parametrize(("name", "number"), CASES)
def test_pixels_in_a_row(name: str, number: int) -> None:
    from io import BytesIO

    ours, theirs = _pair(name)
    file = written(IMAGES[name][number])
    ds, peer = pydcm.dcmread(file), pydicom.dcmread(BytesIO(file))
    found = ours.get_pixeldata(ds)
    assert same(found, theirs.get_pixeldata(peer))
    assert found.flags.writeable
    if name == "rle_handler":
        row, _ = _pair("pylibjpeg_handler")
        assert same(row.get_pixeldata(ds), found)


def test_read_only_pixels() -> None:
    handler, _ = _pair("numpy_handler")
    assert not handler.get_pixeldata(image(SIX), read_only=True).flags.writeable


def test_missing_padding_is_told() -> None:
    peer = pydicom.dcmread(io.BytesIO(written(rgb(bytes(range(9)), Rows=1))))
    peer.PixelData = peer.PixelData[:9]
    ours, theirs = _pair("numpy_handler")
    for handler, ds in ((ours, rgb(bytes(range(9)), Rows=1)), (theirs, peer)):
        with pytest.warns(UserWarning, match="odd"):
            assert handler.get_pixeldata(ds).tolist() == list(range(9))


def test_order_of_rle_segments() -> None:
    handler, _ = _pair("rle_handler")
    ds = IMAGES["rle_handler"][1]
    swapped = handler.get_pixeldata(ds, rle_segment_order="<")
    assert same(swapped, handler.get_pixeldata(ds).byteswap())


def test_frames_of_pylibjpeg() -> None:
    handler, _ = _pair("pylibjpeg_handler")
    ds = IMAGES["rle_handler"][2]
    assert handler.as_array(ds).shape == (2, 2, 3, 3)
    for reshape, shape in ((True, (2, 3, 3)), (False, (18,))):
        frames = list(handler.generate_frames(ds, reshape=reshape))
        assert [frame.shape for frame in frames] == [shape] * 2


@pytest.mark.parametrize("name", ["numpy_handler", "rle_handler", "jpeg_ls_handler"])
def test_other_transfer_syntaxes_are_refused(name: str) -> None:
    ours, theirs = _pair(name)
    ds = image(SIX, "1.2.840.10008.1.2.4.90")
    peer = pydicom.dataset.Dataset()
    peer.file_meta = pydicom.dataset.FileMetaDataset()
    peer.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    assert isinstance(outcome(theirs.get_pixeldata, peer), NotImplementedError)
    with pytest.raises(UnsupportedSyntaxError, match="is not for"):
        ours.get_pixeldata(ds)


def test_others_decode_what_they_can() -> None:
    assert same(_pair("gdcm_handler")[0].get_pixeldata(image(SIX)), np.frombuffer(SIX, np.uint8))


@pytest.mark.parametrize("name", HANDLERS)
def test_no_image(name: str) -> None:
    ours, _ = _pair(name)
    with pytest.raises(MissingElementError, match="Transfer Syntax"):
        ours.get_pixeldata(pydcm.Dataset())
    if ours.supports_transfer_syntax(EXPLICIT):
        with pytest.raises(MissingElementError, match="Pixel Data"):
            ours.get_pixeldata(image(None))


@needs_corpus
def test_files_as_the_handlers_of_pydicom_read_them() -> None:
    numpy_ours, numpy_theirs = _pair("numpy_handler")
    rle_ours, rle_theirs = _pair("rle_handler")
    count = 0
    for path in sorted((CORPUS / "transfer-syntaxes").rglob("*.dcm")):
        peer = outcome(pydicom.dcmread, path)
        uid = "" if isinstance(peer, Exception) else peer.file_meta.get("TransferSyntaxUID", "")
        for ours, theirs in ((numpy_ours, numpy_theirs), (rle_ours, rle_theirs)):
            if not uid or not ours.supports_transfer_syntax(uid):
                continue
            expected = outcome(theirs.get_pixeldata, peer)
            if isinstance(expected, np.ndarray):
                found = outcome(ours.get_pixeldata, pydcm.dcmread(path))
                assert isinstance(found, CodecError) or same(found, expected), path
                count += isinstance(found, np.ndarray)
    assert count >= 30
