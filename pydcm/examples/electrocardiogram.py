"""A 12-lead electrocardiogram whose beats are sums of Gaussian waves."""

from __future__ import annotations

import math
from array import array

from pydcm.dataset import Dataset
from pydcm.examples.identity import item, new_instance, words
from pydcm.uid import TwelveLeadECGWaveformStorage

__all__ = ["waveform"]

_RATE_HZ = 500
_BEAT_S = 0.8
_SECONDS = 8

_WAVES_S = {"P": (0.16, 0.022), "Q": (0.275, 0.009), "R": (0.30, 0.010),
            "S": (0.325, 0.010), "T": (0.52, 0.040)}  # fmt: skip
"""Centre and width of each wave of a beat."""

_LEADS: tuple[tuple[str, str, tuple[int, int, int, int, int]], ...] = (
    ("2:1", "Lead I", (60, -50, 700, -90, 180)),
    ("2:2", "Lead II", (110, -70, 1100, -140, 280)),
    ("2:61", "Lead III", (50, -20, 400, -50, 100)),
    ("2:62", "aVR, augmented voltage, right", (-85, 60, -900, 115, -230)),
    ("2:63", "aVL, augmented voltage, left", (5, -15, 150, -20, 40)),
    ("2:64", "aVF, augmented voltage, foot", (80, -45, 750, -95, 190)),
    ("2:3", "Lead V1", (40, 0, 250, -800, -60)),
    ("2:4", "Lead V2", (50, 0, 500, -1200, 350)),
    ("2:5", "Lead V3", (55, -20, 900, -900, 400)),
    ("2:6", "Lead V4", (60, -60, 1400, -500, 380)),
    ("2:7", "Lead V5", (60, -80, 1300, -250, 300)),
    ("2:8", "Lead V6", (55, -70, 1000, -120, 230)),
)
"""MDC code, meaning, and the height of the five waves in microvolt."""


def waveform() -> Dataset:
    """Return a 12-lead ECG (PS3.3 A.34.3): eight seconds of rhythm, and one beat."""
    ecg = new_instance(TwelveLeadECGWaveformStorage, "ECG", "ECG example")
    ecg.AcquisitionContextSequence = []
    ecg.AcquisitionDateTime = ecg.ContentDate + ecg.ContentTime
    beat = _beat()
    beats = round(_SECONDS / _BEAT_S)
    ecg.WaveformSequence = [
        _group("RHYTHM", "ORIGINAL", beat * beats),
        _group("MEDIAN BEAT", "DERIVED", beat),
    ]
    return ecg


def _beat() -> array[int]:
    """Return one beat, the channels of a sample side by side (PS3.3 C.10.9.1)."""
    samples = array("h")
    for index in range(round(_RATE_HZ * _BEAT_S)):
        shapes = [
            math.exp(-(((index / _RATE_HZ - centre) / width) ** 2) / 2)
            for centre, width in _WAVES_S.values()
        ]
        for _, _, heights in _LEADS:
            level = sum(h * shape for h, shape in zip(heights, shapes, strict=True))
            samples.append(round(level))
    return samples


def _group(label: str, originality: str, samples: array[int]) -> Dataset:
    group = item(
        MultiplexGroupTimeOffset="0",
        WaveformOriginality=originality,
        NumberOfWaveformChannels=len(_LEADS),
        NumberOfWaveformSamples=len(samples) // len(_LEADS),
        SamplingFrequency=str(_RATE_HZ),
        MultiplexGroupLabel=label,
        ChannelDefinitionSequence=[_channel(code, meaning) for code, meaning, _ in _LEADS],
        WaveformBitsAllocated=16,
        WaveformSampleInterpretation="SS",
    )
    group.WaveformData = words(samples)
    group["WaveformData"].VR = "OW"
    return group


def _channel(code: str, meaning: str) -> Dataset:
    microvolt = item(
        CodeValue="uV",
        CodingSchemeDesignator="UCUM",
        CodingSchemeVersion="1.4",
        CodeMeaning="microvolt",
    )
    source = item(CodeValue=code, CodingSchemeDesignator="MDC", CodeMeaning=meaning)
    return item(
        ChannelSourceSequence=[source],
        ChannelSensitivity="1",
        ChannelSensitivityUnitsSequence=[microvolt],
        ChannelSensitivityCorrectionFactor="1",
        ChannelBaseline="0",
        ChannelSampleSkew="0",
        WaveformBitsStored=16,
        FilterLowFrequency="0.05",
        FilterHighFrequency="150",
    )
