"""Mosaics: slices side by side in one image."""

from __future__ import annotations

import random
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm import Dataset, dcmread
from pydcm.errors import GeometryError, PydcmError, StructureError
from pydcm.volume import load_4d, load_series
from pydcm.volume.frames import frames_of
from tests.shared import GOLDEN, needs_golden
from tests.volume.making import describe_pixels, image, item, write


def csa(**elements: list[str]) -> bytes:
    """Return a CSA2 header."""
    out = [b"SV10\4\3\2\1", struct.pack("<II", len(elements), 77)]
    for name, values in elements.items():
        out.append(struct.pack("<64si4siii", name.encode(), len(values), b"FD", 4, len(values), 77))
        for value in values:
            text = value.encode() + b"\0"
            padded = text + bytes(-len(text) % 4)
            out.append(struct.pack("<iiii", len(text), len(text), 77, len(text)) + padded)
    return b"".join(out)


def mosaic(count: int = 5, *, normal: float = 1.0, header: bytes | None = None) -> Dataset:
    """Return a mosaic of slices of 4 x 5 pixels, the first of which has the value 1."""
    across = int(np.ceil(np.sqrt(count)))
    pixels = np.zeros((4 * across, 5 * across), np.uint16)
    for k in range(count):
        row, column = divmod(k, across)
        pixels[4 * row : 4 * row + 4, 5 * column : 5 * column + 5] = k + 1
    ds = image(ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"], SpacingBetweenSlices=3.5)
    describe_pixels(ds, pixels)
    # the corner of a single image of the mosaic's size about the centre of the slice
    shift = (across - 1) / 2
    ds.ImagePositionPatient = [10 - 5 * shift * 1.5, 20 - 4 * shift * 2, 30]
    if header is None:
        header = csa(
            NumberOfImagesInMosaic=[str(count)], SliceNormalVector=["0.0", "0.0", str(normal)]
        )
    ds.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", header)
    return ds


@pytest.mark.parametrize("count", [1, 2, 4, 5, 9, 10])
def test_a_mosaic_becomes_slices(tmp_path: Path, count: int) -> None:
    write(tmp_path, mosaic(count))
    volume = load_series(tmp_path)
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], range(1, count + 1))
    assert volume.pixels.shape == (count, 4, 5)
    expected = np.diag([1.5, 2.0, 3.5, 1.0])
    expected[:3, 3] = 10, 20, 30
    np.testing.assert_allclose(volume.affine, expected)


def test_the_normal_tells_on_which_side_the_second_slice_lies(tmp_path: Path) -> None:
    write(tmp_path, mosaic(5, normal=-1.0))
    volume = load_series(tmp_path)
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [5, 4, 3, 2, 1])
    assert volume.affine[2, 3] == pytest.approx(30 - 4 * 3.5)


def test_mosaics_are_volumes_of_a_time_series(tmp_path: Path) -> None:
    first, second = mosaic(), mosaic()
    first.AcquisitionNumber, second.AcquisitionNumber = 2, 1
    second.SOPInstanceUID = "1.2.9.2"
    write(tmp_path, first, second)
    volume = load_4d(tmp_path)
    assert volume.pixels.shape == (2, 5, 4, 5)
    assert [axis.kind for axis in volume.dimensions] == ["acquisition"]
    assert volume.volume_path is not None
    assert [Path(paths[0]).name for paths in volume.volume_path] == ["001.dcm", "000.dcm"]


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ({"SliceNormalVector": ["0", "0", "1"]}, "how many"),
        ({"NumberOfImagesInMosaic": ["5"]}, "no SliceNormalVector"),
        ({"NumberOfImagesInMosaic": ["5"], "SliceNormalVector": ["1", "0", "0"]}, "perpendicular"),
        ({"NumberOfImagesInMosaic": ["5"], "SliceNormalVector": ["0", "0", "9"]}, "perpendicular"),
        ({"NumberOfImagesInMosaic": ["60"], "SliceNormalVector": ["0", "0", "1"]}, "do not divide"),
        ({"NumberOfImagesInMosaic": ["-5"], "SliceNormalVector": ["0", "0", "1"]}, "do not divide"),
    ],
)
def test_a_mosaic_that_cannot_be_placed_is_refused(
    tmp_path: Path, elements: dict[str, list[str]], message: str
) -> None:
    write(tmp_path, mosaic(header=csa(**elements)))
    with pytest.raises(GeometryError, match=message):
        load_series(tmp_path)


def _lying(values: dict[int, Any]) -> bytes:
    header = bytearray(csa(NumberOfImagesInMosaic=["5"], SliceNormalVector=["0", "0", "1"]))
    for offset, value in values.items():
        struct.pack_into("<i", header, offset, value)
    return bytes(header)


@pytest.mark.parametrize(
    "header",
    [
        _lying({8: 0x7FFFFFFF}),
        _lying({8: -1}),
        _lying({16 + 76: 0x7FFFFFFF}),
        _lying({16 + 84 + 4: 0x7FFFFFF0}),
        _lying({16 + 84 + 4: -8}),
        b"SV10\4\3\2\1",
        b"",
        bytes(3),
    ],
    ids=["elements", "negative", "items", "length", "negative-length", "cut", "empty", "zeros"],
)
def test_lengths_that_lie_are_errors_and_give_no_affine(tmp_path: Path, header: bytes) -> None:
    path = write(tmp_path, mosaic(header=header))[0]
    with pytest.raises((GeometryError, StructureError)):
        frames_of(dcmread(path), str(path))
    with pytest.raises(GeometryError):
        load_series(tmp_path)


def test_no_damage_of_the_header_raises_anything_else(tmp_path: Path) -> None:
    whole = csa(NumberOfImagesInMosaic=["5"], SliceNormalVector=["0", "0", "1"])
    generator = random.Random(4)
    outcomes = set()
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(generator.randint(1, 5)):
            damaged[generator.randrange(len(damaged))] = generator.randrange(256)
        ds = mosaic(header=bytes(damaged))
        try:
            frames = frames_of(ds, "x")
            assert len({frame.position for frame in frames}) == len(frames)
            outcomes.add("placed")
        except PydcmError:
            outcomes.add("refused")
    assert outcomes == {"placed", "refused"}


def test_a_uih_grid_has_its_positions(tmp_path: Path) -> None:
    ds = mosaic(5)
    del ds[0x00291010]
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "VFRAME"]
    ds.Manufacturer = "UIH"
    del ds.ImagePositionPatient
    block = ds.private_block(0x0065, "Image Private Header", create=True)
    block.add_new(0x04, "SH", "4*5")
    places = [item(ImagePositionPatient=[1, 2, 30 - 4 * k]) for k in range(5)]
    block.add_new(0x51, "SQ", places)
    write(tmp_path, ds)
    volume = load_series(tmp_path)
    np.testing.assert_array_equal(volume.pixels[:, 0, 0], [5, 4, 3, 2, 1])
    np.testing.assert_allclose(volume.affine[:3, 3], [1, 2, 14])


def _without_normal(path: Path) -> Dataset:
    """Return a mosaic whose CSA header has the normal under another name."""
    ds = dcmread(path)
    element = ds.get_private_item(0x0029, 0x10, "SIEMENS CSA HEADER")
    element.value = element.value.replace(b"SliceNormalVector", b"SliceNormalVec___")
    return ds


@needs_golden
@pytest.mark.parametrize("name", ["mosaic_axint35", "mosaic_corasc36"])
def test_the_protocol_tells_the_order_where_the_normal_is_missing(
    tmp_path: Path, name: str
) -> None:
    source = GOLDEN / "nifti/series" / name
    for number, path in enumerate(sorted(source.iterdir())):
        _without_normal(path).save_as(tmp_path / f"{number}.dcm")
    assert load_series(tmp_path).equals(load_series(source), atol_mm=1e-9)


@needs_golden
@pytest.mark.parametrize(
    ("written", "changed"),
    [
        (b"sSliceArray.lSize", b"sSliceArray.lSizf"),
        (b"sSliceArray.asSlice[0].sPosition.dCor", b"sSliceArray.asSlice[0].sPosition.dXor"),
        (b"sPosition.dCor", b"sPosition.dCox"),
    ],
    ids=["number", "one place", "all places"],
)
def test_a_protocol_that_does_not_fit_is_no_order(
    tmp_path: Path, written: bytes, changed: bytes
) -> None:
    source = min((GOLDEN / "nifti/series/mosaic_corasc36").iterdir())
    ds = _without_normal(source)
    element = ds.get_private_item(0x0029, 0x20, "SIEMENS CSA HEADER")
    assert written in element.value
    element.value = element.value.replace(written, changed)
    ds.save_as(tmp_path / "a.dcm")
    with pytest.raises(GeometryError, match="order is not known"):
        load_series(tmp_path)


@needs_golden
@pytest.mark.parametrize("number", [b"9e307", b"nan", b"-inf"])
def test_absurd_places_are_no_order(tmp_path: Path, number: bytes) -> None:
    source = min((GOLDEN / "nifti/series/mosaic_corasc36").iterdir())
    ds = _without_normal(source)
    element = ds.get_private_item(0x0029, 0x20, "SIEMENS CSA HEADER")
    pattern = rb"(asSlice\[0\]\.sPosition\.dCor +=) *[-0-9.]+"
    changed = re.sub(
        pattern, lambda found: (found[1] + b" " + number).ljust(len(found[0])), element.value
    )
    assert changed != element.value
    assert len(changed) == len(element.value)
    element.value = changed
    ds.save_as(tmp_path / "a.dcm")
    with pytest.raises(GeometryError, match="order is not known"):
        load_series(tmp_path)
