"""How a volume lies in the patient, in words and along the patient's axes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pydcm.volume.model import Volume

__all__ = ["Anatomy", "along_patient_axes", "anatomy", "describe"]

_LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
"""Where the patient's x, y and z axes come from and lead to."""
_PLANES = ("sagittal", "coronal", "axial")
"""The plane whose normal is x, y or z."""


class Anatomy(NamedTuple):
    """How voxels lie in the patient.

    Attributes
    ----------
    axes : tuple of int
        The patient's axis (0 x, 1 y, 2 z) that the voxel's x, y and z are nearest to.
    signs : tuple of int
        1 where they lead the same way, -1 where not.
    oblique_deg : float
        The largest angle between a voxel axis in the slice and its patient axis.
    shear_deg : float
        The angle between the step from slice to slice and the slice normal.
    """

    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    oblique_deg: float
    shear_deg: float

    @property
    def codes(self) -> str:
        """Where the voxel's x, y and z lead to, such as ``LPH``."""
        pairs = zip(self.axes, self.signs, strict=True)
        return "".join(_LETTERS[axis][sign > 0] for axis, sign in pairs)

    @property
    def description(self) -> str:
        """The plane and its angles in words."""
        words = _PLANES[self.axes[2]]
        if self.oblique_deg >= 0.1:
            words += f", oblique by {self.oblique_deg:.1f} degrees"
        if self.shear_deg >= 0.1:
            words += f", sheared by {self.shear_deg:.1f} degrees"
        return words


def anatomy(affine: NDArray[np.float64]) -> Anatomy:
    """Return how the voxels of an affine lie in the patient.

    Examples
    --------
    >>> lies = anatomy(np.diag([0.5, 0.5, 3.0, 1.0]))
    >>> lies.codes, lies.description
    ('LPH', 'axial')
    """
    steps = affine[:3, :3]
    cosines = steps / np.linalg.norm(steps, axis=0)
    normal = np.cross(cosines[:, 0], cosines[:, 1])
    # The plane of the slices names the volume, so its normal, on the side to which the slices
    # go on, stands for the third axis.
    normal *= np.sign(normal @ cosines[:, 2]) / np.linalg.norm(normal)
    frame = np.column_stack([cosines[:, 0], cosines[:, 1], normal])
    axes = [-1, -1, -1]
    left = np.abs(frame)
    for _ in range(3):
        patient, voxel = np.unravel_index(int(left.argmax()), left.shape)
        axes[int(voxel)] = int(patient)
        left[patient, :] = -1
        left[:, voxel] = -1
    picked = [float(frame[axes[voxel], voxel]) for voxel in range(3)]
    signs = tuple(1 if value >= 0 else -1 for value in picked)
    oblique = max(_degrees(abs(value)) for value in picked)
    shear = _degrees(abs(float(normal @ cosines[:, 2])))
    return Anatomy((axes[0], axes[1], axes[2]), (signs[0], signs[1], signs[2]), oblique, shear)


def along_patient_axes(
    volume: Volume,
) -> tuple[NDArray[Any], tuple[float, float, float]]:
    """Return the voxels along the patient's axes nearest to theirs, without resampling.

    Parameters
    ----------
    volume : Volume
        Of any orientation.

    Returns
    -------
    pixels : ndarray
        A view ``[z, y, x]``: z towards the head, y towards the back, x towards the left.
    spacing : tuple of float
        Along (z, y, x), mm; from slice to slice it is the distance of their
        planes, which in a sheared volume is less than the step.
    """
    lies = anatomy(volume.affine)
    pixels = volume.pixels
    for voxel, sign in enumerate(lies.signs):
        if sign < 0:
            pixels = np.flip(pixels, axis=2 - voxel)
    # array axis 2 - v holds voxel axis v, and is to become array axis 2 - patient
    order = [2 - lies.axes.index(2 - axis) for axis in range(3)]
    between_planes = volume.spacing[0] * float(np.cos(np.radians(lies.shear_deg)))
    apart = (between_planes, *volume.spacing[1:])
    spacing = [apart[axis] for axis in order]
    return pixels.transpose(order), (spacing[0], spacing[1], spacing[2])


def _degrees(cosine: float) -> float:
    return float(np.degrees(np.arccos(min(1.0, cosine))))


def describe(affine: NDArray[np.float64]) -> str:
    """Return plane and directions in a few words, empty if the affine spans no volume.

    Examples
    --------
    >>> describe(np.diag([0.5, 0.5, 3.0, 1.0]))
    'axial LPH'
    """
    if np.shape(affine) != (4, 4) or not np.isfinite(affine).all():
        return ""
    if abs(float(np.linalg.det(affine[:3, :3]))) == 0:
        return ""
    lies = anatomy(affine)
    plane, *angles = lies.description.split(", ")
    return ", ".join([f"{plane} {lies.codes}", *angles])
