"""Encodes the images of recorded streams anew; run by hand where imagecodecs is installed.

``python -m conformance.generate.record`` writes ``recorded/streams.json``.
"""

from __future__ import annotations

import base64
import json

import numpy as np

from conformance.comparing import Array
from conformance.generate.areas.recorded import SOURCES, STREAMS


def _encoded(kind: str, pixels: Array, bits: int, signed: bool) -> tuple[bytes, str]:
    import imagecodecs

    dtype = np.dtype(f"{'' if signed else 'u'}int{8 if bits == 8 else 16}")
    cells = np.ascontiguousarray(pixels, dtype)
    if kind == "j2k":
        made = imagecodecs.jpeg2k_encode(
            cells, codecformat="j2k", reversible=True, bitspersample=bits
        )
    elif kind == "htj2k":
        made = imagecodecs.htj2k_encode(cells, reversible=True)
    else:
        made = imagecodecs.jpegxl_encode(cells, lossless=True, usecontainer=False)
    return bytes(made), f"imagecodecs {imagecodecs.__version__}"


def main() -> None:
    """Encode every image, and leave out what this imagecodecs cannot encode."""
    streams = {}
    for name, (pixels, bits, signed) in SOURCES.items():
        stream, encoder = _encoded(name.partition("-")[0], pixels, bits, signed)
        streams[name] = {
            "encoder": encoder,
            "stream": base64.b64encode(stream).decode("ascii"),
        }
    STREAMS.write_text(json.dumps(streams, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
