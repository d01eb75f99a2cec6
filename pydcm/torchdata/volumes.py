"""One sample for each volume."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from pydcm.errors import GeometryError
from pydcm.progress import Progress
from pydcm.torchdata.images import Root, require_torch, tensor_of, threads
from pydcm.torchdata.names import Names
from pydcm.volume import LeftOut, Stack, Volume, assemble, survey
from pydcm.volume.frames import Frame
from pydcm.volume.grids import grids_of

__all__ = ["VolumeDataset"]


class VolumeDataset:
    """A map-style data set with one sample for each volume.

    The headers are read once, to find out which files belong together. Every time
    point, echo and the like of a series is a sample of its own, as it is a volume
    of its own for :func:`pydcm.volume.load_all`; those of one series follow each
    other in the order of :func:`pydcm.volume.load_4d`.

    Parameters
    ----------
    root : str, PathLike or iterable of them
        A folder; or whatever else :func:`pydcm.volume.load_series` takes.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        Look only at files whose name matches, such as ``"*.dcm"``.
    min_slices : int
        Leave out volumes with fewer slices.
    localizers : bool
        Give localizers, too.
    transform : callable, optional
        Gets each :class:`~pydcm.volume.Volume`, with its spacing and affine;
        what it returns is the sample.
    to_torch : bool
        Give tensors in place of arrays, where there is no transform.
    progress : bool or callable, optional
        Shows how many files were read; see :mod:`pydcm.progress`.

    Attributes
    ----------
    names : list of sequence of str
        The files of each sample. Volumes of one enhanced image have the same.
    series_instance_uids : list of str
        The series of each sample.
    left_out : list of LeftOut
        Files that are in no sample, and why. Worker processes do not get it.

    Raises
    ------
    FileNotFoundError
        If there are no files.
    BackendError
        If tensors are asked for and torch is not installed.
    """

    def __init__(
        self,
        root: Root,
        *,
        recursive: bool = True,
        pattern: str | None = None,
        min_slices: int = 1,
        localizers: bool = False,
        transform: Callable[[Volume], Any] | None = None,
        to_torch: bool = False,
        progress: Progress = None,
    ) -> None:
        if to_torch:
            require_torch()
        found = survey(root, recursive=recursive, pattern=pattern, progress=progress)
        self.left_out = list(found.left_out)
        self.names: list[Names] = []
        self.series_instance_uids: list[str] = []
        # Volumes of one enhanced image share their file and differ in their place in it.
        self._ranks: list[int] = []
        seen: Counter[frozenset[str]] = Counter()
        for stack in found.stacks:
            for frames in self._volumes(stack):
                files = frozenset(_files_of(frames))
                rank = seen[files]
                seen[files] += 1
                if self._is_wanted(stack, frames, min_slices, localizers):
                    self.names.append(Names(_files_of(frames)))
                    self.series_instance_uids.append(frames[0].series_instance_uid)
                    self._ranks.append(rank)
        self.transform = transform
        self.to_torch = to_torch

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} volumes>"

    def load(self, i: int) -> Volume:
        """Return one volume, whatever the transform.

        Parameters
        ----------
        i : int
            Which one, from 0; negative ones count from the end.

        Raises
        ------
        IndexError
            If there is no such volume.
        GeometryError
            If its slices do not make a volume, or are no longer what they were
            when the files were listed.
        PydcmError
            If their pixels cannot be decoded.
        """
        names = list(self.names[i])
        volumes = [
            frames
            for stack in survey(names).stacks
            for grid in grids_of(stack).grids
            for frames in grid.volumes
            if set(_files_of(frames)) == set(names)
        ]
        rank = self._ranks[i]
        if rank >= len(volumes):
            raise GeometryError(
                "the files no longer make the volume that they made when they were listed",
                path=names[0],
            )
        return assemble(Stack(volumes[rank]), workers=threads())

    def _volumes(self, stack: Stack) -> list[list[Frame]]:
        """Return the frames of each volume in a stack; note what is in none."""
        grids = grids_of(stack)
        for frames, error in grids.failed:
            self._leave_out(frames, f"it is in no volume: {error}")
        for grid in grids.grids:
            self.left_out += grid.left_out
        return [frames for grid in grids.grids for frames in grid.volumes]

    def _is_wanted(
        self, stack: Stack, frames: list[Frame], min_slices: int, localizers: bool
    ) -> bool:
        """Tell whether a volume is a sample; if not, note why."""
        if stack.localizer and not localizers:
            self._leave_out(frames, "it is a localizer")
        elif len(frames) < min_slices:
            self._leave_out(frames, f"its volume has {len(frames)} slices")
        else:
            return True
        return False

    def _leave_out(self, frames: list[Frame], reason: str) -> None:
        self.left_out += [LeftOut(name, reason) for name in _files_of(frames)]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "left_out": []}

    def __getitem__(self, i: int) -> Any:
        """Return the sample of one volume.

        Parameters
        ----------
        i : int
            Which one, from 0; negative ones count from the end.

        Returns
        -------
        ndarray or Tensor, shape (z, y, x), float32
            In the modality's units; or whatever the transform returns.

        Raises
        ------
        IndexError
            If there is no such volume.
        PydcmError
            As for :meth:`load`.
        """
        volume = self.load(i)
        if self.transform is not None:
            return self.transform(volume)
        return tensor_of(volume.pixels) if self.to_torch else volume.pixels


def _files_of(frames: list[Frame]) -> tuple[str, ...]:
    """Return the files of frames, each once."""
    return tuple(dict.fromkeys(frame.path for frame in frames))
