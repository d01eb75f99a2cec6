"""What a data set offers as an image: its pixels decoded, compressed, replaced.

The work is done by the layers above the data model. The compatible API puts
these methods on the data set, so they import what they call when called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydcm.dataset.mapping import ElementMapping

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Images"]

_PIXELS = (0x7FE00010, 0x7FE00009, 0x7FE00008)


class Images(ElementMapping):
    """The pixels of a data set (PS3.3 C.7.6.3)."""

    # Subclasses of the compatible API ask whether pixels have been decoded by looking here.
    _pixel_array: NDArray[np.generic] | None = None

    # ---- decoded ---------------------------------------------------------

    @property
    def pixel_array(self) -> NDArray[np.generic]:
        """The decoded pixels, ``[frames, rows, columns, samples]`` without axes of length one.

        Raises
        ------
        AttributeError
            If elements that describe the pixels are missing.
        UnsupportedSyntaxError
            If no codec handles the transfer syntax.
        """
        self.convert_pixel_data()
        found: NDArray[np.generic] = self.__dict__["_pixel_array"]
        return found

    def convert_pixel_data(self, handler_name: str = "") -> None:
        """Decode the pixels for :attr:`pixel_array`, unless that was done before.

        Parameters
        ----------
        handler_name : str
            The plugin to use; see :meth:`pydcm.pixels.decoders.base.Decoder.as_array`.

        Raises
        ------
        ValueError
            If there is no such plugin.
        """
        from pydcm.pixels import pixel_array

        identity = self._pixel_identity()
        if self.__dict__.get("_pixel_id") == identity and "_pixel_array" in self.__dict__:
            return
        options = dict(self.__dict__.get("_pixel_array_opts", {}))
        if handler_name:
            options["decoding_plugin"] = handler_name
        found = pixel_array(self, **options)  # type: ignore[arg-type]  # self is a Dataset
        self.__dict__["_pixel_array"] = found
        self.__dict__["_pixel_id"] = identity

    def pixel_array_options(
        self,
        *,
        index: int | None = None,
        raw: bool = False,
        decoding_plugin: str = "",
        use_v2_backend: bool = False,
        **kwargs: Any,
    ) -> None:
        """Set how :attr:`pixel_array` decodes from now on.

        Parameters
        ----------
        index : int, optional
            0-based number of the only frame wanted.
        raw : bool
            Leave colours as they are stored.
        decoding_plugin : str
            The plugin to use; see :meth:`pydcm.pixels.decoders.base.Decoder.as_array`.
        use_v2_backend : bool
            Taken for compatibility.
        **kwargs : object
            Other options of :func:`pydcm.pixels.pixel_array`.
        """
        options = {"index": index, "raw": raw, "decoding_plugin": decoding_plugin, **kwargs}
        self.__dict__["_pixel_array_opts"] = options
        self.__dict__.pop("_pixel_id", None)

    def _pixel_identity(self) -> tuple[object, ...]:
        """Return something that differs when the decoded pixels would.

        The values themselves are in it, not their addresses, which may be used again.
        """
        wanted = (0x00080016, 0x00280002, 0x00280004, 0x00280006, 0x00280008,
                  0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280103)  # fmt: skip
        values = [repr(self.get(tag).value) if tag in self._dict else None for tag in wanted]
        meta: Any = self.__dict__.get("file_meta")
        syntax = None if meta is None else meta.get("TransferSyntaxUID")
        entries = [self._dict.get(tag) for tag in _PIXELS]
        return (syntax, *values, *(getattr(entry, "_value", entry) for entry in entries))

    def overlay_array(self, group: int) -> NDArray[np.uint8]:
        """Return the overlay of a group; see :func:`pydcm.overlays.get_overlay_array`.

        Parameters
        ----------
        group : int
            From 0x6000 to 0x60FF.

        Raises
        ------
        ValueError
            For another group.
        AttributeError
            If there is no overlay in it.
        """
        from pydcm.overlays import get_overlay_array

        if not 0x6000 <= group <= 0x60FF:
            raise ValueError(f"overlays are in groups from 6000 to 60FF, not in {group:X}")
        return get_overlay_array(self, group)  # type: ignore[arg-type]  # self is a Dataset

    def waveform_array(self, index: int) -> NDArray[np.float64]:
        """Return a multiplex group in the units of its channels, ``[samples, channels]``.

        Parameters
        ----------
        index : int
            0-based number of the group in the Waveform Sequence; see
            :func:`pydcm.waveforms.numpy_handler.multiplex_array`.

        Raises
        ------
        AttributeError
            If an element that is needed is missing.
        IndexError
            If there is no such group.
        WaveformError
            If the samples are not what their description says.
        """
        from pydcm.waveforms import multiplex_array

        return multiplex_array(self, index, as_raw=False)  # type: ignore[arg-type]  # a Dataset

    # ---- written ---------------------------------------------------------

    def compress(
        self,
        transfer_syntax_uid: str,
        arr: NDArray[Any] | None = None,
        encoding_plugin: str = "",
        encapsulate_ext: bool = False,
        *,
        generate_instance_uid: bool = True,
        jls_error: int | None = None,
        j2k_cr: list[float] | None = None,
        j2k_psnr: list[float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Compress the pixels in place; see :func:`pydcm.pixels.compress`.

        Parameters
        ----------
        transfer_syntax_uid : str
            What to compress to.
        arr : ndarray, optional
            Pixels to use instead of the data set's.
        encoding_plugin : str
            The plugin to use.
        encapsulate_ext : bool
            Write an Extended Offset Table.
        generate_instance_uid : bool
            Give the image a new SOP Instance UID.
        jls_error, j2k_cr, j2k_psnr, **kwargs : optional
            How much may be lost, and other options of the encoder.
        """
        from pydcm.pixels import compress

        compress(
            self,  # type: ignore[arg-type]  # self is a Dataset
            transfer_syntax_uid,
            arr,
            encoding_plugin=encoding_plugin,
            encapsulate_ext=encapsulate_ext,
            generate_instance_uid=generate_instance_uid,
            jls_error=jls_error,
            j2k_cr=j2k_cr,
            j2k_psnr=j2k_psnr,
            **kwargs,
        )

    def decompress(
        self,
        handler_name: str = "",
        *,
        as_rgb: bool = True,
        generate_instance_uid: bool = True,
        decoding_plugin: str = "",
        **kwargs: Any,
    ) -> None:
        """Decompress the pixels in place; see :func:`pydcm.pixels.decompress`.

        Parameters
        ----------
        handler_name : str
            The same as `decoding_plugin`, which is preferred.
        as_rgb : bool
            Convert YBR_FULL to RGB.
        generate_instance_uid : bool
            Give the image a new SOP Instance UID.
        decoding_plugin : str
            The plugin to use.
        **kwargs : object
            Other options of the decoder.
        """
        from pydcm.pixels import decompress

        decompress(
            self,  # type: ignore[arg-type]  # self is a Dataset
            as_rgb=as_rgb,
            generate_instance_uid=generate_instance_uid,
            decoding_plugin=decoding_plugin or handler_name,
            **kwargs,
        )

    def set_pixel_data(
        self,
        arr: NDArray[Any],
        photometric_interpretation: str,
        bits_stored: int,
        *,
        generate_instance_uid: bool = True,
    ) -> None:
        """Make an array the Pixel Data; see :func:`pydcm.pixels.set_pixel_data`.

        Parameters
        ----------
        arr : ndarray of int8, int16, uint8 or uint16
            The pixels.
        photometric_interpretation : str
            What they mean.
        bits_stored : int
            The bits that values take.
        generate_instance_uid : bool
            Give the image a new SOP Instance UID.
        """
        from pydcm.pixels import set_pixel_data

        set_pixel_data(
            self,  # type: ignore[arg-type]  # self is a Dataset
            arr,
            photometric_interpretation,
            bits_stored,
            generate_instance_uid=generate_instance_uid,
        )
