"""Overlay planes, beside pydicom where it can read them, and by hand where it cannot."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pydcm
from pydcm import overlays
from pydcm.dataset import Dataset
from pydcm.errors import (
    ConformanceError,
    CorruptStreamError,
    LimitError,
    MissingElementError,
    PydcmError,
)
from pydcm.overlays import get_overlay_array, numpy_handler
from tests.pixels.making import (
    BIG_ENDIAN,
    EXPLICIT,
    RLE,
    encapsulated,
    image,
    rle_frame,
    rle_segment,
    written,
)
from tests.pixels.twins import outcome, same
from tests.shared import CORPUS, needs_corpus

theirs = pytest.importorskip("pydicom.overlays.numpy_handler")

ELEMENTS = {"rows": (0x10, "US", 2), "columns": (0x11, "US", 3), "frames": (0x15, "IS", None),
            "bits": (0x100, "US", 1), "position": (0x102, "US", 0)}  # fmt: skip


def _overlay(
    data: Any = b"\x15\x00",
    *,
    group: int = 0x6000,
    vr: str = "OW",
    onto: Any = None,
    without: tuple[str, ...] = (),
    **values: Any,
) -> Any:
    """Return a data set, or `onto` itself, with an overlay of 2 x 3 pixels."""
    ds = Dataset() if onto is None else onto
    for name, (element, element_vr, default) in ELEMENTS.items():
        value = values.get(name, default)
        if name not in without and (value is not None or name in values):
            ds.add_new(group << 16 | element, element_vr, value)
    if "data" not in without:
        ds.add_new(group << 16 | 0x3000, vr, data)
    return ds


def _both(*args: Any, **kwargs: Any) -> tuple[Dataset, Any]:
    import pydicom

    return _overlay(*args, **kwargs), _overlay(*args, onto=pydicom.Dataset(), **kwargs)


# --- overlay data -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (b"\x15\x00", {}),
        (b"\x15\x00", {"frames": 1}),
        (b"\x15\x0a", {"frames": 2}),
        (b"\x15\x0a\xff\x00", {"frames": 3}),
        (b"\xff\x7f", {"rows": 3, "columns": 5}),
        (b"\x15\x00", {"bits": 16}),
        (b"\x15\x00", {"vr": "OB"}),
        (b"\x15\x00", {"position": 12}),
        (bytes(range(32)), {"rows": 16, "columns": 16}),
        (b"\x15\x00", {"group": 0x601E}),
        (b"\x15\x00", {"group": 0x60FE}),
    ],
    ids=str,
)
def test_as_pydicom_reads_it(data: bytes, values: dict[str, Any]) -> None:
    ours, peer = _both(data, **values)
    group = values.get("group", 0x6000)
    found = get_overlay_array(ours, group)
    assert same(found, theirs.get_overlay_array(peer, group))
    assert same(ours.overlay_array(group), found)
    assert found.flags.writeable


@pytest.mark.parametrize("data", [b"\x15", b"\x15\x00\x00\x00"])
def test_padding_that_is_not_right(data: bytes) -> None:
    ours, peer = _both(data)
    with pytest.warns(UserWarning, match="padding"):
        expected = theirs.get_overlay_array(peer, 0x6000)
    with pytest.warns(UserWarning, match=r"padding|more than"):
        found = get_overlay_array(ours, 0x6000)
    assert same(found, expected)


def test_every_group() -> None:
    ds = Dataset()
    for k, group in enumerate(range(0x6000, 0x6020, 2)):
        _overlay(bytes([k, 0]), group=group, onto=ds)
    for k, group in enumerate(range(0x6000, 0x6020, 2)):
        assert np.packbits(ds.overlay_array(group).ravel(), bitorder="little")[0] == k


def test_words_of_a_big_endian_file() -> None:
    ds = _overlay(b"\x0a\x15", columns=5, onto=image(bytes(6), BIG_ENDIAN))
    _overlay(b"\x15\x0a", columns=5, group=0x6002, vr="OB", onto=ds)
    read = pydcm.dcmread(written(ds))
    expected = [[1, 0, 1, 0, 1], [0, 0, 0, 0, 1]]
    assert read.overlay_array(0x6000).tolist() == expected
    assert read.overlay_array(0x6002).tolist() == expected


@pytest.mark.parametrize("group", [-1, 0x5FFE, 0x6100, 0x5000])
def test_groups_of_something_else(group: int) -> None:
    ours, peer = _both()
    assert isinstance(outcome(peer.overlay_array, group), ValueError)
    with pytest.raises(ValueError, match="6000 to 60FF"):
        ours.overlay_array(group)


@pytest.mark.parametrize("name", ["data", "rows", "columns", "bits"])
def test_missing_elements(name: str) -> None:
    ours, peer = _both(without=(name,))
    assert isinstance(outcome(theirs.get_overlay_array, peer, 0x6000), AttributeError)
    keyword = {"data": "OverlayData", "bits": "OverlayBitsAllocated"}.get(name, name.title())
    with pytest.raises(MissingElementError, match=keyword):
        get_overlay_array(ours, 0x6000)


def test_no_overlay() -> None:
    with pytest.raises(MissingElementError, match="overlay 6002 lacks"):
        _overlay().overlay_array(0x6002)


@pytest.mark.parametrize(
    ("data", "values", "error"),
    [
        (b"\x15\x0a", {"frames": 3}, CorruptStreamError),
        (b"", {}, CorruptStreamError),
        (None, {}, CorruptStreamError),
        (b"\x15\x00", {"rows": 65535, "columns": 65535}, CorruptStreamError),
        (b"\x15\x00", {"rows": 65535, "columns": 65535, "frames": 2**31 - 1}, LimitError),
        (b"\x15\x00", {"frames": 0}, ConformanceError),
        (b"\x15\x00", {"frames": -1}, ConformanceError),
        (b"\x15\x00", {"rows": 0}, ConformanceError),
        (b"\x15\x00", {"rows": [1, 2]}, ConformanceError),
        (b"\x15\x00", {"columns": None}, MissingElementError),
    ],
    ids=str,
)
def test_broken_overlays(data: Any, values: dict[str, Any], error: type[PydcmError]) -> None:
    with pytest.raises(error):
        get_overlay_array(_overlay(data, **values), 0x6000)


@settings(max_examples=200)
@given(
    data=st.one_of(st.none(), st.binary(max_size=12)),
    values=st.dictionaries(
        st.sampled_from(["rows", "columns", "bits", "position"]),
        st.one_of(st.none(), st.integers(0, 65535), st.lists(st.integers(0, 9), max_size=3)),
    ),
    frames=st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
    pixels=st.booleans(),
)
def test_whatever_an_overlay_says(
    data: bytes | None, values: dict[str, Any], frames: int | None, pixels: bool
) -> None:
    onto = image(bytes(12), BitsAllocated=16) if pixels else Dataset()
    without = ("data",) if data is None else ()
    ds = _overlay(data, onto=onto, without=without, frames=frames, **values)
    found = outcome(get_overlay_array, ds, 0x6000)
    assert isinstance(found, (np.ndarray, PydcmError)), found


# --- bits of pixel data (retired) ---------------------------------------------------------------

PLANE = np.array([[1, 0, 1], [0, 1, 0]], np.uint16)
CELLS = np.arange(6, dtype=np.uint16).reshape(2, 3) | PLANE << 12 | (1 - PLANE) << 15


def _embedded(ds: Dataset, **values: Any) -> Dataset:
    made: Dataset = _overlay(onto=ds, without=("data",), **{"bits": 16, "position": 12, **values})
    return made


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG_ENDIAN])
@pytest.mark.parametrize("signed", [0, 1])
def test_bits_of_pixel_data(syntax: str, signed: int) -> None:
    pixels = CELLS.astype("<u2" if syntax == EXPLICIT else ">u2").tobytes()
    described: dict[str, Any] = {
        "BitsAllocated": 16, "BitsStored": 12, "PixelRepresentation": signed,
    }  # fmt: skip
    ds = _embedded(image(pixels, syntax, **described))
    _embedded(ds, group=0x6002, position=15)
    read = pydcm.dcmread(written(ds))
    assert read.overlay_array(0x6000).tolist() == PLANE.tolist()
    assert read.overlay_array(0x6002).tolist() == (1 - PLANE).tolist()
    assert read.pixel_array.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_bits_of_compressed_pixels_in_frames() -> None:
    high, low = CELLS.view(np.uint8).reshape(-1, 2)[:, ::-1].T
    frame = rle_frame(rle_segment(high.tobytes()), rle_segment(low.tobytes()))
    ds = _embedded(
        encapsulated([frame] * 2, RLE, BitsAllocated=16, BitsStored=12, NumberOfFrames=2)
    )
    assert ds.overlay_array(0x6000).tolist() == [PLANE.tolist()] * 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"position": 16}, "Bit Position"),
        ({"position": None}, "Bit Position"),
        ({"bits": 8}, "do not fit"),
        ({"rows": 3}, "3 x 3 pixels"),
    ],
)
def test_bits_that_are_not_there(values: dict[str, Any], message: str) -> None:
    ds = _embedded(image(CELLS.tobytes(), BitsAllocated=16, BitsStored=12), **values)
    with pytest.raises(ConformanceError, match=message):
        ds.overlay_array(0x6000)


def test_no_bits_to_embed_in() -> None:
    with pytest.raises(MissingElementError, match="OverlayData"):
        _embedded(Dataset()).overlay_array(0x6000)


# --- real files ---------------------------------------------------------------------------------


@needs_corpus
def test_files_as_pydicom_reads_them() -> None:
    import pydicom

    seen = []
    last = CORPUS / "transfer-syntaxes/pydicom/examples_overlay.dcm"
    for path in (*sorted(CORPUS.glob("overlays-luts/*/*.dcm")), last):
        ours, peer = pydcm.dcmread(path), pydicom.dcmread(path)
        for group in range(0x6000, 0x6020, 2):
            expected = outcome(peer.overlay_array, group)
            if isinstance(expected, np.ndarray):
                assert same(ours.overlay_array(group), expected)
                seen.append((path.name, group))
    assert seen == [
        ("ovly_p01.dcm", 0x6004), ("ovly_p01.dcm", 0x6006), ("examples_overlay.dcm", 0x6000),
    ]  # fmt: skip


@needs_corpus
def test_a_file_with_overlays_in_its_pixels() -> None:
    ds = pydcm.dcmread(CORPUS / "overlays-luts/dcm4che/ovly_p01.dcm")
    cells = np.frombuffer(ds.PixelData, "<u2").reshape(512, 512)
    for group, bit in ((0x6000, 15), (0x6002, 14)):
        found = ds.overlay_array(group)
        assert same(found, (cells >> bit & 1).astype(np.uint8))
        assert 500 < found.sum() < 600  # a letter or two


@needs_corpus
def test_a_file_whose_overlay_is_cut_off() -> None:
    ds = pydcm.dcmread(CORPUS / "overlays-luts/fo-dicom/GH1728.dcm")
    with pytest.raises(CorruptStreamError, match="take 46211 bytes, and Overlay Data have 46210"):
        ds.overlay_array(0x6000)


# --- the compatible module ----------------------------------------------------------------------


def test_names_of_the_compatible_module() -> None:
    assert numpy_handler.is_available()
    assert numpy_handler.HANDLER_NAME == theirs.HANDLER_NAME
    assert set(numpy_handler.DEPENDENCIES) == set(theirs.DEPENDENCIES)
    assert overlays.get_overlay_array is numpy_handler.get_overlay_array


@pytest.mark.parametrize("frames", [0, 1, 2, 5, -1])
def test_shapes_as_pydicom_gives_them(frames: int) -> None:
    elem = {"OverlayRows": 2, "OverlayColumns": 3, "NumberOfFramesInOverlay": frames}
    for unit in ("bytes", "pixels"):
        length = numpy_handler.get_expected_length(elem, unit)
        assert length == theirs.get_expected_length(elem, unit)
    pixels = np.arange(max(0, 6 * frames))
    expected = outcome(theirs.reshape_overlay_array, elem, pixels)
    found = outcome(numpy_handler.reshape_overlay_array, elem, pixels)
    if isinstance(expected, np.ndarray):
        assert same(found, expected)
    else:
        assert isinstance(found, type(expected))


def test_an_overlay_survives_a_round_trip() -> None:
    ds = _overlay(b"\x2a\x00", onto=image(bytes(6)))
    file = BytesIO()
    ds.save_as(file, enforce_file_format=True)
    read = pydcm.dcmread(file.getvalue())
    assert read.overlay_array(0x6000).tolist() == [[0, 1, 0], [1, 0, 1]]
