"""Huffman tables of JPEG: as declared, as looked up, and the best one (ISO 10918-1 Annex C, K.2).

Kernels decode by looking up the next bits of the stream, `width` at a time: every
entry whose bits begin with a code holds that code's length and value. A narrow table
stays in the processor's nearest cache, and one of 16 bits knows every code, so a kernel
tries the narrow one and needs no loop for what is longer.

Examples
--------
>>> spec = HuffmanSpec(bytes([0, 1, 2] + [0] * 13), bytes([5, 7, 9]))
>>> [(code, size) for code, size in spec.codes()]
[(0, 2), (2, 3), (3, 3)]
>>> [entry >> 8 for entry in lookup(spec, 3)]  # code lengths; 0 where there is no code
[2, 2, 3, 3, 0, 0, 0, 0]
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heapify, heappop, heappush

__all__ = ["LONGEST", "HuffmanSpec", "declared", "encoder", "lookup", "optimal"]

LONGEST = 16
"""Bits of the longest code (ISO 10918-1 C.1)."""


@dataclass(frozen=True, slots=True)
class HuffmanSpec:
    """One table as a DHT segment declares it (ISO 10918-1 B.2.4.2).

    Attributes
    ----------
    counts : bytes
        BITS: how many codes have 1, 2, ... 16 bits.
    values : bytes
        HUFFVAL: the value of each code, in the order of the codes.

    Raises
    ------
    ValueError
        If there is not one value for each code, or no room for so many codes.
    """

    counts: bytes
    values: bytes

    def __post_init__(self) -> None:
        if len(self.counts) != LONGEST:
            raise ValueError(f"{len(self.counts)} counts instead of one for each of 16 lengths")
        if sum(self.counts) != len(self.values):
            raise ValueError(f"{sum(self.counts)} codes and {len(self.values)} values")
        # Kraft: each code of n bits takes 2^-n of what there is. The code of ones alone is
        # reserved (C.1), yet encoders have used it, and no decoder needs it for itself.
        taken = sum(count << (LONGEST - size) for size, count in enumerate(self.counts, 1))
        if taken > 1 << LONGEST:
            raise ValueError("more codes than their lengths leave room for")

    def codes(self) -> Iterator[tuple[int, int]]:
        """Yield code and size for each of `values` (HUFFCODE and HUFFSIZE of C.2)."""
        code = 0
        for size, count in enumerate(self.counts, 1):
            for _ in range(count):
                yield code, size
                code += 1
            code <<= 1


@lru_cache(maxsize=32)  # the frames of an image mostly share their tables
def declared(counts: bytes, values: bytes) -> HuffmanSpec:
    """Return the table of a DHT segment, checked once: arguments and errors are the table's."""
    return HuffmanSpec(counts, values)


@lru_cache(maxsize=32)
def lookup(spec: HuffmanSpec, width: int) -> array[int]:
    """Return what the next `width` bits of a stream mean.

    Parameters
    ----------
    spec : HuffmanSpec
        The table.
    width : int
        1 to 16; with 16, every code is found.

    Returns
    -------
    array of unsigned 16-bit integers, ``1 << width`` of them
        ``length << 8 | value`` of the code that the bits begin with; 0 if it is
        longer than `width`, or if no code begins so. Not to be changed: callers
        share it.
    """
    table = array("H")
    for (_, size), value in zip(spec.codes(), spec.values, strict=True):
        if size > width:
            break
        table.extend(array("H", (size << 8 | value,)) * (1 << (width - size)))
    table.extend(array("H", (0,)) * ((1 << width) - len(table)))
    return table


def encoder(spec: HuffmanSpec) -> array[int]:
    """Return the code of each value 0 to 255.

    Returns
    -------
    array of signed 32-bit integers
        ``size << 16 | code``; 0 for a value that has no code.
    """
    table = array("i", bytes(4 * 256))
    for (code, size), value in zip(spec.codes(), spec.values, strict=True):
        table[value] = size << LONGEST | code
    return table


def optimal(frequencies: Sequence[int]) -> HuffmanSpec:
    """Return the table that codes values of given frequencies in the fewest bits.

    Parameters
    ----------
    frequencies : sequence of int
        How often each value from 0 is to be coded; up to 256 of them.

    Returns
    -------
    HuffmanSpec
        Values that never occur have no code. No code consists of ones alone
        (ISO 10918-1 C.1), and none is longer than 16 bits.
    """
    sizes = _code_sizes([*frequencies, 1])  # K.2: one more, which takes the code of ones alone
    most = max(sizes)
    counts = [sizes.count(size) for size in range(max(most, LONGEST) + 1)]
    counts[0] = 0
    _limit(counts)
    longest = max(size for size, count in enumerate(counts) if count)
    counts[longest] -= 1  # the reserved code is the last of the longest
    ranked = sorted((size, value) for value, size in enumerate(sizes[:-1]) if size)
    return HuffmanSpec(bytes(counts[1 : LONGEST + 1]), bytes(value for _, value in ranked))


def _code_sizes(frequencies: list[int]) -> list[int]:
    """Return CODESIZE of ISO 10918-1 Figure K.1: the depth of each value's leaf."""
    sizes = [0] * len(frequencies)
    # The rarest two grow together; of equals the largest value, so that the reserved one,
    # the largest of all, sinks deepest.
    trees = [(times, -value, [value]) for value, times in enumerate(frequencies) if times]
    heapify(trees)
    if len(trees) == 1:
        sizes[trees[0][2][0]] = 1
    while len(trees) > 1:
        first, rank, leaves = heappop(trees)
        second, other_rank, others = heappop(trees)
        leaves = leaves + others
        for value in leaves:
            sizes[value] += 1
        heappush(trees, (first + second, min(rank, other_rank), leaves))
    return sizes


def _limit(counts: list[int]) -> None:
    """Shorten codes of more than 16 bits (ISO 10918-1 Figure K.3)."""
    for size in range(len(counts) - 1, LONGEST, -1):
        while counts[size]:
            # Two leaves leave this level: one moves to their parent, the other beside a
            # leaf further up, whose code grows by a bit.
            above = size - 2
            while not counts[above]:
                above -= 1
            counts[size] -= 2
            counts[size - 1] += 1
            counts[above + 1] += 2
            counts[above] -= 1
