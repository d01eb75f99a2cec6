"""Small series whose every quirk is chosen by the test."""

from __future__ import annotations

from collections.abc import Sequence as Values
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm import Dataset, Sequence, dcmwrite
from pydcm.dataset import FileMetaDataset

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
PET = "1.2.840.10008.5.1.4.1.1.128"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
EXPLICIT = "1.2.840.10008.1.2.1"

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)


def image(position: Values[float] = (0.0, 0.0, 0.0), number: int = 1, **changes: Any) -> Dataset:
    """Return an MR slice of 4 x 5 pixels of 2 x 1.5 mm that all have the value `number`."""
    ds = Dataset()
    ds.SOPClassUID = MR
    ds.SOPInstanceUID = f"1.2.9.{number}"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    ds.Modality = "MR"
    ds.SeriesInstanceUID = "1.2.3"
    ds.FrameOfReferenceUID = "1.2.4"
    ds.InstanceNumber = number
    ds.ImagePositionPatient = list(position)
    ds.ImageOrientationPatient = list(AXIAL)
    ds.PixelSpacing = [2, 1.5]
    ds.SliceThickness = 3
    describe_pixels(ds, np.full((4, 5), number, np.uint16))
    for name, value in changes.items():
        setattr(ds, name, value)
    return ds


def describe_pixels(ds: Dataset, pixels: NDArray[Any]) -> None:
    """Set Pixel Data and what describes it."""
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        ds.NumberOfFrames = len(pixels)
    bits = 8 * pixels.itemsize
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, bits, bits - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"


def write(folder: Path, *images: Dataset) -> list[Path]:
    """Write images as files ``000.dcm``, ``001.dcm`` ... after those that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    first = len(list(folder.iterdir()))
    paths = []
    for number, ds in enumerate(images, first):
        path = folder / f"{number:03}.dcm"
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = EXPLICIT
        ds.file_meta = meta
        dcmwrite(path, ds, enforce_file_format=True)
        paths.append(path)
    return paths


def stack(
    count: int = 4, *, step: Values[float] = (0.0, 0.0, 3.0), first: int = 1, **changes: Any
) -> list[Dataset]:
    """Return slices at even steps, numbered from `first`."""
    return [image([part * k for part in step], first + k, **changes) for k in range(count)]


def item(**values: Any) -> Dataset:
    """Return an item of a sequence."""
    ds = Dataset()
    for name, value in values.items():
        setattr(ds, name, value)
    return ds


def enhanced(
    frames: Values[Dataset], pixels: NDArray[Any], shared: Dataset | None = None
) -> Dataset:
    """Return an enhanced MR image with functional groups of its frames."""
    ds = Dataset()
    ds.SOPClassUID = ENHANCED_MR
    ds.SOPInstanceUID = "1.2.9.99"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    ds.Modality = "MR"
    ds.SeriesInstanceUID = "1.2.3"
    ds.FrameOfReferenceUID = "1.2.4"
    describe_pixels(ds, pixels)
    ds.SharedFunctionalGroupsSequence = Sequence([shared or shared_groups()])
    ds.PerFrameFunctionalGroupsSequence = Sequence(list(frames))
    return ds


def shared_groups() -> Dataset:
    """Return orientation, pixel spacing and thickness of all frames."""
    return item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=list(AXIAL))],
        PixelMeasuresSequence=[item(PixelSpacing=[2, 1.5], SliceThickness=3)],
    )


def frame_groups(z: float, **others: Any) -> Dataset:
    """Return the functional groups of a frame at a height."""
    return item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, z])], **others)
