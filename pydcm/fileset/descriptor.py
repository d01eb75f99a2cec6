"""What a DICOMDIR says of the file-set as a whole (PS3.3 F.3.2.1)."""

from __future__ import annotations

import os
import warnings

from pydcm.dataset import Dataset
from pydcm.errors import StructureError
from pydcm.fileset.nodes import RootNode
from pydcm.fileset.writing import MEDIA_STORAGE_DIRECTORY
from pydcm.multival import MultiValue
from pydcm.uid import UID, generate_uid

__all__ = ["Descriptor"]

_LONGEST = 16
_MOST_COMPONENTS = 8
_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"


class Descriptor:
    """The identification of a file-set, and the root of its records."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        """Become one that was never written."""
        self._id: str | None = None
        self._uid = generate_uid()
        self._file_id: str | list[str] | None = None
        self._charset: str | list[str] | None = None
        self._ds = Dataset()
        self._descriptor_path: str | None = None
        self._is_new = True
        self._changed = False
        self._tree = RootNode(self)  # type: ignore[arg-type]  # FileSet is the only subclass

    @property
    def ID(self) -> str | None:
        """File-set ID: a name of at most 16 characters, or None.

        Raises
        ------
        ValueError
            If a longer one is set.
        """
        return self._id

    @ID.setter
    def ID(self, value: str | None) -> None:
        if value is not None and len(value) > _LONGEST:
            raise ValueError(f"a File-set ID has at most {_LONGEST} characters, not {value!r}")
        if value != self._id:
            self._id = value
            self._changed = True

    @property
    def UID(self) -> UID:
        """The UID of the file-set, which is the SOP Instance UID of its DICOMDIR."""
        return self._uid

    @UID.setter
    def UID(self, value: str) -> None:
        uid = UID(value)
        if not uid.is_valid:
            raise ValueError(f"{value!r} is no UID")
        if uid != self._uid:
            self._uid = uid
            self._changed = True

    @property
    def descriptor_file_id(self) -> str | list[str] | None:
        """File-set Descriptor File ID: the components of a text that tells of the file-set.

        Raises
        ------
        ValueError
            If there are more than 8 components or one has more than 16
            characters.
        TypeError
            If it is neither text, a list of texts, nor None.
        """
        return self._file_id

    @descriptor_file_id.setter
    def descriptor_file_id(self, value: str | list[str] | None) -> None:
        if isinstance(value, list):
            if len(value) > _MOST_COMPONENTS or not all(map(_is_component, value)):
                raise ValueError(
                    f"a File-set Descriptor File ID has at most {_MOST_COMPONENTS} components of "
                    f"at most {_LONGEST} characters"
                )
            value = [name for name in value if name]
        elif isinstance(value, str):
            if not _is_component(value):
                raise ValueError(f"{value!r} has more than {_LONGEST} characters")
        elif value is not None:
            raise TypeError("a File-set Descriptor File ID is a str, a list of str, or None")
        if value != self._file_id:
            self._file_id = value
            self._changed = True

    @property
    def descriptor_character_set(self) -> str | list[str] | None:
        """Specific Character Set of File-set Descriptor File, or None."""
        return self._charset

    @descriptor_character_set.setter
    def descriptor_character_set(self, value: str | list[str] | None) -> None:
        if value != self._charset:
            self._charset = value
            self._changed = True

    def _adopt(self, ds: Dataset) -> str:
        """Take the identification of a DICOMDIR and return its path.

        Raises
        ------
        StructureError
            If it is no DICOMDIR.
        TypeError
            If it was not read from a file.
        FileNotFoundError
            If that file does not exist.
        """
        meta = getattr(ds, "file_meta", None)
        stated = _text(meta, "MediaStorageSOPClassUID")
        if stated != MEDIA_STORAGE_DIRECTORY and (stated or "DirectoryRecordSequence" not in ds):
            raise StructureError(
                f"no file-set can be loaded: the data set is no DICOMDIR but {UID(stated).name!r}",
                clause="PS3.10 8.6",
            )
        path = getattr(ds, "filename", None)
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError("a DICOMDIR must have its path as the attribute 'filename'")
        if not os.path.exists(path):
            import errno

            raise FileNotFoundError(errno.ENOENT, "the DICOMDIR's 'filename' does not exist", path)
        syntax = _text(meta, "TransferSyntaxUID")
        if syntax and syntax != _EXPLICIT_LITTLE:
            warnings.warn(
                f"a DICOMDIR must be in Explicit VR Little Endian, not in {UID(syntax).name}; it "
                "will be when it is written (PS3.10 8.6)",
                stacklevel=5,
            )
        self._uid = UID(_text(meta, "MediaStorageSOPInstanceUID")) or generate_uid()
        self._id = _text(ds, "FileSetID") or None
        self._file_id = _texts(ds, "FileSetDescriptorFileID")
        self._charset = _texts(ds, "SpecificCharacterSetOfFileSetDescriptorFile")
        self._ds = ds
        self._descriptor_path = os.path.abspath(path)
        self._is_new = self._changed = False
        return self._descriptor_path

    def _described(self) -> Dataset:
        """Return what the DICOMDIR will hold beside the records."""
        from copy import copy

        ds = copy(self._ds)
        ds.FileSetID = self._id
        for keyword, value in (
            ("FileSetDescriptorFileID", self._file_id),
            ("SpecificCharacterSetOfFileSetDescriptorFile", self._charset),
        ):
            if value:
                setattr(ds, keyword, value)
            elif keyword in ds:
                delattr(ds, keyword)
        ds.FileSetConsistencyFlag = 0
        return ds


def _texts(ds: Dataset, keyword: str) -> str | list[str] | None:
    """Return the texts of an element; None if there are none."""
    value = ds.get(keyword)
    if isinstance(value, str):
        return value or None
    return [str(part) for part in value] if isinstance(value, MultiValue) else None


def _text(ds: Dataset | None, keyword: str) -> str:
    """Return the text of an element; the first of several, and empty if there is none."""
    found = None if ds is None else _texts(ds, keyword)
    return found[0] if isinstance(found, list) else found or ""


def _is_component(name: object) -> bool:
    return isinstance(name, str) and len(name) <= _LONGEST
