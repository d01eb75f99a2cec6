"""Reads a folder of DICOM, builds its volume, and draws and describes it.

``make demo`` runs this. Without a folder it makes a CT series of a phantom
first, so it needs nothing but pydcm and numpy.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from pydcm.cli.summary import Loaded, Summary, summarise
from pydcm.cli.terminal import Paint, plain_warnings
from pydcm.cli.volume import timed, write
from pydcm.errors import PydcmError
from pydcm.examples import write_ct_series
from pydcm.volume import LeftOut, Survey, assemble, survey

_PHANTOM_SLICES = 60
_PHANTOM_SIZE = 160


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", metavar="DIR", help="a folder of DICOM files")
    parser.add_argument(
        "--out", type=Path, default=Path("build/demo"), metavar="DIR", help="where to write"
    )
    arguments = parser.parse_args(argv)
    if arguments.folder is None:
        with tempfile.TemporaryDirectory(prefix="pydcm-demo-") as made:
            start = perf_counter()
            files = write_ct_series(made, slices=_PHANTOM_SLICES, size=_PHANTOM_SIZE)
            print(f"made a CT series of {len(files)} slices in {perf_counter() - start:.1f} s\n")
            return show(made, arguments.out)
    return show(arguments.folder, arguments.out)


def show(folder: str, out: Path) -> int:
    seconds: dict[str, float] = {}
    try:
        with plain_warnings("demo"):
            loaded = load(folder, seconds)
    except (PydcmError, OSError) as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1
    out.mkdir(parents=True, exist_ok=True)
    with timed(seconds, "draw"):
        write(loaded, out / "montage.png", None)
    save(summarise(loaded, seconds), out)
    return 0


def load(folder: str, seconds: dict[str, float]) -> Loaded:
    """Return the largest volume that can be built.

    A stack that cannot be one is left out with its reason. Where every stack
    fails, the reason of the largest is raised.
    """
    with timed(seconds, "find and sort"):
        found = survey(folder)
    failed: list[PydcmError] = []
    stacks = [found.largest(), *found.stacks[1:]]
    for place, stack in enumerate(stacks):
        try:
            with timed(seconds, "decode"):
                volume = assemble(stack)
        except PydcmError as error:
            failed.append(error)
            paths = dict.fromkeys(frame.path for frame in stack.frames)
            found.left_out += [LeftOut(path, str(error)) for path in paths]
            continue
        rest = Survey(stacks[place:], found.left_out, found.files)
        return Loaded.of(rest, stack, volume)
    raise failed[0]


def save(summary: Summary, out: Path) -> None:
    """Print the summary and write it beside the montage."""
    text = summary.as_text()
    (out / "summary.txt").write_text(text + "\n", encoding="utf-8")
    (out / "summary.json").write_text(summary.as_json() + "\n", encoding="utf-8")
    print(summary.as_text(Paint(sys.stdout)))
    print()
    for name in ("montage.png", "summary.txt", "summary.json"):
        print(out / name)


if __name__ == "__main__":
    sys.exit(main())
