"""The cases as they lie in ``cases/``, and the octets that they refer to."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias, cast

__all__ = [
    "BLOBS",
    "CASES",
    "ROOT",
    "Case",
    "CaseFile",
    "CorpusError",
    "Json",
    "Result",
    "areas",
    "load",
    "octets_of",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Result: TypeAlias = Literal["ok", "error", "either"]

ROOT = Path(__file__).parent
CASES = ROOT / "cases"
BLOBS = ROOT / "blobs"


class CorpusError(Exception):
    """The corpus itself is broken: a blob is missing or is not what its name says."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case; see README.md for what its fields mean."""

    id: str
    operation: str
    subject: str
    clause: str
    edition: str
    comment: str
    flags: tuple[str, ...]
    input: Mapping[str, Json]
    result: Result
    expected: Mapping[str, Json] | None
    tolerance: Mapping[str, float] | None
    source: str

    @property
    def area(self) -> str:
        """The part of `id` before the slash."""
        return self.id.partition("/")[0]

    @property
    def hostile(self) -> bool:
        """Whether the input is broken on purpose."""
        return "hostile" in self.flags

    @property
    def clauses(self) -> list[str]:
        """The clauses, one by one."""
        return self.clause.split("; ")

    @classmethod
    def of(cls, fields: Mapping[str, Json]) -> Case:
        """Return the case with these fields of a file."""
        subject = fields["kernel"] if fields["operation"] == "kernel" else fields["feature"]
        return cls(
            id=str(fields["id"]),
            operation=str(fields["operation"]),
            subject=str(subject),
            clause=str(fields["clause"]),
            edition=str(fields["edition"]),
            comment=str(fields["comment"]),
            flags=tuple(cast("list[str]", fields["flags"])),
            input=cast("Mapping[str, Json]", fields["input"]),
            result=cast(Result, fields["result"]),
            expected=cast("Mapping[str, Json] | None", fields.get("expected")),
            tolerance=cast("Mapping[str, float] | None", fields.get("tolerance")),
            source=str(fields["source"]),
        )


@dataclass(frozen=True)
class CaseFile:
    """One file of cases."""

    path: Path
    fields: Mapping[str, Json] = field(repr=False)

    @property
    def area(self) -> str:
        """Its area."""
        return str(self.fields["area"])

    @property
    def title(self) -> str:
        """What the area is."""
        return str(self.fields["title"])

    @property
    def flags(self) -> Mapping[str, str]:
        """What each flag means."""
        return cast("Mapping[str, str]", self.fields["flags"])

    @cached_property
    def cases(self) -> list[Case]:
        """The cases in their order."""
        return [Case.of(each) for each in cast("list[dict[str, Json]]", self.fields["cases"])]

    @classmethod
    def read(cls, path: Path) -> CaseFile:
        """Read a file."""
        return cls(path, json.loads(path.read_text("utf-8")))


def areas() -> list[CaseFile]:
    """Return all files of cases."""
    return [CaseFile.read(path) for path in sorted(CASES.glob("*.json"))]


def load(*wanted: str) -> Iterator[Case]:
    """Yield the cases of some areas, or of all."""
    for each in areas():
        if not wanted or each.area in wanted:
            yield from each.cases


def octets_of(value: Json) -> bytes:
    """Return octets that a case names.

    Raises
    ------
    CorpusError
        If the blob is missing or another.
    """
    named = cast("dict[str, str]", value)
    if "hex" in named:
        return bytes.fromhex(named["hex"])
    if "base64" in named:
        return base64.b64decode(named["base64"], validate=True)
    try:
        data = (BLOBS / named["sha256"]).read_bytes()
    except OSError as error:
        raise CorpusError(f"blob {named['sha256']} cannot be read: {error}") from error
    if hashlib.sha256(data).hexdigest() != named["sha256"]:
        raise CorpusError(f"blob {named['sha256']} has other content than its name says")
    return data
