"""Items that are decoded whole are what they are when their elements are visited one by one."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import pydcm
from pydcm import Dataset
from pydcm.dataelem import DataElement
from pydcm.errors import PydcmError
from tests.shared import CORPUS, needs_corpus
from tests.synthetic import Encoding, objects, part10

pytestmark = pytest.mark.filterwarnings("ignore")

DEFINED = Encoding()
UNDEFINED = Encoding(undefined=True)

SPECIAL_TAG = 0x00080005
MADE: dict[str, Callable[[Encoding], bytes]] = {
    "enhanced CT": lambda encoding: objects.enhanced_ct(5, encoding),
    "report": lambda encoding: objects.structured_report(60, encoding),
    "structure set": lambda encoding: objects.structure_set(encoding=encoding),
    "nested": lambda encoding: objects.nested(20, encoding),
    "every VR": objects.every_vr,
}

Seen = tuple[int, str, str, bool, object, object]


def seen(ds: Dataset, elem: DataElement) -> Seen:
    """Return what can be told of an element and of the data set around it."""
    value = "" if elem.VR == "SQ" else f"{type(elem.value).__name__} {elem.value!r}"
    around = (ds.original_encoding, ds.original_character_set, ds._depth)
    home = (ds.is_undefined_length_sequence_item, elem.file_tell, elem.private_creator)
    return (int(elem.tag), elem.VR, value, elem.is_undefined_length, around, home)


def one_by_one(ds: Dataset) -> Iterator[Seen]:
    for tag in sorted(ds.keys()):
        elem = ds[tag]
        yield seen(ds, elem)
        if elem.VR == "SQ":
            for number in range(len(elem.value)):
                yield from one_by_one(elem.value[number])


def visited_whole(ds: Dataset) -> list[Seen]:
    elements = list(ds.iterall())
    parents = {id(elem): ds for elem in ds}
    for elem in elements:
        for item in elem.value if elem.VR == "SQ" else ():
            parents.update((id(inner), item) for inner in item)
    return [seen(parents[id(elem)], elem) for elem in elements]


def verdict(read: Callable[[], object]) -> object:
    try:
        return read()
    except PydcmError as error:
        return type(error).__name__, str(error)


def compare(data: bytes) -> None:
    expected = verdict(lambda: list(one_by_one(pydcm.dcmread(data, force=True))))
    assert verdict(lambda: visited_whole(pydcm.dcmread(data, force=True))) == expected


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("encoding", [DEFINED, UNDEFINED], ids=["defined", "undefined"])
def test_made_objects(name: str, encoding: Encoding) -> None:
    data = MADE[name](encoding)
    compare(data)
    ds = pydcm.dcmread(data)
    assert len(list(ds.iterall())) == sum(1 for _ in one_by_one(ds)) > 3


@needs_corpus
def test_corpus() -> None:
    compared = 0
    for path in sorted(CORPUS.rglob("*.dcm")):
        if path.stat().st_size < 1 << 19:
            compare(path.read_bytes())
            compared += 1
    assert compared > 300


@needs_corpus
def test_what_was_visited_is_written_as_it_was_read(tmp_path: Path) -> None:
    folders = [CORPUS / name for name in ("enhanced-mf", "sr", "rt", "seg")]
    checked = 0
    for path in (file for folder in folders for file in sorted(folder.rglob("*.dcm"))):
        data = path.read_bytes()
        untouched, visited = pydcm.dcmread(data, force=True), pydcm.dcmread(data, force=True)
        for elem in visited.iterall():
            assert elem.tag is not None
        assert saved(visited) == saved(untouched), path
        checked += 1
    assert checked > 20


def saved(ds: Dataset) -> bytes | None:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pydcm.dcmwrite(stream, ds)
        except PydcmError:
            return None
    return stream.getvalue()


def item_with(*elements: bytes) -> bytes:
    inner = DEFINED.sequence(0x00081140, elements)
    return part10(
        DEFINED.sequence(0x00081115, [inner]) + DEFINED.text(0x00100020, "LO", "4711"),
        DEFINED.syntax,
    )


def test_an_item_with_a_character_set_of_its_own() -> None:
    own = DEFINED.text(SPECIAL_TAG, "CS", "ISO_IR 100") + DEFINED.text(0x00100010, "PN", "M\xfc")
    data = item_with(own, DEFINED.text(0x00100010, "PN", "Miller"))
    compare(data)
    names = [elem.value for elem in pydcm.dcmread(data).iterall() if elem.VR == "PN"]
    assert names == ["M\xfc", "Miller"]


def test_doubled_tags_are_reported_once() -> None:
    one = DEFINED.text(0x00100020, "LO", "1")
    ds = pydcm.dcmread(item_with(one + DEFINED.text(0x00100020, "LO", "2")))
    assert [elem.value for elem in ds.iterall() if elem.VR == "LO"] == ["2", "4711"]
    assert [found.code for found in ds.diagnostics] == ["duplicate-element"]


def test_a_value_that_does_not_fit_fails_when_it_is_visited() -> None:
    elements = pydcm.dcmread(item_with(DEFINED.element(0x00280010, "US", b"123"))).iterall()
    assert [next(elements).tag, next(elements).tag] == [0x00081115, 0x00081140]
    with pytest.raises(PydcmError, match="no whole number of values") as caught:
        next(elements)
    within = "ReferencedSeriesSequence[0].ReferencedImageSequence[0]"
    assert caught.value.tag_path == f"{within}.(0028,0010)"


def test_what_was_set_before_stays() -> None:
    ds = pydcm.dcmread(objects.enhanced_ct(3))
    first = ds.PerFrameFunctionalGroupsSequence[0]
    first.FrameContentSequence[0].StackID = "mine"
    del ds.PerFrameFunctionalGroupsSequence[1].FrameContentSequence
    stacks = [elem.value for elem in ds.iterall() if elem.keyword == "StackID"]
    untouched = pydcm.dcmread(objects.enhanced_ct(3))
    expected = [e.value for e in untouched.iterall() if e.keyword == "StackID"]
    assert stacks == ["mine", *expected[2:]] if expected else stacks == ["mine"]


def test_an_irregular_item_is_opened_one_level_at_a_time() -> None:
    inner = DEFINED.sequence(0x00081199, [DEFINED.text(0x00100020, "LO", "4711")])
    data = item_with(inner + DEFINED.element(0x00280010, "US", b"12"))
    cut = data[: data.index(b"4711") + 2]
    compare(cut)
    ds = pydcm.dcmread(cut)
    assert [elem.value for elem in ds.iterall() if elem.VR == "LO"] == ["47"]
    assert "truncated-value" in {found.code for found in ds.diagnostics}


def test_threads_get_the_same_elements() -> None:
    ds = pydcm.dcmread(objects.enhanced_ct(60))
    with ThreadPoolExecutor(8) as pool:
        seen_by = list(pool.map(lambda _: [id(elem) for elem in ds.iterall()], range(8)))
    assert all(ids == seen_by[0] for ids in seen_by)


def test_an_item_tag_that_is_no_item() -> None:
    # An item whose content is broken has a row for an element with the tag of an item.
    stray = bytes.fromhex("feff 00e0") + b"SH\x04\x00DCM "
    content = bytes.fromhex("0800 0001") + b"SH\x06\x00126000" + stray
    item = bytes.fromhex("feff 00e0") + len(content).to_bytes(4, "little") + content
    data = bytes.fromhex("4000 43a0") + b"SQ\0\0" + len(item).to_bytes(4, "little") + item
    ds = pydcm.dcmread(data, force=True)
    assert [element.VR for element in ds.iterall()][:2] == ["SQ", "SH"]
