"""Makes CSA headers."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Elements = Mapping[str, tuple[str, int, Sequence[str]]]
"""VR, number of values and texts of items by name."""


def csa2(elements: Elements) -> bytes:
    """Return a CSA2 header."""
    return b"SV10\4\3\2\1" + _body(elements, None)


def csa1(elements: Elements) -> bytes:
    """Return a CSA1 header, whose lengths are increased by the first element's items."""
    first = next(iter(elements.values()), ("", 0, ()))
    return _body(elements, len(first[2]))


def _body(elements: Elements, surplus: int | None) -> bytes:
    parts = [struct.pack("<II", len(elements), 77)]
    for name, (vr, multiplicity, items) in elements.items():
        head = struct.pack(
            "<64si4siii", name.encode(), multiplicity, vr.encode(), 0, len(items), 77
        )
        parts.append(head)
        for text in items:
            raw = text.encode("latin-1") + b"\0"
            length = len(raw) if text else 0
            numbers = (
                (length, length, 77, length) if surplus is None else (length + surplus, 0, 0, 0)
            )
            parts.append(struct.pack("<iiii", *numbers))
            parts.append((raw if text else b"").ljust((length + 3) // 4 * 4, b"\0"))
    return b"".join(parts)
