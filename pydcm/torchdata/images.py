"""One sample for each file."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pydcm.errors import BackendError, PydcmError
from pydcm.pixels import decode
from pydcm.progress import Progress, track
from pydcm.torchdata.names import Names
from pydcm.volume.files import list_files, read
from pydcm.volume.files.opening import source_of

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

__all__ = ["DICOMDataset", "scan", "tensor_of"]

Root: TypeAlias = "str | os.PathLike[str] | Iterable[str | os.PathLike[str]]"

_SUFFIXES = (".dcm", ".dicom", ".ima")
_PREAMBLE = 128
_PREFIX = b"DICM"


def scan(
    root: str | os.PathLike[str], *, recursive: bool = True, pattern: str | None = None
) -> list[Path]:
    """Return the DICOM files under a folder.

    Parameters
    ----------
    root : str or PathLike
        A folder, or a single file.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        A glob such as ``"*.dcm"``: the name alone decides. Without it a file
        counts as DICOM if its name ends in ``.dcm``, ``.dicom`` or ``.ima``, or
        ``DICM`` stands after its preamble (PS3.10 7.1).

    Returns
    -------
    list of Path
        Sorted; empty if there is no such folder or file.

    Examples
    --------
    >>> from pydcm import examples
    >>> len(scan(examples.get_path("ct")))
    1
    >>> scan("no such folder")
    []
    """
    try:
        return sorted(map(Path, _dicom_files(root, recursive, pattern, None)))
    except FileNotFoundError:
        return []


def _dicom_files(
    root: Root, recursive: bool, pattern: str | None, progress: Progress
) -> Iterator[str]:
    found = list_files(root, recursive=recursive, pattern=pattern)
    for name in track(found, progress, what="files"):
        if pattern is not None or _is_dicom(name):
            yield name


def _is_dicom(name: str) -> bool:
    if name.lower().endswith(_SUFFIXES):
        return True
    try:
        source = source_of(name)
        if source is not None:
            return source.read(_PREAMBLE, 4) == _PREFIX
        with open(name, "rb") as file:
            file.seek(_PREAMBLE)
            return file.read(4) == _PREFIX
    except BackendError:
        raise
    except (PydcmError, OSError):
        return False


class DICOMDataset:
    """A map-style data set with one sample for each DICOM file.

    Parameters
    ----------
    root : str, PathLike or iterable of them
        A folder; or whatever else :func:`pydcm.volume.files.list_files` takes.
    recursive : bool
        Look into folders inside folders.
    pattern : str, optional
        As for :func:`scan`.
    rescale : bool
        Give real-world values as float32, such as Hounsfield units for CT.
    transform : callable, optional
        Gets each array or tensor; what it returns is the sample.
    to_torch : bool
        Give tensors in place of arrays.
    progress : bool or callable, optional
        Shows the search for files; see :mod:`pydcm.progress`.

    Attributes
    ----------
    names : sequence of str
        The file of each sample, in sorted order.

    Raises
    ------
    FileNotFoundError
        If there is no such folder or file.
    BackendError
        If tensors are asked for and torch is not installed.

    Examples
    --------
    >>> from pydcm import examples
    >>> dataset = DICOMDataset(examples.get_path("ct"), transform=lambda image: image.shape)
    >>> len(dataset), dataset[0]
    (1, (128, 128))
    """

    def __init__(
        self,
        root: Root,
        *,
        recursive: bool = True,
        pattern: str | None = None,
        rescale: bool = False,
        transform: Callable[[Any], Any] | None = None,
        to_torch: bool = False,
        progress: Progress = None,
    ) -> None:
        if to_torch:
            require_torch()
        self.names = Names(sorted(_dicom_files(root, recursive, pattern, progress)))
        self.rescale = rescale
        self.transform = transform
        self.to_torch = to_torch

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} files>"

    def __getitem__(self, i: int) -> Any:
        """Return the sample of one file.

        Parameters
        ----------
        i : int
            Which one, from 0; negative ones count from the end.

        Returns
        -------
        ndarray or Tensor, shape (rows, columns) or (frames, rows, columns)
            With a last axis (samples) for colour; or whatever the transform
            returns.

        Raises
        ------
        IndexError
            If there is no such file.
        PydcmError
            If the file has no pixels or they cannot be decoded; the message
            names it.
        OSError
            If it cannot be opened any more.
        """
        name = self.names[i]
        try:
            array = decode(read(name), rescale=self.rescale, workers=threads())
        except PydcmError as error:
            error.path = error.path or name
            raise
        image = array[0] if len(array) == 1 else array
        sample = tensor_of(image) if self.to_torch else image
        return sample if self.transform is None else self.transform(sample)


def threads() -> int | None:
    """Return how many threads decode one item: in a worker process only its own."""
    return None if multiprocessing.parent_process() is None else 1


def require_torch() -> None:
    """Raise unless torch is installed.

    Raises
    ------
    BackendError
        If it is not; the message names the extra.
    """
    try:
        import torch
    except ImportError as error:
        raise BackendError(
            "to_torch needs the package torch, which is not installed",
            name="torch",
            hint="install the extra: pip install 'pydcm[torch]'",
        ) from error
    del torch


def tensor_of(array: NDArray[Any]) -> torch.Tensor:
    """Return a tensor of an array; it shares the memory where torch knows the type.

    Parameters
    ----------
    array : ndarray
        Numbers.

    Returns
    -------
    Tensor
        Of the same type; unsigned numbers of 16 and 32 bits become signed ones
        of twice the size where torch, before 2.3, has no such type.
    """
    import torch

    if array.dtype.kind == "u" and not hasattr(torch, array.dtype.name):
        array = array.astype(f"i{2 * array.itemsize}")
    return torch.from_numpy(array)
