"""What a loaded series is: voxels, their place, and where each slice came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pydcm.volume.report import Report

__all__ = ["Axis", "SliceSource", "Volume", "Volume4D"]


@dataclass(frozen=True, slots=True)
class SliceSource:
    """The frame that a slice was decoded from.

    Attributes
    ----------
    path : str
        Its file.
    frame : int
        Which frame of that file, from 1.
    sop_instance_uid : str
        SOP Instance UID (0008,0018) of the file.
    """

    path: str
    frame: int
    sop_instance_uid: str


@dataclass(eq=False)
class Volume:
    """Voxels and their place in the patient.

    Attributes
    ----------
    pixels : ndarray, shape (z, y, x)
        Slices, rows, columns. :func:`load_series` gives float32 values in the
        modality's units: Hounsfield units for CT.
    spacing : tuple of float
        Distance between voxel centres in mm along (z, y, x).
    affine : ndarray, shape (4, 4), float64
        Maps voxel (x, y, z), that is (column, row, slice), to the patient's
        coordinates in mm: to the left, to the back, to the head (LPS).
    series_instance_uid : str
        Series Instance UID (0020,000E) of the slices.
    frame_of_reference_uid : str
        Frame of Reference UID (0020,0052): volumes that share it lie in one
        space. Empty if it is not known.
    modality : str
        Modality (0008,0060) of the slices.
    units : str
        What a value means, as UCUM or DICOM codes it: ``"HU"`` for CT, Units
        (0054,1001) for PET. Empty if it is not known.
    sources : tuple of SliceSource
        Where each slice came from; empty for a volume that was not loaded from
        DICOM.
    report : Report or None
        What was used and what was left out, and why.
    """

    pixels: NDArray[Any]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]
    series_instance_uid: str
    frame_of_reference_uid: str = ""
    modality: str = ""
    units: str = ""
    sources: tuple[SliceSource, ...] = ()
    report: Report | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of voxels along (z, y, x)."""
        return self.pixels.shape


@dataclass(frozen=True, eq=False)
class Axis:
    """A dimension along which the volumes of a series differ.

    Attributes
    ----------
    kind : str
        ``"time"``, ``"echo"``, ``"b-value"``, ``"phase"``, ``"acquisition"`` ...
    values : ndarray, shape (volumes,)
        Where each volume lies on it.
    spacing : float
        The step if it is even, otherwise 0.
    tag : int
        The element that the values come from, such as 0x00200100.
    """

    kind: str
    values: NDArray[Any]
    spacing: float = 0.0
    tag: int = 0


@dataclass(eq=False)
class Volume4D:
    """Volumes of one series that share a grid.

    Attributes
    ----------
    pixels : ndarray, shape (volumes, z, y, x)
        Float32 values in the modality's units.
    spacing : tuple of float
        Distance between voxel centres in mm along (z, y, x).
    affine : ndarray, shape (4, 4), float64
        As for :class:`Volume`.
    dimensions : list of Axis
        In what the volumes differ, the slowest first.
    series_instance_uid : str
        Series Instance UID (0020,000E).
    volume_path : list of list of str, optional
        For each volume and slice, the file.
    volume_frame : list of list of int, optional
        For each volume and slice, which frame of it, from 1.
    frame_of_reference_uid, modality, units, report
        As for :class:`Volume`.
    """

    pixels: NDArray[Any]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]
    dimensions: list[Axis]
    series_instance_uid: str
    volume_path: list[list[str]] | None = None
    volume_frame: list[list[int]] | None = None
    frame_of_reference_uid: str = ""
    modality: str = ""
    units: str = ""
    report: Report | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of volumes, then of voxels along (z, y, x)."""
        return self.pixels.shape
