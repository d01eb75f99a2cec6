"""Radiotherapy examples that belong together: structures, a plan and its dose.

They refer to the images of :func:`pydcm.examples.write_ct_series`.
"""

from __future__ import annotations

import math
from array import array

from pydcm.dataset import Dataset
from pydcm.examples.identity import example_uid, item, new_instance, words
from pydcm.examples.phantom import NODULE, THORAX, Ellipsoid
from pydcm.examples.series import ct_headers
from pydcm.uid import (
    CTImageStorage,
    ImplicitVRLittleEndian,
    RTDoseStorage,
    RTPlanStorage,
    RTStructureSetStorage,
)

__all__ = ["rt_dose", "rt_plan", "rt_ss"]

_SERIES = {name: f"RT {name} example" for name in ("structures", "plan", "dose")}
_PRESCRIBED_GY = 60.0
_FRACTIONS = 30
_BODY = next(shape for shape in THORAX if shape.hu == 52)


def rt_ss() -> Dataset:
    """Return an RT Structure Set (PS3.3 A.19) with the body and the nodule of the phantom."""
    images = [header for header, _ in ct_headers()]
    series_uid, frame_uid = images[0].SeriesInstanceUID, images[0].FrameOfReferenceUID
    regions = [("BODY", _BODY, "EXTERNAL", [0, 255, 0]), ("NODULE", NODULE, "GTV", [255, 0, 0])]
    structures = new_instance(
        RTStructureSetStorage,
        "RTSTRUCT",
        _SERIES["structures"],
        OperatorsName="",
        StructureSetLabel="PHANTOM",
        StructureSetDate="20240229",
        StructureSetTime="101530",
        FrameOfReferenceUID=frame_uid,
        PositionReferenceIndicator="",
        ApprovalStatus="UNAPPROVED",
    )
    structures.ReferencedFrameOfReferenceSequence = [
        item(
            FrameOfReferenceUID=frame_uid,
            RTReferencedStudySequence=[_referenced_study(series_uid, images)],
        )
    ]
    structures.StructureSetROISequence = [
        item(
            ROINumber=number,
            ReferencedFrameOfReferenceUID=frame_uid,
            ROIName=name,
            ROIGenerationAlgorithm="AUTOMATIC",
        )
        for number, (name, *_) in enumerate(regions, 1)
    ]
    structures.ROIContourSequence = [
        item(
            ROIDisplayColor=colour,
            ReferencedROINumber=number,
            ContourSequence=_contours(shape, images),
        )
        for number, (_, shape, _, colour) in enumerate(regions, 1)
    ]
    structures.RTROIObservationsSequence = [
        item(
            ObservationNumber=number,
            ReferencedROINumber=number,
            RTROIInterpretedType=interpreted,
            ROIInterpreter="",
        )
        for number, (_, _, interpreted, _) in enumerate(regions, 1)
    ]
    return structures


def rt_plan() -> Dataset:
    """Return an RT Plan (PS3.3 A.20) of two opposed static beams, in implicit VR."""
    plan = new_instance(
        RTPlanStorage,
        "RTPLAN",
        _SERIES["plan"],
        transfer_syntax=ImplicitVRLittleEndian,
        FrameOfReferenceUID=_frame_of_reference(),
        PositionReferenceIndicator="",
        OperatorsName="",
        RTPlanLabel="PHANTOM",
        RTPlanName="Opposed beams",
        RTPlanDate="20240229",
        RTPlanTime="101530",
        RTPlanGeometry="PATIENT",
        ApprovalStatus="UNAPPROVED",
    )
    plan.DoseReferenceSequence = [
        item(
            DoseReferenceNumber=1,
            DoseReferenceStructureType="COORDINATES",
            DoseReferenceDescription="centre of the nodule",
            DoseReferencePointCoordinates=[str(value) for value in NODULE.centre],
            DoseReferenceType="TARGET",
            TargetPrescriptionDose=str(_PRESCRIBED_GY),
        )
    ]
    angles = {1: "0", 2: "180"}
    plan.FractionGroupSequence = [
        item(
            FractionGroupNumber=1,
            NumberOfFractionsPlanned=_FRACTIONS,
            NumberOfBeams=len(angles),
            NumberOfBrachyApplicationSetups=0,
            ReferencedBeamSequence=[
                item(BeamDose="1", BeamMeterset="115.5", ReferencedBeamNumber=number)
                for number in angles
            ],
        )
    ]
    plan.BeamSequence = [_beam(number, angle) for number, angle in angles.items()]
    plan.PatientSetupSequence = [item(PatientPosition="HFS", PatientSetupNumber=1)]
    plan.ReferencedStructureSetSequence = [
        _reference(RTStructureSetStorage, example_uid(_SERIES["structures"], "1"))
    ]
    return plan


def rt_dose() -> Dataset:
    """Return an RT Dose (PS3.3 A.18) of 15 frames of 10 x 10 pixels of 32 bits, in implicit VR."""
    frames, size, spacing_mm, step_mm = 15, 10, 8.0, 5.0
    x0, y0 = (centre - spacing_mm * (size - 1) / 2 for centre in NODULE.centre[:2])
    z0 = NODULE.centre[2] - step_mm * (frames // 2)
    dose = new_instance(
        RTDoseStorage,
        "RTDOSE",
        _SERIES["dose"],
        transfer_syntax=ImplicitVRLittleEndian,
        OperatorsName="",
        SliceThickness="",
        ImagePositionPatient=[str(x0), str(y0), str(z0)],
        ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
        FrameOfReferenceUID=_frame_of_reference(),
        PositionReferenceIndicator="",
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        NumberOfFrames=frames,
        FrameIncrementPointer=0x3004000C,
        Rows=size,
        Columns=size,
        PixelSpacing=[str(spacing_mm), str(spacing_mm)],
        BitsAllocated=32,
        BitsStored=32,
        HighBit=31,
        PixelRepresentation=0,
        DoseUnits="GY",
        DoseType="PHYSICAL",
        DoseSummationType="PLAN",
        GridFrameOffsetVector=[str(step_mm * frame) for frame in range(frames)],
        DoseGridScaling="1e-06",
    )
    dose.ReferencedRTPlanSequence = [_reference(RTPlanStorage, example_uid(_SERIES["plan"], "1"))]
    stored = array("I" if array("I").itemsize == 4 else "L")
    for frame in range(frames):
        for row in range(size):
            for column in range(size):
                away = math.dist(
                    (x0 + spacing_mm * column, y0 + spacing_mm * row, z0 + step_mm * frame),
                    NODULE.centre,
                )
                stored.append(round(_PRESCRIBED_GY * 1e6 * math.exp(-((away / 30.0) ** 2))))
    dose.PixelData = words(stored)
    return dose


def _frame_of_reference() -> str:
    header, _ = next(ct_headers())
    return str(header.FrameOfReferenceUID)


def _beam(number: int, gantry_angle: str) -> Dataset:
    first = item(
        ControlPointIndex=0,
        NominalBeamEnergy="6",
        DoseRateSet="600",
        BeamLimitingDevicePositionSequence=[
            item(RTBeamLimitingDeviceType="ASYMX", LeafJawPositions=["-30", "30"]),
            item(RTBeamLimitingDeviceType="ASYMY", LeafJawPositions=["-30", "30"]),
        ],
        GantryAngle=gantry_angle,
        GantryRotationDirection="NONE",
        BeamLimitingDeviceAngle="0",
        BeamLimitingDeviceRotationDirection="NONE",
        PatientSupportAngle="0",
        PatientSupportRotationDirection="NONE",
        TableTopEccentricAngle="0",
        TableTopEccentricRotationDirection="NONE",
        TableTopVerticalPosition="",
        TableTopLongitudinalPosition="",
        TableTopLateralPosition="",
        IsocenterPosition=[str(value) for value in NODULE.centre],
        CumulativeMetersetWeight="0",
    )
    last = item(ControlPointIndex=1, CumulativeMetersetWeight="1")
    return item(
        TreatmentMachineName="PHANTOM",
        PrimaryDosimeterUnit="MU",
        SourceAxisDistance="1000",
        BeamLimitingDeviceSequence=[
            item(RTBeamLimitingDeviceType="ASYMX", NumberOfLeafJawPairs=1),
            item(RTBeamLimitingDeviceType="ASYMY", NumberOfLeafJawPairs=1),
        ],
        BeamNumber=number,
        BeamName=f"Field {number}",
        BeamType="STATIC",
        RadiationType="PHOTON",
        TreatmentDeliveryType="TREATMENT",
        NumberOfWedges=0,
        NumberOfCompensators=0,
        NumberOfBoli=0,
        NumberOfBlocks=0,
        FinalCumulativeMetersetWeight="1",
        NumberOfControlPoints=2,
        ControlPointSequence=[first, last],
        ReferencedPatientSetupNumber=1,
    )


def _referenced_study(series_uid: str, images: list[Dataset]) -> Dataset:
    return item(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=example_uid("study"),
        RTReferencedSeriesSequence=[
            item(
                SeriesInstanceUID=series_uid,
                ContourImageSequence=[
                    _reference(CTImageStorage, image.SOPInstanceUID) for image in images
                ],
            )
        ],
    )


def _reference(sop_class: str, instance: str) -> Dataset:
    return item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance)


def _contours(shape: Ellipsoid, images: list[Dataset]) -> list[Dataset]:
    """Return the ellipse in which each axial image cuts `shape`, as 36 points."""
    contours = []
    for image in images:
        z = float(image.ImagePositionPatient[2])
        shrunk2 = 1.0 - ((z - shape.centre[2]) / shape.radii[2]) ** 2
        if shrunk2 <= 0.0:
            continue
        shrunk = math.sqrt(shrunk2)
        data: list[str] = []
        for step in range(36):
            angle = math.radians(10 * step)
            x = shape.centre[0] + shape.radii[0] * shrunk * math.cos(angle)
            y = shape.centre[1] + shape.radii[1] * shrunk * math.sin(angle)
            data += [f"{x:.3f}", f"{y:.3f}", f"{z:.3f}"]
        contours.append(
            item(
                ContourImageSequence=[_reference(CTImageStorage, image.SOPInstanceUID)],
                ContourGeometricType="CLOSED_PLANAR",
                NumberOfContourPoints=36,
                ContourData=data,
            )
        )
    return contours
