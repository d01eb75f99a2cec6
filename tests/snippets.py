"""The same lines of code, run with pydcm and with pydicom, and what they did."""

from __future__ import annotations

import ast
import copy
import importlib
import io
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType
from typing import Any, NamedTuple

import pytest

from tests.recording import recorded

pydicom = pytest.importorskip("pydicom")

CAUGHT: tuple[type[BaseException], ...] = (
    ArithmeticError, AttributeError, EOFError, Exception, IndexError, KeyError, LookupError,
    NotImplementedError, OSError, OverflowError, RuntimeError, StopIteration, TypeError,
    UnicodeError, ValueError,
)  # fmt: skip
"""What callers of the compatible API may catch."""

_NAMES = {
    "dataelem": "DataElement RawDataElement convert_raw_data_element empty_value_for_VR",
    "dataset": "Dataset FileDataset FileMetaDataset PrivateBlock validate_file_meta",
    "filereader": "dcmread",
    "filewriter": "dcmwrite",
    "multival": "MultiValue",
    "sequence": "Sequence",
    "tag": "BaseTag Tag",
    "uid": "UID",
    "valuerep": "DA DS DSdecimal DSfloat DT IS PersonName TM",
}

PRELUDE = """
def make():
    ds = Dataset()
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.SOPInstanceUID = "1.2.3"
    ds.StudyDate = "20200102"
    ds.AcquisitionDateTime = "20200102101112"
    ds.StudyTime = "101112.5"
    ds.add_new(0x00090010, "LO", "ACME")
    ds.add_new(0x00091001, "UN", b"abc ")
    ds.add_new(0x00091002, "OB", b"0123456789abcdef0123")
    ds.PatientName = "Doe^Jane"
    ds.PatientID = "4711"
    ds.InstanceNumber = "3"
    ds.Rows = 5
    ds.PixelSpacing = ["1.0", "2.50"]
    ds.BeamSequence = [Dataset(), Dataset()]
    ds.BeamSequence[0].PatientID = "first"
    ds.BeamSequence[1].PatientID = "second"
    ds.BeamSequence[1].Rows = 3
    return ds

def make_meta():
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    meta.ImplementationClassUID = "1.2.3.4"
    meta.ImplementationVersionName = "TESTS"
    return meta

def encode(ds, implicit=False, little=True):
    stream = io.BytesIO()
    dcmwrite(stream, ds, implicit_vr=implicit, little_endian=little)
    return stream.getvalue()

def bare(ds, implicit=False, little=True):
    return dcmread(io.BytesIO(encode(ds, implicit, little)), force=True)

def whole(ds):
    ds.file_meta = make_meta()
    stream = io.BytesIO()
    dcmwrite(stream, ds, enforce_file_format=True)
    return dcmread(io.BytesIO(stream.getvalue()))

E = DataElement
ds = make()
"""
"""What each snippet finds: ``ds``, and ways to encode and to read it."""


class Library:
    """One of the two, with the names that snippets use."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.config: Any = importlib.import_module(f"{package}.config")
        self.names: dict[str, Any] = {
            "config": self.config, "copy": copy, "io": io, "pickle": pickle,
            "library": importlib.import_module(package),
        }  # fmt: skip
        for module, words in _NAMES.items():
            home = importlib.import_module(f"{package}.{module}")
            self.names.update({name: getattr(home, name) for name in words.split()})

    def __getitem__(self, name: str) -> Any:
        return self.names[name]


OURS = Library("pydcm")
THEIRS = Library("pydicom")


class Outcome(NamedTuple):
    """What came of a snippet.

    Attributes
    ----------
    seen : list
        Descriptions of what it handed to ``see()``, and of the value of its last line.
    raised : frozenset of type
        The classes of `CAUGHT` that catch what it raised.
    warned : list of str
        The classes of the warnings.
    """

    seen: list[object]
    raised: frozenset[type]
    warned: list[str]


def run(library: Library, code: str, prelude: str = PRELUDE) -> Outcome:
    """Run a snippet with one library."""
    seen: list[object] = []
    names = dict(library.names)
    names["see"] = lambda *values: seen.extend(describe(value, library) for value in values)
    raised: frozenset[type] = frozenset()
    with _settings_kept(library.config), recorded() as caught:
        exec(_compiled(prelude), names)
        del caught[:]
        try:
            _run_lines(code, names)
        except Exception as error:  # its kinds are what is compared
            raised = frozenset(kind for kind in CAUGHT if isinstance(error, kind))
    return Outcome(seen, raised, [warning.category.__name__ for warning in caught])


@cache
def _compiled(prelude: str) -> CodeType:
    return compile(prelude, "<prelude>", "exec")


def _run_lines(code: str, names: dict[str, Any]) -> None:
    tree = ast.parse(code)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr):
        exec(compile(tree, code, "exec"), names)
        return
    exec(compile(ast.Module(tree.body[:-1], []), code, "exec"), names)
    names["see"](eval(compile(ast.Expression(last.value), code, "eval"), names))


@contextmanager
def _settings_kept(config: Any) -> Iterator[None]:
    before = {
        name: value
        for name, value in vars(config).items()
        if not name.startswith("__") and not callable(value) and not hasattr(value, "__file__")
    }
    settings = dict(vars(config.settings))
    element: Any = importlib.import_module(config.__name__.replace("config", "dataelem"))
    numbers: Any = importlib.import_module(config.__name__.replace("config", "valuerep"))
    number_class = vars(numbers).get("DSclass")
    uids: Any = importlib.import_module(config.__name__.replace("config", "uid"))
    registered = list(uids.PrivateTransferSyntaxes)
    shown = {
        name: getattr(element.DataElement, name)
        for name in ("descripWidth", "maxBytesToDisplay", "showVR")
    }
    try:
        yield
    finally:
        vars(config).update(before)
        vars(config.settings).update(settings)
        uids.PrivateTransferSyntaxes[:] = registered
        if number_class is not None:
            numbers.DSclass = number_class  # pydicom changes it with the setting
        for name, value in shown.items():
            setattr(element.DataElement, name, value)


def agree(ours: Outcome, theirs: Outcome) -> bool:
    """Whether code that works with `theirs` works with `ours`."""
    return (
        ours.seen == theirs.seen
        and bool(ours.raised) == bool(theirs.raised)
        and theirs.raised <= ours.raised
        and (bool(ours.raised) or ours.warned == theirs.warned)
    )


def assert_alike(code: str, prelude: str = PRELUDE) -> None:
    """Fail unless a snippet does the same with both libraries."""
    theirs = run(THEIRS, code, prelude)
    ours = run(OURS, code, prelude)
    assert ours.seen == theirs.seen
    if not theirs.raised:
        assert ours.warned == theirs.warned
    assert agree(ours, theirs), f"ours raised {set(ours.raised)}, theirs {set(theirs.raised)}"


class Difference(NamedTuple):
    """A snippet that does something else with pydicom, on purpose.

    Attributes
    ----------
    code : str
        The snippet.
    expected : str
        An expression for the value that its last line has with pydcm, or the
        name of an exception.
    reason : str
        Why.
    """

    code: str
    expected: str
    reason: str


def assert_different(case: Difference, prelude: str = PRELUDE) -> None:
    """Fail unless a snippet does with pydcm what it should, and something else with pydicom."""
    ours = run(OURS, case.code, prelude)
    theirs = run(THEIRS, case.code, prelude)
    assert not agree(ours, theirs), "no difference any more: move it to the others"
    if case.expected.endswith("Error"):
        assert case.expected in {kind.__name__ for kind in ours.raised}
    else:
        assert not ours.raised
        assert ours.seen[-1:] == run(OURS, case.expected, prelude).seen


def lines(text: str) -> list[str]:
    """Return the lines that are not empty, one snippet each; an indented line goes on."""
    found: list[str] = []
    for line in filter(None, map(str.rstrip, text.splitlines())):
        if line[0] == " ":
            found[-1] += "\n" + line.strip()
        else:
            found.append(line)
    return found


def blocks(text: str) -> list[str]:
    """Return what empty lines separate, one snippet each."""
    return [block.strip("\n") for block in text.split("\n\n") if block.strip()]


def describe(value: Any, library: Library, depth: int = 0) -> object:
    """Return what can be seen of a value, in a form that compares across libraries."""
    kind = type(value).__name__
    if isinstance(value, type):
        return f"class {value.__name__}"
    if depth > 9:
        return kind

    def inner(part: Any) -> object:
        return describe(part, library, depth + 1)

    if isinstance(value, library["DataElement"]):
        header = (int(value.tag), str(value.VR), value.is_undefined_length, value.private_creator)
        return (kind, header, inner(value._value), value.VM, str(value), repr(value))
    if isinstance(value, library["RawDataElement"]):
        return (kind, *(inner(part) for part in value))
    if isinstance(value, library["Dataset"]):
        tags = value.keys()
        return (kind, [inner(value[tag]) for tag in tags], str(value))
    if isinstance(value, (library["Sequence"], library["MultiValue"])):
        return (kind, [inner(part) for part in value], str(value), repr(value))
    if isinstance(value, dict):
        return (kind, [(inner(key), inner(part)) for key, part in value.items()])
    if isinstance(value, (list, tuple)) or kind in ("dict_keys", "dict_values", "dict_items"):
        return (kind, [inner(part) for part in value])
    if hasattr(value, "__next__") and not hasattr(value, "read"):
        return ("iterator", [inner(part) for part in value])
    if callable(value):
        return kind
    text = repr(value)
    return kind if " at 0x" in text else (kind, text, str(value))
