"""What a data set can be turned into: a file, JSON.

The work is done by the layers above the data model. The compatible API puts
these methods on the data set, so they import what they call when called.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

from pydcm.dataelem import DataElement
from pydcm.dataset.images import Images

if TYPE_CHECKING:
    from pydcm.dataset.data import Dataset

__all__ = ["Conversions"]


class Conversions(Images):
    """What a data set offers beyond its elements."""

    # ---- files (PS3.10) --------------------------------------------------

    def save_as(
        self,
        filename: str | os.PathLike[str] | BinaryIO,
        /,
        __write_like_original: bool | None = None,
        *,
        implicit_vr: bool | None = None,
        little_endian: bool | None = None,
        enforce_file_format: bool = False,
        overwrite: bool = True,
        **kwargs: Any,
    ) -> None:
        """Write the data set to a file; see :func:`pydcm.dcmwrite`.

        Parameters
        ----------
        filename : str, PathLike or binary file-like
            Where to. A file takes its place under its name when it is complete.
        implicit_vr, little_endian : bool, optional
            Encoding where file meta information does not tell it.
        enforce_file_format : bool
            Write preamble and complete file meta information (PS3.10 7.1).
        overwrite : bool
            Replace an existing file; else raise `FileExistsError`.
        """
        from pydcm.filewriter import dcmwrite

        if __write_like_original is not None:
            kwargs["write_like_original"] = __write_like_original
        dcmwrite(
            filename,
            self,  # type: ignore[arg-type]  # self is a Dataset
            implicit_vr=implicit_vr,
            little_endian=little_endian,
            enforce_file_format=enforce_file_format,
            overwrite=overwrite,
            **kwargs,
        )

    # ---- JSON (PS3.18 Annex F) -------------------------------------------

    def to_json_dict(
        self,
        bulk_data_threshold: int = 1024,
        bulk_data_element_handler: Callable[[DataElement], str] | None = None,
        suppress_invalid_tags: bool = False,
    ) -> dict[str, Any]:
        """Return the data set's JSON model (PS3.18 F.2).

        Parameters
        ----------
        bulk_data_threshold : int
            Base64 text longer than this goes to the handler, if there is one.
        bulk_data_element_handler : callable, optional
            Called with such an element; returns its BulkDataURI.
        suppress_invalid_tags : bool
            Leave out elements that cannot be converted, instead of raising.
        """
        from pydcm.jsonrep import dataset_to_json_dict

        return dataset_to_json_dict(
            self,  # type: ignore[arg-type]  # self is a Dataset
            bulk_data_threshold,
            bulk_data_element_handler,
            suppress_invalid_tags,
        )

    def to_json(
        self,
        bulk_data_threshold: int = 1024,
        bulk_data_element_handler: Callable[[DataElement], str] | None = None,
        dump_handler: Callable[[dict[str, Any]], str] | None = None,
        suppress_invalid_tags: bool = False,
    ) -> str:
        """Return the data set's JSON model as text; see :meth:`to_json_dict`."""
        from pydcm.jsonrep import json_text

        dump = dump_handler or json_text
        return dump(
            self.to_json_dict(bulk_data_threshold, bulk_data_element_handler, suppress_invalid_tags)
        )

    @classmethod
    def from_json(
        cls,
        json_dataset: dict[str, Any] | str | bytes | bytearray,
        bulk_data_uri_handler: Callable[..., Any] | None = None,
    ) -> Dataset:
        """Return a data set from its JSON model (PS3.18 F.2).

        Parameters
        ----------
        json_dataset : dict, str or bytes
            The model, or its text.
        bulk_data_uri_handler : callable, optional
            Called with (tag, vr, uri), (vr, uri) or (uri); returns the value.
        """
        from pydcm.jsonrep import dataset_from_json

        return dataset_from_json(cls, json_dataset, bulk_data_uri_handler)  # type: ignore[arg-type]  # cls is a Dataset

    def __array__(self) -> Any:
        """Return an array holding this object, so that lists of data sets become arrays."""
        import numpy as np

        made = np.empty((), dtype=object)
        made[()] = self
        return made
