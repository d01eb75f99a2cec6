"""Standardized uptake values of PET: by what to multiply, and what that rests on.

SUV is the concentration of activity divided by the injected activity per body
weight, lean body mass or body surface (PS3.3 C.8.9.1.1.3). Nothing is
multiplied here; a factor whose attributes are absent is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pydcm.dataset import Dataset
from pydcm.volume import header

__all__ = ["PetSuv", "pet_suv"]

_UNITS = 0x00541001
_SUV_TYPE = 0x00541006
_DECAY_CORRECTION = 0x00541102
_CORRECTED = 0x00280051
_SERIES_DATE, _SERIES_TIME = 0x00080021, 0x00080031
_ACQUISITION_DATE, _ACQUISITION_TIME = 0x00080022, 0x00080032
_WEIGHT_KG, _SIZE_M, _SEX = 0x00101030, 0x00101020, 0x00100040
_RADIOPHARMACEUTICAL = 0x00540016
_DOSE_BQ, _HALF_LIFE_S = 0x00181074, 0x00181075
_START_DATETIME, _START_TIME = 0x00181078, 0x00181072
_DAY_S = 86400.0
_LONGEST_UPTAKE_S = 7 * _DAY_S


@dataclass(frozen=True)
class PetSuv:
    """Factors from the values of a PET volume to standardized uptake values.

    ``pixels * body_weight`` are SUV in g/ml. They hold for the slice whose
    header they come from, and for the whole volume where it is corrected for
    decay to one time.

    Attributes
    ----------
    body_weight : float or None
        To SUV by body weight, g/ml.
    lean_body_mass : float or None
        To SUV by lean body mass after James (128 for men, 148 for women), g/ml.
    body_surface : float or None
        To SUV by body surface after Du Bois, cm2/ml.
    sources : dict of str to str
        What each number was taken from.
    missing : tuple of str
        Why factors are None.
    """

    body_weight: float | None = None
    lean_body_mass: float | None = None
    body_surface: float | None = None
    sources: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def pet_suv(dataset: Dataset) -> PetSuv:
    """Return the SUV factors of a PET image.

    Parameters
    ----------
    dataset : Dataset
        A slice of Modality PT.

    Returns
    -------
    PetSuv
        With None for every factor that the attributes do not determine.

    Examples
    --------
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> ds.Units, ds.SUVType = "GML", "BW"
    >>> pet_suv(ds).body_weight
    1.0
    """
    units = header.text(dataset, _UNITS).upper()
    if units in ("GML", "CM2ML"):
        return _already(dataset, units)
    sources: dict[str, str] = {}
    missing: list[str] = []
    if units != "BQML":
        named = repr(units) if units else "not given"
        return PetSuv(missing=(f"Units (0054,1001) is {named}, not BQML, GML or CM2ML",))
    activity = _activity(dataset, sources, missing)
    weight = _positive(dataset, _WEIGHT_KG, "Patient's Weight (0010,1030)", sources, missing)
    size = _positive(dataset, _SIZE_M, "Patient's Size (0010,1020)", sources, missing)
    if activity is None:
        return PetSuv(sources=sources, missing=tuple(missing))
    lean = _lean_body_mass_kg(dataset, weight, size, sources, missing)
    surface = None
    if weight is not None and size is not None:
        surface = 71.84 * weight**0.425 * (100 * size) ** 0.725
        sources["body surface, cm2"] = f"{surface:.6g}, Du Bois"
    return PetSuv(
        None if weight is None else 1000 * weight / activity,
        None if lean is None else 1000 * lean / activity,
        None if surface is None else surface / activity,
        sources,
        tuple(missing),
    )


def _already(dataset: Dataset, units: str) -> PetSuv:
    """Return the factor 1 of values that are SUV (PS3.3 C.8.9.1.1.3)."""
    kind = header.text(dataset, _SUV_TYPE).upper() or ("BW" if units == "GML" else "BSA")
    sources = {"units": f"Units (0054,1001) {units}, SUV Type (0054,1006) {kind}"}
    if kind == "BW":
        return PetSuv(body_weight=1.0, sources=sources)
    if kind == "LBMJAMES128":
        return PetSuv(lean_body_mass=1.0, sources=sources)
    if kind == "BSA":
        return PetSuv(body_surface=1.0, sources=sources)
    return PetSuv(sources=sources, missing=(f"SUV Type {kind} is none of these three",))


def _positive(
    dataset: Dataset, tag: int, name: str, sources: dict[str, str], missing: list[str]
) -> float | None:
    value = header.decimal(dataset, tag)
    if value is None or value <= 0:
        missing.append(f"{name} is {'absent' if value is None else f'{value:g}'}")
        return None
    sources[name] = f"{value:g}"
    return value


def _lean_body_mass_kg(
    dataset: Dataset,
    weight: float | None,
    size: float | None,
    sources: dict[str, str],
    missing: list[str],
) -> float | None:
    factors = {"M": (1.10, 128.0), "F": (1.07, 148.0)}.get(header.text(dataset, _SEX).upper())
    if factors is None:
        missing.append("Patient's Sex (0010,0040) is neither M nor F")
    if factors is None or weight is None or size is None:
        return None
    lean = factors[0] * weight - factors[1] * (weight / (100 * size)) ** 2
    if lean <= 0:
        missing.append(f"weight {weight:g} kg and size {size:g} m give no lean body mass")
        return None
    sources["lean body mass, kg"] = f"{lean:.6g}, James"
    return lean


# ---- injected activity -----------------------------------------------------


def _activity(dataset: Dataset, sources: dict[str, str], missing: list[str]) -> float | None:
    """Return the injected activity in Bq at the time that the values refer to."""
    correction = header.text(dataset, _DECAY_CORRECTION).upper()
    corrected = header.texts(dataset, _CORRECTED)
    if correction not in ("START", "ADMIN"):
        missing.append(
            f"Decay Correction (0054,1102) is {correction or 'absent'}, so that the time of the "
            "values is not known"
        )
        return None
    if corrected and "DECY" not in corrected:
        missing.append("Corrected Image (0028,0051) does not list DECY")
        return None
    item = header.first_item(dataset, _RADIOPHARMACEUTICAL)
    if item is None:
        missing.append("Radiopharmaceutical Information Sequence (0054,0016) is absent")
        return None
    dose = _positive(item, _DOSE_BQ, "Radionuclide Total Dose (0018,1074)", sources, missing)
    if dose is None:
        return None
    sources["Decay Correction (0054,1102)"] = correction
    if correction == "ADMIN":
        return dose
    half_life = _positive(
        item, _HALF_LIFE_S, "Radionuclide Half Life (0018,1075)", sources, missing
    )
    uptake = _uptake_s(dataset, item, sources, missing)
    if half_life is None or uptake is None:
        return None
    decayed: float = dose * 2.0 ** (-uptake / half_life)
    if decayed <= 0:
        missing.append("nothing of the dose is left after the uptake time")
        return None
    return decayed


def _uptake_s(
    dataset: Dataset, item: Dataset, sources: dict[str, str], missing: list[str]
) -> float | None:
    """Return the time from injection to the start that decay is corrected to.

    That is the Series Time, unless it was written later than this image was
    acquired, as by a program that processed the series.
    """
    series = _moment(dataset, _SERIES_DATE, _SERIES_TIME)
    acquired = _moment(dataset, _ACQUISITION_DATE, _ACQUISITION_TIME)
    if series is None or acquired is None or series > acquired:
        missing.append(
            "Series Time (0008,0031) is absent or later than Acquisition Time (0008,0032), so that "
            "the start of the scan is not known"
        )
        return None
    injected = header.seconds_of_day(header.text(item, _START_DATETIME))
    name = "Radiopharmaceutical Start DateTime (0018,1078)"
    if injected is None or injected < _DAY_S:
        name = "Radiopharmaceutical Start Time (0018,1072)"
        of_day = header.seconds_of_day(header.text(item, _START_TIME))
        if of_day is None or of_day >= _DAY_S:
            missing.append("the start of the injection is absent")
            return None
        injected = series - series % _DAY_S + of_day
        if injected > series:  # the day before
            injected -= _DAY_S
    uptake = series - injected
    if not 0 <= uptake <= _LONGEST_UPTAKE_S:
        missing.append(f"the scan begins {uptake:g} s after the injection")
        return None
    sources[name] = f"{uptake:g} s before Series Time (0008,0031)"
    return uptake


def _moment(dataset: Dataset, date: int, time: int) -> float | None:
    day, clock = header.text(dataset, date), header.text(dataset, time)
    if len(day) != 8 or not clock:
        return None
    return header.seconds_of_day(day + clock)
