"""Waveforms as arrays: the same as pydicom, byte orders that it does not know, hostile files."""

from __future__ import annotations

import contextlib
import io
import random
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import pydcm
from pydcm import limits
from pydcm.dataset import Dataset, FileMetaDataset
from pydcm.errors import LimitError, MissingElementError, PydcmError, ValueTypeError, WaveformError
from pydcm.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian
from pydcm.waveforms import generate_multiplex, multiplex_array, numpy_handler
from pydcm.waveforms.numpy_handler import WAVEFORM_DTYPES
from tests.shared import CORPUS, ROOT, needs_corpus

ECG = CORPUS / "waveforms" / "pydicom" / "waveform_ecg.dcm"


@pytest.fixture(scope="module")
def theirs() -> Any:
    pytest.importorskip("pydicom")
    from pydicom import waveforms

    return waveforms


def _made(
    samples: NDArray[Any],
    kind: str,
    *,
    vr: str = "OW",
    groups: int = 1,
    elements: dict[str, object] | None = None,
) -> Dataset:
    """Return a data set whose groups hold the same samples."""
    made = Dataset()
    made.WaveformSequence = [_group(samples, kind, vr, elements or {}) for _ in range(groups)]
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def _group(samples: NDArray[Any], kind: str, vr: str, elements: dict[str, object]) -> Dataset:
    group = Dataset()
    group.NumberOfWaveformChannels = samples.shape[1]
    group.NumberOfWaveformSamples = samples.shape[0]
    group.WaveformBitsAllocated = samples.dtype.itemsize * 8
    group.WaveformSampleInterpretation = kind
    group.ChannelDefinitionSequence = [Dataset() for _ in range(samples.shape[1])]
    group.WaveformData = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    group["WaveformData"].VR = vr
    for keyword, value in elements.items():
        if value is None:
            delattr(group, keyword)
        else:
            setattr(group, keyword, value)
    return group


def _samples(dtype: str, shape: tuple[int, int] = (7, 3)) -> NDArray[Any]:
    info = np.iinfo(dtype)
    found: NDArray[Any] = np.random.default_rng(5).integers(
        info.min, info.max, shape, dtype=dtype, endpoint=True
    )
    return found


# ---- the same as pydicom --------------------------------------------------------------------


@needs_corpus
@pytest.mark.parametrize(
    "path", sorted((CORPUS / "waveforms").rglob("*.dcm")), ids=lambda p: p.name
)
def test_the_corpus_is_read_as_pydicom_reads_it(theirs: Any, path: Path) -> None:
    import pydicom

    mine, expected = pydcm.dcmread(path), pydicom.dcmread(path)
    for as_raw in (True, False):
        arrays = list(generate_multiplex(mine, as_raw))
        others = list(theirs.generate_multiplex(expected, as_raw))
        assert len(arrays) == len(others) == len(mine.WaveformSequence) > 0
        for index, (array, other) in enumerate(zip(arrays, others, strict=True)):
            assert array.dtype == other.dtype
            assert np.array_equal(array, other)
            assert np.array_equal(array, multiplex_array(mine, index, as_raw))
            assert array.flags.writeable
            assert array.flags.owndata
    for index in range(len(mine.WaveformSequence)):
        assert np.array_equal(mine.waveform_array(index), expected.waveform_array(index))


@needs_corpus
def test_channel_units_are_exact_for_any_numbers(theirs: Any) -> None:
    import pydicom

    mine, expected = pydcm.dcmread(ECG), pydicom.dcmread(ECG)
    draw = random.Random(20)
    for _ in range(10):
        for channel in range(12):
            for keyword in (
                "ChannelSensitivity",
                "ChannelSensitivityCorrectionFactor",
                "ChannelBaseline",
            ):
                number = f"{draw.uniform(-9, 9):.6f}"
                for ds in (mine, expected):
                    setattr(
                        ds.WaveformSequence[1].ChannelDefinitionSequence[channel], keyword, number
                    )
        assert np.array_equal(mine.waveform_array(1), expected.waveform_array(1))


@needs_corpus
@pytest.mark.parametrize(
    "changes",
    [
        *({keyword: None} for keyword in numpy_handler._NEEDED),
        {"ChannelDefinitionSequence": None},
        *({"NumberOfWaveformSamples": value} for value in (0, 1, 5000, 20000, 2**32 - 1)),
        *({"NumberOfWaveformChannels": value} for value in (0, 1, 11, 13, 65535)),
        *({"WaveformData": value} for value in (b"", b"abc", b"abcd" * 10)),
        *({"WaveformSampleInterpretation": value} for value in ("SB", "UV", "XX", "AA")),
        *({"WaveformBitsAllocated": value} for value in (0, 8, 12, 64)),
    ],
    ids=str,
)
@pytest.mark.parametrize("as_raw", [True, False])
def test_odd_groups_end_as_under_pydicom(
    theirs: Any, changes: dict[str, object], as_raw: bool
) -> None:
    import pydicom

    outcomes: list[Any] = []
    for module, read in ((theirs, pydicom.dcmread), (pydcm.waveforms, pydcm.dcmread)):
        ds: Any = read(ECG)
        group = ds.WaveformSequence[0]
        for keyword, value in changes.items():
            if value is None:
                delattr(group, keyword)
            else:
                setattr(group, keyword, value)
        try:
            outcomes.append(module.multiplex_array(ds, 0, as_raw))
        except Exception as error:  # each kind is compared
            outcomes.append(error)
    expected, mine = outcomes
    if isinstance(expected, Exception):
        assert isinstance(mine, type(expected))
        assert isinstance(mine, PydcmError)
    else:
        assert mine.dtype == expected.dtype
        assert np.array_equal(mine, expected)


def test_the_types_are_those_of_pydicom(theirs: Any) -> None:
    assert theirs.numpy_handler.WAVEFORM_DTYPES == WAVEFORM_DTYPES
    assert numpy_handler.is_available()
    assert numpy_handler.DEPENDENCIES == theirs.numpy_handler.DEPENDENCIES
    assert numpy_handler.HANDLER_NAME == theirs.numpy_handler.HANDLER_NAME


# ---- all kinds of samples --------------------------------------------------------------------


@pytest.mark.parametrize(("bits", "kind"), WAVEFORM_DTYPES)
def test_every_kind_of_sample(bits: int, kind: str) -> None:
    samples = _samples(WAVEFORM_DTYPES[bits, kind])
    made = _made(samples, kind)
    found = multiplex_array(made, 0)
    assert found.dtype == samples.dtype
    assert np.array_equal(found, samples)
    assert np.array_equal(made.waveform_array(0), samples.astype(np.float64))


@pytest.mark.parametrize(("bits", "kind"), WAVEFORM_DTYPES)
@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_big_endian_files(bits: int, kind: str, vr: str) -> None:
    samples = _samples(WAVEFORM_DTYPES[bits, kind], (8, 3))
    unit = 2 if vr == "OW" and bits == 8 else bits // 8
    stored = samples.tobytes()
    swapped = np.frombuffer(stored, f"<u{unit}").astype(f">u{unit}").tobytes()
    made = _made(samples, kind, vr=vr)
    assert vr == made.WaveformSequence[0]["WaveformData"].VR
    made.WaveformSequence[0].WaveformData = swapped
    made.WaveformSequence[0].set_original_encoding(False, False)
    made.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    found = multiplex_array(made, 0)
    assert found.dtype.isnative
    assert np.array_equal(found, samples)


@needs_corpus
def test_a_big_endian_file_of_pydicom(theirs: Any) -> None:
    import pydicom

    little: Any = pydicom.dcmread(ECG)
    expected = [theirs.multiplex_array(little, index) for index in range(2)]
    for group in little.WaveformSequence:
        group.WaveformData = np.frombuffer(group.WaveformData, "<i2").astype(">i2").tobytes()
    little.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    file = io.BytesIO()
    pydicom.dcmwrite(file, little, implicit_vr=False, little_endian=False, force_encoding=True)
    file.seek(0)
    found = list(generate_multiplex(pydcm.dcmread(file)))
    assert all(map(np.array_equal, found, expected))


def test_several_groups() -> None:
    made = _made(_samples("int16"), "SS", groups=3)
    assert [array.shape for array in generate_multiplex(made)] == [(7, 3)] * 3
    assert np.array_equal(multiplex_array(made, -1), multiplex_array(made, 2))
    with pytest.raises(IndexError):
        multiplex_array(made, 3)


def test_units_of_some_channels_only() -> None:
    samples = np.array([[1, 2, 3], [4, 5, 6]], np.int16)
    made = _made(samples, "SS")
    first, second, _third = made.WaveformSequence[0].ChannelDefinitionSequence
    first.ChannelSensitivity = "0.5"
    first.ChannelSensitivityCorrectionFactor = "3"
    second.ChannelBaseline = "-10"
    assert made.waveform_array(0).tolist() == [[1.5, -8.0, 3.0], [6.0, -5.0, 6.0]]
    assert multiplex_array(made, 0, as_raw=False).dtype == np.float64


def test_nothing_is_shared_with_the_data_set() -> None:
    made = _made(_samples("uint8"), "UB", vr="OB")
    before = made.WaveformSequence[0].WaveformData
    multiplex_array(made, 0)[:] = 0
    assert made.WaveformSequence[0].WaveformData == before


# ---- hostile ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"NumberOfWaveformSamples": 2**32 - 1, "NumberOfWaveformChannels": 65535}, LimitError),
        ({"NumberOfWaveformSamples": 8}, WaveformError),
        ({"WaveformData": b""}, WaveformError),
        ({"WaveformBitsAllocated": 24}, WaveformError),
        ({"WaveformSampleInterpretation": ""}, WaveformError),
        ({"WaveformSampleInterpretation": ["SS", "US"]}, ValueTypeError),
        ({"NumberOfWaveformSamples": [1, 2]}, ValueTypeError),
        ({"NumberOfWaveformChannels": ""}, ValueTypeError),
        ({"WaveformData": None}, MissingElementError),
    ],
    ids=str,
)
def test_broken_groups_raise_errors_of_the_library(
    changes: dict[str, object], error: type[PydcmError]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = _made(_samples("int16"), "SS", elements=changes)
    with pytest.raises(error) as caught:
        multiplex_array(made, 0)
    assert caught.value.tag_path is None or caught.value.tag_path.startswith("WaveformSequence[0]")


@pytest.mark.parametrize("keyword", ["ChannelSensitivity", "ChannelBaseline"])
@pytest.mark.parametrize("value", ["", ["1", "2"]])
def test_broken_channels_raise_errors_of_the_library(keyword: str, value: object) -> None:
    made = _made(_samples("int16"), "SS")
    setattr(made.WaveformSequence[0].ChannelDefinitionSequence[2], keyword, value)
    with pytest.raises(ValueTypeError, match=rf"ChannelDefinitionSequence\[2\].{keyword}"):
        made.waveform_array(0)


def test_more_channels_defined_than_there_are() -> None:
    made = _made(_samples("int16"), "SS")
    made.WaveformSequence[0].ChannelDefinitionSequence.append(Dataset())
    assert multiplex_array(made, 0).shape == (7, 3)
    with pytest.raises(WaveformError, match="4 channels are defined and 3 are there"):
        made.waveform_array(0)


def test_no_waveforms() -> None:
    empty = Dataset()
    for call in (lambda: multiplex_array(empty, 0), lambda: list(generate_multiplex(empty))):
        with pytest.raises(MissingElementError, match="5400,0100"):
            call()
    empty.WaveformSequence = []
    assert list(generate_multiplex(empty)) == []
    with pytest.raises(IndexError):
        empty.waveform_array(0)


def test_a_limit() -> None:
    made = _made(_samples("int16"), "SS")
    with limits.using(max_array_bytes=100), pytest.raises(LimitError, match="max_array_bytes"):
        multiplex_array(made, 0)


def test_messages_are_plain_text() -> None:
    assert str(WaveformError("it is short", tag_path="WaveformSequence[0]")) == (
        "it is short (at WaveformSequence[0])"
    )
    for builtin in (ValueError, KeyError, IndexError):
        assert issubclass(WaveformError, builtin)


@needs_corpus
def test_mutated_files_raise_errors_of_the_library_only() -> None:
    content = ECG.read_bytes()
    draw = random.Random(7)
    start = content.index(b"\x00\x54\x00\x01SQ")
    outcomes: Counter[str] = Counter()
    for _ in range(150):
        mutated = bytearray(content)
        for _ in range(draw.randint(1, 6)):
            mutated[draw.randrange(start, start + 3000)] = draw.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Whatever else is raised fails the test.
            with contextlib.suppress(PydcmError):
                ds = pydcm.dcmread(io.BytesIO(bytes(mutated)), force=True)
                for array in generate_multiplex(ds, as_raw=False):
                    assert array.dtype == np.float64
                outcomes["read"] += 1
    assert 0 < outcomes["read"] < 150


def test_numpy_is_not_imported_with_the_package() -> None:
    code = "import sys, pydcm; pydcm.Dataset(); assert 'numpy' not in sys.modules; print('none')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "none"
