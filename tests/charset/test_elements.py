from __future__ import annotations

import copy

import pytest

from pydcm import charset
from pydcm.dataelem import DataElement
from pydcm.errors import TextDecodeError
from pydcm.valuerep import PersonName


def test_decode_element_decodes_bytes_in_place() -> None:
    elem = DataElement(0x00100020, "LO", [b"\xe9", "b"], already_converted=True)
    charset.decode_element(elem, "ISO_IR 100")
    assert list(elem.value) == ["é", "b"]


def test_decode_element_decodes_names_anew() -> None:
    elem = DataElement(0x00100010, "PN", PersonName(b"\xeb", ["latin_1"]))
    charset.decode_element(elem, "ISO_IR 126")
    assert elem.value == "λ"


def test_decode_element_leaves_other_elements_alone() -> None:
    for vr, value in [("CS", b"\xe9"), ("US", 5), ("LO", ""), ("LO", "é")]:
        elem = DataElement(0x00100020, vr, value, already_converted=True)
        before = copy.copy(elem.value)
        charset.decode_element(elem, "ISO_IR 126")
        assert elem.value == before


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("vr", ["LO", "PN"])
def test_decode_element_raises_where_reading_is_strict(vr: str) -> None:
    elem = DataElement(0x00100010, "PN", PersonName(b"\xc4\xe9", ["latin_1"]))
    if vr == "LO":
        elem = DataElement(0x00100020, "LO", b"\xc4\xe9", already_converted=True)
    with pytest.raises(TextDecodeError):
        charset.decode_element(elem, "ISO_IR 192")
