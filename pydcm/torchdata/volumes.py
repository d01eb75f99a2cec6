"""One sample for each volume."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydcm.errors import GeometryError
from pydcm.progress import Progress
from pydcm.torchdata.images import Root, require_torch, tensor_of, threads
from pydcm.torchdata.names import Names
from pydcm.volume import LeftOut, Stack, Volume, assemble, survey
from pydcm.volume.grids import grids_of

__all__ = ["VolumeDataset"]


class VolumeDataset:
    """A map-style data set with one sample for each volume.

    The headers are read once, to find out which files belong together. Of volumes
    that share a grid, such as time points, the first is the sample.

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
        The files of each sample.
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
        stacks = [
            stack for stack in found.stacks if self._makes_a_volume(stack, min_slices, localizers)
        ]
        named = [_files_of(stack) for stack in stacks]
        self.names = [Names(each) for each in named]
        self.series_instance_uids = [stack.frames[0].image.series_instance_uid for stack in stacks]
        # Stacks of one enhanced image share their files and differ in their place among them.
        together = [_files_of(stack) for stack in found.stacks]
        self._ranks = [
            together[: found.stacks.index(stack)].count(files)
            for stack, files in zip(stacks, named, strict=True)
        ]
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
        stacks = [stack for stack in survey(names).stacks if set(_files_of(stack)) == set(names)]
        rank = self._ranks[i]
        if rank >= len(stacks):
            raise GeometryError(
                "the files no longer make the volume that they made when they were listed",
                path=names[0],
            )
        return assemble(stacks[rank], workers=threads())

    def _makes_a_volume(self, stack: Stack, min_slices: int, localizers: bool) -> bool:
        """Tell whether a stack is a sample; if not, note why."""
        reason = ""
        if stack.localizer and not localizers:
            reason = "it is a localizer"
        else:
            try:
                slices = len(grids_of(stack).largest().volumes[0])
            except GeometryError as error:
                reason = f"it is in no volume: {error}"
            else:
                if slices < min_slices:
                    reason = f"its volume has {slices} slices"
        self.left_out += [LeftOut(name, reason) for name in _files_of(stack) if reason]
        return not reason

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


def _files_of(stack: Stack) -> tuple[str, ...]:
    """Return the files of a stack, each once."""
    return tuple(dict.fromkeys(frame.path for frame in stack.frames))
