"""Gradients in the private elements of scanners' makers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pydcm import dcmread, diffusion_table
from pydcm.dataset import Dataset
from pydcm.diffusion import diffusion_survey
from pydcm.errors import MissingElementError
from tests.diffusion.made import (
    AXIAL,
    CORONAL,
    GRADIENTS,
    SAGITTAL,
    Mark,
    ge,
    mosaics,
    philips,
    rotation,
    siemens,
    siemens_elsewhere,
    standard,
    uih,
    write_series,
)
from tests.shared import needs_corpus

OBLIQUE = tuple((rotation((1, 1, 0), 25.0) @ np.array(AXIAL).reshape(2, 3).T).T.ravel())


@pytest.mark.parametrize(
    "mark",
    [siemens, siemens_elsewhere, philips],
    ids=["Siemens", "Siemens in block 12", "Philips"],
)
def test_directions_in_the_patients_axes_are_those_of_the_standard(
    tmp_path: Path, mark: Mark
) -> None:
    write_series(tmp_path / "private", mark, orientation=OBLIQUE)
    write_series(tmp_path / "standard", standard, orientation=OBLIQUE)
    for found, expected in zip(
        diffusion_table(tmp_path / "private"), diffusion_table(tmp_path / "standard"), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_uih_writes_directions_in_the_images_axes(tmp_path: Path) -> None:
    write_series(tmp_path, uih, orientation=OBLIQUE)
    bvals, bvecs = diffusion_table(tmp_path)
    assert bvals[8] == 2000
    np.testing.assert_allclose(bvecs[:, 3], GRADIENTS[1][1], atol=1e-12)
    patient = diffusion_table(tmp_path, rotate=False)[1][:, 3]
    axes = np.array([OBLIQUE[:3], OBLIQUE[3:], np.cross(OBLIQUE[:3], OBLIQUE[3:])])
    np.testing.assert_allclose(axes @ patient, GRADIENTS[1][1], atol=1e-9)


@pytest.mark.parametrize(
    ("orientation", "phase", "turned"),
    [
        (AXIAL, "COL", (-0.36, -0.48, 0.8)),
        (AXIAL, "ROW", (-0.48, 0.36, 0.8)),
        (CORONAL, "COL", (-0.36, 0.48, 0.8)),
        (CORONAL, "ROW", (0.48, 0.36, 0.8)),
        (SAGITTAL, "COL", (0.36, 0.48, -0.8)),
        (SAGITTAL, "ROW", (0.48, -0.36, -0.8)),
    ],
)
def test_ge_writes_frequency_phase_and_slice(
    tmp_path: Path, orientation: tuple[float, ...], phase: str, turned: tuple[float, ...]
) -> None:
    def encode(dataset: Dataset) -> None:
        dataset.InPlanePhaseEncodingDirection = phase

    write_series(tmp_path, ge, orientation=orientation, change=encode)
    bvals, bvecs = diffusion_table(tmp_path)
    assert bvals[3] == 1000  # without the 10^9
    np.testing.assert_allclose(bvecs[:, 3], turned, atol=1e-6)


@pytest.mark.parametrize(("matrix", "phase"), [([64, 0, 0, 60], "COL"), ([0, 64, 60, 0], "ROW")])
def test_the_acquisition_matrix_tells_the_phase_too(
    tmp_path: Path, matrix: list[int], phase: str
) -> None:
    def of_matrix(dataset: Dataset) -> None:
        dataset.AcquisitionMatrix = matrix

    def named(dataset: Dataset) -> None:
        dataset.InPlanePhaseEncodingDirection = phase

    write_series(tmp_path / "matrix", ge, change=of_matrix)
    write_series(tmp_path / "named", ge, change=named)
    np.testing.assert_array_equal(
        diffusion_table(tmp_path / "matrix")[1], diffusion_table(tmp_path / "named")[1]
    )


def test_an_unknown_phase_is_warned_of(tmp_path: Path) -> None:
    write_series(tmp_path, ge)
    with pytest.warns(UserWarning, match=r"\(0018,1312\) is missing"):
        diffusion_table(tmp_path)


@pytest.mark.parametrize(("length", "b"), [(0.55, 305.0), (0.9, 810.0), (0.98, 1000.0)])
def test_a_shorter_gradient_of_ge_is_a_smaller_b_value(
    tmp_path: Path, length: float, b: float
) -> None:
    def encode(dataset: Dataset) -> None:
        dataset.InPlanePhaseEncodingDirection = "COL"

    shell = (1000.0, tuple(length * x for x in GRADIENTS[1][1]))
    write_series(tmp_path, ge, gradients=[shell], slices=1, change=encode)
    bvals, bvecs = diffusion_table(tmp_path)
    assert bvals.tolist() == [b]
    np.testing.assert_allclose(bvecs[:, 0], (-0.36, -0.48, 0.8), atol=1e-5)


@pytest.mark.parametrize("mark", [ge, philips, uih], ids=["GE", "Philips", "UIH"])
def test_zeros_that_every_series_of_a_maker_has_are_no_diffusion(
    tmp_path: Path, mark: Mark
) -> None:
    write_series(tmp_path, mark, gradients=GRADIENTS[:1])
    with pytest.raises(MissingElementError):
        diffusion_table(tmp_path)


def test_a_foreign_creator_is_not_siemens(tmp_path: Path) -> None:
    def foreign(dataset: Dataset, b: float, g: object) -> None:
        block = dataset.private_block(0x0019, "SOMEBODY ELSE", create=True)
        block.add_new(0x0C, "IS", int(b))
        dataset.Manufacturer = "SIEMENS"

    write_series(tmp_path, foreign)
    with pytest.raises(MissingElementError):
        diffusion_table(tmp_path)


def test_elements_whose_creator_was_removed_are_read_for_their_maker_only(tmp_path: Path) -> None:
    def orphan(dataset: Dataset, b: float, g: object) -> None:
        dataset.add_new(0x0019100C, "IS", int(b))
        dataset.add_new(0x0019100E, "FD", [0.0, 0.0, 1.0])
        dataset.Manufacturer = "SIEMENS"

    def another(dataset: Dataset) -> None:
        dataset.Manufacturer = "Another"

    write_series(tmp_path / "siemens", orphan)
    write_series(tmp_path / "another", orphan, change=another)
    assert diffusion_table(tmp_path / "siemens")[0].max() == 2000
    with pytest.raises(MissingElementError):
        diffusion_table(tmp_path / "another")


def test_the_standard_comes_before_the_maker(tmp_path: Path) -> None:
    def both(dataset: Dataset, b: float, g: Sequence[float]) -> None:
        standard(dataset, b, g)
        siemens(dataset, b + 500, (1.0, 0.0, 0.0))

    write_series(tmp_path, both)
    assert set(diffusion_table(tmp_path)[0].tolist()) == {0.0, 1000.0, 2000.0}


def test_the_maker_completes_what_the_standard_leaves_open(tmp_path: Path) -> None:
    def b_alone(dataset: Dataset, b: float, g: Sequence[float]) -> None:
        dataset.DiffusionBValue = b
        siemens(dataset, b, g)

    write_series(tmp_path, b_alone)
    bvals, bvecs = diffusion_table(tmp_path)
    assert bvals[3] == 1000
    np.testing.assert_allclose(bvecs[:, 3], GRADIENTS[1][1])


@pytest.mark.parametrize(
    ("matrix", "direction"),
    [([0.0, 0, 0, 0, 0, 990.0], (0, 0, 1)), ([500.0, 500, 0, 500, 0, 0], (0.5**0.5, 0.5**0.5, 0))],
)
def test_a_b_matrix_of_one_direction_gives_it(
    tmp_path: Path, matrix: list[float], direction: tuple[float, ...]
) -> None:
    def with_matrix(dataset: Dataset, b: float, g: object) -> None:
        dataset.Manufacturer = "SIEMENS"
        block = dataset.private_block(0x0019, "SIEMENS MR HEADER", create=True)
        block.add_new(0x0C, "IS", 1000)
        block.add_new(0x27, "FD", matrix)

    write_series(tmp_path, with_matrix, slices=1)
    bvecs = diffusion_table(tmp_path)[1]
    np.testing.assert_allclose(bvecs[:, 0], direction, atol=1e-9)


@needs_corpus
def test_the_csa_header_of_a_mosaic(tmp_path: Path) -> None:
    path, _ = mosaics(tmp_path)
    (private,) = diffusion_survey(path).frames
    dataset = dcmread(path)
    for offset in (0x0C, 0x0D, 0x0E, 0x27):
        dataset.pop((0x0019, 0x1000 | offset), None)
    dataset.save_as(tmp_path / "csa.dcm")
    (csa,) = diffusion_survey(tmp_path / "csa.dcm").frames
    assert (private.source, csa.source) == ("Siemens (0019,xx0C)", "Siemens CSA header")
    assert private.b == csa.b == 1000
    np.testing.assert_allclose(csa.direction, private.direction, atol=1e-6)
    assert np.linalg.norm(csa.direction) == pytest.approx(1.0)
