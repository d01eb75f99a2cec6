"""Series as volumes against other toolkits.

A folder of single-frame CT images as one array of Hounsfield units, and frames
of an enhanced CT, in turn and in one run. Wall time is measured, as each side
uses what processors it can; files are in the page cache. The plain read of the
bytes with the rescale of every slice is what no reader can go below.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.kernels import elements
from pydcm.volume import load_series, survey
from pydcm.volume.loading import load_frames
from tests.synthetic import objects
from tools.bench.cases import dicomsdl_or_none, pydicom_or_none
from tools.bench.codecs import ct_like
from tools.bench.measure import interleaved, ratio
from tools.bench.report import Budget

__all__ = ["volume_budgets"]

Work = Callable[[], NDArray[Any]]

PLAIN = "read and rescale"
"""The name of what is no peer but a limit."""

MEMORY_TARGET = 1.5
"""Peak memory above that of the loaded modules, as a share of the array."""

ENHANCED_TARGET = 0.2
"""Share of pydicom's time for ten frames of an enhanced image."""


def volume_budgets(folder: Path, slices: int, size: int, rounds: int) -> Iterator[Budget]:
    """Measure series of `slices` images, and frames of an image of as many and more."""
    fast = "accel" in elements.scan.available()
    series = write_series(folder / "ct", slices, size)
    yield from compare(
        f"load_series of {slices} CT images of {size} x {size}",
        series_works(series),
        rounds,
        "dicomsdl",
        0.6 if fast else 1.0,
    )
    frames = slices * 5 // 3
    image = folder / "enhanced.dcm"
    image.write_bytes(objects.enhanced_ct(frames, size=size))
    yield from compare(
        f"ten of {frames} frames of an enhanced CT, with their positions",
        frame_works(image, frames),
        rounds,
        "pydicom",
        ENHANCED_TARGET,
    )
    yield from memory(series[0].parent)


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


def compare(
    name: str, works: dict[str, Work], rounds: int, peer: str, most: float
) -> Iterator[Budget]:
    """Yield the share of a peer's time that pydcm takes; the others are told beside it."""
    if peer not in works:
        return
    expected = works["pydcm"]()
    for other, work in works.items():
        np.testing.assert_allclose(work(), expected, err_msg=other)
    times = interleaved(works, rounds, time.perf_counter)
    shares = {other: ratio(times, "pydcm", other) for other in works if other != "pydcm"}
    aside = ", ".join(f"{share:.2f} of {other}" for other, share in shares.items() if other != peer)
    yield Budget(f"{name}, against {peer}", shares[peer], "of its time", most, aside)


# ---- a series --------------------------------------------------------------


def series_works(paths: list[Path]) -> dict[str, Work]:
    """Return what makes one array of Hounsfield units of a series."""
    folder = str(paths[0].parent)
    names = [str(path) for path in paths]
    works: dict[str, Work] = {"pydcm": lambda: load_series(folder).pixels}
    works[PLAIN] = lambda: _plain(names, load_series(names[0]).pixels.shape[1:])
    if dicomsdl_or_none():
        works["dicomsdl"] = lambda: _with_dicomsdl(names)
    if find_spec("SimpleITK"):
        works["SimpleITK"] = lambda: _with_simpleitk(folder)
    if pydicom_or_none():
        works["pydicom"] = lambda: _with_pydicom(names)
    return works


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


def memory(folder: Path) -> Iterator[Budget]:
    """Measure the peak memory of loading a series, where the system tells it."""
    if not Path("/proc/self/status").exists():
        return
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(folder)], capture_output=True, text=True, check=True
    )
    yield Budget("peak memory of it", float(done.stdout), "of the array", MEMORY_TARGET)
