"""$filter: checked against the type, turned into a function of a row, and into what an index can look up.

Evaluation takes a scope: a row, and inside any and all a pair of the outer scope and the item.
"""

from __future__ import annotations

import datetime
import functools
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.visitor import NodeVisitor

from pbx_simulator.errors import bad_query
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Property, Type, Value
from pbx_simulator.state.index import Plan

from .filter_text import parse
from .functions import ARITHMETIC, FUNCTIONS, ORDER
from .moments import moment
from .terms import (
    NUMERIC,
    Evaluate,
    Scope,
    Sift,
    Term,
    aligned,
    compared,
    constant_term,
    either,
    equals,
    junction,
    lifted,
    of_value,
    ordered,
    scope_around,
    sifts_by,
    sifts_of,
    sifts_of_term,
)

_MOST_PLANS = 8


@dataclass(frozen=True, eq=False)
class Filter:
    """A compiled $filter.

    sifts: each gives of some rows those for which a part of it is true; all parts have to be; plans: ways to find every
    row that can pass, without a look at the others: a plan is a few properties with values, and a row that passes has
    one of these values in one of these properties. names: the row's own properties it looks at.
    """

    sifts: tuple[Sift, ...]
    plans: tuple[Plan, ...]
    names: frozenset[str]

    def sift(self, rows: Iterable[Json]) -> list[Json]:
        """The rows that pass, in their order."""
        for sift in self.sifts:
            rows = sift(rows)
        return rows if isinstance(rows, list) else list(rows)


@functools.lru_cache(maxsize=1024)
def compile_filter(text: str, kind: Type) -> Filter:
    """Turn a $filter over rows of `kind` into a function of a row.

    Raises:
        Refusal: 400 where it cannot be parsed, names what is not there, or compares what cannot be compared.
    """
    try:
        compiler = _Compiler(kind)
        term = compiler.visit(parse(text.strip()))
    except ODataException as error:
        raise bad_query(f"Syntax error in $filter: {error}") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise bad_query(f"A literal or expression in $filter cannot be read: {error}") from None
    if term.kind != "boolean":
        raise bad_query("The $filter expression must evaluate to a single boolean value.")
    return Filter(sifts_of_term(term), term.plans, frozenset(compiler.names))


class _Compiler(NodeVisitor):  # type: ignore[misc]
    """AST to terms; every node it does not know is refused."""

    def __init__(self, kind: Type) -> None:
        self._it = kind
        self._variables: dict[str, tuple[Value, int]] = {}
        self.names: set[str] = set()

    def generic_visit(self, node: Any) -> Term:
        raise bad_query(f"{type(node).__name__} is not supported in $filter.")

    # literals

    def visit_Null(self, _: Any) -> Term:
        return constant_term("null", None)

    def visit_Integer(self, node: Any) -> Term:
        return constant_term("integer", int(node.val))

    def visit_Float(self, node: Any) -> Term:
        return constant_term("number", float(node.val))

    def visit_Boolean(self, node: Any) -> Term:
        return constant_term("boolean", node.py_val)

    def visit_String(self, node: Any) -> Term:
        return constant_term("string", node.val)

    def visit_GUID(self, node: Any) -> Term:
        return constant_term("uuid", node.val.lower())

    def visit_DateTime(self, node: Any) -> Term:
        if datetime.datetime.fromisoformat(node.val).tzinfo is None:
            raise ValueError(f"{node.val} says no offset from UTC")
        return constant_term("date-time", moment(node.val))

    def visit_Date(self, node: Any) -> Term:
        return constant_term("date", node.py_val.isoformat())

    def visit_Time(self, node: Any) -> Term:
        return constant_term("time", datetime.time.fromisoformat(node.val))

    def visit_Duration(self, node: Any) -> Term:
        return constant_term("duration", node.py_val)

    # names

    def visit_Identifier(self, node: Any) -> Term:
        name = node.full_name()
        depth = len(self._variables)
        if name in self._variables:
            value, level = self._variables[name]
            around = scope_around(depth - level)
            return of_value(value, lambda scope: around(scope)[1])
        self.names.add(name)
        if depth:
            return self._property(self._it, name, scope_around(depth))
        prop = self._known(self._it, name)
        return of_value(prop.value, lambda row: row.get(name), name)

    def visit_Attribute(self, node: Any) -> Term:
        owner = self.visit(node.owner)
        if owner.collection or owner.type is None:
            raise bad_query(f"The parent of '{node.attr}' is not a single structured value.")
        return self._property(owner.type, node.attr, owner.evaluate)

    def _property(self, kind: Type, name: str, owner: Evaluate) -> Term:
        prop = self._known(kind, name)

        def evaluate(scope: Scope) -> Any:
            holder = owner(scope)
            return None if holder is None else holder.get(name)

        return of_value(prop.value, evaluate)

    def _known(self, kind: Type, name: str) -> Property:
        prop = kind.properties.get(name)
        if prop is None:
            raise bad_query(f"Could not find a property named '{name}' on type '{kind.name}'.")
        return prop

    # operators

    def visit_UnaryOp(self, node: Any) -> Term:
        operand = self.visit(node.operand)
        inner = operand.evaluate
        if isinstance(node.op, ast.Not):
            self._want(operand, {"boolean"}, "not")
            return Term("boolean", lambda scope: None if (v := inner(scope)) is None else not v)
        self._want(operand, NUMERIC, "-")
        return Term(operand.kind, lambda scope: None if (v := inner(scope)) is None else -v)

    def visit_BoolOp(self, node: Any) -> Term:
        left, right = self.visit(node.left), self.visit(node.right)
        name = "and" if isinstance(node.op, ast.And) else "or"
        self._want(left, {"boolean", "null"}, name)
        self._want(right, {"boolean", "null"}, name)
        evaluate = junction(left.evaluate, right.evaluate, name == "or")
        if name == "or":
            return Term("boolean", evaluate, plans=either(left.plans, right.plans)[:_MOST_PLANS])
        both = sifts_of_term(left) + sifts_of_term(right)
        return Term("boolean", evaluate, plans=(left.plans + right.plans)[:_MOST_PLANS], sifts=both)

    def visit_BinOp(self, node: Any) -> Term:
        left, right = self.visit(node.left), self.visit(node.right)
        self._want(left, NUMERIC, "arithmetic")
        self._want(right, NUMERIC, "arithmetic")
        calculate = ARITHMETIC[type(node.op).__name__]
        return Term("number", lifted(calculate, left, right))

    def visit_Compare(self, node: Any) -> Term:
        if isinstance(node.comparator, ast.In):
            return self._member(node)
        left, right = self.visit(node.left), self.visit(node.right)
        self._comparable(left, right)
        if isinstance(node.comparator, ast.Eq):
            sifts = sifts_of(operator.eq, left, right)
            return Term("boolean", compared(operator.eq, left, right), plans=equals(left, right), sifts=sifts)
        if isinstance(node.comparator, ast.NotEq):
            return Term("boolean", compared(operator.ne, left, right), sifts=sifts_of(operator.ne, left, right))
        compare = ORDER[type(node.comparator).__name__]
        return Term("boolean", ordered(compare, left, right), sifts=sifts_of(compare, left, right))

    def _member(self, node: Any) -> Term:
        left = self.visit(node.left)
        terms = [self.visit(item) for item in node.right.val]
        tests = []
        for term in terms:
            self._comparable(left, term)
            tests.append(aligned(left, term))
        plans = [equals(left, term) for term in terms]
        if left.name is None or not all(plans):
            return Term("boolean", lambda scope: any(first(scope) == second(scope) for first, second in tests))
        # Every one is a value an index could look up: so can a set.
        (((name, _),),) = plans[0]
        wanted = frozenset(term.constant for term in terms)
        return Term("boolean", lambda row: row.get(name) in wanted, plans=(((name, tuple(wanted)),),))

    def _comparable(self, left: Term, right: Term) -> None:
        for term in (left, right):
            if term.collection or (term.kind == "complex" and "null" not in (left.kind, right.kind)):
                raise bad_query("A binary operator needs single primitive values.")
        kinds = {left.kind, right.kind}
        if len(kinds) == 1 or "null" in kinds or kinds <= NUMERIC or kinds == {"date", "date-time"}:
            return
        if kinds == {"enum", "string"}:
            self._member_known(*((left, right) if left.kind == "enum" else (right, left)))
            return
        raise bad_query(
            f"A binary operator with incompatible types was detected. Found operand types '{left.kind}' and "
            f"'{right.kind}'."
        )

    def _member_known(self, enum: Term, text: Term) -> None:
        if isinstance(text.constant, str) and enum.members:
            for member in text.constant.split(","):
                if member.strip() not in enum.members:
                    raise bad_query(f"The string '{member}' is not a member of the enumeration.")

    def _want(self, term: Term, kinds: set[str], what: str) -> None:
        if term.collection or term.kind not in kinds:
            raise bad_query(f"'{what}' cannot be applied to a value of type '{term.kind}'.")

    # collections and functions

    def visit_CollectionLambda(self, node: Any) -> Term:
        owner = self.visit(node.owner)
        if not owner.collection:
            raise bad_query("any and all need a collection.")
        items = owner.evaluate
        if node.lambda_ is None:
            return Term("boolean", lambda scope: bool(items(scope)))
        name = node.lambda_.identifier.name
        if name in self._variables or name in self._it.properties:
            raise bad_query(f"The range variable '{name}' is already in use.")
        inline = owner.type if owner.kind == "complex" else None
        item = Value(owner.kind, members=owner.members, inline=inline)
        self._variables[name] = (item, len(self._variables) + 1)
        try:
            inner = self.visit(node.lambda_.expression)
        finally:
            del self._variables[name]
        self._want(inner, {"boolean"}, "any or all")
        test, each = inner.evaluate, any if isinstance(node.operator, ast.Any) else all
        return Term("boolean", lambda scope: each(test((scope, i)) is True for i in items(scope) or ()))

    def visit_Call(self, node: Any) -> Term:
        name = node.func.full_name()
        known = FUNCTIONS.get(name)
        if known is None:
            raise bad_query(f"The function '{name}' is not supported in $filter.")
        takes, gives, function = known
        arguments = [self.visit(argument) for argument in node.args]
        for argument, kinds in zip(arguments, takes, strict=False):
            self._want(argument, kinds | {"null"}, name)
        evaluate = lifted(function, *arguments)
        first = arguments[0] if arguments else None
        sifts: tuple[Sift, ...] = ()
        if gives == "boolean" and first is not None and first.name is not None and len(arguments) == 2:
            sifts = sifts_by(function, first.name, arguments[1].constant, evaluate)
        return Term(gives, evaluate, sifts=sifts)
