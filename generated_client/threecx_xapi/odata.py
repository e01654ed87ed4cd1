"""OData literals, keys, function arguments and ``$filter``: one encoder for all of them.

Sources: OData 4.01 ABNF (primitiveLiteral), RFC 3986 (what a path segment and a query may carry bare).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum
from urllib.parse import quote as _percent

from ._unset import UNSET
from .errors import ConfigurationError

__all__ = [
    "Bare",
    "and_",
    "contains",
    "encode_path",
    "encode_query",
    "endswith",
    "eq",
    "filter_literal",
    "ge",
    "gt",
    "in_",
    "key",
    "le",
    "literal",
    "lt",
    "ne",
    "not_",
    "or_",
    "path",
    "quote",
    "startswith",
]

# Bare in a path: what RFC 3986 allows in a segment, without "+" and ";" (some servers read meaning into them).
_PATH_SAFE = "'(),=:@$!*~-._"
# Bare in a query value: enough to keep OData readable ("$select=Id,Number", "Number eq '100'").
_QUERY_SAFE = "'(),:@$!*~-._/"
#: Characters of an encoded path with its query; httpx takes 65,536 with scheme, host and port.
LONGEST_ADDRESS = 60_000
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class Bare(str):
    """A string that is a literal as it stands: an enum member the client does not know, for instance."""

    __slots__ = ()


def literal(value: object) -> str:
    """A value as an OData literal, not yet percent-encoded.

    Parameters:
        value: None, bool, int, float, Decimal, str, datetime (one without offset is UTC), date, time, timedelta, UUID,
            an enum (its bare member name, as paths want it), or ``Bare``

    Raises:
        ConfigurationError: there is no literal for this type
    """
    if value is None:
        return "null"
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, Enum):  # before str and int: members of StrEnum and IntEnum are both
        return str(value.value)
    if isinstance(value, bool):  # before int, of which it is a kind
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, datetime):  # before date, of which it is a kind
        return _datetime(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"duration'{_duration(value)}'"
    from decimal import Decimal  # these two cost more to import than all of this module, and few calls need them
    from uuid import UUID

    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    raise ConfigurationError(f"A value of type {type(value).__name__} cannot be written into an address or a $filter.")


def quote(text: str) -> str:
    """A string literal: in single quotes, those inside doubled. ``O'Brien`` becomes ``'O''Brien'``."""
    return "'" + text.replace("'", "''") + "'"


def path(template: str, /, **values: object) -> str:
    """Fill a path template with percent-encoded literals.

    Parameters:
        template: such as ``/Fax({Id})`` or ``/DNs/Pbx.Find(number={number})``
        values: one for each placeholder, by its name

    Raises:
        ConfigurationError: a value is missing, or has no literal
    """

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1], UNSET)
        # A function may be given null; a key is never null, and "the object without an Id" must not become an address.
        segment = template[: found.start()].rpartition("/")[2]
        if value is UNSET or (value is None and not segment.startswith("Pbx.")):
            raise ConfigurationError(f"The address {template} needs a value for {found[1]}; none was given.")
        return encode_path(literal(value))

    return _PLACEHOLDER.sub(fill, template)


def key(entity_set: str, value: object = UNSET, /, **alternate: object) -> str:
    """The path of one entity: ``key("Fax", 12)``, or by an alternate key ``key("Parkings", Number="SP1")``.

    Raises:
        ConfigurationError: neither or both kinds of key were given, or a value has no literal
    """
    if (value is UNSET) == (not alternate) or value is None or any(one is None for one in alternate.values()):
        raise ConfigurationError(f"Give one key or named keys to address an entity of {entity_set}.")
    if value is not UNSET:
        return f"/{entity_set}({encode_path(literal(value))})"
    named = ",".join(f"{name}={encode_path(literal(given))}" for name, given in alternate.items())
    return f"/{entity_set}({named})"


def encode_path(text: str) -> str:
    """Percent-encode for a path segment."""
    return _encode(text, _PATH_SAFE)


def encode_query(text: str) -> str:
    """Percent-encode a name or a value for a query; a space is ``%20``, ``$`` stays bare."""
    return _encode(text, _QUERY_SAFE)


def filter_literal(value: object) -> str:
    """A literal for ``$filter``: as :func:`literal`, an enum's member in quotes."""
    return quote(str(value.value)) if isinstance(value, Enum) else literal(value)


def eq(name: str, value: object) -> str:
    """``Number eq '100'``."""
    return f"{name} eq {filter_literal(value)}"


def ne(name: str, value: object) -> str:
    """``Number ne '100'``."""
    return f"{name} ne {filter_literal(value)}"


def gt(name: str, value: object) -> str:
    """``Id gt 5``."""
    return f"{name} gt {filter_literal(value)}"


def ge(name: str, value: object) -> str:
    """``Id ge 5``."""
    return f"{name} ge {filter_literal(value)}"


def lt(name: str, value: object) -> str:
    """``Id lt 5``."""
    return f"{name} lt {filter_literal(value)}"


def le(name: str, value: object) -> str:
    """``Id le 5``."""
    return f"{name} le {filter_literal(value)}"


def in_(name: str, values: Iterable[object]) -> str:
    """``Number in ('100','101')``; ``false`` where there are none, because an empty list is not allowed there."""
    given = [filter_literal(value) for value in values]
    return f"{name} in ({','.join(given)})" if given else "false"


def and_(*terms: str) -> str:
    """All of the terms; ``true`` where there are none."""
    return _join("and", terms, "true")


def or_(*terms: str) -> str:
    """Any of the terms; ``false`` where there are none."""
    return _join("or", terms, "false")


def not_(term: str) -> str:
    """Not the term."""
    return f"not ({term})"


def startswith(name: str, value: str) -> str:
    """``startswith(Number,'1')``."""
    return f"startswith({name},{quote(value)})"


def endswith(name: str, value: str) -> str:
    """``endswith(Number,'1')``."""
    return f"endswith({name},{quote(value)})"


def contains(name: str, value: str) -> str:
    """``contains(Number,'1')``."""
    return f"contains({name},{quote(value)})"


def _encode(text: str, safe: str) -> str:
    try:
        return _percent(text, safe=safe)
    except UnicodeEncodeError:  # half a surrogate pair
        raise ConfigurationError(f"{text!r} is not valid Unicode and cannot be sent.") from None


def _join(word: str, terms: tuple[str, ...], nothing: str) -> str:
    if len(terms) < 2:
        return terms[0] if terms else nothing
    return f" {word} ".join(f"({term})" for term in terms)


def _float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return repr(float(value))


def _datetime(value: datetime) -> str:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)  # noqa: UP017 (one import less)
    text = aware.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def _duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else ""]
    if seconds or value.microseconds:
        fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
        parts.append(f"{seconds}{fraction}S")
    clock = "".join(parts)
    if value.days:
        return f"{sign}P{value.days}D" + (f"T{clock}" if clock else "")
    return f"{sign}PT{clock or '0S'}"


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
