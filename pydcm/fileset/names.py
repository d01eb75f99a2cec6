"""File IDs: the names that files of a file-set have (PS3.10 8.2, 8.5)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["FileID", "file_name", "generate_filename", "is_conformant_file_id"]

_CONFORMANT = re.compile(r"[A-Z0-9_]{1,8}\Z")
_MOST_COMPONENTS = 8
_LENGTH = 8
# J is left out, as the compatible API does.
_ALPHANUMERIC = "0123456789ABCDEFGHIKLMNOPQRSTUVWXYZ"


class FileID(str):
    """A File ID: text with the separators of this system, and its components.

    As text, and for :class:`pathlib.Path` and :mod:`os.path`, it is a relative
    path. Its length, items and iteration are those of its components, and it
    equals a list of them as well as the text.

    Examples
    --------
    >>> from pydcm.fileset.names import FileID
    >>> file_id = FileID.of(["PT000000", "IM000000"])
    >>> list(file_id), file_id[-1]
    (['PT000000', 'IM000000'], 'IM000000')
    >>> file_id == ["PT000000", "IM000000"]
    True
    """

    __slots__ = ()

    @classmethod
    def of(cls, components: Sequence[str]) -> FileID:
        """Return the File ID with these components."""
        return cls(os.sep.join(components))

    @property
    def components(self) -> list[str]:
        """The names of the folders, and of the file at last."""
        return self.split(os.sep)

    def __iter__(self) -> Iterator[str]:
        return iter(self.components)

    def __len__(self) -> int:
        return len(self.components)

    def __getitem__(self, key: object) -> str:
        # A slice is one of the text, as path functions expect.
        if isinstance(key, slice):
            return str(self)[key]
        return self.components[key]  # type: ignore[call-overload, no-any-return]  # an index

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return str.__eq__(self, other)
        if isinstance(other, Sequence):
            return self.components == list(other)
        return NotImplemented

    __hash__ = str.__hash__


def generate_filename(
    prefix: str = "", start: int = 0, alphanumeric: bool = False
) -> Iterator[str]:
    """Yield file names of 8 characters: a prefix and a number that counts up.

    Parameters
    ----------
    prefix : str
        What each begins with; at most 7 characters.
    start : int
        The first number.
    alphanumeric : bool
        Count in base 35, with the digits 0 to 9 and A to Z without J.

    Yields
    ------
    str
        As many names as there are numbers that fit.

    Raises
    ------
    ValueError
        If the prefix is too long.

    Examples
    --------
    >>> from pydcm.fileset import generate_filename
    >>> names = generate_filename(prefix="IM", start=9)
    >>> next(names), next(names)
    ('IM000009', 'IM000010')
    """
    if len(prefix) >= _LENGTH:
        raise ValueError(f"the prefix {prefix!r} leaves no place for a number: 8 characters in all")
    base = len(_ALPHANUMERIC) if alphanumeric else 10
    for number in range(start, base ** (_LENGTH - len(prefix))):
        yield file_name(prefix, number, alphanumeric)


def file_name(prefix: str, number: int, alphanumeric: bool = False) -> str:
    """Return one of the names of :func:`generate_filename`."""
    if not alphanumeric:
        return prefix + str(number).zfill(_LENGTH - len(prefix))
    digits = ""
    while number:
        number, digit = divmod(number, len(_ALPHANUMERIC))
        digits = _ALPHANUMERIC[digit] + digits
    return prefix + digits.zfill(_LENGTH - len(prefix))


def is_conformant_file_id(path: Path) -> bool:
    """Return whether a relative path is a conformant File ID (PS3.10 8.2, 8.5).

    Parameters
    ----------
    path : pathlib.Path
        The path below the folder of the file-set.

    Returns
    -------
    bool
        It has at most 8 components, each of at most 8 characters out of 0 to
        9, A to Z and ``_``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from pydcm.fileset import is_conformant_file_id
    >>> is_conformant_file_id(Path("PT000000/IM000000"))
    True
    >>> is_conformant_file_id(Path("slice_1.dcm"))
    False
    """
    parts = path.parts
    return len(parts) <= _MOST_COMPONENTS and all(map(_CONFORMANT.match, parts))
