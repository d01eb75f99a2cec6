"""What stands behind :mod:`pydcm.datadict`: mappings that load the generated tables.

Reading a file asks for VRs and keywords only, so that much is unpacked when
this module is imported. Names, value multiplicities and retirement follow when
an entry is first asked for, a private creator's elements when one of them is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, MutableMapping
from functools import cache, lru_cache
from struct import unpack
from typing import TYPE_CHECKING, TypeAlias

from pydcm._std.elements import ELEMENTS
from pydcm.forking import held_while_forking

if TYPE_CHECKING:
    from pydcm.tag import TagType

ElementEntry: TypeAlias = tuple[str, str, str, str, str]
PrivateEntry: TypeAlias = tuple[str, str, str, str]

# Loading on first use and additions; lookups of what is loaded take no lock.
lock = threading.RLock()
held_while_forking(lock)


def _numbers(digits: str) -> tuple[int, ...]:
    """Return the tags of a text of hexadecimal digits, eight for each tag."""
    packed = bytes.fromhex(digits)
    return unpack(f">{len(packed) // 4}I", packed)


VR_BY_TAG: dict[TagType, str] = {}
"""Tag: VR, of every element without repeating digits."""

keyword_dict: dict[str, int] = {}
"""Keyword: tag, of every element without repeating digits."""


def _unpack_elements() -> None:
    for vr, (digits, keywords) in ELEMENTS.items():
        tags = _numbers(digits)
        VR_BY_TAG.update(dict.fromkeys(tags, vr))
        keyword_dict.update(zip(keywords.split(), tags, strict=True))
    keyword_dict.pop("-", None)  # stands for the keyword that a blank retired element lacks


_unpack_elements()


class ElementDictionary(MutableMapping[int, ElementEntry]):
    """Tag: entry, in the order of the tags; loads itself when first needed.

    What is assigned here is seen by every lookup by tag. New keywords also
    have to go into `keyword_dict`, which :func:`add_dict_entry` does.
    """

    _entries: dict[int, ElementEntry] | None = None

    def _load(self) -> dict[int, ElementEntry]:
        entries = self._entries
        if entries is None:
            with lock:
                entries = self._entries
                if entries is None:
                    entries = self._entries = _unpack_entries()
        return entries

    def __getitem__(self, tag: int) -> ElementEntry:
        return self._load()[tag]

    def __setitem__(self, tag: int, entry: ElementEntry) -> None:
        with lock:
            self._load()[tag] = entry
            VR_BY_TAG[tag] = entry[0]

    def __delitem__(self, tag: int) -> None:
        with lock:
            del self._load()[tag]
            VR_BY_TAG.pop(tag, None)

    def __contains__(self, tag: object) -> bool:
        return tag in VR_BY_TAG

    def __iter__(self) -> Iterator[int]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(VR_BY_TAG)


@lru_cache(maxsize=4096)
def _private_keys(tag: int) -> tuple[str, str, str]:
    """Return the keys under which a private element may stand, the most special first."""
    group, element = tag >> 16, tag & 0xFF
    return (
        f"{tag:08X}",
        f"{group:04X}xx{element:02X}",
        f"{group >> 8:02X}xxxx{element:02X}",
    )


class PrivateDictionaries(MutableMapping[str, dict[str, PrivateEntry]]):
    """Private creator: dictionary of its elements; loads itself when first needed.

    The keys of a creator's dictionary are tags as eight upper-case hexadecimal
    digits, with ``xx`` for the block that the creator reserved:
    ``"0029xx10"``; further digits may be ``x`` where groups repeat:
    ``"60xxxx10"``.
    """

    # A creator's table stays text until one of its elements is asked for.
    _creators: dict[str, str | dict[str, PrivateEntry]] | None = None

    def _load(self) -> dict[str, str | dict[str, PrivateEntry]]:
        creators = self._creators
        if creators is None:
            with lock:
                creators = self._creators
                if creators is None:
                    from pydcm._std.private import PRIVATE

                    creators = self._creators = {**PRIVATE}
        return creators

    def __getitem__(self, creator: str) -> dict[str, PrivateEntry]:
        creators = self._load()
        elements = creators[creator]
        if isinstance(elements, str):
            with lock:
                elements = creators[creator]
                if isinstance(elements, str):
                    elements = creators[creator] = _unpack_private(elements)
        return elements

    def entry(self, tag: int, creator: str) -> PrivateEntry | None:
        """Return what is known about a private element, or None.

        Raises
        ------
        KeyError
            If the creator is unknown.
        """
        elements = None if self._creators is None else self._creators.get(creator)
        if type(elements) is not dict:
            elements = self[creator]
        absolute, in_block, repeating = _private_keys(tag)
        return elements.get(absolute) or elements.get(in_block) or elements.get(repeating)

    def __setitem__(self, creator: str, elements: dict[str, PrivateEntry]) -> None:
        with lock:
            self._load()[creator] = elements

    def __delitem__(self, creator: str) -> None:
        with lock:
            del self._load()[creator]

    def __contains__(self, creator: object) -> bool:
        return creator in self._load()

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())


def _unpack_entries() -> dict[int, ElementEntry]:
    """Return the entries of the standard, whatever a program has added elsewhere by now."""
    from pydcm._std import element_details as details

    vrs: dict[int, str] = {}
    keywords: dict[int, str] = {}
    for vr, (digits, words) in ELEMENTS.items():
        group = _numbers(digits)
        vrs.update(dict.fromkeys(group, vr))
        keywords.update(zip(group, words.split(), strict=True))
    tags = sorted(vrs)
    multiplicities = dict.fromkeys(tags, "1")
    for vm, digits in details.MULTIPLICITIES.items():
        multiplicities.update(dict.fromkeys(_numbers(digits), vm))
    retired = dict.fromkeys(tags, "")
    retired.update(dict.fromkeys(_numbers(details.RETIRED), "Retired"))
    columns = zip(
        map(vrs.__getitem__, tags),
        multiplicities.values(),
        details.NAMES.splitlines(),
        retired.values(),
        ("" if keywords[tag] == "-" else keywords[tag] for tag in tags),
        strict=True,
    )
    return dict(zip(tags, columns, strict=True))


def _unpack_private(text: str) -> dict[str, PrivateEntry]:
    """Return one creator's elements."""
    elements: dict[str, PrivateEntry] = {}
    for line in text.splitlines():
        pattern, vr, vm, name = line.split("|")
        elements[pattern] = (vr, vm, name or "Unknown", "")
    return elements


@cache
def repeaters() -> dict[str, ElementEntry]:
    """Return the elements with repeating digits by their pattern."""
    from pydcm._std.repeaters import REPEATERS

    return REPEATERS


def mask_of(pattern: str) -> tuple[int, int]:
    """Return the fixed digits of a pattern, and a mask with ones where they are."""
    fixed = int(pattern.replace("x", "0"), 16)
    mask = int("".join("0" if digit == "x" else "F" for digit in pattern), 16)
    return fixed, mask


@cache
def patterns_by_mask() -> dict[int, dict[int, str]]:
    """Return {mask: {fixed digits: pattern}}: five lookups find a tag among 88 patterns."""
    patterns: dict[int, dict[int, str]] = {}
    for pattern in repeaters():
        fixed, mask = mask_of(pattern)
        patterns.setdefault(mask, {})[fixed] = pattern
    return patterns
