"""Grayscale examples: a CT image, an MR image, and one with an overlay plane."""

from __future__ import annotations

import math
from array import array

from pydcm.dataset import Dataset
from pydcm.examples.identity import example_uid, new_instance, words
from pydcm.examples.phantom import HEAD, THORAX, Plane, render
from pydcm.examples.series import FIELD_MM, ct_header, noise_tile, with_pixels
from pydcm.uid import MRImageStorage

__all__ = ["ct", "mr", "no_meta", "overlay"]


def ct() -> Dataset:
    """Return a CT image of 128 x 128 pixels through the heart, 12 bits unsigned."""
    spacing = FIELD_MM / 128
    corner = -(FIELD_MM - spacing) / 2
    plane = Plane((corner, corner, -40.0), (spacing, 0.0, 0.0), (0.0, spacing, 0.0), 128, 128)
    image = ct_header(plane, "CT example", 1)
    image.SliceThickness = "5"
    image.GantryDetectorTilt = "0"
    image.SliceLocation = "-40"
    return with_pixels(image, THORAX, plane)


def mr() -> Dataset:
    """Return an MR image of 64 x 64 pixels, 16 bits signed."""
    return _head("MR example", rows=64, columns=64, field_mm=240.0)


def no_meta() -> Dataset:
    """Return the first MR image without file meta."""
    image = mr()
    del image.file_meta
    return image


def overlay() -> Dataset:
    """Return an MR image of 300 x 484 pixels whose overlay plane marks the bright ball.

    The overlay is an element of its own, one bit a pixel (PS3.3 C.9.2).
    """
    rows, columns, field_mm = 300, 484, 363.0
    image = _head("MR with overlay", rows=rows, columns=columns, field_mm=field_mm)
    pixel = field_mm / columns
    ring = _ring(
        rows,
        columns,
        row=(rows - 1) / 2 + HEAD[-1].centre[1] / pixel,
        column=(columns - 1) / 2 + HEAD[-1].centre[0] / pixel,
        radius=HEAD[-1].radii[0] / pixel + 4,
    )
    group = 0x6000
    image.add_new((group, 0x0010), "US", rows)
    image.add_new((group, 0x0011), "US", columns)
    image.add_new((group, 0x0022), "LO", "marked ball")
    image.add_new((group, 0x0040), "CS", "G")
    image.add_new((group, 0x0050), "SS", [1, 1])
    image.add_new((group, 0x0100), "US", 1)
    image.add_new((group, 0x0102), "US", 0)
    image.add_new((group, 0x3000), "OW", ring)
    return image


def _head(series: str, *, rows: int, columns: int, field_mm: float) -> Dataset:
    spacing = field_mm / columns
    left, top = -spacing * (columns - 1) / 2, -spacing * (rows - 1) / 2
    plane = Plane((left, top, 4.0), (spacing, 0.0, 0.0), (0.0, spacing, 0.0), rows, columns)
    image = new_instance(
        MRImageStorage,
        "MR",
        series,
        ImageType=["ORIGINAL", "PRIMARY", "OTHER"],
        AcquisitionNumber=1,
        BodyPartExamined="HEAD",
        ScanningSequence="SE",
        SequenceVariant="NONE",
        ScanOptions="",
        MRAcquisitionType="2D",
        SliceThickness="4",
        RepetitionTime="600",
        EchoTime="14",
        EchoTrainLength="1",
        MagneticFieldStrength="1.5",
        FlipAngle="90",
        PatientPosition="HFS",
        FrameOfReferenceUID=example_uid(series, "frame of reference"),
        PositionReferenceIndicator="",
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=rows,
        Columns=columns,
        PixelSpacing=[str(spacing), str(spacing)],
        ImagePositionPatient=[str(value) for value in plane.origin],
        ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
        BitsAllocated=16,
        BitsStored=16,
        HighBit=15,
        PixelRepresentation=1,
        SmallestImagePixelValue=0,
        WindowCenter="500",
        WindowWidth="1000",
    )
    hu = render(HEAD, plane)
    noise = noise_tile(1, rows * columns)
    signal = array("h", [max(0, h + 1000 + n) * 3 // 4 for h, n in zip(hu, noise, strict=True)])
    image.LargestImagePixelValue = max(signal)
    image.PixelData = words(signal)
    return image


def _ring(rows: int, columns: int, *, row: float, column: float, radius: float) -> bytes:
    """Return a circle as packed bits, the first pixel in the lowest bit (PS3.5 8.1.1)."""
    bits = bytearray((rows * columns + 15) // 16 * 2)
    for step in range(720):
        angle = math.radians(step / 2)
        at = round(row + radius * math.sin(angle)) * columns
        at += round(column + radius * math.cos(angle))
        bits[at // 8] |= 1 << at % 8
    return bytes(bits)
