"""Checks JSON by the schemas of ``schema/``, with the part of JSON Schema that they use.

A dependency would check more than is needed here; a keyword that this module does not
know is an error, so that a schema cannot ask for what is not checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import cast

from conformance.corpus import ROOT, Json

__all__ = ["problems"]

_SILENT = frozenset({"$schema", "$id", "$defs", "title", "description", "type"})
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


@cache
def _file(name: str) -> dict[str, Json]:
    text = (ROOT / "schema" / name).read_text("utf-8")
    return cast("dict[str, Json]", json.loads(text))


def problems(value: Json, schema: str) -> list[str]:
    """Return what in `value` is not as the schema of this file name demands."""
    return list(_check(value, _file(schema), schema, "$"))


def _resolved(reference: str, file: str) -> tuple[dict[str, Json], str]:
    name, _, pointer = reference.partition("#")
    file = name or file
    found: Json = _file(file)
    for part in pointer.strip("/").split("/") if pointer else []:
        found = cast("dict[str, Json]", found)[part]
    return cast("dict[str, Json]", found), file


def _check(value: Json, schema: dict[str, Json], file: str, where: str) -> Iterator[str]:
    if "type" in schema and not _is_any(value, schema["type"]):
        yield f"{where} is no {schema['type']}"
        return
    for keyword, wanted in schema.items():
        if keyword == "$ref":
            target, within = _resolved(cast("str", wanted), file)
            yield from _check(value, target, within, where)
        elif keyword == "oneOf":
            yield from _one_of(value, cast("list[dict[str, Json]]", wanted), file, where)
        elif keyword in ("required", "properties", "additionalProperties"):
            if isinstance(value, dict):
                yield from _check_object(value, keyword, schema, file, where)
        elif keyword == "items":
            for k, each in enumerate(value if isinstance(value, list) else []):
                yield from _check(each, cast("dict[str, Json]", wanted), file, f"{where}[{k}]")
        elif keyword not in _SILENT:
            yield from _check_plain(value, keyword, wanted, where)


def _check_plain(value: Json, keyword: str, wanted: Json, where: str) -> Iterator[str]:
    """Check a value by a keyword that does not look into it."""
    if keyword == "enum":
        if value not in cast("list[Json]", wanted):
            yield f"{where} is {value!r}, none of {wanted!r}"
    elif keyword == "pattern":
        if isinstance(value, str) and not re.search(cast("str", wanted), value):
            yield f"{where} is {value!r}, which does not match {wanted}"
    elif keyword == "minimum":
        if isinstance(value, (int, float)) and value < cast("float", wanted):
            yield f"{where} is {value}, less than {wanted}"
    else:
        yield f"the schema's keyword {keyword} is not known"


def _is_any(value: Json, names: Json) -> bool:
    return any(_is(value, str(name)) for name in (names if isinstance(names, list) else [names]))


def _is(value: Json, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def _one_of(value: Json, choices: list[dict[str, Json]], file: str, where: str) -> Iterator[str]:
    fitting = [each for each in choices if not any(True for _ in _check(value, each, file, where))]
    if len(fitting) != 1:
        yield f"{where} is as {len(fitting)} of {len(choices)} alternatives demand, not as one"


def _check_object(
    value: dict[str, Json], keyword: str, schema: dict[str, Json], file: str, where: str
) -> Iterator[str]:
    properties = cast("dict[str, dict[str, Json]]", schema.get("properties", {}))
    if keyword == "required":
        for name in cast("list[str]", schema["required"]):
            if name not in value:
                yield f"{where} has no {name}"
    elif keyword == "properties":
        for name, each in properties.items():
            if name in value:
                yield from _check(value[name], each, file, f"{where}.{name}")
    else:
        rule = schema["additionalProperties"]
        for name in value.keys() - properties.keys():
            if rule is False:
                yield f"{where} has {name}, which is not allowed"
            elif isinstance(rule, dict):
                yield from _check(value[name], rule, file, f"{where}.{name}")
