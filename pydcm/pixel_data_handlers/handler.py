"""The handlers of older versions of the compatible API: all of them are this one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import codec_for
from pydcm.dataset import Dataset
from pydcm.errors import MissingElementError, UnsupportedSyntaxError
from pydcm.pixels.utils import pixel_array

__all__ = ["Handler", "can_decode"]

_RLE = "1.2.840.10008.1.2.5"


def can_decode(uids: Iterable[str]) -> bool:
    """Return whether every one of some transfer syntaxes can be decoded here."""
    return all(codec_for(str(uid)).available for uid in uids)


class Handler:
    """Pixels of images in one row, as reading them once began.

    Parameters
    ----------
    name : str
        The handler's name.
    syntaxes : list of UID
        The transfer syntaxes that it is for.
    others : bool
        Decode images of other transfer syntaxes, too, instead of refusing them.
    """

    DEPENDENCIES = {"numpy": ("https://numpy.org/", "NumPy")}  # noqa: RUF012  # not changed
    """What every handler needs: the home page and the name of each package."""

    def __init__(self, name: str, syntaxes: list[Any], *, others: bool = False) -> None:
        self._name = name
        self._syntaxes = syntaxes
        self._others = others

    def is_available(self) -> bool:
        """Return whether all of its transfer syntaxes can be decoded here."""
        return can_decode(self._syntaxes)

    def supports_transfer_syntax(self, transfer_syntax: str) -> bool:
        """Return whether the handler is for a transfer syntax.

        Parameters
        ----------
        transfer_syntax : UID
            Its UID.
        """
        return transfer_syntax in self._syntaxes

    def needs_to_convert_to_RGB(self, ds: Dataset) -> bool:  # its name in the API
        """Return whether the caller must make RGB of the pixels at once: never.

        Parameters
        ----------
        ds : Dataset
            An image.
        """
        return False

    def should_change_PhotometricInterpretation_to_RGB(  # its name in the API
        self, ds: Dataset
    ) -> bool:
        """Return whether decoding made RGB of pixels that are described otherwise: never.

        Parameters
        ----------
        ds : Dataset
            An image.
        """
        return False

    def get_pixeldata(self, ds: Dataset, **options: Any) -> NDArray[Any]:
        """Return all pixels in one row.

        Parameters
        ----------
        ds : Dataset
            An image.
        **options : object
            Of :func:`pydcm.pixels.pixel_array`.

        Returns
        -------
        ndarray
            Samples in the order in which they are stored, colours as they are:
            plane after plane for RLE, and for native Pixel Data with Planar
            Configuration 1; else pixel after pixel. It is what
            :func:`pydcm.pixels.utils.reshape_pixel_array` takes.

        Raises
        ------
        MissingElementError
            If the image has no pixels, or lacks what describes them.
        UnsupportedSyntaxError
            If the handler is not for its transfer syntax, or no codec handles
            it.
        """
        uid = self._syntax_of(ds)
        array: NDArray[Any] = pixel_array(ds, raw=True, **options)
        native = not codec_for(uid).encapsulated
        planar = uid == _RLE or (native and ds.get("PlanarConfiguration") == 1)
        if planar and (ds.get("SamplesPerPixel") or 1) > 1:
            array = np.moveaxis(array, -1, -3)
        return array.reshape(-1)

    def _syntax_of(self, ds: Dataset) -> str:
        meta = getattr(ds, "file_meta", None)
        uid = None if meta is None else meta.get("TransferSyntaxUID")
        if not uid:
            raise MissingElementError("Transfer Syntax UID is absent", tag_path="TransferSyntaxUID")
        if uid not in self._syntaxes and not self._others:
            raise UnsupportedSyntaxError(
                f"handler {self._name} is not for transfer syntax {uid}", hint="use ds.pixel_array"
            )
        return str(uid)
