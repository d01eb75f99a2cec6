from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest

from pydcm.fileset import FileID, generate_filename, is_conformant_file_id


@pytest.mark.parametrize(
    ("prefix", "start", "alphanumeric"),
    [("", 0, False), ("IM", 9, True), ("IM", 34, True), ("ABCDEFG", 8, False),
     ("ABCDEFG", 33, True), ("ABCDEFG", 10, False), ("a-", 1, False), ("", 1_500_624, True)],
)  # fmt: skip
def test_names_are_those_of_pydicom(prefix: str, start: int, alphanumeric: bool) -> None:
    peer = pytest.importorskip("pydicom.fileset")
    mine = generate_filename(prefix=prefix, start=start, alphanumeric=alphanumeric)
    theirs = peer.generate_filename(prefix=prefix, start=start, alphanumeric=alphanumeric)
    assert list(islice(mine, 5)) == list(islice(theirs, 5))


def test_a_prefix_must_leave_place_for_a_number() -> None:
    with pytest.raises(ValueError, match="prefix"):
        next(generate_filename(prefix="ABCDEFGH"))


@pytest.mark.parametrize(
    ("path", "conformant"),
    [("A", True), ("a", False), ("A/B/C/D/E/F/G/H", True), ("A/B/C/D/E/F/G/H/I", False),
     ("ABCDEFGH", True), ("ABCDEFGHI", False), ("A.B", False), ("A_1", True), ("A\n", False),
     ("/A", False), ("..", False), ("A B", False), ("Ä", False), ("", True)],
)  # fmt: skip
def test_conformance_of_file_ids(path: str, conformant: bool) -> None:
    assert is_conformant_file_id(Path(path)) is conformant


def test_a_file_id_is_text_and_components() -> None:
    file_id = FileID.of(["PT000000", "IM000000"])
    assert file_id == os.path.join("PT000000", "IM000000") == str(file_id)
    assert file_id == ["PT000000", "IM000000"]
    assert file_id != ["PT000000"]
    assert file_id != 5
    assert list(file_id) == ["PT000000", "IM000000"]
    assert (len(file_id), file_id[0], file_id[-1], file_id[:2]) == (2, "PT000000", "IM000000", "PT")
    assert Path("/x", file_id) == Path("/x/PT000000/IM000000")
    assert os.path.join("/x", file_id) == "/x/PT000000/IM000000"
    assert {str(file_id): 1}[file_id] == 1
