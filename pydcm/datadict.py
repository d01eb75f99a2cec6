"""The data dictionary: what is known about each data element (PS3.6, PS3.7 Annex E).

An entry is a tuple ``(VR, VM, name, retired, keyword)``, with ``"Retired"`` or
``""`` in fourth place. Where the standard leaves a choice of VR, the entry
names all of them, as in ``"US or SS"``.

Private elements are known by their private creator; their entries are tuples
``(VR, VM, name, "")``.

Group lengths (gggg,0000) and private creators are rules rather than entries,
and not found here.

Examples
--------
>>> from pydcm.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
>>> dictionary_VR(0x00100010)
'PN'
>>> keyword_for_tag("0028,0010")
'Rows'
>>> hex(tag_for_keyword("PixelData"))
'0x7fe00010'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm._dictionaries import (
    VR_BY_TAG,
    ElementDictionary,
    ElementEntry,
    PrivateDictionaries,
    PrivateEntry,
    keyword_dict,
    lock,
    mask_of,
    patterns_by_mask,
    repeaters,
)
from pydcm.tag import BaseTag, Tag, TagType

__all__ = [
    "REPEATER_KEYWORDS",
    "DicomDictionary",
    "RepeatersDictionary",
    "add_dict_entries",
    "add_dict_entry",
    "add_private_dict_entries",
    "add_private_dict_entry",
    "dictionary_VM",
    "dictionary_VR",
    "dictionary_description",
    "dictionary_has_tag",
    "dictionary_is_retired",
    "dictionary_keyword",
    "get_entry",
    "get_private_entry",
    "keyword_dict",
    "keyword_for_tag",
    "mask_match",
    "masks",
    "private_dictionaries",
    "private_dictionary_VM",
    "private_dictionary_VR",
    "private_dictionary_description",
    "repeater_has_keyword",
    "repeater_has_tag",
    "tag_for_keyword",
]

DicomDictionary = ElementDictionary()
"""Tag: (VR, VM, name, retired, keyword), of every element without repeating digits."""

private_dictionaries = PrivateDictionaries()
"""Private creator: {tag pattern: (VR, VM, name, "")}."""

if TYPE_CHECKING:
    RepeatersDictionary: dict[str, ElementEntry]
    REPEATER_KEYWORDS: list[str]
    masks: dict[str, tuple[int, int]]


def _load(name: str) -> object:
    """Return what this module offers without having made it at import."""
    match name:
        case "RepeatersDictionary":
            value: object = repeaters()
        case "REPEATER_KEYWORDS":
            value = [entry[4] for entry in repeaters().values()]
        case "masks":
            value = {pattern: mask_of(pattern) for pattern in repeaters()}
        case _:
            return borrowed(__name__)(name)
    return globals().setdefault(name, value)


if not TYPE_CHECKING:  # otherwise type checkers would take every name for known
    __getattr__ = _load


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def dictionary_VR(tag: TagType) -> str:
    """Return the value representation of an element.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element, in any form that :func:`~pydcm.tag.Tag` accepts; a number
        is fastest.

    Returns
    -------
    str
        The VR, or the choice of VRs joined by ``" or "``.

    Raises
    ------
    KeyError
        If the element is not in the dictionary.
    """
    try:
        return VR_BY_TAG[tag]
    except (KeyError, TypeError):  # no number, repeating digits, or unknown
        pass
    return get_entry(tag)[0]


def dictionary_VM(tag: TagType) -> str:
    """Return the value multiplicity of an element, such as ``"1"`` or ``"2-n"``.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.

    Returns
    -------
    str
        The VM as PS3.6 writes it.

    Raises
    ------
    KeyError
        If the element is not in the dictionary.
    """
    return get_entry(tag)[1]


def dictionary_description(tag: TagType) -> str:
    """Return the name of an element, such as ``"Patient's Name"``.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.

    Returns
    -------
    str
        The name; empty for the few retired elements that have lost theirs.

    Raises
    ------
    KeyError
        If the element is not in the dictionary.
    """
    return get_entry(tag)[2]


def dictionary_is_retired(tag: TagType) -> bool:
    """Say whether an element is retired.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.

    Returns
    -------
    bool
        Whether PS3.6 marks it as retired.

    Raises
    ------
    KeyError
        If the element is not in the dictionary.
    """
    return get_entry(tag)[3] != ""


def dictionary_keyword(tag: TagType) -> str:
    """Return the keyword of an element, such as ``"PatientName"``.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.

    Returns
    -------
    str
        The keyword; empty for the few retired elements that have lost theirs.

    Raises
    ------
    KeyError
        If the element is not in the dictionary.
    """
    return get_entry(tag)[4]


def dictionary_has_tag(tag: TagType) -> bool:
    """Say whether an element is in the dictionary, under this very tag.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.

    Returns
    -------
    bool
        False for elements with repeating digits: ask :func:`repeater_has_tag`.
    """
    try:
        return Tag(tag) in VR_BY_TAG
    except (TypeError, ValueError, OverflowError):
        return False


def get_entry(tag: TagType) -> ElementEntry:
    """Return everything that is known about an element.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.

    Returns
    -------
    tuple of str
        VR, VM, name, ``"Retired"`` or ``""``, and keyword.

    Raises
    ------
    KeyError
        If the element is not in the dictionary.

    Examples
    --------
    >>> get_entry(0x60023000)
    ('OB or OW', '1', 'Overlay Data', '', 'OverlayData')
    """
    tag = Tag(tag)
    entry = DicomDictionary.get(tag)
    if entry is None and not tag.is_private:
        pattern = mask_match(tag)
        if pattern is not None:
            entry = repeaters()[pattern]
    if entry is None:
        raise KeyError(f"element {tag} is not in the data dictionary")
    return entry


def keyword_for_tag(tag: TagType) -> str:
    """Return the keyword of an element, or ``""`` for one that is not in the dictionary.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.

    Returns
    -------
    str
        The keyword.
    """
    try:
        return get_entry(tag)[4]
    except KeyError:
        return ""


def tag_for_keyword(keyword: str) -> int | None:
    """Return the tag of the element with a keyword.

    Parameters
    ----------
    keyword : str
        The keyword, in its exact spelling.

    Returns
    -------
    int or None
        The tag; None for a keyword that is unknown or belongs to an element
        with repeating digits, which has no single tag.
    """
    return keyword_dict.get(keyword)


def mask_match(tag: int) -> str | None:
    """Return the key of `RepeatersDictionary` that a tag falls under (PS3.5 7.6).

    Parameters
    ----------
    tag : int
        The element.

    Returns
    -------
    str or None
        The pattern; None if the tag has no repeating digits.

    Examples
    --------
    >>> mask_match(0x60023000)
    '60xx3000'
    """
    for mask, patterns in patterns_by_mask().items():
        pattern = patterns.get(tag & mask)
        if pattern is not None:
            return pattern
    return None


def repeater_has_tag(tag: int) -> bool:
    """Say whether a tag falls under an element with repeating digits.

    Parameters
    ----------
    tag : int
        The element.

    Returns
    -------
    bool
        Whether :func:`mask_match` finds a pattern.
    """
    return mask_match(tag) is not None


def repeater_has_keyword(keyword: str) -> bool:
    """Say whether a keyword belongs to an element with repeating digits.

    Parameters
    ----------
    keyword : str
        The keyword, in its exact spelling.

    Returns
    -------
    bool
        Whether `RepeatersDictionary` has an entry with this keyword.
    """
    return any(entry[4] == keyword for entry in repeaters().values())


def get_private_entry(tag: TagType, private_creator: str) -> PrivateEntry:
    """Return what is known about a private element (PS3.5 7.8).

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element, in whatever block the data set reserves for its creator.
    private_creator : str
        The private creator, in its exact spelling.

    Returns
    -------
    tuple of str
        VR, VM, name (``"Unknown"`` where none is known), and ``""``.

    Raises
    ------
    KeyError
        If the creator is unknown, or the element is unknown for it.

    Examples
    --------
    >>> get_private_entry(0x00291010, "SIEMENS CSA HEADER")
    ('OB', '1', 'CSA Image Header Info', '')
    """
    tag = Tag(tag)
    try:
        entry = private_dictionaries.entry(tag, private_creator)
    except KeyError:
        raise KeyError(
            f"no private elements are known of the private creator {private_creator!r}"
        ) from None
    if entry is None:
        raise KeyError(
            f"element {tag} is not among the private elements known of {private_creator!r}"
        )
    return entry


def private_dictionary_VR(tag: TagType, private_creator: str) -> str:
    """Return the value representation of a private element.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.
    private_creator : str
        The private creator, in its exact spelling.

    Returns
    -------
    str
        The VR.

    Raises
    ------
    KeyError
        If the element is unknown.
    """
    return get_private_entry(tag, private_creator)[0]


def private_dictionary_VM(tag: TagType, private_creator: str) -> str:
    """Return the value multiplicity of a private element.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.
    private_creator : str
        The private creator, in its exact spelling.

    Returns
    -------
    str
        The VM.

    Raises
    ------
    KeyError
        If the element is unknown.
    """
    return get_private_entry(tag, private_creator)[1]


def private_dictionary_description(tag: TagType, private_creator: str) -> str:
    """Return the name of a private element.

    Parameters
    ----------
    tag : int or str or tuple of int or BaseTag
        The element.
    private_creator : str
        The private creator, in its exact spelling.

    Returns
    -------
    str
        The name, ``"Unknown"`` where none is known.

    Raises
    ------
    KeyError
        If the element is unknown.
    """
    return get_private_entry(tag, private_creator)[2]


def add_dict_entry(
    tag: int, VR: str, keyword: str, description: str, VM: str = "1", is_retired: str = ""
) -> None:
    """Add or replace an element of the data dictionary, for the whole process.

    Parameters
    ----------
    tag : int
        The element; its group is even.
    VR : str
        The value representation, or a choice joined by ``" or "``.
    keyword : str
        The keyword: the attribute under which data sets offer the element.
    description : str
        The name.
    VM : str, default "1"
        The value multiplicity.
    is_retired : str, default ""
        ``"Retired"`` for a retired element.

    Raises
    ------
    ValueError
        If the element is private.
    """
    add_dict_entries({tag: (VR, VM, description, is_retired, keyword)})


def add_dict_entries(new_entries_dict: Mapping[int, ElementEntry]) -> None:
    """Add or replace several elements of the data dictionary, for the whole process.

    Parameters
    ----------
    new_entries_dict : mapping of int to tuple of str
        Tag: VR, VM, name, ``"Retired"`` or ``""``, and keyword.

    Raises
    ------
    ValueError
        If one of the elements is private; none is added then.
    """
    entries = {int(Tag(tag)): entry for tag, entry in new_entries_dict.items()}
    private = [BaseTag(tag) for tag in entries if BaseTag(tag).is_private]
    if private:
        raise ValueError(
            f"{private[0]} is a private element: add it with add_private_dict_entries()"
        )
    keywords = {entry[4]: tag for tag, entry in entries.items() if entry[4]}
    with lock:
        DicomDictionary.update(entries)
        keyword_dict.update(keywords)


def add_private_dict_entry(
    private_creator: str, tag: int, VR: str, description: str, VM: str = "1"
) -> None:
    """Add or replace a private element, for the whole process.

    Parameters
    ----------
    private_creator : str
        The private creator.
    tag : int
        The element; its group is odd, and it holds for every block.
    VR : str
        The value representation.
    description : str
        The name.
    VM : str, default "1"
        The value multiplicity.

    Raises
    ------
    ValueError
        If the element is not private.

    Examples
    --------
    >>> add_private_dict_entry("ACME 3.2", 0x10011001, "UL", "Test One", VM="3")
    >>> private_dictionary_VM(0x10011001, "ACME 3.2")
    '3'
    """
    add_private_dict_entries(private_creator, {tag: (VR, VM, description, "")})


def add_private_dict_entries(
    private_creator: str, new_entries_dict: Mapping[int, PrivateEntry]
) -> None:
    """Add or replace several private elements of one creator, for the whole process.

    Parameters
    ----------
    private_creator : str
        The private creator.
    new_entries_dict : mapping of int to tuple of str
        Tag: VR, VM, name, and ``""``.

    Raises
    ------
    ValueError
        If one of the elements is not private; none is added then.
    """
    tags = [Tag(tag) for tag in new_entries_dict]
    public = [tag for tag in tags if not tag.is_private]
    if public:
        raise ValueError(f"{public[0]} is not a private element: add it with add_dict_entries()")
    patterns = (f"{tag.group:04X}xx{tag.element & 0xFF:02X}" for tag in tags)
    new = dict(zip(patterns, new_entries_dict.values(), strict=True))
    with lock:
        if private_creator in private_dictionaries:
            private_dictionaries[private_creator].update(new)
        else:
            private_dictionaries[private_creator] = new
