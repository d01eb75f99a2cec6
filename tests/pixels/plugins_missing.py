"""A plugin that lacks what it needs."""

from __future__ import annotations

from typing import Any

from tests.pixels.making import RLE

DECODER_DEPENDENCIES = {RLE: ("somepackage>=2", "another")}
ENCODER_DEPENDENCIES = DECODER_DEPENDENCIES


def is_available(uid: str) -> bool:
    """Return False."""
    return False


def decode(src: bytes, runner: Any) -> bytes:
    """Never called."""
    raise AssertionError
