"""DEFLATE of RFC 1951, plainly: the same octets whatever version of zlib a machine has."""

from __future__ import annotations

__all__ = ["fixed", "stored"]


class _Writer:
    """Collects bits, the least significant first."""

    def __init__(self) -> None:
        self.made = bytearray()
        self.held = 0
        self.count = 0

    def put(self, value: int, length: int) -> None:
        """Append bits of a number, its lowest first."""
        self.held |= value << self.count
        self.count += length
        while self.count > 7:
            self.made.append(self.held & 255)
            self.held >>= 8
            self.count -= 8

    def code(self, value: int, length: int) -> None:
        """Append a Huffman code, its highest bit first."""
        self.put(int(format(value, f"0{length}b")[::-1], 2), length)

    def symbol(self, symbol: int) -> None:
        """Append a literal or length in the fixed code (RFC 1951 3.2.6)."""
        if symbol < 144:
            self.code(0x30 + symbol, 8)
        elif symbol < 256:
            self.code(0x190 + symbol - 144, 9)
        elif symbol < 280:
            self.code(symbol - 256, 7)
        else:
            self.code(0xC0 + symbol - 280, 8)

    def octets(self) -> bytes:
        """Return all octets, the last filled with zeros."""
        if self.count:
            self.made.append(self.held & 255)
        return bytes(self.made)


def stored(data: bytes) -> bytes:
    """Return blocks without compression (RFC 1951 3.2.4)."""
    blocks = [data[k : k + 65535] for k in range(0, len(data), 65535)] or [b""]
    made = b""
    for k, block in enumerate(blocks):
        size = len(block)
        final = bytes([k == len(blocks) - 1])
        made += final + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + block
    return made


def fixed(data: bytes, repeats: tuple[int, int] = (0, 0)) -> bytes:
    """Return one block in the fixed code (RFC 1951 3.2.6).

    Runs of one octet become matches of length 258. `repeats` is a distance of at most
    four octets, and how many more matches of that length follow from there.
    """
    out = _Writer()
    out.put(1, 1)
    out.put(1, 2)
    k = 0
    while k < len(data):
        if k and data[k - 1 : k + 258] == data[k - 1 : k] * 259:
            _match(out, 1)
            k += 258
        else:
            out.symbol(data[k])
            k += 1
    for _ in range(repeats[1]):
        _match(out, repeats[0])
    out.symbol(256)
    return out.octets()


def _match(out: _Writer, distance: int) -> None:
    out.symbol(285)
    out.code(distance - 1, 5)
