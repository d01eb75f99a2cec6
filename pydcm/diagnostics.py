"""What was wrong with a file, and what was done about it.

Reading a real scanner's file must succeed where its meaning is clear, and must
not hide that something was mended. Each repair is recorded as a
:class:`Diagnostic` in ``ds.diagnostics``; with ``strict=True`` the first one is
raised instead.

Examples
--------
>>> from pydcm import dcmread
>>> ds = dcmread(bytes.fromhex("0800 0500 0A00 0000 4953 4F") + b"_IR", force=True)
>>> print(ds.diagnostics[0].code)
truncated-value
"""

from __future__ import annotations

from typing import NamedTuple

from pydcm.errors import ReadError, StructureError, TruncatedError

__all__ = ["Diagnostic", "ReadContext"]


class Diagnostic(NamedTuple):
    """One defect of a file.

    Attributes
    ----------
    code : str
        A stable name for the kind of defect, such as ``"truncated-value"``.
    message : str
        What was found.
    tag_path : str
        Where in the data set, such as ``"ReferencedStudySequence[0].(0008,1155)"``.
    offset : int or None
        0-based byte offset in the file; in a deflated file, in the inflated data set.
    action : str
        What the reader did about it.
    """

    code: str
    message: str
    tag_path: str
    offset: int | None
    action: str

    def __str__(self) -> str:
        where = f" at {self.tag_path}" if self.tag_path else ""
        where += f" (offset {self.offset})" if self.offset is not None else ""
        return f"{self.code}{where}: {self.message}; {self.action}"


_TRUNCATIONS = frozenset({
    "truncated-deflate", "truncated-header", "truncated-sequence", "truncated-value",
})  # fmt: skip


class ReadContext:
    """What every data set read from one file shares.

    Parameters
    ----------
    path : str, optional
        The file.
    strict : bool
        Raise the first defect instead of recording it.
    charset_override : str
        Replaces Specific Character Set (0008,0005) at every depth.
    """

    __slots__ = ("charset_override", "diagnostics", "path", "strict")

    def __init__(
        self, path: str | None = None, strict: bool = False, charset_override: str = ""
    ) -> None:
        self.path = path
        self.strict = strict
        self.charset_override = charset_override
        self.diagnostics: list[Diagnostic] = []

    def __getstate__(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setstate__(self, state: tuple[object, ...]) -> None:
        for name, value in zip(self.__slots__, state, strict=True):
            setattr(self, name, value)

    def report(
        self, code: str, message: str, tag_path: str, offset: int | None, action: str
    ) -> None:
        """Record a defect, or raise it when strict."""
        if self.strict:
            kind: type[ReadError] = TruncatedError if code in _TRUNCATIONS else StructureError
            raise kind(
                message,
                path=self.path,
                offset=offset,
                tag_path=tag_path or None,
                hint="strict=False reads it and records this in ds.diagnostics",
            )
        found = Diagnostic(code, message, tag_path, offset, action)
        if found not in self.diagnostics:
            self.diagnostics.append(found)
