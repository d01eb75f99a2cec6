"""Bits in the order of code streams: the most significant first."""

from __future__ import annotations

__all__ = ["BitWriter"]


class BitWriter:
    """Collects bits as text of zeros and ones, which is slow and plain."""

    def __init__(self) -> None:
        self.bits: list[str] = []

    def put(self, value: int, length: int) -> None:
        """Append `length` bits of a number."""
        if length:
            self.bits.append(format(value, f"0{length}b"))

    def text(self) -> str:
        """Return all bits."""
        return "".join(self.bits)

    def jpeg(self) -> bytes:
        """Return octets with ones at the end and a zero octet after 255 (ISO 10918-1 F.1.2.3)."""
        bits = self.text()
        bits += "1" * (-len(bits) % 8)
        octets = bytes(int(bits[k : k + 8], 2) for k in range(0, len(bits), 8))
        return octets.replace(b"\xff", b"\xff\0")

    def jpegls(self) -> bytes:
        """Return octets with a zero bit after each 255 and zeros at the end (ISO 14495-1 A.1)."""
        bits, made, at = self.text(), bytearray(), 0
        while at < len(bits) or (made and made[-1] == 255):
            width = 7 if made and made[-1] == 255 else 8
            made.append(int(bits[at : at + width].ljust(width, "0") or "0", 2))
            at += width
        return bytes(made)
