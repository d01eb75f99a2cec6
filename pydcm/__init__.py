"""pydcm: a complete DICOM toolkit whose Python is the specification.

>>> import pydcm
>>> ds = pydcm.Dataset()
>>> ds.PatientName = "Doe^Jane"
>>> ds.PatientName.family_name
'Doe'

Names load when they are first used: importing the package and reading
metadata need no numpy. Not a medical device.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from pydcm._version import __version__

if TYPE_CHECKING:
    from pydcm import (
        batch,
        charset,
        compat,
        config,
        data,
        datadict,
        dataelem,
        dataset,
        dicomio,
        diffusion,
        encaps,
        env_info,
        errors,
        examples,
        filereader,
        fileset,
        filewriter,
        jsonrep,
        kernels,
        multival,
        overlays,
        pixel_data_handlers,
        pixels,
        progress,
        sequence,
        sr,
        tag,
        torchdata,
        uid,
        valuerep,
        values,
        volume,
        waveforms,
    )
    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset, FileDataset, FileMetaDataset
    from pydcm.diffusion import diffusion_table, load_dwi, save_dwi
    from pydcm.errors import InvalidDicomError
    from pydcm.filereader import dcmread
    from pydcm.fileset import FileInstance, FileSet
    from pydcm.filewriter import dcmwrite
    from pydcm.multival import MultiValue
    from pydcm.pixels import decode, iter_pixels, pixel_array
    from pydcm.sequence import Sequence
    from pydcm.tag import BaseTag, Tag
    from pydcm.torchdata import DICOMDataset, scan
    from pydcm.uid import UID, generate_uid
    from pydcm.valuerep import IS, DSfloat, PersonName
    from pydcm.volume import Volume, bids_sidecar, load_series

_HOMES = {
    "BaseTag": "tag",
    "DICOMDataset": "torchdata",
    "DSfloat": "valuerep",
    "DataElement": "dataelem",
    "Dataset": "dataset",
    "FileDataset": "dataset",
    "FileInstance": "fileset",
    "FileMetaDataset": "dataset",
    "FileSet": "fileset",
    "IS": "valuerep",
    "InvalidDicomError": "errors",
    "MultiValue": "multival",
    "PersonName": "valuerep",
    "Sequence": "sequence",
    "Tag": "tag",
    "UID": "uid",
    "Volume": "volume",
    "bids_sidecar": "volume",
    "dcmread": "filereader",
    "dcmwrite": "filewriter",
    "decode": "pixels",
    "diffusion_table": "diffusion",
    "generate_uid": "uid",
    "iter_pixels": "pixels",
    "load_dwi": "diffusion",
    "load_series": "volume",
    "pixel_array": "pixels",
    "save_dwi": "diffusion",
    "scan": "torchdata",
}
"""The module that each public name of the package lives in."""

_MODULES = frozenset({
    "batch", "charset", "compat", "config", "data", "datadict", "dataelem", "dataset", "dicomio",
    "diffusion", "encaps", "env_info", "errors", "examples", "filebase", "filereader", "fileset",
    "fileutil", "filewriter", "hooks", "jsonrep", "kernels", "limits", "misc", "multival",
    "overlays", "pixel_data_handlers", "pixels", "progress", "sequence", "sr", "tag", "torchdata",
    "uid", "util", "valuerep", "values", "volume", "waveforms",
})  # fmt: skip

__version_info__ = tuple(__version__.split("."))

__all__ = [
    "IS",
    "UID",
    "BaseTag",
    "DICOMDataset",
    "DSfloat",
    "DataElement",
    "Dataset",
    "FileDataset",
    "FileInstance",
    "FileMetaDataset",
    "FileSet",
    "InvalidDicomError",
    "MultiValue",
    "PersonName",
    "Sequence",
    "Tag",
    "Volume",
    "__version__",
    "__version_info__",
    "batch",
    "bids_sidecar",
    "charset",
    "compat",
    "config",
    "data",
    "datadict",
    "dataelem",
    "dataset",
    "dcmread",
    "dcmwrite",
    "decode",
    "dicomio",
    "diffusion",
    "diffusion_table",
    "encaps",
    "env_info",
    "errors",
    "examples",
    "filereader",
    "fileset",
    "filewriter",
    "generate_uid",
    "iter_pixels",
    "jsonrep",
    "kernels",
    "load_dwi",
    "load_series",
    "multival",
    "overlays",
    "pixel_array",
    "pixel_data_handlers",
    "pixels",
    "progress",
    "save_dwi",
    "scan",
    "sequence",
    "sr",
    "tag",
    "torchdata",
    "uid",
    "valuerep",
    "values",
    "volume",
    "waveforms",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is not None:
        found = getattr(importlib.import_module(f"pydcm.{home}"), name)
        globals()[name] = found
        return found
    if name in _MODULES:
        return importlib.import_module(f"pydcm.{name}")
    raise AttributeError(f"module 'pydcm' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
