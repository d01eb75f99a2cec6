"""What all tests share: the report's header, and how hypothesis searches."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests.shared import CORPUS

PEERS = ("numpy", "numba", "pydicom")

# The same examples in every run, so that a failure belongs to the change at hand. Searching for
# new ones is a matter of HYPOTHESIS_PROFILE=search.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "same")
settings.load_profile(PROFILE)
if PROFILE == "same" and hasattr(providers, "is_local_module_file"):
    # hypothesis draws constants of the modules of ours that are imported by then, and which
    # those are depends on how the tests are shared out between processes.
    providers.is_local_module_file = lambda path: False


def _version(name: str) -> str:
    if importlib.util.find_spec(name) is None:
        return f"{name} absent"
    return f"{name} {importlib.metadata.version(name)}"


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what the results depend on."""
    corpus = "beside the checkout" if CORPUS.is_dir() else "absent, its tests are skipped"
    return [
        f"{platform.machine()}, {', '.join(_version(name) for name in PEERS)}, "
        f"kernels forced to {os.environ.get('PYDCM_IMPL', 'none')}",
        f"corpus: {corpus}",
    ]
