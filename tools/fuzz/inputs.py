"""What is tried: for each family of kernels a maker of jobs.

A maker takes a random generator and returns a job, a function without arguments. What the job
returns or raises is all that counts; it depends on nothing but the generator's seed.
"""

from __future__ import annotations

import io
import random
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pydcm
from pydcm._codecs import codec_for
from pydcm._codecs.layout import EncodeOptions, FrameLayout
from pydcm.errors import PydcmError
from pydcm.kernels import bits, colour, decimals, elements, items, lut, rle
from tests.hostile.mutator import mutant
from tests.synthetic import Encoding, objects

__all__ = ["FAMILIES", "Job", "Maker"]

Job = Callable[[], object]
Maker = Callable[[random.Random], Job]

RLE = "1.2.840.10008.1.2.5"
JPEG_LS = "1.2.840.10008.1.2.4.80"
NEAR_LOSSLESS = "1.2.840.10008.1.2.4.81"
LOSSLESS = "1.2.840.10008.1.2.4.57"
BASELINE = "1.2.840.10008.1.2.4.50"


def damaged(dice: random.Random, data: bytes, head: int = 0) -> bytes:
    """Return octets with a few changes, one time in eight with none.

    They are mostly near the beginning, or where there is a `head` mostly after it.
    """
    found = bytearray(data)
    spared = head if dice.randrange(4) else 0
    for _ in range(dice.choice((0, 1, 1, 1, 2, 2, 4, 8))):
        power = 1 if spared else dice.choice((1, 2, 4))
        at = min(spared + int((len(found) - spared) * dice.random() ** power), len(found))
        match dice.randrange(6):
            case 0 | 1:
                found[at : at + 1] = bytes([dice.randrange(256)])
            case 2:
                found[at : at + 2] = dice.choice((b"\xff\xff", b"\0\0", b"\xff\xd9", b"\xfe\xff"))
            case 3:
                del found[at : at + dice.choice((1, 2, 8))]
            case 4:
                found[at:at] = dice.randbytes(dice.choice((1, 2, 4)))
            case _:
                if dice.randrange(4):
                    found[at : at + 1] = bytes([dice.randrange(256)])
                else:
                    del found[at:]
    return bytes(found)


# --- data sets ------------------------------------------------------------------------


@cache
def _data_sets() -> list[tuple[int, bytes]]:
    """Return small encoded data sets without what surrounds them in a file, and their coding."""
    found = []
    for coding, encoding in (
        (0, Encoding()),
        (0, Encoding(undefined=True)),
        (elements.IMPLICIT_VR, Encoding(explicit=False)),
        (elements.IMPLICIT_VR, Encoding(explicit=False, undefined=True)),
        (elements.BIG_ENDIAN, Encoding(little=False)),
        (elements.BIG_ENDIAN, Encoding(little=False, undefined=True)),
    ):
        for made in (
            objects.every_vr(encoding),
            objects.nested(4, encoding),
            objects.structured_report(4, encoding),
            objects.enhanced_ct(2, encoding),
        ):
            index = pydcm.dcmread(made)._index
            assert index is not None
            found.append((coding, made[index.offsets[0] + index.base :]))
    return found


def scan(dice: random.Random) -> Job:
    """Kernels ``elements.*`` and ``items.*`` on a damaged data set."""
    coding, data = dice.choice(_data_sets())
    data = damaged(dice, data)
    if not dice.randrange(8):
        coding = dice.choice((elements.IMPLICIT_VR, elements.BIG_ENDIAN, 0))
    within = coding | dice.choice((0, elements.IN_ITEM))
    start = dice.choice((0, 0, dice.randrange(len(data) + 1)))
    stop = dice.choice((len(data), len(data), dice.randrange(start, len(data) + 1)))
    until = dice.choice((1 << 32, 1 << 32, 0x7FE00010, 0x00400000))
    depth = dice.choice((1, 2, 5, 64))
    room = dice.choice((3, 60, 2000))

    def job() -> object:
        def numbers(count: int) -> array[int]:
            return array("q", bytes(8 * count))

        tags, offsets, nexts, state = numbers(room), numbers(room + 1), numbers(room), numbers(2)
        found = elements.scan(data, start, stop, within, until, depth, tags, offsets, state)
        count = found if found >= 0 else state[0]
        answers: list[object] = [found, *state, tags[:count], offsets[: count + 1]]
        end = elements.find_end(data, start, stop, coding, 1 + start % 2, depth, state)
        answers += [end, state[1] if end < 0 else -1]
        found = items.scan_items(data, start, stop, coding, depth, tags, offsets, state)
        answers += [found, *state, tags[: max(found, 0)], offsets[: max(found, 0)]]
        rows = items.scan_tree(
            data, start, stop, within, depth, tags, offsets, nexts, numbers(4 * depth + 4), state
        )
        return [*answers, rows, state[0], tags[:rows], offsets[:rows], nexts[:rows]]

    return job


def _visited(ds: pydcm.Dataset) -> Iterator[object]:
    for tag in list(ds.keys()):
        try:
            element = ds[tag]
            value = element.value
            shown: object = zlib.crc32(value) if isinstance(value, bytes) else repr(value)
        except PydcmError as error:
            yield tag, type(error).__name__, str(error)
            continue
        yield tag, element.VR, element.VM, shown
        if element.VR == "SQ":
            for item in value:
                yield from _visited(item)


def read(dice: random.Random) -> Job:
    """A damaged file, every value visited one by one and all at once."""
    _, data = mutant(dice.randrange(1 << 40))

    def job() -> object:
        ds = pydcm.dcmread(data, force=True)
        answers = list(_visited(ds))
        again = pydcm.dcmread(data, force=True)
        count = sum(1 for _ in again.iterall())
        return repr((answers, count, list(map(str, ds.diagnostics)))).encode()

    return job


def numbers(dice: random.Random) -> Job:
    """Kernel ``decimals.count``."""
    parts = ["".join(dice.choices("0123456789+-. eE", k=dice.randrange(14))) for _ in range(3)]
    good = [f"{dice.uniform(-1e3, 1e3):.{dice.randrange(8)}f}" for _ in range(dice.randrange(6))]
    data = "\\".join(good + parts[: dice.randrange(3)]).encode()
    if not dice.randrange(3):
        data = damaged(dice, data)
    longest, whole = dice.choice((9, 16)), dice.randrange(2)
    return lambda: decimals.count(data, longest, whole)


# --- pixels ----------------------------------------------------------------------------


def _octets(dice: random.Random, count: int) -> NDArray[np.uint8]:
    values = np.uint8(dice.choice((1, 3, 7, 255)))
    found: NDArray[np.uint8] = np.frombuffer(dice.randbytes(count), np.uint8) & values
    return found if dice.randrange(2) else np.repeat(found, dice.choice((1, 3, 140)))[:count]


def _cells(dice: random.Random, code: str, count: int) -> memoryview[int]:
    found = array(code)
    found.frombytes(dice.randbytes(count * found.itemsize))
    return memoryview(found)


def packed_bits(dice: random.Random) -> Job:
    """Kernels ``bits.*``."""
    data = _octets(dice, dice.randrange(40))
    start, count = dice.randrange(-1, 60), dice.randrange(200)

    def job() -> object:
        wide, narrow = np.zeros(count, np.uint8), np.zeros(len(data), np.uint8)
        answers: list[object] = [bits.unpack(data, start, wide), wide]
        return [*answers, bits.pack(wide, narrow, start), bits.pack(data, narrow.copy(), 0), narrow]

    return job


def segments(dice: random.Random) -> Job:
    """Kernels ``rle.*``."""
    plane = _octets(dice, dice.randrange(600)).tobytes()
    columns = dice.randrange(1, 300)
    rows = (len(plane) + columns - 1) // columns
    room = bytearray(rle.longest_segment(rows, columns))
    size = rle.encode_segment.reference(plane, columns, room)
    segment = damaged(dice, bytes(room[:size]))
    several = [dice.choice((segment, bytes(room[:size]))) for _ in range(dice.randrange(1, 8))]
    places = array("q", dice.sample(range(len(several)), len(several)))
    stops = list(accumulate(map(len, several)))
    bounds = array("q", [bound for pair in pairwise([0, *stops]) for bound in pair])

    def job() -> object:
        encoded, decoded = bytearray(len(room)), bytearray(len(plane))
        count = rle.encode_segment(plane, columns, encoded)
        status = rle.decode_segment(segment, decoded)
        answers = [count, encoded[: max(count, 0)], status, decoded if status != -1 else b""]
        groups, state = bytearray(len(plane) * len(several)), array("q", bytes(8 * len(several)))
        bits = bytearray(len(several))
        result = rle.decode_segments(b"".join(several), bounds, places, groups, state, bits)
        return [*answers, result, groups, state, bits]

    return job


def _image(dice: random.Random, bits_stored: int, samples: int) -> NDArray[Any]:
    """Return a small image: noise, slopes, or flat."""
    rows, columns = dice.randrange(1, 20), dice.randrange(1, 24)
    top = (1 << bits_stored) - 1
    rng = np.random.default_rng(dice.randrange(1 << 40))
    shape = (rows, columns, samples)
    match dice.randrange(4):
        case 0:
            found = rng.integers(0, top, shape, endpoint=True)
        case 1:
            found = np.full(shape, dice.randrange(top + 1))
        case _:
            y, x, _ = np.indices(shape)
            found = (y * dice.randrange(9) + x * dice.randrange(9)) * (top // 300 + 1)
            found = np.clip(found + rng.integers(-1, 2, shape), 0, top)
    return found.astype(np.uint8 if bits_stored <= 8 else np.uint16)


def _coded(
    uid: str,
    dice: random.Random,
    pixels: NDArray[Any],
    stored: int,
    photometric: str,
    intervals: Sequence[int] = (0, 0, 1, 3),
) -> Job:
    """Encode an image, and decode its damaged stream, with pydcm's own codec.

    `intervals` are the restart intervals to choose from.
    """
    codec = codec_for(uid)
    encode, decode = codec.encoder("pydcm"), codec.decoder("pydcm")
    rows, columns, samples = pixels.shape
    frame = FrameLayout(
        rows, columns, samples, 8 * pixels.itemsize, stored, photometric=photometric
    )
    options = EncodeOptions(
        near=dice.choice((0, 1, min(3, (1 << stored) // 2 - 1))) if uid == NEAR_LOSSLESS else 0,
        quality=dice.choice((1, 30, 90, 100)),
        subsampling=dice.choice(("444", "422", "420", "440")),
        predictor=dice.randrange(1, 8),
        restart_interval=dice.choice(intervals),
    )
    if not dice.randrange(3):
        return lambda: encode(pixels, frame, options)
    stream = encode(pixels, frame, options)
    broken = damaged(dice, stream, _head(stream))
    return lambda: decode(broken, frame, 1)


def _head(stream: bytes) -> int:
    """Return where the coded pixels of a stream begin, about."""
    return stream.find(b"\xff\xda") + 12 if stream[:2] == b"\xff\xd8" else 64


def rle_frames(dice: random.Random) -> Job:
    """RLE Lossless, whole frames."""
    stored, samples = dice.choice((8, 16)), dice.choice((1, 3))
    photometric = "RGB" if samples == 3 else "MONOCHROME2"
    return _coded(RLE, dice, _image(dice, stored, samples), stored, photometric)


def jpeg_ls(dice: random.Random) -> Job:
    """JPEG-LS, lossless and near-lossless."""
    stored, samples = dice.choice((2, 8, 12, 16)), dice.choice((1, 1, 3))
    photometric = "RGB" if samples == 3 else "MONOCHROME2"
    uid = dice.choice((JPEG_LS, NEAR_LOSSLESS))
    return _coded(uid, dice, _image(dice, stored, samples), stored, photometric)


def lossless_jpeg(dice: random.Random) -> Job:
    """Lossless JPEG with every predictor."""
    stored, samples = dice.choice((2, 8, 12, 16)), dice.choice((1, 1, 3))
    photometric = "RGB" if samples == 3 else "MONOCHROME2"
    pixels = _image(dice, stored, samples)
    columns = pixels.shape[1]  # an interval is a whole number of rows (ISO 10918-1 H.1.1)
    return _coded(LOSSLESS, dice, pixels, stored, photometric, (0, 0, columns, 2 * columns))


def dct_jpeg(dice: random.Random) -> Job:
    """Baseline JPEG with every subsampling."""
    samples = dice.choice((1, 3))
    photometric = "YBR_FULL_422" if samples == 3 else "MONOCHROME2"
    return _coded(BASELINE, dice, _image(dice, 8, samples), 8, photometric)


def progressive_jpeg(dice: random.Random) -> Job:
    """Sequential and progressive JPEG as other encoders write it."""
    made, size, samples = dice.choice(_pictures())
    frame = FrameLayout(size, size, samples, photometric="RGB" if samples == 3 else "MONOCHROME2")
    broken = damaged(dice, made, _head(made))
    decode = codec_for(BASELINE).decoder("pydcm")
    return lambda: decode(broken, frame, 1)


@cache
def _pictures() -> list[tuple[bytes, int, int]]:
    """Return streams that Pillow wrote, their rows and columns, and their samples."""
    from PIL import Image

    found = []
    rng = np.random.default_rng(7)
    for size, mode, progressive, sampling in (
        (17, "L", False, 0), (17, "L", True, 0), (24, "RGB", True, 0), (33, "RGB", True, 2),
        (33, "RGB", False, 2), (20, "RGB", False, 1),
    ):  # fmt: skip
        shape = (size, size) if mode == "L" else (size, size, 3)
        pixels = rng.integers(0, 255, shape, np.uint8, endpoint=True)
        stream = io.BytesIO()
        Image.fromarray(pixels, mode).save(
            stream, "JPEG", progressive=progressive, subsampling=sampling, quality=80
        )
        found.append((stream.getvalue(), size, len(mode)))
    return found


def colours(dice: random.Random) -> Job:
    """Kernels ``colour.*``."""
    data = _octets(dice, dice.randrange(100)).tobytes()

    def job() -> object:
        there = bytearray(data)
        answers: list[object] = [colour.ybr_to_rgb(there), bytes(there)]
        return [*answers, colour.rgb_to_ybr(there), there]

    return job


def tables(dice: random.Random) -> Job:
    """Kernels ``lut.*``."""
    src = _cells(dice, dice.choice("BHIbhi"), dice.randrange(12))
    other = dice.choice("BHh")
    table = _cells(dice, other, dice.randrange(60))
    first = dice.choice((0, -3, 1, 1000, dice.randrange(-(1 << 32), 1 << 32)))
    width = dice.choice((0, 1, 3))
    slope, intercept = dice.uniform(-9, 9), dice.choice((0.0, -1024.0, dice.uniform(-1e6, 1e6)))

    def job() -> object:
        taken = array(other, bytes(table.itemsize * len(src) * width))
        rescaled = array("f", bytes(4 * len(src)))
        answers = [lut.take(src, first, table, width, taken), taken]
        return [*answers, lut.rescale(src, slope, intercept, rescaled), rescaled]

    return job


FAMILIES: dict[str, tuple[Maker, int]] = {
    "scan": (scan, 20),
    "read": (read, 4),
    "decimals": (numbers, 14),
    "bits": (packed_bits, 10),
    "rle": (segments, 12),
    "rle frames": (rle_frames, 4),
    "jpeg-ls": (jpeg_ls, 8),
    "lossless jpeg": (lossless_jpeg, 8),
    "dct jpeg": (dct_jpeg, 6),
    "progressive jpeg": (progressive_jpeg, 4),
    "colour": (colours, 6),
    "tables": (tables, 4),
}
"""The maker of each family, and how many of 100 inputs are of it."""
