from __future__ import annotations

from collections.abc import Iterator

import pytest

from pydcm import config


@pytest.fixture
def strict() -> Iterator[None]:
    with config.validation(reading=config.RAISE, writing=config.RAISE):
        yield
