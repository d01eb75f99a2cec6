"""What an answer of a tool counts as."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, cast, get_args

from conformance.comparing import differences
from conformance.corpus import Case, Json, octets_of

__all__ = ["VERDICTS", "Judged", "Verdict", "inlined", "judged"]

Verdict: TypeAlias = Literal[
    "agree", "differ", "refused", "crashed", "timeout", "memory", "garbage", "skipped"
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_RESERVED: dict[str, Verdict] = {"crash": "crashed", "timeout": "timeout", "memory": "memory"}


class Judged(NamedTuple):
    """A verdict, and what is known about it."""

    verdict: Verdict
    detail: str = ""


def judged(case: Case, answer: Mapping[str, object]) -> Judged:
    """Return what an answer to a case counts as.

    Parameters
    ----------
    case : Case
        The case.
    answer : mapping
        As the protocol has it: with `result`, `skipped` or `error`.
    """
    if "skipped" in answer:
        return Judged("skipped", str(answer["skipped"]))
    if "error" in answer:
        error = answer["error"]
        if not isinstance(error, dict) or "type" not in error:
            return Judged("garbage", "an error without a type")
        said = f"{error['type']}: {error.get('message', '')}"
        if error["type"] in _RESERVED:
            return Judged(_RESERVED[error["type"]], str(error.get("message", "")))
        return Judged("refused" if case.result == "ok" else "agree", said)
    result = answer["result"]
    if not isinstance(result, dict):
        return Judged("garbage", "a result that is no object")
    if case.result == "error":
        return Judged("differ", "it answers what must be refused")
    try:
        found = differences(case, cast("dict[str, Json]", result))
    except Exception as error:  # whatever the answer has where the case has something else
        return Judged("garbage", f"an answer that cannot be compared: {error!r}")
    return Judged("differ", "; ".join(found)) if found else Judged("agree")


def inlined(value: Json) -> Json:
    """Return an input with all octets in it as base64."""
    if isinstance(value, dict):
        if "sha256" in value or "hex" in value:
            return {"base64": base64.b64encode(octets_of(value)).decode("ascii")}
        return {name: inlined(each) for name, each in value.items()}
    if isinstance(value, list):
        return [inlined(each) for each in value]
    return value
