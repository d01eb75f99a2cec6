"""Joining file names that came with data to a folder, without ever leaving it.

A DICOMDIR, an archive or a peer names files, and may name ``..``, an absolute
path, a drive, or a symbolic link that leads elsewhere (CVE-2026-32711).
Whatever follows or writes such names joins them here.

Examples
--------
>>> import os, tempfile
>>> from pydcm.safe_path import safe_join
>>> with tempfile.TemporaryDirectory() as folder:
...     path = safe_join(folder, ["PT000000", "IM000000"])
...     print(path == os.path.join(folder, "PT000000", "IM000000"))
...     safe_join(folder, ["..", "IM000000"])
Traceback (most recent call last):
    ...
pydcm.errors.UnsafePathError: ...
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from pydcm.errors import UnsafePathError

__all__ = ["check_component", "safe_join"]

# Separators of any system, the colon of drives and of streams, NUL; and names of
# nothing but dots and blanks, which Windows takes for "." and "..".
_UNSAFE = re.compile(r"[/\\:\0]|\A[. ]*\Z")


def check_component(component: str) -> None:
    """Raise unless a name is one plain component of a path, on every system.

    Parameters
    ----------
    component : str
        The name of a file or folder.

    Raises
    ------
    UnsafePathError
        If it is empty, ``.``, ``..``, or holds a separator, a drive or NUL.
    """
    if _UNSAFE.search(component):
        raise UnsafePathError(f"{component!r} is no plain name of a file or folder")


def safe_join(root: str, components: Sequence[str], resolved: dict[str, str] | None = None) -> str:
    """Return the path of a file below a folder.

    Neither the names nor symbolic links on the way may lead out of the folder.
    The file need not exist.

    Parameters
    ----------
    root : str
        The folder.
    components : sequence of str
        Names of folders and at last the file, from the outermost.
    resolved : dict, optional
        Keeps what folders resolve to, for many calls with the same `root`.

    Returns
    -------
    str
        The path, with symbolic links left as they are.

    Raises
    ------
    UnsafePathError
        If it would be outside of the folder.
    """
    if not components:
        raise UnsafePathError("a file name without components")
    for component in components:
        check_component(component)
    known = {} if resolved is None else resolved
    inside = _resolve(root, known)
    folder = os.path.join(root, *components[:-1])
    path = os.path.join(folder, components[-1])
    targets = [_resolve(folder, known)]
    if os.path.islink(path):
        targets.append(os.path.realpath(path))
    for target in targets:
        if target != inside and not target.startswith(os.path.join(inside, "")):
            raise UnsafePathError(
                f"{'/'.join(components)!r} leads to {target!r}, outside of {inside!r}", path=path
            )
    return path


def _resolve(path: str, known: dict[str, str]) -> str:
    found = known.get(path)
    if found is None:
        found = known[path] = os.path.realpath(path)
    return found
