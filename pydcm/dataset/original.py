"""How a data set was read: transfer encoding, character set, defects."""

from __future__ import annotations

import warnings
from collections.abc import MutableSequence
from typing import TYPE_CHECKING

from pydcm import config
from pydcm.charset import default_encoding
from pydcm.dataset.lazy import CHARACTER_SET, LazyElements, as_list

if TYPE_CHECKING:
    from pydcm.diagnostics import Diagnostic

__all__ = ["OriginalEncoding"]


class OriginalEncoding(LazyElements):
    """What a data set tells of the way it was read."""

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What was wrong with the file and what the reader did about it.

        Items are read when they are asked for, so the list may grow with use;
        ``dcmread(..., strict=True)`` reads everything at once and raises.
        """
        return [] if self._index is None else self._index.context.diagnostics

    @property
    def is_implicit_VR(self) -> bool | None:
        """Whether it was read in Implicit VR, unless set otherwise; None if neither.

        Setting it is deprecated: the transfer syntax says it, or the argument
        `implicit_vr` when it is written.
        """
        chosen: bool | None = self.__dict__.get("_is_implicit_VR")
        if chosen is None and self._index is not None:
            return self._index.is_implicit
        return chosen

    @is_implicit_VR.setter
    def is_implicit_VR(self, value: bool | None) -> None:
        self._choose("is_implicit_VR", "implicit_vr", value)

    @property
    def is_little_endian(self) -> bool | None:
        """Whether it was read in little endian, unless set otherwise; None if neither.

        Setting it is deprecated: the transfer syntax says it, or the argument
        `little_endian` when it is written.
        """
        chosen: bool | None = self.__dict__.get("_is_little_endian")
        if chosen is None and self._index is not None:
            return self._index.is_little
        return chosen

    @is_little_endian.setter
    def is_little_endian(self, value: bool | None) -> None:
        self._choose("is_little_endian", "little_endian", value)

    def _choose(self, name: str, argument: str, value: bool | None) -> None:
        instead = f"the transfer syntax, or '{argument}' when you write it"
        self._deprecate(name, instead, stacklevel=5)
        self.__dict__[f"_{name}"] = value

    @property
    def original_encoding(self) -> tuple[bool | None, bool | None]:
        """``(is_implicit_vr, is_little_endian)`` as it was read."""
        return (self._read_implicit, self._read_little)

    @property
    def original_character_set(self) -> str | list[str]:
        """Python encodings of the text as it was read; empty if it was not read."""
        index = self._index
        if self._read_charset or index is None:
            return self._read_charset
        found = self._encodings_read
        undeclared = self._row is None and CHARACTER_SET not in index.tags
        return default_encoding if undeclared and found == [default_encoding] else found

    @property
    def is_original_encoding(self) -> bool:
        """Whether transfer encoding and character set are still those of the file."""
        return (
            self._read_implicit is not None
            and self.is_implicit_VR == self._read_implicit
            and self.is_little_endian == self._read_little
            and as_list(self.original_character_set) == as_list(self._character_set)
        )

    def set_original_encoding(
        self,
        is_implicit_vr: bool | None,
        is_little_endian: bool | None,
        character_encoding: str | MutableSequence[str] | None = None,
    ) -> None:
        """Say how the data set was read, for one that was put together by hand."""
        state = self.__dict__
        state["_read_implicit"] = is_implicit_vr
        state["_read_little"] = is_little_endian
        if character_encoding is not None:
            state["_read_charset"] = character_encoding

    # ---- deprecated names ------------------------------------------------

    def _deprecate(self, name: str, instead: str, stacklevel: int = 3) -> None:
        if config._use_future:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        warnings.warn(
            f"'{type(self).__name__}.{name}' is deprecated, use {instead}",
            DeprecationWarning,
            stacklevel=stacklevel,
        )

    @property
    def read_implicit_vr(self) -> bool | None:
        """Deprecated; the first of :attr:`original_encoding`."""
        self._deprecate("read_implicit_vr", "'original_encoding[0]'")
        return self._read_implicit

    @property
    def read_little_endian(self) -> bool | None:
        """Deprecated; the second of :attr:`original_encoding`."""
        self._deprecate("read_little_endian", "'original_encoding[1]'")
        return self._read_little

    @property
    def read_encoding(self) -> str | list[str]:
        """Deprecated; :attr:`original_character_set`."""
        self._deprecate("read_encoding", "'original_character_set'")
        return self.original_character_set

    @read_encoding.setter
    def read_encoding(self, value: str | list[str]) -> None:
        self._deprecate("read_encoding", "'set_original_encoding()'")
        self.__dict__["_read_charset"] = value
