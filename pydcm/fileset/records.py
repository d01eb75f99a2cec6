"""Directory records: their types, their elements, and which is under which (PS3.3 F.4, F.5)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import NamedTuple

from pydcm.datadict import dictionary_description, tag_for_keyword
from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError
from pydcm.sequence import Sequence
from pydcm.tag import BaseTag

__all__ = [
    "CHILDREN",
    "DIRECTORY_RECORDERS",
    "KEYS",
    "PREFIXES",
    "RECORD_TYPES",
    "RecordType",
    "Recorder",
    "record_type_of",
    "record_types_for",
    "type_of_class",
]

Recorder = Callable[[Dataset], Dataset]
"""Makes a directory record of an instance."""


class RecordType(NamedTuple):
    """What a type of directory record holds beside what all records hold (PS3.3 F.5).

    Attributes
    ----------
    prefix : str
        What names of files and folders begin with.
    required : str
        Keywords that an instance must have with a value, apart by blanks.
    optional : str
        Keywords of elements that are there, empty if the instance has none.
    conditional : str
        Keywords of elements that are there if the instance has them.
    """

    prefix: str
    required: str = ""
    optional: str = ""
    conditional: str = ""


_NUMBERED_CONTENT = "ContentDate ContentTime InstanceNumber"
_LABELLED_CONTENT = f"{_NUMBERED_CONTENT} ContentLabel"
_AUTHOR = "ContentDescription ContentCreatorName"

RECORD_TYPES = {
    "PATIENT": RecordType("PT", "PatientID", "PatientName"),
    "STUDY": RecordType(
        "ST", "StudyDate StudyTime StudyID", "StudyDescription AccessionNumber", "StudyInstanceUID"
    ),
    "SERIES": RecordType("SE", "Modality SeriesInstanceUID SeriesNumber"),
    "IMAGE": RecordType("IM", "InstanceNumber"),
    "RT DOSE": RecordType("RD", "InstanceNumber DoseSummationType"),
    "RT STRUCTURE SET": RecordType(
        "RS", "InstanceNumber StructureSetLabel", "StructureSetDate StructureSetTime"
    ),
    "RT PLAN": RecordType("RP", "InstanceNumber RTPlanLabel", "RTPlanDate RTPlanTime"),
    "RT TREAT RECORD": RecordType("RX", "InstanceNumber", "TreatmentDate TreatmentTime"),
    "PRESENTATION": RecordType(
        "PR", "PresentationCreationDate PresentationCreationTime InstanceNumber ContentLabel",
        _AUTHOR, "ReferencedSeriesSequence BlendingSequence",
    ),
    "WAVEFORM": RecordType("WV", _NUMBERED_CONTENT),
    "SR DOCUMENT": RecordType(
        "SR", f"{_NUMBERED_CONTENT} CompletionFlag VerificationFlag ConceptNameCodeSequence", "",
        "VerificationDateTime ContentSequence",
    ),
    "KEY OBJECT DOC": RecordType(
        "KY", f"{_NUMBERED_CONTENT} ConceptNameCodeSequence", "", "ContentSequence"
    ),
    "SPECTROSCOPY": RecordType(
        "SP",
        f"ImageType {_NUMBERED_CONTENT} NumberOfFrames Rows Columns DataPointRows DataPointColumns",
        "", "ReferencedImageEvidenceSequence",
    ),
    "RAW DATA": RecordType("RW", _NUMBERED_CONTENT),
    "REGISTRATION": RecordType("RG", _LABELLED_CONTENT, _AUTHOR),
    "FIDUCIAL": RecordType("FD", _LABELLED_CONTENT, _AUTHOR),
    "HANGING PROTOCOL": RecordType(
        "HG",
        "HangingProtocolCreator HangingProtocolCreationDateTime HangingProtocolDefinitionSequence"
        " NumberOfPriorsReferenced",
        "HangingProtocolUserIdentificationCodeSequence",
    ),
    "ENCAP DOC": RecordType(
        "ED", "InstanceNumber MIMETypeOfEncapsulatedDocument",
        "ContentDate ContentTime DocumentTitle ConceptNameCodeSequence", "HL7InstanceIdentifier",
    ),
    "VALUE MAP": RecordType("VM", _LABELLED_CONTENT, _AUTHOR),
    "STEREOMETRIC": RecordType("SX"),
    "PALETTE": RecordType("PA", "ContentLabel", "ContentDescription"),
    "IMPLANT": RecordType("IP", "Manufacturer ImplantName ImplantPartNumber", "", "ImplantSize"),
    "IMPLANT ASSY": RecordType(
        "IA", "Manufacturer ImplantAssemblyTemplateName ProcedureTypeCodeSequence"
    ),
    "IMPLANT GROUP": RecordType("IG", "ImplantTemplateGroupName ImplantTemplateGroupIssuer"),
    "PLAN": RecordType("PL"),
    "MEASUREMENT": RecordType("MX", _LABELLED_CONTENT, _AUTHOR),
    "SURFACE": RecordType("SF", _LABELLED_CONTENT, _AUTHOR),
    "SURFACE SCAN": RecordType("SS", "ContentDate ContentTime"),
    "TRACT": RecordType("TR", _LABELLED_CONTENT, _AUTHOR),
    "ASSESSMENT": RecordType("AS", "InstanceCreationDate InstanceNumber", "InstanceCreationTime"),
    "RADIOTHERAPY": RecordType(
        "RT", "InstanceNumber", _AUTHOR, "UserContentLabel UserContentLongLabel"
    ),
    "ANNOTATION": RecordType("AN", _LABELLED_CONTENT, _AUTHOR),
}  # fmt: skip

PREFIXES = {name: kind.prefix for name, kind in RECORD_TYPES.items()} | {
    "PRIVATE": "P",
    # Retired types (PS3.3 F.5): old media have them.
    "OVERLAY": "OV", "MODALITY LUT": "ML", "VOI LUT": "VL", "CURVE": "CU", "STORED PRINT": "PQ",
    "TOPIC": "TO", "VISIT": "VI", "RESULTS": "RE", "INTERPRETATION": "IN", "STUDY COMPONENT": "SC",
    "PRINT QUEUE": "PU", "FILM SESSION": "FS", "FILM BOX": "FB", "IMAGE BOX": "IB", "MRDR": "MD",
}  # fmt: skip
"""What names of files and folders begin with, by record type."""

KEYS = {
    "PATIENT": "PatientID",
    "STUDY": "StudyInstanceUID",
    "SERIES": "SeriesInstanceUID",
    "PRIVATE": "PrivateRecordUID",
}
"""What tells a record from its siblings; others have the SOP Instance UID of their file."""

ONE_LEVEL = frozenset({
    "HANGING PROTOCOL", "PALETTE", "IMPLANT", "IMPLANT ASSY", "IMPLANT GROUP",
})  # fmt: skip
"""Types that stand alone below the root."""

_LEAVES = frozenset(RECORD_TYPES) - ONE_LEVEL - {"PATIENT", "STUDY", "SERIES"}

CHILDREN: dict[str, frozenset[str]] = {
    "": ONE_LEVEL | {"PATIENT"},
    "PATIENT": frozenset({"STUDY", "HANGING PROTOCOL"}),
    "STUDY": frozenset({"SERIES"}),
    "SERIES": _LEAVES,
}
"""The types below each type, the root being ``""`` (PS3.3 Table F.4-1); PRIVATE may be anywhere."""


# ---- which type an instance has ---------------------------------------------

_STORAGE = "1.2.840.10008.5.1.4."
_CLASSES = {
    "HANGING PROTOCOL": "38.1",
    "PALETTE": "39.1",
    "IMPLANT": "43.1",
    "IMPLANT ASSY": "44.1",
    "IMPLANT GROUP": "45.1",
    "RT DOSE": "1.1.481.2",
    "RT STRUCTURE SET": "1.1.481.3",
    "RT PLAN": "1.1.481.5 1.1.481.8",
    "RT TREAT RECORD": "1.1.481.4 1.1.481.6 1.1.481.7 1.1.481.9",
    "RADIOTHERAPY": "1.1.481.10 1.1.481.11 1.1.481.12 1.1.481.13 1.1.481.14 1.1.481.15 1.1.481.16"
    " 1.1.481.17 1.1.481.18 1.1.481.19 1.1.481.20 1.1.481.21 1.1.481.22 1.1.481.25",
    "PLAN": "34.1 34.7 34.10",
    "PRESENTATION": "1.1.11.1 1.1.11.2 1.1.11.3 1.1.11.4 1.1.11.5 1.1.11.6 1.1.11.7 1.1.11.8"
    " 1.1.11.9 1.1.11.10 1.1.11.11 1.1.11.12 1.1.131",
    "WAVEFORM": "1.1.9.1.1 1.1.9.1.2 1.1.9.1.3 1.1.9.1.4 1.1.9.2.1 1.1.9.3.1 1.1.9.4.1 1.1.9.4.2"
    " 1.1.9.5.1 1.1.9.6.1 1.1.9.6.2 1.1.9.7.1 1.1.9.7.2 1.1.9.7.3 1.1.9.7.4 1.1.9.8.1",
    "SR DOCUMENT": "1.1.88.11 1.1.88.22 1.1.88.33 1.1.88.34 1.1.88.35 1.1.88.40 1.1.88.50"
    " 1.1.88.65 1.1.88.67 1.1.88.68 1.1.88.69 1.1.88.70 1.1.88.71 1.1.88.72 1.1.88.73 1.1.88.74"
    " 1.1.88.75 1.1.88.76 1.1.88.77 1.1.78.6 1.1.79.1",
    "KEY OBJECT DOC": "1.1.88.59",
    "SPECTROSCOPY": "1.1.4.2",
    "RAW DATA": "1.1.66",
    "REGISTRATION": "1.1.66.1 1.1.66.3",
    "FIDUCIAL": "1.1.66.2",
    "VALUE MAP": "1.1.67",
    "STEREOMETRIC": "1.1.77.1.5.3",
    "MEASUREMENT": "1.1.78.1 1.1.78.2 1.1.78.3 1.1.78.4 1.1.78.5 1.1.78.7 1.1.78.8 1.1.80.1",
    "SURFACE": "1.1.66.5",
    "SURFACE SCAN": "1.1.68.1 1.1.68.2",
    "TRACT": "1.1.66.6",
    "ASSESSMENT": "1.1.90.1",
    "ANNOTATION": "1.1.91.1",
    "ENCAP DOC": "1.1.104.1 1.1.104.2 1.1.104.3 1.1.104.4 1.1.104.5",
}
_TYPE_OF_CLASS = {
    _STORAGE + suffix: name for name, suffixes in _CLASSES.items() for suffix in suffixes.split()
}
_TYPE_OF_MODALITY = {
    "PLAN": "PLAN", "RTINTENT": "RADIOTHERAPY", "RTRAD": "RADIOTHERAPY", "RTSEGANN": "RADIOTHERAPY",
}  # fmt: skip


def type_of_class(uid: str) -> str | None:
    """Return the type of the records for a SOP class; None for images and what is not known."""
    return _TYPE_OF_CLASS.get(uid)


def record_type_of(ds: Dataset) -> str:
    """Return the type of the record that references an instance (PS3.3 F.4).

    Parameters
    ----------
    ds : Dataset
        The instance; SOP Class UID tells, and for a class that is not known
        Modality, or that it holds a document or a radiotherapy plan.
    """
    found = type_of_class(ds.SOPClassUID)
    if found is not None:
        return found
    if "EncapsulatedDocument" in ds:
        return "ENCAP DOC"
    if "RTPlanLabel" in ds:
        return "RT PLAN"
    return _TYPE_OF_MODALITY.get(ds.get("Modality", ""), "IMAGE")


def record_types_for(ds: Dataset) -> tuple[str, ...]:
    """Return the types of the records of an instance, from the outermost."""
    leaf = record_type_of(ds)
    return (leaf,) if leaf in ONE_LEVEL else ("PATIENT", "STUDY", "SERIES", leaf)


# ---- making records ---------------------------------------------------------


class StandardRecorder:
    """Makes records of one type by the tables of PS3.3 F.5.

    Parameters
    ----------
    name : str
        The record type.
    """

    def __init__(self, name: str) -> None:
        kind = RECORD_TYPES[name]
        self.name = name
        self._required = _tags(kind.required)
        self._optional = _tags(kind.optional)
        self._conditional = _tags(kind.conditional)

    def check(self, ds: Dataset) -> None:
        """Raise unless an instance has what its record needs.

        Raises
        ------
        ConformanceError
            If an element is missing or empty; it is a :class:`ValueError`.
        """
        problems = [f"{_described(tag)} is missing" for tag in self._required if tag not in ds] + [
            f"{_described(tag)} is empty"
            for tag in self._required + self._conditional
            if tag in ds and _is_empty(ds[tag].value)
        ]
        if problems:
            raise ConformanceError(
                f"no {self.name} directory record can be made of the instance",
                clause="PS3.3 F.5",
                hint="complete it, or use FileSet.add_custom()",
                problems=problems,
            )

    def __call__(self, ds: Dataset) -> Dataset:
        """Return the record of an instance."""
        self.check(ds)
        record = Dataset()
        for tag in self._required + self._conditional:
            if tag in ds:
                _copy_element(record, tag, ds[tag].VR, ds[tag].value)
        for tag in self._optional:
            elem = ds.get(tag)
            if elem is None:
                keyword_vr(record, tag)
            else:
                _copy_element(record, tag, elem.VR, elem.value)
        if self.name in ("SR DOCUMENT", "KEY OBJECT DOC"):
            _keep_modifiers(record)
            _add_verification(record, ds)
        return record


def _tags(keywords: str) -> tuple[BaseTag, ...]:
    tags = [tag_for_keyword(word) for word in keywords.split()]
    assert None not in tags
    return tuple(BaseTag(tag) for tag in tags if tag is not None)


def _described(tag: BaseTag) -> str:
    return f"{tag} {dictionary_description(tag)}"


def _is_empty(value: object) -> bool:
    """Whether an element has no value; a sequence without items is one all the same."""
    if isinstance(value, Sequence):
        return False
    return value is None or (hasattr(value, "__len__") and not len(value))


def keyword_vr(record: Dataset, tag: BaseTag) -> None:
    """Add an element without a value."""
    from pydcm.datadict import dictionary_VR

    vr = dictionary_VR(tag)
    record.add_new(tag, vr, [] if vr == "SQ" else None)


def _copy_element(record: Dataset, tag: BaseTag, vr: str, value: object) -> None:
    """Add an element of its own: one of the instance would keep the instance in memory."""
    record.add_new(tag, vr, copy.deepcopy(value) if isinstance(value, Sequence) else value)


def _keep_modifiers(record: Dataset) -> None:
    """Leave of a document's content what modifies its title (PS3.3 F.5.25, F.5.26)."""
    content = record.get("ContentSequence")
    if content is None:
        return
    kept = [item for item in content if item.get("RelationshipType") == "HAS CONCEPT MOD"]
    if kept:
        record.ContentSequence = kept
    else:
        del record["ContentSequence"]


def _add_verification(record: Dataset, ds: Dataset) -> None:
    """Add when a document was verified last (PS3.3 F.5.25)."""
    if record.get("VerificationFlag") != "VERIFIED" or "VerificationDateTime" in record:
        return
    times = [
        str(item.VerificationDateTime)
        for item in ds.get("VerifyingObserverSequence") or ()
        if item.get("VerificationDateTime")
    ]
    if times:
        record.VerificationDateTime = max(times)


DIRECTORY_RECORDERS: dict[str, Recorder] = {name: StandardRecorder(name) for name in RECORD_TYPES}
"""What makes the records of each type; replace an entry to have other records made."""
