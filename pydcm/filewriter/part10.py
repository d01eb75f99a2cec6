"""Writing DICOM files (PS3.10 7)."""

from __future__ import annotations

import errno
import os
import warnings
import zlib
from copy import deepcopy
from typing import Any, BinaryIO

from pydcm.charset import default_encoding
from pydcm.dataset import Dataset, FileMetaDataset, validate_file_meta
from pydcm.dataset.unchanged import is_untouched
from pydcm.errors import WriteError
from pydcm.filewriter.encoding import Coding, encode_data_set
from pydcm.filewriter.output import Output
from pydcm.source import FileSource
from pydcm.uid import UID

__all__ = ["dcmwrite", "encode_file_meta"]

_EXPLICIT_LITTLE = Coding(implicit=False, little=True)
_IMPLICIT_LITTLE_UID = "1.2.840.10008.1.2"
_EXPLICIT_BIG_UID = "1.2.840.10008.1.2.2"


def dcmwrite(
    filename: str | os.PathLike[str] | BinaryIO,
    dataset: Dataset,
    /,
    __write_like_original: bool | None = None,
    *,
    implicit_vr: bool | None = None,
    little_endian: bool | None = None,
    enforce_file_format: bool = False,
    force_encoding: bool = False,
    overwrite: bool = True,
    **kwargs: Any,
) -> None:
    r"""Write a data set to a DICOM file.

    What was read and not changed is written as it was, byte for byte. A file
    appears under its name when it is complete: if anything fails, an existing
    one is untouched.

    Parameters
    ----------
    filename : str, PathLike or binary file-like
        Where to.
    dataset : Dataset
        What; preamble and ``file_meta`` are written if it has them.
    implicit_vr, little_endian : bool, optional
        The encoding where the Transfer Syntax UID of ``file_meta`` does not tell.
    enforce_file_format : bool
        Write a preamble and complete file meta information, as PS3.10 7.1
        demands, and fail where required elements cannot be completed.
    force_encoding : bool
        Use `implicit_vr` and `little_endian` in spite of the transfer syntax.
    overwrite : bool
        Replace an existing file.
    **kwargs : object
        ``write_like_original``, deprecated: the opposite of `enforce_file_format`.

    Raises
    ------
    ValueError
        If the encoding is not determined, or contradicts the transfer syntax.
    AttributeError
        If required elements are missing.
    WriteError
        If a value cannot be encoded.
    FileExistsError
        If the file exists and `overwrite` is False.

    Examples
    --------
    >>> from io import BytesIO
    >>> from pydcm import Dataset, dcmwrite
    >>> ds = Dataset()
    >>> ds.PatientID = "4711"
    >>> stream = BytesIO()
    >>> dcmwrite(stream, ds, implicit_vr=True)
    >>> stream.getvalue()
    b'\x10\x00 \x00\x04\x00\x00\x004711'
    """
    if __write_like_original is None:
        __write_like_original = kwargs.pop("write_like_original", None)
    if __write_like_original is not None:
        warnings.warn(
            "'write_like_original' is deprecated, use 'enforce_file_format'",
            DeprecationWarning,
            stacklevel=2,
        )
        enforce_file_format = not __write_like_original
    if kwargs:
        raise TypeError(f"dcmwrite() does not take {', '.join(sorted(kwargs))}")
    out = _encode_file(dataset, implicit_vr, little_endian, enforce_file_format, force_encoding)
    if isinstance(filename, (str, os.PathLike)):
        _write_file(os.fspath(filename), out, dataset, overwrite)
    elif hasattr(filename, "write"):
        out.write_to(filename)
    else:
        raise TypeError(
            f"a path or a writable binary file-like is needed to write to, not "
            f"{type(filename).__name__!r}"
        )


# ---- the content of a file ------------------------------------------------


def _encode_file(
    ds: Dataset,
    implicit_vr: bool | None,
    little_endian: bool | None,
    enforce: bool,
    force: bool,
) -> Output:
    _refuse_groups(ds)
    meta = _file_meta_of(ds)
    uid = _syntax(meta)
    implicit, little = _encoding(ds, uid, implicit_vr, little_endian, force)
    if enforce or not is_untouched(meta):
        meta = deepcopy(meta)  # what is completed here is for the file alone
    if enforce:
        _complete(ds, meta, implicit, little, uid)
        uid = _syntax(meta)
    out = Output()
    preamble: bytes | None = getattr(ds, "preamble", None)
    if preamble and len(preamble) != 128:
        raise WriteError("the preamble of a DICOM file has 128 bytes (PS3.10 7.1)")
    if preamble or enforce:
        out.add((preamble or bytes(128)) + b"DICM")
    if meta:
        out.extend(encode_file_meta(meta, complete=enforce))
    # What a private transfer syntax does with pixels is not known.
    standard = uid is not None and uid.is_transfer_syntax and not uid.is_private
    encapsulated = bool(standard and uid and uid.is_compressed)
    out.extend(_body(ds, Coding(implicit, little, encapsulated), uid))
    return out


def _refuse_groups(ds: Dataset) -> None:
    groups = {tag >> 16 for tag in ds._dict if tag < 0x00030000}
    if 0 in groups:
        raise WriteError(
            "elements of a command set (group 0000) do not go into a file; write them with "
            "write_dataset()"
        )
    if 2 in groups:
        raise WriteError(
            "elements of file meta information (group 0002) belong into 'Dataset.file_meta'"
        )


def _file_meta_of(ds: Dataset) -> FileMetaDataset:
    meta = getattr(ds, "file_meta", None)
    if meta is None:
        return FileMetaDataset()
    FileMetaDataset.validate(meta)
    return meta  # type: ignore[no-any-return]  # checked when it was set


def _syntax(meta: FileMetaDataset) -> UID | None:
    value = meta.get("TransferSyntaxUID")
    if value and not isinstance(value, str):
        raise WriteError("file_meta.TransferSyntaxUID must be one UID", tag_path="(0002,0010)")
    return UID(value) if value else None


def _encoding(
    ds: Dataset,
    uid: UID | None,
    implicit_vr: bool | None,
    little_endian: bool | None,
    force: bool,
) -> tuple[bool, bool]:
    """Return ``(implicit, little)``: by the transfer syntax, the arguments, or as it was read."""
    if force and (implicit_vr is None or little_endian is None):
        raise WriteError("'force_encoding' needs 'implicit_vr' and 'little_endian'")
    told = (implicit_vr, little_endian)
    if implicit_vr is not None and little_endian is None:
        told = (implicit_vr, True)
    if force or uid is None:
        found = told
        if None in found:
            found = (ds.is_implicit_VR, ds.is_little_endian)
        if None in found:
            found = ds.original_encoding
        if None in found:
            raise WriteError(
                "the encoding to write in is unknown: set file_meta.TransferSyntaxUID, or give "
                "'implicit_vr' and 'little_endian'"
            )
    elif uid.is_private and not uid.is_transfer_syntax:
        found = told
        if None in found:
            found = ds.original_encoding
        if None in found:
            raise WriteError("a private transfer syntax needs 'implicit_vr' and 'little_endian'")
    else:
        found = _by_syntax(uid, implicit_vr, little_endian)
    implicit, little = bool(found[0]), bool(found[1])
    if implicit and not little:
        raise WriteError("there is no Implicit VR in big endian (PS3.5 10)")
    return implicit, little


def _by_syntax(uid: UID, implicit_vr: bool | None, little_endian: bool | None) -> tuple[bool, bool]:
    if not uid.is_transfer_syntax:
        raise WriteError(f"the Transfer Syntax UID {uid.name!r} is no transfer syntax")
    implicit, little = uid.is_implicit_VR, uid.is_little_endian
    if implicit_vr is not None and implicit_vr != implicit:
        raise WriteError(f"'implicit_vr' contradicts the transfer syntax {uid.name!r}")
    if little_endian is not None and little_endian != little:
        raise WriteError(f"'little_endian' contradicts the transfer syntax {uid.name!r}")
    return implicit, little


def _complete(
    ds: Dataset, meta: FileMetaDataset, implicit: bool, little: bool, uid: UID | None
) -> None:
    """Fill in what the data set can tell."""
    if uid is None:
        if implicit:
            meta.TransferSyntaxUID = UID(_IMPLICIT_LITTLE_UID)
        elif not little:
            meta.TransferSyntaxUID = UID(_EXPLICIT_BIG_UID)
    if ds.get("SOPClassUID"):
        meta.MediaStorageSOPClassUID = ds.SOPClassUID
    if ds.get("SOPInstanceUID"):
        meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    validate_file_meta(meta, enforce_standard=True)


def encode_file_meta(meta: FileMetaDataset, *, complete: bool) -> Output:
    """Return the bytes of file meta information (PS3.10 7.1).

    Parameters
    ----------
    meta : FileMetaDataset
        The elements.
    complete : bool
        Add the group length if it is missing.
    """
    if not complete and is_untouched(meta):
        return encode_data_set(meta, _EXPLICIT_LITTLE, [default_encoding])
    if not complete and "FileMetaInformationGroupLength" not in meta:
        return encode_data_set(meta, _EXPLICIT_LITTLE, [default_encoding])
    meta.FileMetaInformationGroupLength = 0
    length = encode_data_set(meta, _EXPLICIT_LITTLE, [default_encoding]).size - 12
    meta.FileMetaInformationGroupLength = length
    return encode_data_set(meta, _EXPLICIT_LITTLE, [default_encoding])


def _body(ds: Dataset, coding: Coding, uid: UID | None) -> Output:
    if uid is None or not uid.is_transfer_syntax or not uid.is_deflated:
        return encode_data_set(ds, coding, [default_encoding])
    out = Output()
    deflated: bytes = ds.__dict__.get("_deflated", b"")
    if deflated and is_untouched(ds):
        out.add(deflated)
        return out
    # PS3.5 A.5: a bare deflate stream, padded to an even length.
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    plain = encode_data_set(ds, coding, [default_encoding])
    for chunk in plain.chunks():
        out.add(deflater.compress(chunk))
    out.add(deflater.flush())
    if out.size & 1:
        out.add(b"\0")
    return out


# ---- the file -------------------------------------------------------------


def _write_file(path: str | bytes, out: Output, ds: Dataset, overwrite: bool) -> None:
    """Write beside the file and rename, so that its name always means a whole file."""
    target = os.path.realpath(os.fsdecode(path))
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(17, "the file exists and overwrite=False", os.fsdecode(path))
    if os.path.isfile(target) and not os.access(target, os.W_OK):
        # The folder alone would allow it.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb") as stream:  # a device or a pipe has no content to lose
            out.write_to(stream)
        return
    temporary, descriptor = _beside(target)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            out.write_to(stream)
        if os.path.exists(target):
            os.chmod(temporary, os.stat(target).st_mode & 0o7777)
        _pin(out, ds, target)
        if overwrite:
            os.replace(temporary, target)
        else:
            _place_new(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _beside(target: str) -> tuple[str, int]:
    """Create a file in the folder of `target`; return its name and descriptor."""
    folder, name = os.path.split(target)
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    while True:
        path = os.path.join(folder, f".{name[:64]}.{os.urandom(6).hex()}.part")
        try:
            return path, os.open(path, flags, 0o666)
        except FileExistsError:
            continue


def _place_new(temporary: str, target: str) -> None:
    """Rename without ever replacing a file that somebody made in the meantime."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.exists(target):
            raise FileExistsError(17, "the file exists and overwrite=False", target) from None
        os.rename(temporary, target)
        return
    os.unlink(temporary)


def _pin(out: Output, ds: Dataset, target: str) -> None:
    """Keep hold of the old file if the data set still has values in it."""
    sources = set(out.files())
    if ds._index is not None and isinstance(ds._index.source, FileSource):
        sources.add(ds._index.source)
    for source in sources:
        if os.path.realpath(source.path) == target:
            source.pin()
