r"""Values from their encoded form (PS3.5 6.2).

:func:`decode_value` is what reading a file uses. The functions for single VRs
and :func:`convert_value` are for programs that convert values by themselves.

Examples
--------
>>> decode_value("DS", rb"0.5\0.5 ", True, ["iso8859"])
[0.5, 0.5]
>>> convert_numbers(b"\x01\x00\x02\x00", True, "H")
[1, 2]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.values.conversion import (
    convert_AE_string,
    convert_ATvalue,
    convert_DA_string,
    convert_DS_string,
    convert_DT_string,
    convert_IS_string,
    convert_numbers,
    convert_OBvalue,
    convert_OVvalue,
    convert_OWvalue,
    convert_PN,
    convert_single_string,
    convert_SQ,
    convert_string,
    convert_tag,
    convert_text,
    convert_TM_string,
    convert_UI,
    convert_UN,
    convert_UR_string,
    convert_value,
    converters,
    multi_string,
)
from pydcm.values.decoding import DECODERS, Decoder, decode_value, empty_value

__all__ = [
    "DECODERS",
    "Decoder",
    "convert_AE_string",
    "convert_ATvalue",
    "convert_DA_string",
    "convert_DS_string",
    "convert_DT_string",
    "convert_IS_string",
    "convert_OBvalue",
    "convert_OVvalue",
    "convert_OWvalue",
    "convert_PN",
    "convert_SQ",
    "convert_TM_string",
    "convert_UI",
    "convert_UN",
    "convert_UR_string",
    "convert_numbers",
    "convert_single_string",
    "convert_string",
    "convert_tag",
    "convert_text",
    "convert_value",
    "converters",
    "decode_value",
    "empty_value",
    "multi_string",
]

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
