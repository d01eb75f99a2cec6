"""Fields that come from makers' private elements and Siemens protocols."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydcm.vendors import ge, philips, siemens, uih
from pydcm.vendors.header import Header
from pydcm.volume.bids.field import Field, Value, clock, plain, plain_all, source_of

__all__ = ["PRIVATE_FIELDS"]

_Read = Callable[[Header], Value | None]

_PARTIAL_FOURIER = {1: 0.5, 2: 0.625, 4: 0.75, 8: 0.875, 16: 1}
_COIL_COMBINATIONS = {1: "Sum of Squares", 2: "Adaptive Combine"}
_PARALLEL_MODES = {2: "GRAPPA", 4: "SENSE"}
_DISTORTION_CORRECTED = {"DIS2D", "DIS3D"}

_SHIM_OFFSETS = tuple(
    (f"sGRADSPEC.lOffset{axis}", f"sGRADSPEC.asGPAData[0].lOffset{axis}") for axis in "XYZ"
)
_SHIM_CURRENTS = tuple((f"sGRADSPEC.alShimCurrent[{index}]",) for index in range(5))
_COIL_NAMES = (
    "asCoilSelectMeas[0].asList[0].sCoilElementID.tCoilID",
    "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID",
)
_BASELINES = (
    "sProtConsistencyInfo.tMeasuredBaselineString",
    "sProtConsistencyInfo.tBaselineString",
)


def _setting(
    name: str, *names: str, unit: str = "", scale: float = 1.0, above: float = 0.0
) -> Field:
    """Return a field with a number of the Siemens protocol."""

    def read(header: Header) -> Value | None:
        found = siemens.protocol(header).number(*names)
        return plain(found, scale) if found is not None and found > above else None

    return Field(name, "Siemens", f"protocol {names[0]}", unit, read)


def _wording(name: str, *names: str) -> Field:
    """Return a field with text of the Siemens protocol."""
    return Field(
        name,
        "Siemens",
        f"protocol {names[0]}",
        "",
        lambda header: siemens.protocol(header).text(*names),
    )


def _coded(name: str, setting: str, meanings: dict[int, Value]) -> Field:
    """Return a field whose value a number of the Siemens protocol stands for."""

    def read(header: Header) -> Value | None:
        found = siemens.protocol(header).number(setting)
        return None if found is None else meanings.get(int(found))

    return Field(name, "Siemens", f"protocol {setting}", "", read)


def _shim(header: Header) -> Value | None:
    protocol = siemens.protocol(header)
    found = [protocol.number(*names) for names in (*_SHIM_OFFSETS, *_SHIM_CURRENTS)]
    if all(number is None for number in found):
        return None
    # A protocol leaves out what is 0.
    return plain_all(tuple(number or 0.0 for number in found))


def _ge_shim(header: Header) -> Value | None:
    found = [header.private_number(0x0043, ge.PARAMETER_CREATOR, at) for at in (2, 3, 4)]
    known = tuple(number for number in found if number is not None)
    return plain_all(known) if len(known) == 3 else None


def _table_position(header: Header) -> Value | None:
    found = siemens.table_position_mm(header)
    return plain_all(found) if len(found) == 3 else None


def _dwell_time(header: Header) -> Value | None:
    found = siemens.dwell_time_ns(header)
    return plain(found, 1e-9) if found is not None and found > 0 else None


def _distortion_corrected(header: Header) -> Value | None:
    terms = {*header.texts("ImageType"), *siemens.visible_image_type(header)}
    if terms & _DISTORTION_CORRECTED:
        return True
    return False if "ND" in terms else None


def _visible_image_type(header: Header) -> Value | None:
    return list(siemens.visible_image_type(header)) or None


def _parallel_mode(letter: str) -> _Read:
    """Return a reader of the number after a letter of the acceleration, such as 2 of ``p2``."""

    def read(header: Header) -> Value | None:
        found = re.search(rf"\b{letter}(\d{{1,2}})(?!\d)", siemens.parallel_mode_text(header) or "")
        return int(found[1]) if found else None

    return read


def _multiband(header: Header) -> Value | None:
    found = siemens.protocol(header).number("sSliceAcceleration.lMultiBandFactor")
    return plain(found) if found is not None and found > 1 else _parallel_mode("s")(header)


def _sds_texts(offset: int) -> _Read:
    def read(header: Header) -> Value | None:
        return "\\".join(siemens.series_texts(header, offset)) or None

    return read


def _in_plane_factor(header: Header) -> Value | None:
    found = siemens.protocol(header).number("sPat.lAccelFactPE")
    return plain(found) if found is not None and found >= 1 else _parallel_mode("p")(header)


def _asset(index: int) -> _Read:
    def read(header: Header) -> Value | None:
        found = ge.asset_factors(header)
        return plain(found[index]) if len(found) > index else None

    return read


def _polarity(header: Header) -> Value | None:
    flipped = ge.phase_encoding_flipped(header)
    return None if flipped is None else "Flipped" if flipped else "Unflipped"


def _ge_text(name: str, group: int, creator: str, offset: int) -> Field:
    return Field(
        name,
        "GE",
        f"({group:04X},xx{offset:02X}) of {creator}",
        "",
        lambda header: header.private_text(group, creator, offset),
    )


def _ge_duration(header: Header) -> Value | None:
    microseconds = header.private_number(0x0019, ge.ACQUISITION_CREATOR, 0x5A)
    return plain(microseconds, 1e-6) if microseconds is not None and microseconds > 0 else None


def _philips_number(
    name: str, read: Callable[[Header], float | None], source: str, unit: str = ""
) -> Field:
    def plainly(header: Header) -> Value | None:
        found = read(header)
        return plain(found) if found is not None else None

    return Field(name, "Philips", source, unit, plainly)


def _philips_flag(name: str, offset: int) -> Field:
    source = f"(2005,xx{offset:02X}) of {philips.MR_CREATOR}"
    return Field(name, "Philips", source, "", lambda header: philips.flag(header, offset))


def _uih_factor(header: Header) -> Value | None:
    found = uih.parallel_factor(header)
    return plain(found) if found is not None and found > 0 else None


_SIEMENS: tuple[Field, ...] = (
    *(
        Field(
            name, "Siemens", f"(0021,xx{offset:02X}) of SIEMENS MR SDS 01", "", _sds_texts(offset)
        )
        for name, offset in (
            ("ScanningSequence", 0x5A),
            ("SequenceVariant", 0x5B),
            ("ScanOptions", 0x5C),
        )
    ),
    Field(
        "ImageTypeText",
        "Siemens",
        "(0021,xx75) of SIEMENS MR SDI 02",
        "",
        _visible_image_type,
    ),
    Field(
        "NonlinearGradientCorrection",
        "Siemens",
        f"{source_of('ImageType')}, (0021,xx75) of SIEMENS MR SDI 02",
        "",
        _distortion_corrected,
    ),
    Field(
        "TablePosition",
        "Siemens",
        "CSA ImaRelTablePosition, (0021,xx59) of SIEMENS MR SDI 02",
        "mm",
        _table_position,
    ),
    _coded("PartialFourier", "sKSpace.ucPhasePartialFourier", dict(_PARTIAL_FOURIER)),
    _setting("BaseResolution", "sKSpace.lBaseResolution"),
    Field("ShimSetting", "Siemens", "protocol sGRADSPEC", "", _shim),
    _setting("DelayTime", "lDelayTimeInTR", unit="s", scale=1e-6),
    _setting("TxRefAmp", "sTXSPEC.asNucleusInfo[0].flReferenceAmplitude", unit="V"),
    _setting("PhaseResolution", "sKSpace.dPhaseResolution"),
    _setting("PhaseOversampling", "sKSpace.dPhaseOversamplingForDialog"),
    _wording("ReceiveCoilName", *_COIL_NAMES),
    Field(
        "ReceiveCoilActiveElements",
        "Siemens",
        "CSA ImaCoilString, (0021,xx4F) of SIEMENS MR SDI 02",
        "",
        siemens.coil_elements,
    ),
    _wording("PulseSequenceDetails", "tSequenceFileName"),
    _setting("RefLinesPE", "sPat.lRefLinesPE"),
    _coded("CoilCombinationMethod", "ucCoilCombineMode", dict(_COIL_COMBINATIONS)),
    _coded("MatrixCoilMode", "sPat.ucPATMode", dict(_PARALLEL_MODES)),
    _setting("ParallelReductionFactorOutOfPlane", "sPat.lAccelFact3D"),
    _setting("Interpolation2D", "sKSpace.uc2DInterpolation"),
    _wording("ProtocolName", "tProtocolName"),
    _wording("ConsistencyInfo", *_BASELINES),
    Field(
        "MultibandAccelerationFactor",
        "Siemens",
        "protocol sSliceAcceleration.lMultiBandFactor, CSA ImaPATModeText",
        "",
        _multiband,
    ),
    Field(
        "ParallelReductionFactorInPlane",
        "Siemens",
        "protocol sPat.lAccelFactPE, CSA ImaPATModeText",
        "",
        _in_plane_factor,
    ),
    Field(
        "DwellTime",
        "Siemens",
        "CSA RealDwellTime, (0021,xx42) of SIEMENS MR SDI 02",
        "s",
        _dwell_time,
    ),
    Field(
        "ImageOrientationText",
        "Siemens",
        "(0051,xx0E) of SIEMENS MR HEADER",
        "",
        lambda header: header.private_text(0x0051, siemens.HEADER_CREATOR, 0x0E),
    ),
)

_GE: tuple[Field, ...] = (
    _ge_text("InternalPulseSequenceName", 0x0019, ge.ACQUISITION_CREATOR, 0x9E),
    _ge_text("SequenceName", 0x0019, ge.ACQUISITION_CREATOR, 0x9C),
    Field(
        "PhaseEncodingPolarityGE",
        "GE",
        source_of("RectilinearPhaseEncodeReordering"),
        "",
        _polarity,
    ),
    Field("ShimSetting", "GE", "(0043,xx02) to (0043,xx04) of GEMS_PARM_01", "", _ge_shim),
    _ge_text("PrescanReuseString", 0x0043, ge.PARAMETER_CREATOR, 0x95),
    Field(
        "ParallelReductionFactorInPlane",
        "GE",
        "(0043,xx83) of GEMS_PARM_01",
        "",
        _asset(0),
    ),
    Field(
        "ParallelReductionFactorOutOfPlane",
        "GE",
        "(0043,xx83) of GEMS_PARM_01",
        "",
        _asset(1),
    ),
    Field("AcquisitionDuration", "GE", "(0019,xx5A) of GEMS_ACQU_01", "s", _ge_duration),
)

_PHILIPS: tuple[Field, ...] = (
    _philips_number(
        "PhilipsRescaleSlope",
        lambda header: header.number("RescaleSlope"),
        source_of("RescaleSlope"),
    ),
    _philips_number(
        "PhilipsRescaleIntercept",
        lambda header: header.number("RescaleIntercept"),
        source_of("RescaleIntercept"),
    ),
    _philips_number(
        "PhilipsScaleSlope", philips.scale_slope, f"(2005,xx0E) of {philips.MR_CREATOR}"
    ),
    _philips_number(
        "WaterFatShift",
        philips.water_fat_shift_pixels,
        f"(2001,xx22) of {philips.IMAGING_CREATOR}",
        "pixels",
    ),
    Field(
        "SequenceName",
        "Philips",
        f"(2001,xx20) of {philips.IMAGING_CREATOR}",
        "",
        lambda header: header.private_text(0x2001, philips.IMAGING_CREATOR, 0x20),
    ),
    _philips_flag("MTState", 0x1C),
    _philips_flag("SpoilingState", 0x38),
)

_UIH: tuple[Field, ...] = (
    Field(
        "AcquisitionTime",
        "UIH",
        f"earliest {source_of('AcquisitionTime')} of the items of (0065,xx51) of "
        "Image Private Header",
        "hh:mm:ss",
        lambda header: clock(uih.acquisition_time(header) or ""),
    ),
    Field(
        "PhaseEncodingDirectionDisplayed",
        "UIH",
        "(0065,xx05) of Image Private Header",
        "",
        uih.phase_encoding_displayed,
    ),
    Field(
        "ParallelReductionFactorInPlane",
        "UIH",
        "(0065,xx0D) of Image Private Header",
        "",
        _uih_factor,
    ),
)

PRIVATE_FIELDS: tuple[Field, ...] = (*_SIEMENS, *_GE, *_PHILIPS, *_UIH)
