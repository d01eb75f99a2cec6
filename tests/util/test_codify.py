"""Code for data sets: that it runs and gives the same, and how it differs from pydicom's."""

from __future__ import annotations

import argparse
import io
import math
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from pydcm import DataElement, Dataset, dcmread
from pydcm.dataset import FileMetaDataset
from pydcm.tag import Tag
from pydcm.util import codify
from tests.shared import CORPUS, needs_corpus

pydicom = pytest.importorskip("pydicom")
pydicom_codify = pytest.importorskip("pydicom.util.codify")


def built(code: str) -> Any:
    names: dict[str, Any] = {}
    exec(code, names)
    return names["ds"]


def code_with_imports(ds: Dataset, **options: Any) -> str:
    return f"{codify.code_imports()}\n{codify.code_dataset(ds, **options)}"


# ---- names -----------------------------------------------------------------------


def test_names_of_every_keyword() -> None:
    from pydicom._dicom_dict import DicomDictionary

    keywords = [entry[4] for entry in DicomDictionary.values()]
    assert len(keywords) > 4000
    for keyword in [*keywords, "ABCdefGHI", "abc1Def", "", "A", "aB"]:
        assert codify.camel_to_underscore(keyword) == pydicom_codify.camel_to_underscore(keyword)
        assert codify.default_name_filter(keyword) == pydicom_codify.default_name_filter(keyword)


def test_tag() -> None:
    assert codify.tag_repr(Tag(0x7FE00010)) == "(0x7FE0, 0x0010)"


# ---- single elements ----------------------------------------------------------------

ELEMENTS: list[tuple[Any, str, Any]] = [
    ("PatientID", "LO", "x\"'y"),
    ("Rows", "US", 5),
    ("Rows", "US", None),
    ("ImageType", "CS", ["A", "B"]),
    ("PixelSpacing", "DS", ["1.50", "2"]),
    ("PixelSpacing", "DS", [".5", "-1.", "+2e-3", "01.5"]),
    ("SliceThickness", "DS", "1.50"),
    ("InstanceNumber", "IS", "7"),
    ("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.2"),
    ("PatientName", "PN", "A^B=c"),
    ("PixelData", "OW", b"abc\0"),
    ("FrameIncrementPointer", "AT", 0x00100020),
    ("PatientAge", "AS", ""),
    ("RealWorldValueSlope", "FD", [1.5, 2]),
    ("SmallestImagePixelValue", "US", 5),
    (0x00091001, "LO", "x"),
    (0x12345678, "LO", "y"),
    (0x00080000, "UL", 5),
]


@pytest.mark.parametrize(("tag", "vr", "value"), ELEMENTS)
def test_elements_as_pydicom_codes_them(tag: Any, vr: str, value: Any) -> None:
    ours = codify.code_dataelem(DataElement(tag, vr, value), "foo")
    assert ours == pydicom_codify.code_dataelem(pydicom.DataElement(tag, vr, value), "foo")
    assert ours.startswith("foo.")


@pytest.mark.parametrize(
    ("tag", "vr", "value", "expected"),
    [
        ("DimensionIndexPointer", "AT", [0x00100020, 0x00280010],
         "ds.DimensionIndexPointer = [(0x0010, 0x0020), (0x0028, 0x0010)]"),
        ("PatientName", "PN", ["A", "B^C"], "ds.PatientName = ['A', 'B^C']"),
        ("OtherPatientIDs", "LO", [], "ds.OtherPatientIDs = []"),
        ("PixelSpacing", "DS", ["01", "2"], "ds.PixelSpacing = ['01', 2]"),
        ("RealWorldValueSlope", "FD", [math.inf, 1.0],
         "ds.RealWorldValueSlope = [float('inf'), 1.0]"),
        (0x60000010, "US", 3, "ds.add_new((0x6000, 0x0010), 'US', 3)"),
        (0x60020010, "US", 3, "ds.add_new((0x6002, 0x0010), 'US', 3)"),
        ("Rows", "UL", 3, "ds.add_new((0x0028, 0x0010), 'UL', 3)"),
    ],
)  # fmt: skip
def test_elements_that_pydicom_codes_wrongly(tag: Any, vr: str, value: Any, expected: str) -> None:
    elem = DataElement(tag, vr, value)
    assert codify.code_dataelem(elem) == expected
    ds = Dataset()
    ds.add(elem)
    assert built(code_with_imports(ds)) == ds


@pytest.mark.parametrize("vr", ["OB", "OW", "UN", "OF"])
def test_large_binary_values_are_left_out(vr: str) -> None:
    elem = DataElement(0x00091001, vr, b"a" * 10)
    assert "left out" not in codify.code_dataelem(elem, exclude_size=10)
    code = codify.code_dataelem(elem, exclude_size=9)
    assert "# 10 bytes left out" in code
    ds = Dataset()
    ds.add(elem)
    assert not built(code_with_imports(ds, exclude_size=9, include_private=True))[0x00091001].value


def test_buffered_value() -> None:
    stream = io.BytesIO(b"abcd")
    stream.seek(2)
    ds = Dataset()
    ds.PixelData = stream
    assert codify.code_dataset(ds).endswith("ds.PixelData = b'abcd'")
    assert stream.tell() == 2


# ---- sequences and data sets ----------------------------------------------------------


def nested(kind: type[Any]) -> Any:
    def item(**values: Any) -> Any:
        made = kind()
        for keyword, value in values.items():
            setattr(made, keyword, value)
        return made

    points = [item(ControlPointIndex=0, GantryAngle="1.0"), item(ControlPointIndex=1)]
    return item(
        ReferencedStudySequence=[
            item(ReferencedSOPSequence=[item(Rows=3), item(Columns=4)], PatientID="7"),
            item(ReferencedStudySequence=[kind()], PatientID="8"),
        ],
        SourceImageSequence=[],
        PatientName="X",
        BeamSequence=[item(BeamNumber=5, ControlPointSequence=points)],
    )


def test_nested_sequences_as_pydicom_codes_them() -> None:
    ours = codify.code_dataset(nested(Dataset), "bar")
    assert ours == pydicom_codify.code_dataset(nested(pydicom.Dataset), "bar")
    for variable in ("refd_study_sequence_1", "cp0 = ", "cp1 = ", "beam5"):
        assert variable in ours
    assert built(code_with_imports(nested(Dataset))) == nested(Dataset)


def test_sequence_with_names_of_one_s_own() -> None:
    def shout(name: str) -> str:
        return name.upper()

    ours = codify.code_sequence(nested(Dataset)["ReferencedStudySequence"], name_filter=shout)
    theirs = pydicom_codify.code_sequence(
        nested(pydicom.Dataset)["ReferencedStudySequence"], name_filter=shout
    )
    assert ours == theirs


def test_names_in_use_are_avoided_and_released() -> None:
    in_use = deque(["refd_study_sequence", "refd_study1"])
    code = codify.code_sequence(nested(Dataset)["ReferencedStudySequence"], var_names=in_use)
    assert "refd_study_sequence_1 = Sequence()" in code
    assert "refd_study1_1 = Dataset()" in code
    assert list(in_use) == ["refd_study_sequence", "refd_study1"]


def test_private_elements_are_left_out_unless_asked_for() -> None:
    ds = Dataset()
    block = ds.private_block(0x0009, "ACME", create=True)
    block.add_new(0x01, "SQ", [nested(Dataset)])
    block.add_new(0x02, "LO", "x")
    assert codify.code_dataset(ds) == "ds = Dataset()"
    assert built(code_with_imports(ds, include_private=True)) == ds


def test_file_meta_and_encoding() -> None:
    ds = nested(Dataset)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    code = codify.code_file_from_dataset(ds)
    assert code.startswith("# A data set that is in no file")
    made = built(code)
    assert made == ds
    assert type(made.file_meta) is FileMetaDataset
    assert made.file_meta == ds.file_meta
    assert built(codify.code_file_from_dataset(Dataset())) == Dataset()


# ---- files --------------------------------------------------------------------------------


def example(name: str) -> Path:
    from pydcm.examples import get_path

    return get_path(name)


def test_code_of_a_file_writes_that_file(tmp_path: Path) -> None:
    path = example("rt_plan")
    target = tmp_path / "again.dcm"
    code = codify.code_file(str(path), include_private=True)
    ds = built(code)
    ds.save_as(target, enforce_file_format=True)
    original, again = dcmread(path), dcmread(target)
    assert again == original
    assert again.file_meta is not None
    assert again.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    codify.main(100, list(arguments))
    return capsys.readouterr().out


def test_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = example("ct")
    code = run("pydcm::ct", capsys=capsys)
    assert "bytes left out" in code
    assert f"{path.with_suffix('')}_from_codify.dcm" in code

    target = tmp_path / "saved.dcm"
    code = run(str(path), "--save-as", str(target), "-e", "1000000", capsys=capsys)
    exec(code, {})
    assert dcmread(target).PixelData == dcmread(path).PixelData

    run(str(path), str(tmp_path / "code.py"), capsys=capsys)
    assert (tmp_path / "code.py").read_text("utf-8").startswith("# The DICOM file")


def test_path_with_backslashes_and_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    assert r"save_as(r'c:\temp\out.dcm'" in run(
        "pydcm::mr", "-s", r"c:\temp\out.dcm", capsys=capsys
    )
    assert '"it\'s.dcm"' in run("pydcm::mr", "-s", "it's.dcm", capsys=capsys)


def test_item_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    code = run("pydcm::rt_plan::BeamSequence[1]", capsys=capsys)
    assert built(code.rpartition("\nds.save_as")[0]) == dcmread(example("rt_plan")).BeamSequence[1]
    with pytest.raises(NotImplementedError):
        codify.main(100, ["pydcm::rt_plan::BeamSequence[1].BeamName"])


@pytest.mark.parametrize(
    "filespec",
    [
        "no such file",
        "pydcm::nothing",
        "pydcm::ct::Nothing",
        "pydcm::rt_plan::BeamSequence[99]",
        "pydcm::rt_plan::BeamSequence[x]",
        "pydcm::ct::Rows[0]",
    ],
)
def test_what_is_not_there(filespec: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        codify.main(100, [filespec])
    assert caught.value.code == 2
    assert "error" in capsys.readouterr().err


def test_parser_has_pydicom_s_arguments() -> None:
    ours, theirs = argparse.ArgumentParser(), argparse.ArgumentParser()
    codify.set_parser_arguments(ours, 77)
    pydicom_codify.set_parser_arguments(theirs, 77)
    assert {a.dest for a in ours._actions} == {a.dest for a in theirs._actions}
    assert ours.parse_args(["pydcm::mr"]).exclude_size == 77


@needs_corpus
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_files_of_the_corpus() -> None:
    compared = 0
    for path in sorted((CORPUS / "rt").rglob("*.dcm")) + sorted((CORPUS / "sr").rglob("*.dcm")):
        if path.stat().st_size > 200_000:
            continue
        ds = dcmread(path, force=True)
        code = codify.code_dataset(ds)
        theirs = pydicom_codify.code_dataset(pydicom.dcmread(path, force=True))
        if path.name != "sample-sr.dcm":  # with two names, which pydicom codes without quotes
            assert code == theirs, path
        made = built(f"{codify.code_imports()}\n{code}")
        assert [e.tag for e in made] == [e.tag for e in ds if not e.tag.is_private], path
        compared += 1
    assert compared >= 5
