"""What the formats with a header of text must do alike: MetaImage and NRRD."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from pydcm.errors import (
    GeometryError,
    InvalidDicomError,
    LimitError,
    PydcmError,
    ReadError,
    TruncatedError,
    UnsafePathError,
    WriteError,
)
from pydcm.volume import Volume, from_metaimage, from_nrrd
from tests.recording import unwarned
from tests.volume.grids import AFFINES, volume

DTYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()


class Format(NamedTuple):
    """A format.

    `write` takes a volume, a path and whether to compress. `endings` are those of a
    file with the voxels behind the header, and of one with the header alone. `signs`
    are those that tell parts of a header apart.
    """

    name: str
    write: Callable[[Volume, Path, bool], str]
    read: Callable[[Path], Volume]
    endings: tuple[str, str]
    typeless: str
    signs: bytes

    def __str__(self) -> str:
        return self.name


METAIMAGE = Format(
    "MetaImage",
    lambda one, path, compress: one.to_metaimage(path, compress=compress),
    from_metaimage,
    (".mha", ".mhd"),
    "float16",
    b"0129-e= \n\xff\x00aT",
)
NRRD = Format(
    "NRRD",
    lambda one, path, compress: one.to_nrrd(path, gzip=compress),
    from_nrrd,
    (".nrrd", ".nhdr"),
    "complex64",
    b"0129-() \n:\xff\x00a",
)
FORMATS = [METAIMAGE, NRRD]

each_format = pytest.mark.parametrize("form", FORMATS, ids=str)


def _sitk() -> Any:
    return pytest.importorskip("SimpleITK", reason="SimpleITK is the peer of this test")


@each_format
@pytest.mark.parametrize("geometry", sorted(AFFINES))
@pytest.mark.parametrize("compress", [False, True])
def test_what_is_written_is_read(
    form: Format, tmp_path: Path, compress: bool, geometry: str
) -> None:
    target = tmp_path / f"x{form.endings[0]}"
    for dtype in DTYPES:
        one = volume(dtype, geometry)
        assert form.write(one, target, compress) == str(target)
        again = form.read(target)
        assert again.pixels.dtype == one.pixels.dtype
        assert again.equals(one, atol_mm=1e-9)
    assert list(tmp_path.iterdir()) == [target]


@each_format
@pytest.mark.parametrize("compress", [False, True])
def test_itk_reads_it(form: Format, tmp_path: Path, compress: bool) -> None:
    sitk = _sitk()
    for dtype in DTYPES:
        one = volume(dtype, "oblique", (5, 30, 40))
        image = sitk.ReadImage(form.write(one, tmp_path / f"x{form.endings[0]}", compress))
        np.testing.assert_array_equal(sitk.GetArrayFromImage(image), one.pixels)
        np.testing.assert_allclose(image.GetOrigin(), one.affine[:3, 3])
        np.testing.assert_allclose(image.GetSpacing(), one.spacing[::-1])
        steps = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
        np.testing.assert_allclose(steps, one.affine[:3, :3], atol=1e-12)


@each_format
@pytest.mark.parametrize("compress", [False, True])
def test_files_of_itk_are_read(form: Format, tmp_path: Path, compress: bool) -> None:
    one = volume("float32", "oblique")
    for ending in form.endings:
        _sitk().WriteImage(one.to_sitk(), str(tmp_path / f"x{ending}"), useCompression=compress)
        assert form.read(tmp_path / f"x{ending}").equals(one, atol_mm=1e-5)


@each_format
def test_colour_masks_and_what_has_no_type(form: Format, tmp_path: Path) -> None:
    target = tmp_path / f"x{form.endings[0]}"
    for one in (volume("uint8", "oblique", (3, 4, 5, 3)), volume("bool")):
        for compress in (False, True):
            form.write(one, target, compress)
            assert form.read(target).equals(one)
    with pytest.raises(WriteError, match=form.typeless):
        form.write(volume(form.typeless), tmp_path / f"typeless{form.endings[0]}", False)
    flat = Volume(volume().pixels, (1, 1, 1), np.zeros((4, 4)), "")
    with pytest.raises(GeometryError):
        form.write(flat, tmp_path / f"flat{form.endings[0]}", False)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("form", "old", "new", "kind"),
    [
        (METAIMAGE, "ObjectType = Image\nNDims = 3", "nothing of the kind", InvalidDicomError),
        (METAIMAGE, "NDims = 3", "NDims = 7", GeometryError),
        (METAIMAGE, "DimSize = 7 6 5", "DimSize = 7 6", GeometryError),
        (METAIMAGE, "DimSize = 7 6 5", "DimSize = 7 6 0", ReadError),
        (METAIMAGE, "DimSize = 7 6 5", "DimSize = 7 6 nan", ReadError),
        (METAIMAGE, "DimSize = 7 6 5", "DimSize = 7 6 2.5", ReadError),
        (METAIMAGE, "DimSize = 7 6 5", "DimSize = 7 6 50", TruncatedError),
        (METAIMAGE, "DimSize = 7 6 5", "DimSize = 70000 60000 50000", LimitError),
        (METAIMAGE, "MET_SHORT", "MET_STRING", ReadError),
        (METAIMAGE, "BinaryData = True", "BinaryData = False", ReadError),
        (METAIMAGE, "ElementSpacing = 0.7", "ElementSpacing = 0", GeometryError),
        (METAIMAGE, "Offset = ", "Offset = x", GeometryError),
        (METAIMAGE, "Offset = ", "Elsewhere = ", GeometryError),
        (METAIMAGE, "ElementDataFile = LOCAL", "ElementDataFile = LIST", ReadError),
        (METAIMAGE, "ElementDataFile = LOCAL", "ElementDataFile = ../x.raw", UnsafePathError),
        (METAIMAGE, "ElementNumberOfChannels = 1", "ElementNumberOfChannels = -1", ReadError),
        (NRRD, "NRRD0004", "NRRD0009", InvalidDicomError),
        (NRRD, "sizes: 7 6 5", "sizes: 7 6", GeometryError),
        (NRRD, "sizes: 7 6 5", "sizes: 7 6 -5", GeometryError),
        (NRRD, "sizes: 7 6 5", "sizes: 7 6 many", ReadError),
        (NRRD, "sizes: 7 6 5", "sizes: 7 6 50", TruncatedError),
        (NRRD, "sizes: 7 6 5", "sizes: 70000 60000 500000", LimitError),
        (NRRD, "type: int16", "type: block", ReadError),
        (NRRD, "encoding: raw", "encoding: bzip2", ReadError),
        (NRRD, "endian: little", "endian: middle", ReadError),
        (NRRD, "space: left-posterior-superior", "space: scanner-xyz", GeometryError),
        (NRRD, "(0.7,0.0,0.0)", "(0.0,0.0,0.0)", GeometryError),
        (NRRD, "(0.7,0.0,0.0)", "(nan,0.0,0.0)", GeometryError),
        (NRRD, "(0.7,0.0,0.0)", "(0.7,0.0)", GeometryError),
        (NRRD, "(0.7,0.0,0.0)", "(0.7,zero,0.0)", GeometryError),
        (NRRD, "space origin: (", "space origin: none (", GeometryError),
        (NRRD, "endian: little", "endian: little\nbyte skip: -7", ReadError),
        (NRRD, "endian: little", "endian: little\nbyte skip: some", ReadError),
        (NRRD, "endian: little", "endian: little\ndata file: LIST", ReadError),
        (NRRD, "endian: little", "endian: little\ndata file: /etc/passwd", UnsafePathError),
    ],
)
def test_broken_headers_are_refused(
    form: Format, tmp_path: Path, old: str, new: str, kind: type[PydcmError]
) -> None:
    path = tmp_path / f"x{form.endings[0]}"
    form.write(volume("int16", "straight"), path, False)
    raw = path.read_bytes()
    assert old.encode() in raw
    path.write_bytes(raw.replace(old.encode(), new.encode(), 1))
    with pytest.raises(kind):
        form.read(path)


@each_format
def test_whatever_a_file_says_only_errors_of_ours_come(form: Format, tmp_path: Path) -> None:
    dice = random.Random(17)
    path = tmp_path / f"fuzz{form.endings[0]}"
    sources = []
    for compress in (False, True):
        form.write(volume("int16"), path, compress)
        sources.append(path.read_bytes())
    read = 0
    with unwarned():
        for _ in range(400):
            data = bytearray(dice.choice(sources))
            for _ in range(dice.randrange(1, 4)):
                data[dice.randrange(len(data))] = dice.choice(form.signs)
            path.write_bytes(data)
            try:
                form.read(path)
            except (PydcmError, FileNotFoundError):
                continue
            read += 1
    assert 20 < read < 400
