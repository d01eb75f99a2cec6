"""The codecs against the fastest library that is installed, one frame at a time."""

from __future__ import annotations

import importlib
import importlib.util
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import codec_for
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from tools.bench.measure import Work, interleaved

SIZE = 512

TARGETS: dict[str, dict[str, float]] = {
    "numba": {
        "decode RLE": 1.0, "decode JPEG-LS": 0.7, "decode lossless JPEG": 1.0,
        "decode baseline JPEG": 0.4, "encode RLE": 1.0, "encode JPEG-LS": 0.7,
    },
    "accel": {
        "decode RLE": 1.5, "decode JPEG-LS": 1.2, "decode lossless JPEG": 1.5,
        "decode baseline JPEG": 0.6, "encode RLE": 3.0, "encode JPEG-LS": 1.2,
    },
}  # fmt: skip
"""What the ratio of pydcm's speed to that of the fastest peer has to reach, by implementation."""

RLE = "1.2.840.10008.1.2.5"
JPEG = "1.2.840.10008.1.2.4.50"
LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_LS = "1.2.840.10008.1.2.4.80"


@dataclass
class CodecCase:
    """One comparison of a codec with its peers.

    Attributes
    ----------
    name : str
        What is decoded or encoded.
    megabytes : float
        Size of the decoded frame.
    works : dict of str to callable
        ``"pydcm"`` and the peers, which must return the same.
    target : float or None
        What the ratio of pydcm's speed to that of the fastest peer has to reach.
    """

    name: str
    megabytes: float
    works: dict[str, Work]
    target: float | None


@dataclass
class CodecRow:
    """What one comparison found.

    Attributes
    ----------
    name : str
        What was measured.
    implementation : str
        The kernels that it ran on.
    speed : float
        Of pydcm, in megabytes of pixels per second.
    fastest : str
        The fastest peer; empty if none is installed.
    ratio : float or None
        Speed of pydcm divided by that of the fastest peer.
    target : float or None
        What it has to reach.
    """

    name: str
    implementation: str
    speed: float
    fastest: str
    ratio: float | None
    target: float | None

    @property
    def met(self) -> bool | None:
        """Whether the target was reached; None where there is none or no peer."""
        if self.target is None or self.ratio is None:
            return None
        return self.ratio >= self.target


def measure(case: CodecCase, rounds: int, implementation: str) -> CodecRow:
    """Measure a case; the kernels of `implementation` have to be those that run."""
    times = interleaved(case.works, rounds)
    typical = {name: statistics.median(found) for name, found in times.items()}
    ours = typical.pop("pydcm")
    fastest = min(typical, key=lambda name: typical[name], default="")
    ratio = typical[fastest] / ours if fastest else None
    return CodecRow(case.name, implementation, case.megabytes / ours, fastest, ratio, case.target)


# --- images -------------------------------------------------------------------------


def ct_like() -> NDArray[np.uint16]:
    """Return 12-bit pixels with the smooth areas, edges and noise of a CT."""
    dice = np.random.default_rng(1)
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j]
    body = np.where(x**2 + (1.3 * y) ** 2 < 0.7, 1000.0, 0.0)
    for _ in range(12):
        cx, cy, size = dice.uniform(-0.5, 0.5), dice.uniform(-0.4, 0.4), dice.uniform(0.03, 0.2)
        body += np.where((x - cx) ** 2 + (y - cy) ** 2 < size**2, dice.uniform(-300, 600), 0)
    noise = dice.normal(0, 12, body.shape) * (body > 0)
    return np.clip(body + noise + 24 * (body > 0), 0, 4095).astype(np.uint16)


def photograph() -> NDArray[np.uint8]:
    """Return 8-bit colours that change slowly, with some detail and noise."""
    dice = np.random.default_rng(2)
    y, x = np.mgrid[0 : SIZE * 1.0, 0 : SIZE * 1.0] / SIZE
    planes = [
        128 + 80 * np.sin(9 * x + 5 * y + phase) * np.cos(13 * y - 4 * x + phase)
        for phase in (0.0, 0.7, 1.9)
    ]
    colours = np.stack(planes, -1) + dice.normal(0, 4, (SIZE, SIZE, 3))
    return np.clip(colours, 0, 255).astype(np.uint8)


# --- peers ----------------------------------------------------------------------------


def _library(name: str) -> Any:
    found = importlib.util.find_spec(name.partition(".")[0])
    return importlib.import_module(name) if found else None


def _peers(kind: str, stream: bytes, layout: FrameLayout) -> dict[str, Work]:
    """Return what else decodes a code stream of a kind."""
    found: dict[str, Work] = {}
    imagecodecs = _library("imagecodecs")
    if imagecodecs:
        if kind == "rle":
            found["imagecodecs"] = lambda: imagecodecs.dicomrle_decode(stream, layout.dtype)
        for name in _IMAGECODECS[kind]:
            decode = getattr(imagecodecs, f"{name}_decode", None)
            if decode is not None and getattr(imagecodecs, name.upper()).available:
                found[f"imagecodecs {name}"] = _bound(decode, stream)
    libjpeg, rle = _library("libjpeg"), _library("rle.rle")
    if rle and kind == "rle":
        found["pylibjpeg-rle"] = lambda: bytes(
            rle.decode_frame(stream, layout.pixels, layout.bits_allocated, "<")
        )
    if libjpeg and kind != "rle":
        found["pylibjpeg-libjpeg"] = _bound(libjpeg.decode, stream)
    return found


_IMAGECODECS = {
    "rle": (),
    "jpegls": ("jpegls",),
    "lossless": ("ljpeg", "jpegsof3", "jpeg8"),
    "jpeg": ("jpeg8",),
}


def _bound(decode: Callable[[bytes], object], stream: bytes) -> Work:
    return lambda: decode(stream)


# --- cases ------------------------------------------------------------------------------


def images() -> dict[str, tuple[NDArray[Any], FrameLayout]]:
    """Return the images that are encoded, by their labels."""
    return {
        "CT, 12 of 16 bits": (
            ct_like()[..., np.newaxis],
            FrameLayout(SIZE, SIZE, 1, 16, 12, photometric="MONOCHROME2"),
        ),
        "RGB, 8 bits": (photograph(), FrameLayout(SIZE, SIZE, 3, 8, 8, photometric="RGB")),
    }


def codec_cases(implementation: str) -> Iterator[CodecCase]:
    """Return every comparison, with the targets of an implementation."""
    targets = TARGETS[implementation]
    for label, (pixels, layout) in images().items():
        yield from _lossless(label, pixels, layout, targets)
    yield from _baseline(photograph(), targets)


def _lossless(
    label: str, pixels: NDArray[Any], layout: FrameLayout, targets: dict[str, float]
) -> Iterator[CodecCase]:
    for name, uid, kind in (
        ("RLE", RLE, "rle"),
        ("JPEG-LS", JPEG_LS, "jpegls"),
        ("lossless JPEG", LOSSLESS, "lossless"),
    ):
        target, encoding = targets.get(f"decode {name}"), targets.get(f"encode {name}")
        codec = codec_for(uid)
        encode, decode = codec.encoder("pydcm"), codec.decoder("pydcm")
        stream = encode(pixels, layout, EncodeOptions())
        works: dict[str, Work] = {"pydcm": _decoding(decode, stream, layout)}
        works.update(_agreeing(_peers(kind, stream, layout), pixels, layout))
        yield CodecCase(f"decode {name}, {label}", pixels.nbytes / 1e6, works, target)
        works = {"pydcm": _encoding(encode, pixels, layout)}
        works.update(_encoders(kind, pixels, layout))
        yield CodecCase(f"encode {name}, {label}", pixels.nbytes / 1e6, works, encoding)


def _decoding(decode: Callable[..., object], stream: bytes, layout: FrameLayout) -> Work:
    return lambda: decode(stream, layout, 1)


def _encoding(encode: Callable[..., object], pixels: NDArray[Any], layout: FrameLayout) -> Work:
    return lambda: encode(pixels, layout, EncodeOptions())


def _agreeing(peers: dict[str, Work], pixels: NDArray[Any], layout: FrameLayout) -> dict[str, Work]:
    """Return the peers that decode a stream to the pixels it was made of."""
    return {
        name: work for name, work in peers.items() if np.array_equal(_array(work(), layout), pixels)
    }


def _array(result: object, layout: FrameLayout) -> NDArray[Any]:
    """Return what a peer decoded as an array; octets come as planes of samples."""
    if not isinstance(result, (bytes, bytearray)):
        return np.asarray(result).reshape(layout.shape)
    planes = np.frombuffer(result, layout.dtype).reshape(layout.samples, *layout.shape[:2])
    return planes.transpose(1, 2, 0)


def _encoders(kind: str, pixels: NDArray[Any], layout: FrameLayout) -> dict[str, Work]:
    flat = np.ascontiguousarray(np.squeeze(pixels))
    found: dict[str, Work] = {}
    imagecodecs, rle = _library("imagecodecs"), _library("rle.rle")
    if imagecodecs and kind == "jpegls":
        found["imagecodecs jpegls"] = lambda: imagecodecs.jpegls_encode(flat)
    if imagecodecs and kind == "lossless" and layout.samples == 1:
        found["imagecodecs ljpeg"] = lambda: imagecodecs.ljpeg_encode(
            flat, bitspersample=layout.bits_stored
        )
    if rle and kind == "rle":
        octets = flat.tobytes()
        shape = layout.rows, layout.columns, layout.samples, layout.bits_allocated
        found["pylibjpeg-rle"] = lambda: rle.encode_frame(octets, *shape, "<")
    return found


def _baseline(colour: NDArray[np.uint8], targets: dict[str, float]) -> Iterator[CodecCase]:
    imagecodecs = _library("imagecodecs")
    if imagecodecs is None:
        return
    decode = codec_for(JPEG).decoder("pydcm")
    grey = np.ascontiguousarray(colour[..., 1])
    for label, pixels, samples, options in (
        ("grey", grey, 1, {}),
        ("YBR 4:4:4", colour, 3, {"subsampling": "444"}),
        ("YBR 4:2:0", colour, 3, {"subsampling": "420"}),
    ):
        stream = imagecodecs.jpeg8_encode(pixels, level=90, **options)
        photometric = "MONOCHROME2" if samples == 1 else "YBR_FULL"
        layout = FrameLayout(SIZE, SIZE, samples, 8, 8, photometric=photometric)
        raw = None if samples == 1 else "YCbCr"
        works: dict[str, Work] = {
            "pydcm": _decoding(decode, stream, layout),
            "imagecodecs jpeg8": _as_stored(imagecodecs, stream, raw),
        }
        target = targets["decode baseline JPEG"]
        yield CodecCase(f"decode baseline JPEG, {label}", pixels.nbytes / 1e6, works, target)


def _as_stored(imagecodecs: Any, stream: bytes, colours: str | None) -> Work:
    return lambda: imagecodecs.jpeg8_decode(stream, outcolorspace=colours)
