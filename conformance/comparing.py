"""Whether an answer is the expected one, bit for bit or within a case's tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from conformance.corpus import Case, Json, octets_of

__all__ = ["Array", "array_of", "differences", "normal_elements"]

Array: TypeAlias = NDArray[np.generic]

_NUMBERS = ("modality", "voi", "presentation", "palette")
"""Operations whose arrays are compared as numbers, whatever their types."""
_BOTH_ENDS = frozenset("AE CS DS IS LO SH".split())
"""VRs in whose values neither leading nor trailing spaces count (PS3.5 6.2)."""
_TRAILING = frozenset("DA DT LT ST TM UC UR UT".split())


def array_of(value: Json) -> Array:
    """Return an array as a case or an answer has it."""
    named = cast("dict[str, Json]", value)
    dtype = np.dtype(str(named["dtype"])).newbyteorder("<")
    cells = np.frombuffer(octets_of(named["octets"]), dtype)
    return cells.reshape(cast("list[int]", named["shape"]))


def normal_elements(elements: Json) -> Json:
    """Return elements in the one form in which two lists of them are compared."""
    return [_normal(cast("dict[str, Json]", each)) for each in cast("list[Json]", elements)]


def _normal(element: Mapping[str, Json]) -> Json:
    vr = str(element["vr"])
    normal: dict[str, Json] = {"tag": str(element["tag"]).upper(), "vr": vr}
    if "items" in element or vr == "SQ":
        items = cast("list[Json]", element.get("items", []))
        normal["items"] = [normal_elements(item) for item in items]
    elif "fragments" in element:
        fragments = cast("list[Json]", element["fragments"])
        normal["fragments"] = [octets_of(each).hex() for each in fragments]
    elif "octets" in element:
        octets = octets_of(element["octets"]).hex()
        if octets:
            normal["octets"] = octets
    else:
        values = [_value(vr, each) for each in cast("list[Json]", element.get("value", []))]
        if values and values != [""]:
            normal["value"] = values
    return normal


def _value(vr: str, value: Json) -> Json:
    if isinstance(value, str):
        if vr in _BOTH_ENDS:
            return value.strip(" ")
        if vr == "PN":
            return _name(value)
        if vr in _TRAILING:
            return value.rstrip(" ")
        if vr == "UI":
            return value.rstrip("\0 ")
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value.is_integer() and abs(value) < 1 << 53 and math.copysign(1, value) > 0:
            return int(value)
    return value


def _name(text: str) -> str:
    """Return a name without what may be left out at its end (PS3.5 6.2.1.1)."""
    names = text.split("\\")
    groups = ["=".join(group.rstrip("^ ") for group in each.split("=")) for each in names]
    return "\\".join(each.rstrip("=") for each in groups)


def differences(case: Case, answer: Mapping[str, Json]) -> list[str]:
    """Return in which ways an answer is not the expected one; none if it is.

    A case that expects nothing in particular is content with any answer.
    """
    expected = case.expected
    if expected is None:
        return []
    found: list[str] = []
    for name, wanted in expected.items():
        if name not in answer:
            found.append(f"the answer has no {name}")
        elif name == "array":
            found += _array_differences(case, wanted, answer[name])
        elif name == "elements":
            found += _first_difference(
                normal_elements(wanted), normal_elements(answer[name]), "elements"
            )
        elif name == "dataset":
            found += _octet_differences(octets_of(wanted), octets_of(answer[name]), "data set")
        elif name == "buffers":
            found += _buffer_differences(wanted, answer[name])
        elif name == "text":
            vr = "PN" if case.input.get("vr") == "PN" else ""
            found += _first_difference(_value(vr, wanted), _value(vr, answer[name]), name)
        elif name == "json":
            found += _first_difference(_numbers(wanted), _numbers(answer[name]), "json")
        else:
            found += _first_difference(wanted, answer[name], name)
    return found


def _numbers(value: Json) -> Json:
    """Return JSON with whole numbers alike, however they are written."""
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    return _value("", value)


def _first_difference(wanted: Json, got: Json, where: str) -> list[str]:
    """Say where two values of JSON differ first."""
    if type(wanted) is not type(got):
        return [f"{where}: expected {_shown(wanted)}, got {_shown(got)}"]
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(wanted.keys() | got.keys()):
            if key not in got:
                return [f"{where}.{key} is missing, expected {_shown(wanted[key])}"]
            if key not in wanted:
                return [f"{where}.{key} is not expected: {_shown(got[key])}"]
            found = _first_difference(wanted[key], got[key], f"{where}.{key}")
            if found:
                return found
        return []
    if isinstance(wanted, list) and isinstance(got, list):
        for k, (one, other) in enumerate(zip(wanted, got, strict=False)):
            found = _first_difference(one, other, f"{where}[{k}]")
            if found:
                return found
        if len(wanted) != len(got):
            return [f"{where} has {len(got)} entries, expected {len(wanted)}"]
        return []
    if wanted != got:
        return [f"{where}: expected {_shown(wanted)}, got {_shown(got)}"]
    return []


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _octet_differences(wanted: bytes, got: bytes, what: str) -> list[str]:
    if wanted == got:
        return []
    pairs = enumerate(zip(wanted, got, strict=False))
    at = next((k for k, (one, other) in pairs if one != other), min(len(wanted), len(got)))
    return [
        f"{what} of {len(got)} octets, expected {len(wanted)}; they differ from octet {at} on: "
        f"expected {wanted[at : at + 8].hex()}, got {got[at : at + 8].hex()}"
    ]


def _buffer_differences(wanted: Json, got: Json) -> list[str]:
    answered = {
        cast("int", each["argument"]): each["octets"] for each in cast("list[dict[str, Json]]", got)
    }
    found = []
    for each in cast("list[dict[str, Json]]", wanted):
        index = cast("int", each["argument"])
        octets = octets_of(each["octets"])
        if index not in answered:
            found.append(f"the answer has no argument {index}")
        else:
            begin = octets_of(answered[index])[: len(octets)]
            found += _octet_differences(octets, begin, f"argument {index}")
    return found


def _array_differences(case: Case, wanted: Json, got: Json) -> list[str]:
    expected, answered = array_of(wanted), array_of(got)
    if expected.shape != answered.shape:
        return [f"array of shape {answered.shape}, expected {expected.shape}"]
    if case.operation not in _NUMBERS and expected.dtype != answered.dtype:
        return [f"array of {answered.dtype}, expected {expected.dtype}"]
    if expected.size == 0:
        return []
    same = (expected == answered) | (_is_nan(expected) & _is_nan(answered))
    with np.errstate(invalid="ignore"):
        gap = np.abs(expected.astype(np.float64) - answered.astype(np.float64))
    gap[same] = 0
    gap[~same & (gap == 0)] = 1  # integers that a double does not tell apart
    largest, mean = float(np.nanmax(gap)), float(np.nanmean(gap))
    if np.isnan(gap).any():
        return [f"{int(np.isnan(gap).sum())} values are no numbers where numbers are expected"]
    allowed = case.tolerance or {"absolute": 0.0}
    found = []
    if largest > allowed["absolute"]:
        at = tuple(int(k) for k in np.unravel_index(int(gap.argmax()), gap.shape))
        found.append(
            f"{int((gap > allowed['absolute']).sum())} of {gap.size} values differ by more than "
            f"{allowed['absolute']:g}; most at {at}: expected {expected[at]}, got {answered[at]}"
        )
    if mean > allowed.get("mean", np.inf):
        found.append(f"values differ by {mean:.4g} on average, allowed are {allowed['mean']:g}")
    return found


def _is_nan(array: Array) -> NDArray[np.bool_]:
    if array.dtype.kind == "f":
        return cast("NDArray[np.bool_]", np.isnan(array))
    return np.zeros(array.shape, bool)
