"""SUV factors of PET: only what the attributes determine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pydcm import Dataset, Sequence
from pydcm.volume import load_series
from pydcm.volume.suv import pet_suv
from tests.volume.making import item, stack, write

HALF_LIFE_S = 6586.2
"""Of fluorine 18."""


def _pet(**changes: Any) -> Dataset:
    """Return a PET header: 70 kg, 370 MBq injected an hour before the scan."""
    ds = Dataset()
    ds.Modality = "PT"
    ds.Units = "BQML"
    ds.DecayCorrection = "START"
    ds.CorrectedImage = ["DECY", "ATTN"]
    ds.PatientWeight = 70
    ds.PatientSize = "1.75"
    ds.PatientSex = "M"
    ds.SeriesDate = ds.AcquisitionDate = "20240102"
    ds.SeriesTime, ds.AcquisitionTime = "113000", "113500.25"
    ds.RadiopharmaceuticalInformationSequence = Sequence(
        [
            item(
                RadionuclideTotalDose=370e6,
                RadionuclideHalfLife=HALF_LIFE_S,
                RadiopharmaceuticalStartTime="103000.00",
            )
        ]
    )
    for name, value in changes.items():
        if value is None:
            delattr(ds, name)
        else:
            setattr(ds, name, value)
    return ds


def test_the_dose_decays_until_the_start_of_the_scan() -> None:
    found = pet_suv(_pet())
    left = 370e6 * 0.5 ** (3600 / HALF_LIFE_S)
    assert found.body_weight == pytest.approx(70_000 / left, rel=1e-9)
    lean = 1.1 * 70 - 128 * (70 / 175) ** 2
    assert found.lean_body_mass == pytest.approx(1000 * lean / left, rel=1e-9)
    surface_m2 = 0.007184 * 70**0.425 * 175**0.725
    assert found.body_surface == pytest.approx(10_000 * surface_m2 / left, rel=1e-6)
    assert found.missing == ()
    assert found.sources["Radiopharmaceutical Start Time (0018,1072)"].startswith("3600 s")


def test_values_corrected_to_the_injection_need_no_time() -> None:
    found = pet_suv(_pet(DecayCorrection="ADMIN", SeriesTime=None))
    assert found.body_weight == pytest.approx(70_000 / 370e6)


def test_the_date_of_the_injection_counts_where_it_is_written() -> None:
    ds = _pet(SeriesDate="20240102", SeriesTime="001500")
    dose = ds.RadiopharmaceuticalInformationSequence[0]
    dose.RadiopharmaceuticalStartTime = "234500"
    half_an_hour = 70_000 / (370e6 * 0.5 ** (1800 / HALF_LIFE_S))
    assert pet_suv(ds).body_weight == pytest.approx(half_an_hour)
    dose.RadiopharmaceuticalStartDateTime = "20240101231500"
    one_hour = 70_000 / (370e6 * 0.5 ** (3600 / HALF_LIFE_S))
    assert pet_suv(ds).body_weight == pytest.approx(one_hour)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"PatientWeight": None}, "Weight"),
        ({"PatientWeight": 0}, "Weight"),
        ({"DecayCorrection": "NONE"}, "Decay Correction"),
        ({"DecayCorrection": None}, "Decay Correction"),
        ({"CorrectedImage": ["ATTN"]}, "DECY"),
        ({"SeriesTime": "120000"}, "later than Acquisition Time"),
        ({"AcquisitionTime": None}, "absent"),
        ({"RadiopharmaceuticalInformationSequence": None}, "Radiopharmaceutical"),
        ({"Units": "CNTS"}, "CNTS"),
        ({"Units": None}, "not given"),
    ],
)
def test_nothing_is_guessed(changes: dict[str, Any], word: str) -> None:
    found = pet_suv(_pet(**changes))
    assert found.body_weight is None
    assert any(word in reason for reason in found.missing)


@pytest.mark.parametrize("keyword", ["PatientSize", "PatientSex"])
def test_lean_body_mass_needs_size_and_sex(keyword: str) -> None:
    found = pet_suv(_pet(**{keyword: None}))
    assert found.body_weight is not None
    assert found.lean_body_mass is None


@pytest.mark.parametrize("dose", [0, -5])
def test_a_dose_that_is_none_is_none(dose: float) -> None:
    ds = _pet()
    ds.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose = dose
    assert pet_suv(ds).body_weight is None


def test_values_that_are_suv_have_the_factor_one() -> None:
    assert pet_suv(_pet(Units="GML")).body_weight == 1
    lean = pet_suv(_pet(Units="GML", SUVType="LBMJAMES128"))
    assert (lean.body_weight, lean.lean_body_mass) == (None, 1)
    assert pet_suv(_pet(Units="CM2ML")).body_surface == 1


def test_a_volume_of_pet_carries_them(tmp_path: Path) -> None:
    header = {element.keyword: element.value for element in _pet()}
    write(tmp_path / "pet", *stack(2, **header))
    write(tmp_path / "mr", *stack(2))
    volume = load_series(tmp_path / "pet")
    assert volume.suv is not None
    assert volume.suv.body_weight == pet_suv(_pet()).body_weight
    assert volume.units == "BQML"
    assert load_series(tmp_path / "mr").suv is None
