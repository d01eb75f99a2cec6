"""Fields of positron emission tomography (PS3.3 C.8.9), in BIDS's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pydcm.dataset import Dataset
from pydcm.vendors.header import Header
from pydcm.volume.bids.field import Field, Value, clock, plain, plain_all, source_of
from pydcm.volume.bids.moment import acquired_s, series_begin_s
from pydcm.volume.bids.place import place_mm

__all__ = ["EMISSION_FIELDS", "FRAME_FIELDS", "EmissionFrame", "emission_frame", "frame_values"]

_PET = "PT"
_UNITS = {"BQML": "Bq/mL"}
_DAY_S = 86_400
_FILTER = re.compile(r"(.*?\D)\s*(\d{1,4}(?:\.\d{1,4})?)$")

_SHARED = {
    "FrameDuration": "duration_s",
    "FrameReferenceTime": "reference_s",
    "DecayCorrectionFactor": "decay_factor",
    "ScatterFraction": "scatter_fraction",
}

_Read = Callable[[Header], Value | None]


class EmissionFrame(NamedTuple):
    """Where and when a slice was acquired.

    Attributes
    ----------
    place_mm : float
        Its place along the normal.
    start_s : float
        Its start since that of the series.
    duration_s, reference_s, decay_factor, scatter_fraction : float or None
        What is recorded of it.
    """

    place_mm: float
    start_s: float
    duration_s: float | None
    reference_s: float | None
    decay_factor: float | None
    scatter_fraction: float | None


def emission_frame(header: Header) -> EmissionFrame | None:
    """Return the frame of a PET image; None for others, or if its place or time is not known."""
    if header.text("Modality") != _PET:
        return None
    place, begin, start = place_mm(header), series_begin_s(header), acquired_s(header)
    if place is None or begin is None or start is None or not 0 <= start - begin < _DAY_S:
        return None
    return EmissionFrame(
        round(place, 2),
        round(start - begin, 6),
        _seconds(header, "ActualFrameDuration"),
        _seconds(header, "FrameReferenceTime"),
        header.number("DecayFactor"),
        header.number("ScatterFractionFactor"),
    )


def _seconds(header: Header, keyword: str) -> float | None:
    milliseconds = header.number(keyword)
    return None if milliseconds is None else round(milliseconds * 1e-3, 6)


def frame_values(frames: Iterable[EmissionFrame]) -> dict[str, Value]:
    """Return the fields that have one value for each volume, in the order of time.

    The slices of a volume may start at several times, as bed positions do: the
    first counts. What else differs within a volume is left out.
    """
    places: dict[float, list[EmissionFrame]] = {}
    for frame in frames:
        places.setdefault(frame.place_mm, []).append(frame)
    if len({len(found) for found in places.values()}) != 1:
        return {}
    ordered = [sorted(found, key=lambda frame: frame.start_s) for found in places.values()]
    volumes = list(zip(*ordered, strict=True))
    starts = [min(frame.start_s for frame in volume) for volume in volumes]
    if len(set(starts)) != len(starts):
        return {}
    values: dict[str, Value] = {"FrameTimesStart": plain_all(tuple(starts))}
    for name, attribute in _SHARED.items():
        found = [{getattr(frame, attribute) for frame in volume} for volume in volumes]
        known = [next(iter(one)) for one in found if len(one) == 1 and None not in one]
        if len(known) == len(volumes):
            values[name] = plain_all(tuple(known))
    return values


def _pet(read: _Read) -> _Read:
    """Return a reader that answers for PET only."""
    return lambda header: read(header) if header.text("Modality") == _PET else None


def _text(keyword: str) -> _Read:
    return _pet(lambda header: header.text(keyword))


def _number(keyword: str) -> _Read:
    def read(header: Header) -> Value | None:
        found = header.number(keyword)
        return plain(found) if found is not None and found > 0 else None

    return _pet(read)


def _tracer(header: Header) -> Header | None:
    found = header.values("RadiopharmaceuticalInformationSequence")
    return Header(found[0]) if found and isinstance(found[0], Dataset) else None


def _tracer_text(header: Header) -> Value | None:
    tracer = _tracer(header)
    return tracer.text("Radiopharmaceutical") if tracer else None


def _radionuclide(header: Header) -> Value | None:
    tracer = _tracer(header)
    found = tracer.values("RadionuclideCodeSequence") if tracer else ()
    if not found or not isinstance(found[0], Dataset):
        return None
    # SNOMED writes the mass number between carets: ^18^Fluorine.
    return (Header(found[0]).text("CodeMeaning") or "").replace("^", "") or None


def _tracer_number(keyword: str, scale: float = 1.0) -> _Read:
    def read(header: Header) -> Value | None:
        tracer = _tracer(header)
        found = tracer.number(keyword) if tracer else None
        return plain(found, scale) if found is not None and found > 0 else None

    return _pet(read)


def _dose_unit(header: Header) -> Value | None:
    return "MBq" if _tracer_number("RadionuclideTotalDose")(header) is not None else None


def _units(header: Header) -> Value | None:
    found = header.text("Units")
    return _UNITS.get(found, found) if found else None


def _decay_corrected(header: Header) -> Value | None:
    return {"NONE": False, "START": True, "ADMIN": True}.get(header.text("DecayCorrection") or "")


def _filter(part: int) -> _Read:
    def read(header: Header) -> Value | None:
        text = header.text("ConvolutionKernel")
        found = _FILTER.match(text or "")
        if found is None:
            return text if part == 1 else None
        return found[1].strip() if part == 1 else plain(float(found[2]))

    return _pet(read)


def _series_time(header: Header) -> Value | None:
    return clock(header.text("SeriesTime") or "")


def _tracer_source(keyword: str) -> str:
    return f"{source_of(keyword)} in {source_of('RadiopharmaceuticalInformationSequence')}"


EMISSION_FIELDS: tuple[Field, ...] = tuple(
    Field(name, "", source, unit, read)
    for name, source, unit, read in (
        ("TracerName", _tracer_source("Radiopharmaceutical"), "", _pet(_tracer_text)),
        ("TracerRadionuclide", _tracer_source("RadionuclideCodeSequence"), "", _pet(_radionuclide)),
        (
            "RadionuclidePositronFraction",
            _tracer_source("RadionuclidePositronFraction"),
            "",
            _tracer_number("RadionuclidePositronFraction"),
        ),
        (
            "InjectedRadioactivity",
            _tracer_source("RadionuclideTotalDose"),
            "MBq",
            _tracer_number("RadionuclideTotalDose", 1e-6),
        ),
        (
            "InjectedRadioactivityUnits",
            _tracer_source("RadionuclideTotalDose"),
            "",
            _dose_unit,
        ),
        (
            "RadionuclideHalfLife",
            _tracer_source("RadionuclideHalfLife"),
            "s",
            _tracer_number("RadionuclideHalfLife"),
        ),
        (
            "DoseCalibrationFactor",
            source_of("DoseCalibrationFactor"),
            "",
            _number("DoseCalibrationFactor"),
        ),
        ("Units", source_of("Units"), "", _pet(_units)),
        (
            "AttenuationCorrection",
            source_of("AttenuationCorrectionMethod"),
            "",
            _text("AttenuationCorrectionMethod"),
        ),
        (
            "RandomsCorrectionMethod",
            source_of("RandomsCorrectionMethod"),
            "",
            _text("RandomsCorrectionMethod"),
        ),
        (
            "ScatterCorrectionMethod",
            source_of("ScatterCorrectionMethod"),
            "",
            _text("ScatterCorrectionMethod"),
        ),
        ("ReconMethodName", source_of("ReconstructionMethod"), "", _text("ReconstructionMethod")),
        ("ReconFilterType", source_of("ConvolutionKernel"), "", _filter(1)),
        ("ReconFilterSize", source_of("ConvolutionKernel"), "mm", _filter(2)),
        ("ImageDecayCorrected", source_of("DecayCorrection"), "", _pet(_decay_corrected)),
        ("SeriesTime", source_of("SeriesTime"), "hh:mm:ss", _pet(_series_time)),
    )
)


def _of_volumes(_header: Header) -> Value | None:
    """One image does not tell how many volumes there are: see :func:`frame_values`."""
    return None


FRAME_FIELDS: tuple[Field, ...] = tuple(
    Field(name, "", f"{source} of each volume", unit, _of_volumes)
    for name, source, unit in (
        ("FrameTimesStart", source_of("AcquisitionTime", "SeriesTime"), "s"),
        ("FrameDuration", source_of("ActualFrameDuration"), "s"),
        ("FrameReferenceTime", source_of("FrameReferenceTime"), "s"),
        ("DecayCorrectionFactor", source_of("DecayFactor"), ""),
        ("ScatterFraction", source_of("ScatterFractionFactor"), ""),
    )
)
