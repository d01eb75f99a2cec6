"""Value representations: what the values of data elements look like (PS3.5 6.2).

The classes and functions here are those of the modules beneath, of which two
are imported only when one of their names is asked for: ``decimals`` and
``dates``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydcm import config
from pydcm._borrowed import borrowed
from pydcm.valuerep.integers import IS, ISfloat
from pydcm.valuerep.names import PersonName
from pydcm.valuerep.numbers import DS, DSfloat, format_number_as_ds, is_valid_ds
from pydcm.valuerep.patterns import VR_REGEXES, fits
from pydcm.valuerep.validation import (
    VALIDATORS,
    validate_date_time,
    validate_length_and_type_and_regex,
    validate_number,
    validate_pn,
    validate_pn_component,
    validate_pn_component_length,
    validate_regex,
    validate_type,
    validate_type_and_length,
    validate_type_and_regex,
    validate_value,
    validate_vr_length,
)
from pydcm.valuerep.vr import (
    ALLOW_BACKSLASH,
    AMBIGUOUS_VR,
    BUFFERABLE_VRS,
    BYTES_VR,
    CUSTOMIZABLE_CHARSET_VR,
    DEFAULT_CHARSET_VR,
    EXPLICIT_VR_LENGTH_16,
    EXPLICIT_VR_LENGTH_32,
    FLOAT_VR,
    INT_VR,
    LIST_VR,
    LONG_VALUE_VR,
    MAX_VALUE_LEN,
    PN_DELIMS,
    STANDARD_VR,
    STR_VR,
    TEXT_VR_DELIMS,
    VALUE_LENGTH,
    VR,
)

if TYPE_CHECKING:
    import re

    from pydcm.valuerep.dates import DA, DT, TM
    from pydcm.valuerep.decimals import DSdecimal

    DSclass: type[DSfloat | DSdecimal]
    STR_VR_REGEXES: dict[str, re.Pattern[str]]
    BYTE_VR_REGEXES: dict[str, re.Pattern[bytes]]
    default_encoding: str

    from pydcm.multival import MultiValue
__all__ = [
    "ALLOW_BACKSLASH",
    "AMBIGUOUS_VR",
    "BUFFERABLE_VRS",
    "BYTES_VR",
    "BYTE_VR_REGEXES",
    "CUSTOMIZABLE_CHARSET_VR",
    "DA",
    "DEFAULT_CHARSET_VR",
    "DS",
    "DT",
    "EXPLICIT_VR_LENGTH_16",
    "EXPLICIT_VR_LENGTH_32",
    "FLOAT_VR",
    "INT_VR",
    "IS",
    "LIST_VR",
    "LONG_VALUE_VR",
    "MAX_VALUE_LEN",
    "PN_DELIMS",
    "STANDARD_VR",
    "STR_VR",
    "STR_VR_REGEXES",
    "TEXT_VR_DELIMS",
    "TM",
    "VALIDATORS",
    "VALUE_LENGTH",
    "VR",
    "VR_REGEXES",
    "DSclass",
    "DSdecimal",
    "DSfloat",
    "ISfloat",
    "MultiValue",
    "PersonName",
    "Sequence",
    "default_encoding",
    "fits",
    "format_number_as_ds",
    "is_valid_ds",
    "validate_date_time",
    "validate_length_and_type_and_regex",
    "validate_number",
    "validate_pn",
    "validate_pn_component",
    "validate_pn_component_length",
    "validate_regex",
    "validate_type",
    "validate_type_and_length",
    "validate_type_and_regex",
    "validate_value",
    "validate_vr_length",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name in {"DA", "DT", "TM"}:
            from pydcm.valuerep import dates

            return globals().setdefault(name, getattr(dates, name))
        if name == "DSdecimal":
            from pydcm.valuerep.decimals import DSdecimal

            return globals().setdefault(name, DSdecimal)
        if name == "DSclass":
            # Follows the configuration and is therefore not kept.
            return __getattr__("DSdecimal") if config.use_DS_decimal else DSfloat
        if name == "MultiValue":
            from pydcm.multival import MultiValue

            return globals().setdefault(name, MultiValue)
        if name == "default_encoding":
            from pydcm.charset import default_encoding

            return globals().setdefault(name, default_encoding)
        if name in {"STR_VR_REGEXES", "BYTE_VR_REGEXES"}:
            from pydcm.valuerep.patterns import compiled

            return globals().setdefault(name, compiled(name.startswith("BYTE")))
        return borrowed(__name__)(name)
