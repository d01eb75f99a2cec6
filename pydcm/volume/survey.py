"""Finds the stacks of slices in files, and says why the rest is none."""

from __future__ import annotations

import fnmatch
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydcm.errors import GeometryError, InvalidDicomError, PydcmError
from pydcm.filereader import dcmread
from pydcm.volume.frames import Frame, frames_of
from pydcm.volume.geometry import StackGeometry, stack_geometry

__all__ = ["LeftOut", "Stack", "Survey", "survey"]

_NOT_DICOM = "it is not a DICOM file"

_SAME_COSINE = 1e-3
_SAME_SPACING = 1e-3
"""Frames whose cosines and relative pixel spacings differ by no more are parallel and alike."""


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
        cosines = zip(first.orientation, frame.orientation, strict=True)
        spacings = zip(first.pixel_spacing, frame.pixel_spacing, strict=True)
        return all(abs(a - b) <= _SAME_COSINE for a, b in cosines) and all(
            abs(a - b) <= _SAME_SPACING * abs(a) for a, b in spacings
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
            labels=[frame.label for frame in self.frames],
            single_step_mm=first.step_mm if len(steps) == 1 else None,
        )

    def slices(self, geometry: StackGeometry) -> list[Frame]:
        """Return one frame for each position, ascending along the normal."""
        return [
            min((self.frames[index] for index in same), key=lambda frame: frame.rank)
            for same in geometry.order
        ]

    @property
    def positions(self) -> int:
        """Number of distinct image positions."""
        return len({tuple(round(x, 3) for x in frame.position) for frame in self.frames})

    @property
    def description(self) -> str:
        """What it is, in a few words."""
        first = self.frames[0]
        count = self.positions
        return (
            f"{count} slice{'' if count == 1 else 's'} of {first.rows} x {first.columns}, "
            f"series {first.series_instance_uid or 'without UID'}"
        )


@dataclass
class Survey:
    """What files hold.

    Attributes
    ----------
    stacks : list of Stack
        The one with most slices first.
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
        raise GeometryError(f"none of the {self.files} files can be a slice: {listed}")


def survey(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    recursive: bool = True,
    pattern: str | None = None,
) -> Survey:
    """Find the stacks of slices under a path, without reading pixels.

    Parameters
    ----------
    path : str, PathLike or iterable of them
        A folder, a file, or several.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        Look only at files of a folder whose name matches, such as ``"*.dcm"``.

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
    stacks: dict[tuple[str, str, int, int], list[Stack]] = defaultdict(list)
    left_out: list[LeftOut] = []
    files = 0
    for file in _files(named, recursive, pattern):
        files += 1
        try:
            for frame in _read(file):
                _sort_in(stacks, frame)
        except InvalidDicomError:
            if len(named) == 1 and os.fspath(named[0]) == file:
                raise
            left_out.append(LeftOut(file, _NOT_DICOM))
        except PydcmError as error:
            left_out.append(LeftOut(file, str(error)))
    if not files:
        names = ", ".join(repr(os.fspath(name)) for name in named) or "an empty list"
        wanted = f" that match {pattern!r}" if pattern else ""
        raise FileNotFoundError(f"there are no files{wanted} in {names}")
    found = [stack for alike in stacks.values() for stack in alike]
    found.sort(key=lambda stack: (-stack.positions, -len(stack.frames)))
    return Survey(found, left_out, files)


def _files(
    named: list[str | os.PathLike[str]], recursive: bool, pattern: str | None
) -> Iterator[str]:
    for name in named:
        text = os.fspath(name)
        if not os.path.isdir(text):
            if not os.path.exists(text):
                raise FileNotFoundError(f"there is no file or folder {text!r}")
            yield text
            continue
        for folder, folders, names in os.walk(text):
            folders.sort()
            for base in sorted(names):
                if pattern is None or fnmatch.fnmatch(base, pattern):
                    yield os.path.join(folder, base)
            if not recursive:
                break


def _read(file: str) -> list[Frame]:
    try:
        return frames_of(dcmread(file), file)
    except OSError as error:
        raise GeometryError(f"it cannot be read: {error.strerror or error}") from error


def _sort_in(stacks: dict[tuple[str, str, int, int], list[Stack]], frame: Frame) -> None:
    """Add a frame to the stack that it belongs to."""
    alike = stacks[frame.series_instance_uid, frame.stack_id, frame.rows, frame.columns]
    for stack in alike:
        if stack.accepts(frame):
            stack.frames.append(frame)
            return
    alike.append(Stack([frame]))
