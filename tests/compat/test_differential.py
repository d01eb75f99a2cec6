"""Every file of the corpus, read here and by pydicom 3.0.2: the same, element by element.

What is not the same stands in :data:`KNOWN` and :data:`RENAMED`, each with its
reason, and nowhere else. An entry of :data:`KNOWN` that no longer occurs fails
the test of its file.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import pydcm
from pydcm.errors import PydcmError
from tests.shared import CORPUS, GOLDEN, SHARED, needs_corpus

pydicom = pytest.importorskip("pydicom", minversion="3.0.2")

# Both readers warn about the defects of these files; the tests of each module check that.
pytestmark = [needs_corpus, pytest.mark.filterwarnings("ignore")]


class Difference(NamedTuple):
    """Something that is not the same in both readings."""

    what: str
    """``tags``, ``vr``, ``value``, ``form``, ``error``, ``coding``, ``text`` or ``json``."""
    where: str
    """The way to the element: tags and item numbers."""
    theirs: object
    ours: object


class Known(NamedTuple):
    """Differences in one file, and why they are as they should be."""

    file: str
    what: str
    where: str
    """A regular expression for all of the way to the element."""
    reason: str


_VR_OF_PRIVATE = "implicit VR: the private dictionary of this package has another VR for the tag"
_MORE_PRIVATE = "implicit VR: pydicom's private dictionary does not know the element"
_GROUP_LENGTH = "PS3.5 7.2: a group length is UL, in a private group as in any other"
_BYTES_OF_NAME = "original_string is what the file has; pydicom encodes the decoded name once more"
_ITEM_HAS_NO_VR = (
    "PS3.5 7.5: an item has no VR. Where one stands outside of a sequence, pydicom takes the next "
    "bytes for a VR and raises on access; here its elements are read"
)
_FOUND_CODING = (
    "the transfer syntax says explicit VR and the data set is implicit: both readers see that, "
    "but pydicom keeps saying explicit"
)

_CHARSETS = "corpus/charsets/pydicom/charset_files"
_SEG = "corpus/seg/dcmqi/segmentations/ct-3slice"
_PHILIPS = "corpus/deid/deid/func-sequence-replace/MR.dcm"
_US = (
    "corpus/transfer-syntaxes/dicomParser/encapsulated/multi-frame/"
    "IM00001.fragmented_no_bot_jpeg_baseline.50.dcm"
)
_LOOSE_ITEM = "corpus/transfer-syntaxes/fo-dicom/GH364.dcm"

KNOWN = [
    *(
        Known(f"{_CHARSETS}/{name}.dcm", what, "00191010", _VR_OF_PRIVATE)
        for name in ("chrJapMulti", "chrJapMultiExplicitIR6", "chrKoreanMulti")
        for what in ("vr", "text", "json")
    ),
    *(
        Known(f"{_CHARSETS}/{name}.dcm", "value", where, _BYTES_OF_NAME)
        for name, where in (
            ("chrKoreanMulti", "00081070|00100010|00101001"),
            ("chrSQEncoding", r"00321064\[0\]/00100010"),
            ("chrSQEncoding1", r"00321064\[0\]/00100010"),
            ("chrX1", "00100010"),
            ("chrX2", "00100010"),
        )
    ),
    Known("corpus/malformed/fo-dicom/GH1301.dcm", "value", "00100010", _BYTES_OF_NAME),
    *(
        Known(_PHILIPS, what, where, _MORE_PRIVATE)
        for what, where in (
            ("vr", r"20019000\[0\]/20051389\[0\]/2005138[3-8]"),
            ("json", r"20019000\[0\]/20051389\[0\]/2005138[3-8]"),
            ("text", "2005138[3-8]"),
        )
    ),
    *(Known(_US, what, "7FDF1000|7FDF1001|7FDF100D", _MORE_PRIVATE)
      for what in ("vr", "text", "json")),
    *(
        Known(f"{_SEG}/{number}.dcm", what, "00(09|19|21|45)0000", _GROUP_LENGTH)
        for number in ("01", "02", "03")
        for what in ("vr", "text")
    ),
    Known(_LOOSE_ITEM, "tags", "00186[0-9A-F]{3}|FFFEE000", _ITEM_HAS_NO_VR),
    Known(_LOOSE_ITEM, "error", "FFFEE000", _ITEM_HAS_NO_VR),
    Known(_LOOSE_ITEM, "text", ".*", _ITEM_HAS_NO_VR),
    Known(_LOOSE_ITEM, "json", ".*", _ITEM_HAS_NO_VR),
    Known("corpus/transfer-syntaxes/pydicom/SC_rgb_jpeg.dcm", "coding",
          "is_implicit_VR|original_encoding", _FOUND_CODING),
]  # fmt: skip

RENAMED = {
    "X-Ray Tube Current in uA": "X-Ray Tube Current in µA",
    "Exposure in uAs": "Exposure in µAs",
    "JPEG Extended (Process 2 and 4)": "JPEG Extended (Process 2 & 4)",
    "(Process 6 and 8)": "(Process 6 & 8)",
    "1.2.840.10008.5.1.4.1.1.66.7": "Label Map Segmentation Storage",
}
"""Names in pydicom's dictionaries, and in the edition of PS3.6 used here."""

# What can occur in any file is undone before the comparison, by these functions and no others:
#
# _as_the_standard_has_it
#     PS3.18 F.2.2: group lengths shall not be in a JSON model, and only the components of a name
#     that are not empty. F.2.5: an empty attribute has no Value, an empty sequence neither, where
#     pydicom writes []; an empty one of several values is null, where pydicom writes "".
# _without_private_names
#     Names of private elements are no part of the standard; the dictionaries come from different
#     sources. All other columns are compared.


# ---- the files ----------------------------------------------------------------------


def _paths() -> list[Path]:
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        listed = [CORPUS / row["path"] for row in csv.DictReader(file, delimiter="\t")]
    return [*listed, *sorted(GOLDEN.rglob("*.dcm"))]


def _is_part10(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


PATHS = _paths()
BARE = [
    "corpus/malformed/fo-dicom/GH340.dcm",
    "corpus/malformed/pydicom/ExplVR_BigEndNoMeta.dcm",
    "corpus/malformed/pydicom/ExplVR_LitEndNoMeta.dcm",
    "corpus/malformed/pydicom/no_meta.dcm",
    "corpus/rt/pydicom/rtstruct.dcm",
]
"""Data sets without the preamble of PS3.10 7.1, read with ``force=True``."""
DATA_SETS = [path for path in PATHS if _is_part10(path)] + [
    SHARED / name for name in BARE if (SHARED / name).is_file()
]


def _name(path: Path) -> str:
    return path.relative_to(SHARED).as_posix()


class Pair(NamedTuple):
    """One file, read twice."""

    name: str
    theirs: Any
    ours: Any


@pytest.fixture(scope="module", params=DATA_SETS, ids=_name)
def pair(request: pytest.FixtureRequest) -> Pair:
    path: Path = request.param
    force = _name(path) in BARE
    return Pair(_name(path), pydicom.dcmread(path, force=force), pydcm.dcmread(path, force=force))


@cache
def _known(file: str) -> list[Known]:
    return [known for known in KNOWN if known.file == file]


def check(file: str, kinds: tuple[str, ...], found: list[Difference]) -> None:
    """Fail unless the differences are those that are known, all of them."""
    for entry in _known(file):
        if entry.what not in kinds:
            continue
        matching = [
            one for one in found
            if one.what == entry.what and re.fullmatch(entry.where, one.where)
        ]  # fmt: skip
        assert matching, f"{entry} does not occur any more"
        found = [one for one in found if one not in matching]
    assert not found, "\n".join(str(one) for one in found[:20])


# ---- opening ---------------------------------------------------------------------------


@pytest.mark.parametrize("force", [False, True], ids=["", "force"])
@pytest.mark.parametrize("path", PATHS, ids=_name)
def test_verdict(path: Path, force: bool) -> None:
    try:
        pydicom.dcmread(path, force=force)
    except Exception:  # pydicom may raise what it likes
        with pytest.raises(PydcmError):
            pydcm.dcmread(path, force=force)
    else:
        assert isinstance(pydcm.dcmread(path, force=force), pydcm.FileDataset)


# ---- elements ----------------------------------------------------------------------------


def test_elements(pair: Pair) -> None:
    found = [
        *_compared(pair.theirs, pair.ours, ""),
        *_compared(pair.theirs.file_meta, pair.ours.file_meta, "file_meta/"),
    ]
    for attribute in ("preamble", "is_implicit_VR", "is_little_endian", "original_encoding"):
        values = [getattr(ds, attribute) for ds in (pair.theirs, pair.ours)]
        if values[0] != values[1]:
            found.append(Difference("coding", attribute, *values))
    check(pair.name, ("tags", "vr", "value", "form", "error", "coding"), found)


def _compared(theirs: Any, ours: Any, way: str) -> Iterator[Difference]:
    """Yield what differs in two data sets, at every depth."""
    tags = [sorted(map(int, ds.keys())) for ds in (theirs, ours)]
    if tags[0] != tags[1]:
        for tag in sorted({*tags[0]} ^ {*tags[1]}):
            yield Difference("tags", f"{way}{tag:08X}", tag in tags[0], tag in tags[1])
    for tag in sorted({*tags[0]} & {*tags[1]}):
        yield from _compared_elements(_get(theirs, tag), _get(ours, tag), f"{way}{tag:08X}")


def _get(ds: Any, tag: int) -> Any:
    try:
        return ds[tag]
    except Exception as error:  # _accept tells which may be
        _accept(error, ds)
        return error


def _accept(error: Exception, ds: Any) -> None:
    """Fail on an exception that is not the reader's own; pydicom may raise what it likes."""
    assert isinstance(error, PydcmError) or isinstance(ds, pydicom.Dataset), repr(error)


def _compared_elements(theirs: Any, ours: Any, way: str) -> Iterator[Difference]:
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        if isinstance(theirs, Exception) is not isinstance(ours, Exception):
            yield Difference("error", way, repr(theirs)[:200], repr(ours)[:200])
        return
    if theirs.VR != ours.VR:
        yield Difference("vr", way, str(theirs.VR), str(ours.VR))
        return
    forms = [(elem.is_undefined_length, elem.VM, elem.is_empty) for elem in (theirs, ours)]
    if forms[0] != forms[1]:
        yield Difference("form", way, *forms)
    if theirs.VR != "SQ":
        values = _plain(theirs.value), _plain(ours.value)
        if values[0] != values[1]:
            yield Difference("value", way, *values)
        return
    if len(theirs.value) != len(ours.value):
        yield Difference("value", way, len(theirs.value), len(ours.value))
        return
    for number, items in enumerate(zip(theirs.value, ours.value, strict=True)):
        yield from _compared(*items, f"{way}[{number}]/")


def _plain(value: Any) -> Any:
    """Return a value together with its type, in builtin types."""
    kind = type(value).__name__
    if isinstance(value, (list, tuple)) or kind == "MultiValue":
        return [_plain(one) for one in value]
    if kind == "PersonName":
        return kind, str(value), tuple(value.components), value.original_string
    if kind in ("DSfloat", "IS", "ISfloat"):
        return kind, float(value), str(value)
    if value is None or isinstance(value, (str, bytes, int, float)):
        return kind, value if value == value else "NaN"  # noqa: PLR0124  # false for NaN
    raise AssertionError(f"a value of type {kind} is not expected")


# ---- text --------------------------------------------------------------------------------

_LINE = re.compile(r" *\(([0-9A-F]{4}),([0-9A-F]{4})\) ")
_NAME_WIDTH = 35


def test_text(pair: Pair) -> None:
    theirs, ours = _lines(pair.theirs), _lines(pair.ours)
    found = [
        Difference("text", _tag_of(one[0]), *one)
        for one in zip(theirs, ours, strict=False)
        if one[0] != one[1]
    ]
    if len(theirs) != len(ours):
        found.append(Difference("text", "lines", len(theirs), len(ours)))
    check(pair.name, ("text",), found)


def _lines(ds: Any) -> list[str]:
    try:
        lines = str(ds).split("\n")
    except Exception as error:  # _accept tells which may be
        _accept(error, ds)
        return ["an error"]
    return [_renamed(_without_private_names(line)) for line in lines]


def _without_private_names(line: str) -> str:
    tag = _LINE.match(line)
    if tag is None or not int(tag[1], 16) & 1:
        return line
    items = re.search(r"\d+ item\(s\) ---- $", line)
    return tag[0] + (items[0] if items else line[tag.end() + _NAME_WIDTH :])


def _renamed(line: str) -> str:
    for theirs, ours in RENAMED.items():
        line = line.replace(theirs, ours)
    return line


def _tag_of(line: str) -> str:
    tag = _LINE.match(line)
    return f"{tag[1]}{tag[2]}" if tag else line


# ---- JSON ----------------------------------------------------------------------------------


def test_json(pair: Pair) -> None:
    models = []
    for ds in (pair.theirs, pair.ours):
        try:
            models.append(json.loads(ds.to_json()))
        except Exception as error:  # _accept tells which may be
            _accept(error, ds)
            models.append({"error": {"vr": "error"}})
    theirs, ours = models
    check(pair.name, ("json",), list(_compared_models(_as_the_standard_has_it(theirs), ours, "")))
    if "error" not in ours:
        assert pair.ours.to_json_dict() == ours
        assert pair.ours.to_json() == json.dumps(ours, sort_keys=True)


def _compared_models(
    theirs: dict[str, Any], ours: dict[str, Any], way: str
) -> Iterator[Difference]:
    for tag in sorted({*theirs, *ours}):
        one, other = theirs.get(tag), ours.get(tag)
        if one == other and repr(one) == repr(other):  # 1 == 1.0
            continue
        items = [e.get("Value", []) if e and e["vr"] == "SQ" else [] for e in (one, other)]
        if items[0] and len(items[0]) == len(items[1]):
            for number, (item, its_twin) in enumerate(zip(*items, strict=True)):
                yield from _compared_models(item, its_twin, f"{way}{tag}[{number}]/")
        else:
            yield Difference("json", f"{way}{tag}", str(one)[:200], str(other)[:200])


def _as_the_standard_has_it(model: dict[str, Any]) -> dict[str, Any]:
    made = {}
    for tag, elem in model.items():
        if tag.endswith("0000"):
            continue
        values = elem.get("Value")
        if elem["vr"] == "SQ":
            values = [_as_the_standard_has_it(item) for item in values]
        elif elem["vr"] == "PN" and values:
            values = [{key: part for key, part in name.items() if part} for name in values]
        elif values:
            values = [None if value == "" else value for value in values]
        made[tag] = (
            {**elem, "Value": values}
            if values
            else {key: part for key, part in elem.items() if key != "Value"}
        )
    return made


# ---- that these tests can fail ------------------------------------------------------------


def test_every_known_difference_is_of_a_file_that_is_read() -> None:
    assert {entry.file for entry in KNOWN} <= {_name(path) for path in DATA_SETS}
    with pytest.raises(AssertionError, match="does not occur any more"):
        check(_LOOSE_ITEM, ("tags",), [])


def _changed(tag: int) -> Pair:
    """Return an RT plan whose second reading was changed, deep within."""
    path = CORPUS / "rt" / "pydicom" / "rtplan.dcm"
    theirs, ours = pydicom.dcmread(path), pydcm.dcmread(path)
    beam = ours.BeamSequence[0]
    match tag:
        case 0x300A00C0:
            beam.BeamNumber = 99
        case 0x300A00C2:
            beam["BeamName"].VR = "SH"
        case 0x300A00B6:
            del beam.BeamLimitingDeviceSequence[0]
        case 0x300A00C4:
            del beam.BeamType
    return Pair("changed", theirs, ours)


@pytest.mark.parametrize(
    ("tag", "what"),
    [
        (0x300A00C0, "value"),
        (0x300A00C2, "vr"),
        (0x300A00B6, "value"),
        (0x300A00C4, "tags"),
    ],
)
def test_a_change_within_an_item_is_noticed(tag: int, what: str) -> None:
    pair = _changed(tag)
    assert [(one.what, one.where) for one in _compared(pair.theirs, pair.ours, "")] == [
        (what, f"300A00B0[0]/{tag:08X}")
    ]
    with pytest.raises(AssertionError, match=f"{tag:08X}"):
        test_elements(pair)
    with pytest.raises(AssertionError):
        test_text(pair)
    with pytest.raises(AssertionError):
        test_json(pair)


def test_no_change_is_no_difference() -> None:
    pair = _changed(0)
    test_elements(pair)
    test_text(pair)
    test_json(pair)
