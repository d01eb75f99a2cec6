"""The series that a new one is filed with: its headers, and which of them is nearest."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import PydcmError
from pydcm.filereader import dcmread

__all__ = ["modality_of", "nearest_header", "reference_headers"]


def reference_headers(
    reference: str | os.PathLike[str] | Dataset | Iterable[Dataset] | None,
) -> list[Dataset]:
    """Return the headers of the images of one series, the one with most of them.

    Parameters
    ----------
    reference : str, PathLike, Dataset, iterable of Dataset or None
        A folder, a file or headers.

    Returns
    -------
    list of Dataset
        At least one; none without a reference.

    Raises
    ------
    FileNotFoundError
        If the folder has no DICOM image.
    """
    if reference is None:
        return []
    headers: list[Dataset]
    if isinstance(reference, (str, os.PathLike)):
        if os.path.isdir(reference):
            headers = list(_headers_in(os.fspath(reference)))
        else:
            headers = [dcmread(reference, stop_before_pixels=True)]
    elif isinstance(reference, Dataset):
        headers = [reference]
    else:
        headers = list(reference)
    if not headers:
        raise FileNotFoundError(f"there is no DICOM image in the reference {reference!r}")
    by_series: dict[str, list[Dataset]] = {}
    for header in headers:
        by_series.setdefault(str(header.get("SeriesInstanceUID", "")), []).append(header)
    return max(by_series.values(), key=len)


def _headers_in(folder: str) -> Iterator[Dataset]:
    for inside, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            with contextlib.suppress(PydcmError):  # other files may lie there
                header = dcmread(os.path.join(inside, name), stop_before_pixels=True)
                if "Rows" in header:
                    yield header


def modality_of(headers: list[Dataset]) -> str:
    """Return the modality of a series, empty if there is no header."""
    return str(headers[0].get("Modality", None) or "") if headers else ""


def nearest_header(headers: list[Dataset], position: NDArray[np.float64]) -> tuple[Dataset, float]:
    """Return the header whose first pixel is nearest to a place, and how far it is, mm."""
    best, least = headers[0], np.inf
    for header in headers:
        place = _position(header)
        if place is not None:
            away = float(np.linalg.norm(place - position))
            if away < least:
                best, least = header, away
    return best, least


def _position(header: Dataset) -> NDArray[np.float64] | None:
    try:
        place = np.array([float(value) for value in header["ImagePositionPatient"].value])
    except (KeyError, TypeError, ValueError, PydcmError):
        return None
    return place if place.shape == (3,) and np.isfinite(place).all() else None
