"""Finds the stacks of slices in files, and says why the rest is none."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from pydcm.errors import GeometryError, InvalidDicomError, PydcmError
from pydcm.progress import Progress, track
from pydcm.volume.files import list_files, read
from pydcm.volume.frames import Frame, frames_of
from pydcm.volume.geometry import StackGeometry, stack_geometry

__all__ = ["LeftOut", "Stack", "Survey", "survey"]

_NOT_DICOM = "it is not a DICOM file"

SAME_COSINE = 1e-3
SAME_SPACING = 1e-3
"""Frames whose cosines and relative pixel spacings differ by no more are parallel and alike."""

_MOST_STACKS = 256
"""More orientations than these in one series are no stacks of slices."""


@dataclass(frozen=True)
class LeftOut:
    """A file, or some of its frames, that is in no stack.

    Attributes
    ----------
    path : str
        The file.
    reason : str
        Why.
    """

    path: str
    reason: str


@dataclass
class Stack:
    """Frames of one series, one orientation and one size.

    Attributes
    ----------
    frames : list of Frame
        In the order of their files.
    """

    frames: list[Frame] = field(default_factory=list)

    def accepts(self, frame: Frame) -> bool:
        """Tell whether a frame of the same series and size is parallel and alike."""
        first = self.frames[0]
        if first.orientation == frame.orientation and first.pixel_spacing == frame.pixel_spacing:
            return True
        cosines = zip(first.orientation, frame.orientation, strict=True)
        spacings = zip(first.pixel_spacing, frame.pixel_spacing, strict=True)
        return all(abs(a - b) <= SAME_COSINE for a, b in cosines) and all(
            abs(a - b) <= SAME_SPACING * abs(a) for a, b in spacings
        )

    def geometry(self) -> StackGeometry:
        """Return how the frames make a volume.

        Raises
        ------
        GeometryError
            If no affine describes them.
        """
        steps = {frame.step_mm for frame in self.frames}
        first = self.frames[0]
        return stack_geometry(
            [frame.position for frame in self.frames],
            first.orientation,
            first.pixel_spacing,
            labels=self.frames_labels,
            single_step_mm=first.step_mm if len(steps) == 1 else None,
        )

    @property
    def frames_labels(self) -> list[str]:
        """What to call the frames in messages."""
        return [frame.label for frame in self.frames]

    def slices(self, geometry: StackGeometry) -> list[Frame]:
        """Return one frame for each position, ascending along the normal."""
        return [
            self.frames[same[0]]
            if len(same) == 1
            else min((self.frames[index] for index in same), key=lambda frame: frame.rank)
            for same in geometry.order
        ]

    @property
    def positions(self) -> int:
        """Number of distinct image positions."""
        rounded = np.round(np.array([frame.position for frame in self.frames]), 3) + 0.0
        return len(np.unique(rounded, axis=0))

    @property
    def localizer(self) -> bool:
        """Whether it is made of localizers, which show where other images lie."""
        return self.frames[0].image.localizer

    @property
    def in_colour(self) -> bool:
        """Whether its voxels have red, green and blue."""
        return self.frames[0].image.in_colour

    @property
    def description(self) -> str:
        """What it is, in a few words."""
        first = self.frames[0]
        count = self.positions
        kind = "localizer of " if self.localizer else "colour, " if self.in_colour else ""
        return (
            f"{kind}{count} slice{'' if count == 1 else 's'} of {first.rows} x {first.columns}, "
            f"series {first.series_instance_uid or 'without UID'}"
        )


@dataclass
class Survey:
    """What files hold.

    Attributes
    ----------
    stacks : list of Stack
        The one with most slices first; after those of gray images those of
        colour images, and localizers last.
    left_out : list of LeftOut
        What is in none of them.
    files : int
        How many files were looked at.
    """

    stacks: list[Stack]
    left_out: list[LeftOut]
    files: int

    def largest(self) -> Stack:
        """Return the stack with most slices.

        It is of colour only if there is no other, and a localizer only if there is
        nothing else at all.

        Raises
        ------
        FileNotFoundError
            If none of the files is DICOM.
        GeometryError
            If none of them can be a slice of a volume.
        """
        if self.stacks:
            return self.stacks[0]
        if all(left.reason == _NOT_DICOM for left in self.left_out):
            raise FileNotFoundError(f"none of the {self.files} files is DICOM")
        examples: dict[str, str] = {}
        for left in self.left_out:
            examples.setdefault(left.reason, os.path.basename(left.path))
        listed = "; ".join(f"{name}: {reason}" for reason, name in examples.items())
        raise GeometryError(
            f"none of the {self.files} files can be a slice: {listed}",
            hint="pydcm.decode gives the pixels of an image that has no place",
        )


def survey(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    recursive: bool = True,
    pattern: str | None = None,
    progress: Progress = None,
) -> Survey:
    """Find the stacks of slices under a path, without reading pixels.

    Frames are in one stack if they are of one series, frame of reference and
    size, if no direction cosine differs by more than 0.001 from that of the
    first, and pixel spacings by no more than 0.1 %.

    Parameters
    ----------
    path : str, PathLike or iterable of them
        A folder, a file, a DICOMDIR, a zip archive, a URL, or several.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        Look only at files of a folder whose name matches, such as ``"*.dcm"``.
    progress : bool or callable, optional
        Show how many files were read; see :mod:`pydcm.progress`.

    Returns
    -------
    Survey
        The stacks, and what was left out.

    Raises
    ------
    FileNotFoundError
        If there is no file at all, or one that was named does not exist.
    InvalidDicomError
        If `path` is one file that is not DICOM.
    """
    named = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    files = list_files(named, recursive=recursive, pattern=pattern)
    sorter = _Sorter()
    sorter.left_out += [LeftOut(left.path, left.reason) for left in files.left_out]
    for file in track(files, progress, what="files read"):
        try:
            for frame in _read(file):
                sorter.add(frame)
        except InvalidDicomError:
            if len(named) == 1 and os.fspath(named[0]) == file:
                raise
            sorter.left_out.append(LeftOut(file, _NOT_DICOM))
        except PydcmError as error:
            error.path = None  # which is said beside the reason
            sorter.left_out.append(LeftOut(file, str(error)))
    if not files:
        names = ", ".join(repr(os.fspath(name)) for name in named) or "an empty list"
        wanted = f" that match {pattern!r}" if pattern else ""
        raise FileNotFoundError(f"there are no files{wanted} in {names}")
    return Survey(sorter.stacks(), sorter.left_out, len(files))


def _read(file: str) -> list[Frame]:
    try:
        return frames_of(read(file), file)
    except OSError as error:
        raise GeometryError(f"it cannot be read: {error.strerror or error}") from error


class _Sorter:
    """Sorts frames into stacks."""

    def __init__(self) -> None:
        self.left_out: list[LeftOut] = []
        self._stacks: dict[tuple[object, ...], list[Stack]] = defaultdict(list)
        self._seen: set[tuple[object, ...]] = set()

    def add(self, frame: Frame) -> None:
        """Add a frame to the stack that it belongs to."""
        image = frame.image
        if image.sop_instance_uid:
            # The UID alone is not enough: there are programs that write one into every file.
            identity = (image.sop_instance_uid, frame.tile, frame.position, frame.marks)
            if identity in self._seen:
                self.left_out.append(
                    LeftOut(image.path, "it is the same SOP instance as another file")
                )
                return
            self._seen.add(identity)
        alike = self._stacks[
            image.series_instance_uid, image.frame_of_reference_uid, image.localizer,
            image.in_colour, frame.rows, frame.columns,
        ]  # fmt: skip
        for stack in alike:
            if stack.accepts(frame):
                stack.frames.append(frame)
                return
        if len(alike) < _MOST_STACKS:
            alike.append(Stack([frame]))
        else:
            self.left_out.append(
                LeftOut(image.path, f"its series has more than {_MOST_STACKS} orientations")
            )

    def stacks(self) -> list[Stack]:
        """Return the stacks: most slices first, but colour and then localizers last."""
        found = [stack for alike in self._stacks.values() for stack in alike]
        sizes = {id(stack): stack.positions for stack in found}
        found.sort(
            key=lambda stack: (
                stack.localizer, stack.in_colour, -sizes[id(stack)], -len(stack.frames)
            )
        )  # fmt: skip
        return found
