"""When each slice of a volume was acquired, from what scanners record of it.

The times are in the order of the slices of a loaded volume: ascending along
``cross(row cosines, column cosines)``. A schedule that leaves [0, Repetition
Time) is not believed: the first volume of multiband series carries such times.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pydcm.vendors import ge, siemens, uih
from pydcm.vendors.header import Header
from pydcm.vendors.manufacturer import maker
from pydcm.volume.bids.field import Field, Value, plain_all, source_of
from pydcm.volume.bids.moment import acquired_s, moment_s
from pydcm.volume.bids.phase import is_epi
from pydcm.volume.bids.place import along, place_mm, slice_normal

__all__ = ["SLICE_TIMING_FIELDS", "SliceTime", "schedule_of", "schedule_of_image", "slice_time"]

_DECIMALS = 6
_SAME_PLACE_MM = 1e-2


class SliceTime(NamedTuple):
    """Where a slice lies along the normal in mm, and when it was acquired in s."""

    place_mm: float
    seconds: float


def schedule_of_image(header: Header) -> list[float] | None:
    """Return the times of the slices inside one image in s, None if they are not known.

    Parameters
    ----------
    header : Header
        A mosaic, or an enhanced image.
    """
    if header.text("MRAcquisitionType") == "3D":
        return None
    name = maker(header)
    if name == "Siemens":
        mosaic = _mosaic(header)
        return mosaic if mosaic is not None else schedule_of(header, _enhanced(header))
    if name == "UIH":
        return schedule_of(header, _tiles(header))
    return None


def schedule_of(header: Header, slices: Iterable[SliceTime]) -> list[float] | None:
    """Return the times of slices in s since the first of them, None if they are no schedule.

    Of several at one place the earliest counts.

    Parameters
    ----------
    header : Header
        One of the images.
    slices : iterable of SliceTime
        Any number of volumes.
    """
    earliest: list[SliceTime] = []
    for found in sorted(slices):
        if not earliest or found.place_mm - earliest[-1].place_mm > _SAME_PLACE_MM:
            earliest.append(found)
        elif found.seconds < earliest[-1].seconds:
            earliest[-1] = earliest[-1]._replace(seconds=found.seconds)
    if not earliest:
        return None
    begin = min(found.seconds for found in earliest)
    return _believed(header, [found.seconds - begin for found in earliest])


def slice_time(header: Header) -> SliceTime | None:
    """Return place and time of an image that is one slice, None if they are not recorded.

    Parameters
    ----------
    header : Header
        An image of one slice.
    """
    if header.text("MRAcquisitionType") == "3D" or not is_epi(header):
        return None
    name = maker(header)
    seconds = None
    if name == "GE":
        seconds = ge.slice_time_s(header)
    elif name in ("Siemens", "UIH"):
        seconds = acquired_s(header)
    place = place_mm(header)
    return SliceTime(place, seconds) if place is not None and seconds is not None else None


def _believed(header: Header, seconds: list[float]) -> list[float] | None:
    repetition = header.number("RepetitionTime")
    times = tuple(round(time, _DECIMALS) for time in seconds)
    if repetition is None or len(times) < 2 or not any(times):
        return None
    if min(times) < 0 or max(times) >= repetition / 1000:
        return None
    return plain_all(times)


def _mosaic(header: Header) -> list[float] | None:
    count = siemens.mosaic_slices(header)
    times = [time / 1000 for time in siemens.mosaic_times_ms(header)]
    if count is None or len(times) != count:
        return None
    tiles, normal = siemens.slice_normal(header), slice_normal(header)
    if tiles and normal and along(tiles, normal) < 0:
        times.reverse()
    return _believed(header, times)


def _enhanced(header: Header) -> list[SliceTime]:
    count = len(header.values("PerFrameFunctionalGroupsSequence")) if is_epi(header) else 0
    frames = [Header(header.ds, index) for index in range(count)]
    return _all_known(
        (place_mm(frame), moment_s(frame.text("FrameAcquisitionDateTime") or ""))
        for frame in frames
    )


def _tiles(header: Header) -> list[SliceTime]:
    normal = slice_normal(header)
    tiles = [Header(item) for item in uih.frame_items(header)]
    return _all_known((place_mm(tile, normal), acquired_s(tile)) for tile in tiles)


def _all_known(found: Iterable[tuple[float | None, float | None]]) -> list[SliceTime]:
    """Return the slices if place and time of each are known, else none."""
    slices = []
    for place, seconds in found:
        if place is None or seconds is None:
            return []
        slices.append(SliceTime(place, seconds))
    return slices


def _nothing(_header: Header) -> Value | None:
    """One image of a series does not tell when the others were acquired."""
    return None


SLICE_TIMING_FIELDS: tuple[Field, ...] = tuple(
    Field("SliceTiming", name, source, "s", read)
    for name, source, read in (
        (
            "Siemens",
            "CSA MosaicRefAcqTimes, (0021,xx29) of SIEMENS MR SDI 02, "
            f"{source_of('FrameAcquisitionDateTime')}; of a series of EPI slices "
            f"{source_of('AcquisitionTime')}",
            schedule_of_image,
        ),
        (
            "UIH",
            f"{source_of('AcquisitionTime')} of each item of (0065,xx51) of "
            "Image Private Header, or of each slice of a series",
            schedule_of_image,
        ),
        (
            "GE",
            "(0021,xx5E) of GEMS_RELA_01 of each slice of a series",
            _nothing,
        ),
    )
)
