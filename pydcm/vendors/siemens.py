"""Private elements of Siemens MR scanners: CSA headers, and the groups of software XA.

Until software E the values are in CSA headers (:mod:`pydcm.vendors.csa`). Since
XA they are elements of group 0021 under the creators ``SIEMENS MR SDS 01`` (the
series) and ``SIEMENS MR SDI 02`` (the image); in enhanced objects those lie in
sequences of the functional groups.
"""

from __future__ import annotations

from typing import Literal

from pydcm.errors import StructureError
from pydcm.vendors.csa import CsaHeader, csa_header
from pydcm.vendors.header import Header, as_texts
from pydcm.vendors.protocol import Protocol, read_protocol

__all__ = [
    "HEADER_CREATOR",
    "SDI_CREATOR",
    "SDS_CREATOR",
    "acquisition_matrix_text",
    "bandwidth_per_pixel_phase_encode",
    "csa",
    "mosaic_slices",
    "mosaic_times_ms",
    "parallel_mode_text",
    "phase_encoding_positive",
    "protocol",
    "slice_normal",
]

HEADER_CREATOR = "SIEMENS MR HEADER"
"""Creator of blocks in the groups 0019 and 0051."""

SDS_CREATOR = "SIEMENS MR SDS 01"
SDI_CREATOR = "SIEMENS MR SDI 02"

_NO_CSA = CsaHeader({})
_GROUP = 0x0021


def csa(header: Header, which: Literal["image", "series"] = "image") -> CsaHeader:
    """Return a CSA header of an image, an empty one if it has none that can be read."""
    return header.once(_image_csa if which == "image" else _series_csa)


def _image_csa(header: Header) -> CsaHeader:
    return _csa(header, "image")


def _series_csa(header: Header) -> CsaHeader:
    return _csa(header, "series")


def _csa(header: Header, which: Literal["image", "series"]) -> CsaHeader:
    try:
        return csa_header(header.ds, which) or _NO_CSA
    except StructureError:
        return _NO_CSA


def protocol(header: Header) -> Protocol:
    """Return the protocol of an image's series, an empty one if it has none."""
    return header.once(_protocol)


def _protocol(header: Header) -> Protocol:
    series = csa(header, "series")
    text = series.text("MrPhoenixProtocol") or series.text("MrProtocol")
    return read_protocol(text or header.private_text(_GROUP, SDS_CREATOR, 0x19) or "")


def phase_encoding_positive(header: Header) -> bool | None:
    """Tell whether phase encoding runs along ascending rows or columns of the stored image.

    ``PhaseEncodingDirectionPositive`` of the CSA header, (0021,xx1C) since XA.
    """
    number = _number(header, "PhaseEncodingDirectionPositive", 0x1C)
    return None if number is None else number == 1


def bandwidth_per_pixel_phase_encode(header: Header) -> float | None:
    """Return the bandwidth per pixel along phase encoding in Hz, if it is above 0.

    ``BandwidthPerPixelPhaseEncode`` of the CSA header, (0021,xx53) since XA.
    """
    number = _number(header, "BandwidthPerPixelPhaseEncode", 0x53)
    return number if number is not None and number > 0 else None


def mosaic_times_ms(header: Header) -> tuple[float, ...]:
    """Return when each slice of a mosaic was acquired, in ms and in the order of its tiles.

    ``MosaicRefAcqTimes`` of the CSA header, (0021,xx29) since XA; ``()`` if unknown.
    """
    return _numbers(header, "MosaicRefAcqTimes", 0x29)


def mosaic_slices(header: Header) -> int | None:
    """Return the number of slices in a mosaic; None if the image is none.

    ``NumberOfImagesInMosaic`` of the CSA header, (0021,xx4E) of software XA, or
    (0019,xx0A) of the creator ``SIEMENS MR HEADER``.
    """
    if "MOSAIC" not in header.texts("ImageType"):
        return None
    number = _number(header, "NumberOfImagesInMosaic", 0x4E)
    if number is None:
        number = header.private_number(0x0019, HEADER_CREATOR, 0x0A)
    return int(number) if number is not None and number >= 1 and number.is_integer() else None


def slice_normal(header: Header) -> tuple[float, float, float] | None:
    """Return the direction in which the slices of a mosaic follow each other (LPS).

    ``SliceNormalVector`` of the CSA header.
    """
    found = _numbers(header, "SliceNormalVector", None)
    return (found[0], found[1], found[2]) if len(found) == 3 else None


def acquisition_matrix_text(header: Header) -> str | None:
    """Return the acquisition matrix in words, such as ``"64p*64"``.

    ``AcquisitionMatrixText`` of the CSA header, (0021,xx58) since XA. The number
    that ``p`` follows belongs to phase encoding.
    """
    found = csa(header).text("AcquisitionMatrixText")
    return found or header.private_text(_GROUP, SDI_CREATOR, 0x58)


def parallel_mode_text(header: Header) -> str | None:
    """Return the acceleration in words, such as ``"p2"``, or ``"p2 s4"`` with multiband.

    ``ImaPATModeText`` of the CSA header, (0021,xx09) of ``SIEMENS MR SDI 02`` or
    (0051,xx11) of ``SIEMENS MR HEADER``.
    """
    return (
        csa(header).text("ImaPATModeText")
        or header.private_text(_GROUP, SDI_CREATOR, 0x09)
        or header.private_text(0x0051, HEADER_CREATOR, 0x11)
    )


def _number(header: Header, name: str, offset: int) -> float | None:
    return next(iter(_numbers(header, name, offset)), None)


def _numbers(header: Header, name: str, offset: int | None) -> tuple[float, ...]:
    try:
        found = csa(header).floats(name)
    except StructureError:
        return ()
    if found or offset is None:
        return found
    return header.private_numbers(_GROUP, SDI_CREATOR, offset)


def table_position_mm(header: Header) -> tuple[float, ...]:
    """Return the table's position relative to the landmark in mm along x, y and z.

    ``ImaRelTablePosition`` of the CSA header, (0021,xx59) since XA; ``()`` if unknown.
    """
    return _numbers(header, "ImaRelTablePosition", 0x59)


def dwell_time_ns(header: Header) -> float | None:
    """Return the time between two samples of the readout in ns.

    ``RealDwellTime`` of the CSA header, (0021,xx42) since XA.
    """
    return _number(header, "RealDwellTime", 0x42)


def coil_elements(header: Header) -> str | None:
    """Return the coil elements that received, such as ``"HEA;HEP"``.

    ``ImaCoilString`` of the CSA header, (0021,xx4F) since XA.
    """
    return csa(header).text("ImaCoilString") or header.private_text(_GROUP, SDI_CREATOR, 0x4F)


def visible_image_type(header: Header) -> tuple[str, ...]:
    """Return Image Type as the scanner shows it: (0021,xx75) since XA."""
    return as_texts(header.private(_GROUP, SDI_CREATOR, 0x75))


def series_texts(header: Header, offset: int) -> tuple[str, ...]:
    """Return the values of an element of ``SIEMENS MR SDS 01`` as text."""
    return as_texts(header.private(_GROUP, SDS_CREATOR, offset))
