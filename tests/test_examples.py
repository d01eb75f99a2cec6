"""The examples: complete by the standard's module tables, readable by another reader, the same."""

from __future__ import annotations

import csv
import gc
import hashlib
import math
import os
import subprocess
import sys
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pydcm import dcmread, examples
from pydcm.examples.identity import example_uid
from pydcm.examples.phantom import NODULE, THORAX, Ellipsoid, Plane, render
from tests.shared import ROOT, STANDARD, needs_standard
from tests.validator import errors_of

NAMES = [
    "ct", "dicomdir", "jpeg2k", "mr", "no_meta", "overlay", "palette_color", "rgb_color",
    "rt_dose", "rt_plan", "rt_ss", "waveform", "ybr_color",
]  # fmt: skip


# --- access ------------------------------------------------------------------------------------


def test_names_are_those_of_the_compatible_api() -> None:
    pydicom_examples = pytest.importorskip("pydicom.examples")
    offered = set(dir(examples))
    for name in NAMES:
        assert name in offered
        assert getattr(pydicom_examples, name) is not None


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_read_anew_each_time(name: str) -> None:
    first, second = getattr(examples, name), getattr(examples, name)
    assert first is not second
    assert first == second
    assert list(first.diagnostics) == []
    assert first == dcmread(examples.get_path(name), force=True)


def test_unknown_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="no example called 'pet'"):
        examples.get_path("pet")
    with pytest.raises(AttributeError):
        _ = examples.pet


def test_the_files_go_when_the_process_ends() -> None:
    code = "from pydcm import examples; print(examples.get_path('mr'))"
    path = Path(_python(code).strip())
    assert path.name == "mr.dcm"
    assert not path.parent.exists()


def test_content_is_the_same_in_every_process_and_needs_no_numpy() -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "import hashlib; from pydcm import examples\n"
        f"for name in {NAMES!r}:\n"
        "    print(name, hashlib.sha256(examples.get_path(name).read_bytes()).hexdigest())\n"
    )
    here = {
        name: hashlib.sha256(examples.get_path(name).read_bytes()).hexdigest() for name in NAMES
    }
    for seed in ("1", "2"):
        there = dict(line.split() for line in _python(code, PYTHONHASHSEED=seed).splitlines())
        assert there == here


def _python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


# --- another reader ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_pydicom_reads_the_same(name: str) -> None:
    pydicom = pytest.importorskip("pydicom")
    ours = getattr(examples, name)
    theirs = pydicom.dcmread(examples.get_path(name), force=True)
    model = theirs.to_json_dict()
    for element in model.values():
        if element.get("Value") == []:  # an empty sequence has no values in PS3.18 F.2.5
            del element["Value"]
    assert ours.to_json_dict() == model


@pytest.mark.parametrize(
    ("name", "shape", "low", "high"),
    [
        ("ct", (128, 128), 0, 4095),
        ("mr", (64, 64), 0, 1100),
        ("no_meta", (64, 64), 0, 1100),
        ("overlay", (300, 484), 0, 1100),
        ("palette_color", (350, 800), 0, 255),
        ("rgb_color", (240, 320, 3), 0, 255),
        ("rt_dose", (15, 10, 10), 0, 60_000_000),
        ("ybr_color", (30, 240, 320, 3), 0, 255),
    ],
)
def test_pydicom_decodes_the_pixels(name: str, shape: tuple[int, ...], low: int, high: int) -> None:
    pydicom = pytest.importorskip("pydicom")
    dataset = pydicom.dcmread(examples.get_path(name), force=True)
    if name == "no_meta":
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    pixels = dataset.pixel_array
    assert pixels.shape == shape
    assert low <= pixels.min() < pixels.max() <= high


def test_pydicom_finds_the_overlay_the_leads_and_the_palette() -> None:
    pydicom = pytest.importorskip("pydicom")
    overlay = pydicom.dcmread(examples.get_path("overlay")).overlay_array(0x6000)
    assert overlay.shape == (300, 484)
    assert 50 < overlay.sum() < 200
    leads = pydicom.dcmread(examples.get_path("waveform")).waveform_array(0)
    assert leads.shape == (4000, 12)
    # Einthoven: lead II is the sum of leads I and III, within the rounding of each
    assert abs(leads[:, 1] - leads[:, 0] - leads[:, 2]).max() <= 25
    palette = pydicom.dcmread(examples.get_path("palette_color"))
    coloured = pydicom.pixels.apply_color_lut(palette.pixel_array, palette)
    assert coloured.shape == (350, 800, 3)
    assert len({tuple(colour) for colour in coloured.reshape(-1, 3)[:5000].tolist()}) > 50


def test_pydicom_follows_the_directory() -> None:
    fileset = pytest.importorskip("pydicom.fileset")
    opened = fileset.FileSet(examples.get_path("dicomdir"))
    modalities = sorted(instance.load().Modality for instance in opened)
    series = opened.find_values("SeriesInstanceUID")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the file-set leaves its own folder
        del opened
        gc.collect()
    assert modalities == ["CT"] * 5 + ["MR"]
    assert series == [
        example_uid("Chest phantom 4x32x32"),
        example_uid("CT example"),
        example_uid("MR example"),
    ]


# --- the standard ------------------------------------------------------------------------------


class _Attribute(NamedTuple):
    tag: int
    type: str
    child: str


def _rows(name: str) -> list[dict[str, str]]:
    with (STANDARD / "iods" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _problems(dataset: Any, attributes: list[_Attribute], nodes: Any, where: str) -> list[str]:
    """Return what the unconditional types 1 and 2 of a module ask for and is not there."""
    found = []
    for tag, kind, child in attributes:
        element = dataset.get(tag)
        if kind == "1" and (element is None or element.is_empty):
            found.append(f"{where}({tag:08X}) is type 1")
        elif kind == "2" and element is None:
            found.append(f"{where}({tag:08X}) is type 2")
        if element is not None and child and element.VR == "SQ":
            for item in element.value:
                found += _problems(item, nodes[child], nodes, f"{where}({tag:08X}).")
    return found


@needs_standard
@pytest.mark.parametrize("name", [name for name in NAMES if name != "dicomdir"])
def test_an_example_is_complete(name: str) -> None:
    nodes = defaultdict(list)
    for row in _rows("nodes.tsv"):
        tag = row["tag"].replace(",", "")
        if "X" not in tag.upper():
            nodes[row["node"]].append(_Attribute(int(tag, 16), row["type"], row["child_node"]))
    modules = {row["module_id"]: row["node"] for row in _rows("modules.tsv")}
    dataset = getattr(examples, name)
    classes = {uid: row["ciod_id"] for row in _rows("ciods.tsv") for uid in _uids(row)}
    ciod = classes[dataset.SOPClassUID]
    mandatory = [
        row["module_id"]
        for row in _rows("ciod_modules.tsv")
        if row["ciod_id"] == ciod and row["usage"] == "M"
    ]
    assert len(mandatory) > 5
    problems = [
        f"{module}: {problem}"
        for module in mandatory
        if module in modules
        for problem in _problems(dataset, nodes[modules[module]], nodes, "")
    ]
    assert problems == []


TOLD_OF = {
    # may be present anyhow (PS3.3 C.10.9.1)
    "waveform": {"MultiplexGroupTimeOffset"},
    # expects chrominance that is not halved, and names YBR_FULL_422 only where it is compressed
    "ybr_color": {"PixelData has incorrect value length", "YBR_FULL_422"},
}
"""What the validator says of examples, and why it stays."""


@pytest.mark.parametrize("name", NAMES)
def test_the_validator_finds_no_error(name: str) -> None:
    allowed = TOLD_OF.get(name, set())
    errors = errors_of(examples.get_path(name))
    assert [error for error in errors if not any(text in error for text in allowed)] == []
    assert {text for text in allowed if any(text in error for error in errors)} == allowed


def _uids(row: dict[str, str]) -> list[str]:
    return row["sop_classes"].replace("|", " ").replace(",", " ").split()


# --- the series and its phantom ----------------------------------------------------------------


def test_a_series_is_the_same_twice(tmp_path: Path) -> None:
    first = examples.write_ct_series(tmp_path / "a", slices=3, size=12, tilt_deg=10)
    second = examples.write_ct_series(tmp_path / "b", slices=3, size=12, tilt_deg=10)
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def test_other_arguments_give_another_series(tmp_path: Path) -> None:
    made = {
        dcmread(
            examples.write_ct_series(tmp_path / str(k), slices=2, **options)[0]
        ).SeriesInstanceUID
        for k, options in enumerate(
            [
                {"size": 8},
                {"size": 9},
                {"size": 8, "tilt_deg": 5},
                {"size": 8, "gantry_tilt_deg": 5},
            ]
        )
    }
    assert len(made) == 4


def test_structures_refer_to_the_series(tmp_path: Path) -> None:
    files = examples.write_ct_series(tmp_path, size=96)
    images = {dataset.SOPInstanceUID: dataset for dataset in map(dcmread, files)}
    structures = examples.rt_ss
    body, nodule = structures.ROIContourSequence
    assert len(body.ContourSequence) == 24
    for contour in nodule.ContourSequence:
        image = images[contour.ContourImageSequence[0].ReferencedSOPInstanceUID]
        assert image.FrameOfReferenceUID == structures.FrameOfReferenceUID
        data = [float(value) for value in contour.ContourData]
        assert data[2] == pytest.approx(float(image.ImagePositionPatient[2]))
        assert math.dist(data[:3], NODULE.centre) == pytest.approx(14, abs=0.01)


def test_a_rendered_ball_has_its_area() -> None:
    ball = Ellipsoid(1000, (3.0, -2.0, 1.0), (20.0, 20.0, 20.0))
    plane = Plane((-49.5, -49.5, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 100, 100)
    covered = sum(value + 1000 for value in render([ball], plane)) / 2000
    assert covered == pytest.approx(math.pi * 20**2, rel=0.003)


def test_a_turned_shape_is_turned() -> None:
    rod = Ellipsoid(0, (0.0, 0.0, 0.0), (30.0, 4.0, 4.0), turn_deg=45.0)
    plane = Plane((-40.0, -40.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 81, 81)
    image = render([rod], plane)
    assert image[(40 + 15) * 81 + 40 + 15] == 0
    assert image[(40 - 15) * 81 + 40 + 15] == -1000


@pytest.mark.parametrize(
    ("point", "hu"),
    [
        ((0.0, 170.0, 0.0), -1000),
        (NODULE.centre, NODULE.hu),
        ((0.0, 62.0, 13.0), 290),
        ((17.0, 44.0, 0.0), 190),
        ((70.0, 4.0, 30.0), -855),
    ],
    ids=["air", "nodule", "spongiosa", "aorta", "lung"],
)
def test_the_chest_has_its_densities(point: tuple[float, float, float], hu: int) -> None:
    plane = Plane(point, (0.1, 0.0, 0.0), (0.0, 0.1, 0.0), 1, 1)
    assert render(THORAX, plane)[0] == hu
