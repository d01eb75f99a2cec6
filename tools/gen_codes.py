"""Generate ``pydcm/_std/codes``: the codes and context groups of PS3.16.

``pydcm/_std/codes/__init__.py`` says what each module holds.

Run::

    python -m tools.gen_codes                   write the modules
    python -m tools.gen_codes --check           exit with 1 if one of them is out of date
    python -m tools.gen_codes --source FOLDER   take the tables from another folder
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tools.gen_std import SOURCE as TABLES_OF_THE_STANDARD
from tools.gen_std import TARGET as STD
from tools.gen_std import Row, block, generate, module_text, quoted, read

SOURCE = TABLES_OF_THE_STANDARD / "codes"
TARGET = STD / "codes"

SCHEMES = (
    "DCM SCT NCIt RXNORM RADLEX MSH UCUM LN IBSI UMLS PUBCHEM_CID FMA MDC BARI I10 ITIS_TSN NEU NDC"
).split()
"""The coding schemes in the order that existing code sees them in; others follow by name."""

WORDS_FOR_SIGNS = (
    (r"'s\b", ""),
    (r"\(s\)", ""),
    (r"(\d)\.(\d)", r"\1 Point \2"),
    (r"(\d)-(\d)", r"\1 To \2"),
    (r"=", " Equals "),
    (r"%", " Percent "),
    (r">", " Greater Than "),
    (r"<", " Less Than "),
    (r"\*", " Star "),
)
"""What becomes of signs in a keyword, so that it still says what the meaning says."""


class Table(NamedTuple):
    """How one generated module comes about."""

    summary: str
    build: Callable[[Path], str]


def keyword_for(meaning: str) -> str:
    """Return the keyword that a code of this meaning gets.

    It is what existing keywords follow, 98 of 100 of them: the words one after
    another, each with a capital, abbreviations left as they are.
    """
    for pattern, words in WORDS_FOR_SIGNS:
        meaning = re.sub(pattern, words, meaning)
    found = (
        word if word.isupper() else word.capitalize() for word in re.findall(r"[^\W_]+", meaning)
    )
    keyword = "".join(found)
    return f"_{keyword}" if keyword[:1].isdigit() else keyword


class Concept(NamedTuple):
    """A code with all that leads to it."""

    value: str
    meanings: list[str]
    keywords: list[str]

    def lines(self) -> list[str]:
        """Return a line for each meaning that a keyword needs, the preferred one first."""
        by_meaning: dict[str, list[str]] = {self.meanings[0]: []}
        for keyword in self.keywords:
            by_meaning.setdefault(self.meaning_of(keyword), []).append(keyword)
        return [f"{self.value}|{' '.join(keys)}|{text}" for text, keys in by_meaning.items()]

    def meaning_of(self, keyword: str) -> str:
        """Return the meaning that a keyword spells, else the preferred one."""
        if len(self.keywords) == 1:
            return self.meanings[0]
        return next((m for m in self.meanings if keyword_for(m) == keyword), self.meanings[0])


def concepts_of(source: Path) -> dict[str, list[Concept]]:
    """Return the codes of each scheme by value; their preferred keyword comes first."""
    others = listed(read(source / "keywords_alt.tsv"), "keyword")
    meanings = listed(read(source / "meanings_alt.tsv"), "meaning")
    found: dict[str, list[Concept]] = {}
    rows = with_micro_signs(read(source / "concepts.tsv"), source)
    taken = {(row["scheme"], row["keyword"]) for row in rows}
    taken |= {(scheme, word) for (scheme, _), words in others.items() for word in words}
    for row in rows:
        key = (row["scheme"], row["value"])
        concept = Concept(row["value"], [row["meaning"], *meanings.get(key, [])], [])
        concept.keywords.extend(filter(None, [row["keyword"], *others.get(key, [])]))
        spelled = [keyword_for(meaning) for meaning in concept.meanings]
        if not concept.keywords:
            keyword = spelled[0]
            if (row["scheme"], keyword) in taken:  # such as the code that this one replaced
                keyword = f"{keyword}_{re.sub('[^0-9A-Za-z]', '_', row['value'])}"
            taken.add((row["scheme"], keyword))
            concept.keywords.append(keyword)
        # The keyword that spells the standard's own meaning is the one to be listed.
        concept.keywords.sort(
            key=lambda word: spelled.index(word) if word in spelled else len(spelled)
        )
        found.setdefault(row["scheme"], []).append(concept)
    return found


def with_micro_signs(rows: list[Row], source: Path) -> list[Row]:
    """Return the rows, with the micro sign where the source that is preferred lost it."""
    mended = {}
    for row in read(source / "meaning_conflicts.tsv"):
        *_, other = row["source_values"].split("; p=")
        if other != row["chosen"] == re.sub("[\u00b5\u03bc]", "", other):
            mended[row["scheme"], row["value"]] = other
    return [
        {**row, "meaning": mended.get((row["scheme"], row["value"]), row["meaning"])}
        for row in rows
    ]


def listed(rows: Iterable[Row], column: str) -> dict[tuple[str, str], list[str]]:
    """Return the cells of a column by scheme and value."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["scheme"], row["value"]), []).append(row[column])
    return found


def concepts(source: Path) -> str:
    """Value, keywords and meaning of every code."""
    tables = concepts_of(source)
    order = [*SCHEMES, *sorted(set(tables) - set(SCHEMES))]
    parts = []
    for scheme in order:
        lines = [line for concept in tables[scheme] for line in concept.lines()]
        parts.append(f"    {quoted(scheme)}: {block(lines)},\n")
    return (
        "CONCEPTS: dict[str, str] = {\n" + "".join(parts) + "}\n"
        '"""Coding scheme designator: a line ``value|keywords|meaning`` for each code.\n\n'
        "A code has a line more for each further meaning that one of its keywords spells.\n"
        '"""\n'
    )


def context_groups(source: Path) -> str:
    """Name, version and members of every context group."""
    members: dict[str, list[Row]] = {}
    for row in read(source / "cid_members.tsv"):
        members.setdefault(row["cid"], []).append(row)
    lines = []
    for row in sorted(read(source / "cids.tsv"), key=lambda row: int(row["cid"])):
        cells = [row[column] for column in ("cid", "keyword", "name", "version", "includes")]
        lines.append("|".join([*cells, runs(members.get(row["cid"], []))]))
    return (
        f"CONTEXT_GROUPS = {block(lines)}\n"
        '"""A line ``CID|keyword|name|version|included CIDs|members`` for each context group.\n\n'
        "Members are code values, those after ``=SCT`` of the scheme SCT; codes of included\n"
        "groups are not repeated. Retired groups and those defined by reference have none.\n"
        '"""\n'
    )


def runs(rows: list[Row]) -> str:
    """Return members in the standard's order, the scheme named where it changes."""
    words: list[str] = []
    scheme = ""
    for row in rows:
        if row["scheme"] != scheme:
            scheme = row["scheme"]
            words.append(f"={scheme}")
        words.append(row["value"])
    return " ".join(words)


def snomed(source: Path) -> str:
    """SNOMED-RT identifiers and the SNOMED CT concepts that replaced them."""
    lines = (f"{row['srt']} {row['sct']}" for row in read(source / "srt_sct.tsv"))
    return f'SNOMED = {block(lines)}\n"""A line ``SRT SCT`` for each pair, one to one."""\n'


MODULES: dict[str, Table] = {
    "concepts.py": Table("The codes that PS3.16 uses, by coding scheme.", concepts),
    "context_groups.py": Table("The context groups of PS3.16.", context_groups),
    "snomed.py": Table("SNOMED-RT identifiers and their SNOMED CT concepts.", snomed),
}
EDITION = "PS3.16 2026b, keywords 2024c"


def _module(table: Table, source: Path) -> str:
    return module_text("gen_codes", table.summary, EDITION, table.build(source))


def main(arguments: list[str] | None = None) -> int:
    """Write or check the modules; return the exit status."""
    modules = {name: partial(_module, table) for name, table in MODULES.items()}
    return generate("gen_codes", modules, SOURCE, TARGET, arguments)


if __name__ == "__main__":
    sys.exit(main())
