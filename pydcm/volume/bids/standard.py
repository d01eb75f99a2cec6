"""Fields that come from elements of the standard."""

from __future__ import annotations

import re

from pydcm.vendors.header import Header
from pydcm.vendors.manufacturer import maker
from pydcm.volume.bids.field import (
    Field,
    Value,
    clock,
    flag,
    listed,
    number,
    plain,
    plain_all,
    source_of,
    text,
)

__all__ = ["IDENTITY_FIELDS", "STANDARD_FIELDS"]

_MS = 1e-3

_SPOILING_TYPES = {"RF": "RF", "GRADIENT": "GRADIENT", "RF_AND_GRADIENT": "COMBINED"}

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})$")


def _manufacturer(header: Header) -> Value | None:
    return maker(header) or header.text("Manufacturer")


def _day(text: str) -> str | None:
    found = _DATE.match(text)
    return "-".join(found.groups()) if found else None


def _acquisition(header: Header) -> tuple[str, str]:
    """Return date and time of the acquisition as DICOM writes them, "" for what is unknown."""
    joint = re.match(r"(\d{8})(\d{6}(?:\.\d{1,6})?)", header.text("AcquisitionDateTime") or "")
    date = header.text("AcquisitionDate") or (joint[1] if joint else "")
    return date, header.text("AcquisitionTime") or (joint[2] if joint else "")


def _acquisition_time(header: Header) -> Value | None:
    return clock(_acquisition(header)[1])


def _acquisition_date_time(header: Header) -> Value | None:
    date, time = _acquisition(header)
    day, at = _day(date), clock(time)
    return f"{day}T{at}" if day and at else None


def _spoiling(header: Header) -> Value | None:
    found = header.text("Spoiling")
    if found is not None:
        return found != "NONE"
    # PS3.3 C.8.3.1.1.2 defines the term SP; that it is absent says nothing.
    return True if "SP" in header.texts("SequenceVariant") else None


def _age(header: Header) -> Value | None:
    found = re.match(r"(\d{3})Y$", header.text("PatientAge") or "")
    return int(found[1]) if found else None


def _birth_date(header: Header) -> Value | None:
    return _day(header.text("PatientBirthDate") or "")


def _duration(header: Header) -> Value | None:
    found = header.number("AcquisitionDuration")
    # UIH writes the readout of one slice into the element, in ms.
    if found is None or found <= 0 or maker(header) == "UIH":
        return None
    return plain(found)


def _orientation(header: Header) -> Value | None:
    found = header.numbers("ImageOrientationPatient")
    return plain_all(found) if len(found) == 6 else None


STANDARD_FIELDS: tuple[Field, ...] = (
    text("Modality", "Modality"),
    number("MagneticFieldStrength", "MagneticFieldStrength", unit="T", above=0),
    # 10 GHz is no frequency of a scanner: some write Hz into the element, which is in MHz.
    number(
        "ImagingFrequency",
        "ImagingFrequency",
        "TransmitterFrequency",
        unit="MHz",
        above=0,
        below=10_000,
    ),
    Field("Manufacturer", "", source_of("Manufacturer"), "", _manufacturer),
    text("ManufacturersModelName", "ManufacturerModelName"),
    text("InstitutionName", "InstitutionName"),
    text("InstitutionalDepartmentName", "InstitutionalDepartmentName"),
    text("InstitutionAddress", "InstitutionAddress"),
    text("DeviceSerialNumber", "DeviceSerialNumber"),
    text("StationName", "StationName"),
    text("BodyPart", "BodyPartExamined"),
    text("PatientPosition", "PatientPosition"),
    text("ProcedureStepDescription", "PerformedProcedureStepDescription"),
    text("SoftwareVersions", "SoftwareVersions"),
    text("MRAcquisitionType", "MRAcquisitionType"),
    text("StudyDescription", "StudyDescription"),
    text("SeriesDescription", "SeriesDescription"),
    text("ProtocolName", "ProtocolName"),
    text("ScanningSequence", "ScanningSequence"),
    text("SequenceVariant", "SequenceVariant"),
    text("ScanOptions", "ScanOptions"),
    text("SequenceName", "SequenceName", "PulseSequenceName"),
    listed("ImageType", "ImageType"),
    listed("DeidentificationMethod", "DeidentificationMethod"),
    number("SeriesNumber", "SeriesNumber"),
    Field(
        "AcquisitionTime",
        "",
        source_of("AcquisitionTime", "AcquisitionDateTime"),
        "hh:mm:ss",
        _acquisition_time,
    ),
    number("AcquisitionNumber", "AcquisitionNumber"),
    text("ImageComments", "ImageComments"),
    number("SliceThickness", "SliceThickness", unit="mm", above=0),
    number("SpacingBetweenSlices", "SpacingBetweenSlices", unit="mm", above=0),
    number("SAR", "SAR", unit="W/kg", above=0),
    number("NumberOfAverages", "NumberOfAverages", above=1),
    number("EchoNumber", "EchoNumbers", above=1),
    number("EchoTime", "EchoTime", "EffectiveEchoTime", unit="s", scale=_MS, above=0),
    number("RepetitionTime", "RepetitionTime", unit="s", scale=_MS, above=0),
    flag("MTState", "MagnetizationTransfer"),
    Field("SpoilingState", "", source_of("Spoiling", "SequenceVariant"), "", _spoiling),
    Field(
        "SpoilingType",
        "",
        source_of("Spoiling"),
        "",
        lambda header: _SPOILING_TYPES.get(header.text("Spoiling") or ""),
    ),
    number("InversionTime", "InversionTime", "InversionTimes", unit="s", scale=_MS, above=0),
    number("FlipAngle", "FlipAngle", unit="degree", above=0),
    text("ReceiveCoilName", "ReceiveCoilName"),
    text("CoilString", "ReceiveCoilName"),
    number("PercentPhaseFOV", "PercentPhaseFieldOfView", unit="%", above=0),
    number("PercentSampling", "PercentSampling", unit="%", above=0),
    number("EchoTrainLength", "EchoTrainLength", "GradientEchoTrainLength", above=1),
    text("PartialFourierEnabled", "PartialFourier"),
    text("PartialFourierDirection", "PartialFourierDirection"),
    number(
        "PhaseEncodingSteps",
        "NumberOfPhaseEncodingSteps",
        "MRAcquisitionPhaseEncodingStepsInPlane",
        above=0,
    ),
    number("FrequencyEncodingSteps", "MRAcquisitionFrequencyEncodingSteps", above=0),
    number("PhaseEncodingStepsOutOfPlane", "MRAcquisitionPhaseEncodingStepsOutOfPlane", above=0),
    number("ParallelReductionFactorInPlane", "ParallelReductionFactorInPlane", above=0),
    text("ParallelAcquisitionTechnique", "ParallelAcquisitionTechnique"),
    number("ParallelReductionFactorOutOfPlane", "ParallelReductionFactorOutOfPlane", above=0),
    Field("AcquisitionDuration", "", source_of("AcquisitionDuration"), "s", _duration),
    number("NumberOfKSpaceTrajectories", "NumberOfKSpaceTrajectories", above=0),
    number("PixelBandwidth", "PixelBandwidth", unit="Hz", above=0),
    number("ExposureTime", "ExposureTime", unit="s", scale=_MS, above=0),
    number("XRayTubeCurrent", "XRayTubeCurrent", unit="mA", above=0),
    number("XRayExposure", "Exposure", unit="mAs", above=0),
    text("ConvolutionKernel", "ConvolutionKernel"),
    text("DecayCorrection", "DecayCorrection"),
    text("AttenuationCorrectionMethod", "AttenuationCorrectionMethod"),
    text("ReconstructionMethod", "ReconstructionMethod"),
    Field(
        "ImageOrientationPatientDICOM",
        "",
        source_of("ImageOrientationPatient"),
        "",
        _orientation,
    ),
)

IDENTITY_FIELDS: tuple[Field, ...] = (
    text("SeriesInstanceUID", "SeriesInstanceUID"),
    text("StudyInstanceUID", "StudyInstanceUID"),
    text("StudyID", "StudyID"),
    text("ReferringPhysicianName", "ReferringPhysicianName"),
    text("PatientName", "PatientName"),
    text("PatientID", "PatientID"),
    text("AccessionNumber", "AccessionNumber"),
    Field("PatientBirthDate", "", source_of("PatientBirthDate"), "yyyy-mm-dd", _birth_date),
    text("PatientSex", "PatientSex"),
    Field("PatientAge", "", source_of("PatientAge"), "year", _age),
    number("PatientSize", "PatientSize", unit="m", above=0),
    number("PatientWeight", "PatientWeight", unit="kg", above=0),
    Field(
        "AcquisitionDateTime",
        "",
        source_of("AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime"),
        "ISO 8601",
        _acquisition_date_time,
    ),
)
"""Fields that tell who the patient is; left out unless asked for."""
