"""``pydcm volume``: a folder of slices as one volume."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from pydcm.cli.options import add_output, add_window

if TYPE_CHECKING:
    from pydcm.cli.summary import Loaded

SUMMARY = "build a volume from a folder of slices"
DESCRIPTION = """\
Find the slices under a folder, decode them to the modality's units (Hounsfield
units for CT), sort them in space and say what came out: size, spacing,
orientation, values, what was noticed about the geometry, and what was left out
and why. The largest stack of parallel slices is taken.
"""
EPILOG = """\
examples:
  pydcm volume folder/
  pydcm volume folder/ -o volume.npy              float32 [z, y, x]
  pydcm volume folder/ -o volume.npy -o view.png  and a montage of three planes
  pydcm volume folder/ --pattern '*.dcm' --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm volume``."""
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="a folder, an archive, a DICOMDIR, or files"
    )
    add_output(
        parser, several=True, text="write .npy (voxels) or .png (montage); may be given twice"
    )
    parser.add_argument("--pattern", metavar="GLOB", help="only files of this name, as '*.dcm'")
    parser.add_argument(
        "--no-recursive", action="store_true", help="do not look into folders inside folders"
    )
    add_window(parser)
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm volume`` and return its exit code."""
    from pydcm.cli.summary import summarise
    from pydcm.cli.terminal import Paint

    seconds: dict[str, float] = {}
    loaded = load(
        arguments.paths if len(arguments.paths) > 1 else arguments.paths[0],
        seconds,
        recursive=not arguments.no_recursive,
        pattern=arguments.pattern,
    )
    for path in arguments.output:
        write(loaded, path, arguments.window)
    summary = summarise(loaded, seconds)
    print(summary.as_json() if arguments.json else summary.as_text(Paint(sys.stdout)))
    return 0


def load(
    paths: str | list[str], seconds: dict[str, float], *, recursive: bool, pattern: str | None
) -> Loaded:
    """Return the volume of the largest stack under `paths`; `seconds` gets how long it took."""
    from pydcm.cli.summary import Loaded
    from pydcm.volume import assemble, survey

    with timed(seconds, "find and sort"):
        found = survey(paths, recursive=recursive, pattern=pattern, progress=sys.stderr.isatty())
    stack = found.largest()
    with timed(seconds, "decode"):
        volume = assemble(stack, progress=sys.stderr.isatty())
    return Loaded.of(found, stack, volume)


def write(loaded: Loaded, path: Path, window: tuple[float, float] | None) -> None:
    """Write the voxels or a montage, as the name of the file asks."""
    if path.suffix.lower() == ".npy":
        import numpy as np

        from pydcm.whole_file import whole_file

        with whole_file(str(path)) as file:
            np.save(file, loaded.volume.pixels)
        return
    from pydcm.cli.summary import choose_windows
    from pydcm.png import write_png
    from pydcm.volume.picture.montage import montage
    from pydcm.volume.picture.showing import gray_of

    picture = montage(
        gray_of(loaded.volume),
        choose_windows(loaded, window),
        title=loaded.title,
        subtitle=loaded.subtitle,
        invert=loaded.inverted,
    )
    write_png(path, picture)


@contextmanager
def timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Note under `name` how long the block takes, in seconds."""
    start = perf_counter()
    yield
    seconds[name] = round(perf_counter() - start, 4)
