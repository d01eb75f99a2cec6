"""Areas of cases as they are written to files."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from conformance.comparing import Array
from conformance.corpus import BLOBS, CASES, Json, Result
from conformance.generate.dicom import Element

__all__ = ["EDITION", "Area", "Given", "drift", "plain", "write"]

EDITION = "2026b"
_MOST_HEX = 64
_MOST_BASE64 = 6000

Given: TypeAlias = (
    "int | float | str | bytes | Array | Element | Sequence[Given] | Mapping[str, Given] | None"
)
"""What plain JSON, octets, arrays and elements may be nested in."""


@dataclass
class Area:
    """A file of cases that is being made.

    Attributes
    ----------
    name, title : str
        As in the file.
    flags : dict of str to str
        What each flag means.
    source : str
        Where answers come from, unless a case says it.
    """

    name: str
    title: str
    source: str
    flags: dict[str, str] = field(default_factory=dict)
    cases: list[dict[str, Json]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def add(  # noqa: PLR0913  # a case has many fields
        self,
        name: str,
        operation: str,
        subject: str,
        clause: str,
        comment: str,
        given: Mapping[str, Given],
        expected: Mapping[str, Given] | None = None,
        *,
        result: Result = "ok",
        flags: Sequence[str] = (),
        tolerance: Mapping[str, float] | None = None,
        source: str = "",
    ) -> None:
        """Add a case."""
        if name in self._names:
            raise ValueError(f"{self.name} has two cases {name}")
        unknown = set(flags) - self.flags.keys() - set(_FLAGS)
        if unknown:
            raise ValueError(f"{self.name}/{name}: flags {unknown} are not explained")
        if result == "ok" and expected is None:
            raise ValueError(f"{self.name}/{name} must have an expected answer")
        self._names.add(name)
        made: dict[str, Json] = {
            "id": f"{self.name}/{name}",
            "operation": operation,
            "kernel" if operation == "kernel" else "feature": subject,
            "clause": clause,
            "edition": EDITION,
            "comment": comment,
            "flags": list(flags),
            "input": plain(given, self.blobs),
            "result": result,
        }
        if expected is not None:
            made["expected"] = plain(expected, self.blobs)
        if tolerance is not None:
            made["tolerance"] = dict(tolerance)
        made["source"] = source or self.source
        self.cases.append(made)

    def text(self) -> str:
        """Return the content of the file, a case in each line."""
        used = {flag for case in self.cases for flag in _strings(case["flags"])}
        known = {**_FLAGS, **self.flags}
        head = {
            "schema": 1,
            "area": self.name,
            "title": self.title,
            "flags": {flag: known[flag] for flag in sorted(used)},
        }
        lines = [json.dumps(case, allow_nan=False, separators=(",", ":")) for case in self.cases]
        start = json.dumps(head, indent=1, ensure_ascii=True)[:-2]
        return start + ',\n "cases": [\n' + ",\n".join(lines) + "\n ]\n}\n"


_FLAGS = {
    "hostile": "The input is broken on purpose.",
    "legacy": "Not as the standard demands today, but as real files are.",
    "lossy": "What is encoded is not what was there before; the answer is what is encoded.",
    "reported": "A tool is known to have answered wrongly; the comment names it.",
    "retired": "Allowed once, retired from the standard since.",
}


def _strings(value: Json) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _octets(data: bytes, blobs: dict[str, bytes]) -> Json:
    if len(data) <= _MOST_HEX:
        return {"hex": data.hex()}
    if len(data) <= _MOST_BASE64:
        return {"base64": base64.b64encode(data).decode("ascii")}
    name = hashlib.sha256(data).hexdigest()
    blobs[name] = data
    return {"sha256": name, "size": len(data)}


def plain(value: Given, blobs: dict[str, bytes]) -> Json:
    """Return JSON; octets that are too long for it are added to `blobs`."""
    if isinstance(value, (bytes, bytearray)):
        return _octets(bytes(value), blobs)
    if isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        return {
            "dtype": value.dtype.name,
            "shape": list(value.shape),
            "octets": _octets(little.tobytes(), blobs),
        }
    if isinstance(value, Element):
        return plain(value.model(), blobs)
    if isinstance(value, Mapping):
        return {str(key): plain(each, blobs) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each, blobs) for each in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value)} cannot be in a case")


def _files(areas: Sequence[Area]) -> dict[str, bytes]:
    """Return all files by their path in this package."""
    made = {f"cases/{area.name}.json": area.text().encode("ascii") for area in areas}
    for area in areas:
        made.update({f"blobs/{name}": data for name, data in area.blobs.items()})
    return made


def _present() -> dict[str, bytes]:
    paths = [*CASES.glob("*.json"), *(each for each in BLOBS.glob("*") if each.is_file())]
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}


def drift(areas: Sequence[Area]) -> list[str]:
    """Return which files are not what the generators make."""
    made, present = _files(areas), _present()
    return sorted(
        name for name in made.keys() | present.keys() if made.get(name) != present.get(name)
    )


def write(areas: Sequence[Area]) -> int:
    """Write the files, remove those that are no more, and return how many changed."""
    made, changed = _files(areas), drift(areas)
    for name in changed:
        path = CASES.parent / name
        if name in made:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(made[name])
        else:
            path.unlink()
    return len(changed)
