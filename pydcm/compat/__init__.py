"""Libraries that were written for pydicom, run on this package.

A program of one's own says ``import pydcm as pydicom``. A library that says
``import pydicom`` is somebody else's: :func:`install_as_pydicom` makes that
statement give the modules of this package, until it is undone.

Examples
--------
>>> import pydcm
>>> from pydcm.compat import install_as_pydicom
>>> with install_as_pydicom():  # doctest: +SKIP
...     from pydicom.dataset import Dataset
>>> Dataset is pydcm.Dataset  # doctest: +SKIP
True
"""

from __future__ import annotations

from pydcm.compat.alias import (
    COMPATIBLE_VERSION,
    Alias,
    install_as_pydicom,
    is_installed,
    uninstall,
)

__all__ = ["COMPATIBLE_VERSION", "Alias", "install_as_pydicom", "is_installed", "uninstall"]
