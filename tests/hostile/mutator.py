"""Seeded damage to DICOM files: the same seed and pool give the same bytes on every machine."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from functools import cache

from tests.shared import CORPUS
from tests.synthetic import Encoding, NotConformantError, multiframe, objects, tokenise
from tests.synthetic.encoder import LONG_HEADER, UNDEFINED
from tests.synthetic.tokens import Token

LARGEST = 16 << 10
"""Larger files of the corpus are left out: their damage is mostly in pixels."""

WRONG_LENGTHS = (
    UNDEFINED, 0xFFFFFFFE, 0xFFFFFFF0, 0x80000000, 0x7FFFFFFF, 0x7FFFFFFE, 0x10000, 0xFFFF, 0xFFFE,
    0x8000, 1, 0, 2, 3,
)  # fmt: skip

_SYNTAXES = (
    "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70", "1.2.3",
)  # fmt: skip

_VRS = (
    *sorted(LONG_HEADER), "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT",
    "PN", "SH", "SL", "SS", "ST", "TM", "UI", "UL", "US", "ZZ", "\0\0", "  ",
)  # fmt: skip

_STRUCTURE = (
    b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0", b"\xff\xfe\xe0\x00",
    b"\xe0\x7f\x10\x00", b"\x08\x00\x05\x00", b"\x28\x00\x10\x00", b"\xff\xff\xff\xff",
    b"\x02\x00\x10\x00", b"DICM",
)  # fmt: skip


@cache
def synthetic_pool() -> dict[str, bytes]:
    """Return small synthetic files of every encoding and shape."""
    encodings = {
        "explicit": Encoding(),
        "implicit": Encoding(explicit=False),
        "big": Encoding(little=False),
        "undefined": Encoding(undefined=True),
        "implicit-undefined": Encoding(explicit=False, undefined=True),
    }
    pool = {f"every_vr/{name}": objects.every_vr(e) for name, e in encodings.items()}
    pool |= {f"report/{n}": objects.structured_report(6, e) for n, e in encodings.items()}
    pool |= {f"enhanced/{n}": objects.enhanced_ct(3, e, 2) for n, e in encodings.items()}
    pool |= {f"contours/{n}": objects.structure_set(2, 2, 3, e) for n, e in encodings.items()}
    pool["every_vr/deflated"] = objects.every_vr(deflated=True)
    pool["ct/explicit"] = objects.ct(8)
    pool["rle"] = multiframe.small_rle()
    pool["nested"] = objects.nested(20, Encoding(undefined=True))
    return pool


@cache
def corpus_pool() -> dict[str, bytes]:
    """Return the small files of the corpus; empty where there is none."""
    found = {}
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and path.stat().st_size <= LARGEST:
            data = path.read_bytes()
            if data[128:132] == b"DICM":
                found[path.relative_to(CORPUS).as_posix()] = data
    return found


@cache
def _tokens(name: str) -> list[Token]:
    """Return everything with a length in a file of the pool, or nothing if it is broken."""
    try:
        document = tokenise(_file(name))
    except NotConformantError:
        return []
    if len(document.data) != len(_file(name)):  # inflated: offsets mean another file
        return document.meta.children
    return document.meta.children + headers(document.root)


def headers(token: Token) -> list[Token]:
    """Return the tokens below `token`, in file order."""
    return [found for child in token.children for found in (child, *headers(child))]


def _file(name: str) -> bytes:
    pool, _, rest = name.partition(":")
    return (synthetic_pool() if pool == "synthetic" else corpus_pool())[rest]


@cache
def _names() -> list[str]:
    names = [f"synthetic:{name}" for name in synthetic_pool()]
    return names + [f"corpus:{name}" for name in corpus_pool()]


def mutant(seed: int) -> tuple[str, bytes]:
    """Return what was done, and the damaged file.

    Even seeds damage synthetic files, which are the same everywhere; odd ones
    the corpus, where it is present.
    """
    dice = random.Random(seed)
    names = _names()
    synthetic = len(synthetic_pool())
    odd = seed % 2 and len(names) > synthetic
    name = dice.choice(names[synthetic:] if odd else names[:synthetic])
    data = bytearray(_file(name))
    done = [f"seed {seed}", name]
    for _ in range(dice.choice((1, 1, 1, 2, 3, 5))):
        change = dice.choice(_CHANGES)
        change(data, dice, name)
        done.append(change.__name__.lstrip("_"))
    return " ".join(done), bytes(data)


def _position(data: bytearray, dice: random.Random) -> int:
    """Prefer the beginning of a data set to its pixels."""
    size = len(data)
    if size < 300 or dice.random() < 0.2:
        return dice.randrange(size + 1)
    return min(size, 128 + int((size - 128) * dice.random() ** 2))


def _flip_bits(data: bytearray, dice: random.Random, _name: str) -> None:
    for _ in range(dice.choice((1, 1, 4, 16))):
        at = _position(data, dice)
        if at < len(data):
            data[at] ^= 1 << dice.randrange(8)


def _set_bytes(data: bytearray, dice: random.Random, _name: str) -> None:
    at = _position(data, dice)
    part = dice.choice(
        (b"\0", b"\xff", b"\\", b"\x1b", b"\x80\xff", b"\xff\xff\xff\xff", b"\xff" * 8)
    )
    data[at : at + len(part)] = part


def _delete(data: bytearray, dice: random.Random, _name: str) -> None:
    at = _position(data, dice)
    del data[at : at + dice.choice((1, 2, 3, 4, 8, 20, 300))]


def _insert(data: bytearray, dice: random.Random, _name: str) -> None:
    at = _position(data, dice)
    data[at:at] = dice.randbytes(dice.choice((1, 2, 4, 8, 64)))


def _insert_structure(data: bytearray, dice: random.Random, _name: str) -> None:
    at = _position(data, dice) & ~1
    length = struct.pack("<I", dice.choice(WRONG_LENGTHS))
    part = dice.choice(_STRUCTURE) + dice.choice((length, b""))
    if dice.random() < 0.5:
        data[at:at] = part
    else:
        data[at : at + len(part)] = part


def _repeat(data: bytearray, dice: random.Random, _name: str) -> None:
    at = _position(data, dice)
    part = bytes(data[at : at + dice.choice((2, 8, 60, 400))])
    data[at:at] = part * dice.choice((1, 2, 30))


def _truncate(data: bytearray, dice: random.Random, _name: str) -> None:
    del data[_position(data, dice) :]


def _splice(data: bytearray, dice: random.Random, _name: str) -> None:
    other = synthetic_pool()[dice.choice(sorted(synthetic_pool()))]
    start = dice.randrange(len(other))
    part = other[start : start + dice.choice((8, 40, 300, 1000))]
    at = _position(data, dice)
    data[at : at + (len(part) if dice.random() < 0.5 else 0)] = part


def _wrong_length(data: bytearray, dice: random.Random, name: str) -> None:
    tokens = _tokens(name)
    if not tokens:
        _set_bytes(data, dice, name)
        return
    token = dice.choice(tokens)
    near = (token.length + dice.choice((-2, -1, 1, 2, 8))) & UNDEFINED
    value = dice.choice((*WRONG_LENGTHS, near, near))
    size = token.length_bytes
    data[token.length_at : token.length_at + size] = (value & ((1 << 8 * size) - 1)).to_bytes(
        size, dice.choice(("little", "little", "big"))
    )


def _wrong_vr(data: bytearray, dice: random.Random, name: str) -> None:
    tokens = [token for token in _tokens(name) if token.vr]
    if not tokens:
        _flip_bits(data, dice, name)
        return
    token = dice.choice(tokens)
    data[token.start + 4 : token.start + 6] = dice.choice(_VRS).encode("ascii")


def _wrong_tag(data: bytearray, dice: random.Random, name: str) -> None:
    tokens = _tokens(name)
    if not tokens:
        _flip_bits(data, dice, name)
        return
    at = dice.choice(tokens).start
    other = dice.choice(tokens).start
    data[at : at + 4] = dice.choice((bytes(data[other : other + 4]), dice.choice(_STRUCTURE)[:4]))


def _wrong_value(data: bytearray, dice: random.Random, name: str) -> None:
    tokens = [token for token in _tokens(name) if 0 < token.length <= 64]
    if not tokens:
        _set_bytes(data, dice, name)
        return
    token = dice.choice(tokens)
    size = token.length
    choices = (
        dice.randbytes(size), b"\xff" * size, b"\0" * size, b"9" * size, b"\\" * size, b" " * size,
        (b"1e999\\nan\\-inf" * 6)[:size], b"\x1b$B" * (size // 3) + b"x" * (size % 3),
    )  # fmt: skip
    data[token.value : token.value + size] = dice.choice(choices)


def _wrong_syntax(data: bytearray, dice: random.Random, name: str) -> None:
    """State another transfer syntax than the data set has."""
    token = next((t for t in _tokens(name) if t.tag == 0x00020010), None)
    if token is None:
        _flip_bits(data, dice, name)
        return
    stated = dice.choice(_SYNTAXES).encode("ascii")
    data[token.value : token.value + token.length] = stated.ljust(token.length, b"\0")[
        : token.length
    ]


_CHANGES: tuple[Callable[[bytearray, random.Random, str], None], ...] = (
    _flip_bits, _set_bytes, _delete, _insert, _insert_structure, _repeat, _truncate, _splice,
    _wrong_length, _wrong_length, _wrong_length, _wrong_vr, _wrong_tag, _wrong_value, _wrong_value,
    _wrong_syntax,
)  # fmt: skip
