"""The text of a $filter: parsed by odata-query, whose lexer and parser are corrected to follow OData 4.0.

The lexer in two points, the parser in one: a property that begins with all, any, null, true or false is one name
(AllowLanOnly), and operators and literals are spelt as OData 4.0 spells them (`eq`, `true`, not `EQ`, `True`); a list
of one, `in ('1')`, is a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from odata_query import ast
from odata_query.grammar import ODataLexer, ODataParser

from pbx_simulator.errors import bad_query


def parse(text: str) -> Any:
    """The syntax tree of a $filter.

    Raises:
        Refusal: 400 for a list that ends in a comma; ODataException and ValueError of the library for the rest.
    """
    return ODataParser().parse(_lists_of_one(_Lexer().tokenize(text)))


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
