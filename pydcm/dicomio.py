"""Reading and writing under their older names, for code that imports them from here."""

from __future__ import annotations

from pydcm.filebase import DicomBytesIO, DicomIO
from pydcm.filereader import dcmread
from pydcm.filewriter import dcmwrite

__all__ = ["DicomBytesIO", "DicomIO", "dcmread", "dcmwrite", "read_file", "write_file"]

read_file = dcmread
"""The older name of :func:`pydcm.dcmread`."""

write_file = dcmwrite
"""The older name of :func:`pydcm.dcmwrite`."""
