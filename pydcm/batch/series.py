"""Which files belong to which series."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from pydcm.errors import InvalidDicomError, PydcmError
from pydcm.progress import Progress, track
from pydcm.volume.files import FileList, Unlisted, list_files, read

__all__ = ["FoundSeries", "Series", "find_series"]

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100
_WITHOUT_UID = "without-series-uid"


class Series(NamedTuple):
    """Files that are worked on together.

    Attributes
    ----------
    name : str
        Names the outcome and the folder of outputs: letters, digits, dots,
        dashes and underscores.
    files : tuple of str
        Their names, as :func:`pydcm.volume.files.list_files` gives them.
    """

    name: str
    files: tuple[str, ...]


class FoundSeries(NamedTuple):
    """The series under a path.

    Attributes
    ----------
    series : list of Series
        In the order in which their first files were found.
    left_out : list of Unlisted
        Files that are in none of them, and why.
    """

    series: list[Series]
    left_out: list[Unlisted]


def find_series(
    path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] | FileList,
    *,
    recursive: bool = True,
    pattern: str | None = None,
    archives: bool = False,
    progress: Progress = None,
) -> FoundSeries:
    """Group the images under a path by their Series Instance UID (0020,000E).

    Parameters
    ----------
    path : str, PathLike or iterable of them
        As for :func:`pydcm.volume.files.list_files`, whose result is taken too.
    recursive, pattern, archives
        As there.
    progress : bool or callable, optional
        Shows how many headers were read; see :mod:`pydcm.progress`.

    Returns
    -------
    FoundSeries
        The series, named by their UID, and the files in none of them.

    Raises
    ------
    FileNotFoundError
        If something that was named does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pydcm import examples
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = examples.write_ct_series(folder, slices=3, size=16)
    ...     found = find_series(folder)
    >>> len(found.series), len(found.series[0].files), found.left_out
    (1, 3, [])
    """
    listed = (
        path
        if isinstance(path, FileList)
        else list_files(path, recursive=recursive, pattern=pattern, archives=archives)
    )
    groups: dict[str, list[str]] = {}
    left_out = list(listed.left_out)
    for name in track(listed, progress, what="headers read"):
        try:
            ds = read(name, stop_before_pixels=True)
            if "Rows" not in ds:
                left_out.append(Unlisted(name, "it is no image"))
                continue
            uid = str(ds.get("SeriesInstanceUID") or "")
        except InvalidDicomError:
            left_out.append(Unlisted(name, "it is not a DICOM file"))
        except (PydcmError, OSError) as error:
            left_out.append(Unlisted(name, str(error)))
        else:
            groups.setdefault(uid, []).append(name)
    return FoundSeries(_named(groups), left_out)


def _named(groups: dict[str, list[str]]) -> list[Series]:
    """Return series whose names can be those of folders, each another one."""
    taken: set[str] = set()
    found = []
    for uid, files in groups.items():
        # A UID comes from a file and may be anything.
        plain = _NOT_IN_NAMES.sub("_", uid).strip("._")[:_LONGEST_NAME] or _WITHOUT_UID
        name, number = plain, 1
        while name.lower() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.lower())
        found.append(Series(name, tuple(files)))
    return found
