"""Check the sizes of modules: warn above 400 lines, fail above 600.

Generated tables under ``pydcm/_std`` are exempt.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("pydcm", "conformance", "tests", "tools")
GENERATED = ROOT / "pydcm" / "_std"
WARN_ABOVE = 400
FAIL_ABOVE = 600


def modules(root: Path) -> Iterator[Path]:
    """Yield every module that a person writes."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not path.is_relative_to(root / GENERATED.relative_to(ROOT)):
                yield path


def line_count(path: Path) -> int:
    """Return the number of lines of a file."""
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def check(root: Path) -> list[str]:
    """Print what is large; return what is too large."""
    too_large = []
    for path in modules(root):
        count = line_count(path)
        line = f"{path.relative_to(root)}: {count} lines"
        if count > FAIL_ABOVE:
            too_large.append(f"{line}; split it, the limit is {FAIL_ABOVE}")
        elif count > WARN_ABOVE:
            print(f"note: {line}; aim at 300")
    return too_large


def main() -> int:
    """Run the check on this checkout, or on another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the checkout")
    too_large = check(parser.parse_args().root.resolve())
    for line in too_large:
        print(line, file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
