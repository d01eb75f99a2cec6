"""What a loaded series is: voxels, their place, and where each slice came from."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pydcm.volume.placing import corners_apart_mm

if TYPE_CHECKING:
    from datetime import datetime

    from pydcm.dataset import Dataset
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


class _Grid(ABC):
    """What a volume and volumes of one grid can do alike."""

    pixels: NDArray[Any]
    spacing: tuple[float, float, float]
    affine: NDArray[np.float64]
    modality: str
    units: str
    report: Report | None

    def equals(self, other: Volume | Volume4D, *, atol_mm: float = 1e-4) -> bool:
        """Tell whether another has the same voxels at the same place.

        Values must be equal (not-a-number equals itself), but may be of another
        dtype. No voxel may lie more than `atol_mm` from where the other has it:
        NIfTI keeps an affine in single precision. UIDs, sources and reports do
        not count; ``==`` stays the question whether two are one object.

        Parameters
        ----------
        other : Volume or Volume4D
            To compare with.
        atol_mm : float
            Distance in mm.

        Examples
        --------
        >>> one = Volume(np.zeros((2, 3, 4)), (1.0, 1.0, 1.0), np.eye(4), "")
        >>> moved = np.eye(4)
        >>> moved[0, 3] = 0.01
        >>> two = Volume(np.zeros((2, 3, 4), np.uint8), (1.0, 1.0, 1.0), moved, "")
        >>> one.equals(two), one.equals(two, atol_mm=0.1)
        (False, True)
        """
        if type(self) is not type(other) or self.pixels.shape != other.pixels.shape:
            return False
        size = self._size()
        if not corners_apart_mm(self.affine, other.affine, size) <= atol_mm:
            return False
        inexact = "f" in (kinds := self.pixels.dtype.kind + other.pixels.dtype.kind) or "c" in kinds
        return np.array_equal(self.pixels, other.pixels, equal_nan=inexact)

    def to_nrrd(self, path: str | os.PathLike[str], *, gzip: bool = False) -> str:
        """Write an NRRD file, header and voxels in one.

        Parameters
        ----------
        path : str or PathLike
            Usually ending in ``.nrrd``.
        gzip : bool
            Compress the voxels.

        Returns
        -------
        str
            The path.

        Raises
        ------
        WriteError
            If NRRD has no voxels of the dtype.
        GeometryError
            If the affine spans no volume.
        """
        from pydcm.volume.nrrd import write_nrrd

        return write_nrrd(path, self.pixels, self.affine, size=self._size(), gzip=gzip)

    def to_metaimage(self, path: str | os.PathLike[str], *, compress: bool = False) -> str:
        """Write a MetaImage.

        Parameters
        ----------
        path : str or PathLike
            ``.mha`` for one file; ``.mhd`` for a header with the voxels beside
            it, in ``.raw`` or, compressed, in ``.zraw``.
        compress : bool
            Compress the voxels.

        Returns
        -------
        str
            The path.

        Raises
        ------
        WriteError
            If MetaImage has no voxels of the dtype.
        GeometryError
            If the affine spans no volume.
        """
        from pydcm.volume.metaimage import write_metaimage

        return write_metaimage(path, self.pixels, self.affine, size=self._size(), compress=compress)

    def to_png(
        self, path: str | os.PathLike[str], *, window: tuple[float, float] | None = None
    ) -> str:
        """Write a picture: three planes through the middle, and slices along each axis.

        Parameters
        ----------
        path : str or PathLike
            Of the PNG file.
        window : tuple of float, optional
            Centre and width of what is shown as gray, in the voxels' unit. If
            it is not given, soft tissue and lung for Hounsfield units, else
            most of the values.

        Returns
        -------
        str
            The path.
        """
        from pydcm.volume.voxel_writing import whole_file

        name = os.fspath(path)
        picture = self._picture(window)
        with whole_file(name) as file:
            file.write(picture)
        return name

    def show(self, *, window: tuple[float, float] | None = None) -> None:
        """Show the picture of :meth:`to_png`.

        In a notebook it appears below the cell; elsewhere the program opens it
        that the system has for pictures.

        Parameters
        ----------
        window : tuple of float, optional
            As for :meth:`to_png`.
        """
        from pydcm.volume.picture.showing import show

        show(self._picture(window))

    def _repr_png_(self) -> bytes:
        return self._picture(None)

    def _picture(self, window: tuple[float, float] | None) -> bytes:
        from pydcm.volume.picture.showing import picture_of

        words = self._words()
        title = f"{self.modality or 'Volume'} {words[0]}"
        return picture_of(self._first(), window, title=title, subtitle=", ".join(words[1:]))

    @abstractmethod
    def _first(self) -> Volume:
        """Return the only volume, or the first."""

    def _size(self) -> tuple[int, int, int]:
        """Return the number of voxels along (z, y, x)."""
        z, y, x = self._first().pixels.shape[:3]
        return z, y, x

    def _words(self) -> list[str]:
        """Return what it is, the most important first."""
        from pydcm.volume.picture.anatomy import describe

        millimetres = " x ".join(f"{length:.4g}" for length in self.spacing)
        words = [
            f"{' x '.join(map(str, self.pixels.shape))} {self.pixels.dtype.name}",
            f"{millimetres} mm (z, y, x)",
            describe(self.affine),
            self.modality,
            self.units,
        ]
        if self.report is not None and self.report.findings:
            words.append("noticed: " + ", ".join(item.code for item in self.report.findings))
        return [word for word in words if word]


@dataclass(eq=False, repr=False)
class Volume(_Grid):
    """Voxels and their place in the patient.

    Attributes
    ----------
    pixels : ndarray, shape (z, y, x)
        Slices, rows, columns. :func:`load_series` gives float32 values in the
        modality's units: Hounsfield units for CT. Voxels of colour, which
        :func:`from_nifti` may give, have their samples in a fourth dimension.
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
        return write_nifti(path, self.pixels, self.affine, dtype=dtype, colour=colour)

    def to_dicom(
        self,
        folder: str | os.PathLike[str],
        reference: str | os.PathLike[str] | Dataset | Iterable[Dataset] | None = None,
        *,
        modality: str | None = None,
        series_description: str | None = None,
        series_number: int | None = None,
        series_instance_uid: str | None = None,
        study_instance_uid: str | None = None,
        when: datetime | None = None,
    ) -> list[str]:
        """Write a series of single-frame CT, MR or PET images.

        Slices are written ascending along the normal of their plane, as
        :func:`load_series` reads them. Values are stored in 16 bits with a
        common slope and intercept: whole numbers that span no more than 65535
        come back exactly, others within half a step, which is a 65535th of
        their range (for PET, whose intercept is zero, of the largest value).

        Parameters
        ----------
        folder : str or PathLike
            Made if it does not exist; no file in it is replaced.
        reference : str, PathLike, Dataset, iterable of Dataset, optional
            What the series is to be filed with: a folder or file of a series,
            or its headers. Patient, study, frame of reference, equipment and
            the parameters of the acquisition are taken from it, those of a slice
            from the image nearest to it. Without it, the patient is unknown and
            the study new.
        modality : {"CT", "MR", "PT"}, optional
            The volume's own or else the reference's if not given.
        series_description, series_number : str and int, optional
            Of the new series.
        series_instance_uid, study_instance_uid : str, optional
            New ones if not given, the study's taken from the reference. The
            other UIDs are derived from that of the series.
        when : datetime, optional
            Date and time of the series; now, if not given. With this and
            `series_instance_uid` the same volume gives the same bytes.

        Returns
        -------
        list of str
            The files, in the order of the slices.

        Raises
        ------
        WriteError
            If values are not finite or complex, or the volume has colour.
        GeometryError
            If rows and columns are not perpendicular, which DICOM cannot state.
        ConformanceError
            If there is no modality, or what it demands is not known.
        FileExistsError
            If a file is there already.
        """
        from pydcm.volume.to_dicom import SeriesIdentity, write_dicom

        identity = SeriesIdentity(
            modality=modality,
            description=series_description,
            number=series_number,
            series_instance_uid=series_instance_uid,
            study_instance_uid=study_instance_uid,
            when=when,
        )
        return write_dicom(self, folder, reference, identity)

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


@dataclass(eq=False, repr=False)
class Volume4D(_Grid):
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
    ) -> str:
        """Write a NIfTI file of four dimensions.

        The step of a time axis becomes that of the fourth dimension, in seconds.

        Parameters
        ----------
        path, dtype
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
        )

    def _first(self) -> Volume:
        return self.volume(0)


def _time_step(dimensions: Sequence[Axis]) -> float:
    """Return the seconds from volume to volume, 0 if time is not all that they differ in."""
    times = [axis.spacing for axis in dimensions if axis.kind == "time"]
    return times[0] if len(dimensions) == 1 and times else 0.0
