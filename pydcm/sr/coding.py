"""The coded concept (PS3.3 8.1: Code Value, Coding Scheme Designator, Code Meaning).

SNOMED-RT identifiers (``SRT``) were replaced by SNOMED CT concepts (``SCT``)
throughout the standard (PS3.16 8.1). A code of the one is equal to the code of
the other that has the same concept.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    snomed_mapping: dict[str, dict[str, str]]

__all__ = ["Code"]


class Code(NamedTuple):
    """A concept of a coding scheme.

    The meaning is for people: codes are equal when value, scheme and scheme
    version are, whatever their meanings say. A SNOMED-RT code is equal to the
    SNOMED CT code that replaced it, although their hashes differ, so look one
    up in a dictionary by the scheme that its keys have.

    Attributes
    ----------
    value : str
        Code Value (0008,0100).
    scheme_designator : str
        Coding Scheme Designator (0008,0102), such as ``"SCT"``.
    meaning : str
        Code Meaning (0008,0104).
    scheme_version : str or None
        Coding Scheme Version (0008,0103), where it is needed to tell what the
        value means.

    Examples
    --------
    >>> Code("T-62000", "SRT", "Liver") == Code("10200004", "SCT", "Hepar")
    True
    >>> Code("10200004", "SCT", "Liver", "2020") == Code("10200004", "SCT", "Liver")
    False
    """

    value: str
    scheme_designator: str
    meaning: str
    scheme_version: str | None = None

    def __hash__(self) -> int:
        return hash(self.scheme_designator + self.value)

    def __eq__(self, other: object) -> bool:
        # Not only a Code: items of other libraries that have the same attributes, too.
        try:
            theirs = identity(other)  # type: ignore[arg-type]  # found out by trying
        except AttributeError:
            return False if isinstance(other, tuple) else NotImplemented
        return identity(self) == theirs

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal


def identity(code: Code) -> tuple[str, str, str | None]:
    """Return what makes two codes the same.

    Parameters
    ----------
    code : Code
        The code, or anything else with the attributes of one.

    Returns
    -------
    tuple
        Scheme, value and scheme version, with the SNOMED CT concept in place of a
        SNOMED-RT identifier that has one.

    Examples
    --------
    >>> identity(Code("T-62000", "SRT", "Liver"))
    ('SCT', '10200004', None)
    """
    scheme, value = code.scheme_designator, code.value
    if scheme == "SRT":
        concept = _snomed()["SRT"].get(value)
        if concept is not None:
            scheme, value = "SCT", concept
    return scheme, value, code.scheme_version


@cache
def _snomed() -> dict[str, dict[str, str]]:
    """Return the SNOMED CT concept of each SNOMED-RT identifier, and the reverse."""
    from pydcm._std.codes.snomed import SNOMED

    concepts = dict(line.split(" ") for line in SNOMED.splitlines())
    identifiers = {concept: identifier for identifier, concept in concepts.items()}
    return {"SCT": identifiers, "SRT": concepts}


def __getattr__(name: str) -> object:
    if name == "snomed_mapping":
        return _snomed()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
