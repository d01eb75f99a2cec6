"""What one element or header says about diffusion weighting, before it is judged.

A reading is what a source wrote; :mod:`pydcm.diffusion.gradients` decides
whether it is a usable gradient.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from pydcm.errors import StructureError
from pydcm.multival import MultiValue

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = [
    "UNWEIGHTED_UP_TO",
    "Reading",
    "Vector",
    "direction_of_b_matrix",
    "keyword_numbers",
    "numbers",
    "private_numbers",
    "unit_direction",
]

Vector: TypeAlias = tuple[float, float, float]

UNWEIGHTED_UP_TO = 10.0
"""An image without a direction is unweighted up to this b-value in s/mm².

Scanners report a little more than zero for it, since the imaging gradients
count too (1.25 in an image of UIH). Above it an image without a direction is an
average over directions.
"""

_LARGEST_B = 1e6
"""No scanner reaches this; a larger number is something else than a b-value."""

_UNIT_TOLERANCE = 0.035
"""How far a direction's length may be from one: makers write few decimals."""

_RANK_ONE = 0.1
"""A b-matrix with a second eigenvalue below this share of the first has one direction."""

_UNDEFINED_VR = {"FD": "<{}d", "FL": "<{}f"}
"""How a value is packed where a file lost its VR and says UN (PS3.5 6.2.2)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says about a frame.

    Attributes
    ----------
    b : float
        b-value in s/mm², finite and not negative.
    direction : tuple of float or None
        Unit vector; None if there is none, or it is zero.
    isotropic : bool
        The source says that the image is no single direction's.
    axes : {"patient", "image"}
        Whether `direction` is along the patient's axes (LPS), or along the
        rows, the columns and the normal of the image.
    source : str
        Where it was read.
    tells_unweighted : bool
        A series whose b-values are all zero is a diffusion series nevertheless:
        the source exists in no others.
    assumption : str
        What had to be taken for granted, if anything.
    """

    b: float
    direction: Vector | None
    source: str
    isotropic: bool = False
    axes: Literal["patient", "image"] = "patient"
    tells_unweighted: bool = True
    assumption: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.b < _LARGEST_B:  # false for NaN too
            raise StructureError(f"{self.source}: {self.b:g} is no b-value in s/mm²")

    @property
    def complete(self) -> bool:
        """Nothing that another source could add is missing."""
        return self.isotropic or self.direction is not None or self.b <= UNWEIGHTED_UP_TO


def numbers(value: object, what: str) -> tuple[float, ...]:
    """Return the finite numbers of an element's value; empty if it has none.

    Raises
    ------
    StructureError
        If one of them is no finite number.
    """
    if value is None or value == "":
        return ()
    values = list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]
    try:
        found = tuple(float(str(one)) for one in values)
    except (ValueError, OverflowError):
        found = (math.nan,)
    if not all(map(math.isfinite, found)):
        shown = ", ".join(str(one)[:20] for one in values[:6])
        raise StructureError(f"{what}: {shown} where finite numbers belong")
    return found


def keyword_numbers(dataset: Dataset, keyword: str, count: int) -> tuple[float, ...] | None:
    """Return the `count` numbers of a standard element, or None if it is absent or empty.

    Raises
    ------
    StructureError
        If it has another number of values, or one that is not finite.
    """
    return _counted(numbers(dataset.get(keyword, None), keyword), count, keyword)


def private_numbers(
    dataset: Dataset,
    element: tuple[int, int],
    creator: str,
    vr: str,
    maker: str,
    count: int | None = None,
) -> tuple[float, ...] | None:
    """Return the numbers of a private element, or None if it is absent or empty.

    Parameters
    ----------
    dataset : Dataset
        Where it is.
    element : tuple of int
        Group and offset in the block, such as ``(0x0019, 0x0C)``.
    creator : str
        The private creator of the block.
    vr : str
        Its VR, for files that say UN.
    maker : str
        The beginning of Manufacturer (0008,0070), in upper case. Some programs
        that remove identities drop the private creators and keep the
        elements; where nobody claims block 10 and the manufacturer is this
        one, the element is taken from there.
    count : int, optional
        How many values it must have.

    Raises
    ------
    StructureError
        If the value does not suit.
    """
    group, offset = element
    try:
        value = dataset.get_private_item(group, offset, creator).value
    except KeyError:
        unclaimed = dataset.get((group, 0x1000 | offset), None)
        if unclaimed is None or not _is_orphan(dataset, group, maker):
            return None
        value = unclaimed.value
    what = f"({group:04X},xx{offset:02X}) of {creator}"
    if isinstance(value, (bytes, bytearray)):
        value = _unpacked(bytes(value), vr, what)
    found = numbers(value, what)
    return _counted(found, len(found) if count is None else count, what)


def unit_direction(vector: tuple[float, ...], what: str) -> Vector | None:
    """Return the unit vector of a direction, None if it is zero.

    Raises
    ------
    StructureError
        If it is neither zero nor about as long as one.
    """
    length = math.hypot(*vector)
    if length == 0:
        return None
    if abs(length - 1) > _UNIT_TOLERANCE:
        raise StructureError(f"{what}: the direction has length {length:.4g} instead of 1")
    x, y, z = (component / length for component in vector)
    return x, y, z


def direction_of_b_matrix(matrix: tuple[float, ...]) -> Vector | None:
    """Return the one direction of a b-matrix, None if it has several.

    Parameters
    ----------
    matrix : tuple of float
        bxx, bxy, bxz, byy, byz, bzz in s/mm².
    """
    xx, xy, xz, yy, yz, zz = matrix
    values, vectors = np.linalg.eigh(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]))
    if values[2] <= 0 or max(abs(values[0]), abs(values[1])) > _RANK_ONE * values[2]:
        return None
    axis = vectors[:, 2]
    axis = axis * np.sign(axis[np.argmax(np.abs(axis))])  # either sign describes it
    x, y, z = axis.tolist()
    return x, y, z


def _is_orphan(dataset: Dataset, group: int, maker: str) -> bool:
    claimed = dataset.get((group, 0x0010), None)
    manufacturer = str(dataset.get("Manufacturer", None) or "").upper()
    return claimed is None and manufacturer.startswith(maker)


def _unpacked(value: bytes, vr: str, what: str) -> tuple[float, ...] | list[str]:
    pattern = _UNDEFINED_VR.get(vr)
    if pattern is None:
        return value.decode("latin-1").rstrip(" \0").split("\\") if value.strip(b" \0") else []
    size = struct.calcsize(pattern.format(1))
    if len(value) % size:
        raise StructureError(f"{what}: {len(value)} bytes are no whole number of {vr} values")
    unpacked: tuple[float, ...] = struct.unpack(pattern.format(len(value) // size), value)
    return unpacked


def _counted(found: tuple[float, ...], count: int, what: str) -> tuple[float, ...] | None:
    if not found:
        return None
    if len(found) != count:
        raise StructureError(f"{what}: {len(found)} values where {count} belong")
    return found
