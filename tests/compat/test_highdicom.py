"""highdicom on this package, under the name pydicom, writes what it writes on pydicom."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pydcm.examples.series import write_ct_series
from tests.compat.highdicom_flows import FLOWS
from tests.shared import CORPUS, ROOT, needs_corpus

pydicom = pytest.importorskip("pydicom", minversion="3.0.2")
pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("highdicom") is None, reason="highdicom is not installed"
    ),
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.timeout(300),
]

SLIDE = CORPUS / "wsi" / "highdicom" / "sm_image.dcm"

MOMENTS = frozenset(
    "ContentDate ContentTime DateOfSecondaryCapture TimeOfSecondaryCapture"
    " ContributionDateTime InstanceCreationDate InstanceCreationTime"
    " PresentationCreationDate PresentationCreationTime ContentCreationDate ObservationDateTime"
    " VerificationDateTime".split()
)
"""Say when the object was made."""

TOOLKIT = frozenset("ImplementationClassUID ImplementationVersionName".split())
"""Say by which toolkit; the length of the file meta information depends on them."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders in which all flows have left their files, of one library and of the other."""
    folder = tmp_path_factory.mktemp("highdicom")
    sources = folder / "sources"
    write_ct_series(sources / "ct", slices=6, size=32)
    if SLIDE.is_file():
        shutil.copy(SLIDE, sources / "slide.dcm")
    program = Path(__file__).with_name("highdicom_flows.py")
    targets = {}
    # highdicom writes some references in the order of a set.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    for library in ("pydicom", "pydcm"):
        targets[library] = folder / library
        targets[library].mkdir()
        command = [
            sys.executable,
            str(program),
            library,
            str(sources),
            str(targets[library]),
            str(CORPUS),
        ]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return targets


@pytest.mark.parametrize("flow", FLOWS)
def test_flow(made: dict[str, Path], flow: str) -> None:
    if flow.startswith("ann") and not SLIDE.is_file():
        pytest.skip("the slide of the corpus is not beside this checkout")
    theirs, ours = (
        json.loads((made[library] / f"{flow}.json").read_text(encoding="utf-8"))
        for library in ("pydicom", "pydcm")
    )
    assert "seen" in theirs, theirs["error"]
    assert "seen" in ours, ours["trace"]
    assert ours["seen"] == theirs["seen"]
    written = [
        list(_elements(pydicom.dcmread(made[library] / f"{flow}.dcm")))
        for library in ("pydicom", "pydcm")
    ]
    assert written[1] == written[0]


@needs_corpus
def test_files_of_others(made: dict[str, Path]) -> None:
    theirs, ours = (
        json.loads((made[library] / "corpus.json").read_text(encoding="utf-8"))
        for library in ("pydicom", "pydcm")
    )
    assert len(theirs) > 15
    failed = {name: seen for name, seen in theirs.items() if "error" in seen}
    assert not failed
    for name, seen in ours.items():
        assert seen == theirs[name], f"{name}: {seen}"
    assert ours.keys() == theirs.keys()


def _elements(ds: Any, way: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield way, VR and value of all elements, at every depth."""
    if not way:
        yield from _elements(ds.file_meta, "file_meta/")
    for elem in ds:
        name = f"{way}{elem.tag}"
        if elem.keyword in TOOLKIT or elem.tag == 0x00020000:
            continue
        if elem.VR == "SQ":
            yield name, "SQ", str(len(elem.value))
            for number, item in enumerate(elem.value):
                yield from _elements(item, f"{name}[{number}]/")
        else:
            yield name, str(elem.VR), "" if elem.keyword in MOMENTS else repr(elem.value)
