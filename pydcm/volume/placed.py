"""What a volume and volumes of one grid can do alike."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pydcm.progress import Progress
from pydcm.volume.placing import corners_apart_mm
from pydcm.whole_file import whole_file

if TYPE_CHECKING:
    from datetime import datetime

    from pydcm.dataset import Dataset
    from pydcm.volume.model import Axis, Volume, Volume4D
    from pydcm.volume.report import Report

__all__ = ["PlacedVoxels"]


class PlacedVoxels(ABC):
    """Voxels ``[..., z, y, x]`` with a place in the patient, and the files they can become."""

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
        >>> from pydcm.volume import Volume
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

    def to_nrrd(
        self, path: str | os.PathLike[str], *, gzip: bool = False, progress: Progress = None
    ) -> str:
        """Write an NRRD file, header and voxels in one.

        Parameters
        ----------
        path : str or PathLike
            Usually ending in ``.nrrd``.
        gzip : bool
            Compress the voxels.
        progress : bool or callable, optional
            Show how much was written, or call with each step; see
            :mod:`pydcm.progress`. Whatever the callback raises ends the writing,
            and the file is what it was before.

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

        return write_nrrd(
            path, self.pixels, self.affine, size=self._size(), gzip=gzip, progress=progress
        )

    def to_metaimage(
        self, path: str | os.PathLike[str], *, compress: bool = False, progress: Progress = None
    ) -> str:
        """Write a MetaImage.

        Parameters
        ----------
        path : str or PathLike
            ``.mha`` for one file; ``.mhd`` for a header with the voxels beside
            it, in ``.raw`` or, compressed, in ``.zraw``.
        compress : bool
            Compress the voxels.
        progress : bool or callable, optional
            As for :meth:`to_nrrd`.

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

        return write_metaimage(
            path,
            self.pixels,
            self.affine,
            size=self._size(),
            compress=compress,
            progress=progress,
        )

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
        progress: Progress = None,
    ) -> list[str]:
        """Write a series of single-frame CT, MR or PET images.

        Slices are written ascending along the normal of their plane, as
        :func:`load_series` reads them, volume after volume. Each image has the
        attributes that say where its volume lies on `dimensions`, as
        :func:`load_4d` reads them: see :mod:`pydcm.volume.dicom_axes`. Values are
        stored in 16 bits with a slope and intercept for each volume: whole numbers
        that span no more than 65535 come back exactly, others within half a step,
        which is a 65535th of their range (for PET, whose intercept is zero, of the
        largest value).

        Parameters
        ----------
        folder : str or PathLike
            Made if it does not exist; no file in it is replaced.
        reference : str, PathLike, Dataset, iterable of Dataset, optional
            What the series is to be filed with: a folder or file of a series,
            or its headers. Patient, study, frame of reference, equipment and
            the parameters of the acquisition are taken from it, those of a slice
            from the image nearest to it. Times that count from the first volume,
            as those of NIfTI files, begin at its Acquisition Time. Without it, the
            patient is unknown and the study new.
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
        progress : bool or callable, optional
            Show how many slices were written, or call with each step; see
            :mod:`pydcm.progress`. If the callback raises, no file of the series
            is left.

        Returns
        -------
        list of str
            The files, in the order of the volumes and slices.

        Raises
        ------
        WriteError
            If values are not finite or complex, or the volume has colour.
        GeometryError
            If rows and columns are not perpendicular, which DICOM cannot state;
            or an axis has not one value for each volume.
        ConformanceError
            If there is no modality, or what it demands is not known; or volumes
            of PET differ in something else than time.
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
        return write_dicom(*self._parts(), folder, reference, identity, progress=progress)

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

    @abstractmethod
    def _parts(self) -> tuple[list[Volume], list[Axis]]:
        """Return the volumes and in what they differ."""

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
