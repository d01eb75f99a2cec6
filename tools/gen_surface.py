"""Writes ``tests/compat/surface.tsv``: the public names of pydicom, and what each one is.

    python -m tools.gen_surface            write it, and the page's table
    python -m tools.gen_surface --check    fail if one is not what it should be

The table holds facts only: a name, its kind, and its signature or value. It is
read from the installed package. ``docs/surface.csv``, which is written too,
lists the names that pydcm does not have, from
``tests/compat/surface_exceptions.tsv``.
"""

from __future__ import annotations

import ast
import csv
import importlib
import inspect
import io
import pkgutil
import sys
import textwrap
import types
import warnings
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tools.generated import csv_text, options_of, settle

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "compat" / "surface.tsv"
EXCEPTIONS = ROOT / "tests" / "compat" / "surface_exceptions.tsv"
PAGE = ROOT / "docs" / "surface.csv"

PEER = "pydicom"
VERSION = "3.0.2"

BUILTIN = frozenset(name for kind in (object, type, Exception) for name in dir(kind))
"""Names that every class has."""

_SIMPLE = (int, float, str, bytes, bool, type(None))
_LONGEST = 80


class Name(NamedTuple):
    """A public name."""

    name: str
    """Below the package, such as ``dataset.Dataset.walk``; empty for the package."""
    kind: str
    """``module``, ``class``, ``function``, ``method``, ``property``, ``constant`` ..."""
    detail: str
    """The signature, the builtin bases, or the value; for an alias, where it comes from."""


# ---- what one object is -------------------------------------------------------------


def signature(made: object) -> str:
    """Return parameters and defaults of something callable, without types."""
    try:
        found = inspect.signature(made)  # type: ignore[arg-type]  # whether it can is asked here
    except (TypeError, ValueError):
        return ""
    parameters = [
        one.replace(annotation=inspect.Parameter.empty, default=_default(one))
        for one in found.parameters.values()
    ]
    return str(found.replace(parameters=parameters, return_annotation=inspect.Signature.empty))


class _Text(str):
    """A text that prints without quotes."""

    def __repr__(self) -> str:
        return str(self)


def _default(parameter: inspect.Parameter) -> object:
    if parameter.default is inspect.Parameter.empty:
        return inspect.Parameter.empty
    return _Text(value(parameter.default))


def value(made: object) -> str:
    """Return a text for a constant: its value if that is short and plain, else its type."""
    if isinstance(made, type):
        return made.__name__
    if isinstance(made, str) and Path(made).is_absolute():
        return "<path>"
    if isinstance(made, _SIMPLE) and type(made).__repr__ in _PLAIN:
        text = repr(made)
    elif isinstance(made, (list, tuple)) and all(isinstance(one, _SIMPLE) for one in made):
        text = repr(type(made)(map(_Text, map(value, made)))) if type(made) in (list, tuple) else ""
    elif isinstance(made, str):
        text = repr(str(made))
    else:
        text = ""
    if text and len(text) <= _LONGEST:
        return text
    return f"<{type(made).__name__}>"


_PLAIN = frozenset(kind.__repr__ for kind in _SIMPLE)


def bases(made: type) -> str:
    """Return the builtin classes that a class is one of, the nearest first."""
    names = [base.__name__ for base in made.__mro__[1:] if base.__module__ == "builtins"]
    return ", ".join(name for name in names if name != "object")


def describe(made: object, inside: type | None = None, name: str = "") -> tuple[str, str]:
    """Return kind and detail of an object, or of the member `name` of the class `inside`."""
    if isinstance(made, types.ModuleType):
        return "module", ""
    if inside is not None:
        return _member(made, inside, name)
    if isinstance(made, type):
        if issubclass(made, Exception):
            return "exception", bases(made)
        # How an enumeration is called stands in its metaclass, and differs between Pythons.
        called = "(value)" if issubclass(made, Enum) else signature(made)
        return "class", f"{called} {bases(made)}".strip()
    if type(made).__module__ in ("typing", "types") or hasattr(made, "__origin__"):
        return "type", ""
    if callable(made):
        return "function", signature(made)
    return "constant", value(made)


def _member(made: object, inside: type, name: str) -> tuple[str, str]:
    if name.startswith("__"):
        return "special", ""
    if isinstance(made, (property, cached_property)):
        settable = isinstance(made, cached_property) or made.fset is not None
        return "property", "settable" if settable else ""
    if isinstance(made, (staticmethod, classmethod)):
        return type(made).__name__, signature(getattr(inside, name))
    if isinstance(made, type):
        return "class", ""
    if callable(made):
        return "method", signature(made)
    return "attribute", ""


# ---- all names of a package -----------------------------------------------------------


def modules(package: str) -> Iterator[types.ModuleType]:
    """Yield a package and all public modules in it."""
    top = importlib.import_module(package)
    yield top
    for found in pkgutil.walk_packages(top.__path__, f"{package}.", onerror=lambda name: None):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def names(package: str) -> Iterator[Name]:
    """Yield all public names of a package."""
    for module in modules(package):
        below = module.__name__.removeprefix(package).lstrip(".")
        yield Name(below, "module", "")
        imported = _imported(module)
        for name, made in sorted(vars(module).items()):
            if name.startswith("_") or isinstance(made, types.ModuleType):
                continue
            home = imported.get(name)
            if home is None:
                yield from _defined(made, f"{below}.{name}".lstrip("."), package)
            elif home.partition(".")[0] == package:
                where = home.removeprefix(package).lstrip(".")
                yield Name(f"{below}.{name}".lstrip("."), "alias", where)


def _imported(module: types.ModuleType) -> dict[str, str]:
    """Return where the names that a module imports come from."""
    found: dict[str, str] = {}
    if module.__file__ is None or not Path(module.__file__).read_bytes():
        return found
    tree = ast.parse(inspect.getsource(module))
    for statement in ast.walk(tree):
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                found[alias.asname or alias.name] = f"{statement.module}.{alias.name}"
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                found[alias.asname or alias.name] = alias.name
    return found


def _defined(made: object, name: str, package: str) -> Iterator[Name]:
    own = name.rpartition(".")[2]
    if own in _OF_THIS_MACHINE:
        return
    kind, detail = describe(made)
    yield Name(name, kind, "<bool>" if own.startswith("HAVE_") else detail)
    if isinstance(made, type):
        yield from _members(made, name, package)


_OF_THIS_MACHINE = frozenset({"GDCM_VERSION"})
"""Constants that exist only beside another library, as ``HAVE_...`` are true only beside it."""


def _members(made: type, name: str, package: str) -> Iterator[Name]:
    seen: dict[str, Name] = {}
    for base in reversed([one for one in made.__mro__ if one.__module__.startswith(package)]):
        for attribute in _attributes(base):
            seen[attribute] = Name(f"{name}.{attribute}", "attribute", "")
        for attribute, member in vars(base).items():
            if _is_public(attribute):
                seen[attribute] = Name(
                    f"{name}.{attribute}", *describe(member, inside=made, name=attribute)
                )
    yield from (seen[attribute] for attribute in sorted(seen))


def _is_public(attribute: str) -> bool:
    if attribute.startswith("__"):
        return attribute.endswith("__") and attribute not in BUILTIN | _MACHINERY
    return not attribute.startswith("_")


_MACHINERY = frozenset(
    "__abstractmethods__ __annotations__ __parameters__ __orig_bases__ __slots__ __match_args__"
    " __dataclass_fields__ __dataclass_params__ __dict__ __weakref__ __module__ __deepcopy__"
    " __copy__ __getnewargs__ __static_attributes__ __firstlineno__ __protocol_attrs__"
    " __non_callable_proto_members__ __callable_proto_members_only__ __replace__"
    " __mutable_keys__ __readonly_keys__ __annotate_func__ __annotations_cache__".split()
)
"""Names that one Python or another gives a class by itself."""


def _attributes(made: type) -> Iterator[str]:
    """Yield the names that the methods of a class assign to the instance."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(made)))
    except (OSError, TypeError):
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
            and not node.attr.startswith("_")
        ):
            yield node.attr


# ---- files --------------------------------------------------------------------------


def read(path: Path) -> list[list[str]]:
    """Return the rows of a table below its header, without comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return list(rows)[1:]


def inventory() -> list[Name]:
    """Return the checked-in table."""
    return [Name(*row) for row in read(TARGET)]


def surface() -> str:
    """Return the table of the installed package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = list(names(PEER))
    target = io.StringIO()
    target.write(f"# {PEER} {VERSION}; made by tools/gen_surface.py\n")
    csv.writer(target, delimiter="\t", lineterminator="\n").writerows([Name._fields, *rows])
    return target.getvalue()


def page() -> str:
    """Return the table of the documentation: names that are not there, and why."""
    rows = [(f"``{name}``", reason) for name, reason in read(EXCEPTIONS)]
    return csv_text([("name", "reason"), *rows])


def main(arguments: list[str] | None = None) -> int:
    """Write or check both tables; return the exit status."""
    check: bool = options_of("Generate the tables of public names.").parse_args(arguments).check
    made = [(PAGE, page())]
    installed = importlib.import_module(PEER).__version__
    if installed == VERSION:
        made.append((TARGET, surface()))
    else:
        print(f"gen_surface: {PEER} {installed} is installed, the table is of {VERSION}")
    return settle("gen_surface", made, check=check)


if __name__ == "__main__":
    sys.exit(main())
