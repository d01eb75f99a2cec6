"""JPEG 2000 through glymur, which calls the system's OpenJPEG (extra ``codecs``)."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import jpeg2000
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import CodecError, CorruptStreamError, LimitError, UnsupportedSyntaxError

__all__ = ["decode", "encode", "lacks"]

T = TypeVar("T")

_MOST_BITS = 16
"""What glymur has arrays for."""


def lacks(function: str) -> str:
    """Return what the installed glymur lacks for a function, or an empty string."""
    del function
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the library that it does not find
            import glymur
    except Exception as error:  # it reads settings and loads libraries: they may fail anyhow
        return f"glymur cannot be imported: {error}"
    found = glymur.version.openjpeg_version
    return "" if found >= "2" else "glymur finds no OpenJPEG (libopenjp2) in the system"


def decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray[np.generic]:
    """Return one frame; the multiple component transformation is undone.

    Parameters
    ----------
    frame : bytes
        A code stream.
    layout : FrameLayout
        Its shape.
    number : int
        Which frame it is, from 1, for messages.

    Returns
    -------
    ndarray, shape (rows, columns, samples)

    Raises
    ------
    CorruptStreamError
        If the stream is broken, or another image than `layout`.
    UnsupportedSyntaxError
        If its components are sub-sampled, differ, or have more than 16 bits.
    """
    stream = jpeg2000.checked(frame, layout, number)
    if stream.components[0].precision > _MOST_BITS:
        raise UnsupportedSyntaxError(
            f"glymur does not decode samples of {stream.components[0].precision} bits", frame=number
        )
    with _file() as path:
        path.write_bytes(stream.data)
        try:
            decoded = _quietly(lambda: _read(path))
        except MemoryError as error:
            raise LimitError(f"glymur has no memory for frame {number}") from error
        except Exception as error:  # whatever another library raises is its refusal
            raise CorruptStreamError(f"glymur refuses the stream: {error}", frame=number) from error
    return jpeg2000.cells(decoded, stream, layout)


def _read(path: Path) -> NDArray[np.generic]:
    from glymur import Jp2k

    found: NDArray[np.generic] = Jp2k(path)[:]
    return found


def encode(pixels: NDArray[np.generic], layout: FrameLayout, options: EncodeOptions) -> bytes:
    """Return a bare code stream (PS3.5 A.4.4) with a quality layer for each ratio or PSNR.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, samples)
        The frame.
    layout : FrameLayout
        Its shape.
    options : EncodeOptions
        ``psnr`` or ``compression_ratios``; lossless without.

    Raises
    ------
    UnsupportedSyntaxError
        If cells have more than 16 bits; or if lossy encoding is asked of samples that do not
        fill theirs or are signed.
    """
    if layout.item_bytes > _MOST_BITS // 8:
        raise UnsupportedSyntaxError(f"glymur does not encode {layout.bits_allocated} bits")
    lossless = jpeg2000.is_lossless(options)
    if not lossless and (layout.signed or layout.bits_stored != 8 * layout.item_bytes):
        raise UnsupportedSyntaxError(
            "glymur encodes with losses only unsigned samples that fill their bits"
        )
    settings: dict[str, object] = {
        "mct": jpeg2000.with_mct(layout),
        "irreversible": not lossless,
        "numres": 1 + min(5, min(layout.rows, layout.columns).bit_length() - 1),
    }
    if options.psnr:
        settings["psnr"] = options.psnr
    elif options.compression_ratios:
        settings["cratios"] = options.compression_ratios
    ready = _raised(pixels, layout).squeeze(2) if layout.samples == 1 else _raised(pixels, layout)
    with _file() as path:
        try:
            _quietly(lambda: _write(path, ready, settings))
        except MemoryError as error:
            raise LimitError("glymur has no memory for encoding") from error
        except Exception as error:  # as in decode
            raise CodecError(f"glymur refuses the pixels: {error}") from error
        data = path.read_bytes()
    return jpeg2000.with_precision(data, layout) if lossless else data


def _write(path: Path, pixels: NDArray[np.generic], settings: dict[str, object]) -> None:
    from glymur import Jp2k

    Jp2k(path, data=pixels, **settings)


def _raised(pixels: NDArray[np.generic], layout: FrameLayout) -> NDArray[np.generic]:
    """Return pixels from which the shift of unsigned samples makes the right ones.

    glymur encodes unsigned samples that fill their type only. What it subtracts from each,
    half of the type's range, is added here, as far as the real samples are not shifted.
    """
    levelled = jpeg2000.levelled(pixels, layout)
    if levelled.dtype.kind == "u":
        return levelled
    unsigned = f"u{layout.item_bytes}"
    half = np.dtype(unsigned).type(1 << 8 * layout.item_bytes - 1)
    raised: NDArray[np.generic] = levelled.view(unsigned) ^ half
    return raised


@contextmanager
def _file() -> Iterator[Path]:
    """Give the path of a file that only this user can read, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="pydcm-") as folder:
        yield Path(folder) / "frame.j2k"


def _quietly(function: Callable[[], T]) -> T:
    """Run a function without what it warns of; an error is enough."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function()
