"""Check the direction of imports and what may be imported when a module loads.

Two checks: the contracts of ``tools/layers.toml``, by import-linter; and the
imports that run when a module loads, where numpy is for the pixel side only
and optional packages are for no module at all.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "tools" / "layers.toml"

OPTIONAL = frozenset(
    {
        "IPython",
        "PIL",
        "SimpleITK",
        "distributed",
        "fsspec",
        "glymur",
        "httpx",
        "imagecodecs",
        "isal",
        "mcp",
        "nibabel",
        "numba",
        "pydcm_accel",
        "rich",
        "torch",
        "zlib_ng",
    }
)
"""Imported inside the function that needs them, never when a module loads."""

WITH_NUMPY = (
    "_codecs",
    "diffusion",
    "kernels/bits.py",
    "kernels/rle.py",
    "overlays",
    "pixel_data_handlers",
    "pixels",
    "volume",
    "waveforms",
)
"""What works on arrays, relative to the package; nothing else loads numpy."""

WITH_NUMBA = "kernels/compiled.py"
"""What numba compiles; it loads numpy and numba, and is loaded only where numba is wanted."""


def imports_at_load(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Yield line and full name of each import that runs when a module loads."""
    for statement in body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield statement.lineno, alias.name
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                yield statement.lineno, f"{statement.module}.{alias.name}"
        elif isinstance(statement, ast.If) and _is_type_checking(statement.test):
            yield from imports_at_load(statement.orelse)
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for name in ("body", "orelse", "finalbody"):
                yield from imports_at_load(getattr(statement, name, []))
            for handler in getattr(statement, "handlers", []):
                yield from imports_at_load(handler.body)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def problems(package: Path) -> Iterator[str]:
    """Yield a line for each import that must not run when its module loads."""
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package).as_posix()
        if inside == WITH_NUMBA:
            continue
        with_numpy = any(
            inside in (place, f"{place}.py") or inside.startswith(f"{place}/")
            for place in WITH_NUMPY
        )
        tree = ast.parse(path.read_bytes(), str(path))
        for line, name in imports_at_load(tree.body):
            top = name.partition(".")[0]
            if top in OPTIONAL:
                yield f"{path}:{line}: {top} is optional: import it inside the function"
            elif top == "numpy" and not with_numpy:
                yield f"{path}:{line}: numpy is imported when the module loads"


def main() -> int:
    """Run both checks on this checkout."""
    from importlinter.cli import lint_imports

    sys.path.insert(0, str(ROOT))
    found = list(problems(ROOT / "pydcm"))
    for line in found:
        print(line, file=sys.stderr)
    broken = lint_imports(config_filename=str(CONTRACTS), no_cache=True, no_logo=True)
    return broken or int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
