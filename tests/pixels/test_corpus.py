"""Every real file whose pixels we decode has the digest that other decoders agree on."""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import math
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import pydcm
from pydcm import kernels
from pydcm.dataset import Dataset
from pydcm.pixels import decode, iter_pixels, pixel_array
from pydcm.pixels.palette import palette_of
from tests.shared import CORPUS, needs_corpus

BY_LIBRARY = ("1.2.840.10008.1.2.4.9", "1.2.840.10008.1.2.4.20", "1.2.840.10008.1.2.4.11")
"""How the transfer syntaxes begin that have no codec of our own."""
QUICK = 600_000
"""Samples that the reference decodes in a few seconds."""

needs_imagecodecs = pytest.mark.skipif(
    importlib.util.find_spec("imagecodecs") is None, reason="imagecodecs is not installed"
)
needs_numba = pytest.mark.skipif(
    importlib.util.find_spec("numba") is None, reason="numba is not installed"
)


def _table(name: str) -> list[dict[str, str]]:
    path = CORPUS / name
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


_SYNTAX_OF = {row["path"]: row["transfer_syntax"] for row in _table("manifest.tsv")}

ROWS = [
    row
    for row in _table("expected_pixels.tsv")
    if _SYNTAX_OF[row["path"]]
    and row["variant"] != "none"
    and row["sha256"]
    and "NO CONSENSUS" not in row["note"]
]


def _dataset(path: Path) -> Dataset:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    return pydcm.dcmread(data, force=data[128:132] != b"DICM")


def _digest(array: NDArray[Any]) -> str:
    little = array.astype(array.dtype.newbyteorder("<"))
    return hashlib.sha256(np.ascontiguousarray(little).tobytes()).hexdigest()


def _array(ds: Dataset, variant: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if variant == "raw":
        return pixel_array(ds, raw=True, allow_excess_frames=False).reshape(shape)
    if variant == "palette-native":
        return palette_of(ds).native(pixel_array(ds)).reshape(shape)
    return decode(ds)


def _shape(row: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(size) for size in row["shape"].split("x"))


def _needs_library(row: dict[str, str]) -> bool:
    return _SYNTAX_OF[row["path"]].startswith(BY_LIBRARY)


def _cases() -> Iterator[Any]:
    """Yield each row with each implementation of the kernels that its codec has."""
    for row in ROWS:
        name = f"{row['path']} {row['variant']}"
        if _needs_library(row):
            yield pytest.param(row, "library", marks=needs_imagecodecs, id=name)
            continue
        slow = math.prod(_shape(row)) > QUICK and ".1.2.4." in _SYNTAX_OF[row["path"]]
        marks = [pytest.mark.slow] if slow else []
        yield pytest.param(row, "reference", marks=marks, id=f"{name} reference")
        yield pytest.param(row, "numba", marks=needs_numba, id=f"{name} numba")


@needs_corpus
@pytest.mark.parametrize(("row", "implementation"), list(_cases()))
@pytest.mark.filterwarnings("ignore::UserWarning")  # the files are what they are
def test_digest(row: dict[str, str], implementation: Any) -> None:
    ds = _dataset(CORPUS / row["path"])
    shape = _shape(row)
    with nullcontext() if implementation == "library" else kernels.using(implementation):
        array = _array(ds, row["variant"], shape)
    assert array.shape == shape
    assert array.dtype.newbyteorder("<").str.replace("<u1", "|u1") == row["dtype"]
    assert _digest(array) == row["sha256"]


@needs_corpus
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, marks=needs_imagecodecs, id=row["path"])
        for row in ROWS
        if row["variant"] == "raw" and not row["shape"].startswith("1x")
    ],
)
def test_each_frame_alone_is_the_same(row: dict[str, str]) -> None:
    ds = _dataset(CORPUS / row["path"])
    frames = list(iter_pixels(ds, raw=True))
    assert _digest(np.stack(frames)) == row["sha256"]
    whole = decode(ds, workers=3)
    for number in {1, 2, len(whole)}:
        assert (decode(ds, number) == whole[number - 1 : number]).all()


@needs_corpus
def test_the_table_was_read() -> None:
    assert len(ROWS) > 420
