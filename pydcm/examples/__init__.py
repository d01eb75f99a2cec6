"""Example data sets, made on the fly: nothing is downloaded or read from a store.

Every attribute is read anew from a file in a temporary folder, so changing one
changes nothing for the next user. The content is synthetic, always the same,
and needs no numpy.

Attributes
----------
ct, mr : FileDataset
    Images of 128 x 128 pixels (12 bits unsigned, with rescale) and of 64 x 64
    pixels (16 bits signed).
overlay : FileDataset
    An MR image with an overlay plane in group 6000.
rgb_color, palette_color, ybr_color : FileDataset
    Ultrasound images: RGB, PALETTE COLOR with a 16-bit palette, and 30 frames
    of uncompressed YBR_FULL_422.
jpeg2k : FileDataset
    An ultrasound image in lossless JPEG 2000, YBR_RCT.
rt_ss, rt_plan, rt_dose : FileDataset
    Radiotherapy objects that refer to the series of :func:`write_ct_series`.
waveform : FileDataset
    A 12-lead ECG.
no_meta : FileDataset
    A bare data set in implicit VR, without preamble and file meta.
dicomdir : FileDataset
    The directory of a file-set; its images lie beside ``get_path("dicomdir")``.

Examples
--------
>>> from pydcm import examples
>>> examples.ct.Rows
128
>>> examples.rt_plan.BeamSequence[1].BeamName
'Field 2'
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed

if TYPE_CHECKING:
    from pydcm.dataset import Dataset, FileDataset

    ct: FileDataset
    dicomdir: FileDataset
    jpeg2k: FileDataset
    mr: FileDataset
    no_meta: FileDataset
    overlay: FileDataset
    palette_color: FileDataset
    rgb_color: FileDataset
    rt_dose: FileDataset
    rt_plan: FileDataset
    rt_ss: FileDataset
    waveform: FileDataset
    ybr_color: FileDataset

    from pydcm.examples.series import write_ct_series

__all__ = ["get_path", "write_ct_series"]

_MODULES = {
    "ct": "gray",
    "dicomdir": "media",
    "jpeg2k": "jpeg2000",
    "mr": "gray",
    "no_meta": "gray",
    "overlay": "gray",
    "palette_color": "colour",
    "rgb_color": "colour",
    "rt_dose": "radiotherapy",
    "rt_plan": "radiotherapy",
    "rt_ss": "radiotherapy",
    "waveform": "electrocardiogram",
    "ybr_color": "colour",
}
"""The module that makes each example."""


def get_path(name: str) -> Path:
    """Return the file of an example; it lives as long as the process.

    Parameters
    ----------
    name : str
        Such as ``"ct"``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If there is no such example.

    Examples
    --------
    >>> get_path("mr").name
    'mr.dcm'
    """
    if name not in _MODULES:
        known = ", ".join(sorted(_MODULES))
        raise ValueError(f"there is no example called {name!r}, only {known}")
    return _written(name)


def __getattr__(name: str) -> object:
    if name == "write_ct_series":
        from pydcm.examples.series import write_ct_series

        return write_ct_series
    if name not in _MODULES:
        return borrowed(__name__)(name)
    from pydcm.filereader import dcmread

    return dcmread(get_path(name), force=True)


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES, "write_ct_series"])


@cache
def _folder() -> Path:
    """Return the folder of this process; it is removed when the process ends."""
    made = tempfile.mkdtemp(prefix="pydcm-examples-")
    atexit.register(_remove, made, os.getpid())
    return Path(made)


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # not a process that was forked from it
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _written(name: str) -> Path:
    from importlib import import_module

    folder = _folder()
    module = import_module(f"pydcm.examples.{_MODULES[name]}")
    if name == "dicomdir":
        path: Path = module.write_file_set(folder / "file-set")
        return path
    path = folder / f"{name}.dcm"
    made: Dataset = getattr(module, name)()
    if name == "no_meta":
        made.save_as(path, implicit_vr=True, little_endian=True)
    else:
        made.save_as(path, enforce_file_format=True)
    return path
