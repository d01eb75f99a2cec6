"""Adapter of imagecodecs, which decodes code streams and knows no DICOM.

What is around a code stream (elements, fragments, the form of an array) is taken apart
here, as far as it is well formed; what is not is skipped: it is no matter of a codec.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

import imagecodecs
import numpy as np

from conformance.adapters.cells import Broken, Image, array_answer, parsed, stored
from conformance.adapters.serve import Answer, Skipped, octets, serve
from conformance.adapters.streams import data_set_of, syntax_of

_JPEG = "1.2.840.10008.1.2.4."


def _streams(pieces: list[bytes], count: int) -> list[bytes]:
    """Return the code stream of each frame."""
    table, rest = pieces[0], pieces[1:]
    if count == 1:
        return [b"".join(rest)]
    if len(rest) == count:
        return rest
    if len(table) != 4 * count:
        raise Skipped("several fragments for each frame, and no offsets")
    starts = [*struct.unpack(f"<{count}I", table), 1 << 62]
    frames = [b""] * count
    p = frame = 0
    for piece in rest:
        while p >= starts[frame + 1]:
            frame += 1
        frames[frame] += piece
        p += 8 + len(piece)
    return frames


def _rle(stream: bytes, shape: tuple[int, ...], bits: int) -> Any:
    planes = shape[2] if len(shape) > 2 else 1
    width = bits // 8
    data = imagecodecs.dicomrle_decode(stream, f"<u{width}")
    array = np.frombuffer(data, f"<u{width}")
    return array.reshape(planes, *shape[:2]).transpose(1, 2, 0).reshape(shape)


def _jpeg8(stream: bytes, _shape: tuple[int, ...], _bits: int) -> Any:
    components = stream[stream.find(b"\xff\xc0") + 9] if b"\xff\xc0" in stream else 0
    space = "YCBCR" if components == 3 else None
    return imagecodecs.jpeg8_decode(stream, colorspace=space, outcolorspace=space)


_DECODERS: dict[str, Callable[[bytes, tuple[int, ...], int], Any]] = {
    "1.2.840.10008.1.2.5": _rle,
    _JPEG + "50": _jpeg8,
    _JPEG + "51": _jpeg8,
    _JPEG + "57": lambda stream, _shape, _bits: imagecodecs.jpegsof3_decode(stream),
    _JPEG + "70": lambda stream, _shape, _bits: imagecodecs.jpegsof3_decode(stream),
    _JPEG + "80": lambda stream, _shape, _bits: imagecodecs.jpegls_decode(stream),
    _JPEG + "81": lambda stream, _shape, _bits: imagecodecs.jpegls_decode(stream),
    _JPEG + "90": lambda stream, _shape, _bits: imagecodecs.jpeg2k_decode(stream),
    _JPEG + "91": lambda stream, _shape, _bits: imagecodecs.jpeg2k_decode(stream),
    _JPEG + "201": lambda stream, _shape, _bits: imagecodecs.htj2k_decode(stream),
    _JPEG + "202": lambda stream, _shape, _bits: imagecodecs.htj2k_decode(stream),
    _JPEG + "203": lambda stream, _shape, _bits: imagecodecs.htj2k_decode(stream),
    _JPEG + "110": lambda stream, _shape, _bits: imagecodecs.jpegxl_decode(stream),
    _JPEG + "111": lambda stream, _shape, _bits: imagecodecs.jpegxl_decode(stream),
    _JPEG + "112": lambda stream, _shape, _bits: imagecodecs.jpegxl_decode(stream),
}


def _decode(given: Mapping[str, Any]) -> Answer:
    file = octets(given["file"])
    decoder = _DECODERS.get(syntax_of(file))
    if decoder is None:
        raise Skipped(f"no codec for {syntax_of(file)}")
    try:
        found, pieces = parsed(data_set_of(file))
        image = Image.of(found)
        if not pieces:
            raise Skipped("the pixels are not encapsulated")
        streams = _streams(pieces, image.frames)
    except (Broken, struct.error, ValueError, IndexError):
        raise Skipped("what is around the code stream is not well formed") from None
    if "frame" in given:
        if given["frame"] >= len(streams):
            raise Skipped("no such frame")
        streams = [streams[given["frame"]]]
    decoded = [np.asarray(decoder(each, image.shape, image.allocated)) for each in streams]
    frames = np.stack([frame.reshape(image.shape) for frame in decoded])
    return array_answer(stored(frames[0] if "frame" in given else frames, image))


if __name__ == "__main__":
    serve("imagecodecs", {"imagecodecs": imagecodecs.__version__}, {"decode": _decode})
