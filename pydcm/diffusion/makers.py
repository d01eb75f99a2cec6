"""Diffusion weighting in the private elements of scanners' makers.

Elements are found through their private creator (PS3.5 7.8.1). None of this is
in the standard; each function says what the maker writes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from pydcm.diffusion.readings import (
    Reading,
    Vector,
    direction_of_b_matrix,
    numbers,
    private_numbers,
    unit_direction,
)
from pydcm.errors import StructureError
from pydcm.vendors.canon import commented_gradient
from pydcm.vendors.csa import csa_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydcm.dataset import Dataset

__all__ = ["read_canon", "read_ge", "read_philips", "read_siemens", "read_siemens_csa", "read_uih"]

_SIEMENS = "SIEMENS MR HEADER"
_GE_ACQUISITION, _GE_PARAMETERS = "GEMS_ACQU_01", "GEMS_PARM_01"
_PHILIPS_IMAGING, _PHILIPS_MR = "Philips Imaging DD 001", "Philips MR Imaging DD 001"
_UIH = "Image Private Header"

_GE_FLAG = 10**9
"""What GE adds to the b-value of some protocols."""

_GE_STEP = 5
"""GE prescribes b-values in steps of so many s/mm²."""

_GE_SHORTER_BY = 0.035
"""A gradient of GE that is shorter by more than this stands for a smaller b-value."""

_Axis = Literal["sagittal", "coronal", "axial"]

_GE_SIGNS: dict[tuple[_Axis, bool], Vector] = {
    ("axial", True): (-1, -1, 1),
    ("axial", False): (-1, 1, 1),
    ("coronal", True): (-1, 1, 1),
    ("coronal", False): (1, 1, 1),
    ("sagittal", True): (1, 1, -1),
    ("sagittal", False): (1, -1, -1),
}
"""For the plane and whether phase runs along columns: signs along row, column, normal."""


def read_siemens(dataset: Dataset) -> Reading | None:
    """Read the Siemens private elements of group 0019, in the patient's axes.

    (0019,xx0C) b-value, (0019,xx0E) direction, (0019,xx27) b-matrix.
    """
    b = private_numbers(dataset, (0x0019, 0x0C), _SIEMENS, "IS", "SIEMENS", 1)
    if b is None:
        return None
    what = "Siemens (0019,xx0E)"
    given = private_numbers(dataset, (0x0019, 0x0E), _SIEMENS, "FD", "SIEMENS", 3)
    direction = unit_direction(given, what) if given else None
    if direction is None:
        matrix = private_numbers(dataset, (0x0019, 0x27), _SIEMENS, "FD", "SIEMENS", 6)
        direction = direction_of_b_matrix(matrix) if matrix else None
    return Reading(b[0], direction, "Siemens (0019,xx0C)")


def read_siemens_csa(dataset: Dataset) -> Reading | None:
    """Read B_value, DiffusionGradientDirection and B_matrix of the Siemens CSA image header.

    All are in the patient's axes.
    """
    header = csa_header(dataset)
    b = header.number("B_value") if header is not None else None
    if header is None or b is None:
        return None
    direction = None
    given = header.floats("DiffusionGradientDirection")
    matrix = header.floats("B_matrix")
    if given:
        _require(len(given) == 3, "DiffusionGradientDirection", len(given), 3)
        direction = unit_direction(given, "DiffusionGradientDirection of the CSA header")
    if direction is None and matrix:
        _require(len(matrix) == 6, "B_matrix", len(matrix), 6)
        direction = direction_of_b_matrix(matrix)
    return Reading(b, direction, "Siemens CSA header")


def read_ge(dataset: Dataset) -> Reading | None:
    """Read GE's b-value (0043,xx39) and direction (0019,xxBB), (0019,xxBC), (0019,xxBD).

    The direction is along the axes of frequency, phase and slice, with signs
    that depend on the plane. A vector shorter than one stands for a shell: the
    b-value goes with the square of its length. 10^9 may be added to the b-value.
    """
    slots = private_numbers(dataset, (0x0043, 0x39), _GE_PARAMETERS, "IS", "GE")
    if slots is None:
        return None
    parts = [
        private_numbers(dataset, (0x0019, offset), _GE_ACQUISITION, "DS", "GE", 1)
        for offset in (0xBB, 0xBC, 0xBD)
    ]
    if any(part is None for part in parts):
        return None
    vector = tuple(part[0] for part in parts if part is not None)
    b = slots[0] - _GE_FLAG if slots[0] >= _GE_FLAG else slots[0]
    source = "GE (0043,xx39), (0019,xxBB)"
    length = math.hypot(*vector)
    if 0 < length < 1 - _GE_SHORTER_BY:
        b = math.floor(b * length**2 / _GE_STEP + 0.5) * _GE_STEP
        vector = tuple(component / length for component in vector)
    direction = unit_direction(vector, source)
    if direction is None or b == 0:
        return Reading(b, None, source, tells_unweighted=False)
    along_columns, assumption = _phase_along_columns(dataset, direction)
    return Reading(
        b,
        _ge_in_image(direction, _plane(dataset), along_columns),
        source,
        axes="image",
        assumption=assumption,
    )


def read_philips(dataset: Dataset) -> Reading | None:
    """Read Philips' b-value (2001,xx03) and direction (2005,xxB0), (2005,xxB1), (2005,xxB2).

    The direction is in the patient's axes: right-left, front-back, foot-head.
    """
    b = private_numbers(dataset, (0x2001, 0x03), _PHILIPS_IMAGING, "FL", "PHILIPS", 1)
    if b is None:
        return None
    parts = [
        private_numbers(dataset, (0x2005, offset), _PHILIPS_MR, "FL", "PHILIPS", 1)
        for offset in (0xB0, 0xB1, 0xB2)
    ]
    vector = tuple(part[0] for part in parts if part is not None)
    source = "Philips (2001,xx03), (2005,xxB0)"
    direction = unit_direction(vector, source) if len(vector) == 3 else None
    return Reading(b[0], direction, source, tells_unweighted=False)


def read_canon(dataset: Dataset) -> Reading | None:
    """Read Canon's direction from Image Comments (0020,4000), and that Toshiba has none.

    Canon's is along phase, frequency and slice. Makers say nothing about its
    signs; what is known of images whose phase is encoded along columns holds for
    axial and sagittal planes only, so that others have no direction.

    Toshiba writes no element of diffusion into the unweighted images of a series.
    """
    manufacturer = str(dataset.get("Manufacturer", None) or "").upper()
    given = numbers(dataset.get("DiffusionBValue", None), "DiffusionBValue")
    if manufacturer.startswith("TOSHIBA") and not given:
        is_mr = str(dataset.get("Modality", None) or "") == "MR"
        source = "Toshiba, no Diffusion b-value (0018,9087)"
        return Reading(0.0, None, source, tells_unweighted=False) if is_mr else None
    if not (manufacturer.startswith("CANON") and given):
        return None
    found = commented_gradient(str(dataset.get("ImageComments", None) or ""))
    if found is None:
        return None
    b, (phase, frequency, slice_) = found
    source = "Canon Image Comments (0020,4000)"
    if abs(b - given[0]) > 1:
        raise StructureError(f"{source}: b={b:g}, but (0018,9087) says {given[0]:g}")
    direction = unit_direction((frequency, phase, slice_), source)
    if direction is None:
        return Reading(given[0], None, source)
    along_columns, assumption = _phase_along_columns(dataset, direction)
    plane = _plane(dataset)
    if assumption or not along_columns or plane == "coronal":
        raise StructureError(
            f"{source}: the signs of its direction are known for axial and sagittal images "
            "whose phase is encoded along columns, and this is none"
        )
    return Reading(given[0], _ge_in_image(direction, plane, True), source, axes="image")


def read_uih(dataset: Dataset) -> Reading | None:
    """Read UIH's b-value (0065,xx09) and direction (0065,xx37).

    The direction is along the rows, the columns and the normal of the image.
    """
    b = private_numbers(dataset, (0x0065, 0x09), _UIH, "FD", "UIH", 1)
    if b is None:
        return None
    source = "UIH (0065,xx09), (0065,xx37)"
    given = private_numbers(dataset, (0x0065, 0x37), _UIH, "FD", "UIH", 3)
    direction = unit_direction(given, source) if given else None
    return Reading(b[0], direction, source, axes="image", tells_unweighted=False)


def _require(holds: bool, name: str, found: int, wanted: int) -> None:
    if not holds:
        raise StructureError(f"CSA header: {name} has {found} values where {wanted} belong")


def _ge_in_image(direction: Vector, plane: _Axis, along_columns: bool) -> Vector:
    """Turn frequency, phase, slice into row, column, normal."""
    frequency, phase, slice_ = direction
    in_plane = (frequency, phase) if along_columns else (phase, frequency)
    signs = _GE_SIGNS[plane, along_columns]
    return signs[0] * in_plane[0], signs[1] * in_plane[1], signs[2] * slice_


def _plane(dataset: Dataset) -> _Axis:
    """Return the plane that the image is nearest to."""
    orientation = numbers(dataset.get("ImageOrientationPatient", None), "ImageOrientationPatient")
    if len(orientation) != 6:
        raise StructureError("a gradient of GE needs Image Orientation (Patient)")
    normal = np.abs(np.cross(orientation[:3], orientation[3:]))
    planes: Sequence[_Axis] = ("sagittal", "coronal", "axial")
    return planes[int(np.argmax(normal))]


def _phase_along_columns(dataset: Dataset, direction: Vector) -> tuple[bool, str]:
    """Tell whether the phase is encoded along columns, and what that rests on if on little."""
    named = str(dataset.get("InPlanePhaseEncodingDirection", None) or "").strip().upper()
    if named in {"COL", "ROW"}:
        return named == "COL", ""
    # PS3.3 C.8.3.1.1.1: frequency rows, frequency columns, phase rows, phase columns
    matrix = numbers(dataset.get("AcquisitionMatrix", None), "AcquisitionMatrix")
    if len(matrix) == 4 and bool(matrix[2]) != bool(matrix[3]):
        return matrix[3] > 0, ""
    if direction[0] == direction[1] == 0:
        return True, ""  # along the normal: it is the same either way
    return True, (
        "In-plane Phase Encoding Direction (0018,1312) is missing: "
        "the gradients of GE are read as for COL"
    )
