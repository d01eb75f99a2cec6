"""What a loaded series is: voxels, their place, and where each slice came from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pydcm.progress import Progress
from pydcm.volume.placed import PlacedVoxels

if TYPE_CHECKING:
    from pydcm.volume.report import Report
    from pydcm.volume.suv import PetSuv

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


@dataclass(eq=False, repr=False)
class Volume(PlacedVoxels):
    """Voxels and their place in the patient.

    Attributes
    ----------
    pixels : ndarray, shape (z, y, x)
        Slices, rows, columns. :func:`load_series` gives float32 values in the
        modality's units: Hounsfield units for CT. Voxels of colour have red, green
        and blue in a fourth dimension.
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
    suv : PetSuv or None
        For PET, the factors to standardized uptake values.

    Examples
    --------
    >>> Volume(np.zeros((2, 3, 4), np.int16), (2.0, 1.0, 1.0), np.diag([1, 1, 2, 1]), "")
    <Volume: 2 x 3 x 4 int16, 2 x 1 x 1 mm (z, y, x), axial LPH>
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
    suv: PetSuv | None = None

    def __repr__(self) -> str:
        words = self._words()
        if self.sources:
            files = len({source.path for source in self.sources})
            words.append(f"from {files} file{'' if files == 1 else 's'}")
        return f"<Volume: {', '.join(words)}>"

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of voxels along (z, y, x)."""
        return self.pixels.shape

    def to_nifti(
        self,
        path: str | os.PathLike[str],
        *,
        dtype: str | np.dtype[Any] | type | None = None,
        progress: Progress = None,
    ) -> str:
        """Write a NIfTI file.

        Both sform and qform hold the affine, turned to RAS; a sheared volume
        keeps its shear in the sform only, as a qform has none. Rows are not
        turned over. With isal (extra ``nifti``) compression is several times
        as fast; the voxels are compressed on all processors anyway.

        Parameters
        ----------
        path : str or PathLike
            Compressed if it ends in ``.gz``.
        dtype : str, dtype, type or None
            What to store. None: float32, uint8, int16 and uint16 stay what they
            are, other dtypes become float32. ``"smallest"``: uint8, int16 or
            uint16 if one of them holds every value exactly. Otherwise a dtype.
        progress : bool or callable, optional
            As for :meth:`to_nrrd`.

        Returns
        -------
        str
            The path.

        Raises
        ------
        WriteError
            If the stored type cannot hold whole numbers exactly.
        GeometryError
            If the affine spans no volume.
        BackendError
            If nibabel is missing (extra ``nifti``).
        """
        from pydcm.volume.nifti import write_nifti

        colour = self.pixels.ndim == 4 and self.pixels.shape[3] in (3, 4)
        return write_nifti(
            path, self.pixels, self.affine, dtype=dtype, colour=colour, progress=progress
        )

    def to_sitk(self) -> Any:
        """Return a ``SimpleITK.Image`` with a copy of the voxels.

        Raises
        ------
        BackendError
            If SimpleITK is not installed.
        """
        from pydcm.volume.interchange import to_sitk

        return to_sitk(self)

    def to_nibabel(self) -> Any:
        """Return a ``nibabel.Nifti1Image`` on the same voxels, with the affine in RAS.

        Raises
        ------
        BackendError
            If nibabel is not installed.
        """
        from pydcm.volume.interchange import to_nibabel

        return to_nibabel(self)

    def _first(self) -> Volume:
        return self

    def _parts(self) -> tuple[list[Volume], list[Axis]]:
        return [self], []


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
        The element that the values are of, such as 0x00200100; 0 if none of the
        standard has them.
    """

    kind: str
    values: NDArray[Any]
    spacing: float = 0.0
    tag: int = 0


@dataclass(eq=False, repr=False)
class Volume4D(PlacedVoxels):
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

    def __repr__(self) -> str:
        along = " x ".join(axis.kind for axis in self.dimensions)
        words = [*self._words(), *([f"along {along}"] if along else [])]
        return f"<Volume4D: {', '.join(words)}>"

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of volumes, then of voxels along (z, y, x)."""
        return self.pixels.shape

    def volume(self, index: int) -> Volume:
        """Return one of the volumes, without a copy of its voxels.

        Parameters
        ----------
        index : int
            Which, from 0; negative ones count from the end.

        Raises
        ------
        IndexError
            If there are fewer.
        """
        return Volume(
            self.pixels[index],
            self.spacing,
            self.affine,
            self.series_instance_uid,
            self.frame_of_reference_uid,
            self.modality,
            self.units,
            report=self.report,
        )

    def to_nifti(
        self,
        path: str | os.PathLike[str],
        *,
        dtype: str | np.dtype[Any] | type | None = None,
        progress: Progress = None,
    ) -> str:
        """Write a NIfTI file of four dimensions.

        The step of a time axis becomes that of the fourth dimension, in seconds.

        Parameters
        ----------
        path, dtype, progress
            As for :meth:`Volume.to_nifti`.

        Returns
        -------
        str
            The path.

        Raises
        ------
        PydcmError
            As for :meth:`Volume.to_nifti`.
        """
        from pydcm.volume.nifti import write_nifti

        colour = self.pixels.ndim == 5
        return write_nifti(
            path,
            self.pixels,
            self.affine,
            dtype=dtype,
            step_s=_time_step(self.dimensions),
            colour=colour,
            progress=progress,
        )

    def _first(self) -> Volume:
        return self.volume(0)

    def _parts(self) -> tuple[list[Volume], list[Axis]]:
        return [self.volume(index) for index in range(len(self.pixels))], self.dimensions


def _time_step(dimensions: Sequence[Axis]) -> float:
    """Return the seconds from volume to volume, 0 if time is not all that they differ in."""
    times = [axis.spacing for axis in dimensions if axis.kind == "time"]
    return times[0] if len(dimensions) == 1 and times else 0.0
