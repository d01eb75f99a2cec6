"""A small CT series of the chest phantom."""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydcm.dataset import Dataset
from pydcm.examples.identity import example_uid, new_instance, words
from pydcm.examples.phantom import THORAX, Ellipsoid, Plane, render
from pydcm.uid import CTImageStorage

__all__ = [
    "FIELD_MM",
    "HEIGHT_MM",
    "ct_header",
    "ct_headers",
    "ct_series",
    "noise_tile",
    "with_pixels",
    "write_ct_series",
]

FIELD_MM = 384.0
"""Width and height of a slice, whatever its number of pixels."""
HEIGHT_MM = 240.0
"""From the lower face of the first slice to the upper face of the last one."""

_INTERCEPT = -1024


def write_ct_series(
    folder: str | os.PathLike[str],
    *,
    slices: int = 24,
    size: int = 96,
    tilt_deg: float = 0.0,
    gantry_tilt_deg: float = 0.0,
) -> list[Path]:
    """Write a CT series of a chest phantom, for trying things out.

    The same arguments always give the same images and UIDs. The files are in
    the order of their names, which is not the order in space.

    Parameters
    ----------
    folder : str or PathLike
        Where to; it is made if it is not there.
    slices : int
        Number of files.
    size : int
        Rows and columns of each.
    tilt_deg : float
        Turns the whole stack about the x axis, in degrees: an oblique series.
    gantry_tilt_deg : float
        Turns the slices but not the direction in which they are stacked, in
        degrees: a sheared series.

    Returns
    -------
    list of Path
        The files.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = write_ct_series(folder, slices=3, size=16)
    >>> [file.name for file in files]
    ['ct001.dcm', 'ct002.dcm', 'ct003.dcm']
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    series = ct_series(slices=slices, size=size, tilt_deg=tilt_deg, gantry_tilt_deg=gantry_tilt_deg)
    for image in series:
        path = target / f"ct{image.InstanceNumber:03d}.dcm"
        image.save_as(path, enforce_file_format=True)
        written.append(path)
    return written


def ct_series(
    *,
    slices: int = 24,
    size: int = 96,
    tilt_deg: float = 0.0,
    gantry_tilt_deg: float = 0.0,
) -> Iterator[Dataset]:
    """Yield the images that :func:`write_ct_series` writes.

    Parameters
    ----------
    slices, size, tilt_deg, gantry_tilt_deg
        As there.

    Yields
    ------
    Dataset
        With file meta. Instance numbers run from the head to the feet,
        against the slice normal, as scanners often number them.
    """
    headers = ct_headers(
        slices=slices, size=size, tilt_deg=tilt_deg, gantry_tilt_deg=gantry_tilt_deg
    )
    for header, plane in headers:
        yield with_pixels(header, THORAX, plane)


def ct_headers(
    *,
    slices: int = 24,
    size: int = 96,
    tilt_deg: float = 0.0,
    gantry_tilt_deg: float = 0.0,
) -> Iterator[tuple[Dataset, Plane]]:
    """Yield the images of :func:`ct_series` without their pixels, and where those lie."""
    series = f"Chest phantom {slices}x{size}x{size}"
    if tilt_deg or gantry_tilt_deg:
        series += f" tilt {tilt_deg:g} gantry {gantry_tilt_deg:g}"
    slice_tilt = math.radians(tilt_deg + gantry_tilt_deg)
    stack_tilt = math.radians(tilt_deg)
    pixel_mm = FIELD_MM / size
    step_mm = HEIGHT_MM / slices
    down_y, down_z = math.cos(slice_tilt), math.sin(slice_tilt)
    stack_y, stack_z = -math.sin(stack_tilt), math.cos(stack_tilt)
    corner = -(FIELD_MM - pixel_mm) / 2
    for index in range(slices):
        along = HEIGHT_MM / 2 - step_mm * (index + 0.5)
        plane = Plane(
            (corner, corner * down_y + along * stack_y, corner * down_z + along * stack_z),
            (pixel_mm, 0.0, 0.0),
            (0.0, pixel_mm * down_y, pixel_mm * down_z),
            size,
            size,
        )
        header = ct_header(plane, series, index + 1)
        header.SliceThickness = _decimal(step_mm * math.cos(math.radians(gantry_tilt_deg)))
        header.GantryDetectorTilt = _decimal(gantry_tilt_deg)
        header.SliceLocation = _decimal(along)
        yield header, plane


def ct_header(plane: Plane, series: str, number: int) -> Dataset:
    """Return a CT image (PS3.3 A.3) without pixels.

    Parameters
    ----------
    plane : Plane
        Where the slice lies.
    series : str
        As for :func:`~pydcm.examples.identity.new_instance`.
    number : int
        Instance Number.
    """
    pixel_mm = (math.hypot(*plane.along_column), math.hypot(*plane.along_row))
    along = [value / pixel_mm[1] for value in plane.along_row]
    down = [value / pixel_mm[0] for value in plane.along_column]
    return new_instance(
        CTImageStorage,
        "CT",
        series,
        number,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        AcquisitionNumber=1,
        KVP="120",
        DataCollectionDiameter="500",
        ExposureTime="500",
        XRayTubeCurrent="200",
        ConvolutionKernel="ANALYTIC",
        BodyPartExamined="CHEST",
        PatientPosition="HFS",
        FrameOfReferenceUID=example_uid(series, "frame of reference"),
        PositionReferenceIndicator="",
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=plane.rows,
        Columns=plane.columns,
        PixelSpacing=[_decimal(value) for value in pixel_mm],
        ImagePositionPatient=[_decimal(value) for value in plane.origin],
        ImageOrientationPatient=[_decimal(value) for value in along + down],
        BitsAllocated=16,
        BitsStored=12,
        HighBit=11,
        PixelRepresentation=0,
        WindowCenter="40",
        WindowWidth="400",
        RescaleIntercept=str(_INTERCEPT),
        RescaleSlope="1",
        RescaleType="HU",
    )


def with_pixels(image: Dataset, shapes: Sequence[Ellipsoid], plane: Plane) -> Dataset:
    """Return `image` with what a plane through `shapes` shows, and a little noise."""
    hu = render(shapes, plane)
    noise = noise_tile(int(image["InstanceNumber"].value), plane.rows * plane.columns)
    stored = (min(4095, max(0, h + n - _INTERCEPT)) for h, n in zip(hu, noise, strict=True))
    image.PixelData = words(array("H", stored))
    return image


def noise_tile(seed: int, count: int) -> array[int]:
    """Return `count` small whole numbers that look random, mean 0, within -9 to 9.

    They come from a linear congruential generator (the 32-bit one of Numerical
    Recipes), so that no library version can change the images.
    """
    period = 4093
    state = seed * 2654435761 % 2**32
    tile = array("h")
    for _ in range(min(count, period)):
        state = (1664525 * state + 1013904223) % 2**32
        tile.append((state >> 16) % 7 + (state >> 8) % 7 + (state >> 24) % 7 - 9)
    return (tile * (count // period + 1))[:count]


def _decimal(value: float) -> str:
    """Return a decimal string of at most 16 characters (PS3.5 6.2, DS)."""
    return f"{round(value, 9):.12g}"
