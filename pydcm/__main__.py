"""``python -m pydcm``: the command line."""

from __future__ import annotations

import sys

from pydcm.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
