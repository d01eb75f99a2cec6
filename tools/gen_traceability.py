"""Writes what the pages on conformance show: clause to code to case, and figures of fuzzing.

python -m tools.gen_traceability            write it
python -m tools.gen_traceability --check    fail if it is not what the sources say
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from conformance.corpus import load
from tools.generated import csv_text, options_of, settle

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "conformance"
SOURCES = ROOT / "pydcm"

_CLAUSE = r"(?:[A-Z]|\d+)(?:\.\d+)*(?![\w-]|\.\d)"
_CITED = re.compile(
    r"(?P<book>PS3\.\d+|ISO \d+-\d+)[ ,]+(?:Annex |Table |Figure |Section )?"
    rf"(?P<clauses>{_CLAUSE}(?:(?:,| and) {_CLAUSE})*)"
)
_ISO = re.compile(r"ISO \d+-\d+")
_BARE = re.compile(r"(?<![\w.-])[A-K](?:\.\d+)+(?![\w-])")
"""A clause without its book, in a module that is about a standard of ISO."""
_MOST_MODULES = 6


Clause = tuple[str, tuple[str, ...]]
"""The book and the numbers of a clause: PS3.5, (7, 5, 1)."""


def cited_in(text: str) -> set[Clause]:
    """Return the clauses that a text names.

    Examples
    --------
    >>> sorted(cited_in("PS3.5 7.5, 7.5.1 and A.4; see PS3.3 Table C.7-1"))
    [('PS3.5', ('7', '5')), ('PS3.5', ('7', '5', '1')), ('PS3.5', ('A', '4'))]
    """
    found = {
        (match["book"], tuple(clause.split(".")))
        for match in _CITED.finditer(text)
        for clause in re.split(r", | and ", match["clauses"])
    }
    book = _ISO.search(text)  # the one that the text is about stands first
    if book:
        rest = _CITED.sub("", text)
        found |= {(book[0], tuple(bare.split("."))) for bare in _BARE.findall(rest)}
    return found


def cited() -> dict[Clause, set[str]]:
    """Return the modules of pydcm that cite each clause."""
    found: dict[Clause, set[str]] = defaultdict(set)
    for path in sorted(SOURCES.rglob("*.py")):
        parts = path.relative_to(SOURCES.parent).with_suffix("").parts
        if "_std" in parts:
            continue
        module = ".".join(part for part in parts if part != "__init__")
        for clause in cited_in(path.read_text(encoding="utf-8")):
            found[clause].add(module)
    return found


def modules_of(clause: Clause, known: dict[Clause, set[str]]) -> list[str]:
    """Return the modules that cite a clause itself; else one below it; else the nearest above."""
    book, numbers = clause
    if clause in known:
        return sorted(known[clause])
    below = [
        modules
        for (other, more), modules in known.items()
        if other == book and more[: len(numbers)] == numbers
    ]
    if below:
        return sorted(set().union(*below))
    for size in range(len(numbers) - 1, 0, -1):
        if (book, numbers[:size]) in known:
            return sorted(known[book, numbers[:size]])
    return []


def _order(clause: str) -> tuple[object, ...]:
    return tuple((piece.isdigit(), int(piece) if piece.isdigit() else 0, piece)
                 for piece in re.split(r"[ .-]", clause))  # fmt: skip


def table() -> str:
    """Return the table of clauses."""
    areas: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    hostile: dict[str, int] = defaultdict(int)
    for case in load():
        for clause in case.clauses:
            areas[clause][case.area] += 1
            hostile[clause] += case.hostile
    known = cited()
    rows = [("clause", "code", "cases", "of which hostile")]
    for clause in sorted(areas, key=_order):
        parts = cited_in(clause)
        modules = sorted({name for part in parts for name in modules_of(part, known)})
        named = ", ".join(modules[:_MOST_MODULES])
        if len(modules) > _MOST_MODULES:
            named += f" and {len(modules) - _MOST_MODULES} more"
        cases = ", ".join(f"{area} {count}" for area, count in sorted(areas[clause].items()))
        rows.append((clause, named, cases, str(hostile[clause])))
    return csv_text(rows)


def fuzzed(record: Path) -> str:
    """Return the paragraph on the last long run, if one was recorded.

    The record is an object of JSON: what was counted, by its name.
    """
    if not record.is_file():
        return "No long run is recorded with this version.\n"
    figures = json.loads(record.read_text(encoding="utf-8"))
    lines = ["The last long run that was recorded:", ""]
    lines += [f"* {name}: {value}" for name, value in figures.items()]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the files; return the exit status."""
    parser = options_of("Generate the tables of docs/conformance.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files lie")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    made = [
        (folder / "traceability.csv", table()),
        (folder / "fuzz.inc", fuzzed(folder / "fuzz.json")),
    ]
    agreed = "the tables agree with the sources"
    return settle("gen_traceability", made, check=options.check, agreed=agreed)


if __name__ == "__main__":
    sys.exit(main())
