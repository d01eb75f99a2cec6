"""The files of pydcm.data: under the names of pydicom, made here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pydcm import config, data, dcmread, examples
from pydcm.data import (
    data_manager,
    get_charset_files,
    get_palette_files,
    get_testdata_file,
    get_testdata_files,
)
from pydcm.data.text import TEXTS
from pydcm.pixels.processing import apply_color_lut
from tests.shared import ROOT


@pytest.fixture(scope="module")
def theirs() -> Any:
    return pytest.importorskip("pydicom.data")


def _names(paths: list[str]) -> set[str]:
    return {os.path.basename(path) for path in paths}


def _files(paths: list[str]) -> set[str]:
    return _names([path for path in paths if path.endswith(".dcm")])


# ---- test data ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", data_manager._EXAMPLES)
def test_each_name_is_one_of_pydicom_and_holds_an_example(theirs: Any, name: str) -> None:
    assert theirs.get_testdata_file(name, download=False) is not None
    path = get_testdata_file(name)
    assert isinstance(path, str)
    assert path.endswith(name.replace("/", os.sep))
    ds = get_testdata_file(name, read=True)
    assert ds == dcmread(path, force=True)
    assert ds == getattr(examples, data_manager._EXAMPLES[name])


def test_the_end_of_a_path_is_enough() -> None:
    found = get_testdata_file("DICOMDIR")
    assert found == get_testdata_file("dicomdirtests/DICOMDIR")
    assert isinstance(found, str)
    listed = dcmread(found).DirectoryRecordSequence
    (first, *_) = [record for record in listed if "ReferencedFileID" in record]
    assert Path(found).parent.joinpath(*first.ReferencedFileID).is_file()


@pytest.mark.parametrize("read", [True, False])
def test_a_file_that_is_not_here_is_said_and_none(read: bool) -> None:
    with pytest.warns(UserWarning, match=r"no file 'JPEG2000.dcm' in pydcm.data, only CT_small"):
        assert get_testdata_file("JPEG2000.dcm", read=read) is None


def test_a_file_that_may_be_missing_is_none(recwarn: pytest.WarningsRecorder) -> None:
    assert get_testdata_file("JPEG2000.dcm", download=False) is None
    assert not recwarn.list


def test_paths_of_others_are_refused() -> None:
    with pytest.raises(ValueError, match="dcmread"):
        get_testdata_file(os.path.abspath("x.dcm"))
    with pytest.raises(ValueError, match="not absolute"):
        get_testdata_files(os.path.abspath("*"))
    with pytest.raises(NotImplementedError):
        get_palette_files(os.path.abspath("*"))


@pytest.mark.parametrize("pattern", ["rtp*.dcm", "CT_s*", "**/DICOMDIR", "no_meta.dcm"])
def test_patterns_find_what_they_find_under_pydicom(theirs: Any, pattern: str) -> None:
    mine = get_testdata_files(pattern)
    assert all(os.path.exists(path) for path in mine)
    expected = theirs.get_testdata_files(pattern)
    known = {Path(name).name for name in data_manager._EXAMPLES}
    assert _names(mine) & known == _names(expected) & known
    assert mine == sorted(mine)


# ---- character sets and palettes -----------------------------------------------------------


def test_text_in_the_character_sets_of_pydicoms_files(theirs: Any) -> None:
    expected = {os.path.basename(path): path for path in theirs.get_charset_files("*.dcm")}
    assert _files(get_charset_files()) == set(expected)
    pydicom = pytest.importorskip("pydicom")
    for path in get_charset_files():
        name = os.path.basename(path)
        ds, other = dcmread(path), pydicom.dcmread(expected[name])
        assert ds.SpecificCharacterSet == other.SpecificCharacterSet
        as_pydicom_reads = pydicom.dcmread(path)
        assert str(ds.PatientName) == str(as_pydicom_reads.PatientName)
        assert str(ds.PatientName) == TEXTS[name][1].split("\\")[0]
        if "OtherPatientNames" in ds:
            assert list(map(str, ds["OtherPatientNames"].value)) == TEXTS[name][1].split("\\")
        if "RequestedProcedureCodeSequence" in ds:
            (item,) = ds.RequestedProcedureCodeSequence
            assert item.CodeMeaning == "Schädel"
            (item,) = as_pydicom_reads.RequestedProcedureCodeSequence
            assert item.CodeMeaning == "Schädel"


def test_the_palettes_of_pydicoms_files(theirs: Any) -> None:
    expected = {os.path.basename(path): path for path in theirs.get_palette_files("*.dcm")}
    assert _files(get_palette_files()) == set(expected)
    levels = np.arange(256, dtype=np.uint8)
    for path in get_palette_files():
        ds, other = dcmread(path), dcmread(expected[os.path.basename(path)])
        assert ds.SOPInstanceUID == ds.PaletteColorLookupTableUID == other.SOPInstanceUID
        colours = apply_color_lut(levels, ds)
        assert np.array_equal(colours, apply_color_lut(levels, other)), path
        assert np.array_equal(colours, apply_color_lut(levels, palette=ds.ContentLabel))


# ---- the rest ----------------------------------------------------------------------------


def test_get_files_looks_into_any_folder(theirs: Any, tmp_path: Path) -> None:
    for name in ("a/b/x.dcm", "x.dcm", "a/y.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for pattern in ("**/*", "*", "x.dcm", "a/*", "nope"):
        expected = sorted(theirs.data_manager.get_files(tmp_path, pattern))
        assert data_manager.get_files(tmp_path, pattern) == expected


def test_no_further_sources() -> None:
    assert data.external_data_sources() == data_manager.get_external_sources() == {}
    assert data_manager.online_test_file_dummy_paths() == {}
    assert [kind.name for kind in data_manager.DataTypes] == [
        "DATASET", "CHARSET", "PALETTE", "DICOMDIR", "JPEG",
    ]  # fmt: skip


def test_all_files_lie_under_one_root_that_goes_with_the_process() -> None:
    code = (
        "from pydcm.data import DATA_ROOT, fetch_data_files\n"
        "import pathlib; fetch_data_files()\n"
        "print(DATA_ROOT, len(list(pathlib.Path(DATA_ROOT).glob('*/*.dcm'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    root, count = done.stdout.rsplit(maxsplit=1)
    assert int(count) == 12 + 17 + 8
    assert not os.path.exists(root)


def test_unknown_names() -> None:
    for module in (data, data_manager, examples):
        with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
            _ = module.nonsense


def test_names_that_examples_lends() -> None:
    assert examples.get_testdata_file is get_testdata_file
    assert examples.dcmread is dcmread


def test_the_jpeg_2000_example_is_what_it_says() -> None:
    pytest.importorskip("imagecodecs")
    row, column = np.indices((128, 128))
    expected = np.stack([column * 2, np.full_like(row, 90), row * 2], axis=-1)
    assert np.array_equal(examples.jpeg2k.pixel_array, expected)


# ---- settings ----------------------------------------------------------------------------


def test_the_handlers_of_version_2() -> None:
    mine: list[Any] = config.pixel_data_handlers
    expected = pytest.importorskip("pydicom.config").pixel_data_handlers
    assert [module.__name__.rpartition(".")[2] for module in mine] == [
        module.__name__.rpartition(".")[2] for module in expected
    ]
    assert config.pixel_data_handlers is mine


def test_sequences_of_unknown_vr_can_be_left_alone() -> None:
    assert isinstance(type(config.settings).infer_sq_for_un_vr, property)
    assert config.settings.infer_sq_for_un_vr is True
    config.settings.infer_sq_for_un_vr = False
    try:
        assert config.settings.infer_sq_for_un_vr is False
    finally:
        config.settings.infer_sq_for_un_vr = True
