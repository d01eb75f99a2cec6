"""Small questions about files and sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.config import warn_and_log

if TYPE_CHECKING:
    import os

__all__ = ["is_dicom", "size_in_bytes", "warn_and_log"]

_UNITS = {
    "kb": 1000,
    "mb": 1000**2,
    "gb": 1000**3,
    "kib": 1024,
    "mib": 1024**2,
    "gib": 1024**3,
}


def size_in_bytes(expr: int | float | str | None) -> float | int | None:
    """Return a size such as ``"512 KB"`` in bytes.

    Parameters
    ----------
    expr : int, float, str or None
        A number of bytes, or a text of a number and one of the units kB, MB, GB
        (powers of 1000), KiB, MiB and GiB (powers of 1024), in any case.

    Returns
    -------
    int, float or None
        The number of bytes; None if there is no limit, which None and an
        infinite number say.

    Raises
    ------
    ValueError
        If a text is not of that form.

    Examples
    --------
    >>> size_in_bytes("1.5 MiB")
    1572864.0
    """
    if expr is None or expr == float("inf"):
        return None
    if not isinstance(expr, (str, bytes)):
        return expr
    try:
        return int(expr)
    except ValueError:
        pass
    text = str(expr).strip()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    unit = text[len(number) :].lower()
    factor = _UNITS.get(unit) if unit else 1
    if factor is None:
        raise ValueError(f"{unit!r} in {expr!r} is no unit of size; {', '.join(_UNITS)} are")
    try:
        return float(number) * factor
    except ValueError:
        raise ValueError(f"{expr!r} is no size: a number and a unit are expected") from None


def is_dicom(file_path: str | os.PathLike[str]) -> bool:
    """Return whether a file has the preamble and prefix of a DICOM file (PS3.10 7.1).

    Data sets without a preamble are not recognised: nothing marks them as DICOM.

    Parameters
    ----------
    file_path : str or PathLike
        The file.

    Returns
    -------
    bool
        True if bytes 128 to 131 are ``DICM``.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    """
    with open(file_path, "rb") as file:
        return file.read(132)[128:] == b"DICM"


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
