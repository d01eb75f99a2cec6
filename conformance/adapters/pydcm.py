"""Adapter of pydcm itself, on the implementations that it would choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from conformance.adapters.serve import Answer, Skipped, serve
from conformance.corpus import Case
from conformance.runner import features
from pydcm import __version__, kernels

OPERATIONS = (
    "read write rewrite decode encode modality voi presentation palette to-json from-json "
    "charset fileset"
).split()


def _operation(name: str) -> Callable[[Mapping[str, Any]], Answer]:
    def answer(given: Mapping[str, Any]) -> Answer:
        case = Case("", name, "", "", "", "", (), given, "either", None, None, "")
        try:
            return dict(features.answer(case))
        except features.Unsupported as reason:
            raise Skipped(str(reason)) from reason

    return answer


def main() -> None:
    """Serve."""
    labels = sorted({kernel.chosen() for kernel in kernels.kernels().values()})
    versions = {"pydcm": __version__, "kernels": " and ".join(labels)}
    serve("pydcm", versions, {name: _operation(name) for name in OPERATIONS})


if __name__ == "__main__":
    main()
