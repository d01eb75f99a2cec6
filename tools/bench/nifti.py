"""NIfTI against dcm2niix.

A folder of single-frame images to one file, from start to end, in turn and in
one run. Wall time is measured, as both sides use what processors there are;
dcm2niix runs as a program, pydcm in this process with its kernels warm. The
images have noise of the strength and texture of a scanner's, because noise is
what compression is about.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.volume import Volume, from_nifti, load_series
from tools.bench.measure import interleaved, ratio
from tools.bench.report import Budget

__all__ = ["nifti_budgets"]

_NOISE_TILES = 8

_FORMS = ((".nii", "n", 1.0), (".nii.gz", "i", 0.5))
"""Ending, dcm2niix's option for it, and the share of its time that is allowed."""

_LARGEST = 1.1
"""How many times as large a compressed file may be."""


def nifti_budgets(folder: Path, slices: int, size: int, rounds: int) -> Iterator[Budget]:
    """Measure series of `slices` images to NIfTI files; nothing where dcm2niix is not installed."""
    program = shutil.which("dcm2niix", path=f"{Path(sys.executable).parent}{os.pathsep}{_path()}")
    if program is None or find_spec("nibabel") is None:
        print("NIfTI is not measured: dcm2niix or nibabel is not installed")
        return
    for make in (chest_ct, head_mr):
        volume = make(slices, size)
        source = folder / volume.modality
        volume.to_dicom(source)
        yield from _measured(program, source, folder, rounds)
        shutil.rmtree(source)


def _path() -> str:
    return os.environ.get("PATH", "")


def _measured(program: str, source: Path, folder: Path, rounds: int) -> Iterator[Budget]:
    images = len(os.listdir(source))
    for ending, how, most in _FORMS:
        theirs, ours = folder / f"theirs{ending}", folder / f"ours{ending}"
        command = [program, "-z", how, "-b", "n", "-w", "1", "-f", "theirs", "-o", str(folder)]
        works: dict[str, Callable[[], object]] = {
            "dcm2niix": partial(_run, [*command, str(source)]),
            "pydcm": partial(_convert, source, ours),
        }
        times = interleaved(works, rounds, time.perf_counter)
        share = ratio(times, "pydcm", "dcm2niix")
        what = f"{images} {source.name} images to {ending}"
        yield Budget(f"{what}, against dcm2niix", share, "of its time", most)
        size = ours.stat().st_size / theirs.stat().st_size
        yield Budget(f"{what}, the file", size, "of its size", _LARGEST)
        _check(ours, theirs)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _convert(source: Path, target: Path) -> None:
    load_series(source, values="whole").to_nifti(target, dtype="smallest")


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
