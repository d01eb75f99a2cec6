"""Data elements: a tag, a VR and a value (PS3.5 7.1)."""

from __future__ import annotations

from collections.abc import Callable, MutableSequence
from io import TextIOBase
from typing import TYPE_CHECKING, Any

from pydcm import config
from pydcm._borrowed import borrowed
from pydcm._rawelem import RawDataElement, empty_value_for_VR
from pydcm.charset import default_encoding
from pydcm.datadict import (
    dictionary_description,
    dictionary_has_tag,
    dictionary_is_retired,
    dictionary_keyword,
    dictionary_VR,
    private_dictionary_description,
    repeater_has_tag,
)
from pydcm.multival import MultiValue
from pydcm.tag import BaseTag, Tag
from pydcm.uid import UID
from pydcm.valuerep import (
    ALLOW_BACKSLASH,
    BUFFERABLE_VRS,
    DA,
    DS,
    DT,
    IS,
    TM,
    PersonName,
    validate_value,
)

if TYPE_CHECKING:
    from pydcm.dataset import Dataset
    from pydcm.elementindex import ElementIndex

__all__ = [
    "DataElement",
    "DataElement_from_raw",
    "RawDataElement",
    "convert_raw_data_element",
    "empty_value_for_VR",
]

BulkDataHandler = Callable[["DataElement"], str]

TOO_LONG_FOR_SHORT_FORM = 0xFFFF
"""A value of so many bytes says UN where its VR has a length field of 16 bits (PS3.5 6.2.2)."""
_PIXEL_DATA = 0x7FE00010
_BASIC_TEXT = frozenset("AE AS CS DA DS DT IS TM UI UR".split())
"""Text in the default character repertoire, whatever character set is declared (PS3.5 6.1.2.2)."""
_SHOWN_AS_LENGTH = frozenset({"OB", "OD", "OF", "OL", "OW", "OV", "OB or OW", "UN",
                              "US or OW", "US or SS or OW", "US or SS",
                              "LT", "UC", "UT"})  # fmt: skip


class DataElement:
    """A tag, a VR and a value.

    Parameters
    ----------
    tag : int, str or tuple of int
        Anything that :func:`~pydcm.tag.Tag` takes.
    VR : str
        The two letters of the value representation.
    value : object
        A value of the type that goes with the VR, or a list of them; text is
        split at backslashes where the VR has several values.
    file_value_tell : int, optional
        Offset of the value in the file it comes from.
    is_undefined_length : bool
        Write it with a delimiter in place of its length.
    already_converted : bool
        Take the value as it is.
    validation_mode : int, optional
        ``config.IGNORE``, ``WARN`` or ``RAISE``; by default what
        :func:`pydcm.config.setting_mode` says when a value is set.

    Examples
    --------
    >>> elem = DataElement("PatientID", "LO", "4711")
    >>> elem.value
    '4711'
    >>> print(elem)
    (0010,0020) Patient ID                          LO: '4711'
    """

    descripWidth = 35
    maxBytesToDisplay = 16
    showVR = True
    is_raw = False

    tag: BaseTag
    VR: str
    _validation_mode: int | None = None
    is_undefined_length: bool = False
    private_creator: str | None = None
    _value: Any
    _tell: int | None = None
    # Where the element lies in its file as long as its value was not set, and how it was read.
    _home: ElementIndex | None = None
    _row: int = 0
    _read_vr: str = ""
    _read_undefined: bool = False

    def __init__(
        self,
        tag: int | str | tuple[int, int],
        VR: str,
        value: Any,
        file_value_tell: int | None = None,
        is_undefined_length: bool = False,
        already_converted: bool = False,
        validation_mode: int | None = None,
    ) -> None:
        self.tag = tag if isinstance(tag, BaseTag) else Tag(tag)
        if VR == "UN" and config.replace_un_with_known_vr and not self.tag.is_private:
            VR = _known_vr(self.tag, value)
        self.VR = VR
        self._validation_mode = validation_mode
        if already_converted:
            self._value = value
        else:
            self.value = value
        self.file_tell = file_value_tell
        self.is_undefined_length = is_undefined_length

    @classmethod
    def _decoded(cls, tag: int, vr: str, value: Any, home: ElementIndex, row: int) -> DataElement:
        """Return an element whose value was decoded from a row of an index."""
        made = cls.__new__(cls)
        made.tag = BaseTag(tag)
        made.VR = made._read_vr = vr
        made._value = value
        made._home = home
        made._row = row
        return made

    @property
    def file_tell(self) -> int | None:
        """Offset of the value in the file it was read from; None if it was not read."""
        return self._tell if self._home is None else self._home.element(self._row).begin

    @file_tell.setter
    def file_tell(self, tell: int | None) -> None:
        self._tell = tell

    @property
    def validation_mode(self) -> int:
        """How values that are set are checked: ``config.IGNORE``, ``WARN`` or ``RAISE``."""
        return config.setting_mode() if self._validation_mode is None else self._validation_mode

    @validation_mode.setter
    def validation_mode(self, mode: int | None) -> None:
        self._validation_mode = mode

    def _is_as_read(self) -> bool:
        """Whether value, VR and form of length are those that were read; SQ values aside."""
        if self._home is None:
            return False
        if self._read_vr != self.VR or self.is_undefined_length != self._read_undefined:
            return False
        value = self._value
        if type(value) is MultiValue:
            return not value.modified
        if type(value) is list or getattr(value, "shape", None):
            return self._same_numbers(value, self._home)
        return not getattr(value, "auto_format", False)

    def _same_numbers(self, value: Any, home: ElementIndex) -> bool:
        """Whether a list or array, which cannot tell, has still the numbers that were read."""
        from pydcm.hooks import unsigned_lut_entries
        from pydcm.values import decode_value

        found = home.element(self._row)
        again: Any = decode_value(self.VR, home.read(found.begin, found.end), home.is_little, [])
        again = unsigned_lut_entries(self.tag, self.VR, again)
        if type(value) is not list:
            again, value = list(map(float, again)), list(map(float, value))
        # Compared as text, so that a NaN equals itself.
        return repr(again) == repr(value)

    # ---- the value -------------------------------------------------------

    @property
    def value(self) -> Any:
        """The value; a list-like :class:`MultiValue` where there are several."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        if self._home is not None:
            self._tell = self.file_tell
            self._home = None
        if isinstance(value, (str, bytes)) and self.VR not in ALLOW_BACKSLASH:
            separator: Any = "\\" if isinstance(value, str) else b"\\"
            if separator in value:
                value = value.split(separator)
        elif _is_buffer(value):
            self._check_buffer(value)
            self._value = value
            return
        elif self.tag == _PIXEL_DATA and hasattr(value, "__array_interface__"):
            raise TypeError(
                "Pixel Data (7FE0,0010) are set as bytes, not as an array; "
                "Dataset.set_pixel_data() takes arrays"
            )
        self._value = self._convert_value(value)

    def _check_buffer(self, value: Any) -> None:
        if self.VR not in BUFFERABLE_VRS:
            raise ValueError(
                f"elements with a VR of {self.VR} cannot take a buffered value; "
                f"{', '.join(sorted(str(vr) for vr in BUFFERABLE_VRS))} can"
            )
        if value.closed or not value.readable() or not value.seekable():
            raise ValueError("a buffered value must be open, readable and seekable")

    @property
    def is_buffered(self) -> bool:
        """Whether the value is a stream that is read when it is needed."""
        return _is_buffer(self._value)

    def _convert_value(self, value: Any) -> Any:
        if self.VR == "SQ":
            from pydcm.sequence import Sequence

            return value if isinstance(value, Sequence) else Sequence(value)
        # What can grow is a list of values, whatever its class.
        if not hasattr(value, "append") or isinstance(value, bytearray):
            return self._convert(value)
        if len(value) == 1:
            return self._convert(value[0])
        return MultiValue(self._convert, value, validation_mode=self.validation_mode)

    def _convert(self, value: Any) -> Any:
        mode = self.validation_mode
        if isinstance(value, bytes) and self.VR in _BASIC_TEXT:
            value = value.decode(default_encoding)
        match self.VR:
            case "IS":
                return IS(value, mode)
            case "DS":
                return DS(value, False, mode)
            case "DA" if config.datetime_conversion:
                return DA(value, validation_mode=mode)
            case "DT" if config.datetime_conversion:
                return DT(value, validation_mode=mode)
            case "TM" if config.datetime_conversion:
                return TM(value, validation_mode=mode)
            case "UI":
                return UID(value, mode) if value is not None else None
            case "PN":
                return PersonName(value, validation_mode=mode) if value is not None else None
            case "AT" if value is not None and (value or not isinstance(value, (str, bytes))):
                return value if isinstance(value, BaseTag) else Tag(value)
        validate_value(self.VR, value, mode)
        return value

    def validate(self, value: Any) -> None:
        """Check a value against the VR, as the validation mode says."""
        validate_value(self.VR, value, self.validation_mode)

    def clear(self) -> None:
        """Set the value to the empty value of the VR."""
        self.value = self.empty_value

    @property
    def empty_value(self) -> Any:
        """The value that an empty element of this VR has."""
        return empty_value_for_VR(self.VR)

    @property
    def is_empty(self) -> bool:
        """Whether there is no value; a sequence without items is empty."""
        if self.VR == "SQ":
            return not self._value
        return self.VM == 0

    @property
    def VM(self) -> int:
        """The number of values; 1 for a sequence, 0 for an empty element."""
        if self.VR == "SQ":
            return 1
        value = self._value
        if value is None:
            return 0
        if self.is_buffered:
            from pydcm._buffered import buffer_length

            return int(buffer_length(value) > 0)
        if isinstance(value, (str, bytes, PersonName)):
            return 1 if value else 0
        try:
            iter(value)
        except TypeError:
            return 1
        return len(value)

    @property
    def is_private(self) -> bool:
        """Whether the tag's group is odd (PS3.5 7.8)."""
        return self.tag.is_private

    @property
    def is_retired(self) -> bool:
        """Whether the standard has retired the element; False if it does not know it."""
        return dictionary_has_tag(self.tag) and dictionary_is_retired(self.tag)

    @property
    def name(self) -> str:
        """The name in the dictionary, or a description of the kind of private element."""
        tag = self.tag
        if tag.is_private:
            return self._private_name(tag)
        if dictionary_has_tag(tag) or repeater_has_tag(tag):
            return dictionary_description(tag)
        return "Group Length" if tag.element == 0 else ""

    def _private_name(self, tag: BaseTag) -> str:
        if self.private_creator:
            try:
                return f"[{private_dictionary_description(tag, self.private_creator)}]"
            except KeyError:
                pass
        elif tag.element >> 8 == 0:
            return "Private Creator"
        return "Private tag data"

    @property
    def keyword(self) -> str:
        """The keyword in the dictionary, or an empty string."""
        return dictionary_keyword(self.tag) if dictionary_has_tag(self.tag) else ""

    # ---- comparison, text ------------------------------------------------

    def __eq__(self, other: object) -> Any:
        if other is self:
            return True
        if not isinstance(other, type(self)):
            return NotImplemented
        if self.tag != other.tag or self.VR != other.VR:
            return False
        if self.is_buffered or other.is_buffered:
            from pydcm._buffered import buffer_equality

            if self.is_buffered:
                return buffer_equality(self.value, other.value)
            return buffer_equality(other.value, self.value)
        return self.value == other.value

    def __ne__(self, other: object) -> Any:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __str__(self) -> str:
        name = self.name[: self.descripWidth].ljust(self.descripWidth)
        vr = f"{self.VR}: " if self.showVR else ""
        return f"{self.tag} {name} {vr}{self.repval}"

    @property
    def repval(self) -> str:
        """The value as text; only the number of elements for long text, bytes and many values."""
        value = self._value
        if self.is_buffered:
            return f"{type(value).__name__} of {self.VR}"
        is_long = self.VR in _SHOWN_AS_LENGTH and hasattr(value, "__len__")
        count = len(value) if is_long else self.VM
        if count > self.maxBytesToDisplay:
            return f"Array of {count} elements"
        if isinstance(value, UID):
            return value.name
        return repr(value)

    def __repr__(self) -> str:
        return str(self)

    def __getitem__(self, key: int) -> Any:
        """Return one of several values."""
        try:
            return self._value[key]
        except TypeError:
            raise TypeError("the element has one value, which cannot be indexed") from None

    # ---- copies ----------------------------------------------------------

    def __copy__(self) -> DataElement:
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    def __getstate__(self) -> dict[str, Any]:
        # An element alone must not drag its file along; its data set puts it back.
        state = dict(self.__dict__)
        if state.pop("_home", None) is not None:
            state["_tell"] = self.file_tell
        return state

    def __deepcopy__(self, memo: dict[int, Any]) -> DataElement:
        from copy import deepcopy

        made = type(self).__new__(type(self))
        memo[id(self)] = made
        state = self.__dict__
        for name, value in state.items():
            if name in ("tag", "_home"):
                made.__dict__[name] = value
            elif name == "_value" and _is_buffer(value) and not hasattr(value, "getvalue"):
                # A stream that is open on a file is one, however many read from it.
                made.__dict__[name] = value
            else:
                made.__dict__[name] = deepcopy(value, memo)
        return made

    # ---- JSON (PS3.18 Annex F) -------------------------------------------

    @classmethod
    def from_json(
        cls,
        dataset_class: type[Dataset],
        tag: str,
        vr: str,
        value: Any,
        value_key: str | None,
        bulk_data_uri_handler: Callable[..., Any] | None = None,
    ) -> DataElement:
        """Return an element from its JSON model (PS3.18 F.2.2).

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
        """
        from pydcm.jsonrep import element_from_json

        return element_from_json(dataset_class, tag, vr, value, value_key, bulk_data_uri_handler)

    def to_json_dict(
        self, bulk_data_element_handler: BulkDataHandler | None, bulk_data_threshold: int
    ) -> dict[str, Any]:
        """Return the element's JSON model (PS3.18 F.2.2).

        Parameters
        ----------
        bulk_data_element_handler : callable or None
            Called with an element that is too large; returns a BulkDataURI.
        bulk_data_threshold : int
            Base64 text longer than this goes to the handler.
        """
        from pydcm.jsonrep import element_to_json

        return element_to_json(self, bulk_data_element_handler, bulk_data_threshold)

    def to_json(
        self,
        bulk_data_threshold: int = 1024,
        bulk_data_element_handler: BulkDataHandler | None = None,
        dump_handler: Callable[[dict[str, Any]], str] | None = None,
    ) -> str:
        """Return the element's JSON model as text; see :meth:`to_json_dict`."""
        from pydcm.jsonrep import json_text

        dump = dump_handler or json_text
        return dump(self.to_json_dict(bulk_data_element_handler, bulk_data_threshold))


def _is_buffer(value: Any) -> bool:
    """Whether a value is a binary stream; cheap, as it is asked for each value."""
    return (
        hasattr(value, "readable") and hasattr(value, "seek") and not isinstance(value, TextIOBase)
    )


def _known_vr(tag: BaseTag, value: object) -> str:
    """Return what stands for UN, which stays for values that are too long for some VRs."""
    if isinstance(value, (str, bytes)) and len(value) >= TOO_LONG_FOR_SHORT_FORM:
        return "UN"
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def convert_raw_data_element(
    raw: RawDataElement,
    *,
    encoding: str | MutableSequence[str] | None = None,
    ds: Dataset | None = None,
) -> DataElement:
    """Return the element with its value decoded.

    Parameters
    ----------
    raw : RawDataElement
        An element as it stands in a file.
    encoding : str or list of str, optional
        Python encodings of its text, as :func:`pydcm.charset.convert_encodings` returns.
    ds : Dataset, optional
        The data set it is in, where private creators are looked up.

    Raises
    ------
    ValueRepresentationError
        If the value does not fit its VR.
    """
    from pydcm.hooks import hooks

    if config.data_element_callback is not None:
        replaced: Any = config.data_element_callback(raw, **config.data_element_callback_kwargs)
        raw = replaced
    data: dict[str, Any] = {}
    hooks.raw_element_vr(raw, data, encoding=encoding, ds=ds, **hooks.raw_element_kwargs)
    hooks.raw_element_value(raw, data, encoding=encoding, ds=ds, **hooks.raw_element_kwargs)
    value = data["value"]
    if data["VR"] == "SQ" and isinstance(value, list):
        from pydcm.sequence import Sequence

        value = Sequence(value)
    return DataElement(
        raw.tag,
        data["VR"],
        value,
        raw.value_tell,
        raw.length == 0xFFFFFFFF,
        already_converted=True,
    )


def DataElement_from_raw(
    raw_data_element: RawDataElement,
    encoding: str | MutableSequence[str] | None = None,
    dataset: Dataset | None = None,
) -> DataElement:
    """Return the element with its value decoded; deprecated.

    See :func:`convert_raw_data_element`, which takes the same arguments by keyword.
    """
    import warnings

    warnings.warn(
        "'DataElement_from_raw' is deprecated, use 'convert_raw_data_element'",
        DeprecationWarning,
        stacklevel=2,
    )
    return convert_raw_data_element(raw_data_element, encoding=encoding, ds=dataset)


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
