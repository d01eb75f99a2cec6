"""JSON models of elements whose VR their writer did not know, beside pydicom."""

from __future__ import annotations

import struct
from base64 import b64encode

import pytest

from pydcm import Dataset
from pydcm.errors import BytesLengthException, JsonModelError

pydicom = pytest.importorskip("pydicom")


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("00185100", "SEZTIA=="),  # a CS, padded
        ("00185100", ""),
        ("00280106", "AgA="),  # US or SS
        ("00189999", "AgA="),  # not in the dictionary
        ("00081140", ""),
    ],
)
def test_inline_binary_of_unknown_vr_is_read_by_the_dictionary(tag: str, text: str) -> None:
    model = {tag: {"vr": "UN", "InlineBinary": text}}
    theirs = pydicom.Dataset.from_json(model)[tag]
    ours = Dataset.from_json(model)[tag]
    assert (str(ours.VR), ours.value) == (str(theirs.VR), theirs.value)


def test_inline_binary_of_unknown_vr_holds_numbers_and_items() -> None:
    # PS3.5 6.2.2, note 2: Implicit VR Little Endian.
    inner = struct.pack("<HHI4s", 0x0018, 0x5100, 4, b"HFS ")
    items = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(inner)) + inner
    ds = Dataset.from_json(
        {
            "00280010": {"vr": "UN", "InlineBinary": "AAI="},
            "300A0180": {"vr": "UN", "InlineBinary": b64encode(items).decode()},
        }
    )
    assert ds.Rows == 512
    assert [item.PatientPosition for item in ds.PatientSetupSequence] == ["HFS"]
    assert ds.to_json_dict()["300A0180"] == {
        "vr": "SQ", "Value": [{"00185100": {"vr": "CS", "Value": ["HFS"]}}]
    }  # fmt: skip


def test_octets_of_unknown_vr_that_do_not_fit_the_known_one() -> None:
    with pytest.raises(BytesLengthException) as caught:
        Dataset.from_json({"00280010": {"vr": "UN", "InlineBinary": "AQD/"}})
    assert caught.value.tag_path == "00280010"
    with pytest.raises(JsonModelError, match="no item"):
        Dataset.from_json({"300A0180": {"vr": "UN", "InlineBinary": "AAECAwQF"}})
