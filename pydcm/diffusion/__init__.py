"""Diffusion MR: gradient tables, and series as four-dimensional arrays.

Directions are along the axes of the array, ``[row . g, column . g, normal . g]``,
unless asked for otherwise.

Examples
--------
>>> import tempfile
>>> from pydcm import examples
>>> with tempfile.TemporaryDirectory() as folder:
...     for number, b in enumerate([0.0, 1000.0], 1):
...         image = examples.mr
...         image.InstanceNumber = number
...         image.DiffusionBValue = b
...         image.DiffusionGradientOrientation = [0.0, 0.0, b / 1000]
...         image.save_as(f"{folder}/{number}.dcm")
...     data, bvals, bvecs, affine = load_dwi(folder)
>>> data.shape, bvals.tolist(), bvecs.shape
((2, 1, 64, 64), [0.0, 1000.0], (3, 2))
"""

from pydcm.diffusion.gradients import DiffusionFrame
from pydcm.diffusion.table import DiffusionSurvey, diffusion_survey, diffusion_table
from pydcm.diffusion.volumes import load_dwi, save_dwi

__all__ = [
    "DiffusionFrame",
    "DiffusionSurvey",
    "diffusion_survey",
    "diffusion_table",
    "load_dwi",
    "save_dwi",
]
