"""Tests of :mod:`pydcm.charset`."""

from __future__ import annotations

from pydcm.valuerep import PN_DELIMS, TEXT_VR_DELIMS

NAME = frozenset({*PN_DELIMS, 0x3D})
TEXT = TEXT_VR_DELIMS
MANY = ["latin_1", "iso_ir_126", "iso_ir_144", "shift_jis", "iso2022_jp", "iso2022_jp_2", "euc_kr"]
