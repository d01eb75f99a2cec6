"""DCT-based JPEG (PS3.5 8.2.1, ISO 10918-1)."""

from __future__ import annotations

import numpy as np

from conformance.generate.areas.codec_streams import (
    BASELINE,
    EXTENDED,
    broken_streams,
    flipped_bits,
)
from conformance.generate.coders import dct
from conformance.generate.dicom import fragments
from conformance.generate.images import Image, Pixels, picture
from conformance.generate.writing import Area


def _smooth(rows: int, columns: int, bits: int, samples: int) -> Pixels:
    """Return an image that the DCT keeps well: waves, and chrominance that is constant."""
    y, x = np.mgrid[0:rows, 0:columns]
    top = (1 << bits) - 1
    wave = top * (0.5 + 0.3 * np.sin(x / 3) * np.cos(y / 4) + 0.15 * (x / columns - 0.5))
    planes = [wave] + [np.full((rows, columns), top * (0.35 + 0.2 * c)) for c in range(samples - 1)]
    made = dct.rounded(np.stack(planes, -1) if samples > 1 else wave)
    smooth: Pixels = np.clip(made, 0, top)
    return smooth


def jpeg_cases() -> Area:
    """Return the cases of DCT-based JPEG."""
    area = Area("jpeg", "DCT-based JPEG", "ISO 10918-1, coefficients and their exact inverse "
                "transform in floating point; ISO 10918-2 allows an error of 1")  # fmt: skip

    def add(name: str, comment: str, pixels: Pixels, parameters: dct.Parameters, syntax: str,
            clause: str, photometric: str = "") -> None:  # fmt: skip
        stream, made = dct.encode(pixels, parameters)
        samples = 3 if pixels.ndim == 3 else 1
        if not photometric:
            photometric = "YBR_FULL_422" if samples == 3 else "MONOCHROME2"
        allocated = 8 if parameters.bits == 8 else 16
        image = Image.like(pixels, allocated, parameters.bits, photometric=photometric)
        top = (1 << parameters.bits) - 1
        area.add(name, "decode", "codec.jpeg", f"PS3.5 8.2.1; {clause}", comment,
                 {"file": image.encapsulated(fragments([stream]), syntax), "frame": 0},
                 {"array": image.array(np.clip(dct.rounded(made), 0, top))},
                 tolerance={"absolute": 1, "mean": 0.2}, flags=["lossy"])  # fmt: skip

    for rows, columns in ((8, 8), (16, 24), (13, 17), (1, 1), (7, 40)):
        for step in (1, 8, 40):
            add(f"gray-{rows}x{columns}-step{step}", f"Quantisation by {step}",
                _smooth(rows, columns, 8, 1), dct.Parameters(step=step), BASELINE,
                "ISO 10918-1 F.2")  # fmt: skip
    for sampling in ((1, 1), (2, 1), (2, 2), (1, 2), (4, 1)):
        for restart in (0, 1, 3):
            name = f"ybr-{sampling[0]}x{sampling[1]}-restart{restart}"
            photometric = "YBR_FULL" if sampling == (1, 1) else "YBR_FULL_422"
            add(name, f"Three components, H and V {sampling}, restart interval {restart}",
                _smooth(19, 29, 8, 3), dct.Parameters(sampling=sampling, restart=restart), BASELINE,
                "ISO 10918-1 A.1.1; ISO 10918-1 F.2", photometric)  # fmt: skip
    add("rgb-by-adobe", "Components that are RGB, as APP14 says", _smooth(16, 16, 8, 3),
        dct.Parameters(adobe=0), BASELINE, "ISO 10918-1 F.2", "RGB")  # fmt: skip
    for step in (1, 16):
        add(f"gray-12-step{step}", "12 bits", _smooth(16, 16, 12, 1),
            dct.Parameters(12, step=step, extended=True), EXTENDED, "ISO 10918-1 F.2")  # fmt: skip
    add("gray-8-extended", "Extended process of 8 bits", _smooth(16, 16, 8, 1),
        dct.Parameters(extended=True), EXTENDED, "ISO 10918-1 F.2")  # fmt: skip
    for syntax, name in (("1.2.840.10008.1.2.4.55", "gray"), ("1.2.840.10008.1.2.4.55", "ybr")):
        for sampling in ((1, 1), (2, 2)):
            samples = 1 if name == "gray" else 3
            add(f"progressive-{name}-{sampling[0]}{sampling[1]}", "Progressive, retired from DICOM",
                _smooth(18, 27, 8, samples), dct.Parameters(sampling=sampling, progressive=True),
                syntax, "ISO 10918-1 G.1", "" if samples == 1 else "YBR_FULL")  # fmt: skip
    noisy = picture(24, 24, 8)
    add("gray-noisy", "All frequencies", noisy, dct.Parameters(step=2), BASELINE,
        "ISO 10918-1 A.3.3")  # fmt: skip
    _broken_jpeg(area)
    for quality in (50, 90, 100):
        pixels = _smooth(24, 24, 8, 1)
        image = Image.like(pixels, 8, 8)
        area.add(f"encode-gray-quality{quality}", "encode", "codec.jpeg", "ISO 10918-1 F.1",
                 f"Encoded with quality {quality}", {
                     "file": image.native(image.array(pixels).tobytes()),
                     "transfer_syntax": BASELINE, "options": {"quality": quality}},
                 {"array": image.array(pixels)[None]},
                 tolerance={"absolute": {50: 24, 90: 8, 100: 2}[quality]},
                 flags=["lossy"],
                 source="the image that was encoded; the bound is chosen generously")  # fmt: skip
    return area


def _broken_jpeg(area: Area) -> None:
    pixels = _smooth(16, 24, 8, 1)
    image = Image.like(pixels, 8, 8)
    stream, _ = dct.encode(pixels, dct.Parameters(restart=2))
    dqt, dht = stream.index(b"\xff\xdb"), stream.index(b"\xff\xc4")
    sof, dri, sos = (stream.index(each) for each in (b"\xff\xc0", b"\xff\xdd", b"\xff\xda"))

    def put(at: int, new: bytes) -> bytes:
        return stream[:at] + new + stream[at + len(new) :]

    forms = {
        "no-soi": stream[2:], "no-sof": stream[:sof] + stream[dri:], "no-sos": stream[:sos],
        "no-dht": stream[:dht] + stream[sof:], "no-dqt": stream[:dqt] + stream[dht:],
        "precision-0": put(sof + 4, b"\0"), "precision-12": put(sof + 4, b"\x0c"),
        "rows-0": put(sof + 5, b"\0\0"), "rows-65535": put(sof + 5, b"\xff\xff"),
        "columns-65535": put(sof + 7, b"\xff\xff"), "components-0": put(sof + 9, b"\0"),
        "components-3": put(sof + 9, b"\3"), "sampling-0": put(sof + 11, b"\0"),
        "sampling-15x15": put(sof + 11, b"\xff"), "table-of-quantisation-3": put(sof + 12, b"\3"),
        "table-of-codes-3": put(sos + 6, b"\x33"), "component-9": put(sos + 5, b"\x09"),
        "spectral-selection": put(sos + 7, b"\5\2"), "approximation": put(sos + 9, b"\x13"),
        "too-many-codes": put(dht + 5, b"\xff"), "segment-length-0": put(sof + 2, b"\0\0"),
        "segment-beyond": put(sof + 2, b"\xff\xff"), "quantisation-by-zero":
        put(dqt + 5, bytes(64)), "restart-out-of-turn": stream.replace(b"\xff\xd0", b"\xff\xd5"),
        "scan-of-ones": stream[: sos + 10] + b"\xff\0" * 40 + b"\xff\xd9",
        "scan-of-zeros": stream[: sos + 10] + bytes(60) + b"\xff\xd9",
        "empty-scan": stream[: sos + 10] + b"\xff\xd9", "two-frames": stream + stream,
        "arithmetic": put(sof, b"\xff\xc9"), "hierarchical": put(sof, b"\xff\xc5"),
        "empty": b"", "noise": bytes(range(256)),
    }  # fmt: skip
    must = set("empty noise no-sof no-sos rows-65535 columns-65535 components-0 sampling-0 "
               "arithmetic hierarchical precision-0 segment-length-0".split())  # fmt: skip
    clause = "ISO 10918-1 B.2; ISO 10918-1 F.2"
    broken_streams(area, "codec.jpeg", clause, forms, set(forms) - must, image, BASELINE)
    for cut in range(4, len(stream), 23):
        broken_streams(area, "codec.jpeg", "ISO 10918-1 B.1.1.5", {f"cut-at-{cut}": stream[:cut]},
               {f"cut-at-{cut}"}, image, BASELINE)  # fmt: skip
    flipped_bits(area, "codec.jpeg", "ISO 10918-1 F.2", stream, sos + 10, image, BASELINE)
