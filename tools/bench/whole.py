"""``decode()`` as a whole: what it adds to a codec, to a copy of pixels, and what threads gain."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import pydcm
from pydcm._codecs import codec_for
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.encaps import encapsulate
from pydcm.pixels.workers import worker_count
from tests.synthetic import objects
from tools.bench.cases import dicomsdl_or_none
from tools.bench.codecs import JPEG, JPEG_LS, LOSSLESS, RLE, images
from tools.bench.inputs import Inputs
from tools.bench.measure import Work, interleaved, ratio
from tools.bench.report import Budget

__all__ = ["encoded_file", "jpeg_ls_file", "whole_budgets"]

MOST_OVERHEAD = 10.0
"""Percent that ``decode()`` may take above the codec."""

MOST_COPIES = 5.0
"""Copies of its pixels that fit into the time of an uncompressed CT."""

LEAST_GAIN = 1.8
"""How many times faster two threads have to be than one."""

_FRAMES = 32


def whole_budgets(inputs: Inputs, rounds: int) -> Iterator[Budget]:
    """Measure what concerns ``decode()`` as a whole, on the kernels that run by default."""
    yield from _overheads(inputs.folder, rounds)
    yield from _uncompressed(inputs.ct, rounds)
    if worker_count() > 1:
        yield _threads(inputs.folder, rounds)


def jpeg_ls_file(folder: Path, frames: int = 1) -> str:
    """Write a CT in JPEG-LS, all of its frames alike; return the path."""
    pixels, layout = images()["CT, 12 of 16 bits"]
    stream = codec_for(JPEG_LS).encoder("pydcm")(pixels, layout, EncodeOptions())
    return encoded_file(folder / f"jpegls{frames}.dcm", JPEG_LS, stream, layout, frames)


def encoded_file(path: Path, uid: str, stream: bytes, layout: FrameLayout, frames: int = 1) -> str:
    """Write an image whose frames have one code stream; return the path."""
    ds = pydcm.dcmread(objects.ct(pixels=False))
    assert ds.file_meta is not None
    ds.file_meta.TransferSyntaxUID = uid
    ds.NumberOfFrames = frames
    ds.Rows, ds.Columns, ds.SamplesPerPixel = layout.shape
    ds.BitsAllocated, ds.BitsStored = layout.bits_allocated, layout.bits_stored
    ds.HighBit, ds.PixelRepresentation = layout.bits_stored - 1, 0
    ds.PhotometricInterpretation = layout.photometric
    if layout.samples > 1:
        ds.PlanarConfiguration = 0
    ds.add_new("PixelData", "OB", encapsulate([stream] * frames))
    ds["PixelData"].is_undefined_length = True
    ds.save_as(path)
    return str(path)


def _overheads(folder: Path, rounds: int) -> Iterator[Budget]:
    """Compare ``decode()`` of a data set with the codec alone, code streams being in memory.

    What it adds where they are in a file, and have to be read first, is told beside it.
    """
    found = images()
    for name, uid in (("RLE", RLE), ("lossless JPEG", LOSSLESS), ("JPEG-LS", JPEG_LS)):
        for label, (pixels, layout) in found.items():
            stream = codec_for(uid).encoder("pydcm")(pixels, layout, EncodeOptions())
            path = folder / f"{name} {label}.dcm".replace(" ", "-")
            yield _overhead(f"{name}, {label}", path, uid, stream, layout, rounds)
    pixels, layout = found["RGB, 8 bits"]
    layout = FrameLayout(layout.rows, layout.columns, 1, 8, 8)
    grey = np.ascontiguousarray(pixels[..., 1:2])
    stream = codec_for(JPEG).encoder("pydcm")(grey, layout, EncodeOptions())
    yield _overhead("baseline JPEG, grey", folder / "jpeg.dcm", JPEG, stream, layout, rounds)


def _overhead(
    name: str, path: Path, uid: str, stream: bytes, layout: FrameLayout, rounds: int
) -> Budget:
    codec = codec_for(uid).decoder("pydcm")
    in_file = pydcm.dcmread(encoded_file(path, uid, stream, layout))
    in_memory = pydcm.dcmread(path.read_bytes())
    works: dict[str, Work] = {
        "codec": lambda: codec(stream, layout, 1),
        "decode": lambda: pydcm.decode(in_memory),
        "file": lambda: pydcm.decode(in_file),
    }
    times = interleaved(works, 3 * rounds)
    above, of_file = (100 * (ratio(times, which, "codec") - 1) for which in ("decode", "file"))
    spent = 1e6 * (min(times["decode"]) - min(times["codec"]))
    aside = f"{spent:.0f} microseconds; {of_file:.3g} % from a file"
    return Budget(f"decode() above the codec: {name}", above, "%", MOST_OVERHEAD, aside)


def _uncompressed(path: str, rounds: int) -> Iterator[Budget]:
    """Compare ``decode()`` of a file with a copy of its pixels, and with the fastest reader."""
    pixels = pydcm.decode(path)[0]
    room = np.empty_like(pixels)
    works: dict[str, Work] = {
        "copy": lambda: np.copyto(room, pixels),
        "pydcm": lambda: pydcm.decode(path)[0],
    }
    dicomsdl = dicomsdl_or_none()
    if dicomsdl:
        works["dicomsdl"] = lambda: dicomsdl.open_file(path).pixelData(storedvalue=True)
    times = interleaved(works, 3 * rounds)
    name = "decode() of a CT, uncompressed"
    copies = ratio(times, "pydcm", "copy")
    yield Budget(f"{name}, against a copy of its pixels", copies, "times as long", MOST_COPIES)
    if dicomsdl:
        longer = ratio(times, "pydcm", "dicomsdl")
        yield Budget(f"{name}, against dicomsdl", longer, "times as long", 1.0)


def _threads(folder: Path, rounds: int) -> Budget:
    """Compare two threads with one in wall time: the quickest of several short runs of each."""
    ds = pydcm.dcmread(jpeg_ls_file(folder, _FRAMES))
    best = {1: float("inf"), 2: float("inf")}
    for _ in range(max(20, rounds)):
        for workers, least in best.items():
            start = time.perf_counter()
            pydcm.decode(ds, workers=workers)
            best[workers] = min(least, time.perf_counter() - start)
    share = 100 * best[2] / best[1]
    aside = f"{best[1] / best[2]:.2f} times as fast; it takes two idle processors"
    name = f"{_FRAMES} frames of JPEG-LS on two threads, of the time on one"
    return Budget(name, share, "%", 100 / LEAST_GAIN, aside)
