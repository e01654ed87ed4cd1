"""OData query options: read, checked against the type, and applied to rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from pbx_simulator.errors import bad_query
from pbx_simulator.model import samples
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Type

from . import urls
from .moments import moment

if TYPE_CHECKING:
    from .filters import Filter

Related = Callable[[Type, str, Json], Any]
Read = Callable[[list[Json]], list[Any]]
#: Properties of a structure that $select names by paths, and of structures in it; empty for the whole value.
Parts = dict[str, "Parts"]
_KNOWN = {"$top", "$skip", "$search", "$filter", "$count", "$orderby", "$select", "$expand", "$format"}
_NESTED = {"$top", "$skip", "$search", "$filter", "$count", "$orderby", "$select", "$expand"}


@dataclass
class Query:
    """The options of one request, or of one expanded property. Shared by requests that ask the same: not to be changed.

    ordered_by: `order` as it was written; select: names of properties, None for the default projection; parts: of those
    that are not shown whole; expand: options by navigation property.
    """

    top: int | None = None
    skip: int = 0
    count: bool = False
    search: str | None = None
    filter: Filter | None = None
    order: list[tuple[Read, bool]] = field(default_factory=list)
    ordered_by: str = ""
    select: tuple[str, ...] | None = None
    parts: Parts = field(default_factory=dict)
    expand: dict[str, Query] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def rows(self, rows: Iterable[Json], kind: Type, cap: int | None) -> tuple[list[Json], int]:
        """Filter, order and page rows; return the page and how many there were before paging.

        cap: the most rows a page may have; None where there is no page.
        """
        if self.filter is not None:
            rows = self.filter.sift(rows)
        if self.search is not None:
            rows = [row for row in rows if _mentions(row, kind, self.search)]
        found = self.arranged(rows if isinstance(rows, list) else list(rows))
        start, end = self.window(cap)
        return found[start:end], len(found)

    def arranged(self, rows: list[Json]) -> list[Json]:
        """Rows in the order that is asked for."""
        for read, descending in reversed(self.order):
            rows = _sorted(rows, read, descending)
        return rows

    def window(self, cap: int | None) -> tuple[int, int | None]:
        """Bounds of a page; see rows."""
        limits = [limit for limit in (self.top, cap) if limit is not None]
        return self.skip, self.skip + min(limits) if limits else None

    @property
    def shows_default(self) -> bool:
        """Whether of each row its default projection is shown."""
        return self.select is None and not self.expand

    @property
    def takes_all(self) -> bool:
        """Whether no row is left out but by paging."""
        return self.filter is None and self.search is None


@functools.lru_cache(maxsize=512)
def parse(query: bytes, kind: Type | None, allowed: frozenset[str], paths: bool = False) -> Query:
    """Read a raw query string. paths: whether $select may name a property of a structure.

    Raises:
        Refusal: 400 where an option is unknown, given twice, not allowed here or ill-formed.
    """
    options: dict[str, str] = {}
    try:
        urls.check_encoding(query)
    except urls.BadEncoding as error:
        raise bad_query(f"Its percent-encoding is broken at '{error}'.") from None
    try:
        text = query.decode("ascii")
        for part in text.split("&"):
            if part:
                name, _, value = part.partition("=")
                name = unquote_plus(name, errors="strict")
                if not name.startswith("$"):
                    continue
                if name in options:
                    raise bad_query(f"Query option '{name}' was specified more than once.")
                options[name] = unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        raise bad_query("It is not UTF-8, percent-encoded.") from None
    for name in options:
        if name not in _KNOWN:
            raise bad_query(f"The query parameter '{name}' is not supported.")
        if name not in allowed and name != "$format":
            raise bad_query(f"The query option '{name}' is not allowed here.")
    if options.pop("$format", "json").partition(";")[0] not in ("json", "application/json"):
        raise bad_query("$format is json.")
    return _read(options, kind, paths)


def _read(options: dict[str, str], kind: Type | None, paths: bool) -> Query:
    result = Query(given=frozenset(options))
    if "$top" in options:
        result.top = _whole_number("$top", options["$top"])
    if "$skip" in options:
        result.skip = _whole_number("$skip", options["$skip"])
    if "$count" in options:
        if options["$count"] not in ("true", "false"):
            raise bad_query("$count is true or false.")
        result.count = options["$count"] == "true"
    if options.get("$search", "").strip():
        result.search = options["$search"]
    if kind is None:
        return result
    if options.get("$filter", "").strip():
        # The library behind it takes a tenth of a second to import: nobody pays who does not filter.
        from .filters import compile_filter

        result.filter = compile_filter(options["$filter"], kind)
    elif "$filter" in options:
        raise bad_query("$filter is empty.")
    if options.get("$orderby", "").strip():
        result.ordered_by = options["$orderby"]
        result.order = _order(result.ordered_by, kind)
    if options.get("$select", "").strip():
        result.select, result.parts = _select(options["$select"], kind, paths)
    if options.get("$expand", "").strip():
        result.expand = _expand(options["$expand"], kind, paths)
    return result


def _whole_number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise bad_query(f"Invalid value '{text}' for {name}: a whole number from 0 on is expected.")
    return int(text)


def _order(text: str, kind: Type) -> list[tuple[Read, bool]]:
    order: list[tuple[Read, bool]] = []
    for part in text.split(","):
        words = part.split()
        if not 1 <= len(words) <= 2 or (len(words) == 2 and words[1] not in ("asc", "desc")):
            raise bad_query(f"Syntax error in $orderby: '{part.strip()}'.")
        name = words[0]
        holder: Type | None = kind
        convert = None
        for step in name.split("/"):
            prop = None if holder is None else holder.properties.get(step)
            if prop is None or prop.value.collection:
                raise bad_query(f"Could not find a property named '{name}' to order by on type '{kind.name}'.")
            holder = prop.value.type
            convert = moment if prop.value.format == "date-time" else None
        if holder is not None:
            raise bad_query(f"'{name}' is no single value to order by.")
        order.append((_reader(name.split("/"), convert), words[-1] == "desc" and len(words) == 2))
    return order


def _select(text: str, kind: Type, paths: bool) -> tuple[tuple[str, ...], Parts]:
    names: list[str] = []
    whole: set[str] = set()
    parts: Parts = {}
    for part in text.split(","):
        name = part.strip()
        if paths and "/" in name:
            steps = name.split("/")
            _check_path(steps, kind)
            names.append(steps[0])
            inner = parts
            for step in steps:
                inner = inner.setdefault(step, {})
            continue
        whole.add(name)
        if name == "*":
            names.extend(kind.structural)
        elif name in kind.properties:
            names.append(name)
        else:
            raise bad_query(f"Could not find a property named '{name}' on type '{kind.name}'.")
    shown = tuple(dict.fromkeys(name for name in names if not kind.properties[name].navigation))
    return shown, {} if "*" in whole else {name: inner for name, inner in parts.items() if name not in whole}


def _check_path(steps: list[str], kind: Type) -> None:
    """Hold a path of $select against the types.

    Raises:
        Refusal: 400 where a step is no property, or has none.
    """
    holder: Type | None = kind
    for step in steps:
        prop = None if holder is None else holder.properties.get(step)
        if prop is None or prop.navigation:
            raise bad_query(f"Could not find a property named '{'/'.join(steps)}' on type '{kind.name}'.")
        holder = prop.value.type


def _expand(text: str, kind: Type, paths: bool) -> dict[str, Query]:
    result: dict[str, Query] = {}
    for item in _split(text, ","):
        name, bracket, rest = item.strip().partition("(")
        name = name.strip()
        if name == "*" and not bracket:
            result.update({p.name: Query() for p in kind.properties.values() if p.navigation})
            continue
        prop = kind.properties.get(name)
        if prop is None or not prop.navigation:
            raise bad_query(f"Property '{name}' on type '{kind.name}' is not a navigation property.")
        options: dict[str, str] = {}
        if bracket:
            if not rest.endswith(")"):
                raise bad_query(f"Syntax error in $expand: '{item.strip()}'.")
            for option in _split(rest[:-1], ";"):
                key, equals, value = option.strip().partition("=")
                if not equals or key not in _NESTED or key in options:
                    raise bad_query(f"Syntax error in $expand: '{option.strip()}'.")
                options[key] = value
        result[name] = _read(options, prop.value.type, paths)
    return result


def _split(text: str, separator: str) -> list[str]:
    """Split outside parentheses and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for position, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                break
        elif character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    if depth or quoted:
        raise bad_query(f"Unbalanced parentheses or quotes in '{text}'.")
    parts.append(text[start:])
    if any(not part.strip() for part in parts):
        raise bad_query(f"There is an empty item in '{text}'.")
    if len(parts) > 200:
        raise bad_query("Too many items.")
    return parts


def _reader(steps: list[str], convert: Callable[[Any], Any] | None) -> Read:
    """A function that reads what rows are ordered by; `convert` turns what is stored into what compares."""
    if len(steps) == 1 and convert is None:
        name = steps[0]
        return lambda rows: [row.get(name) for row in rows]

    def read(row: Json) -> Any:
        value: Any = row
        for step in steps:
            value = None if value is None else value.get(step)
        return value if convert is None else convert(value)

    return lambda rows: [read(row) for row in rows]


def _sorted(rows: list[Json], read: Read, descending: bool) -> list[Json]:
    """Rows in order, null below everything; equal ones stay as they were."""
    values = read(rows)
    # Positions, not pairs: ten thousand tuples more would wake the garbage collector.
    nulls = [position for position, value in enumerate(values) if value is None]
    others = range(len(values)) if not nulls else [n for n, value in enumerate(values) if value is not None]
    ordered = sorted(others, key=values.__getitem__, reverse=descending)
    return [rows[position] for position in (ordered + nulls if descending else nulls + ordered)]


def _mentions(row: Json, kind: Type, search: str) -> bool:
    """Whether a row's own texts hold every word of one of the alternatives."""
    texts = [value.lower() for name in kind.structural if isinstance(value := row.get(name), str)]
    alternatives = search.replace('"', " ").split(" OR ")
    return any(
        all(any(word in text for text in texts) for word in alternative.lower().split() if word != "and")
        for alternative in alternatives
    )


def project(row: Json, kind: Type, query: Query, related: Related) -> Json:
    """Displayed part of a row: structural properties by default, those named by $select, and those added by $expand.

    related: gives the value of a navigation property of a row.
    """
    names = kind.structural if query.select is None else query.select
    result: Json = {}
    for name in names:
        value = row.get(name)
        inner = kind.trims.get(name)
        if inner is not None and value is not None:
            value = (
                [_trim(v, inner, related) for v in value] if isinstance(value, list) else _trim(value, inner, related)
            )
        result[name] = _in_parts(value, query.parts[name]) if name in query.parts else value
    for name, options in query.expand.items():
        prop = kind.properties[name]
        value = related(kind, name, row)
        inner = prop.value.type
        if inner is None or value is None:
            result[name] = value
        elif prop.value.collection:
            page, total = options.rows(value, inner, None)
            if options.count:
                result[f"{name}@odata.count"] = total
            result[name] = [_whole(v, inner, options, related) for v in page]
        else:
            result[name] = _whole(value, inner, options, related)
    return result


def _in_parts(value: Any, parts: Parts) -> Any:
    """Leave of a structure, or of each in a list, only what $select names."""
    if isinstance(value, list):
        return [_in_parts(item, parts) for item in value]
    if not parts or not isinstance(value, dict):
        return value
    return {name: _in_parts(inner, parts[name]) for name, inner in value.items() if name in parts}


def _whole(value: Any, kind: Type, options: Query, related: Related) -> Any:
    if not isinstance(value, dict):
        return value
    if len(value) < len(kind.properties):
        value = samples.filled(kind, value)
    return project(value, kind, options, related)


_DEFAULT = Query()


def _trim(value: Any, kind: Type, related: Related) -> Any:
    return project(value, kind, _DEFAULT, related) if isinstance(value, dict) else value
