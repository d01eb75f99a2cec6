"""Synthetic DICOM made with `struct`: encoders, whole objects and a tokeniser of our own."""

from __future__ import annotations

from tests.synthetic.encoder import Encoding, part10
from tests.synthetic.tokens import Document, NotConformantError, Token, splice, tokenise

__all__ = ["Document", "Encoding", "NotConformantError", "Token", "part10", "splice", "tokenise"]
