"""Plugins that decode frames, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pydcm._codecs import Decode, codec_for, jpeg2000, native, sof
from pydcm._codecs.layout import FrameLayout
from pydcm.errors import CodecError, CorruptStreamError
from pydcm.pixels.results import described
from pydcm.pixels.runner import RunnerBase, RunnerOptions
from pydcm.uid import UID

__all__ = ["DecodeFunction", "DecodeOptions", "DecodeRunner", "by_plugin"]


class DecodeOptions(RunnerOptions, total=False):
    """What describes pixels, and what may be chosen in decoding."""

    allow_excess_frames: bool
    apply_j2k_sign_correction: bool
    apply_jls_sign_correction: bool
    as_rgb: bool
    be_swap_ow: bool
    byteorder: str
    correct_unused_bits: bool
    force_rgb: bool
    force_ybr: bool
    pixel_vr: str
    rle_segment_order: str
    view_only: bool


class DecodeRunner(RunnerBase):
    """The description of an encoded frame that a decoding plugin gets beside it.

    A plugin that leaves the samples of a pixel apart, or uses cells of another
    size, sets the options ``planar_configuration`` or ``bits_allocated``.

    Parameters
    ----------
    tsyntax : UID
        Transfer Syntax UID (0002,0010).
    """

    def __init__(self, tsyntax: str) -> None:
        super().__init__(tsyntax)
        self._options |= {
            "allow_excess_frames": True,
            "as_rgb": True,
            "correct_unused_bits": True,
        }

    @property
    def pixel_dtype(self) -> np.dtype[Any]:
        """Type of a decoded sample, in little endian."""
        if self.pixel_keyword != "PixelData":
            return np.dtype("<f4" if self.pixel_keyword == "FloatPixelData" else "<f8")
        kind = "i" if self.get_option("pixel_representation", 0) == 1 else "u"
        allocated = self.bits_allocated
        return np.dtype("u1" if allocated == 1 else f"<{kind}{allocated // 8}")


DecodeFunction: TypeAlias = Callable[[bytes, DecodeRunner], bytes | bytearray]


def by_plugin(function: DecodeFunction, uid: UID, options: dict[str, Any]) -> Decode:
    """Return a plugin's function in the form of a codec's.

    Parameters
    ----------
    function : callable
        The plugin's.
    uid : UID
        Transfer syntax of the frames.
    options : dict
        What it is told beside the frame's description.
    """

    def decode(frame: bytes, layout: FrameLayout, number: int) -> NDArray[np.generic]:
        runner = DecodeRunner(uid)
        runner.set_options(**{k: v for k, v in options.items() if k != "transfer_syntax_uid"})
        runner.set_options(**described(layout, 1, planar=layout.planar))
        runner.set_options(**_told_by_stream(frame, codec_for(str(uid)).module, number))
        decoded = function(frame, runner)
        allocated = runner.bits_allocated
        got = replace(
            layout,
            bits_allocated=allocated,
            bits_stored=min(layout.bits_stored, allocated),
            planar=layout.samples > 1 and runner.planar_configuration == 1,
            # A decoder has written the chrominance of each pixel out.
            photometric=layout.photometric.removesuffix("_422"),
        )
        cells = native.decode(bytes(decoded), got, number)
        if cells.dtype.itemsize > layout.item_bytes:
            raise CorruptStreamError(
                f"a plugin gives samples of {allocated} bits, and they are stored in "
                f"{layout.bits_allocated}",
                frame=number,
            )
        return cells.astype(layout.dtype, copy=False)

    return decode


def _told_by_stream(frame: bytes, module: str, number: int) -> dict[str, Any]:
    """Return the options that pass on what the head of a code stream tells.

    A broken head is for the plugin to find, which may know what to do about it.
    """
    try:
        if module in ("jpeg2000", "htj2k"):
            component = jpeg2000.read(frame, number).components[0]
            return {"j2k_precision": component.precision, "j2k_is_signed": component.signed}
        if module == "jpeg-ls":
            return {"jls_precision": sof.read(frame, number).precision}
    except CodecError:
        pass
    return {}
