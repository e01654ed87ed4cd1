"""Terms of a $filter, each with a way to get its value from a row, and its use of an index.

Evaluation takes a scope: a row, and inside any and all a pair of the outer scope and the item.
"""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from odata_query import ast

from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Type, Value
from pbx_simulator.state.index import Plan

from .moments import moment

Scope = Any
Evaluate = Callable[[Scope], Any]
Sift = Callable[[Iterable[Json]], list[Json]]

NUMERIC = {"integer", "number"}
DAYS = {"date", "date-time"}
_INDEXED = {"string", "integer"}
#: The constant of a term that has none.
VARIES: Any = object()


@dataclass(frozen=True)
class Term:
    """A compiled expression: what kind of value it gives, how to get it, and of which type where it has properties.

    constant: its value where it is always the same; name: of the row's own property whose value it is, as stored;
    plans: see Filter, of a boolean one; sifts: of a boolean one that has a quicker way than one call for each row.
    """

    kind: str
    evaluate: Evaluate
    type: Type | None = None
    collection: bool = False
    members: tuple[str, ...] = ()
    constant: Any = VARIES
    name: str | None = None
    plans: tuple[Plan, ...] = ()
    sifts: tuple[Sift, ...] = ()


def sifts_of_term(term: Term) -> tuple[Sift, ...]:
    """The ways of a boolean term to choose among rows: its quicker one, else a call for each row."""
    evaluate = term.evaluate
    return term.sifts or (lambda rows: [row for row in rows if evaluate(row) is True],)


def of_value(value: Value, evaluate: Evaluate, name: str | None = None) -> Term:
    """The term of a value of the document; name: of the row's own property it is."""
    kind = value.kind
    if kind == "string" and value.format in ("date-time", "date", "time", "duration", "uuid"):
        kind = value.format
        if not value.collection and kind == "date-time":
            inner = evaluate
            return Term(kind, lambda scope: moment(inner(scope)))
        if not value.collection and kind == "duration":
            inner = evaluate
            return Term(kind, lambda scope: _duration(inner(scope)))
        if not value.collection and kind == "uuid":
            inner = evaluate
            return Term(kind, lambda scope: None if (v := inner(scope)) is None else str(v).lower())
        if not value.collection and kind == "time":
            inner = evaluate
            return Term(kind, lambda scope: _time(inner(scope)))
    return Term(kind, evaluate, value.type, value.collection, value.members, name=None if value.collection else name)


def constant_term(kind: str, value: Any) -> Term:
    """The term of a literal."""
    return Term(kind, lambda _: value, constant=value)


def scope_around(steps: int) -> Evaluate:
    """The scope that many lambdas further out."""
    if steps == 0:
        return lambda scope: scope
    inner = scope_around(steps - 1)
    return lambda scope: inner(scope)[0]


def equals(left: Term, right: Term) -> tuple[Plan, ...]:
    """Use an index for a comparison of a text or integer property with a literal."""
    if left.name is None:
        left, right = right, left
    if left.name is None or right.constant is VARIES or left.kind not in _INDEXED:
        return ()
    return (((left.name, (right.constant,)),),)


def either(left: tuple[Plan, ...], right: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """How an index finds the rows of one term or of another: only where it finds those of both."""
    return tuple(one + other for one in left for other in right)


def sifts_of(compare: Callable[[Any, Any], Any], left: Term, right: Term) -> tuple[Sift, ...]:
    """A comparison of a property and a literal, without a call of ours for each row."""
    if left.name is None or right.constant is VARIES or {left.kind, right.kind} == DAYS:
        return ()
    name, value = left.name, right.constant
    if compare is operator.eq:
        return (lambda rows: [row for row in rows if row.get(name) == value],)
    if compare is operator.ne:
        return (lambda rows: [row for row in rows if row.get(name) != value],)
    if value is None:
        return ()
    return (lambda rows: [row for row in rows if (a := row.get(name)) is not None and compare(a, value)],)


def sifts_by(function: Callable[..., Any], name: str, value: Any, evaluate: Evaluate) -> tuple[Sift, ...]:
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


def compared(compare: Callable[[Any, Any], Any], left: Term, right: Term) -> Evaluate:
    """Whether two are equal, or differ. The usual, a property and a literal, costs as little as can be."""
    if left.name is not None and right.constant is not VARIES and {left.kind, right.kind} != DAYS:
        name, value = left.name, right.constant
        if compare is operator.eq:
            return lambda row: row.get(name) == value
        return lambda row: row.get(name) != value
    first, second = aligned(left, right)
    return lambda scope: compare(first(scope), second(scope))


def ordered(compare: Callable[[Any, Any], Any], left: Term, right: Term) -> Evaluate:
    """Which of two is less; null is neither."""
    if left.name is not None and right.constant not in (VARIES, None) and {left.kind, right.kind} != DAYS:
        name, value = left.name, right.constant
        return lambda row: (a := row.get(name)) is not None and bool(compare(a, value))
    first, second = aligned(left, right)

    def evaluate(scope: Scope) -> bool:
        a, b = first(scope), second(scope)
        return a is not None and b is not None and bool(compare(a, b))

    return evaluate


def lifted(function: Callable[..., Any], *terms: Term) -> Evaluate:
    """Null in, null out; what cannot be calculated is null too."""
    arguments = [term.evaluate for term in terms]
    if terms and all(term.constant not in (VARIES, None) for term in terms[1:]):
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


def _lifted_one(function: Callable[..., Any], term: Term, constants: tuple[Any, ...]) -> Evaluate:
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


def junction(left: Evaluate, right: Evaluate, decisive: bool) -> Evaluate:
    """`and` (False decides) and `or` (True decides) of three values: what null leaves open is null."""

    def evaluate(scope: Scope) -> Any:
        first = left(scope)
        if first is decisive:
            return decisive
        second = right(scope)
        return second if second is decisive or first is not None else None

    return evaluate


def aligned(left: Term, right: Term) -> tuple[Evaluate, Evaluate]:
    """Compare a date with a date-time as the midnight of that day."""
    if {left.kind, right.kind} == DAYS:
        return _as_moment(left), _as_moment(right)
    return left.evaluate, right.evaluate


def _as_moment(term: Term) -> Evaluate:
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
