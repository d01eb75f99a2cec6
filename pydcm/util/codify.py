"""Python code that builds a given data set: for tests and examples without a file.

``python -m pydcm.util.codify FILE`` prints the code for a file.

Examples
--------
>>> from pydcm import Dataset
>>> ds = Dataset()
>>> ds.PatientID = "4711"
>>> print(code_dataset(ds))
ds = Dataset()
ds.PatientID = '4711'
"""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from pydcm._borrowed import borrowed
from pydcm.datadict import dictionary_VR, tag_for_keyword
from pydcm.dataset import Dataset
from pydcm.multival import MultiValue
from pydcm.valuerep import VR

if TYPE_CHECKING:
    from pydcm.dataelem import DataElement
    from pydcm.tag import BaseTag

__all__ = [
    "camel_to_underscore",
    "code_dataelem",
    "code_dataset",
    "code_file",
    "code_file_from_dataset",
    "code_imports",
    "code_sequence",
    "default_name_filter",
    "do_codify",
    "filespec_help",
    "main",
    "set_parser_arguments",
    "tag_repr",
]

line_term = "\n"
"""What ends a line of code."""

filespec_help = (
    "A file, and what of it: [pydcm::]FILE[::ELEMENT]. With pydcm:: in front, FILE is the name "
    "of one of the data sets in pydcm.examples. ELEMENT is a sequence item, as in "
    "BeamSequence[0] or BeamSequence[0].ControlPointSequence[1]; by default the whole data set "
    "is meant. Examples: image.dcm, pydcm::rt_plan, plan.dcm::BeamSequence[0]"
)
"""How a program explains its argument that names a file."""

_WORD_BORDER = re.compile(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z0-9])(?=[A-Z])")
_STEP = re.compile(r"(\w+)(?:\[(-?\d+)\])?")
_NUMBER = re.compile(
    r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE])|0|[1-9][0-9]*)([eE][+-]?[0-9]+)?"
)
"""Decimal and integer strings that are numbers in Python too."""

_ABBREVIATIONS = {
    "referenced": "refd",
    "reference": "ref",
    "fraction_group": "frxn_gp",
    "control_point": "cp",
}

_NameFilter = Callable[[str], str]


# ---- names -----------------------------------------------------------------


def camel_to_underscore(name: str) -> str:
    """Return a keyword as the name of a variable.

    Parameters
    ----------
    name : str
        A keyword of the data dictionary.

    Returns
    -------
    str
        Its words in lower case with underscores between.

    Examples
    --------
    >>> camel_to_underscore("ROIDisplayColor")
    'roi_display_color'
    """
    return _WORD_BORDER.sub("_", name).lower()


def default_name_filter(name: str) -> str:
    """Return a keyword as the name of a variable, long words abbreviated.

    Parameters
    ----------
    name : str
        A keyword of the data dictionary.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> default_name_filter("ReferencedStudySequence")
    'refd_study_sequence'
    """
    name = camel_to_underscore(name)
    for word, short in _ABBREVIATIONS.items():
        name = name.replace(word, short)
    return name


def tag_repr(tag: BaseTag) -> str:
    """Return a tag as Python code.

    Parameters
    ----------
    tag : BaseTag
        The tag.

    Returns
    -------
    str
        A pair of hexadecimal numbers.

    Examples
    --------
    >>> from pydcm.tag import Tag
    >>> tag_repr(Tag("PatientID"))
    '(0x0010, 0x0020)'
    """
    return f"(0x{tag.group:04X}, 0x{tag.element:04X})"


def _unused(name: str, var_names: deque[str]) -> str:
    """Return a name that is not in use yet, and remember it."""
    free, count = name, 0
    while free in var_names:
        count += 1
        free = f"{name}_{count}"
    var_names.append(free)
    return free


# ---- code ------------------------------------------------------------------


def code_imports() -> str:
    """Return the import statements that the code needs.

    Returns
    -------
    str
        Lines of code.
    """
    return line_term.join(
        [
            "import pydcm",
            "from pydcm.dataset import Dataset, FileMetaDataset",
            "from pydcm.sequence import Sequence",
        ]
    )


def code_dataelem(
    dataelem: DataElement,
    dataset_name: str = "ds",
    exclude_size: int | None = None,
    include_private: bool = False,
    var_names: deque[str] | None = None,
) -> str:
    """Return the code that adds an element to a data set.

    Parameters
    ----------
    dataelem : DataElement
        The element.
    dataset_name : str
        The variable of the data set.
    exclude_size : int, optional
        Binary values of more bytes become empty, with a comment.
    include_private : bool
        Code private elements within sequences too.
    var_names : deque of str, optional
        Variables that are in use.

    Returns
    -------
    str
        One line of code, or several for a sequence.
    """
    if dataelem.VR == VR.SQ:
        return code_sequence(
            dataelem, dataset_name, exclude_size, include_private, var_names=var_names
        )
    value, remark = _coded_value(dataelem, exclude_size)
    return _coded_element(dataelem, dataset_name, value) + remark


def code_sequence(
    dataelem: DataElement,
    dataset_name: str = "ds",
    exclude_size: int | None = None,
    include_private: bool = False,
    name_filter: Callable[[str], str] = default_name_filter,
    var_names: deque[str] | None = None,
) -> str:
    """Return the code that adds a sequence and its items to a data set.

    Parameters
    ----------
    dataelem : DataElement
        An element of VR SQ.
    dataset_name, exclude_size, include_private, var_names
        As of :func:`code_dataelem`.
    name_filter : callable
        Makes the name of a variable from a keyword.

    Returns
    -------
    str
        Lines of code, the first one empty.
    """
    in_use: deque[str] = deque() if var_names is None else var_names
    begin = len(in_use)
    title = dataelem.name
    keyword = dataelem.keyword or f"Tag{dataelem.tag:08x}"
    variable = _unused(name_filter(keyword), in_use)
    lines = [
        "",
        f"# {title}",
        f"{variable} = Sequence()",
        _coded_element(dataelem, dataset_name, variable),
    ]
    item_title = title.removesuffix(" Sequence")
    item_name = name_filter(keyword).removesuffix("_sequence")
    first = _first_number(dataelem, keyword)
    for number, item in enumerate(dataelem.value, first):
        used_before = len(in_use)
        item_variable = _unused(f"{item_name}{number}", in_use)
        lines += [
            "",
            f"# {title}: {item_title} {number}",
            f"{item_variable} = Dataset()",
            f"{variable}.append({item_variable})",
            *_coded_elements(item, item_variable, exclude_size, include_private, in_use),
        ]
        _forget(in_use, used_before)
    _forget(in_use, begin)
    return line_term.join(lines)


def code_dataset(
    ds: Dataset,
    dataset_name: str = "ds",
    exclude_size: int | None = None,
    include_private: bool = False,
    is_file_meta: bool = False,
    var_names: deque[str] | None = None,
) -> str:
    """Return the code that builds a data set.

    Parameters
    ----------
    ds : Dataset
        The data set.
    dataset_name, exclude_size, include_private, var_names
        As of :func:`code_dataelem`; private elements are left out unless asked for.
    is_file_meta : bool
        Build a ``FileMetaDataset``.

    Returns
    -------
    str
        Lines of code.
    """
    in_use = deque([dataset_name]) if var_names is None else var_names
    kind = "FileMetaDataset" if is_file_meta else "Dataset"
    return line_term.join(
        [
            f"{dataset_name} = {kind}()",
            *_coded_elements(ds, dataset_name, exclude_size, include_private, in_use),
        ]
    )


def code_file(filename: str, exclude_size: int | None = None, include_private: bool = False) -> str:
    """Return the code that builds the data set of a file.

    Parameters
    ----------
    filename : str
        A DICOM file.
    exclude_size, include_private
        As of :func:`code_dataset`.

    Returns
    -------
    str
        Lines of code.
    """
    from pydcm.filereader import dcmread

    return code_file_from_dataset(dcmread(filename, force=True), exclude_size, include_private)


def code_file_from_dataset(
    ds: Dataset, exclude_size: int | None = None, include_private: bool = False
) -> str:
    """Return the code that builds a data set together with its file meta information.

    Parameters
    ----------
    ds : Dataset
        The data set.
    exclude_size, include_private
        As of :func:`code_dataset`.

    Returns
    -------
    str
        Lines of code.
    """
    filename = getattr(ds, "filename", None)
    origin = f"the DICOM file {filename!r}" if filename else "a data set that is in no file"
    parts = [f"# {origin[0].upper()}{origin[1:]}, coded by pydcm.util.codify", code_imports(), ""]
    file_meta = getattr(ds, "file_meta", None)
    if file_meta:
        parts += [
            "# File meta information",
            code_dataset(file_meta, "file_meta", exclude_size, include_private, is_file_meta=True),
            "",
        ]
    parts += ["# Data set", code_dataset(ds, "ds", exclude_size, include_private), ""]
    if file_meta:
        parts.append("ds.file_meta = file_meta")
    implicit, little = getattr(ds, "original_encoding", (None, None))
    parts.append(f"ds.set_original_encoding({implicit}, {little})")
    return line_term.join(parts)


def _coded_elements(
    ds: Iterable[DataElement],
    dataset_name: str,
    exclude_size: int | None,
    include_private: bool,
    var_names: deque[str],
) -> Iterator[str]:
    after_sequence = False
    for elem in ds:
        if elem.tag.is_private and not include_private:
            continue
        if after_sequence:
            yield ""
        after_sequence = elem.VR == VR.SQ
        yield code_dataelem(elem, dataset_name, exclude_size, include_private, var_names)


def _coded_element(elem: DataElement, dataset_name: str, value: str) -> str:
    """Return an assignment by keyword where that gives the same tag and VR."""
    keyword = elem.keyword
    if keyword and tag_for_keyword(keyword) == elem.tag:
        choices = dictionary_VR(elem.tag).split(" or ")
        if elem.VR in choices or " or ".join(choices) == elem.VR:
            return f"{dataset_name}.{keyword} = {value}"
    return f"{dataset_name}.add_new({tag_repr(elem.tag)}, {str(elem.VR)!r}, {value})"


def _coded_value(elem: DataElement, exclude_size: int | None) -> tuple[str, str]:
    """Return the code of a value, and a remark for the end of the line."""
    value = elem.value
    if elem.is_buffered:
        from pydcm._buffered import read_buffer, reset_buffer_position

        with reset_buffer_position(value):
            value.seek(0)
            value = b"".join(read_buffer(value))
    if isinstance(value, (bytes, bytearray)):
        if exclude_size is not None and len(value) > exclude_size:
            return "b''", f"  # {len(value)} bytes left out"
        return repr(bytes(value)), ""
    if isinstance(value, (list, MultiValue)):
        return f"[{', '.join(_coded_one(elem.VR, one, within=True) for one in value)}]", ""
    return _coded_one(elem.VR, value), ""


def _coded_one(vr: str, value: object, within: bool = False) -> str:
    if value is None:
        return "None"
    if vr == VR.AT:
        return tag_repr(value)  # type: ignore[arg-type]  # a value of AT is a tag
    if vr in (VR.DS, VR.IS):
        # As text it keeps its digits; a list reads better with numbers.
        text = str(value)
        return text if within and _NUMBER.fullmatch(text) else repr(text)
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    if isinstance(value, (int, float, bytes)):
        return repr(value)
    return repr(str(value))


def _first_number(dataelem: DataElement, keyword: str) -> int:
    """Return the number of the first item: its own index or number if it has one, else 1."""
    base = keyword.removesuffix("Sequence")
    if dataelem.value:
        for name in (f"{base}Index", f"{base}Number"):
            number = dataelem.value[0].get(name)
            if isinstance(number, int):
                return number
    return 1


def _forget(var_names: deque[str], keep: int) -> None:
    while len(var_names) > keep:
        var_names.pop()


# ---- the program -----------------------------------------------------------


def set_parser_arguments(parser: argparse.ArgumentParser, default_exclude_size: int) -> None:
    """Add the program's arguments to a parser.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser.
    default_exclude_size : int
        Default of ``--exclude-size``, in bytes.
    """
    parser.add_argument("filespec", type=chosen_element, help=filespec_help)
    parser.add_argument(
        "outfile",
        nargs="?",
        help="the file that takes the code; without it, the code is printed",
    )
    parser.add_argument(
        "-e",
        "--exclude-size",
        type=int,
        default=default_exclude_size,
        help="leave out binary values of more bytes than this (default: %(default)s)",
    )
    parser.add_argument(
        "-p", "--include-private", action="store_true", help="code private elements too"
    )
    parser.add_argument(
        "-s",
        "--save-as",
        help="the file that the code shall write; by default named after FILE with '_from_codify'",
    )


def do_codify(args: argparse.Namespace) -> None:
    """Write the code that the arguments ask for.

    Parameters
    ----------
    args : argparse.Namespace
        What a parser made of :func:`set_parser_arguments`' arguments.

    Raises
    ------
    NotImplementedError
        If a single value is asked for: only data sets can be coded.
    """
    ds, chosen = args.filespec
    if not isinstance(chosen, Dataset):
        raise NotImplementedError(
            f"only a data set or a sequence item can be coded, not a {type(chosen).__name__}"
        )
    code = code_file_from_dataset(chosen, args.exclude_size, args.include_private)
    target = args.save_as
    if target is None:
        stem = os.path.splitext(os.fspath(ds.filename))[0]
        target = f"{stem}_from_codify.dcm"
    # A raw text keeps the backslashes of a path readable.
    is_plain = "'" not in target and not target.endswith("\\")
    literal = f"r'{target}'" if is_plain else repr(target)
    code += f"{line_term}ds.save_as({literal}, enforce_file_format=True)\n"
    if args.outfile is None:
        sys.stdout.write(code)
    else:
        with open(args.outfile, "w", encoding="utf-8") as file:
            file.write(code)


def main(default_exclude_size: int, args: list[str] | None = None) -> None:
    """Run the program.

    Parameters
    ----------
    default_exclude_size : int
        Binary values of more bytes are left out by default.
    args : list of str, optional
        The arguments, by default those of the process.
    """
    parser = argparse.ArgumentParser(
        description="Print Python code that builds the data set of a DICOM file.",
        epilog="Binary values that are left out are marked with 'left out' in the code.",
    )
    set_parser_arguments(parser, default_exclude_size)
    do_codify(parser.parse_args(args))


def chosen_element(filespec: str) -> tuple[Dataset, object]:
    """Return the data set of a file specification, and what of it was chosen.

    Parameters
    ----------
    filespec : str
        As :data:`filespec_help` says; any element can be chosen.

    Raises
    ------
    argparse.ArgumentTypeError
        If there is no such file or element.

    Examples
    --------
    >>> chosen_element("pydcm::rt_plan::BeamSequence[0].BeamType")[1]
    'STATIC'
    """
    from pydcm.errors import PydcmError
    from pydcm.filereader import dcmread

    name, _, element = filespec.removeprefix("pydcm::").partition("::")
    try:
        if filespec.startswith("pydcm::"):
            from pydcm.examples import get_path

            name = str(get_path(name))
        ds = dcmread(name, force=True)
    except (OSError, PydcmError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{name!r} cannot be read: {error}") from error
    chosen: object = ds
    for step in element.split(".") if element else []:
        match = _STEP.fullmatch(step)
        if match is None:
            raise argparse.ArgumentTypeError(f"{step!r} is no keyword, or keyword[number]")
        try:
            chosen = getattr(chosen, match[1])
            if match[2] is not None:
                chosen = chosen[int(match[2])]  # type: ignore[index]  # TypeError below
        except (AttributeError, IndexError, TypeError) as error:
            raise argparse.ArgumentTypeError(f"there is no {step!r} in {name!r}") from error
    return ds, chosen


if __name__ == "__main__":
    main(default_exclude_size=100)

if not TYPE_CHECKING:
    __getattr__ = borrowed(__name__)
