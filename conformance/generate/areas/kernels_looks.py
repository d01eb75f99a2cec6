"""Kernels of colour, of lookup tables and of numbers in text, called directly."""

from __future__ import annotations

import math
import re
import struct
from fractions import Fraction

from conformance.generate.images import noise
from conformance.generate.writing import Area, Given

__all__ = ["KERNEL_AREAS"]

_BAD_VALUE = -3
_FORMATS = {"B": 8, "b": 8, "H": 16, "h": 16, "I": 32, "i": 32}


def _view(code: str, values: list[int], kind: str = "view") -> dict[str, Given]:
    return {"kind": kind, "format": code, "octets": struct.pack(f"<{len(values)}{code}", *values)}


def _rounded(number: Fraction) -> int:
    """Return the nearest integer, of two the larger."""
    return math.floor(number + Fraction(1, 2))


def _octet(number: int) -> int:
    return min(max(number, 0), 255)


_R, _G, _B = Fraction(299, 1000), Fraction(587, 1000), Fraction(114, 1000)
"""Shares of luminance (PS3.3 C.7.6.3.1.2, ITU-R BT.601)."""


def _to_rgb(y: int, cb: int, cr: int) -> tuple[int, int, int]:
    red = y + 2 * (1 - _R) * (cr - 128)
    blue = y + 2 * (1 - _B) * (cb - 128)
    green = (y - _R * red - _B * blue) / _G
    return _octet(_rounded(red)), _octet(_rounded(green)), _octet(_rounded(blue))


def _to_ybr(red: int, green: int, blue: int) -> tuple[int, int, int]:
    y = _R * red + _G * green + _B * blue
    cb = (blue - y) / (2 * (1 - _B)) + 128
    cr = (red - y) / (2 * (1 - _R)) + 128
    return _octet(_rounded(y)), _octet(_rounded(cb)), _octet(_rounded(cr))


def colours() -> Area:
    """Return the cases of colours."""
    area = Area("kernel-colour", "Kernels of colour", "PS3.3 C.7.6.3.1.2, in exact fractions")
    some = [(int(a) >> 9 & 255, int(b) >> 9 & 255, int(c) >> 9 & 255)
            for a, b, c in noise(900, 5).reshape(300, 3)]  # fmt: skip
    corners = [(a, b, c) for a in (0, 1, 127, 128, 254, 255) for b in (0, 1, 127, 128, 254, 255)
               for c in (0, 1, 127, 128, 254, 255)]  # fmt: skip
    sets = {"noise": some, "corners": corners, "gray": [(v, 128, 128) for v in range(256)],
            "one": [(10, 200, 30)], "none": [],
            "blue": [(128, v, 128) for v in range(256)], "red": [(128, 128, v) for v in range(256)],
            "green": [(255 - v, v, v // 2) for v in range(256)]}  # fmt: skip
    # Chrominances whose green is as near to a half as it can be.
    halves = [(-116, 58), (-70, -121), (-67, 96), (-50, 50)]
    sets["nearly-halves"] = [(128, 128 + sign * cb, 128 + sign * cr)
                             for cb, cr in halves for sign in (1, -1)]  # fmt: skip
    for name, pixels in sets.items():
        for kernel, convert in (("ybr_to_rgb", _to_rgb), ("rgb_to_ybr", _to_ybr)):
            source = bytes(sample for pixel in pixels for sample in pixel)
            made = bytes(sample for pixel in pixels for sample in convert(*pixel))
            for tail in (b"", b"\7", b"\7\x08") if name in ("one", "none") else (b"",):
                _add_colours(area, f"{kernel}.{name}-{len(tail)}", kernel, source, made, tail)
    return area


def _add_colours(
    area: Area, name: str, kernel: str, source: bytes, made: bytes, tail: bytes
) -> None:
    expected: dict[str, Given] = {"result": len(source) // 3}
    if made + tail:
        expected["buffers"] = [{"argument": 0, "octets": made + tail}]
    area.add(name, "kernel", f"colour.{kernel}", "PS3.3 C.7.6.3.1.2",
             f"{len(source) // 3} pixels and {len(tail)} octets more",
             {"arguments": [{"kind": "view", "format": "B", "octets": source + tail}]},
             expected, flags=["hostile"] if tail else [])  # fmt: skip


def tables() -> Area:
    """Return the cases of lookup tables and rescaling."""
    area = Area("kernel-lut", "Kernels of lookup tables", "PS3.3 C.11.1.1, entry by entry")
    for code, bits in _FORMATS.items():
        signed = code.islower()
        least = -(1 << bits - 1) if signed else 0
        values = [least + int(n) % (1 << bits) for n in noise(40, bits)]
        values += [least, least + (1 << bits) - 1, 0, 1, 99]
        for first in sorted({0, least, -5, 60000}):
            for width, count in ((1, 256), (1, 1), (3, 20), (4, 2)):
                for out in ("B", "H"):
                    _take(area, code, values, first, width, count, out)
        for slope, intercept in ((1.0, -1024.0), (0.1, 0.5), (-3.0, 7.0), (0.0, 1.0)):
            _rescale(area, code, values, slope, intercept)
    _broken(area)
    return area


def _take(
    area: Area, code: str, values: list[int], first: int, width: int, count: int, out: str
) -> None:  # fmt: skip
    top = 255 if out == "B" else 65535
    table = [(k * 2654435761 >> 7) & top for k in range(width * count)]
    made: list[int] = []
    for value in values:
        row = min(max(value - first, 0), count - 1)
        made += table[row * width : (row + 1) * width]
    room: dict[str, Given] = {"kind": "view", "format": out, "room": len(made)}
    area.add(f"take.{_named(code)}-{first}-{width}x{count}-{_named(out)}", "kernel", "lut.take",
             "PS3.3 C.11.1.1; PS3.3 C.7.6.3.1.5",
             f"Rows of {width} from {first} on, values of format {code}",
             {"arguments": [_view(code, values), first, _view(out, table), width, room]},
             {"result": len(values), "buffers": [
                 {"argument": 4, "octets": struct.pack(f"<{len(made)}{out}", *made)}]})  # fmt: skip


def _named(code: str) -> str:
    return f"{'i' if code.islower() else 'u'}{_FORMATS[code]}"


def _rescale(area: Area, code: str, values: list[int], slope: float, intercept: float) -> None:
    made = struct.pack(f"<{len(values)}f", *(value * slope + intercept for value in values))
    area.add(f"rescale.{_named(code)}-{slope:g}-{intercept:g}", "kernel", "lut.rescale",
             "PS3.3 C.11.1.1.2", f"times {slope:g} plus {intercept:g}, format {code}",
             {"arguments": [_view(code, values), slope, intercept,
                            {"kind": "view", "format": "f", "room": len(values)}]},
             {"result": len(values), "buffers": [{"argument": 3, "octets": made}]})  # fmt: skip


def _broken(area: Area) -> None:
    """Tables without rows, and room of the wrong size."""
    for name, (entries, width, room) in {
        "no-table": (0, 1, 3), "width-0": (4, 0, 3), "width-negative": (4, -1, 3),
        "less-than-a-row": (2, 3, 9), "room-too-small": (4, 1, 2), "room-too-large": (4, 1, 4),
        "room-of-one-row": (6, 3, 3),
    }.items():  # fmt: skip
        arguments: list[Given] = [
            _view("B", [0, 1, 2]), 0, _view("B", list(range(entries))), width,
            {"kind": "view", "format": "B", "room": room},
        ]  # fmt: skip
        area.add(f"take.{name}", "kernel", "lut.take", "PS3.3 C.11.1.1", name.replace("-", " "),
                 {"arguments": arguments}, {"result": _BAD_VALUE}, flags=["hostile"])  # fmt: skip
    for room in (0, 2, 4):
        area.add(f"rescale.room-{room}-of-3", "kernel", "lut.rescale", "PS3.3 C.11.1.1.2",
                 f"Room for {room} of three values",
                 {"arguments": [_view("B", [0, 1, 2]), 1.0, 0.0,
                                {"kind": "view", "format": "f", "room": room}]},
                 {"result": _BAD_VALUE}, flags=["hostile"])  # fmt: skip


_VALID = "0 1 -1 +1 12 1.5 .5 5. 1e5 1E-5 -1.25e+3 00 007 -0 123456789012 1234567890123456".split()
_INVALID = ["", "-", "+", ".", "e5", "1e", "1e+", "--1", "+-1", "1 2", "abc", "1a", "0x10", "1,5",
            "nan", "inf", "1.2.3", "1e5.5", "\0", "1\t", "½"]  # fmt: skip


def decimals() -> Area:
    """Return the cases of numbers in text."""
    area = Area(
        "kernel-decimals", "Kernel of numbers in text", "PS3.5 6.2, the grammars of DS and IS"
    )
    texts = [*_VALID, *_INVALID, *(f" {each} " for each in ("1", "1.5", "-3", "", "x"))]
    texts += ["\\".join(_VALID[:n]) for n in (2, 3, 9)]
    texts += ["1\\", "\\1", "1\\\\2", "1\\x\\2", " 1 \\ 2 ", "\\", "1\\2\\3\\4.5\\6e7", "1" * 17]
    for whole, longest in ((0, 16), (1, 12)):
        for k, text in enumerate(texts):
            values = text.split("\\")
            right = all(_is_number(value, whole) and len(value.encode()) <= longest
                        for value in values)  # fmt: skip
            area.add(f"count.{'is' if whole else 'ds'}-{k:02d}", "kernel", "decimals.count",
                     "PS3.5 6.2", f"{text!r} as {'IS' if whole else 'DS'}",
                     {"arguments": [{"kind": "bytes", "format": "B", "octets": text.encode()},
                                    longest, whole]},
                     {"result": len(values) if right else 0},
                     flags=[] if right else ["hostile"])  # fmt: skip
    return area


def _is_number(text: str, whole: int) -> bool:
    """Whether a text is a number of the VR, with spaces around it."""
    text = text.strip(" ")
    if whole:
        return re.fullmatch("[+-]?[0-9]+", text) is not None
    mantissa, mark, exponent = text.replace("E", "e").partition("e")
    if mark and re.fullmatch("[+-]?[0-9]+", exponent) is None:
        return False
    digits = mantissa[1:] if mantissa[:1] in ("+", "-") else mantissa
    before, point, after = digits.partition(".")
    figures = before + after
    return figures != "" and all(each in "0123456789" for each in figures) and (
        bool(before) or bool(point)
    )  # fmt: skip


KERNEL_AREAS = (colours, tables, decimals)
"""What makes each area of this module."""
