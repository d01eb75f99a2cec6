"""The data set and its kin: what a DICOM file becomes in memory."""

from pydcm.dataset.data import Dataset
from pydcm.dataset.file import FileDataset, FileMetaDataset, validate_file_meta
from pydcm.dataset.private import PrivateBlock

__all__ = ["Dataset", "FileDataset", "FileMetaDataset", "PrivateBlock", "validate_file_meta"]
