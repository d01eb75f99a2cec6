"""Phase encoding: its axis and sign, and how long the readout took.

The sign says in which direction along the *stored* rows or columns phase
encoding runs. A writer that flips the rows, such as dcm2niix, has the opposite
sign for ``j``.
"""

from __future__ import annotations

import math
import re

from pydcm.vendors import ge, siemens, uih
from pydcm.vendors.header import Header
from pydcm.vendors.manufacturer import maker
from pydcm.volume.bids.field import Field, Value, plain, source_of

__all__ = ["PHASE_FIELDS", "is_epi", "recon_matrix"]

_DICOM_DIRECTIONS = {"COL": "COL", "COLUMN": "COL", "ROW": "ROW"}
_AXES = {"COL": "j", "ROW": "i"}


def _in_plane(header: Header) -> str | None:
    return _DICOM_DIRECTIONS.get(header.text("InPlanePhaseEncodingDirection") or "")


def is_epi(header: Header) -> bool:
    """Tell whether an image was acquired by echo planar imaging."""
    return (
        "EP" in header.texts("ScanningSequence")
        or header.text("EchoPlanarPulseSequence") == "YES"
        or header.private_text(0x0021, siemens.SDS_CREATOR, 0x5A) == "EP"
    )


def _axis(header: Header) -> str | None:
    """Return ``i`` or ``j``; None if unknown, or if 3-D encoding leaves no single axis."""
    if header.text("MRAcquisitionType") == "3D" and not is_epi(header):
        return None
    return _AXES.get(_in_plane(header) or "")


def _positive(header: Header) -> bool | None:
    """Tell whether phase encoding runs along ascending stored rows or columns."""
    name = maker(header)
    if name == "Siemens":
        return siemens.phase_encoding_positive(header)
    if name == "UIH":
        return uih.phase_encoding_positive(header)
    if name == "GE":
        flipped = ge.phase_encoding_flipped(header)
        return None if flipped is None else not flipped
    return None


def _direction(header: Header) -> Value | None:
    axis, positive = _axis(header), _positive(header)
    if axis is None or positive is None:
        return None
    return axis if positive else f"{axis}-"


def _unsigned_axis(header: Header) -> Value | None:
    return _axis(header) if _positive(header) is None else None


def _tiles(header: Header) -> tuple[int, int]:
    """Return how many slices lie below and beside each other in an image of tiles."""
    name = maker(header)
    if name == "Siemens":
        side = _side(siemens.mosaic_slices(header) or 1)
        return side, side
    slices = len(uih.frame_items(header)) if name == "UIH" else 1
    side = _side(max(slices, 1))
    return -(-max(slices, 1) // side), side


def _side(slices: int) -> int:
    return math.isqrt(slices - 1) + 1


def recon_matrix(header: Header) -> int | None:
    """Return the number of pixels of one slice along phase encoding."""
    direction = _in_plane(header)
    if direction is None:
        return None
    below, beside = _tiles(header)
    extent, tiles = ("Rows", below) if direction == "COL" else ("Columns", beside)
    pixels = header.integer(extent)
    return pixels // tiles if pixels and pixels % tiles == 0 else None


def _acquisition_matrix(header: Header) -> Value | None:
    text = siemens.acquisition_matrix_text(header) if maker(header) == "Siemens" else None
    found = re.match(r"(\d{1,5})p\*\d", text or "")
    if found:
        return int(found[1])
    matrix = header.numbers("AcquisitionMatrix")
    phase = [size for size in matrix[2:] if size > 0]
    return plain(phase[0]) if len(matrix) == 4 and len(phase) == 1 else None


def _siemens_spacing(header: Header) -> float | None:
    bandwidth = siemens.bandwidth_per_pixel_phase_encode(header)
    lines = recon_matrix(header)
    if bandwidth is None or lines is None or not is_epi(header):
        return None
    return 1 / (bandwidth * lines)


def _siemens_readout(header: Header) -> float | None:
    spacing, lines = _siemens_spacing(header), recon_matrix(header)
    return spacing * (lines - 1) if spacing and lines else None


def _ge_spacing(header: Header) -> float | None:
    """Return the spacing of the lines that make up the image, from those acquired.

    GE's sequences acquire lines in blocks of 2, of 4 with partial Fourier (PFF).
    """
    spacing = ge.echo_spacing_us(header)
    lines = _acquisition_matrix(header)
    factors = ge.asset_factors(header)
    if spacing is None or not isinstance(lines, int) or lines < 2 or not factors:
        return None
    if not is_epi(header):
        return None
    block = 4 if "PFF" in header.texts("ScanOptions") else 2
    acquired = math.ceil(lines / factors[0] / block) * block
    return spacing * 1e-6 * (acquired - 1) / (lines - 1)


def _ge_readout(header: Header) -> float | None:
    spacing, lines = _ge_spacing(header), recon_matrix(header)
    return spacing * (lines - 1) if spacing and lines else None


def _uih_readout(header: Header) -> float | None:
    """Return Acquisition Duration, which UIH writes as the readout of one slice in ms."""
    items = uih.frame_items(header)
    owner = Header(items[0]) if items else header
    milliseconds = owner.number("AcquisitionDuration")
    if milliseconds is None or milliseconds <= 0 or not is_epi(header):
        return None
    return milliseconds * 1e-3


def _spacing_from_vendor(header: Header) -> Value | None:
    """Return the time between the echoes themselves: acceleration and oversampling undone."""
    spacing = _siemens_spacing(header)
    if spacing is None:
        return None
    protocol = siemens.protocol(header)
    factor = protocol.number("sPat.lAccelFactPE")
    oversampling = protocol.number("sKSpace.dPhaseOversamplingForDialog") or 0.0
    if factor is None or factor < 1 or oversampling < 0:
        return None
    return spacing * factor / (1 + oversampling)


_POLARITY = {
    "Siemens": "CSA PhaseEncodingDirectionPositive, (0021,xx1C) of SIEMENS MR SDI 02",
    "GE": source_of("RectilinearPhaseEncodeReordering"),
    "UIH": "(0065,xx58) of Image Private Header",
}
_BANDWIDTH = (
    "1 / (B N): B is CSA BandwidthPerPixelPhaseEncode or (0021,xx53) of SIEMENS MR SDI 02; "
    "N is the number of pixels of a slice along phase encoding"
)
_GE_SPACING = "(0043,xx2C) and (0043,xx83) of GEMS_PARM_01 and the acquisition matrix"

PHASE_FIELDS: tuple[Field, ...] = (
    Field(
        "InPlanePhaseEncodingDirectionDICOM",
        "",
        source_of("InPlanePhaseEncodingDirection"),
        "",
        _in_plane,
    ),
    *(
        Field(
            "PhaseEncodingDirection",
            name,
            f"{source_of('InPlanePhaseEncodingDirection')}, {source}",
            "",
            _direction,
        )
        for name, source in _POLARITY.items()
    ),
    Field(
        "PhaseEncodingAxis",
        "",
        f"{source_of('InPlanePhaseEncodingDirection')}, where the sign is not known",
        "",
        _unsigned_axis,
    ),
    Field(
        "AcquisitionMatrixPE",
        "",
        f"CSA AcquisitionMatrixText, (0021,xx58) of SIEMENS MR SDI 02, "
        f"{source_of('AcquisitionMatrix')}",
        "",
        _acquisition_matrix,
    ),
    Field("ReconMatrixPE", "", source_of("Rows", "Columns"), "", recon_matrix),
    Field(
        "BandwidthPerPixelPhaseEncode",
        "Siemens",
        "CSA BandwidthPerPixelPhaseEncode, (0021,xx53) of SIEMENS MR SDI 02",
        "Hz",
        siemens.bandwidth_per_pixel_phase_encode,
    ),
    Field("EffectiveEchoSpacing", "Siemens", _BANDWIDTH, "s", _siemens_spacing),
    Field("EffectiveEchoSpacing", "GE", _GE_SPACING, "s", _ge_spacing),
    Field(
        "DerivedVendorReportedEchoSpacing",
        "Siemens",
        "EffectiveEchoSpacing, and sPat.lAccelFactPE and sKSpace.dPhaseOversamplingForDialog "
        "of the protocol",
        "s",
        _spacing_from_vendor,
    ),
    Field("TotalReadoutTime", "Siemens", "EffectiveEchoSpacing (N - 1)", "s", _siemens_readout),
    Field("TotalReadoutTime", "GE", _GE_SPACING, "s", _ge_readout),
    Field("TotalReadoutTime", "UIH", source_of("AcquisitionDuration"), "s", _uih_readout),
)
