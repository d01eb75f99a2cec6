"""``pydcm decode``: the pixels of a file as an array or a picture."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydcm.cli.options import add_output, add_window
from pydcm.errors import PydcmError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUMMARY = "decode the pixels of a file"
DESCRIPTION = """\
Decode pixels and write them as an array (.npy: [frames, rows, columns] or
[frames, rows, columns, samples]) or as a picture (.png: one frame, gray through
a window, colour as it is).
"""
EPILOG = """\
examples:
  pydcm decode image.dcm -o pixels.npy              stored values, every frame
  pydcm decode ct.dcm --rescale -o hu.npy           Hounsfield units, float32
  pydcm decode cine.dcm --frame 7 -o frame.png
  pydcm decode ct.dcm --window -600 1500 -o lung.png
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm decode``."""
    parser.add_argument("file", metavar="FILE", help="a DICOM file with pixels")
    add_output(parser, several=False, text="where to: .npy or .png")
    parser.add_argument(
        "--frame",
        type=_frame_number,
        default=0,
        metavar="N",
        help="this frame only, from 1 (default: all of them in a .npy, the first in a .png)",
    )
    parser.add_argument(
        "--rescale",
        action="store_true",
        help="the modality's units instead of stored values in a .npy (a .png always uses them)",
    )
    add_window(parser)


def _frame_number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no frame number; they count from 1")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm decode`` and return its exit code."""
    if arguments.output.suffix.lower() == ".npy":
        _write_array(arguments)
    else:
        _write_picture(arguments)
    return 0


@contextmanager
def _frame_exists() -> Iterator[None]:
    """Turn the error for a frame that is not there into one of the input."""
    try:
        yield
    except PydcmError:
        raise
    except ValueError as error:
        raise PydcmError(*error.args) from error


def _write_array(arguments: argparse.Namespace) -> None:
    import numpy as np

    from pydcm.pixels import decode
    from pydcm.whole_file import whole_file

    with _frame_exists():
        pixels = decode(arguments.file, arguments.frame, rescale=arguments.rescale)
    with whole_file(str(arguments.output)) as file:
        np.save(file, pixels)
    shape = " x ".join(str(n) for n in pixels.shape)
    print(f"{arguments.output}: {shape} {pixels.dtype}, {pixels.min():g} to {pixels.max():g}")


def _write_picture(arguments: argparse.Namespace) -> None:
    from pydcm.pixels import decode
    from pydcm.png import write_png
    from pydcm.volume.picture.windowing import gray_levels

    with _frame_exists():
        pixels, meta = decode(arguments.file, arguments.frame or 1, rescale=True, with_meta=True)
    frame = pixels[0]
    if frame.ndim == 3:
        picture, shown = frame, "colour"
    else:
        centre, width = arguments.window or _own_window(frame, meta)
        inverted = meta["photometric"] == "MONOCHROME1"
        picture = gray_levels(frame, centre, width, invert=inverted)
        shown = f"window {centre:g}/{width:g}"
    write_png(arguments.output, picture)
    print(f"{arguments.output}: {picture.shape[1]} x {picture.shape[0]} pixels, {shown}")


def _own_window(frame: NDArray[Any], meta: Mapping[str, object]) -> tuple[float, float]:
    """Return the window of the file, or the one that shows every value."""
    from pydcm.volume.picture.windowing import full_range

    centre, width = float(str(meta["window_center"])), float(str(meta["window_width"]))
    return (centre, width) if width >= 1 else full_range(frame)
