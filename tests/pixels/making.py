"""Small images, made on the fly."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.encaps import encapsulate

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
UNCOMPRESSED = "1.2.840.10008.1.2.1.98"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"

SIX = bytes(range(1, 7))


def image(
    pixels: bytes | None, syntax: str = EXPLICIT, *, vr: str = "OW", **elements: Any
) -> Dataset:
    """Return an image of 2 x 3 pixels of 8 bits, unless `elements` say otherwise.

    An element that is None is left out.
    """
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    described = {
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7",
        "SOPInstanceUID": "2.25.1",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": 2,
        "Columns": 3,
        "BitsAllocated": 8,
        "BitsStored": elements.get("BitsAllocated", 8),
        "PixelRepresentation": 0,
        **elements,
    }
    for keyword, value in described.items():
        if value is not None:
            setattr(ds, keyword, value)
    if pixels is not None:
        ds.add_new(0x7FE00010, vr, pixels)
    return ds


def rgb(pixels: bytes, syntax: str = EXPLICIT, **elements: Any) -> Dataset:
    """Return an image of 2 x 3 pixels of three samples."""
    described = {
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "RGB",
        "PlanarConfiguration": 0,
        **elements,
    }
    return image(pixels, syntax, **described)


def encapsulated(frames: list[bytes], syntax: str = RLE, **elements: Any) -> Dataset:
    """Return an image of encoded frames."""
    ds = image(encapsulate(frames), syntax, vr="OB", **elements)
    ds["PixelData"].is_undefined_length = True
    return ds


def rle_segment(octets: bytes) -> bytes:
    """Return a segment of literal runs."""
    runs = [octets[k : k + 128] for k in range(0, len(octets), 128)]
    segment = b"".join(bytes([len(run) - 1]) + run for run in runs)
    return segment + bytes(len(segment) % 2)


def rle_frame(*segments: bytes) -> bytes:
    """Return a frame of segments."""
    offsets = [64]
    for segment in segments:
        offsets.append(offsets[-1] + len(segment))
    header = struct.pack("<16I", len(segments), *(offsets[:-1] + [0] * 15)[:15])
    return header + b"".join(segments)


def written(ds: Dataset) -> bytes:
    """Return the image as a file's bytes."""
    file = io.BytesIO()
    ds.save_as(file, enforce_file_format=True)
    return file.getvalue()


def saved(ds: Dataset, folder: Path) -> Path:
    """Write the image to a file."""
    path = folder / "image.dcm"
    path.write_bytes(written(ds))
    return path
