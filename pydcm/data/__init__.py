"""Files to try things with, under the names that the compatible API gives them.

They are made when they are first asked for, in a folder that lives as long as
the process: the data sets of :mod:`pydcm.examples`, text in many character
sets, and the well-known colour palettes. Nothing is downloaded.

Examples
--------
>>> from pydcm.data import get_testdata_file
>>> get_testdata_file("CT_small.dcm", read=True).Modality
'CT'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm.data.data_manager import (
    external_data_sources,
    fetch_data_files,
    get_charset_files,
    get_palette_files,
    get_testdata_file,
    get_testdata_files,
)

if TYPE_CHECKING:
    DATA_ROOT: str

__all__ = [
    "external_data_sources",
    "fetch_data_files",
    "get_charset_files",
    "get_palette_files",
    "get_testdata_file",
    "get_testdata_files",
]


def __getattr__(name: str) -> object:
    if name == "DATA_ROOT":
        from pydcm.data import data_manager

        return data_manager.DATA_ROOT
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
