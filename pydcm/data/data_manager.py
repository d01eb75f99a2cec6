"""Where the files of :mod:`pydcm.data` are, and how they are found.

Attributes
----------
DATA_ROOT : str
    The folder of all files; they are written when it is asked for.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pydcm import examples
from pydcm._borrowed import borrowed
from pydcm.data.palettes import PALETTES, palette
from pydcm.data.text import TEXTS, text
from pydcm.filereader import dcmread

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

    DATA_ROOT: str

__all__ = [
    "DataTypes",
    "external_data_sources",
    "fetch_data_files",
    "get_charset_files",
    "get_external_sources",
    "get_files",
    "get_palette_files",
    "get_testdata_file",
    "get_testdata_files",
    "online_test_file_dummy_paths",
]

_EXAMPLES = {
    "CT_small.dcm": "ct",
    "MR_small.dcm": "mr",
    "dicomdirtests/DICOMDIR": "dicomdir",
    "examples_jpeg2k.dcm": "jpeg2k",
    "examples_overlay.dcm": "overlay",
    "examples_palette.dcm": "palette_color",
    "examples_rgb_color.dcm": "rgb_color",
    "examples_ybr_color.dcm": "ybr_color",
    "no_meta.dcm": "no_meta",
    "rtdose.dcm": "rt_dose",
    "rtplan.dcm": "rt_plan",
    "rtstruct.dcm": "rt_ss",
    "waveform_ecg.dcm": "waveform",
}
"""The name of each file under ``test_files``, and the example that it holds."""


class DataTypes(IntEnum):
    """What kinds of files there are."""

    DATASET = 0
    CHARSET = 1
    PALETTE = 2
    DICOMDIR = 3
    JPEG = 4


# ---- finding -------------------------------------------------------------------


def get_testdata_file(name: str, read: bool = False, download: bool = True) -> str | Dataset | None:
    """Return the path of a file, or what is in it.

    Parameters
    ----------
    name : str
        A name such as ``"CT_small.dcm"``, or the end of a path such as
        ``"dicomdirtests/DICOMDIR"``.
    read : bool
        Return the data set instead of the path.
    download : bool
        Nothing is ever downloaded; False says that the caller expects the file to be
        missing and needs no warning.

    Returns
    -------
    str or Dataset or None
        None, with a ``UserWarning`` unless `download` is false, if there is no such
        file here.

    Raises
    ------
    ValueError
        For an absolute path.

    Examples
    --------
    >>> get_testdata_file("rtplan.dcm", read=True).Modality
    'RTPLAN'
    """
    if Path(name).is_absolute():
        raise ValueError(
            f"get_testdata_file() knows the files of pydcm.data only; "
            f"read your own with dcmread({name!r})"
        )
    wanted = PurePath(name).parts
    for known in _EXAMPLES:
        if wanted and PurePath(known).parts[-len(wanted) :] == wanted:
            path = _written("test_files", known)
            return dcmread(path, force=True) if read else str(path)
    if download:
        warnings.warn(
            f"there is no file {name!r} in pydcm.data, only {', '.join(sorted(_EXAMPLES))}",
            stacklevel=2,
        )
    return None


def get_testdata_files(pattern: str = "**/*") -> list[str]:
    """Return the paths of the files whose names match.

    Parameters
    ----------
    pattern : str
        As for :meth:`pathlib.Path.glob`.

    Raises
    ------
    ValueError
        For an absolute pattern.

    Examples
    --------
    >>> [os.path.basename(path) for path in get_testdata_files("rt*")]
    ['rtdose.dcm', 'rtplan.dcm', 'rtstruct.dcm']
    """
    if Path(pattern).is_absolute():
        raise ValueError("get_testdata_files() takes patterns that are not absolute")
    return get_files(_folder("test_files"), pattern)


def get_charset_files(pattern: str = "**/*") -> list[str]:
    """Return the paths of files with text in many character sets (PS3.5 Annexes H to K).

    Parameters
    ----------
    pattern : str
        As for :meth:`pathlib.Path.glob`.

    Examples
    --------
    >>> [str(dcmread(path).PatientName) for path in get_charset_files("chrH31*")]
    ['Yamada^Tarou=山田^太郎=やまだ^たろう']
    """
    return get_files(_folder("charset_files"), pattern, DataTypes.CHARSET)


def get_palette_files(pattern: str = "**/*") -> list[str]:
    """Return the paths of the well-known colour palettes (PS3.6 Annex B).

    Parameters
    ----------
    pattern : str
        As for :meth:`pathlib.Path.glob`.

    Examples
    --------
    >>> [dcmread(path).ContentLabel for path in get_palette_files("pet*")]
    ['PET', 'PET_20_STEP']
    """
    return get_files(_folder("palettes"), pattern, DataTypes.PALETTE)


def get_files(
    base: str | os.PathLike[str], pattern: str = "**/*", dtype: int = DataTypes.DATASET
) -> list[str]:
    """Return the paths below a folder that match, sorted.

    Parameters
    ----------
    base : path
        The folder.
    pattern : str
        As for :meth:`pathlib.Path.glob`.
    dtype : DataTypes
        Taken for compatibility: there are no sources besides the folder.

    Raises
    ------
    NotImplementedError
        For an absolute pattern.
    """
    return sorted(str(path) for path in Path(base).glob(pattern))


def fetch_data_files() -> None:
    """Write all files now instead of when they are asked for."""
    for kind in _KINDS:
        _folder(kind)


def external_data_sources() -> dict[str, object]:
    """Return no further sources of files: there are none."""
    return {}


def get_external_sources() -> dict[str, object]:
    """Return no further sources of files: there are none."""
    return {}


def online_test_file_dummy_paths() -> dict[str, str]:
    """Return no files that would have to be downloaded: there are none."""
    return {}


# ---- writing -------------------------------------------------------------------


@cache
def _root() -> Path:
    return examples._folder() / "data"


def _folder(kind: str) -> Path:
    """Return the folder of a kind with all its files."""
    _, names = _KINDS[kind]
    for name in names:
        _written(kind, name)
    return _root() / kind


@cache
def _written(kind: str, name: str) -> Path:
    path = _root() / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write, _ = _KINDS[kind]
    write(name, path)
    return path


def _write_example(name: str, path: Path) -> None:
    source = examples.get_path(_EXAMPLES[name])
    if name.endswith("DICOMDIR"):  # the files that it lists lie beside it
        shutil.copytree(source.parent, path.parent, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, path)


def _write_text(name: str, path: Path) -> None:
    text(name).save_as(path, enforce_file_format=True)


def _write_palette(name: str, path: Path) -> None:
    palette(name).save_as(path, enforce_file_format=True)


_KINDS: dict[str, tuple[Callable[[str, Path], None], tuple[str, ...]]] = {
    "test_files": (_write_example, tuple(_EXAMPLES)),
    "charset_files": (_write_text, tuple(TEXTS)),
    "palettes": (_write_palette, tuple(PALETTES)),
}
"""What writes the files of each folder, and their names."""


def __getattr__(name: str) -> object:
    if name == "DATA_ROOT":
        fetch_data_files()
        return str(_root())
    return borrowed(__name__)(name)
