"""The elements of a file as plain tuples, one after the other: nothing is decoded or kept.

Sequences of undefined length are not built up but run through: the items and
elements within follow as tuples of their own. A sequence of defined length is
one value.

Examples
--------
>>> from io import BytesIO
>>> encoded = bytes.fromhex("1000 2000 4C4F 0400") + b"4711"
>>> list(data_element_generator(BytesIO(encoded), False, True))
[((16, 32), b'LO', 4, b'4711', 8)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from pydcm import limits
from pydcm._borrowed import borrowed
from pydcm.errors import TruncatedError, UnsupportedSyntaxError
from pydcm.fileutil import read_undefined_length_value
from pydcm.misc import size_in_bytes
from pydcm.tag import SequenceDelimiterTag
from pydcm.valuerep import EXPLICIT_VR_LENGTH_32

if TYPE_CHECKING:
    from pydcm.fileutil import PathType

__all__ = [
    "DeflatedExplicitVRLittleEndian",
    "ExplicitVRBigEndian",
    "ExplicitVRLittleEndian",
    "ImplicitVRLittleEndian",
    "data_element_generator",
    "dicomfile",
    "extra_length_VRs_b",
]

ImplicitVRLittleEndian = b"1.2.840.10008.1.2"
ExplicitVRLittleEndian = b"1.2.840.10008.1.2.1"
DeflatedExplicitVRLittleEndian = b"1.2.840.10008.1.2.1.99"
ExplicitVRBigEndian = b"1.2.840.10008.1.2.2"

extra_length_VRs_b = tuple(vr.encode("ascii") for vr in sorted(EXPLICIT_VR_LENGTH_32))
"""VRs with a length of 32 bits (PS3.5 table 7.1-1)."""

ElementTuple: TypeAlias = tuple[tuple[int, int], bytes | None, int, bytes | None, int]
"""((group, element), VR, length, value, offset of the value)."""

_UNDEFINED = 0xFFFFFFFF
_DELIMITERS = 0xFFFE
"""The group of items and delimiters, which have no VR (PS3.5 7.5)."""
_TRANSFER_SYNTAX = (0x0002, 0x0010)
_PART = 1 << 20


class dicomfile:
    """A DICOM file as an iterable of tuples; a context manager that closes it.

    Parameters
    ----------
    filename : str, bytes or PathLike
        The file.

    Attributes
    ----------
    fobj : file object
        The open file.
    preamble : bytes or None
        The first 128 bytes; None if the file has no DICOM prefix (PS3.10 7.1).
    """

    def __init__(self, filename: PathType) -> None:
        self.fobj: BinaryIO = open(filename, "rb")  # noqa: SIM115  # __exit__ closes it
        start = self.fobj.read(132)
        self.preamble: bytes | None = start[:128] if start[128:] == b"DICM" else None

    def __enter__(self) -> dicomfile:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        self.fobj.close()
        return None

    def __iter__(self) -> Iterator[ElementTuple]:
        """Yield tuples as :func:`data_element_generator` does, those of group 0002 first.

        Raises
        ------
        UnsupportedSyntaxError
            If the file names no transfer syntax, or is deflated.
        """
        self.fobj.seek(0 if self.preamble is None else 132)
        syntax = b""
        # Group 0002 is always in Explicit VR Little Endian (PS3.10 7.1).
        for elem in data_element_generator(
            self.fobj, False, True, stop_when=lambda group, _: group != _TRANSFER_SYNTAX[0]
        ):
            if elem[0] == _TRANSFER_SYNTAX:
                syntax = (elem[3] or b"").rstrip(b"\0 ")
            yield elem
        if not syntax:
            raise UnsupportedSyntaxError(
                "the file meta information names no transfer syntax", clause="PS3.10 7.1"
            )
        if syntax == DeflatedExplicitVRLittleEndian:
            raise UnsupportedSyntaxError(
                "the data set is deflated and cannot be run through", hint="read it with dcmread"
            )
        yield from data_element_generator(
            self.fobj, syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
        )


def data_element_generator(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    stop_when: Callable[[int, int], bool] | None = None,
    defer_size: str | int | float | None = None,
) -> Iterator[ElementTuple]:
    """Yield the elements from a file's position on.

    Parameters
    ----------
    fp : file-like
        An open binary file, at the beginning of an element.
    is_implicit_VR, is_little_endian : bool
        The encoding of the data set.
    stop_when : callable, optional
        Called with the group and element number of each element; where it
        returns true, the file stays before the element and nothing more comes.
    defer_size : str, int or float, optional
        Values of more bytes are passed over.

    Yields
    ------
    tuple
        ``((group, element), VR, length, value, offset)``. The VR is None where
        it is not written down; length is 0xFFFFFFFF if undefined; the value is
        None if it was passed over, or if its items follow; offset is where it
        begins in the file. A value that the end of the file cuts is short.

    Raises
    ------
    TruncatedError
        If a value of undefined length has no end, or the length of one is cut.
    LimitError
        If sequences are nested too deeply, or such a value is too large.
    """
    order = "<" if is_little_endian else ">"
    tag_and_length, short_length = Struct(order + "HHL"), Struct(order + "6xH")
    long_length = Struct(order + "L")
    defer_above = size_in_bytes(defer_size)
    implicit = [is_implicit_VR]  # one for the data set and each sequence that is open

    while len(header := fp.read(8)) == 8:
        group, element, length = tag_and_length.unpack(header)
        vr: bytes | None = None
        if group != _DELIMITERS and not implicit[-1]:
            vr = header[4:6]
            (length,) = short_length.unpack(header)
            if vr in extra_length_VRs_b:
                more = fp.read(4)
                if len(more) < 4:
                    raise TruncatedError("the length of an element is cut", offset=fp.tell())
                header += more
                (length,) = long_length.unpack(more)
        if stop_when is not None and stop_when(group, element):
            fp.seek(fp.tell() - len(header))
            return

        offset = fp.tell()
        value: bytes | None = None
        if length != _UNDEFINED:
            if defer_above is not None and length > defer_above:
                fp.seek(offset + length)
            else:
                value = _read(fp, length)
            if (group, element) == (_DELIMITERS, 0xE0DD) and len(implicit) > 1:
                implicit.pop()
        elif vr in (None, b"SQ", b"UN"):
            if group != _DELIMITERS:
                # An unknown value of undefined length is in implicit VR (PS3.5 6.2.2, note 2).
                limits.check("max_depth", len(implicit), "nesting of sequences", offset=offset)
                implicit.append(vr != b"SQ")
                vr = vr or b"SQ"
        else:
            value = read_undefined_length_value(
                fp, is_little_endian, SequenceDelimiterTag, defer_above
            )
        yield (group, element), vr, length, value, offset


def _read(fp: BinaryIO, length: int) -> bytes:
    """Return up to `length` bytes, without believing that there are so many."""
    if length <= _PART:
        return fp.read(length)
    parts = []
    while length > 0 and (part := fp.read(min(length, _PART))):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
