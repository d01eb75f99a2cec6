"""Data sets to JSON (PS3.18 Annex F)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any, TypeAlias

from pydcm import config
from pydcm.errors import LimitError, PydcmError, ValueRepresentationError
from pydcm.tag import BaseTag, Tag
from pydcm.valuerep import AMBIGUOUS_VR, BYTES_VR, FLOAT_VR, INT_VR, VR, PersonName

if TYPE_CHECKING:
    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset

__all__ = ["NAME_GROUPS", "dataset_to_json_dict", "element_to_json", "json_text"]

JsonModel: TypeAlias = dict[str, Any]

NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
"""The component groups of a person name (PS3.18 F.2.2), in the order of PS3.5 6.2.1."""


def dataset_to_json_dict(
    ds: Dataset,
    bulk_data_threshold: int,
    bulk_data_element_handler: Callable[[DataElement], str] | None,
    suppress_invalid_tags: bool,
) -> JsonModel:
    """Return the JSON model of a data set (PS3.18 F.2.2).

    Parameters
    ----------
    ds : Dataset
        The data set; its file meta information is not part of the model.
    bulk_data_threshold : int
        Longer base64 text goes to the handler, if there is one.
    bulk_data_element_handler : callable or None
        Called with an element; returns its BulkDataURI.
    suppress_invalid_tags : bool
        Leave out elements that cannot be converted or, if they are read only now,
        do not fit their VR, instead of raising.

    Returns
    -------
    dict
        An object for each element, by eight hexadecimal digits.

    Raises
    ------
    ValueRepresentationError
        If a value cannot be converted.
    """
    model: JsonModel = {}
    for tag in sorted(ds.keys()):
        # PS3.18 F.2.2: group lengths shall not be in the model.
        if tag & 0xFFFF == 0:
            continue
        try:
            elem = _valid_element(ds, tag) if suppress_invalid_tags else ds[tag]
            model[f"{tag:08X}"] = _element_model(
                elem, bulk_data_element_handler, bulk_data_threshold, suppress_invalid_tags
            )
        except Exception as error:  # the handler's and a converter's, which may be the caller's
            if not suppress_invalid_tags:
                raise
            config.logger.error("element %s is left out of the JSON model: %s", tag, error)
    return model


def _valid_element(ds: Dataset, tag: BaseTag) -> DataElement:
    """Return an element; one that is read only now has to fit its VR."""
    with config.strict_reading():
        return ds[tag]


def json_text(model: JsonModel) -> str:
    """Return a JSON model as text, its keys in ascending order.

    Parameters
    ----------
    model : dict
        The model of an element or of a data set.

    Returns
    -------
    str
        JSON (RFC 8259); numbers that it does not have are texts.

    Examples
    --------
    >>> json_text({"vr": "FD", "Value": [float("inf"), 1.0]})
    '{"Value": ["Infinity", 1.0], "vr": "FD"}'
    """
    import json

    try:
        return json.dumps(model, sort_keys=True, allow_nan=False)
    except RecursionError as error:
        raise LimitError("sequences are nested too deeply for JSON text") from error
    except ValueError:
        return json.dumps(_finite(model), sort_keys=True, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    if not isinstance(value, float) or isfinite(value):
        return value
    if isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def element_to_json(
    elem: DataElement,
    bulk_data_element_handler: Callable[[DataElement], str] | None,
    bulk_data_threshold: int,
) -> JsonModel:
    """Return the JSON model of an element (PS3.18 F.2.2).

    Parameters
    ----------
    elem : DataElement
        The element.
    bulk_data_element_handler : callable or None
        Called with an element whose base64 text is longer than the threshold;
        returns its BulkDataURI.
    bulk_data_threshold : int
        A number of characters.

    Returns
    -------
    dict
        The object of the element.

    Raises
    ------
    ValueRepresentationError
        If a value cannot be converted.
    """
    return _element_model(elem, bulk_data_element_handler, bulk_data_threshold, False)


def _element_model(
    elem: DataElement,
    handler: Callable[[DataElement], str] | None,
    threshold: int,
    suppress: bool,
) -> JsonModel:
    vr = str(elem.VR)
    model: JsonModel = {"vr": vr}
    if vr == VR.SQ:
        value: list[Any] = []
        for item in elem.value:  # a comprehension would be one more frame for each level
            value.append(dataset_to_json_dict(item, threshold, handler, suppress))
    elif vr in BYTES_VR or (vr in AMBIGUOUS_VR and isinstance(elem.value, (bytes, bytearray))):
        return model | _binary(elem, handler, threshold)
    else:
        value = _values(elem, vr)
    if value:
        model["Value"] = value
    return model


def _binary(
    elem: DataElement, handler: Callable[[DataElement], str] | None, threshold: int
) -> JsonModel:
    value = elem.value
    if elem.is_buffered:
        from pydcm._buffered import buffer_length

        size = buffer_length(value)
    else:
        size = _octet_count(elem)
    if not size:
        return {}
    # Four characters for each three bytes; the text itself may not be needed.
    if handler is not None and (size + 2) // 3 * 4 > threshold:
        return {"BulkDataURI": handler(elem)}
    if elem.is_buffered:
        from pydcm._buffered import reset_buffer_position

        with reset_buffer_position(value):
            value.seek(0)
            value = value.read()

    from base64 import b64encode

    return {"InlineBinary": b64encode(value).decode("ascii")}


def _octet_count(elem: DataElement) -> int:
    """Return how many octets a value has; an element that a program made may hold anything."""
    value = elem.value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return len(value)
    if value is None or (isinstance(value, Sized) and not len(value)):
        return 0
    raise ValueRepresentationError(
        f"a value of VR {elem.VR} is octets, not {type(value).__name__!r}, so that it has no "
        "InlineBinary",
        tag_path=str(elem.tag),
        clause="PS3.18 F.2.7",
    )


def _values(elem: DataElement, vr: str) -> list[Any]:
    """Return what stands under ``Value``; an empty list for an empty element (F.2.5)."""
    convert: Callable[[Any], Any]
    if vr == VR.PN:
        convert = _name_model
    elif vr == VR.AT:
        convert = _tag_text
    elif vr in FLOAT_VR:
        convert = float
    elif vr in INT_VR or vr in AMBIGUOUS_VR:
        convert = int
    else:
        convert = str
    values = [None if _is_empty(one) else one for one in _listed(elem.value)]
    try:
        return [None if one is None else convert(one) for one in values]
    except (ValueError, TypeError, OverflowError) as error:
        if isinstance(error, PydcmError):
            raise
        raise ValueRepresentationError(
            f"the value {elem.value!r} cannot be converted to JSON: {error}",
            tag_path=str(elem.tag),
            clause="PS3.18 F.2.3",
        ) from error


def _listed(value: Any) -> Iterable[Any]:
    if isinstance(value, (str, bytes, PersonName)) or not hasattr(value, "__iter__"):
        return () if _is_empty(value) else (value,)
    return value  # type: ignore[no-any-return]  # several values


def _is_empty(value: Any) -> bool:
    if isinstance(value, PersonName):
        return not any(value.components)
    return value is None or (isinstance(value, (str, bytes)) and not value)


def _name_model(name: PersonName | str) -> dict[str, str]:
    groups = name.components if isinstance(name, PersonName) else str(name).split("=")
    return {key: group for key, group in zip(NAME_GROUPS, groups, strict=False) if group}


def _tag_text(value: Any) -> str:
    return f"{Tag(value):08X}"
