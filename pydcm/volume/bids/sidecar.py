"""Writes down what a BIDS sidecar says about images."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pydcm._version import __version__
from pydcm.errors import PydcmError
from pydcm.vendors import siemens
from pydcm.vendors.header import Header
from pydcm.vendors.manufacturer import maker
from pydcm.volume.bids.emission import (
    EMISSION_FIELDS,
    FRAME_FIELDS,
    EmissionFrame,
    emission_frame,
    frame_values,
)
from pydcm.volume.bids.field import Field, Value
from pydcm.volume.bids.phase import PHASE_FIELDS
from pydcm.volume.bids.private import PRIVATE_FIELDS
from pydcm.volume.bids.slice_timing import (
    SLICE_TIMING_FIELDS,
    SliceTime,
    schedule_of,
    schedule_of_image,
    slice_time,
)
from pydcm.volume.bids.standard import IDENTITY_FIELDS, STANDARD_FIELDS
from pydcm.volume.files import list_files, read

__all__ = ["FIELDS", "bids_sidecar", "sidecar_of"]

FIELDS: tuple[Field, ...] = (
    *STANDARD_FIELDS,
    *PRIVATE_FIELDS,
    *PHASE_FIELDS,
    *SLICE_TIMING_FIELDS,
    *EMISSION_FIELDS,
    *FRAME_FIELDS,
)
"""Every field in the order of a sidecar. The first source that knows a field counts."""

_SLICE_TIMING = "SliceTiming"


class _Image(NamedTuple):
    """What has to be kept of each file of a series."""

    rank: tuple[int, int, str]
    name: str
    slice: SliceTime | None
    frame: EmissionFrame | None


def bids_sidecar(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], *, identity: bool = False
) -> dict[str, Value]:
    """Return the BIDS sidecar of an image or of a series.

    What the scanner did not record is left out, never guessed. Times are in
    seconds, whole numbers are ints, and several values of one text are joined
    with a backslash, except in ``ImageType``, which is a list.

    ``PhaseEncodingDirection`` belongs to volumes whose rows are not flipped, as
    :meth:`Volume.to_nifti` writes them: its ``i`` is the ``i`` of dcm2niix, its
    ``j`` is dcm2niix's ``j-``. Where only the axis is known there is
    ``PhaseEncodingAxis``; a 3-D scan other than EPI has neither. ``SliceTiming``
    is in the order of the slices of a loaded volume, and never outside of [0,
    ``RepetitionTime``).

    Parameters
    ----------
    path : str, PathLike or iterable of them
        A file, a folder, an archive, or several of them. Of several series the
        one with most files counts. One slice of a series does not tell the
        timing of the others.
    identity : bool
        Add the fields that tell who the patient is, such as ``PatientName``,
        ``StudyInstanceUID`` and ``AcquisitionDateTime``.

    Returns
    -------
    dict
        Values by field, ready for :func:`json.dump`. The page "Write BIDS
        sidecars" lists each field with the elements it comes from.

    Raises
    ------
    FileNotFoundError
        If the path does not exist, or none of its files is an image.
    InvalidDicomError
        If it is a file that is not DICOM.
    PydcmError
        If it is a file that cannot be read.

    Examples
    --------
    >>> from pydcm import examples
    >>> from pydcm.volume import bids_sidecar
    >>> sidecar = bids_sidecar(examples.get_path("ct"))
    >>> sidecar["Modality"], sidecar["ConversionSoftware"]
    ('CT', 'pydcm')
    """
    names = list_files(path)
    if len(names) == 1:
        header = Header(read(names[0], stop_before_pixels=True))
        alone = emission_frame(header)
        measured = frame_values([alone] if alone else [])
        timing = schedule_of_image(header)
    else:
        images = _largest_series(names)
        if not images:
            raise FileNotFoundError(f"none of the {len(names)} files is a DICOM image")
        header = Header(read(images[0].name, stop_before_pixels=True))
        measured = frame_values(image.frame for image in images if image.frame is not None)
        timing = _timing(header, images)
    if timing is not None:
        measured[_SLICE_TIMING] = timing
    return sidecar_of(header, measured=measured, identity=identity)


def sidecar_of(
    header: Header, *, measured: Mapping[str, Value] | None = None, identity: bool = False
) -> dict[str, Value]:
    """Return the sidecar of images whose header is at hand.

    Parameters
    ----------
    header : Header
        The first image.
    measured : mapping of str to object, optional
        Fields that all images of the series were looked at for.
    identity : bool
        Add the fields that tell who the patient is.
    """
    name = maker(header)
    values: dict[str, Value] = {}
    for field in (*FIELDS, *(IDENTITY_FIELDS if identity else ())):
        if field.name in values or field.maker not in ("", name):
            continue
        value = (measured or {}).get(field.name)
        if value is None and field.name != _SLICE_TIMING:
            value = field.read(header)
        if value is not None:
            values[field.name] = value
    values["ConversionSoftware"] = "pydcm"
    values["ConversionSoftwareVersion"] = __version__
    return values


def _largest_series(names: Sequence[str]) -> list[_Image]:
    """Return the images of the series with most files, in the order of their numbers."""
    series: dict[str, list[_Image]] = defaultdict(list)
    for name in names:
        try:
            header = Header(read(name, stop_before_pixels=True))
        except PydcmError:
            continue
        if header.integer("Rows"):
            rank = _number(header, "AcquisitionNumber"), _number(header, "InstanceNumber"), name
            found = _Image(rank, name, slice_time(header), emission_frame(header))
            series[header.text("SeriesInstanceUID") or ""].append(found)
    most = max((len(images) for images in series.values()), default=0)
    return sorted(next((found for found in series.values() if len(found) == most), []))


def _number(header: Header, keyword: str) -> int:
    return header.integer(keyword) or 0


def _timing(header: Header, images: Sequence[_Image]) -> list[float] | None:
    """Return the schedule of the first image that has one, else that of slices in files."""
    if siemens.mosaic_slices(header):
        return next((found for image in images if (found := _schedule_in(image.name))), None)
    inside = schedule_of_image(header)
    if inside is not None:
        return inside
    slices = [image.slice for image in images if image.slice is not None]
    return schedule_of(header, slices) if len(slices) == len(images) else None


def _schedule_in(name: str) -> list[float] | None:
    try:
        return schedule_of_image(Header(read(name, stop_before_pixels=True)))
    except PydcmError:
        return None
