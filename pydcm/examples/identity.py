"""Who and what the examples are of: the modules that all of them share.

Every name, date and UID is fixed, so the same example has the same content
wherever it is made.
"""

from __future__ import annotations

import sys
from array import array

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import UID, ExplicitVRLittleEndian, generate_uid

__all__ = ["example_uid", "item", "new_instance", "words"]

DATE = "20240229"
TIME = "101530"


def example_uid(*names: str) -> UID:
    """Return the UID that belongs to `names`, always the same one."""
    return generate_uid(entropy_srcs=["pydcm.examples", *names])


def item(**elements: object) -> Dataset:
    """Return a data set with the given elements, by keyword."""
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def new_instance(
    sop_class: UID,
    modality: str,
    series: str,
    number: int = 1,
    *,
    transfer_syntax: UID = ExplicitVRLittleEndian,
    **elements: object,
) -> Dataset:
    """Return a data set with its file meta, patient, study, series and equipment.

    Parameters
    ----------
    sop_class : UID
        SOP Class UID.
    modality : str
        Modality (0008,0060).
    series : str
        What tells the series apart; its UID derives from it.
    number : int
        Instance Number, from 1.
    transfer_syntax : UID
        For the file meta.
    **elements : object
        Further elements, by keyword.
    """
    instance_uid = example_uid(series, str(number))
    made = item(
        SOPClassUID=sop_class,
        SOPInstanceUID=instance_uid,
        StudyDate=DATE,
        SeriesDate=DATE,
        ContentDate=DATE,
        StudyTime=TIME,
        SeriesTime=TIME,
        ContentTime=TIME,
        AccessionNumber="",
        Modality=modality,
        Manufacturer="pydcm",
        ReferringPhysicianName="",
        StudyDescription="Phantom",
        SeriesDescription=series,
        ManufacturerModelName="analytic phantom",
        PatientName="Phantom^Analytic",
        PatientID="PYDCM-1",
        PatientBirthDate="19700101",
        PatientSex="O",
        PatientAge="054Y",
        SoftwareVersions="1",
        StudyInstanceUID=example_uid("study"),
        SeriesInstanceUID=example_uid(series),
        StudyID="1",
        SeriesNumber=sum(series.encode()) % 900 + 1,
        InstanceNumber=number,
        **elements,
    )
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = instance_uid
    meta.TransferSyntaxUID = transfer_syntax
    made.file_meta = meta
    return made


def words(values: array[int]) -> bytes:
    """Return 16- or 32-bit values as little-endian bytes."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()
