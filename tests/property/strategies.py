"""Random data sets: trees of elements that know their value, their text and their encoding."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import cast

from hypothesis import strategies as st

from tests.synthetic import Encoding, part10
from tests.synthetic.encoder import DEFLATED, EXPLICIT

Value = str | int | float | bytes | list["Value"] | list["Tree"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _-.,:;()äöüéαβγдж山田"
_CODE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"


@dataclass(frozen=True)
class Leaf:
    """An element with a value or several."""

    tag: int
    vr: str
    values: tuple[str | int | float | bytes, ...]

    def encode(self, encoding: Encoding) -> bytes:
        """Return the element."""
        if self.vr in _TEXT_VRS:
            text = "\\".join(cast("tuple[str, ...]", self.values))
            return encoding.text(self.tag, self.vr, text, "utf-8")
        if self.vr in ("OB", "UN"):
            return encoding.element(self.tag, self.vr, cast(bytes, self.values[0]))
        return encoding.numbers(self.tag, self.vr, *cast("tuple[float, ...]", self.values))


@dataclass(frozen=True)
class Branch:
    """A sequence of items."""

    tag: int
    items: tuple[Tree, ...]
    vr: str = "SQ"

    def encode(self, encoding: Encoding) -> bytes:
        """Return the sequence."""
        return encoding.sequence(self.tag, [item.encode(encoding) for item in self.items])


@dataclass(frozen=True)
class Tree:
    """A data set."""

    elements: tuple[Leaf | Branch, ...]

    def encode(self, encoding: Encoding) -> bytes:
        """Return the elements in the order of their tags."""
        return b"".join(element.encode(encoding) for element in self.elements)

    def file(self, encoding: Encoding, *, deflated: bool = False) -> bytes:
        """Return a file that states UTF-8 as its character set."""
        charset = encoding.text(0x00080005, "CS", "ISO_IR 192")
        syntax = DEFLATED if deflated else encoding.syntax
        if deflated and encoding.syntax != EXPLICIT:
            raise ValueError("only Explicit VR Little Endian may be deflated (PS3.5 A.5)")
        return part10(charset + self.encode(encoding), syntax)


def _text(alphabet: str, longest: int, shortest: int = 0) -> st.SearchStrategy[str]:
    # neither leading nor trailing spaces: both are padding for many VRs (PS3.5 6.2)
    return st.text(alphabet, min_size=shortest, max_size=longest).filter(lambda s: s == s.strip())


_uid = st.lists(st.integers(0, 10**8), min_size=1, max_size=5).map(
    lambda parts: "1.2." + ".".join(map(str, parts))
)
_date = st.dates().map(lambda day: f"{day:%Y%m%d}".rjust(8, "0"))
_time = st.times().map(lambda time: f"{time:%H%M%S}.{time.microsecond:06d}")
_decimal = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.floats(-1e6, 1e6).map(lambda number: f"{number:.4f}"),
    st.floats(-1e20, 1e20).map(lambda number: f"{number:.5e}"),
)
_single = st.floats(width=32, allow_nan=False)
_double = st.floats(allow_nan=False)

_TEXT_VRS = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())

_ELEMENTS: dict[int, tuple[str, st.SearchStrategy[str | int | float | bytes], int]] = {
    0x00080008: ("CS", _text(_CODE, 16, 1), 5),
    0x00080018: ("UI", _uid, 1),
    0x00080020: ("DA", _date, 1),
    0x0008002A: ("DT", st.builds(str.__add__, _date, _time), 1),
    0x00080030: ("TM", _time, 1),
    0x00080050: ("SH", _text(_LETTERS, 16), 1),
    0x00080054: ("AE", _text(_CODE, 16, 1), 3),
    0x00080119: ("UC", _text(_LETTERS, 60), 1),
    0x00080120: ("UR", _text(_CODE, 60), 1),
    0x00091001: ("UN", st.binary(max_size=20).map(lambda b: b + b), 1),
    0x00100010: ("PN", _text(_LETTERS.replace(" ", ""), 20, 1), 1),
    0x00101001: ("PN", _text(_LETTERS.replace(" ", "") + "^", 20, 1), 3),
    0x00100020: ("LO", _text(_LETTERS, 64), 1),
    0x00101000: ("LO", _text(_LETTERS, 20, 1), 4),
    0x00101010: ("AS", st.integers(0, 999).map(lambda n: f"{n:03}Y"), 1),
    0x00104000: ("LT", _text(_LETTERS + "\\\r\n", 100), 1),
    0x00109431: ("FL", _single, 1),
    0x00181151: ("IS", st.integers(-(2**31), 2**31 - 1).map(str), 1),
    0x00186020: ("SL", st.integers(-(2**31), 2**31 - 1), 1),
    0x00189073: ("FD", _double, 1),
    0x00189219: ("SS", st.integers(-(2**15), 2**15 - 1), 1),
    0x00209157: ("UL", st.integers(0, 2**32 - 1), 5),
    0x00280009: ("AT", st.integers(0, 2**32 - 1), 3),
    0x00280010: ("US", st.integers(0, 2**16 - 1), 1),
    0x00281050: ("DS", _decimal, 6),
    0x00400280: ("ST", _text(_LETTERS + "\\\r\n", 100), 1),
    0x0040A160: ("UT", _text(_LETTERS + "\\\r\n", 300), 1),
    0x00420011: ("OB", st.binary(max_size=40).map(lambda b: b + b), 1),
    0x00720082: ("SV", st.integers(-(2**63), 2**63 - 1), 1),
    0x00720083: ("UV", st.integers(0, 2**64 - 1), 1),
}
"""For each tag: its VR, a strategy for one value, and how many it may have."""

_SEQUENCES = (0x00081140, 0x0040A730, 0x00081199, 0x00189321)


@st.composite
def _leaf(draw: st.DrawFn, tag: int) -> Leaf:
    vr, values, most = _ELEMENTS[tag]
    found = draw(st.lists(values, min_size=1, max_size=most))
    return Leaf(tag, vr, tuple(found))


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Tree:
    """Draw a data set with sequences nested up to `depth` times."""
    tags = draw(st.sets(st.sampled_from(sorted(_ELEMENTS)), min_size=depth == 3, max_size=8))
    elements: dict[int, Leaf | Branch] = {tag: draw(_leaf(tag)) for tag in tags}
    if depth:
        for tag in draw(st.sets(st.sampled_from(_SEQUENCES), max_size=2)):
            items = draw(st.lists(trees(depth=depth - 1), max_size=3))
            elements[tag] = Branch(tag, tuple(items))
    return Tree(tuple(elements[tag] for tag in sorted(elements)))


encodings = st.builds(
    Encoding, explicit=st.just(True), little=st.booleans(), undefined=st.booleans()
) | st.builds(Encoding, explicit=st.just(False), undefined=st.booleans())


def as_single(value: float) -> float:
    """Return `value` as FL stores it."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])
