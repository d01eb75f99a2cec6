"""The loop of an adapter that is written in Python: requests in, answers out."""

from __future__ import annotations

import base64
import json
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any

__all__ = [
    "PROTOCOL",
    "Answer",
    "Operation",
    "ProgramFailed",
    "Skipped",
    "octets",
    "serve",
    "shown",
]

PROTOCOL = 1

Answer = dict[str, Any]
Operation = Callable[[Mapping[str, Any]], Answer]
"""Takes a case's input and returns its answer; raises where the tool does."""


class Skipped(Exception):
    """The tool does not offer what the case asks for."""


class ProgramFailed(Exception):
    """A program that was started for a case did not end by itself.

    Parameters
    ----------
    kind : str
        ``crash``, ``timeout`` or ``memory``.
    message : str
        What is known about it.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def octets(value: Mapping[str, str]) -> bytes:
    """Return the octets of an input."""
    return bytes.fromhex(value["hex"]) if "hex" in value else base64.b64decode(value["base64"])


def shown(data: bytes) -> dict[str, str]:
    """Return octets as they stand in an answer."""
    return {"base64": base64.b64encode(data).decode()}


def serve(
    tool: str,
    versions: Mapping[str, str],
    operations: Mapping[str, Operation],
    features: list[str] | None = None,
) -> None:
    """Answer requests until there are no more.

    What the tool itself writes to standard output goes to standard error.
    """
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        request = json.loads(line)
        do = request["do"]
        if do == "start":
            answer = {"protocol": PROTOCOL, "tool": tool, "versions": dict(versions)}
        elif do == "describe":
            answer = {"operations": sorted(operations)}
            if features is not None:
                answer["features"] = features
        elif do == "run":
            answer = {"id": request["id"], **_answered(operations, request)}
        else:
            break
        out.write(json.dumps(answer) + "\n")
        out.flush()


def _answered(operations: Mapping[str, Operation], request: Mapping[str, Any]) -> Answer:
    operation = operations.get(request["operation"])
    if operation is None:
        return {"skipped": f"no operation {request['operation']}"}
    try:
        return {"result": operation(request["input"])}
    except Skipped as reason:
        return {"skipped": str(reason)}
    except ProgramFailed as fault:
        return {"error": {"type": fault.kind, "message": str(fault)}}
    except MemoryError as error:
        return {"error": {"type": "memory", "message": str(error)}}
    except Exception as error:  # whatever a tool raises is its way to refuse
        return {"error": {"type": type(error).__name__, "message": str(error)[:500]}}
