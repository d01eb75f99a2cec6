"""Writing values, elements and data sets to a stream, one call each.

The names are those that code for the compatible API imports. They encode with
the functions that :func:`pydcm.dcmwrite` uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pydcm.ambiguous import AMBIGUOUS_VRS, resolve_vr
from pydcm.charset import default_encoding
from pydcm.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydcm.dataset import Dataset, FileMetaDataset, validate_file_meta
from pydcm.errors import WriteError
from pydcm.filewriter.encoding import (
    Coding,
    encode_data_set,
    encode_element,
    item_header,
    signed_entries,
)
from pydcm.filewriter.part10 import encode_file_meta
from pydcm.filewriter.values import NUMBER_FORMATS, encode_value
from pydcm.hooks import LUT_DESCRIPTORS
from pydcm.values import decode_value

if TYPE_CHECKING:
    from pydcm.sequence import Sequence

__all__ = [
    "correct_ambiguous_vr",
    "correct_ambiguous_vr_element",
    "write_ATvalue",
    "write_DA",
    "write_DT",
    "write_OBvalue",
    "write_OWvalue",
    "write_PN",
    "write_TM",
    "write_UI",
    "write_UN",
    "write_data_element",
    "write_dataset",
    "write_file_meta_info",
    "write_number_string",
    "write_numbers",
    "write_sequence",
    "write_sequence_item",
    "write_string",
    "write_text",
]


class Stream(Protocol):
    """A binary stream that knows its encoding, as :class:`pydcm.filebase.DicomIO` does."""

    is_implicit_VR: bool
    is_little_endian: bool

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""


def _coding(fp: Any) -> Coding:
    return Coding(bool(fp.is_implicit_VR), bool(fp.is_little_endian))


def _as_encodings(encodings: str | list[str] | None) -> list[str]:
    if not encodings:
        return [default_encoding]
    return [encodings] if isinstance(encodings, str) else list(encodings)


def _write(fp: Any, elem: DataElement, vr: str, encodings: list[str] | None = None) -> None:
    little = bool(getattr(fp, "is_little_endian", True))
    described = vr == "SS" and int(elem.tag) in LUT_DESCRIPTORS
    value = signed_entries(elem.value) if described else elem.value
    fp.write(encode_value(vr, value, little, _as_encodings(encodings)))


def write_numbers(fp: Stream, elem: DataElement, struct_format: str) -> None:
    """Write the numbers of an element in the struct format given, one letter.

    Raises
    ------
    WriteError
        If a number does not fit, or the format is that of no VR.
    """
    wanted = {"L": "I", "l": "i"}.get(struct_format, struct_format)
    for vr, form in NUMBER_FORMATS.items():
        if form == wanted:
            _write(fp, elem, vr)
            return
    raise WriteError(f"{struct_format!r} is the struct format of no VR")


def write_OBvalue(fp: Stream, elem: DataElement) -> None:
    """Write octets, padded to an even number."""
    _write(fp, elem, "OB")


def write_OWvalue(fp: Stream, elem: DataElement) -> None:
    """Write words; their bytes are taken to be in the order of the stream."""
    _write(fp, elem, "OW")


def write_UI(fp: Stream, elem: DataElement) -> None:
    """Write UIDs, padded with a null byte."""
    _write(fp, elem, "UI")


def write_PN(fp: Stream, elem: DataElement, encodings: list[str] | None = None) -> None:
    """Write person names."""
    _write(fp, elem, "PN", encodings)


def write_string(fp: Stream, elem: DataElement, padding: str = " ") -> None:
    """Write strings of the default repertoire."""
    _write(fp, elem, "UI" if padding == "\0" else "CS")


def write_text(fp: Stream, elem: DataElement, encodings: list[str] | None = None) -> None:
    """Write text in the encodings given."""
    _write(fp, elem, "LO", encodings)


def write_number_string(fp: Stream, elem: DataElement) -> None:
    """Write numbers as text (VR DS and IS)."""
    _write(fp, elem, elem.VR if elem.VR in ("DS", "IS") else "DS")


def write_DA(fp: Stream, elem: DataElement) -> None:
    """Write dates."""
    _write(fp, elem, "DA")


def write_DT(fp: Stream, elem: DataElement) -> None:
    """Write dates with times."""
    _write(fp, elem, "DT")


def write_TM(fp: Stream, elem: DataElement) -> None:
    """Write times."""
    _write(fp, elem, "TM")


def write_UN(fp: Stream, elem: DataElement) -> None:
    """Write octets of unknown meaning."""
    _write(fp, elem, "UN")


def write_ATvalue(fp: Stream, elem: DataElement) -> None:
    """Write tags."""
    _write(fp, elem, "AT")


def write_data_element(
    fp: Stream, elem: DataElement | RawDataElement, encodings: str | list[str] | None = None
) -> None:
    """Write one element, header and value.

    Raises
    ------
    WriteError
        If its value cannot be encoded.
    """
    known = _as_encodings(encodings)
    if isinstance(elem, RawDataElement):
        made = convert_raw_data_element(elem, encoding=known)
        made.is_undefined_length = elem.length == 0xFFFFFFFF
        elem = made
    encode_element(elem, _coding(fp), known).write_to(fp)


def write_dataset(
    fp: Stream, dataset: Dataset, parent_encoding: str | list[str] = default_encoding
) -> int:
    """Write the elements of a data set; return the number of bytes.

    A stream that was not told its encoding takes on that of the data set.

    Raises
    ------
    AttributeError
        If neither the stream nor the data set has an encoding.
    WriteError
        If a value cannot be encoded.
    """
    _settle_encoding(fp, dataset)
    out = encode_data_set(dataset, _coding(fp), _as_encodings(parent_encoding))
    out.write_to(fp)
    return out.size


def _settle_encoding(fp: Stream, dataset: Dataset) -> None:
    told = (getattr(fp, "is_implicit_VR", None), getattr(fp, "is_little_endian", None))
    if None not in told:
        return
    for implicit, little in (
        (dataset.is_implicit_VR, dataset.is_little_endian),
        dataset.original_encoding,
    ):
        if implicit is not None and little is not None:
            fp.is_implicit_VR, fp.is_little_endian = implicit, little
            return
    raise AttributeError(
        "the encoding to write in is unknown: set 'is_implicit_VR' and 'is_little_endian' of "
        "the stream"
    )


def write_sequence(fp: Stream, elem: DataElement, encodings: list[str]) -> None:
    """Write the items of a sequence, without its header."""
    items: Sequence = elem.value
    for item in items:
        write_sequence_item(fp, item, encodings)


def write_sequence_item(fp: Stream, dataset: Dataset, encodings: list[str]) -> None:
    """Write one item with its header, and its delimiter if its length is undefined."""
    coding = _coding(fp)
    content = encode_data_set(dataset, coding, _as_encodings(encodings), top=False)
    undefined = dataset.is_undefined_length_sequence_item
    fp.write(item_header(0xE000, 0xFFFFFFFF if undefined else content.size, coding))
    content.write_to(fp)
    if undefined:
        fp.write(item_header(0xE00D, 0, coding))


def write_file_meta_info(
    fp: Stream, file_meta: FileMetaDataset, enforce_standard: bool = True
) -> None:
    """Write file meta information (PS3.10 7.1).

    Parameters
    ----------
    fp : stream
        Where to.
    file_meta : FileMetaDataset
        The elements; the group length is set right if it is there.
    enforce_standard : bool
        Complete them, and fail where required ones are missing.
    """
    validate_file_meta(file_meta, enforce_standard)
    encode_file_meta(file_meta, complete=enforce_standard).write_to(fp)


def correct_ambiguous_vr_element(
    elem: DataElement | RawDataElement,
    ds: Dataset,
    is_little_endian: bool,
    ancestors: list[Dataset] | None = None,
) -> DataElement | RawDataElement:
    """Settle the VR of an element where the dictionary leaves it open.

    Parameters
    ----------
    elem : DataElement
        The element, changed in place.
    ds : Dataset
        The data set it is in.
    is_little_endian : bool
        Byte order of a value that is still bytes.
    ancestors : list of Dataset, optional
        The data sets around it, the outermost last.

    Raises
    ------
    AttributeError
        If an element that decides is missing.
    """
    if elem.VR not in AMBIGUOUS_VRS:
        return elem
    if isinstance(elem, RawDataElement):
        elem = convert_raw_data_element(elem, ds=ds)
    pixel_rep = None
    for each in (ds, *(ancestors or [])):
        pixel_rep = each._pixel_representation() if pixel_rep is None else pixel_rep
    vr = resolve_vr(elem, ds, pixel_rep)
    if vr in ("US or SS", "OB or OW", "US or OW"):
        raise AttributeError(
            f"VR {elem.VR!r} of {elem.tag} depends on an element that is missing: "
            "PixelRepresentation, BitsAllocated, LUTDescriptor or WaveformBitsAllocated"
        )
    if vr != elem.VR:
        value = elem.value
        elem.VR = vr
        if isinstance(value, bytes):
            value = decode_value(vr, value, is_little_endian, [])
        elem.value = value
    return elem


def correct_ambiguous_vr(
    ds: Dataset, is_little_endian: bool, ancestors: list[Dataset] | None = None
) -> Dataset:
    """Settle the VRs that the dictionary leaves open, at every depth; return `ds`."""
    around = [ds, *(ancestors or [])]
    for elem in ds:
        if elem.VR == "SQ":
            for item in elem.value:
                correct_ambiguous_vr(item, is_little_endian, around)
        elif elem.VR in AMBIGUOUS_VRS:
            correct_ambiguous_vr_element(elem, ds, is_little_endian, around[1:])
    return ds
