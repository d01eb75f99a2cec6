"""Codes by name: ``codes.<scheme>.<keyword>`` and ``codes.cid<number>.<keyword>``.

The codes are those of PS3.16, its context groups among them. Nothing is
loaded before it is looked for.

Attributes
----------
codes : Concepts
    All coding schemes and context groups.
CONCEPTS : dict
    ``{scheme: {keyword: {value: (meaning, [CIDs])}}}``.
CID_CONCEPTS : dict
    ``{CID: {scheme: [keywords]}}``.
cid_for_name, name_for_cid : dict
    The number of a context group by its keyword, and the reverse.

Examples
--------
>>> codes.DCM.Finding.value
'121071'
>>> codes.cid29.MagneticResonance
Code(value='MR', scheme_designator='DCM', meaning='Magnetic Resonance', scheme_version=None)
>>> codes.UCUM.dir("millimeter")[:2]
['CubicMillimeter', 'Millimeter']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView
from functools import cache
from typing import TYPE_CHECKING

from pydcm.sr import _tables
from pydcm.sr.coding import Code, identity

CIDValueType = dict[str, tuple[str, list[int]]]
"""Code value, and its meaning and the context groups that it is in."""
ConceptsType = dict[str, dict[str, CIDValueType]]
"""Coding scheme, and keyword, and what :data:`CIDValueType` says."""
SnomedMappingType = dict[str, dict[str, str]]
"""``SCT`` or ``SRT``, and its codes with those of the other."""

if TYPE_CHECKING:
    CONCEPTS: ConceptsType
    CID_CONCEPTS: dict[int, dict[str, list[str]]]
    cid_for_name: dict[str, int]
    name_for_cid: dict[int, str]

__all__ = ["Code", "Collection", "Concepts", "codes"]

_GAP = 3
"""Spaces between the columns of a printed collection."""


class Collection:
    """The codes of one coding scheme or one context group, as attributes.

    Parameters
    ----------
    name : str
        A coding scheme designator such as ``"DCM"``, or a context group such as
        ``"CID29"``.

    Raises
    ------
    KeyError
        If there is no such scheme or group.

    Examples
    --------
    >>> Collection("CID244").dir()
    ['Bilateral', 'Left', 'Right', 'Unilateral']
    >>> "Left" in Collection("CID244")
    True
    """

    repr_format = "{} = {}"

    def __init__(self, name: str) -> None:
        self._cid: int | None = None
        self._name = name
        if name.upper().startswith("CID"):
            self._cid = _tables.context_group(int(name[3:])).cid
            self._name = f"CID{self._cid}"
        elif name not in _tables.scheme_designators():
            raise KeyError(name)
        self._listed: dict[str, Code] | None = None
        self._others: dict[str, Code | tuple[str, ...]] = {}

    @property
    def name(self) -> str:
        """The scheme designator, or ``CID`` and a number."""
        return self._name

    @property
    def scheme_designator(self) -> str:
        """The same as :attr:`name`."""
        return self._name

    @property
    def is_cid(self) -> bool:
        """Whether this is a context group."""
        return self._cid is not None

    @property
    def concepts(self) -> dict[str, Code]:
        """Every keyword and its code, by keyword.

        In a context group each code has one keyword here, although all its
        keywords work as attributes. Where codes of two schemes share a keyword,
        as in CID 8134, theirs are ``<keyword>_<scheme>``.
        """
        return dict(self._concepts())

    def _concepts(self) -> dict[str, Code]:
        if self._listed is None:
            if self._cid is None:
                found = _tables.scheme(self._name).codes
            else:
                found, self._others = _named(self._cid)
            self._listed = dict(sorted(found.items()))
        return self._listed

    def __getattr__(self, name: str) -> Code:
        # Copying and pickling look for names such as __setstate__ in objects that are still empty.
        if name[:1] == "_" and not name[1:2].isdigit():  # a keyword has a digit there, _3DModel
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        found = self._concepts().get(name) or self._others.get(name)
        if isinstance(found, Code):
            return found
        if found is not None:
            choices = " and ".join(f"{name}_{scheme}" for scheme in found)
            raise RuntimeError(
                f"{self._name} has a code {name!r} of each of the schemes {', '.join(found)}; "
                f"they are called {choices}"
            )
        where = self._name if self.is_cid else f"scheme {self._name!r}"
        raise AttributeError(f"no code has the keyword {name!r} in {where}")

    def __contains__(self, item: str | Code) -> bool:
        """Say whether there is such a keyword, or a code equal to the given one."""
        if isinstance(item, str):
            return item in self._concepts() or isinstance(self._others.get(item), Code)
        try:
            scheme, value, version = identity(item)
        except AttributeError:
            return False
        if version is not None:
            return False
        if self._cid is None:
            return scheme == self._name and value in _tables.scheme(scheme).keywords
        return (scheme, value) in _members(self._cid)

    def __dir__(self) -> list[str]:
        attributes = [name for name in super().__dir__() if name[0] != "_" or name[:2] == "__"]
        return sorted({*attributes, *self._concepts()})

    def dir(self, *filters: str) -> list[str]:
        """Return the keywords that contain one of some texts.

        Parameters
        ----------
        *filters : str
            The texts, in any case; all keywords are returned if there is none.

        Returns
        -------
        list of str
            The keywords, sorted.

        Examples
        --------
        >>> codes.cid244.dir("lateral")
        ['Bilateral', 'Unilateral']
        """
        return _filtered(self._concepts(), filters)

    def trait_names(self) -> list[str]:
        """Return the names of all attributes, the keywords among them."""
        return self.__dir__()

    def __str__(self) -> str:
        head = ["Attribute", "Code", "Scheme", "Meaning"]
        rows = [
            [keyword, code.value, code.scheme_designator, code.meaning]
            for keyword, code in self._concepts().items()
        ]
        rows = [head, ["-" * len(title) for title in head], *rows]
        if not self.is_cid:
            rows = [[keyword, value, meaning] for keyword, value, _, meaning in rows]
        widths = [max(map(len, column)) + _GAP for column in zip(*rows, strict=True)]
        widths[-1] = 0
        lines = [
            "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join([self._title(), *lines])

    def _title(self) -> str:
        return self._name if self.is_cid else f"Scheme: {self._name}"

    def __repr__(self) -> str:
        lines = (self.repr_format.format(*item) for item in self._concepts().items())
        return "\n".join([self._name, *lines])

    def __reduce__(self) -> tuple[type[Collection], tuple[str]]:
        return type(self), (self._name,)


def _named(cid: int) -> tuple[dict[str, Code], dict[str, Code | tuple[str, ...]]]:
    """Return the members of a group by the keyword to be listed, and by their other ones.

    A keyword that codes of several schemes have leads to the schemes.
    """
    listed: dict[str, list[Code]] = {}
    others: dict[str, list[Code]] = {}
    for designator, value in _tables.members(cid):
        scheme = _tables.scheme(designator)
        first, *more = scheme.keywords[value]
        listed.setdefault(first, []).append(scheme.codes[first])
        for keyword in more:
            others.setdefault(keyword, []).append(scheme.codes[keyword])
    found: dict[str, Code] = {}
    further: dict[str, Code | tuple[str, ...]] = {}
    for keyword, same in others.items():
        further[keyword] = same[0] if len(same) == 1 else _schemes(same)
    for keyword, same in listed.items():
        if len(same) == 1:
            found[keyword] = same[0]
        else:
            further[keyword] = _schemes(same)
            found.update({f"{keyword}_{code.scheme_designator}": code for code in same})
    return found, further


def _schemes(same: Iterable[Code]) -> tuple[str, ...]:
    return tuple(sorted(code.scheme_designator for code in same))


@cache
def _members(cid: int) -> frozenset[tuple[str, str]]:
    return frozenset(_tables.members(cid))


def _filtered(source: Iterable[str], filters: Iterable[str]) -> list[str]:
    """Return the names that contain one of the texts, in any case, sorted."""
    wanted = [text.lower() for text in filters]
    if not wanted:
        return sorted(source)
    return sorted(name for name in source if any(text in name.lower() for text in wanted))


class Concepts:
    """Collections of codes, as attributes.

    Parameters
    ----------
    collections : iterable of Collection
        The collections. Each is reached by its name, a context group also in
        lower case.

    Examples
    --------
    >>> some = Concepts([Collection("DCM"), Collection("CID244")])
    >>> some.schemes(), some.CIDs()
    (['DCM'], ['CID244'])
    >>> some.cid244.Left.value
    '7771000'
    """

    def __init__(self, collections: Iterable[Collection]) -> None:
        self._source = collections
        self._by_name: dict[str, Collection] | None = None

    def _found(self) -> dict[str, Collection]:
        if self._by_name is None:
            self._by_name = {collection.name: collection for collection in self._source}
        return self._by_name

    @property
    def collections(self) -> KeysView[str]:
        """The names of the collections."""
        return self._found().keys()

    def schemes(self) -> list[str]:
        """Return the designators of the coding schemes."""
        return [name for name, found in self._found().items() if not found.is_cid]

    def CIDs(self) -> list[str]:
        """Return the names of the context groups."""
        return [name for name, found in self._found().items() if found.is_cid]

    def __getattr__(self, name: str) -> Collection:
        if not name.startswith("_"):
            key = name.upper() if name[:3].upper() == "CID" else name
            found = self._found().get(key)
            if found is not None:
                return found
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __reduce__(self) -> tuple[type[Concepts], tuple[Iterable[Collection]]]:
        return type(self), (self._source,)


class _Everything:
    """All collections there are: schemes first, then context groups."""

    def __iter__(self) -> Iterator[Collection]:
        yield from map(Collection, _tables.scheme_designators())
        for cid in _tables.context_groups():
            yield Collection(f"CID{cid}")


codes = Concepts(_Everything())
"""All coding schemes and context groups."""


@cache
def _concepts() -> ConceptsType:
    groups: dict[tuple[str, str], list[int]] = {}
    for cid in _tables.context_groups():
        for member in _tables.members(cid):
            groups.setdefault(member, []).append(cid)
    return {
        designator: {
            keyword: {code.value: (code.meaning, groups.get((designator, code.value), []))}
            for keyword, code in sorted(_tables.scheme(designator).codes.items())
        }
        for designator in _tables.scheme_designators()
    }


@cache
def _cid_concepts() -> dict[int, dict[str, list[str]]]:
    found: dict[int, dict[str, list[str]]] = {}
    for cid in _tables.context_groups():
        schemes = found.setdefault(cid, {})
        for designator, value in _tables.members(cid):
            keyword = _tables.scheme(designator).keywords[value][0]
            schemes.setdefault(designator, []).append(keyword)
    return found


@cache
def _cid_for_name() -> dict[str, int]:
    return {group.keyword: cid for cid, group in _tables.context_groups().items()}


@cache
def _name_for_cid() -> dict[int, str]:
    return {cid: group.keyword for cid, group in _tables.context_groups().items()}


_LOADED_WHEN_USED = {
    "CONCEPTS": _concepts,
    "CID_CONCEPTS": _cid_concepts,
    "cid_for_name": _cid_for_name,
    "name_for_cid": _name_for_cid,
}


def __getattr__(name: str) -> object:
    load = _LOADED_WHEN_USED.get(name)
    if load is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return load()
