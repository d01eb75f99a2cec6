"""Series as volumes against other toolkits: ``python -m tools.bench.volumes``.

A folder of single-frame CT images as one array of Hounsfield units, and frames
of an enhanced CT, in turn and in one run. Wall time is measured, as each side
uses what processors it can, and processor time, which neighbours on the machine
disturb less; files are in the page cache. The plain read of the
bytes with the rescale of every slice is what no reader can go below.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm import kernels
from pydcm.volume import load_series, survey
from pydcm.volume.loading import load_frames
from tests.synthetic import objects
from tools.bench.cases import dicomsdl_or_none, pydicom_or_none
from tools.bench.codecs import ct_like

Work = Callable[[], NDArray[Any]]

PLAIN = "read and rescale"
"""The name of what is no peer but a limit."""

MEMORY_TARGET = 1.5
"""Peak memory above that of the loaded modules, as a share of the array."""


@dataclass
class Target:
    """What a ratio has to reach: time of pydcm divided by that of a peer."""

    peer: str
    most: float


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.volumes", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--frames", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--impl", choices=("reference", "numba", "accel"), help="kernels to run on")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target was missed")
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    fast = options.impl == "accel" or (options.impl is None and "accel" in kernels_here())
    chosen = kernels.using(options.impl) if options.impl else nullcontext()
    with tempfile.TemporaryDirectory(prefix="pydcm-bench-") as folder, chosen:
        series = write_series(Path(folder) / "ct", options.slices, options.size)
        image = Path(folder) / "enhanced.dcm"
        image.write_bytes(objects.enhanced_ct(options.frames, size=options.size))
        met = compare(
            f"{options.slices} CT slices of {options.size} x {options.size}",
            series_works(series),
            Target("dicomsdl", 0.6 if fast else 1.0),
            options.rounds,
        )
        met &= compare(
            f"ten frames of {options.frames} of an enhanced CT, with their positions",
            frame_works(image, options.frames),
            Target("pydicom", 0.2),
            options.rounds,
        )
        met &= memory(series[0].parent)
    return int(options.check and not met)


def kernels_here() -> list[str]:
    """Return the implementations of the kernel that scans headers, best first."""
    from pydcm.kernels import elements

    return list(elements.scan.available())


def write_series(folder: Path, slices: int, size: int) -> list[Path]:
    """Write single-frame CT images of noise and edges."""
    folder.mkdir()
    tile = np.resize(ct_like(), (size, size)).astype(np.uint16)
    paths = []
    for number in range(slices):
        path = folder / f"{number:04}.dcm"
        octets = bytearray(objects.ct(size, number + 1))
        pixels = np.roll(tile, 7 * number, axis=1).tobytes()
        octets[-len(pixels) :] = pixels
        path.write_bytes(octets)
        paths.append(path)
    return paths


def compare(title: str, works: dict[str, Work], target: Target, rounds: int) -> bool:
    """Print how long each contender takes; return whether the target is met."""
    expected = works["pydcm"]()
    for name, work in works.items():
        np.testing.assert_allclose(work(), expected, err_msg=name)
    times: dict[str, list[float]] = {name: [] for name in works}
    processor: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start, busy = time.perf_counter(), time.process_time()
            work()
            processor[name].append(time.process_time() - busy)
            times[name].append(time.perf_counter() - start)
    print(title)
    met = True
    for name, taken in times.items():
        share = _share(times["pydcm"], taken)
        line = f"  {name:18}{1e3 * statistics.median(taken):8.0f} ms"
        if name != "pydcm":
            busy = _share(processor["pydcm"], processor[name])
            line += f"   pydcm takes {share:.2f} of it, {busy:.2f} of its processor time"
        if name == target.peer:
            met = share <= target.most
            line += f" (target {target.most:g}: {'met' if met else 'MISSED'})"
        print(line, flush=True)
    return met


def _share(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


# ---- a series --------------------------------------------------------------


def series_works(paths: list[Path]) -> dict[str, Work]:
    """Return what makes one array of Hounsfield units of a series."""
    folder = str(paths[0].parent)
    names = [str(path) for path in paths]
    works: dict[str, Work] = {"pydcm": lambda: load_series(folder).pixels}
    works[PLAIN] = lambda: _plain(names, load_series(names[0]).pixels.shape[1:])
    if dicomsdl_or_none():
        works["dicomsdl"] = lambda: _with_dicomsdl(names)
    if _importable("SimpleITK"):
        works["SimpleITK"] = lambda: _with_simpleitk(folder)
    if pydicom_or_none():
        works["pydicom"] = lambda: _with_pydicom(names)
    return works


def _importable(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def _plain(names: list[str], size: tuple[int, ...]) -> NDArray[Any]:
    out = np.empty((len(names), *size), np.float32)
    for plane, name in zip(out, names, strict=True):
        with open(name, "rb") as file:
            octets = file.read()
        stored = np.frombuffer(octets[-2 * plane.size :], "<u2").reshape(size)
        np.add(stored, np.float32(-1024), out=plane, dtype=np.float32)
    return out


def _with_dicomsdl(names: list[str]) -> NDArray[Any]:
    dicomsdl = dicomsdl_or_none()
    slices = []
    for name in names:
        ds = dicomsdl.open(name)
        slices.append((ds.ImagePositionPatient[2], ds.pixelData(storedvalue=False)))
    slices.sort(key=lambda pair: pair[0])
    return np.stack([values for _, values in slices]).astype(np.float32, copy=False)


def _with_simpleitk(folder: str) -> NDArray[Any]:
    import SimpleITK as sitk

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(folder))
    reader.SetOutputPixelType(sitk.sitkFloat32)
    return np.asarray(sitk.GetArrayFromImage(reader.Execute()))


def _with_pydicom(names: list[str]) -> NDArray[Any]:
    pydicom = pydicom_or_none()
    slices = []
    for name in names:
        ds = pydicom.dcmread(name)
        slope, intercept = np.float32(ds.RescaleSlope), np.float32(ds.RescaleIntercept)
        values = ds.pixel_array.astype(np.float32) * slope + intercept
        slices.append((float(ds.ImagePositionPatient[2]), values))
    slices.sort(key=lambda pair: pair[0])
    return np.stack([values for _, values in slices])


# ---- frames ----------------------------------------------------------------


def frame_works(path: Path, frames: int) -> dict[str, Work]:
    """Return what opens an enhanced CT and takes ten frames, each with its height below it."""
    numbers = random.Random(5).sample(range(frames), min(10, frames))
    works: dict[str, Work] = {"pydcm": lambda: _frames(path, numbers)}
    if pydicom_or_none():
        works["pydicom"] = lambda: _frames_with_pydicom(path, numbers)
    return works


def _frames(path: Path, numbers: list[int]) -> NDArray[Any]:
    found = survey(path).largest().frames
    taken = [found[number] for number in numbers]
    pixels = load_frames(taken)
    return np.append(pixels.ravel(), [frame.position[2] for frame in taken])


def _frames_with_pydicom(path: Path, numbers: list[int]) -> NDArray[Any]:
    from pydicom.pixels.utils import pixel_array

    ds = pydicom_or_none().dcmread(path)
    planes, heights = [], []
    for number in numbers:
        groups = ds.PerFrameFunctionalGroupsSequence[number]
        values = groups.PixelValueTransformationSequence[0]
        slope, intercept = np.float32(values.RescaleSlope), np.float32(values.RescaleIntercept)
        planes.append(pixel_array(ds, index=number).astype(np.float32) * slope + intercept)
        heights.append(float(groups.PlanePositionSequence[0].ImagePositionPatient[2]))
    return np.append(np.stack(planes).ravel(), heights)


# ---- memory ----------------------------------------------------------------

_PEAK = """
import sys
import pydcm.volume.series
from pydcm.volume import load_series
def kilobytes(key):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if key in line)
before = kilobytes("VmRSS")
size = load_series(sys.argv[1]).pixels.nbytes / 1024
print((kilobytes("VmHWM") - before) / size)
"""


def memory(folder: Path) -> bool:
    """Print the peak memory of loading a series; return whether the target is met."""
    if not Path("/proc/self/status").exists():
        return True
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(folder)], capture_output=True, text=True, check=True
    )
    peak = float(done.stdout)
    met = peak <= MEMORY_TARGET
    verdict = "met" if met else "MISSED"
    print(f"peak memory {peak:.2f} of the array (target {MEMORY_TARGET:g}: {verdict})")
    return met


if __name__ == "__main__":
    sys.exit(main())
