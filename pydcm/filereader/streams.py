"""Reading data sets, sequences and elements from a stream, one call each.

The names are those that code for the compatible API imports. They stand on
the index that :func:`pydcm.dcmread` makes.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, MutableSequence
from typing import Any, BinaryIO, TypeAlias

from pydcm.charset import default_encoding
from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset import Dataset, FileDataset, FileMetaDataset
from pydcm.dataset.lazy import ItemOpener
from pydcm.diagnostics import ReadContext
from pydcm.elementindex import UNDEFINED, ElementIndex
from pydcm.errors import InvalidDicomError, StructureError, TruncatedError
from pydcm.filereader.part10 import coding_of_stream, dcmread, keep_only
from pydcm.filereader.window import index_data_set
from pydcm.itemindex import find_items
from pydcm.kernels import elements
from pydcm.kernels.dialect import u16x4_be, u16x4_le, u32_be, u32_le
from pydcm.misc import size_in_bytes
from pydcm.sequence import Sequence
from pydcm.source import MemorySource
from pydcm.tag import BaseTag, Tag
from pydcm.valuerep import EXPLICIT_VR_LENGTH_32

__all__ = [
    "data_element_generator",
    "data_element_offset_to_value",
    "read_dataset",
    "read_deferred_data_element",
    "read_file_meta_info",
    "read_partial",
    "read_preamble",
    "read_sequence",
    "read_sequence_item",
]

StopWhen: TypeAlias = Callable[[BaseTag, str | None, int], bool]
Encodings: TypeAlias = "str | MutableSequence[str]"

_ITEM = 0xFFFEE000
_SEQUENCE_DELIMITER = 0xFFFEE0DD


def _coding(implicit: bool, little: bool) -> int:
    return (elements.IMPLICIT_VR if implicit else 0) | (0 if little else elements.BIG_ENDIAN)


def _as_list(encoding: Encodings) -> list[str]:
    return [encoding] if isinstance(encoding, str) else list(encoding)


def _index(
    fp: BinaryIO, coding: int, length: int | None, *, mend: bool = False
) -> tuple[ElementIndex, int]:
    """Index what follows in a stream; return it with the position it began at.

    With `mend` the first element counts where it is not encoded as declared.
    """
    start = fp.tell()
    data = fp.read() if length is None or length == UNDEFINED else fp.read(length)
    in_item = elements.IN_ITEM if length == UNDEFINED else 0
    context = ReadContext()
    if mend:
        coding = coding_of_stream(coding, data, context)
    index = index_data_set(MemorySource(data), data, 0, coding | in_item, context, defer_above=None)
    index.coding = coding
    return index, start


def _data_set(index: ElementIndex, encoding: Encodings) -> Dataset:
    ds = Dataset()
    ds.__dict__.update(
        _index=index,
        _dict=index.rows(),
        _parent_encoding=_as_list(encoding),
        _read_implicit=index.is_implicit,
        _read_little=index.is_little,
    )
    return ds


def _cut(index: ElementIndex, stop_when: StopWhen | None) -> int:
    """Drop the rows from the first one that `stop_when` wants; return where that one begins."""
    if stop_when is not None:
        for row, tag in enumerate(index.tags):
            found = index.element(row)
            if stop_when(BaseTag(tag), found.vr, found.length):
                del index.tags[row:]
                del index.offsets[row + 1 :]
                break
    return index.offsets[-1]


def read_dataset(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    bytelength: int | None = None,
    stop_when: StopWhen | None = None,
    defer_size: str | float | None = None,
    parent_encoding: Encodings = default_encoding,
    specific_tags: list[BaseTag | int] | None = None,
    at_top_level: bool = True,
) -> Dataset:
    """Read a data set from a stream, without preamble and file meta information.

    Parameters
    ----------
    fp : file-like
        Read from its position; left after the data set.
    is_implicit_VR, is_little_endian : bool
        How it is encoded.
    bytelength : int, optional
        Its length; by default it ends with the stream, and with 0xFFFFFFFF at
        an item delimiter.
    stop_when : callable, optional
        Called with (tag, vr, length) of each element; True ends the data set
        before it.
    defer_size : optional
        Taken for compatibility.
    parent_encoding : str or list of str
        Python encodings of text where the data set declares none.
    specific_tags : list of tags, optional
        Keep only these.
    at_top_level : bool
        Whether the first element counts, with a warning, if it is not encoded
        as declared.

    Raises
    ------
    InvalidDicomError
        If it is not, and the reading validation mode is RAISE.
    """
    coding = _coding(is_implicit_VR, is_little_endian)
    index, start = _index(fp, coding, bytelength, mend=at_top_level)
    end = _cut(index, stop_when)
    if bytelength == UNDEFINED:
        end += 8
    fp.seek(start + min(end, index.source.size))
    ds = _data_set(index, parent_encoding)
    keep_only(ds, specific_tags)
    return ds


def data_element_generator(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    stop_when: StopWhen | None = None,
    defer_size: str | float | None = None,
    encoding: Encodings = default_encoding,
    specific_tags: list[BaseTag | int] | None = None,
) -> Iterator[RawDataElement | DataElement]:
    """Yield the elements of a data set in a stream, in their order.

    Sequences of undefined length come decoded, everything else raw, and without
    a value where it is longer than `defer_size`. A data set that stands in an
    item ends at its delimiter. The other parameters are those of
    :func:`read_dataset`. The stream is read when the first element is asked for,
    and left after each element that is yielded.
    """
    index, start = _index(fp, _coding(is_implicit_VR, is_little_endian), UNDEFINED)
    delimited = 8 if index.source.size >= index.offsets[-1] + 8 else 0
    whole = len(index.tags)
    end = _cut(index, stop_when)
    ds = _data_set(index, encoding)
    keep = {int(Tag(tag)) for tag in specific_tags or ()}
    defer_above = size_in_bytes(defer_size)
    for row, tag in enumerate(index.tags):
        if keep and tag not in keep and tag != 0x00080005:
            continue
        raw = ds._raw(tag, row)
        raw = raw._replace(value_tell=start + raw.value_tell)
        fp.seek(start + index.offsets[row + 1])
        if raw.length == UNDEFINED:
            elem = ds._decode(tag, row)
            if elem.VR == "SQ":
                yield elem
                continue
        if defer_above is not None and len(raw.value or b"") > defer_above:
            raw = raw._replace(value=None)
        yield raw
    fp.seek(start + end + (delimited if len(index.tags) == whole else 0))


def read_sequence(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    bytelength: int,
    encoding: Encodings,
    offset: int = 0,
) -> Sequence:
    """Read the items of a sequence from a stream.

    Parameters
    ----------
    fp : file-like
        At the first item; left after the sequence.
    is_implicit_VR, is_little_endian : bool
        How it is encoded.
    bytelength : int
        Its length; 0xFFFFFFFF if undefined.
    encoding : str or list of str
        Python encodings of its text.
    offset : int
        Added to positions.
    """
    start = fp.tell()
    coding = _coding(is_implicit_VR, is_little_endian)
    data = fp.read() if bytelength == UNDEFINED else fp.read(bytelength)
    end, consumed = len(data), len(data)
    if bytelength == UNDEFINED:
        from array import array

        from pydcm import limits

        end_at = elements.find_end(
            data, 0, len(data), coding, 1, limits.current().max_depth, array("q", (0, 0))
        )
        if end_at >= 0:
            end, consumed = end_at - 8, end_at
    index = ElementIndex(MemorySource(data), data, 0, _empty(), _empty(), coding, ReadContext())
    places = find_items(index, 0, 0, end, "SQ", 1)
    fp.seek(start + consumed)
    opener = ItemOpener(1, _as_list(encoding), None)
    return Sequence._lazy(list(places), opener, bytelength == UNDEFINED)


def _empty() -> Any:
    from array import array

    return array("q")


def read_sequence_item(
    fp: BinaryIO,
    is_implicit_VR: bool,
    is_little_endian: bool,
    encoding: Encodings,
    offset: int = 0,
) -> Dataset | None:
    """Read one item from a stream; None at the delimiter that ends the sequence.

    Raises
    ------
    TruncatedError
        If the stream ends.
    StructureError
        If there is neither an item nor a delimiter.
    """
    start = fp.tell()
    head = fp.read(8)
    if len(head) < 8:
        raise TruncatedError("no item tag before the end", offset=start + offset)
    group, element, _, _ = u16x4_le(head, 0) if is_little_endian else u16x4_be(head, 0)
    (length,) = u32_le(head, 4) if is_little_endian else u32_be(head, 4)
    tag = group << 16 | element
    if tag == _SEQUENCE_DELIMITER:
        return None
    if tag != _ITEM:
        raise StructureError(
            f"an item tag was expected, not {BaseTag(tag)}", offset=start + offset,
            clause="PS3.5 7.5",
        )  # fmt: skip
    ds = read_dataset(
        fp, is_implicit_VR, is_little_endian, length, parent_encoding=encoding, at_top_level=False
    )
    ds.is_undefined_length_sequence_item = length == UNDEFINED
    ds.seq_item_tell = start + offset
    return ds


def read_preamble(fp: BinaryIO, force: bool) -> bytes | None:
    """Read preamble and prefix; None, at the stream's very beginning, if they are missing.

    Raises
    ------
    InvalidDicomError
        If they are missing and `force` is False.
    """
    head = fp.read(132)
    if head[128:] == b"DICM":
        return head[:128]
    if not force:
        raise InvalidDicomError(
            "there is no 'DICM' after a preamble of 128 bytes", clause="PS3.10 7.1",
            hint="if it is a bare data set, read it with force=True",
        )  # fmt: skip
    fp.seek(0)
    return None


def read_file_meta_info(filename: str | bytes | os.PathLike[str]) -> FileMetaDataset:
    """Return the file meta information of a file, and read nothing else.

    Raises
    ------
    InvalidDicomError
        If it is not a DICOM file.
    """
    with open(filename, "rb") as stream:
        return dcmread(stream, stop_before_pixels=True).file_meta


def read_partial(
    fileobj: BinaryIO,
    stop_when: StopWhen | None = None,
    defer_size: str | float | None = None,
    force: bool = False,
    specific_tags: list[BaseTag | int] | None = None,
) -> FileDataset:
    """Read a file from a stream up to an element.

    Parameters
    ----------
    fileobj : file-like
        The file; left before the element that ended reading.
    stop_when : callable, optional
        Called with (tag, vr, length) of each element; True ends the data set
        before it.
    defer_size, force, specific_tags : optional
        As for :func:`pydcm.dcmread`.
    """
    start = fileobj.tell()
    ds = dcmread(fileobj, defer_size=defer_size, force=force)
    index = ds._index
    assert index is not None
    before = len(index.tags)
    end = _cut(index, stop_when)
    if len(index.tags) < before:
        ds.__dict__["_dict"] = index.rows()
        if "_deflated" not in ds.__dict__:
            fileobj.seek(start + end)
        ds.__dict__.pop("_deflated", None)
    keep_only(ds, specific_tags)
    return ds


def data_element_offset_to_value(is_implicit_VR: bool, VR: str | None) -> int:
    """Return how many bytes the header of an element has (PS3.5 7.1.2, 7.1.3)."""
    if is_implicit_VR or VR not in EXPLICIT_VR_LENGTH_32:
        return 8
    return 12


def read_deferred_data_element(
    fileobj_type: Any,
    filename_or_obj: str | os.PathLike[str] | BinaryIO | None,
    timestamp: float | None,
    raw_data_elem: RawDataElement,
) -> RawDataElement:
    """Return a raw element with the value that was left in its file.

    Raises
    ------
    OSError
        If the file is not known, or is gone.
    StructureError
        If another element is in that place by now.
    """
    if filename_or_obj is None:
        raise OSError("the file that the deferred value is in is not known")
    if not isinstance(filename_or_obj, (str, os.PathLike)):
        return _read_again(filename_or_obj, raw_data_elem)
    if not os.path.exists(filename_or_obj):
        raise OSError(f"the file {filename_or_obj} with the deferred value is gone")
    if timestamp is not None and os.stat(filename_or_obj).st_mtime != timestamp:
        warnings.warn(
            f"the file {filename_or_obj} was changed after it was read", UserWarning, stacklevel=2
        )
    with open(filename_or_obj, "rb") as stream:
        return _read_again(stream, raw_data_elem)


def _read_again(stream: BinaryIO, raw: RawDataElement) -> RawDataElement:
    """Read one element, and see that it is still the one that was deferred."""
    stream.seek(raw.value_tell - data_element_offset_to_value(raw.is_implicit_VR, raw.VR))
    elements_there = data_element_generator(stream, raw.is_implicit_VR, raw.is_little_endian)
    found = next(elements_there, None)
    if not isinstance(found, RawDataElement) or found.tag != raw.tag or found.VR != raw.VR:
        there = "nothing" if found is None else f"{found.tag} {found.VR}"
        raise StructureError(
            f"in the place of {raw.tag} {raw.VR}, whose value was deferred, there is {there} now",
            offset=raw.value_tell,
        )
    return raw._replace(value=found.value)
