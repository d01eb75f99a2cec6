"""One picture of a volume: three planes through its middle, and slices along each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pydcm.volume.model import Volume
from pydcm.volume.picture.anatomy import along_patient_axes
from pydcm.volume.picture.canvas import Canvas, Colour, resized
from pydcm.volume.picture.windowing import gray_levels

__all__ = ["Window", "montage"]

_WIDTH = 1280
_MARGIN = 24
_GAP = 14
_MAIN_HEIGHT = 460
_PANEL_WIDTH = 130
"""A panel is at least this wide, so that its name fits above a thin stack."""
_STRIP_HEIGHT = 170
_STRIP_IMAGES = 8

_PAPER: Colour = (14, 16, 20)
_INK: Colour = (232, 234, 237)
_FAINT: Colour = (138, 146, 158)
_LETTER: Colour = (244, 196, 84)


class Window(NamedTuple):
    """What is shown as gray.

    Attributes
    ----------
    name : str
        Such as ``soft tissue``; may be empty.
    centre, width : float
        In the unit of the voxels.
    """

    name: str
    centre: float
    width: float

    def __str__(self) -> str:
        return f"{self.name} C {self.centre:.5g} W {self.width:.5g}".strip()


class _Plane(NamedTuple):
    """A way to cut a ``[z, y, x]`` array, as radiologists look at it (patient's right at left)."""

    name: str
    axis: int
    letters: tuple[str, str, str, str]
    """Left, right, top, bottom."""
    colour: Colour
    upside_down: bool
    """Whether rows run from feet to head and must be turned over."""


_AXIAL = _Plane("axial", 0, ("R", "L", "A", "P"), (226, 102, 92), False)
_CORONAL = _Plane("coronal", 1, ("R", "L", "H", "F"), (110, 190, 120), True)
_SAGITTAL = _Plane("sagittal", 2, ("A", "P", "H", "F"), (104, 156, 232), True)
_PLANES = (_AXIAL, _CORONAL, _SAGITTAL)


class _Picture(NamedTuple):
    """The voxels in view and how they are to be shown."""

    pixels: NDArray[Any]
    first: tuple[int, int, int]
    """Index of the first slice in view, along (z, y, x)."""
    spacing: tuple[float, float, float]
    invert: bool

    def cut(self, plane: _Plane, index: int) -> NDArray[Any]:
        """Return one slice, its rows from top to bottom of the screen."""
        image: NDArray[Any] = np.take(self.pixels, index, axis=plane.axis)
        return image[::-1] if plane.upside_down else image

    def size_mm(self, plane: _Plane) -> tuple[float, float]:
        """Return height and width of a slice."""
        extent = [n * mm for n, mm in zip(self.pixels.shape, self.spacing, strict=True)]
        del extent[plane.axis]
        return extent[0], extent[1]

    def shown(
        self, plane: _Plane, index: int, window: Window, px_per_mm: float
    ) -> NDArray[np.uint8]:
        """Return one slice as gray levels, in its true proportions."""
        height, width = self.size_mm(plane)
        image = resized(
            self.cut(plane, index),
            max(1, round(height * px_per_mm)),
            max(1, round(width * px_per_mm)),
        )
        return gray_levels(image, window.centre, window.width, invert=self.invert)


def montage(
    volume: Volume,
    windows: Sequence[Window],
    *,
    title: str,
    subtitle: str = "",
    invert: bool = False,
) -> NDArray[np.uint8]:
    """Return a picture of a volume.

    On top are three planes through its middle at one scale, below them slices
    along each axis. What is black everywhere in the first window is cut off.

    Parameters
    ----------
    volume : Volume
        Of any orientation; each plane is the one nearest to the patient's.
    windows : sequence of Window
        The first is for the large planes, the last for the slices.
    title, subtitle : str
        Two lines on top.
    invert : bool
        Show large values dark.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
        RGB.
    """
    pixels, spacing = along_patient_axes(volume)
    box = _visible_box(pixels, windows[0])
    first = (box[0].start, box[1].start, box[2].start)
    picture = _Picture(pixels[box], first, spacing, invert)
    main_scale = _main_scale(picture)
    main_height = round(max(picture.size_mm(plane)[0] for plane in _PLANES) * main_scale)
    strips = [_strip(picture, plane, windows[-1]) for plane in _PLANES]
    header = 86
    height = header + 34 + main_height + sum(image.shape[0] + 34 for image in strips) + _MARGIN
    canvas = Canvas(_WIDTH, height, _PAPER)
    canvas.text(_MARGIN, 22, title, _INK, scale=3)
    canvas.text(_MARGIN, 56, subtitle, _FAINT, scale=2)
    _main_planes(canvas, picture, windows[0], header, main_scale, main_height)
    top = header + 34 + main_height
    for plane, image in zip(_PLANES, strips, strict=True):
        canvas.text(_MARGIN, top + 14, plane.name, plane.colour)
        canvas.text(_WIDTH - _MARGIN, top + 14, str(windows[-1]), _FAINT, align="right")
        top += 34
        canvas.pixels[top : top + image.shape[0], _MARGIN : _MARGIN + image.shape[1]] = image
        top += image.shape[0]
    return canvas.pixels


def _visible_box(pixels: NDArray[Any], window: Window) -> tuple[slice, slice, slice]:
    """Return the box of voxels that are not black in the window, with a small rim."""
    visible = pixels > window.centre - 0.45 * window.width
    sides = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        met = np.flatnonzero(visible.any(axis=others))
        size = pixels.shape[axis]
        rim = max(1, size // 40)
        ends = (int(met[0]) - rim, int(met[-1]) + rim + 1) if met.size else (0, size)
        sides.append(slice(max(0, ends[0]), min(size, ends[1])))
    return sides[0], sides[1], sides[2]


def _main_scale(picture: _Picture) -> float:
    """Return the pixels for a millimetre with which three planes fit side by side."""
    sizes = [picture.size_mm(plane) for plane in _PLANES]
    room = _WIDTH - 2 * _MARGIN - 2 * _GAP
    scale = _MAIN_HEIGHT / max(height for height, _ in sizes)
    while sum(max(_PANEL_WIDTH, width * scale) for _, width in sizes) > room:
        scale *= 0.98
    return scale


def _main_planes(
    canvas: Canvas, picture: _Picture, window: Window, top: int, scale: float, height: int
) -> None:
    """Draw the three planes through the middle, with lines where they meet."""
    middle = [n // 2 for n in picture.pixels.shape]
    images = [picture.shown(plane, middle[plane.axis], window, scale) for plane in _PLANES]
    widths = [max(_PANEL_WIDTH, image.shape[1]) for image in images]
    left = (_WIDTH - sum(widths) - 2 * _GAP) // 2
    for plane, image, width in zip(_PLANES, images, widths, strict=True):
        rows, columns = image.shape
        canvas.text(left, top + 12, plane.name, plane.colour)
        canvas.fill(left, top + 34, width, height, (0, 0, 0))
        x, y = left + (width - columns) // 2, top + 34 + (height - rows) // 2
        canvas.image(x, y, image)
        for other in _PLANES:
            if other.axis != plane.axis:
                _meeting_line(canvas, picture, plane, other, (x, y, columns, rows))
        _letters(canvas, plane, (left, top + 34, width, height))
        if plane is _AXIAL:
            _scale_bar(canvas, left + 10, top + 34 + height - 12, scale, width)
        left += width + _GAP
    canvas.text(left - _GAP, top + 12, str(window), _FAINT, align="right")


def _meeting_line(
    canvas: Canvas, picture: _Picture, plane: _Plane, other: _Plane, box: tuple[int, int, int, int]
) -> None:
    """Blend in the line along which another plane meets this one, leaving out the middle."""
    x, y, columns, rows = box
    count = picture.pixels.shape[other.axis]
    share = (count // 2 + 0.5) / count
    vertical = other.axis == max(axis for axis in range(3) if axis != plane.axis)
    region = canvas.pixels[y : y + rows, x : x + columns]
    if vertical:
        at = min(columns - 1, int(share * columns))
        line = region[:, at]
    else:
        at = min(rows - 1, int((1 - share if plane.upside_down else share) * rows))
        line = region[at]
    keep = np.abs(np.arange(len(line)) - len(line) / 2) > len(line) / 8
    colour = np.array(other.colour, np.float32)
    line[keep] = (line[keep] * np.float32(0.55) + colour * np.float32(0.45)).astype(np.uint8)


def _letters(canvas: Canvas, plane: _Plane, box: tuple[int, int, int, int]) -> None:
    x, y, columns, rows = box
    if columns < 60 or rows < 60:
        return
    left, right, top, bottom = plane.letters
    middle_x, middle_y = x + columns // 2, y + rows // 2 - 7
    canvas.text(x + 7, middle_y, left, _LETTER, shadow=True)
    canvas.text(x + columns - 7, middle_y, right, _LETTER, align="right", shadow=True)
    canvas.text(middle_x, y + 7, top, _LETTER, align="centre", shadow=True)
    canvas.text(middle_x, y + rows - 21, bottom, _LETTER, align="centre", shadow=True)


def _scale_bar(canvas: Canvas, x: int, y: int, px_per_mm: float, columns: int) -> None:
    """Draw a bar of a round length, at most a third of the image."""
    fitting = [mm for mm in (200, 100, 50, 20, 10, 5, 2, 1) if mm * px_per_mm <= columns / 3]
    if fitting:
        width = round(fitting[0] * px_per_mm)
        canvas.fill(x - 1, y - 1, width + 2, 5, (0, 0, 0))
        canvas.fill(x, y, width, 3, _INK)
        canvas.text(x, y - 20, f"{fitting[0]} mm", _INK, shadow=True)


def _strip(picture: _Picture, plane: _Plane, window: Window) -> NDArray[np.uint8]:
    """Return slices along the normal of a plane, evenly spread, side by side."""
    count = picture.pixels.shape[plane.axis]
    number = min(_STRIP_IMAGES, count)
    room = (_WIDTH - 2 * _MARGIN - (_STRIP_IMAGES - 1) * 6) // _STRIP_IMAGES
    height_mm, width_mm = picture.size_mm(plane)
    scale = min(room / width_mm, _STRIP_HEIGHT / height_mm)
    rows = max(20, round(height_mm * scale))
    strip = Canvas(_WIDTH - 2 * _MARGIN, rows, _PAPER)
    # the outermost twentieth shows next to nothing
    picks = (0.05 + 0.9 * (np.arange(number) + 0.5) / number) * count
    for place, index in enumerate(picks.astype(int).tolist()):
        image = picture.shown(plane, index, window, scale)
        cell = place * (room + 6)
        strip.fill(cell, 0, room, rows, (0, 0, 0))
        strip.image(cell + (room - image.shape[1]) // 2, (rows - image.shape[0]) // 2, image)
        strip.text(
            cell + 4,
            rows - 11,
            f"{picture.first[plane.axis] + index + 1}",
            _FAINT,
            scale=1,
            shadow=True,
        )
    return strip.pixels
