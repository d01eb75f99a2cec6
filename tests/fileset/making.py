"""Instances to put into file-sets."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pydcm
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import CTImageStorage, ExplicitVRLittleEndian
from tests.shared import CORPUS

MEDIA = CORPUS / "fileset" / "pydicom"


def instance(uid: str = "1.2.3.4", *, package: Any = pydcm, **elements: object) -> Any:
    """Return a small instance, as a data set of pydcm or of pydicom."""
    module = pydcm.dataset if package is pydcm else package.dataset
    ds = module.Dataset()
    for keyword, value in {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": uid,
        "PatientID": "P1",
        "PatientName": "Doe^Jane",
        "StudyDate": "20200101",
        "StudyTime": "120000",
        "StudyID": "S1",
        "StudyDescription": "Head",
        "AccessionNumber": "",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.5",
        "Modality": "CT",
        "SeriesNumber": 1,
        "InstanceNumber": 1,
        **elements,
    }.items():
        setattr(ds, keyword, value)
    ds.file_meta = module.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = str(ExplicitVRLittleEndian)
    return ds


def own(uid: str = "1.2.3.4", **elements: object) -> Dataset:
    """Return a small instance of pydcm."""
    made = instance(uid, **elements)
    assert isinstance(made, Dataset)
    assert isinstance(made.file_meta, FileMetaDataset)
    return made


def record(kind: str, **elements: object) -> Dataset:
    """Return a directory record."""
    made = Dataset()
    made.DirectoryRecordType = kind
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def files_in(folder: Path) -> list[str]:
    """Return the paths of all files below a folder, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def content_of(folder: Path) -> dict[str, bytes]:
    """Return the content of all files below a folder."""
    return {name: (folder / name).read_bytes() for name in files_in(folder)}


def media_copy(folder: Path) -> Path:
    """Copy the file-set of the corpus and return the path of its DICOMDIR."""
    shutil.copytree(MEDIA, folder)
    return folder / "DICOMDIR"
