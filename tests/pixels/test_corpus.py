"""Every real file whose pixels we decode has the digest that other decoders agree on."""

from __future__ import annotations

import csv
import gzip
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import pydcm
from pydcm.dataset import Dataset
from pydcm.pixels import decode, iter_pixels, pixel_array
from pydcm.pixels.palette import palette_of
from tests.pixels.making import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, RLE, UNCOMPRESSED
from tests.shared import CORPUS, needs_corpus

SYNTAXES = {IMPLICIT, EXPLICIT, BIG_ENDIAN, DEFLATED, UNCOMPRESSED, RLE}


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
    if _SYNTAX_OF[row["path"]] in SYNTAXES
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


@needs_corpus
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['path']} {row['variant']}")
@pytest.mark.filterwarnings("ignore::UserWarning")  # the files are what they are
def test_digest(row: dict[str, str]) -> None:
    ds = _dataset(CORPUS / row["path"])
    shape = tuple(int(size) for size in row["shape"].split("x"))
    array = _array(ds, row["variant"], shape)
    assert array.shape == shape
    assert array.dtype.newbyteorder("<").str.replace("<u1", "|u1") == row["dtype"]
    assert _digest(array) == row["sha256"]


@needs_corpus
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["variant"] == "raw" and not row["shape"].startswith("1x")],
    ids=lambda row: row["path"],
)
def test_each_frame_alone_is_the_same(row: dict[str, str]) -> None:
    ds = _dataset(CORPUS / row["path"])
    frames = list(iter_pixels(ds, raw=True))
    assert _digest(np.stack(frames)) == row["sha256"]
    whole = decode(ds)
    for number in {1, 2, len(whole)}:
        assert (decode(ds, number) == whole[number - 1 : number]).all()


@needs_corpus
def test_the_table_was_read() -> None:
    assert len(ROWS) > 340
