"""The value representations and their classes (PS3.5 6.2 and 7.1.2)."""

from __future__ import annotations

from enum import Enum, unique

__all__ = [
    "ALLOW_BACKSLASH",
    "AMBIGUOUS_VR",
    "BUFFERABLE_VRS",
    "BYTES_VR",
    "CUSTOMIZABLE_CHARSET_VR",
    "DEFAULT_CHARSET_VR",
    "EXPLICIT_VR_LENGTH_16",
    "EXPLICIT_VR_LENGTH_32",
    "FLOAT_VR",
    "INT_VR",
    "LIST_VR",
    "LONG_VALUE_VR",
    "MAX_VALUE_LEN",
    "PN_DELIMS",
    "STANDARD_VR",
    "STR_VR",
    "TEXT_VR_DELIMS",
    "VALUE_LENGTH",
    "VR",
]


@unique
class VR(str, Enum):
    """A value representation.

    Members are strings: they compare and hash equal to their two letters, so
    that functions which take a VR accept ``"DS"`` as well as ``VR.DS``. The
    last four stand for the choice that PS3.6 leaves open for some elements.

    Examples
    --------
    >>> VR.DS == "DS", VR("DS") is VR.DS, str(VR.US_SS)
    (True, True, 'US or SS')
    """

    # The members hash as str, not by name as Enum does, because str comes
    # first among the bases.
    AE = "AE"
    AS = "AS"
    AT = "AT"
    CS = "CS"
    DA = "DA"
    DS = "DS"
    DT = "DT"
    FD = "FD"
    FL = "FL"
    IS = "IS"
    LO = "LO"
    LT = "LT"
    OB = "OB"
    OD = "OD"
    OF = "OF"
    OL = "OL"
    OW = "OW"
    OV = "OV"
    PN = "PN"
    SH = "SH"
    SL = "SL"
    SQ = "SQ"
    SS = "SS"
    ST = "ST"
    SV = "SV"
    TM = "TM"
    UC = "UC"
    UI = "UI"
    UL = "UL"
    UN = "UN"
    UR = "UR"
    US = "US"
    UT = "UT"
    UV = "UV"
    US_SS_OW = "US or SS or OW"
    US_SS = "US or SS"
    US_OW = "US or OW"
    OB_OW = "OB or OW"

    __str__ = str.__str__

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)


AMBIGUOUS_VR = frozenset({VR.US_SS_OW, VR.US_SS, VR.US_OW, VR.OB_OW})
"""Stand for a VR that is still to be chosen by the content of the data set."""

STANDARD_VR = frozenset(VR) - AMBIGUOUS_VR
"""The VRs of PS3.5 table 6.2-1."""

LIST_VR = frozenset({VR.SQ})
"""VRs whose value is a list."""

DEFAULT_CHARSET_VR = frozenset(
    {VR.AE, VR.AS, VR.CS, VR.DA, VR.DS, VR.DT, VR.IS, VR.TM, VR.UI, VR.UR}
)
"""Text always in the default character repertoire (PS3.5 6.1.2.1)."""

CUSTOMIZABLE_CHARSET_VR = frozenset({VR.LO, VR.LT, VR.PN, VR.SH, VR.ST, VR.UC, VR.UT})
"""Text in the repertoire that Specific Character Set names (PS3.5 6.1.2.2)."""

STR_VR = DEFAULT_CHARSET_VR | CUSTOMIZABLE_CHARSET_VR
"""VRs whose value is encoded as text."""

BYTES_VR = frozenset({VR.OB, VR.OD, VR.OF, VR.OL, VR.OV, VR.OW, VR.UN})
"""VRs whose value is kept as bytes."""

FLOAT_VR = frozenset({VR.DS, VR.FD, VR.FL})
"""VRs whose value is a number with a fraction."""

INT_VR = frozenset({VR.AT, VR.IS, VR.SL, VR.SS, VR.SV, VR.UL, VR.US, VR.UV})
"""VRs whose value is an integer."""

BUFFERABLE_VRS = (BYTES_VR - {VR.UN}) | {VR.OB_OW}
"""VRs whose value may be a binary stream instead of bytes."""

EXPLICIT_VR_LENGTH_32 = frozenset(
    {
        *(VR.OB, VR.OD, VR.OF, VR.OL, VR.OV, VR.OW, VR.SQ),
        *(VR.SV, VR.UC, VR.UN, VR.UR, VR.UT, VR.UV),
    }
)
"""VRs with two reserved bytes and a length of 32 bits (PS3.5 table 7.1-1)."""

EXPLICIT_VR_LENGTH_16 = STANDARD_VR - EXPLICIT_VR_LENGTH_32
"""VRs with a length of 16 bits (PS3.5 table 7.1-2)."""

ALLOW_BACKSLASH = frozenset({VR.LT, VR.ST, VR.UT, VR.US_OW, VR.US_SS_OW, VR.OB_OW}) | BYTES_VR
"""VRs in whose values a backslash does not separate values."""

LONG_VALUE_VR = frozenset({VR.LT, VR.UC, VR.UT}) | BYTES_VR | AMBIGUOUS_VR
"""VRs whose values may be long and are shortened in print."""

TEXT_VR_DELIMS = frozenset({0x09, 0x0A, 0x0C, 0x0D})
"""Control characters that reset the character set in text (PS3.5 6.1.2.5.3)."""

PN_DELIMS = frozenset({0x5E})
"""Byte values that reset the character set in a person name, beside ``=``."""

MAX_VALUE_LEN = {
    "AE": 16,
    "CS": 16,
    "DS": 16,
    "IS": 12,
    "LO": 64,
    "LT": 10240,
    "SH": 16,
    "ST": 1024,
    "UI": 64,
}
"""The most characters one value may have (PS3.5 table 6.2-1)."""

VALUE_LENGTH = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "UV": 8, "SV": 8, "FL": 4, "FD": 8}
"""Bytes of one value of the binary numbers (PS3.5 table 6.2-1)."""
