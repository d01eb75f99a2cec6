"""File-like objects that read and write the numbers and tags of a data set.

They wrap any binary file or stream and add the two facts that its bytes do not
tell: the byte order, and whether value representations are written down
(PS3.5 7.1). The reader of this package does not need them; they serve code that
walks through a file by hand.

Examples
--------
>>> fp = DicomBytesIO(bytes.fromhex("10 00 20 00"))
>>> fp.is_little_endian = True
>>> group, element = fp.read_tag()
>>> f"({group:04X},{element:04X})"
'(0010,0020)'
"""

from __future__ import annotations

import struct
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol, TypeVar, cast

from pydcm.errors import TruncatedError, ValueRangeError

if TYPE_CHECKING:
    import os

__all__ = [
    "DicomBytesIO",
    "DicomFile",
    "DicomFileLike",
    "DicomIO",
    "ReadableBuffer",
    "WriteableBuffer",
]

_Self = TypeVar("_Self", bound="DicomIO")


class ReadableBuffer(Protocol):
    """What is needed of a stream to read from it."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next `size` bytes, or all that are left."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to a position and return it."""

    def tell(self) -> int:
        """Return the position."""


class WriteableBuffer(Protocol):
    """What is needed of a stream to write to it."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to a position and return it."""

    def tell(self) -> int:
        """Return the position."""

    def write(self, b: bytes | bytearray | memoryview, /) -> int:
        """Write bytes and return how many they were."""


class _Numbers(NamedTuple):
    """The encodings of numbers in one byte order (PS3.5 7.3)."""

    us: struct.Struct
    ul: struct.Struct
    tag: struct.Struct


_LITTLE = _Numbers(struct.Struct("<H"), struct.Struct("<L"), struct.Struct("<HH"))
_BIG = _Numbers(struct.Struct(">H"), struct.Struct(">L"), struct.Struct(">HH"))


class DicomIO:
    """A stream together with the encoding of the data set in it.

    Parameters
    ----------
    buffer : ReadableBuffer or WriteableBuffer
        A binary file or stream with at least ``seek`` and ``tell``.

    Raises
    ------
    AttributeError
        If `buffer` has no ``seek`` or no ``tell``.
    """

    def __init__(self, buffer: ReadableBuffer | WriteableBuffer) -> None:
        self.seek = buffer.seek
        self.tell = buffer.tell
        self._buffer = buffer
        self._name: str | None = getattr(buffer, "name", None)
        self._implicit_vr: bool | None = None
        self._numbers: _Numbers | None = None

    @property
    def parent(self) -> ReadableBuffer | WriteableBuffer:
        """The stream that is wrapped."""
        return self._buffer

    @property
    def name(self) -> str | None:
        """The stream's own name; None if it has none."""
        return self._name

    @name.setter
    def name(self, value: str | None) -> None:
        self._name = value

    # ---- the encoding ----------------------------------------------------

    @property
    def is_implicit_VR(self) -> bool:
        """Whether VRs are left out of the stream; it must be set before it is asked for."""
        if self._implicit_vr is None:
            raise AttributeError(f"'{type(self).__name__}.is_implicit_VR' was not set yet")
        return self._implicit_vr

    @is_implicit_VR.setter
    def is_implicit_VR(self, value: bool) -> None:
        self._implicit_vr = self._checked("is_implicit_VR", value)

    @property
    def is_little_endian(self) -> bool:
        """Whether the low byte of a number comes first; it must be set before it is asked for."""
        return self._byte_order() is _LITTLE

    @is_little_endian.setter
    def is_little_endian(self, value: bool) -> None:
        self._numbers = _LITTLE if self._checked("is_little_endian", value) else _BIG

    def _checked(self, name: str, value: bool) -> bool:
        if not isinstance(value, bool):
            raise TypeError(f"'{type(self).__name__}.{name}' takes a bool, not {value!r}")
        return value

    def _byte_order(self) -> _Numbers:
        if self._numbers is None:
            raise AttributeError(f"'{type(self).__name__}.is_little_endian' was not set yet")
        return self._numbers

    # ---- reading ---------------------------------------------------------

    def read(self, size: int = -1, /) -> bytes:
        """Return the next `size` bytes, or all that are left.

        Raises
        ------
        TypeError
            If the stream cannot be read from.
        """
        return cast(ReadableBuffer, self._able_to("read")).read(size)

    def read_exact(self, length: int, nr_retries: int = 3) -> bytes:
        """Return exactly the next `length` bytes.

        Parameters
        ----------
        length : int
            Number of bytes.
        nr_retries : int
            How often to ask again for what a read did not deliver.

        Raises
        ------
        TruncatedError
            If there are not as many; it is an :class:`EOFError`.
        """
        found = self.read(length)
        while len(found) < length and nr_retries > 0:
            nr_retries -= 1
            found += self.read(length - len(found))
        if len(found) != length:
            raise TruncatedError(
                f"{length} bytes are needed and {len(found)} are left",
                offset=max(self.tell() - len(found), 0),
            )
        return found

    def read_tag(self) -> tuple[int, int]:
        """Return the group and the element number of the tag that comes next."""
        return cast(tuple[int, int], self._byte_order().tag.unpack(self.read_exact(4)))

    def read_US(self) -> int:
        """Return the unsigned 16-bit number that comes next."""
        return cast(int, self._byte_order().us.unpack(self.read_exact(2))[0])

    def read_UL(self) -> int:
        """Return the unsigned 32-bit number that comes next."""
        return cast(int, self._byte_order().ul.unpack(self.read_exact(4))[0])

    # ---- writing ---------------------------------------------------------

    def write(self, b: bytes | bytearray | memoryview, /) -> int:
        """Write bytes and return how many they were.

        Raises
        ------
        TypeError
            If the stream cannot be written to.
        """
        return cast(WriteableBuffer, self._able_to("write")).write(b)

    def write_tag(self, tag: int) -> None:
        """Write a tag, given as one number or :class:`~pydcm.tag.BaseTag`."""
        self.write(self._packed(self._byte_order().tag, tag, tag >> 16, tag & 0xFFFF))

    def write_US(self, val: int) -> None:
        """Write an unsigned 16-bit number."""
        self.write(self._packed(self._byte_order().us, val, val))

    def write_UL(self, val: int) -> None:
        """Write an unsigned 32-bit number."""
        self.write(self._packed(self._byte_order().ul, val, val))

    def _packed(self, encoding: struct.Struct, value: int, *numbers: int) -> bytes:
        try:
            return encoding.pack(*numbers)
        except struct.error as reason:
            raise ValueRangeError(
                f"{value!r} does not fit into {encoding.size} bytes, unsigned"
            ) from reason

    # ---- the stream ------------------------------------------------------

    def close(self) -> None:
        """Close the stream, if it is one that can be closed."""
        close = getattr(self._buffer, "close", None)
        if close is not None:
            close()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _able_to(self, method: str) -> ReadableBuffer | WriteableBuffer:
        if not hasattr(self._buffer, method):
            raise TypeError(
                f"the {type(self._buffer).__name__!r} in a {type(self).__name__!r} "
                f"has no {method}() method"
            )
        return self._buffer


class DicomFileLike(DicomIO):
    """A :class:`DicomIO` around a file or any other stream."""


class DicomBytesIO(DicomIO):
    r"""A :class:`DicomIO` in memory.

    Parameters
    ----------
    initial_bytes : bytes-like
        What can be read from it.

    Examples
    --------
    >>> fp = DicomBytesIO()
    >>> fp.is_little_endian = False
    >>> fp.write_UL(1)
    >>> fp.getvalue()
    b'\x00\x00\x00\x01'
    """

    def __init__(self, initial_bytes: bytes | bytearray | memoryview = b"") -> None:
        stream = BytesIO(initial_bytes)
        super().__init__(stream)
        self.getvalue = stream.getvalue


def DicomFile(
    file: str | bytes | os.PathLike[str], mode: str = "rb", buffering: int = -1
) -> DicomFileLike:
    """Open a binary file and return it as a :class:`DicomFileLike`.

    Parameters
    ----------
    file, mode, buffering
        As of :func:`open`.
    """
    stream = open(file, mode, buffering)  # noqa: SIM115  # whoever asks for it closes it
    return DicomFileLike(cast(BinaryIO, stream))
