"""Plugins as programs written for pydicom add them to decoders and encoders."""

from __future__ import annotations

from typing import Any

from tests.pixels.making import RLE, rle_frame, rle_segment

DECODER_DEPENDENCIES = {RLE: ("numpy",)}
ENCODER_DEPENDENCIES = {RLE: ("numpy",)}


def is_available(uid: str) -> bool:
    """Return whether frames of a transfer syntax can be decoded and encoded."""
    return uid == RLE


def decode_planes(src: bytes, runner: Any) -> bytes:
    """Return frames whose samples count up, plane after plane."""
    assert src
    runner.set_option("planar_configuration", 1)
    return bytes(range(runner.frame_length()))


def decode_wider(src: bytes, runner: Any) -> bytearray:
    """Return cells of 16 bits, whatever was described."""
    runner.set_option("bits_allocated", 16)
    return bytearray(2 * runner.frame_length(unit="pixels"))


def decode_too_little(src: bytes, runner: Any) -> bytes:
    """Return an octet too few."""
    return bytes(runner.frame_length() - 1)


def encode_one_plane(src: bytes, runner: Any) -> bytes:
    """Return native octets as one segment."""
    assert runner.frame_length() == len(src)
    assert runner.get_option("byteorder") == "<"
    assert runner.transfer_syntax == RLE
    return rle_frame(rle_segment(src))
