"""Bytes as hexadecimal text, and back."""

from __future__ import annotations

from binascii import a2b_hex
from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed

__all__ = ["bytes2hex", "hex2bytes"]


def hex2bytes(hexstring: str | bytes) -> bytes:
    """Return the bytes that hexadecimal text stands for.

    Parameters
    ----------
    hexstring : str or bytes
        Two digits a byte; spaces are passed over.

    Returns
    -------
    bytes
        The bytes.

    Raises
    ------
    TypeError
        If `hexstring` is neither text nor bytes.
    ValueError
        If there is anything else in it, or an odd number of digits.

    Examples
    --------
    >>> hex2bytes("44 49 43 4D")
    b'DICM'
    """
    if isinstance(hexstring, str):
        return a2b_hex(hexstring.replace(" ", ""))
    if isinstance(hexstring, bytes):
        return a2b_hex(hexstring.replace(b" ", b""))
    raise TypeError(f"hexadecimal text is a str or bytes, not a {type(hexstring).__name__}")


def bytes2hex(byte_string: bytes) -> str:
    """Return bytes as hexadecimal text, a space between each two.

    Parameters
    ----------
    byte_string : bytes
        The bytes.

    Returns
    -------
    str
        Two lower-case digits for each byte.

    Examples
    --------
    >>> bytes2hex(b"DICM")
    '44 49 43 4d'
    """
    return memoryview(byte_string).hex(" ")


if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
