"""Data sets that come from, or go to, a file (PS3.10 7)."""

from __future__ import annotations

import os
import warnings
from io import BufferedReader
from typing import Any, BinaryIO

from pydcm.dataelem import DataElement, RawDataElement
from pydcm.dataset.data import Dataset
from pydcm.dataset.mapping import as_mapping
from pydcm.tag import BaseTag, Tag, TagType
from pydcm.uid import PYDCM_IMPLEMENTATION_UID, UID

__all__ = ["FileDataset", "FileMetaDataset", "validate_file_meta"]

_GROUP = 2


class FileDataset(Dataset):
    """A data set with what surrounds it in a file.

    Parameters
    ----------
    filename_or_obj : str, PathLike or file-like
        Where it comes from.
    dataset : Dataset or mapping
        Its elements.
    preamble : bytes, optional
        The 128 bytes before ``DICM``.
    file_meta : FileMetaDataset, optional
        File meta information.
    is_implicit_VR, is_little_endian : bool
        How it is encoded.

    Attributes
    ----------
    filename : str or None
        The file's path.
    preamble : bytes or None
    file_meta : FileMetaDataset
    timestamp : float or None
        When the file was changed last, as it was read.
    """

    preamble: bytes | None
    filename: Any
    buffer: Any
    timestamp: float | None

    def __init__(
        self,
        filename_or_obj: str | bytes | os.PathLike[str] | BinaryIO,
        dataset: Dataset | dict[BaseTag, Any],
        preamble: bytes | None = None,
        file_meta: FileMetaDataset | None = None,
        is_implicit_VR: bool = True,
        is_little_endian: bool = True,
    ) -> None:
        super().__init__(dataset)
        if isinstance(dataset, Dataset):
            self.set_original_encoding(
                is_implicit_VR, is_little_endian, dataset.original_character_set
            )
        else:
            self.set_original_encoding(is_implicit_VR, is_little_endian)
        self._is_implicit_VR = is_implicit_VR
        self._is_little_endian = is_little_endian
        self.preamble = preamble
        self.file_meta = file_meta if file_meta is not None else FileMetaDataset()
        self.filename, self.buffer, self.timestamp = _origin(filename_or_obj)

    def _copied(self, name: str, value: Any, memo: dict[int, Any]) -> Any:
        if name != "buffer" or not hasattr(value, "read"):
            return super()._copied(name, value, memo)
        try:
            return super()._copied(name, value, memo)
        except Exception as error:  # what a stream raises is its own affair
            warnings.warn(
                f"the stream that the data set was read from cannot be copied ({error}); "
                "'buffer' of the copy is None",
                UserWarning,
                stacklevel=4,
            )
            return None

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if hasattr(state.get("buffer"), "read"):
            state["buffer"] = None
        return state

    @property
    def fileobj_type(self) -> Any:
        """What opens the file again, for code that does so by hand: ``open`` or a stream's type."""
        buffer = self.__dict__.get("buffer")
        return open if buffer is None else type(buffer)


def _origin(filename_or_obj: Any) -> tuple[Any, Any, float | None]:
    """Return path, stream and time of change of what a data set comes from."""
    if isinstance(filename_or_obj, (str, os.PathLike)):
        path: Any = os.fspath(filename_or_obj)
        return path, None, _changed(path)
    path = stream_name(filename_or_obj)
    # A file opened for reading can be opened again; any other stream is all there is.
    can_reopen = path is not None and isinstance(filename_or_obj, BufferedReader)
    return path, None if can_reopen else filename_or_obj, _changed(path)


def stream_name(stream: Any) -> str | None:
    """Return the path that a stream, or what contains one, tells as its name."""
    for attribute in ("name", "filename"):
        name = getattr(stream, attribute, None)
        if isinstance(name, str):
            return name
    return None


def _changed(path: str | bytes | None) -> float | None:
    if not path:
        return None
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


class FileMetaDataset(Dataset):
    """File meta information: the elements of group 0002 (PS3.10 7.1).

    Parameters
    ----------
    *args : Dataset or mapping
        Elements to start with, all of group 0002.

    Raises
    ------
    ValueError
        If an element of another group is set.

    Examples
    --------
    >>> from pydcm.dataset import FileMetaDataset
    >>> meta = FileMetaDataset()
    >>> meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    >>> meta.TransferSyntaxUID.name
    'Explicit VR Little Endian'
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args:
            FileMetaDataset.validate(args[0])
        super().__init__(*args, **kwargs)
        # PS3.10 7.1: always Explicit VR Little Endian.
        self.set_original_encoding(False, True)
        self._is_implicit_VR = False
        self._is_little_endian = True

    @staticmethod
    def validate(init_value: Any) -> None:
        """Raise unless every element is of group 0002.

        Raises
        ------
        TypeError
            If it is neither a data set nor a mapping.
        ValueError
            If elements of other groups are there.
        """
        if isinstance(init_value, Dataset):
            tags = list(init_value._dict)
        elif isinstance(init_value, dict):
            tags = list(as_mapping(init_value))
        else:
            raise TypeError(f"file meta information cannot be a {type(init_value).__name__!r}")
        foreign = [str(BaseTag(tag)) for tag in tags if tag >> 16 != _GROUP]
        if foreign:
            raise ValueError(
                f"file meta information has elements of group 2 only, not {', '.join(foreign)}"
            )

    def __setitem__(self, key: slice | TagType, value: DataElement | RawDataElement) -> None:
        tag = getattr(value, "tag", None)
        if tag is not None and int(Tag(tag)) >> 16 != _GROUP:
            raise ValueError(f"file meta information has elements of group 2 only, not {tag}")
        super().__setitem__(key, value)

    @property
    def _tsyntax_encoding(self) -> tuple[bool, bool] | tuple[None, None]:
        """``(is_implicit_vr, is_little_endian)`` of the transfer syntax, if it tells."""
        uid = UID(self.get("TransferSyntaxUID") or "")
        if not uid or (not uid.is_private and not uid.is_transfer_syntax):
            return None, None
        try:
            return uid.is_implicit_VR, uid.is_little_endian
        except ValueError:
            return None, None


def validate_file_meta(file_meta: FileMetaDataset, enforce_standard: bool = True) -> None:
    """Check file meta information, and complete it (PS3.10 7.1).

    Parameters
    ----------
    file_meta : FileMetaDataset
        Receives version, implementation class UID and version name where they
        are missing.
    enforce_standard : bool
        Require all Type 1 elements; otherwise only the group is checked.

    Raises
    ------
    ValueError
        If elements of other groups are there.
    AttributeError
        If a required element is missing or empty.
    """
    FileMetaDataset.validate(file_meta)
    if not enforce_standard:
        return
    if not file_meta.get("FileMetaInformationVersion"):
        file_meta.FileMetaInformationVersion = b"\x00\x01"
    if "ImplementationClassUID" not in file_meta:
        file_meta.ImplementationClassUID = UID(PYDCM_IMPLEMENTATION_UID)
    if "ImplementationVersionName" not in file_meta:
        from pydcm._version import __version__

        file_meta.ImplementationVersionName = f"PYDCM {__version__}"
    missing = []
    for word in (
        "MediaStorageSOPClassUID",
        "MediaStorageSOPInstanceUID",
        "TransferSyntaxUID",
    ):
        if not file_meta.get(word):
            missing.append(word)
    if missing:
        raise AttributeError(
            f"file meta information lacks required elements: {', '.join(missing)} (PS3.10 7.1)"
        )
