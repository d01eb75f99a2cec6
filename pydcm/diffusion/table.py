"""The gradient table of a series."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydcm.config import warn_and_log
from pydcm.diffusion.fsl import bval_text, bvec_text, write_texts
from pydcm.diffusion.gradients import DiffusionFrame, diffusion_frames
from pydcm.errors import InvalidDicomError, MissingElementError, PydcmError
from pydcm.progress import Progress, track
from pydcm.volume.files import list_files, read
from pydcm.volume.survey import LeftOut

__all__ = ["DiffusionSurvey", "Paths", "diffusion_survey", "diffusion_table", "group_frames"]

Paths: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A folder, a file, or several."""

_SAME_B = 0.5
_SAME_DIRECTION = 1e-3
"""Frames whose b-values (s/mm²) and directions differ by no more belong to one gradient."""


@dataclass
class DiffusionSurvey:
    """What files say about diffusion.

    Attributes
    ----------
    frames : list of DiffusionFrame
        Ordered by Series Number, Instance Number and frame.
    left_out : list of LeftOut
        Files, or frames of them, that have to do with diffusion and are not
        among `frames`: computed maps, averages, broken gradients.
    files : int
        How many files were looked at.
    """

    frames: list[DiffusionFrame] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    files: int = 0

    @property
    def assumptions(self) -> list[str]:
        """What directions rest on that the files do not say, each once."""
        return list(dict.fromkeys(frame.assumption for frame in self.frames if frame.assumption))

    def require(self) -> None:
        """Raise if there is no frame.

        Raises
        ------
        MissingElementError
            Always then; the message says what was left out and why.
        """
        if self.frames:
            return
        because = f"; left out: {listed(self.left_out)}" if self.left_out else ""
        raise MissingElementError(
            f"none of the {self.files} files has a diffusion gradient{because}",
            clause="PS3.3 C.8.13.5.9",
        )

    def warn(self, stacklevel: int) -> None:
        """Warn of what was left out and of what had to be assumed, once each."""
        if self.left_out:
            warn_and_log(f"left out: {listed(self.left_out)}", stacklevel=stacklevel + 1)
        for assumption in self.assumptions:
            warn_and_log(assumption, stacklevel=stacklevel + 1)


def diffusion_survey(
    files: Paths, *, recursive: bool = True, progress: Progress = None
) -> DiffusionSurvey:
    """Find the diffusion gradients in files, without reading pixels.

    Parameters
    ----------
    files : str, PathLike or iterable of them
        A folder, a file, or several.
    recursive : bool
        Look into folders inside folders.
    progress : bool or callable, optional
        Show how many files were read; see :mod:`pydcm.progress`.

    Returns
    -------
    DiffusionSurvey
        The gradient of each frame, and what was left out and why. A series
        that only says b=0, in elements that other series have too, is none of
        diffusion.

    Raises
    ------
    FileNotFoundError
        If there is no file, or one that was named does not exist.
    """
    found = DiffusionSurvey()
    names = list_files(files, recursive=recursive)
    for path in track(names, progress, what="files read"):
        found.files += 1
        _look_into(found, path)
    if not found.files:
        raise FileNotFoundError("there are no files to look for diffusion in")
    of_diffusion = {
        frame.series_instance_uid for frame in found.frames if frame.tells_unweighted or frame.b > 0
    }
    found.frames = sorted(
        (frame for frame in found.frames if frame.series_instance_uid in of_diffusion),
        key=lambda frame: (frame.series_number, frame.instance_number, frame.path, frame.number),
    )
    return found


def diffusion_table(
    files: Paths,
    output_prefix: str | os.PathLike[str] | None = None,
    rotate: bool = True,
    *,
    per_volume: bool = False,
    recursive: bool = True,
    progress: Progress = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the b-values and gradient directions of a series.

    There is one entry for each single-frame file and for each frame of an
    enhanced multi-frame file, ordered by Instance Number and frame (and by
    Series Number before, where there are several series). Files without a
    gradient are passed over. Computed maps (ADC, FA), averages over directions
    (trace) and gradients that are broken are left out with a warning;
    :func:`diffusion_survey` lists them.

    Parameters
    ----------
    files : str, PathLike or iterable of them
        A folder, a file, or several.
    output_prefix : str or PathLike, optional
        Write ``<prefix>.bval`` and ``<prefix>.bvec`` as well.
    rotate : bool
        Turn the directions from the patient's axes (left, back, head) into
        those of the image, which are the axes of the array that
        :func:`pydcm.load_series` returns: ``[row . g, column . g, normal . g]``
        with the direction cosines of Image Orientation (Patient)
        (PS3.3 C.7.6.2.1.1) and ``normal = row x column``. No sign is changed
        beyond that. Where False, they are along the patient's axes.
    per_volume : bool
        Return one entry for each volume instead, in the order of
        :func:`save_dwi`.
    recursive : bool
        Look into folders inside folders.
    progress : bool or callable, optional
        Show how many files were read; see :mod:`pydcm.progress`.

    Returns
    -------
    bvals : ndarray, shape (n,), float64
        b-values in s/mm².
    bvecs : ndarray, shape (3, n), float64
        Unit vectors; zero where the image is unweighted.

    Raises
    ------
    MissingElementError
        If there is no gradient anywhere.
    FileNotFoundError
        If there are no files.
    GeometryError
        If directions have to be turned and the image has no orientation.

    Examples
    --------
    >>> import tempfile
    >>> from pydcm import examples
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for number, g in enumerate([(0.0, 0.0, 0.0), (0.6, 0.8, 0.0)], 1):
    ...         image = examples.mr
    ...         image.InstanceNumber = number
    ...         image.ImageOrientationPatient = [0, 1, 0, -1, 0, 0]
    ...         image.DiffusionBValue = 1000.0 * any(g)
    ...         image.DiffusionGradientOrientation = list(g)
    ...         image.save_as(f"{folder}/{number}.dcm")
    ...     bvals, bvecs = diffusion_table(folder)
    >>> bvals.tolist(), bvecs.T.round(6).tolist()
    ([0.0, 1000.0], [[0.0, 0.0, 0.0], [0.8, -0.6, 0.0]])
    """
    found = diffusion_survey(files, recursive=recursive, progress=progress)
    found.require()
    frames = found.frames
    if per_volume:
        frames = [volume[0] for volume in group_frames(frames)]
    bvals, bvecs = table_of(frames, rotate=rotate)
    found.warn(stacklevel=2)
    if output_prefix is not None:
        prefix = os.fspath(output_prefix)
        write_texts({f"{prefix}.bval": bval_text(bvals), f"{prefix}.bvec": bvec_text(bvecs)})
    return bvals, bvecs


def table_of(
    frames: Sequence[DiffusionFrame], *, rotate: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return b-values, shape (n,), and directions, shape (3, n), of frames."""
    bvals = np.array([frame.b for frame in frames], dtype=np.float64)
    turned = [frame.in_image() if rotate else frame.in_patient() for frame in frames]
    return bvals, np.array(turned, dtype=np.float64).reshape(-1, 3).T.copy()


def group_frames(frames: Sequence[DiffusionFrame]) -> list[list[DiffusionFrame]]:
    """Return the frames of each volume, in the order of their first frames.

    A volume has the frames of one series, b-value and direction, one for each
    position; where positions come again, the scan was repeated, and its k-th
    frames at each position make the k-th volume.

    Parameters
    ----------
    frames : sequence of DiffusionFrame
        In the order of the acquisition.
    """
    known: dict[tuple[object, ...], int] = {}
    gradients: list[DiffusionFrame] = []
    seen: list[dict[object, int]] = []
    volumes: dict[tuple[int, int], list[DiffusionFrame]] = {}
    for frame in frames:
        exact = (frame.series_instance_uid, frame.b, frame.direction, frame.axes)
        if exact not in known:
            known[exact] = _alike(gradients, frame)
            if known[exact] == len(gradients):
                gradients.append(frame)
                seen.append({})
        gradient = known[exact]
        position = _rounded(frame)
        repetition = seen[gradient].get(position, 0)
        seen[gradient][position] = repetition + 1
        volumes.setdefault((gradient, repetition), []).append(frame)
    return list(volumes.values())


def _alike(gradients: list[DiffusionFrame], frame: DiffusionFrame) -> int:
    """Return the index of the gradient that a frame belongs to, their number if to none."""
    for index, known in enumerate(gradients):
        if (
            known.series_instance_uid == frame.series_instance_uid
            and known.axes == frame.axes
            and abs(known.b - frame.b) <= _SAME_B
            and all(
                abs(a - b) <= _SAME_DIRECTION
                for a, b in zip(known.direction, frame.direction, strict=True)
            )
        ):
            return index
    return len(gradients)


def _rounded(frame: DiffusionFrame) -> tuple[float, ...] | None:
    """Return the position to 0.01 mm; frames without one are each a volume."""
    return None if frame.position is None else tuple(round(x, 2) for x in frame.position)


def _look_into(found: DiffusionSurvey, path: str) -> None:
    """Add the frames of one file; one that is no DICOM has nothing to do with diffusion."""
    try:
        frames = list(diffusion_frames(read(path, stop_before_pixels=True), path))
    except InvalidDicomError:
        return
    except PydcmError as error:
        found.left_out.append(LeftOut(path, str(error)))
        return
    except OSError as error:
        found.left_out.append(LeftOut(path, f"it cannot be read: {error.strerror or error}"))
        return
    unusable: dict[str, list[int]] = {}
    for frame in frames:
        if isinstance(frame, DiffusionFrame):
            found.frames.append(frame)
        else:
            unusable.setdefault(frame.reason, []).append(frame.number)
    for reason, numbers in unusable.items():
        which = "" if len(frames) == 1 else f" ({len(numbers)} frames from {numbers[0]})"
        found.left_out.append(LeftOut(path, reason + which))


def listed(left_out: list[LeftOut]) -> str:
    """Return the reasons, each with how many files it holds for and one of them."""
    by_reason: dict[str, list[str]] = {}
    for left in left_out:
        by_reason.setdefault(left.reason, []).append(os.path.basename(left.path))
    return "; ".join(
        f"{len(names)} file{'s' if len(names) > 1 else ''} such as {names[0]}: {reason}"
        for reason, names in by_reason.items()
    )
