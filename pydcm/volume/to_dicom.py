"""Volumes as a series of single-frame CT, MR or PET images (PS3.3 A.3, A.4, A.21)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.errors import ConformanceError, GeometryError
from pydcm.progress import Progress, track
from pydcm.sequence import Sequence
from pydcm.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)
from pydcm.valuerep.numbers import format_number_as_ds
from pydcm.volume.dicom_axes import axis_attributes
from pydcm.volume.dicom_reference import Reference, reference_headers
from pydcm.volume.placing import checked_affine
from pydcm.volume.stored_values import StoredValues

if TYPE_CHECKING:
    from pydcm.volume.model import Axis, Volume

__all__ = ["SeriesIdentity", "write_dicom"]

_SOP_CLASSES = {
    "CT": CTImageStorage,
    "MR": MRImageStorage,
    "PT": PositronEmissionTomographyImageStorage,
}

_TAKEN = """
PatientName PatientID IssuerOfPatientID PatientBirthDate PatientSex PatientAge PatientSize
PatientWeight PatientIdentityRemoved DeidentificationMethod DeidentificationMethodCodeSequence
PatientSpeciesDescription PatientSpeciesCodeSequence PatientBreedDescription
PatientBreedCodeSequence BreedRegistrationSequence ResponsiblePerson ResponsiblePersonRole
ResponsibleOrganization StudyDate StudyTime AccessionNumber ReferringPhysicianName
StudyInstanceUID StudyID StudyDescription TimezoneOffsetFromUTC
ClinicalTrialSponsorName ClinicalTrialProtocolID ClinicalTrialProtocolName ClinicalTrialSiteID
ClinicalTrialSiteName ClinicalTrialSubjectID ClinicalTrialSubjectReadingID
FrameOfReferenceUID PositionReferenceIndicator PatientPosition BodyPartExamined Laterality
ProtocolName Manufacturer InstitutionName StationName ManufacturerModelName DeviceSerialNumber
SoftwareVersions BurnedInAnnotation LossyImageCompression LossyImageCompressionRatio
LossyImageCompressionMethod
""".split()
"""Taken from a reference of any modality: patient, study, frame of reference, equipment."""

_ACQUISITION = "AcquisitionDate AcquisitionTime AcquisitionNumber ContrastBolusAgent SliceThickness"

_TAKEN_OF = {
    "CT": f"""{_ACQUISITION} KVP ScanOptions DataCollectionDiameter ExposureTime XRayTubeCurrent
        Exposure FilterType ConvolutionKernel FocalSpots GeneratorPower RotationDirection
        RevolutionTime SingleCollimationWidth TotalCollimationWidth SpiralPitchFactor CTDIvol""",
    "MR": f"""{_ACQUISITION} ScanningSequence SequenceVariant ScanOptions MRAcquisitionType
        SequenceName RepetitionTime EchoTime InversionTime NumberOfAverages ImagingFrequency
        ImagedNucleus EchoNumbers MagneticFieldStrength EchoTrainLength FlipAngle PixelBandwidth
        ReceiveCoilName TransmitCoilName TriggerTime""",
    "PT": f"""{_ACQUISITION} SeriesDate SeriesTime SeriesType Units CountsSource DecayCorrection
        CorrectedImage CollimatorType RadiopharmaceuticalInformationSequence
        PatientOrientationCodeSequence PatientGantryRelationshipCodeSequence FrameReferenceTime
        ActualFrameDuration DecayFactor DoseCalibrationFactor ScatterFractionFactor
        AttenuationCorrectionMethod RandomsCorrectionMethod ScatterCorrectionMethod
        ReconstructionMethod AxialAcceptance SUVType""",
}
"""Taken from a reference of the same modality.

Series Date and Time of PET stay what decay was corrected to (PS3.3 C.8.9.1.1.11).
"""

_TAKEN_BY_SLICE = """
AcquisitionDate AcquisitionTime AcquisitionNumber ExposureTime XRayTubeCurrent Exposure
TriggerTime FrameReferenceTime ActualFrameDuration DecayFactor ScatterFractionFactor
""".split()
"""Of these, what the image nearest to the slice has goes before what the first one has."""

_EMPTY = """
PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime AccessionNumber
ReferringPhysicianName StudyID PatientPosition Laterality PositionReferenceIndicator
Manufacturer
""".split()
"""Of type 2 in all three: present, and empty if not known."""

_EMPTY_OF = {
    "CT": "KVP AcquisitionNumber",
    "MR": "ScanOptions MRAcquisitionType EchoTime EchoTrainLength RepetitionTime",
    "PT": """CollimatorType CorrectedImage RadiopharmaceuticalInformationSequence AcquisitionDate
        PatientOrientationCodeSequence PatientGantryRelationshipCodeSequence AcquisitionTime
        ActualFrameDuration""",
}

_DEMANDED_OF = {
    "PT": "SeriesType Units CountsSource DecayCorrection FrameReferenceTime".split(),
}
"""Of type 1 and known to a reference only (PS3.3 C.8.9.1, C.8.9.4)."""

_FIXED_OF: dict[str, dict[str, object]] = {
    "CT": {"ImageType": ["DERIVED", "SECONDARY", "AXIAL"]},
    # research mode and no variant are what MR has for neither (PS3.3 C.8.3.1)
    "MR": {
        "ImageType": ["DERIVED", "SECONDARY", "OTHER"],
        "ScanningSequence": "RM",
        "SequenceVariant": "NONE",
    },
    "PT": {"ImageType": ["DERIVED", "PRIMARY"]},  # its second value is fixed (PS3.3 C.8.9.4)
}
"""What a slice has unless its reference says otherwise; the image type always."""

_PERPENDICULAR = 1e-4
"""How far rows and columns may be from a right angle, as a cosine (PS3.3 C.7.6.2.1.1)."""


@dataclass(frozen=True)
class SeriesIdentity:
    """What names a new series; None for what is to be found or made.

    Attributes
    ----------
    modality, description, number, series_instance_uid, study_instance_uid, when
        As for :meth:`Volume.to_dicom`.
    """

    modality: str | None = None
    description: str | None = None
    number: int | None = None
    series_instance_uid: str | None = None
    study_instance_uid: str | None = None
    when: datetime | None = None


def write_dicom(
    volumes: list[Volume],
    axes: list[Axis],
    folder: str | os.PathLike[str],
    reference: str | os.PathLike[str] | Dataset | Iterable[Dataset] | None,
    identity: SeriesIdentity,
    *,
    progress: Progress = None,
) -> list[str]:
    """Write volumes as a series; see :meth:`Volume.to_dicom`.

    Parameters
    ----------
    volumes : list of Volume
        What to write, of one grid.
    axes : list of Axis
        In what they differ.
    folder, reference
        As there.
    identity : SeriesIdentity
        Names, dates and UIDs.
    progress : bool or callable, optional
        Show how many slices were written.

    Returns
    -------
    list of str
        The files.
    """
    target = os.fspath(folder)
    series = _series(volumes, axes, Reference(reference_headers(reference)), identity)
    count = len(series.volumes) * len(series.planes.indices)
    digits = max(4, len(str(count)))
    made = _make_folder(target)
    written: list[str] = []
    try:
        for number in track(range(1, count + 1), progress, what="slices written"):
            path = os.path.join(target, f"{number:0{digits}}.dcm")
            series.image(number).save_as(path, enforce_file_format=True, overwrite=False)
            written.append(path)
    except BaseException:
        with contextlib.suppress(OSError):
            for path in [*written, *made]:
                (os.rmdir if path in made else os.unlink)(path)
        raise
    return written


def _make_folder(target: str) -> list[str]:
    """Make a folder and return those that did not exist, the innermost first."""
    made: list[str] = []
    folder = os.path.abspath(target)
    while not os.path.isdir(folder):
        made.append(folder)
        folder = os.path.dirname(folder)
    os.makedirs(target, exist_ok=True)
    return made


def _series(
    volumes: list[Volume], axes: list[Axis], reference: Reference, identity: SeriesIdentity
) -> _Series:
    """Return the series, once all that can be wrong is known to be right."""
    first = volumes[0]
    modality = identity.modality or first.modality or reference.modality
    if modality not in _SOP_CLASSES:
        raise ConformanceError(
            f"a series of modality {modality!r} cannot be written: give modality= as one of "
            f"{', '.join(_SOP_CLASSES)}"
        )
    planes = _Planes.of(first.affine, first.pixels.shape[0])
    stored = [
        StoredValues.of(volume.pixels, intercept_allowed=modality != "PT") for volume in volumes
    ]
    common = _common(first, reference, modality, identity)
    along = axis_attributes(axes, len(volumes), modality, reference.first)
    missing = [key for key in _DEMANDED_OF.get(modality, ()) if not common.get(key)]
    if missing:
        raise ConformanceError(
            f"a {modality} image needs {', '.join(missing)}",
            problems=[f"{key} is of type 1 and missing" for key in missing],
            hint="give a reference of that modality",
        )
    return _Series(volumes, common, reference, modality, planes, stored, along)


# ---- the images ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Planes:
    """Where the slices lie, ascending along their normal.

    Attributes
    ----------
    indices : list of int
        For each image, the slice of the volume.
    affine : ndarray, shape (4, 4)
        Of the volume.
    orientation, spacing : list of str
        Image Orientation (Patient), Pixel Spacing.
    apart_mm : float
        From plane to plane.
    """

    indices: list[int]
    affine: NDArray[np.float64]
    orientation: list[str]
    spacing: list[str]
    apart_mm: float

    @classmethod
    def of(cls, affine: NDArray[np.float64], slices: int) -> _Planes:
        """Return the planes of an affine.

        Raises
        ------
        GeometryError
            If rows and columns are not perpendicular.
        """
        matrix = checked_affine(affine)
        lengths = np.linalg.norm(matrix[:3, :3], axis=0)
        row, column, _ = (matrix[:3, :3] / lengths).T
        if abs(float(row @ column)) > _PERPENDICULAR:
            angle = float(np.degrees(np.arccos(row @ column)))
            raise GeometryError(
                f"rows and columns meet at {angle:.4g} degrees, which an image cannot state",
                clause="PS3.3 C.7.6.2.1.1",
                hint="resample the volume to a grid of right angles",
            )
        ahead = float(np.cross(row, column) @ matrix[:3, 2])
        indices = list(range(slices)) if ahead > 0 else list(range(slices))[::-1]
        return cls(
            indices,
            matrix,
            _decimals([*row, *column]),
            _decimals([lengths[1], lengths[0]]),
            abs(ahead),
        )

    def position(self, index: int) -> NDArray[np.float64]:
        """Return the place of the first pixel of a slice."""
        place: NDArray[np.float64] = self.affine[:3, 3] + index * self.affine[:3, 2]
        return place


def _common(
    volume: Volume, reference: Reference, modality: str, identity: SeriesIdentity
) -> Dataset:
    """Return what all images of the series share."""
    when = identity.when or datetime.now().astimezone()
    series = identity.series_instance_uid or str(generate_uid())
    common = Dataset()
    for key in _EMPTY + _EMPTY_OF[modality].split():
        setattr(common, key, None)
    common.update(_fixed(modality))
    if reference.headers:
        _take(common, reference.first, _TAKEN)
        if reference.modality == modality:
            _take(common, reference.first, _TAKEN_OF[modality].split())
    if common.get("BodyPartExamined") and not common.Laterality:
        del common.Laterality  # which only paired parts have, and they have a value (PS3.3 C.7.3.1)
    common.SpecificCharacterSet = "ISO_IR 192"
    common.Modality = modality
    common.SOPClassUID = _SOP_CLASSES[modality]
    common.SeriesInstanceUID = series
    if identity.study_instance_uid:
        common.StudyInstanceUID = identity.study_instance_uid
    elif not common.get("StudyInstanceUID"):
        common.StudyInstanceUID = _derived_uid(series, "study")
    if volume.frame_of_reference_uid:
        common.FrameOfReferenceUID = volume.frame_of_reference_uid
    elif not common.get("FrameOfReferenceUID"):
        common.FrameOfReferenceUID = _derived_uid(series, "frame of reference")
    common.SeriesNumber = identity.number
    if identity.description:
        common.SeriesDescription = identity.description
    common.InstanceCreationDate = common.ContentDate = when.strftime("%Y%m%d")
    common.InstanceCreationTime = common.ContentTime = when.strftime("%H%M%S.%f")
    if modality != "PT" or "SeriesDate" not in common:
        common.SeriesDate, common.SeriesTime = common.ContentDate, common.ContentTime
    if modality == "PT":
        _adapt_pet(common, volume)
    return common


def _fixed(modality: str) -> Dataset:
    fixed = Dataset()
    for key, value in _FIXED_OF[modality].items():
        setattr(fixed, key, value)
    return fixed


def _adapt_pet(common: Dataset, volume: Volume) -> None:
    """Make a static series of what may have been one of many (PS3.3 C.8.9.1.1.4)."""
    del common.PatientPosition  # the orientation sequence stands for it (PS3.3 C.7.3.1)
    common.NumberOfSlices = volume.pixels.shape[0]
    if volume.units:
        common.Units = volume.units
    kinds = common.get("SeriesType") or ""
    first, *rest = [kinds] if isinstance(kinds, str) else list(kinds)
    if first in ("DYNAMIC", "GATED"):
        common.SeriesType = ["STATIC", *rest[:1]]


def _take(target: Dataset, header: Dataset, keywords: list[str]) -> None:
    """Copy elements as they are: what a reference has, valid or not, is not judged here."""
    for key in keywords:
        if header.get(key, None) is not None:
            target.add(deepcopy(header[key]))


@dataclass(frozen=True, eq=False)
class _Series:
    """What the images of a series are made of.

    Attributes
    ----------
    volumes : list of Volume
        Of one grid.
    common : Dataset
        What all images share.
    reference : Reference
        What the series is filed with.
    modality : str
        Of the images.
    planes : _Planes
        Of each volume.
    stored : list of StoredValues
        For each volume.
    along : list of Dataset
        For each volume, what tells it from others.
    """

    volumes: list[Volume]
    common: Dataset
    reference: Reference
    modality: str
    planes: _Planes
    stored: list[StoredValues]
    along: list[Dataset]

    def image(self, number: int) -> Dataset:
        """Return an image: those of the first volume come first, numbered from 1."""
        which, place = divmod(number - 1, len(self.planes.indices))
        index = self.planes.indices[place]
        position = self.planes.position(index)
        image = deepcopy(self.common)
        if self.reference.headers:
            nearest, same = self.reference.nearest(position, self.along[which])
            if nearest is not None and self.reference.modality == self.modality:
                _take(image, nearest, [key for key in _TAKEN_BY_SLICE if key in image])
            if nearest is not None and same and "SOPInstanceUID" in nearest:
                image.SourceImageSequence = Sequence([_reference_to(nearest)])
        image.update(self.along[which])
        image.SOPInstanceUID = _derived_uid(str(image.SeriesInstanceUID), f"image {number}")
        image.InstanceNumber = number
        image.ImagePositionPatient = _decimals(position)
        image.ImageOrientationPatient = self.planes.orientation
        image.PixelSpacing = self.planes.spacing
        if not image.get("SliceThickness", None):
            image.SliceThickness = _decimals([self.planes.apart_mm])[0]
        if self.modality != "PT":
            image.SpacingBetweenSlices = _decimals([self.planes.apart_mm])[0]
        else:
            image.ImageIndex = number  # PS3.3 C.8.9.4.1.9
        _put_pixels(image, self.volumes[which], self.stored[which], index, self.modality)
        image.file_meta = FileMetaDataset()
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        return image


def _put_pixels(
    image: Dataset, volume: Volume, stored: StoredValues, index: int, modality: str
) -> None:
    """Add the Image Pixel module and the rescaling (PS3.3 C.7.6.3, C.11.1)."""
    plane = stored.encode(volume.pixels[index])
    image.SamplesPerPixel = 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows, image.Columns = plane.shape
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit = 15
    image.PixelRepresentation = int(stored.dtype.kind == "i")
    image.PixelData = plane.tobytes()
    if modality == "MR" and stored.is_identity:
        return  # MR has no rescaling of its own (PS3.3 A.4.3)
    image.RescaleIntercept, image.RescaleSlope = stored.intercept, stored.slope
    if modality != "PT":
        image.RescaleType = volume.units or ("HU" if modality == "CT" else "US")


def _reference_to(header: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = header.SOPClassUID
    item.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return item


def _derived_uid(series: str, what: str) -> str:
    return str(generate_uid(entropy_srcs=[series, what]))


def _decimals(numbers: Any) -> list[str]:
    """Return numbers as Decimal Strings, zero without a sign."""
    return [format_number_as_ds(float(number) + 0.0) for number in numbers]
