"""NIfTI headers: between their fields and the place of voxels in the patient.

The format's fields are read and written by nibabel; here they are checked, for
a header may say anything, and turned to and from LPS millimetres.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.errors import BackendError, GeometryError, InvalidDicomError, ReadError, WriteError
from pydcm.volume.placing import checked_affine

__all__ = ["NiftiHeader", "parse_header", "require_nibabel", "voxel_dtype", "written_header"]

_RAS = np.array([-1.0, -1.0, 1.0, 1.0])
"""What turns LPS into RAS and back: x and y change sign."""

_SIZES = {348: 1, 540: 2}
"""Length of a header by the version of the format; it is also its first field."""

_MAGIC = {b"n+1\0": 1, b"ni1\0": 1, b"n+2\0\r\n\x1a\n": 2, b"ni2\0\r\n\x1a\n": 2}

_DTYPES: dict[int, str] = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 32: "c8", 64: "f8", 128: "u1", 256: "i1", 512: "u2",
    768: "u4", 1024: "i8", 1280: "u8", 1792: "c16", 2304: "u1",
}  # fmt: skip
"""dtype by the datatype code; those of more than 64 bits a number are left out."""

_SAMPLES = {128: 3, 2304: 4}
"""Samples of a voxel of the colour types, RGB and RGBA."""

_CODES = {np.dtype(text): code for code, text in _DTYPES.items() if code not in _SAMPLES}

_MM_OF_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
"""By the lower bits of xyzt_units: unknown, metre, millimetre, micrometre."""

_SECONDS_OF_UNIT = {8: 1.0, 16: 1e-3, 24: 1e-6}
"""By the upper bits of xyzt_units; others are no units of time."""

_NIFTI1_MAX = 32767
"""The longest side that NIfTI-1 can state, in a signed 16-bit number."""


@dataclass(frozen=True)
class NiftiHeader:
    """What a header says about the voxels.

    Attributes
    ----------
    shape : tuple of int
        As numpy holds them: the slowest dimension first, (z, y, x) at the end,
        followed by the samples of a colour voxel.
    dtype : dtype
        In the byte order of the file.
    offset : int
        Where the voxels begin in their file.
    slope, intercept : float or None
        To be applied to the stored values; None if there is nothing to apply.
    affine : ndarray, shape (4, 4), float64
        Voxel (x, y, z) to LPS mm.
    placed_by : str
        ``"sform"``, ``"qform"`` or ``""`` if the header places the voxels nowhere.
    volumes : int
        How many volumes there are.
    steps : tuple of float
        pixdim of the dimensions beyond the third.
    seconds : float or None
        What multiplies the first of `steps` to give seconds; None if it is no time.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int
    slope: float | None
    intercept: float | None
    affine: NDArray[np.float64]
    placed_by: str
    volumes: int
    steps: tuple[float, ...]
    seconds: float | None

    @property
    def further(self) -> tuple[int, ...]:
        """Sizes of the dimensions beyond the third, the fourth first."""
        return tuple(reversed(self.shape[: len(self.steps)]))


def require_nibabel() -> Any:
    """Return the module ``nibabel``.

    Raises
    ------
    BackendError
        If it is not installed.
    """
    try:
        import nibabel
    except ImportError as error:
        raise BackendError(
            "NIfTI needs nibabel", hint="install it with: pip install 'pydcm[nifti]'"
        ) from error
    return nibabel


# ---- reading ---------------------------------------------------------------


def parse_header(raw: bytes, path: str) -> NiftiHeader:
    """Return what a header says.

    Parameters
    ----------
    raw : bytes
        The first 540 bytes of the file, or 348 if it has no more.
    path : str
        For messages.

    Raises
    ------
    ReadError
        If it is no NIfTI header, or one of voxels that numpy has no type for.
    GeometryError
        If it places the voxels nowhere in particular.
    """
    version, endian = _version(raw, path)
    size = 348 if version == 1 else 540
    if len(raw) < size:
        raise ReadError(f"the header ends after {len(raw)} of {size} bytes", path=path)
    nibabel = require_nibabel()
    kind = nibabel.nifti1.Nifti1Header if version == 1 else nibabel.nifti2.Nifti2Header
    fields = kind(raw[:size], endian, check=False)
    code = int(fields["datatype"])
    if code not in _DTYPES:
        raise ReadError(
            f"voxels of NIfTI datatype {code} are not supported",
            path=path,
            hint="nibabel may read them: pydcm.volume.from_image(nibabel.load(...))",
        )
    dims = _dimensions(fields, path)
    single = raw[344:348] == b"n+1\0" or raw[4:8] == b"n+2\0"
    offset = _offset(fields, size if single else 0, path)
    samples = (_SAMPLES[code],) if code in _SAMPLES else ()
    slope, intercept = (None, None) if samples else _scaling(fields, path)
    units = int(fields["xyzt_units"])
    affine, placed_by = _placed(fields, dims[:3], _MM_OF_UNIT.get(units & 7, 1.0), path)
    return NiftiHeader(
        shape=(*reversed(dims), *samples),
        dtype=np.dtype(endian + _DTYPES[code]),
        offset=offset,
        slope=slope,
        intercept=intercept,
        affine=affine,
        placed_by=placed_by,
        volumes=math.prod(dims[3:]),
        steps=tuple(float(step) for step in fields["pixdim"][4 : 1 + len(dims)]),
        seconds=_SECONDS_OF_UNIT.get(units & 0x38),
    )


def _version(raw: bytes, path: str) -> tuple[int, str]:
    """Return the version of the format and the byte order."""
    for endian in "<>":
        version = _SIZES.get(struct.unpack(f"{endian}i", raw[:4].ljust(4, b"\0"))[0])
        magic = raw[344:348] if version == 1 else raw[4:12]
        if version is not None and _MAGIC.get(magic) == version:
            return version, endian
        if version == 1 and len(raw) >= 348:
            raise InvalidDicomError(
                "it is an Analyze 7.5 header without NIfTI's magic, which leaves open "
                "where left and right are",
                path=path,
            )
    raise InvalidDicomError("it is not a NIfTI file", path=path)


def _dimensions(fields: Any, path: str) -> tuple[int, ...]:
    """Return the sizes along x, y, z and, without those of one at the end, further ones."""
    dim = [int(size) for size in fields["dim"]]
    count = dim[0]
    if not 1 <= count <= 7 or min(dim[1 : 1 + count]) < 1:
        raise ReadError(f"the header's dimensions {dim} are none", path=path)
    sizes = dim[1 : 1 + count] + [1] * (3 - count)
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    return tuple(sizes)


def _offset(fields: Any, least: int, path: str) -> int:
    """Return where the voxels begin: 0 means right behind the header and its extension flag."""
    offset = float(fields["vox_offset"])
    if offset == 0:
        return least + 4 if least else 0
    if not math.isfinite(offset) or offset != int(offset) or offset < least:
        raise ReadError(f"the voxels cannot begin at byte {offset}", path=path)
    return int(offset)


def _scaling(fields: Any, path: str) -> tuple[float | None, float | None]:
    """Return what is to be applied; a slope of 0 says that there is nothing to."""
    slope, intercept = float(fields["scl_slope"]), float(fields["scl_inter"])
    if slope == 0 or not math.isfinite(slope) or (slope, intercept) == (1.0, 0.0):
        return None, None
    if not math.isfinite(intercept):
        raise ReadError(f"the stored values are to be scaled by {slope} + {intercept}", path=path)
    return slope, intercept


def _placed(
    fields: Any, size: tuple[int, ...], unit_mm: float, path: str
) -> tuple[NDArray[np.float64], str]:
    """Return the affine to LPS mm, and which of the forms gave it."""
    with np.errstate(all="ignore"):  # any bits may be in these numbers; they are checked below
        affine, placed_by = _affine(fields, size, path)
        affine[:3] *= unit_mm
        try:
            return checked_affine(_RAS[:, np.newaxis] * affine), placed_by
        except GeometryError as error:
            error.path = path
            error.hint = f"it is that of the {placed_by or 'voxel size'}"
            raise


def _affine(fields: Any, size: tuple[int, ...], path: str) -> tuple[NDArray[np.float64], str]:
    """Return the affine to RAS in the file's unit, and which of the forms gave it."""
    if int(fields["sform_code"]) > 0:
        return np.array(fields.get_sform(), np.float64), "sform"
    if int(fields["qform_code"]) > 0:
        try:
            return np.array(fields.get_qform(), np.float64), "qform"
        except Exception as error:  # nibabel's own kinds, for quaternions that are none
            raise GeometryError(f"the qform is no rotation: {error}", path=path) from error
    # Neither form: only the size of a voxel is known. As nibabel has it, x leads to the
    # left and the middle of the grid is the origin.
    steps = np.abs(np.array(fields["pixdim"][1:4], np.float64)) * [-1, 1, 1]
    affine = np.diag([*steps, 1.0])
    affine[:3, 3] = -(np.array(size, np.float64) - 1) / 2 * steps
    return affine, ""


# ---- writing ---------------------------------------------------------------


def voxel_dtype(pixels: NDArray[Any], dtype: str | np.dtype[Any] | type | None) -> np.dtype[Any]:
    """Return the dtype to write, little endian.

    Parameters
    ----------
    pixels : ndarray
        The voxels.
    dtype : str, dtype, type or None
        None keeps float32, uint8, int16 and uint16 and makes everything else
        float32; ``"smallest"`` takes uint8, int16 or uint16 if that is exact.

    Raises
    ------
    WriteError
        If NIfTI has no such type.
    """
    if dtype == "smallest":
        from pydcm.volume.voxel_writing import smallest_dtype

        chosen = smallest_dtype(pixels)
        dtype = None if chosen == pixels.dtype else chosen
    if dtype is None:
        kept = pixels.dtype.newbyteorder("=") in (np.uint8, np.int16, np.uint16)
        wanted = pixels.dtype if kept else np.dtype(np.float32)
    else:
        wanted = np.dtype(dtype)
    if wanted.newbyteorder("=") not in _CODES:
        names = ", ".join(sorted(known.name for known in _CODES))
        raise WriteError(f"NIfTI has no voxels of {wanted.name}", hint=f"it has {names}")
    return wanted.newbyteorder("<")


def written_header(
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    affine: NDArray[np.float64],
    *,
    samples: int = 1,
    step_s: float = 0.0,
) -> bytes:
    """Return the header of a file, up to its voxels.

    NIfTI-1, or NIfTI-2 where a side is longer than 32767.

    Parameters
    ----------
    shape : tuple of int
        (z, y, x) or (volumes, z, y, x).
    dtype : dtype
        Of the voxels.
    affine : ndarray, shape (4, 4)
        Voxel (x, y, z) to LPS mm.
    samples : {1, 3, 4}
        Samples of a voxel: a number, RGB or RGBA.
    step_s : float
        Seconds from one volume to the next.
    """
    nibabel = require_nibabel()
    if max(shape) > _NIFTI1_MAX:
        header = nibabel.nifti2.Nifti2Header(endianness="<")
    else:
        header = nibabel.nifti1.Nifti1Header(endianness="<")
    ras = _RAS[:, np.newaxis] * affine
    header.set_data_shape(shape[::-1])
    code = {3: 128, 4: 2304}.get(samples, _CODES[dtype.newbyteorder("=")])
    header["datatype"], header["bitpix"] = code, 8 * dtype.itemsize * samples
    header.set_sform(ras, code=1)
    header.set_qform(ras, code=1, strip_shears=True)
    header.set_xyzt_units("mm", "sec" if len(shape) == 4 else "unknown")
    if len(shape) == 4:
        header["pixdim"][4] = step_s
    header["scl_slope"], header["scl_inter"] = 1.0, 0.0
    header["vox_offset"] = len(header.binaryblock) + 4
    header["magic"] = b"n+2" if len(header.binaryblock) == 540 else b"n+1"
    return bytes(header.binaryblock) + b"\0\0\0\0"  # no extensions
