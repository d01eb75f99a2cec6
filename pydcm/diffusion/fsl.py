"""Gradient tables as FSL and most other programs read them: ``.bval`` and ``.bvec`` text."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["bval_text", "bvec_text", "for_fsl", "text_writer", "write_texts", "write_together"]


def bval_text(bvals: NDArray[np.float64]) -> str:
    r"""Return b-values in s/mm² as one line, whole numbers without decimals.

    Examples
    --------
    >>> bval_text(np.array([0.0, 1000.0, 929.7501831]))
    '0 1000 929.75\n'
    """
    return " ".join(f"{b:.6g}" for b in bvals.tolist()) + "\n"


def bvec_text(bvecs: NDArray[np.float64]) -> str:
    """Return directions, shape (3, n), as three lines of six decimals.

    Examples
    --------
    >>> print(bvec_text(np.array([[0.0, 1.0], [0.0, 0.0], [-0.0, 0.0]])), end="")
    0.000000 1.000000
    0.000000 0.000000
    0.000000 0.000000
    """
    rounded = np.round(bvecs, 6) + 0.0  # no negative zeros
    return "".join(" ".join(f"{x:.6f}" for x in line) + "\n" for line in rounded.tolist())


def for_fsl(bvecs: NDArray[np.float64], affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return directions with the signs that FSL expects.

    FSL takes the first component the other way round where the affine of the
    image has a positive determinant. From LPS to RAS two axes are turned, so
    that it is the same for both.

    Parameters
    ----------
    bvecs : ndarray, shape (3, n)
        Along the axes of the image.
    affine : ndarray, shape (4, 4)
        Of the image, to LPS or RAS.

    Examples
    --------
    >>> for_fsl(np.array([[0.6], [0.8], [0.0]]), np.eye(4)).ravel().tolist()
    [-0.6, 0.8, 0.0]
    """
    sign = -1.0 if np.linalg.det(affine[:3, :3]) > 0 else 1.0
    signed: NDArray[np.float64] = bvecs * np.array([[sign], [1.0], [1.0]])
    return signed


def write_texts(texts: Mapping[str, str]) -> None:
    """Write ASCII files as :func:`write_together` does.

    Parameters
    ----------
    texts : mapping of str to str
        For each path, what it shall hold.

    Raises
    ------
    OSError
        If one of them cannot be written.
    """
    write_together({path: text_writer(text) for path, text in texts.items()})


def write_together(writers: Mapping[str, Callable[[str], object]]) -> None:
    """Write files that belong together: none gets its name before all are written.

    Parameters
    ----------
    writers : mapping of str to callable
        For each path, what writes the file; it is given another name in the
        same folder, with the same ending.

    Raises
    ------
    OSError
        If one of them cannot be written.
    """
    parts: dict[str, str] = {}
    try:
        for path, write in writers.items():
            target = os.path.realpath(path)
            if os.path.isdir(target):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
            folder, name = os.path.split(target)
            part = os.path.join(folder, f".{os.urandom(6).hex()}.part.{name[-64:]}")
            parts[part] = path
            write(part)
        for part, path in list(parts.items()):
            os.replace(part, os.path.realpath(path))
            del parts[part]
    finally:
        for part in parts:
            if os.path.exists(part):
                os.unlink(part)


def text_writer(text: str) -> Callable[[str], object]:
    """Return what writes an ASCII file of this text to a path that is given to it."""

    def write(path: str) -> None:
        with open(path, "x", encoding="ascii", newline="\n") as stream:
            stream.write(text)

    return write
