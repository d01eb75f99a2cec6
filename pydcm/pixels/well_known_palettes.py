"""The colour palettes that have a name and a UID of their own (PS3.6 Annex B).

Each channel is a line through a few points, rounded to the nearest integer,
halves up.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["WELL_KNOWN_PALETTES", "WellKnownPalette", "well_known_palette"]


class WellKnownPalette(NamedTuple):
    """A palette of 256 colours.

    Attributes
    ----------
    label : str
        Its name, as the compatible API spells it.
    uid : str
        Its well-known SOP Instance UID.
    red, green, blue : str
        Points of the line, ``pixel:value``.
    """

    label: str
    uid: str
    red: str
    green: str
    blue: str

    def entries(self) -> NDArray[np.uint8]:
        """Return the colours, shape (256, 3)."""
        return np.stack([_line(points) for points in (self.red, self.green, self.blue)], axis=-1)


WELL_KNOWN_PALETTES = (
    WellKnownPalette(
        "HOT_IRON", "1.2.840.10008.1.5.1",
        "0:0 127:254 129:255 255:255",
        "0:0 128:0 254:252 255:255",
        "0:0 191:0 254:252 255:255",
    ),
    WellKnownPalette(
        "PET", "1.2.840.10008.1.5.2",
        "0:0 63:0 64:1 149:170 150:171 192:255 255:255",
        "0:0 31:62 33:67 62:125 63:128 95:64 97:61 127:1 128:0 254:252 255:255",
        "0:0 1:1 128:255 130:248 192:0 233:165 235:174 254:250 255:255",
    ),
    WellKnownPalette(
        "HOT_METAL_BLUE", "1.2.840.10008.1.5.3",
        "0:0 85:0 102:50 119:90 153:190 170:255 255:255",
        "0:0 119:0 238:224 255:255",
        "0:0 17:33 42:83 43:84 76:149 93:183 94:184 102:200 119:150 136:50 153:0 170:0 "
        "238:200 255:255",
    ),
    WellKnownPalette(
        "PET_20_STEP", "1.2.840.10008.1.5.4",
        "0:0 12:0 13:96 25:96 26:48 50:48 51:80 63:80 64:96 76:96 77:112 89:112 90:128 "
        "101:128 102:48 127:48 128:80 140:80 141:64 152:64 153:224 165:224 166:208 203:208 "
        "204:192 216:192 217:176 229:176 230:255 255:255",
        "0:0 25:0 26:48 50:48 51:80 63:80 64:96 76:96 77:112 89:112 90:128 101:128 102:96 "
        "114:96 115:144 127:144 128:192 140:192 141:224 165:224 166:208 178:208 179:176 "
        "191:176 192:144 203:144 204:96 216:96 217:48 229:48 230:0 242:0 243:255 255:255",
        "0:0 12:0 13:80 38:80 39:112 50:112 51:128 63:128 64:176 76:176 77:192 89:192 90:224 "
        "101:224 102:48 127:48 128:80 140:80 141:64 152:64 153:80 165:80 166:96 178:96 179:64 "
        "191:64 192:0 242:0 243:255 255:255",
    ),
    WellKnownPalette(
        "SPRING", "1.2.840.10008.1.5.5",
        "0:255 255:255", "0:0 255:255", "0:255 255:0",
    ),
    WellKnownPalette(
        "SUMMER", "1.2.840.10008.1.5.6",
        "0:0 255:0", "0:255 255:128", "0:0 127:0 192:129 253:250 255:254",
    ),
    WellKnownPalette(
        "FALL", "1.2.840.10008.1.5.7",
        "0:255 255:255", "0:255 255:0", "0:0 255:0",
    ),
    WellKnownPalette(
        "WINTER", "1.2.840.10008.1.5.8",
        "0:0 127:0 255:127", "0:0 255:255", "0:255 255:128",
    ),
)  # fmt: skip


def well_known_palette(name: str) -> WellKnownPalette | None:
    """Return the palette of a name or UID, or None if there is none."""
    for known in WELL_KNOWN_PALETTES:
        if name in (known.label, known.uid):
            return known
    return None


def _line(points: str) -> NDArray[np.uint8]:
    pairs = [tuple(map(int, point.split(":"))) for point in points.split()]
    values = [pairs[0][1]]
    for (start, a), (stop, b) in pairwise(pairs):
        n = stop - start
        values += [(2 * (a * n + (b - a) * k) + n) // (2 * n) for k in range(1, n + 1)]
    return np.array(values, np.uint8)
