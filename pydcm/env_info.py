"""The versions that a bug report needs.

Run it with ``python -m pydcm.env_info``.
"""

from __future__ import annotations

import platform
import sys
from types import ModuleType

__all__ = ["extract_version", "main", "print_table", "version_rows"]

_PACKAGES = (
    "numpy",
    "numba",
    "pydcm-accel",
    "imagecodecs",
    "glymur",
    "nibabel",
    "httpx",
    "mcp",
    "torch",
)
"""The requirement and the optional packages, by distribution name."""


def main() -> None:
    """Print a table of versions.

    Examples
    --------
    >>> main()
    module       | version
    ...
    """
    print_table(version_rows())


def version_rows() -> list[tuple[str, str]]:
    """Return the versions of the platform, of Python, of pydcm and of what it can use.

    Nothing is imported to find them.
    """
    from importlib import metadata

    from pydcm._version import __version__

    rows = [
        ("platform", platform.platform()),
        ("Python", sys.version.replace("\n", " ")),
        ("pydcm", __version__),
    ]
    for package in _PACKAGES:
        try:
            rows.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            rows.append((package, "not installed"))
    return rows


def print_table(version_rows: list[tuple[str, str]]) -> None:
    """Print names and versions in two columns.

    Parameters
    ----------
    version_rows : list of tuple of str
        Name and version.

    Examples
    --------
    >>> print_table([("numpy", "2.0.0")])
    module       | version
    ------       | -------
    numpy        | 2.0.0
    """
    for name, version in [("module", "version"), ("------", "-------"), *version_rows]:
        sys.stdout.write(f"{name:12} | {version}\n")


def extract_version(module: ModuleType) -> str | None:
    """Return the version that a module states, if it does.

    Parameters
    ----------
    module : module
        An imported module.

    Examples
    --------
    >>> import types
    >>> extract_version(types.ModuleType("nameless")) is None
    True
    """
    version = getattr(module, "__version__", None)
    return None if version is None else str(version)


if __name__ == "__main__":
    main()
