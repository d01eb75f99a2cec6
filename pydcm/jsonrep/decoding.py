"""Data sets from JSON (PS3.18 Annex F)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

from pydcm import config, limits
from pydcm.dataelem import (
    DataElement,
    RawDataElement,
    convert_raw_data_element,
    empty_value_for_VR,
)
from pydcm.errors import JsonModelError, LimitError, PydcmError
from pydcm.jsonrep.encoding import NAME_GROUPS
from pydcm.multival import MultiValue
from pydcm.tag import BaseTag, Tag
from pydcm.valuerep import FLOAT_VR, INT_VR, VR

if TYPE_CHECKING:
    from pydcm.dataset import Dataset

__all__ = [
    "JSON_VALUE_KEYS",
    "BulkDataHandlerType",
    "BulkDataType",
    "JsonDataElementConverter",
    "convert_to_python_number",
    "dataset_from_json",
    "element_from_json",
]

JSON_VALUE_KEYS = ("Value", "BulkDataURI", "InlineBinary")
"""The keys of an element's object of which at most one is there (PS3.18 F.2.2)."""

BulkDataType: TypeAlias = str | int | float | bytes | None
"""What a handler returns for a URI: the value."""

BulkDataHandlerType: TypeAlias = (
    Callable[[str, str, str], BulkDataType]
    | Callable[[str, str], BulkDataType]
    | Callable[[str], BulkDataType]
    | None
)
"""Called with (tag, vr, uri), (vr, uri) or (uri)."""

_NUMBER_CODES = {
    "FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
"""How binary numbers stand in InlineBinary, by VR (PS3.5 6.2)."""

_SEQUENCE_BEGINS_WITH = (b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0")
"""The tags of an item and of the delimiter of a sequence, little endian (PS3.5 7.5)."""

_depth: ContextVar[int] = ContextVar("pydcm_json_depth", default=0)


def dataset_from_json(
    cls: type[Dataset],
    json_dataset: dict[str, Any] | str | bytes | bytearray,
    bulk_data_uri_handler: BulkDataHandlerType = None,
) -> Dataset:
    """Return the data set of a JSON model (PS3.18 F.2.2).

    Parameters
    ----------
    cls : type
        The class of the data set and of the items in it.
    json_dataset : dict, str or bytes
        The model, or its text.
    bulk_data_uri_handler : callable, optional
        Called with (tag, vr, uri), (vr, uri) or (uri); returns the value.

    Returns
    -------
    Dataset
        The data set.

    Raises
    ------
    JsonModelError
        If it is no JSON, or not of that model.
    ValueRepresentationError
        If a value does not fit its VR.
    LimitError
        If sequences are nested deeper than ``limits.max_depth``.
    """
    ds = cls()
    with _nesting():
        for tag, model in _objects(json_dataset).items():
            vr, value, key = _parts(tag, model)
            ds.add(element_from_json(cls, tag, vr, value, key, bulk_data_uri_handler))
    return ds


def _objects(source: object) -> Mapping[str, object]:
    if isinstance(source, (str, bytes, bytearray)):
        import json

        try:
            source = json.loads(source)
        except RecursionError as error:
            raise LimitError("the JSON text is nested too deeply to be read") from error
        except ValueError as error:
            raise JsonModelError(f"the text is no JSON: {error}") from error
    if not isinstance(source, Mapping):
        raise JsonModelError(
            f"the JSON model of a data set is an object, not a {type(source).__name__}",
            clause="PS3.18 F.2.2",
            hint="give each object of an array by itself" if isinstance(source, list) else None,
        )
    return source


def _parts(tag: str, model: object) -> tuple[Any, Any, str | None]:
    """Return the VR of an element, what its value is made of, and the key of that."""
    if not isinstance(model, Mapping):
        raise JsonModelError(
            f"an element is an object, not a {type(model).__name__}",
            tag_path=tag, clause="PS3.18 F.2.2",
        )  # fmt: skip
    if "vr" not in model:
        raise JsonModelError("the element has no key 'vr'", tag_path=tag, clause="PS3.18 F.2.2")
    keys = [key for key in JSON_VALUE_KEYS if key in model]
    if len(keys) > 1:
        raise JsonModelError(
            f"the element has more than one of {' and '.join(keys)}",
            tag_path=tag,
            clause="PS3.18 F.2.2",
        )
    key = keys[0] if keys else None
    return model["vr"], model[key] if key else "", key


@contextmanager
def _nesting() -> Iterator[None]:
    """Bound how deeply data sets are nested while they are made."""
    depth = _depth.get()
    limits.check("max_depth", depth, "nesting of sequences in JSON")
    token = _depth.set(depth + 1)
    try:
        yield
    except RecursionError as error:
        raise LimitError("the sequences in JSON are nested too deeply to be made") from error
    finally:
        _depth.reset(token)


def element_from_json(
    dataset_class: type[Dataset],
    tag: str,
    vr: str,
    value: Any,
    value_key: str | None,
    bulk_data_uri_handler: BulkDataHandlerType = None,
) -> DataElement:
    """Return the element of a JSON model (PS3.18 F.2.2).

    Parameters
    ----------
    dataset_class : type
        What the items of a sequence become.
    tag : str
        Eight hexadecimal digits.
    vr : str
        The VR.
    value : object
        What stands under `value_key`.
    value_key : {"Value", "InlineBinary", "BulkDataURI"} or None
        How the value is given; None for an empty element.
    bulk_data_uri_handler : callable, optional
        Called with (tag, vr, uri), (vr, uri) or (uri); returns the value.

    Returns
    -------
    DataElement
        The element.

    Raises
    ------
    JsonModelError
        If `value` is not as the model wants it.
    ValueRepresentationError
        If the value does not fit the VR.
    """
    try:
        number = Tag(tag)
        if not isinstance(vr, str):
            raise TypeError(f"the VR is a text, not {vr!r}")
        made = JsonDataElementConverter(
            dataset_class, tag, vr, value, value_key, bulk_data_uri_handler
        ).get_element_values()
        if isinstance(made, str) and not made:
            made = empty_value_for_VR(vr)
        if vr == VR.UN and isinstance(made, bytes) and not number.is_private:
            return _of_unknown_vr(number, made)
        return DataElement(number, vr, made)
    except PydcmError as error:
        error.tag_path = tag if error.tag_path is None else f"{tag}.{error.tag_path}"
        raise
    except (ValueError, TypeError, OverflowError, NotImplementedError) as error:
        raise JsonModelError(
            f"no element can be made of it: {error}", tag_path=tag, clause="PS3.18 F.2.2"
        ) from error


def _of_unknown_vr(tag: BaseTag, data: bytes) -> DataElement:
    """Return an element of the VR that the dictionary knows (PS3.5 6.2.2, note 2).

    A value of VR UN is in Implicit VR Little Endian, whatever it was taken from.
    """
    made = convert_raw_data_element(RawDataElement(tag, VR.UN, len(data), data, 0, True, True))
    if made.VR == VR.SQ and data and not data.startswith(_SEQUENCE_BEGINS_WITH):
        raise JsonModelError("the octets of the sequence begin with no item", clause="PS3.5 7.5")
    return made


def convert_to_python_number(value: Any, vr: str) -> Any:
    """Return the number or numbers that JSON gives for a VR.

    Parameters
    ----------
    value : int, float, str, None or a list of them
        The JSON value. IS, DS, SV and UV may be texts (PS3.18 F.2.3).
    vr : str
        The VR.

    Returns
    -------
    int, float, None or a list of them
        None and empty text become None; a value of a VR that is no number, and
        AT, comes back as it is.

    Raises
    ------
    ValueError
        If a text is no number.

    Examples
    --------
    >>> convert_to_python_number(["1", None, "3"], "IS")
    [1, None, 3]
    """
    number: Callable[[Any], float]
    if vr in FLOAT_VR:
        number = float
    elif vr in INT_VR and vr != VR.AT:
        number = int
    else:
        return value
    if isinstance(value, (list, tuple, MultiValue)):
        return [None if one is None or one == "" else number(one) for one in value]
    return None if value is None or value == "" else number(value)


class JsonDataElementConverter:
    """Makes the value of an element from its JSON model.

    Parameters
    ----------
    dataset_class : type
        What the items of a sequence become.
    tag : str
        Eight hexadecimal digits.
    vr : str
        The VR.
    value : object
        What stands under `value_key`.
    value_key : str or None
        One of :data:`JSON_VALUE_KEYS`; None for an empty element.
    bulk_data_uri_handler : callable, optional
        Called with (tag, vr, uri), (vr, uri) or (uri); returns the value.

    Raises
    ------
    TypeError
        If the handler cannot be called.
    """

    def __init__(
        self,
        dataset_class: type[Dataset],
        tag: str,
        vr: str,
        value: Any,
        value_key: str | None,
        bulk_data_uri_handler: BulkDataHandlerType = None,
    ) -> None:
        self.dataset_class = dataset_class
        self.tag = tag
        self.vr = vr
        self.value = value
        self.value_key = value_key
        self.bulk_data_element_handler = bulk_data_uri_handler

    def get_element_values(self) -> Any:
        """Return the value of the element.

        Returns
        -------
        object
            A value, a list of values, or a list of items.

        Raises
        ------
        JsonModelError
            If the model is not as PS3.18 F.2 wants it.
        """
        match self.value_key:
            case "Value" if not isinstance(self.value, list):
                raise self._fault(f"'Value' is an array, not a {type(self.value).__name__}")
            case "Value" if self.vr == VR.SQ:
                items = []
                for one in self.value:  # a comprehension would be one more frame for each level
                    items.append(self.get_sequence_item(one))
                return items
            case "Value":
                return self._listed_values()
            case "InlineBinary":
                return self._numbers(self._inline_binary())
            case "BulkDataURI":
                return self._numbers(self._bulk_data())
            case None:
                return self._empty()
        raise JsonModelError(
            f"the element has the key {self.value_key!r} instead of one of "
            f"{', '.join(JSON_VALUE_KEYS)}",
            clause="PS3.18 F.2.2",
        )

    def get_regular_element_value(self, value: Any) -> Any:
        """Return one value of a VR other than PN and SQ.

        Parameters
        ----------
        value : object
            One entry of ``Value``.

        Returns
        -------
        object
            The value; an AT as a number, or None with a warning if it is none.
        """
        if self.vr != VR.AT or value is None:
            return convert_to_python_number(value, self.vr)
        if not isinstance(value, str):
            raise self._fault(f"an attribute tag is text of eight digits, not {value!r}")
        try:
            return int(value, 16)
        except ValueError:
            config.warn_and_log(f"{self.tag}: {value!r} is no attribute tag and is left out")
            return None

    def get_sequence_item(self, value: Any) -> Dataset:
        """Return one item of a sequence.

        Parameters
        ----------
        value : dict or None
            The JSON model of the item; None for an empty one.

        Returns
        -------
        Dataset
            The item.
        """
        return dataset_from_json(
            self.dataset_class, {} if value is None else value, self.bulk_data_element_handler
        )

    def get_pn_element_value(self, value: Any) -> str:
        """Return a person name as text.

        Parameters
        ----------
        value : dict or str
            The component groups of the name. Text is taken too, with a warning.

        Returns
        -------
        str
            The component groups with ``=`` between (PS3.5 6.2.1).
        """
        if not isinstance(value, Mapping):
            config.warn_and_log(
                f"{self.tag}: a person name is an object of component groups, not {value!r}"
            )
            if not isinstance(value, str):
                raise self._fault(f"{value!r} is no person name")
            return value
        groups = [value.get(key, "") for key in NAME_GROUPS]
        if not all(isinstance(group, str) for group in groups):
            raise self._fault(f"the component groups of a name are texts: {value!r}")
        return "=".join(groups).rstrip("=")

    # ---- the three forms of a value ------------------------------------------

    def _listed_values(self) -> Any:
        made: list[Any]
        if self.vr == VR.PN:
            made = ["" if one is None else self.get_pn_element_value(one) for one in self.value]
        else:
            made = [self.get_regular_element_value(one) for one in self.value]
            if isinstance(empty_value_for_VR(self.vr), str):
                made = ["" if one is None else one for one in made]
        if not made:
            return self._empty()
        return made[0] if len(made) == 1 else made

    def _inline_binary(self) -> bytes:
        from base64 import b64decode

        text = self._text()
        try:
            return b64decode(text)
        except ValueError as error:
            raise self._fault(f"'InlineBinary' is not in base64: {error}") from error

    def _bulk_data(self) -> Any:
        uri = self._text()
        handler = self.bulk_data_element_handler
        if handler is None:
            config.warn_and_log(
                f"{self.tag}: there is no bulk data handler to fetch {uri!r}; it is left empty"
            )
            return self._empty()
        arguments = (self.tag, self.vr, uri)
        return handler(*arguments[3 - _parameter_count(handler) :])

    def _text(self) -> str:
        """Return the text under the key; some writers put it into an array."""
        value = self.value
        if isinstance(value, list) and value:
            value = value[0]
        if not isinstance(value, str):
            raise self._fault(f"'{self.value_key}' is a text, not a {type(value).__name__}")
        return value

    def _numbers(self, value: Any) -> Any:
        """Return the numbers of a binary VR that came as bytes (PS3.18 F.2.7, PS3.5 7.3)."""
        code = _NUMBER_CODES.get(self.vr)
        if code is None or not isinstance(value, bytes):
            return value
        from struct import calcsize, unpack

        count, rest = divmod(len(value), calcsize(f"<{code}"))
        if rest:
            raise self._fault(f"{len(value)} bytes hold no whole number of {self.vr} values")
        found = list(unpack(f"<{count}{code}", value))
        return found[0] if count == 1 else found

    def _empty(self) -> Any:
        return [] if self.vr == VR.SQ else empty_value_for_VR(self.vr)

    def _fault(self, message: str) -> JsonModelError:
        return JsonModelError(message, clause="PS3.18 F.2")


def _parameter_count(handler: Callable[..., Any]) -> int:
    """Return how many of tag, VR and URI a handler takes: 1 to 3, from the last."""
    from inspect import signature

    try:
        count = len(signature(handler).parameters)
    except ValueError:  # written in C, and silent about it
        return 3
    return count if count in (1, 2) else 3
