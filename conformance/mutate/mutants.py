"""The mutants of a function, each with a name that outlives changes elsewhere in its file."""

from __future__ import annotations
import __future__ as future

import ast
import copy
import hashlib
import inspect
import textwrap
from collections import Counter
from types import CodeType, FunctionType
from typing import NamedTuple

from conformance.mutate.operators import changes

__all__ = ["Mutant", "mutants_of", "sample"]


class Mutant(NamedTuple):
    """A function with one change.

    Attributes
    ----------
    function : str
        Module and name of the function, such as ``rle.decode_segment``.
    kind : str
        What kind of change it is.
    line : int
        1-based line of the changed statement in the function's file.
    was, becomes : str
        The statement (its first line, where it has a block) before and after.
    nth : int
        Which of the function's mutants with the same texts it is, from 1.
    code : CodeType
        The changed function, compiled.
    """

    function: str
    kind: str
    line: int
    was: str
    becomes: str
    nth: int
    code: CodeType

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names the mutant in the list of equivalent ones."""
        return (self.function, self.was, self.becomes, self.nth)

    def __str__(self) -> str:
        which = f" (number {self.nth})" if self.nth > 1 else ""
        return f"{self.function}, line {self.line}: {self.was} -> {self.becomes}{which}"


def mutants_of(function: FunctionType) -> list[Mutant]:
    """Return every mutant of a function, in the order of its source.

    A change that compiles to the same code is none.
    """
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise TypeError(f"{function!r} is not made by a def statement")
    definition.decorator_list = []
    ast.increment_lineno(tree, first - 1)
    name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
    original = _compiled(tree)
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for change in changes(definition):
        statement = change.statement
        was = _text(statement)
        undo = change.swap()
        becomes = "pass" if change.new.__class__ is ast.Pass else _text(statement)
        code = _compiled(tree)
        undo.swap()
        if code == original:
            continue
        seen[was, becomes] += 1
        nth = seen[was, becomes]
        found.append(Mutant(name, change.kind, statement.lineno, was, becomes, nth, code))
    return found


def sample(mutants: list[Mutant], most: int | None) -> list[Mutant]:
    """Return at most so many mutants, always the same ones, in their order."""
    if most is None or len(mutants) <= most:
        return mutants

    def rank(mutant: Mutant) -> bytes:
        return hashlib.sha256(repr(mutant.key).encode()).digest()

    chosen = set(map(id, sorted(mutants, key=rank)[:most]))
    return [mutant for mutant in mutants if id(mutant) in chosen]


def _text(statement: ast.stmt) -> str:
    """Return a statement on one line, without the statements in it."""
    bare = copy.copy(statement)
    if isinstance(bare, (ast.If, ast.While, ast.For)):
        bare.body = [ast.Pass()]
        bare.orelse = []
        return ast.unparse(ast.fix_missing_locations(bare)).split("\n", maxsplit=1)[0]
    return " ".join(ast.unparse(ast.fix_missing_locations(bare)).split())


def _compiled(tree: ast.Module) -> CodeType:
    module = compile(
        ast.fix_missing_locations(tree),
        "<mutant>",
        "exec",
        flags=future.annotations.compiler_flag,
        dont_inherit=True,
    )
    return next(part for part in module.co_consts if isinstance(part, CodeType))
