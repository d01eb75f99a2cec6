"""By what frames at one position differ: time, echo, diffusion and the like.

Attributes of the standard come first; scanners that describe diffusion in
private elements only are read from these (PS3.5 7.8.1).
"""

from __future__ import annotations

from typing import NamedTuple

from pydcm.dataset import Dataset
from pydcm.errors import StructureError
from pydcm.vendors.canon import commented_gradient
from pydcm.vendors.csa import csa_header
from pydcm.volume import header
from pydcm.volume.image import SourceImage

__all__ = ["Marks", "component_of", "marks_of"]


class Marks(NamedTuple):
    """What tells a frame from others at its position; None where it is not known.

    Attributes
    ----------
    stack : str
        Stack ID (0020,9056).
    component : str
        Magnitude, phase, real or imaginary part (0008,9208).
    image_type : str
        What Image Type says beyond its first two values.
    echo_ms : float
        Echo Time (0018,0081) or Effective Echo Time (0018,9082).
    inversion_ms : float
        Inversion Time (0018,0082), or the first Inversion Times (0018,9079).
    flip_deg : float
        Flip Angle (0018,1314).
    b_value : float
        Diffusion b-value (0018,9087), s/mm2.
    gradient : tuple of float
        Diffusion Gradient Orientation (0018,9089), along the patient's axes.
    own_gradient : tuple of float
        The direction that GE and Canon write, along axes of their own.
    cardiac : float
        Nominal Percentage of Cardiac Phase (0020,9241).
    temporal : float
        Temporal Position Identifier (0020,0100) or Index (0020,9128).
    reference_ms : float
        Frame Reference Time (0054,1300).
    trigger_ms : float
        Trigger Time (0018,1060) or Nominal Cardiac Trigger Delay Time (0020,9153).
    acquisition : float
        Acquisition Number (0020,0012).
    indices : tuple of int
        Dimension Index Values (0020,9157).
    time_s : float
        Acquisition Time (0008,0032), Acquisition DateTime (0008,002A) or Frame
        Acquisition DateTime (0018,9074): seconds since midnight or since 1970.
    instance : float
        Instance Number (0020,0013).
    number : int
        Which frame of its file, from 1.
    """

    stack: str | None = None
    component: str | None = None
    image_type: str | None = None
    echo_ms: float | None = None
    inversion_ms: float | None = None
    flip_deg: float | None = None
    b_value: float | None = None
    gradient: tuple[float, ...] | None = None
    own_gradient: tuple[float, ...] | None = None
    cardiac: float | None = None
    temporal: float | None = None
    reference_ms: float | None = None
    trigger_ms: float | None = None
    acquisition: float | None = None
    indices: tuple[int, ...] | None = None
    time_s: float | None = None
    instance: float | None = None
    number: int = 1


_COMPONENTS = {
    "M": "MAGNITUDE", "P": "PHASE", "R": "REAL", "I": "IMAGINARY",
    "MAGNITUDE": "MAGNITUDE", "PHASE": "PHASE", "REAL": "REAL", "IMAGINARY": "IMAGINARY",
}  # fmt: skip
"""Of MR images, Image Type has the letter or the word among its further values."""

_GE_COMPONENTS = {0.0: "MAGNITUDE", 1.0: "PHASE", 2.0: "REAL", 3.0: "IMAGINARY"}


def marks_of(image: SourceImage) -> Marks:
    """Return what tells a single-frame image from others at its position."""
    dataset = image.dataset
    decimal = header.decimal
    b_value, gradient, own = _diffusion(image) if image.modality == "MR" else (None, None, None)
    times = (header.seconds_of_day(header.text(dataset, tag)) for tag in (0x0008002A, 0x00080032))
    return Marks(
        component=_component(image),
        image_type="\\".join(image.image_type[2:]) or None,
        echo_ms=decimal(dataset, 0x00180081),
        inversion_ms=decimal(dataset, 0x00180082),
        flip_deg=decimal(dataset, 0x00181314),
        b_value=b_value,
        gradient=gradient,
        own_gradient=own,
        cardiac=decimal(dataset, 0x00209241),
        temporal=decimal(dataset, 0x00200100),
        reference_ms=decimal(dataset, 0x00541300),
        trigger_ms=decimal(dataset, 0x00181060),
        acquisition=decimal(dataset, 0x00200012),
        time_s=next((time for time in times if time is not None), None),
        instance=decimal(dataset, 0x00200013),
    )


def component_of(image_type: tuple[str, ...]) -> str | None:
    """Return the part of a complex image that the further values of Image Type name."""
    return next((_COMPONENTS[word] for word in image_type[2:] if word in _COMPONENTS), None)


def _component(image: SourceImage) -> str | None:
    if image.modality != "MR":
        return None
    named = header.text(image.dataset, 0x00089208) or component_of(image.image_type)
    if named:
        return named
    tag = header.private_tag(image.dataset, 0x0043, "GEMS_PARM_01", 0x2F)
    number = header.decimal(image.dataset, tag) if tag else None
    return None if number is None else _GE_COMPONENTS.get(number)


_Vector = tuple[float, ...] | None


def _diffusion(image: SourceImage) -> tuple[float | None, _Vector, _Vector]:
    """Return b-value, gradient and the maker's own one of a single-frame MR image."""
    dataset = image.dataset
    b_value = header.decimal(dataset, 0x00189087)
    gradient = header.decimals(dataset, 0x00189089, 3)
    if b_value is not None:
        return b_value, gradient, _commented(dataset) if gradient is None else None
    maker = header.text(dataset, 0x00080070).upper()
    for name, read in _MAKERS.items():
        if name in maker:
            b_value, found = read(image)
            return (b_value, None, found) if read is _ge else (b_value, found, None)
    return None, gradient, None


def _siemens(image: SourceImage) -> tuple[float | None, tuple[float, ...] | None]:
    dataset = image.dataset
    creator = "SIEMENS MR HEADER"
    b_value = _private(dataset, 0x0019, creator, 0x0C)
    if b_value is not None:
        tag = header.private_tag(dataset, 0x0019, creator, 0x0E)
        return b_value, header.decimals(dataset, tag, 3)
    if not {"DIFFUSION", "MOSAIC"} & set(image.image_type):
        return None, None  # the private header is long, and would say nothing
    try:
        found = csa_header(dataset)
        if found is None:
            return None, None
        direction = found.floats("DiffusionGradientDirection")
        return found.number("B_value"), direction if len(direction) == 3 else None
    except StructureError:  # a broken private header says nothing about diffusion
        return None, None


def _ge(image: SourceImage) -> tuple[float | None, tuple[float, ...] | None]:
    dataset = image.dataset
    b_value = _private(dataset, 0x0043, "GEMS_PARM_01", 0x39)
    if b_value is None:
        return None, None
    parts = [_private(dataset, 0x0019, "GEMS_ACQU_01", offset) for offset in (0xBB, 0xBC, 0xBD)]
    gradient = tuple(part for part in parts if part is not None)
    # scanners add a multiple of a power of ten as a flag; no b-value is that large
    return b_value % 1e5, gradient if len(gradient) == 3 else None


def _philips(image: SourceImage) -> tuple[float | None, tuple[float, ...] | None]:
    dataset = image.dataset
    b_value = _private(dataset, 0x2001, "Philips Imaging DD 001", 0x03)
    creator = "Philips MR Imaging DD 001"
    parts = [_private(dataset, 0x2005, creator, offset) for offset in (0xB0, 0xB1, 0xB2)]
    gradient = tuple(part for part in parts if part is not None)
    return b_value, gradient if len(gradient) == 3 else None


def _uih(image: SourceImage) -> tuple[float | None, tuple[float, ...] | None]:
    dataset = image.dataset
    creator = "Image Private Header"
    tag = header.private_tag(dataset, 0x0065, creator, 0x37)
    gradient = header.decimals(dataset, tag, 3) if tag else None
    orientation = header.decimals(dataset, 0x00200037, 6)
    if gradient is not None:  # it is along rows, columns and normal
        gradient = None if orientation is None else _in_patient(gradient, orientation)
    return _private(dataset, 0x0065, creator, 0x09), gradient


def _in_patient(gradient: tuple[float, ...], orientation: tuple[float, ...]) -> _Vector:
    """Return a direction along rows, columns and their normal along the patient's axes."""
    row, column = orientation[:3], orientation[3:]
    normal = [row[at - 2] * column[at - 1] - row[at - 1] * column[at - 2] for at in range(3)]
    along = zip(row, column, normal, strict=True)
    return tuple(
        sum(part * axis for part, axis in zip(gradient, axes, strict=True)) for axes in along
    )


def _commented(dataset: Dataset) -> _Vector:
    if not header.text(dataset, 0x00080070).upper().startswith("CANON"):
        return None
    found = commented_gradient(header.text(dataset, 0x00204000))
    return None if found is None else found[1]


_MAKERS = {"SIEMENS": _siemens, "GE MEDICAL": _ge, "PHILIPS": _philips, "UIH": _uih}


def _private(dataset: Dataset, group: int, creator: str, offset: int) -> float | None:
    tag = header.private_tag(dataset, group, creator, offset)
    return header.decimal(dataset, tag) if tag else None
