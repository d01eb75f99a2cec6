from __future__ import annotations

import importlib
import io
import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydcm import encaps
from pydcm.encaps import encapsulate, frame_index
from pydcm.errors import PydcmError, StructureError, TruncatedError
from pydcm.source import Extent, FileSource, MemorySource
from tests.recording import recorded

ITEM = b"\xfe\xff\x00\xe0"
DELIMITER = b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"


def item(value: bytes) -> bytes:
    return ITEM + struct.pack("<I", len(value)) + value


def table(*offsets: int) -> bytes:
    return item(struct.pack(f"<{len(offsets)}I", *offsets))


class CountingSource(MemorySource):
    """Remembers what was read."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, count: int) -> bytes:
        self.reads.append((offset, count))
        return super().read(offset, count)


def extent(data: bytes) -> Extent:
    return Extent(MemorySource(data), 0, len(data), undefined=True)


# --- the functions of the compatible API --------------------------------------------------------

FOUR = item(b"") + item(b"ab") + item(b"cd") + item(b"ef") + item(b"gh") + DELIMITER
JPEGS = item(b"") + item(b"\xff\xd8ab") + item(b"cd\xff\xd9") + item(b"ef") + item(b"g\xff\xd9\x00")
JPEGS_CUT = JPEGS + item(b"\xff\xd8hi")  # the last one does not end
ALONE = item(b"") + item(b"ab")
TABLE = table(0, 20) + item(b"ab") + item(b"cd") + item(b"ef") + DELIMITER
INEXACT = table(0, 19) + item(b"ab") + item(b"cd") + item(b"ef")
EXTENDED = ([0, 10, 20, 30], [2] * 4)


def _all(name: str, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    def call(module: Any) -> Any:
        found = getattr(module, name)(*args, **kwargs)
        return list(found) if hasattr(found, "__next__") else found

    return call


def _after(name: str, data: bytes, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    """Call it on a file, and tell its position afterwards."""

    def call(module: Any) -> Any:
        stream = io.BytesIO(b"zz" + data)
        stream.seek(2)
        return getattr(module, name)(stream, *args, **kwargs), stream.tell()

    return call


CALLS = {
    "fragments": _all("generate_fragments", item(b"ab") + item(b"") + item(b"cdef") + DELIMITER),
    "fragments without delimiter": _all("generate_fragments", item(b"ab")),
    "fragments cut": _all("generate_fragments", item(b"abcdef")[:-2]),
    "fragments cut in a tag": _all("generate_fragments", item(b"ab") + b"\xfe\xff\x00"),
    "fragments, wrong tag": _all(
        "generate_fragments", item(b"ab") + b"\x01\x02\x03\x04" + bytes(4)
    ),
    "fragments, undefined length": _all("generate_fragments", ITEM + b"\xff" * 4),
    "fragments, big endian": _all(
        "generate_fragments", b"\xff\xfe\xe0\x00\x00\x00\x00\x02ab", endianness=">"
    ),
    "parse_fragments": _all("parse_fragments", item(b"ab") + item(b"cdef") + DELIMITER),
    "parse_fragments of a file": _after("parse_fragments", item(b"ab") + item(b"cdef")),
    "parse_fragments cut": _all("parse_fragments", item(b"ab") + ITEM + b"\xff"),
    "parse_fragments of nothing": _all("parse_fragments", b""),
    "basic offsets": _all("parse_basic_offsets", table(0, 10)),
    "basic offsets empty": _all("parse_basic_offsets", item(b"")),
    "basic offsets of a file": _after("parse_basic_offsets", table(0) + item(b"ab")),
    "basic offsets, no item": _all("parse_basic_offsets", b"\x01\x02\x03\x04" + bytes(4)),
    "basic offsets, odd length": _all("parse_basic_offsets", item(b"abcdef")),
    **{
        f"{n} frames of four fragments": _all(
            "generate_fragmented_frames", FOUR, number_of_frames=n
        )
        for n in (None, 0, 1, 2, 4, 5)
    },
    "one frame": _all("generate_frames", FOUR, number_of_frames=1),
    **{
        f"{n} JPEG frames": _all("generate_fragmented_frames", JPEGS, number_of_frames=n)
        for n in (1, 2, 3)
    },
    **{
        f"{n} JPEG frames, the last one cut": _all(
            "generate_fragmented_frames", JPEGS_CUT, number_of_frames=n
        )
        for n in (2, 3, 4)
    },
    "JPEG frames without an end": _all("generate_frames", FOUR, number_of_frames=3),
    **{
        f"{n} frames of one fragment": _all("generate_frames", ALONE, number_of_frames=n)
        for n in (None, 0, 1)
    },
    **{f"get_frame {n} of one fragment": _all("get_frame", ALONE, n) for n in (0, 1)},
    "get_frame of a file of one fragment": _after("get_frame", ALONE, 0),
    "get_frame, the last one cut": _all("get_frame", JPEGS_CUT, 2, number_of_frames=3),
    "frames by table": _all("generate_fragmented_frames", TABLE),
    "frames by inexact table": _all("generate_fragmented_frames", INEXACT),
    "frames by extended table": _all("generate_fragmented_frames", FOUR, extended_offsets=EXTENDED),
    "frames by extended table, bytes": _all(
        "generate_frames",
        FOUR,
        extended_offsets=(struct.pack("<2Q", 0, 10), struct.pack("<2Q", 2, 1)),
    ),
    "no frames": _all("generate_frames", item(b"") + DELIMITER),
    **{f"get_frame {n}": _all("get_frame", FOUR, n, number_of_frames=4) for n in (0, 1, 3, 4)},
    "get_frame of a file": _after("get_frame", FOUR, 1, number_of_frames=4),
    "get_frame, number unknown": _all("get_frame", FOUR, 0),
    "get_frame, second of one": _all("get_frame", FOUR, 1, number_of_frames=1),
    **{f"get_frame {n} by table": _all("get_frame", TABLE, n) for n in (0, 1, 2)},
    **{
        f"get_frame {n} by extended table": _all("get_frame", FOUR, n, extended_offsets=EXTENDED)
        for n in (0, 3, 4)
    },
    **{f"get_frame {n} of JPEGs": _all("get_frame", JPEGS, n, number_of_frames=2) for n in (0, 1)},
    **{
        f"fragment_frame {n}/{k}": _all("fragment_frame", bytes(range(n)), k)
        for n, k in ((1, 1), (7, 1), (10, 2), (10, 4), (10, 5), (10, 6), (11, 4), (26, 7), (0, 1))
    },
    "itemize_fragment": _all("itemize_fragment", b"abcd"),
    "itemize_frame": _all("itemize_frame", b"abcde", 2),
    "encapsulate": _all("encapsulate", [b"abc", b"de"]),
    "encapsulate without table": _all("encapsulate", [b"abc", b"de"], has_bot=False),
    "encapsulate in pieces": _all("encapsulate", [b"abcdefgh", b"de" * 4], fragments_per_frame=2),
    "encapsulate nothing": _all("encapsulate", []),
    "encapsulate_extended": _all("encapsulate_extended", [b"abc", b"de"]),
}


def _outcome(call: Callable[[Any], Any], module: Any) -> tuple[object, list[type[Warning]]]:
    with recorded() as caught:
        try:
            result = call(module)
        except Exception as error:  # what either library raises is what is compared
            result = error
    return result, [warning.category for warning in caught]


@pytest.mark.parametrize("name", CALLS)
def test_same_as_pydicom(name: str) -> None:
    pydicom = pytest.importorskip("pydicom.encaps")
    expected, expected_warnings = _outcome(CALLS[name], pydicom)
    result, result_warnings = _outcome(CALLS[name], encaps)
    assert result_warnings == expected_warnings
    if isinstance(expected, Exception):
        assert isinstance(result, type(expected))
    else:
        assert result == expected


@pytest.mark.parametrize("size", [20, 23, 35])
@pytest.mark.parametrize("pieces", [6, 7])
def test_every_fragment_is_even_and_not_empty(size: int, pieces: int) -> None:
    # pydicom makes an empty or an odd fragment of these, which PS3.5 A.4 forbids.
    fragments = list(encaps.fragment_frame(bytes(range(size)), pieces))
    assert [len(f) % 2 for f in fragments] == [0] * pieces
    assert min(map(len, fragments)) >= 2
    assert b"".join(fragments)[:size] == bytes(range(size))


@pytest.mark.parametrize("pieces", [0, -1])
def test_no_fragments_are_refused(pieces: int) -> None:
    with pytest.raises(ValueError, match=f"cannot make {pieces} fragments"):
        list(encaps.fragment_frame(b"abcd", pieces))


def test_table_ends_inside_the_data() -> None:
    with pytest.raises(TruncatedError):
        encaps.parse_basic_offsets(table(0, 10)[:-2])
    with pytest.raises(TruncatedError):
        encaps.parse_basic_offsets(b"\xfe\xff")


def test_offset_past_the_end_is_an_error() -> None:
    with pytest.raises(StructureError, match="2 bytes where 0 are left"):
        list(encaps.generate_frames(FOUR, extended_offsets=([0, 200], [2, 2])))


@given(st.binary(max_size=80), st.sampled_from([None, 1, 2, 3]))
def test_any_bytes_give_frames_or_a_pydcm_error(data: bytes, frames: int | None) -> None:
    for start in (b"", item(b""), table(0, 4)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = list(encaps.generate_frames(start + data, number_of_frames=frames))
        except PydcmError:
            continue
        assert sum(map(len, found)) <= len(data)


DEPRECATED = {
    "decode_data_sequence": (FOUR,),
    "defragment_data": (FOUR,),
    "generate_pixel_data": (FOUR, 4),
    "generate_pixel_data_frame": (FOUR, 4),
}


@pytest.mark.parametrize("name", DEPRECATED)
def test_deprecated_names_warn_and_work(name: str) -> None:
    theirs = pytest.importorskip("pydicom.encaps")
    call = _all(name, *DEPRECATED[name])
    assert _outcome(call, encaps) == _outcome(call, theirs)
    with pytest.warns(DeprecationWarning, match=name):
        getattr(encaps, name)


@pytest.mark.parametrize(
    "name", ["generate_pixel_data_fragment", "get_frame_offsets", "get_nr_fragments", "read_item"]
)
@pytest.mark.parametrize("data", [FOUR, TABLE, DELIMITER])
def test_deprecated_names_on_files(name: str, data: bytes) -> None:
    theirs = pytest.importorskip("pydicom")
    results = []
    for package in ("pydcm", theirs.__name__):
        stream = importlib.import_module(f"{package}.filebase").DicomBytesIO(data)
        stream.is_little_endian = True
        module = importlib.import_module(f"{package}.encaps")
        results.append(_outcome(_all(name, stream), module))
    ours, expected = results
    if isinstance(expected[0], Exception):
        assert isinstance(ours[0], type(expected[0]))
    else:
        assert ours == expected


def test_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        encaps.no_such_name  # noqa: B018  # the access raises


# --- encapsulation on the fly -------------------------------------------------------------------


@given(
    st.lists(st.binary(min_size=1, max_size=9), max_size=4),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 80), st.integers(-1, 30)), max_size=6),
)
def test_buffer_reads_what_encapsulate_returns(
    frames: list[bytes], has_bot: bool, reads: list[tuple[int, int]]
) -> None:
    whole = encapsulate(frames, has_bot=has_bot)
    buffer = encaps.encapsulate_buffer([io.BytesIO(frame) for frame in frames], has_bot=has_bot)
    assert buffer.encapsulated_length == len(whole)
    assert buffer.read() == whole
    for offset, count in reads:
        buffer.seek(offset)
        end = len(whole) if count < 0 else offset + count
        assert buffer.read(count) == whole[offset:end]
        assert buffer.tell() == max(offset, min(len(whole), end))


def test_buffer_describes_itself_as_pydicoms_does() -> None:
    theirs = pytest.importorskip("pydicom.encaps")
    files: list[io.BufferedIOBase] = [io.BytesIO(b"abc"), io.BytesIO(b"de")]
    for ours, expected in (
        (encaps.EncapsulatedBuffer(files), theirs.EncapsulatedBuffer(files)),
        (encaps.encapsulate_buffer(files), theirs.encapsulate_buffer(files)),
    ):
        for name in (
            "basic_offset_table", "encapsulated_length", "extended_lengths", "extended_offsets",
            "lengths", "offsets", "closed",
        ):  # fmt: skip
            assert getattr(ours, name) == getattr(expected, name)
        for move in ((3,), (2, 1), (-3, 2), (0, 0)):
            assert ours.seek(*move) == expected.seek(*move)
            assert ours.read(4) == expected.read(4)
    extended = encaps.encapsulate_extended_buffer(files)
    assert (extended[0].read(), *extended[1:]) == encaps.encapsulate_extended([b"abc", b"de"])


def test_buffer_leaves_its_files_where_they_are() -> None:
    file = io.BytesIO(b"abc")
    file.seek(1)
    assert b"abc" in encaps.encapsulate_buffer([file]).read()
    assert file.tell() == 1


def test_buffer_is_what_its_files_are() -> None:
    theirs = pytest.importorskip("pydicom.encaps")

    class Changing(io.BytesIO):
        able = True

        def readable(self) -> bool:
            return self.able

        def seekable(self) -> bool:
            return self.able

    file = Changing(b"abc")
    files: list[io.BufferedIOBase] = [io.BytesIO(b"de"), file]
    for buffer in (encaps.EncapsulatedBuffer(files), theirs.EncapsulatedBuffer(files)):
        for able in (False, True):
            file.able = able
            assert buffer.readable() is able
            assert buffer.seekable() is able


def test_the_warning_comes_with_the_frame_that_has_no_end() -> None:
    frames = encaps.generate_frames(JPEGS_CUT, number_of_frames=3)
    with recorded() as caught:
        assert [next(frames), next(frames)] == [b"\xff\xd8abcd\xff\xd9", b"efg\xff\xd9\x00"]
    assert not caught
    with pytest.warns(UserWarning, match="frame 3"):
        assert next(frames) == b"\xff\xd8hi"


def test_buffer_refuses_what_it_cannot_read() -> None:
    with pytest.raises(TypeError, match="bytes"):
        encaps.encapsulate_buffer([b"abc"])  # type: ignore[list-item]  # what it refuses
    closed = io.BytesIO(b"abc")
    buffer = encaps.encapsulate_buffer([closed])
    assert buffer.readable()
    assert buffer.seekable()
    closed.close()
    assert buffer.closed
    with pytest.raises(ValueError, match="open"):
        encaps.encapsulate_buffer([closed])
    with pytest.raises(ValueError, match="negative"):
        encaps.EncapsulatedBuffer([]).seek(-1)
    with pytest.raises(ValueError, match="whence"):
        encaps.EncapsulatedBuffer([]).seek(0, 9)


def test_table_cannot_reach_past_4_gib() -> None:
    class Large(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            return 3 << 30 if whence == 2 else super().seek(offset, whence)

    files: list[io.BufferedIOBase] = [Large(b"a") for _ in range(3)]
    with pytest.raises(ValueError, match="encapsulate_extended"):
        encaps.encapsulate_buffer(files)
    assert encaps.EncapsulatedBuffer(files).offsets[-1] == 2 * ((3 << 30) + 8)


# --- the frame index ----------------------------------------------------------------------------


@given(
    st.lists(st.binary(min_size=2, max_size=12).filter(lambda f: len(f) % 2 == 0), min_size=1),
    st.sampled_from(["basic", "extended", "fragments"]),
)
def test_index_finds_every_frame(frames: list[bytes], origin: str) -> None:
    extended = None
    if origin == "extended":
        data, *columns = encaps.encapsulate_extended(frames)
        extended = (columns[0], columns[1])
    else:
        data = encapsulate(frames, has_bot=origin == "basic")
    index = frame_index(extent(data), len(frames), extended)
    assert index.origin == origin
    assert [index.read(k) for k in range(len(index))] == frames
    assert index.problems == []


def test_frames_of_several_fragments() -> None:
    frames = [b"abcdefgh", b"ijklmnopqr"]
    index = frame_index(extent(encapsulate(frames, fragments_per_frame=2)), 2)
    assert [index.read(k) for k in range(2)] == frames
    assert len(index.ranges(1)) == 2


def test_one_frame_is_all_fragments() -> None:
    index = frame_index(extent(item(b"") + item(b"ab") + item(b"cd")), 1)
    assert index.read(0) == b"abcd"


@pytest.mark.parametrize("origin", ["memory", "file"])
def test_a_view_is_what_is_read(origin: str, tmp_path: Path) -> None:
    data = encapsulate([b"ab", b"cdef", b"gh"], has_bot=False)
    path = tmp_path / "frames"
    path.write_bytes(data)
    source = MemorySource(data) if origin == "memory" else FileSource(str(path))
    for frames in (3, 1):
        index = frame_index(Extent(source, 0, len(data)), frames)
        for frame in (0, frames - 1, 0):
            assert index.view(frame) == index.read(frame)
    index = frame_index(Extent(source, 0, len(data)), 3)
    assert [index.read(frame) for frame in (0, 0, 2, 1)] == [b"ab", b"ab", b"gh", b"cdef"]
    assert isinstance(index.view(1), memoryview if origin == "memory" else bytes)
    index.ranges(1).clear()
    assert index.read(1) == b"cdef"


def test_delimiter_ends_the_fragments() -> None:
    index = frame_index(extent(item(b"") + item(b"ab") + DELIMITER + b"rest"), 1)
    assert index.read(0) == b"ab"


def test_extended_lengths_may_leave_out_the_padding() -> None:
    data, offsets, _ = encaps.encapsulate_extended([b"abc", b"de"])
    index = frame_index(extent(data), 2, (offsets, struct.pack("<2Q", 3, 2)))
    assert [index.read(k) for k in range(2)] == [b"abc", b"de"]


RLE = struct.pack("<16I", 1, 64, *[0] * 14) + b"\x01ab\x00"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 8


@pytest.mark.parametrize("start", [RLE, JPEG, b"\xff\x4f\xff\x51" + b"y" * 8])
def test_without_a_table_code_streams_tell_where_frames_begin(start: bytes) -> None:
    data = item(b"") + item(start) + item(b"more") + item(b"of it ") + item(start) + item(b"end ")
    index = frame_index(extent(data), 2)
    assert [index.read(0), index.read(1)] == [start + b"moreof it ", start + b"end "]


@pytest.mark.parametrize(
    "wrong",
    [
        table(0, 28),  # two entries for one frame
        table(1000),
        table(8),
        item(b"abc"),
    ],
)
def test_wrong_table_of_one_frame_does_no_harm(wrong: bytes) -> None:
    index = frame_index(extent(wrong + item(RLE[:20]) + item(RLE[20:])), 1)
    assert index.read(0) == RLE
    assert index.origin == "fragments"
    assert len(index.problems) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        table(0),
        table(0, 9),  # no item there
        table(8, 18),  # counted from the table's own item
        table(0, 0),
        table(0, 5000),
        table(0, 10, 20),
        table(10, 0),
    ],
)
def test_wrong_table_of_two_frames_is_replaced_by_the_fragments(wrong: bytes) -> None:
    index = frame_index(extent(wrong + item(b"ab") + item(b"cd")), 2)
    assert [index.read(1), index.read(0)] == [b"cd", b"ab"]
    assert index.problems


@pytest.mark.parametrize(
    ("offsets", "lengths"),
    [([0, 11], [2, 2]), ([0, 10], [2, 4]), ([0], [2]), ([0, 10], [2]), ([0, 1 << 60], [2, 2])],
)
def test_wrong_extended_table_is_replaced(offsets: list[int], lengths: list[int]) -> None:
    data = table(0, 10) + item(b"ab") + item(b"cd")
    index = frame_index(extent(data), 2, (offsets, lengths))
    assert [index.read(k) for k in range(2)] == [b"ab", b"cd"]
    assert index.problems


def test_ambiguous_fragments_are_refused() -> None:
    with pytest.raises(StructureError, match="3 fragments cannot be divided into 2 frames"):
        frame_index(extent(item(b"") + item(b"ab") + item(b"cd") + item(b"ef")), 2)
    index = frame_index(extent(table(0, 11) + item(b"ab") + item(b"cd") + item(b"ef")), 2)
    with pytest.raises(StructureError, match="entry for frame 2"):
        index.read(1)


def test_fewer_fragments_than_frames_are_refused() -> None:
    with pytest.raises(StructureError, match="1 fragments"):
        frame_index(extent(item(b"") + item(b"ab")), 2)
    with pytest.raises(StructureError, match="0 fragments"):
        frame_index(extent(item(b"")), 1)


def test_table_with_more_frames_counts_if_a_code_stream_begins_at_each() -> None:
    index = frame_index(extent(encapsulate([RLE, RLE, RLE])), 2)
    assert len(index) == 3
    assert index.read(2) == RLE
    assert "lists 3 frames" in index.problems[0]


def test_frames_before_the_cut_of_a_truncated_file_can_be_read() -> None:
    data = encapsulate([b"ab" * 5, b"cd" * 5, b"ef" * 5])
    index = frame_index(extent(data[:-4]), 3)
    assert index.read(1) == b"cd" * 5
    with pytest.raises(TruncatedError, match="4 bytes"):
        index.read(2)


@pytest.mark.parametrize("frame", [-1, 2])
def test_no_such_frame(frame: int) -> None:
    with pytest.raises(IndexError):
        frame_index(extent(encapsulate([b"ab", b"cd"])), 2).ranges(frame)


@pytest.mark.parametrize(
    "data", [b"", b"\xfe\xff", b"\x01" * 12, ITEM + b"\xff" * 4, ITEM + b"\x08"]
)
def test_what_is_not_encapsulated_is_refused(data: bytes) -> None:
    with pytest.raises((StructureError, TruncatedError)):
        frame_index(extent(data), 1)


@given(st.binary(max_size=120), st.integers(1, 4))
def test_any_bytes_give_an_index_or_a_pydcm_error(data: bytes, frames: int) -> None:
    for start in (b"", item(b""), table(0, 12), table(*range(0, 8 * frames, 8))):
        try:
            index = frame_index(extent(start + data), frames)
            for k in range(len(index)):
                index.read(k)
        except PydcmError:
            continue
        assert len(index) >= frames


def test_one_frame_is_read_without_the_others() -> None:
    frames = [bytes([k]) * 100_000 for k in range(200)]
    for has_bot in (True, False):
        source = CountingSource(encapsulate(frames, has_bot=has_bot))
        index = frame_index(Extent(source, 0, source.size), len(frames))
        assert index.read(77) == frames[77]
        assert sum(count for _, count in source.reads) < 2 * len(frames[0]) + 32 * len(frames)


@pytest.mark.parametrize("has_bot", [True, False])
def test_a_frame_that_is_alone_takes_two_reads(has_bot: bool) -> None:
    source = CountingSource(encapsulate([bytes(9000)], has_bot=has_bot))
    index = frame_index(Extent(source, 0, source.size), 1)
    assert index.read(0) == bytes(9000)
    assert len(source.reads) == 2


@given(
    st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=6),
    st.sampled_from(["table", "fragment for each", "one frame"]),
)
def test_what_is_read_ahead_changes_nothing(frames: list[bytes], form: str) -> None:
    data = encapsulate(frames, has_bot=form == "table")
    padded = [frame + bytes(len(frame) % 2) for frame in frames]
    expected = [b"".join(padded)] if form == "one frame" else padded
    index = frame_index(Extent(MemorySource(data), 0, len(data)), len(expected))
    assert [index.read(k) for k in range(len(expected))] == expected


def test_small_fragments_share_reads() -> None:
    frames = [b"ab"] * 50_000
    source = CountingSource(encapsulate(frames, has_bot=False))
    index = frame_index(Extent(source, 0, source.size), len(frames))
    assert index.ranges(49_999) == [(source.size - 2, 2)]
    assert len(source.reads) < 50


def test_index_of_a_file(tmp_path: Path) -> None:
    data = encapsulate([b"ab", b"cd"])
    path = tmp_path / "frames"
    path.write_bytes(b"before" + data + DELIMITER)
    source = FileSource(str(path))
    index = frame_index(Extent(source, 6, len(data)), 2)
    assert index.read(1) == b"cd"
