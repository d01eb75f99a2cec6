"""Running through a file, against pydicom's lean reader and this package's own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from pydcm import dcmread, limits
from pydcm.errors import LimitError, TruncatedError, UnsupportedSyntaxError
from pydcm.util import leanread
from tests.shared import CORPUS, needs_corpus

pydicom_leanread = pytest.importorskip("pydicom.util.leanread")

ELEMENTS = bytes.fromhex(
    "0800 0500 4353 0400 41424344"
    "1000 1000 504E 0200 4142"
    "1000 2000 4C4F 0600 414243444546"
    "0900 0110 5554 0000 02000000 4142"
)
IMPLICIT = bytes.fromhex("0800 0500 04000000 41424344")
BIG = bytes.fromhex("0008 0005 4353 0004 41424344")
IMPLICIT_SEQUENCE = (
    bytes.fromhex("0800 1511 FFFFFFFF FEFF 00E0 04000000 61626364 FEFF DDE0 00000000") + IMPLICIT
)


@pytest.fixture(params=[leanread, pydicom_leanread], ids=["pydcm", "pydicom"])
def module(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_the_same_constants() -> None:
    assert sorted(leanread.extra_length_VRs_b) == sorted(pydicom_leanread.extra_length_VRs_b)
    for name in (
        "ImplicitVRLittleEndian",
        "ExplicitVRLittleEndian",
        "DeflatedExplicitVRLittleEndian",
        "ExplicitVRBigEndian",
    ):
        assert getattr(leanread, name) == getattr(pydicom_leanread, name)


@pytest.mark.parametrize(
    ("content", "implicit", "little"),
    [
        (ELEMENTS, False, True),
        (IMPLICIT, True, True),
        (BIG, False, False),
        (IMPLICIT_SEQUENCE, True, True),
        (ELEMENTS[:-1], False, True),
        (b"", False, True),
    ],
)
def test_tuples(content: bytes, implicit: bool, little: bool) -> None:
    def found(module: Any) -> list[Any]:
        return list(module.data_element_generator(io.BytesIO(content), implicit, little))

    assert found(leanread) == found(pydicom_leanread)
    assert bool(found(leanread)) is bool(content)


def test_end_within_a_length() -> None:
    with pytest.raises(TruncatedError):
        list(leanread.data_element_generator(io.BytesIO(ELEMENTS[:-4]), False, True))


def test_stopping_before_an_element(module: Any) -> None:
    fp = io.BytesIO(ELEMENTS)
    generator = module.data_element_generator
    assert [e[0] for e in generator(fp, False, True, lambda group, _: group == 0x10)] == [(8, 5)]
    assert fp.tell() == 12
    long_form = io.BytesIO(ELEMENTS)
    list(generator(long_form, False, True, lambda group, _: group == 9))
    assert long_form.tell() == len(ELEMENTS) - 14


@pytest.mark.parametrize(("size", "values"), [(3, 1), ("4", 2), ("1 kb", 3), (None, 3)])
def test_deferring(module: Any, size: int | str | None, values: int) -> None:
    found = list(module.data_element_generator(io.BytesIO(ELEMENTS[:36]), False, True, None, size))
    assert sum(e[3] is not None for e in found) == values
    assert [e[2] for e in found] == [4, 2, 6]


def test_nested_sequences_in_explicit_vr() -> None:
    content = bytes.fromhex(
        "0800 1511 5351 0000 FFFFFFFF"  # a sequence of undefined length
        "FEFF 00E0 FFFFFFFF"
        "0900 0210 554E 0000 FFFFFFFF"  # unknown, so in implicit VR
        "FEFF 00E0 FFFFFFFF 1000 2000 02000000 4142 FEFF 0DE0 00000000"
        "FEFF DDE0 00000000"
        "1000 2000 4C4F 0200 4344"  # explicit again
        "FEFF 0DE0 00000000"
        "FEFF DDE0 00000000"
        "E07F 1000 4F42 0000 FFFFFFFF"  # encapsulated
        "FEFF 00E0 00000000 FEFF 00E0 02000000 4546 FEFF DDE0 00000000"
    )
    found = list(leanread.data_element_generator(io.BytesIO(content), False, True))
    values = {(e[0], e[1]): e[3] for e in found if e[3]}
    assert values[(0x10, 0x20), None] == b"AB"
    assert values[(0x10, 0x20), b"LO"] == b"CD"
    assert len(values[(0x7FE0, 0x10), b"OB"] or b"") == 18
    assert found[-1][0] == (0x7FE0, 0x10)


def test_depth_is_limited() -> None:
    content = bytes.fromhex("0800 1511 FFFFFFFF FEFF 00E0 FFFFFFFF") * 20
    with limits.using(max_depth=10), pytest.raises(LimitError, match="max_depth"):
        list(leanread.data_element_generator(io.BytesIO(content), True, True))


def test_length_that_lies_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lie"
    path.write_bytes(bytes.fromhex("0900 0110 4F42 0000 F0FFFFFF 4142"))
    with path.open("rb") as file:
        assert list(leanread.data_element_generator(file, False, True)) == [
            ((9, 0x1001), b"OB", 0xFFFFFFF0, b"AB", 12)
        ]


@pytest.mark.parametrize("content", [b"no DICOM at all", bytes(128) + b"DICM", b""])
def test_file_without_a_transfer_syntax(module: Any, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with module.dicomfile(path) as file:
        assert file.preamble == (bytes(128) if len(content) > 100 else None)
        with pytest.raises(NotImplementedError):
            list(file)


def test_missing_file(module: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        module.dicomfile(tmp_path / "missing")


@needs_corpus
def test_flat_files_of_the_corpus_as_pydicom_reads_them() -> None:
    compared = 0
    for path in sorted((CORPUS / "transfer-syntaxes").rglob("*.dcm")):
        try:
            with pydicom_leanread.dicomfile(path) as theirs:
                expected = list(theirs)
        except NotImplementedError:  # encapsulated, or of another kind that it leaves out
            continue
        if any(e[2] == 0xFFFFFFFF for e in expected) or b"1.2.840.10008.1.2.1.99" in {
            (e[3] or b"").rstrip(b"\0") for e in expected[:10]
        }:
            continue
        with leanread.dicomfile(path) as ours:
            assert list(ours) == expected, path
            assert len(list(ours)) == len(expected)  # it can be run through again
        compared += 1
    assert compared > 20


@needs_corpus
@pytest.mark.parametrize(
    "name", ["SC_rgb_rle.dcm", "JPEG2000.dcm", "SC_rgb_small_odd_big_endian.dcm"]
)
def test_encapsulated_and_nested_files(name: str) -> None:
    path = next((CORPUS / "transfer-syntaxes").rglob(name))
    ds = dcmread(path)
    assert ds.file_meta is not None
    with leanread.dicomfile(path) as file:
        found = {e[0]: e[3] for e in file}
    assert found[0x7FE0, 0x10] == ds.PixelData
    assert found[0x10, 0x20] is not None


@needs_corpus
def test_deflated_file_is_refused() -> None:
    path = next((CORPUS / "transfer-syntaxes").rglob("image_dfl.dcm"))
    with leanread.dicomfile(path) as file, pytest.raises(UnsupportedSyntaxError, match="deflated"):
        list(file)
