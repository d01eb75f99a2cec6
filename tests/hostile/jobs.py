"""Families of hostile inputs, each an iterator of a name and the bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.mutator import WRONG_LENGTHS, headers, mutant, synthetic_pool
from tests.shared import CORPUS
from tests.synthetic import Encoding, objects, part10, tokenise
from tests.synthetic.encoder import (
    DEFLATED,
    EXPLICIT,
    ITEM,
    ITEM_END,
    PIXEL_DATA,
    RLE,
    SEQUENCE_END,
    UNDEFINED,
)

Inputs = Iterator[tuple[str, bytes]]

STEP = 97
TRUNCATED_FILES = 50
_LARGEST_TRUNCATED = 20 << 10


def mutations(first: str, count: str) -> Inputs:
    """Seeded mutants `first` to `first + count - 1`."""
    for seed in range(int(first), int(first) + int(count)):
        yield mutant(seed)


def truncatable() -> list[Path]:
    """Return 50 files of the corpus, spread over its folders."""
    paths = [
        path
        for path in sorted(CORPUS.rglob("*"))
        if path.is_file()
        and path.stat().st_size <= _LARGEST_TRUNCATED
        and path.read_bytes()[128:132] == b"DICM"
    ]
    every = max(1, len(paths) // TRUNCATED_FILES)
    return paths[::every][:TRUNCATED_FILES]


def truncations(first: str, count: str) -> Inputs:
    """Files cut at every 97th byte."""
    for path in truncatable()[int(first) : int(first) + int(count)]:
        data = path.read_bytes()
        for end in range(0, len(data), STEP):
            yield f"{path.relative_to(CORPUS)} cut to {end}", data[:end]


def synthetic_truncations(step: str) -> Inputs:
    """Synthetic files of every encoding cut at every `step`-th byte."""
    for name, data in synthetic_pool().items():
        for end in range(128, len(data), int(step)):
            yield f"{name} cut to {end}", data[:end]


def files(folder: str) -> Inputs:
    """Files of a folder of the corpus as they are."""
    for path in sorted((CORPUS / folder).rglob("*")):
        if path.is_file():
            yield path.relative_to(CORPUS).as_posix(), path.read_bytes()


def no_dicom() -> Inputs:
    """Files of the corpus that are something else, and very short inputs."""
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and path.stat().st_size <= 1 << 20:
            data = path.read_bytes()
            if data[128:132] != b"DICM":
                yield path.relative_to(CORPUS).as_posix(), data
    for size in (*range(20), 127, 128, 131, 132, 133, 140):
        yield f"{size} zeros", bytes(size)
        yield f"{size} ones", b"\xff" * size
        yield f"{size} bytes of a file", objects.every_vr()[:size]
        yield f"{size} bytes of a data set", objects.every_vr()[280:][:size]


def lengths(every: str) -> Inputs:
    """Every length field of synthetic files set to every wrong value; one in `every` of them."""
    number = 0
    for name, data in synthetic_pool().items():
        if not name.startswith(("every_vr/", "rle")) or "deflated" in name:
            continue
        document = tokenise(data)
        big = not document.encoding.little
        for token in document.meta.children + headers(document.root):
            near = (token.length + 1, token.length + 2, abs(token.length - 1))
            for value in (*WRONG_LENGTHS, *near):
                number += 1
                if number % int(every):
                    continue
                size = token.length_bytes
                order = "big" if big and token.start >= document.body else "little"
                damaged = bytearray(data)
                damaged[token.length_at : token.length_at + size] = (
                    value & ((1 << 8 * size) - 1)
                ).to_bytes(size, order)  # type: ignore[arg-type]  # a Literal widened by the conditional
                yield f"{name} {token.tag:08X} at {token.start} length {value:#x}", bytes(damaged)


def nesting(depth: str) -> Inputs:
    """Sequences nested `depth` times, whole, and cut short half-way."""
    for explicit in (True, False):
        for undefined in (True, False):
            data = objects.nested(int(depth), Encoding(explicit=explicit, undefined=undefined))
            name = f"depth {depth} explicit={explicit} undefined={undefined}"
            yield name, data
            yield f"{name} cut short", data[: len(data) // 2]
            yield f"{name} without delimiters", data[: len(data) - 16 * int(depth)]


def amplification() -> Inputs:
    """Small inputs that ask for much: huge images, many items, bombs."""
    encoding = Encoding()
    image = b"".join(
        (
            encoding.numbers(0x00280002, "US", 3),
            encoding.text(0x00280004, "CS", "RGB"),
            encoding.numbers(0x00280006, "US", 0),
            encoding.text(0x00280008, "IS", "2147483647"),
            encoding.numbers(0x00280010, "US", 65535),
            encoding.numbers(0x00280011, "US", 65535),
            encoding.numbers(0x00280100, "US", 16),
            encoding.numbers(0x00280101, "US", 16),
            encoding.numbers(0x00280102, "US", 15),
            encoding.numbers(0x00280103, "US", 0),
        )
    )
    pixels = encoding.element(PIXEL_DATA, "OW", bytes(64))
    yield "huge dimensions", part10(image + pixels, EXPLICIT)
    header = struct.pack("<16I", 6, *([64] * 15))
    yield "huge dimensions, RLE", part10(image + encoding.fragments([header]), RLE)
    run = header + b"\x81\0" * 5000
    yield "huge dimensions, RLE runs", part10(image + encoding.fragments([run]), RLE)
    many = encoding.fragments([b""] * 100_000)
    yield "100,000 empty fragments", part10(image + many, RLE)
    offsets = encoding.fragments([header], [UNDEFINED] * 10_000)
    yield "10,000 offsets beyond the end", part10(image + offsets, RLE)
    for undefined in (True, False):
        items = Encoding(undefined=undefined).sequence(0x00081140, [b""] * 30_000)
        yield f"30,000 empty items, undefined={undefined}", part10(items, EXPLICIT)
    empty = encoding.header(0x00080050, "SH", 0)
    yield "the same empty element 100,000 times", part10(empty * 100_000, EXPLICIT)
    values = encoding.element(0x00081195, "UT", b"\\" * 1_000_000)
    values += encoding.element(0x00720070, "UC", b"\\" * 1_000_000)
    yield "a million empty values", part10(values, EXPLICIT)
    names = encoding.element(0x00100010, "PN", b"=^\\" * 20_000)
    yield "20,000 empty names", part10(names, EXPLICIT)
    escapes = encoding.text(0x00080005, "CS", "\\ISO 2022 IR 87\\ISO 2022 IR 149")
    escapes += encoding.element(0x00100010, "PN", b"\x1b$B\x1b(B" * 9_000)
    yield "18,000 escapes", part10(escapes, EXPLICIT)
    yield "half a million deflated elements", part10(empty * 500_000, DEFLATED)
    unknown = encoding.header(0x00091001, "UN", UNDEFINED)
    inner = Encoding(explicit=False)
    level = inner.header(ITEM, "", UNDEFINED) + inner.header(0x00091001, "", UNDEFINED)
    deep = unknown + level * 50_000
    yield "50,000 levels of UN", part10(deep, EXPLICIT)
    ends = encoding.header(SEQUENCE_END, "", 0) * 100_000
    yield "100,000 delimiters", part10(ends, EXPLICIT)
    level = encoding.header(0x0040A730, "SQ", UNDEFINED) + encoding.header(ITEM, "", UNDEFINED)
    end = encoding.header(ITEM_END, "", 0) + encoding.header(SEQUENCE_END, "", 0)
    yield "100,000 levels", part10(level * 100_000 + end * 100_000, EXPLICIT)
    yield "100,000 levels without an end", part10(level * 100_000, EXPLICIT)


def bombs() -> Inputs:
    """A file of 100 kB that inflates to 100 MiB of empty elements."""
    yield "a deflate bomb", part10(bytes(100 << 20), DEFLATED)


JOBS: dict[str, Callable[..., Inputs]] = {
    job.__name__: job
    for job in (
        mutations, truncations, synthetic_truncations, files, no_dicom, lengths, nesting,
        amplification, bombs,
    )
}  # fmt: skip
