"""The accelerator's conversion of colours, tables and rescaling against the reference."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

import pydcm
from pydcm import examples, kernels
from pydcm.kernels import Label, colour, lut
from tests.accel import needs_accel

pytestmark = needs_accel

FAST: Label = "numba" if "numba" in lut.take.available() else "reference"


@pytest.mark.parametrize("name", ["colour.ybr_to_rgb", "colour.rgb_to_ybr"])
def test_every_colour(name: str) -> None:
    """All 2 ** 24 pixels with numba, which takes a second; a part of them without."""
    kernel = kernels.kernels()[name]
    rest = np.stack(np.meshgrid(np.arange(256), np.arange(256)), -1).reshape(-1, 2)
    pixels = np.empty((65536, 3), np.uint8)
    pixels[:, 1:] = rest
    for first in range(0, 256, 1 if FAST == "numba" else 85):
        pixels[:, 0] = first
        found = []
        for label in ("accel", FAST):
            copy = pixels.copy()
            assert kernel.implementation(label)(copy.reshape(-1).data) == 65536
            found.append(copy)
        assert (found[0] == found[1]).all(), first


def test_take() -> None:
    rng = np.random.default_rng(1)
    for case in range(1200):
        kind = rng.choice(["u1", "i1", "u2", "i2", "u4", "i4"])
        cells = rng.choice(["u1", "u2", "u4", "u8"])
        width = int(rng.choice([1, 1, 2, 3, 4, 7]))
        values = rng.integers(0, 1 << 32, rng.integers(1, 70), np.uint32).astype(kind)
        table = rng.integers(0, 1 << 62, int(rng.integers(0, 9)) * width + 1).astype(cells)
        first = int(rng.choice([0, -5, 100, 1 << 31, -(1 << 31)]))
        size = len(values) * width - int(rng.random() < 0.1)
        found = []
        for label in ("accel", FAST, "reference") if case % 20 == 0 else ("accel", FAST):
            target = np.full(size + 1, 77, cells)
            run = lut.take.implementation(label)
            status = run(values.data, first, table.data, width, target[:size].data)
            found.append((status, target.tobytes()))
        assert all(one == found[0] for one in found), case


def test_rescale() -> None:
    rng = np.random.default_rng(2)
    for case in range(1200):
        kind = rng.choice(["u1", "i1", "u2", "i2", "u4", "i4"])
        values = rng.integers(0, 1 << 32, rng.integers(1, 70), np.uint32).astype(kind)
        slope, intercept = (rng.normal(size=2) * 10.0 ** rng.integers(-20, 36, 2)).tolist()
        found = []
        for label in ("accel", FAST, "reference") if case % 20 == 0 else ("accel", FAST):
            target = np.zeros(len(values), np.float32)
            run = lut.rescale.implementation(label)
            cells = cast("memoryview[float]", target.data)
            assert run(values.data, slope, intercept, cells) == len(values)
            found.append(target.tobytes())
        assert all(one == found[0] for one in found), case


def test_arguments_of_other_types_are_refused() -> None:
    octets = bytearray(6)
    with pytest.raises(TypeError):
        colour.ybr_to_rgb.implementation("accel")(memoryview(bytes(6)))
    with pytest.raises(TypeError):
        lut.rescale.implementation("accel")(octets, 1.0, 0.0, np.zeros(6).data)  # type: ignore[arg-type]  # the point


def test_decoded_files_are_the_same() -> None:
    for name in ("ct", "palette_color", "rgb_color", "ybr_color"):
        path = examples.get_path(name)
        found = []
        for label in ("accel", FAST):
            with kernels.using(label):
                pixels = pydcm.decode(path, rescale=name == "ct")
                found.append((pixels.shape, pixels.dtype, pixels.tobytes()))
        assert found[0] == found[1]
