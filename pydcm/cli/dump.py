"""``pydcm dump``: every element of a file, to read or as JSON."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from pydcm.cli.terminal import Paint, clipped, complain, printable
from pydcm.errors import PydcmError

if TYPE_CHECKING:
    from pydcm.dataelem import DataElement
    from pydcm.dataset import Dataset, FileDataset

SUMMARY = "print every element of files"
DESCRIPTION = """\
Print every element: tag, VR, name and value, the items of sequences indented.
Pixels and other large binary values stay in their file; their size is shown.
What the reader had to mend is listed at the end.
"""
EPILOG = """\
examples:
  pydcm dump image.dcm
  pydcm dump --max-value 0 image.dcm | less   whole values
  pydcm dump --json --stop-before-pixels image.dcm > image.json
  pydcm dump --force headerless.bin           a data set without preamble

Colours appear on a terminal; NO_COLOR=1 turns them off, FORCE_COLOR=1 on.
"""

_NAME_WIDTH = 36
_SHOWN_BYTES = 24
"""Binary values up to this size are shown byte by byte."""
_LOADED_BYTES = 1 << 16
"""Text up to this size is loaded from the file to show its beginning."""
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


class _Look(NamedTuple):
    """How values are shown."""

    paint: Paint
    max_value: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``pydcm dump``."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a DICOM file")
    parser.add_argument(
        "--json", action="store_true", help="print the DICOM JSON model (PS3.18 F) instead"
    )
    parser.add_argument(
        "--max-value",
        type=int,
        default=80,
        metavar="N",
        help="show at most N characters of a value, 0 for all (default: 80)",
    )
    parser.add_argument(
        "--stop-before-pixels", action="store_true", help="leave out the pixels and what follows"
    )
    parser.add_argument(
        "--force", action="store_true", help="read files without preamble and file meta too"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run ``pydcm dump`` and return its exit code."""
    if arguments.json:
        return _dump_json(arguments)
    look = _Look(Paint(sys.stdout), max(0, arguments.max_value))
    code = 0
    for position, file in enumerate(arguments.files):
        if position:
            print()
        try:
            with _collected_warnings() as caught:
                dataset = _read(file, arguments)
                code |= _dump(dataset, file, look)
        except (PydcmError, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            complain("dump", error)
            code = 1
            continue
        for line in _complaints(dataset, caught):
            print(look.paint(f"! {line}", "yellow"))
    return code


def _dump_json(arguments: argparse.Namespace) -> int:
    import json

    models = []
    for file in arguments.files:
        with _collected_warnings() as caught:
            dataset = _read(file, arguments)
            models.append(dataset.to_json_dict())
        for line in _complaints(dataset, caught):
            sys.stderr.write(f"{file}: {line}\n")
    print(json.dumps(models if len(models) > 1 else models[0], indent=2, ensure_ascii=False))
    return 0


def _read(file: str, arguments: argparse.Namespace) -> FileDataset:
    from pydcm.filereader import dcmread

    if os.path.isdir(file):
        raise IsADirectoryError(f"{file!r} is a folder; 'pydcm volume' reads folders")
    return dcmread(file, force=arguments.force, stop_before_pixels=arguments.stop_before_pixels)


@contextmanager
def _collected_warnings() -> Iterator[list[warnings.WarningMessage]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def _complaints(dataset: FileDataset, caught: list[warnings.WarningMessage]) -> list[str]:
    """Return what was wrong, each thing once."""
    found = [str(diagnostic) for diagnostic in dataset.diagnostics]
    found += [" ".join(str(warning.message).split()) for warning in caught]
    return [printable(text) for text in dict.fromkeys(found)]


def _dump(dataset: FileDataset, file: str, look: _Look) -> int:
    print(look.paint(f"# {printable(file)}", "bold"))
    code = 0
    meta = dataset.file_meta if hasattr(dataset, "file_meta") else None
    for part in (meta, dataset):
        for line, readable in _lines(part, look, "") if part else ():
            print(line)
            code |= not readable
    return code


def _lines(dataset: Dataset, look: _Look, indent: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a data set, each with whether its value could be read."""
    for tag in sorted(dataset.keys()):
        try:
            vr, name, value = _shown(dataset, tag, look.max_value)
            items = dataset[tag].value if vr == "SQ" else None
        except PydcmError as error:
            message = clipped(printable(" ".join(str(error).split())), 200)
            yield f"{indent}{tag} {look.paint(f'unreadable: {message}', 'red')}", False
            continue
        room = max(8, _NAME_WIDTH - len(indent))
        yield (
            f"{indent}{look.paint(str(tag), 'cyan')} {look.paint(vr, 'magenta')} "
            f"{clipped(name, room):{room}} {value}".rstrip(),
            True,
        )
        for number, item in enumerate(items or (), 1):
            yield f"{indent}  {look.paint(f'item {number}', 'dim')}", True
            yield from _lines(item, look, indent + "    ")


def _shown(dataset: Dataset, tag: int, limit: int) -> tuple[str, str, str]:
    """Return VR, name and value of an element as text, without loading large binary values."""
    from pydcm.datadict import dictionary_description, dictionary_has_tag, dictionary_VR
    from pydcm.dataelem import RawDataElement

    raw = dataset.get_item(tag, keep_deferred=True)
    if isinstance(raw, RawDataElement) and raw.value is None and raw.length:
        vr = raw.VR or (dictionary_VR(tag) if dictionary_has_tag(tag) else "UN")
        extent = dataset.locate(tag) if vr != "SQ" else None
        if extent is not None and (vr[:2] in _BINARY or extent.length > _LOADED_BYTES):
            name = dictionary_description(tag) if dictionary_has_tag(tag) else ""
            kind = "encapsulated, " if extent.undefined else ""
            return vr, name, f"<{kind}{extent.length:,} bytes>"
    element = dataset[tag]
    return str(element.VR), printable(element.name), _value(element, limit)


def _value(element: DataElement, limit: int) -> str:
    value = element.value
    if element.VR == "SQ":
        return f"<{len(value)} item{'' if len(value) == 1 else 's'}>"
    if value is None or (element.is_empty and not isinstance(value, bytes)):
        return ""
    if isinstance(value, (bytes, bytearray)):
        if len(value) > _SHOWN_BYTES:
            return f"<{len(value):,} bytes>"
        return value.hex(" ")
    if element.VR in {"US", "SS", "OW"} or isinstance(value, (int, float)):
        return clipped(_joined(value), limit)
    text = _joined(value)
    if element.VR == "UI":
        text = _with_uid_name(text)
    return clipped(printable(text), limit)


def _joined(value: object) -> str:
    from pydcm.multival import MultiValue

    if not isinstance(value, (MultiValue, list, tuple)):
        return str(value)
    return "\\".join(str(part) for part in value)


def _with_uid_name(text: str) -> str:
    from pydcm.uid import UID

    name = UID(text).name if "\\" not in text else text
    return f"{text} = {name}" if name and name != text else text
