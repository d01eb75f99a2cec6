"""The accelerator: the compiled twins of kernels, in a distribution of its own."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import cache
from typing import Final

from pydcm._version import __version__
from pydcm.errors import BackendError

__all__ = ["ABI", "accelerator", "check_required"]

ABI: Final = 2
"""Changes whenever a kernel's name, arguments or statuses change."""

_REQUIRED: Final = "PYDCM_REQUIRE"


@cache
def accelerator() -> tuple[dict[str, Callable[..., object]], str]:
    """Return the accelerator's kernels by name, and why there are none."""
    missing = "pydcm-accel is not installed (pip install ./pydcm_accel)"
    try:
        import pydcm_accel
    except ImportError:
        return {}, missing
    if getattr(pydcm_accel, "__file__", None) is None:  # the folder of its source, in a checkout
        return {}, missing
    try:
        from pydcm_accel import _native
    except ImportError as error:  # it was built for another machine, or half installed
        return {}, f"pydcm-accel cannot be imported: {error}"
    version = pydcm_accel.__version__
    problem = ""
    if _native.ABI != ABI:
        problem = f"pydcm-accel has ABI {_native.ABI}, this pydcm needs {ABI}"
    elif version != __version__:
        problem = f"pydcm-accel is of version {version}, this pydcm is {__version__}"
    if problem:
        warnings.warn(f"{problem}; it is ignored", RuntimeWarning, stacklevel=2)
        return {}, problem
    return dict(_native.KERNELS), ""


def check_required() -> None:
    """Raise `BackendError` if ``PYDCM_REQUIRE=accel`` and the accelerator cannot run."""
    required = os.environ.get(_REQUIRED)
    if not required:
        return
    if required != "accel":
        raise BackendError(f"{_REQUIRED}={required}: only accel can be required")
    problem = accelerator()[1]
    if problem:
        raise BackendError(f"{_REQUIRED}={required}, but {problem}", name="pydcm_accel")
