"""``pydcm show``: a file or one element of it, as ``print`` shows it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

SUMMARY = "print a file, or one element of it, as print() shows it"
DESCRIPTION = """\
Print a data set, one of its sequence items or the value of one element, as
print() does in Python. 'pydcm dump' shows more: names in full, and what the
reader had to mend.
"""
EPILOG = """\
examples:
  pydcm show image.dcm
  pydcm show image.dcm::StudyDate                 one value, for scripts
  pydcm show "plan.dcm::BeamSequence[0].BeamName"
  pydcm show image.dcm::file_meta
  pydcm show --quiet image.dcm                    whose and what it is
"""

_BASIC = (
    "PatientName",
    "PatientID",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
)
_OF_IMAGES = ("BitsStored", "Modality", "Rows", "Columns", "SliceLocation")
_NO_VALUE = "N/A"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm show``."""
    parser.add_argument("filespec", metavar="FILE[::ELEMENT]", help="a DICOM file, or what of it")
    parser.add_argument(
        "-x", "--exclude-private", action="store_true", help="leave out private elements"
    )
    parser.add_argument(
        "-t", "--top", action="store_true", help="leave out what is inside of sequences"
    )
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="print only whose it is and what"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm show`` and return its exit code."""
    from pydcm.cli.terminal import complain, printable
    from pydcm.dataset import Dataset
    from pydcm.util.codify import chosen_element

    try:
        _, value = chosen_element(arguments.filespec)
    except argparse.ArgumentTypeError as error:
        complain("show", error)
        return 1
    text = _text(value, arguments) if isinstance(value, Dataset) else str(value)
    for line in text.splitlines():
        print(printable(line))
    return 0


def _text(ds: Dataset, arguments: argparse.Namespace) -> str:
    if arguments.exclude_private:
        ds.remove_private_tags()
    if arguments.quiet:
        return "\n".join(_basic_lines(ds))
    return ds.top() if arguments.top else str(ds)


def _basic_lines(ds: Dataset) -> list[str]:
    """Return what a data set is in a few lines; the pixels' shape if it is an image."""
    from pydcm.uid import UID

    stated = ds.get("SOPClassUID")
    name = UID(str(stated)).name if stated else ""
    lines = [f"SOPClassUID: {name}"] if name else []
    keywords = _BASIC + (_OF_IMAGES if "Image Storage" in name else ())
    return lines + [f"{keyword}: {ds.get(keyword, _NO_VALUE)}" for keyword in keywords]
