"""One file of a series: what its frames share, and how their pixels are read."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import codec_for
from pydcm.dataset import Dataset
from pydcm.pixels.frames import Decoding, FrameReader
from pydcm.pixels.model import PixelModel, read_model
from pydcm.volume import header

__all__ = ["SourceImage"]

_SOP_INSTANCE_UID = 0x00080018
_IMAGE_TYPE = 0x00080008
_MODALITY = 0x00080060
_SERIES_INSTANCE_UID = 0x0020000E
_FRAME_OF_REFERENCE_UID = 0x00200052
_SAMPLES = 0x00280002
_PHOTOMETRIC = 0x00280004
_FRAMES = 0x00280008
_ROWS = 0x00280010
_COLUMNS = 0x00280011
_PIXEL_DATA = 0x7FE00010
_OTHER_PIXELS = frozenset((0x7FE00008, 0x7FE00009))
_DESCRIPTION = (
    0x00280002, 0x00280004, 0x00280006, _FRAMES, _ROWS, _COLUMNS, 0x00280100, 0x00280101,
    0x00280103,
)  # fmt: skip
"""What pixels are read by (PS3.3 C.7.6.3)."""


_DECODING = Decoding(colour="rgb", workers=1)
"""Of gray images nothing is converted; several are decoded at a time."""


class SourceImage:
    """A file, its header, and a way to its pixels that opens it once.

    Parameters
    ----------
    path : str
        The file.
    dataset : Dataset
        What was read from it; its pixels stay in the file until they are asked for.

    Attributes
    ----------
    frames : int
        Number of Frames.
    rows, columns : int
        Size of a frame in pixels.
    sop_instance_uid, series_instance_uid, frame_of_reference_uid, modality : str
        Empty if absent.
    image_type : tuple of str
        Image Type (0008,0008).
    samples : int
        Samples Per Pixel (0028,0002).
    photometric : str
        Photometric Interpretation (0028,0004).
    """

    __slots__ = (
        "_lock", "_reader", "columns", "dataset", "frame_of_reference_uid", "frames", "image_type",
        "modality", "path", "photometric", "rows", "samples", "series_instance_uid",
        "sop_instance_uid",
    )  # fmt: skip

    def __init__(self, path: str, dataset: Dataset) -> None:
        self.path = path
        self.dataset = dataset
        self.frames = max(1, header.integer(dataset, _FRAMES, 1))
        self.rows = header.integer(dataset, _ROWS)
        self.columns = header.integer(dataset, _COLUMNS)
        self.sop_instance_uid = header.text(dataset, _SOP_INSTANCE_UID)
        self.series_instance_uid = header.text(dataset, _SERIES_INSTANCE_UID)
        self.frame_of_reference_uid = header.text(dataset, _FRAME_OF_REFERENCE_UID)
        self.modality = header.text(dataset, _MODALITY)
        self.image_type = header.texts(dataset, _IMAGE_TYPE)
        self.samples = header.integer(dataset, _SAMPLES, 1)
        self.photometric = header.text(dataset, _PHOTOMETRIC)
        self._reader: FrameReader | None = None
        self._lock = threading.Lock()

    @property
    def localizer(self) -> bool:
        """Whether it shows where other images lie (PS3.3 C.8.2.1.1.1)."""
        return "LOCALIZER" in self.image_type

    @property
    def in_colour(self) -> bool:
        """Whether a pixel has a colour and not one value (PS3.3 C.7.6.3.1.2)."""
        return self.samples > 1 or self.photometric == "PALETTE COLOR"

    @property
    def derived(self) -> bool:
        """Whether its pixels were computed from other images (PS3.3 C.7.6.1.1.2)."""
        return self.image_type[:1] == ("DERIVED",)

    def share_model(self, models: dict[tuple[object, ...], PixelModel]) -> None:
        """Take over the description of pixels from another image that says the same.

        The files of a series mostly do, and to check it is much less work than to
        read it.

        Parameters
        ----------
        models : dict
            Descriptions found so far, by the octets that they were read from.
        """
        if self._reader is not None:
            return
        key = _pixel_key(self.dataset)
        extent = self.dataset.locate(_PIXEL_DATA) if key else None
        if key is None or extent is None:
            return
        known = models.get(key)
        if known is None:
            models[key] = self._frames().model
            return
        model = known._replace(extent=extent, diagnostics=self.dataset.diagnostics)
        with self._lock:
            self._reader = FrameReader(model, _DECODING)

    def stored(self, frame: int, scratch: NDArray[np.generic] | None = None) -> NDArray[np.generic]:
        """Return the stored values of a frame.

        Parameters
        ----------
        frame : int
            Which, from 1.
        scratch : ndarray, optional
            Room that may be used, if it has the shape and type of the result: what
            an earlier call returned and is not needed any more, or where the values
            are to stay.

        Returns
        -------
        ndarray, shape (1, rows, columns, samples)
            Colours are RGB, if they can be converted.
        """
        return self._frames().read_again(frame - 1, scratch)

    @property
    def stored_type(self) -> np.dtype[np.generic]:
        """Type of the stored values."""
        return self._frames().dtype

    @property
    def decoded_photometric(self) -> str:
        """Photometric Interpretation of the stored values as they are returned."""
        return self._frames().photometric

    @property
    def stored_range(self) -> tuple[int, int] | None:
        """Least and greatest value that Bits Stored allows; None if they are floating point."""
        layout = self._frames().model.layout
        if layout.floating:
            return None
        if layout.signed:
            return -(1 << layout.bits_stored - 1), (1 << layout.bits_stored - 1) - 1
        return 0, (1 << layout.bits_stored) - 1

    def _frames(self) -> FrameReader:
        with self._lock:
            if self._reader is None:
                self._reader = FrameReader(read_model(self.dataset), _DECODING)
            return self._reader

    def __reduce__(self) -> tuple[object, ...]:
        return SourceImage, (self.path, self.dataset)


def _pixel_key(dataset: Dataset) -> tuple[object, ...] | None:
    """Return the octets that describe native pixels, or None if it takes more to read them."""
    entries, index = dataset._dict, dataset._index
    meta = getattr(dataset, "file_meta", None)
    if (
        index is None
        or meta is None
        or _PIXEL_DATA not in entries
        or _OTHER_PIXELS & entries.keys()
    ):
        return None
    syntax = header.text(meta, 0x00020010)
    if codec_for(syntax).encapsulated:
        return None
    key: list[object] = [syntax]
    for tag in _DESCRIPTION:
        plain = dataset._plain_octets(tag)
        if plain is None and tag in entries:
            return None
        key.append(plain)
    return tuple(key)
