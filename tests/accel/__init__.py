"""The accelerator against the reference: the same bytes, or the same error."""

from __future__ import annotations

import os

import pytest

from pydcm.kernels.accelerator import accelerator

PROBLEM = accelerator()[1]
REQUIRED = os.environ.get("PYDCM_REQUIRE") == "accel"

needs_accel = pytest.mark.skipif(bool(PROBLEM) and not REQUIRED, reason=PROBLEM or "it is there")
"""Skips where the accelerator is absent, unless ``PYDCM_REQUIRE=accel`` makes that a failure."""
