"""The warnings of some lines of code, and of nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def recorded() -> Iterator[list[warnings.WarningMessage]]:
    """Keep every warning of the lines within, each time it is given.

    A ResourceWarning is left out: the garbage collector gives it whenever it happens to run, and
    then for what another test left behind.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)
        yield caught


@contextmanager
def unwarned() -> Iterator[None]:
    """Let the lines within give no warning."""
    with recorded() as caught:
        yield
    assert [str(warning.message) for warning in caught] == []
