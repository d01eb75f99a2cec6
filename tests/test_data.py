"""The project's own files: what the generator makes, read as another reader reads them."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm import dcmread, dcmwrite
from pydcm.errors import TruncatedError
from pydcm.pixels import decode
from tests.shared import ROOT
from tools.gen_test_data import differences, generate

DATA = ROOT / "tests" / "data"
MANIFEST: dict[str, dict[str, Any]] = json.loads((DATA / "manifest.json").read_text())


def _names(*keys: str) -> list[str]:
    return [name for name, about in MANIFEST.items() if all(about[key] for key in keys)]


def test_the_files_are_what_the_generator_makes() -> None:
    assert differences(DATA) == []


def test_drift_is_found(tmp_path: Path) -> None:
    for name, content in generate().items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "bits.dcm").write_bytes(b"other")
    (tmp_path / "rle.dcm").unlink()
    (tmp_path / "more.dcm").write_bytes(b"")
    assert differences(tmp_path) == [
        "more.dcm should not be there",
        "rle.dcm is missing",
        "bits.dcm is not what the generator makes",
    ]


@pytest.mark.parametrize("name", list(MANIFEST))
def test_pydicom_finds_the_same_elements(name: str) -> None:
    pydicom = pytest.importorskip("pydicom")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the other reader
        theirs = pydicom.dcmread(DATA / name, force=True)
        model = theirs.to_json_dict()
    for element in model.values():  # PS3.18 F.2.5: an empty value among others is null
        if "Value" in element:
            element["Value"] = [None if value == "" else value for value in element["Value"]]
    ours = dcmread(DATA / name, force=True)
    assert ours.to_json_dict() == model


@pytest.mark.parametrize("name", _names("conformant"))
def test_a_file_is_written_as_it_was(name: str) -> None:
    content = (DATA / name).read_bytes()
    written = io.BytesIO()
    dcmwrite(written, dcmread(content, force=True))
    assert written.getvalue() == content


@pytest.mark.parametrize("name", _names("pixels"))
def test_pydicom_decodes_the_same(name: str) -> None:
    pydicom = pytest.importorskip("pydicom")
    theirs = pydicom.dcmread(DATA / name).pixel_array
    ours = decode(DATA / name)
    np.testing.assert_array_equal(ours.reshape(theirs.shape), theirs)


@pytest.mark.parametrize("name", _names("conformant"))
def test_conformant_files_have_nothing_to_mend(name: str) -> None:
    assert list(dcmread(DATA / name, force=True).diagnostics) == []


def test_the_truncated_file_is_mended_or_refused() -> None:
    assert [found.code for found in dcmread(DATA / "truncated.dcm").diagnostics] != []
    with pytest.raises(TruncatedError):
        dcmread(DATA / "truncated.dcm", strict=True)
