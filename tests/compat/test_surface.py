"""Every public name of pydicom 3.0.2 is here, with a compatible signature.

The names are those of the checked-in table ``surface.tsv``, so pydicom itself
is not needed. What is not here stands in ``surface_exceptions.tsv`` with its
reason, and nowhere else; an entry that is no longer needed fails.
"""

from __future__ import annotations

import fnmatch
import importlib
import inspect
import io
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest

import pydcm
from pydcm.datadict import tag_for_keyword
from pydcm.fileset import FileSet, RecordNode
from tools import gen_surface
from tools.gen_surface import Name, describe, inventory

pytestmark = pytest.mark.filterwarnings("ignore")  # names that are deprecated warn


class Excepted(NamedTuple):
    """A name, or a pattern of names, that is not here."""

    pattern: str
    reason: str


EXCEPTIONS = [Excepted(*row) for row in gen_surface.read(gen_surface.EXCEPTIONS)]
TEST_FILE = gen_surface.ROOT / "tests" / "data" / "explicit_little.dcm"
NAMES = [name for name in inventory() if name.name]


# ---- whether a name is here ----------------------------------------------------------


def problem(theirs: Name) -> str:
    """Return what is wrong with our name, or nothing."""
    try:
        owner, made = _resolve(theirs.name, theirs.kind)
    except (ImportError, AttributeError) as error:
        return f"missing: {error}"
    if theirs.kind == "alias":
        return _problem_of_alias(theirs, made)
    if theirs.kind in ("module", "attribute", "special", "type") or _is_type(theirs):
        return ""
    name = theirs.name.rpartition(".")[2]
    kind, detail = describe(made, inside=owner, name=name)
    return _CHECKS[theirs.kind](theirs, kind, detail)


def _is_type(theirs: Name) -> bool:
    """Whether a name stands for types in annotations; some are texts, some are not."""
    return theirs.kind == "constant" and theirs.name.endswith(("Type", "Types"))


def _problem_of_alias(theirs: Name, made: object) -> str:
    try:
        home = _resolve(theirs.detail, "alias")[1]
    except (ImportError, AttributeError):
        return ""  # told once, where it is at home
    same = made is home or (not callable(made) and made == home)
    return "" if same else f"is not {theirs.detail}"


def _resolve(name: str, kind: str) -> tuple[type | None, object]:
    """Return the object of a name in pydcm, and the class that it is a member of."""
    parts = name.split(".")
    made: object = None
    used = 0
    for used in range(len(parts), -1, -1):  # what is left is used below
        try:
            made = importlib.import_module(".".join(["pydcm", *parts[:used]]))
        except ModuleNotFoundError:
            continue
        break
    if kind == "module" and used < len(parts):
        raise AttributeError(f"no module {name}")
    owner: type | None = None
    for part in parts[used:]:
        owner = made if isinstance(made, type) else None
        if owner is None:
            made = getattr(made, part)
        else:
            made = _member(owner, part, kind)
    return owner, made


def _member(owner: type, name: str, kind: str) -> object:
    if issubclass(owner, pydcm.Dataset) and tag_for_keyword(name) is not None:
        return None  # an element; every data set takes it
    try:
        return inspect.getattr_static(owner, name)
    except AttributeError:
        if owner.__name__ not in _INSTANCES:
            raise
    return getattr(_instance(owner), name)


@cache
def _instance(owner: type) -> object:
    """Return an object of a class; some of its members do not show in the class."""
    return _INSTANCES[owner.__name__](owner)


_INSTANCES: dict[str, Callable[[Any], object]] = {
    "DA": lambda made: made("20200102"),
    "DT": lambda made: made("20200102"),
    "TM": lambda made: made("101112"),
    "IS": lambda made: made("5"),
    "ISfloat": lambda made: made("5.5"),
    "PersonName": lambda made: made("Doe^Jane"),
    "DataElement": lambda made: made("PatientID", "LO", "1"),
    "Dataset": lambda made: _dataset(made()),
    "FileDataset": lambda made: _dataset(made("", {})),
    "FileMetaDataset": lambda made: _dataset(made()),
    "PrivateBlock": lambda made: made((0x0009, "ACME"), pydcm.Dataset(), 0x00091000),
    "Settings": lambda made: made(),
    "Hooks": lambda made: made(),
    "DicomIO": lambda made: made(io.BytesIO()),
    "DicomFileLike": lambda made: made(io.BytesIO()),
    "DicomBytesIO": lambda made: made(),
    "JsonDataElementConverter": lambda made: made(
        pydcm.Dataset, "00100020", "LO", ["1"], "Value", None
    ),
    "FileInstance": lambda made: made(RecordNode(pydcm.Dataset())),
    "RecordNode": lambda made: made(pydcm.Dataset()),
    "RootNode": lambda made: made(FileSet()),
    "dicomfile": lambda made: _closed(made(str(TEST_FILE))),
}


def _closed(opened: Any) -> Any:
    opened.fobj.close()
    return opened


def _dataset(ds: Any) -> Any:
    """Give a data set what pydicom's own methods assign."""
    ds.file_meta = None
    return ds


# ---- signatures -----------------------------------------------------------------------


class Parameter(NamedTuple):
    """A parameter as the table writes it."""

    name: str
    kind: inspect._ParameterKind
    default: str


def parameters(signature: str) -> list[Parameter]:
    """Return the parameters of a signature's text."""
    found: list[Parameter] = []
    keyword_only = False
    for text in _split(signature):
        if text == "/":
            found = [one._replace(kind=inspect.Parameter.POSITIONAL_ONLY) for one in found]
        elif text == "*":
            keyword_only = True
        elif text.startswith("**"):
            found.append(Parameter(text[2:], inspect.Parameter.VAR_KEYWORD, ""))
        elif text.startswith("*"):
            found.append(Parameter(text[1:], inspect.Parameter.VAR_POSITIONAL, ""))
            keyword_only = True
        else:
            name, _, default = text.partition("=")
            found.append(
                Parameter(
                    name,
                    inspect.Parameter.KEYWORD_ONLY
                    if keyword_only
                    else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    default,
                )
            )
    return found


def _split(signature: str) -> list[str]:
    """Return what the commas of a signature separate, those outside of brackets and quotes."""
    inside = signature[1 : signature.rindex(")")] if signature else ""
    pieces = re.findall(r"(?:'(?:\\.|[^'])*'|<[^>]*>|\([^)]*\)|\[[^]]*\]|[^,])+", inside)
    return [piece.strip() for piece in pieces if piece.strip()]


def incompatible(theirs: str, ours: str) -> str:
    """Return why a call that suits `theirs` may not suit `ours`, or nothing."""
    wanted = [one for one in parameters(theirs) if one.name not in ("self", "cls")]
    have = [one for one in parameters(ours) if one.name not in ("self", "cls")]
    named = {one.name: one for one in have}
    for position, one in enumerate(wanted):
        if one.kind in _OPEN or one.name.startswith("_"):
            continue  # what it passes on, ours may name
        other = named.get(one.name)
        if one.kind is inspect.Parameter.POSITIONAL_ONLY and position < len(have):
            other = have[position]
        if other is None:
            return f"has no parameter {one.name}"
        if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            if have.index(other) != position or other.kind is not one.kind:
                return f"parameter {one.name} stands elsewhere"
        elif (one.kind, other.kind) == (
            inspect.Parameter.KEYWORD_ONLY,
            inspect.Parameter.POSITIONAL_ONLY,
        ):
            return f"parameter {one.name} has no name"
        if one.default and one.default != other.default:
            return f"default of {one.name}: {one.default} there, {other.default} here"
    if any(one.kind in _OPEN for one in wanted):
        return ""
    known = {one.name for one in wanted}
    closed = (*_OPEN, inspect.Parameter.POSITIONAL_ONLY)
    for one in have:
        if one.name not in known and not one.default and one.kind not in closed:
            return f"asks for {one.name}"
    return ""


_OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def _same_class(theirs: Name, kind: str, ours: str) -> str:
    if kind not in ("class", "exception"):
        return f"is a {kind}"
    wanted, have = _class_parts(theirs.detail), _class_parts(ours)
    lost = set(filter(None, wanted[1].split(", "))) - set(have[1].split(", "))
    if lost:
        return f"is no {' and no '.join(sorted(lost))}"
    return incompatible(wanted[0], have[0]) if kind == "class" else ""


def _class_parts(detail: str) -> tuple[str, str]:
    if not detail.startswith("("):
        return "", detail
    end = detail.rindex(")") + 1
    return detail[:end], detail[end:].strip()


def _same_call(theirs: Name, kind: str, ours: str) -> str:
    if kind not in ("function", "method", "staticmethod", "classmethod", "class"):
        return f"is a {kind}"
    return incompatible(theirs.detail, ours)


def _same_property(theirs: Name, kind: str, ours: str) -> str:
    if kind == "property" and theirs.detail == "settable" and not ours:
        return "cannot be set"
    readable = ("property", "attribute", "constant", "function", "method")
    return "" if kind in readable else f"is a {kind}"


def _same_constant(theirs: Name, kind: str, ours: str) -> str:
    if theirs.detail == "<bool>":  # it says which libraries are there
        return "" if ours in ("True", "False") else f"a bool there, {ours} here"
    # Sets of the compatible API that nobody is to change are frozen.
    same = theirs.detail == ours or (theirs.detail, ours) == ("<set>", "<frozenset>")
    return "" if same else f"{theirs.detail} there, {ours} here"


_CHECKS: dict[str, Callable[[Name, str, str], str]] = {
    "class": _same_class,
    "exception": _same_class,
    "function": _same_call,
    "method": _same_call,
    "staticmethod": _same_call,
    "classmethod": _same_call,
    "property": _same_property,
    "constant": _same_constant,
}


# ---- the tests -------------------------------------------------------------------------


@cache
def _problems() -> dict[str, str]:
    """Return what is wrong, for each name with which something is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name.name: problem(name) for name in NAMES}
    return {name: what for name, what in found.items() if what}


def _matching(pattern: str) -> list[str]:
    return [name.name for name in NAMES if fnmatch.fnmatchcase(name.name, pattern)]


def test_every_name_is_here_or_excepted() -> None:
    excepted = {name for one in EXCEPTIONS for name in _matching(one.pattern)}
    lost = {name: what for name, what in _problems().items() if name not in excepted}
    assert not lost, "\n".join(f"{name}: {what}" for name, what in lost.items())


@pytest.mark.parametrize("excepted", EXCEPTIONS, ids=lambda one: one.pattern)
def test_every_exception_is_needed(excepted: Excepted) -> None:
    names = _matching(excepted.pattern)
    assert names, "no such name"
    here = [name for name in names if name not in _problems()]
    assert not here, f"are here and compatible: {here}"
    assert excepted.reason.endswith(".")


def test_the_tables_are_what_their_generator_makes() -> None:
    pytest.importorskip("pydicom")
    done = subprocess.run(  # a process of its own: what other tests did to pydicom would show
        [sys.executable, "-m", "tools.gen_surface", "--check"],
        cwd=gen_surface.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("theirs", "ours", "what"),
    [
        ("(self, a, b=None)", "(self, a, b=None)", ""),
        ("(self, a)", "(self, a=1, *, more=None)", ""),
        ("(a, /)", "(other, /)", ""),
        ("(*args, **kwargs)", "(path, mode='rb')", ""),
        ("(a='x, y', b=1)", "(a='x, y', b=1)", ""),
        ("(self, a, b)", "(self, b, a)", "parameter a stands elsewhere"),
        ("(a)", "(b)", "has no parameter a"),
        ("(a=1)", "(a=2)", "default of a: 1 there, 2 here"),
        ("(a)", "(a, b)", "asks for b"),
        ("(*, a)", "(a, /)", "parameter a has no name"),
    ],
)
def test_signatures(theirs: str, ours: str, what: str) -> None:
    assert incompatible(theirs, ours) == what


def test_a_name_that_is_lost_or_changed_is_found() -> None:
    assert problem(Name("dataset.Dataset.no_such", "method", "(self)")).startswith("missing")
    assert problem(Name("tag.Tag", "constant", "5"))
    assert problem(Name("errors.InvalidDicomError", "exception", "KeyError")) == "is no KeyError"
    assert problem(Name("dataset.Tag", "alias", "uid.UID")) == "is not uid.UID"
    assert problem(Name("uid.PYDICOM_ROOT_UID", "constant", "'1.2.'")).startswith("'1.2.' there")
    assert problem(Name("tag", "property", "")) == "is a module"
