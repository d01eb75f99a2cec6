"""What adapters do with octets by themselves, so that no tool does it for another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.adapters.serve import octets

__all__ = ["EXPLICIT", "charset_file", "data_set_of", "file_of", "syntax_of"]

EXPLICIT = "1.2.840.10008.1.2.1"


def _meta(file: bytes) -> tuple[dict[int, bytes], int]:
    """Return the File Meta Information and where the data set begins (PS3.10 7.1)."""
    found: dict[int, bytes] = {}
    if file[128:132] != b"DICM":
        return found, 0
    p = 132
    while file[p : p + 2] == b"\x02\x00":
        long = file[p + 4 : p + 6] in (b"OB", b"UN")
        at = p + (12 if long else 8)
        size = int.from_bytes(file[at - 4 : at] if long else file[at - 2 : at], "little")
        found[int.from_bytes(file[p + 2 : p + 4], "little")] = file[at : at + size]
        p = at + size
    return found, p


def data_set_of(file: bytes) -> bytes:
    """Return the octets that follow a file's File Meta Information."""
    return file[_meta(file)[1] :]


def syntax_of(file: bytes) -> str:
    """Return a file's Transfer Syntax UID; Implicit VR Little Endian where it has none."""
    uid = _meta(file)[0].get(0x0010, b"1.2.840.10008.1.2")
    return uid.rstrip(b"\0 ").decode("ascii", "replace")


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    """Return an element in Explicit VR Little Endian (PS3.5 7.1.2)."""
    value += (b"\0" if vr in (b"UI", b"OB", b"UN") else b" ") * (len(value) % 2)
    begin = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little") + vr
    if vr in (b"OB", b"OW", b"UN", b"UT", b"UC", b"UR", b"SQ"):
        return begin + b"\0\0" + len(value).to_bytes(4, "little") + value
    return begin + len(value).to_bytes(2, "little") + value


def file_of(data_set: bytes, syntax: str = EXPLICIT) -> bytes:
    """Return a file with a data set that is encoded already (PS3.10 7.1)."""
    meta = element(0x00020001, b"OB", b"\0\1")
    meta += element(0x00020002, b"UI", b"1.2.840.10008.5.1.4.1.1.7")
    meta += element(0x00020003, b"UI", b"1.2.3.4")
    meta += element(0x00020010, b"UI", syntax.encode())
    meta += element(0x00020012, b"UI", b"1.2.3.4.5")
    return (
        bytes(128)
        + b"DICM"
        + element(0x00020000, b"UL", len(meta).to_bytes(4, "little"))
        + (meta + data_set)
    )


def charset_file(given: Mapping[str, Any]) -> bytes:
    """Return a file with the octets of a `charset` case as the value of Patient's Name.

    The element has the VR of the case, in place of its own.
    """
    vr = given["vr"].encode()
    declared = "\\".join(given["charsets"]).encode("ascii")
    return file_of(
        element(0x00080005, b"CS", declared) + element(0x00100010, vr, octets(given["octets"]))
    )
