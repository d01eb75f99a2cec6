"""Data sets written in another encoding than the one they were read in, or another character set.

pydicom 3.0.2 is asked to do the same. Where the bytes are not the same, one of these is the
reason, each checked below, and there is no other:

* A value that nobody changed keeps its bytes: padding, leading spaces, what follows a null.
  pydicom decodes and encodes it, and loses them.
* Words (OW, OF, OL, OD, OV) change their byte order with the data set (PS3.5 7.3). pydicom
  leaves them, so that pixels are garbled in big endian.
* A group length that was read is kept, and set right (PS3.5 7.2). pydicom drops it.
* Odd lengths are padded (PS3.5 7.1.1). pydicom keeps them.
"""

from __future__ import annotations

import copy
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pydcm
from pydcm.errors import PydcmError, WriteError
from tests.kernels.written import element, item, undefined
from tests.shared import CORPUS
from tests.synthetic import Encoding, objects
from tests.synthetic.encoder import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, part10

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # real files have odd values

Content = tuple[int, str | None, str]
"""Tag, VR and value of an element, to be compared."""

LARGEST = 300_000
TARGETS = {"implicit": IMPLICIT, "explicit": EXPLICIT, "big endian": BIG_ENDIAN}
WORDS = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


def _files() -> Iterator[str]:
    """Yield the files of the corpus that are not encapsulated, one of each kind in a folder."""
    for path in sorted(CORPUS.rglob("*")):
        if not path.is_file() or not 400 < path.stat().st_size <= LARGEST:
            continue
        with path.open("rb") as file:
            head = file.read(400)
        if head[128:132] != b"DICM" or b"1.2.840.10008.1.2" not in head:
            continue
        if b"1.2.840.10008.1.2.4" not in head and b"1.2.840.10008.1.2.5" not in head:
            yield path.relative_to(CORPUS).as_posix()


def _sample(names: list[str]) -> list[str]:
    """Return at most three files of each folder; series have hundreds that are alike."""
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    return [name for each in folders.values() for name in each[:3]]


FILES = _sample(list(_files()))
every_file = pytest.mark.parametrize("name", FILES)


def _write(package: Any, ds: Any, syntax: str) -> bytes:
    ds.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    package.dcmwrite(stream, ds)
    return stream.getvalue()


def _swapped(value: bytes, width: int) -> bytes:
    whole = len(value) // width * width
    parts = [value[k : k + width][::-1] for k in range(0, whole, width)]
    return b"".join(parts) + value[whole:]


def _content(ds: pydcm.Dataset, *, vrs: bool = True) -> list[Content]:
    """Return tags and values at every depth, words as little endian, without group lengths."""
    found: list[Content] = []
    for elem in ds:
        value: object = elem.value
        if int(elem.tag) & 0xFFFF == 0:
            continue
        if elem.VR == "SQ":
            value = [_content(each, vrs=vrs) for each in elem.value]
        elif isinstance(value, bytes):
            little = ds.original_encoding[1] is not False
            value = value if little else _swapped(value, WORDS.get(elem.VR, 1))
            value = value + b"\0" * (len(value) % 2)
        found.append((int(elem.tag), elem.VR if vrs else None, repr(value)))
    return found


def _private(one: Content) -> bool:
    return bool(one[0] >> 16 & 1)


@every_file
@pytest.mark.parametrize("target", TARGETS)
def test_the_values_of_a_file_stay(name: str, target: str) -> None:
    path = CORPUS / name
    ds = pydcm.dcmread(path)
    before = _content(ds)
    if 0 in {int(elem.tag) >> 16 for elem in ds}:
        with pytest.raises(WriteError, match="group 0000"):
            _write(pydcm, ds, TARGETS[target])
        return
    written = _write(pydcm, pydcm.dcmread(path), TARGETS[target])
    after = _content(pydcm.dcmread(written))
    if target == "implicit":
        # VRs of private elements are lost, and those of pixels and the like are OW.
        before = _content(pydcm.dcmread(_write(pydcm, ds, IMPLICIT)))
        assert [each[0] for each in before] == [each[0] for each in after]
        plain = [each for each in before if not _private(each)]
        assert plain == [each for each in after if not _private(each)]
        return
    assert after == before


@every_file
@pytest.mark.parametrize("target", TARGETS)
def test_looking_at_values_changes_nothing(name: str, target: str) -> None:
    path = CORPUS / name
    outcomes = []
    for look in (False, True):
        ds = pydcm.dcmread(path)
        if look:
            for elem in ds.iterall():
                assert elem.VR
        try:
            outcomes.append(_write(pydcm, ds, TARGETS[target]))
        except WriteError as error:
            outcomes.append(str(error).encode())
    if outcomes[0] != outcomes[1]:
        pytest.fail(f"{len(outcomes[0])} and {len(outcomes[1])} bytes")


@every_file
def test_back_and_forth_is_the_same_file(name: str) -> None:
    path = CORPUS / name
    data = path.read_bytes()
    ds = pydcm.dcmread(data)
    syntax = str(ds.file_meta.TransferSyntaxUID)
    if syntax not in (EXPLICIT, BIG_ENDIAN) or ds.diagnostics:
        pytest.skip("VRs of private elements do not survive, or it is not conformant")
    other = BIG_ENDIAN if syntax == EXPLICIT else EXPLICIT
    try:
        there = _write(pydcm, ds, other)
        back = _write(pydcm, pydcm.dcmread(there), syntax)
    except PydcmError as error:
        pytest.skip(str(error))
    if _changes(pydcm.dcmread(data)):
        pytest.skip("group lengths are dropped, odd lengths padded, UN replaced by what is known")
    if back != data:
        at = next(k for k, (a, b) in enumerate(zip(data, back, strict=False)) if a != b)
        pytest.fail(f"{data[at - 20 : at + 20]!r} became {back[at - 20 : at + 20]!r}")


def _changes(ds: pydcm.Dataset) -> bool:
    """Whether there is something that does not come back from another encoding."""
    raw = [ds.get_item(tag) for tag in list(ds.keys())]
    if any(each is not None and each.VR == "UN" for each in raw):
        return True
    for elem in ds.iterall():
        odd = isinstance(elem.value, bytes) and len(elem.value) % 2 == 1
        if int(elem.tag) & 0xFFFF == 0 or odd:
            return True
    return False


# --- beside pydicom -------------------------------------------------------------------------


def _reason(ours: bytes, theirs: bytes, source: str, target: str) -> str:
    """Return why the bytes differ, after checking that it is so."""
    pydicom = pytest.importorskip("pydicom")
    mine = pydicom.dcmread(io.BytesIO(ours), force=True)
    other = pydicom.dcmread(io.BytesIO(theirs), force=True)
    reasons: set[str] = set()
    _compare(mine, other, reasons, (source == BIG_ENDIAN) != (target == BIG_ENDIAN))
    return ", ".join(sorted(reasons)) or "padding"


def _compare(mine: Any, other: Any, reasons: set[str], order_changed: bool) -> None:
    tags = {int(tag) for tag in mine.keys()}  # noqa: SIM118  # a data set yields elements
    theirs = {int(tag) for tag in other.keys()}  # noqa: SIM118  # a data set yields elements
    extra = tags ^ theirs
    if extra:
        assert all(tag & 0xFFFF == 0 for tag in extra - theirs), extra
        assert not theirs - tags
        reasons.add("group length")
    for tag in sorted(tags & theirs):
        one, two = mine.get_item(tag), other.get_item(tag)
        raw, raw2 = getattr(one, "value", None), getattr(two, "value", None)
        if raw == raw2 and one.VR == two.VR:
            continue
        if mine[tag].VR == "SQ":
            assert len(mine[tag].value) == len(other[tag].value)
            for a, b in zip(mine[tag].value, other[tag].value, strict=True):
                _compare(a, b, reasons, order_changed)
        elif isinstance(raw, bytes) and isinstance(raw2, bytes):
            vr = str(mine[tag].VR)
            if order_changed and vr in WORDS and _swapped(raw, WORDS[vr]) == raw2:
                reasons.add("byte order")
            elif raw.strip(b" \0") == raw2.strip(b" \0"):
                reasons.add("padding")
            else:
                assert str(mine[tag].value) == str(other[tag].value), mine[tag]
                reasons.add("form of the value")


@every_file
@pytest.mark.parametrize("target", TARGETS)
def test_the_same_bytes_as_pydicom_or_a_reason(name: str, target: str) -> None:
    pydicom = pytest.importorskip("pydicom", minversion="3.0.2")
    path = CORPUS / name
    source = str(pydcm.dcmread(path).file_meta.TransferSyntaxUID)
    if source == TARGETS[target]:
        pytest.skip("it is encoded so")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = _write(pydicom, pydicom.dcmread(path), TARGETS[target])
        except Exception as error:  # pydicom may raise what it likes
            pytest.skip(f"pydicom cannot: {type(error).__name__}")
        ours = _write(pydcm, pydcm.dcmread(path), TARGETS[target])
        if ours == theirs:
            return
        try:
            reason = _reason(ours, theirs, source, TARGETS[target])
        except OSError as error:
            pytest.skip(f"pydicom cannot read what it wrote: {error}")
    known = {"byte order", "form of the value", "group length", "padding"}
    assert set(reason.split(", ")) <= known


# --- all encodings into all ------------------------------

ENCODINGS = {
    "explicit": Encoding(),
    "implicit": Encoding(explicit=False),
    "big endian": Encoding(little=False),
    "explicit, undefined lengths": Encoding(undefined=True),
    "implicit, undefined lengths": Encoding(explicit=False, undefined=True),
    "big endian, undefined lengths": Encoding(little=False, undefined=True),
}


@pytest.mark.parametrize("source", ENCODINGS)
@pytest.mark.parametrize("target", ENCODINGS)
@pytest.mark.parametrize("look", [False, True])
def test_every_encoding_into_every_other(source: str, target: str, look: bool) -> None:
    first, second = ENCODINGS[source], ENCODINGS[target]
    if first.undefined != second.undefined:
        pytest.skip("the form of lengths is kept")
    ds = pydcm.dcmread(objects.every_vr(first))
    if look:
        assert str(ds)
    written = _write(pydcm, ds, second.syntax)
    expected = objects.every_vr(second)
    if first.explicit or not second.explicit:
        assert written == expected
    else:
        # What Implicit VR does not tell is the VR of a private element.
        mine, theirs = _content(pydcm.dcmread(written)), _content(pydcm.dcmread(expected))
        assert [each for each in mine if not _private(each)] == [
            each for each in theirs if not _private(each)
        ]
        assert len(mine) == len(theirs)


@pytest.mark.parametrize("source", ["explicit", "implicit", "big endian"])
def test_every_encoding_into_deflated(source: str) -> None:
    ds = pydcm.dcmread(objects.every_vr(ENCODINGS[source]))
    before = _content(ds, vrs=False)
    written = _write(pydcm, ds, DEFLATED)
    assert _content(pydcm.dcmread(written), vrs=False) == before
    assert len(written) % 2 == 0


def test_deflated_into_explicit() -> None:
    data = objects.every_vr(deflated=True)
    assert _write(pydcm, pydcm.dcmread(data), EXPLICIT) == objects.every_vr()


def test_changed_deflated_files_are_deflated_anew() -> None:
    ds = pydcm.dcmread(objects.every_vr(deflated=True))
    ds.PatientID = "another"
    again = pydcm.dcmread(_write(pydcm, ds, DEFLATED))
    assert again.PatientID == "another"
    assert _content(again) == _content(ds)


# --- words ---------------------------------------------------------------------------------------


def _with(vr: str, value: bytes, syntax: str = EXPLICIT, coding: int = 0) -> pydcm.FileDataset:
    tag = {"OW": 0x7FE00010, "OB": 0x00420011, "OF": 0x7FE00008, "OD": 0x7FE00009}.get(
        vr, 0x00660129
    )
    return pydcm.dcmread(part10(element(tag, vr, value, coding), syntax))


@pytest.mark.parametrize(("vr", "width"), [("OB", 1), *WORDS.items()])
def test_words_change_their_order(vr: str, width: int) -> None:
    value = bytes(range(64))
    for look in (False, True):
        ds = _with(vr, value)
        (tag,) = ds.keys()
        if look:
            assert ds[tag].value == value
        written = pydcm.dcmread(_write(pydcm, ds, BIG_ENDIAN))
        assert written[tag].value == _swapped(value, width)
        assert _write(pydcm, written, EXPLICIT) == _write(pydcm, _with(vr, value), EXPLICIT)


def test_words_that_were_set_are_in_the_order_of_the_new_file() -> None:
    ds = _with("OW", bytes(64))
    ds.PixelData = b"\0\1\0\2"
    assert pydcm.dcmread(_write(pydcm, ds, BIG_ENDIAN)).PixelData == b"\0\1\0\2"


def test_large_words_are_swapped_from_their_file(tmp_path: Path) -> None:
    value = bytes(range(256)) * 1024
    path = tmp_path / "file"
    path.write_bytes(part10(element(0x7FE00010, "OW", value), EXPLICIT))
    ds = pydcm.dcmread(path)
    assert pydcm.dcmread(_write(pydcm, ds, BIG_ENDIAN)).PixelData == _swapped(value, 2)


@pytest.mark.parametrize("bits", [1, 8, 16])
def test_native_pixels_from_implicit_are_words(bits: int) -> None:
    # PS3.5 A.1 and A.2: OW in Implicit VR; in Explicit VR OW is right for any depth.
    body = element(0x00280100, "US", bytes([bits, 0]), 1) + element(0x7FE00010, "OW", b"abcd", 1)
    for look in (False, True):
        ds = pydcm.dcmread(part10(body, IMPLICIT))
        if look:
            assert ds.PixelData == b"abcd"
        assert pydcm.dcmread(_write(pydcm, ds, EXPLICIT))["PixelData"].VR == "OW"


# --- encapsulated -----------------------------------------------------------

FRAGMENTS = item(b"") + item(b"\xff\xd8\xff\xd9")
JPEG = "1.2.840.10008.1.2.4.50"


def _encapsulated() -> pydcm.FileDataset:
    return pydcm.dcmread(part10(undefined(0x7FE00010, "OB", FRAGMENTS), JPEG))


@pytest.mark.parametrize("look", [False, True])
def test_native_pixels_under_a_compressed_syntax(look: bool) -> None:
    for syntax, coding in ((EXPLICIT, 0), (IMPLICIT, 1), (BIG_ENDIAN, 2)):
        ds = _with("OW", b"abcd", syntax, coding)
        if look:
            assert ds.PixelData
        with pytest.raises(WriteError, match="not encapsulated") as caught:
            _write(pydcm, ds, JPEG)
        assert caught.value.clause == "PS3.5 A.4"


@pytest.mark.parametrize("look", [False, True])
def test_fragments_have_no_place_in_big_endian(look: bool) -> None:
    ds = _encapsulated()
    if look:
        assert ds.PixelData == FRAGMENTS
    with pytest.raises(WriteError, match="little endian"):
        _write(pydcm, ds, BIG_ENDIAN)


@pytest.mark.parametrize("look", [False, True])
def test_fragments_keep_their_form(look: bool) -> None:
    # pydicom writes them with a defined length where the syntax is not a compressed one; either
    # is wrong, and what stays delimited can still be told from native pixels.
    for syntax in ("1.2.840.10008.1.2.4.90", EXPLICIT):
        ds = _encapsulated()
        if look:
            assert ds.PixelData
        data = _write(pydcm, ds, syntax)
        assert data.endswith(undefined(0x7FE00010, "OB", FRAGMENTS))


# --- character sets -----------------------------------------------------------


def _named(charset: str, name: bytes, coding: int = 0) -> bytes:
    terms = charset.encode() + b" " * (len(charset) % 2)
    nested = item(element(0x00100010, "PN", name, coding), coding)
    return part10(
        element(0x00080005, "CS", terms, coding)
        + element(0x00081140, "SQ", nested, coding)
        + element(0x00100010, "PN", name, coding)
        + element(0x00104000, "LT", name, coding),
        EXPLICIT,
    )


@pytest.mark.parametrize("look", [False, True])
def test_another_character_set_is_for_every_depth(look: bool) -> None:
    # pydicom leaves the text of items that nobody looked at in the old one.
    ds = pydcm.dcmread(_named("ISO_IR 100", "Jürg".encode("latin-1")))
    if look:
        assert str(ds)
    ds.SpecificCharacterSet = "ISO_IR 192"
    out = io.BytesIO()
    pydcm.dcmwrite(out, ds)
    assert out.getvalue() == _named("ISO_IR 192", "Jürg ".encode())
    again = pydcm.dcmread(out.getvalue())
    assert again.ReferencedImageSequence[0].PatientName == "Jürg"


def test_an_item_may_have_its_own_character_set() -> None:
    inner = element(0x00080005, "CS", b"ISO_IR 144") + element(0x00100010, "PN", b"\xb6\xd7\xe0 ")
    data = part10(
        element(0x00080005, "CS", b"ISO_IR 100") + element(0x00081140, "SQ", item(inner)), EXPLICIT
    )
    ds = pydcm.dcmread(data)
    ds.SpecificCharacterSet = "ISO_IR 192"
    out = io.BytesIO()
    pydcm.dcmwrite(out, ds)
    again = pydcm.dcmread(out.getvalue())
    assert again.ReferencedImageSequence[0].PatientName == ds.ReferencedImageSequence[0].PatientName
    assert inner in out.getvalue()


def test_text_that_the_character_set_lacks() -> None:
    ds = pydcm.dcmread(_named("ISO_IR 144", b"\xb6\xd7\xe0 "))
    ds.SpecificCharacterSet = "ISO_IR 100"
    out = io.BytesIO()
    try:
        pydcm.dcmwrite(out, ds)
    except (PydcmError, UnicodeEncodeError):
        assert out.getvalue() == b""
    else:
        assert pydcm.dcmread(out.getvalue()).PatientName != ""


@pytest.mark.parametrize("whole", [False, True])
def test_elements_take_their_text_with_them(whole: bool) -> None:
    old = pydcm.dcmread(_named("ISO_IR 100", "Jürg".encode("latin-1")))
    new = pydcm.dcmread(part10(element(0x00080005, "CS", b"ISO_IR 192"), EXPLICIT))
    if whole:
        new.update(old.group_dataset(0x0010))
        new["ReferencedImageSequence"] = copy.deepcopy(old["ReferencedImageSequence"])
    else:
        new.add(old["PatientName"])
        new.add(old["PatientComments"])
        new.ReferencedImageSequence = [old.ReferencedImageSequence[0]]
    out = io.BytesIO()
    pydcm.dcmwrite(out, new)
    again = pydcm.dcmread(out.getvalue())
    assert again.PatientName == again.PatientComments == "Jürg"
    assert again.ReferencedImageSequence[0].PatientName == "Jürg"


@pytest.mark.parametrize("target", TARGETS)
def test_text_is_kept_in_any_encoding(target: str) -> None:
    name = "Jürg".encode("latin-1")
    written = _write(pydcm, pydcm.dcmread(_named("ISO_IR 100", name)), TARGETS[target])
    assert written.count(name) == 3
    assert pydcm.dcmread(written).PatientName == "Jürg"
