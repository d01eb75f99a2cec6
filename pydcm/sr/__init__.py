"""Coded concepts: the codes and context groups of PS3.16.

``codes`` leads to every code by a name that says what it means, by coding
scheme or by context group. The tables load when they are first looked into.

Examples
--------
>>> from pydcm.sr import codes
>>> codes.SCT.Liver
Code(value='10200004', scheme_designator='SCT', meaning='Liver', scheme_version=None)
>>> codes.SCT.Liver in codes.cid7151
True
"""

from __future__ import annotations

from pydcm.sr.codedict import Collection, Concepts, codes
from pydcm.sr.coding import Code

__all__ = ["Code", "Collection", "Concepts", "codes"]
