"""Kernels of lossless JPEG, called directly (ISO 10918-1 Annex H)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conformance.generate.coders.bits import BitWriter
from conformance.generate.coders.lossless import EVEN, STEEP, Parameters, codes_of, differences
from conformance.generate.images import noise, picture
from conformance.generate.writing import Area, Given

__all__ = ["KERNEL_AREAS"]

_TRUNCATED, _OUTPUT_FULL, _BAD_VALUE = -1, -2, -3
_DECODING, _ENCODING = "ISO 10918-1 H.2", "ISO 10918-1 H.1.2.2"
_SHORT = 13
Codes = list[tuple[int, int]]


def _put(out: BitWriter, difference: int, codes: Codes) -> None:
    size = abs(difference).bit_length()
    out.put(*codes[size])
    if size < 16:  # the only difference of this size needs no bits (H.1.2.2)
        out.put(difference if difference >= 0 else difference + (1 << size) - 1, size)


# --- tables as the kernels read them --------------------------------------------


def _full(codes: Codes) -> list[int]:
    """Return what the next 16 bits mean: ``length << 8 | SSSS``."""
    found = [0] * 65536
    for size, (code, length) in enumerate(codes):
        begin = code << 16 - length
        found[begin : begin + (1 << 16 - length)] = [length << 8 | size] * (1 << 16 - length)
    return found


def _one(bits: str, codes: dict[str, int]) -> tuple[int, int] | None:
    """Return the difference that bits begin with, and how many it takes."""
    for length in range(1, len(bits) + 1):
        size = codes.get(bits[:length])
        if size is not None:
            if size == 16:
                return 32768, length
            if length + size > len(bits):
                return None
            number = int(bits[length : length + size] or "0", 2)
            if size and number >> size - 1 == 0:
                number -= (1 << size) - 1
            return number, length + size
    return None


def _short(codes: Codes) -> list[int]:
    """Return what the next 13 bits mean: one difference, or two."""
    named = {format(code, f"0{length}b"): size for size, (code, length) in enumerate(codes)}
    found = []
    for window in range(1 << _SHORT):
        bits = format(window, f"0{_SHORT}b")
        one = _one(bits, named)
        # The first difference has 14 bits: larger ones are not looked up.
        if one is None or not -(1 << _SHORT) <= one[0] < 1 << _SHORT:
            found.append(0)
            continue
        two = _one(bits[one[1] :], named)
        if two is not None and not -(1 << 12) <= two[0] < 1 << 12:
            two = None
        number, used = two or (0, 0)
        low = (one[1] + used) | (two is not None) << 4 | (one[0] + (1 << _SHORT)) << 5
        found.append(low + number * (1 << _SHORT + 6))
    return found


_LENGTHS = {"steep": STEEP, "even": EVEN}
_CODES = {name: codes_of(lengths) for name, lengths in _LENGTHS.items()}
_FULL = {name: _full(codes) for name, codes in _CODES.items()}
_SHORTS = {name: _short(codes) for name, codes in _CODES.items()}


# --- scans ----------------------------------------------------------------------


class _Scan(NamedTuple):
    """An image, and how it is coded.

    Attributes
    ----------
    samples : int
        Cells of a pixel.
    places : tuple of int
        The cell of each component of the scan.
    tables : tuple of str
        The Huffman table of each component.
    """

    pixels: NDArray[np.int64]
    parameters: Parameters
    samples: int = 1
    places: tuple[int, ...] = (0,)
    tables: tuple[str, ...] = ("steep",)

    @property
    def planes(self) -> list[NDArray[np.int64]]:
        """The components of the scan."""
        if self.pixels.ndim == 2:
            return [self.pixels]
        return [self.pixels[..., place] for place in self.places]

    def rows(self) -> list[list[int]]:
        """Return the differences of each row, those of a pixel's components together."""
        every = [differences(plane, self.parameters) for plane in self.planes]
        columns = self.pixels.shape[1]
        ordered = [each[k] for k in range(len(every[0])) for each in every]
        step = columns * len(every)
        return [ordered[k : k + step] for k in range(0, len(ordered), step)]

    def bits(self) -> list[str]:
        """Return the bits of each restart interval."""
        rows = self.rows()
        interval = self.parameters.restart or len(rows)
        made = []
        for begin in range(0, len(rows), interval):
            out = BitWriter()
            for row in rows[begin : begin + interval]:
                for k, difference in enumerate(row):
                    _put(out, difference, _CODES[self.tables[k % len(self.tables)]])
            made.append(out.text())
        return made


def _pack(code: str, values: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(values)}{code}", *values)


def _array(code: str, values: Sequence[int]) -> dict[str, Given]:
    return {"kind": "array", "format": code, "octets": _pack(code, values)}


def _view(code: str, values: Sequence[int]) -> dict[str, Given]:
    return {"kind": "view", "format": code, "octets": _pack(code, values)}


def _decoding(
    scan: _Scan, parts: list[str], top: int, cells: int, cut: int = 0
) -> dict[str, Given]:
    words, starts, ends = list[int](), list[int](), list[int]()
    for part in parts:
        bits = part + "1" * (-len(part) % 8)
        starts.append(len(words))
        ends.append(32 * len(words) + len(bits))
        bits = bits.ljust(-(-len(bits) // 32) * 32, "0")
        words += [int(bits[k : k + 32], 2) for k in range(0, len(bits), 32)]
    ends[-1] -= cut
    rows, columns = scan.pixels.shape[:2]
    parameters = scan.parameters
    # One table for all is named once.
    tables = scan.tables if len(set(scan.tables)) > 1 else scan.tables[:1]
    plan = [columns, scan.samples, len(scan.places), parameters.predictor,
            1 << parameters.bits - parameters.transform - 1, parameters.restart or rows, top,
            len(tables), *scan.places]  # fmt: skip
    full = [entry for name in tables for entry in _FULL[name]]
    return {"arguments": [
        _array("I", [*words, 0, 0]), _array("q", starts), _array("q", ends),
        _view("i", _SHORTS[tables[0]]), _view("H", full), _array("q", plan),
        {"kind": "view", "format": "B" if top == 255 else "H", "room": cells},
        {"kind": "array", "format": "q", "room": 2},
    ]}  # fmt: skip


def _scans() -> Iterator[tuple[str, _Scan]]:
    for predictor in range(1, 8):
        for bits in (8, 12, 16):
            pixels = picture(6, 7, bits, seed=predictor + bits)
            yield f"predictor-{predictor}-{bits}", _Scan(pixels, Parameters(bits, predictor))
        restart = Parameters(8, predictor, restart=2)
        yield f"predictor-{predictor}-restart", _Scan(picture(5, 4, 8, seed=predictor), restart)
        wild = noise(90, predictor).reshape(6, 5, 3) // 999
        rgb = _Scan(wild % 256, Parameters(8, predictor), 3, (0, 1, 2))
        yield f"predictor-{predictor}-rgb", rgb
        mixed = _Scan(wild % 65536, Parameters(16, predictor), 3, (0, 1, 2))
        yield (
            f"predictor-{predictor}-rgb-16-tables",
            mixed._replace(tables=("steep", "even", "steep")),
        )
        one = _Scan(wild % 256, Parameters(8, predictor), 3, (1,))
        yield f"predictor-{predictor}-one-of-three", one
    yield "transform", _Scan(picture(6, 7, 12), Parameters(12, 4, transform=3))
    yield "even", _Scan(picture(6, 7, 8), Parameters(8), tables=("even",))
    yield "even-16", _Scan(picture(6, 7, 16), Parameters(16, 6), tables=("even",))
    for columns in (1, 2, 3):
        yield f"columns-{columns}", _Scan(picture(5, columns, 8), Parameters(8))
        yield f"columns-{columns}-up", _Scan(picture(5, columns, 8), Parameters(8, 2))
    ramp = np.arange(60).reshape(3, 20)
    yield "small-steps", _Scan(ramp % 7 + 100, Parameters(8))
    yield "small-steps-up", _Scan(ramp % 7 + 100, Parameters(8, 2))
    yield "flat", _Scan(np.full((4, 9), 128), Parameters(8))
    halves = np.zeros((4, 6), np.int64)
    halves[::2, 1::2] = halves[1::2, ::2] = 32768
    yield "size-16", _Scan(halves, Parameters(16))
    yield "size-16-up", _Scan(halves, Parameters(16, 2))
    two = _Scan(picture(4, 5, 8, samples=3), Parameters(8, 1, restart=1), 3, (0, 2))
    yield "two-of-three", two
    yield "two-of-three-tables", two._replace(tables=("even", "steep"))


def scans() -> Area:
    """Return the cases of lossless scans."""
    area = Area("kernel-jpeglossless", "Kernels of lossless JPEG",
                "ISO 10918-1 Annex H, sample by sample")  # fmt: skip
    for name, scan in _scans():
        _add_decoding(area, name, scan)
        if len(set(scan.tables)) == 1:
            _add_encoding(area, name, scan)
    _faults(area)
    return area


def _add_decoding(area: Area, name: str, scan: _Scan) -> None:
    parts = scan.bits()
    rows, columns = scan.pixels.shape[:2]
    samples = scan.pixels.reshape(rows, columns, -1) >> scan.parameters.transform
    cells = np.zeros((rows, columns, scan.samples), np.int64)
    for place in scan.places:
        cells[..., place] = samples[..., place]
    top = 255 if scan.parameters.bits == 8 else 65535
    code = "B" if top == 255 else "H"
    state = [len(parts) - 1, len(parts[-1])]
    area.add(f"decode.{name}", "kernel", "jpeglossless.decode_scan", _DECODING,
             f"A scan is decoded: {name}", _decoding(scan, parts, top, cells.size),
             {"result": rows * columns * len(scan.places), "buffers": [
                 {"argument": 6, "octets": _pack(code, [int(n) for n in cells.flat])},
                 {"argument": 7, "octets": _pack("q", state)}]})  # fmt: skip
    spare = -len(parts[-1]) % 8
    for early in (1, 9, 20):
        if early < len(parts[-1]):
            area.add(f"decode.{name}.ends-{early}-early", "kernel", "jpeglossless.decode_scan",
                     _DECODING, f"A scan that ends {early} bits early: {name}",
                     _decoding(scan, parts, top, cells.size, spare + early),
                     {"result": _TRUNCATED}, flags=["hostile"])  # fmt: skip
    exact = _decoding(scan, parts, top, cells.size, spare)
    area.add(f"decode.{name}.ends-exactly", "kernel", "jpeglossless.decode_scan", _DECODING,
             f"A scan that ends with its last bit: {name}", exact,
             {"result": rows * columns * len(scan.places)})  # fmt: skip


_SIZES = bytes(n.bit_length() for n in range(32769))


def _add_encoding(area: Area, name: str, scan: _Scan) -> None:
    parts = scan.bits()
    made, ends, most = b"", list[int](), 0
    rows = scan.rows()
    interval = scan.parameters.restart or len(rows)
    codes = _CODES[scan.tables[0]]
    for k, bits in enumerate(parts):
        # Octets that are written before each difference of the interval, in pairs.
        before = 0
        for difference in [n for row in rows[k * interval : (k + 1) * interval] for n in row]:
            most = max(most, len(made) + before // 16 * 2)
            size = abs(difference).bit_length()
            before += codes[size][1] + (size if size < 16 else 0)
        padded = bits + "1" * (-len(bits) % 8)
        made += bytes(int(padded[p : p + 8], 2) for p in range(0, len(padded), 8))
        ends.append(len(made))
    flat = [n for row in rows for n in row]
    for room in (len(made) + 16, most + 8, most + 7):
        enough = room >= most + 8
        arguments: list[Given] = [
            _view("i", flat), {"kind": "bytes", "format": "B", "octets": _SIZES},
            _array("i", [length << 16 | code for code, length in codes]),
            interval * len(rows[0]), {"kind": "bytearray", "format": "B", "room": room},
            {"kind": "array", "format": "q", "room": len(parts)},
        ]  # fmt: skip
        buffers: list[Given] = []
        if enough:
            buffers = [{"argument": 4, "octets": made}, {"argument": 5, "octets": _pack("q", ends)}]
        area.add(f"encode.{name}.room-{room - most - 8:+d}", "kernel", "jpeglossless.encode_scan",
                 _ENCODING, f"A scan is encoded: {name}", {"arguments": arguments},
                 {"result": len(made) if enough else _OUTPUT_FULL, "buffers": buffers},
                 flags=[] if enough else ["hostile"])  # fmt: skip


def _faults(area: Area) -> None:
    kernel = "jpeglossless.decode_scan"
    none = "1" * 200  # no code of either table

    def add(name: str, scan: _Scan, parts: list[str], result: int, top: int = 255) -> None:
        cells = scan.pixels.shape[0] * scan.pixels.shape[1] * scan.samples
        area.add(f"decode.broken-{name}", "kernel", kernel, _DECODING,
                 f"A scan that is broken: {name}", _decoding(scan, parts, top, cells),
                 {"result": result}, flags=["hostile"])  # fmt: skip

    for predictor in (1, 2, 7):
        scan = _Scan(picture(4, 5, 8), Parameters(8, predictor))
        (bits,) = scan.bits()
        add(f"no-code-{predictor}", scan, [none], _BAD_VALUE)
        add(f"no-code-later-{predictor}", scan, [bits[:40] + none], _BAD_VALUE)
        add(f"nothing-{predictor}", scan, [""], _TRUNCATED)
        for octets in (1, 3, 4, 8):
            add(f"cut-to-{octets}-{predictor}", scan, [bits[: 8 * octets]], _TRUNCATED)
        large = _Scan(picture(4, 5, 8), Parameters(8, predictor))
        out = BitWriter()
        for difference in [0] * 7 + [150] + [0] * 12:
            _put(out, difference, _CODES["steep"])
        add(f"too-large-{predictor}", large, [out.text()], _BAD_VALUE)
        out = BitWriter()
        for difference in [0] * 4 + [-200] + [0] * 15:
            _put(out, difference, _CODES["steep"])
        add(f"too-small-{predictor}", large, [out.text()], _BAD_VALUE)
    for predictor, at in product(range(1, 8), ((0, 2), (2, 0), (2, 1), (2, 2), (2, 3), (3, 4))):
        for what, usual, most in (("far", 90, 300), ("near", 254, 257)):
            pixels = np.full((4, 5), usual)
            pixels[at] = most  # the only sample that no cell of eight bits can hold
            scan = _Scan(pixels, Parameters(8, predictor))
            add(f"one-too-large-{what}-{predictor}-{at[0]}-{at[1]}", scan, scan.bits(), _BAD_VALUE)
    rgb = _Scan(picture(3, 4, 8, samples=3), Parameters(8, 1), 3, (0, 1, 2))
    (bits,) = rgb.bits()
    add("rgb-no-code", rgb, [bits[:60] + none], _BAD_VALUE)
    add("rgb-cut", rgb, [bits[:64]], _TRUNCATED)


KERNEL_AREAS = (scans,)
"""What makes each area of this module."""
