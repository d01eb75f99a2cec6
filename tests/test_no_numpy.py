"""Metadata can be read, edited and written where numpy cannot be imported at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import CORPUS, ROOT, needs_corpus
from tests.synthetic import Encoding, objects

BLOCK = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "numba"):
            raise ImportError(f"{name} is blocked", name=name)
        return None

sys.meta_path.insert(0, Absent())
import warnings
warnings.simplefilter("ignore", UserWarning)
import copy, io, pickle
import pydcm

def write(ds):
    buffer = io.BytesIO()
    pydcm.dcmwrite(buffer, ds)
    return buffer.getvalue()
"""


def _without_numpy(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BLOCK + script, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    made = []
    for number, data in enumerate(
        (
            objects.every_vr(),
            objects.every_vr(Encoding(explicit=False)),
            objects.every_vr(Encoding(little=False)),
            objects.every_vr(Encoding(explicit=False, undefined=True)),
            objects.every_vr(deflated=True),
        )
    ):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(data)
        made.append(str(path))
    return made


def test_numpy_really_is_blocked() -> None:
    script = "try:\n import numpy\nexcept ImportError as error:\n print(error)"
    assert _without_numpy(script) == "numpy is blocked"


def test_reading(paths: list[str]) -> None:
    told = _without_numpy(
        "for path in sys.argv[1:]:\n"
        "    ds = pydcm.dcmread(path)\n"
        "    print(ds.PatientName, sum(1 for e in ds.iterall() if e.value is not None))\n",
        *paths,
    )
    lines = told.splitlines()
    assert len(lines) == len(paths)
    assert {line.rpartition(" ")[0] for line in lines} == {"Müller^Jörg=山田^太郎=やまだ^たろう"}
    assert int(lines[0].rpartition(" ")[2]) > 50


def test_editing_and_writing(paths: list[str]) -> None:
    told = _without_numpy(
        "for path in sys.argv[1:]:\n"
        "    ds = pydcm.dcmread(path)\n"
        "    assert write(ds) == open(path, 'rb').read() or path.endswith('4.dcm')\n"
        "    ds.PatientID = 'EDITED'\n"
        "    ds.ReferencedImageSequence[0].ReferencedSOPClassUID = '1.2.3'\n"
        "    ds.add_new('StudyID', 'SH', 'S1')\n"
        "    del ds.Modality\n"
        "    ds.save_as(path)\n"
        "    again = pydcm.dcmread(path)\n"
        "    print(again.PatientID, again.StudyID,\n"
        "          again.ReferencedImageSequence[0].ReferencedSOPClassUID, 'Modality' in again)\n",
        *paths,
    )
    assert told.splitlines() == ["EDITED S1 1.2.3 False"] * len(paths)


def test_json_copies_and_printing(paths: list[str]) -> None:
    told = _without_numpy(
        "for path in sys.argv[1:]:\n"
        "    ds = pydcm.dcmread(path)\n"
        "    again = pydcm.Dataset.from_json(ds.to_json())\n"
        "    print(again.PatientName == ds.PatientName, copy.deepcopy(ds) == ds,\n"
        "          pickle.loads(pickle.dumps(ds)) == ds, 'PatientName' in ds,\n"
        "          len(str(ds)) > 1000)\n",
        *paths,
    )
    assert told.splitlines() == ["True True True True True"] * len(paths)


def test_a_new_data_set(tmp_path: Path) -> None:
    path = tmp_path / "new.dcm"
    told = _without_numpy(
        "from pydcm.uid import ExplicitVRLittleEndian\n"
        "ds = pydcm.Dataset()\n"
        "ds.SOPClassUID = '1.2.840.10008.5.1.4.1.1.7'\n"
        "ds.SOPInstanceUID = pydcm.generate_uid()\n"
        "ds.PatientName = 'A^B'\n"
        "ds.WindowCenter = [40.5, 400]\n"
        "ds.file_meta = pydcm.dataset.FileMetaDataset()\n"
        "ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian\n"
        "ds.save_as(sys.argv[1], enforce_file_format=True)\n"
        "print(pydcm.dcmread(sys.argv[1]).WindowCenter)\n",
        str(path),
    )
    assert told == "[40.5, 400.0]"


def test_pixels_say_that_numpy_is_missing(paths: list[str]) -> None:
    told = _without_numpy(
        "try:\n"
        "    pydcm.dcmread(sys.argv[1]).pixel_array\n"
        "except ImportError as error:\n"
        "    print('numpy' in str(error).lower())\n",
        paths[0],
    )
    assert told == "True"


@needs_corpus
def test_the_corpus_is_read_and_written() -> None:
    told = _without_numpy(
        "from pathlib import Path\n"
        "read = 0\n"
        "for path in sorted(Path(sys.argv[1]).rglob('*')):\n"
        "    if not path.is_file() or path.stat().st_size > 100_000:\n"
        "        continue\n"
        "    try:\n"
        "        ds = pydcm.dcmread(path)\n"
        "        for element in ds.iterall():\n"
        "            element.value\n"
        "        write(ds)\n"
        "        read += 1\n"
        "    except pydcm.errors.PydcmError:\n"
        "        pass\n"
        "print(read)\n",
        str(CORPUS),
    )
    assert int(told) > 300
