"""Diffusion series that the tests make: slices whose every attribute is known."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pydcm import dcmread
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import UID
from tests.shared import CORPUS

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)

MR_IMAGE = UID("1.2.840.10008.5.1.4.1.1.4")
ENHANCED_MR_IMAGE = UID("1.2.840.10008.5.1.4.1.1.4.1")
_ROOT = "1.2.826.0.1.3680043.8.498.77"

Mark = Callable[[Dataset, float, Sequence[float]], None]
"""Writes a gradient into a data set."""

GRADIENTS: tuple[tuple[float, tuple[float, float, float]], ...] = (
    (0.0, (0.0, 0.0, 0.0)),
    (1000.0, (0.36, 0.48, 0.8)),
    (2000.0, (0.0, -0.6, 0.8)),
)


def standard(dataset: Dataset, b: float, g: Sequence[float]) -> None:
    """Write the attributes of the standard at the top level."""
    dataset.DiffusionBValue = b
    if any(g):
        dataset.DiffusionGradientOrientation = list(g)
    dataset.DiffusionDirectionality = "DIRECTIONAL" if any(g) else "NONE"


def siemens(dataset: Dataset, b: float, g: Sequence[float], block: int = 0x10) -> None:
    """Write the private elements of Siemens."""
    dataset.Manufacturer = "SIEMENS"
    dataset.add_new(0x00190000 | block, "LO", "SIEMENS MR HEADER")
    dataset.add_new(0x0019000C | block << 8, "IS", int(b))
    if any(g):
        dataset.add_new(0x0019000E | block << 8, "FD", list(g))


def siemens_elsewhere(dataset: Dataset, b: float, g: Sequence[float]) -> None:
    """Write them into another block than usual."""
    siemens(dataset, b, g, 0x12)


def ge(dataset: Dataset, b: float, g: Sequence[float]) -> None:
    """Write the private elements of GE: frequency, phase, slice."""
    dataset.Manufacturer = "GE MEDICAL SYSTEMS"
    parameters = dataset.private_block(0x0043, "GEMS_PARM_01", create=True)
    parameters.add_new(0x39, "IS", [int(b) + 1_000_000_000, 8, 0, 0])
    acquisition = dataset.private_block(0x0019, "GEMS_ACQU_01", create=True)
    for offset, component in zip((0xBB, 0xBC, 0xBD), g, strict=True):
        acquisition.add_new(offset, "DS", f"{component:.6f}")


def philips(dataset: Dataset, b: float, g: Sequence[float]) -> None:
    """Write the private elements of Philips."""
    dataset.Manufacturer = "Philips Medical Systems"
    dataset.private_block(0x2001, "Philips Imaging DD 001", create=True).add_new(0x03, "FL", b)
    directions = dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    for offset, component in zip((0xB0, 0xB1, 0xB2), g, strict=True):
        directions.add_new(offset, "FL", component)


def uih(dataset: Dataset, b: float, g: Sequence[float]) -> None:
    """Write the private elements of UIH: row, column, normal."""
    dataset.Manufacturer = "UIH"
    block = dataset.private_block(0x0065, "Image Private Header", create=True)
    block.add_new(0x09, "FD", b)
    block.add_new(0x37, "FD", list(g))


def rotation(axis: Sequence[float], degrees: float) -> NDArray[np.float64]:
    """Return the matrix that turns by an angle about an axis."""
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    turned: NDArray[np.float64] = (
        np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    )
    return turned


def image(instance: int, orientation: Sequence[float], slice_index: int) -> Dataset:
    """Return a slice of 4 rows of 5 whose pixels tell its instance number."""
    normal = np.cross(orientation[:3], orientation[3:])
    dataset = Dataset()
    dataset.SOPClassUID = MR_IMAGE
    dataset.SOPInstanceUID = f"{_ROOT}.3.{instance}"
    dataset.StudyInstanceUID = f"{_ROOT}.1"
    dataset.SeriesInstanceUID = f"{_ROOT}.2"
    dataset.Modality = "MR"
    dataset.PatientPosition = "HFS"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    dataset.ScanningSequence = "EP"
    dataset.SequenceVariant = "NONE"
    dataset.MRAcquisitionType = "2D"
    dataset.RepetitionTime = 9000
    dataset.EchoTime = 80
    dataset.SeriesNumber = 3
    dataset.AcquisitionNumber = 1
    dataset.InstanceNumber = instance
    dataset.SliceThickness = 3
    dataset.SpacingBetweenSlices = 3
    dataset.ImageOrientationPatient = [float(f"{x:.12f}") for x in orientation]
    dataset.ImagePositionPatient = [round(float(x), 6) for x in 3 * slice_index * normal]
    dataset.PixelSpacing = [2.0, 2.0]
    dataset.Rows, dataset.Columns = 4, 5
    _describe_pixels(dataset)
    dataset.PixelData = np.full(20, instance, np.uint16).tobytes()
    return dataset


def save(dataset: Dataset, path: Path) -> Path:
    """Write a data set as a file."""
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
    dataset.save_as(path, enforce_file_format=True)
    return path


def write_series(
    folder: Path,
    mark: Mark = standard,
    gradients: Iterable[tuple[float, Sequence[float]]] = GRADIENTS,
    *,
    slices: int = 3,
    orientation: Sequence[float] = AXIAL,
    change: Callable[[Dataset], None] = lambda dataset: None,
) -> list[Path]:
    """Write a series volume by volume, each from its highest slice down."""
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for b, g in gradients:
        for index in reversed(range(slices)):
            instance = len(files) + 1
            dataset = image(instance, orientation, index)
            mark(dataset, b, g)
            change(dataset)
            files.append(save(dataset, folder / f"{instance:03d}.dcm"))
    return files


def mosaics(folder: Path) -> list[Path]:
    """Write a mosaic of the corpus as instances 2 and 3 of one series."""
    packed = CORPUS / "dwi" / "nibabel" / "siemens_dwi_1000.dcm.gz"
    first, second = folder / "2.dcm", folder / "3.dcm"
    first.write_bytes(gzip.decompress(packed.read_bytes()))
    dataset = dcmread(first)
    dataset.InstanceNumber = dataset.AcquisitionNumber = 3
    dataset.SOPInstanceUID += ".1"
    dataset.save_as(second)
    return [first, second]


def enhanced(frames: Iterable[tuple[float, Sequence[float], str]], *, slices: int = 2) -> Dataset:
    """Return an enhanced image: for each (b, direction, directionality) some slices."""
    dataset = image(1, AXIAL, 0)
    del dataset.ImagePositionPatient, dataset.ImageOrientationPatient, dataset.PixelSpacing
    dataset.SOPClassUID = ENHANCED_MR_IMAGE
    dataset.SharedFunctionalGroupsSequence = [Dataset()]
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence = [Dataset()]
    shared.PixelMeasuresSequence[0].PixelSpacing = [2.0, 2.0]
    shared.PixelMeasuresSequence[0].SliceThickness = 3
    shared.PlaneOrientationSequence = [Dataset()]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = list(AXIAL)
    items = []
    for b, g, directionality in frames:
        for index in range(slices):
            item = Dataset()
            item.PlanePositionSequence = [Dataset()]
            item.PlanePositionSequence[0].ImagePositionPatient = [0.0, 0.0, 3.0 * index]
            item.MRDiffusionSequence = [_diffusion_item(b, g, directionality)]
            items.append(item)
    dataset.PerFrameFunctionalGroupsSequence = items
    dataset.NumberOfFrames = len(items)
    dataset.PixelData = np.repeat(np.arange(len(items), dtype=np.uint16), 20).tobytes()
    return dataset


def _diffusion_item(b: float, g: Sequence[float], directionality: str) -> Dataset:
    item = Dataset()
    item.DiffusionBValue = b
    item.DiffusionDirectionality = directionality
    if any(g):
        item.DiffusionGradientDirectionSequence = [Dataset()]
        item.DiffusionGradientDirectionSequence[0].DiffusionGradientOrientation = list(g)
    return item


def _describe_pixels(dataset: Dataset) -> None:
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 0
