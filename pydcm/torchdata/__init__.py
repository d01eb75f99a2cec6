"""Folders of DICOM files as data sets for training.

The classes have what ``torch.utils.data.DataLoader`` asks of a map-style data
set, a length and items, and need no torch themselves. They hold file names and
nothing else: files are opened where an item is asked for, so that they may be
copied into worker processes, forked or spawned.

Examples
--------
>>> import tempfile
>>> from pydcm import examples
>>> from pydcm.torchdata import DICOMDataset, VolumeDataset
>>> with tempfile.TemporaryDirectory() as folder:
...     files = examples.write_ct_series(folder, slices=6, size=32)
...     images, volumes = DICOMDataset(folder, rescale=True), VolumeDataset(folder)
...     print(len(images), images[0].shape, images[0].dtype)
...     print(len(volumes), volumes[0].shape)
6 (32, 32) float32
1 (6, 32, 32)
"""

from pydcm.torchdata.images import DICOMDataset, scan
from pydcm.torchdata.volumes import VolumeDataset

__all__ = ["DICOMDataset", "VolumeDataset", "scan"]
