from __future__ import annotations

import os
from pathlib import Path

import pytest

from pydcm.errors import PydcmError, UnsafePathError
from pydcm.safe_path import check_component, safe_join

UNSAFE = ["", ".", "..", "...", ".. ", " ", "a/b", "/", "/etc", "a\\b", "\\", "C:", "C:x", "a\0b"]


@pytest.mark.parametrize("component", UNSAFE)
def test_what_is_no_plain_name_is_refused(component: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafePathError):
        check_component(component)
    for names in ([component], [component, "x"], ["x", component], ["x", component, "y"]):
        with pytest.raises(PermissionError):
            safe_join(str(tmp_path), names)


@pytest.mark.parametrize("component", ["IM000000", "a.b", ".hidden", "..a", "Ä", "a b", "~"])
def test_plain_names_are_joined(component: str, tmp_path: Path) -> None:
    assert safe_join(str(tmp_path), ["x", component]) == str(tmp_path / "x" / component)


def test_nothing_to_join_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafePathError):
        safe_join(str(tmp_path), [])


def test_a_link_to_a_file_outside_is_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "secret"
    root.mkdir()
    outside.write_bytes(b"x")
    os.symlink(outside, root / "A")
    with pytest.raises(UnsafePathError, match="outside"):
        safe_join(str(root), ["A"])


def test_a_link_to_a_folder_outside_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    os.symlink(tmp_path, root / "A")
    with pytest.raises(UnsafePathError):
        safe_join(str(root), ["A", "B"])


def test_a_folder_whose_name_only_begins_alike_is_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root2").mkdir()
    os.symlink(tmp_path / "root2", tmp_path / "root" / "A")
    with pytest.raises(UnsafePathError):
        safe_join(str(tmp_path / "root"), ["A", "B"])


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    os.symlink(tmp_path / "A", tmp_path / "B")
    assert safe_join(str(tmp_path), ["B", "C"]) == str(tmp_path / "B" / "C")


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "A").mkdir()
    os.symlink(tmp_path / "A", tmp_path / "B")
    assert safe_join(str(tmp_path / "B"), ["C"]) == str(tmp_path / "B" / "C")


def test_the_error_is_of_all_kinds_that_callers_catch() -> None:
    for kind in (PydcmError, PermissionError, ValueError):
        assert issubclass(UnsafePathError, kind)
