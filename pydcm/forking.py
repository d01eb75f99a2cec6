"""Locks in a process that forks while its threads hold them."""

from __future__ import annotations

import os
from typing import Protocol

__all__ = ["held_while_forking"]


class _Lock(Protocol):
    def acquire(self) -> bool:
        """Take it."""

    def release(self) -> None:
        """Give it back."""


def held_while_forking(lock: _Lock) -> None:
    """Let no other thread hold a lock at the moment of a fork.

    The child has one thread only. A lock that another one held in the parent
    would stay locked in the child for good.

    Parameters
    ----------
    lock : lock
        One that lives as long as the process, held for short times only, and
        never by a thread that forks.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
        )
