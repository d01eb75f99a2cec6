"""Sizes, recognising files, and warnings that are logged too."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest

from pydcm import misc
from tests.recording import recorded
from tests.shared import CORPUS, needs_corpus

pydicom_misc = pytest.importorskip("pydicom.misc")


@pytest.mark.parametrize(
    "text",
    [None, 3, 3.5, float("inf"), "3", "-1", "3 kb", "3KB", "2 MiB", "1.5 mb", "1 gb", "1 GiB"],
)  # fmt: skip
def test_size_as_pydicom_reads_it(text: float | str | None) -> None:
    found = misc.size_in_bytes(text)
    assert found == pydicom_misc.size_in_bytes(text)
    assert type(found) is type(pydicom_misc.size_in_bytes(text))


@pytest.mark.parametrize("text", ["", "kb", "3 xb", "3k", "inf", "one kb", "1 2 kb"])
def test_no_size(text: str) -> None:
    with pytest.raises(ValueError, match=r"unit|size"):
        misc.size_in_bytes(text)
    with pytest.raises(ValueError, match=r"."):
        pydicom_misc.size_in_bytes(text)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes(128) + b"DICM", True),
        (bytes(128) + b"DICM" + bytes(100), True),
        (bytes(128) + b"DIC", False),
        (b"DICM", False),
        (b"", False),
    ],
)
def test_is_dicom(tmp_path: Path, content: bytes, expected: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert misc.is_dicom(path) is misc.is_dicom(str(path)) is expected


def test_is_dicom_of_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        misc.is_dicom(tmp_path / "missing")
    with pytest.raises(TypeError):
        misc.is_dicom(io.BytesIO())  # type: ignore[arg-type]  # that is the point


@needs_corpus
def test_is_dicom_over_the_corpus_as_pydicom_says() -> None:
    paths = [path for path in (CORPUS / "malformed").rglob("*") if path.is_file()]
    assert len(paths) > 20
    assert [misc.is_dicom(path) for path in paths] == [
        pydicom_misc.is_dicom(path) for path in paths
    ]


def test_warning_points_at_the_caller_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with (
        recorded() as caught,
        caplog.at_level(logging.WARNING, "pydcm"),
    ):
        misc.warn_and_log("first")
        misc.warn_and_log("second", DeprecationWarning)
    assert [(str(w.message), w.category) for w in caught] == [
        ("first", UserWarning),
        ("second", DeprecationWarning),
    ]
    assert all(Path(w.filename).name == Path(__file__).name for w in caught)
    assert caplog.messages == ["first", "second"]
