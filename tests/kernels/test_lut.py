from __future__ import annotations

from array import array
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from pydcm import Dataset, kernels
from pydcm.kernels import Label, lut
from pydcm.kernels.status import BAD_VALUE
from pydcm.pixels.elementwise import mapped, taken
from pydcm.pixels.rescale import rescaled

labels = pytest.mark.parametrize("label", lut.take.available())
INTEGERS = ["u1", "i1", "u2", "i2", "u4", "i4"]


def _values(kind: str, seed: int) -> NDArray[np.generic]:
    limits = np.iinfo(kind)
    rng = np.random.default_rng(seed)
    far = rng.integers(limits.min, limits.max, 40, endpoint=True, dtype=np.int64)
    near = rng.integers(max(limits.min, -60), min(limits.max, 60), 100, dtype=np.int64)
    ends = np.array([limits.min, limits.max, 0], np.int64)
    return np.concatenate([far, near, ends]).astype(kind)


def _singles(found: NDArray[np.float32]) -> memoryview[float]:
    return cast("memoryview[float]", found.data)


@labels
@pytest.mark.parametrize("kind", INTEGERS)
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_take_clips_to_the_table(label: Label, kind: str, width: int) -> None:
    values = _values(kind, width)
    run = lut.take.implementation(label)
    for cells in ("u1", "u2", "u4", "u8"):
        for first in (-32768, -20, 0, 3, 65535):
            table = np.random.default_rng(9).integers(0, 255, (50, width)).astype(cells)
            found = np.zeros((len(values), width), cells)
            count = run(
                values.data, first, table.reshape(-1).data, width, found.reshape(-1).data
            )  # fmt: skip
            assert count == len(values)
            assert (found == table[np.clip(values.astype(np.int64) - first, 0, 49)]).all()


@labels
def test_take_refuses_what_does_not_fit(label: Label) -> None:
    run = lut.take.implementation(label)
    values, table = array("B", [0, 1]), array("B", [5, 6, 7, 8])
    for width, room in ((0, 2), (-1, 2), (5, 10), (2, 3), (2, 5)):
        assert run(values, 0, table, width, array("B", bytes(room))) == BAD_VALUE
    found = array("B", bytes(6))
    assert run(values, 0, table, 3, found) == 2  # the table has one whole row
    assert found.tolist() == [5, 6, 7, 5, 6, 7]


@labels
@pytest.mark.parametrize("kind", INTEGERS)
def test_rescale_rounds_once(label: Label, kind: str) -> None:
    values = _values(kind, 4)
    run = lut.rescale.implementation(label)
    for slope, intercept in ((1.0, -1024.0), (0.1, 0.3), (-2.5e-7, 1e6), (1e38, 0.0), (0.0, -0.0)):
        found = np.zeros(len(values), np.float32)
        assert run(values.data, slope, intercept, _singles(found)) == len(values)
        with np.errstate(over="ignore"):
            expected = (values.astype(np.float64) * slope + intercept).astype(np.float32)
        assert found.tobytes() == expected.tobytes()
    assert run(values.data, 1.0, 0.0, _singles(np.zeros(3, np.float32))) == BAD_VALUE


needs_others = pytest.mark.skipif(
    len(lut.take.available()) == 1, reason="there is the reference alone"
)


@needs_others
@pytest.mark.parametrize("kind", [*INTEGERS, "u8", "i8", ">i2", "f4", "?"])
def test_functions_give_the_same_on_every_implementation(kind: str) -> None:
    values = np.arange(-300, 468).reshape(24, 32).astype(kind)
    shapes = [values, values[::3, ::2], values.T, values[:0], values[:1, 0]]
    tables: list[NDArray[Any]] = [
        np.arange(100, dtype=np.uint16),
        np.random.default_rng(2).random((77, 3)),
        np.arange(30, dtype=np.uint8).reshape(10, 3)[::-1],
        np.arange(40, dtype=np.float32).reshape(10, 2, 2),
    ]
    found: list[list[bytes]] = []
    for label in lut.take.available():
        with kernels.using(label):
            results = [taken(table, one, -7) for table in tables for one in shapes]
            results += [mapped(one, lambda part: part * 0.1, np.float64) for one in shapes]
            found.append([one.tobytes() for one in results])
    assert all(one == found[-1] for one in found)


@needs_others
@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "u8", "f4", ">i2"])
@pytest.mark.parametrize("slope", [1, 2, "0.1", "1.5", "-3", "1e38"])
def test_real_world_values_are_the_same_on_every_implementation(
    kind: str, slope: int | str
) -> None:
    stored = np.arange(-40, 200).reshape(2, 10, 12).astype(kind)
    ds = Dataset()
    ds.RescaleSlope, ds.RescaleIntercept = slope, "-1024"
    found = []
    for label in lut.rescale.available():
        with kernels.using(label):
            found.append(rescaled(stored, ds, 0).tobytes())
    assert all(one == found[-1] for one in found)
