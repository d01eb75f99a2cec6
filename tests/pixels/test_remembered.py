"""What is kept of an image between two calls never outlives what it was read from."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import pydcm
from pydcm import FileDataset, kernels, limits
from pydcm.encaps import encapsulate
from pydcm.errors import LimitError, PydcmError
from pydcm.pixels import decode, pixel_array
from pydcm.pixels.frames import Decoding
from pydcm.pixels.remembered import model_of, reader_of
from pydcm.valuerep import IS
from tests.pixels.making import EXPLICIT, RLE, encapsulated, image, rle_frame, rle_segment, written
from tests.recording import recorded

FRAMES = [rle_frame(rle_segment(bytes(range(k, k + 6)))) for k in range(3)]


def _image(has_bot: bool = False) -> FileDataset:
    ds = encapsulated(FRAMES, RLE, NumberOfFrames=len(FRAMES))
    ds.PixelData = encapsulate(FRAMES, has_bot=has_bot)
    return pydcm.dcmread(written(ds))


def _outcome(ds: FileDataset) -> tuple[object, list[str]]:
    with recorded() as caught:
        try:
            found: object = decode(ds).tolist()
        except (PydcmError, AttributeError, ValueError) as error:
            found = type(error), str(error)
    return found, [str(warning.message) for warning in caught]


def _set_value(ds: FileDataset) -> None:
    ds["Columns"].value = 2
    ds["Rows"].value = 3


def _other_meta(ds: FileDataset) -> None:
    ds.file_meta = copy.deepcopy(ds.file_meta)
    ds.file_meta.TransferSyntaxUID = pydcm.uid.UID(EXPLICIT)


def _set(**elements: object) -> Callable[[FileDataset], None]:
    def change(ds: FileDataset) -> None:
        for keyword, value in elements.items():
            setattr(ds, keyword, value)

    return change


CHANGES: dict[str, Callable[[FileDataset], None]] = {
    "nothing": lambda ds: None,
    "elements that were looked at": lambda ds: [ds.Rows, ds.NumberOfFrames, ds.PixelData].clear(),
    "all of them looked at": lambda ds: [*ds].clear(),
    "fewer frames": _set(NumberOfFrames=2),
    "frames by IS": _set(NumberOfFrames=IS("2")),
    "too many frames": _set(NumberOfFrames=4),
    "frames that are none": _set(NumberOfFrames=0),
    "another shape": _set(Rows=3, Columns=2),
    "another shape by element": _set_value,
    "a shape too large": _set(Rows=100),
    "fewer bits": _set(BitsStored=2),
    "signed": _set(PixelRepresentation=1),
    "another photometric interpretation": _set(PhotometricInterpretation="MONOCHROME1"),
    "no rows": lambda ds: delattr(ds, "Rows"),
    "no pixels": lambda ds: delattr(ds, "PixelData"),
    "float pixels beside them": _set(FloatPixelData=bytes(24)),
    "other pixels": _set(PixelData=encapsulate(FRAMES[::-1])),
    "pixels by element": lambda ds: setattr(ds["PixelData"], "value", encapsulate(FRAMES[::-1])),
    "offsets": _set(ExtendedOffsetTable=bytes(24), ExtendedOffsetTableLengths=bytes(24)),
    "another transfer syntax": lambda ds: setattr(ds.file_meta, "TransferSyntaxUID", EXPLICIT),
    "other file meta information": _other_meta,
    "no transfer syntax": lambda ds: delattr(ds.file_meta, "TransferSyntaxUID"),
    "decompressed": lambda ds: ds.decompress(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_after_any_number_of_decodes(name: str) -> None:
    once, again = _image(), _image()
    for _ in range(3):
        assert decode(again).shape == (3, 2, 3)
    for ds in (once, again):
        CHANGES[name](ds)
    assert _outcome(again) == _outcome(once)
    assert _outcome(again) == _outcome(once)


def test_octets_that_are_changed_in_place_are_seen() -> None:
    ds = _image()
    ds.decompress()
    octets = bytearray(ds.PixelData)
    ds["PixelData"].value = octets
    before = decode(ds)
    octets[0] = 200
    assert (before[0, 0, 0], decode(ds)[0, 0, 0]) == (0, 200)


def test_limits_of_now_hold() -> None:
    ds = _image()
    decode(ds)
    with limits.using(max_frame_pixels=5), pytest.raises(LimitError):
        decode(ds)
    assert decode(ds).shape == (3, 2, 3)


def test_the_places_of_frames_are_found_once() -> None:
    ds = _image()
    readers = [reader_of(ds, model_of(ds), Decoding()) for _ in range(2)]
    assert model_of(ds) is model_of(ds)
    assert readers[0].index is readers[1].index is not None
    assert [ds.NumberOfFrames, ds.Rows] == [3, 2]  # they are elements now
    assert model_of(ds) is model_of(ds)
    assert reader_of(ds, model_of(ds), Decoding()).index is readers[0].index


def test_a_reader_stands_for_another_that_would_be_alike() -> None:
    ds = _image()
    reader = reader_of(ds, model_of(ds), Decoding())
    assert reader_of(ds, model_of(ds), Decoding()) is reader
    assert reader_of(ds, model_of(ds), Decoding(mask=False)) is not reader
    with kernels.using("reference"):
        assert reader_of(ds, model_of(ds), Decoding()) is not reader
    ds.Rows, ds.Columns = 3, 2
    assert reader_of(ds, model_of(ds), Decoding()).read(0, 1).shape == (1, 3, 2, 1)


def test_a_suspicion_is_told_each_time() -> None:
    size = len(encapsulate([rle_frame(b"xx")]))
    run = bytes([257 - size, 7])  # as many pixels as the fragments have octets
    ds = pydcm.dcmread(written(encapsulated([rle_frame(run)], RLE, Rows=1, Columns=size)))
    assert _outcome(ds) == _outcome(ds)
    found, warned = _outcome(ds)
    assert found == [[[7] * size]]
    assert ["Syntax UID may be wrong" in text for text in warned] == [True]


def test_what_is_wrong_is_told_each_time() -> None:
    ds = pydcm.dcmread(written(encapsulated(FRAMES, RLE, NumberOfFrames=3)))
    data = bytearray(ds.PixelData)
    data[12] ^= 2  # the second entry of the Basic Offset Table
    ds.PixelData = bytes(data)
    broken = pydcm.dcmread(written(ds))
    assert _outcome(broken) == _outcome(broken)
    assert "no item" in str(_outcome(broken)[1])
    assert len(broken.diagnostics) == 1


def test_it_is_left_out_of_pickles_and_copies() -> None:
    ds = _image()
    size = len(pickle.dumps(ds))
    decode(ds)
    assert len(pickle.dumps(ds)) == size
    for other in (pickle.loads(pickle.dumps(ds)), copy.copy(ds), copy.deepcopy(ds)):
        other.Rows, other.Columns = 3, 2
        assert decode(other).shape == (3, 3, 2)
    assert decode(ds).shape == (3, 2, 3)


def test_one_frame_after_the_other_from_many_threads() -> None:
    ds = _image()
    expected = decode(_image())
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda k: decode(ds, frame=k % 3 + 1)[0], range(300))]
        same = [*pool.map(lambda k: pixel_array(ds, index=k % 3), range(300))]
    for k in range(300):
        assert np.array_equal(found[k], expected[k % 3])
        assert np.array_equal(same[k], expected[k % 3])


def test_a_native_image_is_kept_too() -> None:
    ds = pydcm.dcmread(written(image(bytes(range(6)))))
    decode(ds)
    kept = model_of(ds)
    assert kept is model_of(ds)
    ds.PixelData = bytes(6)
    assert model_of(ds) is not kept
    assert decode(ds).max() == 0
