"""The older names for reading and writing."""

from __future__ import annotations

import pydcm
from pydcm import dicomio, filebase


def test_the_names_are_those_of_the_package() -> None:
    assert dicomio.dcmread is dicomio.read_file is pydcm.dcmread
    assert dicomio.dcmwrite is dicomio.write_file is pydcm.dcmwrite
    assert dicomio.DicomIO is filebase.DicomIO
    assert dicomio.DicomBytesIO is filebase.DicomBytesIO
