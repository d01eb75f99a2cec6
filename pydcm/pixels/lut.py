"""Lookup tables of grey values, and the Modality LUT (PS3.3 C.11.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm.dataset import Dataset
from pydcm.errors import ConformanceError, MissingElementError, UnsupportedValueError
from pydcm.pixels.elementwise import taken

__all__ = [
    "LARGEST",
    "LookupTable",
    "apply_modality_lut",
    "apply_rescale",
    "descriptor_of",
    "finite",
    "is_little_endian",
    "number_of",
    "octets_of",
    "table_of",
    "words_of",
]

LARGEST = 1 << 16
"""Entries of the largest table."""


@dataclass(frozen=True, slots=True)
class LookupTable:
    """One table of grey values (PS3.3 C.11.1.1).

    Attributes
    ----------
    entries : ndarray of uint8 or uint16, shape (n,)
        What values become.
    first : int
        The value that the first entry is for; smaller values take it too, and
        values past the table take the last entry.
    bits : int
        Of an entry, 1 to 16.
    """

    entries: NDArray[Any]
    first: int
    bits: int

    def look_up(self, arr: NDArray[Any]) -> NDArray[Any]:
        """Return the entry for each value.

        Parameters
        ----------
        arr : ndarray
            Values; fractions are cut off.
        """
        first = self.first
        if arr.dtype.kind == "i" and arr.dtype.itemsize <= 2 and first >= LARGEST >> 1:
            first -= LARGEST  # written as US where Pixel Representation asks for SS
        return taken(self.entries, arr, first)


def apply_modality_lut(arr: NDArray[Any], ds: Dataset) -> NDArray[Any]:
    """Apply the Modality LUT or Rescale Slope and Intercept (PS3.3 C.11.1).

    Parameters
    ----------
    arr : ndarray
        Stored values.
    ds : Dataset
        Has Modality LUT Sequence, or Rescale Slope and Rescale Intercept.

    Returns
    -------
    ndarray
        The table's entries as uint8 or uint16, values outside of the table as
        its ends; or ``arr * slope + intercept`` as float64; or `arr` itself if
        `ds` has neither.

    Raises
    ------
    ConformanceError
        If the table or the numbers are broken.
    MissingElementError
        If the table lacks its descriptor or its data.

    Examples
    --------
    >>> import numpy as np
    >>> from pydcm import Dataset
    >>> ds = Dataset()
    >>> ds.RescaleSlope, ds.RescaleIntercept = 2, -1024
    >>> apply_modality_lut(np.array([0, 1000], np.uint16), ds).tolist()
    [-1024.0, 976.0]
    """
    items = ds.get("ModalityLUTSequence")
    if items:
        return table_of(items[0], ds).look_up(arr)
    if "RescaleSlope" not in ds or "RescaleIntercept" not in ds:
        return arr
    slope = number_of(ds, "RescaleSlope")
    intercept = number_of(ds, "RescaleIntercept")
    values = arr.astype(np.float64)
    values *= slope
    values += intercept
    return values


apply_rescale = apply_modality_lut


def number_of(ds: Dataset, keyword: str) -> float:
    """Return the value of an element that must be one finite number."""
    return finite(ds.get(keyword), keyword)


def finite(value: Any, keyword: str) -> float:
    """Return a value as a number.

    Parameters
    ----------
    value : object
        A value of an element.
    keyword : str
        The element.

    Raises
    ------
    ConformanceError
        If the value is no finite number.
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = np.nan
    if not np.isfinite(number):
        raise ConformanceError(
            f"{keyword} is {value!r}, which is no number",
            tag_path=keyword,
            clause="PS3.3 C.11.1.1.2",
        )
    return number


def table_of(item: Dataset, root: Dataset) -> LookupTable:
    """Return the table that an item holds.

    Parameters
    ----------
    item : Dataset
        Has LUT Descriptor and LUT Data.
    root : Dataset
        The data set that the item is in.

    Raises
    ------
    MissingElementError
        If descriptor or data are absent.
    ConformanceError
        If they do not fit each other, or are no integers.
    """
    count, first, bits = descriptor_of(item, "LUTDescriptor")
    if not 1 <= bits <= 16:
        raise UnsupportedValueError(
            f"LUT Descriptor says {bits} bits for an entry",
            tag_path="LUTDescriptor",
            clause="PS3.3 C.11.1.1",
        )
    entries, octets = _entries(item, root, count, bits)
    if len(entries) < count:
        raise ConformanceError(
            f"LUT Data have {len(entries)} entries, LUT Descriptor says {count}",
            tag_path="LUTData",
            clause="PS3.3 C.11.1.1",
        )
    entries = entries[:count]
    if bits <= 8 and not octets:
        if int(entries.max()) > 255:
            raise ConformanceError(
                f"LUT Data have the entry {int(entries.max())}, LUT Descriptor says {bits} bits",
                tag_path="LUTData",
                clause="PS3.3 C.11.1.1",
            )
        entries = entries.astype(np.uint8)
    return LookupTable(entries, first, bits)


def _entries(item: Dataset, root: Dataset, count: int, bits: int) -> tuple[NDArray[Any], bool]:
    """Return LUT Data, and whether the entries lay in octets instead of words."""
    data = item.get("LUTData")
    if data is None:
        if "LUTData" not in item:
            raise MissingElementError("LUT Data are absent", tag_path="LUTData")
        data = b""
    length = len(data) if isinstance(data, bytes) else 2 * np.size(data)
    little = is_little_endian(item, root)
    if bits <= 8 and length < 2 * count:
        return octets_of(data, "LUTData", little=little), True
    return words_of(data, "LUTData", little=little), False


def descriptor_of(ds: Dataset, keyword: str) -> tuple[int, int, int]:
    """Return entries, first value mapped and bits of an entry (PS3.3 C.11.1.1).

    Parameters
    ----------
    ds : Dataset
        Has the descriptor.
    keyword : str
        The descriptor.

    Raises
    ------
    MissingElementError
        If it is absent.
    ConformanceError
        If it is not three integers that a table can have.
    """
    value = ds.get(keyword)
    if value is None and keyword not in ds:
        raise MissingElementError(
            "the LUT descriptor is absent", tag_path=keyword, clause="PS3.3 C.11.1.1"
        )
    try:
        count, first, bits = (int(number) for number in value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConformanceError(
            f"the LUT descriptor is {value!r} instead of three integers", tag_path=keyword
        ) from error
    if not -LARGEST >> 1 <= first < LARGEST:
        raise ConformanceError(
            f"the LUT descriptor says that {first} is the first value mapped", tag_path=keyword
        )
    # 65536 is written as 0, and by some as a signed number.
    return count % LARGEST or LARGEST, first, bits


def is_little_endian(ds: Dataset, root: Dataset) -> bool:
    """Return the byte order of binary values.

    Parameters
    ----------
    ds : Dataset
        What the values are in.
    root : Dataset
        The data set that `ds` is, or is an item of. Its transfer syntax counts
        if nothing was read from a file.
    """
    little = ds.original_encoding[1]
    if little is None:
        little = root.is_little_endian
    if little is None:
        meta = getattr(root, "file_meta", None)
        uid = None if meta is None else meta.get("TransferSyntaxUID")
        little = str(uid) != "1.2.840.10008.1.2.2"
    return bool(little)


def words_of(value: Any, keyword: str, *, little: bool) -> NDArray[np.uint16]:
    """Return 16-bit entries.

    Parameters
    ----------
    value : bytes or sequence of int
        Of VR OW, or US.
    keyword : str
        The element, for messages.
    little : bool
        Byte order of `bytes`.
    """
    if isinstance(value, bytes):
        whole = len(value) - len(value) % 2
        return np.frombuffer(value[:whole], "<u2" if little else ">u2").astype(np.uint16)
    words = np.asarray(value).ravel()
    if words.dtype.kind not in "iu":
        raise ConformanceError("the LUT data are no integers", tag_path=keyword)
    return (words & (LARGEST - 1)).astype(np.uint16)


def octets_of(value: Any, keyword: str, *, little: bool) -> NDArray[np.uint8]:
    """Return 8-bit entries that lie two to a word, the low octet first (PS3.3 C.11.1.1).

    Parameters
    ----------
    value, keyword, little
        As for :func:`words_of`.
    """
    if isinstance(value, bytes):
        if little:
            return np.frombuffer(value, np.uint8)
        value += bytes(len(value) % 2)
    return words_of(value, keyword, little=little).astype("<u2").view(np.uint8)
