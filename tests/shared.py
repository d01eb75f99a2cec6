"""Where the material shared by every checkout lies, and marks for tests that need it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = (ROOT.parent / "shared").resolve()  # it may be a link
CORPUS = SHARED / "corpus"
GOLDEN = SHARED / "golden"
STANDARD = SHARED / "standard"


def _needs(folder: Path, what: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not folder.is_dir(), reason=f"{what} is not beside this checkout")


needs_corpus = _needs(CORPUS, "the corpus of real files (../shared/corpus)")
needs_golden = _needs(GOLDEN, "the golden answers (../shared/golden)")
needs_standard = _needs(STANDARD, "the tables of the standard (../shared/standard)")
