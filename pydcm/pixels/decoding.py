"""``pydcm.decode``: the pixels of a file as an array."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from pydcm import limits
from pydcm.dataset import Dataset
from pydcm.errors import BackendError
from pydcm.filereader.part10 import Opened, open_source, read_opened
from pydcm.filereader.plain import plain_file
from pydcm.pixels.frames import Decoding, FrameReader
from pydcm.pixels.model import PixelModel, plain_model, read_model
from pydcm.pixels.palette import palette_of
from pydcm.pixels.remembered import model_of, reader_of
from pydcm.pixels.rescale import rescaled
from pydcm.pixels.sidecar import Sidecar, sidecar_of

if TYPE_CHECKING:
    import torch

__all__ = ["decode"]

Array = NDArray[Any]

_DECODING = Decoding(colour="rgb")


@overload
def decode(
    path: str | os.PathLike[str] | Dataset,
    frame: int = ...,
    *,
    rescale: bool = ...,
    to_torch: Literal[False] = ...,
    with_meta: Literal[False] = ...,
    workers: int | None = ...,
) -> Array: ...
@overload
def decode(
    path: str | os.PathLike[str] | Dataset,
    frame: int = ...,
    *,
    rescale: bool = ...,
    to_torch: Literal[False] = ...,
    with_meta: Literal[True],
    workers: int | None = ...,
) -> tuple[Array, Sidecar]: ...
@overload
def decode(
    path: str | os.PathLike[str] | Dataset,
    frame: int = ...,
    *,
    rescale: bool = ...,
    to_torch: Literal[True],
    with_meta: Literal[False] = ...,
    workers: int | None = ...,
) -> torch.Tensor: ...
@overload
def decode(
    path: str | os.PathLike[str] | Dataset,
    frame: int = ...,
    *,
    rescale: bool = ...,
    to_torch: Literal[True],
    with_meta: Literal[True],
    workers: int | None = ...,
) -> tuple[torch.Tensor, Sidecar]: ...
@overload
def decode(
    path: str | os.PathLike[str] | Dataset,
    frame: int = ...,
    *,
    rescale: bool = ...,
    to_torch: bool = ...,
    with_meta: bool = ...,
    workers: int | None = ...,
) -> Array | torch.Tensor | tuple[Array | torch.Tensor, Sidecar]: ...


def decode(
    path: str | os.PathLike[str] | Dataset,
    frame: int = 0,
    *,
    rescale: bool = False,
    to_torch: bool = False,
    with_meta: bool = False,
    workers: int | None = None,
) -> Array | torch.Tensor | tuple[Array | torch.Tensor, Sidecar]:
    """Decode the pixels of a DICOM file.

    Stored values come without the bits above Bits Stored. Palette colour comes
    as 8-bit RGB, and full-range YBR as RGB.

    Parameters
    ----------
    path : str, PathLike or Dataset
        The file, or what was read from it.
    frame : int
        Which frame, from 1; 0 for all of them. Of one frame, nothing but its
        own bytes is read.
    rescale : bool
        Return real-world values, such as Hounsfield units or Gy, as float32,
        with the slope and intercept of each frame. Colour and 1-bit images
        stay as they are.
    to_torch : bool
        Return a ``torch.Tensor``.
    with_meta : bool
        Return what belongs to the array, too.
    workers : int, optional
        Threads that decode the frames of a multi-frame image; by default what
        the environment variable ``PYDCM_THREADS`` says, or one for each
        processor, and one for frames of less than 64 KiB.

    Returns
    -------
    ndarray or Tensor, shape (frames, rows, columns) or (frames, rows, columns, samples)
        Fresh, writable and C-contiguous, in the stored integer type; 1-bit
        pixels as uint8.
    dict
        With `with_meta`: size, type, photometric interpretation and geometry
        of the array, see :class:`pydcm.pixels.sidecar.Sidecar`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    InvalidDicomError
        If it is not DICOM.
    MissingElementError
        If it has no pixels, or lacks what describes them.
    UnsupportedSyntaxError
        If no codec handles its transfer syntax.
    CorruptStreamError
        If the pixel data are broken or truncated.
    LimitError
        If the array were larger than :mod:`pydcm.limits` allow.
    ValueError
        If there is no such frame.
    BackendError
        If torch is asked for and not installed.

    Examples
    --------
    >>> import pydcm
    >>> from pydcm import examples
    >>> pixels, meta = decode(examples.get_path("ct"), rescale=True, with_meta=True)
    >>> pixels.shape, pixels.dtype.name, meta["pixel_spacing"] == [0, 0]
    ((1, 128, 128), 'float32', False)
    """
    decoding = _DECODING if workers is None else Decoding(colour="rgb", workers=workers)
    if isinstance(path, Dataset):
        ds = path
        reader = reader_of(ds, model_of(ds), decoding)
    else:
        opened = open_source(_path(path))
        model = None if rescale or with_meta else _plain(opened)
        if model is not None:
            reader = FrameReader(model, decoding)
            image = _stored(reader, *_range(reader, frame))
            return _as_tensor(image.array) if to_torch else image.array
        ds = read_opened(opened)
        reader = FrameReader(read_model(ds), decoding)
    first, count = _range(reader, frame)
    if reader.model.layout.has_palette:
        image = _in_colours(ds, reader, first, count)
    else:
        image = _stored(reader, first, count)
    scale = rescale and image.samples == 1 and reader.model.layout.bits_allocated > 1
    array = rescaled(image.array, ds, first) if scale else image.array
    result = _as_tensor(array) if to_torch else array
    if not with_meta:
        return result
    return result, sidecar_of(
        ds,
        array,
        first=first,
        photometric=image.photometric,
        stored=image.array.dtype,
        bits_stored=image.bits_stored,
        rescaled=scale,
    )


def _plain(opened: Opened) -> PixelModel | None:
    """Return the description of pixels that takes no data set, None if it does."""
    found = plain_file(opened.source, opened.window)
    return None if found is None else plain_model(found)


def _range(reader: FrameReader, frame: int) -> tuple[int, int]:
    """Return the first frame that is asked for, from 0, and how many."""
    if not 0 <= frame <= reader.count:
        raise ValueError(
            f"frame {frame} is asked for, and the image has frames 1 to {reader.count}"
        )
    return (0, reader.count) if frame == 0 else (frame - 1, 1)


class _Image(NamedTuple):
    array: Array
    photometric: str
    bits_stored: int

    @property
    def samples(self) -> int:
        return 1 if self.array.ndim == 3 else self.array.shape[3]


def _in_colours(ds: Dataset, reader: FrameReader, first: int, count: int) -> _Image:
    """Return frames in the colours that a palette gives them."""
    layout, palette = reader.model.layout, palette_of(ds)
    limits.check("max_array_bytes", 3 * count * layout.pixels, "bytes of coloured pixels")
    rgb = np.empty((count, layout.rows, layout.columns, 3), np.uint8)
    for k in range(count):
        rgb[k] = palette.rgb8(reader.read(first + k, 1)[0, ..., 0])
    return _Image(rgb, "RGB", 8)


def _stored(reader: FrameReader, first: int, count: int) -> _Image:
    layout = reader.model.layout
    array = reader.read(first, count)
    if layout.samples == 1:
        return _Image(array[..., 0], layout.photometric, layout.bits_stored)
    return _Image(array, reader.photometric, layout.bits_stored)


def _path(path: str | os.PathLike[str]) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"decode takes a path or a Dataset, not {type(path).__name__}; "
            "read bytes and streams with dcmread first"
        )
    return os.fspath(path)


def _as_tensor(array: Array) -> torch.Tensor:
    try:
        import torch
    except ImportError as error:
        raise BackendError(
            "to_torch needs torch", name="torch", hint="install the extra `torch`"
        ) from error
    return torch.from_numpy(array)
