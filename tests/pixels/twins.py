"""The same data set for pydcm and for pydicom."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pydcm
from pydcm.dataset import Dataset
from tests.pixels.making import EXPLICIT

Array = NDArray[Any]


def twins(syntax: str | None = EXPLICIT, **elements: Any) -> tuple[Dataset, Any]:
    """Return a data set of pydcm and one of pydicom; a list of dicts makes a sequence."""
    import pydicom

    return _made(pydcm, syntax, elements), _made(pydicom, syntax, elements)


def _made(library: Any, syntax: str | None, elements: dict[str, Any]) -> Any:
    ds = library.Dataset()
    if syntax:
        ds.file_meta = library.dataset.FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = syntax
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values that no element should have are some of the tests
        for key, value in elements.items():
            if isinstance(value, tuple):  # a VR, and the value
                ds.add_new(key, *value)
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                setattr(ds, key, [_made(library, None, item) for item in value])
            else:
                setattr(ds, key, value)
    return ds


def lut(count: int, first: int, bits: int, data: Any, vr: str = "US") -> dict[str, Any]:
    """Return the elements of a lookup table."""
    return {
        "LUTDescriptor": ("SS" if first < 0 else "US", [count, first, bits]),
        "LUTData": (vr, data),
    }


def outcome(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Return what a function returns, or the exception that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*args, **kwargs)
        except Exception as error:  # what either library raises is what is compared
            return error


def same(ours: Array, theirs: Array) -> bool:
    """Return whether two arrays are the same bit for bit, type and shape included."""
    return (
        ours.dtype == theirs.dtype
        and ours.shape == theirs.shape
        and bool(np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"))
    )
