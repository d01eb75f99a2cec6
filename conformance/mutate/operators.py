"""What is changed in a function's syntax tree, one place at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Change", "changes"]


class Change(NamedTuple):
    """One node that is replaced by another.

    Attributes
    ----------
    kind : str
        The operator's name, such as ``comparison``.
    statement : ast.stmt
        The statement in which it is.
    owner : ast.AST
        The node that has the field.
    field : str
        The field that changes.
    place : int or None
        Where in the field, if it is a list.
    new : object
        What the place takes.
    """

    kind: str
    statement: ast.stmt
    owner: ast.AST
    field: str
    place: int | None
    new: object

    def swap(self) -> Change:
        """Make the change, and return the one that undoes it."""
        if self.place is None:
            old = getattr(self.owner, self.field)
            setattr(self.owner, self.field, self.new)
        else:
            values = getattr(self.owner, self.field)
            old = values[self.place]
            values[self.place] = self.new
        return self._replace(new=old)


_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""The neighbour of each comparison (the boundary moves), and its opposite."""

_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_STATUSES = {
    "TRUNCATED": "BAD_VALUE",
    "OUTPUT_FULL": "BAD_VALUE",
    "BAD_VALUE": "TRUNCATED",
    "UNEXPECTED_TAG": "BAD_VALUE",
    "NO_DELIMITER": "BAD_VALUE",
    "DEPTH_LIMIT": "BAD_VALUE",
}
_REMOVABLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return, ast.Continue, ast.Break)
_BLOCKS = ("body", "orelse", "finalbody")


def changes(function: ast.FunctionDef) -> Iterator[Change]:
    """Yield every change of a function's body, in the order of the source."""
    body = function.body
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    yield from _in_block(function, "body", 1 if documented else 0)


def _in_block(owner: ast.AST, field: str, first: int = 0) -> Iterator[Change]:
    for place, statement in enumerate(getattr(owner, field)):
        if place < first:
            continue
        if isinstance(statement, _REMOVABLE):
            yield Change("statement left out", statement, owner, field, place, ast.Pass())
        if isinstance(statement, (ast.If, ast.While)):
            opposite = ast.UnaryOp(ast.Not(), statement.test)
            if isinstance(statement, ast.If):
                yield Change("branches swapped", statement, statement, "test", None, opposite)
        yield from _in_header(statement)
        for block in _BLOCKS:
            if getattr(statement, block, None):
                yield from _in_block(statement, block)


def _in_header(statement: ast.stmt) -> Iterator[Change]:
    """Yield the changes of a statement's own expressions, not of the statements in it."""
    for node, owner, field, place in _expressions(statement):
        for kind, target, name, at, new in _of_node(node, owner, field, place):
            yield Change(kind, statement, target, name, at, new)
    if isinstance(statement, ast.AugAssign):
        other = _ARITHMETIC[type(statement.op)]()
        yield Change("arithmetic", statement, statement, "op", None, other)


_Place = tuple[ast.expr, ast.AST, str, int | None]


def _expressions(owner: ast.AST) -> Iterator[_Place]:
    """Yield each expression below a node, and where it is; annotations are none."""
    for field, value in ast.iter_fields(owner):
        if field in ("annotation", "returns") or field in _BLOCKS:
            continue
        if isinstance(value, ast.expr):
            yield value, owner, field, None
            yield from _expressions(value)
        elif isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.expr):
                    yield item, owner, field, place
                    yield from _expressions(item)


_Found = tuple[str, ast.AST, str, int | None, object]


def _of_node(node: ast.expr, owner: ast.AST, field: str, place: int | None) -> Iterator[_Found]:
    if isinstance(node, ast.Compare):
        for at, sign in enumerate(node.ops):
            for other in _COMPARISONS[type(sign)]:
                yield "comparison", node, "ops", at, other()
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield "arithmetic", node, "op", None, _ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        yield "and, or", node, "op", None, ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield "sign or not", owner, field, place, node.operand
    elif isinstance(node, ast.IfExp):
        yield "branches swapped", node, "test", None, ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        other_name = _CALLS.get(node.id) or _STATUSES.get(node.id)
        if other_name:
            yield "name", node, "id", None, other_name


def _of_constant(node: ast.Constant) -> Iterator[_Found]:
    if isinstance(node.value, bool):
        yield "constant", node, "value", None, not node.value
    elif isinstance(node.value, (int, float)):
        yield "constant", node, "value", None, node.value + 1
        yield "constant", node, "value", None, node.value - 1
