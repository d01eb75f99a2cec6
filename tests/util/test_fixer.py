"""Repairs of single elements, as pydicom makes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pydcm import config
from pydcm.dataelem import RawDataElement
from pydcm.tag import Tag
from pydcm.util import fixer

pydicom_fixer = pytest.importorskip("pydicom.util.fixer")
pydicom_dataelem = pytest.importorskip("pydicom.dataelem")

PIXEL_SPACING, PATIENT_ID, PRIVATE = 0x00280030, 0x00100020, 0x00091001


@pytest.fixture(autouse=True)
def _no_callback_afterwards() -> Iterator[None]:
    yield
    config.reset_data_element_callback()


def raw(tag: int, vr: str | None, value: bytes | None) -> RawDataElement:
    return RawDataElement(Tag(tag), vr, len(value or b""), value, 0, False, True)


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (PIXEL_SPACING, "DS"),
        (PIXEL_SPACING, None),
        (PIXEL_SPACING, "UN"),
        (PATIENT_ID, "LO"),
        (PATIENT_ID, None),
        (PRIVATE, None),
        (PRIVATE, "UN"),
    ],
)
@pytest.mark.parametrize("unknown", [True, False])
def test_separator(tag: int, vr: str | None, unknown: bool) -> None:
    arguments: dict[str, Any] = {
        "invalid_separator": b",",
        "for_VRs": ("DS", "IS"),
        "process_unknown_VRs": unknown,
    }
    ours = fixer.fix_separator_callback(raw(tag, vr, b"1,2"), **arguments)
    theirs = pydicom_fixer.fix_separator_callback(
        pydicom_dataelem.RawDataElement(*raw(tag, vr, b"1,2")), **arguments
    )
    assert tuple(ours) == tuple(theirs)
    assert (ours.value == b"1\\2") is (
        (tag == PIXEL_SPACING and vr != "UN") or (tag == PRIVATE and vr is None and unknown)
    )


@pytest.mark.parametrize("value", [b"1 2 3 ", b" 1 2", b"1 2  ", b"1 2\\3 ", b"  ", b"", b"1, 2, "])
@pytest.mark.parametrize("separator", [b" ", b", ", b"  "])
def test_spaces_that_pad_separate_nothing(value: bytes, separator: bytes) -> None:
    arguments: dict[str, Any] = {
        "invalid_separator": separator,
        "for_VRs": ("DS",),
        "process_unknown_VRs": False,
    }
    elem = raw(PIXEL_SPACING, "DS", value)
    ours = fixer.fix_separator_callback(elem, **arguments)
    theirs = pydicom_fixer.fix_separator_callback(
        pydicom_dataelem.RawDataElement(*elem), **arguments
    )
    assert tuple(ours) == tuple(theirs)


def test_separator_of_a_deferred_value() -> None:
    elem = raw(PIXEL_SPACING, "DS", None)
    arguments: dict[str, Any] = {"invalid_separator": b",", "for_VRs": ("DS",)}
    assert fixer.fix_separator_callback(elem, process_unknown_VRs=True, **arguments) is elem


@pytest.mark.parametrize(
    ("vr", "value", "with_vrs", "expected"),
    [
        ("DS", b"1.5 ", ("PN", "DS", "IS"), "DS"),
        ("US", b"1.5", ("PN", "DS", "IS"), "PN"),
        ("US", b"1.5", ("UL", "FD", "DS"), "DS"),
        ("US", b"1.5", ("UL", "FD"), "US"),
        (None, b"1.5", ("DS",), None),
    ],
)
def test_mismatch(
    vr: str | None, value: bytes, with_vrs: tuple[str, ...], expected: str | None
) -> None:
    fixed = fixer.fix_mismatch_callback(raw(PRIVATE, vr, value), with_VRs=with_vrs)
    assert (fixed.VR, fixed.value) == (expected, value)


def test_installing_a_callback() -> None:
    fixer.fix_separator(b",", for_VRs=("DS",), process_unknown_VRs=False)
    assert config.data_element_callback is fixer.fix_separator_callback
    assert config.data_element_callback_kwargs == {
        "invalid_separator": b",",
        "for_VRs": ("DS",),
        "process_unknown_VRs": False,
    }
    fixer.fix_mismatch()
    assert config.data_element_callback is fixer.fix_mismatch_callback
    assert config.data_element_callback_kwargs == {"with_VRs": ("PN", "DS", "IS")}
