"""The data set and its kin: what a DICOM file becomes in memory."""

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.dataset.data import Dataset
from pydcm.dataset.file import FileDataset, FileMetaDataset, validate_file_meta
from pydcm.dataset.private import PrivateBlock

__all__ = [
    "PIXEL_KEYWORDS",
    "Dataset",
    "FileDataset",
    "FileMetaDataset",
    "PrivateBlock",
    "validate_file_meta",
]

PIXEL_KEYWORDS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
"""The tags of Float Pixel Data, Double Float Pixel Data and Pixel Data (PS3.3 C.7.6.24)."""

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
