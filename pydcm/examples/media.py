"""An example file-set: a DICOMDIR and the images that it lists (PS3.3 F, PS3.10 8)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.examples.gray import ct, mr
from pydcm.examples.identity import example_uid, item
from pydcm.examples.series import ct_series
from pydcm.filewriter import dcmwrite
from pydcm.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage

__all__ = ["write_file_set"]

_KEYS = {
    "PATIENT": ("PatientName", "PatientID"),
    "STUDY": (
        "StudyDate", "StudyTime", "AccessionNumber",
        "StudyDescription", "StudyInstanceUID", "StudyID",
    ),
    "SERIES": ("Modality", "SeriesInstanceUID", "SeriesNumber"),
    "IMAGE": ("InstanceNumber",),
}  # fmt: skip
"""What a directory record copies from an instance (PS3.3 F.5)."""


@dataclass(eq=False)
class _Node:
    """A directory record and the records below it."""

    record: Dataset
    below: list[_Node] = field(default_factory=list)

    def __iter__(self) -> Iterator[_Node]:
        yield self
        for node in self.below:
            yield from node


def write_file_set(folder: Path) -> Path:
    """Write a file-set of one patient and three series into `folder`.

    Returns
    -------
    Path
        Its DICOMDIR.
    """
    series = {
        "CT000001": list(ct_series(slices=4, size=32)),
        "CT000002": [ct()],
        "MR000001": [mr()],
    }
    first = series["CT000001"][0]
    study = _Node(_record("STUDY", first))
    for name, images in series.items():
        leaves = [_Node(_write_image(folder, name, image)) for image in images]
        study.below.append(_Node(_record("SERIES", images[0]), leaves))
    directory = _directory(_Node(_record("PATIENT", first), [study]))
    path = folder / "DICOMDIR"
    directory.save_as(path, enforce_file_format=True)
    return path


def _record(kind: str, instance: Dataset) -> Dataset:
    keys = {keyword: instance[keyword].value for keyword in _KEYS[kind]}
    return item(
        OffsetOfTheNextDirectoryRecord=0,
        RecordInUseFlag=0xFFFF,
        OffsetOfReferencedLowerLevelDirectoryEntity=0,
        DirectoryRecordType=kind,
        **keys,
    )


def _write_image(folder: Path, series: str, image: Dataset) -> Dataset:
    """Write an image and return its record."""
    file_id = [series, f"IM{image.InstanceNumber:06d}"]
    path = folder.joinpath(*file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save_as(path, enforce_file_format=True)
    record = _record("IMAGE", image)
    record.ReferencedFileID = file_id
    record.ReferencedSOPClassUIDInFile = image.SOPClassUID
    record.ReferencedSOPInstanceUIDInFile = image.SOPInstanceUID
    record.ReferencedTransferSyntaxUIDInFile = image.file_meta.TransferSyntaxUID
    return record


def _directory(root: _Node) -> Dataset:
    nodes = list(root)
    directory = item(
        FileSetID="PYDCM_EXAMPLE",
        OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity=0,
        OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity=0,
        FileSetConsistencyFlag=0,
        DirectoryRecordSequence=[node.record for node in nodes],
    )
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    meta.MediaStorageSOPInstanceUID = example_uid("file-set")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    directory.file_meta = meta
    offsets = dict(zip(nodes, _item_offsets(directory), strict=True))
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = offsets[root]
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = offsets[root]
    for node in nodes:
        if node.below:
            below = node.below
            node.record.OffsetOfReferencedLowerLevelDirectoryEntity = offsets[below[0]]
            for left, right in pairwise(below):
                left.record.OffsetOfTheNextDirectoryRecord = offsets[right]
    return directory


def _item_offsets(directory: Dataset) -> list[int]:
    """Return where in the file each record's item tag lies (PS3.3 F.3.2.2).

    The sequence of records is the last element and has explicit lengths, so
    its items end with the file; the offsets in it have a fixed length, so that
    filling them in moves nothing.
    """
    whole = io.BytesIO()
    dcmwrite(whole, directory, enforce_file_format=True)
    sizes = [8 + _encoded_size(record) for record in directory.DirectoryRecordSequence]
    at = len(whole.getvalue()) - sum(sizes)
    offsets = []
    for size in sizes:
        offsets.append(at)
        at += size
    return offsets


def _encoded_size(record: Dataset) -> int:
    encoded = io.BytesIO()
    dcmwrite(encoded, record, implicit_vr=False, little_endian=True)
    return len(encoded.getvalue())
