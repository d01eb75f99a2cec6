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

from pydcm.volume.model import Axis, SliceSource, Volume, Volume4D
from pydcm.volume.report import Finding, Report
from pydcm.volume.series import assemble, load_series
from pydcm.volume.survey import LeftOut, Stack, Survey, survey

__all__ = [
    "Axis",
    "Finding",
    "LeftOut",
    "Report",
    "SliceSource",
    "Stack",
    "Survey",
    "Volume",
    "Volume4D",
    "assemble",
    "load_series",
    "survey",
]
