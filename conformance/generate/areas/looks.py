"""What images look like: rescaling, windows, tables, palettes (PS3.3 C.11, C.7.6.3, C.7.9)."""

from __future__ import annotations

import math
import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from conformance.comparing import Array
from conformance.generate.areas.values import SYNTAXES
from conformance.generate.dicom import BIG, EXPLICIT, Element
from conformance.generate.images import Image, picture
from conformance.generate.writing import Area

_CLOSE = {"absolute": 1e-6}


def _file(image: Image, cells: Array, syntax: str = EXPLICIT) -> bytes:
    data = np.ascontiguousarray(cells, cells.dtype.newbyteorder(">" if syntax == BIG else "<"))
    return image.native(data.tobytes(), syntax, "OB" if image.allocated == 8 else "OW")


def _image(bits: int, signed: bool, *more: Element) -> tuple[Image, Array]:
    pixels = picture(8, 9, bits, signed=signed)
    image = Image.like(pixels, 8 if bits <= 8 else 16, bits, signed=signed, more=more)
    return image, image.array(pixels)


def _scale(slope: str, intercept: str) -> tuple[Element, ...]:
    return Element(0x00281052, "DS", (intercept,)), Element(0x00281053, "DS", (slope,))


def _table(
    tag: int, first: int, entries: list[int], bits: int, *, signed: bool = False, count: int = -1,
    octets: bytes | None = None,
) -> Element:  # fmt: skip
    """Return a sequence with one lookup table (PS3.3 C.11.1.1.1, C.11.2.1.1)."""
    count = (len(entries) if count < 0 else count) % 65536
    descriptor = struct.pack("<H" + ("h" if signed else "H") + "H", count, first, bits)
    data = struct.pack(f"<{len(entries)}H", *entries) if octets is None else octets
    within = (
        Element(0x00283002, "SS" if signed else "US",
                struct.unpack("<3h" if signed else "<3H", descriptor)),
        Element(0x00283006, "OW", octets=data),
    )  # fmt: skip
    return Element(tag, "SQ", items=(within,))


def _looked_up(values: Array, first: int, entries: list[int]) -> Array:
    at = np.clip(values.astype(np.int64) - first, 0, len(entries) - 1)
    kind = np.uint8 if max(entries) < 256 else np.uint16
    return np.array(entries, kind)[at]


def rescaling() -> Area:
    """Return the cases of the modality LUT."""
    area = Area("modality", "Modality LUT, Rescale Slope and Intercept",
                "the formula of PS3.3 C.11.1, in double precision")  # fmt: skip
    clause = "PS3.3 C.11.1.1.2"
    scales = [("1", "-1024"), ("2", "0"), ("0.5", "0.25"), ("-1", "100"), ("0", "7"),
              ("1.5E-3", "-1e2"), ("0.1", "0"), ("65535", "-32768")]  # fmt: skip
    for bits, signed in ((8, False), (12, False), (12, True), (16, False), (16, True)):
        for slope, intercept in scales:
            image, cells = _image(bits, signed, *_scale(slope, intercept))
            sign = "signed" if signed else "unsigned"
            area.add(f"{bits}-{sign}-{slope}-{intercept}".replace("+", ""), "modality",
                     "modality", clause, f"Rescale Slope {slope}, Intercept {intercept}",
                     {"file": _file(image, cells), "frame": 0},
                     {"array": cells.astype(np.float64) * float(slope) + float(intercept)},
                     tolerance=_CLOSE)  # fmt: skip
    image, cells = _image(12, True)
    area.add("none", "modality", "modality", clause, "Neither table nor slope: nothing changes",
             {"file": _file(image, cells), "frame": 0}, {"array": cells})  # fmt: skip
    for coding in ("implicit", "explicit", "big"):
        for name, signed, first, count in (
            ("whole", False, 0, 256), ("inner", False, 100, 50), ("signed", True, -64, 128),
            ("one", False, 10, 1),
        ):  # fmt: skip
            entries = [(7 * k + 3) % 4096 for k in range(count)]
            table = _table(0x00283000, first, entries, 12, signed=signed)
            image, cells = _image(8, signed, table)
            area.add(f"table-{name}.{coding}", "modality", "modality", "PS3.3 C.11.1.1.1",
                     f"Modality LUT of {count} entries from {first} on",
                     {"file": _file(image, cells, SYNTAXES[coding]), "frame": 0},
                     {"array": _looked_up(cells, first, entries)})  # fmt: skip
    entries = [k ^ 0x5555 for k in range(65536)]
    image, cells = _image(16, False, _table(0x00283000, 0, entries, 16))
    area.add("table-65536", "modality", "modality", "PS3.3 C.11.1.1.1",
             "A table of 65536 entries, whose number is written as 0",
             {"file": _file(image, cells), "frame": 0},
             {"array": _looked_up(cells, 0, entries)})  # fmt: skip
    _broken_tables(area, "modality", 0x00283000, "PS3.3 C.11.1.1.1")
    for name, slope in {"text": "abc", "empty": "", "huge": "1e400", "nan": "nan"}.items():
        more = (Element(0x00281052, "DS", ("0",)), Element(0x00281053, "LO", (slope,)))
        image, cells = _image(8, False, *more)
        area.add(f"broken-slope-{name}", "modality", "modality", clause,
                 f"Rescale Slope is {slope!r}", {"file": _file(image, cells), "frame": 0},
                 result="either", flags=["hostile"])  # fmt: skip
    return area


def _broken_tables(area: Area, operation: str, tag: int, clause: str) -> None:
    entries = list(range(64))
    forms = {
        "count-too-large": _table(tag, 0, entries, 12, count=1000),
        "no-data": _table(tag, 0, entries, 12, octets=b""),
        "odd-octets": _table(tag, 0, entries, 12, octets=b"\1\2\3"),
        "bits-0": _table(tag, 0, entries, 0), "bits-99": _table(tag, 0, entries, 99),
        "no-items": Element(tag, "SQ", items=()), "empty-item": Element(tag, "SQ", items=((),)),
        "descriptor-of-two": Element(tag, "SQ", items=((
            Element(0x00283002, "US", (64, 0)), Element(0x00283006, "OW", octets=bytes(128))),)),
    }  # fmt: skip
    for name, table in forms.items():
        image, cells = _image(8, False, table)
        area.add(f"broken-table-{name}", operation, operation, clause,
                 f"A table that is broken: {name.replace('-', ' ')}",
                 {"file": _file(image, cells), "frame": 0}, result="either",
                 flags=["hostile"])  # fmt: skip


def _windowed(
    x: NDArray[np.float64], center: float, width: float, function: str, least: float, most: float
) -> NDArray[np.float64]:
    """Apply a window to each value by itself, as C.11.2.1.2 and C.11.2.1.3 are written."""
    extent = most - least

    def one(value: float) -> float:
        if function == "SIGMOID":
            power = -4 * (value - center) / width
            return extent / (1 + math.exp(min(power, 700))) + least
        c, w = (center - 0.5, width - 1) if function == "LINEAR" else (center, width)
        if value <= c - w / 2:
            return least
        if value > c + w / 2:
            return most
        return ((value - c) / w + 0.5) * extent + least

    # The last bits of an exponential are not the same on every machine.
    return np.round([one(float(value)) for value in x.flat], 9).reshape(x.shape)


def _window(center: str, width: str, function: str) -> tuple[Element, ...]:
    made = [Element(0x00281050, "DS", (center,)), Element(0x00281051, "DS", (width,))]
    if function:
        made.append(Element(0x00281056, "CS", (function,)))
    return tuple(made)


def windows() -> Area:
    """Return the cases of the VOI LUT and of the presentation LUT."""
    area = Area("voi", "VOI LUT, windows, Presentation LUT",
                "the formulas of PS3.3 C.11.2, in double precision")  # fmt: skip
    for bits, signed in ((8, False), (12, False), (12, True), (16, False)):
        middle = 0 if signed else 1 << bits - 1
        sets = [(str(middle), str(1 << bits)), (f"{middle + 0.5}", f"{1 << bits - 1}"),
                ("40", "80.5"), ("10", "1")]  # fmt: skip
        for (center, width), function in (
            (pair, function) for pair in sets for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID")
        ):
            image, cells = _image(bits, signed, *_window(center, width, function))
            least = -(1 << bits - 1) if signed else 0
            most = least + (1 << bits) - 1
            made = _windowed(cells.astype(np.float64), float(center), float(width), function,
                             least, most)  # fmt: skip
            sign = "signed" if signed else "unsigned"
            clause = {"LINEAR": "PS3.3 C.11.2.1.2.1", "LINEAR_EXACT": "PS3.3 C.11.2.1.3.2",
                      "SIGMOID": "PS3.3 C.11.2.1.3.1"}[function]  # fmt: skip
            area.add(f"{function.lower()}-{bits}-{sign}-{center}-{width}", "voi", "voi", clause,
                     f"{function}, center {center}, width {width}",
                     {"file": _file(image, cells), "frame": 0}, {"array": made},
                     tolerance=_CLOSE)  # fmt: skip
    for slope, intercept in (("1", "-1024"), ("2", "10"), ("0.5", "0")):
        image, cells = _image(12, False, *_scale(slope, intercept), *_window("40", "400", ""))
        values = cells.astype(np.float64) * float(slope) + float(intercept)
        low, high = float(intercept), 4095 * float(slope) + float(intercept)
        area.add(f"after-rescale-{slope}-{intercept}", "voi", "voi",
                 "PS3.3 C.11.2.1.2; PS3.3 C.11.1", "A window of rescaled values",
                 {"file": _file(image, cells), "frame": 0},
                 {"array": _windowed(values, 40, 400, "LINEAR", low, high)},
                 tolerance=_CLOSE)  # fmt: skip
    several = (Element(0x00281050, "DS", ("40", "300", "1000")),
               Element(0x00281051, "DS", ("80", "1500", "20")))  # fmt: skip
    image, cells = _image(12, False, *several)
    numbers = cells.astype(np.float64)
    for index, (middle, extent) in enumerate(((40, 80), (300, 1500), (1000, 20))):
        area.add(f"window-{index}-of-three", "voi", "voi", "PS3.3 C.11.2.1.2",
                 f"Window {index} of three",
                 {"file": _file(image, cells), "frame": 0, "index": index},
                 {"array": _windowed(numbers, middle, extent, "LINEAR", 0, 4095)},
                 tolerance=_CLOSE)  # fmt: skip
    for first, count, bits in ((0, 256, 8), (0, 256, 16), (60, 100, 12), (0, 1, 8)):
        top = (1 << bits) - 1
        entries = [k * top // max(1, count - 1) for k in range(count)]
        image, cells = _image(8, False, _table(0x00283010, first, entries, bits))
        area.add(f"table-{first}-{count}-{bits}", "voi", "voi", "PS3.3 C.11.2.1.1",
                 f"VOI LUT of {count} entries of {bits} bits from {first} on",
                 {"file": _file(image, cells), "frame": 0},
                 {"array": _looked_up(cells, first, entries)})  # fmt: skip
    _broken_tables(area, "voi", 0x00283010, "PS3.3 C.11.2.1.1")
    for name, (center, width, function) in {
        "width-0": ("40", "0", "LINEAR"), "width-negative": ("40", "-5", "LINEAR"),
        "exact-width-0": ("40", "0", "LINEAR_EXACT"), "sigmoid-width-0": ("40", "0", "SIGMOID"),
        "function": ("40", "80", "CUBIC"), "center-text": ("abc", "80", "LINEAR"),
        "width-text": ("40", "abc", "LINEAR"), "width-huge": ("0", "1e400", "LINEAR"),
    }.items():  # fmt: skip
        tags = (Element(0x00281050, "LO", (center,)), Element(0x00281051, "LO", (width,)),
                Element(0x00281056, "CS", (function,)))  # fmt: skip
        image, cells = _image(8, False, *tags)
        area.add(f"broken-{name}", "voi", "voi", "PS3.3 C.11.2.1.2", name.replace("-", " "),
                 {"file": _file(image, cells), "frame": 0},
                 result="error" if "width-0" in name or "negative" in name else "either",
                 flags=["hostile"])  # fmt: skip
    _presentation(area)
    return area


def _presentation(area: Area) -> None:
    whole = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = Image(16, 16)
    for shape in ("IDENTITY", "INVERSE"):
        named = replace(image, more=(Element(0x20500020, "CS", (shape,)),))
        area.add(f"presentation-{shape.lower()}", "presentation", "presentation",
                 "PS3.3 C.11.6.1.2", f"Presentation LUT Shape {shape}",
                 {"file": _file(named, whole), "frame": 0},
                 {"array": whole if shape == "IDENTITY" else 255 - whole})  # fmt: skip
    entries = [k * k // 16 for k in range(256)]
    named = replace(image, more=(_table(0x20500010, 0, entries, 12),))
    area.add("presentation-table", "presentation", "presentation", "PS3.3 C.11.6.1.1",
             "A Presentation LUT of as many entries as the pixels have values",
             {"file": _file(named, whole), "frame": 0},
             {"array": _looked_up(whole, 0, entries)})  # fmt: skip
    for name, table in {
        "no-data": _table(0x20500010, 0, entries, 12, octets=b""),
        "no-items": Element(0x20500010, "SQ", items=((),)),
        "bits-99": _table(0x20500010, 0, entries, 99),
    }.items():
        named = replace(image, more=(table,))
        area.add(f"broken-presentation-{name}", "presentation", "presentation",
                 "PS3.3 C.11.6.1.1", name.replace("-", " "),
                 {"file": _file(named, whole), "frame": 0}, result="either",
                 flags=["hostile"])  # fmt: skip


_RED, _RED_DATA, _RED_SEGMENTS = 0x00281101, 0x00281201, 0x00281221


def _palette(
    channels: list[list[int]], first: int, bits: int, *, octets: bool = False,
    segments: list[bytes] | None = None,
) -> tuple[Element, ...]:  # fmt: skip
    made = []
    for k, entries in enumerate(channels):
        made.append(Element(_RED + k, "US", (len(entries) % 65536, first, bits)))
        if segments is not None:
            made.append(Element(_RED_SEGMENTS + k, "OW", octets=segments[k]))
        else:
            data = bytes(entries) if octets else struct.pack(f"<{len(entries)}H", *entries)
            made.append(Element(_RED_DATA + k, "OW", octets=data + bytes(len(data) % 2)))
    return tuple(made)


def _coloured(cells: Array, channels: list[list[int]], first: int, bits: int) -> Array:
    at = np.clip(cells.astype(np.int64) - first, 0, len(channels[0]) - 1)
    kind = np.uint8 if bits == 8 else np.uint16
    return np.stack([np.array(entries, kind)[at] for entries in channels], -1)


def palettes() -> Area:
    """Return the cases of palettes."""
    area = Area("palette", "Palette colour", "PS3.3 C.7.6.3.1.5 and C.7.9, entry by entry")

    def add(name: str, comment: str, cells: Array, more: tuple[Element, ...], expected: Array,
            clause: str = "PS3.3 C.7.6.3.1.5", coding: str = "explicit") -> None:  # fmt: skip
        allocated = 8 * cells.dtype.itemsize
        rows, columns = cells.shape
        image = Image(rows, columns, allocated, allocated, photometric="PALETTE COLOR", more=more)
        area.add(name, "palette", "palette", clause, comment,
                 {"file": _file(image, cells, SYNTAXES[coding]), "frame": 0},
                 {"array": expected})  # fmt: skip

    cells = picture(9, 9, 8).astype(np.uint8)
    for bits, coding in ((bits, coding) for bits in (8, 16)
                         for coding in ("implicit", "explicit", "big")):  # fmt: skip
        top = (1 << bits) - 1
        for first, count in ((0, 256), (0, 100), (50, 60), (0, 1), (200, 56)):
            channels = [
                [(k * (c + 3) * 257 + 11 * c) & top for k in range(count)] for c in range(3)
            ]
            for octets in {bits == 8, False}:
                if octets and coding == "big":
                    continue
                name = f"{bits}-{first}-{count}{'-octets' if octets else ''}.{coding}"
                add(name, f"{count} entries of {bits} bits from {first} on", cells,
                    _palette(channels, first, bits, octets=octets),
                    _coloured(cells, channels, first, bits), coding=coding)  # fmt: skip
    wide = picture(9, 9, 16).astype(np.uint16)
    channels = [[(k * (c + 1) >> 4) & 255 for k in range(65536)] for c in range(3)]
    add("65536-entries", "65536 entries, written as 0", wide,
        _palette(channels, 0, 8, octets=True), _coloured(wide, channels, 0, 8))  # fmt: skip
    discrete = struct.pack("<7H", 0, 5, 10, 20, 30, 40, 50)
    linear = discrete + struct.pack("<3H", 1, 10, 1050)
    plain = [10, 20, 30, 40, 50] + [50 + 100 * (k + 1) for k in range(10)]
    forms = {"discrete": (discrete, [10, 20, 30, 40, 50]), "linear": (linear, plain)}
    for name, (segment, entries) in forms.items():
        channels = [entries] * 3
        add(f"segmented-{name}", f"Segmented palette: {name}", cells,
            _palette(channels, 0, 16, segments=[segment] * 3), _coloured(cells, channels, 0, 16),
            clause="PS3.3 C.7.9.2")  # fmt: skip
    _broken_palettes(area, cells, channels)
    return area


def _broken_palettes(area: Area, cells: Array, channels: list[list[int]]) -> None:
    good = _palette(channels, 0, 16)

    def described(count: int, bits: int) -> tuple[Element, ...]:
        return tuple(
            replace(each, values=(count, 0, bits)) if each.tag < _RED_DATA else each
            for each in good
        )

    forms: dict[str, tuple[Element, ...]] = {
        "no-green": tuple(each for each in good if each.tag not in (_RED + 1, _RED_DATA + 1)),
        "no-descriptors": tuple(each for each in good if each.tag >= _RED_DATA),
        "no-data": tuple(each for each in good if each.tag < _RED_DATA),
        "count-too-large": described(5000, 16), "bits-3": described(len(channels[0]), 3),
        "channels-differ": (replace(good[0], values=(4, 0, 16)), *good[1:]),
        "odd-octets": tuple(replace(each, octets=b"\1\2\3") if each.tag >= _RED_DATA else each
                            for each in good),
    }  # fmt: skip
    for name, segment in {
        "segment-type-9": struct.pack("<3H", 9, 1, 1), "segment-cut": struct.pack("<3H", 0, 9, 1),
        "linear-first": struct.pack("<3H", 1, 10, 5), "indirect-first":
        struct.pack("<4H", 2, 1, 0, 0), "indirect-to-itself":
        struct.pack("<3H4H", 0, 1, 5, 2, 1, 6, 0), "indirect-many":
        struct.pack("<3H4H", 0, 1, 5, 2, 65535, 0, 0), "segment-empty": b"",
        "linear-65535": struct.pack("<3H3H", 0, 1, 5, 1, 65535, 9),
    }.items():  # fmt: skip
        forms[name] = _palette(channels, 0, 16, segments=[segment] * 3)
    for name, more in forms.items():
        rows, columns = cells.shape
        image = Image(rows, columns, photometric="PALETTE COLOR", more=more)
        area.add(f"broken-{name}", "palette", "palette", "PS3.3 C.7.6.3.1.5; PS3.3 C.7.9.2",
                 f"A palette that is broken: {name.replace('-', ' ')}",
                 {"file": _file(image, cells), "frame": 0}, result="either",
                 flags=["hostile"])  # fmt: skip
