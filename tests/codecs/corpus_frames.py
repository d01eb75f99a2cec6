"""Frames of the corpus with the digests of their pixels, and what breaks frames."""

from __future__ import annotations

import csv
import hashlib
import random
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import codec_for
from pydcm._codecs.layout import FrameLayout
from pydcm.encaps import frame_index
from pydcm.filereader import dcmread
from pydcm.pixels.model import PixelModel, read_model
from tests.shared import CORPUS

UNCLEAR = "NO CONSENSUS"


class Expected(NamedTuple):
    """A row of ``expected_pixels.tsv``.

    Attributes
    ----------
    path : str
        Relative to the corpus.
    shape : tuple of int
        Of the decoded array.
    dtype : str
        Of its cells.
    sha256 : str
        Of its bytes.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    sha256: str

    def __str__(self) -> str:
        return self.path

    @property
    def data(self) -> bytes:
        return (CORPUS / self.path).read_bytes()

    @property
    def layout(self) -> FrameLayout:
        """What a data set around a bare stream would say."""
        rows, columns, samples = (*self.shape, 1)[:3]
        cell = np.dtype(self.dtype)
        bits = 8 * cell.itemsize
        colour = "RGB" if samples == 3 else "MONOCHROME2"
        return FrameLayout(rows, columns, samples, bits, bits, cell.kind == "i", photometric=colour)


def expected(under: str, *, ending: str = "") -> list[Expected]:
    """Return the rows of stored pixels on which decoders agree, of files in a folder."""
    table = CORPUS / "expected_pixels.tsv"
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as file:
        return [
            Expected(
                row["path"],
                tuple(map(int, row["shape"].split("x"))),
                row["dtype"],
                row["sha256"],
            )
            for row in csv.DictReader(file, delimiter="\t")
            if row["path"].startswith(under)
            and row["path"].endswith(ending)
            and row["variant"] == "raw"
            and row["sha256"]
            and UNCLEAR not in row["note"]
        ]


def digest(array: NDArray[np.generic]) -> str:
    """Return the digest of an array as the table has it."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()


def model_of(row: Expected) -> PixelModel:
    """Return what a file of the table says of its pixels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is wrong with the rest of the file
        return read_model(dcmread(CORPUS / row.path))


def encoded_frames(model: PixelModel) -> list[bytes]:
    """Return the frames of a file, as they are encoded."""
    index = frame_index(model.extent, model.frames, model.extended_offsets)
    return [index.read(number) for number in range(model.frames)]


def decoded(model: PixelModel, implementation: str) -> NDArray[np.generic]:
    """Return all frames, decoded by one implementation, without bits above Bits Stored."""
    decode = model.codec.decoder(implementation)
    layout = model.layout
    frames = [decode(data, layout, k + 1) for k, data in enumerate(encoded_frames(model))]
    array = np.stack(frames)
    if layout.samples == 1:
        array = array[..., 0]
    unused = np.array(8 * layout.item_bytes - layout.bits_stored, layout.dtype)
    return np.right_shift(np.left_shift(array, unused), unused)


def of_codec(rows: list[Expected], *codecs: str) -> list[Expected]:
    """Return the rows of files whose transfer syntax has one of these codecs."""
    known = {row.path: row for row in rows}
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        syntaxes = {
            row["path"]: row["transfer_syntax"] for row in csv.DictReader(file, delimiter="\t")
        }
    found = []
    for path, row in known.items():
        uid = syntaxes.get(path, "")
        if uid.startswith("1.2.840.10008.1.2") and codec_for(uid).module in codecs:
            found.append(row)
    return found


def broken(data: bytes, count: int, *, seed: int = 0, head: int = 120) -> Iterator[bytes]:
    """Yield truncations and flipped bits of a stream, half of them in its head."""
    chance = random.Random(seed)
    for number in range(count):
        if number % 2:
            yield data[: chance.randrange(len(data))]
            continue
        changed = bytearray(data)
        reach = len(data) if number % 4 else min(head, len(data))
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        yield bytes(changed)
