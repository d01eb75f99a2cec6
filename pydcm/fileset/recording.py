"""From an instance to the nodes of its directory records."""

from __future__ import annotations

from typing import cast

from pydcm.dataset import Dataset
from pydcm.errors import MissingElementError
from pydcm.fileset.nodes import RecordNode
from pydcm.fileset.records import (
    DIRECTORY_RECORDERS,
    KEYS,
    StandardRecorder,
    record_types_for,
)

__all__ = ["nodes_for", "reference"]


def nodes_for(ds: Dataset, root: RecordNode) -> list[RecordNode]:
    """Return the nodes for an instance, those of a tree where they are there already.

    Parameters
    ----------
    ds : Dataset
        The instance.
    root : RecordNode
        The root of the tree, which is not changed.

    Returns
    -------
    list of RecordNode
        From the outermost to the one that references the instance, which is new.

    Raises
    ------
    ConformanceError
        If the instance lacks an element that a record needs; it is a
        :class:`ValueError`.
    """
    kinds = record_types_for(ds)
    nodes: list[RecordNode] = []
    current: RecordNode | None = root
    for kind in kinds:
        present = None
        if kind is not kinds[-1] and current is not None:
            present = _present(ds, kind, current)
        nodes.append(present or _new(ds, kind))
        current = present
    return nodes


def _present(ds: Dataset, kind: str, parent: RecordNode) -> RecordNode | None:
    """Return the node of an instance's patient, study or series if the tree has it."""
    recorder = DIRECTORY_RECORDERS[kind]
    if not isinstance(recorder, StandardRecorder):
        return parent._child(_new(ds, kind))
    recorder.check(ds)
    return parent._child(str(ds.get(KEYS[kind], "")))


def _new(ds: Dataset, kind: str) -> RecordNode:
    record = DIRECTORY_RECORDERS[kind](ds)
    record.DirectoryRecordType = kind
    # PS3.3 F.5: each record states the character set of its own text.
    if ds.get("SpecificCharacterSet"):
        record.SpecificCharacterSet = ds.SpecificCharacterSet
    return RecordNode(record) if kind in KEYS else _leaf(ds, record)


def _leaf(ds: Dataset, record: Dataset) -> RecordNode:
    reference(ds, record)
    return RecordNode(record)


def reference(ds: Dataset, record: Dataset) -> None:
    """Let a record reference an instance, as far as it does not yet (PS3.3 F.3.2.2).

    Raises
    ------
    AttributeError
        If one of the instance's UIDs is missing or empty.
    """
    syntax = cast(Dataset, ds.file_meta).TransferSyntaxUID
    if not (ds.SOPClassUID and ds.SOPInstanceUID and syntax):
        raise MissingElementError(
            "an instance of a file-set needs SOP Class, SOP Instance and Transfer Syntax UID",
            clause="PS3.3 F.3.2.2",
        )
    references = {
        "ReferencedFileID": None,
        "ReferencedSOPClassUIDInFile": ds.SOPClassUID,
        "ReferencedSOPInstanceUIDInFile": ds.SOPInstanceUID,
        "ReferencedTransferSyntaxUIDInFile": syntax,
    }
    for keyword, value in references.items():
        if keyword not in record:
            setattr(record, keyword, value)
