"""Changes of an image that are made all at once, when nothing can fail any more."""

from __future__ import annotations

from typing import Any

from pydcm.dataelem import DataElement
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.uid import generate_uid

__all__ = ["Changes"]

_PIXEL_DATA = 0x7FE00010
_OFFSET_TABLES = (0x7FE00001, 0x7FE00002)


class Changes:
    """What pixels written anew change in the data set that has them.

    Attributes
    ----------
    elements : dict
        New values by keyword.
    removed : set of str
        Keywords of elements that go.
    """

    def __init__(self) -> None:
        self.elements: dict[str, Any] = {}
        self.removed: set[str] = set()
        self._pixels: DataElement | None = None
        self._tables: tuple[bytes, bytes] | None = None
        self._syntax = ""

    def pixel_data(
        self,
        value: bytes,
        vr: str,
        syntax: str,
        *,
        tables: tuple[bytes, bytes] | None = None,
        encapsulated: bool = False,
    ) -> None:
        """Say what becomes Pixel Data.

        Parameters
        ----------
        value : bytes
            Their value.
        vr : str
            OB or OW.
        syntax : str
            Transfer Syntax UID.
        tables : tuple of bytes, optional
            Extended Offset Table and its Lengths.
        encapsulated : bool
            Whether they hold fragments, whose length is undefined (PS3.5 A.4).
        """
        self._pixels = DataElement(
            _PIXEL_DATA, vr, value, is_undefined_length=encapsulated, already_converted=True
        )
        self._syntax = syntax
        self._tables = tables

    def apply(self, ds: Dataset, *, new_instance: bool) -> None:
        """Make the changes.

        Parameters
        ----------
        ds : Dataset
            The image.
        new_instance : bool
            Give it a new SOP Instance UID, for it is another image now (PS3.3 C.7.6.1.1.2).
        """
        if self._pixels is not None:
            self._put_pixels(ds, self._pixels)
        for keyword, value in self.elements.items():
            setattr(ds, keyword, value)
        for keyword in self.removed:
            if keyword in ds:
                delattr(ds, keyword)
        if new_instance:
            ds.SOPInstanceUID = generate_uid()
            ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID

    def _put_pixels(self, ds: Dataset, pixels: DataElement) -> None:
        if getattr(ds, "file_meta", None) is None:
            ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = self._syntax
        ds[_PIXEL_DATA] = pixels
        for tag, value in zip(_OFFSET_TABLES, self._tables or (None, None), strict=True):
            if value is not None:
                ds.add_new(tag, "OV", value)
            elif tag in ds:
                del ds[tag]
        # Arrays decoded before are of no use, and large.
        ds.__dict__.pop("_pixel_array", None)
        ds.__dict__.pop("_pixel_id", None)
