"""What the stub says of attributes is what they are when the program runs."""

from __future__ import annotations

import ast
import io
import warnings
from collections.abc import Iterator, MutableSequence
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

import pytest

import pydcm
from pydcm import Dataset, uid
from pydcm.datadict import DicomDictionary, keyword_for_tag
from pydcm.dataelem import DataElement
from pydcm.dataset import FileMetaDataset
from pydcm.dataset.keywords import Keywords
from pydcm.errors import PydcmError
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.tag import BaseTag
from pydcm.uid import UID
from pydcm.valuerep import IS, DSfloat, PersonName
from tests.shared import CORPUS, ROOT, needs_corpus
from tests.typing import accepted

STUB = ROOT / "pydcm" / "dataset" / "keywords.pyi"
NAMES = (BaseTag, DSfloat, FileMetaDataset, IS, MultiValue, MutableSequence,
         PersonName, Sequence, UID)  # fmt: skip


@cache
def declared() -> dict[str, Any]:
    """Return what the stub says that each attribute gives."""
    names = {known.__name__: known for known in NAMES}
    gives: dict[str, Any] = {}
    attributes: dict[str, str] = {}
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef):
            continue
        if node.name == "Keywords":
            for line in node.body:
                assert isinstance(line, ast.AnnAssign)
                attributes[ast.unparse(line.target)] = ast.unparse(line.annotation)
        elif ast.unparse(node.bases[0]).startswith("_Attribute["):
            base = node.bases[0]
            assert isinstance(base, ast.Subscript)
            assert isinstance(base.slice, ast.Tuple)
            gives[node.name] = eval(ast.unparse(base.slice.elts[0]), names)
    return {keyword: gives[form] for keyword, form in attributes.items()}


def is_of(value: object, kind: Any) -> bool:
    """Whether a value is of a type that the stub writes."""
    if isinstance(kind, UnionType):
        return any(is_of(value, each) for each in get_args(kind))
    if get_origin(kind) is None:
        return isinstance(value, (int, float) if kind is float else kind)  # as PEP 484 has it
    if not isinstance(value, (list, get_origin(kind))):
        return False
    return all(is_of(each, get_args(kind)[0]) for each in value)


def test_every_keyword_has_a_type() -> None:
    keywords = {entry[4] for entry in DicomDictionary.values() if entry[0] != "NONE"} - {""}
    assert declared().keys() == keywords | {"file_meta"}


def test_no_type_costs_anything() -> None:
    assert not [name for name in vars(Keywords) if not name.startswith("__")]
    assert not vars(Keywords).get("__annotations__")


def test_names_of_uids() -> None:
    stub = ast.parse((ROOT / "pydcm" / "_std" / "uid_names.pyi").read_text(encoding="utf-8"))
    names = [ast.unparse(line.target) for line in stub.body if isinstance(line, ast.AnnAssign)]
    assert len(names) > 400
    assert all(isinstance(getattr(uid, name), UID) for name in names)


# --- values that are set --------------------------------------------------------


def test_what_is_accepted_runs() -> None:
    ds, other = Dataset(), Dataset()
    accepted.set_attributes(ds)
    accepted.get_attributes(ds)
    accepted.narrow(ds)
    accepted.change(ds, other)
    accepted.use_other_names(ds)
    assert (ds.Rows, ds.ImagePositionPatient[2], ds.ImageType[2]) == (513, -10.0, "AXIAL")
    assert other.PatientName == "Doe^Jane"
    assert accepted.Report("a title").DocumentTitle == "a title"
    with pytest.raises(AttributeError):
        accepted.misspell(ds)


def test_values_set_are_of_the_type_declared_before_and_after_writing() -> None:
    ds = Dataset()
    accepted.set_attributes(ds)
    ds.SOPClassUID = uid.CTImageStorage
    # A value that is kept as it was given, until it is read: dates, and streams of bytes.
    assert _not_of_their_type(ds) == {"StudyDate", "EncapsulatedDocument"}
    stream = io.BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    stream.seek(0)
    again = accepted.read(stream)
    assert _not_of_their_type(again) == _not_of_their_type(again.file_meta) == set()


def _not_of_their_type(ds: Dataset) -> set[str]:
    types = declared()
    found = {elem.keyword: elem.value for elem in ds}
    return {keyword for keyword, value in found.items()
            if value is not None and not is_of(value, types[keyword])}  # fmt: skip


# --- values that are read -------------------------------------------------------


def _elements(folder: Path) -> Iterator[tuple[Path, DataElement]]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            ds = pydcm.dcmread(path, stop_before_pixels=path.stat().st_size > 1_000_000)
            elements = [*ds.file_meta, *ds.iterall()]
        except (PydcmError, AttributeError):
            continue
        yield from ((path, elem) for elem in elements)


def _fits_the_dictionary(elem: DataElement) -> bool:
    """Whether VR and VM are those of the dictionary (PS3.6), and there is a value."""
    vr, vm = DicomDictionary[elem.tag][:2]
    if elem.VR not in vr.split(" or ") or elem.is_empty:
        return False
    least, _, most = vm.partition("-")
    return int(least) <= elem.VM <= (elem.VM if most.endswith("n") else int(most or least))


@needs_corpus
def test_values_of_real_files() -> None:
    fitting = empty = wrongly_empty = 0
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, elem in _elements(CORPUS):
            keyword = keyword_for_tag(elem.tag)
            if keyword not in declared():
                continue
            is_declared = is_of(elem.value, declared()[keyword])
            if elem.is_empty:
                empty += 1
                wrongly_empty += not is_declared
            elif _fits_the_dictionary(elem):
                fitting += 1
                if not is_declared:
                    wrong.append((path.name, keyword, elem.value))
    assert fitting > 50_000
    # This one is no number; what does not fit its VR is kept as text.
    assert wrong == [("badVR.dcm", "NumberOfFrames", "1A")]
    # Some files leave empty what must have a value (Type 1).
    assert empty > 3_000
    assert wrongly_empty < empty / 50
