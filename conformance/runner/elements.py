"""The elements of a pydcm data set, in the form that cases have, and back."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, cast

from conformance.corpus import Json, octets_of
from pydcm import DataElement, Dataset, Sequence
from pydcm.encaps import generate_fragments, parse_basic_offsets

__all__ = ["as_octets", "dataset_of", "elements_of"]

_OCTETS = {"OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1}
"""VRs whose value is octets, and how many of them make a number."""
_NUMBERS = frozenset("DS FD FL IS SL SS SV UL US UV".split())
_SINGLE = frozenset("LT ST UR UT".split())
_PIXEL_DATA = 0x7FE00010


def as_octets(data: bytes) -> Json:
    """Return octets as an answer has them."""
    return {"base64": base64.b64encode(data).decode("ascii")}


def elements_of(ds: Dataset, *, little: bool = True) -> list[Json]:
    """Return the elements of a data set; `little` is the byte order it was read in."""
    return [_element(each, little) for each in ds if each.tag >> 16 != 2 and each.tag & 0xFFFF]


def _element(element: DataElement, little: bool) -> Json:
    vr = str(element.VR)
    named: dict[str, Json] = {"tag": f"{int(element.tag):08X}", "vr": vr}
    value = element.value
    if vr == "SQ":
        items = cast("Iterable[Dataset]", value or [])
        named["items"] = [elements_of(item, little=little) for item in items]
    elif element.tag == _PIXEL_DATA and element.is_undefined_length and value:
        named["fragments"] = _fragments(bytes(value))
    elif vr in _OCTETS:
        if value:
            named["octets"] = as_octets(_swapped(bytes(value), 1 if little else _OCTETS[vr]))
    elif value is not None and value != "":
        many = isinstance(value, (list, tuple)) or hasattr(value, "append")
        values = list(cast("Iterable[object]", value)) if many else [value]
        if vr in _SINGLE and many:
            values = ["\\".join(map(str, values))]
        if values:
            named["value"] = [_plain(vr, each) for each in values]
    return named


def _fragments(data: bytes) -> list[Json]:
    table = b"".join(offset.to_bytes(4, "little") for offset in parse_basic_offsets(data))
    fragments = list(generate_fragments(data[8 + len(table) :]))
    return [as_octets(each) for each in [table, *fragments]]


def _swapped(data: bytes, size: int) -> bytes:
    """Return numbers of `size` octets in the other byte order."""
    if size == 1:
        return data
    return b"".join(data[k : k + size][::-1] for k in range(0, len(data), size))


def _plain(vr: str, value: object) -> Json:
    if vr == "AT":
        return f"{int(cast(Any, value)):08X}"
    if vr in _NUMBERS:
        if value is None or value == "":
            return ""
        if isinstance(value, (str, bytes)):  # no number, in spite of its VR
            return str(value)
        if vr in ("DS", "FD", "FL"):
            return float(cast(Any, value))
        return int(cast(Any, value))
    return "" if value is None else str(value)


def dataset_of(elements: Json, *, little: bool = True) -> Dataset:
    """Return a data set of elements as cases have them; `little` is the order to write in."""
    ds = Dataset()
    for each in cast("list[dict[str, Json]]", elements):
        tag, vr = int(str(each["tag"]), 16), str(each["vr"])
        ds.add_new(tag, vr, _value_of(each, vr, little))
        if "fragments" in each:
            ds[tag].is_undefined_length = True
    return ds


def _value_of(element: dict[str, Json], vr: str, little: bool) -> object:
    if vr == "SQ":
        items = cast("list[Json]", element.get("items", []))
        return Sequence([dataset_of(item, little=little) for item in items])
    if "octets" in element:
        return _swapped(octets_of(element["octets"]), 1 if little else _OCTETS[vr])
    if "fragments" in element:
        pieces = [octets_of(each) for each in cast("list[Json]", element["fragments"])]
        return b"".join(_ITEM + len(each).to_bytes(4, "little") + each for each in pieces)
    values = cast("list[Any]", element.get("value", []))
    if vr == "AT":
        values = [int(each, 16) for each in values]
    if vr in ("FL", "FD"):
        values = [float(each) for each in values]
    if not values:
        return b"" if vr in _OCTETS else None
    return values[0] if len(values) == 1 else values


_ITEM = b"\xfe\xff\x00\xe0"
