"""The diffusion gradient of each frame of an image.

Sources, the first that says enough: the MR Diffusion macro of the standard
(PS3.3 C.8.13.5.9; its attributes stand at the top level of single-frame
images), then the private elements of Siemens, GE, Philips and UIH and the comments of Canon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from pydcm.diffusion.makers import (
    read_canon,
    read_ge,
    read_philips,
    read_siemens,
    read_siemens_csa,
    read_uih,
)
from pydcm.diffusion.readings import (
    UNWEIGHTED_UP_TO,
    Reading,
    Vector,
    direction_of_b_matrix,
    keyword_numbers,
    unit_direction,
)
from pydcm.errors import GeometryError, PydcmError, StructureError
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.volume.geometry import slice_normal

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = ["DiffusionFrame", "Unusable", "diffusion_frames"]

_DERIVED = frozenset({
    "ADC", "AVDC", "AD", "CFA", "COLFA", "DEC", "DWI_TRACE", "EADC", "EXP", "FA", "MD", "RD",
    "TENSOR", "TENSOR_B0", "TRACE", "TRACEW",
})  # fmt: skip
"""Values of Image Type or Frame Type of maps and averages that were computed from the images."""

_MAKERS: tuple[Callable[[Dataset], Reading | None], ...] = (
    read_siemens,
    read_siemens_csa,
    read_ge,
    read_philips,
    read_uih,
    read_canon,
)

_B_MATRIX = tuple(f"DiffusionBValue{axes}" for axes in ("XX", "XY", "XZ", "YY", "YZ", "ZZ"))


@dataclass(frozen=True, slots=True)
class DiffusionFrame:
    """A frame and its diffusion gradient.

    Attributes
    ----------
    path : str
        The file that holds it.
    number : int
        Which frame of that file, from 1.
    of : int
        How many frames the file has.
    series_instance_uid : str
        Its series.
    series_number, instance_number : int
        Series Number and Instance Number; 0 if they are missing.
    b : float
        b-value in s/mm².
    direction : tuple of float
        Unit vector of the gradient; zero if the image is unweighted.
    axes : {"patient", "image"}
        Those of `direction`: the patient's (LPS), or rows, columns and
        normal of the image.
    orientation : tuple of float or None
        Image Orientation (Patient), six direction cosines.
    position : tuple of float or None
        Image Position (Patient), mm; None for a mosaic, which is a volume of its own.
    source : str
        Where the gradient was read.
    tells_unweighted : bool
        The source exists in diffusion series only.
    assumption : str
        What its direction rests on that the file does not say.
    """

    path: str
    number: int
    of: int
    series_instance_uid: str
    series_number: int
    instance_number: int
    b: float
    direction: Vector
    axes: Literal["patient", "image"]
    orientation: tuple[float, ...] | None
    position: tuple[float, ...] | None
    source: str
    tells_unweighted: bool
    assumption: str

    def in_image(self) -> NDArray[np.float64]:
        """Return the direction along rows, columns and normal of the image.

        Raises
        ------
        GeometryError
            If it is in the patient's axes and the image has no orientation.
        """
        return self._along("image")

    def in_patient(self) -> NDArray[np.float64]:
        """Return the direction along the patient's axes: left, back, head.

        Raises
        ------
        GeometryError
            If it is in the image's axes and the image has no orientation.
        """
        return self._along("patient")

    def _along(self, axes: Literal["patient", "image"]) -> NDArray[np.float64]:
        direction = np.array(self.direction)
        if self.axes == axes or not direction.any():
            return direction
        rotation = self._rotation()
        turned: NDArray[np.float64] = (rotation if axes == "image" else rotation.T) @ direction
        return turned

    def _rotation(self) -> NDArray[np.float64]:
        """Return row, column and normal as the rows of a rotation."""
        if self.orientation is None:
            raise GeometryError(
                "its gradient cannot be turned: Image Orientation (Patient) is missing",
                path=self.path,
                frame=self.number if self.of > 1 else None,
                clause="PS3.3 C.7.6.2.1.1",
            )
        normal = slice_normal(self.orientation)
        row = np.array(self.orientation[:3])
        row -= (row @ normal) * normal
        row /= np.linalg.norm(row)
        return np.stack([row, np.cross(normal, row), normal])


@dataclass(frozen=True, slots=True)
class Unusable:
    """A frame that has to do with diffusion and is in no table.

    Attributes
    ----------
    number : int
        Which frame of its file, from 1.
    reason : str
        Why.
    """

    number: int
    reason: str


def diffusion_frames(dataset: Dataset, path: str) -> Iterator[DiffusionFrame | Unusable]:
    """Yield what each frame of an image says about diffusion; nothing if it says nothing.

    Parameters
    ----------
    dataset : Dataset
        What was read from `path`; its pixels are not touched.
    path : str
        For the frames.

    Raises
    ------
    StructureError
        If it has functional groups for another number of frames than it says.
    """
    if "PerFrameFunctionalGroupsSequence" not in dataset:
        found = _frame(dataset, [dataset], path, 1, 1)
        if found is not None:
            yield found
        return
    count = max(1, _integer(dataset, "NumberOfFrames"))
    items = _items(dataset, "PerFrameFunctionalGroupsSequence")
    if len(items) != count:
        raise StructureError(f"it has {count} frames, but functional groups for {len(items)}")
    shared = _items(dataset, "SharedFunctionalGroupsSequence")[:1]
    for number, item in enumerate(items, 1):
        found = _frame(dataset, [item, *shared, dataset], path, number, count)
        if found is not None:
            yield found


def _frame(
    dataset: Dataset, groups: list[Dataset], path: str, number: int, of: int
) -> DiffusionFrame | Unusable | None:
    """Return a frame whose attributes come from the first of `groups` that has them."""
    derived = _derived(_macro(groups, "MRImageFrameTypeSequence"), dataset)
    if derived:
        return Unusable(number, f"it is computed from other images: {derived}")
    try:
        reading = _reading(groups)
        if reading is None:
            return None
        unusable = _unusable(reading)
        if unusable:
            return Unusable(number, unusable)
        orientation = keyword_numbers(
            _macro(groups, "PlaneOrientationSequence"), "ImageOrientationPatient", 6
        )
        if orientation is not None:
            slice_normal(orientation)  # refuses what is no plane
        position = keyword_numbers(
            _macro(groups, "PlanePositionSequence"), "ImagePositionPatient", 3
        )
    except PydcmError as error:
        return Unusable(number, str(error))
    weighted = reading.direction is not None and reading.b > 0
    return DiffusionFrame(
        path=path,
        number=number,
        of=of,
        series_instance_uid=str(dataset.get("SeriesInstanceUID", None) or ""),
        series_number=_integer(dataset, "SeriesNumber"),
        instance_number=_integer(dataset, "InstanceNumber"),
        b=reading.b,
        direction=reading.direction if weighted and reading.direction else (0.0, 0.0, 0.0),
        axes=reading.axes,
        orientation=orientation,
        position=None if "MOSAIC" in _words(dataset, "ImageType") else position,
        source=reading.source,
        tells_unweighted=reading.tells_unweighted,
        assumption=reading.assumption,
    )


# --- sources --------------------------------------------------------------------


def _reading(groups: list[Dataset]) -> Reading | None:
    """Return the first reading that is complete, else the first one at all.

    A source that is broken is passed over if another one is whole.
    """
    macro = _macro(groups, "MRDiffusionSequence")
    makers = _MAKERS if len(groups) == 1 else ()
    broken: PydcmError | None = None
    partial: Reading | None = None
    for read, dataset in [(_standard, macro), *((read, groups[-1]) for read in makers)]:
        try:
            reading = read(dataset)
        except PydcmError as error:
            broken = broken or error
            continue
        if reading is not None and reading.complete:
            return reading
        partial = partial or reading
    if broken is not None:
        raise broken
    return partial


def _standard(item: Dataset) -> Reading | None:
    """Read the attributes of the MR Diffusion macro (PS3.3 C.8.13.5.9)."""
    directionality = str(item.get("DiffusionDirectionality", None) or "").strip().upper()
    given = keyword_numbers(item, "DiffusionBValue", 1)
    if given is None and directionality != "NONE":
        return None
    source = "MR Diffusion (0018,9087), (0018,9089)"
    b = given[0] if given is not None else 0.0
    nested = _items(item, "DiffusionGradientDirectionSequence")
    vector = keyword_numbers(nested[0] if nested else item, "DiffusionGradientOrientation", 3)
    direction = unit_direction(vector, source) if vector is not None else None
    if direction is None:
        direction = _direction_of_standard_matrix(item)
    return Reading(b, direction, source, isotropic=directionality == "ISOTROPIC")


def _direction_of_standard_matrix(item: Dataset) -> Vector | None:
    matrices = _items(item, "DiffusionBMatrixSequence")
    if not matrices:
        return None
    parts = [keyword_numbers(matrices[0], keyword, 1) for keyword in _B_MATRIX]
    found = tuple(part[0] for part in parts if part is not None)
    return direction_of_b_matrix(found) if len(found) == len(_B_MATRIX) else None


def _unusable(reading: Reading) -> str:
    """Say why a reading is no gradient of one image, or nothing."""
    if reading.b <= UNWEIGHTED_UP_TO or (reading.direction and not reading.isotropic):
        return ""
    return (
        f"b={reading.b:g} without a direction: it is an average over directions, "
        f"or the direction is missing ({reading.source})"
    )


def _derived(item: Dataset, dataset: Dataset) -> str:
    """Return the values of Image Type or Frame Type that say that it is a computed map."""
    words = [*_words(dataset, "ImageType"), *_words(item, "FrameType")]
    return ", ".join(dict.fromkeys(word for word in words if word in _DERIVED))


# --- values ---------------------------------------------------------------------


def _macro(groups: list[Dataset], keyword: str) -> Dataset:
    """Return the item of a functional group macro: the frame's, the shared, else the top level."""
    for group in groups:
        items = _items(group, keyword)
        if items:
            return items[0]
    return groups[-1]


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence, none if the element is no sequence."""
    value = dataset.get(keyword, None)
    return list(value) if isinstance(value, Sequence) else []


def _words(dataset: Dataset, keyword: str) -> list[str]:
    value = dataset.get(keyword, None)
    values = list(value) if isinstance(value, (MultiValue, list, tuple)) else [value or ""]
    return [str(one).strip().upper() for one in values]


def _integer(dataset: Dataset, keyword: str) -> int:
    """Return a whole number, 0 if the element does not hold one."""
    try:
        return int(dataset.get(keyword, None) or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
