"""Kernels of pixels of one bit, and of run-length coding, called directly."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import accumulate, groupby, pairwise
from operator import or_

from conformance.generate.images import noise
from conformance.generate.writing import Area, Given

__all__ = ["KERNEL_AREAS"]

_TRUNCATED, _OUTPUT_FULL, _BAD_VALUE = -1, -2, -3


def _octets(count: int, seed: int) -> bytes:
    return bytes(int(n) >> 11 & 255 for n in noise(count, seed))


def _pixels(count: int, seed: int) -> bytes:
    return bytes(int(n) >> 13 & 1 for n in noise(count, seed))


def _given(*arguments: Given) -> dict[str, Given]:
    return {"arguments": list(arguments)}


def _answer(result: int, argument: int = 0, octets: bytes | None = None) -> dict[str, Given]:
    if not octets:
        return {"result": result}
    return {"result": result, "buffers": [{"argument": argument, "octets": octets}]}


def _array(octets: bytes) -> dict[str, Given]:
    return {"kind": "ndarray", "format": "B", "octets": octets}


def _room(count: int, kind: str = "ndarray") -> dict[str, Given]:
    return {"kind": kind, "format": "B", "room": count}


# --- one bit --------------------------------------------------------------------


def _bit(octets: bytes, place: int) -> int:
    return octets[place // 8] >> place % 8 & 1


def bits() -> Area:
    """Return the cases of packed pixels."""
    area = Area("kernel-bits", "Kernels of pixels of one bit", "PS3.5 8.1.1, bit by bit")
    clause = "PS3.5 8.1.1"
    source = _octets(40, 3)
    spans = [(start, count) for start in (*range(9), 15, 16, 17) for count in (0, 1, 7, 8, 9, 30)]
    spans += [(0, 320), (1, 319), (7, 313), (313, 7), (319, 1), (320, 0), (5, 3), (5, 4), (3, 64)]
    spans += [(56, 100), (61, 70), (200, 90)]
    for start, count in spans:
        wanted = bytes(_bit(source, start + k) for k in range(count))
        area.add(f"unpack.{start}-{count}", "kernel", "bits.unpack", clause,
                 f"{count} pixels from bit {start} on",
                 _given(_array(source), start, _room(count)),
                 _answer(count, 2, wanted))  # fmt: skip
    for start, count in [(0, 321), (1, 320), (320, 1), (400, 1), (-1, 8), (-8, 8), (314, 7)]:
        area.add(f"unpack.too-few.{start}-{count}", "kernel", "bits.unpack", clause,
                 f"{count} pixels from bit {start} of 320 on",
                 _given(_array(source), start, _room(count)), _answer(_TRUNCATED),
                 flags=["hostile"])  # fmt: skip
    whole = _octets(8 * 1024 + 9, 5)
    for start, count in [(0, 8 * 8192), (0, 8 * 8193), (3, 8 * 8200)]:
        wanted = bytes(_bit(whole, start + k) for k in range(count))
        area.add(f"unpack.long.{start}-{count}", "kernel", "bits.unpack", clause,
                 f"{count} pixels from bit {start} on",
                 _given(_array(whole), start, _room(count)), _answer(count, 2, wanted))  # fmt: skip
    for start, count in spans:
        if start + count <= 320:
            _packed(area, clause, start, count, 40)
    _packed(area, clause, 3, 29, 4)
    _packed(area, clause, 0, 0, 0)
    for start, count, size in [(0, 9, 1), (1, 8, 1), (8, 1, 1), (-1, 4, 1), (300, 21, 40)]:
        area.add(f"pack.too-many.{start}-{count}", "kernel", "bits.pack", clause,
                 f"{count} pixels from bit {start} on, into {size} octets",
                 _given(_array(_pixels(count, 2)), _room(size), start), _answer(_OUTPUT_FULL),
                 flags=["hostile"])  # fmt: skip
    for name, pixels in [("last", b"\0\1\2"), ("first", b"\2\0"), ("large", b"\1\xff\1"),
                         ("single", b"\2")]:  # fmt: skip
        area.add(f"pack.no-bit.{name}", "kernel", "bits.pack", clause, "A pixel that is no bit",
                 _given(_array(pixels), _room(4), 0), _answer(_BAD_VALUE),
                 flags=["hostile"])  # fmt: skip
    return area


def _packed(area: Area, clause: str, start: int, count: int, size: int) -> None:
    pixels = _pixels(count, start + count + 1)
    before = bytearray(size)
    for place in range(min(start, 8 * size)):
        before[place // 8] |= (place * 5 // 3 & 1) << place % 8
    wanted = bytearray(before)
    for k, pixel in enumerate(pixels):
        wanted[(start + k) // 8] |= pixel << (start + k) % 8
    area.add(f"pack.{start}-{count}-{size}", "kernel", "bits.pack", clause,
             f"{count} pixels to bit {start} and on, what is before stays",
             _given(_array(pixels), _array(bytes(before)), start),
             _answer(count, 1, bytes(wanted)))  # fmt: skip


# --- run lengths ----------------------------------------------------------------


def _expanded(segment: bytes, room: int) -> tuple[int, bytes]:
    """Return the result, and what is written, of a segment for `room` octets (PS3.5 G.3.2)."""
    plane = b""
    p = 0
    while len(plane) < room:
        if p >= len(segment):
            return _TRUNCATED, b""
        n = segment[p]
        p += 1
        if n < 128:
            if p + n + 1 > len(segment):
                return _TRUNCATED, b""
            plane += segment[p : p + n + 1]
            p += n + 1
        elif n > 128:
            if p >= len(segment):
                return _TRUNCATED, b""
            plane += segment[p : p + 1] * (257 - n)
            p += 1
    return (room, plane) if len(plane) == room else (_OUTPUT_FULL, plane[:room])


def _literals(octets: bytes) -> bytes:
    parts = [octets[k : k + 128] for k in range(0, len(octets), 128)]
    return b"".join(bytes([len(part) - 1]) + part for part in parts)


def _encoded(plane: bytes, columns: int) -> bytes:
    """Return the segment of a plane, row by row, by the rules that the kernel's text gives."""
    segment = b""
    for row in range(0, len(plane), columns):
        waiting = b""
        for value, equal in groupby(plane[row : row + columns]):
            count = len(list(equal))
            if count == 1 or (count == 2 and waiting):
                waiting += bytes([value]) * count
                continue
            segment += _literals(waiting)
            waiting = b""
            while count > 1:
                run = min(count, 128)
                segment += bytes([257 - run, value])
                count -= run
            waiting = bytes([value]) * count
        segment += _literals(waiting)
    return segment


def _segments() -> Iterable[tuple[str, bytes, int]]:
    for count in (1, 2, 3, 15, 16, 17, 33, 127, 128):
        octets = _octets(count, count)
        yield f"literal-{count}", bytes([count - 1]) + octets, count
        yield f"literal-{count}-room-more", bytes([count - 1]) + octets, count + 1
        yield f"literal-{count}-cut", bytes([count - 1]) + octets[:-1], count
        yield f"literal-{count}-less-room", bytes([count - 1]) + octets, max(count - 1, 1)
    for count in (2, 3, 15, 16, 17, 64, 127, 128):
        yield f"run-{count}", bytes([257 - count, 77]), count
        yield f"run-{count}-room-more", bytes([257 - count, 77]), count + 1
        yield f"run-{count}-less-room", bytes([257 - count, 77]), count - 1
        yield f"run-{count}-cut", bytes([257 - count]), count
    yield "no-operation", b"\x80\x80\x00a\x80\xffb", 3
    yield "no-operation-at-end", b"\x00a\x80", 2
    yield "no-operation-within", b"\x01ab\x80\x80\xfec\x80\x00d", 6
    yield "nothing-wanted", b"", 0
    yield "nothing-wanted-something-there", b"\x00a", 0
    yield "nothing-there", b"", 1
    yield "padding", b"\x00a\x00", 1
    yield "rest-not-looked-at", b"\x01ab\xff", 2
    mixed = b"\x02abc\xfdx\x00y\xffz\x04hello\x81w"
    for room in (3, 4, 7, 8, 10, 11, 15, 16, 142, 143, 144):
        yield f"mixed-room-{room}", mixed, room
    for cut in range(len(mixed)):
        yield f"mixed-cut-{cut}", mixed[:cut], 143


def _planes() -> Iterable[tuple[str, bytes, int]]:
    texts = ["a", "aa", "aaa", "ab", "aab", "abb", "abbb", "aabb", "aaabbb", "abbc", "abbcc",
             "abbbc", "aabbcc", "abcabc", "aaaab", "baaaa", "abbaab", "aabaab",
             "abbccd"]  # fmt: skip
    for text in texts:
        yield f"row-{text}", text.encode(), len(text)
        yield f"rows-{text}", text.encode() * 3, len(text)
    for count in (127, 128, 129, 130, 255, 256, 257, 258, 300):
        yield f"equal-{count}", b"q" * count, count
        yield f"equal-{count}-after-one", b"p" + b"q" * count, count + 1
        yield f"unequal-{count}", bytes(k % 251 for k in range(count)), count
    yield "nothing", b"", 5
    yield "row-not-whole", b"aaabbbcc", 3
    yield "row-not-whole-single", b"aaab", 3
    yield "row-longer-than-plane", b"aabbb", 9
    yield "one-column", b"aaaabbcd", 1
    steps = bytes(int(n) >> 9 & 1 for n in noise(400, 8))
    yield "noise-of-two", steps, 50
    yield "noise", _octets(400, 9), 100
    yield "long-row", bytes((k // 200) % 3 for k in range(1000)), 1000


def rle() -> Area:
    """Return the cases of run-length coding."""
    area = Area("kernel-rle", "Kernels of run-length coding",
                "PS3.5 G.3, by a coder that goes from run to run")  # fmt: skip
    for name, segment, room in _segments():
        result, plane = _expanded(segment, room)
        area.add(f"decode.{name}", "kernel", "rle.decode_segment", "PS3.5 G.3.2",
                 f"{name}, {room} octets wanted",
                 _given({"kind": "bytes", "format": "B", "octets": segment},
                        _room(room, "bytearray")),
                 _answer(result, 1, None if result == _TRUNCATED else plane),
                 flags=["hostile"] if result < 0 else [])  # fmt: skip
    for name, plane, columns in _planes():
        segment = _encoded(plane, columns)
        rows = -(-len(plane) // columns)
        longest = len(plane) + rows * -(-columns // 128)
        source: dict[str, Given] = {"kind": "bytes", "format": "B", "octets": plane}
        area.add(f"encode.{name}", "kernel", "rle.encode_segment", "PS3.5 G.3.1", name,
                 _given(source, columns, _room(longest, "bytearray")),
                 _answer(len(segment), 2, segment))  # fmt: skip
        if longest:
            area.add(f"encode.{name}.no-room", "kernel", "rle.encode_segment", "PS3.5 G.3.1",
                     f"{name}, into one octet less than it might take",
                     _given(source, columns, _room(longest - 1, "bytearray")),
                     _answer(_OUTPUT_FULL), flags=["hostile"])  # fmt: skip
    for columns in (0, -1):
        area.add(f"encode.columns{columns}", "kernel", "rle.encode_segment", "PS3.5 G.3.1",
                 "A row without columns",
                 _given({"kind": "bytes", "format": "B", "octets": b"abc"}, columns,
                        _room(9, "bytearray")), _answer(_BAD_VALUE), flags=["hostile"])  # fmt: skip
    _frames(area)
    return area


# --- the segments of a frame ----------------------------------------------------


def _numbers(values: Sequence[int]) -> dict[str, Given]:
    return {"kind": "array", "format": "q", "octets": struct.pack(f"<{len(values)}q", *values)}


def _bounds(segments: Sequence[bytes]) -> list[int]:
    return [bound for pair in pairwise([0, *accumulate(map(len, segments))]) for bound in pair]


def _frames(area: Area) -> None:
    for name, segments, places, size in _frames_of_segments():
        expanded = [_expanded(segment, size) for segment in segments]
        state = [result for result, _ in expanded]
        groups, occurring = bytearray(size * len(segments)), bytearray(len(segments))
        if _TRUNCATED not in state:
            for place, (_, plane) in zip(places, expanded, strict=True):
                groups[place :: len(segments)] = plane
                occurring[place] = reduce(or_, plane, 0)
        buffers: list[Given] = [{"argument": 3, "octets": bytes(groups)}] if groups else []
        buffers.append({"argument": 4, "octets": struct.pack(f"<{len(state)}q", *state)})
        buffers.append({"argument": 5, "octets": bytes(occurring)})
        result = _TRUNCATED if _TRUNCATED in state else size
        area.add(f"frame.{name}", "kernel", "rle.decode_segments", "PS3.5 G.2; PS3.5 G.3.2",
                 f"{len(segments)} segments of {size} octets: {name}",
                 _segments_given(b"".join(segments), _bounds(segments), places,
                                 size * len(segments), len(segments), len(segments)),
                 {"result": result, "buffers": buffers},
                 flags=["hostile"] if min(state) < 0 else [])  # fmt: skip
    good = [0, 2, 2, 4]
    for name, bounds, places, room, states, bits in (
        ("no-segments", [], [], 4, 0, 0),
        ("bounds-of-one", [0, 2], [0, 1], 4, 2, 2),
        ("bounds-of-three", [*good, 0, 2], [0, 1], 4, 2, 2),
        ("states-of-one", good, [0, 1], 4, 1, 2),
        ("states-of-three", good, [0, 1], 4, 3, 2),
        ("bits-of-one", good, [0, 1], 4, 2, 1),
        ("bits-of-three", good, [0, 1], 4, 2, 3),
        ("room-not-whole", good, [0, 1], 5, 2, 2),
        ("place-twice", good, [1, 1], 4, 2, 2),
        ("place-beyond", good, [0, 2], 4, 2, 2),
        ("place-before", good, [-1, 0], 4, 2, 2),
        ("begin-before", [-1, 2, 2, 4], [0, 1], 4, 2, 2),
        ("second-begin-before", [0, 2, -1, 4], [0, 1], 4, 2, 2),
        ("end-before-begin", [0, 2, 3, 2], [0, 1], 4, 2, 2),
        ("end-before-begin-within", [0, 4, 3, 2], [0, 1], 4, 2, 2),
        ("end-beyond", [0, 2, 2, 5], [0, 1], 4, 2, 2),
        ("first-end-beyond", [0, 5, 2, 4], [0, 1], 4, 2, 2),
    ):
        area.add(f"frame.refused.{name}", "kernel", "rle.decode_segments", "PS3.5 G.2",
                 f"Arguments that do not fit: {name.replace('-', ' ')}",
                 _segments_given(b"\xffa\xffb", bounds, places, room, states, bits),
                 _answer(_BAD_VALUE), flags=["hostile"])  # fmt: skip


def _written_before(count: int) -> dict[str, Given]:
    return {"kind": "bytearray", "format": "B", "octets": b"\x09" * count}


def _segments_given(
    src: bytes, bounds: Sequence[int], places: Sequence[int], room: int, states: int, bits: int
) -> dict[str, Given]:
    source: dict[str, Given] = {"kind": "bytes", "format": "B", "octets": src}
    state: dict[str, Given] = {"kind": "array", "format": "q", "room": states}
    groups, occurring = _written_before(room), _written_before(bits)
    return _given(source, _numbers(bounds), _numbers(places), groups, state, occurring)


def _frames_of_segments() -> Iterable[tuple[str, list[bytes], list[int], int]]:
    for count in range(1, 9):
        for size in (0, 1, 5, 16, 17, 33):
            planes = [_octets(size, 10 * count + k) for k in range(count)]
            segments = [_encoded(plane, max(1, size)) for plane in planes]
            turned = list(range(count))[::-1]
            yield f"{count}-of-{size}", segments, list(range(count)), size
            yield f"{count}-of-{size}-turned", segments, turned, size
    for place in (0, 15, 16, 63, 64, 69):
        lone = bytes(8 if k == place else 0 for k in range(70))
        for count in (1, 2, 3, 4, 5):
            planes = [lone, *[bytes(70)] * (count - 1)]
            segments = [_encoded(plane, 70) for plane in planes]
            yield f"{count}-with-a-bit-at-{place}", segments, list(range(count))[::-1], 70
    yield "in-any-order", [_literals(_octets(9, k)) for k in range(3)], [2, 0, 1], 9
    yield "longest-runs", [b"\x81x", b"\x81y"], [0, 1], 128
    # Runs that go on where an implementation may pause.
    for size in (4095, 4096, 4097, 8200):
        planes = [bytes(p // (90 + 7 * k) % 251 for p in range(size)) for k in range(2)]
        yield f"long-{size}", [_encoded(plane, size) for plane in planes], [1, 0], size
        literal = _literals(bytes((p * 3 + p // 7) % 253 for p in range(size)))
        yield f"long-literals-{size}", [literal, _encoded(planes[0], size)], [0, 1], size
    whole, padded, full = b"\x02abc", b"\x02abc\x80", b"\xfcd"
    for name, segments in (
        ("padding", [padded, whole]), ("no-operation", [b"\x80\x02abc", b"\x01ab\x80\x00c"]),
        ("first-too-long", [full, whole]), ("last-too-long", [whole, full]),
        ("literal-too-long", [whole, b"\x03abcd"]),
        ("first-literal-too-long", [b"\x03abcd", whole]), ("both-too-long", [full, b"\x04abcde"]),
        ("run-too-long-at-last", [b"\x01ab\xffc", whole]),
        ("first-too-short", [b"\x01ab", whole]), ("last-too-short", [whole, b"\xffd"]),
        ("literal-cut", [whole, b"\x02ab"]), ("run-cut", [whole, b"\x01ab\xff"]),
        ("literal-reaches-next", [b"\x02ab", whole]), ("run-reaches-next", [b"\x01ab\xff", whole]),
        ("nothing-there", [b"", whole]), ("only-no-operation", [whole, b"\x80\x80"]),
        ("too-short-and-too-long", [b"\x01ab", full]), ("no-octet-left", [b"\xfed", b"\xfee\xff"]),
    ):  # fmt: skip
        yield name, segments, [0, 1], 3


KERNEL_AREAS = (bits, rle)
"""What makes each area of this module."""
