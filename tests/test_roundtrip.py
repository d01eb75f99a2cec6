"""Reading and writing keeps bytes: all of them, or all but those that were edited."""

from __future__ import annotations

import copy
import io
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import pydcm
from pydcm import config
from pydcm.errors import PydcmError
from tests.recording import recorded
from tests.shared import CORPUS
from tests.synthetic import (
    Document,
    Encoding,
    NotConformantError,
    Token,
    multiframe,
    objects,
    splice,
    tokenise,
)
from tests.synthetic.encoder import BIG_ENDIAN, DEFLATED, ITEM

if TYPE_CHECKING:
    from typing_extensions import Buffer

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # real files have odd values

NOT_KEPT = {
    "malformed/fo-dicom/GH626.dcm": "elements of group 0000 in the data set cannot be written",
    "palettes/pydicom/palettes/winter.dcm": "one of two elements with the same tag is dropped",
    "transfer-syntaxes/fo-dicom/GH364.dcm": "item tags outside a sequence are put in order",
    "transfer-syntaxes/pydicom/SC_rgb_jpeg.dcm": "an explicit data set has elements without a VR",
}
"""Files of the corpus that break the standard and are not written as they were, with the reason.

The other files that break it are kept to the byte as well: cut short, without
or with a wrong group length of group 2, with odd lengths, or with a tail.
"""

TEXT_TAGS = {
    0x00080050: "SH", 0x00080060: "CS", 0x00080100: "SH", 0x00080104: "LO", 0x00081030: "LO",
    0x00081150: "UI", 0x00081155: "UI", 0x00100020: "LO", 0x00180015: "CS", 0x0020000D: "UI",
    0x00200010: "SH", 0x00041500: "CS", 0x0040A040: "CS", 0x30060026: "LO", 0x300A00B2: "SH",
}  # fmt: skip
"""Elements that are edited where a file has them."""

NEW_VALUES = {"UI": "1.2.3", "CS": "EDITED", "SH": "EDITED", "LO": "EDITED NOW"}


def _dicom_files() -> Iterator[Path]:
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                if file.read(132)[128:] == b"DICM":
                    yield path


FILES = [path.relative_to(CORPUS).as_posix() for path in _dicom_files()]
ENCODINGS = {
    "explicit": Encoding(),
    "implicit": Encoding(explicit=False),
    "big endian": Encoding(little=False),
    "undefined": Encoding(undefined=True),
    "implicit undefined": Encoding(explicit=False, undefined=True),
}
SYNTHETIC = {
    **{f"every VR, {name}": objects.every_vr(e) for name, e in ENCODINGS.items()},
    **{f"enhanced, {name}": objects.enhanced_ct(5, e) for name, e in ENCODINGS.items()},
    "every VR, deflated": objects.every_vr(deflated=True),
    "report": objects.structured_report(60),
    "contours": objects.structure_set(2, 2, 3),
    "CT": objects.ct(16),
    "RLE": multiframe.small_rle(),
}
kept_files = pytest.mark.parametrize("name", [name for name in FILES if name not in NOT_KEPT])
synthetic_files = pytest.mark.parametrize("name", SYNTHETIC)


def write(ds: pydcm.Dataset) -> bytes:
    buffer = io.BytesIO()
    pydcm.dcmwrite(buffer, ds)
    return buffer.getvalue()


def touch(ds: pydcm.Dataset) -> None:
    """Access and print every value."""
    for element in ds.iterall():
        assert element.value is not None or element.VM == 0
    assert str(ds)


def explain(data: bytes, written: bytes) -> str:
    """Tell where two files differ; a diff of megabytes by the test runner helps nobody."""
    at = next((i for i, (a, b) in enumerate(zip(data, written, strict=False)) if a != b), None)
    at = min(len(data), len(written)) if at is None else at
    return (
        f"{len(data)} bytes became {len(written)}; they differ from {at}: "
        f"{data[at - 8 : at + 24]!r} became {written[at - 8 : at + 24]!r}"
    )


def assert_same(data: bytes, written: bytes) -> None:
    if written != data:
        pytest.fail(explain(data, written))


# --- unchanged ---------------------------------------------------------------


@kept_files
def test_corpus_file_is_written_as_it_was_read(name: str) -> None:
    path = CORPUS / name
    assert_same(path.read_bytes(), write(pydcm.dcmread(path)))


@kept_files
def test_corpus_file_is_kept_after_every_value_was_read(name: str) -> None:
    path = CORPUS / name
    ds = pydcm.dcmread(path)
    touch(ds)
    assert_same(path.read_bytes(), write(ds))


@kept_files
def test_corpus_file_is_kept_through_copies(name: str) -> None:
    path = CORPUS / name
    data = path.read_bytes()
    ds = pydcm.dcmread(path)
    assert_same(data, write(copy.deepcopy(ds)))
    assert_same(data, write(pickle.loads(pickle.dumps(ds))))


@synthetic_files
def test_synthetic_file_is_kept(name: str) -> None:
    data = SYNTHETIC[name]
    ds = pydcm.dcmread(data)
    assert_same(data, write(ds))
    touch(ds)
    assert_same(data, write(ds))
    assert_same(data, write(copy.deepcopy(ds)))
    assert_same(data, write(pickle.loads(pickle.dumps(ds))))


@synthetic_files
def test_synthetic_file_is_kept_from_a_stream(name: str, tmp_path: Path) -> None:
    data = SYNTHETIC[name]
    assert_same(data, write(pydcm.dcmread(io.BytesIO(data))))
    target = tmp_path / "copy.dcm"
    pydcm.dcmread(io.BytesIO(data)).save_as(target)
    assert_same(data, target.read_bytes())


@pytest.mark.parametrize("name", NOT_KEPT)
def test_what_is_not_kept_breaks_the_standard(name: str) -> None:
    data = (CORPUS / name).read_bytes()
    with pytest.raises(NotConformantError):
        tokenise(data)
    try:
        written = write(pydcm.dcmread(data))
    except PydcmError:
        return
    assert written != data, "it is kept by now: remove it from NOT_KEPT"
    first, second = pydcm.dcmread(data), pydcm.dcmread(written)
    assert sorted(first.keys()) == sorted(second.keys())


# --- edited ------------------------------------------------------------------


class Edit(NamedTuple):
    """One element to change: where it is in the bytes, and how to reach it."""

    token: Token
    steps: list[tuple[int, int]]
    """Tag of a sequence and index of its item, from the top."""


def _edits(document: Document) -> tuple[Edit | None, Edit | None]:
    """Return one element of the top level and one of a sequence, where there are any."""
    top = nested = None
    for token in document.root.children:
        if token.tag in TEXT_TAGS and top is None:
            top = Edit(token, [])
        if token.children and nested is None and token.vr != "UN":
            nested = _edit_below(token, [])
    return top, nested


def _edit_below(sequence: Token, steps: list[tuple[int, int]]) -> Edit | None:
    for index, item in enumerate(sequence.children):
        assert item.tag == ITEM
        path = [*steps, (sequence.tag, index)]
        for token in item.children:
            if token.tag in TEXT_TAGS:
                return Edit(token, path)
            if token.children and token.vr != "UN":
                below = _edit_below(token, path)
                if below:
                    return below
    return None


def _apply(edit: Edit, ds: pydcm.Dataset, document: Document) -> bytes:
    """Change the element in `ds`, and return the bytes that ought to result."""
    vr = TEXT_TAGS[edit.token.tag]
    value = NEW_VALUES[vr]
    for tag, index in edit.steps:
        ds = ds[tag].value[index]
    ds[edit.token.tag].value = value
    return splice(document, edit.token, document.encoding.text(edit.token.tag, vr, value))


def _check_edits(data: bytes, read: Callable[[], pydcm.Dataset]) -> int:
    """Edit an element of the top level and one of a sequence; return how many there were."""
    document = tokenise(data)
    edits = [edit for edit in _edits(document) if edit]
    for edit in edits:
        ds = read()
        expected = _apply(edit, ds, document)
        written = write(ds)
        if document.syntax == DEFLATED:
            written = tokenise(written).data
        assert_same(expected, written)
    return len(edits)


@kept_files
def test_editing_a_corpus_file_changes_nothing_else(name: str) -> None:
    path = CORPUS / name
    try:
        edited = _check_edits(path.read_bytes(), lambda: pydcm.dcmread(path))
    except NotConformantError as error:
        pytest.skip(f"not conformant, so the second tokeniser gives no answer: {error}")
    if not edited:
        pytest.skip("it has none of the elements that this test edits")


@synthetic_files
def test_editing_a_synthetic_file_changes_nothing_else(name: str) -> None:
    data = SYNTHETIC[name]
    assert _check_edits(data, lambda: pydcm.dcmread(data)) >= 1

    def touched() -> pydcm.Dataset:
        ds = pydcm.dcmread(data)
        touch(ds)
        return ds

    assert _check_edits(data, touched) >= 1


def _token(document: Document, tag: int) -> Token:
    return next(token for token in document.root.children if token.tag == tag)


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_changes_inside_a_value_are_written(encoding: Encoding) -> None:
    data = objects.every_vr(encoding)
    document = tokenise(data)
    ds = pydcm.dcmread(data)
    ds.ImageType[1] = "PRIMARY"
    expected = splice(
        document,
        _token(document, 0x00080008),
        encoding.text(0x00080008, "CS", "DERIVED\\PRIMARY"),
    )
    assert_same(expected, write(ds))

    ds = pydcm.dcmread(data)
    ds["PatientWeight"].value.append("7")
    expected = splice(
        document,
        _token(document, 0x00101030),
        encoding.text(0x00101030, "DS", "72.50\\1e2\\-0.5\\7"),
    )
    assert_same(expected, write(ds))


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_removing_and_adding_elements_and_items(encoding: Encoding) -> None:
    data = objects.every_vr(encoding)
    document = tokenise(data)
    ds = pydcm.dcmread(data)
    del ds.PatientID
    assert_same(splice(document, _token(document, 0x00100020), b""), write(ds))

    ds = pydcm.dcmread(data)
    ds.StudyID = "NEW"
    follows = _token(document, 0x00209128)
    kept = document.data[follows.start : follows.end]
    expected = splice(document, follows, encoding.text(0x00200010, "SH", "NEW") + kept)
    assert_same(expected, write(ds))

    ds = pydcm.dcmread(data)
    del ds.ReferencedImageSequence[1]
    second_item = _token(document, 0x00081140).children[1]
    assert_same(splice(document, second_item, b""), write(ds))


def test_editing_the_file_meta_corrects_its_length() -> None:
    data = objects.every_vr()
    document = tokenise(data)
    ds = pydcm.dcmread(data)
    ds.file_meta.ImplementationVersionName = "SYN 1"
    element = Encoding().text(0x00020013, "SH", "SYN 1")
    length = document.meta.children[0]
    stated = int.from_bytes(data[length.value : length.end], "little") + len(element)
    expected = (
        data[: length.value]
        + stated.to_bytes(4, "little")
        + data[length.end : document.body]
        + element
        + data[document.body :]
    )
    assert_same(expected, write(ds))


# --- saved to files ----------------------------------------------------------


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class FailingMedium(io.RawIOBase):
    """Gives some bytes, then fails as a lost network file does."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self.at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self.at, os.SEEK_END: self.size}[whence]
        return self.at

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self.at >= self.size // 2:
            raise OSError("the medium is gone")
        self.at += len(view)
        view[:] = bytes(len(view))
        return len(view)


def test_a_failing_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(16))
    before = _contents(tmp_path)
    ds = pydcm.dcmread(path)
    with config.validation(writing=config.IGNORE):
        ds.Rows = 70_000  # does not fit 16 bits, and lies behind most of the data set
    with pytest.raises(PydcmError):
        ds.save_as(path)
    assert _contents(tmp_path) == before


def test_a_source_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(16))
    before = _contents(tmp_path)
    ds = pydcm.dcmread(path)
    ds.PixelData = io.BufferedReader(FailingMedium(1 << 16))
    with pytest.raises(OSError, match="the medium is gone"):
        ds.save_as(path)
    assert _contents(tmp_path) == before


def test_a_refused_overwrite_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(16))
    before = _contents(tmp_path)
    with pytest.raises(FileExistsError):
        pydcm.dcmread(objects.every_vr()).save_as(path, overwrite=False)
    assert _contents(tmp_path) == before


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        pydcm.dcmread(objects.every_vr()).save_as(tmp_path / "nowhere" / "image.dcm")
    assert _contents(tmp_path) == {}


def test_saving_over_its_own_file_keeps_deferred_pixels(tmp_path: Path) -> None:
    data = objects.ct(64)
    document = tokenise(data)
    path = tmp_path / "image.dcm"
    path.write_bytes(data)
    ds = pydcm.dcmread(path)
    for patient in ("FIRST", "SECOND"):
        ds.PatientID = patient
        ds.save_as(path)
        token = _token(document, 0x00100020)
        expected = splice(document, token, Encoding().text(0x00100020, "LO", patient))
        assert_same(expected, path.read_bytes())
    assert ds.PixelData == pydcm.dcmread(data).PixelData
    assert pydcm.dcmread(path).PixelData == ds.PixelData


def test_another_data_set_of_a_replaced_file_keeps_its_pixels(tmp_path: Path) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(objects.ct(64))
    first = pydcm.dcmread(path)
    second = pydcm.dcmread(path)
    second.PixelData = bytes(len(second.PixelData))
    second.save_as(path)
    assert first.PixelData == pydcm.dcmread(objects.ct(64)).PixelData
    assert not any(pydcm.dcmread(path).PixelData)


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be removed there")
def test_a_file_removed_after_reading_is_still_complete(tmp_path: Path) -> None:
    data = objects.ct(64)
    path = tmp_path / "image.dcm"
    path.write_bytes(data)
    ds = pydcm.dcmread(path)
    path.unlink()
    assert_same(data, write(ds))


def test_mode_of_the_saved_file_is_that_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    target = tmp_path / "image.dcm"
    pydcm.dcmread(objects.every_vr()).save_as(target)
    assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_writing_warns_of_nothing_when_nothing_changed() -> None:
    for name, data in SYNTHETIC.items():
        with recorded() as caught:
            write(pydcm.dcmread(data))
        assert not caught, f"{name}: {caught[0].message}"


def test_big_endian_is_among_the_synthetic_files() -> None:
    assert BIG_ENDIAN in {tokenise(data).syntax for data in SYNTHETIC.values()}
