"""The series that a new one is filed with: its headers, and which of them is nearest."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import PydcmError
from pydcm.filereader import dcmread

__all__ = ["Reference", "reference_headers"]

_SAME_PLACE_MM = 1e-2
_TIMES = (0x00080032, 0x0008002A, 0x00541300)
"""Acquisition Time and DateTime, Frame Reference Time."""


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


class Reference:
    """The headers of a series, found by place.

    Parameters
    ----------
    headers : list of Dataset
        Of one series; maybe none.

    Attributes
    ----------
    headers : list of Dataset
        As they were given.
    modality : str
        Modality (0008,0060), empty if it is not known.
    """

    def __init__(self, headers: list[Dataset]) -> None:
        self.headers = headers
        self.modality = modality_of(headers)
        nowhere = (math.nan,) * 3
        self._places = np.array([_position(header) or nowhere for header in headers]).reshape(-1, 3)

    @property
    def first(self) -> Dataset:
        """The first header, an empty one if there is none."""
        return self.headers[0] if self.headers else Dataset()

    def nearest(self, position: NDArray[np.float64], like: Dataset) -> tuple[Dataset | None, bool]:
        """Return the header nearest to a place.

        Parameters
        ----------
        position : ndarray, shape (3,)
            Of the first pixel, mm.
        like : Dataset
            Of several headers at one place, that with these attributes is meant.
            Times do not count, as each slice may have its own.

        Returns
        -------
        header : Dataset or None
            None if there is no header with a place, or it is not clear which of
            several is meant. Without attributes the first of them is.
        same : bool
            Whether it is the one image at that place with these attributes.
        """
        with np.errstate(all="ignore"):  # headers may have absurd places
            away = np.linalg.norm(self._places - position, axis=1)
        if not np.isfinite(away).any():
            return None, False
        least = float(away[np.isfinite(away)].min())
        near = [self.headers[index] for index in np.flatnonzero(away <= least + _SAME_PLACE_MM)]
        alike = [header for header in near if _agrees(header, like)] if len(near) > 1 else near
        if len(alike) == 1:
            return alike[0], least <= _SAME_PLACE_MM
        return (None if len(like) else near[0]), False


def _agrees(header: Dataset, like: Dataset) -> bool:
    """Tell whether a header has the same values, so far as it has any."""
    try:
        return all(
            header[element.tag].value == element.value
            for element in like
            if element.tag in header and element.tag not in _TIMES
        )
    except PydcmError:  # a value that does not fit its VR
        return False


def _position(header: Dataset) -> tuple[float, float, float] | None:
    try:
        x, y, z = (float(value) for value in header["ImagePositionPatient"].value)
    except (KeyError, TypeError, ValueError, PydcmError):
        return None
    return (x, y, z) if all(map(math.isfinite, (x, y, z))) else None
