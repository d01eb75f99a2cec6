"""NRRD beside what all formats with a header of text must do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pydcm.errors import GeometryError, UnsafePathError
from pydcm.volume import Volume4D, from_nrrd
from tests.volume.grids import AFFINES, volume


@pytest.mark.parametrize("gzip", [False, True])
@pytest.mark.parametrize("geometry", ["oblique", "sheared"])
def test_the_own_reader_reads_it(tmp_path: Path, geometry: str, gzip: bool) -> None:
    nrrd = pytest.importorskip("nrrd", reason="pynrrd is the peer of this test")
    one = volume("int16", geometry, (5, 300, 400))
    path = one.to_nrrd(tmp_path / "x.nrrd", gzip=gzip)
    data, header = nrrd.read(path, index_order="C")
    np.testing.assert_array_equal(data, one.pixels)
    assert header["space"] == "left-posterior-superior"
    np.testing.assert_array_equal(header["space directions"].T, one.affine[:3, :3])
    np.testing.assert_array_equal(header["space origin"], one.affine[:3, 3])


def test_big_endian_ras_and_skips_are_heeded(tmp_path: Path) -> None:
    one = volume("int16", "straight")
    head = (
        "NRRD0005\n# a remark\ntype: short\ndimension: 3\nspace: RAS\nsizes: 7 6 5\n"
        "space directions: (-0.7,0,0) (0,-0.8,0) (0,0,2.5)\nspace origin: (100.5,90.25,33)\n"
        "endian: big\nencoding: raw\nkey:=value\n"
    )
    body = b"skip" + one.pixels.astype(">i2").tobytes()
    for skip in (4, -1):
        path = tmp_path / "x.nrrd"
        path.write_bytes(f"{head}byte skip: {skip}\n\n".encode() + body)
        assert from_nrrd(path).equals(one)
    (tmp_path / "x.raw").write_bytes(body)
    path = tmp_path / "x.nhdr"
    path.write_text(f"{head}byte skip: 4\ndata file: x.raw\n\n")
    assert from_nrrd(path).equals(one)
    path.write_text(f"{head}byte skip: 4\ndata file: ../{tmp_path.name}/x.raw\n\n")
    with pytest.raises(UnsafePathError):
        from_nrrd(path)


def test_several_volumes(tmp_path: Path) -> None:
    nrrd = pytest.importorskip("nrrd", reason="pynrrd is the peer of this test")
    pixels = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    four = Volume4D(pixels, (2.5, 0.8, 0.7), AFFINES["oblique"], [], "")
    data, header = nrrd.read(four.to_nrrd(tmp_path / "4.nrrd"), index_order="C")
    np.testing.assert_array_equal(data, pixels)
    assert header["kinds"] == ["domain", "domain", "domain", "list"]
    with pytest.raises(GeometryError, match="several volumes"):
        from_nrrd(tmp_path / "4.nrrd")
