"""Write the stub that types the attributes of data sets: ``ds.Rows: int``.

python -m tools.gen_attribute_stub           write it
python -m tools.gen_attribute_stub --check   fail if it is not what would be written

VR and VM come from the data dictionary. Whether a value may be missing comes
from the types of attributes in the module tables of PS3.3 (PS3.5 7.4): None is
possible where no table asks for a value (Type 1 or 1C), or where enough of them
explicitly let it be empty (Type 2 or 2C).
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydcm.datadict import DicomDictionary
from tools.generated import options_of, settle

ROOT = Path(__file__).resolve().parent.parent
STUB = ROOT / "pydcm" / "dataset" / "keywords.pyi"
TABLES = ROOT.parent / "shared" / "standard" / "iods"

ONE_IN = 20
"""An attribute may be None if it is of Type 2, not 1, in one of so many places in PS3.3."""

UNDIVIDED = frozenset({"LT", "SQ", "ST", "UR", "UT"})
"""VRs of which there is one value, whatever the dictionary says (PS3.5 6.4)."""


class Kind(NamedTuple):
    """What elements of some VRs give, and what they take.

    `one`, `several`: the type of a value and of a list of them. `takes`,
    `takes_each`: what may be assigned, alone and in a list. `takes_split`: the
    part of `takes` that holds several values if there are backslashes in it.
    `can_be_none`: whether an empty element is None, not empty text.
    """

    vrs: tuple[str, ...]
    one: str
    several: str
    takes: str
    takes_each: str
    takes_split: str
    can_be_none: bool


def _binary(vrs: str, gives: str, takes: str, several: str = "MutableSequence") -> Kind:
    """Return a kind of binary values."""
    return Kind(tuple(vrs.split(", ")), gives, f"{several}[{gives}]", takes, takes, "", True)


def _text(vrs: str, gives: str, takes: str, *, can_be_none: bool = False) -> Kind:
    """Return a kind of values in text, of which several have backslashes between them."""
    split = " | ".join(name for name in ("str", "bytes") if name in takes.split(" | "))
    several = f"MultiValue[{gives}]"
    return Kind(tuple(vrs.split()), gives, several, takes, takes, split, can_be_none)


_BUFFER = "bytes | bytearray | memoryview"
_OCTETS = ("OB", "OD", "OF", "OL", "OV", "OW", "UN", "OB or OW")

KINDS = {
    "Integer": _binary("US, SS, UL, SL, UV, SV, US or SS", "int", "SupportsIndex"),
    "Float": _binary("FL, FD", "float", "SupportsFloat"),
    "Tag": _binary("AT", "BaseTag", "int | str | tuple[int, int]", "MultiValue"),
    "DecimalString": _text("DS", "DSfloat", "SupportsFloat | str | bytes", can_be_none=True),
    "IntegerString": _text("IS", "IS", "SupportsFloat | str | bytes", can_be_none=True),
    "Name": _text("PN", "PersonName", "PersonName | str | bytes", can_be_none=True),
    "Identifier": _text("UI", "UID", "str | bytes"),
    "Text": _text("LO LT SH ST UC UT", "str", "str"),
    # Characters of the default repertoire (PS3.5 6.1.2.2), which bytes can give as well.
    "Code": _text("AE AS CS UR", "str", "str | bytes"),
    "Date": _text("DA", "str", "str | bytes | date"),
    "Time": _text("TM", "str", "str | bytes | time"),
    "DateTime": _text("DT", "str", "str | bytes | datetime"),
    "Items": Kind(("SQ",), "Sequence", "Sequence", "Iterable[Dataset]", "Dataset", "", False),
    "Octets": Kind(_OCTETS, "bytes", "bytes", f"{_BUFFER} | BinaryIO", "bytes", "", True),
    # A lookup table is bytes if its VR turns out to be OW, and else numbers.
    "Table": Kind(
        ("US or OW", "US or SS or OW"),
        "int | bytes",
        "MutableSequence[int]",
        f"SupportsIndex | {_BUFFER}",
        "SupportsIndex",
        "",
        True,
    ),
}


def _kinds_by_vr() -> dict[str, str]:
    return {vr: name for name, kind in KINDS.items() for vr in kind.vrs}


class Place(NamedTuple):
    """A row of an attribute table: `child` holds the items of a sequence."""

    tag: str
    type: str
    child: str


def _rows(tables: Path, name: str) -> Iterator[dict[str, str]]:
    with (tables / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def may_be_empty(tables: Path) -> set[str]:
    """Return the tags, as the tables write them, of what PS3.3 lets be empty."""
    nodes: dict[str, list[Place]] = defaultdict(list)
    for row in _rows(tables, "nodes.tsv"):
        nodes[row["node"]].append(Place(row["tag"], row["type"], row["child_node"]))

    @cache
    def places(node: str) -> Counter[tuple[str, str]]:
        """Count the places of each tag by type, those in sequences included."""
        found: Counter[tuple[str, str]] = Counter()
        for place in nodes[node]:
            found[place.tag, place.type[0]] += 1  # the condition of 1C and 2C does not matter
            if place.child:
                found.update(places(place.child))
        return found

    root = {row["module_id"]: row["node"] for row in _rows(tables, "modules.tsv")}
    total: Counter[tuple[str, str]] = Counter()
    for row in _rows(tables, "ciod_modules.tsv"):
        total.update(places(root[row["module_id"]]))
    return {tag for tag, _ in total if _is_optional(*(total[tag, kind] for kind in "123"))}


def _is_optional(needed: int, empty: int, optional: int) -> bool:
    """Whether None is possible, from the number of places of Type 1, 2 and 3."""
    return empty + optional > 0 if needed == 0 else empty * ONE_IN >= empty + needed


class Form(NamedTuple):
    """A kind of attribute: what it is made of, how many values, and whether none will do."""

    kind: str
    values: str
    or_none: bool

    @property
    def name(self) -> str:
        return f"_{self.kind}{self.values}{'OrNone' if self.or_none else ''}"

    def declaration(self) -> str:
        """Return the class that types such attributes."""
        kind = KINDS[self.kind]
        items = f"_ListOf[{kind.takes_each}]"
        gives, takes = {
            "": (kind.one, kind.takes),
            "List": (kind.several, " | ".join(filter(None, (items, kind.takes_split)))),
            "OrList": (f"{kind.one} | {kind.several}", f"{kind.takes} | {items}"),
        }[self.values]
        none = " | None" if self.or_none else ""
        return f"class {self.name}(_Attribute[{gives}{none}, {takes} | None]): ...\n"


def form(kind: str, vr: str, vm: str, is_optional: bool) -> Form:
    """Return the form of the attributes of one entry of the dictionary."""
    can_be_none = KINDS[kind].can_be_none
    if vm == "1" or vr in UNDIVIDED:
        values = ""
    elif vm.startswith("1-") or (is_optional and not can_be_none):
        values = "OrList"  # no text at all is one text, which is empty
    else:
        values = "List"
    return Form(kind, values, is_optional and can_be_none)


def attributes(tables: Path) -> dict[str, Form]:
    """Return each keyword and the form of its attribute, in alphabetical order."""
    kinds, optional = _kinds_by_vr(), may_be_empty(tables)
    return {
        keyword: form(kinds[vr], vr, vm, f"{tag >> 16:04X},{tag & 0xFFFF:04X}" in optional)
        for keyword, tag, vr, vm in sorted(
            (keyword, tag, vr, vm) for tag, (vr, vm, _, _, keyword) in DicomDictionary.items()
        )
        # Items and their ends (PS3.5 7.5) have a keyword, but are no elements of a data set.
        if keyword and vr in kinds
    }


HEAD = '''"""The types of the attributes of data sets, see docs/explanation/typing.rst.

Made by tools/gen_attribute_stub.py from the data dictionary (PS3.6) and the module
tables of PS3.3; not to be edited.
"""

from collections.abc import Iterable, Iterator, MutableSequence
from datetime import date, datetime, time
from typing import Any, BinaryIO, Generic, Protocol, SupportsFloat, SupportsIndex, TypeVar

from pydcm.dataset.data import Dataset
from pydcm.dataset.file import FileMetaDataset
from pydcm.multival import MultiValue
from pydcm.sequence import Sequence
from pydcm.tag import BaseTag
from pydcm.uid import UID
from pydcm.valuerep import IS, DSfloat, PersonName

__all__ = ["Keywords"]

_T_co = TypeVar("_T_co", covariant=True)
_Gives_co = TypeVar("_Gives_co", covariant=True)
_Takes_contra = TypeVar("_Takes_contra", contravariant=True)

class _ListOf(Protocol[_T_co]):
    # What can grow is a list of values, whatever its class.
    def append(self, value: Any, /) -> None: ...
    def __iter__(self) -> Iterator[_T_co]: ...
    def __len__(self) -> int: ...

class _Attribute(Generic[_Gives_co, _Takes_contra]):
    def __get__(self, ds: Keywords, kind: type | None = None, /) -> _Gives_co: ...
    def __set__(self, ds: Keywords, value: _Takes_contra, /) -> None: ...
    def __delete__(self, ds: Keywords, /) -> None: ...

class _FileMeta(_Attribute[FileMetaDataset, Dataset | None]): ...
'''


def stub(tables: Path) -> str:
    """Return the text of the stub."""
    forms = attributes(tables)
    declared = sorted(set(forms.values()), key=lambda each: each.name)
    return "".join(
        (
            HEAD,
            *(each.declaration() for each in declared),
            "\nclass Keywords:\n    file_meta: _FileMeta\n",
            *(f"    {keyword}: {each.name}\n" for keyword, each in forms.items()),
        )
    )


def main(argv: list[str] | None = None) -> int:
    parser = options_of(__doc__)
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of the module tables")
    options = parser.parse_args(argv)
    if not options.tables.is_dir():
        print(f"the module tables are absent ({options.tables}); {STUB.name} was not compared")
        return 0 if options.check else 1
    return settle("gen_attribute_stub", [(STUB, stub(options.tables))], check=options.check)


if __name__ == "__main__":
    raise SystemExit(main())
