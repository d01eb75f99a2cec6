"""One frame of a large file costs the memory of one frame."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT
from tests.synthetic import multiframe

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(),
    reason="the peak is read from /proc; getrusage would report that of the parent process too",
)

ALLOWED_KB = 50 << 10
"""Peak resident memory of the whole process: interpreter, numpy and library included."""

PROBE = """
import sys
import pydcm
{work}
for line in open("/proc/self/status"):
    if line.startswith("VmHWM:"):
        print(line.split()[1])
"""


def _peak(work: str, path: Path) -> tuple[list[str], int]:
    """Run `work` and return what it printed, and the peak resident memory in kB."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(work=work), str(path)],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYDCM_IMPL": "reference",
            "OPENBLAS_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *told, peak = done.stdout.split()
    sys.stdout.write(f"peak {int(peak) / 1024:.1f} MB")
    return told, int(peak)


DECODE = (
    "frame = pydcm.decode(sys.argv[1], frame=int({frame}))\n"
    "print(*frame.shape, frame[0, -1, 0], frame[0, -1, -1])"
)
INDEX = (
    "from pydcm.pixels import pixel_array\n"
    "frame = pixel_array(pydcm.dcmread(sys.argv[1]), index={frame} - 1)\n"
    "print(1, *frame.shape, frame[-1, 0], frame[-1, -1])"
)


@pytest.fixture(scope="module")
def gigabyte(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "sparse.dcm"
    assert multiframe.write_sparse(path) > 1 << 30
    if path.stat().st_blocks * 512 > 100 << 20:
        path.unlink()
        pytest.skip("the file system stores no sparse files, so 1 GiB would be written")
    return path


@pytest.fixture(scope="module", params=[False, True], ids=["no offset table", "offset table"])
def run_length(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rle") / "rle.dcm"
    size = multiframe.write_rle(path, frames=1000, offset_table=bool(request.param))
    assert size > 120 << 20
    return path


@pytest.mark.parametrize("work", [DECODE, INDEX], ids=["decode", "pixel_array"])
@pytest.mark.parametrize("frame", [1, 2048])
def test_one_frame_of_a_gigabyte(gigabyte: Path, frame: int, work: str) -> None:
    told, peak = _peak(work.format(frame=frame), gigabyte)
    value = "258" if frame == 2048 else "0"
    assert told == ["1", "512", "512", value, value]
    assert peak < ALLOWED_KB


@pytest.mark.parametrize("frame", [1, 777])
def test_one_frame_of_many_in_rle(run_length: Path, frame: int) -> None:
    told, peak = _peak(DECODE.format(frame=frame), run_length)
    value = str(frame % 256)
    assert told == ["1", "512", "512", value, value]
    assert peak < ALLOWED_KB


def test_metadata_of_a_gigabyte(gigabyte: Path) -> None:
    told, peak = _peak(
        "ds = pydcm.dcmread(sys.argv[1])\nprint(ds.NumberOfFrames, len(ds), 'PixelData' in ds)",
        gigabyte,
    )
    assert told == ["2048", "13", "True"]
    assert peak < ALLOWED_KB // 2


@pytest.mark.slow  # it writes 1 GiB
def test_a_copy_of_a_gigabyte_is_made_in_pieces(gigabyte: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.dcm"
    told, peak = _peak(
        "ds = pydcm.dcmread(sys.argv[1])\nds.PatientID = 'X'\n"
        f"ds.save_as({str(target)!r})\nprint('saved')",
        gigabyte,
    )
    assert told == ["saved"]
    assert target.stat().st_size > 1 << 30
    target.unlink()
    assert peak < ALLOWED_KB
