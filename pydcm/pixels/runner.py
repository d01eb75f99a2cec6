"""The description of pixels that plugins of decoders and encoders get."""

from __future__ import annotations

import warnings
from enum import StrEnum
from typing import Any, BinaryIO, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import codec_for
from pydcm._codecs.layout import FrameLayout
from pydcm.dataset import Dataset
from pydcm.errors import MissingElementError
from pydcm.pixels.model import as_pixel_options, layout_of
from pydcm.uid import UID

__all__ = ["Buffer", "PhotometricInterpretation", "RunnerBase", "RunnerOptions", "frames_of"]

Buffer: TypeAlias = bytes | bytearray | memoryview
Source: TypeAlias = Buffer | NDArray[Any] | Dataset | BinaryIO


class PhotometricInterpretation(StrEnum):
    """Values of Photometric Interpretation (0028,0004) (PS3.3 C.7.6.3.1.2)."""

    MONOCHROME1 = "MONOCHROME1"
    MONOCHROME2 = "MONOCHROME2"
    PALETTE_COLOR = "PALETTE COLOR"
    RGB = "RGB"
    YBR_FULL = "YBR_FULL"
    YBR_FULL_422 = "YBR_FULL_422"
    YBR_ICT = "YBR_ICT"
    YBR_RCT = "YBR_RCT"
    HSV = "HSV"
    ARGB = "ARGB"
    CMYK = "CMYK"
    YBR_PARTIAL_422 = "YBR_PARTIAL_422"
    YBR_PARTIAL_420 = "YBR_PARTIAL_420"
    XYB = "XYB"


class RunnerOptions(TypedDict, total=False):
    """What describes pixels, whether they are decoded or encoded."""

    bits_allocated: int
    bits_stored: int
    columns: int
    extended_offsets: tuple[bytes, bytes] | tuple[list[int], list[int]]
    number_of_frames: int
    photometric_interpretation: str
    pixel_keyword: str
    pixel_representation: int
    planar_configuration: int
    rows: int
    samples_per_pixel: int
    transfer_syntax_uid: UID


_TERMS = frozenset(PhotometricInterpretation)


def frames_of(value: object) -> int:
    """Return what the option ``number_of_frames`` says: 1, with a warning, for None and 0."""
    frames = 0 if value is None else int(str(value))
    if frames == 0:
        warnings.warn(f"number_of_frames is {value!r}; one frame is assumed", stacklevel=3)
    return frames or 1


class RunnerBase:
    """The description of pixels that a plugin gets beside them.

    Parameters
    ----------
    tsyntax : UID
        Transfer Syntax UID (0002,0010).
    """

    def __init__(self, tsyntax: str) -> None:
        self._options: dict[str, Any] = {
            "transfer_syntax_uid": UID(tsyntax),
            "pixel_keyword": "PixelData",
        }
        self._src: Source | None = None

    def __str__(self) -> str:
        """Return the options, a line for each."""
        lines = [f"{type(self).__name__} for {self.transfer_syntax.name!r}", "Options"]
        return "\n".join([*lines, *(f"  {name}: {self._options[name]}" for name in self._options)])

    # ---- options ---------------------------------------------------------

    @property
    def options(self) -> dict[str, Any]:
        """Every option by name."""
        return self._options

    def get_option(self, name: str, default: Any = None) -> Any:
        """Return an option, or `default` if it is not set."""
        return self._options.get(name, default)

    def set_option(self, name: str, value: Any) -> None:
        """Set an option.

        Parameters
        ----------
        name : str
            Its name; ``transfer_syntax_uid`` cannot be changed.
        value : object
            Its value. Of ``number_of_frames``, None and 0 mean one frame, which
            is warned of.
        """
        if name == "transfer_syntax_uid":
            raise ValueError("the transfer syntax of a runner cannot be changed")
        if name == "number_of_frames":
            value = frames_of(value)
        elif name == "photometric_interpretation" and str(value) in _TERMS:
            value = PhotometricInterpretation(value)
        self._options[name] = value

    def set_options(self, **kwargs: Any) -> None:
        """Set several options; see :meth:`set_option`."""
        for name, value in kwargs.items():
            self.set_option(name, value)

    def del_option(self, name: str) -> None:
        """Remove an option, if it is set.

        Parameters
        ----------
        name : str
            Its name; ``transfer_syntax_uid`` cannot be removed.
        """
        if name == "transfer_syntax_uid":
            raise ValueError("the transfer syntax of a runner cannot be removed")
        self._options.pop(name, None)

    def _needed(self, name: str) -> Any:
        try:
            return self._options[name]
        except KeyError:
            raise AttributeError(f"option {name!r} is not set") from None

    @property
    def bits_allocated(self) -> int:
        """Bits Allocated (0028,0100)."""
        return int(self._needed("bits_allocated"))

    @property
    def bits_stored(self) -> int:
        """Bits Stored (0028,0101)."""
        return int(self._needed("bits_stored"))

    @property
    def columns(self) -> int:
        """Columns (0028,0011)."""
        return int(self._needed("columns"))

    @property
    def extended_offsets(
        self,
    ) -> tuple[bytes, bytes] | tuple[list[int], list[int]] | None:
        """Extended Offset Table (7FE0,0001) and Lengths (7FE0,0002)."""
        found: tuple[bytes, bytes] | tuple[list[int], list[int]] | None
        found = self.get_option("extended_offsets")
        return found

    @property
    def number_of_frames(self) -> int:
        """Number of Frames (0028,0008)."""
        return int(self._needed("number_of_frames"))

    @property
    def photometric_interpretation(self) -> str:
        """Photometric Interpretation (0028,0004), a `PhotometricInterpretation` if it is known."""
        term: str = self._needed("photometric_interpretation")
        return term

    @property
    def pixel_keyword(self) -> str:
        """``PixelData``, ``FloatPixelData`` or ``DoubleFloatPixelData``."""
        return str(self._needed("pixel_keyword"))

    @property
    def pixel_representation(self) -> int:
        """Pixel Representation (0028,0103)."""
        return int(self._needed("pixel_representation"))

    @property
    def planar_configuration(self) -> int:
        """Planar Configuration (0028,0006)."""
        return int(self._needed("planar_configuration"))

    @property
    def rows(self) -> int:
        """Rows (0028,0010)."""
        return int(self._needed("rows"))

    @property
    def samples_per_pixel(self) -> int:
        """Samples per Pixel (0028,0002)."""
        return int(self._needed("samples_per_pixel"))

    @property
    def transfer_syntax(self) -> UID:
        """The transfer syntax."""
        uid: UID = self._options["transfer_syntax_uid"]
        return uid

    def frame_length(self, unit: str = "bytes") -> int | float:
        """Return the size of a native frame.

        Parameters
        ----------
        unit : {"bytes", "pixels"}
            What to count; bytes of 1-bit pixels may be a fraction unless the
            transfer syntax is an encapsulated one, whose frames lie apart and
            have their chrominance complete.
        """
        cells = self.rows * self.columns * self.samples_per_pixel
        if unit == "pixels":
            return cells
        apart = self.transfer_syntax.is_encapsulated
        if self.bits_allocated == 1:
            return cells / 8 if cells % 8 and not apart else (cells + 7) // 8
        octets = cells * (self.bits_allocated // 8)
        halved = self.photometric_interpretation == "YBR_FULL_422" and not apart
        return octets // 3 * 2 if halved else octets

    # ---- source ----------------------------------------------------------

    @property
    def src(self) -> Source:
        """What is decoded or encoded."""
        if self._src is None:
            raise AttributeError("the runner has no source yet")
        return self._src

    def set_source(self, src: Source) -> None:
        """Set what is decoded or encoded; of a data set, take the options, too.

        Parameters
        ----------
        src : bytes, ndarray, file-like or Dataset
            Pixels, or an image.

        Raises
        ------
        TypeError
            If it is something else.
        """
        binary = isinstance(src, (bytes, bytearray, memoryview)) or hasattr(src, "read")
        if not (binary or isinstance(src, (np.ndarray, Dataset))):
            raise TypeError(f"the source is a {type(src).__name__}, not octets, array or Dataset")
        if isinstance(src, Dataset):
            self.set_options(**as_pixel_options(src))
        self._src = src

    @property
    def is_array(self) -> bool:
        """Whether the source is an array."""
        return isinstance(self.src, np.ndarray)

    @property
    def is_binary(self) -> bool:
        """Whether the source is a binary file-like."""
        return not (self.is_array or self.is_buffer or self.is_dataset)

    @property
    def is_buffer(self) -> bool:
        """Whether the source is octets in memory."""
        return isinstance(self.src, (bytes, bytearray, memoryview))

    @property
    def is_dataset(self) -> bool:
        """Whether the source is an image."""
        return isinstance(self.src, Dataset)

    def validate(self) -> None:
        """Check the options and the source.

        Raises
        ------
        AttributeError
            If something is missing.
        ValueError
            If something is wrong.
        """
        self.layout()

    def layout(self) -> FrameLayout:
        """Return the frame that the options describe, every value checked."""
        if "number_of_frames" not in self._options:
            raise MissingElementError("the number of frames is not set", tag_path="NumberOfFrames")
        return layout_of(self._options, self.pixel_keyword, codec_for(str(self.transfer_syntax)))
