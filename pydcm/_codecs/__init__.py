"""What decodes and encodes the frames of each transfer syntax.

A transfer syntax has a :class:`Codec`, and that one or several implementations: pydcm's
own, which rests on its kernels, and those of libraries. A codec is a module of this
package with the functions

``decode(frame: bytes, layout: FrameLayout, number: int = 1) -> NDArray``
    One encoded frame in, ``[rows, columns, samples]`` out: samples interleaved, no colour
    transform, bits above Bits Stored as they come.
``encode(pixels: NDArray, layout: FrameLayout, options: EncodeOptions) -> bytes``
    The other way; the result is not padded.

They are imported when a frame of theirs is decoded or encoded first.

Examples
--------
>>> from pydcm import _codecs
>>> _codecs.codec_for("1.2.840.10008.1.2.5").label
'RLE Lossless'
>>> [row.decodes for row in _codecs.codecs() if row.uid == "1.2.840.10008.1.2.4.100"]
['no: video is not decoded; its stream is a file that video software plays']
"""

from pydcm._codecs.implementation import Decode, Encode, Implementation
from pydcm._codecs.registry import Codec, codec_for, codecs

__all__ = ["Codec", "Decode", "Encode", "Implementation", "codec_for", "codecs"]
