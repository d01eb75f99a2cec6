"""RLE of PS3.5 Annex G, in several styles that a decoder must all understand."""

from __future__ import annotations

import struct
from itertools import groupby

import numpy as np

from conformance.comparing import Array

__all__ = ["STYLES", "frame", "planes", "segment"]

STYLES = ("literal", "replicate", "mixed", "no-operations", "across-rows")


def _literal(data: bytes) -> bytes:
    return b"".join(
        bytes([len(data[k : k + 128]) - 1]) + data[k : k + 128] for k in range(0, len(data), 128)
    )


def _replicate(data: bytes) -> bytes:
    made = b""
    for value, group in groupby(data):
        left = len(list(group))
        while left:
            run = min(left, 128)
            made += bytes([257 - run, value]) if run > 1 else bytes([0, value])
            left -= run
    return made


def _mixed(data: bytes) -> bytes:
    made, waiting = b"", b""
    for value, group in groupby(data):
        run = bytes([value]) * len(list(group))
        if len(run) > 2:
            made += _literal(waiting) + _replicate(run)
            waiting = b""
        else:
            waiting += run
    return made + _literal(waiting)


def segment(data: bytes, columns: int, style: str = "mixed") -> bytes:
    """Return one byte plane as a segment of even length."""
    if style == "across-rows":  # forbidden to encoders (G.3.1), no burden to decoders
        made = _mixed(data)
    else:
        way = {"literal": _literal, "replicate": _replicate}.get(style, _mixed)
        rows = [way(data[k : k + columns]) for k in range(0, len(data), columns)]
        made = (b"\x80" if style == "no-operations" else b"").join(rows)
    return made + bytes(len(made) % 2)


def planes(pixels: Array) -> list[bytes]:
    """Return the byte planes of a frame, each sample's most significant octet first (G.2)."""
    cells = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder(">"))
    cells = cells.reshape(cells.shape[0] * cells.shape[1], -1)
    octets = cells.view(np.uint8).reshape(cells.shape[0], -1)
    return [octets[:, k].tobytes() for k in range(octets.shape[1])]


def frame(pixels: Array, style: str = "mixed") -> bytes:
    """Return a frame: the header of G.5 and its segments."""
    segments = [segment(plane, pixels.shape[1], style) for plane in planes(pixels)]
    offsets, at = [], 64
    for each in segments:
        offsets.append(at)
        at += len(each)
    offsets += [0] * (15 - len(offsets))
    return struct.pack("<16I", len(segments), *offsets) + b"".join(segments)
