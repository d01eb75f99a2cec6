"""What is measured, and how much faster than pydicom it has to be."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pydcm
from pydcm.fileset import FileSet
from tools.bench.inputs import CORPUS_CT, Inputs
from tools.bench.measure import Work

TAGS = (
    "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "Modality",
    "InstanceNumber", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows",
)  # fmt: skip

READ = "read"
WALK = "walk"
PIXELS = "pixels"
FILE_SETS = "file-sets"

PLAIN_READ = "read()"
"""The name of what only reads the bytes: the physical limit, and no peer."""


@dataclass
class Case:
    """One comparison.

    Attributes
    ----------
    name : str
        What is done to what.
    group : str
        The heading it stands under.
    works : dict of str to callable
        The contenders. Those of pydcm and pydicom must return equal results,
        which is checked before anything is measured.
    target : float or None
        How many times longer pydicom has to take.
    """

    name: str
    group: str
    works: dict[str, Work]
    target: float | None


def pydicom_or_none() -> Any:
    """Return the module, or None where it is not installed."""
    return _installed("pydicom")


def dicomsdl_or_none() -> Any:
    """Return the module, or None where it is not installed."""
    return _installed("dicomsdl")


def _installed(name: str) -> Any:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _plain_read(path: str) -> int:
    """Do the least that any reader of the whole file has to do."""
    with open(path, "rb") as file:
        return len(file.read())


def _opening(path: str, *, no_pixels: bool = False) -> dict[str, Work]:
    works: dict[str, Work] = {
        "pydcm": lambda: len(pydcm.dcmread(path, stop_before_pixels=no_pixels))
    }
    pydicom, dicomsdl = pydicom_or_none(), dicomsdl_or_none()
    if pydicom:
        works["pydicom"] = lambda: len(pydicom.dcmread(path, stop_before_pixels=no_pixels))
    if dicomsdl:
        until = 0x7FE00000 if no_pixels else 0xFFFFFFFF
        works["dicomsdl"] = lambda: dicomsdl.open_file(path, load_until=until) is not None
    if not no_pixels:
        works[PLAIN_READ] = lambda: _plain_read(path)
    return works


def _walker(read: Callable[[str], Any], path: str) -> Work:
    def walk() -> int:
        count = 0
        for element in read(path).iterall():
            element.value  # noqa: B018  # the access decodes it, which is what is measured
            count += 1
        return count

    return walk


def _summer(read: Callable[[str], Any], path: str) -> Work:
    def add() -> float:
        total = 0.0
        for element in read(path).iterall():
            value = element.value
            if element.VR == "DS" and value is not None and value != "":
                total += sum(value) if element.VM > 1 else value
        return round(float(total), 3)

    return add


def _walker_of_dicomsdl(path: str) -> Work:
    dicomsdl = dicomsdl_or_none()
    sequence_vr = dicomsdl.VR.SQ

    def walk(ds: Any) -> int:
        count = 0
        for element in ds:
            count += 1
            if element.vr() == sequence_vr:
                items = element.toSequence()
                count += sum(walk(items.getDataSet(i)) for i in range(len(items)))
            else:
                element.value()
        return count

    return lambda: walk(dicomsdl.open_file(path))


def _walking(path: str, make: Callable[[Callable[[str], Any], str], Work]) -> dict[str, Work]:
    works = {"pydcm": make(pydcm.dcmread, path)}
    pydicom = pydicom_or_none()
    if pydicom:
        works["pydicom"] = make(pydicom.dcmread, path)
    if dicomsdl_or_none() and make is _walker:
        works["dicomsdl"] = _walker_of_dicomsdl(path)
    return works


def _ten_tags(paths: list[str], *, no_pixels: bool = False) -> dict[str, Work]:
    def reader(read: Callable[..., Any]) -> Work:
        def work() -> str:
            last = ""
            for path in paths:
                ds = read(path, stop_before_pixels=no_pixels)
                last = str([getattr(ds, tag) for tag in TAGS])
            return last

        return work

    works = {"pydcm": reader(pydcm.dcmread)}
    pydicom, dicomsdl = pydicom_or_none(), dicomsdl_or_none()
    if pydicom:
        works["pydicom"] = reader(pydicom.dcmread)
    if dicomsdl:
        until = 0x7FE00000 if no_pixels else 0xFFFFFFFF

        def compiled() -> None:
            for path in paths:
                ds = dicomsdl.open_file(path, load_until=until)
                str([getattr(ds, tag) for tag in TAGS])

        works["dicomsdl"] = compiled
    return works


def _decoding(path: str) -> dict[str, Work]:
    works: dict[str, Work] = {"pydcm": lambda: pydcm.decode(path)[0]}
    pydicom, dicomsdl = pydicom_or_none(), dicomsdl_or_none()
    if pydicom:
        works["pydicom"] = lambda: pydicom.dcmread(path).pixel_array
    if dicomsdl:
        works["dicomsdl"] = lambda: dicomsdl.open_file(path).pixelData(storedvalue=True)
    works[PLAIN_READ] = lambda: _plain_read(path)
    return works


def one_frame(path: str) -> dict[str, Work]:
    """Return the contenders that decode the second frame of a file and no other."""
    works: dict[str, Work] = {"pydcm": lambda: pydcm.decode(path, frame=2)[0]}
    if pydicom_or_none():
        from pydicom.pixels.utils import pixel_array

        works["pydicom"] = lambda: pixel_array(path, index=1)
    return works


def _file_sets(make: Callable[[Any], Work]) -> dict[str, Work]:
    """Return the contenders for work on file-sets, of which each has its own class."""
    works = {"pydcm": make(FileSet)}
    if pydicom_or_none():
        from pydicom import fileset

        works["pydicom"] = make(fileset.FileSet)
    return works


def _building(inputs: Inputs) -> dict[str, Work]:
    def builder(kind: Any) -> Work:
        def build() -> list[str]:
            folder = tempfile.mkdtemp(dir=inputs.folder)
            built = kind()
            for path in inputs.series:
                built.add(path)
            built.write(folder)
            ids = [str(instance.SOPInstanceUID) for instance in built]
            shutil.rmtree(folder)
            return ids

        return build

    return _file_sets(builder)


def _reading_file_set(path: str) -> dict[str, Work]:
    def reader(kind: Any) -> Work:
        def read() -> tuple[list[str], int]:
            found = kind(path)
            values = found.find_values("SOPInstanceUID")
            return sorted(map(str, values)), len(found.find(Modality="CT"))

        return read

    return _file_sets(reader)


def cases(inputs: Inputs) -> list[Case]:
    """Return every case; those of the corpus only where it is present."""
    count = len(inputs.series)
    found = [
        Case("CT header, 267 elements", READ, _opening(inputs.ct_header), 4),
        Case("CT with 512 x 512 pixels", READ, _opening(inputs.ct), 4),
        Case("the same, `stop_before_pixels`", READ, _opening(inputs.ct, no_pixels=True), 4),
        Case("enhanced CT, 500 frames", READ, _opening(inputs.enhanced), None),
        Case("the same, undefined lengths", READ, _opening(inputs.enhanced_undefined), 20),
        Case("SR, 2,000 items, undefined lengths", READ, _opening(inputs.report_undefined), None),
        Case("RT structure set, 60 ROIs", READ, _opening(inputs.contours), None),
        Case(f"10 tags of each of {count:,} files", READ, _ten_tags(inputs.series), 3),
        Case("the same, `stop_before_pixels`", READ, _ten_tags(inputs.series, no_pixels=True), 3),
        Case("CT header, 267 elements", WALK, _walking(inputs.ct_header, _walker), 3),
        Case("SR, 2,000 items", WALK, _walking(inputs.report, _walker), 3),
        Case("the same, undefined lengths", WALK, _walking(inputs.report_undefined, _walker), None),
        Case("enhanced CT, 500 frames", WALK, _walking(inputs.enhanced, _walker), 4),
        Case(
            "the same, undefined lengths", WALK, _walking(inputs.enhanced_undefined, _walker), None
        ),
        Case("RT structure set, 60 ROIs", WALK, _walking(inputs.contours, _walker), 4),
        Case("the same, adding up all numbers", WALK, _walking(inputs.contours, _summer), None),
        Case("`decode()` of a CT of 512 x 512", PIXELS, _decoding(inputs.ct), 3),
        Case("one frame of 512 x 512 out of 1 GB", PIXELS, one_frame(inputs.gigabyte), None),
        Case(f"build one of {count:,} files", FILE_SETS, _building(inputs), 3),
        Case("read it and look for values", FILE_SETS, _reading_file_set(inputs.file_set), 3),
    ]
    if CORPUS_CT.is_file():
        real = str(CORPUS_CT)
        found += [
            Case("real CT, 269 elements, 512 x 512 pixels", READ, _opening(real), 4),
            Case("the same, `stop_before_pixels`", READ, _opening(real, no_pixels=True), 4),
            Case("real CT, 269 elements", WALK, _walking(real, _walker), 3),
            Case("`decode()` of the real CT", PIXELS, _decoding(real), 3),
        ]
    return sorted(found, key=lambda case: (READ, WALK, PIXELS, FILE_SETS).index(case.group))
