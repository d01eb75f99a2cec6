"""NRRD files: nearly raw raster data, an ASCII header and the voxels behind it.

The space is LPS millimetres, as the volume's; the format's own description is
at teem.sourceforge.net/nrrd/format.html.
"""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import GeometryError, InvalidDicomError, ReadError, WriteError
from pydcm.progress import Progress
from pydcm.volume.gzip_stream import Container
from pydcm.volume.placing import checked_affine, spacing_of
from pydcm.volume.voxel_reading import beside, check_voxel_bytes, gunzipped, read_array, skip
from pydcm.volume.voxel_writing import write_voxels
from pydcm.whole_file import whole_file

if TYPE_CHECKING:
    from pydcm.volume.model import Volume

__all__ = ["from_nrrd", "write_nrrd"]

_TYPES = {
    "int8": "i1", "signed char": "i1", "int8_t": "i1",
    "uint8": "u1", "uchar": "u1", "unsigned char": "u1", "uint8_t": "u1",
    "int16": "i2", "short": "i2", "short int": "i2", "signed short": "i2", "int16_t": "i2",
    "uint16": "u2", "ushort": "u2", "unsigned short": "u2", "uint16_t": "u2",
    "int32": "i4", "int": "i4", "signed int": "i4", "int32_t": "i4",
    "uint32": "u4", "uint": "u4", "unsigned int": "u4", "uint32_t": "u4",
    "int64": "i8", "longlong": "i8", "long long": "i8", "int64_t": "i8",
    "uint64": "u8", "ulonglong": "u8", "unsigned long long": "u8", "uint64_t": "u8",
    "float": "f4", "double": "f8",
}  # fmt: skip
"""dtype by the names of the format, some of the many."""

_NAMES = {"float32": "float", "float64": "double"}
"""The format's names of dtypes that have another one."""

_TO_LPS = {
    "left-posterior-superior": (1, 1, 1), "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1), "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1), "las": (1, -1, 1),
}  # fmt: skip

_MAX_HEADER = 1 << 20
_MAX_LINES = 10_000
_SPATIAL = ("domain", "space")
_COLOUR = {3: "RGB-color", 4: "RGBA-color"}


def write_nrrd(
    path: str | os.PathLike[str],
    pixels: NDArray[Any],
    affine: NDArray[np.float64],
    *,
    size: tuple[int, int, int],
    gzip: bool = False,
    progress: Progress = None,
) -> str:
    """Write voxels as an NRRD file with its header attached; see :meth:`Volume.to_nrrd`.

    Parameters
    ----------
    path : str or PathLike
        Where to.
    pixels : ndarray
        ``[z, y, x]``, or with volumes before or samples of colour behind.
    affine : ndarray, shape (4, 4)
        Voxel (x, y, z) to LPS mm.
    size : tuple of int
        (z, y, x), to tell volumes from samples.
    gzip : bool
        Compress the voxels.
    progress : bool or callable, optional
        Show how much was written.
    """
    name = os.fspath(path)
    stored = np.dtype(np.uint8) if pixels.dtype == np.bool_ else pixels.dtype
    if stored.newbyteorder("=").str[1:] not in _TYPES.values() or pixels.size == 0:
        raise WriteError(f"NRRD has no voxels of {pixels.dtype.name}, or there are none")
    matrix = checked_affine(affine)
    columns = [_vector(matrix[:3, axis]) for axis in range(3)]
    kinds = ["domain"] * 3
    if pixels.ndim == 4:
        behind = pixels.shape[:3] == size
        kinds.insert(
            0 if behind else 3, _COLOUR.get(pixels.shape[3], "vector") if behind else "list"
        )
        columns.insert(0 if behind else 3, "none")
    lines = [
        "NRRD0004",
        f"type: {_NAMES.get(stored.name, stored.name)}",
        f"dimension: {pixels.ndim}",
        "space: left-posterior-superior",
        f"sizes: {' '.join(map(str, pixels.shape[::-1]))}",
        f"space directions: {' '.join(columns)}",
        f"kinds: {' '.join(kinds)}",
        "endian: little",
        f"encoding: {'gzip' if gzip else 'raw'}",
        'space units: "mm" "mm" "mm"',
        f"space origin: {_vector(matrix[:3, 3])}",
    ]
    with whole_file(name) as file:
        file.write("\n".join([*lines, "", ""]).encode("ascii"))
        container: Container | None = "gzip" if gzip else None
        write_voxels(file, pixels, stored.newbyteorder("<"), container, progress=progress)
    return name


def _vector(numbers: NDArray[np.float64]) -> str:
    return "(" + ",".join(repr(float(number)) for number in numbers) + ")"


def from_nrrd(path: str | os.PathLike[str]) -> Volume:
    """Read a volume from an NRRD file.

    Parameters
    ----------
    path : str or PathLike
        ``.nrrd``, or ``.nhdr`` with the voxels in another file of its folder;
        the encoding is raw or gzip.

    Returns
    -------
    Volume
        With the dtype of the file and an LPS affine, whichever of LPS, RAS and
        LAS the file's space is.

    Raises
    ------
    InvalidDicomError
        If it is not NRRD.
    ReadError
        If it is broken, or of a kind that is not supported; the message says
        what.
    GeometryError
        If it is not one volume in the patient's space.

    Examples
    --------
    >>> import os, tempfile
    >>> from pydcm.volume import Volume, from_nrrd
    >>> affine = np.diag([1.0, 1.0, 2.0, 1.0])
    >>> volume = Volume(np.zeros((3, 4, 5), np.int16), (2.0, 1.0, 1.0), affine, "")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = volume.to_nrrd(os.path.join(folder, "volume.nrrd"), gzip=True)
    ...     from_nrrd(path).equals(volume)
    True
    """
    from pydcm.volume.model import Volume

    name = os.fspath(path)
    with open(name, "rb") as file:
        fields = _fields(file, name)
        start = file.tell()
    shape, kinds = _shape(fields, name)
    affine = _affine(fields, kinds, name)
    holder = _holder(fields, name)
    pixels = _voxels(fields, shape, holder, start if holder == name else 0)
    return Volume(pixels, spacing_of(affine), affine, "")


def _fields(file: BinaryIO, name: str) -> dict[str, str]:
    """Return the fields of the header; the file is left where the voxels begin."""
    if not re.fullmatch(rb"NRRD000[1-5]\r?\n", file.readline(16)):
        raise InvalidDicomError("it is not an NRRD file", path=name)
    fields: dict[str, str] = {}
    left = _MAX_HEADER
    for _ in range(_MAX_LINES):
        raw = file.readline(left)
        left -= len(raw)
        line = raw.decode("utf-8", "replace").strip()
        if not line:
            return fields
        key, colon, value = line.partition(": ")
        if colon and not line.startswith("#"):
            fields[key.strip().lower()] = value.strip()
    raise ReadError(f"its header does not end within {_MAX_LINES} lines", path=name)


def _shape(fields: dict[str, str], name: str) -> tuple[tuple[int, ...], list[str]]:
    """Return the shape as numpy holds it, and of each NRRD axis its direction."""
    try:
        sizes = [int(word) for word in fields["sizes"].split()]
        directions = re.findall(r"none|\([^)]*\)", fields["space directions"])
    except (KeyError, ValueError) as error:
        raise ReadError(
            f"its header lacks usable sizes or directions: {error}", path=name
        ) from error
    spatial = [axis for axis, text in enumerate(directions) if text != "none"]
    if len(sizes) != len(directions) or len(spatial) != 3 or min(sizes, default=0) < 1:
        raise GeometryError(
            f"axes of sizes {sizes} with directions {directions} are no volume", path=name
        )
    if len(sizes) > 4 or (len(sizes) == 4 and spatial != [1, 2, 3]):
        raise GeometryError(f"it holds several volumes: sizes {sizes}", path=name)
    return tuple(sizes[::-1]), directions


def _affine(fields: dict[str, str], directions: list[str], name: str) -> NDArray[np.float64]:
    signs = _TO_LPS.get(fields.get("space", "").lower())
    if signs is None:
        raise GeometryError(
            f"its space is {fields.get('space', 'not given')!r}, none of a patient's", path=name
        )
    vectors = [text for text in directions if text != "none"]
    affine = np.eye(4)
    try:
        origin = fields["space origin"]
        for column, text in enumerate([*vectors, origin]):
            affine[:3, column] = [float(number) for number in text.strip("()").split(",")]
    except (KeyError, ValueError) as error:
        raise GeometryError(
            f"its directions and origin are no vectors: {error}", path=name
        ) from error
    affine[:3] *= np.array(signs)[:, np.newaxis]
    return checked_affine(affine, name)


def _holder(fields: dict[str, str], name: str) -> str:
    """Return the path of the file with the voxels."""
    other = fields.get("data file", fields.get("datafile"))
    if other is None:
        return name
    if other.upper().startswith("LIST") or "%" in other:
        raise ReadError("voxels in many files are not supported", path=name)
    return beside(name, other)


def _voxels(fields: dict[str, str], shape: tuple[int, ...], path: str, start: int) -> NDArray[Any]:
    code = _TYPES.get(fields.get("type", "").lower())
    encoding = fields.get("encoding", "").lower()
    endian = {"little": "<", "big": ">"}.get(fields.get("endian", "little").lower())
    if code is None or encoding not in ("raw", "gzip", "gz") or endian is None:
        raise ReadError(
            f"voxels of type {fields.get('type')!r}, encoding {encoding!r} and endian "
            f"{fields.get('endian')!r} are not supported",
            path=path,
        )
    dtype = np.dtype(endian + code)
    count = math.prod(shape) * dtype.itemsize
    try:
        byte_skip = int(fields.get("byte skip", "0"))
        line_skip = int(fields.get("line skip", "0"))
    except ValueError as error:
        raise ReadError(f"its skips are no numbers: {error}", path=path) from error
    if line_skip or byte_skip < -1 or (byte_skip == -1 and encoding != "raw"):
        raise ReadError(
            f"skips of {line_skip} lines, {byte_skip} bytes are not supported", path=path
        )
    compressed = encoding != "raw"
    offset = max(start, os.path.getsize(path) - count) if byte_skip < 0 else start
    check_voxel_bytes(path, count, offset, compressed=compressed)
    with open(path, "rb") as file:
        file.seek(offset)
        if not compressed:
            skip(file, max(0, byte_skip), path)
            return read_array(file, shape, dtype, path)
        with gunzipped(file) as inflated:
            skip(inflated, byte_skip, path)
            return read_array(inflated, shape, dtype, path)
