from __future__ import annotations

import importlib.util
import shutil
import sys
from typing import cast

import numpy as np
import pytest

from conformance.comparing import array_of
from conformance.corpus import Json
from conformance.generate.coders import rle
from conformance.generate.dicom import EXPLICIT, Element, part10
from conformance.generate.images import Image, picture
from conformance.generate.writing import plain
from conformance.tools.host import Ended, Host
from conformance.tools.judging import inlined

RLE = "1.2.840.10008.1.2.5"
NEEDS = {
    "pydcm": "",
    "pydicom": "pydicom",
    "gdcm": "gdcm",
    "dcmtk": "dcm2json",
    "imagecodecs": "imagecodecs",
}
"""What each adapter cannot do without: a module, or a program."""
ELEMENTS = [
    Element(0x00080005, "CS", ("ISO_IR 192",)),
    Element(0x00081140, "SQ", items=((Element(0x00081155, "UI", ("1.2.3",)),), ())),
    Element(0x00100010, "PN", ("Ä^B",), charset="utf-8"),
    Element(0x00101030, "DS", ("72.5",)),
    Element(0x00280009, "AT", ("00181063",)),
    Element(0x00280010, "US", (7,)),
    Element(0x00282000, "OB", octets=b"\1\2\3\4"),
]


def started(tool: str) -> Host:
    need = NEEDS[tool]
    if need and not (shutil.which(need) if tool == "dcmtk" else importlib.util.find_spec(need)):
        pytest.skip(f"{need} is not installed")
    return Host([sys.executable, "-m", f"conformance.adapters.{tool}"])


def put(host: Host, operation: str, **given: object) -> dict[str, object]:
    blobs: dict[str, bytes] = {}
    described = plain(given, blobs)  # type: ignore[arg-type]  # what plain takes is nested
    assert not blobs
    return host.run({"id": "a/b", "operation": operation, "input": inlined(described)})


def without_trailing_padding(elements: object) -> list[dict[str, object]]:
    from conformance.comparing import normal_elements

    return cast("list[dict[str, object]]", normal_elements(cast(Json, elements)))


@pytest.mark.parametrize("tool", ["pydcm", "pydicom", "gdcm", "dcmtk"])
def test_reads_the_same_elements(tool: str) -> None:
    data = b"".join(each.encode(EXPLICIT) for each in ELEMENTS)
    with started(tool) as host:
        assert host.tool == tool
        assert host.versions[tool]
        answer = put(host, "read", file=part10(data, EXPLICIT))
    wanted = plain(ELEMENTS, {})
    result = cast("dict[str, object]", answer["result"])
    assert without_trailing_padding(result["elements"]) == without_trailing_padding(wanted)


@pytest.mark.parametrize("tool", ["pydcm", "pydicom", "gdcm", "dcmtk"])
def test_writes_the_same_octets_again(tool: str) -> None:
    data = b"".join(each.encode(EXPLICIT) for each in ELEMENTS)
    with started(tool) as host:
        answer = put(host, "rewrite", file=part10(data, EXPLICIT))
    result = cast("dict[str, dict[str, str]]", answer["result"])
    import base64

    assert base64.b64decode(result["dataset"]["base64"]) == data


@pytest.mark.parametrize("tool", NEEDS)
@pytest.mark.parametrize(("bits", "samples"), [(8, 1), (16, 1), (12, 1), (8, 3)])
def test_decodes_the_same_pixels(tool: str, bits: int, samples: int) -> None:
    allocated = 8 if bits == 8 else 16
    pixels = picture(9, 11, bits, samples=samples).astype(f"u{allocated // 8}")
    image = Image.like(pixels, allocated, bits)
    file = image.encapsulated((b"", rle.frame(pixels)), RLE)
    with started(tool) as host:
        answer = put(host, "decode", file=file)
        frame = put(host, "decode", file=file, frame=0)
    for each, shape in ((answer, (1, *pixels.shape)), (frame, pixels.shape)):
        assert "result" in each, each
        array = array_of(cast("dict[str, Json]", each["result"])["array"])
        assert array.shape == shape
        assert np.array_equal(array.reshape(pixels.shape), pixels)


@pytest.mark.parametrize("tool", NEEDS)
def test_whatever_a_tool_does_with_rubbish_is_an_answer(tool: str) -> None:
    with started(tool) as host:
        for data in (b"", b"\0" * 200, b"\xff" * 400, bytes(128) + b"DICM" + b"\x02\0" * 40):
            try:
                answer = put(host, "decode", file=data)
            except Ended as ended:
                answer = {ended.kind: str(ended)}
            assert answer.keys() & {"error", "skipped", "crashed", "timeout", "memory"}


@pytest.mark.parametrize("tool", ["pydcm", "pydicom", "dcmtk"])
def test_decodes_text(tool: str) -> None:
    octets = "Ä^B".encode("latin-1")
    with started(tool) as host:
        answer = put(host, "charset", octets=octets, charsets=["ISO_IR 100"], vr="PN")
    assert cast("dict[str, str]", answer["result"])["text"].rstrip() == "Ä^B"
