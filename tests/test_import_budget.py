"""`import pydcm` and reading metadata load no package that costs time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT
from tests.synthetic import Encoding, multiframe, objects

HEAVY = ("numpy", "numba", "torch", "pydicom", "pandas", "scipy", "nibabel", "imagecodecs", "rich")
"""What must not be imported before it is needed."""

SLOW_STANDARD_LIBRARY = ("inspect", "asyncio", "urllib.request", "http.client", "unittest", "ssl")
"""Modules of the standard library that cost milliseconds and have no part in reading metadata."""

PROBE = """
import json, sys, time
before = set(sys.modules)
start = time.process_time()
import pydcm
imported = time.process_time()
ds = pydcm.dcmread(sys.argv[1])
name = str(ds.get('PatientName'))
{more}
end = time.process_time()
print(json.dumps({{
    "modules": sorted(set(sys.modules) - before),
    "import_ms": (imported - start) * 1e3,
    "all_ms": (end - start) * 1e3,
    "name": name,
}}))
"""


def _probe(path: Path, more: str = "") -> tuple[set[str], str, float]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(more=more), str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return set(told["modules"]), told["name"], told["all_ms"]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(64))
    return path


def test_import_and_a_tag_load_nothing_heavy(image: Path) -> None:
    modules, name, milliseconds = _probe(image)
    sys.stdout.write(f"import pydcm, dcmread, a tag: {milliseconds:.0f} ms, {len(modules)} modules")
    assert name == "Subject^Synthetic"
    assert modules.isdisjoint(HEAVY)
    assert modules.isdisjoint(SLOW_STANDARD_LIBRARY)


def test_reading_every_value_loads_nothing_heavy(image: Path) -> None:
    modules, _, _ = _probe(image, "for element in ds.iterall(): element.value")
    assert modules.isdisjoint(HEAVY)


@pytest.mark.parametrize(
    "work",
    [
        "str(ds)",
        "ds.to_json()",
        "import io; pydcm.dcmwrite(io.BytesIO(), ds)",
        "ds.PatientID = 'X'; ds.save_as(sys.argv[1])",
        "import copy; copy.deepcopy(ds)",
        "import pickle; pickle.dumps(ds)",
        "pydcm.generate_uid()",
        "pydcm.dcmread(sys.argv[1], stop_before_pixels=True, specific_tags=['PatientID'])",
    ],
)
def test_metadata_work_loads_no_numpy(image: Path, work: str) -> None:
    modules, _, _ = _probe(image, work)
    assert modules.isdisjoint(HEAVY)


def test_every_encoding_is_read_without_numpy(tmp_path: Path) -> None:
    for number, data in enumerate(
        (
            objects.every_vr(Encoding(explicit=False)),
            objects.every_vr(Encoding(little=False)),
            objects.every_vr(Encoding(undefined=True)),
            objects.every_vr(deflated=True),
            multiframe.small_rle(),
        )
    ):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        modules, _, _ = _probe(path, "str(ds); ds.to_json_dict()")
        assert modules.isdisjoint(HEAVY)
