"""Where a slice lies along the normal of its plane (PS3.3 C.7.6.2.1.1)."""

from __future__ import annotations

from pydcm.vendors.header import Header

__all__ = ["Vector", "along", "place_mm", "slice_normal"]

Vector = tuple[float, ...]


def slice_normal(header: Header) -> Vector | None:
    """Return ``cross(row cosines, column cosines)``, None if the orientation is not known."""
    found = header.numbers("ImageOrientationPatient")
    if len(found) != 6:
        return None
    (a, b, c), (d, e, f) = found[:3], found[3:]
    return b * f - c * e, c * d - a * f, a * e - b * d


def along(vector: Vector, normal: Vector) -> float:
    """Return how far a vector goes along a normal."""
    return sum(a * b for a, b in zip(vector, normal, strict=True))


def place_mm(header: Header, normal: Vector | None = None) -> float | None:
    """Return the place of a slice along the normal in mm, None if it is not known.

    Parameters
    ----------
    header : Header
        An image of one slice.
    normal : tuple of float, optional
        The normal; by default the image's own.
    """
    position = header.numbers("ImagePositionPatient")
    direction = normal or slice_normal(header)
    return along(position, direction) if direction and len(position) == 3 else None
