"""$filter: parsed by odata-query, checked against the type, turned into a function of a row.

The library's lexer is mended in two points, its parser in one: a property that begins with all, any, null, true
or false is one name (AllowLanOnly), and operators and literals are spelt as OData 4.0 spells them (`eq`, `true`, not
`EQ`, `True`); a list of one, `in ('1')`, is a list.
"""

from __future__ import annotations

import datetime
import functools
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser
from odata_query.visitor import NodeVisitor

from .document import Json
from .errors import bad_query
from .schema import Type, Value

Scope = dict[str, Any]
Evaluate = Callable[[Scope], Any]
Predicate = Callable[[Json], bool]

_IT = "$it"
_NUMERIC = {"integer", "number"}


class _Lexer(ODataLexer):  # type: ignore[misc]
    tokens = ODataLexer.tokens
    reflags = 0

    def ANY(self, token: Any) -> Any:
        token.value = ast.Any()
        return token

    def ALL(self, token: Any) -> Any:
        token.value = ast.All()
        return token

    def NULL(self, token: Any) -> Any:
        token.value = ast.Null()
        return token

    def BOOLEAN(self, token: Any) -> Any:
        token.value = ast.Boolean(token.value)
        return token

    def GUID(self, token: Any) -> Any:
        token.value = ast.GUID(token.value)
        return token

    def DECIMAL(self, token: Any) -> Any:
        token.value = ast.Float(token.value)
        return token

    def ODATA_IDENTIFIER(self, token: Any) -> Any:
        *namespace, name = token.value.split(".")
        token.value = ast.Identifier(name, tuple(namespace))
        return token

    ANY.pattern = r"any\b"  # type: ignore[attr-defined]
    ALL.pattern = r"all\b"  # type: ignore[attr-defined]
    NULL.pattern = r"null\b"  # type: ignore[attr-defined]
    BOOLEAN.pattern = r"(?:true|false)\b"  # type: ignore[attr-defined]
    GUID.pattern = r"[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}"  # type: ignore[attr-defined]
    DECIMAL.pattern = r"[+-]?\d+(?:\.\d+(?:[eE][-+]?\d+)?|[eE][-+]?\d+)"  # type: ignore[attr-defined]
    ODATA_IDENTIFIER.pattern = r"[_a-zA-Z](?:\.?\w){0,127}"  # type: ignore[attr-defined]


def compile_filter(text: str, kind: Type) -> Predicate:
    """Turn a $filter over rows of `kind` into a predicate.

    Raises:
        Refusal: 400 where it cannot be parsed, names what is not there, or compares what cannot be compared.
    """
    try:
        term = _Compiler(kind).visit(_parse(text.strip()))
    except ODataException as error:
        raise bad_query(f"Syntax error in $filter: {error}") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise bad_query(f"A literal or expression in $filter cannot be read: {error}") from None
    if term.kind != "boolean":
        raise bad_query("The $filter expression must evaluate to a single boolean value.")
    evaluate = term.evaluate
    return lambda row: evaluate({_IT: row}) is True


@functools.lru_cache(maxsize=512)
def _parse(text: str) -> Any:
    return ODataParser().parse(_lists_of_one(_Lexer().tokenize(text)))


def _lists_of_one(tokens: Iterator[Any]) -> Iterator[Any]:
    """Give `in ('1')` the comma the parser wants of a list of one; refuse the one nobody may write."""
    pending: list[Any] = []
    after_in = False
    for token in tokens:
        if not pending and after_in and token.type == "(":
            pending = [token]
        elif pending:
            pending.append(token)
            if token.type == ")":
                kinds = [t.type for t in pending if t.type != "WS"]
                if kinds[-2] == ",":
                    raise bad_query("A list in $filter ends in a comma.")
                if "," not in kinds and len(kinds) == 3:
                    pending.insert(-1, _comma(token))
                yield from pending
                pending = []
        else:
            yield token
        after_in = token.type == "IN"
    yield from pending


def _comma(like: Any) -> Any:
    token = type(like)()
    token.type = token.value = ","
    token.lineno, token.index = like.lineno, like.index
    return token


@dataclass(frozen=True)
class _Term:
    """A compiled expression: what kind of value it gives, how to get it, and of which type where it has properties."""

    kind: str
    evaluate: Evaluate
    type: Type | None = None
    collection: bool = False
    members: tuple[str, ...] = ()
    constant: str | None = None


def _of_value(value: Value, evaluate: Evaluate) -> _Term:
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
    return _Term(kind, evaluate, value.type, value.collection, value.members)


class _Compiler(NodeVisitor):  # type: ignore[misc]
    """AST to terms; every node it does not know is refused."""

    def __init__(self, kind: Type) -> None:
        self._it = kind
        self._variables: dict[str, Value] = {}

    def generic_visit(self, node: Any) -> _Term:
        raise bad_query(f"{type(node).__name__} is not supported in $filter.")

    # literals

    def visit_Null(self, _: Any) -> _Term:
        return _Term("null", lambda _: None)

    def visit_Integer(self, node: Any) -> _Term:
        return _constant("integer", int(node.val))

    def visit_Float(self, node: Any) -> _Term:
        return _constant("number", float(node.val))

    def visit_Boolean(self, node: Any) -> _Term:
        return _constant("boolean", node.py_val)

    def visit_String(self, node: Any) -> _Term:
        return _Term("string", lambda _: node.val, constant=node.val)

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
        if name in self._variables:
            return _of_value(self._variables[name], lambda scope: scope[name])
        return self._property(self._it, name, lambda scope: scope[_IT])

    def visit_Attribute(self, node: Any) -> _Term:
        owner = self.visit(node.owner)
        if owner.collection or owner.type is None:
            raise bad_query(f"The parent of '{node.attr}' is not a single structured value.")
        return self._property(owner.type, node.attr, owner.evaluate)

    def _property(self, kind: Type, name: str, owner: Evaluate) -> _Term:
        prop = kind.properties.get(name)
        if prop is None:
            raise bad_query(f"Could not find a property named '{name}' on type '{kind.name}'.")

        def evaluate(scope: Scope) -> Any:
            holder = owner(scope)
            return None if holder is None else holder.get(name)

        return _of_value(prop.value, evaluate)

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
        return _Term("boolean", _junction(left.evaluate, right.evaluate, name == "or"))

    def visit_BinOp(self, node: Any) -> _Term:
        left, right = self.visit(node.left), self.visit(node.right)
        self._want(left, _NUMERIC, "arithmetic")
        self._want(right, _NUMERIC, "arithmetic")
        calculate = _ARITHMETIC[type(node.op).__name__]
        return _Term("number", _lifted(calculate, left.evaluate, right.evaluate))

    def visit_Compare(self, node: Any) -> _Term:
        if isinstance(node.comparator, ast.In):
            return self._member(node)
        left, right = self.visit(node.left), self.visit(node.right)
        self._comparable(left, right)
        first, second = _aligned(left, right)
        if isinstance(node.comparator, ast.Eq):
            return _Term("boolean", lambda scope: first(scope) == second(scope))
        if isinstance(node.comparator, ast.NotEq):
            return _Term("boolean", lambda scope: first(scope) != second(scope))
        compare = _ORDER[type(node.comparator).__name__]

        def ordered(scope: Scope) -> bool:
            a, b = first(scope), second(scope)
            return a is not None and b is not None and bool(compare(a, b))

        return _Term("boolean", ordered)

    def _member(self, node: Any) -> _Term:
        left = self.visit(node.left)
        terms = [self.visit(item) for item in node.right.val]
        tests = []
        for term in terms:
            self._comparable(left, term)
            tests.append(_aligned(left, term))
        return _Term("boolean", lambda scope: any(first(scope) == second(scope) for first, second in tests))

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
        if text.constant is not None and enum.members:
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
        self._variables[name] = Value(
            owner.kind, members=owner.members, inline=owner.type if owner.kind == "complex" else None
        )
        try:
            inner = self.visit(node.lambda_.expression)
        finally:
            del self._variables[name]
        self._want(inner, {"boolean"}, "any or all")
        test, each = inner.evaluate, any if isinstance(node.operator, ast.Any) else all
        return _Term("boolean", lambda scope: each(test({**scope, name: i}) is True for i in items(scope) or ()))

    def visit_Call(self, node: Any) -> _Term:
        name = node.func.full_name()
        known = _FUNCTIONS.get(name)
        if known is None:
            raise bad_query(f"The function '{name}' is not supported in $filter.")
        takes, gives, function = known
        arguments = [self.visit(argument) for argument in node.args]
        for argument, kinds in zip(arguments, takes, strict=False):
            self._want(argument, kinds | {"null"}, name)
        return _Term(gives, _lifted(function, *(argument.evaluate for argument in arguments)))


def _constant(kind: str, value: Any) -> _Term:
    return _Term(kind, lambda _: value)


def _lifted(function: Callable[..., Any], *arguments: Evaluate) -> Evaluate:
    """Null in, null out; what cannot be calculated is null too."""

    def evaluate(scope: Scope) -> Any:
        values = [argument(scope) for argument in arguments]
        if any(value is None for value in values):
            return None
        try:
            return function(*values)
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
    if {left.kind, right.kind} == {"date", "date-time"}:
        return _as_moment(left), _as_moment(right)
    return left.evaluate, right.evaluate


def _as_moment(term: _Term) -> Evaluate:
    if term.kind == "date-time":
        return term.evaluate
    inner = term.evaluate
    return lambda scope: moment(f"{inner(scope)}T00:00:00Z")


def moment(text: Any) -> datetime.datetime | None:
    """What an ISO date and time stands for, in UTC where it does not say; None where it is none."""
    try:
        found = datetime.datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


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
