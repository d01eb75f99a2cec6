"""What can be asked of a tool: the schema, its documents and pydcm's own answers name the same."""

from __future__ import annotations

import base64
import json
import re

import pytest

from conformance.adapters.pydcm import OPERATIONS
from conformance.corpus import Case, Json, load
from conformance.runner import features
from pydcm.errors import UnsafePathError
from tests.fileset.making import MEDIA
from tests.shared import ROOT, needs_corpus

FOLDER = ROOT / "conformance"


def _in_the_schema() -> list[str]:
    schema = json.loads((FOLDER / "schema/case.schema.json").read_text("utf-8"))
    found = schema["properties"]["operation"]["enum"]
    assert isinstance(found, list)
    return found


def test_every_operation_is_documented_and_answered() -> None:
    operations = _in_the_schema()
    readme = (FOLDER / "README.md").read_text("utf-8")
    table = readme.partition("## Operations")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.M) == operations
    described = (FOLDER / "protocol.md").read_text("utf-8").partition("## describe")[2]
    listed = described.partition("those of README.md that it answers: ")[2].partition(".")[0]
    assert re.findall("`([a-z-]+)`", listed) == OPERATIONS == operations[:-1]
    assert set(features._OPERATIONS) == set(OPERATIONS)


def test_every_operation_has_cases() -> None:
    assert {case.operation for case in load()} == set(_in_the_schema())


def _asked(file: bytes) -> list[str]:
    given: dict[str, Json] = {"file": {"base64": base64.b64encode(file).decode("ascii")}}
    case = Case("", "fileset", "", "", "", "", (), given, "either", None, None, "")
    paths = features.answer(case)["paths"]
    assert isinstance(paths, list)
    return [str(path) for path in paths]


@needs_corpus
def test_paths_of_a_real_file_set() -> None:
    found = _asked((MEDIA / "DICOMDIR").read_bytes())
    assert len(found) == len(set(found)) == 31
    assert all((MEDIA / path).is_file() for path in found)


@needs_corpus
def test_a_path_that_leads_out_is_refused() -> None:
    data = (MEDIA / "DICOMDIR").read_bytes()
    begin = data.index(b"\x04\x00\x00\x15CS") + 8
    end = begin + int.from_bytes(data[begin - 2 : begin], "little")
    with pytest.raises(UnsafePathError):
        _asked(data[:begin] + b"..\\X".ljust(end - begin) + data[end:])
