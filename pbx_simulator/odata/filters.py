"""$filter: checked against the type, turned into a function of a row, and into what an index can look up.

What is evaluated gets a scope: a row itself, and inside any and all a pair of the scope around it and the item.
"""

from __future__ import annotations

import datetime
import functools
import operator
from collections.abc import Callable, Iterable
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
from .moments import moment

Scope = Any
Evaluate = Callable[[Scope], Any]
Sift = Callable[[Iterable[Json]], list[Json]]

_NUMERIC = {"integer", "number"}
_MOST_PLANS = 8
_VARIES: Any = object()


@dataclass(frozen=True, eq=False)
class Filter:
    """A compiled $filter.

    sifts: each gives of some rows those for which a part of it is true; all parts have to be; plans: ways to find every row that can pass, without a look at the others: a plan is a
    few properties with values, and a row that passes has one of these values in one of these properties. names: the row's own
    properties it looks at.
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
    return Filter(_sifts(term), term.plans, frozenset(compiler.names))


@dataclass(frozen=True)
class _Term:
    """A compiled expression: what kind of value it gives, how to get it, and of which type where it has properties.

    constant: its value where it is always the same; name: of the row's own property whose value it is, as stored; plans: see
    Filter, of a boolean one; sifts: of a boolean one that has a quicker way than one call for each row.
    """

    kind: str
    evaluate: Evaluate
    type: Type | None = None
    collection: bool = False
    members: tuple[str, ...] = ()
    constant: Any = _VARIES
    name: str | None = None
    plans: tuple[Plan, ...] = ()
    sifts: tuple[Sift, ...] = ()


def _sifts(term: _Term) -> tuple[Sift, ...]:
    evaluate = term.evaluate
    return term.sifts or (lambda rows: [row for row in rows if evaluate(row) is True],)


def _of_value(value: Value, evaluate: Evaluate, name: str | None = None) -> _Term:
    kind = value.kind
    if kind == "string" and value.format in ("date-time", "date", "time", "duration", "uuid"):
        kind = value.format
        if not value.collection and kind == "date-time":
            inner = evaluate
            return _Term(kind, lambda scope: moment(inner(scope)))
        if not value.collection and kind == "duration":
            inner = evaluate
            return _Term(kind, lambda scope: _duration(inner(scope)))
        if not value.collection and kind == "uuid":
            inner = evaluate
            return _Term(kind, lambda scope: None if (v := inner(scope)) is None else str(v).lower())
        if not value.collection and kind == "time":
            inner = evaluate
            return _Term(kind, lambda scope: _time(inner(scope)))
    return _Term(kind, evaluate, value.type, value.collection, value.members, name=None if value.collection else name)


class _Compiler(NodeVisitor):  # type: ignore[misc]
    """AST to terms; every node it does not know is refused."""

    def __init__(self, kind: Type) -> None:
        self._it = kind
        self._variables: dict[str, tuple[Value, int]] = {}
        self.names: set[str] = set()

    def generic_visit(self, node: Any) -> _Term:
        raise bad_query(f"{type(node).__name__} is not supported in $filter.")

    # literals

    def visit_Null(self, _: Any) -> _Term:
        return _constant("null", None)

    def visit_Integer(self, node: Any) -> _Term:
        return _constant("integer", int(node.val))

    def visit_Float(self, node: Any) -> _Term:
        return _constant("number", float(node.val))

    def visit_Boolean(self, node: Any) -> _Term:
        return _constant("boolean", node.py_val)

    def visit_String(self, node: Any) -> _Term:
        return _constant("string", node.val)

    def visit_GUID(self, node: Any) -> _Term:
        return _constant("uuid", node.val.lower())

    def visit_DateTime(self, node: Any) -> _Term:
        if datetime.datetime.fromisoformat(node.val).tzinfo is None:
            raise ValueError(f"{node.val} says no offset from UTC")
        return _constant("date-time", moment(node.val))

    def visit_Date(self, node: Any) -> _Term:
        return _constant("date", node.py_val.isoformat())

    def visit_Time(self, node: Any) -> _Term:
        return _constant("time", datetime.time.fromisoformat(node.val))

    def visit_Duration(self, node: Any) -> _Term:
        return _constant("duration", node.py_val)

    # names

    def visit_Identifier(self, node: Any) -> _Term:
        name = node.full_name()
        depth = len(self._variables)
        if name in self._variables:
            value, level = self._variables[name]
            around = _around(depth - level)
            return _of_value(value, lambda scope: around(scope)[1])
        self.names.add(name)
        if depth:
            return self._property(self._it, name, _around(depth))
        prop = self._known(self._it, name)
        return _of_value(prop.value, lambda row: row.get(name), name)

    def visit_Attribute(self, node: Any) -> _Term:
        owner = self.visit(node.owner)
        if owner.collection or owner.type is None:
            raise bad_query(f"The parent of '{node.attr}' is not a single structured value.")
        return self._property(owner.type, node.attr, owner.evaluate)

    def _property(self, kind: Type, name: str, owner: Evaluate) -> _Term:
        prop = self._known(kind, name)

        def evaluate(scope: Scope) -> Any:
            holder = owner(scope)
            return None if holder is None else holder.get(name)

        return _of_value(prop.value, evaluate)

    def _known(self, kind: Type, name: str) -> Property:
        prop = kind.properties.get(name)
        if prop is None:
            raise bad_query(f"Could not find a property named '{name}' on type '{kind.name}'.")
        return prop

    # operators

    def visit_UnaryOp(self, node: Any) -> _Term:
        operand = self.visit(node.operand)
        inner = operand.evaluate
        if isinstance(node.op, ast.Not):
            self._want(operand, {"boolean"}, "not")
            return _Term("boolean", lambda scope: None if (v := inner(scope)) is None else not v)
        self._want(operand, _NUMERIC, "-")
        return _Term(operand.kind, lambda scope: None if (v := inner(scope)) is None else -v)

    def visit_BoolOp(self, node: Any) -> _Term:
        left, right = self.visit(node.left), self.visit(node.right)
        name = "and" if isinstance(node.op, ast.And) else "or"
        self._want(left, {"boolean", "null"}, name)
        self._want(right, {"boolean", "null"}, name)
        evaluate = _junction(left.evaluate, right.evaluate, name == "or")
        if name == "or":
            return _Term("boolean", evaluate, plans=_either(left.plans, right.plans)[:_MOST_PLANS])
        both = _sifts(left) + _sifts(right)
        return _Term("boolean", evaluate, plans=(left.plans + right.plans)[:_MOST_PLANS], sifts=both)

    def visit_BinOp(self, node: Any) -> _Term:
        left, right = self.visit(node.left), self.visit(node.right)
        self._want(left, _NUMERIC, "arithmetic")
        self._want(right, _NUMERIC, "arithmetic")
        calculate = _ARITHMETIC[type(node.op).__name__]
        return _Term("number", _lifted(calculate, left, right))

    def visit_Compare(self, node: Any) -> _Term:
        if isinstance(node.comparator, ast.In):
            return self._member(node)
        left, right = self.visit(node.left), self.visit(node.right)
        self._comparable(left, right)
        if isinstance(node.comparator, ast.Eq):
            sifts = _sifts_of(operator.eq, left, right)
            return _Term("boolean", _compared(operator.eq, left, right), plans=_equals(left, right), sifts=sifts)
        if isinstance(node.comparator, ast.NotEq):
            return _Term("boolean", _compared(operator.ne, left, right), sifts=_sifts_of(operator.ne, left, right))
        compare = _ORDER[type(node.comparator).__name__]
        return _Term("boolean", _ordered(compare, left, right), sifts=_sifts_of(compare, left, right))

    def _member(self, node: Any) -> _Term:
        left = self.visit(node.left)
        terms = [self.visit(item) for item in node.right.val]
        tests = []
        for term in terms:
            self._comparable(left, term)
            tests.append(_aligned(left, term))
        plans = [_equals(left, term) for term in terms]
        if left.name is None or not all(plans):
            return _Term("boolean", lambda scope: any(first(scope) == second(scope) for first, second in tests))
        # Every one is a value an index could look up: so can a set.
        (((name, _),),) = plans[0]
        wanted = frozenset(term.constant for term in terms)
        return _Term("boolean", lambda row: row.get(name) in wanted, plans=(((name, tuple(wanted)),),))

    def _comparable(self, left: _Term, right: _Term) -> None:
        for term in (left, right):
            if term.collection or (term.kind == "complex" and "null" not in (left.kind, right.kind)):
                raise bad_query("A binary operator needs single primitive values.")
        kinds = {left.kind, right.kind}
        if len(kinds) == 1 or "null" in kinds or kinds <= _NUMERIC or kinds == {"date", "date-time"}:
            return
        if kinds == {"enum", "string"}:
            self._member_known(*((left, right) if left.kind == "enum" else (right, left)))
            return
        raise bad_query(
            f"A binary operator with incompatible types was detected. Found operand types '{left.kind}' and '{right.kind}'."
        )

    def _member_known(self, enum: _Term, text: _Term) -> None:
        if isinstance(text.constant, str) and enum.members:
            for member in text.constant.split(","):
                if member.strip() not in enum.members:
                    raise bad_query(f"The string '{member}' is not a member of the enumeration.")

    def _want(self, term: _Term, kinds: set[str], what: str) -> None:
        if term.collection or term.kind not in kinds:
            raise bad_query(f"'{what}' cannot be applied to a value of type '{term.kind}'.")

    # collections and functions

    def visit_CollectionLambda(self, node: Any) -> _Term:
        owner = self.visit(node.owner)
        if not owner.collection:
            raise bad_query("any and all need a collection.")
        items = owner.evaluate
        if node.lambda_ is None:
            return _Term("boolean", lambda scope: bool(items(scope)))
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
        return _Term("boolean", lambda scope: each(test((scope, i)) is True for i in items(scope) or ()))

    def visit_Call(self, node: Any) -> _Term:
        name = node.func.full_name()
        known = _FUNCTIONS.get(name)
        if known is None:
            raise bad_query(f"The function '{name}' is not supported in $filter.")
        takes, gives, function = known
        arguments = [self.visit(argument) for argument in node.args]
        for argument, kinds in zip(arguments, takes, strict=False):
            self._want(argument, kinds | {"null"}, name)
        evaluate = _lifted(function, *arguments)
        first = arguments[0] if arguments else None
        sifts: tuple[Sift, ...] = ()
        if gives == "boolean" and first is not None and first.name is not None and len(arguments) == 2:
            sifts = _sifts_by(function, first.name, arguments[1].constant, evaluate)
        return _Term(gives, evaluate, sifts=sifts)


def _constant(kind: str, value: Any) -> _Term:
    return _Term(kind, lambda _: value, constant=value)


def _around(steps: int) -> Evaluate:
    """The scope that many lambdas further out."""
    if steps == 0:
        return lambda scope: scope
    inner = _around(steps - 1)
    return lambda scope: inner(scope)[0]


def _equals(left: _Term, right: _Term) -> tuple[Plan, ...]:
    """How an index finds the rows where these are equal: a property of texts or whole numbers beside a literal."""
    if left.name is None:
        left, right = right, left
    if left.name is None or right.constant is _VARIES or left.kind not in _INDEXED:
        return ()
    return (((left.name, (right.constant,)),),)


def _either(left: tuple[Plan, ...], right: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """How an index finds the rows of one term or of another: only where it finds those of both."""
    return tuple(one + other for one in left for other in right)


def _sifts_of(compare: Callable[[Any, Any], Any], left: _Term, right: _Term) -> tuple[Sift, ...]:
    """A comparison of a property and a literal, without a call of ours for each row."""
    if left.name is None or right.constant is _VARIES or {left.kind, right.kind} == _DAYS:
        return ()
    name, value = left.name, right.constant
    if compare is operator.eq:
        return (lambda rows: [row for row in rows if row.get(name) == value],)
    if compare is operator.ne:
        return (lambda rows: [row for row in rows if row.get(name) != value],)
    if value is None:
        return ()
    return (lambda rows: [row for row in rows if (a := row.get(name)) is not None and compare(a, value)],)


def _sifts_by(function: Callable[..., Any], name: str, value: Any, evaluate: Evaluate) -> tuple[Sift, ...]:
    """The same of a function of a text."""
    if not isinstance(value, str):
        return ()

    def sift(rows: Iterable[Json]) -> list[Json]:
        rows = list(rows)
        try:
            return [row for row in rows if (a := row.get(name)) is not None and function(a, value)]
        except (ArithmeticError, TypeError, ValueError):  # what cannot be calculated is null, for that row alone
            return [row for row in rows if evaluate(row) is True]

    return (sift,)


def _compared(compare: Callable[[Any, Any], Any], left: _Term, right: _Term) -> Evaluate:
    """Whether two are equal, or differ. The usual, a property and a literal, costs as little as can be."""
    if left.name is not None and right.constant is not _VARIES and {left.kind, right.kind} != _DAYS:
        name, value = left.name, right.constant
        if compare is operator.eq:
            return lambda row: row.get(name) == value
        return lambda row: row.get(name) != value
    first, second = _aligned(left, right)
    return lambda scope: compare(first(scope), second(scope))


def _ordered(compare: Callable[[Any, Any], Any], left: _Term, right: _Term) -> Evaluate:
    """Which of two is less; null is neither."""
    if left.name is not None and right.constant not in (_VARIES, None) and {left.kind, right.kind} != _DAYS:
        name, value = left.name, right.constant
        return lambda row: (a := row.get(name)) is not None and bool(compare(a, value))
    first, second = _aligned(left, right)

    def evaluate(scope: Scope) -> bool:
        a, b = first(scope), second(scope)
        return a is not None and b is not None and bool(compare(a, b))

    return evaluate


def _lifted(function: Callable[..., Any], *terms: _Term) -> Evaluate:
    """Null in, null out; what cannot be calculated is null too."""
    arguments = [term.evaluate for term in terms]
    if terms and all(term.constant not in (_VARIES, None) for term in terms[1:]):
        return _lifted_one(function, terms[0], tuple(term.constant for term in terms[1:]))

    def evaluate(scope: Scope) -> Any:
        values = [argument(scope) for argument in arguments]
        if any(value is None for value in values):
            return None
        try:
            return function(*values)
        except (ArithmeticError, TypeError, ValueError):
            return None

    return evaluate


def _lifted_one(function: Callable[..., Any], term: _Term, constants: tuple[Any, ...]) -> Evaluate:
    """The same where only the first argument varies."""
    argument = term.evaluate
    if term.name is not None:
        return _lifted_property(function, term.name, constants)

    def evaluate(scope: Scope) -> Any:
        value = argument(scope)
        if value is None:
            return None
        try:
            return function(value, *constants)
        except (ArithmeticError, TypeError, ValueError):
            return None

    return evaluate


def _lifted_property(function: Callable[..., Any], name: str, constants: tuple[Any, ...]) -> Evaluate:
    """The same of a row's own property: most filters are."""

    def evaluate(row: Json) -> Any:
        value = row.get(name)
        if value is None:
            return None
        try:
            return function(value, *constants)
        except (ArithmeticError, TypeError, ValueError):
            return None

    return evaluate


def _junction(left: Evaluate, right: Evaluate, decisive: bool) -> Evaluate:
    """`and` (False decides) and `or` (True decides) of three values: what null leaves open is null."""

    def evaluate(scope: Scope) -> Any:
        first = left(scope)
        if first is decisive:
            return decisive
        second = right(scope)
        return second if second is decisive or first is not None else None

    return evaluate


def _aligned(left: _Term, right: _Term) -> tuple[Evaluate, Evaluate]:
    """A date beside a date-time is that day's midnight."""
    if {left.kind, right.kind} == _DAYS:
        return _as_moment(left), _as_moment(right)
    return left.evaluate, right.evaluate


def _as_moment(term: _Term) -> Evaluate:
    if term.kind == "date-time":
        return term.evaluate
    inner = term.evaluate
    return lambda scope: moment(f"{inner(scope)}T00:00:00Z")


def _time(text: Any) -> datetime.time | None:
    try:
        return datetime.time.fromisoformat(str(text))
    except ValueError:
        return None


def _duration(text: Any) -> datetime.timedelta | None:
    try:
        value: datetime.timedelta = ast.Duration(str(text)).py_val
    except (ValueError, OverflowError):
        return None
    return value


_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "Mod": operator.mod,
}
_TEXT = {"string"}
_DAYS = {"date", "date-time"}
_INDEXED = {"string", "integer"}
_MOMENT = {"date-time"}
_FUNCTIONS: dict[str, tuple[tuple[set[str], ...], str, Callable[..., Any]]] = {
    "startswith": ((_TEXT, _TEXT), "boolean", str.startswith),
    "endswith": ((_TEXT, _TEXT), "boolean", str.endswith),
    "contains": ((_TEXT, _TEXT), "boolean", operator.contains),
    "tolower": ((_TEXT,), "string", str.lower),
    "toupper": ((_TEXT,), "string", str.upper),
    "trim": ((_TEXT,), "string", str.strip),
    "length": ((_TEXT,), "integer", len),
    "indexof": ((_TEXT, _TEXT), "integer", str.find),
    "concat": ((_TEXT, _TEXT), "string", operator.add),
    "substring": (
        (_TEXT, _NUMERIC, _NUMERIC),
        "string",
        lambda text, start, length=None: text[start : None if length is None else start + length],
    ),
    "date": ((_MOMENT,), "date", lambda moment: moment.date().isoformat()),
    "year": ((_MOMENT,), "integer", lambda moment: moment.year),
    "month": ((_MOMENT,), "integer", lambda moment: moment.month),
    "day": ((_MOMENT,), "integer", lambda moment: moment.day),
    "hour": ((_MOMENT,), "integer", lambda moment: moment.hour),
    "minute": ((_MOMENT,), "integer", lambda moment: moment.minute),
    "second": ((_MOMENT,), "integer", lambda moment: moment.second),
    "floor": ((_NUMERIC,), "number", lambda number: number // 1),
    "ceiling": ((_NUMERIC,), "number", lambda number: -(-number // 1)),
    "round": ((_NUMERIC,), "number", round),
}
