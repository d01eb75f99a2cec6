"""MetaImage files (``.mha``, ``.mhd``): the format of ITK's tools.

Its space is LPS millimetres, as the volume's. The format's own description is
at itk.org/Wiki/ITK/MetaIO/Documentation.
"""

from __future__ import annotations

import contextlib
import math
import os
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import GeometryError, InvalidDicomError, ReadError, WriteError
from pydcm.progress import Progress
from pydcm.volume.gzip_stream import Container
from pydcm.volume.placing import checked_affine, spacing_of
from pydcm.volume.voxel_reading import beside, check_voxel_bytes, read_array
from pydcm.volume.voxel_writing import write_voxels
from pydcm.whole_file import whole_file

if TYPE_CHECKING:
    from pydcm.volume.model import Volume

__all__ = ["from_metaimage", "write_metaimage"]

_TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2",
    "MET_INT": "i4", "MET_UINT": "u4", "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4", "MET_DOUBLE": "f8",
}  # fmt: skip
_NAMES = {np.dtype(code): name for name, code in _TYPES.items()}
_TRUE = ("true", "1")
_MAX_LINES = 1000
_SIZE_DIGITS = 20
"""Room for the compressed size, which is known only after the voxels are written."""


def write_metaimage(
    path: str | os.PathLike[str],
    pixels: NDArray[Any],
    affine: NDArray[np.float64],
    *,
    size: tuple[int, int, int],
    compress: bool = False,
    progress: Progress = None,
) -> str:
    """Write voxels as a MetaImage; see :meth:`Volume.to_metaimage`.

    Parameters
    ----------
    path : str or PathLike
        Where to; if it ends in ``.mhd`` the voxels go into a file beside it.
    pixels : ndarray
        ``[z, y, x]``, or with volumes before or samples of colour behind.
    affine : ndarray, shape (4, 4)
        Voxel (x, y, z) to LPS mm.
    size : tuple of int
        (z, y, x), to tell volumes from samples.
    compress : bool
        Compress the voxels.
    progress : bool or callable, optional
        Show how much was written.
    """
    name = os.fspath(path)
    stored = np.dtype(np.uint8) if pixels.dtype == np.bool_ else pixels.dtype
    if stored.newbyteorder("=") not in _NAMES or pixels.size == 0:
        raise WriteError(f"MetaImage has no voxels of {pixels.dtype.name}, or there are none")
    channels = pixels.shape[3] if pixels.ndim == 4 and pixels.shape[:3] == size else 1
    shape = pixels.shape[:3] if channels > 1 else pixels.shape
    base, extension = os.path.splitext(name)
    local = extension.lower() != ".mhd"
    voxel_name = name if local else base + (".zraw" if compress else ".raw")
    lines = _lines(shape, stored, checked_affine(affine), channels, compress=compress)
    holder = "LOCAL" if local else os.path.basename(voxel_name)
    lines.append(f"ElementDataFile = {holder}")
    header = "\n".join([*lines, ""]).encode()
    container: Container | None = "zlib" if compress else None
    with contextlib.ExitStack() as files:
        # The header's file is opened first and so is given its name last.
        header_file = None if local else files.enter_context(whole_file(name))
        file = files.enter_context(whole_file(voxel_name))
        if local:
            file.write(header)
        written = write_voxels(file, pixels, stored.newbyteorder("<"), container, progress=progress)
        header = header.replace(b"9" * _SIZE_DIGITS, str(written).encode().rjust(_SIZE_DIGITS))
        if local and compress:
            file.seek(0)
            file.write(header)
        if header_file is not None:
            header_file.write(header)
    return name


def _lines(
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    matrix: NDArray[np.float64],
    channels: int,
    *,
    compress: bool,
) -> list[str]:
    count = len(shape)
    spacing = [*spacing_of(matrix)[::-1], *[1.0] * (count - 3)]
    directions, origin = np.eye(count), np.zeros(count)
    directions[:3, :3] = (matrix[:3, :3] / spacing[:3]).T  # one row for each axis of the voxels
    origin[:3] = matrix[:3, 3]
    lines = [
        "ObjectType = Image",
        f"NDims = {count}",
        "BinaryData = True",
        "BinaryDataByteOrderMSB = False",
        f"CompressedData = {compress}",
        f"TransformMatrix = {_words(directions.ravel().tolist())}",
        f"Offset = {_words(origin.tolist())}",
        f"CenterOfRotation = {_words([0] * count)}",
        f"ElementSpacing = {_words(spacing)}",
        f"DimSize = {_words(shape[::-1])}",
        f"ElementNumberOfChannels = {channels}",
        f"ElementType = {_NAMES[dtype.newbyteorder('=')]}",
    ]
    if compress:
        lines.insert(5, f"CompressedDataSize = {'9' * _SIZE_DIGITS}")
    return lines


def _words(numbers: Any) -> str:
    return " ".join(repr(number) for number in numbers)


def from_metaimage(path: str | os.PathLike[str]) -> Volume:
    """Read a volume from a MetaImage.

    Parameters
    ----------
    path : str or PathLike
        ``.mha``, or ``.mhd`` with the voxels in another file of its folder.

    Returns
    -------
    Volume
        With the dtype of the file and an LPS affine.

    Raises
    ------
    InvalidDicomError
        If it is not MetaImage.
    ReadError
        If it is broken, or of a kind that is not supported; the message says
        what.
    GeometryError
        If it is not one volume with an affine.

    Examples
    --------
    >>> import os, tempfile
    >>> from pydcm.volume import Volume, from_metaimage
    >>> affine = np.diag([1.0, 1.0, 2.0, 1.0])
    >>> volume = Volume(np.zeros((3, 4, 5), np.int16), (2.0, 1.0, 1.0), affine, "")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = volume.to_metaimage(os.path.join(folder, "volume.mha"), compress=True)
    ...     from_metaimage(path).equals(volume)
    True
    """
    from pydcm.volume.model import Volume

    name = os.fspath(path)
    with open(name, "rb") as file:
        fields = _fields(file, name)
        start = file.tell()
    affine = _affine(fields, name)
    pixels = _voxels(fields, name, start)
    return Volume(pixels, spacing_of(affine), affine, "")


def _fields(file: BinaryIO, name: str) -> dict[str, str]:
    """Return the fields of the header; the file is left where the voxels begin."""
    fields: dict[str, str] = {}
    for _ in range(_MAX_LINES):
        key, sign, value = file.readline(1 << 16).decode("utf-8", "replace").partition("=")
        if not sign:
            break
        fields[key.strip()] = value.strip()
        if key.strip() == "ElementDataFile":
            return fields
    if "NDims" not in fields:
        raise InvalidDicomError("it is not a MetaImage file", path=name)
    raise ReadError("its header does not say where the voxels are", path=name)


def _numbers(fields: dict[str, str], keys: tuple[str, ...], count: int, name: str) -> list[float]:
    """Return the numbers of the first of some fields that is there."""
    text = next((fields[key] for key in keys if key in fields), None)
    if text is None:
        raise GeometryError(f"its header has no {keys[0]}", path=name)
    try:
        numbers = [float(word) for word in text.split()]
    except ValueError as error:
        raise GeometryError(f"{keys[0]} {text[:80]!r} is no list of numbers", path=name) from error
    if len(numbers) != count:
        raise GeometryError(f"{keys[0]} {text[:80]!r} is not {count} numbers", path=name)
    return numbers


def _affine(fields: dict[str, str], name: str) -> NDArray[np.float64]:
    if fields.get("NDims") != "3":
        raise GeometryError(f"it has {fields.get('NDims')} dimensions, not 3", path=name)
    matrix = _numbers(fields, ("TransformMatrix", "Rotation", "Orientation"), 9, name)
    spacing = _numbers(fields, ("ElementSpacing", "ElementSize"), 3, name)
    affine = np.eye(4)
    affine[:3, :3] = np.array(matrix).reshape(3, 3).T * spacing
    affine[:3, 3] = _numbers(fields, ("Offset", "Position", "Origin"), 3, name)
    return checked_affine(affine, name)


def _voxels(fields: dict[str, str], name: str, start: int) -> NDArray[Any]:
    sizes = _numbers(fields, ("DimSize",), 3, name)
    code = _TYPES.get(fields.get("ElementType", ""))
    holder = fields["ElementDataFile"]
    channels = fields.get("ElementNumberOfChannels", "1")
    if code is None or holder.startswith("LIST") or "%" in holder or not channels.isdigit():
        raise ReadError(
            f"voxels of {channels} x {fields.get('ElementType')} in {holder!r} are not supported",
            path=name,
        )
    if not all(1 <= size < 1 << 31 and size.is_integer() for size in sizes):
        raise ReadError(f"the header's sizes {sizes} are none", path=name)
    if fields.get("BinaryData", "True").lower() not in _TRUE:
        raise ReadError("voxels written as text are not supported", path=name)
    x, y, z = (int(size) for size in sizes)
    shape = (z, y, x) if channels == "1" else (z, y, x, int(channels))
    msb = fields.get("BinaryDataByteOrderMSB", fields.get("ElementByteOrderMSB", "False"))
    dtype = np.dtype((">" if msb.lower() in _TRUE else "<") + code)
    path = name
    if holder.upper() != "LOCAL":
        path, start = beside(name, holder), 0
    compressed = fields.get("CompressedData", "False").lower() in _TRUE
    if fields.get("HeaderSize", "0") != "0":
        raise ReadError("a header before the voxels is not supported", path=name)
    check_voxel_bytes(path, math.prod(shape) * dtype.itemsize, start, compressed=compressed)
    with open(path, "rb") as file:
        file.seek(start)
        if not compressed:
            return read_array(file, shape, dtype, path)
        return read_array(_Inflating(file), shape, dtype, path)


class _Inflating:
    """Reads a zlib stream as a file is read into a buffer."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._zlib = zlib.decompressobj()

    def readinto(self, target: memoryview) -> int:
        """Fill some of `target` and return how much; 0 at the end."""
        while not self._zlib.eof:
            data = self._zlib.unconsumed_tail or self._file.read(1 << 20)
            if not data:
                return 0
            part = self._zlib.decompress(data, min(len(target), 1 << 20))
            if part:
                target[: len(part)] = part
                return len(part)
        return 0
