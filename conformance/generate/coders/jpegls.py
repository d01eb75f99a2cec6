"""JPEG-LS as ISO 14495-1 Annex A says it, one step after the other.

The names are those of the standard. The encoder also returns the image that a
decoder must reconstruct, which differs from the source if NEAR is not 0.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conformance.generate.coders.bits import BitWriter

__all__ = ["Parameters", "Scan", "encode", "thresholds"]

Plane: TypeAlias = "NDArray[np.int64]"
J = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
     14, 15]  # fmt: skip


def thresholds(MAXVAL: int, NEAR: int) -> tuple[int, int, int]:
    """Return the default T1, T2, T3 (C.2.4.1.1.1)."""

    def clamp(i: int, j: int) -> int:
        return j if i > MAXVAL or i < j else i

    if MAXVAL >= 128:
        factor = (min(MAXVAL, 4095) + 128) // 256
        T1 = clamp(factor + 2 + 3 * NEAR, NEAR + 1)
        T2 = clamp(4 * factor + 3 + 5 * NEAR, T1)
        return T1, T2, clamp(17 * factor + 4 + 7 * NEAR, T2)
    factor = 256 // (MAXVAL + 1)
    T1 = clamp(max(2, 3 // factor + 3 * NEAR), NEAR + 1)
    T2 = clamp(max(3, 7 // factor + 5 * NEAR), T1)
    return T1, T2, clamp(max(4, 21 // factor + 7 * NEAR), T2)


@dataclass(frozen=True)
class Parameters:
    """What an encoder may choose; `preset` has MAXVAL, T1, T2, T3 and RESET, 0 for a default."""

    bits: int
    near: int = 0
    interleave: int = 0
    preset: tuple[int, int, int, int, int] | None = None
    restart: int = 0

    @property
    def coding(self) -> tuple[int, int, int, int, int]:
        """MAXVAL, T1, T2, T3 and RESET with their defaults."""
        given = self.preset or (0, 0, 0, 0, 0)
        MAXVAL = given[0] or (1 << self.bits) - 1
        default = (*thresholds(MAXVAL, self.near), 64)
        T1, T2, T3, RESET = (g or d for g, d in zip(given[1:], default, strict=True))
        return MAXVAL, T1, T2, T3, RESET


@dataclass
class _Context:
    A: int
    B: int = 0
    C: int = 0
    N: int = 1
    Nn: int = 0


@dataclass
class Scan:
    """Encodes one scan of one or more components."""

    parameters: Parameters
    planes: list[Plane]
    out: BitWriter = field(default_factory=BitWriter)

    def __post_init__(self) -> None:
        self.MAXVAL, self.T1, self.T2, self.T3, self.RESET = self.parameters.coding
        self.NEAR = self.parameters.near
        self.RANGE = (self.MAXVAL + 2 * self.NEAR) // (2 * self.NEAR + 1) + 1
        self.qbpp = (self.RANGE - 1).bit_length()
        bpp = max(2, self.MAXVAL.bit_length())
        self.LIMIT = 2 * (bpp + max(8, bpp))
        self.made = [np.zeros_like(plane) for plane in self.planes]
        self.top = 0  # the first row of the restart interval
        self.restart()

    def restart(self) -> None:
        """Set what an interval begins with (A.2.1)."""
        first = max(2, (self.RANGE + 32) // 64)
        self.contexts: defaultdict[object, _Context] = defaultdict(lambda: _Context(first))
        self.RUNindex = [0] * len(self.planes)

    def encode(self) -> list[str]:
        """Return the bits of each restart interval."""
        rows = self.planes[0].shape[0]
        intervals = []
        for y in range(rows):
            if self.parameters.restart and y % self.parameters.restart == 0 and y:
                intervals.append(self.out.text())
                self.out = BitWriter()
                self.top = y
                self.restart()
            if self.parameters.interleave == 2:
                self.line(y, list(range(len(self.planes))), 0)
            else:
                for c in range(len(self.planes)):
                    self.line(y, [c], c)
        return [*intervals, self.out.text()]

    def at(self, c: int, y: int, x: int) -> int:
        """Return a reconstructed sample; zeros are above the first line (A.2.1)."""
        return int(self.made[c][y, x]) if y >= self.top else 0

    def neighbours(self, c: int, y: int, x: int) -> tuple[int, int, int, int]:
        """Return Ra, Rb, Rc, Rd (A.2.1)."""
        last = self.planes[c].shape[1] - 1
        Rb = self.at(c, y - 1, x)
        Rd = self.at(c, y - 1, x + 1) if x < last else Rb
        if x == 0:
            return Rb, Rb, self.at(c, y - 2, 0) if y - 1 >= self.top else 0, Rd
        return self.at(c, y, x - 1), Rb, self.at(c, y - 1, x - 1), Rd

    def line(self, y: int, components: list[int], run: int) -> None:
        """Encode a line of one component, or of the pixels of several."""
        columns = self.planes[0].shape[1]
        x = 0
        while x < columns:
            around = [self.neighbours(c, y, x) for c in components]
            flat = all(self.gradients(*each) == (0, 0, 0) for each in around)
            if flat:
                x = self.run(y, x, components, run)
            else:
                for c, each in zip(components, around, strict=True):
                    self.regular(c, y, x, each)
                x += 1

    def gradients(self, Ra: int, Rb: int, Rc: int, Rd: int) -> tuple[int, int, int]:
        """Return Q1, Q2, Q3 (A.3.3)."""
        return self.region(Rd - Rb), self.region(Rb - Rc), self.region(Rc - Ra)

    def region(self, D: int) -> int:
        """Return a quantised gradient."""
        size = abs(D)
        Q = sum(size >= bound for bound in (self.T1, self.T2, self.T3)) + (size > self.NEAR)
        return -Q if D < 0 else Q

    def reconstructed(self, Px: int, Errval: int, SIGN: int) -> int:
        """Return Rx, clamped to the samples' range (A.4.4)."""
        Rx = Px + SIGN * Errval * (2 * self.NEAR + 1)
        return min(max(Rx, 0), self.MAXVAL)

    def quantised(self, Errval: int) -> int:
        """Return the error in steps of ``2 * NEAR + 1`` (A.4.4)."""
        step = 2 * self.NEAR + 1
        size = (abs(Errval) + self.NEAR) // step
        return size if Errval > 0 else -size

    def reduced(self, Errval: int) -> int:
        """Return the error modulo RANGE (A.4.5)."""
        if Errval < 0:
            Errval += self.RANGE
        if Errval >= (self.RANGE + 1) // 2:
            Errval -= self.RANGE
        return Errval

    def golomb(self, value: int, k: int, limit: int) -> None:
        """Write a limited-length Golomb code (A.5.3)."""
        most = limit - self.qbpp - 1
        if value >> k < most:
            self.out.put(1, (value >> k) + 1)
            self.out.put(value & ((1 << k) - 1), k)
        else:
            self.out.put(1, most + 1)
            self.out.put(value - 1, self.qbpp)

    def regular(self, c: int, y: int, x: int, around: tuple[int, int, int, int]) -> None:
        """Encode a sample in regular mode (A.4 to A.6)."""
        Ra, Rb, Rc, Rd = around
        Q = self.gradients(Ra, Rb, Rc, Rd)
        SIGN = -1 if next((q for q in Q if q), 0) < 0 else 1
        context = self.contexts[tuple(SIGN * q for q in Q)]
        if Rc >= max(Ra, Rb):
            Px = min(Ra, Rb)
        elif Rc <= min(Ra, Rb):
            Px = max(Ra, Rb)
        else:
            Px = Ra + Rb - Rc
        Px = min(max(Px + SIGN * context.C, 0), self.MAXVAL)
        Ix = int(self.planes[c][y, x])
        Errval = self.quantised(SIGN * (Ix - Px))
        self.made[c][y, x] = self.reconstructed(Px, Errval, SIGN)
        Errval = self.reduced(Errval)
        k = 0
        while context.N << k < context.A:
            k += 1
        if self.NEAR == 0 and k == 0 and 2 * context.B <= -context.N:
            MErrval = 2 * Errval + 1 if Errval >= 0 else -2 * (Errval + 1)
        else:
            MErrval = 2 * Errval if Errval >= 0 else -2 * Errval - 1
        self.golomb(MErrval, k, self.LIMIT)
        context.B += Errval * (2 * self.NEAR + 1)
        context.A += abs(Errval)
        if context.N == self.RESET:
            context.A >>= 1
            context.B >>= 1
            context.N >>= 1
        context.N += 1
        if context.B <= -context.N:
            context.B = max(context.B + context.N, 1 - context.N)
            context.C = max(context.C - 1, -128)
        elif context.B > 0:
            context.B = min(context.B - context.N, 0)
            context.C = min(context.C + 1, 127)

    def run(self, y: int, x: int, components: list[int], run: int) -> int:
        """Encode a run and what interrupts it (A.7); return the next column."""
        columns = self.planes[0].shape[1]
        values = [self.neighbours(c, y, x)[0] for c in components]
        length = 0
        while x < columns and all(
            abs(int(self.planes[c][y, x]) - value) <= self.NEAR
            for c, value in zip(components, values, strict=True)
        ):
            for c, value in zip(components, values, strict=True):
                self.made[c][y, x] = value
            x += 1
            length += 1
        while length >= 1 << J[self.RUNindex[run]]:
            self.out.put(1, 1)
            length -= 1 << J[self.RUNindex[run]]
            self.RUNindex[run] = min(self.RUNindex[run] + 1, 31)
        if x == columns:
            if length:
                self.out.put(1, 1)
            return x
        order = J[self.RUNindex[run]]
        self.out.put(0, 1)
        self.out.put(length, order)
        for c, Ra in zip(components, values, strict=True):
            self.interruption(c, y, x, Ra, order, len(components) > 1)
        self.RUNindex[run] = max(self.RUNindex[run] - 1, 0)
        return x + 1

    def interruption(self, c: int, y: int, x: int, Ra: int, order: int, several: bool) -> None:
        """Encode the sample that ends a run (A.7.2)."""
        Rb = self.at(c, y - 1, x)
        RItype = 0 if several or abs(Ra - Rb) > self.NEAR else 1
        Px = Ra if RItype else Rb
        SIGN = -1 if RItype == 0 and Ra > Rb else 1
        Errval = self.quantised(SIGN * (int(self.planes[c][y, x]) - Px))
        self.made[c][y, x] = self.reconstructed(Px, Errval, SIGN)
        Errval = self.reduced(Errval)
        context = self.contexts[RItype]
        TEMP = context.A + (context.N >> 1 if RItype else 0)
        k = 0
        while context.N << k < TEMP:
            k += 1
        more = 2 * context.Nn >= context.N
        flip = (k == 0 and Errval > 0 and not more) or (Errval < 0 and (more or k != 0))
        EMErrval = 2 * abs(Errval) - RItype - flip
        self.golomb(EMErrval, k, self.LIMIT - order - 1)
        context.Nn += Errval < 0
        context.A += (EMErrval + 1 - RItype) >> 1
        if context.N == self.RESET:
            context.A >>= 1
            context.N >>= 1
            context.Nn >>= 1
        context.N += 1


def _octets(bits: str) -> bytes:
    writer = BitWriter()
    writer.bits.append(bits)
    return writer.jpegls()


def _marker(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


def encode(pixels: NDArray[np.int64], parameters: Parameters) -> tuple[bytes, NDArray[np.int64]]:
    """Return a code stream, and the image that a decoder must make of it."""
    several = pixels.ndim == 3
    planes = [pixels[..., c] for c in range(pixels.shape[2])] if several else [pixels]
    rows, columns = planes[0].shape
    stream = b"\xff\xd8"
    parts = b"".join(bytes([c + 1, 0x11, 0]) for c in range(len(planes)))
    head = struct.pack(">BHHB", parameters.bits, rows, columns, len(planes))
    stream += _marker(0xF7, head + parts)
    if parameters.preset:
        stream += _marker(0xF8, struct.pack(">B5H", 1, *parameters.preset))
    if parameters.restart:
        stream += _marker(0xDD, struct.pack(">H", parameters.restart))
    groups = [[c] for c in range(len(planes))]
    if parameters.interleave:
        groups = [list(range(len(planes)))]
    made: list[Plane] = []
    for group in groups:
        scan = Scan(parameters, [planes[c] for c in group])
        parts = b"".join(bytes([c + 1, 0]) for c in group)
        body = bytes([len(group)]) + parts + bytes([parameters.near, parameters.interleave, 0])
        stream += _marker(0xDA, body)
        for k, bits in enumerate(scan.encode()):
            stream += (bytes([0xFF, 0xD0 + (k - 1) % 8]) if k else b"") + _octets(bits)
        made += scan.made
    return stream + b"\xff\xd9", np.stack(made, -1) if several else made[0]
