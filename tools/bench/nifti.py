"""NIfTI against dcm2niix: ``python -m tools.bench.nifti``.

A folder of single-frame images to one file, from start to end, in turn and in
one run. Wall time is measured, as both sides use what processors there are;
dcm2niix runs as a program, pydcm in this process with its kernels warm. The
images have noise of the strength and texture of a scanner's, because noise is
what compression is about.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.volume import Volume, from_nifti, load_series

_NOISE_TILES = 8


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.nifti", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args(argv)
    program = shutil.which("dcm2niix", path=f"{Path(sys.executable).parent}{os.pathsep}{_path()}")
    if program is None:
        sys.stderr.write("dcm2niix is not installed: pip install dcm2niix\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="pydcm-bench-") as folder:
        for make in (chest_ct, head_mr):
            volume = make(arguments.slices, arguments.size)
            source = Path(folder) / volume.modality
            volume.to_dicom(source)
            measure(program, source, Path(folder), arguments.rounds)
            shutil.rmtree(source)
    return 0


def _path() -> str:
    return os.environ.get("PATH", "")


def measure(program: str, source: Path, folder: Path, rounds: int) -> None:
    """Print times and sizes of both ways to both forms of file."""
    print(f"{source.name}: {len(os.listdir(source))} images")
    for ending, how in ((".nii", "n"), (".nii.gz", "i")):
        theirs = folder / f"theirs{ending}"
        ours = folder / f"ours{ending}"
        command = [program, "-z", how, "-b", "n", "-w", "1", "-f", "theirs", "-o", str(folder)]
        works: dict[str, Callable[[], object]] = {
            "dcm2niix": partial(_run, [*command, str(source)]),
            "pydcm": partial(_convert, source, ours),
        }
        times = _in_turn(works, rounds)
        ratio = statistics.median(
            ours / theirs for ours, theirs in zip(times["pydcm"], times["dcm2niix"], strict=True)
        )
        sizes = ours.stat().st_size / theirs.stat().st_size
        middle = {name: statistics.median(taken) for name, taken in times.items()}
        print(
            f"  {ending:8} dcm2niix {middle['dcm2niix']:.2f} s, pydcm {middle['pydcm']:.2f} s: "
            f"{ratio:.2f} of its time, {sizes:.3f} of its size"
        )
        _check(ours, theirs)
    volume = load_series(source)
    path = str(folder / "ours.nii.gz")
    alone = _in_turn({"write": lambda: volume.to_nifti(path, dtype="smallest")}, rounds)
    again = _in_turn({"read": lambda: from_nifti(path)}, rounds)
    print(
        f"  .nii.gz of a loaded volume: written in {statistics.median(alone['write']):.2f} s, "
        f"read in {statistics.median(again['read']):.2f} s"
    )


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _convert(source: Path, target: Path) -> None:
    load_series(source).to_nifti(target, dtype="smallest")


def _in_turn(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - start)
    return times


def _check(ours: Path, theirs: Path) -> None:
    """Raise unless both files hold the same voxels, whose rows dcm2niix turns over."""
    first, second = from_nifti(ours), from_nifti(theirs)
    np.testing.assert_array_equal(first.pixels, second.pixels[:, ::-1])


# ---- what is measured ------------------------------------------------------


def chest_ct(slices: int, size: int) -> Volume:
    """Return a CT: a body with lungs and bones, 18 HU of noise in a scanner's texture."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    radius = np.hypot(x, 1.3 * y)
    tiles = _ramp_filtered_noise(size)
    pixels = np.empty((slices, size, size), np.int16)
    for index in range(slices):
        height = index / slices
        plane = np.where(radius < 0.85, 40.0, -1000.0)
        plane[(radius < 0.85) & (radius > 0.78)] = -100
        for side in (-0.35, 0.35):
            lung = 0.35 + 0.1 * math.sin(6 * height)
            plane[np.hypot((x - side) / 0.25, y / lung) < 1] = -850
        plane[np.hypot(x, y - 0.35) < 0.1] = 400
        plane[np.hypot(x - 0.1 * math.cos(9 * height), y + 0.1) < 0.12] = 180
        noise = np.roll(tiles[index % len(tiles)], (37 * index, 61 * index), (0, 1))
        plane += noise * np.where(radius < 0.85, 18.0, 8.0)
        plane[np.hypot(x, y) > 1] = -1024
        pixels[index] = np.clip(np.rint(plane), -1024, 3071)
    return _volume(pixels, "CT", 0.7, 1.25)


def head_mr(slices: int, size: int) -> Volume:
    """Return an MR: an ellipsoid of tissues whose magnitude has noise, dark around it."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    pixels = np.empty((slices, size, size), np.int16)
    for index in range(slices):
        z = 2 * index / slices - 1
        inside = (x / 0.7) ** 2 + (y / 0.85) ** 2 + z**2
        plane = np.where(inside < 1, 400.0, 0.0)
        plane[inside < 0.85] = 900 + 250 * np.sin(12 * x + 5 * z)[inside < 0.85]
        plane[(x / 0.2) ** 2 + (y / 0.3) ** 2 + 4 * z**2 < 1] = 250
        real = plane + rng.normal(0, 20, plane.shape)
        imaginary = rng.normal(0, 20, plane.shape)
        pixels[index] = np.hypot(real, imaginary)
    return _volume(pixels, "MR", 0.5, 1.0)


def _ramp_filtered_noise(size: int) -> NDArray[np.float64]:
    """Return noise of unit deviation with the spectrum of a filtered back-projection."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, np.newaxis], np.fft.rfftfreq(size))
    response = frequency * np.exp(-((frequency / 0.22) ** 2))
    white = np.random.default_rng(1).standard_normal((_NOISE_TILES, size, size))
    tiles: NDArray[np.float64] = np.fft.irfft2(np.fft.rfft2(white) * response, s=(size, size))
    tiles /= tiles.std()
    return tiles


def _volume(pixels: NDArray[Any], modality: str, in_plane: float, step: float) -> Volume:
    affine = np.diag([in_plane, in_plane, step, 1.0])
    affine[:3, 3] = (-180.0, -175.5, -150.0)
    return Volume(pixels, (step, in_plane, in_plane), affine, "", modality=modality)


if __name__ == "__main__":
    sys.exit(main())
