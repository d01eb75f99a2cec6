"""Lossless JPEG (PS3.5 A.4.1, ISO 10918-1 Annex H)."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.generate.areas.codec_streams import (
    LOSSLESS,
    LOSSLESS_ANY,
    broken_streams,
    flipped_bits,
    round_trips,
)
from conformance.generate.coders import lossless
from conformance.generate.dicom import fragments
from conformance.generate.images import Image, Pixels, picture
from conformance.generate.writing import Area


def lossless_cases() -> Area:
    """Return the cases of lossless JPEG."""
    area = Area("jpeglossless", "Lossless JPEG", "ISO 10918-1 Annex H, by an encoder of its own")

    def add(name: str, comment: str, pixels: Pixels, parameters: lossless.Parameters,
            clause: str = "ISO 10918-1 H.1.2", **more: Any) -> None:  # fmt: skip
        image = Image.like(pixels, 8 if parameters.bits <= 8 else 16, parameters.bits, **more)
        unsigned = pixels & ((1 << parameters.bits) - 1)
        stream = lossless.encode(unsigned, parameters)
        made = pixels >> parameters.transform << parameters.transform
        first_order = parameters.predictor == 1 and not parameters.transform
        syntax = LOSSLESS if first_order else LOSSLESS_ANY
        area.add(name, "decode", "codec.jpeglossless", f"PS3.5 A.4.1; {clause}", comment,
                 {"file": image.encapsulated(fragments([stream]), syntax), "frame": 0},
                 {"array": image.array(made)},
                 flags=["lossy"] if parameters.transform else [])  # fmt: skip

    for bits in range(2, 17):
        for predictor in (1, 4) if bits % 4 else range(1, 8):
            add(f"bits-{bits}-predictor-{predictor}", f"{bits} bits, predictor {predictor}",
                picture(11, 12, bits), lossless.Parameters(bits, predictor),
                clause="ISO 10918-1 H.1.2.1")  # fmt: skip
    for bits in (8, 16):
        for predictor in range(1, 8):
            add(
                f"rgb-{bits}-predictor-{predictor}",
                f"RGB of {bits} bits, predictor {predictor}",
                picture(9, 8, bits, samples=3),
                lossless.Parameters(bits, predictor),
            )
        add(f"rgb-{bits}-three-scans", "A scan for each component",
            picture(9, 8, bits, samples=3), lossless.Parameters(bits, 6, interleaved=False),
            clause="ISO 10918-1 A.2")  # fmt: skip
        for transform in (1, 3, 7):
            add(f"transform-{bits}-{transform}", f"Point transform {transform} of {bits} bits",
                picture(10, 10, bits), lossless.Parameters(bits, 5, transform),
                clause="ISO 10918-1 H.1.2.1; ISO 10918-1 A.4")  # fmt: skip
        for rows in (1, 2, 7):
            add(f"restart-{bits}-{rows}", f"A restart marker after {rows} rows",
                picture(19, 6, bits), lossless.Parameters(bits, 7, restart=rows),
                clause="ISO 10918-1 H.1.1")  # fmt: skip
            add(f"restart-rgb-{bits}-{rows}", f"A restart marker after {rows} rows, RGB",
                picture(9, 6, bits, samples=3), lossless.Parameters(bits, 1, restart=rows),
                clause="ISO 10918-1 H.1.1")  # fmt: skip
        add(
            f"even-codes-{bits}",
            "Codes of five bits for all",
            picture(9, 9, bits),
            lossless.Parameters(bits, 1, lengths=lossless.EVEN),
            clause="ISO 10918-1 C.2",
        )
        pixels = picture(10, 9, bits, signed=True)
        add(f"signed-{bits}", f"{bits} bits, signed", pixels, lossless.Parameters(bits, 2),
            signed=True)  # fmt: skip
    extremes = (np.indices((12, 12)).sum(0) % 2) * 65535
    for predictor in range(1, 8):
        add(f"extremes-predictor-{predictor}", "Differences of 65535, which are those of -1",
            extremes, lossless.Parameters(16, predictor), clause="ISO 10918-1 H.1.2.1")  # fmt: skip
    half = (np.indices((12, 12))[1] % 2) * 32768
    add("difference-32768", "The difference 32768, whose SSSS is 16", half,
        lossless.Parameters(16, 1), clause="ISO 10918-1 H.1.2.2")  # fmt: skip
    shapes: dict[str, Pixels] = {
        "one-pixel": np.full((1, 1), 9, np.int64), "one-row": picture(1, 30, 8),
        "one-column": picture(30, 1, 8), "flat": np.full((9, 9), 7, np.int64),
    }  # fmt: skip
    for name, pixels in shapes.items():
        add(f"shape-{name}", name, pixels, lossless.Parameters(8, 6))
    _broken_lossless(area)
    round_trips(
        area, "codec.jpeglossless", "ISO 10918-1 H.1", LOSSLESS, ((8, 8), (16, 12), (16, 16))
    )
    return area


def _broken_lossless(area: Area) -> None:
    pixels = picture(16, 16, 8)
    image = Image.like(pixels, 8, 8)
    stream = lossless.encode(pixels, lossless.Parameters(8, 1, restart=8))
    sof, dht = stream.index(b"\xff\xc3"), stream.index(b"\xff\xc4")
    dri, sos = stream.index(b"\xff\xdd"), stream.index(b"\xff\xda")

    def put(at: int, new: bytes) -> bytes:
        return stream[:at] + new + stream[at + len(new) :]

    forms = {
        "no-soi": stream[2:], "no-sof": stream[:sof] + stream[dht:], "no-sos": stream[:sos],
        "no-dht": stream[:dht] + stream[dri:], "precision-0": put(sof + 4, b"\0"),
        "precision-17": put(sof + 4, b"\x11"), "precision-1": put(sof + 4, b"\1"),
        "rows-0": put(sof + 5, b"\0\0"), "rows-65535": put(sof + 5, b"\xff\xff"),
        "columns-65535": put(sof + 7, b"\xff\xff"), "columns-8": put(sof + 7, b"\0\x08"),
        "components-0": put(sof + 9, b"\0"), "components-3": put(sof + 9, b"\3"),
        "sampling-0": put(sof + 11, b"\0"), "sampling-4x4": put(sof + 11, b"\x44"),
        "predictor-0": put(sos + 7, b"\0"), "predictor-8": put(sos + 7, b"\x08"),
        "transform-8": put(sos + 9, b"\x08"), "table-3": put(sos + 6, b"\x30"),
        "component-9": put(sos + 5, b"\x09"), "interval-7": put(dri + 4, b"\0\7"),
        "too-many-codes": put(dht + 5, b"\xff"), "segment-length-1": put(sof + 2, b"\0\1"),
        "segment-beyond": put(sof + 2, b"\xff\xff"), "symbol-17": put(dht + 21, b"\x11"),
        "restart-out-of-turn": stream.replace(b"\xff\xd0", b"\xff\xd5"),
        "restart-missing": stream.replace(b"\xff\xd0", b""),
        "scan-of-ones": stream[: sos + 10] + b"\xff\0" * 40 + b"\xff\xd9",
        "empty-scan": stream[: sos + 10] + b"\xff\xd9", "two-frames": stream + stream,
        "empty": b"", "noise": bytes(range(256)),
    }  # fmt: skip
    may = {"two-frames", "no-soi", "columns-8", "sampling-4x4", "interval-7", "symbol-17",
           "component-9", "transform-8", "precision-1", "restart-out-of-turn"}  # fmt: skip
    feature = "codec.jpeglossless"
    clause = "ISO 10918-1 B.2; ISO 10918-1 H.2"
    broken_streams(area, feature, clause, forms, may, image, LOSSLESS)
    for cut in range(4, len(stream), 11):
        broken_streams(area, feature, "ISO 10918-1 B.1.1.5", {f"cut-at-{cut}": stream[:cut]},
               {f"cut-at-{cut}"}, image, LOSSLESS)  # fmt: skip
    flipped_bits(area, "codec.jpeglossless", "ISO 10918-1 H.2", stream, sos + 10, image, LOSSLESS)
