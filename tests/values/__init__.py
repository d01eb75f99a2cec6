"""Tests of :mod:`pydcm.values`."""

from __future__ import annotations

from collections.abc import Callable

from tests.recording import recorded


def plain(value: object) -> object:
    """Return a value as what two libraries can be compared by: class names and contents."""
    kind = type(value).__name__
    if kind in {"MultiValue", "list", "ndarray"}:
        return kind, [plain(item) for item in value]  # type: ignore[attr-defined]  # all lists
    if kind in {"DSfloat", "DSdecimal", "IS", "ISfloat"}:
        return kind, repr(float(value)), str(value)  # type: ignore[arg-type]  # all numbers
    if isinstance(value, float):
        return kind, repr(float(value))
    if kind in {"PersonName", "DA", "DT", "TM"}:
        return kind, str(value)
    return kind, value


def outcome(function: Callable[..., object], *args: object) -> tuple[object, list[str]]:
    """Return what a call returns, or the word "error", and the warnings it gave."""
    with recorded() as caught:
        try:
            result: object = plain(function(*args))
        except Exception:  # that it is refused is compared, not how
            result = "error"
    return result, [str(warning.message) for warning in caught]
