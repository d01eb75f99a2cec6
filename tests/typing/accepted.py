"""What mypy and pyright must accept as it stands; it also runs (test_attributes.py)."""

# pyright: strict

from __future__ import annotations

import datetime
import io
from collections.abc import MutableSequence
from decimal import Decimal
from typing import Any, assert_type

from pydcm import Dataset, dcmread
from pydcm.dataset import FileDataset, FileMetaDataset
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.tag import BaseTag, Tag
from pydcm.uid import UID
from pydcm.valuerep import IS, DSfloat, PersonName


def set_attributes(ds: Dataset) -> None:
    ds.Rows = 512
    ds.DiffusionBValue = 1000
    ds.PatientName = "Doe^Jane"
    ds.PatientID = "4711"
    ds.PatientWeight = Decimal("72.5")
    ds.RescaleSlope = "1"
    ds.SliceThickness = 1.5
    ds.KVP = None
    ds.InstanceNumber = "7"
    ds.PixelSpacing = [0.5, 1]
    ds.ImagePositionPatient = "0\\0\\-12.5"
    ds.WindowCenter = 40
    ds.WindowWidth = [400, 80.0]
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.PatientOrientation = "L\\P"
    ds.OtherPatientNames = ["Doe^J", PersonName("Roe^J")]
    ds.PixelRepresentation = 0
    ds.LUTDescriptor = [256, 0, 8]
    ds.PatientBirthDate = "19700101"
    ds.StudyDate = datetime.date(2026, 1, 2)
    ds.SOPInstanceUID = "1.2.3"
    ds.DimensionIndexPointer = "PatientName"
    ds.FrameIncrementPointer = [Tag("FrameTime"), 0x00181065, "FrameTimeVector"]
    ds.PixelData = bytes(4)
    ds.EncapsulatedDocument = io.BytesIO(b"%PDF")
    ds.BeamSequence = [Dataset(), Dataset()]
    for number, beam in enumerate(ds.BeamSequence):
        beam.BeamNumber = number
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"


def get_attributes(ds: Dataset) -> None:
    assert_type(ds.Rows, int)
    assert_type(ds.DiffusionBValue, float)
    assert_type(ds.PatientName, PersonName | None)
    assert_type(ds.PatientID, str)
    assert_type(ds.PatientWeight, DSfloat | None)
    assert_type(ds.RescaleSlope, DSfloat)
    assert_type(ds.SliceThickness, DSfloat | None)
    assert_type(ds.InstanceNumber, IS | None)
    assert_type(ds.PixelSpacing, MultiValue[DSfloat])
    assert_type(ds.PixelSpacing[0], DSfloat)
    assert_type(ds.WindowCenter, DSfloat | MultiValue[DSfloat])
    assert_type(ds.ImageType, MultiValue[str])
    assert_type(ds.PatientOrientation, str | MultiValue[str])
    assert_type(ds.OtherPatientNames, PersonName | MultiValue[PersonName] | None)
    assert_type(ds.LUTDescriptor, MutableSequence[int])
    assert_type(ds.PatientBirthDate, str)
    assert_type(ds.SOPInstanceUID, UID)
    assert_type(ds.DimensionIndexPointer, BaseTag)
    assert_type(ds.FrameIncrementPointer, BaseTag | MultiValue[BaseTag])
    assert_type(ds.PixelData, bytes)
    assert_type(ds.BeamSequence, Sequence)
    assert_type(ds.BeamSequence[0], Dataset)
    assert_type(ds.BeamSequence[0].BeamNumber, IS)
    assert_type([beam.BeamNumber for beam in ds.BeamSequence], list[IS])
    assert_type(ds.file_meta, FileMetaDataset)
    assert_type(ds.file_meta.TransferSyntaxUID.name, str)


def narrow(ds: Dataset) -> None:
    if ds.PatientName:
        assert_type(ds.PatientName.family_name, str)
    if ds.SliceThickness is not None:
        assert_type(ds.SliceThickness * 2, float)
    centre = ds.WindowCenter
    first = centre[0] if isinstance(centre, MultiValue) else centre
    assert_type(first, DSfloat)


def change(ds: Dataset, other: Dataset) -> None:
    ds.Rows += 1
    ds.ImagePositionPatient[2] += 2.5
    ds.PixelSpacing[0] = 1
    ds.ImageType.append("AXIAL")
    ds.BeamSequence.append(Dataset())
    other.PatientName = ds.PatientName
    other.WindowCenter = ds.WindowCenter
    other.PixelSpacing = ds.PixelSpacing
    other.BeamSequence = ds.BeamSequence
    del ds.PatientWeight


def use_other_names(ds: Dataset) -> None:
    """Use what is no keyword, or one of a repeating group: everything else is as it was."""
    ds.remark = "any attribute"
    assert ds.remark == "any attribute"
    ds.add_new(0x60000010, "US", 5)
    assert_type(ds.get("Rows"), Any)
    assert_type(ds["Rows"].value, Any)
    assert_type(ds.is_implicit_VR, bool | None)


def misspell(ds: Dataset) -> None:
    """Pass: a checker cannot tell this from an attribute that a program has set."""
    assert_type(ds.PatientNmae, Any)


class Report(Dataset):
    """A data set may be subclassed, with attributes of its own."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.DocumentTitle = title
        self.ContentSequence = [Dataset()]


def read(file: io.BytesIO) -> FileDataset:
    found = dcmread(file)
    assert_type(found, FileDataset)
    assert_type(found.file_meta.MediaStorageSOPClassUID, UID)
    assert_type(found.Rows, int)
    return found
