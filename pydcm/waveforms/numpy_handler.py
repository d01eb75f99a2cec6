"""Waveform Data as arrays (PS3.3 C.10.9).

An item of Waveform Sequence (5400,0100) is a multiplex group: channels that
are sampled together. Its Waveform Data holds the first sample of every
channel, then the second of every channel, and so on.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pydcm import limits
from pydcm.errors import MissingElementError, ValueTypeError, WaveformError
from pydcm.pixels.lut import is_little_endian
from pydcm.sequence import Sequence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pydcm.dataset import Dataset

__all__ = [
    "DEPENDENCIES",
    "HANDLER_NAME",
    "HAVE_NP",
    "WAVEFORM_DTYPES",
    "generate_multiplex",
    "is_available",
    "multiplex_array",
]

HAVE_NP = True
HANDLER_NAME = "Numpy Waveform"
DEPENDENCIES = {"numpy": ("https://numpy.org/", "NumPy")}

WAVEFORM_DTYPES: dict[tuple[int, str], str] = {
    (8, "SB"): "int8",
    (8, "UB"): "uint8",
    (8, "MB"): "uint8",
    (8, "AB"): "uint8",
    (16, "SS"): "int16",
    (16, "US"): "uint16",
    (32, "SL"): "int32",
    (32, "UL"): "uint32",
    (64, "SV"): "int64",
    (64, "UV"): "uint64",
}
"""``(Waveform Bits Allocated, Waveform Sample Interpretation)``: the type of the samples
(PS3.3 C.10.9.1.5). What is companded, MB by the mu-law and AB by the A-law, stays so."""

_NEEDED = (
    "NumberOfWaveformChannels",
    "NumberOfWaveformSamples",
    "WaveformBitsAllocated",
    "WaveformSampleInterpretation",
    "WaveformData",
)


def is_available() -> bool:
    """Return True: numpy is always there."""
    return HAVE_NP


def multiplex_array(ds: Dataset, index: int, as_raw: bool = True) -> NDArray[Any]:
    """Return the samples of a multiplex group.

    Parameters
    ----------
    ds : Dataset
        A data set with a Waveform Sequence.
    index : int
        0-based number of the group.
    as_raw : bool
        Return the samples as they are stored, else in the units of each channel:
        the sample times Channel Sensitivity (003A,0210) and its correction factor
        (003A,0212), plus Channel Baseline (003A,0213) (PS3.3 C.10.9.1.4.1).

    Returns
    -------
    ndarray
        ``[samples, channels]``; of the type in :data:`WAVEFORM_DTYPES`, or float64.

    Raises
    ------
    AttributeError
        If an element that is needed is missing.
    IndexError
        If there is no such group.
    WaveformError
        For a combination that is not in :data:`WAVEFORM_DTYPES`, if there are fewer
        data than samples, or if more channels are defined than there are.
    ValueTypeError
        If a value is of a type that the element cannot have.
    LimitError
        If the array would be above ``max_array_bytes`` of :mod:`pydcm.limits`.

    Examples
    --------
    >>> from pydcm import examples
    >>> multiplex_array(examples.waveform, 0, as_raw=False).dtype
    dtype('float64')
    """
    # An index that is beyond the groups is the caller's error, as with any sequence.
    group = _groups(ds)[index]
    stored = _stored(ds, group, index)
    if as_raw:
        return stored.astype(stored.dtype.newbyteorder("="))
    return _in_channel_units(stored, group, index)


def generate_multiplex(ds: Dataset, as_raw: bool = True) -> Generator[NDArray[Any], None, None]:
    """Yield the samples of each multiplex group.

    Parameters
    ----------
    ds : Dataset
        A data set with a Waveform Sequence.
    as_raw : bool
        See :func:`multiplex_array`.

    Yields
    ------
    ndarray
        ``[samples, channels]``

    Raises
    ------
    AttributeError, WaveformError, ValueTypeError, LimitError
        As :func:`multiplex_array` does.

    Examples
    --------
    >>> from pydcm import examples
    >>> [group.shape for group in generate_multiplex(examples.waveform)]
    [(4000, 12), (400, 12)]
    """
    for index in range(len(_groups(ds))):
        yield multiplex_array(ds, index, as_raw)


def _groups(ds: Dataset) -> Sequence:
    """Return the multiplex groups."""
    found = ds.get("WaveformSequence")
    if not found:
        if "WaveformSequence" in ds and isinstance(found, Sequence):
            return found
        raise MissingElementError("the data set has no Waveform Sequence (5400,0100)")
    if not isinstance(found, Sequence):
        raise ValueTypeError("it is no sequence", tag_path="WaveformSequence")
    return found


class _Layout(NamedTuple):
    """How the samples of a group lie in its Waveform Data."""

    samples: int
    channels: int
    dtype: np.dtype[Any]

    @property
    def length(self) -> int:
        return self.samples * self.channels * self.dtype.itemsize


def _stored(ds: Dataset, group: Dataset, index: int) -> NDArray[Any]:
    """Return a view of the samples of a group, in the byte order of the file."""
    missing = [keyword for keyword in _NEEDED if keyword not in group]
    if missing:
        raise MissingElementError(
            f"the multiplex group has no {', '.join(missing)}", tag_path=_path(index)
        )
    little = is_little_endian(group, ds)
    layout = _layout(group, index, little=little)
    element = group["WaveformData"]
    data = element.value
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise ValueTypeError("it holds no bytes", tag_path=_path(index, "WaveformData"))
    if len(data) < layout.length:
        raise WaveformError(
            f"it has {len(data)} bytes, and {layout.samples} samples of {layout.channels} "
            f"channels of {layout.dtype.itemsize * 8} bits take {layout.length}",
            tag_path=_path(index, "WaveformData"),
            clause="PS3.3 C.10.9.1.7",
        )
    if element.VR == "OW" and layout.dtype.itemsize == 1 and not little:
        data = _octets_in_order(data)
    flat = np.frombuffer(data, layout.dtype, layout.samples * layout.channels)
    return flat.reshape(layout.samples, layout.channels)


def _layout(group: Dataset, index: int, *, little: bool) -> _Layout:
    samples = _count(group, "NumberOfWaveformSamples", index)
    channels = _count(group, "NumberOfWaveformChannels", index)
    bits = _count(group, "WaveformBitsAllocated", index)
    kind: object = group.WaveformSampleInterpretation
    if not isinstance(kind, str):
        path = _path(index, "WaveformSampleInterpretation")
        raise ValueTypeError(f"one text is needed, not {kind!r}", tag_path=path)
    if (bits, kind) not in WAVEFORM_DTYPES:
        raise WaveformError(
            f"there are no samples of {bits} bits and of the kind {kind!r}",
            tag_path=_path(index, "WaveformSampleInterpretation"),
            clause="PS3.3 C.10.9.1.5",
        )
    dtype = np.dtype(WAVEFORM_DTYPES[bits, kind]).newbyteorder("<" if little else ">")
    # In float64 it is largest.
    limits.check("max_array_bytes", samples * channels * 8, "bytes of a waveform")
    return _Layout(samples, channels, dtype)


def _count(group: Dataset, keyword: str, index: int) -> int:
    value = group[keyword].value
    if not isinstance(value, int):
        raise ValueTypeError(
            f"one whole number is needed, not {value!r}", tag_path=_path(index, keyword)
        )
    if value < 0:
        raise WaveformError(f"it cannot be {value}", tag_path=_path(index, keyword))
    return value


def _octets_in_order(data: bytes | bytearray | memoryview) -> bytes:
    """Return octets that lie two to a big endian word in the order of the samples (PS3.5 7.3)."""
    whole = len(data) - len(data) % 2
    words = np.frombuffer(data, ">u2", whole // 2)
    return words.astype("<u2").tobytes() + bytes(data[whole:])


def _in_channel_units(samples: NDArray[Any], group: Dataset, index: int) -> NDArray[np.float64]:
    """Return samples in the units of Channel Sensitivity (PS3.3 C.10.9.1.4.1)."""
    channels = group.get("ChannelDefinitionSequence")
    if not isinstance(channels, Sequence):
        raise MissingElementError(
            "the multiplex group has no Channel Definition Sequence (003A,0200)",
            tag_path=_path(index),
        )
    if len(channels) > samples.shape[1]:
        raise WaveformError(
            f"{len(channels)} channels are defined and {samples.shape[1]} are there",
            tag_path=_path(index, "ChannelDefinitionSequence"),
        )
    # In this order, since products are rounded: the sensitivity first.
    sensitivities = np.ones(samples.shape[1])
    corrections = np.ones(samples.shape[1])
    baselines = np.zeros(samples.shape[1])
    for number, channel in enumerate(channels):
        path = _path(index, f"ChannelDefinitionSequence[{number}]")
        sensitivities[number] = _factor(channel, "ChannelSensitivity", 1.0, path)
        corrections[number] = _factor(channel, "ChannelSensitivityCorrectionFactor", 1.0, path)
        baselines[number] = _factor(channel, "ChannelBaseline", 0.0, path)
    found: NDArray[np.float64] = samples * sensitivities
    found *= corrections
    found += baselines
    return found


def _factor(channel: Dataset, keyword: str, default: float, path: str) -> float:
    if keyword not in channel:
        return default
    value = channel[keyword].value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueTypeError(
            f"one number is needed, not {value!r}", tag_path=f"{path}.{keyword}"
        ) from None


def _path(index: int, keyword: str = "") -> str:
    return f"WaveformSequence[{index}]" + (f".{keyword}" if keyword else "")
