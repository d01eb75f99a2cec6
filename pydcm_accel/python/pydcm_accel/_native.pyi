# Made by tools/gen_native_stub.py from the kernels of pydcm; not to be edited.

from collections.abc import Callable
from typing import TypedDict

from typing_extensions import Buffer

_Kernels = TypedDict(
    "_Kernels",
    {
        "bits.pack": Callable[[Buffer, Buffer, int], int],
        "bits.unpack": Callable[[Buffer, int, Buffer], int],
        "colour.rgb_to_ybr": Callable[[Buffer], int],
        "colour.ybr_to_rgb": Callable[[Buffer], int],
        "decimals.count": Callable[[Buffer, int, int], int],
        "elements.find_end": Callable[[Buffer, int, int, int, int, int, Buffer], int],
        "elements.scan": Callable[[Buffer, int, int, int, int, int, Buffer, Buffer, Buffer], int],
        "items.scan_items": Callable[[Buffer, int, int, int, int, Buffer, Buffer, Buffer], int],
        "items.scan_tree": Callable[[Buffer, int, int, int, int, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegdct.decode_progressive": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegdct.decode_sequential": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegdct.encode_scan": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegdct.forward": Callable[[Buffer, Buffer, Buffer, Buffer], int],
        "jpegdct.inverse": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegdct.replicate": Callable[[Buffer, Buffer, Buffer], int],
        "jpegdct.upsample": Callable[[Buffer, Buffer, Buffer], int],
        "jpegentropy.find_markers": Callable[[Buffer, int, Buffer], int],
        "jpegentropy.unstuff": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpeglossless.decode_scan": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpeglossless.encode_scan": Callable[[Buffer, Buffer, Buffer, int, Buffer, Buffer], int],
        "jpegls.decode_lines": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegls.decode_samples": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegls.encode_lines": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegls.encode_samples": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "jpegls.stuff": Callable[[Buffer, Buffer, Buffer], int],
        "jpegls.unstuff": Callable[[Buffer, int, Buffer, Buffer], int],
        "lut.rescale": Callable[[Buffer, float, float, Buffer], int],
        "lut.take": Callable[[Buffer, int, Buffer, int, Buffer], int],
        "rle.decode_segment": Callable[[Buffer, Buffer], int],
        "rle.decode_segments": Callable[[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer], int],
        "rle.encode_segment": Callable[[Buffer, int, Buffer], int],
    },
)

__all__ = ["ABI", "KERNELS"]

ABI: int
KERNELS: _Kernels
