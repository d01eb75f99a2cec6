"""Colour examples: RGB, palette colour, and YBR with subsampled chrominance."""

from __future__ import annotations

import colorsys
import math
from array import array

from pydcm.dataset import Dataset
from pydcm.examples.identity import new_instance, words
from pydcm.uid import UltrasoundImageStorage, UltrasoundMultiFrameImageStorage

__all__ = ["palette_color", "rgb_color", "ybr_color"]


def rgb_color() -> Dataset:
    """Return an RGB image of 240 x 320 pixels: a wheel of hues on a gray ramp."""
    rows, columns = 240, 320
    pixels = bytearray()
    for row in range(rows):
        for column in range(columns):
            pixels += _wheel(column - columns / 2 + 0.5, row - rows / 2 + 0.5)
    return _ultrasound("RGB example", rows, columns, "RGB", bytes(pixels))


def palette_color() -> Dataset:
    """Return a PALETTE COLOR image of 350 x 800 pixels: rings through a 16-bit palette."""
    rows, columns = 350, 800
    profile = bytes(int(128 + 127 * math.cos(distance / 9)) for distance in range(900))
    pixels = bytearray()
    for row in range(rows):
        dy2 = (row - rows / 2) ** 2
        half = [profile[int(math.sqrt(dy2 + dx * dx))] for dx in range(columns // 2)]
        pixels += bytes(half[::-1]) + bytes(half)
    image = _ultrasound("Palette example", rows, columns, "PALETTE COLOR", bytes(pixels))
    for colour, rises_at in (("Red", 0.0), ("Green", 0.33), ("Blue", 0.66)):
        table = array("H", [_palette_entry(index / 255, rises_at) for index in range(256)])
        setattr(image, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(image, f"{colour}PaletteColorLookupTableData", words(table))
    return image


def ybr_color() -> Dataset:
    """Return 30 frames of 240 x 320 pixels in YBR_FULL_422, uncompressed.

    Two pixels share their chrominance: Y1 Y2 Cb Cr (PS3.3 C.7.6.3.1.2). A bar
    of luminance walks over a field whose hue changes from left to right.
    """
    rows, columns, frames = 240, 320, 30
    pixels = b"".join(
        _ybr_line(columns, bar=frame * columns // frames) * rows for frame in range(frames)
    )
    image = _ultrasound("YBR example", rows, columns, "YBR_FULL_422", pixels, frames=frames)
    image.FrameTime = "40"
    image.FrameIncrementPointer = 0x00181063
    return image


def _ultrasound(
    series: str, rows: int, columns: int, photometric: str, pixels: bytes, *, frames: int = 1
) -> Dataset:
    samples = 1 if photometric == "PALETTE COLOR" else 3
    image = new_instance(
        UltrasoundMultiFrameImageStorage if frames > 1 else UltrasoundImageStorage,
        "US",
        series,
        ImageType=["ORIGINAL", "PRIMARY"],
        BodyPartExamined="ABDOMEN",
        PatientOrientation="",
        SamplesPerPixel=samples,
        PhotometricInterpretation=photometric,
        Rows=rows,
        Columns=columns,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelRepresentation=0,
    )
    if samples == 3:
        image.PlanarConfiguration = 0
    if frames > 1:
        image.NumberOfFrames = frames
    image.PixelData = pixels
    image["PixelData"].VR = "OB"
    return image


def _wheel(x: float, y: float) -> bytes:
    """Return the RGB of a point: its angle gives the hue, its distance the saturation."""
    distance = math.hypot(x, y)
    if distance > 110:
        return bytes([int(40 + (x + 160) / 320 * 160)]) * 3
    hue = math.atan2(y, x) / math.tau % 1.0
    return bytes(int(255 * channel) for channel in colorsys.hsv_to_rgb(hue, distance / 110, 1.0))


def _palette_entry(level: float, rises_at: float) -> int:
    return int(65535 * min(1.0, max(0.0, (level - rises_at) * 3)))


def _ybr_line(columns: int, *, bar: int) -> bytes:
    line = bytearray()
    for column in range(0, columns, 2):
        angle = column / columns * math.tau
        blue = int(128 + 70 * math.cos(angle))
        red = int(128 + 70 * math.sin(angle))
        for at in (column, column + 1):
            line.append(235 if 0 <= at - bar < 24 else 110)
        line += bytes((blue, red))
    return bytes(line)
