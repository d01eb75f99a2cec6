"""Kernels of JPEG-LS, called directly: from the bits of an independent encoder to its image."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conformance.generate.coders.bits import BitWriter
from conformance.generate.coders.jpegls import Parameters, Scan
from conformance.generate.images import noise, picture
from conformance.generate.writing import Area, Given

__all__ = ["KERNEL_AREAS"]

_TRUNCATED, _OUTPUT_FULL, _BAD_VALUE = -1, -2, -3
_MARGIN, _WORD = 16, 24
_A1, _A, _C = "ISO 14495-1 A.1", "ISO 14495-1 Annex A", "ISO 14495-1 A.5.3"


@cache
def _table(MAXVAL: int, NEAR: int, bounds: tuple[int, int, int]) -> bytes:
    def region(D: int) -> int:
        Q = sum(abs(D) >= bound for bound in bounds) + (abs(D) > NEAR)
        return -Q if D < 0 else Q

    return bytes(4 + region(D) for D in range(-MAXVAL, MAXVAL + 1))


class _Coded(NamedTuple):
    """An image, what encodes it, and its bits for each restart interval."""

    scan: Scan
    bits: list[str]

    @classmethod
    def of(cls, pixels: NDArray[np.int64], parameters: Parameters) -> _Coded:
        several = pixels.ndim == 3
        planes = [pixels[..., c] for c in range(pixels.shape[2])] if several else [pixels]
        scan = Scan(parameters, planes)
        return cls(scan, scan.encode())

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns, components."""
        rows, columns = self.scan.planes[0].shape
        return rows, columns, len(self.scan.planes)

    @property
    def sampled(self) -> bool:
        """Whether samples take turns."""
        return self.scan.parameters.interleave == 2

    def coding(self) -> list[int]:
        """Return the kernels' argument of this name."""
        scan = self.scan
        rows, columns, components = self.shape
        interval = scan.parameters.restart or rows
        return [scan.MAXVAL, scan.NEAR, scan.RANGE, scan.qbpp, scan.LIMIT, scan.RESET,
                rows, columns, components, interval]  # fmt: skip

    def table(self) -> bytes:
        """Return the region of each gradient, plus 4 (A.3.3)."""
        scan = self.scan
        return _table(scan.MAXVAL, scan.NEAR, (scan.T1, scan.T2, scan.T3))

    def cells(self, planes: list[NDArray[np.int64]]) -> bytes:
        """Return planes as the kernels have them: after a line of zeros."""
        _, columns, components = self.shape
        if self.sampled:
            above = np.zeros((1, columns, components), np.int64)
            return np.concatenate([above, np.stack(planes, -1)]).astype("<u2").tobytes()
        above = np.zeros((1, columns), np.int64)
        return b"".join(np.concatenate([above, plane]).astype("<u2").tobytes() for plane in planes)

    def octets(self) -> bytes:
        """Return the data of the scan, with restart markers."""
        made = b""
        for k, bits in enumerate(self.bits):
            made += (bytes([0xFF, 0xD0 + (k - 1) % 8]) if k else b"") + _stuffed(bits)
        return made


def _stuffed(bits: str) -> bytes:
    writer = BitWriter()
    writer.bits.append(bits)
    return writer.jpegls()


def _plain(octets: bytes) -> str:
    """Return the bits without the stuffed ones, those that fill the last octet included."""
    bits, before = "", 0
    for octet in octets:
        bits += format(octet, "07b" if before == 255 else "08b")
        before = octet
    return bits


class _Windows:
    """What unstuffing gives: a window of 32 bits that ends with each octet of plain bits."""

    def __init__(self, parts: Iterable[bytes], start: int = 0) -> None:
        self.windows: list[int] = []
        self.intervals: list[int] = []
        at = start
        for k, octets in enumerate(parts):
            at += 2 if k else 0
            bits = _plain(octets)
            begin = 8 * (len(self.windows) + 3)
            end = 8 * (len(self.windows) + len(bits) // 8 + 3) + len(bits) % 8
            self.intervals += [begin, end, at]
            at += len(octets)
            shown = "0" * 24 + bits + "0" * (8 * _MARGIN + 8)
            for octet in range(len(bits) // 8 + _MARGIN):
                self.windows.append(int(shown[8 * octet : 8 * octet + 32], 2))
        self.end = at


def _slope() -> NDArray[np.int64]:
    """Return a line that drives the bias of a context to its limit."""
    return np.arange(200).reshape(1, 200) * 300


def _dots() -> NDArray[np.int64]:
    dots = np.full((3, 40), 9)
    dots[0, 7] = dots[1, 7] = dots[1, 20] = dots[2, 39] = 200
    dots[2, 3] = 8
    return dots


def _marks() -> NDArray[np.int64]:
    marks = np.zeros((6, 70), np.int64)
    marks.flat[::7] = noise(60, 12) // 999 % 3
    marks.flat[::11] = noise(39, 13) // 999 % 5
    return marks


def _images() -> Iterable[tuple[str, NDArray[np.int64], Parameters]]:
    for bits in (2, 7, 8, 12, 16):
        yield f"bits-{bits}", picture(7, 11, bits, seed=bits), Parameters(bits)
    for near in (1, 2, 5, 20):
        yield f"near-{near}", picture(8, 9, 8, seed=near), Parameters(8, near=near)
    yield "near-9-of-12", picture(8, 9, 12, seed=4), Parameters(12, near=9)
    for rows in (1, 2, 3):
        yield f"restart-{rows}", picture(7, 6, 8, seed=rows), Parameters(8, restart=rows)
    reset = Parameters(8, preset=(255, 4, 9, 30, 3))
    yield "reset-3", picture(12, 14, 8, seed=3), reset
    yield "reset-3-near", picture(12, 14, 8, seed=3), Parameters(8, 2, preset=(255, 9, 17, 40, 3))
    yield "not-all-values", picture(6, 9, 7, seed=9), Parameters(8, preset=(140, 3, 7, 21, 64))
    flat = np.full((3, 40), 9)
    yield "flat", flat, Parameters(8)
    dots = _dots()
    yield "flat-with-dots", dots, Parameters(8)
    yield "flat-with-dots-near", dots, Parameters(8, near=1)
    yield "flat-with-dots-wide", dots * 300, Parameters(16)
    stairs = np.cumsum(noise(130, 6) % 9 == 0).reshape(5, 26) * 3
    yield "stairs", stairs, Parameters(8)
    yield "stairs-near", stairs, Parameters(8, near=2)
    yield "two-values", noise(117, 2).reshape(9, 13) // 999 % 2 * 3, Parameters(2)
    yield "one-column", picture(9, 1, 8), Parameters(8)
    yield "one-row", picture(1, 30, 8), Parameters(8)
    yield "one-pixel", np.full((1, 1), 77), Parameters(8)
    extremes = noise(120, 4).reshape(8, 15) // 777 % 2 * 65535
    yield "extremes", extremes, Parameters(16)
    yield "noise", noise(140, 5).reshape(10, 14) // 999 % 256, Parameters(8)
    long = np.full((1, 1700), 3)
    long[0, 1650] = 60
    yield "long-run", long, Parameters(8)
    yield "long-run-to-the-end", np.full((1, 1700), 0), Parameters(8)
    up = _slope()
    yield "bias-up", up, Parameters(16)
    yield "bias-down", 65535 - up, Parameters(16)
    yield "bias-down-near", 65535 - up, Parameters(16, near=3)
    yield "flat-restart", np.full((4, 40), 3), Parameters(8, restart=1)
    marks = _marks()
    yield "marks", marks, Parameters(4, preset=(15, 2, 3, 5, 5))
    yield "marks-of-8", marks, Parameters(8)
    yield "marks-near", marks * 3, Parameters(5, near=1)
    yield from _several()


def _several() -> Iterable[tuple[str, NDArray[np.int64], Parameters]]:
    """Yield images of several components."""
    up, marks, dots = _slope(), _marks(), _dots()
    for interleave in (1, 2):
        yield (
            f"rgb-{interleave}-bias",
            np.stack([up, 65535 - up, up], -1),
            Parameters(16, 0, interleave),
        )
        yield f"rgb-{interleave}-one-row", picture(1, 9, 8, samples=3), Parameters(8, 0, interleave)
        wild = noise(240, 11).reshape(8, 10, 3) // 999
        yield f"rgb-{interleave}-extremes", wild % 2 * 65535, Parameters(16, 0, interleave)
        yield f"rgb-{interleave}-noise", wild % 256, Parameters(8, 0, interleave)
        yield f"rgb-{interleave}-noise-near", wild % 256, Parameters(8, 7, interleave)
        yield (
            f"rgb-{interleave}-flat-restart",
            np.full((4, 40, 3), 3),
            Parameters(8, 0, interleave, restart=1),
        )
        points = np.stack([marks, np.roll(marks, 9), marks // 2], -1)
        yield (
            f"rgb-{interleave}-marks",
            points,
            Parameters(4, 0, interleave, preset=(15, 2, 3, 5, 5)),
        )
        yield f"rgb-{interleave}-marks-near", points * 3, Parameters(5, 1, interleave)
    for interleave in (1, 2):
        rgb = picture(6, 8, 8, samples=3, seed=interleave)
        yield f"rgb-{interleave}", rgb, Parameters(8, interleave=interleave)
        yield f"rgb-{interleave}-near", rgb, Parameters(8, 3, interleave)
        yield f"rgb-{interleave}-restart", rgb, Parameters(8, interleave=interleave, restart=2)
        spots = np.stack([dots, dots // 2, dots[::-1]], -1)
        yield f"rgb-{interleave}-dots", spots, Parameters(8, interleave=interleave)
        yield f"rgb-{interleave}-dots-near", spots, Parameters(8, 1, interleave)
        yield (
            f"rgb-{interleave}-reset",
            picture(9, 9, 8, samples=3),
            Parameters(8, 0, interleave, preset=(255, 4, 9, 30, 3)),
        )
        yield f"rgb-{interleave}-16", picture(5, 6, 16, samples=3), Parameters(16, 0, interleave)
        yield f"rgb-{interleave}-flat", np.full((2, 90, 3), 5), Parameters(8, 0, interleave)
        blue = np.full((2, 30, 3), 5)
        blue[0, 11, 2] = blue[1, 12, 0] = 90
        yield f"rgb-{interleave}-one-differs", blue, Parameters(8, 0, interleave)
    for samples in (2, 4):
        some = picture(4, 7, 8, samples=4)[..., :samples]
        yield f"samples-{samples}", some, Parameters(8, 0, 2)
        yield f"lines-{samples}", some, Parameters(8, 0, 1)


def _octets(data: bytes) -> dict[str, Given]:
    return {"kind": "bytes", "format": "B", "octets": data}


def _numbers(values: list[int]) -> dict[str, Given]:
    return {"kind": "array", "format": "q", "octets": struct.pack(f"<{len(values)}q", *values)}


def _room(kind: str, code: str, count: int) -> dict[str, Given]:
    return {"kind": kind, "format": code, "room": count}


def _view(code: str, data: bytes) -> dict[str, Given]:
    return {"kind": "view", "format": code, "octets": data}


def _packed(code: str, values: list[int]) -> bytes:
    return struct.pack(f"<{len(values)}{code}", *values)


def _expected(result: int, **buffers: bytes) -> dict[str, Given]:
    wanted: list[Given] = [
        {"argument": int(name[1:]), "octets": octets} for name, octets in buffers.items() if octets
    ]
    return {"result": result, "buffers": wanted} if wanted else {"result": result}


def _words(bits: list[str]) -> tuple[list[int], list[int]]:
    """Return words of 24 bits, zeros at the end of each interval, and the intervals."""
    words: list[int] = []
    intervals: list[int] = []
    for each in bits:
        intervals += [len(words), len(each)]
        text = each + "0" * (_WORD - len(each) % _WORD)  # a last word is always written
        words += [int(text[k : k + _WORD], 2) for k in range(0, len(text), _WORD)]
    return words, intervals


def scans() -> Area:
    """Return the cases of whole scans."""
    area = Area("kernel-jpegls", "Kernels of JPEG-LS",
                "ISO 14495-1 Annex A, by an encoder that follows its text")  # fmt: skip
    for name, pixels, parameters in _images():
        coded = _Coded.of(pixels, parameters)
        _decoding(area, name, coded)
        _encoding(area, name, coded)
    _longest(area)
    _broken(area)
    return area


def _decoded(coded: _Coded, windows: list[int], intervals: list[int]) -> dict[str, Given]:
    rows, columns, components = coded.shape
    cells = (1 + rows) * columns * components
    return {"arguments": [
        _view("I", _packed("I", windows)), _numbers(intervals), _octets(coded.table()),
        _numbers(coded.coding()), _room("view", "H", cells), _room("array", "q", 1),
    ]}  # fmt: skip


def _decoding(area: Area, name: str, coded: _Coded) -> None:
    kernel = "jpegls.decode_samples" if coded.sampled else "jpegls.decode_lines"
    made = _Windows([_stuffed(bits) for bits in coded.bits])
    reached = made.intervals[-3] + len(coded.bits[-1])
    area.add(f"decode.{name}", "kernel", kernel, _A, f"A scan is decoded: {name}",
             _decoded(coded, made.windows, made.intervals),
             _expected(coded.shape[0], _4=coded.cells(coded.scan.made),
                       _5=_packed("q", [reached])))  # fmt: skip
    for few in (1, 9, 30):
        short = [*made.intervals]
        short[-2] = short[-3] + len(coded.bits[-1]) - few
        if short[-2] > short[-3]:
            area.add(f"decode.{name}.ends-{few}-early", "kernel", kernel, _A,
                     f"A scan that ends {few} bits early: {name}",
                     _decoded(coded, made.windows, short), _expected(_TRUNCATED),
                     flags=["hostile"])  # fmt: skip
    exact = [*made.intervals]
    exact[-2] = reached
    area.add(f"decode.{name}.ends-exactly", "kernel", kernel, _A,
             f"A scan that ends with its last bit: {name}",
             _decoded(coded, made.windows, exact),
             _expected(coded.shape[0], _4=coded.cells(coded.scan.made)))  # fmt: skip


def _encoding(area: Area, name: str, coded: _Coded) -> None:
    kernel = "jpegls.encode_samples" if coded.sampled else "jpegls.encode_lines"
    words, intervals = _words(coded.bits)
    rows, columns, components = coded.shape
    width = columns * components if coded.sampled else columns
    source = _view("H", coded.cells(coded.scan.planes))
    after = coded.cells(coded.scan.made)
    # Before a line, as many words are there as it can take, and two.
    ahead = -(-width * coded.scan.LIMIT // _WORD) + 2
    more = rows * components if not coded.sampled else rows

    def given(room: int) -> dict[str, Given]:
        fixed: list[Given] = [source, _octets(coded.table()), _numbers(coded.coding())]
        rooms = [_room("view", "I", room), _room("array", "q", len(intervals))]
        return {"arguments": [*fixed, *rooms]}

    area.add(f"encode.{name}", "kernel", kernel, _A, f"A scan is encoded: {name}",
             given(ahead * more + len(coded.bits)),
             _expected(len(words), _0=after, _3=_packed("I", words),
                       _4=_packed("q", intervals)))  # fmt: skip
    if more == 1:
        area.add(f"encode.{name}.room", "kernel", kernel, _A,
                 f"A scan is encoded into just the room it may take: {name}", given(ahead),
                 _expected(len(words), _3=_packed("I", words)))  # fmt: skip
    area.add(f"encode.{name}.no-room", "kernel", kernel, _A,
             f"A scan is encoded into less room than a line may take: {name}", given(ahead - 1),
             _expected(_OUTPUT_FULL), flags=["hostile"])  # fmt: skip


def _longest(area: Area) -> None:
    """Add a line so long that the order of its runs becomes the largest (A.7.1.2)."""
    for interleave, letter in ((0, "lines"), (2, "samples")):
        columns = 67000
        shape = (1, columns, 2) if interleave else (1, columns)
        coded = _Coded.of(np.zeros(shape, np.int64), Parameters(8, 0, interleave))
        made = _Windows([_stuffed(bits) for bits in coded.bits])
        reached = made.intervals[-3] + len(coded.bits[-1])
        area.add(f"decode.longest-{letter}", "kernel", f"jpegls.decode_{letter}", _A,
                 "A line so long that the order of its runs becomes the largest",
                 _decoded(coded, made.windows, made.intervals),
                 _expected(1, _5=_packed("q", [reached])))  # fmt: skip
        words, intervals = _words(coded.bits)
        room = -(-columns * coded.shape[2] * coded.scan.LIMIT // _WORD) + 2
        given: list[Given] = [
            _room("view", "H", 2 * columns * coded.shape[2]), _octets(coded.table()),
            _numbers(coded.coding()), _room("view", "I", room), _room("array", "q", 2),
        ]  # fmt: skip
        area.add(f"encode.longest-{letter}", "kernel", f"jpegls.encode_{letter}", _A,
                 "A line so long that the order of its runs becomes the largest",
                 {"arguments": given},
                 _expected(len(words), _3=_packed("I", words),
                           _4=_packed("q", intervals)))  # fmt: skip


def _broken(area: Area) -> None:
    """Codes that announce more than any code may."""
    for interleave, kernel in ((0, "jpegls.decode_lines"), (2, "jpegls.decode_samples")):
        pixels = np.full((2, 9, 2), 50) if interleave else np.full((2, 9), 50)
        coded = _Coded.of(pixels, Parameters(8, 0, interleave))
        for first in ("0", "10", "110", "1110"):
            bits = first + "0" * 200
            made = _Windows([_stuffed(bits)])
            area.add(f"decode.no-code-{interleave}-{len(first)}", "kernel", kernel, _C,
                     "More zeros than announce the longest code",
                     _decoded(coded, made.windows, made.intervals), _expected(_BAD_VALUE),
                     flags=["hostile"])  # fmt: skip


def bits() -> Area:
    """Return the cases of stuffed bits."""
    area = Area("kernel-jpegls-bits", "Kernels of the bits of JPEG-LS",
                "ISO 14495-1 A.1, bit by bit")  # fmt: skip
    texts = {f"noise-{n}": "".join(str(int(k) >> 7 & 1) for k in noise(n, n)) for n in
             (1, 7, 8, 9, 23, 24, 25, 47, 48, 49, 100, 200)}  # fmt: skip
    texts |= {f"ones-{n}": "1" * n for n in (7, 8, 9, 15, 16, 30, 31, 61, 150)}
    texts |= {f"mostly-ones-{n}": ("1" * 23 + "0") * n for n in (1, 2, 3, 8)}
    texts |= {"nothing": "", "zeros-40": "0" * 40, "ones-then-zeros": "1" * 16 + "0" * 30}
    lists = {name: [text] for name, text in texts.items()}
    lists["intervals-2"] = [texts["noise-100"], texts["noise-25"]]
    lists["intervals-3-ones"] = [texts["ones-8"], texts["ones-16"], texts["ones-9"]]
    lists["intervals-20"] = [texts[f"noise-{n}"] for n in (7, 24, 25, 9)] * 5
    for name, parts in lists.items():
        octets = [_stuffed(text) for text in parts]
        _unstuffing(area, name, octets)
        _stuffing(area, name, parts, octets)
    _markers(area)
    return area


def _joined(parts: list[bytes], fill: int = 0, first: int = 0xD0) -> bytes:
    made = parts[0]
    for k, octets in enumerate(parts[1:]):
        made += b"\xff" * fill + bytes([0xFF, 0xD0 + (first - 0xD0 + k) % 8]) + octets
    return made


def _unstuffed(src: bytes, start: int, room: int, count: int) -> dict[str, Given]:
    return {"arguments": [_octets(src), start, _room("view", "I", room),
                          _room("array", "q", 3 * count)]}  # fmt: skip


def _unstuffing(area: Area, name: str, octets: list[bytes]) -> None:
    kernel, count = "jpegls.unstuff", len(octets)
    data = _joined(octets)
    for label, before, after in [
        ("", b"", b"\xff\xd9"), ("-no-end", b"", b""), ("-later", b"\xff\x00\x81", b"\xff\x80\0"),
    ]:  # fmt: skip
        made = _Windows(octets, len(before))
        src = before + data + after
        room = len(src) - len(before) + _MARGIN * count
        area.add(f"unstuff.{name}{label}", "kernel", kernel, _A1, f"Bits of a scan: {name}",
                 _unstuffed(src, len(before), room, count),
                 _expected(made.end, _2=_packed("I", made.windows),
                           _3=_packed("q", made.intervals)))  # fmt: skip
    src = data + b"\xff\xd9"
    area.add(f"unstuff.{name}-no-room", "kernel", kernel, _A1, f"No room for windows: {name}",
             _unstuffed(src, 0, len(src) + _MARGIN * count - 1, count), _expected(_OUTPUT_FULL),
             flags=["hostile"])  # fmt: skip


def _stuffing(area: Area, name: str, parts: list[str], octets: list[bytes]) -> None:
    words, intervals = _words(parts)
    data = _joined(octets)
    for room, label in ((len(data) + 8, ""), (len(data) + 3, "-just"), (len(data) + 2, "-less")):
        full = label == "-less"
        if not data and label:
            continue
        area.add(f"stuff.{name}{label}", "kernel", "jpegls.stuff", _A1,
                 f"Octets of a scan, {room - len(data)} more than it takes: {name}",
                 {"arguments": [_view("I", _packed("I", words)), _numbers(intervals),
                                _room("bytearray", "B", room)]},
                 _expected(_OUTPUT_FULL) if full else _expected(len(data), _2=data),
                 flags=["hostile"] if full else [])  # fmt: skip


def _markers(area: Area) -> None:
    kernel = "jpegls.unstuff"
    one, two = b"\x12\xff\x34\x56", b"\x9a\xbc"
    for fill in (1, 2, 5):
        src = _joined([one, two], fill) + b"\xff\xd9"
        made = _Windows([one, two])
        moved = [*made.intervals[:5], made.intervals[5] + fill]
        area.add(f"unstuff.fill-{fill}", "kernel", kernel, "ISO 14495-1 A.1; ISO 10918-1 B.1.1.2",
                 f"{fill} fill octets before a marker",
                 _unstuffed(src, 0, len(src) + 32, 2),
                 _expected(made.end + fill, _2=_packed("I", made.windows),
                           _3=_packed("q", moved)))  # fmt: skip
    faults = {f"marker-{code:02x}": (one + bytes([0xFF, code]) + two,
                                     _BAD_VALUE if 0xD0 <= code <= 0xD7 else _TRUNCATED)
              for code in (0xCF, 0xD1, 0xD2, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0x80, 0xFE)}  # fmt: skip
    faults["nothing-more"] = (one, _TRUNCATED)
    faults["ends-in-marker"] = (one + b"\xff", _TRUNCATED)
    faults["only-fill"] = (one + b"\xff" * 6, _TRUNCATED)
    for name, (src, result) in faults.items():
        area.add(f"unstuff.second-interval-{name}", "kernel", kernel,
                 "ISO 14495-1 A.1; ISO 10918-1 B.2.1", f"A second interval is expected: {name}",
                 _unstuffed(src, 0, len(src) + 32, 2), _expected(result),
                 flags=["hostile"])  # fmt: skip
    many = [two] * 10
    for first in (0xD0, 0xD1):
        src = _joined(many, first=first)
        made = _Windows(many)
        good = first == 0xD0
        area.add(f"unstuff.ten-intervals-from-{first:x}", "kernel", kernel,
                 "ISO 14495-1 A.1; ISO 10918-1 B.2.1", "Restart markers in turn",
                 _unstuffed(src, 0, len(src) + 160, 10),
                 _expected(made.end, _3=_packed("q", made.intervals)) if good
                 else _expected(_BAD_VALUE), flags=[] if good else ["hostile"])  # fmt: skip


KERNEL_AREAS = (scans, bits)
"""What makes each area of this module."""
