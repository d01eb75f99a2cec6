"""A folder of slices as one volume in space.

Examples
--------
>>> import tempfile
>>> from pydcm import examples
>>> from pydcm.volume import load_series
>>> with tempfile.TemporaryDirectory() as folder:
...     files = examples.write_ct_series(folder, slices=6, size=32)
...     volume = load_series(folder)
>>> volume.pixels.shape, volume.pixels.dtype.name, volume.spacing
((6, 32, 32), 'float32', (40.0, 12.0, 12.0))
"""

from pydcm.volume.bids import bids_sidecar
from pydcm.volume.interchange import from_image
from pydcm.volume.metaimage import from_metaimage
from pydcm.volume.model import Axis, SliceSource, Volume, Volume4D
from pydcm.volume.nifti import from_nifti, from_nifti_4d
from pydcm.volume.nrrd import from_nrrd
from pydcm.volume.report import Finding, Report
from pydcm.volume.series import assemble, load_4d, load_all, load_series
from pydcm.volume.survey import LeftOut, Stack, Survey, survey
from pydcm.volume.suv import PetSuv

__all__ = [
    "Axis",
    "Finding",
    "LeftOut",
    "PetSuv",
    "Report",
    "SliceSource",
    "Stack",
    "Survey",
    "Volume",
    "Volume4D",
    "assemble",
    "bids_sidecar",
    "from_image",
    "from_metaimage",
    "from_nifti",
    "from_nifti_4d",
    "from_nrrd",
    "load_4d",
    "load_all",
    "load_series",
    "survey",
]
