"""Generate ``pydcm/_std``: the tables of the DICOM standard as Python modules.

The tables are made for two things: a small cost when a module is loaded, and
a readable difference when the edition changes. ``pydcm/_std/__init__.py`` says
what each module holds.

Run::

    python -m tools.gen_std                   write the modules
    python -m tools.gen_std --check           exit with 1 if one of them is out of date
    python -m tools.gen_std --source FOLDER   take the tables from another folder
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tools.generated import options_of, settle

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT.parent / "shared" / "standard"
TARGET = ROOT / "pydcm" / "_std"

WIDTH = 96
"""Longest line of the generated text, for what can be broken at a space."""

EDITION = "PS3.6 2026b"

Row = dict[str, str]


class Table(NamedTuple):
    """How one generated module comes about."""

    source: str
    edition: str
    build: Callable[[list[Row]], str]
    summary: str


def read(path: Path) -> list[Row]:
    """Return the rows of a table, each a dictionary by column name."""
    head, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    columns = head.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]


def quoted(text: str) -> str:
    """Return a string literal in double quotes, as the formatter would leave it."""
    if '"' in text and "'" not in text:
        return repr(text)
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{body}"'


def wrapped(words: Iterable[str], indent: int = 4) -> str:
    """Return words as one string literal over as many lines as it needs, in parentheses."""
    lines = [""]
    room = WIDTH - indent - len('" "')
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    pad = " " * indent
    body = [f"{pad}{quoted(line + ' ')}" for line in lines[:-1]] + [f"{pad}{quoted(lines[-1])}"]
    return "(\n" + "\n".join(body) + "\n" + " " * (indent - 4) + ")"


def block(lines: Iterable[str]) -> str:
    """Return lines as one string literal that looks like them; each ends in a line end."""
    body = "".join(line.replace("\\", "\\\\") + "\n" for line in lines)
    if '"""' in body:
        raise ValueError("three double quotes in a table cannot be written as a block")
    return f'"""\\\n{body}"""'


def grouped(rows: Iterable[Row], column: str) -> Iterator[tuple[str, list[Row]]]:
    """Yield the values of a column in sorted order, each with its rows."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    yield from sorted(groups.items())


def hex_tag(row: Row) -> str:
    """Return the tag as eight digits."""
    return row["tag"].replace(",", "")


def is_repeater(row: Row) -> bool:
    """Say whether the tag stands for a range of elements, as in 60xx,3000."""
    return "x" in row["tag"]


def number_or_none(text: str) -> str:
    """Return the source text of an optional whole number."""
    return text or "None"


def truth(text: str) -> str:
    """Return the source text of a flag."""
    return str(text == "1")


def named_tuple(name: str, doc: str, fields: dict[str, str]) -> str:
    """Return the definition of a row type."""
    body = "\n".join(f"    {field}: {kind}" for field, kind in fields.items())
    return f'class {name}(NamedTuple):\n    """{doc}"""\n\n{body}\n'


def elements(rows: list[Row]) -> str:
    """Value representation, tag and keyword of every single element."""
    parts = []
    for vr, group in grouped((row for row in rows if not is_repeater(row)), "vr"):
        tags = wrapped(map(hex_tag, group), 12)
        keywords = wrapped((row["keyword"] or "-" for row in group), 12)
        parts.append(f"    {quoted(vr)}: (\n        {tags},\n        {keywords},\n    ),\n")
    return (
        "ELEMENTS: dict[str, tuple[str, str]] = {\n" + "".join(parts) + "}\n"
        '"""VR: (tags as hexadecimal digits, keywords in the same order; ``-`` where none is)."""\n'
    )


def element_details(rows: list[Row]) -> str:
    """Name, value multiplicity and retirement of every single element."""
    single = sorted((row for row in rows if not is_repeater(row)), key=hex_tag)
    names = block(row["name"] for row in single)
    multiplicities = "".join(
        f"    {quoted(vm)}: {wrapped(map(hex_tag, group), 8)},\n"
        for vm, group in grouped(single, "vm")
        if vm != "1"
    )
    retired = wrapped(hex_tag(row) for row in single if row["retired"] == "1")
    return (
        f"NAMES = {names}\n"
        '"""The names in the order of the tags, each with a line end."""\n\n'
        f"MULTIPLICITIES: dict[str, str] = {{\n{multiplicities}}}\n"
        '"""VM: tags as hexadecimal digits; every other element has VM 1."""\n\n'
        f"RETIRED = {retired}\n"
        '"""The tags of retired elements as hexadecimal digits."""\n'
    )


def repeaters(rows: list[Row]) -> str:
    """Elements whose tag has repeating digits (PS3.5 7.6)."""
    lines = []
    for row in filter(is_repeater, rows):
        retired = "Retired" if row["retired"] == "1" else ""
        cells = (row["vr"], row["vm"], row["name"], retired, row["keyword"])
        lines.append(f"    {quoted(hex_tag(row))}: ({', '.join(map(quoted, cells))}),\n")
    return (
        "REPEATERS: dict[str, tuple[str, str, str, str, str]] = {\n" + "".join(lines) + "}\n"
        '"""Tag with ``x`` for a repeating digit: (VR, VM, name, Retired or empty, keyword)."""\n'
    )


def private(rows: list[Row]) -> str:
    """Private elements by their creator (PS3.5 7.8)."""
    parts = []
    for creator, group in grouped(rows, "creator"):
        lines = block(
            f"{private_pattern(row)}|{row['vr']}|{row['vm']}|{row['name']}"
            for row in sorted(group, key=private_pattern)
        )
        parts.append(f"    {quoted(creator)}: {lines},\n")
    return (
        "PRIVATE: dict[str, str] = {\n" + "".join(parts) + "}\n"
        '"""Private creator: a line ``tag|VR|VM|name`` for each element."""\n'
    )


def private_pattern(row: Row) -> str:
    """Return a private tag as upper-case digits, with ``x`` for the block and repeating digits."""
    return hex_tag(row).upper().replace("X", "x")


def uids(rows: list[Row]) -> str:
    """Every UID that DICOM registers (PS3.6 Annex A)."""
    lines = block(
        f"{row['uid']}|{row['name']}|{uid_type(row)}|{row['retired']}|{row['keyword']}"
        for row in rows
    )
    return (
        f'UIDS = {lines}\n"""A line ``UID|name|type|retired (0 or 1)|keyword`` for each UID."""\n'
    )


def uid_type(row: Row) -> str:
    """Return the UID type.

    Table A-2 of PS3.6 names no type for frames of reference; the spelling is the one that
    existing Python code compares with.
    """
    return (
        row["type"].replace("Frame of Reference", "frame of reference", 1)
        if (row["type"].startswith("Well-known"))
        else row["type"]
    )


def uid_names(rows: list[Row]) -> str:
    """One typed name for each UID that has a keyword."""
    names = sorted(row["keyword"] for row in rows if row["keyword"])
    return "from pydcm.uid import UID\n\n" + "".join(f"{name}: UID\n" for name in names)


def transfer_syntaxes(rows: list[Row]) -> str:
    """Transfer syntaxes and how they encode (PS3.5 Section 10 and Annex A)."""
    fields = {
        "uid": "str",
        "keyword": "str",
        "name": "str",
        "is_little_endian": "bool",
        "is_implicit_VR": "bool",
        "is_deflated": "bool",
        "is_encapsulated": "bool",
        "codec_family": "str",
        "loss": "str",
        "is_video_fragmentable": "bool | None",
        "sample_bits": "str",
        "is_retired": "bool",
        "note": "str",
    }
    lines = []
    for row in rows:
        video = row["video_fragmentable"]
        cells = [
            *(quoted(row[column]) for column in ("uid", "keyword", "name")),
            str(row["endian"] == "little"),
            str(row["vr_encoding"] == "implicit"),
            truth(row["deflated_dataset"]),
            truth(row["encapsulated"]),
            quoted(row["codec_family"]),
            quoted(row["loss"]),
            truth(video) if video else "None",
            quoted(row["sample_bits"]),
            truth(row["retired"]),
            quoted(row["note"]),
        ]
        lines.append(record(row["uid"], "TransferSyntax", cells))
    return (
        "from typing import NamedTuple\n\n\n"
        + named_tuple("TransferSyntax", "How a transfer syntax encodes a data set.", fields)
        + "\n\nTRANSFER_SYNTAXES: dict[str, TransferSyntax] = {\n"
        + "".join(lines)
        + '}\n"""Transfer Syntax UID: its properties."""\n'
    )


def sop_classes(rows: list[Row]) -> str:
    """SOP Classes, with the IOD of those for storage (PS3.4 B.5, GG)."""
    fields = {
        "uid": "str",
        "keyword": "str",
        "name": "str",
        "is_retired": "bool",
        "iod": "str",
        "ciod_id": "str",
    }
    lines = [
        record(
            row["uid"],
            "SOPClass",
            [
                *(quoted(row[column]) for column in ("uid", "keyword", "name")),
                truth(row["retired"]),
                quoted(row["iod"]),
                quoted(row["ciod_id"]),
            ],
        )
        for row in rows
        if row["type"] == "SOP Class"
    ]
    return (
        "from typing import NamedTuple\n\n\n"
        + named_tuple("SOPClass", "A Service-Object Pair Class.", fields)
        + "\n\nSOP_CLASSES: dict[str, SOPClass] = {\n"
        + "".join(lines)
        + '}\n"""SOP Class UID: its properties."""\n'
    )


def record(key: str, kind: str, cells: list[str]) -> str:
    """Return one row of a dictionary of typed rows."""
    return f"    {quoted(key)}: {kind}({', '.join(cells)}),\n"


def vrs(rows: list[Row]) -> str:
    """Value representations (PS3.5 6.2)."""
    fields = {
        "vr": "str",
        "name": "str",
        "kind": "str",
        "length_bits": "int",
        "pad": "int | None",
        "fixed_bytes": "int | None",
        "max_length": "int | None",
        "max_unit": "str",
        "repertoire": "str",
        "charset_dependent": "bool",
        "multiple_values": "bool",
        "leading_spaces": "str",
        "trailing_spaces": "str",
        "undefined_length_allowed": "bool",
        "swap_bytes": "int",
    }
    lines = [
        record(
            row["vr"],
            "VR",
            [
                *(quoted(row[column]) for column in ("vr", "name", "class")),
                row["length_bits"],
                f"0x{row['pad_hex']}" if row["pad_hex"] else "None",
                number_or_none(row["fixed_bytes"]),
                number_or_none(row["max_length"]),
                quoted(row["max_unit"]),
                quoted(row["repertoire"]),
                truth(row["charset_dependent"]),
                truth(row["multiple_values"]),
                quoted(row["leading_spaces"]),
                quoted(row["trailing_spaces"]),
                truth(row["undefined_length_allowed"]),
                row["swap_bytes"],
            ],
        )
        for row in rows
    ]
    return (
        "from typing import NamedTuple\n\n\n"
        + named_tuple("VR", "A value representation.", fields)
        + "\n\nVRS: dict[str, VR] = {\n"
        + "".join(lines)
        + '}\n"""VR: its properties."""\n'
    )


def charsets(rows: list[Row]) -> str:
    """Character sets and their escape sequences (PS3.3 C.12.1.1.2)."""
    fields = {
        "defined_term": "str",
        "kind": "str",
        "charset": "str",
        "element": "str",
        "iso_ir": "int | None",
        "escape": "bytes",
        "bytes_per_char": "str",
        "set_size": "str",
        "codec": "str",
        "in_g0_of_value1": "bool",
    }
    lines = []
    for row in rows:
        cells = [
            *(quoted(row[column]) for column in ("defined_term", "kind", "charset", "element")),
            number_or_none(row["iso_ir"]),
            escape_literal(row["escape_hex"]),
            *(quoted(row[column]) for column in ("bytes_per_char", "set_size", "python_codec")),
            truth(row["use_in_g0_of_value1"]),
        ]
        lines.append(f"    CharacterSet({', '.join(cells)}),\n")
    return (
        "from typing import NamedTuple\n\n\n"
        + named_tuple("CharacterSet", "One code element of a Defined Term.", fields)
        + "\n\nCHARSETS: tuple[CharacterSet, ...] = (\n"
        + "".join(lines)
        + ')\n"""The code elements (G0, G1) of every Defined Term of Specific Character Set."""\n'
    )


def escape_literal(digits: str) -> str:
    """Return the source text of an escape sequence given as hexadecimal digits."""
    body = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02x}"
        for byte in bytes.fromhex(digits)
    )
    return f'b"{body}"'


TABLES: dict[str, Table] = {
    "elements.py": Table(
        "elements.tsv",
        f"{EDITION}, group 0000 PS3.7 2026c",
        elements,
        "Value representation, tag and keyword of every data element.",
    ),
    "element_details.py": Table(
        "elements.tsv",
        f"{EDITION}, group 0000 PS3.7 2026c",
        element_details,
        "Name, value multiplicity and retirement of every data element.",
    ),
    "repeaters.py": Table(
        "elements.tsv", EDITION, repeaters, "Data elements with repeating digits in their tag."
    ),
    "private.py": Table(
        "private_elements.tsv",
        "private elements as known in 2026",
        private,
        "Private data elements by private creator.",
    ),
    "uids.py": Table("uids.tsv", f"{EDITION}, Annex A", uids, "Every UID that DICOM registers."),
    "uid_names.pyi": Table(
        "uids.tsv", f"{EDITION}, Annex A", uid_names, "The names of registered UIDs, for typing."
    ),
    "transfer_syntaxes.py": Table(
        "transfer_syntaxes.tsv",
        "PS3.5 and PS3.6 2026b",
        transfer_syntaxes,
        "Transfer syntaxes and how they encode.",
    ),
    "sop_classes.py": Table(
        "uids.tsv", "PS3.4 and PS3.6 2026b", sop_classes, "SOP Classes and their IODs."
    ),
    "vrs.py": Table("vrs.tsv", "PS3.5 2026b", vrs, "Value representations."),
    "charsets.py": Table(
        "charsets.tsv", "PS3.3 and PS3.5 2026b", charsets, "Character sets and escape sequences."
    ),
}


def module_text(program: str, summary: str, edition: str, body: str) -> str:
    """Return the whole text of one generated module."""
    return (
        f'"""{summary}\n\n'
        f"Edition: {edition}.\n"
        f'Generated by tools/{program}.py; do not edit.\n"""\n\n'
        "from __future__ import annotations\n\n"
        f"{body}"
    )


def generate(
    program: str,
    modules: Mapping[str, Callable[[Path], str]],
    source: Path,
    target: Path,
    arguments: list[str] | None,
) -> int:
    """Write or check modules that are made from a folder of tables; return the exit status."""
    parser = options_of(f"Generate {target.relative_to(ROOT)} from the tables.")
    parser.add_argument("--source", type=Path, default=source, help="folder of the .tsv tables")
    parser.add_argument("--target", type=Path, default=target, help="folder of the modules")
    options = parser.parse_args(arguments)

    if not options.source.is_dir():
        print(f"{program}: the source tables are absent ({options.source}); nothing was compared")
        return 0 if options.check else 1
    return settle(
        program,
        [(options.target / name, make(options.source)) for name, make in modules.items()],
        check=options.check,
        agreed=f"{len(modules)} modules agree with their sources",
        stale="differs from its source",
    )


def _module(table: Table, source: Path) -> str:
    body = table.build(read(source / table.source))
    return module_text("gen_std", table.summary, table.edition, body)


def main(arguments: list[str] | None = None) -> int:
    """Write or check the modules; return the exit status."""
    modules = {name: partial(_module, table) for name, table in TABLES.items()}
    return generate("gen_std", modules, SOURCE, TARGET, arguments)


if __name__ == "__main__":
    sys.exit(main())
