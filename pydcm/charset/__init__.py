r"""Character sets of text values (PS3.5 6.1, PS3.3 C.12.1.1.2).

The values of Specific Character Set are *defined terms*, such as
``ISO 2022 IR 87``. :func:`convert_encodings` turns them into the names of
Python codecs, with which :func:`decode_bytes` and :func:`encode_string` work.

Examples
--------
>>> encodings = convert_encodings(["", "ISO 2022 IR 149"])
>>> encode_string("홍", encodings)
b'\x1b$)C\xc8\xab'
>>> decode_bytes(b"\x1b$)C\xc8\xab", encodings, set())
'홍'
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import TYPE_CHECKING

from pydcm import config
from pydcm._borrowed import borrowed
from pydcm.charset.decoding import decode_bytes, split_encoded
from pydcm.charset.encoding import custom_encoders, encode_string
from pydcm.charset.iso2022 import CODES_TO_ENCODINGS, ENCODINGS_TO_CODES, ESC
from pydcm.charset.terms import (
    STAND_ALONE_ENCODINGS,
    convert_encodings,
    default_encoding,
    python_encoding,
)

if TYPE_CHECKING:
    from pydcm.dataelem import DataElement

__all__ = [
    "CODES_TO_ENCODINGS",
    "ENCODINGS_TO_CODES",
    "ESC",
    "STAND_ALONE_ENCODINGS",
    "convert_encodings",
    "custom_encoders",
    "decode_bytes",
    "decode_element",
    "decode_string",
    "default_encoding",
    "encode_string",
    "python_encoding",
    "split_encoded",
]

decode_string = decode_bytes


def decode_element(
    elem: DataElement, dicom_character_set: str | MutableSequence[str] | None
) -> None:
    """Decode the value of an element in place, where its VR has a choice of character sets.

    Parameters
    ----------
    elem : DataElement
        The element. Text that is decoded already stays as it is, except person
        names, which keep their bytes and are decoded anew.
    dicom_character_set : str or list of str or None
        The value of Specific Character Set.
    """
    if elem.is_empty:
        return
    encodings = convert_encodings(dicom_character_set)
    # These modules import this one.
    from pydcm.valuerep import CUSTOMIZABLE_CHARSET_VR, TEXT_VR_DELIMS, PersonName

    def decoded(value: object) -> object:
        if isinstance(value, PersonName):
            name = value.decode(encodings)
            if config.reading_mode() == config.RAISE:
                name.components  # noqa: B018  # decoded now, as other text is
            return name
        if isinstance(value, bytes):
            return decode_bytes(value, encodings, TEXT_VR_DELIMS)
        return value

    if elem.VR not in CUSTOMIZABLE_CHARSET_VR:
        return
    if isinstance(elem.value, MutableSequence):
        elem.value = [decoded(value) for value in elem.value]
    elif isinstance(elem.value, (bytes, PersonName)):
        elem.value = decoded(elem.value)


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
