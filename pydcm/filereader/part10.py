"""Reading DICOM files (PS3.10 7)."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from pydcm import config, limits
from pydcm.dataelem import RawDataElement
from pydcm.dataset import Dataset, FileDataset, FileMetaDataset
from pydcm.dataset.file import stream_name
from pydcm.diagnostics import ReadContext
from pydcm.elementindex import ANY_TAG, ElementIndex
from pydcm.errors import InvalidDicomError, LimitError, ReadError, StructureError
from pydcm.filereader.window import DEFER_ABOVE, FIRST_READ, index_data_set
from pydcm.kernels import elements, headers
from pydcm.kernels.dialect import u16x4_be, u16x4_le, u32_le, vr_form
from pydcm.source import ByteSource, FileSource, MemorySource
from pydcm.tag import BaseTag, Tag

if TYPE_CHECKING:
    from pydcm.filebase import DicomBytesIO

__all__ = ["Opened", "dcmread", "open_source", "read_file", "read_opened"]

_PREAMBLE = 128
_PREFIX = b"DICM"
_PIXELS = 0x7FE00008
"""The first of Float, Double Float and plain Pixel Data."""
_CHARACTER_SET = 0x00080005
_GROUP_2 = 0x00020000
_GROUP_LENGTH_BYTES = 12
"""An element of VR UL with one value (PS3.5 7.1.2)."""

_IMPLICIT_LITTLE = "1.2.840.10008.1.2"
_EXPLICIT_BIG = "1.2.840.10008.1.2.2"
_DEFLATED = frozenset({
    "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205",
})  # fmt: skip


class Opened(NamedTuple):
    """A file, before anything in it was looked at.

    Attributes
    ----------
    source : ByteSource
        All of it.
    window : bytes
        Its beginning, or all of it.
    filename : str, PathLike or None
        Where it is.
    buffer : file-like or None
        The stream that it came from.
    """

    source: ByteSource
    window: bytes
    filename: str | os.PathLike[str] | None
    buffer: BinaryIO | None


def dcmread(
    fp: str | bytes | os.PathLike[str] | BinaryIO,
    defer_size: str | float | None = None,
    stop_before_pixels: bool = False,
    force: bool = False,
    specific_tags: Iterable[int | str | tuple[int, int]] | None = None,
    *,
    charset_override: str = "",
    strict: bool = False,
    **_ignored: object,
) -> FileDataset:
    """Read a DICOM file.

    Elements are found now and decoded when they are asked for. Pixel data of
    a file given by its path stay in the file until then.

    Parameters
    ----------
    fp : str, PathLike, bytes or binary file-like
        A path, the content of a file, or a stream, which is read from its
        current position and may be closed afterwards. If there is no file at
        that position, `force` reads a bare data set from the very beginning.
    defer_size : int, float or str, optional
        Values of more bytes stay in the file; by default 64 KiB. A text has a
        unit: ``"2 MB"``.
    stop_before_pixels : bool
        Leave out Pixel Data and what comes after.
    force : bool
        Read a bare data set, without the preamble and ``DICM`` of PS3.10 7.1.
    specific_tags : list of tags, optional
        Keep only these elements at the top level, and Specific Character Set;
        an empty list keeps all.
    charset_override : str
        Character set that replaces (0008,0005), at every depth.
    strict : bool
        Check the structure at every depth and raise the first defect, instead
        of mending it and recording it in ``ds.diagnostics``.

    Returns
    -------
    FileDataset
        The data set with its ``file_meta``.

    Raises
    ------
    InvalidDicomError
        If it is not a DICOM file and `force` is not given.
    ReadError
        If it cannot be read.
    FileNotFoundError
        If there is no such file.
    LimitError
        If it is larger than :mod:`pydcm.limits` allow.

    Examples
    --------
    >>> from io import BytesIO
    >>> from pydcm import Dataset, dcmread, dcmwrite
    >>> ds = Dataset()
    >>> ds.PatientID = "4711"
    >>> stream = BytesIO()
    >>> dcmwrite(stream, ds, implicit_vr=False, little_endian=True)
    >>> dcmread(stream.getvalue(), force=True).PatientID
    '4711'
    """
    opened = open_source(fp, whole=not stop_before_pixels, force=force)
    return read_opened(
        opened,
        defer_size,
        stop_before_pixels,
        force,
        specific_tags,
        charset_override=charset_override,
        strict=strict,
    )


def read_opened(
    opened: Opened,
    defer_size: str | float | None = None,
    stop_before_pixels: bool = False,
    force: bool = False,
    specific_tags: Iterable[int | str | tuple[int, int]] | None = None,
    *,
    charset_override: str = "",
    strict: bool = False,
) -> FileDataset:
    """Read what :func:`open_source` opened; see :func:`dcmread`."""
    source, window, filename, buffer = opened
    context = ReadContext(source.path, strict, charset_override)
    defer_above: int | None = DEFER_ABOVE
    if defer_size is not None:
        from pydcm.misc import size_in_bytes

        defer_above = int(size_in_bytes(defer_size) or 0)
    if not isinstance(source, FileSource):
        defer_above = None
    try:
        ds = read_file(
            source,
            window,
            context,
            force=force,
            until=_PIXELS if stop_before_pixels else ANY_TAG,
            defer_above=defer_above,
        )
        keep_only(ds, specific_tags)
        if strict:
            _open_everything(ds)
    except ReadError as error:
        error.path = error.path or source.path
        raise
    state = ds.__dict__
    state["filename"] = filename
    state["buffer"] = buffer if "_deflated" not in state else _inflated_stream(ds)
    state["timestamp"] = source.modified if isinstance(source, FileSource) else _modified(filename)
    if isinstance(source, _StreamSource):
        source.leave(ds)
    return ds


def _inflated_stream(ds: FileDataset) -> DicomBytesIO:
    """Return the stream in which the positions of a deflated data set count."""
    from pydcm.filebase import DicomBytesIO

    assert ds._index is not None
    return DicomBytesIO(ds._index.window)


def open_source(fp: Any, *, whole: bool = True, force: bool = False) -> Opened:
    """Return a source for what :func:`dcmread` takes, and the first bytes of it.

    Raises
    ------
    TypeError
        If `fp` is nothing that can be read.
    """
    if isinstance(fp, (str, os.PathLike)):
        path = os.fspath(fp)
        name = path if type(path) is str else os.fsdecode(path)
        source, head = FileSource.begun(name, FIRST_READ)
        if not source.size:  # a pipe, whose size nobody knows before its end
            data = source.read_once()
            return Opened(MemorySource(data, name), data, path, None)
        return Opened(source, head, path, None)
    if isinstance(fp, (bytes, bytearray, memoryview)):
        content = bytes(fp)
        return Opened(MemorySource(content), content, None, None)
    if not hasattr(fp, "read"):
        raise TypeError(
            "a path, bytes or a readable binary file-like is needed to read from, not "
            f"{type(fp).__name__!r}"
        )
    filename = stream_name(fp)
    buffer = None if filename and isinstance(fp, io.BufferedReader) else fp
    start = fp.tell() if force and _is_seekable(fp) else 0
    stream: ByteSource
    if not whole and _is_seekable(fp):
        stream = _StreamSource(fp, filename)
        data = stream.read(0, min(stream.size, FIRST_READ))
    else:
        data = fp.read()
        if not isinstance(data, bytes):
            raise TypeError("the file-like to read from must be binary, not text")
        stream = MemorySource(data, filename)
    if start and data[_PREAMBLE : _PREAMBLE + 4] != _PREFIX:
        # Programs write a bare data set into a stream and read it without rewinding.
        fp.seek(0)
        return open_source(fp, whole=whole)
    return Opened(stream, data, filename, buffer)


def _is_seekable(fp: Any) -> bool:
    """Whether a stream can be read in parts; wrappers such as DicomIO do not say."""
    if hasattr(fp, "seekable"):
        return bool(fp.seekable())
    return hasattr(fp, "seek") and hasattr(fp, "tell")


def _modified(filename: str | os.PathLike[str] | None) -> float | None:
    """Return when the file that a stream names was changed last."""
    try:
        return None if filename is None else os.stat(filename).st_mtime
    except OSError:
        return None


class _StreamSource:
    """A seekable stream while it is being read, without reading what is not needed."""

    def __init__(self, stream: BinaryIO, path: str | None) -> None:
        self.path = path
        self._stream = stream
        self._start = stream.tell()
        stream.seek(0, os.SEEK_END)
        self.size = stream.tell() - self._start

    def read(self, offset: int, count: int) -> bytes:
        """Return exactly `count` bytes from `offset`."""
        self._stream.seek(self._start + offset)
        data = self._stream.read(count)
        if not isinstance(data, bytes):
            raise TypeError("the file-like to read from must be binary, not text")
        return MemorySource(data, self.path).read(0, count)

    def leave(self, ds: FileDataset) -> None:
        """Put the stream where reading stopped, and keep only what was read."""
        for part in (ds.file_meta, ds):
            index = part._index
            if index is not None and index.source is self:
                index.source = MemorySource(index.window, self.path)
                self._stream.seek(self._start + index.offsets[-1])


def read_file(
    source: ByteSource,
    window: bytes,
    context: ReadContext,
    *,
    force: bool = False,
    until: int = ANY_TAG,
    defer_above: int | None = None,
) -> FileDataset:
    """Read preamble, file meta information and data set; see :func:`dcmread`.

    Parameters
    ----------
    source : ByteSource
        The file.
    window : bytes
        Its beginning, as far as it was read already.
    context : ReadContext
        Where defects are recorded.
    force : bool
        Do without preamble and prefix.
    until : int
        The first element with this tag or a larger one ends the data set.
    defer_above : int or None
        Values of more bytes stay in the source.
    """
    preamble, start = _preamble(window, force)
    command, start = _command_set(window, start)
    meta, start, window = _file_meta(source, window, start, context)
    uid = _transfer_syntax(meta)
    deflated = b""
    if uid in _DEFLATED:
        deflated = source.read(start, source.size - start)
        window = _inflated(deflated, start, context)
        source, start = MemorySource(window, source.path), 0
        defer_above = None
    coding = _coding(uid, window, start, context)
    index = index_data_set(
        source, window, start, coding, context, until=until, defer_above=defer_above
    )
    ds = FileDataset.__new__(FileDataset)
    implicit, little = index.is_implicit, index.is_little
    ds.__dict__.update(
        _index=index,
        _dict=index.rows(),
        _read_implicit=implicit,
        _read_little=little,
        preamble=preamble,
        file_meta=meta,
    )
    if deflated:
        ds.__dict__["_deflated"] = deflated
    if command:
        ds.__dict__["_dict"].update(command)
    return ds


def _preamble(window: bytes, force: bool) -> tuple[bytes | None, int]:
    """Return the preamble, and where file meta information begins."""
    if window[_PREAMBLE : _PREAMBLE + 4] == _PREFIX:
        return window[:_PREAMBLE], _PREAMBLE + 4
    if not force:
        raise InvalidDicomError(
            "there is no 'DICM' after a preamble of 128 bytes",
            clause="PS3.10 7.1",
            hint="if it is a bare data set, read it with force=True",
        )
    return None, 0


def _file_meta(
    source: ByteSource, window: bytes, start: int, context: ReadContext
) -> tuple[FileMetaDataset, int, bytes]:
    """Read group 0002, and return where the data set begins (PS3.10 7.1)."""
    meta = FileMetaDataset.__new__(FileMetaDataset)
    state = meta.__dict__
    state.update(_read_implicit=False, _read_little=True, _dict={})
    if window[start : start + 2] != b"\x02\x00":
        return meta, start, window
    vr = window[start + 4 : start + 6]
    if vr != b"UL" and not (vr.isalpha() and vr.isupper()):
        _warn_implicit_group_2(start, context)
    index = index_data_set(source, window, start, 0, context, until=0x00030000, defer_above=None)
    _end_group_2(index)
    state.update(_index=index, _dict=index.rows())
    end = index.offsets[-1]
    if index.tags and index.tags[0] == _GROUP_2:
        _check_group_length(index, start, end)
    return meta, end, index.window if len(index.window) > len(window) else window


def _warn_implicit_group_2(start: int, context: ReadContext) -> None:
    """Tell that group 0002 is not in Explicit VR, as PS3.10 7.1 demands."""
    import warnings

    message = "the file meta information is in Implicit VR"
    if config.reading_mode() == config.RAISE:
        raise InvalidDicomError(message, offset=start, clause="PS3.10 7.1")
    context.report("implicit-file-meta", message, "", start, "it is read as it is")
    warnings.warn(message, UserWarning, stacklevel=6)


def _check_group_length(index: ElementIndex, start: int, end: int) -> None:
    """Compare the group length with where group 0002 ends by its elements."""
    after = index.offsets[1]
    if after - start != _GROUP_LENGTH_BYTES or after > len(index.window):
        return
    (group_length,) = u32_le(index.window, after - 4)
    if after + group_length != end:
        index.report(
            "wrong-group-length",
            f"group length {group_length}, where {end - after} bytes follow",
            offset=start,
            action="the elements themselves tell where the group ends",
            row=0,
        )


def _transfer_syntax(meta: FileMetaDataset) -> str:
    """Return the Transfer Syntax UID without making an element of it."""
    row = meta._dict.get(0x00020010)
    index = meta._index
    if index is None or not isinstance(row, int):
        return ""
    plain = index.plain_value(row)
    if plain is not None:
        return plain[1].strip(b" \0").decode("latin-1")
    found = index.element(row)
    return index.read(found.begin, found.end).strip(b" \0").decode("latin-1")


def _end_group_2(index: ElementIndex) -> None:
    """Drop what follows group 0002, where a data set begins with a smaller group."""
    if min(index.tags, default=_GROUP_2) >= _GROUP_2:
        return
    for row, tag in enumerate(index.tags):
        if tag < _GROUP_2:
            del index.tags[row:]
            del index.offsets[row + 1 :]
            return


def _command_set(window: bytes, start: int) -> tuple[dict[int, RawDataElement], int]:
    """Return what stands of a command set, in Implicit VR, before the file (PS3.7 6.3)."""
    found: dict[int, RawDataElement] = {}
    if window[start : start + 2] != b"\x00\x00":
        return found, start
    index = index_data_set(
        MemorySource(window), window, start, elements.IMPLICIT_VR, ReadContext(),
        until=0x00010000, defer_above=None,
    )  # fmt: skip
    for row, tag in enumerate(index.tags):
        _, _, _, begin, end = index.element(row)
        found[tag] = RawDataElement(
            BaseTag(tag), None, end - begin, index.read(begin, end), begin, True, True
        )
    return found, index.offsets[-1]


def _inflated(data: bytes, offset: int, context: ReadContext) -> bytes:
    """Inflate a data set (PS3.5 A.5), within the limits."""
    allowed = limits.current()
    room = min(
        allowed.max_inflated_bytes,
        max(allowed.expansion_floor_bytes, allowed.max_expansion_ratio * len(data)),
    )
    # PS3.5 A.5 asks for a bare deflate stream; writers exist that add a zlib header.
    problem = ""
    for window_bits in (-zlib.MAX_WBITS, zlib.MAX_WBITS):
        inflater = zlib.decompressobj(window_bits)
        try:
            found = inflater.decompress(data, room)
        except zlib.error as error:
            problem = str(error)
            continue
        if inflater.unconsumed_tail and not inflater.eof:
            raise LimitError(
                f"the deflated data set inflates to more than {room} bytes",
                offset=offset,
                hint="raise pydcm.limits max_inflated_bytes if the file is trusted",
            )
        if data and not inflater.eof:
            context.report(
                "truncated-deflate", "the deflate stream ends too early", "", offset,
                "what can be inflated is read",
            )  # fmt: skip
        return found
    raise StructureError(
        f"the deflated data set cannot be inflated: {problem}", offset=offset, clause="PS3.5 A.5"
    )


def _coding(uid: str, window: bytes, start: int, context: ReadContext) -> int:
    """Return how the data set is encoded: as declared, unless its first element says otherwise."""
    declared = (
        elements.IMPLICIT_VR
        if uid == _IMPLICIT_LITTLE
        else elements.BIG_ENDIAN
        if uid == _EXPLICIT_BIG
        else 0
    )
    found = _found_coding(declared, bool(uid), window, start)
    if uid and found != declared:
        _warn_coding(declared, found, start, context)
    return found


def _found_coding(declared: int, known: bool, window: bytes, start: int) -> int:
    """Return what the first element says; what is declared, if that is `known`, counts in doubt."""
    if start + 8 > len(window):
        return declared if known else elements.IMPLICIT_VR
    group, _, vr, _ = u16x4_le(window, start)
    if vr_form(vr):
        return _byte_order(window, start, group, declared & elements.BIG_ENDIAN)
    letters = all(0x41 <= octet <= 0x5A for octet in window[start + 4 : start + 6])
    if declared == elements.BIG_ENDIAN or (letters and known and not declared):
        return declared
    return elements.IMPLICIT_VR


def coding_of_stream(declared: int, data: bytes, context: ReadContext) -> int:
    """Return how a data set is encoded that comes without file meta information.

    Parameters
    ----------
    declared : int
        ``elements.IMPLICIT_VR | elements.BIG_ENDIAN`` as the caller says.
    data : bytes
        The data set.
    context : ReadContext
        Where it is recorded that the first element says otherwise.

    Raises
    ------
    InvalidDicomError
        If it says otherwise and the reading validation mode is RAISE.
    """
    found = _found_coding(declared, True, data, 0)
    if found != declared:
        _warn_coding(declared, found, 0, context, "the caller", stacklevel=5)
    return found


def _byte_order(window: bytes, start: int, group: int, declared: int) -> int:
    """Return the byte order of an explicit data set, by its first element.

    Data sets begin with a small group. One that does not is in the order in which
    its first element is shorter, so that a lone overlay is not taken for big endian.
    """
    swapped = u16x4_be(window, start)[0]
    likely = elements.BIG_ENDIAN if swapped < 0x0400 <= group else 0
    if likely == declared or (group < 0x0400) == (swapped < 0x0400):
        return declared
    lengths = [headers.header(window, start, len(window), order)[2] for order in (declared, likely)]
    return likely if lengths[1] < lengths[0] else declared


def _warn_coding(
    declared: int,
    found: int,
    start: int,
    context: ReadContext,
    who: str = "the transfer syntax",
    stacklevel: int = 6,
) -> None:
    import warnings

    def name(coding: int) -> str:
        vr = "implicit" if coding & elements.IMPLICIT_VR else "explicit"
        order = "big" if coding & elements.BIG_ENDIAN else "little"
        return f"{vr} VR {order} endian"

    message = f"{who} says {name(declared)}, the data set is {name(found)}"
    if config.reading_mode() == config.RAISE:
        raise InvalidDicomError(message, offset=start)
    context.report("wrong-transfer-syntax", message, "", start, "it is read as it is")
    warnings.warn(message, UserWarning, stacklevel=stacklevel)


def keep_only(ds: Dataset, wanted: Iterable[int | str | tuple[int, int]] | None) -> None:
    """Keep the elements with these tags, and Specific Character Set; all if none are given."""
    keep = {int(Tag(tag)) for tag in wanted or ()}
    if keep:
        keep.add(_CHARACTER_SET)
        ds.__dict__["_dict"] = {tag: row for tag, row in ds._dict.items() if tag in keep}


def _open_everything(ds: Dataset) -> None:
    """Visit the structure at every depth, so that a strict context raises what is wrong."""
    for tag, entry in list(ds._dict.items()):
        index = ds._index
        if type(entry) is not int or index is None:
            continue
        found = index.element(entry)
        if found.vr not in ("SQ", "UN", None):
            continue
        elem = ds._element(tag, entry)
        if elem.VR == "SQ":
            for item in elem.value:
                _open_everything(item)
